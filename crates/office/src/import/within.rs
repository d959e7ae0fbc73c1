//! What a school may send: rosters of schools, about itself.

use fujiao_intake::Intake;
use fujiao_model::{Field, RosterKind};

/// The schools that somebody sends rosters of; what is about others is not theirs to send.
pub(crate) struct Within {
    /// Their names in the register.
    pub(crate) names: Vec<String>,
    /// Their codes.
    pub(crate) codes: Vec<String>,
}

/// Rosters that schools keep.
const OF_SCHOOLS: [RosterKind; 13] = [
    RosterKind::Enrolments,
    RosterKind::Absences,
    RosterKind::MealLists,
    RosterKind::Teachers,
    RosterKind::Pairings,
    RosterKind::Contacts,
    RosterKind::Schools,
    RosterKind::Calendar,
    RosterKind::MealReturns,
    RosterKind::Measurements,
    RosterKind::Purchases,
    RosterKind::Menus,
    RosterKind::TeacherReviews,
];

impl Within {
    /// Why a workbook is not theirs to send; `None`: it is.
    pub(crate) fn refuses(&self, intake: &Intake) -> Option<String> {
        for sheet in &intake.sheets {
            let Some(kind) = sheet.kind else { continue };
            if !OF_SCHOOLS.contains(&kind) {
                return Some(format!(
                    "“{}”是{}，不由学校报；交给管它的单位送",
                    sheet.name,
                    kind.chinese()
                ));
            }
            for row in &sheet.rows {
                let of = |field| row.fields.text(field).filter(|text| !text.is_empty());
                let (code, name) = (of(Field::SchoolCode), of(Field::School));
                let theirs = match (code, name) {
                    (Some(code), _) => self.codes.iter().any(|own| own == code),
                    (None, Some(name)) => self.names.iter().any(|own| is_named(own, name)),
                    (None, None) => continue,
                };
                if !theirs {
                    return Some(format!(
                        "“{}”第 {} 行是{}的；学校只报本校的，去掉别校的行再送",
                        sheet.name,
                        row.row,
                        name.or(code).unwrap_or_default()
                    ));
                }
            }
        }
        None
    }
}

/// Whether a roster means the school of this name: county and town in front may be left out.
fn is_named(own: &str, said: &str) -> bool {
    let said = said.trim();
    own == said || (said.chars().count() >= 4 && (own.ends_with(said) || said.ends_with(own)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_school_is_named_with_or_without_its_county() {
        let own = "岚川县青石镇中心小学";
        for said in
            ["岚川县青石镇中心小学", "青石镇中心小学", " 中心小学 ", "商州市岚川县青石镇中心小学"]
        {
            assert!(is_named(own, said), "{said}");
        }
        for said in ["白河镇中心小学", "小学", "青石镇初级中学", ""] {
            assert!(!is_named(own, said), "{said}");
        }
    }
}
