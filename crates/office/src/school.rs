//! Schools: meals closed by month, inspections, the ledger of gaps, class places, posts.
//!
//! [`Office::close_meals`](crate::Office::close_meals) sets the three counts of a month against each other, [`Office::lock_meals`](crate::Office::lock_meals) freezes what is claimed;
//! [`Office::gap_ledger`](crate::Office::gap_ledger) lists what schools lack with what it costs and what is being done; [`Office::places`](crate::Office::places) and
//! [`Office::posts`](crate::Office::posts) say where children sit and who teaches them.

mod calendar;
mod duties;
mod gaps;
mod inspect;
mod judge;
mod kitchen;
mod life;
mod meal_calendar;
mod meals;
mod month;
mod named;
mod places;
mod posts;
mod staff;

pub(crate) use calendar::{lives, month_is_locked, school_days};
pub(crate) use duties::{Facts, KINDS, Owe, add as add_duties, push as owe};
pub use fujiao_school::canteen::Mode;
pub use fujiao_school::classes::Band;
pub use gaps::{GapLine, GapsPage, NewStep, ProjectView, StepView};
pub use inspect::{FaultLine, InspectionForm, InspectionView, InspectionsPage, PHOTO_BYTES};
pub(crate) use judge::Judge;
pub use kitchen::{
    ItemLine, KeptLine, KitchenLine, KitchenPage, MenuLine, PriceLine, ShortLine, StockLine,
    SupplierLine,
};
pub use life::LifeLine;
pub use meal_calendar::{CalendarClass, CalendarDay, DayState, MealCalendar};
pub use meals::{MealsMonth, MealsYear, MonthLine, RateView, SchoolMonth};
pub use places::{HeatCell, HeatRow, PlacedChild, PlacedChildren, PlacesPage, PressureLine};
pub use posts::{AdditionLine, LeaverLine, NeedLine, PostsLine, PostsPage, SubjectTotal, ToTrain};
pub(crate) use staff::posts_by_norm;

use fujiao_model::Division;
use fujiao_store::Author;

use crate::OfficeError;
use crate::access::{Actor, NotAllowed, Right, Scope, Standing};

/// Why something about schools cannot be done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SchoolError {
    /// The text is no month.
    #[error("“{0}”不是月份；写成 2025-09")]
    Month(String),
    /// Nothing was counted or claimed in the month.
    #[error("{0} 没有就餐日报，也没有实名名册；先收进来再结账")]
    NothingInMonth(String),
    /// The month is locked.
    #[error("{0} 已经锁定；要改，先由县里写明原因解锁")]
    Locked(String),
    /// The month is not locked.
    #[error("{0} 没有锁定，不用解锁")]
    NotLocked(String),
    /// The month was not closed before it is locked.
    #[error("{0} 还没有结账；先结账，看过多报和未登记的，再锁定")]
    NotClosed(String),
    /// The month is not over.
    #[error("{0} 还没有过完；月底以后再锁定")]
    NotOver(String),
    /// A reason is missing.
    #[error("写一句为什么，200 字以内")]
    NoReason,
    /// No such school, or not theirs.
    #[error("没有这所学校，或不归你管")]
    NoSchool,
    /// A field of a form is wrong; the rest is kept.
    #[error("{reason}")]
    Form {
        /// The field.
        field: &'static str,
        /// Why, with the remedy.
        reason: String,
    },
    /// The picture is too large.
    #[error("照片 {0} MB 太大，最多 2 MB；用手机上的“压缩”或截图再传。其余内容已保存")]
    PhotoTooLarge(u64),
    /// The bytes are no picture.
    #[error("不是照片；只收 JPEG、PNG、WebP。其余内容已保存")]
    NoPhoto,
    /// No such inspection or project.
    #[error("没有这条记录，或不归你管")]
    NoRecord,
    /// The step cannot follow.
    #[error("项目现在是“{0}”，不能再记“{1}”；按到款、签合同、进度、验收的先后记")]
    Step(&'static str, &'static str),
    /// A turn of a school cannot follow.
    #[error(transparent)]
    Turn(#[from] fujiao_school::days::TurnError),
}

pub(crate) fn author(actor: &Actor) -> Author {
    Author { user: actor.user, login: actor.login.clone(), name: actor.name.clone(), at: actor.at }
}

/// Refuses somebody who does not stand on the whole county.
pub(crate) fn must_hold_the_county(actor: &Actor, right: Right) -> Result<(), OfficeError> {
    actor.must(right)?;
    if actor.scope(right).is_whole() { Ok(()) } else { Err(NotAllowed(right).into()) }
}

/// Whether a scope reaches a school.
pub(crate) fn reaches(scope: &Scope, school: u64, town: Option<u64>) -> bool {
    let town = town.and_then(|t| Division::from_code(t).ok());
    scope.reaches(&Standing {
        school: Some(school),
        places: town.into_iter().collect(),
        ..Standing::default()
    })
}

/// A reason in words; `None` for nothing or too much.
pub(crate) fn reason(text: &str) -> Result<String, SchoolError> {
    let text = text.trim();
    let n = text.chars().count();
    if n == 0 || n > 200 { Err(SchoolError::NoReason) } else { Ok(text.to_owned()) }
}
