//! 应: what the rules owe whom, for each area of work.

use std::collections::BTreeMap;
use std::sync::Arc;

use fujiao_model::{
    Area, Because, Division, Duty, Field, Period, RosterKind, Stage, Subject, Term, Unit,
};
use fujiao_policy::{
    Explainer, Frame, FrameKind, PolicyError, PolicySet, Programme, ProgrammeResult, Rhythm, Seen,
    assess,
};
use jiff::civil::Date;

use super::frames::{self, Body};
use super::{Registers, deeds};
use crate::registers::enrolments::{Enrolment, counting_on, of_year};
use crate::registers::stable_id;

/// The duties, and what the deeds need to know of how they came about.
#[derive(Debug, Default)]
pub(crate) struct Owed {
    pub duties: Vec<Duty>,
    /// What a school or class has of what it needs: kind, subject, period, quantity had, source row.
    pub stocks: Vec<Stock>,
    /// Terms whose aid was assessed, and months whose meals and contacts were.
    pub periods: std::collections::BTreeSet<Period>,
}

/// What is there of what a standard asks for.
#[derive(Clone, Debug)]
pub(crate) struct Stock {
    pub area: Area,
    pub kind: Arc<str>,
    pub subject: Subject,
    pub period: Period,
    pub unit: Unit,
    pub have: i64,
    pub need: i64,
    pub place: Option<Division>,
    pub evidence: u64,
}

type Asked = BTreeMap<(String, String), u64>;

/// One frame being turned into duties: who each row is, and where its facts came from.
struct Case<'a> {
    registers: &'a Registers,
    policies: &'a PolicySet,
    frame: &'a Frame,
    period: Period,
    subject: &'a dyn Fn(usize) -> Subject,
    place: &'a dyn Fn(usize) -> Option<Division>,
    school: &'a dyn Fn(usize) -> Option<u32>,
    sources: &'a dyn Fn(usize) -> Vec<u64>,
    /// Added to the programme's key where one subject has several duties of it: the class of a school.
    suffix: &'a dyn Fn(usize) -> Option<Arc<str>>,
}

impl Case<'_> {
    fn add(
        &self,
        out: &mut Owed,
        asked: &mut Asked,
        wanted: impl Fn(&Programme) -> bool,
    ) -> Result<(), PolicyError> {
        for result in assess(self.policies, self.frame, self.period, self.registers.as_of)? {
            let programme = &self.policies.programmes()[result.programme];
            if wanted(programme) && result.in_force && result.is_open(self.registers.as_of) {
                self.add_programme(out, asked, &result);
            }
        }
        Ok(())
    }

    fn add_programme(&self, out: &mut Owed, asked: &mut Asked, result: &ProgrammeResult) {
        let programme = &self.policies.programmes()[result.programme];
        let mut why = Explainer::new(self.policies, self.frame, result, self.registers.as_of);
        let mut bearers: BTreeMap<(Division, Option<u32>), Arc<str>> = BTreeMap::new();
        for (_, column) in result.asked() {
            let name = fujiao_policy::COLUMNS[usize::from(column)].name;
            *asked.entry((programme.key.to_string(), name.to_owned())).or_default() += 1;
        }
        for (row, quantity) in result.due() {
            let place = (self.place)(row);
            let school = (self.school)(row);
            let town = place.map_or_else(|| self.registers.county_division(), Division::town);
            let bearer = bearers.entry((town, school)).or_insert_with(|| {
                let school =
                    school.map_or("", |s| self.registers.schools.all[s as usize].name.as_str());
                programme.bearer_of(self.registers.places.town_name(town), school).into()
            });
            let because = why.why(row);
            let sources = (self.sources)(row);
            let subject = (self.subject)(row);
            let kind = match (self.suffix)(row) {
                Some(suffix) => format!("{}:{suffix}", programme.key).into(),
                None => Arc::clone(&programme.key),
            };
            if programme.has_stock() {
                // A standard that nobody measured is no gap yet: the measurement is asked for.
                let Some(have) = result.have(row) else {
                    *asked.entry((programme.key.to_string(), "have".to_owned())).or_default() += 1;
                    continue;
                };
                out.stocks.push(Stock {
                    area: programme.area,
                    kind: Arc::clone(&kind),
                    subject,
                    period: self.period,
                    unit: programme.unit,
                    have,
                    need: quantity,
                    place,
                    evidence: sources.first().copied().unwrap_or(0),
                });
            }
            out.duties.push(Duty {
                area: programme.area,
                kind,
                subject,
                period: self.period,
                quantity,
                unit: programme.unit,
                due_on: result.due_on(row),
                bearer: Arc::clone(bearer),
                place,
                because: Because {
                    rule: because.rule,
                    basis: because.basis,
                    facts: because.facts,
                    sources,
                },
            });
        }
    }
}

const NO_SUFFIX: &dyn Fn(usize) -> Option<Arc<str>> = &|_| None;
const NO_SCHOOL: &dyn Fn(usize) -> Option<u32> = &|_| None;

/// All duties of the county as of the registers' day.
pub(super) fn all(
    registers: &Registers,
    policies: &PolicySet,
    posts: &BTreeMap<u32, fujiao_school::posts::Posts>,
    asked: &mut Asked,
) -> Result<Owed, PolicyError> {
    let mut out = Owed::default();
    aid(registers, policies, &mut out, asked)?;
    meals(registers, policies, &mut out, asked)?;
    schooling(registers, policies, &mut out, asked)?;
    pairing(registers, policies, &mut out, asked)?;
    households(registers, policies, &mut out, asked)?;
    graduates(registers, policies, &mut out, asked)?;
    schools(registers, policies, posts, &mut out, asked)?;
    classes(registers, policies, &mut out, asked)?;
    funds(registers, policies, &mut out, asked)?;
    Ok(out)
}

/// The days on which the rules of an area look at their facts: the first of the period, the day of assessment.
fn seen_on(policies: &PolicySet, area: Area, start: Date, as_of: Date) -> Vec<(Seen, Date)> {
    [(Seen::Start, start), (Seen::Assessment, as_of)]
        .into_iter()
        .filter(|(seen, _)| {
            policies.programmes().iter().any(|p| p.is_on() && p.area == area && p.seen == *seen)
        })
        .collect()
}

/// Pupils enrolled on the first day of a period, and their frame.
pub(super) fn pupils_on(registers: &Registers, school_year: i16, day: Date) -> Vec<&Enrolment> {
    counting_on(of_year(&registers.enrolments, school_year), day).collect()
}

/// Rows that a pupil's facts came from: the enrolment and the certificates that held.
pub(super) fn pupil_sources(registers: &Registers, of: &Enrolment, day: Date) -> Vec<u64> {
    let mut rows: Vec<u64> = std::iter::once(of.row)
        .chain(registers.standings.on(of.person, day).map(|d| d.row))
        .map(|row| registers.rows[row as usize].id)
        .collect();
    rows.sort_unstable();
    rows.dedup();
    rows
}

/// Adds the duties of pupils for one period.
#[expect(
    clippy::too_many_arguments,
    reason = "a frame, what it is asked, and where the answer goes"
)]
fn pupil_case(
    registers: &Registers,
    policies: &PolicySet,
    pupils: &[&Enrolment],
    frame: &Frame,
    period: Period,
    day: Date,
    out: &mut Owed,
    asked: &mut Asked,
    wanted: impl Fn(&Programme) -> bool,
) -> Result<(), PolicyError> {
    Case {
        registers,
        policies,
        frame,
        period,
        subject: &|row| Subject::person(registers.persons[pupils[row].person as usize].id),
        place: &|row| {
            registers.persons[pupils[row].person as usize]
                .place
                .or_else(|| registers.school_place(pupils[row].school))
        },
        school: &|row| pupils[row].school,
        sources: &|row| pupil_sources(registers, pupils[row], day),
        suffix: NO_SUFFIX,
    }
    .add(out, asked, wanted)
}

/// Student aid: each term from the first enrolments on whose list is closed.
fn aid(
    registers: &Registers,
    policies: &PolicySet,
    out: &mut Owed,
    asked: &mut Asked,
) -> Result<(), PolicyError> {
    let Some(first) = registers.enrolments.first() else { return Ok(()) };
    let mut term = Term::new(first.school_year, fujiao_model::Season::Autumn);
    while term <= registers.term {
        let day = term.start();
        let period = Period::Term(term);
        let open = policies.programmes().iter().any(|p| {
            p.area == Area::Aid
                && p.is_on()
                && p.rhythm == Rhythm::Term
                && p.opens_on.day(period, registers.as_of).is_some_and(|d| d <= registers.as_of)
        });
        if open {
            out.periods.insert(period);
            let pupils = pupils_on(registers, term.school_year(), day);
            for (seen, day) in seen_on(policies, Area::Aid, day, registers.as_of) {
                let frame = frames::pupils(registers, &pupils, day)?;
                pupil_case(registers, policies, &pupils, &frame, period, day, out, asked, |p| {
                    p.area == Area::Aid && p.seen == seen
                })?;
            }
        }
        term = term.next();
    }
    Ok(())
}

/// Meals: each month of the calendar that is over.
fn meals(
    registers: &Registers,
    policies: &PolicySet,
    out: &mut Owed,
    asked: &mut Asked,
) -> Result<(), PolicyError> {
    let absent = registers.absent_days();
    for (&(year, month), &school_days) in &registers.school_days() {
        let period = Period::Month(year, month);
        let Some((first, last)) = period.days() else { continue };
        if last >= registers.as_of {
            continue;
        }
        out.periods.insert(period);
        let pupils = pupils_on(registers, Term::of(first).school_year(), first);
        for (seen, day) in seen_on(policies, Area::Meals, first, registers.as_of) {
            let mut frame = frames::pupils(registers, &pupils, day)?;
            frame.set_ints("school_days", pupils.iter().map(|_| Some(school_days)))?;
            let absent =
                |e: &&Enrolment| Some(absent.get(&(e.person, year, month)).copied().unwrap_or(0));
            frame.set_ints("absent_days", pupils.iter().map(absent))?;
            pupil_case(registers, policies, &pupils, &frame, period, day, out, asked, |p| {
                p.area == Area::Meals && p.seen == seen
            })?;
        }
    }
    Ok(())
}

/// Schooling: residents of school age.
fn schooling(
    registers: &Registers,
    policies: &PolicySet,
    out: &mut Owed,
    asked: &mut Asked,
) -> Result<(), PolicyError> {
    let rows = registers.by_kind.get(RosterKind::Residents);
    let mut residents: Vec<(u32, u32)> =
        rows.iter().map(|&r| (registers.person_of[r as usize], r)).collect();
    residents.sort_unstable();
    residents.dedup_by_key(|(person, _)| *person);
    let persons: Vec<u32> = residents.iter().map(|(p, _)| *p).collect();
    let frame =
        frames::residents(registers, &persons, registers.as_of, registers.term.school_year())?;
    Case {
        registers,
        policies,
        frame: &frame,
        period: Period::Term(registers.term),
        subject: &|row| Subject::person(registers.persons[persons[row] as usize].id),
        place: &|row| registers.persons[persons[row] as usize].place,
        school: NO_SCHOOL,
        sources: &|row| vec![registers.rows[residents[row].1 as usize].id],
        suffix: NO_SUFFIX,
    }
    .add(out, asked, |p| p.area == Area::Schooling)
}

/// Pairing: a mentor this school year, a contact in each month that is over.
fn pairing(
    registers: &Registers,
    policies: &PolicySet,
    out: &mut Owed,
    asked: &mut Asked,
) -> Result<(), PolicyError> {
    let year = registers.term.school_year();
    let pupils = pupils_on(registers, year, registers.as_of);
    let start = Period::SchoolYear(year).days().map_or(registers.as_of, |(first, _)| first);
    for (seen, day) in seen_on(policies, Area::Pairing, start, registers.as_of) {
        let frame = frames::pupils(registers, &pupils, day)?;
        let wanted = |p: &Programme| p.area == Area::Pairing && p.seen == seen;
        let whole = Period::SchoolYear(year);
        pupil_case(registers, policies, &pupils, &frame, whole, day, out, asked, wanted)?;
        let mut month = jiff::civil::date(year, 9, 1);
        while month.last_of_month() < registers.as_of {
            let period = Period::Month(month.year(), month.month());
            out.periods.insert(period);
            pupil_case(registers, policies, &pupils, &frame, period, day, out, asked, wanted)?;
            month = month.last_of_month().tomorrow().expect("the calendar goes on");
        }
    }
    Ok(())
}

/// One trained member a listed household.
fn households(
    registers: &Registers,
    policies: &PolicySet,
    out: &mut Owed,
    asked: &mut Asked,
) -> Result<(), PolicyError> {
    let listed: Vec<u32> = (0..registers.households.len())
        .map(|h| u32::try_from(h).expect("households fit 32 bits"))
        .filter(|&h| !registers.listed_members(h).is_empty())
        .collect();
    let frame = frames::households(registers, &listed, registers.as_of)?;
    for period in periods_of(policies, Area::Training, registers) {
        Case {
            registers,
            policies,
            frame: &frame,
            period,
            subject: &|row| Subject::household(registers.households[listed[row] as usize].id),
            place: &|row| registers.households[listed[row] as usize].place,
            school: NO_SCHOOL,
            sources: &|row| {
                let members = registers.listed_members(listed[row]).iter();
                let mut rows: Vec<u64> = members
                    .filter_map(|&m| registers.on_poor_list[m as usize])
                    .map(|r| registers.rows[r as usize].id)
                    .collect();
                rows.sort_unstable();
                rows
            },
            suffix: NO_SUFFIX,
        }
        .add(out, asked, |p| p.area == Area::Training)?;
    }
    Ok(())
}

/// The current periods of an area's rhythms that are no terms or months.
fn periods_of(policies: &PolicySet, area: Area, registers: &Registers) -> Vec<Period> {
    let mut periods: Vec<Period> = policies
        .programmes()
        .iter()
        .filter(|p| p.area == area && p.is_on())
        .map(|p| match p.rhythm {
            Rhythm::Once => Period::Once,
            Rhythm::Year => Period::Year(registers.as_of.year()),
            Rhythm::SchoolYear => Period::SchoolYear(registers.term.school_year()),
            Rhythm::Term => Period::Term(registers.term),
            Rhythm::Month | Rhythm::SchoolDay => {
                Period::Month(registers.as_of.year(), registers.as_of.month())
            }
        })
        .collect();
    periods.sort_unstable();
    periods.dedup();
    periods
}

/// Work at the end of the course: each graduate's latest session.
fn graduates(
    registers: &Registers,
    policies: &PolicySet,
    out: &mut Owed,
    asked: &mut Asked,
) -> Result<(), PolicyError> {
    let latest = deeds::latest_sessions(registers);
    let rows: Vec<u32> = latest.into_values().collect();
    let fields = |row: u32| &registers.rows[row as usize].fields;
    let mut frame = Frame::new(FrameKind::Trainee, rows.len());
    let ended =
        |row: u32| fields(row).date(Field::TrainedTo).map(fujiao_model::PartialDate::latest);
    frame.set_codes(
        "course_kind",
        rows.iter().map(|&r| fields(r).text(Field::CourseKind).map(deeds::course_kind)),
    )?;
    frame.set_flags("completed", rows.iter().map(|&r| Some(deeds::is_completed(fields(r)))))?;
    frame.set_dates("trained_to", rows.iter().map(|&r| ended(r)))?;
    let since = |r: u32| {
        ended(r).and_then(|d| d.until(registers.as_of).ok()).map(|s| i64::from(s.get_days()))
    };
    frame.set_ints("days_since_end", rows.iter().map(|&r| since(r)))?;
    let person = |row: usize| &registers.persons[registers.actor_of(rows[row]) as usize];
    for period in periods_of(policies, Area::Jobs, registers) {
        Case {
            registers,
            policies,
            frame: &frame,
            period,
            subject: &|row| Subject::person(person(row).id),
            place: &|row| person(row).place,
            school: NO_SCHOOL,
            sources: &|row| vec![registers.rows[rows[row] as usize].id],
            suffix: NO_SUFFIX,
        }
        .add(out, asked, |p| p.area == Area::Jobs)?;
    }
    Ok(())
}

/// Conditions and posts of every school that is open and in the schools' roster.
fn schools(
    registers: &Registers,
    policies: &PolicySet,
    posts: &BTreeMap<u32, fujiao_school::posts::Posts>,
    out: &mut Owed,
    asked: &mut Asked,
) -> Result<(), PolicyError> {
    let open: Vec<u32> = (0..registers.schools.all.len())
        .filter(|&s| registers.schools.all[s].row.is_some() && !registers.schools.all[s].closed)
        .map(|s| u32::try_from(s).expect("few schools"))
        .collect();
    let year = of_year(&registers.enrolments, registers.term.school_year());
    let mut bodies: BTreeMap<u32, Body> = BTreeMap::new();
    let mut classes: BTreeMap<
        u32,
        std::collections::BTreeSet<(Option<fujiao_model::Grade>, &str)>,
    > = BTreeMap::new();
    for e in counting_on(year, registers.as_of) {
        let Some(school) = e.school else { continue };
        let body = bodies.entry(school).or_default();
        body.pupils += 1;
        body.primary += i64::from(e.stage == Some(Stage::Primary));
        body.junior += i64::from(e.stage == Some(Stage::Junior));
        body.senior += i64::from(matches!(e.stage, Some(Stage::Senior | Stage::Vocational)));
        body.boarders += i64::from(e.boarding == Some(fujiao_model::Boarding::Boards));
        let class = registers.rows[e.row as usize].fields.text(Field::Class).unwrap_or_default();
        classes.entry(school).or_default().insert((e.grade, class));
    }
    let classes = classes
        .into_iter()
        .map(|(s, c)| (s, i64::try_from(c.len()).expect("few classes")))
        .collect();
    let frame = frames::schools(registers, &open, &bodies, &classes, posts)?;
    let school = |row: usize| &registers.schools.all[open[row] as usize];
    let mut periods = periods_of(policies, Area::Conditions, registers);
    periods.extend(periods_of(policies, Area::Teachers, registers));
    periods.sort_unstable();
    periods.dedup();
    for period in periods {
        Case {
            registers,
            policies,
            frame: &frame,
            period,
            subject: &|row| Subject::school(school(row).id),
            place: &|row| school(row).town,
            school: &|row| Some(open[row]),
            sources: &|row| {
                school(row).row.map(|r| registers.rows[r as usize].id).into_iter().collect()
            },
            suffix: NO_SUFFIX,
        }
        .add(out, asked, |p| matches!(p.area, Area::Conditions | Area::Teachers))?;
    }
    Ok(())
}

/// Class places: each class of this school year.
fn classes(
    registers: &Registers,
    policies: &PolicySet,
    out: &mut Owed,
    asked: &mut Asked,
) -> Result<(), PolicyError> {
    let year = of_year(&registers.enrolments, registers.term.school_year());
    let mut sizes: BTreeMap<(u32, fujiao_model::Grade, &str), (i64, u32)> = BTreeMap::new();
    for e in counting_on(year, registers.as_of) {
        if let (Some(school), Some(grade)) = (e.school, e.grade) {
            let class = registers.rows[e.row as usize].fields.text(Field::Class).unwrap_or("1");
            sizes.entry((school, grade, class)).or_insert((0, e.row)).0 += 1;
        }
    }
    let list: Vec<_> = sizes.into_iter().collect();
    let mut frame = Frame::new(FrameKind::Class, list.len());
    frame.set_codes("stage", list.iter().map(|((_, g, _), _)| Some(g.stage().code())))?;
    frame.set_ints("grade_year", list.iter().map(|((_, g, _), _)| Some(i64::from(g.year()))))?;
    frame.set_ints("pupils", list.iter().map(|(_, (n, _))| Some(*n)))?;
    let school = |row: usize| &registers.schools.all[list[row].0.0 as usize];
    for period in periods_of(policies, Area::Places, registers) {
        Case {
            registers,
            policies,
            frame: &frame,
            period,
            subject: &|row| Subject::school(school(row).id),
            place: &|row| school(row).town,
            school: &|row| Some(list[row].0.0),
            sources: &|row| vec![registers.rows[list[row].1.1 as usize].id],
            suffix: &|row| Some(format!("{}.{}", list[row].0.1.code(), list[row].0.2).into()),
        }
        .add(out, asked, |p| p.area == Area::Places)?;
    }
    Ok(())
}

/// Money received, to be spent by its date.
fn funds(
    registers: &Registers,
    policies: &PolicySet,
    out: &mut Owed,
    asked: &mut Asked,
) -> Result<(), PolicyError> {
    let rows = registers.by_kind.get(RosterKind::Appropriations);
    let fields = |row: &u32| &registers.rows[*row as usize].fields;
    let day = |row: &u32, field| fields(row).date(field).map(fujiao_model::PartialDate::latest);
    let mut frame = Frame::new(FrameKind::Fund, rows.len());
    frame.set_ints(
        "amount",
        rows.iter().map(|r| fields(r).money(Field::Amount).map(fujiao_model::Money::as_fen)),
    )?;
    frame.set_dates("arrived_on", rows.iter().map(|r| day(r, Field::ArrivedOn)))?;
    frame.set_dates("spend_by", rows.iter().map(|r| day(r, Field::SpendBy)))?;
    let county = registers.county_division();
    for period in periods_of(policies, Area::Funds, registers) {
        Case {
            registers,
            policies,
            frame: &frame,
            period,
            subject: &|row| Subject::fund(fund_id(registers, rows[row])),
            place: &|_| Some(county),
            school: NO_SCHOOL,
            sources: &|row| vec![registers.rows[rows[row] as usize].id],
            suffix: NO_SUFFIX,
        }
        .add(out, asked, |p| p.area == Area::Funds)?;
    }
    Ok(())
}

/// The id of the sum of money that a row of appropriations or spending speaks of.
pub(crate) fn fund_id(registers: &Registers, row: u32) -> u64 {
    let fields = &registers.rows[row as usize].fields;
    stable_id(
        "fund",
        fields.text(Field::FundNo).or_else(|| fields.text(Field::FundName)).unwrap_or_default(),
    )
}
