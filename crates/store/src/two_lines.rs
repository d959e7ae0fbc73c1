//! Who lives here against who is enrolled, of the live assessment.

use jiff::civil::Date;

use crate::{Row, StoreError, Tx};

/// A finding about one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredTwoLine {
    /// Whom.
    pub person: u64,
    /// The assessment that says so.
    pub run: u64,
    /// What, by its word.
    pub found: String,
    /// A day that goes with it.
    pub since: Option<Date>,
    /// A number of days that goes with it.
    pub days: Option<i64>,
    /// The rows that say so.
    pub evidence: Vec<u64>,
}

/// Columns of a finding with alias `f`, in the order of [`StoredTwoLine::read`].
pub const TWO_LINE_COLUMNS: &str = "f.person_id, f.run_id, f.found, f.since, f.days, f.evidence";

impl StoredTwoLine {
    /// Reads the columns of [`TWO_LINE_COLUMNS`].
    ///
    /// # Errors
    /// If a column is not what it should be.
    pub fn read(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            person: row.get(0)?,
            run: row.get(1)?,
            found: row.get(2)?,
            since: row.parse(3, |d| d.parse().ok())?,
            days: row.get(4)?,
            evidence: row.get::<&str>(5)?.split(' ').filter_map(|id| id.parse().ok()).collect(),
        })
    }
}

impl Tx<'_> {
    /// Keeps the findings of an assessment in place of those of the one before, numbered in their order.
    ///
    /// # Errors
    /// What the engine says.
    pub fn replace_two_lines(
        &mut self,
        (county, run): (u32, u64),
        findings: &[StoredTwoLine],
    ) -> Result<(), StoreError> {
        self.execute("delete from two_line where county = $1", &[county.into()])?;
        let columns =
            ["county", "finding_no", "run_id", "person_id", "found", "since", "days", "evidence"];
        self.bulk(
            "two_line",
            columns,
            (1_u64..).zip(findings).map(|(number, f)| {
                let rows: Vec<String> = f.evidence.iter().map(u64::to_string).collect();
                [
                    county.into(),
                    number.into(),
                    run.into(),
                    f.person.into(),
                    f.found.as_str().into(),
                    f.since.map(|day| day.to_string()).into(),
                    f.days.into(),
                    rows.join(" ").into(),
                ]
            }),
        )?;
        Ok(())
    }
}
