//! Plans: a question is kept with what it was reckoned from, solved by a job, counted again by the checker, compared, and
//! accepted, after which it is duties.

mod ahead;
mod inputs;
pub mod said;
mod sites;
pub(crate) mod todo;

use fujiao_model::{Stage, Subject};
use fujiao_plan::travel::{Roads, roads_from_geojson, roads_from_pbf};
use fujiao_store::{Event, NewJob, NewScenario, SolvedScenario};
pub use fujiao_store::{PlanDuty, Scenario, ScenarioState};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::access::{Actor, Right};
use crate::jobs::JobKind;
use crate::{Office, OfficeError, Progress};
use inputs::Inputs;

/// Which schools may close.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MayClose {
    /// None.
    None,
    /// Small ones: fewer pupils than the rules call small.
    #[default]
    Small,
    /// Any.
    All,
}

impl MayClose {
    /// The word in forms and in the books.
    pub fn code(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Small => "small",
            Self::All => "all",
        }
    }

    /// Reads the word.
    pub fn parse(code: &str) -> Option<Self> {
        [Self::None, Self::Small, Self::All].into_iter().find(|m| m.code() == code)
    }
}

/// Which schools to keep, open, and give what.
#[expect(clippy::struct_excessive_bools, reason = "each is a box of the form")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SitesAsk {
    /// Primary or junior.
    pub stage: Stage,
    /// Which may close.
    pub may_close: MayClose,
    /// Whether schools may be given beds.
    pub beds: bool,
    /// Whether schools may be given a bus.
    pub bus: bool,
    /// Whether closed ones may open again and teaching points be built.
    pub build: bool,
    /// Whether no family may have to accompany a child.
    pub lawful_only: bool,
    /// Longest walk one way; `None`: as the rules say.
    pub walk_minutes: Option<u32>,
    /// Longest ride one way; `None`: as the rules say.
    pub ride_minutes: Option<u32>,
    /// How long to reckon.
    pub seconds: u32,
}

impl Default for SitesAsk {
    fn default() -> Self {
        Self {
            stage: Stage::Primary,
            may_close: MayClose::Small,
            beds: true,
            bus: true,
            build: true,
            lawful_only: false,
            walk_minutes: None,
            ride_minutes: None,
            seconds: 30,
        }
    }
}

/// How many children, classes and beds there will be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AheadAsk {
    /// Years.
    pub years: u8,
}

impl Default for AheadAsk {
    fn default() -> Self {
        Self { years: 10 }
    }
}

/// A question for the planner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// 学校布局.
    Sites(SitesAsk),
    /// 十年学位.
    Ahead(AheadAsk),
}

/// A question as it is kept.
#[derive(Serialize, Deserialize)]
#[serde(tag = "question", rename_all = "snake_case")]
enum AskedJson {
    Sites {
        stage: String,
        may_close: MayClose,
        beds: bool,
        bus: bool,
        build: bool,
        lawful_only: bool,
        walk_minutes: Option<u32>,
        ride_minutes: Option<u32>,
        seconds: u32,
    },
    Ahead {
        years: u8,
    },
}

impl Ask {
    /// Which question, as a word.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Sites(_) => "sites",
            Self::Ahead(_) => "ahead",
        }
    }

    fn to_json(self) -> String {
        let json = match self {
            Self::Sites(a) => AskedJson::Sites {
                stage: a.stage.code().to_owned(),
                may_close: a.may_close,
                beds: a.beds,
                bus: a.bus,
                build: a.build,
                lawful_only: a.lawful_only,
                walk_minutes: a.walk_minutes,
                ride_minutes: a.ride_minutes,
                seconds: a.seconds,
            },
            Self::Ahead(a) => AskedJson::Ahead { years: a.years },
        };
        serde_json::to_string(&json).expect("numbers and words always write")
    }

    fn parse(text: &str) -> Option<Self> {
        Some(match serde_json::from_str(text).ok()? {
            AskedJson::Sites {
                stage,
                may_close,
                beds,
                bus,
                build,
                lawful_only,
                walk_minutes,
                ride_minutes,
                seconds,
            } => Self::Sites(SitesAsk {
                stage: Stage::parse(&stage)?,
                may_close,
                beds,
                bus,
                build,
                lawful_only,
                walk_minutes,
                ride_minutes,
                seconds,
            }),
            AskedJson::Ahead { years } => Self::Ahead(AheadAsk { years }),
        })
    }
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
    /// Roads cannot be read.
    #[error("{0}")]
    Roads(String),
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
    /// The job that solves it, while it waits.
    pub job: Option<u64>,
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

/// Roads from a file, by its name: `.osm.pbf`, or `GeoJSON`.
///
/// # Errors
/// [`PlanError::Roads`].
pub fn roads_of(name: &str, bytes: &[u8]) -> Result<Roads, OfficeError> {
    let speed = |kind: &str| match kind {
        "motorway" | "trunk" => Some(60.0),
        "primary" | "secondary" => Some(40.0),
        "tertiary" | "unclassified" | "residential" | "living_street" | "road" => Some(25.0),
        "service" | "track" => Some(15.0),
        _ if kind.ends_with("_link") => Some(30.0),
        _ => None,
    };
    let roads = if name.to_ascii_lowercase().ends_with(".pbf") {
        roads_from_pbf(name, bytes, &speed)
    } else {
        let text = std::str::from_utf8(bytes).map_err(|_| {
            PlanError::Roads(format!("{name} 不是文本；给 .osm.pbf 或 UTF-8 的 GeoJSON"))
        })?;
        roads_from_geojson(name, text, &speed)
    };
    Ok(roads.map_err(|e| PlanError::Roads(e.to_string()))?)
}

impl Office {
    /// Keeps a question, and queues the job that solves it; the scenario's id.
    ///
    /// # Errors
    /// Not theirs to do; [`PlanError::Title`], [`PlanError::Stage`], [`PlanError::NotAssessed`]; what the store says.
    pub fn ask_plan(&self, actor: &Actor, title: &str, ask: Ask) -> Result<u64, OfficeError> {
        let county = self.county_code()?;
        let id = self.keep_plan(actor, title, ask)?;
        self.store.write(|tx| {
            let new = NewJob {
                kind: JobKind::Plan.code(),
                input: &id.to_string(),
                author: &actor.login,
                author_name: &actor.name,
                at: actor.at,
            };
            tx.add_job(county, &new)?;
            Ok::<_, OfficeError>(())
        })?;
        Ok(id)
    }

    /// Keeps a question without a job, for whoever solves it at once.
    ///
    /// # Errors
    /// As [`Office::ask_plan`].
    pub fn keep_plan(&self, actor: &Actor, title: &str, ask: Ask) -> Result<u64, OfficeError> {
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

    /// Solves a question that waits. `stop` is asked with the share of the time that a step may use up.
    ///
    /// # Errors
    /// [`PlanError::NoSuchPlan`], [`PlanError::NotNow`]; what the store says. That there is no plan is no error: it is kept.
    pub fn solve_plan(
        &self,
        id: u64,
        roads: &Roads,
        stop: &(dyn Fn(f64) -> bool + Sync),
        progress: &Progress<'_>,
        at: &dyn Fn() -> Timestamp,
    ) -> Result<(), OfficeError> {
        let county = self.county_code()?;
        let (scenario, inputs) = self.store.read(|tx| {
            let scenario = tx.scenario(county, id)?.ok_or(PlanError::NoSuchPlan)?;
            Ok::<_, OfficeError>((scenario, Inputs::read(tx, county)?))
        })?;
        if scenario.state != ScenarioState::Waiting {
            return Err(PlanError::NotNow("它已经算过").into());
        }
        let ask = Ask::parse(&scenario.asked).ok_or(PlanError::NoSuchPlan)?;
        let policies = &self.policies;
        let found = match &ask {
            Ask::Sites(ask) => sites::solve(&inputs, ask, policies, roads, stop, progress),
            Ask::Ahead(ask) => ahead::solve(&inputs, *ask, policies, progress),
        };
        let mut solved = match found {
            Ok(solved) => solved,
            Err(error @ OfficeError::Plan(_)) => {
                SolvedScenario { failure: Some(error.to_string()), ..SolvedScenario::default() }
            }
            Err(error) => return Err(error),
        };
        solved.run = Some(inputs.run);
        solved.inputs_hash = inputs.hash(&scenario.asked, policies, roads);
        let at = at();
        self.store.write(|tx| {
            if tx.solve_scenario(county, id, &solved, at)? {
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
            Ok(())
        })
    }

    /// For how many seconds a scenario is to be reckoned.
    pub(crate) fn seconds_of_plan(&self, id: u64) -> Result<f64, OfficeError> {
        let county = self.county_code()?;
        let scenario = self.store.read(|tx| tx.scenario(county, id).map_err(OfficeError::from))?;
        let scenario = scenario.ok_or(PlanError::NoSuchPlan)?;
        Ok(match Ask::parse(&scenario.asked) {
            Some(Ask::Sites(ask)) => f64::from(ask.seconds.clamp(1, 600)),
            _ => 60.0,
        })
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
            let job = if scenario.state == ScenarioState::Waiting {
                let (kind, input) = (JobKind::Plan.code(), id.to_string());
                let jobs = tx.jobs(county, None, 200)?;
                jobs.iter().find(|j| j.kind == kind && j.input == input).map(|j| j.id)
            } else {
                None
            };
            Ok(PlanView {
                ask: Ask::parse(&scenario.asked),
                result: scenario.result.as_deref().and_then(|r| serde_json::from_str(r).ok()),
                scenario,
                duties,
                job,
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
