//! The rosters that nine offices hold of the world: which workbooks there are, and their rows.

mod labour;

use fujiao_model::{
    AssistanceKind, EnrolmentStatus, ExemptionKind, Field, Grade, HouseholdKind, LabourAbility,
    Money, Relation, RosterKind, Season, Sex, Stage, Term,
};
use jiff::Span;
use jiff::civil::{Date, date};

use crate::aid::{Books, Outcome, PROGRAMMES, Payment, is_followed};
use crate::layout::{Col, Part, Row, Val, col};
use crate::meals;
use crate::rng::Rng;
use crate::schools::{Enrolment, Kind};
use crate::world::{EDUCATION, ETHNICITY, Month, NONE, World};

/// Rows of one workbook at most.
pub(crate) const LONGEST: usize = 200_000;

type Build = Box<dyn Fn(&World, &Books, &mut Rng) -> Vec<Part> + Send + Sync>;

/// A workbook to be built.
pub(crate) struct Job {
    /// Without the extension.
    pub(crate) path: String,
    pub(crate) kind: RosterKind,
    pub(crate) cols: &'static [Col],
    /// What the titles say, so that a column may be left out.
    pub(crate) titled: &'static [Field],
    /// May be sent as a .csv: it has one sheet.
    pub(crate) csv: bool,
    /// Rows at most, as far as is known before it is built.
    pub(crate) size: usize,
    pub(crate) build: Build,
}

const NAME: &[&str] = &["姓名", "姓 名"];
const PUPIL: &[&str] = &["姓名", "学生姓名", "学生", "受助学生姓名"];
pub(crate) const ID: &[&str] = &[
    "身份证号",
    "身份证号码",
    "公民身份号码",
    "身份证件号",
    "证件号码",
    "身份证件号码",
    "18位身份证号",
    "身份证",
];
const STUDENT_NO: &[&str] = &["学籍号", "全国学籍号", "学生学籍号", "学籍号码"];
const SEX: &[&str] = &["性别"];
const BORN: &[&str] = &["出生日期", "出生年月日", "出生年月", "生日"];
const TOWN: &[&str] = &["乡镇", "乡(镇)", "镇（街道）", "所在乡镇", "乡镇（街道）"];
const VILLAGE: &[&str] = &["村", "行政村", "村（居委）", "村名", "所在村", "村居"];
const PHONE: &[&str] = &["联系电话", "电话", "手机号码", "手机号", "联系方式", "电话号码"];
const GUARDIAN: &[&str] =
    &["监护人姓名", "家长姓名", "监护人", "家长/监护人姓名", "家长（或监护人）姓名"];
const GUARDIAN_PHONE: &[&str] =
    &["监护人电话", "家长电话", "监护人联系电话", "家长联系电话", "监护人手机"];
pub(crate) const SCHOOL: &[&str] = &["学校", "学校名称", "就读学校", "学校全称", "所在学校"];
pub(crate) const GRADE: &[&str] = &["年级", "就读年级", "年级名称", "当前年级"];
pub(crate) const CLASS: &[&str] = &["班级", "所在班级", "班", "班级名称"];
const ACCOUNT: &[&str] = &["银行账号", "银行卡号", "卡号", "账号", "社保卡号"];
const KIND: &[&str] = &["救助类别", "救助类型", "保障类别", "困难类别", "对象类别"];
const FROM: &[&str] =
    &["享受起始", "享受起始日期", "起始日期", "开始享受时间", "纳入时间", "批准时间"];
const TO: &[&str] = &["享受截止", "享受截止日期", "截止日期", "停发时间", "退出时间"];
const TERM: &[&str] = &["学期", "资助学期", "所属学期"];
const AMOUNT: &[&str] =
    &["金额", "发放金额", "资助金额", "补助金额", "发放金额（元）", "资助金额(元)"];
const PAID_ON: &[&str] = &["发放日期", "发放时间", "到账日期", "打卡日期"];

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
const ENROLMENTS: &[Col] = &[
    col(Field::School, SCHOOL),
    col(Field::SchoolCode, &["学校标识码", "学校代码"]),
    col(Field::Stage, &["学段", "教育阶段"]),
    col(Field::Grade, GRADE),
    col(Field::Class, CLASS),
    col(Field::Name, &["姓名", "学生姓名"]),
    col(Field::Sex, SEX),
    col(Field::BirthDate, BORN),
    col(Field::Ethnicity, &["民族"]),
    col(Field::CitizenId, &["身份证件号", "身份证号", "身份证号码", "身份证件号码", "证件号码"]),
    col(Field::StudentNo, STUDENT_NO),
    col(Field::Boarding, &["就读方式", "是否住宿生", "是否寄宿", "住宿情况"]),
    col(Field::EnrolmentStatus, &["学籍状态", "就读状态", "学生状态"]),
    col(Field::LeftOn, &["离校日期", "离校时间", "变动日期"]),
    col(Field::EnteredOn, &["入学年月", "入学时间"]).often(0.7),
    col(Field::GuardianName, GUARDIAN).under("监护人", "姓名"),
    col(Field::GuardianPhone, GUARDIAN_PHONE).under("监护人", "联系电话"),
    col(Field::Town, TOWN).often(0.7).under("家庭住址", "乡镇"),
    col(Field::Village, VILLAGE).often(0.7).under("家庭住址", "村"),
];
const HIGHER: &[Col] = &[
    col(Field::Name, &["姓名", "学生姓名"]),
    col(Field::Sex, SEX),
    col(Field::CitizenId, ID),
    col(Field::School, &["就读院校", "学校名称", "院校名称", "学校"]),
    col(Field::Stage, &["学段", "教育阶段"]),
    col(Field::Schooling, &["在校生状况", "培养层次", "学历层次"]),
    col(Field::Grade, GRADE),
    col(Field::EnrolmentStatus, &["学籍状态", "就读状态"]),
    col(Field::LeftOn, &["离校日期", "离校时间"]).often(0.6),
    col(Field::Destination, &["去向", "省内/省外", "就读地"]),
    col(Field::GuardianName, GUARDIAN),
    col(Field::GuardianPhone, GUARDIAN_PHONE),
    col(Field::Town, TOWN),
    col(Field::Village, VILLAGE),
];
const EXEMPTIONS: &[Col] = &[
    col(Field::Name, PUPIL),
    col(Field::CitizenId, ID),
    col(Field::BirthDate, BORN),
    col(Field::ExemptionKind, &["不在校类别", "不在校原因", "情况类别"]),
    col(Field::DocumentNo, &["文号", "批准文号", "证明文号"]),
    col(Field::ValidFrom, &["起始日期", "批准起始日期", "有效期起"]),
    col(Field::ValidTo, &["有效期至", "截止日期", "批准截止日期"]),
    col(Field::Destination, &["去向", "就读地"]),
    col(Field::GuardianName, GUARDIAN),
    col(Field::Town, TOWN),
    col(Field::Village, VILLAGE),
];
const PAYMENTS: &[Col] = &[
    col(Field::School, SCHOOL),
    col(Field::Grade, GRADE),
    col(Field::Class, CLASS),
    col(Field::Name, PUPIL),
    col(Field::CitizenId, ID),
    col(Field::StudentNo, STUDENT_NO).often(0.35),
    col(Field::GuardianName, GUARDIAN).often(0.3),
    col(Field::Programme, &["资助项目", "资助类型", "项目名称", "项目"]),
    col(Field::Term, TERM),
    col(Field::Amount, AMOUNT),
    col(Field::BankAccount, ACCOUNT),
    col(Field::PaidOn, PAID_ON),
    col(Field::PaymentStatus, &["发放状态", "发放结果", "状态"]),
    col(Field::BatchNo, &["批次号", "批次", "发放批次"]),
];
const MEALS: &[Col] = &[
    col(Field::School, SCHOOL),
    col(Field::Grade, GRADE),
    col(Field::Class, CLASS),
    col(Field::Name, PUPIL),
    col(Field::StudentNo, STUDENT_NO).often(0.6),
    col(Field::CitizenId, ID).often(0.6),
    col(Field::Month, &["月份", "供餐月份"]),
    col(Field::MealDays, &["就餐天数", "用餐天数", "供餐天数", "享受天数"]),
    col(Field::MealPrice, &["餐标", "餐标（元）", "补助标准"]),
    col(Field::Amount, &["金额", "金额（元）", "补助金额", "营养餐金额"]),
];
const ABSENCES: &[Col] = &[
    col(Field::School, SCHOOL),
    col(Field::Grade, GRADE),
    col(Field::Class, CLASS),
    col(Field::Name, PUPIL),
    col(Field::StudentNo, STUDENT_NO).often(0.5),
    col(Field::CitizenId, ID).often(0.5),
    col(Field::AbsentFrom, &["缺勤起", "缺勤开始日期", "请假起", "缺课开始时间"])
        .under("缺勤时间", "起"),
    col(Field::AbsentTo, &["缺勤止", "缺勤结束日期", "请假止", "缺课结束时间"])
        .under("缺勤时间", "止"),
    col(Field::AbsentDays, &["缺勤天数", "缺课天数", "请假天数"]),
    col(Field::Reason, &["原因", "缺勤原因", "请假事由"]),
];
const CALENDAR: &[Col] = &[
    col(Field::Month, &["月份", "月"]),
    col(Field::SchoolDays, &["上课天数", "教学天数", "在校天数"]),
    col(Field::SchoolDates, &["上课日期"]),
];
const TEACHERS: &[Col] = &[
    col(Field::School, &["学校", "学校名称", "所在学校", "单位名称"]),
    col(Field::Name, &["姓名", "教师姓名"]),
    col(Field::Sex, SEX),
    col(Field::CitizenId, ID),
    col(Field::BirthDate, &["出生日期", "出生年月日"]),
    col(Field::StaffKind, &["教职工类别", "人员类别"]),
    col(Field::Subject, &["任教学科", "任教课程", "科目"]),
    col(Field::InQuota, &["是否在编", "在编"]),
    col(Field::Title, &["职称", "专业技术职务"]),
    col(Field::Backbone, &["是否骨干教师", "是否县级以上骨干教师"]),
    col(Field::SpecialPost, &["是否特岗教师", "是否是特岗教师"]),
    col(Field::JoinedOn, &["进校时间", "参加工作时间", "参加工作年月"]),
    col(Field::StaffStatus, &["人员状态", "在岗状态"]),
];
const SCHOOLS: &[Col] = &[
    col(Field::School, &["学校名称", "学校", "学校全称"]),
    col(Field::SchoolCode, &["学校标识码", "学校代码"]),
    col(Field::SchoolKind, &["办学类型", "学校类别"]),
    col(Field::ParentSchool, &["所属学校", "上级学校", "中心学校"]),
    col(Field::Stage, &["学段", "教育阶段"]),
    col(Field::Rural, &["是否农村学校", "是否农村"]),
    col(Field::StandardGrade, &["办学等级", "等级", "学校等级"]),
    col(Field::Pupils, &["学生数", "在校学生数", "学生人数"]),
    col(Field::Boarders, &["寄宿生数", "寄宿生人数"]),
    col(Field::Classes, &["班数", "班级数", "教学班数"]),
    col(Field::BuildingArea, &["校舍建筑面积", "校舍建筑面积（㎡）", "校舍建筑面积（平方米）"])
        .under("面积（平方米）", "校舍建筑"),
    col(Field::TeachingArea, &["教学及辅助用房面积", "教学及辅助用房面积（㎡）"])
        .under("面积（平方米）", "教学及辅助用房"),
    col(Field::SportsArea, &["运动场地面积", "体育运动场馆面积"])
        .under("面积（平方米）", "运动场地"),
    col(Field::DormBeds, &["宿舍床位数", "床位数", "学生床位数"]),
    col(Field::CanteenArea, &["食堂面积", "食堂面积（㎡）"]),
    col(Field::CanteenStaff, &["食堂从业人员数", "食堂工作人员数"]),
    col(Field::MealMode, &["供餐模式", "供餐方式"]),
    col(Field::ToiletPlaces, &["厕位数", "厕所蹲位数"]),
    col(Field::MultimediaRooms, &["多媒体教室数", "网络多媒体教室间数"]),
    col(Field::EquipmentValue, &["教学仪器设备值", "教学仪器设备值（元）"]),
    col(Field::Desks, &["课桌椅套数", "课桌椅（套）"]),
    col(Field::DangerousArea, &["D级危房面积", "D级危房面积（㎡）"]),
    col(Field::Guards, &["安保人员数", "保安人数"]),
    col(Field::Town, TOWN),
    col(Field::Longitude, &["经度"]).often(0.8),
    col(Field::Latitude, &["纬度"]).often(0.8),
];
const PAIRINGS: &[Col] = &[
    col(Field::School, SCHOOL),
    col(Field::Grade, GRADE),
    col(Field::Class, CLASS),
    col(Field::Name, PUPIL),
    col(Field::CitizenId, ID),
    col(Field::MentorName, &["帮扶责任人姓名", "帮扶教师姓名", "结对教师", "帮扶人姓名"])
        .under("帮扶责任人", "姓名"),
    col(Field::MentorPhone, &["帮扶责任人电话", "帮扶责任人联系方式", "帮扶教师电话"])
        .under("帮扶责任人", "联系电话"),
    col(Field::MentorUnit, &["帮扶责任人单位", "帮扶单位", "帮扶教师单位"])
        .under("帮扶责任人", "单位"),
    col(Field::PairedFrom, &["结对起始", "结对日期", "结对开始时间", "结对时间"]),
    col(Field::PairedTo, &["结对截止", "结对结束时间", "解除结对时间"]),
];
const CONTACTS: &[Col] = &[
    col(Field::School, SCHOOL),
    col(Field::Class, CLASS),
    col(Field::Name, PUPIL),
    col(Field::CitizenId, ID).often(0.7),
    col(Field::MentorName, &["帮扶责任人姓名", "帮扶教师姓名", "帮扶人姓名"]),
    col(Field::ContactOn, &["联系日期", "联系时间", "帮扶日期", "活动日期"]),
    col(Field::ContactKind, &["联系方式（谈心、家访、电话）", "联系形式", "帮扶形式", "帮扶方式"]),
    col(Field::Note, &["帮扶内容", "备注", "记录"]),
];
const LEFT_BEHIND_PUPILS: &[Col] = &[
    col(Field::School, SCHOOL),
    col(Field::Grade, GRADE),
    col(Field::Class, CLASS),
    col(Field::Name, PUPIL),
    col(Field::CitizenId, ID),
    col(Field::LeftBehindKind, &["留守类型", "是否留守儿童", "留守儿童类型"]),
];
const MARKS: &[Col] = &[
    col(Field::School, SCHOOL),
    col(Field::Grade, GRADE),
    col(Field::Class, CLASS),
    col(Field::Name, PUPIL),
    col(Field::CitizenId, ID),
    col(Field::ScoreChinese, &["语文", "语文成绩"]),
    col(Field::ScoreMaths, &["数学", "数学成绩"]),
    col(Field::ScoreEnglish, &["英语", "英语成绩"]),
];
const LOANS: &[Col] = &[
    col(Field::Name, PUPIL),
    col(Field::CitizenId, ID),
    col(Field::School, &["就读高校", "高校名称", "就读学校", "学校名称"]),
    col(Field::Term, &["学年", "贷款学年"]),
    col(Field::Amount, &["贷款金额", "贷款金额（元）", "放款金额"]),
    col(Field::PaidOn, &["放款日期", "发放日期", "放款时间"]),
];
const UNIVERSITY_AID: &[Col] = &[
    col(Field::Name, PUPIL),
    col(Field::CitizenId, ID),
    col(Field::School, &["就读高校", "高校名称", "就读学校"]),
    col(Field::Term, &["学年", "资助学年"]),
    col(Field::FundingUnit, &["资助部门", "资助单位"]),
    col(Field::Programme, &["资助项目", "项目名称"]),
    col(Field::Amount, &["资助金额", "资助金额（元）"]),
    col(Field::PaidOn, &["发放日期", "发放时间"]),
];
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

pub(crate) fn plain(person: u32, cells: Vec<Val>) -> Row {
    Row { person, cells, mistyped: false }
}

impl World {
    pub(crate) fn name(&self, person: u32) -> Val {
        if person == NONE {
            Val::None
        } else {
            Val::Text(self.persons[person as usize].name.text())
        }
    }

    /// The other parent, or whoever else answers for the child.
    pub(crate) fn other_guardian(&self, person: u32) -> Option<String> {
        let p = &self.persons[person as usize];
        let other = Some(p.other_guardian).filter(|o| *o != NONE && *o != p.guardian);
        other.map(|o| self.persons[o as usize].name.text())
    }

    /// A neighbouring village of the same town.
    pub(crate) fn next_village(&self, person: u32) -> Option<String> {
        let village = usize::from(self.household(person).village);
        let town = self.villages[village].town;
        let near = [village + 1, village.wrapping_sub(1)];
        let mut near = near.into_iter().filter_map(|v| self.villages.get(v));
        near.find(|v| v.town == town).map(|v| v.name.clone())
    }

    /// Kindergartens number nobody.
    fn pupil_no(&self, person: u32, grade: Grade) -> Val {
        if grade.stage() == Stage::Preschool {
            Val::None
        } else {
            Val::Text(self.student_no(person))
        }
    }

    /// 岚教证〔2025〕3号.
    fn document(&self, office: &str, year: i16, number: usize) -> String {
        let county = self.county.name.chars().next().unwrap_or('县');
        format!("{county}{office}〔{year}〕{number}号")
    }

    /// One of a few words, always the same for the same salt and person.
    fn choose(&self, salt: u64, key: u32, words: &'static [&'static str]) -> &'static str {
        words[usize::try_from(self.hash(salt, key) % words.len() as u64).expect("few words")]
    }

    fn town_name(&self, person: u32) -> Val {
        Val::Text(self.town(person).name.clone())
    }

    fn village_name(&self, person: u32) -> Val {
        Val::Text(self.village(person).name.clone())
    }

    fn title(&self, text: &str) -> String {
        format!("{}{text}（示例数据）", self.county.name)
    }

    fn sent(&self, office: &str) -> String {
        let d = self.order.as_of;
        format!(
            "填报单位：{}{office}        填报时间：{}年{}月{}日",
            self.county.name,
            d.year(),
            d.month(),
            d.day()
        )
    }

    pub(crate) fn part(&self, name: &str, title: &str, office: &str, rows: Vec<Row>) -> Part {
        Part { name: name.to_owned(), titles: vec![self.title(title), self.sent(office)], rows }
    }
}

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

fn guardian_phone(world: &World, e: &Enrolment) -> String {
    world
        .class_phone(e)
        .unwrap_or_else(|| world.phone_of(world.persons[e.person as usize].guardian))
}

fn enrolment(world: &World, e: &Enrolment, full: bool) -> Row {
    let person = &world.persons[e.person as usize];
    let school = &world.schools[usize::from(e.school)];
    let status = match e.status {
        EnrolmentStatus::Active => "在读",
        other => other.chinese(),
    };
    plain(
        e.person,
        vec![
            Val::Text(world.school_name(e.school, full)),
            Val::Text(school.code.clone()),
            Val::Word(e.grade.stage().chinese()),
            Val::Grade(e.grade),
            Val::Class(e.class),
            world.name(e.person),
            Val::Sex(person.sex),
            Val::Date(person.born),
            Val::Word(ETHNICITY[usize::from(person.ethnicity)]),
            Val::Id(world.id(e.person)),
            world.pupil_no(e.person, e.grade),
            Val::Boards(e.boards),
            Val::Word(status),
            Val::date(e.left),
            Val::Month(e.year + 1 - i16::from(e.grade.year()), 9),
            world.name(person.guardian),
            Val::Text(guardian_phone(world, e)),
            world.town_name(e.person),
            world.village_name(e.person),
        ],
    )
}

fn student(world: &World, e: &Enrolment) -> Row {
    let person = &world.persons[e.person as usize];
    let school = &world.schools[usize::from(e.school)];
    plain(
        e.person,
        vec![
            world.name(e.person),
            Val::Sex(person.sex),
            Val::Id(world.id(e.person)),
            Val::Text(school.name.clone()),
            Val::Word("大学"),
            Val::Word(school.level),
            Val::Grade(e.grade),
            Val::Word(if e.status == EnrolmentStatus::Active {
                "在读"
            } else {
                e.status.chinese()
            }),
            Val::date(e.left),
            Val::Word(school.destination),
            world.name(person.guardian),
            Val::Text(world.phone_of(person.guardian)),
            world.town_name(e.person),
            world.village_name(e.person),
        ],
    )
}

fn school_year(year: i16) -> String {
    format!("{year}—{}学年", year + 1)
}

/// Splits `0..len` into stretches that one workbook holds.
fn stretches(len: usize) -> Vec<std::ops::Range<usize>> {
    let n = len.div_ceil(LONGEST).max(1);
    (0..n).map(|i| i * len / n..(i + 1) * len / n).collect()
}

fn numbered(stem: String, at: usize, of: usize) -> String {
    if of == 1 { stem } else { format!("{stem}_{}", at + 1) }
}

/// Every workbook, in the order in which they are sent.
pub(crate) fn jobs(world: &World, books: &Books) -> Vec<Job> {
    let mut jobs = Vec::new();
    people(world, &mut jobs);
    hardship(world, &mut jobs);
    schooling_jobs(world, &mut jobs);
    payments(world, books, &mut jobs);
    meal_jobs(world, &mut jobs);
    schools(world, &mut jobs);
    labour::jobs(world, &mut jobs);
    pairs(world, &mut jobs);
    pupils_looked_after(world, &mut jobs);
    money(world, &mut jobs);
    crate::works::jobs(world, &mut jobs);
    jobs
}

pub(crate) fn job(
    path: String,
    kind: RosterKind,
    cols: &'static [Col],
    size: usize,
    build: impl Fn(&World, &Books, &mut Rng) -> Vec<Part> + Send + Sync + 'static,
) -> Job {
    Job { path, kind, cols, titled: &[], csv: true, size, build: Box::new(build) }
}

impl Job {
    /// The titles say these, so that the columns may be left out.
    fn titled(self, titled: &'static [Field]) -> Self {
        Self { titled, ..self }
    }

    /// Has more than one sheet, so that it is no .csv.
    fn of_sheets(self) -> Self {
        Self { csv: false, ..self }
    }
}

fn people(world: &World, jobs: &mut Vec<Job>) {
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

fn wards(world: &World, kind: AssistanceKind) -> Vec<Row> {
    let mut rows = Vec::new();
    for (p, person) in (0_u32..).zip(&world.persons) {
        let Some((_, from)) = person.welfare.filter(|w| w.0 == kind && world.is_present(p)) else {
            continue;
        };
        rows.push(plain(
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
        ));
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
        rows.push(plain(
            p,
            vec![
                world.name(p),
                Val::Id(world.id(p)),
                Val::Date(person.born),
                Val::Word(AssistanceKind::InDifficulty.chinese()),
                Val::Date(card.issued),
                Val::None,
                world.name(person.guardian),
                Val::Text(world.phone_of(person.guardian)),
                world.town_name(p),
                world.village_name(p),
            ],
        ));
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

fn hardship(world: &World, jobs: &mut Vec<Job>) {
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

fn schooling_jobs(world: &World, jobs: &mut Vec<Job>) {
    let school_of = |i: u32| world.enrolments[i as usize].school;
    for year in world.calendar.years() {
        let of_year = |i: &&u32| world.enrolments[**i as usize].year == year;
        let (away, local): (Vec<u32>, Vec<u32>) = world
            .by_school
            .iter()
            .filter(of_year)
            .partition(|i| world.schools[usize::from(school_of(**i))].kind == Kind::College);
        if year == world.calendar.year {
            for group in local.chunk_by(|a, b| school_of(*a) == school_of(*b)) {
                jobs.push(school_list(world, school_of(group[0]), year, group.to_vec()));
            }
        } else {
            let parts = stretches(local.len());
            let n = parts.len();
            for (i, part) in parts.into_iter().enumerate() {
                let path = format!("教育局/学籍/{}全县学生", school_year(year));
                jobs.push(county_list(numbered(path, i, n), year, local[part].to_vec()));
            }
        }
        jobs.push(student_list(year, away));
    }
    jobs.push(exemption_list(world));
}

/// This year's list of one school; some schools give each grade a sheet.
fn school_list(world: &World, school: u16, year: i16, rows: Vec<u32>) -> Job {
    let s = &world.schools[usize::from(school)];
    let path = format!("教育局/学籍/{}_{}", school_year(year), s.name);
    let by_grade = world.chance(96, u32::from(school), 0.15);
    let size = rows.len();
    let list = job(path, RosterKind::Enrolments, ENROLMENTS, size, move |world, _, rng| {
        let full = rng.chance(0.6);
        let s = &world.schools[usize::from(school)];
        let code = if s.code.is_empty() {
            String::new()
        } else {
            format!("    学校标识码：{}", s.code)
        };
        let name = world.school_name(school, true);
        let titles = vec![
            world.title(&format!("{}学生学籍信息表", s.name)),
            format!("学校名称：{name}{code}    学年：{}", school_year(year)),
        ];
        let grade = |i: u32| world.enrolments[i as usize].grade;
        rows.chunk_by(|a, b| !by_grade || grade(*a) == grade(*b))
            .map(|chunk| Part {
                name: if by_grade { grade(chunk[0]).chinese() } else { "学生名册" }.to_owned(),
                titles: titles.clone(),
                rows: chunk
                    .iter()
                    .map(|i| enrolment(world, &world.enrolments[*i as usize], full))
                    .collect(),
            })
            .collect()
    });
    let list = list.titled(&[Field::School, Field::SchoolCode]);
    if by_grade { list.of_sheets() } else { list }
}

fn county_list(path: String, year: i16, rows: Vec<u32>) -> Job {
    job(path, RosterKind::Enrolments, ENROLMENTS, rows.len(), move |world, _, rng| {
        let full = rng.chance(0.6);
        let row = |i: &u32| enrolment(world, &world.enrolments[*i as usize], full);
        let title = format!("{}中小学（幼儿园）学生信息表", school_year(year));
        vec![world.part("全县学生", &title, "教育局", rows.iter().map(row).collect())]
    })
}

fn student_list(year: i16, rows: Vec<u32>) -> Job {
    let path = format!("学生资助中心/在外就读大学生_{}", school_year(year));
    job(path, RosterKind::Enrolments, HIGHER, rows.len(), move |world, _, _| {
        let rows = rows.iter().map(|i| student(world, &world.enrolments[*i as usize])).collect();
        let title = format!("{}在外就读大学生名册", school_year(year));
        vec![world.part("大学生", &title, "学生资助管理中心", rows)]
    })
}

fn exemption_list(world: &World) -> Job {
    let path = "教育局/合法不在校儿童".to_owned();
    job(path, RosterKind::Exemptions, EXEMPTIONS, world.exemptions.len(), |world, _, _| {
        let row = |(i, e): (usize, &crate::schools::Exemption)| {
            let person = &world.persons[e.person as usize];
            let elsewhere = e.kind == ExemptionKind::SchooledElsewhere;
            plain(
                e.person,
                vec![
                    world.name(e.person),
                    Val::Id(world.id(e.person)),
                    Val::Date(person.born),
                    Val::Word(e.kind.chinese()),
                    Val::Text(world.document("教证", e.from.year(), i + 1)),
                    Val::Date(e.from),
                    Val::Date(e.to),
                    if elsewhere { Val::Word("省外") } else { Val::None },
                    world.name(person.guardian),
                    world.town_name(e.person),
                    world.village_name(e.person),
                ],
            )
        };
        let rows = world.exemptions.iter().enumerate().map(row).collect();
        vec![world.part("不在校", "缓学、休学、送教上门和县外就读儿童名册", "教育局", rows)]
    })
}

/// The lines of one programme and term, the later batch on a sheet of its own.
fn payment_list(path: String, term: Term, names: &'static [&'static str], lines: Vec<u32>) -> Job {
    let list =
        job(path, RosterKind::AidPayments, PAYMENTS, lines.len(), move |world, books, rng| {
            let full = rng.chance(0.5);
            let name = *rng.pick(names);
            let written = match rng.below(3) {
                0 => term.chinese(),
                1 => term.to_string(),
                _ if term.season() == Season::Autumn => format!("{}年秋季", term.year()),
                _ => format!("{}年春季", term.year()),
            };
            let quiet = rng.chance(0.5);
            let list = |batch: u8| {
                let mut lines: Vec<&Payment> = lines
                    .iter()
                    .map(|i| &books.payments[*i as usize])
                    .filter(|p| p.batch == batch)
                    .collect();
                lines.sort_by_key(|p| (p.school, p.grade, p.class));
                let row = |p: &&Payment| Row {
                    mistyped: p.mistyped,
                    ..payment(world, p, name, &written, quiet, full)
                };
                lines.iter().map(row).collect::<Vec<_>>()
            };
            let title = format!("{}{name}发放名册", term.chinese());
            let part = |sheet, rows| world.part(sheet, &title, "学生资助管理中心", rows);
            let later = list(1);
            let mut parts = vec![part("发放名册", list(0))];
            if !later.is_empty() {
                parts.push(part("补发和退回", later));
            }
            parts
        });
    list.of_sheets().titled(&[Field::Term])
}

fn payment(
    world: &World,
    p: &Payment,
    name: &'static str,
    term: &str,
    quiet: bool,
    full: bool,
) -> Row {
    let person = &world.persons[p.person as usize];
    let status = match p.outcome {
        Outcome::Paid if quiet => Val::None,
        Outcome::Paid => Val::Word("已发放"),
        Outcome::Returned => Val::Word("退回"),
        Outcome::Failed => Val::Word("失败"),
    };
    plain(
        p.person,
        vec![
            Val::Text(world.school_name(p.school, full)),
            Val::Grade(p.grade),
            Val::Class(p.class),
            world.name(p.person),
            Val::Id(world.id(p.person)),
            world.pupil_no(p.person, p.grade),
            world.name(person.guardian),
            Val::Word(name),
            Val::Text(term.to_owned()),
            Val::Money(p.amount),
            Val::Text(world.account(person.household)),
            Val::Date(p.paid_on),
            status,
            Val::Text(format!("{}{:02}", p.paid_on.strftime("%Y%m"), p.batch + 1)),
        ],
    )
}

fn payments(world: &World, books: &Books, jobs: &mut Vec<Job>) {
    let mut lists = vec![Vec::new(); world.calendar.terms.len() * PROGRAMMES.len()];
    for (i, p) in (0_u32..).zip(&books.payments) {
        lists[usize::from(p.term) * PROGRAMMES.len() + usize::from(p.programme)].push(i);
    }
    for (at, lines) in lists.into_iter().enumerate().filter(|(_, lines)| !lines.is_empty()) {
        let term = world.calendar.terms[at / PROGRAMMES.len()];
        let names = PROGRAMMES[at % PROGRAMMES.len()].1;
        let parts = stretches(lines.len());
        let n = parts.len();
        for (i, part) in parts.into_iter().enumerate() {
            let path = numbered(format!("学生资助中心/{term}_{}", names[1]), i, n);
            jobs.push(payment_list(path, term, names, lines[part].to_vec()));
        }
    }
}

/// A school with its rows of enrolments for a month's school year, by town.
fn rural(world: &World, town: usize, year: i16) -> Vec<u32> {
    world
        .by_school
        .iter()
        .copied()
        .filter(|i| {
            let e = &world.enrolments[*i as usize];
            let school = &world.schools[usize::from(e.school)];
            e.year == year
                && usize::from(school.town) == town
                && school.rural
                && school.kind.serves_meals()
                && e.grade.stage().is_compulsory()
        })
        .collect()
}

fn school_year_of(month: Month) -> i16 {
    if month.1 >= 9 { month.0 } else { month.0 - 1 }
}

fn meal_jobs(world: &World, jobs: &mut Vec<Job>) {
    let months = &world.calendar.months;
    jobs.push(job(
        "教育局/校历".to_owned(),
        RosterKind::Calendar,
        CALENDAR,
        months.len(),
        |world, _, _| {
            let row = |m: &Month| {
                let dates = crate::world::school_dates(m.0, m.1);
                plain(NONE, vec![Val::Month(m.0, m.1), Val::Int(i64::from(m.2)), Val::Text(dates)])
            };
            let rows = world.calendar.months.iter().map(row).collect();
            vec![world.part("校历", "义务教育学校校历", "教育局", rows)]
        },
    ));
    for month in months {
        for (t, _) in world.towns.iter().enumerate().filter(|(_, t)| !t.seat) {
            jobs.push(meal_list(world, t, *month));
        }
        jobs.push(absence_list(world, *month));
    }
}

fn meal_list(world: &World, town: usize, month: Month) -> Job {
    let rows = rural(world, town, school_year_of(month));
    let name = &world.towns[town].name;
    let path = format!("营养办/{}-{:02}_{name}", month.0, month.1);
    let title = format!("{name}{}年{}月营养改善计划实名制就餐表", month.0, month.1);
    let list = job(path, RosterKind::MealLists, MEALS, rows.len(), move |world, _, rng| {
        let full = rng.chance(0.5);
        let price = meals::price();
        let row = |(e, days): (&Enrolment, u8)| {
            plain(
                e.person,
                vec![
                    Val::Text(world.school_name(e.school, full)),
                    Val::Grade(e.grade),
                    Val::Class(e.class),
                    world.name(e.person),
                    Val::Text(world.student_no(e.person)),
                    Val::Id(world.id(e.person)),
                    Val::Month(month.0, month.1),
                    Val::Int(i64::from(days)),
                    Val::Money(price),
                    Val::Money(Money::fen(price.as_fen() * i64::from(days))),
                ],
            )
        };
        let rows = rows
            .iter()
            .map(|i| &world.enrolments[*i as usize])
            .filter_map(|e| Some((e, meals::claim(world, e, month)?.days)))
            .map(row)
            .collect();
        vec![world.part("实名就餐", &title, "营养改善计划办公室", rows)]
    });
    list.titled(&[Field::Month])
}

fn absence_list(world: &World, month: Month) -> Job {
    let last = date(month.0, month.1, 1).last_of_month();
    let year = school_year_of(month);
    let absent = |i: &u32| {
        let e = &world.enrolments[*i as usize];
        let whole = e.status == EnrolmentStatus::Active || e.left.is_some_and(|d| d > last);
        let twice = e.second && e.year == world.calendar.year;
        e.year == year
            && e.grade.stage().is_compulsory()
            && whole
            && !twice
            && meals::absence(world, e.person, month).is_some()
    };
    let here: Vec<u32> = world.by_school.iter().copied().filter(absent).collect();
    let path = format!("教育局/缺勤/{}-{:02}", month.0, month.1);
    job(path, RosterKind::Absences, ABSENCES, here.len(), move |world, _, rng| {
        let full = rng.chance(0.5);
        let row = |(e, a): (&Enrolment, meals::Absence)| {
            plain(
                e.person,
                vec![
                    Val::Text(world.school_name(e.school, full)),
                    Val::Grade(e.grade),
                    Val::Class(e.class),
                    world.name(e.person),
                    Val::Text(world.student_no(e.person)),
                    Val::Id(world.id(e.person)),
                    Val::Date(a.from),
                    Val::Date(a.to),
                    Val::Int(i64::from(a.days)),
                    Val::Word(world.choose(84, e.person, &["病假", "事假", "病假", "旷课"])),
                ],
            )
        };
        let rows = here
            .iter()
            .map(|i| &world.enrolments[*i as usize])
            .filter_map(|e| Some((e, meals::absence(world, e.person, month)?)))
            .map(row)
            .collect();
        let title = format!("{}年{}月中小学生缺勤统计表", month.0, month.1);
        vec![world.part("缺勤", &title, "教育局", rows)]
    })
}

const SUBJECTS: [&str; 12] = [
    "语文",
    "数学",
    "英语",
    "语文",
    "数学",
    "道德与法治",
    "科学",
    "体育",
    "音乐",
    "美术",
    "物理",
    "历史",
];

/// What is drawn of a member of staff first: when they came, what they are, what they teach; the rest is drawn from what is
/// given beside.
fn staff_drawn(world: &World, person: u32) -> (Rng, i16, &'static str, Option<&'static str>) {
    let mut rng = Rng::of(world.hash(85, person));
    let joined = (world.persons[person as usize].born.year() + 22)
        .max(world.order.as_of.year() - i16::try_from(rng.between(0, 25)).expect("years"));
    let kind = rng.weighted(&[("专任教师", 88), ("行政人员", 5), ("工勤人员", 7)]);
    let subject = (kind == "专任教师").then(|| *rng.pick::<&str>(&SUBJECTS));
    (rng, joined, kind, subject)
}

/// What somebody of the staff teaches; `None`: nothing.
pub(crate) fn taught(world: &World, person: u32) -> Option<&'static str> {
    staff_drawn(world, person).3
}

fn schools(world: &World, jobs: &mut Vec<Job>) {
    jobs.push(job(
        "教育局/教职工".to_owned(),
        RosterKind::Teachers,
        TEACHERS,
        world.staff.len(),
        |world, _, rng| {
            let full = rng.chance(0.5);
            let rows = world.staff.iter().map(|s| {
                let person = &world.persons[s.person as usize];
                let (mut rng, joined, kind, subject) = staff_drawn(world, s.person);
                plain(
                    s.person,
                    vec![
                        Val::Text(world.school_name(s.school, full)),
                        world.name(s.person),
                        Val::Sex(person.sex),
                        Val::Id(world.id(s.person)),
                        Val::Date(person.born),
                        Val::Word(kind),
                        subject.map_or(Val::None, Val::Word),
                        Val::Flag(rng.chance(0.93)),
                        Val::Word(rng.weighted(&[
                            ("一级教师", 40),
                            ("二级教师", 32),
                            ("高级教师", 20),
                            ("三级教师", 8),
                        ])),
                        Val::Flag(rng.chance(0.06)),
                        Val::Flag(rng.chance(0.07)),
                        Val::Month(joined.min(world.calendar.year), 8),
                        Val::Word(rng.weighted(&[("在岗", 95), ("病休", 2), ("借调", 3)])),
                    ],
                )
            });
            let rows = rows.collect();
            vec![world.part("教职工", "教职工基本信息表", "教育局人事股", rows)]
        },
    ));
    jobs.push(job(
        "教育局/学校和办学条件".to_owned(),
        RosterKind::Schools,
        SCHOOLS,
        world.schools.len(),
        |world, _, _| {
            let rows = (0_u16..)
                .zip(&world.schools)
                .filter(|(_, s)| s.kind != Kind::College)
                .map(|(n, _)| school(world, n))
                .collect();
            vec![world.part("学校", "中小学（幼儿园）办学条件统计表", "教育局规划股", rows)]
        },
    ));
}

fn school(world: &World, number: u16) -> Row {
    let school = &world.schools[usize::from(number)];
    let mut rng = Rng::of(world.hash(86, u32::from(number)));
    let mine = || {
        world.enrolments.iter().filter(|e| {
            e.year == world.calendar.year
                && e.school == number
                && e.status == EnrolmentStatus::Active
        })
    };
    let pupils = mine().count();
    let boarders = mine().filter(|e| e.boards).count();
    let mut classes: Vec<(Grade, u8)> = mine().map(|e| (e.grade, e.class)).collect();
    classes.sort_unstable();
    classes.dedup();
    let count = |n: usize| i64::try_from(n).expect("a school is small");
    let people = f64::from(u32::try_from(pupils).expect("a school is small"));
    // A third of the schools are below some standard: little ground at the seat, few beds and rooms in the villages.
    let crowded = if school.rural { 1.0 } else { 0.62 };
    let mut area = |each: f64| {
        let poor = if rng.chance(0.2) { 0.7 } else { 1.0 + 0.5 * rng.unit() };
        (people.max(15.0) * each * poor * crowded).round()
    };
    let (building, teaching, sports, canteen) = (area(8.5), area(5.6), area(11.0), area(1.3));
    let beds = if rng.chance(0.25) { boarders * 4 / 5 } else { boarders + boarders / 10 };
    let meals = school.rural && school.kind.serves_meals();
    let small = school.kind == Kind::TeachingPoint;
    let desks = if rng.chance(0.1) { pupils * 9 / 10 } else { pupils + 5 };
    let danger = if rng.chance(0.06) { (building * 0.1).round() } else { 0.0 };
    plain(
        NONE,
        vec![
            Val::Text(world.school_name(number, true)),
            Val::Text(school.code.clone()),
            Val::Word(school.kind.chinese()),
            school.parent.map_or(Val::None, |p| Val::Text(world.school_name(p, true))),
            Val::Word(school.kind.main_stage().chinese()),
            Val::Flag(school.rural),
            Val::Word(school.standard),
            Val::Int(count(pupils)),
            Val::Int(count(boarders)),
            Val::Int(count(classes.len())),
            Val::Decimal(building),
            Val::Decimal(teaching),
            Val::Decimal(sports),
            Val::Int(count(beds)),
            Val::Decimal(if meals { canteen } else { 0.0 }),
            Val::Int(if meals { count(pupils / 110 + 1) } else { 0 }),
            Val::Word(if !meals {
                ""
            } else if small && rng.chance(0.5) {
                "学校伙房"
            } else {
                "学校食堂"
            }),
            Val::Int(count(pupils / if rng.chance(0.2) { 40 } else { 22 } + 4)),
            Val::Int(count(classes.len() * if rng.chance(0.2) { 6 } else { 10 } / 10 + 1)),
            Val::Money(Money::yuan(count(pupils) * i64::from(rng.between(1_500, 3_400)))),
            Val::Int(count(desks)),
            Val::Decimal(danger),
            Val::Int(if rng.chance(0.1) { 0 } else { count(pupils / 500 + 1) }),
            Val::Text(world.towns[usize::from(school.town)].name.clone()),
            Val::Decimal(school.longitude),
            Val::Decimal(school.latitude),
        ],
    )
}

/// A pupil's mentor of this school year.
struct Pair {
    mentor: u32,
    from: Date,
    to: Option<Date>,
}

fn pair(world: &World, e: &Enrolment) -> Option<Pair> {
    let person = &world.persons[e.person as usize];
    let stage = matches!(
        e.grade.stage(),
        Stage::Primary | Stage::Junior | Stage::Senior | Stage::Vocational
    );
    if !stage
        || e.second
        || e.status != EnrolmentStatus::Active
        || !is_followed(world, person.household, world.order.as_of)
    {
        return None;
    }
    let mut rng = Rng::of(world.hash(88, e.person));
    let from = world.staff.partition_point(|s| s.school < e.school);
    let staff =
        &world.staff[from..from + world.staff[from..].partition_point(|s| s.school == e.school)];
    if staff.is_empty() || rng.chance(0.07) {
        return None;
    }
    let mentor = staff[rng.index(staff.len())].person;
    let from = date(world.calendar.year, 9, i8::try_from(rng.between(1, 12)).expect("a day"));
    let to = rng
        .chance(0.02)
        .then(|| world.order.as_of.checked_sub(Span::new().days(3)).expect("long after year 1"))
        .filter(|d| *d > from);
    (from < world.order.as_of).then_some(Pair { mentor, from, to })
}

fn pairs(world: &World, jobs: &mut Vec<Job>) {
    jobs.push(job(
        "教育局/结对帮扶".to_owned(),
        RosterKind::Pairings,
        PAIRINGS,
        world.persons.len() / 10,
        |world, _, rng| {
            let full = rng.chance(0.5);
            let mut rows = Vec::new();
            for e in world
                .by_school
                .iter()
                .map(|i| &world.enrolments[*i as usize])
                .filter(|e| e.year == world.calendar.year)
            {
                let Some(pair) = pair(world, e) else { continue };
                rows.push(plain(
                    e.person,
                    vec![
                        Val::Text(world.school_name(e.school, full)),
                        Val::Grade(e.grade),
                        Val::Class(e.class),
                        world.name(e.person),
                        Val::Id(world.id(e.person)),
                        world.name(pair.mentor),
                        Val::Text(world.phone(14, pair.mentor)),
                        Val::Text(world.school_name(e.school, full)),
                        Val::Date(pair.from),
                        Val::date(pair.to),
                    ],
                ));
            }
            vec![world.part("结对", "教师结对帮扶脱贫家庭学生台账", "教育局", rows)]
        },
    ));
    let months =
        world.calendar.months.iter().copied().filter(|m| school_year_of(*m) == world.calendar.year);
    for month in months {
        jobs.push(job(
            format!("教育局/联系记录/{}-{:02}", month.0, month.1),
            RosterKind::Contacts,
            CONTACTS,
            world.persons.len() / 10,
            move |world, _, rng| {
                let full = rng.chance(0.5);
                let mut rows = Vec::new();
                for e in world
                    .by_school
                    .iter()
                    .map(|i| &world.enrolments[*i as usize])
                    .filter(|e| e.year == world.calendar.year)
                {
                    let Some(pair) = pair(world, e) else { continue };
                    let mut rng = Rng::of(
                        world.hash(89 + (u64::from(month.1.unsigned_abs()) << 8), e.person),
                    );
                    if rng.chance(0.06) {
                        continue;
                    }
                    // One mentor in twelve brings things and never talks.
                    let things = world.chance(90, pair.mentor, 0.08);
                    let (kind, note) = if things {
                        ("送物", "送学习用品")
                    } else {
                        rng.weighted(&[
                            (("谈心", "了解思想和学习情况"), 40),
                            (("家访", "入户走访"), 20),
                            (("电话", "与家长通话"), 20),
                            (("课业辅导", "辅导作业"), 20),
                        ])
                    };
                    let day =
                        date(month.0, month.1, i8::try_from(rng.between(13, 28)).expect("a day"));
                    rows.push(plain(
                        e.person,
                        vec![
                            Val::Text(world.school_name(e.school, full)),
                            Val::Text(format!("{}{}班", e.grade.chinese(), e.class)),
                            world.name(e.person),
                            Val::Id(world.id(e.person)),
                            world.name(pair.mentor),
                            Val::Date(day),
                            Val::Word(kind),
                            Val::Word(note),
                        ],
                    ));
                }
                vec![world.part(
                    "联系记录",
                    &format!("{}年{}月帮扶责任人联系学生记录", month.0, month.1),
                    "教育局",
                    rows,
                )]
            },
        ));
    }
}

/// Whether a pupil of compulsory school has a parent away, as the statistics of education count it: one is enough.
fn left_behind_pupil(world: &World, e: &Enrolment) -> Option<&'static str> {
    let counted = e.grade.stage().is_compulsory()
        && !e.second
        && e.status == EnrolmentStatus::Active
        && world.household(e.person).parents_away
        && world.chance(98, e.person, 0.6);
    counted.then(|| {
        if world.chance(99, e.person, 0.45) { "双亲留守儿童" } else { "单亲留守儿童" }
    })
}

/// 教育统计口径的留守学生, and the marks of pupils whom somebody looks after.
fn pupils_looked_after(world: &World, jobs: &mut Vec<Job>) {
    let pupils = |world: &World| -> Vec<u32> {
        let now = |i: &u32| world.enrolments[*i as usize].year == world.calendar.year;
        world.by_school.iter().copied().filter(now).collect()
    };
    let year = world.calendar.year;
    jobs.push(job(
        format!("教育局/留守学生统计_{}", school_year(year)),
        RosterKind::LeftBehindPupils,
        LEFT_BEHIND_PUPILS,
        world.persons.len() / 20,
        move |world, _, rng| {
            let full = rng.chance(0.5);
            let mut rows = Vec::new();
            for i in pupils(world) {
                let e = &world.enrolments[i as usize];
                let Some(kind) = left_behind_pupil(world, e) else { continue };
                rows.push(plain(
                    e.person,
                    vec![
                        Val::Text(world.school_name(e.school, full)),
                        Val::Grade(e.grade),
                        Val::Class(e.class),
                        world.name(e.person),
                        Val::Id(world.id(e.person)),
                        Val::Word(kind),
                    ],
                ));
            }
            let title = format!("{}留守学生名册（教育统计）", school_year(year));
            vec![world.part("留守学生", &title, "教育局", rows)]
        },
    ));
    // The spring's last examination, and the first test of this autumn once it was held.
    let spring = Term::new(year, Season::Spring);
    let autumn = Term::new(year, Season::Autumn);
    let held = world.order.as_of >= date(year, 10, 10);
    for (term, name, now) in [(spring, "期末", false), (autumn, "第一次质量检测", true)]
        .into_iter()
        .filter(|t| !t.2 || held)
    {
        jobs.push(job(
            format!("教育局/学业成绩/{}{name}", term.chinese()),
            RosterKind::Marks,
            MARKS,
            world.persons.len() / 12,
            move |world, _, rng| {
                let full = rng.chance(0.5);
                let mut rows = Vec::new();
                for i in pupils(world) {
                    let e = &world.enrolments[i as usize];
                    let tested = e.grade.stage().is_compulsory()
                        && (e.grade.stage() == Stage::Junior || e.grade.year() >= 4)
                        && !e.second
                        && e.status == EnrolmentStatus::Active;
                    let paired = pair(world, e);
                    if !tested || (paired.is_none() && left_behind_pupil(world, e).is_none()) {
                        continue;
                    }
                    // Who is talked with does a little better; who only gets things does not.
                    let talks = paired.is_some_and(|pair| !world.chance(90, pair.mentor, 0.08));
                    let gain = if now && talks { 1.5 } else { 0.0 };
                    let able = Rng::of(world.hash(100, e.person)).unit() * 46.0;
                    let mut rng = Rng::of(world.hash(101 + u64::from(now) * 16, e.person));
                    let mut score = |base: f64| {
                        let points = base + able + gain + rng.unit() * 14.0;
                        Val::Decimal((points.min(100.0) * 2.0).round() / 2.0)
                    };
                    rows.push(plain(
                        e.person,
                        vec![
                            Val::Text(world.school_name(e.school, full)),
                            Val::Grade(e.grade),
                            Val::Class(e.class),
                            world.name(e.person),
                            Val::Id(world.id(e.person)),
                            score(43.0),
                            score(38.0),
                            score(32.0),
                        ],
                    ));
                }
                let title = format!("{}{name}成绩（结对和留守学生，满分100）", term.chinese());
                vec![world.part("成绩", &title, "教育局", rows)]
            },
        ));
    }
}

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

/// Who else gives to university students: department, programme, yuan, and the share of poor students that it reaches.
const GIVERS: [(&str, &str, i64, f64); 3] = [
    ("总工会", "金秋助学", 3_000, 0.12),
    ("团委", "希望工程圆梦行动", 5_000, 0.06),
    ("慈善协会", "慈善助学", 2_000, 0.05),
];

/// What departments gave university students in a year: a list each.
fn university_aid(world: &World, year: i16, jobs: &mut Vec<Job>) {
    for (salt, (unit, programme, yuan, share)) in (0_u64..).zip(GIVERS) {
        let persons: Vec<(u32, u16)> = world
            .enrolments
            .iter()
            .filter(|e| {
                e.year == year
                    && e.grade.stage() == Stage::Higher
                    && e.status == EnrolmentStatus::Active
            })
            .filter(|e| {
                let h = world.persons[e.person as usize].household;
                world.households[h as usize].kind != HouseholdKind::Ordinary
                    && world.chance(930 + salt, e.person, share)
            })
            .map(|e| (e.person, e.school))
            .collect();
        jobs.push(job(
            format!("{unit}/{programme}_{}", school_year(year)),
            RosterKind::UniversityAid,
            UNIVERSITY_AID,
            persons.len(),
            move |world, _, _| {
                let rows = persons.iter().map(|&(person, school)| {
                    plain(
                        person,
                        vec![
                            world.name(person),
                            Val::Id(world.id(person)),
                            Val::Text(world.schools[usize::from(school)].name.clone()),
                            Val::Text(school_year(year)),
                            Val::Word(unit),
                            Val::Word(programme),
                            Val::Money(Money::yuan(yuan)),
                            Val::Date(date(year, 9, 10)),
                        ],
                    )
                });
                let rows = rows.collect();
                let title = format!("{}{programme}大学生名单", school_year(year));
                vec![world.part("大学生资助", &title, unit, rows)]
            },
        ));
    }
}

fn money(world: &World, jobs: &mut Vec<Job>) {
    for year in world.calendar.years() {
        let rows: Vec<u32> = (0_u32..)
            .zip(&world.enrolments)
            .filter(|(_, e)| {
                e.year == year
                    && e.grade.stage() == Stage::Higher
                    && e.status == EnrolmentStatus::Active
            })
            .map(|(i, _)| i)
            .filter(|i| {
                let h = world.persons[world.enrolments[*i as usize].person as usize].household;
                let poor = world.households[h as usize].kind != HouseholdKind::Ordinary;
                world.chance(91, h, if poor { 0.6 } else { 0.18 })
                    && world.order.as_of > date(year, 9, 20)
            })
            .collect();
        jobs.push(job(
            format!("学生资助中心/生源地贷款_{}", school_year(year)),
            RosterKind::Loans,
            LOANS,
            rows.len(),
            move |world, _, _| {
                let rows = rows.iter().map(|i| &world.enrolments[*i as usize]).map(|e| {
                    let yuan =
                        i64::from(Rng::of(world.hash(92, e.person)).between(12, 40)) * 250 + 2_000;
                    plain(
                        e.person,
                        vec![
                            world.name(e.person),
                            Val::Id(world.id(e.person)),
                            Val::Text(world.schools[usize::from(e.school)].name.clone()),
                            Val::Text(school_year(year)),
                            Val::Money(Money::yuan(yuan)),
                            Val::Date(date(year, 9, 18)),
                        ],
                    )
                });
                let rows = rows.collect();
                vec![world.part(
                    "贷款",
                    &format!("{}生源地信用助学贷款名册", school_year(year)),
                    "学生资助管理中心",
                    rows,
                )]
            },
        ));
    }
    for year in world.calendar.years().filter(|year| world.order.as_of > date(*year, 9, 20)) {
        university_aid(world, year, jobs);
    }
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
