//! A table of facts as a file: CSV with the names of the dictionary in its first line.

use crate::column::{COLUMNS, Column, ColumnType, FrameKind, column_of};
use crate::fault::nearest;
use crate::frame::Frame;

/// Most faults that are told of one table.
const TOLD: usize = 50;

/// A frame read from a file, and what was not read into it.
#[derive(Clone, Debug)]
pub struct Table {
    /// The facts.
    pub frame: Frame,
    /// Columns of the file that the dictionary does not have, each with the nearest name of those that the file lacks.
    pub skipped: Vec<(String, Option<&'static str>)>,
    /// Columns of the dictionary that the file does not have.
    pub absent: Vec<&'static str>,
}

/// A cell that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableFault {
    /// Line of the file, from 1; the header is line 1.
    pub line: u64,
    /// Name of the column.
    pub column: String,
    /// What is wrong.
    pub reason: String,
    /// What to do.
    pub remedy: String,
}

impl std::fmt::Display for TableFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "第 {} 行 {} 列：{}；{}", self.line, self.column, self.reason, self.remedy)
    }
}

/// Why a table cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{}", .faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"), if *.more > 0 { format!("\n另有 {more} 处") } else { String::new() })]
pub struct TableError {
    /// The first faults.
    pub faults: Vec<TableFault>,
    /// How many more there are.
    pub more: u64,
}

impl TableError {
    fn one(line: u64, reason: impl Into<String>, remedy: &str) -> Self {
        let fault = TableFault {
            line,
            column: "（整行）".to_owned(),
            reason: reason.into(),
            remedy: remedy.to_owned(),
        };
        Self { faults: vec![fault], more: 0 }
    }
}

enum Cells {
    Flags(Vec<Option<bool>>),
    Ints(Vec<Option<i64>>),
    Dates(Vec<Option<jiff::civil::Date>>),
    Codes(Vec<Option<Box<str>>>),
}

impl Table {
    /// Reads a CSV file in UTF-8. The first line names the columns as docs/columns.md does; an empty cell or `?` is unknown;
    /// flags are `yes` or `no` (also `1 0 true false 是 否`), days `2024-09-01`, numbers whole and in the column's unit (money
    /// and fees in fen), codes the code or its Chinese term. `rest_no` takes flags that the file lacks for no.
    ///
    /// # Errors
    /// Every cell that cannot be read, with its line, column and remedy.
    pub fn read(kind: FrameKind, bytes: &[u8], rest_no: bool) -> Result<Self, TableError> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
        let header = reader
            .headers()
            .map_err(|e| TableError::one(1, format!("表头读不出（{e}）"), "存成 UTF-8 的 CSV"))?
            .clone();
        let mut faults = Vec::new();
        let mut columns: Vec<Option<(&'static Column, Cells)>> = Vec::new();
        let mut skipped: Vec<String> = Vec::new();
        for name in &header {
            let id = column_of(kind, name);
            let again = id.is_some_and(|id| {
                let name = COLUMNS[usize::from(id)].name;
                columns.iter().flatten().any(|(c, _)| c.name == name)
            });
            if again {
                faults.push(TableFault {
                    line: 1,
                    column: name.to_owned(),
                    reason: "这一列有两次".to_owned(),
                    remedy: "删去一列".to_owned(),
                });
            }
            columns.push(id.map(|id| {
                let c = &COLUMNS[usize::from(id)];
                let cells = match c.column_type {
                    ColumnType::Flag => Cells::Flags(Vec::new()),
                    ColumnType::Int => Cells::Ints(Vec::new()),
                    ColumnType::Date => Cells::Dates(Vec::new()),
                    ColumnType::Code(_) | ColumnType::Text(_) => Cells::Codes(Vec::new()),
                };
                (c, cells)
            }));
            if id.is_none() {
                skipped.push(name.to_owned());
            }
        }
        let tables: Vec<Vec<(&str, &str)>> = columns
            .iter()
            .map(|c| c.as_ref().map_or_else(Vec::new, |(c, _)| c.column_type.values()))
            .collect();
        let mut rows = 0;
        let mut more = 0;
        for record in reader.into_records() {
            let record = record.map_err(|e| {
                let line = e.position().map_or(0, csv::Position::line);
                TableError::one(
                    line,
                    format!("这一行读不出（{e}）"),
                    "各行列数与表头相同，存成 UTF-8",
                )
            })?;
            rows += 1;
            let line = record.position().map_or(rows + 1, csv::Position::line);
            for ((column, cell), table) in columns.iter_mut().zip(&record).zip(&tables) {
                let Some((c, cells)) = column else { continue };
                let cell = Some(cell).filter(|t| !t.is_empty() && *t != "?");
                let bad = put(c, cells, cell, table).err();
                match bad {
                    Some((reason, remedy)) if faults.len() < TOLD => {
                        faults.push(TableFault { line, column: c.name.to_owned(), reason, remedy });
                    }
                    Some(_) => more += 1,
                    None => {}
                }
            }
        }
        if !faults.is_empty() {
            return Err(TableError { faults, more });
        }
        Ok(Self::of(
            kind,
            usize::try_from(rows).expect("rows in memory"),
            columns,
            skipped,
            rest_no,
        ))
    }

    fn of(
        kind: FrameKind,
        rows: usize,
        columns: Vec<Option<(&'static Column, Cells)>>,
        skipped: Vec<String>,
        rest_no: bool,
    ) -> Self {
        let mut frame = Frame::new(kind, rows);
        for (c, cells) in columns.into_iter().flatten() {
            let set = match cells {
                Cells::Flags(v) => frame.set_flags(c.name, v),
                Cells::Ints(v) => frame.set_ints(c.name, v),
                Cells::Dates(v) => frame.set_dates(c.name, v),
                Cells::Codes(v) => frame.set_codes(c.name, v.iter().map(Option::as_deref)),
            };
            set.expect("cells were read by the column's type, and a code table is short");
        }
        let absent: Vec<&'static str> = COLUMNS
            .iter()
            .filter(|c| c.frames.contains(&kind))
            .filter(|c| column_of(kind, c.name).is_some_and(|id| !frame.has(id)))
            .map(|c| c.name)
            .collect();
        if rest_no {
            frame.set_rest_no();
        }
        let skipped = skipped
            .into_iter()
            .map(|name| {
                let near = nearest(&name, absent.iter().copied());
                let near = near.and_then(|n| absent.iter().find(|a| **a == n).copied());
                (name, near)
            })
            .collect();
        Self { frame, skipped, absent }
    }
}

fn put(
    c: &Column,
    cells: &mut Cells,
    cell: Option<&str>,
    table: &[(&str, &str)],
) -> Result<(), (String, String)> {
    let wrong = |what: &str, remedy: String| {
        Err((format!("“{}”不是{what}", cell.unwrap_or_default()), remedy))
    };
    match cells {
        Cells::Flags(v) => {
            let flag = match cell.map(str::to_ascii_lowercase).as_deref() {
                None => None,
                Some("yes" | "y" | "1" | "true" | "是") => Some(true),
                Some("no" | "n" | "0" | "false" | "否") => Some(false),
                Some(_) => {
                    v.push(None);
                    return wrong("是/否", "写 yes 或 no，不知道就空着".to_owned());
                }
            };
            v.push(flag);
        }
        Cells::Ints(v) => {
            let n = cell.map(str::parse::<i64>);
            v.push(n.clone().and_then(Result::ok));
            if let Some(Err(_)) = n {
                return wrong("整数", format!("写整数{}，不知道就空着", in_unit(c)));
            }
        }
        Cells::Dates(v) => {
            let day = cell.map(str::parse::<jiff::civil::Date>);
            v.push(day.as_ref().and_then(|d| d.as_ref().ok()).copied());
            if let Some(Err(_)) = day {
                return wrong("日期", "写成 2024-09-01，不知道就空着".to_owned());
            }
        }
        Cells::Codes(v) => {
            let Some(text) = cell else {
                v.push(None);
                return Ok(());
            };
            let code = table
                .iter()
                .find(|(code, _)| *code == text)
                .or_else(|| table.iter().find(|(_, chinese)| *chinese == text));
            // A text column may hold texts that no rule speaks of.
            let free = matches!(c.column_type, ColumnType::Text(_)).then_some(text);
            v.push(code.map(|(code, _)| *code).or(free).map(Into::into));
            if code.is_none() && free.is_none() {
                let codes: Vec<&str> = table.iter().map(|(code, _)| *code).collect();
                let near = nearest(text, codes.iter().copied());
                let remedy = near.map_or_else(
                    || format!("用 {}", codes.join("、")),
                    |n| format!("最接近的是 {n}"),
                );
                return wrong("这一列的代码", remedy);
            }
        }
    }
    Ok(())
}

fn in_unit(c: &Column) -> String {
    match c.unit {
        "" => String::new(),
        "元" | "分" => "，以分为单位".to_owned(),
        "㎡" => "，以千分之一平方米为单位".to_owned(),
        unit => format!("，以{unit}为单位"),
    }
}
