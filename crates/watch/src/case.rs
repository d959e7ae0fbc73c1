//! 一生一案: the case of a child who is not in school, from the day it was found to the day it is closed.
//!
//! A [`Case`] has a [`State`]; a [`Step`] leads to the next. Which chief (长) a state belongs to, how many days they have, which
//! document comes of it and to whom it rises when the days are over are [`Rules`], read from `policies/…/cases.toml`: six chiefs
//! or seven are data. At every moment an open case has an owner and a next date: [`Case::duty`].

mod rules;
mod tally;
#[cfg(test)]
mod tests;

pub use rules::{Ground, OverdueList, Role, Rules, StateRule, Template};
pub use tally::{Account, accountability, overdue};

use std::collections::BTreeMap;

use jiff::Span;
use jiff::civil::Date;

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
    const fn rank(self) -> Option<u8> {
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

/// The case of one child.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// The place where the child lives, from the village up.
    pub places: Vec<i64>,
    /// The school, if there is one.
    pub school: Option<u64>,
    /// The day on which it was found.
    pub opened_on: Date,
    state: State,
    since: Date,
    /// The day agreed on for this state.
    agreed: Option<Date>,
    assigned: Option<Officer>,
    /// For a referral or a transfer, where it goes on.
    before: Option<(State, Option<Date>)>,
    asked: Option<(Vec<i64>, Option<u64>)>,
    history: Vec<Entry>,
    relapses: u32,
}

/// Who must act now, and by when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duty<'a> {
    /// The role that owns it now.
    pub role: &'a Role,
    /// The person, if one of that role was named.
    pub officer: Option<&'a Officer>,
    /// The next date, never before the day asked for.
    pub next_on: Date,
    /// The day by which the first owner should have acted.
    pub due_on: Date,
    /// How often it rose.
    pub risen: u32,
    /// Days over the first day; 0 if it is in time.
    pub overdue_days: i32,
    /// On which list it stands if it is overdue.
    pub list: OverdueList,
}

fn after(day: Date, days: i32) -> Date {
    day.saturating_add(Span::new().days(days))
}

impl Case {
    /// A case that was found on a day.
    pub fn open(places: Vec<i64>, school: Option<u64>, on: Date) -> Self {
        Self {
            places,
            school,
            opened_on: on,
            state: State::Found,
            since: on,
            agreed: None,
            assigned: None,
            before: None,
            asked: None,
            history: Vec::new(),
            relapses: 0,
        }
    }

    /// A case from its history, as the books keep it. Each step is checked again.
    ///
    /// # Errors
    /// The first [`Refusal`], with the place of its step.
    pub fn replay(
        places: Vec<i64>,
        school: Option<u64>,
        on: Date,
        steps: &[(Date, Step)],
        rules: &Rules,
    ) -> Result<Self, (usize, Refusal)> {
        let mut case = Self::open(places, school, on);
        for (at, (on, step)) in steps.iter().enumerate() {
            case.take(step.clone(), *on, *on, rules).map_err(|refusal| (at, refusal))?;
        }
        Ok(case)
    }

    /// A case from the books as they stand. Its steps were checked when they were taken; where the rules have changed since, each
    /// entry's state holds, and days count by today's rules.
    pub fn recall(
        places: Vec<i64>,
        school: Option<u64>,
        on: Date,
        entries: &[Entry],
        rules: &Rules,
    ) -> Self {
        let mut case = Self::open(places, school, on);
        for entry in entries {
            let mut next = case.clone();
            if next.apply(&entry.step, entry.on, rules).is_ok() && next.state == entry.state {
                case = next;
            } else if !matches!(entry.step, Step::Assign(_)) {
                let again = matches!(entry.step, Step::Relapse | Step::Reopen { .. });
                case.relapses += u32::from(again);
                let stood = (case.state, case.agreed);
                case.enter(entry.state, entry.on, None);
                if matches!(entry.state, State::Referred | State::Transferring) {
                    case.before = Some(stood);
                }
                if let Step::Transfer { places, school } = &entry.step {
                    case.asked = Some((places.clone(), *school));
                }
            }
            case.history.push(entry.clone());
        }
        case
    }

    /// Where it stands.
    pub const fn state(&self) -> State {
        self.state
    }

    /// Since when.
    pub const fn since(&self) -> Date {
        self.since
    }

    /// How often the child left again, or the case was opened again.
    pub const fn relapses(&self) -> u32 {
        self.relapses
    }

    /// Everything that happened.
    pub fn history(&self) -> &[Entry] {
        &self.history
    }

    /// The place that was asked to take the case, from the village up, and its school.
    pub fn asked(&self) -> Option<(&[i64], Option<u64>)> {
        self.asked.as_ref().map(|(places, school)| (places.as_slice(), *school))
    }

    /// Takes a step that happened on a day, written down today.
    ///
    /// # Errors
    /// [`Refusal`]; the case is as it was.
    pub fn take(
        &mut self,
        step: Step,
        on: Date,
        today: Date,
        rules: &Rules,
    ) -> Result<(), Refusal> {
        if on > today {
            return Err(Refusal::Tomorrow { on, today });
        }
        let last = self.history.last().map_or(self.opened_on, |entry| entry.on);
        if on < last {
            return Err(Refusal::BeforeLast { on, last });
        }
        if self.state == State::Closed && !matches!(step, Step::Reopen { .. }) {
            return Err(Refusal::Closed);
        }
        let mut next = self.clone();
        next.apply(&step, on, rules)?;
        let state = next.state;
        next.history.push(Entry { on, step, state });
        *self = next;
        Ok(())
    }

    fn apply(&mut self, step: &Step, on: Date, rules: &Rules) -> Result<(), Refusal> {
        match step {
            Step::Verify { real: true } => self.forward(State::Verified, on, None),
            Step::Verify { real: false } => {
                self.forward(State::Verified, on, None)?;
                self.enter(State::Closed, on, None);
                Ok(())
            }
            Step::Visit { promised, .. } => self.visit(on, *promised),
            Step::Notice { guardian, return_by } => {
                if guardian.as_ref().is_none_or(|g| g.trim().is_empty()) {
                    return Err(Refusal::NoGuardian);
                }
                self.dated(State::Noticed, "家访一次", State::Visited, on, *return_by)
            }
            Step::Order { return_by } => {
                if self.state == State::Noticed && self.agreed.is_some_and(|by| on <= by) {
                    let needs = "等通知书的限期过了";
                    return Err(Refusal::TooEarly { state: self.state, needs });
                }
                self.dated(State::Ordered, "送达限期复学通知书", State::Noticed, on, *return_by)
            }
            Step::Return { proof, follow_until } => {
                if proof.trim().is_empty() {
                    return Err(Refusal::Missing("到校证明"));
                }
                self.must_be_open("再次离校")?;
                self.enter(State::FollowUp, on, follow_until.filter(|until| *until > on));
                Ok(())
            }
            Step::Exempt { document, until } => {
                if document.trim().is_empty() {
                    return Err(Refusal::Missing("批准文件"));
                }
                if until.is_some_and(|until| until <= on) {
                    return Err(Refusal::Missing("还没有到的到期日"));
                }
                self.must_be_open("再次离校")?;
                self.enter(State::Exempt, on, *until);
                Ok(())
            }
            Step::Refer { to } => {
                if to.trim().is_empty() {
                    return Err(Refusal::Missing("转介到哪里"));
                }
                self.aside(State::Referred, on)
            }
            Step::Transfer { places, school } => {
                if places.is_empty() {
                    return Err(Refusal::Missing("移交到哪里"));
                }
                self.aside(State::Transferring, on)?;
                self.asked = Some((places.clone(), *school));
                Ok(())
            }
            Step::Answer { .. } => self.resume(State::Referred, "转介", on, false),
            Step::Accept => self.resume(State::Transferring, "移交", on, true),
            Step::Decline { why } => {
                if why.trim().is_empty() {
                    return Err(Refusal::Missing("不接收的原因"));
                }
                self.resume(State::Transferring, "移交", on, false)
            }
            Step::Relapse => {
                if !matches!(self.state, State::FollowUp | State::Exempt) {
                    let needs = "返校或依法休学；没有返校的照常办下一步";
                    return Err(Refusal::TooEarly { state: self.state, needs });
                }
                self.relapses += 1;
                self.enter(State::Verified, on, None);
                Ok(())
            }
            Step::Close(why) => self.close(*why, on, rules),
            Step::Reopen { why } => {
                if self.state != State::Closed {
                    return Err(Refusal::TooEarly {
                        state: self.state,
                        needs: "销号；没有销号的不用重开",
                    });
                }
                if why.trim().is_empty() {
                    return Err(Refusal::Missing("重开的原因"));
                }
                self.relapses += 1;
                self.enter(State::Verified, on, None);
                Ok(())
            }
            Step::Assign(officer) => self.assign(officer, on, rules),
        }
    }

    fn enter(&mut self, state: State, on: Date, agreed: Option<Date>) {
        self.state = state;
        self.since = on;
        self.agreed = agreed;
        self.assigned = None;
        self.before = None;
        self.asked = None;
    }

    /// One step on the way back to school: from the state just before.
    fn forward(&mut self, to: State, on: Date, agreed: Option<Date>) -> Result<(), Refusal> {
        let wanted = to.rank().expect("it is on the way");
        match self.state.rank() {
            Some(now) if now + 1 == wanted => {
                self.enter(to, on, agreed);
                Ok(())
            }
            Some(now) if now >= wanted => Err(Refusal::Backwards(self.state)),
            Some(0) => Err(Refusal::TooEarly { state: self.state, needs: "核实" }),
            Some(_) => Err(Refusal::TooEarly { state: self.state, needs: "办完前一步" }),
            None => Err(Refusal::Backwards(self.state)),
        }
    }

    /// A visit: the first leads on; a later one is kept, and what was promised counts.
    fn visit(&mut self, on: Date, promised: Option<Date>) -> Result<(), Refusal> {
        let promised = promised.filter(|day| *day > on);
        match self.state {
            State::Found => Err(Refusal::TooEarly { state: self.state, needs: "核实" }),
            State::Verified => self.forward(State::Visited, on, promised),
            State::Visited => {
                // One promise is enough: a second does not put the notice off.
                Ok(())
            }
            State::Noticed | State::Ordered | State::FollowUp | State::Exempt | State::Referred => {
                Ok(())
            }
            State::Transferring => {
                Err(Refusal::TooEarly { state: self.state, needs: "等对方接收或不接收" })
            }
            State::Closed => Err(Refusal::Closed),
        }
    }

    fn dated(
        &mut self,
        to: State,
        needs: &'static str,
        from: State,
        on: Date,
        return_by: Date,
    ) -> Result<(), Refusal> {
        if return_by <= on {
            return Err(Refusal::NoTime { on, return_by });
        }
        if self.state.rank().is_some_and(|now| Some(now) < from.rank()) {
            return Err(Refusal::TooEarly { state: self.state, needs });
        }
        self.forward(to, on, Some(return_by))
    }

    fn must_be_open(&self, instead: &'static str) -> Result<(), Refusal> {
        match self.state {
            State::Found => Err(Refusal::TooEarly { state: self.state, needs: "核实" }),
            State::FollowUp | State::Exempt => {
                Err(Refusal::TooEarly { state: self.state, needs: instead })
            }
            State::Transferring => {
                Err(Refusal::TooEarly { state: self.state, needs: "等对方接收或不接收" })
            }
            _ => Ok(()),
        }
    }

    fn aside(&mut self, to: State, on: Date) -> Result<(), Refusal> {
        if matches!(self.state, State::Referred | State::Transferring) {
            return Err(Refusal::TooEarly {
                state: self.state, needs: "等转介或移交有回复"
            });
        }
        if self.state == State::Found {
            return Err(Refusal::TooEarly { state: self.state, needs: "核实" });
        }
        let before = (self.state, self.agreed);
        self.enter(to, on, None);
        self.before = Some(before);
        Ok(())
    }

    /// Back from a referral or a transfer: the case goes on where it was, with the days that the state has.
    fn resume(
        &mut self,
        from: State,
        needs: &'static str,
        on: Date,
        moves: bool,
    ) -> Result<(), Refusal> {
        if self.state != from {
            return Err(Refusal::TooEarly { state: self.state, needs });
        }
        let (state, agreed) = self.before.take().expect("it stood somewhere before");
        if moves {
            let (places, school) = self.asked.take().expect("somebody was asked");
            self.places = places;
            self.school = school;
        }
        self.enter(state, on, agreed.filter(|day| *day > on));
        Ok(())
    }

    fn close(&mut self, why: Closing, on: Date, rules: &Rules) -> Result<(), Refusal> {
        match why {
            Closing::Followed => {
                if self.state != State::FollowUp {
                    return Err(Refusal::TooEarly {
                        state: self.state,
                        needs: "返校并跟踪一个学期",
                    });
                }
                if on < self.due(rules) {
                    return Err(Refusal::TooEarly { state: self.state, needs: "等跟踪期满" });
                }
            }
            Closing::Mistake => {
                if !matches!(self.state, State::Found | State::Verified) {
                    return Err(Refusal::Backwards(self.state));
                }
            }
            Closing::TakenElsewhere => {
                if self.state != State::Transferring {
                    return Err(Refusal::TooEarly { state: self.state, needs: "移交" });
                }
            }
            Closing::Grown | Closing::Died => {}
        }
        self.enter(State::Closed, on, None);
        Ok(())
    }

    fn assign(&mut self, officer: &Officer, on: Date, rules: &Rules) -> Result<(), Refusal> {
        let Some(role) = rules.role(&officer.role) else {
            return Err(Refusal::NotTheirs(officer.role.clone()));
        };
        let owner = self.duty(rules, on).ok_or(Refusal::Closed)?.role;
        if owner.key != role.key {
            return Err(Refusal::NotTheirs(role.title.clone()));
        }
        let (inside, ground) = match role.ground {
            Ground::County => (true, ""),
            Ground::School => {
                // Without a school the place decides.
                let inside = match (self.school, officer.school) {
                    (Some(ours), Some(theirs)) => ours == theirs,
                    (None, _) => officer.place.is_some_and(|place| self.places.contains(&place)),
                    _ => false,
                };
                (inside, "学校")
            }
            Ground::Place => {
                (officer.place.is_some_and(|place| self.places.contains(&place)), "地方")
            }
            Ground::Child => (officer.guardian, "孩子"),
        };
        if !inside {
            return Err(Refusal::OutsidePlace { title: role.title.clone(), ground });
        }
        self.assigned = Some(officer.clone());
        Ok(())
    }

    /// The day by which the first owner of this state must have acted.
    fn due(&self, rules: &Rules) -> Date {
        let days = rules.state(self.state).days;
        self.agreed.unwrap_or_else(|| after(self.since, days))
    }

    /// Who must act, and by when; `None` if it is closed.
    ///
    /// A day that passed without the step raises the case to the next chief, who has the days of the rule file; at the top it stays
    /// and comes up again each time.
    pub fn duty<'a>(&'a self, rules: &'a Rules, as_of: Date) -> Option<Duty<'a>> {
        if self.state == State::Closed {
            return None;
        }
        let wanted = rules.state(self.state);
        let first = match (&self.school, &wanted.without_school) {
            (None, Some(role)) => role,
            _ => &wanted.role,
        };
        let mut role = rules.role(first).expect("rules are checked: their roles are there");
        let due_on = self.due(rules);
        let (mut next_on, mut risen) = (due_on, 0);
        while as_of > next_on {
            risen += 1;
            if let Some(above) = &role.next {
                role = rules.role(above).expect("rules are checked: their roles are there");
                next_on = after(next_on, rules.rise_days);
            } else {
                // At the top: the next of the days on which it comes up.
                let days = (as_of - next_on).get_days();
                let times = (days + rules.rise_days - 1) / rules.rise_days;
                risen += u32::try_from(times - 1).expect("it is above zero");
                next_on = after(next_on, times * rules.rise_days);
            }
        }
        let officer = self.assigned.as_ref().filter(|officer| officer.role == role.key);
        Some(Duty {
            role,
            officer,
            next_on,
            due_on,
            risen,
            overdue_days: (as_of - due_on).get_days().max(0),
            list: wanted.list,
        })
    }
}

/// A document filled in: its title and its paragraphs.
///
/// # Errors
/// The fields that are not there: the document is not to go out.
pub fn fill(
    template: &Template,
    fields: &BTreeMap<&str, String>,
) -> Result<(String, Vec<String>), Vec<String>> {
    let mut absent = Vec::new();
    let mut paragraphs = Vec::new();
    for line in template.text.lines().filter(|line| !line.trim().is_empty()) {
        let mut out = String::new();
        let mut rest = line;
        while let Some((before, behind)) = rest.split_once('{') {
            out.push_str(before);
            let (name, behind) = behind.split_once('}').expect("templates are checked");
            match fields.get(name).map(|value| value.trim()).filter(|value| !value.is_empty()) {
                Some(value) => out.push_str(value),
                None => absent.push(name.to_owned()),
            }
            rest = behind;
        }
        out.push_str(rest);
        paragraphs.push(out);
    }
    absent.sort_unstable();
    absent.dedup();
    if absent.is_empty() { Ok((template.title.clone(), paragraphs)) } else { Err(absent) }
}
