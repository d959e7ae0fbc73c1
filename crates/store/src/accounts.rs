//! Accounts: who may sign in, what they hold, where they are signed in.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::{Row, StoreError, Tx};

/// An account as the books hold it. The password is a hash, the second factor is opened.
#[derive(Clone)]
pub struct Account {
    /// From 1.
    pub user: u64,
    /// Lower case.
    pub login: String,
    /// For people.
    pub name: String,
    /// Where they work.
    pub unit: String,
    /// Argon2id, PHC format; `None`: none set yet.
    pub password: Option<String>,
    /// When it was set.
    pub password_at: Option<Timestamp>,
    /// Hashes of the last ones.
    pub earlier: Vec<String>,
    /// Secret of the second factor.
    pub totp: Option<Vec<u8>>,
    /// The last time step that was used.
    pub totp_step: i64,
    /// Wrong passwords in a row.
    pub failures: i64,
    /// Until when it rests.
    pub locked_until: Option<Timestamp>,
    /// Since when nobody signs in with it.
    pub closed_at: Option<Timestamp>,
    /// Since when there is it.
    pub made_at: Timestamp,
    /// Who made it.
    pub made_by: String,
}

/// A role on a ground for a time, in the words of `access.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredGrant {
    /// From 1.
    pub grant: u64,
    /// Whose.
    pub user: u64,
    /// Code of the role.
    pub role: String,
    /// Text of the ground.
    pub ground: String,
    /// First day.
    pub from: Date,
    /// Last day; `None`: open.
    pub until: Option<Date>,
    /// When it was given.
    pub made_at: Timestamp,
    /// By whom.
    pub made_by: String,
    /// When it was taken away.
    pub ended_at: Option<Timestamp>,
}

/// Somebody who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSession {
    /// SHA-256 of what the browser keeps.
    pub token: [u8; 32],
    /// Who.
    pub user: u64,
    /// Since when.
    pub made_at: Timestamp,
    /// When they asked last, to the minute.
    pub seen_at: Timestamp,
    /// When it ends, whatever they do.
    pub ends_at: Timestamp,
    /// Kind of browser, in words.
    pub device: String,
    /// Whether a second factor was given.
    pub second: bool,
    /// Whether the phone is theirs alone.
    pub own_phone: bool,
}

/// What a link is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredLink {
    /// Whose.
    pub user: u64,
    /// `password` or `demo`.
    pub purpose: String,
    /// Until when it works.
    pub ends_at: Timestamp,
    /// When it was used.
    pub used_at: Option<Timestamp>,
}

const ACCOUNT: &str =
    "select user_id, login, name, unit, password, password_at, earlier, totp, totp_step, failures,
        locked_until, closed_at, made_at, made_by from account where county = $1";

impl Tx<'_> {
    /// Makes an account; its id.
    ///
    /// # Errors
    /// [`StoreError::Unique`] if the login is taken.
    pub fn add_account(
        &mut self,
        county: u32,
        (login, name, unit): (&str, &str, &str),
        at: Timestamp,
        by: &str,
    ) -> Result<u64, StoreError> {
        let user = self.next(county, "account", "user_id")?;
        self.execute(
            "insert into account (county, user_id, login, name, unit, made_at, made_by)
             values ($1, $2, $3, $4, $5, $6, $7)",
            &[
                county.into(),
                user.into(),
                login.into(),
                name.into(),
                unit.into(),
                at.to_string().into(),
                by.into(),
            ],
        )?;
        Ok(user)
    }

    /// One account.
    ///
    /// # Errors
    /// What the engine says.
    pub fn account(&mut self, county: u32, user: u64) -> Result<Option<Account>, StoreError> {
        let keys = self.keys().clone();
        let sql = format!("{ACCOUNT} and user_id = $2");
        self.query_one(&sql, &[county.into(), user.into()], |row| account(row, county, &keys))
    }

    /// The account of a login.
    ///
    /// # Errors
    /// What the engine says.
    pub fn account_of(&mut self, county: u32, login: &str) -> Result<Option<Account>, StoreError> {
        let keys = self.keys().clone();
        let sql = format!("{ACCOUNT} and login = $2");
        self.query_one(&sql, &[county.into(), login.into()], |row| account(row, county, &keys))
    }

    /// All accounts, by login.
    ///
    /// # Errors
    /// What the engine says.
    pub fn accounts(&mut self, county: u32) -> Result<Vec<Account>, StoreError> {
        let keys = self.keys().clone();
        let sql = format!("{ACCOUNT} order by login");
        self.query(&sql, &[county.into()], |row| account(row, county, &keys))
    }

    /// Sets a password: its hash, and the hashes of the last ones. Failures are forgotten.
    ///
    /// # Errors
    /// What the engine says.
    pub fn set_password(
        &mut self,
        county: u32,
        user: u64,
        hash: &str,
        earlier: &[String],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute(
            "update account set password = $3, earlier = $4, password_at = $5, failures = 0, locked_until = null
              where county = $1 and user_id = $2",
            &[
                county.into(),
                user.into(),
                hash.into(),
                earlier.join("\n").into(),
                at.to_string().into(),
            ],
        )?;
        Ok(())
    }

    /// Takes the password away: its owner sets a new one by a link. The old one may not come again.
    ///
    /// # Errors
    /// What the engine says.
    pub fn forget_password(&mut self, county: u32, user: u64) -> Result<(), StoreError> {
        self.execute(
            "update account set earlier = case when password is null then earlier else password || $3 || earlier end,
                    password = null, password_at = null, failures = 0, locked_until = null
              where county = $1 and user_id = $2",
            &[county.into(), user.into(), "\n".into()],
        )?;
        Ok(())
    }

    /// Notes how many wrong passwords in a row there were, and until when the account rests.
    ///
    /// # Errors
    /// What the engine says.
    pub fn note_failures(
        &mut self,
        county: u32,
        user: u64,
        failures: i64,
        locked_until: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let until = locked_until.map(|t| t.to_string());
        self.execute(
            "update account set failures = $3, locked_until = $4 where county = $1 and user_id = $2",
            &[county.into(), user.into(), failures.into(), until.into()],
        )?;
        Ok(())
    }

    /// Sets or removes the secret of the second factor.
    ///
    /// # Errors
    /// What the engine says.
    pub fn set_totp(
        &mut self,
        county: u32,
        user: u64,
        secret: Option<&[u8]>,
    ) -> Result<(), StoreError> {
        let sealed = secret.map(|s| self.keys().seal(s, &totp_context(county, user)));
        self.execute(
            "update account set totp = $3, totp_step = 0 where county = $1 and user_id = $2",
            &[county.into(), user.into(), sealed.into()],
        )?;
        Ok(())
    }

    /// Uses up a time step of the second factor; `false` if it or a later one was used before.
    ///
    /// # Errors
    /// What the engine says.
    pub fn use_totp_step(&mut self, county: u32, user: u64, step: i64) -> Result<bool, StoreError> {
        let changed = self.execute(
            "update account set totp_step = $3 where county = $1 and user_id = $2 and totp_step < $3",
            &[county.into(), user.into(), step.into()],
        )?;
        Ok(changed == 1)
    }

    /// Closes an account, or opens it again.
    ///
    /// # Errors
    /// What the engine says.
    pub fn close_account(
        &mut self,
        county: u32,
        user: u64,
        at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let at = at.map(|t| t.to_string());
        self.execute(
            "update account set closed_at = $3 where county = $1 and user_id = $2",
            &[county.into(), user.into(), at.into()],
        )?;
        Ok(())
    }

    /// Gives a role on a ground for a time; the id of the grant.
    ///
    /// # Errors
    /// What the engine says.
    pub fn add_grant(
        &mut self,
        county: u32,
        user: u64,
        (role, ground): (&str, &str),
        (from, until): (Date, Option<Date>),
        at: Timestamp,
        by: &str,
    ) -> Result<u64, StoreError> {
        let grant = self.next(county, "account_grant", "grant_id")?;
        self.execute(
            "insert into account_grant (county, grant_id, user_id, role, ground, from_day, to_day, made_at, made_by)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            &[
                county.into(),
                grant.into(),
                user.into(),
                role.into(),
                ground.into(),
                from.to_string().into(),
                until.map(|d| d.to_string()).into(),
                at.to_string().into(),
                by.into(),
            ],
        )?;
        Ok(grant)
    }

    /// Takes a grant away. Whether it was there and not ended yet.
    ///
    /// # Errors
    /// What the engine says.
    pub fn end_grant(
        &mut self,
        county: u32,
        grant: u64,
        at: Timestamp,
        by: &str,
    ) -> Result<bool, StoreError> {
        let changed = self.execute(
            "update account_grant set ended_at = $3, ended_by = $4
              where county = $1 and grant_id = $2 and ended_at is null",
            &[county.into(), grant.into(), at.to_string().into(), by.into()],
        )?;
        Ok(changed == 1)
    }

    /// Grants that were not taken away: of one user, or of all.
    ///
    /// # Errors
    /// What the engine says.
    pub fn grants(
        &mut self,
        county: u32,
        user: Option<u64>,
    ) -> Result<Vec<StoredGrant>, StoreError> {
        let of_user = if user.is_some() { " and user_id = $2" } else { "" };
        let sql = format!(
            "select grant_id, user_id, role, ground, from_day, to_day, made_at, made_by, ended_at
               from account_grant where county = $1 and ended_at is null{of_user} order by grant_id"
        );
        let mut args = vec![county.into()];
        args.extend(user.map(Into::into));
        self.query(&sql, &args, |row| {
            Ok(StoredGrant {
                grant: row.get(0)?,
                user: row.get(1)?,
                role: row.get(2)?,
                ground: row.get(3)?,
                from: row.parse(4, |d| d.parse().ok())?.ok_or_else(|| row.bad(4))?,
                until: row.parse(5, |d| d.parse().ok())?,
                made_at: time(row, 6)?,
                made_by: row.get(7)?,
                ended_at: row.parse(8, |t| t.parse().ok())?,
            })
        })
    }

    /// Signs somebody in. Sessions that are over are swept away.
    ///
    /// # Errors
    /// What the engine says.
    pub fn add_session(&mut self, county: u32, new: &StoredSession) -> Result<(), StoreError> {
        self.execute(
            "delete from session where county = $1 and ends_at < $2",
            &[county.into(), new.made_at.to_string().into()],
        )?;
        self.execute(
            "insert into session (county, token, user_id, made_at, seen_at, ends_at, device, second, own_phone)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            &[
                county.into(),
                (&new.token).into(),
                new.user.into(),
                new.made_at.to_string().into(),
                new.seen_at.to_string().into(),
                new.ends_at.to_string().into(),
                (&new.device).into(),
                new.second.into(),
                new.own_phone.into(),
            ],
        )?;
        Ok(())
    }

    /// The session of a token.
    ///
    /// # Errors
    /// What the engine says.
    pub fn session(
        &mut self,
        county: u32,
        token: &[u8; 32],
    ) -> Result<Option<StoredSession>, StoreError> {
        let sql = format!("{SESSION} and token = $2");
        self.query_one(&sql, &[county.into(), token.into()], session)
    }

    /// The sessions of a user, latest first.
    ///
    /// # Errors
    /// What the engine says.
    pub fn sessions_of(
        &mut self,
        county: u32,
        user: u64,
    ) -> Result<Vec<StoredSession>, StoreError> {
        let sql = format!("{SESSION} and user_id = $2 order by seen_at desc, token");
        self.query(&sql, &[county.into(), user.into()], session)
    }

    /// Notes that somebody asked, or that they gave a second factor.
    ///
    /// # Errors
    /// What the engine says.
    pub fn touch_session(
        &mut self,
        county: u32,
        token: &[u8; 32],
        at: Timestamp,
        second: bool,
    ) -> Result<(), StoreError> {
        self.execute(
            "update session set seen_at = $3, second = case when $4 = 1 then 1 else second end
              where county = $1 and token = $2",
            &[county.into(), token.into(), at.to_string().into(), i64::from(second).into()],
        )?;
        Ok(())
    }

    /// Signs out one session.
    ///
    /// # Errors
    /// What the engine says.
    pub fn end_session(&mut self, county: u32, token: &[u8; 32]) -> Result<(), StoreError> {
        self.execute(
            "delete from session where county = $1 and token = $2",
            &[county.into(), token.into()],
        )?;
        Ok(())
    }

    /// Signs a user out everywhere; how many sessions there were.
    ///
    /// # Errors
    /// What the engine says.
    pub fn end_sessions_of(&mut self, county: u32, user: u64) -> Result<u64, StoreError> {
        self.execute(
            "delete from session where county = $1 and user_id = $2",
            &[county.into(), user.into()],
        )
    }

    /// Makes a link that lets somebody in.
    ///
    /// # Errors
    /// What the engine says.
    pub fn add_link(
        &mut self,
        county: u32,
        token: &[u8; 32],
        (user, purpose): (u64, &str),
        ends_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute(
            "insert into entry_link (county, token, user_id, purpose, ends_at) values ($1, $2, $3, $4, $5)",
            &[county.into(), token.into(), user.into(), purpose.into(), ends_at.to_string().into()],
        )?;
        Ok(())
    }

    /// The link of a token.
    ///
    /// # Errors
    /// What the engine says.
    pub fn link(
        &mut self,
        county: u32,
        token: &[u8; 32],
    ) -> Result<Option<StoredLink>, StoreError> {
        self.query_one(
            "select user_id, purpose, ends_at, used_at from entry_link where county = $1 and token = $2",
            &[county.into(), token.into()],
            |row| {
                Ok(StoredLink {
                    user: row.get(0)?,
                    purpose: row.get(1)?,
                    ends_at: time(row, 2)?,
                    used_at: row.parse(3, |t| t.parse().ok())?,
                })
            },
        )
    }

    /// Uses a link up; `false` if it was used before.
    ///
    /// # Errors
    /// What the engine says.
    pub fn use_link(
        &mut self,
        county: u32,
        token: &[u8; 32],
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = self.execute(
            "update entry_link set used_at = $3 where county = $1 and token = $2 and used_at is null",
            &[county.into(), token.into(), at.to_string().into()],
        )?;
        Ok(changed == 1)
    }

    /// The number after the largest of a column of the county.
    pub(crate) fn next(
        &mut self,
        county: u32,
        table: &str,
        column: &str,
    ) -> Result<u64, StoreError> {
        let sql = format!("select coalesce(max({column}), 0) + 1 from {table} where county = $1");
        Ok(self.query_one(&sql, &[county.into()], |row| row.get(0))?.unwrap_or(1))
    }
}

const SESSION: &str = "select token, user_id, made_at, seen_at, ends_at, device, second, own_phone
   from session where county = $1";

fn session(row: &Row) -> Result<StoredSession, StoreError> {
    Ok(StoredSession {
        token: row.get(0)?,
        user: row.get(1)?,
        made_at: time(row, 2)?,
        seen_at: time(row, 3)?,
        ends_at: time(row, 4)?,
        device: row.get(5)?,
        second: row.get(6)?,
        own_phone: row.get(7)?,
    })
}

fn account(row: &Row, county: u32, keys: &crate::Keys) -> Result<Account, StoreError> {
    let user: u64 = row.get(0)?;
    let totp = match row.get::<Option<Vec<u8>>>(7)? {
        None => None,
        Some(sealed) => Some(keys.open(&sealed, &totp_context(county, user))?),
    };
    Ok(Account {
        user,
        login: row.get(1)?,
        name: row.get(2)?,
        unit: row.get(3)?,
        password: row.get(4)?,
        password_at: row.parse(5, |t| t.parse().ok())?,
        earlier: row.get::<&str>(6)?.lines().map(str::to_owned).collect(),
        totp,
        totp_step: row.get(8)?,
        failures: row.get(9)?,
        locked_until: row.parse(10, |t| t.parse().ok())?,
        closed_at: row.parse(11, |t| t.parse().ok())?,
        made_at: time(row, 12)?,
        made_by: row.get(13)?,
    })
}

pub(crate) fn time(row: &Row, column: usize) -> Result<Timestamp, StoreError> {
    row.parse(column, |t| t.parse().ok())?.ok_or_else(|| row.bad(column))
}

fn totp_context(county: u32, user: u64) -> Vec<u8> {
    format!("account {county} {user} totp").into_bytes()
}
