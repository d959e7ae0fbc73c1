use super::{Flow, Network};
use crate::transport::Transport;

/// Costs below this add up in 64 bits whatever the network.
const MOST_COST: u64 = 1 << 50;

/// A network in which sources reach sinks by one arc each, and sinks either take what they need or pass it, up to a
/// capacity, to one outlet behind all of them.
struct TwoSided {
    /// Whether each node is a sink.
    is_sink: Vec<bool>,
    sinks: usize,
    /// For each node the arc to the outlet.
    passes: Vec<Option<u32>>,
    outlet: Option<u32>,
}

impl TwoSided {
    /// `None` if the network is not of this kind.
    fn of(network: &Network) -> Option<Self> {
        let nodes = network.nodes();
        let mut taking = (0..nodes as u32).filter(|n| network.supply(*n) < 0);
        let outlet = taking.next().filter(|_| taking.next().is_none());
        let mut sides =
            Self { is_sink: vec![false; nodes], sinks: 0, passes: vec![None; nodes], outlet: None };
        if let Some(outlet) = outlet
            && sides.finds_passes(network, outlet)
        {
            sides.outlet = Some(outlet);
        } else {
            sides.passes.fill(None);
        }
        for arc in 0..network.arcs() {
            let (from, to, capacity, cost) = network.arc(arc);
            if cost.unsigned_abs() > MOST_COST {
                return None;
            }
            if sides.passes[from as usize] == Some(arc as u32) {
                continue;
            }
            let supply = network.supply(from);
            let is_end = if sides.outlet.is_some() {
                sides.passes[to as usize].is_some()
            } else {
                network.supply(to) <= 0
            };
            if !is_end || supply <= 0 || supply > i64::from(u32::MAX) || capacity < supply {
                return None;
            }
            sides.is_sink[to as usize] = true;
        }
        for node in 0..nodes {
            sides.is_sink[node] |= if sides.outlet.is_some() {
                sides.passes[node].is_some()
            } else {
                network.supply(node as u32) < 0
            };
        }
        sides.sinks = sides.is_sink.iter().filter(|is| **is).count();
        Some(sides)
    }

    /// Whether all that goes into the outlet comes by one arc each from nodes without a supply of their own.
    fn finds_passes(&mut self, network: &Network, outlet: u32) -> bool {
        for arc in 0..network.arcs() {
            let (from, to, capacity, _) = network.arc(arc);
            if to == outlet {
                let taken = self.passes[from as usize].replace(arc as u32).is_some();
                if taken || network.supply(from) != 0 || capacity < 0 {
                    return false;
                }
            }
        }
        // Whoever passes has no other way out.
        self.passes.iter().any(Option::is_some)
            && (0..network.arcs()).all(|arc| {
                let (from, to, ..) = network.arc(arc);
                to == outlet || (from != outlet && self.passes[from as usize].is_none())
            })
    }
}

/// A cheapest flow where the network has two sides and the sinks are few: there [`Transport`] is faster by far.
///
/// `None` if the network is of another kind or nothing can be sent; the simplex then says why.
pub(super) fn solve(network: &Network) -> Option<Flow> {
    let sides = TwoSided::of(network)?;
    let nodes = network.nodes();
    if sides.sinks == 0 || sides.sinks > (nodes - sides.sinks) / 4 {
        return None;
    }
    let mut place = vec![u32::MAX; nodes];
    let mut capacity = Vec::with_capacity(sides.sinks);
    // What passing a unit on costs at each sink.
    let mut onward = Vec::with_capacity(sides.sinks);
    for node in (0..nodes).filter(|n| sides.is_sink[*n]) {
        place[node] = capacity.len() as u32;
        let (room, cost) = match sides.passes[node] {
            Some(arc) => (network.capacity[arc as usize], network.cost[arc as usize]),
            None => (-network.supply(node as u32), 0),
        };
        capacity.push(room);
        onward.push(cost);
    }
    let (start, arcs) = by_source(network);
    let mut transport = Transport::new(capacity);
    transport.reserve(nodes - sides.sinks, network.arcs());
    // Arcs in the order of candidates, and nodes in the order of sources.
    let mut kept: Vec<u32> = Vec::with_capacity(network.arcs());
    let mut sources: Vec<u32> = Vec::with_capacity(nodes - sides.sinks);
    let mut cheapest = vec![u32::MAX; sides.sinks];
    for node in 0..nodes as u32 {
        let supply = network.supply(node);
        if supply <= 0 || sides.is_sink[node as usize] {
            continue;
        }
        let row = &arcs[start[node as usize]..start[node as usize + 1]];
        // Of parallel arcs the cheapest alone: each has room for all.
        for &arc in row {
            let best = &mut cheapest[place[network.to[arc as usize] as usize] as usize];
            if *best == u32::MAX || network.cost[arc as usize] < network.cost[*best as usize] {
                *best = arc;
            }
        }
        let first = kept.len();
        for &arc in row {
            let best = &mut cheapest[place[network.to[arc as usize] as usize] as usize];
            if *best == arc {
                kept.push(arc);
            }
        }
        for &arc in row {
            cheapest[place[network.to[arc as usize] as usize] as usize] = u32::MAX;
        }
        sources.push(node);
        let candidates = kept[first..].iter().map(|arc| {
            let sink = place[network.to[*arc as usize] as usize];
            (sink, network.cost[*arc as usize] + onward[sink as usize])
        });
        transport.push(u32::try_from(supply).ok()?, candidates);
    }
    drop((start, arcs));
    let placement = transport.solve().ok()?;
    let mut flow = vec![0; network.arcs()];
    for (&arc, &units) in kept.iter().zip(&placement.flow) {
        flow[arc as usize] = i64::from(units);
        if let Some(passes) = sides.passes[network.to[arc as usize] as usize] {
            flow[passes as usize] += i64::from(units);
        }
    }
    let mut potential = vec![0; nodes];
    for node in (0..nodes).filter(|n| sides.is_sink[*n]) {
        let sink = place[node] as usize;
        potential[node] = -onward[sink] - placement.price[sink];
    }
    for (source, &node) in sources.iter().enumerate() {
        let (sinks, costs) = transport.candidates(source);
        let whole = sinks.iter().zip(costs).map(|(s, cost)| cost + placement.price[*s as usize]);
        potential[node as usize] = -whole.min().unwrap_or(0);
    }
    Some(Flow { flow, cost: placement.cost, potential })
}

/// Arcs by the node that they leave, in the order in which they were added.
fn by_source(network: &Network) -> (Vec<usize>, Vec<u32>) {
    let mut start = vec![0; network.nodes() + 1];
    for &from in &network.from {
        start[from as usize + 1] += 1;
    }
    for node in 0..network.nodes() {
        start[node + 1] += start[node];
    }
    let mut next = start.clone();
    let mut arcs = vec![0; network.arcs()];
    for (arc, &from) in network.from.iter().enumerate() {
        arcs[next[from as usize]] = arc as u32;
        next[from as usize] += 1;
    }
    (start, arcs)
}
