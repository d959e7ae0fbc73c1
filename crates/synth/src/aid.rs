//! What each pupil is owed by the rules of `docs/rosters.md`, what was paid, and which of it is missed, wrong or double.

use std::sync::OnceLock;

use fujiao_model::{AssistanceKind, Grade, Money, Season, Stage, Term};
use jiff::civil::{Date, date};
use rayon::prelude::*;

use crate::rng::Rng;
use crate::schools::{Enrolment, School};
use crate::world::World;

/// Programmes by position; payments keep the position.
pub(crate) const PROGRAMMES: [(&str, &[&str]); 8] = [
    ("pre.living", &["学前教育家庭经济困难幼儿生活补助", "学前资助", "幼儿生活补助"]),
    (
        "comp.living.boarder",
        &["义务教育家庭经济困难寄宿生生活补助", "寄宿生生活补助", "寄宿生生活费"],
    ),
    (
        "comp.living.day",
        &["义务教育家庭经济困难非寄宿生生活补助", "非寄宿生生活补助", "四类非寄宿生补助"],
    ),
    ("hs.grant", &["普通高中国家助学金", "高中助学金", "普高助学金"]),
    ("hs.waive", &["普通高中免学费", "高中免学费", "普高免学杂费"]),
    ("voc.grant", &["中等职业学校国家助学金", "中职助学金", "中职国家助学金"]),
    ("yulu.voc", &["雨露计划职业教育补助", "雨露计划", "雨露计划补助"]),
    ("entry.travel", &["普通高校新生入学资助", "大学新生路费", "新生入学资助"]),
];
const PRE: u8 = 0;
const BOARDER: u8 = 1;
const DAY: u8 = 2;
const GRANT: u8 = 3;
const WAIVE: u8 = 4;
const VOCATIONAL: u8 = 5;
const YULU: u8 = 6;
const TRAVEL: u8 = 7;

/// One line of `data/programmes.csv`.
struct Rate {
    programme: u8,
    case: &'static str,
    from: Term,
    to: Option<Term>,
    fen: i64,
}

fn rates() -> &'static [Rate] {
    static RATES: OnceLock<Vec<Rate>> = OnceLock::new();
    RATES.get_or_init(|| {
        let lines = include_str!("../data/programmes.csv").lines().skip(1);
        let rate = |line: &'static str| {
            let mut cells = line.split(',');
            let mut next = || cells.next().expect("data/programmes.csv has five columns");
            let key = next();
            let programme =
                PROGRAMMES.iter().position(|(k, _)| *k == key).expect("a known programme");
            let case = next();
            let from = next().parse().expect("a term");
            let to = next();
            Rate {
                programme: u8::try_from(programme).expect("eight programmes"),
                case,
                from,
                to: (!to.is_empty()).then(|| to.parse().expect("a term")),
                fen: next().parse().expect("whole fen"),
            }
        };
        lines.map(rate).collect()
    })
}

/// The amount of a programme and case in a term; `None` where none is in force.
fn amount(programme: u8, case: &str, term: Term) -> Option<Money> {
    rates()
        .iter()
        .find(|r| {
            r.programme == programme
                && r.case == case
                && r.from <= term
                && r.to.is_none_or(|to| term <= to)
        })
        .map(|r| Money::fen(r.fen))
}

/// A pupil's hardship on the first day of a term.
#[derive(Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "facts that hold or do not, each by itself")]
pub(crate) struct Hardship {
    lifted: bool,
    monitored: bool,
    severe: bool,
    four_groups: bool,
    poor: bool,
}

pub(crate) fn hardship(world: &World, person: u32, day: Date) -> Hardship {
    let p = &world.persons[person as usize];
    if !world.is_present(person) {
        // Whoever moved away or died stands on no list of today's.
        return Hardship::default();
    }
    let lifted = world.is_lifted(p.household);
    let monitored = world.is_monitored(p.household, day);
    let assistance = world.assistance(p.household, day);
    let disabled = p.disability.is_some_and(|d| d.issued <= day && day <= d.valid_to);
    let orphan = p.welfare.is_some_and(|(_, from)| from <= day);
    let dibao = matches!(assistance, Some(AssistanceKind::DibaoRural | AssistanceKind::DibaoUrban));
    let extreme =
        matches!(assistance, Some(AssistanceKind::ExtremeRural | AssistanceKind::ExtremeUrban));
    let rural =
        matches!(assistance, Some(AssistanceKind::DibaoRural | AssistanceKind::ExtremeRural));
    let severe = lifted || monitored || dibao || extreme || orphan || disabled;
    let poor = severe
        || matches!(assistance, Some(AssistanceKind::DibaoEdge | AssistanceKind::RigidExpense));
    Hardship { lifted, monitored, severe, four_groups: lifted || disabled || rural, poor }
}

/// What is owed to one pupil for one term under one programme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Due {
    pub(crate) programme: u8,
    /// Position in the calendar's terms.
    pub(crate) term: u8,
    pub(crate) amount: Money,
}

/// What programmes owe a pupil enrolled so, in a term.
fn owed(school: &School, e: &Enrolment, h: Hardship, term: Term) -> Vec<(u8, Option<Money>)> {
    let tier = if h.severe { "severe" } else { "general" };
    let stage = e.grade.stage();
    let mut owed = Vec::new();
    match stage {
        Stage::Preschool if h.poor => owed.push((PRE, amount(PRE, "", term))),
        Stage::Primary | Stage::Junior if e.boards && h.poor => {
            owed.push((BOARDER, amount(BOARDER, stage.code(), term)));
        }
        Stage::Primary | Stage::Junior if !e.boards && (h.four_groups || h.monitored) => {
            owed.push((DAY, amount(DAY, stage.code(), term)));
        }
        Stage::Senior => {
            if h.poor {
                owed.push((GRANT, amount(GRANT, tier, term)));
            }
            owed.push((WAIVE, amount(WAIVE, school.standard, term)));
        }
        Stage::Vocational => {
            let years = if term >= Term::new(2025, Season::Spring) { 3 } else { 2 };
            if h.poor && e.grade.year() <= years {
                owed.push((VOCATIONAL, amount(VOCATIONAL, tier, term)));
            }
        }
        Stage::Higher if e.grade == Grade::U1 && term.season() == Season::Autumn && h.severe => {
            owed.push((TRAVEL, amount(TRAVEL, school.destination, term)));
        }
        _ => {}
    }
    let craft = stage == Stage::Vocational || stage == Stage::Higher && school.level == "高职";
    if craft && (h.lifted || h.monitored) {
        owed.push((YULU, amount(YULU, "", term)));
    }
    owed
}

/// All that is owed to a person.
pub(crate) fn dues(world: &World, person: u32) -> Vec<Due> {
    let mut dues: Vec<Due> = Vec::new();
    for (t, term) in world.calendar.terms.iter().enumerate() {
        let term_at = u8::try_from(t).expect("few terms");
        let h = hardship(world, person, term.start());
        for e in world.enrolments_of(person) {
            if e.year != term.school_year() || !e.counts(term.start()) {
                continue;
            }
            for (programme, amount) in owed(&world.schools[usize::from(e.school)], e, h, *term) {
                let Some(amount) = amount else { continue };
                if !dues.iter().any(|d| (d.programme, d.term) == (programme, term_at)) {
                    dues.push(Due { programme, term: term_at, amount });
                }
            }
        }
    }
    dues
}

/// How a payment ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    Paid,
    Returned,
    Failed,
}

/// One line of a payment list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Payment {
    pub(crate) person: u32,
    pub(crate) programme: u8,
    pub(crate) term: u8,
    pub(crate) school: u16,
    pub(crate) grade: Grade,
    pub(crate) class: u8,
    pub(crate) amount: Money,
    pub(crate) paid_on: Date,
    pub(crate) outcome: Outcome,
    /// 0 the main list, 1 the later one.
    pub(crate) batch: u8,
    /// The id is mistyped on purpose.
    pub(crate) mistyped: bool,
}

/// A trouble with aid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Trouble {
    Missed,
    Wrong,
    Double,
}

impl Trouble {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Missed => "missed",
            Self::Wrong => "wrong",
            Self::Double => "double",
        }
    }
}

/// Dues and payments of everybody, by person.
#[derive(Default)]
pub(crate) struct Books {
    pub(crate) dues: Vec<(u32, Due)>,
    pub(crate) payments: Vec<Payment>,
    pub(crate) troubles: Vec<(Trouble, u32, u8, u8, Money)>,
}

struct Payer<'a> {
    world: &'a World,
    person: u32,
    rng: Rng,
    payments: Vec<Payment>,
}

impl Payer<'_> {
    fn paid_on(&mut self, term: u8, batch: u8) -> Date {
        let term = self.world.calendar.terms[usize::from(term)];
        let (months, year) = match term.season() {
            Season::Autumn => (if batch == 0 { 11 } else { 12 }, term.year()),
            Season::Spring => (if batch == 0 { 5 } else { 6 }, term.year()),
        };
        // A list goes to the bank as a whole: one day for each programme's batch.
        date(year, months, if batch == 0 { 20 } else { 18 })
    }

    fn pay(
        &mut self,
        programme: u8,
        term: u8,
        e: &Enrolment,
        amount: Money,
        outcome: Outcome,
        batch: u8,
    ) {
        let paid_on = self.paid_on(term, batch);
        self.payments.push(Payment {
            person: self.person,
            programme,
            term,
            school: e.school,
            grade: e.grade,
            class: e.class,
            amount,
            paid_on,
            outcome,
            batch,
            mistyped: false,
        });
    }

    /// What the centre did with one due amount.
    fn discharge(&mut self, due: Due, e: &Enrolment) {
        let Due { programme, term, amount } = due;
        let u = self.rng.unit();
        if u < 0.021 {
            return;
        }
        if u < 0.026 {
            self.pay(programme, term, e, amount, Outcome::Paid, 0);
            self.pay(programme, term, e, amount, Outcome::Returned, 1);
            return;
        }
        if u < 0.030 {
            self.pay(programme, term, e, amount, Outcome::Failed, 0);
            return;
        }
        self.pay(programme, term, e, amount, Outcome::Paid, u8::from(u > 0.985));
        if u < 0.040 {
            self.pay(programme, term, e, amount, Outcome::Paid, 1);
            if self.rng.chance(0.3) {
                self.payments.last_mut().expect("just paid").mistyped = true;
            }
        }
    }
}

fn books_of(world: &World, person: u32) -> Books {
    let mut payer = Payer { world, person, rng: Rng::of(world.hash(60, person)), payments: vec![] };
    let dues = dues(world, person);
    let enrolments = world.enrolments_of(person);
    for (t, term) in world.calendar.terms.iter().enumerate() {
        let t = u8::try_from(t).expect("few terms");
        let current =
            enrolments.iter().rfind(|e| e.year == term.school_year() && e.counts(term.start()));
        let Some(e) = current else {
            // Left since: the list of the term before was copied.
            let before = enrolments.iter().rfind(|e| e.year <= term.school_year());
            let was_due = t > 0 && dues.iter().any(|d| d.term == t - 1);
            if let Some(before) = before.filter(|e| was_due && e.grade.stage() != Stage::Higher) {
                let last = dues.iter().rfind(|d| d.term == t - 1).copied();
                if let Some(last) = last.filter(|_| payer.rng.chance(0.05)) {
                    payer.pay(last.programme, t, before, last.amount, Outcome::Paid, 0);
                }
            }
            continue;
        };
        let due: Vec<Due> = dues.iter().filter(|d| d.term == t).copied().collect();
        for d in &due {
            let rng = &mut payer.rng;
            if d.programme == DAY && rng.chance(0.006) {
                // Taken for a boarder.
                if let Some(more) = amount(BOARDER, e.grade.stage().code(), *term) {
                    payer.pay(BOARDER, t, e, more, Outcome::Paid, 0);
                    continue;
                }
            }
            payer.discharge(*d, e);
        }
        let school = &world.schools[usize::from(e.school)];
        let has = |p: u8| due.iter().any(|d| d.programme == p);
        // A family that is not eligible gets on the list: chances are those of a slip, about half the missed ones.
        let candidate = match e.grade.stage() {
            Stage::Preschool => (PRE, amount(PRE, "", *term)),
            s @ (Stage::Primary | Stage::Junior) => {
                let p = if e.boards { BOARDER } else { DAY };
                (p, amount(p, s.code(), *term))
            }
            Stage::Senior => (GRANT, amount(GRANT, "general", *term)),
            Stage::Vocational if payer.rng.chance(0.5) => (YULU, amount(YULU, "", *term)),
            Stage::Vocational => (VOCATIONAL, amount(VOCATIONAL, "general", *term)),
            Stage::Higher => (
                TRAVEL,
                amount(TRAVEL, school.destination, *term)
                    .filter(|_| term.season() == Season::Autumn),
            ),
        };
        if let (programme, Some(amount)) = candidate
            && !has(programme)
            && payer.rng.chance(0.0065)
        {
            payer.pay(programme, t, e, amount, Outcome::Paid, 0);
        }
    }
    let troubles = troubles(&dues, &payer.payments, person);
    Books {
        dues: dues.into_iter().map(|d| (person, d)).collect(),
        payments: payer.payments,
        troubles,
    }
}

/// Missed: owed, and net paid nothing or less. Wrong: net paid without being owed. Double: more than once in full.
fn troubles(dues: &[Due], payments: &[Payment], person: u32) -> Vec<(Trouble, u32, u8, u8, Money)> {
    let mut keys: Vec<(u8, u8)> = dues.iter().map(|d| (d.term, d.programme)).collect();
    keys.extend(payments.iter().map(|p| (p.term, p.programme)));
    keys.sort_unstable();
    keys.dedup();
    let mut troubles = Vec::new();
    for (term, programme) in keys {
        let due =
            dues.iter().find(|d| (d.term, d.programme) == (term, programme)).map(|d| d.amount);
        let mut net = Money::ZERO;
        for p in payments.iter().filter(|p| (p.term, p.programme) == (term, programme)) {
            match p.outcome {
                Outcome::Paid => net += p.amount,
                Outcome::Returned => net -= p.amount,
                Outcome::Failed => {}
            }
        }
        let trouble = match due {
            Some(due) if net <= Money::ZERO => Some((Trouble::Missed, due)),
            Some(due) if net >= due + due => Some((Trouble::Double, net - due)),
            None if net > Money::ZERO => Some((Trouble::Wrong, net)),
            _ => None,
        };
        if let Some((trouble, amount)) = trouble {
            troubles.push((trouble, person, programme, term, amount));
        }
    }
    troubles
}

/// Dues, payments and troubles of everybody enrolled, by person.
pub(crate) fn keep_books(world: &World) -> Books {
    let mut pupils: Vec<u32> = world.enrolments.iter().map(|e| e.person).collect();
    pupils.dedup();
    let each: Vec<Books> = pupils.par_iter().map(|p| books_of(world, *p)).collect();
    let mut all = Books::default();
    for books in each {
        all.dues.extend(books.dues);
        all.payments.extend(books.payments);
        all.troubles.extend(books.troubles);
    }
    all
}

/// Whether a household is one whose pupils get a mentor and whose members are trained.
pub(crate) fn is_followed(world: &World, household: u32, day: Date) -> bool {
    world.is_lifted(household) || world.is_monitored(household, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_follow_the_terms() {
        let at = |programme, case, term: &str| {
            amount(programme, case, term.parse().unwrap()).map(Money::as_fen)
        };
        assert_eq!(at(BOARDER, "primary", "2023A"), Some(50_000));
        assert_eq!(at(BOARDER, "primary", "2024S"), Some(62_500));
        assert_eq!(at(VOCATIONAL, "severe", "2024A"), Some(100_000));
        assert_eq!(at(GRANT, "severe", "2025S"), Some(140_000));
        assert_eq!(at(DAY, "primary", "2018A"), None);
    }

    #[test]
    fn troubles_are_told_by_the_net() {
        let due = Due { programme: PRE, term: 2, amount: Money::fen(37_500) };
        let pay = |fen, outcome| Payment {
            person: 1,
            programme: PRE,
            term: 2,
            school: 0,
            grade: Grade::K1,
            class: 1,
            amount: Money::fen(fen),
            paid_on: date(2023, 11, 20),
            outcome,
            batch: 0,
            mistyped: false,
        };
        let tell = |dues: &[Due], payments: &[Payment]| {
            troubles(dues, payments, 1).iter().map(|t| (t.0, t.4.as_fen())).collect::<Vec<_>>()
        };
        let paid = pay(37_500, Outcome::Paid);
        assert_eq!(tell(&[due], &[]), [(Trouble::Missed, 37_500)]);
        assert_eq!(tell(&[due], &[paid]), []);
        assert_eq!(
            tell(&[due], &[paid, pay(37_500, Outcome::Returned)]),
            [(Trouble::Missed, 37_500)]
        );
        assert_eq!(tell(&[due], &[pay(37_500, Outcome::Failed)]), [(Trouble::Missed, 37_500)]);
        assert_eq!(tell(&[due], &[paid, paid]), [(Trouble::Double, 37_500)]);
        assert_eq!(tell(&[], &[paid]), [(Trouble::Wrong, 37_500)]);
        assert_eq!(tell(&[due], &[pay(20_000, Outcome::Paid)]), []);
    }
}
