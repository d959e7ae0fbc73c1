//! Sessions and attendance: persons and person-times apart, and what of it does not hold.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::Rules;
use crate::ability::months_between;
use crate::coding::OccupationCode;

/// 期次: a session of a course.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Who gave it; any number.
    pub provider: u64,
    /// Its programme: key of a list that the county keeps.
    pub programme: u32,
    /// What it trains for.
    pub occupation: Option<OccupationCode>,
    /// 技能等级: 5 (初级工) to 1; 0 where there is none.
    pub skill_level: u8,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// Hours in all.
    pub hours: Option<u32>,
}

/// Somebody in a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trainee {
    /// The session: a position.
    pub session: usize,
    /// The person by the register.
    pub person: u64,
    /// Their household.
    pub household: Option<u64>,
    /// Their village.
    pub village: Option<u64>,
    /// Hours attended; `None`: not on file.
    pub attended: Option<u32>,
    /// 结业; `None`: not on file.
    pub completed: Option<bool>,
    /// Whether there is a certificate.
    pub is_certified: bool,
    /// Whether a subsidy was paid.
    pub is_subsidised: bool,
}

/// What does not hold about a trainee, or is worth a question.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doubt {
    /// A certificate, and not an hour attended.
    CertificateWithoutAttendance,
    /// A certificate or completion, and less than the programme's share of hours.
    AttendanceBelow {
        /// Hours attended.
        attended: u32,
        /// Hours that would have been enough.
        wanted: u32,
    },
    /// More hours than the session had.
    MoreHours {
        /// Hours attended.
        attended: u32,
        /// Hours of the session.
        hours: u32,
    },
    /// A certificate without a word about attendance.
    AttendanceUnknown,
    /// Two sessions on the same days: another trainee row.
    Overlap {
        /// The other row.
        other: usize,
    },
    /// Twice in the same session.
    TwiceInOne {
        /// The other row.
        other: usize,
    },
    /// Trained again while households of the same village never were.
    Again {
        /// The earlier row.
        before: usize,
        /// Households of the village with labour and nobody trained.
        never: u32,
    },
    /// Subsidised more often in a year than may be.
    SubsidyTwice {
        /// The earlier row.
        before: usize,
    },
    /// Subsidised for the same occupation and level before.
    SameSkill {
        /// The earlier row.
        before: usize,
    },
    /// More subsidies in all than may be.
    SubsidyOften {
        /// How many, this one included.
        times: u32,
    },
}

impl Doubt {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::CertificateWithoutAttendance => "certificate_without_attendance",
            Self::AttendanceBelow { .. } => "attendance_below",
            Self::MoreHours { .. } => "more_hours",
            Self::AttendanceUnknown => "attendance_unknown",
            Self::Overlap { .. } => "overlap",
            Self::TwiceInOne { .. } => "twice_in_one",
            Self::Again { .. } => "trained_again",
            Self::SubsidyTwice { .. } => "subsidy_twice",
            Self::SameSkill { .. } => "same_skill",
            Self::SubsidyOften { .. } => "subsidy_often",
        }
    }

    /// The Chinese term.
    pub const fn chinese(&self) -> &'static str {
        match self {
            Self::CertificateWithoutAttendance => "有证没上课",
            Self::AttendanceBelow { .. } => "出勤不足",
            Self::MoreHours { .. } => "出勤多过课时",
            Self::AttendanceUnknown => "有证没登记出勤",
            Self::Overlap { .. } => "同一天上两个班",
            Self::TwiceInOne { .. } => "一个班里登记两次",
            Self::Again { .. } => "重复培训而邻户从未",
            Self::SubsidyTwice { .. } => "一年补贴超次",
            Self::SameSkill { .. } => "同一职业等级重复补贴",
            Self::SubsidyOften { .. } => "补贴总次数超限",
        }
    }
}

/// A doubt about a row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The row: a position in the trainees.
    pub trainee: usize,
    /// What it is.
    pub doubt: Doubt,
}

/// Persons and person-times apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// 期: sessions that somebody attended.
    pub sessions: usize,
    /// 人次: rows.
    pub person_times: usize,
    /// 人: people.
    pub persons: usize,
    /// 户: households.
    pub households: usize,
    /// 结业人次
    pub completed: usize,
    /// 取证人次
    pub certified: usize,
}

/// What sessions and attendance come to, and what of it does not hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judged {
    /// All programmes together.
    pub all: Counts,
    /// By programme.
    pub programmes: BTreeMap<u32, Counts>,
    /// In the order of rows.
    pub findings: Vec<Finding>,
}

/// Counts trainees and says what does not hold; `never`: for each village its households with labour and nobody trained
/// ([`crate::household::State::Untrained`]).
///
/// # Panics
/// If a trainee is of no session.
pub fn judge(
    rules: &Rules,
    sessions: &[Session],
    trainees: &[Trainee],
    never: &BTreeMap<u64, u32>,
) -> Judged {
    let mut judged = Judged { all: counts(trainees.iter()), ..Judged::default() };
    let mut by_programme: BTreeMap<u32, Vec<&Trainee>> = BTreeMap::new();
    let mut by_person: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    for (at, trainee) in trainees.iter().enumerate() {
        by_programme.entry(sessions[trainee.session].programme).or_default().push(trainee);
        by_person.entry(trainee.person).or_default().push(at);
        judged.findings.extend(
            attendance(rules, &sessions[trainee.session], trainee)
                .map(|doubt| Finding { trainee: at, doubt }),
        );
    }
    for (programme, rows) in by_programme {
        judged.programmes.insert(programme, counts(rows.into_iter()));
    }
    for rows in by_person.values_mut().filter(|rows| rows.len() > 1) {
        // Of two rows about one session the one that was paid for counts.
        let when = |at: &usize| {
            let row = &trainees[*at];
            (sessions[row.session].from, row.session, !row.is_subsidised, *at)
        };
        rows.sort_by_key(when);
        together(rules, sessions, trainees, never, rows, &mut judged.findings);
    }
    judged.findings.sort();
    judged
}

/// Persons and person-times of some rows.
pub fn counts<'a>(trainees: impl Iterator<Item = &'a Trainee>) -> Counts {
    let (mut sessions, mut persons) = (BTreeSet::new(), BTreeSet::new());
    let mut households = BTreeSet::new();
    let mut counts = Counts::default();
    for trainee in trainees {
        sessions.insert(trainee.session);
        persons.insert(trainee.person);
        households.extend(trainee.household);
        counts.person_times += 1;
        counts.completed += usize::from(trainee.completed == Some(true));
        counts.certified += usize::from(trainee.is_certified);
    }
    counts.sessions = sessions.len();
    counts.persons = persons.len();
    counts.households = households.len();
    counts
}

fn attendance(rules: &Rules, session: &Session, trainee: &Trainee) -> Option<Doubt> {
    let passed = trainee.is_certified || trainee.completed == Some(true);
    let Some(attended) = trainee.attended else {
        return trainee.is_certified.then_some(Doubt::AttendanceUnknown);
    };
    if attended == 0 && trainee.is_certified {
        return Some(Doubt::CertificateWithoutAttendance);
    }
    let hours = session.hours.filter(|hours| *hours > 0)?;
    if attended > hours {
        return Some(Doubt::MoreHours { attended, hours });
    }
    let row = rules.training(session.to)?;
    let wanted = u64::from(hours) * u64::from(row.least_percent);
    let wanted = u32::try_from(wanted.div_ceil(100)).expect("no more than all hours");
    (passed && attended < wanted).then_some(Doubt::AttendanceBelow { attended, wanted })
}

/// What rows of one person, in the order of time, say together.
fn together(
    rules: &Rules,
    sessions: &[Session],
    trainees: &[Trainee],
    never: &BTreeMap<u64, u32>,
    rows: &[usize],
    findings: &mut Vec<Finding>,
) {
    let session = |at: usize| &sessions[trainees[at].session];
    for (n, &at) in rows.iter().enumerate() {
        let here = session(at);
        let mut find = |doubt| findings.push(Finding { trainee: at, doubt });
        let earlier = &rows[..n];
        let same = earlier.iter().copied().find(|e| trainees[*e].session == trainees[at].session);
        if let Some(other) = same {
            find(Doubt::TwiceInOne { other });
            continue;
        }
        let overlapping = earlier.iter().copied().find(|e| session(*e).to >= here.from);
        if let Some(other) = overlapping {
            find(Doubt::Overlap { other });
        }
        let Some(row) = rules.training(here.from) else { continue };
        let recent = |e: &usize| {
            months_between(session(*e).from, here.from) < row.again_years.saturating_mul(12)
        };
        let untrained = trainees[at].village.and_then(|v| never.get(&v)).copied().unwrap_or(0);
        if let Some(before) = earlier.iter().copied().rev().find(recent)
            && untrained > 0
        {
            find(Doubt::Again { before, never: untrained });
        }
        if !trainees[at].is_subsidised {
            continue;
        }
        let paid: Vec<usize> =
            earlier.iter().copied().filter(|e| trainees[*e].is_subsidised).collect();
        let this_year: Vec<usize> =
            paid.iter().copied().filter(|e| session(*e).from.year() == here.from.year()).collect();
        if this_year.len() >= row.subsidies_a_year as usize
            && let Some(&before) = this_year.last()
        {
            find(Doubt::SubsidyTwice { before });
        }
        let same = paid.iter().copied().find(|e| {
            here.occupation.is_some()
                && session(*e).occupation == here.occupation
                && session(*e).skill_level == here.skill_level
        });
        if let Some(before) = same {
            find(Doubt::SameSkill { before });
        }
        let times = u32::try_from(paid.len() + 1).expect("a person has few rows");
        if times > row.subsidies_in_all {
            find(Doubt::SubsidyOften { times });
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn session(from: Date, days: i32) -> Session {
        Session {
            provider: 1,
            programme: 1,
            occupation: "4-10-01-01".parse().ok(),
            skill_level: 5,
            from,
            to: from.saturating_add(jiff::Span::new().days(days)),
            hours: Some(80),
        }
    }

    fn trainee(session: usize, person: u64) -> Trainee {
        Trainee {
            session,
            person,
            household: Some(person / 10),
            village: Some(7),
            attended: Some(80),
            completed: Some(true),
            is_certified: true,
            is_subsidised: false,
        }
    }

    fn doubts(sessions: &[Session], trainees: &[Trainee], never: u32) -> Vec<(usize, Doubt)> {
        let never = BTreeMap::from([(7, never)]);
        let judged = judge(&Rules::builtin(), sessions, trainees, &never);
        judged.findings.into_iter().map(|f| (f.trainee, f.doubt)).collect()
    }

    #[test]
    fn persons_and_person_times_are_kept_apart() {
        let sessions = [session(date(2024, 3, 1), 10), session(date(2024, 6, 1), 10)];
        let trainees = [trainee(0, 11), trainee(1, 11), trainee(0, 12), trainee(0, 21)];
        let judged = judge(&Rules::builtin(), &sessions, &trainees, &BTreeMap::new());
        let all = judged.all;
        assert_eq!((all.sessions, all.person_times, all.persons, all.households), (2, 4, 3, 2));
        assert_eq!(judged.programmes[&1], all);
    }

    #[test]
    fn what_does_not_hold_is_found() {
        let sessions = [session(date(2024, 3, 1), 10), session(date(2024, 3, 5), 10)];
        let with = |change: fn(&mut Trainee)| {
            let mut trainee = trainee(0, 11);
            change(&mut trainee);
            doubts(&sessions, &[trainee], 0)
        };
        assert_eq!(with(|_| ()), []);
        let none = with(|t| t.attended = Some(0));
        assert_eq!(none, [(0, Doubt::CertificateWithoutAttendance)]);
        let few = with(|t| t.attended = Some(63));
        assert_eq!(few, [(0, Doubt::AttendanceBelow { attended: 63, wanted: 64 })]);
        assert_eq!(with(|t| t.attended = Some(64)), []);
        let many = with(|t| t.attended = Some(81));
        assert_eq!(many, [(0, Doubt::MoreHours { attended: 81, hours: 80 })]);
        assert_eq!(with(|t| t.attended = None), [(0, Doubt::AttendanceUnknown)]);
        let left = with(|t| {
            (t.attended, t.completed, t.is_certified) = (Some(0), Some(false), false);
        });
        assert_eq!(left, []);
        let two = doubts(&sessions, &[trainee(0, 11), trainee(1, 11)], 3);
        let again = Doubt::Again { before: 0, never: 3 };
        assert_eq!(two, [(1, Doubt::Overlap { other: 0 }), (1, again)]);
        assert_eq!(doubts(&sessions, &[trainee(0, 11), trainee(1, 11)], 0).len(), 1);
        let twice = doubts(&sessions, &[trainee(0, 11), trainee(0, 11)], 3);
        assert_eq!(twice, [(1, Doubt::TwiceInOne { other: 0 })]);
    }

    #[test]
    fn a_subsidy_is_paid_once_a_year_once_a_skill_and_three_times_in_all() {
        let mut sessions: Vec<Session> = [(2021, 3), (2021, 9), (2022, 3), (2023, 3), (2024, 3)]
            .map(|(year, month)| session(date(year, month, 1), 10))
            .into();
        for (at, session) in (0..).zip(&mut sessions).skip(1) {
            session.occupation = crate::coding::OccupationCode::of_number(4_100_101 + at);
        }
        sessions[4].occupation = sessions[0].occupation;
        let rows: Vec<Trainee> =
            (0..5).map(|at| Trainee { is_subsidised: true, ..trainee(at, 11) }).collect();
        assert_eq!(
            doubts(&sessions, &rows, 0),
            [
                (1, Doubt::SubsidyTwice { before: 0 }),
                (3, Doubt::SubsidyOften { times: 4 }),
                (4, Doubt::SameSkill { before: 0 }),
                (4, Doubt::SubsidyOften { times: 5 }),
            ]
        );
    }

    proptest! {
        /// The order of rows changes no count and no number of doubts.
        #[test]
        fn the_order_of_rows_does_not_matter(
            rows in prop::collection::vec((0..6_usize, 0..5_u64, 0..90_u32, any::<bool>()), 0..20),
            turn in 0..20_usize,
        ) {
            let sessions: Vec<Session> =
                (0..6).map(|n| session(date(2024, 1 + n, 1), 40)).collect();
            let all: Vec<Trainee> = rows
                .iter()
                .map(|&(at, person, attended, is_subsidised)| Trainee {
                    attended: Some(attended),
                    is_subsidised,
                    ..trainee(at, person)
                })
                .collect();
            let mut turned = all.clone();
            turned.rotate_left(turn.min(all.len()));
            let never = BTreeMap::from([(7, 2)]);
            let rules = Rules::builtin();
            let (a, b) = (judge(&rules, &sessions, &all, &never), judge(&rules, &sessions, &turned, &never));
            prop_assert_eq!(a.all, b.all);
            prop_assert_eq!(a.programmes, b.programmes);
            let kinds = |j: &Judged| {
                let mut k: Vec<_> = j.findings.iter().map(|f| f.doubt.code()).collect();
                k.sort_unstable();
                k
            };
            prop_assert_eq!(kinds(&Judged { findings: a.findings, ..Judged::default() }),
                kinds(&Judged { findings: b.findings, ..Judged::default() }));
        }
    }
}
