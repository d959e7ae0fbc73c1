//! What was brought in: files, their rows, and what is wrong with them.

use fujiao_model::{Field, RosterKind, Value};
use fujiao_store::{Row, StoreError, V};

use super::lines::origins;
use super::people::{masked_id_or, masked_text, shown};
use super::{
    CellView, DataPage, DeskError, FileLine, FilePage, FindingLine, RowCounts, SchoolRef, Seat,
    SourcePage, pattern,
};
use crate::access::{About, NotAllowed, Right};

/// Files and findings a page.
const PER_PAGE: i64 = 50;

impl Seat {
    /// 数据: the files of a page, what became of their rows, and what the registers hold.
    ///
    /// # Errors
    /// [`DeskError`] if the books cannot be read.
    pub fn data(&self, name: &str, page: i64) -> Result<DataPage, DeskError> {
        self.must_see_files()?;
        self.read(|tx| {
            let overview = self.overview(tx, Right::Figures)?;
            let name = name.trim();
            let county: V = overview.head.county.into();
            let by_name: [V; 2] = [county.clone(), pattern(name).into()];
            let (files_total, total): (i64, RowCounts) = tx
                .query_one(include_str!("queries/file_totals.sql"), &by_name, |row| {
                    Ok((row.get(0)?, counts(row, 1)?))
                })?
                .unwrap_or_default();
            let registers = tx
                .query_one(
                    include_str!("queries/register_sizes.sql"),
                    std::slice::from_ref(&county),
                    |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?]),
                )?
                .unwrap_or_default();
            let page = page.clamp(1, (files_total + PER_PAGE - 1).div_euclid(PER_PAGE).max(1));
            let [county, name_like] = by_name;
            let args = [county, name_like, PER_PAGE.into(), ((page - 1) * PER_PAGE).into()];
            let files = tx.query(include_str!("queries/files.sql"), &args, file_line)?;
            let [persons, households, schools, asks] = registers;
            Ok(DataPage {
                frame: overview.frame(),
                total,
                files_total,
                files,
                name: name.to_owned(),
                page,
                per_page: PER_PAGE,
                persons,
                households,
                schools,
                asks,
            })
        })
    }

    /// A file holds rows from all over: whoever sees a part of the county sees its rows one by one.
    fn must_see_files(&self) -> Result<(), DeskError> {
        let whole = self.actor.scope(Right::Sources).is_whole();
        if whole { Ok(()) } else { Err(NotAllowed(Right::Sources).into()) }
    }

    /// One file and what is wrong with it. `None` if there is no such file.
    ///
    /// # Errors
    /// [`DeskError`] if the books cannot be read.
    pub fn file(&self, file_id: u64, page: i64) -> Result<Option<FilePage>, DeskError> {
        self.must_see_files()?;
        self.read(|tx| {
            let overview = self.overview(tx, Right::Figures)?;
            let county = overview.head.county;
            let args: [V; 2] = [county.into(), file_id.into()];
            let Some(file) = tx.query_one(include_str!("queries/file.sql"), &args, file_line)?
            else {
                return Ok(None);
            };
            let findings = tx.findings(county, file_id)?;
            let total = i64::try_from(findings.len()).unwrap_or(i64::MAX);
            let page = page.clamp(1, (total + PER_PAGE - 1).div_euclid(PER_PAGE).max(1));
            let mut rows = tx.query(include_str!("queries/odd_rows.sql"), &args, |row| {
                Ok((row.get::<u16>(0)?, row.get::<u32>(1)?, row.get::<u64>(2)?))
            })?;
            rows.sort_unstable();
            let skipped = usize::try_from((page - 1) * PER_PAGE).unwrap_or(0);
            let findings = findings
                .into_iter()
                .skip(skipped)
                .take(usize::try_from(PER_PAGE).unwrap_or(0))
                .map(|stored| {
                    let cell = stored.finding.cell;
                    let at = rows.partition_point(|r| (r.0, r.1) < (cell.sheet, cell.row));
                    let row_id =
                        rows.get(at).filter(|r| (r.0, r.1) == (cell.sheet, cell.row)).map(|r| r.2);
                    finding_line(stored.finding, row_id)
                })
                .collect();
            Ok(Some(FilePage {
                frame: overview.frame(),
                file,
                findings,
                total,
                page,
                per_page: PER_PAGE,
            }))
        })
    }

    /// One source row as the office sent it, personal numbers masked. `None` if there is no such row.
    ///
    /// # Errors
    /// [`DeskError`] if the books cannot be read.
    pub fn source(&self, row_id: u64) -> Result<Option<SourcePage>, DeskError> {
        self.actor.must(Right::Sources)?;
        self.read(|tx| {
            let overview = self.overview(tx, Right::Figures)?;
            let county = overview.head.county;
            let Some(stored) = tx.rows_between(county, row_id, row_id)?.pop() else {
                return Ok(None);
            };
            let Some(origin) = origins(tx, county, [row_id])?.remove(&row_id) else {
                return Ok(None);
            };
            let args: [V; 2] = [county.into(), row_id.into()];
            let found = tx.query_one(include_str!("queries/row_about.sql"), &args, |row| {
                let school = match row.get::<Option<u64>>(6)? {
                    None => None,
                    Some(id) => Some(SchoolRef {
                        id,
                        name: row.get::<Option<String>>(7)?.unwrap_or_default(),
                    }),
                };
                let person = match row.get::<Option<u64>>(3)? {
                    None => None,
                    Some(id) => row.get::<Option<String>>(4)?.map(|name| (id, name)),
                };
                Ok((
                    row.get::<Option<String>>(0)?.unwrap_or_default(),
                    clock(row.get(1)?),
                    row.get::<bool>(2)?,
                    person,
                    row.get::<Option<u64>>(5)?,
                    school,
                ))
            })?;
            let Some((office, imported_at, superseded, person, household, school)) = found else {
                return Ok(None);
            };
            let scope = self.actor.scope(Right::Sources);
            let about = About::of_row(tx, county, row_id)?.unwrap_or_default();
            let seen = scope.is_whole()
                || match person.as_ref() {
                    Some((id, _)) => self.sees_person(tx, county, *id)?,
                    None => names_nobody(stored.row.kind) || about.is_in(&scope),
                };
            if !seen {
                return Ok(None);
            }
            let row = stored.row;
            let findings = tx
                .findings(county, stored.file_id)?
                .into_iter()
                .filter(|f| (f.finding.cell.sheet, f.finding.cell.row) == (row.sheet, row.row))
                .map(|f| finding_line(f.finding, None))
                .collect();
            let theirs = about.is_in(&self.actor.scope(Right::Correct));
            let correctable = if theirs { fujiao_intake::fields_of(row.kind) } else { Vec::new() };
            let cells = row
                .fields
                .iter()
                .map(|(field, value)| CellView {
                    field: Some(field),
                    value: match value {
                        Value::Text(text) if is_number(field) => masked_id_or(text),
                        Value::Text(text) if !field.is_secret() => masked_text(text),
                        value => shown(field, value),
                    },
                    column: None,
                    can_be_corrected: correctable.contains(&field),
                })
                .chain(row.extra.iter().map(|(column, text)| CellView {
                    field: None,
                    value: masked_text(text),
                    column: Some(*column),
                    can_be_corrected: false,
                }))
                .collect();
            Ok(Some(SourcePage {
                frame: overview.frame(),
                origin,
                file_id: stored.file_id,
                office,
                imported_at,
                verdict: row.verdict,
                superseded,
                cells,
                findings,
                person,
                household,
                school,
            }))
        })
    }
}

/// Whether rows of a kind name neither a person nor a household nor a school: courses and posts of
/// the county, which are nobody's secret.
fn names_nobody(kind: RosterKind) -> bool {
    matches!(
        kind,
        RosterKind::Sessions | RosterKind::Trainers | RosterKind::Rooms | RosterKind::Vacancies
    )
}

/// Whether a field holds a number that an office gave, which is no personal number unless it is a citizen id.
fn is_number(field: Field) -> bool {
    matches!(
        field,
        Field::HouseholdNo
            | Field::PersonNo
            | Field::BatchNo
            | Field::FundNo
            | Field::CertificateNo
            | Field::DocumentNo
            | Field::SchoolCode
            | Field::DivisionCode
    )
}

/// A line of the queries that begin with id, name, office, kinds, time of import and the six counts.
fn file_line(row: &Row) -> Result<FileLine, StoreError> {
    Ok(FileLine {
        id: row.get(0)?,
        name: row.get(1)?,
        office: row.get::<Option<String>>(2)?.unwrap_or_default(),
        kinds: row.get::<&str>(3)?.split_ascii_whitespace().filter_map(RosterKind::parse).collect(),
        imported_at: clock(row.get(4)?),
        rows: counts(row, 5)?,
    })
}

fn counts(row: &Row, at: usize) -> Result<RowCounts, StoreError> {
    Ok(RowCounts {
        read: row.get(at)?,
        created: row.get(at + 1)?,
        updated: row.get(at + 2)?,
        unchanged: row.get(at + 3)?,
        parked: row.get(at + 4)?,
        refused: row.get(at + 5)?,
    })
}

fn finding_line(finding: fujiao_model::Finding, row_id: Option<u64>) -> FindingLine {
    FindingLine {
        sheet: finding.cell.sheet.into(),
        row: finding.cell.row.into(),
        column: finding.cell.column.map_or_else(String::new, column_letters),
        field: finding.field,
        kind: Some(finding.kind),
        reason: finding.reason,
        remedy: finding.remedy,
        verdict: finding.verdict,
        row_id,
    }
}

/// A moment as a clock in China shows it.
fn clock(text: &str) -> String {
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(8));
    text.parse::<jiff::Timestamp>().map_or_else(
        |_| text.to_owned(),
        |at| zone.to_datetime(at).strftime("%Y-%m-%d %H:%M").to_string(),
    )
}

/// A column as a spreadsheet names it: A, B … Z, AA.
pub fn column_letters(column: u16) -> String {
    let mut letters = Vec::new();
    let mut n = u32::from(column) + 1;
    while n > 0 {
        letters.push(char::from(b'A' + u8::try_from((n - 1) % 26).unwrap_or(0)));
        n = (n - 1) / 26;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::column_letters;

    #[test]
    fn columns_are_named_as_in_a_spreadsheet() {
        assert_eq!([0, 25, 26, 701, 702].map(column_letters), ["A", "Z", "AA", "ZZ", "AAA"]);
    }
}
