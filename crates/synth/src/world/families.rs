//! Families over three generations.

use fujiao_model::{AssistanceKind, HouseholdKind, LabourAbility, Relation, Sex};
use jiff::Span;
use jiff::civil::{Date, date};

use super::{Disability, Household, NONE, Person, World, age};
use crate::names::Name;
use crate::rng::Rng;

/// A person before the household is put together.
struct Draft {
    relation: Relation,
    sex: Sex,
    born: Date,
    name: Name,
    /// Positions in the household of father and mother.
    parents: [Option<usize>; 2],
    married_in: bool,
    dotted: bool,
}

/// Who lives together.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Couple,
    ThreeGenerations,
    OldCouple,
    OldSingle,
    Bachelor,
    GrownChildren,
    Grandparents,
    OneParent,
}

const SHAPES: [(Shape, u32); 8] = [
    (Shape::Couple, 33),
    (Shape::ThreeGenerations, 25),
    (Shape::OldCouple, 13),
    (Shape::OldSingle, 6),
    (Shape::Bachelor, 5),
    (Shape::GrownChildren, 12),
    (Shape::Grandparents, 3),
    (Shape::OneParent, 3),
];

/// Months in which registers are changed: none in which a term begins, nor the one before, so that "from 2023.10" leaves no
/// doubt about any term.
const MONTHS: [i8; 7] = [3, 4, 5, 6, 10, 11, 12];

/// A day between two years that is on no border of a term.
pub(crate) fn plain_day(from: i16, to: i16, rng: &mut Rng) -> Date {
    let year = rng.between(i32::from(from), i32::from(to));
    let day = rng.between(2, 27);
    date(
        i16::try_from(year).expect("a year"),
        *rng.pick(&MONTHS),
        i8::try_from(day).expect("a day of a month"),
    )
}

/// The last such day that is not after `latest`, else `latest` less a month.
pub(crate) fn plain_day_before(from: i16, latest: Date, rng: &mut Rng) -> Date {
    for _ in 0..12 {
        let day = plain_day(from, latest.year(), rng);
        if day < latest {
            return day;
        }
    }
    plain_day(latest.year() - 2, latest.year() - 1, rng)
}

struct Maker<'a> {
    rng: Rng,
    as_of: Date,
    county: u8,
    /// Ids given out by area, day and sex.
    given: &'a mut [u16],
}

const DAYS: usize = 77_000;
/// Areas 6199 00 to 6199 39 are in use here.
const AREAS: usize = 40;

fn day_number(day: Date) -> usize {
    let days = (day - date(1890, 1, 1)).get_days();
    usize::try_from(days).expect("nobody was born before 1890").min(DAYS - 1)
}

impl Maker<'_> {
    fn day_of_year(&mut self, year: i16) -> Date {
        let day = date(year, 1, 1)
            .checked_add(Span::new().days(i64::from(self.rng.below(365))))
            .expect("a day of the year");
        if day < self.as_of {
            day
        } else {
            self.as_of
                .checked_sub(Span::new().days(i64::from(self.rng.between(1, 60))))
                .expect("long after 1890")
        }
    }

    /// A free number of area, day and sex; twins get numbers that follow each other.
    fn id(&mut self, married_in: bool, born: Date, sex: Sex) -> (u8, u16) {
        let mut area = if married_in && self.rng.chance(0.5) {
            u8::try_from(1 + self.rng.below(29)).expect("below 30")
        } else {
            self.county
        };
        loop {
            let slot =
                (usize::from(area) * DAYS + day_number(born)) * 2 + usize::from(sex == Sex::Male);
            let n = self.given[slot];
            if n < 499 {
                self.given[slot] = n + 1;
                let start = u16::try_from((slot * 7_919) % 499).expect("below 499");
                let k = (start + n) % 499;
                return (area, if sex == Sex::Male { 2 * k + 1 } else { 2 * k + 2 });
            }
            area = (area + 1) % u8::try_from(AREAS).expect("few areas");
        }
    }

    fn adult(&mut self, relation: Relation, sex: Sex, years: i32, surname: u8) -> Draft {
        let year = self.as_of.year() - i16::try_from(years).expect("an age");
        let born = self.day_of_year(year);
        let name = Name::given(surname, sex == Sex::Male, year, None, &mut self.rng);
        Draft {
            relation,
            sex,
            born,
            name,
            parents: [None, None],
            married_in: relation == Relation::Spouse || relation == Relation::ChildInLaw,
            dotted: false,
        }
    }

    fn couple(
        &mut self,
        home: &mut Vec<Draft>,
        years: i32,
        heads: bool,
        surname: u8,
    ) -> [usize; 2] {
        let (him, her) = if heads {
            (Relation::Head, Relation::Spouse)
        } else {
            (Relation::Son, Relation::ChildInLaw)
        };
        let husband = self.adult(him, Sex::Male, years, surname);
        let younger = years - self.rng.between(-1, 5);
        let own = Name::surname(&mut self.rng);
        let wife = self.adult(her, Sex::Female, younger.max(20), own);
        home.push(husband);
        home.push(wife);
        [home.len() - 2, home.len() - 1]
    }

    /// Children of a mother, eldest first; those who would have left home by now mostly have.
    fn children(
        &mut self,
        home: &mut Vec<Draft>,
        parents: [Option<usize>; 2],
        grand: bool,
        surname: u8,
    ) {
        let mother = parents[1].or(parents[0]).expect("a child has a parent");
        let count = self.rng.weighted(&[(0_u32, 4), (1, 32), (2, 49), (3, 13), (4, 2)]);
        let shared = self.rng.chance(0.35).then(|| Name::generation(&mut self.rng));
        let mut year = i32::from(home[mother].born.year()) + self.rng.between(21, 29);
        for _ in 0..count {
            if year > i32::from(self.as_of.year()) {
                break;
            }
            let recent = year > 2017 && self.rng.chance(0.22);
            let grown = i32::from(self.as_of.year()) - year;
            let left = (grown > 23 && self.rng.chance(0.75)) || grown > 32;
            if !recent && !left {
                let sex = if self.rng.chance(0.525) { Sex::Male } else { Sex::Female };
                let year = i16::try_from(year).expect("a year");
                let born = self.day_of_year(year);
                let name = Name::given(surname, sex == Sex::Male, year, shared, &mut self.rng);
                let relation = match (grand, sex) {
                    (true, _) => Relation::Grandchild,
                    (false, Sex::Male) => Relation::Son,
                    (false, Sex::Female) => Relation::Daughter,
                };
                let child = |name, sex, relation| Draft {
                    relation,
                    sex,
                    born,
                    name,
                    parents,
                    married_in: false,
                    dotted: false,
                };
                home.push(child(name, sex, relation));
                if self.rng.chance(0.013) {
                    let same = self.rng.chance(0.7);
                    let other = match (same, sex) {
                        (true, _) => sex,
                        (false, Sex::Male) => Sex::Female,
                        (false, Sex::Female) => Sex::Male,
                    };
                    let twin = name.twin(other == Sex::Male, year, &mut self.rng);
                    let relation = match (grand, other) {
                        (true, _) => Relation::Grandchild,
                        (false, Sex::Male) => Relation::Son,
                        (false, Sex::Female) => Relation::Daughter,
                    };
                    home.push(child(twin, other, relation));
                }
            }
            year += self.rng.between(2, 6);
        }
    }

    /// A family: the head first.
    fn family(&mut self, shape: Shape) -> Vec<Draft> {
        let surname = Name::surname(&mut self.rng);
        let mut home = Vec::with_capacity(6);
        match shape {
            Shape::Couple | Shape::GrownChildren => {
                let years = if shape == Shape::Couple {
                    self.rng.between(25, 48)
                } else {
                    self.rng.between(44, 56)
                };
                let both = self.couple(&mut home, years, true, surname);
                self.children(&mut home, both.map(Some), false, surname);
                if self.rng.chance(0.18) {
                    let elder = self.adult(Relation::Parent, Sex::Female, years + 24, surname);
                    home.push(elder);
                }
            }
            Shape::ThreeGenerations => {
                let years = self.rng.between(48, 70);
                let both = self.couple(&mut home, years, true, surname);
                let young = (years - self.rng.between(22, 28)).max(21);
                let parents = self.couple(&mut home, young, false, surname);
                home[parents[0]].parents = both.map(Some);
                self.children(&mut home, parents.map(Some), true, surname);
            }
            Shape::OldCouple => {
                let years = self.rng.between(55, 86);
                self.couple(&mut home, years, true, surname);
            }
            Shape::OldSingle | Shape::Bachelor => {
                let old = shape == Shape::OldSingle;
                let years = if old { self.rng.between(60, 90) } else { self.rng.between(24, 57) };
                let male = !old || self.rng.chance(0.5);
                let sex = if male { Sex::Male } else { Sex::Female };
                let head = self.adult(Relation::Head, sex, years, surname);
                home.push(head);
            }
            Shape::Grandparents => {
                let years = self.rng.between(52, 72);
                let both = self.couple(&mut home, years, true, surname);
                // The parents are not in the household: the children's age is counted from a mother who would be 24 younger.
                let young = (years - 25).max(21);
                let absent = self.couple(&mut home, young, false, surname);
                let from = home.len();
                self.children(&mut home, absent.map(Some), true, surname);
                for child in &mut home[from..] {
                    child.parents = [None, None];
                }
                home.drain(absent[0]..=absent[1]);
                let _ = both;
            }
            Shape::OneParent => {
                let years = self.rng.between(28, 48);
                let sex = if self.rng.chance(0.55) { Sex::Male } else { Sex::Female };
                let head = self.adult(Relation::Head, sex, years, surname);
                home.push(head);
                let parents = if sex == Sex::Male { [Some(0), None] } else { [None, Some(0)] };
                self.children(&mut home, parents, false, surname);
            }
        }
        if self.rng.chance(0.004) {
            for member in &mut home {
                member.name = Name::dotted(&mut self.rng);
                member.dotted = true;
            }
        }
        home
    }
}

/// Fills the villages of the world with families.
pub(super) fn settle(world: &mut World) {
    let seed = world.order.seed;
    let as_of = world.order.as_of;
    let mut given = vec![0_u16; AREAS * DAYS * 2];
    let weights: Vec<f64> = {
        let mut rng = Rng::new(seed, "villages");
        let seat = |v: &super::Village| world.towns[usize::from(v.town)].seat;
        world
            .villages
            .iter()
            .map(|v| (0.5 + rng.unit()) * if seat(v) { 1.6 } else { 1.0 })
            .collect()
    };
    let all: f64 = weights.iter().sum();
    let mut share = 0.0;
    let county = u8::try_from(world.county.code % 100).expect("below 100").min(39);
    for (at, weight) in weights.iter().enumerate() {
        share += weight;
        // The last village takes what is left, so that the county has just the people ordered.
        let upto = if at + 1 == world.villages.len() {
            world.order.people
        } else {
            people_share(world.order.people, share / all)
        };
        let rng = Rng::new(seed, &format!("village {}", world.villages[at].code));
        let mut maker = Maker { rng, as_of, county, given: &mut given };
        village(world, at, upto, &mut maker);
    }
    for town in &mut world.towns {
        let villages = town.villages.start as usize..town.villages.end as usize;
        if let (Some(first), Some(last)) =
            (world.villages[villages.clone()].first(), world.villages[villages].last())
        {
            town.households = first.households.start..last.households.end;
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of the people ordered lies between 0 and that number"
)]
fn people_share(people: u32, share: f64) -> u32 {
    ((f64::from(people) * share) as u32).min(people)
}

fn village(world: &mut World, at: usize, upto: u32, maker: &mut Maker<'_>) {
    let start = u32::try_from(world.households.len()).expect("below 2^32 households");
    let seat = world.towns[usize::from(world.villages[at].town)].seat;
    let poverty = if seat { 0.07 } else { 0.18 + 0.2 * maker.rng.unit() };
    while world.persons.len() < upto as usize {
        let shape = maker.rng.weighted(&SHAPES);
        let mut drafts = maker.family(shape);
        drafts.truncate(upto as usize - world.persons.len());
        add(world, at, shape, &drafts, poverty, seat, maker);
    }
    let end = u32::try_from(world.households.len()).expect("below 2^32 households");
    world.villages[at].households = start..end;
}

fn add(
    world: &mut World,
    village: usize,
    shape: Shape,
    drafts: &[Draft],
    poverty: f64,
    seat: bool,
    maker: &mut Maker<'_>,
) {
    let as_of = maker.as_of;
    let number = u32::try_from(world.households.len()).expect("below 2^32 households");
    let first = u32::try_from(world.persons.len()).expect("below 2^32 people");
    let needy = matches!(
        shape,
        Shape::OldSingle | Shape::Bachelor | Shape::Grandparents | Shape::OneParent
    );
    let rng = &mut maker.rng;
    let mut home = Household {
        village: u16::try_from(village).expect("few villages"),
        first,
        len: u8::try_from(drafts.len()).expect("small families"),
        group: u8::try_from(rng.between(1, 6)).expect("below 7"),
        kind: HouseholdKind::Ordinary,
        identified: None,
        cleared: None,
        lifted_year: 0,
        relocated: 0,
        assistance: None,
        parents_away: rng.chance(0.42),
        moved_out: rng.chance(0.012).then(|| plain_day_before(as_of.year() - 3, as_of, rng)),
    };
    poor(&mut home, poverty * if needy { 1.5 } else { 1.0 }, seat, as_of, rng);
    if home.kind.once_registered() && rng.chance(0.16) {
        home.relocated = u8::try_from(rng.between(1, 3)).expect("three sites");
    }
    assist(&mut home, needy, shape == Shape::OldSingle, seat, as_of, rng);
    let minority = if rng.chance(0.015) { *rng.pick(&[1_u8, 2, 5]) } else { 0 };
    for draft in drafts {
        // Numbers of one area, day and sex follow each other, so twins differ in the last digits alone.
        let (id_area, id_sequence) = maker.id(draft.married_in, draft.born, draft.sex);
        let person = person(draft, number, minority, id_area, id_sequence, maker);
        world.persons.push(person);
    }
    guardians(world, first, drafts, shape, &home, maker);
    world.households.push(home);
}

fn person(
    draft: &Draft,
    household: u32,
    minority: u8,
    id_area: u8,
    id_sequence: u16,
    maker: &mut Maker<'_>,
) -> Person {
    let as_of = maker.as_of;
    let rng = &mut maker.rng;
    let years = age(draft.born, as_of);
    let died = (years >= 58 && rng.chance(0.025) || rng.chance(0.0006))
        .then(|| plain_day_before(as_of.year() - 3, as_of, rng))
        .filter(|d| *d > draft.born);
    let disability = rng.chance(if years < 18 { 0.012 } else { 0.03 }).then(|| {
        // Cards run ten years; the oldest in the register ran out within the last three.
        let issued = plain_day_before((as_of.year() - 13).max(draft.born.year() + 1), as_of, rng);
        let valid_to = date(issued.year() + 10, issued.month(), issued.day());
        Disability {
            kind: u8::try_from(rng.between(1, 7)).expect("seven kinds"),
            grade: rng.weighted(&[(1_u8, 15), (2, 25), (3, 30), (4, 30)]),
            issued,
            valid_to,
        }
    });
    let severe = disability.is_some_and(|d| d.grade <= 2);
    let labour = match years {
        16..=59 if severe => LabourAbility::Lost,
        16..=59 => rng.weighted(&[
            (LabourAbility::Normal, 80),
            (LabourAbility::Skilled, 7),
            (LabourAbility::Weak, 10),
            (LabourAbility::Lost, 3),
        ]),
        60..=66 => rng.weighted(&[(LabourAbility::Weak, 50), (LabourAbility::None, 50)]),
        _ => LabourAbility::None,
    };
    let education = match draft.born.year() {
        _ if years < 7 => 0,
        _ if years < 13 => 1,
        _ if years < 16 => 2,
        _ if years < 19 => 3,
        i16::MIN..=1955 => rng.weighted(&[(0_u8, 45), (1, 45), (2, 10)]),
        1956..=1975 => rng.weighted(&[(0_u8, 8), (1, 45), (2, 40), (3, 7)]),
        1976..=1990 => rng.weighted(&[(1_u8, 18), (2, 60), (3, 12), (4, 6), (5, 4)]),
        _ => rng.weighted(&[(1_u8, 4), (2, 42), (3, 20), (4, 14), (5, 14), (6, 6)]),
    };
    let ethnicity = if draft.dotted {
        if draft.name.text().contains("卓玛") { 4 } else { 3 }
    } else {
        minority
    };
    Person {
        household,
        name: draft.name,
        born: draft.born,
        id_area,
        id_sequence,
        sex: draft.sex,
        relation: draft.relation,
        ethnicity,
        died,
        labour,
        education,
        disability,
        welfare: None,
        guardian: NONE,
        other_guardian: NONE,
    }
}

fn poor(home: &mut Household, poverty: f64, seat: bool, as_of: Date, rng: &mut Rng) {
    if !rng.chance(poverty) {
        return;
    }
    home.kind = rng.weighted(&[
        (HouseholdKind::Lifted, if seat { 60 } else { 88 }),
        (HouseholdKind::UnstableLifted, 4),
        (HouseholdKind::AtRiskMarginal, 5),
        (HouseholdKind::SuddenHardship, 4),
    ]);
    if home.kind.once_registered() {
        home.lifted_year = i16::try_from(rng.between(2016, 2020)).expect("a year");
    }
    if home.kind.is_monitored() {
        let identified = plain_day_before(2021, as_of, rng);
        home.identified = Some(identified);
        if rng.chance(0.45) {
            home.cleared =
                Some(plain_day_before(identified.year(), as_of, rng)).filter(|d| *d > identified);
        }
    } else {
        home.identified = Some(plain_day(2014, 2017, rng));
    }
}

fn assist(home: &mut Household, needy: bool, old: bool, seat: bool, as_of: Date, rng: &mut Rng) {
    let poor = home.kind != HouseholdKind::Ordinary;
    let share = match (poor, needy) {
        (true, true) => 0.4,
        (true, false) => 0.16,
        (false, true) => 0.06,
        (false, false) => 0.018,
    };
    if !rng.chance(share) {
        return;
    }
    let kind = if old && rng.chance(0.5) {
        if seat { AssistanceKind::ExtremeUrban } else { AssistanceKind::ExtremeRural }
    } else {
        rng.weighted(&[
            (if seat { AssistanceKind::DibaoUrban } else { AssistanceKind::DibaoRural }, 74),
            (AssistanceKind::DibaoEdge, 18),
            (AssistanceKind::RigidExpense, 8),
        ])
    };
    let from = plain_day_before(as_of.year() - 8, as_of, rng);
    let to =
        rng.chance(0.2).then(|| plain_day_before(from.year(), as_of, rng)).filter(|to| *to > from);
    home.assistance = Some((kind, from, to));
}

fn guardians(
    world: &mut World,
    first: u32,
    drafts: &[Draft],
    shape: Shape,
    home: &Household,
    maker: &mut Maker<'_>,
) {
    let position = |i: usize| first + u32::try_from(i).expect("small families");
    for (i, draft) in drafts.iter().enumerate() {
        let years = age(draft.born, maker.as_of);
        if years >= 23 {
            continue;
        }
        let mut adults: Vec<u32> = draft.parents.iter().flatten().map(|p| position(*p)).collect();
        if adults.is_empty()
            || (home.parents_away && shape == Shape::ThreeGenerations && maker.rng.chance(0.6))
        {
            adults = (0..drafts.len().min(2)).filter(|k| *k != i).map(position).collect();
        }
        adults.retain(|a| {
            (*a as usize) < world.persons.len()
                && age(world.persons[*a as usize].born, maker.as_of) >= 18
        });
        if maker.rng.chance(0.4) {
            adults.reverse();
        }
        let person = &mut world.persons[position(i) as usize];
        person.guardian = adults.first().copied().unwrap_or(NONE);
        person.other_guardian = adults.get(1).copied().unwrap_or(person.guardian);
        if shape == Shape::Grandparents && years < 18 {
            let kind = maker.rng.weighted(&[
                (Some(AssistanceKind::Orphan), 12),
                (Some(AssistanceKind::DefactoOrphan), 35),
                (None, 53),
            ]);
            person.welfare = kind.map(|kind| {
                (
                    kind,
                    plain_day_before(
                        (maker.as_of.year() - 6).max(draft.born.year() + 1),
                        maker.as_of,
                        &mut maker.rng,
                    ),
                )
            });
        }
    }
}
