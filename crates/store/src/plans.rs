//! What plans are reckoned from, and plans with what came of them.

use fujiao_model::{Area, Division, Grade, Stage, Subject, SubjectKind, Unit};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::{Row, StoreError, Tx, V};

/// Pupils of one grade who live in one place and learn in one school, in one school year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GradeCount {
    /// The calendar year in which the school year begins.
    pub school_year: i16,
    /// Village, else town; `None`: not known.
    pub place: Option<Division>,
    /// The school; `None`: not known.
    pub school: Option<u64>,
    /// The stage.
    pub stage: Stage,
    /// The grade.
    pub grade: Grade,
    /// Pupils.
    pub pupils: u32,
    /// Of them: boarders.
    pub boarders: u32,
}

/// Children of one place who were born in one month, in the registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BornCount {
    /// Village, else town.
    pub place: Option<Division>,
    /// Year of birth.
    pub year: i16,
    /// Month; `None`: not known.
    pub month: Option<i8>,
    /// Children.
    pub children: u32,
}

/// Where a scenario stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScenarioState {
    /// 待算.
    Waiting,
    /// 已算.
    Solved,
    /// 算不出.
    Failed,
    /// 已采用.
    Accepted,
    /// 作罢.
    Dropped,
}

impl ScenarioState {
    /// The word in the books.
    pub fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Solved => "solved",
            Self::Failed => "failed",
            Self::Accepted => "accepted",
            Self::Dropped => "dropped",
        }
    }

    fn of(code: &str) -> Option<Self> {
        [Self::Waiting, Self::Solved, Self::Failed, Self::Accepted, Self::Dropped]
            .into_iter()
            .find(|s| s.code() == code)
    }
}

/// A question put to the planner, and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// From 1 within the county.
    pub id: u64,
    /// Which question; a word of the caller.
    pub question: String,
    /// What its author calls it.
    pub title: String,
    /// What was asked, as the caller wrote it.
    pub asked: String,
    /// Where it stands.
    pub state: ScenarioState,
    /// The assessment whose registers it rests on.
    pub run: Option<u64>,
    /// Hash of all that it was reckoned from.
    pub inputs_hash: Option<String>,
    /// What came of it, as the caller wrote it.
    pub result: Option<String>,
    /// What the plan costs.
    pub objective: Option<f64>,
    /// What no plan goes below.
    pub bound: Option<f64>,
    /// What the checker says.
    pub verdict: Option<String>,
    /// Why there is no plan.
    pub failure: Option<String>,
    /// Login of its author.
    pub author: String,
    /// Their name.
    pub author_name: String,
    /// When it was asked.
    pub made_at: Timestamp,
    /// When it was solved.
    pub solved_at: Option<Timestamp>,
    /// Name of who accepted or dropped it, and when.
    pub decided: Option<(String, Timestamp)>,
    /// The meeting that decided, or why not.
    pub note: Option<String>,
}

/// A scenario to be kept.
#[derive(Clone, Copy, Debug)]
pub struct NewScenario<'a> {
    /// Which question.
    pub question: &'a str,
    /// What its author calls it.
    pub title: &'a str,
    /// What is asked.
    pub asked: &'a str,
    /// Login of its author.
    pub author: &'a str,
    /// Their name.
    pub author_name: &'a str,
    /// When.
    pub at: Timestamp,
}

/// What came of a scenario.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SolvedScenario {
    /// The assessment whose registers it rests on.
    pub run: Option<u64>,
    /// Hash of all that it was reckoned from.
    pub inputs_hash: String,
    /// The plan, or what there is instead of one.
    pub result: Option<String>,
    /// What the plan costs.
    pub objective: Option<f64>,
    /// What no plan goes below.
    pub bound: Option<f64>,
    /// What the checker says.
    pub verdict: Option<String>,
    /// Why there is no plan.
    pub failure: Option<String>,
}

/// What an accepted plan asks of somebody by a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanDuty {
    /// The plan.
    pub scenario: u64,
    /// From 1 within the plan.
    pub line: u32,
    /// The area.
    pub area: Area,
    /// What is to be done.
    pub kind: String,
    /// For which school or place.
    pub subject: Subject,
    /// Where it counts.
    pub place: Option<Division>,
    /// How much.
    pub quantity: i64,
    /// Of what.
    pub unit: Unit,
    /// By when.
    pub due_on: Date,
    /// Who must act.
    pub bearer: String,
    /// Why, in one sentence.
    pub facts: String,
    /// When it was done, and who said so.
    pub done: Option<(Date, String)>,
}

const COLUMNS: &str = "scenario_id, question, title, asked, state, run_id, inputs_hash, result, objective, bound, \
     verdict, failure, author, author_name, made_at, solved_at, decided_name, decided_at, note";

impl Tx<'_> {
    /// Replaces the counts of pupils of a county.
    ///
    /// # Errors
    /// [`StoreError::Unique`] if a count stands twice.
    pub fn replace_grade_counts(
        &mut self,
        county: u32,
        of_grades: &[GradeCount],
    ) -> Result<(), StoreError> {
        self.execute("delete from grade_count where county = $1", &[county.into()])?;
        self.bulk(
            "grade_count",
            ["county", "school_year", "place", "school_id", "stage", "grade", "pupils", "boarders"],
            of_grades.iter().map(|c| {
                [
                    county.into(),
                    i64::from(c.school_year).into(),
                    c.place.map_or(0, Division::code).into(),
                    c.school.unwrap_or(0).into(),
                    c.stage.code().into(),
                    c.grade.code().into(),
                    i64::from(c.pupils).into(),
                    i64::from(c.boarders).into(),
                ]
            }),
        )?;
        Ok(())
    }

    /// Pupils by school year, place, school and grade.
    ///
    /// # Errors
    /// What the engine says.
    pub fn grade_counts(&mut self, county: u32) -> Result<Vec<GradeCount>, StoreError> {
        let sql = include_str!("../queries/grade_counts.sql");
        self.query(sql, &[county.into()], |r| {
            Ok(GradeCount {
                school_year: small(r, 0)?,
                place: place(r, 1)?,
                school: Some(r.get::<u64>(2)?).filter(|id| *id != 0),
                stage: r.parse(3, Stage::parse)?.ok_or_else(|| r.bad(3))?,
                grade: r.parse(4, Grade::parse)?.ok_or_else(|| r.bad(4))?,
                pupils: small(r, 5)?,
                boarders: small(r, 6)?,
            })
        })
    }

    /// Children in the registers by place and month of birth, of those born in `from` or later.
    ///
    /// # Errors
    /// What the engine says.
    pub fn born_counts(&mut self, county: u32, from: i16) -> Result<Vec<BornCount>, StoreError> {
        let sql = include_str!("../queries/born_counts.sql");
        self.query(sql, &[county.into(), format!("{from:04}").into()], |r| {
            let born: String = r.get(1)?;
            let (year, month) = born.split_once('-').unwrap_or((&born, ""));
            Ok(BornCount {
                place: place(r, 0)?,
                year: year.parse().map_err(|_| r.bad(1))?,
                month: month.parse().ok(),
                children: small(r, 2)?,
            })
        })
    }

    /// Keeps a question; its id.
    ///
    /// # Errors
    /// What the engine says.
    pub fn add_scenario(&mut self, county: u32, new: &NewScenario) -> Result<u64, StoreError> {
        let sql = "select coalesce(max(scenario_id), 0) + 1 from scenario where county = $1";
        let id: u64 = self.query_one(sql, &[county.into()], |r| r.get(0))?.unwrap_or(1);
        self.execute(
            "insert into scenario (county, scenario_id, question, title, asked, state, author, author_name, made_at)
             values ($1, $2, $3, $4, $5, 'waiting', $6, $7, $8)",
            &[
                county.into(),
                id.into(),
                new.question.into(),
                new.title.into(),
                new.asked.into(),
                new.author.into(),
                new.author_name.into(),
                new.at.to_string().into(),
            ],
        )?;
        Ok(id)
    }

    /// Keeps what came of a question that waits; `false` if it does not wait any more.
    ///
    /// # Errors
    /// What the engine says.
    pub fn solve_scenario(
        &mut self,
        county: u32,
        id: u64,
        solved: &SolvedScenario,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let state =
            if solved.failure.is_none() { ScenarioState::Solved } else { ScenarioState::Failed };
        let text = |value: &Option<String>| V::from(value.as_deref().map(str::to_owned));
        let changed = self.execute(
            "update scenario set state = $3, run_id = $4, inputs_hash = $5, result = $6, objective = $7, bound = $8,
                                 verdict = $9, failure = $10, solved_at = $11
              where county = $1 and scenario_id = $2 and state = 'waiting'",
            &[
                county.into(),
                id.into(),
                state.code().into(),
                solved.run.into(),
                solved.inputs_hash.as_str().into(),
                text(&solved.result),
                solved.objective.into(),
                solved.bound.into(),
                text(&solved.verdict),
                text(&solved.failure),
                at.to_string().into(),
            ],
        )?;
        Ok(changed == 1)
    }

    /// Accepts or drops a scenario by somebody's login and name; `false` if it does not stand where that can be done.
    ///
    /// # Errors
    /// What the engine says.
    pub fn decide_scenario(
        &mut self,
        county: u32,
        id: u64,
        state: ScenarioState,
        (login, name): (&str, &str),
        note: &str,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let from = if state == ScenarioState::Accepted {
            "state = 'solved'"
        } else {
            "state in ('waiting', 'solved', 'failed', 'accepted')"
        };
        let sql = format!(
            "update scenario set state = $3, decided = $4, decided_name = $5, decided_at = $6, note = $7
              where county = $1 and scenario_id = $2 and {from}"
        );
        let changed = self.execute(
            &sql,
            &[
                county.into(),
                id.into(),
                state.code().into(),
                login.into(),
                name.into(),
                at.to_string().into(),
                note.into(),
            ],
        )?;
        Ok(changed == 1)
    }

    /// A scenario; `None` if there is none of that id.
    ///
    /// # Errors
    /// What the engine says.
    pub fn scenario(&mut self, county: u32, id: u64) -> Result<Option<Scenario>, StoreError> {
        let sql = format!("select {COLUMNS} from scenario where county = $1 and scenario_id = $2");
        self.query_one(&sql, &[county.into(), id.into()], scenario)
    }

    /// The last scenarios, newest first, no more than `limit`; without their results.
    ///
    /// # Errors
    /// What the engine says.
    pub fn scenarios(&mut self, county: u32, limit: u32) -> Result<Vec<Scenario>, StoreError> {
        let columns = COLUMNS.replace(" result,", " null,");
        let sql = format!(
            "select {columns} from scenario where county = $1 order by scenario_id desc limit $2"
        );
        self.query(&sql, &[county.into(), limit.into()], scenario)
    }

    /// Keeps what an accepted plan asks.
    ///
    /// # Errors
    /// [`StoreError::Unique`] if it was accepted before.
    pub fn add_plan_duties(&mut self, county: u32, duties: &[PlanDuty]) -> Result<(), StoreError> {
        self.bulk(
            "plan_duty",
            [
                "county",
                "scenario_id",
                "line_no",
                "area",
                "kind",
                "subject_kind",
                "subject_id",
                "place",
                "quantity",
                "unit",
                "due_on",
                "bearer",
                "facts",
            ],
            duties.iter().map(|d| {
                [
                    county.into(),
                    d.scenario.into(),
                    d.line.into(),
                    d.area.code().into(),
                    d.kind.as_str().into(),
                    d.subject.kind.code().into(),
                    d.subject.id.into(),
                    d.place.map(Division::code).into(),
                    d.quantity.into(),
                    d.unit.code().into(),
                    d.due_on.to_string().into(),
                    d.bearer.as_str().into(),
                    d.facts.as_str().into(),
                ]
            }),
        )?;
        Ok(())
    }

    /// What accepted plans ask: of one, or of all that stand.
    ///
    /// # Errors
    /// What the engine says.
    pub fn plan_duties(
        &mut self,
        county: u32,
        scenario: Option<u64>,
    ) -> Result<Vec<PlanDuty>, StoreError> {
        let sql = include_str!("../queries/plan_duties.sql");
        self.query(sql, &[county.into(), scenario.unwrap_or(0).into()], |r| {
            let kind: SubjectKind = r.parse(4, SubjectKind::parse)?.ok_or_else(|| r.bad(4))?;
            let done_on: Option<Date> = r.parse(12, |t| t.parse().ok())?;
            Ok(PlanDuty {
                scenario: r.get(0)?,
                line: small(r, 1)?,
                area: r.parse(2, Area::parse)?.ok_or_else(|| r.bad(2))?,
                kind: r.get(3)?,
                subject: Subject { kind, id: r.get(5)? },
                place: place(r, 6)?,
                quantity: r.get(7)?,
                unit: r.parse(8, Unit::parse)?.ok_or_else(|| r.bad(8))?,
                due_on: r.parse(9, |t| t.parse().ok())?.ok_or_else(|| r.bad(9))?,
                bearer: r.get(10)?,
                facts: r.get(11)?,
                done: done_on.zip(r.get::<Option<String>>(13)?),
            })
        })
    }

    /// Says that a line of an accepted plan is done; `false` if there is none that is open.
    ///
    /// # Errors
    /// What the engine says.
    pub fn do_plan_duty(
        &mut self,
        county: u32,
        (scenario, line): (u64, u32),
        (login, name): (&str, &str),
        on: Date,
    ) -> Result<bool, StoreError> {
        let changed = self.execute(
            "update plan_duty set done_on = $4, done_by = $5, done_name = $6
              where county = $1 and scenario_id = $2 and line_no = $3 and done_on is null",
            &[
                county.into(),
                scenario.into(),
                line.into(),
                on.to_string().into(),
                login.into(),
                name.into(),
            ],
        )?;
        Ok(changed == 1)
    }
}

fn small<T: TryFrom<i64>>(r: &Row, column: usize) -> Result<T, StoreError> {
    T::try_from(r.get::<i64>(column)?).map_err(|_| r.bad(column))
}

fn place(r: &Row, column: usize) -> Result<Option<Division>, StoreError> {
    match r.get::<Option<u64>>(column)? {
        None | Some(0) => Ok(None),
        Some(code) => Division::from_code(code).map(Some).map_err(|_| r.bad(column)),
    }
}

fn scenario(r: &Row) -> Result<Scenario, StoreError> {
    let time = |column| r.parse(column, |text| text.parse::<Timestamp>().ok());
    Ok(Scenario {
        id: r.get(0)?,
        question: r.get(1)?,
        title: r.get(2)?,
        asked: r.get(3)?,
        state: r.parse(4, ScenarioState::of)?.ok_or_else(|| r.bad(4))?,
        run: r.get(5)?,
        inputs_hash: r.get(6)?,
        result: r.get(7)?,
        objective: r.get(8)?,
        bound: r.get(9)?,
        verdict: r.get(10)?,
        failure: r.get(11)?,
        author: r.get(12)?,
        author_name: r.get(13)?,
        made_at: time(14)?.ok_or_else(|| r.bad(14))?,
        solved_at: time(15)?,
        decided: r.get::<Option<String>>(16)?.zip(time(17)?),
        note: r.get(18)?,
    })
}
