//! What training and work owe besides what the policy files do: proofs of work on their clocks, work again after a job that ended,
//! answers to certificates that nobody saw earned, answers to offers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use fujiao_labour::Rules;
use fujiao_labour::placement::{Stand, State, clocks, state};
use fujiao_labour::training::{Doubt, Finding, judge};
use fujiao_model::{Area, Because, Deed, Division, Duty, Period, Subject, SubjectKind, Unit};
use fujiao_policy::PolicySet;
use fujiao_store::MatchLine;
use jiff::civil::Date;
use jiff::{Span, Timestamp};

use super::Known;
use crate::assess::Registers;
use crate::assess::deeds::first_trained;
use crate::assess::duties::Owed;

/// Kinds of duties besides those of policy files, with their names in both languages.
pub(crate) const KINDS: [(&str, &str, &str); 4] = [
    (
        CERTIFICATE,
        "有证没上课、出勤不足，核实",
        "Certificates without attendance to be looked into",
    ),
    (PROOF, "就业满3、6、12个月的核验", "Proof of work after 3, 6 and 12 months"),
    (AGAIN, "离岗后再就业", "Work again after a job that ended"),
    (OFFER, "推荐岗位的回音", "Answer to an offer of work"),
];

pub(crate) const CERTIFICATE: &str = "training.certificate";
pub(crate) const PROOF: &str = "jobs.proof";
pub(crate) const AGAIN: &str = "jobs.again";
pub(crate) const OFFER: &str = "jobs.offer";

const SERVICE: &str = "县人社局";

fn days(day: Date, n: i64) -> Date {
    day.saturating_add(Span::new().days(n.clamp(0, 36_500)))
}

fn month(day: Date) -> Period {
    Period::Month(day.year(), day.month())
}

struct Owe {
    area: Area,
    kind: &'static str,
    subject: Subject,
    place: Option<Division>,
    period: Period,
    due_on: Date,
    rule: String,
    basis: Arc<str>,
    facts: String,
    sources: Vec<u64>,
}

/// Proofs and answers are counted by the time, people by the head.
fn unit_of(kind: &str) -> Unit {
    if kind == PROOF || kind == OFFER { Unit::Contact } else { Unit::Person }
}

impl Owe {
    fn duty(mut self) -> Duty {
        self.sources.sort_unstable();
        self.sources.dedup();
        Duty {
            area: self.area,
            kind: self.kind.into(),
            subject: self.subject,
            period: self.period,
            quantity: 1,
            unit: unit_of(self.kind),
            due_on: self.due_on,
            bearer: SERVICE.into(),
            place: self.place,
            because: Because {
                rule: self.rule.into(),
                basis: self.basis,
                facts: self.facts.into(),
                sources: self.sources,
            },
        }
    }
}

/// Whether a doubt says that a certificate was given for what nobody saw attended.
pub(crate) fn is_unearned(doubt: &Doubt) -> bool {
    matches!(doubt, Doubt::CertificateWithoutAttendance | Doubt::AttendanceBelow { .. })
}

impl Known {
    /// What of training does not hold. `never`: villages with the households that are owed a trained member and have none.
    pub(crate) fn doubts(&self, rules: &Rules, never: &BTreeMap<u64, u32>) -> Vec<Finding> {
        let mut found = judge(rules, &self.sessions, &self.trainees, never).findings;
        // Whoever failed and tries again is not trained twice.
        let completed = |at: usize| self.trainees[at].completed == Some(true);
        found.retain(|f| match f.doubt {
            Doubt::Again { before, .. } => completed(f.trainee) && completed(before),
            _ => true,
        });
        found
    }

    /// Who worked, and works nowhere now: the last of their jobs, and when it ended.
    pub(crate) fn out_of_work(&self, rules: &Rules, as_of: Date) -> Vec<(usize, Date)> {
        let mut last: BTreeMap<u32, Option<(usize, Date)>> = BTreeMap::new();
        for (at, job) in self.jobs.iter().enumerate() {
            let of = last.entry(job.person).or_insert(Some((at, Date::MIN)));
            match state(rules, &job.placement, as_of) {
                State::Ended { on } => {
                    if let Some((which, end)) = of
                        && *end <= on
                    {
                        (*which, *end) = (at, on);
                    }
                }
                State::Working | State::Silent { .. } | State::Ahead => *of = None,
            }
        }
        last.into_values().flatten().collect()
    }

    /// Adds what is owed and what was done.
    pub(crate) fn owe(
        &self,
        registers: &Registers,
        policies: &PolicySet,
        offers: &[(u64, Timestamp, MatchLine)],
        out: &mut Owed,
        deeds: &mut Vec<Deed>,
    ) {
        self.again_trained(registers, out, deeds);
        self.proofs(registers, policies, out, deeds);
        self.ended(registers, policies, out);
        Self::offered(registers, policies, offers, out, deeds);
    }

    /// Villages with the households that are owed a trained member and have none.
    fn never(registers: &Registers, out: &Owed) -> BTreeMap<u64, u32> {
        let trained = first_trained(registers);
        let trained: BTreeSet<u64> =
            trained.keys().map(|h| registers.households[*h as usize].id).collect();
        let mut never = BTreeMap::new();
        for duty in &out.duties {
            if duty.area == Area::Training
                && duty.subject.kind == SubjectKind::Household
                && !trained.contains(&duty.subject.id)
                && let Some(place) = duty.place
            {
                *never.entry(place.code()).or_insert(0) += 1;
            }
        }
        never
    }

    fn again_trained(&self, registers: &Registers, out: &mut Owed, deeds: &mut Vec<Deed>) {
        let never = Self::never(registers, out);
        let rules = &registers.rules.labour;
        let basis: Arc<str> = rules
            .training(registers.as_of)
            .map_or_else(|| "".into(), |row| row.basis.as_str().into());
        let owed: BTreeMap<u64, Period> = out
            .duties
            .iter()
            .filter(|d| d.area == Area::Training && d.subject.kind == SubjectKind::Household)
            .map(|d| (d.subject.id, d.period))
            .collect();
        let mut answered = BTreeSet::new();
        for finding in self.doubts(rules, &never) {
            let (person, row) = self.whose[finding.trainee];
            let of = &registers.persons[person as usize];
            let trainee = &self.trainees[finding.trainee];
            let session = &self.sessions[trainee.session];
            if matches!(finding.doubt, Doubt::Again { .. }) {
                // A deed beyond what is owed: its household has a trained member, and a neighbour none.
                if let Some(household) = trainee.household
                    && let Some(period) = owed.get(&household)
                {
                    deeds.push(Deed {
                        area: Area::Training,
                        kind: "training.household".into(),
                        subject: Subject::household(household),
                        period: *period,
                        quantity: 1,
                        unit: Unit::Household,
                        done_on: session.to,
                        place: of.place,
                        evidence: row,
                    });
                }
                continue;
            }
            let period = month(session.to);
            if !is_unearned(&finding.doubt)
                || session.to > registers.as_of
                || !answered.insert((person, period))
            {
                continue;
            }
            let days_to_answer = registers.as_of.min(days(session.to, 30));
            out.duties.push(
                Owe {
                    area: Area::Training,
                    kind: CERTIFICATE,
                    subject: Subject::person(of.id),
                    place: of.place,
                    period,
                    due_on: days_to_answer,
                    rule: format!("{CERTIFICATE}@{}", session.to),
                    basis: Arc::clone(&basis),
                    facts: self.said(&finding),
                    sources: vec![row],
                }
                .duty(),
            );
        }
    }

    /// A finding in one sentence, without personal numbers.
    pub(crate) fn said(&self, finding: &Finding) -> String {
        let trainee = &self.trainees[finding.trainee];
        let session = &self.sessions[trainee.session];
        let (course, name, provider) = &self.named[trainee.session];
        let other = |at: usize| {
            let of = self.trainees[at].session;
            format!("“{}”{}到{}", self.named[of].0, self.sessions[of].from, self.sessions[of].to)
        };
        let here = format!("{provider}“{course}”{name}（{}到{}）", session.from, session.to);
        let what = match &finding.doubt {
            Doubt::CertificateWithoutAttendance => "有证书，出勤 0 课时".to_owned(),
            Doubt::AttendanceBelow { attended, wanted } => {
                format!("结业或有证书，出勤 {attended} 课时，至少要 {wanted}")
            }
            Doubt::MoreHours { attended, hours } => {
                format!("出勤 {attended} 课时，多过全班 {hours} 课时")
            }
            Doubt::AttendanceUnknown => "有证书，没有出勤记录".to_owned(),
            Doubt::Overlap { other: at } => format!("日子与{}重叠", other(*at)),
            Doubt::TwiceInOne { .. } => "同一个班里登记两次".to_owned(),
            Doubt::Again { before, never } => {
                format!("此前已参加{}；同村还有 {never} 户没有人受过培训", other(*before))
            }
            Doubt::SubsidyTwice { before } => format!("同一年已补贴过{}", other(*before)),
            Doubt::SameSkill { before } => format!("同一职业等级已补贴过{}", other(*before)),
            Doubt::SubsidyOften { times } => format!("这是第 {times} 次补贴"),
        };
        format!("{here}：{what}")
    }

    fn proofs(
        &self,
        registers: &Registers,
        policies: &PolicySet,
        out: &mut Owed,
        deeds: &mut Vec<Deed>,
    ) {
        let (rules, as_of) = (&registers.rules.labour, registers.as_of);
        let Some(row) = rules.placement(as_of) else { return };
        let basis: Arc<str> = row.basis.as_str().into();
        let since = back(policies, as_of);
        for job in &self.jobs {
            let of = &registers.persons[job.person as usize];
            for clock in clocks(rules, &job.placement, as_of) {
                let proved = match clock.stand {
                    Stand::Proved(on) => Some(on),
                    Stand::Due | Stand::Late => None,
                    Stand::Waiting | Stand::Ended => continue,
                };
                if clock.on < since || clock.on > as_of {
                    continue;
                }
                let (subject, period) = (Subject::person(of.id), month(clock.on));
                out.duties.push(
                    Owe {
                        area: Area::Jobs,
                        kind: PROOF,
                        subject,
                        place: of.place,
                        period,
                        due_on: clock.due_on,
                        rule: format!("{PROOF}@{}", row.from),
                        basis: Arc::clone(&basis),
                        facts: format!(
                            "{}上岗（{} {}），满 {} 个月",
                            job.placement.from, job.employer, job.occupation, clock.months
                        ),
                        sources: vec![job.row],
                    }
                    .duty(),
                );
                let proof =
                    proved.and_then(|on| job.proofs.iter().find(|(day, _)| *day == on).copied());
                if let Some((done_on, evidence)) = proof {
                    deeds.push(Deed {
                        area: Area::Jobs,
                        kind: PROOF.into(),
                        subject,
                        period,
                        quantity: 1,
                        unit: unit_of(PROOF),
                        done_on,
                        place: of.place,
                        evidence,
                    });
                }
            }
        }
    }

    /// Whoever lost the job that came of a course within its last clock is to be found another.
    fn ended(&self, registers: &Registers, policies: &PolicySet, out: &mut Owed) {
        let (rules, as_of) = (&registers.rules.labour, registers.as_of);
        let Some(row) = rules.placement(as_of) else { return };
        let basis: Arc<str> = row.basis.as_str().into();
        let last = row.months.last().copied().unwrap_or(0);
        let since = back(policies, as_of);
        let within = number(policies, "replace_days", as_of);
        for (at, end) in self.out_of_work(rules, as_of) {
            let job = &self.jobs[at];
            let clock = job.placement.from.saturating_add(Span::new().months(i32::from(last)));
            if end < since || end >= clock {
                continue;
            }
            let of = &registers.persons[job.person as usize];
            out.duties.push(
                Owe {
                    area: Area::Jobs,
                    kind: AGAIN,
                    subject: Subject::person(of.id),
                    place: of.place,
                    period: month(end),
                    due_on: days(end, within),
                    rule: format!("{AGAIN}@{}", row.from),
                    basis: Arc::clone(&basis),
                    facts: format!(
                        "{}上岗（{}），{end}离岗，没有新的就业记录",
                        job.placement.from, job.employer
                    ),
                    sources: [Some(job.row), job.end_row].into_iter().flatten().collect(),
                }
                .duty(),
            );
        }
    }

    /// An offer that was accepted by the county asks for an answer.
    fn offered(
        registers: &Registers,
        policies: &PolicySet,
        offers: &[(u64, Timestamp, MatchLine)],
        out: &mut Owed,
        deeds: &mut Vec<Deed>,
    ) {
        let as_of = registers.as_of;
        let within = number(policies, "offer_days", as_of);
        let positions: BTreeMap<u64, u32> =
            (0..).zip(&registers.persons).map(|(at, p)| (p.id, at)).collect();
        for (run, at, line) in offers {
            let Some(person) = positions.get(&line.person) else { continue };
            let of = &registers.persons[*person as usize];
            let made = crate::access::china_day(*at);
            let (subject, period) = (Subject::person(of.id), month(made));
            out.duties.push(
                Owe {
                    area: Area::Jobs,
                    kind: OFFER,
                    subject,
                    place: of.place,
                    period,
                    due_on: days(made, within),
                    rule: format!("{OFFER}@{run}"),
                    basis: "人岗匹配的结果由人社局送到本人，几天内要有回音".into(),
                    facts: format!("{made}推荐：{} {}", line.employer, line.occupation),
                    sources: Vec::new(),
                }
                .duty(),
            );
            if let Some((_, done)) = &line.done {
                deeds.push(Deed {
                    area: Area::Jobs,
                    kind: OFFER.into(),
                    subject,
                    period,
                    quantity: 1,
                    unit: unit_of(OFFER),
                    done_on: crate::access::china_day(*done),
                    place: of.place,
                    evidence: 0,
                });
            }
        }
    }
}

/// A number of the policy files; nought where none is in force.
fn number(policies: &PolicySet, key: &str, day: Date) -> i64 {
    policies.number(key, day).unwrap_or(0)
}

/// The first day that work is followed from.
fn back(policies: &PolicySet, as_of: Date) -> Date {
    let days = number(policies, "placement_lookback_days", as_of).clamp(0, 36_500);
    as_of.saturating_sub(Span::new().days(days))
}
