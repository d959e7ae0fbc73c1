use super::{
    Binds, Minutes, Question, Tally, Way, changing, child, facilities, forms, held, standards_of,
    today,
};
use crate::cfl::Opened;

/// Which form of each site opens and who goes where, with what it costs: all that a plan follows from.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// For each site the form in which it is open.
    pub open: Vec<Option<usize>>,
    /// For each group: sites and children.
    pub goes: Vec<Vec<(u32, u32)>>,
    /// Yuan a year of families and state together.
    pub objective: f64,
    /// No choice of sites costs less.
    pub bound: f64,
}

impl Choice {
    /// Children at each site.
    pub fn load(&self) -> Vec<u64> {
        let mut load = vec![0; self.open.len()];
        for &(site, children) in self.goes.iter().flatten() {
            load[site as usize] += u64::from(children);
        }
        load
    }
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

    /// What it follows from, to be kept and settled again.
    pub fn choice(&self) -> Choice {
        Choice {
            open: self.open.clone(),
            goes: self.goes.clone(),
            objective: self.objective,
            bound: self.bound,
        }
    }
}

/// A choice with what it means; `None` if it is none of this question, or somebody would have no lawful way.
pub fn settle(
    question: &Question,
    choice: Choice,
    minutes: &(dyn Fn(usize, usize) -> Minutes + Sync),
) -> Option<SitesPlan> {
    let Choice { open, goes, objective, bound } = choice;
    let fits = open.len() == question.sites.len()
        && goes.len() == question.groups.len()
        && open.iter().zip(&question.sites).all(|(f, s)| f.is_none_or(|f| f < s.forms.len()))
        && goes.iter().flatten().all(|(site, _)| open.get(*site as usize).is_some());
    if !fits {
        return None;
    }
    let counted = Counted::of(question, &open, &goes, minutes);
    if counted.unlawful > 0 {
        return None;
    }
    let living: Vec<usize> =
        (0..question.groups.len()).filter(|g| question.groups[*g].children > 0).collect();
    let forms = forms(question);
    let problem =
        facilities(question, (&held(question, minutes), &living), &forms, minutes).ok()?;
    let opened: Vec<u32> = (0..forms.len() as u32)
        .filter(|at| open[forms[*at as usize].0 as usize] == Some(forms[*at as usize].1))
        .collect();
    let prices = Opened::solve(&problem, &opened, None)?.price;
    let mut binds: Vec<Binds> = opened
        .iter()
        .filter(|at| prices[**at as usize] > 0.5)
        .map(|at| Binds::ClassSize { site: forms[*at as usize].0, yuan: prices[*at as usize] })
        .collect();
    let worth = |b: &Binds| if let Binds::ClassSize { yuan, .. } = b { *yuan } else { 0.0 };
    binds.sort_by(|a, b| worth(b).total_cmp(&worth(a)));
    for (site, (form, &children)) in (0..).zip(open.iter().zip(&counted.load)) {
        if form.is_some() && children < u64::from(question.standards.least_children) {
            binds.push(Binds::LeastSize { site, children });
        }
    }
    if counted.beyond_walk > 0 {
        binds.push(Binds::Walk { children: counted.beyond_walk });
    }
    if counted.beyond_ride > 0 {
        binds.push(Binds::Ride { children: counted.beyond_ride });
    }
    if counted.beyond_radius > 0 {
        binds.push(Binds::Radius { children: counted.beyond_radius });
    }
    Some(SitesPlan {
        today: today(question, minutes),
        plan: counted.tally,
        open,
        goes,
        binds,
        objective,
        bound,
    })
}

/// What a choice means, counted child by child.
#[derive(Default)]
pub(super) struct Counted {
    pub(super) tally: Tally,
    /// Children with no lawful way.
    unlawful: u64,
    /// Children who live beyond the walk from their school.
    beyond_walk: u64,
    /// Children whom a bus of their school could fetch, were the ride not too long.
    beyond_ride: u64,
    /// Children who could walk or ride in time, were the radius larger.
    beyond_radius: u64,
    /// Children at each site.
    load: Vec<u64>,
}

impl Counted {
    pub(super) fn of(
        question: &Question,
        open: &[Option<usize>],
        goes: &[Vec<(u32, u32)>],
        minutes: &(dyn Fn(usize, usize) -> Minutes + Sync),
    ) -> Self {
        let held = held(question, minutes);
        let mut counted = Self::default();
        let tally = &mut counted.tally;
        let mut load = vec![0_u64; question.sites.len()];
        for (at, (group, row)) in question.groups.iter().zip(goes).enumerate() {
            let standards = standards_of(question, &held, at);
            for &(site, children) in row {
                let way = minutes(group.village as usize, site as usize);
                let n = u64::from(children);
                load[site as usize] += n;
                let form = open[site as usize].map(|f| question.sites[site as usize].forms[f]);
                let one = form.and_then(|f| child(group, &f, way, standards, question.prices));
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
                let family_yuan = one.family_yuan + changing(question, group, site);
                tally.families_yuan += family_yuan * f64::from(children);
                tally.state_yuan += one.state_yuan * f64::from(children);
                let (walk, ride) = (standards.walk_of(group.band), standards.ride_minutes);
                let has_bus = form.is_some_and(|f| f.bus);
                let is_away = matches!(one.way, Way::Boards | Way::Accompanied);
                counted.beyond_walk += if way.foot > walk { n } else { 0 };
                counted.beyond_ride += if is_away && has_bus && way.ride > ride { n } else { 0 };
                let in_time = way.foot <= walk || (has_bus && way.ride <= ride);
                let too_far = is_away && in_time && way.metres > standards.radius_m;
                counted.beyond_radius += if too_far { n } else { 0 };
            }
        }
        for ((site, form), load) in question.sites.iter().zip(open).zip(&load) {
            let Some(form) = form.map(|f| site.forms[f]) else { continue };
            tally.schools += 1;
            tally.state_yuan += form.yuan_a_year;
            tally.once_yuan += form.yuan_once;
            tally.beyond_places += load.saturating_sub(u64::from(form.places));
        }
        counted.load = load;
        counted
    }
}
