use crate::Mentions;
use crate::birth::LunarTable;
use crate::compare::{
    COMPARISONS, Compared, Comparison, Context, Home, LEVELS, Pattern, Profiles, compare,
};
use crate::hanzi::{Names, POSITIONS};
use crate::mention::{id_born, mix};

/// Probability of each level, by comparison; level 0 (missing) is not used.
pub(crate) type Table = [[f64; LEVELS]; COMPARISONS];

/// People who are not the same and yet agree for a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Other {
    /// Anybody.
    Stranger,
    /// 同户: shares household, phone or account.
    Relative,
    /// 同班.
    Classmate,
    /// 孪生: shares the household and the day of birth.
    Twin,
}

impl Other {
    pub(crate) const ALL: [Self; 4] = [Self::Stranger, Self::Relative, Self::Classmate, Self::Twin];

    /// The Chinese term.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Stranger => "无关的人",
            Self::Relative => "同户亲属",
            Self::Classmate => "同班同学",
            Self::Twin => "孪生兄弟姐妹",
        }
    }
}

/// What linking learnt: `m` and `u` of every level, the prior, the thresholds.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// `m`: how often two rows of one person agree on a level, where both know the value.
    pub(crate) m: Table,
    /// `u` by [`Other`]: how often two different people do.
    pub(crate) u: [Table; 4],
    /// How many of each [`Other`] a person has, per person on file.
    pub(crate) rate: [f64; 4],
    /// Share of rows without a valid id whose person is on file by one.
    pub(crate) on_file: f64,
    /// How many different people are on file, as far as ids tell.
    pub(crate) people: f64,
    /// Match weight (log₂ of the odds) from which two are the same.
    pub(crate) same_from: f64,
    /// Match weight from which a person is asked.
    pub(crate) ask_from: f64,
    /// How many of them are known to go to a school.
    pub(crate) pupils: f64,
    /// People by the hash of the folded name, of its sound, of their school; sorted.
    pub(crate) frequency: Vec<(u64, u32)>,
    /// As in [`Context`].
    pub(crate) muted: Vec<u32>,
    pub(crate) also: Vec<(u32, u32)>,
    pub(crate) confused: Vec<(u64, u64)>,
}

/// One level of one comparison in the model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LevelWeight {
    /// What is compared.
    pub comparison: Comparison,
    /// The level, in Chinese.
    pub level: &'static str,
    /// Probability among rows of one person.
    pub m: f64,
    /// Probability among rows of two strangers.
    pub u: f64,
    /// log₂(m/u).
    pub match_weight: f64,
}

/// Why two are held to be the same, or not: every number in it is log₂ of odds, and they add up to `total`.
#[derive(Clone, Debug, PartialEq)]
pub struct Waterfall {
    /// Before anything is compared.
    pub prior: f64,
    /// What each comparison adds.
    pub steps: Vec<Step>,
    /// What is taken off because relatives, classmates or twins would agree like this too; never above 0.
    pub look_alikes: f64,
    /// Which of them would most.
    pub look_alike: Other,
    /// The sum.
    pub total: f64,
    /// The sum as a probability.
    pub probability: f64,
    /// Set if the two cannot be one whatever agrees: ages that exclude each other, two different valid ids, or one list that names both.
    pub excluded: bool,
}

/// One comparison of a [`Waterfall`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// What is compared.
    pub comparison: Comparison,
    /// The level reached, in Chinese; `None` if one side does not say.
    pub level: Option<&'static str>,
    /// What it adds.
    pub match_weight: f64,
}

/// Levels that exclude others for want of knowledge and so are shared out on their own: both ids valid, or one
/// only written; a date of birth on both sides, or only a grade on one; grades on both sides, or only a school.
fn group(comparison: usize, level: usize) -> usize {
    const ID: usize = Comparison::Id as usize;
    const BIRTH: usize = Comparison::Birth as usize;
    const SCHOOL: usize = Comparison::School as usize;
    match (comparison, level) {
        (ID, 2 | 3) | (BIRTH | SCHOOL, 6..) => 1,
        _ => 0,
    }
}

const M: [&[f64]; COMPARISONS] = [
    &[0.999_99, 0.95, 0.05, 0.000_01],
    &[0.93, 0.05, 0.02],
    &[0.93, 0.03, 0.02, 0.012, 0.004, 0.002, 0.002],
    &[0.92, 0.03, 0.03, 0.01, 0.01, 0.93, 0.06, 0.01],
    &[0.995, 0.005],
    &[0.9, 0.06, 0.04],
    &[0.75, 0.15, 0.04, 0.04, 0.02, 0.95, 0.05],
    &[0.8, 0.05, 0.08, 0.03, 0.04],
    &[0.75, 0.15, 0.1],
    &[0.85, 0.1, 0.05],
    &[0.97, 0.03],
];
const U: [[&[f64]; COMPARISONS]; 4] = [
    [
        &[1e-7, 1e-6, 0.999_999, 0.999_999_9],
        &[1e-7, 1e-6, 0.999_999],
        &[1e-4, 5e-4, 1e-4, 3e-3, 0.02, 0.04, 0.936],
        &[5e-5, 1e-3, 1e-3, 0.03, 0.968, 0.05, 0.05, 0.9],
        &[0.5, 0.5],
        &[0.01, 0.09, 0.9],
        &[5e-4, 5e-3, 0.03, 0.06, 0.9, 0.03, 0.97],
        &[1e-4, 4e-3, 2e-4, 0.06, 0.936],
        &[1e-5, 1e-5, 0.999_98],
        &[1e-5, 1e-5, 0.999_98],
        &[1e-5, 0.999_99],
    ],
    [
        &[1e-7, 1e-4, 0.999_9, 0.999_999_9],
        &[1e-6, 1e-4, 0.999_9],
        &[3e-4, 5e-3, 5e-3, 0.1, 0.1, 0.3, 0.4897],
        &[2e-4, 3e-3, 2e-3, 0.03, 0.964_8, 0.03, 0.05, 0.92],
        &[0.5, 0.5],
        &[0.93, 0.04, 0.03],
        &[3e-3, 0.02, 0.2, 0.05, 0.727, 0.3, 0.7],
        &[0.5, 0.05, 0.2, 0.1, 0.15],
        &[0.5, 0.4, 0.1],
        &[0.5, 0.4, 0.1],
        &[0.97, 0.03],
    ],
    [
        &[1e-7, 1e-5, 0.999_99, 0.999_999_9],
        &[1e-7, 1e-5, 0.999_99],
        &[4e-4, 1e-3, 3e-4, 5e-3, 0.02, 0.05, 0.9233],
        &[3e-3, 0.02, 0.01, 0.9, 0.067, 0.95, 0.04, 0.01],
        &[0.5, 0.5],
        &[0.1, 0.4, 0.5],
        &[0.9, 0.06, 0.02, 0.01, 0.01, 0.95, 0.05],
        &[1e-3, 6e-3, 1e-3, 0.07, 0.922],
        &[1e-3, 1e-3, 0.998],
        &[1e-4, 1e-4, 0.999_8],
        &[1e-4, 0.999_9],
    ],
    [
        &[1e-7, 0.03, 0.97, 0.999_999_9],
        &[1e-6, 0.03, 0.97],
        &[1e-3, 0.02, 0.02, 0.55, 0.2, 0.2, 0.01],
        &[0.94, 0.02, 0.03, 0.005, 0.005, 0.94, 0.05, 0.01],
        &[0.6, 0.4],
        &[0.95, 0.03, 0.02],
        &[0.6, 0.2, 0.05, 0.1, 0.05, 0.9, 0.1],
        &[0.8, 0.05, 0.08, 0.03, 0.04],
        &[0.7, 0.2, 0.1],
        &[0.7, 0.2, 0.1],
        &[0.98, 0.02],
    ],
];

fn table(rows: &[&[f64]; COMPARISONS]) -> Table {
    let mut table = [[1.0; LEVELS]; COMPARISONS];
    for (to, from) in table.iter_mut().zip(rows) {
        to[1..=from.len()].copy_from_slice(from);
    }
    table
}

/// Counts of levels, to be turned into probabilities.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts([[f64; LEVELS]; COMPARISONS]);

impl Counts {
    pub(crate) fn add(&mut self, pattern: Pattern, times: f64) {
        self.add_some(pattern, times, !0);
    }

    /// Adds the comparisons whose bit is set.
    fn add_some(&mut self, pattern: Pattern, times: f64, comparisons: u16) {
        for (at, counts) in self.0.iter_mut().enumerate() {
            let level = (pattern.0 >> (4 * at) & 15) as usize;
            if level != 0 && comparisons >> at & 1 == 1 {
                counts[level] += times;
            }
        }
    }

    fn plus(mut self, other: &Self) -> Self {
        for (to, from) in self.0.iter_mut().zip(&other.0) {
            for (a, b) in to.iter_mut().zip(from) {
                *a += b;
            }
        }
        self
    }

    /// Where enough matches are known, guessed ones teach nothing that is not known better.
    fn without(mut self, known: &Self) -> Self {
        for (at, counts) in self.0.iter_mut().enumerate() {
            for (level, count) in counts.iter_mut().enumerate().skip(1) {
                let seen: f64 = (1..LEVELS)
                    .filter(|l| group(at, *l) == group(at, level))
                    .map(|l| known.0[at][l])
                    .sum();
                if seen >= ENOUGH {
                    *count = 0.0;
                }
            }
        }
        self
    }

    /// Shares, with `before` counted as `weight` observations of each comparison.
    pub(crate) fn shares(&self, before: &Table, weight: f64) -> Table {
        let mut shares = *before;
        for (at, share) in shares.iter_mut().enumerate() {
            let levels = Comparison::ALL[at].levels().len();
            let seen = |level: usize| self.0[at][level] + weight * before[at][level];
            for which in 0..2 {
                let members = || (1..=levels).filter(|l| group(at, *l) == which);
                let sum: f64 = members().map(seen).sum();
                for level in members() {
                    share[level] = (seen(level) / sum).max(1e-9);
                }
            }
        }
        shares
    }
}

/// A pattern, the comparisons that its way of being found leaves free, and how often it occurred.
pub(crate) type Tally = (Pattern, u16, f64);

/// What is not known about ids by looking at pairs that have none: kept as set.
fn keep_id_levels(table: &mut Table) {
    let at = Comparison::Id as usize;
    table[at][1] = M[at][0];
    table[at][4] = M[at][3];
}

/// `m` by expectation and maximisation (Fellegi and Sunter 1969; Winkler 1988), `u` held fixed.
///
/// `known` are counts from pairs known to be matches, `pairs` the patterns of candidate pairs; a comparison that found
/// a pair says nothing about itself and is left out for it. `prior` is the odds of a match before anything is
/// compared. Cost: patterns × iterations.
pub(crate) fn expectation_maximisation(
    pairs: &[Tally],
    known: &Counts,
    start: &Table,
    others: &[Table; 4],
    rate: &[f64; 4],
    prior: f64,
) -> Table {
    let mut m = known.shares(start, PSEUDO);
    for _ in 0..60 {
        let mut counts = *known;
        let mut expected = Counts::default();
        for (pattern, free, times) in pairs {
            let odds = prior * likelihood_ratio(*pattern, &m, others, rate);
            expected.add_some(*pattern, times / (1.0 + 1.0 / odds), *free);
        }
        counts = counts.plus(&expected.without(known));
        let next = counts.shares(start, PSEUDO);
        let moved = next
            .iter()
            .flatten()
            .zip(m.iter().flatten())
            .map(|(a, b)| (a - b).abs())
            .fold(0.0, f64::max);
        m = next;
        if moved < 1e-5 {
            break;
        }
    }
    keep_id_levels(&mut m);
    m
}

/// So many known matches make guesses needless.
const ENOUGH: f64 = 2_000.0;
/// How many observations the starting values are worth.
const PSEUDO: f64 = 20.0;

fn likelihood(pattern: Pattern, table: &Table) -> f64 {
    let mut product = 1.0;
    let mut rest = pattern.0;
    for levels in table {
        let level = (rest & 15) as usize;
        product *= if level == 0 { 1.0 } else { levels[level] };
        rest >>= 4;
    }
    product
}

fn likelihood_ratio(pattern: Pattern, m: &Table, others: &[Table; 4], rate: &[f64; 4]) -> f64 {
    let u: f64 = others.iter().zip(rate).map(|(t, r)| r * likelihood(pattern, t)).sum();
    likelihood(pattern, m) / u
}

/// What a pair's comparison is worth, before the prior.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Score {
    /// Likelihood ratio of "the same" against "strangers".
    pub(crate) same: f64,
    /// How much likelier than strangers the best of relatives, classmates and twins, strangers included, would agree like this.
    pub(crate) others: f64,
}

/// The names of a prepared [`Context`] with how often they occur.
#[derive(Debug, Default)]
pub(crate) struct Rarity {
    /// Share of people who bear the name, by its number.
    pub(crate) name: Vec<f64>,
    /// Share of people whose name sounds like it.
    pub(crate) sound: Vec<f64>,
    /// Share of people whose name sounds like it at each position.
    pub(crate) parts: Vec<[f64; POSITIONS]>,
}

impl Model {
    /// Before anything was learnt; `people` on file.
    pub(crate) fn untrained(people: f64) -> Self {
        let people = people.max(2.0);
        Self {
            m: table(&M),
            u: [table(&U[0]), table(&U[1]), table(&U[2]), table(&U[3])],
            rate: [1.0, 4.0 / people, 30.0 / people, 0.02 / people],
            on_file: 0.97,
            people,
            same_from: 6.0,
            ask_from: -3.0,
            ..Self::default()
        }
    }

    /// `u` of one kind of other people from counts.
    pub(crate) fn learn_u(&mut self, other: Other, counts: &Counts, weight: f64) {
        let at = other as usize;
        self.u[at] = counts.shares(&self.u[at], weight);
        let id = Comparison::Id as usize;
        self.u[at][id][1] = U[at][id][0];
        self.u[at][id][4] = U[at][id][3];
    }

    /// Odds of a match before anything is compared.
    pub(crate) fn prior_odds(&self) -> f64 {
        self.on_file / self.people
    }

    /// `u` among strangers, for the names at hand.
    fn rare(&self, compared: &Compared, rarity: &Rarity, comparison: usize, level: usize) -> f64 {
        const NAME: usize = Comparison::Name as usize;
        const GUARDIAN: usize = Comparison::Guardian as usize;
        const SCHOOL: usize = Comparison::School as usize;
        let (a, b) = (compared.names.0 as usize, compared.names.1 as usize);
        let flat = self.u[0][comparison][level];
        match (comparison, level) {
            (NAME, 1) => rarity.name[a].max(rarity.name[b]),
            (NAME, 2) => rarity.sound[a].max(rarity.sound[b]),
            // What agrees of the name may be common or rare.
            (NAME, 4..=6) if compared.alike != 0 => {
                let parts = rarity.parts[b].iter().enumerate();
                let agree = parts.filter(|(at, _)| compared.alike >> at & 1 == 1);
                agree.map(|(_, share)| *share).product::<f64>().max(1e-7)
            }
            // A small school, or one far away, says more than a large one in town.
            (SCHOOL, 2 | 3 | 6) if compared.school != 0 && self.pupils > 0.0 => {
                let pupils = self.count(mix(u64::from(compared.school)) ^ SCHOOL_HASH);
                let shares = &self.u[0][SCHOOL];
                let at_school = if level == 6 { shares[6] } else { shares[1..=3].iter().sum() };
                ((pupils - 0.5).max(0.5) / self.pupils * shares[level] / at_school).max(1e-7)
            }
            // A guardian's name may be as common as any; many of them stand beside nobody else, so the mean bounds it.
            (GUARDIAN, 1) => rarity.name[compared.guardian as usize].max(flat / 4.0),
            _ => flat,
        }
    }

    pub(crate) fn score(&self, compared: &Compared, rarity: &Rarity) -> Score {
        let mut same = 1.0;
        let mut others = [1.0; 4];
        let mut rest = compared.pattern.0;
        for at in 0..COMPARISONS {
            let level = (rest & 15) as usize;
            rest >>= 4;
            if level == 0 {
                continue;
            }
            let u = self.rare(compared, rarity, at, level);
            same *= self.m[at][level] / u;
            others[1] *= self.u[1][at][level] / u;
            // A classmate has a name like anybody's.
            if at != Comparison::Name as usize {
                others[2] *= self.u[2][at][level] / u;
            }
            others[3] *= self.u[3][at][level] / u;
        }
        let others = others.iter().zip(&self.rate).map(|(o, r)| o * r).sum();
        Score { same, others }
    }

    /// Every level of every comparison with its `m`, `u` and weight.
    pub fn weights(&self) -> Vec<LevelWeight> {
        let mut all = Vec::new();
        for comparison in Comparison::ALL {
            for (at, level) in comparison.levels().iter().enumerate() {
                let (m, u) =
                    (self.m[comparison as usize][at + 1], self.u[0][comparison as usize][at + 1]);
                all.push(LevelWeight { comparison, level, m, u, match_weight: (m / u).log2() });
            }
        }
        all
    }

    /// log₂ of the odds that two rows are of one person before anything is compared.
    pub fn prior(&self) -> f64 {
        self.prior_odds().log2()
    }

    /// The match weights from which two are the same, and from which a person is asked.
    pub fn thresholds(&self) -> (f64, f64) {
        (self.same_from, self.ask_from)
    }

    /// Why two rows are, or are not, held to be of one person, as far as the two rows themselves tell.
    pub fn waterfall(&self, mentions: &Mentions, a: u32, b: u32) -> Waterfall {
        self.waterfall_of(mentions, &[a], &[b])
    }

    /// The same for two groups of rows, each taken as one person.
    ///
    /// `mentions` must be those that the model was learnt from.
    pub fn waterfall_of(&self, mentions: &Mentions, a: &[u32], b: &[u32]) -> Waterfall {
        self.waterfalls_of(mentions, &[(a, b)]).swap_remove(0)
    }

    /// The same for many pairs: what all need is made ready once.
    pub fn waterfalls_of(&self, mentions: &Mentions, pairs: &[(&[u32], &[u32])]) -> Vec<Waterfall> {
        let rows = || pairs.iter().flat_map(|(a, b)| a.iter().chain(*b)).map(|r| *r as usize);
        let needed: Vec<u32> =
            rows().flat_map(|r| [mentions.name[r], mentions.guardian[r]]).collect();
        let years = rows()
            .flat_map(|r| [mentions.born[r] / 10_000, id_born(mentions.id[r]) / 10_000])
            .filter(|y| *y != 0)
            .map(|y| i32::try_from(y).expect("a year"));
        let (from, to) = (years.clone().min().unwrap_or(2000), years.max().unwrap_or(2000));
        let context = Context {
            names: Names::some(&mentions.names, &needed),
            lunar: LunarTable::new(from, to),
            muted: self.muted.clone(),
            also: self.also.clone(),
            confused: self.confused.clone(),
        };
        let rarity = self.rarity(&context.names);
        pairs.iter().map(|(a, b)| self.explain(mentions, &context, &rarity, a, b)).collect()
    }

    fn explain(
        &self,
        mentions: &Mentions,
        context: &Context,
        rarity: &Rarity,
        a: &[u32],
        b: &[u32],
    ) -> Waterfall {
        let mut profiles = Profiles::default();
        for side in [a, b] {
            let id = side.iter().map(|r| mentions.id[*r as usize]).find(|id| *id != 0);
            profiles.add(mentions, context, side, id.unwrap_or(0), false, &Home::default());
        }
        let (left, right) = (profiles.get(0), profiles.get(1));
        let compared = compare(mentions, context, &left, &right);
        let ids_differ = left.id != 0 && right.id != 0 && left.id != right.id;
        let excluded = compared.is_none() || ids_differ;
        let compared = compared.unwrap_or_default();
        let mut steps = Vec::new();
        for comparison in Comparison::ALL {
            let level = compared.pattern.level(comparison);
            let at = comparison as usize;
            let u = if level == 0 { 1.0 } else { self.rare(&compared, rarity, at, level) };
            let m = if level == 0 { 1.0 } else { self.m[at][level] };
            steps.push(Step {
                comparison,
                level: level.checked_sub(1).map(|l| comparison.levels()[l]),
                match_weight: (m / u).log2(),
            });
        }
        let others = self.score(&compared, rarity).others.max(1.0);
        let look_alike = Other::ALL
            .into_iter()
            .max_by(|x, y| {
                let weigh = |o: &Other| {
                    self.rate[*o as usize] * likelihood(compared.pattern, &self.u[*o as usize])
                };
                weigh(x).total_cmp(&weigh(y))
            })
            .unwrap_or(Other::Stranger);
        let prior = self.prior();
        let look_alikes = -others.log2();
        let total = prior + steps.iter().map(|s| s.match_weight).sum::<f64>() + look_alikes;
        let probability = if excluded { 0.0 } else { probability(total) };
        Waterfall { prior, steps, look_alikes, look_alike, total, probability, excluded }
    }

    /// How many people were counted under a hash.
    fn count(&self, hash: u64) -> f64 {
        self.frequency
            .binary_search_by_key(&hash, |(h, _)| *h)
            .map_or(0.0, |at| f64::from(self.frequency[at].1))
    }

    /// How rare each name is, by the model's own counts.
    pub(crate) fn rarity(&self, names: &Names) -> Rarity {
        let all = || 0..names.len();
        let share = |hash: u64| {
            let n = self.count(hash);
            // One of those who bear the name may be the person himself.
            (n - 0.5).max(0.5) / self.people
        };
        Rarity {
            name: all().map(|n| share(names.stable(n))).collect(),
            sound: all().map(|n| share(names.sound(n) ^ SOUND)).collect(),
            parts: all()
                .map(|n| {
                    let mut parts = [1.0; POSITIONS];
                    for (to, part) in parts.iter_mut().zip(names.parts(n)) {
                        *to = share(part ^ PART);
                    }
                    parts
                })
                .collect(),
        }
    }
}

/// Keeps the hashes of sounds apart from those of names.
pub(crate) const SOUND: u64 = 0x5f75_6e64_5f6f_665f;

/// Keeps the hashes of the sounds of single characters apart from both.
pub(crate) const PART: u64 = 0x7061_7274_5f6f_665f;

/// Keeps the hashes of schools apart from all.
pub(crate) const SCHOOL_HASH: u64 = 0x7363_686f_6f6c_5f5f;

/// From log₂ of odds to a probability.
pub(crate) fn probability(weight: f64) -> f64 {
    let odds = weight.min(100.0).exp2();
    odds / (1.0 + odds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::Chance;

    /// Pairs drawn from known `m` and `u`: one in twenty is a match.
    fn drawn(pairs: usize) -> (Vec<Tally>, Table) {
        let model = Model::untrained(20.0);
        let mut chance = Chance::new(4);
        let tallies = (0..pairs)
            .map(|_| {
                let table = if chance.below(20) == 0 { &model.m } else { &model.u[0] };
                let mut pattern = Pattern::default();
                for comparison in [
                    Comparison::Name,
                    Comparison::Sex,
                    Comparison::Place,
                    Comparison::Guardian,
                    Comparison::Phone,
                ] {
                    // One value in five is missing.
                    if chance.below(5) == 0 {
                        continue;
                    }
                    #[expect(clippy::cast_precision_loss, reason = "a random share")]
                    let mut left = chance.below(1_000_000) as f64 / 1e6;
                    let levels = comparison.levels().len();
                    let level = (1..levels)
                        .find(|l| {
                            left -= table[comparison as usize][*l];
                            left < 0.0
                        })
                        .unwrap_or(levels);
                    pattern.set(comparison, level);
                }
                (pattern, !0, 1.0)
            })
            .collect();
        (tallies, model.m)
    }

    #[test]
    fn m_comes_back_within_two_percent() {
        let (tallies, truth) = drawn(400_000);
        let model = Model::untrained(20.0);
        // Start from something else than the truth.
        let mut start = truth;
        for row in &mut start {
            for (level, share) in row.iter_mut().enumerate().skip(1) {
                *share = 0.6 * *share + 0.4 * if level == 1 { 0.5 } else { 0.1 };
            }
        }
        let m = expectation_maximisation(
            &tallies,
            &Counts::default(),
            &start,
            &model.u,
            &[1.0, 0.0, 0.0, 0.0],
            1.0 / 19.0,
        );
        for comparison in
            [Comparison::Name, Comparison::Place, Comparison::Guardian, Comparison::Phone]
        {
            for level in 1..=comparison.levels().len() {
                let (got, want) =
                    (m[comparison as usize][level], truth[comparison as usize][level]);
                assert!((got - want).abs() < 0.02, "{comparison:?} {level}: {got} for {want}");
            }
        }
    }

    #[test]
    fn u_comes_back_within_two_percent() {
        let (tallies, _) = drawn(400_000);
        let truth = Model::untrained(20.0);
        let mut counts = Counts::default();
        // Random pairs of a large register hold next to no match; here those drawn as matches are left out by their phone.
        let phone = Comparison::Phone;
        for (pattern, _, times) in tallies.iter().filter(|(p, ..)| p.level(phone) == 3) {
            counts.add(*pattern, *times);
        }
        let mut model = truth.clone();
        model.u[0] = table(&U[1]);
        model.learn_u(Other::Stranger, &counts, 1.0);
        for comparison in [Comparison::Name, Comparison::Place, Comparison::Guardian] {
            for level in 1..=comparison.levels().len() {
                let got = model.u[0][comparison as usize][level];
                let want = truth.u[0][comparison as usize][level];
                assert!((got - want).abs() < 0.02, "{comparison:?} {level}: {got} for {want}");
            }
        }
    }

    #[test]
    fn every_table_sums_to_one() {
        for rows in [&M].into_iter().chain(&U) {
            for comparison in Comparison::ALL {
                let at = comparison as usize;
                assert_eq!(rows[at].len(), comparison.levels().len(), "{comparison:?}");
                for which in 0..2 {
                    let share = |l: &usize| group(at, *l) == which;
                    let sum: f64 =
                        (1..=rows[at].len()).filter(share).map(|l| rows[at][l - 1]).sum();
                    let ids = comparison == Comparison::Id && which == 0;
                    assert!(ids || sum == 0.0 || (sum - 1.0).abs() < 0.011, "{comparison:?} {sum}");
                }
            }
        }
    }
}
