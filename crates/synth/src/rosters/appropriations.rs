//! What the treasury sent for education and what it was spent on: the workbooks of 财政局.

use fujiao_model::{Field, Money, RosterKind};
use jiff::Span;
use jiff::civil::{Date, date};

use super::{Job, job, plain};
use crate::layout::{Col, Val, col};
use crate::rng::Rng;
use crate::world::{NONE, World};

const APPROPRIATIONS: &[Col] = &[
    col(Field::FundNo, &["资金编号", "指标编号", "指标文号"]),
    col(Field::FundName, &["资金名称", "指标名称", "项目名称"]),
    col(Field::Earmark, &["用途", "资金用途"]),
    col(Field::Amount, &["下达金额", "下达金额（元）", "金额（元）", "指标金额"]),
    col(Field::ArrivedOn, &["到账日期", "到账时间", "下达日期"]),
    col(Field::SpendBy, &["支出期限", "支出截止日期", "应支出期限"]),
];
const SPENDING: &[Col] = &[
    col(Field::FundNo, &["资金编号", "指标编号", "指标文号"]),
    col(Field::Earmark, &["用途", "实际用途", "支出用途"]),
    col(Field::Amount, &["支出金额", "支付金额", "支出金额（元）"]),
    col(Field::SpentOn, &["支出日期", "支付日期", "支出时间"]),
];
/// Sums that arrive each year: name, earmark, yuan for each pupil of the county.
const FUNDS: [(&str, &str, i64); 7] = [
    ("义务教育家庭经济困难学生生活补助资金", "家庭经济困难学生生活补助", 260),
    ("营养改善计划膳食补助资金", "营养膳食补助", 620),
    ("普通高中国家助学金", "普通高中助学金", 90),
    ("中等职业学校国家助学金", "中职助学金", 60),
    ("校舍安全保障长效机制资金", "校舍维修改造", 340),
    ("义务教育薄弱环节改善与能力提升资金", "薄弱环节改善", 420),
    ("学前教育发展资金", "学前教育发展", 80),
];

pub(super) fn jobs(jobs: &mut Vec<Job>) {
    jobs.push(job(
        "财政局/教育资金下达".to_owned(),
        RosterKind::Appropriations,
        APPROPRIATIONS,
        30,
        |world, _, _| {
            let rows = funds(world).into_iter().map(|f| {
                plain(
                    NONE,
                    vec![
                        Val::Text(f.number),
                        Val::Word(f.name),
                        Val::Word(f.earmark),
                        Val::Money(f.amount),
                        Val::Date(f.arrived),
                        Val::Date(f.spend_by),
                    ],
                )
            });
            vec![world.part("资金下达", "教育专项资金下达台账", "财政局", rows.collect())]
        },
    ));
    jobs.push(job(
        "财政局/教育资金支出".to_owned(),
        RosterKind::Spending,
        SPENDING,
        90,
        |world, _, _| {
            let rows = funds(world).into_iter().flat_map(|f| {
                let number = f.number;
                f.spent.into_iter().map(move |(earmark, amount, day)| {
                    plain(
                        NONE,
                        vec![
                            Val::Text(number.clone()),
                            Val::Word(earmark),
                            Val::Money(amount),
                            Val::Date(day),
                        ],
                    )
                })
            });
            vec![world.part("资金支出", "教育专项资金支出台账", "财政局", rows.collect())]
        },
    ));
}

struct Fund {
    number: String,
    name: &'static str,
    earmark: &'static str,
    amount: Money,
    arrived: Date,
    spend_by: Date,
    spent: Vec<(&'static str, Money, Date)>,
}

/// Appropriations of three years: some lie idle in part, some went to what they were not for.
fn funds(world: &World) -> Vec<Fund> {
    let as_of = world.order.as_of;
    let pupils =
        i64::try_from(world.enrolments.iter().filter(|e| e.year == world.calendar.year).count())
            .expect("below 2^63");
    let mut rng = Rng::new(world.order.seed, "funds");
    let mut funds = Vec::new();
    let mut number = 0;
    for year in (as_of.year() - 2)..=as_of.year() {
        for (name, earmark, each) in FUNDS {
            number += 1;
            let arrived = date(
                year,
                *rng.pick(&[3, 4, 5, 6]),
                i8::try_from(rng.between(2, 27)).expect("a day"),
            );
            if arrived >= as_of {
                continue;
            }
            let yuan = (pupils * each).max(10_000) / 1_000 * 1_000;
            let spend_by = date(year, if rng.chance(0.3) { 9 } else { 12 }, 28);
            let fate = rng.weighted(&[(0_u32, 70), (1, 16), (2, 14)]);
            let share = if fate == 1 { i64::from(rng.between(20, 75)) } else { 100 };
            let mut left = yuan * share / 100;
            let mut spent = Vec::new();
            for k in 0..3 {
                let part = if k == 2 { left } else { left * i64::from(rng.between(25, 50)) / 100 };
                let days = i64::from(rng.between(20, 70)) * (k + 1);
                let day =
                    arrived.checked_add(Span::new().days(days)).expect("before 2101").min(spend_by);
                if day < as_of && part > 0 {
                    let what = if fate == 2 && k == 1 { "办公经费" } else { earmark };
                    spent.push((what, Money::yuan(part), day));
                    left -= part;
                }
            }
            funds.push(Fund {
                number: world.document("财教", year, number),
                name,
                earmark,
                amount: Money::yuan(yuan),
                arrived,
                spend_by,
                spent,
            });
        }
    }
    funds
}
