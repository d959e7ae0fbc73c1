//! The pen: how what is true is written down.

use std::fmt::Write as _;

use fujiao_model::CitizenId;
use jiff::civil::Date;

use super::families::{Family, neighbour, village_code};
use super::names::{COMPOUND, Tables};
use crate::lunar;
use crate::rng::Rng;

/// Characters of a name that old forms hold.
const LONGEST: usize = 12;

/// A kind of slip. Each has a rate of its own and happens without regard to the others, but that one id slips in one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slip {
    /// A character of the name that sounds alike: 建 for 健.
    Homophone,
    /// A character of the name that looks alike: 己 for 已.
    LookAlike,
    /// The name in traditional forms: 劉 for 刘.
    Traditional,
    /// The other way to write a surname: 闫 for 阎.
    SurnameVariant,
    /// ?, * or pinyin where a system lacks the character.
    RareCharacter,
    /// A space, also a full-width one, in, before or after the name.
    Spaced,
    /// Surname and given name change places.
    Swapped,
    /// Another dot, or none, in a name with a dot.
    Dot,
    /// A name of more than twelve characters is cut off.
    CutOff,
    /// Two neighbouring digits of the id change places.
    IdTransposed,
    /// One digit of the id is another one.
    IdMistyped,
    /// A spreadsheet kept 15 digits of the id and wrote 000 after them.
    IdSheet,
    /// A spreadsheet wrote the id as 6.11026E+17.
    IdExponent,
    /// The id in the 15 digits of before 1999, of those born before 2000.
    IdOld,
    /// The birthday of the old calendar, written as if it were of the new one.
    Lunar,
    /// Day and month change places, where both readings are a date.
    DayMonth,
    /// The year before or after.
    YearOff,
    /// One digit of the day of birth is another one.
    BirthMistyped,
    /// The other sex.
    Gender,
    /// A neighbouring village.
    Village,
    /// The other parent as guardian.
    OtherParent,
    /// The other parent's number, or one they no longer have.
    OtherPhone,
    /// One digit of the number is another one.
    PhoneMistyped,
    /// The number of the village clerk.
    ClerkPhone,
}

impl Slip {
    /// All of them, in order.
    pub const ALL: [Self; 24] = [
        Self::Homophone,
        Self::LookAlike,
        Self::Traditional,
        Self::SurnameVariant,
        Self::RareCharacter,
        Self::Spaced,
        Self::Swapped,
        Self::Dot,
        Self::CutOff,
        Self::IdTransposed,
        Self::IdMistyped,
        Self::IdSheet,
        Self::IdExponent,
        Self::IdOld,
        Self::Lunar,
        Self::DayMonth,
        Self::YearOff,
        Self::BirthMistyped,
        Self::Gender,
        Self::Village,
        Self::OtherParent,
        Self::OtherPhone,
        Self::PhoneMistyped,
        Self::ClerkPhone,
    ];

    /// Probability for a cell in which it can happen, at noise 1 and for a department of ordinary care. Most departments are
    /// at 1; 公安 at a fifth, 妇联 at one and a half.
    ///
    /// Our own judgement of rosters as they arrive, not a measurement: an id is mistyped in one of eighty cells where it is
    /// typed by hand; who is guardian and which number is given changes from form to form.
    #[expect(clippy::match_same_arms, reason = "a rate of its own for each, to be set by itself")]
    pub const fn rate(self) -> f64 {
        match self {
            Self::Homophone => 0.018,
            Self::LookAlike => 0.008,
            Self::Traditional => 0.006,
            // Of those who have a surname with two ways to write it.
            Self::SurnameVariant => 0.05,
            // Of those who have such a character; likewise names with a dot, and long ones.
            Self::RareCharacter => 0.30,
            Self::Spaced => 0.02,
            Self::Swapped => 0.002,
            Self::Dot => 0.25,
            Self::CutOff => 0.40,
            Self::IdTransposed => 0.007,
            Self::IdMistyped => 0.012,
            Self::IdSheet => 0.008,
            Self::IdExponent => 0.005,
            Self::IdOld => 0.04,
            Self::Lunar => 0.025,
            Self::DayMonth => 0.004,
            Self::YearOff => 0.005,
            Self::BirthMistyped => 0.006,
            Self::Gender => 0.003,
            Self::Village => 0.025,
            Self::OtherParent => 0.12,
            Self::OtherPhone => 0.12,
            Self::PhoneMistyped => 0.012,
            Self::ClerkPhone => 0.004,
        }
    }
}

/// How often a slip could have happened and did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlipCount {
    /// Which.
    pub slip: Slip,
    /// Cells in which it can happen and was not forestalled by another slip of the id.
    pub cells: u64,
    /// Cells in which it did.
    pub slipped: u64,
    /// Millionths: the sum of the probabilities over those cells, for who wants to compare.
    pub expected_millionths: u64,
}

/// Counts of slips, by [`Slip::ALL`].
#[derive(Default)]
pub(super) struct Counts([(u64, u64, u64); Slip::ALL.len()]);

impl Counts {
    pub(super) fn add(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            mine.0 += theirs.0;
            mine.1 += theirs.1;
            mine.2 += theirs.2;
        }
    }

    pub(super) fn list(&self) -> Vec<SlipCount> {
        Slip::ALL
            .into_iter()
            .zip(self.0)
            .map(|(slip, (cells, slipped, expected_millionths))| SlipCount {
                slip,
                cells,
                slipped,
                expected_millionths,
            })
            .collect()
    }
}

/// Writes the cells of one row.
pub(super) struct Pen<'a> {
    pub(super) tables: &'a Tables,
    pub(super) counts: &'a mut Counts,
    pub(super) rng: &'a mut Rng,
    pub(super) out: &'a mut String,
    /// Multiplies every rate.
    pub(super) noise: f64,
}

impl Pen<'_> {
    /// Whether the pen slips where it can.
    fn slips(&mut self, slip: Slip) -> bool {
        let p = (slip.rate() * self.noise).min(1.0);
        let slips = self.rng.chance(p);
        let count = &mut self.counts.0[slip as usize];
        count.0 += 1;
        count.1 += u64::from(slips);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a probability in millionths"
        )]
        let millionths = (p * 1e6).round() as u64;
        count.2 += millionths;
        slips
    }

    /// A comma, and a cell that is filled in with probability `filled`.
    pub(super) fn cell(&mut self, filled: f64, write: impl FnOnce(&mut Self)) {
        self.out.push(',');
        if filled > 0.0 && self.rng.chance(filled) {
            write(self);
        }
    }

    pub(super) fn name(&mut self, name: &str) {
        if name.contains('·') { self.dotted(name) } else { self.plain(name) }
    }

    fn dotted(&mut self, name: &str) {
        let mut chars: Vec<char> = name.chars().collect();
        if self.slips(Slip::Dot) {
            let dot = self.rng.weighted(&[
                (Some('•'), 30),
                (Some('.'), 25),
                (Some('．'), 10),
                (Some(' '), 10),
                (None, 25),
            ]);
            let at = chars.iter().position(|c| *c == '·').expect("the name has a dot");
            match dot {
                Some(dot) => chars[at] = dot,
                None => drop(chars.remove(at)),
            }
        }
        if chars.len() > LONGEST && self.slips(Slip::CutOff) {
            chars.truncate(LONGEST);
        }
        self.out.extend(chars);
    }

    fn plain(&mut self, name: &str) {
        let tables = self.tables;
        let mut chars: Vec<char> = name.chars().collect();
        let surname = if COMPOUND.contains(&name.chars().take(2).collect::<String>().as_str()) {
            2
        } else {
            1
        };
        self.another_character(Slip::Homophone, &mut chars, surname, |c| tables.homophones(c));
        self.another_character(Slip::LookAlike, &mut chars, surname, |c| tables.look_alikes(c));
        if chars.iter().any(|c| tables.traditional(*c).is_some()) && self.slips(Slip::Traditional) {
            for c in &mut chars {
                *c = tables.traditional(*c).unwrap_or(*c);
            }
        }
        if let Some(variant) = tables.surname_variant(chars[0])
            && surname == 1
            && self.slips(Slip::SurnameVariant)
        {
            chars[0] = variant;
        }
        let rare = chars.iter().position(|c| tables.rare(*c).is_some());
        let mut pinyin = None;
        if let Some(at) = rare
            && self.slips(Slip::RareCharacter)
        {
            match self.rng.weighted(&[
                (Some('?'), 45),
                (Some('*'), 10),
                (Some('？'), 10),
                (None, 35),
            ]) {
                Some(mark) => chars[at] = mark,
                None => pinyin = tables.rare(chars[at]).map(|pinyin| (at, pinyin)),
            }
        }
        let swapped = self.slips(Slip::Swapped);
        let spaced = self.slips(Slip::Spaced);
        let space = if spaced && self.rng.chance(0.4) { '\u{3000}' } else { ' ' };
        // Mostly between surname and given name, as two-character names are made as wide as those of three.
        let gap = if spaced {
            self.rng.weighted(&[(Some(surname), 70), (Some(0), 5), (None, 25)])
        } else {
            Some(usize::MAX)
        };
        let order: Vec<usize> = if swapped {
            (surname..chars.len()).chain(0..surname).collect()
        } else {
            (0..chars.len()).collect()
        };
        for (at, place) in order.into_iter().enumerate() {
            if gap == Some(at) {
                self.out.push(space);
            }
            match pinyin {
                Some((rare, pinyin)) if rare == place => self.out.push_str(pinyin),
                _ => self.out.push(chars[place]),
            }
        }
        if gap.is_none() {
            self.out.push(space);
        }
    }

    /// Puts another character in the place of one that has companions; five times in six one of the given name.
    fn another_character<'t>(
        &mut self,
        slip: Slip,
        chars: &mut [char],
        surname: usize,
        companions: impl Fn(char) -> Option<&'t [char]>,
    ) {
        let can: Vec<usize> =
            (0..chars.len()).filter(|at| companions(chars[*at]).is_some()).collect();
        if can.is_empty() || !self.slips(slip) {
            return;
        }
        let given = can.partition_point(|at| *at < surname);
        let at = if given < can.len() && self.rng.chance(5.0 / 6.0) {
            *self.rng.pick(&can[given..])
        } else {
            *self.rng.pick(&can)
        };
        let others = companions(chars[at]).expect("it was filtered for them");
        chars[at] = *self.rng.pick(others);
    }

    pub(super) fn id(&mut self, id: &CitizenId, born: Date) {
        let text = id.reveal();
        let bytes = text.as_bytes();
        // The area says little and is copied from the row above; the rest is typed.
        let swaps: Vec<usize> = (5..16).filter(|at| bytes[*at] != bytes[at + 1]).collect();
        if self.slips(Slip::IdSheet) {
            self.out.push_str(&text[..15]);
            self.out.push_str("000");
        } else if self.slips(Slip::IdExponent) {
            let seven: u32 = text[..7].parse().expect("digits");
            let six = (seven + 5) / 10;
            write!(self.out, "{}.{:05}E+17", six / 100_000, six % 100_000)
                .expect("a string takes it");
        } else if !swaps.is_empty() && self.slips(Slip::IdTransposed) {
            let at = *self.rng.pick(&swaps);
            self.out.push_str(&text[..at]);
            self.out.push(char::from(bytes[at + 1]));
            self.out.push(char::from(bytes[at]));
            self.out.push_str(&text[at + 2..]);
        } else if self.slips(Slip::IdMistyped) {
            let at = self.rng.index(17);
            self.mistyped(text, at);
        } else if born.year() < 2000 && self.slips(Slip::IdOld) {
            self.out.push_str(&text[..6]);
            self.out.push_str(&text[8..17]);
        } else {
            self.out.push_str(text);
        }
    }

    /// `text` with another digit at `at`.
    fn mistyped(&mut self, text: &str, at: usize) {
        let digit = u32::from(text.as_bytes()[at] - b'0');
        let other = (digit + 1 + self.rng.below(9)) % 10;
        self.out.push_str(&text[..at]);
        self.out.push(char::from_digit(other, 10).expect("a digit"));
        self.out.push_str(&text[at + 1..]);
    }

    pub(super) fn birth(&mut self, born: Date) {
        let (mut year, mut month, mut day) = (born.year(), born.month(), born.day());
        if self.slips(Slip::Lunar) {
            (year, month, day) = lunar::year_month_day(born);
        }
        if day <= 12 && day != month && self.slips(Slip::DayMonth) {
            (month, day) = (day, month);
        }
        if self.slips(Slip::YearOff) {
            year += if self.rng.chance(0.5) { 1 } else { -1 };
        }
        let text = format!("{year:04}{month:02}{day:02}");
        if self.slips(Slip::BirthMistyped) {
            let at = 3 + self.rng.index(5);
            self.mistyped(&text, at);
        } else {
            self.out.push_str(&text);
        }
    }

    pub(super) fn gender(&mut self, male: bool) {
        let male = male != self.slips(Slip::Gender);
        self.out.push_str(if male { "男" } else { "女" });
    }

    pub(super) fn village(&mut self, village: u64) {
        let village =
            if self.slips(Slip::Village) { neighbour(village, self.rng) } else { village };
        write!(self.out, "{:012}", village_code(village)).expect("a string takes it");
    }

    pub(super) fn guardian(&mut self, family: &Family, mother: bool) {
        let mother = mother != self.slips(Slip::OtherParent);
        self.name(if mother { &family.mother.name } else { &family.father.name });
    }

    pub(super) fn phone(&mut self, family: &Family, mother: bool) {
        let (own, other) = if mother {
            (&family.mother.phone, &family.father.phone)
        } else {
            (&family.father.phone, &family.mother.phone)
        };
        let phone = if self.slips(Slip::ClerkPhone) {
            &family.clerk_phone
        } else if self.slips(Slip::OtherPhone) {
            if self.rng.chance(0.7) { other } else { &family.old_phone }
        } else {
            own
        };
        if self.slips(Slip::PhoneMistyped) {
            let at = 3 + self.rng.index(8);
            self.mistyped(phone, at);
        } else {
            self.out.push_str(phone);
        }
    }
}
