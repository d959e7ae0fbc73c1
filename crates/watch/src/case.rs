//! 一生一案: the case of a child who is not in school, from the day it was found to the day it is closed.
//!
//! A [`Case`] has a [`State`]; a [`Step`] leads to the next. Which chief (长) a state belongs to, how many days they have, which
//! document comes of it and to whom it rises when the days are over are [`Rules`], read from `policies/…/cases.toml`: six chiefs
//! or seven are data. At every moment an open case has an owner and a next date: [`Case::duty`].

mod document;
mod duty;
mod rules;
mod state;
mod step;
mod tally;
#[cfg(test)]
mod tests;

pub use document::fill;
pub use duty::Duty;
pub use rules::{Ground, OverdueList, Role, Rules, StateRule, Template};
pub use state::{Closing, State};
pub use step::{Entry, Officer, Refusal, Step};
pub use tally::{Account, accountability, overdue};

use jiff::civil::Date;

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
}
