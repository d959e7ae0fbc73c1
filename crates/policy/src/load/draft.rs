//! What policy files say, overlays put in, before their names mean anything.

use std::collections::BTreeMap;
use std::sync::Arc;

use fujiao_model::Period;
use jiff::civil::Date;
use toml::Spanned;
use toml::de::DeValue;

use super::table::{Dated, Loader, Place, Raw, Span, Table, dated, integer, raw};
use crate::column::{FrameKind, column_of};
use crate::fault::nearest;
use crate::programme::DayRule;
use crate::set::{DatedList, DatedNumber, Example, Listed, Parameter};

/// What a policy file says of an amount, before its names mean anything.
pub(super) struct DraftRow {
    pub(super) place: Place,
    pub(super) dated: Dated,
    pub(super) when: Option<Raw>,
    pub(super) value: Result<i64, Raw>,
    pub(super) yearly: bool,
    pub(super) price: Option<i64>,
}

pub(super) struct Draft {
    pub(super) place: Place,
    pub(super) key: String,
    pub(super) title: Option<Raw>,
    pub(super) title_en: Option<String>,
    pub(super) names: Option<Vec<Raw>>,
    pub(super) area: Option<Raw>,
    pub(super) frame: Option<Raw>,
    pub(super) who: Option<Raw>,
    pub(super) have: Option<Raw>,
    pub(super) rhythm: Option<Raw>,
    pub(super) terms: Option<Raw>,
    pub(super) months: Option<(Vec<i8>, Place)>,
    pub(super) seen: Option<Raw>,
    pub(super) unit: Option<Raw>,
    pub(super) opens: Option<DraftDay>,
    pub(super) due: Option<DraftDay>,
    pub(super) bearer: Option<Raw>,
    pub(super) form: Option<Raw>,
    pub(super) evidence: Option<String>,
    pub(super) off: Option<String>,
    pub(super) on: bool,
    /// Whether the file gives them, be they right or wrong.
    pub(super) due_given: bool,
    pub(super) amount_given: bool,
    pub(super) purpose: Option<Raw>,
    pub(super) excludes: Option<Vec<Raw>>,
    pub(super) stacks: Option<Vec<Raw>>,
    pub(super) layers: Vec<Vec<DraftRow>>,
    pub(super) origins: Vec<(Arc<str>, Arc<str>)>,
}

#[derive(Clone)]
pub(super) enum DraftDay {
    Rule(DayRule),
    Column(Raw, i16),
}

pub(super) const PROGRAMME_KEYS: &[&str] = &[
    "key", "overlay", "title", "title_en", "names", "area", "frame", "who", "have", "rhythm",
    "terms", "months", "seen", "unit", "opens", "due", "bearer", "form", "evidence", "off", "on",
    "purpose", "excludes", "stacks", "amount",
];

pub(super) fn month_day(loader: &mut Loader<'_>, raw: &Raw) -> Option<(i8, i8)> {
    let found = raw.text.split_once('-').and_then(|(m, d)| {
        let (m, d) = (m.parse().ok()?, d.parse().ok()?);
        // 29 February would be missing in most years.
        Date::new(2023, m, d).is_ok().then_some((m, d))
    });
    if found.is_none() {
        loader.say(raw.place, format!("“{}”不是月日", raw.text), "写成 12-31");
    }
    found
}

pub(super) fn day_rule(
    loader: &mut Loader<'_>,
    file: usize,
    value: &Spanned<DeValue<'_>>,
) -> Option<DraftDay> {
    let table = Table::open(
        loader,
        file,
        value,
        &["start", "after_end_days", "autumn", "spring", "on", "column", "months"],
    )?;
    let small = |loader: &mut Loader<'_>, key: &str| {
        let value = table.get(key)?;
        let found = integer(value.get_ref())
            .and_then(|n| i16::try_from(n).ok())
            .filter(|n| n.abs() <= 3_660);
        if found.is_none() {
            loader.say(
                Place { file, at: value.span().start },
                format!("{key} 应是不大的整数"),
                "写成 0、30 或 6",
            );
        }
        found
    };
    if table.get("column").is_some() {
        let raw = table.raw(loader, "column")?;
        let months = if table.get("months").is_some() { small(loader, "months")? } else { 0 };
        return Some(DraftDay::Column(raw, months));
    }
    if table.get("autumn").is_some() || table.get("spring").is_some() {
        let autumn = table.need(loader, "autumn");
        let spring = table.need(loader, "spring");
        let autumn = month_day(loader, &autumn?);
        let spring = month_day(loader, &spring?);
        return Some(DraftDay::Rule(DayRule::InTerm { autumn: autumn?, spring: spring? }));
    }
    if table.get("on").is_some() {
        let raw = table.raw(loader, "on")?;
        let (month, day) = month_day(loader, &raw)?;
        return Some(DraftDay::Rule(DayRule::On(month, day)));
    }
    if table.get("after_end_days").is_some() {
        return Some(DraftDay::Rule(DayRule::AfterEnd(small(loader, "after_end_days")?)));
    }
    if table.get("start").is_some() {
        return Some(DraftDay::Rule(DayRule::Start));
    }
    loader.say(
        table.place,
        "没说是哪一天",
        "写 start、after_end_days、autumn 和 spring、on，或 column 和 months",
    );
    None
}

pub(super) fn amount_row(
    loader: &mut Loader<'_>,
    file: usize,
    value: &Spanned<DeValue<'_>>,
) -> Option<DraftRow> {
    let table = Table::open(
        loader,
        file,
        value,
        &["from", "to", "when", "value", "per", "price", "basis", "mark"],
    )?;
    let dated = dated(loader, &table);
    let when = table.raw(loader, "when");
    let per = table.raw(loader, "per");
    let mut yearly = false;
    if let Some(per) = per {
        match per.text.as_str() {
            "year" => yearly = true,
            "period" => {}
            other => loader.say(
                per.place,
                format!("没有叫 {other} 的计量期"),
                "用 year（按年，两学期各一半）或 period",
            ),
        }
    }
    let price = table.get("price").and_then(|v| {
        let n = integer(v.get_ref()).filter(|n| *n > 0);
        if n.is_none() {
            loader.say(
                Place { file, at: v.span().start },
                "单价应是大于 0 的整数",
                "以分为单位写整数",
            );
        }
        n
    });
    let value = match table.get("value") {
        None => {
            loader.say(table.place, "缺 value", "补上数额（分）或表达式");
            None
        }
        Some(v) => match integer(v.get_ref()) {
            Some(n) => {
                let place = Place { file, at: v.span().start };
                if n <= 0 {
                    loader.say(place, "数额应大于 0", "不发就不写这一行，或把项目关掉");
                } else if yearly && n % 2 == 1 {
                    loader.say(place, "一年的数额分不成两个整分", "按学期写");
                }
                Some(Ok(n))
            }
            None => raw(loader, file, v).map(Err),
        },
    };
    Some(DraftRow { place: table.place, dated: dated?, when, value: value?, yearly, price })
}

fn months(loader: &mut Loader<'_>, table: &Table<'_, '_>) -> Option<(Vec<i8>, Place)> {
    let value = table.get("months")?;
    let place = Place { file: table.file, at: value.span().start };
    let month = |v: &Spanned<DeValue<'_>>| {
        integer(v.get_ref()).and_then(|n| i8::try_from(n).ok()).filter(|n| (1..=12).contains(n))
    };
    let months = value.get_ref().as_array().and_then(|a| a.iter().map(month).collect());
    if months.is_none() {
        loader.say(place, "months 应是月份的列表", "写成 [3, 9]");
    }
    Some((months.unwrap_or_default(), place))
}

impl Draft {
    pub(super) fn read(
        loader: &mut Loader<'_>,
        file: usize,
        value: &Spanned<DeValue<'_>>,
    ) -> Option<(Self, Option<Raw>)> {
        let table = Table::open(loader, file, value, PROGRAMME_KEYS)?;
        let rows = table.tables(loader, "amount");
        let rows: Vec<DraftRow> =
            rows.into_iter().filter_map(|v| amount_row(loader, file, v)).collect();
        let on = table.get("on").is_some_and(|v| v.get_ref().as_bool() == Some(true));
        let overlay = table.raw(loader, "overlay");
        let draft = Self {
            place: table.place,
            key: table.need(loader, "key")?.text,
            title: table.raw(loader, "title"),
            title_en: table.text(loader, "title_en"),
            names: table.texts(loader, "names"),
            area: table.raw(loader, "area"),
            frame: table.raw(loader, "frame"),
            who: table.raw(loader, "who"),
            have: table.raw(loader, "have"),
            rhythm: table.raw(loader, "rhythm"),
            terms: table.raw(loader, "terms"),
            months: months(loader, &table),
            seen: table.raw(loader, "seen"),
            unit: table.raw(loader, "unit"),
            opens: table.get("opens").and_then(|v| day_rule(loader, file, v)),
            due: table.get("due").and_then(|v| day_rule(loader, file, v)),
            bearer: table.raw(loader, "bearer"),
            form: table.raw(loader, "form"),
            evidence: table.text(loader, "evidence"),
            off: table.text(loader, "off"),
            on,
            due_given: table.get("due").is_some(),
            amount_given: table.get("amount").is_some(),
            purpose: table.raw(loader, "purpose"),
            excludes: table.texts(loader, "excludes"),
            stacks: table.texts(loader, "stacks"),
            layers: if rows.is_empty() { Vec::new() } else { vec![rows] },
            origins: Vec::new(),
        };
        Some((draft, overlay))
    }

    /// Puts what an overlay says over what stands.
    pub(super) fn replaced_by(&mut self, new: Self) {
        fn over<T>(old: &mut Option<T>, new: Option<T>) {
            if new.is_some() {
                *old = new;
            }
        }
        over(&mut self.title, new.title);
        over(&mut self.title_en, new.title_en);
        over(&mut self.names, new.names);
        over(&mut self.area, new.area);
        over(&mut self.frame, new.frame);
        over(&mut self.who, new.who);
        over(&mut self.have, new.have);
        over(&mut self.rhythm, new.rhythm);
        over(&mut self.terms, new.terms);
        over(&mut self.months, new.months);
        over(&mut self.seen, new.seen);
        over(&mut self.unit, new.unit);
        over(&mut self.opens, new.opens);
        over(&mut self.due, new.due);
        over(&mut self.bearer, new.bearer);
        over(&mut self.form, new.form);
        over(&mut self.evidence, new.evidence);
        over(&mut self.purpose, new.purpose);
        over(&mut self.excludes, new.excludes);
        over(&mut self.stacks, new.stacks);
        if new.on {
            self.off = None;
        }
        over(&mut self.off, new.off);
        self.due_given |= new.due_given;
        self.amount_given |= new.amount_given;
        if !new.layers.is_empty() {
            self.layers = new.layers;
        }
    }
}

pub(super) struct DraftSet {
    pub(super) frame: FrameKind,
    pub(super) chinese: String,
    pub(super) english: String,
    pub(super) body: Raw,
}

/// How far up a scope stands: the nation, a province, a prefecture, a county.
pub fn level(scope: &str) -> Option<u8> {
    match scope {
        "CN" => Some(0),
        "county" => Some(3),
        _ if scope.len() == 6 && scope.bytes().all(|b| b.is_ascii_digit()) => {
            Some(if scope.ends_with("0000") {
                1
            } else if scope.ends_with("00") {
                2
            } else {
                3
            })
        }
        _ => None,
    }
}

#[derive(Default)]
pub(super) struct Drafts {
    pub(super) programmes: BTreeMap<String, Draft>,
    pub(super) sets: BTreeMap<(FrameKind, String), DraftSet>,
    pub(super) parameters: BTreeMap<String, Parameter>,
    pub(super) lists: BTreeMap<String, Listed>,
    pub(super) examples: Vec<(Example, Place)>,
}

/// What an overlay does to what stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Overlay {
    Add,
    Replace,
    Raise,
}

impl Overlay {
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Replace => "replace",
            Self::Raise => "raise",
        }
    }

    pub(super) fn read(
        loader: &mut Loader<'_>,
        raw: Option<&Raw>,
        exists: bool,
        place: Place,
        key: &str,
    ) -> Self {
        let given = raw.map(|r| (r.text.as_str(), r.place));
        match (given, exists) {
            (None | Some(("add", _)), false) => Self::Add,
            (Some(("replace", _)), true) => Self::Replace,
            (Some(("raise", _)), true) => Self::Raise,
            (Some(("replace" | "raise", at)), false) => {
                loader.say(
                    at,
                    format!("上级文件没有 {key} 可改"),
                    "核对 key，或改用 overlay = \"add\"",
                );
                Self::Add
            }
            (Some(("add", at)), true) => {
                loader.say(
                    at,
                    format!("{key} 已经有了"),
                    "改用 overlay = \"replace\" 或 \"raise\"",
                );
                Self::Replace
            }
            (None, true) => {
                loader.say(
                    place,
                    format!("{key} 已经有了"),
                    "说明 overlay = \"replace\" 或 \"raise\"，或换一个 key",
                );
                Self::Replace
            }
            (Some((other, at)), _) => {
                loader.say(at, format!("没有叫 {other} 的覆盖方式"), "用 add、replace、raise");
                if exists { Self::Replace } else { Self::Add }
            }
        }
    }
}

pub(super) fn read_file(
    loader: &mut Loader<'_>,
    drafts: &mut Drafts,
    file: usize,
    root: &Spanned<DeValue<'_>>,
) {
    let Some(root) = Table::open(
        loader,
        file,
        root,
        &["scope", "title", "sets", "parameter", "list", "programme", "example"],
    ) else {
        return;
    };
    let origin: Arc<str> = loader.files[file].path.into();
    if let Some(value) = root.get("sets") {
        read_sets(loader, drafts, file, value);
    }
    for value in root.tables(loader, "parameter") {
        read_parameter(loader, drafts, file, value);
    }
    for value in root.tables(loader, "list") {
        read_list(loader, drafts, file, value);
    }
    for value in root.tables(loader, "programme") {
        let Some((mut new, overlay)) = Draft::read(loader, file, value) else { continue };
        let exists = drafts.programmes.contains_key(&new.key);
        let how = Overlay::read(loader, overlay.as_ref(), exists, new.place, &new.key);
        let origin = (Arc::clone(&origin), Arc::from(how.code()));
        match (how, drafts.programmes.get_mut(&new.key)) {
            (Overlay::Replace, Some(old)) => {
                old.origins.push(origin);
                old.replaced_by(new);
            }
            (Overlay::Raise, Some(old)) => {
                old.origins.push(origin);
                old.layers.append(&mut new.layers);
            }
            _ => {
                new.origins.push(origin);
                drafts.programmes.insert(new.key.clone(), new);
            }
        }
    }
    for value in root.tables(loader, "example") {
        let Some(table) = Table::open(
            loader,
            file,
            value,
            &["programme", "period", "as_of", "columns", "rest", "rows"],
        ) else {
            continue;
        };
        let programme = table.need(loader, "programme");
        let period = table.need(loader, "period");
        let as_of = table.text(loader, "as_of");
        let columns = table.texts(loader, "columns").unwrap_or_default();
        let rest = table.text(loader, "rest");
        let rows = table.texts(loader, "rows").unwrap_or_default();
        let (Some(programme), Some(period)) = (programme, period) else { continue };
        let Some(found) = Period::parse(&period.text) else {
            loader.say(
                period.place,
                format!("“{}”不是期间", period.text),
                "写成 2024A、2024-09、SY2024 或 once",
            );
            continue;
        };
        let example = Example {
            origin: Arc::clone(&origin),
            programme: programme.text,
            period: found,
            as_of: as_of.and_then(|t| t.parse().ok()),
            columns: columns.into_iter().map(|r| r.text).collect(),
            rest_is_no: rest.as_deref() == Some("no"),
            rows: rows.into_iter().map(|r| r.text).collect(),
        };
        drafts.examples.push((example, programme.place));
    }
}

pub(super) fn read_sets(
    loader: &mut Loader<'_>,
    drafts: &mut Drafts,
    file: usize,
    value: &Spanned<DeValue<'_>>,
) {
    let Some(frames) = value.get_ref().as_table() else {
        loader.say(Place { file, at: value.span().start }, "sets 应是表", "写成 [sets.pupil]");
        return;
    };
    for (frame_key, sets) in frames {
        let place = Place { file, at: frame_key.span().start };
        let Some(frame) = FrameKind::from_code(frame_key.get_ref()) else {
            loader.say(
                place,
                format!("没有叫 {} 的对象", frame_key.get_ref()),
                frames_remedy(frame_key.get_ref()),
            );
            continue;
        };
        let Some(sets) = sets.get_ref().as_table() else {
            loader.say(place, "这里应是一张表", "写成 名字 = { is = \"…\", zh = \"…\" }");
            continue;
        };
        for (name, value) in sets {
            let place = Place { file, at: name.span().start };
            let name: &str = name.get_ref();
            let Some(table) = Table::open(loader, file, value, &["is", "zh", "en", "overlay"])
            else {
                continue;
            };
            let (is, zh) = (table.need(loader, "is"), table.need(loader, "zh"));
            let english = table.text(loader, "en").unwrap_or_else(|| name.replace('_', " "));
            let overlay = table.raw(loader, "overlay");
            if column_of(frame, name).is_some() {
                loader.say(place, format!("{name} 是列名，不能再作集合名"), "换一个名字");
                continue;
            }
            if name.is_empty()
                || !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
            {
                loader.say(place, format!("“{name}”不能作集合名"), "只用小写字母、数字和下划线");
                continue;
            }
            let key = (frame, name.to_owned());
            Overlay::read(loader, overlay.as_ref(), drafts.sets.contains_key(&key), place, name);
            if let (Some(body), Some(zh)) = (is, zh) {
                drafts.sets.insert(key, DraftSet { frame, chinese: zh.text, english, body });
            }
        }
    }
}

pub(super) fn frames_remedy(name: &str) -> String {
    nearest(name, FrameKind::ALL.iter().map(|k| k.code())).map_or_else(
        || {
            let all: Vec<&str> = FrameKind::ALL.iter().map(|k| k.code()).collect();
            format!("可用 {}", all.join("、"))
        },
        |n| format!("最接近的是 {n}"),
    )
}

pub(super) fn read_parameter(
    loader: &mut Loader<'_>,
    drafts: &mut Drafts,
    file: usize,
    value: &Spanned<DeValue<'_>>,
) {
    let Some(table) = Table::open(loader, file, value, &["key", "zh", "unit", "overlay", "rows"])
    else {
        return;
    };
    let (key, zh, unit) =
        (table.need(loader, "key"), table.need(loader, "zh"), table.text(loader, "unit"));
    let overlay = table.raw(loader, "overlay");
    let mut rows = Vec::new();
    for value in table.tables(loader, "rows") {
        let Some(row) = Table::open(loader, file, value, &["from", "to", "value", "basis", "mark"])
        else {
            continue;
        };
        let dated = dated(loader, &row);
        let number = row.get("value").and_then(|v| integer(v.get_ref()));
        if number.is_none() {
            loader.say(row.place, "value 应是整数", "写成 value = 6");
        }
        if let (Some(d), Some(value)) = (dated, number) {
            let row =
                DatedNumber { from: d.from, to: d.to, value, basis: d.basis.into(), mark: d.mark };
            rows.push((row, table.place));
        }
    }
    in_line(loader, rows.iter().map(|(r, p)| (r.from, r.to, *p)).collect());
    let (Some(key), Some(zh)) = (key, zh) else { return };
    Overlay::read(
        loader,
        overlay.as_ref(),
        drafts.parameters.contains_key(&key.text),
        key.place,
        &key.text,
    );
    drafts.parameters.insert(
        key.text.clone(),
        Parameter {
            key: key.text.into(),
            chinese: zh.text.into(),
            unit: unit.unwrap_or_default().into(),
            rows: rows.into_iter().map(|(r, _)| r).collect(),
        },
    );
}

pub(super) fn read_list(
    loader: &mut Loader<'_>,
    drafts: &mut Drafts,
    file: usize,
    value: &Spanned<DeValue<'_>>,
) {
    let Some(table) = Table::open(loader, file, value, &["key", "zh", "overlay", "rows"]) else {
        return;
    };
    let (key, zh) = (table.need(loader, "key"), table.need(loader, "zh"));
    let overlay = table.raw(loader, "overlay");
    let mut rows = Vec::new();
    for value in table.tables(loader, "rows") {
        let Some(row) = Table::open(loader, file, value, &["from", "to", "items", "basis", "mark"])
        else {
            continue;
        };
        let dated = dated(loader, &row);
        let items = row.texts(loader, "items").unwrap_or_default();
        if let Some(d) = dated {
            let items = items.into_iter().map(|r| Arc::from(r.text)).collect();
            let list =
                DatedList { from: d.from, to: d.to, items, basis: d.basis.into(), mark: d.mark };
            rows.push((list, row.place));
        }
    }
    in_line(loader, rows.iter().map(|(r, p)| (r.from, r.to, *p)).collect());
    let (Some(key), Some(zh)) = (key, zh) else { return };
    Overlay::read(
        loader,
        overlay.as_ref(),
        drafts.lists.contains_key(&key.text),
        key.place,
        &key.text,
    );
    drafts.lists.insert(
        key.text.clone(),
        Listed {
            key: key.text.into(),
            chinese: zh.text.into(),
            rows: rows.into_iter().map(|(r, _)| r).collect(),
        },
    );
}

/// Dated rows neither overlap nor leave a day between them.
pub(super) fn in_line(loader: &mut Loader<'_>, mut rows: Vec<Span>) {
    rows.sort_by_key(|(from, to, place)| (*from, *to, place.at));
    for pair in rows.windows(2) {
        let ((_, to, _), (from, _, place)) = (pair[0], pair[1]);
        match to {
            Some(to) if to < from => {
                if to.tomorrow().ok() != Some(from) {
                    loader.say(
                        place,
                        format!("{to} 之后到 {from} 之前没有规定"),
                        "改起止日期，或补一行",
                    );
                }
            }
            _ => loader.say(place, format!("从 {from} 起与前一行重叠"), "给前一行写上 to"),
        }
    }
}
