//! Who goes where, counted again: children of households at schools, teachers at posts.

use super::{Fault, Said, figures, length, within};

/// `households`: children, and schools with minutes; `room[school]`; `goes`: schools and children of each household. The
/// objective is the minutes of all children.
///
/// # Errors
/// The first [`Fault`] found.
pub fn placed(
    households: &[(u32, Vec<(u32, u32)>)],
    room: &[i64],
    goes: &[Vec<(u32, u32)>],
    said: Said,
) -> Result<(), Fault> {
    length("家庭", households.len(), goes.len())?;
    let mut load = vec![0_i128; room.len()];
    let mut minutes = 0.0;
    for (at, ((children, schools), row)) in households.iter().zip(goes).enumerate() {
        let mut found = 0_i128;
        for &(school, number) in row {
            let to = school as usize;
            let way = schools.iter().find(|s| s.0 == school).filter(|_| to < room.len());
            let Some(way) = way else {
                return Err(Fault::NotThere { what: "家庭", at: at + 1, to: to + 1 });
            };
            minutes += f64::from(number) * f64::from(way.1);
            load[to] += i128::from(number);
            found += i128::from(number);
        }
        let wanted = i128::from(*children);
        if found != wanted {
            return Err(Fault::Amount { what: "家庭", at: at + 1, wanted, found });
        }
    }
    within("学校", &load, &mut room.iter().map(|r| i128::from(*r)))?;
    figures(minutes, said)
}

/// A teacher, as a checker sees them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// The post held today.
    pub post: Option<u32>,
    /// Whether they may not be moved.
    pub stays: bool,
    /// Other posts that they may go to.
    pub may_go: Vec<u32>,
}

/// How many teachers a post needs, and so can hold.
pub type Post = u32;

/// Every teacher is where they may be, no post has more than it needs, who stays is moved nowhere; and no more posts could be
/// filled: the most are counted by augmenting paths. Gives how many stay vacant.
///
/// # Errors
/// The first [`Fault`] found.
pub fn posts(teachers: &[Server], posts: &[Post], next: &[Option<u32>]) -> Result<usize, Fault> {
    length("教师", teachers.len(), next.len())?;
    let mut load = vec![0_i128; posts.len()];
    for (at, (teacher, to)) in teachers.iter().zip(next).enumerate() {
        let Some(to) = *to else { continue };
        let own = teacher.post == Some(to);
        let may =
            own || ((!teacher.stays || teacher.post.is_none()) && teacher.may_go.contains(&to));
        if !may || to as usize >= posts.len() {
            return Err(Fault::NotThere { what: "教师", at: at + 1, to: to as usize + 1 });
        }
        load[to as usize] += 1;
    }
    within("岗位", &load, &mut posts.iter().map(|p| i128::from(*p)))?;
    let filled: usize = next.iter().filter(|n| n.is_some()).count();
    let possible = most_filled(teachers, posts);
    if filled < possible {
        return Err(Fault::More { what: "有人的岗位", said: filled, possible });
    }
    Ok(posts.iter().map(|p| *p as usize).sum::<usize>() - filled)
}

/// The most teachers who can have a post at once (Kuhn's augmenting paths over posts with room for several).
fn most_filled(teachers: &[Server], posts: &[Post]) -> usize {
    let mut holds: Vec<Vec<usize>> = vec![Vec::new(); posts.len()];
    let mut filled = 0;
    for teacher in 0..teachers.len() {
        let mut seen = vec![false; posts.len()];
        // A path of teachers who each give way to the next: a stack of (teacher, next choice to try).
        filled += usize::from(give_way(teacher, teachers, posts, &mut holds, &mut seen));
    }
    filled
}

fn give_way(
    teacher: usize,
    teachers: &[Server],
    posts: &[Post],
    holds: &mut [Vec<usize>],
    seen: &mut [bool],
) -> bool {
    let of = &teachers[teacher];
    let others = of.may_go.iter().filter(|_| !of.stays || of.post.is_none());
    for post in of.post.iter().chain(others).map(|p| *p as usize) {
        if post >= posts.len() || seen[post] {
            continue;
        }
        seen[post] = true;
        if holds[post].len() < posts[post] as usize {
            holds[post].push(teacher);
            return true;
        }
        for at in 0..holds[post].len() {
            let other = holds[post][at];
            if give_way(other, teachers, posts, holds, seen) {
                holds[post][at] = teacher;
                return true;
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_placement_is_named() {
        let households = [(2, vec![(0, 10), (1, 20)]), (1, vec![(0, 5)])];
        let said = |minutes: f64| Said { objective: minutes, bound: minutes };
        let good = [vec![(1, 2)], vec![(0, 1)]];
        assert_eq!(placed(&households, &[1, 2], &good, said(45.0)), Ok(()));
        assert!(matches!(
            placed(&households, &[1, 2], &good, said(44.0)),
            Err(Fault::Objective { .. })
        ));
        assert!(matches!(
            placed(&households, &[1, 1], &good, said(45.0)),
            Err(Fault::Overfull { .. })
        ));
        let away = [vec![(1, 2)], vec![(1, 1)]];
        assert!(matches!(
            placed(&households, &[1, 3], &away, said(60.0)),
            Err(Fault::NotThere { .. })
        ));
        let lost = [vec![(1, 2)], vec![]];
        assert!(matches!(
            placed(&households, &[1, 2], &lost, said(40.0)),
            Err(Fault::Amount { .. })
        ));
    }

    #[test]
    fn a_post_that_could_be_filled_is_found() {
        let teacher = |post, stays, may_go: &[u32]| Server { post, stays, may_go: may_go.to_vec() };
        let teachers = [teacher(Some(0), false, &[1]), teacher(None, false, &[0])];
        assert_eq!(posts(&teachers, &[1, 1], &[Some(1), Some(0)]), Ok(0));
        let lazy = posts(&teachers, &[1, 1], &[Some(0), None]).unwrap_err();
        assert_eq!(lazy, Fault::More { what: "有人的岗位", said: 1, possible: 2 });
        let stays = [teacher(Some(0), true, &[1]), teacher(None, false, &[0])];
        assert_eq!(posts(&stays, &[1, 1], &[Some(0), None]), Ok(1));
        assert!(matches!(posts(&stays, &[1, 1], &[Some(1), Some(0)]), Err(Fault::NotThere { .. })));
    }
}
