use std::collections::BTreeMap;

use super::{Candidate, Session, Terms};

/// Different weeks that a plan can have: two years and more.
pub(super) const MOST_WEEKS: usize = 128;

/// What can be held at all, in numbers that are quick to walk.
pub(super) struct Shape<'a> {
    pub sessions: &'a [Session],
    pub households: usize,
    pub yuan: i64,
    /// For each session its weeks, a bit each.
    pub weeks: Vec<u128>,
    /// Whether a session can be held: no blocked week, money and people enough.
    pub usable: Vec<bool>,
    /// For each session the households that it is worth something to, rising, and how much.
    pub rows: Vec<Vec<(u32, i64)>>,
    /// For each household its sessions that can be held, and points.
    pub start: Vec<usize>,
    pub candidates: Vec<(u32, i64)>,
    /// Sessions of one room of which one at most can be held, each group once.
    pub rooms: Vec<Vec<u32>>,
    /// Sessions and positions among their teachers, of which a teacher can give one at most.
    pub teachers: Vec<Vec<(u32, u32)>>,
    /// For each session the groups of `rooms` that it is in.
    pub rooms_of: Vec<Vec<u32>>,
    /// For each session and each of its teachers the groups of `teachers`.
    pub teachers_of: Vec<Vec<Vec<u32>>>,
}

impl<'a> Shape<'a> {
    pub(super) fn new(
        sessions: &'a [Session],
        households: &[Vec<Candidate>],
        terms: &Terms,
    ) -> Self {
        let mut known: Vec<u32> = sessions.iter().flat_map(|s| s.weeks.iter().copied()).collect();
        known.sort_unstable();
        known.dedup();
        assert!(known.len() <= MOST_WEEKS, "a plan has at most {MOST_WEEKS} different weeks");
        let bits = |session: &Session| {
            let bit = |week: &u32| 1_u128 << known.binary_search(week).expect("it was collected");
            session.weeks.iter().map(bit).fold(0, |a, b| a | b)
        };
        let weeks: Vec<u128> = sessions.iter().map(bits).collect();
        let least =
            |s: &Session| i64::from(s.yuan) + i64::from(s.yuan_each) * i64::from(s.least.max(1));
        let mut rows = vec![Vec::new(); sessions.len()];
        for (household, row) in (0_u32..).zip(households) {
            for candidate in row.iter().filter(|c| c.points > 0) {
                let there: &mut Vec<(u32, i64)> = &mut rows[candidate.session as usize];
                match there.last_mut().filter(|known| known.0 == household) {
                    Some(known) => known.1 = known.1.max(candidate.points),
                    None => there.push((household, candidate.points)),
                }
            }
        }
        let usable: Vec<bool> = sessions
            .iter()
            .zip(&rows)
            .map(|(s, row)| {
                s.weeks.iter().all(|week| !terms.blocked.contains(week))
                    && least(s) <= terms.yuan
                    && s.capacity >= s.least.max(1)
                    && row.len() >= s.least.max(1) as usize
            })
            .collect();
        let is_usable = |at: usize| usable[at];
        let is_usable = &is_usable;
        let mut start = vec![0; households.len() + 1];
        let of = |at: usize| rows[at].iter().filter(move |_| is_usable(at));
        for at in 0..sessions.len() {
            for (household, _) in of(at) {
                start[*household as usize + 1] += 1;
            }
        }
        for household in 0..households.len() {
            start[household + 1] += start[household];
        }
        let mut next = start.clone();
        let mut candidates = vec![(0, 0); start[households.len()]];
        for at in 0..sessions.len() {
            for (household, points) in of(at) {
                let slot = &mut next[*household as usize];
                candidates[*slot] = (at as u32, *points);
                *slot += 1;
            }
        }
        let mut shape = Self {
            sessions,
            households: households.len(),
            yuan: terms.yuan,
            weeks,
            usable,
            rows,
            start,
            candidates,
            rooms: Vec::new(),
            teachers: Vec::new(),
            rooms_of: vec![Vec::new(); sessions.len()],
            teachers_of: sessions.iter().map(|s| vec![Vec::new(); s.teachers.len()]).collect(),
        };
        shape.clash();
        shape
    }

    /// What holding a session costs at least.
    pub(super) fn least_yuan(&self, session: u32) -> i64 {
        let s = &self.sessions[session as usize];
        i64::from(s.yuan) + i64::from(s.yuan_each) * i64::from(s.least)
    }

    /// What holding a session costs if it is full; no more than there is.
    pub(super) fn likely_yuan(&self, session: u32) -> i64 {
        let s = &self.sessions[session as usize];
        let come = self.rows[session as usize].len().min(s.capacity as usize);
        let come = i64::try_from(come).expect("no more than places");
        let full = i64::from(s.yuan) + i64::from(s.yuan_each) * come;
        full.min(self.yuan).max(self.least_yuan(session))
    }

    /// Sessions of a household with their points.
    pub(super) fn candidates(&self, household: usize) -> &[(u32, i64)] {
        &self.candidates[self.start[household]..self.start[household + 1]]
    }

    fn usable(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.sessions.len() as u32).filter(|s| self.usable[*s as usize])
    }

    /// Groups of which one at most can be held.
    fn clash(&mut self) {
        let mut rooms: BTreeMap<(u32, u32), Vec<u32>> = BTreeMap::new();
        let mut teachers: BTreeMap<(u32, u32), Vec<(u32, u32)>> = BTreeMap::new();
        for session in self.usable() {
            let s = &self.sessions[session as usize];
            let mut weeks = s.weeks.clone();
            weeks.sort_unstable();
            weeks.dedup();
            for week in weeks {
                rooms.entry((s.room, week)).or_default().push(session);
                for (at, &teacher) in (0_u32..).zip(&s.teachers) {
                    teachers.entry((teacher, week)).or_default().push((session, at));
                }
            }
        }
        self.rooms = largest(rooms.into_values());
        self.teachers = largest(teachers.into_values());
        for (at, group) in (0_u32..).zip(&self.rooms) {
            for session in group {
                self.rooms_of[*session as usize].push(at);
            }
        }
        for (at, group) in (0_u32..).zip(&self.teachers) {
            for &(session, teacher) in group {
                self.teachers_of[session as usize][teacher as usize].push(at);
            }
        }
    }

    /// Whether two sessions cannot both be held, for their room.
    pub(super) fn share_room(&self, a: u32, b: u32) -> bool {
        self.sessions[a as usize].room == self.sessions[b as usize].room
            && self.weeks[a as usize] & self.weeks[b as usize] != 0
    }

    /// A teacher for each of some sessions; `Err(true)` if there are none, `Err(false)` if the search was given up.
    pub(super) fn give_teachers(&self, open: &[u32]) -> Result<Vec<Option<u32>>, bool> {
        const MOST_STEPS: u32 = 20_000;
        let mut order: Vec<usize> =
            (0..open.len()).filter(|n| !self.teachers_of[open[*n] as usize].is_empty()).collect();
        order.sort_by_key(|n| (self.teachers_of[open[*n] as usize].len(), *n));
        let mut busy: BTreeMap<u32, u128> = BTreeMap::new();
        let mut choice: Vec<usize> = Vec::with_capacity(order.len());
        let mut next = 0;
        let mut steps = 0;
        while choice.len() < order.len() {
            steps += 1;
            if steps > MOST_STEPS {
                return Err(false);
            }
            let session = open[order[choice.len()]] as usize;
            let weeks = self.weeks[session];
            let teachers = &self.sessions[session].teachers;
            let free = (next..teachers.len())
                .find(|at| busy.get(&teachers[*at]).is_none_or(|b| b & weeks == 0));
            if let Some(at) = free {
                *busy.entry(teachers[at]).or_default() |= weeks;
                choice.push(at);
                next = 0;
            } else {
                let Some(last) = choice.pop() else { return Err(true) };
                let session = open[order[choice.len()]] as usize;
                let taken = busy.get_mut(&self.sessions[session].teachers[last]);
                *taken.expect("the teacher was just busy") &= !self.weeks[session];
                next = last + 1;
            }
        }
        let mut teachers = vec![None; open.len()];
        for (&n, &at) in order.iter().zip(&choice) {
            teachers[n] = Some(self.sessions[open[n] as usize].teachers[at]);
        }
        Ok(teachers)
    }
}

/// Groups of two and more that lie in no other.
fn largest<T: Copy + Ord>(groups: impl Iterator<Item = Vec<T>>) -> Vec<Vec<T>> {
    let mut all: Vec<Vec<T>> = groups.filter(|group| group.len() > 1).collect();
    all.sort_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
    all.dedup();
    let mut kept: Vec<Vec<T>> = Vec::new();
    for group in all {
        let lies_in = |other: &Vec<T>| group.iter().all(|one| other.binary_search(one).is_ok());
        if !kept.iter().any(lies_in) {
            kept.push(group);
        }
    }
    kept
}
