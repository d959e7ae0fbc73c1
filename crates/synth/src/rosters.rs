//! The rosters that nine offices hold of the world: which workbooks there are, and their rows.

mod appropriations;
mod enrolment;
mod hardship;
mod headers;
mod households;
mod labour;
mod meals;
mod pairing;
mod payments;
mod schools;
mod university;

use fujiao_model::{Field, Grade, RosterKind, Stage};

use crate::aid::Books;
use crate::layout::{Col, Part, Row, Val};
use crate::rng::Rng;
use crate::world::{Month, NONE, World};

pub(crate) use headers::{CLASS, GRADE, ID, SCHOOL};
pub(crate) use schools::taught;

/// Rows of one workbook at most.
pub(crate) const LONGEST: usize = 200_000;

type Build = Box<dyn Fn(&World, &Books, &mut Rng) -> Vec<Part> + Send + Sync>;

/// A workbook to be built.
pub(crate) struct Job {
    /// Without the extension.
    pub(crate) path: String,
    pub(crate) kind: RosterKind,
    pub(crate) cols: &'static [Col],
    /// What the titles say, so that a column may be left out.
    pub(crate) titled: &'static [Field],
    /// May be sent as a .csv: it has one sheet.
    pub(crate) csv: bool,
    /// Rows at most, as far as is known before it is built.
    pub(crate) size: usize,
    pub(crate) build: Build,
}

pub(crate) fn plain(person: u32, cells: Vec<Val>) -> Row {
    Row { person, cells, mistyped: false }
}

impl World {
    pub(crate) fn name(&self, person: u32) -> Val {
        if person == NONE {
            Val::None
        } else {
            Val::Text(self.persons[person as usize].name.text())
        }
    }

    /// The other parent, or whoever else answers for the child.
    pub(crate) fn other_guardian(&self, person: u32) -> Option<String> {
        let p = &self.persons[person as usize];
        let other = Some(p.other_guardian).filter(|o| *o != NONE && *o != p.guardian);
        other.map(|o| self.persons[o as usize].name.text())
    }

    /// A neighbouring village of the same town.
    pub(crate) fn next_village(&self, person: u32) -> Option<String> {
        let village = usize::from(self.household(person).village);
        let town = self.villages[village].town;
        let near = [village + 1, village.wrapping_sub(1)];
        let mut near = near.into_iter().filter_map(|v| self.villages.get(v));
        near.find(|v| v.town == town).map(|v| v.name.clone())
    }

    /// Kindergartens number nobody.
    fn pupil_no(&self, person: u32, grade: Grade) -> Val {
        if grade.stage() == Stage::Preschool {
            Val::None
        } else {
            Val::Text(self.student_no(person))
        }
    }

    /// 岚教证〔2025〕3号.
    fn document(&self, office: &str, year: i16, number: usize) -> String {
        let county = self.county.name.chars().next().unwrap_or('县');
        format!("{county}{office}〔{year}〕{number}号")
    }

    /// One of a few words, always the same for the same salt and person.
    fn choose(&self, salt: u64, key: u32, words: &'static [&'static str]) -> &'static str {
        words[usize::try_from(self.hash(salt, key) % words.len() as u64).expect("few words")]
    }

    fn town_name(&self, person: u32) -> Val {
        Val::Text(self.town(person).name.clone())
    }

    fn village_name(&self, person: u32) -> Val {
        Val::Text(self.village(person).name.clone())
    }

    fn title(&self, text: &str) -> String {
        format!("{}{text}（示例数据）", self.county.name)
    }

    fn sent(&self, office: &str) -> String {
        let d = self.order.as_of;
        format!(
            "填报单位：{}{office}        填报时间：{}年{}月{}日",
            self.county.name,
            d.year(),
            d.month(),
            d.day()
        )
    }

    pub(crate) fn part(&self, name: &str, title: &str, office: &str, rows: Vec<Row>) -> Part {
        Part { name: name.to_owned(), titles: vec![self.title(title), self.sent(office)], rows }
    }
}

fn school_year(year: i16) -> String {
    format!("{year}—{}学年", year + 1)
}

/// Splits `0..len` into stretches that one workbook holds.
fn stretches(len: usize) -> Vec<std::ops::Range<usize>> {
    let n = len.div_ceil(LONGEST).max(1);
    (0..n).map(|i| i * len / n..(i + 1) * len / n).collect()
}

fn numbered(stem: String, at: usize, of: usize) -> String {
    if of == 1 { stem } else { format!("{stem}_{}", at + 1) }
}

/// Every workbook, in the order in which they are sent.
pub(crate) fn jobs(world: &World, books: &Books) -> Vec<Job> {
    let mut jobs = Vec::new();
    households::jobs(world, &mut jobs);
    hardship::jobs(world, &mut jobs);
    enrolment::jobs(world, &mut jobs);
    payments::jobs(world, books, &mut jobs);
    meals::jobs(world, &mut jobs);
    schools::jobs(world, &mut jobs);
    labour::jobs(world, &mut jobs);
    pairing::pairs(world, &mut jobs);
    pairing::pupils_looked_after(world, &mut jobs);
    university::jobs(world, &mut jobs);
    appropriations::jobs(&mut jobs);
    crate::works::jobs(world, &mut jobs);
    jobs
}

pub(crate) fn job(
    path: String,
    kind: RosterKind,
    cols: &'static [Col],
    size: usize,
    build: impl Fn(&World, &Books, &mut Rng) -> Vec<Part> + Send + Sync + 'static,
) -> Job {
    Job { path, kind, cols, titled: &[], csv: true, size, build: Box::new(build) }
}

impl Job {
    /// The titles say these, so that the columns may be left out.
    fn titled(self, titled: &'static [Field]) -> Self {
        Self { titled, ..self }
    }

    /// Has more than one sheet, so that it is no .csv.
    fn of_sheets(self) -> Self {
        Self { csv: false, ..self }
    }
}

fn school_year_of(month: Month) -> i16 {
    if month.1 >= 9 { month.0 } else { month.0 - 1 }
}
