//! Plans: a question is kept with what it was reckoned from, solved by a job, counted again by the checker, compared, and
//! accepted, after which it is duties.

mod ahead;
mod ask;
mod blank;
mod changes;
mod courses;
mod files;
mod guards;
mod inputs;
mod money;
mod places;
mod report;
pub mod said;
mod sites;
mod steps;
mod tables;
mod teachers;
pub(crate) mod todo;
pub(crate) mod ways;

use fujiao_model::{Stage, Subject};
use fujiao_store::{Event, NewJob, NewScenario, SolvedScenario};
pub use fujiao_store::{PlanDuty, PlanFile, Scenario, ScenarioState};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::access::{Actor, Right};
use crate::jobs::{JobKind, JobState};
use crate::uploads::Brought;
use crate::{Office, OfficeError, Progress};
pub use ask::{AheadAsk, Ask, CoursesAsk, MayClose, MoneyAsk, PlacesAsk, SitesAsk, TeachersAsk};
pub use blank::BlankSheet;
pub use files::{GROUND_BYTES, GroundKind, heights_of, roads_of};
use inputs::Inputs;
use steps::Steps;

/// How a plan is solved: what asks whether to stop, and what is told.
pub struct Solving<'a> {
    /// The county's roads, where they are others than those in the books: file name and bytes.
    pub roads: Option<(&'a str, &'a [u8])>,
    /// Asked with the share of the time that a step may use up.
    pub stop: &'a (dyn Fn(f64) -> bool + Sync),
    /// Whether somebody asked it to stop for now: then the question goes on waiting.
    pub stopped: &'a (dyn Fn() -> bool + Sync),
    /// Told of its progress.
    pub progress: &'a Progress<'a>,
    /// The clock.
    pub now: &'a dyn Fn() -> Timestamp,
}

/// Why there is no such plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// There is no such scenario.
    #[error("没有这个规划方案；看看规划列表")]
    NoSuchPlan,
    /// Plans are made from registers.
    #[error("还没有核算过；先核算，再做规划")]
    NotAssessed,
    /// Nobody is in a compulsory grade.
    #[error("学籍里没有小学和初中学生；先收学籍名册，再核算")]
    NoPupils,
    /// A number of the rules is not in force.
    #[error("规则里没有这一天有效的“{0}”；在 policies/county/plan.toml 里补上")]
    NoNumber(String),
    /// It does not stand where that can be done.
    #[error("这个方案现在不能这样办：{0}")]
    NotNow(&'static str),
    /// The title is missing or too long.
    #[error("给方案起个名字，40 个字以内")]
    Title,
    /// The stage has no plan of schools.
    #[error("学校布局只算小学和初中；换一个学段")]
    Stage,
    /// Roads or heights cannot be read.
    #[error("{0}")]
    Ground(String),
    /// A table cannot be taken: every fault with its row, column and remedy.
    #[error("{}", .0.join("；"))]
    Table(Vec<String>),
    /// The registers lack what the question is about.
    #[error("{0}")]
    Lacking(String),
}

/// A scenario with what was asked and what came of it.
#[derive(Clone, Debug)]
pub struct PlanView {
    /// The scenario.
    pub scenario: Scenario,
    /// What was asked.
    pub ask: Option<Ask>,
    /// What came of it.
    pub result: Option<said::Result>,
    /// What it asks, once accepted.
    pub duties: Vec<PlanDuty>,
    /// The job that solves it, or solved it last, while it waits.
    pub job: Option<u64>,
    /// Whether that job has ended without an answer: it can be begun again, and goes on from what was found.
    pub can_go_on: bool,
    /// The table that it rests on.
    pub table: Option<PlanFile>,
}

impl PlanView {
    /// How much better another plan could be at most, in percent; `None` where nothing is compared.
    pub fn gap_percent(&self) -> Option<f64> {
        let (objective, bound) = self.scenario.objective.zip(self.scenario.bound)?;
        Some((100.0 * (objective - bound) / objective.abs().max(1.0)).max(0.0))
    }

    /// Whether it can be accepted: solved, and found right by the checker.
    pub fn can_be_accepted(&self) -> bool {
        self.scenario.state == ScenarioState::Solved
            && self.scenario.verdict.as_deref().is_none_or(|v| v == "ok")
    }
}

impl Office {
    /// Keeps a question with the table that it rests on, and queues the job that solves it; the scenario's id.
    ///
    /// # Errors
    /// Not theirs to do; [`PlanError::Title`], [`PlanError::Stage`], [`PlanError::NotAssessed`]; what is wrong with the table,
    /// of which then nothing is kept; what the store says.
    pub fn ask_plan(
        &self,
        actor: &Actor,
        title: &str,
        ask: Ask,
        table: Option<&Brought>,
    ) -> Result<u64, OfficeError> {
        let id = self.keep_plan(actor, title, ask, table)?;
        self.queue_plan(actor, id)?;
        Ok(id)
    }

    fn queue_plan(&self, actor: &Actor, id: u64) -> Result<(), OfficeError> {
        let county = self.county_code()?;
        self.store.write(|tx| {
            let new = NewJob {
                kind: JobKind::Plan.code(),
                input: &id.to_string(),
                author: &actor.login,
                author_name: &actor.name,
                at: actor.at,
            };
            tx.add_job(county, &new)?;
            Ok(())
        })
    }

    /// Begins a plan again that was stopped or failed on its way: it goes on from what it had found.
    ///
    /// # Errors
    /// Not theirs to do; [`PlanError::NotNow`] if it is solved or under way; what the store says.
    pub fn go_on_with_plan(&self, actor: &Actor, id: u64) -> Result<(), OfficeError> {
        actor.must(Right::PlanMake)?;
        if !self.plan(actor, id)?.can_go_on {
            return Err(PlanError::NotNow("它在算，或已经算过").into());
        }
        self.queue_plan(actor, id)
    }

    /// Keeps a question without a job, for whoever solves it at once.
    ///
    /// # Errors
    /// As [`Office::ask_plan`].
    pub fn keep_plan(
        &self,
        actor: &Actor,
        title: &str,
        ask: Ask,
        table: Option<&Brought>,
    ) -> Result<u64, OfficeError> {
        actor.must(Right::PlanMake)?;
        let title = title.trim();
        if title.is_empty() || title.chars().count() > 40 {
            return Err(PlanError::Title.into());
        }
        if let Ask::Sites(ask) = ask
            && !matches!(ask.stage, Stage::Primary | Stage::Junior)
        {
            return Err(PlanError::Stage.into());
        }
        let county = self.county_code()?;
        let ask = match table {
            Some(file) => {
                let inputs = self.store.read(|tx| Inputs::read(tx, county))?;
                let holds = check_table(&inputs, &ask, file)?;
                let kind = format!("{}_table", ask.code());
                ask.with_table(Some(self.keep_file(actor, &kind, file, &holds, false)?))
            }
            None => ask,
        };
        self.store.write(|tx| {
            tx.live_run(county)?.ok_or(PlanError::NotAssessed)?;
            let new = NewScenario {
                question: ask.code(),
                title,
                asked: &ask.to_json(),
                author: &actor.login,
                author_name: &actor.name,
                at: actor.at,
            };
            let id = tx.add_scenario(county, &new)?;
            note(tx, county, actor, "ask plan", id, &ask.to_json())?;
            Ok(id)
        })
    }

    /// Solves a question that waits; `false` if it was stopped before there was an answer, and goes on waiting.
    ///
    /// # Errors
    /// [`PlanError::NoSuchPlan`], [`PlanError::NotNow`]; what the store says. That there is no plan is no error: it is kept.
    pub fn solve_plan(&self, id: u64, how: &Solving<'_>) -> Result<bool, OfficeError> {
        let county = self.county_code()?;
        (how.progress)("读台账", 0, 1);
        let (scenario, inputs, mut ground, table, people) = self.store.read(|tx| {
            let scenario = tx.scenario(county, id)?.ok_or(PlanError::NoSuchPlan)?;
            let ask = Ask::parse(&scenario.asked).ok_or(PlanError::NoSuchPlan)?;
            let table = match ask.table() {
                Some(file) => tx.plan_file(county, file)?,
                None => None,
            };
            let people = inputs::People::read(tx, county, &ask)?;
            let ground = files::ground(tx, county)?;
            Ok::<_, OfficeError>((scenario, Inputs::read(tx, county)?, ground, table, people))
        })?;
        if scenario.state != ScenarioState::Waiting {
            return Err(PlanError::NotNow("它已经算过").into());
        }
        if let Some((name, bytes)) = how.roads {
            ground.roads = roads_of(name, bytes)?;
            ground.digest = format!("{:02x?}", <sha2::Sha256 as sha2::Digest>::digest(bytes));
        }
        let ask = Ask::parse(&scenario.asked).ok_or(PlanError::NoSuchPlan)?;
        let policies: &fujiao_policy::PolicySet = &self.rules.policies;
        let table_bytes = table.as_ref().map_or(&[][..], |(_, bytes)| bytes.as_slice());
        let hash = inputs.hash(&scenario.asked, policies, (&ground, table_bytes), &people);
        let file = table.as_ref().map(|(file, bytes)| (file.name.as_str(), bytes.as_slice()));
        let kept = self.store.read(|tx| tx.plan_steps(county, id, &hash))?;
        let keep = |step: &str, found: &str| {
            // What cannot be kept is found again.
            let _ = self.store.write(|tx| tx.keep_plan_step(county, id, (step, &hash), found));
        };
        let mut steps = Steps { kept, keep: &keep, stopped: how.stopped };
        let rules = (policies, &ground);
        let found = match &ask {
            Ask::Sites(ask) => {
                sites::solve(&inputs, ask, rules, how.stop, &mut steps, how.progress)
            }
            Ask::Ahead(ask) => ahead::solve(&inputs, *ask, policies, file, how.progress),
            Ask::Teachers(ask) => {
                teachers::solve(&inputs, *ask, rules, (file, &people), how.stop, how.progress)
            }
            Ask::Places(ask) => places::solve(&inputs, *ask, rules, (file, &people), how.progress),
            Ask::Money(ask) => {
                money::solve(&inputs, *ask, policies, (file, &people), how.stop, how.progress)
            }
            Ask::Courses(ask) => {
                courses::solve(&inputs, *ask, rules, (file, &people), how.stop, how.progress)
            }
        };
        if (how.stopped)() {
            return Ok(false);
        }
        let mut solved = match found {
            Ok(solved) => solved,
            Err(error @ OfficeError::Plan(_)) => {
                SolvedScenario { failure: Some(error.to_string()), ..SolvedScenario::default() }
            }
            Err(error) => return Err(error),
        };
        solved.run = Some(inputs.run);
        solved.inputs_hash.clone_from(&hash);
        let at = (how.now)();
        self.store.write(|tx| {
            if tx.solve_scenario(county, id, &solved, at)? {
                tx.drop_plan_steps(county, id)?;
                let said = solved.failure.as_deref().map_or("solved", |_| "no plan");
                let verdict = solved.verdict.as_deref().unwrap_or("-");
                tx.audit(&Event {
                    county,
                    at,
                    actor: &scenario.author,
                    action: "solve plan",
                    object: &format!("plan {id}"),
                    detail: &format!("{said} inputs {} check {verdict}", solved.inputs_hash),
                })?;
            }
            Ok(true)
        })
    }

    /// For how many seconds a scenario is to be reckoned.
    pub(crate) fn seconds_of_plan(&self, id: u64) -> Result<f64, OfficeError> {
        let county = self.county_code()?;
        let scenario = self.store.read(|tx| tx.scenario(county, id).map_err(OfficeError::from))?;
        let scenario = scenario.ok_or(PlanError::NoSuchPlan)?;
        Ok(Ask::parse(&scenario.asked).map_or(60.0, |ask| f64::from(ask.seconds())))
    }

    /// The last scenarios, newest first, without their results.
    ///
    /// # Errors
    /// Not theirs to see; what the store says.
    pub fn plans(&self, actor: &Actor) -> Result<Vec<Scenario>, OfficeError> {
        actor.must(Right::Plan)?;
        let county = self.county_code()?;
        self.store.read(|tx| Ok(tx.scenarios(county, 200)?))
    }

    /// One scenario.
    ///
    /// # Errors
    /// Not theirs to see; [`PlanError::NoSuchPlan`]; what the store says.
    pub fn plan(&self, actor: &Actor, id: u64) -> Result<PlanView, OfficeError> {
        actor.must(Right::Plan)?;
        let county = self.county_code()?;
        self.store.read(|tx| {
            let scenario = tx.scenario(county, id)?.ok_or(PlanError::NoSuchPlan)?;
            let duties = if scenario.state == ScenarioState::Accepted {
                tx.plan_duties(county, Some(id))?
            } else {
                Vec::new()
            };
            let waits = scenario.state == ScenarioState::Waiting;
            let job = if waits {
                let (kind, input) = (JobKind::Plan.code(), id.to_string());
                let jobs = tx.jobs(county, None, 200)?;
                jobs.into_iter().find(|j| j.kind == kind && j.input == input)
            } else {
                None
            };
            let ask = Ask::parse(&scenario.asked);
            let table = match ask.and_then(|ask| ask.table()) {
                Some(file) => tx.plan_file(county, file)?.map(|(file, _)| file),
                None => None,
            };
            let result = scenario.result.as_deref().and_then(|r| serde_json::from_str(r).ok());
            Ok(PlanView {
                ask,
                result: result.map(|r: said::Result| r.as_seen_by(actor)),
                can_go_on: waits
                    && job.as_ref().is_none_or(|j| {
                        matches!(j.state, JobState::Stopped | JobState::Failed | JobState::Done)
                    }),
                job: job.map(|j| j.id),
                scenario,
                duties,
                table,
            })
        })
    }

    /// Accepts a plan: what it asks becomes duties at the next assessment. How many lines there are.
    ///
    /// # Errors
    /// Not theirs to do; [`PlanError::NotNow`]; what the store says.
    pub fn accept_plan(&self, actor: &Actor, id: u64, by: &str) -> Result<usize, OfficeError> {
        actor.must(Right::PlanMake)?;
        let view = self.plan(actor, id)?;
        if !view.can_be_accepted() {
            let why = match (view.scenario.state, view.scenario.verdict.as_deref()) {
                (ScenarioState::Accepted, _) => "它已经采用",
                (ScenarioState::Solved, Some(_)) => "核对没有通过，重新算一个",
                _ => "它还没有算出来",
            };
            return Err(PlanError::NotNow(why).into());
        }
        let Some(result) = &view.result else {
            return Err(PlanError::NotNow("它没有可采用的内容").into());
        };
        let lines = todo::lines(&view.scenario, result, actor.today());
        let county = self.county_code()?;
        self.store.write(|tx| {
            let who = (actor.login.as_str(), actor.name.as_str());
            if !tx.decide_scenario(county, id, ScenarioState::Accepted, who, by.trim(), actor.at)? {
                return Err(PlanError::NotNow("别人刚刚办过").into());
            }
            tx.add_plan_duties(county, &lines)?;
            if let said::Result::Courses(plan) = result {
                crate::labour::open_planned(tx, county, actor, plan)?;
            }
            note(tx, county, actor, "accept plan", id, &format!("lines {} {by}", lines.len()))?;
            Ok(lines.len())
        })
    }

    /// Drops a plan; what an accepted one asked is owed no more from the next assessment on.
    ///
    /// # Errors
    /// Not theirs to do; [`PlanError::NotNow`]; what the store says.
    pub fn drop_plan(&self, actor: &Actor, id: u64, why: &str) -> Result<(), OfficeError> {
        actor.must(Right::PlanMake)?;
        let county = self.county_code()?;
        self.store.write(|tx| {
            let who = (actor.login.as_str(), actor.name.as_str());
            if !tx.decide_scenario(county, id, ScenarioState::Dropped, who, why.trim(), actor.at)? {
                return Err(PlanError::NotNow("它已经作罢").into());
            }
            note(tx, county, actor, "drop plan", id, why)
        })
    }

    /// Says that a line of an accepted plan is done.
    ///
    /// # Errors
    /// Not theirs to do; [`PlanError::NotNow`]; what the store says.
    pub fn do_plan_line(
        &self,
        actor: &Actor,
        id: u64,
        line: u32,
        on: Date,
    ) -> Result<(), OfficeError> {
        actor.must(Right::PlanMake)?;
        let county = self.county_code()?;
        self.store.write(|tx| {
            let who = (actor.login.as_str(), actor.name.as_str());
            if !tx.do_plan_duty(county, (id, line), who, on)? {
                return Err(PlanError::NotNow("这一条没有，或已经办了").into());
            }
            note(tx, county, actor, "plan line done", id, &format!("line {line} on {on}"))
        })
    }

    /// Accepted plans with what they ask, for an assessment.
    pub(crate) fn accepted_plans(
        &self,
        county: u32,
    ) -> Result<Vec<(Scenario, Vec<PlanDuty>)>, OfficeError> {
        self.store.read(|tx| {
            let mut plans: Vec<(Scenario, Vec<PlanDuty>)> = Vec::new();
            for line in tx.plan_duties(county, None)? {
                if plans.last().is_none_or(|(s, _)| s.id != line.scenario) {
                    let scenario = tx.scenario(county, line.scenario)?;
                    let scenario = scenario.ok_or(PlanError::NoSuchPlan)?;
                    plans.push((scenario, Vec::new()));
                }
                plans.last_mut().expect("one was just put there").1.push(line);
            }
            Ok(plans)
        })
    }
}

/// Reads the table of a question as it will be read when it is solved; what it holds, in one line.
fn check_table(inputs: &Inputs, ask: &Ask, file: &Brought) -> Result<String, PlanError> {
    let at = (file.name.as_str(), file.bytes.as_slice());
    match ask {
        Ask::Sites(_) => {
            Err(PlanError::Table(vec!["学校布局不用表；路网和高程在“底图”里传".into()]))
        }
        Ask::Ahead(_) => changes::read(inputs, at).map(|t| t.in_a_line()),
        Ask::Teachers(_) => teachers::table(inputs, at).map(|t| t.in_a_line()),
        Ask::Places(_) => places::table(inputs, at).map(|t| t.in_a_line()),
        Ask::Money(_) => money::table(inputs, at).map(|t| t.in_a_line()),
        Ask::Courses(_) => courses::table(inputs, at).map(|t| t.in_a_line()),
    }
}

/// The school that a line is about, for links.
pub fn school_of(line: &PlanDuty) -> Option<u64> {
    let Subject { kind, id } = line.subject;
    (kind == fujiao_model::SubjectKind::School).then_some(id)
}

fn note(
    tx: &mut fujiao_store::Tx,
    county: u32,
    actor: &Actor,
    action: &str,
    plan: u64,
    detail: &str,
) -> Result<(), OfficeError> {
    let object = format!("plan {plan}");
    let (at, by) = (actor.at, actor.login.as_str());
    Ok(tx.audit(&Event { county, at, actor: by, action, object: &object, detail })?)
}
