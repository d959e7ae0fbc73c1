use fujiao_model::Area;
use fujiao_store::{RISK_COLUMNS, StoreError, StoredRisk, Tx, V};

use super::{DeskError, Frame, SchoolRef, Seat};
use crate::access::{Right, Scope};
pub use crate::assess::RiskReason;

/// Children a page of the list.
const PER_PAGE: usize = 25;

/// A child that somebody should look after before it leaves, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RiskLine {
    /// Whom.
    pub person: u64,
    /// Their name.
    pub name: String,
    /// Where they are enrolled.
    pub school: Option<SchoolRef>,
    /// Grade and class, as the register has them.
    pub grade: Option<fujiao_model::Grade>,
    /// The class.
    pub class: String,
    /// The reasons, most points first.
    pub reasons: Vec<RiskReason>,
    /// The points of all reasons: the order of the list, and nothing else.
    pub points: u32,
    /// Whether it is among as many as its school can act on.
    pub listed: bool,
}

/// The children whom somebody can act for.
#[derive(Clone, Debug)]
pub struct RisksPage {
    /// What stands on every page.
    pub frame: Frame,
    /// How many there are.
    pub total: i64,
    /// How many more there are for whom something speaks, beyond what schools can act on.
    pub beyond: i64,
    /// Those of this page, most points first.
    pub lines: Vec<RiskLine>,
    /// The key behind which the next page begins.
    pub next: Option<String>,
}

impl Seat {
    /// Where the reader acts for pupils: only there do they see why somebody should look.
    fn acts_for(&self) -> Scope {
        self.actor().scope_in(Right::Visit, Area::Schooling)
    }

    /// The children whom the reader should look after before they leave. `all`: those too whom their school cannot act on
    /// yet; `after`: `next` of the page before.
    ///
    /// # Errors
    /// [`DeskError`] if it is not theirs to see, or the books cannot be read.
    pub fn risks(&self, all: bool, after: &str) -> Result<RisksPage, DeskError> {
        self.actor().must(Right::Visit)?;
        let scope = self.acts_for();
        self.read(|tx| {
            let overview = self.overview(tx, Right::Figures)?;
            let county = overview.head.county;
            let mut args: Vec<V> = vec![county.into()];
            let within = scope.persons_sql("p", &mut args);
            let count = format!(
                "select cast(coalesce(sum(r.listed), 0) as bigint), cast(count(*) as bigint)
                   from risk r join person p on p.county = r.county and p.person_id = r.person_id
                  where r.county = $1 and {within}"
            );
            let (listed, whole): (i64, i64) = tx
                .query_one(&count, &args, |row| Ok((row.get(0)?, row.get(1)?)))?
                .unwrap_or_default();
            let listed_only = if all { "" } else { " and r.listed = 1" };
            let behind = key(after).map(|(points, person)| {
                args.push(points.into());
                args.push(person.into());
                let (a, b) = (args.len() - 1, args.len());
                format!(" and (r.points < ${a} or (r.points = ${a} and r.person_id > ${b}))")
            });
            let behind = behind.unwrap_or_default();
            let limit = PER_PAGE + 1;
            let sql = format!(
                "select {RISK_COLUMNS}, p.name, p.grade, p.class, s.name
                   from risk r
                   join person p on p.county = r.county and p.person_id = r.person_id
                   left join school s on s.county = r.county and s.school_id = r.school_id
                  where r.county = $1 and {within}{listed_only}{behind}
                  order by r.points desc, r.person_id limit {limit}"
            );
            let mut lines = tx.query(&sql, &args, |row| {
                let risk = StoredRisk::read(row)?;
                let school: Option<String> = row.get(9)?;
                Ok(RiskLine {
                    person: risk.person,
                    name: row.get(6)?,
                    school: risk.school.zip(school).map(|(id, name)| SchoolRef { id, name }),
                    grade: row.parse(7, fujiao_model::Grade::parse)?,
                    class: row.get::<Option<String>>(8)?.unwrap_or_default(),
                    reasons: reasons(&risk),
                    points: risk.points,
                    listed: risk.listed,
                })
            })?;
            let more = lines.len() > PER_PAGE;
            lines.truncate(PER_PAGE);
            let next = lines.last().filter(|_| more);
            let next = next.map(|last| format!("{}~{:016x}", last.points, last.person));
            let total = if all { whole } else { listed };
            Ok(RisksPage { frame: overview.frame(), total, beyond: whole - listed, lines, next })
        })
    }

    /// Why somebody should look after a child, for those who act for it.
    ///
    /// # Errors
    /// [`DeskError`] if the books cannot be read.
    pub fn risk_of(&self, person: u64) -> Result<Vec<RiskReason>, DeskError> {
        let scope = self.acts_for();
        if scope.is_empty() {
            return Ok(Vec::new());
        }
        self.read(|tx| {
            let county = self.overview(tx, Right::Figures)?.head.county;
            if !acts(tx, county, person, &scope)? {
                return Ok(Vec::new());
            }
            Ok(tx.risk_of(county, person)?.map(|risk| reasons(&risk)).unwrap_or_default())
        })
    }
}

fn acts(tx: &mut Tx, county: u32, person: u64, scope: &Scope) -> Result<bool, StoreError> {
    let mut args: Vec<V> = vec![county.into(), person.into()];
    let within = scope.persons_sql("p", &mut args);
    let sql =
        format!("select 1 from person p where p.county = $1 and p.person_id = $2 and {within}");
    Ok(tx.query_one(&sql, &args, |row| row.get::<i64>(0))?.is_some())
}

/// What an earlier program wrote in another shape is left out: the next assessment writes it anew.
fn reasons(risk: &StoredRisk) -> Vec<RiskReason> {
    serde_json::from_str(&risk.reasons).unwrap_or_default()
}

fn key(text: &str) -> Option<(i64, u64)> {
    let (points, person) = text.split_once('~')?;
    Some((points.parse().ok()?, u64::from_str_radix(person, 16).ok()?))
}
