//! What standards, marked days and faults ask of schools, as duties with what was measured as deeds.

use std::collections::BTreeMap;
use std::sync::Arc;

use fujiao_model::{
    Area, Because, Boarding, Division, Duty, Field, PartialDate, Period, RosterKind, Sex, Stage,
    Subject, Unit,
};
use fujiao_school::conditions::{Line, Measure, Measured, School, Sense, Standard, assess};
use fujiao_school::{Month, Norms};
use fujiao_store::{StoreError, Tx};
use jiff::civil::Date;

use crate::assess::Registers;
use crate::assess::duties::{Owed, Stock};
use crate::registers::enrolments::{counting_on, of_year};

/// Kinds of duties besides standards, with their names in both languages.
pub(crate) const KINDS: [(&str, &str, &str); 4] = [
    ("meals.marked", "每日就餐登记", "Days of meals marked"),
    ("meals.fault", "营养餐检查问题整改", "Faults of inspections put right"),
    ("teachers.allowance", "乡村教师生活补助", "Living allowance of rural staff"),
    (
        "teachers.training",
        "听课和测试不达标的教师培训",
        "Training that reviews of teachers ask for",
    ),
];

/// What the books know of schools besides their rosters.
#[derive(Default)]
pub(crate) struct Facts {
    /// School, month: class days due and marked.
    marked: Vec<(u64, String, i64, i64)>,
    /// School, month of the inspection: faults, those put right, the last day for it.
    faults: BTreeMap<(u64, Month), (i64, i64, Date)>,
    /// Additions to the posts that the county switched.
    pub(super) switched: BTreeMap<String, bool>,
}

impl Facts {
    pub(crate) fn read(tx: &mut Tx, county: u32) -> Result<Self, StoreError> {
        let marked = tx
            .meal_closes(county, "", "9999")?
            .into_iter()
            .map(|c| (c.school, c.month, c.class_days.0, c.class_days.1))
            .collect();
        let inspections: BTreeMap<u64, (u64, Date)> = tx
            .inspections(county, Date::MIN)?
            .into_iter()
            .map(|i| (i.number, (i.school, i.on)))
            .collect();
        let rechecks = tx.rechecks(county)?;
        let mut faults: BTreeMap<(u64, Month), (i64, i64, Date)> = BTreeMap::new();
        for item in tx.inspection_items(county)? {
            let (Some(due), Some((school, on))) = (item.due_on, inspections.get(&item.inspection))
            else {
                continue;
            };
            let last =
                rechecks.iter().rfind(|r| r.inspection == item.inspection && r.check == item.check);
            let of = faults.entry((*school, Month::of(*on))).or_insert((0, 0, due));
            *of = (of.0 + 1, of.1 + i64::from(last.is_some_and(|r| r.ok)), of.2.max(due));
        }
        let switched = tx.switches(county)?.into_iter().map(|s| (s.addition, s.on)).collect();
        Ok(Self { marked, faults, switched })
    }
}

/// A quantity of a standard in units of duties, and the unit.
pub(crate) fn in_unit(measure: Measure, thousandths: i64) -> (i64, Unit) {
    match measure {
        Measure::Area => (thousandths / 10, Unit::Area),
        Measure::Yuan => (thousandths / 10, Unit::Fen),
        Measure::Person => (thousandths / 1_000, Unit::Person),
        Measure::Times => (thousandths / 1_000, Unit::Contact),
        _ => (thousandths / 1_000, Unit::Piece),
    }
}

/// The area of a standard.
pub(crate) fn area_of(key: &str) -> Area {
    if key.starts_with("meals.") { Area::Meals } else { Area::Conditions }
}

/// Schools that are open, as the standards see them: position, school, its measurements.
fn bodies(registers: &Registers, norms: &Norms) -> Vec<(u32, School, Vec<Measured>)> {
    let mut all: Vec<(u32, School, Vec<Measured>)> = Vec::new();
    let mut counts: BTreeMap<u32, [i64; 8]> = BTreeMap::new();
    let mut classes: BTreeMap<
        u32,
        std::collections::BTreeSet<(Option<fujiao_model::Grade>, &str)>,
    > = BTreeMap::new();
    let year = of_year(&registers.enrolments, registers.term.school_year());
    for e in counting_on(year, registers.as_of) {
        let Some(school) = e.school else { continue };
        let n = counts.entry(school).or_default();
        let sex = registers.persons[e.person as usize].sex;
        for (at, is) in [
            (0, true),
            (1, e.stage == Some(Stage::Primary)),
            (2, e.stage == Some(Stage::Junior)),
            (3, e.boarding == Some(Boarding::Boards)),
            (4, sex == Some(Sex::Male)),
            (5, sex == Some(Sex::Female)),
        ] {
            n[at] += i64::from(is);
        }
        let class = registers.rows[e.row as usize].fields.text(Field::Class).unwrap_or_default();
        classes.entry(school).or_default().insert((e.grade, class));
    }
    let mut measured: BTreeMap<u32, Vec<Measured>> = BTreeMap::new();
    for &at in registers.by_kind.get(RosterKind::Measurements) {
        let (row, school) = (&registers.rows[at as usize], registers.school_of[at as usize]);
        let fields = &row.fields;
        let (Some(item), Some(value), Some(on)) = (
            fields.text(Field::Item),
            fields.text(Field::Measured),
            fields.date(Field::MeasuredOn).map(PartialDate::latest),
        ) else {
            continue;
        };
        let Some(unit) = norms.unit_of(item).filter(|_| school != u32::MAX) else { continue };
        let said = fields.text(Field::QuantityUnit).unwrap_or(unit.chinese());
        if let Ok(value) = norms.read_measure((item, said, value), on, registers.as_of) {
            measured.entry(school).or_default().push(Measured {
                item: item.to_owned(),
                value,
                on,
                source: row.id,
            });
        }
    }
    for at in 0..registers.schools.all.len() {
        let of = &registers.schools.all[at];
        let (Some(row), false) = (of.row, of.closed) else { continue };
        let at = u32::try_from(at).expect("few schools");
        let n = counts.get(&at).copied().unwrap_or_default();
        let fields = &registers.rows[row as usize].fields;
        let mut school = School { kind: of.kind.clone(), rural: of.rural, ..School::default() };
        for (name, n) in ["pupils", "pupils_primary", "pupils_junior", "boarders", "boys", "girls"]
            .into_iter()
            .zip(n)
        {
            school.set(name, Some(n));
        }
        let of_classes = classes.get(&at).map_or(0, std::collections::BTreeSet::len);
        school.set("classes", i64::try_from(of_classes).ok());
        school.set("diners", of.rural.map(|rural| if rural { n[1] + n[2] } else { 0 }));
        school.set("canteen_staff", fields.number(Field::CanteenStaff));
        let own = measured.remove(&at).unwrap_or_default();
        // Counts that somebody measured, under the names of the standards.
        for (name, item) in
            [("storeys_buildings", "多层建筑栋数"), ("dorm_buildings", "宿舍楼栋数")]
        {
            let last = own.iter().filter(|m| m.item == item).max_by_key(|m| m.on);
            school.set(name, last.map(|m| m.value / 1_000));
        }
        all.push((at, school, own));
    }
    all
}

/// Adds what standards, marked days and faults ask, with what there is of it.
pub(crate) fn add(
    registers: &Registers,
    norms: &Norms,
    facts: &Facts,
    out: &mut Owed,
    asked: &mut BTreeMap<(String, String), u64>,
) {
    let year = Period::SchoolYear(registers.term.school_year());
    let days = registers.school_days();
    // Only what somebody began to measure is asked for month by month: an item that nobody measures is one question, not a
    // duty that is missed by every school.
    let begun: std::collections::BTreeSet<&str> = registers
        .by_kind
        .get(RosterKind::Measurements)
        .iter()
        .filter_map(|&at| registers.rows[at as usize].fields.text(Field::Item))
        .collect();
    for (at, mut school, measured) in bodies(registers, norms) {
        let mut put = |standard: &Standard, line: &Line, period: Period| {
            let Some(have) = line.have else {
                *asked.entry((standard.key.clone(), standard.item.clone())).or_default() += 1;
                return;
            };
            owe(registers, at, standard, line, have, period, out);
        };
        let (first, last) = year.days().expect("a school year has days");
        let on = registers.as_of.min(last);
        for line in assess(norms, &school, &measured, (first, on)) {
            let standard = &norms.standards[line.standard];
            if standard.due != "month" {
                let period =
                    if standard.due == "term" { Period::Term(registers.term) } else { year };
                put(standard, &line, period);
            }
        }
        for (&(y, m), &n) in &days {
            let month = Month { year: y, month: m };
            if month.last() >= registers.as_of || month.first() < first {
                continue;
            }
            school.set("school_days", Some(n));
            for line in assess(norms, &school, &measured, (month.first(), month.last())) {
                let standard = &norms.standards[line.standard];
                if standard.due == "month" && begun.contains(standard.item.as_str()) {
                    put(standard, &line, Period::Month(y, m));
                }
            }
        }
    }
    marks_and_faults(registers, facts, out);
    super::staff::owe(registers, norms, out);
}

fn owe(
    registers: &Registers,
    at: u32,
    standard: &Standard,
    line: &Line,
    have: i64,
    period: Period,
    out: &mut Owed,
) {
    let school = &registers.schools.all[at as usize];
    let (need, have) = match standard.sense {
        Sense::AtLeast => (line.need, have),
        // What is too much is owed to be removed.
        Sense::AtMost if line.gap > 0 => (line.gap, 0),
        Sense::AtMost => return,
    };
    let (quantity, unit) = in_unit(standard.unit, need);
    let (have, _) = in_unit(standard.unit, have);
    if quantity <= 0 {
        return;
    }
    let row = school.row.map(|r| registers.rows[r as usize].id);
    let mut sources: Vec<u64> = line.sources.iter().copied().chain(row).collect();
    sources.sort_unstable();
    sources.dedup();
    let on = line.on.map_or(String::new(), |d| format!("，{d}测量"));
    let facts = if standard.unit == Measure::YesNo {
        format!("要求达标，测量为{}{on}", if have > 0 { "达标" } else { "不达标" })
    } else {
        format!(
            "应有{}{}，实有{}{on}",
            unit.show(quantity),
            standard.unit.chinese(),
            unit.show(have)
        )
    };
    let since =
        fujiao_school::norms::in_force(&standard.rows, registers.as_of).map(|r| r.from.to_string());
    let due_on = period.days().map_or(registers.as_of, |(_, last)| last);
    push(
        registers,
        at,
        Owe {
            area: area_of(&standard.key),
            kind: standard.key.as_str().into(),
            period,
            quantity,
            have,
            unit,
            due_on,
            bearer: standard.bearer.replace("{school}", &school.name),
            rule: format!("{}@{}", standard.key, since.unwrap_or_default()),
            basis: line.basis.clone(),
            facts,
            sources,
        },
        out,
    );
}

/// A duty of a school with what there is of it.
pub(crate) struct Owe {
    pub(crate) area: Area,
    pub(crate) kind: Arc<str>,
    pub(crate) period: Period,
    pub(crate) quantity: i64,
    pub(crate) have: i64,
    pub(crate) unit: Unit,
    pub(crate) due_on: Date,
    pub(crate) bearer: String,
    pub(crate) rule: String,
    pub(crate) basis: String,
    pub(crate) facts: String,
    pub(crate) sources: Vec<u64>,
}

/// Adds what a school, by its position, owes, and what it has of that.
pub(crate) fn push(registers: &Registers, at: u32, owe: Owe, out: &mut Owed) {
    let school = &registers.schools.all[at as usize];
    let subject = Subject::school(school.id);
    let place: Option<Division> = school.town;
    let evidence = owe.sources.first().copied().unwrap_or(0);
    if owe.have > 0 {
        out.stocks.push(Stock {
            area: owe.area,
            kind: Arc::clone(&owe.kind),
            subject,
            period: owe.period,
            unit: owe.unit,
            have: owe.have.min(owe.quantity),
            need: owe.quantity,
            place,
            evidence,
        });
    }
    out.duties.push(Duty {
        area: owe.area,
        kind: owe.kind,
        subject,
        period: owe.period,
        quantity: owe.quantity,
        unit: owe.unit,
        due_on: owe.due_on,
        bearer: owe.bearer.into(),
        place,
        because: Because {
            rule: owe.rule.into(),
            basis: owe.basis.into(),
            facts: owe.facts.into(),
            sources: owe.sources,
        },
    });
}

fn marks_and_faults(registers: &Registers, facts: &Facts, out: &mut Owed) {
    let by_id: BTreeMap<u64, u32> =
        (0..).zip(&registers.schools.all).map(|(at, s)| (s.id, at)).collect();
    let source = |at: u32| {
        let row = registers.schools.all[at as usize].row;
        row.map(|r| registers.rows[r as usize].id).into_iter().collect::<Vec<_>>()
    };
    for (school, month, due, marked) in &facts.marked {
        let (Some(&at), Some(month)) = (by_id.get(school), Month::parse(month)) else { continue };
        if *due == 0 || month.first() > registers.as_of {
            continue;
        }
        let name = &registers.schools.all[at as usize].name;
        push(
            registers,
            at,
            Owe {
                area: Area::Meals,
                kind: "meals.marked".into(),
                period: Period::Month(month.year, month.month),
                quantity: *due,
                have: *marked,
                unit: Unit::Contact,
                due_on: month.last(),
                bearer: name.clone(),
                rule: "meals.marked@2012".into(),
                basis: "教财〔2012〕2号：实名制管理，每天登记到校、供餐、申报".into(),
                facts: format!("{due}个班日，登记了{marked}个"),
                sources: source(at),
            },
            out,
        );
    }
    for ((school, month), (found, closed, due)) in &facts.faults {
        let Some(&at) = by_id.get(school) else { continue };
        let name = &registers.schools.all[at as usize].name;
        push(
            registers,
            at,
            Owe {
                area: Area::Meals,
                kind: "meals.fault".into(),
                period: Period::Month(month.year, month.month),
                quantity: *found,
                have: *closed,
                unit: Unit::Contact,
                due_on: *due,
                bearer: name.clone(),
                rule: "meals.fault@2019".into(),
                basis: "学校食品安全与营养健康管理规定：发现问题限期整改".into(),
                facts: format!("检查发现{found}个问题，复查通过{closed}个"),
                sources: source(at),
            },
            out,
        );
    }
}
