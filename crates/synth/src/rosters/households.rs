//! Who lives where, and which households are registered poor: the workbooks of 公安局 and 农业农村局.

use fujiao_model::{EnrolmentStatus, Field, LabourAbility, Relation, RosterKind, Sex, Stage};

use super::headers::{ACCOUNT, NAME, PHONE, SEX, TOWN, VILLAGE};
use super::{Job, LONGEST, job, labour, numbered, plain};
use crate::layout::{Col, Row, Val, col};
use crate::world::{EDUCATION, ETHNICITY, World};

const RESIDENTS: &[Col] = &[
    col(Field::HouseholdNo, &["户号", "户编号", "户口簿号"]),
    col(Field::HeadName, &["户主姓名", "户主"]).often(0.4),
    col(Field::Name, NAME),
    col(Field::CitizenId, &["公民身份号码", "身份证号", "身份证号码", "公民身份证号码"]),
    col(Field::Sex, SEX),
    col(Field::BirthDate, &["出生日期", "出生年月日", "出生"]),
    col(Field::Ethnicity, &["民族", "族别"]),
    col(Field::Relation, &["与户主关系", "户主或与户主关系"]),
    col(Field::Town, TOWN).under("户籍地址", "乡镇"),
    col(Field::Village, VILLAGE).under("户籍地址", "村（居）"),
    col(Field::VillageGroup, &["组", "村民小组", "村组"]).under("户籍地址", "组"),
    col(Field::Residence, &["户籍状态", "人员状态", "户口状态"]),
    col(Field::ChangedOn, &["变动日期", "状态变动日期", "迁出或注销日期"]),
];
const POOR: &[Col] = &[
    col(Field::County, &["县(市、区、旗)", "县", "县（区）"]).often(0.3),
    col(Field::Town, &["镇(乡)", "乡镇", "乡(镇)", "乡"]).under("家庭住址", "乡镇"),
    col(Field::Village, &["行政村", "村"]).under("家庭住址", "村"),
    col(Field::HouseholdNo, &["户编号", "家庭编号", "贫困户编号"]),
    col(Field::PersonNo, &["人编号", "人口编号"]),
    col(Field::Name, NAME),
    col(Field::Sex, SEX),
    col(Field::CitizenId, &["证件号码", "身份证号", "身份证号码"]),
    col(Field::Relation, &["与户主关系"]),
    col(Field::HeadName, &["户主姓名"]).often(0.3),
    col(Field::Ethnicity, &["民族"]),
    col(Field::HouseholdKind, &["户类型", "脱贫户或监测对象类别", "户类别"]),
    col(Field::IdentifiedOn, &["识别监测时间", "识别日期", "识别时间", "首次识别时间"]),
    col(Field::LiftedYear, &["脱贫年度", "脱贫年份"]),
    col(Field::RiskCleared, &["风险是否已消除", "是否消除风险", "风险是否消除"]),
    col(Field::RiskClearedOn, &["消除监测时间", "风险消除日期", "风险消除时间"]),
    col(Field::Education, &["文化程度", "学历"]),
    col(Field::Schooling, &["在校生状况", "在校生情况"]),
    col(Field::Health, &["健康状况", "健康状态"]),
    col(Field::LabourAbility, &["劳动技能", "劳动能力", "劳动力情况"]),
    col(Field::Working, &["务工状况", "是否务工"]),
    col(Field::WorkMonths, &["务工时间（月）", "务工时间(月)", "务工月数"]),
    col(Field::Phone, PHONE),
    col(Field::BankAccount, ACCOUNT).often(0.5),
    col(Field::RelocationSite, &["易地搬迁安置点", "搬迁安置点", "安置点"]).often(0.6),
    col(Field::PovertyCause, &["主要致贫原因", "致贫原因", "致贫原因1"]).often(0.7),
];

fn resident(world: &World, h: u32, head: &Val, p: u32) -> Row {
    let person = &world.persons[p as usize];
    let home = &world.households[h as usize];
    let changed = person.died.or(home.moved_out);
    let relation = match (person.relation, person.sex) {
        (Relation::Grandchild, Sex::Male) => "孙子",
        (Relation::Grandchild, Sex::Female) => "孙女",
        (Relation::Parent, Sex::Female) => "母亲",
        (Relation::ChildInLaw, Sex::Female) => "儿媳",
        (Relation::Spouse, _) => "配偶",
        (relation, _) => relation.chinese(),
    };
    plain(
        p,
        vec![
            Val::Text(world.register_no(h)),
            head.clone(),
            world.name(p),
            Val::Id(world.id(p)),
            Val::Sex(person.sex),
            Val::Date(person.born),
            Val::Word(ETHNICITY[usize::from(person.ethnicity)]),
            Val::Word(relation),
            world.town_name(p),
            world.village_name(p),
            Val::Text(format!("{}组", home.group)),
            Val::Word(world.residence(p).chinese()),
            Val::date(changed),
        ],
    )
}

const CAUSES: [&str; 8] =
    ["因病", "因残", "因学", "缺劳力", "缺技术", "缺资金", "交通条件落后", "自身发展动力不足"];
const SITES: [&str; 4] = ["", "城关安置小区一期", "城关安置小区二期", "城关移民新村"];

fn schooling(world: &World, p: u32) -> &'static str {
    let now = world
        .enrolments_of(p)
        .iter()
        .find(|e| e.year == world.calendar.year && e.status == EnrolmentStatus::Active);
    match now {
        None => "非在校生",
        Some(e) if e.grade.stage() == Stage::Higher => {
            if world.schools[usize::from(e.school)].level == "高职" { "高职" } else { "本科" }
        }
        Some(e) => e.grade.chinese(),
    }
}

fn poor(world: &World, h: u32, p: u32, number: usize) -> Row {
    let person = &world.persons[p as usize];
    let home = &world.households[h as usize];
    let work = labour::work(world, p);
    let able = matches!(
        person.labour,
        LabourAbility::Normal | LabourAbility::Skilled | LabourAbility::Weak
    );
    let monitored = home.kind.is_monitored();
    let health = if person.disability.is_some() {
        "残疾"
    } else {
        world.choose(81, p, &["健康", "健康", "健康", "长期慢性病"])
    };
    plain(
        p,
        vec![
            Val::Text(world.county.name.clone()),
            world.town_name(p),
            world.village_name(p),
            Val::Text(world.poverty_no(h)),
            Val::Text(format!("{}{number:02}", world.poverty_no(h))),
            world.name(p),
            Val::Sex(person.sex),
            Val::Id(world.id(p)),
            Val::Word(person.relation.chinese()),
            world.name(home.first),
            Val::Word(ETHNICITY[usize::from(person.ethnicity)]),
            Val::Word(home.kind.chinese()),
            Val::date(home.identified),
            if home.lifted_year > 0 { Val::Int(i64::from(home.lifted_year)) } else { Val::None },
            if monitored { Val::Flag(home.cleared.is_some()) } else { Val::None },
            Val::date(home.cleared),
            Val::Word(EDUCATION[usize::from(person.education)]),
            Val::Word(schooling(world, p)),
            Val::Word(health),
            Val::Word(person.labour.chinese()),
            Val::Word(if able && work.working { "已务工" } else { "未务工" }),
            if able && work.working { Val::Int(work.months) } else { Val::None },
            Val::Text(world.phone_of(p)),
            Val::Text(world.account(h)),
            Val::Word(SITES[usize::from(home.relocated)]),
            Val::Word(world.choose(82, h, &CAUSES)),
        ],
    )
}

pub(super) fn jobs(world: &World, jobs: &mut Vec<Job>) {
    for (t, town) in world.towns.iter().enumerate() {
        let len = town.households.len();
        // 3.3 persons a household: four times as many rows as households is more than there are.
        let n = (len * 4).div_ceil(LONGEST).max(1);
        for i in 0..n {
            let from =
                town.households.start + u32::try_from(i * len / n).expect("below the households");
            let to = town.households.start
                + u32::try_from((i + 1) * len / n).expect("below the households");
            jobs.push(job(
                numbered(format!("公安局/户籍人口_{}", town.name), i, n),
                RosterKind::Residents,
                RESIDENTS,
                len * 4 / n,
                move |world, _, _| {
                    let mut rows = Vec::new();
                    for h in from..to {
                        let head = world.name(world.households[h as usize].first);
                        rows.extend(world.members(h).map(|p| resident(world, h, &head, p)));
                    }
                    let title = format!("{}户籍人口信息表", world.towns[t].name);
                    vec![world.part("户籍人口", &title, "公安局", rows)]
                },
            ));
        }
        jobs.push(job(
            format!("农业农村局/脱贫户和监测对象_{}", town.name),
            RosterKind::PoorHouseholds,
            POOR,
            len,
            move |world, _, _| {
                let mut rows = Vec::new();
                for h in world.towns[t].households.clone().filter(|h| world.is_registered_poor(*h))
                {
                    let living = world.members(h).filter(|p| world.is_present(*p)).enumerate();
                    rows.extend(living.map(|(i, p)| poor(world, h, p, i + 1)));
                }
                let title = format!("{}脱贫户和防返贫监测对象家庭成员信息表", world.towns[t].name);
                vec![world.part("家庭成员", &title, "农业农村局", rows)]
            },
        ));
    }
}
