//! Weighed pairs → clusters, with what must never be joined.

use std::collections::BTreeSet;

use super::compare::Comparisons;
use super::model::Scorer;
use super::value::Frame;
use crate::cluster::Clusters;

/// A weighed pair.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Edge {
    pub(crate) a: u32,
    pub(crate) b: u32,
    pub(crate) weight: f32,
}

/// What is known before pairs are joined.
pub(crate) struct Given<'a> {
    /// Rows that were linked in an earlier run.
    pub(crate) before: &'a [(u32, u32)],
    /// Rows that a person said are one person's.
    pub(crate) same: &'a [(u32, u32)],
    /// Rows that a person said are different.
    pub(crate) different: &'a [(u32, u32)],
}

/// The outcome.
#[derive(Debug, Default)]
pub(crate) struct Resolved {
    /// The smallest row of each row's cluster.
    pub(crate) of: Vec<u32>,
    /// Pairs of one cluster, with the weight of the join that brought them together.
    pub(crate) joined: Vec<Edge>,
    /// Pairs to ask about: the heaviest between two clusters.
    pub(crate) asks: Vec<Edge>,
    /// Joins that a weak bridge, an id, a list or a person's word forbade.
    pub(crate) refused: usize,
    /// Decisions that contradict one another.
    pub(crate) void: usize,
}

/// What a person's word weighs: more than any evidence, and still a number.
pub(crate) const DECIDED: f32 = 100.0;
/// Of a larger cluster than this only one pair a join is listed: who has so many rows is a crowd.
const LISTED: usize = 500;
/// Members of a cluster that are looked at to see whether a bridge is weak.
const LOOKED_AT: usize = 8;

pub(crate) struct Resolver<'a> {
    pub(crate) frame: &'a Frame,
    pub(crate) comparisons: &'a Comparisons,
    pub(crate) scorer: &'a Scorer,
    pub(crate) same_from: f32,
    pub(crate) ask_from: f32,
    pub(crate) bridge: f64,
}

impl Resolver<'_> {
    /// Joins from the heaviest pair down. `edges` are sorted so.
    pub(crate) fn resolve(&self, edges: &[Edge], given: &Given<'_>) -> Resolved {
        let rows = self.frame.rows;
        let ids: Vec<u64> = (0..rows).map(|r| self.telling(r)).collect();
        let lists = (0..rows).map(|r| match self.frame.list.get(r as usize) {
            Some(list) if *list != 0 => vec![*list],
            _ => Vec::new(),
        });
        let mut clusters = Clusters::new(ids, lists);
        let mut members = Members::new(rows);
        let mut out = Resolved::default();
        for (a, b) in given.different {
            clusters.forbid(*a, *b);
        }
        let decided =
            given.before.iter().map(|p| (p, false)).chain(given.same.iter().map(|p| (p, true)));
        for ((a, b), by_a_person) in decided {
            let (x, y) = (clusters.root(*a), clusters.root(*b));
            if x == y {
                continue;
            }
            if clusters.decide_same(x, y) {
                members.join(x, y, clusters.root(x));
                if by_a_person {
                    out.joined.push(Edge { a: *a, b: *b, weight: DECIDED });
                }
            } else {
                out.void += usize::from(by_a_person);
            }
        }
        let mut asks = Vec::new();
        for edge in edges {
            if edge.weight < self.ask_from {
                break;
            }
            let (x, y) = (clusters.root(edge.a), clusters.root(edge.b));
            if x == y {
                continue;
            }
            if edge.weight < self.same_from {
                asks.push(*edge);
                continue;
            }
            if !clusters.may_join(x, y) {
                out.refused += 1;
                continue;
            }
            if !self.holds(&members, x, y) {
                out.refused += 1;
                asks.push(*edge);
                continue;
            }
            let (left, right) = (members.of(x), members.of(y));
            if left.len() + right.len() <= LISTED {
                for a in &left {
                    out.joined.extend(right.iter().map(|b| Edge {
                        a: *a,
                        b: *b,
                        weight: edge.weight,
                    }));
                }
            } else {
                out.joined.push(*edge);
            }
            clusters.join(x, y);
            members.join(x, y, clusters.root(x));
        }
        let mut asked = BTreeSet::new();
        for edge in asks {
            let (x, y) = (clusters.root(edge.a), clusters.root(edge.b));
            if x != y && clusters.may_join(x, y) && asked.insert((x.min(y), x.max(y))) {
                out.asks.push(edge);
            }
        }
        out.of = (0..rows).map(|r| clusters.root(r)).collect();
        out
    }

    /// The first seventeen digits of an id that tells this row's person apart; 0 if it has none.
    fn telling(&self, row: u32) -> u64 {
        let cells = self.frame.row(row);
        let ids = self.comparisons.all.iter().filter(|c| c.excludes != 0);
        ids.map(|c| self.frame.ids.telling(cells[c.slots[0]])).find(|id| *id != 0).unwrap_or(0)
    }

    /// Whether two clusters belong together by more than one pair: the mean of all their pairs.
    fn holds(&self, members: &Members, x: u32, y: u32) -> bool {
        if members.size[x as usize] == 1 && members.size[y as usize] == 1 {
            return true;
        }
        let (mut sum, mut count) = (0.0, 0.0);
        for a in members.walk(x).take(LOOKED_AT) {
            for b in members.walk(y).take(LOOKED_AT) {
                let pattern = self.comparisons.compare(self.frame, a, b);
                let weight =
                    self.scorer.weigh(self.frame, self.comparisons, pattern, a, b).unwrap_or(-8.0);
                sum += weight.clamp(-8.0, 12.0);
                count += 1.0;
            }
        }
        sum / count >= self.bridge
    }
}

/// The rows of each cluster, as rings of linked rows.
struct Members {
    next: Vec<u32>,
    size: Vec<u32>,
}

impl Members {
    fn new(rows: u32) -> Self {
        Self { next: (0..rows).collect(), size: vec![1; rows as usize] }
    }

    fn join(&mut self, x: u32, y: u32, root: u32) {
        self.next.swap(x as usize, y as usize);
        self.size[root as usize] = self.size[x as usize] + self.size[y as usize];
    }

    fn walk(&self, root: u32) -> impl Iterator<Item = u32> + '_ {
        let mut at = Some(root);
        std::iter::from_fn(move || {
            let here = at?;
            let next = self.next[here as usize];
            at = (next != root).then_some(next);
            Some(here)
        })
    }

    fn of(&self, root: u32) -> Vec<u32> {
        self.walk(root).collect()
    }
}
