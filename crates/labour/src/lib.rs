//! Labour: who can work, what they learnt, and whether work followed.
//!
//! - [`coding`]: a trade as people write it → its code in the national classification of occupations of 2022;
//! - [`ability`]: normal, weak, half or no labour ability by dated rules; who left school for neither school nor work
//!   (两后生); [`household`]: whose household has nobody trained, and whom care keeps at home;
//! - [`training`]: sessions and attendance, persons and person-times apart, and what of it does not hold;
//!   [`providers`]: who completes and who finds work after which provider, with intervals;
//! - [`placement`]: proofs of work after 3, 6 and 12 months with their clocks, and work at the end of a course;
//! - [`fit`]: how well somebody and a vacancy suit each other, and why not.
//!
//! Ages, grades, months and points are dated data: [`Rules`], read from `policies/cn/labour.toml`. The room knows no clock, no
//! database and no register of its own: lists, rules and "today" are arguments.

/// A closed table: stable code and Chinese term of each entry.
macro_rules! coded {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $code:literal, $chinese:literal;)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
        pub enum $name { $($(#[$vmeta])* #[serde(rename = $code)] $variant,)* }

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

pub mod ability;
pub mod coding;
pub mod fit;
pub mod household;
pub mod placement;
pub mod providers;
pub mod rules;
pub mod training;

pub use rules::{Rules, RulesError};
