//! Results against the truth behind a made county: precision and recall of what the county would act on.

use std::collections::{BTreeMap, BTreeSet};

use crate::OfficeError;

/// The outputs that are scored, as CSV.
#[derive(Clone, Copy, Debug)]
pub struct Results<'a> {
    /// `file,sheet,row,person`
    pub persons: &'a [u8],
    /// The list of gaps and excesses.
    pub gaps: &'a [u8],
    /// `household,person`
    pub households: &'a [u8],
}

/// What is true, as CSV.
#[derive(Clone, Copy, Debug)]
pub struct Truth<'a> {
    /// `file,sheet,row,person`
    pub rows: &'a [u8],
    /// `person,household,…`
    pub persons: &'a [u8],
    /// `trouble,person,programme,term,amount_fen`
    pub aid: &'a [u8],
    /// `person`
    pub out_of_school: &'a [u8],
    /// `person`
    pub double_enrolment: &'a [u8],
    /// `household`
    pub untrained: &'a [u8],
    /// `person,month,days_over`
    pub meals: &'a [u8],
    /// `trouble,subject,month`: `certificate` and `job_ended` of persons, `trained_twice` of households.
    pub labour: &'a [u8],
}

/// How well one kind of trouble was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Score {
    /// `links`, `aid_missed`, `aid_wrong`, `aid_double`, `out_of_school`, `double_enrolment`, `untrained`, `meals_over`,
    /// `certificate`, `job_ended`, `trained_twice`.
    pub name: &'static str,
    /// For people.
    pub title: &'static str,
    /// Found and true.
    pub hits: u64,
    /// Found and not true.
    pub false_alarms: u64,
    /// True and not found.
    pub missed: u64,
}

impl Score {
    /// Of what was found, the share that is true; 1 where nothing was found.
    #[expect(clippy::cast_precision_loss, reason = "counts of a county are far below 2⁵²")]
    pub fn precision(&self) -> f64 {
        let found = self.hits + self.false_alarms;
        if found == 0 { 1.0 } else { self.hits as f64 / found as f64 }
    }

    /// Of what is true, the share that was found; 1 where nothing is true.
    #[expect(clippy::cast_precision_loss, reason = "counts of a county are far below 2⁵²")]
    pub fn recall(&self) -> f64 {
        let real = self.hits + self.missed;
        if real == 0 { 1.0 } else { self.hits as f64 / real as f64 }
    }

    /// Harmonic mean of precision and recall.
    pub fn f1(&self) -> f64 {
        let (p, r) = (self.precision(), self.recall());
        if p + r == 0.0 { 0.0 } else { 2.0 * p * r / (p + r) }
    }
}

/// A table as lines of fields, found by the header's names.
struct Lines {
    header: Vec<String>,
    lines: Vec<csv::StringRecord>,
}

impl Lines {
    fn read(name: &'static str, bytes: &[u8]) -> Result<Self, OfficeError> {
        let broken = |source: csv::Error| OfficeError::Table { name, reason: source.to_string() };
        let mut reader = csv::Reader::from_reader(bytes);
        let header = reader.headers().map_err(broken)?.iter().map(str::to_owned).collect();
        let lines = reader.records().collect::<Result<_, _>>().map_err(broken)?;
        Ok(Self { header, lines })
    }

    /// The fields of the named columns, line by line.
    fn columns<'a, const N: usize>(
        &'a self,
        name: &'static str,
        wanted: [&str; N],
    ) -> Result<impl Iterator<Item = [&'a str; N]>, OfficeError> {
        let mut at = [0; N];
        for (slot, column) in at.iter_mut().zip(wanted) {
            *slot = self.header.iter().position(|h| h == column).ok_or_else(|| {
                OfficeError::Table { name, reason: format!("没有“{column}”这一列") }
            })?;
        }
        Ok(self.lines.iter().map(move |line| at.map(|i| line.get(i).unwrap_or_default())))
    }
}

/// Scores what `run` wrote against what `synth` knows.
///
/// A person of ours is the true person of most of its rows. Links are scored by pairs of rows, over all true rows:
/// a row that we refused is in no pair of ours and counts as missed.
///
/// # Errors
/// [`OfficeError::Table`] where a table lacks a column.
#[expect(clippy::too_many_lines, reason = "one table after the other")]
pub fn score(results: &Results<'_>, truth: &Truth<'_>) -> Result<Vec<Score>, OfficeError> {
    let (persons, true_rows) =
        (Lines::read("persons.csv", results.persons)?, Lines::read("rows.csv", truth.rows)?);
    let ours: BTreeMap<[&str; 3], &str> = persons
        .columns("persons.csv", ["file", "sheet", "row", "person"])?
        .map(|[file, sheet, row, person]| ([file, sheet, row], person))
        .collect();
    let mut joint: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    let (mut by_true, mut by_ours): (BTreeMap<&str, u64>, BTreeMap<&str, u64>) = Default::default();
    for [file, sheet, row, person] in
        true_rows.columns("rows.csv", ["file", "sheet", "row", "person"])?
    {
        *by_true.entry(person).or_default() += 1;
        if let Some(&our) = ours.get(&[file, sheet, row]) {
            *by_ours.entry(our).or_default() += 1;
            *joint.entry((our, person)).or_default() += 1;
        }
    }
    let pairs = |n: &u64| n * n.saturating_sub(1) / 2;
    let hits: u64 = joint.values().map(pairs).sum();
    let mut scores = vec![Score {
        name: "links",
        title: "认人（行对）",
        hits,
        false_alarms: by_ours.values().map(pairs).sum::<u64>() - hits,
        missed: by_true.values().map(pairs).sum::<u64>() - hits,
    }];

    let mut true_of: BTreeMap<&str, (&str, u64)> = BTreeMap::new();
    for (&(our, person), &n) in &joint {
        let best = true_of.entry(our).or_insert((person, n));
        if n > best.1 {
            *best = (person, n);
        }
    }
    let person_of =
        |our: &str| true_of.get(our).map_or_else(|| format!("?{our}"), |(p, _)| (*p).to_owned());

    let (true_persons, our_households) = (
        Lines::read("persons.csv", truth.persons)?,
        Lines::read("households.csv", results.households)?,
    );
    let home: BTreeMap<&str, &str> = true_persons
        .columns("persons.csv", ["person", "household"])?
        .map(|[p, h]| (p, h))
        .collect();
    let mut votes: BTreeMap<&str, BTreeMap<&str, u64>> = BTreeMap::new();
    for [household, person] in our_households.columns("households.csv", ["household", "person"])? {
        if let Some(home) = true_of.get(person).and_then(|(p, _)| home.get(p)) {
            *votes.entry(household).or_default().entry(home).or_default() += 1;
        }
    }
    let household_of = |our: &str| {
        let best = votes
            .get(our)
            .and_then(|v| v.iter().max_by_key(|(name, n)| (**n, std::cmp::Reverse(**name))));
        best.map_or_else(|| format!("?{our}"), |(name, _)| (*name).to_owned())
    };

    let mut found: BTreeMap<&'static str, BTreeSet<String>> = BTreeMap::new();
    let gaps = Lines::read("gaps.csv", results.gaps)?;
    for [area, kind, subject, period, due, gap, excess] in
        gaps.columns("gaps.csv", ["area", "kind", "subject", "period", "due", "gap", "excess"])?
    {
        let (gap, excess) = (gap != "0", excess != "0");
        let (name, key) = match area {
            "aid" if gap => ("aid_missed", format!("{} {kind} {period}", person_of(subject))),
            "aid" if excess && due == "0" => {
                ("aid_wrong", format!("{} {kind} {period}", person_of(subject)))
            }
            "aid" if excess => ("aid_double", format!("{} {kind} {period}", person_of(subject))),
            "schooling" if gap => ("out_of_school", person_of(subject)),
            "schooling" if excess => ("double_enrolment", person_of(subject)),
            "training" if gap && kind == crate::labour::CERTIFICATE => {
                ("certificate", format!("{} {period}", person_of(subject)))
            }
            "training" if gap => ("untrained", household_of(subject)),
            "training" if excess => ("trained_twice", household_of(subject)),
            "jobs" if gap && kind == crate::labour::AGAIN => ("job_ended", person_of(subject)),
            "meals" if excess => ("meals_over", format!("{} {period}", person_of(subject))),
            _ => continue,
        };
        found.entry(name).or_default().insert(key);
    }

    let mut real: BTreeMap<&'static str, BTreeSet<String>> = BTreeMap::new();
    for [trouble, person, programme, term] in Lines::read("aid.csv", truth.aid)?
        .columns("aid.csv", ["trouble", "person", "programme", "term"])?
    {
        let name = match trouble {
            "missed" => "aid_missed",
            "wrong" => "aid_wrong",
            _ => "aid_double",
        };
        real.entry(name).or_default().insert(format!("{person} {programme} {term}"));
    }
    let mut list =
        |name, file: &'static str, bytes: &[u8], column: &str| -> Result<(), OfficeError> {
            let lines = Lines::read(file, bytes)?;
            real.entry(name)
                .or_default()
                .extend(lines.columns(file, [column])?.map(|[key]| key.to_owned()));
            Ok(())
        };
    list("out_of_school", "out_of_school.csv", truth.out_of_school, "person")?;
    list("double_enrolment", "double_enrolment.csv", truth.double_enrolment, "person")?;
    list("untrained", "untrained.csv", truth.untrained, "household")?;
    for [person, month] in
        Lines::read("meals.csv", truth.meals)?.columns("meals.csv", ["person", "month"])?
    {
        real.entry("meals_over").or_default().insert(format!("{person} {month}"));
    }

    for [trouble, subject, month] in Lines::read("labour.csv", truth.labour)?
        .columns("labour.csv", ["trouble", "subject", "month"])?
    {
        let name = match trouble {
            "certificate" => "certificate",
            "job_ended" => "job_ended",
            _ => "trained_twice",
        };
        let key = if month.is_empty() { subject.to_owned() } else { format!("{subject} {month}") };
        real.entry(name).or_default().insert(key);
    }

    let none = BTreeSet::new();
    for (name, title) in [
        ("aid_missed", "应助未助"),
        ("aid_wrong", "不应助而助"),
        ("aid_double", "重复资助"),
        ("out_of_school", "疑似失学辍学"),
        ("double_enrolment", "双重学籍"),
        ("untrained", "无人受训的户"),
        ("meals_over", "营养餐多报"),
        ("certificate", "有证没上课"),
        ("job_ended", "离岗未再就业"),
        ("trained_twice", "重复培训而邻户从未"),
    ] {
        let (found, real) = (found.get(name).unwrap_or(&none), real.get(name).unwrap_or(&none));
        let hits = found.intersection(real).count() as u64;
        let score = Score {
            name,
            title,
            hits,
            false_alarms: found.len() as u64 - hits,
            missed: real.len() as u64 - hits,
        };
        scores.push(score);
    }
    Ok(scores)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn precision_and_recall_count_what_a_county_would_act_on() {
        let results = Results {
            persons: b"file,sheet,row,person\na,s,1,p1\na,s,2,p1\na,s,3,p1\nb,s,1,p2\n",
            gaps: "area,kind,subject,period,due,gap,excess\n\
                   aid,voc.grant,p1,2024A,100,100,0\n\
                   aid,voc.grant,p2,2024A,0,0,100\n\
                   training,one,h9,once,1,1,0\n\
                   training,one,h9,once,0,0,1\n\
                   training,training.certificate,p1,2025-03,1,1,0\n\
                   jobs,jobs.again,p1,2025-03,1,1,0\n"
                .as_bytes(),
            households: b"household,person\nh9,p1\n",
        };
        let truth = Truth {
            rows: b"file,sheet,row,person\na,s,1,A\na,s,2,A\na,s,3,B\nb,s,1,B\nb,s,2,A\n",
            persons: b"person,household\nA,H\nB,H\n",
            aid: b"trouble,person,programme,term\nmissed,A,voc.grant,2024A\ndouble,B,voc.grant,2024A\n",
            out_of_school: b"person\nB\n",
            double_enrolment: b"person\n",
            untrained: b"household\nH\n",
            meals: b"person,month,days_over\n",
            labour: b"trouble,subject,month\ncertificate,A,2025-03\njob_ended,B,\ntrained_twice,H,\n",
        };
        let scores = score(&results, &truth).unwrap();
        let of = |name: &str| {
            scores
                .iter()
                .find(|s| s.name == name)
                .map(|s| (s.hits, s.false_alarms, s.missed))
                .unwrap()
        };
        assert_eq!(of("links"), (1, 2, 3));
        assert_eq!(of("aid_missed"), (1, 0, 0));
        assert_eq!(of("aid_wrong"), (0, 1, 0));
        assert_eq!(of("aid_double"), (0, 0, 1));
        assert_eq!(of("out_of_school"), (0, 0, 1));
        assert_eq!(of("untrained"), (1, 0, 0));
        assert_eq!(of("certificate"), (1, 0, 0));
        assert_eq!(of("job_ended"), (0, 1, 1));
        assert_eq!(of("trained_twice"), (1, 0, 0));
        assert!((scores[0].f1() - 2.0 / 7.0).abs() < 1e-12);
    }
}
