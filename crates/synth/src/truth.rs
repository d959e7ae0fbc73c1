//! The folder `truth/`: whose each row is, and which troubles are real.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::aid::{Books, Outcome, PROGRAMMES};
use crate::schools::Enrolment;
use crate::world::{Month, NONE, World};
use crate::{Coordinates, Sink, SynthError, meals, put};

/// `rows.csv`, in pieces where it is long.
pub(crate) struct Rows {
    text: String,
    pieces: u32,
}

/// A piece of `rows.csv` beyond this length begins another file.
const PIECE: usize = 200_000_000;

impl Rows {
    pub(crate) fn new() -> Self {
        Self { text: HEAD.to_owned(), pieces: 0 }
    }

    pub(crate) fn add(
        &mut self,
        path: &str,
        sheets: &[(String, Vec<(u32, u32)>)],
        sink: &mut dyn Sink,
    ) -> Result<(), SynthError> {
        for (sheet, owners) in sheets {
            for (row, person) in owners.iter().filter(|(_, p)| *p != NONE) {
                let _ = writeln!(self.text, "{path},{sheet},{row},{}", Person(*person));
            }
        }
        if self.text.len() > PIECE { self.flush(sink) } else { Ok(()) }
    }

    fn flush(&mut self, sink: &mut dyn Sink) -> Result<(), SynthError> {
        let text = std::mem::replace(&mut self.text, HEAD.to_owned());
        let path = if self.pieces == 0 {
            "truth/rows.csv".to_owned()
        } else {
            format!("truth/rows_{}.csv", self.pieces + 1)
        };
        self.pieces += 1;
        put(sink, &path, text.into_bytes())
    }

    pub(crate) fn finish(mut self, sink: &mut dyn Sink) -> Result<(), SynthError> {
        if self.text.len() > HEAD.len() || self.pieces == 0 { self.flush(sink) } else { Ok(()) }
    }
}

const HEAD: &str = "file,sheet,row,person\n";

struct Person(u32);

impl std::fmt::Display for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "P{:07}", self.0)
    }
}

/// Writes all but `rows.csv`; gives the counts of troubles.
pub(crate) fn write(
    world: &World,
    books: &Books,
    sink: &mut dyn Sink,
) -> Result<BTreeMap<&'static str, u64>, SynthError> {
    let mut counts = BTreeMap::new();
    let term = |t: u8| world.calendar.terms[usize::from(t)];
    let programme = |k: u8| PROGRAMMES[usize::from(k)].0;

    let mut places = String::from("code,name,longitude,latitude,coordinates\n");
    for place in &world.county.places {
        let known = if place.coordinates == Coordinates::Known { "known" } else { "made" };
        let _ = writeln!(
            places,
            "{},{},{},{},{known}",
            place.code, place.name, place.longitude, place.latitude
        );
    }
    put(sink, "truth/places.csv", places.into_bytes())?;

    let mut persons = String::from("person,household,name,citizen_id,sex,born_on,village\n");
    for (p, person) in (0_u32..).zip(&world.persons) {
        let _ = write!(persons, "{},H{:07},", Person(p), person.household);
        person.name.write(&mut persons);
        let _ = writeln!(
            persons,
            ",{},{},{},{}",
            world.id(p).reveal(),
            person.sex.code(),
            person.born,
            world.village(p).name
        );
    }
    put(sink, "truth/persons.csv", persons.into_bytes())?;

    let mut aid = String::from("trouble,person,programme,term,amount_fen\n");
    for (trouble, person, k, t, amount) in &books.troubles {
        *counts.entry(trouble.name()).or_default() += 1;
        let _ = writeln!(
            aid,
            "{},{},{},{},{}",
            trouble.name(),
            Person(*person),
            programme(*k),
            term(*t),
            amount.as_fen()
        );
    }
    put(sink, "truth/aid.csv", aid.into_bytes())?;

    let lists: [(&'static str, &str, &[u32]); 2] = [
        ("out_of_school", "truth/out_of_school.csv", &world.out_of_school),
        ("double_enrolment", "truth/double_enrolment.csv", &world.double_enrolment),
    ];
    for (name, path, list) in lists {
        counts.insert(name, list.len() as u64);
        let mut text = String::from("person\n");
        for person in list {
            let _ = writeln!(text, "{}", Person(*person));
        }
        put(sink, path, text.into_bytes())?;
    }

    labour(world, sink, &mut counts)?;

    let mut over = String::from("person,month,days_over\n");
    for (e, month) in claimed(world) {
        if let Some(claim) = meals::claim(world, e, month).filter(|c| c.over > 0) {
            *counts.entry("meals").or_default() += 1;
            let _ =
                writeln!(over, "{},{}-{:02},{}", Person(e.person), month.0, month.1, claim.over);
        }
    }
    put(sink, "truth/meals.csv", over.into_bytes())?;
    let (returns, planted) = crate::works::planted(world);
    counts.insert("meal_returns", planted);
    put(sink, "truth/meal_returns.csv", returns.into_bytes())?;

    let mut duties = String::from("area,kind,subject,period,quantity\n");
    for (person, due) in &books.dues {
        let _ = writeln!(
            duties,
            "aid,{},{},{},{}",
            programme(due.programme),
            Person(*person),
            term(due.term),
            due.amount.as_fen()
        );
    }
    put(sink, "truth/duties.csv", duties.into_bytes())?;
    let mut deeds = String::from("area,kind,subject,period,quantity\n");
    for p in &books.payments {
        let fen = match p.outcome {
            Outcome::Paid => p.amount.as_fen(),
            Outcome::Returned => -p.amount.as_fen(),
            Outcome::Failed => continue,
        };
        let _ = writeln!(
            deeds,
            "aid,{},{},{},{fen}",
            programme(p.programme),
            Person(p.person),
            term(p.term)
        );
    }
    put(sink, "truth/deeds.csv", deeds.into_bytes())?;
    Ok(counts)
}

/// Untrained households; certificates given away, jobs that ended, who was trained twice while a neighbour never.
fn labour(
    world: &World,
    sink: &mut dyn Sink,
    counts: &mut BTreeMap<&'static str, u64>,
) -> Result<(), SynthError> {
    counts.insert("untrained", world.untrained.len() as u64);
    let mut untrained = String::from("household\n");
    for household in &world.untrained {
        let _ = writeln!(untrained, "H{household:07}");
    }
    put(sink, "truth/untrained.csv", untrained.into_bytes())?;

    let mut labour = String::from("trouble,subject,month\n");
    let given: std::collections::BTreeSet<(u32, String)> = world
        .sessions
        .iter()
        .filter(|s| s.given_away)
        .map(|s| (s.person, format!("{:04}-{:02}", s.to.year(), s.to.month())))
        .collect();
    for (person, month) in given {
        *counts.entry("certificate").or_default() += 1;
        let _ = writeln!(labour, "certificate,{},{month}", Person(person));
    }
    for person in crate::training::out_of_work(world) {
        *counts.entry("job_ended").or_default() += 1;
        let _ = writeln!(labour, "job_ended,{},", Person(person));
    }
    for household in crate::training::twice(world) {
        *counts.entry("trained_twice").or_default() += 1;
        let _ = writeln!(labour, "trained_twice,H{household:07},");
    }
    put(sink, "truth/labour.csv", labour.into_bytes())
}

/// Every enrolment with every month of its school year.
fn claimed(world: &World) -> impl Iterator<Item = (&Enrolment, Month)> {
    world.enrolments.iter().flat_map(|e| {
        let of_year = |m: &&Month| e.year == if m.1 >= 9 { m.0 } else { m.0 - 1 };
        world.calendar.months.iter().filter(of_year).map(move |m| (e, *m))
    })
}
