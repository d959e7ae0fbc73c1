use super::{Minutes, Question, changing, child, standards_of};
use crate::transport::Transport;

/// Children for whom nothing lawful is left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Missing {
    /// Their group.
    pub group: u32,
    /// How many.
    pub children: u32,
    /// The smallest change that helps them.
    pub change: Change,
}

/// The smallest change that helps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Change {
    /// Every lawful school is full: places there, or at one within reach.
    Places {
        /// The nearest of them.
        site: u32,
    },
    /// No school lies within the longest walk: it would have to be so many minutes, or there be a bus, a bed or a school.
    Walk {
        /// The nearest school that teaches them.
        site: u32,
        /// Minutes on foot.
        minutes: f64,
    },
    /// As for [`Change::Walk`], and nearer by bus: the longest ride would have to be so many minutes.
    Ride {
        /// The nearest school by bus.
        site: u32,
        /// Minutes by bus.
        minutes: f64,
    },
    /// No school teaches them at all.
    School,
}

/// What one child without a place counts in the search for the fewest such children.
const NOWHERE: i64 = 1 << 40;

/// The fewest children who get no lawful place if every school opens in all its forms at once: none, if there may be a plan.
pub(super) fn missing(
    question: &Question,
    held: &[bool],
    living: &[usize],
    minutes: &(dyn Fn(usize, usize) -> Minutes + Sync),
) -> Vec<Missing> {
    let largest = |site: &super::Site| site.forms.iter().map(|f| f.places).max().unwrap_or(0);
    let mut room: Vec<i64> = question.sites.iter().map(|s| i64::from(largest(s))).collect();
    let nowhere = u32::try_from(room.len()).expect("sites fit 32 bits");
    let all: i64 = living.iter().map(|g| i64::from(question.groups[*g].children)).sum();
    room.push(all);
    let mut transport = Transport::new(room);
    for &at_group in living {
        let group = &question.groups[at_group];
        let standards = standards_of(question, held, at_group);
        let mut offers = vec![(nowhere, NOWHERE)];
        for (at, site) in (0..nowhere).zip(&question.sites) {
            let way = minutes(group.village as usize, at as usize);
            let yuan = site
                .forms
                .iter()
                .filter_map(|form| child(group, form, way, standards, question.prices))
                .map(|c| c.yuan())
                .min_by(f64::total_cmp);
            if let Some(yuan) = yuan {
                let yuan = yuan + changing(question, group, at);
                offers.push((at, (yuan * 16.0) as i64));
            }
        }
        transport.push(group.children, offers);
    }
    let placed = transport.solve().expect("everybody may go nowhere");
    let mut missing = Vec::new();
    for (source, &group) in living.iter().enumerate() {
        let row = transport.row(source);
        let children = placed.flow[row.start];
        if children > 0 {
            let (sites, _) = transport.candidates(source);
            let change = smallest(question, group, &sites[1..], minutes);
            missing.push(Missing { group: group as u32, children, change });
        }
    }
    missing
}

/// The smallest change for one group, to whom these sites are lawful.
fn smallest(
    question: &Question,
    group: usize,
    lawful: &[u32],
    minutes: &(dyn Fn(usize, usize) -> Minutes + Sync),
) -> Change {
    let group = &question.groups[group];
    let way = |site: u32| minutes(group.village as usize, site as usize);
    let nearest = |sites: &mut dyn Iterator<Item = u32>, of: &dyn Fn(Minutes) -> f64| {
        sites.min_by(|a, b| of(way(*a)).total_cmp(&of(way(*b))))
    };
    if let Some(site) = nearest(&mut lawful.iter().copied(), &|m| m.foot) {
        return Change::Places { site };
    }
    let teaches = |site: &u32, with_bus: bool| {
        let forms = &question.sites[*site as usize].forms;
        forms.iter().any(|f| f.bands >> group.band & 1 == 1 && (f.bus || !with_bus))
    };
    let sites = 0..question.sites.len() as u32;
    let on_foot = nearest(&mut sites.clone().filter(|s| teaches(s, false)), &|m| m.foot);
    let by_bus = nearest(&mut sites.filter(|s| teaches(s, true)), &|m| m.ride);
    let beyond = |minutes: f64, most: f64| (minutes - most) / most.max(1.0);
    match (on_foot, by_bus) {
        (None, _) => Change::School,
        (Some(foot), Some(bus))
            if beyond(way(bus).ride, question.standards.ride_minutes)
                < beyond(way(foot).foot, question.standards.walk_of(group.band)) =>
        {
            Change::Ride { site: bus, minutes: way(bus).ride }
        }
        (Some(site), _) => Change::Walk { site, minutes: way(site).foot },
    }
}
