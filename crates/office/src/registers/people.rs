//! One person, one record: what the linked rows say together; and the households that persons form.

use std::collections::BTreeMap;

use rayon::prelude::*;

use fujiao_model::{CitizenId, Division, Ethnicity, Field, PartialDate, Relation, RosterKind, Sex};

use super::former::Former;
use super::{ByKind, Row};

/// A person of the register: each fact from the most trusted row that states it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Person {
    /// Stable id.
    pub id: u64,
    pub name: String,
    pub citizen_id: Option<CitizenId>,
    pub sex: Option<Sex>,
    pub born: Option<PartialDate>,
    pub ethnicity: Option<String>,
    pub phone: Option<String>,
    pub guardian_name: Option<String>,
    pub guardian_phone: Option<String>,
    /// Village where known, else town.
    pub place: Option<Division>,
    /// Position of the household in the register.
    pub household: Option<u32>,
}

/// A household of the register.
#[derive(Clone, Debug, Default)]
pub(crate) struct Household {
    /// Stable id.
    pub id: u64,
    pub number: String,
    /// Position of the head, or of the first member.
    pub head: u32,
    pub members: Vec<u32>,
    pub place: Option<Division>,
    /// Whether 农业农村 lists it as lifted or monitored.
    pub listed_poor: bool,
}

/// How far a roster is trusted for who somebody is: lower is better.
fn rank(kind: RosterKind) -> u8 {
    match kind {
        RosterKind::Residents => 0,
        RosterKind::PoorHouseholds => 1,
        RosterKind::Disability => 2,
        RosterKind::Enrolments => 3,
        RosterKind::Assistance | RosterKind::ChildWelfare => 4,
        RosterKind::Teachers | RosterKind::Labour | RosterKind::Exemptions => 5,
        RosterKind::LeftBehind => 6,
        _ => 7,
    }
}

/// The persons that the clusters name, in the order of their first rows, and each row's person (`u32::MAX` for rows about nobody).
pub(crate) fn persons(
    rows: &[Row],
    cluster: &[u32],
    place_of: &[Option<Division>],
    former: &Former,
) -> (Vec<Person>, Vec<u32>) {
    let mut person_of = vec![u32::MAX; rows.len()];
    let mut members: Vec<Vec<u32>> = Vec::new();
    let mut number: Vec<u32> = vec![u32::MAX; rows.len()];
    for (at, &of) in cluster.iter().enumerate() {
        if of == u32::MAX {
            continue;
        }
        let slot = &mut number[of as usize];
        if *slot == u32::MAX {
            *slot = u32::try_from(members.len()).expect("persons fit 32 bits");
            members.push(Vec::new());
        }
        members[*slot as usize].push(u32::try_from(at).expect("rows fit 32 bits"));
        person_of[at] = *slot;
    }
    let ids = person_ids(rows, &members, &former.claims(rows, cluster));
    let people = members
        .par_iter_mut()
        .zip(ids)
        .map(|(rows_of, id)| {
            rows_of.sort_by_key(|&at| {
                (rank(rows[at as usize].kind), std::cmp::Reverse(rows[at as usize].id))
            });
            golden(rows, rows_of, id, place_of)
        })
        .collect();
    (people, person_of)
}

/// A person keeps the id that most of the rows had in earlier runs, or claim for other reasons; else the id follows from the
/// smallest origin of a row.
fn person_ids(rows: &[Row], members: &[Vec<u32>], claimed: &BTreeMap<u32, u64>) -> Vec<u64> {
    let had = |r: u32| claimed.get(&r).copied().or(rows[r as usize].person_id);
    let mut claims: BTreeMap<u64, Vec<(usize, u32)>> = BTreeMap::new(); // old id → (rows that had it, cluster)
    for (at, of) in members.iter().enumerate() {
        let mut old: BTreeMap<u64, usize> = BTreeMap::new();
        for id in of.iter().filter_map(|&r| had(r)) {
            *old.entry(id).or_default() += 1;
        }
        for (id, n) in old {
            claims
                .entry(id)
                .or_default()
                .push((n, u32::try_from(at).expect("persons fit 32 bits")));
        }
    }
    let mut ids = vec![None; members.len()];
    let mut best: Vec<(usize, u64, u32)> = claims
        .into_iter()
        .flat_map(|(id, by)| by.into_iter().map(move |(n, at)| (n, id, at)))
        .collect();
    best.sort_by_key(|&(n, id, at)| (std::cmp::Reverse(n), id, at));
    let mut taken = std::collections::BTreeSet::new();
    for (_, id, at) in best {
        if ids[at as usize].is_none() && taken.insert(id) {
            ids[at as usize] = Some(id);
        }
    }
    members
        .iter()
        .zip(ids)
        .map(|(of, id)| {
            id.unwrap_or_else(|| {
                let mut fresh =
                    of.iter().map(|&r| rows[r as usize].origin).min().expect("a cluster has rows");
                while !taken.insert(fresh) {
                    fresh = super::stable_id("person", &fresh.to_string());
                }
                fresh
            })
        })
        .collect()
}

/// The date of birth that most rows give, the id counting twice: it was checked when it was issued, and a clerk may have
/// swapped day and month in any one row. Of equals the id's, else the most trusted row's; months only where no row has the day.
fn birth(id: Option<CitizenId>, rows: impl Iterator<Item = PartialDate>) -> Option<PartialDate> {
    let mut votes: Vec<(PartialDate, u32)> =
        id.map(|id| (PartialDate::full(id.born_on()), 2)).into_iter().collect();
    let mut vague = None;
    for date in rows {
        if date.date().is_none() {
            vague.get_or_insert(date);
            continue;
        }
        match votes.iter_mut().find(|(d, _)| *d == date) {
            Some((_, n)) => *n += 1,
            None => votes.push((date, 1)),
        }
    }
    let most = votes.iter().map(|(_, n)| *n).max();
    votes.into_iter().find(|(_, n)| Some(*n) == most).map(|(d, _)| d).or(vague)
}

/// The record of one person from rows in the order of trust.
fn golden(rows: &[Row], by_trust: &[u32], id: u64, place_of: &[Option<Division>]) -> Person {
    let fields = || by_trust.iter().map(|&at| &rows[at as usize].fields);
    let text = |field: Field| fields().find_map(|f| f.text(field)).map(str::to_owned);
    let citizen_id = fields().find_map(|f| f.id(Field::CitizenId));
    let born = birth(citizen_id, fields().filter_map(|f| f.date(Field::BirthDate)));
    let places = || by_trust.iter().filter_map(|&at| place_of[at as usize]);
    let place = places().max_by_key(|d| d.level());
    Person {
        id,
        name: text(Field::Name).unwrap_or_default(),
        citizen_id,
        sex: text(Field::Sex)
            .as_deref()
            .and_then(Sex::parse)
            .or_else(|| citizen_id.map(|id| id.sex())),
        born,
        ethnicity: text(Field::Ethnicity).map(|written| {
            Ethnicity::parse(&written).map_or(written, |known| known.chinese().to_owned())
        }),
        phone: text(Field::Phone),
        guardian_name: text(Field::GuardianName),
        guardian_phone: text(Field::GuardianPhone),
        place: places().next().map(|first| match place {
            Some(deeper) if first.contains(deeper) => deeper,
            _ => first,
        }),
        household: None,
    }
}

/// The households: those of the household register, and those that 农业农村 lists, one and the same where most members agree.
pub(crate) fn households(
    rows: &[Row],
    by_kind: &ByKind,
    person_of: &[u32],
    persons: &mut [Person],
) -> Vec<Household> {
    let mut households: Vec<Household> = Vec::new();
    let listed = |kind: RosterKind| {
        let mut lists: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        for &at in by_kind.get(kind) {
            if let Some(number) = rows[at as usize].fields.text(Field::HouseholdNo)
                && person_of[at as usize] != u32::MAX
            {
                lists.entry(number).or_default().push(at);
            }
        }
        lists
    };
    let head = |of: &[u32]| {
        let is_head = |at: &&u32| {
            rows[**at as usize].fields.text(Field::Relation) == Some(Relation::Head.code())
        };
        person_of[*of.iter().find(is_head).unwrap_or(&of[0]) as usize]
    };
    for (number, of) in listed(RosterKind::Residents) {
        let at = u32::try_from(households.len()).expect("households fit 32 bits");
        for &row in &of {
            persons[person_of[row as usize] as usize].household.get_or_insert(at);
        }
        households.push(Household {
            id: super::stable_id("household", number),
            number: number.to_owned(),
            head: head(&of),
            ..Household::default()
        });
    }
    for (number, of) in listed(RosterKind::PoorHouseholds) {
        let mut votes: BTreeMap<u32, usize> = BTreeMap::new();
        for &row in &of {
            if let Some(known) = persons[person_of[row as usize] as usize].household {
                *votes.entry(known).or_default() += 1;
            }
        }
        let best = votes.into_iter().max_by_key(|&(at, n)| (n, std::cmp::Reverse(at)));
        let at = match best {
            Some((at, n)) if n * 2 >= of.len() && !households[at as usize].listed_poor => at,
            _ => {
                households.push(Household {
                    id: super::stable_id("poor household", number),
                    number: number.to_owned(),
                    head: head(&of),
                    ..Household::default()
                });
                u32::try_from(households.len() - 1).expect("households fit 32 bits")
            }
        };
        households[at as usize].listed_poor = true;
        for &row in &of {
            // The list of 农业农村 decides who belongs to a listed household: training and aid go by it.
            persons[person_of[row as usize] as usize].household = Some(at);
        }
    }
    for (at, person) in persons.iter().enumerate() {
        if let Some(household) = person.household {
            households[household as usize]
                .members
                .push(u32::try_from(at).expect("persons fit 32 bits"));
        }
    }
    for household in &mut households {
        household.place = household
            .members
            .iter()
            .filter(|m| **m == household.head)
            .chain(&household.members)
            .find_map(|&m| persons[m as usize].place);
    }
    households
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_swapped_day_and_month_in_one_row_changes_nobodys_age() {
        let day = |text: &str| text.parse::<PartialDate>().unwrap();
        let id = CitizenId::compose(619_926, jiff::civil::date(2019, 11, 6), 533);
        let check = |id, rows: &[&str], want: Option<&str>| {
            assert_eq!(birth(id, rows.iter().map(|r| day(r))), want.map(day), "{rows:?}");
        };
        check(Some(id), &["2019-06-11"], Some("2019-11-06"));
        check(Some(id), &["2019-06-11", "2019-06-11", "2019-06-11"], Some("2019-06-11"));
        check(None, &["2019-06", "2019-11-06", "2019-06-11", "2019-06-11"], Some("2019-06-11"));
        check(None, &["2019-06"], Some("2019-06"));
        check(None, &[], None);
    }
}
