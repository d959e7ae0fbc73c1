//! Schools: meals proved by three counts, conditions measured against dated standards, class places, posts.
//!
//! It takes what was counted and measured and says what of it holds. It knows no date but its arguments, and no amount, norm
//! or limit that is not in a dated file ([`norms::Norms`]).

pub mod canteen;
pub mod classes;
pub mod conditions;
pub mod days;
pub mod meals;
pub mod norms;
pub mod posts;

pub use days::{Days, Lives, Month, SchoolDays};
pub use norms::Norms;
