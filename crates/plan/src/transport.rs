//! Who goes where at least cost: many sources (pupils, villages), few sinks (schools, posts) with capacities.
//!
//! The sinks alone make the graph: moving one unit of a source from sink to sink costs the difference, and for each pair of
//! sinks a heap keeps who would move cheapest. Overfull sinks give to free ones along shortest paths (successive shortest
//! paths with potentials; Ahuja, Magnanti and Orlin 1993, §9.7). Prices of the sinks are first found on an eighth of the
//! sources, and so on down, after which few units stand in the wrong place. They are the plan's own reasons: what one more
//! place at a sink would be worth.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Sources, the sinks that each may use, and what a unit costs there.
#[derive(Clone, Debug, Default)]
pub struct Transport {
    /// Where the candidates of each source begin in `sink` and `cost`; one more than there are sources.
    start: Vec<usize>,
    sink: Vec<u32>,
    cost: Vec<i64>,
    supply: Vec<u32>,
    capacity: Vec<i64>,
}

/// The cheapest way to place everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement {
    /// Units on each candidate, in the order in which candidates were given.
    pub flow: Vec<u32>,
    /// What all units cost.
    pub cost: i128,
    /// For each sink: what one more place there would save; nought where there is room.
    pub price: Vec<i64>,
}

/// Sinks that are full and whose sources have nowhere else to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shortage {
    /// The sinks.
    pub sinks: Vec<u32>,
    /// How many places more they would need together.
    pub missing: i64,
}

impl Transport {
    /// Nobody yet; sinks with these capacities.
    pub fn new(capacity: Vec<i64>) -> Self {
        Self { start: vec![0], capacity, ..Self::default() }
    }

    /// Makes room for so many sources and candidates.
    pub fn reserve(&mut self, sources: usize, candidates: usize) {
        self.start.reserve(sources);
        self.supply.reserve(sources);
        self.sink.reserve(candidates);
        self.cost.reserve(candidates);
    }

    /// A source of `supply` units, with its candidates: sink and cost of a unit.
    pub fn push(&mut self, supply: u32, candidates: impl IntoIterator<Item = (u32, i64)>) {
        for (sink, cost) in candidates {
            assert!((sink as usize) < self.capacity.len(), "a candidate is one of the sinks");
            self.sink.push(sink);
            self.cost.push(cost);
        }
        self.start.push(self.sink.len());
        self.supply.push(supply);
    }

    /// How many sources.
    pub fn sources(&self) -> usize {
        self.supply.len()
    }

    /// How many sinks.
    pub fn sinks(&self) -> usize {
        self.capacity.len()
    }

    /// Candidates of a source: sinks and costs.
    pub fn candidates(&self, source: usize) -> (&[u32], &[i64]) {
        let range = self.row(source);
        (&self.sink[range.clone()], &self.cost[range])
    }

    /// Units of a source.
    pub fn supply(&self, source: usize) -> u32 {
        self.supply[source]
    }

    /// Places at a sink.
    pub fn capacity(&self, sink: u32) -> i64 {
        self.capacity[sink as usize]
    }

    pub(crate) fn row(&self, source: usize) -> std::ops::Range<usize> {
        self.start[source]..self.start[source + 1]
    }

    /// The cheapest placement.
    ///
    /// # Errors
    /// [`Shortage`] if not everything can be placed: which sinks are too small together, and by how much.
    pub fn solve(&self) -> Result<Placement, Shortage> {
        self.solve_from(self.guess())
    }

    /// As [`Self::solve`], beginning from known prices: those of a similar problem save most of the work.
    ///
    /// # Errors
    /// As [`Self::solve`].
    pub fn solve_from(&self, price: Vec<i64>) -> Result<Placement, Shortage> {
        let mut search = Search::new(self, price)?;
        search.run()?;
        Ok(search.placement())
    }

    /// Prices from an eighth of the sources; nought when there are few.
    fn guess(&self) -> Vec<i64> {
        const PART: usize = 8;
        if self.sources() < 40 * self.sinks().max(100) {
            return vec![0; self.sinks()];
        }
        let mut small = Self::new(Vec::new());
        let mut taken = 0_i64;
        let total: i64 = self.supply.iter().map(|s| i64::from(*s)).sum();
        small.capacity.clone_from(&self.capacity);
        for source in 0..self.sources() {
            // Spread over all sources whatever their order.
            if source.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 61 == 0 || PART == 1 {
                let (sinks, costs) = self.candidates(source);
                small.push(self.supply[source], sinks.iter().copied().zip(costs.iter().copied()));
                taken += i64::from(self.supply[source]);
            }
        }
        let (mut whole, mut given) = (0_i128, 0_i64);
        for capacity in &mut small.capacity {
            whole += i128::from(*capacity);
            let upto = (whole * i128::from(taken) / i128::from(total.max(1))) as i64;
            *capacity = upto - given;
            given = upto;
        }
        match small.solve() {
            Ok(placement) => placement.price,
            // The part may lack room where the whole has it.
            Err(_) => vec![0; self.sinks()],
        }
    }
}

/// An entry of a heap: what moving the source costs.
type Move = Reverse<(i64, u32)>;

struct Search<'a> {
    problem: &'a Transport,
    flow: Vec<u32>,
    /// Price of each sink and, last, of the common outlet behind all of them.
    price: Vec<i64>,
    /// Units at each sink, and units that it passes to the outlet.
    load: Vec<i64>,
    passed: Vec<i64>,
    /// What stands at each sink and at the outlet beyond what may.
    excess: Vec<i64>,
    /// Neighbours of each sink: sinks that share a source with it.
    edge_start: Vec<usize>,
    edge_to: Vec<u32>,
    moves: Vec<BinaryHeap<Move>>,
    /// What the cheapest move along each edge costs; the top of its heap is always a source that is there.
    cheapest: Vec<i64>,
    // For one shortest path.
    distance: Vec<i64>,
    from: Vec<u32>,
    edge: Vec<usize>,
    seen: Vec<u32>,
    done: Vec<bool>,
}

const NO_EDGE: usize = usize::MAX;

fn first_key(heap: &BinaryHeap<Move>) -> i64 {
    heap.peek().map_or(i64::MAX, |top| top.0.0)
}

impl<'a> Search<'a> {
    fn new(problem: &'a Transport, mut price: Vec<i64>) -> Result<Self, Shortage> {
        let sinks = problem.sinks();
        price.truncate(sinks);
        for price in &mut price {
            *price = (*price).max(0);
        }
        price.resize(sinks, 0);
        price.push(0);
        let mut flow = vec![0; problem.sink.len()];
        let mut load = vec![0; sinks];
        let mut total = 0;
        for source in 0..problem.sources() {
            let supply = problem.supply[source];
            let best = problem
                .row(source)
                .min_by_key(|&slot| problem.cost[slot] + price[problem.sink[slot] as usize]);
            match best {
                Some(slot) => {
                    flow[slot] = supply;
                    load[problem.sink[slot] as usize] += i64::from(supply);
                    total += i64::from(supply);
                }
                None if supply == 0 => {}
                None => return Err(Shortage { sinks: Vec::new(), missing: i64::from(supply) }),
            }
        }
        let mut passed = vec![0; sinks];
        let mut excess = vec![0; sinks + 1];
        for sink in 0..sinks {
            let capacity = problem.capacity[sink];
            passed[sink] = if price[sink] > 0 { capacity } else { capacity.min(load[sink]) };
            excess[sink] = load[sink] - passed[sink];
        }
        excess[sinks] = passed.iter().sum::<i64>() - total;
        let mut search = Self {
            problem,
            flow,
            price,
            load,
            passed,
            excess,
            edge_start: Vec::new(),
            edge_to: Vec::new(),
            moves: Vec::new(),
            cheapest: Vec::new(),
            distance: vec![i64::MAX; sinks + 1],
            from: vec![0; sinks + 1],
            edge: vec![NO_EDGE; sinks + 1],
            seen: Vec::new(),
            done: vec![false; sinks + 1],
        };
        search.join_sinks();
        search.fill_moves();
        Ok(search)
    }

    /// Finds which sinks share a source.
    fn join_sinks(&mut self) {
        let problem = self.problem;
        let sinks = problem.sinks();
        let mut start = vec![0_usize; sinks + 1];
        for &sink in &problem.sink {
            start[sink as usize + 1] += 1;
        }
        for sink in 0..sinks {
            start[sink + 1] += start[sink];
        }
        let mut sources = vec![0_u32; problem.sink.len()];
        let mut next = start.clone();
        for source in 0..problem.sources() {
            for slot in problem.row(source) {
                let at = &mut next[problem.sink[slot] as usize];
                sources[*at] = source as u32;
                *at += 1;
            }
        }
        let mut stamp = vec![u32::MAX; sinks];
        self.edge_start.push(0);
        for sink in 0..sinks {
            let first = self.edge_to.len();
            for &source in &sources[start[sink]..start[sink + 1]] {
                for slot in problem.row(source as usize) {
                    let other = problem.sink[slot] as usize;
                    if other != sink && stamp[other] != sink as u32 {
                        stamp[other] = sink as u32;
                        self.edge_to.push(other as u32);
                    }
                }
            }
            self.edge_to[first..].sort_unstable();
            self.edge_start.push(self.edge_to.len());
        }
    }

    fn edge_between(&self, from: u32, to: u32) -> usize {
        let range = self.edge_start[from as usize]..self.edge_start[from as usize + 1];
        let at = self.edge_to[range.clone()].binary_search(&to).expect("the two share a source");
        range.start + at
    }

    fn fill_moves(&mut self) {
        let problem = self.problem;
        let mut moves: Vec<Vec<Move>> = vec![Vec::new(); self.edge_to.len()];
        for source in 0..problem.sources() {
            for at in problem.row(source) {
                if self.flow[at] == 0 {
                    continue;
                }
                for slot in problem.row(source) {
                    if problem.sink[slot] != problem.sink[at] {
                        let edge = self.edge_between(problem.sink[at], problem.sink[slot]);
                        let key = problem.cost[slot] - problem.cost[at];
                        moves[edge].push(Reverse((key, source as u32)));
                    }
                }
            }
        }
        self.moves = moves.into_iter().map(BinaryHeap::from).collect();
        self.cheapest = self.moves.iter().map(first_key).collect();
    }

    /// The slot of a source at a sink.
    fn slot(&self, source: u32, sink: u32) -> usize {
        let row = self.problem.row(source as usize);
        row.start
            + self.problem.sink[row]
                .iter()
                .position(|s| *s == sink)
                .expect("the sink is a candidate of the source")
    }

    /// Takes sources from the top of an edge's heap that have left.
    fn clean(&mut self, from: u32, edge: usize) {
        while let Some(&Reverse((_, source))) = self.moves[edge].peek() {
            if self.flow[self.slot(source, from)] > 0 {
                break;
            }
            self.moves[edge].pop();
        }
        self.cheapest[edge] = first_key(&self.moves[edge]);
    }

    /// Who moves cheapest along an edge that has somebody.
    fn mover(&self, edge: usize) -> u32 {
        self.moves[edge].peek().expect("the path was just found").0.1
    }

    fn run(&mut self) -> Result<(), Shortage> {
        for node in 0..self.excess.len() {
            while self.excess[node] > 0 {
                let target = self.shortest_path(node);
                let Some(target) = target else { return Err(self.shortage()) };
                self.augment(node, target);
            }
        }
        Ok(())
    }

    /// Dijkstra over reduced costs from a node with too much to the nearest with too little; raises prices on the way.
    fn shortest_path(&mut self, start: usize) -> Option<usize> {
        let outlet = self.problem.sinks();
        for node in self.seen.drain(..) {
            self.distance[node as usize] = i64::MAX;
            self.done[node as usize] = false;
        }
        let mut heap = BinaryHeap::new();
        self.distance[start] = 0;
        self.seen.push(start as u32);
        heap.push(Reverse((0_i64, start as u32)));
        let mut found = None;
        while let Some(Reverse((far, node))) = heap.pop() {
            let at = node as usize;
            if self.done[at] {
                continue;
            }
            self.done[at] = true;
            if self.excess[at] < 0 {
                found = Some(at);
                break;
            }
            if at == outlet {
                for sink in 0..outlet {
                    if self.passed[sink] > 0 {
                        let reduced = self.price[sink] - self.price[outlet];
                        self.reach(&mut heap, sink, far + reduced, node, NO_EDGE);
                    }
                }
                continue;
            }
            if self.passed[at] < self.problem.capacity[at] {
                let reduced = self.price[outlet] - self.price[at];
                self.reach(&mut heap, outlet, far + reduced, node, NO_EDGE);
            }
            for edge in self.edge_start[at]..self.edge_start[at + 1] {
                let to = self.edge_to[edge] as usize;
                let key = self.cheapest[edge];
                if key < i64::MAX {
                    let reduced = key + self.price[to] - self.price[at];
                    self.reach(&mut heap, to, far + reduced, node, edge);
                }
            }
        }
        let found = found?;
        let reach = self.distance[found];
        for &node in &self.seen {
            let node = node as usize;
            if self.done[node] {
                self.price[node] += reach - self.distance[node];
            }
        }
        Some(found)
    }

    fn reach(
        &mut self,
        heap: &mut BinaryHeap<Reverse<(i64, u32)>>,
        to: usize,
        distance: i64,
        from: u32,
        edge: usize,
    ) {
        if distance < self.distance[to] {
            if self.distance[to] == i64::MAX {
                self.seen.push(to as u32);
            }
            self.distance[to] = distance;
            self.from[to] = from;
            self.edge[to] = edge;
            heap.push(Reverse((distance, to as u32)));
        }
    }

    /// Moves as much as the path allows.
    fn augment(&mut self, start: usize, target: usize) {
        let outlet = self.problem.sinks();
        let mut amount = self.excess[start].min(-self.excess[target]);
        let mut node = target;
        while node != start {
            let from = self.from[node] as usize;
            let room = if node == outlet {
                self.problem.capacity[from] - self.passed[from]
            } else if from == outlet {
                self.passed[node]
            } else {
                let edge = self.edge[node];
                let source = self.mover(edge);
                i64::from(self.flow[self.slot(source, from as u32)])
            };
            amount = amount.min(room);
            node = from;
        }
        self.excess[start] -= amount;
        self.excess[target] += amount;
        let mut node = target;
        while node != start {
            let from = self.from[node] as usize;
            if node == outlet {
                self.passed[from] += amount;
            } else if from == outlet {
                self.passed[node] -= amount;
            } else {
                self.shift(from as u32, node as u32, self.edge[node], amount);
            }
            node = from;
        }
    }

    fn shift(&mut self, from: u32, to: u32, edge: usize, amount: i64) {
        let source = self.mover(edge);
        let (old, new) = (self.slot(source, from), self.slot(source, to));
        let units = u32::try_from(amount).expect("no more than the source has there");
        let arrives = self.flow[new] == 0;
        self.flow[old] -= units;
        self.flow[new] += units;
        self.load[from as usize] -= amount;
        self.load[to as usize] += amount;
        if arrives {
            for slot in self.problem.row(source as usize) {
                let other = self.problem.sink[slot];
                if other != to {
                    let edge = self.edge_between(to, other);
                    let key = self.problem.cost[slot] - self.problem.cost[new];
                    self.moves[edge].push(Reverse((key, source)));
                    self.cheapest[edge] = self.cheapest[edge].min(key);
                }
            }
        }
        if self.flow[old] == 0 {
            for slot in self.problem.row(source as usize) {
                let other = self.problem.sink[slot];
                if other != from {
                    let edge = self.edge_between(from, other);
                    if self.mover(edge) == source {
                        self.clean(from, edge);
                    }
                }
            }
        }
    }

    fn shortage(&self) -> Shortage {
        let outlet = self.problem.sinks();
        let sinks: Vec<u32> = (0..outlet as u32)
            .filter(|s| self.done[*s as usize] && self.problem.capacity[*s as usize] >= 0)
            .collect();
        let missing = sinks.iter().map(|s| self.excess[*s as usize].max(0)).sum();
        Shortage { sinks, missing }
    }

    fn placement(self) -> Placement {
        let cost = self
            .flow
            .iter()
            .zip(&self.problem.cost)
            .filter(|(flow, _)| **flow > 0)
            .map(|(flow, cost)| i128::from(*flow) * i128::from(*cost))
            .sum();
        let (outlet, sinks) = self.price.split_last().expect("the outlet has a price");
        // A sink that nobody uses may lie below the outlet; a place there is worth nothing all the same.
        let price = sinks.iter().map(|p| (p - outlet).max(0)).collect();
        Placement { flow: self.flow, cost, price }
    }
}
