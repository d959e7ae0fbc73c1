//! Linkage of any table about people, as a spec describes it.
//!
//! [`Table::read`] takes CSV, [`Spec::parse`] says what is compared and which pairs are looked at, [`Linker::link`] finds
//! out which rows are one person's. Fellegi–Sunter with levels, `u` from random pairs, `m` by expectation and
//! maximisation over several blocking rules, rare values weighing more than common ones, missing values weighing nothing;
//! joining from the heaviest pair down, never across two different valid ids, one list, or a person's word.

mod block;
mod compare;
mod date;
mod error;
mod explain;
mod history;
mod household;
mod identity;
mod measure;
mod model;
mod read;
mod resolve;
mod review;
mod saved;
mod spec;
pub(crate) mod text;
mod train;
mod value;

use rayon::prelude::*;

use block::{Blocks, Which};
use compare::Comparisons;
use household::Households;
use model::Scorer;
use resolve::{Edge, Given, Resolver};
use value::Frame;

pub use block::RuleCount;
pub use error::LinkError;
pub use explain::{Exclusion, PairStep, PairWaterfall};
pub use history::{Event, History, Previous, name_persons};
pub use measure::{Measured, Truth};
pub use model::Model;
pub use read::{Repeated, Source, Table, TableReader};
pub use review::{Band, FromAnswers, Interval, Stratum, from_answers};
pub use saved::PairLevel;
pub use spec::{
    Block, Comparison, Kind, Level, LookAlike, NameTest, Part, PartOf, Settings, Spec, SpecFault,
    Test, level_in_chinese,
};

/// A table made ready to be linked.
#[derive(Debug)]
pub struct Linker<'a> {
    spec: &'a Spec,
    frame: Frame,
    comparisons: Comparisons,
    /// The first row of the second file, if only pairs across the two count; else 0.
    across: u32,
    /// The rows in an order that what they say gives.
    order: Vec<u32>,
    crowds: Crowds,
}

/// Rows that say exactly what many others say.
#[derive(Debug, Default)]
struct Crowds {
    /// Which rows are left out of the blocks; empty if none is.
    out: Vec<bool>,
    /// Each of them with the first of its crowd.
    pairs: Vec<(u32, u32)>,
}

/// What is said about a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// 是同一人.
    Same,
    /// 待核: a person should say.
    Ask,
}

/// Two rows with what they weigh.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Link {
    /// A row.
    pub left: u32,
    /// A later row.
    pub right: u32,
    /// log₂ of the odds that they are one person's; for rows that others hold together, of the weakest join on the way.
    pub weight: f64,
    /// One person's, or to be asked.
    pub verdict: Verdict,
}

impl Link {
    /// The weight as a probability.
    pub fn probability(&self) -> f64 {
        model::probability(self.weight)
    }
}

/// Whose each row is.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// For each row the smallest row of the same person.
    pub cluster: Vec<u32>,
    /// Pairs of one person, and pairs to ask about, each sort heaviest first. Of rows that were linked in an earlier run,
    /// only the pairs with a new row.
    pub links: Vec<Link>,
    /// What was learnt.
    pub model: Model,
    /// What each blocking rule found.
    pub rules: Vec<RuleCount>,
    /// Pairs compared.
    pub compared: u64,
    /// Joins that an id, a list, a weak bridge or a person's word forbade.
    pub refused: usize,
    /// Decisions that contradict one another.
    pub void: usize,
    /// Precision and recall, as far as people's decisions tell; `None` without decisions about pairs said to be the same.
    pub from_answers: Option<FromAnswers>,
    /// How many questions each `ask_from` would make.
    pub bands: Vec<Band>,
    /// The probability from which a person is asked.
    pub ask_from: f64,
    /// How many pairs have a weight of so much: for each whole number from −30 to 60, those from it to the next.
    pub histogram: Vec<u64>,
}

/// The weights that [`Outcome::histogram`] counts.
pub const HISTOGRAM: std::ops::Range<i32> = -30..60;

/// What else is known.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// A model learnt before: nothing is learnt.
    pub model: Option<Model>,
    /// Rows that a person said are one person's: holds even against two different valid ids.
    pub same: Vec<(u32, u32)>,
    /// Rows that a person said are not: never joined again.
    pub different: Vec<(u32, u32)>,
    /// Rows that were linked in an earlier run: for each of the first rows a row of its person. Only pairs with a row
    /// behind them are looked at.
    pub before: Vec<u32>,
    /// The most questions that people can answer; sets `ask_from`.
    pub workload: Option<usize>,
}

/// Rows that say exactly the same are compared once, from this many on.
const CROWD: usize = 30;

impl<'a> Linker<'a> {
    /// Works out every value of the table. `dedupe`: rows of one file may be one person's, too; with a single file they
    /// always may.
    pub fn new(table: &Table, spec: &'a Spec, dedupe: bool) -> Self {
        Self::of(Frame::new(table, spec), table, spec, dedupe)
    }

    /// The same for a table of which only the columns to `keep` are needed afterwards: takes half the memory.
    pub fn take(table: &mut Table, spec: &'a Spec, dedupe: bool, keep: &[&str]) -> Self {
        let frame = Frame::take(table, spec, keep);
        Self::of(frame, table, spec, dedupe)
    }

    fn of(frame: Frame, table: &Table, spec: &'a Spec, dedupe: bool) -> Self {
        let comparisons = Comparisons::new(spec, &frame);
        let across = if dedupe || table.files.len() < 2 { 0 } else { table.starts[1] };
        let across = u32::try_from(across).expect("rows are counted in 32 bits");
        let mut linker =
            Self { spec, frame, comparisons, across, order: Vec::new(), crowds: Crowds::default() };
        linker.order = linker.order();
        linker.crowds = linker.crowds();
        if !linker.crowds.pairs.is_empty() {
            linker.frame.discount(linker.crowds.pairs.iter().map(|(_, row)| *row));
            let Crowds { out, .. } = &linker.crowds;
            linker.order.retain(|row| !out[*row as usize]);
        }
        linker
    }

    /// The pairs that each blocking rule would look at, before any is.
    pub fn predict(&self) -> Vec<RuleCount> {
        let which = Which { across: self.across, from: 0 };
        Blocks::new(&self.frame, self.spec, which, &self.crowds.out).counts(self.spec)
    }

    /// Finds out which rows are one person's.
    ///
    /// The same for any order of the rows and any number of threads. Cost: n·log n in the rows, plus the candidate pairs,
    /// of which no block yields more than `block_pairs`.
    ///
    /// # Errors
    /// [`LinkError::TooManyPairs`] before anything is compared, if the rules would find more than `most_pairs`.
    pub fn link(&self, known: &Known) -> Result<Outcome, LinkError> {
        let (frame, spec) = (&self.frame, self.spec);
        let from = u32::try_from(known.before.len()).expect("rows are counted in 32 bits");
        let which = Which { across: if from > 0 { 0 } else { self.across }, from };
        let blocks = Blocks::new(frame, spec, which, &self.crowds.out);
        let rules = blocks.counts(spec);
        if blocks.pairs() > spec.settings.most_pairs {
            return Err(LinkError::TooManyPairs {
                pairs: blocks.pairs(),
                most: spec.settings.most_pairs,
                rules,
            });
        }
        let model = match &known.model {
            Some(model) => model.clone(),
            None => self.learn(&blocks, which),
        };
        let scorer = Scorer::new(&model, frame, &self.comparisons, self.rows_a_person(&model));
        let same_from = model::weight(spec.settings.same_from);
        let lowest = model::weight(spec.settings.ask_from.min(0.005));
        let (mut edges, compared, histogram) = self.weigh(&blocks, &scorer, lowest - 4.0);
        drop(blocks);
        for (first, other) in self.crowds.pairs.iter().copied() {
            // All of a crowd say the same, so they weigh the same against each other.
            let pattern = self.comparisons.compare(frame, first, other);
            if let Some(weight) = scorer.weigh(frame, &self.comparisons, pattern, first, other) {
                edges.push(Edge { a: first, b: other, weight: single(weight) });
            }
        }
        self.sort(&mut edges);
        let from_answers = self.measure_by_answers(&scorer, known, &edges, same_from);
        let before: Vec<(u32, u32)> = (0..)
            .zip(&known.before)
            .filter(|(row, of)| row != *of)
            .map(|(r, of)| (*of, r))
            .collect();
        let given = Given { before: &before, same: &known.same, different: &known.different };
        let resolver = Resolver {
            frame,
            comparisons: &self.comparisons,
            scorer: &scorer,
            same_from: single(same_from),
            ask_from: single(lowest),
            bridge: spec.settings.bridge,
        };
        let mut found = resolver.resolve(&edges, &given);
        if !spec.household.is_empty() {
            let households = Households::new(frame, spec);
            let (sure, never) = (single(same_from + 6.0), single(lowest - 1.0));
            if households.weigh(&mut edges, &found.of, sure, never) {
                self.sort(&mut edges);
                found = resolver.resolve(&edges, &given);
            }
        }
        let bands = review::bands(&found.asks);
        let ask_from = known.workload.map_or(spec.settings.ask_from, |workload| {
            review::from_workload(&found.asks, workload)
        });
        let least = single(model::weight(ask_from));
        let asks = found.asks.partition_point(|e| e.weight >= least);
        let asks = known.workload.map_or(asks, |w| asks.min(w));
        let link = |e: &Edge, verdict| Link {
            left: e.a.min(e.b),
            right: e.a.max(e.b),
            weight: f64::from(e.weight),
            verdict,
        };
        let mut links: Vec<Link> = found.joined.iter().map(|e| link(e, Verdict::Same)).collect();
        links.extend(found.asks[..asks].iter().map(|e| link(e, Verdict::Ask)));
        Ok(Outcome {
            cluster: found.of,
            links,
            model,
            rules,
            compared,
            refused: found.refused,
            void: found.void,
            from_answers,
            bands,
            ask_from,
            histogram,
        })
    }

    /// What people's decisions say about all pairs: each counts for the pairs that weigh about as much.
    fn measure_by_answers(
        &self,
        scorer: &Scorer,
        known: &Known,
        edges: &[Edge],
        same_from: f64,
    ) -> Option<FromAnswers> {
        // From "the same" down to even odds, to one in ten, and to the least that is kept.
        let least = [same_from, 0.0_f64.min(same_from), -3.2, f64::NEG_INFINITY];
        let stratum =
            |weight: f64| least.iter().position(|l| weight >= *l).unwrap_or(least.len() - 1);
        let mut strata = [Stratum::default(); 4];
        for edge in edges {
            strata[stratum(f64::from(edge.weight))].pairs += 1;
        }
        let decided =
            known.same.iter().map(|p| (p, true)).chain(known.different.iter().map(|p| (p, false)));
        for ((a, b), same) in decided {
            let pattern = self.comparisons.compare(&self.frame, *a, *b);
            // A pair that two valid ids exclude was never said to be one person's.
            if let Some(weight) = scorer.weigh(&self.frame, &self.comparisons, pattern, *a, *b) {
                let to = &mut strata[stratum(weight)];
                to.decided += 1;
                to.same += u64::from(same);
            }
        }
        from_answers(strata[0], &strata[1..])
    }

    fn learn(&self, blocks: &Blocks, which: Which) -> Model {
        let (frame, spec) = (&self.frame, self.spec);
        let all_pairs = which.all(frame.rows).max(1.0);
        let random = train::random(frame, &self.comparisons, spec, which, &self.order);
        let sample = train::sample(frame, &self.comparisons, blocks, spec);
        let guess = if spec.prior.is_empty() {
            f64::from(frame.rows) / all_pairs
        } else {
            train::deterministic(frame, spec, which) / spec.prior_recall / all_pairs
        };
        train::learn(&self.comparisons, spec, &random, &sample, all_pairs, guess.clamp(1e-12, 0.3))
    }

    /// The mean number of rows that a row's person has, as the model reckons it.
    fn rows_a_person(&self, model: &Model) -> f64 {
        let all = Which { across: self.across, from: 0 }.all(self.frame.rows);
        (1.0 + 2.0 * model.prior * all / f64::from(self.frame.rows.max(1))).clamp(1.0, 20.0)
    }

    fn crowds(&self) -> Crowds {
        let mut crowds = Crowds::default();
        if self.across > 0 {
            return crowds;
        }
        let said = |row: u32| self.frame.said[row as usize];
        for alike in self.order.chunk_by(|a, b| said(*a) == said(*b)).filter(|c| c.len() > CROWD) {
            let first = alike[0];
            if self.frame.row(first).iter().all(|v| *v == 0) {
                continue;
            }
            for other in &alike[1..] {
                if self.frame.row(first) == self.frame.row(*other) {
                    crowds.out.resize(self.frame.rows as usize, false);
                    crowds.out[*other as usize] = true;
                    crowds.pairs.push((first, *other));
                }
            }
        }
        crowds
    }

    /// The rows in an order that what they say gives.
    fn order(&self) -> Vec<u32> {
        let frame = &self.frame;
        let mut order: Vec<(u64, u64, u32)> =
            frame.said.iter().zip(&frame.called).zip(0..).map(|((s, c), r)| (*s, *c, r)).collect();
        order.par_sort_unstable();
        order.into_iter().map(|(.., row)| row).collect()
    }

    fn weigh(&self, blocks: &Blocks, scorer: &Scorer, floor: f64) -> (Vec<Edge>, u64, Vec<u64>) {
        #[derive(Default)]
        struct Weighed {
            edges: Vec<Edge>,
            count: u64,
            histogram: Vec<u64>,
        }
        let bars = HISTOGRAM.len();
        let gathered: Vec<Weighed> = blocks.each(|all: &mut Weighed, a, b| {
            if train::one_list(&self.frame, a, b) {
                return;
            }
            all.count += 1;
            let pattern = self.comparisons.compare(&self.frame, a, b);
            let Some(weight) = scorer.weigh(&self.frame, &self.comparisons, pattern, a, b) else {
                return;
            };
            all.histogram.resize(bars, 0);
            #[expect(clippy::cast_possible_truncation, reason = "clamped to the range")]
            let bar =
                (weight.floor() as i32).clamp(HISTOGRAM.start, HISTOGRAM.end - 1) - HISTOGRAM.start;
            all.histogram[usize::try_from(bar).expect("not below the first")] += 1;
            if weight >= floor {
                all.edges.push(Edge { a, b, weight: single(weight) });
            }
        });
        let mut histogram = vec![0; bars];
        for (to, from) in gathered.iter().flat_map(|w| w.histogram.iter().enumerate()) {
            histogram[to] += from;
        }
        let compared = gathered.iter().map(|w| w.count).sum();
        (gathered.into_iter().flat_map(|w| w.edges).collect(), compared, histogram)
    }

    /// Heaviest first; what rows say decides between equal weights.
    fn sort(&self, edges: &mut [Edge]) {
        let frame = &self.frame;
        let name = |row: u32| (frame.said[row as usize], frame.called[row as usize], row);
        edges.par_sort_unstable_by(|x, y| {
            let key = |e: &Edge| {
                let (a, b) = (name(e.a), name(e.b));
                (a.min(b), a.max(b))
            };
            y.weight.total_cmp(&x.weight).then_with(|| key(x).cmp(&key(y)))
        });
    }
}

#[expect(clippy::cast_possible_truncation, reason = "seven digits of a weight are enough")]
fn single(weight: f64) -> f32 {
    weight as f32
}
