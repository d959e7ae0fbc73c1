//! Lists of duties, and of deeds without a duty.

use std::collections::BTreeMap;

use fujiao_model::{
    Area, ExcessKind, Field, Grade, Period, RosterKind, Subject, SubjectKind, Unit,
};
use fujiao_store::{Keys, Row, StoreError, Tx, V};
use jiff::civil::Date;

use super::cursor::Order;
use super::overview::{Overview, base};
use super::people::masked_id_or;
use super::reach::Reach;
use super::registers::masked_id;
use super::{
    AreaPage, At, DeedLine, DeskError, Filter, Frame, Line, Origin, SchoolRef, Seat, Show, Sort,
    State, Tally, Today, TownLine, Who, division, pattern,
};
use crate::access::{NotAllowed, Right, Scope};

/// Lines a page. Twenty-five keep a page under 60 KB.
const PER_PAGE: i64 = 25;

/// How many source rows a line names; the rest are counted.
const ORIGINS: usize = 2;

impl Seat {
    /// 今日: how the county stands, where the gaps of `chosen` are, and what is most urgent.
    ///
    /// # Errors
    /// [`DeskError`] if the books cannot be read.
    pub fn today(&self, chosen: Option<Area>) -> Result<Today, DeskError> {
        self.actor.must(Right::Today)?;
        self.read(|tx| {
            let overview = self.overview(tx, Right::Figures)?;
            let key = (self.reach(Right::Figures), self.reach(Right::Names), chosen);
            let mut today = self.kept_page(
                &overview,
                |kept| &mut kept.days,
                key,
                || self.day(tx, &overview, chosen),
            )?;
            if self.actor.scope(Right::Sources).is_whole() {
                let county = [overview.head.county.into()];
                let sql = include_str!("queries/to_check.sql");
                today.to_check = tx.query_one(sql, &county, |row| row.get(0))?.unwrap_or(0);
            }
            Ok(today)
        })
    }

    /// What an assessment says of a day; rows to check are counted apart.
    fn day(
        &self,
        tx: &mut Tx,
        overview: &Overview,
        chosen: Option<Area>,
    ) -> Result<Today, DeskError> {
        let tally_of = |area| overview.tally(|c| c.area == area);
        let areas: Vec<_> = Area::ALL
            .iter()
            .map(|area| (*area, tally_of(*area)))
            .filter(|(_, t)| t.duties > 0 || t.excesses > 0)
            .collect();
        let chosen = chosen
            .or_else(|| areas.iter().find(|(_, t)| t.open > 0).map(|(a, _)| *a))
            .or_else(|| areas.first().map(|(a, _)| *a))
            .unwrap_or(Area::Aid);
        let mut towns: Vec<TownLine> = overview
            .towns
            .iter()
            .map(|town| TownLine {
                town: Some(town.code),
                name: town.name.clone(),
                at: town.at,
                tally: overview.tally(|c| c.area == chosen && c.town == Some(town.code)),
            })
            .collect();
        let elsewhere = overview.tally(|c| {
            c.area == chosen && !towns.iter().any(|t| t.town.is_some() && t.town == c.town)
        });
        if elsewhere.duties > 0 {
            towns.push(TownLine { town: None, name: String::new(), at: None, tally: elsewhere });
        }
        // Whoever has no whole county wants villages.
        let by_village = !self.reach(Right::Figures).scope(chosen).is_some_and(Scope::is_whole);
        if by_village {
            towns = self.villages(tx, overview, chosen)?;
        }
        towns.sort_by_key(|t| (-t.tally.shown().2, -t.tally.duties, t.town));
        let urgent = self.urgent(tx, overview)?;
        Ok(Today {
            frame: overview.frame(),
            areas,
            chosen,
            towns,
            by_village,
            urgent,
            overdue: overview.tally(|_| true).overdue,
            to_check: 0,
        })
    }

    /// How the areas in reach stand.
    ///
    /// # Errors
    /// [`DeskError`] if the books cannot be read.
    pub fn sums(&self) -> Result<(Frame, Vec<(Area, Tally)>), DeskError> {
        self.actor.must(Right::Figures)?;
        self.read(|tx| {
            let overview = self.overview(tx, Right::Figures)?;
            let sum = |area: &Area| (*area, overview.tally(|c| c.area == *area));
            Ok((overview.frame(), overview.areas.iter().map(sum).collect()))
        })
    }

    fn urgent(&self, tx: &mut Tx, overview: &Overview) -> Result<Vec<Line>, DeskError> {
        let (Some(run), Some(as_of)) = (overview.head.run, overview.head.as_of) else {
            return Ok(Vec::new());
        };
        let mut args: Vec<V> =
            vec![overview.head.county.into(), run.into(), as_of.to_string().into()];
        let within = self.reach(Right::Names).sql("g", &mut args);
        let page = include_str!("queries/urgent.sql").replace("{within}", &within);
        let mut lines = self.lines(
            tx,
            overview,
            &page,
            "case d.area when 'schooling' then 0 else 1 end, d.due_on, d.duty_id",
            &args,
        )?;
        lines.truncate(12);
        Ok(lines)
    }

    /// The figures of an area by village.
    fn villages(
        &self,
        tx: &mut Tx,
        overview: &Overview,
        area: Area,
    ) -> Result<Vec<TownLine>, DeskError> {
        let (Some(run), Some(as_of)) = (overview.head.run, overview.head.as_of) else {
            return Ok(Vec::new());
        };
        let mut args: Vec<V> = vec![
            overview.head.county.into(),
            run.into(),
            as_of.to_string().into(),
            area.code().into(),
        ];
        let within = self.reach(Right::Figures).sql("d", &mut args);
        let sql = include_str!("queries/village_tallies.sql").replace("{within}", &within);
        let mut found: BTreeMap<Option<i64>, Tally> = BTreeMap::new();
        tx.each(&sql, &args, |row| {
            found.entry(row.get(0)?).or_default().add(&Tally {
                duties: row.get(2)?,
                due: row.get(3)?,
                done: row.get(4)?,
                gap: row.get(5)?,
                open: row.get(6)?,
                overdue: row.get(7)?,
                next_due: row.parse(8, |d| d.parse().ok())?,
                unit: row.parse(1, Unit::parse)?,
                ..Tally::default()
            });
            Ok(())
        })?;
        let line = |(place, tally)| {
            let place = division(place);
            TownLine { town: place, name: overview.short_name(place), at: None, tally }
        };
        Ok(found.into_iter().map(line).collect())
    }

    /// The list of one area.
    ///
    /// # Errors
    /// [`DeskError`] if the books cannot be read.
    pub fn area(&self, area: Area, filter: &Filter) -> Result<AreaPage, DeskError> {
        self.area_of(area, filter, PER_PAGE)
    }

    /// The whole list of one area, for a file: all pages of [`Seat::area`] in one.
    ///
    /// # Errors
    /// [`DeskError`] if the books cannot be read.
    pub fn area_whole(&self, area: Area, filter: &Filter) -> Result<AreaPage, DeskError> {
        self.actor.must(Right::Export)?;
        self.area_of(area, &Filter { at: At::Start, ..filter.clone() }, i64::from(i32::MAX))
    }

    fn area_of(&self, area: Area, filter: &Filter, per_page: i64) -> Result<AreaPage, DeskError> {
        let reach = self.reach(Right::Names);
        let names = reach.scope(area).is_some();
        if !names && self.reach(Right::Figures).scope(area).is_none() {
            return Err(NotAllowed(Right::Names).into());
        }
        self.read(|tx| {
            let right = if names { Right::Names } else { Right::Figures };
            let overview = self.overview(tx, right)?;
            if per_page != PER_PAGE {
                return self.list(tx, &overview, &reach, area, filter, per_page);
            }
            // What is counted and what is named are two reaches: who sees figures alone has a page of their own.
            let key = (self.reach(right), reach.clone(), format!("{} {filter:?}", area.code()));
            self.kept_page(
                &overview,
                |kept| &mut kept.lists,
                key,
                || self.list(tx, &overview, &reach, area, filter, per_page),
            )
        })
    }

    fn list(
        &self,
        tx: &mut Tx,
        overview: &Overview,
        reach: &Reach,
        area: Area,
        filter: &Filter,
        per_page: i64,
    ) -> Result<AreaPage, DeskError> {
        let names = reach.scope(area).is_some();
        let filter = filter.clone();
        let in_town = |town: Option<_>| {
            filter.town.is_none_or(|wanted| town.is_some_and(|t| wanted.town() == t))
        };
        let in_kind = |kind: &str| filter.kind.as_deref().is_none_or(|k| base(k) == kind);
        let in_period = |period| filter.period.is_none() || filter.period == period;
        let tally = overview.tally(|c| {
            c.area == area && in_town(c.town) && in_kind(&c.kind) && in_period(c.period)
        });
        let mut kinds: BTreeMap<&str, i64> = BTreeMap::new();
        let mut periods: Vec<Period> = Vec::new();
        for cell in overview.cells.iter().filter(|c| c.area == area) {
            *kinds.entry(&cell.kind).or_default() +=
                if in_town(cell.town) && in_period(cell.period) { cell.tally.open } else { 0 };
            periods.extend(cell.period);
        }
        periods.sort_unstable();
        periods.dedup();
        periods.reverse();
        let kinds = kinds.into_iter().map(|(k, n)| (k.to_owned(), self.title(k), n)).collect();

        let wanted = Wanted::new(overview, reach, area, &filter);
        let total = match wanted.as_ref() {
            None => 0,
            Some(w) if w.needs_count => w.count(tx)?,
            Some(_) => match filter.show {
                Show::Gap => tally.open,
                Show::Overdue => tally.overdue,
                Show::Done => tally.duties - tally.open,
                Show::All => tally.duties,
                Show::Excess => tally.excesses,
            },
        };
        let (mut lines, mut excesses) = (Vec::new(), Vec::new());
        let (mut before, mut after) = (None, None);
        if let Some(wanted) = wanted.filter(|_| total > 0) {
            let backwards = matches!(filter.at, At::Before(_));
            let (page, order, args) = wanted.page(&filter, per_page);
            // One line more than the page holds tells whether another page follows.
            let keep = usize::try_from(per_page).unwrap_or(usize::MAX);
            let (more, first, last);
            if filter.show == Show::Excess {
                excesses = self.deeds(tx, overview, &page, &order, &args)?;
                more = excesses.len() > keep;
                cut(&mut excesses, keep, backwards);
                first = excesses.first().map(|d| d.key(filter.sort));
                last = excesses.last().map(|d| d.key(filter.sort));
            } else {
                lines = self.lines(tx, overview, &page, &order, &args)?;
                more = lines.len() > keep;
                cut(&mut lines, keep, backwards);
                first = lines.first().map(|l| l.key(filter.sort));
                last = lines.last().map(|l| l.key(filter.sort));
            }
            if if backwards { more } else { filter.at != At::Start } {
                before = first.map(At::Before);
            }
            if more || backwards {
                after = last.map(At::After);
            }
        }
        let school = match filter.school {
            None => None,
            Some(id) => tx.query_one(
                include_str!("queries/school_name.sql"),
                &[overview.head.county.into(), id.into()],
                |row| Ok(SchoolRef { id, name: row.get(0)? }),
            )?,
        };
        Ok(AreaPage {
            frame: overview.frame(),
            area,
            filter,
            tally,
            lines,
            excesses,
            total,
            per_page,
            kinds,
            periods,
            towns: overview.towns(),
            school,
            before,
            after,
            names,
        })
    }

    /// Reads the duties that `page`, a query of `duty_id`s, names, in an order that it can be given.
    pub(super) fn lines(
        &self,
        tx: &mut Tx,
        overview: &Overview,
        page: &str,
        order: &str,
        args: &[V],
    ) -> Result<Vec<Line>, DeskError> {
        let county = overview.head.county;
        let keys = tx.keys().clone();
        let sql =
            include_str!("queries/lines.sql").replace("{page}", page).replace("{order}", order);
        let mut sources: Vec<Vec<u64>> = Vec::new();
        let mut lines = tx.query(&sql, args, |row| {
            sources
                .push(row.get::<&str>(14)?.split_ascii_whitespace().filter_map(row_id).collect());
            self.line(row, overview, &keys)
        })?;
        let funds = lines
            .iter()
            .zip(&sources)
            .filter(|(line, _)| line.who.subject.kind == SubjectKind::Fund)
            .filter_map(|(_, sources)| sources.first().copied());
        let names = fund_names(tx, county, funds)?;
        for (line, sources) in lines.iter_mut().zip(&sources) {
            line.who.name_fund(sources.first().and_then(|id| names.get(id)));
        }
        let wanted = sources.iter().flat_map(|s| s.iter().take(ORIGINS).copied());
        let origins = origins(tx, county, wanted)?;
        for (line, sources) in lines.iter_mut().zip(&sources) {
            line.sources = sources.len();
            line.origins =
                sources.iter().take(ORIGINS).filter_map(|id| origins.get(id).cloned()).collect();
        }
        Ok(lines)
    }

    fn line(&self, row: &Row, overview: &Overview, keys: &Keys) -> Result<Line, StoreError> {
        let kind: String = row.get(2)?;
        let (gap, due_on) = (row.get(9)?, row.parse(10, |d| d.parse().ok())?);
        let place = division(row.get(12)?);
        let place_name = overview.place_name(place);
        Ok(Line {
            duty: row.get(0)?,
            area: row.parse(1, Area::parse)?.ok_or_else(|| row.bad(1))?,
            title: self.title(&kind),
            kind,
            who: who(row, 3, 17, &place_name, overview.head.county, keys)?,
            place,
            place_name,
            period: Period::parse(row.get(5)?),
            unit: row.parse(6, Unit::parse)?.ok_or_else(|| row.bad(6))?,
            due: row.get(7)?,
            done: row.get(8)?,
            gap,
            due_on,
            bearer: row.get(11)?,
            facts: row.get(13)?,
            rule: row.get(15)?,
            basis: row.get(16)?,
            origins: Vec::new(),
            sources: 0,
            state: state(gap, due_on, overview.head.as_of),
            deeds: Vec::new(),
        })
    }

    /// Reads the deeds that `page`, a query of `deed_id`s, names.
    pub(super) fn deeds(
        &self,
        tx: &mut Tx,
        overview: &Overview,
        page: &str,
        order: &str,
        args: &[V],
    ) -> Result<Vec<DeedLine>, DeskError> {
        let county = overview.head.county;
        let keys = tx.keys().clone();
        let sql =
            include_str!("queries/deeds.sql").replace("{page}", page).replace("{order}", order);
        let mut deeds = tx.query(&sql, args, |row| {
            let kind: String = row.get(2)?;
            let place = division(row.get(11)?);
            let place_name = overview.place_name(place);
            let evidence = row.get(12)?;
            Ok(DeedLine {
                deed: row.get(0)?,
                place,
                area: row.parse(1, Area::parse)?.ok_or_else(|| row.bad(1))?,
                title: self.title(&kind),
                kind,
                who: who(row, 3, 17, &place_name, county, &keys)?,
                period: Period::parse(row.get(5)?),
                unit: row.parse(6, Unit::parse)?.ok_or_else(|| row.bad(6))?,
                quantity: row.get(7)?,
                excess: row.get(8)?,
                excess_kind: row.parse(9, ExcessKind::parse)?,
                done_on: row.parse(10, |d| d.parse().ok())?,
                place_name,
                evidence,
                origin: match row.get::<Option<String>>(13)? {
                    None => None,
                    Some(file) => Some(Origin {
                        row_id: evidence,
                        file,
                        sheet: row.get::<Option<String>>(14)?.unwrap_or_default(),
                        row: row.get(15)?,
                        kind: row.parse(16, RosterKind::parse)?.ok_or_else(|| row.bad(16))?,
                    }),
                },
            })
        })?;
        let of_funds = deeds.iter().filter(|d| d.who.subject.kind == SubjectKind::Fund);
        let names = fund_names(tx, county, of_funds.map(|d| d.evidence))?;
        for deed in &mut deeds {
            deed.who.name_fund(names.get(&deed.evidence));
        }
        Ok(deeds)
    }
}

impl Who {
    /// Gives a fund the name and number that its row has.
    fn name_fund(&mut self, names: Option<&(String, String)>) {
        if let Some((name, number)) = names {
            self.name.clone_from(if name.is_empty() { number } else { name });
            self.detail.clone_from(number);
        }
    }
}

/// Brings lines read backwards into their order, and leaves away the one that only tells that there are more.
fn cut<T>(lines: &mut Vec<T>, keep: usize, backwards: bool) {
    lines.truncate(keep);
    if backwards {
        lines.reverse();
    }
}

impl Line {
    /// Where the line stands in an order: what [`Order`] reads.
    fn key(&self, sort: Sort) -> String {
        let place = self.place.map_or(0, fujiao_model::Division::code);
        match sort {
            Sort::Due => {
                let due = self.due_on.map_or_else(String::new, |d| d.to_string());
                format!("{due}~{}", self.duty)
            }
            Sort::Gap => format!("{}~{}", -self.gap, self.duty),
            Sort::Place => format!("{place}~{}", self.duty),
            Sort::Kind => format!("{}~{place}~{}", self.kind, self.duty),
        }
    }
}

impl DeedLine {
    /// Where the deed stands in an order: what [`Order`] reads.
    fn key(&self, sort: Sort) -> String {
        let place = self.place.map_or(0, fujiao_model::Division::code);
        match sort {
            Sort::Due => {
                let done = self.done_on.map_or_else(String::new, |d| d.to_string());
                format!("{done}~{}", self.deed)
            }
            Sort::Gap => format!("{}~{}", -self.excess, self.deed),
            Sort::Place => format!("{place}~{}", self.deed),
            Sort::Kind => format!("{}~{place}~{}", self.kind, self.deed),
        }
    }
}

/// Names and numbers of sums of money, by the rows of finance's rosters; they stand in no register.
fn fund_names(
    tx: &mut Tx,
    county: u32,
    rows: impl IntoIterator<Item = u64>,
) -> Result<BTreeMap<u64, (String, String)>, DeskError> {
    let mut names = BTreeMap::new();
    tx.each_among(include_str!("queries/fund_names.sql"), county, rows, |row| {
        let fields: BTreeMap<String, String> =
            serde_json::from_str(row.get(1)?).map_err(|_| row.bad(1))?;
        let text = |field: Field| fields.get(field.code()).cloned().unwrap_or_default();
        names.insert(row.get(0)?, (text(Field::FundName), text(Field::FundNo)));
        Ok(())
    })?;
    Ok(names)
}

/// The subject of columns `at`, `at + 1`, in the words of the columns from `words` on: person's name, sealed numbers,
/// grade, class; household's head and number; school's id, name and code.
fn who(
    row: &Row,
    at: usize,
    words: usize,
    place_name: &str,
    county: u32,
    keys: &Keys,
) -> Result<Who, StoreError> {
    let kind = row.parse(at, SubjectKind::parse)?.ok_or_else(|| row.bad(at))?;
    let id: u64 = row.get(at + 1)?;
    let text =
        |column: usize| Ok::<_, StoreError>(row.get::<Option<String>>(column)?.unwrap_or_default());
    let school = match row.get::<Option<u64>>(words + 6)? {
        None => None,
        Some(id) => Some(SchoolRef { id, name: text(words + 7)? }),
    };
    let (name, detail) = match kind {
        SubjectKind::Person => (text(words)?, masked_id(keys, county, id, row.get(words + 1)?)?),
        SubjectKind::Household => (text(words + 4)?, masked_id_or(&text(words + 5)?)),
        SubjectKind::School => (text(words + 7)?, text(words + 8)?),
        SubjectKind::Place => (place_name.to_owned(), String::new()),
        SubjectKind::Fund => (text(words + 9)?, text(words + 10)?),
    };
    Ok(Who {
        subject: Subject { kind, id },
        name: if name.is_empty() {
            format!("{}…", &Subject { kind, id }.to_string()[..9])
        } else {
            name
        },
        detail,
        school: school.filter(|_| kind == SubjectKind::Person),
        grade: row.parse(words + 2, Grade::parse)?,
        class: text(words + 3)?,
    })
}

fn row_id(text: &str) -> Option<u64> {
    text.parse().ok().or_else(|| text.parse::<i64>().ok().map(i64::cast_unsigned))
}

/// How a duty stands on a day.
pub(super) fn state(gap: i64, due_on: Option<Date>, as_of: Option<Date>) -> State {
    if gap <= 0 {
        return State::Done;
    }
    let days = due_on.zip(as_of).and_then(|(due, today)| {
        due.since((jiff::Unit::Day, today)).ok().map(|span| span.get_days())
    });
    match days {
        Some(days) if days < 0 => State::Overdue(-days),
        Some(days) => State::Open(days),
        None => State::Open(0),
    }
}

/// Where source rows stand, by id.
pub(super) fn origins(
    tx: &mut Tx,
    county: u32,
    ids: impl IntoIterator<Item = u64>,
) -> Result<BTreeMap<u64, Origin>, DeskError> {
    let mut found = BTreeMap::new();
    tx.each_among(include_str!("queries/origins.sql"), county, ids, |row| {
        let id: u64 = row.get(0)?;
        found.insert(
            id,
            Origin {
                row_id: id,
                file: row.get(1)?,
                sheet: row.get::<Option<String>>(2)?.unwrap_or_default(),
                row: row.get(3)?,
                kind: row.parse(4, RosterKind::parse)?.ok_or_else(|| row.bad(4))?,
            },
        );
        Ok(())
    })?;
    Ok(found)
}

/// A filter as conditions of a query: fixed texts, values as arguments.
struct Wanted {
    table: &'static str,
    conditions: String,
    args: Vec<V<'static>>,
    /// Whether the overview cannot tell how many lines there are.
    needs_count: bool,
}

impl Wanted {
    /// `None` before the first assessment.
    fn new(overview: &Overview, reach: &Reach, area: Area, filter: &Filter) -> Option<Self> {
        let (run, as_of) = overview.head.run.zip(overview.head.as_of)?;
        let mut wanted = Self {
            table: if filter.show == Show::Excess { "deed" } else { "duty" },
            conditions: String::from("d.county = $1 and d.run_id = $2 and d.area = $3"),
            args: vec![overview.head.county.into(), run.into(), area.code().into()],
            needs_count: filter.school.is_some() || !filter.name.trim().is_empty(),
        };
        let within = reach.scope(area)?.duties_sql("d", &mut wanted.args);
        wanted.conditions.push_str(" and ");
        wanted.conditions.push_str(&within);
        match filter.show {
            Show::Gap => wanted.and(" and d.gap > 0", []),
            Show::Overdue => {
                wanted.and(" and d.gap > 0 and d.due_on < $a", [as_of.to_string().into()]);
            }
            Show::Done => wanted.and(" and d.gap = 0", []),
            Show::All => {}
            Show::Excess => wanted.and(" and d.excess > 0", []),
        }
        if let Some(town) = filter.town {
            let whole = town == town.town();
            wanted.needs_count |= !whole;
            let last = if whole { town.code() + 999 } else { town.code() };
            wanted.and(" and d.place between $a and $b", [town.code().into(), last.into()]);
        }
        if let Some(kind) = filter.kind.clone() {
            // Kinds of one class each carry it behind a colon; ";" is the byte after ":".
            let below = [format!("{kind}:").into(), format!("{kind};").into()];
            wanted.and(" and (d.kind = $a", [kind.into()]);
            wanted.and(" or (d.kind >= $a and d.kind < $b))", below);
        }
        if let Some(period) = filter.period {
            wanted.and(" and d.period = $a", [period.to_string().into()]);
        }
        if let Some(school) = filter.school {
            wanted.and(include_str!("queries/of_school.sql"), [school.into()]);
        }
        if !filter.name.trim().is_empty() {
            wanted.and(include_str!("queries/of_name.sql"), [pattern(&filter.name).into()]);
        }
        Some(wanted)
    }

    /// Adds a condition whose `$a` and `$b` stand for `values`.
    fn and<const N: usize>(&mut self, text: &str, values: [V<'static>; N]) {
        let mut text = text.to_owned();
        for (name, value) in ["$a", "$b"].into_iter().zip(values) {
            self.args.push(value);
            text = text.replace(name, &format!("${}", self.args.len()));
        }
        self.conditions.push_str(&text);
    }

    fn count(&self, tx: &mut Tx) -> Result<i64, StoreError> {
        let sql = format!("select count(*) from {} d where {}", self.table, self.conditions);
        Ok(tx.query_one(&sql, &self.args, |row| row.get(0))?.unwrap_or(0))
    }

    /// The query of ids of one page and one line more, its order, and its arguments.
    fn page(mut self, filter: &Filter, per_page: i64) -> (String, String, Vec<V<'static>>) {
        let order = Order::of(filter.show, filter.sort);
        let begin = order.condition(&filter.at, &mut self.args).unwrap_or_default();
        let order = order.sql(matches!(filter.at, At::Before(_)));
        self.args.push((per_page.saturating_add(1)).into());
        let table = self.table;
        let page = format!(
            "select d.{table}_id from {table} d where {}{begin} order by {order} limit ${}",
            self.conditions,
            self.args.len()
        );
        (page, order, self.args)
    }
}
