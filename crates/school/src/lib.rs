//! Schools: meals proved by three counts, conditions measured against dated standards, class places, posts.
//!
//! It takes what was counted and measured and says what of it holds. It knows no date but its arguments, and no amount, norm
//! or limit that is not in a dated file ([`norms::Norms`]).

/// A closed table: stable code and Chinese term of each entry.
macro_rules! coded {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $code:literal, $chinese:literal;)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vmeta])* $variant,)* }

        impl $name {
            /// Every entry, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable code, as stored and exported.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// The Chinese term.
            pub const fn chinese(self) -> &'static str {
                match self { $(Self::$variant => $chinese,)* }
            }

            /// The entry of a code or of the Chinese term.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|e| e.code() == text || e.chinese() == text)
            }
        }
    };
}
pub(crate) use coded;

pub mod canteen;
pub mod classes;
pub mod conditions;
pub mod days;
pub mod meals;
pub mod norms;
pub mod posts;

pub use days::{Days, Lives, Month, SchoolDays};
pub use norms::{Norms, NormsError};
