//! The made world: who lives where, who is poor, who learns where. Rosters are views of it.

use fujiao_model::{
    AssistanceKind, CitizenId, DivisionLevel, HouseholdKind, LabourAbility, Money, Relation,
    Residence, Season, Sex, StudentNo, Term,
};
use jiff::civil::{Date, date};

use crate::Order;
use crate::names::Name;
use crate::places::CountyPlaces;
use crate::rng::hash;
use crate::schools::{Enrolment, School};

pub(crate) mod families;

/// No person, no school.
pub(crate) const NONE: u32 = u32::MAX;

/// A town: its persons stand together.
#[derive(Clone, Debug)]
pub(crate) struct Town {
    pub(crate) name: String,
    pub(crate) longitude: f64,
    pub(crate) latitude: f64,
    /// The county seat: its people are townspeople, its schools are crowded.
    pub(crate) seat: bool,
    pub(crate) villages: std::ops::Range<u32>,
    pub(crate) households: std::ops::Range<u32>,
}

/// A village: its households stand together.
#[derive(Clone, Debug)]
pub(crate) struct Village {
    pub(crate) name: String,
    pub(crate) code: u64,
    pub(crate) town: u16,
    pub(crate) longitude: f64,
    pub(crate) latitude: f64,
    /// To the town.
    pub(crate) road_m: u32,
    pub(crate) households: std::ops::Range<u32>,
}

/// A household of the register.
#[derive(Clone, Debug)]
pub(crate) struct Household {
    pub(crate) village: u16,
    /// Its persons stand together from here.
    pub(crate) first: u32,
    pub(crate) len: u8,
    pub(crate) group: u8,
    pub(crate) kind: HouseholdKind,
    pub(crate) identified: Option<Date>,
    pub(crate) cleared: Option<Date>,
    pub(crate) lifted_year: i16,
    /// Moved to a site at the county seat; its number from 1, else 0.
    pub(crate) relocated: u8,
    pub(crate) assistance: Option<(AssistanceKind, Date, Option<Date>)>,
    /// The working parents live away.
    pub(crate) parents_away: bool,
    pub(crate) moved_out: Option<Date>,
}

/// A person of the register.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) household: u32,
    pub(crate) name: Name,
    pub(crate) born: Date,
    pub(crate) id_area: u8,
    pub(crate) id_sequence: u16,
    pub(crate) sex: Sex,
    pub(crate) relation: Relation,
    pub(crate) ethnicity: u8,
    pub(crate) died: Option<Date>,
    pub(crate) labour: LabourAbility,
    /// Index into [`EDUCATION`].
    pub(crate) education: u8,
    pub(crate) disability: Option<Disability>,
    pub(crate) welfare: Option<(AssistanceKind, Date)>,
    /// Who answers for a child: the position of a person, or [`NONE`].
    pub(crate) guardian: u32,
    pub(crate) other_guardian: u32,
}

/// A card of 残联.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Disability {
    pub(crate) kind: u8,
    pub(crate) grade: u8,
    pub(crate) issued: Date,
    pub(crate) valid_to: Date,
}

/// Values of 文化程度.
pub(crate) const EDUCATION: [&str; 7] =
    ["文盲或半文盲", "小学", "初中", "高中", "中专", "大专", "本科及以上"];
/// Values of 民族, by [`Person::ethnicity`].
pub(crate) const ETHNICITY: [&str; 6] = ["汉族", "回族", "土家族", "维吾尔族", "藏族", "苗族"];

/// A month of lessons: year, month, school days.
pub(crate) type Month = (i16, i8, u8);

/// Terms, school years and months that the registers cover.
#[derive(Clone, Debug)]
pub(crate) struct Calendar {
    /// The school year that `as_of` lies in, by its autumn.
    pub(crate) year: i16,
    /// Terms whose payment list has closed, since three school years ago.
    pub(crate) terms: Vec<Term>,
    /// Months of lessons that are over, with their school days, of the last spring and this autumn.
    pub(crate) months: Vec<Month>,
}

impl Calendar {
    pub(crate) fn new(as_of: Date) -> Self {
        let year = Term::of(as_of).school_year();
        let mut terms = Vec::new();
        let mut term = Term::new(year - 3, Season::Autumn);
        while term.start() <= as_of {
            // Lists are due on 31 December and on 30 June.
            let due = match term.season() {
                Season::Autumn => date(term.year(), 12, 31),
                Season::Spring => date(term.year(), 6, 30),
            };
            if due < as_of {
                terms.push(term);
            }
            term = term.next();
        }
        let mut months = Vec::new();
        let mut month = date(year, 3, 1);
        while month.last_of_month() < as_of {
            if !matches!(month.month(), 1 | 2 | 7 | 8) {
                months.push((month.year(), month.month(), school_days(month)));
            }
            month = month.last_of_month().tomorrow().expect("before 2101");
        }
        let from = months.len().saturating_sub(5);
        Self { year, terms, months: months.split_off(from) }
    }

    /// The four school years, earliest first.
    pub(crate) fn years(&self) -> impl Iterator<Item = i16> + use<> {
        (self.year - 3)..=self.year
    }
}

/// Weekdays of a month, less the holidays that fall into term.
fn school_days(month: Date) -> u8 {
    let mut days = 0;
    let mut day = month.first_of_month();
    while day <= month.last_of_month() {
        days += u8::from(is_school_day(day));
        day = day.tomorrow().expect("before 2101");
    }
    days
}

/// The days of lessons of a month: `1-5,8-12`.
pub(crate) fn school_dates(year: i16, month: i8) -> String {
    let first = date(year, month, 1);
    let days: Vec<i8> = (1..=first.last_of_month().day())
        .filter(|d| is_school_day(date(year, month, *d)))
        .collect();
    crate::month::spans(&days)
}

/// Monday to Friday, but not Tomb Sweeping, May Day, Dragon Boat (taken as 10 June) and the first week of October.
pub(crate) fn is_school_day(day: Date) -> bool {
    let holiday = matches!(
        (day.month(), day.day()),
        (4, 4) | (5, 1..=5) | (6, 10) | (10, 1..=7) | (12, 31) | (1 | 2 | 7 | 8, _)
    );
    !holiday && day.weekday().to_monday_zero_offset() < 5
}

/// All of it. About 110 bytes a person, 44 a household of 3.5, 24 an enrolment.
pub(crate) struct World {
    pub(crate) order: Order,
    pub(crate) county: CountyPlaces,
    pub(crate) calendar: Calendar,
    pub(crate) towns: Vec<Town>,
    pub(crate) villages: Vec<Village>,
    pub(crate) households: Vec<Household>,
    pub(crate) persons: Vec<Person>,
    pub(crate) schools: Vec<School>,
    /// By person, then year.
    pub(crate) enrolments: Vec<Enrolment>,
    /// Children lawfully in no class, by person.
    pub(crate) exemptions: Vec<crate::schools::Exemption>,
    /// Children in no school though they should be, by person.
    pub(crate) out_of_school: Vec<u32>,
    /// Children enrolled twice this year, by person.
    pub(crate) double_enrolment: Vec<u32>,
    /// Staff: who, where, what.
    pub(crate) staff: Vec<crate::schools::Staff>,
    /// Positions of [`World::enrolments`] by year, school, grade, class, person.
    pub(crate) by_school: Vec<u32>,
    /// Trainees.
    pub(crate) sessions: Vec<crate::training::Session>,
    /// Followed households with nobody trained.
    pub(crate) untrained: Vec<u32>,
    /// A school that sent no list of meals for a month.
    pub(crate) missing_returns: Option<(u16, i16, i8)>,
}

impl World {
    pub(crate) fn new(order: &Order, county: CountyPlaces) -> Self {
        let mut world = Self {
            order: order.clone(),
            calendar: Calendar::new(order.as_of),
            towns: Vec::new(),
            villages: Vec::new(),
            households: Vec::new(),
            persons: Vec::new(),
            schools: Vec::new(),
            enrolments: Vec::new(),
            exemptions: Vec::new(),
            out_of_school: Vec::new(),
            double_enrolment: Vec::new(),
            staff: Vec::new(),
            by_school: Vec::new(),
            sessions: Vec::new(),
            untrained: Vec::new(),
            missing_returns: None,
            county,
        };
        world.settle_places();
        families::settle(&mut world);
        crate::schools::build(&mut world);
        crate::schools::enrol(&mut world);
        crate::schools::employ(&mut world);
        let (sessions, untrained) = crate::training::train(&world);
        world.sessions = sessions;
        world.untrained = untrained;
        let last = world.calendar.months.last().map(|m| (m.0, m.1));
        let village_school =
            world.schools.iter().position(|s| s.kind == crate::schools::Kind::TeachingPoint);
        world.missing_returns = village_school.zip(last).map(|(school, (year, month))| {
            (u16::try_from(school).expect("few schools"), year, month)
        });
        world
    }

    fn settle_places(&mut self) {
        for (at, place) in self.county.places.iter().enumerate() {
            match place.code.level() {
                DivisionLevel::Town => {
                    let from = u32::try_from(self.villages.len()).expect("few villages");
                    let seat = self.towns.is_empty();
                    self.towns.push(Town {
                        name: place.name.clone(),
                        longitude: place.longitude,
                        latitude: place.latitude,
                        seat,
                        villages: from..from,
                        households: 0..0,
                    });
                }
                DivisionLevel::Village => {
                    let town = self.towns.len() - 1;
                    let road = self.county.roads.iter().find(|r| r.from as usize == at);
                    self.villages.push(Village {
                        name: place.name.clone(),
                        code: place.code.code(),
                        town: u16::try_from(town).expect("few towns"),
                        longitude: place.longitude,
                        latitude: place.latitude,
                        road_m: road.map_or(500, |r| r.length_m),
                        households: 0..0,
                    });
                    self.towns[town].villages.end += 1;
                }
                _ => {}
            }
        }
    }

    /// 64 bits that depend on the seed, a salt and a key.
    pub(crate) fn hash(&self, salt: u64, key: u32) -> u64 {
        hash(self.order.seed ^ salt.wrapping_mul(0xd6e8_feb8_6659_fd93), u64::from(key))
    }

    /// Yes with probability `p`, always the same for the same salt and key.
    pub(crate) fn chance(&self, salt: u64, key: u32, p: f64) -> bool {
        let draw = u32::try_from(self.hash(salt, key) >> 32).expect("32 bits");
        f64::from(draw) / 4_294_967_296.0 < p
    }

    pub(crate) fn household(&self, person: u32) -> &Household {
        &self.households[self.persons[person as usize].household as usize]
    }

    pub(crate) fn members(&self, household: u32) -> std::ops::Range<u32> {
        let home = &self.households[household as usize];
        home.first..home.first + u32::from(home.len)
    }

    pub(crate) fn village(&self, person: u32) -> &Village {
        &self.villages[usize::from(self.household(person).village)]
    }

    pub(crate) fn town(&self, person: u32) -> &Town {
        &self.towns[usize::from(self.village(person).town)]
    }

    pub(crate) fn id(&self, person: u32) -> CitizenId {
        let p = &self.persons[person as usize];
        CitizenId::compose(619_900 + u32::from(p.id_area), p.born, p.id_sequence)
    }

    pub(crate) fn residence(&self, person: u32) -> Residence {
        if self.persons[person as usize].died.is_some() {
            Residence::Dead
        } else if self.household(person).moved_out.is_some() {
            Residence::MovedOut
        } else {
            Residence::Present
        }
    }

    pub(crate) fn is_present(&self, person: u32) -> bool {
        self.residence(person) == Residence::Present
    }

    /// The pupil's number for life: mostly `G` and the citizen id; some were made before the id was known.
    pub(crate) fn student_no(&self, person: u32) -> String {
        let draw = self.hash(11, person);
        let id = self.id(person);
        let text = if draw % 100 < 95 {
            format!("G{}", id.reveal())
        } else {
            let letter = if draw % 100 < 98 { 'L' } else { 'J' };
            let p = &self.persons[person as usize];
            let sequence = 901 + u16::try_from((draw >> 20) % 98).expect("below 98");
            let other = CitizenId::compose(619_999, p.born, sequence);
            format!("{letter}{}", other.reveal())
        };
        debug_assert!(StudentNo::parse(&text).is_some());
        text
    }

    /// A telephone number of a series that is not in use: 142, 143, 154.
    pub(crate) fn phone(&self, salt: u64, key: u32) -> String {
        let draw = self.hash(salt, key);
        let series = ["142", "143", "154"][usize::try_from(draw % 3).expect("below 3")];
        format!("{series}{:08}", (draw >> 8) % 100_000_000)
    }

    /// The number under which a person is called: their own, or the household's.
    pub(crate) fn phone_of(&self, person: u32) -> String {
        if person == NONE {
            return String::new();
        }
        if self.chance(13, person, 0.55) {
            self.phone(14, person)
        } else {
            self.phone(15, self.persons[person as usize].household)
        }
    }

    /// The account that payments of a household go to; its first six digits belong to no bank.
    pub(crate) fn account(&self, household: u32) -> String {
        format!("629900{:013}", self.hash(16, household) % 10_000_000_000_000)
    }

    /// Full years of age on a day.
    pub(crate) fn age_on(&self, person: u32, day: Date) -> i16 {
        age(self.persons[person as usize].born, day)
    }

    /// Number under which 公安 keeps a household.
    pub(crate) fn register_no(&self, household: u32) -> String {
        let home = &self.households[household as usize];
        let village = &self.villages[usize::from(home.village)];
        let first = self.towns[usize::from(village.town)].households.start;
        format!("{}{:06}", village.code / 1_000, 100_000 + household - first)
    }

    /// Number under which 乡村振兴 keeps a household.
    pub(crate) fn poverty_no(&self, household: u32) -> String {
        let home = &self.households[household as usize];
        let village = &self.villages[usize::from(home.village)];
        format!("{}{:04}", village.code, 1 + household - village.households.start)
    }

    /// Whether the household stands in the register of lifted and monitored households.
    pub(crate) fn is_registered_poor(&self, household: u32) -> bool {
        let home = &self.households[household as usize];
        home.kind != HouseholdKind::Ordinary && home.moved_out.is_none()
    }

    /// 脱贫户: for all terms.
    pub(crate) fn is_lifted(&self, household: u32) -> bool {
        self.is_registered_poor(household)
            && self.households[household as usize].kind.once_registered()
    }

    /// 监测对象 whose risk is not cleared, on a day.
    pub(crate) fn is_monitored(&self, household: u32, day: Date) -> bool {
        let home = &self.households[household as usize];
        self.is_registered_poor(household)
            && home.kind.is_monitored()
            && home.identified.is_some_and(|d| d <= day)
            && home.cleared.is_none_or(|d| d > day)
    }

    /// The household's assistance, on a day.
    pub(crate) fn assistance(&self, household: u32, day: Date) -> Option<AssistanceKind> {
        let (kind, from, to) = self.households[household as usize].assistance?;
        (from <= day && to.is_none_or(|to| day <= to)).then_some(kind)
    }
}

/// Full years between birth and a day.
pub(crate) fn age(born: Date, day: Date) -> i16 {
    let before = (day.month(), day.day()) < (born.month(), born.day());
    day.year() - born.year() - i16::from(before)
}

/// Yuan of a workbook cell.
#[expect(clippy::cast_precision_loss, reason = "amounts here are far below 2^53 fen")]
pub(crate) fn yuan(money: Money) -> f64 {
    money.as_fen() as f64 / 100.0
}
