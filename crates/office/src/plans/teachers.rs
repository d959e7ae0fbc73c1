//! Next year's posts: who rotates, who fills what is vacant, whom to recruit, whom to train for another subject.

mod norm;

use std::collections::BTreeMap;

use fujiao_model::{Division, Field, Fields, PartialDate, Sex, Stage};
use fujiao_plan::Budget;
use fujiao_plan::check;
use fujiao_plan::teachers::{
    Learner, Next, Rotation, Rules, Stays, Teacher, Venue, Why, groups, recruit, rotate,
};
use fujiao_plan::travel::{Spot, Travel};
use fujiao_policy::PolicySet;
use fujiao_store::{KindLink, SolvedScenario};

use super::inputs::{Ground, Inputs, People, number, spot};
use super::sites::whole;
use super::tables::{self, Column, Faults, Form};
use super::{PlanError, TeachersAsk, said};
use crate::OfficeError;
use norm::{Posts, subject};

const fn column(name: &'static str, also: &'static [&'static str], needed: bool) -> Column {
    Column { name, also, needed }
}

pub(super) const FORMS: [Form; 1] = [Form {
    name: "教师情况表",
    columns: &[
        column("姓名", &["教师姓名"], true),
        column("学校", &["所在学校", "任教学校"], true),
        column("不调原因", &["照顾原因"], true),
        column("家住", &["家庭住址", "家住哪里"], false),
        column("上次交流", &["上次交流年份", "上次支教"], false),
    ],
}];

/// What the county's table says of one teacher.
#[derive(Clone, Debug, PartialEq)]
struct Said {
    name: String,
    school: u64,
    stays: Option<Stays>,
    home: Option<Division>,
    /// The year in which they rotated last.
    rotated: Option<i16>,
}

/// What the county's table says.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Table(Vec<Said>);

impl Table {
    pub(super) fn in_a_line(&self) -> String {
        let stay = self.0.iter().filter(|s| s.stays.is_some()).count();
        let homes = self.0.iter().filter(|s| s.home.is_some()).count();
        format!("{stay} 人有不调的情形，{homes} 人写了家住哪里")
    }
}

/// Reads the county's table.
pub(super) fn table(inputs: &Inputs, (name, bytes): (&str, &[u8])) -> Result<Table, PlanError> {
    let rows = tables::read(name, bytes, &FORMS)?.pop().unwrap_or_default();
    let mut faults = Faults::default();
    let mut table = Table::default();
    for row in &rows {
        let name = row.must("姓名", &mut faults).to_owned();
        let school = inputs.school_named(row.must("学校", &mut faults)).map(|s| s.id);
        if school.is_none() && !row.text("学校").is_empty() {
            let why = format!("“{}”不在学校名册里，或不止一所；写全称", row.text("学校"));
            faults.add(row, "学校", why);
        }
        let stays = match row.text("不调原因") {
            "" | "无" => None,
            t if t.contains('孕') || t.contains('哺') || t.contains('婴') || t.contains("幼") => {
                Some(Stays::Infant)
            }
            t if t.contains('病') || t.contains('残') || t.contains("照料") => {
                Some(Stays::Health)
            }
            t if t.contains("配偶") || t.contains("夫妻") || t.contains("双职") => {
                Some(Stays::Spouse)
            }
            t if t.contains("退休") => Some(Stays::Retires),
            other => {
                let why = format!("“{other}”看不懂；写“孕哺期”“疾病”“夫妻”“退休”，或空着");
                faults.add(row, "不调原因", why);
                None
            }
        };
        let home = match row.text("家住") {
            "" => None,
            text => {
                let found = inputs.place_named(text);
                if found.is_none() {
                    let why = format!("“{text}”不是本县的镇或村，或不止一处；写成“青石镇栗园村”");
                    faults.add(row, "家住", why);
                }
                found
            }
        };
        let rotated = row.year("上次交流", &mut faults);
        if let Some(school) = school {
            table.0.push(Said { name, school, stays, home, rotated });
        }
    }
    faults.end()?;
    Ok(table)
}

/// A teacher of the roster.
struct Server {
    person: Option<u64>,
    name: String,
    /// Position among the schools.
    school: u32,
    subject: &'static str,
    /// 1 primary, 2 junior.
    level: u8,
    backbone: bool,
    years: u32,
    stays: Option<Stays>,
    /// Position among the homes.
    home: u32,
}

/// All that is asked of the engine, with what its numbers stand for.
struct County {
    schools: Vec<said::Service>,
    posts: Posts,
    servers: Vec<Server>,
    rides: Travel,
    homes_unknown: u32,
    left_out: u32,
}

/// The retirement age of somebody.
fn retires_in(born: Option<PartialDate>, sex: Option<Sex>, year: i16, ages: (f64, f64)) -> i32 {
    let Some((born, ..)) = born.map(PartialDate::parts) else { return i32::MAX };
    let age = if sex == Some(Sex::Female) { ages.1 } else { ages.0 };
    i32::from(born) + i32::try_from(whole(age)).unwrap_or(60) - i32::from(year)
}

/// Whether a row is about somebody who teaches now.
fn serves(fields: &Fields) -> bool {
    fields.text(Field::StaffStatus).is_none_or(|s| s.contains("在岗") || s == "在职")
}

fn county(
    inputs: &Inputs,
    (policies, ground): (&PolicySet, &Ground),
    table: &Table,
    people: &People,
) -> Result<County, OfficeError> {
    let number = |key| number(policies, key, inputs.as_of);
    let ages = (number("plan_retire_age_men")?, number("plan_retire_age_women")?);
    let small = whole(number("plan_small_school")?);
    let retire_years = i32::try_from(whole(number("plan_retire_years")?)).unwrap_or(0);
    let mut schools = Vec::new();
    let mut position: BTreeMap<u64, u32> = BTreeMap::new();
    let mut ends: Vec<Spot> = Vec::new();
    for school in inputs.schools.iter().filter(|s| s.closed_on.is_none()) {
        let pupils = inputs.pupils_at(school.id, Stage::Primary)
            + inputs.pupils_at(school.id, Stage::Junior);
        let place = school.village.or(school.town);
        let (Some(place), true, Some(at)) = (place, pupils > 0, inputs.point_of(school)) else {
            continue;
        };
        position.insert(school.id, u32::try_from(schools.len()).expect("few schools"));
        ends.push(spot(at));
        schools.push(said::Service {
            id: school.id,
            place: place.code(),
            name: school.name.clone(),
            at: Some(at),
            remote: pupils < small && school.rural != Some(false),
            teachers: (0, 0, 0),
            vacant: (0, 0),
        });
    }
    let posts = Posts::by_the_norm(inputs, policies, &schools, &people.gaps)?;
    let mut homes: Vec<Spot> = Vec::new();
    let mut home_at: BTreeMap<(u64, bool), u32> = BTreeMap::new();
    let mut servers = Vec::new();
    let (mut homes_unknown, mut left_out) = (0, 0);
    let year = inputs.as_of.year();
    for (fields, link) in &people.rows {
        if !serves(fields) {
            continue;
        }
        let school = link.school.and_then(|s| position.get(&s).copied());
        let taught = fields.text(Field::Subject).and_then(subject);
        let (Some(school), Some(taught)) = (school, taught) else {
            left_out += 1;
            continue;
        };
        let name = fields.text(Field::Name).unwrap_or_default().to_owned();
        let of = schools[school as usize].id;
        let own = table.0.iter().find(|s| s.school == of && s.name == name);
        let since = |from: i16| u32::try_from(i32::from(year) - i32::from(from)).unwrap_or(0);
        // Whoever moved not long ago does not move again before the others' turn.
        let planned = link.person.and_then(|p| people.moved.get(&p).copied());
        let rotated = planned.max(own.and_then(|o| o.rotated));
        let joined = fields.date(Field::JoinedOn).map(|joined| joined.parts().0);
        let years = joined.max(rotated).map_or(0, since);
        let born = link.born_on.or_else(|| fields.date(Field::BirthDate));
        let retires = retires_in(born, link.sex, year, ages) < retire_years;
        let home = own.and_then(|o| o.home).or(link.home);
        let point = home.and_then(|h| inputs.point(h).map(|p| (h, p)));
        let (key, at) = if let Some((home, at)) = point {
            ((home.code(), true), spot(at))
        } else {
            homes_unknown += 1;
            ((u64::from(school), false), ends[school as usize])
        };
        let home = *home_at.entry(key).or_insert_with(|| {
            homes.push(at);
            u32::try_from(homes.len() - 1).expect("few homes")
        });
        servers.push(Server {
            person: link.person,
            name,
            school,
            subject: taught,
            level: level(inputs, fields, link, taught),
            backbone: fields.flag(Field::Backbone) == Some(true),
            years,
            stays: own.and_then(|o| o.stays).or(retires.then_some(Stays::Retires)),
            home,
        });
    }
    if servers.is_empty() {
        let why = "台账里没有教职工名册，或里面没有“任教学科”；收了名册、核算过再排";
        return Err(PlanError::Lacking(why.to_owned()).into());
    }
    let (_, rides) = inputs.travel(policies, ground, (&homes, &ends))?;
    Ok(County { schools, posts, servers, rides, homes_unknown, left_out })
}

/// What a teacher may teach: 2 where the roster or the school says junior, else 1.
fn level(inputs: &Inputs, fields: &Fields, link: &KindLink, subject: &str) -> u8 {
    let stage = fields.text(Field::Stage).and_then(Stage::parse);
    let junior_alone = matches!(subject, "物理" | "化学" | "生物" | "历史" | "地理");
    let of_school = || {
        link.school.is_some_and(|s| {
            inputs.pupils_at(s, Stage::Junior) > 0 && inputs.pupils_at(s, Stage::Primary) == 0
        })
    };
    let is_junior = match stage {
        Some(stage) => stage != Stage::Primary,
        None => junior_alone || of_school(),
    };
    if is_junior { 2 } else { 1 }
}

/// Distributes teachers, has it counted again, and gives what is kept of it.
pub(super) fn solve(
    inputs: &Inputs,
    ask: TeachersAsk,
    rules: (&PolicySet, &Ground),
    (file, people): (Option<(&str, &[u8])>, &People),
    stop: &(dyn Fn(f64) -> bool + Sync),
    progress: &dyn Fn(&str, u64, u64),
) -> Result<SolvedScenario, OfficeError> {
    progress("排教师", 0, 3);
    let table = match file {
        Some(file) => table(inputs, file)?,
        None => Table::default(),
    };
    let policies = rules.0;
    let county = county(inputs, rules, &table, people)?;
    let number = |key| number(policies, key, inputs.as_of);
    let reach = match ask.reach_minutes {
        Some(minutes) => f64::from(minutes),
        None => number("plan_reach_minutes")?,
    };
    let shares =
        (whole(number("plan_rotate_percent")?), whole(number("plan_rotate_backbone_percent")?));
    let turn_years = whole(number("plan_rotate_years")?);
    let posts: Vec<fujiao_plan::teachers::Post> = county
        .posts
        .all
        .iter()
        .map(|p| fujiao_plan::teachers::Post {
            school: p.school,
            needed: p.needed,
            remote: county.schools[p.school as usize].remote,
        })
        .collect();
    let teachers = asked(&county, reach);
    progress("排教师", 1, 3);
    let found = rotate(
        &teachers,
        &posts,
        Rules {
            turn_after_years: turn_years,
            share_that_moves: f64::from(shares.0) / 100.0,
            share_of_backbone: f64::from(shares.1) / 100.0,
        },
    );
    let (verdict, vacant) = recount(&teachers, &posts, &found);
    progress("排教师", 2, 3);
    let mut out = answer(&county, &teachers, &found, ask_facts(shares, turn_years, reach));
    out.pledge_years = whole(number("plan_pledge_years")?);
    let (seats, cost) = (whole(number("plan_group_seats")?), number("plan_group_minutes")?);
    train(&county, &found, (seats, cost, reach), &|| stop(0.9), &mut out);
    progress("排教师", 3, 3);
    let result = said::Result::Teachers(out);
    // How many posts stay vacant is proven: the checker finds no way to fill one more.
    let figure = vacant.map(f64::from);
    Ok(SolvedScenario {
        result: Some(serde_json::to_string(&result).expect("numbers and texts always write")),
        objective: figure,
        bound: figure,
        verdict: Some(verdict),
        ..SolvedScenario::default()
    })
}

/// Teachers as the engine sees them: own posts, and others of the subject within reach of home.
fn asked(county: &County, reach: f64) -> Vec<Teacher> {
    county
        .servers
        .iter()
        .map(|server| {
            let own = county.posts.of(server.school, server.subject, server.level);
            let minutes = |post: usize| {
                let school = county.posts.all[post].school as usize;
                county.rides.minutes(server.home as usize, school)
            };
            let may_go = (0..county.posts.all.len())
                .filter(|p| Some(*p) != own && county.posts.fits(*p, server.subject, server.level))
                .filter(|p| county.posts.all[*p].needed > 0 && minutes(*p) <= reach)
                .map(|p| (u32::try_from(p).expect("few posts"), whole(minutes(p))))
                .collect();
            Teacher {
                post: own.map(|p| u32::try_from(p).expect("few posts")),
                backbone: server.backbone,
                years_here: server.years,
                stays: server.stays,
                may_go,
            }
        })
        .collect()
}

/// What the checker says, and how many posts stay vacant.
fn recount(
    teachers: &[Teacher],
    posts: &[fujiao_plan::teachers::Post],
    found: &Rotation,
) -> (String, Option<u32>) {
    let servers: Vec<check::Server> = teachers
        .iter()
        .map(|t| check::Server {
            post: t.post,
            stays: t.stays.is_some(),
            may_go: t.may_go.iter().map(|m| m.0).collect(),
        })
        .collect();
    let needed: Vec<u32> = posts.iter().map(|p| p.needed).collect();
    let next: Vec<Option<u32>> = teachers
        .iter()
        .zip(&found.next)
        .map(|(t, n)| match n {
            Next::Stays(_) => t.post,
            Next::Moves { to, .. } => Some(*to),
            Next::WithoutPost => None,
        })
        .collect();
    match check::posts(&servers, &needed, &next) {
        Ok(vacant) => ("ok".to_owned(), u32::try_from(vacant).ok()),
        Err(fault) => (fault.to_string(), None),
    }
}

/// What the rules asked, as it is kept.
fn ask_facts(shares: (u32, u32), turn_years: u32, reach: f64) -> said::Teachers {
    said::Teachers {
        schools: Vec::new(),
        posts: Vec::new(),
        subjects: Vec::new(),
        moves: Vec::new(),
        kept: Vec::new(),
        recruits: Vec::new(),
        groups: Vec::new(),
        today: said::TeachersTally::default(),
        plan: said::TeachersTally::default(),
        turn: (0, 0),
        backbone: 0,
        shares,
        keeps_the_rules: false,
        turn_years,
        pledge_years: 0,
        reach_minutes: whole(reach),
        home_unknown: 0,
        left_out: 0,
    }
}

#[expect(clippy::too_many_lines, reason = "one pass from the rotation to the answer")]
fn answer(
    county: &County,
    teachers: &[Teacher],
    found: &Rotation,
    facts: said::Teachers,
) -> said::Teachers {
    let mut out = said::Teachers {
        schools: county.schools.clone(),
        home_unknown: county.homes_unknown,
        left_out: county.left_out,
        turn: (u32::try_from(found.turn.0).unwrap_or(0), u32::try_from(found.turn.1).unwrap_or(0)),
        backbone: u32::try_from(found.backbone).unwrap_or(0),
        keeps_the_rules: found.keeps_the_rules,
        ..facts
    };
    let n = county.posts.all.len();
    let mut here = vec![0_u32; n];
    let mut then = vec![0_u32; n];
    let (mut today_minutes, mut then_minutes) = ((0_u64, 0_u64), (0_u64, 0_u64));
    for ((server, teacher), next) in county.servers.iter().zip(teachers).zip(&found.next) {
        let ride = |school: u32| {
            u64::from(whole(county.rides.minutes(server.home as usize, school as usize)))
        };
        if let Some(post) = teacher.post {
            here[post as usize] += 1;
        }
        today_minutes = (today_minutes.0 + ride(server.school), today_minutes.1 + 1);
        out.schools[server.school as usize].teachers.1 += 1;
        let remote = |school: u32| county.schools[school as usize].remote;
        out.today.backbone_remote += u32::from(server.backbone && remote(server.school));
        let to = match *next {
            Next::Stays(why) => {
                if let Some(post) = teacher.post {
                    then[post as usize] += 1;
                }
                if let Why::Kept(stays) = why
                    && server.years >= out.turn_years
                {
                    let why = match stays {
                        Stays::Infant => "infant",
                        Stays::Health => "health",
                        Stays::Spouse => "spouse",
                        Stays::Retires => "retires",
                    };
                    out.kept.push(said::Kept {
                        name: server.name.clone(),
                        school: server.school,
                        why: why.to_owned(),
                    });
                }
                Some(server.school)
            }
            Next::Moves { to, why, minutes } => {
                then[to as usize] += 1;
                let school = county.posts.all[to as usize].school;
                out.moves.push(said::Move {
                    person: server.person,
                    name: server.name.clone(),
                    subject: server.subject.to_owned(),
                    from: Some(server.school),
                    to: school,
                    backbone: server.backbone,
                    years: server.years,
                    minutes,
                    why: if why == Why::Turn { "turn" } else { "vacancy" }.to_owned(),
                });
                Some(school)
            }
            Next::WithoutPost => None,
        };
        if let Some(school) = to {
            then_minutes = (then_minutes.0 + ride(school), then_minutes.1 + 1);
            out.schools[school as usize].teachers.2 += 1;
            out.plan.backbone_remote += u32::from(server.backbone && remote(school));
        }
    }
    let mean = |(sum, n): (u64, u64)| u32::try_from((10 * sum + n / 2) / n.max(1)).unwrap_or(0);
    out.today.mean_minutes_tenths = mean(today_minutes);
    out.plan.mean_minutes_tenths = mean(then_minutes);
    out.moves.sort_by(|a, b| (a.from, a.to, &a.name).cmp(&(b.from, b.to, &b.name)));
    let mut subjects: BTreeMap<&str, said::Subject> = BTreeMap::new();
    for (at, post) in county.posts.all.iter().enumerate() {
        let (today, plan) = (here[at].min(post.needed), then[at].min(post.needed));
        let (empty, empties) = (post.needed - today, post.needed - plan);
        let school = &mut out.schools[post.school as usize];
        school.teachers.0 += post.needed;
        school.vacant = (school.vacant.0 + empty, school.vacant.1 + empties);
        if school.remote {
            out.today.vacant_remote += empty;
            out.plan.vacant_remote += empties;
        }
        out.today.filled += today;
        out.today.vacant += empty;
        out.today.surplus += here[at].saturating_sub(post.needed);
        out.plan.filled += plan;
        out.plan.vacant += empties;
        let subject = subjects.entry(post.subject).or_insert_with(|| said::Subject {
            name: post.subject.to_owned(),
            needed: 0,
            teachers: 0,
            vacant: (0, 0),
        });
        subject.needed += post.needed;
        subject.teachers += here[at];
        subject.vacant = (subject.vacant.0 + empty, subject.vacant.1 + empties);
        out.posts.push(said::Post {
            school: post.school,
            subject: post.subject.to_owned(),
            stage: if post.level == 1 { "primary" } else { "junior" }.to_owned(),
            needed: post.needed,
            today,
            plan,
        });
    }
    let without = found.next.iter().filter(|n| **n == Next::WithoutPost).count();
    out.plan.surplus = u32::try_from(without).unwrap_or(0);
    out.subjects = subjects.into_values().collect();
    out.subjects.sort_by(|a, b| b.vacant.1.cmp(&a.vacant.1).then(a.name.cmp(&b.name)));
    out
}

/// Who has no post learns what is vacant near home, in groups; what stays vacant is recruited.
fn train(
    county: &County,
    found: &Rotation,
    (seats, cost, reach): (u32, f64, f64),
    stop: &(dyn Fn() -> bool + Sync),
    out: &mut said::Teachers,
) {
    let mut vacant = found.vacant.clone();
    let ride =
        |server: &Server, school: u32| county.rides.minutes(server.home as usize, school as usize);
    // By the subject that is to be learnt: who, and the school that wants them.
    let mut learners: BTreeMap<&str, Vec<(&Server, u32)>> = BTreeMap::new();
    for (server, next) in county.servers.iter().zip(&found.next) {
        if *next != Next::WithoutPost || server.stays == Some(Stays::Retires) {
            continue;
        }
        let nearest = (0..vacant.len())
            .filter(|p| vacant[*p] > 0 && county.posts.all[*p].level <= server.level)
            .filter(|p| ride(server, county.posts.all[*p].school) <= reach)
            .min_by(|a, b| {
                let of = |p: &usize| ride(server, county.posts.all[*p].school);
                of(a).total_cmp(&of(b)).then(a.cmp(b))
            });
        if let Some(post) = nearest {
            vacant[post] -= 1;
            let post = &county.posts.all[post];
            learners.entry(post.subject).or_default().push((server, post.school));
        }
    }
    // Groups meet at schools off no road: those that are not remote.
    let venues: Vec<u32> =
        (0..).zip(&county.schools).filter(|(_, s)| !s.remote).map(|(at, _)| at).take(200).collect();
    for (subject, learners) in learners {
        let asked: Vec<Learner> = learners
            .iter()
            .map(|(s, _)| Learner { minutes: venues.iter().map(|v| ride(s, *v)).collect() })
            .collect();
        let rooms: Vec<Venue> = venues.iter().map(|_| Venue { seats, cost }).collect();
        let Ok(solved) = groups(&asked, &rooms, Budget::until(stop)) else { continue };
        for group in solved.plan {
            let who = group.learners.iter().map(|l| &learners[*l as usize]);
            let minutes = who.clone().map(|(s, _)| ride(s, venues[group.venue as usize])).sum();
            out.groups.push(said::TrainingGroup {
                subject: subject.to_owned(),
                venue: venues[group.venue as usize],
                learners: who.map(|(s, school)| (s.name.clone(), *school)).collect(),
                minutes: whole(minutes),
            });
        }
    }
    let names: Vec<&str> = {
        let mut names: Vec<&str> = county.posts.all.iter().map(|p| p.subject).collect();
        names.sort_unstable();
        names.dedup();
        names
    };
    let of = |p: &norm::Post| {
        u32::try_from(names.iter().position(|n| *n == p.subject).expect("it is one of them"))
            .expect("few subjects")
    };
    let subjects: Vec<u32> = county.posts.all.iter().map(of).collect();
    let posts: Vec<fujiao_plan::teachers::Post> = county
        .posts
        .all
        .iter()
        .map(|p| fujiao_plan::teachers::Post {
            school: p.school,
            needed: p.needed,
            remote: county.schools[p.school as usize].remote,
        })
        .collect();
    for wanted in recruit(&posts, &subjects, &vacant) {
        out.recruits.push(said::Recruit {
            subject: names[wanted.subject as usize].to_owned(),
            number: wanted.number,
            schools: wanted
                .posts
                .iter()
                .map(|(post, n)| (county.posts.all[*post as usize].school, *n))
                .collect(),
        });
    }
}
