//! Tables for the county to fill in, with what the books know already.

use std::collections::BTreeSet;

use fujiao_model::Field;
use fujiao_policy::PolicySet;

use super::inputs::{Inputs, People};
use super::tables::Form;
use super::{Ask, PlanError, changes, money, places, teachers};
use crate::access::{Actor, Right};
use crate::{Office, OfficeError};

/// One sheet of such a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlankSheet {
    /// Its name.
    pub name: String,
    /// Headers.
    pub columns: Vec<String>,
    /// What is known already; cells to fill in are empty.
    pub rows: Vec<Vec<String>>,
}

impl BlankSheet {
    fn of(form: &Form, rows: Vec<Vec<String>>) -> Self {
        let columns = form.columns.iter().map(|c| match c.name {
            "金额" => "金额（元）".to_owned(),
            name => name.to_owned(),
        });
        Self { name: form.name.to_owned(), columns: columns.collect(), rows }
    }
}

impl Office {
    /// The sheets that a question takes, filled as far as the books know.
    ///
    /// # Errors
    /// Not theirs to do; [`PlanError::NoSuchPlan`] where a question takes no table; what the store says.
    pub fn plan_table(
        &self,
        actor: &Actor,
        question: &str,
    ) -> Result<Vec<BlankSheet>, OfficeError> {
        actor.must(Right::PlanMake)?;
        let ask = match question {
            "teachers" => Ask::Teachers(super::TeachersAsk::default()),
            "places" => Ask::Places(super::PlacesAsk::default()),
            "money" => Ask::Money(super::MoneyAsk::default()),
            "courses" => Ask::Courses(super::CoursesAsk::default()),
            "ahead" => Ask::Ahead(super::AheadAsk::default()),
            _ => return Err(PlanError::NoSuchPlan.into()),
        };
        let county = self.county_code()?;
        let (inputs, people) = self.store.read(|tx| {
            Ok::<_, OfficeError>((Inputs::read(tx, county)?, People::read(tx, county, &ask)?))
        })?;
        Ok(match ask {
            Ask::Teachers(_) => vec![of_teachers(&inputs, &people)],
            Ask::Places(_) => of_places(&inputs, &people),
            Ask::Money(_) => of_money(&inputs, &people, &self.rules.policies)?,
            Ask::Courses(_) => vec![BlankSheet::of(&super::courses::FORMS[0], Vec::new())],
            _ => changes::FORMS.iter().map(|form| BlankSheet::of(form, Vec::new())).collect(),
        })
    }
}

fn school_name(inputs: &Inputs, id: Option<u64>) -> String {
    let school = id.and_then(|id| inputs.schools.iter().find(|s| s.id == id));
    school.map_or_else(String::new, |s| s.name.clone())
}

fn of_teachers(inputs: &Inputs, people: &People) -> BlankSheet {
    let mut rows: Vec<Vec<String>> = people
        .rows
        .iter()
        .map(|(fields, link)| {
            let home = link.home.map_or_else(String::new, |home| inputs.name(home));
            let name = fields.text(Field::Name).unwrap_or_default().to_owned();
            vec![name, school_name(inputs, link.school), String::new(), home]
        })
        .filter(|row| !row[1].is_empty())
        .collect();
    rows.sort_by(|a, b| (&a[1], &a[0]).cmp(&(&b[1], &b[0])));
    BlankSheet::of(&teachers::FORMS[0], rows)
}

fn of_places(inputs: &Inputs, people: &People) -> Vec<BlankSheet> {
    let (children, _) = places::of_the_rosters(people);
    let sites: BTreeSet<&str> = children.iter().map(|c| c.1.as_str()).collect();
    let sites = sites.iter().map(|s| vec![(*s).to_owned(), String::new(), String::new()]).collect();
    let mut rows: Vec<Vec<String>> = children
        .iter()
        .map(|(label, site, grade, school)| {
            let (grade, school) = (grade.chinese().to_owned(), school_name(inputs, *school));
            vec![label.clone(), site.clone(), grade, "1".to_owned(), school]
        })
        .collect();
    rows.sort();
    vec![BlankSheet::of(&places::FORMS[0], rows), BlankSheet::of(&places::FORMS[1], sites)]
}

fn of_money(
    inputs: &Inputs,
    people: &People,
    policies: &PolicySet,
) -> Result<Vec<BlankSheet>, OfficeError> {
    let rows = money::ledger_rows(inputs, policies, people)?;
    Ok(vec![BlankSheet::of(&money::FORMS[0], rows), BlankSheet::of(&money::FORMS[1], Vec::new())])
}
