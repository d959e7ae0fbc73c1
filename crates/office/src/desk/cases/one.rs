//! One case, and the case of a person.

use std::collections::BTreeSet;

use fujiao_model::{Area, Division, Subject};
use fujiao_store::{StoreError, Tx};
use fujiao_watch::case::State;
use jiff::civil::Date;

use super::{CasePage, CaseStepLine, CaseVisit, PersonCase};
use crate::access::Right;
use crate::cases::{Known, Officers, closings, offers, papers_of, told};
use crate::desk::overview::Overview;
use crate::desk::people::stands;
use crate::desk::{DeskError, SchoolRef, Seat, masked_text, office_fault};
use crate::entries::{EntryKey, What};

impl Seat {
    /// One case; `None` if there is none, or it is out of reach.
    ///
    /// # Errors
    /// [`DeskError`] if the books cannot be read.
    pub fn case(&self, number: u64, as_of: Option<Date>) -> Result<Option<CasePage>, DeskError> {
        self.actor.must(Right::Names)?;
        self.read(|tx| {
            let overview = self.overview(tx, Right::Names)?;
            let county = overview.head.county;
            let rules = &self.rules().cases;
            let Some(known) = Known::one(tx, county, rules, number)? else { return Ok(None) };
            if !known.is_in(&self.actor.scope_in(Right::Names, Area::Schooling)) {
                return Ok(None);
            }
            let today = self.case_day(tx, county, as_of)?;
            let officers = Officers::read(tx, county, today).map_err(office_fault)?;
            let context = self.context(tx, &overview, rules, &officers, (today, 0))?;
            let line = self.case_line(&context, &known);
            let acts_here =
                self.actor.may(Right::Case) && known.is_in(&self.actor.scope(Right::Case));
            let duty = known.case.duty(rules, today);
            let town = overview.town_of(known.place());
            let town_name = town.as_ref().map_or("", |(_, name)| name.as_str());
            let names = (line.place_name.as_str(), town_name, self.actor.name.as_str());
            let visits = if acts_here { visits(tx, county, &known)? } else { Vec::new() };
            let mut places: Vec<(Division, String)> = Vec::new();
            let mut schools = Vec::new();
            if acts_here {
                schools = tx.query(
                    "select school_id, name from school where county = $1 order by name",
                    &[county.into()],
                    |r| Ok(SchoolRef { id: r.get(0)?, name: r.get(1)? }),
                )?;
                let of = |code: &u64| Division::from_code(*code).ok();
                let all = overview.places.keys().filter_map(of);
                places.extend(
                    all.filter(|p| *p != p.county()).map(|p| (p, overview.place_name(Some(p)))),
                );
            }
            Ok(Some(CasePage {
                frame: overview.frame(),
                as_of: today,
                guardian: known.child.guardian.clone(),
                steps: known.steps.iter().map(|s| step_line(s, &overview, acts_here)).collect(),
                chiefs: officers.chiefs(
                    rules,
                    &known.standings(),
                    &known.child.guardian,
                    duty.as_ref(),
                ),
                acts: if acts_here {
                    offers(&self.actor, rules, &known, today)
                } else {
                    Vec::new()
                },
                closings: closings(rules, &known, today),
                papers: if acts_here { papers_of(&known, rules, today, names) } else { Vec::new() },
                visits,
                officers: duty
                    .as_ref()
                    .filter(|_| acts_here)
                    .map_or_else(Vec::new, |duty| officers.for_duty(duty, &known)),
                places,
                schools,
                acts_here,
                days: (rules.state(State::Noticed).days, rules.state(State::FollowUp).days),
                town,
                line,
            }))
        })
    }

    /// What a page of a person says of chiefs and case; `None` if schooling is not owed to them and they have no case.
    ///
    /// # Errors
    /// [`DeskError`] if the books cannot be read.
    pub fn case_of_person(&self, person: u64) -> Result<Option<PersonCase>, DeskError> {
        self.read(|tx| {
            let overview = self.overview(tx, Right::Names)?;
            let county = overview.head.county;
            let scope = self.actor.scope_in(Right::Names, Area::Schooling);
            let Some(standing) = stands(tx, county, person)?.filter(|who| scope.reaches(who)) else {
                return Ok(None);
            };
            let rules = &self.rules().cases;
            let mut last = None;
            let numbers = tx.query(
                "select case_no from watch_case where county = $1 and person_id = $2 order by case_no desc",
                &[county.into(), person.into()],
                |r| r.get::<u64>(0),
            )?;
            if let Some(number) = numbers.first() {
                last = Known::one(tx, county, rules, *number)?;
            }
            // Found by the index of subjects, then read by their own key.
            let owed = tx.query_one(
                "select d.duty_id from duty x cross join duty d
                  where x.county = $1 and x.run_id = $2 and x.subject_kind = 'person' and x.subject_id = $3
                    and d.county = x.county and d.run_id = x.run_id and d.duty_id = x.duty_id
                    and d.area = 'schooling' limit 1",
                &[county.into(), overview.head.run.into(), person.into()],
                |r| r.get::<i64>(0),
            )?;
            if last.is_none() && owed.is_none() {
                return Ok(None);
            }
            let today = self.case_day(tx, county, None)?;
            let officers = Officers::read(tx, county, today).map_err(office_fault)?;
            let guardian = tx.query_one(
                "select guardian_name from person where county = $1 and person_id = $2",
                &[county.into(), person.into()],
                |r| r.get::<Option<String>>(0),
            )?;
            let guardian = guardian.flatten().unwrap_or_default();
            let standings = last.as_ref().map_or_else(|| vec![standing], Known::standings);
            let duty = last.as_ref().and_then(|known| known.case.duty(rules, today));
            let chiefs = officers.chiefs(rules, &standings, &guardian, duty.as_ref());
            let case = match &last {
                Some(known) => {
                    let context = self.context(tx, &overview, rules, &officers, (today, person))?;
                    Some(self.case_line(&context, known))
                }
                None => None,
            };
            Ok(Some(PersonCase { chiefs, case }))
        })
    }
}

fn step_line(step: &fujiao_store::StoredStep, overview: &Overview, notes: bool) -> CaseStepLine {
    let closing = fujiao_watch::case::Closing::ALL
        .into_iter()
        .find(|why| step.code == "close" && step.fields.contains(&format!("\"{}\"", why.code())));
    CaseStepLine {
        number: step.number,
        on: step.on,
        code: step.code.clone(),
        said: if notes || step.code == "assign" || step.code == "transfer" {
            told(step, |place| overview.place_name(Some(place)))
        } else {
            Vec::new()
        },
        note: if notes { step.note.clone() } else { String::new() },
        state: State::of(&step.state).unwrap_or(State::Found),
        closing,
        author: step.author.name.clone(),
        at: step.author.at,
    }
}

/// Home visits to the child since the case was found.
fn visits(tx: &mut Tx, county: u32, known: &Known) -> Result<Vec<CaseVisit>, StoreError> {
    let Some(person) = known.child.id else { return Ok(Vec::new()) };
    let taken: BTreeSet<String> = known
        .steps
        .iter()
        .filter(|step| step.code == "visit")
        .filter_map(|step| {
            let fields: serde_json::Value = serde_json::from_str(&step.fields).ok()?;
            Some(fields.get("entry")?.as_str()?.to_owned())
        })
        .collect();
    let entries = tx.entries_about(county, Subject::person(person), known.stored.opened_on)?;
    Ok(entries
        .iter()
        .filter(|entry| entry.kind == "visit" && !entry.care)
        .filter_map(|entry| {
            let Some(What::Visit(visit)) = What::of(entry) else { return None };
            let key = EntryKey(entry.key);
            Some(CaseVisit {
                taken: taken.contains(&key.to_string()),
                key,
                on: entry.on,
                author: entry.author.clone(),
                met: masked_text(&visit.met),
                text: masked_text(&visit.text),
            })
        })
        .collect())
}
