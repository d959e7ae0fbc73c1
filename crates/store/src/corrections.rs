//! Corrections: what people say that single cells should say, laid over what the offices sent.

use std::collections::BTreeMap;

use fujiao_model::{Field, Value};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Keys, Row, StoreError, StoredRow, Tx};

/// What a person says that one cell should say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// From 1 within the county.
    pub id: u64,
    /// Natural key of the row.
    pub natural_key: [u8; 16],
    /// The row that was looked at.
    pub row_id: u64,
    /// The cell.
    pub field: Field,
    /// What it said; `None`: nothing.
    pub was: Option<Value>,
    /// What it should say.
    pub now: Value,
    /// Why.
    pub reason: String,
    /// What shows it: a document, a visit.
    pub evidence: String,
    /// Where it stands.
    pub state: CorrectionState,
    /// Who says so, and when.
    pub author: Signed,
    /// Who confirmed or refused it, when, and with what note.
    pub second: Option<(Signed, String)>,
    /// Who withdrew or replaced it, when and why.
    pub ended: Option<(Signed, String)>,
}

/// Somebody's hand under something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The name under which they sign in.
    pub login: String,
    /// Their name, for people.
    pub name: String,
    /// When.
    pub at: Timestamp,
}

/// Where a correction stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CorrectionState {
    /// 待复核: waits for a second person.
    Waiting,
    /// 生效.
    InForce,
    /// 退回.
    Refused,
    /// 撤回.
    Withdrawn,
    /// 被新的更正代替.
    Replaced,
}

impl CorrectionState {
    /// Every one, in the order in which lists show them.
    pub const ALL: [Self; 5] =
        [Self::Waiting, Self::InForce, Self::Refused, Self::Withdrawn, Self::Replaced];

    /// The word in the books.
    pub fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::InForce => "in_force",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
            Self::Replaced => "replaced",
        }
    }

    /// Reads the word.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.code() == code)
    }
}

/// A correction that comes in.
#[derive(Clone, Debug)]
pub struct NewCorrection<'a> {
    /// Natural key of the row.
    pub natural_key: [u8; 16],
    /// The row that was looked at.
    pub row_id: u64,
    /// The cell.
    pub field: Field,
    /// What it says.
    pub was: Option<&'a Value>,
    /// What it should say.
    pub now: &'a Value,
    /// Why.
    pub reason: &'a str,
    /// What shows it.
    pub evidence: &'a str,
    /// Whether a second person must confirm it.
    pub waits: bool,
    /// Who says so, and when.
    pub author: &'a Signed,
}

const COLUMNS: &str = "correction_id, natural_key, row_id, field, was, now, sealed, reason, evidence, state, \
     author, author_name, at, second, second_name, second_at, second_note, ended_by, ended_name, ended_at, ended_why";

/// Both values of a secret field, under one seal.
#[derive(Serialize, Deserialize)]
struct Both {
    was: Option<String>,
    now: String,
}

impl Tx<'_> {
    /// Books a correction; its id. What was in force about the same cell is replaced where this one does not wait.
    ///
    /// # Errors
    /// [`StoreError::Unique`] if one waits already.
    pub fn add_correction(&mut self, county: u32, new: &NewCorrection) -> Result<u64, StoreError> {
        let id: u64 = self
            .query_one(
                "select coalesce(max(correction_id), 0) + 1 from correction where county = $1",
                &[county.into()],
                |r| r.get(0),
            )?
            .unwrap_or(1);
        if !new.waits {
            self.replace_standing(county, &new.natural_key, new.field, new.author, id)?;
        }
        let (was, now) = (new.was.map(Value::stored), new.now.stored());
        let (was, now, sealed) = if new.field.is_secret() {
            let plain = serde_json::to_vec(&Both { was, now }).expect("two texts always write");
            (None, None, Some(self.keys().seal(&plain, &context(county, id))))
        } else {
            (was, Some(now), None)
        };
        let state = if new.waits { CorrectionState::Waiting } else { CorrectionState::InForce };
        self.execute(
            "insert into correction (county, correction_id, natural_key, row_id, field, was, now, sealed, reason,
                                     evidence, state, author, author_name, at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
            &[
                county.into(),
                id.into(),
                new.natural_key.into(),
                new.row_id.into(),
                new.field.code().into(),
                was.into(),
                now.into(),
                sealed.into(),
                new.reason.into(),
                new.evidence.into(),
                state.code().into(),
                new.author.login.as_str().into(),
                new.author.name.as_str().into(),
                new.author.at.to_string().into(),
            ],
        )?;
        Ok(id)
    }

    /// What a second person says about a correction that waits; `false` if it does not wait. What was in force about the
    /// same cell is replaced.
    ///
    /// # Errors
    /// [`StoreError::Engine`] if they are its author: the database refuses.
    pub fn second_correction(
        &mut self,
        county: u32,
        correction: &Correction,
        confirmed: bool,
        by: &Signed,
        note: &str,
    ) -> Result<bool, StoreError> {
        if confirmed {
            let Correction { natural_key, field, id, .. } = correction;
            self.replace_standing(county, natural_key, *field, by, *id)?;
        }
        let state = if confirmed { CorrectionState::InForce } else { CorrectionState::Refused };
        let changed = self.execute(
            "update correction set state = $3, second = $4, second_name = $5, second_at = $6, second_note = $7
              where county = $1 and correction_id = $2 and state = 'waiting'",
            &[
                county.into(),
                correction.id.into(),
                state.code().into(),
                by.login.as_str().into(),
                by.name.as_str().into(),
                by.at.to_string().into(),
                note.into(),
            ],
        )?;
        Ok(changed == 1)
    }

    /// Takes back a correction that waits or is in force; `false` if it is neither.
    ///
    /// # Errors
    /// What the engine says.
    pub fn withdraw_correction(
        &mut self,
        county: u32,
        id: u64,
        by: &Signed,
        why: &str,
    ) -> Result<bool, StoreError> {
        let changed = self.execute(
            "update correction set state = 'withdrawn', ended_by = $3, ended_name = $4, ended_at = $5, ended_why = $6
              where county = $1 and correction_id = $2 and state in ('waiting', 'in_force')",
            &[
                county.into(),
                id.into(),
                by.login.as_str().into(),
                by.name.as_str().into(),
                by.at.to_string().into(),
                why.into(),
            ],
        )?;
        Ok(changed == 1)
    }

    /// A correction; `None` if there is none of that id.
    ///
    /// # Errors
    /// What the engine says.
    pub fn correction(&mut self, county: u32, id: u64) -> Result<Option<Correction>, StoreError> {
        let sql =
            format!("select {COLUMNS} from correction where county = $1 and correction_id = $2");
        Ok(self.read_corrections(county, &sql, &[county.into(), id.into()])?.pop())
    }

    /// The corrections of a state, newest first.
    ///
    /// # Errors
    /// What the engine says.
    pub fn corrections(
        &mut self,
        county: u32,
        state: CorrectionState,
    ) -> Result<Vec<Correction>, StoreError> {
        let sql = format!(
            "select {COLUMNS} from correction where county = $1 and state = $2 order by correction_id desc"
        );
        self.read_corrections(county, &sql, &[county.into(), state.code().into()])
    }

    /// The live rows of whose cells anything was ever said, by natural key.
    ///
    /// # Errors
    /// As for [`Tx::rows`].
    pub fn corrected_rows(
        &mut self,
        county: u32,
    ) -> Result<BTreeMap<[u8; 16], StoredRow>, StoreError> {
        let args = [county.into()];
        let sql = include_str!("../queries/corrected_rows.sql");
        let mut rows: BTreeMap<u64, StoredRow> =
            self.read_rows(county, sql, &args)?.into_iter().map(|row| (row.row_id, row)).collect();
        let keys = self.query(include_str!("../queries/corrected_keys.sql"), &args, |r| {
            Ok((r.get(0)?, r.get::<u64>(1)?))
        })?;
        Ok(keys.into_iter().filter_map(|(key, row)| Some((key, rows.remove(&row)?))).collect())
    }

    /// Corrections in a state whose row lives: the id, who wrote it, and the row.
    ///
    /// # Errors
    /// What the engine says.
    pub fn rows_of_corrections(
        &mut self,
        county: u32,
        state: CorrectionState,
    ) -> Result<Vec<(u64, String, u64)>, StoreError> {
        // From the corrections, which are few, to the rows.
        let sql = "select c.correction_id, c.author, s.row_id
                     from (select correction_id, author, natural_key from correction
                            where county = $1 and state = $2) c
                    cross join source_row s
                    where s.county = $1 and s.natural_key = c.natural_key and s.superseded_by is null
                    order by c.correction_id";
        self.query(sql, &[county.into(), state.code().into()], |r| {
            Ok((r.get(0)?, r.get(1)?, r.get(2)?))
        })
    }

    /// All that was ever said about the cells of a row, oldest first.
    ///
    /// # Errors
    /// What the engine says.
    pub fn corrections_of(
        &mut self,
        county: u32,
        natural_key: &[u8; 16],
    ) -> Result<Vec<Correction>, StoreError> {
        let sql = format!(
            "select {COLUMNS} from correction where county = $1 and natural_key = $2 order by correction_id"
        );
        self.read_corrections(county, &sql, &[county.into(), natural_key.into()])
    }

    /// What waits or is in force about the live rows of a person, oldest first, each with the row.
    ///
    /// # Errors
    /// What the engine says.
    pub fn corrections_about(
        &mut self,
        county: u32,
        person: u64,
    ) -> Result<Vec<(u64, Correction)>, StoreError> {
        let columns = COLUMNS.split(", ").map(|c| format!("c.{}", c.trim()));
        let sql = format!(
            "select {}, s.row_id
               from row_link l
               join source_row s on s.county = l.county and s.row_id = l.row_id
               join correction c on c.county = s.county and c.natural_key = s.natural_key
              where l.county = $1 and l.person_id = $2 and s.superseded_by is null
                and c.state in ('waiting', 'in_force')
              order by c.correction_id",
            columns.collect::<Vec<_>>().join(", ")
        );
        let keys = self.keys().clone();
        self.query(&sql, &[county.into(), person.into()], |r| {
            Ok((r.get(21)?, read(r, &keys, county)?))
        })
    }

    /// Whether anything is in force: most books have nothing, and need not look further.
    ///
    /// # Errors
    /// What the engine says.
    pub fn any_correction(&mut self, county: u32) -> Result<bool, StoreError> {
        let sql = "select 1 from correction where county = $1 and state = 'in_force' limit 1";
        Ok(self.query_one(sql, &[county.into()], |_| Ok(()))?.is_some())
    }

    /// The natural key of a row, live or not; `None` if there is no such row.
    ///
    /// # Errors
    /// What the engine says.
    pub fn natural_key_of(
        &mut self,
        county: u32,
        row: u64,
    ) -> Result<Option<[u8; 16]>, StoreError> {
        let sql = "select natural_key from source_row where county = $1 and row_id = $2";
        self.query_one(sql, &[county.into(), row.into()], |r| r.get(0))
    }

    fn replace_standing(
        &mut self,
        county: u32,
        natural_key: &[u8; 16],
        field: Field,
        by: &Signed,
        new: u64,
    ) -> Result<(), StoreError> {
        self.execute(
            "update correction set state = 'replaced', ended_by = $4, ended_name = $5, ended_at = $6, ended_why = $7
              where county = $1 and natural_key = $2 and field = $3 and state = 'in_force'",
            &[
                county.into(),
                natural_key.into(),
                field.code().into(),
                by.login.as_str().into(),
                by.name.as_str().into(),
                by.at.to_string().into(),
                new.to_string().into(),
            ],
        )?;
        Ok(())
    }

    fn read_corrections(
        &mut self,
        county: u32,
        sql: &str,
        args: &[crate::V],
    ) -> Result<Vec<Correction>, StoreError> {
        let keys = self.keys().clone();
        self.query(sql, args, |r| read(r, &keys, county))
    }
}

/// A correction of the columns of [`COLUMNS`].
fn read(r: &Row, keys: &Keys, county: u32) -> Result<Correction, StoreError> {
    let id: u64 = r.get(0)?;
    let field = r.parse(3, Field::from_code)?.ok_or_else(|| r.bad(3))?;
    let both = match r.get::<Option<&[u8]>>(6)? {
        Some(sealed) => {
            let plain = keys.open(sealed, &context(county, id))?;
            serde_json::from_slice(&plain).map_err(|_| r.bad(6))?
        }
        None => Both { was: r.get(4)?, now: r.get(5)? },
    };
    let value = |text: &str, column| Value::from_stored(field, text).ok_or_else(|| r.bad(column));
    Ok(Correction {
        id,
        natural_key: r.get(1)?,
        row_id: r.get(2)?,
        field,
        was: both.was.as_deref().map(|text| value(text, 4)).transpose()?,
        now: value(&both.now, 5)?,
        reason: r.get(7)?,
        evidence: r.get(8)?,
        state: r.parse(9, CorrectionState::parse)?.ok_or_else(|| r.bad(9))?,
        author: signed(r, 10)?.ok_or_else(|| r.bad(10))?,
        second: noted(r, 13)?,
        ended: noted(r, 17)?,
    })
}

fn context(county: u32, id: u64) -> Vec<u8> {
    format!("correction {county} {id}").into_bytes()
}

/// Login, name and time from a column on.
fn signed(r: &Row, at: usize) -> Result<Option<Signed>, StoreError> {
    let Some(login) = r.get(at)? else { return Ok(None) };
    let when = r.parse(at + 2, |text| text.parse().ok())?.ok_or_else(|| r.bad(at + 2))?;
    Ok(Some(Signed { login, name: r.get(at + 1)?, at: when }))
}

/// As [`signed`], and the note behind it.
fn noted(r: &Row, at: usize) -> Result<Option<(Signed, String)>, StoreError> {
    let Some(signed) = signed(r, at)? else { return Ok(None) };
    Ok(Some((signed, r.get::<Option<String>>(at + 3)?.unwrap_or_default())))
}
