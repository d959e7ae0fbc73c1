use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use rayon::prelude::*;

use super::{MOST_POINTS, Medians, ReadError, Words};
use crate::pmedian::Costs;

/// OR-Library `pmed` (Beasley 1985): points, edges and `p`, then the edges; distances are shortest paths.
///
/// Of an edge that is given twice the last counts, as Beasley says.
///
/// # Errors
/// [`ReadError`] with the line.
pub fn pmed(file: &str, text: &str) -> Result<Medians, ReadError> {
    let mut words = Words::new(file, text);
    let n: usize = words.number("点数（正整数）")?;
    let edges: usize = words.number("边数（正整数）")?;
    let p: usize = words.number("p（正整数）")?;
    if n == 0 || n > MOST_POINTS {
        return Err(words.wrong(format!("点数 {n} 不在 1 到 {MOST_POINTS} 之间；核对首行")));
    }
    if p == 0 || p > n {
        return Err(words.wrong(format!("p = {p} 不在 1 到 {n} 之间；核对首行")));
    }
    let mut lengths = BTreeMap::new();
    for _ in 0..edges {
        let a = words.index(n, "点号")?;
        let b = words.index(n, "点号")?;
        let length = words.whole("边长（整数）")?;
        if !(0..1_000_000_000).contains(&length) {
            return Err(words.wrong(format!("边长 {length} 不在 0 到 10 亿之间；改正这一处")));
        }
        lengths.insert((a.min(b), a.max(b)), length);
    }
    let mut beside = vec![Vec::new(); n];
    for (&(a, b), &length) in &lengths {
        beside[a].push((b, length));
        beside[b].push((a, length));
    }
    // A count in a file is a promise: room for all pairs is made once all points are known to hang together.
    if let Some(at) = distances(&beside, 0).iter().position(|d| d.is_infinite()) {
        return Err(words.wrong(format!("从点 1 走不到点 {}；补上缺的边", at + 1)));
    }
    let rows: Vec<Vec<f64>> = (0..n).into_par_iter().map(|from| distances(&beside, from)).collect();
    let costs = Costs::new(n, rows.concat()).expect("paths of whole edges are whole");
    Ok(Medians { costs, p: Some(p) })
}

fn distances(beside: &[Vec<(usize, i64)>], from: usize) -> Vec<f64> {
    let mut distance = vec![i64::MAX; beside.len()];
    distance[from] = 0;
    let mut heap = BinaryHeap::from([(Reverse(0), from)]);
    while let Some((Reverse(far), at)) = heap.pop() {
        if far > distance[at] {
            continue;
        }
        for &(next, length) in &beside[at] {
            if far + length < distance[next] {
                distance[next] = far + length;
                heap.push((Reverse(far + length), next));
            }
        }
    }
    distance.into_iter().map(|d| if d == i64::MAX { f64::INFINITY } else { d as f64 }).collect()
}
