//! A matching with offers and a course plan of a made county, so that its pages are full.

use fujiao_office::access::Actor;
use fujiao_office::labour::How;
use fujiao_office::plans::{Ask, CoursesAsk, PlanError, Solving};
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
    if !office.match_runs(&actor)?.runs.is_empty() {
        return Ok(false);
    }
    printer.progress("人岗匹配", 0, 2);
    match office.match_people(&actor, How::Weight, "秋季送岗上门") {
        Ok(run) => {
            office.accept_matches(&actor, run)?;
            let open = office.match_page(&actor, run, "open", 1, true)?;
            for (at, line) in open.lines.iter().take(12).enumerate() {
                let took = at % 3 != 2;
                let why = if took { "" } else { "要照顾老人" };
                office.answer_offer(&actor, (run, line.person), took, Some(as_of), why)?;
            }
        }
        // So small a county has nobody to match: that is a state too.
        Err(OfficeError::Labour(_)) => {}
        Err(other) => return Err(other.into()),
    }
    printer.progress("人岗匹配", 1, 2);
    let ask = Ask::Courses(CoursesAsk::default());
    let id = office.keep_plan(&actor, "冬季培训排班", ask, None)?;
    let begun = std::time::Instant::now();
    let solving = Solving {
        roads: None,
        stop: &|share| begun.elapsed().as_secs_f64() > 20.0 * share,
        stopped: &|| false,
        progress: &|_, _, _| (),
        now: &super::super::now,
    };
    match office.solve_plan(id, &solving) {
        Ok(_) | Err(OfficeError::Plan(PlanError::Lacking(_))) => {}
        Err(other) => return Err(other.into()),
    }
    printer.progress("人岗匹配", 2, 2);
    Ok(true)
}
