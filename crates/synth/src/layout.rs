//! How an office lays out a sheet: titles, header wording, column order, and the way it writes dates, grades and yes.

use fujiao_model::{CitizenId, Field, Grade, Money, Sex, Stage};
use jiff::civil::Date;

use crate::book::{Cell, Form, Merge, Sheet};
use crate::names;
use crate::rng::Rng;
use crate::world::{World, yuan};

/// A column that a kind of roster has, and the words that offices put over it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Col {
    pub(crate) field: Field,
    heads: &'static [&'static str],
    /// Share of workbooks that have it.
    often: f64,
    /// Parent of a merged header, and the word under it.
    group: Option<(&'static str, &'static str)>,
}

/// A column that every workbook has.
pub(crate) const fn col(field: Field, heads: &'static [&'static str]) -> Col {
    Col { field, heads, often: 1.0, group: None }
}

impl Col {
    /// A column that is sometimes absent.
    pub(crate) const fn often(self, often: f64) -> Self {
        Self { often, ..self }
    }

    /// The parent and the word under it where headers are merged.
    pub(crate) const fn under(self, parent: &'static str, word: &'static str) -> Self {
        Self { group: Some((parent, word)), ..self }
    }
}

/// What stands in a cell, before an office writes it its way.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Val {
    None,
    Text(String),
    Word(&'static str),
    Int(i64),
    Decimal(f64),
    Money(Money),
    Date(Date),
    Month(i16, i8),
    Flag(bool),
    Id(CitizenId),
    /// An id that a spreadsheet turned into a number.
    Destroyed(f64),
    Sex(Sex),
    Grade(Grade),
    Class(u8),
    Boards(bool),
}

impl Val {
    fn is_empty(&self) -> bool {
        matches!(self, Self::None) || matches!(self, Self::Text(text) if text.is_empty())
    }

    pub(crate) fn date(date: Option<Date>) -> Self {
        date.map_or(Self::None, Self::Date)
    }
}

/// One row: cells by the kind's columns.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// Whose row it is; `NONE` for rows about no person.
    pub(crate) person: u32,
    pub(crate) cells: Vec<Val>,
    /// The id is mistyped even where there is no noise.
    pub(crate) mistyped: bool,
}

/// One sheet of a workbook to come.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) titles: Vec<String>,
    pub(crate) rows: Vec<Row>,
}

/// An office's way.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "habits of an office, each of its own")]
pub(crate) struct Style {
    form: Form,
    dates: u32,
    flags: u32,
    grades: u32,
    classes: u32,
    joined: bool,
    sexes: bool,
    marks: u32,
    merged: bool,
    serial_no: bool,
    foreign: bool,
    total: bool,
}

impl Style {
    pub(crate) fn draw(form: Form, rng: &mut Rng) -> Self {
        Self {
            form,
            dates: rng.weighted(&[(0_u32, 25), (1, 30), (2, 15), (3, 15), (4, 15)]),
            flags: rng.weighted(&[(0_u32, 60), (1, 20), (2, 20)]),
            grades: rng.weighted(&[(0_u32, 60), (1, 20), (2, 20)]),
            classes: rng.below(3),
            joined: rng.chance(0.25),
            sexes: rng.chance(0.85),
            marks: rng.weighted(&[(0_u32, 64), (1, 9), (2, 9), (3, 9), (4, 9)]),
            merged: rng.chance(0.4),
            serial_no: rng.chance(0.6),
            foreign: rng.chance(0.35),
            total: rng.chance(0.3),
        }
    }
}

/// Columns of which no system knows what they are for.
const FOREIGN: [&str; 6] = ["备注1", "是否核实", "政治面貌", "经办人", "审核意见", "所属网格"];

struct Column {
    /// Position in the kind's columns; `None` for a running number or a foreign column.
    at: Option<usize>,
    head: String,
    group: Option<(&'static str, &'static str)>,
    foreign: u8,
}

/// Lays out the columns of a workbook.
fn columns(writer: &Writer<'_>, rng: &mut Rng) -> (Vec<Column>, bool) {
    let Writer { cols, style, joinable, titled, .. } = writer;
    let present = |f: Field, kept: &[bool]| cols.iter().zip(kept).any(|(c, k)| c.field == f && *k);
    let kept: Vec<bool> = cols
        .iter()
        .map(|c| rng.chance(c.often) && !(titled.contains(&c.field) && rng.chance(0.35)))
        .collect();
    let joined =
        style.joined && *joinable && present(Field::Grade, &kept) && present(Field::Class, &kept);
    let mut out = Vec::with_capacity(cols.len() + 2);
    if style.serial_no {
        out.push(Column { at: None, head: "序号".to_owned(), group: None, foreign: 0 });
    }
    let mut number = 0;
    for (at, col) in cols.iter().enumerate() {
        if !kept[at] || joined && col.field == Field::Class {
            continue;
        }
        number += 1;
        let word = if joined && col.field == Field::Grade {
            *rng.pick(&["年级班级", "所在年级班级", "班级"])
        } else {
            // The first wording is the commonest.
            if rng.chance(0.4) { col.heads[0] } else { *rng.pick(col.heads) }
        };
        let head = match style.marks {
            1 => format!("{number}、{word}"),
            2 if number <= 4 => format!("★{word}"),
            3 if number <= 3 => format!("{word}（必填）"),
            4 if word.chars().count() >= 4 => {
                let half = word.char_indices().nth(word.chars().count() / 2).map_or(0, |(i, _)| i);
                format!("{}\n{}", &word[..half], &word[half..])
            }
            _ => word.to_owned(),
        };
        out.push(Column { at: Some(at), head, group: col.group, foreign: 0 });
    }
    if style.foreign {
        let which = u8::try_from(rng.index(FOREIGN.len())).expect("few");
        let column = Column {
            at: None,
            head: FOREIGN[usize::from(which)].to_owned(),
            group: None,
            foreign: 1 + which,
        };
        let place = out.len().min(3 + rng.index(out.len()));
        out.insert(place, column);
    }
    (out, joined)
}

/// Who writes a workbook, and how.
pub(crate) struct Writer<'a> {
    pub(crate) world: &'a World,
    pub(crate) cols: &'static [Col],
    pub(crate) style: Style,
    /// Probability that an identity cell is damaged.
    pub(crate) noise: f64,
    /// Grade and class may share a column.
    pub(crate) joinable: bool,
    /// What the title says, so that the column may be left out.
    pub(crate) titled: &'static [Field],
}

impl Writer<'_> {
    /// The sheet of a part, and the row number and person of each of its rows.
    pub(crate) fn sheet(
        &self,
        part: Part,
        layout: &mut Rng,
        rng: &mut Rng,
    ) -> (Sheet, Vec<(u32, u32)>) {
        let Self { cols, style, .. } = self;
        let (columns, joined) = columns(self, layout);
        let text = |s: &str| Cell::Text(s.to_owned());
        let width = u16::try_from(columns.len()).expect("a roster has few columns");
        let mut rows: Vec<Vec<Cell>> = Vec::with_capacity(part.rows.len() + 6);
        let mut merges: Vec<Merge> = Vec::new();
        for title in &part.titles {
            let r = u32::try_from(rows.len()).expect("few titles");
            if width > 1 && style.form != Form::CsvGb18030 && style.form != Form::CsvUtf8 {
                merges.push((r, 0, r, width - 1));
            }
            rows.push(vec![text(title)]);
        }
        header(&columns, style, &mut rows, &mut merges);
        let head = u32::try_from(rows.len()).expect("few rows before the data");
        let mut owners = Vec::with_capacity(part.rows.len());
        let kept: Vec<usize> = columns.iter().filter_map(|c| c.at).collect();
        for (i, row) in part.rows.into_iter().enumerate() {
            let Row { person, mut cells, mistyped } = row;
            if person != crate::world::NONE {
                self.damage(person, &mut cells, &kept, mistyped, rng);
            }
            let line = columns
                .iter()
                .map(|c| match c.at {
                    None if c.foreign == 0 => number(i + 1),
                    None => foreign(c.foreign, i),
                    Some(at) => {
                        let joined = (joined && cols[at].field == Field::Grade)
                            .then(|| cols.iter().position(|c| c.field == Field::Class))
                            .flatten();
                        match (joined, &cells[at]) {
                            (Some(class), Val::Grade(grade)) => {
                                Cell::Text(grade_and_class(*grade, &cells[class], style))
                            }
                            _ => cell(&mut cells[at], &c.head, style),
                        }
                    }
                })
                .collect();
            owners.push((u32::try_from(rows.len()).expect("a sheet has few rows") + 1, person));
            rows.push(line);
        }
        if style.total && !owners.is_empty() {
            let mut line = vec![Cell::Empty; usize::from(width)];
            line[0] = text("合计");
            line[usize::from(width > 1)] = Cell::Text(format!("{}条", owners.len()));
            if width == 1 {
                line[0] = text("合计");
            }
            rows.push(line);
        }
        (Sheet { name: part.name, rows, merges, head }, owners)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a row number is far below 2^53")]
fn number(n: usize) -> Cell {
    Cell::Number(n as f64)
}

fn foreign(which: u8, row: usize) -> Cell {
    match which {
        2 => Cell::Text(if row.is_multiple_of(7) { "否" } else { "是" }.to_owned()),
        3 => Cell::Text(if row.is_multiple_of(23) { "党员" } else { "群众" }.to_owned()),
        5 => Cell::Text("同意".to_owned()),
        6 => Cell::Text(format!("{}网格", row % 9 + 1)),
        _ => Cell::Empty,
    }
}

/// One row of words, or two with merged parents.
fn header(columns: &[Column], style: &Style, rows: &mut Vec<Vec<Cell>>, merges: &mut Vec<Merge>) {
    let csv = matches!(style.form, Form::CsvGb18030 | Form::CsvUtf8);
    let word = |c: &Column| Cell::Text(c.head.clone());
    let paired = |at: usize| {
        let group = columns[at].group.map(|(parent, _)| parent);
        let same = |other: Option<&Column>| {
            group.is_some() && other.and_then(|c| c.group).map(|(p, _)| p) == group
        };
        same(at.checked_sub(1).map(|i| &columns[i])) || same(columns.get(at + 1))
    };
    if !style.merged || csv || !(0..columns.len()).any(paired) {
        rows.push(columns.iter().map(word).collect());
        return;
    }
    let top = u32::try_from(rows.len()).expect("few titles");
    let (mut parents, mut words) = (Vec::new(), Vec::new());
    let mut at = 0;
    while at < columns.len() {
        let left = u16::try_from(at).expect("few columns");
        match columns[at].group {
            Some((parent, _)) if paired(at) => {
                let end = (at..columns.len())
                    .find(|i| columns[*i].group.is_none_or(|(p, _)| p != parent))
                    .unwrap_or(columns.len());
                for (i, column) in columns[at..end].iter().enumerate() {
                    parents.push(if i == 0 { Cell::Text(parent.to_owned()) } else { Cell::Empty });
                    words.push(column.group.map_or(Cell::Empty, |(_, w)| Cell::Text(w.to_owned())));
                }
                merges.push((top, left, top, u16::try_from(end - 1).expect("few columns")));
                at = end;
            }
            _ => {
                parents.push(word(&columns[at]));
                words.push(Cell::Empty);
                merges.push((top, left, top + 1, left));
                at += 1;
            }
        }
    }
    rows.push(parents);
    rows.push(words);
}

const NUMERALS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];

fn grade_text(grade: Grade, style: &Style) -> String {
    let year = grade.year();
    match (grade.stage(), style.grades) {
        (Stage::Junior, 1) => format!("初{}", NUMERALS[usize::from(year)]),
        (Stage::Primary, 2) => format!("{year}年级"),
        (Stage::Junior, 2) => format!("{}年级", year + 6),
        _ => grade.chinese().to_owned(),
    }
}

fn grade_and_class(grade: Grade, class: &Val, style: &Style) -> String {
    let Val::Class(class) = class else { return grade_text(grade, style) };
    let year = match grade.stage() {
        Stage::Primary => NUMERALS[usize::from(grade.year())],
        Stage::Junior => NUMERALS[usize::from(grade.year()) + 6],
        _ => return format!("{}（{class}）班", grade.chinese()),
    };
    match style.classes {
        0 => format!("{year}年级{class}班"),
        1 => format!("{year}（{class}）班"),
        _ => format!("{year}年级（{class}）班"),
    }
}

fn date_cell(d: Date, style: &Style) -> Cell {
    let (y, m, day) = (d.year(), d.month(), d.day());
    match style.dates {
        0 => Cell::Date(d),
        1 => Cell::Text(format!("{y}-{m:02}-{day:02}")),
        2 => Cell::Text(format!("{y}{m:02}{day:02}")),
        3 => Cell::Text(format!("{y}年{m}月{day}日")),
        _ => Cell::Text(format!("{y}.{m}.{day}")),
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts in workbooks are far below 2^53")]
fn cell(value: &mut Val, head: &str, style: &Style) -> Cell {
    let text = |s: &str| Cell::Text(s.to_owned());
    match value {
        Val::None => Cell::Empty,
        Val::Text(t) if t.is_empty() => Cell::Empty,
        Val::Text(t) => Cell::Text(std::mem::take(t)),
        Val::Word(w) => text(w),
        Val::Int(n) => Cell::Number(*n as f64),
        Val::Decimal(n) | Val::Destroyed(n) => Cell::Number(*n),
        Val::Money(m) => Cell::Number(yuan(*m)),
        Val::Date(d) => date_cell(*d, style),
        Val::Month(y, m) => match style.dates {
            1 => Cell::Text(format!("{y}-{m:02}")),
            2 => Cell::Text(format!("{y}{m:02}")),
            0 | 3 => Cell::Text(format!("{y}年{m}月")),
            // 2012.10 as a number would be 2012.1.
            _ => Cell::Text(format!("{y}.{m}")),
        },
        Val::Flag(yes) => match (style.flags, *yes) {
            (0, true) => text("是"),
            (0, false) => text("否"),
            (1, yes) => Cell::Number(f64::from(u8::from(yes))),
            (_, true) => text("√"),
            (_, false) => Cell::Empty,
        },
        Val::Id(id) => text(id.reveal()),
        Val::Sex(sex) => text(match (style.sexes, *sex) {
            (true, sex) => sex.chinese(),
            (false, Sex::Male) => "1",
            (false, Sex::Female) => "2",
        }),
        Val::Grade(grade) => Cell::Text(grade_text(*grade, style)),
        Val::Class(class) => match style.classes {
            0 => Cell::Text(format!("{class}班")),
            1 => Cell::Number(f64::from(*class)),
            _ => Cell::Text(format!("（{class}）班")),
        },
        Val::Boards(boards) if head.contains("是否") || head.replace('\n', "").contains("是否") => {
            text(if *boards { "是" } else { "否" })
        }
        Val::Boards(boards) => match (style.flags, *boards) {
            (1, true) => text("寄宿"),
            (_, true) => text("住校"),
            (_, false) => text("走读"),
        },
    }
}

impl Writer<'_> {
    /// Damages at most two identity cells of a row.
    fn damage(
        &self,
        person: u32,
        cells: &mut [Val],
        kept: &[usize],
        mistyped: bool,
        rng: &mut Rng,
    ) {
        let mut left = 2;
        let id_at = kept.iter().find(|at| self.cols[**at].field == Field::CitizenId);
        if let Some(at) = id_at.filter(|_| mistyped) {
            if let Val::Id(id) = &cells[*at] {
                cells[*at] = Val::Text(wrong_digit(id.reveal(), rng));
            }
            left -= 1;
        }
        if self.noise <= 0.0 {
            return;
        }
        // Left to right would spare the later columns.
        let from = rng.index(kept.len());
        for i in 0..kept.len() {
            if left == 0 {
                return;
            }
            let at = kept[(from + i) % kept.len()];
            let field = self.cols[at].field;
            if is_identity(field)
                && !cells[at].is_empty()
                && rng.chance(self.noise)
                && slip(&mut cells[at], field, self.world, person, rng)
            {
                left -= 1;
            }
        }
    }
}

fn is_identity(field: Field) -> bool {
    matches!(
        field,
        Field::Name
            | Field::CitizenId
            | Field::BirthDate
            | Field::Phone
            | Field::GuardianName
            | Field::GuardianPhone
            | Field::StudentNo
            | Field::Village
            | Field::DisabilityNo
    )
}

fn wrong_digit(id: &str, rng: &mut Rng) -> String {
    let mut bytes = id.as_bytes().to_vec();
    let at = 6 + rng.index(11);
    bytes[at] = b'0' + (bytes[at] - b'0' + 1 + u8::try_from(rng.below(9)).expect("below 9")) % 10;
    String::from_utf8(bytes).expect("digits")
}

/// Damages a cell; says whether it is another one now.
fn slip(cell: &mut Val, field: Field, world: &World, person: u32, rng: &mut Rng) -> bool {
    let changed = match (&*cell, field) {
        (Val::Text(name), Field::GuardianName) if rng.chance(0.5) => {
            Val::Text(world.other_guardian(person).unwrap_or_else(|| names::slip(name, rng)))
        }
        (Val::Text(name), Field::Name | Field::GuardianName) => Val::Text(names::slip(name, rng)),
        (Val::Id(id), _) => damaged_id(*id, rng),
        (Val::Text(no), Field::StudentNo | Field::DisabilityNo) => match rng.below(3) {
            0 => Val::None,
            1 => Val::Text(transposed(no, rng)),
            _ => Val::Text(no[..no.len() - 1].to_owned()),
        },
        (Val::Date(born), Field::BirthDate) => {
            let (y, m, d) = (born.year(), born.month(), born.day());
            match rng.below(3) {
                0 if d <= 12 && d != m => Val::Date(jiff::civil::date(y, d, m)),
                1 => Val::Date(crate::lunar::written(*born)),
                _ => Val::Month(y, m),
            }
        }
        (Val::Text(phone), Field::Phone | Field::GuardianPhone) => match rng.below(3) {
            0 => Val::Text(world.phone(17, person)),
            1 => Val::None,
            _ => Val::Text(transposed(phone, rng)),
        },
        (Val::Text(_), Field::Village) => world.next_village(person).map_or(Val::None, Val::Text),
        _ => return false,
    };
    let differs = changed != *cell;
    *cell = changed;
    differs
}

/// Two neighbouring characters that differ change places.
fn transposed(text: &str, rng: &mut Rng) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let from = 1 + rng.index(bytes.len() - 2);
    let unequal = (from..bytes.len() - 1).chain(1..from).find(|i| bytes[*i] != bytes[i + 1]);
    if let Some(at) = unequal {
        bytes.swap(at, at + 1);
    }
    String::from_utf8(bytes).expect("ASCII")
}

fn damaged_id(id: CitizenId, rng: &mut Rng) -> Val {
    let text = id.reveal();
    match rng.weighted(&[(0_u32, 25), (1, 20), (2, 12), (3, 10), (4, 15), (5, 18)]) {
        0 => Val::Text(wrong_digit(text, rng)),
        1 => Val::Text(transposed(text, rng)),
        2 => {
            let at = 6 + rng.index(12);
            Val::Text(format!("{}{}", &text[..at], &text[at + 1..]))
        }
        // The cards of 15 digits ended with people born in the last century.
        3 if &text[6..8] == "19" => Val::Text(format!("{}{}", &text[..6], &text[8..17])),
        5 if !text.ends_with('X') => {
            let kept: f64 = text[..15].parse().expect("digits");
            Val::Destroyed(kept * 1_000.0)
        }
        _ => Val::None,
    }
}
