/// Something that a site may take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Item {
    pub profit: f64,
    pub weight: u32,
    pub client: u32,
}

/// Sorts by profit per unit, what weighs nothing first.
pub(crate) fn sort(items: &mut [Item]) {
    items.sort_unstable_by(|a, b| {
        let (left, right) = (a.profit * f64::from(b.weight), b.profit * f64::from(a.weight));
        right.total_cmp(&left).then(a.client.cmp(&b.client))
    });
}

/// The most that sorted items can bring if one may be cut (Dantzig 1957).
pub(crate) fn dantzig(items: &[Item], mut room: i64) -> f64 {
    let mut profit = 0.0;
    for item in items {
        let weight = i64::from(item.weight);
        if weight > room {
            return profit + item.profit * room as f64 / weight as f64;
        }
        room -= weight;
        profit += item.profit;
    }
    profit
}

/// Branches after which a knapsack is left at its bound; the relaxation stays valid, only a little weaker.
const MOST_BRANCHES: u32 = 20_000;

/// The most that sorted items can bring: depth first, the better branch first (Horowitz and Sahni 1974).
///
/// `taken` gets the clients. The value is exact, or a bound from above if the branches ran out.
pub(crate) fn solve(items: &[Item], room: i64, taken: &mut Vec<u32>) -> f64 {
    taken.clear();
    let mut stack: Vec<usize> = Vec::with_capacity(items.len());
    let mut best: Vec<usize> = Vec::new();
    let mut most = -1.0_f64;
    let (mut at, mut left, mut profit) = (0, room, 0.0);
    let mut branches = 0;
    let mut cut_short = false;
    loop {
        // Down: take what fits, as long as the bound promises more than the best.
        let promised = profit + dantzig(&items[at..], left);
        if promised > most + 1e-9 * most.abs().max(1.0) {
            while at < items.len() {
                let weight = i64::from(items[at].weight);
                if weight > left {
                    break;
                }
                left -= weight;
                profit += items[at].profit;
                stack.push(at);
                at += 1;
            }
            if at < items.len() {
                // It does not fit: go on without it.
                at += 1;
                branches += 1;
                if branches <= MOST_BRANCHES {
                    if at < items.len() {
                        continue;
                    }
                } else {
                    cut_short = true;
                }
            }
            if profit > most {
                most = profit;
                best.clone_from(&stack);
            }
            if cut_short {
                break;
            }
        }
        // Up: leave out what was taken last.
        let Some(last) = stack.pop() else { break };
        left += i64::from(items[last].weight);
        profit -= items[last].profit;
        at = last + 1;
        branches += 1;
        if branches > MOST_BRANCHES {
            cut_short = true;
            break;
        }
    }
    taken.extend(best.iter().map(|i| items[*i].client));
    if cut_short { dantzig(items, room) } else { most.max(0.0) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_best_of_all_subsets(
            given in prop::collection::vec((0..60_u32, 1..20_u32), 0..10), room in 0..70_i64,
        ) {
            let mut items: Vec<Item> = (0..)
                .zip(&given)
                .map(|(client, &(profit, weight))| Item { profit: f64::from(profit), weight, client })
                .collect();
            sort(&mut items);
            let mut taken = Vec::new();
            let found = solve(&items, room, &mut taken);
            let mut most = 0;
            for subset in 0..1_u32 << given.len() {
                let inside = (0..given.len()).filter(|i| subset >> i & 1 == 1);
                let (profit, weight) = inside.fold((0, 0), |(p, w), i| (p + given[i].0, w + given[i].1));
                if i64::from(weight) <= room {
                    most = most.max(profit);
                }
            }
            prop_assert!((found - f64::from(most)).abs() < 1e-6, "{found} {most}");
            let weight: u32 = taken.iter().map(|c| given[*c as usize].1).sum();
            let profit: u32 = taken.iter().map(|c| given[*c as usize].0).sum();
            prop_assert!(i64::from(weight) <= room && profit == most);
        }
    }
}
