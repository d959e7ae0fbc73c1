//! 一对一结对, as pages show it: pairs, children without one, mentors, runs, and a mentor's own pupils.

mod views;

use std::collections::BTreeMap;

use fujiao_model::{Area, ContactHow, Division, Grade};
use fujiao_store::{Mentor, PairLine as StoredLine, PairRun, StoreError, Tx, V};
pub use fujiao_watch::pair::Kind as MentorKind;
use fujiao_watch::pair::Kind;
use jiff::civil::Date;

use super::overview::Overview;
use super::people::stands;
use super::{DeskError, SchoolRef, Seat, division, pattern};
use crate::access::{Right, Scope};
use crate::pairing::plan::of_mentor;
pub use crate::pairing::plan::{PlanMonth, PupilPlan};
use crate::pairing::{capacity, live_pairs, standing};
pub use views::*;

/// Lines a page.
const PER_PAGE: usize = 25;

const CHILD: &str = "p.person_id, p.name, p.school_id, s.name, p.grade, p.class, p.town, p.village";

impl Seat {
    fn in_pairs(&self) -> Scope {
        self.actor.scope_in(Right::Names, Area::Pairing)
    }

    fn pairs_whole(&self) -> bool {
        self.actor.may(Right::Pair) && self.actor.scope(Right::Pair).is_whole()
    }

    /// The pairs that stand on the reader's ground. `whole`: the whole list, for a file.
    ///
    /// # Errors
    /// [`DeskError`] if it is not theirs to see, or the books cannot be read.
    pub fn pairs(&self, filter: &PairFilter, whole: bool) -> Result<PairsPage, DeskError> {
        self.actor.must(Right::Names)?;
        if whole {
            self.actor.must(Right::Export)?;
        }
        let scope = self.in_pairs();
        self.read(|tx| {
            let overview = self.overview(tx, Right::Names)?;
            let county = overview.head.county;
            let mut args: Vec<V> = vec![county.into()];
            let within = filtered(&scope, filter, &mut args, true);
            let from = "from pair q
                   join person p on p.county = q.county and p.person_id = q.person_id
                   join mentor m on m.county = q.county and m.mentor_no = q.mentor_no
                   left join school s on s.county = p.county and s.school_id = p.school_id
                   left join contact_sum x on x.county = p.county and x.person_id = p.person_id
                  where q.county = $1 and q.to_day is null";
            let count = format!("select cast(count(*) as bigint) {from} and {within}");
            let total = tx.query_one(&count, &args, |r| r.get(0))?.unwrap_or(0);
            let behind = two_keys(&filter.after).filter(|_| !whole).map(|(mentor, person)| {
                args.push(mentor.into());
                args.push(person.into());
                format!(" and (q.mentor_no, q.person_id) > (${}, ${})", args.len() - 1, args.len())
            });
            let limit = if whole { String::new() } else { format!(" limit {}", PER_PAGE + 1) };
            let sql = format!(
                "select {CHILD}, q.mentor_no, m.name, m.unit, m.kind, q.from_day, q.run_no,
                        coalesce(x.met, 0), coalesce(x.material, 0), coalesce(x.month_met, 0), x.last_on
                   {from} and {within}{} order by q.mentor_no, q.person_id{limit}",
                behind.unwrap_or_default()
            );
            let mut lines = tx.query(&sql, &args, |r| {
                Ok(PairRow {
                    child: child(r, &overview)?,
                    mentor: r.get(8)?,
                    mentor_name: r.get(9)?,
                    unit: r.get(10)?,
                    kind: r.get(11)?,
                    from: r.parse(12, |t| t.parse().ok())?.ok_or_else(|| r.bad(12))?,
                    run: r.get(13)?,
                    contacts: (r.get(14)?, r.get(15)?),
                    month_met: r.get::<u32>(16)? > 0,
                    last_on: r.parse(17, |t| t.parse().ok())?,
                })
            })?;
            let more = !whole && lines.len() > PER_PAGE;
            if !whole {
                lines.truncate(PER_PAGE);
            }
            let next = lines
                .last()
                .filter(|_| more)
                .map(|l| format!("{}~{:016x}", l.mentor, l.child.person));
            Ok(PairsPage {
                figures: pair_figures(tx, &overview, &scope)?,
                frame: overview.frame(),
                filter: filter.clone(),
                lines,
                total,
                next,
                towns: overview.towns(),
                kinds: self.rules().pairing.kinds().to_vec(),
            })
        })
    }

    /// The children on the reader's ground to whom a mentor or contacts are owed and who have none, and what the last run says of
    /// each. `whole`: the whole list, for a file.
    ///
    /// # Errors
    /// [`DeskError`] if it is not theirs to see, or the books cannot be read.
    pub fn pairs_without(
        &self,
        filter: &PairFilter,
        whole: bool,
    ) -> Result<WithoutPage, DeskError> {
        self.actor.must(Right::Names)?;
        if whole {
            self.actor.must(Right::Export)?;
        }
        let scope = self.in_pairs();
        self.read(|tx| {
            let overview = self.overview(tx, Right::Names)?;
            let county = overview.head.county;
            let run = tx.pair_runs(county, 1)?.first().map(|run| run.number);
            let mut args: Vec<V> = vec![county.into(), overview.head.run.into(), run.into()];
            let within = filtered(&scope, filter, &mut args, false);
            let from = "from person p
                   left join school s on s.county = p.county and s.school_id = p.school_id
                   left join pair_line n on n.county = p.county and n.run_no = $3 and n.person_id = p.person_id
                  where p.county = $1
                    and p.person_id in (select d.subject_id from duty d
                         where d.county = $1 and d.run_id = $2 and d.area = 'pairing' and d.subject_kind = 'person')
                    and not exists (select 1 from pair q
                         where q.county = p.county and q.person_id = p.person_id and q.to_day is null)";
            let count = format!("select cast(count(*) as bigint) {from} and {within}");
            let total = tx.query_one(&count, &args, |r| r.get(0))?.unwrap_or(0);
            let behind = two_keys(&filter.after).filter(|_| !whole).map(|(town, person)| {
                args.push(town.into());
                args.push(person.into());
                format!(
                    " and (coalesce(p.village, 0), p.person_id) > (${}, ${})",
                    args.len() - 1,
                    args.len()
                )
            });
            let limit = if whole { String::new() } else { format!(" limit {}", PER_PAGE + 1) };
            let sql = format!(
                "select {CHILD}, coalesce(p.village, 0), n.reasons {from} and {within}{}
                  order by coalesce(p.village, 0), p.person_id{limit}",
                behind.unwrap_or_default()
            );
            let mut found = tx.query(&sql, &args, |r| {
                let reasons: Option<String> = r.get(9)?;
                let line = WithoutRow {
                    child: child(r, &overview)?,
                    reasons: reasons.map(|text| self::reasons(&text)).unwrap_or_default(),
                    before: None,
                };
                Ok((r.get::<i64>(8)?, line))
            })?;
            let more = !whole && found.len() > PER_PAGE;
            if !whole {
                found.truncate(PER_PAGE);
            }
            let next = found
                .last()
                .filter(|_| more)
                .map(|(village, l)| format!("{village}~{:016x}", l.child.person));
            let mut lines: Vec<WithoutRow> = found.into_iter().map(|(_, line)| line).collect();
            let names = mentor_names(tx, county)?;
            for line in lines.iter_mut().filter(|_| !whole) {
                let last = tx.pairs_of_person(county, line.child.person)?.pop();
                line.before = last.and_then(|pair| {
                    Some((names.get(&pair.mentor)?.clone(), pair.ended?.1))
                });
            }
            Ok(WithoutPage {
                frame: overview.frame(),
                run,
                filter: filter.clone(),
                lines,
                total,
                next,
                towns: overview.towns(),
            })
        })
    }

    /// The mentors whom the reader leads. `whole`: the whole list, for a file.
    ///
    /// # Errors
    /// [`DeskError`] if it is not theirs to see, or the books cannot be read.
    pub fn mentors(
        &self,
        tab: MentorTab,
        name: &str,
        after: Option<u64>,
        whole: bool,
    ) -> Result<MentorsPage, DeskError> {
        self.actor.must(Right::Pair)?;
        if whole {
            self.actor.must(Right::Export)?;
        }
        let scope = self.actor.scope(Right::Pair);
        self.read(|tx| {
            let overview = self.overview(tx, Right::Figures)?;
            let county = overview.head.county;
            let rows = self.mentor_rows(tx, county, &scope)?;
            let named = |row: &&MentorRow| {
                name.is_empty() || row.mentor.name.contains(name) || row.mentor.unit.contains(name)
            };
            let count = |tab: MentorTab| {
                let n = rows.iter().filter(named).filter(|row| tab.shows(row)).count();
                (tab, i64::try_from(n).unwrap_or(i64::MAX))
            };
            let tabs: Vec<(MentorTab, i64)> = MentorTab::ALL.into_iter().map(count).collect();
            let total = tabs.iter().find(|(t, _)| *t == tab).map_or(0, |(_, n)| *n);
            let mut lines: Vec<MentorRow> = rows
                .iter()
                .filter(named)
                .filter(|row| tab.shows(row) && after.is_none_or(|key| row.mentor.number > key))
                .take(if whole { usize::MAX } else { PER_PAGE + 1 })
                .cloned()
                .collect();
            let more = !whole && lines.len() > PER_PAGE;
            if more {
                lines.truncate(PER_PAGE);
            }
            let of = |code: &u64| Division::from_code(*code).ok();
            let places = overview
                .places
                .keys()
                .filter_map(of)
                .filter(|p| *p != p.county())
                .filter(|p| {
                    let here = crate::access::Standing { places: vec![*p], ..Default::default() };
                    scope.reaches(&here)
                })
                .map(|p| (p, overview.place_name(Some(p))))
                .collect();
            let mut schools = tx.query(
                "select school_id, name from school where county = $1 order by name",
                &[county.into()],
                |r| Ok(SchoolRef { id: r.get(0)?, name: r.get(1)? }),
            )?;
            schools.retain(|school| {
                let here =
                    crate::access::Standing { school: Some(school.id), ..Default::default() };
                scope.reaches(&here)
            });
            Ok(MentorsPage {
                frame: overview.frame(),
                tab,
                name: name.to_owned(),
                tabs,
                next: lines.last().filter(|_| more).map(|l| l.mentor.number),
                lines,
                total,
                kinds: self.rules().pairing.kinds().to_vec(),
                schools,
                places,
                whole: self.pairs_whole(),
            })
        })
    }

    /// One mentor with pupils and term; `None` if there is none, or it is out of reach.
    ///
    /// # Errors
    /// [`DeskError`] if it is not theirs to see, or the books cannot be read.
    pub fn mentor(&self, number: u64) -> Result<Option<MentorPage>, DeskError> {
        self.actor.must(Right::Pair)?;
        let scope = self.actor.scope(Right::Pair);
        self.read(|tx| {
            let county = self.overview(tx, Right::Figures)?.head.county;
            let found = tx.mentor(county, number)?;
            match found.filter(|m| scope.reaches(&standing(m))) {
                Some(mentor) => self.mentor_page(tx, mentor).map(Some),
                None => Ok(None),
            }
        })
    }

    /// The reader's own pupils and term; `None` if the reader is no mentor of the books.
    ///
    /// # Errors
    /// [`DeskError`] if the books cannot be read.
    pub fn my_pupils(&self) -> Result<Option<MentorPage>, DeskError> {
        self.actor.must(Right::Visit)?;
        self.read(|tx| {
            let county = self.overview(tx, Right::Figures)?.head.county;
            match tx.mentor_of_user(county, self.actor.user)? {
                Some(mentor) if self.actor.user != 0 => self.mentor_page(tx, mentor).map(Some),
                _ => Ok(None),
            }
        })
    }

    fn mentor_page(&self, tx: &mut Tx, mentor: Mentor) -> Result<MentorPage, DeskError> {
        let overview = self.overview(tx, Right::Figures)?;
        let county = overview.head.county;
        let day = self.day_of_books(tx, county)?;
        let rules = &self.rules().pairing;
        let pairs: Vec<(u64, fujiao_store::Pair)> = {
            let mut own: Vec<_> = live_pairs(tx, county)?
                .into_iter()
                .filter(|(_, pair)| pair.mentor == mentor.number)
                .collect();
            own.sort_by_key(|(person, pair)| (pair.from, *person));
            own
        };
        let ids: Vec<u64> = pairs.iter().map(|(person, _)| *person).collect();
        let began: Vec<(Date, u64)> =
            pairs.iter().map(|(person, pair)| (pair.from, *person)).collect();
        let children: BTreeMap<u64, PairChild> =
            children(tx, &overview, &ids)?.into_iter().map(|c| (c.person, c)).collect();
        let words = self.rules().policies.list("contact_kinds", day);
        let plans = of_mentor(tx, county, rules, &mentor, &began, (day, words))?;
        let mut pupils = Vec::with_capacity(ids.len());
        for ((person, pair), plan) in pairs.into_iter().zip(plans) {
            let Some(child) = children.get(&person).cloned() else { continue };
            let reasons = match pair.run {
                Some(run) => line_of(tx, county, run, person)?.map(|l| self::reasons(&l.reasons)),
                None => None,
            };
            let reasons = reasons.unwrap_or_default();
            pupils.push(MyPupil { child, from: pair.from, reasons, plan });
        }
        let login = match mentor.user {
            Some(user) => tx.account(county, user)?.map(|a| a.login).unwrap_or_default(),
            None => String::new(),
        };
        Ok(MentorPage {
            frame: overview.frame(),
            day,
            kind: rules.kind(&mentor.kind).cloned(),
            months: crate::pairing::plan::months_of(fujiao_model::Term::of(day)),
            row: MentorRow {
                phone: masked_phone(&mentor.phone),
                load: u32::try_from(ids.len()).unwrap_or(u32::MAX),
                cap: capacity(&mentor, rules),
                mentor,
            },
            pupils,
            login,
            whole: self.pairs_whole(),
        })
    }

    fn mentor_rows(
        &self,
        tx: &mut Tx,
        county: u32,
        scope: &Scope,
    ) -> Result<Vec<MentorRow>, DeskError> {
        let mut load: BTreeMap<u64, u32> = BTreeMap::new();
        tx.each(
            "select mentor_no, cast(count(*) as bigint) from pair
              where county = $1 and to_day is null group by mentor_no",
            &[county.into()],
            |r| {
                load.insert(r.get(0)?, r.get(1)?);
                Ok(())
            },
        )?;
        let rules = &self.rules().pairing;
        Ok(tx
            .mentors(county)?
            .into_iter()
            .filter(|m| scope.is_whole() || scope.reaches(&standing(m)))
            .map(|mentor| MentorRow {
                phone: masked_phone(&mentor.phone),
                load: load.get(&mentor.number).copied().unwrap_or_default(),
                cap: capacity(&mentor, rules),
                mentor,
            })
            .collect())
    }

    /// The runs of pairing, the latest first.
    ///
    /// # Errors
    /// [`DeskError`] if it is not theirs to see, or the books cannot be read.
    pub fn pair_runs(&self) -> Result<RunsPage, DeskError> {
        self.actor.must(Right::Pair)?;
        self.read(|tx| {
            let overview = self.overview(tx, Right::Figures)?;
            let county = overview.head.county;
            let mut runs = Vec::new();
            for run in tx.pair_runs(county, 30)? {
                runs.push(run_row(tx, county, run)?);
            }
            Ok(RunsPage { frame: overview.frame(), runs, whole: self.pairs_whole() })
        })
    }

    /// A run with what it says of each child, beside another: by default the one before. `change`: only lines of that change; empty: all
    /// that change anything; `all`: all. `whole`: all lines, for a file. Only who pairs the county sees names here.
    ///
    /// # Errors
    /// [`DeskError`] if it is not theirs to see, or the books cannot be read.
    pub fn pair_run(
        &self,
        number: u64,
        other: Option<u64>,
        (change, after): (&str, Option<u64>),
        whole: bool,
    ) -> Result<Option<RunPage>, DeskError> {
        self.actor.must(Right::Pair)?;
        if whole {
            self.actor.must(Right::Export)?;
        }
        let scope = self.actor.scope(Right::Pair);
        self.read(|tx| {
            let overview = self.overview(tx, Right::Figures)?;
            let county = overview.head.county;
            let Some(run) = tx.pair_run(county, number)? else { return Ok(None) };
            let outdated = run.state == "proposed" && tx.pair_base(county)? != run.base;
            let mut choices: Vec<u64> =
                tx.pair_runs(county, 30)?.iter().map(|r| r.number).collect();
            choices.retain(|n| *n != number);
            let other = other
                .filter(|n| choices.contains(n))
                .or_else(|| choices.iter().copied().find(|n| *n < number));
            let names = mentor_names(tx, county)?;
            let lines = tx.pair_lines(county, number)?;
            let before: BTreeMap<u64, Option<u64>> = match other {
                Some(other) => tx
                    .pair_lines(county, other)?
                    .into_iter()
                    .map(|line| (line.person, line.mentor))
                    .collect(),
                None => BTreeMap::new(),
            };
            let differs = |line: &StoredLine| {
                other.is_some() && before.get(&line.person).copied().flatten() != line.mentor
            };
            let differ = lines.iter().filter(|line| differs(line)).count();
            let wanted = |line: &&StoredLine| match change {
                "" => line.change != "kept",
                "all" => true,
                "differ" => differs(line),
                change => line.change == change,
            };
            let shown: Vec<&StoredLine> = lines.iter().filter(wanted).collect();
            let total = i64::try_from(shown.len()).unwrap_or(i64::MAX);
            // By the bits of ids, as the database orders them.
            let mut shown: Vec<&StoredLine> = shown
                .into_iter()
                .filter(|l| after.is_none_or(|key| l.person.cast_signed() > key.cast_signed()))
                .take(if whole { usize::MAX } else { PER_PAGE + 1 })
                .collect();
            let more = !whole && shown.len() > PER_PAGE;
            if more {
                shown.truncate(PER_PAGE);
            }
            let next = shown.last().filter(|_| more).map(|l| l.person);
            let ids: Vec<u64> = shown.iter().map(|l| l.person).collect();
            let known: BTreeMap<u64, PairChild> =
                children(tx, &overview, &ids)?.into_iter().map(|c| (c.person, c)).collect();
            let name = |number: Option<u64>| {
                number.and_then(|n| names.get(&n)).cloned().unwrap_or_default()
            };
            let lines = shown
                .into_iter()
                .filter_map(|line| {
                    Some(RunLine {
                        child: known.get(&line.person)?.clone(),
                        change: line.change.clone(),
                        before: name(line.before),
                        mentor: name(line.mentor),
                        points: line.points,
                        reasons: self::reasons(&line.reasons),
                        other: other
                            .and_then(|_| before.get(&line.person))
                            .map(|mentor| name(*mentor)),
                    })
                })
                .filter(|_| scope.is_whole())
                .collect();
            let other = match other {
                Some(other) => match tx.pair_run(county, other)? {
                    Some(run) => Some(run_row(tx, county, run)?),
                    None => None,
                },
                None => None,
            };
            Ok(Some(RunPage {
                frame: overview.frame(),
                run: run_row(tx, county, run)?,
                other,
                choices,
                differ: i64::try_from(differ).unwrap_or(i64::MAX),
                change: change.to_owned(),
                lines,
                total,
                next,
                outdated,
                whole: self.pairs_whole(),
            }))
        })
    }

    /// Who looks after a child, and who did, the latest first.
    ///
    /// # Errors
    /// [`DeskError`] if the books cannot be read.
    pub fn pairs_of(&self, person: u64) -> Result<Vec<ChildPair>, DeskError> {
        let scope = self.in_pairs();
        self.read(|tx| {
            let county = self.overview(tx, Right::Names)?.head.county;
            if stands(tx, county, person)?.is_none_or(|who| !scope.reaches(&who)) {
                return Ok(Vec::new());
            }
            let mut out = Vec::new();
            for pair in tx.pairs_of_person(county, person)?.into_iter().rev().take(6) {
                let Some(mentor) = tx.mentor(county, pair.mentor)? else { continue };
                out.push(ChildPair {
                    name: mentor.name,
                    unit: mentor.unit,
                    kind: mentor.kind,
                    from: pair.from,
                    ended: pair.ended,
                });
            }
            Ok(out)
        })
    }

    /// The kinds of mentors.
    pub fn mentor_kinds(&self) -> Vec<Kind> {
        self.rules().pairing.kinds().to_vec()
    }

    /// The day that it is in the books.
    pub(super) fn day_of_books(&self, tx: &mut Tx, county: u32) -> Result<Date, DeskError> {
        crate::entries::today(tx, county, &self.actor).map_err(super::office_fault)
    }
}

/// The condition of a list: the reader's ground, and what was chosen. `$1` is the county.
fn filtered(
    scope: &Scope,
    filter: &PairFilter,
    args: &mut Vec<V<'static>>,
    mentors: bool,
) -> String {
    let mut parts = vec![scope.persons_sql("p", args)];
    if let Some(place) = filter.place {
        args.push(place.code().into());
        let column = if place == place.town() { "town" } else { "village" };
        parts.push(format!("p.{column} = ${}", args.len()));
    }
    if let Some(school) = filter.school {
        args.push(school.into());
        parts.push(format!("p.school_id = ${}", args.len()));
    }
    if !filter.name.is_empty() {
        args.push(pattern(&filter.name).into());
        let n = args.len();
        let other =
            if mentors { format!(" or m.name like ${n} escape '!'") } else { String::new() };
        parts.push(format!("(p.name like ${n} escape '!'{other})"));
    }
    parts.join(" and ")
}

fn two_keys(text: &str) -> Option<(i64, u64)> {
    let (first, person) = text.split_once('~')?;
    Some((first.parse().ok()?, u64::from_str_radix(person, 16).ok()?))
}

fn child(r: &fujiao_store::Row, overview: &Overview) -> Result<PairChild, StoreError> {
    let school: Option<u64> = r.get(2)?;
    let name: Option<String> = r.get(3)?;
    let place = division(r.get(7)?).or(division(r.get(6)?));
    Ok(PairChild {
        person: r.get(0)?,
        name: r.get(1)?,
        school: school.zip(name).map(|(id, name)| SchoolRef { id, name }),
        grade: r.parse(4, Grade::parse)?,
        class: r.get::<Option<String>>(5)?.unwrap_or_default(),
        place_name: overview.place_name(place),
    })
}

/// Some children as lists show them.
pub(super) fn children(
    tx: &mut Tx,
    overview: &Overview,
    ids: &[u64],
) -> Result<Vec<PairChild>, StoreError> {
    let mut out = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(256) {
        let mut args: Vec<V> = vec![overview.head.county.into()];
        args.extend(chunk.iter().map(|id| V::from(*id)));
        let marks: Vec<String> = (2..=args.len()).map(|n| format!("${n}")).collect();
        let sql = format!(
            "select {CHILD} from person p
               left join school s on s.county = p.county and s.school_id = p.school_id
              where p.county = $1 and p.person_id in ({})",
            marks.join(", ")
        );
        out.extend(tx.query(&sql, &args, |r| child(r, overview))?);
    }
    Ok(out)
}

fn pair_figures(
    tx: &mut Tx,
    overview: &Overview,
    scope: &Scope,
) -> Result<PairFigures, StoreError> {
    let mut args: Vec<V> = vec![overview.head.county.into(), overview.head.run.into()];
    let within = scope.persons_sql("p", &mut args);
    let sql = format!(
        "select cast(count(*) as bigint),
                cast(coalesce(sum(case when q.pair_no is not null then 1 else 0 end), 0) as bigint),
                cast(coalesce(sum(case when q.pair_no is not null and x.month_met > 0 then 1 else 0 end), 0) as bigint),
                cast(coalesce(sum(case when q.pair_no is not null and x.met = 0 and x.material > 0 then 1 else 0 end), 0) as bigint)
           from person p
           left join pair q on q.county = p.county and q.person_id = p.person_id and q.to_day is null
           left join contact_sum x on x.county = p.county and x.person_id = p.person_id
          where p.county = $1
            and p.person_id in (select d.subject_id from duty d
                 where d.county = $1 and d.run_id = $2 and d.area = 'pairing' and d.subject_kind = 'person')
            and {within}"
    );
    let found = tx.query_one(&sql, &args, |r| {
        Ok(PairFigures {
            pupils: r.get(0)?,
            paired: r.get(1)?,
            met: r.get(2)?,
            material_only: r.get(3)?,
        })
    })?;
    Ok(found.unwrap_or_default())
}

fn mentor_names(tx: &mut Tx, county: u32) -> Result<BTreeMap<u64, String>, StoreError> {
    let names =
        tx.query("select mentor_no, name from mentor where county = $1", &[county.into()], |r| {
            Ok((r.get(0)?, r.get(1)?))
        })?;
    Ok(names.into_iter().collect())
}

fn line_of(
    tx: &mut Tx,
    county: u32,
    run: u64,
    person: u64,
) -> Result<Option<StoredLine>, StoreError> {
    let sql = "select person_id, mentor_no, before_no, change, points, reasons from pair_line
                where county = $1 and run_no = $2 and person_id = $3";
    tx.query_one(sql, &[county.into(), run.into(), person.into()], |r| {
        Ok(StoredLine {
            person: r.get(0)?,
            mentor: r.get(1)?,
            before: r.get(2)?,
            change: r.get(3)?,
            points: r.get(4)?,
            reasons: r.get(5)?,
        })
    })
}

fn run_row(tx: &mut Tx, county: u32, run: PairRun) -> Result<RunRow, StoreError> {
    let changes = tx.query(
        "select change, cast(count(*) as bigint) from pair_line
          where county = $1 and run_no = $2 group by change order by change",
        &[county.into(), run.number.into()],
        |r| Ok((r.get(0)?, r.get(1)?)),
    )?;
    Ok(RunRow { run, changes })
}

/// Reasons as a run keeps them.
fn reasons(text: &str) -> Vec<(String, u64)> {
    serde_json::from_str(text).unwrap_or_default()
}

fn masked_phone(phone: &str) -> String {
    let field = fujiao_model::Field::MentorPhone;
    if phone.is_empty() {
        String::new()
    } else {
        super::shown(field, &fujiao_model::Value::Text(phone.into()))
    }
}

/// The kind of a contact as pages call it.
pub fn contact_how(text: &str) -> Option<ContactHow> {
    ContactHow::parse(crate::care::contacts::kind_code(text))
}
