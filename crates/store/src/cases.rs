//! 一生一案: cases of children out of school, and their steps.

use fujiao_model::{Division, Grade};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::accounts::time;
use crate::registers::division;
use crate::{Row, Signed, StoreError, Tx, V, marks};

/// Where a case stands: place and school.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CaseGround {
    /// The town.
    pub town: Option<Division>,
    /// The village.
    pub village: Option<Division>,
    /// The school: enrolled there, or last.
    pub school: Option<u64>,
}

/// The case of a child.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCase {
    /// From 1 within the county; 0 before it is booked.
    pub number: u64,
    /// The child, by the id when the case was opened.
    pub person: u64,
    /// Kind of the duty that was not done.
    pub kind: String,
    /// Why the child was found.
    pub facts: String,
    /// The assessment that found it.
    pub run: u64,
    /// When it was found.
    pub opened_on: Date,
    /// Where the child stood then.
    pub found: CaseGround,
    /// Grade at that school.
    pub grade: Option<Grade>,
    /// Class there, as rosters write it.
    pub class: String,
    /// Code of the state after the last step.
    pub state: String,
    /// How many steps it has.
    pub steps: u32,
    /// Where it stands now.
    pub now: CaseGround,
    /// The account that it is assigned to now.
    pub officer: Option<u64>,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// By whom: a login.
    pub opened_by: String,
}

/// Something that happened in a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredStep {
    /// The case.
    pub case: u64,
    /// From 1 within the case.
    pub number: u32,
    /// When it happened.
    pub on: Date,
    /// Which.
    pub code: String,
    /// JSON.
    pub fields: String,
    /// What was said of it.
    pub note: String,
    /// Code of the state after it.
    pub state: String,
    /// Where the case stands after it.
    pub ground: CaseGround,
    /// Account of the author; 0: the console.
    pub user: u64,
    /// The author, and when it was written down.
    pub author: Signed,
}

const CASE: &str = "case_no, person_id, kind, facts, run_id, opened_on, found_town, found_village, found_school, grade, class, \
     state, steps, town, village, school_id, officer, opened_at, opened_by";

const STEP: &str = "case_no, step_no, on_day, code, fields, note, state, town, village, school_id, user_id, login, name, at";

impl Tx<'_> {
    /// Opens a case; its number. State, steps, place now and officer are those of a case that was just found.
    ///
    /// # Errors
    /// [`StoreError::Unique`] if the child has an open one.
    pub fn add_case(&mut self, county: u32, new: &StoredCase) -> Result<u64, StoreError> {
        let number = self.next(county, "watch_case", "case_no")?;
        let code = |place: Option<Division>| V::from(place.map(Division::code));
        self.bulk(
            "watch_case",
            [
                "county",
                "case_no",
                "person_id",
                "kind",
                "facts",
                "run_id",
                "opened_on",
                "found_town",
                "found_village",
                "found_school",
                "grade",
                "class",
                "state",
                "steps",
                "town",
                "village",
                "school_id",
                "opened_at",
                "opened_by",
            ],
            [[
                county.into(),
                number.into(),
                new.person.into(),
                new.kind.as_str().into(),
                new.facts.as_str().into(),
                new.run.into(),
                new.opened_on.to_string().into(),
                code(new.found.town),
                code(new.found.village),
                new.found.school.into(),
                new.grade.map(Grade::code).into(),
                new.class.as_str().into(),
                "found".into(),
                0_u32.into(),
                code(new.found.town),
                code(new.found.village),
                new.found.school.into(),
                new.opened_at.to_string().into(),
                new.opened_by.as_str().into(),
            ]],
        )?;
        Ok(number)
    }

    /// One case.
    ///
    /// # Errors
    /// What the engine says.
    pub fn case(&mut self, county: u32, number: u64) -> Result<Option<StoredCase>, StoreError> {
        let sql = format!("select {CASE} from watch_case where county = $1 and case_no = $2");
        self.query_one(&sql, &[county.into(), number.into()], stored_case)
    }

    /// All cases of a county, open and closed, by number.
    ///
    /// # Errors
    /// What the engine says.
    pub fn cases(&mut self, county: u32) -> Result<Vec<StoredCase>, StoreError> {
        let sql = format!("select {CASE} from watch_case where county = $1 order by case_no");
        self.query(&sql, &[county.into()], stored_case)
    }

    /// The cases of a county that are open, by number.
    ///
    /// # Errors
    /// What the engine says.
    pub fn open_cases(&mut self, county: u32) -> Result<Vec<StoredCase>, StoreError> {
        let sql = format!(
            "select {CASE} from watch_case where county = $1 and state <> 'closed' order by case_no"
        );
        self.query(&sql, &[county.into()], stored_case)
    }

    /// Some cases, by number.
    ///
    /// # Errors
    /// What the engine says.
    pub fn cases_of(
        &mut self,
        county: u32,
        numbers: &[u64],
    ) -> Result<Vec<StoredCase>, StoreError> {
        let mut out = Vec::with_capacity(numbers.len());
        for chunk in numbers.chunks(256) {
            let (args, marks) = listed(county, chunk);
            let sql = format!(
                "select {CASE} from watch_case where county = $1 and case_no in ({marks}) order by case_no"
            );
            out.extend(self.query(&sql, &args, stored_case)?);
        }
        Ok(out)
    }

    /// The steps of some cases, by case and number.
    ///
    /// # Errors
    /// What the engine says.
    pub fn steps_of(
        &mut self,
        county: u32,
        numbers: &[u64],
    ) -> Result<Vec<StoredStep>, StoreError> {
        let mut out = Vec::new();
        for chunk in numbers.chunks(256) {
            let (args, marks) = listed(county, chunk);
            let sql = format!(
                "select {STEP} from watch_step where county = $1 and case_no in ({marks}) order by case_no, step_no"
            );
            out.extend(self.query(&sql, &args, stored_step)?);
        }
        Ok(out)
    }

    /// The steps of one case, or of all, by case and number.
    ///
    /// # Errors
    /// What the engine says.
    pub fn case_steps(
        &mut self,
        county: u32,
        case: Option<u64>,
    ) -> Result<Vec<StoredStep>, StoreError> {
        let of = if case.is_some() { " and case_no = $2" } else { "" };
        let sql = format!(
            "select {STEP} from watch_step where county = $1{of} order by case_no, step_no"
        );
        let mut args = vec![V::from(county)];
        args.extend(case.map(V::from));
        self.query(&sql, &args, stored_step)
    }

    /// Books the next step of a case, and where the case stands after it.
    ///
    /// # Errors
    /// [`StoreError::Unique`] if somebody else wrote the same number first; [`StoreError::ForeignKey`] if the step before is not
    /// there.
    pub fn add_case_step(
        &mut self,
        county: u32,
        step: &StoredStep,
        officer: Option<u64>,
    ) -> Result<(), StoreError> {
        let code = |place: Option<Division>| V::from(place.map(Division::code));
        let ground = step.ground;
        self.bulk(
            "watch_step",
            [
                "county",
                "case_no",
                "step_no",
                "prev",
                "on_day",
                "code",
                "fields",
                "note",
                "state",
                "town",
                "village",
                "school_id",
                "user_id",
                "login",
                "name",
                "at",
            ],
            [[
                county.into(),
                step.case.into(),
                step.number.into(),
                step.number.checked_sub(1).filter(|n| *n > 0).into(),
                step.on.to_string().into(),
                step.code.as_str().into(),
                step.fields.as_str().into(),
                step.note.as_str().into(),
                step.state.as_str().into(),
                code(ground.town),
                code(ground.village),
                ground.school.into(),
                step.user.into(),
                step.author.login.as_str().into(),
                step.author.name.as_str().into(),
                step.author.at.to_string().into(),
            ]],
        )?;
        self.execute(
            "update watch_case set state = $3, steps = $4, town = $5, village = $6, school_id = $7, officer = $8
              where county = $1 and case_no = $2",
            &[
                county.into(),
                step.case.into(),
                step.state.as_str().into(),
                step.number.into(),
                code(ground.town),
                code(ground.village),
                ground.school.into(),
                officer.into(),
            ],
        )?;
        Ok(())
    }
}

/// Numbers as arguments behind the county, and their marks.
fn listed(county: u32, numbers: &[u64]) -> (Vec<V<'static>>, String) {
    let mut args: Vec<V> = vec![county.into()];
    args.extend(numbers.iter().map(|number| V::from(*number)));
    let marks = marks(2..=args.len());
    (args, marks)
}

fn ground(r: &Row, column: usize) -> Result<CaseGround, StoreError> {
    Ok(CaseGround {
        town: division(r, column)?,
        village: division(r, column + 1)?,
        school: r.get(column + 2)?,
    })
}

fn day(r: &Row, column: usize) -> Result<Date, StoreError> {
    r.parse(column, |text| text.parse().ok())?.ok_or_else(|| r.bad(column))
}

fn stored_case(r: &Row) -> Result<StoredCase, StoreError> {
    Ok(StoredCase {
        number: r.get(0)?,
        person: r.get(1)?,
        kind: r.get(2)?,
        facts: r.get(3)?,
        run: r.get(4)?,
        opened_on: day(r, 5)?,
        found: ground(r, 6)?,
        grade: r.parse(9, Grade::parse)?,
        class: r.get(10)?,
        state: r.get(11)?,
        steps: r.get(12)?,
        now: ground(r, 13)?,
        officer: r.get(16)?,
        opened_at: time(r, 17)?,
        opened_by: r.get(18)?,
    })
}

fn stored_step(r: &Row) -> Result<StoredStep, StoreError> {
    Ok(StoredStep {
        case: r.get(0)?,
        number: r.get(1)?,
        on: day(r, 2)?,
        code: r.get(3)?,
        fields: r.get(4)?,
        note: r.get(5)?,
        state: r.get(6)?,
        ground: ground(r, 7)?,
        user: r.get(10)?,
        author: Signed { login: r.get(11)?, name: r.get(12)?, at: time(r, 13)? },
    })
}
