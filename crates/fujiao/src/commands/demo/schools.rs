//! Schools of the made county: the last month of meals closed, canteens visited with what was found, gaps on their way to
//! acceptance.

use std::collections::BTreeMap;

use fujiao_office::Office;
use fujiao_office::access::Actor;
use fujiao_office::school::{InspectionForm, NewStep};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

/// What faults are made of: the check, what is written.
const FAULTS: [(&str, &str); 5] = [
    ("samples", "留样只有两样，少汤"),
    ("health_cards", "一名帮厨的健康证过期"),
    ("ledger", "九月第三周出库没有签字"),
    ("menu", "实际吃的和公布的食谱对不上"),
    ("names", "现场点到的人比名册少三人"),
];

/// Does what a county did by a day; a second time it changes nothing.
pub(super) fn make(office: &Office, as_of: Date, now: Timestamp) -> anyhow::Result<()> {
    let actor = Actor::console(now);
    let month = as_of.first_of_month().checked_sub(1.day())?;
    let month = format!("{:04}-{:02}", month.year(), month.month());
    if office.meals_month(&actor, &month, None)?.line.locked.is_none() {
        office.close_meals(&actor, &month)?;
    }
    let page = office.inspections(&actor, None)?;
    if page.inspections.is_empty() {
        let inspector = |on: Date| -> anyhow::Result<Actor> {
            let at: Timestamp = format!("{on}T07:00:00Z").parse()?;
            Ok(Actor { name: "周正（示例）".to_owned(), ..Actor::console(at) })
        };
        for (n, (school, ..)) in page.schools.iter().take(9).enumerate() {
            let on = as_of.checked_sub(i64::try_from(3 + 2 * n)?.days())?;
            let mut items = BTreeMap::new();
            for (at, check) in office.rulebook().norms.checks.iter().enumerate() {
                let key = &check.key;
                let fault =
                    FAULTS.iter().find(|f| f.0 == key.as_str()).filter(|_| (at + n) % 4 == 0);
                let said = fault.map_or_else(String::new, |f| f.1.to_owned());
                items.insert(key.clone(), (Some(fault.is_none()), said));
            }
            let form = InspectionForm {
                key: format!("demo {school} {on}"),
                school: *school,
                on: Some(on),
                counted: String::new(),
                items,
                note: String::new(),
            };
            let number = office.inspect(&inspector(on)?, &form)?;
            if n % 3 == 2 {
                let found = office.inspections(&actor, Some(*school))?;
                for fault in
                    found.inspections.iter().filter(|i| i.number == number).flat_map(|i| &i.faults)
                {
                    let later = on.checked_add(4.days())?;
                    let again = inspector(later)?;
                    let of = (number, fault.check.as_str());
                    office.recheck(&again, of, Some(later), true, "现场看过，已改")?;
                }
            }
        }
    }
    if office.projects(&actor, None)?.is_empty() {
        let ledger = office.gap_ledger(&actor, "", None)?;
        let steps: [&[(&str, &str)]; 4] = [
            &[
                ("funded", "86000"),
                ("contracted", "81500"),
                ("progress", "40000"),
                ("accepted", "41500"),
            ],
            &[("funded", "120000"), ("contracted", "115000"), ("progress", "30000")],
            &[("funded", "64000")],
            &[],
        ];
        for (line, steps) in ledger.lines.iter().skip(2).step_by(7).zip(steps) {
            let number = office.begin_project(&actor, line.school, &line.standard, "")?;
            for (n, (code, yuan)) in steps.iter().enumerate() {
                let on = as_of.checked_sub(i64::try_from(40 - 9 * n)?.days())?;
                let step = NewStep {
                    code: (*code).to_owned(),
                    on: Some(on),
                    amount: (*yuan).to_owned(),
                    quantity: if *code == "accepted" { "1".to_owned() } else { String::new() },
                    percent: if *code == "progress" { "60".to_owned() } else { String::new() },
                    party: if *code == "funded" {
                        "县财政".to_owned()
                    } else {
                        "云台建筑队".to_owned()
                    },
                    note: String::new(),
                };
                office.project_step(&actor, number, &step)?;
            }
        }
    }
    Ok(())
}
