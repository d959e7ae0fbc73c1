//! Meals of a month by school, what of them is not proved, and the months that are locked.

mod works;

use jiff::Timestamp;

use crate::{Row, StoreError, Tx, V};

pub use works::{
    Inspection, InspectionItem, NewInspection, NewProject, NewSchoolPhoto, Project, ProjectStep,
    Recheck, SchoolPhoto, SchoolTurn, Switch,
};

/// Who did something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// The account.
    pub user: u64,
    /// Its login.
    pub login: String,
    /// Their name.
    pub name: String,
    /// When.
    pub at: Timestamp,
}

/// A month that was locked or unlocked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MealLock {
    /// `2025-09`.
    pub month: String,
    /// From 1; odd ones lock.
    pub number: u64,
    /// Why it was unlocked.
    pub why: String,
    /// Who.
    pub by: Author,
}

impl MealLock {
    /// Whether the month is locked by it.
    pub fn is_locked(&self) -> bool {
        self.number % 2 == 1
    }
}

/// A school's month, closed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MealClose {
    /// `2025-09`.
    pub month: String,
    /// The school.
    pub school: u64,
    /// The town that it counts for.
    pub town: Option<u64>,
    /// Pupils enrolled.
    pub enrolled: i64,
    /// Owed, present, served, claimed, backed, proved, over, unproven, unclaimed: meals.
    pub meals: [i64; 9],
    /// Class days that should be marked, and those that are.
    pub class_days: (i64, i64),
    /// Claimed by name, and of that not proved.
    pub named: (i64, i64),
    /// What can be paid.
    pub payable: i64,
    /// Fen a meal.
    pub price: i64,
}

/// Meals claimed and not proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MealFinding {
    /// `2025-09`.
    pub month: String,
    /// From 1 in the month.
    pub number: u64,
    /// The school that claims.
    pub school: u64,
    /// The class; empty: found by name.
    pub class: String,
    /// Day of the month.
    pub day: Option<i64>,
    /// For whom.
    pub person: Option<u64>,
    /// Why.
    pub why: String,
    /// How many.
    pub meals: i64,
    /// Enrolled, present, served, claimed.
    pub counts: [Option<i64>; 4],
    /// The source row.
    pub row: u64,
}

const CLOSE: &str = "month, school_id, town, enrolled, due, present, served, claimed, backed, proved, over, unproven, unclaimed, class_days, marked, named, named_over, payable, price";

impl MealClose {
    fn read(r: &Row<'_>) -> Result<Self, StoreError> {
        let mut meals = [0; 9];
        for (at, n) in meals.iter_mut().enumerate() {
            *n = r.get(4 + at)?;
        }
        Ok(Self {
            month: r.get(0)?,
            school: r.get(1)?,
            town: r.get(2)?,
            enrolled: r.get(3)?,
            meals,
            class_days: (r.get(13)?, r.get(14)?),
            named: (r.get(15)?, r.get(16)?),
            payable: r.get(17)?,
            price: r.get(18)?,
        })
    }
}

const FINDING: &str = "month, finding_no, school_id, class, day, person_id, why, meals, enrolled, present, served, claimed, row_id";

impl MealFinding {
    fn read(r: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            month: r.get(0)?,
            number: r.get(1)?,
            school: r.get(2)?,
            class: r.get(3)?,
            day: r.get(4)?,
            person: r.get(5)?,
            why: r.get(6)?,
            meals: r.get(7)?,
            counts: [r.get(8)?, r.get(9)?, r.get(10)?, r.get(11)?],
            row: r.get(12)?,
        })
    }
}

impl Tx<'_> {
    /// Keeps a month's close in place of the one before.
    ///
    /// # Errors
    /// What the engine says.
    #[expect(clippy::too_many_lines, reason = "three tables, a column a line")]
    pub fn replace_meal_close(
        &mut self,
        (county, month): (u32, &str),
        closes: &[MealClose],
        findings: &[MealFinding],
        unmarked: &[(u64, String, String)],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        for table in ["meal_close", "meal_finding", "meal_unmarked"] {
            let sql = format!("delete from {table} where county = $1 and month = $2");
            self.execute(&sql, &[county.into(), month.into()])?;
        }
        let at = at.to_string();
        let columns = [
            "county",
            "month",
            "school_id",
            "town",
            "enrolled",
            "due",
            "present",
            "served",
            "claimed",
            "backed",
            "proved",
            "over",
            "unproven",
            "unclaimed",
            "class_days",
            "marked",
            "named",
            "named_over",
            "payable",
            "price",
            "closed_at",
        ];
        self.bulk(
            "meal_close",
            columns,
            closes.iter().map(|c| {
                let m = c.meals;
                [
                    county.into(),
                    month.into(),
                    c.school.into(),
                    c.town.into(),
                    c.enrolled.into(),
                    m[0].into(),
                    m[1].into(),
                    m[2].into(),
                    m[3].into(),
                    m[4].into(),
                    m[5].into(),
                    m[6].into(),
                    m[7].into(),
                    m[8].into(),
                    c.class_days.0.into(),
                    c.class_days.1.into(),
                    c.named.0.into(),
                    c.named.1.into(),
                    c.payable.into(),
                    c.price.into(),
                    at.as_str().into(),
                ]
            }),
        )?;
        let columns = [
            "county",
            "month",
            "finding_no",
            "school_id",
            "class",
            "day",
            "person_id",
            "why",
            "meals",
            "enrolled",
            "present",
            "served",
            "claimed",
            "row_id",
        ];
        self.bulk(
            "meal_finding",
            columns,
            (1_u64..).zip(findings).map(|(number, f)| {
                [
                    county.into(),
                    month.into(),
                    number.into(),
                    f.school.into(),
                    f.class.as_str().into(),
                    f.day.into(),
                    f.person.into(),
                    f.why.as_str().into(),
                    f.meals.into(),
                    f.counts[0].into(),
                    f.counts[1].into(),
                    f.counts[2].into(),
                    f.counts[3].into(),
                    f.row.into(),
                ]
            }),
        )?;
        let columns = ["county", "month", "school_id", "class", "days"];
        self.bulk(
            "meal_unmarked",
            columns,
            unmarked.iter().map(|(school, class, days)| {
                [
                    county.into(),
                    month.into(),
                    (*school).into(),
                    class.as_str().into(),
                    days.as_str().into(),
                ]
            }),
        )?;
        Ok(())
    }

    /// The closes of months from one to another, both counted, by month and school.
    ///
    /// # Errors
    /// What the engine says.
    pub fn meal_closes(
        &mut self,
        county: u32,
        from: &str,
        to: &str,
    ) -> Result<Vec<MealClose>, StoreError> {
        let sql = format!(
            "select {CLOSE} from meal_close where county = $1 and month >= $2 and month <= $3 order by month, school_id"
        );
        self.query(&sql, &[county.into(), from.into(), to.into()], MealClose::read)
    }

    /// Months that were closed, in turn.
    ///
    /// # Errors
    /// What the engine says.
    pub fn meal_months(&mut self, county: u32) -> Result<Vec<String>, StoreError> {
        self.query(
            "select distinct month from meal_close where county = $1 order by month",
            &[county.into()],
            |r| r.get(0),
        )
    }

    /// Findings of a month, of one school or of all.
    ///
    /// # Errors
    /// What the engine says.
    pub fn meal_findings(
        &mut self,
        county: u32,
        month: &str,
        school: Option<u64>,
    ) -> Result<Vec<MealFinding>, StoreError> {
        let mut args: Vec<V> = vec![county.into(), month.into()];
        let mut within = "";
        if let Some(school) = school {
            args.push(school.into());
            within = " and school_id = $3";
        }
        let sql = format!(
            "select {FINDING} from meal_finding where county = $1 and month = $2{within} order by finding_no"
        );
        self.query(&sql, &args, MealFinding::read)
    }

    /// Class days that nobody marked: school, class, days.
    ///
    /// # Errors
    /// What the engine says.
    pub fn meal_unmarked(
        &mut self,
        county: u32,
        month: &str,
    ) -> Result<Vec<(u64, String, String)>, StoreError> {
        self.query(
            "select school_id, class, days from meal_unmarked where county = $1 and month = $2 order by school_id, class",
            &[county.into(), month.into()],
            |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)),
        )
    }

    /// What was locked and unlocked, by month and in turn.
    ///
    /// # Errors
    /// What the engine says.
    pub fn meal_locks(&mut self, county: u32) -> Result<Vec<MealLock>, StoreError> {
        self.query(
            "select month, lock_no, why, user_id, login, name, at from meal_lock where county = $1 order by month, lock_no",
            &[county.into()],
            |r| {
                Ok(MealLock {
                    month: r.get(0)?,
                    number: r.get(1)?,
                    why: r.get(2)?,
                    by: author(r, 3)?,
                })
            },
        )
    }

    /// Locks or unlocks a month, and at a lock keeps the close as it stands.
    ///
    /// # Errors
    /// [`StoreError::Unique`] if somebody else did so at the same time; what the engine says.
    pub fn add_meal_lock(&mut self, county: u32, lock: &MealLock) -> Result<(), StoreError> {
        self.execute(
            "insert into meal_lock (county, month, lock_no, state, why, user_id, login, name, at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            &[
                county.into(),
                lock.month.as_str().into(),
                lock.number.into(),
                if lock.is_locked() { "locked" } else { "unlocked" }.into(),
                lock.why.as_str().into(),
                lock.by.user.into(),
                lock.by.login.as_str().into(),
                lock.by.name.as_str().into(),
                lock.by.at.to_string().into(),
            ],
        )?;
        if lock.is_locked() {
            self.execute(
                "insert into meal_frozen (county, month, lock_no, school_id, claimed, proved, over, unproven, named, named_over, payable, price)
                 select county, month, $3, school_id, claimed, proved, over, unproven, named, named_over, payable, price
                   from meal_close where county = $1 and month = $2",
                &[county.into(), lock.month.as_str().into(), lock.number.into()],
            )?;
        }
        Ok(())
    }

    /// Payable meals and their price by school, as a month was locked.
    ///
    /// # Errors
    /// What the engine says.
    pub fn meal_frozen(
        &mut self,
        county: u32,
        month: &str,
        number: u64,
    ) -> Result<Vec<(u64, i64, i64)>, StoreError> {
        self.query(
            "select school_id, payable, price from meal_frozen where county = $1 and month = $2 and lock_no = $3 order by school_id",
            &[county.into(), month.into(), number.into()],
            |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)),
        )
    }
}

/// Who did something, from column `at` on: user, login, name, time.
pub(crate) fn author(r: &Row<'_>, at: usize) -> Result<Author, StoreError> {
    Ok(Author {
        user: r.get(at)?,
        login: r.get(at + 1)?,
        name: r.get(at + 2)?,
        at: r.parse(at + 3, |t| t.parse().ok())?.ok_or_else(|| r.bad(at + 3))?,
    })
}
