//! The list of mentors: by hand, their caps, their signature under the code of conduct, their account.

use fujiao_model::{Division, Sex};
use fujiao_store::{Event, Mentor, StoreError, Tx};
use jiff::civil::Date;

use super::PairError;
use crate::access::{Actor, Ground, Right, Role, Standing};
use crate::corrections::written;
use crate::{Office, OfficeError};

/// A mentor who stands on no roster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewMentor {
    /// Key of the kind.
    pub kind: String,
    /// Name.
    pub name: String,
    /// Sex.
    pub sex: Option<Sex>,
    /// Where they work, in words.
    pub unit: String,
    /// The school that they work for.
    pub school: Option<u64>,
    /// Town or village that they live in or answer for.
    pub place: Option<Division>,
    /// What they can do.
    pub able: MentorChange,
}

/// What can be written down of a mentor by hand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MentorChange {
    /// How many pupils they can look after; `None`: as the rules say.
    pub cap: Option<u32>,
    /// Languages besides the common one, words apart.
    pub languages: String,
    /// Subjects that they can teach, words apart.
    pub subjects: String,
    /// Whether they are on duty where pupils board.
    pub boards_duty: bool,
    /// Phone; empty: as it is on file.
    pub phone: String,
}

/// Words of a form: apart by blanks, commas or enumeration marks.
fn words(text: &str) -> Vec<String> {
    text.split([' ', '，', ',', '、', '　'])
        .map(str::trim)
        .filter(|word| !word.is_empty())
        .map(|word| word.chars().take(12).collect())
        .take(8)
        .collect()
}

impl Office {
    /// Puts somebody on the list who stands on no roster: an official, a volunteer, a donor, a teacher of another place; their number.
    ///
    /// # Errors
    /// [`PairError`] with what is wrong; as out of reach where they work elsewhere.
    pub fn add_mentor(&self, actor: &Actor, new: &NewMentor) -> Result<u64, OfficeError> {
        actor.must(Right::Pair)?;
        let county = self.county_code()?;
        let rules = &self.rules.pairing;
        if rules.kind(&new.kind).is_none() {
            return Err(PairError::NoKind(new.kind.clone()).into());
        }
        let name = written(&new.name).ok_or(PairError::Unread("姓名"))?;
        let sex = new.sex.ok_or(PairError::Unread("性别"))?;
        if new.place.is_none() && new.school.is_none() {
            return Err(PairError::Unread("学校、镇或村").into());
        }
        let mut mentor = Mentor {
            number: 0,
            kind: new.kind.clone(),
            name,
            sex: Some(sex),
            unit: written(&new.unit).unwrap_or_default(),
            school: new.school,
            town: new.place.map(Division::town),
            village: new.place.filter(|place| *place != place.town()),
            languages: Vec::new(),
            subjects: Vec::new(),
            boards_duty: false,
            cap: None,
            person: None,
            user: None,
            source: "hand".to_owned(),
            signed_on: None,
            left: None,
            phone: String::new(),
            made_at: actor.at,
            made_by: actor.login.clone(),
        };
        self.fill_in(&mut mentor, &new.able)?;
        self.store.write(|tx| {
            if let Some(id) = mentor.school {
                let sql =
                    "select name, town, village from school where county = $1 and school_id = $2";
                let found = tx.query_one(sql, &[county.into(), id.into()], |r| {
                    let place = |column| {
                        Ok::<_, StoreError>(
                            r.get::<Option<u64>>(column)?
                                .and_then(|code| Division::from_code(code).ok()),
                        )
                    };
                    Ok((r.get::<String>(0)?, place(1)?, place(2)?))
                })?;
                let (name, town, village) = found.ok_or(PairError::Unread("学校"))?;
                if mentor.unit.is_empty() {
                    mentor.unit = name;
                }
                mentor.town = mentor.town.or(town);
                mentor.village = mentor.village.or(village);
            }
            if !actor.scope(Right::Pair).reaches(&standing(&mentor)) {
                return Err(PairError::NoMentor.into());
            }
            let number = tx.add_mentors(county, std::slice::from_ref(&mentor))?;
            note(tx, county, actor, "add mentor", &format!("mentor {number}"), &mentor.kind)?;
            Ok(number)
        })
    }

    /// Writes down what a mentor can do, and how many they can look after.
    ///
    /// # Errors
    /// [`PairError::NoMentor`] out of reach; [`PairError::Cap`].
    pub fn change_mentor(
        &self,
        actor: &Actor,
        number: u64,
        change: &MentorChange,
    ) -> Result<(), OfficeError> {
        actor.must(Right::Pair)?;
        let county = self.county_code()?;
        self.store.write(|tx| {
            let mut mentor = theirs(tx, county, actor, number)?;
            self.fill_in(&mut mentor, change)?;
            tx.set_mentor(county, &mentor)?;
            let cap = mentor.cap.map_or_else(|| "rules".to_owned(), |cap| cap.to_string());
            note(
                tx,
                county,
                actor,
                "change mentor",
                &format!("mentor {number}"),
                &format!("cap {cap}"),
            )
        })
    }

    fn fill_in(&self, mentor: &mut Mentor, change: &MentorChange) -> Result<(), PairError> {
        let rules = &self.rules.pairing;
        let kind =
            rules.kind(&mentor.kind).ok_or_else(|| PairError::NoKind(mentor.kind.clone()))?;
        if change.cap.is_some_and(|cap| cap > kind.cap) {
            return Err(PairError::Cap { title: kind.title.clone(), most: kind.cap });
        }
        mentor.cap = change.cap;
        mentor.languages = words(&change.languages);
        mentor.subjects = words(&change.subjects);
        mentor.boards_duty = change.boards_duty;
        let phone: String = change.phone.chars().filter(char::is_ascii_digit).collect();
        if !phone.is_empty() {
            if !(7..=12).contains(&phone.len()) {
                return Err(PairError::Unread("电话"));
            }
            mentor.phone = phone;
        }
        Ok(())
    }

    /// Mentors signed the code of conduct on a day; how many had not before. Those out of reach are left out.
    ///
    /// # Errors
    /// [`PairError::Tomorrow`].
    pub fn sign_mentors(
        &self,
        actor: &Actor,
        numbers: &[u64],
        on: Date,
    ) -> Result<u64, OfficeError> {
        actor.must(Right::Pair)?;
        let county = self.county_code()?;
        self.store.write(|tx| {
            let today = crate::entries::today(tx, county, actor)?;
            if on > today {
                return Err(PairError::Tomorrow(on).into());
            }
            let scope = actor.scope(Right::Pair);
            let own: Vec<u64> = tx
                .mentors(county)?
                .iter()
                .filter(|m| numbers.contains(&m.number) && scope.reaches(&standing(m)))
                .map(|m| m.number)
                .collect();
            let signed = tx.sign_mentors(county, &own, on)?;
            note(
                tx,
                county,
                actor,
                "mentors sign",
                "mentors",
                &format!("on {on} signed {signed}"),
            )?;
            Ok(signed)
        })
    }

    /// A mentor who left is back.
    ///
    /// # Errors
    /// [`PairError::NoMentor`] out of reach.
    pub fn mentor_back(&self, actor: &Actor, number: u64) -> Result<(), OfficeError> {
        actor.must(Right::Pair)?;
        let county = self.county_code()?;
        self.store.write(|tx| {
            let mut mentor = theirs(tx, county, actor, number)?;
            mentor.left = None;
            tx.set_mentor(county, &mentor)?;
            note(tx, county, actor, "mentor back", &format!("mentor {number}"), "")
        })
    }

    /// Ties a mentor to the account that they sign in with, whose role of mentor then reaches their pupils and nobody else. An
    /// empty login unties them.
    ///
    /// # Errors
    /// [`PairError::NoAccount`] if there is none, or it is another mentor's.
    pub fn mentor_account(
        &self,
        actor: &Actor,
        number: u64,
        login: &str,
    ) -> Result<(), OfficeError> {
        super::whole(actor)?;
        let county = self.county_code()?;
        let login = login.trim().to_lowercase();
        self.store.write(|tx| {
            let mut mentor = theirs(tx, county, actor, number)?;
            let day = crate::entries::today(tx, county, actor)?;
            if mentor.user.is_some() {
                // Whoever had it sees these pupils no more.
                let none = Mentor { number: 0, ..mentor.clone() };
                regrant(tx, county, actor, &none, day)?;
            }
            mentor.user = if login.is_empty() {
                None
            } else {
                let account = tx.account_of(county, &login)?.ok_or(PairError::NoAccount)?;
                let taken = tx.mentor_of_user(county, account.user)?;
                if account.closed_at.is_some() || taken.is_some_and(|m| m.number != number) {
                    return Err(PairError::NoAccount.into());
                }
                Some(account.user)
            };
            tx.set_mentor(county, &mentor)?;
            regrant(tx, county, actor, &mentor, day)?;
            note(tx, county, actor, "mentor account", &format!("mentor {number}"), &login)
        })
    }
}

/// How a mentor stands for grounds: by school and place.
pub(crate) fn standing(mentor: &Mentor) -> Standing {
    Standing {
        places: mentor.village.into_iter().chain(mentor.town).collect(),
        school: mentor.school,
        ..Standing::default()
    }
}

/// A mentor whom the actor leads.
pub(super) fn theirs(
    tx: &mut Tx,
    county: u32,
    actor: &Actor,
    number: u64,
) -> Result<Mentor, OfficeError> {
    let found = tx.mentor(county, number)?;
    let scope = actor.scope(Right::Pair);
    let found = found.filter(|m| scope.is_whole() || scope.reaches(&standing(m)));
    Ok(found.ok_or(PairError::NoMentor)?)
}

/// Lets the account of a mentor reach the pupils whom they look after today, and nobody else.
pub(crate) fn regrant(
    tx: &mut Tx,
    county: u32,
    actor: &Actor,
    mentor: &Mentor,
    day: Date,
) -> Result<(), OfficeError> {
    let Some(user) = mentor.user else { return Ok(()) };
    let mut pupils: Vec<u64> = Vec::new();
    for pair in tx.pairs_of_mentor(county, mentor.number)? {
        pupils.extend(tx.current_person(county, pair.person)?);
    }
    pupils.sort_unstable();
    let ground = Ground::Persons(pupils.clone()).to_text();
    let role = Role::Mentor.code();
    let mut stands = false;
    for grant in tx.grants(county, Some(user))? {
        if grant.role != role || grant.ended_at.is_some() {
            continue;
        }
        if grant.ground == ground {
            stands = true;
        } else {
            tx.end_grant(county, grant.grant, actor.at, &actor.login)?;
        }
    }
    if !stands && !pupils.is_empty() {
        tx.add_grant(county, user, (role, &ground), (day, None), actor.at, &actor.login)?;
        let detail = format!("{role} on {} persons from {day}", pupils.len());
        note(tx, county, actor, "grant", &format!("account {user}"), &detail)?;
    }
    Ok(())
}

/// Lets an account of a made county be the mentor with most pupils, if there is one.
pub(crate) fn show_as(
    tx: &mut Tx,
    county: u32,
    actor: &Actor,
    user: u64,
) -> Result<(), OfficeError> {
    let busiest = tx.query_one(
        "select m.mentor_no from mentor m
           join pair q on q.county = m.county and q.mentor_no = m.mentor_no and q.to_day is null
          where m.county = $1 and m.user_id is null and m.left_on is null
          group by m.mentor_no order by count(*) desc, m.mentor_no limit 1",
        &[county.into()],
        |r| r.get::<u64>(0),
    )?;
    let Some(number) = busiest else { return Ok(()) };
    let Some(mut mentor) = tx.mentor(county, number)? else { return Ok(()) };
    mentor.user = Some(user);
    tx.set_mentor(county, &mentor)?;
    regrant(tx, county, actor, &mentor, jiff::civil::date(2020, 1, 1))
}

pub(super) fn note(
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
