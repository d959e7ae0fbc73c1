//! The five fields of present state that the county reports, counted from the assessment.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use fujiao_model::{
    Area, AssistanceKind, ExcessKind, ExemptionKind, Field, Grade, Money, PartialDate, Period,
    RosterKind, Stage, Subject, Term,
};
use fujiao_report::{
    AidLine, AidSum, ContactMonth, CountyReport, CourseFigures, GapLine, MealFigures, MealMonth,
    PairingFigures, SchoolingFigures, Totals, TrainingFigures,
};

use crate::assess::{Registers, deeds};
use crate::registers::enrolments::of_year;
use crate::registers::standing::Standing;
use crate::{Assessment, Office};

impl Office {
    /// Everything that the county's report says.
    pub(super) fn county_report(
        &self,
        assessment: &Assessment,
        totals: &Totals,
        lines: &[GapLine],
        bureau: Arc<str>,
    ) -> CountyReport {
        let registers = &assessment.registers;
        let county = self.county.as_ref();
        CountyReport {
            county: county.map_or("本县", |c| c.name.as_str()).into(),
            bureau,
            as_of: registers.as_of,
            sample: county.is_some_and(|c| c.made),
            areas: totals.areas.clone(),
            kinds: totals.kinds.clone(),
            towns: totals.towns.clone(),
            aid: self.aid_lines(assessment),
            meals: meals(assessment),
            schooling: schooling(assessment),
            pairing: pairing(assessment),
            training: training(assessment),
            problems: fujiao_report::problems(lines, &totals.areas, registers.as_of),
            // Books that cannot be read say so where they are written.
            plans: self.plan_figures().unwrap_or_default(),
        }
    }

    /// Aid by stage, programme and term.
    fn aid_lines(&self, assessment: &Assessment) -> Vec<AidLine> {
        let registers = &assessment.registers;
        let mut lines: BTreeMap<(Term, Stage, Arc<str>), AidLine> = BTreeMap::new();
        let stages = stages(registers);
        let positions: BTreeMap<u64, u32> =
            registers.persons.iter().zip(0..).map(|(p, at)| (p.id, at)).collect();
        let mut titles: BTreeMap<Arc<str>, Arc<str>> = BTreeMap::new();
        let mut title = |kind: &Arc<str>| {
            Arc::clone(titles.entry(Arc::clone(kind)).or_insert_with(|| self.kind_title(kind)))
        };
        let stage_of = |subject: Subject, term: Term, row: Option<u64>| {
            let at = *positions.get(&subject.id)?;
            stages.get(&(at, term.school_year())).copied().or_else(|| {
                let row = registers.rows.binary_search_by_key(&row?, |r| r.id).ok()?;
                let grade = registers.rows[row].fields.text(Field::Grade).and_then(Grade::parse)?;
                Some(grade.stage())
            })
        };
        let settlement = &assessment.settled.settlement;
        for (duty, &done) in assessment.settled.duties.iter().zip(&settlement.done) {
            let (Area::Aid, Period::Term(term)) = (duty.area, duty.period) else { continue };
            let Some(stage) = stage_of(duty.subject, term, None) else { continue };
            let name = title(&duty.kind);
            let line = lines
                .entry((term, stage, Arc::clone(&name)))
                .or_insert_with(|| blank(stage, term, name));
            add(line.due.get_or_insert_default(), 1, duty.quantity);
            if done < duty.quantity {
                add(&mut line.missed, 1, duty.quantity - done);
            }
        }
        for deed in &assessment.settled.deeds {
            let (Area::Aid, Period::Term(term)) = (deed.area, deed.period) else { continue };
            let stage = stage_of(deed.subject, term, Some(deed.evidence)).unwrap_or(Stage::Higher);
            let name = title(&deed.kind);
            let line = lines
                .entry((term, stage, Arc::clone(&name)))
                .or_insert_with(|| blank(stage, term, name));
            let first = positions
                .get(&deed.subject.id)
                .is_some_and(|&at| is_first_class(registers, at, term));
            let class = if first { &mut line.first_class } else { &mut line.second_class };
            // A return takes its payment's person-time back.
            for sum in [&mut line.paid, class] {
                if deed.quantity < 0 {
                    sum.times = sum.times.saturating_sub(1);
                    sum.amount += Money::fen(deed.quantity);
                } else {
                    add(sum, 1, deed.quantity);
                }
            }
        }
        for excess in &settlement.excesses {
            let deed = &assessment.settled.deeds[excess.deed];
            let (Area::Aid, Period::Term(term)) = (deed.area, deed.period) else { continue };
            let stage = stage_of(deed.subject, term, Some(deed.evidence)).unwrap_or(Stage::Higher);
            let name = title(&deed.kind);
            if let Some(line) = lines.get_mut(&(term, stage, name)) {
                let sum = match excess.kind {
                    ExcessKind::Unfounded => &mut line.unfounded,
                    ExcessKind::Repeated => &mut line.repeated,
                    ExcessKind::Over => &mut line.over,
                };
                add(sum, 1, excess.quantity);
            }
        }
        add_loans(assessment, &positions, &mut lines);
        lines.into_values().collect()
    }
}

fn blank(stage: Stage, term: Term, programme: Arc<str>) -> AidLine {
    AidLine {
        loan: false,
        stage,
        programme,
        term,
        received: None,
        paid: AidSum::default(),
        first_class: AidSum::default(),
        second_class: AidSum::default(),
        due: None,
        missed: AidSum::default(),
        unfounded: AidSum::default(),
        repeated: AidSum::default(),
        over: AidSum::default(),
    }
}

/// Loans: what the books lent, and of the centre's own list what is not that.
fn add_loans(
    assessment: &Assessment,
    positions: &BTreeMap<u64, u32>,
    lines: &mut BTreeMap<(Term, Stage, Arc<str>), AidLine>,
) {
    let registers = &assessment.registers;
    let loan: Arc<str> = "生源地信用助学贷款".into();
    // What the books lent; the centre's own list says it again.
    let mut lent = BTreeSet::new();
    for deed in &assessment.settled.deeds {
        let Period::SchoolYear(year) = deed.period else { continue };
        if &*deed.kind != crate::loans::KIND.0 {
            continue;
        }
        lent.insert((deed.subject.id, year));
        let term = Term::new(year, fujiao_model::Season::Autumn);
        let line = lines
            .entry((term, Stage::Higher, Arc::clone(&loan)))
            .or_insert_with(|| blank(Stage::Higher, term, Arc::clone(&loan)));
        let first =
            positions.get(&deed.subject.id).is_some_and(|&at| is_first_class(registers, at, term));
        let class = if first { &mut line.first_class } else { &mut line.second_class };
        line.loan = true;
        add(&mut line.paid, 1, deed.quantity);
        add(class, 1, deed.quantity);
    }
    for &at in registers.by_kind.get(RosterKind::Loans) {
        let fields = &registers.rows[at as usize].fields;
        let (Some(amount), Some(term)) = (fields.money(Field::Amount), fields.term(Field::Term))
        else {
            continue;
        };
        let person = registers.persons[registers.actor_of(at) as usize].id;
        if lent.contains(&(person, term.school_year())) {
            continue;
        }
        let line = lines
            .entry((term, Stage::Higher, Arc::clone(&loan)))
            .or_insert_with(|| blank(Stage::Higher, term, Arc::clone(&loan)));
        let first = is_first_class(registers, registers.person_of[at as usize], term);
        let class = if first { &mut line.first_class } else { &mut line.second_class };
        line.loan = true;
        add(&mut line.paid, 1, amount.as_fen());
        add(class, 1, amount.as_fen());
    }
}

fn add(sum: &mut AidSum, times: u64, fen: i64) {
    sum.times += times;
    sum.amount += Money::fen(fen);
}

/// The stage of each person in each school year, of the enrolment that counts.
pub(crate) fn stages(registers: &Registers) -> BTreeMap<(u32, i16), Stage> {
    // Sorted by year and person with the counting one first, so the first of each stays.
    let mut stages = BTreeMap::new();
    for e in &registers.enrolments {
        if let Some(stage) = e.stage {
            stages.entry((e.person, e.school_year)).or_insert(stage);
        }
    }
    stages
}

/// 1 类: 脱贫, 监测, 低保, 特困, 孤儿, 事实无人抚养, 残疾, on the first day of the term.
pub(crate) fn is_first_class(registers: &Registers, person: u32, term: Term) -> bool {
    registers.standings.on(person, term.start()).any(|d| match d.standing {
        Standing::Lifted | Standing::Monitored | Standing::Disabled => true,
        Standing::LeftBehind | Standing::LeftBehindPupil => false,
        Standing::Assisted(kind) => !matches!(
            kind,
            AssistanceKind::DibaoEdge | AssistanceKind::RigidExpense | AssistanceKind::InDifficulty
        ),
    })
}

/// Duties of an area with what was done.
fn of_area(
    assessment: &Assessment,
    area: Area,
) -> impl Iterator<Item = (&fujiao_model::Duty, i64)> {
    let done = assessment.settled.settlement.done.iter().copied();
    assessment.settled.duties.iter().zip(done).filter(move |(d, _)| d.area == area)
}

/// Deeds of an area with what of them is beyond any duty.
fn excesses_of(
    assessment: &Assessment,
    area: Area,
) -> impl Iterator<Item = (&fujiao_model::Deed, i64)> {
    let excesses = assessment.settled.settlement.excesses.iter();
    excesses
        .map(|e| (&assessment.settled.deeds[e.deed], e.quantity))
        .filter(move |(d, _)| d.area == area)
}

fn meals(assessment: &Assessment) -> Option<MealFigures> {
    let registers = &assessment.registers;
    if registers.by_kind.get(RosterKind::MealLists).is_empty() {
        return None;
    }
    let mut figures = MealFigures::default();
    let year = of_year(&registers.enrolments, registers.term.school_year());
    let mut rural = BTreeSet::new();
    for e in year
        .iter()
        .filter(|e| e.holds_on(registers.as_of) && e.stage.is_some_and(Stage::is_compulsory))
    {
        if let Some(school) =
            e.school.filter(|&s| registers.schools.all[s as usize].rural == Some(true))
        {
            rural.insert(school);
        }
    }
    let mut served = BTreeSet::new();
    let mut claimed = Money::ZERO;
    for &at in registers.by_kind.get(RosterKind::MealLists) {
        served.insert(registers.school_of[at as usize]);
        claimed += registers.rows[at as usize].fields.money(Field::Amount).unwrap_or_default();
    }
    let mode = |s: &&u32| {
        let row = registers.schools.all[**s as usize].row;
        row.and_then(|r| registers.rows[r as usize].fields.text(Field::MealMode))
            .is_some_and(|m| m.contains("食堂"))
    };
    figures.schools = rural.len() as u64;
    figures.schools_served = rural.intersection(&served).count() as u64;
    figures.canteen_schools = Some(rural.intersection(&served).filter(mode).count() as u64);
    figures.claimed = Some(claimed);
    let (mut pupils, mut fed) = (BTreeSet::new(), BTreeSet::new());
    let mut months: BTreeMap<(i16, i8), MealMonth> = BTreeMap::new();
    for (duty, done) in of_area(assessment, Area::Meals) {
        pupils.insert(duty.subject);
        if done > 0 {
            fed.insert(duty.subject);
        }
        if let Period::Month(year, month) = duty.period {
            let line = months.entry((year, month)).or_insert(MealMonth {
                year,
                month,
                due: 0,
                done: 0,
                over: 0,
            });
            line.due += duty.quantity;
            line.done += done;
        }
    }
    let mut over = BTreeSet::new();
    for (deed, beyond) in excesses_of(assessment, Area::Meals) {
        if let Period::Month(year, month) = deed.period {
            let line = months.entry((year, month)).or_insert(MealMonth {
                year,
                month,
                due: 0,
                done: 0,
                over: 0,
            });
            line.over += beyond;
        }
        if let Ok(at) = registers.rows.binary_search_by_key(&deed.evidence, |r| r.id) {
            over.insert(registers.school_of[at]);
        }
    }
    figures.pupils = pupils.len() as u64;
    figures.pupils_served = fed.len() as u64;
    figures.months = months.into_values().collect();
    figures.over_schools = over.len() as u64;
    Some(figures)
}

fn schooling(assessment: &Assessment) -> Option<SchoolingFigures> {
    let registers = &assessment.registers;
    let (mut due, mut in_school) = (BTreeSet::new(), 0);
    for (duty, done) in of_area(assessment, Area::Schooling) {
        due.insert(duty.subject);
        in_school += u64::from(done >= duty.quantity);
    }
    if due.is_empty() {
        return None;
    }
    let mut exempt: BTreeMap<ExemptionKind, u64> = BTreeMap::new();
    let mut persons = BTreeSet::new();
    for &at in registers.by_kind.get(RosterKind::Exemptions) {
        let person = registers.person_of[at as usize];
        if let Some(row) = registers.exemption_on(person, registers.as_of)
            && registers.is_present(person)
            && !due.contains(&Subject::person(registers.persons[person as usize].id))
            && persons.insert(person)
        {
            let kind = registers.rows[row as usize]
                .fields
                .text(Field::ExemptionKind)
                .and_then(ExemptionKind::parse);
            *exempt.entry(kind.expect("an exemption that holds has a kind")).or_default() += 1;
        }
    }
    let double: BTreeSet<Subject> =
        excesses_of(assessment, Area::Schooling).map(|(d, _)| d.subject).collect();
    let school_age = due.len() as u64;
    Some(SchoolingFigures {
        term: registers.term,
        school_age: school_age + exempt.values().sum::<u64>(),
        in_school,
        exempt: exempt.into_iter().map(|(kind, n)| (kind.chinese().into(), n)).collect(),
        suspected: school_age - in_school,
        double_enrolled: double.len() as u64,
        returned: None,
    })
}

fn pairing(assessment: &Assessment) -> Option<PairingFigures> {
    let registers = &assessment.registers;
    if registers.by_kind.get(RosterKind::Pairings).is_empty() {
        return None;
    }
    let mut figures = PairingFigures::default();
    let mut months: BTreeMap<(i16, i8), ContactMonth> = BTreeMap::new();
    let mut lacking: BTreeSet<Subject> = BTreeSet::new();
    for (duty, done) in of_area(assessment, Area::Pairing) {
        if let Period::Month(year, month) = duty.period {
            let line = months.entry((year, month)).or_insert(ContactMonth {
                year,
                month,
                due: 0,
                done: 0,
            });
            line.due += duty.quantity;
            line.done += done;
            if done < duty.quantity {
                lacking.insert(duty.subject);
            }
        } else {
            figures.pupils += 1;
            figures.paired += u64::from(done >= duty.quantity);
        }
    }
    let mentors: BTreeSet<(Option<&str>, Option<&str>)> = registers
        .by_kind
        .get(RosterKind::Pairings)
        .iter()
        .map(|&at| {
            let fields = &registers.rows[at as usize].fields;
            (fields.text(Field::MentorName), fields.text(Field::MentorPhone))
        })
        .collect();
    let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
    let mut given: BTreeSet<Subject> = BTreeSet::new();
    for &at in registers.by_kind.get(RosterKind::Contacts) {
        let kind = registers.rows[at as usize].fields.text(Field::ContactKind).unwrap_or("未写");
        *kinds.entry(kind).or_default() += 1;
        if kind.contains("送物") {
            given.insert(Subject::person(
                registers.persons[registers.person_of[at as usize] as usize].id,
            ));
        }
    }
    let mut by_kind: Vec<(Arc<str>, u64)> = kinds.into_iter().map(|(k, n)| (k.into(), n)).collect();
    by_kind.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    figures.mentors = mentors.len() as u64;
    figures.months = months.into_values().collect();
    figures.by_kind = by_kind;
    figures.things_only = Some(given.intersection(&lacking).count() as u64);
    Some(figures)
}

/// One kind of course while its rows are counted.
struct Course<'a> {
    sessions: BTreeSet<(Option<&'a str>, Option<&'a str>, Option<PartialDate>)>,
    persons: BTreeSet<u32>,
    attendances: u64,
    completed: u64,
}

fn training(assessment: &Assessment) -> Option<TrainingFigures> {
    let registers = &assessment.registers;
    let rows = registers.by_kind.get(RosterKind::Training);
    if rows.is_empty() {
        return None;
    }
    let mut courses: BTreeMap<&str, Course<'_>> = BTreeMap::new();
    let mut persons = BTreeSet::new();
    for &at in rows {
        let fields = &registers.rows[at as usize].fields;
        let course = courses
            .entry(fields.text(Field::CourseKind).unwrap_or("其他"))
            .or_insert_with(|| Course {
                sessions: BTreeSet::new(),
                persons: BTreeSet::new(),
                attendances: 0,
                completed: 0,
            });
        course.sessions.insert((
            fields.text(Field::Course),
            fields.text(Field::Session),
            fields.date(Field::TrainedFrom),
        ));
        course.persons.insert(registers.person_of[at as usize]);
        course.attendances += 1;
        course.completed += u64::from(deeds::is_completed(fields));
        persons.insert(registers.person_of[at as usize]);
    }
    let done_of = |area| {
        of_area(assessment, area).fold((0_u64, 0_u64), |(due, done), (d, n)| {
            (due + 1, done + u64::from(n >= d.quantity))
        })
    };
    let (households, households_covered) = done_of(Area::Training);
    let (graduates, placed) = done_of(Area::Jobs);
    let told = !registers.by_kind.get(RosterKind::Placements).is_empty();
    Some(TrainingFigures {
        courses: courses
            .into_iter()
            .map(|(kind, c)| CourseFigures {
                kind: kind.into(),
                sessions: c.sessions.len() as u64,
                attendances: c.attendances,
                persons: c.persons.len() as u64,
                completed: c.completed,
            })
            .collect(),
        persons: persons.len() as u64,
        households,
        households_covered,
        graduates: told.then_some(graduates),
        placed: told.then_some(placed),
    })
}
