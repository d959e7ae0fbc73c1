//! Where a case can stand, and why one is closed.

/// Where a case stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// 已发现: on a list, not yet looked into.
    Found,
    /// 已核实: really in no school.
    Verified,
    /// 已家访
    Visited,
    /// 已送达限期复学通知书
    Noticed,
    /// 已责令改正
    Ordered,
    /// 已转介: with a service that answers.
    Referred,
    /// 移交中: another place is asked to take it.
    Transferring,
    /// 依法延缓、休学: until its end.
    Exempt,
    /// 已返校，跟踪中
    FollowUp,
    /// 已销号
    Closed,
}

impl State {
    /// All, in order.
    pub const ALL: [Self; 10] = [
        Self::Found,
        Self::Verified,
        Self::Visited,
        Self::Noticed,
        Self::Ordered,
        Self::Referred,
        Self::Transferring,
        Self::Exempt,
        Self::FollowUp,
        Self::Closed,
    ];

    /// The word in files and books.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Verified => "verified",
            Self::Visited => "visited",
            Self::Noticed => "noticed",
            Self::Ordered => "ordered",
            Self::Referred => "referred",
            Self::Transferring => "transferring",
            Self::Exempt => "exempt",
            Self::FollowUp => "follow_up",
            Self::Closed => "closed",
        }
    }

    /// The Chinese term.
    pub const fn chinese(self) -> &'static str {
        match self {
            Self::Found => "已发现",
            Self::Verified => "已核实",
            Self::Visited => "已家访",
            Self::Noticed => "已送达通知",
            Self::Ordered => "已责令改正",
            Self::Referred => "已转介",
            Self::Transferring => "移交中",
            Self::Exempt => "依法延缓休学",
            Self::FollowUp => "已返校跟踪",
            Self::Closed => "已销号",
        }
    }

    /// Reads the word.
    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// On the way back to school: how far along; `None` beside it.
    pub(super) const fn rank(self) -> Option<u8> {
        match self {
            Self::Found => Some(0),
            Self::Verified => Some(1),
            Self::Visited => Some(2),
            Self::Noticed => Some(3),
            Self::Ordered => Some(4),
            _ => None,
        }
    }
}

/// Why a case is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Closing {
    /// 返校跟踪期满
    Followed,
    /// 误报: was in school all the time.
    Mistake,
    /// 超过义务教育年龄
    Grown,
    /// 死亡
    Died,
    /// 外县接收: a place that keeps its own books has taken it.
    TakenElsewhere,
}

impl Closing {
    /// All, in order.
    pub const ALL: [Self; 5] =
        [Self::Followed, Self::Mistake, Self::Grown, Self::Died, Self::TakenElsewhere];

    /// The word in files and books.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Followed => "followed",
            Self::Mistake => "mistake",
            Self::Grown => "grown",
            Self::Died => "died",
            Self::TakenElsewhere => "taken_elsewhere",
        }
    }

    /// The Chinese term.
    pub const fn chinese(self) -> &'static str {
        match self {
            Self::Followed => "返校跟踪期满",
            Self::Mistake => "误报",
            Self::Grown => "超过义务教育年龄",
            Self::Died => "死亡",
            Self::TakenElsewhere => "外县接收",
        }
    }

    /// Reads the word.
    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|why| why.code() == code)
    }
}
