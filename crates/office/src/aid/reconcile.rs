use fujiao_intake::Workbook;
use fujiao_ledger::batch::{BatchStep, advance};
use fujiao_ledger::returns::{
    BankReturn, Body, Open, Sent, Told as Before, Verdict, Words, read, reconcile,
};
use fujiao_model::Money;
use fujiao_store::{AidReturn, NewAidReturn, NewMovement, Signed, Told, ToldState, Tx};
use sha2::{Digest as _, Sha256};

use super::approve::movement;
use super::export::{Channel, file_number, line_key};
use super::{AidError, batch_of, facts_of, must_hold_the_county, note};
use crate::access::{Actor, Right};
use crate::desk::masked_text;
use crate::{Office, OfficeError, Progress};

/// What became of a return.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reconciled {
    /// The return as the books keep it.
    pub kept: AidReturn,
    /// The batch of its file.
    pub batch: u64,
    /// These bytes came before: nothing was changed.
    pub again: bool,
    /// Why the file is not closed; empty: it is.
    pub open: Vec<Open>,
    /// Every payment of the batch is paid or was given up.
    pub reconciled: bool,
}

impl Office {
    /// Takes a bank's return: every line of the file it answers is paid, came back or is unknown; every row of the return that
    /// answers none is extra. The file closes when its sums balance. The same bytes change nothing.
    ///
    /// # Errors
    /// [`AidError::Return`] with every fault of a return that cannot be trusted; nothing of it is taken then.
    pub fn aid_reconcile(
        &self,
        actor: &Actor,
        name: &str,
        bytes: &[u8],
        file: Option<u64>,
        progress: &Progress<'_>,
    ) -> Result<Reconciled, OfficeError> {
        let by = must_hold_the_county(actor, Right::Pay)?;
        let county = self.county_code()?;
        let sha256: [u8; 32] = Sha256::digest(bytes).into();
        progress("对账", 0, 4);
        if let Some(kept) = self.store.read(|tx| tx.aid_return_of_bytes(county, &sha256))? {
            return self.store.read(|tx| {
                let file =
                    tx.aid_file(county, kept.file)?.ok_or(AidError::NoSuchFile(kept.file))?;
                let open = if file.closed_at.is_some() { Vec::new() } else { open_of(&kept) };
                let reconciled =
                    batch_of(tx, county, file.batch)?.step >= BatchStep::Reconciled.number();
                Ok(Reconciled { kept, batch: file.batch, again: true, open, reconciled })
            });
        }
        let back = parsed(name, bytes)?;
        progress("对账", 1, 4);
        let file_name: String =
            name.rsplit(['/', '\\']).next().unwrap_or(name).chars().take(120).collect();
        self.store.write(|tx| {
            let id = match (file, said_file(county, &back)) {
                (Some(id), _) | (None, Some(id)) => id,
                (None, None) => the_only_open(tx, county)?,
            };
            let of = tx.aid_file(county, id)?.ok_or(AidError::NoSuchFile(id))?;
            let lines = tx.aid_file_lines(county, id)?;
            let sent: Vec<Sent> = lines
                .iter()
                .map(|l| Sent {
                    key: line_key(id, l.line),
                    account: l.account.clone(),
                    amount: Money::fen(l.amount),
                    told: match l.state.as_str() {
                        "paid" => Some(Before::Paid),
                        "returned" => Some(Before::Returned),
                        _ => None,
                    },
                })
                .collect();
            let found = reconcile(&file_number(county, of.batch, id), &sent, &back)
                .map_err(|fault| AidError::Return(vec![fault]))?;
            progress("对账", 2, 4);
            let open = found.closes().err().unwrap_or_default();
            let mut told: Vec<Told> = Vec::with_capacity(back.lines.len());
            let row = |place: usize, state, line: Option<u64>, amount| {
                let of = &back.lines[place];
                let said = (!of.said.is_empty()).then(|| masked_text(&of.said));
                Told { row: of.line as u64, state, line, amount, on: of.on, said }
            };
            for (at, (verdict, answer)) in found.verdicts.iter().zip(&found.answers).enumerate() {
                let Some(place) = *answer else { continue };
                let state = match (sent[at].told, verdict) {
                    (None, Verdict::Paid) => ToldState::Paid,
                    (None, Verdict::Returned) => ToldState::Returned,
                    (None, Verdict::Unknown(_)) => ToldState::Unknown,
                    (Some(_), _) if found.changed.binary_search(&at).is_ok() => ToldState::Changed,
                    (Some(_), _) => ToldState::Again,
                };
                told.push(row(place, state, Some(lines[at].line), lines[at].amount));
            }
            for place in &found.extra {
                told.push(row(*place, ToldState::Extra, None, back.lines[*place].amount.as_fen()));
            }
            told.sort_by_key(|t| t.row);
            let new = NewAidReturn {
                file: id,
                sha256,
                name: &file_name,
                told: &told,
                clean: open.is_empty(),
                by: &by,
            };
            let kept = Self::book_return(tx, county, &new, actor)?;
            progress("对账", 3, 4);
            let reconciled = Self::go_on_to_reconciled(tx, county, of.batch, actor, &by)?;
            progress("对账", 4, 4);
            Ok(Reconciled { kept, batch: of.batch, again: false, open, reconciled })
        })
    }

    /// Notes that a school has confirmed what went through it: its lines of a file of sums are paid.
    ///
    /// # Errors
    /// [`AidError::NoSuchLine`] if nothing of the school waits.
    pub fn aid_confirm_school(
        &self,
        actor: &Actor,
        file: u64,
        school: &str,
    ) -> Result<Reconciled, OfficeError> {
        let by = must_hold_the_county(actor, Right::Pay)?;
        let county = self.county_code()?;
        self.store.write(|tx| {
            let of = tx.aid_file(county, file)?.ok_or(AidError::NoSuchFile(file))?;
            if of.channel != Channel::School.code() {
                return Err(AidError::NoSuchFile(file).into());
            }
            let told: Vec<Told> = tx
                .aid_file_lines(county, file)?
                .into_iter()
                .filter(|l| l.state == "sent" && l.school == school)
                .map(|l| Told {
                    row: l.line,
                    state: ToldState::Paid,
                    line: Some(l.line),
                    amount: l.amount,
                    on: Some(actor.today()),
                    said: None,
                })
                .collect();
            if told.is_empty() {
                return Err(AidError::NoSuchLine.into());
            }
            let sha256: [u8; 32] = Sha256::digest(format!("school {file} {school}")).into();
            let name = format!("{school} 回执");
            let new = NewAidReturn { file, sha256, name: &name, told: &told, clean: true, by: &by };
            let kept = Self::book_return(tx, county, &new, actor)?;
            let reconciled = Self::go_on_to_reconciled(tx, county, of.batch, actor, &by)?;
            let open = if kept.unknown == 0 { Vec::new() } else { open_of(&kept) };
            Ok(Reconciled { kept, batch: of.batch, again: false, open, reconciled })
        })
    }

    fn book_return(
        tx: &mut Tx,
        county: u32,
        new: &NewAidReturn,
        actor: &Actor,
    ) -> Result<AidReturn, OfficeError> {
        let id = tx.add_aid_return(county, new)?;
        let mut moved = Vec::new();
        for (fund, paid, returned) in tx.aid_return_by_fund(county, id)? {
            if paid > 0 {
                moved.push(NewMovement {
                    debit: format!("sent {fund}"),
                    credit: "pool".into(),
                    amount: paid,
                });
            }
            if returned > 0 {
                moved.push(movement("sent", "owed", fund, returned));
            }
        }
        tx.add_aid_entry(county, "reconcile", &format!("return {id}"), &moved, new.by)?;
        let kept = tx.aid_return_of_bytes(county, &new.sha256)?.ok_or(AidError::NoSuchLine)?;
        let detail = format!(
            "file {} paid {} returned {} unknown {} extra {}",
            new.file, kept.paid.0, kept.returned.0, kept.unknown, kept.extra
        );
        note(tx, county, actor, "aid reconcile", &format!("return {id}"), &detail)?;
        Ok(kept)
    }

    /// Takes a batch on to its reconciliation if nothing holds it.
    fn go_on_to_reconciled(
        tx: &mut Tx,
        county: u32,
        batch: u64,
        actor: &Actor,
        by: &Signed,
    ) -> Result<bool, OfficeError> {
        let of = batch_of(tx, county, batch)?;
        let facts = facts_of(tx, county, &of)?;
        if facts.step != BatchStep::Exported {
            return Ok(facts.step > BatchStep::Exported);
        }
        let goes = advance(&facts, actor.today()).is_ok();
        if goes {
            tx.add_aid_step(county, batch, BatchStep::Reconciled.number(), by, "")?;
        }
        Ok(goes)
    }
}

fn parsed(name: &str, bytes: &[u8]) -> Result<BankReturn, OfficeError> {
    let words = Words::default();
    let is_workbook =
        bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]);
    if !is_workbook {
        return Ok(read(Body::Bytes(bytes), &words).map_err(AidError::Return)?);
    }
    let sheets = fujiao_intake::cells(&Workbook { name, bytes })
        .map_err(|e| AidError::Unreadable(name.to_owned(), e.to_string()))?;
    let sheet = sheets.into_iter().find(|rows| !rows.is_empty()).unwrap_or_default();
    // A row's line is its place: blank rows count.
    let mut rows: Vec<Vec<String>> = Vec::new();
    for (number, cells) in sheet {
        rows.resize((number as usize).saturating_sub(1).max(rows.len()), Vec::new());
        rows.push(cells);
    }
    Ok(read(Body::Rows(&rows), &words).map_err(AidError::Return)?)
}

/// The file that a return says it answers, if it is one of this county's.
fn said_file(county: u32, back: &BankReturn) -> Option<u64> {
    let rest = back.file.as_deref()?.strip_prefix(&format!("{county}-"))?;
    rest.split_once('-')?.1.parse().ok()
}

fn the_only_open(tx: &mut Tx, county: u32) -> Result<u64, OfficeError> {
    let mut open = Vec::new();
    for batch in tx.aid_batches(county)? {
        let files = tx.aid_files(county, batch.id)?;
        open.extend(files.into_iter().filter(|f| f.closed_at.is_none()).map(|f| f.id));
    }
    match open[..] {
        [only] => Ok(only),
        _ => Err(AidError::WhichFile(open).into()),
    }
}

/// What holds the file of a kept return open, as far as the return says.
fn open_of(kept: &AidReturn) -> Vec<Open> {
    let count = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    let mut open = Vec::new();
    if kept.unknown > 0 {
        open.push(Open::Unknown(count(kept.unknown)));
    }
    if kept.extra > 0 {
        open.push(Open::Extra(count(kept.extra)));
    }
    open
}
