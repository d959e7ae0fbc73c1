//! Amounts only: what programmes cost, in all, by group and by row, with no answer kept.

use std::sync::Arc;

use fujiao_model::{Period, Unit};
use jiff::civil::Date;
use rayon::prelude::*;

use crate::assess::{day_for, on_for};
use crate::frame::Frame;
use crate::plan::{CHUNK, Mask, Plan, Run, WORDS};
use crate::question::{ASK, Chunk, Give, Question, each_bit, order, questions};
use crate::set::PolicySet;

/// What programmes owe the rows of one or more frames of as many rows, added up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// By case and programme, in the order of the cases and keys.
    pub lines: Vec<TallyLine>,
    /// By row: money owed in all cases together, fen. What is counted in other units counts at its price.
    pub row_fen: Vec<i64>,
    /// By row: how many programmes owe it money, counted once a case.
    pub row_programmes: Vec<u16>,
}

/// One programme in one period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TallyLine {
    /// Place of the case.
    pub case: usize,
    /// Its place in [`PolicySet::programmes`].
    pub programme: usize,
    /// Its key.
    pub key: Arc<str>,
    /// For which period.
    pub period: Period,
    /// All groups together.
    pub total: TallySum,
    /// By group; empty without groups.
    pub groups: Vec<TallySum>,
}

/// Rows, quantity and money.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TallySum {
    /// Rows that are owed something.
    pub rows: u64,
    /// In the programme's unit.
    pub quantity: i64,
    /// In fen; 0 where the programme counts things without a price.
    pub fen: i64,
    /// Rows for which a fact is missing; counted only in the total.
    pub asked: u64,
}

impl TallySum {
    fn add(&mut self, other: Self) {
        self.rows += other.rows;
        self.quantity = self.quantity.saturating_add(other.quantity);
        self.fen = self.fen.saturating_add(other.fen);
        self.asked += other.asked;
    }
}

/// Hears who is owed how much, and adds it up.
struct Adding<'a> {
    total: TallySum,
    groups: &'a mut [TallySum],
    group_of: &'a [u32],
    row_fen: &'a mut [i64],
    row_programmes: &'a mut [u16],
    /// Fen for one unit.
    price: i64,
}

impl Give for Adding<'_> {
    const REASONS: bool = false;

    fn condition(&mut self, _: &Mask) {}

    fn code(&mut self, _: usize, code: u8) {
        self.total.asked += u64::from(code >= ASK);
    }

    fn due(&mut self, row: usize, quantity: i64) {
        let fen = quantity.saturating_mul(self.price);
        self.total.rows += 1;
        self.total.quantity = self.total.quantity.saturating_add(quantity);
        self.total.fen = self.total.fen.saturating_add(fen);
        self.row_fen[row] = self.row_fen[row].saturating_add(fen);
        self.row_programmes[row] += u16::from(fen > 0);
        if let Some(group) = self.group_of.get(row) {
            self.groups[*group as usize].add(TallySum { rows: 1, quantity, fen, asked: 0 });
        }
    }

    fn due_word(&mut self, word: usize, bits: u64, quantity: i64) {
        let fen = quantity.saturating_mul(self.price);
        let rows = u64::from(bits.count_ones());
        let times = i64::from(bits.count_ones());
        self.total.rows += rows;
        self.total.quantity = self.total.quantity.saturating_add(quantity.saturating_mul(times));
        self.total.fen = self.total.fen.saturating_add(fen.saturating_mul(times));
        let row_fen = &mut self.row_fen[word * 64..];
        let row_programmes = &mut self.row_programmes[word * 64..];
        each_bit(bits, |b| {
            row_fen[b] = row_fen[b].saturating_add(fen);
            row_programmes[b] += u16::from(fen > 0);
        });
        if !self.group_of.is_empty() {
            each_bit(bits, |b| {
                let group = self.group_of[word * 64 + b] as usize;
                self.groups[group].add(TallySum { rows: 1, quantity, fen, asked: 0 });
            });
        }
    }
}

/// Adds up what every programme that is on owes in each case, as [`crate::assess_all()`] would answer. `groups` gives each
/// row one of so many groups. Parallel; the same sums on one thread or many.
///
/// # Panics
/// If the frames have not as many rows each, or a row's group is none of those.
pub fn tally(
    set: &PolicySet,
    cases: &[(&Frame, Period)],
    as_of: Date,
    groups: Option<(&[u32], usize)>,
) -> Tally {
    let params: Vec<_> = cases.iter().map(|(_, p)| set.numbers_on(day_for(*p, as_of))).collect();
    let mut plan = Plan::default();
    let mut asked = Vec::new();
    let mut case_of = Vec::new();
    for (i, (frame, period)) in cases.iter().enumerate() {
        let places = on_for(set, frame, *period);
        let places = (&places[..], asked.len());
        asked.extend(questions(set, &mut plan, frame, *period, as_of, &params[i], places));
        case_of.resize(asked.len(), i);
    }
    let rows = cases.first().map_or(0, |(frame, _)| frame.rows());
    assert!(cases.iter().all(|(frame, _)| frame.rows() == rows), "frames of as many rows");
    let (group_of, kinds) = groups.unwrap_or((&[], 0));
    assert!(kinds == 0 || group_of.len() == rows, "a group for each row");
    let sums = run(&plan, &asked, rows, group_of, kinds);
    let lines = asked.iter().zip(&case_of).zip(sums.lines).map(|((q, case), sums)| TallyLine {
        case: *case,
        programme: q.place,
        key: Arc::clone(&q.programme.key),
        period: q.period,
        total: sums.0,
        groups: sums.1,
    });
    let lines = lines.collect();
    Tally { lines, row_fen: sums.row_fen, row_programmes: sums.row_programmes }
}

struct Sums {
    lines: Vec<(TallySum, Vec<TallySum>)>,
    row_fen: Vec<i64>,
    row_programmes: Vec<u16>,
}

fn price(question: &Question<'_>) -> i64 {
    match question.programme.unit {
        Unit::Fen => 1,
        _ => question.programme.price_on(question.day).unwrap_or(0),
    }
}

fn run(
    plan: &Plan<'_>,
    asked: &[Question<'_>],
    rows: usize,
    group_of: &[u32],
    kinds: usize,
) -> Sums {
    let order = order(asked);
    let prices: Vec<i64> = asked.iter().map(price).collect();
    let mut row_fen = vec![0_i64; rows];
    let mut row_programmes = vec![0_u16; rows];
    let none = || vec![(TallySum::default(), vec![TallySum::default(); kinds]); asked.len()];
    let lines = row_fen
        .par_chunks_mut(CHUNK)
        .zip(row_programmes.par_chunks_mut(CHUNK))
        .enumerate()
        .fold(
            || (Run::new(plan, rows), Chunk::new(asked.len()), none()),
            |(mut run, mut chunk, mut sums), (at, (row_fen, row_programmes))| {
                run.go_to(at * WORDS);
                let here = row_fen.len();
                let group_of = group_of.get(at * CHUNK..at * CHUNK + here).unwrap_or_default();
                for i in &order {
                    let (total, groups) = &mut sums[*i];
                    let mut adding = Adding {
                        total: TallySum::default(),
                        groups,
                        group_of,
                        row_fen: &mut *row_fen,
                        row_programmes: &mut *row_programmes,
                        price: prices[*i],
                    };
                    asked[*i].answer(
                        *i,
                        asked,
                        &mut run,
                        &mut chunk,
                        at * WORDS,
                        here,
                        &mut adding,
                    );
                    total.add(adding.total);
                }
                (run, chunk, sums)
            },
        )
        .map(|(_, _, sums)| sums)
        .reduce(none, |mut a, b| {
            for ((total, groups), (more, more_groups)) in a.iter_mut().zip(b) {
                total.add(more);
                groups.iter_mut().zip(more_groups).for_each(|(g, m)| g.add(m));
            }
            a
        });
    Sums { lines, row_fen, row_programmes }
}
