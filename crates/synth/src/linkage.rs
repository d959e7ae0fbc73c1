//! Rosters to measure linkage with: one list of all departments' rows about children and young people, with the truth in a
//! column.
//!
//! The county of [`crate::make`] is for the whole way from workbook to report. Here it is only about who is who: rows by the
//! million, brothers, sisters and twins to tell apart, and every slip of the pen at a rate of its own that is written down in
//! [`Slip::rate`]. Most people stand in one to four of eight departments' rosters.
//!
//! Nothing is kept: a family follows from the seed and its number, and is made anew for each department that writes it down.
//! So the list is as long as wanted, in memory that does not grow.

mod families;
mod names;
mod pen;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;
use std::io::{self, Write};
use std::ops::Range;

use rayon::prelude::*;

use crate::SynthError;
use crate::rng::{Rng, hash};
use families::{Family, Outline};
use names::Tables;
use pen::{Counts, Pen};
pub use pen::{Slip, SlipCount};

/// Columns of the list, in order.
///
/// `rec_id` row, `ent_id` person (truth), `dept` department, `name`, `id_no` citizen id, `birth` YYYYMMDD, `gender` 男 or 女,
/// `village` 12-digit code, `guardian` name of a parent, `phone`. An empty cell is a value that the department did not take
/// down.
pub const ROSTER_COLUMNS: [&str; 10] = [
    "rec_id", "ent_id", "dept", "name", "id_no", "birth", "gender", "village", "guardian", "phone",
];

/// What list to make.
#[derive(Clone, Debug, PartialEq)]
pub struct RosterOrder {
    /// Rows without the heading, 1 to [`RosterOrder::MOST`].
    pub rows: u64,
    /// Same order, same bytes.
    pub seed: u64,
    /// Multiplies every rate of [`Slip::rate`]: 0 to 10, 1 for the rates as they are documented.
    pub noise: f64,
    /// Share, 0 to 0.5, of entries that their department has twice. 0 leaves at most one row a person and list.
    pub doubles: f64,
}

impl RosterOrder {
    /// More rows than this need more made area codes than there are.
    pub const MOST: u64 = 12_000_000;

    /// Whether such a list can be made.
    ///
    /// # Errors
    /// The first number that is out of its range.
    pub fn check(&self) -> Result<(), SynthError> {
        if !(1..=Self::MOST).contains(&self.rows) {
            return Err(SynthError::Rows { rows: self.rows });
        }
        if !(0.0..=10.0).contains(&self.noise) {
            return Err(SynthError::RosterNoise { noise: self.noise });
        }
        if !(0.0..=0.5).contains(&self.doubles) {
            return Err(SynthError::Doubles { doubles: self.doubles });
        }
        Ok(())
    }
}

/// What was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RosterSummary {
    /// Rows without the heading.
    pub rows: u64,
    /// Persons with a row.
    pub persons: u64,
    /// Pairs of rows about one person.
    pub true_pairs: u64,
    /// Pairs of rows about two twins: the hardest false ones.
    pub twin_pairs: u64,
    /// How often each slip could have happened, and did, in the order of [`Slip::ALL`].
    pub slips: Vec<SlipCount>,
}

/// A department and what its form asks for.
struct Department {
    name: &'static str,
    /// Out of 100 entries of a person.
    share: u32,
    /// How often a cell is filled in; 0 is a column that the form does not have.
    id: f64,
    birth: f64,
    gender: f64,
    village: f64,
    guardian: f64,
    phone: f64,
    /// Takes down the mother, as those do who give vaccinations.
    mother: bool,
    /// Pens slip less: 公安 checks what it writes.
    care: f64,
}

#[rustfmt::skip]
const DEPARTMENTS: [Department; 8] = [
    Department { name: "教育局", share: 24, id: 0.97, birth: 0.98, gender: 0.99, village: 0.94, guardian: 0.95, phone: 0.93, mother: false, care: 1.0 },
    Department { name: "公安局", share: 20, id: 1.00, birth: 1.00, gender: 1.00, village: 1.00, guardian: 0.90, phone: 0.00, mother: false, care: 0.2 },
    Department { name: "医保局", share: 15, id: 0.99, birth: 0.00, gender: 0.95, village: 0.95, guardian: 0.85, phone: 0.85, mother: false, care: 0.8 },
    Department { name: "卫健局", share: 12, id: 0.82, birth: 1.00, gender: 1.00, village: 0.94, guardian: 0.97, phone: 0.92, mother: true, care: 1.0 },
    Department { name: "乡村振兴局", share: 11, id: 0.99, birth: 0.60, gender: 0.98, village: 1.00, guardian: 0.98, phone: 0.75, mother: false, care: 1.0 },
    Department { name: "民政局", share: 8, id: 0.96, birth: 0.90, gender: 0.97, village: 0.96, guardian: 0.94, phone: 0.85, mother: false, care: 1.2 },
    Department { name: "残联", share: 3, id: 0.97, birth: 0.92, gender: 0.98, village: 0.90, guardian: 0.90, phone: 0.85, mother: false, care: 1.2 },
    Department { name: "妇联", share: 7, id: 0.80, birth: 0.88, gender: 0.98, village: 0.95, guardian: 0.93, phone: 0.85, mother: true, care: 1.5 },
];

/// Families that are made at a time, by one thread.
const CHUNK: u64 = 2_048;
/// Chunks whose rows are kept until they are written: some 20 MB.
const WINDOW: u64 = 64;

/// Writes the list as CSV (UTF-8, comma, heading, `\n`) to `out`, department by department, and hears of its progress in
/// rows.
///
/// Linear in rows, in parallel; memory does not depend on them. No cell holds a comma, a quote or a line break.
///
/// # Errors
/// An order out of range, or a file that does not take it.
pub fn make_roster(
    order: &RosterOrder,
    out: &mut dyn Write,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<RosterSummary, SynthError> {
    order.check()?;
    let maker = Maker { order, tables: Tables::new() };
    let (families, spare, mut summary) = maker.count();
    write(&maker, families, spare, &mut summary, out, progress)
        .map_err(|source| SynthError::Roster { source })?;
    Ok(summary)
}

fn write(
    maker: &Maker,
    families: u64,
    spare: u64,
    summary: &mut RosterSummary,
    out: &mut dyn Write,
    progress: &mut dyn FnMut(u64, u64),
) -> io::Result<()> {
    let mut heading = ROSTER_COLUMNS.join(",");
    heading.push('\n');
    out.write_all(heading.as_bytes())?;
    let mut counts = Counts::default();
    let (mut text, mut row) = (String::new(), 0_u64);
    for list in 0..DEPARTMENTS.len() {
        let mut from = 0;
        while from < families {
            let to = (from + CHUNK * WINDOW).min(families);
            let chunks: Vec<Range<u64>> = (from..to)
                .step_by(usize::try_from(CHUNK).expect("small"))
                .map(|at| at..(at + CHUNK).min(to))
                .collect();
            let made: Vec<Rows> = chunks
                .into_par_iter()
                .map(|chunk| maker.rows(list, chunk, families, spare))
                .collect();
            for rows in made {
                text.clear();
                let mut at = 0;
                for end in rows.ends {
                    row += 1;
                    text.push('r');
                    text.push_str(&row.to_string());
                    text.push_str(&rows.text[at..end]);
                    at = end;
                }
                out.write_all(text.as_bytes())?;
                counts.add(&rows.counts);
            }
            from = to;
            progress(row, maker.order.rows);
        }
    }
    assert_eq!(row, summary.rows, "rows are counted by the lists that persons stand in");
    summary.slips = counts.list();
    out.flush()
}

/// Rows of a chunk, each without its `rec_id`, which is known when all before it are.
struct Rows {
    text: String,
    ends: Vec<usize>,
    counts: Counts,
}

struct Maker<'a> {
    order: &'a RosterOrder,
    tables: Tables,
}

impl Maker<'_> {
    /// How many families fill the list, and how many rows of the last one are too many.
    fn count(&self) -> (u64, u64, RosterSummary) {
        let mut summary = RosterSummary::default();
        let mut from = 0;
        // A window of families can hold more than is needed; the sums by family are added in order until it is enough.
        loop {
            let to = from + CHUNK * WINDOW;
            let outlines: Vec<Outline> =
                (from..to).into_par_iter().map(|family| self.outline(family)).collect();
            for (family, outline) in (from..).zip(outlines) {
                let rows = outline.rows();
                let spare = (summary.rows + rows).saturating_sub(self.order.rows);
                let kept = outline.without_last(spare);
                summary.rows += kept.rows();
                summary.persons += kept.persons();
                summary.true_pairs += kept.true_pairs();
                summary.twin_pairs += kept.twin_pairs();
                if summary.rows == self.order.rows {
                    return (family + 1, spare, summary);
                }
            }
            from = to;
        }
    }

    fn outline(&self, family: u64) -> Outline {
        Outline::draw(&mut self.rng_of(family), self.order.doubles)
    }

    fn rng_of(&self, family: u64) -> Rng {
        Rng::of(hash(self.order.seed, family))
    }

    /// What one department writes about some families.
    fn rows(&self, list: usize, chunk: Range<u64>, families: u64, spare: u64) -> Rows {
        let mut rows = Rows { text: String::new(), ends: Vec::new(), counts: Counts::default() };
        for number in chunk {
            let mut rng = self.rng_of(number);
            let mut outline = Outline::draw(&mut rng, self.order.doubles);
            let further = rng.clone();
            if number + 1 == families {
                outline = outline.without_last(spare);
            }
            if outline.rows_in(list) == 0 {
                continue;
            }
            let family = Family::new(self.order.seed, number, &outline, further, &self.tables);
            for child in 0..family.children.len() {
                for copy in 0..outline.copies(child, list) {
                    let key = ((number * 8 + child as u64) * 8 + list as u64) * 2 + copy;
                    self.row(&family, child, list, key, &mut rows);
                    rows.ends.push(rows.text.len());
                }
            }
        }
        rows
    }

    fn row(&self, family: &Family, child: usize, list: usize, key: u64, rows: &mut Rows) {
        let department = &DEPARTMENTS[list];
        let person = &family.children[child];
        let mut rng = Rng::of(hash(self.order.seed ^ 0x726f_7773, key));
        let mut pen = Pen {
            tables: &self.tables,
            counts: &mut rows.counts,
            rng: &mut rng,
            out: &mut rows.text,
            noise: self.order.noise * department.care,
        };
        let mother = department.mother || family.mother_answers;
        write!(pen.out, ",e{},{},", family.number * 8 + child as u64, department.name)
            .expect("a string takes it");
        pen.name(&person.name);
        pen.cell(department.id, |pen| pen.id(&person.id, person.born));
        pen.cell(department.birth, |pen| pen.birth(person.born));
        pen.cell(department.gender, |pen| pen.gender(person.male));
        pen.cell(department.village, |pen| pen.village(family.village));
        pen.cell(department.guardian, |pen| pen.guardian(family, mother));
        pen.cell(department.phone, |pen| pen.phone(family, mother));
        rows.text.push('\n');
    }
}
