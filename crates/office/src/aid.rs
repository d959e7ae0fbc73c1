//! Student aid from who is owed to the line of the bank (应发、公示、审批、发放、对账).
//!
//! [`Office::aid_open`] drafts a batch from what the live assessment finds missing; [`Office::aid_check`], [`Office::aid_publish`],
//! [`Office::aid_approve`], [`Office::aid_export`], [`Office::aid_reconcile`] and [`Office::aid_close`] take it on, each one
//! transaction with its line in the audit. What may follow what is said by `ledger::batch`, and held by the database.

mod approve;
mod batches;
mod export;
mod funds;
mod notice;
mod people;
mod reconcile;
mod views;

use fujiao_ledger::batch::{Bands, BatchStep, Facts, Hold};
use fujiao_ledger::calendar::{Calendar, UnknownYear};
use fujiao_ledger::channel::LineFault;
use fujiao_ledger::returns::Fault;
use fujiao_model::{Area, Division, Money, Period, Unit};
use fujiao_policy::{PolicySet, Programme};
use fujiao_store::{AidBatch, Event, LineFilter, Signed, StoreError, Tx, V};
use jiff::civil::Date;

use crate::access::{Actor, Right};
use crate::corrections::{signed, written};
use crate::{Office, OfficeError};

pub use approve::Approved;
pub use batches::{Checked, Decision, Mended, Opened};
pub use export::{Channel, Exported, Payer};
pub use fujiao_ledger::batch::{BatchStep as Step, Hold as BatchHold, PaymentState};
pub use fujiao_ledger::channel::LineFault as FileFault;
pub use fujiao_ledger::returns::Fault as ReturnFault;
pub use fujiao_store::{
    AidFile, AidFinding, AidFund, AidLine, AidReturn, AidTally, Earmark, FindingList, Grievance,
    JournalLine, Objection, Publication, Recognition, Recovery, RecoveryState, Sample, SampleLine,
};
pub use funds::{Appropriated, FundLine, Gift, NewFund};
pub use notice::{Notice, NoticeLine};
pub use people::{CATEGORIES, LEVELS, NewComplaint, RecognitionMove, SampleResult};
pub use reconcile::Reconciled;
pub use views::{AidHome, BatchCard, BatchPage, FundsPage, Lines, Odd};

/// Why something cannot be done with aid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AidError {
    /// There is no such batch, or none that is theirs to see.
    #[error("没有这一批，或不归你管；看 fujiao aid status")]
    NoSuchBatch,
    /// The programme pays no money to persons.
    #[error("{0} 不是按人发钱的资助项目；看 fujiao policy list")]
    NotMoney(String),
    /// The period does not read, or the programme does not pay by it.
    #[error("“{0}”不是这个项目的期间；写成 2025A（秋）、2025S（春）、SY2025 学年")]
    Period(String),
    /// There is no assessment.
    #[error("还没有核算过；先运行 fujiao run")]
    NoRun,
    /// A batch of the cycle waits.
    #[error("这个项目这一期已有一批在办（第 {0} 批）；先办完或撤回那一批")]
    Waits(u64),
    /// Nothing is owed.
    #[error("核算没有差额：这个项目这一期没有要发的人")]
    Nothing,
    /// The batch cannot go on; every reason.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Holds(Vec<Hold>),
    /// It is another step's turn.
    #[error("这一批现在是“{}”，不能{asked}", .at.chinese())]
    NotNow {
        /// Where it stands.
        at: BatchStep,
        /// What was asked for.
        asked: &'static str,
    },
    /// The notice is too short.
    #[error("公示不能少于 {least} 个工作日，{from} 到 {until} 只有 {has} 个；止日往后放")]
    Short {
        /// The first day.
        from: Date,
        /// The last day.
        until: Date,
        /// Working days that it must have.
        least: u32,
        /// Working days that it has.
        has: u32,
    },
    /// Nobody has entered the year's holidays.
    #[error(transparent)]
    Year(#[from] UnknownYear),
    /// Who made the batch cannot sign it.
    #[error("自己经办的批次不能自己审批；请审批人来签")]
    OwnWork,
    /// They have signed.
    #[error("你已经签过；还差的由另一位审批人签")]
    SignedAlready,
    /// There is no such line or finding.
    #[error("没有这一条，或已经办过；刷新再看")]
    NoSuchLine,
    /// No reason was given.
    #[error("写上理由")]
    NoReason,
    /// Nothing can be sent.
    #[error("没有可以发出的：待发的都在途，或都没有账号")]
    NothingToSend,
    /// Nobody has said whose account pays.
    #[error(
        "还没有登记付款账户；先登记：fujiao aid payer --name 户名 --account 账号 --bank 开户行"
    )]
    NoPayer,
    /// A bank would refuse the file.
    #[error("{} 处银行不会收：\n{}", .0.len(), .0.iter().take(20).map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Channel(Vec<LineFault>),
    /// The file of the books gives other bytes than it did.
    #[error("第 {0} 号文件重新生成的内容与当初不同；台账被改动过，运行 fujiao verify")]
    OtherBytes(u64),
    /// A return cannot be read; every fault. Nothing of it was taken.
    #[error("回盘没有收，台账未变：\n{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Return(Vec<Fault>),
    /// The workbook of a return cannot be read.
    #[error("回盘 {0} 读不出：{1}；另存为 .xlsx 或文本再来")]
    Unreadable(String, String),
    /// A return says nothing of its file, and more than one waits.
    #[error("回盘没有写明是哪个文件的；用 --file 指明文件号（{}）", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("、"))]
    WhichFile(Vec<u64>),
    /// There is no such file.
    #[error("没有第 {0} 号发放文件")]
    NoSuchFile(u64),
    /// A value of a form does not read.
    #[error("{field}：{reason}")]
    Form {
        /// The field of the form.
        field: &'static str,
        /// What is wrong, and the remedy.
        reason: String,
    },
    /// What stands against an application for a loan.
    #[error("{}", .0.iter().map(|o| crate::loans::objection(*o)).collect::<Vec<_>>().join("\n"))]
    Objections(Vec<fujiao_ledger::loan::Objection>),
    /// There is no answer about a loan.
    #[error("{}", crate::loans::loan_fault(.0))]
    Loan(fujiao_ledger::loan::LoanError),
    /// A recognition or complaint is there already, or its step does not follow.
    #[error("这一步现在不能办：{0}")]
    OutOfTurn(String),
}

impl AidError {
    /// The word of tables of texts in other languages.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoSuchBatch => "no_such_batch",
            Self::NotMoney(_) => "not_money",
            Self::Period(_) => "period",
            Self::NoRun => "no_run",
            Self::Waits(_) => "waits",
            Self::Nothing => "nothing",
            Self::Holds(_) => "holds",
            Self::NotNow { .. } => "not_now",
            Self::Short { .. } => "short",
            Self::Year(_) => "year",
            Self::OwnWork => "own_work",
            Self::SignedAlready => "signed_already",
            Self::NoSuchLine => "no_such_line",
            Self::NoReason => "no_reason",
            Self::NothingToSend => "nothing_to_send",
            Self::NoPayer => "no_payer",
            Self::Channel(_) => "channel",
            Self::OtherBytes(_) => "other_bytes",
            Self::Return(_) => "return",
            Self::Unreadable(..) => "unreadable",
            Self::WhichFile(_) => "which_file",
            Self::NoSuchFile(_) => "no_such_file",
            Self::Form { .. } => "form",
            Self::Objections(_) => "objections",
            Self::Loan(_) => "loan",
            Self::OutOfTurn(_) => "out_of_turn",
        }
    }

    /// What it names, in the order of its sentence.
    pub fn about(&self) -> Vec<String> {
        match self {
            Self::NotMoney(text) | Self::Period(text) | Self::OutOfTurn(text) => vec![text.clone()],
            Self::Waits(n) | Self::OtherBytes(n) | Self::NoSuchFile(n) => vec![n.to_string()],
            Self::NotNow { at, .. } => vec![at.code().to_owned()],
            Self::Short { from, until, least, has } => {
                vec![least.to_string(), from.to_string(), until.to_string(), has.to_string()]
            }
            Self::Year(UnknownYear(year)) => vec![year.to_string()],
            Self::Unreadable(name, why) => vec![name.clone(), why.clone()],
            Self::WhichFile(files) => {
                vec![files.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")]
            }
            Self::Form { field, reason } => vec![(*field).to_owned(), reason.clone()],
            Self::Loan(of) => vec![of.to_string()],
            _ => Vec::new(),
        }
    }

    /// The field of the form that it is about.
    pub fn at(&self) -> Option<&'static str> {
        match self {
            Self::Form { field, .. } => Some(field),
            Self::NoReason => Some("why"),
            Self::Period(_) => Some("period"),
            Self::NotMoney(_) => Some("programme"),
            Self::Short { .. } | Self::Year(_) => Some("until"),
            Self::Loan(fujiao_ledger::loan::LoanError::NotADayForIt { .. }) => Some("on"),
            Self::Loan(fujiao_ledger::loan::LoanError::TooMuch { .. }) => Some("amount"),
            _ => None,
        }
    }
}

/// Everybody.
pub(crate) const ALL: (&str, &[V<'static>]) = ("1 = 1", &[]);

impl Office {
    /// Programmes that pay money to persons, by key with their title.
    pub fn aid_programmes(&self) -> Vec<(String, String)> {
        let pays = |p: &&Programme| p.area == Area::Aid && p.unit == Unit::Fen && p.is_on();
        self.rules
            .policies
            .programmes()
            .iter()
            .filter(pays)
            .map(|p| (p.key.to_string(), p.title.to_string()))
            .collect()
    }

    /// The holidays of the policy files.
    pub(crate) fn aid_calendar(&self) -> Calendar {
        calendar(&self.rules.policies)
    }

    /// How many signatures an amount asks for on a day.
    pub(crate) fn aid_bands(&self, day: Date) -> Bands {
        let keys = ["aid_second_signature_from", "aid_third_signature_from"];
        let from = keys.iter().filter_map(|key| self.rules.policies.number(key, day));
        Bands::new(from.map(Money::fen).collect())
    }

    /// Programmes that do not go beside one for the same person and period.
    pub(crate) fn aid_apart(&self, programme: &str) -> Vec<&str> {
        let Some(of) = self.rules.policies.programme(programme) else { return Vec::new() };
        of.excludes.iter().chain(&of.excluded_by).map(|key| &**key).collect()
    }

    /// The programme and period that were asked for, checked.
    pub(crate) fn aid_asked(
        &self,
        programme: &str,
        period: &str,
    ) -> Result<(String, Period), OfficeError> {
        let of = match self.rules.policies.programme(programme) {
            Some(of) => of,
            None => match self.rules.policies.programme_named(programme) {
                Some(of) => of,
                None => self.rules.policies.find(programme)?,
            },
        };
        if of.area != Area::Aid || of.unit != Unit::Fen || !of.is_on() {
            return Err(AidError::NotMoney(of.title.to_string()).into());
        }
        let period =
            Period::parse(period.trim()).ok_or_else(|| AidError::Period(period.to_owned()))?;
        Ok((of.key.to_string(), period))
    }
}

/// The batch of an id.
pub(crate) fn batch_of(tx: &mut Tx, county: u32, id: u64) -> Result<AidBatch, OfficeError> {
    Ok(tx.aid_batch(county, id)?.ok_or(AidError::NoSuchBatch)?)
}

/// What is known of a batch when it wants to go on.
pub(crate) fn facts_of(tx: &mut Tx, county: u32, batch: &AidBatch) -> Result<Facts, OfficeError> {
    let step = BatchStep::of(batch.step).ok_or(AidError::NoSuchBatch)?;
    let tally = tx.aid_tally(county, batch.id, ALL)?;
    let undecided = tx
        .count_aid_findings(county, batch.id)?
        .into_iter()
        .filter(|(list, ..)| list.holds())
        .map(|(_, waits, _)| waits)
        .sum();
    let live = tx.live_run(county)?.map(|run| run.id);
    let objections = tx.aid_objections(county, batch.id)?;
    let files = tx.aid_files(county, batch.id)?;
    Ok(Facts {
        step,
        withdrawn: batch.withdrawn.is_some(),
        lines: tally.lines,
        undecided,
        stale: batch.checked_run.is_some() && batch.checked_run != live,
        notice_until: tx.aid_publication(county, batch.id)?.map(|p| p.until),
        objections: objections.iter().filter(|o| o.decided.is_none()).count() as u64,
        signed: u8::try_from(tx.aid_approvals(county, batch.id)?.len()).unwrap_or(u8::MAX),
        needed: batch.signatures.unwrap_or(1),
        short: Money::ZERO,
        due: tally.due.0,
        sent: tally.sent.0,
        open_files: files.iter().filter(|f| f.closed_at.is_none()).count() as u64,
    })
}

/// The holidays that policy files list, year by year.
fn calendar(policies: &PolicySet) -> Calendar {
    let mut calendar = Calendar::default();
    for (key, worked) in [("holidays", false), ("worked_weekends", true)] {
        let Some(list) = policies.lists().iter().find(|l| &*l.key == key) else { continue };
        for row in &list.rows {
            let days: Vec<Date> = row.items.iter().filter_map(|d| d.parse().ok()).collect();
            if worked {
                calendar.enter(row.from.year(), [], days);
            } else {
                calendar.enter(row.from.year(), days, []);
            }
        }
    }
    calendar
}

/// A reason in words, or the error that there is none.
pub(crate) fn reason(text: &str) -> Result<String, AidError> {
    written(text).ok_or(AidError::NoReason)
}

/// Writes the audit's line of a use case of aid.
pub(crate) fn note(
    tx: &mut Tx,
    county: u32,
    actor: &Actor,
    action: &str,
    object: &str,
    detail: &str,
) -> Result<(), StoreError> {
    let (at, by) = (actor.at, actor.login.as_str());
    tx.audit(&Event { county, at, actor: by, action, object, detail })
}

/// Refuses somebody who does not stand on the whole county: what is done to a batch is done to all of it.
pub(crate) fn must_hold_the_county(actor: &Actor, right: Right) -> Result<Signed, OfficeError> {
    actor.must(right)?;
    if actor.scope(right).is_whole() {
        Ok(signed(actor))
    } else {
        Err(crate::access::NotAllowed(right).into())
    }
}

/// The condition on persons with alias `p` within which somebody may see aid; arguments from `$first` on.
pub(crate) fn within(actor: &Actor, right: Right, first: usize) -> (String, Vec<V<'static>>) {
    let mut args: Vec<V<'static>> = (1..first).map(|_| V::Null).collect();
    let sql = actor.scope(right).persons_sql("p", &mut args);
    (sql, args.split_off(first - 1))
}

/// A town or village from a form.
pub(crate) fn place_of(text: &str) -> Result<Option<Division>, AidError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let bad = || AidError::Form { field: "place", reason: "写镇或村的 12 位代码".into() };
    Division::parse(text).map(Some).map_err(|_| bad())
}

/// All lines of a batch that are in.
pub(crate) fn everyone() -> LineFilter<'static> {
    LineFilter::default()
}
