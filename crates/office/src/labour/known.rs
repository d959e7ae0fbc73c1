//! What rows say of training and work, as the engine of labour asks for it: sessions with who was there, jobs with their proofs.

use std::collections::BTreeMap;

use fujiao_labour::placement::Placement;
use fujiao_labour::training::{Session, Trainee};
use fujiao_model::{Field, Fields, PartialDate, RosterKind};
use jiff::civil::Date;

use crate::assess::Registers;
use crate::assess::deeds::is_completed;

/// A job that somebody held.
#[derive(Clone, Debug)]
pub(crate) struct Job<P> {
    /// Whose.
    pub(crate) person: P,
    pub(crate) placement: Placement,
    pub(crate) employer: String,
    pub(crate) occupation: String,
    /// Id of the row.
    pub(crate) row: u64,
    /// Days of proofs with their rows.
    pub(crate) proofs: Vec<(Date, u64)>,
    /// The row that says that it ended.
    pub(crate) end_row: Option<u64>,
}

/// What rows say of training and work.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    pub(crate) sessions: Vec<Session>,
    /// Course, 期次 and provider of each session.
    pub(crate) named: Vec<(String, String, String)>,
    pub(crate) trainees: Vec<Trainee>,
    /// By trainee: position of the person, and id of the row.
    pub(crate) whose: Vec<(u32, u64)>,
    /// By position of the person.
    pub(crate) jobs: Vec<Job<u32>>,
}

/// Course, 期次, provider, first day.
type Name = (String, String, String, Date);

fn said(fields: &Fields, field: Field) -> String {
    fields.text(field).unwrap_or_default().trim().to_owned()
}

fn name(fields: &Fields) -> Option<Name> {
    let from = fields.date(Field::TrainedFrom).map(PartialDate::earliest)?;
    let course = said(fields, Field::Course);
    if course.is_empty() {
        return None;
    }
    Some((course, said(fields, Field::Session), said(fields, Field::Provider), from))
}

/// 技能等级 as a number: 5 (初级工) to 1; 0 where there is none.
pub(crate) fn level(text: &str) -> u8 {
    [("高级技师", 1), ("技师", 2), ("高级", 3), ("中级", 4), ("初级", 5)]
        .into_iter()
        .find(|(word, _)| text.contains(word))
        .map_or(0, |(_, level)| level)
}

impl Known {
    /// Reads the registers.
    pub(crate) fn of(registers: &Registers) -> Self {
        let mut known = Self::default();
        let at_of = known.read_sessions(registers);
        known.read_attendance(registers, &at_of);
        known.read_jobs(registers);
        known
    }

    fn read_sessions(&mut self, registers: &Registers) -> BTreeMap<Name, usize> {
        let row = |at: u32| &registers.rows[at as usize];
        let mut calendar: BTreeMap<Name, &Fields> = BTreeMap::new();
        for &at in registers.by_kind.get(RosterKind::Sessions) {
            if let Some(name) = name(&row(at).fields) {
                calendar.insert(name, &row(at).fields);
            }
        }
        let mut at_of: BTreeMap<Name, usize> = BTreeMap::new();
        let mut providers: BTreeMap<String, u64> = BTreeMap::new();
        let mut programmes: BTreeMap<String, u32> = BTreeMap::new();
        for &at in registers.by_kind.get(RosterKind::Training) {
            let fields = &row(at).fields;
            let Some(name) = name(fields) else { continue };
            // Whoever left before the end took no part.
            if said(fields, Field::Result).contains(super::pool::LEFT) {
                continue;
            }
            let session = *at_of.entry(name.clone()).or_insert_with(|| {
                let plan = calendar.get(&name).copied();
                let of = |field| plan.and_then(|f| f.get(field)).or_else(|| fields.get(field));
                let to = match of(Field::TrainedTo) {
                    Some(fujiao_model::Value::Date(to)) => to.latest(),
                    _ => name.3,
                };
                let hours = match of(Field::Hours) {
                    Some(fujiao_model::Value::Integer(n)) => u32::try_from(*n).ok(),
                    _ => None,
                };
                let next = providers.len() as u64;
                let provider = *providers.entry(name.2.clone()).or_insert(next);
                let kind = said(fields, Field::CourseKind);
                let next = u32::try_from(programmes.len()).expect("few kinds");
                let programme = *programmes.entry(kind).or_insert(next);
                self.sessions.push(Session {
                    provider,
                    programme,
                    occupation: None,
                    skill_level: level(&said(fields, Field::SkillLevel)),
                    from: name.3,
                    to: to.max(name.3),
                    hours,
                });
                self.named.push((name.0, name.1, name.2));
                self.sessions.len() - 1
            });
            let person = registers.actor_of(at);
            let of = &registers.persons[person as usize];
            self.trainees.push(Trainee {
                session,
                person: of.id,
                household: of.household.map(|h| registers.households[h as usize].id),
                village: of.place.map(fujiao_model::Division::code),
                attended: fields
                    .number(Field::AttendedHours)
                    .and_then(|hours| u32::try_from(hours).ok()),
                completed: fields.text(Field::Result).map(|_| is_completed(fields)),
                is_certified: fields.text(Field::CertificateNo).is_some(),
                is_subsidised: fields.money(Field::Amount).is_some_and(|m| m.as_fen() > 0),
            });
            self.whose.push((person, row(at).id));
        }
        at_of
    }

    /// Hours of the day sheets take the place of those of the list, for sessions that have day sheets.
    fn read_attendance(&mut self, registers: &Registers, at_of: &BTreeMap<Name, usize>) {
        let mut of_session: Vec<BTreeMap<u64, u32>> = vec![BTreeMap::new(); self.sessions.len()];
        // People of a session by name: a row whose number is damaged is still theirs, if nobody else is called so.
        let mut called: BTreeMap<(usize, &str), Option<u64>> = BTreeMap::new();
        let mut here: BTreeMap<usize, std::collections::BTreeSet<u64>> = BTreeMap::new();
        for (trainee, (person, _)) in self.trainees.iter().zip(&self.whose) {
            let name = registers.persons[*person as usize].name.as_str();
            called
                .entry((trainee.session, name))
                .and_modify(|one| {
                    if *one != Some(trainee.person) {
                        *one = None;
                    }
                })
                .or_insert(Some(trainee.person));
            here.entry(trainee.session).or_default().insert(trainee.person);
        }
        for &at in registers.by_kind.get(RosterKind::CourseAttendance) {
            let fields = &registers.rows[at as usize].fields;
            let day = fields.date(Field::TrainedOn).map(PartialDate::latest);
            let hours = fields.number(Field::AttendedHours).and_then(|n| u32::try_from(n).ok());
            let (Some(day), Some(hours)) = (day, hours) else { continue };
            let session = name(fields).and_then(|name| at_of.get(&name).copied()).or_else(|| {
                let (course, session, provider) = (
                    said(fields, Field::Course),
                    said(fields, Field::Session),
                    said(fields, Field::Provider),
                );
                let from = (course.clone(), session.clone(), provider.clone(), Date::MIN);
                at_of
                    .range(from..)
                    .take_while(|((c, s, p, _), _)| (c, s, p) == (&course, &session, &provider))
                    .map(|(_, at)| *at)
                    .find(|at| self.sessions[*at].from <= day && day <= self.sessions[*at].to)
            });
            let Some(session) = session else { continue };
            let person = registers.persons[registers.actor_of(at) as usize].id;
            let is_here = here.get(&session).is_some_and(|people| people.contains(&person));
            let whose = if is_here {
                Some(person)
            } else {
                let name = fields.text(Field::Name).unwrap_or_default();
                called.get(&(session, name)).copied().flatten()
            };
            if let Some(whose) = whose {
                *of_session[session].entry(whose).or_default() += hours;
            }
        }
        for trainee in &mut self.trainees {
            let sheets = &of_session[trainee.session];
            if !sheets.is_empty() {
                trainee.attended = Some(sheets.get(&trainee.person).copied().unwrap_or(0));
            }
        }
    }

    fn read_jobs(&mut self, registers: &Registers) {
        let rows = |kind| {
            registers.by_kind.get(kind).iter().map(|&at| {
                let row = &registers.rows[at as usize];
                (registers.actor_of(at), &row.fields, row.id)
            })
        };
        self.jobs = jobs(rows(RosterKind::Placements), rows(RosterKind::JobProofs));
    }
}

/// Jobs of rows with the proofs that are theirs. Each row: whose, what it says, its id.
pub(crate) fn jobs<'a, P: Copy + Ord>(
    placements: impl Iterator<Item = (P, &'a Fields, u64)>,
    proofs: impl Iterator<Item = (P, &'a Fields, u64)>,
) -> Vec<Job<P>> {
    let mut of_person: BTreeMap<P, Vec<usize>> = BTreeMap::new();
    let mut all: Vec<Job<P>> = Vec::new();
    for (person, fields, row) in placements {
        let Some(from) = fields.date(Field::StartedOn).map(PartialDate::latest) else { continue };
        let to = fields.date(Field::EndedOn).map(PartialDate::earliest);
        of_person.entry(person).or_default().push(all.len());
        all.push(Job {
            person,
            placement: Placement { from, to, proofs: Vec::new() },
            employer: said(fields, Field::Employer),
            occupation: said(fields, Field::Occupation),
            row,
            proofs: Vec::new(),
            end_row: to.map(|_| row),
        });
    }
    for (person, fields, row) in proofs {
        let Some(on) = fields.date(Field::CheckedOn).map(PartialDate::latest) else { continue };
        let began = fields.date(Field::StartedOn).map(PartialDate::latest);
        let employer = said(fields, Field::Employer);
        let of = of_person.get(&person).map_or(&[][..], Vec::as_slice);
        // The job that the proof names, else the latest that had begun.
        let found =
            of.iter().copied().filter(|job| all[*job].placement.from <= on).max_by_key(|job| {
                let job = &all[*job];
                (
                    began == Some(job.placement.from),
                    !employer.is_empty() && employer == job.employer,
                    job.placement.from,
                )
            });
        let Some(job) = found.map(|at| &mut all[at]) else { continue };
        if fields.flag(Field::AtWork) == Some(false) {
            if job.placement.to.is_none_or(|to| on < to) {
                job.placement.to = Some(on);
                job.end_row = Some(row);
            }
        } else {
            job.proofs.push((on, row));
            job.placement.proofs.push(on);
        }
    }
    for job in &mut all {
        job.proofs.sort_unstable();
    }
    all
}
