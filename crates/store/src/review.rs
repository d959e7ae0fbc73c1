//! What people are asked about pairs of rows and what they decided, and what linking did to persons.

use fujiao_model::RosterKind;
use jiff::Timestamp;

use crate::{File, Row, StoreError, Tx};

/// Two rows of which a person must say whether they are about one person.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkAsk {
    /// The smaller row id.
    pub left: u64,
    /// The larger row id.
    pub right: u64,
    /// Match weight, log₂.
    pub weight: f64,
    /// Why they may be one, as the caller writes it: text without personal data.
    pub why: String,
}

/// A pair that waits, with the natural keys of its rows, by which a decision knows them.
#[derive(Clone, Debug, PartialEq)]
pub struct AskedPair {
    /// The pair.
    pub ask: LinkAsk,
    /// Natural key of the left row.
    pub left_key: [u8; 16],
    /// Natural key of the right row.
    pub right_key: [u8; 16],
}

/// What a person says about two rows. By natural keys, so that it outlives corrections.
#[derive(Clone, Debug, PartialEq)]
pub struct NewDecision<'a> {
    /// Natural key of one row.
    pub left: [u8; 16],
    /// Natural key of the other.
    pub right: [u8; 16],
    /// One person, or two.
    pub same: bool,
    /// Match weight when it was asked; `None` if nobody had asked.
    pub weight: Option<f64>,
    /// When.
    pub at: Timestamp,
    /// Who decided.
    pub actor: &'a str,
    /// Why.
    pub note: Option<&'a str>,
}

/// What a person said about two rows.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkDecision {
    /// From 1 within the county.
    pub number: u64,
    /// The smaller natural key.
    pub left: [u8; 16],
    /// The larger natural key.
    pub right: [u8; 16],
    /// One person, or two.
    pub same: bool,
    /// Match weight when it was asked, log₂.
    pub weight: Option<f64>,
    /// When.
    pub at: Timestamp,
    /// Who decided.
    pub actor: String,
    /// Why.
    pub note: Option<String>,
    /// Set once it was taken back.
    pub undone: Option<Undone>,
}

/// When a decision was taken back, and by whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undone {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// Why.
    pub why: Option<String>,
}

/// What happened to a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PersonEventKind {
    /// 合并: `other` was found to be `person`.
    Merged,
    /// 拆分: `other`, who is new, was part of `person`.
    Split,
    /// 移动: some rows of `person` are now those of `other`; both go on.
    Moved,
    /// 新增, only counted.
    New,
}

impl PersonEventKind {
    const ALL: [Self; 4] = [Self::Merged, Self::Split, Self::Moved, Self::New];

    /// For the database and for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Merged => "merged",
            Self::Split => "split",
            Self::Moved => "moved",
            Self::New => "new",
        }
    }

    /// The Chinese term.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Merged => "合并",
            Self::Split => "拆分",
            Self::Moved => "移动",
            Self::New => "新增",
        }
    }

    fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.code() == code)
    }
}

/// Something that an assessment did to persons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonEvent {
    /// What.
    pub kind: PersonEventKind,
    /// Who stays; `None` where persons are only counted.
    pub person: Option<u64>,
    /// The other, as `kind` says.
    pub other: Option<u64>,
    /// Rows that changed their person; of new ones: persons.
    pub count: u64,
    /// Those rows, by their ids at that time.
    pub rows: Vec<u64>,
}

/// A row that was corrected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Superseded {
    /// The row.
    pub row_id: u64,
    /// The row that corrects it; it may be corrected in its turn.
    pub by: u64,
    /// The natural key of both.
    pub natural_key: [u8; 16],
    /// What it said.
    pub fingerprint: [u8; 16],
}

impl Tx<'_> {
    /// Replaces the pairs that wait for a person.
    ///
    /// # Errors
    /// [`StoreError::Unique`] if a pair stands twice.
    pub fn replace_asks(&mut self, county: u32, asks: &[LinkAsk]) -> Result<(), StoreError> {
        self.execute("delete from link_ask where county = $1", &[county.into()])?;
        self.bulk(
            "link_ask",
            ["county", "left_row", "right_row", "weight", "why"],
            asks.iter().map(|a| {
                let why = a.why.as_str().into();
                [county.into(), a.left.into(), a.right.into(), a.weight.into(), why]
            }),
        )?;
        Ok(())
    }

    /// The pairs that wait for a person and are not decided since, the most likely first.
    ///
    /// # Errors
    /// What the engine says.
    pub fn asked_pairs(&mut self, county: u32) -> Result<Vec<AskedPair>, StoreError> {
        self.query(include_str!("../queries/asked_pairs.sql"), &[county.into()], |r| {
            let (left, right, weight, why) = (r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?);
            Ok(AskedPair {
                ask: LinkAsk { left, right, weight, why },
                left_key: r.get(4)?,
                right_key: r.get(5)?,
            })
        })
    }

    /// Replaces how many pairs each threshold (a probability) would ask about.
    ///
    /// # Errors
    /// [`StoreError::Unique`] if a threshold stands twice.
    pub fn replace_bands(&mut self, county: u32, bands: &[(f64, u64)]) -> Result<(), StoreError> {
        self.execute("delete from link_band where county = $1", &[county.into()])?;
        self.bulk(
            "link_band",
            ["county", "ask_from", "asks"],
            bands.iter().map(|(from, asks)| [county.into(), (*from).into(), (*asks).into()]),
        )?;
        Ok(())
    }

    /// How many pairs each threshold would ask about, the highest first.
    ///
    /// # Errors
    /// What the engine says.
    pub fn bands(&mut self, county: u32) -> Result<Vec<(f64, u64)>, StoreError> {
        let sql = "select ask_from, asks from link_band where county = $1 order by ask_from desc";
        self.query(sql, &[county.into()], |r| Ok((r.get(0)?, r.get(1)?)))
    }

    /// Keeps what a person said about two rows; its number.
    ///
    /// # Errors
    /// [`StoreError::Unique`] if a decision about the two stands: it must be taken back first.
    pub fn decide(&mut self, county: u32, new: &NewDecision) -> Result<u64, StoreError> {
        let number: u64 = self
            .query_one(
                "select coalesce(max(decision_no), 0) + 1 from link_decision where county = $1",
                &[county.into()],
                |r| r.get(0),
            )?
            .unwrap_or(1);
        self.execute(
            "insert into link_decision
                    (county, decision_no, left_key, right_key, same, weight, at, actor, note)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            &[
                county.into(),
                number.into(),
                new.left.min(new.right).into(),
                new.left.max(new.right).into(),
                new.same.into(),
                new.weight.into(),
                new.at.to_string().into(),
                new.actor.into(),
                new.note.into(),
            ],
        )?;
        Ok(number)
    }

    /// Takes a decision back; `false` if it is not there or was taken back before.
    ///
    /// # Errors
    /// What the engine says.
    pub fn undo_decision(
        &mut self,
        county: u32,
        number: u64,
        undone: &Undone,
    ) -> Result<bool, StoreError> {
        let changed = self.execute(
            "update link_decision set undone_at = $3, undone_by = $4, undone_why = $5
              where county = $1 and decision_no = $2 and undone_at is null",
            &[
                county.into(),
                number.into(),
                undone.at.to_string().into(),
                undone.actor.as_str().into(),
                undone.why.as_deref().into(),
            ],
        )?;
        Ok(changed == 1)
    }

    /// What people decided, in the order in which they said it, whether it stands or was taken back.
    ///
    /// # Errors
    /// What the engine says.
    pub fn decisions(&mut self, county: u32) -> Result<Vec<LinkDecision>, StoreError> {
        self.query(include_str!("../queries/decisions.sql"), &[county.into()], |r| {
            let undone = match time(r, 8)? {
                Some(at) => Some(Undone {
                    at,
                    actor: r.get::<Option<_>>(9)?.unwrap_or_default(),
                    why: r.get(10)?,
                }),
                None => None,
            };
            Ok(LinkDecision {
                number: r.get(0)?,
                left: r.get(1)?,
                right: r.get(2)?,
                same: r.get(3)?,
                weight: r.get(4)?,
                at: time(r, 5)?.ok_or_else(|| r.bad(5))?,
                actor: r.get(6)?,
                note: r.get(7)?,
                undone,
            })
        })
    }

    /// Books what an assessment did to persons.
    ///
    /// # Errors
    /// What the engine says.
    pub fn add_person_events(
        &mut self,
        county: u32,
        at: Timestamp,
        events: &[PersonEvent],
    ) -> Result<(), StoreError> {
        let first: u64 = self
            .query_one(
                "select coalesce(max(event_no), 0) + 1 from person_event where county = $1",
                &[county.into()],
                |r| r.get(0),
            )?
            .unwrap_or(1);
        let at = at.to_string();
        self.bulk(
            "person_event",
            ["county", "event_no", "at", "kind", "person_id", "other_id", "count", "rows"],
            (first..).zip(events).map(|(number, e)| {
                let rows: Vec<String> = e.rows.iter().map(u64::to_string).collect();
                [
                    county.into(),
                    number.into(),
                    at.as_str().into(),
                    e.kind.code().into(),
                    e.person.into(),
                    e.other.into(),
                    e.count.into(),
                    rows.join(" ").into(),
                ]
            }),
        )?;
        Ok(())
    }

    /// What assessments did to persons, in that order, each with the assessment's time.
    ///
    /// # Errors
    /// What the engine says.
    pub fn person_events(
        &mut self,
        county: u32,
    ) -> Result<Vec<(Timestamp, PersonEvent)>, StoreError> {
        self.query(include_str!("../queries/person_events.sql"), &[county.into()], |r| {
            let rows = r.get::<&str>(6)?.split_whitespace().map(str::parse).collect();
            let event = PersonEvent {
                kind: r.parse(2, PersonEventKind::parse)?.ok_or_else(|| r.bad(2))?,
                person: r.get(3)?,
                other: r.get(4)?,
                count: r.get(5)?,
                rows: Result::ok(rows).ok_or_else(|| r.bad(6))?,
            };
            Ok((time(r, 1)?.ok_or_else(|| r.bad(1))?, event))
        })
    }

    /// Whom a person's id stands for today: the id itself while somebody has it, else that of the person into whom they
    /// were merged, and so on; `None` if nobody is left.
    ///
    /// # Errors
    /// What the engine says.
    pub fn current_person(&mut self, county: u32, old: u64) -> Result<Option<u64>, StoreError> {
        let mut id = old;
        let mut seen = std::collections::BTreeSet::new();
        while seen.insert(id) {
            let args = [county.into(), id.into()];
            let here = "select person_id from person where county = $1 and person_id = $2";
            if self.query_one(here, &args, |r| r.get::<u64>(0))?.is_some() {
                return Ok(Some(id));
            }
            let into = "select person_id from person_event
                         where county = $1 and other_id = $2 and kind = 'merged'
                         order by event_no desc limit 1";
            match self.query_one(into, &args, |r| r.get(0))? {
                Some(next) => id = next,
                None => return Ok(None),
            }
        }
        Ok(None)
    }

    /// The rows that were corrected, by id.
    ///
    /// # Errors
    /// What the engine says.
    pub fn superseded(&mut self, county: u32) -> Result<Vec<Superseded>, StoreError> {
        self.query(include_str!("../queries/superseded.sql"), &[county.into()], |r| {
            Ok(Superseded {
                row_id: r.get(0)?,
                by: r.get(1)?,
                natural_key: r.get(2)?,
                fingerprint: r.get(3)?,
            })
        })
    }

    /// The live row of a natural key and the person whom the last linking found it to be about.
    ///
    /// # Errors
    /// What the engine says.
    pub fn live_row_of_key(
        &mut self,
        county: u32,
        key: &[u8; 16],
    ) -> Result<Option<(u64, Option<u64>)>, StoreError> {
        let sql = include_str!("../queries/live_row_of_key.sql");
        self.query_one(sql, &[county.into(), key.into()], |r| Ok((r.get(0)?, r.get(1)?)))
    }

    /// The live row that a file brought, by sheet and row number; `None` if there is none, or it was corrected, or an
    /// earlier file had said the same.
    ///
    /// # Errors
    /// What the engine says.
    pub fn row_at(
        &mut self,
        county: u32,
        file: &File,
        sheet: u16,
        row: u32,
    ) -> Result<Option<u64>, StoreError> {
        let Some((first, last)) = file.rows else { return Ok(None) };
        let sql = include_str!("../queries/row_at.sql");
        let args =
            [county.into(), file.id.into(), first.into(), last.into(), sheet.into(), row.into()];
        self.query_one(sql, &args, |r| r.get(0))
    }

    /// Kind and natural key of a live row; `None` if there is no such row, or it was corrected.
    ///
    /// # Errors
    /// What the engine says.
    pub fn key_of_row(
        &mut self,
        county: u32,
        row: u64,
    ) -> Result<Option<(RosterKind, [u8; 16])>, StoreError> {
        let sql = "select kind, natural_key from source_row
                    where county = $1 and row_id = $2 and superseded_by is null";
        self.query_one(sql, &[county.into(), row.into()], |r| {
            Ok((r.parse(0, RosterKind::parse)?.ok_or_else(|| r.bad(0))?, r.get(1)?))
        })
    }
}

fn time(r: &Row, column: usize) -> Result<Option<Timestamp>, StoreError> {
    r.parse(column, |text| text.parse().ok())
}
