use std::fmt;

/// 统计用区划代码 of 12 digits: province 2, city 2, county 2, town 3, village 3. Trailing zeros mean "the whole of".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Division(u64);

/// How far down a [`Division`] goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DivisionLevel {
    /// 省
    Province,
    /// 市
    City,
    /// 县
    County,
    /// 乡镇, 街道
    Town,
    /// 村, 居委会
    Village,
}

/// Why a text is no division code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("区划代码应为 6、9 或 12 位数字，省级不为 0")]
pub struct DivisionFault;

impl Division {
    /// Reads 6, 9 or 12 digits; the short forms mean a whole county or town.
    ///
    /// # Errors
    /// [`DivisionFault`] for any other length, for other characters, and for province 00.
    pub fn parse(text: &str) -> Result<Self, DivisionFault> {
        let text = text.trim();
        if !text.bytes().all(|b| b.is_ascii_digit()) || !matches!(text.len(), 6 | 9 | 12) {
            return Err(DivisionFault);
        }
        let code = format!("{text:0<12}").parse().map_err(|_| DivisionFault)?;
        Self::from_code(code)
    }

    /// From the code as a number of 12 digits.
    ///
    /// # Errors
    /// [`DivisionFault`] outside 11 0000 000 000 to 99 9999 999 999.
    pub fn from_code(code: u64) -> Result<Self, DivisionFault> {
        if (110_000_000_000..=999_999_999_999).contains(&code) {
            Ok(Self(code))
        } else {
            Err(DivisionFault)
        }
    }

    /// The code as a number of 12 digits.
    pub fn code(self) -> u64 {
        self.0
    }

    /// How far down the code goes.
    pub fn level(self) -> DivisionLevel {
        match self.0 {
            c if c % 1_000 != 0 => DivisionLevel::Village,
            c if c % 1_000_000 != 0 => DivisionLevel::Town,
            c if c % 100_000_000 != 0 => DivisionLevel::County,
            c if c % 10_000_000_000 != 0 => DivisionLevel::City,
            _ => DivisionLevel::Province,
        }
    }

    /// The county that this lies in.
    #[must_use]
    pub fn county(self) -> Self {
        Self(self.0 / 1_000_000 * 1_000_000)
    }

    /// The six digits of the county.
    pub fn county_code(self) -> u32 {
        u32::try_from(self.0 / 1_000_000).expect("six digits")
    }

    /// The town that this lies in; a county itself for a county.
    #[must_use]
    pub fn town(self) -> Self {
        Self(self.0 / 1_000 * 1_000)
    }

    /// Whether `other` is this place or lies in it.
    pub fn contains(self, other: Self) -> bool {
        let span = match self.level() {
            DivisionLevel::Village => 1,
            DivisionLevel::Town => 1_000,
            DivisionLevel::County => 1_000_000,
            DivisionLevel::City => 100_000_000,
            DivisionLevel::Province => 10_000_000_000,
        };
        self.0 / span == other.0 / span
    }

    /// Whether the code is of a 街道 or 居委会 (town 001–099, village 001–199), as statistics number them.
    pub fn is_urban_by_number(self) -> bool {
        let (town, village) = (self.0 / 1_000 % 1_000, self.0 % 1_000);
        if village > 0 { village < 200 } else { (1..100).contains(&town) }
    }
}

impl fmt::Display for Division {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:012}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_nest() {
        let village = Division::parse("611026001201").unwrap();
        assert_eq!(village.level(), DivisionLevel::Village);
        assert_eq!(village.town().to_string(), "611026001000");
        assert_eq!(village.county(), Division::parse("611026").unwrap());
        assert_eq!(village.county_code(), 611_026);
        for place in ["611026", "611026001", "611026001201", "610000"] {
            assert!(Division::parse(place).unwrap().contains(village), "{place}");
        }
        assert!(!village.contains(village.town()));
        assert!(!village.is_urban_by_number() && village.town().is_urban_by_number());
        assert_eq!(Division::parse("61102"), Err(DivisionFault));
    }
}
