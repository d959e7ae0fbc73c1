//! One programme asked about one frame and period: who passes, who fails and why, and how much.

use std::sync::Arc;

use fujiao_model::Period;
use jiff::civil::Date;

use crate::ColumnId;
use crate::assess::{day_for, rows_on};
use crate::eval::{Facts, days_of};
use crate::frame::Frame;
use crate::lanes::{Rows, lanes};
use crate::plan::{Mask, NONE, Plan, Reg, Run, constant};
use crate::programme::{AmountRow, Programme};
use crate::set::PolicySet;

const DUE: u8 = 0;
pub(crate) const NO_AMOUNT: u8 = 101;
pub(crate) const NOTHING: u8 = 102;
/// And the place of the programme to which this one gives way.
pub(crate) const EXCLUDED: u8 = 103;
/// And the place of the column that is missing.
pub(crate) const ASK: u8 = 128;

/// Hears the answers for a chunk of rows; rows are counted from its first.
pub(crate) trait Give {
    /// Whether it wants to hear why rows fail conditions.
    const REASONS: bool;
    /// The next condition, in their order: these rows fail it and none before. No row does after the last that is told.
    fn condition(&mut self, failed: &Mask);
    /// A row that passes, or may pass, is not owed, or may be owed.
    fn code(&mut self, row: usize, code: u8);
    /// A row is owed so much.
    fn due(&mut self, row: usize, quantity: i64);
    /// These rows of a word are owed so much each.
    fn due_word(&mut self, word: usize, bits: u64, quantity: i64) {
        each_bit(bits, |b| self.due(word * 64 + b, quantity));
    }
}

/// What later questions of a chunk need to know of earlier ones: who is due, who may be.
#[derive(Debug)]
pub(crate) struct Chunk {
    due: Vec<Mask>,
    asked: Vec<Mask>,
}

impl Chunk {
    pub(crate) fn new(questions: usize) -> Self {
        Self { due: vec![NONE; questions], asked: vec![NONE; questions] }
    }
}

/// How much, for one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Amount<'a> {
    Known(i64, &'a str),
    None,
    Open(Option<ColumnId>),
}

#[derive(Debug)]
pub(crate) struct Question<'a> {
    pub(crate) place: usize,
    pub(crate) period: Period,
    /// The day whose amounts count.
    pub(crate) day: Date,
    pub(crate) programme: &'a Programme,
    pub(crate) facts: Facts<'a>,
    pub(crate) in_force: bool,
    /// Every column that may be asked for: its own, then those of the programmes to which it gives way.
    pub(crate) columns: Arc<[ColumnId]>,
    layers: Vec<Vec<&'a AmountRow>>,
    who: Vec<Reg>,
    /// Where one layer is in force: its rows with their conditions.
    pay: Option<Vec<(Option<Reg>, &'a AmountRow)>>,
    /// Programmes to which this one gives way: place in `excluded_by`, place among the questions.
    gives_way_to: Vec<(u8, usize)>,
    /// Whether another question gives way to this one.
    is_waited_for: bool,
}

/// The programmes asked for, and before each those to which it gives way.
pub(crate) fn in_order(set: &PolicySet, places: &[usize]) -> Vec<usize> {
    fn put(set: &PolicySet, place: usize, out: &mut Vec<usize>) {
        for key in &set.programmes()[place].excluded_by {
            let over = set.place_of(key).expect("a key of the set");
            if set.programmes()[over].is_on() && !out.contains(&over) {
                put(set, over, out);
            }
        }
        if !out.contains(&place) {
            out.push(place);
        }
    }
    let mut out = Vec::new();
    for place in places {
        put(set, *place, &mut out);
    }
    out
}

/// The questions of one frame and period; `first` is how many questions of other cases stand before them. They keep the order of `places`; a programme to which another gives way is found
/// among them wherever it stands.
pub(crate) fn questions<'a>(
    set: &'a PolicySet,
    plan: &mut Plan<'a>,
    frame: &'a Frame,
    period: Period,
    as_of: Date,
    params: &'a [Option<i64>],
    (places, first): (&[usize], usize),
) -> Vec<Question<'a>> {
    let day = day_for(period, as_of);
    let facts = Facts { frame, params, days: days_of(period, as_of) };
    let mut out: Vec<Question<'a>> = places
        .iter()
        .map(|place| {
            let programme = &set.programmes()[*place];
            let in_force = programme.in_force(period, as_of)
                && programme.frame == frame.kind()
                && programme.rhythm.fits(period);
            let layers: Vec<_> =
                rows_on(programme, day).into_iter().filter(|l| !l.is_empty()).collect();
            let mut question = Question {
                place: *place,
                period,
                day,
                programme,
                facts,
                in_force,
                columns: all_columns(set, programme).into(),
                layers,
                who: Vec::new(),
                pay: None,
                gives_way_to: Vec::new(),
                is_waited_for: false,
            };
            if in_force {
                question.compile(plan);
            }
            question
        })
        .collect();
    for i in 0..out.len() {
        for (k, key) in out[i].programme.excluded_by.iter().enumerate() {
            let over = out.iter().position(|q| q.programme.key == *key && q.in_force);
            if let (Some(over), Ok(k)) = (over, u8::try_from(k)) {
                out[i].gives_way_to.push((k, first + over));
                out[over].is_waited_for = true;
            }
        }
    }
    out
}

/// The questions so that each comes after those to which it gives way.
pub(crate) fn order(all: &[Question<'_>]) -> Vec<usize> {
    fn put(all: &[Question<'_>], at: usize, out: &mut Vec<usize>) {
        if !out.contains(&at) {
            for (_, over) in &all[at].gives_way_to {
                put(all, *over, out);
            }
            out.push(at);
        }
    }
    let mut out = Vec::with_capacity(all.len());
    for at in 0..all.len() {
        put(all, at, &mut out);
    }
    out
}

fn all_columns(set: &PolicySet, programme: &Programme) -> Vec<ColumnId> {
    let mut columns = programme.columns.clone();
    for key in &programme.excluded_by {
        if let Some(over) = set.programme(key) {
            for id in all_columns(set, over) {
                if !columns.contains(&id) {
                    columns.push(id);
                }
            }
        }
    }
    columns
}

impl<'a> Question<'a> {
    /// For explaining one row: nothing is compiled.
    pub(crate) fn of_row(
        programme: &'a Programme,
        facts: Facts<'a>,
        day: Date,
        period: Period,
    ) -> Self {
        Self {
            place: 0,
            period,
            day,
            programme,
            facts,
            in_force: true,
            columns: Arc::from([]),
            layers: rows_on(programme, day),
            who: Vec::new(),
            pay: None,
            gives_way_to: Vec::new(),
            is_waited_for: false,
        }
    }

    fn compile(&mut self, plan: &mut Plan<'a>) {
        let facts = self.facts;
        self.who = self.programme.who.iter().map(|c| plan.lower(c, facts)).collect();
        // One layer is the rule; where several are in force, each row takes its highest.
        if let [rows] = &self.layers[..] {
            let reg = |row: &&'a AmountRow| (row.when.as_ref().map(|w| plan.lower(w, facts)), *row);
            self.pay = Some(rows.iter().map(reg).collect());
        }
    }

    /// The first row of a layer that holds. Where it is open which one holds, the amount is open unless all agree.
    fn cascade(&self, rows: &[&'a AmountRow], row: usize) -> (Amount<'a>, Option<&'a AmountRow>) {
        for (i, amount) in rows.iter().enumerate() {
            let holds = amount.when.as_ref().map_or(Some(true), |w| self.facts.holds(w, row));
            if holds == Some(false) {
                continue;
            }
            let here = match self.facts.number(&amount.value, row) {
                Some(n) => Amount::Known(n, &amount.basis),
                None => Amount::Open(self.facts.missing_in(&amount.value, row)),
            };
            if holds == Some(true) {
                return (here, Some(amount));
            }
            let (rest, _) = self.cascade(&rows[i + 1..], row);
            let same = match (here, rest) {
                (Amount::Known(a, _), Amount::Known(b, _)) => a == b,
                _ => false,
            };
            let when = amount.when.as_ref().expect("a row without when holds");
            let open = Amount::Open(self.facts.missing_for(when, row));
            return (if same { here } else { open }, Some(amount));
        }
        (Amount::None, None)
    }

    /// The highest amount of all layers, and the row that sets it.
    pub(crate) fn amount(&self, row: usize) -> (Amount<'a>, Option<&'a AmountRow>) {
        let mut most: (Amount<'a>, Option<&'a AmountRow>) = (Amount::None, None);
        for layer in &self.layers {
            let next = self.cascade(layer, row);
            most = match (most.0, next.0) {
                (Amount::Open(_), _) => most,
                (_, Amount::Open(_)) | (Amount::None, _) => next,
                (Amount::Known(a, _), Amount::Known(b, _)) if b > a => next,
                _ => most,
            };
        }
        most
    }

    fn column_byte(&self, column: ColumnId) -> u8 {
        let place = self.columns.iter().position(|c| *c == column);
        ASK + u8::try_from(place.expect("every column is listed")).expect("at most a hundred")
    }

    /// The answer for a row that passes, or that may pass.
    fn slowly(&self, row: usize, open: bool) -> (u8, i64) {
        match self.amount(row).0 {
            Amount::Known(n, _) if n <= 0 => (NOTHING, 0),
            Amount::None | Amount::Open(None) => (NO_AMOUNT, 0),
            Amount::Known(n, _) if !open => (DUE, n),
            Amount::Open(Some(column)) if !open => (self.column_byte(column), 0),
            _ => {
                let asked = self
                    .programme
                    .who
                    .iter()
                    .filter(|c| self.facts.holds(c, row).is_none())
                    .find_map(|c| self.facts.missing_for(c, row));
                // Open without a missing column: a parameter is not in force.
                asked.map_or((NO_AMOUNT, 0), |c| (self.column_byte(c), 0))
            }
        }
    }

    /// The column that is missing for a row of which it is known that a fact is missing.
    fn missing(&self, all: &[Question<'_>], row: usize) -> Option<ColumnId> {
        let open = self.programme.who.iter().any(|c| self.facts.holds(c, row).is_none());
        let (code, _) = self.slowly(row, open);
        if code >= ASK {
            return self.columns.get(usize::from(code - ASK)).copied();
        }
        // It waits for one to which it gives way itself.
        self.gives_way_to.iter().find_map(|(_, over)| all[*over].missing(all, row))
    }

    /// Answers for the `here` rows of the chunk that begins at `word`.
    #[expect(
        clippy::too_many_arguments,
        reason = "a question, its chunk, and who hears the answer"
    )]
    pub(crate) fn answer(
        &self,
        at: usize,
        all: &[Question<'_>],
        run: &mut Run<'_, '_>,
        chunk: &mut Chunk,
        word: usize,
        here: usize,
        give: &mut impl Give,
    ) {
        if !self.in_force {
            return;
        }
        let words = here.div_ceil(64);
        let mut live = NONE;
        live[..words].fill(u64::MAX);
        if !here.is_multiple_of(64) {
            live[words - 1] = (1 << (here % 64)) - 1;
        }
        let (mut pass, mut slow) = self.pass(run, &live, words, give);
        if self.is_waited_for {
            chunk.due[at] = NONE;
            chunk.asked[at] = NONE;
        }
        if pass.iter().chain(&slow).all(|w| *w == 0) {
            return;
        }
        let open = slow;
        if !self.gives_way_to.is_empty() || self.pay.is_none() {
            for w in 0..words {
                slow[w] |= std::mem::take(&mut pass[w]);
            }
        }
        if let Some(rows) = &self.pay {
            let mut waited = self.is_waited_for.then_some(&mut chunk.due[at]);
            self.pay(rows, run, (word, words), (&mut pass, &mut slow), give, |row| {
                if let Some(due) = &mut waited {
                    due[row / 64] |= 1 << (row % 64);
                }
            });
        }
        for w in 0..words {
            each_bit(pass[w], |b| give.code(w * 64 + b, NO_AMOUNT));
            each_bit(slow[w], |b| {
                let row = w * 64 + b;
                let (mut code, n) = self.slowly(word * 64 + row, open[w] >> b & 1 == 1);
                if code == DUE || code >= ASK {
                    code = self.given_way(code, all, chunk, word * 64 + row, (w, b));
                }
                if code == DUE {
                    give.due(row, n);
                } else {
                    give.code(row, code);
                }
                if self.is_waited_for {
                    chunk.due[at][w] |= u64::from(code == DUE) << b;
                    chunk.asked[at][w] |= u64::from(code >= ASK) << b;
                }
            });
        }
    }

    /// What becomes of a row that is due, or may be, beside the programmes to which this one gives way.
    fn given_way(
        &self,
        code: u8,
        all: &[Question<'_>],
        chunk: &Chunk,
        row: usize,
        (w, b): (usize, usize),
    ) -> u8 {
        for (k, over) in &self.gives_way_to {
            if chunk.due[*over][w] >> b & 1 == 1 {
                return EXCLUDED + k;
            }
        }
        if code != DUE {
            return code;
        }
        let waits = self.gives_way_to.iter().find(|(_, over)| chunk.asked[*over][w] >> b & 1 == 1);
        let column = waits.and_then(|(_, over)| all[*over].missing(all, row));
        column.map_or(code, |c| self.column_byte(c))
    }

    /// Rows that pass every condition, and rows that may: some condition is open and none fails.
    fn pass<G: Give>(
        &self,
        run: &mut Run<'_, '_>,
        live: &Mask,
        words: usize,
        give: &mut G,
    ) -> (Mask, Mask) {
        let mut left = *live;
        let mut open = NONE;
        for condition in &self.who {
            let truth = run.truth(*condition);
            if G::REASONS {
                let mut failed = truth.no;
                failed.iter_mut().zip(&left).for_each(|(f, l)| *f &= l);
                give.condition(&failed);
            }
            let mut any = 0;
            for w in 0..words {
                left[w] &= !truth.no[w];
                open[w] |= !(truth.yes[w] | truth.no[w]);
                any |= left[w];
            }
            if any == 0 {
                return (NONE, NONE);
            }
        }
        let (mut pass, mut slow) = (NONE, NONE);
        for w in 0..words {
            pass[w] = left[w] & !open[w];
            slow[w] = left[w] & open[w];
        }
        (pass, slow)
    }

    /// Gives the amounts of one layer to those in `pass`; who got one, or is left to `slow`, leaves it.
    fn pay(
        &self,
        rows: &[(Option<Reg>, &AmountRow)],
        run: &mut Run<'_, '_>,
        (word, words): (usize, usize),
        (pass, slow): (&mut Mask, &mut Mask),
        give: &mut impl Give,
        mut due: impl FnMut(usize),
    ) {
        let mut chosen: Vec<u32> = Vec::new();
        for (when, amount) in rows {
            let mut take = *pass;
            if let Some(when) = when {
                let truth = run.truth(*when);
                for w in 0..words {
                    take[w] &= truth.yes[w];
                    slow[w] |= pass[w] & !truth.yes[w] & !truth.no[w];
                    pass[w] &= truth.no[w];
                }
            } else {
                *pass = NONE;
            }
            if let Some(n) = constant(&amount.value, self.facts) {
                for (w, bits) in take[..words].iter().enumerate().filter(|(_, b)| **b != 0) {
                    if n > 0 {
                        give.due_word(w, *bits, n);
                        if self.is_waited_for {
                            each_bit(*bits, |b| due(w * 64 + b));
                        }
                    } else {
                        each_bit(*bits, |b| give.code(w * 64 + b, NOTHING));
                    }
                }
                continue;
            }
            chosen.clear();
            for (w, bits) in take[..words].iter().enumerate() {
                let first = u32::try_from((word + w) * 64).expect("rows fit 32 bits");
                each_bit(*bits, |b| chosen.push(first + u32::try_from(b).expect("a bit")));
            }
            if chosen.is_empty() {
                continue;
            }
            let found = lanes(self.facts, &amount.value, Rows::Chosen(&chosen));
            for (i, (row, n)) in chosen.iter().zip(&found.values).enumerate() {
                let row = *row as usize - word * 64;
                if found.is_open(i) {
                    slow[row / 64] |= 1 << (row % 64);
                } else if *n > 0 {
                    give.due(row, *n);
                    due(row);
                } else {
                    give.code(row, NOTHING);
                }
            }
        }
    }
}

pub(crate) fn each_bit(mut bits: u64, mut f: impl FnMut(usize)) {
    while bits != 0 {
        f(bits.trailing_zeros() as usize);
        bits &= bits - 1;
    }
}
