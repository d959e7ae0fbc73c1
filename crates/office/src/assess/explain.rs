//! Why one person is owed something, or not: the rule, the article, the facts and the rows that they came from.

use fujiao_model::{CitizenId, Field, Period, Term};
use fujiao_policy::{
    Entitlement, Explainer, Frame, FrameKind, Language, Programme, Rhythm, Seen, assess_programme,
    column,
};
use fujiao_store::Event;
use jiff::Timestamp;
use jiff::civil::Date;

use super::{Registers, duties, frames};
use crate::registers::enrolments::Enrolment;
use crate::registers::standing::Standing;
use crate::{Office, OfficeError, Progress};

/// What one programme owes one person for a term, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The person's name.
    pub name: String,
    /// Masked.
    pub citizen_id: String,
    /// Key of the programme.
    pub programme: String,
    /// Its Chinese name.
    pub title: String,
    /// Its English name.
    pub title_en: String,
    /// For which period: the term, or the school year or months of it.
    pub periods: Vec<String>,
    /// Why the programme is off, if it is: then the answers are what it would give.
    pub off: Option<String>,
    /// The rule as written.
    pub who: String,
    /// The files that made the rule, with what each did.
    pub origins: Vec<(String, String)>,
    /// Hash of the policy files.
    pub policies_hash: String,
    /// One for each row about the person: an enrolment, his place in the register, his household. Empty if there is none.
    pub rows: Vec<ExplainedRow>,
}

/// The answer for one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExplainedRow {
    /// For which period.
    pub period: String,
    /// What the row is: school and grade, or the household.
    pub about: String,
    /// `due`, `not_due` or `ask`.
    pub answer: &'static str,
    /// In the programme's unit, if something is due.
    pub quantity: Option<i64>,
    /// The same as people write it, with the unit.
    pub shown: String,
    /// One Chinese sentence.
    pub chinese: String,
    /// One English sentence.
    pub english: String,
    /// The version of the rule: programme, `@`, first period of the amount; empty if nothing is due.
    pub rule: String,
    /// The article; empty if nothing is due.
    pub basis: String,
    /// By when, if something is due.
    pub due_on: Option<Date>,
    /// Who must act, if something is due.
    pub bearer: String,
    /// Every fact that the rule can look at.
    pub facts: Vec<ExplainedFact>,
}

/// One fact about the person, and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExplainedFact {
    /// Name of the column.
    pub column: &'static str,
    /// Its Chinese term.
    pub chinese: &'static str,
    /// The value as rules see it; `?` if it is not on file.
    pub value: String,
    /// File, sheet and row of each source.
    pub sources: Vec<String>,
}

impl Office {
    /// Explains what a programme owes the person of a citizen id for a term. The look is recorded.
    ///
    /// # Errors
    /// [`OfficeError::NotAnId`], [`OfficeError::NoSuchPerson`], [`OfficeError::NoRosters`], an unknown programme, one whose
    /// subject is no person; what the store says.
    pub fn explain(
        &self,
        citizen: &str,
        programme: &str,
        term: Term,
        (as_of, at): (Date, Timestamp),
        progress: &Progress<'_>,
    ) -> Result<Explanation, OfficeError> {
        let rule = self.rules.policies.find(programme)?;
        let id = CitizenId::parse(citizen)
            .map_err(|_| OfficeError::NotAnId(citizen.trim().to_owned()))?;
        if !matches!(rule.frame, FrameKind::Pupil | FrameKind::Resident | FrameKind::Household) {
            return Err(OfficeError::NotOfAPerson(rule.key.to_string(), rule.frame.chinese()));
        }
        let county = self.county.as_ref().ok_or(OfficeError::NoRosters)?;
        let (registers, _) = self.who_is_who(county, as_of, progress)?;
        let person = registers
            .persons
            .iter()
            .position(|p| p.citizen_id.as_ref() == Some(&id))
            .ok_or_else(|| OfficeError::NoSuchPerson(id.masked()))?;
        let person = u32::try_from(person).expect("persons fit 32 bits");
        self.store.write(|tx| {
            tx.audit(&Event {
                county: county.code,
                at,
                actor: "fujiao",
                action: "explain",
                object: &format!("person {:016x}", registers.persons[person as usize].id),
                detail: &format!("{programme} {term}"),
            })?;
            Ok::<(), OfficeError>(())
        })?;
        Ok(explanation(&registers, rule, person, term, as_of)?)
    }
}

fn periods(rule: &Programme, term: Term) -> Vec<Period> {
    match rule.rhythm {
        Rhythm::Term | Rhythm::SchoolDay => vec![Period::Term(term)],
        Rhythm::SchoolYear => vec![Period::SchoolYear(term.school_year())],
        Rhythm::Year => vec![Period::Year(term.year())],
        Rhythm::Once => vec![Period::Once],
        Rhythm::Month => {
            let first = term.start();
            vec![Period::Month(first.year(), first.month())]
        }
    }
}

fn explanation(
    registers: &Registers,
    rule: &Programme,
    person: u32,
    term: Term,
    as_of: Date,
) -> Result<Explanation, fujiao_policy::PolicyError> {
    let policies = &registers.rules.policies;
    let periods = periods(rule, term);
    let day = match rule.seen {
        Seen::Start => term.start(),
        Seen::Assessment => as_of,
    };
    let mut rows = Vec::new();
    for &period in &periods {
        let subject = Subjects::of(registers, rule, person, term, day, as_of)?;
        let result = assess_programme(policies, &rule.key, &subject.frame, period, as_of)?;
        let mut explainer = Explainer::new(policies, &subject.frame, &result, as_of);
        for row in 0..subject.frame.rows() {
            let answer = result.entitlement(row);
            let quantity = match answer {
                Entitlement::Due(n) => Some(n),
                _ => None,
            };
            let why = quantity.map(|_| explainer.why(row));
            let (town, school) = subject.place(registers, person, row);
            rows.push(ExplainedRow {
                period: period.to_string(),
                about: subject.about(registers, row),
                answer: match answer {
                    Entitlement::Due(_) => "due",
                    Entitlement::NotDue(_) => "not_due",
                    Entitlement::Ask(_) => "ask",
                },
                quantity,
                shown: quantity.map_or_else(String::new, |n| {
                    format!("{} {}", rule.unit.show(n), rule.unit.chinese())
                }),
                chinese: explainer.say(row, answer, Language::Chinese).to_string(),
                english: explainer.say(row, answer, Language::English).to_string(),
                rule: why.as_ref().map_or_else(String::new, |w| w.rule.to_string()),
                basis: why.map_or_else(String::new, |w| w.basis.to_string()),
                due_on: quantity.map(|_| result.due_on(row)),
                bearer: quantity.map_or_else(String::new, |_| rule.bearer_of(town, school)),
                facts: facts(registers, rule, &subject, person, row, day),
            });
        }
    }
    let who = &registers.persons[person as usize];
    Ok(Explanation {
        name: who.name.clone(),
        citizen_id: who.citizen_id.as_ref().map_or_else(String::new, CitizenId::masked),
        programme: rule.key.to_string(),
        title: rule.title.to_string(),
        title_en: rule.title_en.to_string(),
        periods: periods.iter().map(Period::to_string).collect(),
        off: rule.off.as_ref().map(ToString::to_string),
        who: rule.who().to_owned(),
        origins: rule.origins.iter().map(|(f, how)| (f.to_string(), how.to_string())).collect(),
        policies_hash: registers.rules.hash().to_owned(),
        rows,
    })
}

/// The rows about one person in the frame of a programme.
struct Subjects<'a> {
    frame: Frame,
    pupils: Vec<&'a Enrolment>,
    household: Option<u32>,
}

impl<'a> Subjects<'a> {
    fn of(
        registers: &'a Registers,
        rule: &Programme,
        person: u32,
        term: Term,
        day: Date,
        as_of: Date,
    ) -> Result<Self, fujiao_policy::PolicyError> {
        let mut pupils = Vec::new();
        let mut household = None;
        let frame = match rule.frame {
            FrameKind::Resident => {
                frames::residents(registers, &[person], as_of, term.school_year())?
            }
            FrameKind::Household => {
                household = registers.persons[person as usize].household;
                let of: Vec<u32> = household.into_iter().collect();
                frames::households(registers, &of, as_of)?
            }
            _ => {
                pupils = duties::pupils_on(registers, term.school_year(), term.start());
                pupils.retain(|e| e.person == person);
                let mut frame = frames::pupils(registers, &pupils, day)?;
                frames::set_days_of_term(registers, &mut frame, &pupils, term)?;
                frame
            }
        };
        Ok(Self { frame, pupils, household })
    }

    fn about(&self, registers: &Registers, row: usize) -> String {
        if let Some(e) = self.pupils.get(row) {
            let school = e.school.map_or("", |s| registers.schools.all[s as usize].name.as_str());
            let grade = e.grade.map_or("", fujiao_model::Grade::chinese);
            return format!("{school} {grade}").trim().to_owned();
        }
        match self.household {
            Some(h) => format!("户 {} 人", registers.households[h as usize].members.len()),
            None => "户籍".to_owned(),
        }
    }

    fn place<'r>(&self, registers: &'r Registers, person: u32, row: usize) -> (&'r str, &'r str) {
        let school = self.pupils.get(row).and_then(|e| e.school);
        let place = registers.persons[person as usize]
            .place
            .or_else(|| registers.school_place(school))
            .map_or_else(|| registers.county_division(), fujiao_model::Division::town);
        let school = school.map_or("", |s| registers.schools.all[s as usize].name.as_str());
        (registers.places.town_name(place), school)
    }
}

fn facts(
    registers: &Registers,
    rule: &Programme,
    subject: &Subjects<'_>,
    person: u32,
    row: usize,
    day: Date,
) -> Vec<ExplainedFact> {
    let origin = |row: u32| {
        let (file, sheet, line) = registers.origins[row as usize];
        let file = &registers.files[file as usize];
        let sheet = file.sheets.get(usize::from(sheet)).map_or("", String::as_str);
        format!("{}/{sheet} 第{line}行", file.name)
    };
    rule.columns()
        .iter()
        .map(|id| {
            let c = column(*id);
            let frame = &subject.frame;
            let value = frame
                .flag(*id, row)
                .map(|b| if b { "是" } else { "否" }.to_owned())
                .or_else(|| frame.int(*id, row).map(|n| n.to_string()))
                .or_else(|| frame.code(*id, row).map(str::to_owned))
                .unwrap_or_else(|| "?".to_owned());
            let rows = source_rows(registers, c.name, c.source, subject, person, row, day);
            ExplainedFact {
                column: c.name,
                chinese: c.chinese,
                value,
                sources: rows.into_iter().map(origin).collect(),
            }
        })
        .collect()
}

/// The rows that a column of one person was read from.
fn source_rows(
    registers: &Registers,
    name: &str,
    source: &str,
    subject: &Subjects<'_>,
    person: u32,
    row: usize,
    day: Date,
) -> Vec<u32> {
    let standing: Option<Standing> =
        frames::PUPIL_STANDINGS.iter().find(|(n, _)| *n == name).map(|(_, s)| *s);
    if let Some(standing) = standing {
        let members = match subject.household {
            Some(h) => registers.listed_members(h).to_vec(),
            None => vec![person],
        };
        let mut rows: Vec<u32> = members
            .into_iter()
            .flat_map(|m| registers.standings.on(m, day))
            .filter(|d| d.standing == standing)
            .map(|d| d.row)
            .collect();
        rows.sort_unstable();
        rows.dedup();
        return rows;
    }
    let enrolment = subject.pupils.get(row);
    match (source, enrolment) {
        ("schools", Some(e)) => {
            e.school.and_then(|s| registers.schools.all[s as usize].row).into_iter().collect()
        }
        ("enrolments", Some(e)) => vec![e.row],
        ("exemptions", _) => registers.exemption_on(person, registers.as_of).into_iter().collect(),
        ("poor_households", _) => registers.on_poor_list[person as usize].into_iter().collect(),
        ("residents", _) => registers
            .by_kind
            .get(fujiao_model::RosterKind::Residents)
            .iter()
            .copied()
            .filter(|r| registers.person_of[*r as usize] == person)
            .filter(|r| registers.rows[*r as usize].fields.get(Field::CitizenId).is_some())
            .collect(),
        _ => Vec::new(),
    }
}
