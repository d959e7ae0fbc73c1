//! Words, numbers and signs of an expression.

use super::{ExprFault, fault};

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Int(i64),
    Text(String),
    Name(String),
    Sign(&'static str),
    End,
}

impl Token {
    pub(super) fn show(&self) -> String {
        match self {
            Self::Int(n) => n.to_string(),
            Self::Text(t) => format!("'{t}'"),
            Self::Name(n) => n.clone(),
            Self::Sign(s) => (*s).to_owned(),
            Self::End => "表达式的结尾".to_owned(),
        }
    }
}

const SIGNS: [&str; 23] = [
    "||", "&&", "==", "!=", "<=", ">=", "<", ">", "!", "+", "-", "*", "/", "%", "?", ":", "(", ")",
    "[", "]", ",", ".", "=",
];

pub(super) fn tokens(text: &str) -> Result<Vec<(usize, Token)>, ExprFault> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let start = at;
        if c.is_whitespace() {
            at += c.len_utf8();
        } else if c.is_ascii_digit() {
            at += text[at..]
                .find(|c: char| !(c.is_ascii_digit() || c == '_'))
                .unwrap_or(text.len() - at);
            let digits = text[start..at].replace('_', "");
            let Ok(n) = digits.parse() else {
                return fault(start, format!("数字 {digits} 太大"), "改小，金额以分为单位");
            };
            out.push((start, Token::Int(n)));
        } else if c.is_ascii_alphabetic() || c == '_' {
            at += text[at..]
                .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
                .unwrap_or(text.len() - at);
            out.push((start, Token::Name(text[start..at].to_owned())));
        } else if c == '"' || c == '\'' {
            let Some(length) = text[at + 1..].find(c) else {
                return fault(start, "引号没有收尾", format!("在文字后补上 {c}"));
            };
            out.push((start, Token::Text(text[at + 1..=at + length].to_owned())));
            at += length + 2;
        } else if let Some(sign) = SIGNS.iter().find(|s| text[at..].starts_with(**s)) {
            at += sign.len();
            out.push((start, Token::Sign(sign)));
        } else {
            return fault(
                start,
                format!("看不懂的字符“{c}”"),
                "只用 && || ! == != < <= > >= + - * / % ? : in ( ) [ ]，半角书写",
            );
        }
    }
    out.push((text.len(), Token::End));
    Ok(out)
}
