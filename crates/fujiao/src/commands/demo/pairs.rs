//! Pairs, care files and screenings of a made county, so that its pages are full.

use fujiao_office::access::Actor;
use fujiao_office::care::{CareError, CareSaid, NewCare};
use fujiao_office::desk::MentorTab;
use fujiao_office::pairing::{Keeping, NewMentor, PairError};
use fujiao_office::{Office, OfficeError};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::printer::Printer;

/// Makes them, once: a county that has any run is left as it is.
pub(super) fn make(
    office: &Office,
    as_of: Date,
    now: Timestamp,
    printer: &Printer,
) -> anyhow::Result<bool> {
    let actor = Actor::console(now);
    let seat = office.desk().seat(&actor);
    if !seat.pair_runs()?.runs.is_empty() {
        return Ok(false);
    }
    printer.progress("结对", 0, 4);
    office.pair_refresh(&actor)?;
    helpers(office, &actor)?;
    // Half of them have signed, so that some children find nobody.
    let all = seat.mentors(MentorTab::Unsigned, "", None, true)?;
    let signed: Vec<u64> =
        all.lines.iter().map(|l| l.mentor.number).filter(|n| n % 10 < 5).collect();
    let began = fujiao_model::Term::of(as_of).start();
    office.sign_mentors(&actor, &signed, began)?;
    printer.progress("结对", 1, 4);
    match office.pair_run(&actor, Keeping::Weighed, "秋季学期结对") {
        Ok(run) => {
            office.pair_accept(&actor, run)?;
            printer.progress("结对", 2, 4);
            // One of them leaves, so that a plan waits to be decided.
            let busiest = seat
                .mentors(MentorTab::All, "", None, true)?
                .lines
                .into_iter()
                .filter(|l| l.load > 0)
                .max_by_key(|l| (l.load, std::cmp::Reverse(l.mentor.number)));
            if let Some(line) = busiest {
                office.mentor_leaves(&actor, line.mentor.number, as_of, "调到县外任教")?;
            }
        }
        // So small a county has nobody to pair: that is a state too.
        Err(OfficeError::Pair(PairError::NoPupils | PairError::NobodySigned)) => {}
        Err(other) => return Err(other.into()),
    }
    printer.progress("结对", 3, 4);
    care(office, &actor, as_of)?;
    printer.progress("结对", 4, 4);
    Ok(true)
}

/// An official, a volunteer and a donor in each of some towns.
fn helpers(office: &Office, actor: &Actor) -> anyhow::Result<()> {
    const PEOPLE: [(&str, &str, &str, bool); 6] = [
        ("official", "周建平", "镇政府", false),
        ("official", "吴秀兰", "镇政府", true),
        ("volunteer", "郑小燕", "青年志愿者协会", true),
        ("volunteer", "孙立", "青年志愿者协会", false),
        ("donor", "何桂芳", "县妇联爱心人士", true),
        ("donor", "冯国强", "县工商联", false),
    ];
    let towns: Vec<_> =
        office.desk().seat(actor).pairs(&fujiao_office::desk::PairFilter::default(), false)?.towns;
    for (at, (town, _)) in towns.iter().take(6).enumerate() {
        let (kind, name, unit, woman) = PEOPLE[at];
        let sex = if woman { fujiao_model::Sex::Female } else { fujiao_model::Sex::Male };
        let new = NewMentor {
            kind: kind.to_owned(),
            name: name.to_owned(),
            sex: Some(sex),
            unit: unit.to_owned(),
            school: None,
            place: Some(*town),
            able: fujiao_office::pairing::MentorChange::default(),
        };
        office.add_mentor(actor, &new)?;
    }
    Ok(())
}

/// Classes after which no further school of a made county is screened.
const CLASSES: usize = 60;

/// Screenings of the spring and of this autumn, and care that followed from them.
fn care(office: &Office, actor: &Actor, as_of: Date) -> anyhow::Result<()> {
    let seat = office.desk().seat(actor);
    let files = seat.care_files()?;
    let spring = as_of.saturating_sub(jiff::Span::new().days(150));
    let autumn = as_of.saturating_sub(jiff::Span::new().days(12));
    // Draws that are the same each time: made scores, mostly low, a little lower in autumn.
    let mut seed = 11_u64;
    let mut draw = |n: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % n
    };
    let mut screened = 0;
    for school in &files.screened {
        // Some schools screen first; a made county needs no more to be looked at.
        if screened >= CLASSES {
            break;
        }
        for (grade, class, _) in &school.classes {
            screened += 1;
            let class = fujiao_office::entries::ClassRef {
                school: school.school.id,
                grade: *grade,
                class: class.clone(),
            };
            let Some(pupils) = office.care_class(actor, &class)? else { continue };
            for (on, less) in [(spring, 0), (autumn, 2)] {
                let scores: Vec<(u64, u32)> = pupils
                    .iter()
                    .map(|(person, _)| {
                        let base = if draw(24) == 0 { 50 + draw(22) } else { 12 + draw(34) };
                        (*person, u32::try_from(base.saturating_sub(less)).unwrap_or(0))
                    })
                    .collect();
                match office.care_screen(actor, "mht", (on, true), &scores) {
                    // Somebody in the class is too young or too old for the instrument.
                    Ok(_) | Err(OfficeError::Care(CareError::Refused(_))) => {}
                    Err(other) => return Err(other.into()),
                }
            }
        }
    }
    let waiting = seat.care_files()?.lines;
    let review = as_of.saturating_add(jiff::Span::new().days(30));
    for (at, line) in waiting.iter().enumerate().take(12) {
        let step = |said: CareSaid, text: &str| {
            let new = NewCare { on: as_of, said, text: text.to_owned() };
            match office.care_step(actor, line.child.person, &new) {
                Ok(_) | Err(OfficeError::Care(_)) => Ok(()),
                Err(other) => Err(other),
            }
        };
        step(CareSaid::Note, "最近睡得不好，想在外打工的妈妈；愿意每周来坐坐。")?;
        if at % 2 == 0 {
            let text = "每周一次个别谈话，班主任每天看一眼，约妈妈视频通话。";
            step(CareSaid::Plan { review_on: review }, text)?;
        }
        if at % 5 == 4 {
            let said = CareSaid::Refer { to: "县医院心理门诊".to_owned(), informed: true };
            step(said, "情绪低落超过两周，请专科医生看看。")?;
        }
    }
    Ok(())
}
