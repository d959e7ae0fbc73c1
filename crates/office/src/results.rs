//! What an assessment is written out as: the county's report, the lists of names, the figures for programs.

mod differences;
mod figures;

pub(crate) use figures::{is_first_class, stages};

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Instant;

use fujiao_model::{Area, Division, Field, Period, RosterKind, Subject, SubjectKind};
use fujiao_report::{self as report, AreaFigures, CountyReport, Cover, GapLine, Totals, tally};
use fujiao_store::{Event, Tally};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::json;

use crate::assess::BOOKED;
use crate::assess::{Registers, Settled, figure_kind};
use crate::import::ImportReport;
use crate::loans::owed::LENT;
use crate::{Assessment, Office, OfficeError, Progress, Seconds};

/// A file to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultFile {
    /// Path within the folder of results, with `/`.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// The figures of a run.
#[derive(Clone, Debug)]
pub struct RunSummary {
    /// 岚川县
    pub county: String,
    /// The day that all figures are of.
    pub as_of: Date,
    /// Seconds by step.
    pub seconds: Seconds,
    /// Rows taken in.
    pub rows: Tally,
    /// Persons of the register.
    pub persons: u64,
    /// Households of the register.
    pub households: u64,
    /// Pairs of rows of which a person must say whether they are one's.
    pub asks: u64,
    /// Figures by area.
    areas: Vec<AreaFigures>,
    /// Figures by area and kind.
    kinds: Vec<AreaFigures>,
    unknown_programmes: BTreeMap<String, u64>,
    asked: BTreeMap<(String, String), u64>,
    /// Duties on which money was paid and that would come out otherwise today.
    pub differences: u64,
}

/// One line of the table that a run ends with, as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AreaLine {
    /// 资助（元）
    pub title: String,
    /// 应
    pub due: String,
    /// 已
    pub done: String,
    /// 差
    pub gap: String,
    /// Share done, in percent.
    pub rate: String,
    /// How many persons, households or schools are behind the gap.
    pub behind: String,
}

impl RunSummary {
    /// A line for each area.
    pub fn by_area(&self) -> Vec<AreaLine> {
        let show = |f: &AreaFigures, n: i64| {
            f.unit.map_or_else(
                || fujiao_report::count(n),
                |u| {
                    if u.scale() == 1 { fujiao_report::count(n) } else { u.show(n) }
                },
            )
        };
        self.areas
            .iter()
            .map(|f| AreaLine {
                title: format!(
                    "{}（{}）",
                    f.area.chinese(),
                    f.unit.map_or("件", fujiao_model::Unit::chinese)
                ),
                due: show(f, f.due),
                done: show(f, f.done),
                gap: show(f, f.gap),
                rate: fujiao_report::percent(f.done, f.due),
                behind: fujiao_report::count(i64::try_from(f.subjects_gap).unwrap_or(i64::MAX)),
            })
            .collect()
    }

    /// The figures as `summary.json` has them.
    pub fn json(&self) -> serde_json::Value {
        let s = self.seconds;
        let total = s.import + s.link + s.assess + s.settle + s.report;
        let round = |x: f64| (x * 1000.0).round() / 1000.0;
        let line = |f: &AreaFigures| {
            json!({
                "area": f.area.code(), "kind": &*f.kind,
                "unit": f.unit.map_or("duty", fujiao_model::Unit::code),
                "due": f.due, "done": f.done, "gap": f.gap, "excess": f.excess,
                "subjects_due": f.subjects_due, "subjects_gap": f.subjects_gap,
            })
        };
        json!({
            "county": self.county,
            "as_of": self.as_of.to_string(),
            "seconds": {
                "import": round(s.import), "link": round(s.link), "assess": round(s.assess),
                "settle": round(s.settle), "report": round(s.report), "total": round(total),
            },
            "rows": {
                "read": self.rows.read, "created": self.rows.created, "updated": self.rows.updated,
                "unchanged": self.rows.unchanged, "parked": self.rows.parked, "refused": self.rows.refused,
            },
            "persons": self.persons,
            "households": self.households,
            "areas": self.kinds.iter().map(line).collect::<Vec<_>>(),
            "unknown_programmes": self.unknown_programmes,
            "asked": self.asked.iter().map(|((programme, column), rows)| json!({
                "programme": programme, "fact": column, "rows": rows,
            })).collect::<Vec<_>>(),
            "differences": self.differences,
        })
    }
}

impl Office {
    /// Writes an assessment out. `reveal` puts whole citizen ids into the lists, which the audit chain records.
    ///
    /// # Errors
    /// What the writers of documents or the store say.
    pub fn results(
        &self,
        imported: &ImportReport,
        import_seconds: f64,
        assessment: &Assessment,
        reveal: bool,
        at: Timestamp,
        progress: &Progress<'_>,
    ) -> Result<(RunSummary, Vec<ResultFile>), OfficeError> {
        let started = Instant::now();
        let county = self.county.as_ref().ok_or(OfficeError::NoRosters)?;
        let registers = &assessment.registers;
        progress("写报告", 0, 6);
        let (totals, lines, report) = self.figures(assessment, reveal);
        progress("写报告", 1, 6);
        let mut files = Vec::new();
        let mut put =
            |name: &str, bytes: Vec<u8>| files.push(ResultFile { name: name.to_owned(), bytes });
        self.book_report(county.code, assessment.run, &report, at)?;
        let cover = Cover {
            county: county.name.as_str().into(),
            bureau: Arc::clone(&report.bureau),
            as_of: registers.as_of,
            sample: county.made,
            revealed: reveal,
            issued: String::new(),
            areas: totals.areas.clone(),
        };
        let ((docx, workbook), (csv, persons)) = rayon::join(
            || {
                rayon::join(
                    || fujiao_report::report_docx(&report),
                    || fujiao_report::gaps_workbook(&lines, &cover),
                )
            },
            || rayon::join(|| fujiao_report::gaps_csv(&lines), || persons_csv(registers)),
        );
        progress("写报告", 4, 6);
        put("report.docx", docx?);
        put("gaps.xlsx", workbook?);
        put("gaps.csv", csv);
        put("persons.csv", persons);
        put("households.csv", households_csv(registers));
        for (name, svg) in fujiao_report::charts(&report) {
            put(&format!("charts/{name}"), svg.into_bytes());
        }
        if reveal {
            self.store.write(|tx| {
                tx.audit(&Event {
                    county: county.code,
                    at,
                    actor: "fujiao",
                    action: "reveal",
                    object: "gaps.csv gaps.xlsx",
                    detail: &format!("whole citizen ids in {} lines", lines.len()),
                })?;
                Ok::<(), OfficeError>(())
            })?;
        }
        if let Some(file) = self.differences_csv(assessment, reveal) {
            files.push(file);
        }
        let mut seconds = assessment.seconds;
        seconds.import = import_seconds;
        seconds.report = started.elapsed().as_secs_f64();
        let Totals { areas, kinds, .. } = totals;
        let summary = RunSummary {
            county: county.name.clone(),
            as_of: registers.as_of,
            seconds,
            rows: imported.total(),
            persons: registers.persons.len() as u64,
            households: registers.households.len() as u64,
            asks: assessment.asks,
            areas,
            kinds,
            unknown_programmes: assessment.settled.unknown_programmes.clone(),
            asked: assessment.settled.asked.clone(),
            differences: assessment.settled.frozen.differences.len() as u64,
        };
        let text = serde_json::to_vec_pretty(&summary.json()).expect("plain JSON always writes");
        files.push(ResultFile { name: "summary.json".to_owned(), bytes: text });
        progress("写报告", 6, 6);
        Ok((summary, files))
    }

    /// Writes the county's report of an assessment into the books, for the page of reports. It names no child.
    ///
    /// # Errors
    /// What the store says.
    pub(crate) fn keep_report(
        &self,
        assessment: &Assessment,
        at: Timestamp,
    ) -> Result<(), OfficeError> {
        let county = self.county.as_ref().ok_or(OfficeError::NoRosters)?;
        let (.., report) = self.figures(assessment, false);
        self.book_report(county.code, assessment.run, &report, at)
    }

    fn book_report(
        &self,
        county: u32,
        run: u64,
        report: &CountyReport,
        at: Timestamp,
    ) -> Result<(), OfficeError> {
        let document = fujiao_report::report_document(report);
        let text = serde_json::to_string(&document).expect("texts and numbers always write");
        self.store.write(|tx| {
            tx.save_report(county, run, at, &text)?;
            let (action, object) = ("report", format!("run {run}"));
            tx.audit(&Event { county, at, actor: "fujiao", action, object: &object, detail: "" })?;
            Ok(())
        })
    }

    /// What an assessment comes to: its figures, its lines, and what the county's report says of them.
    fn figures(
        &self,
        assessment: &Assessment,
        reveal: bool,
    ) -> (Totals, Vec<GapLine>, CountyReport) {
        let registers = &assessment.registers;
        let titles = |_: Area, kind: &str| self.kind_title(kind);
        let town = |place: Option<Division>| {
            Arc::from(place.map_or("", |p| registers.places.town_name(p)))
        };
        let mut totals = tally(
            report::Settled {
                duties: &assessment.settled.duties,
                done: &assessment.settled.settlement.done,
                deeds: &assessment.settled.deeds,
                excesses: &assessment.settled.settlement.excesses,
            },
            registers.as_of,
            &titles,
            &town,
        );
        totals.kinds = fold_kinds(totals.kinds, &totals.areas, &titles);
        let lines = self.gap_lines(assessment, reveal);
        let name = self.county.as_ref().map_or("本县", |county| county.name.as_str());
        let bureau = format!("{name}教育体育局").into();
        let report = self.county_report(assessment, &totals, &lines, bureau);
        (totals, lines, report)
    }

    /// A kind as people say it.
    pub(crate) fn kind_title(&self, kind: &str) -> Arc<str> {
        self.rules.titles.title(kind).zh.into()
    }

    /// Every gap and every excess as a line of a list.
    fn gap_lines(&self, assessment: &Assessment, reveal: bool) -> Vec<GapLine> {
        let Assessment { registers, settled: Settled { duties, deeds, settlement, .. }, .. } =
            assessment;
        let names = Names::of(registers, reveal);
        let mut titles: BTreeMap<Arc<str>, Arc<str>> = BTreeMap::new();
        let mut title = |kind: &Arc<str>| {
            Arc::clone(titles.entry(Arc::clone(kind)).or_insert_with(|| self.kind_title(kind)))
        };
        let mut places: BTreeMap<Option<Division>, (Arc<str>, Arc<str>)> = BTreeMap::new();
        let mut place_names = |place: Option<Division>| {
            places
                .entry(place)
                .or_insert_with(|| {
                    let town = place.map_or("", |p| registers.places.town_name(p));
                    (
                        town.into(),
                        place.map(|p| registers.places.name(p)).unwrap_or_default().into(),
                    )
                })
                .clone()
        };
        let mut lines = Vec::with_capacity(settlement.gaps.len() + settlement.excesses.len());
        for gap in &settlement.gaps {
            let duty = &duties[gap.duty];
            let (town, place) = place_names(duty.place);
            let name = names.get(duty.subject);
            lines.push(GapLine {
                area: duty.area,
                kind: Arc::clone(&duty.kind),
                kind_title: title(&duty.kind),
                subject: duty.subject,
                citizen_id: name.citizen_id,
                name: name.name,
                period: duty.period,
                unit: duty.unit,
                due: duty.quantity,
                done: gap.done,
                gap: gap.missing,
                excess: 0,
                excess_kind: None,
                town,
                place,
                school: name.school,
                bearer: Arc::clone(&duty.bearer),
                due_on: Some(duty.due_on),
                overdue: duty.due_on < registers.as_of,
                rule: Arc::clone(&duty.because.rule),
                because: Arc::clone(&duty.because.facts),
                source: duty
                    .because
                    .sources
                    .first()
                    .map(|&row| source(registers, row))
                    .unwrap_or_default(),
            });
        }
        let accounts = accounts_with_excess(&assessment.settled);
        for excess in &settlement.excesses {
            let deed = &deeds[excess.deed];
            let (due, done) = accounts[&(deed.area, &*deed.kind, deed.subject, deed.period)];
            let (town, place) = place_names(deed.place);
            let name = names.get(deed.subject);
            lines.push(GapLine {
                area: deed.area,
                kind: Arc::clone(&deed.kind),
                kind_title: title(&deed.kind),
                subject: deed.subject,
                citizen_id: name.citizen_id,
                name: name.name,
                period: deed.period,
                unit: deed.unit,
                due,
                done,
                gap: 0,
                excess: excess.quantity,
                excess_kind: Some(excess.kind),
                town,
                place,
                school: name.school,
                bearer: "".into(),
                due_on: None,
                overdue: false,
                rule: "".into(),
                because: excess.kind.chinese().into(),
                source: source(registers, deed.evidence),
            });
        }
        lines
    }
}

/// What is owed by an area's kind to a subject for a period.
type Account<'a> = (Area, &'a str, Subject, Period);

/// What was due and done in each account in which more was done than due.
fn accounts_with_excess(settled: &Settled) -> BTreeMap<Account<'_>, (i64, i64)> {
    let Settled { duties, deeds, settlement, .. } = settled;
    let mut accounts: BTreeMap<Account<'_>, (i64, i64)> = settlement
        .excesses
        .iter()
        .map(|e| &deeds[e.deed])
        .map(|d| ((d.area, &*d.kind, d.subject, d.period), (0, 0)))
        .collect();
    for (duty, done) in duties.iter().zip(&settlement.done) {
        if let Some(account) =
            accounts.get_mut(&(duty.area, &*duty.kind, duty.subject, duty.period))
        {
            account.0 += duty.quantity;
            account.1 += done;
        }
    }
    accounts
}

/// Joins the parts of a kind: the classes of all schools are one line of figures.
fn fold_kinds(
    kinds: Vec<AreaFigures>,
    areas: &[AreaFigures],
    title: &dyn Fn(Area, &str) -> Arc<str>,
) -> Vec<AreaFigures> {
    let mut folded: BTreeMap<(Area, Arc<str>, Option<fujiao_model::Unit>), AreaFigures> =
        BTreeMap::new();
    for f in kinds {
        let kind = figure_kind(&f.kind);
        let sum = folded.entry((f.area, Arc::clone(&kind), f.unit)).or_insert_with(|| {
            AreaFigures::none(f.area, Arc::clone(&kind), title(f.area, &kind), f.unit)
        });
        let whole = areas.iter().find(|a| a.area == f.area);
        let at_most = |n: u64, of: fn(&AreaFigures) -> u64| whole.map_or(n, |a| n.min(of(a)));
        sum.due += f.due;
        sum.done += f.done;
        sum.gap += f.gap;
        sum.excess += f.excess;
        sum.duties += f.duties;
        sum.duties_gap += f.duties_gap;
        sum.overdue += f.overdue;
        sum.subjects_due = at_most(sum.subjects_due + f.subjects_due, |a| a.subjects_due);
        sum.subjects_gap = at_most(sum.subjects_gap + f.subjects_gap, |a| a.subjects_gap);
        for (sum, more) in [
            (&mut sum.unfounded, f.unfounded),
            (&mut sum.repeated, f.repeated),
            (&mut sum.over, f.over),
        ] {
            sum.times += more.times;
            sum.quantity += more.quantity;
        }
    }
    folded.into_values().collect()
}

/// A row as people find it: file, sheet, row.
fn source(registers: &Registers, row_id: u64) -> String {
    let Ok(at) = registers.rows.binary_search_by_key(&row_id, |r| r.id) else {
        let booked = row_id & BOOKED != 0;
        return if booked {
            format!("资助台账 第{}笔", row_id & !BOOKED)
        } else if row_id & LENT != 0 {
            format!("贷款台账 第{}笔", row_id & !LENT)
        } else {
            String::new()
        };
    };
    let (file, sheet, row) = registers.origins[at];
    let file = &registers.files[file as usize];
    let sheet = file.sheets.get(usize::from(sheet)).map_or("", String::as_str);
    format!("{} {sheet} 第{row}行", file.name)
}

/// Who a subject is, for lists.
struct Named {
    citizen_id: String,
    name: String,
    school: Arc<str>,
}

struct Names<'a> {
    registers: &'a Registers,
    reveal: bool,
    person: BTreeMap<u64, u32>,
    household: BTreeMap<u64, u32>,
    school: BTreeMap<u64, u32>,
    fund: BTreeMap<u64, String>,
    /// Where a person is, or was last, in school.
    enrolled: BTreeMap<u32, u32>,
}

impl<'a> Names<'a> {
    fn of(registers: &'a Registers, reveal: bool) -> Self {
        let at = |n: usize| u32::try_from(n).expect("registers fit 32 bits");
        let mut fund = BTreeMap::new();
        for kind in [RosterKind::Spending, RosterKind::Appropriations] {
            for &row in registers.by_kind.get(kind) {
                let fields = &registers.rows[row as usize].fields;
                let name = fields
                    .text(Field::FundName)
                    .or_else(|| fields.text(Field::FundNo))
                    .unwrap_or_default();
                fund.insert(crate::assess::duties::fund_id(registers, row), name.to_owned());
            }
        }
        Self {
            registers,
            reveal,
            person: registers.persons.iter().enumerate().map(|(i, p)| (p.id, at(i))).collect(),
            household: registers
                .households
                .iter()
                .enumerate()
                .map(|(i, h)| (h.id, at(i)))
                .collect(),
            school: registers.schools.all.iter().enumerate().map(|(i, s)| (s.id, at(i))).collect(),
            fund,
            // By year, so the latest stays.
            enrolled: registers
                .enrolments
                .iter()
                .filter_map(|e| Some((e.person, e.school?)))
                .collect(),
        }
    }

    fn get(&self, subject: Subject) -> Named {
        let person = |at: u32| {
            let person = &self.registers.persons[at as usize];
            let id = person
                .citizen_id
                .map(|id| if self.reveal { id.reveal().to_owned() } else { id.masked() });
            (id.unwrap_or_default(), person.name.clone())
        };
        let none: Arc<str> = "".into();
        match subject.kind {
            SubjectKind::Person => {
                let Some(&at) = self.person.get(&subject.id) else { return Named::unknown() };
                let (citizen_id, name) = person(at);
                let school = self
                    .enrolled
                    .get(&at)
                    .map(|&s| self.registers.schools.all[s as usize].name.as_str());
                Named { citizen_id, name, school: school.unwrap_or_default().into() }
            }
            SubjectKind::Household => {
                let Some(&at) = self.household.get(&subject.id) else { return Named::unknown() };
                let (citizen_id, name) = person(self.registers.households[at as usize].head);
                Named { citizen_id, name, school: none }
            }
            SubjectKind::School => {
                let Some(&at) = self.school.get(&subject.id) else { return Named::unknown() };
                let name = self.registers.schools.all[at as usize].name.clone();
                Named { citizen_id: String::new(), school: name.as_str().into(), name }
            }
            SubjectKind::Place => {
                let name = Division::from_code(subject.id)
                    .map(|d| self.registers.places.name(d))
                    .unwrap_or_default();
                Named { citizen_id: String::new(), name, school: none }
            }
            SubjectKind::Fund => {
                let name = self.fund.get(&subject.id).cloned().unwrap_or_default();
                Named { citizen_id: String::new(), name, school: none }
            }
        }
    }
}

impl Named {
    fn unknown() -> Self {
        Self { citizen_id: String::new(), name: String::new(), school: "".into() }
    }
}

/// `file,sheet,row,person`: one line for every row about a person.
fn persons_csv(registers: &Registers) -> Vec<u8> {
    let mut out = String::with_capacity(registers.rows.len() * 64);
    out.push_str("file,sheet,row,person\n");
    for (at, &person) in registers.person_of.iter().enumerate() {
        if person == u32::MAX {
            continue;
        }
        let (file, sheet, row) = registers.origins[at];
        let file = &registers.files[file as usize];
        csv_field(&mut out, &file.name);
        out.push(',');
        csv_field(&mut out, file.sheets.get(usize::from(sheet)).map_or("", String::as_str));
        let subject = Subject::person(registers.persons[person as usize].id);
        writeln!(out, ",{row},{subject}").expect("a String takes any text");
    }
    out.into_bytes()
}

/// `household,person`: who lives in which household of the register.
fn households_csv(registers: &Registers) -> Vec<u8> {
    let mut out = String::from("household,person\n");
    for household in &registers.households {
        for &member in &household.members {
            let person = Subject::person(registers.persons[member as usize].id);
            writeln!(out, "{},{person}", Subject::household(household.id))
                .expect("a String takes any text");
        }
    }
    out.into_bytes()
}

fn csv_field(out: &mut String, text: &str) {
    if text.contains([',', '"', '\n', '\r']) {
        out.push('"');
        out.push_str(&text.replace('"', "\"\""));
        out.push('"');
    } else {
        out.push_str(text);
    }
}
