//! 一生一案: cases of children out of school, from the assessment that finds them to the day they are closed.
//!
//! `open_found` opens a case for each child with a gap in schooling that has none, inside the write of the assessment.
//! [`Office::case_step`](crate::Office::case_step) takes what people did: `fujiao_watch::case` says whether the step may follow,
//! `access.toml` and the rule file who may take it. Nothing closes by itself: a child who is on a roster again is proposed for its return, and somebody says so.

mod book;
mod chiefs;
mod open;
mod papers;
mod steps;

use std::collections::{BTreeMap, BTreeSet};

use fujiao_model::{Area, Field, Grade, Period};
use fujiao_store::{CaseGround, Event, StoreError, StoredCase, Tx};
use fujiao_watch::case::Refusal;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::assess::{Registers, Settled};

pub(crate) use book::Known;
pub use chiefs::{Chief, Officer};
pub(crate) use chiefs::{Officers, called, is_theirs};
pub use fujiao_watch::case::{
    Account, Closing, OverdueList, Rules as CaseRules, State as CaseState,
};
pub use open::HowFound;
pub(crate) use papers::papers_of;
pub use papers::{PaperFile, PaperOffer, field_name};
pub use steps::{Act, Assigned, NewStep};
pub(crate) use steps::{closings, offers, told};

/// Why a step of a case is not taken, or a document does not go out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CaseError {
    /// No such case, or not theirs.
    #[error("没有这一案，或不归你管；回“控辍保学”看自己的")]
    NoSuchCase,
    /// The rules of cases say no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The step is for others.
    #[error("这一步由{0}办；请他们来记")]
    NotYours(String),
    /// Somebody else wrote a step since the page was read.
    #[error("别人刚记了一步；刷新看看，再决定")]
    Taken,
    /// Nobody of that account, or without a role that is a chief.
    #[error("没有这个人，或他的账号不是六长中的哪一长；换一个人")]
    NoSuchOfficer,
    /// No such place or school.
    #[error("没有这个地方或学校；从名单里选")]
    NoSuchPlace,
    /// Something of the form is missing or does not read.
    #[error("没有写{0}，或写得不对；补上再记")]
    Unread(&'static str),
    /// No such visit about this child.
    #[error("没有这次家访，或不是这个孩子的；从家访记录里选")]
    NoVisit,
    /// A document lacks something.
    #[error("“{title}”还出不了，缺：{}；补上再印", .absent.join("、"))]
    Absent {
        /// The document.
        title: String,
        /// What is not there, in words.
        absent: Vec<String>,
    },
    /// No such child, or not theirs.
    #[error("没有这个孩子，或不归你管；先按姓名找")]
    NoSuchChild,
    /// The child has an open case.
    #[error("这个孩子已经有在办的案（第 {0} 号）；到那一案里接着办")]
    Open(u64),
    /// A day that has not come.
    #[error("{0} 还没到；写已经发生的日子")]
    Tomorrow(Date),
    /// Schooling is not owed to somebody of that age.
    #[error("不是义务教育阶段的孩子，不立控辍保学的案")]
    NotOfAge,
    /// No such document.
    #[error("没有这种文书")]
    NoSuchPaper,
}

/// A child whom an assessment finds in no school.
pub(crate) struct Found {
    person: u64,
    kind: String,
    facts: String,
    ground: CaseGround,
    grade: Option<Grade>,
    class: String,
}

/// The children with a gap in this term's schooling, each with the school where they are enrolled or were last.
pub(crate) fn found(registers: &Registers, settled: &Settled) -> Vec<Found> {
    let now = Period::Term(registers.term);
    let gaps: BTreeMap<u64, usize> = settled
        .settlement
        .gaps
        .iter()
        .filter(|gap| {
            let duty = &settled.duties[gap.duty];
            duty.area == Area::Schooling
                && duty.period == now
                && duty.subject.kind == fujiao_model::SubjectKind::Person
        })
        .map(|gap| (settled.duties[gap.duty].subject.id, gap.duty))
        .collect();
    if gaps.is_empty() {
        return Vec::new();
    }
    // Enrolments go by school year: the last one of a person stays.
    let mut last: BTreeMap<u64, usize> = BTreeMap::new();
    for (at, enrolment) in registers.enrolments.iter().enumerate() {
        let person = registers.persons[enrolment.person as usize].id;
        if enrolment.school.is_some() && gaps.contains_key(&person) {
            last.insert(person, at);
        }
    }
    gaps.iter()
        .map(|(&person, &duty)| {
            let duty = &settled.duties[duty];
            let enrolment = last.get(&person).map(|at| &registers.enrolments[*at]);
            let school =
                enrolment.and_then(|e| e.school).map(|at| registers.schools.all[at as usize].id);
            let class = enrolment
                .and_then(|e| registers.rows[e.row as usize].fields.text(Field::Class))
                .unwrap_or_default()
                .to_owned();
            let town = duty.place.map(fujiao_model::Division::town);
            Found {
                person,
                kind: duty.kind.to_string(),
                facts: duty.because.facts.to_string(),
                ground: CaseGround {
                    town,
                    village: duty.place.filter(|place| Some(*place) != town),
                    school,
                },
                grade: enrolment.and_then(|e| e.grade),
                class,
            }
        })
        .collect()
}

/// Opens a case for each child found that has none; how many. Asked again it opens none. A case that somebody closed in this term for
/// another reason than a return that held (a mistake, a death, another county) stands for the term.
pub(crate) fn open_found(
    tx: &mut Tx,
    county: u32,
    run: u64,
    as_of: Date,
    found: &[Found],
    at: Timestamp,
) -> Result<u64, StoreError> {
    if found.is_empty() {
        return Ok(0);
    }
    let term = fujiao_model::Term::of(as_of).start();
    let mut held: BTreeSet<u64> = BTreeSet::new();
    let mut ends = tx.case_steps(county, None)?;
    ends.retain(|step| step.state == CaseState::Closed.code());
    for case in tx.cases(county)? {
        let stands = if case.state == CaseState::Closed.code() {
            let end = ends.iter().rev().find(|step| step.case == case.number);
            end.is_some_and(|end| end.on >= term && !book::followed(end))
        } else {
            true
        };
        if stands {
            let now = tx.current_person(county, case.person)?;
            held.insert(now.unwrap_or(case.person));
        }
    }
    let mut opened = 0;
    for child in found.iter().filter(|child| !held.contains(&child.person)) {
        tx.add_case(
            county,
            &StoredCase {
                number: 0,
                person: child.person,
                kind: child.kind.clone(),
                facts: child.facts.clone(),
                run,
                opened_on: as_of,
                found: child.ground,
                grade: child.grade,
                class: child.class.clone(),
                state: CaseState::Found.code().to_owned(),
                steps: 0,
                now: child.ground,
                officer: None,
                opened_at: at,
                opened_by: "fujiao".to_owned(),
            },
        )?;
        opened += 1;
    }
    if opened > 0 {
        tx.audit(&Event {
            county,
            at,
            actor: "fujiao",
            action: "open cases",
            object: &format!("run {run}"),
            detail: &format!("opened {opened}"),
        })?;
    }
    Ok(opened)
}
