//! The source rows that pages write: one file a year, a sheet a kind, under the natural keys that rosters have, so that the workbook
//! that comes later is another edition of the same row.

use std::collections::BTreeMap;

use fujiao_model::{
    Division, Field, Fields, Money, PartialDate, RosterKind, RowVerdict, SourceRow, Value,
};
use fujiao_store::{NewRow, Person, RowLink, Tx};
use jiff::civil::Date;

use crate::OfficeError;
use crate::access::Actor;
use crate::entries::hand_file;
use crate::natural_key::{fingerprint, natural_key};

const SHEETS: [(RosterKind, &str); 6] = [
    (RosterKind::Sessions, "培训班"),
    (RosterKind::Training, "培训学员"),
    (RosterKind::CourseAttendance, "培训考勤"),
    (RosterKind::Vacancies, "用工岗位"),
    (RosterKind::Placements, "就业"),
    (RosterKind::JobProofs, "稳岗核验"),
];

/// A row to be written, and whom it is about.
pub(super) struct Written {
    pub(super) kind: RosterKind,
    pub(super) fields: Fields,
    pub(super) person: Option<u64>,
}

/// Writes rows; the live row of the same natural key is superseded, whoever wrote it.
pub(super) fn write(
    tx: &mut Tx,
    county: u32,
    actor: &Actor,
    day: Date,
    rows: Vec<Written>,
) -> Result<(), OfficeError> {
    if rows.is_empty() {
        return Ok(());
    }
    let keys = tx.keys().clone();
    let file = hand_file(tx, county, actor, &format!("网上培训就业 {}年", day.year()), &SHEETS)?;
    let mut by_kind: BTreeMap<usize, BTreeMap<[u8; 16], Written>> = BTreeMap::new();
    for row in rows {
        let sheet = SHEETS.iter().position(|(kind, _)| *kind == row.kind);
        let sheet = sheet.expect("each kind that is written has a sheet");
        // Of two rows of one key the later word counts.
        let key = natural_key(&keys, row.kind, &row.fields, 0);
        by_kind.entry(sheet).or_default().insert(key, row);
    }
    for (sheet, rows) in by_kind {
        let kind = SHEETS[sheet].0;
        let number = u16::try_from(sheet).expect("few sheets");
        let read: u64 = tx
            .query_one(
                "select rows_read from sheet where county = $1 and file_id = $2 and sheet_no = $3",
                &[county.into(), file.into(), number.into()],
                |r| r.get(0),
            )?
            .unwrap_or_default();
        let first = u32::try_from(read + 2).expect("a year has fewer rows than 32 bits");
        let (keys_of, written): (Vec<[u8; 16]>, Vec<Written>) = rows.into_iter().unzip();
        let live = tx.live_of_keys(county, kind, &keys_of)?;
        // What says nothing new is not written again.
        let (keys_of, written): (Vec<[u8; 16]>, Vec<Written>) = keys_of
            .into_iter()
            .zip(written)
            .filter(|(key, w)| {
                let print = fingerprint(&keys, &w.fields, &[]);
                live.get(key).is_none_or(|(_, said)| *said != print)
            })
            .unzip();
        let links: Vec<RowLink> = written
            .iter()
            .map(|w| RowLink { row_id: 0, person: w.person, household: None, school: None })
            .collect();
        let rows: Vec<SourceRow> = (first..)
            .zip(written)
            .map(|(row, w)| SourceRow {
                kind,
                sheet: number,
                row,
                verdict: RowVerdict::Good,
                fields: w.fields,
                extra: Vec::new(),
            })
            .collect();
        let new: Vec<NewRow> = rows
            .iter()
            .zip(&keys_of)
            .map(|(row, key)| NewRow {
                row,
                natural_key: *key,
                fingerprint: fingerprint(&keys, &row.fields, &[]),
                supersedes: live.get(key).map(|(row, _)| *row),
            })
            .collect();
        tx.grow_file_by(county, file, &new, &links)?;
    }
    Ok(())
}

/// The names of places, for rows.
pub(super) fn place_names(
    tx: &mut Tx,
    county: u32,
) -> Result<BTreeMap<Division, String>, OfficeError> {
    Ok(tx.places(county)?.into_iter().map(|p| (p.code, p.name)).collect())
}

/// What is on file about somebody, so that linking finds the same person.
pub(super) fn of_person(person: &Person, places: &BTreeMap<Division, String>) -> Fields {
    let mut fields = Fields::new();
    put_text(&mut fields, Field::Name, &person.name);
    put(&mut fields, Field::CitizenId, person.citizen_id.map(Value::Id));
    put(&mut fields, Field::BirthDate, person.born_on.map(Value::Date));
    put(&mut fields, Field::Sex, person.sex.map(|sex| Value::Code(sex.code())));
    for (field, place) in [(Field::Town, person.town), (Field::Village, person.village)] {
        if let Some(name) = place.and_then(|p| places.get(&p)) {
            put_text(&mut fields, field, name);
        }
    }
    fields
}

pub(super) fn put(fields: &mut Fields, field: Field, value: Option<Value>) {
    match value {
        Some(value) => fields.set(field, value),
        None => {
            fields.remove(field);
        }
    }
}

pub(super) fn put_text(fields: &mut Fields, field: Field, text: &str) {
    put(fields, field, (!text.trim().is_empty()).then(|| Value::Text(text.trim().into())));
}

pub(super) fn put_day(fields: &mut Fields, field: Field, on: Option<Date>) {
    let value =
        on.map(|d| Value::Date(d.to_string().parse::<PartialDate>().expect("a day is a date")));
    put(fields, field, value);
}

pub(super) fn put_number(fields: &mut Fields, field: Field, n: Option<i64>) {
    put(fields, field, n.map(Value::Integer));
}

pub(super) fn put_money(fields: &mut Fields, field: Field, fen: Option<i64>) {
    put(fields, field, fen.map(|fen| Value::Money(Money::fen(fen))));
}
