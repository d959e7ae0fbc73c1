//! A month's counts, claims and children, from rows and entries.

use std::collections::BTreeMap;

use fujiao_model::{EnrolmentStatus, Field, Fields, Grade, PartialDate, RosterKind, Stage, Term};
use fujiao_school::meals::{Book, Claimed, Class, ClassDay, NamedClaim, Pupil, School};
use fujiao_school::{Days, Lives, Month, SchoolDays};
use fujiao_store::{LinkedRow, School as StoredSchool, StoredRow, Tx};

use super::named::Named;
use crate::OfficeError;

/// A month as the books have it.
pub(super) struct MonthBook {
    pub book: Book,
    /// By position of the school in the book.
    pub schools: Vec<StoredSchool>,
    /// Whether anything was counted or claimed at all.
    pub any: bool,
}

/// A child that no register knows yet is known by its row.
const UNLINKED: u64 = 1 << 63;

/// A person of the registers; `None` for one who is known by a row alone.
pub(super) fn known(person: u64) -> Option<u64> {
    (person < UNLINKED).then_some(person)
}

struct Loading<'a> {
    month: Month,
    schools: Vec<StoredSchool>,
    named: Named,
    classes: BTreeMap<(u32, Grade, String), u32>,
    book: Book,
    days: &'a SchoolDays,
}

pub(super) fn load(
    tx: &mut Tx,
    county: u32,
    month: Month,
    days: &SchoolDays,
    lives: &Lives,
    schools: Vec<StoredSchool>,
) -> Result<MonthBook, OfficeError> {
    let lessons = days.in_month(month);
    let book = Book {
        schools: schools
            .iter()
            .map(|school| {
                let open = lives.open_in(school.id, month);
                let merged = (1..=month.last().day())
                    .filter(|d| {
                        month.day(*d).is_some_and(|d| lives.merged_into(school.id, d).is_some())
                    })
                    .collect();
                School {
                    id: school.id,
                    lessons,
                    open,
                    merged,
                    takes_part: false,
                    claims_by_name: true,
                }
            })
            .collect(),
        ..Book::default()
    };
    let mut loading = Loading {
        month,
        named: Named::of(&schools),
        classes: BTreeMap::new(),
        book,
        days,
        schools,
    };
    let people = loading.pupils(tx, county)?;
    let mut any = loading.returns(tx, county)?;
    loading.entries(tx, county)?;
    any |= !loading.book.days.is_empty();
    any |= loading.claims(tx, county, &people)?;
    for day in &loading.book.days {
        let school = loading.book.classes[day.class as usize].school;
        if day.claimed.is_some() {
            loading.book.schools[school as usize].claims_by_name = false;
        }
    }
    Ok(MonthBook { book: loading.book, schools: loading.schools, any })
}

/// Children by school and name, for rows that no linking has seen; `None`: two have the name.
type ByName = BTreeMap<(u32, String), Option<u64>>;

impl Loading<'_> {
    fn class(&mut self, school: u32, grade: Grade, class: &str) -> u32 {
        let name = class.trim().to_owned();
        let next = u32::try_from(self.book.classes.len()).expect("few classes");
        let at = *self.classes.entry((school, grade, name)).or_insert(next);
        if at == next {
            let called = format!("{}{}班", grade.chinese(), class.trim().trim_end_matches('班'));
            self.book.classes.push(Class { school, name: called.into(), enrolled: 0 });
        }
        at
    }

    /// The children of rural schools of compulsory stages; gives them by name.
    fn pupils(&mut self, tx: &mut Tx, county: u32) -> Result<ByName, OfficeError> {
        let year = Term::of(self.month.first()).school_year();
        let term = format!("{year}A");
        let with = Some((Field::Term, term.as_str()));
        let rows = tx.rows_of_kind(county, RosterKind::Enrolments, with)?;
        let (first, last) = (self.month.first(), self.month.last());
        let whole = Days::span(1, last.day());
        let mut by_name = ByName::new();
        for row in &rows {
            let fields = &row.row.fields;
            let Some(grade) = fields.text(Field::Grade).and_then(Grade::parse) else { continue };
            let person = row.person;
            let Some(school) = self.named.school(row.school, fields) else { continue };
            if !matches!(grade.stage(), Stage::Primary | Stage::Junior)
                || self.schools[school as usize].rural != Some(true)
            {
                continue;
            }
            let active = fields
                .text(Field::EnrolmentStatus)
                .and_then(EnrolmentStatus::parse)
                .is_none_or(|s| s == EnrolmentStatus::Active);
            let left = fields.date(Field::LeftOn).map(PartialDate::earliest);
            let mut enrolled = match (active, left) {
                (true, None) => whole,
                (_, Some(left)) => {
                    Days::between(self.month, first, left.yesterday().unwrap_or(left))
                }
                (false, None) => Days::NONE,
            };
            if let Some(entered) = fields.date(Field::EnteredOn).map(PartialDate::earliest)
                && entered > first
            {
                enrolled = enrolled & Days::between(self.month, entered, last);
            }
            let person = person.unwrap_or(UNLINKED | row.row_id);
            let class = self.class(school, grade, fields.text(Field::Class).unwrap_or("1"));
            if let Some(name) = fields.text(Field::Name) {
                by_name
                    .entry((school, name.to_owned()))
                    .and_modify(|of| *of = of.filter(|p| *p == person))
                    .or_insert(Some(person));
            }
            if enrolled.is_empty() {
                continue;
            }
            self.book.schools[school as usize].takes_part = true;
            self.book.classes[class as usize].enrolled += 1;
            self.book.pupils.push(Pupil { person, class, enrolled, absent: Days::NONE });
        }
        self.absences(tx, county, &by_name)?;
        Ok(by_name)
    }

    /// The person of a row: by the last linking, else by school and name.
    fn person(
        &self,
        link: Option<(Option<u64>, Option<u64>)>,
        fields: &Fields,
        by_name: &ByName,
    ) -> (Option<u64>, Option<u32>) {
        let (person, school) = link.unwrap_or_default();
        let school = self.named.school(school, fields);
        let by = || {
            let name = fields.text(Field::Name)?;
            *by_name.get(&(school?, name.to_owned()))?
        };
        (person.or_else(by), school)
    }

    fn absences(&mut self, tx: &mut Tx, county: u32, by_name: &ByName) -> Result<(), OfficeError> {
        let month = self.month.to_string();
        let mut absent: BTreeMap<u64, Days> = BTreeMap::new();
        for (row, link) in
            rows_with_links(tx, county, RosterKind::Absences, (Field::AbsentFrom, &month))?
        {
            let fields = &row.row.fields;
            if fields.number(Field::AbsentDays) == Some(0) {
                continue;
            }
            let (Some(person), _) = self.person(link, fields, by_name) else { continue };
            let from = fields.date(Field::AbsentFrom).map(PartialDate::earliest);
            let Some(from) = from else { continue };
            let to = fields.date(Field::AbsentTo).map_or(from, PartialDate::latest);
            let days = absent.entry(person).or_default();
            *days = *days | Days::between(self.month, from, to);
        }
        for pupil in &mut self.book.pupils {
            if let Some(days) = absent.get(&pupil.person) {
                pupil.absent = *days & self.days.in_month(self.month);
            }
        }
        Ok(())
    }

    /// The daily returns of workbooks; whether there are any.
    fn returns(&mut self, tx: &mut Tx, county: u32) -> Result<bool, OfficeError> {
        let month = self.month.to_string();
        let rows = rows_with_links(tx, county, RosterKind::MealReturns, (Field::MealOn, &month))?;
        for (row, link) in &rows {
            let fields = &row.row.fields;
            let Some((year, Some(month), Some(day))) =
                fields.date(Field::MealOn).map(PartialDate::parts)
            else {
                continue;
            };
            debug_assert_eq!((year, month), (self.month.year, self.month.month));
            let Some(school) = self.named.school(link.and_then(|l| l.1), fields) else { continue };
            let Some(grade) = fields.text(Field::Grade).and_then(Grade::parse) else { continue };
            let class = self.class(school, grade, fields.text(Field::Class).unwrap_or("1"));
            let count = |field| fields.number(field).and_then(|n| u32::try_from(n).ok());
            self.book.days.push(ClassDay {
                class,
                day,
                present: count(Field::PresentCount),
                served: count(Field::ServedCount),
                claimed: count(Field::ClaimedCount),
                source: row.row_id,
            });
        }
        Ok(!rows.is_empty())
    }

    /// What teachers wrote on their phones: a later word about a day adds to the workbook's, and takes its place where both
    /// say something.
    fn entries(&mut self, tx: &mut Tx, county: u32) -> Result<(), OfficeError> {
        #[derive(Default, serde::Deserialize)]
        struct Said {
            served: Option<u32>,
            present: Option<u32>,
            #[serde(default)]
            marks: Vec<(String, String)>,
        }
        let said = tx.query(
            "select subject_id, class, on_day, payload from entry
              where county = $1 and kind in ('meal_count', 'attendance') and state = 'in_force'
                and on_day >= $2 and on_day <= $3 order by entry_no",
            &[
                county.into(),
                self.month.first().to_string().into(),
                self.month.last().to_string().into(),
            ],
            |r| {
                let day: Option<jiff::civil::Date> = r.parse(2, |d| d.parse().ok())?;
                Ok((r.get::<u64>(0)?, r.get::<String>(1)?, day, r.get::<String>(3)?))
            },
        )?;
        for (school, class, day, payload) in said {
            let (Some(school), Some(day)) = (self.named.at(school), day) else { continue };
            let Some((grade, class)) = class.split_once(' ') else { continue };
            let (Some(grade), Ok(said)) =
                (Grade::parse(grade), serde_json::from_str::<Said>(&payload))
            else {
                continue;
            };
            let class = self.class(school, grade, class);
            let marked = u32::try_from(said.marks.len()).unwrap_or(0);
            let there = said.marks.iter().filter(|(_, mark)| mark == "present").count();
            // A class of which some are not marked has no count: an unmarked child is not present.
            let whole = marked > 0 && marked >= self.book.classes[class as usize].enrolled;
            let present = said.present.or_else(|| u32::try_from(there).ok().filter(|_| whole));
            let before =
                self.book.days.iter().rfind(|d| d.class == class && d.day == day.day()).copied();
            let before =
                before.unwrap_or(ClassDay { class, day: day.day(), ..ClassDay::default() });
            self.book.days.push(ClassDay {
                present: present.or(before.present),
                served: said.served.or(before.served),
                ..before
            });
        }
        Ok(())
    }

    /// Claims by name; whether there are any.
    fn claims(&mut self, tx: &mut Tx, county: u32, by_name: &ByName) -> Result<bool, OfficeError> {
        let month = self.month.to_string();
        let rows = rows_with_links(tx, county, RosterKind::MealLists, (Field::Month, &month))?;
        for (row, link) in &rows {
            let fields = &row.row.fields;
            let (person, school) = self.person(*link, fields, by_name);
            let Some(school) = school else { continue };
            let Some(days) = fields.number(Field::MealDays).and_then(|n| u32::try_from(n).ok())
            else {
                continue;
            };
            self.book.claims.push(NamedClaim {
                person: person.unwrap_or(UNLINKED | row.row_id),
                school,
                days: Claimed::Count(days),
                source: row.row_id,
            });
        }
        Ok(!rows.is_empty())
    }
}

type Linked = (StoredRow, Option<(Option<u64>, Option<u64>)>);

fn rows_with_links(
    tx: &mut Tx,
    county: u32,
    kind: RosterKind,
    (field, begins): (Field, &str),
) -> Result<Vec<Linked>, OfficeError> {
    let with = Some((field, begins));
    let rows = tx.rows_of_kind(county, kind, with)?;
    let linked = |row: LinkedRow| {
        let link =
            (row.person.is_some() || row.school.is_some()).then_some((row.person, row.school));
        (row.stored(), link)
    };
    Ok(rows.into_iter().map(linked).collect())
}
