//! Any plan, counted again. Nothing here knows how plans are made, so that a mistake there shows here: no line of the
//! solvers is used, only the numbers of the problem and of the plan.

mod courses;
mod jobs;
mod money;
mod people;
mod sites;

pub use courses::{Class, HeldClass, courses};
pub use jobs::{Wanted, matching, stable};
pub use money::{Offer, Payment, spending};
pub use people::{Post, Server, placed, posts};
pub use sites::{Children, School, SitesChoice, Terms, sites};

/// What is wrong with a plan. Numbers of sites, clients, nodes and arcs are from 1, as in files.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Fault {
    /// A list has another length than the problem wants.
    #[error("{what}应有 {wanted} 项，方案里有 {found} 项")]
    Length {
        /// Which list.
        what: &'static str,
        /// How many there should be.
        wanted: usize,
        /// How many there are.
        found: usize,
    },
    /// A site does not exist or is named twice.
    #[error("选址 {0} 不存在，或写了两次")]
    Site(u64),
    /// A client goes to a site that is not open.
    #[error("需求点 {client} 分到选址 {site}，那里没有开")]
    Closed {
        /// The client.
        client: usize,
        /// The site.
        site: u64,
    },
    /// A site or arc has more than it can hold.
    #[error("{what} {at} 装了 {load}，容量只有 {capacity}")]
    Overfull {
        /// `选址` or `弧`.
        what: &'static str,
        /// Which one.
        at: usize,
        /// What it has.
        load: i128,
        /// What it can hold.
        capacity: i128,
    },
    /// A place opens in two forms, or in none where it must open.
    #[error("第 {place} 处开了 {forms} 种样子；{}", if *forms == 0 { "这一处不能关" } else { "一处只能开一种" })]
    Forms {
        /// The place.
        place: usize,
        /// Forms that are open.
        forms: usize,
    },
    /// A client or node does not get or send what it should.
    #[error("{what} {at} 应有 {wanted}，方案里是 {found}")]
    Amount {
        /// `需求点` or `点`.
        what: &'static str,
        /// Which one.
        at: usize,
        /// What it should be.
        wanted: i128,
        /// What it is.
        found: i128,
    },
    /// The objective is another.
    #[error("方案说目标值是 {said}，重算是 {counted}")]
    Objective {
        /// What the plan says.
        said: f64,
        /// What it is.
        counted: f64,
    },
    /// The bound is above the objective, so one of them is wrong.
    #[error("方案说下界是 {bound}，高过目标值 {objective}")]
    Bound {
        /// What the plan says.
        bound: f64,
        /// What it costs.
        objective: f64,
    },
    /// Somebody goes where they may not, or is moved who stays.
    #[error("{what} {at} 分到 {to}，那里去不了或不该动")]
    NotThere {
        /// `家庭` or `教师`.
        what: &'static str,
        /// Which one.
        at: usize,
        /// Where to.
        to: usize,
    },
    /// More could be had: the plan says that none can.
    #[error("{what}：方案做到 {said}，重算可以做到 {possible}")]
    More {
        /// What.
        what: &'static str,
        /// What the plan reaches.
        said: usize,
        /// What can be reached.
        possible: usize,
    },
    /// A person and a vacancy would both rather have each other.
    #[error("求职人 {person} 和岗位 {vacancy} 都更想要对方，这个配法不稳定")]
    Blocking {
        /// The person.
        person: usize,
        /// The vacancy.
        vacancy: usize,
    },
    /// Potentials do not prove the flow to be cheapest.
    #[error("弧 {arc} 的位势不合：余量为正，折算费用却是 {reduced}")]
    Potential {
        /// The arc.
        arc: usize,
        /// Its reduced cost.
        reduced: i128,
    },
}

/// What one plan says of itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Said {
    /// What the plan costs.
    pub objective: f64,
    /// What no plan goes below.
    pub bound: f64,
}

/// A p-median plan, capacitated or not: `cost(site, client)`, sites from 0; capacities where there are some.
///
/// # Errors
/// The first [`Fault`] found.
pub fn medians(
    (sites, clients, p): (usize, usize, usize),
    cost: &dyn Fn(usize, usize) -> f64,
    room: Option<(&[i64], &[u32])>,
    (open, site_of): (&[u64], &[u64]),
    said: Said,
) -> Result<(), Fault> {
    let is_open = opened(sites, open)?;
    length("开办的选址", p, open.len())?;
    length("需求点", clients, site_of.len())?;
    let mut sum = 0.0;
    let mut load = vec![0_i128; sites];
    for (client, &site) in site_of.iter().enumerate() {
        let at = usize::try_from(site).ok().filter(|s| is_open.get(*s) == Some(&true));
        let Some(at) = at else { return Err(Fault::Closed { client: client + 1, site: site + 1 }) };
        sum += cost(at, client);
        if let Some((_, demand)) = room {
            load[at] += i128::from(demand[client]);
        }
    }
    if let Some((capacity, _)) = room {
        within("选址", &load, &mut capacity.iter().map(|c| i128::from(*c)))?;
    }
    figures(sum, said)
}

/// For each client its sites, from 0, and the units from each.
pub type Served = Vec<(u64, u64)>;

/// A plan of capacitated facility location: for each client its sites, from 0, and the units from each.
///
/// # Errors
/// The first [`Fault`] found.
pub fn facilities(
    cost: &dyn Fn(usize, usize) -> f64,
    (capacity, fixed, demand): (&[i64], &[f64], &[u32]),
    (open, served): (&[u64], &[Served]),
    said: Said,
) -> Result<(), Fault> {
    let is_open = opened(capacity.len(), open)?;
    length("需求点", demand.len(), served.len())?;
    let mut sum: f64 = (0..is_open.len()).filter(|s| is_open[*s]).map(|s| fixed[s]).sum();
    let mut load = vec![0_i128; capacity.len()];
    for (client, row) in served.iter().enumerate() {
        let mut got = 0_i128;
        for &(site, units) in row {
            let at = usize::try_from(site).ok().filter(|s| is_open.get(*s) == Some(&true));
            let Some(at) = at else {
                return Err(Fault::Closed { client: client + 1, site: site + 1 });
            };
            got += i128::from(units);
            load[at] += i128::from(units);
            sum += cost(at, client) * units as f64 / f64::from(demand[client]);
        }
        let wanted = i128::from(demand[client]);
        if got != wanted {
            return Err(Fault::Amount { what: "需求点", at: client + 1, wanted, found: got });
        }
    }
    within("选址", &load, &mut capacity.iter().map(|c| i128::from(*c)))?;
    figures(sum, said)
}

/// Of each place one form at most is open, and one of those that are kept; `place_of[site]`, sites from 0.
///
/// # Errors
/// [`Fault::Forms`], [`Fault::Site`].
pub fn forms(place_of: &[u32], kept: &[bool], open: &[u64]) -> Result<(), Fault> {
    let is_open = opened(place_of.len(), open)?;
    let mut forms = vec![0; kept.len()];
    for (&place, _) in place_of.iter().zip(&is_open).filter(|(_, open)| **open) {
        forms[place as usize] += 1;
    }
    for (place, (&forms, &kept)) in forms.iter().zip(kept).enumerate() {
        if forms > 1 || (kept && forms == 0) {
            return Err(Fault::Forms { place: place + 1, forms });
        }
    }
    Ok(())
}

/// One arc of a network as a checker sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arc {
    /// Where it begins, from 0.
    pub from: usize,
    /// Where it ends, from 0.
    pub to: usize,
    /// What it carries at most.
    pub capacity: i64,
    /// What a unit costs.
    pub cost: i64,
}

/// A flow: every node sends what it should, no arc is overfull; with potentials also that no flow is cheaper. Gives the cost.
///
/// # Errors
/// The first [`Fault`] found.
pub fn flow(
    supply: &[i64],
    arcs: &[Arc],
    flow: &[i64],
    potential: Option<&[i64]>,
) -> Result<i128, Fault> {
    length("弧", arcs.len(), flow.len())?;
    let mut sent = vec![0_i128; supply.len()];
    let mut cost = 0_i128;
    for (at, (arc, &units)) in arcs.iter().zip(flow).enumerate() {
        if !(0..=arc.capacity).contains(&units) {
            let (load, capacity) = (i128::from(units), i128::from(arc.capacity));
            return Err(Fault::Overfull { what: "弧", at: at + 1, load, capacity });
        }
        sent[arc.from] += i128::from(units);
        sent[arc.to] -= i128::from(units);
        cost += i128::from(units) * i128::from(arc.cost);
    }
    for (at, (&found, &wanted)) in sent.iter().zip(supply).enumerate() {
        if found != i128::from(wanted) {
            return Err(Fault::Amount {
                what: "点",
                at: at + 1,
                wanted: i128::from(wanted),
                found,
            });
        }
    }
    if let Some(potential) = potential {
        length("点", supply.len(), potential.len())?;
        for (at, (arc, &units)) in arcs.iter().zip(flow).enumerate() {
            let reduced = i128::from(arc.cost) + i128::from(potential[arc.from])
                - i128::from(potential[arc.to]);
            if (reduced < 0 && units < arc.capacity) || (reduced > 0 && units > 0) {
                return Err(Fault::Potential { arc: at + 1, reduced });
            }
        }
    }
    Ok(cost)
}

fn opened(sites: usize, open: &[u64]) -> Result<Vec<bool>, Fault> {
    let mut is_open = vec![false; sites];
    for &site in open {
        let slot = usize::try_from(site).ok().and_then(|s| is_open.get_mut(s)).filter(|s| !**s);
        *slot.ok_or(Fault::Site(site + 1))? = true;
    }
    Ok(is_open)
}

fn length(what: &'static str, wanted: usize, found: usize) -> Result<(), Fault> {
    if wanted == found { Ok(()) } else { Err(Fault::Length { what, wanted, found }) }
}

fn within(
    what: &'static str,
    load: &[i128],
    capacity: &mut dyn Iterator<Item = i128>,
) -> Result<(), Fault> {
    for (at, (&load, capacity)) in load.iter().zip(capacity).enumerate() {
        if load > capacity {
            return Err(Fault::Overfull { what, at: at + 1, load, capacity });
        }
    }
    Ok(())
}

/// Sums of floats are compared to a billionth.
fn figures(counted: f64, said: Said) -> Result<(), Fault> {
    let near = 1e-9 * counted.abs().max(1.0);
    if (counted - said.objective).abs() > near {
        return Err(Fault::Objective { said: said.objective, counted });
    }
    if said.bound > counted + near {
        return Err(Fault::Bound { bound: said.bound, objective: counted });
    }
    Ok(())
}
