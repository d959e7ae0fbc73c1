//! 公示 and what people say to it.

use jiff::civil::Date;

use super::day;
use crate::{Row, Signed, StoreError, Tx};

/// What hangs on the wall.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// From 1 within the county.
    pub id: u64,
    /// The batch.
    pub batch: u64,
    /// The address of its page.
    pub token: String,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub until: Date,
    /// Working days of these.
    pub working_days: u32,
    /// The columns that it shows.
    pub shows: Vec<String>,
    /// Names are masked.
    pub masked: bool,
    /// Lines.
    pub lines: u64,
    /// Of what it shows.
    pub sha256: [u8; 32],
}

/// Somebody says that a line should not be there, or that one is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objection {
    /// From 1 within the county.
    pub id: u64,
    /// The batch.
    pub batch: u64,
    /// The line.
    pub line: Option<u64>,
    /// When it was said.
    pub said_on: Date,
    /// How: visit, phone, letter, web.
    pub channel: String,
    /// What.
    pub said: String,
    /// What was decided: upheld, dismissed; and why.
    pub decided: Option<(String, String)>,
}

impl Tx<'_> {
    /// Hangs a batch out; the publication's id. The batch must have taken the step.
    ///
    /// # Errors
    /// [`StoreError::Unique`] if it hangs already.
    pub fn add_aid_publication(
        &mut self,
        county: u32,
        new: &Publication,
    ) -> Result<u64, StoreError> {
        let id = self.next(county, "aid_publication", "publication_id")?;
        self.execute(
            "insert into aid_publication (county, publication_id, batch_id, step, token, from_day, until_day, working_days,
                                          shows, masked, lines, sha256)
             values ($1, $2, $3, 3, $4, $5, $6, $7, $8, $9, $10, $11)",
            &[
                county.into(),
                id.into(),
                new.batch.into(),
                (&new.token).into(),
                new.from.to_string().into(),
                new.until.to_string().into(),
                new.working_days.into(),
                new.shows.join(" ").into(),
                new.masked.into(),
                new.lines.into(),
                new.sha256.into(),
            ],
        )?;
        Ok(id)
    }

    /// The publication of a batch.
    ///
    /// # Errors
    /// What the engine says.
    pub fn aid_publication(
        &mut self,
        county: u32,
        batch: u64,
    ) -> Result<Option<Publication>, StoreError> {
        let sql = format!(
            "select {PUBLICATION} from aid_publication where county = $1 and batch_id = $2"
        );
        self.query_one(&sql, &[county.into(), batch.into()], publication)
    }

    /// The publication at an address.
    ///
    /// # Errors
    /// What the engine says.
    pub fn aid_publication_at(
        &mut self,
        county: u32,
        token: &str,
    ) -> Result<Option<Publication>, StoreError> {
        let sql =
            format!("select {PUBLICATION} from aid_publication where county = $1 and token = $2");
        self.query_one(&sql, &[county.into(), token.into()], publication)
    }

    /// Takes down an objection; its id.
    ///
    /// # Errors
    /// [`StoreError::ForeignKey`] if the batch does not hang.
    pub fn add_aid_objection(
        &mut self,
        county: u32,
        new: &Objection,
        by: &Signed,
    ) -> Result<u64, StoreError> {
        let id = self.next(county, "aid_objection", "objection_id")?;
        self.execute(
            "insert into aid_objection (county, objection_id, batch_id, entitlement_id, said_on, channel, said, taken_by)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
            &[
                county.into(),
                id.into(),
                new.batch.into(),
                new.line.into(),
                new.said_on.to_string().into(),
                (&new.channel).into(),
                (&new.said).into(),
                (&by.login).into(),
            ],
        )?;
        Ok(id)
    }

    /// Decides about an objection; `false` if there is none that waits.
    ///
    /// # Errors
    /// What the engine says.
    pub fn decide_aid_objection(
        &mut self,
        county: u32,
        id: u64,
        upheld: bool,
        why: &str,
        by: &Signed,
    ) -> Result<bool, StoreError> {
        let changed = self.execute(
            "update aid_objection set decided = $3, decided_why = $4, decided_by = $5, decided_at = $6
              where county = $1 and objection_id = $2 and decided is null",
            &[
                county.into(),
                id.into(),
                (if upheld { "upheld" } else { "dismissed" }).into(),
                why.into(),
                (&by.login).into(),
                by.at.to_string().into(),
            ],
        )?;
        Ok(changed == 1)
    }

    /// The objections to a batch, oldest first.
    ///
    /// # Errors
    /// What the engine says.
    pub fn aid_objections(
        &mut self,
        county: u32,
        batch: u64,
    ) -> Result<Vec<Objection>, StoreError> {
        let sql = format!(
            "select {OBJECTION} from aid_objection where county = $1 and batch_id = $2 order by objection_id"
        );
        self.query(&sql, &[county.into(), batch.into()], objection)
    }

    /// An objection; `None` if there is none of that id.
    ///
    /// # Errors
    /// What the engine says.
    pub fn aid_objection(&mut self, county: u32, id: u64) -> Result<Option<Objection>, StoreError> {
        let sql = format!(
            "select {OBJECTION} from aid_objection where county = $1 and objection_id = $2"
        );
        self.query_one(&sql, &[county.into(), id.into()], objection)
    }
}

const PUBLICATION: &str = "publication_id, batch_id, token, from_day, until_day, working_days, shows, masked, lines, sha256";
const OBJECTION: &str =
    "objection_id, batch_id, entitlement_id, said_on, channel, said, decided, decided_why";

fn publication(r: &Row) -> Result<Publication, StoreError> {
    Ok(Publication {
        id: r.get(0)?,
        batch: r.get(1)?,
        token: r.get(2)?,
        from: day(r, 3)?.ok_or_else(|| r.bad(3))?,
        until: day(r, 4)?.ok_or_else(|| r.bad(4))?,
        working_days: r.get(5)?,
        shows: r.get::<&str>(6)?.split_whitespace().map(str::to_owned).collect(),
        masked: r.get(7)?,
        lines: r.get(8)?,
        sha256: r.get(9)?,
    })
}

fn objection(r: &Row) -> Result<Objection, StoreError> {
    let decided = match r.get::<Option<String>>(6)? {
        None => None,
        Some(what) => Some((what, r.get(7)?)),
    };
    Ok(Objection {
        id: r.get(0)?,
        batch: r.get(1)?,
        line: r.get(2)?,
        said_on: day(r, 3)?.ok_or_else(|| r.bad(3))?,
        channel: r.get(4)?,
        said: r.get(5)?,
        decided,
    })
}
