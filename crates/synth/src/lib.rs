//! A whole made county, its workbooks, and the truth behind them.
//!
//! First a world: places, families over three generations, schools, four years of lessons, aid, meals, training. Then the
//! rosters that nine offices would hold of it, each in the form and with the slips of the pen that offices really send. Then
//! the truth: whose each row is, and which troubles are real. Every person is made; a citizen id starts with 6199, a
//! prefecture that does not exist.
//!
//! It reads no clock and writes no file: an [`Order`] goes in, bytes go to a [`Sink`].

mod aid;
mod book;
mod layout;
mod linkage;
mod lunar;
mod meals;
mod month;
mod names;
mod places;
mod rng;
mod rosters;
mod schools;
mod training;
mod truth;
mod works;
mod world;
mod xls;

use std::collections::BTreeMap;
use std::io;

use fujiao_model::RosterKind;
use jiff::civil::Date;
use rayon::prelude::*;

use aid::Books;
use book::Form;
use layout::{Style, Writer};
use rng::Rng;
use rosters::Job;
use world::World;

pub use linkage::{ROSTER_COLUMNS, RosterOrder, RosterSummary, Slip, SlipCount, make_roster};
pub use month::{MonthOrder, MonthSummary, make_month};
pub use places::{
    Coordinates, CountyPlaces, INVENTED_COUNTY, KnownCounty, Place, Road, known_counties, places,
};

/// What to make.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// A known county's six digits; `None` is the invented 岚川县.
    pub county: Option<u32>,
    /// Persons in the household register, at least [`Order::FEWEST`].
    pub people: u32,
    /// Same order, same bytes.
    pub seed: u64,
    /// Probability, 0 to 0.5, that an identity field of a row is damaged.
    pub noise: f64,
    /// The day on which the workbooks are sent.
    pub as_of: Date,
}

impl Order {
    /// Fewer people than this make no county.
    pub const FEWEST: u32 = 500;
    /// More people than this make no county.
    pub const MOST: u32 = 6_000_000;
}

/// Takes what is made. Paths are relative, with `/`: `公安局/户籍人口_云台镇.csv`, `truth/aid.csv`.
pub trait Sink {
    /// Takes one file. Each path comes once.
    ///
    /// # Errors
    /// What the file system says; it ends the making.
    fn put(&mut self, path: &str, bytes: Vec<u8>) -> io::Result<()>;

    /// Hears how far the work is: `done` of `of` parts of `step`.
    fn progress(&mut self, step: &str, done: u64, of: u64) {
        let _ = (step, done, of);
    }
}

/// What was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// 岚川县.
    pub county_name: String,
    /// Six digits.
    pub county_code: u32,
    /// Persons in the household register.
    pub people: u64,
    /// Households in the household register.
    pub households: u64,
    /// Workbooks by kind.
    pub workbooks: BTreeMap<RosterKind, u64>,
    /// Rows by kind.
    pub rows: BTreeMap<RosterKind, u64>,
    /// Planted troubles by name, as the files of `truth/` count them: `missed`, `wrong`, `double`, `out_of_school`,
    /// `double_enrolment`, `untrained`, `meals`, `meal_returns`.
    pub troubles: BTreeMap<&'static str, u64>,
}

/// Why no county was made.
#[derive(Debug, thiserror::Error)]
pub enum SynthError {
    /// No places ship for this code.
    #[error(
        "没有代码为 {code} 的县的乡镇和村；不写 --county 用虚构的岚川县（619926），或用随带的县代码之一"
    )]
    UnknownCounty {
        /// As ordered.
        code: u32,
    },
    /// Too few or too many people.
    #[error("人数 {people} 不在 500 到 6000000 之间；改 --people")]
    People {
        /// As ordered.
        people: u32,
    },
    /// Noise is a probability.
    #[error("噪声 {noise} 不在 0 到 0.5 之间；改 --noise")]
    Noise {
        /// As ordered.
        noise: f64,
    },
    /// Too long ago or too far ahead.
    #[error("日期 {as_of} 不在 2020 年到 2100 年之间；改 --as-of")]
    AsOf {
        /// As ordered.
        as_of: Date,
    },
    /// Too few or too many rows of a roster to measure linkage with.
    #[error("行数 {rows} 不在 1 到 12000000 之间；改 --roster")]
    Rows {
        /// As ordered.
        rows: u64,
    },
    /// The rates of slips can be multiplied, within reason.
    #[error("笔误倍数 {noise} 不在 0 到 10 之间；改 --slips")]
    RosterNoise {
        /// As ordered.
        noise: f64,
    },
    /// A list in which most people stand twice is none.
    #[error("重登比例 {doubles} 不在 0 到 0.5 之间；改 --doubles")]
    Doubles {
        /// As ordered.
        doubles: f64,
    },
    /// The roster could not be written.
    #[error("写不下名册：{source}")]
    Roster {
        /// What the file says.
        source: io::Error,
    },
    /// A workbook could not be built.
    #[error("做不出工作簿 {path}：{reason}")]
    Workbook {
        /// Which.
        path: String,
        /// What the writer of the format says.
        reason: String,
    },
    /// The sink did not take a file.
    #[error("写不下 {path}：{source}")]
    Sink {
        /// Which.
        path: String,
        /// What the sink says.
        source: io::Error,
    },
}

impl PartialEq for SynthError {
    fn eq(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }
}

/// Makes a county: workbooks under a folder for each office, and `truth/`.
///
/// Linear in people. The world is kept whole (about 120 bytes a person and 24 an enrolment); workbooks are built a few at a
/// time, in parallel, and handed to `sink` in a fixed order.
///
/// # Errors
/// An order out of range, or a sink that fails.
pub fn make(order: &Order, sink: &mut dyn Sink) -> Result<Summary, SynthError> {
    if !(Order::FEWEST..=Order::MOST).contains(&order.people) {
        return Err(SynthError::People { people: order.people });
    }
    if !(0.0..=0.5).contains(&order.noise) {
        return Err(SynthError::Noise { noise: order.noise });
    }
    if !(2020..=2100).contains(&order.as_of.year()) {
        return Err(SynthError::AsOf { as_of: order.as_of });
    }
    let county = places(order.county)?;
    sink.progress("造县", 0, 1);
    let world = World::new(order, county);
    let books = aid::keep_books(&world);
    sink.progress("造县", 1, 1);
    let jobs = rosters::jobs(&world, &books);
    let mut summary = Summary {
        county_name: world.county.name.clone(),
        county_code: world.county.code,
        people: world.persons.len() as u64,
        households: world.households.len() as u64,
        ..Summary::default()
    };
    let mut rows = truth::Rows::new();
    let all = jobs.len() as u64;
    let mut done = 0;
    // A batch at a time: what a batch holds is all that is kept of the workbooks.
    for batch in batches(&jobs) {
        let built: Vec<Result<Built, SynthError>> =
            batch.par_iter().map(|job| build(&world, &books, job)).collect();
        for (job, built) in batch.iter().zip(built) {
            let built = built?;
            *summary.workbooks.entry(job.kind).or_default() += 1;
            *summary.rows.entry(job.kind).or_default() +=
                built.owners.iter().map(|(_, o)| o.len() as u64).sum::<u64>();
            rows.add(&built.path, &built.owners, sink)?;
            put(sink, &built.path, built.bytes)?;
            done += 1;
            sink.progress("写工作簿", done, all);
        }
    }
    rows.finish(sink)?;
    summary.troubles = truth::write(&world, &books, sink)?;
    Ok(summary)
}

struct Built {
    path: String,
    bytes: Vec<u8>,
    /// By sheet: its name, and row number and person of each row.
    owners: Vec<(String, Vec<(u32, u32)>)>,
}

/// Cuts the list of workbooks so that a batch has about two million cells.
fn batches(jobs: &[Job]) -> Vec<&[Job]> {
    let mut batches = Vec::new();
    let (mut from, mut size) = (0, 0);
    for (at, job) in jobs.iter().enumerate() {
        size += job.size.min(rosters::LONGEST);
        if size >= rosters::LONGEST || at - from >= 48 {
            batches.push(&jobs[from..=at]);
            (from, size) = (at + 1, 0);
        }
    }
    batches.push(&jobs[from..]);
    batches
}

fn build(world: &World, books: &Books, job: &Job) -> Result<Built, SynthError> {
    let mut rng = Rng::new(world.order.seed, &job.path);
    let large = job.size > 25_000;
    let residents = job.kind == RosterKind::Residents;
    let form = rng.weighted(&[
        (Form::Xlsx, if residents { 15 } else { 45 }),
        (Form::Xls, if large { 0 } else { 25 }),
        (Form::CsvGb18030, if job.csv { if residents { 60 } else { 18 } } else { 0 }),
        (Form::CsvUtf8, if job.csv { 10 } else { 0 }),
    ]);
    let style = Style::draw(form, &mut rng);
    let path = format!("{}.{}", job.path, form.extension());
    let stem = job.path.rsplit('/').next().unwrap_or(&job.path);
    // 公安 checks what it writes.
    let noise = if residents { world.order.noise / 10.0 } else { world.order.noise };
    let writer = Writer {
        world,
        cols: job.cols,
        style,
        noise,
        joinable: matches!(
            job.kind,
            RosterKind::MealLists | RosterKind::Absences | RosterKind::Enrolments
        ),
        titled: job.titled,
    };
    let parts = (job.build)(world, books, &mut rng);
    let layout = rng.clone();
    let (mut sheets, mut owners) = (Vec::new(), Vec::new());
    for part in parts {
        let csv = matches!(form, Form::CsvGb18030 | Form::CsvUtf8);
        let name = if csv { stem.to_owned() } else { part.name.clone() };
        // Sheets of one workbook are laid out alike.
        let (sheet, whose) = writer.sheet(part, &mut layout.clone(), &mut rng);
        owners.push((name, whose));
        sheets.push(sheet);
    }
    let bytes = book::bytes(&sheets, form)
        .map_err(|reason| SynthError::Workbook { path: path.clone(), reason })?;
    Ok(Built { path, bytes, owners })
}

fn put(sink: &mut dyn Sink, path: &str, bytes: Vec<u8>) -> Result<(), SynthError> {
    sink.put(path, bytes).map_err(|source| SynthError::Sink { path: path.to_owned(), source })
}
