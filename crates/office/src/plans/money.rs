//! Which projects are paid, when, and from which purse: earmarks and years kept, every town promised its part, and what ten
//! thousand yuan more in each purse would be worth.

use std::collections::BTreeMap;

use fujiao_model::{Division, SubjectKind};
use fujiao_plan::Budget;
use fujiao_plan::check::{self, Said};
use fujiao_plan::money::{Floor, Form as Offer, spend};
use fujiao_policy::PolicySet;
use fujiao_store::SolvedScenario;

use super::inputs::{Inputs, People, number};
use super::sites::whole;
use super::tables::{self, Column, Faults, Form};
use super::{MoneyAsk, PlanError, said};
use crate::OfficeError;

/// Parts that are looked at before the search ends without proof: a second for fifty projects, a minute for five hundred.
const NODES: u64 = 4_000;

const fn column(name: &'static str, also: &'static [&'static str], needed: bool) -> Column {
    Column { name, also, needed }
}

pub(super) const FORMS: [Form; 2] = [
    Form {
        name: "项目表",
        columns: &[
            column("项目", &["项目名称"], true),
            column("学校或镇村", &["学校", "单位", "地点"], true),
            column("用途", &[], true),
            column("金额", &["投资", "概算"], true),
            column("最早", &["最早年份"], false),
            column("最晚", &["最晚年份"], false),
            column("受益学生", &["分量"], false),
            column("责任单位", &["谁来办"], false),
        ],
    },
    Form {
        name: "资金表",
        columns: &[
            column("资金", &["资金名称"], true),
            column("年份", &["年度"], true),
            column("金额", &["可用"], true),
            column("可用于", &["用途"], false),
        ],
    },
];

/// A project before it is paid.
#[derive(Clone, Debug, PartialEq)]
struct Project {
    name: String,
    purpose: String,
    school: Option<u64>,
    whose: String,
    place: Division,
    yuan: u32,
    worth: f64,
    years: (Option<i16>, Option<i16>),
    bearer: String,
}

/// Money of one year.
#[derive(Clone, Debug, PartialEq)]
struct Purse {
    name: String,
    year: i16,
    yuan: i64,
    uses: Vec<String>,
}

impl Purse {
    fn may_pay(&self, purpose: &str) -> bool {
        self.uses.is_empty()
            || self.uses.iter().any(|u| purpose.contains(u.as_str()) || u.contains(purpose))
    }
}

/// What the county's table says.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Table {
    projects: Vec<Project>,
    purses: Vec<Purse>,
}

impl Table {
    pub(super) fn in_a_line(&self) -> String {
        let yuan: i64 = self.purses.iter().map(|p| p.yuan).sum();
        let wan = yuan / 10_000;
        match self.projects.len() {
            0 => format!("{} 笔资金共 {wan} 万元；项目用缺口台账的", self.purses.len()),
            n => format!("{n} 个项目，{} 笔资金共 {wan} 万元", self.purses.len()),
        }
    }
}

/// Reads the county's table.
pub(super) fn table(inputs: &Inputs, (name, bytes): (&str, &[u8])) -> Result<Table, PlanError> {
    let mut read = tables::read(name, bytes, &FORMS)?.into_iter();
    let (projects, purses) = (read.next().unwrap_or_default(), read.next().unwrap_or_default());
    let mut faults = Faults::default();
    let mut table = Table::default();
    for row in &purses {
        let name = row.must("资金", &mut faults).to_owned();
        row.must("年份", &mut faults);
        row.must("金额", &mut faults);
        let year = row.year("年份", &mut faults);
        let yuan = row.number_in("金额", &mut faults);
        let uses = row.text("可用于").split(['、', '，', ',', ';', '；', ' ']);
        let uses = uses.filter(|u| !u.is_empty() && *u != "不限").map(str::to_owned).collect();
        match (year, yuan) {
            (Some(_), Some(yuan)) if !(0.0..=1e11).contains(&yuan) => {
                faults.add(row, "金额", "要在 0 到 1000 亿元之间");
            }
            (Some(year), Some(yuan)) => {
                #[expect(clippy::cast_possible_truncation, reason = "below a hundred billion")]
                table.purses.push(Purse { name, year, yuan: yuan.round() as i64, uses });
            }
            _ => {}
        }
    }
    for row in &projects {
        let name = row.must("项目", &mut faults).to_owned();
        let purpose = row.must("用途", &mut faults).to_owned();
        let of = row.must("学校或镇村", &mut faults);
        row.must("金额", &mut faults);
        let yuan = row.number_in("金额", &mut faults);
        let years = (row.year("最早", &mut faults), row.year("最晚", &mut faults));
        if let (Some(first), Some(last)) = years
            && first > last
        {
            faults.add(row, "最晚", format!("{last} 比最早的 {first} 还早"));
        }
        let school = inputs.school_named(of);
        let place = match school {
            Some(school) => school.village.or(school.town),
            None => inputs.place_named(of),
        };
        let Some(place) = place else {
            if !of.is_empty() {
                let why = format!("“{of}”不是学校名册里的学校，也不是本县的镇村；写全称");
                faults.add(row, "学校或镇村", why);
            }
            continue;
        };
        let pupils = school.map_or_else(|| children_of(inputs, place), |s| pupils_of(inputs, s.id));
        let worth = row.number_in("受益学生", &mut faults).unwrap_or(f64::from(pupils)).max(0.0);
        let Some(yuan) = yuan else { continue };
        if !(1.0..=4e9).contains(&yuan) {
            faults.add(row, "金额", "要在 1 元到 40 亿元之间");
            continue;
        }
        table.projects.push(Project {
            name,
            purpose,
            school: school.map(|s| s.id),
            whose: school.map_or_else(|| inputs.name(place), |s| s.name.clone()),
            place,
            yuan: whole_yuan(yuan),
            worth,
            years,
            bearer: row.text("责任单位").to_owned(),
        });
    }
    if purses.is_empty() {
        faults.say("没有资金表；写上“资金、年份、金额、可用于”，一笔一行");
    }
    faults.end()?;
    Ok(table)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "held within 32 bits")]
fn whole_yuan(yuan: f64) -> u32 {
    yuan.ceil().clamp(0.0, 4.2e9) as u32
}

fn pupils_of(inputs: &Inputs, school: u64) -> u32 {
    let year = inputs.school_year();
    let here = inputs.counts.iter().filter(|c| c.school_year == year && c.school == Some(school));
    here.map(|c| c.pupils).sum()
}

fn children_of(inputs: &Inputs, place: Division) -> u32 {
    let year = inputs.school_year();
    let is_town = place.town() == place;
    inputs
        .counts
        .iter()
        .filter(|c| c.school_year == year)
        .filter(|c| c.place.is_some_and(|p| p == place || (is_town && p.town() == place)))
        .map(|c| c.pupils)
        .sum()
}

/// What a gap of a kind needs: name, purpose, the rule's price of a unit, and units in which the books count.
const LEDGER: [(&str, &str, &str, &str, f64); 7] = [
    ("cond.teaching_area", "教学用房", "校舍", "plan_area_yuan", 100.0),
    ("cond.sports_area", "运动场地", "运动场地", "plan_sports_yuan", 100.0),
    ("cond.multimedia", "多媒体教室", "设备", "plan_multimedia_yuan", 1.0),
    ("cond.desks", "课桌椅", "设备", "plan_desk_yuan", 1.0),
    ("cond.beds", "宿舍床位", "宿舍", "plan_new_bed_yuan", 1.0),
    ("cond.dangerous", "D级危房改造", "校舍", "plan_area_yuan", 100.0),
    ("cond.toilets", "厕所", "厕所", "plan_toilet_yuan", 1.0),
];

/// Projects of the gap ledger: what each school lacks, at the rules' prices, worth the pupils whom it lacks for.
fn of_the_ledger(
    inputs: &Inputs,
    policies: &PolicySet,
    people: &People,
) -> Result<Vec<Project>, OfficeError> {
    let danger = number(policies, "plan_worth_danger_percent", inputs.as_of)? / 100.0;
    let mut projects = Vec::new();
    for gap in &people.gaps {
        let duty = &gap.duty;
        if duty.subject.kind != SubjectKind::School || duty.quantity <= 0 {
            continue;
        }
        let Some((kind, name, purpose, price, units)) = LEDGER.iter().find(|l| l.0 == &*duty.kind)
        else {
            continue;
        };
        let Some(school) = inputs.schools.iter().find(|s| s.id == duty.subject.id) else {
            continue;
        };
        let Some(place) = school.village.or(school.town) else { continue };
        #[expect(clippy::cast_precision_loss, reason = "what one school lacks")]
        let (missing, wanted) = (gap.gap as f64, duty.quantity as f64);
        let price = number(policies, price, inputs.as_of)?;
        let times = if *kind == "cond.dangerous" { danger } else { 1.0 };
        let worth = f64::from(pupils_of(inputs, school.id)) * (missing / wanted).min(1.0) * times;
        projects.push(Project {
            name: (*name).to_owned(),
            purpose: (*purpose).to_owned(),
            school: Some(school.id),
            whose: school.name.clone(),
            place,
            yuan: whole_yuan((missing / units * price).max(1.0)),
            worth,
            years: (None, None),
            bearer: String::new(),
        });
    }
    Ok(projects)
}

/// The ledger's projects as rows of the table that the county may change.
pub(super) fn ledger_rows(
    inputs: &Inputs,
    policies: &PolicySet,
    people: &People,
) -> Result<Vec<Vec<String>>, OfficeError> {
    let mut projects = of_the_ledger(inputs, policies, people)?;
    projects.sort_by(|a, b| b.worth.total_cmp(&a.worth).then(a.whose.cmp(&b.whose)));
    Ok(projects
        .into_iter()
        .map(|p| {
            let worth = format!("{:.1}", p.worth);
            let none = String::new;
            vec![p.name, p.whose, p.purpose, p.yuan.to_string(), none(), none(), worth, p.bearer]
        })
        .collect())
}

/// Pays the projects, has it counted again, and gives what is kept of it.
#[expect(clippy::too_many_lines, reason = "one pass from the projects to the answer")]
pub(super) fn solve(
    inputs: &Inputs,
    ask: MoneyAsk,
    policies: &PolicySet,
    (file, people): (Option<(&str, &[u8])>, &People),
    stop: &(dyn Fn(f64) -> bool + Sync),
    progress: &dyn Fn(&str, u64, u64),
) -> Result<SolvedScenario, OfficeError> {
    progress("排资金", 0, 2);
    let Some(file) = file else {
        let why = "没有资金可排；传一张资金表（资金、年份、金额、可用于），项目不写就用缺口台账的";
        return Err(PlanError::Lacking(why.to_owned()).into());
    };
    let mut table = table(inputs, file)?;
    let from_ledger = table.projects.is_empty();
    if from_ledger {
        table.projects = of_the_ledger(inputs, policies, people)?;
    }
    table.projects.retain(|p| p.worth > 0.0);
    if table.projects.is_empty() {
        let why = "没有项目：缺口台账里没有办学条件的差，表里也没有项目";
        return Err(PlanError::Lacking(why.to_owned()).into());
    }
    let number = |key| number(policies, key, inputs.as_of);
    let percent = match ask.town_percent {
        Some(percent) => percent,
        None => whole(number("plan_town_percent")?),
    };
    let later = 1.0 - number("plan_wait_percent")? / 100.0;
    let purses = &table.purses;
    let first = purses.iter().map(|p| p.year).min().unwrap_or(0);
    let last = purses.iter().map(|p| p.year).max().unwrap_or(0);
    // A form a year; what is done later is worth less.
    let mut years_of: Vec<Vec<i16>> = Vec::with_capacity(table.projects.len());
    let mut forms: Vec<Vec<Offer>> = Vec::with_capacity(table.projects.len());
    for project in &table.projects {
        let from = project.years.0.unwrap_or(first).max(first);
        let to = project.years.1.unwrap_or(last).min(last);
        let (mut years, mut offers) = (Vec::new(), Vec::new());
        let mut worth = project.worth;
        for year in from..=to {
            let may: Vec<u32> = (0..)
                .zip(purses)
                .filter(|(_, p)| p.year == year && p.may_pay(&project.purpose))
                .map(|(at, _)| at)
                .collect();
            if !may.is_empty() {
                years.push(year);
                offers.push(Offer { yuan: project.yuan, worth, purses: may });
            }
            worth *= later;
        }
        years_of.push(years);
        forms.push(offers);
    }
    let mut towns: BTreeMap<Division, Vec<usize>> = BTreeMap::new();
    for (at, project) in table.projects.iter().enumerate() {
        towns.entry(project.place.town()).or_default().push(at);
    }
    let best = |at: &usize| forms[*at].iter().map(|f| f.worth).fold(0.0, f64::max);
    let floors: Vec<Floor> = towns
        .values()
        .map(|projects| Floor {
            projects: projects.clone(),
            worth: projects.iter().map(best).sum::<f64>() * f64::from(percent) / 100.0,
        })
        .collect();
    let yuan: Vec<i64> = purses.iter().map(|p| p.yuan).collect();
    let over = || stop(1.0);
    let solved = spend(&forms, &yuan, &floors, Budget::until(&over).with_nodes(NODES));
    progress("核对", 1, 2);
    let offers: Vec<Vec<check::Offer>> = forms
        .iter()
        .map(|forms| {
            let offer =
                |f: &Offer| check::Offer { yuan: f.yuan, worth: f.worth, purses: f.purses.clone() };
            forms.iter().map(offer).collect()
        })
        .collect();
    let paid: Vec<check::Payment> =
        solved.plan.paid.iter().map(|p| (p.project, p.form, p.from.clone())).collect();
    let said_ = Said { objective: solved.objective, bound: solved.bound };
    let verdict = match check::spending(&offers, &yuan, &paid, said_) {
        Ok(()) => "ok".to_owned(),
        Err(fault) => fault.to_string(),
    };
    let hundredths = |worth: f64| i64::from(whole(worth * 100.0));
    let mut projects: Vec<said::Project> = table
        .projects
        .iter()
        .zip(&forms)
        .map(|(p, forms)| said::Project {
            name: p.name.clone(),
            purpose: p.purpose.clone(),
            school: p.school,
            whose: p.whose.clone(),
            place: p.place.code(),
            at: p
                .school
                .and_then(|id| inputs.schools.iter().find(|s| s.id == id))
                .and_then(|s| inputs.point_of(s))
                .or_else(|| inputs.point(p.place)),
            yuan: p.yuan,
            worth: hundredths(p.worth),
            years: (p.years.0.unwrap_or(first), p.years.1.unwrap_or(last)),
            bearer: p.bearer.clone(),
            paid: None,
            waits: if forms.is_empty() { "purse" } else { "money" }.to_owned(),
        })
        .collect();
    for paid in &solved.plan.paid {
        let project = &mut projects[paid.project];
        project.waits.clear();
        project.paid =
            Some(said::Paid { year: years_of[paid.project][paid.form], from: paid.from.clone() });
    }
    let out = said::Money {
        purses: (0..)
            .zip(purses)
            .map(|(at, p): (usize, _)| said::Purse {
                name: p.name.clone(),
                year: p.year,
                yuan: p.yuan,
                uses: p.uses.clone(),
                spent: p.yuan - solved.plan.left[at],
                more_is_worth: hundredths(solved.plan.yuan_is_worth[at] * 10_000.0),
            })
            .collect(),
        towns: towns
            .iter()
            .zip(&floors)
            .enumerate()
            .map(|(at, ((town, of), floor))| said::TownMoney {
                code: town.code(),
                name: inputs.name(*town),
                worth: of.iter().map(|p| projects[*p].worth).sum(),
                paid: of
                    .iter()
                    .filter(|p| projects[**p].paid.is_some())
                    .map(|p| projects[*p].worth)
                    .sum(),
                floor: hundredths(floor.worth),
                short: hundredths(solved.plan.short[at]),
                yuan: of
                    .iter()
                    .filter(|p| projects[**p].paid.is_some())
                    .map(|p| i64::from(projects[*p].yuan))
                    .sum(),
                binds: solved.plan.floor_costs.get(at).is_some_and(|c| *c > 1e-6),
            })
            .collect(),
        projects,
        town_percent: percent,
        kept_percent: Some(whole(f64::from(percent) * solved.plan.kept)),
        from_ledger,
    };
    progress("核对", 2, 2);
    let result = said::Result::Money(out);
    Ok(SolvedScenario {
        result: Some(serde_json::to_string(&result).expect("numbers and texts always write")),
        objective: Some(solved.objective),
        bound: Some(solved.bound),
        verdict: Some(verdict),
        ..SolvedScenario::default()
    })
}
