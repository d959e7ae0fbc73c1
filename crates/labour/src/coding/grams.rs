/// Sets the first character of a text, and the last, apart from others.
const BEGIN: char = '\u{2}';
const END: char = '\u{3}';
/// Between words: spaces, marks.
const BREAK: char = '\u{1}';

/// What stands in brackets, or before 招聘, says less about the trade: places, companies, what is offered.
const ASIDE: f32 = 0.4;

/// Characters of a title as they are compared: half-width, lower case, digits as one `0`, marks as breaks; and how much
/// each counts.
fn normalised(title: &str) -> Vec<(char, f32)> {
    let mut all: Vec<(char, f32)> = Vec::with_capacity(title.len() / 3 + 2);
    let mut depth = 0_u32;
    all.push((BEGIN, 1.0));
    for c in title.chars() {
        let c = match c {
            '\u{ff01}'..='\u{ff5e}' => {
                char::from_u32(u32::from(c) - 0xfee0).expect("half-width forms are characters")
            }
            '\u{3000}' => ' ',
            other => other,
        };
        let weight = if depth > 0 { ASIDE } else { 1.0 };
        match c {
            '(' | '[' | '{' | '【' | '〔' | '《' | '「' => {
                depth += 1;
                push(&mut all, BREAK, weight);
            }
            ')' | ']' | '}' | '】' | '〕' | '》' | '」' => {
                depth = depth.saturating_sub(1);
                push(&mut all, BREAK, weight);
            }
            '0'..='9' => push(&mut all, '0', weight),
            c if c.is_alphanumeric() => all.extend(c.to_lowercase().map(|c| (c, weight))),
            _ => push(&mut all, BREAK, weight),
        }
    }
    push(&mut all, END, 1.0);
    if all.iter().all(|(c, weight)| *weight < 1.0 || matches!(*c, BEGIN | END | BREAK)) {
        // All of it stands in brackets.
        for one in &mut all {
            one.1 = 1.0;
        }
    }
    advertised(&mut all);
    all
}

/// Adds a character unless it repeats a break or a digit.
fn push(all: &mut Vec<(char, f32)>, c: char, weight: f32) {
    if all.last().is_none_or(|last| last.0 != c) {
        all.push((c, weight));
    }
}

/// “某某公司招聘电工”: what stands before 招聘 is who offers it.
fn advertised(all: &mut [(char, f32)]) {
    let at = all.windows(2).rposition(|pair| pair[0].0 == '招' && pair[1].0 == '聘');
    if let Some(at) = at
        && all[at + 2..].iter().filter(|one| one.0 > END && one.1 >= 1.0).count() >= 2
    {
        for one in &mut all[1..at + 2] {
            one.1 = ASIDE;
        }
    }
}

/// Whether two titles are the same but for spaces, marks and digits.
pub(super) fn same_as(title: &str) -> String {
    normalised(title).into_iter().map(|one| one.0).filter(|c| *c > END).collect()
}

/// Runs of one to three characters with how much they count, each once, sorted. Three characters fit a number exactly.
pub(super) fn grams(title: &str, into: &mut Vec<(u64, f32)>) {
    into.clear();
    let all = normalised(title);
    for (at, &(c, weight)) in all.iter().enumerate() {
        let mut key = 0_u64;
        let mut least = weight;
        for &(c, weight) in all[at..].iter().take(3) {
            key = key << 21 | u64::from(u32::from(c));
            least = least.min(weight);
            // A break or an end alone says nothing.
            if key > u64::from(u32::from(END)) {
                into.push((key, least));
            }
        }
        let _ = c;
    }
    into.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
    into.dedup_by_key(|one| one.0);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(title: &str) -> String {
        normalised(title)
            .into_iter()
            .filter(|one| one.1 >= 1.0 && one.0 > END)
            .map(|one| one.0)
            .collect()
    }

    #[test]
    fn what_says_less_counts_less() {
        assert_eq!(text("电工（包食宿）"), "电工");
        assert_eq!(text("某某公司招聘电工"), "电工");
        assert_eq!(text("招聘"), "招聘");
        assert_eq!(text("（月嫂）"), "月嫂");
        assert_eq!(text("ＣＮＣ 操机 2023"), "cnc操机0");
        assert_eq!(same_as("电 工/５００"), same_as("电工-12"));
    }

    #[test]
    fn grams_stand_once() {
        let mut found = Vec::new();
        grams("电电", &mut found);
        // 电, 电电, ^电, ^电电, 电电$, 电$
        assert_eq!(found.len(), 6);
        assert!(found.windows(2).all(|pair| pair[0].0 < pair[1].0));
        grams("", &mut found);
        assert!(found.len() <= 1);
    }
}
