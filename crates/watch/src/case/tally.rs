//! How places stand with their cases: what each has to answer for, and who is overdue.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{Case, OverdueList, Rules, State, Step};

/// What a town, a school or a village has to answer for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// 立案
    pub opened: u64,
    /// Still open.
    pub open: u64,
    /// 返校: children who are back, followed up or closed after it.
    pub returned: u64,
    /// 依法延缓、休学
    pub exempt: u64,
    /// 误报
    pub mistakes: u64,
    /// 逾期
    pub overdue: u64,
    /// Days over, of all that are overdue.
    pub overdue_days: i64,
    /// Days over, of the one that is longest overdue.
    pub longest_days: i32,
    /// 反复
    pub relapses: u64,
    /// Days from finding to return, of those who are back; with `returned` the mean.
    pub days_to_return: i64,
}

/// 问责表: an account for each key of a case: its town, its school, its village. A case may count for several keys.
pub fn accountability<'a, K: Ord>(
    cases: impl IntoIterator<Item = &'a Case>,
    rules: &Rules,
    as_of: Date,
    keys: impl Fn(&Case) -> Vec<K>,
) -> BTreeMap<K, Account> {
    let mut accounts: BTreeMap<K, Account> = BTreeMap::new();
    for case in cases {
        for key in keys(case) {
            let at = accounts.entry(key).or_default();
            at.opened += 1;
            at.relapses += u64::from(case.relapses());
            let back = case.history().iter().rfind(|e| matches!(e.step, Step::Return { .. }));
            match case.state() {
                State::Closed => match (back, case.history().last()) {
                    (Some(back), _) => {
                        at.returned += 1;
                        at.days_to_return += i64::from((back.on - case.opened_on).get_days());
                    }
                    (None, Some(last)) => {
                        let mistake = matches!(
                            last.step,
                            Step::Verify { real: false } | Step::Close(super::Closing::Mistake)
                        );
                        at.mistakes += u64::from(mistake);
                    }
                    (None, None) => {}
                },
                State::FollowUp => {
                    let back = back.expect("who is followed up has returned");
                    at.open += 1;
                    at.returned += 1;
                    at.days_to_return += i64::from((back.on - case.opened_on).get_days());
                }
                State::Exempt => {
                    at.open += 1;
                    at.exempt += 1;
                }
                _ => at.open += 1,
            }
            if let Some(duty) = case.duty(rules, as_of).filter(|duty| duty.overdue_days > 0) {
                at.overdue += 1;
                at.overdue_days += i64::from(duty.overdue_days);
                at.longest_days = at.longest_days.max(duty.overdue_days);
            }
        }
    }
    accounts
}

/// 四张逾期清单: positions of overdue cases by list, the longest overdue first.
pub fn overdue(cases: &[Case], rules: &Rules, as_of: Date) -> BTreeMap<OverdueList, Vec<usize>> {
    let mut lists: BTreeMap<OverdueList, Vec<(i32, usize)>> = BTreeMap::new();
    for (at, case) in cases.iter().enumerate() {
        if let Some(duty) = case.duty(rules, as_of).filter(|duty| duty.overdue_days > 0) {
            lists.entry(duty.list).or_default().push((-duty.overdue_days, at));
        }
    }
    lists
        .into_iter()
        .map(|(list, mut rows)| {
            rows.sort_unstable();
            (list, rows.into_iter().map(|(_, at)| at).collect())
        })
        .collect()
}
