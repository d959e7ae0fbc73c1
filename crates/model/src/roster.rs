//! What a department's workbook is read into: rows of documented fields.

use crate::code_table;
use crate::{
    AssistanceKind, Boarding, CitizenId, EnrolmentStatus, ExemptionKind, Grade, HouseholdKind,
    LabourAbility, LeftBehindKind, Money, PartialDate, Relation, Residence, Sex, Stage, Term,
};

code_table! {
    /// What a sheet lists. A new area starts with a new kind here and a recogniser in `intake`.
    RosterKind {
        /// 户籍人口 (公安)
        Residents = "residents", "户籍人口";
        /// 脱贫户与监测对象家庭成员 (农业农村/乡村振兴)
        PoorHouseholds = "poor_households", "脱贫户和监测对象";
        /// 低保、特困、低保边缘、刚性支出困难 (民政)
        Assistance = "assistance", "低保特困";
        /// 孤儿、事实无人抚养儿童 (民政)
        ChildWelfare = "child_welfare", "孤儿和事实无人抚养儿童";
        /// 农村留守儿童 (民政)
        LeftBehind = "left_behind", "留守儿童";
        /// 残疾人 (残联)
        Disability = "disability", "残疾人";
        /// 学籍 (教育)
        Enrolments = "enrolments", "学籍";
        /// 缓学、休学、送教、县外就读 (教育)
        Exemptions = "exemptions", "合法不在校";
        /// 资助发放 (学生资助中心)
        AidPayments = "aid_payments", "资助发放";
        /// 实名制就餐 (营养办)
        MealLists = "meal_lists", "营养餐实名";
        /// 缺勤 (学校)
        Absences = "absences", "缺勤";
        /// 教职工 (教育人事)
        Teachers = "teachers", "教职工";
        /// 学校与办学条件 (教育规划)
        Schools = "schools", "学校和办学条件";
        /// 劳动力 (人社)
        Labour = "labour", "劳动力";
        /// 培训学员 (培训中心)
        Training = "training", "培训学员";
        /// 就业 (人社)
        Placements = "placements", "就业";
        /// 结对 (教育)
        Pairings = "pairings", "结对";
        /// 结对联系记录 (教育)
        Contacts = "contacts", "联系记录";
        /// 留守儿童，教育统计口径 (教育)
        LeftBehindPupils = "left_behind_pupils", "留守学生（教育统计）";
        /// 期末成绩 (学校)
        Marks = "marks", "学业成绩";
        /// 生源地贷款 (学生资助中心)
        Loans = "loans", "生源地贷款";
        /// 大学生资助 by departments: 民政, 工会, 残联, 妇联, 团委, 慈善
        UniversityAid = "university_aid", "大学生资助";
        /// 资金下达 (财政)
        Appropriations = "appropriations", "资金下达";
        /// 资金支出 (财政)
        Spending = "spending", "资金支出";
        /// 校历 (教育): school days by month
        Calendar = "calendar", "校历";
        /// 每日就餐 (学校): one class on one day, who was there, who was served, what is claimed
        MealReturns = "meal_returns", "每日就餐";
        /// 办学条件测量 (学校, 教育规划): one item of one school, measured
        Measurements = "measurements", "办学条件测量";
        /// 食材出入库 (学校): goods bought or cooked
        Purchases = "purchases", "食材出入库";
        /// 培训班 (培训中心): one session of a course, planned or held
        Sessions = "sessions", "培训班";
        /// 培训考勤 (培训机构): one trainee on one day of a session
        CourseAttendance = "course_attendance", "培训考勤";
        /// 培训师资 (培训机构): one teacher of one provider
        Trainers = "trainers", "培训师资";
        /// 实训场地 (培训机构): one room of one provider
        Rooms = "rooms", "实训场地";
        /// 用工岗位 (人社): one post of an employer, a 扶贫车间 or a public-service post
        Vacancies = "vacancies", "用工岗位";
        /// 稳岗核验 (人社): somebody looked whether one person still works
        JobProofs = "job_proofs", "稳岗核验";
        /// 带量食谱 (学校): one foodstuff of a dish on a day, with how much of it one pupil gets
        Menus = "menus", "带量食谱";
        /// 听课和教师测试 (教研室): what one teacher's lesson or test was worth
        TeacherReviews = "teacher_reviews", "听课和教师测试";
    }
}

impl RosterKind {
    /// Whether each row is about one person, whom [`Field::Name`] names.
    pub fn is_about_persons(self) -> bool {
        !matches!(
            self,
            Self::Schools
                | Self::Appropriations
                | Self::Spending
                | Self::Calendar
                | Self::MealReturns
                | Self::Measurements
                | Self::Purchases
                | Self::Sessions
                | Self::Trainers
                | Self::Rooms
                | Self::Vacancies
                | Self::Menus
        )
    }

    /// Whether one person can stand in the roster once only within one period, so that two rows are two persons.
    pub fn lists_persons_once(self) -> bool {
        matches!(
            self,
            Self::Residents
                | Self::PoorHouseholds
                | Self::ChildWelfare
                | Self::LeftBehind
                | Self::Disability
        )
    }
}

/// The type of a field's values.
#[derive(Clone, Copy, Debug)]
pub enum FieldType {
    /// Any text, trimmed, full-width digits and letters folded.
    Text,
    /// A checked citizen id.
    Id,
    /// A date, perhaps without day or month.
    Date,
    /// A whole number.
    Integer,
    /// A number in thousandths.
    Decimal,
    /// Yuan in the workbook, fen here.
    Money,
    /// 是/否, 1/0, √.
    Flag,
    /// A term.
    Term,
    /// A code of a table; the value is the table's stable code. The function reads what rosters write.
    Code(fn(&str) -> Option<&'static str>),
}

macro_rules! fields {
    ($($variant:ident = $code:literal, $chinese:literal, $type:expr $(, $secret:ident)?;)*) => {
        /// The documented fields of source rows: stable code, Chinese term, type.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Field {
            $(
                #[doc = $chinese]
                $variant,
            )*
        }

        impl Field {
            /// Every field, in the order in which rows hold them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable code, as stored.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// The Chinese term.
            pub const fn chinese(self) -> &'static str {
                match self { $(Self::$variant => $chinese,)* }
            }

            /// The type of its values.
            pub fn field_type(self) -> FieldType {
                use FieldType::*;
                match self { $(Self::$variant => $type,)* }
            }

            /// Whether values are encrypted at rest and masked on screen.
            pub const fn is_secret(self) -> bool {
                match self { $(Self::$variant => fields!(@secret $($secret)?),)* }
            }

            /// The field of a stable code.
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)* _ => None }
            }
        }
    };
    (@secret secret) => { true };
    (@secret) => { false };
}

macro_rules! code {
    ($table:ty) => {
        Code(|text| <$table>::parse(text).map(<$table>::code))
    };
}

fields! {
    // who
    Name = "name", "姓名", Text;
    CitizenId = "citizen_id", "身份证号", Id, secret;
    IdAsWritten = "id_as_written", "身份证号（原文，校验不符）", Text, secret;
    StudentNo = "student_no", "学籍号", Text, secret;
    DisabilityNo = "disability_no", "残疾证号", Text, secret;
    PersonNo = "person_no", "人编号", Text;
    BirthDate = "birth_date", "出生日期", Date;
    Sex = "sex", "性别", code!(Sex);
    Ethnicity = "ethnicity", "民族", Text;
    Phone = "phone", "联系电话", Text, secret;
    BankAccount = "bank_account", "银行账号", Text, secret;
    BankName = "bank_name", "开户行", Text;
    // family
    HouseholdNo = "household_no", "户编号", Text;
    Relation = "relation", "与户主关系", code!(Relation);
    HeadName = "head_name", "户主姓名", Text;
    HeadId = "head_id", "户主身份证号", Id, secret;
    HouseholdSize = "household_size", "家庭人口", Integer;
    GuardianName = "guardian_name", "监护人姓名", Text;
    GuardianId = "guardian_id", "监护人身份证号", Id, secret;
    GuardianPhone = "guardian_phone", "监护人电话", Text, secret;
    GuardianRelation = "guardian_relation", "与学生关系", Text;
    // where
    County = "county", "县", Text;
    Town = "town", "乡镇", Text;
    Village = "village", "村", Text;
    VillageGroup = "village_group", "组", Text;
    Address = "address", "家庭住址", Text;
    DivisionCode = "division_code", "区划代码", Text;
    RelocationSite = "relocation_site", "易地搬迁安置点", Text;
    Residence = "residence", "户籍状态", code!(Residence);
    ChangedOn = "changed_on", "变动日期", Date;
    // hardship
    HouseholdKind = "household_kind", "户类型", code!(HouseholdKind);
    RiskCleared = "risk_cleared", "风险是否已消除", Flag;
    RiskClearedOn = "risk_cleared_on", "风险消除日期", Date;
    IdentifiedOn = "identified_on", "识别日期", Date;
    LiftedYear = "lifted_year", "脱贫年度", Integer;
    PovertyCause = "poverty_cause", "致贫原因", Text;
    AssistanceKind = "assistance_kind", "救助类别", code!(AssistanceKind);
    AssistanceFrom = "assistance_from", "享受起始", Date;
    AssistanceTo = "assistance_to", "享受截止", Date;
    DisabilityType = "disability_type", "残疾类别", Text;
    DisabilityGrade = "disability_grade", "残疾等级", Integer;
    IssuedOn = "issued_on", "发证日期", Date;
    ValidTo = "valid_to", "有效期至", Date;
    Health = "health", "健康状况", Text;
    // schooling
    School = "school", "学校", Text;
    SchoolCode = "school_code", "学校标识码", Text;
    Stage = "stage", "学段", code!(Stage);
    Grade = "grade", "年级", code!(Grade);
    Class = "class", "班级", Text;
    Boarding = "boarding", "就读方式", code!(Boarding);
    EnrolmentStatus = "enrolment_status", "学籍状态", code!(EnrolmentStatus);
    EnteredOn = "entered_on", "入学年月", Date;
    LeftOn = "left_on", "离校日期", Date;
    Term = "term", "学期", Term;
    Schooling = "schooling", "在校生状况", Text;
    NotInSchoolReason = "not_in_school_reason", "未上学原因", Text;
    ExemptionKind = "exemption_kind", "不在校类别", code!(ExemptionKind);
    DocumentNo = "document_no", "文号", Text;
    ValidFrom = "valid_from", "起始日期", Date;
    Destination = "destination", "去向", Text;
    LeftBehindKind = "left_behind_kind", "是否留守儿童（教育统计）", code!(LeftBehindKind);
    ScoreChinese = "score_chinese", "语文成绩", Decimal;
    ScoreMaths = "score_maths", "数学成绩", Decimal;
    ScoreEnglish = "score_english", "英语成绩", Decimal;
    // payments
    Programme = "programme", "资助项目", Text;
    Amount = "amount", "金额", Money;
    PaidOn = "paid_on", "发放日期", Date;
    PaymentStatus = "payment_status", "发放状态", Text;
    BatchNo = "batch_no", "批次号", Text;
    // meals and absence
    Month = "month", "月份", Date;
    SchoolDays = "school_days", "上课天数", Integer;
    MealDays = "meal_days", "就餐天数", Integer;
    MealPrice = "meal_price", "餐标", Money;
    AbsentFrom = "absent_from", "缺勤起", Date;
    AbsentTo = "absent_to", "缺勤止", Date;
    AbsentDays = "absent_days", "缺勤天数", Integer;
    Reason = "reason", "原因", Text;
    // teachers
    Subject = "subject", "任教学科", Text;
    StaffKind = "staff_kind", "教职工类别", Text;
    InQuota = "in_quota", "是否在编", Flag;
    Title = "title", "职称", Text;
    Backbone = "backbone", "是否骨干教师", Flag;
    SpecialPost = "special_post", "是否特岗教师", Flag;
    JoinedOn = "joined_on", "进校时间", Date;
    StaffStatus = "staff_status", "人员状态", Text;
    // schools
    SchoolKind = "school_kind", "办学类型", Text;
    ParentSchool = "parent_school", "所属学校", Text;
    Rural = "rural", "是否农村学校", Flag;
    Pupils = "pupils", "学生数", Integer;
    Boarders = "boarders", "寄宿生数", Integer;
    Classes = "classes", "班数", Integer;
    StandardGrade = "standard_grade", "办学等级", Text;
    BuildingArea = "building_area", "校舍建筑面积", Decimal;
    TeachingArea = "teaching_area", "教学及辅助用房面积", Decimal;
    SportsArea = "sports_area", "运动场地面积", Decimal;
    DormBeds = "dorm_beds", "宿舍床位数", Integer;
    CanteenArea = "canteen_area", "食堂面积", Decimal;
    CanteenStaff = "canteen_staff", "食堂从业人员数", Integer;
    MealMode = "meal_mode", "供餐模式", Text;
    ToiletPlaces = "toilet_places", "厕位数", Integer;
    MultimediaRooms = "multimedia_rooms", "多媒体教室数", Integer;
    EquipmentValue = "equipment_value", "教学仪器设备值", Money;
    Desks = "desks", "课桌椅套数", Integer;
    DangerousArea = "dangerous_area", "D级危房面积", Decimal;
    Guards = "guards", "安保人员数", Integer;
    Longitude = "longitude", "经度", Decimal;
    Latitude = "latitude", "纬度", Decimal;
    ClosedOn = "closed_on", "撤并日期", Date;
    // labour
    Education = "education", "文化程度", Text;
    LabourAbility = "labour_ability", "劳动能力", code!(LabourAbility);
    Working = "working", "务工状况", Text;
    WorkPlace = "work_place", "务工地点", Text;
    WorkMonths = "work_months", "务工时间（月）", Integer;
    Employer = "employer", "单位名称", Text;
    Occupation = "occupation", "工种", Text;
    Wage = "wage", "月收入", Money;
    StartedOn = "started_on", "开始时间", Date;
    EndedOn = "ended_on", "结束时间", Date;
    // training
    Course = "course", "培训专业", Text;
    CourseKind = "course_kind", "培训类别", Text;
    Session = "session", "期次", Text;
    TrainedFrom = "trained_from", "培训开始时间", Date;
    TrainedTo = "trained_to", "培训结束时间", Date;
    Hours = "hours", "课时数", Integer;
    AttendedHours = "attended_hours", "出勤课时", Integer;
    Result = "result", "考核结果", Text;
    CertificateNo = "certificate_no", "证书号", Text;
    Provider = "provider", "培训机构", Text;
    // pairing
    MentorName = "mentor_name", "帮扶责任人姓名", Text;
    MentorId = "mentor_id", "帮扶责任人身份证号", Id, secret;
    MentorPhone = "mentor_phone", "帮扶责任人电话", Text, secret;
    MentorUnit = "mentor_unit", "帮扶责任人单位", Text;
    PairedFrom = "paired_from", "结对起始", Date;
    PairedTo = "paired_to", "结对截止", Date;
    ContactOn = "contact_on", "联系日期", Date;
    ContactKind = "contact_kind", "联系方式", Text;
    Note = "note", "备注", Text;
    // money
    FundNo = "fund_no", "资金编号", Text;
    FundName = "fund_name", "资金名称", Text;
    Earmark = "earmark", "用途", Text;
    ArrivedOn = "arrived_on", "到账日期", Date;
    SpendBy = "spend_by", "支出期限", Date;
    SpentOn = "spent_on", "支出日期", Date;
    // universities
    FundingUnit = "funding_unit", "资助部门", Text;
    Tuition = "tuition", "学费", Money;
    Lodging = "lodging", "住宿费", Money;
    LivingCost = "living_cost", "年生活费", Money;
    // school days, meals and conditions
    SchoolDates = "school_dates", "上课日期", Text;
    MealOn = "meal_on", "供餐日期", Date;
    PresentCount = "present_count", "到校人数", Integer;
    ServedCount = "served_count", "供餐份数", Integer;
    ClaimedCount = "claimed_count", "申报份数", Integer;
    Item = "item", "测量项目", Text;
    Measured = "measured", "测量值", Text;
    QuantityUnit = "quantity_unit", "计量单位", Text;
    MeasuredOn = "measured_on", "测量日期", Date;
    Foodstuff = "foodstuff", "食材", Text;
    Movement = "movement", "出入库", Text;
    Quantity = "quantity", "数量", Decimal;
    Supplier = "supplier", "供应商", Text;
    MovedOn = "moved_on", "出入库日期", Date;
    Allowance = "allowance", "乡村教师生活补助", Flag;
    // what somebody of working age can and wishes to do
    Skill = "skill", "技能特长", Text;
    SkillLevel = "skill_level", "技能等级", Text;
    JobWish = "job_wish", "求职意愿", Text;
    WishedTrade = "wished_trade", "求职工种", Text;
    WishedPlace = "wished_place", "求职地点", Text;
    WishedWage = "wished_wage", "期望薪资", Money;
    TrainingWish = "training_wish", "意愿培训工种", Text;
    CareDuty = "care_duty", "照护负担", Text;
    // sessions, teachers and rooms of courses
    Venue = "venue", "培训地点", Text;
    Room = "room", "教室", Text;
    Seats = "seats", "计划人数", Integer;
    Trainer = "trainer", "授课教师", Text;
    DualQualified = "dual_qualified", "是否双师型", Flag;
    CourseCost = "course_cost", "培训成本", Money;
    Subsidy = "subsidy", "培训补贴标准", Money;
    TrainedOn = "trained_on", "考勤日期", Date;
    // vacancies and proofs of work
    EmployerKind = "employer_kind", "用工主体类型", Text;
    Openings = "openings", "招聘人数", Integer;
    Flexible = "flexible", "可兼顾照护", Flag;
    CheckedOn = "checked_on", "核验日期", Date;
    AtWork = "at_work", "是否在岗", Flag;
    ProofKind = "proof_kind", "核验方式", Text;
    Dish = "dish", "菜品", Text;
    ReviewKind = "review_kind", "评价方式", Text;
    Score = "score", "得分", Decimal;
    FullMark = "full_mark", "满分", Decimal;
    ReviewedOn = "reviewed_on", "评价日期", Date;
}

/// One value of a source row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// For [`FieldType::Text`].
    Text(Box<str>),
    /// For [`FieldType::Id`].
    Id(CitizenId),
    /// For [`FieldType::Date`].
    Date(PartialDate),
    /// For [`FieldType::Integer`].
    Integer(i64),
    /// For [`FieldType::Decimal`], in thousandths.
    Decimal(i64),
    /// For [`FieldType::Money`].
    Money(Money),
    /// For [`FieldType::Flag`].
    Flag(bool),
    /// For [`FieldType::Term`].
    Term(Term),
    /// For [`FieldType::Code`]: the stable code.
    Code(&'static str),
}

impl Value {
    /// The value of `field` that [`Value::stored`] wrote; `None` if the text is not of the field's type.
    pub fn from_stored(field: Field, text: &str) -> Option<Self> {
        Some(match field.field_type() {
            FieldType::Text => Self::Text(text.into()),
            FieldType::Id => Self::Id(CitizenId::parse(text).ok()?),
            FieldType::Date => Self::Date(text.parse().ok()?),
            FieldType::Integer => Self::Integer(text.parse().ok()?),
            FieldType::Decimal => Self::Decimal(text.parse().ok()?),
            FieldType::Money => Self::Money(Money::fen(text.parse().ok()?)),
            FieldType::Flag => Self::Flag(text == "1"),
            FieldType::Term => Self::Term(text.parse().ok()?),
            FieldType::Code(parse) => Self::Code(parse(text)?),
        })
    }

    /// The value as the store keeps it: dates in ISO form, money in fen, decimals in thousandths, flags 0/1.
    pub fn stored(&self) -> String {
        match self {
            Self::Text(text) => text.to_string(),
            Self::Id(id) => id.reveal().to_owned(),
            Self::Date(date) => date.to_string(),
            Self::Integer(n) | Self::Decimal(n) => n.to_string(),
            Self::Money(money) => money.as_fen().to_string(),
            Self::Flag(flag) => i32::from(*flag).to_string(),
            Self::Term(term) => term.to_string(),
            Self::Code(code) => (*code).to_owned(),
        }
    }
}

/// The values of one source row, by field, each field at most once, in the order of [`Field::ALL`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(Vec<(Field, Value)>);

impl Fields {
    /// No values.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a field, replacing what it held.
    pub fn set(&mut self, field: Field, value: Value) {
        match self.0.binary_search_by_key(&field, |(f, _)| *f) {
            Ok(at) => self.0[at].1 = value,
            Err(at) => self.0.insert(at, (field, value)),
        }
    }

    /// Takes a field away.
    pub fn remove(&mut self, field: Field) -> Option<Value> {
        let at = self.0.binary_search_by_key(&field, |(f, _)| *f).ok()?;
        Some(self.0.remove(at).1)
    }

    /// The value of a field; `None` where the cell was empty, refused, or there is no such column.
    pub fn get(&self, field: Field) -> Option<&Value> {
        self.0.binary_search_by_key(&field, |(f, _)| *f).ok().map(|at| &self.0[at].1)
    }

    /// Values in the order of their fields.
    pub fn iter(&self) -> impl Iterator<Item = (Field, &Value)> {
        self.0.iter().map(|(f, v)| (*f, v))
    }

    /// How many fields have a value.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no field has a value.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A text field, or the stable code of a code field.
    pub fn text(&self, field: Field) -> Option<&str> {
        match self.get(field)? {
            Value::Text(text) => Some(text),
            Value::Code(code) => Some(code),
            _ => None,
        }
    }

    /// A citizen id.
    pub fn id(&self, field: Field) -> Option<CitizenId> {
        match self.get(field)? {
            Value::Id(id) => Some(*id),
            _ => None,
        }
    }

    /// A date that may lack day or month.
    pub fn date(&self, field: Field) -> Option<PartialDate> {
        match self.get(field)? {
            Value::Date(date) => Some(*date),
            _ => None,
        }
    }

    /// A whole number, or thousandths of a decimal.
    pub fn number(&self, field: Field) -> Option<i64> {
        match self.get(field)? {
            Value::Integer(n) | Value::Decimal(n) => Some(*n),
            _ => None,
        }
    }

    /// An amount.
    pub fn money(&self, field: Field) -> Option<Money> {
        match self.get(field)? {
            Value::Money(money) => Some(*money),
            _ => None,
        }
    }

    /// Yes or no.
    pub fn flag(&self, field: Field) -> Option<bool> {
        match self.get(field)? {
            Value::Flag(flag) => Some(*flag),
            _ => None,
        }
    }

    /// A term.
    pub fn term(&self, field: Field) -> Option<Term> {
        match self.get(field)? {
            Value::Term(term) => Some(*term),
            _ => None,
        }
    }
}

impl FromIterator<(Field, Value)> for Fields {
    fn from_iter<I: IntoIterator<Item = (Field, Value)>>(iter: I) -> Self {
        let iter = iter.into_iter();
        let mut fields = Self(Vec::with_capacity(iter.size_hint().0));
        for (field, value) in iter {
            if fields.0.last().is_none_or(|(last, _)| *last < field) {
                fields.0.push((field, value));
            } else {
                fields.set(field, value);
            }
        }
        fields
    }
}

/// What became of a row at intake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RowVerdict {
    /// Goes in.
    Good,
    /// Goes in with the doubtful cell left out, and waits for a person to supply it (待核).
    Parked,
    /// Cannot be taken: what the row is about is not known (拒收).
    Refused,
}

/// A row of a workbook in documented fields, with where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceRow {
    /// What the sheet lists.
    pub kind: RosterKind,
    /// Position of the sheet in its workbook, from 0.
    pub sheet: u16,
    /// Row number as the spreadsheet shows it, from 1.
    pub row: u32,
    /// What becomes of it.
    pub verdict: RowVerdict,
    /// Its values; title rows of the sheet (school, term, month) fill in what the row itself lacks.
    pub fields: Fields,
    /// Values of columns that no field is known for, by the position of the column.
    pub extra: Vec<(u16, Box<str>)>,
}

/// A cell of a workbook: sheet from 0; row from 1, as the spreadsheet shows it; column from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    /// Sheet, from 0.
    pub sheet: u16,
    /// Row, from 1; 0 where the whole sheet is meant.
    pub row: u32,
    /// Column, from 0; `None` where the whole row is meant.
    pub column: Option<u16>,
}

code_table! {
    /// What is wrong with a cell, a row or a sheet.
    FindingKind {
        /// A needed cell is empty.
        Missing = "missing", "空着";
        /// A cell does not read as its field's type.
        Unreadable = "unreadable", "读不出";
        /// A spreadsheet destroyed the number.
        Destroyed = "destroyed", "被表格改坏";
        /// A citizen id does not check.
        BadId = "bad_id", "身份证号不符";
        /// Two cells of the row contradict each other.
        Contradiction = "contradiction", "前后不一";
        /// The same row stands twice in the file.
        Repeated = "repeated", "重复行";
        /// The sheet as a whole cannot be taken.
        Sheet = "sheet", "整表";
    }
}

/// Something that a person should look at, beside the rows: a bad cell is not a failed call.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Where.
    pub cell: Cell,
    /// The field, if the column is known.
    pub field: Option<Field>,
    /// What is wrong.
    pub kind: FindingKind,
    /// In one sentence, without whole personal numbers.
    pub reason: String,
    /// What to do about it.
    pub remedy: String,
    /// What becomes of the row because of it.
    pub verdict: RowVerdict,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_reads_back_what_it_stores() {
        let sample = |field: Field| match field.field_type() {
            FieldType::Text => Value::Text("张·三".into()),
            FieldType::Id => Value::Id(CitizenId::parse("11010519491231002X").unwrap()),
            FieldType::Date => Value::Date("2012-09".parse().unwrap()),
            FieldType::Integer => Value::Integer(-3),
            FieldType::Decimal => Value::Decimal(6_100),
            FieldType::Money => Value::Money(Money::fen(31_250)),
            FieldType::Flag => Value::Flag(true),
            FieldType::Term => Value::Term("2024A".parse().unwrap()),
            FieldType::Code(parse) => {
                let code = [
                    "m", "primary", "P1", "boards", "active", "ordinary", "orphan", "dead", "head",
                    "present", "normal", "one",
                ]
                .iter()
                .find_map(|c| parse(c))
                .expect("one of these is in every table");
                Value::Code(code)
            }
        };
        for field in Field::ALL {
            let value = sample(*field);
            assert_eq!(
                Value::from_stored(*field, &value.stored()),
                Some(value),
                "{}",
                field.code()
            );
            assert_eq!(Field::from_code(field.code()), Some(*field));
        }
    }

    #[test]
    fn fields_keep_the_last_value_in_order() {
        let mut fields: Fields =
            [(Field::Town, Value::Text("云台镇".into())), (Field::Name, Value::Text("甲".into()))]
                .into_iter()
                .collect();
        fields.set(Field::Name, Value::Text("乙".into()));
        assert_eq!(fields.iter().map(|(f, _)| f).collect::<Vec<_>>(), [Field::Name, Field::Town]);
        assert_eq!(fields.text(Field::Name), Some("乙"));
        assert_eq!(fields.remove(Field::Name), Some(Value::Text("乙".into())));
        assert_eq!((fields.text(Field::Name), fields.len()), (None, 1));
    }
}
