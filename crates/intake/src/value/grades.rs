//! Stages, grades and classes, alone or behind the name of a school.

use fujiao_model::{Grade, Stage};

use super::han_digit;
use crate::text::squeeze;

/// The stage that a school's name tells; schools of two stages tell none.
pub(crate) fn stage_of_school(name: &str) -> Option<Stage> {
    let has = |word: &str| name.contains(word);
    if has("九年") || has("一贯") || has("完全中学") {
        None
    } else if has("幼儿园") {
        Some(Stage::Preschool)
    } else if has("职业技术学院")
        || has("大学")
        || (has("学院") && !has("职业中"))
        || has("专科学校")
    {
        Some(Stage::Higher)
    } else if has("职业") || has("职教") || has("职中") || has("中专") || has("技校") || has("技工")
    {
        Some(Stage::Vocational)
    } else if has("小学") || has("教学点") {
        Some(Stage::Primary)
    } else if has("高级中学") || has("高中") {
        Some(Stage::Senior)
    } else if has("初级中学") || has("初中") {
        Some(Stage::Junior)
    } else {
        None
    }
}

/// The grade of a number of the whole ladder (1–9), or of a number within a stage that is known.
fn grade_of_number(n: u8, stage: Option<Stage>) -> Option<Grade> {
    match stage {
        Some(stage @ (Stage::Senior | Stage::Vocational | Stage::Higher)) => Grade::of(stage, n),
        Some(Stage::Junior) if n <= 3 => Grade::of(Stage::Junior, n),
        Some(Stage::Preschool) => None,
        _ => match n {
            1..=6 => Grade::of(Stage::Primary, n),
            7..=9 => Grade::of(Stage::Junior, n - 6),
            _ => None,
        },
    }
}

/// Grade and class of `七年级2班`, `七（2）班`, `初一(3)班`, `702`, `高一`, `2班`, `大班`.
///
/// The stage says what 一年级 means in a secondary or vocational school. A text of which nothing is known is the class.
pub(crate) fn grade_and_class(text: &str, stage: Option<Stage>) -> (Option<Grade>, Option<String>) {
    let folded = squeeze(text);
    let mut rest: &str = &folded;
    let mut stage = stage;
    for (word, of) in [
        ("小学", Stage::Primary),
        ("普通高中", Stage::Senior),
        ("高中", Stage::Senior),
        ("普高", Stage::Senior),
        ("初中", Stage::Junior),
        ("中职", Stage::Vocational),
        ("职高", Stage::Vocational),
        ("中专", Stage::Vocational),
        ("大学", Stage::Higher),
        ("本科", Stage::Higher),
        ("大专", Stage::Higher),
        ("高职", Stage::Higher),
        ("幼儿园", Stage::Preschool),
    ] {
        if let Some(behind) = rest.strip_prefix(word).filter(|behind| !behind.is_empty()) {
            (rest, stage) = (behind, Some(of));
            break;
        }
    }
    if rest.len() == 2
        && let Some(grade) = Grade::parse(rest)
    {
        return (Some(grade), None);
    }
    let chars: Vec<(usize, char)> = rest.char_indices().take(4).collect();
    let char_at = |i: usize| chars.get(i).map(|(_, c)| *c);
    let tail = |i: usize| chars.get(i).map_or("", |(at, _)| &rest[*at..]);
    let number = |c: char| {
        han_digit(c)
            .or_else(|| c.to_digit(10).and_then(|d| u8::try_from(d).ok()))
            .filter(|n| (1..=9).contains(n))
    };
    // 初一, 高二, 大三, 职一, 小班
    if let (Some(first), Some(second)) = (char_at(0), char_at(1)) {
        let of = match first {
            '初' => Some(Stage::Junior),
            '高' if stage == Some(Stage::Vocational) => Some(Stage::Vocational),
            '高' => Some(Stage::Senior),
            '职' => Some(Stage::Vocational),
            '大' if second != '班' => Some(Stage::Higher),
            _ => None,
        };
        if let (Some(of), Some(n)) = (of, number(second)) {
            let behind = tail(2);
            return (Grade::of(of, n), class(behind.strip_prefix("年级").unwrap_or(behind)));
        }
        let small = match (first, second) {
            ('小' | '托', '班') => Some(Grade::K1),
            ('中', '班') => Some(Grade::K2),
            ('大', '班') | ('学', '前') => Some(Grade::K3),
            _ => None,
        };
        if small.is_some() {
            let behind = tail(2).trim_start_matches('班');
            return (small, class(behind));
        }
    }
    if let Some(n) = char_at(0).and_then(number) {
        let behind = tail(1);
        if let Some(class_part) = behind.strip_prefix("年级") {
            return (grade_of_number(n, stage), class(class_part));
        }
        if let Some(class_part) = behind.strip_prefix("年")
            && class_part.contains('班')
        {
            return (grade_of_number(n, stage), class(class_part));
        }
        let bracketed = behind.starts_with(['(', '[']);
        let dotted = behind.len() > 1 && behind.starts_with(['.', '-', '·']);
        if bracketed || dotted {
            return (
                grade_of_number(n, stage),
                class(
                    &behind[if dotted {
                        behind.chars().next().map_or(0, char::len_utf8)
                    } else {
                        0
                    }..],
                ),
            );
        }
        // 702, 702班
        let bare = rest.strip_suffix('班').unwrap_or(rest);
        if bare.len() == 3
            && bare.bytes().all(|b| b.is_ascii_digit())
            && let Ok(of_grade @ 1..=40) = bare[1..].parse::<u8>()
        {
            return (grade_of_number(n, stage), Some(format!("{of_grade}班")));
        }
        if rest.chars().count() == 1 && han_digit(rest.chars().next().unwrap_or(' ')).is_some() {
            return (grade_of_number(n, stage), None);
        }
    }
    (None, class(rest))
}

/// A class in one form: `2班` for 2, （2）班, 二班, 02班; any other text as it is.
pub(crate) fn class(text: &str) -> Option<String> {
    let bare: String =
        text.chars().filter(|c| !matches!(c, '(' | ')' | '[' | ']' | '-' | '第')).collect();
    let stem = bare.strip_suffix("班级").or_else(|| bare.strip_suffix('班')).unwrap_or(&bare);
    if stem.is_empty() {
        return None;
    }
    if stem.len() <= 3 && stem.bytes().all(|b| b.is_ascii_digit()) {
        let n: u32 = stem.parse().expect("up to three digits");
        return (n > 0).then(|| format!("{n}班"));
    }
    let mut n = 0;
    for c in stem.chars() {
        match han_digit(c) {
            Some(10) => n = if n == 0 { 10 } else { n * 10 },
            Some(d) => n += u32::from(d),
            None => return Some(bare),
        }
    }
    Some(format!("{n}班"))
}

/// A school's name with grade and class behind it, taken apart.
pub(crate) fn school_and_grade(text: &str) -> Option<(&str, Grade, Option<String>)> {
    let words =
        ["小学", "中学", "学校", "幼儿园", "教学点", "初中", "高中", "中心", "职中", "校区"];
    let end = words.iter().filter_map(|w| text.rfind(w).map(|at| at + w.len())).max()?;
    let behind = text[end..].trim_start_matches(['/', '、', ',', ' ', '-']);
    if behind.is_empty() {
        return None;
    }
    let school = &text[..end];
    let (grade, class) = grade_and_class(behind, stage_of_school(school));
    Some((school, grade?, class))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text;

    #[test]
    fn grades_and_classes() {
        let junior = Some(Stage::Junior);
        for (text, stage, grade, class) in [
            ("七年级", None, "J1", ""),
            ("七年级2班", None, "J1", "2班"),
            ("七（2）班", None, "J1", "2班"),
            ("7年级", None, "J1", ""),
            ("初一(3)班", None, "J1", "3班"),
            ("初中一年级", None, "J1", ""),
            ("702", None, "J1", "2班"),
            ("1203", None, "", "1203"),
            ("一年级", junior, "J1", ""),
            ("一年级", Some(Stage::Vocational), "V1", ""),
            ("一年级1班", None, "P1", "1班"),
            ("三.2班", None, "P3", "2班"),
            ("高一", None, "S1", ""),
            ("高一1班", None, "S1", "1班"),
            ("高三年级（5）班", None, "S3", "5班"),
            ("中职二年级", None, "V2", ""),
            ("大三", None, "U3", ""),
            ("大班", None, "K3", ""),
            ("幼儿园小班", None, "K1", ""),
            ("大一班", None, "U1", ""),
            ("2班", None, "", "2班"),
            ("（2）班", None, "", "2班"),
            ("二班", None, "", "2班"),
            ("十二班", None, "", "12班"),
            ("02", None, "", "2班"),
            ("实验班", None, "", "实验班"),
        ] {
            let folded = text::fold(text);
            let (g, c) = grade_and_class(&folded, stage);
            assert_eq!(
                (g.map_or("", Grade::code), c.as_deref().unwrap_or("")),
                (grade, class),
                "{text}"
            );
        }
        let split = school_and_grade("云台镇中心小学三年级2班").unwrap();
        assert_eq!(
            (split.0, split.1, split.2.as_deref()),
            ("云台镇中心小学", Grade::P3, Some("2班"))
        );
        assert_eq!(school_and_grade("云台镇九年制学校"), None);
    }
}
