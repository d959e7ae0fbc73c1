//! Counties, the files that came in, what was found in them, and the headers that people confirmed.

use fujiao_model::{Cell, Field, Finding, FindingKind, RosterKind, RowVerdict};
use jiff::Timestamp;

use crate::{Row, StoreError, Tx};

/// A county of these books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct County {
    /// Six digits.
    pub code: u32,
    /// Its name.
    pub name: String,
    /// Made, not real: every page says 示例数据.
    pub made: bool,
    /// The assessment that pages show; `None` before the first.
    pub live_run: Option<u64>,
}

/// What became of the rows of a file: read = created + updated + unchanged + parked + refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Rows below the headers that hold anything.
    pub read: u64,
    /// New.
    pub created: u64,
    /// Correct an earlier row.
    pub updated: u64,
    /// Say what an earlier row said.
    pub unchanged: u64,
    /// In, with a doubtful cell left out.
    pub parked: u64,
    /// Not taken.
    pub refused: u64,
}

impl Tally {
    /// Whether nothing was dropped in silence.
    pub fn adds_up(&self) -> bool {
        self.read == self.created + self.updated + self.unchanged + self.parked + self.refused
    }
}

/// A workbook that comes in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFile<'a> {
    /// Of its bytes.
    pub sha256: [u8; 32],
    /// File name without folders.
    pub name: &'a str,
    /// The folder that it came in, by which offices are told apart.
    pub office: Option<&'a str>,
    /// When, told by the caller.
    pub imported_at: Timestamp,
    /// What its sheets list, each once.
    pub kinds: &'a [RosterKind],
    /// What became of its rows.
    pub tally: Tally,
}

/// A workbook that came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// From 1 within the county.
    pub id: u64,
    /// Of its bytes.
    pub sha256: [u8; 32],
    /// File name without folders.
    pub name: String,
    /// The folder that it came in.
    pub office: Option<String>,
    /// When.
    pub imported_at: Timestamp,
    /// What its sheets list.
    pub kinds: Vec<RosterKind>,
    /// First and last of its source rows; `None` if it brought none.
    pub rows: Option<(u64, u64)>,
    /// What became of its rows.
    pub tally: Tally,
}

/// A sheet of a workbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// From 0.
    pub number: u16,
    /// As its tab says.
    pub name: String,
    /// What it lists; `None` if not recognised.
    pub kind: Option<RosterKind>,
    /// Rows read.
    pub rows_read: u64,
}

/// A finding with its place in the books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFinding {
    /// The file.
    pub file_id: u64,
    /// From 0 within the file.
    pub number: u64,
    /// What was found.
    pub finding: Finding,
    /// Whether it still waits for a person.
    pub open: bool,
}

/// A header that a person confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderWord {
    /// In rosters of which kind.
    pub kind: RosterKind,
    /// As the workbook writes it, normalised by `intake`.
    pub header: String,
    /// What it means.
    pub field: Field,
}

impl Tx<'_> {
    /// Adds a county, or renames it; its assessment stays.
    ///
    /// # Errors
    /// What the engine says.
    pub fn put_county(&mut self, code: u32, name: &str, made: bool) -> Result<(), StoreError> {
        self.execute(
            "insert into county (county, name, made) values ($1, $2, $3)
             on conflict (county) do update set name = excluded.name, made = excluded.made",
            &[code.into(), name.into(), made.into()],
        )?;
        Ok(())
    }

    /// The counties of these books, by code.
    ///
    /// # Errors
    /// What the engine says.
    pub fn counties(&mut self) -> Result<Vec<County>, StoreError> {
        self.query("select county, name, made, live_run from county order by county", &[], |r| {
            Ok(County { code: r.get(0)?, name: r.get(1)?, made: r.get(2)?, live_run: r.get(3)? })
        })
    }

    /// Books a file and its sheets, before its rows ([`Tx::insert_rows`]); its id.
    ///
    /// # Errors
    /// [`StoreError::Unique`] if the same bytes came in before.
    ///
    /// # Panics
    /// If the tally does not add up: rows would have been dropped in silence.
    pub fn add_file(
        &mut self,
        county: u32,
        file: &NewFile,
        sheets: &[Sheet],
    ) -> Result<u64, StoreError> {
        assert!(file.tally.adds_up(), "{:?} of {} adds up", file.tally, file.name);
        let id: u64 = self
            .query_one(
                "select coalesce(max(file_id), 0) + 1 from file where county = $1",
                &[county.into()],
                |r| r.get(0),
            )?
            .unwrap_or(1);
        let kinds: Vec<&str> = file.kinds.iter().map(|k| k.code()).collect();
        let t = file.tally;
        self.bulk(
            "file",
            [
                "county",
                "file_id",
                "sha256",
                "name",
                "office",
                "imported_at",
                "kinds",
                "rows_read",
                "created",
                "updated",
                "unchanged",
                "parked",
                "refused",
            ],
            [[
                county.into(),
                id.into(),
                file.sha256.into(),
                file.name.into(),
                file.office.into(),
                file.imported_at.to_string().into(),
                kinds.join(" ").into(),
                t.read.into(),
                t.created.into(),
                t.updated.into(),
                t.unchanged.into(),
                t.parked.into(),
                t.refused.into(),
            ]],
        )?;
        self.bulk(
            "sheet",
            ["county", "file_id", "sheet_no", "name", "kind", "rows_read"],
            sheets.iter().map(|s| {
                [
                    county.into(),
                    id.into(),
                    s.number.into(),
                    s.name.as_str().into(),
                    s.kind.map(RosterKind::code).into(),
                    s.rows_read.into(),
                ]
            }),
        )?;
        Ok(id)
    }

    /// The files that came in, in that order.
    ///
    /// # Errors
    /// What the engine says.
    pub fn files(&mut self, county: u32) -> Result<Vec<File>, StoreError> {
        self.query(include_str!("../queries/files.sql"), &[county.into()], file)
    }

    /// The file of these bytes; `None` if it never came in.
    ///
    /// # Errors
    /// What the engine says.
    pub fn file_of_bytes(
        &mut self,
        county: u32,
        sha256: &[u8; 32],
    ) -> Result<Option<File>, StoreError> {
        self.query_one(
            include_str!("../queries/file_of_bytes.sql"),
            &[county.into(), sha256.into()],
            file,
        )
    }

    /// The sheets of all files, each with its file's id.
    ///
    /// # Errors
    /// What the engine says.
    pub fn sheets(&mut self, county: u32) -> Result<Vec<(u64, Sheet)>, StoreError> {
        let sql = "select file_id, sheet_no, name, kind, rows_read from sheet
                    where county = $1 order by file_id, sheet_no";
        self.query(sql, &[county.into()], |r| {
            Ok((
                r.get(0)?,
                Sheet {
                    number: r.get(1)?,
                    name: r.get(2)?,
                    kind: r.parse(3, RosterKind::parse)?,
                    rows_read: r.get(4)?,
                },
            ))
        })
    }

    /// Books what was found in a file; open.
    ///
    /// # Errors
    /// [`StoreError::Unique`] if its findings are booked already.
    pub fn add_findings(
        &mut self,
        county: u32,
        file_id: u64,
        findings: &[Finding],
    ) -> Result<(), StoreError> {
        self.bulk(
            "finding",
            [
                "county",
                "file_id",
                "finding_no",
                "sheet_no",
                "row_no",
                "column_no",
                "field",
                "kind",
                "reason",
                "remedy",
                "verdict",
                "state",
            ],
            (0_u64..).zip(findings).map(|(number, f)| {
                [
                    county.into(),
                    file_id.into(),
                    number.into(),
                    f.cell.sheet.into(),
                    f.cell.row.into(),
                    f.cell.column.into(),
                    f.field.map(Field::code).into(),
                    f.kind.code().into(),
                    f.reason.as_str().into(),
                    f.remedy.as_str().into(),
                    verdict_code(f.verdict).into(),
                    "open".into(),
                ]
            }),
        )?;
        Ok(())
    }

    /// What was found in a file.
    ///
    /// # Errors
    /// What the engine says.
    pub fn findings(
        &mut self,
        county: u32,
        file_id: u64,
    ) -> Result<Vec<StoredFinding>, StoreError> {
        let sql = include_str!("../queries/findings.sql");
        self.query(sql, &[county.into(), file_id.into()], |r| {
            Ok(StoredFinding {
                number: r.get(0)?,
                file_id: r.get(1)?,
                finding: Finding {
                    cell: Cell { sheet: r.get(2)?, row: r.get(3)?, column: r.get(4)? },
                    field: r.parse(5, Field::from_code)?,
                    kind: r.parse(6, FindingKind::parse)?.ok_or_else(|| r.bad(6))?,
                    reason: r.get(7)?,
                    remedy: r.get(8)?,
                    verdict: r.parse(9, verdict_of)?.ok_or_else(|| r.bad(9))?,
                },
                open: r.get::<&str>(10)? == "open",
            })
        })
    }

    /// Remembers what a header means; a later word replaces an earlier one.
    ///
    /// # Errors
    /// What the engine says.
    pub fn remember_header(
        &mut self,
        county: u32,
        word: &HeaderWord,
        at: Timestamp,
        actor: &str,
    ) -> Result<(), StoreError> {
        self.execute(
            "insert into header_word (county, kind, header, field, at, actor)
             values ($1, $2, $3, $4, $5, $6)
             on conflict (county, kind, header)
             do update set field = excluded.field, at = excluded.at, actor = excluded.actor",
            &[
                county.into(),
                word.kind.code().into(),
                word.header.as_str().into(),
                word.field.code().into(),
                at.to_string().into(),
                actor.into(),
            ],
        )?;
        Ok(())
    }

    /// The headers that people confirmed, by kind and wording.
    ///
    /// # Errors
    /// What the engine says.
    pub fn header_words(&mut self, county: u32) -> Result<Vec<HeaderWord>, StoreError> {
        let sql = "select kind, header, field from header_word where county = $1
                    order by kind, header";
        self.query(sql, &[county.into()], |r| {
            Ok(HeaderWord {
                kind: r.parse(0, RosterKind::parse)?.ok_or_else(|| r.bad(0))?,
                header: r.get(1)?,
                field: r.parse(2, Field::from_code)?.ok_or_else(|| r.bad(2))?,
            })
        })
    }
}

fn file(r: &Row) -> Result<File, StoreError> {
    let kinds = r.get::<&str>(5)?;
    Ok(File {
        id: r.get(0)?,
        sha256: r.get(1)?,
        name: r.get(2)?,
        office: r.get(3)?,
        imported_at: r.parse(4, |t| t.parse().ok())?.ok_or_else(|| r.bad(4))?,
        kinds: kinds
            .split_whitespace()
            .map(RosterKind::parse)
            .collect::<Option<_>>()
            .ok_or_else(|| r.bad(5))?,
        rows: r.get::<Option<u64>>(6)?.zip(r.get::<Option<u64>>(7)?),
        tally: Tally {
            read: r.get(8)?,
            created: r.get(9)?,
            updated: r.get(10)?,
            unchanged: r.get(11)?,
            parked: r.get(12)?,
            refused: r.get(13)?,
        },
    })
}

pub(crate) fn verdict_code(verdict: RowVerdict) -> &'static str {
    match verdict {
        RowVerdict::Good => "good",
        RowVerdict::Parked => "parked",
        RowVerdict::Refused => "refused",
    }
}

pub(crate) fn verdict_of(code: &str) -> Option<RowVerdict> {
    match code {
        "good" => Some(RowVerdict::Good),
        "parked" => Some(RowVerdict::Parked),
        "refused" => Some(RowVerdict::Refused),
        _ => None,
    }
}
