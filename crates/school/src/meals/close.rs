use std::collections::BTreeMap;

use super::{Book, Claimed, Over};
use crate::Days;

/// Meals of a class, a school or a county in a month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Meals owed: children enrolled × school days on which the school was open.
    pub due: u64,
    /// Counted present on days that were marked.
    pub present: u64,
    /// Counted served.
    pub served: u64,
    /// Claimed, on any day.
    pub claimed: u64,
    /// Of what was served, to who was there: what the first two counts bear, on days that have both.
    pub backed: u64,
    /// Of what is claimed, proved by all three counts.
    pub proved: u64,
    /// Claimed beyond what the counts prove.
    pub over: u64,
    /// Claimed on days on which a count is missing: neither proved nor accused.
    pub unproven: u64,
    /// Served to who was there, and not claimed.
    pub unclaimed: u64,
    /// Class days that should have been marked.
    pub class_days: u64,
    /// Of those, marked with all three counts.
    pub marked: u64,
}

impl Totals {
    fn add(&mut self, other: &Self) {
        for (sum, n) in [
            (&mut self.due, other.due),
            (&mut self.present, other.present),
            (&mut self.served, other.served),
            (&mut self.claimed, other.claimed),
            (&mut self.backed, other.backed),
            (&mut self.proved, other.proved),
            (&mut self.over, other.over),
            (&mut self.unproven, other.unproven),
            (&mut self.unclaimed, other.unclaimed),
            (&mut self.class_days, other.class_days),
            (&mut self.marked, other.marked),
        ] {
            *sum += n;
        }
    }
}

/// A class in a closed month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClassClose {
    /// Its meals.
    pub totals: Totals,
    /// School days on which it is not marked.
    pub unmarked: Days,
}

/// A school in a closed month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SchoolClose {
    /// Its meals, by the counts of its classes.
    pub totals: Totals,
    /// Meals claimed by name.
    pub named: u64,
    /// Of those, not proved.
    pub named_over: u64,
    /// What can be paid: proved by the counts, and where names were sent no more than they prove.
    pub payable: u64,
}

/// Meals that were claimed and are not proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Position of the school that claims.
    pub school: u32,
    /// Position of the class; `None`: found by name.
    pub class: Option<u32>,
    /// Day of the month; `None`: the list says how many days and not which.
    pub day: Option<i8>,
    /// For whom; `None`: found by the counts of a class.
    pub person: Option<u64>,
    /// Why.
    pub why: Over,
    /// How many meals; above zero.
    pub meals: u32,
    /// What the counts were: enrolled or owed, present, served, claimed.
    pub counts: [Option<u32>; 4],
    /// The source row.
    pub source: u64,
}

/// A month, closed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Close {
    /// By position of the school.
    pub schools: Vec<SchoolClose>,
    /// By position of the class.
    pub classes: Vec<ClassClose>,
    /// What is not proved: of classes by school, class and day, then of names by school, person and day.
    pub findings: Vec<Finding>,
    /// The county.
    pub totals: Totals,
}

/// Sets the three counts of a month against each other, and each child's claims against its own days.
///
/// Due = proved + missing for no count is invented: claimed = proved + over + unproven, for every class and school.
/// Linear in class days and claims, but for sorting them.
pub fn close(book: &Book) -> Close {
    let mut out = Close {
        schools: vec![SchoolClose::default(); book.schools.len()],
        classes: vec![ClassClose::default(); book.classes.len()],
        ..Close::default()
    };
    by_counts(book, &mut out);
    let with_names = by_names(book, &mut out);
    for (at, (school, named)) in out.schools.iter_mut().zip(with_names).enumerate() {
        let names = school.named - school.named_over;
        let counts = if book.schools[at].claims_by_name {
            school.totals.backed
        } else {
            school.totals.proved
        };
        let by_name = book.schools[at].claims_by_name;
        school.payable = match (named, by_name) {
            (true, _) => counts.min(names),
            (false, true) => 0,
            (false, false) => counts,
        };
        out.totals.add(&school.totals);
    }
    out.findings.sort_by_key(|f| (f.person.is_some(), f.school, f.class, f.person, f.day, f.why));
    out
}

fn by_counts(book: &Book, out: &mut Close) {
    // What is claimed for one child beyond the enrolled is seen here as well as on the list of names.
    let mut days: Vec<usize> = (0..book.days.len()).collect();
    days.sort_by_key(|&at| (book.days[at].class, book.days[at].day, at));
    let mut seen = vec![Days::NONE; book.classes.len()];
    for pair in days.chunk_by(|&a, &b| {
        (book.days[a].class, book.days[a].day) == (book.days[b].class, book.days[b].day)
    }) {
        let day = &book.days[*pair.last().expect("a chunk has a member")];
        let class = &book.classes[day.class as usize];
        let school = &book.schools[class.school as usize];
        let totals = &mut out.classes[day.class as usize].totals;
        let claimed = day.claimed.unwrap_or(0);
        totals.claimed += u64::from(claimed);
        let mut found = |why, meals: u32, totals: &mut Totals| {
            totals.over += u64::from(meals);
            if meals > 0 {
                out.findings.push(Finding {
                    school: class.school,
                    class: Some(day.class),
                    day: Some(day.day),
                    person: None,
                    why,
                    meals,
                    counts: [Some(class.enrolled), day.present, day.served, day.claimed],
                    source: day.source,
                });
            }
        };
        if !school.open.has(day.day) {
            let why = if school.merged.has(day.day) { Over::Double } else { Over::Closed };
            found(why, claimed, totals);
            continue;
        }
        if !school.lessons.has(day.day) {
            found(Over::OffDay, claimed, totals);
            continue;
        }
        totals.present += u64::from(day.present.unwrap_or(0));
        totals.served += u64::from(day.served.unwrap_or(0));
        if let (Some(present), Some(served)) = (day.present, day.served) {
            totals.backed += u64::from(present.min(served));
            if day.claimed.is_none() && school.claims_by_name {
                seen[day.class as usize].insert(day.day);
            }
        }
        let (Some(present), Some(served), Some(_)) = (day.present, day.served, day.claimed) else {
            totals.unproven += u64::from(claimed);
            continue;
        };
        seen[day.class as usize].insert(day.day);
        let proved = claimed.min(present).min(served);
        totals.proved += u64::from(proved);
        totals.unclaimed += u64::from(present.min(served) - proved);
        // Who was not there could not be served: absence says more than a plate too few.
        let why = if claimed > present { Over::Absent } else { Over::Unserved };
        found(why, claimed - proved, totals);
    }
    for (at, class) in book.classes.iter().enumerate() {
        let school = &book.schools[class.school as usize];
        let close = &mut out.classes[at];
        let days = if school.takes_part { school.lessons & school.open } else { Days::NONE };
        close.unmarked = days.without(seen[at]);
        close.totals.due = u64::from(class.enrolled) * u64::from(days.len());
        close.totals.class_days = u64::from(days.len());
        close.totals.marked = u64::from((days & seen[at]).len());
        out.schools[class.school as usize].totals.add(&close.totals);
    }
}

/// A child's right to meals at one school.
#[derive(Clone, Copy, Default)]
struct Own {
    enrolled: Days,
    absent: Days,
}

/// Returns for each school whether it sent names.
#[expect(clippy::too_many_lines, reason = "one short arm a reason")]
fn by_names(book: &Book, out: &mut Close) -> Vec<bool> {
    let mut own: BTreeMap<(u64, u32), Own> = BTreeMap::new();
    let mut away: BTreeMap<u64, Days> = BTreeMap::new();
    for pupil in &book.pupils {
        let school = book.classes[pupil.class as usize].school;
        let of = own.entry((pupil.person, school)).or_default();
        of.enrolled = of.enrolled | pupil.enrolled;
        of.absent = of.absent | pupil.absent;
        let away = away.entry(pupil.person).or_default();
        *away = *away | pupil.absent;
    }
    let mut with_names = vec![false; book.schools.len()];
    let mut claims: Vec<&super::NamedClaim> = book.claims.iter().collect();
    claims.sort_by_key(|c| (c.person, c.school, c.source));
    for of_person in claims.chunk_by(|a, b| a.person == b.person) {
        let person = of_person[0].person;
        for (at, claim) in of_person.iter().enumerate() {
            with_names[claim.school as usize] = true;
            let school = &book.schools[claim.school as usize];
            let own_here = own.get(&(person, claim.school)).copied();
            let here = own_here.unwrap_or_default();
            let can = here.enrolled & school.lessons & school.open;
            let may = can.without(here.absent);
            let others =
                || of_person.iter().enumerate().any(|(o, c)| o != at && c.school != claim.school);
            let claimed = match claim.days {
                Claimed::Days(days) => days.len(),
                Claimed::Count(n) => n,
            };
            out.schools[claim.school as usize].named += u64::from(claimed);
            let mut found = |why, day, meals: u32| {
                if meals > 0 {
                    out.schools[claim.school as usize].named_over += u64::from(meals);
                    out.findings.push(Finding {
                        school: claim.school,
                        class: None,
                        day,
                        person: Some(person),
                        why,
                        meals,
                        counts: [Some(can.len()), Some(may.len()), None, Some(claimed)],
                        source: claim.source,
                    });
                }
            };
            match claim.days {
                Claimed::Days(days) => {
                    let again = of_person[..at].iter().filter(|c| c.school == claim.school);
                    let before = again.fold(Days::NONE, |sum, c| match c.days {
                        Claimed::Days(days) => sum | days,
                        Claimed::Count(_) => sum,
                    });
                    for day in days.iter() {
                        let why = if before.has(day) {
                            Over::Double
                        } else if !school.open.has(day) {
                            if school.merged.has(day) { Over::Double } else { Over::Closed }
                        } else if !school.lessons.has(day) {
                            Over::OffDay
                        } else if !here.enrolled.has(day) {
                            if others() { Over::Double } else { Over::Stranger }
                        } else if here.absent.has(day) {
                            Over::Absent
                        } else {
                            continue;
                        };
                        found(why, Some(day), 1);
                    }
                }
                Claimed::Count(n) => {
                    let before: u32 = of_person[..at]
                        .iter()
                        .filter(|c| c.school == claim.school)
                        .map(|c| match c.days {
                            Claimed::Days(days) => days.len(),
                            Claimed::Count(n) => n,
                        })
                        .sum();
                    let left = may.len().saturating_sub(before);
                    let over = n.saturating_sub(left);
                    let why = if before > 0 && over > 0 {
                        Over::Double
                    } else if school.open.is_empty() {
                        if school.merged.is_empty() { Over::Closed } else { Over::Double }
                    } else if here.enrolled.is_empty() {
                        if others() { Over::Double } else { Over::Stranger }
                    } else if n > can.len() && !school.merged.is_empty() {
                        Over::Double
                    } else if n > can.len() && !school.lessons.without(school.open).is_empty() {
                        Over::Closed
                    } else if n > can.len() && can != school.lessons & school.open {
                        if others() { Over::Double } else { Over::Stranger }
                    } else if n > can.len() && here.absent.is_empty() {
                        Over::OffDay
                    } else {
                        Over::Absent
                    };
                    found(why, None, over);
                }
            }
        }
    }
    with_names
}
