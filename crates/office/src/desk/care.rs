//! 关爱, as pages show it: children who need somebody, and, for those on the case alone, their care.

use std::collections::BTreeMap;

use fujiao_model::{Area, Division, Term};
use fujiao_store::{CareFile, StoreError, Tx, V};
use fujiao_watch::screen::{Act, Rules, Step};
use jiff::Timestamp;
use jiff::civil::Date;

use super::pairs::{PairChild, children};
use super::people::stands;
use super::{DeskError, Frame, SchoolRef, Seat, Title, pattern};
use crate::access::{Right, Scope};
use crate::care::{recall, step_of};

/// Lines a page.
const PER_PAGE: usize = 25;

/// Which children need somebody. The two counts of left-behind children are never added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CareGroup {
    /// 农村留守儿童, by the list of civil affairs
    LeftBehind,
    /// 留守学生, by the statistics of education
    LeftBehindPupil,
    /// 孤儿
    Orphan,
    /// 事实无人抚养儿童
    DefactoOrphan,
    /// 困境儿童
    InDifficulty,
    /// 残疾儿童
    Disabled,
}

impl CareGroup {
    /// All, in the order of the page.
    pub const ALL: [Self; 6] = [
        Self::LeftBehind,
        Self::LeftBehindPupil,
        Self::Orphan,
        Self::DefactoOrphan,
        Self::InDifficulty,
        Self::Disabled,
    ];

    /// The flag of the register.
    pub const fn code(self) -> &'static str {
        match self {
            Self::LeftBehind => "left_behind",
            Self::LeftBehindPupil => "left_behind_pupil",
            Self::Orphan => "orphan",
            Self::DefactoOrphan => "defacto_orphan",
            Self::InDifficulty => "in_difficulty",
            Self::Disabled => "disabled",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|group| group.code() == text)
    }
}

/// Which of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CareShow {
    /// All.
    #[default]
    All,
    /// Nobody talked with them this term.
    Silent,
    /// Only goods or help in the household came this term.
    Material,
    /// Without a mentor.
    Alone,
}

impl CareShow {
    /// All, in the order of the page.
    pub const ALL: [Self; 4] = [Self::All, Self::Silent, Self::Material, Self::Alone];

    /// The word in addresses.
    pub const fn code(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Silent => "silent",
            Self::Material => "material",
            Self::Alone => "alone",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|show| show.code() == text)
    }

    fn sql(self) -> &'static str {
        match self {
            Self::All => "1 = 1",
            Self::Silent => "coalesce(x.met, 0) = 0",
            Self::Material => "coalesce(x.met, 0) = 0 and coalesce(x.material, 0) > 0",
            Self::Alone => "q.pair_no is null",
        }
    }
}

/// What a list of children is filtered by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CareFilter {
    /// One group; `None`: all of them, each child once.
    pub group: Option<CareGroup>,
    /// Which.
    pub show: CareShow,
    /// Of one town.
    pub place: Option<Division>,
    /// Part of the name.
    pub name: String,
    /// `next` of the page before.
    pub after: String,
}

/// 应, 已, 差 of a group: children, talked with this term, not; and of those who only got things.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CareSum {
    /// 应
    pub children: i64,
    /// 已
    pub met: i64,
    /// Of 差: only goods or help in the household.
    pub material: i64,
    /// With a mentor.
    pub paired: i64,
}

/// A child who needs somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CareLine {
    /// The child.
    pub child: PairChild,
    /// Why.
    pub groups: Vec<CareGroup>,
    /// The mentor; empty: none.
    pub mentor: String,
    /// Contacts this term by kind: code and how often.
    pub kinds: Vec<(String, u32)>,
    /// How many count, and how many were goods or help in the household.
    pub contacts: (u32, u32),
    /// The last that counts.
    pub last_on: Option<Date>,
}

/// 关爱
#[derive(Clone, Debug)]
pub struct CareListPage {
    /// What stands on every page.
    pub frame: Frame,
    /// What was asked for.
    pub filter: CareFilter,
    /// Each group on the reader's ground.
    pub groups: Vec<(CareGroup, CareSum)>,
    /// All of them, each child once.
    pub sum: CareSum,
    /// How many each choice has, under the same filter.
    pub shows: Vec<(CareShow, i64)>,
    /// Lines of this page.
    pub lines: Vec<CareLine>,
    /// Lines of all pages.
    pub total: i64,
    /// The key behind which the next page begins.
    pub next: Option<String>,
    /// Towns to choose from.
    pub towns: Vec<(Division, String)>,
}

/// A care file in a list, for those on the case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CareFileLine {
    /// The child.
    pub child: PairChild,
    /// `quiet`, `asked`, `planned`, `referred`.
    pub state: String,
    /// What is to be done, and by when.
    pub next: Option<(String, Date)>,
}

/// How far a school's screening of this school year is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Screened {
    /// The school.
    pub school: SchoolRef,
    /// Pupils of the grades that are screened.
    pub due: i64,
    /// Of them screened this school year.
    pub done: i64,
    /// Its classes: grade, class, how many pupils.
    pub classes: Vec<(fujiao_model::Grade, String, i64)>,
}

/// Care files, for those on the case.
#[derive(Clone, Debug)]
pub struct CareFilesPage {
    /// What stands on every page.
    pub frame: Frame,
    /// The day in the books.
    pub day: Date,
    /// Those in which something is to be done, the earliest first.
    pub lines: Vec<CareFileLine>,
    /// How many files there are besides, in which nothing is to be done.
    pub quiet: usize,
    /// Screening by school.
    pub screened: Vec<Screened>,
    /// The rules.
    pub rules: Rules,
}

/// A step of a child's care.
#[derive(Clone, Debug)]
pub struct CareStepLine {
    /// Its number.
    pub number: u32,
    /// When it happened.
    pub on: Date,
    /// Which.
    pub code: String,
    /// Instrument, score, band; day of review; to whom.
    pub screening: Option<(Title, u32, Title)>,
    /// The day on which a plan is looked at again.
    pub review_on: Option<Date>,
    /// To whom the child was referred.
    pub to: String,
    /// In the author's words.
    pub text: String,
    /// Who wrote it.
    pub author: String,
    /// When.
    pub at: Timestamp,
    /// Whether it is so old that it is folded away.
    pub old: bool,
}

/// A child's care, for those on the case.
#[derive(Clone, Debug)]
pub struct CarePage {
    /// What stands on every page.
    pub frame: Frame,
    /// The day in the books.
    pub day: Date,
    /// The child.
    pub child: PairChild,
    /// What is to be done, and by when.
    pub next: Option<(Act, Date)>,
    /// `quiet`, `asked`, `planned`, `referred`.
    pub state: &'static str,
    /// What happened, the latest first.
    pub steps: Vec<CareStepLine>,
    /// Contacts of care that were written down on the page of visits.
    pub talks: Vec<(Date, String, String, bool)>,
    /// The rules.
    pub rules: Rules,
}

/// What a page of a child says of contacts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CareBrief {
    /// Why the child needs somebody.
    pub groups: Vec<CareGroup>,
    /// Contacts this term by kind.
    pub kinds: Vec<(String, u32)>,
    /// How many count, and how many were goods or help in the household.
    pub contacts: (u32, u32),
    /// The last that counts.
    pub last_on: Option<Date>,
    /// Whether the reader is on the case.
    pub on_the_case: bool,
}

/// The condition that a person is of a group.
fn of_group(group: CareGroup) -> String {
    format!("' ' || p.flags || ' ' like '% {} %'", group.code())
}

fn of_any() -> String {
    let parts: Vec<String> = CareGroup::ALL.into_iter().map(of_group).collect();
    format!("({})", parts.join(" or "))
}

fn groups_of(flags: &str) -> Vec<CareGroup> {
    CareGroup::ALL
        .into_iter()
        .filter(|group| flags.split_whitespace().any(|flag| flag == group.code()))
        .collect()
}

/// Children in school, or of an age to be.
const CHILDREN: &str = "p.flags <> '' and p.stage is not null and p.stage <> 'higher'";

impl Seat {
    /// The children on the reader's ground who need somebody, with who talked with them this term. `whole`: the whole list, for a file.
    ///
    /// # Errors
    /// [`DeskError`] if it is not theirs to see, or the books cannot be read.
    #[expect(clippy::too_many_lines, reason = "one query, and one arm for each part of the page")]
    pub fn care(&self, filter: &CareFilter, whole: bool) -> Result<CareListPage, DeskError> {
        self.actor.must(Right::Names)?;
        if whole {
            self.actor.must(Right::Export)?;
        }
        let scope = self.actor.scope_in(Right::Names, Area::Pairing);
        self.read(|tx| {
            let overview = self.overview(tx, Right::Names)?;
            let county = overview.head.county;
            let (groups, sum) = sums(tx, county, &scope)?;
            let mut args: Vec<V> = vec![county.into()];
            let mut within = vec![scope.persons_sql("p", &mut args)];
            within.push(filter.group.map_or_else(of_any, of_group));
            if let Some(place) = filter.place {
                args.push(place.code().into());
                let column = if place == place.town() { "town" } else { "village" };
                within.push(format!("p.{column} = ${}", args.len()));
            }
            if !filter.name.is_empty() {
                args.push(pattern(&filter.name).into());
                within.push(format!("p.name like ${} escape '!'", args.len()));
            }
            let from = format!(
                "from person p
                   left join school s on s.county = p.county and s.school_id = p.school_id
                   left join contact_sum x on x.county = p.county and x.person_id = p.person_id
                   left join pair q on q.county = p.county and q.person_id = p.person_id and q.to_day is null
                   left join mentor m on m.county = q.county and m.mentor_no = q.mentor_no
                  where p.county = $1 and {CHILDREN} and {}",
                within.join(" and ")
            );
            let counted: Vec<String> = CareShow::ALL
                .iter()
                .map(|show| {
                    let of = show.sql();
                    format!("cast(coalesce(sum(case when {of} then 1 else 0 end), 0) as bigint)")
                })
                .collect();
            let sql = format!("select {} {from}", counted.join(", "));
            let shows = tx
                .query_one(&sql, &args, |r| {
                    CareShow::ALL
                        .into_iter()
                        .enumerate()
                        .map(|(at, show)| Ok((show, r.get(at)?)))
                        .collect::<Result<Vec<_>, StoreError>>()
                })?
                .unwrap_or_default();
            let total =
                shows.iter().find(|(show, _)| *show == filter.show).map_or(0, |(_, n)| *n);
            let behind = key(&filter.after).filter(|_| !whole).map(|(met, person)| {
                args.push(met.into());
                args.push(person.into());
                format!(
                    " and (coalesce(x.met, 0), p.person_id) > (${}, ${})",
                    args.len() - 1,
                    args.len()
                )
            });
            let limit = if whole { String::new() } else { format!(" limit {}", PER_PAGE + 1) };
            let sql = format!(
                "select p.person_id, p.flags, coalesce(m.name, ''), coalesce(x.met, 0), coalesce(x.material, 0),
                        coalesce(x.kinds, ''), x.last_on
                   {from} and {}{} order by coalesce(x.met, 0), p.person_id{limit}",
                filter.show.sql(),
                behind.unwrap_or_default()
            );
            let mut found = tx.query(&sql, &args, |r| {
                let kinds: String = r.get(5)?;
                Ok((
                    r.get::<u64>(0)?,
                    groups_of(r.get(1)?),
                    r.get::<String>(2)?,
                    (r.get(3)?, r.get(4)?),
                    kinds_of(&kinds),
                    r.parse(6, |t| t.parse().ok())?,
                ))
            })?;
            let more = !whole && found.len() > PER_PAGE;
            if more {
                found.truncate(PER_PAGE);
            }
            let next =
                found.last().filter(|_| more).map(|l| format!("{}~{:016x}", l.3.0, l.0));
            let ids: Vec<u64> = found.iter().map(|l| l.0).collect();
            let mut known: BTreeMap<u64, PairChild> =
                children(tx, &overview, &ids)?.into_iter().map(|c| (c.person, c)).collect();
            let lines = found
                .into_iter()
                .filter_map(|(person, groups, mentor, contacts, kinds, last_on)| {
                    let child = known.remove(&person)?;
                    Some(CareLine { child, groups, mentor, kinds, contacts, last_on })
                })
                .collect();
            Ok(CareListPage {
                frame: overview.frame(),
                filter: filter.clone(),
                groups,
                sum,
                shows,
                lines,
                total,
                next,
                towns: overview.towns(),
            })
        })
    }

    /// Care files in which something is to be done, and how far screening is, for those on the case.
    ///
    /// # Errors
    /// [`DeskError`] if it is not theirs to see, or the books cannot be read.
    pub fn care_files(&self) -> Result<CareFilesPage, DeskError> {
        self.actor.must(Right::Care)?;
        let scope = self.actor.scope(Right::Care);
        self.read(|tx| {
            let overview = self.overview(tx, Right::Figures)?;
            let county = overview.head.county;
            let day = self.day_of_books(tx, county)?;
            let rules = self.rules().screening.clone();
            let mut lines = Vec::new();
            let mut quiet = 0;
            let mut done_by_school: BTreeMap<u64, i64> = BTreeMap::new();
            let year = i32::from(Term::of(day).school_year());
            let files = care_files(tx, county, &scope)?;
            for (_, file, grade, school) in &files {
                let listed = grade.is_some_and(|g| rules.grades.iter().any(|c| c == g.code()));
                if file.screened == year
                    && listed
                    && let Some(school) = school
                {
                    *done_by_school.entry(*school).or_default() += 1;
                }
                quiet += usize::from(file.next.is_none());
            }
            let due: Vec<u64> = files.iter().filter(|f| f.1.next.is_some()).map(|f| f.0).collect();
            let mut known: BTreeMap<u64, PairChild> =
                children(tx, &overview, &due)?.into_iter().map(|c| (c.person, c)).collect();
            for (now, CareFile { state, next, .. }, ..) in files {
                if next.is_some()
                    && let Some(child) = known.remove(&now)
                {
                    lines.push(CareFileLine { child, state, next });
                }
            }
            lines.sort_by_key(|l| (l.next.as_ref().map(|(_, by)| *by), l.child.person));
            let screened = screening(tx, county, &scope, &rules, &done_by_school)?;
            Ok(CareFilesPage { frame: overview.frame(), day, lines, quiet, screened, rules })
        })
    }

    /// A child's care; `None` if the reader is not on the case, as if there were no such child.
    ///
    /// # Errors
    /// [`DeskError`] if the books cannot be read.
    pub fn care_of(&self, person: u64) -> Result<Option<CarePage>, DeskError> {
        self.actor.must(Right::Care)?;
        let scope = self.actor.scope(Right::Care);
        self.read(|tx| {
            let overview = self.overview(tx, Right::Figures)?;
            let county = overview.head.county;
            let Some(now) = tx.current_person(county, person)? else { return Ok(None) };
            if stands(tx, county, now)?.is_none_or(|who| !scope.reaches(&who)) {
                return Ok(None);
            }
            let Some(child) = children(tx, &overview, &[now])?.pop() else { return Ok(None) };
            let day = self.day_of_books(tx, county)?;
            let rules = &self.rules().screening;
            let stored = tx.care_steps(county, now)?;
            let care = recall(&stored, rules);
            let fold = day.saturating_sub(jiff::Span::new().days(rules.fold_days));
            let mut steps = Vec::with_capacity(stored.len());
            for step in stored.iter().rev() {
                let Some((what, said)) = step_of(step) else { continue };
                let screening = match &what {
                    Step::Screening { instrument, score, .. } => {
                        rules.instrument(instrument).and_then(|i| {
                            let band = i.band(*score)?;
                            let title = |zh: &str, en: &str| Title { zh: zh.into(), en: en.into() };
                            let name = title(&i.title, &i.title_en);
                            Some((name, *score, title(&band.title, &band.title_en)))
                        })
                    }
                    _ => None,
                };
                steps.push(CareStepLine {
                    number: step.number,
                    on: step.on,
                    code: step.code.clone(),
                    screening,
                    review_on: said.review_on.and_then(|day| day.parse().ok()),
                    to: said.to.unwrap_or_default(),
                    text: said.text,
                    author: step.author.name.clone(),
                    at: step.author.at,
                    old: step.on < fold,
                });
            }
            let since = day.saturating_sub(jiff::Span::new().years(3));
            let mut talks: Vec<(Date, String, String, bool)> = tx
                .entries_about(county, fujiao_model::Subject::person(now), since)?
                .into_iter()
                .filter(|entry| entry.care)
                .filter_map(|entry| {
                    let crate::entries::What::Visit(visit) = crate::entries::What::of(&entry)?
                    else {
                        return None;
                    };
                    Some((entry.on, entry.author, visit.text, entry.on < fold))
                })
                .collect();
            talks.sort_by_key(|talk| std::cmp::Reverse(talk.0));
            Ok(Some(CarePage {
                frame: overview.frame(),
                day,
                child,
                next: care.next().map(|next| (next.act, next.by)),
                state: care.state(),
                steps,
                talks,
                rules: rules.clone(),
            }))
        })
    }

    /// What a page of a child says of contacts; `None` if it is not the reader's to see.
    ///
    /// # Errors
    /// [`DeskError`] if the books cannot be read.
    pub fn care_brief(&self, person: u64) -> Result<Option<CareBrief>, DeskError> {
        let scope = self.actor.scope_in(Right::Names, Area::Pairing);
        let care = self.actor.scope(Right::Care);
        self.read(|tx| {
            let county = self.overview(tx, Right::Names)?.head.county;
            let Some(who) = stands(tx, county, person)?.filter(|who| scope.reaches(who)) else {
                return Ok(None);
            };
            let flags = tx.query_one(
                "select flags from person where county = $1 and person_id = $2",
                &[county.into(), person.into()],
                |r| r.get::<String>(0),
            )?;
            let sum = tx.contacts_of(county, &[person])?.pop();
            Ok(Some(CareBrief {
                groups: groups_of(&flags.unwrap_or_default()),
                kinds: sum.as_ref().map(|s| kinds_of(&s.kinds)).unwrap_or_default(),
                contacts: sum.as_ref().map_or((0, 0), |s| (s.met, s.material)),
                last_on: sum.and_then(|s| s.last_on),
                on_the_case: care.reaches(&who),
            }))
        })
    }
}

/// A care file with whose it is today, their grade and school.
type FileNow = (u64, CareFile, Option<fujiao_model::Grade>, Option<u64>);

/// The care files on somebody's ground, read at once.
fn care_files(tx: &mut Tx, county: u32, scope: &Scope) -> Result<Vec<FileNow>, DeskError> {
    let mut args: Vec<V> = vec![county.into()];
    let within = scope.persons_sql("p", &mut args);
    let sql = format!(
        "select p.person_id, p.grade, p.school_id, case when {within} then 1 else 0 end
           from care_file f join person p on p.county = f.county and p.person_id = f.person_id
          where f.county = $1"
    );
    let now: BTreeMap<u64, (Option<fujiao_model::Grade>, Option<u64>, bool)> = tx
        .query(&sql, &args, |r| {
            let grade = r.parse(1, fujiao_model::Grade::parse)?;
            Ok((r.get(0)?, (grade, r.get(2)?, r.get::<i64>(3)? == 1)))
        })?
        .into_iter()
        .collect();
    let moved = tx.care_moved(county)?;
    let mut out = Vec::new();
    for file in tx.care_files(county)? {
        if let Some((grade, school, theirs)) = now.get(&file.person) {
            if *theirs {
                out.push((file.person, file, *grade, *school));
            }
            continue;
        }
        let Some(person) = moved.get(&file.person).copied().flatten() else { continue };
        if let Some(who) = stands(tx, county, person)?.filter(|who| scope.reaches(who)) {
            out.push((person, file, who.grade, who.school));
        }
    }
    Ok(out)
}

fn sums(
    tx: &mut Tx,
    county: u32,
    scope: &Scope,
) -> Result<(Vec<(CareGroup, CareSum)>, CareSum), StoreError> {
    let mut args: Vec<V> = vec![county.into()];
    let within = scope.persons_sql("p", &mut args);
    let mut columns = Vec::new();
    let conditions: Vec<String> =
        CareGroup::ALL.into_iter().map(of_group).chain([of_any()]).collect();
    for of in &conditions {
        for also in [
            "1 = 1",
            "coalesce(x.met, 0) > 0",
            "coalesce(x.met, 0) = 0 and coalesce(x.material, 0) > 0",
            "q.pair_no is not null",
        ] {
            columns.push(format!(
                "cast(coalesce(sum(case when {of} and {also} then 1 else 0 end), 0) as bigint)"
            ));
        }
    }
    let sql = format!(
        "select {} from person p
           left join contact_sum x on x.county = p.county and x.person_id = p.person_id
           left join pair q on q.county = p.county and q.person_id = p.person_id and q.to_day is null
          where p.county = $1 and {CHILDREN} and {within}",
        columns.join(", ")
    );
    let found = tx.query_one(&sql, &args, |r| {
        let mut all = Vec::new();
        for at in 0..conditions.len() {
            all.push(CareSum {
                children: r.get(at * 4)?,
                met: r.get(at * 4 + 1)?,
                material: r.get(at * 4 + 2)?,
                paired: r.get(at * 4 + 3)?,
            });
        }
        Ok(all)
    })?;
    let mut all = found.unwrap_or_else(|| vec![CareSum::default(); conditions.len()]);
    let sum = all.pop().unwrap_or_default();
    Ok((CareGroup::ALL.into_iter().zip(all).collect(), sum))
}

/// Pupils of the grades that are screened, by school, with the classes.
fn screening(
    tx: &mut Tx,
    county: u32,
    scope: &Scope,
    rules: &Rules,
    done: &BTreeMap<u64, i64>,
) -> Result<Vec<Screened>, StoreError> {
    let mut args: Vec<V> = vec![county.into()];
    let within = scope.persons_sql("p", &mut args);
    let grades: Vec<String> = rules
        .grades
        .iter()
        .filter(|g| g.chars().all(char::is_alphanumeric))
        .map(|g| format!("'{g}'"))
        .collect();
    let sql = format!(
        "select p.school_id, s.name, p.grade, coalesce(p.class, ''), cast(count(*) as bigint)
           from person p join school s on s.county = p.county and s.school_id = p.school_id
          where p.county = $1 and p.grade in ({}) and {within}
          group by p.school_id, s.name, p.grade, p.class
          order by s.name, p.school_id, p.grade, p.class",
        grades.join(", ")
    );
    let mut out: Vec<Screened> = Vec::new();
    tx.each(&sql, &args, |r| {
        let id: u64 = r.get(0)?;
        if out.last().is_none_or(|last| last.school.id != id) {
            let school = SchoolRef { id, name: r.get(1)? };
            let done = done.get(&id).copied().unwrap_or(0);
            out.push(Screened { school, due: 0, done, classes: Vec::new() });
        }
        let last = out.last_mut().expect("one was put there");
        let grade = r.parse(2, fujiao_model::Grade::parse)?.ok_or_else(|| r.bad(2))?;
        let n: i64 = r.get(4)?;
        last.due += n;
        last.classes.push((grade, r.get(3)?, n));
        Ok(())
    })?;
    Ok(out)
}

fn kinds_of(text: &str) -> Vec<(String, u32)> {
    serde_json::from_str::<BTreeMap<String, u32>>(text)
        .map(|kinds| kinds.into_iter().collect())
        .unwrap_or_default()
}

fn key(text: &str) -> Option<(i64, u64)> {
    let (met, person) = text.split_once('~')?;
    Some((met.parse().ok()?, u64::from_str_radix(person, 16).ok()?))
}
