//! What the levels of a spec are called in Chinese.

/// A level of a spec in Chinese, for clerks.
pub fn level_in_chinese(level: &str) -> String {
    let one = |test: &str| -> String {
        let (word, argument) = test.split_once(' ').map_or((test, ""), |(w, a)| (w, a.trim()));
        let said = match word {
            "equal" => "相同",
            "different" => "不同",
            "edit" => return format!("改 {argument} 处以内"),
            "jaro_winkler" | "jaro" => return format!("相似度 {argument} 以上"),
            "soundex" | "sound" => "同音",
            "prefix" => return format!("前 {argument} 位相同"),
            "suffix" => return format!("后 {argument} 位相同"),
            "compact" => "去空格标点后相同",
            "begins" => "一方是另一方的开头",
            "tokens" => return format!("词语 {argument} 以上相同"),
            "crossed" => return format!("填到了对方的 {argument}"),
            "day_month" => "日月颠倒",
            "one_digit" => "差一位",
            "two_digits" => "差两位",
            "lunar" => "一方是农历",
            "partial" => "所知部分相同",
            "days" => return format!("相差 {argument} 天以内"),
            "years" if argument == "0" => "同年",
            "years" => return format!("相差 {argument} 年以内"),
            "month_day" => "同月同日不同年",
            "old_form" => "15 位与 18 位",
            "check_digit" => "只差校验位",
            "truncated" => "后几位被截断",
            "transposed" => "相邻两位颠倒",
            "birth_region" => "地区和生日相同",
            "doubtful" => "相同但与生日矛盾",
            "within" => return format!("相差 {argument} 以内"),
            "percent" => return format!("相差 {argument}% 以内"),
            "overlap" => return format!("有 {argument} 项相同"),
            "share" => return format!("{argument} 以上相同"),
            "unreadable" => "一字缺写或写成拼音",
            "swapped" => "姓名颠倒",
            "look_alike" => "一字形近",
            "dropped" => "少一字",
            "one_off" => "一字不同",
            "two_off" => "两字不同",
            "half" => "两字名同一字",
            "given" => "名同姓不同",
            "surname" => "只同姓",
            other => other, // `every_test_has_its_chinese`
        };
        said.to_owned()
    };
    if level == "different valid ids" {
        return "都有效而不同".to_owned();
    }
    let all: Vec<String> = level.split('|').map(|t| one(t.trim())).collect();
    all.join("、")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::spec::Kind;
    use crate::table::spec::level::Test;

    #[test]
    fn every_test_has_its_chinese() {
        for word in Kind::WORDS.iter().flat_map(|(_, kind)| Test::words(*kind)) {
            let said = level_in_chinese(&format!("{word} 2"));
            assert!(
                !said.contains(word) && said.chars().any(|c| c >= '\u{4e00}'),
                "{word}: {said}"
            );
        }
        assert_eq!(level_in_chinese("one_digit | lunar"), "差一位、一方是农历");
        assert_eq!(level_in_chinese("different valid ids"), "都有效而不同");
    }
}
