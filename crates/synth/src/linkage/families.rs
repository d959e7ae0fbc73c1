//! Families: who is whose brother, sister or twin, and what is true of each.

use fujiao_model::CitizenId;
use jiff::Span;
use jiff::civil::{Date, date};

use super::DEPARTMENTS;
use super::names::{Given, Tables};
use crate::rng::{Rng, hash};

/// A family has at most three births of at most two children.
const MOST_CHILDREN: usize = 6;
/// Share of births that are of twins.
pub(super) const TWINS: f64 = 0.015;
/// Families of a village, villages of a town, towns of a county: some 12 000 children and young people a county.
const FAMILIES: u64 = 75;
const VILLAGES: u64 = 10;
const TOWNS: u64 = 10;
/// Families of a county.
const COUNTY: u64 = FAMILIES * VILLAGES * TOWNS;

/// Who of a family stands in which lists: all that has to be known to count rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Outline {
    children: u8,
    /// Bit `c`: child `c` is the twin of child `c` − 1.
    twin: u8,
    /// Bit `d` of `lists[c]`: child `c` stands in the list of department `d`.
    lists: [u8; MOST_CHILDREN],
    /// Bit `d` of `twice[c]`: and stands there twice.
    twice: [u8; MOST_CHILDREN],
}

impl Outline {
    pub(super) fn draw(rng: &mut Rng, doubles: f64) -> Self {
        let mut outline = Self::default();
        for _ in 0..rng.weighted(&[(1, 50), (2, 38), (3, 12)]) {
            let first = usize::from(outline.children);
            outline.lists[first] = lists(rng);
            outline.children += 1;
            if rng.chance(TWINS) {
                outline.twin |= 1 << (first + 1);
                // Twins are mostly in the same class and on the same card.
                outline.lists[first + 1] =
                    if rng.chance(0.4) { outline.lists[first] } else { lists(rng) };
                outline.children += 1;
            }
        }
        if doubles > 0.0 {
            for child in 0..usize::from(outline.children) {
                for list in 0..DEPARTMENTS.len() {
                    if outline.lists[child] & 1 << list != 0 && rng.chance(doubles) {
                        outline.twice[child] |= 1 << list;
                    }
                }
            }
        }
        outline
    }

    /// Without as many of the last rows: those of the last child in the last lists.
    pub(super) fn without_last(mut self, mut rows: u64) -> Self {
        for child in (0..usize::from(self.children)).rev() {
            for list in (0..DEPARTMENTS.len()).rev() {
                for lists in [&mut self.twice, &mut self.lists] {
                    if rows > 0 && lists[child] & 1 << list != 0 {
                        lists[child] &= !(1 << list);
                        rows -= 1;
                    }
                }
            }
        }
        self
    }

    fn rows_of(&self, child: usize) -> u64 {
        u64::from(self.lists[child].count_ones() + self.twice[child].count_ones())
    }

    pub(super) fn rows(&self) -> u64 {
        (0..MOST_CHILDREN).map(|child| self.rows_of(child)).sum()
    }

    pub(super) fn rows_in(&self, list: usize) -> u64 {
        (0..MOST_CHILDREN).map(|child| self.copies(child, list)).sum()
    }

    /// Rows of a child in a list: none, one or two.
    pub(super) fn copies(&self, child: usize, list: usize) -> u64 {
        u64::from(self.lists[child] >> list & 1) + u64::from(self.twice[child] >> list & 1)
    }

    pub(super) fn persons(&self) -> u64 {
        (0..MOST_CHILDREN).map(|child| u64::from(self.lists[child] != 0)).sum()
    }

    pub(super) fn true_pairs(&self) -> u64 {
        (0..MOST_CHILDREN).map(|c| self.rows_of(c) * self.rows_of(c).saturating_sub(1) / 2).sum()
    }

    pub(super) fn twin_pairs(&self) -> u64 {
        (1..MOST_CHILDREN)
            .filter(|child| self.is_twin(*child))
            .map(|child| self.rows_of(child) * self.rows_of(child - 1))
            .sum()
    }

    fn is_twin(&self, child: usize) -> bool {
        self.twin >> child & 1 == 1
    }
}

/// The lists that a person stands in: 1.8 of them in the mean.
fn lists(rng: &mut Rng) -> u8 {
    let wanted = rng.weighted(&[(1, 535), (2, 248), (3, 112), (4, 74), (5, 31)]);
    let mut lists = 0_u8;
    while lists.count_ones() < wanted {
        let mut at = rng.below(DEPARTMENTS.iter().map(|d| d.share).sum());
        for (list, department) in DEPARTMENTS.iter().enumerate() {
            if at < department.share {
                lists |= 1 << list;
                break;
            }
            at -= department.share;
        }
    }
    lists
}

/// A child or young person.
pub(super) struct Child {
    pub(super) name: String,
    pub(super) id: CitizenId,
    pub(super) born: Date,
    pub(super) male: bool,
}

/// Father or mother.
pub(super) struct Parent {
    pub(super) name: String,
    pub(super) phone: String,
}

/// A family with all that is true of it.
pub(super) struct Family {
    pub(super) number: u64,
    /// Number of the village; [`village_code`] writes it.
    pub(super) village: u64,
    pub(super) father: Parent,
    pub(super) mother: Parent,
    /// Most lists name the mother.
    pub(super) mother_answers: bool,
    /// A number that they no longer have.
    pub(super) old_phone: String,
    /// The number of the village clerk, who is called when a family has none.
    pub(super) clerk_phone: String,
    pub(super) children: Vec<Child>,
}

impl Family {
    pub(super) fn new(
        seed: u64,
        number: u64,
        outline: &Outline,
        mut rng: Rng,
        tables: &Tables,
    ) -> Self {
        let rng = &mut rng;
        let village = number / FAMILIES;
        let births = usize::from(outline.children) - outline.twin.count_ones() as usize;
        let days = birthdays(seed, number, births, rng);
        let parents_born = 1900 + i16::try_from(rng.between(62, 90)).expect("two digits");
        let dotted = rng.chance(0.025);
        // Kin live together: three in ten families of a village bear its name.
        let mut clan = Rng::of(hash(seed ^ 0x636c_616e, village));
        let surname = if rng.chance(0.3) { tables.surname(&mut clan) } else { tables.surname(rng) };
        let (father, mother, head) = if dotted {
            let (head, mother) = (tables.dotted(rng), tables.dotted(rng));
            let name = |head: &str, rng: &mut Rng| format!("{head}·{}", tables.dotted(rng));
            (name(head, rng), name(mother, rng), Some(head))
        } else {
            let father = tables.given(true, parents_born, Given::Free, rng);
            let mother = tables.given(false, parents_born, Given::Free, rng);
            (format!("{surname}{father}"), format!("{}{mother}", tables.surname(rng)), None)
        };
        let generation = rng.chance(0.35).then(|| tables.generation(rng));
        let lane = lane(seed, number);
        let mut children: Vec<Child> = Vec::with_capacity(outline.children.into());
        let mut days = days.into_iter();
        let mut last_given = String::new();
        for child in 0..usize::from(outline.children) {
            let twin = outline.is_twin(child);
            let before = if twin { children.last() } else { None };
            let born = match before {
                Some(first) => first.born,
                None => days.next().expect("a day for each birth"),
            };
            let male = match before {
                Some(first) if rng.chance(0.66) => first.male,
                _ => rng.chance(0.53),
            };
            let given = loop {
                let given = if head.is_some() {
                    tables.dotted(rng).to_owned()
                } else if before.is_some() && rng.chance(0.75) {
                    tables.given(male, born.year(), Given::TwinOf(&last_given), rng)
                } else {
                    let shared = generation.map_or(Given::Free, Given::Generation);
                    tables.given(male, born.year(), shared, rng)
                };
                // No two children of a family have one name.
                if given != last_given {
                    break given;
                }
            };
            let name = match head {
                Some(head) => format!("{given}·{head}"),
                None => format!("{surname}{given}"),
            };
            last_given = given;
            // The second twin has the next number of its sex. No number is 000.
            let order = match before {
                Some(first) if first.male == male => even_digit(&first.id) + 2,
                Some(first) => even_digit(&first.id),
                None => *rng.pick(&[2, 6]),
            };
            let sequence = lane * 10 + order + u16::from(male);
            let area = before.map_or_else(|| area(number, rng), |first| area_of(&first.id));
            let id = CitizenId::compose(area, born, sequence);
            children.push(Child { name, id, born, male });
        }
        Self {
            number,
            village,
            father: Parent { name: father, phone: phone(rng) },
            mother: Parent { name: mother, phone: phone(rng) },
            mother_answers: rng.chance(0.4),
            old_phone: phone(rng),
            clerk_phone: phone(&mut Rng::of(hash(seed ^ 0x636c_6572, village))),
            children,
        }
    }
}

/// The even number that the last digit of the sequence starts from.
fn even_digit(id: &CitizenId) -> u16 {
    u16::from(id.reveal().as_bytes()[16] - b'0') & !1
}

fn area_of(id: &CitizenId) -> u32 {
    id.reveal()[..6].parse().expect("six digits")
}

/// Days of birth, eldest first.
///
/// Within a county the families of one lane, whose ids share area and first two digits of the sequence, are 75, and no two of
/// them are born on days of one residue modulo 75: so no two persons have one id, and nobody has to remember which are taken.
fn birthdays(seed: u64, family: u64, births: usize, rng: &mut Rng) -> Vec<Date> {
    let first = date(1988, 1, 1);
    // Four in five belong to the school years of today.
    let youngest = if rng.chance(0.8) {
        rng.between(5_844, 12_400) // 2004 to 2021
    } else {
        rng.between(1_500, 5_843)
    };
    let residue = i32::try_from(shuffled(seed, family) / 100).expect("below 75");
    let mut day = youngest;
    let mut days = Vec::with_capacity(births);
    for _ in 0..births {
        day -= (day - residue).rem_euclid(75);
        days.push(first.checked_add(Span::new().days(day)).expect("within the century"));
        day -= rng.between(400, 2_400);
        if day < 75 {
            day = 75 + residue;
        }
    }
    days.reverse();
    days.dedup();
    while days.len() < births {
        let later = days.last().expect("one birth at least");
        days.push(later.checked_add(Span::new().days(750)).expect("within the century"));
    }
    days
}

/// The family's place in the shuffled order of its county, 0 to 7 499.
fn shuffled(seed: u64, family: u64) -> u64 {
    let shift = hash(seed ^ 0x6c61_6e65, family / COUNTY) % COUNTY;
    // 4 177 is a prime that does not divide 7 500.
    ((family % COUNTY) * 4_177 + shift) % COUNTY
}

/// The first two digits of the sequence: those of a police station.
fn lane(seed: u64, family: u64) -> u16 {
    u16::try_from(shuffled(seed, family) % 100).expect("below 100")
}

/// Area code of first issue. Shaanxi ends with prefecture 6110, so 6111 to 6199 belong to no place.
fn area(family: u64, rng: &mut Rng) -> u32 {
    let own = county_code(family / COUNTY);
    // One in twenty was born elsewhere, in a county that nobody lives in.
    if rng.chance(0.05) { own - 8_000 } else { own }
}

/// 619901, 619902 … 619999, 619801 …: counties of prefectures that do not exist.
fn county_code(county: u64) -> u32 {
    let county = u32::try_from(county).expect("few counties");
    619_900 - county / 99 * 100 + 1 + county % 99
}

/// Twelve digits of a village.
pub(super) fn village_code(village: u64) -> u64 {
    let county = village / (VILLAGES * TOWNS);
    let town = 100 + village / VILLAGES % TOWNS;
    let at = 200 + village % VILLAGES;
    u64::from(county_code(county)) * 1_000_000 + town * 1_000 + at
}

/// A village of the same town, or of the next one.
pub(super) fn neighbour(village: u64, rng: &mut Rng) -> u64 {
    let town = village - village % VILLAGES;
    let other = town + (village % VILLAGES + 1 + u64::from(rng.below(9))) % VILLAGES;
    if rng.chance(0.85) {
        return other;
    }
    let county = village - village % (VILLAGES * TOWNS);
    county + (village - county + VILLAGES) % (VILLAGES * TOWNS)
}

/// A telephone number of a series that is not in use: 142, 143, 154.
fn phone(rng: &mut Rng) -> String {
    format!("{}{:08}", rng.pick(&["142", "143", "154"]), rng.below(100_000_000))
}
