//! Taking in workbooks: each file is one transaction in which good rows go in, doubtful ones wait, bad ones go back.

mod known;
mod within;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, mpsc};

use fujiao_intake::{Intake, Lexicon, Sureness, Workbook};
use fujiao_model::{Field, Finding, FindingKind, RosterKind, RowVerdict};
use fujiao_store::{Event, Keys, NewFile, NewRow, Sheet, Tally, Tx};
use jiff::Timestamp;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::natural_key::{Hash128, fingerprint, natural_key};
use crate::school::Judge;
use crate::{Office, OfficeError, Progress};
use known::Known;
pub(crate) use within::Within;

/// A workbook on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    /// Where it lies.
    pub path: PathBuf,
    /// How it is called: the path within the folder that was handed over, with `/`.
    pub name: String,
}

/// How to take workbooks in.
#[derive(Clone, Copy, Debug)]
pub struct ImportHow {
    /// Only say what would become of each row.
    pub dry_run: bool,
    /// Take files that the brake would stop.
    pub force: bool,
    /// Now.
    pub at: Timestamp,
}

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileState {
    /// Its rows are in the books.
    Taken,
    /// The same bytes came in before: nothing to do.
    Known,
    /// The brake stopped it: nothing of it is in the books.
    Stopped(String),
    /// It cannot be read: nothing of it is in the books.
    Unreadable(String),
}

impl FileState {
    /// For programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Known => "known",
            Self::Stopped(_) => "stopped",
            Self::Unreadable(_) => "unreadable",
        }
    }

    /// Whether its rows are in the books.
    pub fn is_taken(&self) -> bool {
        matches!(self, Self::Taken | Self::Known)
    }

    /// What there is to say, with the remedy.
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::Taken => None,
            Self::Known => Some("收过，内容没变"),
            Self::Stopped(why) | Self::Unreadable(why) => Some(why),
        }
    }
}

/// A copy of the sender's workbook with reasons and remedies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returned {
    /// Path within the folder of returned copies.
    pub name: String,
    /// The .xlsx.
    pub bytes: Vec<u8>,
}

/// A sheet as it was recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenSheet {
    /// Its name.
    pub name: String,
    /// What it lists; `None`: not recognised.
    pub kind: Option<RosterKind>,
    /// How sure that is, 0–100.
    pub score: u8,
    /// Rows read.
    pub rows: u64,
    /// Its columns.
    pub columns: Vec<fujiao_intake::Column>,
    /// What a person should look at: the first of them.
    pub findings: Vec<Finding>,
    /// How many there are in all.
    pub findings_total: u64,
}

/// Where the bytes of workbooks come from, in what portions they are booked, and when to stop.
pub(crate) struct Feed<'a> {
    /// The bytes of a file.
    pub(crate) bytes: &'a (dyn Fn(&Incoming) -> std::io::Result<Vec<u8>> + Sync),
    /// Files booked together.
    pub(crate) portion: usize,
    /// Asked between portions.
    pub(crate) stop: &'a dyn Fn() -> bool,
    /// Who takes them in, for the audit.
    pub(crate) by: &'a str,
    /// The schools that whoever sends these may send about; `None`: everything.
    pub(crate) within: Option<Within>,
}

/// One file of an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileOutcome {
    /// As handed over.
    pub name: String,
    /// What became of it.
    pub state: FileState,
    /// Codes of what its sheets list.
    pub kinds: Vec<&'static str>,
    /// Its rows.
    pub counts: Tally,
    /// Things to know: columns that were guessed or not understood.
    pub notes: Vec<String>,
    /// What goes back to the sender.
    pub returned: Option<Returned>,
    /// Its sheets; empty for a file that came in before or cannot be read.
    pub sheets: Vec<SeenSheet>,
}

/// All files of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// In the order in which they were handed over.
    pub files: Vec<FileOutcome>,
}

impl ImportReport {
    /// Rows over all files; read = created + updated + unchanged + parked + refused.
    pub fn total(&self) -> Tally {
        self.files.iter().fold(Tally::default(), |sum, f| Tally {
            read: sum.read + f.counts.read,
            created: sum.created + f.counts.created,
            updated: sum.updated + f.counts.updated,
            unchanged: sum.unchanged + f.counts.unchanged,
            parked: sum.parked + f.counts.parked,
            refused: sum.refused + f.counts.refused,
        })
    }
}

/// Share of refused rows at which a file is taken for the wrong one.
const BRAKE_PERCENT: u64 = 30;
/// Below so many rows the brake does not judge.
const BRAKE_FROM: u64 = 20;
/// Files read at one time: bounds memory, keeps all cores busy.
const BATCH: usize = 24;

/// A file that was read, its rows keyed.
struct Parsed {
    sha256: [u8; 32],
    intake: Intake,
    /// For each row that is not refused, in order: sheet, position in it, natural key, fingerprint.
    keyed: Vec<(usize, usize, Hash128, Hash128)>,
    returned: Option<Returned>,
}

enum Reading {
    Known,
    Failed(String),
    Read(Box<Parsed>),
}

impl Office {
    /// Takes workbooks in, in the order given. A file comes in whole or not at all; the same bytes come in once.
    ///
    /// # Errors
    /// What the store says. A file that cannot be read or is stopped is an outcome in the report.
    pub fn import(
        &mut self,
        files: &[Incoming],
        how: &ImportHow,
        progress: &Progress<'_>,
    ) -> Result<ImportReport, OfficeError> {
        let bytes = |file: &Incoming| std::fs::read(&file.path);
        let feed =
            Feed { bytes: &bytes, portion: BATCH, stop: &|| false, by: "fujiao", within: None };
        self.import_from(files, &feed, how, progress)
    }

    /// As [`Office::import`], from wherever the bytes are. What was booked before a stop stays booked.
    pub(crate) fn import_from(
        &mut self,
        files: &[Incoming],
        feed: &Feed<'_>,
        how: &ImportHow,
        progress: &Progress<'_>,
    ) -> Result<ImportReport, OfficeError> {
        let lexicon = self.lexicon()?;
        let mut books = self.known()?;
        let known: BTreeSet<[u8; 32]> = books.files.keys().copied().collect();
        let keys = Arc::clone(&self.keys);
        let judge = self.judge(crate::access::china_day(how.at))?;
        let mut report = ImportReport::default();
        // One batch is read while the one before is booked: reading keeps all cores busy, booking one.
        let (give, take) = mpsc::sync_channel::<Vec<([u8; 32], Reading)>>(1);
        let (bytes, portion) = (feed.bytes, feed.portion);
        std::thread::scope(|scope| {
            scope.spawn(move || {
                for batch in files.chunks(portion) {
                    let readings = batch
                        .par_iter()
                        .map(|file| read(file, bytes(file), &lexicon, &keys, &known, &judge))
                        .collect();
                    if give.send(readings).is_err() {
                        return; // the booking stopped on an error
                    }
                }
            });
            for (batch, readings) in files.chunks(portion).zip(take) {
                if (feed.stop)() {
                    break;
                }
                progress("收名册", report.files.len() as u64, files.len() as u64);
                self.settle_county(readings.iter().filter_map(|(_, r)| match r {
                    Reading::Read(parsed) => Some(&parsed.intake),
                    _ => None,
                }))?;
                if how.dry_run {
                    report.files.extend(self.take_batch(
                        None,
                        (batch, feed),
                        readings,
                        how,
                        &mut books,
                    )?);
                } else {
                    // One transaction a batch, so that its files cost one sync: whole files all the same.
                    let outcomes = self.store.write(|tx| {
                        self.take_batch(Some(tx), (batch, feed), readings, how, &mut books)
                    })?;
                    report.files.extend(outcomes);
                }
            }
            Ok::<(), OfficeError>(())
        })?;
        progress("收名册", files.len() as u64, files.len() as u64);
        Ok(report)
    }

    /// What becomes of a batch of files, booked where there are books to write in.
    fn take_batch(
        &self,
        mut tx: Option<&mut Tx<'_>>,
        (batch, feed): (&[Incoming], &Feed<'_>),
        readings: Vec<([u8; 32], Reading)>,
        how: &ImportHow,
        books: &mut Known,
    ) -> Result<Vec<FileOutcome>, OfficeError> {
        let mut outcomes = Vec::with_capacity(batch.len());
        for (file, (sha256, reading)) in batch.iter().zip(readings) {
            outcomes.push(match reading {
                Reading::Failed(why) => failed(file, FileState::Unreadable(why)),
                Reading::Known => known_again(file, books.files[&sha256]),
                Reading::Read(_) if books.files.contains_key(&sha256) => {
                    known_again(file, books.files[&sha256])
                }
                Reading::Read(parsed) => {
                    let theirs = feed.within.as_ref().and_then(|w| w.refuses(&parsed.intake));
                    let outcome = match theirs {
                        Some(why) => {
                            let Parsed { intake, returned, .. } = *parsed;
                            let mut outcome = first_look(file, &intake, returned, how.force);
                            outcome.stop(why);
                            outcome
                        }
                        None => {
                            self.take(tx.as_deref_mut(), (file, feed.by), *parsed, how, books)?
                        }
                    };
                    if outcome.state.is_taken() {
                        books.files.insert(sha256, outcome.counts);
                    }
                    outcome
                }
            });
        }
        Ok(outcomes)
    }

    /// What becomes of one file.
    fn take(
        &self,
        tx: Option<&mut Tx<'_>>,
        (file, by): (&Incoming, &str),
        parsed: Parsed,
        how: &ImportHow,
        books: &mut Known,
    ) -> Result<FileOutcome, OfficeError> {
        let Parsed { sha256, intake, keyed, returned } = parsed;
        let mut outcome = first_look(file, &intake, returned, how.force);
        if !outcome.state.is_taken() {
            return Ok(outcome);
        }
        let counts = &mut outcome.counts;
        let mut fresh: Vec<NewRow<'_>> = Vec::with_capacity(keyed.len());
        for &(sheet, at, key, print) in &keyed {
            let row = &intake.sheets[sheet].rows[at];
            let good = row.verdict == RowVerdict::Good;
            let supersedes = match books.live.get(&key) {
                Some((_, same)) if *same == print => {
                    counts.unchanged += u64::from(good);
                    continue;
                }
                Some((old, _)) => {
                    counts.updated += u64::from(good);
                    Some(*old)
                }
                None => {
                    counts.created += u64::from(good);
                    None
                }
            };
            fresh.push(NewRow { row, natural_key: key, fingerprint: print, supersedes });
        }
        let said = keyed.iter().map(|(.., key, print)| (*key, *print));
        if let Some(why) = books.says_again(&file.name, said).filter(|_| !how.force) {
            outcome.stop(why);
            return Ok(outcome);
        }
        let first = match tx {
            Some(tx) => book(
                tx,
                self.county_code()?,
                (file, by),
                sha256,
                &intake,
                &outcome,
                &fresh,
                how.at,
            )?,
            None => books.next_row,
        };
        books.learn(&file.name, first, fresh.iter().map(|row| (row.natural_key, row.fingerprint)));
        Ok(outcome)
    }

    fn lexicon(&self) -> Result<Lexicon, OfficeError> {
        let mut lexicon = Lexicon::default();
        if let Some(county) = &self.county {
            for word in self.store.read(|tx| tx.header_words(county.code))? {
                lexicon.remember(word.kind, &word.header, Some(word.field));
            }
        }
        Ok(lexicon)
    }
}

/// What a file was called when it was handed over.
pub(crate) fn name_of(file: &fujiao_store::File) -> String {
    match &file.office {
        Some(office) => format!("{office}/{}", file.name),
        None => file.name.clone(),
    }
}

/// What a file is and how many of its rows can be taken, before it is compared with the books.
fn first_look(
    file: &Incoming,
    intake: &Intake,
    returned: Option<Returned>,
    force: bool,
) -> FileOutcome {
    let rows = || intake.sheets.iter().flat_map(|s| &s.rows);
    let counts = Tally {
        read: intake.sheets.iter().map(|s| u64::from(s.rows_read)).sum(),
        refused: rows().filter(|r| r.verdict == RowVerdict::Refused).count() as u64,
        parked: rows().filter(|r| r.verdict == RowVerdict::Parked).count() as u64,
        ..Tally::default()
    };
    let kinds = kinds(intake);
    let mut outcome = FileOutcome {
        name: file.name.clone(),
        state: FileState::Taken,
        kinds: kinds.iter().map(|k| k.code()).collect(),
        counts,
        notes: notes(intake),
        returned,
        sheets: intake.sheets.iter().map(seen).collect(),
    };
    if kinds.is_empty() {
        outcome.notes.clear(); // all that there is to say is why
        outcome.state = FileState::Unreadable(unrecognised(intake));
    } else if !force
        && counts.read >= BRAKE_FROM
        && counts.refused * 100 > counts.read * BRAKE_PERCENT
    {
        outcome.state = FileState::Stopped(format!(
            "{} 行里有 {} 行收不下，多半拿错了文件或改过表头，整份未收；{}。看退回的副本改好再来，确实要收就加 --force",
            counts.read,
            counts.refused,
            worst_findings(intake)
        ));
    }
    if !outcome.state.is_taken() {
        outcome.counts = Tally { read: counts.read, refused: counts.read, ..Tally::default() };
    }
    outcome
}

/// Findings that are kept of a sheet: enough to see what is wrong.
const FINDINGS_SHOWN: usize = 12;

fn seen(sheet: &fujiao_intake::Sheet) -> SeenSheet {
    let odd = || sheet.findings.iter().filter(|f| f.verdict != RowVerdict::Good);
    SeenSheet {
        name: sheet.name.clone(),
        kind: sheet.kind,
        score: sheet.kind_score,
        rows: sheet.rows_read.into(),
        columns: sheet.columns.clone(),
        findings: odd().take(FINDINGS_SHOWN).cloned().collect(),
        findings_total: odd().count() as u64,
    }
}

impl FileOutcome {
    /// The brake: nothing of the file goes into the books.
    fn stop(&mut self, why: String) {
        let read = self.counts.read;
        self.counts = Tally { read, refused: read, ..Tally::default() };
        self.state = FileState::Stopped(why);
    }
}

/// What the sheets list, each kind once.
fn kinds(intake: &Intake) -> Vec<RosterKind> {
    let mut kinds: Vec<RosterKind> = intake.sheets.iter().filter_map(|s| s.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

/// Books one file with its rows, findings and audit line; the id of its first row.
#[expect(clippy::too_many_arguments, reason = "all that is written down of a file")]
fn book(
    tx: &mut Tx<'_>,
    county: u32,
    (file, by): (&Incoming, &str),
    sha256: [u8; 32],
    intake: &Intake,
    outcome: &FileOutcome,
    fresh: &[NewRow<'_>],
    at: Timestamp,
) -> Result<u64, OfficeError> {
    let (office, name) =
        file.name.rsplit_once('/').map_or((None, file.name.as_str()), |(o, n)| (Some(o), n));
    let sheets: Vec<Sheet> = intake
        .sheets
        .iter()
        .zip(0..)
        .map(|(s, number)| Sheet {
            number,
            name: s.name.clone(),
            kind: s.kind,
            rows_read: u64::from(s.rows_read),
        })
        .collect();
    let findings: Vec<Finding> =
        intake.sheets.iter().flat_map(|s| s.findings.iter().cloned()).collect();
    let tally = outcome.counts;
    let new = NewFile { sha256, name, office, imported_at: at, kinds: &kinds(intake), tally };
    let id = tx.add_file(county, &new, &sheets)?;
    let first = tx.insert_rows(county, id, fresh)?;
    tx.add_findings(county, id, &findings)?;
    tx.audit(&Event {
        county,
        at,
        actor: by,
        action: "import",
        object: &format!("file {id}"),
        detail: &format!(
            "read {} created {} updated {} unchanged {} parked {} refused {}",
            tally.read, tally.created, tally.updated, tally.unchanged, tally.parked, tally.refused
        ),
    })?;
    Ok(first)
}

/// Reads, keys and, where rows go back, copies one file.
fn read(
    file: &Incoming,
    bytes: std::io::Result<Vec<u8>>,
    lexicon: &Lexicon,
    keys: &Keys,
    known: &BTreeSet<[u8; 32]>,
    judge: &Judge,
) -> ([u8; 32], Reading) {
    let bytes = match bytes {
        Ok(bytes) => bytes,
        Err(error) => {
            return (
                [0; 32],
                Reading::Failed(format!("打不开（{error}）；看看文件还在不在、能不能读")),
            );
        }
    };
    let sha256: [u8; 32] = Sha256::digest(&bytes).into();
    if known.contains(&sha256) {
        return (sha256, Reading::Known);
    }
    let workbook = Workbook { name: &file.name, bytes: &bytes };
    let (mut intake, copy) =
        match fujiao_intake::read_and_annotate(&workbook, lexicon, &|intake| judge.look(intake)) {
            Ok(read) => read,
            Err(error) => return (sha256, Reading::Failed(error.to_string())),
        };
    let mut keyed = Vec::new();
    let mut repeats: BTreeMap<Hash128, u32> = BTreeMap::new();
    for (sheet_at, sheet) in intake.sheets.iter_mut().enumerate() {
        for (at, row) in sheet.rows.iter_mut().enumerate() {
            if row.verdict == RowVerdict::Refused {
                continue;
            }
            let mut key = natural_key(keys, row.kind, &row.fields, 0);
            let repeat = repeats.entry(key).or_insert(0);
            if *repeat > 0 {
                key = natural_key(keys, row.kind, &row.fields, *repeat);
            }
            *repeat += 1;
            keyed.push((sheet_at, at, key, fingerprint(keys, &row.fields, &row.extra)));
        }
    }
    let stem = file.name.rsplit_once('.').map_or(file.name.as_str(), |(stem, _)| stem);
    let returned = copy.map(|bytes| Returned { name: format!("{stem}.待核.xlsx"), bytes });
    (sha256, Reading::Read(Box::new(Parsed { sha256, intake, keyed, returned })))
}

fn failed(file: &Incoming, state: FileState) -> FileOutcome {
    FileOutcome {
        name: file.name.clone(),
        state,
        kinds: vec![],
        counts: Tally::default(),
        notes: vec![],
        returned: None,
        sheets: vec![],
    }
}

/// A file that came in before: what went in then is unchanged now.
fn known_again(file: &Incoming, then: Tally) -> FileOutcome {
    let counts = Tally {
        created: 0,
        updated: 0,
        unchanged: then.created + then.updated + then.unchanged,
        ..then
    };
    FileOutcome { counts, ..failed(file, FileState::Known) }
}

/// Why no sheet was recognised.
fn unrecognised(intake: &Intake) -> String {
    let said: Vec<String> = intake
        .sheets
        .iter()
        .flat_map(|s| {
            s.findings.iter().filter(|f| f.kind == FindingKind::Sheet).map(move |f| (s, f))
        })
        .map(|(sheet, f)| format!("“{}”：{}；{}", sheet.name, f.reason, f.remedy))
        .take(3)
        .collect();
    if said.is_empty() {
        "没有认得的表，整份未收；表头要有姓名、学校等栏目".to_owned()
    } else {
        said.join("。")
    }
}

/// The two most frequent reasons, with one place each.
fn worst_findings(intake: &Intake) -> String {
    let mut by_reason: BTreeMap<(Option<Field>, FindingKind), (u64, String)> = BTreeMap::new();
    for sheet in &intake.sheets {
        for f in sheet.findings.iter().filter(|f| f.verdict == RowVerdict::Refused) {
            let entry = by_reason.entry((f.field, f.kind)).or_insert_with(|| {
                (
                    0,
                    format!(
                        "工作表“{}”第 {} 行：{}；{}",
                        sheet.name, f.cell.row, f.reason, f.remedy
                    ),
                )
            });
            entry.0 += 1;
        }
    }
    let mut worst: Vec<(u64, String)> = by_reason.into_values().collect();
    worst.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    worst
        .iter()
        .take(2)
        .map(|(n, text)| format!("{text}（共 {n} 处）"))
        .collect::<Vec<_>>()
        .join("；")
}

/// Columns that were guessed or not understood, and sheets that were left aside.
fn notes(intake: &Intake) -> Vec<String> {
    let mut notes = Vec::new();
    for sheet in &intake.sheets {
        let Some(kind) = sheet.kind else {
            if let Some(f) = sheet.findings.first() {
                notes.push(format!("工作表“{}”未收：{}；{}", sheet.name, f.reason, f.remedy));
            }
            continue;
        };
        for column in &sheet.columns {
            if let (Sureness::Guessed(score), Some(field)) = (column.sure, column.field) {
                notes.push(format!(
                    "工作表“{}”的“{}”列当作“{}”（把握 {score}%）；对就记住，不对就改成对的栏目：--header '{}/{}={}'",
                    sheet.name,
                    column.header,
                    field.chinese(),
                    kind.code(),
                    column.header,
                    field.code()
                ));
            }
        }
    }
    notes
}
