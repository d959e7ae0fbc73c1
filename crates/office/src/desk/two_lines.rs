use std::collections::BTreeMap;

use fujiao_model::{Area, Grade, PartialDate};
use fujiao_store::{StoredTwoLine, TWO_LINE_COLUMNS, V};
use jiff::civil::Date;

use super::lines::origins;
use super::{DeskError, Frame, Origin, SchoolRef, Seat};
use crate::access::Right;

/// Findings a page.
const PER_PAGE: usize = 25;

/// One finding about one person.
#[derive(Clone, Debug)]
pub struct TwoLine {
    /// Whom.
    pub person: u64,
    /// Their name.
    pub name: String,
    /// Day of birth, as far as it is known.
    pub born: Option<PartialDate>,
    /// Where they are enrolled.
    pub school: Option<SchoolRef>,
    /// Grade.
    pub grade: Option<Grade>,
    /// The class.
    pub class: String,
    /// What was found, by the words of `fujiao_watch::lines::Found`.
    pub found: String,
    /// A day that goes with it.
    pub since: Option<Date>,
    /// A number of days that goes with it.
    pub days: Option<i64>,
    /// The rows that say so.
    pub evidence: Vec<Origin>,
}

/// Who lives here against who is enrolled.
#[derive(Clone, Debug)]
pub struct TwoLinesPage {
    /// What stands on every page.
    pub frame: Frame,
    /// How many findings of each kind there are, those that say a child is in no school first.
    pub counts: Vec<(String, bool, i64)>,
    /// The kind that is shown; empty: all.
    pub kind: String,
    /// How many there are of it.
    pub total: i64,
    /// Those of this page.
    pub lines: Vec<TwoLine>,
    /// The key behind which the next page begins.
    pub next: Option<String>,
}

/// The words of findings that say that a child of school age is in no school.
const OUT: [&str; 5] = ["never_enrolled", "left", "no_receipt", "unconfirmed", "exemption_over"];

impl Seat {
    /// What stands between who lives here and who is enrolled, on the reader's ground. `kind`: one kind alone; `after`: `next`
    /// of the page before.
    ///
    /// # Errors
    /// [`DeskError`] if it is not theirs to see, or the books cannot be read.
    pub fn two_lines(&self, kind: &str, after: &str) -> Result<TwoLinesPage, DeskError> {
        self.actor().must(Right::Names)?;
        let scope = self.actor().scope_in(Right::Names, Area::Schooling);
        self.read(|tx| {
            let overview = self.overview(tx, Right::Figures)?;
            let county = overview.head.county;
            let mut args: Vec<V> = vec![county.into()];
            let within = scope.persons_sql("p", &mut args);
            let tally = format!(
                "select f.found, count(*) from two_line f
                   join person p on p.county = f.county and p.person_id = f.person_id
                  where f.county = $1 and {within} group by f.found"
            );
            let found: BTreeMap<String, i64> = tx
                .query(&tally, &args, |row| Ok((row.get(0)?, row.get(1)?)))?
                .into_iter()
                .collect();
            let mut of_kinds: Vec<(String, bool, i64)> = found
                .into_iter()
                .map(|(found, n)| {
                    let out = OUT.contains(&found.as_str());
                    (found, out, n)
                })
                .collect();
            of_kinds.sort_by_key(|(_, out, n)| (!out, -n));
            let kind = of_kinds.iter().map(|(of, ..)| of).find(|of| *of == kind);
            let kind = kind.cloned().unwrap_or_default();
            let of_kind = |of: &str| kind.is_empty() || of == kind;
            let total = of_kinds.iter().filter(|(of, ..)| of_kind(of)).map(|(.., n)| n).sum();
            let mut wanted = String::new();
            if !kind.is_empty() {
                args.push(kind.clone().into());
                wanted = format!(" and f.found = ${}", args.len());
            }
            let behind = after.parse::<i64>().ok().map(|number| {
                args.push(number.into());
                format!(" and f.finding_no > ${}", args.len())
            });
            let behind = behind.unwrap_or_default();
            let limit = PER_PAGE + 1;
            let sql = format!(
                "select {TWO_LINE_COLUMNS}, p.name, p.born_on, p.grade, p.class, p.school_id, s.name, f.finding_no
                   from two_line f
                   join person p on p.county = f.county and p.person_id = f.person_id
                   left join school s on s.county = p.county and s.school_id = p.school_id
                  where f.county = $1 and {within}{wanted}{behind}
                  order by f.finding_no limit {limit}"
            );
            let mut read = tx.query(&sql, &args, |row| {
                let found = StoredTwoLine::read(row)?;
                let (id, school): (Option<u64>, Option<String>) = (row.get(10)?, row.get(11)?);
                let line = TwoLine {
                    person: found.person,
                    name: row.get(6)?,
                    born: row.parse(7, |d| d.parse().ok())?,
                    grade: row.parse(8, Grade::parse)?,
                    class: row.get::<Option<String>>(9)?.unwrap_or_default(),
                    school: id.zip(school).map(|(id, name)| SchoolRef { id, name }),
                    found: found.found,
                    since: found.since,
                    days: found.days,
                    evidence: Vec::new(),
                };
                Ok((line, found.evidence, row.get::<i64>(12)?))
            })?;
            let more = read.len() > PER_PAGE;
            read.truncate(PER_PAGE);
            let next = read.last().filter(|_| more).map(|(.., number)| number.to_string());
            let rows = origins(tx, county, read.iter().flat_map(|(_, rows, _)| rows.clone()))?;
            let lines = read
                .into_iter()
                .map(|(mut line, evidence, _)| {
                    line.evidence = evidence.iter().filter_map(|id| rows.get(id).cloned()).collect();
                    line
                })
                .collect();
            let frame = overview.frame();
            Ok(TwoLinesPage { frame, counts: of_kinds, kind, total, lines, next })
        })
    }
}
