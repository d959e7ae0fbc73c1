//! The labour register as people see it: lists, one person, and what does not hold.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use fujiao_labour::ability::Ability;
use fujiao_model::{Area, Division};
use fujiao_store::{LabourFinding, Tx, V, Worker};
use jiff::civil::Date;

use super::coding::catalogue;
use super::rows::place_names;
use super::seen;
use super::sessions::persons;
use crate::access::{Actor, Right, Scope};
use crate::{Office, OfficeError};

/// Which people of the register are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkerFilter {
    /// `labour` (counts as labour), `untrained`, `looking`, `leavers`, `tied`, else all.
    pub show: String,
    /// A town.
    pub town: Option<Division>,
    /// Words in skill, trade or wish.
    pub words: String,
    /// From 1.
    pub page: usize,
}

/// Somebody of the register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerLine {
    /// What the assessment made of them.
    pub of: Worker,
    /// Their name.
    pub name: String,
    /// Village or town.
    pub place: String,
    /// 正常劳动能力 …
    pub ability: &'static str,
    /// What the classification calls their skill, trade and wish; empty: none, or not sure.
    pub called: [String; 3],
}

/// The register.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkersPage {
    /// People, as asked for.
    pub lines: Vec<WorkerLine>,
    /// How many of that filter.
    pub total: i64,
    /// On the reader's ground: in the register, labour, at work, looking for work, of households with nobody trained, 两后生, tied to home.
    pub counts: [i64; 7],
    /// Persons with a session, person-times.
    pub trained: (i64, i64),
    /// Towns with their labour and those of it who look for work.
    pub towns: Vec<(Division, String, i64, i64)>,
}

/// People a page.
pub const PEOPLE: usize = 50;
/// 不愿意 and its like: who does not look for work.
const LOOKS: &str = "w.able = 1 and coalesce(w.working, 0) = 0 and w.wish not like '不%' and w.wish not like '无%' and w.wish not like '否%'";

fn condition(show: &str) -> &'static str {
    match show {
        "labour" => "w.able = 1",
        "untrained" => "w.untrained = 1 and w.able = 1",
        "looking" => LOOKS,
        "leavers" => "w.leaver = 1",
        "tied" => "w.care <> ''",
        _ => "1 = 1",
    }
}

/// The condition on workers (or findings) with alias `w`, within a scope.
pub(super) fn within(scope: &Scope, args: &mut Vec<V<'static>>) -> String {
    if scope.is_whole() {
        return "1 = 1".to_owned();
    }
    if scope.only_places().is_some() {
        // Workers stand where their persons do.
        return scope.persons_sql("w", args);
    }
    let of = scope.persons_sql("p", args);
    format!("w.person_id in (select p.person_id from person p where p.county = $1 and {of})")
}

fn lines(tx: &mut Tx, county: u32, found: Vec<Worker>) -> Result<Vec<WorkerLine>, OfficeError> {
    let known = persons(tx, county, found.iter().map(|w| w.person))?;
    let places = place_names(tx, county)?;
    let called = |code: &str| {
        let code = code.parse().ok();
        code.map(|c| catalogue().name(c).to_owned()).unwrap_or_default()
    };
    Ok(found
        .into_iter()
        .filter_map(|of| {
            let name = known.get(&of.person)?.name.clone();
            Some(WorkerLine {
                name,
                place: of
                    .village
                    .or(of.town)
                    .and_then(|d| places.get(&d))
                    .cloned()
                    .unwrap_or_default(),
                ability: Ability::parse(&of.ability).map_or("", Ability::chinese),
                called: [called(&of.skill_code), called(&of.trade_code), called(&of.wished_code)],
                of,
            })
        })
        .collect())
}

impl Office {
    /// The labour register on the reader's ground.
    ///
    /// # Errors
    /// Without [`Right::Names`]; what the store says.
    pub fn workers(
        &self,
        actor: &Actor,
        filter: &WorkerFilter,
        whole_list: bool,
    ) -> Result<WorkersPage, OfficeError> {
        let scope = seen(actor, Area::Training)?;
        let county = self.county_code()?;
        self.store.read(|tx| {
            let mut args: Vec<V> = vec![county.into()];
            let own = within(&scope, &mut args);
            let sums = [
                "1 = 1",
                "w.able = 1",
                "w.able = 1 and w.working = 1",
                LOOKS,
                "w.untrained = 1 and w.able = 1",
                "w.leaver = 1",
                "w.care <> ''",
            ]
            .map(|of| format!("cast(coalesce(sum(case when {of} then 1 else 0 end), 0) as bigint)"));
            let sql = format!(
                "select {}, cast(coalesce(sum(case when w.taken > 0 then 1 else 0 end), 0) as bigint), cast(coalesce(sum(w.taken), 0) as bigint)
                   from worker w where w.county = $1 and {own}",
                sums.join(", ")
            );
            let mut page = WorkersPage::default();
            let found = tx.query_one(&sql, &args, |r| {
                let mut sums = [0; 7];
                for (at, n) in sums.iter_mut().enumerate() {
                    *n = r.get(at)?;
                }
                Ok((sums, (r.get(7)?, r.get(8)?)))
            })?;
            (page.counts, page.trained) = found.unwrap_or_default();
            let places = place_names(tx, county)?;
            let sql = format!(
                "select w.town, cast(sum(w.able) as bigint), cast(sum(case when {LOOKS} then 1 else 0 end) as bigint)
                   from worker w where w.county = $1 and {own} and w.town is not null group by w.town order by w.town"
            );
            let towns = tx.query(&sql, &args, |r| {
                Ok((r.get::<u64>(0)?, r.get::<i64>(1)?, r.get::<i64>(2)?))
            })?;
            for (code, able, looking) in towns {
                if let Ok(town) = Division::from_code(code) {
                    let name = places.get(&town).cloned().unwrap_or_default();
                    page.towns.push((town, name, able, looking));
                }
            }
            let mut wanted = format!("{own} and {}", condition(&filter.show));
            if let Some(town) = filter.town {
                args.push(town.town().code().into());
                let _ = write!(wanted, " and w.town = ${}", args.len());
            }
            let words: String = filter.words.chars().filter(|c| !matches!(c, '%' | '_')).collect();
            if !words.trim().is_empty() {
                args.push(format!("%{}%", words.trim()).into());
                let n = args.len();
                let _ = write!(
                    wanted,
                    " and (w.skill like ${n} or w.trade like ${n} or w.wished like ${n} or w.to_learn like ${n})"
                );
            }
            let count =
                format!("select cast(count(*) as bigint) from worker w where w.county = $1 and {wanted}");
            page.total = tx.query_one(&count, &args, |r| r.get(0))?.unwrap_or(0);
            let mut sql = format!(
                "select {} from worker w where w.county = $1 and {wanted} order by w.town, w.village, w.person_id",
                fujiao_store::WORKER_COLUMNS
            );
            if !whole_list {
                let skip = filter.page.saturating_sub(1) * PEOPLE;
                let _ = write!(sql, " limit {PEOPLE} offset {skip}");
            }
            let found = tx.query(&sql, &args, Worker::read)?;
            page.lines = lines(tx, county, found)?;
            Ok(page)
        })
    }

    /// What the register says of somebody; `None`: they are not in it, or not on the reader's ground.
    ///
    /// # Errors
    /// What the store says.
    pub fn worker(&self, actor: &Actor, person: u64) -> Result<Option<WorkerLine>, OfficeError> {
        if !actor.may(Right::Names) || !actor.areas(Right::Names).contains(&Area::Training) {
            return Ok(None);
        }
        let scope = seen(actor, Area::Training)?;
        let county = self.county_code()?;
        self.store.read(|tx| {
            let mut args: Vec<V> = vec![county.into(), person.into()];
            let own = within(&scope, &mut args);
            let found = tx.workers(&format!("w.person_id = $2 and {own}"), &args)?;
            Ok(lines(tx, county, found)?.into_iter().next())
        })
    }
}

/// Something that does not hold, in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindingLine {
    /// What, about whom, when and why.
    pub of: LabourFinding,
    /// Their name.
    pub name: String,
    /// Village or town.
    pub place: String,
}

/// What does not hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FindingsPage {
    /// Findings, as asked for.
    pub lines: Vec<FindingLine>,
    /// How many of that filter.
    pub total: usize,
    /// Kinds with their counts.
    pub kinds: Vec<(String, usize)>,
    /// The day of the assessment.
    pub as_of: Option<Date>,
}

impl Office {
    /// What of training and work does not hold, on the reader's ground; `kind`: one alone.
    ///
    /// # Errors
    /// Without [`Right::Names`]; what the store says.
    pub fn labour_findings(
        &self,
        actor: &Actor,
        kind: &str,
        page: usize,
        whole_list: bool,
    ) -> Result<FindingsPage, OfficeError> {
        let scope = seen(actor, Area::Training)?;
        let county = self.county_code()?;
        self.store.read(|tx| {
            let mut args: Vec<V> = vec![county.into()];
            let own = within(&scope, &mut args);
            let all = tx.labour_findings(&own, &args)?;
            let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
            for f in &all {
                *kinds.entry(f.kind.clone()).or_default() += 1;
            }
            let mut out = FindingsPage {
                kinds: kinds.into_iter().collect(),
                as_of: tx.live_run(county)?.map(|r| r.as_of),
                ..FindingsPage::default()
            };
            let chosen: Vec<LabourFinding> =
                all.into_iter().filter(|f| kind.is_empty() || f.kind == kind).collect();
            out.total = chosen.len();
            let (skip, take) = if whole_list {
                (0, usize::MAX)
            } else {
                (page.saturating_sub(1) * PEOPLE, PEOPLE)
            };
            let chosen: Vec<LabourFinding> = chosen.into_iter().skip(skip).take(take).collect();
            let known = persons(tx, county, chosen.iter().filter_map(|f| f.person))?;
            let places = place_names(tx, county)?;
            out.lines = chosen
                .into_iter()
                .map(|of| FindingLine {
                    name: of
                        .person
                        .and_then(|p| known.get(&p))
                        .map_or_else(String::new, |p| p.name.clone()),
                    place: of
                        .village
                        .or(of.town)
                        .and_then(|d| places.get(&d))
                        .cloned()
                        .unwrap_or_default(),
                    of,
                })
                .collect();
            Ok(out)
        })
    }
}
