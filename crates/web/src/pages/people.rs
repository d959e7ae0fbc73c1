use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use fujiao_model::CitizenId;
use fujiao_office::desk::{
    CareBrief, ChildPair, CorrectionLine, HouseholdPage, Line, PersonCase, PersonPage, RiskReason,
    SearchPage, Show, Tally,
};
use fujiao_office::labour::WorkerLine;
use serde::Deserialize;

use super::{ask, ask_for, hex, missing, page, unhex};
use crate::app::App;
use crate::error::PageError;
use crate::gate::Sat;
use crate::shape::{Glyph, encoded};
use crate::shell::{Reader, Shell};
use crate::words::Words;

#[derive(Template)]
#[template(path = "person.html")]
struct OnePerson {
    s: Shell,
    about: String,
    chips: Vec<(&'static str, String)>,
    glyph: Glyph,
    terms: Vec<(String, Vec<Line>)>,
    /// How long a whole number stays in sight.
    minutes: i64,
    /// Corrections of the person's rows that wait or are in force.
    corrections: Vec<CorrectionLine>,
    /// Chiefs and case, where schooling is owed.
    schooling: Option<PersonCase>,
    chiefs_title: String,
    /// Why somebody should look after the person, for those who act.
    risk: Vec<RiskReason>,
    /// Who looks after the person, and contacts of this term.
    care: Option<CareRow>,
    /// What the labour register says of the person.
    labour: Option<WorkerLine>,
    v: PersonPage,
}

/// What the page says of contacts and of who looks after somebody.
struct CareRow {
    groups: String,
    pairs: Vec<(String, String, bool)>,
    kinds: String,
    last: String,
    only_things: bool,
    on_the_case: bool,
}

fn care_row(t: &Words, brief: &CareBrief, pairs: &[ChildPair]) -> Option<CareRow> {
    let of_nobody = brief.groups.is_empty() && brief.kinds.is_empty() && pairs.is_empty();
    if of_nobody && !brief.on_the_case {
        return None;
    }
    Some(CareRow {
        groups: super::care::groups(t, &brief.groups),
        pairs: pairs
            .iter()
            .map(|p| {
                let who = if p.unit.is_empty() {
                    p.name.clone()
                } else {
                    format!("{} · {}", p.name, p.unit)
                };
                let days = match &p.ended {
                    None => t.f1("pair.from", p.from),
                    Some((on, why)) => t.f3("pair.from_to", p.from, on, why),
                };
                (who, days, p.ended.is_none())
            })
            .collect(),
        kinds: super::care::kinds(t, &brief.kinds),
        last: brief.last_on.map_or_else(String::new, |on| t.f1("care.last", on)),
        only_things: brief.contacts.0 == 0 && brief.contacts.1 > 0,
        on_the_case: brief.on_the_case,
    })
}

/// One person.
pub(crate) async fn person(
    State(app): State<App>,
    Sat(seat): Sat,
    reader: Reader,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let Some(id) = unhex(&id) else { return Err(missing(&reader, &seat).await) };
    let Some(mut v) = ask(&reader, &seat, move |seat| seat.person(id)).await? else {
        // An old list or a bookmark names somebody who was merged into another since.
        let now = ask_for(&reader, &seat, move |seat| seat.person_now(id)).await?;
        return Ok(Redirect::to(&format!("/person/{}", hex(now))).into_response());
    };
    let schooling = ask(&reader, &seat, move |seat| seat.case_of_person(id)).await?;
    let (corrections, risk, brief, pairs) = ask(&reader, &seat, move |seat| {
        let told = (seat.corrections_of_person(id)?, seat.risk_of(id)?);
        Ok((told.0, told.1, seat.care_brief(id)?, seat.pairs_of(id)?))
    })
    .await?;
    let actor = seat.actor().clone();
    let work = move |o: &fujiao_office::Office| o.worker(&actor, id);
    let labour = crate::gate::done(&reader, &app.office, work).await?;
    let t = reader.lang.words();
    let care = brief.and_then(|brief| care_row(t, &brief, &pairs));
    let s = Shell::new(&reader, Some(v.frame.clone()), "people", v.who.name.as_str());
    let mut about = Vec::new();
    about.extend(v.sex.map(|sex| t.sex(sex).to_owned()));
    about.extend(v.age.map(|age| t.f1("person.years", age)));
    about.extend(v.who.grade.map(|grade| t.class(Some(grade), &v.who.class)));
    let mut chips = Vec::new();
    if let Some(school) = &v.who.school {
        chips.push(("ok", format!("{} {}", t.s("person.enrolled"), school.name)));
    }
    chips.extend(v.certificates.iter().filter(|c| c.valid).map(|c| ("", c.name.clone())));
    chips.dedup();
    chips.extend(standing(t, &v.tally));
    let mut terms: Vec<(String, Vec<Line>)> = Vec::new();
    for line in std::mem::take(&mut v.lines) {
        let period = t.period(line.period);
        match terms.last_mut() {
            Some((last, lines)) if *last == period => lines.push(line),
            _ => terms.push((period, vec![line])),
        }
    }
    let template = OnePerson {
        about: about.join(" · "),
        chips,
        glyph: Glyph::of_duties(t, &v.who.name, &v.tally, anchor),
        terms,
        minutes: fujiao_office::access::Access::builtin().shown.reveal_minutes,
        corrections,
        chiefs_title: schooling.as_ref().map_or_else(String::new, |case| {
            super::cases::chiefs_title(t, case.chiefs.iter().map(|c| &c.title))
        }),
        schooling,
        risk,
        care,
        labour,
        s,
        v,
    };
    page(&reader, &template)
}

/// Figures on a page of one subject lead to the table below them.
fn anchor(_: Show) -> String {
    "#dues".to_owned()
}

/// The chip that says how somebody's duties stand.
fn standing(t: &Words, tally: &Tally) -> Option<(&'static str, String)> {
    if tally.overdue > 0 {
        Some(("late", t.f1("person.overdue", t.n(tally.overdue))))
    } else if tally.open > 0 {
        Some(("gap", t.f1("person.gaps", t.n(tally.open))))
    } else if tally.duties > 0 {
        Some(("ok", t.s("person.clear").to_owned()))
    } else {
        None
    }
}

#[derive(Template)]
#[template(path = "household.html")]
struct OneHousehold {
    s: Shell,
    heading: String,
    chips: Vec<(&'static str, String)>,
    glyph: Glyph,
    v: HouseholdPage,
}

/// One household.
pub(crate) async fn household(
    Sat(seat): Sat,
    reader: Reader,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let Some(id) = unhex(&id) else { return Err(missing(&reader, &seat).await) };
    let v = ask_for(&reader, &seat, move |seat| seat.household(id)).await?;
    let t = reader.lang.words();
    let heading = if v.head.is_empty() {
        t.s("household.unnamed").to_owned()
    } else {
        t.f1("household.of", &v.head)
    };
    let s = Shell::new(&reader, Some(v.frame.clone()), "people", heading.as_str());
    let mut chips = Vec::new();
    if !v.kind.is_empty() {
        chips.push(("", v.kind.clone()));
    }
    if !v.number.is_empty() {
        chips.push(("na", v.number.clone()));
    }
    chips.extend(standing(t, &v.tally));
    let template = OneHousehold {
        glyph: Glyph::of_duties(t, &heading, &v.tally, anchor),
        heading,
        chips,
        s,
        v,
    };
    page(&reader, &template)
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Sought {
    q: String,
}

#[derive(Template)]
#[template(path = "search.html")]
struct Found {
    s: Shell,
    heading: String,
    number_in_address: bool,
    unknown_number: bool,
    v: SearchPage,
}

impl Found {
    fn new(reader: &Reader, v: SearchPage, number_in_address: bool, unknown_number: bool) -> Self {
        let t = reader.lang.words();
        let heading = if v.name.is_empty() {
            t.s("search.head_none").to_owned()
        } else if v.persons.is_empty() && v.schools.is_empty() {
            t.f1("search.head_nobody", &v.name)
        } else {
            t.f1("search.head", t.n(v.persons_total))
        };
        let s = Shell::new(reader, Some(v.frame.clone()), "people", heading.as_str());
        Self { s, heading, number_in_address, unknown_number, v }
    }
}

/// Whether a text holds a personal number, or most of one.
fn holds_number(text: &str) -> bool {
    let digits = |c: &char| c.is_ascii_digit() || ('０'..='９').contains(c);
    text.chars().filter(digits).count() >= 8
}

/// People and schools by name. A number in the address is not looked for, and not shown again.
pub(crate) async fn search(
    Sat(seat): Sat,
    reader: Reader,
    Query(sought): Query<Sought>,
) -> Result<Response, PageError> {
    let number = holds_number(&sought.q);
    let name: String =
        if number { String::new() } else { sought.q.trim().chars().take(40).collect() };
    let v = ask(&reader, &seat, move |seat| seat.search(&name)).await?;
    page(&reader, &Found::new(&reader, v, number, false))
}

/// The form of the search: a citizen id leads to its person, a name to the page of names.
pub(crate) async fn find(
    Sat(seat): Sat,
    reader: Reader,
    Form(sought): Form<Sought>,
) -> Result<Response, PageError> {
    let text = sought.q.trim().to_owned();
    if !holds_number(&text) {
        return Ok(Redirect::to(&format!("/search?q={}", encoded(&text))).into_response());
    }
    let found = match CitizenId::parse(&text) {
        Ok(id) => ask(&reader, &seat, move |seat| seat.find_id(id)).await?,
        Err(_) => Vec::new(),
    };
    match found[..] {
        [] => {
            let v = ask(&reader, &seat, |seat| seat.search("")).await?;
            page(&reader, &Found::new(&reader, v, false, true))
        }
        [id, ..] => Ok(Redirect::to(&format!("/person/{}", hex(id))).into_response()),
    }
}

#[cfg(test)]
mod tests {
    use super::holds_number;

    #[test]
    fn numbers_are_told_from_names() {
        for text in
            ["11010519491231002X", "1101 0519 4912", "１１０１０５１９４９", "张三13812345071"]
        {
            assert!(holds_number(text), "{text}");
        }
        for text in ["张三", "2024 年秋", "三中", ""] {
            assert!(!holds_number(text), "{text}");
        }
    }
}
