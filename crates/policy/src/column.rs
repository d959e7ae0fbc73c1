use std::fmt::Write as _;

use fujiao_model::{Grade, HouseholdKind, Stage};

/// What a row of a frame is: the subject that a programme is owed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FrameKind {
    /// 学生: one enrolment of a pupil in a period.
    Pupil,
    /// 居民: one resident.
    Resident,
    /// 户: one household.
    Household,
    /// 学校: one school.
    School,
    /// 班级: one class of a school.
    Class,
    /// 学员: one trainee of one session.
    Trainee,
    /// 资金: one sum appropriated.
    Fund,
}

impl FrameKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[
        Self::Pupil,
        Self::Resident,
        Self::Household,
        Self::School,
        Self::Class,
        Self::Trainee,
        Self::Fund,
    ];

    /// The name in policy files.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Pupil => "pupil",
            Self::Resident => "resident",
            Self::Household => "household",
            Self::School => "school",
            Self::Class => "class",
            Self::Trainee => "trainee",
            Self::Fund => "fund",
        }
    }

    /// The Chinese term.
    pub const fn chinese(self) -> &'static str {
        match self {
            Self::Pupil => "学生",
            Self::Resident => "居民",
            Self::Household => "户",
            Self::School => "学校",
            Self::Class => "班级",
            Self::Trainee => "学员",
            Self::Fund => "资金",
        }
    }

    /// The kind of a name in policy files.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|k| k.code() == code)
    }
}

/// The type of a column's values.
#[derive(Clone, Copy, Debug)]
pub enum ColumnType {
    /// Yes or no.
    Flag,
    /// A whole number, in the column's unit.
    Int,
    /// A day.
    Date,
    /// One of a closed table: code and Chinese term.
    Code(fn() -> Vec<(&'static str, &'static str)>),
    /// A text; rules may compare with the values listed only, so that a misspelt one is found.
    Text(&'static [&'static str]),
}

impl ColumnType {
    /// The code that says that nothing special holds: what `rest = "no"` stands for in a column of codes.
    pub fn code_of_no(self) -> Option<&'static str> {
        let codes = self.values().into_iter().map(|(code, _)| code);
        codes.into_iter().find(|code| matches!(*code, "none" | "other" | "ordinary"))
    }

    /// The name in the dictionary.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Flag => "bool",
            Self::Int => "int",
            Self::Date => "date",
            Self::Code(_) => "code",
            Self::Text(_) => "text",
        }
    }

    /// The values that a rule may compare with, code and Chinese term; empty for flags, numbers and days.
    pub fn values(self) -> Vec<(&'static str, &'static str)> {
        match self {
            Self::Code(table) => table(),
            Self::Text(values) => values.iter().map(|v| (*v, *v)).collect(),
            Self::Flag | Self::Int | Self::Date => Vec::new(),
        }
    }
}

/// One documented fact that rules may speak of.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// The name in expressions.
    pub name: &'static str,
    /// The frames that have it.
    pub frames: &'static [FrameKind],
    /// The type.
    pub column_type: ColumnType,
    /// The Chinese term; of a flag, how a yes reads.
    pub chinese: &'static str,
    /// How a no reads; empty for other types.
    pub no: &'static str,
    /// The unit of a number, or nothing.
    pub unit: &'static str,
    /// What it means, to the edge.
    pub meaning: &'static str,
    /// The roster or register that it is read from.
    pub source: &'static str,
    /// Whether a row may lack it.
    pub may_be_unknown: bool,
}

/// A column's place in [`COLUMNS`].
pub type ColumnId = u16;

fn stages() -> Vec<(&'static str, &'static str)> {
    Stage::ALL.iter().map(|s| (s.code(), s.chinese())).collect()
}

fn grades() -> Vec<(&'static str, &'static str)> {
    Grade::ALL.iter().map(|g| (g.code(), g.chinese())).collect()
}

fn stages_or_none() -> Vec<(&'static str, &'static str)> {
    std::iter::once(("none", "不在学")).chain(stages()).collect()
}

fn household_kinds() -> Vec<(&'static str, &'static str)> {
    HouseholdKind::ALL.iter().map(|k| (k.code(), k.chinese())).collect()
}

fn recognised() -> Vec<(&'static str, &'static str)> {
    vec![
        ("none", "未认定困难"),
        ("general", "一般困难"),
        ("moderate", "困难"),
        ("severe", "特别困难"),
    ]
}

fn majors() -> Vec<(&'static str, &'static str)> {
    vec![("agriculture", "涉农专业"), ("performing_arts", "艺术类表演专业"), ("other", "其他专业")]
}

fn school_locations() -> Vec<(&'static str, &'static str)> {
    vec![("city", "城区"), ("town", "镇区"), ("rural", "乡村")]
}

use ColumnType::{Code, Date, Flag, Int, Text};
use FrameKind::{Class, Fund, Household, Pupil, Resident, School, Trainee};

const fn flag(
    frames: &'static [FrameKind],
    name: &'static str,
    (chinese, no): (&'static str, &'static str),
    source: &'static str,
    meaning: &'static str,
) -> Column {
    Column {
        name,
        frames,
        column_type: Flag,
        chinese,
        no,
        unit: "",
        meaning,
        source,
        may_be_unknown: true,
    }
}

const fn number(
    frames: &'static [FrameKind],
    name: &'static str,
    (chinese, unit): (&'static str, &'static str),
    source: &'static str,
    meaning: &'static str,
) -> Column {
    Column {
        name,
        frames,
        column_type: Int,
        chinese,
        no: "",
        unit,
        meaning,
        source,
        may_be_unknown: true,
    }
}

const fn value(
    frames: &'static [FrameKind],
    name: &'static str,
    chinese: &'static str,
    column_type: ColumnType,
    source: &'static str,
    meaning: &'static str,
) -> Column {
    Column {
        name,
        frames,
        column_type,
        chinese,
        no: "",
        unit: "",
        meaning,
        source,
        may_be_unknown: true,
    }
}

const fn known(column: Column) -> Column {
    Column { may_be_unknown: false, ..column }
}

const POOR: &[FrameKind] = &[Pupil, Resident, Household];

/// Every column that rules may speak of: the dictionary, written out in docs/columns.md.
pub static COLUMNS: &[Column] = &[
    known(value(
        &[Pupil, Class],
        "stage",
        "学段",
        Code(stages),
        "enrolments",
        "Stage of the class attended in the period.",
    )),
    value(
        &[Pupil],
        "grade",
        "年级",
        Code(grades),
        "enrolments",
        "Grade attended in the school year of the period.",
    ),
    number(
        &[Pupil, Class],
        "grade_year",
        ("年级序", "年级"),
        "enrolments",
        "Year within the stage, from 1.",
    ),
    flag(
        &[Pupil, Resident],
        "boards",
        ("寄宿", "不寄宿"),
        "enrolments",
        "就读方式 is 住校. A pupil taught at home (送教上门) does not board.",
    ),
    flag(
        &[Pupil],
        "day",
        ("走读", "不走读"),
        "enrolments",
        "就读方式 is 走读. A pupil taught at home neither boards nor goes home each day.",
    ),
    flag(
        &[Pupil, School],
        "rural_school",
        ("农村学校", "不是农村学校"),
        "schools",
        "The school is rural (是否农村学校).",
    ),
    value(
        &[Pupil],
        "school_standard",
        "办学等级",
        Text(&["省级标准化", "城市", "农村"]),
        "schools",
        "办学等级 of the senior high, by which its waiver is paid.",
    ),
    flag(
        &[Pupil],
        "in_province",
        ("省内就读", "省外就读"),
        "enrolments",
        "Higher education: 去向 is 省内.",
    ),
    value(
        &[Pupil],
        "college_kind",
        "院校类别",
        Text(&["本科", "大专", "高职", "专科", "高职专科", "技师学院"]),
        "enrolments",
        "Higher education: the kind of college.",
    ),
    flag(
        POOR,
        "lifted",
        ("脱贫户", "不是脱贫户"),
        "poor_households",
        "户类型 is 脱贫户 or 脱贫不稳定户 in the list that is in force on the first day of the period. From 2026 on that is the list \
         of 分类管理, certified again each year: having once been registered is not enough.",
    ),
    flag(
        POOR,
        "monitored",
        ("监测对象", "不是监测对象"),
        "poor_households",
        "A 监测对象 identified on or before the first day of the period, its risk not cleared by then.",
    ),
    flag(
        &[Pupil, Resident],
        "dibao_rural",
        ("农村低保", "不是农村低保"),
        "assistance",
        "Himself listed in 农村低保 on the first day of the period.",
    ),
    flag(
        &[Pupil, Resident],
        "dibao_urban",
        ("城市低保", "不是城市低保"),
        "assistance",
        "Himself listed in 城市低保 on the first day of the period.",
    ),
    flag(
        &[Pupil, Resident],
        "extreme_rural",
        ("农村特困", "不是农村特困"),
        "assistance",
        "农村特困人员 on the first day of the period.",
    ),
    flag(
        &[Pupil, Resident],
        "extreme_urban",
        ("城市特困", "不是城市特困"),
        "assistance",
        "城市特困人员 on the first day of the period.",
    ),
    flag(
        &[Pupil, Resident],
        "dibao_edge",
        ("低保边缘", "不是低保边缘"),
        "assistance",
        "低保边缘家庭 on the first day of the period.",
    ),
    flag(
        &[Pupil, Resident],
        "rigid_expense",
        ("刚性支出困难", "不是刚性支出困难"),
        "assistance",
        "刚性支出困难家庭 on the first day of the period.",
    ),
    flag(
        &[Pupil, Resident],
        "orphan",
        ("孤儿", "不是孤儿"),
        "child_welfare",
        "孤儿 on the first day of the period.",
    ),
    flag(
        &[Pupil, Resident],
        "defacto_orphan",
        ("事实无人抚养儿童", "不是事实无人抚养儿童"),
        "child_welfare",
        "事实无人抚养儿童 on the first day of the period.",
    ),
    flag(
        &[Pupil, Resident],
        "disabled",
        ("残疾", "没有残疾证"),
        "disability",
        "Own card, issued on or before the first day of the period, not run out.",
    ),
    flag(
        &[Pupil, Resident],
        "left_behind",
        ("留守儿童", "不是留守儿童"),
        "left_behind",
        "农村留守儿童 of the civil affairs list.",
    ),
    flag(
        &[Pupil],
        "left_behind_pupil",
        ("留守学生（教育统计）", "不是留守学生（教育统计）"),
        "left_behind_pupils",
        "A parent away by the statistics of education: another count than `left_behind`.",
    ),
    flag(
        &[Pupil],
        "in_difficulty",
        ("困境儿童", "不是困境儿童"),
        "child_welfare",
        "困境儿童 on the first day of the period, neither 孤儿 nor 事实无人抚养.",
    ),
    number(
        &[Pupil],
        "age",
        ("年龄", "周岁"),
        "residents",
        "Whole years on the first day of the period.",
    ),
    value(
        &[Pupil],
        "recognised",
        "认定等级",
        Code(recognised),
        "recognition",
        "Grade of the school's recognition of hardship (教财〔2018〕16号) in force on the first day of the period: `severe` counts \
         as 特别困难, `moderate` and `general` as 一般困难, `none` is not recognised by the school. Whoever a department certifies \
         has that standing whatever stands here.",
    ),
    flag(
        &[Pupil],
        "on_leave",
        ("休学", "没有休学"),
        "enrolments",
        "休学 on the first day of the period. Whoever has left school altogether is no pupil and has no row.",
    ),
    flag(
        &[Pupil],
        "part_time",
        ("非全日制", "全日制"),
        "enrolments",
        "Holds no full-time 学籍 (非全日制, 函授, 业余).",
    ),
    flag(
        &[Pupil, Resident],
        "rural_hukou",
        ("农村学生（含县镇）", "城市学生"),
        "residents",
        "Vocational waiver: of rural household register, county towns included.",
    ),
    flag(
        &[Pupil],
        "contiguous_area_rural",
        ("连片特困地区农村学生", "不是连片特困地区农村学生"),
        "residents",
        "Home in one of the eleven 集中连片特困地区, outside the county seat.",
    ),
    value(
        &[Pupil],
        "major",
        "专业",
        Code(majors),
        "enrolments",
        "Vocational education: kind of the major.",
    ),
    flag(
        &[Pupil],
        "inclusive_kindergarten",
        ("普惠性幼儿园", "不是普惠性幼儿园"),
        "schools",
        "The kindergarten is public or recognised as 普惠性.",
    ),
    flag(
        &[Pupil],
        "postgraduate",
        ("研究生", "本专科生"),
        "enrolments",
        "Higher education: master's or doctoral student; else 本专科, 高职, 预科 or second bachelor.",
    ),
    flag(
        &[Pupil],
        "local_hukou",
        ("本县户籍", "不是本县户籍"),
        "residents",
        "Loans: the student's register before entering and the co-borrower's are both of this county.",
    ),
    flag(
        &[Pupil],
        "other_state_loan",
        ("当年已有其他国家助学贷款", "当年没有其他国家助学贷款"),
        "loans",
        "Another state student loan for the same school year.",
    ),
    flag(
        &[Pupil],
        "served_army",
        ("服兵役", "没有服兵役"),
        "enrolments",
        "Entered, left or returned from military service under the aid for it.",
    ),
    flag(
        &[Pupil],
        "serves_grassroots",
        ("到基层就业满三年", "没有到基层就业"),
        "enrolments",
        "Graduate of a central university bound to three years or more at the grass roots.",
    ),
    number(
        &[Pupil],
        "loan_fen",
        ("应还国家助学贷款", "分"),
        "loans",
        "State student loan owed for the school year, principal and interest, in fen.",
    ),
    number(
        &[Pupil, Resident],
        "tuition_fee",
        ("学费", "分"),
        "enrolments",
        "Fee of the term in fen: tuition, in kindergartens care and education. What the competent authority approved for the \
         public school; of a private one, the level of public schools of its type. No meals, boarding or sundries.",
    ),
    number(
        &[Pupil],
        "school_days",
        ("上课", "天"),
        "calendar",
        "School days of the period: of the month, or of the term where a whole term is asked about.",
    ),
    number(
        &[Pupil],
        "absent_days",
        ("缺勤", "天"),
        "absences",
        "School days of the period on which the pupil was absent; no absence on file is 0.",
    ),
    value(
        &[Resident],
        "attends",
        "在学",
        Code(stages_or_none),
        "enrolments",
        "Stage attended in the period; `none` for who attends no school.",
    ),
    flag(
        &[Resident],
        "in_training",
        ("参加培训", "没有参加培训"),
        "training",
        "In a training course in the period.",
    ),
    number(
        &[Resident],
        "attended_days",
        ("到课", "天"),
        "attendance",
        "Days attended in the period, at school or in training.",
    ),
    flag(
        &[Resident],
        "martyr_child",
        ("烈士子女", "不是烈士子女"),
        "veterans",
        "烈士子女, certified by 退役军人.",
    ),
    value(
        &[Resident],
        "household_kind",
        "户类型",
        Code(household_kinds),
        "poor_households",
        "户类型 of the household on the first day of the period.",
    ),
    number(
        &[Resident],
        "household_income",
        ("家庭年收入", "元"),
        "poor_households",
        "Income of the household in a year, fen.",
    ),
    number(
        &[Resident],
        "household_size",
        ("家庭人口", "人"),
        "residents",
        "Persons of the household.",
    ),
    value(&[Resident], "born", "出生", Date, "residents", "Day of birth."),
    number(
        &[Resident],
        "age_on_aug31",
        ("8月31日年龄", "周岁"),
        "residents",
        "Whole years on 31 August of the calendar year in which the school year begins.",
    ),
    flag(
        &[Resident],
        "present",
        ("户籍在册", "户籍已迁出或注销"),
        "residents",
        "户籍状态 is 在册.",
    ),
    flag(
        &[Resident],
        "exempt",
        ("有合法不在校手续", "没有合法不在校手续"),
        "exemptions",
        "An exemption valid on the day of assessment.",
    ),
    number(&[Household], "members", ("家庭人口", "人"), "poor_households", "Members on the list."),
    number(
        &[Household],
        "able_members",
        ("有劳动能力成员", "人"),
        "poor_households",
        "Members aged 16 to 59 whose labour ability is normal, skilled or weak.",
    ),
    value(
        &[School],
        "school_stage",
        "学校学段",
        Code(stages),
        "schools",
        "The school's main stage.",
    ),
    value(
        &[School],
        "school_kind",
        "办学类型",
        Text(&[
            "幼儿园",
            "教学点",
            "小学",
            "初中",
            "九年一贯制",
            "高中",
            "完全中学",
            "中职",
            "特教",
        ]),
        "schools",
        "办学类型.",
    ),
    number(
        &[School, Class],
        "pupils",
        ("学生", "人"),
        "schools",
        "Pupils in school, or in the class.",
    ),
    number(
        &[School],
        "pupils_primary",
        ("小学生", "人"),
        "schools",
        "Of these in primary grades; 0 where the school has none.",
    ),
    number(&[School], "pupils_junior", ("初中生", "人"), "schools", "Of these in junior grades."),
    number(&[School], "pupils_senior", ("高中生", "人"), "schools", "Of these in senior grades."),
    number(&[School], "boarders", ("寄宿生", "人"), "schools", "Pupils who board."),
    number(&[School], "diners", ("就餐学生", "人"), "schools", "Pupils who eat in the school."),
    number(&[School], "classes", ("班数", "个"), "schools", "Classes open."),
    number(
        &[School],
        "building_area",
        ("校舍建筑面积", "㎡"),
        "schools",
        "Thousandths of a square metre.",
    ),
    number(
        &[School],
        "teaching_area",
        ("教学及辅助用房面积", "㎡"),
        "schools",
        "Thousandths of a square metre.",
    ),
    number(
        &[School],
        "sports_area",
        ("运动场地面积", "㎡"),
        "schools",
        "Thousandths of a square metre.",
    ),
    number(&[School], "dorm_beds", ("宿舍床位", "张"), "schools", "Beds for pupils."),
    number(
        &[School],
        "canteen_area",
        ("食堂面积", "㎡"),
        "schools",
        "Thousandths of a square metre.",
    ),
    number(&[School], "canteen_staff", ("食堂从业人员", "人"), "schools", "Canteen workers."),
    number(&[School], "toilet_places", ("厕位", "个"), "schools", "Toilet places."),
    number(
        &[School],
        "multimedia_rooms",
        ("多媒体教室", "间"),
        "schools",
        "Rooms for multimedia teaching.",
    ),
    number(&[School], "equipment_value", ("教学仪器设备值", "元"), "schools", "Fen."),
    number(&[School], "desks", ("课桌椅", "套"), "schools", "Sets of desk and chair."),
    number(
        &[School],
        "dangerous_area",
        ("D级危房面积", "㎡"),
        "schools",
        "Thousandths of a square metre; 0 where there is none.",
    ),
    number(&[School], "guards", ("安保人员", "人"), "schools", "Guards in service."),
    number(
        &[School],
        "special_pupils",
        ("特教学生", "人"),
        "schools",
        "Pupils of special schools, taught at home or in inclusive classes.",
    ),
    value(
        &[School],
        "school_location",
        "学校所在地",
        Code(school_locations),
        "schools",
        "Where the school stands: city, town (县镇) or countryside.",
    ),
    number(
        &[School],
        "degree_teachers",
        ("高于规定学历教师", "人"),
        "teachers",
        "Teachers above the degree required.",
    ),
    number(
        &[School],
        "backbone_teachers",
        ("县级以上骨干教师", "人"),
        "teachers",
        "Backbone teachers of county level or above.",
    ),
    number(
        &[School],
        "arts_teachers",
        ("体育、艺术教师", "人"),
        "teachers",
        "Teachers of physical education, music and art.",
    ),
    number(&[School], "carers", ("生活教师", "人"), "teachers", "Carers of boarders."),
    number(
        &[School],
        "staff_in_quota",
        ("在编教职工", "人"),
        "teachers",
        "Staff of the school in quota, on leave or lent out as well; not those who left.",
    ),
    number(
        &[School],
        "posts_by_norm",
        ("核定教职工（百分之一岗）", "百分之一岗"),
        "teachers",
        "Posts of the school by the norms of school.toml with the additions that the county switched on, in hundredths.",
    ),
    number(
        &[School],
        "counsellors",
        ("心理健康教师", "人"),
        "teachers",
        "Teachers of mental health, full-time or part-time.",
    ),
    value(
        &[Trainee],
        "course_kind",
        "培训类别",
        Text(&["农民实用技术", "雨露工程", "就业创业", "其他"]),
        "training",
        "培训类别 of the session.",
    ),
    flag(&[Trainee], "completed", ("合格结业", "未结业"), "training", "考核结果 is 合格 or 结业."),
    value(&[Trainee], "trained_to", "培训结束", Date, "training", "Last day of the session."),
    number(
        &[Trainee],
        "days_since_end",
        ("结业已", "天"),
        "training",
        "Days from the last day of the session to the day of assessment.",
    ),
    known(number(&[Fund], "amount", ("到账资金", "元"), "appropriations", "Fen.")),
    value(
        &[Fund],
        "arrived_on",
        "到账日期",
        Date,
        "appropriations",
        "Day on which the money arrived.",
    ),
    value(
        &[Fund],
        "spend_by",
        "支出期限",
        Date,
        "appropriations",
        "Day by which it must be spent.",
    ),
];

/// The column of a name in a frame.
pub fn column_of(frame: FrameKind, name: &str) -> Option<ColumnId> {
    let at = COLUMNS.iter().position(|c| c.name == name && c.frames.contains(&frame))?;
    ColumnId::try_from(at).ok()
}

/// The column of an id.
///
/// # Panics
/// If the id is not of this dictionary.
pub fn column(id: ColumnId) -> &'static Column {
    &COLUMNS[usize::from(id)]
}

/// The dictionary as Markdown: docs/columns.md.
pub fn columns_markdown() -> String {
    let mut out = String::from(
        "# Columns of the rules\n\n\
         The facts that policy files may speak of, by frame. Generated from `COLUMNS` in `crates/policy/src/column.rs`; a test keeps\n\
         it up to date (`FUJIAO_BLESS=1 cargo test -p fujiao-policy columns` writes it anew). What they are used for:\n\
         [programmes.md](programmes.md).\n\n\
         A table for `fujiao policy eval --frame people.csv --policies DIR --term 2024A --out duties.csv` is a CSV file in UTF-8 whose first\n\
         line names columns of one frame (`--of`, pupil if not said), in any order. A row is one subject. Cells: an empty cell or `?` is\n\
         unknown; bool is `yes` or `no` (also 1 0, true false, 是 否); int a whole number in the unit given (money in fen, areas in\n\
         thousandths of a square metre); date `2024-09-01`; code and text one of the values listed. Status is that of the first day of the\n\
         term. A column that is not supplied is unknown in every row, which is neither no nor zero; with `--rest no`, flags that the table\n\
         lacks are no, `recognised` is `none` and `major` is `other`.\n\n\
         `duties.csv` has a line for every row and programme of the frame: `row,programme,term,quantity,unit,reason`. `row` counts the\n\
         table's rows from 1. `quantity` is in `unit` for the whole term: money in `fen`, meals in `meal` (at the price of the programme's\n\
         dated row). Programmes by the month are those of the term's calendar months together (autumn: September to January, spring:\n\
         February to August); programmes by the school year show the school year's quantity in both of its terms. `reason` is empty where\n\
         something is due. Else `quantity` is 0 with `not due: …` (the first condition, in the order of the rule, that surely fails; or `not in\n\
         force`, `no amount`, `nothing`, or the programme to which this one gives way) or with `off`; or `quantity` is empty with `ask: column`,\n\
         where that column is unknown and could change the answer. `--with-off` answers programmes that are off as if they were on.\n",
    );
    for frame in FrameKind::ALL {
        let _ = write!(
            out,
            "\n## {} {}\n\n| column | type | 中文 | unit | unknown? | source | meaning |\n|---|---|---|---|---|---|---|\n",
            frame.code(),
            frame.chinese()
        );
        for c in COLUMNS.iter().filter(|c| c.frames.contains(frame)) {
            let chinese = if c.no.is_empty() {
                c.chinese.to_owned()
            } else {
                format!("{} / {}", c.chinese, c.no)
            };
            let values: Vec<&str> = c.column_type.values().iter().map(|(code, _)| *code).collect();
            let values =
                if values.is_empty() { String::new() } else { format!(": {}", values.join(" ")) };
            let _ = writeln!(
                out,
                "| `{}` | {}{values} | {chinese} | {} | {} | {} | {} |",
                c.name,
                c.column_type.name(),
                c.unit,
                if c.may_be_unknown { "yes" } else { "no" },
                c.source,
                c.meaning
            );
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_named_once_in_a_frame() {
        for frame in FrameKind::ALL {
            let names: Vec<&str> =
                COLUMNS.iter().filter(|c| c.frames.contains(frame)).map(|c| c.name).collect();
            let mut once = names.clone();
            once.sort_unstable();
            once.dedup();
            assert_eq!(once.len(), names.len(), "{frame:?}");
        }
    }

    #[test]
    fn columns_page_is_up_to_date() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/columns.md");
        if option_env!("FUJIAO_BLESS").is_some() {
            std::fs::write(path, columns_markdown()).expect("docs can be written");
        }
        let on_disk = std::fs::read_to_string(path).unwrap_or_default();
        assert_eq!(on_disk, columns_markdown(), "docs/columns.md is out of date");
    }
}
