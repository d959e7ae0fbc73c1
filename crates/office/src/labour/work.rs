//! Vacancies of firms, workshops and public service; jobs that people hold, with their proofs.

use std::collections::BTreeMap;

use fujiao_labour::Rules;
use fujiao_labour::placement::{Stand, State, clocks, state};
use fujiao_model::{Area, Field, Fields, PartialDate, RosterKind, Value};
use fujiao_store::{LinkedRow, Person, StoreError, Tx};
use jiff::civil::Date;

use super::known::{Job, jobs};
use super::pool::short;
use super::rows::{
    Written, of_person, place_names, put, put_day, put_money, put_number, put_text, write,
};
use super::sessions::{persons, reaches};
use super::{LabourError, led, note, past_day, seen, text, whole, wrong};
use crate::access::{Actor, Right};
use crate::{Office, OfficeError};

/// What takes a vacancy off the list.
const WITHDRAWN: &str = "撤下";

/// A vacancy, as its row says.
#[derive(Clone, Debug)]
pub(crate) struct Vacancy {
    pub(crate) key: u64,
    pub(crate) employer: String,
    pub(crate) kind: String,
    pub(crate) occupation: String,
    pub(crate) openings: i64,
    /// Fen a month.
    pub(crate) wage: Option<i64>,
    pub(crate) work_place: String,
    pub(crate) town: String,
    pub(crate) education: String,
    pub(crate) level: String,
    pub(crate) flexible: bool,
    pub(crate) until: Option<Date>,
    pub(crate) withdrawn: bool,
    pub(crate) row: u64,
    pub(crate) fields: Fields,
    /// People who hold such a job there.
    pub(crate) filled: i64,
}

impl Vacancy {
    /// Whether somebody can still be sent there on a day.
    pub(crate) fn is_open(&self, day: Date) -> bool {
        !self.withdrawn
            && self.until.is_none_or(|until| day <= until)
            && self.filled < self.openings
    }

    /// 公益性岗位, 扶贫车间: for poor households first.
    pub(crate) fn is_reserved(&self) -> bool {
        self.kind.contains("车间") || self.kind.contains("公益")
    }
}

fn said(fields: &Fields, field: Field) -> String {
    fields.text(field).unwrap_or_default().trim().to_owned()
}

/// All vacancies, by employer and trade.
pub(crate) fn vacancies(tx: &mut Tx, county: u32) -> Result<Vec<Vacancy>, StoreError> {
    let keys = tx.keys().clone();
    let mut held: BTreeMap<(String, String), i64> = BTreeMap::new();
    for row in tx.rows_of_kind(county, RosterKind::Placements, None)? {
        let fields = &row.row.fields;
        if fields.date(Field::EndedOn).is_none() {
            *held
                .entry((said(fields, Field::Employer), said(fields, Field::Occupation)))
                .or_default() += 1;
        }
    }
    let mut all = Vec::new();
    for row in tx.rows_of_kind(county, RosterKind::Vacancies, None)? {
        let fields = row.row.fields;
        let parts = [Field::Employer, Field::Occupation, Field::WorkPlace, Field::Town]
            .map(|field| said(&fields, field));
        let key = short(keys.digest("vacancy", parts.iter().map(String::as_str)));
        let [employer, occupation, work_place, town] = parts;
        all.push(Vacancy {
            key,
            filled: held.get(&(employer.clone(), occupation.clone())).copied().unwrap_or(0),
            employer,
            kind: said(&fields, Field::EmployerKind),
            occupation,
            openings: fields.number(Field::Openings).unwrap_or(1),
            wage: fields.money(Field::Wage).map(fujiao_model::Money::as_fen),
            work_place,
            town,
            education: said(&fields, Field::Education),
            level: said(&fields, Field::SkillLevel),
            flexible: fields.flag(Field::Flexible) == Some(true),
            until: fields.date(Field::ValidTo).map(PartialDate::latest),
            withdrawn: said(&fields, Field::Note).contains(WITHDRAWN),
            row: row.row_id,
            fields,
        });
    }
    all.sort_by(|a, b| {
        (&a.employer, &a.occupation, a.key).cmp(&(&b.employer, &b.occupation, b.key))
    });
    all.dedup_by_key(|v| v.key);
    Ok(all)
}

/// A vacancy in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VacancyLine {
    /// Its key.
    pub key: u64,
    /// Who employs.
    pub employer: String,
    /// 企业, 就业帮扶车间, 公益性岗位.
    pub kind: String,
    /// The trade as written.
    pub occupation: String,
    /// Its code in the classification; empty: not sure.
    pub code: String,
    /// What the classification calls it.
    pub code_name: String,
    /// Openings.
    pub openings: i64,
    /// People who hold such a job there.
    pub filled: i64,
    /// Fen a month.
    pub wage: Option<i64>,
    /// Where.
    pub work_place: String,
    /// Town.
    pub town: String,
    /// Schooling that it asks for.
    pub education: String,
    /// Whether hours leave time for care.
    pub flexible: bool,
    /// The last day on which it is offered.
    pub until: Option<Date>,
    /// Whether somebody can be sent there now.
    pub open: bool,
    /// The source row.
    pub row: u64,
}

/// Vacancies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VacanciesPage {
    /// Vacancies, as asked for.
    pub lines: Vec<VacancyLine>,
    /// Openings that are open, by kind of employer.
    pub kinds: Vec<(String, i64)>,
    /// All vacancies, open ones.
    pub counts: (usize, usize),
    /// Whether the reader leads.
    pub may_lead: bool,
    /// The day in the books.
    pub today: Option<Date>,
}

/// A vacancy as somebody writes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewVacancy {
    /// Who employs.
    pub employer: String,
    /// Kind of employer.
    pub kind: String,
    /// The trade.
    pub occupation: String,
    /// Openings, as written.
    pub openings: String,
    /// Yuan a month, as written; may be empty.
    pub wage: String,
    /// Where.
    pub work_place: String,
    /// Town.
    pub town: String,
    /// Whether hours leave time for care.
    pub flexible: bool,
    /// The last day.
    pub until: Option<Date>,
}

/// A job as somebody writes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewJob {
    /// Who employs.
    pub employer: String,
    /// The trade.
    pub occupation: String,
    /// Where.
    pub work_place: String,
    /// Yuan a month, as written; may be empty.
    pub wage: String,
    /// First day.
    pub on: Option<Date>,
}

/// A proof on its clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockLine {
    /// Months.
    pub months: u16,
    /// The last day for it.
    pub due_on: Date,
    /// `proved`, `waiting`, `due`, `late`, `ended`.
    pub stand: &'static str,
    /// The day of the proof.
    pub proved_on: Option<Date>,
}

/// A job in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobLine {
    /// The source row.
    pub row: u64,
    /// Who.
    pub person: u64,
    /// Their name.
    pub name: String,
    /// Village or town.
    pub place: String,
    /// Who employs.
    pub employer: String,
    /// The trade.
    pub occupation: String,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Option<Date>,
    /// `working`, `silent`, `kept` (proved to the last), `ended`, `ahead`.
    pub state: &'static str,
    /// Proofs.
    pub clocks: Vec<ClockLine>,
}

impl JobLine {
    /// Whether a proof is owed now.
    pub fn is_due(&self) -> bool {
        self.clocks.iter().any(|c| matches!(c.stand, "due" | "late"))
    }
}

/// Jobs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JobsPage {
    /// Jobs, as asked for; those whose proof is latest first.
    pub lines: Vec<JobLine>,
    /// How many of that filter.
    pub total: usize,
    /// Of all: with a proof owed now, at work, silent, ended, proved to the last.
    pub counts: [usize; 5],
    /// Whether the reader leads.
    pub may_lead: bool,
    /// The day in the books.
    pub today: Option<Date>,
}

/// Jobs a page.
pub const JOBS: usize = 50;

/// How a job stands; after the last proof nobody asks, and silence says nothing.
pub(super) fn state_code<P>(rules: &Rules, job: &Job<P>, today: Date) -> &'static str {
    match state(rules, &job.placement, today) {
        State::Working => "working",
        State::Silent { .. } => {
            let last = clocks(rules, &job.placement, today).pop();
            let kept = last.is_some_and(|c| matches!(c.stand, Stand::Proved(_)));
            if kept { "kept" } else { "silent" }
        }
        State::Ended { .. } => "ended",
        State::Ahead => "ahead",
    }
}

fn clock_lines(rules: &Rules, job: &Job<u64>, today: Date) -> Vec<ClockLine> {
    clocks(rules, &job.placement, today)
        .into_iter()
        .map(|c| {
            let (stand, proved_on) = match c.stand {
                Stand::Proved(on) => ("proved", Some(on)),
                Stand::Waiting => ("waiting", None),
                Stand::Due => ("due", None),
                Stand::Late => ("late", None),
                Stand::Ended => ("ended", None),
            };
            ClockLine { months: c.months, due_on: c.due_on, stand, proved_on }
        })
        .collect()
}

/// Jobs with their proofs, as the rows say.
fn read_jobs(tx: &mut Tx, county: u32) -> Result<(Vec<Job<u64>>, Vec<LinkedRow>), StoreError> {
    let placements = tx.rows_of_kind(county, RosterKind::Placements, None)?;
    let proofs = tx.rows_of_kind(county, RosterKind::JobProofs, None)?;
    let found = {
        fn of(rows: &[LinkedRow]) -> impl Iterator<Item = (u64, &Fields, u64)> {
            rows.iter().filter_map(|r| Some((r.person?, &r.row.fields, r.row_id)))
        }
        jobs(of(&placements), of(&proofs))
    };
    Ok((found, placements))
}

impl Office {
    /// Vacancies; `open`: those to which somebody can be sent alone.
    ///
    /// # Errors
    /// Without [`Right::Figures`]; what the store says.
    pub fn vacancies(&self, actor: &Actor, open: bool) -> Result<VacanciesPage, OfficeError> {
        actor.must(Right::Figures)?;
        let county = self.county_code()?;
        self.store.read(|tx| {
            let today = crate::entries::today(tx, county, actor)?;
            let all = vacancies(tx, county)?;
            let codes = super::coding::Codes::of(all.iter().map(|v| v.occupation.as_str()));
            let mut page = VacanciesPage {
                may_lead: actor.may(Right::Labour),
                today: Some(today),
                counts: (all.len(), all.iter().filter(|v| v.is_open(today)).count()),
                ..VacanciesPage::default()
            };
            let mut kinds: BTreeMap<String, i64> = BTreeMap::new();
            for v in &all {
                if v.is_open(today) {
                    *kinds.entry(v.kind.clone()).or_default() += v.openings - v.filled;
                } else if open {
                    continue;
                }
                let code = codes.get(&v.occupation);
                page.lines.push(VacancyLine {
                    key: v.key,
                    employer: v.employer.clone(),
                    kind: v.kind.clone(),
                    occupation: v.occupation.clone(),
                    code: code.map(|c| c.to_string()).unwrap_or_default(),
                    code_name: code
                        .map(|c| super::coding::catalogue().name(c).to_owned())
                        .unwrap_or_default(),
                    openings: v.openings,
                    filled: v.filled,
                    wage: v.wage,
                    work_place: v.work_place.clone(),
                    town: v.town.clone(),
                    education: v.education.clone(),
                    flexible: v.flexible,
                    until: v.until,
                    open: v.is_open(today),
                    row: v.row,
                });
            }
            page.kinds = kinds.into_iter().collect();
            Ok(page)
        })
    }

    /// Writes a vacancy down; written again with the same employer, trade and place, it is changed.
    ///
    /// # Errors
    /// [`LabourError::Form`] at the first wrong field.
    pub fn post_vacancy(&self, actor: &Actor, new: &NewVacancy) -> Result<(), OfficeError> {
        led(actor, Area::Jobs)?;
        let county = self.county_code()?;
        self.store.write(|tx| {
            let today = crate::entries::today(tx, county, actor)?;
            let employer = text("employer", &new.employer, 60, Some("用人单位"))?;
            let occupation = text("occupation", &new.occupation, 30, Some("岗位"))?;
            let openings = whole("openings", &new.openings, "招聘人数", (1, 10_000))?;
            let wage = yuan(&new.wage)?;
            if new.until.is_some_and(|until| until < today) {
                return Err(wrong("until", "截止日期已经过了；改一个").into());
            }
            let mut fields = Fields::new();
            for (field, said) in [
                (Field::Employer, &employer),
                (Field::EmployerKind, &text("kind", &new.kind, 20, None)?),
                (Field::Occupation, &occupation),
                (Field::WorkPlace, &text("work_place", &new.work_place, 60, None)?),
                (Field::Town, &text("town", &new.town, 20, None)?),
            ] {
                put_text(&mut fields, field, said);
            }
            put_number(&mut fields, Field::Openings, Some(openings));
            put_money(&mut fields, Field::Wage, wage);
            put(&mut fields, Field::Flexible, Some(Value::Flag(new.flexible)));
            put_day(&mut fields, Field::ValidTo, new.until);
            let row = Written { kind: RosterKind::Vacancies, fields, person: None };
            write(tx, county, actor, today, vec![row])?;
            note(tx, county, actor, "post vacancy", &employer, &occupation)
        })
    }

    /// Takes a vacancy off the list.
    ///
    /// # Errors
    /// [`LabourError::NoVacancy`].
    pub fn withdraw_vacancy(&self, actor: &Actor, key: u64) -> Result<(), OfficeError> {
        led(actor, Area::Jobs)?;
        let county = self.county_code()?;
        self.store.write(|tx| {
            let today = crate::entries::today(tx, county, actor)?;
            let all = vacancies(tx, county)?;
            let of = all.into_iter().find(|v| v.key == key && !v.withdrawn);
            let mut of = of.ok_or(LabourError::NoVacancy)?;
            put_text(&mut of.fields, Field::Note, WITHDRAWN);
            let row = Written { kind: RosterKind::Vacancies, fields: of.fields, person: None };
            write(tx, county, actor, today, vec![row])?;
            note(tx, county, actor, "withdraw vacancy", &of.employer, &of.occupation)
        })
    }

    /// Jobs on the reader's ground; `show`: `due` (a proof is owed now), `working`, `silent`, `kept`, `ended`, else all.
    ///
    /// # Errors
    /// Without [`Right::Names`]; what the store says.
    pub fn jobs_held(
        &self,
        actor: &Actor,
        show: &str,
        page: usize,
        whole_list: bool,
    ) -> Result<JobsPage, OfficeError> {
        let scope = seen(actor, Area::Jobs)?;
        let county = self.county_code()?;
        self.store.read(|tx| {
            let today = crate::entries::today(tx, county, actor)?;
            let rules = &self.rules.labour;
            let (all, _) = read_jobs(tx, county)?;
            let mut out = JobsPage {
                may_lead: actor.may(Right::Labour),
                today: Some(today),
                ..JobsPage::default()
            };
            let known = persons(tx, county, all.iter().map(|j| j.person))?;
            let mut lines: Vec<(&Job<u64>, &Person, &'static str, Vec<ClockLine>)> = Vec::new();
            for job in &all {
                let Some(person) = known.get(&job.person).filter(|p| reaches(&scope, p)) else {
                    continue;
                };
                let (is, clocks) = (state_code(rules, job, today), clock_lines(rules, job, today));
                let due = clocks.iter().any(|c| matches!(c.stand, "due" | "late"));
                out.counts[0] += usize::from(due);
                out.counts[1] += usize::from(is == "working");
                out.counts[2] += usize::from(is == "silent");
                out.counts[4] += usize::from(is == "kept");
                out.counts[3] += usize::from(is == "ended");
                let wanted = match show {
                    "due" => due,
                    "working" | "silent" | "kept" | "ended" => is == show,
                    _ => true,
                };
                if wanted {
                    lines.push((job, person, is, clocks));
                }
            }
            let first_due = |clocks: &[ClockLine]| {
                let owed = clocks.iter().filter(|c| matches!(c.stand, "due" | "late"));
                owed.map(|c| c.due_on).min().unwrap_or(Date::MAX)
            };
            lines.sort_by_key(|(job, _, _, clocks)| {
                (first_due(clocks), std::cmp::Reverse(job.placement.from), job.row)
            });
            out.total = lines.len();
            let places = place_names(tx, county)?;
            let (skip, take) =
                if whole_list { (0, usize::MAX) } else { (page.saturating_sub(1) * JOBS, JOBS) };
            out.lines = lines
                .into_iter()
                .skip(skip)
                .take(take)
                .map(|(job, person, state, clocks)| JobLine {
                    row: job.row,
                    person: person.id,
                    name: person.name.clone(),
                    place: person
                        .village
                        .or(person.town)
                        .and_then(|d| places.get(&d))
                        .cloned()
                        .unwrap_or_default(),
                    employer: job.employer.clone(),
                    occupation: job.occupation.clone(),
                    from: job.placement.from,
                    to: job.placement.to,
                    state,
                    clocks,
                })
                .collect();
            Ok(out)
        })
    }

    /// Writes down that somebody began to work.
    ///
    /// # Errors
    /// [`LabourError::NoPerson`]; [`LabourError::Form`] at the first wrong field.
    pub fn begin_job(&self, actor: &Actor, person: u64, new: &NewJob) -> Result<(), OfficeError> {
        let scope = led(actor, Area::Jobs)?;
        let county = self.county_code()?;
        self.store.write(|tx| {
            let today = crate::entries::today(tx, county, actor)?;
            let known = persons(tx, county, std::iter::once(person))?;
            let of = known.get(&person).filter(|p| reaches(&scope, p));
            let of = of.ok_or(LabourError::NoPerson)?;
            let row = began(tx, county, of, new, today)?;
            write(tx, county, actor, today, vec![row])?;
            note(tx, county, actor, "begin job", &format!("person {person:016x}"), "")
        })
    }

    /// Writes down that a job ended.
    ///
    /// # Errors
    /// [`LabourError::NoJob`]; [`LabourError::Form`] for a day before it began or to come.
    pub fn end_job(&self, actor: &Actor, row: u64, on: Option<Date>) -> Result<(), OfficeError> {
        self.change_job(actor, row, "end job", |fields, _, today| {
            let on = past_day("on", on, today, "离岗")?;
            let from = fields.date(Field::StartedOn).map(PartialDate::earliest);
            if from.is_some_and(|from| on < from) {
                return Err(wrong("on", "离岗早于上岗；改日子"));
            }
            let mut fields = fields.clone();
            put_day(&mut fields, Field::EndedOn, Some(on));
            Ok((RosterKind::Placements, fields))
        })
    }

    /// Writes down that somebody looked whether a person still works there.
    ///
    /// # Errors
    /// [`LabourError::NoJob`]; [`LabourError::Form`] at the first wrong field.
    pub fn prove_job(
        &self,
        actor: &Actor,
        row: u64,
        (on, at_work, how): (Option<Date>, bool, &str),
    ) -> Result<(), OfficeError> {
        self.change_job(actor, row, "prove job", |fields, person, today| {
            let on = past_day("on", on, today, "核验")?;
            let from = fields.date(Field::StartedOn).map(PartialDate::latest);
            if from.is_some_and(|from| on < from) {
                return Err(wrong("on", "核验早于上岗；改日子"));
            }
            let mut proof = person.clone();
            for field in [Field::Employer, Field::StartedOn] {
                put(&mut proof, field, fields.get(field).cloned());
            }
            put_day(&mut proof, Field::CheckedOn, Some(on));
            put(&mut proof, Field::AtWork, Some(Value::Flag(at_work)));
            put_text(&mut proof, Field::ProofKind, &text("how", how, 20, Some("核验方式"))?);
            Ok((RosterKind::JobProofs, proof))
        })
    }

    fn change_job(
        &self,
        actor: &Actor,
        row: u64,
        action: &str,
        change: impl Fn(&Fields, &Fields, Date) -> Result<(RosterKind, Fields), LabourError>,
    ) -> Result<(), OfficeError> {
        let scope = led(actor, Area::Jobs)?;
        let county = self.county_code()?;
        self.store.write(|tx| {
            let today = crate::entries::today(tx, county, actor)?;
            let rows = tx.rows_of_kind(county, RosterKind::Placements, None)?;
            let of = rows.into_iter().find(|r| r.row_id == row).ok_or(LabourError::NoJob)?;
            let known = persons(tx, county, of.person.into_iter())?;
            let person = of.person.and_then(|id| known.get(&id)).filter(|p| reaches(&scope, p));
            let person = person.ok_or(LabourError::NoJob)?;
            let places = place_names(tx, county)?;
            let (kind, fields) = change(&of.row.fields, &of_person(person, &places), today)?;
            let written = Written { kind, fields, person: Some(person.id) };
            write(tx, county, actor, today, vec![written])?;
            note(tx, county, actor, action, &format!("person {:016x}", person.id), "")
        })
    }
}

/// Yuan a month of a form, in fen.
fn yuan(said: &str) -> Result<Option<i64>, LabourError> {
    match said.trim() {
        "" => Ok(None),
        said => Ok(Some(whole("wage", said, "月工资（元）", (1, 100_000))? * 100)),
    }
}

/// The row of a job that begins.
pub(super) fn began(
    tx: &mut Tx,
    county: u32,
    person: &Person,
    new: &NewJob,
    today: Date,
) -> Result<Written, OfficeError> {
    let employer = text("employer", &new.employer, 60, Some("用人单位"))?;
    let on = past_day("on", new.on, today, "上岗")?;
    let wage = yuan(&new.wage)?;
    let places = place_names(tx, county)?;
    let mut fields = of_person(person, &places);
    for (field, said) in [
        (Field::Employer, &employer),
        (Field::Occupation, &text("occupation", &new.occupation, 30, Some("岗位"))?),
        (Field::WorkPlace, &text("work_place", &new.work_place, 60, None)?),
    ] {
        put_text(&mut fields, field, said);
    }
    put_day(&mut fields, Field::StartedOn, Some(on));
    put_money(&mut fields, Field::Wage, wage);
    Ok(Written { kind: RosterKind::Placements, fields, person: Some(person.id) })
}
