use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::LazyLock;

use fujiao_model::{
    Area, ExcessKind, Field, FindingKind, Grade, Period, RosterKind, RowVerdict, Season, Sex, Unit,
};
use fujiao_office::aid::{AidError, BatchHold};
use fujiao_office::desk::{Origin, State, Title};
use fujiao_office::loans::LoanObjection;
use jiff::civil::Date;

/// A value as templates hand it over: plain, or behind one or two references.
pub(crate) trait As<T> {
    /// The value itself.
    fn get(self) -> T;
}

impl<T: Copy> As<T> for T {
    fn get(self) -> T {
        self
    }
}

impl<T: Copy> As<T> for &T {
    fn get(self) -> T {
        *self
    }
}

impl<T: Copy> As<T> for &&T {
    fn get(self) -> T {
        **self
    }
}

/// The texts of one language, from `locales/`, and how it writes numbers, days and periods.
pub(crate) struct Words {
    lang: Lang,
    texts: BTreeMap<String, String>,
}

/// A language of the pages. Chinese comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Lang {
    /// 中文
    #[default]
    Zh,
    /// English
    En,
}

static ZH: LazyLock<Words> =
    LazyLock::new(|| Words::read(Lang::Zh, include_str!("../../../locales/zh-CN.toml")));
static EN: LazyLock<Words> =
    LazyLock::new(|| Words::read(Lang::En, include_str!("../../../locales/en.toml")));

impl Lang {
    /// Its texts.
    pub(crate) fn words(self) -> &'static Words {
        match self {
            Self::Zh => &ZH,
            Self::En => &EN,
        }
    }

    /// Reads `zh`, `zh-CN` or `en`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "zh" | "zh-CN" => Some(Self::Zh),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// The word in the cookie and in addresses.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Zh => "zh",
            Self::En => "en",
        }
    }
}

impl Words {
    fn read(lang: Lang, text: &str) -> Self {
        let table: toml::Table = text.parse().expect("a test reads both locales");
        let mut texts = BTreeMap::new();
        flatten("", &table, &mut texts);
        Self { lang, texts }
    }

    /// `zh-CN` or `en`, for the `lang` attribute.
    pub(crate) fn tag(&self) -> &'static str {
        match self.lang {
            Lang::Zh => "zh-CN",
            Lang::En => "en",
        }
    }

    /// A text with as many values as it has places.
    fn fill(&self, key: &str, values: &[String]) -> String {
        let filled = values.iter().enumerate();
        filled.fold(self.text(key), |text, (at, value)| text.replace(&format!("{{{at}}}"), value))
    }

    /// Why a batch of aid cannot go on.
    pub(crate) fn hold(&self, hold: impl As<BatchHold>) -> String {
        let hold = hold.get();
        if self.english() {
            self.fill(&format!("hold.{}", hold.code()), &hold.about())
        } else {
            hold.to_string()
        }
    }

    /// What stands against an application for a loan.
    pub(crate) fn objection(&self, of: impl As<LoanObjection>) -> String {
        let of = of.get();
        if self.english() {
            let about = match of {
                LoanObjection::Ask(field) => self.of("asked", &field.replace('.', "_")),
                _ => of.about(),
            };
            self.fill(&format!("against.{}", of.code()), &[about])
        } else {
            fujiao_office::loans::objection(of)
        }
    }

    /// Why something cannot be done with aid: every reason, a line each.
    pub(crate) fn refusal(&self, error: &AidError) -> String {
        if !self.english() {
            return error.to_string();
        }
        let head = self.fill(&format!("refusal.{}", error.code()), &error.about());
        let more: Vec<String> = match error {
            AidError::Holds(holds) => holds.iter().map(|hold| self.hold(*hold)).collect(),
            AidError::Objections(all) => all.iter().map(|of| self.objection(*of)).collect(),
            AidError::Channel(faults) => faults
                .iter()
                .take(20)
                .map(|f| self.fill(&format!("file_fault.{}", f.code()), &f.about()))
                .collect(),
            AidError::Return(faults) => faults
                .iter()
                .map(|f| {
                    let said = self.fill(&format!("return_fault.{}", f.code()), &f.about());
                    match f.line {
                        Some(line) => format!("line {line}: {said}"),
                        None => said,
                    }
                })
                .collect(),
            AidError::NotNow { at, .. } => {
                return self.fill("refusal.not_now", &[self.of("aid.step", at.code())]);
            }
            _ => Vec::new(),
        };
        std::iter::once(head).chain(more).collect::<Vec<_>>().join("\n")
    }

    /// The other language, for the toggle.
    pub(crate) fn other(&self) -> Lang {
        match self.lang {
            Lang::Zh => Lang::En,
            Lang::En => Lang::Zh,
        }
    }

    fn english(&self) -> bool {
        self.lang == Lang::En
    }

    /// A text. A test finds keys that a locale lacks, so the key itself is never seen.
    pub(crate) fn s<'a>(&'a self, key: &'a str) -> &'a str {
        self.texts.get(key).map_or(key, String::as_str)
    }

    /// As [`Words::s`], for a key that is made up as one goes.
    pub(crate) fn text(&self, key: &str) -> String {
        self.s(key).to_owned()
    }

    /// The text of a code in a table: `visit.how`, `phone`.
    pub(crate) fn of(&self, table: &str, code: &str) -> String {
        self.text(&format!("{table}.{code}"))
    }

    /// The texts of a table, by their last names: for scripts.
    pub(crate) fn under(&self, table: &str) -> BTreeMap<&str, &str> {
        let texts = self.texts.iter();
        texts
            .filter_map(|(key, text)| {
                Some((key.strip_prefix(table)?.strip_prefix('.')?, text.as_str()))
            })
            .collect()
    }

    /// A text with one value for `{0}`.
    pub(crate) fn f1(&self, key: &str, a: impl Display) -> String {
        self.s(key).replace("{0}", &a.to_string())
    }

    /// A text with values for `{0}` and `{1}`.
    pub(crate) fn f2(&self, key: &str, a: impl Display, b: impl Display) -> String {
        self.f1(key, a).replace("{1}", &b.to_string())
    }

    /// A text with values for `{0}`, `{1}` and `{2}`.
    pub(crate) fn f3(
        &self,
        key: &str,
        a: impl Display,
        b: impl Display,
        c: impl Display,
    ) -> String {
        self.f2(key, a, b).replace("{2}", &c.to_string())
    }

    /// A moment as a clock in China shows it, to the minute.
    #[expect(
        clippy::unused_self,
        reason = "templates write all numbers and days through the words"
    )]
    pub(crate) fn clock(&self, at: impl As<jiff::Timestamp>) -> String {
        let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(8));
        zone.to_datetime(at.get()).strftime("%Y-%m-%d %H:%M").to_string()
    }

    /// A whole number in groups of three, minus as U+2212.
    #[expect(
        clippy::unused_self,
        reason = "templates write all numbers and days through the words"
    )]
    pub(crate) fn n(&self, n: impl As<i64>) -> String {
        let n = n.get();
        let digits = n.unsigned_abs().to_string();
        let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 3);
        if n < 0 {
            out.push('−');
        }
        for (i, c) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                out.push(',');
            }
            out.push(c);
        }
        out
    }

    /// A quantity without its unit.
    pub(crate) fn q(&self, unit: impl As<Unit>, quantity: impl As<i64>) -> String {
        let unit = unit.get();
        let quantity = quantity.get();
        match unit {
            Unit::Fen => unit.show(quantity),
            _ if unit.scale() == 1 => self.n(quantity),
            _ => {
                let shown = unit.show(quantity);
                shown.strip_suffix(".00").map_or(shown.clone(), str::to_owned)
            }
        }
    }

    /// Money on a card: in 万元 from ten thousand yuan on, where the language has the word.
    pub(crate) fn short_money(&self, fen: i64) -> String {
        if self.english() || fen.abs() < 1_000_000 {
            format!("{} {}", self.q(Unit::Fen, fen), self.unit(Unit::Fen))
        } else {
            format!("{} 万元", fujiao_model::Money::fen(fen).wan())
        }
    }

    /// A quantity with its unit.
    pub(crate) fn qu(&self, unit: impl As<Unit>, quantity: impl As<i64>) -> String {
        let unit = unit.get();
        let quantity = quantity.get();
        format!("{} {}", self.q(unit, quantity), self.unit(unit))
    }

    /// The name of a unit.
    pub(crate) fn unit(&self, unit: impl As<Unit>) -> &str {
        let unit = unit.get();
        match self.lang {
            Lang::Zh => unit.chinese(),
            Lang::En => self.texts.get(&format!("unit.{}", unit.code())).map_or("", |s| s),
        }
    }

    /// The unit of a tally; 件 where there is none.
    pub(crate) fn unit_or_count(&self, unit: Option<Unit>) -> &str {
        unit.map_or_else(|| self.s("unit.none"), |u| self.unit(u))
    }

    /// Hundredths of a percent as `97.0%`; the second decimal appears where the first would say 100.
    #[expect(
        clippy::unused_self,
        reason = "templates write all numbers and days through the words"
    )]
    pub(crate) fn percent(&self, hundredths: i64) -> String {
        let (whole, part) = (hundredths / 100, hundredths % 100);
        if whole == 99 && part >= 90 {
            format!("{whole}.{part:02}%")
        } else if hundredths == 10_000 {
            "100%".to_owned()
        } else {
            format!("{whole}.{}%", part / 10)
        }
    }

    /// A day, without the year inside the year of `today`.
    #[expect(
        clippy::unused_self,
        reason = "templates write all numbers and days through the words"
    )]
    pub(crate) fn day(&self, day: impl As<Option<Date>>, today: impl As<Option<Date>>) -> String {
        let day = day.get();
        let today = today.get();
        match day {
            None => "—".to_owned(),
            Some(d) if today.is_some_and(|t| t.year() == d.year()) => {
                format!("{:02}-{:02}", d.month(), d.day())
            }
            Some(d) => d.to_string(),
        }
    }

    /// The name of an area.
    pub(crate) fn area(&self, area: impl As<Area>) -> &str {
        self.area_word(area, "name")
    }

    /// How an area says 应, 已, or what one of its duties is: `due`, `done`, `what`.
    pub(crate) fn area_word(&self, area: impl As<Area>, word: &str) -> &str {
        let area = area.get();
        self.texts.get(&format!("area.{}.{word}", area.code())).map_or("", String::as_str)
    }

    /// A title in the language of the page.
    pub(crate) fn title<'a>(&self, title: &'a Title) -> &'a str {
        if self.english() { &title.en } else { &title.zh }
    }

    /// A period.
    pub(crate) fn period(&self, period: impl As<Option<Period>>) -> String {
        const MONTHS: [&str; 12] =
            ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let period = period.get();
        let english = self.english();
        match period {
            None => String::new(),
            Some(Period::Once) => self.s("period.once").to_owned(),
            Some(Period::Year(y)) if english => y.to_string(),
            Some(Period::Year(y)) => format!("{y} 年"),
            Some(Period::SchoolYear(y)) if english => format!("{y}–{}", y + 1),
            Some(Period::SchoolYear(y)) => format!("{y}—{} 学年", y + 1),
            Some(Period::Term(t)) => {
                let season = match t.season() {
                    Season::Autumn => self.s("period.autumn"),
                    Season::Spring => self.s("period.spring"),
                };
                if english {
                    format!("{season} {}", t.year())
                } else {
                    format!("{} 年{season}", t.year())
                }
            }
            Some(Period::Month(y, m)) if english => {
                let name = MONTHS[usize::try_from(m - 1).unwrap_or(0).min(11)];
                format!("{name} {y}")
            }
            Some(Period::Month(y, m)) => format!("{y} 年 {m} 月"),
            Some(Period::Day(d)) => d.to_string(),
        }
    }

    /// The class of a state's chip, and its text.
    pub(crate) fn state(&self, state: impl As<State>) -> (&'static str, String) {
        let state = state.get();
        match state {
            State::Done => ("ok", self.s("state.done").to_owned()),
            State::Open(0) => ("soon", self.s("state.today").to_owned()),
            State::Open(days @ 1..=3) => ("soon", self.f1("state.left", days)),
            State::Open(days) => ("", self.f1("state.left", days)),
            State::Overdue(days) => ("late", self.f1("state.late", days)),
        }
    }

    /// Whether the due date has passed.
    #[expect(
        clippy::unused_self,
        reason = "templates write all numbers and days through the words"
    )]
    pub(crate) fn is_late(&self, state: impl As<State>) -> bool {
        matches!(state.get(), State::Overdue(_))
    }

    /// The class of a verdict's chip.
    #[expect(
        clippy::unused_self,
        reason = "templates write all numbers and days through the words"
    )]
    pub(crate) fn verdict_chip(&self, verdict: impl As<RowVerdict>) -> &'static str {
        match verdict.get() {
            RowVerdict::Good => "ok",
            RowVerdict::Parked => "soon",
            RowVerdict::Refused => "gap",
        }
    }

    /// The class alone of a state's chip.
    pub(crate) fn chip(&self, state: impl As<State>) -> &'static str {
        self.state(state).0
    }

    /// The text alone of a state's chip.
    pub(crate) fn chip_text(&self, state: impl As<State>) -> String {
        self.state(state).1
    }

    /// 女, 男
    pub(crate) fn sex(&self, sex: impl As<Sex>) -> &str {
        let sex = sex.get();
        match sex {
            Sex::Female => self.s("person.female"),
            Sex::Male => self.s("person.male"),
        }
    }

    /// 七年级
    pub(crate) fn grade(&self, grade: impl As<Grade>) -> String {
        let grade = grade.get();
        if self.english() {
            self.f1(&format!("grade.{}", grade.stage().code()), grade.year())
        } else {
            grade.chinese().to_owned()
        }
    }

    /// A grade with its class: 七年级（2）班. Some offices write the grade into the class.
    pub(crate) fn class(&self, grade: impl As<Option<Grade>>, class: &str) -> String {
        let Some(grade) = grade.get() else { return class.to_owned() };
        let name = self.grade(grade);
        let first = name.chars().next();
        if class.is_empty() || class.starts_with(&name) {
            if class.is_empty() { name } else { class.to_owned() }
        } else if !self.english() && class.chars().next() == first {
            class.to_owned()
        } else if self.english() || class.starts_with(['（', '(']) {
            format!("{name} {class}").replace(" （", "（")
        } else {
            format!("{name} {class}")
        }
    }

    /// The name of a field.
    pub(crate) fn field(&self, field: impl As<Field>) -> String {
        let field = field.get();
        if self.english() {
            let words = field.code().replace('_', " ");
            let mut chars = words.chars();
            chars.next().map_or(String::new(), |c| c.to_uppercase().chain(chars).collect())
        } else {
            field.chinese().to_owned()
        }
    }

    /// What a sheet lists.
    pub(crate) fn roster(&self, kind: impl As<RosterKind>) -> String {
        let kind = kind.get();
        if self.english() {
            self.texts
                .get(&format!("roster.{}", kind.code()))
                .cloned()
                .unwrap_or_else(|| kind.code().replace('_', " "))
        } else {
            kind.chinese().to_owned()
        }
    }

    /// Where a record stands: file, and row.
    pub(crate) fn origin(&self, origin: &Origin) -> String {
        self.f2("line.origin", &origin.file, origin.row)
    }

    /// What a long job does, as the office names its steps.
    pub(crate) fn step<'a>(&'a self, step: &'a str) -> &'a str {
        let key = match step {
            "收名册" => "job.step_import",
            "认人" => "job.step_link",
            "算应办" => "job.step_assess",
            "结差数" => "job.step_settle",
            "写报告" => "job.step_report",
            "算路" => "job.step_travel",
            "选校" => "job.step_sites",
            "预测" => "job.step_ahead",
            "读台账" => "job.step_read",
            "一所不并" => "job.step_none",
            "多花少走" => "job.step_curve",
            "核对" => "job.step_check",
            "排教师" => "job.step_teachers",
            "排位子" => "job.step_places",
            "排资金" => "job.step_money",
            _ => return step,
        };
        self.s(key)
    }

    /// What became of a row.
    pub(crate) fn verdict(&self, verdict: impl As<RowVerdict>) -> &str {
        let verdict = verdict.get();
        match verdict {
            RowVerdict::Good => self.s("verdict.good"),
            RowVerdict::Parked => self.s("verdict.parked"),
            RowVerdict::Refused => self.s("verdict.refused"),
        }
    }

    /// What is wrong with a cell or row.
    pub(crate) fn finding(&self, kind: impl As<Option<FindingKind>>) -> &str {
        let kind = kind.get();
        match (kind, self.lang) {
            (None, _) => "",
            (Some(kind), Lang::Zh) => kind.chinese(),
            (Some(kind), Lang::En) => {
                self.texts.get(&format!("finding.{}", kind.code())).map_or("", String::as_str)
            }
        }
    }

    /// 不应, 重复, 超出
    pub(crate) fn excess(&self, kind: impl As<Option<ExcessKind>>) -> &str {
        let kind = kind.get();
        match kind {
            None => "",
            Some(ExcessKind::Unfounded) => self.s("excess.unfounded"),
            Some(ExcessKind::Repeated) => self.s("excess.repeated"),
            Some(ExcessKind::Over) => self.s("excess.over"),
        }
    }
}

fn flatten(prefix: &str, table: &toml::Table, texts: &mut BTreeMap<String, String>) {
    for (name, value) in table {
        let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match value {
            toml::Value::Table(inner) => flatten(&key, inner, texts),
            toml::Value::String(text) => {
                texts.insert(key, text.clone());
            }
            other => panic!("{key} in a locale is {other}, not a text"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Keys that sources and templates name in full.
    fn named() -> BTreeSet<String> {
        let mut keys = BTreeSet::new();
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut folders = vec![root.join("templates"), root.join("src")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let text = std::fs::read_to_string(&path).unwrap();
                for call in [".s(\"", ".f1(\"", ".f2(\"", ".f3(\""] {
                    for rest in text.split(call).skip(1) {
                        keys.insert(rest.split('"').next().unwrap().to_owned());
                    }
                }
            }
        }
        keys
    }

    #[test]
    fn no_text_is_missing_in_either_language() {
        for key in named() {
            assert!(ZH.texts.contains_key(&key), "zh-CN.toml lacks {key}");
            assert!(EN.texts.contains_key(&key), "en.toml lacks {key}");
        }
        // What code tables name in Chinese, the English file names.
        let only_english = [
            "unit.",
            "grade.",
            "roster.",
            "finding.",
            "hold.",
            "against.",
            "asked.",
            "refusal.",
            "file_fault.",
            "return_fault.",
        ];
        for key in EN.texts.keys().filter(|k| !only_english.iter().any(|p| k.starts_with(p))) {
            assert!(ZH.texts.contains_key(key), "zh-CN.toml lacks {key}");
        }
        for key in ZH.texts.keys() {
            assert!(EN.texts.contains_key(key), "en.toml lacks {key}");
        }
    }

    #[test]
    fn every_entry_of_the_code_tables_has_its_words() {
        for words in [&*ZH, &*EN] {
            for area in Area::ALL {
                for word in ["name", "due", "done", "what"] {
                    assert_ne!(words.area_word(*area, word), "", "{} {word}", area.code());
                }
            }
            for unit in Unit::ALL {
                assert_ne!(words.unit(*unit), "", "{}", unit.code());
            }
            for kind in FindingKind::ALL {
                assert_ne!(words.finding(Some(*kind)), "", "{}", kind.code());
            }
            for grade in Grade::ALL {
                assert!(!words.grade(*grade).contains("grade."), "{}", grade.code());
            }
        }
        for kind in RosterKind::ALL {
            assert!(EN.texts.contains_key(&format!("roster.{}", kind.code())), "{}", kind.code());
        }
    }

    #[test]
    fn places_for_values_are_the_same_in_both() {
        for (key, zh) in &ZH.texts {
            let holes = |text: &str| {
                let mut holes: Vec<char> =
                    text.split('{').skip(1).filter_map(|rest| rest.chars().next()).collect();
                holes.sort_unstable();
                holes
            };
            assert_eq!(holes(zh), holes(&EN.texts[key]), "{key}");
        }
    }

    #[test]
    fn numbers_and_periods_as_people_write_them() {
        let t = &*ZH;
        assert_eq!((t.n(1_234_567), t.n(-45)), ("1,234,567".into(), "−45".into()));
        assert_eq!(t.qu(Unit::Fen, 62_500), "625.00 元");
        assert_eq!(
            (t.q(Unit::Area, 61_000), t.q(Unit::Area, 61_050)),
            ("610".into(), "610.50".into())
        );
        assert_eq!(
            [9_999, 9_996, 9_985, 10_000, 0].map(|n| t.percent(n)),
            ["99.99%", "99.96%", "99.8%", "100%", "0.0%"]
        );
        let shown = |text| {
            let period = Period::parse(text);
            format!("{} | {}", ZH.period(period), EN.period(period))
        };
        assert_eq!(shown("2024A"), "2024 年秋 | Autumn 2024");
        assert_eq!(shown("2024-09"), "2024 年 9 月 | Sep 2024");
        assert_eq!(shown("SY2024"), "2024—2025 学年 | 2024–2025");
        assert_eq!(shown("once"), "一次 | once");
    }
}
