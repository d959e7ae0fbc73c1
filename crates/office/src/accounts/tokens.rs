//! Tokens for programs: a part of somebody's rights, for a time.

use jiff::{SignedDuration, Timestamp};

use super::{AccountError, audit, entry, fresh_token, minutes_after, token_hash};
use crate::access::{Actor, Right};
use crate::{Office, OfficeError};

/// A token in a list.
#[derive(Clone, Debug)]
pub struct TokenLine {
    /// Its number.
    pub number: u64,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub rights: Vec<Right>,
    /// Since when.
    pub made_at: Timestamp,
    /// Until when.
    pub ends_at: Timestamp,
    /// When a program last used it, to the hour.
    pub used_at: Option<Timestamp>,
    /// Whether it works.
    pub holds: bool,
}

/// How long a token works at most.
const LONGEST_DAYS: i64 = 366;

/// What a program may be given. To rule accounts, to see whole numbers and to open cases is for people.
pub(super) const GIVABLE: [Right; 9] = [
    Right::Figures,
    Right::Names,
    Right::Schools,
    Right::Sources,
    Right::Aid,
    Right::Correct,
    Right::Visit,
    Right::Attendance,
    Right::Meals,
];

impl Office {
    /// Makes a token for a program; its text, which is shown once.
    ///
    /// # Errors
    /// [`AccountError::Token`] with what is wrong.
    pub fn make_token(
        &self,
        actor: &Actor,
        name: &str,
        rights: &[Right],
        days: i64,
    ) -> Result<String, OfficeError> {
        actor.must(Right::Tokens)?;
        let name: String = name.trim().chars().take(60).collect();
        if name.is_empty() {
            return Err(AccountError::Token("写明给哪个程序用").into());
        }
        if rights.is_empty() {
            return Err(AccountError::Token("至少选一样权限").into());
        }
        if !rights.iter().all(|r| GIVABLE.contains(r) && actor.may(*r)) {
            return Err(AccountError::Token("只能给程序你自己有的、能给的权限").into());
        }
        if !(1..=LONGEST_DAYS).contains(&days) {
            return Err(AccountError::Token("有效期 1 到 366 天").into());
        }
        let token = fresh_token()?;
        let county = self.county_code()?;
        let codes = rights.iter().map(|r| r.code()).collect::<Vec<_>>().join(" ");
        self.store.write(|tx| {
            let times = (actor.at, minutes_after(actor.at, days * 24 * 60));
            let said = (name.as_str(), codes.as_str());
            let number = tx.add_token(county, &token_hash(&token), actor.user, said, times)?;
            audit(tx, county, actor, "make token", &format!("token {number}"), &codes)?;
            Ok(token)
        })
    }

    /// One's own tokens, latest first.
    ///
    /// # Errors
    /// [`crate::access::NotAllowed`] without [`Right::Tokens`].
    pub fn tokens(&self, actor: &Actor) -> Result<Vec<TokenLine>, OfficeError> {
        actor.must(Right::Tokens)?;
        let county = self.county_code()?;
        let found =
            self.store.read(|tx| tx.tokens_of(county, actor.user).map_err(OfficeError::from))?;
        let line = |t: fujiao_store::StoredToken| TokenLine {
            number: t.number,
            name: t.name,
            rights: t.rights.split_ascii_whitespace().filter_map(Right::parse).collect(),
            made_at: t.made_at,
            holds: t.ended_at.is_none() && t.ends_at > actor.at,
            ends_at: t.ends_at,
            used_at: t.used_at,
        };
        Ok(found.into_iter().map(line).collect())
    }

    /// What a token can be given that its owner holds.
    pub fn givable(&self, actor: &Actor) -> Vec<Right> {
        GIVABLE.into_iter().filter(|right| actor.may(*right)).collect()
    }

    /// Takes one's own token back.
    ///
    /// # Errors
    /// [`AccountError::NotThere`].
    pub fn end_token(&self, actor: &Actor, number: u64) -> Result<(), OfficeError> {
        actor.must(Right::Tokens)?;
        let county = self.county_code()?;
        self.store.write(|tx| {
            if !tx.end_token(county, actor.user, number, actor.at)? {
                return Err(AccountError::NotThere.into());
            }
            audit(tx, county, actor, "end token", &format!("token {number}"), "")
        })
    }

    /// Whoever a program's token acts for, with no more than the token's rights; `None` for one that does not work.
    ///
    /// # Errors
    /// What the store says.
    pub fn program(&self, token: &str, at: Timestamp) -> Result<Option<Actor>, OfficeError> {
        let county = self.county_code()?;
        let hash = token_hash(token);
        let found = self.store.read(|tx| {
            let Some(token) = tx.token(county, &hash)? else { return Ok(None) };
            let Some(account) = tx.account(county, token.user)? else { return Ok(None) };
            let grants = entry::grants(tx, county, token.user, at)?;
            Ok::<_, OfficeError>(Some((token, account, grants)))
        })?;
        let Some((token, account, grants)) = found else { return Ok(None) };
        if token.ended_at.is_some() || token.ends_at <= at || account.closed_at.is_some() {
            return Ok(None);
        }
        let hour = SignedDuration::from_hours(1);
        if token.used_at.is_none_or(|used| used.duration_until(at) > hour) {
            self.store.write_if_free(|tx| {
                tx.touch_token(county, token.number, at).map_err(OfficeError::from)
            })?;
        }
        let rights = token.rights.split_ascii_whitespace().filter_map(Right::parse).collect();
        Ok(Some(Actor {
            user: account.user,
            login: format!("{} token {}", account.login, token.number),
            name: account.name,
            grants,
            glass: Vec::new(),
            only: Some(rights),
            at,
        }))
    }
}
