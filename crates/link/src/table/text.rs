//! How alike two texts are: edit distance, Jaro–Winkler, Soundex.

/// Texts longer than this are compared by their first so many characters.
pub(crate) const LONGEST: usize = 64;

fn cut(text: &[char]) -> &[char] {
    &text[..text.len().min(LONGEST)]
}

/// Optimal string alignment distance (Damerau 1964, without a second edit of a transposed pair), if it is at most
/// `most`. Cost: the product of the lengths, of which equal ends are not counted.
pub(crate) fn edit_distance(a: &[char], b: &[char], most: usize) -> Option<usize> {
    let (mut a, mut b) = (cut(a), cut(b));
    while let ([x, rest_a @ ..], [y, rest_b @ ..]) = (a, b)
        && x == y
    {
        (a, b) = (rest_a, rest_b);
    }
    while let ([rest_a @ .., x], [rest_b @ .., y]) = (a, b)
        && x == y
    {
        (a, b) = (rest_a, rest_b);
    }
    if a.len().abs_diff(b.len()) > most {
        return None;
    }
    if a.is_empty() || b.is_empty() {
        return Some(a.len().max(b.len()));
    }
    let (mut before, mut last, mut row) =
        ([0_usize; LONGEST + 1], [0_usize; LONGEST + 1], [0_usize; LONGEST + 1]);
    for (j, cell) in last.iter_mut().enumerate().take(b.len() + 1) {
        *cell = j;
    }
    for i in 1..=a.len() {
        row[0] = i;
        let mut lowest = i;
        for j in 1..=b.len() {
            let same = usize::from(a[i - 1] != b[j - 1]);
            let mut cell = (last[j] + 1).min(row[j - 1] + 1).min(last[j - 1] + same);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                cell = cell.min(before[j - 2] + 1);
            }
            row[j] = cell;
            lowest = lowest.min(cell);
        }
        if lowest > most {
            return None;
        }
        (before, last) = (last, row);
    }
    (last[b.len()] <= most).then_some(last[b.len()])
}

/// Jaro similarity (Jaro 1989), 0 to 1.
pub(crate) fn jaro(a: &[char], b: &[char]) -> f64 {
    let (a, b) = (cut(a), cut(b));
    if a.is_empty() || b.is_empty() {
        return if a.len() == b.len() { 1.0 } else { 0.0 };
    }
    let window = (a.len().max(b.len()) / 2).saturating_sub(1);
    let (mut in_a, mut in_b) = (0_u64, 0_u64);
    for (i, x) in a.iter().enumerate() {
        let from = i.saturating_sub(window);
        for (j, y) in b.iter().enumerate().take((i + window + 1).min(b.len())).skip(from) {
            if in_b >> j & 1 == 0 && x == y {
                in_a |= 1 << i;
                in_b |= 1 << j;
                break;
            }
        }
    }
    let matches = in_a.count_ones();
    if matches == 0 {
        return 0.0;
    }
    let kept = |text: &[char], bits: u64| -> Vec<char> {
        text.iter().enumerate().filter(|(i, _)| bits >> i & 1 == 1).map(|(_, c)| *c).collect()
    };
    let halves =
        kept(a, in_a).iter().zip(kept(b, in_b)).map(|(x, y)| u32::from(*x != y)).sum::<u32>();
    let length = |text: &[char]| f64::from(u32::try_from(text.len()).expect("at most 64"));
    let (m, t) = (f64::from(matches), f64::from(halves / 2));
    (m / length(a) + m / length(b) + (m - t) / m) / 3.0
}

/// Jaro–Winkler similarity (Winkler 1990): above 0.7, up to four equal first characters bring it nearer to 1, each by a
/// tenth.
pub(crate) fn jaro_winkler(a: &[char], b: &[char]) -> f64 {
    let similarity = jaro(a, b);
    if similarity <= 0.7 {
        return similarity;
    }
    let first = a.iter().zip(b).take(4).take_while(|(x, y)| x == y).count();
    let first = f64::from(u32::try_from(first).expect("at most four"));
    similarity + 0.1 * first * (1.0 - similarity)
}

/// American Soundex (National Archives, General Information Leaflet 55): a letter and three digits packed into a
/// number; 0 where the text does not begin with a Latin letter.
pub(crate) fn soundex(text: &[char]) -> u32 {
    let code = |c: char| match c.to_ascii_lowercase() {
        'b' | 'f' | 'p' | 'v' => 1,
        'c' | 'g' | 'j' | 'k' | 'q' | 's' | 'x' | 'z' => 2,
        'd' | 't' => 3,
        'l' => 4,
        'm' | 'n' => 5,
        'r' => 6,
        'h' | 'w' => 9,
        _ => 0,
    };
    let mut letters = text.iter().filter(|c| c.is_ascii_alphabetic());
    let Some(first) = letters.next() else { return 0 };
    let (mut packed, mut digits, mut last) = (first.to_ascii_lowercase() as u32, 0, code(*first));
    for letter in letters {
        let digit = code(*letter);
        if digit == 9 {
            continue;
        }
        if digit != 0 && digit != last && digits < 3 {
            packed = packed * 10 + digit;
            digits += 1;
        }
        last = digit;
    }
    packed * 10_u32.pow(3 - digits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn chars(text: &str) -> Vec<char> {
        text.chars().collect()
    }

    #[test]
    fn soundex_of_the_leaflet() {
        for (name, want) in [
            ("Washington", ('w', 252)),
            ("Lee", ('l', 0)),
            ("Gutierrez", ('g', 362)),
            ("Pfister", ('p', 236)),
            ("Jackson", ('j', 250)),
            ("Tymczak", ('t', 522)),
            ("Ashcraft", ('a', 261)),
            ("Robert", ('r', 163)),
            ("rupert", ('r', 163)),
        ] {
            assert_eq!(soundex(&chars(name)), want.0 as u32 * 1000 + want.1, "{name}");
        }
        assert_eq!(soundex(&chars("张伟")), 0);
    }

    proptest! {
        #[test]
        fn distances_are_those_of_the_library(a in "[abc]{0,12}", b in "[abc]{0,12}", most in 0..6_usize) {
            let want = strsim::osa_distance(&a, &b);
            let got = edit_distance(&chars(&a), &chars(&b), most);
            prop_assert_eq!(got, (want <= most).then_some(want));
        }

        #[test]
        fn similarities_are_those_of_the_library(a in "[abcd]{0,14}", b in "[abcd]{0,14}") {
            let (x, y) = (chars(&a), chars(&b));
            prop_assert!((jaro(&x, &y) - strsim::jaro(&a, &b)).abs() < 1e-9);
            prop_assert!((jaro_winkler(&x, &y) - strsim::jaro_winkler(&a, &b)).abs() < 1e-9);
        }

        #[test]
        fn long_texts_are_no_danger(a in ".{0,300}", b in ".{0,300}") {
            let (x, y) = (chars(&a), chars(&b));
            let _ = (edit_distance(&x, &y, 3), soundex(&x));
            prop_assert!((0.0..=1.0).contains(&jaro_winkler(&x, &y)));
        }
    }
}
