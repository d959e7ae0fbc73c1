//! 双线: who lives here and is of school age against who is enrolled anywhere, in both directions, with the evidence.
//!
//! [`check`] takes the two lists and what stands between them, column by column, and gives [`Finding`]s: children in no school,
//! children who left and are confirmed nowhere, double enrolments, ghosts, pupils in no register, exemptions without a
//! document. What counts as school age, and how long a receipt may take, are [`Rules`] read from `policies/cn/lines.toml`.
//! The rates of the yearly report are counted from the same lists, each with the persons behind it.

use std::collections::BTreeSet;

use fujiao_model::RulesError;
use jiff::civil::{Date, date};
use serde::Deserialize;

use crate::rules::{self, data_file};

/// Any number that is the same for the same person.
pub type Person = u64;

/// 人口、户籍: who lives here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Residents {
    /// Who.
    pub person: Vec<Person>,
    /// Day of birth; `None` is not on file.
    pub born: Vec<Option<Date>>,
    /// First day here; `None` is from birth, or not on file.
    pub since: Vec<Option<Date>>,
    /// Last day here: moved away for good, or died.
    pub until: Vec<Option<Date>>,
}

/// What kind of place somebody is enrolled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EnrolmentKind {
    /// A school of the county.
    County,
    /// A school elsewhere.
    Elsewhere,
    /// 特殊教育学校
    Special,
    /// 送教上门
    HomeTeaching,
}

/// 学籍: who is enrolled where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Enrolments {
    /// Who.
    pub person: Vec<Person>,
    /// Any number that is the same for the same school.
    pub school: Vec<u64>,
    /// What kind of place.
    pub kind: Vec<EnrolmentKind>,
    /// First day; `None` is not on file and counts as long ago.
    pub since: Vec<Option<Date>>,
    /// Last day; `None` is still enrolled.
    pub until: Vec<Option<Date>>,
    /// Days of lessons since the term began; `None` is not reported.
    pub days: Vec<Option<u32>>,
    /// Days on which they were present; `None` is not reported.
    pub present: Vec<Option<u32>>,
}

/// 转出、随父母外出: who went where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Departures {
    /// Who.
    pub person: Vec<Person>,
    /// The day.
    pub on: Vec<Date>,
    /// 转出 with papers to another school; else away with the parents.
    pub transfer: Vec<bool>,
    /// The day on which a school there confirmed that the child is enrolled.
    pub confirmed_on: Vec<Option<Date>>,
    /// The day of return.
    pub back_on: Vec<Option<Date>>,
}

/// Why somebody need not be in school.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExemptionKind {
    /// 延缓入学
    DeferredEntry,
    /// 休学
    Suspension,
    /// 残疾评估安置
    Disability,
}

/// 免予、延缓、休学: who need not be in school.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exemptions {
    /// Who.
    pub person: Vec<Person>,
    /// Why.
    pub kind: Vec<ExemptionKind>,
    /// First day.
    pub since: Vec<Date>,
    /// Last day; `None` is not on file.
    pub until: Vec<Option<Date>>,
    /// Whether the approval is on file.
    pub document: Vec<bool>,
}

/// 义务教育毕业: who has finished.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Graduates {
    /// Who.
    pub person: Vec<Person>,
    /// The day.
    pub on: Vec<Date>,
}

/// The lists of one county.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lists {
    /// Who lives here.
    pub residents: Residents,
    /// Who is enrolled.
    pub enrolments: Enrolments,
    /// Who went away.
    pub departures: Departures,
    /// Who is exempt.
    pub exemptions: Exemptions,
    /// Who has finished.
    pub graduates: Graduates,
}

/// A row of one of the lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// Of [`Lists::residents`].
    Resident(usize),
    /// Of [`Lists::enrolments`].
    Enrolment(usize),
    /// Of [`Lists::departures`].
    Departure(usize),
    /// Of [`Lists::exemptions`].
    Exemption(usize),
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Found {
    /// 失学: of age, and never enrolled.
    NeverEnrolled,
    /// 疑似辍学: of age, was enrolled, is no longer.
    Left {
        /// The last day of the last enrolment.
        on: Date,
    },
    /// 转出无回执: transferred, and no school confirmed in time.
    NoReceipt {
        /// The day of the transfer.
        on: Date,
    },
    /// 外出去向不明: away with the parents, and confirmed nowhere.
    Unconfirmed {
        /// Since when.
        since: Date,
    },
    /// 休学、缓学到期未返: an exemption ended, and no enrolment followed.
    ExemptionOver {
        /// Its last day.
        on: Date,
    },
    /// 双重学籍: enrolled in two schools.
    Double,
    /// 空挂学籍: enrolled, and never present.
    Ghost {
        /// Days of lessons.
        days: u32,
    },
    /// 在校无人口信息: of age, enrolled here, and in no register of residents.
    NoResident,
    /// 已离开或死亡仍有学籍: enrolled here after they left for good.
    GoneButEnrolled {
        /// Their last day here.
        on: Date,
    },
    /// 无批准文件: an exemption without its document. It does not excuse.
    NoDocument,
    /// 超期休学: longer than may be.
    TooLong {
        /// Days so far.
        days: i32,
    },
    /// 出生日期缺: nobody can say whether they are of age, and they are in no school.
    NoBirthday,
}

impl Found {
    /// Whether it says that a child of school age is in no school.
    pub const fn is_out_of_school(self) -> bool {
        matches!(
            self,
            Self::NeverEnrolled
                | Self::Left { .. }
                | Self::NoReceipt { .. }
                | Self::Unconfirmed { .. }
                | Self::ExemptionOver { .. }
        )
    }

    /// The word in the books.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NeverEnrolled => "never_enrolled",
            Self::Left { .. } => "left",
            Self::NoReceipt { .. } => "no_receipt",
            Self::Unconfirmed { .. } => "unconfirmed",
            Self::ExemptionOver { .. } => "exemption_over",
            Self::Double => "double",
            Self::Ghost { .. } => "ghost",
            Self::NoResident => "no_resident",
            Self::GoneButEnrolled { .. } => "gone_but_enrolled",
            Self::NoDocument => "no_document",
            Self::TooLong { .. } => "too_long",
            Self::NoBirthday => "no_birthday",
        }
    }

    /// The Chinese term.
    pub const fn chinese(self) -> &'static str {
        match self {
            Self::NeverEnrolled => "适龄未入学",
            Self::Left { .. } => "离校未再入学",
            Self::NoReceipt { .. } => "转出无接收回执",
            Self::Unconfirmed { .. } => "外出未确认就学",
            Self::ExemptionOver { .. } => "休学缓学到期未返",
            Self::Double => "双重学籍",
            Self::Ghost { .. } => "有学籍未到校",
            Self::NoResident => "在校无人口信息",
            Self::GoneButEnrolled { .. } => "已离开仍有学籍",
            Self::NoDocument => "缓学休学无批准文件",
            Self::TooLong { .. } => "休学超期",
            Self::NoBirthday => "出生日期缺、未见学籍",
        }
    }
}

/// One finding about one person.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Who.
    pub person: Person,
    /// What.
    pub found: Found,
    /// The rows that say so. A finding that something is missing has the rows that are there.
    pub evidence: Vec<Evidence>,
}

/// What counts, from a data file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Least age in years, on the day below.
    pub first_age: i16,
    /// Greatest age in years, on the day below.
    pub last_age: i16,
    /// Month and day of the school year on which age counts.
    pub age_on: (i8, i8),
    /// Days in which a transfer is to be confirmed.
    pub receipt_days: i32,
    /// Days in which it is to be confirmed where a child who went with the parents is enrolled.
    pub confirm_days: i32,
    /// Longest suspension in days.
    pub suspension_days: i32,
    /// Days of lessons after which never having been present is a finding.
    pub ghost_days: u32,
    /// Days for which two enrolments may overlap.
    pub overlap_days: i32,
}

data_file! {
    struct File {
        age: FileAge,
        days: FileDays,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileAge {
    first: i16,
    last: i16,
    on: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileDays {
    receipt: i32,
    confirm: i32,
    suspension: i32,
    ghost: u32,
    overlap: i32,
}

impl Rules {
    /// The file that comes with the program, `policies/cn/lines.toml`.
    pub const BUILTIN: &'static str = include_str!("../../../policies/cn/lines.toml");

    /// The rules that come with the program.
    pub fn builtin() -> Self {
        Self::read(Self::BUILTIN).expect("a test reads the file that comes with the program")
    }

    /// Reads a data file.
    ///
    /// # Errors
    /// [`RulesError`] with what is wrong.
    pub fn read(text: &str) -> Result<Self, RulesError> {
        let (file, mut faults): (File, _) = rules::read(text)?;
        let on = format!("2023-{}", file.age.on).parse::<Date>();
        let on = faults.keep(on.map_err(|_| "age.on 写每年都有的一天，如 08-31".to_owned()));
        if file.age.first < 0 || file.age.last < file.age.first || file.age.last > 30 {
            faults.say("age.first 不大于 age.last，都在 0 到 30 之间");
        }
        if [file.days.receipt, file.days.confirm, file.days.suspension, file.days.overlap]
            .iter()
            .any(|d| *d < 0)
        {
            faults.say("days 里的天数不小于零");
        }
        faults.end(on.map(|on| Self {
            first_age: file.age.first,
            last_age: file.age.last,
            age_on: (on.month(), on.day()),
            receipt_days: file.days.receipt,
            confirm_days: file.days.confirm,
            suspension_days: file.days.suspension,
            ghost_days: file.days.ghost,
            overlap_days: file.days.overlap,
        }))
    }

    /// Whether somebody is of compulsory age in the school year that runs on a day.
    pub fn is_of_age(&self, born: Date, as_of: Date) -> bool {
        // A school year begins the day after the day on which age counts.
        let (month, day) = self.age_on;
        let this = date(as_of.year(), month, day);
        let on = if as_of > this { this } else { date(as_of.year() - 1, month, day) };
        let had = (born.month(), born.day()) <= (month, day);
        let age = on.year() - born.year() - i16::from(!had);
        (self.first_age..=self.last_age).contains(&age)
    }
}

/// Rows of a list by person.
struct ByPerson(Vec<(Person, usize)>);

impl ByPerson {
    fn new(person: &[Person]) -> Self {
        let mut rows: Vec<(Person, usize)> =
            person.iter().enumerate().map(|(at, who)| (*who, at)).collect();
        rows.sort_unstable();
        Self(rows)
    }

    fn of(&self, who: Person) -> impl Iterator<Item = usize> + '_ {
        let from = self.0.partition_point(|(person, _)| *person < who);
        self.0[from..].iter().take_while(move |(person, _)| *person == who).map(|(_, at)| *at)
    }
}

fn runs(since: Option<Date>, until: Option<Date>, as_of: Date) -> bool {
    since.is_none_or(|since| since <= as_of) && until.is_none_or(|until| until >= as_of)
}

/// Days by which two enrolments overlap up to a day; those of one that has no end run on.
fn overlap(e: &Enrolments, a: usize, b: usize, as_of: Date) -> i32 {
    let from = match (e.since[a], e.since[b]) {
        (Some(a), Some(b)) => a.max(b),
        // Not on file counts as long ago.
        (Some(day), None) | (None, Some(day)) => day,
        (None, None) => return i32::MAX,
    };
    let to = [e.until[a], e.until[b], Some(as_of)].into_iter().flatten().min().expect("a day");
    (to - from).get_days()
}

struct Check<'a> {
    lists: &'a Lists,
    rules: &'a Rules,
    as_of: Date,
    residents: ByPerson,
    enrolments: ByPerson,
    departures: ByPerson,
    exemptions: ByPerson,
    graduates: ByPerson,
}

/// Sets the lists against each other on a day.
///
/// Findings come in the order of persons, then of [`Found`]. A person of whom the registers have several rows is looked at
/// once. Who has finished compulsory school is not looked for. Takes n log n for n rows.
pub fn check(lists: &Lists, rules: &Rules, as_of: Date) -> Vec<Finding> {
    let check = Check {
        lists,
        rules,
        as_of,
        residents: ByPerson::new(&lists.residents.person),
        enrolments: ByPerson::new(&lists.enrolments.person),
        departures: ByPerson::new(&lists.departures.person),
        exemptions: ByPerson::new(&lists.exemptions.person),
        graduates: ByPerson::new(&lists.graduates.person),
    };
    let everybody: BTreeSet<Person> =
        lists.residents.person.iter().chain(&lists.enrolments.person).copied().collect();
    let mut found = Vec::new();
    for person in everybody {
        check.person(person, &mut found);
    }
    found.sort();
    found
}

impl Check<'_> {
    fn person(&self, person: Person, found: &mut Vec<Finding>) {
        let Lists { residents, enrolments, .. } = self.lists;
        let mut say = |what: Found, evidence: Vec<Evidence>| {
            found.push(Finding { person, found: what, evidence });
        };
        let here: Vec<usize> = self.residents.of(person).collect();
        let enrolled: Vec<usize> = self.enrolments.of(person).collect();
        let running: Vec<usize> = enrolled
            .iter()
            .copied()
            .filter(|at| runs(enrolments.since[*at], enrolments.until[*at], self.as_of))
            .collect();
        self.enrolled_wrongly(&here, &running, &mut say);
        self.exempt_wrongly(person, &mut say);
        let lives =
            here.iter().any(|at| runs(residents.since[*at], residents.until[*at], self.as_of));
        if !lives || !running.is_empty() || self.is_excused(person) {
            return;
        }
        if self.graduates.of(person).any(|at| self.lists.graduates.on[at] <= self.as_of) {
            return;
        }
        let mut evidence: Vec<Evidence> = here.iter().copied().map(Evidence::Resident).collect();
        let born = here.iter().find_map(|at| residents.born[*at]);
        let Some(born) = born else {
            if enrolled.is_empty() {
                say(Found::NoBirthday, evidence);
            }
            return;
        };
        if !self.rules.is_of_age(born, self.as_of) {
            return;
        }
        if let Some(what) = self.why_out(person, &enrolled, &mut evidence) {
            say(what, evidence);
        }
    }

    /// Enrolled twice, never present, in no register, or gone.
    fn enrolled_wrongly(
        &self,
        here: &[usize],
        running: &[usize],
        say: &mut impl FnMut(Found, Vec<Evidence>),
    ) {
        let Lists { residents, enrolments, .. } = self.lists;
        'pairs: for (i, a) in running.iter().enumerate() {
            for b in &running[i + 1..] {
                if enrolments.school[*a] != enrolments.school[*b]
                    && overlap(enrolments, *a, *b, self.as_of) > self.rules.overlap_days
                {
                    say(Found::Double, running.iter().copied().map(Evidence::Enrolment).collect());
                    break 'pairs;
                }
            }
        }
        for at in running {
            if enrolments.kind[*at] == EnrolmentKind::HomeTeaching {
                continue;
            }
            if let (Some(days), Some(0)) = (enrolments.days[*at], enrolments.present[*at])
                && days >= self.rules.ghost_days
            {
                say(Found::Ghost { days }, vec![Evidence::Enrolment(*at)]);
            }
        }
        let in_county: Vec<usize> = running
            .iter()
            .copied()
            .filter(|at| enrolments.kind[*at] != EnrolmentKind::Elsewhere)
            .collect();
        if in_county.is_empty() {
            return;
        }
        let evidence = || in_county.iter().copied().map(Evidence::Enrolment);
        if here.is_empty() {
            say(Found::NoResident, evidence().collect());
        } else if here.iter().all(|at| residents.until[*at].is_some_and(|until| until < self.as_of))
        {
            let on = here.iter().filter_map(|at| residents.until[*at]).max().expect("all have one");
            let rows = here.iter().copied().map(Evidence::Resident);
            say(Found::GoneButEnrolled { on }, rows.chain(evidence()).collect());
        }
    }

    fn exempt_wrongly(&self, person: Person, say: &mut impl FnMut(Found, Vec<Evidence>)) {
        let exempt = &self.lists.exemptions;
        for at in self.exemptions.of(person) {
            if !runs(Some(exempt.since[at]), exempt.until[at], self.as_of) {
                continue;
            }
            if !exempt.document[at] {
                say(Found::NoDocument, vec![Evidence::Exemption(at)]);
            }
            let days = (self.as_of - exempt.since[at]).get_days();
            if exempt.kind[at] == ExemptionKind::Suspension && days > self.rules.suspension_days {
                say(Found::TooLong { days }, vec![Evidence::Exemption(at)]);
            }
        }
    }

    /// An exemption that runs, with its document, and not for longer than it may.
    fn is_excused(&self, person: Person) -> bool {
        let exempt = &self.lists.exemptions;
        self.exemptions.of(person).any(|at| {
            let days = (self.as_of - exempt.since[at]).get_days();
            runs(Some(exempt.since[at]), exempt.until[at], self.as_of)
                && exempt.document[at]
                && (exempt.kind[at] != ExemptionKind::Suspension
                    || days <= self.rules.suspension_days)
        })
    }

    /// Why a child of age, who lives here and is in no school, is in none; `None` if they are excused for now.
    fn why_out(
        &self,
        person: Person,
        enrolled: &[usize],
        evidence: &mut Vec<Evidence>,
    ) -> Option<Found> {
        let Lists { enrolments, departures, exemptions, .. } = self.lists;
        evidence.extend(enrolled.iter().copied().map(Evidence::Enrolment));
        let away = self
            .departures
            .of(person)
            .filter(|at| departures.on[*at] <= self.as_of)
            .filter(|at| departures.back_on[*at].is_none_or(|back| back > self.as_of))
            .max_by_key(|at| (departures.on[*at], *at));
        if let Some(at) = away {
            if departures.confirmed_on[at].is_some_and(|on| on <= self.as_of) {
                return None;
            }
            let on = departures.on[at];
            let days = (self.as_of - on).get_days();
            evidence.push(Evidence::Departure(at));
            return if departures.transfer[at] {
                (days > self.rules.receipt_days).then_some(Found::NoReceipt { on })
            } else {
                (days > self.rules.confirm_days).then_some(Found::Unconfirmed { since: on })
            };
        }
        let last = enrolled
            .iter()
            .filter_map(|at| enrolments.until[*at])
            .filter(|until| *until < self.as_of)
            .max();
        let over = self
            .exemptions
            .of(person)
            .filter_map(|at| exemptions.until[at].map(|until| (until, at)))
            .filter(|(until, _)| *until < self.as_of)
            .max();
        match (last, over) {
            (last, Some((on, at))) if last.is_none_or(|last| on >= last) => {
                evidence.push(Evidence::Exemption(at));
                Some(Found::ExemptionOver { on })
            }
            (Some(on), _) => Some(Found::Left { on }),
            (None, _) => Some(Found::NeverEnrolled),
        }
    }
}

/// A rate with the persons behind it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rate {
    /// Who counts above the line.
    pub above: Vec<Person>,
    /// Who counts below it.
    pub below: Vec<Person>,
}

/// 净入学率: residents of age who are enrolled, over residents of age. Who is suspended does not count as enrolled until they
/// return.
pub fn net_enrolment(lists: &Lists, rules: &Rules, as_of: Date) -> Rate {
    let enrolments = ByPerson::new(&lists.enrolments.person);
    let exemptions = ByPerson::new(&lists.exemptions.person);
    let r = &lists.residents;
    let of_age: BTreeSet<Person> = (0..r.person.len())
        .filter(|at| runs(r.since[*at], r.until[*at], as_of))
        .filter(|at| r.born[*at].is_some_and(|born| rules.is_of_age(born, as_of)))
        .map(|at| r.person[at])
        .collect();
    let e = &lists.enrolments;
    let x = &lists.exemptions;
    let enrolled = |person: &Person| {
        enrolments.of(*person).any(|at| runs(e.since[at], e.until[at], as_of))
            && !exemptions.of(*person).any(|at| {
                x.kind[at] == ExemptionKind::Suspension
                    && runs(Some(x.since[at]), x.until[at], as_of)
            })
    };
    Rate {
        above: of_age.iter().copied().filter(|p| enrolled(p)).collect(),
        below: of_age.into_iter().collect(),
    }
}

/// One cohort of compulsory school, from the first grade on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cohort {
    /// Who entered the first grade nine years before.
    pub entered: BTreeSet<Person>,
    /// Who came into the cohort since.
    pub came: BTreeSet<Person>,
    /// Who went to another county's school, with a receipt.
    pub went: BTreeSet<Person>,
    /// Who died.
    pub died: BTreeSet<Person>,
    /// Who graduated from junior school.
    pub graduated: BTreeSet<Person>,
}

/// 九年义务教育巩固率: who graduated, over who entered the first grade nine years before, with those who came and without those
/// who went with a receipt or died. Only members of the cohort count above the line.
pub fn consolidation(cohort: &Cohort) -> Rate {
    let gone = |p: &Person| cohort.went.contains(p) || cohort.died.contains(p);
    let below: BTreeSet<Person> =
        cohort.entered.union(&cohort.came).copied().filter(|p| !gone(p)).collect();
    Rate {
        above: below.intersection(&cohort.graduated).copied().collect(),
        below: below.into_iter().collect(),
    }
}

/// 辍学率: who left during the school year and did not return, over who was enrolled at its start.
pub fn dropout(enrolled_at_start: &BTreeSet<Person>, left: &BTreeSet<Person>) -> Rate {
    Rate {
        above: enrolled_at_start.intersection(left).copied().collect(),
        below: enrolled_at_start.iter().copied().collect(),
    }
}

#[cfg(test)]
mod tests;
