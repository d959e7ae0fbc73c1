//! Origin-place loans in every state, so that the pages of a made county are full.

use fujiao_office::loans::{LoanMove, NewLoan};
use fujiao_office::purses::PurseTab;
use fujiao_office::{Office, OfficeError};
use jiff::Timestamp;
use jiff::civil::{Date, date};

use super::aid::who;

/// How far a loan goes: the school years before the present one, and the steps that it takes.
const LOANS: [(i16, usize); 8] = [(4, 5), (1, 4), (0, 4), (0, 3), (0, 2), (0, 1), (0, 0), (0, 0)];

/// Makes them, once: a county that has any is left as it is.
pub(super) fn make(office: &Office, as_of: Date, now: Timestamp) -> Result<(), OfficeError> {
    let console = who("fujiao", "fujiao", now);
    let year = fujiao_model::Term::of(as_of).school_year();
    if !office.loans(&console, year)?.lines.is_empty() {
        return Ok(());
    }
    // Whom the centre's lists know as borrowers of other years are students of a university.
    let students = office.purses(&console, (None, PurseTab::All), "")?.students;
    for ((before, steps), student) in LOANS.into_iter().zip(&students) {
        let of = year - before;
        let at = |day: Date| {
            let china = jiff::tz::TimeZone::fixed(jiff::tz::offset(8));
            china.to_timestamp(day.at(9, 0, 0, 0)).unwrap_or(now)
        };
        let begun = date(of, 8, 20);
        let clerk = |day| who("demo-aid-clerk", "示例经办", at(day));
        let new = NewLoan {
            person: format!("{:016x}", student.person),
            school_year: of.to_string(),
            level: "ug".into(),
            university: if student.university.is_empty() {
                "示例大学".into()
            } else {
                student.university.clone()
            },
            remaining: if before == 4 { "4" } else { "3" }.into(),
            amount: if before == 4 { "8000" } else { "12000" }.into(),
            tuition: "5000".into(),
            lodging: "1000".into(),
            full_time: "yes".into(),
            hukou_here: "yes".into(),
            other_loan: "no".into(),
            co_name: "示例家长".into(),
            co_phone: "13900000000".into(),
            co_guardian: "yes".into(),
            co_hukou: "yes".into(),
            // One has to be asked still.
            co_loan: if steps == 0 && before == 0 { "" } else { "no" }.into(),
            ..NewLoan::default()
        };
        let (id, _) = office.loan_apply(&clerk(begun), &new)?;
        let (signed, told, paid) = (date(of, 8, 26), date(of, 9, 28), date(of, 10, 12));
        let done = date(year, 10, 14);
        let steps_of = [
            ("demo-aid-approver", date(of, 8, 24), LoanMove::Qualify),
            ("demo-aid-clerk", signed, LoanMove::Sign(signed)),
            ("demo-aid-clerk", told, LoanMove::Confirm(told)),
            ("demo-finance", paid, LoanMove::Disburse(paid)),
            ("demo-finance", done, LoanMove::Paid(done, 20_000, false)),
        ];
        for (login, day, step) in steps_of.into_iter().take(steps) {
            let actor = who(login, "示例", at(day));
            let after = office.loan_page(&actor, id)?.line.loan.steps;
            office.loan_step(&actor, (id, after), step, "")?;
        }
    }
    Ok(())
}
