//! Cells worked out for comparing: every different value once.

use rayon::prelude::*;

use super::date::Dates;
use super::identity::Ids;
use super::read::Table;
use super::spec::{Comparison, Kind, Part, PartOf, Spec, Test};
use super::text;
use crate::hanzi::Names;
use crate::mention::{Texts, hash, mix};

/// The rows as the comparisons see them.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) rows: u32,
    /// Cells a row.
    pub(crate) width: usize,
    /// Numbers of values, row by row; 0 is missing.
    cells: Vec<u32>,
    /// A hash of what a row says, the same in every run.
    pub(crate) said: Vec<u64>,
    /// A hash of what a row is called: tells rows apart that say the same.
    pub(crate) called: Vec<u64>,
    pub(crate) slots: Vec<Slot>,
    pub(crate) texts: TextValues,
    pub(crate) names: Names,
    pub(crate) dates: Dates,
    pub(crate) ids: Ids,
    /// Which list a row stands on; 0 is none.
    pub(crate) list: Vec<u32>,
}

/// One column read in one way.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) column: String,
    pub(crate) kind: Kind,
    /// How many rows have each value.
    pub(crate) count: Vec<u32>,
    /// For names: how many rows have a name that sounds so.
    pub(crate) sounds: Vec<u32>,
    /// How many rows have one.
    pub(crate) present: u64,
}

/// Folded texts with their characters.
#[derive(Debug, Default)]
pub(crate) struct TextValues {
    texts: Texts,
    chars: Vec<char>,
    end: Vec<u32>,
    /// Numbers of the text without anything but letters and digits.
    compact: Vec<u32>,
    numbers: Vec<f64>,
}

impl Slot {
    /// What follows from how often each value occurs.
    fn sum_up(&mut self, names: &Names) {
        self.present = self.count.iter().map(|c| u64::from(*c)).sum();
        if self.kind != Kind::Name {
            return;
        }
        let values = u32::try_from(self.count.len()).expect("values fit 32 bits");
        let mut sounds: Vec<(u64, u32)> = (1..values)
            .filter(|v| self.count[*v as usize] > 0)
            .map(|v| (names.sound(v), v))
            .collect();
        sounds.sort_unstable();
        self.sounds = vec![0; self.count.len()];
        for alike in sounds.chunk_by(|a, b| a.0 == b.0) {
            let sum = alike.iter().map(|(_, v)| self.count[*v as usize]).sum();
            for (_, v) in alike {
                self.sounds[*v as usize] = sum;
            }
        }
    }
}

impl TextValues {
    fn finish(&mut self, numbers: bool) {
        let count = u32::try_from(self.texts.len()).expect("texts are counted in 32 bits");
        let mut forms = Texts::default();
        let mut form = String::new();
        for n in 0..=count {
            let text = self.texts.get(n);
            self.chars.extend(text.chars());
            self.end.push(u32::try_from(self.chars.len()).expect("characters fit 32 bits"));
            form.clear();
            form.extend(text.chars().filter(|c| c.is_alphanumeric()));
            self.compact.push(forms.intern(&form));
            if numbers {
                self.numbers.push(text.parse().unwrap_or(f64::NAN));
            }
        }
        self.texts.seal();
    }

    pub(crate) fn chars(&self, value: u32) -> &[char] {
        let n = value as usize;
        let from = if n == 0 { 0 } else { self.end[n - 1] as usize };
        &self.chars[from..self.end[n] as usize]
    }

    pub(crate) fn text(&self, value: u32) -> &str {
        self.texts.get(value)
    }

    pub(crate) fn compact(&self, value: u32) -> u32 {
        self.compact[value as usize]
    }

    pub(crate) fn number(&self, value: u32) -> f64 {
        self.numbers[value as usize]
    }
}

/// Small letters, single spaces, half-width forms.
fn fold(text: &str, out: &mut String) {
    out.clear();
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        for c in word.chars() {
            let c = match c {
                '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
                c => c,
            };
            if c.is_ascii() {
                out.push(c.to_ascii_lowercase());
            } else {
                out.extend(c.to_lowercase());
            }
        }
    }
}

/// How a column must be read for a part of a blocking key that no comparison reads.
fn kind_of_part(part: &Part) -> Kind {
    match part.of {
        PartOf::Year | PartOf::MonthDay => Kind::Date,
        PartOf::Birth | PartOf::Tail => Kind::CitizenId,
        _ => Kind::Text,
    }
}

/// Every different value, by the way in which it is read.
struct Dictionaries {
    texts: TextValues,
    names: Names,
    dates: Dates,
    ids: Ids,
    /// By slot: the value of each text of its column.
    maps: Vec<Vec<u32>>,
}

impl Dictionaries {
    fn of(table: &Table, wanted: &[(String, Kind)]) -> Self {
        let of = |kinds: &[Kind]| -> Vec<usize> {
            (0..wanted.len()).filter(|s| kinds.contains(&wanted[*s].1)).collect()
        };
        let column =
            |slot: usize| table.column(&wanted[slot].0).expect("the columns of the spec were read");
        let texts_of = of(&[Kind::Text, Kind::Number, Kind::List, Kind::Place, Kind::Exact]);
        let (names_of, dates_of, ids_of) =
            (of(&[Kind::Name]), of(&[Kind::Date]), of(&[Kind::CitizenId]));
        let size = |slots: &[usize]| {
            let texts = slots.iter().map(|s| &column(*s).texts);
            texts.fold((0, 0), |(n, b), t| (n + t.len(), b + t.bytes()))
        };
        // Each kind has one dictionary for all its columns, so that values can be compared across them.
        let ((texts, names), (dates, ids)) = rayon::join(
            || {
                rayon::join(
                    || {
                        let mut values = TextValues::default();
                        let (count, bytes) = size(&texts_of);
                        values.texts.reserve(count, bytes);
                        let mut folded = String::new();
                        let maps = each(&texts_of, |slot| {
                            map(&column(slot).texts, |text| {
                                fold(text, &mut folded);
                                values.texts.intern(&folded)
                            })
                        });
                        values.finish(!of(&[Kind::Number]).is_empty());
                        (values, maps)
                    },
                    || {
                        let mut all = Texts::default();
                        let (count, bytes) = size(&names_of);
                        all.reserve(count, bytes);
                        let maps =
                            each(&names_of, |slot| map(&column(slot).texts, |t| all.intern(t)));
                        let names = Names::new(&all);
                        let maps = maps
                            .into_iter()
                            .map(|m| m.into_iter().map(|n| names.folded(n)).collect::<Vec<u32>>())
                            .collect::<Vec<_>>();
                        (names.by_form(), maps)
                    },
                )
            },
            || {
                rayon::join(
                    || {
                        let mut dates = Dates::default();
                        let maps =
                            each(&dates_of, |slot| map(&column(slot).texts, |t| dates.intern(t)));
                        (dates, maps)
                    },
                    || {
                        let (count, bytes) = size(&ids_of);
                        let mut ids = Ids::with_room(count, bytes);
                        let maps =
                            each(&ids_of, |slot| map(&column(slot).texts, |t| ids.intern(t)));
                        (ids, maps)
                    },
                )
            },
        );
        let ((texts, text_maps), (names, name_maps)) = (texts, names);
        let ((dates, date_maps), (ids, id_maps)) = (dates, ids);
        let mut maps: Vec<Vec<u32>> = vec![Vec::new(); wanted.len()];
        for (slots, found) in
            [(texts_of, text_maps), (names_of, name_maps), (dates_of, date_maps), (ids_of, id_maps)]
        {
            for (slot, map) in slots.into_iter().zip(found) {
                maps[slot] = map;
            }
        }
        Self { texts, names, dates, ids, maps }
    }
}

impl Frame {
    /// Works out every column that `spec` speaks of.
    pub(crate) fn new(table: &Table, spec: &Spec) -> Self {
        let wanted = wanted(spec);
        let values = Dictionaries::of(table, &wanted);
        let mut frame = Self::of(table, spec, wanted, values);
        frame.called.clone_from(&table.called);
        frame
    }

    /// The same, and gives back what the columns hold as soon as it is not needed any more, but for those to `keep`.
    pub(crate) fn take(table: &mut Table, spec: &Spec, keep: &[&str]) -> Self {
        let wanted = wanted(spec);
        let values = Dictionaries::of(table, &wanted);
        for column in table.columns.iter_mut().filter(|c| !keep.contains(&c.name.as_str())) {
            column.texts = Texts::default();
        }
        let mut frame = Self::of(table, spec, wanted, values);
        frame.called = std::mem::take(&mut table.called);
        table.columns.retain(|c| keep.contains(&c.name.as_str()));
        frame
    }

    fn of(table: &Table, spec: &Spec, wanted: Vec<(String, Kind)>, values: Dictionaries) -> Self {
        let Dictionaries { texts, names, mut dates, mut ids, maps } = values;
        ids.finish();
        let births = if spec.fills.is_empty() { Vec::new() } else { dates.births_of(&ids) };
        dates.finish();
        let width = wanted.len();
        let mut frame = Self {
            rows: u32::try_from(table.rows).expect("rows are counted in 32 bits"),
            width,
            cells: vec![0; table.rows * width],
            said: Vec::new(),
            called: Vec::new(),
            slots: wanted
                .into_iter()
                .map(|(column, kind)| Slot {
                    column,
                    kind,
                    count: Vec::new(),
                    sounds: Vec::new(),
                    present: 0,
                })
                .collect(),
            texts,
            names,
            dates,
            ids,
            list: lists(table, spec),
        };
        frame.fill_cells(table, spec, &maps, &births);
        frame.count();
        frame
    }

    fn fill_cells(&mut self, table: &Table, spec: &Spec, maps: &[Vec<u32>], births: &[u32]) {
        let width = self.width;
        let columns: Vec<&[u32]> = self
            .slots
            .iter()
            .map(|s| {
                table.column(&s.column).expect("the columns of the spec were read").codes.as_slice()
            })
            .collect();
        let fills: Vec<(usize, usize)> = spec
            .fills
            .iter()
            .filter_map(|(to, from)| {
                Some((self.slot(to, Kind::Date)?, self.slot(from, Kind::CitizenId)?))
            })
            .collect();
        let doubts: Vec<(usize, usize)> = spec
            .comparisons
            .iter()
            .filter_map(|c| {
                let id = self.slot(&c.columns[0], Kind::CitizenId)?;
                Some((id, self.slot(c.birth.as_deref()?, Kind::Date)?))
            })
            .collect();
        let ids: Vec<usize> =
            (0..width).filter(|s| self.slots[*s].kind == Kind::CitizenId).collect();
        let (id_values, dates) = (&self.ids, &self.dates);
        self.cells.par_chunks_mut(width.max(1) * 4096).enumerate().for_each(|(chunk, cells)| {
            for (at, cell) in cells.chunks_mut(width).enumerate() {
                let row = chunk * 4096 + at;
                for (slot, value) in cell.iter_mut().enumerate() {
                    *value = maps[slot][columns[slot][row] as usize];
                }
                // An id takes two numbers: the second where it contradicts the row's own date of birth.
                for slot in &ids {
                    cell[*slot] *= 2;
                }
                for (id, birth) in &doubts {
                    let born = id_values.born(cell[*id] / 2);
                    if born != 0 && cell[*birth] != 0 && dates.contradict(born, cell[*birth]) {
                        cell[*id] += 1;
                    }
                }
                for (to, from) in &fills {
                    if cell[*to] == 0 && cell[*from] % 2 == 0 {
                        cell[*to] = births.get(cell[*from] as usize / 2).copied().unwrap_or(0);
                    }
                }
            }
        });
    }

    fn count(&mut self) {
        let (cells, width) = (&self.cells, self.width);
        let (names, stable) = (&self.names, self.stable());
        self.slots.par_iter_mut().enumerate().for_each(|(at, slot)| {
            let column = || cells.iter().skip(at).step_by(width.max(1)).copied();
            let largest = column().max().unwrap_or(0);
            slot.count = vec![0; largest as usize + 1];
            for value in column() {
                slot.count[value as usize] += 1;
            }
            slot.count[0] = 0;
            slot.sum_up(names);
        });
        self.said = (0..self.rows)
            .into_par_iter()
            .with_min_len(4096)
            .map(|row| {
                let cells = self.row(row);
                cells.iter().zip(&stable).fold(self.list_hash(row), |h, (value, stable)| {
                    mix(h ^ if *value == 0 { 0 } else { stable[*value as usize] })
                })
            })
            .collect();
    }

    /// Takes rows out of the counts of values: what they say is said by another row that stays.
    pub(crate) fn discount(&mut self, rows: impl Iterator<Item = u32>) {
        for row in rows {
            let from = row as usize * self.width;
            for (slot, value) in self.slots.iter_mut().zip(&self.cells[from..from + self.width]) {
                if *value != 0 {
                    slot.count[*value as usize] -= 1;
                }
            }
        }
        for slot in &mut self.slots {
            slot.sum_up(&self.names);
        }
    }

    fn list_hash(&self, row: u32) -> u64 {
        u64::from(self.list.get(row as usize).is_some_and(|l| *l != 0))
    }

    /// Hashes of the values of each slot that are the same in every run.
    fn stable(&self) -> Vec<Vec<u64>> {
        self.slots
            .par_iter()
            .enumerate()
            .map(|(at, slot)| {
                let largest = self
                    .cells
                    .iter()
                    .skip(at)
                    .step_by(self.width.max(1))
                    .max()
                    .copied()
                    .unwrap_or(0);
                (0..=largest).map(|v| self.stable_hash(slot.kind, v)).collect()
            })
            .collect()
    }

    fn stable_hash(&self, kind: Kind, value: u32) -> u64 {
        match kind {
            Kind::Name => self.names.stable(value),
            Kind::Date => self.dates.stable(value),
            Kind::CitizenId => self.ids.stable(value),
            _ => hash(self.texts.text(value)),
        }
    }

    pub(crate) fn row(&self, row: u32) -> &[u32] {
        let from = row as usize * self.width;
        &self.cells[from..from + self.width]
    }

    pub(crate) fn slot(&self, column: &str, kind: Kind) -> Option<usize> {
        self.slots.iter().position(|s| s.column == column && s.kind == kind)
    }

    /// The slot from which a part of a blocking key is taken.
    pub(crate) fn slot_of_part(&self, part: &Part) -> usize {
        let kind = kind_of_part(part);
        self.slot(&part.column, kind)
            .or_else(|| self.slots.iter().position(|s| s.column == part.column))
            .expect("every part has its slot")
    }

    /// The hash of a part of a value; 0 if it has none.
    pub(crate) fn part_hash(&self, slot: usize, of: PartOf, value: u32) -> u64 {
        if value == 0 {
            return 0;
        }
        let kind = self.slots[slot].kind;
        let some = |n: u64| if n == 0 { 0 } else { mix(n) | 1 };
        if let PartOf::Whole = of {
            let value = if kind == Kind::CitizenId { value / 2 } else { value };
            return match kind {
                Kind::Date if self.dates.packed(value) != 0 => {
                    some(u64::from(self.dates.packed(value)))
                }
                _ => some(u64::from(value)),
            };
        }
        match kind {
            Kind::Name => some(match of {
                PartOf::Sound => self.names.sound(value),
                PartOf::Surname => self.names.surname(value),
                PartOf::Given => self.names.given(value),
                PartOf::Last => self.names.last(value),
                PartOf::Unordered => self.names.unordered(value),
                _ => 0,
            }),
            Kind::Date => some(match of {
                PartOf::Year => u64::from(self.dates.packed(value) / 10_000),
                PartOf::MonthDay => u64::from(self.dates.packed(value) % 10_000),
                _ => 0,
            }),
            Kind::CitizenId => {
                let digits = self.ids.digits(value / 2);
                some(match of {
                    PartOf::Birth if digits.len() >= 14 => packed(&digits[6..14]),
                    PartOf::Tail if digits.len() >= 17 => packed(&digits[13..17]),
                    PartOf::Left(n) if digits.len() >= n => packed(&digits[..n]),
                    PartOf::Right(n) if digits.len() >= n => packed(&digits[digits.len() - n..]),
                    _ => 0,
                })
            }
            _ => {
                let chars = self.texts.chars(value);
                let folded = |chars: &[char]| chars.iter().fold(7, |h, c| mix(h ^ u64::from(*c)));
                some(match of {
                    PartOf::Sound => u64::from(text::soundex(chars)),
                    PartOf::Left(n) if !chars.is_empty() => folded(&chars[..n.min(chars.len())]),
                    PartOf::Right(n) if !chars.is_empty() => {
                        folded(&chars[chars.len().saturating_sub(n)..])
                    }
                    PartOf::Unordered => chars
                        .split(|c| !c.is_alphanumeric())
                        .filter(|w| !w.is_empty())
                        .fold(0, |h: u64, w| h.wrapping_add(folded(w))),
                    _ => 0,
                })
            }
        }
    }
}

fn packed(digits: &[u8]) -> u64 {
    digits.iter().fold(1, |h, d| mix(h ^ u64::from(*d)))
}

/// Every column with the way in which it is read.
fn wanted(spec: &Spec) -> Vec<(String, Kind)> {
    let mut wanted: Vec<(String, Kind)> = Vec::new();
    let want = |wanted: &mut Vec<(String, Kind)>, column: &str, kind: Kind| {
        if !wanted.iter().any(|(c, k)| c == column && *k == kind) {
            wanted.push((column.to_owned(), kind));
        }
    };
    for comparison in &spec.comparisons {
        for column in &comparison.columns {
            want(&mut wanted, column, comparison.kind);
        }
        for test in comparison.levels.iter().flat_map(|l| &l.tests) {
            if let Test::Crossed(column) = test {
                want(&mut wanted, column, comparison.kind);
            }
        }
    }
    for part in all_parts(spec) {
        let kind = kind_of_part(part);
        let there = |k: Kind| kind == k || (kind == Kind::Text);
        if !wanted.iter().any(|(c, k)| *c == part.column && there(*k)) {
            want(&mut wanted, &part.column, kind);
        }
    }
    wanted
}

/// Every part of a key that a spec speaks of.
fn all_parts(spec: &Spec) -> impl Iterator<Item = &Part> {
    let blocks = spec.blocks.iter().flat_map(|b| b.on.iter().chain(&b.then));
    blocks.chain(spec.household.iter().flatten()).chain(spec.prior.iter().flatten())
}

fn each(slots: &[usize], one: impl FnMut(usize) -> Vec<u32>) -> Vec<Vec<u32>> {
    slots.iter().copied().map(one).collect()
}

/// The value of every text of a column, by the text's number.
fn map(texts: &Texts, mut value: impl FnMut(&str) -> u32) -> Vec<u32> {
    let count = u32::try_from(texts.len()).expect("texts are counted in 32 bits");
    (0..=count).map(|n| if n == 0 { 0 } else { value(texts.get(n)) }).collect()
}

/// The number of the list that each row stands on.
fn lists(table: &Table, spec: &Spec) -> Vec<u32> {
    match &spec.list {
        Some(name) => {
            let column = table.column(name).expect("the column of lists was read");
            if table.files.len() == 1 {
                return column.codes.clone();
            }
            // A list of one file is not that of another.
            (0_u32..)
                .zip(&column.codes)
                .map(|(row, code)| {
                    let files = u32::try_from(table.files.len()).expect("few files");
                    let file = u32::try_from(table.file_of(row)).expect("few files");
                    if *code == 0 { 0 } else { code * files + file }
                })
                .collect()
        }
        None if spec.one_to_one && table.files.len() > 1 => (0..u32::try_from(table.rows)
            .expect("32 bits"))
            .map(|row| u32::try_from(table.file_of(row)).expect("few files") + 1)
            .collect(),
        None => Vec::new(),
    }
}

/// The slots of a comparison.
pub(crate) fn slots_of(frame: &Frame, comparison: &Comparison) -> Vec<usize> {
    comparison
        .columns
        .iter()
        .map(|c| frame.slot(c, comparison.kind).expect("every comparison has its slots"))
        .collect()
}
