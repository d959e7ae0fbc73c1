//! Data files of rules: one way to read one, one way to say everything that is wrong with one.

use std::fmt;

use serde::de::DeserializeOwned;

/// What is wrong with a data file of rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleFault {
    /// From 1; `None` where a fault has no line of its own.
    pub line: Option<usize>,
    /// What is wrong, and what to write instead.
    pub why: String,
}

/// Why a data file of rules cannot be used: every fault that was found, one at least.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct RulesError(pub Vec<RuleFault>);

impl fmt::Display for RulesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, fault) in self.0.iter().enumerate() {
            let end = if at == 0 { "" } else { "\n" };
            match fault.line {
                Some(line) => write!(f, "{end}第 {line} 行：{}", fault.why)?,
                None => write!(f, "{end}{}", fault.why)?,
            }
        }
        Ok(())
    }
}

/// Collects what is wrong with a data file, so that all of it is said at once.
#[derive(Debug)]
pub struct Faults<'a> {
    text: &'a str,
    found: Vec<RuleFault>,
}

impl<'a> Faults<'a> {
    /// Nothing is wrong yet with a file of this text.
    pub fn of(text: &'a str) -> Self {
        Self { text, found: Vec::new() }
    }

    /// Something is wrong.
    pub fn say(&mut self, why: impl Into<String>) {
        self.found.push(RuleFault { line: None, why: why.into() });
    }

    /// Something is wrong with the entry that goes by a word: its line is that of the key, else the first where the word stands in quotes.
    pub fn say_of(&mut self, word: &str, why: impl fmt::Display) {
        let with = |part: &str| self.text.lines().position(|line| line.contains(part));
        let at = with(&format!("key = \"{word}\"")).or_else(|| with(&format!("\"{word}\"")));
        let line = at.map(|at| at + 1);
        self.found.push(RuleFault { line, why: format!("{word}：{why}") });
    }

    /// Whether something was found wrong with the entry that goes by a word.
    pub fn has_said_of(&self, word: &str) -> bool {
        self.found
            .iter()
            .any(|fault| fault.why.strip_prefix(word).is_some_and(|rest| rest.starts_with('：')))
    }

    /// A part that was read, or `None` and its fault noted.
    pub fn keep<T>(&mut self, part: Result<T, String>) -> Option<T> {
        part.map_err(|why| self.say(why)).ok()
    }

    /// As [`Faults::keep`], of the entry that goes by a word.
    pub fn keep_of<T>(&mut self, word: &str, part: Result<T, String>) -> Option<T> {
        part.map_err(|why| self.say_of(word, why)).ok()
    }

    /// What was read, if nothing is wrong. It is `None` only where a fault was noted.
    ///
    /// # Errors
    /// [`RulesError`] with every fault.
    pub fn end<T>(self, read: Option<T>) -> Result<T, RulesError> {
        match read {
            Some(read) if self.found.is_empty() => Ok(read),
            _ => Err(RulesError(self.found)),
        }
    }
}

/// Reads the shape of a data file.
///
/// # Errors
/// [`RulesError`] with the line of what does not read.
pub fn read_rules<T: DeserializeOwned>(text: &str) -> Result<T, RulesError> {
    toml::from_str(text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start));
        let line = before.map(|text| text.matches('\n').count() + 1);
        RulesError(vec![RuleFault { line, why: in_chinese(error.message()) }])
    })
}

/// What the reader of TOML says, as people who write rules read it.
fn in_chinese(message: &str) -> String {
    let message = message.trim();
    let named = |rest: &str| {
        let mut words = rest.split('`').skip(1).step_by(2).map(str::to_owned);
        (words.next().unwrap_or_default(), words.collect::<Vec<_>>().join("、"))
    };
    if let Some(rest) = message.strip_prefix("unknown field") {
        let (word, known) = named(rest);
        return format!("没有“{word}”这一项；可以写 {known}");
    }
    if let Some(rest) = message.strip_prefix("unknown variant") {
        let (word, known) = named(rest);
        return format!("“{word}”不在表里；写 {known} 之一");
    }
    if let Some(rest) = message.strip_prefix("missing field") {
        return format!("缺 {}；补上", named(rest).0);
    }
    if let Some((is, wanted)) =
        message.strip_prefix("invalid type: ").and_then(|m| m.split_once(", expected "))
    {
        return format!("写的是{}，要{}；照程序自带的文件改", kind(is), kind(wanted));
    }
    if message.contains(|c: char| !c.is_ascii()) {
        return message.to_owned();
    }
    format!("不是合规的 TOML：{message}；改正写法")
}

/// A kind of value, as people who write rules call it.
fn kind(said: &str) -> String {
    let words = [
        ("string", "文字"),
        ("a sequence", "列表"),
        ("sequence", "列表"),
        ("a map", "表"),
        ("map", "表"),
        ("struct", "表"),
        ("integer", "整数"),
        ("floating point", "小数"),
        ("a boolean", "是否（true 或 false）"),
        ("boolean", "是否"),
        ("f64", "数"),
    ];
    let number = |word: &str| word.len() > 1 && word[1..].bytes().all(|b| b.is_ascii_digit());
    match words.iter().find_map(|(en, zh)| Some((zh, said.strip_prefix(en)?))) {
        Some((zh, rest)) => format!("{zh}{rest}"),
        None if said.starts_with(['i', 'u']) && (number(said) || said.ends_with("size")) => {
            "整数".to_owned()
        }
        None => said.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "what is read is not looked at")]
    struct File {
        days: i32,
        kind: Kind,
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        Town,
        Village,
    }

    #[test]
    fn a_fault_of_form_has_its_line_and_its_remedy() {
        let why = |text: &str| read_rules::<File>(text).unwrap_err().to_string();
        insta::assert_snapshot!(
            [
                why("days = 3\nkind = \"town\"\nday = 4\n"),
                why("days = 3\n"),
                why("\ndays = \"3\"\nkind = \"town\""),
                why("days = 3\nkind = \"city\""),
                why("days = 3\nkind = = 4"),
            ]
            .join("\n"),
            @r#"
        第 3 行：没有“day”这一项；可以写 days、kind
        第 1 行：缺 kind；补上
        第 2 行：写的是文字 "3"，要整数；照程序自带的文件改
        第 2 行：“city”不在表里；写 town、village 之一
        第 2 行：不是合规的 TOML：extra `=`, expected nothing；改正写法
        "#
        );
    }

    #[test]
    fn all_faults_are_said_at_once() {
        let mut faults = Faults::of("next = \"desk\"\nkey = \"desk\"\n");
        faults.say("没有依据 basis；补上");
        faults.say_of("desk", "要大于零");
        assert_eq!(faults.keep_of::<()>("chair", Err("没有单位；写 件".to_owned())), None);
        let said = faults.end(Some(())).unwrap_err().to_string();
        assert_eq!(said, "没有依据 basis；补上\n第 2 行：desk：要大于零\nchair：没有单位；写 件");
        assert_eq!(Faults::of("").end(Some(7)), Ok(7));
    }
}
