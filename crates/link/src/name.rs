use crate::hanzi::{NameRelation, Names};

/// How two names agree, best first, as far as a county's rows tell it apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum NameLevel {
    Equal,
    Sound,
    LookAlike,
    OneOff,
    /// One of the two characters of both names.
    Half,
    Surname,
    Different,
}

/// How two names agree, by their numbers. `confused` are characters taken for one another, as [`Names::one_apart`] gives
/// them, sorted.
pub(crate) fn level(names: &Names, a: u32, b: u32, confused: &[(u64, u64)]) -> NameLevel {
    match names.compare(a, b) {
        NameRelation::Equal => NameLevel::Equal,
        NameRelation::Sound => NameLevel::Sound,
        NameRelation::Unreadable
        | NameRelation::Swapped
        | NameRelation::LookAlike
        | NameRelation::Truncated => NameLevel::LookAlike,
        relation => {
            if names.one_apart(a, b).is_some_and(|pair| confused.binary_search(&pair).is_ok()) {
                return NameLevel::LookAlike;
            }
            match relation {
                NameRelation::Dropped | NameRelation::OneOff | NameRelation::TwoOff => {
                    NameLevel::OneOff
                }
                NameRelation::Half => NameLevel::Half,
                NameRelation::Surname => NameLevel::Surname,
                _ => NameLevel::Different,
            }
        }
    }
}
