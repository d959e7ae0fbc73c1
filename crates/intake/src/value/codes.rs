//! Yes or no, and the words of the code tables.

use fujiao_model::{Field, FieldType, Grade, HouseholdKind};

use super::grades::grade_and_class;
use crate::text::squeeze;

/// Yes or no as rosters write it; `None` for anything else.
pub(crate) fn flag(text: &str) -> Option<bool> {
    let text = squeeze(text);
    let bare = text.split(['(', '-', ':']).next().unwrap_or_default();
    Some(match bare {
        "是" | "1" | "√" | "✓" | "✔" | "有" | "Y" | "y" | "yes" | "YES" | "true" | "TRUE"
        | "对" | "已" | "在编" | "已消除" | "消除" | "农村" | "乡村" | "乡" | "村庄"
        | "镇乡结合区" | "乡中心区" | "已解除" | "正式在编" | "在编在岗" | "01" | "V" | "v"
        | "☑" | "事业编制" | "事业编" | "编制内" | "县级骨干" | "市级骨干" | "省级骨干"
        | "校级骨干" | "特岗" | "特岗教师" => true,
        "否" | "0" | "×" | "✗" | "无" | "N" | "n" | "no" | "NO" | "false" | "FALSE" | "错"
        | "未" | "不在编" | "非在编" | "编外" | "未消除" | "城市" | "城区" | "城镇" | "县城"
        | "2" | "02" | "不是" | "没有" | "X" | "x" | "临聘" | "聘用" | "合同制" | "代课"
        | "非编" | "主城区" | "城乡结合区" | "未解除" | "□" => false,
        _ if bare.ends_with("骨干教师") || bare.ends_with("教学能手") => true,
        _ => return None,
    })
}

/// The code that a text stands for in a field's table.
pub(crate) fn code(field: Field, text: &str) -> Option<&'static str> {
    let FieldType::Code(parse) = field.field_type() else { return None };
    let text = squeeze(text);
    if let Some(code) = parse(&text) {
        return Some(code);
    }
    let bare: String = without_brackets(&text);
    if bare != *text
        && let Some(code) = parse(&bare)
    {
        return Some(code);
    }
    // 01户主, 1-男, 2.住校
    let rest = bare
        .trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '-' | '.' | '、' | ':'));
    if rest.len() < bare.len()
        && let Some(code) = parse(rest)
    {
        return Some(code);
    }
    if field == Field::HouseholdKind {
        return household_kind(&text).map(HouseholdKind::code);
    }
    if field == Field::Grade {
        return grade_and_class(&text, None).0.map(Grade::code);
    }
    within(parse, &text)
}

/// The longest part of a text that the table knows, unless a 非 or 不 before it says the contrary.
fn within(parse: fn(&str) -> Option<&'static str>, text: &str) -> Option<&'static str> {
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    if chars.len() > 16 {
        return None;
    }
    for length in (2..chars.len()).rev() {
        for start in 0..=chars.len() - length {
            let from = chars[start].0;
            let to = chars.get(start + length).map_or(text.len(), |(at, _)| *at);
            let before = start.checked_sub(1).map(|at| chars[at].1);
            if before.is_some_and(|c| "非不未无原".contains(c)) {
                continue;
            }
            if let Some(code) = parse(&text[from..to]) {
                return Some(code);
            }
        }
    }
    None
}

fn without_brackets(text: &str) -> String {
    let mut depth = 0_u32;
    text.chars()
        .filter(|c| match c {
            '(' | '[' => {
                depth += 1;
                false
            }
            ')' | ']' => {
                depth = depth.saturating_sub(1);
                false
            }
            _ => depth == 0,
        })
        .collect()
}

/// 户类型 in the words of several systems; a household once registered counts as lifted.
fn household_kind(text: &str) -> Option<HouseholdKind> {
    let has = |word: &str| text.contains(word);
    Some(if has("脱贫不稳定") {
        HouseholdKind::UnstableLifted
    } else if has("边缘") {
        HouseholdKind::AtRiskMarginal
    } else if has("突发") {
        HouseholdKind::SuddenHardship
    } else if has("非贫困") || has("非建档") || has("非脱贫") || has("普通农户") || has("一般农户")
    {
        HouseholdKind::Ordinary
    } else if has("脱贫") || has("建档立卡") || has("贫困户") || has("返贫") {
        HouseholdKind::Lifted
    } else {
        return None;
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text;

    #[test]
    fn flags() {
        assert_eq!(
            (flag("√"), flag("是(2019年)"), flag("否"), flag("也许")),
            (Some(true), Some(true), Some(false), None)
        );
    }

    #[test]
    fn codes_in_many_words() {
        for (field, text, want) in [
            (Field::Relation, "01 户主", "head"),
            (Field::Boarding, "住校（寄宿）", "boards"),
            (Field::Boarding, "不住校", "day"),
            (Field::HouseholdKind, "已脱贫", "lifted_household"),
            (Field::HouseholdKind, "脱贫不稳定户（监测对象）", "unstable_lifted"),
            (Field::AssistanceKind, "享受农村低保", "dibao_rural"),
            (Field::AssistanceKind, "非农村低保", ""),
            (Field::AssistanceKind, "低保", ""),
            (Field::Sex, "男性", "m"),
            (Field::EnrolmentStatus, "在籍在读", "active"),
            (Field::LabourAbility, "弱劳动力或半劳动力", "weak"),
        ] {
            assert_eq!(code(field, &text::fold(text)).unwrap_or(""), want, "{text}");
        }
    }
}
