//! The register of schools, and how a school is known by what people write.

use std::collections::BTreeMap;

use fujiao_model::{Division, Field, Fields, SchoolCode, Stage};

use super::Row;

/// A school, kindergarten, college or teaching point.
#[derive(Clone, Debug, Default)]
pub(crate) struct School {
    /// Stable id of the register.
    pub id: u64,
    pub name: String,
    pub code: Option<SchoolCode>,
    pub kind: String,
    pub stage: Option<Stage>,
    pub rural: Option<bool>,
    pub town: Option<Division>,
    pub closed: bool,
    /// Since when, and the school that its pupils went to.
    pub ended: (Option<jiff::civil::Date>, Option<u64>),
    /// The row of the schools' roster; absent for a school known from pupils' rosters only.
    pub row: Option<u32>,
}

/// All schools, and the way from a written name to one of them.
#[derive(Debug, Default)]
pub(crate) struct Schools {
    pub county: String,
    pub all: Vec<School>,
    /// Normal form of a name → position; `None` where two schools share it.
    by_name: BTreeMap<String, Option<u32>>,
    by_code: BTreeMap<SchoolCode, Option<u32>>,
}

/// Forms of a written name, from the most to the least exact.
fn forms(name: &str, county: &str) -> [String; 3] {
    let plain: String =
        name.chars().filter(|c| !c.is_whitespace() && !"（）()《》“”\"·.".contains(*c)).collect();
    let short_county = county.trim_end_matches(['县', '区', '市']);
    let mut local = plain.as_str();
    for prefix in ["陕西省", "商洛市", county, short_county] {
        if !prefix.is_empty() && local.len() > prefix.len() + 6 {
            local = local.strip_prefix(prefix).unwrap_or(local);
        }
    }
    let loose: String = local
        .replace("中心小学", "小学")
        .replace("街道", "")
        .replace("幼儿园", "幼")
        .replace(['镇', '乡'], "");
    [plain.clone(), local.to_owned(), loose]
}

impl Schools {
    /// The register from the rows of the schools' roster. A later row of the same school takes the earlier one's place.
    pub(crate) fn from_rows(
        rows: &[Row],
        positions: &[u32],
        county: &str,
        place: impl Fn(&Fields) -> Option<Division>,
    ) -> Self {
        let mut schools = Self { county: county.to_owned(), ..Self::default() };
        for &at in positions {
            let fields = &rows[at as usize].fields;
            let Some(name) = fields.text(Field::School) else { continue };
            let code = fields.text(Field::SchoolCode).and_then(|c| SchoolCode::parse(c).ok());
            let school = School {
                id: school_id(name, county),
                name: name.to_owned(),
                code,
                kind: fields.text(Field::SchoolKind).unwrap_or_default().to_owned(),
                stage: fields
                    .text(Field::Stage)
                    .and_then(Stage::parse)
                    .or_else(|| stage_of_name(name))
                    .or_else(|| code.and_then(|c| c.school_type().stage())),
                rural: fields.flag(Field::Rural),
                town: place(fields),
                closed: fields.date(Field::ClosedOn).is_some(),
                ended: (
                    fields.date(Field::ClosedOn).map(fujiao_model::PartialDate::earliest),
                    None,
                ),
                row: Some(at),
            };
            match schools.by_name.get(&forms(name, county)[0]) {
                Some(&Some(known)) => schools.all[known as usize] = school,
                _ => schools.add(school, county),
            }
        }
        schools
    }

    fn add(&mut self, school: School, county: &str) {
        let at = u32::try_from(self.all.len()).expect("few schools");
        for form in forms(&school.name, county) {
            let slot = self.by_name.entry(form).or_insert(Some(at));
            if *slot != Some(at) {
                *slot = None;
            }
        }
        if let Some(code) = school.code {
            let slot = self.by_code.entry(code).or_insert(Some(at));
            if *slot != Some(at) {
                *slot = None; // a teaching point that goes by its parent's code
            }
        }
        self.all.push(school);
    }

    /// The school that a row names: by its full name, else by its code, else by a looser form of the name. `known` keeps what
    /// names were found to mean.
    pub(crate) fn of(
        &self,
        fields: &Fields,
        known: &mut BTreeMap<String, Option<u32>>,
    ) -> Option<u32> {
        let by_code = || {
            let code = fields.text(Field::SchoolCode).and_then(|c| SchoolCode::parse(c).ok())?;
            self.by_code.get(&code).copied().flatten()
        };
        let Some(name) = fields.text(Field::School) else { return by_code() };
        if let Some(&found) = known.get(name) {
            return found.or_else(by_code);
        }
        let [plain, local, loose] = forms(name, &self.county);
        let exact =
            [&plain, &local].into_iter().find_map(|form| self.by_name.get(form).copied().flatten());
        let found = exact.or_else(by_code).or_else(|| self.by_name.get(&loose).copied().flatten());
        known.insert(name.to_owned(), found);
        found
    }

    /// The school of a written name, if it is in the register.
    pub(crate) fn named(&self, name: &str) -> Option<u32> {
        forms(name, &self.county).iter().find_map(|form| self.by_name.get(form).copied().flatten())
    }

    /// Enters the school that a pupils' roster names in the register if it is not there yet.
    pub(crate) fn enter(&mut self, fields: &Fields) {
        let Some(name) = fields.text(Field::School) else { return };
        if self.of(fields, &mut BTreeMap::new()).is_some() {
            return;
        }
        let county = self.county.clone();
        let code = fields.text(Field::SchoolCode).and_then(|c| SchoolCode::parse(c).ok());
        self.add(
            School {
                id: school_id(name, &county),
                name: name.to_owned(),
                code,
                stage: fields
                    .text(Field::Stage)
                    .and_then(Stage::parse)
                    .or_else(|| stage_of_name(name)),
                ..School::default()
            },
            &county,
        );
    }
}

fn school_id(name: &str, county: &str) -> u64 {
    super::stable_id("school", &forms(name, county)[1])
}

/// The stage that a school's name tells.
pub(crate) fn stage_of_name(name: &str) -> Option<Stage> {
    let has = |words: &[&str]| words.iter().any(|w| name.contains(w));
    if has(&["幼儿园", "幼教"]) {
        Some(Stage::Preschool)
    } else if has(&["大学", "学院", "高等专科", "职业技术大学"]) {
        Some(Stage::Higher)
    } else if has(&["职业", "中专", "技校", "职教", "卫校"]) {
        Some(Stage::Vocational)
    } else if has(&["高级中学", "高中"]) {
        Some(Stage::Senior)
    } else if has(&["小学", "教学点", "完小"]) {
        Some(Stage::Primary)
    } else if has(&["初级中学", "初中", "九年", "中学"]) {
        Some(Stage::Junior)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fujiao_model::Value;

    fn named(name: &str) -> Fields {
        [(Field::School, Value::Text(name.into()))].into_iter().collect()
    }

    #[test]
    fn a_school_is_known_by_what_people_write() {
        let mut schools = Schools { county: "岚川县".to_owned(), ..Schools::default() };
        for name in ["岚川县云台镇中心小学", "岚川县云台镇初级中学", "岚川县青石镇中心小学"]
        {
            schools.add(School { name: name.to_owned(), ..School::default() }, "岚川县");
        }
        let check = |written: &str, want: Option<u32>| {
            assert_eq!(schools.of(&named(written), &mut BTreeMap::new()), want, "{written}");
        };
        check("岚川县云台镇中心小学", Some(0));
        check("云台镇中心小学", Some(0));
        check("云台中心小学", Some(0));
        check("云台镇小学", Some(0));
        check("云台初级中学", Some(1));
        check("岚川县 青石镇中心小学", Some(2));
        check("白河镇中心小学", None);
    }
}
