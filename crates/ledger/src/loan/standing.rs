use fujiao_model::Money;
use jiff::civil::Date;

use super::{Facts, Schedule};

/// Money that the borrower brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paid {
    /// The day on which it reached the account.
    pub on: Date,
    /// How much.
    pub amount: Money,
}

/// 欠款: where a borrower stands on a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Interest and principal that fell due up to the day.
    pub due: Money,
    /// Money brought up to the day.
    pub paid: Money,
    /// Interest that is overdue.
    pub overdue_interest: Money,
    /// Principal that is overdue.
    pub overdue_principal: Money,
    /// 罚息 that is open.
    pub penalty: Money,
    /// 罚息 that fell due so far, paid or open.
    pub penalty_due: Money,
    /// Money in the account that nothing is due for yet.
    pub credit: Money,
    /// Since when something has been overdue without a break.
    pub overdue_since: Option<Date>,
    /// Principal that is still owed, overdue or not.
    pub owed: Money,
}

/// Sets payments against a schedule on a day.
///
/// What falls due is taken from the account on its day. Money pays the penalty first, then interest, then principal; what is
/// left waits for the next settlement. Penalty runs by days on overdue principal (on overdue interest too, if the data file
/// says that it compounds) at the rate of the settlement period times the factor of the file, rounded at each day on which
/// something happens. Nothing is late on the day on which it falls due.
///
/// Payments need no order. Those after `as_of` are left out.
pub fn standing(schedule: &Schedule, payments: &[Paid], facts: &Facts, as_of: Date) -> Standing {
    let mut paid: Vec<Paid> = payments.iter().filter(|p| p.on <= as_of).copied().collect();
    paid.sort_by_key(|p| p.on);
    let mut days: Vec<Date> = schedule.rows.iter().map(|row| row.on).collect();
    days.extend(paid.iter().map(|p| p.on));
    days.push(as_of);
    days.retain(|day| *day <= as_of);
    days.sort_unstable();
    days.dedup();
    let lent = schedule.rows.first().map_or(Money::ZERO, |row| row.before);
    let mut at = Standing { owed: lent, ..Standing::default() };
    let mut since: Option<Date> = None;
    for day in days {
        if let Some(since) = since {
            let late = at.overdue_principal
                + if facts.arrears_compound { at.overdue_interest } else { Money::ZERO };
            let row = schedule.rows.iter().find(|row| row.on > since).or(schedule.rows.last());
            let rate_bp = row.map_or(0, |row| row.rate_bp);
            let fen = penalty(late, i64::from((day - since).get_days()), rate_bp, facts);
            at.penalty += fen;
            at.penalty_due += fen;
        }
        since = Some(day);
        for row in schedule.rows.iter().filter(|row| row.on == day) {
            at.due += row.own_interest + row.principal;
            at.overdue_interest += row.own_interest;
            at.overdue_principal += row.principal;
        }
        for p in paid.iter().filter(|p| p.on == day) {
            at.paid += p.amount;
            at.credit += p.amount;
        }
        take(&mut at.credit, &mut at.penalty);
        take(&mut at.credit, &mut at.overdue_interest);
        let before = at.overdue_principal;
        take(&mut at.credit, &mut at.overdue_principal);
        at.owed -= before - at.overdue_principal;
        let late = !(at.penalty + at.overdue_interest + at.overdue_principal).is_zero();
        at.overdue_since = if late { at.overdue_since.or(Some(day)) } else { None };
    }
    at
}

fn take(from: &mut Money, debt: &mut Money) {
    let taken = (*from).min(*debt);
    *from -= taken;
    *debt -= taken;
}

fn penalty(late: Money, days: i64, rate_bp: i32, facts: &Facts) -> Money {
    let over = i128::from(facts.settlement.day_count) * 10_000 * 100;
    let weight = i128::from(days) * i128::from(rate_bp) * i128::from(facts.arrears_percent);
    let fen = (i128::from(late.as_fen()) * weight * 2 + over) / (2 * over);
    Money::fen(i64::try_from(fen).expect("a penalty is less than all money"))
}
