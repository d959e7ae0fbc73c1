use fujiao_ledger::batch::BatchStep;
use fujiao_ledger::channel::{
    Batch, Cell, PayLine, Payer as LedgerPayer, SchoolLine, Table, school_table,
};
use fujiao_model::Money;
use fujiao_report::{List, ListCell, list_workbook};
use fujiao_store::{AidBatch, AidFile, AidPayer, NewAidFile, SentLine, Signed, Tx};
use jiff::civil::Date;
use sha2::{Digest as _, Sha256};

use super::approve::movement;
use super::{AidError, batch_of, must_hold_the_county, note, reason};
use crate::access::{Actor, Right};
use crate::corrections::signed;
use crate::{Office, OfficeError, Progress};

/// How money goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// 银行批量代发文本
    BankText,
    /// 银行批量代发表格
    BankWorkbook,
    /// ISO 20022 pain.001
    Pain001,
    /// 学校汇总: waivers and meal cards
    School,
}

impl Channel {
    /// All.
    pub const ALL: [Self; 4] = [Self::BankText, Self::BankWorkbook, Self::Pain001, Self::School];

    /// The word in the books.
    pub const fn code(self) -> &'static str {
        match self {
            Self::BankText => "bank_txt",
            Self::BankWorkbook => "bank_xlsx",
            Self::Pain001 => "pain001",
            Self::School => "school",
        }
    }

    /// The end of a file's name.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::BankText => "txt",
            Self::BankWorkbook | Self::School => "xlsx",
            Self::Pain001 => "xml",
        }
    }

    /// Reads the word.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.code() == code)
    }
}

/// Whose account pays.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Payer {
    /// The account's name.
    pub name: String,
    /// Its number.
    pub account: String,
    /// The bank.
    pub bank: String,
    /// The bank's number of CNAPS; empty.
    pub bank_code: String,
}

/// A file for a bank or for schools.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// Its number in the county.
    pub file: u64,
    /// A name for it.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Lines.
    pub lines: u64,
    /// Their sum.
    pub total: Money,
    /// It was there already: these are the same bytes again, and nobody is paid by them twice.
    pub again: bool,
    /// Payments that are due and have nowhere to go.
    pub without_account: u64,
}

impl Office {
    /// Says whose account pays from now on.
    ///
    /// # Errors
    /// [`AidError::Form`] for an account that is none.
    pub fn aid_set_payer(&self, actor: &Actor, payer: &Payer) -> Result<(), OfficeError> {
        let by = must_hold_the_county(actor, Right::Pay)?;
        let account: String = payer.account.chars().filter(|c| !c.is_whitespace()).collect();
        let bad = |field, reason: &str| AidError::Form { field, reason: reason.to_owned() };
        if !is_account(&account) {
            return Err(bad("account", "写 8 至 32 位数字").into());
        }
        if payer.name.trim().is_empty() {
            return Err(bad("name", "写付款户名").into());
        }
        let county = self.county_code()?;
        self.store.write(|tx| {
            let new = AidPayer {
                id: 0,
                name: payer.name.trim().to_owned(),
                account,
                bank: payer.bank.trim().to_owned(),
                bank_code: payer.bank_code.trim().to_owned(),
            };
            let id = tx.set_aid_payer(county, &new, &by)?;
            note(tx, county, actor, "aid payer", &format!("payer {id}"), &new.name)?;
            Ok(())
        })
    }

    /// Makes a file of all payments of a batch that are due, or gives the last one of the channel again while the bank has not
    /// answered. Whoever asks twice, or at once with another, gets the same bytes.
    ///
    /// # Errors
    /// [`AidError`].
    pub fn aid_export(
        &self,
        actor: &Actor,
        batch: u64,
        channel: Channel,
        pay_on: Option<Date>,
        progress: &Progress<'_>,
    ) -> Result<Exported, OfficeError> {
        let by = must_hold_the_county(actor, Right::Pay)?;
        let county = self.county_code()?;
        self.store.write(|tx| {
            progress("导出", 0, 3);
            let of = batch_of(tx, county, batch)?;
            let at = BatchStep::of(of.step).ok_or(AidError::NoSuchBatch)?;
            if !(BatchStep::Approved..BatchStep::Closed).contains(&at) {
                return Err(AidError::NotNow { at, asked: "导出" }.into());
            }
            let due = tx.due_aid_payments(county, batch)?;
            let (mut lines, without): (Vec<SentLine>, Vec<SentLine>) =
                due.into_iter().partition(|l| channel == Channel::School || is_account(&l.account));
            let without_account = without.len() as u64;
            progress("导出", 1, 3);
            if lines.is_empty() {
                let last = tx.aid_files(county, batch)?.into_iter().rev();
                let mut open =
                    last.filter(|f| f.channel == channel.code() && f.closed_at.is_none());
                let file = open.next().ok_or(AidError::NothingToSend)?;
                let bytes = Self::aid_bytes(tx, county, &of, &file)?;
                return Ok(exported(&of, &file, channel, bytes, true, without_account));
            }
            let payer = match (tx.aid_payer(county, None)?, channel) {
                (Some(payer), _) => payer,
                // Schools get sums; no account of the county stands in them.
                (None, Channel::School) => nobody(),
                (None, _) => return Err(AidError::NoPayer.into()),
            };
            for (line, number) in lines.iter_mut().zip(1..) {
                line.line = number;
                line.state = "sent".into();
            }
            let id = tx.next_aid_file(county)?;
            let pay_on = pay_on.unwrap_or_else(|| actor.today());
            let bytes = bytes_of(
                &FileOf { county, id, batch: &of, channel, made: &by, pay_on, payer: &payer },
                &lines,
            )?;
            progress("导出", 2, 3);
            let sha256 = Sha256::digest(&bytes).into();
            let new = NewAidFile {
                batch,
                channel: channel.code(),
                sha256,
                lines: &lines,
                payer: payer.id,
                pay_on,
                by: &by,
            };
            let id = tx.add_aid_file(county, &new)?;
            if at == BatchStep::Approved {
                tx.add_aid_step(county, batch, BatchStep::Exported.number(), &by, "")?;
            }
            let moved: Vec<_> = tx
                .aid_file_by_fund(county, id)?
                .into_iter()
                .map(|(fund, amount)| movement("owed", "sent", fund, amount))
                .collect();
            tx.add_aid_entry(county, "send", &format!("file {id}"), &moved, &by)?;
            let file = tx.aid_file(county, id)?.ok_or(AidError::NoSuchFile(id))?;
            let detail =
                format!("batch {batch} {} lines {} fen {}", channel.code(), file.lines, file.total);
            note(tx, county, actor, "aid export", &format!("file {id}"), &detail)?;
            progress("导出", 3, 3);
            Ok(exported(&of, &file, channel, bytes, false, without_account))
        })
    }

    /// A file again, to the byte.
    ///
    /// # Errors
    /// [`AidError::NoSuchFile`]; [`AidError::OtherBytes`] if the books were changed.
    pub fn aid_file_again(&self, actor: &Actor, id: u64) -> Result<Exported, OfficeError> {
        must_hold_the_county(actor, Right::Pay)?;
        let county = self.county_code()?;
        self.store.write(|tx| {
            let file = tx.aid_file(county, id)?.ok_or(AidError::NoSuchFile(id))?;
            let of = batch_of(tx, county, file.batch)?;
            let channel = Channel::parse(&file.channel).ok_or(AidError::NoSuchFile(id))?;
            let bytes = Self::aid_bytes(tx, county, &of, &file)?;
            note(tx, county, actor, "aid file", &format!("file {id}"), "again")?;
            Ok(exported(&of, &file, channel, bytes, true, 0))
        })
    }

    /// Gives up a payment that is due, with a reason: its money is free again.
    ///
    /// # Errors
    /// [`AidError::NoSuchLine`] if it is not due.
    pub fn aid_stop(&self, actor: &Actor, payment: u64, why: &str) -> Result<(), OfficeError> {
        must_hold_the_county(actor, Right::Pay)?;
        let why = reason(why)?;
        let county = self.county_code()?;
        let by = signed(actor);
        self.store.write(|tx| {
            if !tx.stop_aid_payment(county, payment, &by, &why)? {
                return Err(AidError::NoSuchLine.into());
            }
            let moved: Vec<_> = tx
                .aid_payment_by_fund(county, payment)?
                .into_iter()
                .map(|(fund, amount)| movement("owed", "fund", fund, amount))
                .collect();
            tx.add_aid_entry(county, "stop", &format!("payment {payment}"), &moved, &by)?;
            note(tx, county, actor, "aid stop", &format!("payment {payment}"), &why)?;
            Ok(())
        })
    }

    /// The bytes of a file, made anew from its lines, and the same as they were.
    fn aid_bytes(
        tx: &mut Tx,
        county: u32,
        batch: &AidBatch,
        file: &AidFile,
    ) -> Result<Vec<u8>, OfficeError> {
        let lines = tx.aid_file_lines(county, file.id)?;
        let channel = Channel::parse(&file.channel).ok_or(AidError::NoSuchFile(file.id))?;
        let payer = match file.payer.filter(|id| *id > 0) {
            Some(id) => tx.aid_payer(county, Some(id))?.ok_or(AidError::NoPayer)?,
            None => nobody(),
        };
        let of = FileOf {
            county,
            id: file.id,
            batch,
            channel,
            made: &file.made,
            pay_on: file.pay_on.unwrap_or(batch.as_of),
            payer: &payer,
        };
        let bytes = bytes_of(&of, &lines)?;
        let same = <[u8; 32]>::from(Sha256::digest(&bytes)) == file.sha256;
        if same { Ok(bytes) } else { Err(AidError::OtherBytes(file.id).into()) }
    }
}

/// All that a file's bytes follow from, besides its lines.
struct FileOf<'a> {
    county: u32,
    id: u64,
    batch: &'a AidBatch,
    channel: Channel,
    made: &'a Signed,
    pay_on: Date,
    payer: &'a AidPayer,
}

fn nobody() -> AidPayer {
    let no = String::new;
    AidPayer { id: 0, name: no(), account: no(), bank: no(), bank_code: no() }
}

/// The name of a file: county, batch, file.
pub(super) fn file_number(county: u32, batch: u64, file: u64) -> String {
    format!("{county}-{batch}-{file}")
}

/// The key of a line, which the bank gives back.
pub(super) fn line_key(file: u64, line: u64) -> String {
    format!("{file}-{line}")
}

/// What a bank takes for an account.
pub(super) fn is_account(text: &str) -> bool {
    (8..=32).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

fn bytes_of(of: &FileOf<'_>, lines: &[SentLine]) -> Result<Vec<u8>, OfficeError> {
    let number = file_number(of.county, of.batch.id, of.id);
    if of.channel == Channel::School {
        let lines: Vec<SchoolLine> = lines
            .iter()
            .map(|l| SchoolLine {
                school: String::new(),
                school_name: l.school.clone(),
                person: l.payment,
                amount: Money::fen(l.amount),
            })
            .collect();
        return Ok(workbook(&number, school_table(&number, &lines), of.pay_on)?);
    }
    let china = jiff::tz::TimeZone::fixed(jiff::tz::offset(8));
    let batch = Batch {
        file: number.clone(),
        made_at: china.to_datetime(of.made.at),
        pay_on: of.pay_on,
        payer: LedgerPayer {
            name: of.payer.name.clone(),
            account: of.payer.account.clone(),
            bank: of.payer.bank.clone(),
            bank_code: Some(of.payer.bank_code.clone()).filter(|code| !code.is_empty()),
        },
        lines: lines
            .iter()
            .map(|l| PayLine {
                key: line_key(of.id, l.line),
                name: l.holder.clone(),
                account: l.account.clone(),
                bank: String::new(),
                bank_code: None,
                amount: Money::fen(l.amount),
                // It stands on the account: it names no hardship.
                note: format!("学生资助{}", of.batch.period),
            })
            .collect(),
    };
    Ok(match of.channel {
        Channel::BankText => batch.text().map_err(AidError::Channel)?,
        Channel::Pain001 => batch.pain_001().map_err(AidError::Channel)?.into_bytes(),
        _ => workbook(&number, batch.table().map_err(AidError::Channel)?, of.pay_on)?,
    })
}

fn workbook(sheet: &str, table: Table, as_of: Date) -> Result<Vec<u8>, fujiao_report::ReportError> {
    #[expect(clippy::cast_precision_loss, reason = "counts and yuan far below 2^53")]
    let cell = |cell: Cell| match cell {
        Cell::Text(text) if text.is_empty() => ListCell::Empty,
        Cell::Text(text) => ListCell::Text(text),
        Cell::Count(n) => ListCell::Number(n as f64),
        Cell::Money(m) => ListCell::Number(m.as_fen() as f64 / 100.0),
    };
    list_workbook(&List {
        sheet: sheet.to_owned(),
        head: table.head,
        columns: table.columns.into_iter().map(str::to_owned).collect(),
        rows: table.rows.into_iter().map(|row| row.into_iter().map(cell).collect()).collect(),
        as_of,
    })
}

fn exported(
    batch: &AidBatch,
    file: &AidFile,
    channel: Channel,
    bytes: Vec<u8>,
    again: bool,
    without_account: u64,
) -> Exported {
    Exported {
        file: file.id,
        name: format!(
            "{}-{}-第{}批-{:03}.{}",
            batch.programme,
            batch.period,
            batch.number,
            file.id,
            channel.extension()
        ),
        bytes,
        lines: file.lines,
        total: Money::fen(file.total),
        again,
        without_account,
    }
}
