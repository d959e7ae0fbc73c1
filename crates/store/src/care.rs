//! 关爱: contacts with children by kind, and care files. What a care step says is sealed.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::accounts::time;
use crate::{Row, Signed, StoreError, Tx, V, marks};

/// Contacts with a child this term, of the live assessment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredContacts {
    /// The child.
    pub person: u64,
    /// That count as a contact.
    pub met: u32,
    /// Goods, and help in the household, alone.
    pub material: u32,
    /// JSON: kind of contact, how often.
    pub kinds: String,
    /// The last that counts.
    pub last_on: Option<Date>,
    /// That count, in the month of the assessment.
    pub month_met: u32,
}

/// What stands of a child's care.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CareFile {
    /// The child, by the id when it was begun.
    pub person: u64,
    /// How many steps it has.
    pub steps: u32,
    /// `quiet`, `asked`, `planned`, `referred`.
    pub state: String,
    /// What is to be done, and by when.
    pub next: Option<(String, Date)>,
    /// School year of the last screening; 0: none.
    pub screened: i32,
}

/// Something that was done for a child's well-being.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CareStep {
    /// The child, by the id when the file was begun.
    pub person: u64,
    /// From 1 within the file.
    pub number: u32,
    /// When it happened.
    pub on: Date,
    /// Which.
    pub code: String,
    /// JSON; sealed at rest.
    pub said: String,
    /// Account of the author; 0: the console.
    pub user: u64,
    /// The author, and when it was written down.
    pub author: Signed,
}

impl Tx<'_> {
    /// Keeps the contacts of an assessment in place of those of the one before.
    ///
    /// # Errors
    /// What the engine says.
    pub fn replace_contacts(
        &mut self,
        (county, run): (u32, u64),
        contacts: &[StoredContacts],
    ) -> Result<(), StoreError> {
        self.execute("delete from contact_sum where county = $1", &[county.into()])?;
        self.bulk(
            "contact_sum",
            ["county", "person_id", "run_id", "met", "material", "kinds", "last_on", "month_met"],
            contacts.iter().map(|c| {
                [
                    county.into(),
                    c.person.into(),
                    run.into(),
                    c.met.into(),
                    c.material.into(),
                    c.kinds.as_str().into(),
                    c.last_on.map(|d| d.to_string()).into(),
                    c.month_met.into(),
                ]
            }),
        )?;
        Ok(())
    }

    /// Contacts with some children this term.
    ///
    /// # Errors
    /// What the engine says.
    pub fn contacts_of(
        &mut self,
        county: u32,
        persons: &[u64],
    ) -> Result<Vec<StoredContacts>, StoreError> {
        let mut out = Vec::new();
        for chunk in persons.chunks(256) {
            let mut args: Vec<V> = vec![county.into()];
            args.extend(chunk.iter().map(|id| V::from(*id)));
            let marks = marks(2..=args.len());
            let sql = format!(
                "select person_id, met, material, kinds, last_on, month_met from contact_sum
                  where county = $1 and person_id in ({marks})"
            );
            out.extend(self.query(&sql, &args, |r| {
                Ok(StoredContacts {
                    person: r.get(0)?,
                    met: r.get(1)?,
                    material: r.get(2)?,
                    kinds: r.get(3)?,
                    last_on: r.parse(4, |t| t.parse().ok())?,
                    month_met: r.get(5)?,
                })
            })?);
        }
        Ok(out)
    }

    /// What stands of a child's care; `None`: nothing was written down.
    ///
    /// # Errors
    /// What the engine says.
    pub fn care_file(&mut self, county: u32, person: u64) -> Result<Option<CareFile>, StoreError> {
        let sql = "select person_id, steps, state, next_act, next_by, screened from care_file
                    where county = $1 and person_id = $2";
        self.query_one(sql, &[county.into(), person.into()], care_file)
    }

    /// The care files of a county, by child.
    ///
    /// # Errors
    /// What the engine says.
    pub fn care_files(&mut self, county: u32) -> Result<Vec<CareFile>, StoreError> {
        let sql = "select person_id, steps, state, next_act, next_by, screened from care_file
                    where county = $1 order by person_id";
        self.query(sql, &[county.into()], care_file)
    }

    /// Whose care files of persons are today who are no more in the register: the person that their rows went to, if any.
    ///
    /// # Errors
    /// What the engine says.
    pub fn care_moved(&mut self, county: u32) -> Result<BTreeMap<u64, Option<u64>>, StoreError> {
        let sql = "select f.person_id from care_file f
                     left join person p on p.county = f.county and p.person_id = f.person_id
                    where f.county = $1 and p.person_id is null";
        let gone: Vec<u64> = self.query(sql, &[county.into()], |r| r.get(0))?;
        // Few: followed one by one through what became of them.
        gone.into_iter().map(|old| Ok((old, self.current_person(county, old)?))).collect()
    }

    /// The steps of a care file, by number.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] if one was changed or moved.
    pub fn care_steps(&mut self, county: u32, person: u64) -> Result<Vec<CareStep>, StoreError> {
        let keys = self.keys;
        let sql = "select person_id, step_no, on_day, code, sealed, user_id, login, name, at from care_step
                    where county = $1 and person_id = $2 order by step_no";
        self.query(sql, &[county.into(), person.into()], |r| care_step(r, keys, county))
    }

    /// Screenings of the county, by child and number: for figures that name nobody.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] if one was changed or moved.
    pub fn screenings(&mut self, county: u32) -> Result<Vec<CareStep>, StoreError> {
        let keys = self.keys;
        let sql = "select person_id, step_no, on_day, code, sealed, user_id, login, name, at from care_step
                    where county = $1 and code = 'screening' order by person_id, step_no";
        self.query(sql, &[county.into()], |r| care_step(r, keys, county))
    }

    /// Books the next step of a care file, and what stands after it; the file is begun with its first.
    ///
    /// # Errors
    /// [`StoreError::Unique`] if somebody else wrote the same number first.
    pub fn add_care_step(
        &mut self,
        county: u32,
        step: &CareStep,
        after: &CareFile,
    ) -> Result<(), StoreError> {
        let (act, by) = match &after.next {
            Some((act, by)) => (Some(act.as_str()), Some(by.to_string())),
            None => (None, None),
        };
        self.execute(
            "insert into care_file (county, person_id, steps, state, next_act, next_by, screened)
             values ($1, $2, $3, $4, $5, $6, $7)
             on conflict (county, person_id) do update set steps = excluded.steps, state = excluded.state,
                 next_act = excluded.next_act, next_by = excluded.next_by, screened = excluded.screened",
            &[
                county.into(),
                step.person.into(),
                after.steps.into(),
                after.state.as_str().into(),
                act.into(),
                by.into(),
                after.screened.into(),
            ],
        )?;
        let sealed =
            self.keys.seal(step.said.as_bytes(), &context(county, step.person, step.number));
        self.bulk(
            "care_step",
            [
                "county",
                "person_id",
                "step_no",
                "prev",
                "on_day",
                "code",
                "sealed",
                "user_id",
                "login",
                "name",
                "at",
            ],
            [[
                county.into(),
                step.person.into(),
                step.number.into(),
                step.number.checked_sub(1).filter(|n| *n > 0).into(),
                step.on.to_string().into(),
                step.code.as_str().into(),
                sealed.into(),
                step.user.into(),
                step.author.login.as_str().into(),
                step.author.name.as_str().into(),
                step.author.at.to_string().into(),
            ]],
        )?;
        Ok(())
    }
}

fn care_file(r: &Row) -> Result<CareFile, StoreError> {
    let act: Option<String> = r.get(3)?;
    let by = r.parse(4, |t| t.parse().ok())?;
    Ok(CareFile {
        person: r.get(0)?,
        steps: r.get(1)?,
        state: r.get(2)?,
        next: act.zip(by),
        screened: r.get(5)?,
    })
}

fn care_step(r: &Row, keys: &crate::Keys, county: u32) -> Result<CareStep, StoreError> {
    let (person, number) = (r.get(0)?, r.get(1)?);
    let plain = keys.open(r.get(4)?, &context(county, person, number))?;
    Ok(CareStep {
        person,
        number,
        on: r.parse(2, |t| t.parse().ok())?.ok_or_else(|| r.bad(2))?,
        code: r.get(3)?,
        said: String::from_utf8(plain).map_err(|_| r.bad(4))?,
        user: r.get(5)?,
        author: Signed { login: r.get(6)?, name: r.get(7)?, at: time(r, 8)? },
    })
}

fn context(county: u32, person: u64, number: u32) -> Vec<u8> {
    format!("care_step {county} {person:016x} {number}").into_bytes()
}
