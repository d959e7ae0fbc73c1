//! What the county's report is made of. Plain values: `office` fills them, this room writes them down.
//!
//! `None` always means "nobody reported it" (未报), never zero.

use std::sync::Arc;

use fujiao_model::{Area, ExcessKind, Money, Period, Stage, Subject, Term, Unit};
use jiff::civil::Date;

/// One line of a list of names: a duty with a gap, or a deed (or a part of one) beyond any duty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GapLine {
    /// The area of work; a sheet of the workbook.
    pub area: Area,
    /// Programme, standard or action, by its code.
    pub kind: Arc<str>,
    /// The same as people say it: 寄宿生生活补助.
    pub kind_title: Arc<str>,
    /// Whom it is owed to, or was done for.
    pub subject: Subject,
    /// The citizen id, whole or masked as the reader may see it; empty for what is no person.
    pub citizen_id: String,
    /// The name of the person, the head of the household, the school or the fund.
    pub name: String,
    /// For which time.
    pub period: Period,
    /// What the quantities count, in the scale of [`Unit::scale`].
    pub unit: Unit,
    /// 应
    pub due: i64,
    /// 已
    pub done: i64,
    /// 差: `due − done` of a gap, 0 for an excess.
    pub gap: i64,
    /// 多: what was done beyond any duty, 0 for a gap.
    pub excess: i64,
    /// Why it is beyond; `None` for a gap.
    pub excess_kind: Option<ExcessKind>,
    /// The town it counts for, as people say it; empty if no place is on file.
    pub town: Arc<str>,
    /// Town and village: 石门沟镇松树坪村.
    pub place: Arc<str>,
    /// The school of a pupil, or the school itself; empty where there is none.
    pub school: Arc<str>,
    /// Who must act.
    pub bearer: Arc<str>,
    /// By when; `None` for an excess.
    pub due_on: Option<Date>,
    /// Whether that day has passed with the gap still open.
    pub overdue: bool,
    /// Rule and version: `comp.living.boarder@2024S`.
    pub rule: Arc<str>,
    /// Why, in one sentence without personal numbers.
    pub because: Arc<str>,
    /// The source row: file, sheet, row.
    pub source: String,
}

/// 应 · 已 · 差 of one area, or of one kind in it, over the county or over one town.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AreaFigures {
    /// The area.
    pub area: Area,
    /// The kind; empty for the whole area.
    pub kind: Arc<str>,
    /// The kind as people say it; empty for the whole area.
    pub kind_title: Arc<str>,
    /// What the four quantities count; `None` where kinds with different units meet: then they count duties (件).
    pub unit: Option<Unit>,
    /// 应
    pub due: i64,
    /// 已: done against duties.
    pub done: i64,
    /// 差: `due − done`.
    pub gap: i64,
    /// 多: done beyond any duty.
    pub excess: i64,
    /// How many duties there are (人次 of aid).
    pub duties: u64,
    /// How many of them are not done in full.
    pub duties_gap: u64,
    /// How many of those are past their day.
    pub overdue: u64,
    /// Distinct persons, households, schools or funds with a duty.
    pub subjects_due: u64,
    /// Distinct ones with a gap.
    pub subjects_gap: u64,
    /// Deeds, or parts of deeds, for which nothing was owed (不应).
    pub unfounded: Count,
    /// Deeds whose duty was already done in full (重复).
    pub repeated: Count,
    /// Deeds that did more than was left to do (超出).
    pub over: Count,
}

impl AreaFigures {
    /// An area, or a kind in it, in which nothing is owed and nothing was done.
    pub fn none(area: Area, kind: Arc<str>, kind_title: Arc<str>, unit: Option<Unit>) -> Self {
        Self {
            area,
            kind,
            kind_title,
            unit,
            due: 0,
            done: 0,
            gap: 0,
            excess: 0,
            duties: 0,
            duties_gap: 0,
            overdue: 0,
            subjects_due: 0,
            subjects_gap: 0,
            unfounded: Count::default(),
            repeated: Count::default(),
            over: Count::default(),
        }
    }
}

/// How many, and how much of it in all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// How many times.
    pub times: u64,
    /// How much in all, in the unit of what is counted.
    pub quantity: i64,
}

/// 应 · 已 · 差 of one town, an entry an area.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TownFigures {
    /// The town as people say it.
    pub town: Arc<str>,
    /// Its areas; one that is absent was not reported.
    pub areas: Vec<AreaFigures>,
}

/// 人次 and money.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AidSum {
    /// Person-times: one pupil, one programme, one term.
    pub times: u64,
    /// How much in all.
    pub amount: Money,
}

/// One programme in one stage and term: a cell block of 各学段学生资助情况统计表.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AidLine {
    /// The stage.
    pub stage: Stage,
    /// The programme as people say it.
    pub programme: Arc<str>,
    /// A loan, not a grant: a row of its own, never in the sums of aid.
    pub loan: bool,
    /// The term.
    pub term: Term,
    /// 财政下达资金; `None` if the treasury's list does not tell it by programme.
    pub received: Option<Money>,
    /// What was paid and kept, less what came back.
    pub paid: AidSum,
    /// Of it to 1 类 pupils (脱贫, 监测, 低保, 特困, 孤儿, 事实无人抚养, 残疾).
    pub first_class: AidSum,
    /// Of it to the others, 2 类.
    pub second_class: AidSum,
    /// What is owed; `None` while the term's list is not closed, and for loans.
    pub due: Option<AidSum>,
    /// Of what is owed: not paid, or not in full (漏助), and the money missing.
    pub missed: AidSum,
    /// 不应助而助.
    pub unfounded: AidSum,
    /// 重复发放.
    pub repeated: AidSum,
    /// 超标准发放.
    pub over: AidSum,
}

/// One month of meals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MealMonth {
    /// Calendar year.
    pub year: i16,
    /// 1 to 12.
    pub month: i8,
    /// Meals owed: school days less absences, over all pupils.
    pub due: i64,
    /// Meals done against them.
    pub done: i64,
    /// Meals claimed for pupils who were absent or not entitled (虚报).
    pub over: i64,
}

/// 营养改善.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MealFigures {
    /// Rural schools of compulsory education.
    pub schools: u64,
    /// Of them, those that claimed meals.
    pub schools_served: u64,
    /// Of the served, those with a canteen of their own (学校食堂供餐).
    pub canteen_schools: Option<u64>,
    /// Pupils owed a meal.
    pub pupils: u64,
    /// Pupils with at least one meal.
    pub pupils_served: u64,
    /// Pupils who eat canteen meals.
    pub canteen_pupils: Option<u64>,
    /// Month by month, in order.
    pub months: Vec<MealMonth>,
    /// Money claimed in all these months.
    pub claimed: Option<Money>,
    /// Schools that claimed too much.
    pub over_schools: u64,
}

/// 控辍保学, for the autumn term's school year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchoolingFigures {
    /// The term counted.
    pub term: Term,
    /// Residents of school age.
    pub school_age: u64,
    /// Of them, enrolled in one school of this county.
    pub in_school: u64,
    /// Lawfully in no class here, by kind of exemption as people say it (县外就读, 送教上门 …).
    pub exempt: Vec<(Arc<str>, u64)>,
    /// In no register of any school and not exempt.
    pub suspected: u64,
    /// Enrolled in two schools at once.
    pub double_enrolled: u64,
    /// Brought back to class since the school year began.
    pub returned: Option<u64>,
}

/// One month of mentors' contacts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContactMonth {
    /// Calendar year.
    pub year: i16,
    /// 1 to 12.
    pub month: i8,
    /// Contacts owed: one a pupil.
    pub due: i64,
    /// Contacts made against them.
    pub done: i64,
}

/// 结对帮扶.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PairingFigures {
    /// Pupils who are owed a mentor.
    pub pupils: u64,
    /// Of them, those who have one.
    pub paired: u64,
    /// Mentors.
    pub mentors: u64,
    /// Month by month, in order.
    pub months: Vec<ContactMonth>,
    /// Contacts by kind (谈心, 家访 …), most first.
    pub by_kind: Vec<(Arc<str>, u64)>,
    /// Pupils to whom things were given in place of talk (只送物、未谈心).
    pub things_only: Option<u64>,
}

/// One kind of course.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CourseFigures {
    /// 农民实用技术, 雨露工程, 就业创业 …
    pub kind: Arc<str>,
    /// 期
    pub sessions: u64,
    /// 人次
    pub attendances: u64,
    /// Distinct persons.
    pub persons: u64,
    /// 结业 person-times.
    pub completed: u64,
}

/// 职业教育培训 and what came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrainingFigures {
    /// By kind of course.
    pub courses: Vec<CourseFigures>,
    /// Distinct persons over all kinds.
    pub persons: u64,
    /// Households of 一户一人.
    pub households: u64,
    /// Of them, with a trained member.
    pub households_covered: u64,
    /// Graduates who are owed a job.
    pub graduates: Option<u64>,
    /// Of them, placed within the time.
    pub placed: Option<u64>,
}

/// A difficulty with its evidence. See [`crate::problems()`], which finds them in the lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The area.
    pub area: Area,
    /// Whether it is about what was done beyond any duty, not about a gap.
    pub excess: bool,
    /// What is wrong, as a heading: 应助未助 312 人次，涉及 290 人.
    pub finding: String,
    /// Where it is worst, and why: whole sentences, each figure computed.
    pub evidence: Vec<String>,
    /// What is to be done.
    pub measure: String,
    /// Who is to do it.
    pub bearer: Arc<str>,
    /// By when; `None` if no day is set.
    pub by: Option<Date>,
}

/// A plan that the county accepted, and how far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanFigures {
    /// What it is called.
    pub title: Arc<str>,
    /// Which meeting or paper decided.
    pub basis: Arc<str>,
    /// What it comes to, in one sentence.
    pub says: Arc<str>,
    /// Lines that it asks.
    pub lines: i64,
    /// Of them: done.
    pub done: i64,
    /// When the next of the others is due.
    pub next_due: Option<Date>,
}

/// Everything in the county's report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountyReport {
    /// 岚川县
    pub county: Arc<str>,
    /// Who signs: 岚川县教育体育局.
    pub bureau: Arc<str>,
    /// The day that all figures are of.
    pub as_of: Date,
    /// Made data: header, first page and file properties say 示例数据.
    pub sample: bool,
    /// Whole areas, one entry each; one that is absent was not reported.
    pub areas: Vec<AreaFigures>,
    /// Kinds, within their areas.
    pub kinds: Vec<AreaFigures>,
    /// Towns.
    pub towns: Vec<TownFigures>,
    /// 学生资助, by stage, programme and term; empty if no payment list came.
    pub aid: Vec<AidLine>,
    /// 营养改善
    pub meals: Option<MealFigures>,
    /// 控辍保学
    pub schooling: Option<SchoolingFigures>,
    /// 结对帮扶
    pub pairing: Option<PairingFigures>,
    /// 职业教育培训
    pub training: Option<TrainingFigures>,
    /// 困难和问题, worst first.
    pub problems: Vec<Problem>,
    /// 规划 that stand accepted.
    pub plans: Vec<PlanFigures>,
}

/// What the first sheet of the workbook says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cover {
    /// 岚川县
    pub county: Arc<str>,
    /// Who sends it out.
    pub bureau: Arc<str>,
    /// The day that all figures are of.
    pub as_of: Date,
    /// Made data: every sheet's header says 示例数据.
    pub sample: bool,
    /// Whether citizen ids are whole. Masked ones are the rule.
    pub revealed: bool,
    /// Who took it out, and when, for the page footer; empty if nobody is named.
    pub issued: String,
    /// Whole areas, as in [`CountyReport::areas`].
    pub areas: Vec<AreaFigures>,
}
