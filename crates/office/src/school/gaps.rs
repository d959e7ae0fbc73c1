//! 基本办学条件缺口台账: what schools lack, by which article, what it costs, and what is being done.

use std::collections::BTreeMap;

use fujiao_model::{Area, Subject, Unit};
use fujiao_school::norms::{Norms, in_force};
use fujiao_store::{Event, NewProject, Project, ProjectStep};
use jiff::civil::Date;

use super::{SchoolError, author, reaches};
use crate::access::{Actor, Right};
use crate::desk::Title;
use crate::{Office, OfficeError};

/// What a school lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GapLine {
    /// The duty, by which its page is found.
    pub duty: u64,
    /// The school.
    pub school: u64,
    /// Its name.
    pub name: String,
    /// The standard's key.
    pub standard: String,
    /// Its name.
    pub title: Title,
    /// The number among the twenty bottom lines.
    pub line: Option<u8>,
    /// Needed, had, missing, in units of the duty.
    pub figures: (i64, i64, i64),
    /// The unit.
    pub unit: Unit,
    /// In what it is measured, in words.
    pub measure: String,
    /// It is met or not, and not measured in a number.
    pub is_met_or_not: bool,
    /// What making good costs, in fen; `None`: no price is on file.
    pub cost: Option<i64>,
    /// The article.
    pub basis: String,
    /// The facts.
    pub facts: String,
    /// Its source rows.
    pub sources: Vec<u64>,
    /// The project that makes it good, and where that stands.
    pub project: Option<(u64, &'static str)>,
    /// Pictures of its measurement.
    pub photos: Vec<[u8; 16]>,
}

/// A step of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepView {
    /// The day.
    pub on: Date,
    /// What.
    pub code: String,
    /// Fen.
    pub amount: Option<i64>,
    /// Made good.
    pub quantity: Option<i64>,
    /// Of the work.
    pub percent: Option<i64>,
    /// The fund, or who builds.
    pub party: String,
    /// What else there is to say.
    pub note: String,
    /// Who said so.
    pub by: String,
    /// Pictures.
    pub photos: Vec<[u8; 16]>,
}

/// A project, from its need to its acceptance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectView {
    /// Its number.
    pub number: u64,
    /// The school.
    pub school: u64,
    /// Its name.
    pub name: String,
    /// The standard's key.
    pub standard: String,
    /// Its name.
    pub title: Title,
    /// What people call it.
    pub called: String,
    /// Missing when it began, in units of the duty.
    pub need: i64,
    /// The unit.
    pub unit: Unit,
    /// Cost by the table of prices, in fen.
    pub cost: i64,
    /// Granted, contracted, paid so far, in fen.
    pub money: (i64, i64, i64),
    /// Where it stands.
    pub state: &'static str,
    /// What may follow.
    pub next: Vec<&'static str>,
    /// Its steps.
    pub steps: Vec<StepView>,
}

/// The ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GapsPage {
    /// By standard: its key and name, schools that lack it, missing, unit, cost.
    pub standards: Vec<(String, Title, usize, i64, Unit, i64)>,
    /// The lines shown.
    pub lines: Vec<GapLine>,
    /// How many there are.
    pub total: usize,
    /// What all of them cost, in fen.
    pub cost: i64,
    /// Standards that nobody measured at any school: item and article.
    pub unmeasured: Vec<(String, String)>,
    /// Schools, for forms.
    pub schools: Vec<(u64, String)>,
    /// The standard that is shown; empty: all.
    pub standard: String,
    /// The school that is shown.
    pub school: Option<u64>,
    /// Whether the reader may begin projects.
    pub may_work: bool,
}

/// A step as somebody writes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewStep {
    /// What.
    pub code: String,
    /// The day.
    pub on: Option<Date>,
    /// Yuan, as written.
    pub amount: String,
    /// Made good, as written.
    pub quantity: String,
    /// Percent, as written.
    pub percent: String,
    /// The fund, or who builds.
    pub party: String,
    /// What else there is to say.
    pub note: String,
}

const LINES: usize = 200;

/// Codes of steps with their Chinese names.
pub(super) const STEPS: [(&str, &str); 5] = [
    ("funded", "到款"),
    ("contracted", "签合同"),
    ("progress", "进度"),
    ("accepted", "验收"),
    ("dropped", "作罢"),
];

fn state_of(steps: &[ProjectStep]) -> &'static str {
    let last = steps.last().map_or("planned", |s| s.code.as_str());
    STEPS.iter().map(|s| s.0).find(|s| *s == last).unwrap_or("planned")
}

fn next_of(state: &str) -> Vec<&'static str> {
    match state {
        "planned" => vec!["funded", "dropped"],
        "funded" => vec!["funded", "contracted", "dropped"],
        "contracted" | "progress" => vec!["progress", "accepted", "dropped"],
        _ => Vec::new(),
    }
}

fn said(code: &str) -> &'static str {
    STEPS.iter().find(|s| s.0 == code).map_or("立项", |s| s.1)
}

/// What so much of a standard costs, in fen.
fn price_of(norms: &Norms, standard: &str, missing: i64, unit: Unit, on: Date) -> Option<i64> {
    let price = in_force(&norms.costs.get(standard)?.rows, on)?.value;
    // Thousandths of a yuan a unit; `missing` in the duty's storage units.
    let fen = i128::from(missing) * i128::from(price) / i128::from(unit.scale()) / 10;
    i64::try_from(fen).ok()
}

impl Office {
    /// The ledger of gaps of the live assessment on the reader's ground, the dearest first.
    ///
    /// # Errors
    /// Without [`Right::Schools`]; what the store says.
    #[expect(clippy::too_many_lines, reason = "one line of the ledger from many tables")]
    pub fn gap_ledger(
        &self,
        actor: &Actor,
        standard: &str,
        school: Option<u64>,
    ) -> Result<GapsPage, OfficeError> {
        actor.must(Right::Schools)?;
        let scope = actor.scope_in(Right::Schools, Area::Conditions);
        let county = self.county_code()?;
        let norms = &self.rules.norms;
        self.store.read(|tx| {
            let Some(run) = tx.live_run(county)? else { return Ok(GapsPage::default()) };
            let schools: BTreeMap<u64, fujiao_store::School> =
                tx.schools(county)?.into_iter().map(|s| (s.id, s)).collect();
            let mut projects: BTreeMap<(u64, String), (u64, &'static str)> = BTreeMap::new();
            let steps = tx.project_steps(county)?;
            for p in tx.projects(county)? {
                let own: Vec<ProjectStep> = steps.iter().filter(|s| s.project == p.number).cloned().collect();
                projects.insert((p.school, p.standard), (p.number, state_of(&own)));
            }
            let mut photos: BTreeMap<u64, Vec<[u8; 16]>> = BTreeMap::new();
            for (row, _, key) in tx.school_photos(county, "measure")? {
                photos.entry(row).or_default().push(key);
            }
            let all = tx.query(
                "select d.duty_id, d.kind, d.subject_id, d.quantity, d.done, d.gap, d.unit, r.basis, d.facts, d.sources
                   from duty d join rule r on r.county = d.county and r.run_id = d.run_id and r.rule_no = d.rule_no
                  where d.county = $1 and d.run_id = $2 and d.area = 'conditions' and d.subject_kind = 'school' and d.gap > 0
                  order by d.duty_id",
                &[county.into(), run.id.into()],
                |r| {
                    let unit = r.parse(6, Unit::parse)?.ok_or_else(|| r.bad(6))?;
                    let sources: Vec<u64> =
                        r.get::<&str>(9)?.split(' ').filter_map(|id| id.parse().ok()).collect();
                    let figures: (i64, i64, i64) = (r.get(3)?, r.get(4)?, r.get(5)?);
                    Ok(GapLine {
                        duty: r.get(0)?,
                        standard: r.get(1)?,
                        school: r.get(2)?,
                        name: String::new(),
                        title: Title { zh: String::new(), en: String::new() },
                        line: None,
                        figures,
                        unit,
                        measure: String::new(),
                        is_met_or_not: false,
                        cost: None,
                        basis: r.get(7)?,
                        facts: r.get(8)?,
                        sources,
                        project: None,
                        photos: Vec::new(),
                    })
                },
            )?;
            let mut page = GapsPage { standard: standard.to_owned(), school, ..GapsPage::default() };
            let mut sums: BTreeMap<String, (usize, i64, Unit, i64)> = BTreeMap::new();
            for mut line in all {
                let Some(of) = schools.get(&line.school) else { continue };
                let town = of.town.map(fujiao_model::Division::code);
                if !(scope.is_whole() || reaches(&scope, line.school, town)) {
                    continue;
                }
                line.cost = price_of(norms, &line.standard, line.figures.2, line.unit, run.as_of);
                let sum = sums.entry(line.standard.clone()).or_insert((0, 0, line.unit, 0));
                *sum = (sum.0 + 1, sum.1 + line.figures.2, line.unit, sum.3 + line.cost.unwrap_or(0));
                let shown = (standard.is_empty() || line.standard == standard)
                    && school.is_none_or(|s| s == line.school);
                if !shown {
                    continue;
                }
                page.cost += line.cost.unwrap_or(0);
                line.name.clone_from(&of.name);
                line.title = self.rules.titles.title(&line.standard);
                let of = norms.standard(&line.standard);
                line.line = of.and_then(|s| s.line);
                of.map_or(line.unit.chinese(), |s| s.unit.chinese()).clone_into(&mut line.measure);
                line.is_met_or_not =
                    of.is_some_and(|s| s.unit == fujiao_school::conditions::Measure::YesNo);
                line.project = projects.get(&(line.school, line.standard.clone())).copied();
                line.photos = line.sources.iter().filter_map(|s| photos.get(s)).flatten().copied().collect();
                page.lines.push(line);
            }
            page.lines.sort_by_key(|l| (std::cmp::Reverse(l.cost), l.school, l.standard.clone()));
            page.total = page.lines.len();
            page.lines.truncate(LINES);
            page.standards = sums
                .into_iter()
                .map(|(key, (n, missing, unit, cost))| (key.clone(), self.rules.titles.title(&key), n, missing, unit, cost))
                .collect();
            page.standards.sort_by_key(|s| std::cmp::Reverse(s.5));
            let measured: std::collections::BTreeSet<String> = tx
                .rows_of_kind(county, fujiao_model::RosterKind::Measurements, None)?
                .iter()
                .filter_map(|r| r.row.fields.text(fujiao_model::Field::Item).map(str::to_owned))
                .collect();
            page.unmeasured = norms
                .standards
                .iter()
                .filter(|s| super::duties::area_of(&s.key) == Area::Conditions && !measured.contains(&s.item))
                .map(|s| (s.item.clone(), s.rows[0].basis.clone()))
                .collect();
            page.schools = schools
                .values()
                .filter(|s| s.closed_on.is_none())
                .filter(|s| scope.is_whole() || reaches(&scope, s.id, s.town.map(fujiao_model::Division::code)))
                .map(|s| (s.id, s.name.clone()))
                .collect();
            page.may_work = actor.may(Right::Works);
            Ok(page)
        })
    }

    /// All projects on the reader's ground, or one.
    ///
    /// # Errors
    /// Without [`Right::Schools`]; what the store says.
    pub fn projects(
        &self,
        actor: &Actor,
        number: Option<u64>,
    ) -> Result<Vec<ProjectView>, OfficeError> {
        actor.must(Right::Schools)?;
        let scope = actor.scope_in(Right::Schools, Area::Conditions);
        let county = self.county_code()?;
        self.store.read(|tx| {
            let schools: BTreeMap<u64, fujiao_store::School> =
                tx.schools(county)?.into_iter().map(|s| (s.id, s)).collect();
            let steps = tx.project_steps(county)?;
            let photos = tx.school_photos(county, "project")?;
            let view = |p: Project| {
                let of = schools.get(&p.school)?;
                let town = of.town.map(fujiao_model::Division::code);
                if !(scope.is_whole() || reaches(&scope, p.school, town)) {
                    return None;
                }
                let own: Vec<ProjectStep> =
                    steps.iter().filter(|s| s.project == p.number).cloned().collect();
                let sum = |codes: &[&str]| {
                    own.iter()
                        .filter(|s| codes.contains(&s.code.as_str()))
                        .filter_map(|s| s.amount)
                        .sum()
                };
                let state = state_of(&own);
                Some(ProjectView {
                    number: p.number,
                    school: p.school,
                    name: of.name.clone(),
                    title: self.rules.titles.title(&p.standard),
                    standard: p.standard,
                    called: p.title,
                    need: p.need,
                    unit: Unit::parse(&p.unit).unwrap_or(Unit::Piece),
                    cost: p.cost,
                    money: (sum(&["funded"]), sum(&["contracted"]), sum(&["progress", "accepted"])),
                    state,
                    next: next_of(state),
                    steps: own
                        .iter()
                        .map(|s| StepView {
                            on: s.on,
                            code: s.code.clone(),
                            amount: s.amount,
                            quantity: s.quantity,
                            percent: s.percent,
                            party: s.party.clone(),
                            note: s.note.clone(),
                            by: s.by.name.clone(),
                            photos: photos
                                .iter()
                                .filter(|(n, part, _)| {
                                    *n == p.number && *part == s.number.to_string()
                                })
                                .map(|(.., key)| *key)
                                .collect(),
                        })
                        .collect(),
                })
            };
            let all =
                tx.projects(county)?.into_iter().filter(|p| number.is_none_or(|n| n == p.number));
            Ok(all.filter_map(view).collect())
        })
    }

    /// Begins a project for a gap of the live assessment: it keeps the standard, how much is missing and what that costs.
    ///
    /// # Errors
    /// [`SchoolError::NoRecord`] where there is no such gap; without [`Right::Works`] on the school.
    pub fn begin_project(
        &self,
        actor: &Actor,
        school: u64,
        standard: &str,
        title: &str,
    ) -> Result<u64, OfficeError> {
        actor.must(Right::Works)?;
        let page = self.gap_ledger(actor, standard, Some(school))?;
        let line = page.lines.first().ok_or(SchoolError::NoRecord)?;
        if let Some((number, state)) = line.project
            && !matches!(state, "accepted" | "dropped")
        {
            return Ok(number);
        }
        let title = title.trim();
        let title = if title.is_empty() {
            format!("{}{}", line.name, line.title.zh)
        } else {
            title.to_owned()
        };
        if title.chars().count() > 60 {
            return Err(SchoolError::Form {
                field: "title", reason: "项目名称最多 60 字".into()
            }
            .into());
        }
        let county = self.county_code()?;
        let new = NewProject {
            school,
            standard: standard.to_owned(),
            title,
            need: line.figures.2,
            unit: line.unit.code().to_owned(),
            cost: line.cost.unwrap_or(0),
            by: author(actor),
        };
        self.store.write(|tx| {
            let number = tx.add_project(county, &new)?;
            tx.audit(&Event {
                county,
                at: actor.at,
                actor: &actor.login,
                action: "begin project",
                object: &format!("project {number}"),
                detail: &format!(
                    "{} {} need {} cost {}",
                    Subject::school(school),
                    new.standard,
                    new.need,
                    new.cost
                ),
            })?;
            Ok(number)
        })
    }

    /// Takes a step of a project; its number.
    ///
    /// # Errors
    /// [`SchoolError::Step`] where it cannot follow, [`SchoolError::Form`] at the field; without [`Right::Works`].
    pub fn project_step(
        &self,
        actor: &Actor,
        project: u64,
        step: &NewStep,
    ) -> Result<u64, OfficeError> {
        actor.must(Right::Works)?;
        let view =
            self.projects(actor, Some(project))?.into_iter().next().ok_or(SchoolError::NoRecord)?;
        let code = STEPS.iter().map(|s| s.0).find(|c| *c == step.code);
        let code = code.filter(|c| view.next.contains(c));
        let Some(code) = code else {
            return Err(SchoolError::Step(said(view.state), said(&step.code)).into());
        };
        let form = |field: &'static str, reason: &str| SchoolError::Form {
            field,
            reason: reason.to_owned(),
        };
        let on = step.on.ok_or_else(|| form("on", "写哪一天"))?;
        if on > actor.today() {
            return Err(form("on", "还没到的日子；写实际发生的那天").into());
        }
        if view.steps.last().is_some_and(|last| on < last.on) {
            return Err(form("on", "早于上一步；按先后记").into());
        }
        let yuan = |text: &str| -> Result<Option<i64>, SchoolError> {
            let text = text.trim().replace([',', '，'], "");
            if text.is_empty() {
                return Ok(None);
            }
            let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
            let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
            if whole.is_empty()
                || whole.len() > 12
                || part.len() > 2
                || !digits(whole)
                || !digits(part)
            {
                return Err(form("amount", "金额写成元，如 120000 或 120000.50"));
            }
            let whole: i64 = whole.parse().map_err(|_| form("amount", "金额太大"))?;
            let part: i64 = format!("{part:0<2}").parse().unwrap_or(0);
            Ok(Some(whole * 100 + part))
        };
        let amount = yuan(&step.amount)?;
        if matches!(code, "funded" | "contracted") && amount.is_none_or(|a| a == 0) {
            return Err(form("amount", "到款和合同要写金额").into());
        }
        let percent = match step.percent.trim().trim_end_matches('%') {
            "" => None,
            text => Some(
                text.parse::<i64>()
                    .ok()
                    .filter(|n| (0..=100).contains(n))
                    .ok_or_else(|| form("percent", "进度写 0 到 100"))?,
            ),
        };
        let quantity = match step.quantity.trim() {
            "" if code == "accepted" => return Err(form("quantity", "验收要写补上了多少").into()),
            "" => None,
            text => {
                let n: f64 = text.parse().map_err(|_| form("quantity", "写一个数"))?;
                if !(0.0..1e9).contains(&n) {
                    return Err(form("quantity", "写零以上的数").into());
                }
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_precision_loss,
                    reason = "checked just above"
                )]
                Some((n * view.unit.scale() as f64).round() as i64)
            }
        };
        if step.party.chars().count() > 60 || step.note.chars().count() > 200 {
            return Err(form("note", "单位最多 60 字，说明最多 200 字").into());
        }
        let county = self.county_code()?;
        let number = view.steps.len() as u64 + 1;
        let new = ProjectStep {
            project,
            number,
            on,
            code: code.to_owned(),
            amount,
            quantity,
            percent,
            party: step.party.trim().to_owned(),
            note: step.note.trim().to_owned(),
            by: author(actor),
        };
        self.store.write(|tx| {
            tx.add_project_step(county, &new)?;
            tx.audit(&Event {
                county,
                at: actor.at,
                actor: &actor.login,
                action: "project step",
                object: &format!("project {project}"),
                detail: &format!("{number} {code}"),
            })?;
            Ok(number)
        })
    }
}
