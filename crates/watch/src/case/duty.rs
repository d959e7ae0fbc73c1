//! Who must act on a case, and by when.

use jiff::Span;
use jiff::civil::Date;

use super::{Case, Officer, OverdueList, Role, Rules, State};

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

pub(super) fn after(day: Date, days: i32) -> Date {
    day.saturating_add(Span::new().days(days))
}

impl Case {
    /// The day by which the first owner of this state must have acted.
    pub(super) fn due(&self, rules: &Rules) -> Date {
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
