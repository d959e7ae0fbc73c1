//! What can happen to a case, and why a step is not taken.

use jiff::civil::Date;

use super::{Closing, State};

/// What happens to a case. Days are when it happened, not when it was written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// 核实: really in no school; else the case closes as a mistake.
    Verify {
        /// Whether the child is in no school.
        real: bool,
    },
    /// 家访
    Visit {
        /// Whether father, mother or guardian was met.
        guardian_met: bool,
        /// The day by which they promised to send the child.
        promised: Option<Date>,
    },
    /// 送达限期复学通知书
    Notice {
        /// To whom: the guardian's name.
        guardian: Option<String>,
        /// The day by which the child is to return.
        return_by: Date,
    },
    /// 责令改正, after the notice's day has passed.
    Order {
        /// The day by which the child is to return.
        return_by: Date,
    },
    /// 返校
    Return {
        /// What proves it: a line of attendance, the school's word.
        proof: String,
        /// The last day of the follow-up: the end of a term.
        follow_until: Option<Date>,
    },
    /// 依法延缓入学、休学
    Exempt {
        /// The approval.
        document: String,
        /// Its last day.
        until: Option<Date>,
    },
    /// 转介
    Refer {
        /// To which service.
        to: String,
    },
    /// 转介有回复: the case goes on where it was.
    Answer {
        /// What was done.
        said: String,
    },
    /// 移交: another place is asked to take the case.
    Transfer {
        /// The place, from the village up.
        places: Vec<i64>,
        /// The school there, if there is one.
        school: Option<u64>,
    },
    /// 接收: the other place takes it.
    Accept,
    /// 不接收: it stays where it was.
    Decline {
        /// Why.
        why: String,
    },
    /// 再次离校 during follow-up, or an exemption that ended without return.
    Relapse,
    /// 销号
    Close(Closing),
    /// 重开
    Reopen {
        /// Why.
        why: String,
    },
    /// 指派给某人
    Assign(Officer),
}

impl Step {
    /// The words of all steps.
    pub const CODES: [&'static str; 15] = [
        "verify", "visit", "notice", "order", "return", "exempt", "refer", "answer", "transfer",
        "accept", "decline", "relapse", "close", "reopen", "assign",
    ];

    /// The word in files and books.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Verify { .. } => "verify",
            Self::Visit { .. } => "visit",
            Self::Notice { .. } => "notice",
            Self::Order { .. } => "order",
            Self::Return { .. } => "return",
            Self::Exempt { .. } => "exempt",
            Self::Refer { .. } => "refer",
            Self::Answer { .. } => "answer",
            Self::Transfer { .. } => "transfer",
            Self::Accept => "accept",
            Self::Decline { .. } => "decline",
            Self::Relapse => "relapse",
            Self::Close(_) => "close",
            Self::Reopen { .. } => "reopen",
            Self::Assign(_) => "assign",
        }
    }
}

/// Somebody who can own a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Officer {
    /// Any number that is the same for the same person.
    pub id: u64,
    /// Their role.
    pub role: String,
    /// The school that they work for.
    pub school: Option<u64>,
    /// The place that they answer for.
    pub place: Option<i64>,
    /// Whether they are a guardian of this child; for the role of guardians.
    pub guardian: bool,
}

/// A line of a case's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The day on which it happened.
    pub on: Date,
    /// What happened.
    pub step: Step,
    /// The state after it.
    pub state: State,
}

/// Why a step is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The day has not come.
    #[error("日期 {on} 还没有到，今天是 {today}；写实际发生的日子")]
    Tomorrow {
        /// The day of the step.
        on: Date,
        /// Today.
        today: Date,
    },
    /// Before the last step.
    #[error("日期 {on} 早于上一步的 {last}；案卷按先后写，写错的请更正上一步")]
    BeforeLast {
        /// The day of the step.
        on: Date,
        /// The day of the last step.
        last: Date,
    },
    /// A step that leads back.
    #[error("这一案已经“{}”，不能退回去再做这一步；返校后又离校的用“再次离校”，销号的用“重开”", .0.chinese())]
    Backwards(State),
    /// A step that needs another before.
    #[error("这一案还是“{}”，先{needs}", .state.chinese())]
    TooEarly {
        /// Where it stands.
        state: State,
        /// What is to be done first.
        needs: &'static str,
    },
    /// A notice that goes to nobody.
    #[error("没有监护人，通知书送给谁？先写明监护人；没有监护人的转介民政")]
    NoGuardian,
    /// A return day that is not after the notice.
    #[error("限期 {return_by} 不在送达日 {on} 之后；留出返校的日子")]
    NoTime {
        /// The day of the notice.
        on: Date,
        /// The day by which.
        return_by: Date,
    },
    /// A paper that is not there.
    #[error("没有写明{0}；补上再办")]
    Missing(&'static str),
    /// Somebody of another place.
    #[error("{title}只管自己的{ground}，这一案不在那里；指派给本地的，或先办移交")]
    OutsidePlace {
        /// Their role's title.
        title: String,
        /// School, place or child.
        ground: &'static str,
    },
    /// A role that no rule knows, or that the case does not belong to now.
    #[error("现在这一步不归“{0}”办；看看这一案现在归谁")]
    NotTheirs(String),
    /// It is closed.
    #[error("这一案已经销号；要再办，先重开并写明原因")]
    Closed,
}
