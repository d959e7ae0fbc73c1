//! Policy files to a [`PolicySet`], with every fault at its line and column.

mod draft;
mod stacking;
mod table;

use std::collections::BTreeMap;
use std::sync::Arc;

use fujiao_model::{AidForm, Area, Unit};
use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub use draft::level;
use draft::{Draft, DraftDay, DraftRow, DraftSet, Drafts, in_line, read_file};
use table::{Loader, Place, Raw, Span};

use crate::ColumnId;
use crate::column::{FrameKind, column, column_of};
use crate::expr::{self, Bool, Named, Num, Scope, SetResult, Sum, Typed};
use crate::fault::{PolicyFault, nearest};
use crate::programme::{AmountRow, DayRule, Programme, Purpose, Rhythm, Seen, Terms};
use crate::set::{NamedSet, PolicyFile, PolicySet, plain};

/// Most reasons and columns that one programme can tell apart.
const MAX_REASONS: usize = 100;

const SEEN: [(&str, Seen); 2] = [("start", Seen::Start), ("assessment", Seen::Assessment)];

type SetKey = (FrameKind, String);

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
                english: draft.english.as_str().into(),
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
    for raw in draft.excludes.iter().chain(&draft.stacks).flatten() {
        if keys.binary_search(&raw.text).is_err() {
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
    let rhythms: Vec<_> = Rhythm::ALL.iter().map(|r| (r.code(), *r)).collect();
    let purposes: Vec<_> = Purpose::ALL.iter().map(|p| (p.code(), *p)).collect();
    let terms = [("all", Terms::All), ("autumn", Terms::Autumn), ("spring", Terms::Spring)];
    let frame = coded(loader, &draft, ("frame", draft.frame.as_ref()), &frames);
    let area = coded(loader, &draft, ("area", draft.area.as_ref()), &areas);
    let unit = coded(loader, &draft, ("unit", draft.unit.as_ref()), &units);
    let rhythm = coded(loader, &draft, ("rhythm", draft.rhythm.as_ref()), &rhythms);
    let form = match &draft.form {
        Some(raw) => coded(loader, &draft, ("form", Some(raw)), &forms),
        None => None,
    };
    let seen = match &draft.seen {
        Some(raw) => coded(loader, &draft, ("seen", Some(raw)), &SEEN)?,
        None => Seen::Start,
    };
    let purpose = match &draft.purpose {
        Some(raw) => coded(loader, &draft, ("purpose", Some(raw)), &purposes),
        None => None,
    };
    let terms = match &draft.terms {
        Some(raw) => coded(loader, &draft, ("terms", Some(raw)), &terms)?,
        None => Terms::All,
    };
    if let Some((_, place)) = &draft.months
        && rhythm != Some(Rhythm::Month)
    {
        loader.say(*place, "只有按月的项目能限定月份", "去掉 months，或把 rhythm 改为 month");
    }
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
        place: loader.line_of(draft.place),
        key: draft.key.into(),
        area: area?,
        frame,
        title,
        title_en: draft.title_en.unwrap_or_default().into(),
        names,
        rhythm: rhythm?,
        terms,
        months: draft.months.map(|(m, _)| m).unwrap_or_default(),
        seen,
        unit: unit?,
        opens_on: opens_on?,
        due_on: due_on?,
        bearer: draft.bearer?.text.into(),
        form,
        evidence: draft.evidence.unwrap_or_default().into(),
        off: draft.off.map(Into::into),
        purpose,
        excludes: draft.excludes.into_iter().flatten().map(|r| r.text.into()).collect(),
        excluded_by: Vec::new(),
        stacks: draft.stacks.into_iter().flatten().map(|r| r.text.into()).collect(),
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
        place: loader.line_of(row.place),
        value_text: match &row.value {
            Ok(n) => n.to_string().into(),
            Err(raw) => raw.text.as_str().into(),
        },
        when_text: row.when.as_ref().map_or("", |w| w.text.trim()).into(),
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
    let mut loader = Loader::new(files);
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
    let said: BTreeMap<String, Vec<Raw>> = drafts
        .programmes
        .iter()
        .filter_map(|(key, d)| Some((key.clone(), d.excludes.clone()?)))
        .collect();
    let mut programmes = Vec::new();
    for draft in std::mem::take(&mut drafts.programmes).into_values() {
        programmes.extend(finish(&mut loader, &sets, draft, &keys));
    }
    stacking::settle(&mut loader, &mut programmes, &said);
    for (place, reason, remedy) in sets.faults.take() {
        loader.say(place, reason, remedy);
    }
    for (example, place) in &drafts.examples {
        if keys.binary_search(&example.programme).is_err() {
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
    let named = drafts
        .sets
        .iter()
        .map(|((frame, name), set)| NamedSet {
            frame: *frame,
            name: name.as_str().into(),
            chinese: set.chinese.as_str().into(),
            is: set.body.text.as_str().into(),
        })
        .collect();
    let set = PolicySet::new(
        files,
        programmes,
        named,
        drafts.parameters.into_values().collect(),
        drafts.lists.into_values().collect(),
        drafts.examples.into_iter().map(|(e, _)| e).collect(),
    );
    Ok(set)
}
