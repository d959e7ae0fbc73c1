use rayon::prelude::*;

use crate::compare::{Comparison, Context, Of, Profiles, View, cohort_of};
use crate::mention::{Mentions, id_digits, mix};

/// A way to find pairs that are worth comparing: both sides have the key in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rule {
    IdBirth,
    IdTail,
    StudentNo,
    SoundBirth,
    SoundYear,
    SoundSchool,
    SoundVillage,
    SoundTown,
    Sound,
    ClassSurname,
    ClassLast,
    Phone,
    Account,
    HouseholdLast,
    HouseholdBirth,
    BirthVillage,
    BirthSchool,
    GuardianLast,
    GuardianBirth,
}

const RULES: [Rule; 19] = [
    Rule::IdBirth,
    Rule::IdTail,
    Rule::StudentNo,
    Rule::SoundBirth,
    Rule::SoundYear,
    Rule::SoundSchool,
    Rule::SoundVillage,
    Rule::SoundTown,
    Rule::Sound,
    Rule::ClassSurname,
    Rule::ClassLast,
    Rule::Phone,
    Rule::Account,
    Rule::HouseholdLast,
    Rule::HouseholdBirth,
    Rule::BirthVillage,
    Rule::BirthSchool,
    Rule::GuardianLast,
    Rule::GuardianBirth,
];

impl Rule {
    /// The comparisons that a pair found by this rule agrees on because it was found so.
    fn uses(self) -> u16 {
        use Comparison::{
            Account, Birth, Guardian, Household, Id, Name, Phone, Place, School, StudentNo,
        };
        let used: &[Comparison] = match self {
            Self::IdBirth | Self::IdTail => &[Id, Birth, Name],
            Self::StudentNo => &[StudentNo],
            Self::SoundBirth | Self::SoundYear => &[Name, Birth],
            Self::SoundSchool | Self::ClassSurname | Self::ClassLast => &[Name, School, Birth],
            Self::SoundVillage | Self::SoundTown => &[Name, Place],
            Self::Sound => &[Name],
            Self::Phone => &[Phone],
            Self::Account => &[Account],
            Self::HouseholdLast => &[Household, Name],
            Self::HouseholdBirth => &[Household, Birth],
            Self::BirthVillage => &[Birth, Place],
            Self::BirthSchool => &[Birth, School],
            Self::GuardianLast => &[Guardian, Name],
            Self::GuardianBirth => &[Guardian, Birth],
        };
        used.iter().fold(0, |bits, c| bits | 1 << *c as u16)
    }
}

/// A pair to be compared, and the comparisons that the way of finding it leaves free.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Candidate {
    pub(crate) open: u32,
    pub(crate) other: u32,
    pub(crate) free: u16,
}

/// What blocking found, and what it left.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// By `open`, then `other`; each pair once. `open` has no valid id; where neither has, `open` is the smaller.
    pub(crate) pairs: Vec<Candidate>,
    /// Pairs of blocks too large to compare, even when split by a second key.
    pub(crate) skipped: u64,
}

/// All pairs of which at least one side is open and which have a key in common.
///
/// Two sides with two different valid ids are never one person, so they are not even paired. A block of more than
/// `cap` pairs is split by the sound of the name or by the year of birth; if that does not help it is left out and counted.
pub(crate) fn candidates(
    mentions: &Mentions,
    context: &Context,
    profiles: &Profiles,
    open: &[bool],
    cap: u64,
) -> Found {
    let rules: Vec<(Vec<u64>, u64)> = RULES
        .par_iter()
        .map(|rule| pairs_of(mentions, context, profiles, open, *rule, cap))
        .collect();
    let skipped = rules.iter().map(|(_, s)| s).sum();
    let mut all: Vec<(u64, u16)> = Vec::with_capacity(rules.iter().map(|(p, _)| p.len()).sum());
    for ((pairs, _), rule) in rules.into_iter().zip(RULES) {
        all.extend(pairs.into_iter().map(|p| (p, !rule.uses())));
    }
    all.par_sort_unstable();
    let mut pairs: Vec<Candidate> = Vec::new();
    let mut last = None;
    for (pair, free) in all {
        if last == Some(pair) {
            // Found twice: free is whatever either way leaves free.
            pairs.last_mut().expect("the last pair").free |= free;
        } else {
            let half = |n: u64| u32::try_from(n & 0xffff_ffff).expect("32 bits");
            pairs.push(Candidate { open: half(pair >> 32), other: half(pair), free });
            last = Some(pair);
        }
    }
    Found { pairs, skipped }
}

fn pairs_of(
    mentions: &Mentions,
    context: &Context,
    profiles: &Profiles,
    open: &[bool],
    rule: Rule,
    cap: u64,
) -> (Vec<u64>, u64) {
    let count = u32::try_from(profiles.len()).expect("profiles are counted in 32 bits");
    // Only a key that some open profile has can make a pair: first theirs, then those of the others that may be among them.
    let mut keyed: Vec<(u64, u32)> = Vec::new();
    for at in (0..count).filter(|p| open[*p as usize]) {
        keys(mentions, context, &profiles.get(at), rule, &mut |key| keyed.push((key, at)));
    }
    if keyed.is_empty() {
        return (Vec::new(), 0);
    }
    let sieve = Sieve::new(&keyed);
    let others: Vec<(u64, u32)> = (0..count)
        .into_par_iter()
        .filter(|p| !open[*p as usize])
        .fold(Vec::new, |mut all, at| {
            keys(mentions, context, &profiles.get(at), rule, &mut |key| {
                if sieve.may_hold(key) {
                    all.push((key, at));
                }
            });
            all
        })
        .reduce(Vec::new, |mut a, mut b| {
            a.append(&mut b);
            a
        });
    keyed.extend(others);
    keyed.par_sort_unstable();
    keyed.dedup();
    let (mut pairs, mut skipped) = (Vec::new(), 0);
    for block in keyed.chunk_by(|a, b| a.0 == b.0) {
        if block.len() < 2 || !block.iter().any(|(_, p)| open[*p as usize]) {
            continue;
        }
        if cost(block, open) <= cap {
            pair_up(block, open, &mut pairs);
            continue;
        }
        for by in [second_by_name as fn(&Context, &View<'_>) -> u64, second_by_year] {
            let mut split: Vec<(u64, u32)> =
                block.iter().map(|(_, p)| (by(context, &profiles.get(*p)), *p)).collect();
            split.sort_unstable();
            for part in split.chunk_by(|a, b| a.0 == b.0).filter(|part| part[0].0 != 0) {
                let cost = cost(part, open);
                if cost <= cap {
                    pair_up(part, open, &mut pairs);
                } else {
                    skipped += cost;
                }
            }
        }
    }
    pairs.sort_unstable();
    pairs.dedup();
    (pairs, skipped)
}

/// Tells which keys cannot be among those it was made of: one bit for each, by the key's own low bits.
struct Sieve {
    bits: Vec<u64>,
}

impl Sieve {
    fn new(keyed: &[(u64, u32)]) -> Self {
        let mut bits = vec![0_u64; (keyed.len() / 4).next_power_of_two()];
        for (key, _) in keyed {
            let (word, bit) = Self::place(*key, bits.len());
            bits[word] |= bit;
        }
        Self { bits }
    }

    fn may_hold(&self, key: u64) -> bool {
        let (word, bit) = Self::place(key, self.bits.len());
        self.bits[word] & bit != 0
    }

    /// Bits of the key that its mixing has spread; the lowest is always set.
    fn place(key: u64, words: usize) -> (usize, u64) {
        let word = (key >> 8) & (words as u64 - 1);
        (usize::try_from(word).expect("below a usize"), 1 << (key >> 2 & 63))
    }
}

fn cost(block: &[(u64, u32)], open: &[bool]) -> u64 {
    let opens = block.iter().filter(|(_, p)| open[*p as usize]).count() as u64;
    opens * (block.len() as u64 - 1)
}

fn pair_up(block: &[(u64, u32)], open: &[bool], pairs: &mut Vec<u64>) {
    for (_, a) in block.iter().filter(|(_, p)| open[*p as usize]) {
        for (_, b) in block {
            if a != b && (!open[*b as usize] || a < b) {
                pairs.push(u64::from(*a) << 32 | u64::from(*b));
            }
        }
    }
}

fn second_by_name(context: &Context, view: &View<'_>) -> u64 {
    view.of(Of::Name).first().map_or(0, |n| context.names.sound(*n) | 1)
}

fn second_by_year(context: &Context, view: &View<'_>) -> u64 {
    let surname = view.of(Of::Name).first().map_or(0, |n| context.names.surname(*n));
    match view.of(Of::Born).first() {
        Some(born) => mix(surname ^ u64::from(*born) << 32) | 1,
        None => 0,
    }
}

/// The keys of one profile under one rule.
#[expect(clippy::too_many_lines, reason = "one short arm a rule")]
fn keys(
    mentions: &Mentions,
    context: &Context,
    view: &View<'_>,
    rule: Rule,
    one: &mut impl FnMut(u64),
) {
    let key = |a: u64, b: u64| mix(mix(a) ^ b.rotate_left(17)) | 1;
    let names = || view.of(Of::Name).iter().copied();
    let whole =
        || view.of(Of::Born).iter().filter(|b| !b.is_multiple_of(100)).map(|b| u64::from(*b));
    let sounds = |one: &mut dyn FnMut(u64)| {
        for sound in names().flat_map(|n| context.names.sounds(n)) {
            one(sound);
        }
    };
    let lasts = |one: &mut dyn FnMut(u64)| {
        for name in names() {
            one(context.names.last(name));
        }
    };
    let classes = || {
        let schools: &[u32] = view.of(Of::School);
        schools
            .as_chunks::<3>()
            .0
            .iter()
            .filter(|s| s[0] != 0 && cohort_of(s[1]).step != 0)
            .map(|s| mix(u64::from(s[0]) << 32 | u64::from(s[1] >> 8)) ^ u64::from(s[2]))
    };
    match rule {
        Rule::IdBirth | Rule::IdTail => {
            let mut part = |digits: &[u8]| {
                if digits.len() < 17 {
                    return;
                }
                let piece = if rule == Rule::IdBirth {
                    &digits[6..14]
                } else {
                    &digits[digits.len() - 6..]
                };
                let piece = piece.iter().fold(0, |h, d| h << 8 | u64::from(d.to_ascii_uppercase()));
                for name in names() {
                    // The name may be damaged too, but then in one place.
                    one(key(piece, context.names.surname(name)));
                    one(key(piece, context.names.last(name).wrapping_add(1)));
                }
            };
            if view.id != 0 {
                part(&id_digits(view.id));
            }
            for written in view.of(Of::IdAsWritten) {
                part(mentions.texts.get(*written).as_bytes());
            }
        }
        Rule::StudentNo => {
            view.of(Of::StudentNo).iter().for_each(|s| one(key(1, u64::from(*s))));
            for id in [view.id, view.student_id] {
                if id != 0 {
                    one(key(2, id));
                }
            }
        }
        Rule::SoundBirth => whole().for_each(|b| sounds(&mut |s| one(key(s, b)))),
        Rule::SoundYear => {
            for born in view.of(Of::Born) {
                sounds(&mut |s| one(key(s, u64::from(born / 10_000))));
            }
            let schools: &[u32] = view.of(Of::School);
            for cohort in schools.as_chunks::<3>().0.iter().map(|s| cohort_of(s[1])) {
                for year in [cohort.year, cohort.year + 1].into_iter().filter(|y| *y > 1) {
                    sounds(&mut |s| one(key(s, u64::from(year.unsigned_abs()))));
                }
            }
        }
        Rule::SoundSchool => {
            let schools: &[u32] = view.of(Of::School);
            for school in schools.as_chunks::<3>().0.iter().map(|s| s[0]).filter(|s| *s != 0) {
                sounds(&mut |s| one(key(s, u64::from(school))));
            }
        }
        Rule::SoundVillage | Rule::SoundTown => {
            let at = usize::from(rule == Rule::SoundTown);
            let places: &[u32] = view.of(Of::Place);
            for place in places.as_chunks::<2>().0.iter().map(|p| p[at]).filter(|p| *p != 0) {
                sounds(&mut |s| one(key(s, u64::from(place))));
            }
        }
        Rule::Sound => sounds(&mut |s| one(key(s, 0))),
        Rule::ClassSurname => {
            for class in classes() {
                names().for_each(|n| one(key(class, context.names.surname(n))));
            }
        }
        Rule::ClassLast => classes().for_each(|c| lasts(&mut |l| one(key(c, l)))),
        Rule::Phone => view.of(Of::Phone).iter().for_each(|p| one(key(3, u64::from(*p)))),
        Rule::Account => view.of(Of::Account).iter().for_each(|a| one(key(4, u64::from(*a)))),
        Rule::HouseholdLast => {
            for household in view.of(Of::Household) {
                lasts(&mut |l| one(key(u64::from(*household), l)));
            }
        }
        Rule::HouseholdBirth => {
            for household in view.of(Of::Household) {
                whole().for_each(|b| one(key(u64::from(*household), b)));
            }
        }
        Rule::BirthVillage => {
            let places: &[u32] = view.of(Of::Place);
            for village in places.as_chunks::<2>().0.iter().map(|p| p[0]).filter(|v| *v != 0) {
                whole().for_each(|b| one(key(u64::from(village), b)));
            }
        }
        Rule::BirthSchool => {
            let schools: &[u32] = view.of(Of::School);
            for school in schools.as_chunks::<3>().0.iter().map(|s| s[0]).filter(|s| *s != 0) {
                whole().for_each(|b| one(key(u64::from(school), b)));
            }
        }
        Rule::GuardianLast | Rule::GuardianBirth => {
            for guardian in view.of(Of::Guardian) {
                let guardian = context.names.sound(*guardian);
                if rule == Rule::GuardianLast {
                    lasts(&mut |l| one(key(guardian, l)));
                } else {
                    whole().for_each(|b| one(key(guardian, b)));
                }
            }
        }
    }
}
