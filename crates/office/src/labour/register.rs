//! The labour register (贫困家庭劳动力数据库) of an assessment: who of poor households is of labour age and can do what, with whoever
//! left school for neither school nor work; and what of training and work does not hold.

use std::collections::{BTreeMap, BTreeSet};

use fujiao_labour::ability::{
    Ability, Disability, DisabilityKind, Facts, Illness, Judged, Leaver, TwoAfter, Why, judge,
    two_after,
};
use fujiao_labour::household::{Member, Tie, ties};
use fujiao_labour::placement::{State, state};
use fujiao_labour::training::Doubt;
use fujiao_model::{
    Area, Division, EnrolmentStatus, Field, Fields, Grade, LabourAbility, RosterKind, SubjectKind,
};
use fujiao_store::{LabourFinding, Worker};
use jiff::civil::{Date, date};
use rayon::prelude::*;

use super::Known;
use super::coding::Codes;
use crate::assess::{Registers, Settled};
use crate::registers::enrolments::{counting_on, of_year};

/// From which age somebody of a poor household stands in the register, and to which.
const AGES: (u16, u16) = (16, 70);

/// A disability by the roster of card holders.
fn disability(fields: &Fields) -> Option<Disability> {
    let text = fields.text(Field::DisabilityType)?;
    let kind = DisabilityKind::ALL.iter().copied().find(|k| text.contains(k.chinese()))?;
    let grade = u8::try_from(fields.number(Field::DisabilityGrade)?).ok()?;
    (1..=4).contains(&grade).then_some(Disability { kind, grade })
}

fn illness(text: &str) -> Option<Illness> {
    if text.contains("大病") {
        Some(Illness::Serious)
    } else if text.contains("慢性") {
        Some(Illness::Chronic)
    } else if text.contains("健康") || text.contains("残疾") || text.contains("良好") {
        Some(Illness::Healthy)
    } else {
        None
    }
}

/// Whether a cell says that somebody works.
pub(crate) fn works(text: &str) -> Option<bool> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let no = ["未", "没", "无", "否", "不", "失业", "待业"];
    Some(!no.iter().any(|word| text.starts_with(word)))
}

/// What lowers somebody's ability, in words.
fn reason(why: Why) -> String {
    match why {
        Why::TooYoung { years, first } => format!("{years} 周岁，不满 {first}"),
        Why::TooOld { years, last_months } => {
            format!("{years} 周岁，过了劳动年龄（{} 岁）", last_months / 12)
        }
        Why::Disability(d) => format!("{}残疾{}级", d.kind.chinese(), d.grade),
        Why::Illness(i) => i.chinese().to_owned(),
        Why::InSchool => "在校".to_owned(),
    }
}

/// What is on file about people of the register.
struct File<'a> {
    registers: &'a Registers,
    /// By person: position of the row of 人社's list, of 农业农村's, of the card.
    labour: BTreeMap<u32, u32>,
    cards: BTreeMap<u32, u32>,
    in_school: BTreeSet<u32>,
    judged: BTreeMap<u32, Judged>,
}

impl<'a> File<'a> {
    fn of(registers: &'a Registers) -> Self {
        let last = |kind| {
            let rows = registers.by_kind.get(kind).iter();
            rows.map(|&at| (registers.person_of[at as usize], at))
                .filter(|(person, _)| *person != u32::MAX)
                .collect::<BTreeMap<u32, u32>>()
        };
        let year = of_year(&registers.enrolments, registers.term.school_year());
        Self {
            registers,
            labour: last(RosterKind::Labour),
            cards: last(RosterKind::Disability),
            in_school: counting_on(year, registers.as_of).map(|e| e.person).collect(),
            judged: BTreeMap::new(),
        }
    }

    fn fields(&self, at: Option<u32>) -> Option<&'a Fields> {
        at.map(|at| &self.registers.rows[at as usize].fields)
    }

    fn listed(&self, person: u32) -> Option<&'a Fields> {
        self.fields(self.registers.on_poor_list[person as usize])
    }

    fn health(&self, person: u32) -> Option<Illness> {
        self.listed(person).and_then(|f| f.text(Field::Health)).and_then(illness)
    }

    fn card(&self, person: u32) -> Option<Disability> {
        let fields = self.fields(self.cards.get(&person).copied())?;
        let valid = fields.date(Field::ValidTo).is_none_or(|d| d.latest() >= self.registers.as_of);
        if valid { disability(fields) } else { None }
    }

    fn judge(&self, person: u32) -> Judged {
        let of = &self.registers.persons[person as usize];
        let facts = Facts {
            born: of.born,
            sex: of.sex,
            // Whoever has no card has none.
            disability: Some(self.card(person)),
            illness: Some(self.health(person).unwrap_or(Illness::Healthy)),
            in_school: Some(self.in_school.contains(&person)),
        };
        judge(&self.registers.rules.labour, &facts, self.registers.as_of)
    }

    fn years(&self, person: u32) -> Option<u16> {
        let born = self.registers.persons[person as usize].born?.latest();
        let as_of = self.registers.as_of;
        let years = as_of.year()
            - born.year()
            - i16::from((as_of.month(), as_of.day()) < (born.month(), born.day()));
        u16::try_from(years.max(0)).ok()
    }

    /// Whether rosters say that somebody works.
    fn works(&self, person: u32) -> Option<bool> {
        let say = |fields: Option<&Fields>| {
            let fields = fields?;
            fields
                .text(Field::Working)
                .and_then(works)
                .or_else(|| fields.number(Field::WorkMonths).filter(|n| *n > 0).map(|_| true))
        };
        say(self.fields(self.labour.get(&person).copied())).or_else(|| say(self.listed(person)))
    }
}

/// Whether a grade is the last of junior or senior school.
fn is_last(grade: Grade) -> bool {
    matches!(grade, Grade::J3 | Grade::S3 | Grade::V3)
}

/// 两后生 of the school registers: by person the day on which school ended.
fn leavers(file: &File<'_>, known: &Known) -> BTreeMap<u32, Date> {
    let registers = file.registers;
    let rules = &registers.rules.labour;
    let (as_of, this) = (registers.as_of, registers.term.school_year());
    let mut last: BTreeMap<u32, (i16, Option<Grade>, Option<Date>, bool)> = BTreeMap::new();
    for e in &registers.enrolments {
        let of = (e.school_year, e.grade, e.left_on, e.status == EnrolmentStatus::Active);
        let best = last.entry(e.person).or_insert(of);
        if best.0 <= of.0 {
            *best = of;
        }
    }
    let at_work: BTreeSet<u32> = known
        .jobs
        .iter()
        .filter(|j| matches!(state(rules, &j.placement, as_of), State::Working))
        .map(|j| j.person)
        .collect();
    let mut found = BTreeMap::new();
    for (person, (year, grade, left, _)) in last {
        if year >= this || !grade.is_some_and(is_last) || !registers.is_present(person) {
            continue;
        }
        let leaver = Leaver {
            born: registers.persons[person as usize].born,
            left_on: left.unwrap_or_else(|| date(year + 1, 7, 1)),
            enrolled: Some(file.in_school.contains(&person)),
            works: if at_work.contains(&person) {
                Some(true)
            } else {
                Some(file.works(person) == Some(true))
            },
            is_excused: registers.exemption_on(person, as_of).is_some(),
        };
        if let TwoAfter::Is { since } = two_after(rules, &leaver, as_of) {
            found.insert(person, since);
        }
    }
    found
}

/// Whom care keeps at home, in words, by person.
fn care(file: &File<'_>, known: &Known) -> BTreeMap<u32, String> {
    let registers = file.registers;
    let as_of = registers.as_of;
    let mut trained: BTreeMap<u32, Date> = BTreeMap::new();
    for (t, (person, _)) in known.trainees.iter().zip(&known.whose) {
        if t.completed == Some(true) {
            let to = known.sessions[t.session].to;
            trained.entry(*person).and_modify(|d| *d = (*d).max(to)).or_insert(to);
        }
    }
    let away = |person: u32| {
        let fields = file.fields(file.labour.get(&person).copied()).or_else(|| file.listed(person));
        let place = fields.and_then(|f| f.text(Field::WorkPlace)).unwrap_or_default();
        file.works(person) == Some(true)
            && ["县外", "市外", "省外", "外省"].iter().any(|word| place.contains(word))
    };
    let homes: Vec<&[u32]> = (0..registers.households.len())
        .map(|h| registers.listed_members(u32::try_from(h).expect("households fit 32 bits")))
        .filter(|members| !members.is_empty())
        .collect();
    let of_homes: Vec<Vec<(u32, String)>> = homes
        .par_iter()
        .map(|people| {
            let members: Vec<Member> = people
                .iter()
                .map(|&p| Member {
                    judged: file.judged.get(&p).cloned().unwrap_or_else(|| file.judge(p)),
                    years: file.years(p),
                    disability: file.card(p).map(|d| d.grade),
                    illness: file.health(p),
                    needs_care: None,
                    is_away: away(p),
                    trained_on: trained.get(&p).copied(),
                    is_vocational: false,
                })
                .collect();
            ties(&registers.rules.labour, &members, as_of)
                .into_iter()
                .filter_map(|(at, tie)| match tie {
                    Tie::Only(cared) => {
                        Some((people[at], format!("家里 {} 人要人照料，没有别人", cared.len())))
                    }
                    Tie::OneOf { .. } => None,
                })
                .collect()
        })
        .collect();
    of_homes.into_iter().flatten().collect()
}

impl Known {
    /// The register and the findings, as the store keeps them.
    pub(crate) fn for_store(
        &self,
        registers: &Registers,
        settled: &Settled,
    ) -> (Vec<Worker>, Vec<LabourFinding>) {
        let mut file = File::of(registers);
        let mut people: BTreeSet<u32> = file.labour.keys().copied().collect();
        people.extend((0..registers.persons.len()).filter_map(|p| {
            let p = u32::try_from(p).expect("persons fit 32 bits");
            registers.on_poor_list[p as usize].map(|_| p)
        }));
        let of_age = |p: &u32| file.years(*p).is_some_and(|y| (AGES.0..AGES.1).contains(&y));
        let mut people: Vec<u32> = people.into_iter().filter(of_age).collect();
        file.judged = people.par_iter().map(|p| (*p, file.judge(*p))).collect();
        let left = leavers(&file, self);
        let poor = |p: &u32| {
            registers.persons[*p as usize]
                .household
                .is_some_and(|h| !registers.listed_members(h).is_empty())
        };
        let more: Vec<u32> =
            left.keys().copied().filter(|p| poor(p) && !file.judged.contains_key(p)).collect();
        for p in &more {
            let judged = file.judge(*p);
            file.judged.insert(*p, judged);
        }
        people.extend(more);
        people.sort_unstable();
        let care = care(&file, self);
        let untrained: BTreeSet<u64> = settled
            .settlement
            .gaps
            .iter()
            .map(|gap| &settled.duties[gap.duty])
            .filter(|d| d.area == Area::Training && d.subject.kind == SubjectKind::Household)
            .map(|d| d.subject.id)
            .collect();
        let mut texts: BTreeSet<&str> = BTreeSet::new();
        for p in &people {
            let fields = file.fields(file.labour.get(p).copied());
            for field in [Field::Skill, Field::Occupation, Field::WishedTrade] {
                texts.extend(fields.and_then(|f| f.text(field)));
            }
        }
        texts.extend(self.named.iter().map(|(course, ..)| course.as_str()));
        let codes = Codes::of(texts);
        let taken = self.taken(registers);
        let jobs = self.states(registers);
        let workers = people
            .iter()
            .map(|p| worker(&file, *p, (&left, &care, &untrained), (&codes, &taken, &jobs)))
            .collect();
        (workers, self.findings(registers, settled))
    }

    /// By person: sessions taken, completed, the latest that is over and its last day.
    fn taken(&self, registers: &Registers) -> BTreeMap<u32, (u32, u32, String, Option<Date>)> {
        let mut taken: BTreeMap<u32, (u32, u32, String, Option<Date>)> = BTreeMap::new();
        for (t, (person, _)) in self.trainees.iter().zip(&self.whose) {
            let session = &self.sessions[t.session];
            if session.to > registers.as_of {
                continue;
            }
            let of = taken.entry(*person).or_default();
            of.0 += 1;
            of.1 += u32::from(t.completed == Some(true));
            if of.3.is_none_or(|to| to <= session.to) {
                of.2.clone_from(&self.named[t.session].0);
                of.3 = Some(session.to);
            }
        }
        taken
    }

    /// By person: how their work stands, and where.
    fn states(&self, registers: &Registers) -> BTreeMap<u32, (&'static str, String)> {
        let rank = |s: &str| match s {
            "working" => 4,
            "kept" => 3,
            "silent" => 2,
            _ => 1,
        };
        let mut out: BTreeMap<u32, (&'static str, String)> = BTreeMap::new();
        for job in &self.jobs {
            let is = super::work::state_code(&registers.rules.labour, job, registers.as_of);
            if is == "ahead" {
                continue;
            }
            let of = out.entry(job.person).or_insert((is, job.employer.clone()));
            if rank(of.0) <= rank(is) {
                *of = (is, job.employer.clone());
            }
        }
        out
    }

    fn findings(&self, registers: &Registers, settled: &Settled) -> Vec<LabourFinding> {
        let rules = &registers.rules.labour;
        let mut never: BTreeMap<u64, u32> = BTreeMap::new();
        for gap in &settled.settlement.gaps {
            let duty = &settled.duties[gap.duty];
            if duty.area == Area::Training
                && duty.subject.kind == SubjectKind::Household
                && let Some(place) = duty.place
            {
                *never.entry(place.code()).or_default() += 1;
            }
        }
        let town = |place: Option<Division>| place.map(Division::town);
        let village = |place: Option<Division>| place.filter(|p| p.town() != *p);
        let mut out = Vec::new();
        let mut put = |person: u32, kind: &str, day: Date, facts: String, rows: Vec<u64>| {
            let of = &registers.persons[person as usize];
            out.push(LabourFinding {
                kind: kind.to_owned(),
                person: Some(of.id),
                household: of.household.map(|h| registers.households[h as usize].id),
                town: town(of.place),
                village: village(of.place),
                day,
                facts,
                rows,
            });
        };
        for finding in self.doubts(rules, &never) {
            let (person, row) = self.whose[finding.trainee];
            let day = self.sessions[self.trainees[finding.trainee].session].to;
            let before = match finding.doubt {
                Doubt::Again { before, .. }
                | Doubt::SubsidyTwice { before }
                | Doubt::SameSkill { before } => Some(before),
                Doubt::Overlap { other } | Doubt::TwiceInOne { other } => Some(other),
                _ => None,
            };
            let rows = std::iter::once(row).chain(before.map(|at| self.whose[at].1)).collect();
            put(person, finding.doubt.code(), day, self.said(&finding), rows);
        }
        for (at, end) in self.out_of_work(rules, registers.as_of) {
            let job = &self.jobs[at];
            let facts = format!("{}上岗（{}），{end}离岗", job.placement.from, job.employer);
            let rows = [Some(job.row), job.end_row].into_iter().flatten().collect();
            put(job.person, "job_ended", end, facts, rows);
        }
        for job in &self.jobs {
            let kept = super::work::state_code(rules, job, registers.as_of) == "kept";
            if let State::Silent { since } = state(rules, &job.placement, registers.as_of)
                && !kept
            {
                let facts = format!(
                    "{}上岗（{}），{since}以后没有在岗证明",
                    job.placement.from, job.employer
                );
                put(job.person, "job_silent", since, facts, vec![job.row]);
            }
        }
        out.sort_by(|a, b| {
            (&a.kind, std::cmp::Reverse(a.day), a.person).cmp(&(
                &b.kind,
                std::cmp::Reverse(b.day),
                b.person,
            ))
        });
        out
    }
}

type Told<'a> = (&'a BTreeMap<u32, Date>, &'a BTreeMap<u32, String>, &'a BTreeSet<u64>);
type Done<'a> = (
    &'a Codes,
    &'a BTreeMap<u32, (u32, u32, String, Option<Date>)>,
    &'a BTreeMap<u32, (&'static str, String)>,
);

fn worker(
    file: &File<'_>,
    person: u32,
    (left, care, untrained): Told<'_>,
    (codes, taken, jobs): Done<'_>,
) -> Worker {
    let registers = file.registers;
    let of = &registers.persons[person as usize];
    let own = file.labour.get(&person).copied();
    let (own_fields, listed) = (file.fields(own), file.listed(person));
    let text = |field: Field| {
        let told = own_fields.and_then(|f| f.text(field)).or_else(|| listed?.text(field));
        told.unwrap_or_default().trim().to_owned()
    };
    let money = |field: Field| {
        let told = own_fields.and_then(|f| f.money(field)).or_else(|| listed?.money(field));
        told.map(fujiao_model::Money::as_fen)
    };
    let said = registers.labour_ability(person);
    let judged = file.judged.get(&person);
    let by_roster =
        matches!(said, Some(LabourAbility::Normal | LabourAbility::Skilled | LabourAbility::Weak));
    let (ability, able, mut why) = if let Some(labour) = judged.and_then(Judged::known) {
        let reasons: Vec<String> = labour.why.iter().copied().map(reason).collect();
        let differs = said.is_some_and(|s| !labour.ability.agrees_with(s));
        let why = if differs {
            let s = said.map_or("", LabourAbility::chinese);
            format!("按规则{}；名册写“{s}”", labour.ability.chinese())
        } else {
            String::new()
        };
        let all: Vec<String> =
            reasons.into_iter().chain(Some(why).filter(|w| !w.is_empty())).collect();
        (labour.ability, labour.counts() && (said.is_none() || by_roster), all.join("；"))
    } else {
        let ability = if by_roster { Ability::Normal } else { Ability::None };
        (ability, by_roster, "年龄或性别不详，按名册".to_owned())
    };
    let leaver = left.get(&person);
    if let Some(since) = leaver {
        let word = format!("{since}离校后没有升学，也没有就业");
        why = if why.is_empty() { word } else { format!("{why}；{word}") };
    }
    let town = of.place.map(Division::town);
    let skill = text(Field::Skill);
    let trade = text(Field::Occupation);
    let wished = text(Field::WishedTrade);
    let (job, employer) = jobs.get(&person).cloned().unwrap_or_default();
    let (took, completed, course, trained_to) = taken.get(&person).cloned().unwrap_or_default();
    let household = of.household.map(|h| registers.households[h as usize].id);
    let told_care = text(Field::CareDuty);
    let working = if job == "working" { Some(true) } else { file.works(person) };
    Worker {
        person: of.id,
        household,
        town,
        village: of.place.filter(|p| p.town() != *p),
        age: file.years(person).unwrap_or(0),
        ability: ability.code().to_owned(),
        able,
        why,
        leaver: leaver.is_some(),
        education: text(Field::Education),
        skill_code: codes.of_text(&skill),
        skill,
        working,
        trade_code: codes.of_text(&trade),
        trade,
        work_place: text(Field::WorkPlace),
        months: own_fields
            .and_then(|f| f.number(Field::WorkMonths))
            .or_else(|| listed?.number(Field::WorkMonths)),
        wage: money(Field::Wage),
        wish: text(Field::JobWish),
        wished_code: codes.of_text(&wished),
        wished,
        wished_place: text(Field::WishedPlace),
        wished_wage: money(Field::WishedWage),
        to_learn: text(Field::TrainingWish),
        care: if told_care.is_empty() {
            care.get(&person).cloned().unwrap_or_default()
        } else {
            told_care
        },
        taken: took,
        completed,
        course,
        trained_to,
        untrained: household.is_some_and(|h| untrained.contains(&h)),
        job: if job.is_empty() { "none".to_owned() } else { job.to_owned() },
        employer: if employer.is_empty() { text(Field::Employer) } else { employer },
        row: own
            .or(registers.on_poor_list[person as usize])
            .map(|at| registers.rows[at as usize].id),
    }
}
