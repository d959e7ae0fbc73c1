//! 已: what was done, by payment lists, returns, rosters of training and work.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use fujiao_model::{
    Area, Deed, Division, Field, Fields, PartialDate, Period, RosterKind, Stage, Subject,
    SubjectKind, Term, Unit,
};
use fujiao_policy::{PolicySet, Rhythm};
use jiff::civil::Date;

use super::Registers;
use super::duties::{Owed, fund_id};
use crate::registers::enrolments::of_year;
use crate::titles::OFF_EARMARK;

/// All deeds that can stand against the duties.
pub(super) fn all(
    registers: &Registers,
    policies: &PolicySet,
    duties: &Owed,
    unknown: &mut BTreeMap<String, u64>,
) -> Vec<Deed> {
    let mut out = Vec::new();
    aid(registers, policies, duties, unknown, &mut out);
    meals(registers, policies, duties, &mut out);
    schooling(registers, policies, duties, &mut out);
    pairing(registers, policies, duties, &mut out);
    training(registers, duties, &mut out);
    jobs(registers, duties, &mut out);
    stocks(registers, duties, &mut out);
    funds(registers, policies, &mut out);
    out
}

/// The last day that a field can mean.
fn day(fields: &Fields, field: Field) -> Option<Date> {
    fields.date(field).map(PartialDate::latest)
}

/// The first programme that is on in an area with a rhythm.
fn kind_of(policies: &PolicySet, area: Area, rhythm: Rhythm) -> Option<(Arc<str>, Unit)> {
    policies
        .programmes()
        .iter()
        .find(|p| p.area == area && p.is_on() && p.rhythm == rhythm)
        .map(|p| (Arc::clone(&p.key), p.unit))
}

/// Rows of a kind with their person.
fn person_rows(
    registers: &Registers,
    kind: RosterKind,
) -> impl Iterator<Item = (u32, &Fields, u64)> {
    registers.by_kind.get(kind).iter().map(|&at| {
        let row = &registers.rows[at as usize];
        (registers.actor_of(at), &row.fields, row.id)
    })
}

/// Duties of an area as a set of subject and period, and the kind's name and unit.
fn owed(duties: &Owed, area: Area) -> BTreeMap<(Subject, Period), (&Arc<str>, Unit)> {
    duties
        .duties
        .iter()
        .filter(|d| d.area == area)
        .map(|d| ((d.subject, d.period), (&d.kind, d.unit)))
        .collect()
}

/// One deed for each duty that is owed to a subject.
fn discharge(
    owed: &BTreeMap<(Subject, Period), (&Arc<str>, Unit)>,
    area: Area,
    subject: Subject,
    place: Option<Division>,
    done_on: Date,
    evidence: u64,
    out: &mut Vec<Deed>,
) {
    let of_subject = owed.range((subject, Period::Once)..).take_while(|((s, _), _)| *s == subject);
    out.extend(of_subject.map(|(&(_, period), &(kind, unit))| Deed {
        area,
        kind: Arc::clone(kind),
        subject,
        period,
        quantity: 1,
        unit,
        done_on,
        place,
        evidence,
    }));
}

/// What a payment's status says: 1 paid, −1 came back, 0 never happened.
fn payment_sign(status: Option<&str>) -> i64 {
    match status {
        Some(s) if s.contains("退") => -1,
        Some(s) if s.contains("失败") || s.contains("未发") || s.contains("作废") => 0,
        _ => 1,
    }
}

/// Payments of programmes that make duties, for the terms assessed.
fn aid(
    registers: &Registers,
    policies: &PolicySet,
    duties: &Owed,
    unknown: &mut BTreeMap<String, u64>,
    out: &mut Vec<Deed>,
) {
    let mut known: BTreeMap<&str, Option<(Arc<str>, Unit)>> = BTreeMap::new();
    for (person, fields, evidence) in person_rows(registers, RosterKind::AidPayments) {
        let Some(name) = fields.text(Field::Programme) else { continue };
        let programme = known.entry(name).or_insert_with(|| {
            policies
                .programme_named(name)
                .filter(|p| p.is_on())
                .map(|p| (Arc::clone(&p.key), p.unit))
        });
        let Some((kind, unit)) = programme else {
            if policies.programme_named(name).is_none() {
                *unknown.entry(name.to_owned()).or_default() += 1;
            }
            continue;
        };
        let Some(term) =
            fields.term(Field::Term).or_else(|| day(fields, Field::PaidOn).map(Term::of))
        else {
            continue;
        };
        let period = Period::Term(term);
        let sign = payment_sign(fields.text(Field::PaymentStatus));
        let amount = fields.money(Field::Amount).map_or(0, fujiao_model::Money::as_fen);
        if !duties.periods.contains(&period) || sign * amount == 0 {
            continue;
        }
        out.push(Deed {
            area: Area::Aid,
            kind: Arc::clone(kind),
            subject: Subject::person(registers.persons[person as usize].id),
            period,
            // A list may write a return as a negative amount, with or without saying 退回.
            quantity: if amount < 0 { amount } else { sign * amount },
            unit: *unit,
            done_on: day(fields, Field::PaidOn).unwrap_or_else(|| term.end()),
            place: registers.persons[person as usize].place,
            evidence,
        });
    }
}

/// Meals claimed, pupil by pupil and month by month.
fn meals(registers: &Registers, policies: &PolicySet, duties: &Owed, out: &mut Vec<Deed>) {
    let found = kind_of(policies, Area::Meals, Rhythm::SchoolDay);
    let Some((kind, unit)) = found.or_else(|| kind_of(policies, Area::Meals, Rhythm::Month)) else {
        return;
    };
    for &at in registers.by_kind.get(RosterKind::MealLists) {
        let (person, row) = (registers.actor_of(at), &registers.rows[at as usize]);
        let (fields, evidence) = (&row.fields, row.id);
        let (Some((year, Some(month), _)), Some(days)) =
            (fields.date(Field::Month).map(PartialDate::parts), fields.number(Field::MealDays))
        else {
            continue;
        };
        let period = Period::Month(year, month);
        if days == 0 || !duties.periods.contains(&period) {
            continue;
        }
        let place =
            registers.persons[person as usize].place.or_else(|| registers.school_of_row(at)?.town);
        out.push(Deed {
            area: Area::Meals,
            kind: Arc::clone(&kind),
            subject: Subject::person(registers.persons[person as usize].id),
            period,
            quantity: days,
            unit,
            done_on: period.days().map_or(registers.as_of, |(_, last)| last),
            place,
            evidence,
        });
    }
}

/// Who is in school: one deed a person and school. Somebody to whom no schooling is owed here (grown up, exempt, not resident)
/// shows only where they stand in two schools at once.
fn schooling(registers: &Registers, policies: &PolicySet, duties: &Owed, out: &mut Vec<Deed>) {
    let Some((kind, unit)) = kind_of(policies, Area::Schooling, Rhythm::Term) else { return };
    let period = Period::Term(registers.term);
    let owed = owed(duties, Area::Schooling);
    let year = of_year(&registers.enrolments, registers.term.school_year());
    for of in year.chunk_by(|a, b| a.person == b.person) {
        let person = &registers.persons[of[0].person as usize];
        let subject = Subject::person(person.id);
        let mut schools = BTreeSet::new();
        let mut first = !owed.contains_key(&(subject, period));
        for e in of.iter().filter(|e| e.holds_on(registers.as_of)) {
            if !schools.insert(e.school) || std::mem::take(&mut first) {
                continue;
            }
            out.push(Deed {
                area: Area::Schooling,
                kind: Arc::clone(&kind),
                subject,
                period,
                quantity: 1,
                unit,
                done_on: registers.term.start(),
                place: person.place.or_else(|| registers.school_place(e.school)),
                evidence: registers.rows[e.row as usize].id,
            });
        }
    }
}

/// Mentors now, and contacts of a kind that counts, of pupils to whom they are owed.
fn pairing(registers: &Registers, policies: &PolicySet, duties: &Owed, out: &mut Vec<Deed>) {
    let owed = owed(duties, Area::Pairing);
    let year = Period::SchoolYear(registers.term.school_year());
    let mut put = |person: u32, period: Period, done_on: Date, evidence: u64| {
        let person = &registers.persons[person as usize];
        let subject = Subject::person(person.id);
        if let Some(&(kind, unit)) = owed.get(&(subject, period)) {
            out.push(Deed {
                area: Area::Pairing,
                kind: Arc::clone(kind),
                subject,
                period,
                quantity: 1,
                unit,
                done_on,
                place: person.place,
                evidence,
            });
        }
    };
    let mut paired = BTreeSet::new();
    for (person, fields, evidence) in person_rows(registers, RosterKind::Pairings) {
        let from =
            fields.date(Field::PairedFrom).map_or(registers.term.start(), PartialDate::earliest);
        let holds = from <= registers.as_of
            && day(fields, Field::PairedTo).is_none_or(|to| registers.as_of <= to);
        if holds && paired.insert(person) {
            put(person, year, from, evidence);
        }
    }
    let counts = policies.list("contact_kinds", registers.as_of);
    let mut met = BTreeSet::new();
    for (person, fields, evidence) in person_rows(registers, RosterKind::Contacts) {
        let (Some(on), Some(kind)) =
            (day(fields, Field::ContactOn), fields.text(Field::ContactKind))
        else {
            continue;
        };
        let period = Period::Month(on.year(), on.month());
        // One contact a month is owed; more are welcome and no excess.
        if on <= registers.as_of
            && counts.iter().any(|k| kind.contains(&**k))
            && met.insert((person, period))
        {
            put(person, period, on, evidence);
        }
    }
}

/// Whether a session was completed.
pub(crate) fn is_completed(fields: &Fields) -> bool {
    fields.text(Field::Result).is_some_and(|r| {
        let r = r.trim();
        (r.contains("合格") || r.contains("结业") || r == "通过")
            && !r.contains('不')
            && !r.contains('未')
    })
}

/// A kind of course as the rules write it.
pub(super) fn course_kind(text: &str) -> &str {
    ["农民实用技术", "雨露工程", "就业创业"]
        .into_iter()
        .find(|k| text.contains(k))
        .unwrap_or("其他")
}

/// Each person's latest completed session: person → row.
pub(super) fn latest_sessions(registers: &Registers) -> BTreeMap<u32, u32> {
    let mut latest: BTreeMap<u32, (Date, u32)> = BTreeMap::new();
    for &at in registers.by_kind.get(RosterKind::Training) {
        let fields = &registers.rows[at as usize].fields;
        let Some(end) = day(fields, Field::TrainedTo).filter(|d| *d <= registers.as_of) else {
            continue;
        };
        if is_completed(fields) {
            let best = latest.entry(registers.actor_of(at)).or_insert((end, at));
            *best = (*best).max((end, at));
        }
    }
    latest.into_iter().map(|(person, (_, at))| (person, at)).collect()
}

/// The first trained member of each household: a completed session, or a place in a vocational school.
pub(crate) fn first_trained(registers: &Registers) -> BTreeMap<u32, (Date, u64)> {
    let mut first: BTreeMap<u32, (Date, u64)> = BTreeMap::new();
    let mut note = |person: u32, on: Date, evidence: u64| {
        if let Some(household) = registers.persons[person as usize].household {
            let best = first.entry(household).or_insert((on, evidence));
            *best = (*best).min((on, evidence));
        }
    };
    for (person, fields, evidence) in person_rows(registers, RosterKind::Training) {
        if let Some(end) = day(fields, Field::TrainedTo).filter(|d| *d <= registers.as_of)
            && is_completed(fields)
        {
            note(person, end, evidence);
        }
    }
    for e in of_year(&registers.enrolments, registers.term.school_year()) {
        if e.stage == Some(Stage::Vocational) && e.holds_on(registers.as_of) {
            note(e.person, registers.term.start(), registers.rows[e.row as usize].id);
        }
    }
    first
}

/// The first trained member of each household to which one is owed.
fn training(registers: &Registers, duties: &Owed, out: &mut Vec<Deed>) {
    let mut owed = owed(duties, Area::Training);
    owed.retain(|(subject, _), _| subject.kind == SubjectKind::Household);
    for (household, (done_on, evidence)) in first_trained(registers) {
        let household = &registers.households[household as usize];
        let subject = Subject::household(household.id);
        discharge(&owed, Area::Training, subject, household.place, done_on, evidence, out);
    }
}

/// The first job of each graduate that began after the session ended.
fn jobs(registers: &Registers, duties: &Owed, out: &mut Vec<Deed>) {
    // What is owed once is work after the course; proofs of work are owed by the month and have deeds of their own.
    let mut owed = owed(duties, Area::Jobs);
    owed.retain(|(_, period), _| *period == Period::Once);
    let sessions = latest_sessions(registers);
    let mut first: BTreeMap<u32, (Date, u64)> = BTreeMap::new();
    for (person, fields, evidence) in person_rows(registers, RosterKind::Placements) {
        let (Some(&session), Some(began)) =
            (sessions.get(&person), fields.date(Field::StartedOn).map(PartialDate::latest))
        else {
            continue;
        };
        let ended = day(&registers.rows[session as usize].fields, Field::TrainedTo);
        if ended.is_some_and(|end| end <= began) && began <= registers.as_of {
            let best = first.entry(person).or_insert((began, evidence));
            *best = (*best).min((began, evidence));
        }
    }
    for (person, (done_on, evidence)) in first {
        let person = &registers.persons[person as usize];
        let subject = Subject::person(person.id);
        discharge(&owed, Area::Jobs, subject, person.place, done_on, evidence, out);
    }
}

/// What schools and classes have. More desks than pupils is no excess; more posts or places than needed is.
fn stocks(registers: &Registers, duties: &Owed, out: &mut Vec<Deed>) {
    for stock in &duties.stocks {
        let quantity =
            if stock.area == Area::Conditions { stock.have.min(stock.need) } else { stock.have };
        if quantity > 0 {
            out.push(Deed {
                area: stock.area,
                kind: Arc::clone(&stock.kind),
                subject: stock.subject,
                period: stock.period,
                quantity,
                unit: stock.unit,
                done_on: registers.as_of,
                place: stock.place,
                evidence: stock.evidence,
            });
        }
    }
}

/// Spending, on its earmark or off it.
fn funds(registers: &Registers, policies: &PolicySet, out: &mut Vec<Deed>) {
    let Some(programme) = policies.programmes().iter().find(|p| p.area == Area::Funds && p.is_on())
    else {
        return;
    };
    let period = match programme.rhythm {
        Rhythm::Year => Period::Year(registers.as_of.year()),
        Rhythm::SchoolYear => Period::SchoolYear(registers.term.school_year()),
        _ => Period::Once,
    };
    let place: Option<Division> = Some(registers.county_division());
    let mut earmarks: BTreeMap<u64, &str> = BTreeMap::new();
    for &row in registers.by_kind.get(RosterKind::Appropriations) {
        if let Some(earmark) = registers.rows[row as usize].fields.text(Field::Earmark) {
            earmarks.insert(fund_id(registers, row), earmark);
        }
    }
    let off: Arc<str> = format!("{}{OFF_EARMARK}", programme.key).into();
    for &row in registers.by_kind.get(RosterKind::Spending) {
        let fields = &registers.rows[row as usize].fields;
        let fund = fund_id(registers, row);
        let amount = fields.money(Field::Amount).map_or(0, fujiao_model::Money::as_fen);
        let on_earmark = match (earmarks.get(&fund), fields.text(Field::Earmark)) {
            (Some(of_fund), Some(of_spending)) => *of_fund == of_spending,
            (Some(_), None) => true,
            (None, _) => false,
        };
        if amount != 0 {
            out.push(Deed {
                area: Area::Funds,
                kind: Arc::clone(if on_earmark { &programme.key } else { &off }),
                subject: Subject::fund(fund),
                period,
                quantity: amount,
                unit: programme.unit,
                done_on: day(fields, Field::SpentOn).unwrap_or(registers.as_of),
                place,
                evidence: registers.rows[row as usize].id,
            });
        }
    }
}
