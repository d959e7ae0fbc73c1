//! What somebody was shown beyond what their pages show: whole numbers, cases outside their ground, data for programs.

use jiff::Timestamp;

use crate::accounts::time;
use crate::{StoreError, Tx, V};

/// A case that somebody opened outside their ground.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredGlass {
    /// From 1.
    pub glass: u64,
    /// Who.
    pub user: u64,
    /// Their name and login.
    pub who: String,
    /// Whom.
    pub person: u64,
    /// Their name; empty where the register has nobody of this id any more.
    pub person_name: String,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
    /// Until when.
    pub ends_at: Timestamp,
    /// What the review said: by whom, whether it was right, in words.
    pub review: Option<(String, bool, String)>,
}

/// A token for a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredToken {
    /// From 1.
    pub number: u64,
    /// Whose rights it has at most.
    pub user: u64,
    /// What it is for.
    pub name: String,
    /// Codes of rights, separated by blanks.
    pub rights: String,
    /// Since when.
    pub made_at: Timestamp,
    /// Until when.
    pub ends_at: Timestamp,
    /// When it was taken back.
    pub ended_at: Option<Timestamp>,
    /// When a program last used it, to the hour.
    pub used_at: Option<Timestamp>,
}

const GLASS: &str =
    "select g.glass_id, g.user_id, g.person_id, g.reason, g.at, g.ends_at, g.reviewed_by, g.justified, g.verdict,
        a.name, a.login, p.name
   from glass g
   join account a on a.county = g.county and a.user_id = g.user_id
   left join person p on p.county = g.county and p.person_id = g.person_id
  where g.county = $1";
const TOKEN: &str = "select token_id, user_id, name, rights, made_at, ends_at, ended_at, used_at
   from api_token where county = $1";

impl Tx<'_> {
    /// Notes that somebody sees a person's whole numbers of one group for a while, and why.
    ///
    /// # Errors
    /// What the engine says.
    pub fn add_reveal(
        &mut self,
        county: u32,
        (user, person, secret): (u64, u64, &str),
        reason: &str,
        (at, ends_at): (Timestamp, Timestamp),
    ) -> Result<u64, StoreError> {
        let number = self.next(county, "reveal", "reveal_id")?;
        self.execute(
            "insert into reveal (county, reveal_id, user_id, person_id, secret, reason, at, ends_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
            &[
                county.into(),
                number.into(),
                user.into(),
                person.into(),
                secret.into(),
                reason.into(),
                at.to_string().into(),
                ends_at.to_string().into(),
            ],
        )?;
        Ok(number)
    }

    /// The groups of a person's numbers that a user sees whole now.
    ///
    /// # Errors
    /// What the engine says.
    pub fn revealed(
        &mut self,
        county: u32,
        user: u64,
        person: u64,
        at: Timestamp,
    ) -> Result<Vec<String>, StoreError> {
        self.query(
            "select distinct secret from reveal
              where county = $1 and user_id = $2 and person_id = $3 and ends_at > $4 order by secret",
            &[county.into(), user.into(), person.into(), at.to_string().into()],
            |row| row.get(0),
        )
    }

    /// Notes that somebody opened a case outside their ground.
    ///
    /// # Errors
    /// What the engine says.
    pub fn add_glass(
        &mut self,
        county: u32,
        (user, person): (u64, u64),
        reason: &str,
        (at, ends_at): (Timestamp, Timestamp),
    ) -> Result<u64, StoreError> {
        let number = self.next(county, "glass", "glass_id")?;
        self.execute(
            "insert into glass (county, glass_id, user_id, person_id, reason, at, ends_at)
             values ($1, $2, $3, $4, $5, $6, $7)",
            &[
                county.into(),
                number.into(),
                user.into(),
                person.into(),
                reason.into(),
                at.to_string().into(),
                ends_at.to_string().into(),
            ],
        )?;
        Ok(number)
    }

    /// The persons whom a user has open outside their ground.
    ///
    /// # Errors
    /// What the engine says.
    pub fn open_glass(
        &mut self,
        county: u32,
        user: u64,
        at: Timestamp,
    ) -> Result<Vec<u64>, StoreError> {
        self.query(
            "select distinct person_id from glass where county = $1 and user_id = $2 and ends_at > $3
              order by person_id",
            &[county.into(), user.into(), at.to_string().into()],
            |row| row.get(0),
        )
    }

    /// All such openings, latest first.
    ///
    /// # Errors
    /// What the engine says.
    pub fn glasses(&mut self, county: u32) -> Result<Vec<StoredGlass>, StoreError> {
        let sql = format!("{GLASS} order by g.glass_id desc");
        self.query(&sql, &[county.into()], |row| {
            let by: Option<String> = row.get(6)?;
            let (justified, verdict) = (row.get::<Option<bool>>(7)?, row.get::<Option<String>>(8)?);
            Ok(StoredGlass {
                glass: row.get(0)?,
                user: row.get(1)?,
                person: row.get(2)?,
                reason: row.get(3)?,
                at: time(row, 4)?,
                ends_at: time(row, 5)?,
                who: format!("{} {}", row.get::<&str>(9)?, row.get::<&str>(10)?),
                person_name: row.get::<Option<String>>(11)?.unwrap_or_default(),
                review: by.map(|by| (by, justified.unwrap_or(false), verdict.unwrap_or_default())),
            })
        })
    }

    /// Notes what a review said of an opening; `false` if there is none that waits.
    ///
    /// # Errors
    /// What the engine says.
    pub fn review_glass(
        &mut self,
        county: u32,
        glass: u64,
        (justified, verdict): (bool, &str),
        at: Timestamp,
        by: &str,
    ) -> Result<bool, StoreError> {
        let changed = self.execute(
            "update glass set reviewed_at = $3, reviewed_by = $4, justified = $5, verdict = $6
              where county = $1 and glass_id = $2 and reviewed_at is null",
            &[
                county.into(),
                glass.into(),
                at.to_string().into(),
                by.into(),
                justified.into(),
                verdict.into(),
            ],
        )?;
        Ok(changed == 1)
    }

    /// Makes a token for a program.
    ///
    /// # Errors
    /// What the engine says.
    pub fn add_token(
        &mut self,
        county: u32,
        token: &[u8; 32],
        user: u64,
        (name, rights): (&str, &str),
        (at, ends_at): (Timestamp, Timestamp),
    ) -> Result<u64, StoreError> {
        let number = self.next(county, "api_token", "token_id")?;
        let args: [V; 8] = [
            county.into(),
            number.into(),
            token.into(),
            user.into(),
            name.into(),
            rights.into(),
            at.to_string().into(),
            ends_at.to_string().into(),
        ];
        self.execute(
            "insert into api_token (county, token_id, token, user_id, name, rights, made_at, ends_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
            &args,
        )?;
        Ok(number)
    }

    /// The token of a hash.
    ///
    /// # Errors
    /// What the engine says.
    pub fn token(
        &mut self,
        county: u32,
        token: &[u8; 32],
    ) -> Result<Option<StoredToken>, StoreError> {
        let sql = format!("{TOKEN} and token = $2");
        self.query_one(&sql, &[county.into(), token.into()], stored_token)
    }

    /// The tokens of a user, latest first.
    ///
    /// # Errors
    /// What the engine says.
    pub fn tokens_of(&mut self, county: u32, user: u64) -> Result<Vec<StoredToken>, StoreError> {
        let sql = format!("{TOKEN} and user_id = $2 order by token_id desc");
        self.query(&sql, &[county.into(), user.into()], stored_token)
    }

    /// Notes that a program used a token.
    ///
    /// # Errors
    /// What the engine says.
    pub fn touch_token(
        &mut self,
        county: u32,
        number: u64,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute(
            "update api_token set used_at = $3 where county = $1 and token_id = $2",
            &[county.into(), number.into(), at.to_string().into()],
        )?;
        Ok(())
    }

    /// Takes a user's token back; `false` if there is none that holds.
    ///
    /// # Errors
    /// What the engine says.
    pub fn end_token(
        &mut self,
        county: u32,
        user: u64,
        number: u64,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = self.execute(
            "update api_token set ended_at = $4
              where county = $1 and user_id = $2 and token_id = $3 and ended_at is null",
            &[county.into(), user.into(), number.into(), at.to_string().into()],
        )?;
        Ok(changed == 1)
    }
}

fn stored_token(row: &crate::Row) -> Result<StoredToken, StoreError> {
    Ok(StoredToken {
        number: row.get(0)?,
        user: row.get(1)?,
        name: row.get(2)?,
        rights: row.get(3)?,
        made_at: time(row, 4)?,
        ends_at: time(row, 5)?,
        ended_at: row.parse(6, |t| t.parse().ok())?,
        used_at: row.parse(7, |t| t.parse().ok())?,
    })
}
