//! Accepted plans as the county's report has them. It names no person.

use fujiao_report::PlanFigures;

use super::said::{Action, Result};
use crate::{Office, OfficeError};

impl Office {
    /// Plans that stand accepted, with what they come to and how far they are.
    pub(crate) fn plan_figures(&self) -> std::result::Result<Vec<PlanFigures>, OfficeError> {
        let plans = self.accepted_plans(self.county_code()?)?;
        Ok(plans
            .iter()
            .map(|(scenario, lines)| {
                let result = scenario.result.as_deref();
                let result = result.and_then(|r| serde_json::from_str::<Result>(r).ok());
                let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
                PlanFigures {
                    title: scenario.title.as_str().into(),
                    basis: scenario.note.as_deref().unwrap_or("—").into(),
                    says: result.as_ref().map_or_else(String::new, in_a_sentence).into(),
                    lines: count(lines.len()),
                    done: count(lines.iter().filter(|l| l.done.is_some()).count()),
                    next_due: lines.iter().filter(|l| l.done.is_none()).map(|l| l.due_on).min(),
                }
            })
            .collect())
    }
}

/// What a plan comes to.
fn in_a_sentence(result: &Result) -> String {
    match result {
        Result::Sites(a) => {
            let count = |action| a.schools.iter().filter(|s| s.action == action).count();
            let mut parts: Vec<String> = [
                (Action::Build, "新设"),
                (Action::Reopen, "恢复"),
                (Action::Change, "改"),
                (Action::Close, "并"),
            ]
            .iter()
            .filter_map(|(action, word)| {
                let n = count(*action);
                (n > 0).then(|| format!("{word} {n} 所"))
            })
            .collect();
            if let Some(today) = &a.today {
                parts.push(format!("陪读从 {} 人到 {} 人", today.accompany, a.plan.accompany));
            }
            parts.join("，")
        }
        Result::Ahead(a) => {
            let rooms: u32 = a.buildings.iter().map(|b| b.rooms).sum();
            let beds: u32 = a.buildings.iter().map(|b| b.beds).sum();
            let yuan: u64 = a.buildings.iter().map(|b| b.yuan).sum();
            format!("建教室 {rooms} 间、床位 {beds} 个，{} 万元", yuan / 10_000)
        }
        Result::Teachers(a) => {
            let recruits: u32 = a.recruits.iter().map(|r| r.number).sum();
            let learners: usize = a.groups.iter().map(|g| g.learners.len()).sum();
            format!(
                "轮岗和补岗 {} 人，招 {recruits} 人，转岗培训 {learners} 人，空岗从 {} 个到 {} 个",
                a.moves.len(),
                a.today.vacant,
                a.plan.vacant
            )
        }
        Result::Places(a) => format!(
            "{} 名搬迁孩子入学，{} 人换学校，没有学位 {} 人",
            a.plan.placed, a.moved, a.without
        ),
        Result::Money(a) => {
            let paid = a.projects.iter().filter(|p| p.paid.is_some()).count();
            let spent: i64 = a.purses.iter().map(|p| p.spent).sum();
            format!("{} 个项目办 {paid} 个，花 {} 万元", a.projects.len(), spent / 10_000)
        }
        Result::Courses(a) => {
            let held = a.sessions.iter().filter(|s| s.held).count();
            format!(
                "开 {held} 个班，{} 户里 {} 户有人受训，花 {} 元",
                a.households, a.reached, a.spent
            )
        }
        Result::Short { .. } => String::new(),
    }
}
