//! Persons where they stand beside something else.

use fujiao_model::{Grade, Sex};
use fujiao_store::{Keys, Row, StoreError};
use jiff::civil::Date;

use super::{Member, SchoolRef};

/// The citizen id of a person, masked; empty where none is on file.
pub(super) fn masked_id(
    keys: &Keys,
    county: u32,
    person: u64,
    sealed: Option<&[u8]>,
) -> Result<String, StoreError> {
    let Some(sealed) = sealed else { return Ok(String::new()) };
    Ok(keys.id_of_person(county, person, sealed)?.map_or_else(String::new, |id| id.masked()))
}

/// A person of a query that begins with id, name, sealed numbers, sex, birth date, grade, school's id and name, open duties.
pub(super) fn member(
    row: &Row,
    county: u32,
    keys: &Keys,
    today: Option<Date>,
) -> Result<Member, StoreError> {
    let id = row.get(0)?;
    let born_on: String = row.get::<Option<String>>(4)?.unwrap_or_default();
    let school = match row.get::<Option<u64>>(6)? {
        None => None,
        Some(id) => Some(SchoolRef { id, name: row.get::<Option<String>>(7)?.unwrap_or_default() }),
    };
    Ok(Member {
        id,
        name: row.get(1)?,
        citizen_id: masked_id(keys, county, id, row.get(2)?)?,
        sex: row.parse(3, Sex::parse)?,
        age: age(&born_on, today),
        born_on,
        school,
        grade: row.parse(5, Grade::parse)?,
        open: row.get(8)?,
        in_reach: true,
    })
}

/// Whole years from a date of birth, if it is known to the day.
pub(super) fn age(born_on: &str, today: Option<Date>) -> Option<i16> {
    let (born, today): (Date, Date) = (born_on.parse().ok()?, today?);
    let years = today.year() - born.year();
    let before = (today.month(), today.day()) < (born.month(), born.day());
    Some(years - i16::from(before)).filter(|n| *n >= 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_birthday_counts_from_its_day_on() {
        let on = |born: &str, day: &str| age(born, Some(day.parse().unwrap()));
        assert_eq!(on("2012-09-01", "2025-08-31"), Some(12));
        assert_eq!(on("2012-09-01", "2025-09-01"), Some(13));
        assert_eq!(on("2012-02-29", "2025-02-28"), Some(12));
        assert_eq!((on("2012-09", "2025-09-01"), on("2026-01-01", "2025-09-01")), (None, None));
    }
}
