use std::fmt;

use crate::Stage;

/// 学校标识码: two digits of type, two of province, six of serial. Renaming keeps it; a change of type makes a new one.
///
/// A 教学点 has no code of its own and belongs to a parent school.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SchoolCode(u64);

/// The first two digits of a [`SchoolCode`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SchoolType {
    /// 11 幼儿园
    Kindergarten,
    /// 21 小学
    Primary,
    /// 31 初中, and 九年一贯制
    Junior,
    /// 34 普通高中, 完全中学
    Senior,
    /// 36 中等职业学校
    Vocational,
    /// 41 普通高校
    University,
    /// 51 特殊教育学校
    Special,
    /// Any other type of the standard.
    Other,
}

/// Why a text is no school code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("学校标识码应为 10 位数字，前两位是学校类型")]
pub struct SchoolCodeFault;

const TYPES: [u64; 15] = [11, 21, 22, 31, 32, 33, 34, 35, 36, 37, 41, 42, 51, 91, 92];

impl SchoolCode {
    /// Reads ten digits with a known type.
    ///
    /// # Errors
    /// [`SchoolCodeFault`] otherwise.
    pub fn parse(text: &str) -> Result<Self, SchoolCodeFault> {
        let text = text.trim();
        if text.len() != 10 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(SchoolCodeFault);
        }
        let code: u64 = text.parse().map_err(|_| SchoolCodeFault)?;
        let kind = code / 100_000_000;
        if TYPES.contains(&kind) || kind == 93 { Ok(Self(code)) } else { Err(SchoolCodeFault) }
    }

    /// What kind of school the first two digits name.
    pub fn school_type(self) -> SchoolType {
        match self.0 / 100_000_000 {
            11 => SchoolType::Kindergarten,
            21 => SchoolType::Primary,
            31 => SchoolType::Junior,
            34 => SchoolType::Senior,
            36 => SchoolType::Vocational,
            41 => SchoolType::University,
            51 => SchoolType::Special,
            _ => SchoolType::Other,
        }
    }
}

impl SchoolType {
    /// The stage that a school of this type mainly serves.
    pub fn stage(self) -> Option<Stage> {
        match self {
            Self::Kindergarten => Some(Stage::Preschool),
            Self::Primary => Some(Stage::Primary),
            Self::Junior => Some(Stage::Junior),
            Self::Senior => Some(Stage::Senior),
            Self::Vocational => Some(Stage::Vocational),
            Self::University => Some(Stage::Higher),
            Self::Special | Self::Other => None,
        }
    }
}

impl fmt::Display for SchoolCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:010}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_say_the_type() {
        assert_eq!(
            SchoolCode::parse("2161000123").unwrap().school_type().stage(),
            Some(Stage::Primary)
        );
        assert_eq!(SchoolCode::parse("5161000123").unwrap().school_type(), SchoolType::Special);
        assert_eq!(SchoolCode::parse("2161000123").unwrap().to_string(), "2161000123");
        assert!(
            SchoolCode::parse("9961000123").is_err() && SchoolCode::parse("216100012").is_err()
        );
    }
}
