//! What people will be asked: which pairs, how many, and why they are in doubt.

use std::collections::BTreeMap;

use fujiao_link::{Linkage, Mentions, Waterfall};
use fujiao_store::LinkAsk;
use serde_json::json;

use crate::registers::Row;

/// Pairs at least this likely are asked about.
const ASK_FROM: f64 = 0.1;

/// The probabilities for which the number of questions is counted; linking lists pairs down to the last.
const BANDS: [f64; 7] = [0.9, 0.5, 0.2, ASK_FROM, 0.05, 0.02, LEAST];

/// The least probability that linking is asked to list.
pub(super) const LEAST: f64 = 0.01;

/// The pairs in doubt.
#[derive(Debug, Default)]
pub(super) struct Asks {
    /// Positions of two rows and their match weight, likeliest first: all that may be one.
    pub all: Vec<(u32, u32, f64)>,
    /// The likeliest of them, no more than a person can work off.
    pub asked: Vec<LinkAsk>,
    /// How many pairs each threshold would ask about.
    pub bands: Vec<(f64, u64)>,
}

impl Asks {
    /// Of a linkage; `row_of` gives the position of each mention's row. Only `at_most` pairs are explained and asked.
    pub(super) fn of(
        linkage: &Linkage,
        mentions: &Mentions,
        rows: &[Row],
        row_of: &[u32],
        at_most: usize,
    ) -> Self {
        let count = |from: f64| linkage.asks.partition_point(|a| a.weight >= weight(from));
        let bands = BANDS.iter().map(|from| (*from, count(*from) as u64)).collect();
        let asks = &linkage.asks[..count(ASK_FROM)];
        let row = |mention: u32| row_of[mention as usize];
        let may_be = asks.iter().map(|a| (row(a.left), row(a.right), a.weight)).collect();

        let asks = &asks[..asks.len().min(at_most)];
        let person = |mention: u32| linkage.cluster[mention as usize];
        let mut members: BTreeMap<u32, Vec<u32>> =
            asks.iter().flat_map(|a| [a.left, a.right]).map(|m| (person(m), vec![])).collect();
        for (mention, person) in (0..).zip(&linkage.cluster) {
            if let Some(all) = members.get_mut(person) {
                all.push(mention);
            }
        }
        let all = |mention: u32| members[&person(mention)].as_slice();
        let pairs: Vec<_> = asks.iter().map(|a| (all(a.left), all(a.right))).collect();
        let id = |mention: u32| rows[row(mention) as usize].id;
        let asked = asks
            .iter()
            .zip(linkage.model.waterfalls_of(mentions, &pairs))
            .map(|(ask, waterfall)| LinkAsk {
                left: id(ask.left).min(id(ask.right)),
                right: id(ask.left).max(id(ask.right)),
                weight: ask.weight,
                why: text_of(&waterfall, ask.weight),
            })
            .collect();
        Self { all: may_be, asked, bands }
    }
}

/// Match weight, log₂ of the odds.
fn weight(probability: f64) -> f64 {
    (probability / (1.0 - probability)).log2()
}

/// The waterfall as the books keep it: the two persons' rows compared, and what rivals for the row leave of it. It names
/// levels of agreement, never values.
fn text_of(waterfall: &Waterfall, total: f64) -> String {
    let round = |x: f64| (x * 100.0).round() / 100.0;
    let steps: Vec<_> = waterfall
        .steps
        .iter()
        .filter_map(|s| Some(json!([s.comparison.chinese(), s.level?, round(s.match_weight)])))
        .collect();
    json!({
        "prior": round(waterfall.prior),
        "steps": steps,
        "look_alikes": round(waterfall.look_alikes),
        "look_alike": waterfall.look_alike.chinese(),
        "rivals": round(total - waterfall.total),
    })
    .to_string()
}
