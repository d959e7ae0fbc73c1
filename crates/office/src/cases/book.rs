//! Cases as the books keep them, and as `watch` thinks of them.

use fujiao_model::Division;
use fujiao_store::{CaseGround, Row, StoreError, StoredCase, StoredStep, Tx, V};
use fujiao_watch::case::{Case, Closing, Entry, Officer, Rules, State, Step};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::access::{Scope, Standing};

/// What a step says, as JSON. Flat: each step has its own few of these.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Said {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) real: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) met: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) guardian_met: Option<bool>,
    #[serde(with = "days", skip_serializing_if = "Option::is_none")]
    pub(crate) promised: Option<Date>,
    /// Key of the entry of 家访 that it was made from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) entry: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) guardian: Option<String>,
    #[serde(with = "days", skip_serializing_if = "Option::is_none")]
    pub(crate) return_by: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) proof: Option<String>,
    /// Source row that shows the child in school, 16 hexadecimal digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) row: Option<String>,
    #[serde(with = "days", skip_serializing_if = "Option::is_none")]
    pub(crate) until: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) document: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) to: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) places: Vec<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) school: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) closing: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) user: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) role: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) place: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) is_guardian: Option<bool>,
}

impl Said {
    pub(crate) fn read(json: &str) -> Option<Self> {
        serde_json::from_str(json).ok()
    }

    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(self).expect("texts, numbers and days always write")
    }
}

/// Days in JSON as people write them.
mod days {
    use jiff::civil::Date;
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(clippy::ref_option, clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
    pub(super) fn serialize<S: Serializer>(day: &Option<Date>, to: S) -> Result<S::Ok, S::Error> {
        match day {
            Some(day) => to.collect_str(day),
            None => to.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Date>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        Ok(text.and_then(|text| text.parse().ok()))
    }
}

/// The id of a school in JSON, where numbers of 64 bits are not safe.
pub(crate) fn hex(id: u64) -> String {
    format!("{id:016x}")
}

fn unhex(text: &str) -> Option<u64> {
    u64::from_str_radix(text, 16).ok()
}

/// A place as `watch` counts it: its twelve digits.
pub(crate) fn place_code(place: Division) -> i64 {
    i64::try_from(place.code()).expect("twelve digits")
}

/// A step of the books as `watch` knows it; `None` if it does not read.
pub(crate) fn step_of(code: &str, said: &Said, note: &str) -> Option<Step> {
    let text = |t: &Option<String>| t.clone().unwrap_or_default();
    Some(match code {
        "verify" => Step::Verify { real: said.real? },
        "visit" => Step::Visit {
            guardian_met: said.guardian_met.unwrap_or_default(),
            promised: said.promised,
        },
        "notice" => Step::Notice { guardian: said.guardian.clone(), return_by: said.return_by? },
        "order" => Step::Order { return_by: said.return_by? },
        "return" => Step::Return { proof: text(&said.proof), follow_until: said.until },
        "exempt" => Step::Exempt { document: text(&said.document), until: said.until },
        "refer" => Step::Refer { to: text(&said.to) },
        "answer" => Step::Answer { said: note.to_owned() },
        "transfer" => Step::Transfer {
            places: said.places.clone(),
            school: said.school.as_deref().and_then(unhex),
        },
        "accept" => Step::Accept,
        "decline" => Step::Decline { why: note.to_owned() },
        "relapse" => Step::Relapse,
        "close" => Step::Close(Closing::of(said.closing.as_deref()?)?),
        "reopen" => Step::Reopen { why: note.to_owned() },
        "assign" => Step::Assign(Officer {
            id: said.user.unwrap_or_default(),
            role: said.role.clone()?,
            school: said.school.as_deref().and_then(unhex),
            place: said.place,
            guardian: said.is_guardian.unwrap_or_default(),
        }),
        _ => return None,
    })
}

/// Whether a case ended because the child's return held.
pub(super) fn followed(end: &StoredStep) -> bool {
    end.code == "close"
        && Said::read(&end.fields).and_then(|s| s.closing).as_deref()
            == Some(Closing::Followed.code())
}

/// The child of a case, as the register has them today.
#[derive(Clone, Debug, Default)]
pub(crate) struct Child {
    /// Their id now; `None`: in no register any more.
    pub(crate) id: Option<u64>,
    pub(crate) name: String,
    pub(crate) guardian: String,
    pub(crate) standing: Standing,
}

/// A case with all that is known of it.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) stored: StoredCase,
    pub(crate) steps: Vec<StoredStep>,
    pub(crate) case: Case,
    pub(crate) child: Child,
    /// The name of its school now; empty: none, or not in the register.
    pub(crate) school: String,
}

impl Known {
    /// One case; `None` if there is none of that number.
    pub(crate) fn one(
        tx: &mut Tx,
        county: u32,
        rules: &Rules,
        number: u64,
    ) -> Result<Option<Self>, StoreError> {
        let Some(stored) = tx.case(county, number)? else { return Ok(None) };
        let steps = tx.case_steps(county, Some(number))?;
        let child = child_of(tx, county, stored.person)?;
        let school = school_name(tx, county, stored.now.school)?;
        Ok(Some(Self::of(stored, steps, child, school, rules)))
    }

    /// All cases, by number.
    pub(crate) fn all(tx: &mut Tx, county: u32, rules: &Rules) -> Result<Vec<Self>, StoreError> {
        let cases = tx.cases(county)?;
        let steps = tx.case_steps(county, None)?;
        Self::of_cases(tx, county, rules, cases, steps)
    }

    /// The open cases, by number.
    pub(crate) fn open(tx: &mut Tx, county: u32, rules: &Rules) -> Result<Vec<Self>, StoreError> {
        let cases = tx.open_cases(county)?;
        let numbers: Vec<u64> = cases.iter().map(|case| case.number).collect();
        let steps = tx.steps_of(county, &numbers)?;
        Self::of_cases(tx, county, rules, cases, steps)
    }

    /// Some cases, by number.
    pub(crate) fn of_numbers(
        tx: &mut Tx,
        county: u32,
        rules: &Rules,
        numbers: &[u64],
    ) -> Result<Vec<Self>, StoreError> {
        let mut numbers = numbers.to_vec();
        numbers.sort_unstable();
        let cases = tx.cases_of(county, &numbers)?;
        let steps = tx.steps_of(county, &numbers)?;
        Self::of_cases(tx, county, rules, cases, steps)
    }

    /// Cases with their steps, both by number.
    fn of_cases(
        tx: &mut Tx,
        county: u32,
        rules: &Rules,
        cases: Vec<StoredCase>,
        steps: Vec<StoredStep>,
    ) -> Result<Vec<Self>, StoreError> {
        let mut steps = steps.into_iter().peekable();
        let mut known = std::collections::BTreeMap::new();
        let mut persons: Vec<u64> = cases.iter().map(|case| case.person).collect();
        persons.sort_unstable();
        persons.dedup();
        for chunk in persons.chunks(256) {
            let mut args: Vec<V> = vec![county.into()];
            args.extend(chunk.iter().map(|id| V::from(*id)));
            let marks = fujiao_store::marks(2..=args.len());
            let sql = format!(
                "select person_id, name, town, village, school_id, grade, class, guardian_name
                   from person where county = $1 and person_id in ({marks})"
            );
            tx.each(&sql, &args, |r| {
                known.insert(r.get::<u64>(0)?, child(r)?);
                Ok(())
            })?;
        }
        let mut schools = std::collections::BTreeMap::new();
        tx.each("select school_id, name from school where county = $1", &[county.into()], |r| {
            schools.insert(r.get::<u64>(0)?, r.get::<String>(1)?);
            Ok(())
        })?;
        let mut all = Vec::with_capacity(cases.len());
        for stored in cases {
            let mut own = Vec::new();
            while let Some(step) = steps.next_if(|step| step.case == stored.number) {
                own.push(step);
            }
            let child = match known.get(&stored.person) {
                Some(child) => child.clone(),
                // Merged into another since, or gone.
                None => child_of(tx, county, stored.person)?,
            };
            let school = stored.now.school.and_then(|id| schools.get(&id)).cloned();
            all.push(Self::of(stored, own, child, school.unwrap_or_default(), rules));
        }
        Ok(all)
    }

    fn of(
        stored: StoredCase,
        steps: Vec<StoredStep>,
        child: Child,
        school: String,
        rules: &Rules,
    ) -> Self {
        let entries: Vec<Entry> = steps
            .iter()
            .filter_map(|s| {
                let said = Said::read(&s.fields)?;
                let step = step_of(&s.code, &said, &s.note)?;
                Some(Entry { on: s.on, step, state: State::of(&s.state)? })
            })
            .collect();
        let case = Case::recall(
            places(&stored.found),
            stored.found.school,
            stored.opened_on,
            &entries,
            rules,
        );
        Self { stored, steps, case, child, school }
    }

    /// How the case stands for grounds: where it is kept now, and where the register has the child.
    pub(crate) fn standings(&self) -> Vec<Standing> {
        let own = Standing {
            person: self.child.id,
            places: self.stored.now.village.into_iter().chain(self.stored.now.town).collect(),
            school: self.stored.now.school,
            grade: self.stored.grade.filter(|_| self.at_first_school()),
            class: if self.at_first_school() { self.stored.class.clone() } else { String::new() },
        };
        vec![own, self.child.standing.clone()]
    }

    /// Whether it is kept where it was found: grade and class are of that school.
    pub(crate) fn at_first_school(&self) -> bool {
        self.stored.now.school == self.stored.found.school
    }

    /// The place that was asked to take it.
    pub(crate) fn asked(&self) -> Option<Standing> {
        let (places, school) = self.case.asked()?;
        let places = places.iter().filter_map(|code| division(*code)).collect();
        Some(Standing { places, school, ..Standing::default() })
    }

    /// Whether somebody of that scope sees it.
    pub(crate) fn is_in(&self, scope: &Scope) -> bool {
        scope.is_whole()
            || self.standings().iter().any(|who| scope.reaches(who))
            || self.asked().is_some_and(|who| scope.reaches(&who))
    }

    /// The village, or the town where no village is known.
    pub(crate) fn place(&self) -> Option<Division> {
        self.stored.now.village.or(self.stored.now.town)
    }

    /// What the last step of a kind says, with the step.
    pub(crate) fn last(&self, code: &str) -> Option<(&StoredStep, Said)> {
        let step = self.steps.iter().rev().find(|step| step.code == code)?;
        Some((step, Said::read(&step.fields)?))
    }
}

/// A place of twelve digits.
pub(crate) fn division(code: i64) -> Option<Division> {
    Division::from_code(u64::try_from(code).ok()?).ok()
}

/// The places of a ground, from the village up.
pub(crate) fn places(ground: &CaseGround) -> Vec<i64> {
    ground.village.into_iter().chain(ground.town).map(place_code).collect()
}

fn child(r: &Row) -> Result<Child, StoreError> {
    let id: u64 = r.get(0)?;
    let place = |column| Ok::<_, StoreError>(r.get::<Option<i64>>(column)?.and_then(division));
    Ok(Child {
        id: Some(id),
        name: r.get(1)?,
        guardian: r.get::<Option<String>>(7)?.unwrap_or_default(),
        standing: Standing {
            person: Some(id),
            places: place(3)?.into_iter().chain(place(2)?).collect(),
            school: r.get(4)?,
            grade: r.parse(5, fujiao_model::Grade::parse)?,
            class: r.get::<Option<String>>(6)?.unwrap_or_default(),
        },
    })
}

fn child_of(tx: &mut Tx, county: u32, person: u64) -> Result<Child, StoreError> {
    let Some(now) = tx.current_person(county, person)? else { return Ok(Child::default()) };
    let sql = "select person_id, name, town, village, school_id, grade, class, guardian_name
                 from person where county = $1 and person_id = $2";
    Ok(tx.query_one(sql, &[county.into(), now.into()], child)?.unwrap_or_default())
}

/// The name of a school; empty if there is none.
pub(crate) fn school_name(
    tx: &mut Tx,
    county: u32,
    school: Option<u64>,
) -> Result<String, StoreError> {
    let Some(id) = school else { return Ok(String::new()) };
    let args: [V; 2] = [county.into(), id.into()];
    let sql = "select name from school where county = $1 and school_id = $2";
    Ok(tx.query_one(sql, &args, |r| r.get(0))?.unwrap_or_default())
}
