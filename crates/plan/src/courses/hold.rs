use std::cmp::Reverse;

use super::shape::Shape;
use crate::transport::Transport;

/// Sessions that are held, who comes, and what that is worth.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Set {
    /// Sessions, rising.
    pub open: Vec<u32>,
    pub teachers: Vec<Option<u32>>,
    /// For each household a position in `open`.
    pub session_of: Vec<Option<u32>>,
    pub points: i64,
    pub yuan: i64,
    /// What one more place in each open session is worth.
    pub price: Vec<i64>,
    /// Whether nobody could be better placed with the same sessions.
    pub is_exact: bool,
}

impl Shape<'_> {
    /// Who comes to which of some sessions; `Err(true)` if they cannot be held together, `Err(false)` if that was not found
    /// out. Prices of a set that is `near` save most of the work.
    pub(super) fn hold(&self, open: &[u32], near: Option<&Set>) -> Result<Set, bool> {
        let teachers = self.give_teachers(open)?;
        let yuan: i64 = open.iter().map(|s| self.least_yuan(*s)).sum();
        if yuan > self.yuan {
            return Err(true);
        }
        let mut set = self.place(open, near).ok_or(true)?;
        if set.yuan > self.yuan && !self.within_money(&mut set) {
            return Err(false);
        }
        set.teachers = teachers;
        Ok(set)
    }

    /// As [`Self::hold`], or without sessions to which too few would come of themselves, whichever is worth more.
    pub(super) fn hold_some(&self, open: &[u32], near: Option<&Set>) -> Option<Set> {
        let whole = self.hold(open, near).ok();
        let Some(set) = &whole else { return None };
        // Forced places have no worth: those who fill them would do better elsewhere.
        let mut come = vec![0; open.len()];
        for at in set.session_of.iter().flatten() {
            come[*at as usize] += 1;
        }
        let poor = |n: &usize| come[*n] <= self.sessions[open[*n] as usize].least.max(1);
        let kept: Vec<u32> = (0..open.len()).filter(|n| !poor(n)).map(|n| open[n]).collect();
        if kept.len() == open.len() {
            return whole;
        }
        let fewer = self.hold(&kept, whole.as_ref()).ok();
        [whole, fewer].into_iter().flatten().max_by_key(|set| set.points)
    }

    /// Those who are worth least for what they cost stay at home until the money reaches; `false` if it does not.
    fn within_money(&self, set: &mut Set) -> bool {
        let mut come = vec![0; set.open.len()];
        let mut all: Vec<(i64, u32, u32)> = Vec::new();
        for (household, at) in (0_u32..).zip(&set.session_of) {
            let Some(at) = *at else { continue };
            come[at as usize] += 1;
            let session = set.open[at as usize];
            let of = self.candidates(household as usize).iter().find(|c| c.0 == session);
            let points = of.expect("only candidates were offered").1;
            all.push((points, household, at));
        }
        let each = |at: u32| self.sessions[set.open[at as usize] as usize].yuan_each;
        all.retain(|one| each(one.2) > 0);
        all.sort_by(|a, b| {
            let (x, y) = (a.0 as f64 / f64::from(each(a.2)), b.0 as f64 / f64::from(each(b.2)));
            x.total_cmp(&y).then(a.1.cmp(&b.1))
        });
        for (points, household, at) in all {
            let session = &self.sessions[set.open[at as usize] as usize];
            if set.yuan > self.yuan && come[at as usize] > session.least.max(1) {
                come[at as usize] -= 1;
                set.session_of[household as usize] = None;
                set.points -= points;
                set.yuan -= i64::from(session.yuan_each);
            }
        }
        set.is_exact = false;
        set.yuan <= self.yuan
    }

    /// Who comes where: the placement worth most, every session with its least number; `None` if these cannot all be had.
    fn place(&self, open: &[u32], near: Option<&Set>) -> Option<Set> {
        let mut forced = vec![false; open.len()];
        loop {
            let (set, come) = self.place_once(open, &forced, near)?;
            let mut is_short = false;
            for (n, &session) in open.iter().enumerate() {
                if come[n] < self.sessions[session as usize].least.max(1) {
                    if forced[n] {
                        return None;
                    }
                    forced[n] = true;
                    is_short = true;
                }
            }
            if !is_short {
                return Some(set);
            }
        }
    }

    fn place_once(
        &self,
        open: &[u32],
        forced: &[bool],
        near: Option<&Set>,
    ) -> Option<(Set, Vec<u32>)> {
        let nobody_costs = self.candidates.iter().map(|c| c.1).max().unwrap_or(0);
        // Filling a place that must be filled outweighs every chain of moves that it can cause.
        let bonus = 8 * (nobody_costs + 1);
        let mut position = vec![u32::MAX; self.sessions.len()];
        let mut capacity = Vec::with_capacity(open.len() + 1);
        for (n, &session) in (0_u32..).zip(open) {
            position[session as usize] = n;
            let s = &self.sessions[session as usize];
            let first = if forced[n as usize] { s.least.max(1) } else { 0 };
            capacity.push(i64::from(s.capacity - first));
        }
        let nobody = open.len() as u32;
        capacity.push(i64::try_from(self.households).expect("households are far below 2⁶³"));
        // Places that must be filled are sinks of their own.
        let mut must = vec![u32::MAX; open.len()];
        for (n, &session) in open.iter().enumerate() {
            if forced[n] {
                must[n] = capacity.len() as u32;
                capacity.push(i64::from(self.sessions[session as usize].least.max(1)));
            }
        }
        let mut transport = Transport::new(capacity);
        transport.reserve(self.households, self.candidates.len() + self.households);
        let mut who = Vec::with_capacity(self.households);
        let mut row = Vec::new();
        for household in 0..self.households {
            row.clear();
            for &(session, points) in self.candidates(household) {
                let at = position[session as usize];
                if at == u32::MAX {
                    continue;
                }
                let cost = nobody_costs - points;
                row.push((at, cost));
                if forced[at as usize] {
                    row.push((must[at as usize], cost - bonus));
                }
            }
            if !row.is_empty() {
                row.push((nobody, nobody_costs));
                transport.push(1, row.iter().copied());
                who.push(household);
            }
        }
        let placement = match near {
            Some(near) if !forced.contains(&true) => {
                let price =
                    |session: &u32| near.open.binary_search(session).map_or(0, |at| near.price[at]);
                transport.solve_from(open.iter().map(price).collect())
            }
            _ => transport.solve(),
        };
        let placement = placement.ok()?;
        let mut set = Set {
            open: open.to_vec(),
            teachers: Vec::new(),
            session_of: vec![None; self.households],
            points: 0,
            yuan: open.iter().map(|s| i64::from(self.sessions[*s as usize].yuan)).sum(),
            price: placement.price[..open.len()].to_vec(),
            is_exact: true,
        };
        let mut come = vec![0; open.len()];
        for (source, &household) in who.iter().enumerate() {
            let (sinks, _) = transport.candidates(source);
            let flow = &placement.flow[transport.row(source)];
            let at = flow.iter().position(|units| *units > 0).expect("everybody goes somewhere");
            let sink = sinks[at];
            if sink == nobody {
                continue;
            }
            let n = must.iter().position(|m| *m == sink).unwrap_or(sink as usize);
            let session = open[n];
            let of = self.candidates(household).iter().find(|c| c.0 == session);
            set.points += of.expect("only candidates were offered").1;
            set.yuan += i64::from(self.sessions[session as usize].yuan_each);
            set.session_of[household] = Some(n as u32);
            come[n] += 1;
        }
        Some((set, come))
    }

    /// Sessions of an order that can be held together, each taken if it still can.
    pub(super) fn build(&self, order: impl IntoIterator<Item = u32>) -> Vec<u32> {
        let mut open: Vec<u32> = Vec::new();
        let mut yuan = 0;
        for session in order {
            let costs = self.likely_yuan(session);
            let fits = self.usable[session as usize]
                && yuan + costs <= self.yuan
                && !open.iter().any(|other| *other == session || self.share_room(*other, session));
            if fits {
                open.push(session);
                if self.teachers_of[session as usize].is_empty()
                    || self.give_teachers(&open).is_ok()
                {
                    yuan += costs;
                } else {
                    open.pop();
                }
            }
        }
        open.sort_unstable();
        open
    }

    /// What each household gets in a set beyond the price of its place.
    fn nets(&self, set: &Set, without: Option<u32>) -> Vec<i64> {
        let mut price = vec![None; self.sessions.len()];
        for (session, worth) in set.open.iter().zip(&set.price) {
            if Some(*session) != without {
                price[*session as usize] = Some(*worth);
            }
        }
        let net = |household: usize| {
            let of = self.candidates(household).iter();
            of.filter_map(|&(s, points)| price[s as usize].map(|p| points - p))
                .max()
                .unwrap_or(0)
                .max(0)
        };
        (0..self.households).map(net).collect()
    }

    /// What a session would add for households that have `net`, at most; raises them.
    fn gain(&self, session: u32, net: &mut [i64], keep: bool) -> i64 {
        let mut more: Vec<i64> = self.rows[session as usize]
            .iter()
            .map(|&(who, points)| points - net[who as usize])
            .filter(|more| *more > 0)
            .collect();
        let room = self.sessions[session as usize].capacity as usize;
        let mut price = 0;
        if more.len() > room {
            more.select_nth_unstable_by_key(room, |m| Reverse(*m));
            price = more[room];
            more.truncate(room);
        }
        if keep {
            for &(who, points) in &self.rows[session as usize] {
                net[who as usize] = net[who as usize].max(points - price);
            }
        }
        more.iter().sum()
    }

    /// More than which no placement in `open` is worth, by the prices of a set that is like it (weak duality).
    fn most(&self, open: &[u32], set: &Set) -> i64 {
        let mut price = vec![None; self.sessions.len()];
        let mut most = 0;
        for (session, worth) in set.open.iter().zip(&set.price) {
            if open.binary_search(session).is_ok() {
                price[*session as usize] = Some(*worth);
                most += worth * i64::from(self.sessions[*session as usize].capacity);
            }
        }
        let net = |household: usize| {
            let of = self.candidates(household).iter();
            of.filter_map(|&(s, points)| price[s as usize].map(|p| points - p))
                .max()
                .unwrap_or(0)
                .max(0)
        };
        let mut net: Vec<i64> = (0..self.households).map(net).collect();
        most += net.iter().sum::<i64>();
        for session in open.iter().filter(|s| set.open.binary_search(s).is_err()) {
            most += self.gain(*session, &mut net, true);
        }
        most
    }

    /// Sets to begin with: what is worth most, and what is worth most for its money.
    pub(super) fn begin(&self) -> Set {
        let empty = self.hold(&[], None).expect("nothing can always be held");
        let by = |per_yuan: bool| {
            let mut net = vec![0; self.households];
            let mut left: Vec<u32> =
                (0..self.sessions.len() as u32).filter(|s| self.usable[*s as usize]).collect();
            let mut order = Vec::new();
            while !left.is_empty() {
                let worth = |session: u32, net: &mut [i64]| {
                    let gain = self.gain(session, net, false) as f64;
                    if per_yuan { gain / self.least_yuan(session).max(1) as f64 } else { gain }
                };
                let all = left.iter().enumerate().map(|(n, s)| (worth(*s, &mut net), n));
                let best = all.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
                let session = left.remove(best.expect("some are left").1);
                order.push(session);
                let open = self.build(order.iter().copied());
                if open.binary_search(&session).is_ok() {
                    self.gain(session, &mut net, true);
                }
            }
            self.hold_some(&self.build(order), None)
        };
        let begun = [by(true), by(false)];
        begun
            .into_iter()
            .flatten()
            .chain([empty])
            .max_by_key(|set| set.points)
            .expect("one is there")
    }

    /// Makes a set better session by session: each that is not held is forced in, each that is held is left out, and the
    /// others follow by what they are worth. At most `tries` placements.
    pub(super) fn climb(&self, mut best: Set, mut tries: usize, stop: &dyn Fn() -> bool) -> Set {
        let mut since = 0;
        let all: Vec<u32> =
            (0..self.sessions.len() as u32).filter(|s| self.usable[*s as usize]).collect();
        let mut at = 0;
        while since < all.len() && tries > 0 && !stop() {
            let session = all[at];
            at = (at + 1) % all.len();
            since += 1;
            for open in self.moves(&best, session, &all) {
                if open == best.open || self.most(&open, &best) <= best.points || tries == 0 {
                    continue;
                }
                tries -= 1;
                if let Some(set) = self.hold_some(&open, Some(&best))
                    && set.points > best.points
                {
                    best = set;
                    since = 0;
                    break;
                }
            }
        }
        best
    }

    /// Sets like this one with a session turned over.
    fn moves(&self, set: &Set, session: u32, all: &[u32]) -> Vec<Vec<u32>> {
        let is_held = set.open.binary_search(&session).is_ok();
        let mut net = self.nets(set, is_held.then_some(session));
        let per_yuan = |worth: i64, s: u32| worth as f64 / self.least_yuan(s).max(1) as f64;
        if !is_held {
            self.gain(session, &mut net, true);
        }
        // Those that are held by what losing them would cost, then the others by what they add.
        let mut held: Vec<(f64, u32)> = set
            .open
            .iter()
            .zip(&set.price)
            .filter(|(s, _)| **s != session)
            .map(|(s, price)| {
                let capacity = i64::from(self.sessions[*s as usize].capacity);
                (per_yuan(price * capacity + self.loses(set, *s), *s), *s)
            })
            .collect();
        let mut others: Vec<(f64, u32)> = all
            .iter()
            .filter(|s| **s != session && set.open.binary_search(s).is_err())
            .map(|s| (per_yuan(self.gain(*s, &mut net, false), *s), *s))
            .collect();
        let sort = |list: &mut Vec<(f64, u32)>| {
            list.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        };
        sort(&mut held);
        sort(&mut others);
        let first = if is_held { None } else { Some(session) };
        let order = |held: &[(f64, u32)], others: &[(f64, u32)]| {
            let rest = held.iter().chain(others).map(|one| one.1);
            self.build(first.into_iter().chain(rest))
        };
        let mut moves = vec![order(&held, &others)];
        // Another may have to make room before the one that takes its place.
        for (_, other) in others.iter().take(6) {
            let rest = held.iter().map(|one| one.1);
            moves.push(self.build(first.into_iter().chain([*other]).chain(rest)));
        }
        if !is_held {
            for gone in held.iter().rev().take(6).map(|one| one.1) {
                let rest = held.iter().chain(&others).map(|one| one.1).filter(|s| *s != gone);
                moves.push(self.build(first.into_iter().chain(rest)));
            }
        }
        moves.dedup();
        moves
    }

    /// What those who come to a session have there beyond its price.
    fn loses(&self, set: &Set, session: u32) -> i64 {
        let at = set.open.binary_search(&session).expect("the session is held");
        let price = set.price[at];
        let of = |&(who, points): &(u32, i64)| {
            (set.session_of[who as usize] == Some(at as u32)).then_some(points - price)
        };
        self.rows[session as usize].iter().filter_map(of).sum()
    }

    /// For each session what it would still add to a set, and for how many.
    pub(super) fn still_adds(&self, set: &Set) -> Vec<(i64, u32)> {
        let mut net = self.nets(set, None);
        let of = |session: u32| {
            let come = self.rows[session as usize]
                .iter()
                .filter(|(who, points)| *points > net[*who as usize])
                .count();
            (self.gain(session, &mut net, false), come as u32)
        };
        (0..self.sessions.len() as u32).map(of).collect()
    }
}
