//! Texts for families and mentors: templates as data, filled in. They are sent by the county's own sender, not by us.

use std::collections::{BTreeMap, BTreeSet};

use fujiao_model::RulesError;
use serde::Deserialize;

use crate::rules::{self, data_file};

/// Who gets a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum To {
    /// The guardian of a child.
    Guardian,
    /// A mentor.
    Mentor,
}

/// Whom it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Of {
    /// Open cases of children out of school.
    Cases,
    /// Children to whom a contact is owed and who had none this month.
    Contacts,
    /// A mentor's own pupils who had no contact this month.
    Pupils,
}

/// A text as a short message and as a letter, with fields in braces.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// Its key.
    pub key: String,
    /// Its title.
    pub title: String,
    /// The same in English.
    pub title_en: String,
    /// Who gets it.
    pub to: To,
    /// Whom it is about.
    pub of: Of,
    /// The short message.
    pub sms: String,
    /// The letter, a paragraph each.
    pub letter: Vec<String>,
}

/// The texts of a data file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Messages {
    /// In the order of the file.
    pub all: Vec<Message>,
    /// Characters of one short message.
    pub sms_length: usize,
}

data_file! {
    struct File {
        sms_length: usize,
        #[serde(rename = "message")]
        messages: Vec<Message>,
    }
}

/// The fields that a text may hold.
pub const FIELDS: [&str; 8] = ["child", "name", "school", "by", "n", "names", "county", "office"];

impl Messages {
    /// The file that comes with the program, `policies/cn/messages.toml`.
    pub const BUILTIN: &'static str = include_str!("../../../policies/cn/messages.toml");

    /// The texts that come with the program.
    pub fn builtin() -> Self {
        Self::read(Self::BUILTIN).expect("a test reads the file that comes with the program")
    }

    /// Reads a data file.
    ///
    /// # Errors
    /// [`RulesError`] with what is wrong: a field that nobody fills in, two of one key.
    pub fn read(text: &str) -> Result<Self, RulesError> {
        let (file, mut faults): (File, _) = rules::read(text)?;
        let mut keys = BTreeSet::new();
        for message in &file.messages {
            if !keys.insert(message.key.as_str()) {
                faults.say_of(&message.key, "两条都叫这个 key；改一条");
            }
            for text in message.letter.iter().chain([&message.sms]) {
                if let Some(strange) = fields(text).find(|f| !FIELDS.contains(f)) {
                    let why = format!("{{{strange}}} 没有人填；可以写 {}", FIELDS.join("、"));
                    faults.say_of(&message.key, why);
                }
            }
        }
        if file.messages.is_empty() || file.sms_length == 0 {
            faults.say("至少写一条 [[message]]；sms_length 不小于 1");
        }
        faults.end(Some(Self { all: file.messages, sms_length: file.sms_length }))
    }

    /// The text of a key.
    pub fn get(&self, key: &str) -> Option<&Message> {
        self.all.iter().find(|message| message.key == key)
    }

    /// How many short messages a text takes.
    pub fn parts(&self, text: &str) -> usize {
        text.chars().count().div_ceil(self.sms_length).max(1)
    }
}

/// The names in braces.
fn fields(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|part| part.split_once('}').map(|(name, _)| name))
}

/// A text with its fields filled in; what is not known is left out.
pub fn fill(text: &str, known: &BTreeMap<&str, String>) -> String {
    let mut out = text.to_owned();
    for field in FIELDS {
        let value = known.get(field).map_or("", String::as_str);
        out = out.replace(&format!("{{{field}}}"), value);
    }
    out
}

/// A child as a text names it: the family name alone, which tells its own family and nobody else who is meant.
pub fn pupil(name: &str) -> String {
    const DOUBLE: [&str; 8] = ["欧阳", "司马", "上官", "诸葛", "皇甫", "尉迟", "令狐", "慕容"];
    let surname = DOUBLE.iter().find(|double| name.starts_with(**double));
    let short = surname.map_or_else(|| name.chars().take(1).collect(), |s| (*s).to_owned());
    format!("{short}同学")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_filled_in_and_counted_and_names_no_child_whole() {
        let messages = Messages::builtin();
        let known = BTreeMap::from([
            ("child", pupil("张雨桐")),
            ("name", "张大山".to_owned()),
            ("school", "青石镇中心小学".to_owned()),
            ("by", "10月20日".to_owned()),
            ("county", "岚川县".to_owned()),
        ]);
        for message in &messages.all {
            let text = fill(&message.sms, &known);
            assert!(!text.contains(['{', '}']) && !text.contains("雨桐"), "{text}");
            assert!(messages.parts(&text) <= 2, "{} is too long: {text}", message.key);
        }
        assert_eq!((pupil("欧阳雪"), pupil("李四")), ("欧阳同学".into(), "李同学".into()));
        assert_eq!((messages.parts(""), messages.parts(&"字".repeat(71))), (1, 2));
    }

    #[test]
    fn a_field_that_nobody_fills_in_is_named() {
        let broken = Messages::BUILTIN.replacen("{child}还没有到校", "{pupil}还没有到校", 1);
        let said = Messages::read(&broken).unwrap_err().to_string();
        assert!(said.contains("{pupil} 没有人填；可以写 child、name"), "{said}");
    }
}
