//! The source rows that accepted pairs become: a pair is a deed at the next assessment, like a row of any roster.

use std::collections::BTreeMap;

use fujiao_model::{Field, Fields, PartialDate, RosterKind, RowVerdict, SourceRow, Term, Value};
use fujiao_store::{Keys, Mentor, NewRow, Pair, Person, RowLink, Tx};
use jiff::civil::Date;

use crate::OfficeError;
use crate::access::Actor;
use crate::entries::hand_file;
use crate::natural_key::fingerprint;

/// The sheet of the file in which a school year's pairs of the books stand.
const SHEETS: [(RosterKind, &str); 1] = [(RosterKind::Pairings, "结对")];

/// The natural key of the row of a pair.
pub(super) fn key_of(keys: &Keys, person: u64, mentor: u64, from: Date) -> [u8; 16] {
    let parts = [format!("{person:016x}"), mentor.to_string(), from.to_string()];
    keys.digest("pair_row", parts.iter().map(String::as_str))
}

/// A pair to be written down: who, with whom, and the day on which it ended.
pub(super) struct Written<'a> {
    pub(super) pair: &'a Pair,
    pub(super) person: &'a Person,
    pub(super) mentor: &'a Mentor,
    pub(super) ended_on: Option<Date>,
}

/// Writes rows of pairs. A pair that ended supersedes the row that said so, whoever wrote it.
pub(super) fn write(
    tx: &mut Tx,
    county: u32,
    actor: &Actor,
    day: Date,
    pairs: &[Written],
    schools: &BTreeMap<u64, String>,
) -> Result<(), OfficeError> {
    if pairs.is_empty() {
        return Ok(());
    }
    let year = Term::of(day).school_year();
    let name = format!("网上结对 {year}—{}学年", year + 1);
    let file = hand_file(tx, county, actor, &name, &SHEETS)?;
    let read: u64 = tx
        .query_one(
            "select rows_read from sheet where county = $1 and file_id = $2 and sheet_no = 0",
            &[county.into(), file.into()],
            |r| r.get(0),
        )?
        .unwrap_or_default();
    let first = u32::try_from(read + 2).expect("a year has fewer pairs than 32 bits");
    let rows: Vec<SourceRow> = (first..)
        .zip(pairs)
        .map(|(row, written)| SourceRow {
            kind: RosterKind::Pairings,
            sheet: 0,
            row,
            verdict: RowVerdict::Good,
            fields: fields(written, schools),
            extra: Vec::new(),
        })
        .collect();
    let keys: Vec<[u8; 16]> = pairs.iter().map(|w| w.pair.row_key).collect();
    let live = tx.live_of_keys(county, RosterKind::Pairings, &keys)?;
    let new: Vec<NewRow> = rows
        .iter()
        .zip(pairs)
        .map(|(row, written)| NewRow {
            row,
            natural_key: written.pair.row_key,
            fingerprint: fingerprint(tx.keys(), &row.fields, &[]),
            supersedes: live.get(&written.pair.row_key).map(|(row, _)| *row),
        })
        .collect();
    let links: Vec<RowLink> = pairs
        .iter()
        .map(|written| RowLink {
            row_id: 0,
            person: Some(written.person.id),
            household: None,
            school: written.person.school,
        })
        .collect();
    tx.grow_file_by(county, file, &new, &links)?;
    Ok(())
}

fn fields(written: &Written, schools: &BTreeMap<u64, String>) -> Fields {
    let Written { pair, person, mentor, ended_on } = written;
    let text = |text: &str| Value::Text(text.into());
    let day =
        |on: Date| Value::Date(on.to_string().parse::<PartialDate>().expect("a day is a date"));
    let mut fields = Fields::new();
    let mut put = |field, value: Option<Value>| {
        if let Some(value) = value {
            fields.set(field, value);
        }
    };
    put(Field::Name, Some(text(&person.name)));
    put(Field::CitizenId, person.citizen_id.map(Value::Id));
    put(Field::BirthDate, person.born_on.map(Value::Date));
    put(Field::Sex, person.sex.map(|sex| Value::Code(sex.code())));
    put(Field::School, person.school.and_then(|id| schools.get(&id)).map(|name| text(name)));
    put(Field::Grade, person.grade.map(|grade| Value::Code(grade.code())));
    put(Field::Class, person.class.as_deref().map(text));
    put(Field::MentorName, Some(text(&mentor.name)));
    put(Field::MentorUnit, (!mentor.unit.is_empty()).then(|| text(&mentor.unit)));
    put(Field::MentorPhone, (!mentor.phone.is_empty()).then(|| text(&mentor.phone)));
    put(Field::PairedFrom, Some(day(pair.from)));
    // The last day on which it held: from the day of the change on, another looks after the child.
    put(Field::PairedTo, ended_on.map(|on| day(on.yesterday().unwrap_or(on).max(pair.from))));
    fields
}
