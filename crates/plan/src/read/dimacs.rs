use super::{ReadError, Words};
use crate::flow::Network;

/// A min-cost flow problem as DIMACS has it, and what lower bounds of arcs already cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dimacs {
    /// The network, with lower bounds taken off.
    pub network: Network,
    /// What each arc carries at least.
    pub least: Vec<i64>,
    /// What that costs.
    pub fixed_cost: i128,
}

/// DIMACS min-cost flow: `p min NODES ARCS`, `n NODE SUPPLY`, `a FROM TO LEAST MOST COST`.
///
/// # Errors
/// [`ReadError`] with the line.
pub fn dimacs(file: &str, text: &str) -> Result<Dimacs, ReadError> {
    let mut found: Option<Dimacs> = None;
    let mut wanted = 0;
    let mut last = Words::new(file, "");
    for (number, line) in (1..).zip(text.lines()) {
        let mut words = Words::at_line(file, line, number);
        let kind = words.next().unwrap_or("c");
        match (kind, &mut found) {
            ("c", _) => continue,
            ("p", None) => {
                if words.word("min")? != "min" {
                    return Err(words.wrong("这不是最小费用流（p min）；只读 DIMACS min 格式"));
                }
                let nodes: usize = words.number("点数（正整数）")?;
                wanted = words.number("弧数（整数）")?;
                if nodes == 0 || nodes >= u32::MAX as usize || wanted >= u32::MAX as usize / 2 {
                    return Err(words.wrong("点数或弧数超出范围；核对 p 行"));
                }
                // Counts in a file are promises; room is made for what comes.
                if nodes > 64 * text.len() {
                    return Err(words.wrong("点数比整个文件还大得多；核对 p 行"));
                }
                let mut network = Network::new(vec![0; nodes]);
                // No line of an arc is shorter than this.
                let arcs = wanted.min(text.len() / "a 1 2 0 1 1\n".len());
                network.reserve(arcs);
                found = Some(Dimacs { network, least: Vec::with_capacity(arcs), fixed_cost: 0 });
            }
            ("p", Some(_)) => return Err(words.wrong("有两个 p 行；删去一个")),
            ("n" | "a", None) => return Err(words.wrong("p 行应在所有 n、a 行之前；把它移到前面")),
            ("n", Some(d)) => {
                let node = words.index(d.network.nodes(), "点号")? as u32;
                let supply: i64 = words.number("供需量（整数）")?;
                let sum = d.network.supply(node).checked_add(supply).filter(|s| s.abs() < 1 << 50);
                let Some(sum) = sum else {
                    return Err(words.wrong("供需量太大；换大一些的单位"));
                };
                d.network.set_supply(node, sum);
            }
            ("a", Some(d)) => arc(&mut words, d)?,
            (other, _) => return Err(words.bad(other, "c、p、n 或 a")),
        }
        last = words;
    }
    let Some(found) = found else {
        return Err(last.wrong("没有 p 行；DIMACS 文件以 p min 点数 弧数 开头"));
    };
    if found.least.len() != wanted {
        return Err(last.wrong(format!(
            "p 行说有 {wanted} 条弧，文件里有 {} 条；核对文件是否完整",
            found.least.len()
        )));
    }
    Ok(found)
}

fn arc(words: &mut Words, d: &mut Dimacs) -> Result<(), ReadError> {
    let from = words.index(d.network.nodes(), "点号")? as u32;
    let to = words.index(d.network.nodes(), "点号")? as u32;
    let least: i64 = words.number("下界（整数）")?;
    let most: i64 = words.number("上界（整数）")?;
    let cost: i64 = words.number("费用（整数）")?;
    if most < least || least < 0 || most > 1 << 50 || cost.unsigned_abs() > 1 << 40 {
        return Err(words.wrong(format!(
            "弧的下界 {least}、上界 {most} 或费用 {cost} 不合理；下界不小于 0，上界不小于下界"
        )));
    }
    d.network.push(from, to, most - least, cost);
    if least > 0 {
        d.network.set_supply(from, d.network.supply(from) - least);
        d.network.set_supply(to, d.network.supply(to) + least);
        d.fixed_cost += i128::from(least) * i128::from(cost);
    }
    d.least.push(least);
    Ok(())
}
