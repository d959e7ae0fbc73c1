//! The life of a batch of payments (批次), of the lines in it and of the bank's lines for them.
//!
//! Cycle, entitlement, payment and bank line have four lives. What may follow what is said here once; the store holds the
//! same by references between its tables.

use fujiao_model::Money;
use jiff::civil::Date;

/// Where a batch stands. Each step follows the one before; none is skipped and none is taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BatchStep {
    /// 起草: the lines are collected and can change.
    Draft = 1,
    /// 核对: what is missed, wrong, double or stacked is listed.
    Checked,
    /// 公示: the names hang out.
    Published,
    /// 审批: signed, and its payments are due.
    Approved,
    /// 导出: the bank has the file.
    Exported,
    /// 对账: every line is paid, or is given up by a person.
    Reconciled,
    /// 办结
    Closed,
}

impl BatchStep {
    /// All, in order.
    pub const ALL: [Self; 7] = [
        Self::Draft,
        Self::Checked,
        Self::Published,
        Self::Approved,
        Self::Exported,
        Self::Reconciled,
        Self::Closed,
    ];

    /// Its number in the books: 1 to 7.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// Reads the number.
    pub fn of(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.number() == number)
    }

    /// The word in files and addresses.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Checked => "checked",
            Self::Published => "published",
            Self::Approved => "approved",
            Self::Exported => "exported",
            Self::Reconciled => "reconciled",
            Self::Closed => "closed",
        }
    }

    /// The Chinese term.
    pub const fn chinese(self) -> &'static str {
        match self {
            Self::Draft => "起草",
            Self::Checked => "核对",
            Self::Published => "公示",
            Self::Approved => "审批",
            Self::Exported => "导出",
            Self::Reconciled => "对账",
            Self::Closed => "办结",
        }
    }

    /// The step that follows; `None` after the last.
    pub fn next(self) -> Option<Self> {
        Self::of(self.number() + 1)
    }
}

/// Where the payment of one line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PaymentState {
    /// 待发: approved, and in no file or come back.
    Due,
    /// 在途: in a file that the bank has.
    Sent,
    /// 已发
    Paid,
    /// 停发: a person gave it up.
    Stopped,
}

/// Where one line of a bank's file stands. A line that came back stays so: the payment gets a line in another file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LineState {
    /// 在途
    Sent,
    /// 成功
    Paid,
    /// 退回
    Returned,
}

impl PaymentState {
    /// What its lines say, oldest first; `stopped`: a person gave it up.
    ///
    /// # Errors
    /// `None` if the lines cannot be: a line after one that is under way or paid, or given up while the bank has it.
    pub fn of(lines: &[LineState], stopped: bool) -> Option<Self> {
        let (last, before) = match lines {
            [] => return Some(if stopped { Self::Stopped } else { Self::Due }),
            [before @ .., last] => (last, before),
        };
        if before.iter().any(|line| *line != LineState::Returned) {
            return None;
        }
        match (last, stopped) {
            (LineState::Returned, true) => Some(Self::Stopped),
            (_, true) => None,
            (LineState::Returned, false) => Some(Self::Due),
            (LineState::Sent, false) => Some(Self::Sent),
            (LineState::Paid, false) => Some(Self::Paid),
        }
    }

    /// The word in the books.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Sent => "sent",
            Self::Paid => "paid",
            Self::Stopped => "stopped",
        }
    }

    /// The Chinese term.
    pub const fn chinese(self) -> &'static str {
        match self {
            Self::Due => "待发",
            Self::Sent => "在途",
            Self::Paid => "已发",
            Self::Stopped => "停发",
        }
    }
}

/// What is known of a batch when somebody wants it to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Where it stands.
    pub step: BatchStep,
    /// Somebody took it back.
    pub withdrawn: bool,
    /// Lines in it.
    pub lines: u64,
    /// Missed, wrong or stacked lines about which nobody has decided. A suspected duplicate holds nothing up.
    pub undecided: u64,
    /// The live assessment is not the one that it was checked against.
    pub stale: bool,
    /// The last day of its notice.
    pub notice_until: Option<Date>,
    /// Objections about which nobody has decided.
    pub objections: u64,
    /// Signatures.
    pub signed: u8,
    /// Signatures that its amount asks for.
    pub needed: u8,
    /// What no fund can pay.
    pub short: Money,
    /// Payments that are due: in no file yet, or come back.
    pub due: u64,
    /// Payments that the bank has.
    pub sent: u64,
    /// Files that do not balance yet.
    pub open_files: u64,
}

/// Why a batch cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Hold {
    /// It was taken back.
    #[error("这一批已经撤回；要发就重新起草一批")]
    Withdrawn,
    /// It is closed.
    #[error("这一批已经办结，不能再改；漏发、少发的另起一批补")]
    Closed,
    /// Nobody is in it.
    #[error("批内没有人；看看核算结果里这个项目这学期还有没有差额")]
    Empty,
    /// Something was found about which nobody has decided.
    #[error("漏、错、叠还有 {0} 条没有办；办完或逐条写明理由再公示")]
    Undecided(u64),
    /// It was checked against an earlier assessment.
    #[error("核对以后又核算过；先重新核对（fujiao aid check）")]
    Stale,
    /// The notice is not over.
    #[error("公示到 {0} 止，过了这一天才能审批")]
    NoticeRuns(Date),
    /// Objections wait.
    #[error("还有 {0} 条异议没有答复；答复完再审批")]
    Objections(u64),
    /// Signatures are missing.
    #[error("按金额要 {needed} 人签字，现有 {signed} 人；请另一位审批人签")]
    Signatures {
        /// So many there are.
        signed: u8,
        /// So many it takes.
        needed: u8,
    },
    /// There is not enough money for it.
    #[error("能用于这一批的资金还差 {0} 元；先登记到账的资金，或核对资金用途")]
    Short(Money),
    /// The bank has lines that nobody told of.
    #[error("还有 {0} 笔在途；收银行回盘对账")]
    UnderWay(u64),
    /// Payments are due still.
    #[error("还有 {0} 笔待发（含退回的）；再导出一次，或逐笔写明停发的理由")]
    Due(u64),
    /// A file does not balance.
    #[error("还有 {0} 个文件没有对平；收齐回盘再办结")]
    OpenFiles(u64),
}

impl Hold {
    /// The word of tables of texts.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Withdrawn => "withdrawn",
            Self::Closed => "closed",
            Self::Empty => "empty",
            Self::Undecided(_) => "undecided",
            Self::Stale => "stale",
            Self::NoticeRuns(_) => "notice_runs",
            Self::Objections(_) => "objections",
            Self::Signatures { .. } => "signatures",
            Self::Short(_) => "short",
            Self::UnderWay(_) => "under_way",
            Self::Due(_) => "due",
            Self::OpenFiles(_) => "open_files",
        }
    }

    /// What it names, in the order of its sentence.
    pub fn about(self) -> Vec<String> {
        match self {
            Self::Withdrawn | Self::Closed | Self::Empty | Self::Stale => Vec::new(),
            Self::Undecided(n)
            | Self::Objections(n)
            | Self::UnderWay(n)
            | Self::Due(n)
            | Self::OpenFiles(n) => vec![n.to_string()],
            Self::NoticeRuns(until) => vec![until.to_string()],
            Self::Signatures { signed, needed } => vec![signed.to_string(), needed.to_string()],
            Self::Short(money) => vec![money.to_string()],
        }
    }
}

/// The step that a batch may take on a day; or all that holds it.
///
/// # Errors
/// Every [`Hold`], the most decisive first.
pub fn advance(facts: &Facts, today: Date) -> Result<BatchStep, Vec<Hold>> {
    if facts.withdrawn {
        return Err(vec![Hold::Withdrawn]);
    }
    let Some(next) = facts.step.next() else { return Err(vec![Hold::Closed]) };
    let mut holds = Vec::new();
    let mut hold = |held: bool, why: Hold| {
        if held {
            holds.push(why);
        }
    };
    match next {
        BatchStep::Draft => unreachable!("nothing comes before it"),
        BatchStep::Checked => hold(facts.lines == 0, Hold::Empty),
        BatchStep::Published => {
            hold(facts.lines == 0, Hold::Empty);
            hold(facts.stale, Hold::Stale);
            hold(facts.undecided > 0, Hold::Undecided(facts.undecided));
        }
        BatchStep::Approved => {
            hold(facts.lines == 0, Hold::Empty);
            hold(facts.stale, Hold::Stale);
            hold(facts.undecided > 0, Hold::Undecided(facts.undecided));
            if let Some(until) = facts.notice_until {
                hold(today <= until, Hold::NoticeRuns(until));
            }
            hold(facts.objections > 0, Hold::Objections(facts.objections));
            hold(facts.short > Money::ZERO, Hold::Short(facts.short));
            let (signed, needed) = (facts.signed, facts.needed);
            hold(signed < needed, Hold::Signatures { signed, needed });
        }
        BatchStep::Exported => {}
        BatchStep::Reconciled | BatchStep::Closed => {
            hold(facts.sent > 0, Hold::UnderWay(facts.sent));
            hold(facts.due > 0, Hold::Due(facts.due));
            hold(facts.open_files > 0, Hold::OpenFiles(facts.open_files));
        }
    }
    if holds.is_empty() { Ok(next) } else { Err(holds) }
}

/// How many signatures an amount asks for: amounts from which one more is needed, ascending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bands(Vec<Money>);

impl Bands {
    /// Bands by the amounts from which a second, a third … signature is needed. Sorted here.
    pub fn new(mut from: Vec<Money>) -> Self {
        from.sort_unstable();
        Self(from)
    }

    /// Signatures for a batch of this amount: at least one.
    pub fn signatures(&self, total: Money) -> u8 {
        let more = self.0.iter().take_while(|from| total >= **from).count();
        u8::try_from(1 + more).unwrap_or(u8::MAX).min(9)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn facts(step: BatchStep) -> Facts {
        Facts {
            step,
            withdrawn: false,
            lines: 3,
            undecided: 0,
            stale: false,
            notice_until: Some(date(2025, 10, 22)),
            objections: 0,
            signed: 1,
            needed: 1,
            short: Money::ZERO,
            due: 0,
            sent: 0,
            open_files: 0,
        }
    }

    #[test]
    fn a_batch_without_holds_goes_to_its_end_and_no_further() {
        let mut at = BatchStep::Draft;
        let mut seen = vec![at];
        while let Ok(next) = advance(&facts(at), date(2025, 10, 23)) {
            at = next;
            seen.push(at);
        }
        assert_eq!(seen, BatchStep::ALL);
        assert_eq!(advance(&facts(at), date(2025, 10, 23)), Err(vec![Hold::Closed]));
    }

    #[test]
    fn each_hold_holds_where_it_should() {
        let day = date(2025, 10, 23);
        let held = |facts: Facts| advance(&facts, day).unwrap_err();
        let of = facts;
        assert_eq!(held(Facts { lines: 0, ..of(BatchStep::Draft) }), [Hold::Empty]);
        let undecided = Facts { undecided: 2, ..of(BatchStep::Checked) };
        assert_eq!(held(undecided), [Hold::Undecided(2)]);
        let until = Some(date(2025, 10, 23));
        let early = Facts { notice_until: until, ..of(BatchStep::Published) };
        assert_eq!(held(early), [Hold::NoticeRuns(day)]);
        let poor =
            Facts { short: Money::yuan(5), signed: 1, needed: 2, ..of(BatchStep::Published) };
        assert_eq!(
            held(poor),
            [Hold::Short(Money::yuan(5)), Hold::Signatures { signed: 1, needed: 2 }]
        );
        let open = Facts { due: 1, sent: 2, open_files: 1, ..of(BatchStep::Exported) };
        assert_eq!(held(open), [Hold::UnderWay(2), Hold::Due(1), Hold::OpenFiles(1)]);
        assert_eq!(held(Facts { withdrawn: true, ..of(BatchStep::Draft) }), [Hold::Withdrawn]);
    }

    #[test]
    fn signatures_rise_with_the_amount() {
        let bands = Bands::new(vec![Money::yuan(1_000_000), Money::yuan(100_000)]);
        let of = |fen| bands.signatures(Money::fen(fen));
        assert_eq!(
            [of(0), of(9_999_999), of(10_000_000), of(99_999_999), of(100_000_000)],
            [1, 1, 2, 2, 3]
        );
        assert_eq!(Bands::default().signatures(Money::yuan(1)), 1);
    }

    proptest! {
        /// Whatever the bank says, and in whatever order, a payment is paid by one line at most, and nothing follows it.
        #[test]
        fn a_payment_is_paid_by_one_line(lines in prop::collection::vec(0_u8..3, 0..6), stopped: bool) {
            let lines: Vec<LineState> = lines
                .iter()
                .map(|n| [LineState::Sent, LineState::Paid, LineState::Returned][usize::from(*n)])
                .collect();
            let live = lines.iter().filter(|l| **l != LineState::Returned).count();
            match PaymentState::of(&lines, stopped) {
                Some(PaymentState::Paid | PaymentState::Sent) => prop_assert_eq!((live, stopped), (1, false)),
                Some(PaymentState::Due) => prop_assert_eq!((live, stopped), (0, false)),
                Some(PaymentState::Stopped) => prop_assert_eq!((live, stopped), (0, true)),
                None => prop_assert!(live > 0),
            }
        }

        /// A step forward is one step, whatever the facts.
        #[test]
        fn no_step_is_skipped(
            step in 0_usize..7, undecided in 0_u64..2, stale: bool, objections in 0_u64..2, signed in 0_u8..3,
            needed in 1_u8..3, due in 0_u64..2, sent in 0_u64..2,
        ) {
            let at = BatchStep::ALL[step];
            let facts = Facts { undecided, stale, objections, signed, needed, due, sent, ..facts(at) };
            if let Ok(next) = advance(&facts, date(2025, 10, 23)) {
                prop_assert_eq!(next.number(), at.number() + 1);
            }
        }
    }
}
