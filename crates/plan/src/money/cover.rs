//! The floor of a town kept exactly: what of its projects must be taken, at the least loss, so that they are worth enough together.
//!
//! A covering knapsack with several choices a project, by branch and bound over the projects: those with most worth for their loss
//! first, bounded by the fractional filling of what is missing (Martello and Toth 1990, "Knapsack Problems", chapters 2 and 6).

/// Another choice of a project than its best: worth gained, value lost, and which it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Step {
    pub(super) gains: f64,
    pub(super) loses: f64,
    pub(super) to: usize,
}

/// What was chosen.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Covered {
    /// Projects, by their place among those given, and the steps taken.
    pub(super) steps: Vec<(usize, Step)>,
    /// No choice loses less; what `steps` lose, unless the search was too long.
    pub(super) least: f64,
}

/// Parts that are looked at before the fractional bound has to do.
const MOST: u32 = 2_000;

/// The least loss by which the steps gain `missing`; `None` if all together do not.
pub(super) fn cover(projects: &[Vec<Step>], missing: f64) -> Option<Covered> {
    if missing <= 0.0 {
        return Some(Covered::default());
    }
    let mut order: Vec<Line> = Vec::with_capacity(projects.len());
    for (at, steps) in projects.iter().enumerate() {
        let steps: Vec<Step> = steps.iter().copied().filter(|s| s.gains > 0.0).collect();
        let ratio = steps.iter().map(|s| s.loses / s.gains).fold(f64::INFINITY, f64::min);
        let most = steps.iter().map(|s| s.gains).fold(0.0, f64::max);
        if !steps.is_empty() {
            order.push(Line { at, steps, ratio, most });
        }
    }
    order.sort_by(|a, b| a.ratio.total_cmp(&b.ratio).then(a.at.cmp(&b.at)));
    for line in &mut order {
        line.steps.sort_by(|a, b| (a.loses / a.gains).total_cmp(&(b.loses / b.gains)));
    }
    if order.iter().map(|l| l.most).sum::<f64>() < missing - 1e-9 {
        return None;
    }
    let least = fractional(&order, missing);
    let mut search = Search {
        order: &order,
        best: f64::INFINITY,
        taken: Vec::new(),
        found: Vec::new(),
        left: MOST,
    };
    search.go(0, missing, 0.0);
    let steps = search.found.iter().map(|(line, step)| (order[*line].at, *step)).collect();
    Some(Covered { steps, least: if search.left == 0 { least } else { search.best } })
}

struct Line {
    at: usize,
    steps: Vec<Step>,
    ratio: f64,
    most: f64,
}

/// What filling by parts of projects would lose.
fn fractional(order: &[Line], mut missing: f64) -> f64 {
    let mut loses = 0.0;
    for line in order {
        if missing <= 0.0 {
            break;
        }
        let part = line.most.min(missing);
        loses += line.ratio * part;
        missing -= part;
    }
    if missing > 1e-9 { f64::INFINITY } else { loses }
}

struct Search<'o> {
    order: &'o [Line],
    best: f64,
    taken: Vec<(usize, Step)>,
    found: Vec<(usize, Step)>,
    left: u32,
}

impl Search<'_> {
    fn go(&mut self, line: usize, missing: f64, lost: f64) {
        if missing <= 1e-9 {
            if lost < self.best {
                self.best = lost;
                self.found.clone_from(&self.taken);
            }
            return;
        }
        // The first way down is always gone to its end: there is a choice, however long the search.
        if self.best.is_finite() {
            self.left = self.left.saturating_sub(1);
            if self.left == 0 {
                return;
            }
        }
        if lost + fractional(&self.order[line..], missing) >= self.best - 1e-12 {
            return;
        }
        let order = self.order;
        for step in &order[line].steps {
            self.taken.push((line, *step));
            self.go(line + 1, missing - step.gains, lost + step.loses);
            self.taken.pop();
        }
        self.go(line + 1, missing, lost);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_choice_covers_for_less(
            projects in prop::collection::vec(prop::collection::vec((1..20_u32, 0..20_u32), 1..3), 1..6),
            missing in 1..60_u32,
        ) {
            let projects: Vec<Vec<Step>> = projects.iter().map(|steps| steps.iter().enumerate().map(|(to, (gains, loses))| Step {
                gains: f64::from(*gains), loses: f64::from(*loses), to,
            }).collect()).collect();
            let missing = f64::from(missing);
            let mut all = vec![(0.0, 0.0)];
            for steps in &projects {
                all = all.into_iter().flat_map(|(g, l): (f64, f64)| {
                    std::iter::once((g, l)).chain(steps.iter().map(move |s| (g + s.gains, l + s.loses))).collect::<Vec<_>>()
                }).collect();
            }
            let least = all.iter().filter(|(g, _)| *g >= missing).map(|(_, l)| *l).fold(f64::INFINITY, f64::min);
            match cover(&projects, missing) {
                None => prop_assert!(least.is_infinite()),
                Some(covered) => {
                    prop_assert!((covered.least - least).abs() < 1e-9);
                    let (g, l) = covered.steps.iter().fold((0.0, 0.0), |(g, l), (_, s)| (g + s.gains, l + s.loses));
                    prop_assert!(g >= missing && (l - least).abs() < 1e-9);
                }
            }
        }
    }
}
