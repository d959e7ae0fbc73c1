//! From cells to source rows: every value read, every doubt said.

use std::borrow::Cow;

use fujiao_model::{
    Cell, CitizenId, CitizenIdFault, Field, FieldType, Fields, Finding, FindingKind, HouseholdKind,
    PartialDate, RosterKind, RowVerdict, SourceRow, Stage, StudentNo, Value,
};

use crate::book::{Book, Grid, Raw, Span};
use crate::context::{self, Context};
use crate::kinds::{Profile, partner};
use crate::layout::{Layout, Slot};
use crate::text::{self, squeeze};
use crate::value::{self, EXACT_LIMIT, Place, TermSaid, Trouble};

/// Reads the rows of a sheet whose kind is known.
pub(crate) struct Reader<'a> {
    book: &'a Book,
    grid: &'a Grid,
    sheet: u16,
    kind: RosterKind,
    profile: &'static Profile,
    plans: Vec<Plan<'a>>,
    context: &'a Context,
    /// Header texts, to know a header that is printed again on the next page.
    header: Vec<(u16, &'a str)>,
    stage: Option<Stage>,
    /// The column of names.
    name: Option<u16>,
}

/// How one column is read.
struct Plan<'a> {
    slot: &'a Slot,
    /// Yuan in one, for money.
    unit: i32,
    /// The header asks a question: 是否寄宿.
    asks: bool,
    /// 是 in this column means the contrary of the field: 是否走读.
    inverse: bool,
}

/// A row in the making.
#[derive(Default)]
struct Draft {
    values: Vec<(Field, Value)>,
    extra: Vec<(u16, Box<str>)>,
    findings: Vec<Finding>,
    grade: Option<Box<str>>,
    class: Option<Box<str>>,
    term: TermSaid,
    hash: Hash,
}

/// FNV-1a over what a row's cells say.
#[derive(Clone, Copy)]
struct Hash(u64);

impl Default for Hash {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hash {
    fn add(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.0 =
                (self.0 ^ u64::from_le_bytes(word)).wrapping_mul(0x0100_0000_01b3).rotate_left(23);
        }
        self.0 ^= bytes.len() as u64;
    }
}

/// A row with the hash of its cells.
pub(crate) struct ReadRow {
    pub(crate) row: SourceRow,
    pub(crate) hash: u64,
}

/// What a column says downwards where its cells are merged or, in a file that knows no merges, left empty.
struct Held {
    column: u16,
    raw: Raw,
    until: u32,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(
        book: &'a Book,
        grid: &'a Grid,
        sheet: u16,
        kind: RosterKind,
        layout: &'a Layout,
        context: &'a Context,
    ) -> Self {
        let unit = |slot: &Slot| {
            let full = &slot.header.full;
            if full.contains("万元") {
                10_000
            } else if full.contains("千元") {
                1_000
            } else if full.contains('元') {
                1
            } else {
                context.unit.unwrap_or(1)
            }
        };
        let plans = layout
            .slots
            .iter()
            .filter(|slot| !slot.serial)
            .map(|slot| Plan {
                slot,
                unit: if slot.field == Some(Field::MealPrice) { 1 } else { unit(slot) },
                asks: slot.header.full.contains("是否"),
                inverse: slot.field == Some(Field::Boarding)
                    && slot.header.full.contains("是否走读"),
            })
            .collect();
        let first = grid.index_of(layout.rows.end).checked_sub(1);
        let header = first.map_or_else(Vec::new, |index| {
            grid.row(index)
                .iter()
                .filter_map(|(c, raw)| match raw {
                    Raw::Text(span) => Some((*c, book.text(*span).trim())),
                    _ => None,
                })
                .collect()
        });
        let stage = context.fields.text(Field::School).and_then(value::stage_of_school);
        let name = layout.slots.iter().find(|s| s.field == Some(Field::Name)).map(|s| s.at);
        let profile = Profile::of(kind);
        Self { book, grid, sheet, kind, profile, plans, context, header, stage, name }
    }

    /// Every row under the header, and what a person should look at.
    pub(crate) fn read(&self, header_end: u32) -> (Vec<ReadRow>, Vec<Finding>) {
        let mut rows = Vec::with_capacity(self.grid.len());
        let mut findings = Vec::new();
        let start = self.grid.index_of(header_end);
        let carries = self.carried_columns(start);
        let mut merges: Vec<_> = self
            .grid
            .merges
            .iter()
            .filter(|m| m.top >= header_end && m.bottom > m.top)
            .copied()
            .collect();
        merges.sort_unstable();
        let mut merges = merges.into_iter().peekable();
        let mut held: Vec<Held> = Vec::new();
        let mut cells: Vec<(u16, Raw)> = Vec::new();
        for index in start..self.grid.len() {
            let number = self.grid.number(index);
            held.retain(|h| h.until >= number);
            while let Some(merge) = merges.next_if(|m| m.top <= number) {
                if merge.top == number
                    && let Some(raw) = self.grid.at(index, merge.left)
                {
                    held.push(Held { column: merge.left, raw, until: merge.bottom });
                }
            }
            let own = self.grid.row(index);
            if !self.is_row(own) {
                continue;
            }
            for column in &carries {
                if let Ok(at) = own.binary_search_by_key(column, |(c, _)| *c) {
                    held.retain(|h| h.column != *column);
                    held.push(Held { column: *column, raw: own[at].1, until: u32::MAX });
                }
            }
            let row_cells =
                if held.iter().all(|h| own.binary_search_by_key(&h.column, |(c, _)| *c).is_ok()) {
                    own
                } else {
                    cells.clear();
                    cells.extend_from_slice(own);
                    for h in &held {
                        if let Err(at) = cells.binary_search_by_key(&h.column, |(c, _)| *c) {
                            cells.insert(at, (h.column, h.raw));
                        }
                    }
                    &cells
                };
            let (row, mut found) = self.row(number, row_cells);
            findings.append(&mut found);
            rows.push(row);
        }
        for field in self.ticked_fields(start) {
            for read in rows.iter_mut().filter(|read| read.row.fields.get(field).is_none()) {
                read.row.fields.set(field, Value::Flag(false));
            }
        }
        (rows, findings)
    }

    /// Fields of columns in which yes is a tick and no is an empty cell: all that is written in them is ticks.
    fn ticked_fields(&self, start: usize) -> Vec<Field> {
        let flags = self.plans.iter().filter_map(|plan| {
            let field = plan.slot.field?;
            matches!(field.field_type(), FieldType::Flag).then_some((field, plan.slot.at))
        });
        flags
            .filter(|(_, at)| {
                let mut written = (start..self.grid.len())
                    .filter_map(|index| self.grid.at(index, *at))
                    .peekable();
                written.peek().is_some()
                    && written.all(|raw| matches!(self.text_of(raw).trim(), "√" | "✓" | "✔"))
            })
            .map(|(field, _)| field)
            .collect()
    }

    /// In a file that knows no merges: columns of places and schools that are written once and then left empty.
    fn carried_columns(&self, start: usize) -> Vec<u16> {
        if self.grid.knows_merges || start >= self.grid.len() {
            return Vec::new();
        }
        let total = self.grid.len() - start;
        let carries = |field: Option<Field>| {
            matches!(
                field,
                Some(
                    Field::School
                        | Field::SchoolCode
                        | Field::Town
                        | Field::Village
                        | Field::HouseholdNo
                )
            )
        };
        self.plans
            .iter()
            .filter(|plan| carries(plan.slot.field))
            .map(|plan| plan.slot.at)
            .filter(|column| {
                let filled = (start..self.grid.len())
                    .filter(|i| self.grid.at(*i, *column).is_some())
                    .count();
                self.grid.at(start, *column).is_some() && filled * 10 < total * 7 && filled > 0
            })
            .collect()
    }

    fn text_of(&self, raw: Raw) -> Cow<'a, str> {
        match raw {
            Raw::Text(span) => text::fold(self.book.text(span)),
            other => Cow::Owned(self.book.shown(other)),
        }
    }

    /// Whether a row under the header is a row of the roster: not blank, no sum, no note, no header again.
    fn is_row(&self, cells: &[(u16, Raw)]) -> bool {
        let mut filled = 0;
        let mut first: Option<(u16, Cow<'a, str>)> = None;
        for (column, raw) in cells {
            let text = self.text_of(*raw);
            if text.is_empty() {
                continue;
            }
            let known = self.plans.binary_search_by_key(column, |p| p.slot.at).is_ok();
            // A running number alone makes no row; a word in its column may be 合计.
            if !known && text.bytes().all(|b| b.is_ascii_digit()) {
                continue;
            }
            filled += u32::from(known);
            if first.is_none() {
                first = Some((*column, text));
            }
            if filled > 1 {
                break;
            }
        }
        let Some((column, first)) = first else { return false };
        if !self.is_named(cells, column) && is_sum_or_note(&first) {
            return false;
        }
        if filled <= 1 {
            // One long text, or one cell over the whole width, is a note or the label of a group.
            let long =
                first.chars().count() > 14 && !first.bytes().all(|b| b.is_ascii_alphanumeric());
            let wide = self.plans.len() >= 4
                && self.grid.merges.iter().any(|m| {
                    m.left == column
                        && m.right > m.left + 2
                        && cells.iter().any(|(c, _)| *c == m.left)
                });
            if (long || (wide && filled == 1 && cells.len() == 1)) && self.plans.len() > 2 {
                return false;
            }
        }
        // The header once more, on the next page.
        let again = cells
            .iter()
            .filter(|(c, raw)| {
                matches!(raw, Raw::Text(span)
                    if self.header.iter().any(|(h, t)| h == c && *t == self.book.text(*span).trim()))
            })
            .count();
        !(again >= 2 && again * 2 > cells.len())
    }

    /// Whether somebody's name stands in the row, elsewhere than in a column.
    fn is_named(&self, cells: &[(u16, Raw)], elsewhere: u16) -> bool {
        self.name.filter(|name| *name != elsewhere).is_some_and(|name| {
            cells.iter().any(|(column, raw)| {
                let text = if *column == name { self.text_of(*raw) } else { Cow::Borrowed("") };
                !text.is_empty() && !text.contains(|c: char| c.is_ascii_digit())
            })
        })
    }

    fn row(&self, number: u32, cells: &[(u16, Raw)]) -> (ReadRow, Vec<Finding>) {
        let mut draft =
            Draft { values: Vec::with_capacity(self.plans.len() + 4), ..Draft::default() };
        let mut at = 0;
        for (column, raw) in cells {
            while at < self.plans.len() && self.plans[at].slot.at < *column {
                at += 1;
            }
            let Some(plan) = self.plans.get(at).filter(|p| p.slot.at == *column) else { continue };
            self.cell(number, plan, *raw, &mut draft);
        }
        self.finish(number, draft)
    }

    /// Reads what somebody typed for the only column.
    pub(crate) fn single(&self, field: Field, typed: &str) -> Result<Value, Box<Finding>> {
        let text = text::fold(typed);
        let plan = self.plans.first().expect("a layout with one column");
        let mut draft = Draft::default();
        if !text.is_empty()
            && let Err(trouble) =
                self.value(plan, field, Raw::Text(Span::default()), &text, &mut draft)
        {
            self.trouble(0, plan, field, &text, &trouble, &mut draft);
        }
        let (read, findings) = self.finish(0, draft);
        let own = findings.into_iter().find(|f| f.field == Some(field) && f.cell.column.is_some());
        if let Some(finding) = own.filter(|f| f.verdict != RowVerdict::Good) {
            return Err(Box::new(finding));
        }
        // What the rest of the row says of the field was taken out before.
        read.row.fields.get(field).cloned().ok_or_else(|| {
            Box::new(Finding {
                cell: Cell { sheet: self.sheet, row: 0, column: Some(0) },
                field: Some(field),
                kind: FindingKind::Missing,
                reason: format!("{}空着", field.chinese()),
                remedy: "写上对的值".to_owned(),
                verdict: RowVerdict::Parked,
            })
        })
    }

    /// Reads one cell into the draft.
    fn cell(&self, number: u32, plan: &Plan<'a>, raw: Raw, draft: &mut Draft) {
        let text = match raw {
            Raw::Text(span) => {
                let text = text::fold(self.book.text(span));
                if text.is_empty() {
                    return;
                }
                text
            }
            Raw::Fault => {
                if let Some(field) = plan.slot.field {
                    self.trouble(
                        number,
                        plan,
                        field,
                        "#N/A",
                        &Trouble::Unreadable("这一格的公式出错，填上数值"),
                        draft,
                    );
                }
                return;
            }
            _ => Cow::Owned(self.book.shown(raw)),
        };
        draft.hash.add(&plan.slot.at.to_le_bytes());
        match raw {
            Raw::Text(_) => draft.hash.add(text.as_bytes()),
            Raw::Number(n) | Raw::Date(n) => draft.hash.add(&n.to_bits().to_le_bytes()),
            Raw::Bool(b) => draft.hash.add(&[u8::from(b)]),
            Raw::Fault => {}
        }
        let Some(field) = plan.slot.field else {
            draft.extra.push((plan.slot.at, text.into()));
            return;
        };
        if let Err(trouble) = self.value(plan, field, raw, &text, draft) {
            self.trouble(number, plan, field, &text, &trouble, draft);
        }
    }

    /// Reads a cell as its field.
    fn value(
        &self,
        plan: &Plan<'a>,
        field: Field,
        raw: Raw,
        text: &str,
        draft: &mut Draft,
    ) -> Result<(), Trouble> {
        match field.field_type() {
            FieldType::Id => return id(field, raw, text, draft),
            FieldType::Date => {
                let date = match raw {
                    Raw::Date(serial) => Some(
                        value::serial_date(serial).ok_or(Trouble::Unreadable("写成 2012-09-01"))?,
                    ),
                    Raw::Number(n) if field == Field::Month => {
                        Some(value::month(&value::number_text(n), Some(self.context.term))?)
                    }
                    Raw::Number(n) => Some(value::date_of_number(n, true)?),
                    Raw::Text(_) if field == Field::Month => {
                        Some(value::month(text, Some(self.context.term))?)
                    }
                    Raw::Text(_) => {
                        if let Some((from, to)) =
                            partner(field).and_then(|to| Some((value::period(text)?, to)))
                        {
                            draft.set(field, Value::Date(from.0));
                            draft.set(to, Value::Date(from.1));
                            return Ok(());
                        }
                        value::date_of_text(text)?
                    }
                    Raw::Bool(_) | Raw::Fault => {
                        return Err(Trouble::Unreadable("写成 2012-09-01"));
                    }
                };
                if let Some(date) = date {
                    let date = if field == Field::Month {
                        let (year, month, _) = date.parts();
                        month.and_then(|month| PartialDate::month(year, month)).unwrap_or(date)
                    } else {
                        date
                    };
                    draft.set(field, Value::Date(date));
                }
            }
            FieldType::Integer => {
                let n = match raw {
                    Raw::Number(n) | Raw::Date(n) => {
                        value::whole(n).ok_or(Trouble::Unreadable("写成整数，例如 21"))?
                    }
                    _ if field == Field::LiftedYear => year(text)?,
                    _ => value::integer(text)?,
                };
                // 20180101 in a column of years
                let n = if field == Field::LiftedYear && n > 9999 {
                    n / if n > 999_999 { 10_000 } else { 100 }
                } else {
                    n
                };
                draft.set(field, Value::Integer(n));
            }
            FieldType::Decimal => {
                let n = match raw {
                    Raw::Number(n) => value::thousandths(n)?,
                    _ => value::decimal(text)?,
                };
                draft.set(field, Value::Decimal(n));
            }
            FieldType::Money => {
                let money = match raw {
                    Raw::Number(n) => value::money_of_number(n, plan.unit)?,
                    _ => value::money(text, plan.unit)?,
                };
                draft.set(field, Value::Money(money));
            }
            FieldType::Flag => {
                let flag = match raw {
                    Raw::Bool(b) => b,
                    _ => value::flag(text).ok_or(Trouble::Unreadable("写“是”或“否”"))?,
                };
                draft.set(field, Value::Flag(flag));
            }
            FieldType::Term => {
                let said = TermSaid::read(text)
                    .ok_or(Trouble::Unreadable("写成 2024秋、2025春 或 2024-2025学年第一学期"))?;
                draft.term = draft.term.or(said);
            }
            FieldType::Code(_) => return code(plan, field, raw, text, draft),
            FieldType::Text => return self.text(field, raw, text, draft),
        }
        Ok(())
    }

    fn text(&self, field: Field, raw: Raw, shown: &str, draft: &mut Draft) -> Result<(), Trouble> {
        if matches!(raw, Raw::Number(n) if n.abs() >= EXACT_LIMIT) {
            return Err(Trouble::Destroyed);
        }
        match field {
            Field::Name | Field::GuardianName | Field::HeadName | Field::MentorName => {
                let name = text::name(shown);
                if !name.is_empty() && name != "无" {
                    draft.set(field, Value::Text(name.into()));
                }
            }
            Field::StudentNo => {
                let digits = value::digits(shown);
                if value::is_scientific(&digits) {
                    return Err(Trouble::Destroyed);
                }
                if let Some(no) = StudentNo::parse(&digits) {
                    draft.set(field, Value::Text(no.reveal().into()));
                } else if let Ok(id) = CitizenId::parse(&digits) {
                    // An id in the column of student numbers.
                    draft.set(Field::CitizenId, Value::Id(id));
                } else {
                    return Err(Trouble::Unreadable("学籍号为 G、L 或 J 加 18 位，照学籍系统重填"));
                }
            }
            Field::DisabilityNo => {
                let digits = value::digits(shown);
                if value::is_scientific(&digits) {
                    return Err(Trouble::Destroyed);
                }
                disability(&digits, draft);
                draft.set(field, Value::Text(digits.to_uppercase().into()));
            }
            Field::Phone | Field::GuardianPhone | Field::MentorPhone => {
                if value::is_scientific(shown) {
                    return Err(Trouble::Destroyed);
                }
                if matches!(raw, Raw::Date(_)) {
                    return Err(Trouble::Unreadable("被表格改成了日期；把该列设为文本后重填"));
                }
                if shown != "无" {
                    draft.set(field, Value::Text(value::phone(shown).into()));
                }
            }
            Field::BankAccount
            | Field::SchoolCode
            | Field::DivisionCode
            | Field::HouseholdNo
            | Field::PersonNo
            | Field::CertificateNo => {
                let digits = value::digits(shown);
                if value::is_scientific(&digits) {
                    return Err(Trouble::Destroyed);
                }
                if digits != "无" {
                    draft.set(field, Value::Text(digits.into()));
                }
            }
            Field::Class => {
                if matches!(raw, Raw::Date(_)) {
                    return Err(Trouble::Unreadable("被表格改成了日期；把该列设为文本，写成“2班”"));
                }
                draft.class.get_or_insert_with(|| shown.into());
            }
            Field::School => {
                let squeezed = squeeze(shown);
                if self.profile.holds(Field::Grade)
                    && let Some((school, grade, class)) = value::school_and_grade(&squeezed)
                {
                    draft.set(Field::School, Value::Text(school.into()));
                    draft.set(Field::Grade, Value::Code(grade.code()));
                    if let Some(class) = class {
                        draft.set(Field::Class, Value::Text(class.into()));
                    }
                } else {
                    draft.set(Field::School, Value::Text(squeezed.into()));
                }
            }
            Field::Town | Field::Village | Field::VillageGroup => {
                let squeezed = squeeze(shown);
                let place = Place::of(&squeezed);
                let joined = match field {
                    Field::Town => place.town.is_some() && place.village.is_some(),
                    Field::Village => {
                        place.village.is_some() && (place.town.is_some() || place.group.is_some())
                    }
                    _ => place.village.is_some() && place.group.is_some(),
                };
                if joined {
                    draft.place(&place);
                } else {
                    draft.set(field, Value::Text(squeezed.into()));
                }
            }
            _ => draft.set(field, Value::Text(shown.into())),
        }
        Ok(())
    }

    /// Says what is wrong with a cell.
    fn trouble(
        &self,
        number: u32,
        plan: &Plan<'a>,
        field: Field,
        shown: &str,
        trouble: &Trouble,
        draft: &mut Draft,
    ) {
        let name = field.chinese();
        let secret = field.is_secret();
        // What is left of a destroyed number gives nobody away.
        let part = value::is_scientific(shown);
        let shown = if secret && !part { value::masked(shown) } else { shorten(shown) };
        let (kind, reason, remedy) = match trouble {
            Trouble::Destroyed => (
                FindingKind::Destroyed,
                format!("{name}被电子表格改成了数字“{shown}”，后几位已丢失，无法还原"),
                "把该列设为文本格式，照证件或原始材料重填这一格".to_owned(),
            ),
            Trouble::BadId(CitizenIdFault::Destroyed) => (
                FindingKind::Destroyed,
                format!("{name}“{shown}”末几位被电子表格改成了零，无法还原"),
                "把该列设为文本格式，照身份证或户口簿重填这一格".to_owned(),
            ),
            Trouble::BadId(fault) => (
                FindingKind::BadId,
                format!("{name}“{shown}”不对：{fault}"),
                "照身份证或户口簿改正这一格".to_owned(),
            ),
            Trouble::Unreadable(hint) => {
                (FindingKind::Unreadable, format!("“{shown}”读不成{name}"), (*hint).to_owned())
            }
        };
        draft.findings.push(Finding {
            cell: Cell { sheet: self.sheet, row: number, column: Some(plan.slot.at) },
            field: Some(field),
            kind,
            reason,
            remedy,
            verdict: RowVerdict::Parked,
        });
    }

    /// Makes the row: what titles say fills in, what contradicts is said, and the verdict falls.
    fn finish(&self, number: u32, mut draft: Draft) -> (ReadRow, Vec<Finding>) {
        self.schooling(number, &mut draft);
        let by_year = matches!(
            self.kind,
            RosterKind::Enrolments | RosterKind::Loans | RosterKind::UniversityAid
        );
        if let Some(term) = draft
            .term
            .or(self.context.term)
            .term(by_year)
            .filter(|_| draft.term != TermSaid::default())
        {
            draft.set(Field::Term, Value::Term(context::of_kind(self.kind, term)));
        }
        for (field, value) in self.context.fields.iter() {
            if self.profile.holds(field) {
                draft.set(field, value.clone());
            }
        }
        self.address(&mut draft);
        draft.values.sort_unstable_by_key(|(field, _)| *field);
        let hash = draft.hash.0;
        let (extra, mut findings) = (draft.extra, draft.findings);
        let fields: Fields = draft.values.into_iter().collect();
        self.contradictions(number, &fields, &mut findings);
        let verdict = self.verdict(number, &fields, &mut findings);
        let row =
            SourceRow { kind: self.kind, sheet: self.sheet, row: number, verdict, fields, extra };
        (ReadRow { row, hash }, findings)
    }

    /// Grade and class, together, with the stage that the row or its school tells.
    fn schooling(&self, number: u32, draft: &mut Draft) {
        if draft.grade.is_none() && draft.class.is_none() {
            return;
        }
        let own = draft.values.iter().find_map(|(field, value)| match (field, value) {
            (Field::Stage, Value::Code(code)) => Stage::parse(code),
            _ => None,
        });
        let school = draft.values.iter().find_map(|(field, value)| match (field, value) {
            (Field::School, Value::Text(name)) => value::stage_of_school(name),
            _ => None,
        });
        let stage = own.or(school).or(self.stage);
        if let Some(text) = draft.grade.take() {
            let (grade, class) = value::grade_and_class(&text, stage);
            if let Some(grade) = grade {
                draft.set(Field::Grade, Value::Code(grade.code()));
                if let Some(class) = class
                    && draft.class.is_none()
                {
                    draft.set(Field::Class, Value::Text(class.into()));
                }
            } else if let Some(plan) =
                self.plans.iter().find(|p| p.slot.field == Some(Field::Grade))
            {
                let trouble = Trouble::Unreadable(expected(Field::Grade));
                self.trouble(number, plan, Field::Grade, &text, &trouble, draft);
            }
        }
        if let Some(text) = draft.class.take() {
            let (grade, class) = value::grade_and_class(&text, stage);
            if let Some(grade) = grade {
                draft.set(Field::Grade, Value::Code(grade.code()));
            }
            // 702 beside a grade is still class 2; 一班 alone is a class.
            if let Some(class) = class.or_else(|| value::class(&text)) {
                draft.set(Field::Class, Value::Text(class.into()));
            }
        }
    }

    /// Town and village out of an address, where no column gives them.
    fn address(&self, draft: &mut Draft) {
        if !self.profile.holds(Field::Village) || draft.has(Field::Village) {
            return;
        }
        let Some(address) = draft.values.iter().find_map(|(field, value)| match (field, value) {
            (Field::Address, Value::Text(text)) => Some(text.clone()),
            _ => None,
        }) else {
            return;
        };
        let address = squeeze(&address);
        let place = Place::of(&address);
        if place.village.is_some() {
            draft.place(&place);
        }
    }

    fn contradictions(&self, number: u32, fields: &Fields, findings: &mut Vec<Finding>) {
        let Some(id) = fields.id(Field::CitizenId) else { return };
        let mut say = |field: Field, reason: String| {
            let column = self.plans.iter().find(|p| p.slot.field == Some(field)).map(|p| p.slot.at);
            findings.push(Finding {
                cell: Cell { sheet: self.sheet, row: number, column },
                field: Some(field),
                kind: FindingKind::Contradiction,
                reason,
                remedy: "核对身份证号与这一格，改正写错的一个；在改正之前以身份证号为准".to_owned(),
                verdict: RowVerdict::Good,
            });
        };
        if let Some(birth) = fields.date(Field::BirthDate)
            && !PartialDate::full(id.born_on()).agrees(birth)
        {
            say(
                Field::BirthDate,
                format!("出生日期 {birth} 与身份证号里的 {} 不一致", id.born_on()),
            );
        }
        if let Some(Value::Code(sex)) = fields.get(Field::Sex)
            && *sex != id.sex().code()
        {
            say(
                Field::Sex,
                format!("性别与身份证号第 17 位不一致：身份证号为{}", id.sex().chinese()),
            );
        }
    }

    /// What becomes of the row: refused if what it is about is not known, parked if a cell is in doubt.
    fn verdict(&self, number: u32, fields: &Fields, findings: &mut Vec<Finding>) -> RowVerdict {
        let has = |field: &Field| fields.get(*field).is_some();
        let mut verdict = findings.iter().map(|f| f.verdict).max().unwrap_or(RowVerdict::Good);
        for group in self.profile.needs {
            if group.iter().any(has) {
                continue;
            }
            verdict = RowVerdict::Refused;
            // Where a cell is there but does not read, its own finding tells the reason.
            let told =
                findings.iter_mut().find(|f| f.field.is_some_and(|field| group.contains(&field)));
            if let Some(finding) = told {
                finding.verdict = RowVerdict::Refused;
                continue;
            }
            findings.push(self.missing(number, group, RowVerdict::Refused));
        }
        for field in self.profile.wants {
            if !has(field) && !findings.iter().any(|f| f.field == Some(*field)) {
                verdict = verdict.max(RowVerdict::Parked);
                findings.push(self.missing(number, &[*field], RowVerdict::Parked));
            }
        }
        verdict
    }

    fn missing(&self, number: u32, group: &[Field], verdict: RowVerdict) -> Finding {
        let plan = self.plans.iter().find(|p| p.slot.field.is_some_and(|f| group.contains(&f)));
        let (reason, remedy) = if group.contains(&Field::Name) {
            (
                "没有姓名，也没有身份证号，不知道说的是谁".to_owned(),
                "补上姓名或身份证号；不是名单的行可以删去".to_owned(),
            )
        } else {
            let name = group[0].chinese();
            let remedy = match (plan, group[0]) {
                (Some(_), _) => format!("在这一格补上{name}"),
                (None, Field::Term) => {
                    "在表头上方写明学年学期，例如“2024—2025学年第一学期”，或加一列“学期”".to_owned()
                }
                (None, Field::Month) => {
                    "在表头上方写明月份，例如“2025年3月”，或加一列“月份”".to_owned()
                }
                (None, Field::School) => {
                    "在表头上方写明“学校：某某小学”，或加一列“学校”".to_owned()
                }
                (None, _) => format!("加一列“{name}”并填上"),
            };
            (format!("缺{name}"), remedy)
        };
        Finding {
            cell: Cell { sheet: self.sheet, row: number, column: plan.map(|p| p.slot.at) },
            field: Some(group[0]),
            kind: FindingKind::Missing,
            reason,
            remedy,
            verdict,
        }
    }
}

impl Draft {
    fn has(&self, field: Field) -> bool {
        self.values.iter().any(|(f, _)| *f == field)
    }

    /// Sets a field unless an earlier column has.
    fn set(&mut self, field: Field, value: Value) {
        if !self.has(field) {
            self.values.push((field, value));
        }
    }

    fn place(&mut self, place: &Place<'_>) {
        for (field, part) in [
            (Field::Town, place.town),
            (Field::Village, place.village),
            (Field::VillageGroup, place.group),
        ] {
            if let Some(part) = part {
                self.set(field, Value::Text(part.into()));
            }
        }
    }
}

/// Whether a row that begins with this text is a sum, a note, or a place to sign.
fn is_sum_or_note(first: &str) -> bool {
    const NOTES: &str = "填表说明 填报说明 说明: 备注: 注: 填表人 制表 审核 填报人 经办人 单位负责人 负责人 校长签字 校长: 领导签字 注意事项 填表要求 联系人: (盖章) 盖章 以上 附: 本表 主管领导 分管领导 班主任签字 填表日期 填报日期 数据来源 示例数据 公示期 合计人数 学校盖章 举报电话 监督电话";
    let squeezed = squeeze(first);
    let bare = squeezed.trim_matches(['(', ')', ':', '：', '★', '*', '※', '、']);
    let sums = ["合计", "小计", "总计", "共计", "累计"];
    let is_sum = bare == "计"
        || sums.contains(&bare)
        || sums.iter().any(|sum| bare.ends_with(sum)) && bare.chars().count() <= 14;
    is_sum || NOTES.split(' ').any(|note| squeezed.starts_with(note))
}

/// Reads a cell of a code table.
fn code(
    plan: &Plan<'_>,
    field: Field,
    raw: Raw,
    shown: &str,
    draft: &mut Draft,
) -> Result<(), Trouble> {
    if field == Field::Grade {
        if matches!(raw, Raw::Date(_)) {
            return Err(Trouble::Unreadable("被表格改成了日期；把该列设为文本，写成“七年级”"));
        }
        draft.grade.get_or_insert_with(|| shown.into());
        return Ok(());
    }
    let yes_or_no = || value::flag(shown);
    let boards = |yes: bool| if yes == plan.inverse { "day" } else { "boards" };
    let code = match field {
        // Under 是否寄宿 a 1 says yes; under 就读方式 it is the code of 走读.
        Field::Boarding if plan.asks => {
            yes_or_no().map(boards).or_else(|| value::code(field, shown))
        }
        Field::Boarding => value::code(field, shown).or_else(|| yes_or_no().map(boards)),
        Field::LabourAbility => value::code(field, shown)
            .or_else(|| yes_or_no().map(|yes| if yes { "normal" } else { "none" })),
        _ => value::code(field, shown),
    };
    let code = code.ok_or(Trouble::Unreadable(expected(field)))?;
    if field == Field::HouseholdKind {
        // Of 户类型 and 监测对象类别 the one that says more holds.
        let weight = |code: &str| match HouseholdKind::parse(code) {
            Some(kind) if kind.is_monitored() => 2,
            Some(HouseholdKind::Lifted) => 1,
            _ => 0,
        };
        if let Some((_, Value::Code(so_far))) = draft.values.iter_mut().find(|(f, _)| *f == field) {
            if weight(code) > weight(so_far) {
                *so_far = code;
            }
            return Ok(());
        }
    }
    draft.set(field, Value::Code(code));
    Ok(())
}

/// Reads a cell of ids.
fn id(field: Field, raw: Raw, text: &str, draft: &mut Draft) -> Result<(), Trouble> {
    let written: Cow<'_, str> = match raw {
        Raw::Number(n) if value::whole(n).is_none() => return Err(Trouble::Destroyed),
        Raw::Number(n) => Cow::Owned(value::number_text(n)),
        Raw::Text(_) => value::digits(text),
        Raw::Date(_) | Raw::Bool(_) | Raw::Fault => {
            return Err(Trouble::Unreadable("把该列设为文本格式，照身份证重填这一格"));
        }
    };
    if matches!(written.as_ref(), "无" | "不详" | "暂无" | "无身份证" | "未办理" | "没有")
    {
        return Ok(());
    }
    if value::is_scientific(&written) {
        return Err(Trouble::Destroyed);
    }
    let fault = match CitizenId::parse(&written) {
        Ok(id) => {
            draft.set(field, Value::Id(id));
            return Ok(());
        }
        Err(fault) => fault,
    };
    if field == Field::CitizenId {
        if let Some(no) = StudentNo::parse(&written) {
            // A student number in the column of ids.
            draft.set(Field::StudentNo, Value::Text(no.reveal().into()));
            return Ok(());
        }
        if written.len() == 20
            && written.is_char_boundary(18)
            && CitizenId::parse(&written[..18]).is_ok()
        {
            disability(&written, draft);
            draft.set(Field::DisabilityNo, Value::Text(written.to_uppercase().into()));
            return Ok(());
        }
        if fault != CitizenIdFault::Destroyed {
            draft.set(Field::IdAsWritten, Value::Text(written.into()));
        }
    }
    Err(Trouble::BadId(fault))
}

/// What a card number of twenty characters says: the id, then type and grade.
fn disability(number: &str, draft: &mut Draft) {
    let Some((id, rest)) = number.split_at_checked(18) else { return };
    let Ok(id) = CitizenId::parse(id) else { return };
    let &[kind, grade] = rest.as_bytes() else { return };
    draft.set(Field::CitizenId, Value::Id(id));
    let kinds = ["视力", "听力", "言语", "肢体", "智力", "精神", "多重"];
    if let Some(kind) = usize::from(kind).checked_sub(usize::from(b'1')).and_then(|i| kinds.get(i))
    {
        draft.set(Field::DisabilityType, Value::Text((*kind).into()));
    }
    if (b'1'..=b'4').contains(&grade) {
        draft.set(Field::DisabilityGrade, Value::Integer(i64::from(grade - b'0')));
    }
}

/// The year of `2018年`, `2018年12月`.
fn year(text: &str) -> Result<i64, Trouble> {
    match value::date_of_text(text) {
        Ok(Some(date)) => Ok(i64::from(date.parts().0)),
        _ => Err(Trouble::Unreadable("写成年份，例如 2018")),
    }
}

/// What a code field should look like.
fn expected(field: Field) -> &'static str {
    match field {
        Field::Sex => "写“男”或“女”",
        Field::Relation => "写与户主关系，例如“户主”“配偶”“子”“女”“孙子女”",
        Field::Residence => "写“在册”“迁出”或“死亡”",
        Field::HouseholdKind => {
            "写“脱贫户”“脱贫不稳定户”“边缘易致贫户”“突发严重困难户”或“一般农户”"
        }
        Field::AssistanceKind => "写明城乡和类别，例如“农村低保”“城市特困”“低保边缘”“孤儿”",
        Field::Stage => "写“学前”“小学”“初中”“普高”“中职”或“高校”",
        Field::Grade => "写成“三年级”“七年级”“高一”，职中写“中职一年级”",
        Field::Boarding => "写“住校”或“走读”",
        Field::EnrolmentStatus => "写“在读”“休学”“转出”“毕业”或“辍学”",
        Field::ExemptionKind => "写“缓学”“休学”“送教上门”“县外就读”等",
        Field::LabourAbility => "写“普通劳动力”“技能劳动力”“弱劳动力”“丧失劳动力”或“无劳动力”",
        _ => "照填表说明改正这一格",
    }
}

/// A text of at most 24 characters, for messages.
fn shorten(text: &str) -> String {
    if text.chars().count() <= 24 {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(23).collect();
    short.push('…');
    short
}
