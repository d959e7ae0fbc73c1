//! A cheapest flow by cost scaling: what stands too much at a node is pushed along arcs that are cheap by the potentials, and where there
//! is none the potential falls; each round knows costs more finely than the last, until a unit is less than all rounding together.
//!
//! Source: Goldberg and Tarjan 1990, Finding minimum-cost circulations by successive approximation; potentials are set from the
//! shortfalls all at once now and then (Goldberg 1997, §5).

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use super::{Flow, Network};

/// How much finer each round is.
const FINER: i64 = 5;

/// A cheapest flow; `None` if nothing can be sent, or costs are too large for 64 bits here: the simplex then says why, or finds it.
pub(super) fn solve(network: &Network) -> Option<Flow> {
    let unit = i64::try_from(network.nodes()).ok()? + 1;
    let most = network.cost.iter().map(|c| c.unsigned_abs()).max().unwrap_or(0);
    let most = i64::try_from(most).ok()?.checked_mul(unit)?;
    // In all rounds potentials fall by less than twice the nodes times the dearest arc.
    most.checked_add(1)?.checked_mul(unit)?.checked_mul(8)?;
    let total: i128 = network.supply.iter().map(|s| i128::from(s.unsigned_abs())).sum();
    let room: i128 = network.capacity.iter().map(|c| i128::from((*c).max(0))).sum();
    i64::try_from(total + room).ok()?;
    let mut search = Search::new(network, unit);
    let mut step = most;
    loop {
        step = (step / FINER).max(1);
        search.refine(step)?;
        if step == 1 {
            return search.is_settled().then(|| search.finish(network));
        }
    }
}

/// A pseudoflow: arcs and their reverses, by the node that they leave.
struct Search {
    /// Into how many parts a unit of cost is cut: one more than there are nodes.
    unit: i64,
    start: Vec<u32>,
    to: Vec<u32>,
    back: Vec<u32>,
    room: Vec<i64>,
    /// In parts of a unit.
    cost: Vec<i64>,
    /// Where each arc of the network stands.
    place: Vec<u32>,
    /// What stands at each node beyond what may.
    excess: Vec<i64>,
    potential: Vec<i64>,
    /// The arc of each node that is looked at next.
    next: Vec<u32>,
}

impl Search {
    fn new(network: &Network, unit: i64) -> Self {
        let (nodes, arcs) = (network.nodes(), network.arcs());
        let mut start = vec![0_u32; nodes + 1];
        for node in network.from.iter().chain(&network.to) {
            start[*node as usize + 1] += 1;
        }
        for node in 0..nodes {
            start[node + 1] += start[node];
        }
        let mut free = start.clone();
        let mut take = |node: u32| {
            let at = free[node as usize];
            free[node as usize] += 1;
            at
        };
        let mut search = Self {
            next: start[..nodes].to_vec(),
            to: vec![0; 2 * arcs],
            back: vec![0; 2 * arcs],
            room: vec![0; 2 * arcs],
            cost: vec![0; 2 * arcs],
            place: Vec::with_capacity(arcs),
            excess: network.supply.clone(),
            potential: vec![0; nodes],
            start,
            unit,
        };
        for arc in 0..arcs {
            let (from, to, capacity, cost) = network.arc(arc);
            let (there, back) = (take(from), take(to));
            for (at, other, leads, room, cost) in
                [(there, back, to, capacity.max(0), cost), (back, there, from, 0, -cost)]
            {
                search.to[at as usize] = leads;
                search.back[at as usize] = other;
                search.room[at as usize] = room;
                search.cost[at as usize] = cost * unit;
            }
            search.place.push(there);
        }
        search
    }

    fn nodes(&self) -> usize {
        self.excess.len()
    }

    fn arcs_of(&self, node: usize) -> std::ops::Range<usize> {
        self.start[node] as usize..self.start[node + 1] as usize
    }

    fn reduced(&self, node: usize, arc: usize) -> i64 {
        self.cost[arc] + self.potential[node] - self.potential[self.to[arc] as usize]
    }

    fn push(&mut self, node: usize, arc: usize, amount: i64) {
        self.room[arc] -= amount;
        self.room[self.back[arc] as usize] += amount;
        self.excess[node] -= amount;
        self.excess[self.to[arc] as usize] += amount;
    }

    /// Makes a flow in which no arc with room saves more than `step`; `None` if there is no flow.
    fn refine(&mut self, step: i64) -> Option<()> {
        for node in 0..self.nodes() {
            for arc in self.arcs_of(node) {
                if self.room[arc] > 0 && self.reduced(node, arc) < 0 {
                    self.push(node, arc, self.room[arc]);
                }
            }
        }
        let mut active: VecDeque<u32> =
            (0..self.nodes() as u32).filter(|n| self.excess[*n as usize] > 0).collect();
        let mut relabelled = self.nodes();
        while let Some(&node) = active.front() {
            if relabelled >= self.nodes() {
                relabelled = 0;
                self.look_from_shortfalls(step)?;
            }
            active.pop_front();
            relabelled += self.discharge(node as usize, step, &mut active);
        }
        Some(())
    }

    /// Sends on all that stands too much at a node; how often its potential fell.
    fn discharge(&mut self, node: usize, step: i64, active: &mut VecDeque<u32>) -> usize {
        let mut relabelled = 0;
        loop {
            let end = self.start[node + 1];
            while self.next[node] < end {
                let arc = self.next[node] as usize;
                if self.room[arc] > 0 && self.reduced(node, arc) < 0 {
                    let to = self.to[arc] as usize;
                    let waits = self.excess[to] > 0;
                    self.push(node, arc, self.excess[node].min(self.room[arc]));
                    if !waits && self.excess[to] > 0 {
                        active.push_back(to as u32);
                    }
                    if self.excess[node] == 0 {
                        return relabelled;
                    }
                }
                self.next[node] += 1;
            }
            let best = self
                .arcs_of(node)
                .filter(|arc| self.room[*arc] > 0)
                .map(|arc| self.potential[self.to[arc] as usize] - self.cost[arc])
                .max();
            let Some(best) = best else { return relabelled };
            self.potential[node] = best - step;
            self.next[node] = self.start[node];
            relabelled += 1;
            // It may be that nothing leads on from here any more: that is seen from the shortfalls.
            if relabelled >= self.nodes() {
                active.push_back(node as u32);
                return relabelled;
            }
        }
    }

    /// Lowers potentials by how far nodes lie from the nearest shortfall, in steps; `None` if what stands somewhere can go to none.
    fn look_from_shortfalls(&mut self, step: i64) -> Option<()> {
        let mut far = vec![i64::MAX; self.nodes()];
        let mut heap = BinaryHeap::new();
        let mut waiting = 0;
        for (node, (far, excess)) in far.iter_mut().zip(&self.excess).enumerate() {
            if *excess < 0 {
                *far = 0;
                heap.push(Reverse((0, node as u32)));
            }
            waiting += usize::from(*excess > 0);
        }
        let mut most = 0;
        while waiting > 0 {
            // Nothing lies farther, and somebody was not reached.
            let Reverse((distance, node)) = heap.pop()?;
            let node = node as usize;
            if far[node] < distance {
                continue;
            }
            most = distance;
            waiting -= usize::from(self.excess[node] > 0);
            for arc in self.arcs_of(node) {
                let (from, back) = (self.to[arc] as usize, self.back[arc] as usize);
                if self.room[back] == 0 || far[from] <= distance {
                    continue;
                }
                let reduced = self.reduced(from, back);
                let there = distance + if reduced < 0 { 0 } else { reduced / step + 1 };
                if there < far[from] {
                    far[from] = there;
                    heap.push(Reverse((there, from as u32)));
                }
            }
        }
        for (potential, far) in self.potential.iter_mut().zip(far) {
            *potential -= step * far.min(most);
        }
        self.next.copy_from_slice(&self.start[..self.excess.len()]);
        Some(())
    }

    fn is_settled(&self) -> bool {
        self.excess.iter().all(|e| *e == 0)
    }

    fn finish(self, network: &Network) -> Flow {
        let sent =
            |(arc, place): (usize, &u32)| network.capacity[arc].max(0) - self.room[*place as usize];
        let flow: Vec<i64> = self.place.iter().enumerate().map(sent).collect();
        let pairs = flow.iter().zip(&network.cost);
        let cost = pairs.map(|(f, c)| i128::from(*f) * i128::from(*c)).sum();
        Flow { flow, cost, potential: self.whole_potentials() }
    }

    /// Potentials in whole units of cost: those of the last round are off by one at most, and few.
    fn whole_potentials(&self) -> Vec<i64> {
        let mut whole: Vec<i64> = self.potential.iter().map(|p| p.div_euclid(self.unit)).collect();
        let mut waiting: VecDeque<usize> = (0..self.nodes()).collect();
        let mut waits = vec![true; self.nodes()];
        while let Some(node) = waiting.pop_front() {
            waits[node] = false;
            for arc in self.arcs_of(node) {
                let to = self.to[arc] as usize;
                let most = whole[node] + self.cost[arc] / self.unit;
                if self.room[arc] > 0 && whole[to] > most {
                    whole[to] = most;
                    if !std::mem::replace(&mut waits[to], true) {
                        waiting.push_back(to);
                    }
                }
            }
        }
        whole
    }
}
