use std::collections::VecDeque;

use super::Capacitated;
use crate::budget::Budget;
use crate::pmedian::Lists;
use crate::random::Random;
use crate::transport::Transport;

/// A plan that is made better by shifting clients, exchanging two, and moving sites to the middle of their clients.
#[derive(Clone)]
pub(crate) struct Assigned<'a> {
    problem: &'a Capacitated,
    lists: &'a Lists,
    /// The site at each place.
    open: Vec<u32>,
    /// The place of each site that is open.
    place_at: Vec<u32>,
    place_of: Vec<u32>,
    load: Vec<i64>,
    members: Vec<Vec<u32>>,
    /// Where each client stands in `members`.
    rank: Vec<u32>,
    objective: f64,
    /// What was done, so that it can be undone.
    done: Vec<Step>,
    waits: Vec<bool>,
    queue: VecDeque<u32>,
    /// Places whose clients changed.
    touched: Vec<u32>,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Moved { client: u32, from: u32 },
    Recentred { place: u32, from: u32 },
}

const NONE: u32 = u32::MAX;

impl<'a> Assigned<'a> {
    /// Everybody to one of these sites: the largest clients first, each to the nearest with room. `None` if somebody is left.
    pub(crate) fn new(problem: &'a Capacitated, lists: &'a Lists, open: &[u32]) -> Option<Self> {
        let mut assigned = Self::empty(problem, lists, open);
        let mut order: Vec<u32> = (0..problem.demand.len() as u32).collect();
        let regret = |client: u32| {
            let (sites, costs) = lists.row(client as usize);
            let mut near =
                sites.iter().zip(costs).filter(|(s, _)| assigned.place_at[**s as usize] != NONE);
            match (near.next(), near.next()) {
                (Some(first), Some(second)) => second.1 - first.1,
                _ => f64::INFINITY,
            }
        };
        let mut keys: Vec<(f64, u32)> = order.iter().map(|c| (regret(*c), *c)).collect();
        keys.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        order.clear();
        order.extend(keys.iter().map(|k| k.1));
        if order.iter().all(|client| assigned.place_somewhere(*client, NONE)) {
            return Some(assigned);
        }
        // Large ones first leaves fewer gaps that nobody fits.
        let mut assigned = Self::empty(problem, lists, open);
        order.sort_by_key(|client| (std::cmp::Reverse(problem.demand[*client as usize]), *client));
        order.iter().all(|client| assigned.place_somewhere(*client, NONE)).then_some(assigned)
    }

    /// Everybody to one of these sites as if demand could be split, which costs least; who is split goes where most of it
    /// goes and fits. `None` if somebody is left.
    pub(crate) fn by_flow(
        problem: &'a Capacitated,
        lists: &'a Lists,
        open: &[u32],
    ) -> Option<Self> {
        const CANDIDATES: usize = 24;
        let mut assigned = Self::empty(problem, lists, open);
        let clients = problem.demand.len();
        let mut transport =
            Transport::new(open.iter().map(|s| problem.capacity[*s as usize]).collect());
        for client in 0..clients {
            let units = problem.demand[client].max(1);
            let (sites, costs) = lists.row(client);
            let near = sites.iter().zip(costs).filter_map(|(site, cost)| {
                let place = assigned.place_at[*site as usize];
                (place != NONE).then(|| (place, (cost / f64::from(units) * 1e4).round() as i64))
            });
            transport.push(problem.demand[client], near.take(CANDIDATES));
        }
        let Ok(placement) = transport.solve() else { return Self::new(problem, lists, open) };
        let mut wishes: Vec<(std::cmp::Reverse<u32>, u32, u32)> = Vec::with_capacity(clients);
        for client in 0..clients {
            let (places, _) = transport.candidates(client);
            let flow = &placement.flow[transport.row(client)];
            let most = places
                .iter()
                .zip(flow)
                .max_by_key(|(place, flow)| (**flow, std::cmp::Reverse(**place)));
            let (&place, &flow) = most?;
            let split = problem.demand[client] - flow;
            wishes.push((
                std::cmp::Reverse(if split == 0 { u32::MAX } else { flow }),
                client as u32,
                place,
            ));
        }
        wishes.sort_unstable();
        let mut left = Vec::new();
        for (_, client, place) in wishes {
            if assigned.room(place) >= assigned.demand(client) {
                assigned.put(client, place);
            } else {
                left.push(client);
            }
        }
        left.sort_by_key(|client| (std::cmp::Reverse(problem.demand[*client as usize]), *client));
        left.iter().all(|client| assigned.place_somewhere(*client, NONE)).then_some(assigned)
    }

    /// A plan as it stands.
    pub(crate) fn of(problem: &'a Capacitated, lists: &'a Lists, site_of: &[u32]) -> Self {
        let mut open = site_of.to_vec();
        open.sort_unstable();
        open.dedup();
        let missing = problem.p - open.len();
        let spare: Vec<u32> = (0..problem.capacity.len() as u32)
            .filter(|s| open.binary_search(s).is_err())
            .take(missing)
            .collect();
        open.extend(spare);
        let mut assigned = Self::empty(problem, lists, &open);
        for (client, &site) in (0_u32..).zip(site_of) {
            assigned.put(client, assigned.place_at[site as usize]);
        }
        assigned
    }

    fn empty(problem: &'a Capacitated, lists: &'a Lists, open: &[u32]) -> Self {
        let mut place_at = vec![NONE; problem.capacity.len()];
        for (place, &site) in (0_u32..).zip(open) {
            place_at[site as usize] = place;
        }
        let clients = problem.demand.len();
        Self {
            problem,
            lists,
            open: open.to_vec(),
            place_at,
            place_of: vec![NONE; clients],
            load: vec![0; open.len()],
            members: vec![Vec::new(); open.len()],
            rank: vec![0; clients],
            objective: 0.0,
            done: Vec::new(),
            waits: vec![false; clients],
            queue: VecDeque::new(),
            touched: Vec::new(),
        }
    }

    pub(crate) fn objective(&self) -> f64 {
        // Anew, as differences add up their roundings.
        let pairs = self.place_of.iter().enumerate();
        pairs.map(|(client, place)| self.problem.costs.of(self.open[*place as usize], client)).sum()
    }

    pub(crate) fn open(&self) -> &[u32] {
        &self.open
    }

    pub(crate) fn site_of(&self) -> Vec<u32> {
        self.place_of.iter().map(|place| self.open[*place as usize]).collect()
    }

    fn cost(&self, client: u32, place: u32) -> f64 {
        self.problem.costs.of(self.open[place as usize], client as usize)
    }

    fn demand(&self, client: u32) -> i64 {
        i64::from(self.problem.demand[client as usize])
    }

    fn room(&self, place: u32) -> i64 {
        self.problem.capacity[self.open[place as usize] as usize] - self.load[place as usize]
    }

    fn put(&mut self, client: u32, place: u32) {
        self.rank[client as usize] = self.members[place as usize].len() as u32;
        self.members[place as usize].push(client);
        self.place_of[client as usize] = place;
        self.load[place as usize] += self.demand(client);
        self.objective += self.cost(client, place);
    }

    fn take(&mut self, client: u32) -> u32 {
        let place = self.place_of[client as usize];
        let rank = self.rank[client as usize] as usize;
        let members = &mut self.members[place as usize];
        members.swap_remove(rank);
        if let Some(&moved) = members.get(rank) {
            self.rank[moved as usize] = rank as u32;
        }
        self.load[place as usize] -= self.demand(client);
        self.objective -= self.cost(client, place);
        place
    }

    fn shift(&mut self, client: u32, place: u32) {
        let from = self.take(client);
        self.put(client, place);
        self.done.push(Step::Moved { client, from });
        self.touched.extend([from, place]);
    }

    fn recentre(&mut self, place: u32, site: u32) {
        let from = self.open[place as usize];
        self.done.push(Step::Recentred { place, from });
        self.set_site(place, site);
        self.touched.push(place);
    }

    fn set_site(&mut self, place: u32, site: u32) {
        let from = self.open[place as usize];
        for &client in &self.members[place as usize] {
            let costs = &self.problem.costs;
            self.objective += costs.of(site, client as usize) - costs.of(from, client as usize);
        }
        self.place_at[from as usize] = NONE;
        self.place_at[site as usize] = place;
        self.open[place as usize] = site;
    }

    fn undo(&mut self) {
        while let Some(step) = self.done.pop() {
            match step {
                Step::Moved { client, from } => {
                    self.take(client);
                    self.put(client, from);
                }
                Step::Recentred { place, from } => self.set_site(place, from),
            }
        }
        self.touched.clear();
    }

    /// To the nearest place with room, not to `except`.
    fn place_somewhere(&mut self, client: u32, except: u32) -> bool {
        let demand = self.demand(client);
        let (sites, _) = self.lists.row(client as usize);
        let fits = |place: &u32| *place != NONE && *place != except && self.room(*place) >= demand;
        let near = sites.iter().map(|site| self.place_at[*site as usize]).find(fits);
        let anywhere = || {
            let all = (0..self.open.len() as u32).filter(fits);
            all.min_by(|a, b| self.cost(client, *a).total_cmp(&self.cost(client, *b)))
        };
        let Some(place) = near.or_else(anywhere) else { return false };
        if self.place_of[client as usize] == NONE {
            self.put(client, place);
        } else {
            self.shift(client, place);
        }
        true
    }

    /// Better until no shift, exchange or recentring helps.
    pub(crate) fn improve(&mut self) {
        for client in 0..self.place_of.len() as u32 {
            self.wake(client);
        }
        self.touched = (0..self.open.len() as u32).collect();
        self.settle();
        self.done.clear();
    }

    fn wake(&mut self, client: u32) {
        if !self.waits[client as usize] {
            self.waits[client as usize] = true;
            self.queue.push_back(client);
        }
    }

    fn settle(&mut self) {
        loop {
            while let Some(client) = self.queue.pop_front() {
                self.waits[client as usize] = false;
                while self.better_place(client) {}
            }
            let mut touched = std::mem::take(&mut self.touched);
            touched.sort_unstable();
            touched.dedup();
            for place in touched {
                if let Some(site) = self.middle(place) {
                    self.recentre(place, site);
                    let place = self.place_at[site as usize];
                    for at in 0..self.members[place as usize].len() {
                        self.wake(self.members[place as usize][at]);
                    }
                    // Others may now be nearer to it.
                    let near = self.near_clients(site);
                    for client in near {
                        self.wake(client);
                    }
                }
            }
            if self.queue.is_empty() && self.touched.is_empty() {
                return;
            }
        }
    }

    /// Clients of the places around a site; where sites are clients.
    fn near_clients(&self, site: u32) -> Vec<u32> {
        if site as usize >= self.lists.clients() {
            return Vec::new();
        }
        let (sites, _) = self.lists.row(site as usize);
        let clients = self.lists.clients() as u32;
        let most = 2 * self.lists.clients() / self.open.len() + 4;
        sites.iter().take(most).copied().filter(|c| *c < clients).collect()
    }

    /// Shifts a client, or exchanges it for another, if both together gain.
    fn better_place(&mut self, client: u32) -> bool {
        let here = self.place_of[client as usize];
        let now = self.cost(client, here);
        let demand = self.demand(client);
        let room_here = self.room(here);
        let (sites, costs) = self.lists.row(client as usize);
        let mut best = (-1e-7, NONE, NONE);
        for (&site, &cost) in sites.iter().zip(costs) {
            if cost >= now {
                break;
            }
            let place = self.place_at[site as usize];
            if place == NONE || place == here {
                continue;
            }
            let gain = cost - now;
            let room = self.room(place);
            if room >= demand {
                if gain < best.0 {
                    best = (gain, place, NONE);
                }
                continue;
            }
            for &other in &self.members[place as usize] {
                let theirs = self.demand(other);
                if room + theirs >= demand && room_here + demand >= theirs {
                    let gain = gain + self.cost(other, here) - self.cost(other, place);
                    if gain < best.0 {
                        best = (gain, place, other);
                    }
                }
            }
        }
        let (_, place, other) = best;
        if place == NONE {
            return false;
        }
        if other != NONE {
            self.shift(other, here);
            self.wake(other);
        }
        self.shift(client, place);
        // Who wanted into either place may now fit.
        for place in [here, place] {
            for at in 0..self.members[place as usize].len() {
                self.wake(self.members[place as usize][at]);
            }
        }
        true
    }

    /// A site that would serve the clients of a place at less cost: one of the nearest of some client of it.
    fn middle(&self, place: u32) -> Option<u32> {
        const NEAREST: usize = 3;
        let members = &self.members[place as usize];
        let load = self.load[place as usize];
        let mine = self.open[place as usize];
        let costs = &self.problem.costs;
        let sum = |site: u32, most: f64| {
            let mut sum = 0.0;
            for &client in members {
                sum += costs.of(site, client as usize);
                if sum >= most {
                    return most;
                }
            }
            sum
        };
        let mut least = sum(mine, f64::INFINITY) - 1e-7;
        let mut best = None;
        let near = if members.len() > 40 { 1 } else { NEAREST };
        for &client in members {
            let (sites, _) = self.lists.row(client as usize);
            for &site in sites.iter().take(near) {
                if self.place_at[site as usize] != NONE
                    || self.problem.capacity[site as usize] < load
                {
                    continue;
                }
                let value = sum(site, least);
                if value < least {
                    (least, best) = (value, Some(site));
                }
            }
        }
        best
    }

    /// Kicks and mends; keeps what is no worse, and a little worse now and then. The best plan seen, if any kick was made.
    pub(crate) fn kick_often(
        &mut self,
        random: &mut Random,
        kicks: u32,
        budget: Budget,
    ) -> Option<(f64, Vec<u32>)> {
        let mut best: Option<(f64, Vec<u32>)> = None;
        let mut least = self.objective;
        self.done.clear();
        self.touched.clear();
        for kick in 0..kicks {
            if kick % 16 == 0 && budget.is_over() {
                break;
            }
            let before = self.objective;
            let done =
                if random.below(2) == 0 { self.relocate(random) } else { self.shuffle(random) };
            if done {
                self.settle();
            }
            let slack = 3e-4 * least * random.unit();
            let stays = self.objective <= before + 1e-9
                || (random.below(4) == 0 && self.objective <= least + slack);
            if done && stays {
                self.done.clear();
                if self.objective < least - 1e-7 {
                    least = self.objective;
                    best = Some((self.objective(), self.site_of()));
                }
            } else {
                self.undo();
                for client in std::mem::take(&mut self.queue) {
                    self.waits[client as usize] = false;
                }
            }
        }
        best
    }

    /// Closes a site and opens another one somewhere; those left go to the nearest with room.
    fn relocate(&mut self, random: &mut Random) -> bool {
        let clients = self.place_of.len();
        let Some(site) = self.closed_near(random.below(clients), random) else { return false };
        // Close by more often than not: far exchanges seldom pay.
        let place = if random.below(3) == 0 {
            random.below(self.open.len()) as u32
        } else {
            let near = self.near_places(random.below(clients), 2);
            near[random.below(near.len())]
        };
        let leave = self.members[place as usize].clone();
        for &client in &leave {
            if !self.place_somewhere(client, place) {
                return false;
            }
            self.wake(client);
        }
        self.recentre(place, site);
        for client in self.near_clients(site) {
            self.wake(client);
        }
        true
    }

    /// Takes a few places that lie together, moves one or two of their sites, and deals their clients out again.
    fn shuffle(&mut self, random: &mut Random) -> bool {
        let client = random.below(self.place_of.len());
        let places = self.near_places(client, 2 + random.below(3));
        let mut clients: Vec<u32> =
            places.iter().flat_map(|p| self.members[*p as usize].iter().copied()).collect();
        if clients.is_empty() || clients.len() > 1500 {
            return false;
        }
        for _ in 0..=random.below(2) {
            let place = places[random.below(places.len())];
            let from = clients[random.below(clients.len())] as usize;
            if let Some(site) = self.closed_near(from, random)
                && self.problem.capacity[site as usize] >= self.load[place as usize]
            {
                self.recentre(place, site);
            }
        }
        for last in (1..clients.len()).rev() {
            clients.swap(last, random.below(last + 1));
        }
        for &client in &clients {
            let here = self.place_of[client as usize];
            let demand = self.demand(client);
            let now = self.cost(client, here);
            let better = places
                .iter()
                .filter(|p| self.room(**p) >= demand)
                .map(|p| (self.cost(client, *p), *p))
                .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            if let Some((cost, place)) = better
                && cost < now
            {
                self.shift(client, place);
            }
            self.wake(client);
        }
        true
    }

    /// A closed site among the nearest of a client.
    fn closed_near(&self, client: usize, random: &mut Random) -> Option<u32> {
        let (sites, _) = self.lists.row(client);
        let closed = sites.iter().copied().filter(|s| self.place_at[*s as usize] == NONE);
        let few: Vec<u32> = closed.take(6).collect();
        (!few.is_empty()).then(|| few[random.below(few.len())])
    }

    /// The nearest places of a client, at least its own.
    fn near_places(&self, client: usize, most: usize) -> Vec<u32> {
        let (sites, _) = self.lists.row(client);
        let mut places: Vec<u32> = sites
            .iter()
            .map(|s| self.place_at[*s as usize])
            .filter(|p| *p != NONE)
            .take(most)
            .collect();
        if places.is_empty() {
            places.push(self.place_of[client]);
        }
        places
    }
}
