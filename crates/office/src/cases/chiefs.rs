//! 六长: who stands for each chief of a case.

use fujiao_store::Tx;
use fujiao_watch::case::{Duty, Ground as Reach, Officer as Owner, Role as ChiefRole, Rules};
use jiff::civil::Date;

use super::book::{Known, place_code};
use crate::OfficeError;
use crate::access::{Access, Actor, Grant, Ground, Right, Role, Scope, Standing};
use crate::desk::Title;

/// Somebody with an account that stands for a chief.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Officer {
    /// The account.
    pub user: u64,
    /// Their name.
    pub name: String,
    /// Their role, in both languages.
    pub role: (String, String),
}

/// A chief of a case: the title, and who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chief {
    /// The role's key in the rule file.
    pub key: String,
    /// 镇长, 师长 …
    pub title: Title,
    /// Names of those who stand for it here; empty: nobody has an account.
    pub names: Vec<String>,
    /// Whether the case is theirs now.
    pub now: bool,
}

/// What a role is called.
pub(crate) fn called(role: &ChiefRole) -> Title {
    let en = if role.title_en.is_empty() { &role.title } else { &role.title_en };
    Title { zh: role.title.clone(), en: en.clone() }
}

/// Everybody who could own a case, with what they hold on a day.
#[derive(Clone, Debug, Default)]
pub(crate) struct Officers(Vec<(u64, String, Vec<Grant>)>);

impl Officers {
    pub(crate) fn read(tx: &mut Tx, county: u32, today: Date) -> Result<Self, OfficeError> {
        let mut grants = tx.grants(county, None)?;
        grants.retain(|g| {
            g.ended_at.is_none() && g.from <= today && g.until.is_none_or(|last| today <= last)
        });
        let mut all = Vec::new();
        for account in tx.accounts(county)? {
            if account.closed_at.is_some() {
                continue;
            }
            let own: Vec<Grant> = grants
                .iter()
                .filter(|g| g.user == account.user)
                .filter_map(|g| {
                    let (role, ground) = (Role::parse(&g.role)?, Ground::parse(&g.ground)?);
                    Some(Grant { role, ground, from: g.from, until: g.until })
                })
                .filter(|g| Access::builtin().role(g.role).may.contains(&Right::Case))
                .collect();
            if !own.is_empty() {
                all.push((account.user, account.name, own));
            }
        }
        Ok(Self(all))
    }

    /// Those who stand for a chief where somebody stands so.
    fn standing_for(&self, role: &ChiefRole, standings: &[Standing]) -> Vec<String> {
        let mut names: Vec<String> = self
            .0
            .iter()
            .filter(|(_, _, grants)| grants.iter().any(|g| holds(g, role, standings)))
            .map(|(_, name, _)| name.clone())
            .collect();
        names.sort();
        names.dedup();
        names
    }

    /// The chiefs of somebody who stands so, in the order of the rule file. A guardian is named by the register.
    pub(crate) fn chiefs(
        &self,
        rules: &Rules,
        standings: &[Standing],
        guardian: &str,
        duty: Option<&Duty<'_>>,
    ) -> Vec<Chief> {
        rules
            .roles()
            .iter()
            .map(|role| {
                let now = duty.is_some_and(|duty| duty.role.key == role.key);
                let assigned = duty.and_then(|duty| duty.officer).filter(|_| now);
                let names = if let Some(officer) = assigned {
                    self.name(officer.id).into_iter().collect()
                } else if role.ground == Reach::Child {
                    Some(guardian.to_owned()).filter(|g| !g.is_empty()).into_iter().collect()
                } else {
                    self.standing_for(role, standings)
                };
                Chief { key: role.key.clone(), title: called(role), names, now }
            })
            .collect()
    }

    /// The name of an account.
    pub(crate) fn name(&self, user: u64) -> Option<String> {
        self.0.iter().find(|(id, _, _)| *id == user).map(|(_, name, _)| name.clone())
    }

    /// Those to whom a case could be assigned by somebody of a scope: whoever stands on a part of that ground.
    pub(crate) fn within(&self, scope: &Scope) -> Vec<Officer> {
        let mut found = Vec::new();
        for (user, name, grants) in &self.0 {
            let here = grants.iter().find(|g| scope.is_whole() || ground_in(scope, &g.ground));
            if let Some(grant) = here {
                let spec = Access::builtin().role(grant.role);
                let role = (spec.zh.clone(), spec.en.clone());
                found.push(Officer { user: *user, name: name.clone(), role });
            }
        }
        found
    }

    /// Those who stand for the chief whose turn it is.
    pub(crate) fn for_duty(&self, duty: &Duty<'_>, known: &Known) -> Vec<Officer> {
        let standings = known.standings();
        let mut found = Vec::new();
        for (user, name, grants) in &self.0 {
            if let Some(grant) = grants.iter().find(|g| holds(g, duty.role, &standings)) {
                let spec = Access::builtin().role(grant.role);
                let role = (spec.zh.clone(), spec.en.clone());
                found.push(Officer { user: *user, name: name.clone(), role });
            }
        }
        found
    }

    /// An account as the owner of a duty: by the role whose turn it is where they hold it, on a ground that has the case where
    /// there is one; else by what they are, so that the refusal can say why not.
    pub(crate) fn owner(
        &self,
        user: u64,
        rules: &Rules,
        duty: &Duty<'_>,
        known: &Known,
    ) -> Option<Owner> {
        let (_, _, grants) = self.0.iter().find(|(id, _, _)| *id == user)?;
        let standings = known.standings();
        let of = |role: &ChiefRole, g: &Grant| {
            let (school, place) = match &g.ground {
                Ground::School(school) | Ground::Class { school, .. } => (Some(*school), None),
                Ground::Place(place) => (None, Some(place_code(*place))),
                Ground::County | Ground::Persons(_) => (None, None),
            };
            Owner { id: user, role: role.key.clone(), school, place, guardian: false }
        };
        let fits = |role: &ChiefRole, g: &&Grant| role.held_by.iter().any(|r| r == g.role.code());
        grants
            .iter()
            .find(|g| holds(g, duty.role, &standings))
            .or_else(|| grants.iter().find(|g| fits(duty.role, g)))
            .map(|g| of(duty.role, g))
            .or_else(|| {
                let role = |g: &Grant| rules.roles().iter().find(|role| fits(role, &g));
                grants.iter().find_map(|g| role(g).map(|role| of(role, g)))
            })
    }
}

/// Whether a grant stands for a chief where somebody stands so.
fn holds(grant: &Grant, role: &ChiefRole, standings: &[Standing]) -> bool {
    if !role.held_by.iter().any(|held| held == grant.role.code()) {
        return false;
    }
    let scope = Scope::of([&grant.ground]);
    scope.is_whole() || standings.iter().any(|who| scope.reaches(who))
}

/// Whether a ground lies within a scope.
fn ground_in(scope: &Scope, ground: &Ground) -> bool {
    match ground {
        Ground::County | Ground::Persons(_) => false,
        Ground::Place(place) => {
            scope.reaches(&Standing { places: vec![*place], ..Standing::default() })
        }
        Ground::School(school) | Ground::Class { school, .. } => {
            scope.reaches(&Standing { school: Some(*school), ..Standing::default() })
        }
    }
}

/// Whether a duty waits for somebody: it was assigned to them, or to nobody and they stand for the chief.
pub(crate) fn is_theirs(actor: &Actor, duty: &Duty<'_>, known: &Known) -> bool {
    if let Some(officer) = duty.officer {
        return officer.id == actor.user;
    }
    let standings = known.standings();
    let roles = actor.roles_at(Right::Case, &standings);
    duty.role.held_by.iter().any(|held| roles.iter().any(|role| role.code() == held))
}
