//! What is odd in rules that load: a person should look, though nothing is written wrongly.

use std::collections::BTreeMap;
use std::sync::Arc;

use fujiao_model::{Period, Term, Unit};
use jiff::civil::Date;

use crate::assess::{assess_programme, day_for};
use crate::column::FrameKind;
use crate::frame::Frame;
use crate::plan::{CHUNK, Plan, Run, WORDS};
use crate::probe::Probe;
use crate::programme::{AmountRow, Mark, Programme, Rhythm};
use crate::set::PolicySet;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Money may go wrong: to be put right.
    Wrong,
    /// To be known.
    Note,
}

/// Something odd in the rules, where, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CheckFinding {
    /// How much it weighs.
    pub weight: Weight,
    /// The file.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: usize,
    /// The programme or parameter.
    pub key: Arc<str>,
    /// What is odd.
    pub reason: String,
    /// What to do.
    pub remedy: String,
}

impl std::fmt::Display for CheckFinding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}：{}：{}；{}", self.file, self.line, self.key, self.reason, self.remedy)
    }
}

/// The least and most that one person is owed for one period without a second look, fen.
const LEAST_FEN: i64 = 1_000;
const MOST_FEN: i64 = 5_000_000;
/// The least and most for one meal or other counted thing, fen.
const LEAST_PRICE: i64 = 50;
const MOST_PRICE: i64 = 10_000;

impl PolicySet {
    /// Looks for gaps in dates, amounts out of range, conditions that nobody can meet, rows that nobody reaches, two
    /// programmes that pay one person for the same thing, a weak basis, and programmes without examples.
    ///
    /// Conditions are tried on made rows: all combinations of what the rules compare with, or some ten thousand of them.
    pub fn check(&self) -> Vec<CheckFinding> {
        let mut out = Vec::new();
        for programme in self.programmes() {
            dates(programme, &mut out);
            amounts(programme, &mut out);
            bases(programme, &mut out);
            self.reach(programme, &mut out);
            self.papers(programme, &mut out);
        }
        self.twice(&mut out);
        out.sort();
        out.dedup();
        out
    }

    fn papers(&self, programme: &Programme, out: &mut Vec<CheckFinding>) {
        if !programme.is_on() {
            return;
        }
        if !self.examples().iter().any(|e| *e.programme == *programme.key) {
            out.push(note(programme, "没有例子", "在规则旁写一个 [[example]]"));
        }
        if programme.evidence.is_empty() {
            out.push(note(programme, "没说什么算办了", "补上 evidence"));
        }
        if programme.title_en.is_empty() {
            out.push(note(programme, "没有英文名", "补上 title_en"));
        }
    }

    /// Who can meet the conditions, and which rows anybody reaches.
    fn reach(&self, programme: &Programme, out: &mut Vec<CheckFinding>) {
        let mut passed = false;
        let mut reached = vec![false; programme.layers.iter().flatten().count()];
        let mut asked = false;
        for day in starts(programme) {
            let Some(period) = period_on(programme, day) else { continue };
            asked = true;
            let params = self.numbers_on(day_for(period, day));
            let probe = Probe::of(&[programme], &params, day);
            let frame = probe.frame(programme.frame);
            let (who, rows) = reached_rows(self, programme, &frame, period, day);
            passed |= who;
            for (seen, now) in reached.iter_mut().zip(rows) {
                *seen |= now;
            }
        }
        if asked && !passed {
            out.push(finding(
                Weight::Wrong,
                programme,
                "没有人能符合条件",
                "核对 who 里相互矛盾的条件",
            ));
            return;
        }
        for (row, seen) in programme.layers.iter().flatten().zip(reached) {
            if !seen && asked {
                out.push(at(
                    Weight::Wrong,
                    programme,
                    row,
                    "没有人轮得到这一行".to_owned(),
                    "前面的行已经盖住它，或它的 when 与 who 矛盾；改次序或删去",
                ));
            }
        }
    }

    /// Two programmes that pay the same person for the same thing in the same period, though neither says so.
    fn twice(&self, out: &mut Vec<CheckFinding>) {
        let paying: Vec<&Programme> =
            self.programmes().iter().filter(|p| p.is_on() && p.purpose.is_some()).collect();
        for (i, a) in paying.iter().enumerate() {
            for b in &paying[i + 1..] {
                let settled = [a, b]
                    .into_iter()
                    .zip([b, a])
                    .any(|(x, y)| x.excluded_by.contains(&y.key) || x.stacks.contains(&y.key));
                if a.purpose != b.purpose || a.frame != b.frame || settled {
                    continue;
                }
                if let Some(period) = self.meet(a, b) {
                    let purpose = a.purpose.expect("both have one").chinese();
                    out.push(finding(
                        Weight::Wrong,
                        b,
                        format!("与 {} 可能在 {period} 为同一人发同一笔{purpose}", a.key),
                        "在应当先发的一方写 excludes，或确是可以兼得就写 stacks",
                    ));
                }
            }
        }
    }

    /// A period in which one person can be owed both.
    fn meet(&self, a: &Programme, b: &Programme) -> Option<Period> {
        let mut days = starts(a);
        days.extend(starts(b));
        days.sort_unstable();
        days.dedup();
        days.into_iter().rev().find_map(|day| {
            let (pa, pb) = (period_on(a, day)?, period_on(b, day)?);
            let params = self.numbers_on(day);
            let probe = Probe::of(&[a, b], &params, day);
            let frame = probe.frame(a.frame);
            let result = |key: &str, p: Period| assess_programme(self, key, &frame, p, day).ok();
            let (ra, rb) = (result(&a.key, pa)?, result(&b.key, pb)?);
            let mut left: Vec<usize> = ra.due().map(|(row, _)| row).collect();
            let right: Vec<usize> = rb.due().map(|(row, _)| row).collect();
            left.retain(|row| right.binary_search(row).is_ok());
            (!left.is_empty()).then_some(pa)
        })
    }
}

fn finding(
    weight: Weight,
    programme: &Programme,
    reason: impl Into<String>,
    remedy: &str,
) -> CheckFinding {
    CheckFinding {
        weight,
        file: Arc::clone(&programme.place.0),
        line: programme.place.1,
        key: Arc::clone(&programme.key),
        reason: reason.into(),
        remedy: remedy.to_owned(),
    }
}

fn note(programme: &Programme, reason: &str, remedy: &str) -> CheckFinding {
    finding(Weight::Note, programme, reason, remedy)
}

fn at(
    weight: Weight,
    programme: &Programme,
    row: &AmountRow,
    reason: String,
    remedy: &str,
) -> CheckFinding {
    CheckFinding {
        file: Arc::clone(&row.place.0),
        line: row.place.1,
        ..finding(weight, programme, reason, remedy)
    }
}

/// Days on which some amount begins.
fn starts(programme: &Programme) -> Vec<Date> {
    let mut days: Vec<Date> = programme.layers.iter().flatten().map(|r| r.from).collect();
    days.sort_unstable();
    days.dedup();
    days
}

/// The first period on or after a day in which the programme is in force.
fn period_on(programme: &Programme, day: Date) -> Option<Period> {
    let term = Term::of(day);
    let term = if term.start() < day { term.next() } else { term };
    let year = i16::from(Date::new(day.year(), 9, 1).ok()? < day);
    let month = if day.day() > 1 { day.last_of_month().tomorrow().ok()? } else { day };
    let candidates = match programme.rhythm {
        Rhythm::Term => vec![Period::Term(term), Period::Term(term.next())],
        Rhythm::Month | Rhythm::SchoolDay => vec![Period::Month(month.year(), month.month())],
        Rhythm::SchoolYear => vec![Period::SchoolYear(day.year() + year)],
        Rhythm::Year => vec![Period::Year(day.year()), Period::Year(day.year() + 1)],
        Rhythm::Once => vec![Period::Once],
    };
    candidates.into_iter().find(|p| programme.in_force(*p, day))
}

/// Whether anybody passes the conditions, and which amount rows somebody gets.
fn reached_rows(
    set: &PolicySet,
    programme: &Programme,
    frame: &Frame,
    period: Period,
    day: Date,
) -> (bool, Vec<bool>) {
    let params = set.numbers_on(day_for(period, day));
    let facts =
        crate::eval::Facts { frame, params: &params, days: crate::eval::days_of(period, day) };
    let mut plan = Plan::default();
    let who: Vec<_> = programme.who.iter().map(|c| plan.lower(c, facts)).collect();
    let rows: Vec<(usize, &AmountRow)> = programme.layers.iter().flatten().enumerate().collect();
    let whens: Vec<_> =
        rows.iter().map(|(_, r)| r.when.as_ref().map(|w| plan.lower(w, facts))).collect();
    let layer_of: Vec<usize> = programme
        .layers
        .iter()
        .enumerate()
        .flat_map(|(at, layer)| layer.iter().map(move |_| at))
        .collect();
    let mut run = Run::new(&plan, frame.rows());
    let mut passed = false;
    let mut reached = vec![false; rows.len()];
    for chunk in 0..frame.rows().div_ceil(CHUNK) {
        run.go_to(chunk * WORDS);
        let mut pass = [u64::MAX; WORDS];
        for (w, bits) in pass.iter_mut().enumerate() {
            let here = frame.rows().saturating_sub((chunk * WORDS + w) * 64).min(64);
            *bits = if here == 64 { u64::MAX } else { (1 << here) - 1 };
        }
        for reg in &who {
            let truth = *run.truth(*reg);
            pass.iter_mut().zip(truth.yes).for_each(|(p, y)| *p &= y);
        }
        passed |= pass.iter().any(|w| *w != 0);
        let mut left: BTreeMap<usize, [u64; WORDS]> = BTreeMap::new();
        for (at, row) in &rows {
            if !row.holds_on(day_for(period, day)) {
                continue;
            }
            let left = left.entry(layer_of[*at]).or_insert(pass);
            let yes = whens[*at].map_or([u64::MAX; WORDS], |reg| run.truth(reg).yes);
            for w in 0..WORDS {
                reached[*at] |= left[w] & yes[w] != 0;
                left[w] &= !yes[w];
            }
        }
    }
    (passed, reached)
}

/// Days without an amount for some of those who had one before and have one later, and amounts that end.
fn dates(programme: &Programme, out: &mut Vec<CheckFinding>) {
    for layer in &programme.layers {
        let mut groups: BTreeMap<&str, Vec<&AmountRow>> = BTreeMap::new();
        for row in layer {
            groups.entry(&row.when_text).or_default().push(row);
        }
        let last = layer.iter().map(|r| r.to.unwrap_or(Date::MAX)).max();
        let whole = groups.contains_key("");
        for (when, mut rows) in groups {
            rows.sort_by_key(|r| r.from);
            for pair in rows.windows(2) {
                let Some(to) = pair[0].to else { continue };
                if to.tomorrow().ok() != Some(pair[1].from) && to < pair[1].from && !whole {
                    out.push(at(
                        Weight::Wrong,
                        programme,
                        pair[1],
                        format!("“{when}”在 {to} 之后到 {} 之前没有数额", pair[1].from),
                        "补一行，或改起止日期",
                    ));
                }
            }
            let ends = rows.last().and_then(|r| r.to);
            if let (Some(to), Some(last), Some(row)) = (ends, last, rows.last())
                && to < last
                && !when.is_empty()
                && !whole
                && !followed(layer, row, to)
            {
                out.push(at(
                    Weight::Note,
                    programme,
                    row,
                    format!("“{when}”在 {to} 之后没有数额，别的人还有"),
                    "确是停了就不用改；不是就补一行",
                ));
            }
        }
    }
}

/// Whether some other row begins where one ends: the people may be divided anew.
fn followed(layer: &[AmountRow], row: &AmountRow, to: Date) -> bool {
    layer.iter().any(|r| r.when_text != row.when_text && to.tomorrow().ok() == Some(r.from))
}

fn amounts(programme: &Programme, out: &mut Vec<CheckFinding>) {
    let of_one = matches!(programme.frame, FrameKind::Pupil | FrameKind::Resident);
    let mut before: BTreeMap<&str, (&AmountRow, i64)> = BTreeMap::new();
    for row in programme.layers.iter().flatten() {
        if let (Some(n), Unit::Fen, true) = (row.constant(), programme.unit, of_one) {
            let shown = programme.unit.show(n);
            if n < LEAST_FEN {
                out.push(at(
                    Weight::Wrong,
                    programme,
                    row,
                    format!("一个期间只有 {shown} 元，像是把元写成了分"),
                    "数额以分为单位：625.00 元写 625_00",
                ));
            } else if n > MOST_FEN {
                out.push(at(
                    Weight::Wrong,
                    programme,
                    row,
                    format!("一个期间 {shown} 元，太高"),
                    "核对位数",
                ));
            }
            if let Some((earlier, was)) = before.insert(&row.when_text, (row, n))
                && (n > was.saturating_mul(3) || was > n.saturating_mul(3))
                && earlier.from < row.from
            {
                out.push(at(
                    Weight::Wrong,
                    programme,
                    row,
                    format!("从 {} 元变成 {shown} 元", programme.unit.show(was)),
                    "核对位数，也看是不是一处按年、一处按学期",
                ));
            }
        }
        if let Some(price) = row.price.filter(|p| !(LEAST_PRICE..=MOST_PRICE).contains(p))
            && programme.unit == Unit::Meal
        {
            out.push(at(
                Weight::Wrong,
                programme,
                row,
                format!("一餐 {} 元，不像", Unit::Fen.show(price)),
                "单价以分为单位：5.00 元写 5_00",
            ));
        }
    }
}

fn bases(programme: &Programme, out: &mut Vec<CheckFinding>) {
    for row in programme.layers.iter().flatten() {
        let basis = &row.basis;
        let dated = basis.chars().any(|c| c.is_ascii_digit());
        let law = ["法", "标准", "办法", "规定", "〔", "通知", "责任", "指标"];
        if !dated && !law.iter().any(|w| basis.contains(w)) {
            out.push(at(
                Weight::Note,
                programme,
                row,
                format!("依据“{basis}”没有文号、年份，也不是法规"),
                "写上文件名、文号",
            ));
        }
        if programme.is_on() && row.mark == Mark::Unsure {
            out.push(at(
                Weight::Note,
                programme,
                row,
                "开着，但依据待核实（U）".to_owned(),
                "核实后改 mark，或先关上",
            ));
        }
    }
}
