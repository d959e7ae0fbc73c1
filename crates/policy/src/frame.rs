use std::sync::Arc;

use jiff::civil::Date;

use crate::column::{COLUMNS, ColumnType, FrameKind, column_of};
use crate::{ColumnId, PolicyError, nearest};

/// Facts about many subjects of one kind, column by column. A fact that is not on file is unknown: neither no nor zero.
///
/// A column that was never set is unknown in every row. A clone shares the columns that both have.
#[derive(Clone, Debug)]
pub struct Frame {
    kind: FrameKind,
    rows: usize,
    columns: Vec<Option<Arc<Data>>>,
}

/// The values of one column.
#[derive(Clone, Debug)]
pub(crate) enum Data {
    /// Rows that surely are, and rows that surely are not, by bit.
    Flag { yes: Vec<u64>, no: Vec<u64> },
    /// Numbers and days since 1970-01-01; a row whose bit is unset is unknown. `whole`: none is.
    Int { values: Ints, known: Vec<u64>, whole: bool },
    /// Positions in `names`.
    Code { codes: Codes, names: Vec<Arc<str>> },
}

/// Whole numbers, as narrow as they fit: what is compared is read from memory, and memory is what is slow.
#[derive(Clone, Debug)]
pub(crate) enum Ints {
    Narrow(Vec<i32>),
    Wide(Vec<i64>),
}

impl Ints {
    fn of(values: Vec<i64>) -> Self {
        let narrow: Option<Vec<i32>> = values.iter().map(|v| i32::try_from(*v).ok()).collect();
        narrow.map_or(Self::Wide(values), Self::Narrow)
    }

    pub(crate) fn get(&self, row: usize) -> i64 {
        match self {
            Self::Narrow(v) => i64::from(v[row]),
            Self::Wide(v) => v[row],
        }
    }
}

/// Codes, as narrow as they fit; the highest is for what is not on file.
#[derive(Clone, Debug)]
pub(crate) enum Codes {
    Narrow(Vec<u8>),
    Wide(Vec<u16>),
}

impl Codes {
    fn of(codes: Vec<u16>, names: usize) -> Self {
        if names > usize::from(u8::MAX) {
            return Self::Wide(codes);
        }
        // The code of what is not on file is the highest: its low byte is 255, which no name has.
        Self::Narrow(codes.into_iter().map(|c| c.to_le_bytes()[0]).collect())
    }

    /// The place of a row's name; `None` where not on file.
    pub(crate) fn get(&self, row: usize) -> Option<usize> {
        match self {
            Self::Narrow(c) => Some(c[row]).filter(|c| *c != u8::MAX).map(usize::from),
            Self::Wide(c) => Some(c[row]).filter(|c| *c != UNKNOWN_CODE).map(usize::from),
        }
    }
}

pub(crate) const UNKNOWN_CODE: u16 = u16::MAX;

impl Frame {
    /// A frame of so many rows in which nothing is known yet.
    pub fn new(kind: FrameKind, rows: usize) -> Self {
        Self { kind, rows, columns: vec![None; COLUMNS.len()] }
    }

    /// What a row is.
    pub fn kind(&self) -> FrameKind {
        self.kind
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    fn place(&self, name: &str, fits: fn(ColumnType) -> bool) -> Result<usize, PolicyError> {
        let Some(id) = column_of(self.kind, name) else {
            let names = COLUMNS.iter().filter(|c| c.frames.contains(&self.kind)).map(|c| c.name);
            return Err(PolicyError::NoSuchColumn {
                frame: self.kind,
                column: name.to_owned(),
                nearest: nearest(name, names).map(str::to_owned),
            });
        };
        let id = usize::from(id);
        if fits(COLUMNS[id].column_type) {
            Ok(id)
        } else {
            Err(PolicyError::ColumnType {
                column: name.to_owned(),
                wanted: COLUMNS[id].column_type.name(),
            })
        }
    }

    fn full(&self, name: &str, given: usize) -> Result<(), PolicyError> {
        if given == self.rows {
            Ok(())
        } else {
            Err(PolicyError::ColumnLength { column: name.to_owned(), rows: self.rows, given })
        }
    }

    /// Sets a yes-or-no column, one value a row.
    ///
    /// # Errors
    /// If the frame has no such column of this type, or the number of values is not the number of rows.
    pub fn set_flags(
        &mut self,
        name: &str,
        values: impl IntoIterator<Item = Option<bool>>,
    ) -> Result<(), PolicyError> {
        let id = self.place(name, |t| matches!(t, ColumnType::Flag))?;
        let words = self.rows.div_ceil(64);
        let (mut yes, mut no) = (vec![0_u64; words], vec![0_u64; words]);
        let mut given = 0;
        for (row, value) in values.into_iter().enumerate() {
            given = row + 1;
            if row >= self.rows {
                break;
            }
            match value {
                Some(true) => yes[row / 64] |= 1 << (row % 64),
                Some(false) => no[row / 64] |= 1 << (row % 64),
                None => {}
            }
        }
        self.full(name, given)?;
        self.columns[id] = Some(Arc::new(Data::Flag { yes, no }));
        Ok(())
    }

    /// Sets a column of whole numbers, one value a row.
    ///
    /// # Errors
    /// As [`Frame::set_flags`].
    pub fn set_ints(
        &mut self,
        name: &str,
        values: impl IntoIterator<Item = Option<i64>>,
    ) -> Result<(), PolicyError> {
        let id = self.place(name, |t| matches!(t, ColumnType::Int))?;
        self.put_numbers(id, name, values.into_iter())
    }

    /// Sets a column of days, one value a row.
    ///
    /// # Errors
    /// As [`Frame::set_flags`].
    pub fn set_dates(
        &mut self,
        name: &str,
        values: impl IntoIterator<Item = Option<Date>>,
    ) -> Result<(), PolicyError> {
        let id = self.place(name, |t| matches!(t, ColumnType::Date))?;
        self.put_numbers(id, name, values.into_iter().map(|v| v.map(day_number)))
    }

    fn put_numbers(
        &mut self,
        id: usize,
        name: &str,
        values: impl Iterator<Item = Option<i64>>,
    ) -> Result<(), PolicyError> {
        let mut numbers = Vec::with_capacity(self.rows);
        let mut known = vec![0_u64; self.rows.div_ceil(64)];
        let mut given = 0;
        let mut whole = true;
        for (row, value) in values.enumerate() {
            given = row + 1;
            if row >= self.rows {
                break;
            }
            known[row / 64] |= u64::from(value.is_some()) << (row % 64);
            whole &= value.is_some();
            numbers.push(value.unwrap_or(0));
        }
        self.full(name, given)?;
        let values = Ints::of(numbers);
        self.columns[id] = Some(Arc::new(Data::Int { values, known, whole }));
        Ok(())
    }

    /// Sets a column of codes or texts, one value a row.
    ///
    /// # Errors
    /// As [`Frame::set_flags`]; and if a column holds more than 65 000 different texts.
    pub fn set_codes<'a>(
        &mut self,
        name: &str,
        values: impl IntoIterator<Item = Option<&'a str>>,
    ) -> Result<(), PolicyError> {
        let id = self.place(name, |t| matches!(t, ColumnType::Code(_) | ColumnType::Text(_)))?;
        let mut codes = Vec::with_capacity(self.rows);
        let mut names: Vec<Arc<str>> = Vec::new();
        let mut sorted: std::collections::BTreeMap<Arc<str>, u16> =
            std::collections::BTreeMap::new();
        let mut last: Option<u16> = None;
        let mut given = 0;
        for (row, value) in values.into_iter().enumerate() {
            given = row + 1;
            if row >= self.rows {
                break;
            }
            let Some(text) = value else {
                codes.push(UNKNOWN_CODE);
                continue;
            };
            let same_as_before = last.filter(|c| &*names[usize::from(*c)] == text);
            let code = if let Some(code) = same_as_before.or_else(|| sorted.get(text).copied()) {
                code
            } else {
                let code = u16::try_from(names.len())
                    .ok()
                    .filter(|c| *c < UNKNOWN_CODE)
                    .ok_or_else(|| PolicyError::TooManyTexts { column: name.to_owned() })?;
                let text: Arc<str> = text.into();
                names.push(Arc::clone(&text));
                sorted.insert(text, code);
                code
            };
            last = Some(code);
            codes.push(code);
        }
        self.full(name, given)?;
        let codes = Codes::of(codes, names.len());
        self.columns[id] = Some(Arc::new(Data::Code { codes, names }));
        Ok(())
    }

    /// Takes columns that were never set for no in every row: flags for no, codes for the code that says that nothing special
    /// holds. Numbers, days and other codes stay unknown.
    pub fn set_rest_no(&mut self) {
        let rows = self.rows;
        for (at, c) in COLUMNS.iter().enumerate() {
            if !c.frames.contains(&self.kind) || self.columns[at].is_some() {
                continue;
            }
            if matches!(c.column_type, ColumnType::Flag) {
                let words = rows.div_ceil(64);
                let data = Data::Flag { yes: vec![0; words], no: vec![u64::MAX; words] };
                self.columns[at] = Some(Arc::new(data));
            } else if let Some(code) = c.column_type.code_of_no() {
                let codes = Codes::Narrow(vec![0; rows]);
                self.columns[at] = Some(Arc::new(Data::Code { codes, names: vec![code.into()] }));
            }
        }
    }

    /// Whether a column was set.
    pub fn has(&self, id: ColumnId) -> bool {
        self.data(id).is_some()
    }

    pub(crate) fn data(&self, id: ColumnId) -> Option<&Data> {
        self.columns[usize::from(id)].as_deref()
    }

    /// A flag of one row; `None` if it is not on file.
    pub fn flag(&self, id: ColumnId, row: usize) -> Option<bool> {
        match self.data(id)? {
            Data::Flag { yes, .. } if yes[row / 64] >> (row % 64) & 1 == 1 => Some(true),
            Data::Flag { no, .. } if no[row / 64] >> (row % 64) & 1 == 1 => Some(false),
            _ => None,
        }
    }

    /// A number, or a day since 1970-01-01, of one row; `None` if it is not on file.
    pub fn int(&self, id: ColumnId, row: usize) -> Option<i64> {
        match self.data(id)? {
            Data::Int { values, known, .. } if known[row / 64] >> (row % 64) & 1 == 1 => {
                Some(values.get(row))
            }
            _ => None,
        }
    }

    /// A code or text of one row; `None` if it is not on file.
    pub fn code(&self, id: ColumnId, row: usize) -> Option<&str> {
        match self.data(id)? {
            Data::Code { codes, names } => codes.get(row).map(|at| &*names[at]),
            _ => None,
        }
    }

    /// Whether a fact of one row is on file.
    pub fn is_known(&self, id: ColumnId, row: usize) -> bool {
        self.flag(id, row).is_some() || self.int(id, row).is_some() || self.code(id, row).is_some()
    }
}

const EPOCH: Date = jiff::civil::date(1970, 1, 1);

/// Days since 1970-01-01.
pub(crate) fn day_number(day: Date) -> i64 {
    i64::from(EPOCH.until(day).expect("days fit").get_days())
}

/// The day of a number of [`day_number`], if the calendar reaches so far.
pub(crate) fn day_of(number: i64) -> Option<Date> {
    EPOCH.checked_add(jiff::Span::new().try_days(number).ok()?).ok()
}
