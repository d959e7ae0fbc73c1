//! Coming in and going out.

use fujiao_store::{Account, StoredSession, Tx};
use jiff::{SignedDuration, Timestamp};

use super::{
    AccountError, access, audit, fresh_token, minutes_after, password, second, token_hash,
};
use crate::access::{Actor, Grant, Ground, Role, china_day};
use crate::{Office, OfficeError};

/// Somebody at the door.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// The kind of browser, in words.
    pub device: &'a str,
    /// Whether they say that the phone is theirs alone.
    pub own_phone: bool,
    /// When.
    pub at: Timestamp,
}

/// Somebody is in.
#[derive(Clone, PartialEq, Eq)]
pub struct Entered {
    /// What the browser keeps.
    pub token: String,
    /// Whether the browser keeps it after it is closed.
    pub own_phone: bool,
}

/// Why somebody is not let in. An unknown login and a wrong password look the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnterFault {
    /// Login or password is wrong; how many tries are left before the account rests.
    Wrong {
        /// Tries.
        left: i64,
    },
    /// The account rests.
    Resting {
        /// For so many minutes more.
        minutes: i64,
    },
    /// The link was used, is too old, or never was.
    Link,
}

/// How far somebody is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// All the way.
    Ready,
    /// A password must be set first: there is none, or it is too old.
    Password,
    /// The code of the second factor is missing.
    Code,
    /// A role asks for a second factor, and there is none.
    SecondFactor,
}

/// Who asks, and how far they are in.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// Who.
    pub actor: Actor,
    /// How far.
    pub stage: Stage,
    /// Whether the phone is theirs alone.
    pub own_phone: bool,
}

impl Office {
    /// Whether the county is a made one.
    ///
    /// # Errors
    /// What the store says.
    pub fn is_made(&self) -> Result<bool, OfficeError> {
        let counties = self.store.read(|tx| tx.counties().map_err(OfficeError::from))?;
        Ok(counties.first().is_some_and(|county| county.made))
    }

    /// Signs somebody in. After too many wrong passwords the account rests, each time twice as long.
    ///
    /// # Errors
    /// What the store says; a wrong password is a value.
    pub fn enter(
        &self,
        login: &str,
        given: &str,
        entry: Entry<'_>,
    ) -> Result<Result<Entered, EnterFault>, OfficeError> {
        let county = self.county_code()?;
        let login = login.trim().to_lowercase();
        let found =
            self.store.read(|tx| tx.account_of(county, &login).map_err(OfficeError::from))?;
        let lock = access().lock;
        let Some(account) = found.filter(|a| a.closed_at.is_none()) else {
            password::waste(given);
            return Ok(Err(EnterFault::Wrong { left: lock.tries - 1 }));
        };
        // A rest that is longer than any comes from a clock that was wrong then.
        let longest = minutes_after(entry.at, lock.longest_minutes);
        if let Some(until) =
            account.locked_until.filter(|until| *until > entry.at && *until <= longest)
        {
            return Ok(Err(EnterFault::Resting { minutes: minutes_until(entry.at, until) }));
        }
        // Hashing takes long on purpose, so it happens outside the writer's turn.
        let fits = account.password.as_deref().is_some_and(|hash| password::fits(given, hash));
        let token = fresh_token()?;
        self.store.write(|tx| {
            let failures = tx.account(county, account.user)?.map_or(0, |a| a.failures);
            if fits {
                tx.note_failures(county, account.user, 0, None)?;
                begin(tx, county, &account, &token, entry, false)?;
                return Ok(Ok(Entered { token, own_phone: entry.own_phone }));
            }
            let failures = failures + 1;
            let rest = rest_minutes(failures);
            let until = rest.map(|minutes| minutes_after(entry.at, minutes));
            tx.note_failures(county, account.user, failures, until)?;
            let object = format!("account {}", account.user);
            let visitor = outsider(&account, entry.at);
            audit(tx, county, &visitor, "sign-in refused", &object, &format!("wrong {failures}"))?;
            Ok(Err(match rest {
                Some(minutes) => EnterFault::Resting { minutes },
                None => EnterFault::Wrong { left: lock.tries - failures },
            }))
        })
    }

    /// Lets somebody in by a link: once where it lets them set a password; as often as they like in a made county.
    ///
    /// # Errors
    /// What the store says; a link that does not work is a value.
    pub fn enter_by_link(
        &self,
        link: &str,
        entry: Entry<'_>,
    ) -> Result<Result<Entered, EnterFault>, OfficeError> {
        let county = self.county_code()?;
        let made = self.is_made()?;
        let hash = token_hash(link);
        let token = fresh_token()?;
        self.store.write(|tx| {
            let Some(found) = tx.link(county, &hash)?.filter(|l| l.ends_at > entry.at) else {
                return Ok(Err(EnterFault::Link));
            };
            let demo = found.purpose == "demo" && made;
            let account = tx.account(county, found.user)?.filter(|a| a.closed_at.is_none());
            let Some(account) = account.filter(|_| demo || found.purpose == "password") else {
                return Ok(Err(EnterFault::Link));
            };
            if !demo && !tx.use_link(county, &hash, entry.at)? {
                return Ok(Err(EnterFault::Link));
            }
            // Nobody has a phone for a made county.
            begin(tx, county, &account, &token, entry, demo)?;
            Ok(Ok(Entered { token, own_phone: false }))
        })
    }

    /// Who a browser's token belongs to; `None` if nobody, or no longer.
    ///
    /// # Errors
    /// What the store says.
    pub fn visitor(&self, token: &str, at: Timestamp) -> Result<Option<Visitor>, OfficeError> {
        let county = self.county_code()?;
        let hash = token_hash(token);
        let found = self.store.read(|tx| {
            let Some(session) = tx.session(county, &hash)? else { return Ok(None) };
            let Some(account) = tx.account(county, session.user)? else { return Ok(None) };
            let grants = grants(tx, county, session.user, at)?;
            let glass = tx.open_glass(county, session.user, at)?;
            Ok::<_, OfficeError>(Some((session, account, grants, glass)))
        })?;
        let Some((session, account, grants, glass)) = found else { return Ok(None) };
        let rules = access().session;
        let idle = minutes_after(session.seen_at, rules.idle_minutes) < at && !session.own_phone;
        // Begun in the future: by a clock that was wrong then, and would let them in for longer than anybody.
        let ahead = minutes_after(at, 5) < session.made_at;
        if account.closed_at.is_some() || session.ends_at < at || idle || ahead {
            return Ok(None);
        }
        // To the minute is enough, and spares a write a request. While others write, it is noted with the next request: no page
        // waits for an assessment to end.
        if session.seen_at.duration_until(at) > SignedDuration::from_secs(60) {
            self.store.write_if_free(|tx| {
                tx.touch_session(county, &hash, at, false).map_err(OfficeError::from)
            })?;
        }
        let actor = Actor {
            user: account.user,
            login: account.login.clone(),
            name: account.name.clone(),
            grants,
            glass,
            only: None,
            at,
        };
        let stage = stage(&account, &actor, &session);
        Ok(Some(Visitor { actor, stage, own_phone: session.own_phone }))
    }

    /// Takes the code of the second factor. Wrong ones count as wrong passwords do.
    ///
    /// # Errors
    /// [`AccountError::Code`].
    pub fn give_code(&self, visitor: &Visitor, token: &str, code: &str) -> Result<(), OfficeError> {
        let (county, actor) = (self.county_code()?, &visitor.actor);
        let hash = token_hash(token);
        self.store
            .write(|tx| {
                let account = tx.account(county, actor.user)?.ok_or(AccountError::NotThere)?;
                let resting = account.locked_until.is_some_and(|until| until > actor.at);
                let fitting = account.totp.as_deref().and_then(|s| second::step(s, code, actor.at));
                if let (Some(step), false) = (fitting, resting)
                    && tx.use_totp_step(county, actor.user, step)?
                {
                    tx.note_failures(county, actor.user, 0, None)?;
                    tx.touch_session(county, &hash, actor.at, true)?;
                    return Ok(true);
                }
                let failures = account.failures + 1;
                let until = rest_minutes(failures).map(|minutes| minutes_after(actor.at, minutes));
                tx.note_failures(county, actor.user, failures, until)?;
                if until.is_some() {
                    tx.end_session(county, &hash)?;
                }
                let object = format!("account {}", actor.user);
                audit(tx, county, actor, "code refused", &object, &format!("wrong {failures}"))?;
                Ok::<_, OfficeError>(false)
            })?
            .then_some(())
            .ok_or(AccountError::Code.into())
    }

    /// Sets one's own password. The old one is asked for, unless there is none.
    ///
    /// # Errors
    /// [`AccountError`] with what is wrong.
    pub fn set_password(
        &self,
        actor: &Actor,
        token: &str,
        old: &str,
        new: &str,
    ) -> Result<(), OfficeError> {
        let county = self.county_code()?;
        let account = self
            .store
            .read(|tx| tx.account(county, actor.user).map_err(OfficeError::from))?
            .ok_or(AccountError::NotThere)?;
        if account.password.as_deref().is_some_and(|hash| !password::fits(old, hash)) {
            return Err(AccountError::OldPassword.into());
        }
        let mut earlier: Vec<String> =
            account.password.into_iter().chain(account.earlier).collect();
        earlier.truncate(access().password.remembered);
        password::check(new, &account.login, &earlier)?;
        let hash = password::hash(new)?;
        let own = token_hash(token);
        self.store.write(|tx| {
            tx.set_password(county, actor.user, &hash, &earlier, actor.at)?;
            // Whoever else knew the old one is out.
            for session in tx.sessions_of(county, actor.user)? {
                if session.token != own {
                    tx.end_session(county, &session.token)?;
                }
            }
            audit(tx, county, actor, "password", &format!("account {}", actor.user), "set")
        })
    }

    /// Signs one browser out.
    ///
    /// # Errors
    /// What the store says.
    pub fn leave(&self, token: &str) -> Result<(), OfficeError> {
        let county = self.county_code()?;
        let hash = token_hash(token);
        self.store.write(|tx| tx.end_session(county, &hash).map_err(OfficeError::from))
    }

    /// Signs somebody out everywhere; from how many browsers.
    ///
    /// # Errors
    /// What the store says.
    pub fn leave_everywhere(&self, actor: &Actor) -> Result<u64, OfficeError> {
        let county = self.county_code()?;
        self.store.write(|tx| {
            let ended = tx.end_sessions_of(county, actor.user)?;
            let object = format!("account {}", actor.user);
            audit(tx, county, actor, "sign out everywhere", &object, &format!("sessions {ended}"))?;
            Ok(ended)
        })
    }

    /// The first administrator's link, where nobody has an account yet: to be printed on the terminal, used once.
    ///
    /// # Errors
    /// What the store says.
    pub fn first_link(&self, at: Timestamp) -> Result<Option<String>, OfficeError> {
        let county = self.county_code()?;
        let token = fresh_token()?;
        let console = Actor::console(at);
        self.store.write(|tx| {
            let known = tx.accounts(county)?;
            let user = match known.as_slice() {
                [] => {
                    let user =
                        tx.add_account(county, ("admin", "系统管理员", ""), at, &console.login)?;
                    let grant = (Role::Administrator.code(), "county");
                    tx.add_grant(county, user, grant, (console.today(), None), at, "fujiao")?;
                    user
                }
                // Made, but never used.
                [only] if only.password.is_none() && only.login == "admin" => only.user,
                _ => return Ok(None),
            };
            tx.add_link(
                county,
                &token_hash(&token),
                (user, "password"),
                minutes_after(at, 24 * 60),
            )?;
            audit(tx, county, &console, "link", &format!("account {user}"), "first administrator")?;
            Ok(Some(token))
        })
    }
}

/// How far somebody is in.
fn stage(account: &Account, actor: &Actor, session: &StoredSession) -> Stage {
    let asks = actor.roles().iter().any(|role| access().role(*role).second_factor);
    let old = account.password_at.is_none_or(|set| {
        set.duration_until(actor.at) > SignedDuration::from_hours(24 * access().password.days)
    });
    if session.second {
        return if old && account.password.is_some() { Stage::Password } else { Stage::Ready };
    }
    if account.totp.is_some() {
        Stage::Code
    } else if old {
        Stage::Password
    } else if asks {
        Stage::SecondFactor
    } else {
        Stage::Ready
    }
}

/// Begins a session, with its line in the chain.
fn begin(
    tx: &mut Tx,
    county: u32,
    account: &Account,
    token: &str,
    entry: Entry<'_>,
    second: bool,
) -> Result<(), OfficeError> {
    let rules = access().session;
    let hours = if entry.own_phone { 24 * rules.own_phone_days } else { rules.hours };
    tx.add_session(
        county,
        &StoredSession {
            token: token_hash(token),
            user: account.user,
            made_at: entry.at,
            seen_at: entry.at,
            ends_at: minutes_after(entry.at, hours * 60),
            device: entry.device.chars().take(60).collect(),
            second,
            own_phone: entry.own_phone,
        },
    )?;
    let visitor = outsider(account, entry.at);
    audit(tx, county, &visitor, "sign in", &format!("account {}", account.user), entry.device)
}

/// An account as the author of a line, before it has any right.
fn outsider(account: &Account, at: Timestamp) -> Actor {
    Actor {
        user: account.user,
        login: account.login.clone(),
        name: account.name.clone(),
        grants: Vec::new(),
        glass: Vec::new(),
        only: None,
        at,
    }
}

/// What a user holds now.
pub(crate) fn grants(
    tx: &mut Tx,
    county: u32,
    user: u64,
    at: Timestamp,
) -> Result<Vec<Grant>, OfficeError> {
    let today = china_day(at);
    let stored = tx.grants(county, Some(user))?;
    // A role or ground that this program does not know gives nothing.
    let known = stored.into_iter().filter_map(|g| {
        let (role, ground) = (Role::parse(&g.role)?, Ground::parse(&g.ground)?);
        Some(Grant { role, ground, from: g.from, until: g.until })
    });
    Ok(known.filter(|grant| grant.holds_on(today)).collect())
}

/// How long an account rests after so many wrong passwords in a row; `None`: not yet.
fn rest_minutes(failures: i64) -> Option<i64> {
    let lock = access().lock;
    let beyond = u32::try_from(failures - lock.tries).ok()?;
    Some(lock.first_minutes.saturating_mul(1 << beyond.min(20)).min(lock.longest_minutes))
}

/// Begun minutes between two times.
fn minutes_until(from: Timestamp, to: Timestamp) -> i64 {
    (from.duration_until(to).as_secs() + 59) / 60
}

#[cfg(test)]
mod tests {
    use super::rest_minutes;

    #[test]
    fn an_account_rests_longer_each_time() {
        let rests: Vec<_> = [1, 4, 5, 6, 7, 12, 13, 60].map(rest_minutes).to_vec();
        let some = Some;
        assert_eq!(rests, [None, None, some(1), some(2), some(4), some(128), some(240), some(240)]);
    }
}
