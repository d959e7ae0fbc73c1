//! The county's reports as they were written, and the requests of programs that may come twice.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::accounts::time;
use crate::{StoreError, Tx};

/// A report that was written, without its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredReport {
    /// The assessment that it is of.
    pub run: u64,
    /// The day for which that was made.
    pub as_of: Date,
    /// When it was written.
    pub made_at: Timestamp,
}

impl Tx<'_> {
    /// Keeps the report of an assessment, in place of an earlier one of the same.
    ///
    /// # Errors
    /// What the engine says.
    pub fn save_report(
        &mut self,
        county: u32,
        run: u64,
        at: Timestamp,
        document: &str,
    ) -> Result<(), StoreError> {
        self.execute(
            "delete from report where county = $1 and run_id = $2",
            &[county.into(), run.into()],
        )?;
        self.execute(
            "insert into report (county, run_id, made_at, document) values ($1, $2, $3, $4)",
            &[county.into(), run.into(), at.to_string().into(), document.into()],
        )?;
        Ok(())
    }

    /// The reports that were written, the latest first.
    ///
    /// # Errors
    /// What the engine says.
    pub fn reports(&mut self, county: u32, limit: u32) -> Result<Vec<StoredReport>, StoreError> {
        self.query(
            "select p.run_id, r.as_of, p.made_at
               from report p join run r on r.county = p.county and r.run_id = p.run_id
              where p.county = $1 order by p.run_id desc limit $2",
            &[county.into(), limit.into()],
            |row| {
                Ok(StoredReport {
                    run: row.get(0)?,
                    as_of: row.parse(1, |d| d.parse().ok())?.ok_or_else(|| row.bad(1))?,
                    made_at: time(row, 2)?,
                })
            },
        )
    }

    /// The text of the report of an assessment, as JSON.
    ///
    /// # Errors
    /// What the engine says.
    pub fn report_text(&mut self, county: u32, run: u64) -> Result<Option<String>, StoreError> {
        self.query_one(
            "select document from report where county = $1 and run_id = $2",
            &[county.into(), run.into()],
            |row| row.get(0),
        )
    }

    /// What came of a request that a program sent under a key: the hash of the request, and the answer.
    ///
    /// # Errors
    /// What the engine says.
    pub fn api_answer(
        &mut self,
        county: u32,
        login: &str,
        key: &str,
    ) -> Result<Option<(Vec<u8>, String)>, StoreError> {
        self.query_one(
            "select asked, answer from api_answer where county = $1 and login = $2 and request_key = $3",
            &[county.into(), login.into(), key.into()],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }

    /// Notes what came of a request, and forgets those from before `since`.
    ///
    /// # Errors
    /// What the engine says.
    pub fn add_api_answer(
        &mut self,
        county: u32,
        (login, key): (&str, &str),
        asked: &[u8; 32],
        answer: &str,
        (at, since): (Timestamp, Timestamp),
    ) -> Result<(), StoreError> {
        self.execute(
            "delete from api_answer where county = $1 and at < $2",
            &[county.into(), since.to_string().into()],
        )?;
        self.execute(
            "insert into api_answer (county, login, request_key, asked, answer, at)
             values ($1, $2, $3, $4, $5, $6)",
            &[
                county.into(),
                login.into(),
                key.into(),
                asked.as_slice().into(),
                answer.into(),
                at.to_string().into(),
            ],
        )?;
        Ok(())
    }
}
