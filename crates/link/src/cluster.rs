use std::collections::BTreeMap;

/// Supposed persons joined one pair at a time, with what must never be joined.
#[derive(Debug)]
pub(crate) struct Clusters {
    parent: Vec<u32>,
    id: Vec<u64>,
    lists: BTreeMap<u32, Vec<u32>>,
    apart: BTreeMap<u32, Vec<u32>>,
}

impl Clusters {
    /// Each on its own. `id` 0 is open; `lists` are sorted.
    pub(crate) fn new(id: Vec<u64>, lists: impl Iterator<Item = Vec<u32>>) -> Self {
        let count = u32::try_from(id.len()).expect("profiles are counted in 32 bits");
        let lists = (0..count).zip(lists).filter(|(_, l)| !l.is_empty()).collect();
        Self { parent: (0..count).collect(), id, lists, apart: BTreeMap::new() }
    }

    /// The smallest member of `a`'s cluster.
    pub(crate) fn root(&mut self, mut a: u32) -> u32 {
        while self.parent[a as usize] != a {
            let up = self.parent[self.parent[a as usize] as usize];
            self.parent[a as usize] = up;
            a = up;
        }
        a
    }

    /// A person said that these two are different.
    pub(crate) fn forbid(&mut self, a: u32, b: u32) {
        self.apart.entry(a).or_default().push(b);
        self.apart.entry(b).or_default().push(a);
    }

    fn forbidden(&mut self, a: u32, b: u32) -> bool {
        let Some(apart) = self.apart.get(&a).cloned() else { return false };
        apart.into_iter().any(|other| self.root(other) == b)
    }

    /// Whether the two clusters may become one, a person's word set aside.
    pub(crate) fn may_join(&mut self, a: u32, b: u32) -> bool {
        let (a, b) = (self.root(a), self.root(b));
        let ids = self.id[a as usize] != 0
            && self.id[b as usize] != 0
            && self.id[a as usize] != self.id[b as usize];
        let one_list = || match (self.lists.get(&a), self.lists.get(&b)) {
            (Some(x), Some(y)) => x.iter().any(|l| y.binary_search(l).is_ok()),
            _ => false,
        };
        a == b || !(ids || one_list() || self.forbidden(a, b))
    }

    /// Joins the two if they may be.
    pub(crate) fn join(&mut self, a: u32, b: u32) -> bool {
        let may = self.may_join(a, b);
        if may {
            self.unite(a, b);
        }
        may
    }

    /// Joins the two because a person said so; `false` if a person said the opposite too.
    pub(crate) fn decide_same(&mut self, a: u32, b: u32) -> bool {
        let (a, b) = (self.root(a), self.root(b));
        if a != b && self.forbidden(a, b) {
            return false;
        }
        self.unite(a, b);
        true
    }

    fn unite(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        if a == b {
            return;
        }
        let (keep, gone) = (a.min(b), a.max(b));
        self.parent[gone as usize] = keep;
        if self.id[keep as usize] == 0 {
            self.id[keep as usize] = self.id[gone as usize];
        }
        if let Some(mut lists) = self.lists.remove(&gone) {
            let all = self.lists.entry(keep).or_default();
            all.append(&mut lists);
            all.sort_unstable();
            all.dedup();
        }
        if let Some(mut apart) = self.apart.remove(&gone) {
            self.apart.entry(keep).or_default().append(&mut apart);
        }
    }

    /// The id of a cluster's root; 0 if open.
    pub(crate) fn id_of(&self, root: u32) -> u64 {
        self.id[root as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_bridge_does_not_carry_two_ids() {
        let mut clusters = Clusters::new(vec![11, 0, 0, 22], std::iter::repeat_n(vec![], 4));
        assert!(clusters.join(0, 1) && clusters.join(2, 3));
        assert!(!clusters.join(1, 2));
        assert!(clusters.decide_same(1, 2));
    }

    #[test]
    fn a_word_of_a_person_holds() {
        let mut clusters =
            Clusters::new(vec![0; 4], [vec![1], vec![1], vec![], vec![]].into_iter());
        clusters.forbid(2, 3);
        assert!(clusters.join(0, 2) && clusters.join(1, 3));
        assert!(!clusters.join(0, 1) && !clusters.join(2, 3) && !clusters.decide_same(0, 3));
    }

    proptest! {
        #[test]
        fn what_is_forbidden_stays_apart(ids in proptest::collection::vec(0..4_u64, 12),
                                         apart in proptest::collection::vec((0..12_u32, 0..12_u32), 0..6),
                                         joins in proptest::collection::vec((0..12_u32, 0..12_u32), 0..40)) {
            let mut clusters = Clusters::new(ids.clone(), (0..12).map(|n| vec![n % 5]));
            for (a, b) in apart.iter().filter(|(a, b)| a != b) {
                clusters.forbid(*a, *b);
            }
            for (a, b) in joins {
                clusters.join(a, b);
            }
            for a in 0..12 {
                for b in 0..a {
                    if clusters.root(a) == clusters.root(b) {
                        prop_assert!(ids[a as usize] == 0 || ids[b as usize] == 0 || ids[a as usize] == ids[b as usize]);
                        prop_assert!(a % 5 != b % 5);
                        prop_assert!(!apart.contains(&(a, b)) && !apart.contains(&(b, a)));
                    }
                }
            }
        }
    }
}
