//! Whom assistance, child welfare and disability cards reach: the workbooks of 民政局 and 残联.

use fujiao_model::{AssistanceKind, Field, Relation, RosterKind};
use jiff::civil::Date;

use super::headers::{
    BORN, FROM, GUARDIAN, GUARDIAN_PHONE, ID, KIND, NAME, PHONE, SCHOOL, SEX, TO, TOWN, VILLAGE,
};
use super::{Job, job, plain};
use crate::layout::{Col, Row, Val, col};
use crate::world::{NONE, World};

const ASSISTANCE: &[Col] = &[
    col(Field::Town, TOWN),
    col(Field::Village, VILLAGE),
    col(Field::HeadName, &["户主姓名", "户主"]).often(0.7),
    col(Field::HeadId, &["户主身份证号", "户主身份证号码"]).often(0.4),
    col(Field::Name, &["姓名", "家庭成员姓名", "保障对象姓名"]),
    col(Field::CitizenId, ID),
    col(Field::AssistanceKind, KIND),
    col(Field::AssistanceFrom, FROM),
    col(Field::AssistanceTo, TO),
    col(Field::Phone, PHONE).often(0.5),
    col(Field::Address, &["家庭地址", "家庭住址", "住址"]).often(0.3),
];
const WELFARE: &[Col] = &[
    col(Field::Name, &["姓名", "儿童姓名"]),
    col(Field::CitizenId, ID),
    col(Field::BirthDate, BORN),
    col(Field::AssistanceKind, &["儿童类别", "救助类别", "保障类别", "类别"]),
    col(Field::AssistanceFrom, FROM),
    col(Field::AssistanceTo, TO).often(0.5),
    col(Field::GuardianName, GUARDIAN).under("监护人", "姓名"),
    col(Field::GuardianPhone, GUARDIAN_PHONE).under("监护人", "联系电话"),
    col(Field::Town, TOWN),
    col(Field::Village, VILLAGE),
];
const LEFT_BEHIND: &[Col] = &[
    col(Field::Name, &["姓名", "儿童姓名", "留守儿童姓名"]),
    col(Field::Sex, SEX),
    col(Field::CitizenId, ID),
    col(Field::BirthDate, BORN),
    col(Field::School, SCHOOL),
    col(Field::GuardianName, &["委托监护人姓名", "监护人姓名", "受委托监护人姓名"])
        .under("委托监护人", "姓名"),
    col(Field::GuardianPhone, &["受委托监护人电话", "监护人电话", "委托监护人电话"])
        .under("委托监护人", "联系电话"),
    col(Field::GuardianRelation, &["与被监护人关系", "与儿童关系", "与本人关系"])
        .under("委托监护人", "与儿童关系"),
    col(Field::Town, TOWN),
    col(Field::Village, VILLAGE),
];
const DISABILITY: &[Col] = &[
    col(Field::Name, NAME),
    col(Field::DisabilityNo, &["残疾证号", "残疾人证号", "残疾人证编号"]),
    col(Field::CitizenId, ID).often(0.6),
    col(Field::DisabilityType, &["残疾类别", "残疾类型"]),
    col(Field::DisabilityGrade, &["残疾等级", "残疾级别"]),
    col(Field::IssuedOn, &["发证日期", "办证日期", "签发日期"]),
    col(Field::ValidTo, &["有效期至", "有效期止", "证件有效期至"]),
    col(Field::Town, TOWN),
    col(Field::Village, VILLAGE),
];

fn assisted(world: &World, kinds: &[AssistanceKind]) -> Vec<Row> {
    let mut rows = Vec::new();
    for (h, home) in (0_u32..).zip(&world.households) {
        let Some((kind, from, to)) = home.assistance else { continue };
        if !kinds.contains(&kind) || home.moved_out.is_some() {
            continue;
        }
        for p in world.members(h).filter(|p| world.is_present(*p)) {
            rows.push(plain(
                p,
                vec![
                    world.town_name(p),
                    world.village_name(p),
                    world.name(home.first),
                    Val::Id(world.id(home.first)),
                    world.name(p),
                    Val::Id(world.id(p)),
                    Val::Word(kind.chinese()),
                    Val::Date(from),
                    Val::date(to),
                    Val::Text(world.phone_of(p)),
                    Val::Text(format!(
                        "{}{}{}组",
                        world.town(p).name,
                        world.village(p).name,
                        home.group
                    )),
                ],
            ));
        }
    }
    rows
}

const DISABILITIES: [&str; 7] = ["视力", "听力", "言语", "肢体", "智力", "精神", "多重"];

fn disabled(world: &World) -> Vec<Row> {
    let mut rows = Vec::new();
    for (p, person) in (0_u32..).zip(&world.persons) {
        let Some(card) = person.disability.filter(|_| world.is_present(p)) else { continue };
        rows.push(plain(
            p,
            vec![
                world.name(p),
                Val::Text(format!("{}{}{}", world.id(p).reveal(), card.kind, card.grade)),
                Val::Id(world.id(p)),
                Val::Word(DISABILITIES[usize::from(card.kind - 1)]),
                Val::Int(i64::from(card.grade)),
                Val::Date(card.issued),
                Val::Date(card.valid_to),
                world.town_name(p),
                world.village_name(p),
            ],
        ));
    }
    rows
}

/// A child for whom the county stands in, since a day, with the guardian.
fn ward(world: &World, p: u32, kind: AssistanceKind, from: Date) -> Row {
    let person = &world.persons[p as usize];
    plain(
        p,
        vec![
            world.name(p),
            Val::Id(world.id(p)),
            Val::Date(person.born),
            Val::Word(kind.chinese()),
            Val::Date(from),
            Val::None,
            world.name(person.guardian),
            Val::Text(world.phone_of(person.guardian)),
            world.town_name(p),
            world.village_name(p),
        ],
    )
}

fn wards(world: &World, kind: AssistanceKind) -> Vec<Row> {
    let mut rows = Vec::new();
    for (p, person) in (0_u32..).zip(&world.persons) {
        let Some((_, from)) = person.welfare.filter(|w| w.0 == kind && world.is_present(p)) else {
            continue;
        };
        rows.push(ward(world, p, kind, from));
    }
    rows
}

/// Children with a disability who are neither orphans nor left without care: 困境儿童 of their own condition.
fn in_difficulty(world: &World) -> Vec<Row> {
    let mut rows = Vec::new();
    for (p, person) in (0_u32..).zip(&world.persons) {
        let child = world.age_on(p, world.order.as_of) < 18 && person.guardian != NONE;
        let Some(card) = &person.disability else { continue };
        if !child || person.welfare.is_some() || !world.is_present(p) || !world.chance(97, p, 0.6) {
            continue;
        }
        rows.push(ward(world, p, AssistanceKind::InDifficulty, card.issued));
    }
    rows
}

fn left_behind(world: &World) -> Vec<Row> {
    let mut rows = Vec::new();
    for (p, person) in (0_u32..).zip(&world.persons) {
        let young = world.age_on(p, world.order.as_of) < 16 && person.guardian != NONE;
        if !young
            || !world.household(p).parents_away
            || !world.is_present(p)
            || !world.chance(83, person.household, 0.3)
        {
            continue;
        }
        let school = world
            .enrolments_of(p)
            .iter()
            .find(|e| e.year == world.calendar.year)
            .map_or(String::new(), |e| world.school_name(e.school, true));
        let relation = match world.persons[person.guardian as usize].relation {
            Relation::Head | Relation::Spouse if person.relation == Relation::Grandchild => {
                "祖父母"
            }
            _ => "父母",
        };
        rows.push(plain(
            p,
            vec![
                world.name(p),
                Val::Sex(person.sex),
                Val::Id(world.id(p)),
                Val::Date(person.born),
                Val::Text(school),
                world.name(person.guardian),
                Val::Text(world.phone_of(person.guardian)),
                Val::Word(relation),
                world.town_name(p),
                world.village_name(p),
            ],
        ));
    }
    rows
}

pub(super) fn jobs(world: &World, jobs: &mut Vec<Job>) {
    let people = world.persons.len();
    let assistance = job(
        "民政局/低保特困和低收入人口".to_owned(),
        RosterKind::Assistance,
        ASSISTANCE,
        people / 4,
        |world, _, _| {
            use AssistanceKind::{
                DibaoEdge, DibaoRural, DibaoUrban, ExtremeRural, ExtremeUrban, RigidExpense,
            };
            vec![
                world.part(
                    "低保",
                    "最低生活保障对象名册",
                    "民政局",
                    assisted(world, &[DibaoRural, DibaoUrban]),
                ),
                world.part(
                    "特困",
                    "特困供养人员名册",
                    "民政局",
                    assisted(world, &[ExtremeRural, ExtremeUrban]),
                ),
                world.part(
                    "低收入",
                    "低保边缘和刚性支出困难家庭成员名册",
                    "民政局",
                    assisted(world, &[DibaoEdge, RigidExpense]),
                ),
            ]
        },
    );
    jobs.push(assistance.of_sheets());
    let children = job(
        "民政局/孤儿和事实无人抚养儿童".to_owned(),
        RosterKind::ChildWelfare,
        WELFARE,
        people / 100,
        |world, _, _| {
            vec![
                world.part("孤儿", "孤儿名册", "民政局", wards(world, AssistanceKind::Orphan)),
                world.part(
                    "事实无人抚养",
                    "事实无人抚养儿童名册",
                    "民政局",
                    wards(world, AssistanceKind::DefactoOrphan),
                ),
                world.part("困境儿童", "困境儿童名册", "民政局", in_difficulty(world)),
            ]
        },
    );
    jobs.push(children.of_sheets());
    jobs.push(job(
        "民政局/农村留守儿童".to_owned(),
        RosterKind::LeftBehind,
        LEFT_BEHIND,
        people / 20,
        |world, _, _| {
            vec![world.part("留守儿童", "农村留守儿童信息表", "民政局", left_behind(world))]
        },
    ));
    jobs.push(job(
        "残联/持证残疾人".to_owned(),
        RosterKind::Disability,
        DISABILITY,
        people / 20,
        |world, _, _| {
            vec![world.part("持证残疾人", "持证残疾人名册", "残疾人联合会", disabled(world))]
        },
    ));
}
