//! Steps of a case: what people say that happened, checked and booked.

use fujiao_model::{Division, Subject};
use fujiao_store::{CaseGround, Event, StoreError, StoredStep, Tx};
use fujiao_watch::case::{Case, Closing, Rules, Step};
use jiff::civil::Date;

use super::book::{Known, Said, division, hex, place_code, step_of};
use super::chiefs::Officers;
use super::{CaseError, CaseRules};
use crate::access::{Access, Actor, Right};
use crate::corrections::{signed, written};
use crate::entries::{EntryKey, What, today};
use crate::{Office, OfficeError};

/// What happened, as somebody says it. What they say in their own words is [`NewStep::note`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// 核实
    Verify {
        /// Really in no school.
        real: bool,
    },
    /// 家访
    Visit {
        /// Whom they met.
        met: String,
        /// Whether that was a guardian.
        guardian_met: bool,
        /// The day by which they promised to send the child.
        promised: Option<Date>,
    },
    /// 家访 that was written down on the page of visits: day, whom they met and what they saw come from there.
    VisitWritten {
        /// Its key.
        entry: EntryKey,
    },
    /// 送达限期复学通知书
    Notice {
        /// To whom.
        guardian: String,
        /// The day by which the child is to return.
        return_by: Date,
    },
    /// 责令改正
    Order {
        /// The day by which the child is to return.
        return_by: Date,
    },
    /// 返校
    Return {
        /// What proves it.
        proof: String,
        /// The row of a roster that proves it.
        row: Option<u64>,
        /// The last day of the follow-up; `None`: as the rules say.
        follow_until: Option<Date>,
    },
    /// 依法延缓、休学
    Exempt {
        /// The approval.
        document: String,
        /// Its last day.
        until: Option<Date>,
    },
    /// 转介
    Refer {
        /// To which service.
        to: String,
    },
    /// 转介有回复
    Answer,
    /// 移交
    Transfer {
        /// Village or town.
        place: Division,
        /// The school there.
        school: Option<u64>,
    },
    /// 接收
    Accept,
    /// 不接收; the note says why.
    Decline,
    /// 再次离校
    Relapse,
    /// 销号
    Close(Closing),
    /// 重开; the note says why.
    Reopen,
    /// 指派
    Assign {
        /// The account.
        user: u64,
    },
}

impl Act {
    /// The word of the step.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Verify { .. } => "verify",
            Self::Visit { .. } | Self::VisitWritten { .. } => "visit",
            Self::Notice { .. } => "notice",
            Self::Order { .. } => "order",
            Self::Return { .. } => "return",
            Self::Exempt { .. } => "exempt",
            Self::Refer { .. } => "refer",
            Self::Answer => "answer",
            Self::Transfer { .. } => "transfer",
            Self::Accept => "accept",
            Self::Decline => "decline",
            Self::Relapse => "relapse",
            Self::Close(_) => "close",
            Self::Reopen => "reopen",
            Self::Assign { .. } => "assign",
        }
    }
}

/// A step that somebody writes down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewStep {
    /// The day on which it happened.
    pub on: Date,
    /// What.
    pub act: Act,
    /// In their own words; personal numbers are masked before it is written.
    pub note: String,
    /// How many steps the case had when they read it.
    pub after: u32,
}

/// What came of assigning several cases at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assigned {
    /// How many were assigned.
    pub done: usize,
    /// Those that stay as they were, and why.
    pub left: Vec<(u64, CaseError)>,
}

impl Office {
    /// Takes a step of a case; its number. Nothing is written if it is refused.
    ///
    /// # Errors
    /// [`CaseError`] with the reason; what the store says.
    pub fn case_step(&self, actor: &Actor, number: u64, new: &NewStep) -> Result<u32, OfficeError> {
        actor.must(Right::Case)?;
        let county = self.county_code()?;
        let written = self.store.write(|tx| {
            let today = today(tx, county, actor)?;
            let officers = Officers::read(tx, county, today)?;
            step_in(tx, county, actor, &self.rules.cases, &officers, today, number, new)
        });
        match written {
            // Two who wrote at once: the database took one of them.
            Err(OfficeError::Store(StoreError::Unique(_))) => Err(CaseError::Taken.into()),
            other => other,
        }
    }

    /// Assigns several cases to one account, each by a step of its own. What cannot be assigned stays as it is, with the reason.
    ///
    /// # Errors
    /// Not theirs to do; what the store says.
    pub fn assign_cases(
        &self,
        actor: &Actor,
        numbers: &[u64],
        user: u64,
    ) -> Result<Assigned, OfficeError> {
        actor.must(Right::Case)?;
        let county = self.county_code()?;
        self.store.write(|tx| {
            let today = today(tx, county, actor)?;
            let officers = Officers::read(tx, county, today)?;
            let mut assigned = Assigned::default();
            for &number in numbers {
                let steps = tx.case(county, number)?.map_or(0, |case| case.steps);
                let act = Act::Assign { user };
                let new = NewStep { on: today, act, note: String::new(), after: steps };
                let rules = &self.rules.cases;
                match step_in(tx, county, actor, rules, &officers, today, number, &new) {
                    Ok(_) => assigned.done += 1,
                    Err(OfficeError::Case(error)) => assigned.left.push((number, error)),
                    Err(error) => return Err(error),
                }
            }
            Ok(assigned)
        })
    }
}

/// Checks and books one step. Looks at everything before it writes.
#[expect(clippy::too_many_arguments, reason = "the books, the rules, who, when, and what")]
fn step_in(
    tx: &mut Tx,
    county: u32,
    actor: &Actor,
    rules: &CaseRules,
    officers: &Officers,
    today: Date,
    number: u64,
    new: &NewStep,
) -> Result<u32, OfficeError> {
    let mut known = Known::one(tx, county, rules, number)?.ok_or(CaseError::NoSuchCase)?;
    if !known.is_in(&actor.scope(Right::Case)) {
        return Err(CaseError::NoSuchCase.into());
    }
    may_take(actor, rules, &known, new.act.code())?;
    if new.after != known.stored.steps {
        return Err(CaseError::Taken.into());
    }
    let mut note = written(&new.note).unwrap_or_default();
    let mut on = new.on;
    let said = said_of(tx, county, rules, officers, today, &known, &new.act, (&mut on, &mut note))?;
    let code = new.act.code();
    let step = step_of(code, &said, &note).ok_or(CaseError::Unread("这一步"))?;
    known.case.take(step, on, today, rules).map_err(CaseError::Refused)?;
    let state = known.case.state();
    let ground = ground_of(&known.case);
    let officer = known.case.duty(rules, today).and_then(|d| d.officer.map(|o| o.id));
    let step_no = known.stored.steps + 1;
    tx.add_case_step(
        county,
        &StoredStep {
            case: number,
            number: step_no,
            on,
            code: code.to_owned(),
            fields: said.to_json(),
            note,
            state: state.code().to_owned(),
            ground,
            user: actor.user,
            author: signed(actor),
        },
        officer,
    )?;
    tx.audit(&Event {
        county,
        at: actor.at,
        actor: &actor.login,
        action: "case step",
        object: &format!("case {number}"),
        detail: &format!("{step_no} {code} {} on {on}", state.code()),
    })?;
    Ok(step_no)
}

/// Whether somebody's roles on this case's ground may take a step. Who was asked to take a case says yes or no to it, and nobody else.
pub(super) fn may_take(
    actor: &Actor,
    rules: &CaseRules,
    known: &Known,
    code: &str,
) -> Result<(), CaseError> {
    let asked: Vec<_> = known.asked().into_iter().collect();
    let answers = matches!(code, "accept" | "decline");
    // Without anybody asked, the rules of cases say so.
    let standings = if answers && !asked.is_empty() { asked } else { known.standings() };
    let held: Vec<&str> =
        actor.roles_at(Right::Case, &standings).iter().map(|role| role.code()).collect();
    if rules.may(code, &held) {
        return Ok(());
    }
    let names: Vec<&str> = rules
        .takers(code)
        .iter()
        .filter_map(|code| crate::access::Role::parse(code))
        .map(|role| Access::builtin().role(role).zh.as_str())
        .collect();
    let mut who = names.join("、");
    if answers {
        who = format!("接收一方的{who}");
    }
    Err(CaseError::NotYours(who))
}

/// What a step says, ready for the books.
#[expect(clippy::too_many_arguments, reason = "what each step asks the books about")]
fn said_of(
    tx: &mut Tx,
    county: u32,
    rules: &CaseRules,
    officers: &Officers,
    today: Date,
    known: &Known,
    act: &Act,
    (on, note): (&mut Date, &mut String),
) -> Result<Said, OfficeError> {
    let mut said = Said::default();
    match act {
        Act::Verify { real } => said.real = Some(*real),
        Act::Visit { met, guardian_met, promised } => {
            said.met = written(met);
            said.guardian_met = Some(*guardian_met);
            said.promised = *promised;
        }
        Act::VisitWritten { entry } => {
            let found = tx.entry_of_key(county, &entry.0)?.filter(|e| {
                let about = known.child.id.map(Subject::person);
                !e.care && e.kind == "visit" && about == Some(e.subject)
            });
            let found = found.ok_or(CaseError::NoVisit)?;
            let Some(What::Visit(visit)) = What::of(&found) else {
                return Err(CaseError::NoVisit.into());
            };
            *on = found.on;
            said.met = written(&visit.met);
            said.guardian_met = Some(said.met.is_some());
            said.entry = Some(entry.to_string());
            if note.is_empty() {
                *note = written(&visit.text).unwrap_or_default();
            }
        }
        Act::Notice { guardian, return_by } => {
            said.guardian = written(guardian);
            said.return_by = Some(*return_by);
        }
        Act::Order { return_by } => said.return_by = Some(*return_by),
        Act::Return { proof, row, follow_until } => {
            said.proof = written(proof);
            said.row = row.map(hex);
            said.until = *follow_until;
        }
        Act::Exempt { document, until } => {
            said.document = written(document);
            said.until = *until;
        }
        Act::Refer { to } => said.to = written(to),
        Act::Transfer { place, school } => {
            let known_place = tx.places(county)?.into_iter().find(|p| p.code == *place);
            // Another county keeps its own books: its code is its name here.
            let name = match known_place {
                Some(place) => place.name,
                None if place.county_code() != county => place.to_string(),
                None => return Err(CaseError::NoSuchPlace.into()),
            };
            said.places = vec![place_code(*place)];
            if *place != place.town() {
                said.places.push(place_code(place.town()));
            }
            said.name = Some(name);
            if let Some(school) = school {
                let name = super::book::school_name(tx, county, Some(*school))?;
                if name.is_empty() {
                    return Err(CaseError::NoSuchPlace.into());
                }
                said.school = Some(hex(*school));
                said.to = Some(name);
            }
        }
        Act::Close(why) => said.closing = Some(why.code().to_owned()),
        Act::Assign { user } => {
            let duty = known.case.duty(rules, today);
            let duty = duty.ok_or(CaseError::Refused(fujiao_watch::case::Refusal::Closed))?;
            let owner =
                officers.owner(*user, rules, &duty, known).ok_or(CaseError::NoSuchOfficer)?;
            said.user = Some(*user);
            said.name = officers.name(*user);
            said.role = Some(owner.role);
            said.school = owner.school.map(hex);
            said.place = owner.place;
        }
        Act::Answer | Act::Accept | Act::Decline | Act::Relapse | Act::Reopen => {}
    }
    Ok(said)
}

/// The ground of a case, from its places.
fn ground_of(case: &Case) -> CaseGround {
    let places: Vec<Division> = case.places.iter().filter_map(|code| division(*code)).collect();
    let town = places.first().map(|place| place.town());
    let village = places.first().copied().filter(|place| Some(*place) != town);
    CaseGround { town, village, school: case.school }
}

/// Each step with what stands in its way for this person today; `None`: nothing.
pub(crate) fn offers(
    actor: &Actor,
    rules: &CaseRules,
    known: &Known,
    today: Date,
) -> Vec<(&'static str, Option<String>)> {
    Step::CODES
        .into_iter()
        .filter(|code| *code != "assign")
        .map(|code| (code, hindrance(actor, rules, known, today, code)))
        .collect()
}

fn hindrance(
    actor: &Actor,
    rules: &CaseRules,
    known: &Known,
    today: Date,
    code: &'static str,
) -> Option<String> {
    // What the rules of cases say tells more than whose it is.
    let mut fault = None;
    for step in plausible(code, today) {
        match known.case.clone().take(step, today, today, rules) {
            Ok(()) => {
                return may_take(actor, rules, known, code).err().map(|e| e.to_string());
            }
            Err(refusal) => fault = fault.or_else(|| Some(refusal.to_string())),
        }
    }
    fault
}

/// Steps of a kind with nothing missing, to see whether the case would take one.
fn plausible(code: &str, today: Date) -> Vec<Step> {
    let later = today.saturating_add(jiff::Span::new().days(7));
    let text = || "—".to_owned();
    match code {
        "verify" => vec![Step::Verify { real: true }],
        "visit" => vec![Step::Visit { guardian_met: true, promised: None }],
        "notice" => vec![Step::Notice { guardian: Some(text()), return_by: later }],
        "order" => vec![Step::Order { return_by: later }],
        "return" => vec![Step::Return { proof: text(), follow_until: None }],
        "exempt" => vec![Step::Exempt { document: text(), until: None }],
        "refer" => vec![Step::Refer { to: text() }],
        "answer" => vec![Step::Answer { said: text() }],
        "transfer" => vec![Step::Transfer { places: vec![0], school: None }],
        "accept" => vec![Step::Accept],
        "decline" => vec![Step::Decline { why: text() }],
        "relapse" => vec![Step::Relapse],
        "close" => Closing::ALL.into_iter().map(Step::Close).collect(),
        "reopen" => vec![Step::Reopen { why: text() }],
        _ => Vec::new(),
    }
}

/// The reasons for which a case can be closed today.
pub(crate) fn closings(rules: &Rules, known: &Known, today: Date) -> Vec<Closing> {
    let fits =
        |why: &Closing| known.case.clone().take(Step::Close(*why), today, today, rules).is_ok();
    Closing::ALL.into_iter().filter(fits).collect()
}

/// What a step says, as pairs of a word of the pages and a text.
pub(crate) fn told(
    step: &StoredStep,
    place_name: impl Fn(Division) -> String,
) -> Vec<(&'static str, String)> {
    let Some(said) = Said::read(&step.fields) else { return Vec::new() };
    let mut out: Vec<(&'static str, String)> = Vec::new();
    let mut put = |key, text: Option<String>| {
        out.extend(text.filter(|t| !t.is_empty()).map(|text| (key, text)));
    };
    let day = |d: Option<Date>| d.map(|d| d.to_string());
    put("met", said.met);
    put("promised", day(said.promised));
    put("guardian", said.guardian);
    put("return_by", day(said.return_by));
    put("proof", said.proof);
    put("document", said.document);
    put("until", day(said.until));
    let place = said.places.first().and_then(|code| division(*code)).map(place_name);
    put("place", place.or_else(|| (step.code == "assign").then_some(said.name).flatten()));
    put("to", said.to);
    out
}
