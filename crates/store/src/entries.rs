//! What people write down by hand, where two of them gainsay each other, and the pictures that belong to it.

use std::collections::BTreeMap;

use fujiao_model::{RosterKind, Subject, SubjectKind};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::{NewRow, Row, RowLink, StoreError, Tx, V, marks};

/// Something that somebody wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// From 1 within the county; 0 before it is booked.
    pub number: u64,
    /// Made on the device.
    pub key: [u8; 16],
    /// The key of the first of its edits; its own if it is none.
    pub root: [u8; 16],
    /// [`crate::Keys::digest`] of what was sent under the key.
    pub print: [u8; 16],
    /// `visit`, `contact`, `attendance`, `meal_count`.
    pub kind: String,
    /// A person, or the school of a class.
    pub subject: Subject,
    /// Grade code, blank, class; empty for a person.
    pub class: String,
    /// The day it is about.
    pub on: Date,
    /// JSON without texts, phones and names.
    pub payload: String,
    /// Sealed at rest: what was said, and the phone that was given. JSON; empty: nothing.
    pub said: String,
    /// A care record.
    pub care: bool,
    /// Account of the author.
    pub user: u64,
    /// Name of the author.
    pub author: String,
    /// By the device's clock.
    pub written_at: Timestamp,
    /// When it came in.
    pub received_at: Timestamp,
    /// `in_force`, `conflict`, `superseded`, `withdrawn`.
    pub state: String,
    /// Why it was withdrawn, and the like.
    pub state_why: Option<String>,
    /// JSON: the answer, to be given again.
    pub receipt: String,
}

/// One value of one field of one subject on one day, as an entry gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryFact {
    /// The entry.
    pub entry: u64,
    /// Who wrote it.
    pub user: u64,
    /// Of whom.
    pub subject: Subject,
    /// Of which class, if it is of one.
    pub class: String,
    /// On which day.
    pub on: Date,
    /// `attendance`, `meals`, `schooling`, `guardian_phone`.
    pub field: String,
    /// [`crate::Keys::digest`] of the value.
    pub value: [u8; 16],
    /// `in_force`, `waiting`, `lost`, `superseded`.
    pub state: String,
}

/// Two entries that give a field two values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryConflict {
    /// From 1 within the county.
    pub number: u64,
    /// The entry that stood.
    pub first: u64,
    /// The entry that says otherwise.
    pub second: u64,
    /// Of whom.
    pub subject: Subject,
    /// Of which class.
    pub class: String,
    /// On which day.
    pub on: Date,
    /// Which field.
    pub field: String,
    /// Since when.
    pub made_at: Timestamp,
    /// `first`, `second`, `gone`; `None`: it waits.
    pub decided: Option<String>,
    /// Who decided.
    pub decided_by: Option<String>,
    /// Why.
    pub decided_why: Option<String>,
}

/// A picture of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryPhoto {
    /// Made on the device.
    pub key: [u8; 16],
    /// The entry.
    pub entry: u64,
    /// Of its bytes.
    pub sha256: [u8; 32],
    /// `jpeg`, `png`, `webp`.
    pub kind: String,
    /// Sealed at rest.
    pub bytes: Vec<u8>,
    /// Account of the author.
    pub user: u64,
}

const ENTRY: &str = "entry_no, entry_key, root_key, print, kind, subject_kind, subject_id, class, on_day, payload, sealed, \
     care, user_id, author, written_at, received_at, state, state_why, receipt";

const CONFLICT: &str = "conflict_no, first_no, second_no, subject_kind, subject_id, class, on_day, field, made_at, decided, \
     decided_by, decided_why";

/// Live rows with their fingerprints, by natural key.
pub type LiveRows = std::collections::BTreeMap<[u8; 16], (u64, [u8; 16])>;

impl Tx<'_> {
    /// Books an entry; its number.
    ///
    /// # Errors
    /// [`StoreError::Unique`] if its key is there.
    pub fn add_entry(&mut self, county: u32, entry: &Entry) -> Result<u64, StoreError> {
        let number = self.next(county, "entry", "entry_no")?;
        let sealed = (!entry.said.is_empty())
            .then(|| self.keys.seal(entry.said.as_bytes(), &context(county, &entry.key)));
        self.bulk(
            "entry",
            [
                "county",
                "entry_no",
                "entry_key",
                "root_key",
                "print",
                "kind",
                "subject_kind",
                "subject_id",
                "class",
                "on_day",
                "payload",
                "sealed",
                "care",
                "user_id",
                "author",
                "written_at",
                "received_at",
                "state",
                "receipt",
            ],
            [[
                county.into(),
                number.into(),
                (&entry.key).into(),
                (&entry.root).into(),
                (&entry.print).into(),
                entry.kind.as_str().into(),
                entry.subject.kind.code().into(),
                entry.subject.id.into(),
                entry.class.as_str().into(),
                entry.on.to_string().into(),
                entry.payload.as_str().into(),
                sealed.into(),
                entry.care.into(),
                entry.user.into(),
                entry.author.as_str().into(),
                entry.written_at.to_string().into(),
                entry.received_at.to_string().into(),
                entry.state.as_str().into(),
                entry.receipt.as_str().into(),
            ]],
        )?;
        Ok(number)
    }

    /// The entry of a key.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] if it was changed; what the engine says.
    pub fn entry_of_key(
        &mut self,
        county: u32,
        key: &[u8; 16],
    ) -> Result<Option<Entry>, StoreError> {
        Ok(self.entries_where(county, "entry_key = $2", &[key.into()])?.pop())
    }

    /// The entry of a number.
    ///
    /// # Errors
    /// As for [`Tx::entry_of_key`].
    pub fn entry(&mut self, county: u32, number: u64) -> Result<Option<Entry>, StoreError> {
        Ok(self.entries_where(county, "entry_no = $2", &[number.into()])?.pop())
    }

    /// The last of the edits of an entry, by the key of the first.
    ///
    /// # Errors
    /// As for [`Tx::entry_of_key`].
    pub fn entry_of_root(
        &mut self,
        county: u32,
        root: &[u8; 16],
    ) -> Result<Option<Entry>, StoreError> {
        Ok(self.entries_where(county, "root_key = $2", &[root.into()])?.pop())
    }

    /// What was written about a subject since a day and not taken back or edited, by number.
    ///
    /// # Errors
    /// As for [`Tx::entry_of_key`].
    pub fn entries_about(
        &mut self,
        county: u32,
        subject: Subject,
        since: Date,
    ) -> Result<Vec<Entry>, StoreError> {
        self.entries_where(
            county,
            "subject_kind = $2 and subject_id = $3 and on_day >= $4 and state in ('in_force', 'conflict')",
            &[subject.kind.code().into(), subject.id.into(), since.to_string().into()],
        )
    }

    /// As [`Tx::entries_about`], of several subjects of a kind, by number.
    ///
    /// # Errors
    /// As for [`Tx::entry_of_key`].
    pub fn entries_about_some(
        &mut self,
        county: u32,
        kind: SubjectKind,
        ids: &[u64],
        since: Date,
    ) -> Result<Vec<Entry>, StoreError> {
        let mut found = Vec::new();
        for chunk in ids.chunks(256) {
            let mut args: Vec<V> = vec![kind.code().into(), since.to_string().into()];
            args.extend(chunk.iter().map(|id| V::from(*id)));
            let marks = marks(4..4 + chunk.len());
            let condition = format!(
                "subject_kind = $2 and on_day >= $3 and subject_id in ({marks}) and state in ('in_force', 'conflict')"
            );
            found.extend(self.entries_where(county, &condition, &args)?);
        }
        found.sort_by_key(|entry| entry.number);
        Ok(found)
    }

    /// The last entries of an account, the latest first.
    ///
    /// # Errors
    /// As for [`Tx::entry_of_key`].
    pub fn entries_of_user(
        &mut self,
        county: u32,
        user: u64,
        most: u32,
    ) -> Result<Vec<Entry>, StoreError> {
        let mut found = self.entries_where(
            county,
            "user_id = $2 and entry_no in (select e.entry_no from entry e
              where e.county = $1 and e.user_id = $2 order by e.entry_no desc limit $3)",
            &[user.into(), most.into()],
        )?;
        found.reverse();
        Ok(found)
    }

    fn entries_where(
        &mut self,
        county: u32,
        condition: &str,
        args: &[V],
    ) -> Result<Vec<Entry>, StoreError> {
        let sql = format!(
            "select {ENTRY} from entry where county = $1 and {condition} order by entry_no"
        );
        let mut all = vec![V::from(county)];
        all.extend_from_slice(args);
        let keys = self.keys;
        self.query(&sql, &all, |r| {
            let key: [u8; 16] = r.get(1)?;
            let said = match r.get::<Option<&[u8]>>(10)? {
                None => String::new(),
                Some(sealed) => String::from_utf8(keys.open(sealed, &context(county, &key))?)
                    .map_err(|_| r.bad(10))?,
            };
            Ok(Entry {
                number: r.get(0)?,
                key,
                root: r.get(2)?,
                print: r.get(3)?,
                kind: r.get(4)?,
                subject: subject(r, 5)?,
                class: r.get(7)?,
                on: r.parse(8, |t| t.parse().ok())?.ok_or_else(|| r.bad(8))?,
                payload: r.get(9)?,
                said,
                care: r.get(11)?,
                user: r.get(12)?,
                author: r.get(13)?,
                written_at: r.parse(14, |t| t.parse().ok())?.ok_or_else(|| r.bad(14))?,
                received_at: r.parse(15, |t| t.parse().ok())?.ok_or_else(|| r.bad(15))?,
                state: r.get(16)?,
                state_why: r.get(17)?,
                receipt: r.get(18)?,
            })
        })
    }

    /// Says that an entry is now superseded, withdrawn, in conflict or in force again.
    ///
    /// # Errors
    /// What the engine says.
    pub fn set_entry_state(
        &mut self,
        county: u32,
        number: u64,
        state: &str,
        by: &str,
        why: Option<&str>,
    ) -> Result<(), StoreError> {
        self.execute(
            "update entry set state = $3, state_by = $4, state_why = $5 where county = $1 and entry_no = $2",
            &[county.into(), number.into(), state.into(), by.into(), why.into()],
        )?;
        Ok(())
    }

    /// Books what an entry says that another can gainsay.
    ///
    /// # Errors
    /// [`StoreError::Unique`] if it says the same field twice.
    pub fn add_facts(&mut self, county: u32, facts: &[EntryFact]) -> Result<(), StoreError> {
        self.bulk(
            "entry_fact",
            [
                "county",
                "entry_no",
                "subject_kind",
                "subject_id",
                "class",
                "on_day",
                "field",
                "value",
                "state",
            ],
            facts.iter().map(|f| {
                [
                    county.into(),
                    f.entry.into(),
                    f.subject.kind.code().into(),
                    f.subject.id.into(),
                    f.class.as_str().into(),
                    f.on.to_string().into(),
                    f.field.as_str().into(),
                    (&f.value).into(),
                    f.state.as_str().into(),
                ]
            }),
        )?;
        Ok(())
    }

    /// The facts of an entry, in the order of their subjects.
    ///
    /// # Errors
    /// What the engine says.
    pub fn facts_of(&mut self, county: u32, entry: u64) -> Result<Vec<EntryFact>, StoreError> {
        self.facts_where(county, "f.entry_no = $2", &[entry.into()])
    }

    /// What stands about a field of a subject on a day, the oldest first.
    ///
    /// # Errors
    /// What the engine says.
    pub fn facts_about(
        &mut self,
        county: u32,
        subject: Subject,
        class: &str,
        on: Date,
        field: &str,
    ) -> Result<Vec<EntryFact>, StoreError> {
        let mut facts = self.facts_open(county, subject, class, on, field)?;
        facts.retain(|f| f.state == "in_force");
        Ok(facts)
    }

    /// What stands about a field of several persons on a day, by person, each one's the oldest first.
    ///
    /// # Errors
    /// What the engine says.
    pub fn facts_about_some(
        &mut self,
        county: u32,
        persons: &[u64],
        on: Date,
        field: &str,
    ) -> Result<BTreeMap<u64, Vec<EntryFact>>, StoreError> {
        let mut found: BTreeMap<u64, Vec<EntryFact>> = BTreeMap::new();
        for chunk in persons.chunks(256) {
            let mut args: Vec<V> =
                vec![SubjectKind::Person.code().into(), on.to_string().into(), field.into()];
            args.extend(chunk.iter().map(|id| V::from(*id)));
            let marks = marks(5..5 + chunk.len());
            let condition = format!(
                "f.subject_kind = $2 and f.class = '' and f.on_day = $3 and f.field = $4 and f.state = 'in_force'
                 and f.subject_id in ({marks})"
            );
            for fact in self.facts_where(county, &condition, &args)? {
                found.entry(fact.subject.id).or_default().push(fact);
            }
        }
        Ok(found)
    }

    /// What stands or waits about a field of a subject on a day, the oldest first.
    ///
    /// # Errors
    /// What the engine says.
    pub fn facts_open(
        &mut self,
        county: u32,
        subject: Subject,
        class: &str,
        on: Date,
        field: &str,
    ) -> Result<Vec<EntryFact>, StoreError> {
        self.facts_where(
            county,
            "f.subject_kind = $2 and f.subject_id = $3 and f.class = $4 and f.on_day = $5 and f.field = $6
             and f.state in ('in_force', 'waiting')",
            &[
                subject.kind.code().into(),
                subject.id.into(),
                class.into(),
                on.to_string().into(),
                field.into(),
            ],
        )
    }

    fn facts_where(
        &mut self,
        county: u32,
        condition: &str,
        args: &[V],
    ) -> Result<Vec<EntryFact>, StoreError> {
        let sql = format!(
            "select f.entry_no, e.user_id, f.subject_kind, f.subject_id, f.class, f.on_day, f.field, f.value, f.state
               from entry_fact f join entry e on e.county = f.county and e.entry_no = f.entry_no
              where f.county = $1 and {condition}
              order by f.entry_no, f.subject_kind, f.subject_id, f.field"
        );
        let mut all = vec![V::from(county)];
        all.extend_from_slice(args);
        self.query(&sql, &all, |r| {
            Ok(EntryFact {
                entry: r.get(0)?,
                user: r.get(1)?,
                subject: subject(r, 2)?,
                class: r.get(4)?,
                on: r.parse(5, |t| t.parse().ok())?.ok_or_else(|| r.bad(5))?,
                field: r.get(6)?,
                value: r.get(7)?,
                state: r.get(8)?,
            })
        })
    }

    /// Says how facts of an entry stand now: one field of one subject, or all of them.
    ///
    /// # Errors
    /// What the engine says.
    pub fn set_fact_state(
        &mut self,
        county: u32,
        entry: u64,
        of: Option<(Subject, &str)>,
        state: &str,
    ) -> Result<(), StoreError> {
        let all = "update entry_fact set state = $3 where county = $1 and entry_no = $2";
        let mut args = vec![county.into(), entry.into(), state.into()];
        let mut sql = all.to_owned();
        if let Some((subject, field)) = of {
            sql.push_str(" and subject_kind = $4 and subject_id = $5 and field = $6");
            args.extend([subject.kind.code().into(), subject.id.into(), field.into()]);
        }
        self.execute(&sql, &args)?;
        Ok(())
    }

    /// Books that two entries gainsay each other; the number of the task.
    ///
    /// # Errors
    /// What the engine says.
    pub fn add_conflict(
        &mut self,
        county: u32,
        first: u64,
        second: &EntryFact,
        at: Timestamp,
    ) -> Result<u64, StoreError> {
        let number = self.next(county, "entry_conflict", "conflict_no")?;
        self.execute(
            "insert into entry_conflict (county, conflict_no, first_no, second_no, subject_kind, subject_id, class,
                                         on_day, field, made_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            &[
                county.into(),
                number.into(),
                first.into(),
                second.entry.into(),
                second.subject.kind.code().into(),
                second.subject.id.into(),
                second.class.as_str().into(),
                second.on.to_string().into(),
                second.field.as_str().into(),
                at.to_string().into(),
            ],
        )?;
        Ok(number)
    }

    /// Conflicts that wait, by number.
    ///
    /// # Errors
    /// What the engine says.
    pub fn open_conflicts(&mut self, county: u32) -> Result<Vec<EntryConflict>, StoreError> {
        self.conflicts_where(county, "decided is null", &[])
    }

    /// Conflicts that an entry is in, decided or not, by number.
    ///
    /// # Errors
    /// What the engine says.
    pub fn conflicts_of(
        &mut self,
        county: u32,
        entry: u64,
    ) -> Result<Vec<EntryConflict>, StoreError> {
        self.conflicts_where(county, "(first_no = $2 or second_no = $2)", &[entry.into()])
    }

    /// One conflict.
    ///
    /// # Errors
    /// What the engine says.
    pub fn conflict(
        &mut self,
        county: u32,
        number: u64,
    ) -> Result<Option<EntryConflict>, StoreError> {
        Ok(self.conflicts_where(county, "conflict_no = $2", &[number.into()])?.pop())
    }

    fn conflicts_where(
        &mut self,
        county: u32,
        condition: &str,
        args: &[V],
    ) -> Result<Vec<EntryConflict>, StoreError> {
        let sql = format!(
            "select {CONFLICT} from entry_conflict where county = $1 and {condition} order by conflict_no"
        );
        let mut all = vec![V::from(county)];
        all.extend_from_slice(args);
        self.query(&sql, &all, |r| {
            Ok(EntryConflict {
                number: r.get(0)?,
                first: r.get(1)?,
                second: r.get(2)?,
                subject: subject(r, 3)?,
                class: r.get(5)?,
                on: r.parse(6, |t| t.parse().ok())?.ok_or_else(|| r.bad(6))?,
                field: r.get(7)?,
                made_at: r.parse(8, |t| t.parse().ok())?.ok_or_else(|| r.bad(8))?,
                decided: r.get(9)?,
                decided_by: r.get(10)?,
                decided_why: r.get(11)?,
            })
        })
    }

    /// Closes a conflict; `false` if it was closed before.
    ///
    /// # Errors
    /// What the engine says.
    pub fn close_conflict(
        &mut self,
        county: u32,
        number: u64,
        decided: &str,
        by: &str,
        why: &str,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let closed = self.execute(
            "update entry_conflict set decided = $3, decided_at = $4, decided_by = $5, decided_why = $6
              where county = $1 and conflict_no = $2 and decided is null",
            &[
                county.into(),
                number.into(),
                decided.into(),
                at.to_string().into(),
                by.into(),
                why.into(),
            ],
        )?;
        Ok(closed == 1)
    }

    /// Books a picture.
    ///
    /// # Errors
    /// [`StoreError::Unique`] if its key is there, [`StoreError::ForeignKey`] if its entry is not.
    pub fn add_photo(
        &mut self,
        county: u32,
        photo: &EntryPhoto,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let sealed = self.keys.seal(&photo.bytes, &context(county, &photo.key));
        self.execute(
            "insert into entry_photo (county, photo_key, entry_no, sha256, kind, sealed, user_id, received_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
            &[
                county.into(),
                (&photo.key).into(),
                photo.entry.into(),
                (&photo.sha256).into(),
                photo.kind.as_str().into(),
                sealed.into(),
                photo.user.into(),
                at.to_string().into(),
            ],
        )?;
        Ok(())
    }

    /// A picture of a key.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] if it was changed; what the engine says.
    pub fn photo(&mut self, county: u32, key: &[u8; 16]) -> Result<Option<EntryPhoto>, StoreError> {
        let keys = self.keys;
        self.query_one(
            "select entry_no, sha256, kind, sealed, user_id from entry_photo where county = $1 and photo_key = $2",
            &[county.into(), key.into()],
            |r| {
                Ok(EntryPhoto {
                    key: *key,
                    entry: r.get(0)?,
                    sha256: r.get(1)?,
                    kind: r.get(2)?,
                    bytes: keys.open(r.get(3)?, &context(county, key))?,
                    user: r.get(4)?,
                })
            },
        )
    }

    /// Keys of the pictures of an entry, in the order in which they came.
    ///
    /// # Errors
    /// What the engine says.
    pub fn photos_of(&mut self, county: u32, entry: u64) -> Result<Vec<[u8; 16]>, StoreError> {
        self.query(
            "select photo_key from entry_photo where county = $1 and entry_no = $2 order by received_at, photo_key",
            &[county.into(), entry.into()],
            |r| r.get(0),
        )
    }

    /// Books one row into a file that grows: number and counts of the file and its one sheet go with it. The row's id.
    ///
    /// # Errors
    /// As for [`Tx::insert_rows`].
    pub fn grow_file(
        &mut self,
        county: u32,
        file: u64,
        row: &NewRow,
        link: RowLink,
    ) -> Result<u64, StoreError> {
        self.grow_file_by(county, file, std::slice::from_ref(row), &[link])
    }

    /// As [`Tx::grow_file`], for rows of one sheet; the id of the first.
    ///
    /// # Errors
    /// As for [`Tx::insert_rows`].
    ///
    /// # Panics
    /// If there is not a link a row.
    pub fn grow_file_by(
        &mut self,
        county: u32,
        file: u64,
        rows: &[NewRow],
        links: &[RowLink],
    ) -> Result<u64, StoreError> {
        assert_eq!(rows.len(), links.len(), "a link a row");
        let first = self.insert_rows(county, file, rows)?;
        let Some(sheet) = rows.first().map(|new| new.row.sheet) else { return Ok(first) };
        let updated = rows.iter().filter(|new| new.supersedes.is_some()).count() as u64;
        let all = rows.len() as u64;
        self.execute(
            "update file set rows_read = rows_read + $3, updated = updated + $4, created = created + $5
              where county = $1 and file_id = $2",
            &[county.into(), file.into(), all.into(), updated.into(), (all - updated).into()],
        )?;
        self.execute(
            "update sheet set rows_read = rows_read + $4 where county = $1 and file_id = $2 and sheet_no = $3",
            &[county.into(), file.into(), sheet.into(), all.into()],
        )?;
        self.bulk(
            "row_link",
            ["county", "row_id", "person_id", "household_id", "school_id"],
            (first..).zip(links).map(|(row_id, link)| {
                [
                    county.into(),
                    row_id.into(),
                    link.person.into(),
                    link.household.into(),
                    link.school.into(),
                ]
            }),
        )?;
        Ok(first)
    }

    /// The live rows of some natural keys, each with the hash of what it says.
    ///
    /// # Errors
    /// What the engine says.
    pub fn live_of_keys(
        &mut self,
        county: u32,
        kind: RosterKind,
        keys: &[[u8; 16]],
    ) -> Result<LiveRows, StoreError> {
        let mut out = std::collections::BTreeMap::new();
        for chunk in keys.chunks(256) {
            let mut args: Vec<V> = vec![county.into(), kind.code().into()];
            args.extend(chunk.iter().map(V::from));
            let marks = marks(3..=args.len());
            let sql = format!(
                "select natural_key, row_id, fingerprint from source_row
                  where county = $1 and kind = $2 and superseded_by is null and natural_key in ({marks})"
            );
            self.each(&sql, &args, |r| {
                out.insert(r.get(0)?, (r.get(1)?, r.get(2)?));
                Ok(())
            })?;
        }
        Ok(out)
    }

    /// The live row of a natural key, with what it says.
    ///
    /// # Errors
    /// What the engine says.
    pub fn live_of_key(
        &mut self,
        county: u32,
        kind: RosterKind,
        key: &[u8; 16],
    ) -> Result<Option<(u64, [u8; 16])>, StoreError> {
        self.query_one(
            "select row_id, fingerprint from source_row
              where county = $1 and natural_key = $2 and kind = $3 and superseded_by is null",
            &[county.into(), key.into(), kind.code().into()],
            |r| Ok((r.get(0)?, r.get(1)?)),
        )
    }
}

fn context(county: u32, key: &[u8; 16]) -> Vec<u8> {
    format!("entry {county} {}", crate::keys::hex(key)).into_bytes()
}

fn subject(r: &Row, column: usize) -> Result<Subject, StoreError> {
    let kind = r.parse(column, fujiao_model::SubjectKind::parse)?.ok_or_else(|| r.bad(column))?;
    Ok(Subject { kind, id: r.get(column + 1)? })
}
