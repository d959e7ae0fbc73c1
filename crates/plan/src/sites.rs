//! Which schools and teaching points to keep, reopen, build, upgrade, give beds, a canteen or a bus, counting what families
//! pay and what the state pays.
//!
//! A family pays in minutes; beyond the lawful walk or ride in **陪读**: a parent rents a room near the school and earns nothing,
//! unless there is a bed, which costs boarding fees. The state pays for each form of each school that is open, for beds and for
//! seats in buses. A form is a size (classes within the limit of class sizes), the grades taught, and what it offers; the
//! cheapest choice of forms is a [`crate::cfl`] with a bound. Today, plan and difference stand side by side, and so does what
//! binds. Where no plan keeps the standards, the smallest change that helps is named.

mod parts;
mod settled;
mod short;
mod ways;

use crate::budget::Budget;
use crate::cfl::{Facilities, Places};
use crate::pmedian::{Costs, PlanError};
pub use settled::{Choice, SitesPlan, settle};
pub use short::{Change, Missing};
pub use ways::{Child, Way, child};

/// Children of one village who learn in the same grades.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Where they live.
    pub village: u32,
    /// Which of the bands that forms teach they belong to, from 0.
    pub band: u8,
    /// How many; a group of none is left out.
    pub children: u32,
    /// Whether they may board: the youngest may not.
    pub may_board: bool,
    /// The school where they go today; `None` where that is not known.
    pub today: Option<u32>,
}

/// How a school can be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Form {
    /// Bit `n`: band `n` is taught.
    pub bands: u8,
    /// Children that it can hold with no class above the limit.
    pub places: u32,
    /// Whether there are beds for those who may board.
    pub beds: bool,
    /// Whether there is a canteen: without, children who walk go home at noon.
    pub canteen: bool,
    /// Whether a bus fetches children.
    pub bus: bool,
    /// Yuan a year to run it: staff by the norm, upkeep.
    pub yuan_a_year: f64,
    /// Yuan once, to make it so.
    pub yuan_once: f64,
}

/// A school that there is, was, or could be.
#[derive(Clone, Debug, PartialEq)]
pub struct Site {
    /// The forms that it can have.
    pub forms: Vec<Form>,
    /// Which of them it has today; `None` where it is closed.
    pub today: Option<usize>,
    /// Whether it must be open in some form.
    pub kept: bool,
}

/// Minutes from a village to a school, one way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Minutes {
    /// On foot.
    pub foot: f64,
    /// By bus or other vehicle.
    pub ride: f64,
    /// Metres as the crow flies.
    pub metres: f64,
}

/// What must hold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standards {
    /// Longest walk one way, by band; later bands have the last.
    pub walk_minutes: [f64; 2],
    /// Longest ride one way.
    pub ride_minutes: f64,
    /// Farthest from home, as the crow flies, that a school is for who goes each day (服务半径); infinite: any.
    pub radius_m: f64,
    /// Fewest children of an open school, where that leaves nobody without one; nought: any.
    pub least_children: u32,
    /// Whether every child must walk, ride or board: no family has to accompany one.
    pub lawful_only: bool,
    /// Whether nobody who goes a lawful way today may have to be accompanied: a school closes only if all its children walk,
    /// ride or board elsewhere.
    pub no_worse: bool,
}

impl Standards {
    /// The longest walk of a band.
    pub fn walk_of(&self, band: u8) -> f64 {
        self.walk_minutes[usize::from(band).min(1)]
    }
}

/// What counts how much. Policies give the figures, each with its source.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prices {
    /// Yuan a year for each minute that one child is under way one way each school day.
    pub yuan_a_minute: f64,
    /// Yuan a year that accompanying one child costs its family: rent, lost work.
    pub accompany_yuan: f64,
    /// Yuan a year that boarding costs the family of one child.
    pub board_yuan: f64,
    /// Yuan a year that a boarder costs the state: carers, upkeep.
    pub bed_yuan: f64,
    /// Yuan a year that a seat in a bus costs the state.
    pub bus_yuan: f64,
    /// Yuan a year that going to another school than today counts for each child: nobody is moved for nothing.
    pub change_yuan: f64,
    /// The share of what is paid once that counts each year.
    pub once_share: f64,
}

/// The whole question.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// Children.
    pub groups: Vec<Group>,
    /// Schools.
    pub sites: Vec<Site>,
    /// What must hold.
    pub standards: Standards,
    /// What counts how much.
    pub prices: Prices,
}

/// What a choice of sites means.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tally {
    /// Schools open.
    pub schools: usize,
    /// Children who walk.
    pub walk: u64,
    /// Children whom a bus fetches.
    pub ride: u64,
    /// Children who board.
    pub board: u64,
    /// Children who are accompanied: too far, and neither bus nor bed.
    pub accompanied: u64,
    /// Minutes that all who walk or ride are under way, one way.
    pub minutes: f64,
    /// The longest of these ways.
    pub farthest_minutes: f64,
    /// Children beyond what schools hold with no class above the limit.
    pub beyond_places: u64,
    /// Yuan a year that families pay, minutes included.
    pub families_yuan: f64,
    /// Yuan a year that the state pays, without what is paid once.
    pub state_yuan: f64,
    /// Yuan paid once.
    pub once_yuan: f64,
}

/// A standard that would be worth loosening.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Binds {
    /// The limit of class sizes: a school is full.
    ClassSize {
        /// The school.
        site: u32,
        /// Yuan a year that one more place there would save.
        yuan: f64,
    },
    /// The longest walk: so many children live farther from their school and ride, board or are accompanied.
    Walk {
        /// Children.
        children: u64,
    },
    /// The longest ride: so many children could be fetched by a bus that there is, were it lawful.
    Ride {
        /// Children.
        children: u64,
    },
    /// The radius: so many children could walk or ride in time, but live too far as the crow flies.
    Radius {
        /// Children.
        children: u64,
    },
    /// The fewest children of a school: this one has fewer, and without it some would have none.
    LeastSize {
        /// The school.
        site: u32,
        /// Its children.
        children: u64,
    },
}

/// Why there is no plan of sites.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SitesError {
    /// Some children have no lawful school with a place, whatever opens.
    #[error("有 {} 名孩子没有合规的学校可去；看“要改哪里”", .0.iter().map(|m| u64::from(m.children)).sum::<u64>())]
    Short(Vec<Missing>),
    /// There are no children.
    #[error("没有要上学的孩子；先收学籍或户籍名册，再核算")]
    NoChildren,
    /// The search had to stop before any plan was found.
    #[error("限定的时间内没有找到可行的方案；放宽时间或条件")]
    NotFound,
}

/// The cheapest choice of sites and forms for families and state together; `minutes(village, site)`.
///
/// # Errors
/// [`SitesError::Short`] names whom nothing lawful is left, and the smallest change that helps each.
pub fn plan(
    question: &Question,
    minutes: &(dyn Fn(usize, usize) -> Minutes + Sync),
    budget: Budget,
) -> Result<SitesPlan, SitesError> {
    let living: Vec<usize> =
        (0..question.groups.len()).filter(|g| question.groups[*g].children > 0).collect();
    if living.is_empty() {
        return Err(SitesError::NoChildren);
    }
    let all_held = held(question, minutes);
    let missing = short::missing(question, &all_held, &living, minutes);
    if !missing.is_empty() {
        return Err(SitesError::Short(missing));
    }
    let held = all_held;
    let mut choice = parts::choose(question, (&held, &living), minutes, budget)?;
    // Schools with too few children close where everybody still has one; the bound of all choices holds for these too.
    let mut asked = question.clone();
    for _ in 0..ROUNDS {
        if budget.is_over() {
            break;
        }
        let load = choice.load();
        let few: Vec<usize> = (0..asked.sites.len())
            .filter(|s| choice.open[*s].is_some() && !asked.sites[*s].kept)
            .filter(|s| load[*s] < u64::from(question.standards.least_children))
            .collect();
        if few.is_empty() {
            break;
        }
        let mut without = asked.clone();
        for &site in &few {
            without.sites[site].forms.clear();
        }
        let found = if short::missing(&without, &held, &living, minutes).is_empty() {
            parts::choose(&without, (&held, &living), minutes, budget)
        } else {
            // Not all of them: the smallest alone, or it stays for good.
            without = asked.clone();
            let least = few.into_iter().min_by_key(|s| (load[*s], *s)).expect("there are some");
            without.sites[least].forms.clear();
            if short::missing(&without, &held, &living, minutes).is_empty() {
                parts::choose(&without, (&held, &living), minutes, budget)
            } else {
                asked.sites[least].kept = true;
                continue;
            }
        };
        let Ok(found) = found else { break };
        choice = Choice { bound: choice.bound, ..found };
        asked = without;
    }
    settle(question, choice, minutes).ok_or(SitesError::NotFound)
}

/// How often schools with too few children are taken away and the rest chosen anew.
const ROUNDS: usize = 12;

/// Every form of every site.
fn forms(question: &Question) -> Vec<(u32, usize)> {
    (0..)
        .zip(&question.sites)
        .flat_map(|(site, all): (u32, &Site)| (0..all.forms.len()).map(move |form| (site, form)))
        .collect()
}

/// Which groups go a lawful way today and must have one in the plan: none unless [`Standards::no_worse`].
pub fn held(question: &Question, minutes: &(dyn Fn(usize, usize) -> Minutes + Sync)) -> Vec<bool> {
    let lawful = Standards { lawful_only: true, ..question.standards };
    let goes_lawfully = |group: &Group| {
        let site = group.today?;
        let of = &question.sites[site as usize];
        let way = minutes(group.village as usize, site as usize);
        child(group, of.forms.get(of.today?)?, way, lawful, question.prices)
    };
    let no_worse = question.standards.no_worse;
    question.groups.iter().map(|g| no_worse && goes_lawfully(g).is_some()).collect()
}

/// What it counts that a child of a group goes to a school: nothing where it goes today, or where that is not known.
fn changing(question: &Question, group: &Group, site: u32) -> f64 {
    if group.today.is_some_and(|today| today != site) { question.prices.change_yuan } else { 0.0 }
}

/// What holds for one group.
fn standards_of(question: &Question, held: &[bool], group: usize) -> Standards {
    let lawful_only = question.standards.lawful_only || held[group];
    Standards { lawful_only, ..question.standards }
}

/// What today's choice means; `None` where some group's school is not known.
pub fn today(
    question: &Question,
    minutes: &(dyn Fn(usize, usize) -> Minutes + Sync),
) -> Option<Tally> {
    let goes: Option<Vec<Vec<(u32, u32)>>> =
        question
            .groups
            .iter()
            .map(|g| {
                if g.children == 0 { Some(Vec::new()) } else { Some(vec![(g.today?, g.children)]) }
            })
            .collect();
    let open: Vec<Option<usize>> = question.sites.iter().map(|s| s.today).collect();
    // Today nobody is refused: who is in no lawful way in school is accompanied.
    let today = Question {
        standards: Standards { lawful_only: false, no_worse: false, ..question.standards },
        ..question.clone()
    };
    Some(settled::Counted::of(&today, &open, &goes?, minutes).tally)
}

/// The cheapest plans as a minute counts for more and more: fewer minutes for more money, one after the other.
///
/// # Errors
/// As [`plan`].
pub fn trade_off(
    question: &Question,
    minutes: &(dyn Fn(usize, usize) -> Minutes + Sync),
    factors: &[f64],
    budget: Budget,
) -> Result<Vec<(f64, SitesPlan)>, SitesError> {
    let with = |factor: f64| {
        let yuan_a_minute = question.prices.yuan_a_minute * factor;
        Question { prices: Prices { yuan_a_minute, ..question.prices }, ..question.clone() }
    };
    factors.iter().map(|f| Ok((*f, plan(&with(*f), minutes, budget)?))).collect()
}

/// The problem of facility location whose sites are the forms.
fn facilities(
    question: &Question,
    (held, living): (&[bool], &[usize]),
    forms: &[(u32, usize)],
    minutes: &(dyn Fn(usize, usize) -> Minutes + Sync),
) -> Result<Facilities, SitesError> {
    let form = |(site, form): (u32, usize)| &question.sites[site as usize].forms[form];
    let mut by_site = Vec::with_capacity(living.len() * forms.len());
    for &at in forms {
        for &at_group in living {
            let group = &question.groups[at_group];
            let minutes = minutes(group.village as usize, at.0 as usize);
            let standards = standards_of(question, held, at_group);
            let one = child(group, form(at), minutes, standards, question.prices);
            let change = changing(question, group, at.0);
            let yuan = one.map_or(f64::INFINITY, |c| c.yuan() + change);
            by_site.push(yuan * f64::from(group.children));
        }
    }
    let fixed: Vec<f64> = forms
        .iter()
        .map(|at| form(*at).yuan_a_year + question.prices.once_share * form(*at).yuan_once)
        .collect();
    // No plan of lawful ways costs as much as one unlawful way of one child.
    let lawful: f64 = (0..living.len())
        .map(|client| {
            (0..forms.len())
                .map(|at| by_site[at * living.len() + client])
                .filter(|c| c.is_finite())
                .fold(0.0, f64::max)
        })
        .sum();
    let unlawful = lawful + fixed.iter().sum::<f64>() + 1.0;
    for row in by_site.chunks_mut(living.len()) {
        for (cost, &group) in row.iter_mut().zip(living) {
            if cost.is_infinite() {
                *cost = unlawful * f64::from(question.groups[group].children);
            }
        }
    }
    let not_found = |_: PlanError| SitesError::NotFound;
    Ok(Facilities {
        costs: Costs::new(living.len(), by_site).map_err(not_found)?,
        demand: living.iter().map(|g| question.groups[*g].children).collect(),
        capacity: forms.iter().map(|at| i64::from(form(*at).places)).collect(),
        fixed,
        places: Some(Places::new(
            forms.iter().map(|f| f.0).collect(),
            question.sites.iter().map(|s| s.kept && !s.forms.is_empty()).collect(),
        )),
    })
}

#[cfg(test)]
mod tests;
