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

/// Lets entries of code tables be read from rule files, by their codes.
macro_rules! read_by_code {
    ($($name:ident),*) => {$(
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(from)?;
                Self::parse(&text).ok_or_else(|| {
                    let known: Vec<_> = Self::ALL.iter().map(|e| e.code()).collect();
                    serde::de::Error::custom(format!("“{text}”不在表里；写 {} 之一", known.join("、")))
                })
            }
        }
    )*};
}

pub mod ability;
pub mod coding;
pub mod fit;
pub mod household;
pub mod placement;
pub mod providers;
pub mod rules;
pub mod training;

pub use rules::Rules;
