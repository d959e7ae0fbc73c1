use std::borrow::Cow;
use std::collections::BTreeMap;

use fujiao_model::Money;
use jiff::civil::Date;

use super::lexicon::{Column, Words, half};
use super::{Fault, FaultKind, Which};

/// A return as it came.
#[derive(Clone, Copy, Debug)]
pub enum Body<'a> {
    /// A text file.
    Bytes(&'a [u8]),
    /// The rows of a workbook's sheet, in order, blank ones included: a row's line is its place.
    Rows(&'a [Vec<String>]),
}

/// What a bank says of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Word {
    /// The money is on the account.
    Paid,
    /// The money came back.
    Returned,
    /// 处理中: not known yet.
    UnderWay,
    /// A word that nobody has explained: asked for, never taken for success.
    Strange,
}

/// One line of a return.
#[derive(Clone, PartialEq, Eq)]
pub struct BankLine {
    /// Line or row of the file, from 1.
    pub line: usize,
    /// Our key, if the file has it.
    pub key: String,
    /// Account, perhaps masked by `*`; empty if the file has none.
    pub account: String,
    /// Holder; empty if the file has none.
    pub name: String,
    /// How much.
    pub amount: Money,
    /// What the bank says.
    pub word: Word,
    /// Its words, and its reason.
    pub said: String,
    /// The day, if it can be read.
    pub on: Option<Date>,
}

/// A total that a return speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stated {
    /// Where it stands.
    pub line: usize,
    /// Which lines it speaks of.
    pub which: Which,
    /// 笔数
    pub count: Option<u64>,
    /// 金额
    pub amount: Option<Money>,
}

/// A return that could be read.
#[derive(Clone, PartialEq, Eq)]
pub struct BankReturn {
    /// The file that it says it answers.
    pub file: Option<String>,
    /// Its lines in order.
    pub lines: Vec<BankLine>,
    /// Totals that it speaks of; all of them add up.
    pub stated: Vec<Stated>,
    /// Whether every line has our key. Else lines are matched by account and amount.
    pub keyed: bool,
}

/// Faults that are told one by one.
const MOST_FAULTS: usize = 50;
/// Lines above the header.
const MOST_HEAD: usize = 30;

struct Row<'a> {
    line: usize,
    cells: Vec<Cow<'a, str>>,
}

/// Reads a return.
///
/// Headers stand within the first thirty rows; text above and below them may state totals (总笔数：3，总金额：1,875.00，
/// 成功笔数：2 …), which are counted again. Blank rows, full-width digits, signs of currency, groups of digits, blanks and
/// apostrophes before an account are taken as they are meant. A file without headers is read if it is our own text with the
/// bank's word and reason behind each line.
///
/// # Errors
/// Every fault with its line, at most fifty and how many more there are. Nothing of such a file is to be taken.
pub fn read(body: Body<'_>, words: &Words) -> Result<BankReturn, Vec<Fault>> {
    match body {
        Body::Rows(rows) => {
            let rows = (1..).zip(rows).map(|(line, cells)| Row {
                line,
                cells: cells.iter().map(|cell| Cow::Borrowed(cell.as_str())).collect(),
            });
            let rows: Vec<Row<'_>> =
                rows.filter(|row| row.cells.iter().any(|c| !c.trim().is_empty())).collect();
            take(&rows, words)
        }
        Body::Bytes(bytes) => {
            let text = decode(bytes)?;
            take(&split(&text)?, words)
        }
    }
}

fn whole(kind: FaultKind) -> Vec<Fault> {
    vec![Fault { line: None, kind }]
}

fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, Vec<Fault>> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(whole(FaultKind::Empty));
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        return Err(whole(FaultKind::NotText));
    }
    if let Some((encoding, _)) = encoding_rs::Encoding::for_bom(bytes) {
        let (text, broken) = encoding.decode_with_bom_removal(bytes);
        return if broken { Err(whole(FaultKind::Encoding)) } else { Ok(text) };
    }
    let text = if let Ok(text) = std::str::from_utf8(bytes) {
        Cow::Borrowed(text)
    } else {
        let (text, broken) = encoding_rs::GB18030.decode_without_bom_handling(bytes);
        if broken {
            return Err(whole(FaultKind::Encoding));
        }
        text
    };
    if text.contains('\0') {
        return Err(whole(FaultKind::NotText));
    }
    Ok(text)
}

/// The sign that parts the cells: the one that the first lines have most of.
fn separator(text: &str) -> char {
    let head: Vec<&str> = text.lines().take(MOST_HEAD).collect();
    let count = |sign: char| head.iter().map(|line| line.matches(sign).count()).max().unwrap_or(0);
    // `|` and tabs first: commas also stand in amounts.
    ['|', '\t', ',', ';', '，']
        .into_iter()
        .map(|sign| (count(sign), sign))
        .reduce(|best, next| if next.0 > best.0 { next } else { best })
        .map_or(',', |(_, sign)| sign)
}

fn split(text: &str) -> Result<Vec<Row<'_>>, Vec<Fault>> {
    let sign = separator(text);
    let mut rows = Vec::new();
    let mut faults = Vec::new();
    for (line, text) in (1..).zip(text.lines()) {
        if text.trim().is_empty() {
            continue;
        }
        match cells(text, sign) {
            Some(cells) => rows.push(Row { line, cells }),
            None => faults.push(Fault { line: Some(line), kind: FaultKind::Quote }),
        }
    }
    if faults.is_empty() { Ok(rows) } else { Err(few(faults)) }
}

/// The cells of a line, `None` if a quotation mark is not closed.
fn cells(line: &str, sign: char) -> Option<Vec<Cow<'_, str>>> {
    if !line.contains('"') {
        return Some(line.split(sign).map(Cow::Borrowed).collect());
    }
    let mut cells = Vec::new();
    let mut cell = String::new();
    let mut quoted = false;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            c if c == sign && !quoted => cells.push(Cow::Owned(std::mem::take(&mut cell))),
            c => cell.push(c),
        }
    }
    if quoted {
        return None;
    }
    cells.push(Cow::Owned(cell));
    Some(cells)
}

fn few(mut faults: Vec<Fault>) -> Vec<Fault> {
    if faults.len() > MOST_FAULTS {
        let more = faults.len() - MOST_FAULTS;
        faults.truncate(MOST_FAULTS);
        faults.push(Fault { line: None, kind: FaultKind::More(more) });
    }
    faults
}

/// Where the columns stand.
struct Layout {
    places: BTreeMap<Column, usize>,
    /// Rows up to and with the header.
    above: usize,
    /// Cells that a line needs.
    needed: usize,
    /// Our own text: lines of payments begin with `D`.
    own: bool,
}

/// Our own text as a bank sends it back: `D|no|key|account|name|bank|code|amount|note|word|reason`.
const OWN: [(Column, usize); 6] = [
    (Column::Key, 2),
    (Column::Account, 3),
    (Column::Name, 4),
    (Column::Amount, 7),
    (Column::Word, 9),
    (Column::Reason, 10),
];

fn layout(rows: &[Row<'_>]) -> Result<Layout, Vec<Fault>> {
    if rows.first().is_some_and(|row| row.cells[0].trim() == "H") {
        let places = BTreeMap::from(OWN);
        return Ok(Layout { places, above: 0, needed: 10, own: true });
    }
    let mut best: BTreeMap<Column, usize> = BTreeMap::new();
    for (at, row) in rows.iter().take(MOST_HEAD).enumerate() {
        let mut places = BTreeMap::new();
        for (place, cell) in row.cells.iter().enumerate() {
            if let Some(column) = Column::of(cell) {
                places.entry(column).or_insert(place);
            }
        }
        let named = |column| places.contains_key(&column);
        if (named(Column::Key) || named(Column::Account))
            && named(Column::Amount)
            && named(Column::Word)
        {
            let needed = [Column::Key, Column::Account, Column::Amount, Column::Word];
            let needed = needed.iter().filter_map(|c| places.get(c)).max().map_or(0, |p| p + 1);
            return Ok(Layout { places, above: at + 1, needed, own: false });
        }
        if places.len() > best.len() {
            best = places;
        }
    }
    let mut missing = Vec::new();
    if !best.contains_key(&Column::Key) && !best.contains_key(&Column::Account) {
        missing.push("业务号或收款账号");
    }
    for column in [Column::Amount, Column::Word] {
        if !best.contains_key(&column) {
            missing.push(column.chinese());
        }
    }
    Err(whole(FaultKind::NoHeader(missing)))
}

fn take(rows: &[Row<'_>], words: &Words) -> Result<BankReturn, Vec<Fault>> {
    if rows.is_empty() {
        return Err(whole(FaultKind::Empty));
    }
    let layout = layout(rows)?;
    let mut stated = Vec::new();
    let mut faults = Vec::new();
    let mut lines: Vec<BankLine> = Vec::with_capacity(rows.len());
    let mut file = None;
    let mut ended = false;
    for (at, row) in rows.iter().enumerate() {
        if layout.own {
            match row.cells[0].trim() {
                "D" => {}
                "H" => {
                    file = row.cells.get(1).map(|c| c.trim().to_owned());
                    stated.extend(own_total(row, 5));
                    continue;
                }
                "T" => {
                    ended = true;
                    stated.extend(own_total(row, 1));
                    continue;
                }
                _ => {
                    faults.push(short(row, layout.needed));
                    continue;
                }
            }
        } else if at + 1 < layout.above {
            let text = row.cells.join(" ");
            file = file.or_else(|| file_named(&text));
            stated.extend(totals_in(row.line, &text));
            continue;
        } else if at + 1 == layout.above {
            continue;
        } else if let Some(found) = remark(row, &layout) {
            stated.extend(found);
            continue;
        }
        match line(row, &layout, words) {
            Ok(line) => lines.push(line),
            Err(fault) => faults.push(fault),
        }
    }
    // A last line that breaks off is a file cut off.
    let has = lines.len() as u64;
    if let (Some(last), Some(row)) = (faults.last_mut(), rows.last())
        && last.line == Some(row.line)
        && matches!(last.kind, FaultKind::Short { .. })
    {
        last.kind = FaultKind::CutOff { said: all_of(&stated), has };
    } else if layout.own && !ended {
        let said = all_of(&stated);
        faults.push(Fault { line: None, kind: FaultKind::CutOff { said, has } });
    }
    let keyed = lines.iter().all(|line| !line.key.is_empty());
    faults.extend(twice(&lines));
    if faults.is_empty() {
        faults.extend(count_again(&stated, &lines));
    }
    if lines.is_empty() && faults.is_empty() {
        faults = whole(FaultKind::Empty);
    }
    if faults.is_empty() {
        Ok(BankReturn { file, lines, stated, keyed })
    } else {
        faults.sort_by_key(|f| f.line.unwrap_or(usize::MAX));
        Err(few(faults))
    }
}

fn all_of(stated: &[Stated]) -> Option<u64> {
    stated.iter().find(|s| s.which == Which::All).and_then(|s| s.count)
}

fn short(row: &Row<'_>, needed: usize) -> Fault {
    let cells = row.cells.len();
    Fault { line: Some(row.line), kind: FaultKind::Short { cells, needed } }
}

fn cell<'a>(row: &'a Row<'_>, layout: &Layout, column: Column) -> &'a str {
    layout.places.get(&column).and_then(|at| row.cells.get(*at)).map_or("", |c| c.trim())
}

fn line(row: &Row<'_>, layout: &Layout, words: &Words) -> Result<BankLine, Fault> {
    let fault = |kind| Fault { line: Some(row.line), kind };
    if row.cells.len() < layout.needed {
        return Err(short(row, layout.needed));
    }
    let account = digits(cell(row, layout, Column::Account));
    if account.contains(['E', 'e', '.']) {
        return Err(fault(FaultKind::Rounded(account)));
    }
    let key = bare(cell(row, layout, Column::Key));
    if key.is_empty() && account.is_empty() {
        return Err(fault(FaultKind::NoKey));
    }
    let text = cell(row, layout, Column::Amount);
    let amount = amount(text).ok_or_else(|| fault(FaultKind::Amount(text.to_owned())))?;
    let word = cell(row, layout, Column::Word);
    if word.is_empty() {
        return Err(fault(FaultKind::NoWord));
    }
    let reason = cell(row, layout, Column::Reason);
    let said = if reason.is_empty() || reason == word {
        word.to_owned()
    } else {
        format!("{word}：{reason}")
    };
    Ok(BankLine {
        line: row.line,
        key,
        account,
        name: cell(row, layout, Column::Name).to_owned(),
        amount,
        word: words.meaning(word),
        said,
        on: day(cell(row, layout, Column::Day)),
    })
}

/// A row below the header that is no line: totals, signatures. `None` for a line.
fn remark(row: &Row<'_>, layout: &Layout) -> Option<Vec<Stated>> {
    let first = row.cells.iter().map(|c| c.trim()).find(|c| !c.is_empty())?;
    let text = row.cells.join(" ");
    let is_total = ["合计", "总计", "小计", "共计", "总笔数", "总金额", "合 计"]
        .iter()
        .any(|w| first.starts_with(w));
    let bare_row = cell(row, layout, Column::Word).is_empty()
        && row.cells.len() < layout.needed
        && row.cells.iter().filter(|c| !c.trim().is_empty()).count() == 1
        && !first.starts_with(|c: char| c.is_ascii_digit());
    if !is_total && !bare_row {
        return None;
    }
    let mut found = totals_in(row.line, &text);
    if is_total && found.is_empty() {
        // 合计 | 3 | … | 1,875.00: the sum stands under the amounts, the count is the only whole number beside it.
        let place = layout.places.get(&Column::Amount).copied();
        let sum = place.and_then(|at| row.cells.get(at)).and_then(|c| amount(c));
        let mut counts = row
            .cells
            .iter()
            .enumerate()
            .filter(|(at, _)| Some(*at) != place)
            .filter_map(|(_, c)| {
                let text: String = c.trim().chars().map(half).collect();
                text.trim_end_matches('笔').trim().parse::<u64>().ok().filter(|n| *n < 100_000_000)
            });
        let count = match (counts.next(), counts.next()) {
            (Some(count), None) => Some(count),
            _ => None,
        };
        if sum.is_some() || count.is_some() {
            found.push(Stated { line: row.line, which: Which::All, count, amount: sum });
        }
    }
    Some(found)
}

/// Count and sum of our own first or last line, from a place on.
fn own_total(row: &Row<'_>, from: usize) -> Option<Stated> {
    let count = row.cells.get(from).and_then(|c| c.trim().parse().ok());
    let amount = row.cells.get(from + 1).and_then(|c| amount(c));
    (count.is_some() || amount.is_some()).then_some(Stated {
        line: row.line,
        which: Which::All,
        count,
        amount,
    })
}

/// 文件号：… of a line above the header.
fn file_named(text: &str) -> Option<String> {
    let text: String = text.chars().map(half).collect();
    let at = ["文件号", "批次号", "文件编号"]
        .iter()
        .find_map(|w| text.find(w).map(|at| at + w.len()))?;
    let rest = text[at..].trim_start_matches([':', ' ']);
    let name: String =
        rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-' || *c == '/').collect();
    (!name.is_empty()).then_some(name)
}

/// 总笔数：3，总金额：1,875.00，成功笔数：2 … anywhere in a line.
fn totals_in(line: usize, text: &str) -> Vec<Stated> {
    let text: String = text.chars().map(half).collect();
    let mut found: BTreeMap<Which, Stated> = BTreeMap::new();
    for (word, is_count) in [("笔数", true), ("金额", false)] {
        for (at, _) in text.match_indices(word) {
            let which = if text[..at].ends_with("成功") {
                Which::Paid
            } else if text[..at].ends_with("失败") || text[..at].ends_with("退回") {
                Which::Returned
            } else if text[..at].ends_with('总') || text[..at].ends_with("合计") {
                Which::All
            } else {
                continue;
            };
            let rest = text[at + word.len()..]
                .trim_start_matches(|c: char| !c.is_ascii_digit() && !c.is_alphabetic());
            let number: String =
                rest.chars().take_while(|c| c.is_ascii_digit() || ",.".contains(*c)).collect();
            let number = number.trim_end_matches([',', '.']);
            let entry =
                found.entry(which).or_insert(Stated { line, which, count: None, amount: None });
            if is_count {
                entry.count = entry.count.or_else(|| number.replace(',', "").parse().ok());
            } else {
                entry.amount = entry.amount.or_else(|| amount(number));
            }
        }
    }
    found.into_values().filter(|s| s.count.is_some() || s.amount.is_some()).collect()
}

fn twice(lines: &[BankLine]) -> Vec<Fault> {
    let mut by_key: Vec<(&str, usize)> =
        lines.iter().filter(|l| !l.key.is_empty()).map(|l| (l.key.as_str(), l.line)).collect();
    by_key.sort_unstable();
    by_key
        .windows(2)
        .filter(|pair| pair[0].0 == pair[1].0)
        .map(|pair| Fault { line: Some(pair[1].1), kind: FaultKind::Twice { first: pair[0].1 } })
        .collect()
}

fn count_again(stated: &[Stated], lines: &[BankLine]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for total in stated {
        let of = |line: &&BankLine| match total.which {
            Which::All => true,
            Which::Paid => line.word == Word::Paid,
            Which::Returned => line.word == Word::Returned,
        };
        let has = lines.iter().filter(of).count() as u64;
        let sum: Money = lines.iter().filter(of).map(|line| line.amount).sum();
        let (at, which) = (Some(total.line), total.which);
        match total.count {
            Some(said) if said > has && which == Which::All => {
                faults.push(Fault { line: at, kind: FaultKind::CutOff { said: Some(said), has } });
                continue;
            }
            Some(said) if said != has => {
                faults.push(Fault { line: at, kind: FaultKind::TooMany { which, said, has } });
                continue;
            }
            _ => {}
        }
        if let Some(said) = total.amount
            && said != sum
        {
            faults.push(Fault { line: at, kind: FaultKind::WrongTotal { which, said, has: sum } });
        }
    }
    faults
}

/// A cell without what spreadsheets put around it: `'6230…`, `="6230…"`.
fn bare(text: &str) -> String {
    let text = text.trim().trim_start_matches(['\'', '’', '`', '=']);
    text.trim_matches('"').chars().map(half).collect::<String>().trim().to_owned()
}

fn digits(text: &str) -> String {
    bare(text).chars().filter(|c| !c.is_whitespace() && *c != '-').collect()
}

/// Yuan as banks write them: `1,875.00`, `￥625`, `６２５．５０元`. Not below zero, at most two decimals that count.
pub(super) fn amount(text: &str) -> Option<Money> {
    let text: String = text.trim().chars().map(half).collect();
    let text = text.trim_start_matches(['¥', '$', '\'', '+']).trim_end_matches('元').trim();
    let text = text.strip_prefix("￥").or_else(|| text.strip_prefix("CNY")).unwrap_or(text).trim();
    let (yuan, fen) = text.split_once('.').unwrap_or((text, ""));
    let yuan: String = yuan.chars().filter(|c| *c != ',').collect();
    let fen = fen.trim_end_matches('0');
    if yuan.is_empty()
        || yuan.len() > 13
        || fen.len() > 2
        || !yuan.bytes().chain(fen.bytes()).all(|b| b.is_ascii_digit())
    {
        return None;
    }
    let yuan: i64 = yuan.parse().ok()?;
    let fen: i64 = match fen.len() {
        0 => 0,
        1 => fen.parse::<i64>().ok()? * 10,
        _ => fen.parse().ok()?,
    };
    Some(Money::fen(yuan * 100 + fen))
}

/// A day as banks write it; `None` if it is none.
fn day(text: &str) -> Option<Date> {
    let digits: String = text.chars().map(half).filter(char::is_ascii_digit).take(8).collect();
    if digits.len() == 8 && text.chars().next().is_some_and(|c| half(c).is_ascii_digit()) {
        let parsed = |from, to| digits[from..to].parse::<i16>().ok();
        let month = i8::try_from(parsed(4, 6)?).ok()?;
        return Date::new(parsed(0, 4)?, month, i8::try_from(parsed(6, 8)?).ok()?).ok();
    }
    None
}
