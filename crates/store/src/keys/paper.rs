//! The key on paper: eight short lines, each with two check digits, so that a slip of the pen is found in its line.

use crate::{Keys, StoreError};

/// Lines of a paper form.
const LINES: usize = 8;
/// Bytes on a line.
const BYTES: usize = 4;
/// Signs on a line, without its number and its check digits.
const SIGNS: usize = BYTES * 2;

impl Keys {
    /// The key as lines to write down: number, two groups of four signs, two check digits (ISO 7064 MOD 97-10 over the number
    /// and the signs, two digits each). Whoever reads it can read every personal number and open every backup.
    pub fn to_paper(&self) -> Vec<String> {
        let hex = crate::keys::hex(&self.master);
        (0..LINES)
            .map(|n| {
                let signs = &hex[n * SIGNS..][..SIGNS];
                let check = check_digits(n + 1, signs);
                format!("{}  {} {}  {check:02}", n + 1, &signs[..4], &signs[4..])
            })
            .collect()
    }

    /// Reads what [`Keys::to_paper`] wrote and somebody copied: capitals, blanks and dashes do not matter, nor does the order of
    /// lines.
    ///
    /// # Errors
    /// [`StoreError::Paper`] naming the line that does not read, or is missing.
    pub fn from_paper(text: &str) -> Result<Self, StoreError> {
        let mut lines: [Option<String>; LINES] = Default::default();
        for (at, line) in text.lines().enumerate() {
            let signs: String = line
                .chars()
                .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '－' | '—' | '·' | '.' | '、'))
                .map(|c| c.to_ascii_lowercase())
                // What a hand makes of a nought and a one.
                .map(|c| match c {
                    'o' => '0',
                    'l' | 'i' => '1',
                    other => other,
                })
                .collect();
            if signs.is_empty() {
                continue;
            }
            let bad = |line, why| StoreError::Paper { line, why };
            if signs.len() != 1 + SIGNS + 2 || !signs.bytes().all(|b| b.is_ascii_hexdigit()) {
                return Err(bad(at + 1, "应为行号、八位 0-9 a-f、两位校验数字"));
            }
            let number = usize::from(signs.as_bytes()[0].wrapping_sub(b'0'));
            if !(1..=LINES).contains(&number) {
                return Err(bad(at + 1, "行号应为 1 到 8"));
            }
            let (body, check) = (&signs[1..=SIGNS], &signs[1 + SIGNS..]);
            if check.parse() != Ok(check_digits(number, body)) {
                return Err(bad(number, "与校验数字不符；逐位核对这一行"));
            }
            if lines[number - 1].replace(body.to_owned()).is_some_and(|before| before != body) {
                return Err(bad(number, "写了两遍，且不同"));
            }
        }
        let mut hex = String::new();
        for (n, line) in lines.iter().enumerate() {
            hex += line.as_deref().ok_or(StoreError::Paper { line: n + 1, why: "没有写" })?;
        }
        Self::parse(&format!("fujiao-key-1 {hex}"))
    }

    /// What two people compare to know that they hold the same key: eight signs that say nothing about it.
    pub fn mark(&self) -> String {
        let hex = crate::keys::hex(&self.check);
        format!("{}-{}", &hex[..4], &hex[4..8])
    }
}

/// ISO 7064 MOD 97-10 over two digits a sign, 0 as 00 and `f` as 15: of one length whatever was written, so that one wrong sign
/// weighs (v − w)·100ⁿ and two changed over (v − w)·99·100ⁿ, neither of which 97 divides.
fn check_digits(number: usize, signs: &str) -> u32 {
    let number = u32::try_from(number).expect("one digit");
    let values = signs.chars().map(|sign| sign.to_digit(16).expect("hexadecimal"));
    98 - values.fold(number, |rest, value| (rest * 100 + value) % 97) * 100 % 97
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_paper_form_as_it_is_printed() {
        let keys = Keys::from_master([42; 32]);
        insta::assert_snapshot!(keys.to_paper().join("\n"));
        insta::assert_snapshot!(keys.mark());
    }

    proptest! {
        /// What was copied by hand reads back; one wrong sign, or two neighbours changed over, are found in their line.
        #[test]
        fn a_slip_of_the_pen_is_found_in_its_line(
            master in any::<[u8; 32]>(), line in 0..LINES, at in 0..SIGNS, other in 1..16_u32, swap in any::<bool>(),
        ) {
            let keys = Keys::from_master(master);
            let mut lines = keys.to_paper();
            let copied = lines.iter().rev().map(|l| l.to_uppercase().replace(' ', "-")).collect::<Vec<_>>();
            prop_assert_eq!(Keys::from_paper(&copied.join("\n")).unwrap().to_text(), keys.to_text());
            let mut signs: Vec<char> = lines[line].chars().collect();
            let places: Vec<usize> = (3..7).chain(8..12).collect();
            if swap && at + 1 < SIGNS {
                signs.swap(places[at], places[at + 1]);
            } else {
                let was = signs[places[at]].to_digit(16).unwrap();
                signs[places[at]] = char::from_digit((was + other) % 16, 16).unwrap();
            }
            let changed: String = signs.into_iter().collect();
            if changed != lines[line] {
                lines[line] = changed;
                let found = Keys::from_paper(&lines.join("\n"));
                prop_assert!(matches!(found, Err(StoreError::Paper { line: l, .. }) if l == line + 1), "{:?}", found);
            }
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let lines = Keys::from_master([1; 32]).to_paper();
        let found = Keys::from_paper(&lines[..7].join("\n")).unwrap_err();
        assert_eq!(found.to_string(), "密钥纸第 8 行读不通：没有写");
        assert!(matches!(Keys::from_paper("x"), Err(StoreError::Paper { line: 1, .. })));
    }
}
