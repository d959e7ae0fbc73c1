//! What somebody is shown beyond what their pages show, each with a reason and a line in the chain.

use std::fmt::Write as _;

use fujiao_model::CitizenId;
use fujiao_store::{Event, Tx};
use jiff::Timestamp;

use crate::access::{Access, Actor, NotAllowed, Right, Standing};
use crate::desk::DeskError;
use crate::{Office, OfficeError};

/// Why something cannot be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DisclosureError {
    /// No reason, or none that says anything.
    #[error("写明为什么要看，至少 4 个字")]
    Reason,
    /// Nobody has this number, or the actor sees them anyhow.
    #[error("没有找到这个人，或这人本来就在你管的范围里；核对身份证号")]
    NotThere,
    /// Who opened it does not review it.
    #[error("自己打开的不能自己复查")]
    OwnReview,
    /// It was reviewed already, or never was.
    #[error("没有等着复查的这一条")]
    Reviewed,
}

/// A case that somebody opened outside their ground.
#[derive(Clone, Debug)]
pub struct GlassLine {
    /// Its number.
    pub number: u64,
    /// Who: name and login.
    pub who: String,
    /// Whom.
    pub person: u64,
    /// Their name.
    pub person_name: String,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
    /// Until when.
    pub ends_at: Timestamp,
    /// What the review said: by whom, whether it was right, in words.
    pub review: Option<(String, bool, String)>,
    /// Whether the reader opened it.
    pub own: bool,
}

/// A line of the audit.
#[derive(Clone, Debug)]
pub struct AuditLine {
    /// Its number in the chain.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// What.
    pub action: String,
    /// On what.
    pub object: String,
    /// Figures and reasons.
    pub detail: String,
}

/// A page of the audit.
#[derive(Clone, Debug)]
pub struct AuditPage {
    /// Its lines, latest first.
    pub lines: Vec<AuditLine>,
    /// Where the next page begins: lines before this number.
    pub next: Option<u64>,
    /// What was done, for the choice.
    pub actions: Vec<String>,
}

/// Lines of the audit on a page.
const PER_PAGE: usize = 50;

impl Office {
    /// Shows a person's numbers of one group whole, for a few minutes, and says so in the chain.
    ///
    /// # Errors
    /// [`DisclosureError::Reason`]; as if there were no such person where they are out of reach.
    pub fn reveal(
        &self,
        actor: &Actor,
        person: u64,
        secret: &str,
        reason: &str,
    ) -> Result<(), OfficeError> {
        actor.must(Right::Reveal)?;
        let reason = worded(reason)?;
        let access = Access::builtin();
        let group = access.secrets.iter().find(|s| s.code == secret);
        let may = group.is_some_and(|s| actor.grants.iter().any(|g| s.reveal.contains(&g.role)));
        if !may {
            return Err(NotAllowed(Right::Reveal).into());
        }
        let county = self.county_code()?;
        let ends = super::accounts::minutes_after(actor.at, access.shown.reveal_minutes);
        self.store.write(|tx| {
            let scope = actor.scope(Right::Reveal);
            let seen = actor.scope(Right::Names);
            let who = stands(tx, county, person)?.ok_or(DisclosureError::NotThere)?;
            if !(scope.reaches(&who) || seen.reaches(&who)) {
                return Err(DisclosureError::NotThere.into());
            }
            tx.add_reveal(county, (actor.user, person, secret), &reason, (actor.at, ends))?;
            let object = format!("person {person:016x}");
            write_line(tx, county, actor, "reveal", &object, &format!("{secret}: {reason}"))
        })
    }

    /// Opens a case outside one's ground for a few hours. It is reviewed by somebody else.
    ///
    /// # Errors
    /// [`DisclosureError`] with what is wrong.
    pub fn break_glass(
        &self,
        actor: &Actor,
        number: &str,
        reason: &str,
    ) -> Result<u64, OfficeError> {
        actor.must(Right::Glass)?;
        let reason = worded(reason)?;
        let id = CitizenId::parse(number).map_err(|_| DisclosureError::NotThere)?;
        let county = self.county_code()?;
        let hours = Access::builtin().shown.glass_hours;
        let ends = super::accounts::minutes_after(actor.at, hours * 60);
        self.store
            .write(|tx| {
                let scope = actor.scope(Right::Names);
                for person in tx.persons_of_id(county, id)? {
                    let outside =
                        stands(tx, county, person)?.is_some_and(|who| !scope.reaches(&who));
                    if outside {
                        let pair = (actor.user, person);
                        let glass = tx.add_glass(county, pair, &reason, (actor.at, ends))?;
                        let object = format!("person {person:016x}");
                        let detail = format!("glass {glass}: {reason}");
                        write_line(tx, county, actor, "break glass", &object, &detail)?;
                        return Ok(person);
                    }
                }
                // A try is a line too: somebody looked for a number.
                write_line(tx, county, actor, "break glass refused", "", &reason)?;
                Ok(0)
            })
            .and_then(
                |person| {
                    if person == 0 { Err(DisclosureError::NotThere.into()) } else { Ok(person) }
                },
            )
    }

    /// The cases that were opened outside somebody's ground: all for who reviews, one's own for all others.
    ///
    /// # Errors
    /// What the store says.
    pub fn glasses(&self, actor: &Actor) -> Result<Vec<GlassLine>, OfficeError> {
        let county = self.county_code()?;
        let all = actor.may(Right::GlassReview);
        if !all {
            actor.must(Right::Glass)?;
        }
        let found = self.store.read(|tx| tx.glasses(county).map_err(OfficeError::from))?;
        let theirs = found.into_iter().filter(|g| all || g.user == actor.user);
        Ok(theirs
            .map(|g| GlassLine {
                number: g.glass,
                who: g.who,
                person: g.person,
                person_name: g.person_name,
                reason: g.reason,
                at: g.at,
                ends_at: g.ends_at,
                review: g.review,
                own: g.user == actor.user,
            })
            .collect())
    }

    /// Says whether such an opening was right.
    ///
    /// # Errors
    /// [`DisclosureError::OwnReview`], [`DisclosureError::Reviewed`], [`DisclosureError::Reason`].
    pub fn review_glass(
        &self,
        actor: &Actor,
        number: u64,
        justified: bool,
        verdict: &str,
    ) -> Result<(), OfficeError> {
        actor.must(Right::GlassReview)?;
        let verdict = worded(verdict)?;
        let county = self.county_code()?;
        self.store.write(|tx| {
            let found = tx.glasses(county)?.into_iter().find(|g| g.glass == number);
            let found = found.ok_or(DisclosureError::Reviewed)?;
            if found.user == actor.user {
                return Err(DisclosureError::OwnReview.into());
            }
            let said = (justified, verdict.as_str());
            if !tx.review_glass(county, number, said, actor.at, &actor.login)? {
                return Err(DisclosureError::Reviewed.into());
            }
            let object = format!("glass {number}");
            let detail = format!("{}: {verdict}", if justified { "right" } else { "wrong" });
            write_line(tx, county, actor, "review glass", &object, &detail)
        })
    }

    /// The audit, latest first: lines before a number, of an action, by somebody.
    ///
    /// # Errors
    /// [`NotAllowed`] without [`Right::Audit`].
    pub fn audit_lines(
        &self,
        actor: &Actor,
        before: Option<u64>,
        action: &str,
        by: &str,
    ) -> Result<AuditPage, OfficeError> {
        actor.must(Right::Audit)?;
        let county = self.county_code()?;
        self.store.read(|tx| {
            let actions = tx.query(
                "select distinct action from audit where county = $1 order by action",
                &[county.into()],
                |row| row.get(0),
            )?;
            let mut sql = String::from(
                "select seq, at, actor, action, object, detail from audit where county = $1",
            );
            let mut args = vec![county.into()];
            for (column, value) in [("action", action), ("actor", by)] {
                if !value.is_empty() {
                    args.push(value.to_owned().into());
                    let _ = write!(sql, " and {column} = ${}", args.len());
                }
            }
            if let Some(before) = before {
                args.push(before.into());
                let _ = write!(sql, " and seq < ${}", args.len());
            }
            args.push(i64::try_from(PER_PAGE + 1).unwrap_or(i64::MAX).into());
            let _ = write!(sql, " order by seq desc limit ${}", args.len());
            let mut lines = tx.query(&sql, &args, |row| {
                Ok(AuditLine {
                    number: row.get(0)?,
                    at: row.parse(1, |t| t.parse().ok())?.ok_or_else(|| row.bad(1))?,
                    actor: row.get(2)?,
                    action: row.get(3)?,
                    object: row.get(4)?,
                    detail: row.get(5)?,
                })
            })?;
            let more = lines.len() > PER_PAGE;
            lines.truncate(PER_PAGE);
            let next = lines.last().filter(|_| more).map(|line| line.number);
            Ok(AuditPage { lines, next, actions })
        })
    }
}

/// A reason that says something.
fn worded(text: &str) -> Result<String, DisclosureError> {
    let text: String = text.trim().chars().take(200).collect();
    let words = text.chars().filter(|c| c.is_alphanumeric()).count();
    if words < 4 { Err(DisclosureError::Reason) } else { Ok(crate::desk::masked_text(&text)) }
}

/// Where somebody stands; `None` if there is nobody.
pub(crate) fn stands(
    tx: &mut Tx,
    county: u32,
    person: u64,
) -> Result<Option<Standing>, OfficeError> {
    crate::desk::stands(tx, county, person).map_err(|e| match e {
        DeskError::Store(e) => e.into(),
        DeskError::NotAllowed(e) => e.into(),
        DeskError::NoCounty => OfficeError::NoRosters,
    })
}

fn write_line(
    tx: &mut Tx,
    county: u32,
    actor: &Actor,
    action: &str,
    object: &str,
    detail: &str,
) -> Result<(), OfficeError> {
    tx.audit(&Event { county, at: actor.at, actor: &actor.login, action, object, detail })?;
    Ok(())
}
