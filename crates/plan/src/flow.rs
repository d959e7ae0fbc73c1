//! Min-cost flow on any network. Where many sources have few sinks it is a [`crate::transport`] and is solved as one; else by cost
//! scaling. What is left to the network simplex is costs beyond what scaling can add up, and to say why nothing can be sent.
//!
//! The simplex keeps a spanning tree of arcs and the potentials that it gives; an arc that would pay enters, the arc of the cycle that
//! fills or empties first leaves. Strongly feasible trees (Cunningham 1976) keep degenerate pivots from cycling; arcs are searched
//! block by block (Grigoriadis 1986; Király and Kovács 2012 measure both and cost scaling).

mod scaling;
mod two_sided;

/// Nodes with what they send, and arcs with what they carry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Network {
    supply: Vec<i64>,
    from: Vec<u32>,
    to: Vec<u32>,
    capacity: Vec<i64>,
    cost: Vec<i64>,
}

/// A cheapest flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    /// What each arc carries, in the order in which arcs were added.
    pub flow: Vec<i64>,
    /// What it costs.
    pub cost: i128,
    /// For each node: what one more unit there would cost. No arc with room has `cost + potential[from] < potential[to]`.
    pub potential: Vec<i64>,
}

/// Why there is no cheapest flow.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FlowError {
    /// What goes in does not come out.
    #[error("各点供需之和是 {0}，不是 0；补上缺的供或需")]
    Unbalanced(i128),
    /// Some supply cannot reach any demand.
    #[error("有 {missing} 个单位送不到；从点 {} 起查容量够不够、弧通不通", node + 1)]
    Infeasible {
        /// Units left over.
        missing: i64,
        /// A node that keeps some.
        node: u32,
    },
    /// Costs or capacities are beyond what can be added up.
    #[error("费用或流量太大，加起来会超出范围；换大一些的单位")]
    TooLarge,
}

impl Network {
    /// Nodes that send `supply`; negative: take.
    pub fn new(supply: Vec<i64>) -> Self {
        Self { supply, ..Self::default() }
    }

    /// Makes room for so many arcs.
    pub fn reserve(&mut self, arcs: usize) {
        self.from.reserve(arcs);
        self.to.reserve(arcs);
        self.capacity.reserve(arcs);
        self.cost.reserve(arcs);
    }

    /// An arc with room for `capacity` units at `cost` each.
    pub fn push(&mut self, from: u32, to: u32, capacity: i64, cost: i64) {
        let nodes = self.supply.len() as u32;
        assert!(from < nodes && to < nodes, "an arc joins nodes that exist");
        self.from.push(from);
        self.to.push(to);
        self.capacity.push(capacity);
        self.cost.push(cost);
    }

    /// How many nodes.
    pub fn nodes(&self) -> usize {
        self.supply.len()
    }

    /// How many arcs.
    pub fn arcs(&self) -> usize {
        self.cost.len()
    }

    /// From, to, capacity and cost of an arc.
    pub fn arc(&self, arc: usize) -> (u32, u32, i64, i64) {
        (self.from[arc], self.to[arc], self.capacity[arc], self.cost[arc])
    }

    /// What a node sends.
    pub fn supply(&self, node: u32) -> i64 {
        self.supply[node as usize]
    }

    /// Changes what a node sends.
    pub fn set_supply(&mut self, node: u32, supply: i64) {
        self.supply[node as usize] = supply;
    }

    /// A cheapest flow that uses up all supply.
    ///
    /// # Errors
    /// [`FlowError`].
    pub fn solve(&self) -> Result<Flow, FlowError> {
        self.is_balanced()?;
        let found = two_sided::solve(self).or_else(|| scaling::solve(self));
        found.map_or_else(|| self.solve_by_simplex(), Ok)
    }

    fn is_balanced(&self) -> Result<(), FlowError> {
        let sum: i128 = self.supply.iter().map(|s| i128::from(*s)).sum();
        if sum == 0 { Ok(()) } else { Err(FlowError::Unbalanced(sum)) }
    }

    /// As [`Self::solve`], by the network simplex whatever the network.
    ///
    /// # Errors
    /// [`FlowError`].
    pub fn solve_by_simplex(&self) -> Result<Flow, FlowError> {
        self.is_balanced()?;
        let most_cost = self.cost.iter().map(|c| c.unsigned_abs()).max().unwrap_or(0);
        let penalty = i64::try_from(most_cost)
            .ok()
            .and_then(|c| (c + 1).checked_mul(i64::try_from(self.nodes() + 1).ok()?))
            .filter(|p| *p < i64::MAX / 8)
            .ok_or(FlowError::TooLarge)?;
        let total: i128 = self.supply.iter().map(|s| i128::from(s.unsigned_abs())).sum();
        let room = self.capacity.iter().map(|c| i128::from(*c)).max().unwrap_or(0);
        if total + room > i128::from(i64::MAX / 4) {
            return Err(FlowError::TooLarge);
        }
        let mut simplex = Simplex::new(self, penalty, total as i64 + 1);
        simplex.run();
        simplex.finish()
    }
}

const NONE: u32 = u32::MAX;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i8)]
enum State {
    Full = -1,
    Tree = 0,
    Empty = 1,
}

struct Simplex<'a> {
    network: &'a Network,
    // Arcs, those of the artificial root last.
    from: Vec<u32>,
    to: Vec<u32>,
    capacity: Vec<i64>,
    cost: Vec<i64>,
    flow: Vec<i64>,
    state: Vec<State>,
    // The tree by node, the root last.
    parent: Vec<u32>,
    /// The arc to the parent.
    up: Vec<u32>,
    depth: Vec<u32>,
    potential: Vec<i64>,
    child: Vec<u32>,
    next: Vec<u32>,
    before: Vec<u32>,
    stack: Vec<u32>,
}

impl<'a> Simplex<'a> {
    fn new(network: &'a Network, penalty: i64, room: i64) -> Self {
        let nodes = network.nodes();
        let top = nodes as u32;
        let mut s = Self {
            network,
            from: network.from.clone(),
            to: network.to.clone(),
            capacity: network.capacity.iter().map(|c| (*c).max(0)).collect(),
            cost: network.cost.clone(),
            flow: vec![0; network.arcs()],
            state: vec![State::Empty; network.arcs()],
            parent: vec![top; nodes + 1],
            up: vec![NONE; nodes + 1],
            depth: vec![1; nodes + 1],
            potential: vec![0; nodes + 1],
            child: vec![NONE; nodes + 1],
            next: vec![NONE; nodes + 1],
            before: vec![NONE; nodes + 1],
            stack: Vec::new(),
        };
        s.parent[nodes] = NONE;
        s.depth[nodes] = 0;
        for node in 0..top {
            let supply = network.supply[node as usize];
            s.up[node as usize] = s.from.len() as u32;
            // An arc that carries nothing points to the root: the tree is strongly feasible.
            let (from, to) = if supply >= 0 { (node, top) } else { (top, node) };
            s.potential[node as usize] = if supply >= 0 { -penalty } else { penalty };
            s.from.push(from);
            s.to.push(to);
            s.capacity.push(room);
            s.cost.push(penalty);
            s.flow.push(supply.abs());
            s.state.push(State::Tree);
            s.hang(node, top);
        }
        s
    }

    fn hang(&mut self, node: u32, parent: u32) {
        let first = self.child[parent as usize];
        self.parent[node as usize] = parent;
        self.next[node as usize] = first;
        self.before[node as usize] = NONE;
        if first != NONE {
            self.before[first as usize] = node;
        }
        self.child[parent as usize] = node;
    }

    fn unhang(&mut self, node: u32) {
        let (before, next) = (self.before[node as usize], self.next[node as usize]);
        if before == NONE {
            self.child[self.parent[node as usize] as usize] = next;
        } else {
            self.next[before as usize] = next;
        }
        if next != NONE {
            self.before[next as usize] = before;
        }
    }

    fn reduced(&self, arc: usize) -> i64 {
        self.cost[arc] + self.potential[self.from[arc] as usize]
            - self.potential[self.to[arc] as usize]
    }

    fn run(&mut self) {
        // Only arcs of the network enter; those of the root leave for good.
        let arcs = self.network.arcs();
        if arcs == 0 {
            return;
        }
        let block = arcs.isqrt().max(20).min(arcs);
        let mut at = 0;
        let mut since = 0;
        let (mut best, mut worst) = (usize::MAX, 0);
        let mut in_block = 0;
        while since < arcs {
            let gain = self.state[at] as i64 * self.reduced(at);
            if gain < worst {
                (best, worst) = (at, gain);
            }
            at = if at + 1 == arcs { 0 } else { at + 1 };
            since += 1;
            in_block += 1;
            if in_block == block || since == arcs {
                in_block = 0;
                if best != usize::MAX {
                    self.pivot(best);
                    (best, worst) = (usize::MAX, 0);
                    since = 0;
                }
            }
        }
    }

    /// How much more the tree arc above `node` can carry, downwards or upwards.
    fn room(&self, node: u32, downwards: bool) -> i64 {
        let arc = self.up[node as usize] as usize;
        if (self.to[arc] == node) == downwards {
            self.capacity[arc] - self.flow[arc]
        } else {
            self.flow[arc]
        }
    }

    fn carry(&mut self, node: u32, downwards: bool, amount: i64) {
        let arc = self.up[node as usize] as usize;
        self.flow[arc] += if (self.to[arc] == node) == downwards { amount } else { -amount };
    }

    fn pivot(&mut self, enters: usize) {
        let forward = self.state[enters] == State::Empty;
        let ends = (self.from[enters], self.to[enters]);
        let (first, second) = if forward { ends } else { (ends.1, ends.0) };
        let join = self.join(first, second);
        // Round the cycle from the join; the last arc that blocks leaves.
        let mut amount = self.capacity[enters];
        let mut leaves = NONE;
        let mut on_first = false;
        let mut node = first;
        while node != join {
            let room = self.room(node, true);
            if room < amount {
                (amount, leaves, on_first) = (room, node, true);
            }
            node = self.parent[node as usize];
        }
        node = second;
        while node != join {
            let room = self.room(node, false);
            if room <= amount {
                (amount, leaves, on_first) = (room, node, false);
            }
            node = self.parent[node as usize];
        }
        if amount > 0 {
            self.flow[enters] += if forward { amount } else { -amount };
            node = first;
            while node != join {
                self.carry(node, true, amount);
                node = self.parent[node as usize];
            }
            node = second;
            while node != join {
                self.carry(node, false, amount);
                node = self.parent[node as usize];
            }
        }
        if leaves == NONE {
            self.state[enters] = if forward { State::Full } else { State::Empty };
            return;
        }
        let out = self.up[leaves as usize] as usize;
        self.state[out] = if self.flow[out] == 0 { State::Empty } else { State::Full };
        self.state[enters] = State::Tree;
        let (inner, outer) = if on_first { (first, second) } else { (second, first) };
        self.turn(inner, outer, leaves, enters);
    }

    fn join(&self, mut a: u32, mut b: u32) -> u32 {
        while a != b {
            if self.depth[a as usize] >= self.depth[b as usize] {
                a = self.parent[a as usize];
            } else {
                b = self.parent[b as usize];
            }
        }
        a
    }

    /// Hangs the subtree below `leaves` by its node `inner` under `outer`.
    fn turn(&mut self, inner: u32, outer: u32, leaves: u32, enters: usize) {
        let mut node = inner;
        let (mut parent, mut arc) = (outer, enters as u32);
        loop {
            let above = self.parent[node as usize];
            self.unhang(node);
            std::mem::swap(&mut self.up[node as usize], &mut arc);
            self.hang(node, parent);
            if node == leaves {
                break;
            }
            parent = node;
            node = above;
        }
        let wanted = if self.from[enters] == inner {
            self.potential[outer as usize] - self.cost[enters]
        } else {
            self.potential[outer as usize] + self.cost[enters]
        };
        let shift = wanted - self.potential[inner as usize];
        self.stack.push(inner);
        while let Some(node) = self.stack.pop() {
            self.potential[node as usize] += shift;
            self.depth[node as usize] = self.depth[self.parent[node as usize] as usize] + 1;
            let mut child = self.child[node as usize];
            while child != NONE {
                self.stack.push(child);
                child = self.next[child as usize];
            }
        }
    }

    fn finish(mut self) -> Result<Flow, FlowError> {
        let arcs = self.network.arcs();
        let left = self.flow[arcs..].iter().enumerate().filter(|(_, flow)| **flow > 0);
        let missing: i64 =
            left.clone().filter(|(n, _)| self.network.supply[*n] > 0).map(|(_, f)| *f).sum();
        if let Some((node, _)) = left.clone().next() {
            return Err(FlowError::Infeasible { missing, node: node as u32 });
        }
        self.flow.truncate(arcs);
        self.potential.truncate(self.network.nodes());
        let pairs = self.flow.iter().zip(&self.network.cost);
        let cost = pairs.map(|(f, c)| i128::from(*f) * i128::from(*c)).sum();
        Ok(Flow { flow: self.flow, cost, potential: self.potential })
    }
}
