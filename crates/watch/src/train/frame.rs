use serde::{Deserialize, Serialize};

use super::TrainError;

/// A table as text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Raw {
    /// Names of the columns.
    pub header: Vec<String>,
    /// Rows, each as long as the header.
    pub rows: Vec<Vec<String>>,
}

impl Raw {
    /// A table; names lose the blanks around them.
    ///
    /// # Errors
    /// [`TrainError::Ragged`] for the first row of another length.
    pub fn new(header: Vec<String>, rows: Vec<Vec<String>>) -> Result<Self, TrainError> {
        let columns = header.len();
        if let Some((line, row)) = (2..).zip(&rows).find(|(_, row)| row.len() != columns) {
            return Err(TrainError::Ragged { line, cells: row.len(), columns });
        }
        let header = header
            .into_iter()
            .map(|name| name.trim_start_matches('\u{feff}').trim().to_owned())
            .collect();
        Ok(Self { header, rows })
    }

    /// Where a column stands.
    ///
    /// # Errors
    /// [`TrainError::NoColumn`].
    pub fn place(&self, name: &str) -> Result<usize, TrainError> {
        let place = self.header.iter().position(|column| column == name);
        place.ok_or_else(|| TrainError::NoColumn(name.to_owned()))
    }

    /// A column, without the blanks around its cells.
    ///
    /// # Errors
    /// [`TrainError::NoColumn`].
    pub fn column(&self, name: &str) -> Result<Vec<&str>, TrainError> {
        let place = self.place(name)?;
        Ok(self.rows.iter().map(|row| row[place].trim()).collect())
    }
}

/// A column that a model learns from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: FieldKind,
    /// Cells that mean that nothing is on file.
    pub missing: Vec<String>,
}

/// What a column holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// Numbers.
    Number,
    /// Words, in order. Another word counts as not on file.
    Words(Vec<String>),
}

/// A column as numbers.
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    /// Numbers; NaN is not on file.
    Number(Vec<f64>),
    /// Places in the words of the field; [`Column::NONE`] is not on file.
    Words(Vec<u32>),
}

impl Column {
    /// Not on file.
    pub const NONE: u32 = u32::MAX;
}

/// A table as numbers, column by column.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// Rows.
    pub rows: usize,
    /// Columns in the order of the fields.
    pub columns: Vec<Column>,
}

/// A table as numbers, by the fields of a spec or a model.
///
/// # Errors
/// [`TrainError::NoColumn`] for a field that the table lacks.
pub fn encode(raw: &Raw, fields: &[Field]) -> Result<Frame, TrainError> {
    let mut columns = Vec::with_capacity(fields.len());
    for field in fields {
        let cells = raw.column(&field.name)?;
        let known = |cell: &str| !field.missing.iter().any(|m| m == cell);
        columns.push(match &field.kind {
            FieldKind::Number => Column::Number(
                cells
                    .into_iter()
                    .map(|cell| match cell.parse::<f64>() {
                        Ok(value) if value.is_finite() && known(cell) => value,
                        _ => f64::NAN,
                    })
                    .collect(),
            ),
            FieldKind::Words(words) => Column::Words(
                cells
                    .into_iter()
                    .map(|cell| match words.binary_search_by(|w| w.as_str().cmp(cell)) {
                        Ok(at) if known(cell) => u32::try_from(at).expect("a column has few words"),
                        _ => Column::NONE,
                    })
                    .collect(),
            ),
        });
    }
    Ok(Frame { rows: raw.rows.len(), columns })
}
