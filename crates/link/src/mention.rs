use fujiao_model::{CitizenId, Grade, PartialDate, Relation, Sex, Stage};

/// What one row of a roster says about one person. Leave out what the row does not say.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mention<'a> {
    /// A number that stays the same from run to run; people's decisions speak of it.
    pub key: u64,
    /// 姓名, as written.
    pub name: &'a str,
    /// 身份证号, if it checks.
    pub id: Option<CitizenId>,
    /// 身份证号 as written, if it does not check.
    pub id_as_written: Option<&'a str>,
    /// 学籍号, as written.
    pub student_no: Option<&'a str>,
    /// 出生日期, as the row's own column gives it. The date inside `id` need not be repeated here.
    pub born: Option<PartialDate>,
    /// The year of birth that something else than a date lets expect, within a year; else `school_year` and `grade` do.
    pub born_about: Option<i16>,
    /// 性别.
    pub sex: Option<Sex>,
    /// 乡镇: the caller's own number of it.
    pub town: Option<u32>,
    /// 村: the caller's own number of it.
    pub village: Option<u32>,
    /// 学校: the caller's own number of it.
    pub school: Option<u32>,
    /// The year in which the school year begins that `grade` and `class` speak of.
    pub school_year: Option<i16>,
    /// 年级.
    pub grade: Option<Grade>,
    /// 班级.
    pub class: Option<&'a str>,
    /// 监护人 or 户主, where that is another person.
    pub guardian: Option<&'a str>,
    /// 联系电话 of the person, the guardian, the household.
    pub phones: &'a [&'a str],
    /// 银行账号.
    pub account: Option<&'a str>,
    /// 户编号. Compared within a kind of roster only, and across kinds through the people who stand in both.
    pub household: Option<&'a str>,
    /// 与户主关系.
    pub relation: Option<Relation>,
    /// The kind of roster, as the caller numbers kinds.
    pub roster: u16,
    /// A list that names nobody twice: two rows with the same number are two persons, unless they carry the same
    /// valid id and a compatible name (a row that stands twice).
    pub list: Option<u32>,
}

/// Every row about a person, column by column. About 90 bytes a row, and each text once.
#[derive(Debug, Default)]
pub struct Mentions {
    pub(crate) key: Vec<u64>,
    pub(crate) name: Vec<u32>,
    pub(crate) id: Vec<u64>,
    /// The id inside a formal 学籍号.
    pub(crate) student_id: Vec<u64>,
    pub(crate) id_as_written: Vec<u32>,
    pub(crate) student_no: Vec<u32>,
    pub(crate) born: Vec<u32>,
    pub(crate) cohort: Vec<Cohort>,
    pub(crate) sex: Vec<u8>,
    pub(crate) town: Vec<u32>,
    pub(crate) village: Vec<u32>,
    pub(crate) school: Vec<u32>,
    pub(crate) class: Vec<u32>,
    pub(crate) guardian: Vec<u32>,
    pub(crate) phone_end: Vec<u32>,
    pub(crate) phone: Vec<u32>,
    pub(crate) account: Vec<u32>,
    pub(crate) household: Vec<u32>,
    pub(crate) relation: Vec<u8>,
    pub(crate) list: Vec<u32>,
    /// Names of persons and guardians.
    pub(crate) names: Texts,
    /// All other texts.
    pub(crate) texts: Texts,
}

/// Year of birth expected from a grade, and whether the grade binds it; 0 where nothing is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cohort {
    /// The earlier of the two calendar years in which the class was mostly born; 0 if unknown.
    pub(crate) year: i16,
    /// Stage and year counted as one ladder from the first kindergarten year, 1; 0 if only the year of birth is known.
    pub(crate) step: u8,
}

impl Cohort {
    fn of(school_year: i16, grade: Grade) -> Self {
        let year = i16::from(grade.year());
        let level = match grade.stage() {
            Stage::Preschool => year - 3,
            Stage::Primary => year,
            Stage::Junior => year + 6,
            Stage::Senior | Stage::Vocational => year + 9,
            Stage::Higher => year + 12,
        };
        // First-graders of autumn 2024 were born from September 2017 to August 2018.
        Self { year: school_year - level - 6, step: u8::try_from(level + 3).unwrap_or(0) }
    }
}

/// The number of a class: the last number of `2班`, `七（2）班`, `三年级二班`; 0 if there is none.
fn class_number(text: &str) -> u32 {
    let (mut number, mut open) = (0_u32, false);
    for c in text.chars() {
        let digit = match c {
            '０'..='９' => c as u32 - '０' as u32,
            _ => match "〇一二三四五六七八九".chars().position(|d| d == c) {
                Some(n) => u32::try_from(n).expect("a digit"),
                None => c.to_digit(10).unwrap_or(99),
            },
        };
        number = match (c, digit, open) {
            ('十', _, true) => number * 10,
            ('十', _, false) => 10,
            (_, 99, _) => number,
            // 十二 is 10 and 2; 12 is 1, then 2.
            (d, n, true) if number.is_multiple_of(10) && number > 0 && !d.is_ascii_digit() => {
                number + n
            }
            (_, n, true) => (number * 10 + n).min(9_999),
            (_, n, false) => n,
        };
        open = c == '十' || digit != 99;
    }
    number
}

/// The first seventeen digits of an id; the eighteenth follows from them. 0 is no id.
pub(crate) fn packed_id(id: CitizenId) -> u64 {
    id.reveal().as_bytes()[..17].iter().fold(0, |n, d| n * 10 + u64::from(d - b'0'))
}

/// The eighteen characters of a packed id.
pub(crate) fn id_digits(packed: u64) -> [u8; 18] {
    const WEIGHTS: [u64; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let mut digits = [b'0'; 18];
    let (mut rest, mut sum) = (packed, 0);
    for at in (0..17).rev() {
        let digit = rest % 10;
        rest /= 10;
        sum += digit * WEIGHTS[at];
        digits[at] = b'0' + u8::try_from(digit).expect("a digit");
    }
    digits[17] = b"10X98765432"[usize::try_from(sum % 11).expect("below 11")];
    digits
}

/// Year, month and day as one number; month and day 0 where unknown; 0 is no date.
pub(crate) fn packed_date(date: PartialDate) -> u32 {
    let (year, month, day) = date.parts();
    let part = |n: Option<i8>| u32::try_from(n.unwrap_or(0)).expect("1 to 31, or 0");
    u32::try_from(year).map_or(0, |y| y * 10_000 + part(month) * 100 + part(day))
}

/// The birth date inside a packed id.
pub(crate) fn id_born(packed: u64) -> u32 {
    u32::try_from(packed / 1_000 % 100_000_000).expect("eight digits")
}

/// Sex by the last digit of a packed id: 1 man, 2 woman.
pub(crate) fn id_sex(packed: u64) -> u8 {
    if packed % 2 == 1 { 1 } else { 2 }
}

impl Mentions {
    /// No rows.
    pub fn new() -> Self {
        Self::default()
    }

    /// No rows yet, with room for `rows`.
    pub fn with_capacity(rows: usize) -> Self {
        let mut all = Self::default();
        all.key.reserve(rows);
        all.name.reserve(rows);
        all.id.reserve(rows);
        all
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.key.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.key.is_empty()
    }

    /// Takes a row; its index is the number of rows before it.
    ///
    /// # Panics
    /// Above 4 294 967 294 rows or 4 GiB of text.
    pub fn push(&mut self, row: &Mention<'_>) -> u32 {
        let index = u32::try_from(self.key.len()).expect("rows are counted in 32 bits");
        let id = row.id.map_or(0, packed_id);
        self.key.push(row.key);
        self.name.push(self.names.intern(row.name.trim()));
        self.id.push(id);
        // A formal 学籍号 is G and the id that the pupil had on entering.
        self.student_id.push(
            row.student_no
                .and_then(|s| s.trim().strip_prefix(['G', 'g']))
                .filter(|s| s.len() == 18)
                .and_then(|s| CitizenId::parse(s).ok())
                .map_or(0, packed_id),
        );
        let mut text = |t: Option<&str>| self.texts.intern(t.unwrap_or_default().trim());
        self.id_as_written.push(if id == 0 { text(row.id_as_written) } else { 0 });
        self.student_no.push(text(row.student_no));
        self.class.push(row.class.map_or(0, |c| match class_number(c) {
            0 => text(row.class).saturating_mul(2) + u32::from(!c.trim().is_empty()),
            n => n * 2,
        }));
        self.account.push(text(row.account));
        self.household.push(row.household.filter(|h| !h.trim().is_empty()).map_or(0, |h| {
            // Numbers of two kinds of roster are two numberings.
            text(Some(&format!("{}#{}", row.roster, h.trim())))
        }));
        for phone in row.phones {
            let phone = text(Some(phone));
            if phone != 0 {
                self.phone.push(phone);
            }
        }
        self.phone_end.push(u32::try_from(self.phone.len()).expect("phones fit 32 bits"));
        self.guardian.push(self.names.intern(row.guardian.unwrap_or_default().trim()));
        self.born.push(row.born.map_or(0, packed_date));
        self.cohort.push(match (row.born_about, row.school_year, row.grade) {
            (_, Some(year), Some(grade)) => Cohort::of(year, grade),
            (Some(year), ..) => Cohort { year, step: 0 },
            _ => Cohort::default(),
        });
        self.sex.push(row.sex.map_or(0, |s| if s == Sex::Male { 1 } else { 2 }));
        let small = |n: Option<u32>| n.map_or(0, |n| n.saturating_add(1));
        self.town.push(small(row.town));
        self.village.push(small(row.village));
        self.school.push(small(row.school));
        self.relation.push(row.relation.map_or(0, |r| r as u8 + 1));
        self.list.push(small(row.list));
        index
    }

    /// The phones of a row.
    pub(crate) fn phones(&self, row: u32) -> &[u32] {
        let row = row as usize;
        let from = if row == 0 { 0 } else { self.phone_end[row - 1] };
        &self.phone[from as usize..self.phone_end[row] as usize]
    }
}

/// Each text once, numbered from 1 in the order of arrival; 0 is the empty text.
///
/// A table of numbers with open addressing over one buffer: a `BTreeMap` of boxed texts costs five times as much, and
/// the order of the table never shows.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    buffer: String,
    end: Vec<u32>,
    /// Half of a text's hash, and its number: most that are not equal are told apart without being looked at.
    table: Vec<(u32, u32)>,
}

impl Texts {
    pub(crate) fn intern(&mut self, text: &str) -> u32 {
        if text.is_empty() {
            return 0;
        }
        if (self.end.len() + 1) * 2 > self.table.len() {
            self.grow();
        }
        self.intern_hashed(text, half(text))
    }

    /// `text` is not empty, and there is room.
    fn intern_hashed(&mut self, text: &str, half: u32) -> u32 {
        let mask = self.table.len() - 1;
        let mut at = half as usize & mask;
        loop {
            match self.table[at] {
                (_, 0) => break,
                (h, n) if h == half && self.get(n) == text => return n,
                _ => at = (at + 1) & mask,
            }
        }
        self.buffer.push_str(text);
        self.end.push(u32::try_from(self.buffer.len()).expect("texts fit 4 GiB"));
        let number = u32::try_from(self.end.len()).expect("texts are counted in 32 bits");
        self.table[at] = (half, number);
        number
    }

    /// Takes every text of `other`; their numbers here, by their numbers there.
    ///
    /// The places that a batch of texts will touch are touched first, one kind of place after another, so that the
    /// memory is waited for once a batch and not once a text.
    pub(crate) fn intern_all(&mut self, other: &Self) -> Vec<u32> {
        const BATCH: usize = 64;
        let count = u32::try_from(other.len()).expect("texts are counted in 32 bits");
        let mut numbers = Vec::with_capacity(other.len() + 1);
        numbers.push(0);
        let all: Vec<u32> = (1..=count).collect();
        for batch in all.chunks(BATCH) {
            while (self.end.len() + BATCH + 1) * 2 > self.table.len() {
                self.grow();
            }
            let mask = self.table.len() - 1;
            let mut halves = [0_u32; BATCH];
            let mut found = [(0_u32, 0_u32); BATCH];
            let mut ends = [0_usize; BATCH];
            let mut touched = 0_u8;
            for (half_of, n) in halves.iter_mut().zip(batch) {
                *half_of = half(other.get(*n));
            }
            for (found, half) in found.iter_mut().zip(&halves).take(batch.len()) {
                *found = self.table[*half as usize & mask];
            }
            for (end, (_, n)) in ends.iter_mut().zip(&found).filter(|(_, (_, n))| *n != 0) {
                *end = self.end[*n as usize - 1] as usize;
            }
            for end in ends.iter().filter(|e| **e != 0) {
                touched ^= self.buffer.as_bytes()[*end - 1];
            }
            std::hint::black_box(touched);
            for (half, n) in halves.iter().zip(batch) {
                numbers.push(self.intern_hashed(other.get(*n), *half));
            }
        }
        numbers
    }

    /// The text of a number that `intern` gave.
    pub(crate) fn get(&self, number: u32) -> &str {
        let n = number as usize;
        if n == 0 {
            return "";
        }
        let from = if n == 1 { 0 } else { self.end[n - 2] as usize };
        &self.buffer[from..self.end[n - 1] as usize]
    }

    /// The largest number given.
    pub(crate) fn len(&self) -> usize {
        self.end.len()
    }

    /// Gives back what only [`Texts::intern`] needs.
    pub(crate) fn seal(&mut self) {
        self.table = Vec::new();
        self.buffer.shrink_to_fit();
        self.end.shrink_to_fit();
    }

    /// Makes room for so many texts in all, of so many bytes.
    pub(crate) fn reserve(&mut self, texts: usize, bytes: usize) {
        self.buffer.reserve(bytes.saturating_sub(self.buffer.len()));
        self.end.reserve(texts.saturating_sub(self.end.len()));
        let size = ((texts + 1) * 2).next_power_of_two();
        if size > self.table.len() {
            self.grow_to(size);
        }
    }

    /// How many bytes all texts have.
    pub(crate) fn bytes(&self) -> usize {
        self.buffer.len()
    }

    fn grow(&mut self) {
        self.grow_to((self.table.len() * 2).max(1 << 10));
    }

    fn grow_to(&mut self, size: usize) {
        let full = self.table.is_empty() && !self.end.is_empty();
        let mut table = vec![(0, 0); size.max((self.end.len() * 4).next_power_of_two())];
        let mask = table.len() - 1;
        let mut put = |(half, n): (u32, u32)| {
            let mut at = half as usize & mask;
            while table[at].1 != 0 {
                at = (at + 1) & mask;
            }
            table[at] = (half, n);
        };
        if full {
            // It was sealed.
            let count = u32::try_from(self.end.len()).expect("texts are counted in 32 bits");
            (1..=count).for_each(|n| put((half(self.get(n)), n)));
        } else {
            self.table.iter().filter(|(_, n)| *n != 0).for_each(|entry| put(*entry));
        }
        self.table = table;
    }
}

/// Half of a text's hash.
fn half(text: &str) -> u32 {
    u32::try_from(hash(text) >> 32).expect("32 bits")
}

/// FNV-1a over eight bytes at a time, then mixed; the same on every machine.
pub(crate) fn hash(text: &str) -> u64 {
    let mut h = 0xcbf2_9ce4_8422_2325_u64;
    for chunk in text.as_bytes().chunks(8) {
        let mut word = [0_u8; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        h = mix(h ^ u64::from_le_bytes(word));
    }
    h
}

/// The finaliser of splitmix64 (Steele, Lea and Flood 2014): a bijection that spreads every bit.
pub(crate) fn mix(n: u64) -> u64 {
    let n = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_grade_tells_the_year_of_birth() {
        let year = |y, g| Cohort::of(y, Grade::parse(g).unwrap()).year;
        assert_eq!(year(2024, "P1"), 2017);
        assert_eq!(year(2025, "P2"), 2017);
        assert_eq!(year(2021, "K1"), 2017);
        assert_eq!(year(2030, "J1"), 2017);
        assert_eq!(year(2033, "V1"), year(2033, "S1"));
    }

    #[test]
    fn classes_as_schools_write_them() {
        for (text, want) in [
            ("2班", 2),
            ("七（2）班", 2),
            ("七年级２班", 2),
            ("三年级二班", 2),
            ("12", 12),
            ("十二班", 12),
            ("二十班", 20),
            ("二十一班", 21),
            ("火箭班", 0),
            ("", 0),
        ] {
            assert_eq!(class_number(text), want, "{text}");
        }
    }

    proptest! {
        #[test]
        fn texts_come_back(words in proptest::collection::vec("[a-e李王张]{0,4}", 0..3000)) {
            let mut texts = Texts::default();
            let numbers: Vec<u32> = words.iter().map(|w| texts.intern(w)).collect();
            for (word, n) in words.iter().zip(&numbers) {
                prop_assert_eq!(texts.get(*n), word.as_str());
                prop_assert_eq!(texts.intern(word), *n);
            }
        }

        #[test]
        fn an_id_packs_and_unpacks(area in 110_000_u32..660_000, days in 0..40_000_i32, sequence in 1..1000_u16) {
            let born_on = jiff::civil::date(1920, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap();
            let id = CitizenId::compose(area, born_on, sequence);
            prop_assert_eq!(&id_digits(packed_id(id))[..], id.reveal().as_bytes());
            prop_assert_eq!(id_born(packed_id(id)), packed_date(PartialDate::full(born_on)));
            prop_assert_eq!(id_sex(packed_id(id)) == 1, id.sex() == Sex::Male);
        }
    }
}
