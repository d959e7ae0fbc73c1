//! What can be asked of the planner, and how a question is kept.

use fujiao_model::Stage;
use serde::{Deserialize, Serialize};

/// Which schools may close.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MayClose {
    /// None.
    None,
    /// Small ones: fewer pupils than the rules call small.
    #[default]
    Small,
    /// Any.
    All,
}

impl MayClose {
    /// The word in forms and in the books.
    pub fn code(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Small => "small",
            Self::All => "all",
        }
    }

    /// Reads the word.
    pub fn parse(code: &str) -> Option<Self> {
        [Self::None, Self::Small, Self::All].into_iter().find(|m| m.code() == code)
    }
}

/// Which schools to keep, open, and give what.
#[expect(clippy::struct_excessive_bools, reason = "each is a box of the form")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SitesAsk {
    /// Primary or junior.
    #[serde(with = "stage")]
    pub stage: Stage,
    /// Which may close.
    pub may_close: MayClose,
    /// Whether the rules guard schools: the last of a town, those of villages with children enough, those whose children would
    /// have no lawful way; and nobody who goes lawfully today has to be accompanied.
    pub guarded: bool,
    /// Whether schools may be given beds.
    pub beds: bool,
    /// Whether schools may be given a bus.
    pub bus: bool,
    /// Whether closed ones may open again and teaching points be built.
    pub build: bool,
    /// Whether no family may have to accompany a child.
    pub lawful_only: bool,
    /// Longest walk one way; `None`: as the rules say.
    pub walk_minutes: Option<u32>,
    /// Longest ride one way; `None`: as the rules say.
    pub ride_minutes: Option<u32>,
    /// Farthest as the crow flies, in kilometres; `None`: any.
    pub radius_km: Option<u32>,
    /// Fewest children of a school; `None`: any.
    pub least_children: Option<u32>,
    /// How long to reckon.
    pub seconds: u32,
}

impl Default for SitesAsk {
    fn default() -> Self {
        Self {
            stage: Stage::Primary,
            may_close: MayClose::Small,
            guarded: false,
            beds: true,
            bus: true,
            build: true,
            lawful_only: false,
            walk_minutes: None,
            ride_minutes: None,
            radius_km: None,
            least_children: None,
            seconds: 30,
        }
    }
}

/// How many children, classes and beds there will be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AheadAsk {
    /// Years.
    pub years: u8,
    /// The table of relocations and changes of policy, among the files for plans.
    pub table: Option<u64>,
}

impl Default for AheadAsk {
    fn default() -> Self {
        Self { years: 10, table: None }
    }
}

/// Who teaches where next year, whom to recruit and to train.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TeachersAsk {
    /// Longest way from home; `None`: as the rules say.
    pub reach_minutes: Option<u32>,
    /// The table of what the roster does not say: who stays and why, where they live.
    pub table: Option<u64>,
}

/// Which school relocated children go to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PlacesAsk {
    /// Longest walk one way; `None`: as the rules say.
    pub walk_minutes: Option<u32>,
    /// Largest share of a school that may be newcomers, in percent; `None`: as the rules say.
    pub newcomers_percent: Option<u32>,
    /// The table of families and of where the sites lie; `None`: those of the rosters.
    pub table: Option<u64>,
}

/// Which projects are paid, when, from which purse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MoneyAsk {
    /// Least share of each town's gaps that is closed, in percent; `None`: as the rules say.
    pub town_percent: Option<u32>,
    /// The table of purses, and of projects where they are others than the gap ledger's.
    pub table: Option<u64>,
}

/// Which courses are held for whom.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CoursesAsk {
    /// What may be spent, in yuan; `None`: as the rules say.
    pub yuan: Option<u32>,
    /// How many weeks ahead; `None`: as the rules say.
    pub weeks: Option<u32>,
    /// The table of sessions that could be held; `None`: as rooms and teachers allow.
    pub table: Option<u64>,
}

/// A question for the planner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "question", rename_all = "snake_case")]
pub enum Ask {
    /// 学校布局.
    Sites(SitesAsk),
    /// 十年学位.
    Ahead(AheadAsk),
    /// 教师调配.
    Teachers(TeachersAsk),
    /// 搬迁入学.
    Places(PlacesAsk),
    /// 项目资金.
    Money(MoneyAsk),
    /// 培训排班.
    Courses(CoursesAsk),
}

impl Ask {
    /// Words of all questions.
    pub const CODES: [&'static str; 6] =
        ["sites", "ahead", "teachers", "places", "money", "courses"];

    /// Which question, as a word.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Sites(_) => "sites",
            Self::Ahead(_) => "ahead",
            Self::Teachers(_) => "teachers",
            Self::Places(_) => "places",
            Self::Money(_) => "money",
            Self::Courses(_) => "courses",
        }
    }

    /// The file of its table.
    pub fn table(&self) -> Option<u64> {
        match self {
            Self::Sites(_) => None,
            Self::Ahead(a) => a.table,
            Self::Teachers(a) => a.table,
            Self::Places(a) => a.table,
            Self::Money(a) => a.table,
            Self::Courses(a) => a.table,
        }
    }

    /// The question with another table.
    #[must_use]
    pub fn with_table(self, table: Option<u64>) -> Self {
        match self {
            Self::Sites(_) => self,
            Self::Ahead(a) => Self::Ahead(AheadAsk { table, ..a }),
            Self::Teachers(a) => Self::Teachers(TeachersAsk { table, ..a }),
            Self::Places(a) => Self::Places(PlacesAsk { table, ..a }),
            Self::Money(a) => Self::Money(MoneyAsk { table, ..a }),
            Self::Courses(a) => Self::Courses(CoursesAsk { table, ..a }),
        }
    }

    /// For how many seconds it is reckoned at most.
    pub fn seconds(&self) -> u32 {
        if let Self::Sites(ask) = self { ask.seconds.clamp(1, 600) } else { 60 }
    }

    pub(super) fn to_json(self) -> String {
        serde_json::to_string(&self).expect("numbers and words always write")
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

/// A stage by its code.
mod stage {
    use fujiao_model::Stage;
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
    pub(super) fn serialize<S: Serializer>(stage: &Stage, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(stage.code())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Stage, D::Error> {
        let code = String::deserialize(from)?;
        Stage::parse(&code).ok_or_else(|| serde::de::Error::custom("no such stage"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_reads_back_and_old_ones_still_do() {
        let asks = [
            Ask::Sites(SitesAsk { radius_km: Some(4), ..SitesAsk::default() }),
            Ask::Ahead(AheadAsk { years: 7, table: Some(3) }),
            Ask::Teachers(TeachersAsk::default()),
            Ask::Places(PlacesAsk { newcomers_percent: Some(30), ..PlacesAsk::default() }),
            Ask::Money(MoneyAsk { town_percent: Some(10), table: None }),
            Ask::Courses(CoursesAsk { yuan: Some(90_000), ..CoursesAsk::default() }),
        ];
        for ask in asks {
            assert_eq!(Ask::parse(&ask.to_json()), Some(ask));
        }
        let old = r#"{"question":"sites","stage":"junior","may_close":"all","beds":true,"bus":false,"build":true,
            "lawful_only":false,"walk_minutes":null,"ride_minutes":20,"seconds":30}"#;
        let Some(Ask::Sites(old)) = Ask::parse(old) else { panic!("an old question reads") };
        assert_eq!((old.stage, old.ride_minutes, old.guarded), (Stage::Junior, Some(20), false));
    }
}
