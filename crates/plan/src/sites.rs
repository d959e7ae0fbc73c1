//! Which schools and teaching points to keep, reopen, build, upgrade, give beds, a canteen or a bus, counting what families
//! pay and what the state pays.
//!
//! A family pays in minutes; beyond the lawful walk or ride in **陪读**: a parent rents a room near the school and earns nothing,
//! unless there is a bed, which costs boarding fees. The state pays for each form of each school that is open, for beds and for
//! seats in buses. A form is a size (classes within the limit of class sizes), the grades taught, and what it offers; the
//! cheapest choice of forms is a [`crate::cfl`] with a bound. Today, plan and difference stand side by side, and so does what
//! binds. Where no plan keeps the standards, the smallest change that helps is named.

mod parts;
mod short;
mod ways;

use crate::budget::Budget;
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
}

/// What must hold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standards {
    /// Longest walk one way.
    pub walk_minutes: f64,
    /// Longest ride one way.
    pub ride_minutes: f64,
    /// Whether every child must walk, ride or board: no family has to accompany one.
    pub lawful_only: bool,
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
}

/// A plan of sites beside today.
#[derive(Clone, Debug, PartialEq)]
pub struct SitesPlan {
    /// For each site the form in which it is open.
    pub open: Vec<Option<usize>>,
    /// For each group: sites and children.
    pub goes: Vec<Vec<(u32, u32)>>,
    /// Today; `None` where some group's school is not known.
    pub today: Option<Tally>,
    /// The plan.
    pub plan: Tally,
    /// What binds, what would save most first.
    pub binds: Vec<Binds>,
    /// Yuan a year of families and state together.
    pub objective: f64,
    /// No choice of sites costs less.
    pub bound: f64,
}

impl SitesPlan {
    /// How much cheaper another plan could be at most, as a share of this one's cost.
    pub fn optimality_gap(&self) -> f64 {
        ((self.objective - self.bound) / self.objective.abs().max(1.0)).max(0.0)
    }
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
    let missing = short::missing(question, &living, minutes);
    if !missing.is_empty() {
        return Err(SitesError::Short(missing));
    }
    let chosen = parts::choose(question, &living, minutes, budget)?;
    let counted = Counted::of(question, &chosen.open, &chosen.goes, minutes);
    if counted.unlawful > 0 {
        return Err(SitesError::NotFound);
    }
    let mut binds: Vec<Binds> = (0..)
        .zip(&chosen.price)
        .filter(|(_, yuan)| **yuan > 0.5)
        .map(|(site, &yuan)| Binds::ClassSize { site, yuan })
        .collect();
    let worth = |b: &Binds| if let Binds::ClassSize { yuan, .. } = b { *yuan } else { 0.0 };
    binds.sort_by(|a, b| worth(b).total_cmp(&worth(a)));
    if counted.beyond_walk > 0 {
        binds.push(Binds::Walk { children: counted.beyond_walk });
    }
    if counted.beyond_ride > 0 {
        binds.push(Binds::Ride { children: counted.beyond_ride });
    }
    Ok(SitesPlan {
        today: today(question, minutes),
        plan: counted.tally,
        open: chosen.open,
        goes: chosen.goes,
        binds,
        objective: chosen.objective,
        bound: chosen.bound,
    })
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
        standards: Standards { lawful_only: false, ..question.standards },
        ..question.clone()
    };
    Some(Counted::of(&today, &open, &goes?, minutes).tally)
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

/// What a choice means, counted child by child.
#[derive(Default)]
struct Counted {
    tally: Tally,
    /// Children with no lawful way.
    unlawful: u64,
    /// Children who live beyond the walk from their school.
    beyond_walk: u64,
    /// Children whom a bus of their school could fetch, were the ride not too long.
    beyond_ride: u64,
}

impl Counted {
    fn of(
        question: &Question,
        open: &[Option<usize>],
        goes: &[Vec<(u32, u32)>],
        minutes: &(dyn Fn(usize, usize) -> Minutes + Sync),
    ) -> Self {
        let mut counted = Self::default();
        let tally = &mut counted.tally;
        let mut load = vec![0_u64; question.sites.len()];
        for (group, row) in question.groups.iter().zip(goes) {
            for &(site, children) in row {
                let way = minutes(group.village as usize, site as usize);
                let n = u64::from(children);
                load[site as usize] += n;
                let form = open[site as usize].map(|f| question.sites[site as usize].forms[f]);
                let one =
                    form.and_then(|f| child(group, &f, way, question.standards, question.prices));
                let Some(one) = one else {
                    counted.unlawful += n;
                    continue;
                };
                match one.way {
                    Way::Walks => tally.walk += n,
                    Way::Rides => tally.ride += n,
                    Way::Boards => tally.board += n,
                    Way::Accompanied => tally.accompanied += n,
                }
                if matches!(one.way, Way::Walks | Way::Rides) {
                    tally.minutes += one.minutes * f64::from(children);
                    tally.farthest_minutes = tally.farthest_minutes.max(one.minutes);
                }
                tally.families_yuan += one.family_yuan * f64::from(children);
                tally.state_yuan += one.state_yuan * f64::from(children);
                counted.beyond_walk +=
                    if way.foot > question.standards.walk_minutes { n } else { 0 };
                let too_far = matches!(one.way, Way::Boards | Way::Accompanied)
                    && form.is_some_and(|f| f.bus)
                    && way.ride > question.standards.ride_minutes;
                counted.beyond_ride += if too_far { n } else { 0 };
            }
        }
        for ((site, form), load) in question.sites.iter().zip(open).zip(load) {
            let Some(form) = form.map(|f| site.forms[f]) else { continue };
            tally.schools += 1;
            tally.state_yuan += form.yuan_a_year;
            tally.once_yuan += form.yuan_once;
            tally.beyond_places += load.saturating_sub(u64::from(form.places));
        }
        counted
    }
}

#[cfg(test)]
mod tests;
