//! Source rows: what an office said, once and for all.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use fujiao_model::{Field, Fields, RosterKind, SourceRow, Value};
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};

use crate::ahead::{ahead, behind};
use crate::books::{verdict_code, verdict_of};
use crate::{Keys, Row, StoreError, Tx, V, marks};

/// A row that comes in.
#[derive(Clone, Copy, Debug)]
pub struct NewRow<'a> {
    /// What it says.
    pub row: &'a SourceRow,
    /// [`Keys::digest`] of the roster's kind and what makes the row this row: for a payment its programme, term, person
    /// or account, batch and date. One live row has it.
    pub natural_key: [u8; 16],
    /// [`Keys::digest`] of all it says.
    pub fingerprint: [u8; 16],
    /// The live row that it corrects.
    pub supersedes: Option<u64>,
}

/// A row of the books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRow {
    /// From 1 within the county, in the order in which rows came in.
    pub row_id: u64,
    /// The file that it came in.
    pub file_id: u64,
    /// What it says.
    pub row: SourceRow,
}

/// By what a live row is known again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveKey {
    /// The row.
    pub row_id: u64,
    /// What its roster lists.
    pub kind: RosterKind,
    /// See [`NewRow::natural_key`].
    pub natural_key: [u8; 16],
    /// See [`NewRow::fingerprint`].
    pub fingerprint: [u8; 16],
}

/// A row of the books with whom it is about, as far as it was linked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkedRow {
    /// As [`StoredRow::row_id`].
    pub row_id: u64,
    /// The file that it came in.
    pub file_id: u64,
    /// What it says.
    pub row: SourceRow,
    /// The person.
    pub person: Option<u64>,
    /// The household.
    pub household: Option<u64>,
    /// The school.
    pub school: Option<u64>,
}

impl LinkedRow {
    /// The row alone.
    pub fn stored(self) -> StoredRow {
        StoredRow { row_id: self.row_id, file_id: self.file_id, row: self.row }
    }
}

/// Open fields that hold one which begins with a text, as a pattern.
fn holding((field, begins): (Field, &str)) -> String {
    format!("%\"{}\":\"{begins}%", field.code())
}

impl Tx<'_> {
    /// Adds the rows of one file; the id of the first, the others follow it in order. What a row supersedes is no
    /// longer live.
    ///
    /// # Errors
    /// [`StoreError::Unique`] if a live row has the natural key of one of these; [`StoreError::ForeignKey`] if the row
    /// to be superseded is not live.
    pub fn insert_rows(
        &mut self,
        county: u32,
        file_id: u64,
        rows: &[NewRow],
    ) -> Result<u64, StoreError> {
        let first: u64 = self
            .query_one(
                "select coalesce(max(row_id), 0) + 1 from source_row where county = $1",
                &[county.into()],
                |r| r.get(0),
            )?
            .unwrap_or(1);
        if rows.is_empty() {
            return Ok(first);
        }
        let superseded: Vec<(u64, u64)> =
            (first..).zip(rows).filter_map(|(id, new)| Some((new.supersedes?, id))).collect();
        self.supersede(county, &superseded)?;
        let keys = self.keys;
        ahead(
            rows,
            |at, new| encode(keys, county, first + at as u64, new.row),
            |encoded| {
                self.bulk(
                    "source_row",
                    [
                        "county",
                        "row_id",
                        "file_id",
                        "sheet_no",
                        "row_no",
                        "kind",
                        "verdict",
                        "natural_key",
                        "fingerprint",
                        "fields",
                        "sealed",
                    ],
                    (first..).zip(rows).zip(encoded).map(|((row_id, new), (fields, sealed))| {
                        [
                            county.into(),
                            row_id.into(),
                            file_id.into(),
                            new.row.sheet.into(),
                            new.row.row.into(),
                            new.row.kind.code().into(),
                            verdict_code(new.row.verdict).into(),
                            (&new.natural_key).into(),
                            (&new.fingerprint).into(),
                            fields.into(),
                            sealed.into(),
                        ]
                    }),
                )
            },
        )?;
        self.execute(
            "update file set first_row = coalesce(first_row, $3), last_row = $4
              where county = $1 and file_id = $2",
            &[county.into(), file_id.into(), first.into(), (first + rows.len() as u64 - 1).into()],
        )?;
        Ok(first)
    }

    /// Marks rows as superseded, (old, new) each.
    fn supersede(&mut self, county: u32, pairs: &[(u64, u64)]) -> Result<(), StoreError> {
        for chunk in pairs.chunks(256) {
            let values: Vec<String> = (0..chunk.len())
                .map(|n| {
                    format!("(cast(${} as bigint), cast(${} as bigint))", n * 2 + 2, n * 2 + 3)
                })
                .collect();
            let sql = format!(
                "update source_row set superseded_by = v.column2
                   from (values {}) as v
                  where county = $1 and row_id = v.column1 and superseded_by is null",
                values.join(", ")
            );
            let mut args = vec![V::from(county)];
            args.extend(chunk.iter().flat_map(|(old, new)| [V::from(*old), V::from(*new)]));
            if self.execute(&sql, &args)? != chunk.len() as u64 {
                self.failed = true;
                return Err(StoreError::ForeignKey("被更正的来源行不存在，或已被更正过".into()));
            }
        }
        Ok(())
    }

    /// All live rows, by id. 450 000 rows take about a second.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] or [`StoreError::Sealed`] for a row that does not read back.
    pub fn rows(&mut self, county: u32) -> Result<Vec<StoredRow>, StoreError> {
        self.read_rows(county, include_str!("../queries/live_rows.sql"), &[county.into()])
    }

    /// Live rows of one kind of roster, in the order in which they came in, each with whom the last linking says that it is
    /// about. `with`: only those one of whose fields begins with a text (open fields alone).
    ///
    /// # Errors
    /// As for [`Tx::rows`].
    pub fn rows_of_kind(
        &mut self,
        county: u32,
        kind: RosterKind,
        with: Option<(Field, &str)>,
    ) -> Result<Vec<LinkedRow>, StoreError> {
        let mut args: Vec<V> = vec![county.into(), kind.code().into()];
        let mut holding = "";
        if let Some((field, begins)) = with {
            args.push(self::holding((field, begins)).into());
            holding = " and s.fields like $3";
        }
        let sql = include_str!("../queries/rows_of_kind.sql")
            .replace("/*index*/", &self.through("source_row_kind"))
            .replace("/*holding*/", holding);
        let rows = self.read_rows_with(county, &sql, &args, |r| {
            Ok((r.get::<Option<u64>>(8)?, r.get::<Option<u64>>(9)?, r.get::<Option<u64>>(10)?))
        })?;
        Ok(rows
            .into_iter()
            .map(|((person, household, school), StoredRow { row_id, file_id, row })| LinkedRow {
                row_id,
                file_id,
                row,
                person,
                household,
                school,
            })
            .collect())
    }

    /// The months of an open date in the live rows of one roster, `2025-09` and so on, rising.
    ///
    /// # Errors
    /// What the engine says.
    pub fn months_of(
        &mut self,
        county: u32,
        kind: RosterKind,
        field: Field,
    ) -> Result<Vec<String>, StoreError> {
        let before = format!("\"{}\":\"", field.code());
        let find = if self.is_sqlite() { "instr" } else { "strpos" };
        // One walk through the rows of the kind, and no row is read out.
        let sql = format!(
            "select distinct substr(fields, {find}(fields, $3) + {}, 7) from source_row {}
              where county = $1 and kind = $2 and superseded_by is null and {find}(fields, $3) > 0",
            before.len(),
            self.through("source_row_kind")
        );
        let args = [county.into(), kind.code().into(), before.as_str().into()];
        let mut months: Vec<String> = self.query(&sql, &args, |r| r.get(0))?;
        // Of a date whose month nobody knows the year alone stands there.
        months.retain(|month| month.as_bytes().get(4) == Some(&b'-'));
        months.sort_unstable();
        Ok(months)
    }

    /// Rows `first` to `last`, live or superseded: those of one file, or one row.
    ///
    /// # Errors
    /// As for [`Tx::rows`].
    pub fn rows_between(
        &mut self,
        county: u32,
        first: u64,
        last: u64,
    ) -> Result<Vec<StoredRow>, StoreError> {
        let args = [county.into(), first.into(), last.into()];
        self.read_rows(county, include_str!("../queries/rows_between.sql"), &args)
    }

    /// Live rows about a person, as the last linking found.
    ///
    /// # Errors
    /// As for [`Tx::rows`].
    pub fn rows_of_person(
        &mut self,
        county: u32,
        person: u64,
    ) -> Result<Vec<StoredRow>, StoreError> {
        let args = [county.into(), person.into()];
        self.read_rows(county, include_str!("../queries/rows_of_person.sql"), &args)
    }

    /// Live rows of one kind about some persons, with the person, by row id.
    ///
    /// # Errors
    /// As for [`Tx::rows`].
    pub fn rows_of_persons(
        &mut self,
        county: u32,
        kind: RosterKind,
        persons: &[u64],
    ) -> Result<Vec<(u64, StoredRow)>, StoreError> {
        // All rows of many persons lie all over the table; those of one kind lie together.
        if persons.len() > 1_000 {
            let asked: BTreeSet<u64> = persons.iter().copied().collect();
            let rows = self.rows_of_kind(county, kind, None)?.into_iter();
            let theirs = rows.filter_map(|row| {
                let person = row.person.filter(|person| asked.contains(person))?;
                Some((person, row.stored()))
            });
            return Ok(theirs.collect());
        }
        self.rows_among(county, Some(kind), persons)
    }

    /// Live rows of all kinds about some persons, as the last linking found, by person, each one's in the order in which they came in.
    /// For few persons: those of many lie all over the table.
    ///
    /// # Errors
    /// As for [`Tx::rows`].
    pub fn rows_about(
        &mut self,
        county: u32,
        persons: &[u64],
    ) -> Result<BTreeMap<u64, Vec<StoredRow>>, StoreError> {
        let mut found: BTreeMap<u64, Vec<StoredRow>> = BTreeMap::new();
        for (person, row) in self.rows_among(county, None, persons)? {
            found.entry(person).or_default().push(row);
        }
        Ok(found)
    }

    fn rows_among(
        &mut self,
        county: u32,
        kind: Option<RosterKind>,
        persons: &[u64],
    ) -> Result<Vec<(u64, StoredRow)>, StoreError> {
        let mut out = Vec::new();
        for chunk in persons.chunks(256) {
            let mut args: Vec<V> = vec![county.into()];
            args.extend(chunk.iter().map(|id| V::from(*id)));
            let marks = marks(2..=args.len());
            let of_kind = kind.map_or_else(String::new, |kind| {
                args.push(kind.code().into());
                format!(" and s.kind = ${}", args.len())
            });
            let sql = format!(
                "select s.row_id, s.file_id, s.sheet_no, s.row_no, s.kind, s.verdict, s.fields, s.sealed, l.person_id
                   from row_link l
                   join source_row s on s.county = l.county and s.row_id = l.row_id
                  where l.county = $1 and s.superseded_by is null and l.person_id in ({marks}){of_kind}
                  order by s.row_id"
            );
            out.extend(self.read_rows_with(county, &sql, &args, |r| r.get(8))?);
        }
        Ok(out)
    }

    /// By what each live row is known again, by row id.
    ///
    /// # Errors
    /// What the engine says.
    pub fn live_keys(&mut self, county: u32) -> Result<Vec<LiveKey>, StoreError> {
        self.query(include_str!("../queries/live_keys.sql"), &[county.into()], |r| {
            Ok(LiveKey {
                row_id: r.get(0)?,
                kind: r.parse(1, RosterKind::parse)?.ok_or_else(|| r.bad(1))?,
                natural_key: r.get(2)?,
                fingerprint: r.get(3)?,
            })
        })
    }

    pub(crate) fn read_rows(
        &mut self,
        county: u32,
        sql: &str,
        args: &[V],
    ) -> Result<Vec<StoredRow>, StoreError> {
        let rows = self.read_rows_with(county, sql, args, |_| Ok(()))?;
        Ok(rows.into_iter().map(|((), row)| row).collect())
    }

    /// Rows, each with what else its line of the answer says: the columns after the eight of a row.
    fn read_rows_with<X: Send>(
        &mut self,
        county: u32,
        sql: &str,
        args: &[V],
        mut more: impl FnMut(&Row) -> Result<X, StoreError>,
    ) -> Result<Vec<(X, StoredRow)>, StoreError> {
        let keys = self.keys;
        behind(
            |chunk: Chunk<X>| chunk.decode(keys, county),
            |send| {
                let mut chunk = Chunk::new();
                self.each(sql, args, |r| {
                    chunk.push(r, more(r)?)?;
                    if chunk.lines.len() == 2048 {
                        send(std::mem::replace(&mut chunk, Chunk::new()));
                    }
                    Ok(())
                })?;
                send(chunk);
                Ok(())
            },
        )
    }
}

/// Rows as read, before decoding: their texts and sealed bytes end to end.
struct Chunk<X> {
    lines: Vec<Line<X>>,
    text: String,
    sealed: Vec<u8>,
}

struct Line<X> {
    more: X,
    row_id: u64,
    file_id: u64,
    head: SourceRow,
    text_end: usize,
    sealed_end: usize,
}

impl<X> Chunk<X> {
    fn new() -> Self {
        Self { lines: Vec::new(), text: String::new(), sealed: Vec::new() }
    }

    fn push(&mut self, r: &Row, more: X) -> Result<(), StoreError> {
        self.text.push_str(r.get(6)?);
        self.sealed.extend_from_slice(r.get::<Option<&[u8]>>(7)?.unwrap_or_default());
        self.lines.push(Line {
            more,
            row_id: r.get(0)?,
            file_id: r.get(1)?,
            head: SourceRow {
                sheet: r.get(2)?,
                row: r.get(3)?,
                kind: r.parse(4, RosterKind::parse)?.ok_or_else(|| r.bad(4))?,
                verdict: r.parse(5, verdict_of)?.ok_or_else(|| r.bad(5))?,
                fields: Fields::new(),
                extra: Vec::new(),
            },
            text_end: self.text.len(),
            sealed_end: self.sealed.len(),
        });
        Ok(())
    }

    fn decode(self, keys: &Keys, county: u32) -> Result<Vec<(X, StoredRow)>, StoreError> {
        let (mut text_from, mut sealed_from) = (0, 0);
        let mut out = Vec::with_capacity(self.lines.len());
        for Line { more, row_id, file_id, mut head, text_end, sealed_end } in self.lines {
            let text = &self.text[text_from..text_end];
            let sealed = &self.sealed[sealed_from..sealed_end];
            (text_from, sealed_from) = (text_end, sealed_end);
            let bad = |column| StoreError::unreadable("source_row", column, row_id);
            let fields: Vec<(Field, Value)> =
                serde_json::from_str::<Known>(text).map_err(|_| bad("fields"))?.0;
            let mut secret = Secret::default();
            if !sealed.is_empty() {
                let plain = keys.open(sealed, &context(county, row_id))?;
                secret = serde_json::from_slice(&plain).map_err(|_| bad("sealed"))?;
            }
            head.fields = merged(fields, secret.fields.0);
            head.extra = secret.extra;
            out.push((more, StoredRow { row_id, file_id, row: head }));
        }
        Ok(out)
    }
}

/// Both halves in the order of their fields, so that nothing is moved when the row is built.
fn merged(open: Vec<(Field, Value)>, secret: Vec<(Field, Value)>) -> Fields {
    let mut all = open;
    all.extend(secret);
    all.sort_by_key(|(field, _)| *field);
    all.into_iter().collect()
}

fn context(county: u32, row_id: u64) -> Vec<u8> {
    format!("source_row {county} {row_id}").into_bytes()
}

/// The open half as JSON, and the secret half with unknown columns (who knows what stands there) sealed.
fn encode(keys: &Keys, county: u32, row_id: u64, row: &SourceRow) -> (String, Option<Vec<u8>>) {
    let json = |part: &dyn Fn(&mut Vec<u8>) -> serde_json::Result<()>| {
        let mut out = Vec::with_capacity(256);
        part(&mut out).expect("texts and maps with text keys always write");
        out
    };
    let open =
        json(&|out| serde_json::to_writer(out, &Half { fields: &row.fields, secret: false }));
    let has_secret = row.fields.iter().any(|(field, _)| field.is_secret()) || !row.extra.is_empty();
    let sealed = has_secret.then(|| {
        let half =
            SecretHalf { fields: Half { fields: &row.fields, secret: true }, extra: &row.extra };
        let plain = json(&|out| serde_json::to_writer(out, &half));
        keys.seal(&plain, &context(county, row_id))
    });
    (String::from_utf8(open).expect("JSON is UTF-8"), sealed)
}

/// The open or the secret fields of a row, as a map from field code to stored value.
struct Half<'a> {
    fields: &'a Fields,
    secret: bool,
}

impl Serialize for Half<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (field, value) in self.fields.iter().filter(|(f, _)| f.is_secret() == self.secret) {
            let text: Cow<str> = match value {
                Value::Text(text) => Cow::Borrowed(text),
                Value::Code(code) => Cow::Borrowed(code),
                Value::Id(id) => Cow::Borrowed(id.reveal()),
                other => Cow::Owned(other.stored()),
            };
            map.serialize_entry(field.code(), &text)?;
        }
        map.end()
    }
}

#[derive(Serialize)]
struct SecretHalf<'a> {
    #[serde(rename = "f")]
    fields: Half<'a>,
    #[serde(rename = "x", skip_serializing_if = "<[_]>::is_empty")]
    extra: &'a [(u16, Box<str>)],
}

#[derive(Default, Deserialize)]
struct Secret {
    #[serde(rename = "f")]
    fields: Known,
    #[serde(rename = "x", default)]
    extra: Vec<(u16, Box<str>)>,
}

/// What [`Half`] wrote.
#[derive(Default)]
struct Known(Vec<(Field, Value)>);

impl<'de> Deserialize<'de> for Known {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Map;
        impl<'de> Visitor<'de> for Map {
            type Value = Known;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a map from field codes to stored values")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Known, A::Error> {
                let mut out = Vec::with_capacity(16);
                while let Some(Text(code)) = map.next_key()? {
                    let Some(field) = Field::from_code(&code) else {
                        map.next_value::<IgnoredAny>()?;
                        return Err(serde::de::Error::custom("a field that is not documented"));
                    };
                    let Text(text) = map.next_value()?;
                    let value = Value::from_stored(field, &text)
                        .ok_or_else(|| serde::de::Error::custom("a value of another type"))?;
                    out.push((field, value));
                }
                Ok(Known(out))
            }
        }
        deserializer.deserialize_map(Map)
    }
}

/// A text, borrowed where it holds no escapes.
struct Text<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyText;
        impl<'de> Visitor<'de> for AnyText {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(AnyText)
    }
}
