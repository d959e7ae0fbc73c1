//! Policy files to a [`PolicySet`], with every fault at its line and column.

use std::collections::BTreeMap;
use std::sync::Arc;

use fujiao_model::{AidForm, Area, Period, Unit};
use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::ColumnId;
use crate::column::{FrameKind, column, column_of};
use crate::expr::{self, Bool, Named, Num, Scope, SetResult, Sum, Typed};
use crate::fault::{PolicyFault, nearest};
use crate::programme::{AmountRow, DayRule, Mark, Programme, Rhythm, Terms};
use crate::set::{
    DatedList, DatedNumber, Example, Listed, Parameter, PolicyFile, PolicySet, plain,
};

/// Most reasons and columns that one programme can tell apart.
const MAX_REASONS: usize = 100;

/// A text of a file and where it stands.
#[derive(Clone, Debug)]
struct Raw {
    place: Place,
    /// Whether each byte of the text is a byte of the file: no escapes.
    exact: bool,
    text: String,
}

/// A byte of a file.
#[derive(Clone, Copy, Debug)]
struct Place {
    file: usize,
    at: usize,
}

struct Loader<'a> {
    files: &'a [PolicyFile<'a>],
    faults: Vec<PolicyFault>,
}

impl Loader<'_> {
    fn say(&mut self, place: Place, reason: impl Into<String>, remedy: impl Into<String>) {
        let file = &self.files[place.file];
        let mut at = place.at.min(file.text.len());
        while !file.text.is_char_boundary(at) {
            at -= 1;
        }
        let before = &file.text[..at];
        let line_start = before.rfind('\n').map_or(0, |n| n + 1);
        self.faults.push(PolicyFault {
            file: file.path.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            reason: reason.into(),
            remedy: remedy.into(),
        });
    }
}

/// A table of a file, read key by key; what is left over is a fault.
struct Table<'a, 't> {
    file: usize,
    place: Place,
    entries: &'t DeTable<'a>,
    known: &'static [&'static str],
}

impl<'a, 't> Table<'a, 't> {
    fn open(
        loader: &mut Loader<'_>,
        file: usize,
        value: &'t Spanned<DeValue<'a>>,
        known: &'static [&'static str],
    ) -> Option<Self> {
        let place = Place { file, at: value.span().start };
        let Some(table) = value.get_ref().as_table() else {
            loader.say(place, "这里应是一张表", "写成 { … } 或 [[…]]");
            return None;
        };
        let out = Self { file, place, entries: table, known };
        out.only_known(loader);
        Some(out)
    }

    fn only_known(&self, loader: &mut Loader<'_>) {
        for key in self.entries.keys() {
            let name: &str = key.get_ref();
            if !self.known.contains(&name) {
                let remedy = nearest(name, self.known.iter().copied()).map_or_else(
                    || format!("可用 {}", self.known.join("、")),
                    |n| format!("最接近的是 {n}"),
                );
                loader.say(
                    Place { file: self.file, at: key.span().start },
                    format!("没有叫 {name} 的项"),
                    remedy,
                );
            }
        }
    }

    fn get(&self, key: &str) -> Option<&'t Spanned<DeValue<'a>>> {
        debug_assert!(self.known.contains(&key), "{key} is not listed");
        self.entries.iter().find(|(k, _)| k.get_ref() == key).map(|(_, v)| v)
    }

    fn raw(&self, loader: &mut Loader<'_>, key: &str) -> Option<Raw> {
        raw(loader, self.file, self.get(key)?)
    }

    fn text(&self, loader: &mut Loader<'_>, key: &str) -> Option<String> {
        self.raw(loader, key).map(|r| r.text)
    }

    fn need(&self, loader: &mut Loader<'_>, key: &str) -> Option<Raw> {
        if self.get(key).is_none() {
            loader.say(self.place, format!("缺 {key}"), format!("补上 {key} = …"));
        }
        self.raw(loader, key)
    }

    fn texts(&self, loader: &mut Loader<'_>, key: &str) -> Option<Vec<Raw>> {
        let value = self.get(key)?;
        let Some(array) = value.get_ref().as_array() else {
            loader.say(
                Place { file: self.file, at: value.span().start },
                format!("{key} 应是列表"),
                "写成 [\"…\", \"…\"]",
            );
            return None;
        };
        Some(array.iter().filter_map(|v| raw(loader, self.file, v)).collect())
    }

    fn tables(&self, loader: &mut Loader<'_>, key: &str) -> Vec<&'t Spanned<DeValue<'a>>> {
        let Some(value) = self.get(key) else { return Vec::new() };
        if let Some(array) = value.get_ref().as_array() {
            array.iter().collect()
        } else {
            loader.say(
                Place { file: self.file, at: value.span().start },
                format!("{key} 应是一组表"),
                format!("写成 [[{key}]]"),
            );
            Vec::new()
        }
    }
}

fn raw(loader: &mut Loader<'_>, file: usize, value: &Spanned<DeValue<'_>>) -> Option<Raw> {
    let span = value.span();
    let Some(text) = value.get_ref().as_str() else {
        loader.say(Place { file, at: span.start }, "这里应是文字", "加上引号");
        return None;
    };
    let source = loader.files[file].text.get(span.clone()).unwrap_or("");
    let quotes = if source.starts_with("\"\"\"") || source.starts_with("'''") { 3 } else { 1 };
    let start = source.get(quotes..).map_or(quotes, |s| {
        quotes
            + usize::from(quotes == 3)
                * s.chars()
                    .take_while(|c| matches!(c, '\r' | '\n'))
                    .take(2)
                    .map(char::len_utf8)
                    .sum::<usize>()
    });
    let exact = source.get(start..).is_some_and(|s| s.starts_with(text));
    let at = if exact { span.start + start } else { span.start };
    Some(Raw { place: Place { file, at }, exact, text: text.to_owned() })
}

fn integer(value: &DeValue<'_>) -> Option<i64> {
    let n = value.as_integer()?;
    i64::from_str_radix(&n.as_str().replace('_', ""), n.radix()).ok()
}

/// First and last day of what a file writes: a term, a month, a day or a year.
pub(crate) fn days_of(text: &str) -> Option<(Date, Date)> {
    let text = text.trim();
    let period = Period::parse(text).filter(|p| *p != Period::Once)?;
    period.days()
}

struct Dated {
    from: Date,
    to: Option<Date>,
    from_text: String,
    basis: String,
    mark: Mark,
}

fn dated(loader: &mut Loader<'_>, table: &Table<'_, '_>) -> Option<Dated> {
    let from = table.need(loader, "from");
    let to = table.raw(loader, "to");
    let basis = table.need(loader, "basis");
    let mark = table.need(loader, "mark");
    let mut day = |raw: &Raw, last: bool| {
        let found = days_of(&raw.text).map(|(first, end)| if last { end } else { first });
        if found.is_none() {
            loader.say(
                raw.place,
                format!("“{}”不是学期、月份或日期", raw.text),
                "写成 2024S、2024A、2024-09 或 2024-09-01",
            );
        }
        found
    };
    let from_text = from.as_ref()?.text.clone();
    let from_day = day(from.as_ref()?, false);
    let to_day = match &to {
        Some(to) => Some(day(to, true)?),
        None => None,
    };
    let mark = mark.and_then(|raw| {
        let found = Mark::from_code(&raw.text);
        if found.is_none() {
            loader.say(raw.place, format!("没有叫 {} 的可信度", raw.text), "用 V*、V、K、U");
        }
        found
    });
    let basis = basis?;
    if basis.text.trim().is_empty() {
        loader.say(basis.place, "依据是空的", "写上文件名和文号");
    }
    let from = from_day?;
    if to_day.is_some_and(|to| to < from) {
        loader.say(table.place, "止期在起期之前", "对调 from 和 to");
        return None;
    }
    Some(Dated { from, to: to_day, from_text, basis: basis.text, mark: mark? })
}

/// What a policy file says of an amount, before its names mean anything.
struct DraftRow {
    place: Place,
    dated: Dated,
    when: Option<Raw>,
    value: Result<i64, Raw>,
    yearly: bool,
    price: Option<i64>,
}

struct Draft {
    place: Place,
    key: String,
    title: Option<Raw>,
    title_en: Option<String>,
    names: Option<Vec<Raw>>,
    area: Option<Raw>,
    frame: Option<Raw>,
    who: Option<Raw>,
    have: Option<Raw>,
    rhythm: Option<Raw>,
    terms: Option<Raw>,
    unit: Option<Raw>,
    opens: Option<DraftDay>,
    due: Option<DraftDay>,
    bearer: Option<Raw>,
    form: Option<Raw>,
    evidence: Option<String>,
    off: Option<String>,
    on: bool,
    /// Whether the file gives them, be they right or wrong.
    due_given: bool,
    amount_given: bool,
    excludes: Option<Vec<Raw>>,
    layers: Vec<Vec<DraftRow>>,
    origins: Vec<(Arc<str>, Arc<str>)>,
}

#[derive(Clone)]
enum DraftDay {
    Rule(DayRule),
    Column(Raw, i16),
}

const PROGRAMME_KEYS: &[&str] = &[
    "key", "overlay", "title", "title_en", "names", "area", "frame", "who", "have", "rhythm",
    "terms", "unit", "opens", "due", "bearer", "form", "evidence", "off", "on", "excludes",
    "amount",
];

fn month_day(loader: &mut Loader<'_>, raw: &Raw) -> Option<(i8, i8)> {
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

fn day_rule(
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

fn amount_row(
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

impl Draft {
    fn read(
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
            excludes: table.texts(loader, "excludes"),
            layers: if rows.is_empty() { Vec::new() } else { vec![rows] },
            origins: Vec::new(),
        };
        Some((draft, overlay))
    }

    /// Puts what an overlay says over what stands.
    fn replaced_by(&mut self, new: Self) {
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
        over(&mut self.unit, new.unit);
        over(&mut self.opens, new.opens);
        over(&mut self.due, new.due);
        over(&mut self.bearer, new.bearer);
        over(&mut self.form, new.form);
        over(&mut self.evidence, new.evidence);
        over(&mut self.excludes, new.excludes);
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

struct DraftSet {
    frame: FrameKind,
    chinese: String,
    body: Raw,
}

/// How far up a scope stands: the nation, a province, a prefecture, a county.
fn level(scope: &str) -> Option<u8> {
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
struct Drafts {
    programmes: BTreeMap<String, Draft>,
    sets: BTreeMap<(FrameKind, String), DraftSet>,
    parameters: BTreeMap<String, Parameter>,
    lists: BTreeMap<String, Listed>,
    examples: Vec<(Example, Place)>,
}

/// What an overlay does to what stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Overlay {
    Add,
    Replace,
    Raise,
}

impl Overlay {
    const fn code(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Replace => "replace",
            Self::Raise => "raise",
        }
    }

    fn read(
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

fn read_file(
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

fn read_sets(
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
            let Some(table) = Table::open(loader, file, value, &["is", "zh", "overlay"]) else {
                continue;
            };
            let (is, zh) = (table.need(loader, "is"), table.need(loader, "zh"));
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
                drafts.sets.insert(key, DraftSet { frame, chinese: zh.text, body });
            }
        }
    }
}

fn frames_remedy(name: &str) -> String {
    nearest(name, FrameKind::ALL.iter().map(|k| k.code())).map_or_else(
        || {
            let all: Vec<&str> = FrameKind::ALL.iter().map(|k| k.code()).collect();
            format!("可用 {}", all.join("、"))
        },
        |n| format!("最接近的是 {n}"),
    )
}

fn read_parameter(
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

fn read_list(
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
fn in_line(loader: &mut Loader<'_>, mut rows: Vec<Span>) {
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

type SetKey = (FrameKind, String);

/// First day, last day, and where the row stands.
type Span = (Date, Option<Date>, Place);

/// Compiles named sets on demand, so that they may stand in any order; a circle is a fault.
struct Sets<'a> {
    drafts: &'a BTreeMap<(FrameKind, String), DraftSet>,
    params: &'a [Arc<str>],
    /// `None` while it is being compiled.
    done: std::cell::RefCell<BTreeMap<SetKey, Option<SetResult>>>,
    faults: std::cell::RefCell<Vec<(Place, String, String)>>,
}

impl Sets<'_> {
    fn names(&self, frame: FrameKind) -> Vec<String> {
        self.drafts.keys().filter(|(f, _)| *f == frame).map(|(_, n)| n.clone()).collect()
    }

    fn find(&self, frame: FrameKind, name: &str) -> Option<SetResult> {
        let key = (frame, name.to_owned());
        let draft = self.drafts.get(&key)?;
        if let Some(known) = self.done.borrow().get(&key) {
            return Some(known.clone().unwrap_or_else(|| {
                self.faults.borrow_mut().push((
                    draft.body.place,
                    format!("集合 {name} 绕回了自己"),
                    "断开这个圈".to_owned(),
                ));
                Err(())
            }));
        }
        if self.done.borrow().values().filter(|d| d.is_none()).count() >= 16 {
            self.faults.borrow_mut().push((
                draft.body.place,
                "集合套集合超过 16 层".to_owned(),
                "减少层数".to_owned(),
            ));
            return Some(Err(()));
        }
        self.done.borrow_mut().insert(key.clone(), None);
        let result = self.compile(frame, &draft.body).map(|(body, weight)| {
            Arc::new(Named {
                name: name.into(),
                chinese: draft.chinese.as_str().into(),
                body,
                weight,
            })
        });
        self.done.borrow_mut().insert(key, Some(result.clone()));
        Some(result)
    }

    fn compile(&self, frame: FrameKind, raw: &Raw) -> Result<(Typed, usize), ()> {
        let names = self.names(frame);
        let scope = Scope {
            frame,
            set: &|name| self.find(frame, name),
            set_names: &names,
            params: self.params,
        };
        expr::compile(&raw.text, &scope).map_err(|faults| {
            for f in faults {
                let at = if raw.exact { raw.place.at + f.at } else { raw.place.at };
                self.faults.borrow_mut().push((
                    Place { file: raw.place.file, at },
                    f.reason,
                    f.remedy,
                ));
            }
        })
    }

    fn mistyped(&self, raw: &Raw, wanted: &str) {
        self.faults.borrow_mut().push((
            raw.place,
            format!("这个表达式应得出{wanted}"),
            "核对比较和列的类型".to_owned(),
        ));
    }

    fn truth(&self, frame: FrameKind, raw: &Raw) -> Option<Bool> {
        if let Typed::Bool(b) = self.compile(frame, raw).ok()?.0 {
            return Some(b);
        }
        self.mistyped(raw, "是/否");
        None
    }

    fn number(&self, frame: FrameKind, raw: &Raw) -> Option<Num> {
        if let Typed::Int(n) = self.compile(frame, raw).ok()?.0 {
            return Some(n);
        }
        self.mistyped(raw, "整数");
        None
    }
}

/// Reads one code of a table from a draft's field, or says what may stand there.
fn coded<T: Copy>(
    loader: &mut Loader<'_>,
    draft: &Draft,
    (key, raw): (&str, Option<&Raw>),
    all: &[(&'static str, T)],
) -> Option<T> {
    let Some(raw) = raw else {
        loader.say(draft.place, format!("{} 缺 {key}", draft.key), format!("补上 {key} = \"…\""));
        return None;
    };
    if let Some((_, value)) = all.iter().find(|(code, _)| *code == raw.text) {
        return Some(*value);
    }
    let codes: Vec<&str> = all.iter().map(|(c, _)| *c).collect();
    let remedy = nearest(&raw.text, codes.iter().copied())
        .map_or_else(|| format!("可用 {}", codes.join("、")), |n| format!("最接近的是 {n}"));
    loader.say(raw.place, format!("{key} 没有“{}”", raw.text), remedy);
    None
}

/// What every programme must say, whatever else it says.
fn whole(loader: &mut Loader<'_>, draft: &Draft, keys: &[String]) {
    for (key, missing) in [
        ("title", draft.title.is_none()),
        ("who", draft.who.is_none()),
        ("due", !draft.due_given),
        ("bearer", draft.bearer.is_none()),
    ] {
        if missing {
            loader.say(draft.place, format!("{} 缺 {key}", draft.key), format!("补上 {key}"));
        }
    }
    if !draft.amount_given && draft.off.is_none() {
        loader.say(
            draft.place,
            format!("{} 没有数额", draft.key),
            "补上 [[programme.amount]]，或用 off 说明为什么关着",
        );
    }
    for raw in draft.excludes.iter().flatten() {
        if !keys.contains(&raw.text) {
            let remedy = nearest(&raw.text, keys.iter().map(String::as_str))
                .map_or_else(|| "核对项目的 key".to_owned(), |n| format!("最接近的是 {n}"));
            loader.say(raw.place, format!("没有叫 {} 的项目", raw.text), remedy);
        }
    }
    if let Some(raw) = &draft.bearer {
        let rest = raw.text.replace("{town}", "").replace("{school}", "");
        if rest.contains(['{', '}']) {
            loader.say(raw.place, "责任人里有不认识的占位", "只用 {town} 和 {school}");
        }
    }
}

fn finish_day(
    loader: &mut Loader<'_>,
    frame: FrameKind,
    rule: Option<&DraftDay>,
) -> Option<DayRule> {
    match rule {
        None => Some(DayRule::Start),
        Some(DraftDay::Rule(rule)) => Some(rule.clone()),
        Some(DraftDay::Column(raw, months)) => match column_of(frame, &raw.text) {
            Some(id) if column(id).column_type.name() == "date" => {
                Some(DayRule::AfterColumn(id, *months))
            }
            _ => {
                loader.say(
                    raw.place,
                    format!("{}没有叫 {} 的日期列", frame.chinese(), raw.text),
                    "日期列见 docs/columns.md",
                );
                None
            }
        },
    }
}

/// Every column that the answer can depend on, in the order of the rule.
fn columns_used(who: &[Bool], layers: &[Vec<AmountRow>]) -> Vec<ColumnId> {
    let mut columns = Vec::new();
    for part in who {
        expr::columns_of_bool(part, &mut columns);
    }
    for row in layers.iter().flatten() {
        if let Some(when) = &row.when {
            expr::columns_of_bool(when, &mut columns);
        }
        expr::columns_of_num(&row.value, &mut columns);
    }
    columns
}

fn finish(
    loader: &mut Loader<'_>,
    sets: &Sets<'_>,
    draft: Draft,
    keys: &[String],
) -> Option<Programme> {
    let frames: Vec<_> = FrameKind::ALL.iter().map(|k| (k.code(), *k)).collect();
    let areas: Vec<_> = Area::ALL.iter().map(|a| (a.code(), *a)).collect();
    let units: Vec<_> = Unit::ALL.iter().map(|u| (u.code(), *u)).collect();
    let forms: Vec<_> = AidForm::ALL.iter().map(|f| (f.code(), *f)).collect();
    let rhythms = [Rhythm::Term, Rhythm::Month, Rhythm::SchoolYear, Rhythm::Year, Rhythm::Once]
        .map(|r| (r.code(), r));
    let terms = [("all", Terms::All), ("autumn", Terms::Autumn), ("spring", Terms::Spring)];
    let frame = coded(loader, &draft, ("frame", draft.frame.as_ref()), &frames);
    let area = coded(loader, &draft, ("area", draft.area.as_ref()), &areas);
    let unit = coded(loader, &draft, ("unit", draft.unit.as_ref()), &units);
    let rhythm = coded(loader, &draft, ("rhythm", draft.rhythm.as_ref()), &rhythms);
    let form = match &draft.form {
        Some(raw) => coded(loader, &draft, ("form", Some(raw)), &forms),
        None => None,
    };
    let terms = match &draft.terms {
        Some(raw) => coded(loader, &draft, ("terms", Some(raw)), &terms)?,
        None => Terms::All,
    };
    whole(loader, &draft, keys);
    let frame = frame?;
    let opens_on = finish_day(loader, frame, draft.opens.as_ref());
    let due_on = finish_day(loader, frame, draft.due.as_ref());
    let who_raw = draft.who?;
    let who = sets.truth(frame, &who_raw);
    let have = match &draft.have {
        Some(raw) => Some(sets.number(frame, raw)?),
        None => None,
    };
    let mut layers = Vec::new();
    for rows in &draft.layers {
        no_overlap(loader, rows);
        let rows: Vec<Option<AmountRow>> =
            rows.iter().map(|r| finish_row(loader, sets, frame, rhythm, r)).collect();
        layers.push(rows.into_iter().flatten().collect::<Vec<_>>());
    }
    let who = match who? {
        Bool::All(parts) => parts,
        one => vec![one],
    };
    let columns = columns_used(&who, &layers);
    if who.len() > MAX_REASONS || columns.len() > MAX_REASONS {
        loader.say(
            who_raw.place,
            format!("条件或列超过 {MAX_REASONS} 个"),
            "把一部分写成 [sets] 里的命名集合",
        );
        return None;
    }
    let title: Arc<str> = draft.title?.text.into();
    let mut names: Vec<Arc<str>> = vec![Arc::clone(&title)];
    for raw in draft.names.into_iter().flatten() {
        if !names.iter().any(|n| **n == *raw.text) {
            names.push(raw.text.into());
        }
    }
    Some(Programme {
        key: draft.key.into(),
        area: area?,
        frame,
        title,
        title_en: draft.title_en.unwrap_or_default().into(),
        names,
        rhythm: rhythm?,
        terms,
        unit: unit?,
        opens_on: opens_on?,
        due_on: due_on?,
        bearer: draft.bearer?.text.into(),
        form,
        evidence: draft.evidence.unwrap_or_default().into(),
        off: draft.off.map(Into::into),
        excludes: draft.excludes.into_iter().flatten().map(|r| r.text.into()).collect(),
        origins: draft.origins,
        layers,
        who_text: who_raw.text.into(),
        who,
        have,
        columns,
    })
}

fn finish_row(
    loader: &mut Loader<'_>,
    sets: &Sets<'_>,
    frame: FrameKind,
    rhythm: Option<Rhythm>,
    row: &DraftRow,
) -> Option<AmountRow> {
    let when = match &row.when {
        Some(raw) => Some(sets.truth(frame, raw)?),
        None => None,
    };
    let mut value = match &row.value {
        Ok(n) => Num::Const(*n),
        Err(raw) => sets.number(frame, raw)?,
    };
    if row.yearly {
        if rhythm != Some(Rhythm::Term) {
            loader.say(
                row.place,
                "只有按学期的项目能按年写数额",
                "去掉 per，或把 rhythm 改为 term",
            );
        }
        value = match value {
            Num::Const(n) => Num::Const(n / 2),
            n => Num::Sum(Sum::Div, Box::new((n, Num::Const(2)))),
        };
    }
    Some(AmountRow {
        from: row.dated.from,
        to: row.dated.to,
        from_text: row.dated.from_text.as_str().into(),
        basis: row.dated.basis.as_str().into(),
        mark: row.dated.mark,
        price: row.price,
        when,
        value,
    })
}

/// Rows for the same people neither overlap nor leave days between them; a row for everybody hides none after it.
fn no_overlap(loader: &mut Loader<'_>, rows: &[DraftRow]) {
    let mut groups: BTreeMap<&str, Vec<Span>> = BTreeMap::new();
    for row in rows {
        let when = row.when.as_ref().map_or("", |w| w.text.trim());
        groups.entry(when).or_default().push((row.dated.from, row.dated.to, row.place));
    }
    for group in groups.into_values() {
        in_line(loader, group);
    }
    for (i, later) in rows.iter().enumerate() {
        let hidden = rows[..i].iter().any(|earlier| {
            let (a, b) = (&earlier.dated, &later.dated);
            earlier.when.is_none()
                && later.when.is_some()
                && b.to.is_none_or(|to| a.from <= to)
                && a.to.is_none_or(|to| b.from <= to)
        });
        if hidden {
            loader.say(later.place, "前面对所有人的一行已经盖住了这一行", "把带 when 的行写在前面");
        }
    }
    let mut spans: Vec<Span> = rows.iter().map(|r| (r.dated.from, r.dated.to, r.place)).collect();
    spans.sort_by_key(|(from, to, place)| (*from, *to, place.at));
    let mut covered: Option<Date> = None;
    for (i, (from, to, place)) in spans.into_iter().enumerate() {
        if i > 0
            && let Some(until) = covered
            && until < from
            && until.tomorrow().ok() != Some(from)
        {
            loader.say(
                place,
                format!("{until} 之后到 {from} 之前没有规定"),
                "改起止日期，或补一行",
            );
        }
        covered = match (i, covered, to) {
            (0, _, to) => to,
            (_, Some(a), Some(b)) => Some(a.max(b)),
            _ => None,
        };
        if covered.is_none() {
            break;
        }
    }
}

/// A name on payment lists means one programme, among those that are on.
fn names_once(loader: &mut Loader<'_>, programmes: &BTreeMap<String, Draft>) {
    let mut owners: BTreeMap<String, &str> = BTreeMap::new();
    for (key, draft) in programmes.iter().filter(|(_, d)| d.off.is_none()) {
        for raw in draft.title.iter().chain(draft.names.iter().flatten()) {
            let owner = *owners.entry(plain(&raw.text)).or_insert(key);
            if owner != key {
                loader.say(
                    raw.place,
                    format!("名称“{}”已经属于 {owner}", raw.text),
                    "一个名称只归一个项目，删去一处",
                );
            }
        }
    }
}

/// Reads a folder's files into one set, overlays last.
pub(crate) fn load(files: &[PolicyFile<'_>]) -> Result<PolicySet, Vec<PolicyFault>> {
    let mut loader = Loader { files, faults: Vec::new() };
    let mut order: Vec<(u8, usize, Spanned<DeValue<'_>>)> = Vec::new();
    for (file, source) in files.iter().enumerate() {
        let (root, errors) = DeTable::parse_recoverable(source.text);
        for error in errors {
            let at = error.span().map_or(0, |s| s.start);
            loader.say(
                Place { file, at },
                format!("不是合规的 TOML：{}", error.message()),
                "改正写法",
            );
        }
        let span = root.span();
        let root = Spanned::new(span, DeValue::Table(root.into_inner()));
        let scope = root.get_ref().get("scope");
        let found = scope.and_then(|s| level(s.get_ref().as_str()?));
        if found.is_none() {
            let at = scope.map_or(0, |s| s.span().start);
            loader.say(
                Place { file, at },
                "没说明适用范围",
                "写 scope = \"CN\"、省代码 \"610000\"、县代码或 \"county\"",
            );
        }
        order.push((found.unwrap_or(0), file, root));
    }
    order.sort_by(|a, b| (a.0, files[a.1].path).cmp(&(b.0, files[b.1].path)));
    let mut drafts = Drafts::default();
    for (_, file, root) in &order {
        read_file(&mut loader, &mut drafts, *file, root);
    }
    let params: Vec<Arc<str>> = drafts.parameters.values().map(|p| Arc::clone(&p.key)).collect();
    let sets = Sets {
        drafts: &drafts.sets,
        params: &params,
        done: std::cell::RefCell::default(),
        faults: std::cell::RefCell::default(),
    };
    for ((frame, name), draft) in &drafts.sets {
        debug_assert_eq!(*frame, draft.frame, "a set is kept under its frame");
        // The result is kept; its faults are told below.
        let _ = sets.find(*frame, name);
    }
    let keys: Vec<String> = drafts.programmes.keys().cloned().collect();
    names_once(&mut loader, &drafts.programmes);
    let mut programmes = Vec::new();
    for draft in std::mem::take(&mut drafts.programmes).into_values() {
        programmes.extend(finish(&mut loader, &sets, draft, &keys));
    }
    for (place, reason, remedy) in sets.faults.take() {
        loader.say(place, reason, remedy);
    }
    for (example, place) in &drafts.examples {
        if !keys.contains(&example.programme) {
            let remedy = nearest(&example.programme, keys.iter().map(String::as_str))
                .map_or_else(|| "核对项目的 key".to_owned(), |n| format!("最接近的是 {n}"));
            loader.say(*place, format!("没有叫 {} 的项目", example.programme), remedy);
        }
    }
    if !loader.faults.is_empty() {
        loader.faults.sort();
        loader.faults.dedup();
        return Err(loader.faults);
    }
    let set = PolicySet::new(
        files,
        programmes,
        drafts.parameters.into_values().collect(),
        drafts.lists.into_values().collect(),
        drafts.examples.into_iter().map(|(e, _)| e).collect(),
    );
    Ok(set)
}
