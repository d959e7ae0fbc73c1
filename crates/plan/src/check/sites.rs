//! A plan of sites, counted again child by child from the figures of the question.

use super::{Fault, Said, figures, length, within};

/// Children of one village and band, as a checker sees them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Children {
    /// Their village, from 0.
    pub village: usize,
    /// Their band, from 0.
    pub band: u8,
    /// How many.
    pub number: u32,
    /// Whether they may board.
    pub may_board: bool,
    /// Whether they must not have to be accompanied.
    pub lawful_only: bool,
    /// The school of today, from 0.
    pub today: Option<u32>,
}

/// A form of a school, as a checker sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct School {
    /// Bit `n`: band `n` is taught.
    pub bands: u8,
    /// Children that fit.
    pub places: u32,
    /// Beds, canteen, bus.
    pub has: [bool; 3],
    /// Yuan a year, and once.
    pub yuan: (f64, f64),
}

/// What the question says of ways and money.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Terms {
    /// Longest walk of band 0 and of the others, and longest ride, in minutes.
    pub longest: ([f64; 2], f64),
    /// Farthest that who comes each day may live, in metres as the crow flies.
    pub radius_m: f64,
    /// Yuan a minute; accompanying, boarding; a bed, a seat in the bus; the yearly share of what is paid once; changing schools.
    pub yuan: [f64; 7],
}

/// For each site its open form, and for each group its sites and children.
pub type SitesChoice<'a> = (&'a [Option<usize>], &'a [Vec<(u32, u32)>]);

/// `schools[site][form]`, which form is open, who goes where, and what the plan says of itself.
///
/// # Errors
/// The first [`Fault`] found.
pub fn sites(
    children: &[Children],
    schools: &[Vec<School>],
    kept: &[bool],
    minutes: &dyn Fn(usize, usize) -> (f64, f64, f64),
    terms: Terms,
    (open, goes): SitesChoice,
    said: Said,
) -> Result<(), Fault> {
    length("学校", schools.len(), open.len())?;
    length("孩子", children.len(), goes.len())?;
    let [minute, accompany, board, bed, seat, share, change] = terms.yuan;
    let mut sum = 0.0;
    let mut room = vec![0_i128; schools.len()];
    for (at, (forms, form)) in schools.iter().zip(open).enumerate() {
        if let Some(form) = form {
            let form = forms.get(*form).ok_or(Fault::Site(at as u64 + 1))?;
            sum += form.yuan.0 + share * form.yuan.1;
            room[at] = i128::from(form.places);
        } else if kept[at] && !forms.is_empty() {
            return Err(Fault::Forms { place: at + 1, forms: 0 });
        }
    }
    let mut load = vec![0_i128; schools.len()];
    for (at, (group, row)) in children.iter().zip(goes).enumerate() {
        let mut found = 0_i128;
        for &(site, number) in row {
            let site = site as usize;
            let closed = Fault::Closed { client: at + 1, site: site as u64 + 1 };
            let Some(form) = open.get(site).copied().flatten() else { return Err(closed) };
            let form = schools[site][form];
            let (foot, ride, metres) = minutes(group.village, site);
            let longest_walk = terms.longest.0[usize::from(group.band > 0)];
            let near = metres <= terms.radius_m;
            let [beds, canteen, bus] = form.has;
            let week = foot.min(ride) * minute / 5.0;
            let mut ways = Vec::new();
            if near && foot <= longest_walk {
                ways.push(foot * minute * if canteen { 1.0 } else { 2.0 });
            }
            if near && bus && ride <= terms.longest.1 {
                ways.push(ride * minute + seat);
            }
            if beds && group.may_board {
                ways.push(board + bed + week);
            }
            if ways.is_empty() && !group.lawful_only {
                ways.push(accompany + week);
            }
            let least = ways.into_iter().reduce(f64::min);
            let Some(least) = least.filter(|_| form.bands & (1 << group.band) != 0) else {
                return Err(closed);
            };
            let moved = group.today.is_some_and(|t| t as usize != site);
            let least = least + if moved { change } else { 0.0 };
            sum += least * f64::from(number);
            load[site] += i128::from(number);
            found += i128::from(number);
        }
        let wanted = i128::from(group.number);
        if found != wanted {
            return Err(Fault::Amount { what: "孩子", at: at + 1, wanted, found });
        }
    }
    within("学校", &load, &mut room.into_iter())?;
    figures(sum, said)
}
