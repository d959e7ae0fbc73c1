use super::{MOST_POINTS, ReadError, Words};
use crate::cfl::Facilities;
use crate::pmedian::Costs;

/// OR-Library `cap` (Beasley 1988): sites and clients; capacity and fixed cost of each site; then for each client its demand
/// and what serving it from each site costs.
///
/// `capacity` takes the place of every capacity in the file, as `capa`, `capb` and `capc` want.
///
/// # Errors
/// [`ReadError`] with the line.
pub fn cap(file: &str, text: &str, capacity: Option<i64>) -> Result<Facilities, ReadError> {
    let mut words = Words::new(file, text);
    let sites: usize = words.number("选址数（正整数）")?;
    let clients: usize = words.number("需求点数（正整数）")?;
    if sites == 0 || clients == 0 || sites > MOST_POINTS || clients > MOST_POINTS {
        return Err(words.wrong(format!("选址数或需求点数不在 1 到 {MOST_POINTS} 之间；核对首行")));
    }
    let (mut capacities, mut fixed) = (Vec::new(), Vec::new());
    for _ in 0..sites {
        let said = if words.peek() == Some("capacity") {
            words.next();
            match capacity {
                Some(capacity) => capacity,
                None => return Err(words.wrong("文件没有给出容量（capacity）；用 --capacity 给")),
            }
        } else {
            let said = words.whole("容量（整数）")?;
            capacity.unwrap_or(said)
        };
        if !(0..1 << 40).contains(&said) {
            return Err(words.wrong(format!("容量 {said} 不合理；改成不小于 0 的整数")));
        }
        capacities.push(said);
        fixed.push(amount(&mut words, "开办费")?);
    }
    let mut demand = Vec::new();
    let mut by_client = Vec::new();
    for _ in 0..clients {
        let units = words.whole("需求量（整数）")?;
        let Some(units) = u32::try_from(units).ok().filter(|u| *u > 0) else {
            return Err(words.wrong(format!("需求量 {units} 不是正整数；改正，没有需求的行删去")));
        };
        demand.push(units);
        for _ in 0..sites {
            by_client.push(amount(&mut words, "费用")?);
        }
    }
    let mut by_site = vec![0.0; by_client.len()];
    for (client, row) in by_client.chunks_exact(sites).enumerate() {
        for (site, &cost) in row.iter().enumerate() {
            by_site[site * clients + client] = cost;
        }
    }
    let costs = Costs::new(clients, by_site).expect("every amount was checked");
    Ok(Facilities { costs, demand, capacity: capacities, fixed, places: None })
}

fn amount(words: &mut Words, wanted: &'static str) -> Result<f64, ReadError> {
    let value = words.real(wanted)?;
    if (0.0..1e15).contains(&value) {
        Ok(value)
    } else {
        Err(words.wrong(format!("{wanted} {value} 不合理；改成不小于 0 的数")))
    }
}
