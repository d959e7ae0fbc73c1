//! The labour register of the live assessment, what of training and work does not hold, and runs that match people to vacancies.

use fujiao_model::Division;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::registers::division;
use crate::{Author, Row, StoreError, Tx, V};

/// Somebody of the labour register (贫困家庭劳动力数据库).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Worker {
    /// Who.
    pub person: u64,
    /// Their household.
    pub household: Option<u64>,
    /// Their town.
    pub town: Option<Division>,
    /// Their village.
    pub village: Option<Division>,
    /// Years on the day of the assessment.
    pub age: u16,
    /// What they can do: a code of the engine.
    pub ability: String,
    /// Whether they count as labour.
    pub able: bool,
    /// Why, in one sentence.
    pub why: String,
    /// Whether they left school for neither school nor work (两后生).
    pub leaver: bool,
    /// 文化程度.
    pub education: String,
    /// Skills as written.
    pub skill: String,
    /// The occupation that the skills are of, by its code; empty: none.
    pub skill_code: String,
    /// Whether they work; `None`: nobody says.
    pub working: Option<bool>,
    /// The trade as written.
    pub trade: String,
    /// Its code.
    pub trade_code: String,
    /// Where they work.
    pub work_place: String,
    /// Months of this year.
    pub months: Option<i64>,
    /// Fen a month.
    pub wage: Option<i64>,
    /// What they wish, as written.
    pub wish: String,
    /// The trade that they wish.
    pub wished: String,
    /// Its code.
    pub wished_code: String,
    /// Where they wish to work.
    pub wished_place: String,
    /// Fen a month that they wish.
    pub wished_wage: Option<i64>,
    /// What they wish to learn.
    pub to_learn: String,
    /// Who needs them at home.
    pub care: String,
    /// Sessions taken: person-times.
    pub taken: u32,
    /// Of them completed.
    pub completed: u32,
    /// The latest.
    pub course: String,
    /// Its last day.
    pub trained_to: Option<Date>,
    /// Whether their household is owed a trained member and has none.
    pub untrained: bool,
    /// `none`, `working`, `silent`, `ended`.
    pub job: String,
    /// The employer of that job.
    pub employer: String,
    /// The source row that says most of it.
    pub row: Option<u64>,
}

/// Columns of a worker with alias `w`, in the order of [`Worker::read`].
pub const WORKER_COLUMNS: &str = "w.person_id, w.household_id, w.town, w.village, w.age, w.ability, w.able, w.why, w.leaver, \
     w.education, w.skill, w.skill_code, w.working, w.trade, w.trade_code, w.work_place, w.months, w.wage, w.wish, w.wished, \
     w.wished_code, w.wished_place, w.wished_wage, w.to_learn, w.care, w.taken, w.completed, w.course, w.trained_to, w.untrained, \
     w.job, w.employer, w.row_id";

impl Worker {
    /// Reads [`WORKER_COLUMNS`].
    ///
    /// # Errors
    /// If a column is not what it should be.
    pub fn read(r: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            person: r.get(0)?,
            household: r.get(1)?,
            town: division(r, 2)?,
            village: division(r, 3)?,
            age: r.get(4)?,
            ability: r.get(5)?,
            able: r.get(6)?,
            why: r.get(7)?,
            leaver: r.get(8)?,
            education: r.get(9)?,
            skill: r.get(10)?,
            skill_code: r.get(11)?,
            working: r.get(12)?,
            trade: r.get(13)?,
            trade_code: r.get(14)?,
            work_place: r.get(15)?,
            months: r.get(16)?,
            wage: r.get(17)?,
            wish: r.get(18)?,
            wished: r.get(19)?,
            wished_code: r.get(20)?,
            wished_place: r.get(21)?,
            wished_wage: r.get(22)?,
            to_learn: r.get(23)?,
            care: r.get(24)?,
            taken: r.get(25)?,
            completed: r.get(26)?,
            course: r.get(27)?,
            trained_to: r.parse(28, |text| text.parse().ok())?,
            untrained: r.get(29)?,
            job: r.get(30)?,
            employer: r.get(31)?,
            row: r.get(32)?,
        })
    }
}

/// Something of training or work that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabourFinding {
    /// What: a code of the engine.
    pub kind: String,
    /// About whom.
    pub person: Option<u64>,
    /// Their household.
    pub household: Option<u64>,
    /// Where.
    pub town: Option<Division>,
    /// Where.
    pub village: Option<Division>,
    /// When.
    pub day: Date,
    /// In one sentence, without personal numbers.
    pub facts: String,
    /// The source rows that say so.
    pub rows: Vec<u64>,
}

/// A run that matches people to vacancies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatchRun {
    /// From 1.
    pub number: u64,
    /// The day of the assessment that it starts from.
    pub as_of: Date,
    /// `weight` or `stable`.
    pub how: String,
    /// What it is for.
    pub why: String,
    /// People who look for work.
    pub people: u64,
    /// Openings.
    pub posts: u64,
    /// People with a vacancy.
    pub matched: u64,
    /// Points of all matches.
    pub points: i64,
    /// `ok`, or what the checker says.
    pub verdict: String,
    /// SHA-256 of what it was reckoned from.
    pub inputs: String,
    /// `proposed`, `accepted`, `dropped`.
    pub state: String,
    /// Who reckoned it, and when.
    pub login: String,
    /// Their name.
    pub name: String,
    /// When.
    pub at: Timestamp,
    /// Who decided, and when.
    pub decided: Option<(String, Timestamp)>,
}

/// What a run says of somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatchLine {
    /// Of whom.
    pub person: u64,
    /// Which vacancy; empty: none.
    pub vacancy: String,
    /// Its employer.
    pub employer: String,
    /// Its trade.
    pub occupation: String,
    /// Where.
    pub work_place: String,
    /// Fen a month.
    pub wage: Option<i64>,
    /// Points of the match.
    pub points: i64,
    /// JSON: word and number, each.
    pub reasons: String,
    /// `open`, `placed`, `declined`.
    pub outcome: String,
    /// Why it was declined.
    pub why: String,
    /// Who said so, and when.
    pub done: Option<(String, Timestamp)>,
}

const LINE: &str = "l.person_id, l.vacancy, l.employer, l.occupation, l.work_place, l.wage, l.points, l.reasons, l.outcome, l.why, l.done_by, l.done_at";

const RUN: &str = "run_no, as_of, how, why, people, posts, matched, points, verdict, inputs, state, login, name, at, decided_by, decided_at";

fn run(r: &Row<'_>) -> Result<MatchRun, StoreError> {
    let by: Option<String> = r.get(14)?;
    let decided = r.parse(15, |t| t.parse().ok())?;
    Ok(MatchRun {
        number: r.get(0)?,
        as_of: r.parse(1, |t| t.parse().ok())?.ok_or_else(|| r.bad(1))?,
        how: r.get(2)?,
        why: r.get(3)?,
        people: r.get(4)?,
        posts: r.get(5)?,
        matched: r.get(6)?,
        points: r.get(7)?,
        verdict: r.get(8)?,
        inputs: r.get(9)?,
        state: r.get(10)?,
        login: r.get(11)?,
        name: r.get(12)?,
        at: r.parse(13, |t| t.parse().ok())?.ok_or_else(|| r.bad(13))?,
        decided: by.zip(decided),
    })
}

fn code(place: Option<Division>) -> V<'static> {
    place.map(Division::code).into()
}

fn match_line(r: &Row) -> Result<MatchLine, StoreError> {
    let by: Option<String> = r.get(10)?;
    let at = r.parse(11, |t| t.parse().ok())?;
    Ok(MatchLine {
        person: r.get(0)?,
        vacancy: r.get(1)?,
        employer: r.get(2)?,
        occupation: r.get(3)?,
        work_place: r.get(4)?,
        wage: r.get(5)?,
        points: r.get(6)?,
        reasons: r.get(7)?,
        outcome: r.get(8)?,
        why: r.get(9)?,
        done: by.zip(at),
    })
}

impl Tx<'_> {
    /// Keeps the labour register of an assessment in place of that of the one before.
    ///
    /// # Errors
    /// What the engine says.
    pub fn replace_workers(
        &mut self,
        (county, run): (u32, u64),
        workers: &[Worker],
    ) -> Result<(), StoreError> {
        self.execute("delete from worker where county = $1", &[county.into()])?;
        let columns = [
            "county",
            "run_id",
            "person_id",
            "household_id",
            "town",
            "village",
            "age",
            "ability",
            "able",
            "why",
            "leaver",
            "education",
            "skill",
            "skill_code",
            "working",
            "trade",
            "trade_code",
            "work_place",
            "months",
            "wage",
            "wish",
            "wished",
            "wished_code",
            "wished_place",
            "wished_wage",
            "to_learn",
            "care",
            "taken",
            "completed",
            "course",
            "trained_to",
            "untrained",
            "job",
            "employer",
            "row_id",
        ];
        self.bulk(
            "worker",
            columns,
            workers.iter().map(|w| {
                [
                    county.into(),
                    run.into(),
                    w.person.into(),
                    w.household.into(),
                    code(w.town),
                    code(w.village),
                    w.age.into(),
                    w.ability.as_str().into(),
                    w.able.into(),
                    w.why.as_str().into(),
                    w.leaver.into(),
                    w.education.as_str().into(),
                    w.skill.as_str().into(),
                    w.skill_code.as_str().into(),
                    w.working.into(),
                    w.trade.as_str().into(),
                    w.trade_code.as_str().into(),
                    w.work_place.as_str().into(),
                    w.months.into(),
                    w.wage.into(),
                    w.wish.as_str().into(),
                    w.wished.as_str().into(),
                    w.wished_code.as_str().into(),
                    w.wished_place.as_str().into(),
                    w.wished_wage.into(),
                    w.to_learn.as_str().into(),
                    w.care.as_str().into(),
                    w.taken.into(),
                    w.completed.into(),
                    w.course.as_str().into(),
                    w.trained_to.map(|d| d.to_string()).into(),
                    w.untrained.into(),
                    w.job.as_str().into(),
                    w.employer.as_str().into(),
                    w.row.into(),
                ]
            }),
        )?;
        Ok(())
    }

    /// The labour register, by person; `within`: a condition on workers with alias `w` and its arguments, of which the first
    /// is the county.
    ///
    /// # Errors
    /// What the engine says.
    pub fn workers(&mut self, within: &str, args: &[V]) -> Result<Vec<Worker>, StoreError> {
        let sql = format!(
            "select {WORKER_COLUMNS} from worker w where w.county = $1 and {within} order by w.person_id"
        );
        self.query(&sql, args, Worker::read)
    }

    /// Keeps what an assessment found in place of what the one before did.
    ///
    /// # Errors
    /// What the engine says.
    pub fn replace_labour_findings(
        &mut self,
        (county, run): (u32, u64),
        findings: &[LabourFinding],
    ) -> Result<(), StoreError> {
        self.execute("delete from labour_finding where county = $1", &[county.into()])?;
        let columns = [
            "county",
            "finding_no",
            "run_id",
            "kind",
            "person_id",
            "household_id",
            "town",
            "village",
            "day",
            "facts",
            "row_ids",
        ];
        self.bulk(
            "labour_finding",
            columns,
            (1_u64..).zip(findings).map(|(number, f)| {
                [
                    county.into(),
                    number.into(),
                    run.into(),
                    f.kind.as_str().into(),
                    f.person.into(),
                    f.household.into(),
                    code(f.town),
                    code(f.village),
                    f.day.to_string().into(),
                    f.facts.as_str().into(),
                    serde_json::to_string(&f.rows).expect("numbers always write").into(),
                ]
            }),
        )?;
        Ok(())
    }

    /// What of training and work does not hold; `within` as for [`Tx::workers`], with alias `w`.
    ///
    /// # Errors
    /// What the engine says.
    pub fn labour_findings(
        &mut self,
        within: &str,
        args: &[V],
    ) -> Result<Vec<LabourFinding>, StoreError> {
        let sql = format!(
            "select w.kind, w.person_id, w.household_id, w.town, w.village, w.day, w.facts, w.row_ids
               from labour_finding w where w.county = $1 and {within} order by w.finding_no"
        );
        self.query(&sql, args, |r| {
            Ok(LabourFinding {
                kind: r.get(0)?,
                person: r.get(1)?,
                household: r.get(2)?,
                town: division(r, 3)?,
                village: division(r, 4)?,
                day: r.parse(5, |t| t.parse().ok())?.ok_or_else(|| r.bad(5))?,
                facts: r.get(6)?,
                rows: serde_json::from_str(r.get::<&str>(7)?).map_err(|_| r.bad(7))?,
            })
        })
    }

    /// Books a run with its lines; its number. Earlier proposals are dropped.
    ///
    /// # Errors
    /// What the engine says.
    pub fn add_match_run(
        &mut self,
        county: u32,
        run: &MatchRun,
        lines: &[MatchLine],
    ) -> Result<u64, StoreError> {
        self.execute(
            "update match_run set state = 'dropped', decided_by = $2, decided_at = $3
              where county = $1 and state = 'proposed'",
            &[county.into(), run.login.as_str().into(), run.at.to_string().into()],
        )?;
        let number = self.next(county, "match_run", "run_no")?;
        self.bulk(
            "match_run",
            [
                "county", "run_no", "as_of", "how", "why", "people", "posts", "matched", "points",
                "verdict", "inputs", "state", "login", "name", "at",
            ],
            [[
                county.into(),
                number.into(),
                run.as_of.to_string().into(),
                run.how.as_str().into(),
                run.why.as_str().into(),
                run.people.into(),
                run.posts.into(),
                run.matched.into(),
                run.points.into(),
                run.verdict.as_str().into(),
                run.inputs.as_str().into(),
                "proposed".into(),
                run.login.as_str().into(),
                run.name.as_str().into(),
                run.at.to_string().into(),
            ]],
        )?;
        self.bulk(
            "match_line",
            [
                "county",
                "run_no",
                "person_id",
                "vacancy",
                "employer",
                "occupation",
                "work_place",
                "wage",
                "points",
                "reasons",
                "outcome",
                "why",
            ],
            lines.iter().map(|l| {
                [
                    county.into(),
                    number.into(),
                    l.person.into(),
                    l.vacancy.as_str().into(),
                    l.employer.as_str().into(),
                    l.occupation.as_str().into(),
                    l.work_place.as_str().into(),
                    l.wage.into(),
                    l.points.into(),
                    l.reasons.as_str().into(),
                    "open".into(),
                    "".into(),
                ]
            }),
        )?;
        Ok(number)
    }

    /// Decides a run that is proposed; whether it was.
    ///
    /// # Errors
    /// What the engine says of its constraint, for one that the checker did not prove.
    pub fn decide_match_run(
        &mut self,
        county: u32,
        number: u64,
        state: &str,
        (login, at): (&str, Timestamp),
    ) -> Result<bool, StoreError> {
        self.decide_run("match_run", (county, number), state, (login, at))
    }

    /// The runs, the latest first.
    ///
    /// # Errors
    /// What the engine says.
    pub fn match_runs(&mut self, county: u32, most: u32) -> Result<Vec<MatchRun>, StoreError> {
        let sql =
            format!("select {RUN} from match_run where county = $1 order by run_no desc limit $2");
        self.query(&sql, &[county.into(), most.into()], run)
    }

    /// One run.
    ///
    /// # Errors
    /// What the engine says.
    pub fn match_run(&mut self, county: u32, number: u64) -> Result<Option<MatchRun>, StoreError> {
        let sql = format!("select {RUN} from match_run where county = $1 and run_no = $2");
        self.query_one(&sql, &[county.into(), number.into()], run)
    }

    /// The lines of a run, by person.
    ///
    /// # Errors
    /// What the engine says.
    pub fn match_lines(&mut self, county: u32, number: u64) -> Result<Vec<MatchLine>, StoreError> {
        let sql = format!(
            "select {LINE} from match_line l where l.county = $1 and l.run_no = $2 order by l.person_id"
        );
        self.query(&sql, &[county.into(), number.into()], match_line)
    }

    /// Says what became of an offer that is open; whether it was.
    ///
    /// # Errors
    /// What the engine says.
    pub fn end_offer(
        &mut self,
        (county, run, person): (u32, u64, u64),
        outcome: &str,
        why: &str,
        by: &Author,
    ) -> Result<bool, StoreError> {
        let changed = self.execute(
            "update match_line set outcome = $4, why = $5, done_by = $6, done_at = $7
              where county = $1 and run_no = $2 and person_id = $3 and outcome = 'open' and vacancy <> ''",
            &[
                county.into(),
                run.into(),
                person.into(),
                outcome.into(),
                why.into(),
                by.login.as_str().into(),
                by.at.to_string().into(),
            ],
        )?;
        Ok(changed == 1)
    }

    /// Offers of accepted runs: run, when it was accepted, line.
    ///
    /// # Errors
    /// What the engine says.
    pub fn offers(&mut self, county: u32) -> Result<Vec<(u64, Timestamp, MatchLine)>, StoreError> {
        let sql = format!(
            "select {LINE}, r.run_no, r.decided_at
               from match_run r join match_line l on l.county = r.county and l.run_no = r.run_no
              where r.county = $1 and r.state = 'accepted' and r.decided_at is not null and l.vacancy <> ''
              order by r.run_no desc, l.person_id"
        );
        self.query(&sql, &[county.into()], |r| {
            let at = r.parse(13, |t| t.parse().ok())?.ok_or_else(|| r.bad(13))?;
            Ok((r.get(12)?, at, match_line(r)?))
        })
    }
}
