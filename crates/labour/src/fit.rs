//! Who suits which vacancy, and why not: points by the rules of [`Rules::fit`], for `plan::jobs` to match by.

use std::collections::BTreeMap;

use crate::ability::Ability;
use crate::coding::{Level, OccupationCode};
use crate::rules::{FitPoints, Near, Rules};

/// Somebody who looks for work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seeker {
    /// What they can do: trades worked in and trained for.
    pub skills: Vec<OccupationCode>,
    /// Of those: trades with a certificate.
    pub certified: Vec<OccupationCode>,
    /// What they wish; empty: anything.
    pub wishes: Vec<OccupationCode>,
    /// Yuan a month that they want at least.
    pub wage: Option<u32>,
    /// How much they can do.
    pub ability: Ability,
    /// Whole years.
    pub years: Option<u16>,
    /// Whether care keeps them at home.
    pub is_tied: bool,
    /// 脱贫户、监测户: placed first where a vacancy is for them.
    pub has_priority: bool,
    /// Minutes beyond which they do not go; `None`: as the rules say.
    pub most_minutes: Option<u32>,
}

/// Work that is offered: a vacancy, a workshop, a public-service post.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each says another thing about the work")]
pub struct Vacancy {
    /// What it is.
    pub occupation: OccupationCode,
    /// How many.
    pub seats: u32,
    /// Yuan a month.
    pub wage: Option<u32>,
    /// Whether only somebody with a certificate may do it.
    pub needs_certificate: bool,
    /// Least ability that it takes: [`Ability::Weak`] and below is light work.
    pub least_ability: Ability,
    /// Least and greatest age, where the law allows one.
    pub years: Option<(u16, u16)>,
    /// Hours that leave time for care, or work taken home.
    pub is_flexible: bool,
    /// 扶贫车间、公益性岗位: for lifted and monitored households.
    pub is_reserved: bool,
    /// Board and lodging: the way is not gone every day.
    pub has_lodging: bool,
}

/// Why two suit each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// The skill, at this level.
    Skill(Level),
    /// A certificate for it.
    Certified,
    /// The wish, at this level.
    Wish(Level),
    /// Minutes of the way.
    Minutes(u32),
    /// Near home.
    Near,
    /// Yuan a month more than wanted, or less.
    Wage(i64),
    /// Hours for who cares for somebody.
    Flexible,
    /// Light work for who can do no other.
    Light,
    /// Meant for households like theirs.
    Priority,
}

impl Fit {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Skill(_) => "skill",
            Self::Certified => "certified",
            Self::Wish(_) => "wish",
            Self::Minutes(_) => "minutes",
            Self::Near => "near",
            Self::Wage(_) => "wage",
            Self::Flexible => "flexible",
            Self::Light => "light",
            Self::Priority => "priority",
        }
    }
}

/// Why two cannot be matched; the first that holds, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bar {
    /// 没有名额
    NoSeat,
    /// 劳动能力不够
    Ability,
    /// 年龄不合
    Age,
    /// 没有证
    Certificate,
    /// 要留在家照料: too far for who cares, and the hours are fixed.
    Care,
    /// 太远
    TooFar,
    /// 没有路: no way is known.
    NoWay,
    /// 工资太低
    Wage,
    /// 技能和意愿都不合
    NoSkill,
}

impl Bar {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoSeat => "no_seat",
            Self::Ability => "ability",
            Self::Age => "age",
            Self::Certificate => "certificate",
            Self::Care => "care",
            Self::TooFar => "too_far",
            Self::NoWay => "no_way",
            Self::Wage => "wage",
            Self::NoSkill => "no_skill",
        }
    }

    /// The Chinese term.
    pub const fn chinese(self) -> &'static str {
        match self {
            Self::NoSeat => "没有名额",
            Self::Ability => "劳动能力不够",
            Self::Age => "年龄不合",
            Self::Certificate => "没有证书",
            Self::Care => "要留在家照料",
            Self::TooFar => "太远",
            Self::NoWay => "没有路",
            Self::Wage => "工资太低",
            Self::NoSkill => "技能和意愿都不合",
        }
    }
}

/// Points of a pair on both sides, with their reasons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Points {
    /// What it is worth to the person.
    pub person: i64,
    /// What it is worth to the employer.
    pub employer: i64,
    /// Why, with the points of each.
    pub why: Vec<(Fit, i64)>,
}

/// How two suit each other; `minutes`: the way to work, `None` where there is none.
///
/// Skill counts for the employer, skill's certificate and priority too; wish, way, wage and hours for the person. Work that
/// needs no skill (least ability below normal, no certificate) is open to everybody.
///
/// # Errors
/// The first [`Bar`].
pub fn fit(
    rules: &Rules,
    seeker: &Seeker,
    vacancy: &Vacancy,
    minutes: Option<u32>,
) -> Result<Points, Bar> {
    let points = &rules.fit;
    if vacancy.seats == 0 {
        return Err(Bar::NoSeat);
    }
    if seeker.ability < vacancy.least_ability.max(Ability::Half) {
        return Err(Bar::Ability);
    }
    let fits_age =
        |years| vacancy.years.is_none_or(|(least, most)| (least..=most).contains(&years));
    if !seeker.years.is_none_or(fits_age) {
        return Err(Bar::Age);
    }
    let is_certified = nearest(&seeker.certified, vacancy.occupation) >= Some(Level::Minor);
    if vacancy.needs_certificate && !is_certified {
        return Err(Bar::Certificate);
    }
    let minutes = minutes.ok_or(Bar::NoWay)?;
    let most = seeker.most_minutes.unwrap_or(points.most_minutes);
    if seeker.is_tied && !vacancy.is_flexible && minutes > points.near_minutes {
        return Err(Bar::Care);
    }
    if minutes > most && (!vacancy.has_lodging || seeker.is_tied) {
        return Err(Bar::TooFar);
    }
    if let (Some(wanted), Some(offered)) = (seeker.wage, vacancy.wage)
        && u64::from(offered) * 100 < u64::from(wanted) * u64::from(points.least_percent)
    {
        return Err(Bar::Wage);
    }
    let skill = nearest(&seeker.skills, vacancy.occupation);
    let wish = nearest(&seeker.wishes, vacancy.occupation);
    let is_open = vacancy.least_ability < Ability::Normal && !vacancy.needs_certificate;
    if skill.is_none() && wish.is_none() && !is_open {
        return Err(Bar::NoSkill);
    }
    Ok(weigh(points, seeker, vacancy, minutes, (skill, wish, is_certified)))
}

fn weigh(
    points: &FitPoints,
    seeker: &Seeker,
    vacancy: &Vacancy,
    minutes: u32,
    (skill, wish, is_certified): (Option<Level>, Option<Level>, bool),
) -> Points {
    let mut found = Points { person: 0, employer: 0, why: Vec::new() };
    if let Some(level) = skill {
        let n = near_points(&points.skill, level);
        found.employer += n;
        found.why.push((Fit::Skill(level), n));
    }
    if is_certified {
        found.employer += points.certified;
        found.why.push((Fit::Certified, points.certified));
    }
    if vacancy.is_reserved && seeker.has_priority {
        found.employer += points.priority;
        found.why.push((Fit::Priority, points.priority));
    }
    let mut person = |fit: Fit, n: i64| {
        if n != 0 {
            found.person += n;
            found.why.push((fit, n));
        }
    };
    if let Some(level) = wish {
        person(Fit::Wish(level), near_points(&points.wish, level));
    }
    // With lodging the way is gone once a week.
    let each_day = if vacancy.has_lodging { minutes / 5 } else { minutes };
    person(Fit::Minutes(minutes), -points.minutes_each_ten * i64::from(each_day) / 10);
    if minutes <= points.near_minutes {
        person(Fit::Near, points.near);
    }
    if let (Some(wanted), Some(offered)) = (seeker.wage, vacancy.wage) {
        let more = i64::from(offered) - i64::from(wanted);
        let each = if more < 0 { points.wage_less } else { points.wage_more };
        person(Fit::Wage(more), (more / 100 * each).clamp(-points.wage_most, points.wage_most));
    }
    if seeker.is_tied && vacancy.is_flexible {
        person(Fit::Flexible, points.flexible);
    }
    if seeker.ability < Ability::Normal && vacancy.least_ability < Ability::Normal {
        person(Fit::Light, points.light);
    }
    found
}

fn near_points(near: &Near, level: Level) -> i64 {
    match level {
        Level::Unit => near.unit,
        Level::Minor => near.minor,
        Level::Middle => near.middle,
        Level::Major => 0,
    }
}

/// The lowest level at which one of the codes is in the same group, from 中类 down.
fn nearest(codes: &[OccupationCode], wanted: OccupationCode) -> Option<Level> {
    let level = |code: &OccupationCode| {
        [Level::Unit, Level::Minor, Level::Middle].into_iter().find(|level| {
            // A code that is a group itself agrees with all of the group at that level and no lower.
            code.level() >= *level
                && wanted.level() >= *level
                && code.at(*level) == wanted.at(*level)
        })
    };
    codes.iter().filter_map(level).max()
}

/// A vacancy that somebody may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The vacancy: a position.
    pub vacancy: u32,
    /// What it is worth to the person.
    pub person: i64,
    /// What it is worth to the employer.
    pub employer: i64,
}

/// What somebody may have, the best first, and what bars them from the rest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    /// At most so many as were asked for, by both sides' points together.
    pub candidates: Vec<Candidate>,
    /// For each bar the number of vacancies.
    pub bars: BTreeMap<Bar, u32>,
}

/// Choices of all seekers; `minutes(seeker, vacancy)`. Takes seekers × vacancies, on all cores.
pub fn choices(
    rules: &Rules,
    seekers: &[Seeker],
    vacancies: &[Vacancy],
    minutes: impl Fn(usize, usize) -> Option<u32> + Sync,
    most: usize,
) -> Vec<Choices> {
    use rayon::prelude::*;
    let of = |(at, seeker): (usize, &Seeker)| {
        let mut choices = Choices::default();
        for (n, (to, vacancy)) in (0_u32..).zip(vacancies.iter().enumerate()) {
            match fit(rules, seeker, vacancy, minutes(at, to)) {
                Ok(points) => choices.candidates.push(Candidate {
                    vacancy: n,
                    person: points.person,
                    employer: points.employer,
                }),
                Err(bar) => *choices.bars.entry(bar).or_default() += 1,
            }
        }
        let rank = |c: &Candidate| (std::cmp::Reverse(c.person + c.employer), c.vacancy);
        choices.candidates.sort_unstable_by_key(rank);
        choices.candidates.truncate(most);
        choices
    };
    seekers.par_iter().enumerate().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> OccupationCode {
        text.parse().unwrap()
    }

    fn seeker() -> Seeker {
        Seeker {
            skills: vec![code("6-29-01-01")],
            certified: Vec::new(),
            wishes: vec![code("6-31-01-03")],
            wage: Some(3_000),
            ability: Ability::Normal,
            years: Some(40),
            is_tied: false,
            has_priority: true,
            most_minutes: None,
        }
    }

    fn vacancy() -> Vacancy {
        Vacancy {
            occupation: code("6-29-01-04"),
            seats: 3,
            wage: Some(3_500),
            needs_certificate: false,
            least_ability: Ability::Normal,
            years: None,
            is_flexible: false,
            is_reserved: false,
            has_lodging: false,
        }
    }

    #[test]
    fn points_have_their_reasons_and_add_up() {
        let rules = Rules::builtin();
        let found = fit(&rules, &seeker(), &vacancy(), Some(40)).unwrap();
        let wanted = [(Fit::Skill(Level::Minor), 30), (Fit::Minutes(40), -16), (Fit::Wage(500), 5)];
        assert_eq!(found.why, wanted);
        assert_eq!((found.person, found.employer), (-11, 30));
        let light = Vacancy {
            occupation: code("4-09-08-01"),
            least_ability: Ability::Half,
            is_flexible: true,
            is_reserved: true,
            ..vacancy()
        };
        let tied = Seeker { is_tied: true, ability: Ability::Weak, ..seeker() };
        let found = fit(&rules, &tied, &light, Some(10)).unwrap();
        let codes: Vec<&str> = found.why.iter().map(|(fit, _)| fit.code()).collect();
        assert_eq!(codes, ["priority", "minutes", "near", "wage", "flexible", "light"]);
        assert_eq!(found.person + found.employer, found.why.iter().map(|w| w.1).sum::<i64>());
    }

    #[test]
    fn what_bars_is_said() {
        let rules = Rules::builtin();
        let bar = |seeker: &Seeker, vacancy: &Vacancy, minutes| {
            fit(&rules, seeker, vacancy, minutes).unwrap_err()
        };
        let (s, v) = (seeker(), vacancy());
        assert_eq!(bar(&s, &Vacancy { seats: 0, ..v.clone() }, Some(1)), Bar::NoSeat);
        assert_eq!(bar(&Seeker { ability: Ability::Weak, ..s.clone() }, &v, Some(1)), Bar::Ability);
        let young = Vacancy { years: Some((18, 35)), ..v.clone() };
        assert_eq!(bar(&s, &young, Some(1)), Bar::Age);
        let certified = Vacancy { needs_certificate: true, ..v.clone() };
        assert_eq!(bar(&s, &certified, Some(1)), Bar::Certificate);
        assert_eq!(bar(&s, &v, None), Bar::NoWay);
        assert_eq!(bar(&Seeker { is_tied: true, ..s.clone() }, &v, Some(31)), Bar::Care);
        assert_eq!(bar(&s, &v, Some(91)), Bar::TooFar);
        assert!(fit(&rules, &s, &Vacancy { has_lodging: true, ..v.clone() }, Some(300)).is_ok());
        assert_eq!(bar(&s, &Vacancy { wage: Some(1_700), ..v.clone() }, Some(1)), Bar::Wage);
        let other = Vacancy { occupation: code("2-08-02-01"), ..v };
        assert_eq!(bar(&s, &other, Some(1)), Bar::NoSkill);
    }

    #[test]
    fn choices_are_the_best_first_and_bars_are_counted() {
        let rules = Rules::builtin();
        let near = vacancy();
        let better = Vacancy { wage: Some(4_000), ..near.clone() };
        let no = Vacancy { seats: 0, ..near.clone() };
        let all = choices(&rules, &[seeker()], &[near, better, no], |_, _| Some(10), 5);
        let order: Vec<u32> = all[0].candidates.iter().map(|c| c.vacancy).collect();
        assert_eq!(order, [1, 0]);
        assert_eq!(all[0].bars, BTreeMap::from([(Bar::NoSeat, 1)]));
    }
}
