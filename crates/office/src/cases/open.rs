//! 登记一人: a case that people open, before any roster shows it.

use fujiao_model::{Area, Term};
use fujiao_store::{CaseGround, Event, StoreError, StoredCase};
use fujiao_watch::case::State;
use jiff::civil::Date;

use super::CaseError;
use crate::access::{Actor, Right};
use crate::corrections::written;
use crate::disclosure::stands;
use crate::entries::today;
use crate::{Office, OfficeError};

/// How somebody came to know of a child who does not come to school.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HowFound {
    /// 点名缺课
    Absent,
    /// 没来报到
    NoShow,
    /// 家访或群众反映
    Told,
    /// 转出没有下落
    Lost,
}

impl HowFound {
    /// All, in the order of the form.
    pub const ALL: [Self; 4] = [Self::Absent, Self::NoShow, Self::Told, Self::Lost];

    /// The word in forms.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::NoShow => "no_show",
            Self::Told => "told",
            Self::Lost => "lost",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|how| how.code() == text)
    }

    const fn chinese(self) -> &'static str {
        match self {
            Self::Absent => "点名缺课",
            Self::NoShow => "没来报到",
            Self::Told => "家访或群众反映没上学",
            Self::Lost => "转出没有下落",
        }
    }
}

impl Office {
    /// Opens the case of a child whom somebody knows to be out of school; its number. Whoever takes steps on the child's ground may.
    ///
    /// # Errors
    /// [`CaseError::Open`] if the child has one; [`CaseError::Tomorrow`]; [`CaseError::NotOfAge`]; as if there were no such child out
    /// of reach.
    pub fn open_case(
        &self,
        actor: &Actor,
        person: u64,
        how: HowFound,
        since: Date,
        note: &str,
    ) -> Result<u64, OfficeError> {
        actor.must(Right::Case)?;
        let county = self.county_code()?;
        let lines = &self.rules.lines;
        let opened = self.store.write(|tx| {
            let day = today(tx, county, actor)?;
            let now = tx.current_person(county, person)?.ok_or(CaseError::NoSuchChild)?;
            let who = stands(tx, county, now)?.ok_or(CaseError::NoSuchChild)?;
            if !actor.scope(Right::Case).reaches(&who) {
                return Err(CaseError::NoSuchChild.into());
            }
            if since > day {
                return Err(CaseError::Tomorrow(since).into());
            }
            let child = tx.person(county, now)?.ok_or(CaseError::NoSuchChild)?;
            let pupil = child.stage.is_some_and(fujiao_model::Stage::is_compulsory);
            let of_age = child.born_on.is_some_and(|born| lines.is_of_age(born.latest(), day));
            if !pupil && !of_age {
                return Err(CaseError::NotOfAge.into());
            }
            let held = tx.query_one(
                "select case_no from watch_case where county = $1 and person_id = $2 and state <> 'closed'",
                &[county.into(), now.into()],
                |r| r.get::<u64>(0),
            )?;
            if let Some(number) = held {
                return Err(CaseError::Open(number).into());
            }
            let kind = self
                .rules
                .policies
                .programmes()
                .iter()
                .find(|p| p.area == Area::Schooling && p.is_on())
                .map_or_else(|| "school.place".to_owned(), |p| p.key.to_string());
            let run = tx.live_run(county)?.map_or(0, |run| run.id);
            let mut facts = format!("{}登记：{}，{since} 起", actor.name, how.chinese());
            if let Some(note) = written(note) {
                facts.push('；');
                facts.push_str(&note);
            }
            let number = tx.add_case(
                county,
                &StoredCase {
                    number: 0,
                    person: now,
                    kind,
                    facts,
                    run,
                    opened_on: day,
                    found: CaseGround {
                        town: child.town,
                        village: child.village,
                        school: child.school,
                    },
                    grade: child.grade,
                    class: child.class.clone().unwrap_or_default(),
                    state: State::Found.code().to_owned(),
                    steps: 0,
                    now: CaseGround::default(),
                    officer: None,
                    opened_at: actor.at,
                    opened_by: actor.login.clone(),
                },
            )?;
            tx.audit(&Event {
                county,
                at: actor.at,
                actor: &actor.login,
                action: "open case",
                object: &format!("case {number}"),
                detail: &format!("{} since {since} in {}", how.code(), Term::of(day)),
            })?;
            Ok(number)
        });
        match opened {
            // Somebody else was faster.
            Err(OfficeError::Store(StoreError::Unique(_))) => Err(CaseError::Taken.into()),
            other => other,
        }
    }
}
