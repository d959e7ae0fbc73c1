//! Spending, counted again yuan by yuan.

use super::{Fault, Said, figures, within};

/// A form of a project, as a checker sees it: yuan, worth, and the purses that may pay.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// What it costs.
    pub yuan: u32,
    /// What it is worth.
    pub worth: f64,
    /// Who may pay.
    pub purses: Vec<u32>,
}

/// What is paid: project, form, purses with yuan.
pub type Payment = (usize, usize, Vec<(u32, u32)>);

/// Each project is paid once, in one of its forms, whole, from purses that may pay for it, and no purse is overdrawn. The
/// objective is the worth, negated.
///
/// # Errors
/// The first [`Fault`] found.
pub fn spending(
    projects: &[Vec<Offer>],
    purses: &[i64],
    paid: &[Payment],
    said: Said,
) -> Result<(), Fault> {
    let mut is_paid = vec![false; projects.len()];
    let mut spent = vec![0_i128; purses.len()];
    let mut worth = 0.0;
    for (project, form, from) in paid {
        let forms = projects.get(*project).filter(|_| !is_paid[*project]);
        let form =
            forms.and_then(|forms| forms.get(*form)).ok_or(Fault::Site(*project as u64 + 1))?;
        is_paid[*project] = true;
        let mut sum = 0_i128;
        for &(purse, yuan) in from {
            if !form.purses.contains(&purse) || purse as usize >= purses.len() {
                let to = purse as usize + 1;
                return Err(Fault::NotThere { what: "项目", at: project + 1, to });
            }
            spent[purse as usize] += i128::from(yuan);
            sum += i128::from(yuan);
        }
        let wanted = i128::from(form.yuan);
        if sum != wanted {
            return Err(Fault::Amount { what: "项目", at: project + 1, wanted, found: sum });
        }
        worth += form.worth;
    }
    within("资金", &spent, &mut purses.iter().map(|p| i128::from(*p)))?;
    figures(-worth, said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_spending_is_named() {
        let projects = [vec![Offer { yuan: 10, worth: 3.0, purses: vec![0] }]];
        let said = Said { objective: -3.0, bound: -3.0 };
        assert_eq!(spending(&projects, &[10, 9], &[(0, 0, vec![(0, 10)])], said), Ok(()));
        let other = spending(&projects, &[10, 19], &[(0, 0, vec![(1, 10)])], said);
        assert!(matches!(other, Err(Fault::NotThere { .. })));
        let part = spending(&projects, &[10, 9], &[(0, 0, vec![(0, 9)])], said);
        assert!(matches!(part, Err(Fault::Amount { .. })));
        let over = spending(&projects, &[9, 9], &[(0, 0, vec![(0, 10)])], said);
        assert!(matches!(over, Err(Fault::Overfull { .. })));
        let twice = [(0, 0, vec![(0, 10)]), (0, 0, vec![(0, 10)])];
        assert!(matches!(spending(&projects, &[30, 9], &twice, said), Err(Fault::Site(1))));
    }
}
