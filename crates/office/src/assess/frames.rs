//! The registers as columns: what the rules are asked about.

use std::collections::BTreeMap;

use fujiao_model::{AssistanceKind, Boarding, Field, LabourAbility, RosterKind, Stage, Term};
use fujiao_policy::{Frame, FrameKind, PolicyError};
use jiff::civil::{Date, date};

use super::Registers;
use crate::registers::enrolments::Enrolment;
use crate::registers::standing::Standing;

/// Whole years at a day; `None` where the year of birth is not on file. A missing month or day counts as the first.
pub(super) fn age_on(born: Option<fujiao_model::PartialDate>, day: Date) -> Option<i64> {
    let born = born?.earliest();
    let had_birthday = (day.month(), day.day()) >= (born.month(), born.day());
    Some(i64::from(day.year() - born.year()) - i64::from(!had_birthday))
}

/// School days of a term and each pupil's days absent, for what is owed by the school day.
pub(super) fn set_days_of_term(
    registers: &Registers,
    frame: &mut Frame,
    of: &[&Enrolment],
    term: Term,
) -> Result<(), PolicyError> {
    let inside = |year: i16, month: i8| Term::of(date(year, month, 1)) == term;
    let days = registers.school_days();
    let months: Vec<i64> =
        days.iter().filter(|((y, m), _)| inside(*y, *m)).map(|(_, n)| *n).collect();
    if months.is_empty() {
        return Ok(());
    }
    let all = months.iter().sum();
    let mut absent: BTreeMap<u32, i64> = BTreeMap::new();
    for ((person, year, month), n) in registers.absent_days() {
        if inside(year, month) {
            *absent.entry(person).or_default() += n;
        }
    }
    frame.set_ints("school_days", of.iter().map(|_| Some(all)))?;
    let absent = |e: &&Enrolment| Some(absent.get(&e.person).copied().unwrap_or(0));
    frame.set_ints("absent_days", of.iter().map(absent))
}

/// A frame of pupils, one row an enrolment, with standings as of `day`.
pub(super) fn pupils(
    registers: &Registers,
    of: &[&Enrolment],
    day: Date,
) -> Result<Frame, PolicyError> {
    let mut frame = Frame::new(FrameKind::Pupil, of.len());
    let school = |e: &Enrolment| e.school.map(|s| &registers.schools.all[s as usize]);
    let fields = |e: &Enrolment| &registers.rows[e.row as usize].fields;
    frame.set_codes("stage", of.iter().map(|e| e.stage.map(Stage::code)))?;
    frame.set_codes("grade", of.iter().map(|e| e.grade.map(fujiao_model::Grade::code)))?;
    frame.set_ints("grade_year", of.iter().map(|e| e.grade.map(|g| i64::from(g.year()))))?;
    frame.set_flags("boards", of.iter().map(|e| e.boarding.map(|b| b == Boarding::Boards)))?;
    frame.set_flags("day", of.iter().map(|e| e.boarding.map(|b| b == Boarding::Day)))?;
    frame.set_flags("rural_school", of.iter().map(|e| school(e).and_then(|s| s.rural)))?;
    let standard = |e: &&Enrolment| {
        let row = school(e)?.row?;
        registers.rows[row as usize].fields.text(Field::StandardGrade)
    };
    frame.set_codes("school_standard", of.iter().map(standard))?;
    let in_province = |e: &&Enrolment| match fields(e).text(Field::Destination)? {
        "省内" => Some(true),
        "省外" => Some(false),
        _ => None,
    };
    frame.set_flags("in_province", of.iter().map(in_province))?;
    let college = |e: &&Enrolment| {
        let name = school(e).filter(|_| e.stage == Some(Stage::Higher))?.name.as_str();
        Some(if name.contains("职业") || name.contains("技师") {
            "高职"
        } else if name.contains("专科") {
            "大专"
        } else {
            "本科"
        })
    };
    frame.set_codes("college_kind", of.iter().map(college))?;
    frame.set_ints(
        "age",
        of.iter().map(|e| age_on(registers.persons[e.person as usize].born, day)),
    )?;
    // Rosters of pupils hold full-time 学籍 in force. No roster carries the pupil's major, which stays unknown and is asked for;
    // nor hardship, which is recognised in the books: whoever is not recognised there has none.
    frame.set_flags("part_time", of.iter().map(|_| Some(false)))?;
    frame.set_flags("on_leave", of.iter().map(|_| Some(false)))?;
    let year = Term::of(day).school_year();
    let level = |e: &&Enrolment| {
        let id = registers.persons[e.person as usize].id;
        Some(registers.recognised.get(&(id, year)).map_or("none", String::as_str))
    };
    frame.set_codes("recognised", of.iter().map(level))?;
    let persons: Vec<u32> = of.iter().map(|e| e.person).collect();
    standings(registers, &mut frame, &persons, day, &PUPIL_STANDINGS)?;
    Ok(frame)
}

pub(super) const PUPIL_STANDINGS: [(&str, Standing); 14] = [
    ("lifted", Standing::Lifted),
    ("monitored", Standing::Monitored),
    ("disabled", Standing::Disabled),
    ("left_behind", Standing::LeftBehind),
    ("left_behind_pupil", Standing::LeftBehindPupil),
    ("dibao_rural", Standing::Assisted(AssistanceKind::DibaoRural)),
    ("dibao_urban", Standing::Assisted(AssistanceKind::DibaoUrban)),
    ("extreme_rural", Standing::Assisted(AssistanceKind::ExtremeRural)),
    ("extreme_urban", Standing::Assisted(AssistanceKind::ExtremeUrban)),
    ("dibao_edge", Standing::Assisted(AssistanceKind::DibaoEdge)),
    ("rigid_expense", Standing::Assisted(AssistanceKind::RigidExpense)),
    ("orphan", Standing::Assisted(AssistanceKind::Orphan)),
    ("defacto_orphan", Standing::Assisted(AssistanceKind::DefactoOrphan)),
    ("in_difficulty", Standing::Assisted(AssistanceKind::InDifficulty)),
];

/// Sets the standing columns. Whoever is on no list is not what the list certifies: the departments' lists are whole.
fn standings(
    registers: &Registers,
    frame: &mut Frame,
    persons: &[u32],
    day: Date,
    columns: &[(&str, Standing)],
) -> Result<(), PolicyError> {
    let mut bits = vec![0_u32; persons.len()];
    for (bits, &person) in bits.iter_mut().zip(persons) {
        for dated in registers.standings.on(person, day) {
            if let Some(at) = columns.iter().position(|(_, s)| *s == dated.standing) {
                *bits |= 1 << at;
            }
        }
    }
    for (at, (name, _)) in columns.iter().enumerate() {
        frame.set_flags(name, bits.iter().map(|b| Some(b >> at & 1 == 1)))?;
    }
    Ok(())
}

/// A frame of residents, one row a person of the household register.
pub(super) fn residents(
    registers: &Registers,
    of: &[u32],
    as_of: Date,
    school_year: i16,
) -> Result<Frame, PolicyError> {
    let mut frame = Frame::new(FrameKind::Resident, of.len());
    let august = date(school_year, 8, 31);
    frame.set_ints(
        "age_on_aug31",
        of.iter().map(|&p| age_on(registers.persons[p as usize].born, august)),
    )?;
    frame.set_flags("present", of.iter().map(|&p| Some(registers.is_present(p))))?;
    frame.set_flags(
        "exempt",
        of.iter().map(|&p| Some(registers.exemption_on(p, as_of).is_some())),
    )?;
    Ok(frame)
}

/// A frame of listed households, one row each, as of `day`.
pub(super) fn households(
    registers: &Registers,
    of: &[u32],
    day: Date,
) -> Result<Frame, PolicyError> {
    let mut frame = Frame::new(FrameKind::Household, of.len());
    let members = |h: &u32| registers.listed_members(*h).iter();
    let any = |h: &u32, standing: Standing| {
        members(h).any(|&m| registers.standings.on(m, day).any(|d| d.standing == standing))
    };
    frame.set_flags("lifted", of.iter().map(|h| Some(any(h, Standing::Lifted))))?;
    frame.set_flags("monitored", of.iter().map(|h| Some(any(h, Standing::Monitored))))?;
    frame.set_ints("members", of.iter().map(|h| i64::try_from(members(h).len()).ok()))?;
    let able = |h: &u32| {
        let able = members(h).filter(|&&m| {
            let working_age = age_on(registers.persons[m as usize].born, day)
                .is_some_and(|a| (16..=59).contains(&a));
            let ability = registers.labour_ability(m);
            working_age
                && matches!(
                    ability,
                    Some(LabourAbility::Normal | LabourAbility::Skilled | LabourAbility::Weak)
                )
        });
        i64::try_from(able.count()).ok()
    };
    frame.set_ints("able_members", of.iter().map(able))?;
    Ok(frame)
}

/// Pupils of one school by what the standards ask about.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Body {
    pub pupils: i64,
    pub primary: i64,
    pub junior: i64,
    pub senior: i64,
    pub boarders: i64,
}

/// A frame of schools, one row each: what the schools' roster says, and pupils and staff counted from their own rosters.
pub(super) fn schools(
    registers: &Registers,
    of: &[u32],
    bodies: &BTreeMap<u32, Body>,
    classes: &BTreeMap<u32, i64>,
    posts: &BTreeMap<u32, fujiao_school::posts::Posts>,
) -> Result<Frame, PolicyError> {
    let mut frame = Frame::new(FrameKind::School, of.len());
    let school = |s: &u32| &registers.schools.all[*s as usize];
    let fields = |s: &u32| school(s).row.map(|r| &registers.rows[r as usize].fields);
    frame.set_codes("school_stage", of.iter().map(|s| school(s).stage.map(Stage::code)))?;
    frame.set_codes(
        "school_kind",
        of.iter().map(|s| Some(school(s).kind.as_str()).filter(|k| !k.is_empty())),
    )?;
    frame.set_flags("rural_school", of.iter().map(|s| school(s).rural))?;
    let body = |s: &u32| bodies.get(s).copied().unwrap_or_default();
    for (name, count) in [
        ("pupils", (|b| b.pupils) as fn(Body) -> i64),
        ("pupils_primary", |b| b.primary),
        ("pupils_junior", |b| b.junior),
        ("pupils_senior", |b| b.senior),
        ("boarders", |b| b.boarders),
    ] {
        frame.set_ints(name, of.iter().map(|s| Some(count(body(s)))))?;
    }
    // Rural pupils of compulsory age all eat in school; elsewhere nobody says who does.
    let diners = |s: &u32| {
        school(s).rural.map(|rural| if rural { body(s).primary + body(s).junior } else { 0 })
    };
    frame.set_ints("diners", of.iter().map(diners))?;
    frame.set_ints("classes", of.iter().map(|s| Some(classes.get(s).copied().unwrap_or(0))))?;
    for (name, field) in [
        ("building_area", Field::BuildingArea),
        ("teaching_area", Field::TeachingArea),
        ("sports_area", Field::SportsArea),
        ("dorm_beds", Field::DormBeds),
        ("canteen_area", Field::CanteenArea),
        ("canteen_staff", Field::CanteenStaff),
        ("toilet_places", Field::ToiletPlaces),
        ("multimedia_rooms", Field::MultimediaRooms),
        ("desks", Field::Desks),
        ("dangerous_area", Field::DangerousArea),
        ("guards", Field::Guards),
    ] {
        frame.set_ints(name, of.iter().map(|s| fields(s).and_then(|f| f.number(field))))?;
    }
    let equipment = |s: &u32| {
        fields(s).and_then(|f| f.money(Field::EquipmentValue)).map(fujiao_model::Money::as_fen)
    };
    frame.set_ints("equipment_value", of.iter().map(equipment))?;
    let has_staff_roster = !registers.by_kind.get(RosterKind::Teachers).is_empty();
    let in_quota = |s: &u32| has_staff_roster.then(|| posts.get(s).map_or(0, |p| p.in_quota / 100));
    frame.set_ints("staff_in_quota", of.iter().map(in_quota))?;
    let needed = |s: &u32| Some(posts.get(s).map_or(0, |p| p.needed));
    frame.set_ints("posts_by_norm", of.iter().map(needed))?;
    Ok(frame)
}
