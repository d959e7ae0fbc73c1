//! How a sheet is laid out: which rows are its header, what each column holds, and what the sheet lists.

use std::ops::Range;

use fujiao_model::{Field, FieldType, RosterKind};

use crate::book::{Book, Grid, Raw};
use crate::kinds::{PROFILES, Profile, partner, weight};
use crate::lexicon::{Lexicon, Meaning, Role};
use crate::text::{self, Header};
use crate::{Column, Sureness};

/// Rows in which a header is looked for.
const HEADER_DEPTH: usize = 40;
/// Data rows that are looked at to see what a column holds.
const SAMPLE: usize = 60;

/// What a column holds, for those who read rows.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    pub(crate) at: u16,
    pub(crate) title: String,
    pub(crate) header: Header,
    pub(crate) field: Option<Field>,
    pub(crate) sure: Sureness,
    /// A running number or signature: neither field nor extra.
    pub(crate) serial: bool,
}

/// The layout of one sheet.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    pub(crate) kind: Option<RosterKind>,
    pub(crate) score: u8,
    /// Row numbers.
    pub(crate) rows: Range<u32>,
    pub(crate) slots: Vec<Slot>,
}

impl Layout {
    /// The columns as the caller sees them.
    pub(crate) fn columns(&self) -> Vec<Column> {
        let column = |slot: &Slot| Column {
            at: slot.at,
            header: slot.title.clone(),
            field: slot.field,
            sure: slot.sure,
        };
        self.slots.iter().map(column).collect()
    }
}

/// Finds the layout of a sheet; `None` where no row looks like a header.
pub(crate) fn find(book: &Book, grid: &Grid, lexicon: &Lexicon) -> Option<Layout> {
    let rows = header_rows(book, grid, lexicon)?;
    let mut slots = slots(book, grid, &rows);
    let mut titles = grid.name.clone();
    for index in 0..grid.index_of(rows.start) {
        for (_, raw) in grid.row(index) {
            if let Raw::Text(span) = raw {
                titles.push('\n');
                titles.push_str(book.text(*span));
            }
        }
    }
    let mut best: Option<(u32, RosterKind, Vec<Slot>)> = None;
    let senses: Vec<Sense<'_>> =
        slots.iter().map(|slot| Sense::of(slot, &slots, lexicon)).collect();
    for profile in PROFILES {
        let mapped = map(&slots, &senses, profile, lexicon, None);
        let score = score(profile, &mapped, &titles);
        if best.as_ref().is_none_or(|(so_far, ..)| score > *so_far) {
            best = Some((score, profile.kind, mapped));
        }
    }
    let (score, kind, _) = best?;
    let kind = (score >= 35).then_some(kind);
    if let Some(kind) = kind {
        let samples = Samples::take(book, grid, &rows);
        slots = map(&slots, &senses, Profile::of(kind), lexicon, Some(&samples));
    }
    Some(Layout { kind, score: u8::try_from(score.min(100)).expect("at most 100"), rows, slots })
}

/// The text of a cell that may be part of a header.
fn label(book: &Book, raw: Raw) -> Option<&str> {
    match raw {
        Raw::Text(span) => Some(book.text(span)),
        _ => None,
    }
}

/// The rows that are the header, by number.
fn header_rows(book: &Book, grid: &Grid, lexicon: &Lexicon) -> Option<Range<u32>> {
    let mut best = (0_i64, 0_usize);
    for index in 0..grid.len().min(HEADER_DEPTH) {
        let mut score = 0_i64;
        for (_, raw) in grid.row(index) {
            score += match label(book, *raw) {
                Some(text) if text.chars().count() <= 60 => {
                    i64::from(lexicon.header_likeness(&text::header(text))) * 2
                }
                Some(_) => 0,
                None => -1,
            };
        }
        if score > best.0 {
            best = (score, index);
        }
    }
    // Two known headers at least.
    if best.0 < 6 {
        return None;
    }
    let (mut first, mut last) = (best.1, best.1);
    for _ in 0..2 {
        if first > 0
            && grid.number(first - 1) + 1 == grid.number(first)
            && is_level_above(book, grid, first - 1)
        {
            first -= 1;
        }
    }
    for _ in 0..2 {
        let next = last + 1;
        if next < grid.len()
            && grid.number(next) == grid.number(last) + 1
            && is_level_below(book, grid, last, next, lexicon)
        {
            last = next;
        }
    }
    Some(grid.number(first)..grid.number(last) + 1)
}

/// Whether the row at `above` holds the parents of the header row beneath it.
fn is_level_above(book: &Book, grid: &Grid, above: usize) -> bool {
    let number = grid.number(above);
    let cells = grid.row(above);
    let beneath = grid.row(above + 1);
    let width = beneath.last().map_or(0, |(c, _)| u32::from(*c) + 1);
    if cells.iter().any(|(_, raw)| {
        label(book, *raw).is_none_or(|t| t.chars().count() > 24 || t.contains([':', '：']))
    }) {
        return false;
    }
    let covering = grid.merges.iter().filter(|m| m.top <= number && m.bottom >= number);
    let (mut down, mut across) = (0, 0);
    for merge in covering {
        let wide = u32::from(merge.right - merge.left) + 1;
        if merge.bottom > number && merge.top == number {
            down += 1;
        }
        if wide > 1 && wide * 5 < width * 4 {
            across += 1;
        }
    }
    if down > 0 || across > 0 {
        return cells.len() >= 2 || down > 0;
    }
    // Unmerged: several short labels of which at least one stands where the row beneath is empty, or which leave
    // gaps that the row beneath fills.
    let gaps = beneath.iter().filter(|(c, _)| grid.at(above, *c).is_none()).count();
    let alone = cells.iter().filter(|(c, _)| grid.at(above + 1, *c).is_none()).count();
    cells.len() >= 2
        && (alone > 0 || gaps > 0)
        && cells.iter().all(|(_, raw)| {
            label(book, *raw).is_some_and(|t| {
                t.chars().count() <= 12 && t.chars().filter(char::is_ascii_digit).count() < 4
            })
        })
}

/// Whether the row at `next` holds children of the header row at `last`, its code names, or column numbers.
fn is_level_below(book: &Book, grid: &Grid, last: usize, next: usize, lexicon: &Lexicon) -> bool {
    let (upper, number) = (grid.number(last), grid.number(next));
    let cells = grid.row(next);
    let spans_both = |column: u16| {
        grid.merges
            .iter()
            .any(|m| m.top <= upper && m.bottom >= number && (m.left..=m.right).contains(&column))
    };
    let grouped = |column: u16| {
        grid.merges.iter().any(|m| {
            m.top <= upper
                && m.bottom == upper
                && m.left < m.right
                && (m.left..=m.right).contains(&column)
        })
    };
    let merged_down = grid.merges.iter().any(|m| m.top <= upper && m.bottom >= number);
    let texts =
        cells.iter().all(|(_, raw)| label(book, *raw).is_some_and(|t| t.chars().count() <= 30));
    if merged_down
        && texts
        && cells.iter().all(|(c, _)| spans_both(*c) || grouped(*c) || grid.at(last, *c).is_none())
    {
        return true;
    }
    if is_code_row(book, cells) || is_number_row(book, cells) {
        return true;
    }
    if !texts || cells.is_empty() {
        return false;
    }
    // Children of groups, or of labels with nothing to their right, in a file that knows no merges.
    let children = cells.iter().all(|(c, _)| {
        grouped(*c) || grid.at(last, *c).is_none() || grid.at(last, c.saturating_add(1)).is_none()
    });
    let like = |raw: &Raw| {
        label(book, *raw).is_some_and(|t| lexicon.header_likeness(&text::header(t)) > 0)
    };
    children && cells.iter().filter(|(_, raw)| like(raw)).count() * 2 >= cells.len()
}

/// `xm sfzh xb`: the names that a program has for the columns.
fn is_code_row(book: &Book, cells: &[(u16, Raw)]) -> bool {
    cells.len() >= 2
        && cells.iter().all(|(_, raw)| {
            label(book, *raw).is_some_and(|t| {
                let t = t.trim();
                t.starts_with(|c: char| c.is_ascii_alphabetic())
                    && t.len() >= 2
                    && t.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
                    && t.bytes().filter(u8::is_ascii_digit).count() <= 2
            })
        })
}

/// `1 2 3 4`, `甲 乙 1 2`: numbers of the columns.
fn is_number_row(book: &Book, cells: &[(u16, Raw)]) -> bool {
    let mut expected = None;
    let mut count = 0;
    for (_, raw) in cells {
        let text = match *raw {
            Raw::Number(n) => crate::value::number_text(n),
            Raw::Text(span) => book.text(span).trim().to_owned(),
            _ => return false,
        };
        if matches!(text.as_str(), "甲" | "乙" | "丙" | "丁" | "栏次") {
            continue;
        }
        let Ok(n) = text.trim_matches(['(', ')', '（', '）']).parse::<u32>() else {
            return false;
        };
        if expected.is_some_and(|e| e != n) || (expected.is_none() && n > 2) {
            return false;
        }
        expected = Some(n + 1);
        count += 1;
    }
    count >= 3 && count == cells.len() || count >= 4
}

/// The columns under the header, with parents and children joined.
fn slots(book: &Book, grid: &Grid, rows: &Range<u32>) -> Vec<Slot> {
    let first = grid.index_of(rows.start);
    let last = grid.index_of(rows.end);
    let mut levels: Vec<Vec<(u16, &str)>> = Vec::new();
    for index in first..last {
        if is_code_row(book, grid.row(index)) && index > first
            || is_number_row(book, grid.row(index))
        {
            continue;
        }
        levels.push(
            grid.row(index)
                .iter()
                .filter_map(|(c, raw)| Some((*c, label(book, *raw)?.trim())))
                .filter(|(_, text)| !text.is_empty())
                .collect(),
        );
    }
    let merges: Vec<_> =
        grid.merges.iter().filter(|m| m.top < rows.end && m.bottom >= rows.start).collect();
    let mut columns: Vec<u16> = levels.iter().flatten().map(|(c, _)| *c).collect();
    for merge in &merges {
        // A merged header of one level may span columns that have no cell of their own.
        if merge.right - merge.left < 64 {
            columns.extend(merge.left..=merge.right);
        }
    }
    columns.sort_unstable();
    columns.dedup();
    let text_at = |level: usize, column: u16| {
        let cells = &levels[level];
        cells.binary_search_by_key(&column, |(c, _)| *c).ok().map(|at| cells[at].1)
    };
    let deepest = levels.len().saturating_sub(1);
    let mut slots = Vec::new();
    for column in columns {
        let mut parts: Vec<&str> = Vec::new();
        for (level, cells) in levels.iter().enumerate() {
            let number = rows.start + u32::try_from(level).expect("few levels");
            let own = text_at(level, column);
            let part = own.or_else(|| {
                let covering = merges.iter().find(|m| {
                    (m.top..=m.bottom).contains(&number) && (m.left..=m.right).contains(&column)
                });
                if let Some(merge) = covering {
                    let top = usize::try_from(merge.top.checked_sub(rows.start)?).ok()?;
                    return text_at(top, merge.left);
                }
                // Without merges a parent holds for the columns to its right, as long as only children stand there.
                let here = level < deepest && text_at(deepest, column).is_some();
                let unmerged = !merges
                    .iter()
                    .any(|m| m.left < m.right && (m.top..=m.bottom).contains(&number));
                if here && unmerged {
                    let left = cells.iter().rev().find(|(c, _)| *c < column)?;
                    let between = (left.0..column).all(|c| text_at(deepest, c).is_some());
                    return between.then_some(left.1);
                }
                None
            });
            if let Some(part) = part
                && parts.last() != Some(&part)
            {
                parts.push(part);
            }
        }
        if parts.is_empty() {
            continue;
        }
        let title = parts
            .iter()
            .map(|p| p.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect::<Vec<_>>()
            .join("/");
        let header = text::header(parts.last().expect("not empty"));
        slots.push(Slot {
            at: column,
            title,
            header,
            field: None,
            sure: Sureness::Unknown,
            serial: false,
        });
    }
    slots
}

/// Which of the fields that a word may stand for a roster of this kind holds.
fn choose(profile: &Profile, fields: &[Field]) -> Option<Field> {
    let by = |wanted: &[Field]| fields.iter().copied().find(|f| wanted.contains(f));
    // What the kind does not hold is kept if the word means one thing only.
    let only = if let [only] = fields { Some(*only) } else { None };
    by(profile.fields).or_else(|| by(profile.besides)).or(only)
}

/// What a column's header means, whatever the sheet lists.
struct Sense<'l> {
    /// Parents and child as one header.
    joined: Header,
    /// What the words may mean: parents and child together, else the child alone.
    known: Option<&'l [Field]>,
    /// What the parent names, where the child says 开始 or 结束 of it, and which of both.
    period: Option<(&'l [Field], End)>,
    /// What the header would mean of the row's own person.
    own: Option<Field>,
    /// Whom it speaks of, if not the row's own person.
    role: Option<Role>,
    /// Whether it names somebody, so that plain words behind it speak of them.
    names: bool,
    serial: bool,
    /// Whether the same words stand over another column too.
    often: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    From,
    To,
}

impl<'l> Sense<'l> {
    fn of(slot: &Slot, slots: &[Slot], lexicon: &'l Lexicon) -> Self {
        let header = &slot.header;
        let joined = text::header(&slot.title.replace('/', ""));
        let parent = slot.title.rsplit_once('/').map(|(parents, _)| text::header(parents));
        let parent_role = parent.as_ref().and_then(|p| Role::of(&p.full));
        let together = parent.as_ref().and_then(|_| lexicon.known(&joined));
        let known = together.or_else(|| lexicon.known(header).filter(|_| parent_role.is_none()));
        let period = parent
            .as_ref()
            .and_then(|parent| Some((lexicon.known(parent)?, end_of_period(&header.full)?)));
        Self {
            known,
            period,
            own: own_field(header, lexicon),
            role: Role::of(&header.full).or(parent_role),
            names: is_name_header(header),
            serial: Lexicon::is_serial(header),
            often: slots.iter().filter(|other| other.header.full == header.full).count() > 1,
            joined,
        }
    }
}

/// Gives each column its field, as a roster of the profile's kind would mean it.
///
/// Columns of the same words are told apart by what stands before them: an unqualified 联系电话 behind 父亲姓名 is the
/// father's. With samples, columns that no word fits are guessed by their values.
fn map(
    slots: &[Slot],
    senses: &[Sense<'_>],
    profile: &Profile,
    lexicon: &Lexicon,
    samples: Option<&Samples>,
) -> Vec<Slot> {
    let mut slots = slots.to_vec();
    let guardian_named =
        senses.iter().any(|s| s.known.is_some_and(|fields| fields.contains(&Field::GuardianName)));
    let mut role: Option<Role> = None;
    let mut taken: Vec<Field> = Vec::new();
    let ours = slots
        .windows(2)
        .position(|pair| pair[0].header.full == "原因" && pair[1].header.full == "怎么办");
    for (at, (slot, sense)) in slots.iter_mut().zip(senses).enumerate() {
        let confirmed = lexicon
            .confirmed(profile.kind, &sense.joined)
            .or_else(|| lexicon.confirmed(profile.kind, &slot.header));
        if let Some(Meaning(field)) = confirmed {
            slot.field = field;
            slot.sure = Sureness::Confirmed;
            taken.extend(field);
            continue;
        }
        // 原因 before 怎么办 is what an annotated copy adds.
        if ours == Some(at)
            || sense.serial && !(profile.holds(Field::FundNo) && slot.header.full == "编号")
        {
            slot.serial = true;
            slot.sure = Sureness::Known;
            continue;
        }
        let field = meaning(sense, profile, role, &taken, guardian_named);
        if let Some(named) = sense.role
            && sense.names
        {
            role = Some(named);
        } else if sense.own == Some(Field::Name) {
            role = None;
        }
        // What another kind of roster would hold tells the kind, and is no field here.
        if let Some(field) = field.filter(|f| samples.is_none() || profile.holds(*f)) {
            slot.field = Some(field);
            slot.sure = Sureness::Known;
            taken.push(field);
        }
    }
    if let Some(samples) = samples {
        guess(&mut slots, senses, profile, lexicon, samples, &taken);
    }
    settle_doubles(&mut slots, samples);
    slots
}

/// The field of a column in a roster of a kind, where the columns before it last named `current`.
fn meaning(
    sense: &Sense<'_>,
    profile: &Profile,
    current: Option<Role>,
    taken: &[Field],
    guardian_named: bool,
) -> Option<Field> {
    let mut field = sense.known.and_then(|fields| choose(profile, fields));
    if field.is_none()
        && let Some((fields, end)) = sense.period
    {
        let from = choose(profile, fields);
        field = if end == End::From { from } else { from.and_then(partner) };
    }
    let of_role = |role: Role| {
        // A parent is the guardian where no column names one.
        let stands = role != Role::Parent || !guardian_named;
        sense.own.filter(|_| stands).and_then(|own| role.field(own))
    };
    // 父亲姓名, 父亲/电话, 教师 in a pairing …: the field of the person in that role.
    if field.is_none()
        && let Some(role) = sense.role
    {
        return of_role(role);
    }
    // A plain word behind somebody's name, which the row's own person already has or which stands here often.
    if sense.role.is_none()
        && let Some(current) = current
        && let Some(own) = sense.own
        && is_personal(own)
    {
        let theirs = field.is_some_and(|f| taken.contains(&f)) || sense.often;
        // 联系方式 of a contact is how it was made, not the mentor's phone.
        let phone = own == Field::Phone
            && field.is_none_or(|f| {
                matches!(f, Field::Phone | Field::GuardianPhone | Field::MentorPhone)
            });
        if theirs || (phone && current != Role::Head) {
            return of_role(current);
        }
    }
    field
}

/// 开始 and 结束 under 培训时间: which end of what the parent names.
fn end_of_period(child: &str) -> Option<End> {
    match child {
        "开始" | "起" | "起始" | "始" | "自" | "从" | "开始时间" | "起始时间" | "起始日期"
        | "开始日期" => Some(End::From),
        "结束" | "止" | "截止" | "终" | "至" | "到" | "终止" | "结束时间" | "截止时间"
        | "截止日期" | "结束日期" => Some(End::To),
        _ => None,
    }
}

/// What a header would mean of the row's own person, without the words for a role.
fn own_field(header: &Header, lexicon: &Lexicon) -> Option<Field> {
    let own = [
        Field::Name,
        Field::CitizenId,
        Field::Phone,
        Field::BirthDate,
        Field::Sex,
        Field::Relation,
        Field::Employer,
        Field::WorkPlace,
        Field::Ethnicity,
        Field::Education,
        Field::Health,
    ];
    let pick = |fields: &[Field]| own.iter().copied().find(|f| fields.contains(f));
    if let Some(found) = lexicon.known(header).and_then(pick) {
        return Some(found);
    }
    let full = &header.full;
    if full.ends_with("姓名") || full.ends_with("名字") {
        Some(Field::Name)
    } else if full.contains("身份证") || full.contains("证件号") {
        Some(Field::CitizenId)
    } else if full.contains("电话") || full.contains("手机") || full.contains("联系方式") {
        Some(Field::Phone)
    } else if full.contains("出生") {
        Some(Field::BirthDate)
    } else if full.contains("关系") {
        Some(Field::Relation)
    } else if full.ends_with("单位") {
        Some(Field::Employer)
    } else {
        None
    }
}

/// Whether a field is one of those that any person has.
fn is_personal(field: Field) -> bool {
    matches!(
        field,
        Field::CitizenId
            | Field::Phone
            | Field::BirthDate
            | Field::Sex
            | Field::Relation
            | Field::WorkPlace
            | Field::Ethnicity
            | Field::Education
            | Field::Health
    )
}

/// Whether a header names somebody, so that plain words behind it speak of them.
fn is_name_header(header: &Header) -> bool {
    let full = &header.full;
    full.ends_with("姓名")
        || full.ends_with("名字")
        || ["监护人", "家长", "父亲", "母亲", "户主", "帮扶人", "帮扶责任人", "班主任"]
            .contains(&full.as_str())
}

/// Of several columns for one field the surest comes first in line; a guess never stands beside a known one.
fn settle_doubles(slots: &mut [Slot], samples: Option<&Samples>) {
    for at in 0..slots.len() {
        let (Some(field), sure) = (slots[at].field, slots[at].sure) else { continue };
        let better = slots
            .iter()
            .enumerate()
            .any(|(i, other)| i != at && other.field == Some(field) && other.sure < sure);
        // A second id or phone fills in where the first is empty; a second amount is another amount.
        let another = matches!(
            field.field_type(),
            FieldType::Money | FieldType::Integer | FieldType::Decimal
        ) && slots[..at].iter().any(|other| other.field == Some(field));
        if better || another {
            slots[at].field = None;
            slots[at].sure = Sureness::Unknown;
        }
        // 学号 is a student number only where it is built like one.
        if field == Field::StudentNo
            && slots[at].header.full.ends_with("学号")
            && let Some(samples) = samples
            && samples.share(slots[at].at, Shape::StudentNo) < 50
            && samples.filled(slots[at].at)
        {
            slots[at].field = None;
            slots[at].sure = Sureness::Unknown;
        }
    }
}

/// Gives columns that no word fits the field that header and values resemble most.
fn guess(
    slots: &mut [Slot],
    senses: &[Sense<'_>],
    profile: &Profile,
    lexicon: &Lexicon,
    samples: &Samples,
    taken: &[Field],
) {
    let wanted: Vec<Field> = profile
        .fields
        .iter()
        .chain(profile.besides)
        .copied()
        .filter(|f| !taken.contains(f))
        .collect();
    let mut offers: Vec<(u8, usize, Field)> = Vec::new();
    for (at, slot) in slots.iter().enumerate() {
        // A known word that was given no field speaks of somebody else.
        let known = senses[at].known.and_then(|fields| choose(profile, fields));
        let told = slot.field.is_some() || slot.serial || known.is_some();
        if told || slot.sure == Sureness::Confirmed {
            continue;
        }
        let whole = &senses[at].joined;
        let alike = lexicon.alike(&slot.header, &wanted).or_else(|| lexicon.alike(whole, &wanted));
        if let Some((score, field)) = alike {
            let fits = samples.fits(slot.at, field);
            let score = match fits {
                Some(share) if share < 50 => 0,
                Some(share) => {
                    u8::try_from((u32::from(score) * 3 + u32::from(share)) / 4).expect("a mean")
                }
                None => score,
            };
            if score >= 60 {
                offers.push((score, at, field));
            }
        } else if Role::of(&whole.full).is_none()
            && wanted.contains(&Field::CitizenId)
            && samples.share(slot.at, Shape::CitizenId) >= 80
        {
            offers.push((70, at, Field::CitizenId));
        } else if wanted.contains(&Field::StudentNo)
            && samples.share(slot.at, Shape::StudentNo) >= 80
        {
            offers.push((75, at, Field::StudentNo));
        }
    }
    // The best guess first; of equals the one further left.
    offers.sort_by_key(|(score, at, _)| (std::cmp::Reverse(*score), *at));
    let mut given: Vec<Field> = Vec::new();
    for (score, at, field) in offers {
        if given.contains(&field) || slots[at].field.is_some() {
            continue;
        }
        given.push(field);
        slots[at].field = Some(field);
        slots[at].sure = Sureness::Guessed(score);
    }
}

/// How well a roster of a kind fits the columns, 0–100 and a little above.
fn score(profile: &Profile, slots: &[Slot], titles: &str) -> u32 {
    let has = |field: &Field| slots.iter().any(|slot| slot.field == Some(*field));
    if !profile.essential.iter().all(|group| group.iter().any(has)) {
        return 0;
    }
    let total: u32 = profile.fields.iter().map(|f| weight(*f)).sum();
    let found: u32 = profile.fields.iter().filter(|f| has(f)).map(|f| weight(*f)).sum();
    let (mut mapped, mut unknown) = (0, 0);
    for slot in slots.iter().filter(|slot| !slot.serial) {
        match slot.field {
            Some(field) if profile.holds(field) => mapped += weight(field).max(30),
            Some(field) => mapped += weight(field).max(60),
            None => unknown += 25,
        }
    }
    // However many columns nobody knows, they say little about the others.
    mapped += unknown.min(250);
    let held: u32 = slots
        .iter()
        .filter_map(|slot| slot.field)
        .filter(|f| profile.holds(*f))
        .map(|f| weight(f).max(30))
        .sum();
    // Of a kind with many fields of its own some are enough.
    let recall = (100 * found / total.clamp(1, 1200)).min(100);
    let precision = 100 * held / mapped.max(1);
    let in_title = profile.words.iter().filter(|w| titles.contains(**w)).count().min(2);
    let in_headers = profile
        .words
        .iter()
        .filter(|w| w.chars().count() >= 2 && slots.iter().any(|s| s.title.contains(**w)))
        .count()
        .min(2);
    let words = u32::try_from(14 * in_title + 5 * in_headers).expect("few");
    recall * 45 / 100 + precision * 45 / 100 + words + u32::from(profile.fields.iter().all(has)) * 5
}

/// What values look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    CitizenId,
    StudentNo,
    Date,
    Number,
}

/// A few values of every column.
struct Samples {
    /// By column: values as text, with whether the cell was a date or number.
    values: Vec<(u16, String, bool)>,
}

impl Samples {
    fn take(book: &Book, grid: &Grid, header: &Range<u32>) -> Self {
        let start = grid.index_of(header.end);
        let mut values = Vec::new();
        for index in start..grid.len().min(start + SAMPLE) {
            for (column, raw) in grid.row(index) {
                let shown = book.shown(*raw);
                values.push((
                    *column,
                    text::fold(&shown).into_owned(),
                    matches!(raw, Raw::Date(_)),
                ));
            }
        }
        values.sort_by_key(|(column, ..)| *column);
        Self { values }
    }

    fn of(&self, column: u16) -> &[(u16, String, bool)] {
        let from = self.values.partition_point(|(c, ..)| *c < column);
        let to = self.values.partition_point(|(c, ..)| *c <= column);
        &self.values[from..to]
    }

    fn filled(&self, column: u16) -> bool {
        self.of(column).len() >= 3
    }

    /// The share of a column's values of a shape, 0–100.
    fn share(&self, column: u16, shape: Shape) -> u8 {
        let values = self.of(column);
        let fits = values
            .iter()
            .filter(|(_, text, date)| match shape {
                Shape::CitizenId => fujiao_model::CitizenId::parse(text).is_ok(),
                Shape::StudentNo => fujiao_model::StudentNo::parse(text).is_some(),
                Shape::Date => *date || crate::value::looks_like_date(text),
                Shape::Number => {
                    text.parse::<f64>().is_ok() || crate::value::leading_number(text).is_some()
                }
            })
            .count();
        u8::try_from(100 * fits / values.len().max(1)).expect("at most 100")
    }

    /// How well a column's values fit a field's type, 0–100; `None` where the type says nothing or there are too few values.
    fn fits(&self, column: u16, field: Field) -> Option<u8> {
        if !self.filled(column) {
            return None;
        }
        let values = self.of(column);
        Some(match field.field_type() {
            FieldType::Id => self.share(column, Shape::CitizenId),
            FieldType::Date => self.share(column, Shape::Date),
            FieldType::Integer | FieldType::Decimal | FieldType::Money => {
                self.share(column, Shape::Number)
            }
            FieldType::Code(_) => {
                let read = values
                    .iter()
                    .filter(|(_, text, _)| {
                        text.is_empty() || crate::value::code(field, text).is_some()
                    })
                    .count();
                u8::try_from(100 * read / values.len()).expect("at most 100")
            }
            FieldType::Flag => {
                let read =
                    values.iter().filter(|(_, text, _)| crate::value::flag(text).is_some()).count();
                u8::try_from(100 * read / values.len()).expect("at most 100")
            }
            FieldType::Text if field == Field::StudentNo => self.share(column, Shape::StudentNo),
            FieldType::Text | FieldType::Term => return None,
        })
    }
}
