use std::fmt;

use crate::hanzi::NameRelation;

/// How the values of a comparison are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Any text; letters are folded to small ones, spaces to one.
    Text,
    /// 姓名.
    Name,
    /// A date, or a part of one.
    Date,
    /// 公民身份号码.
    CitizenId,
    /// A number.
    Number,
    /// Several values in one cell, in any order.
    List,
    /// A code whose beginnings are larger places, or columns from the smallest place to the largest.
    Place,
    /// A value that is equal or not.
    Exact,
}

impl Kind {
    /// All, with the words by which a spec calls them.
    pub(crate) const WORDS: [(&'static str, Self); 8] = [
        ("text", Self::Text),
        ("name", Self::Name),
        ("date", Self::Date),
        ("citizen_id", Self::CitizenId),
        ("number", Self::Number),
        ("list", Self::List),
        ("place", Self::Place),
        ("exact", Self::Exact),
    ];
}

/// One level of a comparison: reached if any of its tests holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Level {
    /// As written in the spec.
    pub words: String,
    /// Any of these.
    pub tests: Vec<Test>,
}

/// One test of two values, neither of which is missing.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// `equal`: equal once folded.
    Equal,
    /// `edit N`: at most N insertions, deletions, substitutions or transpositions.
    Edit(usize),
    /// `jaro_winkler X`: similarity of at least X.
    JaroWinkler(f64),
    /// `jaro X`.
    Jaro(f64),
    /// `soundex`: the same Soundex code.
    Soundex,
    /// `prefix N`: the first N characters are equal.
    Prefix(usize),
    /// `suffix N`: the last N characters are equal.
    Suffix(usize),
    /// `compact`: equal without anything but letters and digits.
    Compact,
    /// `begins`: one begins with the other, of three characters or more.
    Begins,
    /// `tokens X`: the share of words that both have, of all their words, is at least X.
    Tokens(f64),
    /// `crossed COLUMN`: the value stands in the other row's COLUMN.
    Crossed(String),
    /// A relation of two Chinese names.
    Name(NameTest),
    /// `day_month`: day and month exchanged.
    DayMonth,
    /// `one_digit`: one digit differs.
    OneDigit,
    /// `lunar`: one is the lunar date of the other.
    Lunar,
    /// `partial`: as far as both are known, the same.
    Partial,
    /// `days N`: at most N days apart.
    Days(i64),
    /// `years N`: the years are at most N apart; 0 is the same year.
    Years(i64),
    /// `month_day`: the same day of another year.
    MonthDay,
    /// `old_form`: 15 against 18 digits of one id.
    OldForm,
    /// `check_digit`: only the check digit differs.
    CheckDigit,
    /// `truncated`: a spreadsheet or a short column kept the first 15 digits.
    Truncated,
    /// `transposed`: two neighbouring digits exchanged.
    Transposed,
    /// `two_digits`: two digits differ.
    TwoDigits,
    /// `birth_region`: the first 14 digits are equal.
    BirthRegion,
    /// `doubtful`: equal, but the id contradicts its own row's date of birth.
    Doubtful,
    /// `within X`: numbers at most X apart.
    Within(f64),
    /// `percent X`: numbers at most X per cent of the larger apart.
    Percent(f64),
    /// `overlap N`: at least N values in common.
    Overlap(usize),
    /// `share X`: values in common are at least this share of the fewer.
    Share(f64),
}

/// A relation of two Chinese names, as a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameTest(pub(crate) NameRelation);

/// The test of a relation.
pub(crate) fn name_test(relation: NameRelation) -> NameTest {
    NameTest(relation)
}

impl Test {
    /// The kinds that know a test's word.
    fn of(kind: Kind, word: &str, argument: Option<&str>) -> Result<Self, String> {
        let count = |least: usize| match argument.map(str::parse::<usize>) {
            Some(Ok(n)) if n >= least => Ok(n),
            _ => Err(format!("`{word}` 后面要写一个不小于 {least} 的整数，如 `{word} {least}`")),
        };
        let share = || match argument.map(str::parse::<f64>) {
            Some(Ok(x)) if (0.0..=1.0).contains(&x) => Ok(x),
            _ => Err(format!("`{word}` 后面要写一个 0 到 1 的数，如 `{word} 0.9`")),
        };
        let real = || match argument.map(str::parse::<f64>) {
            Some(Ok(x)) if x.is_finite() && x >= 0.0 => Ok(x),
            _ => Err(format!("`{word}` 后面要写一个不小于 0 的数，如 `{word} 1.5`")),
        };
        let whole =
            || count(0).and_then(|n| i64::try_from(n).map_err(|_| format!("`{word}`：{n} 太大")));
        let plain = |test: Self| match argument {
            None => Ok(test),
            Some(other) => Err(format!("`{word}` 后面不要再写什么，这里写了 `{other}`")),
        };
        let text = matches!(kind, Kind::Text);
        match (kind, word) {
            (_, "equal") => plain(Self::Equal),
            (Kind::Text | Kind::Date, "edit") => count(1).map(Self::Edit),
            (Kind::Text, "jaro_winkler") => share().map(Self::JaroWinkler),
            (Kind::Text, "jaro") => share().map(Self::Jaro),
            (Kind::Text, "soundex") => plain(Self::Soundex),
            (Kind::Text | Kind::Place, "prefix") => count(1).map(Self::Prefix),
            (Kind::Text, "suffix") => count(1).map(Self::Suffix),
            (Kind::Text, "compact") => plain(Self::Compact),
            (Kind::Text, "begins") => plain(Self::Begins),
            (Kind::Text, "tokens") => share().map(Self::Tokens),
            (Kind::Text | Kind::Name | Kind::Exact, "crossed") => argument
                .map(|c| Self::Crossed(c.to_owned()))
                .ok_or_else(|| "`crossed` 后面要写另一列的名字，如 `crossed surname`".to_owned()),
            (Kind::Date, "day_month") => plain(Self::DayMonth),
            (Kind::Date | Kind::CitizenId, "one_digit") => plain(Self::OneDigit),
            (Kind::Date, "lunar") => plain(Self::Lunar),
            (Kind::Date, "partial") => plain(Self::Partial),
            (Kind::Date, "days") => whole().map(Self::Days),
            (Kind::Date, "years") => whole().map(Self::Years),
            (Kind::Date, "month_day") => plain(Self::MonthDay),
            (Kind::CitizenId, "old_form") => plain(Self::OldForm),
            (Kind::CitizenId, "check_digit") => plain(Self::CheckDigit),
            (Kind::CitizenId, "truncated") => plain(Self::Truncated),
            (Kind::CitizenId, "transposed") => plain(Self::Transposed),
            (Kind::CitizenId, "two_digits") => plain(Self::TwoDigits),
            (Kind::CitizenId, "birth_region") => plain(Self::BirthRegion),
            (Kind::CitizenId, "doubtful") => plain(Self::Doubtful),
            (Kind::Number, "within") => real().map(Self::Within),
            (Kind::Number, "percent") => real().map(Self::Percent),
            (Kind::List, "overlap") => count(1).map(Self::Overlap),
            (Kind::List, "share") => share().map(Self::Share),
            (Kind::Name, word) if !text => NameRelation::WORDS
                .iter()
                .find(|(w, r)| *w == word && *r != NameRelation::Different)
                .ok_or_else(|| unknown(kind, word))
                .and_then(|(_, r)| plain(Self::Name(NameTest(*r)))),
            _ => Err(unknown(kind, word)),
        }
    }

    /// The words that a kind knows.
    pub(super) fn words(kind: Kind) -> Vec<&'static str> {
        let mut all = vec!["equal"];
        all.extend_from_slice(match kind {
            Kind::Text => &[
                "edit",
                "jaro_winkler",
                "jaro",
                "soundex",
                "prefix",
                "suffix",
                "compact",
                "begins",
                "tokens",
                "crossed",
            ],
            Kind::Date => &[
                "day_month",
                "one_digit",
                "lunar",
                "partial",
                "days",
                "years",
                "month_day",
                "edit",
            ],
            Kind::CitizenId => &[
                "old_form",
                "check_digit",
                "truncated",
                "transposed",
                "one_digit",
                "two_digits",
                "birth_region",
                "doubtful",
            ],
            Kind::Number => &["within", "percent"],
            Kind::List => &["overlap", "share"],
            Kind::Place => &["prefix"],
            Kind::Name | Kind::Exact => &["crossed"],
        });
        if kind == Kind::Name {
            all.extend(
                NameRelation::WORDS
                    .iter()
                    .filter(|(_, r)| !matches!(r, NameRelation::Equal | NameRelation::Different))
                    .map(|(w, _)| *w),
            );
        }
        all
    }
}

fn unknown(kind: Kind, word: &str) -> String {
    let words = Test::words(kind);
    let name = Kind::WORDS.iter().find(|(_, k)| *k == kind).map_or("", |(w, _)| w);
    format!("{name} 没有 `{word}` 这一级{}", nearest(word, &words))
}

/// `; did you mean …?`, or all there is.
pub(super) fn nearest(word: &str, words: &[&str]) -> String {
    let chars: Vec<char> = word.chars().collect();
    let best = words
        .iter()
        .filter_map(|w| {
            let other: Vec<char> = w.chars().collect();
            crate::table::text::edit_distance(&chars, &other, 3).map(|d| (d, *w))
        })
        .min();
    match best {
        Some((_, word)) => format!("；是不是 `{word}`？"),
        None => format!("；可以写：{}", words.join("、")),
    }
}

impl Level {
    /// Reads `test | test N`.
    pub(super) fn parse(kind: Kind, words: &str) -> Result<Self, String> {
        let mut tests = Vec::new();
        for one in words.split('|') {
            let mut pieces = one.trim().splitn(2, char::is_whitespace);
            let word = pieces.next().unwrap_or_default();
            tests.push(Test::of(
                kind,
                word,
                pieces.next().map(str::trim).filter(|a| !a.is_empty()),
            )?);
        }
        Ok(Self { words: words.to_owned(), tests })
    }
}

/// What is taken of a column's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PartOf {
    /// The folded value.
    Whole,
    /// `sound(column)`: pinyin of a Chinese name, Soundex of other words.
    Sound,
    /// `surname(column)`: the sound of a name's first character.
    Surname,
    /// `given(column)`: the sound of all but the first.
    Given,
    /// `last(column)`: the sound of the last character.
    Last,
    /// `unordered(column)`: the sounds, or words, in any order.
    Unordered,
    /// `left(column, N)`.
    Left(usize),
    /// `right(column, N)`.
    Right(usize),
    /// `year(column)`: of a date.
    Year,
    /// `month_day(column)`: of a date.
    MonthDay,
    /// `birth(column)`: the date in a citizen id, valid or not.
    Birth,
    /// `tail(column)`: the last four digits of a citizen id before its check digit, valid or not.
    Tail,
}

/// A part of a blocking key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Which column.
    pub column: String,
    /// What of it.
    pub of: PartOf,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let column = &self.column;
        match self.of {
            PartOf::Whole => write!(f, "{column}"),
            PartOf::Left(n) => write!(f, "left({column}, {n})"),
            PartOf::Right(n) => write!(f, "right({column}, {n})"),
            of => {
                let (word, _) =
                    WORDS.iter().find(|(_, o)| *o == of).expect("every other part has a word");
                write!(f, "{word}({column})")
            }
        }
    }
}

const WORDS: [(&str, PartOf); 9] = [
    ("sound", PartOf::Sound),
    ("surname", PartOf::Surname),
    ("given", PartOf::Given),
    ("last", PartOf::Last),
    ("unordered", PartOf::Unordered),
    ("year", PartOf::Year),
    ("month_day", PartOf::MonthDay),
    ("birth", PartOf::Birth),
    ("tail", PartOf::Tail),
];

impl Part {
    /// Reads `column`, `word(column)` or `left(column, N)`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let Some((word, rest)) = text.split_once('(') else {
            return Ok(Self { column: text.to_owned(), of: PartOf::Whole });
        };
        let Some(inside) = rest.strip_suffix(')') else {
            return Err(format!("`{text}`：末尾缺 `)`"));
        };
        let (column, number) = match inside.rsplit_once(',') {
            Some((column, n)) => (column.trim(), Some(n.trim())),
            None => (inside.trim(), None),
        };
        let column = column.to_owned();
        let of = match (word.trim(), number.map(str::parse::<usize>)) {
            ("left", Some(Ok(n))) if n > 0 => PartOf::Left(n),
            ("right", Some(Ok(n))) if n > 0 => PartOf::Right(n),
            (word @ ("left" | "right"), _) => {
                return Err(format!("`{text}`：取三个字写作 `{word}({column}, 3)`"));
            }
            (word, None) => {
                let words: Vec<&str> =
                    WORDS.iter().map(|(w, _)| *w).chain(["left", "right"]).collect();
                match WORDS.iter().find(|(w, _)| *w == word) {
                    Some((_, of)) => *of,
                    None => {
                        return Err(format!("没有 `{word}` 这种取法{}", nearest(word, &words)));
                    }
                }
            }
            (word, Some(_)) => return Err(format!("`{word}` 只带一列")),
        };
        Ok(Self { column, of })
    }
}
