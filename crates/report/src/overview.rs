//! How the figures of an area are shown in one line: what they count, and where their list is.

use fujiao_model::{Area, Money, Period, Season, Unit};

use crate::AreaFigures;
use crate::number::{count, signed, unit_count};

/// One line of 应 · 已 · 差.
pub(crate) struct Overview {
    /// What the three count; `None` for money in fen.
    pub(crate) unit: Option<&'static str>,
    pub(crate) due: i64,
    pub(crate) done: i64,
    pub(crate) gap: i64,
    /// How many stored units make one that is shown.
    pub(crate) scale: i64,
    /// The unit of the quantities; `None` where duties are counted.
    stored: Option<Unit>,
}

impl Overview {
    /// Aid counts person-times, as counties do; areas of mixed units count duties; the rest counts its unit.
    pub(crate) fn of(figures: &AreaFigures) -> Self {
        let duties = |unit| Self {
            unit: Some(unit),
            due: signed(figures.duties),
            done: signed(figures.duties - figures.duties_gap),
            gap: signed(figures.duties_gap),
            scale: 1,
            stored: None,
        };
        match (figures.area, figures.unit) {
            (Area::Aid, _) => duties("人次"),
            (Area::Conditions, None) => duties("项"),
            (_, None) => duties("件"),
            (_, Some(unit)) => Self {
                unit: (unit != Unit::Fen).then(|| word(unit)),
                due: figures.due,
                done: figures.done,
                gap: figures.gap,
                scale: unit.scale(),
                stored: Some(unit),
            },
        }
    }

    /// The unit as reports write it: money in 万元.
    pub(crate) fn unit(&self) -> &'static str {
        self.unit.unwrap_or("万元")
    }

    /// A quantity as reports write it, without the unit.
    pub(crate) fn say(&self, n: i64) -> String {
        match self.stored {
            None => count(n),
            Some(Unit::Fen) => Money::fen(n).wan(),
            Some(unit) => unit_count(unit, n),
        }
    }
}

/// The unit as tables write it.
pub(crate) fn word(unit: Unit) -> &'static str {
    match unit {
        Unit::Person => "人",
        _ => unit.chinese(),
    }
}

/// The sheet of `gaps.xlsx` with an area's names.
pub(crate) fn sheet(area: Area) -> &'static str {
    area.chinese()
}

/// The sheet with everything done beyond any duty.
pub(crate) const EXCESS_SHEET: &str = "重复不应超出";

/// The areas in full, as headings say them.
pub(crate) fn title(area: Area) -> &'static str {
    match area {
        Area::Aid => "学生资助",
        Area::Meals => "营养改善",
        Area::Schooling => "控辍保学",
        Area::Pairing => "结对帮扶",
        Area::Training => "一户一人受训",
        Area::Jobs => "结业就业",
        Area::Conditions => "办学条件",
        Area::Teachers => "师资",
        Area::Places => "学位",
        Area::Funds => "资金",
    }
}

/// The area whose line of the overview has this title; `None`: no line of an area.
pub fn area_titled(text: &str) -> Option<Area> {
    Area::ALL.iter().copied().find(|area| title(*area) == text)
}

/// A period as a table cell says it: `2024年秋季学期`, `2024-09`, `2024—2025学年`.
pub(crate) fn period(period: Period) -> String {
    match period {
        Period::Once => "一次".to_owned(),
        Period::Year(year) => format!("{year}年"),
        Period::SchoolYear(year) => format!("{year}—{}学年", year + 1),
        Period::Term(term) => {
            let season = if term.season() == Season::Spring { "春" } else { "秋" };
            format!("{}年{season}季学期", term.year())
        }
        Period::Month(..) | Period::Day(_) => period.to_string(),
    }
}
