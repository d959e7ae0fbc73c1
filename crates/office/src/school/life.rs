//! 学校变动: what happened to schools, which the register follows.

use fujiao_model::Subject;
use fujiao_school::days::{LifeTurn, Turn};
use fujiao_store::{Event, SchoolTurn};
use jiff::civil::Date;

use super::{SchoolError, must_hold_the_county, reaches};
use crate::access::{Actor, Right};
use crate::{Office, OfficeError};

/// A turn of a school: day, what, the other school, a note, who said so.
pub type LifeLine = (Date, String, String, String, String);

impl Office {
    /// Writes down what happened to a school; its days before stay what they were.
    ///
    /// # Errors
    /// [`SchoolError::Turn`] where it cannot follow, [`SchoolError::NoSchool`]; without [`Right::Works`] on the county.
    pub fn turn_school(
        &self,
        actor: &Actor,
        school: u64,
        (turn, on, other): (&str, Option<Date>, Option<u64>),
        note: &str,
    ) -> Result<(), OfficeError> {
        must_hold_the_county(actor, Right::Works)?;
        let form = |field: &'static str, reason: &str| SchoolError::Form {
            field,
            reason: reason.to_owned(),
        };
        let turn =
            Turn::parse(turn).ok_or_else(|| form("turn", "选开办、撤并、停办、恢复或分设"))?;
        let on = on.ok_or_else(|| form("on", "写从哪一天起"))?;
        let county = self.county_code()?;
        self.store.write(|tx| {
            let schools = tx.schools(county)?;
            let known = |id: u64| schools.iter().any(|s| s.id == id);
            if !known(school) || other.is_some_and(|o| !known(o)) {
                return Err(SchoolError::NoSchool.into());
            }
            let lives = super::lives(tx, county, &schools)?;
            let new = LifeTurn { school, on, turn, other };
            if let Some(why) = lives.refuses(&new) {
                return Err(SchoolError::Turn(why).into());
            }
            tx.add_school_turn(
                county,
                &SchoolTurn {
                    school,
                    on,
                    turn: turn.code().to_owned(),
                    other,
                    note: note.trim().to_owned(),
                    by: (actor.login.clone(), actor.name.clone(), actor.at),
                },
            )?;
            // The register follows at once; an assessment reads the same turns.
            if on <= crate::entries::today(tx, county, actor)? {
                let ended = match turn {
                    Turn::Merged => (Some(on), other),
                    Turn::Closed => (Some(on), None),
                    _ => (None, None),
                };
                tx.end_school(county, school, ended)?;
            }
            tx.audit(&Event {
                county,
                at: actor.at,
                actor: &actor.login,
                action: "school turn",
                object: &Subject::school(school).to_string(),
                detail: &format!("{} {on}", turn.code()),
            })?;
            Ok(())
        })
    }

    /// What happened to a school: day, what, the other school's name, a note, who said so.
    ///
    /// # Errors
    /// Without [`Right::Schools`]; what the store says.
    pub fn school_life(&self, actor: &Actor, school: u64) -> Result<Vec<LifeLine>, OfficeError> {
        actor.must(Right::Schools)?;
        let county = self.county_code()?;
        self.store.read(|tx| {
            let schools = tx.schools(county)?;
            let of = schools.iter().find(|s| s.id == school).ok_or(SchoolError::NoSchool)?;
            let scope = actor.scope(Right::Schools);
            if !(scope.is_whole()
                || reaches(&scope, school, of.town.map(fujiao_model::Division::code)))
            {
                return Err(SchoolError::NoSchool.into());
            }
            let said: Vec<SchoolTurn> = tx.school_turns(county)?;
            let lives = super::lives(tx, county, &schools)?;
            let name = |id: Option<u64>| {
                id.and_then(|id| schools.iter().find(|s| s.id == id))
                    .map_or_else(String::new, |s| s.name.clone())
            };
            Ok(lives
                .turns(school)
                .iter()
                .map(|t| {
                    let by = said
                        .iter()
                        .find(|s| s.school == school && s.on == t.on && s.turn == t.turn.code());
                    (
                        t.on,
                        t.turn.chinese().to_owned(),
                        name(t.other),
                        by.map_or_else(String::new, |b| b.note.clone()),
                        by.map_or_else(String::new, |b| b.by.1.clone()),
                    )
                })
                .collect())
        })
    }
}
