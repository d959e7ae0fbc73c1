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
mod identity;
mod measure;
mod model;
mod read;
mod resolve;
mod spec;
pub(crate) mod text;
mod train;
mod value;

use rayon::prelude::*;

use block::{Blocks, Which};
use compare::Comparisons;
use model::Scorer;
use resolve::{Edge, Given, Resolver};
use value::Frame;

pub use block::RuleCount;
pub use error::LinkError;
pub use measure::{Measured, Truth};
pub use model::Model;
pub use read::{Source, Table};
pub use spec::{
    Block, Comparison, Kind, Level, LookAlike, NameTest, Part, PartOf, Settings, Spec, SpecFault, Test,
};

/// A table made ready to be linked.
#[derive(Debug)]
pub struct Linker<'a> {
    spec: &'a Spec,
    frame: Frame,
    comparisons: Comparisons,
    which: Which,
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
    /// Pairs of one person, and pairs to ask about.
    pub links: Vec<Link>,
    /// What was learnt.
    pub model: Model,
    /// What each blocking rule found.
    pub rules: Vec<RuleCount>,
    /// Pairs compared.
    pub compared: u64,
    /// Joins that an id, a list, a weak bridge or a person's word forbade.
    pub refused: usize,
}

/// What else is known.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// A model learnt before: nothing is learnt.
    pub model: Option<Model>,
    /// Rows that a person said are one person's.
    pub same: Vec<(u32, u32)>,
    /// Rows that a person said are not.
    pub different: Vec<(u32, u32)>,
}

impl<'a> Linker<'a> {
    /// Works out every value of the table. `dedupe`: rows of one file may be one person's, too; with a single file they
    /// always may.
    pub fn new(table: &Table, spec: &'a Spec, dedupe: bool) -> Self {
        let frame = Frame::new(table, spec);
        let comparisons = Comparisons::new(spec, &frame);
        let across = if dedupe || table.files.len() < 2 { 0 } else { table.starts[1] };
        let which = Which { across: u32::try_from(across).expect("rows are counted in 32 bits"), from: 0 };
        Self { spec, frame, comparisons, which }
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
        let blocks = Blocks::new(frame, spec, self.which, &[]);
        let rules = blocks.counts(spec);
        if blocks.pairs() > spec.settings.most_pairs {
            return Err(LinkError::TooManyPairs { pairs: blocks.pairs(), most: spec.settings.most_pairs, rules });
        }
        let all_pairs = self.which.all(frame.rows).max(1.0);
        let model = match &known.model {
            Some(model) => model.clone(),
            None => {
                let order = self.order();
                let random = train::random(frame, &self.comparisons, spec, self.which, &order);
                let sample = train::sample(frame, &self.comparisons, &blocks, spec);
                let guess = (f64::from(frame.rows) / all_pairs).min(0.3);
                train::learn(&self.comparisons, spec, &random, &sample, all_pairs, guess)
            }
        };
        let rows_a_person = 1.0 + 2.0 * model.prior * all_pairs / f64::from(frame.rows.max(1));
        let scorer = Scorer::new(&model, frame, &self.comparisons, rows_a_person.min(20.0));
        let ask_from = model::weight(spec.settings.ask_from);
        let (mut edges, compared) = self.weigh(&blocks, &scorer, ask_from - 6.0);
        drop(blocks);
        self.sort(&mut edges);
        let resolver = Resolver {
            frame,
            comparisons: &self.comparisons,
            scorer: &scorer,
            same_from: single(model::weight(spec.settings.same_from)),
            ask_from: single(ask_from),
            bridge: spec.settings.bridge,
        };
        let found = resolver.resolve(&edges, &Given { same: &known.same, different: &known.different });
        let link = |e: &Edge, verdict| Link {
            left: e.a.min(e.b),
            right: e.a.max(e.b),
            weight: f64::from(e.weight),
            verdict,
        };
        let mut links: Vec<Link> = found.joined.iter().map(|e| link(e, Verdict::Same)).collect();
        links.extend(found.asks.iter().map(|e| link(e, Verdict::Ask)));
        Ok(Outcome { cluster: found.of, links, model, rules, compared, refused: found.refused })
    }

    /// Every level with its `m`, `u` and weight, a line each.
    pub fn weights(&self, model: &Model) -> Vec<String> {
        let mut lines = vec![format!(
            "prior {:.3e} ({} rounds){}",
            model.prior,
            model.rounds,
            model.look_rates.iter().map(|r| format!(", look-alikes {r:.2e}")).collect::<String>()
        )];
        for (at, (one, ready)) in self.spec.comparisons.iter().zip(&self.comparisons.all).enumerate() {
            let free = if model.never_free.contains(&at) { " (never free)" } else { "" };
            lines.push(format!("{}{free}", one.title));
            for level in 1..=ready.levels() {
                let words = one.levels.get(level - 1).map_or(
                    if level == ready.different { "different" } else { "two valid ids" },
                    |l| l.words.as_str(),
                );
                let (m, u) = (model.m[at][level], model.u[at][level]);
                let looks: String =
                    model.looks.iter().map(|t| format!(" {:.2e}", t[at][level])).collect();
                lines.push(format!("    {words:<40} m {m:.5} u {u:.3e} weight {:+.2}{looks}", (m / u).log2()));
            }
        }
        lines
    }

    /// The rows in an order that what they say gives.
    fn order(&self) -> Vec<u32> {
        let mut order: Vec<(u64, u32)> = self.frame.said.iter().copied().zip(0..).collect();
        order.par_sort_unstable();
        order.into_iter().map(|(_, row)| row).collect()
    }

    fn weigh(&self, blocks: &Blocks, scorer: &Scorer, floor: f64) -> (Vec<Edge>, u64) {
        let gathered: Vec<(Vec<Edge>, u64)> = blocks.each(|(edges, count): &mut (Vec<Edge>, u64), a, b| {
            if train::one_list(&self.frame, a, b) {
                return;
            }
            *count += 1;
            let pattern = self.comparisons.compare(&self.frame, a, b);
            let weight = scorer.weigh(&self.frame, &self.comparisons, pattern, a, b);
            if let Some(weight) = weight.filter(|w| *w >= floor) {
                edges.push(Edge { a, b, weight: single(weight) });
            }
        });
        let compared = gathered.iter().map(|(_, n)| n).sum();
        (gathered.into_iter().flat_map(|(edges, _)| edges).collect(), compared)
    }

    /// Heaviest first; what rows say decides between equal weights.
    fn sort(&self, edges: &mut [Edge]) {
        let said = |row: u32| self.frame.said[row as usize];
        edges.par_sort_unstable_by(|x, y| {
            let key = |e: &Edge| {
                let (a, b) = (said(e.a), said(e.b));
                (a.min(b), a.max(b), e.a.min(e.b), e.a.max(e.b))
            };
            y.weight.total_cmp(&x.weight).then_with(|| key(x).cmp(&key(y)))
        });
    }
}

#[expect(clippy::cast_possible_truncation, reason = "seven digits of a weight are enough")]
fn single(weight: f64) -> f32 {
    weight as f32
}
