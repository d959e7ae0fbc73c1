//! Two rows → the level of every comparison.

use super::spec::{Kind, Spec, Test};
use super::text;
use super::value::{Frame, slots_of};
use crate::hanzi::NameRelation;

/// The levels of all comparisons, four bits each; 0 is missing, 1 the best.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Pattern(pub(crate) u64);

impl Pattern {
    pub(crate) fn level(self, comparison: usize) -> usize {
        (self.0 >> (4 * comparison) & 15) as usize
    }
}

/// The comparisons of a spec, made ready for a frame.
#[derive(Debug)]
pub(crate) struct Comparisons {
    pub(crate) all: Vec<Ready>,
}

#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) kind: Kind,
    pub(crate) slots: Vec<usize>,
    tests: Vec<Vec<Test>>,
    /// The level of each relation of names.
    names: [u8; NameRelation::WORDS.len()],
    /// The slots of `crossed` columns, by level and test.
    crossed: Vec<(usize, usize)>,
    /// The level of equal values.
    pub(crate) equal: usize,
    /// "different".
    pub(crate) different: usize,
    /// "two different valid ids"; 0 if the comparison does not exclude.
    pub(crate) excludes: usize,
    pub(crate) term_frequency: bool,
    /// The level of names that sound alike and no more; 0 if there is none.
    pub(crate) sound: usize,
}

impl Ready {
    /// How many levels there are, the missing one not counted.
    pub(crate) fn levels(&self) -> usize {
        self.different + usize::from(self.excludes != 0)
    }
}

impl Comparisons {
    pub(crate) fn new(spec: &Spec, frame: &Frame) -> Self {
        let all = spec
            .comparisons
            .iter()
            .map(|c| {
                let tests: Vec<Vec<Test>> = c.levels.iter().map(|l| l.tests.clone()).collect();
                let different = tests.len() + 1;
                let level_of = |test: &Test| {
                    tests.iter().position(|l| l.contains(test)).map_or(different, |at| at + 1)
                };
                let mut names = [0; NameRelation::WORDS.len()];
                if c.kind == Kind::Name {
                    for (_, relation) in NameRelation::WORDS {
                        let test = match relation {
                            NameRelation::Equal => Test::Equal,
                            other => Test::Name(super::spec::name_test(other)),
                        };
                        names[relation as usize] =
                            u8::try_from(level_of(&test)).expect("at most 13");
                    }
                }
                let mut crossed = Vec::new();
                for (at, level) in tests.iter().enumerate() {
                    for test in level {
                        if let Test::Crossed(column) = test {
                            crossed.push((
                                at + 1,
                                frame.slot(column, c.kind).expect("a crossed column has a slot"),
                            ));
                        }
                    }
                }
                Ready {
                    kind: c.kind,
                    slots: slots_of(frame, c),
                    // What is equal reaches the best level, whatever that asks for.
                    equal: tests
                        .iter()
                        .position(|l| l.contains(&Test::Equal))
                        .map_or(1, |at| at + 1),
                    different,
                    excludes: if c.kind == Kind::CitizenId { different + 1 } else { 0 },
                    names,
                    crossed,
                    term_frequency: c.term_frequency,
                    sound: tests
                        .iter()
                        .position(|l| {
                            *l == [Test::Name(super::spec::name_test(NameRelation::Sound))]
                        })
                        .map_or(0, |at| at + 1),
                    tests,
                }
            })
            .collect();
        Self { all }
    }

    /// Compares two rows.
    pub(crate) fn compare(&self, frame: &Frame, a: u32, b: u32) -> Pattern {
        let (a, b) = (frame.row(a), frame.row(b));
        let mut pattern = 0;
        for (at, one) in self.all.iter().enumerate() {
            pattern |= (one.level(frame, a, b) as u64) << (4 * at);
        }
        Pattern(pattern)
    }
}

impl Ready {
    fn level(&self, frame: &Frame, a: &[u32], b: &[u32]) -> usize {
        if self.slots.len() > 1 {
            return self.place(a, b);
        }
        let slot = self.slots[0];
        let itself = self.of_values(frame, a[slot], b[slot]);
        // A value may be missing here and stand in the other column; what agrees better here goes before.
        match self.across(a, b) {
            Some(level) if itself == 0 || level < itself => level,
            _ => itself,
        }
    }

    #[expect(clippy::many_single_char_names, reason = "two values, two texts: x and y are plain")]
    fn of_values(&self, frame: &Frame, x: u32, y: u32) -> usize {
        if x == 0 || y == 0 {
            return 0;
        }
        if x == y && self.kind != Kind::CitizenId {
            return self.equal;
        }
        match self.kind {
            Kind::Name => usize::from(self.names[frame.names.compare(x, y) as usize]),
            Kind::Date => self.first(|test| frame.dates.holds(test, x, y)),
            Kind::CitizenId => {
                if frame.ids.differ(x, y) {
                    return self.excludes;
                }
                self.first(|test| frame.ids.holds(test, x, y))
            }
            Kind::Exact => self.different,
            Kind::Text | Kind::Place => {
                let (s, t) = (frame.texts.chars(x), frame.texts.chars(y));
                let mut similarity = None;
                self.first(|test| match test {
                    Test::Edit(most) => text::edit_distance(s, t, *most).is_some(),
                    Test::JaroWinkler(least) => {
                        *similarity.get_or_insert_with(|| text::jaro_winkler(s, t)) >= *least
                    }
                    Test::Jaro(least) => text::jaro(s, t) >= *least,
                    Test::Soundex => text::soundex(s) != 0 && text::soundex(s) == text::soundex(t),
                    Test::Prefix(n) => s.len() >= *n && t.len() >= *n && s[..*n] == t[..*n],
                    Test::Suffix(n) => {
                        s.len() >= *n && t.len() >= *n && s[s.len() - n..] == t[t.len() - n..]
                    }
                    Test::Compact => {
                        let (x, y) = (frame.texts.compact(x), frame.texts.compact(y));
                        x != 0 && x == y
                    }
                    Test::Begins => {
                        let (short, long) = if s.len() < t.len() { (s, t) } else { (t, s) };
                        short.len() >= 3 && long[..short.len()] == *short
                    }
                    Test::Tokens(least) => {
                        tokens(frame.texts.text(x), frame.texts.text(y)) >= *least
                    }
                    _ => false,
                })
            }
            Kind::Number => {
                let (s, t) = (frame.texts.number(x), frame.texts.number(y));
                self.first(|test| match test {
                    Test::Within(most) => (s - t).abs() <= *most,
                    Test::Percent(most) => (s - t).abs() <= most / 100.0 * s.abs().max(t.abs()),
                    _ => false,
                })
            }
            Kind::List => self.list(frame, x, y),
        }
    }

    fn first(&self, mut holds: impl FnMut(&Test) -> bool) -> usize {
        self.tests
            .iter()
            .position(|level| level.iter().any(&mut holds))
            .map_or(self.different, |at| at + 1)
    }

    /// Columns from the smallest place to the largest: the first that agrees tells the level.
    fn place(&self, a: &[u32], b: &[u32]) -> usize {
        let mut known = false;
        for (at, slot) in self.slots.iter().enumerate() {
            let (x, y) = (a[*slot], b[*slot]);
            if x != 0 && y != 0 {
                if x == y {
                    return (at + 1).min(self.different);
                }
                known = true;
            }
        }
        if known { self.different } else { 0 }
    }

    /// The level at which a value stands in the other row's other column, if it does.
    fn across(&self, a: &[u32], b: &[u32]) -> Option<usize> {
        let slot = self.slots[0];
        let meet = |x: u32, y: u32| x != 0 && x == y;
        let crossed = self.crossed.iter();
        let mut levels =
            crossed.filter(|(_, other)| meet(a[slot], b[*other]) || meet(b[slot], a[*other]));
        levels.next().map(|(level, _)| *level)
    }

    fn list(&self, frame: &Frame, x: u32, y: u32) -> usize {
        let pieces = |v: u32| -> Vec<&str> {
            let mut all: Vec<&str> = frame
                .texts
                .text(v)
                .split([';', '；', ',', '，', '、', '|', '/'])
                .map(str::trim)
                .filter(|p| !p.is_empty())
                .collect();
            all.sort_unstable();
            all.dedup();
            all
        };
        let (s, t) = (pieces(x), pieces(y));
        let common = s.iter().filter(|p| t.binary_search(p).is_ok()).count();
        let fewer = s.len().min(t.len()).max(1);
        self.first(|test| match test {
            Test::Equal => s == t,
            Test::Overlap(least) => common >= *least,
            #[expect(clippy::cast_precision_loss, reason = "a few values of one cell")]
            Test::Share(least) => common as f64 / fewer as f64 >= *least,
            _ => false,
        })
    }
}

/// The share of words that both have, of all their words.
fn tokens(a: &str, b: &str) -> f64 {
    let words = |t: &'_ str| -> Vec<String> {
        let mut all: Vec<String> = t.split(' ').map(str::to_owned).collect();
        all.sort_unstable();
        all.dedup();
        all
    };
    let (x, y) = (words(a), words(b));
    let common = x.iter().filter(|w| y.binary_search(w).is_ok()).count();
    #[expect(clippy::cast_precision_loss, reason = "a few words")]
    let share = common as f64 / (x.len() + y.len() - common).max(1) as f64;
    share
}
