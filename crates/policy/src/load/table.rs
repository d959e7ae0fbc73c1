//! TOML tables, read key by key, and the place of everything in them.

use fujiao_model::Period;
use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::fault::{PolicyFault, nearest};
use crate::programme::Mark;
use crate::set::PolicyFile;

/// A text of a file and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Raw {
    pub(super) place: Place,
    /// Whether each byte of the text is a byte of the file: no escapes.
    pub(super) exact: bool,
    pub(super) text: String,
}

/// A byte of a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) file: usize,
    pub(super) at: usize,
}

pub(super) struct Loader<'a> {
    pub(super) files: &'a [PolicyFile<'a>],
    pub(super) faults: Vec<PolicyFault>,
    /// First byte of each line, by file.
    lines: Vec<Vec<usize>>,
}

impl<'a> Loader<'a> {
    pub(super) fn new(files: &'a [PolicyFile<'a>]) -> Self {
        let starts = |text: &str| {
            std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect()
        };
        Self { files, faults: Vec::new(), lines: files.iter().map(|f| starts(f.text)).collect() }
    }

    /// The file and line of a place.
    pub(super) fn line_of(&self, place: Place) -> (std::sync::Arc<str>, usize) {
        let lines = &self.lines[place.file];
        let line = lines.partition_point(|start| *start <= place.at);
        (self.files[place.file].path.into(), line.max(1))
    }

    pub(super) fn say(
        &mut self,
        place: Place,
        reason: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        let file = &self.files[place.file];
        let mut at = place.at.min(file.text.len());
        while !file.text.is_char_boundary(at) {
            at -= 1;
        }
        let lines = &self.lines[place.file];
        let line = lines.partition_point(|start| *start <= at);
        // A column beyond this helps nobody, and a line may be as long as the file.
        let column = file.text[lines[line - 1]..at].chars().take(9_999).count() + 1;
        self.faults.push(PolicyFault {
            file: file.path.to_owned(),
            line,
            column,
            reason: reason.into(),
            remedy: remedy.into(),
        });
    }
}

/// A table of a file, read key by key; what is left over is a fault.
pub(super) struct Table<'a, 't> {
    pub(super) file: usize,
    pub(super) place: Place,
    pub(super) entries: &'t DeTable<'a>,
    pub(super) known: &'static [&'static str],
}

impl<'a, 't> Table<'a, 't> {
    pub(super) fn open(
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

    pub(super) fn only_known(&self, loader: &mut Loader<'_>) {
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

    pub(super) fn get(&self, key: &str) -> Option<&'t Spanned<DeValue<'a>>> {
        debug_assert!(self.known.contains(&key), "{key} is not listed");
        self.entries.iter().find(|(k, _)| k.get_ref() == key).map(|(_, v)| v)
    }

    pub(super) fn raw(&self, loader: &mut Loader<'_>, key: &str) -> Option<Raw> {
        raw(loader, self.file, self.get(key)?)
    }

    pub(super) fn text(&self, loader: &mut Loader<'_>, key: &str) -> Option<String> {
        self.raw(loader, key).map(|r| r.text)
    }

    pub(super) fn need(&self, loader: &mut Loader<'_>, key: &str) -> Option<Raw> {
        if self.get(key).is_none() {
            loader.say(self.place, format!("缺 {key}"), format!("补上 {key} = …"));
        }
        self.raw(loader, key)
    }

    pub(super) fn texts(&self, loader: &mut Loader<'_>, key: &str) -> Option<Vec<Raw>> {
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

    pub(super) fn tables(
        &self,
        loader: &mut Loader<'_>,
        key: &str,
    ) -> Vec<&'t Spanned<DeValue<'a>>> {
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

pub(super) fn raw(
    loader: &mut Loader<'_>,
    file: usize,
    value: &Spanned<DeValue<'_>>,
) -> Option<Raw> {
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

pub(super) fn integer(value: &DeValue<'_>) -> Option<i64> {
    let n = value.as_integer()?;
    i64::from_str_radix(&n.as_str().replace('_', ""), n.radix()).ok()
}

/// First and last day of what a file writes: a term, a month, a day or a year.
pub(crate) fn days_of(text: &str) -> Option<(Date, Date)> {
    let text = text.trim();
    let period = Period::parse(text).filter(|p| *p != Period::Once)?;
    period.days()
}

pub(super) struct Dated {
    pub(super) from: Date,
    pub(super) to: Option<Date>,
    pub(super) from_text: String,
    pub(super) basis: String,
    pub(super) mark: Mark,
}

pub(super) fn dated(loader: &mut Loader<'_>, table: &Table<'_, '_>) -> Option<Dated> {
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

/// First day, last day, and where the row stands.
pub(super) type Span = (Date, Option<Date>, Place);
