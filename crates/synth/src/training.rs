//! Courses, who took them, who found work after.

use std::collections::{BTreeMap, BTreeSet};

use fujiao_model::{EnrolmentStatus, LabourAbility, Stage};
use jiff::Span;
use jiff::civil::Date;

use crate::aid::is_followed;
use crate::rng::Rng;
use crate::world::World;

/// Kinds of courses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Course {
    Employment,
    Yulu,
    Farming,
}

impl Course {
    pub(crate) const ALL: [Self; 3] = [Self::Employment, Self::Yulu, Self::Farming];

    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::Employment => "就业创业",
            Self::Yulu => "雨露工程",
            Self::Farming => "农民实用技术",
        }
    }

    pub(crate) fn provider(self) -> &'static str {
        match self {
            Self::Employment => "县公共就业培训中心",
            Self::Yulu => "县职业技术教育中心",
            Self::Farming => "县农业广播电视学校",
        }
    }

    pub(crate) fn subjects(self) -> &'static [&'static str] {
        match self {
            Self::Employment => &["家政服务员", "中式烹调师", "育婴员", "电工", "焊工", "电子商务"],
            Self::Yulu => &["砌筑工", "汽车维修工", "缝纫工", "养老护理员", "茶艺师"],
            Self::Farming => &["茶园管理", "香菇栽培", "核桃修剪", "养蜂", "中药材种植"],
        }
    }
}

/// One trainee of one session.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Session {
    pub(crate) person: u32,
    pub(crate) course: Course,
    pub(crate) subject: &'static str,
    /// 第几期.
    pub(crate) number: u8,
    pub(crate) from: Date,
    pub(crate) to: Date,
    pub(crate) hours: u8,
    pub(crate) attended: u8,
    /// Hours that the list of trainees says: of a certificate that was given away, more than anybody saw.
    pub(crate) written: u8,
    pub(crate) completed: bool,
    /// A certificate without attendance.
    pub(crate) given_away: bool,
    pub(crate) placed: Option<Date>,
    /// When the job ended, within half a year of its beginning.
    pub(crate) ended: Option<Date>,
}

const FIRMS: [&str; 10] =
    ["恒源", "秦茶", "岚峰", "新禾", "汇川", "泰和", "青禾", "鼎新", "远航", "兴隆"];
const TRADES: [&str; 8] = [
    "电子有限公司",
    "服装有限公司",
    "建筑劳务有限公司",
    "茶业有限公司",
    "家政服务部",
    "农业合作社",
    "餐饮店",
    "物流有限公司",
];

/// The name of a firm that exists nowhere.
pub(crate) fn employer(rng: &mut Rng) -> String {
    format!("{}{}", rng.pick(&FIRMS), rng.pick(&TRADES))
}

impl World {
    /// 16 to 59 years old, alive, here, and able to work in some measure.
    pub(crate) fn is_able(&self, person: u32) -> bool {
        let able = matches!(
            self.persons[person as usize].labour,
            LabourAbility::Normal | LabourAbility::Skilled | LabourAbility::Weak
        );
        able && self.is_present(person)
            && (16..=59).contains(&self.age_on(person, self.order.as_of))
    }

    /// Now in a vocational school.
    fn learns_a_trade(&self, person: u32) -> bool {
        self.enrolments_of(person).iter().any(|e| {
            e.year == self.calendar.year
                && e.status == EnrolmentStatus::Active
                && e.grade.stage() == Stage::Vocational
        })
    }
}

fn session(world: &World, person: u32, completed: bool, rng: &mut Rng) -> Session {
    let as_of = world.order.as_of;
    let course =
        rng.weighted(&[(Course::Employment, 45), (Course::Yulu, 25), (Course::Farming, 30)]);
    let subject = *rng.pick::<&str>(course.subjects());
    let about = as_of
        .checked_sub(Span::new().days(i64::from(rng.between(35, 1_200))))
        .expect("long after year 1");
    // One session of a course a month: its days and hours are the session's, whoever comes.
    let place = course.subjects().iter().position(|s| *s == subject).expect("just picked");
    let months = i64::from(about.year()) * 12 + i64::from(about.month());
    let which = (course as u32) * 1_000_000
        + u32::try_from(place).expect("few subjects") * 100_000
        + u32::try_from(months).expect("years after 0");
    let mut its = Rng::of(world.hash(96, which));
    let to = about
        .first_of_month()
        .checked_add(Span::new().days(i64::from(its.between(0, 27))))
        .expect("before 2101");
    let from =
        to.checked_sub(Span::new().days(i64::from(its.between(6, 28)))).expect("long after year 1");
    let hours = *its.pick(&[40_u8, 56, 80, 120]);
    let attended = if completed { hours - hours / 20 } else { hours / 3 };
    let mut placed = None;
    if completed && course != Course::Farming && rng.chance(0.78) {
        let day =
            to.checked_add(Span::new().days(i64::from(rng.between(3, 150)))).expect("before 2101");
        placed = Some(day).filter(|d| *d < as_of);
    }
    // What goes wrong has chance of its own, so that the world is else the same.
    let mut wrong = Rng::of(world.hash(97, person) ^ u64::from(which));
    let given_away = completed && wrong.chance(0.03);
    let seen = if given_away { hours / 5 } else { attended };
    // Whoever keeps day sheets may write what he likes into the list; else the list itself shows it.
    let recent = to.until(as_of).is_ok_and(|s| s.get_days() <= 365);
    let written = if given_away && recent && wrong.chance(0.5) { attended } else { seen };
    let ended = placed
        .filter(|_| wrong.chance(0.06))
        .map(|day| day + Span::new().days(i64::from(wrong.between(20, 150))))
        // Not at the edge of the two years for which work is followed.
        .filter(|end| *end + Span::new().days(600) > as_of)
        .filter(|end| *end < as_of && known_gone(placed, *end, as_of));
    Session {
        person,
        course,
        subject,
        number: u8::try_from(about.month()).expect("1 to 12"),
        from,
        to,
        hours,
        attended: seen,
        written,
        completed,
        given_away,
        placed,
        ended,
    }
}

/// Whether half a year and three weeks have gone since a job began: only then somebody has surely looked.
fn known_gone(began: Option<Date>, ended: Date, as_of: Date) -> bool {
    began.is_some_and(|day| {
        ended < day + Span::new().days(160) && day + Span::new().days(206) < as_of
    })
}

/// Households with somebody trained twice within three years while a household of their village that is owed a trained member
/// has none.
pub(crate) fn twice(world: &World) -> BTreeSet<u32> {
    let villages: BTreeSet<u16> =
        world.untrained.iter().map(|h| world.households[*h as usize].village).collect();
    let mut taken: BTreeMap<u32, BTreeSet<(Date, Course, &str)>> = BTreeMap::new();
    for s in world.sessions.iter().filter(|s| s.completed) {
        taken.entry(s.person).or_default().insert((s.from, s.course, s.subject));
    }
    let mut found = BTreeSet::new();
    for (person, sessions) in taken {
        let home = world.persons[person as usize].household;
        let dates: Vec<Date> = sessions.iter().map(|(from, ..)| *from).collect();
        let soon = dates.windows(2).any(|d| d[1] < d[0] + Span::new().years(3));
        if soon
            && is_followed(world, home, world.order.as_of)
            && villages.contains(&world.households[home as usize].village)
        {
            found.insert(home);
        }
    }
    found
}

/// Who worked after a course, no more than half a year, and works nowhere now.
pub(crate) fn out_of_work(world: &World) -> BTreeSet<u32> {
    let mut jobs: BTreeMap<u32, Vec<(Date, Option<Date>)>> = BTreeMap::new();
    for s in &world.sessions {
        if let Some(began) = s.placed {
            jobs.entry(s.person).or_default().push((began, s.ended));
        }
    }
    jobs.into_iter()
        .filter(|(_, jobs)| {
            let last = jobs.iter().map(|(_, ended)| ended.unwrap_or(Date::MAX)).max();
            last.is_some_and(|end| end < Date::MAX)
        })
        .map(|(person, _)| person)
        .collect()
}

/// Sends one member of most poor households to a course; gives the sessions by person, and the households with none trained.
pub(crate) fn train(world: &World) -> (Vec<Session>, Vec<u32>) {
    let (mut sessions, mut untrained) = (Vec::new(), Vec::new());
    for h in 0..u32::try_from(world.households.len()).expect("below 2^32 households") {
        let mut rng = Rng::of(world.hash(95, h));
        let able: Vec<u32> = world.members(h).filter(|p| world.is_able(*p)).collect();
        if able.is_empty() {
            continue;
        }
        let from = sessions.len();
        if !is_followed(world, h, world.order.as_of) {
            if rng.chance(0.012) {
                sessions.push(session(world, *rng.pick(&able), true, &mut rng));
            }
            continue;
        }
        let failed = if rng.chance(0.885) {
            sessions.push(session(world, *rng.pick(&able), true, &mut rng));
            rng.chance(0.03)
        } else {
            rng.chance(0.35)
        };
        if failed {
            sessions.push(session(world, *rng.pick(&able), false, &mut rng));
        }
        if sessions.len() > from && rng.chance(0.1) {
            let again = sessions[from].person;
            let other = session(world, again, sessions[from].completed, &mut rng);
            sessions.push(other);
        }
        let trained = sessions[from..].iter().any(|s| s.completed);
        if !trained && !world.members(h).any(|p| world.learns_a_trade(p)) {
            untrained.push(h);
        }
    }
    (sessions, untrained)
}
