//! What title rows and the sheet's name say of every row: school, term, month, programme, unit.

use fujiao_model::{Field, FieldType, Fields, RosterKind, Value};

use crate::book::{Book, Grid, Raw};
use crate::kinds::Profile;
use crate::layout::Layout;
use crate::lexicon::Lexicon;
use crate::text;
use crate::value::{self, TermSaid};

/// What holds for all rows of a sheet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Context {
    pub(crate) fields: Fields,
    /// What is said of the term, perhaps only half of it.
    pub(crate) term: TermSaid,
    /// Yuan in one unit of money, where a title says 单位：万元.
    pub(crate) unit: Option<i32>,
}

/// Words that a school's name ends in.
const SCHOOL_ENDS: &[&str] = &[
    "教学点",
    "幼儿园",
    "职业技术学院",
    "职教中心",
    "职业教育中心",
    "高级中学",
    "初级中学",
    "小学",
    "中学",
    "学校",
    "学院",
    "大学",
    "初中",
    "高中",
    "职中",
];

/// Words that a school's name does not hold: titles of whole counties do.
const NO_SCHOOL: &[&str] = &[
    "全县",
    "义务教育",
    "中小学",
    "各学校",
    "农村学校",
    "办学条件",
    "全部",
    "普通高中",
    "普通高校",
    "高等学校",
    "县内",
    "中等职业学校",
    "职业学校国家",
];

/// Words behind the name of an aid programme in a title.
const LIST_ENDS: &[&str] = &[
    "资金发放",
    "发放",
    "学生花名册",
    "花名册",
    "名册",
    "名单",
    "明细",
    "汇总",
    "公示",
    "台账",
    "登记",
    "统计",
    "情况",
    "受助学生",
    "资助学生",
    "享受学生",
    "学生名单",
    "领取",
    "打卡",
];

/// Reads the rows above the header.
pub(crate) fn read(book: &Book, grid: &Grid, layout: &Layout, lexicon: &Lexicon) -> Context {
    let mut context = Context::default();
    let Some(kind) = layout.kind else { return context };
    let profile = Profile::of(kind);
    let has_column = |field: Field| layout.slots.iter().any(|slot| slot.field == Some(field));
    let mut titles: Vec<String> = Vec::new();
    for index in 0..grid.index_of(layout.rows.start) {
        let mut label: Option<String> = None;
        for (_, raw) in grid.row(index) {
            let shown = book.shown(*raw);
            if let Some(name) = label.take()
                && !shown.contains(['：', ':'])
            {
                context.labelled(&name, &shown, profile, lexicon);
                continue;
            }
            let Raw::Text(_) = raw else { continue };
            let mut plain = String::new();
            label = context.labels(&shown, profile, lexicon, &mut plain);
            if label.is_none() && !plain.is_empty() {
                let header = text::header(&plain);
                // 学校名称 | 云台镇中心小学: the label in one cell, the value in the next.
                if plain.chars().count() <= 8 && lexicon.known(&header).is_some() {
                    label = Some(plain.clone());
                }
                titles.push(plain);
            }
        }
    }
    titles.push(grid.name.clone());
    for title in &titles {
        let title = text::fold(title).into_owned();
        context.title(&title, kind, profile);
    }
    // 学校 of a sheet's name, 七年级2班 as a sheet's name.
    if profile.holds(Field::Class) && !has_column(Field::Class) && !has_column(Field::Grade) {
        let name = text::fold(&grid.name).into_owned();
        let school = context.fields.text(Field::School).and_then(value::stage_of_school);
        if name.ends_with('班') || name.ends_with("年级") {
            let (grade, class) = value::grade_and_class(&name, school);
            if let Some(grade) = grade {
                context.offer(Field::Grade, Value::Code(grade.code()));
                if let Some(class) = class {
                    context.offer(Field::Class, Value::Text(class.into()));
                }
            }
        }
    }
    let by_year =
        matches!(kind, RosterKind::Enrolments | RosterKind::Loans | RosterKind::UniversityAid);
    if let Some(term) = context.term.term(by_year)
        && profile.holds(Field::Term)
    {
        context.offer(Field::Term, Value::Term(of_kind(kind, term)));
    }
    context
}

/// The term as rosters of the kind mean it: an enrolment stands for its school year, named by the autumn.
pub(crate) fn of_kind(kind: RosterKind, term: fujiao_model::Term) -> fujiao_model::Term {
    if kind == RosterKind::Enrolments {
        fujiao_model::Term::new(term.school_year(), fujiao_model::Season::Autumn)
    } else {
        term
    }
}

impl Context {
    fn offer(&mut self, field: Field, value: Value) {
        if self.fields.get(field).is_none() {
            self.fields.set(field, value);
        }
    }

    /// Takes `label：value` pairs out of a cell; what is neither goes to `plain`. A label without value is returned.
    fn labels(
        &mut self,
        cell: &str,
        profile: &Profile,
        lexicon: &Lexicon,
        plain: &mut String,
    ) -> Option<String> {
        let cell = cell.replace(':', "：");
        let mut open: Option<String> = None;
        for token in cell.split_whitespace() {
            let token = token.trim_matches(['(', ')', '（', '）', '，', ',', '；', ';']);
            match token.split_once('：') {
                Some((label, value)) => {
                    if let Some(name) = open.replace(label.to_owned()).filter(|_| !label.is_empty())
                    {
                        self.labelled(&name, "", profile, lexicon);
                    }
                    if !value.is_empty() {
                        let name = open.take().unwrap_or_default();
                        self.labelled(&name, value, profile, lexicon);
                    }
                }
                None => match open.take() {
                    Some(name) => self.labelled(&name, token, profile, lexicon),
                    None => plain.push_str(token),
                },
            }
        }
        open
    }

    /// Takes one label with its value.
    fn labelled(&mut self, label: &str, value: &str, profile: &Profile, lexicon: &Lexicon) {
        let value = text::fold(value).into_owned();
        let header = text::header(label);
        let name = header.bare.as_str();
        if value.is_empty()
            || name.starts_with("填表")
            || name.starts_with("制表")
            || name.starts_with("填报时间")
            || name.starts_with("填报日期")
            || name.contains("电话")
            || name.contains("负责人")
            || name.contains("审核")
            || name.contains("填报人")
            || name.contains("打印")
            || name.contains("导出")
        {
            return;
        }
        if matches!(name, "单位" | "金额单位" | "计量单位" | "货币单位") && value.contains('元')
        {
            self.unit = Some(if value.contains("万元") { 10_000 } else { 1 });
            return;
        }
        let reporting = name.contains("填报单位")
            || name.contains("报送单位")
            || name.contains("上报单位")
            || name == "单位"
            || name.contains("盖章");
        let known = lexicon.known(&header);
        let field = if reporting {
            SCHOOL_ENDS.iter().any(|end| value.ends_with(end)).then_some(Field::School)
        } else {
            known.and_then(|fields| fields.iter().copied().find(|f| profile.holds(*f)))
        };
        let Some(field) = field.filter(|f| profile.holds(*f)) else {
            if known.is_some_and(|fields| fields.contains(&Field::Term)) {
                self.term = TermSaid::read(&value).unwrap_or_default().or(self.term);
            }
            return;
        };
        if is_of_a_person(field) {
            return;
        }
        let value = match field.field_type() {
            FieldType::Term => {
                self.term = TermSaid::read(&value).unwrap_or_default().or(self.term);
                None
            }
            FieldType::Date if field == Field::Month => {
                value::month(&value, Some(self.term)).ok().map(Value::Date)
            }
            FieldType::Date => value::date_of_text(&value).ok().flatten().map(Value::Date),
            FieldType::Text => Some(Value::Text(value.into())),
            FieldType::Code(_) => value::code(field, &value).map(Value::Code),
            FieldType::Money => value::money(&value, 1).ok().map(Value::Money),
            FieldType::Integer => value::integer(&value).ok().map(Value::Integer),
            FieldType::Decimal => value::decimal(&value).ok().map(Value::Decimal),
            FieldType::Flag | FieldType::Id => None,
        };
        if let Some(value) = value {
            self.offer(field, value);
        }
    }

    /// Takes what a title says without a label.
    fn title(&mut self, title: &str, kind: RosterKind, profile: &Profile) {
        self.term = self.term.or(TermSaid::find(title));
        if profile.fields.contains(&Field::Month)
            && let Some(month) = value::month_in(title)
        {
            self.offer(Field::Month, Value::Date(month));
        }
        if profile.holds(Field::School)
            && let Some(school) = school_in(title)
        {
            self.offer(Field::School, Value::Text(school.into()));
        }
        if profile.holds(Field::Town)
            && let Some(town) = town_in(title)
        {
            self.offer(Field::Town, Value::Text(town.into()));
        }
        if profile.holds(Field::Programme)
            && let Some(programme) = programme_in(title)
        {
            self.offer(Field::Programme, Value::Text(programme.into()));
        }
        if matches!(kind, RosterKind::Assistance | RosterKind::ChildWelfare) {
            // Of several kinds named in a title none is every row's.
            let mut kinds: Vec<&str> = Vec::new();
            for word in [
                "农村低保",
                "城市低保",
                "城镇低保",
                "农村特困",
                "城市特困",
                "低保边缘",
                "刚性支出",
                "孤儿",
                "事实无人抚养",
            ] {
                if title.contains(word)
                    && let Some(code) = value::code(Field::AssistanceKind, word)
                        .or_else(|| value::code(Field::AssistanceKind, &format!("{word}困难")))
                    && !kinds.contains(&code)
                {
                    kinds.push(code);
                }
            }
            if let [code] = kinds[..]
                && let Some(code) = value::code(Field::AssistanceKind, code)
            {
                self.offer(Field::AssistanceKind, Value::Code(code));
            }
        }
    }
}

/// Whether a field is one that only rows can have.
fn is_of_a_person(field: Field) -> bool {
    field.is_secret()
        || matches!(
            field,
            Field::Name
                | Field::PersonNo
                | Field::BirthDate
                | Field::Sex
                | Field::Relation
                | Field::HeadName
                | Field::HouseholdNo
                | Field::GuardianName
                | Field::MentorName
                | Field::Amount
                | Field::Pupils
        )
}

/// The part of a title behind the term, brackets and county.
fn behind_term(title: &str) -> &str {
    let mut rest = title;
    for mark in ["学年度", "学年", "学期", "年度", "年春季", "年秋季", "季", ")", "】", "》"]
    {
        if let Some(at) = rest.find(mark) {
            let behind = &rest[at + mark.len()..];
            if behind.chars().count() >= 3 {
                rest = behind;
            }
        }
    }
    rest
}

/// The school that a title names.
fn school_in(title: &str) -> Option<&str> {
    let (end, word) = SCHOOL_ENDS
        .iter()
        .filter_map(|word| title.find(word).map(|at| (at + word.len(), *word)))
        .min_by_key(|(end, word)| (*end, std::cmp::Reverse(word.len())))?;
    // 高中助学金, 在外就读大学生: the word is part of another.
    if ["助学", "新生", "生", "免", "国家", "资助", "教职工", "教师", "校长"]
        .iter()
        .any(|w| title[end..].starts_with(w))
        && matches!(word, "大学" | "高中" | "初中" | "学院" | "职中")
    {
        return None;
    }
    // 中心小学教学点, 学校教学点: the longer name is meant.
    let end = if title[end..].starts_with("教学点") { end + "教学点".len() } else { end };
    let head = &title[..end];
    let start = head
        .char_indices()
        .rev()
        .take_while(|(_, c)| text::is_han(*c))
        .last()
        .map_or(0, |(at, _)| at);
    let name = behind_term(&head[start..]);
    let name = name.trim_start_matches("年").trim_start_matches("关于");
    let long = name.chars().count() >= word.chars().count() + 2;
    (long && !NO_SCHOOL.iter().any(|w| name.contains(w))).then_some(name)
}

/// The town that a title names: what stands between 县 and 镇, or before 镇 in a sheet's name.
fn town_in(title: &str) -> Option<&str> {
    let end = ["街道", "镇", "乡"]
        .iter()
        .filter_map(|word| title.find(word).map(|at| at + word.len()))
        .min()?;
    let behind = &title[end..];
    if behind.starts_with('村')
        || behind.starts_with('居')
        || behind.starts_with('振')
        || behind.starts_with("中心小学")
    {
        return None;
    }
    let head = &title[..end];
    let start = head
        .char_indices()
        .rev()
        .take_while(|(_, c)| text::is_han(*c))
        .last()
        .map_or(0, |(at, _)| at);
    let mut name = &head[start..];
    if let Some(at) = name.rfind(['县', '市', '年'])
        && at > 0
    {
        name = &name[at + '县'.len_utf8()..];
    }
    let length = name.chars().count();
    ((2..=6).contains(&length)
        && !name.starts_with('各')
        && !["城镇", "乡镇", "户籍乡"].contains(&name))
    .then_some(name)
}

/// The aid programme that a title names.
fn programme_in(title: &str) -> Option<String> {
    if !["补助", "助学金", "免学", "资助", "雨露计划", "生活费", "路费"]
        .iter()
        .any(|w| title.contains(w))
    {
        return None;
    }
    // Titles name county, school and term around the programme; each is cut away at the last of its marks.
    let mut name = title.split(['(', '（', '【']).find(|part| part.chars().count() >= 4)?.trim();
    for mark in ["学期", "学年度", "学年", "春季", "秋季", "年度", "月份", "县", "学校", "年"]
    {
        if let Some(at) = name.rfind(mark) {
            let behind = &name[at + mark.len()..];
            if behind.chars().count() >= 4 && !name[at..].starts_with("学校国家") {
                name = behind;
            }
        }
    }
    let end = LIST_ENDS.iter().filter_map(|word| name.find(word)).filter(|at| *at > 0).min();
    let name = name[..end.unwrap_or(name.len())].trim_matches(['-', '_', ' ', '表', '—']);
    let name = name.strip_suffix("资金").unwrap_or(name);
    (name.chars().count() >= 4 || name == "雨露计划").then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_titles_name() {
        for (title, school, town, programme) in [
            ("岚川县云台镇中心小学2024—2025学年学生花名册", "岚川县云台镇中心小学", "", ""),
            (
                "2024年秋季学期岚川县义务教育家庭经济困难寄宿生生活补助发放表",
                "",
                "",
                "义务教育家庭经济困难寄宿生生活补助",
            ),
            ("岚川县云台镇户籍人口", "", "云台镇", ""),
            ("岚川县2025年3月营养改善计划实名制就餐名单", "", "", ""),
            ("云台镇", "", "云台镇", ""),
            ("岚川县中小学教职工名册", "", "", ""),
            ("岚川县2022—2023学年第一学期大学新生路费发放表", "", "", "大学新生路费"),
            ("岚川县2022—2023学年在外就读大学生名册（示例数据）", "", "", ""),
            ("岚川县2024年秋季普通高中国家助学金发放花名册", "", "", "普通高中国家助学金"),
        ] {
            assert_eq!(
                (
                    school_in(title).unwrap_or(""),
                    town_in(title).unwrap_or(""),
                    programme_in(title).unwrap_or_default().as_str()
                ),
                (school, town, programme),
                "{title}"
            );
        }
    }
}
