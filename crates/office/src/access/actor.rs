use std::fmt;

use fujiao_model::{Area, Division, Field, Grade};
use jiff::Timestamp;
use jiff::civil::Date;

use super::{Access, Scope, Standing};

macro_rules! words_of_the_spec {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $code:literal;)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vmeta])* $variant,)* }

        impl $name {
            /// Every one, in the order of the spec.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word in `access.toml` and in the books.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// Reads the word.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|x| x.code() == text)
            }
        }
    };
}

words_of_the_spec! {
    /// Something that a person may do.
    Right {
        /// 今日
        Today = "today";
        /// 看数: figures by place, without names
        Figures = "figures";
        /// 看名单、看人
        Names = "names";
        /// 看学校
        Schools = "schools";
        /// 看来源: files and source rows
        Sources = "sources";
        /// 导出
        Export = "export";
        /// 看报告
        Reports = "reports";
        /// 看规划
        Plan = "plan";
        /// 做规划: ask, accept, drop
        PlanMake = "plan_make";
        /// 收名册: bring workbooks, confirm headers
        Upload = "upload";
        /// 核算
        Assess = "assess";
        /// 认人: decide whether two rows are one person
        Review = "review";
        /// 更正
        Correct = "correct";
        /// 复核更正
        Confirm = "confirm";
        /// 记家访和联系
        Visit = "visit";
        /// 办控辍保学的案: take steps in cases of children out of school
        Case = "case";
        /// 做结对: mentors, runs of pairing
        Pair = "pair";
        /// 点名
        Attendance = "attendance";
        /// 报就餐
        Meals = "meals";
        /// 营养餐结账、锁定
        MealLock = "meal_lock";
        /// 营养餐检查
        Inspect = "inspect";
        /// 办学条件项目、学校变动、附加编制
        Works = "works";
        /// 管培训就业: sessions, enrolment, vacancies, matches, placements
        Labour = "labour";
        /// 看关爱记录
        Care = "care";
        /// 看完整号码
        Reveal = "reveal";
        /// 应急查看: open a case outside one's ground
        Glass = "glass";
        /// 复查应急查看
        GlassReview = "glass_review";
        /// 看自己的捐助
        Gifts = "gifts";
        /// 看资助批次和资金
        Aid = "aid";
        /// 经办批次
        Prepare = "prepare";
        /// 审批批次
        Approve = "approve";
        /// 发放对账
        Pay = "pay";
        /// 登记资金
        Funds = "funds";
        /// 困难认定
        Recognise = "recognise";
        /// 受理申诉
        Grievances = "grievances";
        /// 接口令牌
        Tokens = "tokens";
        /// 看审计
        Audit = "audit";
        /// 系统
        System = "system";
        /// 管账号
        Users = "users";
    }
}

words_of_the_spec! {
    /// What somebody is in the county's work.
    Role {
        /// 教育局
        Bureau = "bureau";
        /// 资助中心经办
        AidClerk = "aid_clerk";
        /// 资助中心审批
        AidApprover = "aid_approver";
        /// 财务
        Finance = "finance";
        /// 镇干部
        Town = "town";
        /// 村干部
        Village = "village";
        /// 校长
        Principal = "principal";
        /// 班主任
        ClassTeacher = "class_teacher";
        /// 食堂管理员
        Canteen = "canteen";
        /// 培训中心
        Training = "training";
        /// 就业服务
        Employment = "employment";
        /// 帮扶人
        Mentor = "mentor";
        /// 捐助人
        Donor = "donor";
        /// 心理老师
        CareWorker = "care_worker";
        /// 审计
        Auditor = "auditor";
        /// 县领导
        Leader = "leader";
        /// 系统管理员
        Administrator = "administrator";
    }
}

/// What a role stands on: as far as this goes, and no further.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ground {
    /// The whole county.
    County,
    /// A town or a village.
    Place(Division),
    /// A school, by its id in the register, and its pupils.
    School(u64),
    /// A class of a school.
    Class {
        /// The school's id.
        school: u64,
        /// The grade.
        grade: Grade,
        /// The class as rosters write it.
        class: String,
    },
    /// Named persons, by their ids: those whom a mentor or a donor is paired with.
    Persons(Vec<u64>),
}

impl Ground {
    /// The word in `access.toml`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::County => "county",
            Self::Place(place) if *place == place.town() => "town",
            Self::Place(_) => "village",
            Self::School(_) => "school",
            Self::Class { .. } => "class",
            Self::Persons(_) => "persons",
        }
    }

    /// The text in the books; [`Ground::parse`] reads it.
    pub fn to_text(&self) -> String {
        match self {
            Self::County => "county".to_owned(),
            Self::Place(place) => format!("place {place}"),
            Self::School(id) => format!("school {id:016x}"),
            Self::Class { school, grade, class } => {
                format!("class {school:016x} {} {class}", grade.code())
            }
            Self::Persons(ids) => {
                ids.iter().fold("persons".to_owned(), |text, id| format!("{text} {id:016x}"))
            }
        }
    }

    /// Reads what [`Ground::to_text`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        let id = |text: &str| u64::from_str_radix(text, 16).ok();
        let (kind, rest) = text.split_once(' ').unwrap_or((text, ""));
        match kind {
            "county" => Some(Self::County),
            "place" => Division::parse(rest).ok().map(Self::Place),
            "school" => id(rest).map(Self::School),
            "class" => {
                let mut parts = rest.splitn(3, ' ');
                Some(Self::Class {
                    school: id(parts.next()?)?,
                    grade: Grade::parse(parts.next()?)?,
                    class: parts.next()?.to_owned(),
                })
            }
            "persons" => {
                rest.split_ascii_whitespace().map(id).collect::<Option<_>>().map(Self::Persons)
            }
            _ => None,
        }
    }
}

/// A role, on a ground, for a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// What.
    pub role: Role,
    /// Where.
    pub ground: Ground,
    /// The first day.
    pub from: Date,
    /// The last day; `None`: until it is taken away.
    pub until: Option<Date>,
}

impl Grant {
    /// Whether it holds on a day.
    pub fn holds_on(&self, day: Date) -> bool {
        self.from <= day && self.until.is_none_or(|last| day <= last)
    }
}

/// Somebody who asks: who they are, what they hold now, and when they ask.
#[derive(Clone, Debug)]
pub struct Actor {
    /// Id of the account; 0 for the console.
    pub user: u64,
    /// The name under which they sign in, as the audit writes it.
    pub login: String,
    /// Their name, for people.
    pub name: String,
    /// What they hold on the day of `at`.
    pub grants: Vec<Grant>,
    /// Persons whom they opened by [`Right::Glass`] and that are still open.
    pub glass: Vec<u64>,
    /// The rights that a program acting for them was given; `None`: they act themselves, with all that they hold.
    pub only: Option<Vec<Right>>,
    /// When they ask.
    pub at: Timestamp,
}

/// It is not theirs to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("你的角色不办这件事（{}）；找本单位管理员", Access::builtin().right(*.0).0)]
pub struct NotAllowed(pub Right);

impl Actor {
    /// Whoever sits at the machine itself: a command, with every right on the whole county.
    pub fn console(at: Timestamp) -> Self {
        let grant = |role| Grant { role, ground: Ground::County, from: Date::MIN, until: None };
        Self {
            user: 0,
            login: "fujiao".to_owned(),
            name: "fujiao".to_owned(),
            grants: Role::ALL.iter().copied().map(grant).collect(),
            glass: Vec::new(),
            only: None,
            at,
        }
    }

    /// The day on which they ask, in China.
    pub fn today(&self) -> Date {
        china_day(self.at)
    }

    /// Whether any of their roles may do this somewhere.
    pub fn may(&self, right: Right) -> bool {
        self.with(right).next().is_some()
    }

    /// As [`Actor::may`], as an error.
    ///
    /// # Errors
    /// [`NotAllowed`].
    pub fn must(&self, right: Right) -> Result<(), NotAllowed> {
        if self.may(right) { Ok(()) } else { Err(NotAllowed(right)) }
    }

    /// Where they may do this, in any area. [`Right::Names`] reaches those opened in an emergency too.
    pub fn scope(&self, right: Right) -> Scope {
        let mut scope = Scope::of(self.with(right).map(|grant| &grant.ground));
        if right == Right::Names || right == Right::Visit {
            scope.add_persons(&self.glass);
        }
        scope
    }

    /// Where they may do this in one area.
    pub fn scope_in(&self, right: Right, area: Area) -> Scope {
        let access = Access::builtin();
        let of_area = self.with(right).filter(|g| access.role(g.role).areas.contains(&area));
        let mut scope = Scope::of(of_area.map(|grant| &grant.ground));
        if right == Right::Names {
            scope.add_persons(&self.glass);
        }
        scope
    }

    /// The areas that they may do this in, in the order of [`Area::ALL`].
    pub fn areas(&self, right: Right) -> Vec<Area> {
        let access = Access::builtin();
        let holds =
            |area: &&Area| self.with(right).any(|g| access.role(g.role).areas.contains(area));
        Area::ALL.iter().filter(holds).copied().collect()
    }

    /// Whether they may see this field whole, if they say why.
    pub fn may_reveal(&self, field: Field) -> bool {
        let access = Access::builtin();
        access.secret_of(field).is_some_and(|secret| {
            self.with(Right::Reveal).any(|grant| secret.reveal.contains(&grant.role))
        })
    }

    /// The roles in which they may do something to somebody who stands in one of these ways, each once, in the order of
    /// [`Role::ALL`].
    pub fn roles_at(&self, right: Right, standings: &[Standing]) -> Vec<Role> {
        let here = |grant: &&Grant| {
            let scope = Scope::of([&grant.ground]);
            scope.is_whole() || standings.iter().any(|who| scope.reaches(who))
        };
        let held: Vec<Role> = self.with(right).filter(here).map(|grant| grant.role).collect();
        Role::ALL.iter().copied().filter(|role| held.contains(role)).collect()
    }

    /// The roles that they hold, each once, in the order of [`Role::ALL`].
    pub fn roles(&self) -> Vec<Role> {
        Role::ALL.iter().copied().filter(|r| self.grants.iter().any(|g| g.role == *r)).collect()
    }

    fn with(&self, right: Right) -> impl Iterator<Item = &Grant> {
        let access = Access::builtin();
        let given = self.only.as_ref().is_none_or(|only| only.contains(&right));
        self.grants.iter().filter(move |g| given && access.role(g.role).may.contains(&right))
    }
}

/// The civil day in China.
pub(crate) fn china_day(at: Timestamp) -> Date {
    jiff::tz::TimeZone::fixed(jiff::tz::offset(8)).to_datetime(at).date()
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Access::builtin().role(*self).zh)
    }
}
