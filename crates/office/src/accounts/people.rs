//! Accounts and what they hold, for the administrator.

use std::collections::BTreeMap;

use fujiao_model::Division;
use fujiao_store::StoreError;
use jiff::Timestamp;
use jiff::civil::Date;

use super::{AccountError, access, audit, fresh_token, minutes_after, token_hash};
use crate::access::{Actor, Ground, Right, Role};
use crate::{Office, OfficeError};

/// An account to make.
#[derive(Clone, Debug, Default)]
pub struct NewAccount {
    /// What they sign in with.
    pub login: String,
    /// Their name.
    pub name: String,
    /// Where they work.
    pub unit: String,
}

/// An account in a list.
#[derive(Clone, Debug)]
pub struct AccountLine {
    /// Its id.
    pub user: u64,
    /// What they sign in with.
    pub login: String,
    /// Their name.
    pub name: String,
    /// Where they work.
    pub unit: String,
    /// Whether a password was set.
    pub has_password: bool,
    /// Whether there is a second factor.
    pub has_second: bool,
    /// Until when it rests.
    pub locked_until: Option<Timestamp>,
    /// Since when it is closed.
    pub closed_at: Option<Timestamp>,
    /// What they hold, held or will hold, unless it was taken away.
    pub grants: Vec<GrantLine>,
}

/// A grant in words.
#[derive(Clone, Debug)]
pub struct GrantLine {
    /// Its id.
    pub grant: u64,
    /// The role.
    pub role: Role,
    /// The ground.
    pub ground: Ground,
    /// The ground in words.
    pub ground_name: String,
    /// First day.
    pub from: Date,
    /// Last day.
    pub until: Option<Date>,
    /// Whether it holds today.
    pub holds: bool,
}

/// Places, and schools by id, each with its name.
pub type Grounds = (Vec<(Division, String)>, Vec<(u64, String)>);

/// Where somebody is signed in.
#[derive(Clone, Debug)]
pub struct SessionLine {
    /// The kind of browser.
    pub device: String,
    /// Since when.
    pub made_at: Timestamp,
    /// When they asked last.
    pub seen_at: Timestamp,
    /// Whether it is the one that asks.
    pub own: bool,
}

impl Office {
    /// All accounts with what they hold.
    ///
    /// # Errors
    /// [`crate::access::NotAllowed`] without [`Right::Users`].
    pub fn accounts(&self, actor: &Actor) -> Result<Vec<AccountLine>, OfficeError> {
        actor.must(Right::Users)?;
        let county = self.county_code()?;
        let today = actor.today();
        self.store.read(|tx| {
            let grants = tx.grants(county, None)?;
            let names = Names::read(tx, county)?;
            let mut lines = Vec::new();
            for account in tx.accounts(county)? {
                let mut held = Vec::new();
                for g in grants.iter().filter(|g| g.user == account.user) {
                    let (Some(role), Some(ground)) =
                        (Role::parse(&g.role), Ground::parse(&g.ground))
                    else {
                        continue;
                    };
                    held.push(GrantLine {
                        grant: g.grant,
                        role,
                        ground_name: names.of(&ground),
                        ground,
                        from: g.from,
                        until: g.until,
                        holds: g.from <= today && g.until.is_none_or(|last| today <= last),
                    });
                }
                lines.push(AccountLine {
                    user: account.user,
                    login: account.login,
                    name: account.name,
                    unit: account.unit,
                    has_password: account.password.is_some(),
                    has_second: account.totp.is_some(),
                    locked_until: account.locked_until.filter(|until| *until > actor.at),
                    closed_at: account.closed_at,
                    grants: held,
                });
            }
            Ok(lines)
        })
    }

    /// Makes an account, and a link by which its owner sets the password. The link works for three days, once.
    ///
    /// # Errors
    /// [`AccountError`] with what is wrong.
    pub fn make_account(
        &self,
        actor: &Actor,
        new: &NewAccount,
    ) -> Result<(u64, String), OfficeError> {
        actor.must(Right::Users)?;
        let county = self.county_code()?;
        let login = new.login.trim().to_lowercase();
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-');
        if !(2..=32).contains(&login.len()) || !login.chars().all(fits) {
            return Err(AccountError::Login.into());
        }
        let name: String = new.name.trim().chars().take(40).collect();
        if name.is_empty() {
            return Err(AccountError::NoName.into());
        }
        let unit: String = new.unit.trim().chars().take(60).collect();
        let token = fresh_token()?;
        self.store.write(|tx| {
            let made = tx.add_account(county, (&login, &name, &unit), actor.at, &actor.login);
            let user = match made {
                Err(StoreError::Unique(_)) => return Err(AccountError::Taken(login).into()),
                other => other?,
            };
            let ends = minutes_after(actor.at, 3 * 24 * 60);
            tx.add_link(county, &token_hash(&token), (user, "password"), ends)?;
            audit(tx, county, actor, "make account", &format!("account {user}"), &login)?;
            Ok((user, token))
        })
    }

    /// A new link by which somebody who lost the password, or the phone, sets a new one. They are signed out everywhere, and the
    /// second factor is taken away.
    ///
    /// # Errors
    /// [`AccountError::NotThere`].
    pub fn reset_account(&self, actor: &Actor, user: u64) -> Result<String, OfficeError> {
        actor.must(Right::Users)?;
        let county = self.county_code()?;
        let token = fresh_token()?;
        self.store.write(|tx| {
            tx.account(county, user)?.ok_or(AccountError::NotThere)?;
            tx.end_sessions_of(county, user)?;
            tx.set_totp(county, user, None)?;
            tx.forget_password(county, user)?;
            let ends = minutes_after(actor.at, 3 * 24 * 60);
            tx.add_link(county, &token_hash(&token), (user, "password"), ends)?;
            audit(tx, county, actor, "reset account", &format!("account {user}"), "")?;
            Ok(token)
        })
    }

    /// Closes an account, or opens it again. Who is closed is signed out at once.
    ///
    /// # Errors
    /// [`AccountError::LastAdministrator`], [`AccountError::NotThere`].
    pub fn close_account(&self, actor: &Actor, user: u64, close: bool) -> Result<(), OfficeError> {
        actor.must(Right::Users)?;
        let county = self.county_code()?;
        self.store.write(|tx| {
            tx.account(county, user)?.ok_or(AccountError::NotThere)?;
            if close {
                keep_an_administrator(tx, county, actor, |_, of| of == user)?;
                tx.end_sessions_of(county, user)?;
            }
            tx.close_account(county, user, close.then_some(actor.at))?;
            let action = if close { "close account" } else { "open account" };
            audit(tx, county, actor, action, &format!("account {user}"), "")
        })
    }

    /// Gives a role on a ground for a time. What may not be held together is refused, whatever the days: who prepared last
    /// month does not approve this month's batch of it by a change of day.
    ///
    /// # Errors
    /// [`AccountError`] with what is wrong.
    pub fn grant(
        &self,
        actor: &Actor,
        user: u64,
        role: Role,
        ground: &Ground,
        (from, until): (Date, Option<Date>),
    ) -> Result<u64, OfficeError> {
        actor.must(Right::Users)?;
        let county = self.county_code()?;
        let spec = access().role(role);
        if !spec.on.iter().any(|kind| kind == ground.kind()) {
            return Err(AccountError::Ground {
                role: spec.zh.clone(),
                ground: kind_name(ground.kind()),
                on: spec.on.iter().map(|k| kind_name(k)).collect::<Vec<_>>().join("、"),
            }
            .into());
        }
        if until.is_some_and(|last| last < from) {
            return Err(AccountError::Days.into());
        }
        if user == actor.user {
            return Err(AccountError::OwnRoles.into());
        }
        self.store.write(|tx| {
            tx.account(county, user)?.ok_or(AccountError::NotThere)?;
            let held = tx.grants(county, Some(user))?;
            let mut roles: Vec<Role> = held.iter().filter_map(|g| Role::parse(&g.role)).collect();
            roles.push(role);
            if let Some(apart) = access().clash(&roles) {
                return Err(AccountError::Apart(apart.zh.clone()).into());
            }
            let text = ground.to_text();
            let days = (from, until);
            let grant =
                tx.add_grant(county, user, (role.code(), &text), days, actor.at, &actor.login)?;
            let detail = format!("{} on {text} from {from}", role.code());
            audit(tx, county, actor, "grant", &format!("account {user}"), &detail)?;
            Ok(grant)
        })
    }

    /// Takes a grant away, from the next request on.
    ///
    /// # Errors
    /// [`AccountError::NotThere`], [`AccountError::LastAdministrator`].
    pub fn end_grant(&self, actor: &Actor, grant: u64) -> Result<(), OfficeError> {
        actor.must(Right::Users)?;
        let county = self.county_code()?;
        self.store.write(|tx| {
            keep_an_administrator(tx, county, actor, |id, _| id == grant)?;
            if !tx.end_grant(county, grant, actor.at, &actor.login)? {
                return Err(AccountError::NotThere.into());
            }
            audit(tx, county, actor, "end grant", &format!("grant {grant}"), "")
        })
    }

    /// Grounds in words.
    ///
    /// # Errors
    /// What the store says.
    pub fn ground_names(&self, grounds: &[Ground]) -> Result<Vec<String>, OfficeError> {
        let county = self.county_code()?;
        let names = self.store.read(|tx| Names::read(tx, county))?;
        Ok(grounds.iter().map(|ground| names.of(ground)).collect())
    }

    /// Towns and villages, and schools, that a role can be granted on.
    ///
    /// # Errors
    /// [`crate::access::NotAllowed`] without [`Right::Users`].
    pub fn grounds(&self, actor: &Actor) -> Result<Grounds, OfficeError> {
        actor.must(Right::Users)?;
        let county = self.county_code()?;
        let names = self.store.read(|tx| Names::read(tx, county))?;
        let places = names.places.keys().map(|place| (*place, names.place(*place))).collect();
        let mut schools: Vec<(u64, String)> = names.schools.into_iter().collect();
        schools.sort_by(|a, b| (&a.1, a.0).cmp(&(&b.1, b.0)));
        Ok((places, schools))
    }

    /// Whether one has a password.
    ///
    /// # Errors
    /// What the store says.
    pub fn has_password(&self, actor: &Actor) -> Result<bool, OfficeError> {
        let county = self.county_code()?;
        let account =
            self.store.read(|tx| tx.account(county, actor.user).map_err(OfficeError::from))?;
        Ok(account.is_some_and(|a| a.password.is_some()))
    }

    /// Where one is signed in.
    ///
    /// # Errors
    /// What the store says.
    pub fn sessions(&self, actor: &Actor, token: &str) -> Result<Vec<SessionLine>, OfficeError> {
        let county = self.county_code()?;
        let own = token_hash(token);
        let found =
            self.store.read(|tx| tx.sessions_of(county, actor.user).map_err(OfficeError::from))?;
        Ok(found
            .into_iter()
            .map(|s| SessionLine {
                own: s.token == own,
                device: s.device,
                made_at: s.made_at,
                seen_at: s.seen_at,
            })
            .collect())
    }

    /// Accounts to look around a made county, one a role, each with a link that lets in without a password.
    ///
    /// # Errors
    /// What the store says. A real county has none: `None`.
    pub fn demo_links(&self, at: Timestamp) -> Result<Option<Vec<(Role, String)>>, OfficeError> {
        if !self.is_made()? {
            return Ok(None);
        }
        let county = self.county_code()?;
        let console = Actor::console(at);
        let tokens: Vec<String> =
            Role::ALL.iter().map(|_| fresh_token()).collect::<Result<_, _>>()?;
        self.store.write(|tx| {
            let ends = minutes_after(at, 7 * 24 * 60);
            let mut links = Vec::new();
            for (role, token) in Role::ALL.iter().zip(tokens) {
                let login = format!("demo-{}", role.code().replace('_', "-"));
                let user = if let Some(account) = tx.account_of(county, &login)? {
                    account.user
                } else {
                    let Some(ground) = demo_ground(tx, county, *role)? else { continue };
                    let names = (login.as_str(), access().role(*role).zh.as_str(), "示例");
                    let user = tx.add_account(county, names, at, &console.login)?;
                    let days = (jiff::civil::date(2020, 1, 1), None);
                    let grant = (role.code(), ground.to_text());
                    tx.add_grant(county, user, (grant.0, &grant.1), days, at, "fujiao")?;
                    user
                };
                // As soon as there are mentors, one of them can be looked over the shoulder.
                if *role == Role::Mentor && tx.mentor_of_user(county, user)?.is_none() {
                    crate::pairing::show_as(tx, county, &console, user)?;
                }
                tx.add_link(county, &token_hash(&token), (user, "demo"), ends)?;
                links.push((*role, token));
            }
            audit(
                tx,
                county,
                &console,
                "link",
                "demo accounts",
                &format!("links {}", links.len()),
            )?;
            Ok(Some(links))
        })
    }
}

/// A ground on which a role has something to see: the town, village, school, class with most gaps.
fn demo_ground(
    tx: &mut fujiao_store::Tx,
    county: u32,
    role: Role,
) -> Result<Option<Ground>, OfficeError> {
    let on = access().role(role).on.first().map_or("", String::as_str);
    let text = |tx: &mut fujiao_store::Tx, sql: &str| {
        tx.query(sql, &[county.into()], |row| {
            Ok((row.get::<u64>(0)?, row.get::<Option<String>>(1)?, row.get::<Option<String>>(2)?))
        })
    };
    if role == Role::CareWorker
        && let Some((school, ..)) = text(tx, include_str!("busiest_care.sql"))?.into_iter().next()
    {
        return Ok(Some(Ground::School(school)));
    }
    Ok(match on {
        "town" | "village" => text(tx, include_str!("busiest_places.sql"))?
            .into_iter()
            .filter_map(|(code, ..)| Division::from_code(code).ok())
            .map(|place| if on == "town" { place.town() } else { place })
            .next()
            .map(Ground::Place),
        "school" | "class" => text(tx, include_str!("busiest_classes.sql"))?.into_iter().find_map(
            |(id, grade, class)| {
                if on == "school" {
                    return Some(Ground::School(id));
                }
                let grade = fujiao_model::Grade::parse(&grade?)?;
                Some(Ground::Class { school: id, grade, class: class? })
            },
        ),
        "persons" => {
            let found = text(tx, include_str!("busiest_persons.sql"))?;
            Some(Ground::Persons(found.into_iter().map(|(id, ..)| id).collect()))
        }
        _ => Some(Ground::County),
    })
}

/// Refuses what would leave the county without anybody who rules its accounts.
fn keep_an_administrator(
    tx: &mut fujiao_store::Tx,
    county: u32,
    actor: &Actor,
    goes: impl Fn(u64, u64) -> bool,
) -> Result<(), OfficeError> {
    let today = actor.today();
    let grants = tx.grants(county, None)?;
    let rules = |g: &&fujiao_store::StoredGrant| {
        g.role == Role::Administrator.code()
            && g.from <= today
            && g.until.is_none_or(|last| today <= last)
    };
    let open: Vec<u64> = tx
        .accounts(county)?
        .into_iter()
        .filter(|a| a.closed_at.is_none())
        .map(|a| a.user)
        .collect();
    let before = grants.iter().filter(rules).any(|g| open.contains(&g.user));
    let after =
        grants.iter().filter(rules).any(|g| open.contains(&g.user) && !goes(g.grant, g.user));
    if before && !after { Err(AccountError::LastAdministrator.into()) } else { Ok(()) }
}

fn kind_name(kind: &str) -> &'static str {
    match kind {
        "county" => "全县",
        "town" => "镇",
        "village" => "村",
        "school" => "学校",
        "class" => "班",
        _ => "指定的人",
    }
}

/// Names of towns, villages and schools.
struct Names {
    places: BTreeMap<Division, String>,
    schools: BTreeMap<u64, String>,
}

impl Names {
    fn read(tx: &mut fujiao_store::Tx, county: u32) -> Result<Self, OfficeError> {
        let places = tx.query(
            "select code, name from place where county = $1 and level in ('town', 'village')",
            &[county.into()],
            |row| {
                let code = Division::from_code(row.get(0)?).map_err(|_| row.bad(0))?;
                Ok((code, row.get(1)?))
            },
        )?;
        let schools = tx.query(
            "select school_id, name from school where county = $1",
            &[county.into()],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        let (places, schools) = (places.into_iter().collect(), schools.into_iter().collect());
        Ok(Self { places, schools })
    }

    /// A place in words: 云台镇 上坪村.
    fn place(&self, place: Division) -> String {
        let name = |place: Division| self.places.get(&place).map_or("", String::as_str);
        if place == place.town() {
            name(place).to_owned()
        } else {
            format!("{} {}", name(place.town()), name(place))
        }
    }

    fn school(&self, id: u64) -> &str {
        self.schools.get(&id).map_or("", String::as_str)
    }

    /// A ground in words.
    fn of(&self, ground: &Ground) -> String {
        match ground {
            Ground::County => "全县".to_owned(),
            Ground::Place(place) => self.place(*place),
            Ground::School(id) => self.school(*id).to_owned(),
            Ground::Class { school, grade, class } => {
                format!("{} {} {class}", self.school(*school), grade.chinese())
            }
            Ground::Persons(ids) => format!("{} 人", ids.len()),
        }
    }
}
