//! From cells to source rows: every value read, every doubt said.

mod cell;
mod verdict;

use std::borrow::Cow;

use fujiao_model::{
    Cell, Field, FieldType, Finding, FindingKind, RosterKind, RowVerdict, SourceRow, Stage, Value,
};

use crate::book::{Book, Grid, Raw, Span};
use crate::context::Context;
use crate::kinds::Profile;
use crate::layout::{Layout, Slot};
use crate::text::{self, squeeze};
use crate::value::{self, Place, TermSaid};

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
