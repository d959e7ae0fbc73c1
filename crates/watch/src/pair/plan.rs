use super::Rules;

/// A contact that is planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Which month of the term, from 0.
    pub month: usize,
    /// The kind of contact, by the rules' word.
    pub kind: String,
    /// By which day of the month, 1 to 28.
    pub by_day: i8,
}

/// A term's contacts of one mentor: for each of their pupils one a month, of each kind in turn. `weak`: whether the mentor teaches
/// a subject that the pupil is weak in.
///
/// Pupils begin at different turns, so that home visits do not all fall into one month, and have their days one after the other,
/// so that nobody sees all of them on the last.
pub fn term_plan(rules: &Rules, months: usize, weak: &[bool]) -> Vec<Vec<Planned>> {
    let turns = &rules.turns;
    weak.iter()
        .enumerate()
        .map(|(at, weak_here)| {
            let by_day = (28 * (at + 1)).div_ceil(weak.len()).max(7);
            let by_day = i8::try_from(by_day).expect("28 at most");
            (0..months)
                .map(|month| {
                    let turn = (month + at) % turns.len();
                    let helps = *weak_here && turn + 1 == turns.len();
                    let kind = if helps { &rules.weak_turn } else { &turns[turn] };
                    Planned { month, kind: kind.clone(), by_day }
                })
                .collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Each pupil one contact a month, each kind within as many months as there are kinds, no month of home visits alone.
        #[test]
        fn a_plan_gives_each_pupil_every_kind(months in 1..7_usize, weak in proptest::collection::vec(any::<bool>(), 1..20)) {
            let rules = Rules::builtin();
            let plan = term_plan(&rules, months, &weak);
            prop_assert_eq!(plan.len(), weak.len());
            for of in &plan {
                prop_assert_eq!(of.iter().map(|p| p.month).collect::<Vec<_>>(), (0..months).collect::<Vec<_>>());
                if months >= rules.turns.len() {
                    prop_assert!(of.iter().any(|p| p.kind == rules.turns[0]));
                }
                prop_assert!(of.iter().all(|p| (1..=28).contains(&p.by_day)));
            }
            for month in 0..months {
                let visits = plan.iter().filter(|of| of[month].kind == rules.turns[0]).count();
                prop_assert!(visits <= weak.len().div_ceil(rules.turns.len()));
            }
        }
    }
}
