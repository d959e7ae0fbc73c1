//! Which courses, where, when, by whom and for which households, so that the most households with nobody trained are reached by what
//! they wish and work asks for, within money, rooms, teachers, seasons and ways.

use std::collections::{BTreeMap, BTreeSet};

use fujiao_labour::coding::{Level, OccupationCode};
use fujiao_model::{Division, Field, RosterKind};
use fujiao_plan::Budget;
use fujiao_plan::check::{self, Said};
use fujiao_plan::courses::{self, Candidate, Left, NotHeld, Session, Terms, Weights};
use fujiao_policy::PolicySet;
use fujiao_store::{SolvedScenario, Tx, Worker};
use jiff::civil::Date;
use jiff::{Span, ToSpan};

use super::inputs::{Ground, Inputs, People, number, spot};
use super::sites::whole;
use super::tables::{self, Column, Faults, Form};
use super::{CoursesAsk, PlanError, said};
use crate::OfficeError;
use crate::labour::coding::Codes;
use crate::labour::{Pool, Vacancy, vacancies};

const fn column(name: &'static str, also: &'static [&'static str], needed: bool) -> Column {
    Column { name, also, needed }
}

pub(super) const FORMS: [Form; 1] = [Form {
    name: "可开的班",
    columns: &[
        column("培训专业", &["培训工种", "课程"], true),
        column("培训类别", &["类别"], false),
        column("培训机构", &["机构"], true),
        column("教室", &["场地"], true),
        column("乡镇", &["镇"], true),
        column("可容纳人数", &["计划人数", "人数"], true),
        column("课时数", &["课时"], false),
        column("开班日期", &["开始"], true),
        column("结业日期", &["结束"], true),
        column("授课教师", &["教师"], false),
        column("成本", &["培训成本"], false),
    ],
}];

/// A session that could be held.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Possible {
    course: String,
    kind: String,
    provider: String,
    room: String,
    town: Division,
    seats: u32,
    hours: u32,
    from: Date,
    to: Date,
    /// Who could give it; empty: whoever does brings one.
    trainers: Vec<String>,
    /// What it costs, if the county says so.
    cost: Option<u32>,
}

/// What the question rests on besides the map.
#[derive(Clone, Debug, Default)]
pub(super) struct Stock {
    workers: Vec<Worker>,
    /// Room, provider, seats, town, course.
    rooms: Vec<[String; 5]>,
    /// Teacher, provider, course.
    trainers: Vec<[String; 3]>,
    /// Provider, room, teacher, first and last day of sessions that are planned already.
    taken: Vec<(String, String, String, Date, Date)>,
    /// Course → kind, hours, days, as sessions that were held have them.
    held: BTreeMap<String, (String, u32, i32)>,
    /// Open openings by trade as written.
    openings: BTreeMap<String, i64>,
}

impl Stock {
    pub(super) fn read(tx: &mut Tx, county: u32, as_of: Date) -> Result<Self, OfficeError> {
        let mut stock = Self {
            workers: tx.workers("w.untrained = 1 and w.able = 1", &[county.into()])?,
            ..Self::default()
        };
        let text = |fields: &fujiao_model::Fields, field| {
            fields.text(field).unwrap_or_default().trim().to_owned()
        };
        for row in tx.rows_of_kind(county, RosterKind::Rooms, None)? {
            let f = &row.row.fields;
            let seats = f.number(Field::Seats).unwrap_or(0).to_string();
            stock.rooms.push([
                text(f, Field::Room),
                text(f, Field::Provider),
                seats,
                text(f, Field::Town),
                text(f, Field::Course),
            ]);
        }
        for row in tx.rows_of_kind(county, RosterKind::Trainers, None)? {
            let f = &row.row.fields;
            stock
                .trainers
                .push([Field::Trainer, Field::Provider, Field::Course].map(|x| text(f, x)));
        }
        let pool = Pool::read(tx, county)?;
        for s in pool.sessions.values() {
            if s.to >= as_of && !s.cancelled {
                stock.taken.push((
                    s.provider.clone(),
                    s.room.clone(),
                    s.trainer.clone(),
                    s.from,
                    s.to,
                ));
            }
            let hours = s.hours.and_then(|h| u32::try_from(h).ok()).unwrap_or(0);
            let days = s.from.until(s.to).map_or(0, |d| d.get_days()) + 1;
            let of = stock.held.entry(s.course.clone()).or_insert((s.kind.clone(), hours, days));
            // The longest that was held: a plan that leaves room.
            *of = (of.0.clone(), of.1.max(hours), of.2.max(days));
        }
        for v in vacancies(tx, county)?.iter().filter(|v: &&Vacancy| v.is_open(as_of)) {
            *stock.openings.entry(v.occupation.clone()).or_default() += v.openings - v.filled;
        }
        Ok(stock)
    }
}

/// What the county's table says.
pub(super) struct Table(Vec<Possible>);

impl Table {
    pub(super) fn in_a_line(&self) -> String {
        format!("{} 个可开的班", self.0.len())
    }
}

/// Reads the county's table.
pub(super) fn table(inputs: &Inputs, (name, bytes): (&str, &[u8])) -> Result<Table, PlanError> {
    let rows = tables::read(name, bytes, &FORMS)?.into_iter().next().unwrap_or_default();
    let mut faults = Faults::default();
    let mut all = Vec::new();
    for row in &rows {
        let course = row.must("培训专业", &mut faults).to_owned();
        let provider = row.must("培训机构", &mut faults).to_owned();
        let room = row.must("教室", &mut faults).to_owned();
        let town = row.must("乡镇", &mut faults);
        let place = inputs.place_named(town);
        if place.is_none() && !town.is_empty() {
            faults.add(row, "乡镇", format!("没有“{town}”这个镇，或不止一个；写全称"));
        }
        let mut day = |column: &'static str| {
            let said = row.must(column, &mut faults);
            let day = said.parse::<Date>().ok();
            if day.is_none() && !said.is_empty() {
                faults.add(row, column, format!("“{said}”不是日期；写成 2026-03-02"));
            }
            day
        };
        let (from, to) = (day("开班日期"), day("结业日期"));
        let seats = row.whole("可容纳人数", (1, 500), &mut faults);
        let hours = row.whole("课时数", (1, 2_000), &mut faults).unwrap_or(40);
        let cost = row.whole("成本", (0, 10_000_000), &mut faults);
        let trainer = row.text("授课教师").to_owned();
        if let (Some(from), Some(to), Some(town), Some(seats)) = (from, to, place, seats) {
            if to < from {
                faults.add(row, "结业日期", "早于开班日期".to_owned());
                continue;
            }
            all.push(Possible {
                course,
                kind: row.text("培训类别").to_owned(),
                provider,
                room,
                town: town.town(),
                seats,
                hours,
                from,
                to,
                trainers: Some(trainer).filter(|t| !t.is_empty()).into_iter().collect(),
                cost,
            });
        }
    }
    faults.end()?;
    Ok(Table(all))
}

/// The Monday of the first week that is planned.
fn first_week(as_of: Date) -> Date {
    let ahead = as_of.saturating_add(7.days());
    let back = i64::from(ahead.weekday().to_monday_zero_offset());
    ahead.saturating_sub(Span::new().days(back))
}

fn weeks_of(first: Date, from: Date, to: Date) -> Vec<u32> {
    let week = |day: Date| {
        let days = first.until(day).map_or(0, |s| s.get_days());
        u32::try_from(days.max(0) / 7).unwrap_or(0)
    };
    (week(from)..=week(to)).collect()
}

/// Days of `MM-DD—MM-DD` that a week touches, of the year it is in.
fn is_blocked(seasons: &[std::sync::Arc<str>], monday: Date) -> bool {
    (0..7).any(|n| {
        let day = monday.saturating_add(Span::new().days(n));
        let at = format!("{:02}-{:02}", day.month(), day.day());
        seasons.iter().any(|season| {
            season
                .split_once('—')
                .is_some_and(|(from, to)| *from <= *at.as_str() && *at.as_str() <= *to)
        })
    })
}

/// What could be held with the rooms and teachers of the pool: each room's courses, every few weeks; the most wanted first.
fn possible(
    inputs: &Inputs,
    stock: &Stock,
    policies: &PolicySet,
    (first, horizon, most): (Date, u32, usize),
    demand: &dyn Fn(&str) -> u32,
) -> Result<Vec<Possible>, OfficeError> {
    let each = whole(number(policies, "plan_course_slot_weeks", inputs.as_of)?).max(1);
    let mut wished: BTreeMap<&str, u32> = BTreeMap::new();
    for w in &stock.workers {
        if !w.to_learn.is_empty() {
            *wished.entry(w.to_learn.as_str()).or_default() += 1;
        }
    }
    let mut all: Vec<(u32, Possible)> = Vec::new();
    for [room, provider, seats, town, own] in &stock.rooms {
        let Some(town) = inputs.place_named(town).map(Division::town) else { continue };
        let seats = seats.parse().unwrap_or(0_u32);
        if seats == 0 {
            continue;
        }
        let teaches = |course: &str| -> Vec<String> {
            let of = stock.trainers.iter().filter(|[_, p, c]| p == provider && c == course);
            of.map(|[name, ..]| name.clone()).collect()
        };
        let courses: BTreeSet<&str> = stock
            .trainers
            .iter()
            .filter(|[_, p, _]| p == provider)
            .map(|[.., c]| c.as_str())
            .chain(Some(own.as_str()))
            .filter(|c| !c.is_empty())
            .collect();
        for course in courses {
            let (kind, hours, days) =
                stock.held.get(course).cloned().unwrap_or((String::new(), 40, 7));
            let want = wished.get(course).copied().unwrap_or(0) + 5 * demand(course);
            let mut week = 0;
            while week < horizon {
                let from = first.saturating_add(Span::new().days(i64::from(week) * 7));
                let to = from.saturating_add(Span::new().days(i64::from(days.max(1) - 1)));
                week += each;
                let busy = |what: usize, name: &str| {
                    stock.taken.iter().any(|(p, r, t, a, b)| {
                        p == provider
                            && (if what == 0 { r == name } else { t == name })
                            && *a <= to
                            && from <= *b
                    })
                };
                if busy(0, room) {
                    continue;
                }
                let named = teaches(course);
                let free: Vec<String> = named.iter().filter(|t| !busy(1, t)).cloned().collect();
                if !named.is_empty() && free.is_empty() {
                    continue;
                }
                all.push((
                    want,
                    Possible {
                        course: course.to_owned(),
                        kind: kind.clone(),
                        provider: provider.clone(),
                        room: room.clone(),
                        town,
                        seats,
                        hours: hours.max(8),
                        from,
                        to,
                        trainers: free,
                        cost: None,
                    },
                ));
            }
        }
    }
    // The most wanted of each room and week first, then the next.
    all.sort_by(|(a, x), (b, y)| {
        (&x.provider, &x.room, x.from, std::cmp::Reverse(a), &x.course).cmp(&(
            &y.provider,
            &y.room,
            y.from,
            std::cmp::Reverse(b),
            &y.course,
        ))
    });
    let mut rank = 0;
    let mut ranked: Vec<(u32, u32, Possible)> = Vec::new();
    for (want, p) in all {
        let again = ranked.last().is_some_and(|(.., last)| {
            (&last.provider, &last.room, last.from) == (&p.provider, &p.room, p.from)
        });
        rank = if again { rank + 1 } else { 0 };
        ranked.push((rank, want, p));
    }
    ranked.sort_by(|(r, a, x), (s, b, y)| {
        (r, std::cmp::Reverse(a), x.from, &x.room).cmp(&(s, std::cmp::Reverse(b), y.from, &y.room))
    });
    ranked.truncate(most);
    Ok(ranked.into_iter().map(|(.., p)| p).collect())
}

/// Solves it, has it counted again, and gives what is kept of it.
#[expect(clippy::too_many_lines, reason = "one pass from the pool to the answer")]
pub(super) fn solve(
    inputs: &Inputs,
    ask: CoursesAsk,
    (policies, ground): (&PolicySet, &Ground),
    (file, people): (Option<(&str, &[u8])>, &People),
    stop: &(dyn Fn(f64) -> bool + Sync),
    progress: &dyn Fn(&str, u64, u64),
) -> Result<SolvedScenario, OfficeError> {
    progress("排班", 0, 3);
    let stock = people.courses.as_ref().expect("read for this question");
    let number = |key| number(policies, key, inputs.as_of);
    if stock.workers.is_empty() {
        let why = "没有户里无人受训的劳动力；先收脱贫户、劳动力名册，再核算";
        return Err(PlanError::Lacking(why.to_owned()).into());
    }
    let first = first_week(inputs.as_of);
    let horizon = match ask.weeks {
        Some(weeks) => weeks.clamp(1, 52),
        None => whole(number("plan_course_weeks")?),
    };
    let yuan = match ask.yuan {
        Some(yuan) => i64::from(yuan),
        None => i64::from(whole(number("plan_course_yuan")?)),
    };
    let most = whole(number("plan_course_most")?) as usize;
    let far = whole(number("plan_course_minutes")?);
    let least = whole(number("plan_course_least")?);
    let hour = number("plan_course_hour_yuan")?;
    let hour_each = number("plan_course_hour_yuan_each")?;
    let weights = Weights {
        untrained: i64::from(whole(number("plan_course_points_untrained")?)),
        trained: 0,
        wish: i64::from(whole(number("plan_course_points_wish")?)),
        demand: i64::from(whole(number("plan_course_points_demand")?)),
        minutes_each_ten: i64::from(whole(number("plan_course_points_ten_minutes")?)),
    };
    // What work asks for: openings of the same 小类, and the county's brands.
    let brands = policies.list("course_brands", inputs.as_of);
    let texts = stock
        .openings
        .keys()
        .map(String::as_str)
        .chain(stock.trainers.iter().map(|[.., c]| c.as_str()))
        .chain(stock.rooms.iter().map(|[.., c]| c.as_str()))
        .chain(stock.held.keys().map(String::as_str));
    let codes = Codes::of(texts);
    let minor = |text: &str| codes.get(text).map(|c: OccupationCode| c.at(Level::Minor));
    let mut by_minor: BTreeMap<OccupationCode, i64> = BTreeMap::new();
    for (trade, n) in &stock.openings {
        if let Some(code) = minor(trade) {
            *by_minor.entry(code).or_default() += n;
        }
    }
    let demand = |course: &str| -> u32 {
        let openings = minor(course).and_then(|c| by_minor.get(&c)).copied().unwrap_or(0)
            + stock.openings.get(course).copied().unwrap_or(0);
        let brand = brands.iter().any(|b| course.contains(&**b));
        whole((f64::from(u32::try_from(openings.max(0)).unwrap_or(u32::MAX)) / 3.0).min(7.0))
            + if brand { 3 } else { 0 }
    };
    let all = match file {
        Some(file) => table(inputs, file)?.0,
        None => possible(inputs, stock, policies, (first, horizon, most), &demand)?,
    };
    if all.is_empty() {
        let why = "没有能开的班；收师资和场地名册，或传一张“可开的班”";
        return Err(PlanError::Lacking(why.to_owned()).into());
    }
    let seasons = policies.list("course_seasons_blocked", inputs.as_of);
    let end = all.iter().map(|p| p.to).max().unwrap_or(first);
    let weeks = weeks_of(first, first, end.max(first)).len();
    let blocked: Vec<u32> = (0..u32::try_from(weeks).unwrap_or(0))
        .filter(|w| is_blocked(seasons, first.saturating_add(Span::new().days(i64::from(*w) * 7))))
        .collect();
    let index = |names: &mut BTreeMap<(String, String), u32>, key: (String, String)| {
        let next = u32::try_from(names.len()).expect("few rooms and teachers");
        *names.entry(key).or_insert(next)
    };
    let (mut rooms, mut teachers) = (BTreeMap::new(), BTreeMap::new());
    let sessions: Vec<Session> = all
        .iter()
        .map(|p| Session {
            room: index(&mut rooms, (p.provider.clone(), p.room.clone())),
            weeks: weeks_of(first, p.from, p.to),
            teachers: p
                .trainers
                .iter()
                .map(|t| index(&mut teachers, (p.provider.clone(), t.clone())))
                .collect(),
            capacity: p.seats,
            least: least.min(p.seats),
            yuan: p.cost.unwrap_or_else(|| whole(f64::from(p.hours) * hour)),
            yuan_each: whole(f64::from(p.hours) * hour_each),
        })
        .collect();
    let name_of: BTreeMap<u32, String> =
        teachers.iter().map(|((_, name), at)| (*at, name.clone())).collect();

    progress("算路", 1, 3);
    // One home a household: its members, and where it lives.
    let mut homes: BTreeMap<u64, Vec<&Worker>> = BTreeMap::new();
    for w in &stock.workers {
        homes.entry(w.household.unwrap_or(w.person | 1 << 63)).or_default().push(w);
    }
    let villages: BTreeSet<Division> =
        stock.workers.iter().filter_map(|w| w.village.or(w.town)).collect();
    let villages: Vec<Division> =
        villages.into_iter().filter(|v| inputs.point(*v).is_some()).collect();
    let towns: BTreeSet<Division> = all.iter().map(|p| p.town).collect();
    let towns: Vec<Division> = towns.into_iter().filter(|t| inputs.point(*t).is_some()).collect();
    let spots = |of: &[Division]| -> Vec<_> {
        of.iter().filter_map(|d| inputs.point(*d)).map(spot).collect()
    };
    let ways = if villages.is_empty() || towns.is_empty() {
        None
    } else {
        Some(inputs.travel(policies, ground, (&spots(&villages), &spots(&towns)))?)
    };
    let minutes = |home: Option<Division>, town: Division| -> Option<u32> {
        let from = villages.binary_search(&home?).ok()?;
        let to = towns.binary_search(&town).ok()?;
        let (foot, road) = ways.as_ref()?;
        let minutes = foot.minutes(from, to).min(road.minutes(from, to));
        minutes.is_finite().then(|| whole(minutes.ceil()))
    };
    let degrees: Vec<u32> = all.iter().map(|p| demand(&p.course)).collect();
    let mut kept = Vec::new();
    let mut households: Vec<Vec<Candidate>> = Vec::new();
    for (home, members) in &homes {
        let place = members[0].village.or(members[0].town);
        let wishes: Vec<&str> =
            members.iter().flat_map(|w| [w.to_learn.as_str(), w.wished.as_str()]).collect();
        let of: Vec<Candidate> = (0_u32..)
            .zip(&all)
            .zip(&degrees)
            .filter_map(|((at, p), degree)| {
                let minutes = minutes(place, p.town).filter(|m| *m <= far)?;
                let wish = wishes.iter().any(|w| !w.is_empty() && *w == p.course);
                let points = weights.points(true, wish, *degree, minutes);
                (points > 0).then_some(Candidate { session: at, points })
            })
            .collect();
        kept.push((*home, members, place));
        households.push(of);
    }
    progress("排班", 2, 3);
    let terms = Terms { yuan, blocked: blocked.clone() };
    let over = || stop(1.0);
    let solved = courses::plan(&sessions, &households, &terms, Budget::until(&over));
    let classes: Vec<check::Class> = sessions
        .iter()
        .map(|s| check::Class {
            room: s.room,
            weeks: s.weeks.clone(),
            teachers: s.teachers.clone(),
            takes: (s.least, s.capacity),
            yuan: (s.yuan, s.yuan_each),
        })
        .collect();
    let wanted: Vec<Vec<(u32, i64)>> =
        households.iter().map(|h| h.iter().map(|c| (c.session, c.points)).collect()).collect();
    let held: Vec<check::HeldClass> =
        solved.plan.held.iter().map(|h| (h.session, h.teacher, h.households.clone())).collect();
    let told = Said { objective: solved.objective, bound: solved.bound };
    let verdict = check::courses(&classes, &wanted, (yuan, &blocked), &held, told)
        .map_or_else(|f| f.to_string(), |()| "ok".to_owned());

    let mut out = said::Courses {
        sessions: all
            .iter()
            .zip(&degrees)
            .map(|(p, degree)| said::CourseSession {
                course: p.course.clone(),
                kind: p.kind.clone(),
                provider: p.provider.clone(),
                room: p.room.clone(),
                town: p.town.code(),
                town_name: inputs.name(p.town),
                from: p.from.to_string(),
                to: p.to.to_string(),
                hours: p.hours,
                seats: p.seats,
                demand: *degree,
                trainer: String::new(),
                comes: 0,
                yuan: 0,
                place_is_worth: 0,
                held: false,
                why_not: String::new(),
            })
            .collect(),
        homes: Vec::new(),
        towns: Vec::new(),
        households: u32::try_from(homes.len()).unwrap_or(u32::MAX),
        reached: 0,
        yuan,
        spent: solved.plan.yuan,
        ten_thousand_is_worth: whole((solved.plan.yuan_is_worth * 1e4).max(0.0)),
        blocked: blocked
            .iter()
            .map(|w| first.saturating_add(Span::new().days(i64::from(*w) * 7)).to_string())
            .collect(),
        minutes: far,
        from_table: file.is_some(),
    };
    for h in &solved.plan.held {
        let of = &mut out.sessions[h.session as usize];
        let s = &sessions[h.session as usize];
        of.held = true;
        of.comes = u32::try_from(h.households.len()).unwrap_or(u32::MAX);
        of.trainer = h.teacher.and_then(|t| name_of.get(&t).cloned()).unwrap_or_default();
        of.yuan = s.yuan + s.yuan_each * of.comes;
        of.place_is_worth = h.place_is_worth;
        out.reached += of.comes;
    }
    for (at, why) in &solved.plan.not_held {
        let word = match why {
            NotHeld::Blocked { .. } => "blocked",
            NotHeld::Room { .. } => "room",
            NotHeld::Teacher => "teacher",
            NotHeld::TooFew { .. } => "too_few",
            NotHeld::Money => "money",
            NotHeld::NobodyMore => "nobody_more",
        };
        word.clone_into(&mut out.sessions[*at as usize].why_not);
    }
    let left: BTreeMap<u32, &'static str> = solved
        .plan
        .left
        .iter()
        .map(|(at, why)| {
            let word = match why {
                Left::NoCandidate => "too_far",
                Left::NotHeld => "not_held",
                Left::Full { .. } => "full",
            };
            (*at, word)
        })
        .collect();
    let mut by_town: BTreeMap<Option<Division>, said::CourseTown> = BTreeMap::new();
    for (at, ((_, members, place), session)) in
        (0_u32..).zip(kept.iter().zip(&solved.plan.session_of))
    {
        let town = place.map(Division::town);
        let of = by_town.entry(town).or_default();
        of.households += 1;
        match left.get(&at) {
            Some(&"too_far") => of.too_far += 1,
            Some(&"not_held") => of.not_held += 1,
            Some(_) => of.full += 1,
            None => of.reached += u32::from(session.is_some()),
        }
        // Whoever wishes it goes, else who is not tied to home, the youngest of those.
        let course = session.map(|s| all[s as usize].course.as_str()).unwrap_or_default();
        let goes = members
            .iter()
            .min_by_key(|w| (w.to_learn != course, !w.care.is_empty(), w.age, w.person))
            .expect("a household has members");
        out.homes.push(said::CourseHome {
            person: format!("{:016x}", goes.person),
            place: place.map_or(0, Division::code),
            session: *session,
            why: left.get(&at).map(|w| (*w).to_owned()).unwrap_or_default(),
        });
    }
    out.towns = by_town
        .into_iter()
        .map(|(town, of)| said::CourseTown {
            name: town.map_or_else(|| "不详".to_owned(), |t| inputs.name(t)),
            ..of
        })
        .collect();
    progress("排班", 3, 3);
    let result = said::Result::Courses(out);
    Ok(SolvedScenario {
        result: Some(serde_json::to_string(&result).expect("numbers and texts always write")),
        objective: Some(solved.objective),
        bound: Some(solved.bound),
        verdict: Some(verdict),
        ..SolvedScenario::default()
    })
}
