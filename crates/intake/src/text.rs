//! Folding of what people type: widths, spaces, brackets, numbering.

use std::borrow::Cow;

/// A character in its plain form; `None` where it should vanish.
fn plain(c: char) -> Option<char> {
    Some(match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).expect("ASCII"),
        '\u{3000}' | '\u{a0}' | '\t' | '\r' | '\n' | '\u{2002}'..='\u{200a}' => ' ',
        '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{2028}' | '\u{2029}' | '\u{0}'..='\u{8}' => {
            return None;
        }
        '〔' | '﹙' | '【' => '(',
        '〕' | '﹚' | '】' => ')',
        c => c,
    })
}

fn is_plain(c: char) -> bool {
    plain(c) == Some(c)
}

/// A cell's text: full width folded, spaces around and marks that spreadsheets put before texts dropped.
///
/// Borrows where nothing changes, which is nearly always.
pub(crate) fn fold(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    if text.is_empty() {
        return Cow::Borrowed("");
    }
    let first = text.as_bytes()[0];
    let mut folded = if text.chars().all(is_plain) {
        Cow::Borrowed(text)
    } else {
        let folded: String = text.chars().filter_map(plain).collect();
        Cow::Owned(folded.trim().to_owned())
    };
    // 'text, `text and ="text" keep a number as it is written.
    if matches!(first, b'\'' | b'`' | b'=') || folded.starts_with('‘') {
        let bare = folded
            .strip_prefix("=\"")
            .and_then(|rest| rest.strip_suffix('"'))
            .unwrap_or_else(|| folded.trim_start_matches(['\'', '`', '‘']))
            .trim();
        folded = Cow::Owned(bare.to_owned());
    }
    if is_nothing(&folded) { Cow::Borrowed("") } else { folded }
}

/// What people write to say that a cell is empty.
fn is_nothing(text: &str) -> bool {
    text.len() <= 9
        && (matches!(
            text,
            "/" | "\\" | "//" | "\\N" | "null" | "NULL" | "None" | "N/A" | "n/a" | "#N/A"
        ) || text.chars().all(|c| matches!(c, '-' | '—' | '－' | '─' | '–' | '_')))
}

/// Without any space.
pub(crate) fn squeeze(text: &str) -> Cow<'_, str> {
    if text.contains(char::is_whitespace) {
        Cow::Owned(text.chars().filter(|c| !c.is_whitespace()).collect())
    } else {
        Cow::Borrowed(text)
    }
}

/// Whether a character is a Han ideograph.
pub(crate) fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}' | '〇')
}

/// A name: no spaces between Han, one kind of dot.
pub(crate) fn name(text: &str) -> Cow<'_, str> {
    let dotted =
        |c: char| matches!(c, '•' | '．' | '.' | '‧' | '・' | '∙' | '⋅' | '●' | '。' | '*' | 'ˑ');
    if !text.contains(|c: char| c.is_whitespace() || dotted(c)) {
        return Cow::Borrowed(text);
    }
    let squeezed: String = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| if dotted(c) { '·' } else { c })
        .collect();
    Cow::Owned(squeezed.trim_matches('·').to_owned())
}

/// A header in two plain forms.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Header {
    /// Brackets gone, their content kept: 乡(镇) is 乡镇.
    pub(crate) full: String,
    /// Brackets and their content gone: 务工时间（月） is 务工时间.
    pub(crate) bare: String,
    /// What stood in brackets or behind a slash: units and hints.
    pub(crate) hints: String,
}

/// Plain forms of a header: no numbering, stars, "必填", spaces, line breaks; small letters.
pub(crate) fn header(text: &str) -> Header {
    let folded: String = text
        .chars()
        .filter_map(plain)
        .filter(|c| !c.is_whitespace() && !"★☆*※◆●■□▲△✱".contains(*c))
        .flat_map(char::to_lowercase)
        .collect();
    let numbered = strip_number(&folded);
    let (mut full, mut bare, mut hints) = (String::new(), String::new(), String::new());
    let mut depth = 0_u32;
    for c in numbered.chars() {
        match c {
            '(' | '[' | '{' | '<' | '《' | '“' | '"' => depth += 1,
            ')' | ']' | '}' | '>' | '》' | '”' if depth > 0 => depth -= 1,
            ')' | ']' | '}' | '>' | '》' | '”' | ':' | '\'' => {}
            c => {
                if !matches!(c, '、' | ',' | ';' | '/' | '\\' | '·' | '_' | '-' | '—' | '|' | '.')
                {
                    full.push(c);
                    if depth == 0 {
                        bare.push(c);
                    }
                }
                if depth > 0 {
                    hints.push(c);
                }
            }
        }
    }
    for hint in ["必填", "选填", "必须填写", "必录", "请填写", "下拉选择", "文本格式"]
    {
        if full.contains(hint) {
            full = full.replace(hint, "");
        }
        if bare.contains(hint) && bare.len() > hint.len() {
            bare = bare.replace(hint, "");
        }
    }
    Header { full, bare, hints }
}

/// A header without the number before it: `1、`, `A10、`, `(1)`, `①`, `1 姓名`.
fn strip_number(text: &str) -> &str {
    let trimmed = text.trim_start_matches(|c: char| matches!(c, '①'..='⑳' | '⑴'..='⒇'));
    let inner = trimmed.strip_prefix('(').unwrap_or(trimmed);
    let letters = inner.bytes().take_while(u8::is_ascii_alphabetic).count();
    let digits = inner.bytes().skip(letters).take_while(u8::is_ascii_digit).count();
    if digits > 0 && letters <= 1 && digits <= 3 {
        let rest = &inner[letters + digits..];
        if let Some(behind) = rest.strip_prefix(['、', '.', ')', ':', '-', ','])
            && (!behind.starts_with(|c: char| c.is_ascii_digit())
                || !rest.starts_with(['.', '-', ',']))
        {
            let rest = behind;
            return rest.trim_start_matches(['、', '.']);
        }
        // 1姓名, but not 18位身份证号 nor 1-3月的收入.
        let next = rest.chars().next();
        if letters == 0
            && digits <= 2
            && next.is_some_and(|c| is_han(c) && !"位月年岁级至到个周".contains(c))
        {
            return rest;
        }
    }
    let han = "一二三四五六七八九十";
    if let Some(rest) = trimmed.trim_start_matches(|c| han.contains(c)).strip_prefix('、')
        && !rest.is_empty()
    {
        return rest;
    }
    trimmed
}

/// Characters to change, add or drop to make one text of the other (Levenshtein).
fn edits(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.iter().enumerate() {
        let mut before = i;
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let cost = before + usize::from(ca != cb);
            before = row[j + 1];
            row[j + 1] = cost.min(before + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

/// Whether one text may be the other with a slip of the pen: one character wrong, missing or too many, two in a long
/// one, or the same characters in another order.
pub(crate) fn is_slip(a: &str, b: &str) -> bool {
    let (mut a, mut b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if edits(&a, &b) <= if a.len().min(b.len()) > 8 { 2 } else { 1 } {
        return true;
    }
    a.sort_unstable();
    b.sort_unstable();
    a == b
}

/// How alike two short texts are, 0–100: characters in common (Dice) and edits, the better of both.
pub(crate) fn likeness(a: &str, b: &str) -> u8 {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.is_empty() || b.is_empty() || a.len() > 40 || b.len() > 40 {
        return 0;
    }
    let mut left = b.clone();
    let common = a
        .iter()
        .filter(|c| left.iter().position(|d| d == *c).map(|at| left.swap_remove(at)).is_some())
        .count();
    let dice = 200 * common / (a.len() + b.len());
    let edits = edits(&a, &b);
    let longest = a.len().max(b.len());
    let edits = 100 * (longest - edits) / longest;
    u8::try_from(dice.max(edits).min(100)).expect("at most 100")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_folded() {
        for (text, want) in [
            ("　６１１０２６　", "611026"),
            ("'611026198001010012", "611026198001010012"),
            ("=\"0123\"", "0123"),
            ("——", ""),
            ("/", ""),
            ("张 三", "张 三"),
            ("（男）", "(男)"),
        ] {
            assert_eq!(fold(text), want, "{text}");
        }
        assert!(matches!(fold(" 张三 "), Cow::Borrowed("张三")));
    }

    #[test]
    fn names_have_one_kind_of_dot() {
        for (text, want) in [
            ("张　三", "张三"),
            ("阿依古丽.买买提", "阿依古丽·买买提"),
            ("阿依 • 买买提", "阿依·买买提"),
            ("李四", "李四"),
        ] {
            assert_eq!(name(&fold(text)), want, "{text}");
        }
    }

    #[test]
    fn headers_lose_their_ornaments() {
        for (text, full, bare) in [
            ("★1、姓名", "姓名", "姓名"),
            ("1 姓名", "姓名", "姓名"),
            ("A10、证件号码", "证件号码", "证件号码"),
            ("（1）姓名", "姓名", "姓名"),
            ("①姓名*", "姓名", "姓名"),
            ("18位身份证号", "18位身份证号", "18位身份证号"),
            ("4、18位身份证号", "18位身份证号", "18位身份证号"),
            ("1-3月的收入", "13月的收入", "13月的收入"),
            ("务工时间\n（月）", "务工时间月", "务工时间"),
            ("乡（镇）", "乡镇", "乡"),
            ("姓名（必填）", "姓名", "姓名"),
            ("致贫原因1（必填）", "致贫原因1", "致贫原因1"),
            ("家长（或监护人）姓名", "家长或监护人姓名", "家长姓名"),
        ] {
            let got = header(text);
            assert_eq!((got.full.as_str(), got.bare.as_str()), (full, bare), "{text}");
        }
    }

    #[test]
    fn likeness_of_headers() {
        assert_eq!(likeness("身份证号", "身份证号"), 100);
        assert!(likeness("业证书编号", "职业证书编号") >= 85);
        assert!(likeness("出生日期", "发放日期") <= 50);
        assert!(is_slip("业证书编号", "职业证书编号") && is_slip("日期出生", "出生日期"));
        assert!(!is_slip("是否国外务工", "是否外出务工"));
    }
}
