//! Reasons to look after a child before it leaves, of the live assessment.

use crate::{Row, StoreError, Tx};

/// What speaks for looking after a child.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRisk {
    /// Whom.
    pub person: u64,
    /// The assessment that says so.
    pub run: u64,
    /// Where the child is enrolled.
    pub school: Option<u64>,
    /// The points of all reasons.
    pub points: u32,
    /// Whether it is among as many as its school can act on.
    pub listed: bool,
    /// The reasons as JSON.
    pub reasons: String,
}

/// Columns of a risk with alias `r`, in the order of [`StoredRisk::read`].
pub const RISK_COLUMNS: &str = "r.person_id, r.run_id, r.school_id, r.points, r.listed, r.reasons";

impl StoredRisk {
    /// Reads the columns of [`RISK_COLUMNS`].
    ///
    /// # Errors
    /// If a column is not what it should be.
    pub fn read(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            person: row.get(0)?,
            run: row.get(1)?,
            school: row.get(2)?,
            points: row.get(3)?,
            listed: row.get(4)?,
            reasons: row.get(5)?,
        })
    }
}

impl Tx<'_> {
    /// Keeps the risks of an assessment in place of those of the one before.
    ///
    /// # Errors
    /// What the engine says.
    pub fn replace_risks(
        &mut self,
        (county, run): (u32, u64),
        risks: &[StoredRisk],
    ) -> Result<(), StoreError> {
        self.execute("delete from risk where county = $1", &[county.into()])?;
        let columns = ["county", "person_id", "run_id", "school_id", "points", "listed", "reasons"];
        self.bulk(
            "risk",
            columns,
            risks.iter().map(|risk| {
                [
                    county.into(),
                    risk.person.into(),
                    run.into(),
                    risk.school.into(),
                    risk.points.into(),
                    risk.listed.into(),
                    risk.reasons.as_str().into(),
                ]
            }),
        )?;
        Ok(())
    }

    /// The risk of a child; `None`: nothing speaks for one.
    ///
    /// # Errors
    /// What the engine says.
    pub fn risk_of(&mut self, county: u32, person: u64) -> Result<Option<StoredRisk>, StoreError> {
        let sql = format!("select {RISK_COLUMNS} from risk r where county = $1 and person_id = $2");
        self.query_one(&sql, &[county.into(), person.into()], StoredRisk::read)
    }
}
