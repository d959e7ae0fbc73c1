use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::birth::LunarTable;
use crate::block::{self, Candidate};
use crate::cluster::Clusters;
use crate::compare::{Compared, Context, Home, Of, Pattern, Profiles, compare};
use crate::hanzi::Names;
use crate::mention::{Mentions, id_born};
use crate::model::{Counts, Model, Rarity, Tally, expectation_maximisation, probability};
use crate::name::NameLevel;
use crate::train::{Groups, Homes, train};

/// How to link.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Draws the pairs from which `u` is learnt.
    pub seed: u64,
    /// The share of rows that may, by the model's own reckoning, be given to the wrong person.
    pub false_merges: f64,
    /// Below the threshold for "the same", a person is asked about pairs at least this likely.
    pub ask_from: f64,
    /// A phone or account beside more different names than this says nothing (a teacher's, a school's).
    pub shared_by: usize,
    /// The most comparisons that one block may cost before it is split.
    pub block_pairs: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { seed: 1, false_merges: 1e-4, ask_from: 0.1, shared_by: 12, block_pairs: 20_000 }
    }
}

/// What a person decided about two rows, by the keys given at [`Mentions::push`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Decision {
    /// 是同一人. Holds even against two different valid ids.
    Same(u64, u64),
    /// 不是同一人. Never comes back.
    Different(u64, u64),
}

/// Two rows that may be of one person: somebody who knows them should say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ask {
    /// A row.
    pub left: u32,
    /// A row of another person.
    pub right: u32,
    /// log₂ of the odds that they are one, all rows of both and the rivals considered.
    pub weight: f64,
}

/// Counts of what was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Rows.
    pub rows: usize,
    /// Profiles after equal ids and equal rows were collapsed.
    pub profiles: usize,
    /// Profiles without a valid id.
    pub open: usize,
    /// Persons in the end.
    pub persons: usize,
    /// Pairs compared.
    pub pairs: usize,
    /// Pairs of blocks too large to compare.
    pub skipped: u64,
    /// Joins made by weight.
    pub joins: usize,
    /// Decisions that hold.
    pub decisions_held: usize,
    /// Decisions about rows that are not here, or that other decisions contradict.
    pub decisions_void: usize,
}

/// Whose each row is.
#[derive(Clone, Debug, Default)]
pub struct Linkage {
    /// For each row the smallest row of the same person.
    pub cluster: Vec<u32>,
    /// Likeliest first.
    pub asks: Vec<Ask>,
    /// What was learnt.
    pub model: Model,
    /// What was done.
    pub stats: Stats,
}

/// Finds out which rows are about one person.
///
/// The same for any order of the rows (up to their numbers) and any number of threads. Cost: n·log n in the rows, plus the
/// candidate pairs of rows without a valid id, of which no block yields more than `settings.block_pairs`.
pub fn link(mentions: &Mentions, settings: &Settings, decisions: &[Decision]) -> Linkage {
    let mut stats = Stats { rows: mentions.len(), ..Stats::default() };
    let (same, different) = by_row(mentions, decisions, &mut stats);
    let mut context = context(mentions, settings);
    let order = order(mentions);
    let (of, ids) = collapse(mentions, &context, &order, &different);
    let mut groups = Groups::new(&of, &order);
    context.also = households(mentions, &groups, &ids);
    context.confused = confused(mentions, &context, &groups, &ids);
    stats.profiles = groups.len();
    let mut group_ids = ids_of(&groups, &ids);
    stats.open = group_ids.iter().filter(|id| **id == 0).count();

    let homes = Homes::new(mentions, &context, &groups, &group_ids);
    let profiles = gather(mentions, &context, &groups, &homes, &group_ids);
    let (mut model, matches) =
        train(mentions, &context, &profiles, &groups, &homes, &group_ids, settings.seed);
    model.muted.clone_from(&context.muted);
    model.also.clone_from(&context.also);
    model.confused.clone_from(&context.confused);
    model.ask_from = (settings.ask_from / (1.0 - settings.ask_from)).log2();
    let rarity = model.rarity(&context.names);

    let mut round = Round {
        mentions,
        context: &context,
        settings,
        rarity: &rarity,
        order: &order,
        same: &same,
        different: &different,
    };
    let outcome = round.pairs(&profiles, &group_ids, &mut stats);
    learn(&mut model, &outcome, &matches);
    let edges = round.edges(&mut model, &outcome, &group_ids, true);
    drop(outcome);
    model.same_from = threshold(&edges, settings.false_merges, mentions.len());
    let merged = round.join(&model, &profiles, &groups, &group_ids, &edges, &mut stats);
    drop((profiles, edges));

    // Once more with what the joined rows know together: a class, a phone, a guardian that one of them brought in.
    let mut final_groups = merged.groups;
    let mut asks = merged.asks;
    if merged.joined > 0 {
        groups = final_groups;
        group_ids = merged.ids;
        let homes = Homes::new(mentions, &context, &groups, &group_ids);
        let profiles = gather(mentions, &context, &groups, &homes, &group_ids);
        round.same = &[];
        let outcome = round.pairs(&profiles, &group_ids, &mut stats);
        let edges = round.edges(&mut model, &outcome, &group_ids, false);
        let merged = round.join(&model, &profiles, &groups, &group_ids, &edges, &mut stats);
        final_groups = merged.groups;
        asks = merged.asks;
    }
    stats.persons = final_groups.len();
    let mut smallest = vec![u32::MAX; final_groups.len()];
    for (row, group) in (0..).zip(&final_groups.of) {
        let at = &mut smallest[*group as usize];
        *at = row.min(*at);
    }
    let cluster = final_groups.of.iter().map(|g| smallest[*g as usize]).collect();
    Linkage { cluster, asks, model, stats }
}

/// Pairs of rows, each ascending.
type RowPairs = Vec<(u32, u32)>;

/// Decisions as pairs of rows, each pair ascending.
fn by_row(mentions: &Mentions, decisions: &[Decision], stats: &mut Stats) -> (RowPairs, RowPairs) {
    let (mut same, mut different) = (Vec::new(), Vec::new());
    if decisions.is_empty() {
        return (same, different);
    }
    let mut keys: Vec<(u64, u32)> = mentions.key.iter().copied().zip(0..).collect();
    keys.par_sort_unstable();
    let row = |key: u64| {
        let at = keys.partition_point(|(k, _)| *k < key);
        keys.get(at).filter(|(k, _)| *k == key).map(|(_, r)| *r)
    };
    for decision in decisions {
        let (Decision::Same(a, b) | Decision::Different(a, b)) = decision;
        match (decision, row(*a), row(*b)) {
            (_, Some(a), Some(b)) if a == b => stats.decisions_void += 1,
            (Decision::Same(..), Some(a), Some(b)) => same.push((a.min(b), a.max(b))),
            (Decision::Different(..), Some(a), Some(b)) => {
                different.push((a.min(b), a.max(b)));
                stats.decisions_held += 1;
            }
            _ => stats.decisions_void += 1,
        }
    }
    for pairs in [&mut same, &mut different] {
        pairs.sort_unstable();
        pairs.dedup();
    }
    (same, different)
}

/// `m` from the pairs, by expectation and maximisation.
fn learn(model: &mut Model, pairs: &[Pair], matches: &Counts) {
    let mut seen: Vec<(Pattern, u16)> =
        pairs.iter().map(|p| (p.compared.pattern, p.candidate.free)).collect();
    seen.par_sort_unstable();
    let tallies: Vec<Tally> = seen
        .chunk_by(|a, b| a == b)
        .map(|same| {
            #[expect(clippy::cast_precision_loss, reason = "a number of pairs")]
            let times = same.len() as f64;
            (same[0].0, same[0].1, times)
        })
        .collect();
    let prior = model.prior_odds();
    model.m = expectation_maximisation(&tallies, matches, &model.m, &model.u, &model.rate, prior);
}

/// The weight down to which all edges may be taken without more than the allowed share of rows going wrong, as the edges'
/// own probabilities reckon it; between 4 to 1 and 128 to 1.
fn threshold(edges: &[Edge], allowed: f64, rows: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a number of rows")]
    let budget = allowed * rows as f64;
    let (mut wrong, mut last) = (0.0, 7.0);
    for edge in edges {
        wrong += 1.0 - probability(edge.weight);
        if wrong > budget {
            break;
        }
        last = edge.weight;
    }
    f64::clamp(last, 2.0, 7.0)
}

/// The rows in an order that their content gives, whatever the order in which they came.
fn order(mentions: &Mentions) -> Vec<u32> {
    let name = |r: &u32| mentions.names.get(mentions.name[*r as usize]);
    let text = |column: &[u32], r: &u32| mentions.texts.get(column[*r as usize]);
    let rest = |r: &u32| {
        let at = *r as usize;
        (
            (mentions.born[at], mentions.cohort[at], mentions.sex[at], mentions.relation[at]),
            (mentions.school[at], mentions.village[at], mentions.town[at], mentions.list[at]),
            (text(&mentions.student_no, r), text(&mentions.id_as_written, r)),
            (text(&mentions.account, r), text(&mentions.household, r)),
            mentions.names.get(mentions.guardian[at]),
            mentions.key[at],
        )
    };
    let mut order: Vec<u32> =
        (0..u32::try_from(mentions.len()).expect("rows are counted in 32 bits")).collect();
    order.par_sort_by(|a, b| {
        mentions.id[*a as usize]
            .cmp(&mentions.id[*b as usize])
            .then_with(|| name(a).cmp(name(b)))
            .then_with(|| rest(a).cmp(&rest(b)))
            .then_with(|| {
                let phones = |r: &u32| -> Vec<&str> {
                    mentions.phones(*r).iter().map(|p| mentions.texts.get(*p)).collect()
                };
                phones(a).cmp(&phones(b))
            })
    });
    order
}

fn context(mentions: &Mentions, settings: &Settings) -> Context {
    let names = Names::new(&mentions.names);
    let years = || {
        let ids = mentions.id.iter().filter(|id| **id != 0).map(|id| id_born(*id));
        ids.chain(mentions.born.iter().copied().filter(|b| *b != 0))
            .map(|b| i32::try_from(b / 10_000).expect("a year"))
    };
    let lunar = match (years().min(), years().max()) {
        (Some(from), Some(to)) => LunarTable::new(from, to),
        _ => LunarTable::default(),
    };
    let rows = u32::try_from(mentions.len()).expect("rows are counted in 32 bits");
    let mut beside: Vec<(u32, u32)> = Vec::new();
    for row in 0..rows {
        let name = names.folded(mentions.name[row as usize]);
        beside.extend(mentions.phones(row).iter().map(|p| (*p, name)));
        beside.push((mentions.account[row as usize], name));
    }
    beside.par_sort_unstable();
    beside.dedup();
    let muted = beside
        .chunk_by(|a, b| a.0 == b.0)
        .filter(|same| same[0].0 != 0 && same.len() > settings.shared_by)
        .map(|same| same[0].0)
        .collect();
    Context { names, lunar, muted, ..Context::default() }
}

/// Rows that are one without a doubt: for each row the smallest of its kind, and the id that it is held to have.
fn collapse(
    mentions: &Mentions,
    context: &Context,
    order: &[u32],
    different: &[(u32, u32)],
) -> (Vec<u32>, Vec<u64>) {
    let rows = u32::try_from(mentions.len()).expect("rows are counted in 32 bits");
    let mut of: Vec<u32> = (0..rows).collect();
    let mut ids = mentions.id.clone();
    let mut of_known: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (a, b) in different {
        of_known.entry(*a).or_default().push(*b);
        of_known.entry(*b).or_default().push(*a);
    }
    let old = centuries(mentions);
    // A 15-digit number of somebody born in this century was read as of the last.
    if !old.is_empty() {
        for id in &mut ids {
            if let Ok(at) = old.binary_search_by_key(id, |(from, _)| *from) {
                *id = old[at].1;
            }
        }
    }
    let mut by_id: Vec<(u64, u8, u32)> = Vec::new();
    for row in order {
        let r = *row as usize;
        if ids[r] != 0 {
            by_id.push((ids[r], 0, *row));
        } else if mentions.student_id[r] != 0 {
            by_id.push((mentions.student_id[r], 1, *row));
        }
    }
    // A stable sort: rows of one id stay in the order that their content gives.
    by_id.par_sort_by_key(|(id, by, _)| (*id, *by));
    for group in by_id.chunk_by(|a, b| a.0 == b.0) {
        let own = || group.iter().filter(|(_, by, _)| *by == 0).map(|(.., row)| *row);
        let Some(main) = main_name(mentions, context, group[0].0, own()) else { continue };
        let mut first: Option<u32> = None;
        let mut lists: Vec<u32> = Vec::new();
        let mut members: Vec<u32> = Vec::new();
        for (id, by, row) in group {
            let r = *row as usize;
            let apart =
                of_known.get(row).is_some_and(|others| others.iter().any(|o| members.contains(o)));
            let list = mentions.list[r];
            let fits = compatible(mentions, context, *id, main, *row, *by == 1);
            let twice = *by == 1 && list != 0 && lists.contains(&list);
            if fits && !apart && !twice {
                of[r] = *first.get_or_insert(*row);
                ids[r] = *id;
                lists.push(list);
                members.push(*row);
            } else {
                // Somebody else's number, or a person said so: the row has to find its person by what else it says.
                ids[r] = 0;
            }
        }
    }
    same_words(mentions, order, &mut of, &ids, &of_known);
    (of, ids)
}

/// Ids of people born before 1926 for which the same digits a century later are on file too: 15-digit numbers, in which
/// the century is not written. Sorted.
fn centuries(mentions: &Mentions) -> Vec<(u64, u64)> {
    const CENTURY: u64 = 100 * 10_000_000;
    let mut all: Vec<u64> = mentions.id.iter().copied().filter(|id| *id != 0).collect();
    all.par_sort_unstable();
    all.dedup();
    all.iter()
        .filter(|id| (1900..1926).contains(&(id_born(**id) / 10_000)))
        .map(|id| (*id, id + CENTURY))
        .filter(|(_, later)| all.binary_search(later).is_ok())
        .collect()
}

/// The commonest name among rows of one id; rows whose age contradicts the id have no voice while there are others.
fn main_name(
    mentions: &Mentions,
    context: &Context,
    id: u64,
    rows: impl Iterator<Item = u32>,
) -> Option<u32> {
    let mut counts: Vec<(u32, (u32, u32), u32)> = Vec::new();
    for row in rows {
        let name = mentions.name[row as usize];
        let folded = context.names.folded(name);
        let fits = u32::from(age_fits(mentions, id, row) != Some(false));
        match counts.iter_mut().find(|(f, ..)| *f == folded) {
            Some((_, (fit, all), _)) => (*fit, *all) = (*fit + fits, *all + 1),
            None => counts.push((folded, (fits, 1), name)),
        }
    }
    // The name, not the row, breaks ties, so that order does not matter.
    counts
        .into_iter()
        .max_by_key(|(_, votes, name)| (*votes, context.names.stable(*name)))
        .map(|(_, _, name)| name)
}

/// Whether the age that a row tells is that of the id; `None` if it tells none.
fn age_fits(mentions: &Mentions, id: u64, row: u32) -> Option<bool> {
    let (born, cohort) = (mentions.born[row as usize], mentions.cohort[row as usize]);
    let date = (born != 0).then(|| born / 10_000 == id_born(id) / 10_000);
    let grade = (cohort.year != 0).then(|| {
        crate::birth::fits(id_born(id), cohort).is_some_and(|l| l <= crate::birth::BirthLevel::Near)
    });
    match (date, grade) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (None, None) => None,
        _ => Some(true),
    }
}

/// Whether a row that carries an id can be of the person whose name is `main`.
fn compatible(
    mentions: &Mentions,
    context: &Context,
    id: u64,
    main: u32,
    row: u32,
    strict: bool,
) -> bool {
    let r = row as usize;
    let level = context.name_level(main, mentions.name[r]);
    if level <= NameLevel::OneOff {
        return true;
    }
    if strict || mentions.name[r] == 0 {
        return mentions.name[r] == 0 && !strict;
    }
    // Another name altogether: a name given up, or a parent's number beside a child's name. Age tells.
    age_fits(mentions, id, row).unwrap_or(level == NameLevel::Half)
}

/// Rows without an id that say exactly the same are one, unless one list holds two of them.
fn same_words(
    mentions: &Mentions,
    order: &[u32],
    of: &mut [u32],
    ids: &[u64],
    decided: &BTreeMap<u32, Vec<u32>>,
) {
    let words = |row: u32| {
        let r = row as usize;
        let cohort = mentions.cohort[r];
        (
            [
                mentions.name[r],
                mentions.id_as_written[r],
                mentions.student_no[r],
                mentions.born[r],
                u32::from(cohort.year.unsigned_abs()) << 8 | u32::from(cohort.step),
                u32::from(mentions.sex[r]),
                mentions.town[r],
                mentions.village[r],
                mentions.school[r],
                mentions.class[r],
                mentions.guardian[r],
                mentions.account[r],
                mentions.household[r],
                u32::from(mentions.relation[r]),
            ],
            mentions.phones(row),
        )
    };
    let mut open: Vec<u32> = order
        .iter()
        .copied()
        .filter(|r| ids[*r as usize] == 0 && mentions.id[*r as usize] == 0)
        .filter(|r| !decided.contains_key(r))
        .collect();
    open.par_sort_by(|a, b| words(*a).cmp(&words(*b)));
    for alike in open.chunk_by(|a, b| words(*a) == words(*b)) {
        // A bare name is no identity: three pieces at least must agree.
        let said = words(alike[0]).0.iter().filter(|w| **w != 0).count();
        let mut lists: Vec<u32> =
            alike.iter().map(|r| mentions.list[*r as usize]).filter(|l| *l != 0).collect();
        let listed = lists.len();
        lists.sort_unstable();
        lists.dedup();
        if said >= 4 && lists.len() == listed {
            for row in alike {
                of[*row as usize] = alike[0];
            }
        }
    }
}

/// For each household number the number that the same people's household has in another kind of roster.
fn households(mentions: &Mentions, groups: &Groups, ids: &[u64]) -> Vec<(u32, u32)> {
    let mut pairs: Vec<(u32, u32)> = Vec::new();
    let kind = |h: u32| mentions.texts.get(h).split('#').next().map(str::to_owned);
    for group in 0..u32::try_from(groups.len()).expect("profiles are counted in 32 bits") {
        let rows = groups.rows(group);
        if ids[rows[0] as usize] == 0 {
            continue;
        }
        let mut own: Vec<u32> =
            rows.iter().map(|r| mentions.household[*r as usize]).filter(|h| *h != 0).collect();
        own.sort_unstable();
        own.dedup();
        for a in &own {
            for b in own.iter().filter(|b| *b != a && kind(**b) != kind(*a)) {
                pairs.push((*a, *b));
            }
        }
    }
    pairs.par_sort_unstable();
    let mut also: Vec<(u32, u32)> = Vec::new();
    for of_one in pairs.chunk_by(|x, y| x.0 == y.0) {
        let best = of_one
            .chunk_by(|x, y| x == y)
            .max_by_key(|same| (same.len(), std::cmp::Reverse(mentions.texts.get(same[0].1))))
            .expect("a chunk is not empty");
        also.push(best[0]);
    }
    also
}

/// Characters that stand for one another in names beside one id, with two people at least: what these offices misread.
fn confused(
    mentions: &Mentions,
    context: &Context,
    groups: &Groups,
    ids: &[u64],
) -> Vec<(u64, u64)> {
    let mut seen: Vec<((u64, u64), u64)> = Vec::new();
    for group in 0..u32::try_from(groups.len()).expect("profiles are counted in 32 bits") {
        let rows = groups.rows(group);
        let id = ids[rows[0] as usize];
        if id == 0 || rows.len() == 1 {
            continue;
        }
        let mut names: Vec<u32> = rows.iter().map(|r| mentions.name[*r as usize]).collect();
        names.sort_unstable();
        names.dedup();
        for (at, a) in names.iter().enumerate() {
            for b in &names[at + 1..] {
                seen.extend(context.names.one_apart(*a, *b).map(|pair| (pair, id)));
            }
        }
    }
    seen.sort_unstable();
    seen.dedup();
    seen.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() > 1).map(|same| same[0].0).collect()
}

fn ids_of(groups: &Groups, ids: &[u64]) -> Vec<u64> {
    (0..u32::try_from(groups.len()).expect("profiles are counted in 32 bits"))
        .map(|g| ids[groups.rows(g)[0] as usize])
        .collect()
}

fn gather(
    mentions: &Mentions,
    context: &Context,
    groups: &Groups,
    homes: &Homes,
    ids: &[u64],
) -> Profiles {
    const PART: usize = 8_192;
    let parts: Vec<Profiles> = ids
        .par_chunks(PART)
        .enumerate()
        .map(|(part, ids)| {
            let mut profiles = Profiles::default();
            let first = u32::try_from(part * PART).expect("profiles are counted in 32 bits");
            for (at, id) in (first..).zip(ids) {
                let home = if *id == 0 { Home::default() } else { homes.around(at) };
                profiles.add(mentions, context, groups.rows(at), *id, false, &home);
            }
            profiles
        })
        .collect();
    let mut profiles = Profiles::default();
    for part in parts {
        profiles.append(&part);
    }
    profiles
}

/// A compared pair.
#[derive(Clone, Copy, Debug)]
struct Pair {
    candidate: Candidate,
    compared: Compared,
}

/// A pair with the weight that decides.
#[derive(Clone, Copy, Debug)]
struct Edge {
    weight: f64,
    a: u32,
    b: u32,
}

struct Merged {
    groups: Groups,
    ids: Vec<u64>,
    asks: Vec<Ask>,
    joined: usize,
}

/// What one round of comparing and joining works with.
struct Round<'a> {
    mentions: &'a Mentions,
    context: &'a Context,
    settings: &'a Settings,
    rarity: &'a Rarity,
    order: &'a [u32],
    same: &'a [(u32, u32)],
    different: &'a [(u32, u32)],
}

impl Round<'_> {
    /// The candidate pairs that are not ruled out, compared; by open profile.
    fn pairs(&self, profiles: &Profiles, ids: &[u64], stats: &mut Stats) -> Vec<Pair> {
        let open: Vec<bool> = ids.iter().map(|id| *id == 0).collect();
        let found = block::candidates(
            self.mentions,
            self.context,
            profiles,
            &open,
            self.settings.block_pairs,
        );
        stats.pairs += found.pairs.len();
        stats.skipped += found.skipped;
        found
            .pairs
            .into_par_iter()
            .filter_map(|candidate| {
                let (a, b) = (profiles.get(candidate.open), profiles.get(candidate.other));
                let compared = compare(self.mentions, self.context, &a, &b)?;
                Some(Pair { candidate, compared })
            })
            .collect()
    }

    /// Weights. Persons known by different ids exclude each other, so they share one row's probability between them and
    /// "none of these".
    fn edges(&self, model: &mut Model, pairs: &[Pair], ids: &[u64], learn: bool) -> Vec<Edge> {
        let by_open: Vec<&[Pair]> =
            pairs.chunk_by(|a, b| a.candidate.open == b.candidate.open).collect();
        if learn {
            let open = ids.iter().filter(|id| **id == 0).count();
            for _ in 0..12 {
                let found: Vec<f64> =
                    by_open.par_iter().map(|p| self.weigh(model, p, ids).1).collect();
                let known = ids.len() - open;
                if open > 0 && known > open / 4 {
                    #[expect(clippy::cast_precision_loss, reason = "a number of rows")]
                    let share = (found.iter().sum::<f64>() + 1.0) / (open as f64 + 2.0);
                    model.on_file = share.clamp(0.5, 0.995);
                }
            }
        }
        let mut edges: Vec<Edge> = by_open
            .par_iter()
            .flat_map_iter(|p| self.weigh(model, p, ids).0)
            .filter(|e| e.weight >= model.ask_from.min(0.0))
            .collect();
        edges.par_sort_unstable_by(|x, y| {
            y.weight.total_cmp(&x.weight).then((x.a, x.b).cmp(&(y.a, y.b)))
        });
        edges
    }

    /// The edges of one open profile, and how likely its person is on file by an id.
    fn weigh(&self, model: &Model, pairs: &[Pair], ids: &[u64]) -> (Vec<Edge>, f64) {
        let prior = model.prior_odds();
        let scores: Vec<_> = pairs.iter().map(|p| model.score(&p.compared, self.rarity)).collect();
        let known = |p: &Pair| ids[p.candidate.other as usize] != 0;
        let sum: f64 = pairs
            .iter()
            .zip(&scores)
            .filter(|(p, _)| known(p))
            .map(|(_, score)| prior * score.same)
            .sum();
        let none = 1.0 - model.on_file;
        let edges = pairs
            .iter()
            .zip(&scores)
            .map(|(pair, score)| {
                let own = prior * score.same;
                let against = if known(pair) {
                    none * score.others.max(1.0) + (sum - own).max(0.0)
                } else {
                    score.others.max(1.0)
                };
                let weight = (own / against).log2().clamp(-60.0, 60.0);
                Edge { weight, a: pair.candidate.open, b: pair.candidate.other }
            })
            .collect();
        (edges, sum / (sum + none))
    }

    fn join(
        &self,
        model: &Model,
        profiles: &Profiles,
        groups: &Groups,
        ids: &[u64],
        edges: &[Edge],
        stats: &mut Stats,
    ) -> Merged {
        let count = u32::try_from(groups.len()).expect("profiles are counted in 32 bits");
        let lists = (0..count).map(|p| profiles.get(p).of(Of::List).to_vec());
        let mut clusters = Clusters::new(ids.to_vec(), lists);
        for (a, b) in self.different {
            clusters.forbid(groups.of[*a as usize], groups.of[*b as usize]);
        }
        for (a, b) in self.same {
            if clusters.decide_same(groups.of[*a as usize], groups.of[*b as usize]) {
                stats.decisions_held += 1;
            } else {
                stats.decisions_void += 1;
            }
        }
        let mut joined = self.same.len();
        for edge in edges.iter().take_while(|e| e.weight >= model.same_from) {
            if clusters.root(edge.a) != clusters.root(edge.b) && clusters.join(edge.a, edge.b) {
                joined += 1;
                stats.joins += 1;
            }
        }
        let mut asks = Vec::new();
        let mut asked: BTreeSet<(u32, u32)> = BTreeSet::new();
        for edge in edges.iter().take_while(|e| e.weight >= model.ask_from) {
            let (a, b) = (clusters.root(edge.a), clusters.root(edge.b));
            if a != b && clusters.may_join(a, b) && asked.insert((a.min(b), a.max(b))) {
                let row = |p: u32| groups.rows(p)[0];
                asks.push(Ask { left: row(edge.a), right: row(edge.b), weight: edge.weight });
            }
        }
        let root: Vec<u32> = (0..count).map(|p| clusters.root(p)).collect();
        let of: Vec<u32> = groups.of.iter().map(|g| groups.rows(root[*g as usize])[0]).collect();
        let merged = Groups::new(&of, self.order);
        let ids = (0..u32::try_from(merged.len()).expect("fewer than before"))
            .map(|g| {
                let old = groups.of[merged.rows(g)[0] as usize];
                clusters.id_of(root[old as usize])
            })
            .collect();
        Merged { groups: merged, ids, asks, joined }
    }
}
