//! A course plan, counted again week by week and household by household.

use std::collections::{BTreeMap, BTreeSet};

use super::{Fault, Said, figures, length};

/// A session that could be held, as a checker sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class {
    /// Its room.
    pub room: u32,
    /// Its weeks.
    pub weeks: Vec<u32>,
    /// Who could give it; empty: nobody is needed.
    pub teachers: Vec<u32>,
    /// Households that it takes at least and at most.
    pub takes: (u32, u32),
    /// What it costs, and each who comes.
    pub yuan: (u32, u32),
}

/// A session that is held: which, by whom, and households from 0.
pub type HeldClass = (u32, Option<u32>, Vec<u32>);

/// No session is in a blocked week, no room and no teacher has two in a week, each has as many as it takes, no household goes
/// twice or where it has no points, and the money reaches. The objective is points, negated.
///
/// # Errors
/// The first [`Fault`] found.
pub fn courses(
    classes: &[Class],
    households: &[Vec<(u32, i64)>],
    (yuan, blocked): (i64, &[u32]),
    held: &[HeldClass],
    said: Said,
) -> Result<(), Fault> {
    let mut goes = vec![false; households.len()];
    let mut seen = BTreeSet::new();
    let mut rooms: BTreeMap<(u32, u32), u32> = BTreeMap::new();
    let mut busy: BTreeMap<(u32, u32), u32> = BTreeMap::new();
    let (mut spent, mut points) = (0_i128, 0_i128);
    for (session, teacher, come) in held {
        let class = classes.get(*session as usize).filter(|_| seen.insert(*session));
        let class = class.ok_or(Fault::Site(u64::from(*session) + 1))?;
        let at = *session as usize + 1;
        if let Some(week) = class.weeks.iter().find(|w| blocked.contains(w)) {
            return Err(Fault::NotThere { what: "班次", at, to: *week as usize });
        }
        let may = match teacher {
            Some(teacher) => class.teachers.contains(teacher),
            None => class.teachers.is_empty(),
        };
        if !may {
            let to = teacher.map_or(0, |t| t as usize + 1);
            return Err(Fault::NotThere { what: "班次", at, to });
        }
        let weeks: BTreeSet<u32> = class.weeks.iter().copied().collect();
        for week in weeks {
            let taken = [
                ("教室", rooms.insert((class.room, week), *session), class.room),
                (
                    "教师",
                    teacher.and_then(|t| busy.insert((t, week), *session)),
                    teacher.unwrap_or(0),
                ),
            ];
            if let Some((what, _, at)) = taken.into_iter().find(|(_, other, _)| other.is_some()) {
                return Err(Fault::Overfull { what, at: at as usize + 1, load: 2, capacity: 1 });
            }
        }
        let (least, most) = (i128::from(class.takes.0), i128::from(class.takes.1));
        let load = come.len() as i128;
        if load > most {
            return Err(Fault::Overfull { what: "班次", at, load, capacity: most });
        }
        if load < least {
            return Err(Fault::Amount { what: "班次", at, wanted: least, found: load });
        }
        spent += i128::from(class.yuan.0) + i128::from(class.yuan.1) * load;
        for household in come {
            let who = *household as usize;
            let row = households.get(who).filter(|_| !std::mem::replace(&mut goes[who], true));
            let of = row.and_then(|row| row.iter().filter(|c| c.0 == *session).map(|c| c.1).max());
            let not_there = Fault::NotThere { what: "户", at: who + 1, to: at };
            points += i128::from(of.ok_or(not_there)?);
        }
    }
    length("户", households.len(), goes.len())?;
    if spent > i128::from(yuan) {
        return Err(Fault::Overfull { what: "资金", at: 1, load: spent, capacity: yuan.into() });
    }
    figures(-(points as f64), said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_course_plan_is_named() {
        let class = |room, weeks: &[u32], teachers: &[u32]| Class {
            room,
            weeks: weeks.to_vec(),
            teachers: teachers.to_vec(),
            takes: (1, 2),
            yuan: (10, 1),
        };
        let classes = [class(0, &[1, 2], &[5]), class(0, &[3], &[5, 6]), class(1, &[2], &[5])];
        let households = [vec![(0, 9), (2, 4)], vec![(0, 3), (1, 4)]];
        let said = |points: f64| Said { objective: -points, bound: -points };
        let check = |held: &[HeldClass], yuan, points| {
            courses(&classes, &households, (yuan, &[9]), held, said(points))
        };
        let good = [(0, Some(5), vec![0]), (1, Some(6), vec![1])];
        assert_eq!(check(&good, 22, 13.0), Ok(()));
        assert!(matches!(check(&good, 21, 13.0), Err(Fault::Overfull { what: "资金", .. })));
        assert!(matches!(check(&good, 22, 12.0), Err(Fault::Objective { .. })));
        let busy = [(0, Some(5), vec![1]), (2, Some(5), vec![0])];
        assert!(matches!(check(&busy, 99, 7.0), Err(Fault::Overfull { what: "教师", .. })));
        let stranger = [(1, Some(7), vec![1])];
        assert!(matches!(check(&stranger, 99, 4.0), Err(Fault::NotThere { what: "班次", .. })));
        let empty = [(1, Some(5), vec![])];
        assert!(matches!(check(&empty, 99, 0.0), Err(Fault::Amount { .. })));
        let twice = [(0, Some(5), vec![1]), (1, Some(5), vec![1])];
        assert!(matches!(check(&twice, 99, 7.0), Err(Fault::NotThere { what: "户", .. })));
        let blocked = courses(&classes, &households, (99, &[2]), &good, said(13.0));
        assert!(matches!(blocked, Err(Fault::NotThere { what: "班次", at: 1, to: 2 })));
        let room = [class(0, &[1], &[]), class(0, &[1], &[])];
        let both = [(0, None, vec![0]), (1, None, vec![1])];
        let found = courses(&room, &households, (99, &[]), &both, said(13.0));
        assert!(matches!(found, Err(Fault::Overfull { what: "教室", .. })));
    }
}
