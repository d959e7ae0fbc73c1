//! Many taps, one pool, one outlet (多个龙头注水、一个池子蓄水、一个口子放水): which fund pays which payment.
//!
//! Funds with narrow earmarks and early ends are spent first. Payments that the same funds may pay are one group; what the
//! greedy order leaves unpaid is let in along augmenting paths (Ford and Fulkerson 1956), so that a shortfall is one that no
//! other allocation would close.

use std::collections::{BTreeMap, VecDeque};

use fujiao_model::Money;

/// A payment that asks for money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// How much.
    pub amount: Money,
    /// Funds that may pay it: positions, in the order in which they are to be spent.
    pub funds: Vec<u32>,
}

/// A part of a need that a fund pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Position of the need.
    pub need: usize,
    /// Position of the fund.
    pub fund: u32,
    /// How much.
    pub amount: Money,
}

/// Who pays what: parts by need, and what no fund can pay.
///
/// `free[f]` is what fund `f` has. The parts of a need sum to its amount if nothing is short. Order of needs matters only for
/// which fund pays which of them.
pub fn allocate(needs: &[Need], free: &[Money]) -> (Vec<Part>, Money) {
    let mut of_funds: BTreeMap<&[u32], Vec<usize>> = BTreeMap::new();
    for (at, need) in needs.iter().enumerate() {
        of_funds.entry(&need.funds).or_default().push(at);
    }
    // Groups that have the least choice first.
    let mut groups: Vec<(&[u32], Vec<usize>)> = of_funds.into_iter().collect();
    groups.sort_by_key(|(funds, _)| funds.len());
    let mut left: Vec<i64> = free.iter().map(|m| m.as_fen().max(0)).collect();
    let mut flow: Vec<BTreeMap<u32, i64>> = vec![BTreeMap::new(); groups.len()];
    let mut short = 0;
    for at in 0..groups.len() {
        let mut wanted: i64 = groups[at].1.iter().map(|n| needs[*n].amount.as_fen()).sum();
        for &fund in groups[at].0 {
            let take = wanted.min(left[fund as usize]);
            if take > 0 {
                *flow[at].entry(fund).or_default() += take;
                left[fund as usize] -= take;
                wanted -= take;
            }
        }
        while wanted > 0 {
            let Some(sent) = augment(&groups, &mut flow, &mut left, at, wanted) else { break };
            wanted -= sent;
        }
        short += wanted;
    }
    let mut parts = Vec::with_capacity(needs.len());
    for ((funds, members), mut flow) in groups.into_iter().zip(flow) {
        let mut purses = funds.iter();
        let mut purse = purses.next();
        for need in members {
            let mut wanted = needs[need].amount.as_fen();
            while wanted > 0 {
                let Some(&fund) = purse else { break };
                let have = flow.entry(fund).or_default();
                let take = wanted.min(*have);
                if take > 0 {
                    parts.push(Part { need, fund, amount: Money::fen(take) });
                    *have -= take;
                    wanted -= take;
                } else {
                    purse = purses.next();
                }
            }
        }
    }
    parts.sort_by_key(|p| (p.need, p.fund));
    (parts, Money::fen(short))
}

/// Sends up to `wanted` more from some fund with money to a group, moving what other groups have to funds of theirs; how
/// much was sent, `None` if no path is left.
fn augment(
    groups: &[(&[u32], Vec<usize>)],
    flow: &mut [BTreeMap<u32, i64>],
    left: &mut [i64],
    group: usize,
    wanted: i64,
) -> Option<i64> {
    // From which group a fund was reached, and from which fund a group.
    let mut fund_from: BTreeMap<u32, usize> = BTreeMap::new();
    let mut group_from: BTreeMap<usize, u32> = BTreeMap::new();
    let mut queue = VecDeque::from([group]);
    let mut end = None;
    'search: while let Some(at) = queue.pop_front() {
        for &fund in groups[at].0 {
            if fund_from.contains_key(&fund) {
                continue;
            }
            fund_from.insert(fund, at);
            if left[fund as usize] > 0 {
                end = Some(fund);
                break 'search;
            }
            for (other, of) in flow.iter().enumerate() {
                let has = of.get(&fund).is_some_and(|f| *f > 0);
                if has && other != group && !group_from.contains_key(&other) {
                    group_from.insert(other, fund);
                    queue.push_back(other);
                }
            }
        }
    }
    let end = end?;
    let mut path = Vec::new();
    let mut fund = end;
    loop {
        let at = fund_from[&fund];
        path.push((at, fund));
        if at == group {
            break;
        }
        fund = group_from[&at];
    }
    // Each group on the way but the first gives up its older fund, which the group before it takes.
    let mut amount = wanted.min(left[end as usize]);
    for (at, _) in path.iter().filter(|(at, _)| *at != group) {
        amount = amount.min(flow[*at][&group_from[at]]);
    }
    left[end as usize] -= amount;
    for (at, fund) in path {
        *flow[at].entry(fund).or_default() += amount;
        if at != group {
            *flow[at].get_mut(&group_from[&at]).expect("it was reached by it") -= amount;
        }
    }
    Some(amount)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn need(yuan: i64, funds: &[u32]) -> Need {
        Need { amount: Money::yuan(yuan), funds: funds.to_vec() }
    }

    #[test]
    fn what_only_one_fund_may_pay_is_let_in() {
        // Greedy alone would spend fund 0 on the second need.
        let needs = [need(10, &[0, 1]), need(10, &[0, 2]), need(10, &[1]), need(10, &[0])];
        let free = [Money::yuan(10), Money::yuan(20), Money::yuan(10)];
        let (parts, short) = allocate(&needs, &free);
        assert_eq!(short, Money::ZERO);
        assert_eq!(parts.iter().map(|p| p.amount).sum::<Money>(), Money::yuan(40));
    }

    #[test]
    fn a_shortfall_is_told_to_the_fen() {
        let (parts, short) = allocate(&[need(10, &[0]), need(10, &[])], &[Money::fen(999)]);
        assert_eq!(short, Money::fen(1001));
        assert_eq!(parts, [Part { need: 0, fund: 0, amount: Money::fen(999) }]);
    }

    proptest! {
        /// No fund pays more than it has or off its earmark, no need gets more than it asks for, and what is short is what the
        /// cheapest cut says (all sets of funds tried).
        #[test]
        fn an_allocation_keeps_earmarks_and_wastes_nothing(
            needs in prop::collection::vec((1_i64..50, prop::collection::btree_set(0_u32..5, 0..4)), 0..9),
            free in prop::collection::vec(0_i64..80, 5),
        ) {
            let needs: Vec<Need> = needs
                .into_iter()
                .map(|(fen, funds)| Need { amount: Money::fen(fen), funds: funds.into_iter().collect() })
                .collect();
            let purses: Vec<Money> = free.iter().copied().map(Money::fen).collect();
            let (parts, short) = allocate(&needs, &purses);
            let mut spent = [0; 5];
            let mut got = vec![0; needs.len()];
            for part in &parts {
                prop_assert!(needs[part.need].funds.contains(&part.fund));
                prop_assert!(part.amount > Money::ZERO);
                spent[part.fund as usize] += part.amount.as_fen();
                got[part.need] += part.amount.as_fen();
            }
            for (spent, free) in spent.iter().zip(&free) {
                prop_assert!(spent <= free);
            }
            let all: i64 = needs.iter().map(|n| n.amount.as_fen()).sum();
            prop_assert_eq!(got.iter().sum::<i64>() + short.as_fen(), all);
            for (got, need) in got.iter().zip(&needs) {
                prop_assert!(*got <= need.amount.as_fen());
            }
            // Max flow = min cut: some funds are cut, and every need with a fund outside of them is cut itself.
            let cut = (0_u32..32)
                .map(|set| {
                    let funds: i64 = (0..5).filter(|f| set >> f & 1 == 1).map(|f| free[f]).sum();
                    let needs: i64 = needs
                        .iter()
                        .filter(|n| n.funds.iter().any(|f| set >> f & 1 == 0))
                        .map(|n| n.amount.as_fen())
                        .sum();
                    funds + needs
                })
                .min();
            prop_assert_eq!(Some(all - short.as_fen()), cut);
        }
    }
}
