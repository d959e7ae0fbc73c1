//! The p-median problem: which `p` sites to open so that all clients together are nearest.
//!
//! Good plans come from fast interchange (Whitaker 1983; Resende and Werneck 2007; Schubert and Rousseeuw 2021) from
//! several starts and from what the relaxation opens. The bound is Lagrangean: every client's "served once" is priced, the
//! prices are raised by the volume algorithm, and sites whose reduced cost exceeds what is left to win are closed or opened
//! for good (Beasley 1993). What then remains is a tree whose branches say "one of these sites near this client opens" or
//! "none does" (the radius variables of Elloumi 2010 and of García, Labbé and Marín 2011).

mod branch;
mod interchange;
mod relax;

use rayon::prelude::*;

use crate::budget::{Budget, Solved};
use crate::random::Random;
pub(crate) use interchange::Interchange;
pub(crate) use relax::Lists;

/// What serving each client from each site costs.
#[derive(Clone, Debug, PartialEq)]
pub struct Costs {
    clients: usize,
    by_site: Vec<f64>,
    integral: bool,
}

impl Costs {
    /// Costs `by_site[site × clients + client]`.
    ///
    /// # Errors
    /// [`PlanError::Size`] if there are not `sites × clients` costs or more than 32 bits can number, [`PlanError::Cost`] for
    /// a cost that is negative or no number.
    pub fn new(clients: usize, by_site: Vec<f64>) -> Result<Self, PlanError> {
        if clients == 0
            || !by_site.len().is_multiple_of(clients)
            || clients > u32::MAX as usize
            || by_site.len() / clients > u32::MAX as usize
        {
            return Err(PlanError::Size { clients, costs: by_site.len() });
        }
        if let Some(at) = by_site.iter().position(|c| !c.is_finite() || *c < 0.0) {
            return Err(PlanError::Cost { client: at % clients, site: at / clients });
        }
        let integral = by_site.par_iter().all(|c| c.fract() == 0.0 && *c < 1e12);
        Ok(Self { clients, by_site, integral })
    }

    /// How many clients.
    pub fn clients(&self) -> usize {
        self.clients
    }

    /// How many sites.
    pub fn sites(&self) -> usize {
        self.by_site.len() / self.clients
    }

    /// What each client costs from one site.
    pub fn of_site(&self, site: u32) -> &[f64] {
        &self.by_site[site as usize * self.clients..][..self.clients]
    }

    /// Whether every cost is whole, so that a bound may be rounded up.
    pub fn is_integral(&self) -> bool {
        self.integral
    }

    /// What one client costs from one site.
    pub fn of(&self, site: u32, client: usize) -> f64 {
        self.by_site[site as usize * self.clients + client]
    }
}

/// Why there is no plan.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The costs are no table.
    #[error("费用表有 {costs} 个数，不能分给 {clients} 个需求点；每个需求点、每个选址各要一个数")]
    Size {
        /// Clients.
        clients: usize,
        /// Costs given.
        costs: usize,
    },
    /// A cost is negative, infinite or no number.
    #[error("需求点 {} 到选址 {} 的费用不是不小于零的数；改成数，走不到的写一个很大的数", client + 1, site + 1)]
    Cost {
        /// Client, from 0.
        client: usize,
        /// Site, from 0.
        site: usize,
    },
    /// `p` is nought or more than there are sites.
    #[error("要开 {p} 处，选址却有 {sites} 处；p 取 1 到 {sites}")]
    Count {
        /// Sites to open.
        p: usize,
        /// Sites.
        sites: usize,
    },
    /// Nothing can serve everybody.
    #[error("容量不够：需求共 {demand}，开得最多也只有 {capacity}；多开几处，或加容量")]
    TooSmall {
        /// Demand.
        demand: i64,
        /// Most capacity that can be opened.
        capacity: i64,
    },
    /// A client is larger than any site.
    #[error("需求点 {} 需要 {demand}，比任何一处的容量都大；拆开它，或加容量", client + 1)]
    TooLarge {
        /// Client, from 0.
        client: usize,
        /// What it needs.
        demand: i64,
    },
    /// No plan was found before the search had to stop.
    #[error("限定的时间内没有找到可行的方案；放宽时间（--time），或放宽容量")]
    NotFound,
}

/// Which sites are open and where each client goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Open sites, ascending.
    pub open: Vec<u32>,
    /// The site of each client.
    pub site_of: Vec<u32>,
}

/// The best `p` sites, with a bound; with proof if `budget` allows.
///
/// # Errors
/// [`PlanError::Count`] if `p` is nought or more than there are sites.
pub fn solve(costs: &Costs, p: usize, budget: Budget) -> Result<Solved<Plan>, PlanError> {
    let sites = costs.sites();
    if p == 0 || p > sites {
        return Err(PlanError::Count { p, sites });
    }
    let found = branch::search(costs, p, budget);
    let (objective, open) = found.best.expect("the search began with a plan");
    let plan = plan_of(costs, open);
    Ok(Solved { plan, objective, bound: found.bound.min(objective), nodes: found.nodes })
}

/// A good choice of `p` sites without a bound: the best local optimum of `starts` starts,
/// each kicked off and made better again `kicks` times.
pub fn quick(costs: &Costs, p: usize, starts: u64, kicks: u64, budget: Budget) -> (Vec<u32>, f64) {
    let all: Vec<u32> = (0..costs.sites() as u32).collect();
    let found: Vec<(Vec<u32>, f64)> = (0..starts.max(1))
        .into_par_iter()
        .map(|seed| {
            let order = Random::new(seed).order(costs.sites());
            let mut search = Interchange::new(costs, order[..p].to_vec());
            search.descend(&all, budget);
            let mut random = Random::new(seed + 1000);
            for _ in 0..kicks {
                if p == costs.sites() || budget.is_over() {
                    break;
                }
                let mut other = search.clone();
                for _ in 0..(p / 20).clamp(1, 4) {
                    other.kick(&mut random);
                }
                other.descend(&all, budget);
                if other.objective() < search.objective() {
                    search = other;
                }
            }
            (search.open().to_vec(), search.objective())
        })
        .collect();
    found.into_iter().min_by(|a, b| a.1.total_cmp(&b.1)).expect("at least one start")
}

fn plan_of(costs: &Costs, mut open: Vec<u32>) -> Plan {
    open.sort_unstable();
    let mut site_of = vec![open[0]; costs.clients()];
    let mut least = costs.of_site(open[0]).to_vec();
    for &site in &open[1..] {
        for ((least, mine), &cost) in least.iter_mut().zip(&mut site_of).zip(costs.of_site(site)) {
            if cost < *least {
                (*least, *mine) = (cost, site);
            }
        }
    }
    Plan { open, site_of }
}
