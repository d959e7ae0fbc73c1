//! Conditions compiled to operations on columns, and run on a few thousand rows at a time by bit masks.
//!
//! Every operation stands once, however many programmes, periods and conditions need it, and is run on a chunk of rows only
//! when somebody asks for its result.

use std::collections::BTreeMap;

use crate::eval::{Facts, whole_years};
use crate::expr::{Bool, Num, Op, Typed};
use crate::frame::{Codes, Data, Ints, UNKNOWN_CODE, day_number, day_of};
use crate::lanes::{Lanes, Rows, lanes};

/// Rows that are evaluated together.
pub(crate) const CHUNK: usize = 2_048;
pub(crate) const WORDS: usize = CHUNK / 64;

/// A bit a row.
pub(crate) type Mask = [u64; WORDS];

/// Rows that surely are, and rows that surely are not. The rest is unknown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Truth {
    pub(crate) yes: Mask,
    pub(crate) no: Mask,
}

pub(crate) const NONE: Mask = [0; WORDS];
const ALL: Mask = [u64::MAX; WORDS];
const OPEN: Truth = Truth { yes: NONE, no: NONE };

/// Place of an operation in a [`Plan`].
pub(crate) type Reg = u32;

/// Place of a column in a [`Plan`].
type Col = u32;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Const(bool),
    Open,
    Flag(Col),
    Known(Col),
    /// `>=` and `==` a number; the other comparisons follow from these two.
    AtLeast(Col, i64),
    Equals(Col, i64),
    /// One of these codes.
    Among(Col, Vec<u16>),
    Not(Reg),
    All(Vec<Reg>),
    Any(Vec<Reg>),
    If(Reg, Reg, Reg),
    /// Place in `by_row`: a comparison that no column operation is for.
    ByRow(u32),
}

/// Operations over the columns of one or more frames.
#[derive(Debug, Default)]
pub(crate) struct Plan<'a> {
    steps: Vec<Step>,
    place_of: BTreeMap<Step, Reg>,
    columns: Vec<&'a Data>,
    column_of: BTreeMap<usize, Col>,
    by_row: Vec<(&'a Bool, Facts<'a>)>,
}

impl<'a> Plan<'a> {
    fn step(&mut self, step: Step) -> Reg {
        if let Some(reg) = self.place_of.get(&step) {
            return *reg;
        }
        let reg = Reg::try_from(self.steps.len()).expect("conditions are bounded");
        self.steps.push(step.clone());
        self.place_of.insert(step, reg);
        reg
    }

    fn column(&mut self, data: &'a Data) -> Col {
        let next = Col::try_from(self.columns.len()).expect("few columns");
        let col = *self.column_of.entry(std::ptr::from_ref(data).addr()).or_insert(next);
        if col == next {
            self.columns.push(data);
        }
        col
    }

    /// The operation that gives a condition's truth.
    pub(crate) fn lower(&mut self, b: &'a Bool, facts: Facts<'a>) -> Reg {
        let step = match b {
            Bool::Const(b) => Step::Const(*b),
            Bool::Flag(id) => match facts.frame.data(*id) {
                Some(data @ Data::Flag { .. }) => Step::Flag(self.column(data)),
                _ => Step::Open,
            },
            Bool::Known(id) => match facts.frame.data(*id) {
                Some(data) => Step::Known(self.column(data)),
                None => Step::Const(false),
            },
            Bool::Not(inner) => {
                let inner = self.lower(inner, facts);
                self.not(inner)
            }
            Bool::All(parts) => Step::All(self.lower_all(parts, facts)),
            Bool::Any(parts) => Step::Any(self.lower_all(parts, facts)),
            Bool::Compare(op, left, right) => return self.compare(b, *op, left, right, facts),
            Bool::OneOf(id, texts) => match facts.frame.data(*id) {
                Some(data @ Data::Code { names, .. }) => {
                    let mut codes: Vec<u16> = (0..UNKNOWN_CODE)
                        .zip(names)
                        .filter(|(_, name)| texts.contains(name))
                        .map(|(code, _)| code)
                        .collect();
                    codes.sort_unstable();
                    Step::Among(self.column(data), codes)
                }
                _ => Step::Open,
            },
            Bool::If(parts) => {
                let test = self.lower(&parts.0, facts);
                let yes = self.lower(&parts.1, facts);
                let no = self.lower(&parts.2, facts);
                Step::If(test, yes, no)
            }
            Bool::Named(named) => match &named.body {
                Typed::Bool(b) => return self.lower(b, facts),
                _ => Step::Open,
            },
        };
        self.step(step)
    }

    fn lower_all(&mut self, parts: &'a [Bool], facts: Facts<'a>) -> Vec<Reg> {
        let mut regs: Vec<Reg> = parts.iter().map(|p| self.lower(p, facts)).collect();
        regs.sort_unstable();
        regs.dedup();
        regs
    }

    fn not(&self, inner: Reg) -> Step {
        match self.steps[inner as usize] {
            Step::Not(twice) => self.steps[twice as usize].clone(),
            Step::Const(b) => Step::Const(!b),
            Step::Open => Step::Open,
            _ => Step::Not(inner),
        }
    }

    fn compare(
        &mut self,
        whole: &'a Bool,
        op: Op,
        left: &'a Num,
        right: &'a Num,
        facts: Facts<'a>,
    ) -> Reg {
        let Some(than) = constant(right, facts) else {
            if is_open(right, facts) {
                return self.step(Step::Open);
            }
            return self.by_row(whole, facts);
        };
        match left {
            Num::Int(id) => self.column_against(op, *id, than, facts),
            Num::Years(days) => {
                if let (Num::Int(id), Some(to)) = (&days.0, constant(&days.1, facts))
                    && let Some(reg) = self.age(op, *id, to, than, facts)
                {
                    return reg;
                }
                self.by_row(whole, facts)
            }
            Num::Named(named) => match &named.body {
                Typed::Int(left) | Typed::Date(left) => self.compare(whole, op, left, right, facts),
                _ => self.step(Step::Open),
            },
            _ => self.by_row(whole, facts),
        }
    }

    fn by_row(&mut self, whole: &'a Bool, facts: Facts<'a>) -> Reg {
        let place = u32::try_from(self.by_row.len()).expect("conditions are bounded");
        self.by_row.push((whole, facts));
        self.step(Step::ByRow(place))
    }

    fn column_against(&mut self, op: Op, id: crate::ColumnId, than: i64, facts: Facts<'a>) -> Reg {
        let Some(data @ Data::Int { .. }) = facts.frame.data(id) else {
            return self.step(Step::Open);
        };
        let col = self.column(data);
        let (step, turned) = match op {
            Op::Eq => (Step::Equals(col, than), false),
            Op::Ne => (Step::Equals(col, than), true),
            Op::Ge => (Step::AtLeast(col, than), false),
            Op::Lt => (Step::AtLeast(col, than), true),
            Op::Gt => (after(col, than), false),
            Op::Le => (after(col, than), true),
        };
        let reg = match step {
            // Nothing is above the highest number; what is not on file is not.
            Step::Const(_) => self.never(col),
            step => self.step(step),
        };
        if turned { self.negated(reg) } else { reg }
    }

    fn never(&mut self, col: Col) -> Reg {
        let known = self.step(Step::Known(col));
        let no = self.step(Step::Const(false));
        let open = self.step(Step::Open);
        self.step(Step::If(known, no, open))
    }

    fn negated(&mut self, reg: Reg) -> Reg {
        let step = self.not(reg);
        self.step(step)
    }

    /// Whole years from the day in a column to a set day, against a number: the day in the column against a set day.
    fn age(
        &mut self,
        op: Op,
        id: crate::ColumnId,
        to: i64,
        years: i64,
        facts: Facts<'a>,
    ) -> Option<Reg> {
        let (least, turned) = match op {
            Op::Ge => (years, false),
            Op::Lt => (years, true),
            Op::Gt => (years.checked_add(1)?, false),
            Op::Le => (years.checked_add(1)?, true),
            Op::Eq | Op::Ne => return None,
        };
        // Born on this day or before.
        let latest = day_years_before(to, least)?;
        let op = if turned { Op::Gt } else { Op::Le };
        Some(self.column_against(op, id, latest, facts))
    }
}

/// The last day from which `years` whole years have passed on `to`.
fn day_years_before(to: i64, years: i64) -> Option<i64> {
    let day = day_of(to)?;
    let year = i16::try_from(i64::from(day.year()).checked_sub(years)?).ok()?;
    let shifted = jiff::civil::Date::new(year, day.month(), day.day())
        .or_else(|_| jiff::civil::Date::new(year, day.month(), day.day() - 1))
        .ok()?;
    let shifted = day_number(shifted);
    debug_assert!(whole_years(shifted, to).is_some_and(|y| y >= years), "a birthday is reached");
    Some(shifted)
}

fn after(col: Col, than: i64) -> Step {
    than.checked_add(1).map_or(Step::Const(false), |than| Step::AtLeast(col, than))
}

/// A number that is the same for every row.
pub(crate) fn constant(n: &Num, facts: Facts<'_>) -> Option<i64> {
    match n {
        Num::Const(n) => Some(*n),
        Num::Param(place) => facts.params[*place],
        Num::PeriodStart => Some(facts.days.0),
        Num::PeriodEnd => Some(facts.days.1),
        Num::Sum(sum, sides) => sum.of(constant(&sides.0, facts)?, constant(&sides.1, facts)?),
        _ => None,
    }
}

fn is_open(n: &Num, facts: Facts<'_>) -> bool {
    matches!(n, Num::Param(place) if facts.params[*place].is_none())
}

/// The results of a plan's operations for one chunk of rows.
#[derive(Debug)]
pub(crate) struct Run<'p, 'a> {
    plan: &'p Plan<'a>,
    truths: Vec<Truth>,
    /// For which chunk each result is; 0: none yet.
    done: Vec<u32>,
    chunk: u32,
    /// First word of the chunk.
    word: usize,
    rows: usize,
}

impl<'p, 'a> Run<'p, 'a> {
    pub(crate) fn new(plan: &'p Plan<'a>, rows: usize) -> Self {
        let steps = plan.steps.len();
        Self { plan, truths: vec![OPEN; steps], done: vec![0; steps], chunk: 0, word: 0, rows }
    }

    /// Goes to the chunk whose first word this is.
    pub(crate) fn go_to(&mut self, word: usize) {
        self.word = word;
        self.chunk += 1;
    }

    /// The truth of an operation for the rows of the chunk. Bits beyond the last row mean nothing.
    pub(crate) fn truth(&mut self, reg: Reg) -> &Truth {
        let at = reg as usize;
        if self.done[at] != self.chunk {
            let truth = self.compute(at);
            self.truths[at] = truth;
            self.done[at] = self.chunk;
        }
        &self.truths[at]
    }

    fn compute(&mut self, at: usize) -> Truth {
        let plan = self.plan;
        let word = self.word;
        let data = |col: Col| plan.columns[col as usize];
        match &plan.steps[at] {
            Step::Const(true) => Truth { yes: ALL, no: NONE },
            Step::Const(false) => Truth { yes: NONE, no: ALL },
            Step::Open => OPEN,
            Step::Flag(col) => match data(*col) {
                Data::Flag { yes, no } => Truth { yes: words(yes, word), no: words(no, word) },
                _ => OPEN,
            },
            Step::Known(col) => {
                let known = known(data(*col), word);
                Truth { yes: known, no: known.map(|w| !w) }
            }
            Step::AtLeast(col, than) => match data(*col) {
                Data::Int { values, known, .. } => at_least(values, known, *than, word),
                _ => OPEN,
            },
            Step::Equals(col, than) => match data(*col) {
                Data::Int { values, known, .. } => equals(values, known, *than, word),
                _ => OPEN,
            },
            Step::Among(col, wanted) => match data(*col) {
                Data::Code { codes, .. } => among(codes, wanted, word),
                _ => OPEN,
            },
            Step::Not(inner) => {
                let Truth { yes, no } = *self.truth(*inner);
                Truth { yes: no, no: yes }
            }
            Step::All(parts) => {
                let mut out = Truth { yes: ALL, no: NONE };
                for part in parts {
                    let t = self.truth(*part);
                    for w in 0..WORDS {
                        out.yes[w] &= t.yes[w];
                        out.no[w] |= t.no[w];
                    }
                }
                out
            }
            Step::Any(parts) => {
                let mut out = Truth { yes: NONE, no: ALL };
                for part in parts {
                    let t = self.truth(*part);
                    for w in 0..WORDS {
                        out.yes[w] |= t.yes[w];
                        out.no[w] &= t.no[w];
                    }
                }
                out
            }
            Step::If(test, a, b) => {
                let (test, a, b) = (*self.truth(*test), *self.truth(*a), *self.truth(*b));
                let mut out = OPEN;
                for w in 0..WORDS {
                    let open = !(test.yes[w] | test.no[w]);
                    let choose =
                        |a: u64, b: u64| (test.yes[w] & a) | (test.no[w] & b) | (open & a & b);
                    out.yes[w] = choose(a.yes[w], b.yes[w]);
                    out.no[w] = choose(a.no[w], b.no[w]);
                }
                out
            }
            Step::ByRow(place) => {
                let (condition, facts) = plan.by_row[*place as usize];
                let Bool::Compare(op, left, right) = condition else { return OPEN };
                let here = self.rows.saturating_sub(word * 64).min(CHUNK);
                let rows = Rows::Span(word * 64, here);
                let (left, right) = (lanes(facts, left, rows), lanes(facts, right, rows));
                against(*op, &left, &right)
            }
        }
    }
}

fn against(op: Op, left: &Lanes, right: &Lanes) -> Truth {
    let (a, b) = (&left.values, &right.values);
    let holds = match op {
        Op::Eq => pack2(a, b, |a, b| a == b),
        Op::Ne => pack2(a, b, |a, b| a != b),
        Op::Lt => pack2(a, b, |a, b| a < b),
        Op::Le => pack2(a, b, |a, b| a <= b),
        Op::Gt => pack2(a, b, |a, b| a > b),
        Op::Ge => pack2(a, b, |a, b| a >= b),
    };
    let mut open = NONE;
    for side in [left, right] {
        if !side.open.is_empty() {
            let missing = pack(&side.open, 0, |o| o);
            open.iter_mut().zip(missing).for_each(|(o, m)| *o |= m);
        }
    }
    let mut out = OPEN;
    for w in 0..WORDS {
        out.yes[w] = holds[w] & !open[w];
        out.no[w] = !holds[w] & !open[w];
    }
    out
}

fn known(data: &Data, word: usize) -> Mask {
    match data {
        Data::Flag { yes, no } => {
            let (mut out, no) = (words(yes, word), words(no, word));
            out.iter_mut().zip(no).for_each(|(o, n)| *o |= n);
            out
        }
        Data::Int { known, .. } => words(known, word),
        Data::Code { codes: Codes::Narrow(c), .. } => pack(c, word, |c| c != u8::MAX),
        Data::Code { codes: Codes::Wide(c), .. } => pack(c, word, |c| c != UNKNOWN_CODE),
    }
}

/// Of the rows whose value is known, those in `holds`.
fn of_known(known: &[u64], word: usize, holds: &Mask) -> Truth {
    let known = words(known, word);
    let mut out = OPEN;
    for w in 0..WORDS {
        out.yes[w] = known[w] & holds[w];
        out.no[w] = known[w] & !holds[w];
    }
    out
}

fn at_least(values: &Ints, known: &[u64], than: i64, word: usize) -> Truth {
    let holds = match values {
        Ints::Narrow(v) => match i32::try_from(than) {
            Ok(than) => pack(v, word, |v| v >= than),
            Err(_) if than < 0 => ALL,
            Err(_) => NONE,
        },
        Ints::Wide(v) => pack(v, word, |v| v >= than),
    };
    of_known(known, word, &holds)
}

fn equals(values: &Ints, known: &[u64], than: i64, word: usize) -> Truth {
    let holds = match values {
        Ints::Narrow(v) => i32::try_from(than).map_or(NONE, |than| pack(v, word, |v| v == than)),
        Ints::Wide(v) => pack(v, word, |v| v == than),
    };
    of_known(known, word, &holds)
}

/// Rows whose code is one of a few.
fn among(codes: &Codes, wanted: &[u16], word: usize) -> Truth {
    let (yes, known) = match codes {
        Codes::Narrow(codes) => {
            let wanted: Vec<u8> = wanted.iter().map(|c| c.to_le_bytes()[0]).collect();
            (any_of(codes, &wanted, word), pack(codes, word, |c| c != u8::MAX))
        }
        Codes::Wide(codes) => {
            (any_of(codes, wanted, word), pack(codes, word, |c| c != UNKNOWN_CODE))
        }
    };
    let mut no = NONE;
    for w in 0..WORDS {
        no[w] = known[w] & !yes[w];
    }
    Truth { yes, no }
}

/// One, two or three codes at once; more of them in several goes.
#[expect(clippy::needless_bitwise_bool, reason = "all are compared, so that there is no branch")]
fn any_of<T: Copy + Eq>(codes: &[T], wanted: &[T], word: usize) -> Mask {
    match *wanted {
        [] => NONE,
        [a] => pack(codes, word, |c| c == a),
        [a, b] => pack(codes, word, |c| (c == a) | (c == b)),
        [a, b, c] => pack(codes, word, |x| (x == a) | (x == b) | (x == c)),
        [a, b, c, ..] => {
            let mut out = pack(codes, word, |x| (x == a) | (x == b) | (x == c));
            let rest = any_of(codes, &wanted[3..], word);
            out.iter_mut().zip(rest).for_each(|(o, r)| *o |= r);
            out
        }
    }
}

fn words(of: &[u64], from: usize) -> Mask {
    let mut out = NONE;
    let part = &of[from.min(of.len())..of.len().min(from + WORDS)];
    out[..part.len()].copy_from_slice(part);
    out
}

/// A bit a pair, from the first.
fn pack2(left: &[i64], right: &[i64], holds: impl Fn(i64, i64) -> bool) -> Mask {
    let mut out = NONE;
    for ((o, left), right) in out.iter_mut().zip(left.chunks(64)).zip(right.chunks(64)) {
        let mut bytes = [0_u8; 64];
        for ((byte, a), b) in bytes.iter_mut().zip(left).zip(right) {
            *byte = u8::from(holds(*a, *b));
        }
        *o = gather(&bytes);
    }
    out
}

/// The lowest bits of 64 bytes.
fn gather(bytes: &[u8; 64]) -> u64 {
    /// Brings the lowest bit of each of eight bytes together in the highest byte.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let (eights, _) = bytes.as_chunks::<8>();
    let mut out = 0;
    for (i, eight) in eights.iter().enumerate() {
        out |= (u64::from_le_bytes(*eight).wrapping_mul(GATHER) >> 56) << (8 * i);
    }
    out
}

/// A bit a value. The bytes in between let the compiler compare many values with one instruction.
fn pack<T: Copy>(values: &[T], word: usize, holds: impl Fn(T) -> bool) -> Mask {
    let mut out = NONE;
    let part = &values[(word * 64).min(values.len())..values.len().min(word * 64 + CHUNK)];
    for (o, group) in out.iter_mut().zip(part.chunks(64)) {
        let mut bytes = [0_u8; 64];
        if let Ok(group) = <&[T; 64]>::try_from(group) {
            for (b, v) in bytes.iter_mut().zip(group) {
                *b = u8::from(holds(*v));
            }
        } else {
            for (b, v) in bytes.iter_mut().zip(group) {
                *b = u8::from(holds(*v));
            }
        }
        *o = gather(&bytes);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::{COLUMNS, ColumnType, FrameKind};
    use crate::frame::Frame;
    use crate::set::PolicySet;
    use proptest::prelude::*;

    /// Two ways to one answer: by masks and row by row.
    fn agree(facts: Facts<'_>, condition: &Bool) {
        let mut plan = Plan::default();
        let reg = plan.lower(condition, facts);
        let mut run = Run::new(&plan, facts.frame.rows());
        for word in (0..facts.frame.rows().div_ceil(64)).step_by(WORDS) {
            run.go_to(word);
            let truth = *run.truth(reg);
            for row in word * 64..facts.frame.rows().min(word * 64 + CHUNK) {
                let (w, bit) = (row / 64 - word, row % 64);
                let masks = match (truth.yes[w] >> bit & 1, truth.no[w] >> bit & 1) {
                    (1, 0) => Some(true),
                    (0, 1) => Some(false),
                    (0, 0) => None,
                    both => panic!("row {row} is both yes and no: {both:?}"),
                };
                assert_eq!(masks, facts.holds(condition, row), "row {row} of {condition:?}");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

        #[test]
        fn masks_and_rows_agree(seed in any::<u64>(), rows in prop::sample::select(vec![1_usize, 63, 64, 65, 2_047, 2_048, 2_049, 5_000])) {
            let set = PolicySet::builtin();
            let mut state = seed | 1;
            let mut next = || {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                state
            };
            for kind in FrameKind::ALL {
                let mut frame = Frame::new(*kind, rows);
                for c in COLUMNS.iter().filter(|c| c.frames.contains(kind)) {
                    let cells: Vec<u64> = (0..rows).map(|_| next() >> 20).collect();
                    let small = |n: &u64| i64::try_from(n % 70).unwrap();
                    let done = match c.column_type {
                        ColumnType::Flag => frame.set_flags(c.name, cells.iter().map(|n| [Some(true), Some(false), None][usize::try_from(n % 3).unwrap()])),
                        ColumnType::Int => frame.set_ints(c.name, cells.iter().map(|n| (n % 5 > 0).then(|| small(n)))),
                        ColumnType::Date => frame.set_dates(
                            c.name,
                            cells.iter().map(|n| (n % 7 > 0).then(|| day_of(i64::try_from(n % 40_000).unwrap()).unwrap())),
                        ),
                        ColumnType::Code(_) | ColumnType::Text(_) => {
                            let codes = c.column_type.values();
                            frame.set_codes(c.name, cells.iter().map(|n| {
                                codes.get(usize::try_from(*n).unwrap() % (codes.len() + 1)).map(|(code, _)| *code)
                            }))
                        }
                    };
                    done.unwrap();
                }
                let params = set.numbers_on(jiff::civil::date(2024, 9, 1));
                let facts = Facts { frame: &frame, params: &params, days: (19_967, 20_119) };
                for programme in set.programmes().iter().filter(|p| p.frame == *kind) {
                    for condition in &programme.who {
                        agree(facts, condition);
                    }
                    for when in programme.layers.iter().flatten().filter_map(|r| r.when.as_ref()) {
                        agree(facts, when);
                    }
                }
            }
        }
    }
}
