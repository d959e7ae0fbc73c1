//! Expressions: a subset of CEL. `||`, `&&`, `!`, `==` `!=` `<` `<=` `>` `>=`, `in [...]`, `+ - * / %`, `c ? a : b`,
//! parentheses, whole numbers, strings, `true`, `false`, `date("2024-09-01")`, `has(column)`, `max(…)`, `min(…)`,
//! `years(from, to)`, columns, named sets, dated parameters as `param.name`, and the days `period.start` and `period.end`.
//!
//! Truth has three values (Kleene): a column that is not on file is unknown, and so is what hangs on it.

use std::sync::Arc;

use crate::column::{COLUMNS, ColumnType, FrameKind, column, column_of};
use crate::frame::day_number;
use crate::{ColumnId, nearest};

/// The longest expression read, in bytes.
const MAX_TEXT: usize = 4_096;
/// How deep parentheses, negations and conditions may stand in one another.
const MAX_DEPTH: u32 = 48;
/// How many operands one chain of `+` or `*` may have.
const MAX_CHAIN: usize = 256;
/// How many nodes an expression may have once its named sets are put in.
pub(crate) const MAX_WEIGHT: usize = 10_000;

/// What is wrong with an expression, and where: a byte offset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ExprFault {
    pub(crate) at: usize,
    pub(crate) reason: String,
    pub(crate) remedy: String,
}

fn fault<T>(
    at: usize,
    reason: impl Into<String>,
    remedy: impl Into<String>,
) -> Result<T, ExprFault> {
    Err(ExprFault { at, reason: reason.into(), remedy: remedy.into() })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

impl Op {
    pub(crate) fn holds(self, a: i64, b: i64) -> bool {
        match self {
            Self::Eq => a == b,
            Self::Ne => a != b,
            Self::Lt => a < b,
            Self::Le => a <= b,
            Self::Gt => a > b,
            Self::Ge => a >= b,
        }
    }

    pub(crate) const fn chinese(self) -> &'static str {
        match self {
            Self::Eq => "等于",
            Self::Ne => "不等于",
            Self::Lt => "小于",
            Self::Le => "不超过",
            Self::Gt => "大于",
            Self::Ge => "不少于",
        }
    }

    const fn turned(self) -> Self {
        match self {
            Self::Eq => Self::Eq,
            Self::Ne => Self::Ne,
            Self::Lt => Self::Gt,
            Self::Le => Self::Ge,
            Self::Gt => Self::Lt,
            Self::Ge => Self::Le,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sum {
    Add,
    Sub,
    Mul,
    Div,
    Rem,
}

impl Sum {
    /// The result, cut off at the ends of the range; `None` for a division by zero.
    pub(crate) fn of(self, a: i64, b: i64) -> Option<i64> {
        Some(match self {
            Self::Add => a.saturating_add(b),
            Self::Sub => a.saturating_sub(b),
            Self::Mul => a.saturating_mul(b),
            Self::Div | Self::Rem if b == 0 => return None,
            Self::Div => a.saturating_div(b),
            Self::Rem => a.wrapping_rem(b),
        })
    }
}

/// A named set as the compiler sees it.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    pub(crate) name: Arc<str>,
    pub(crate) chinese: Arc<str>,
    pub(crate) english: Arc<str>,
    pub(crate) body: Typed,
    pub(crate) weight: usize,
}

/// Yes, no or unknown.
#[derive(Clone, Debug)]
pub(crate) enum Bool {
    Const(bool),
    Flag(ColumnId),
    Known(ColumnId),
    Not(Box<Bool>),
    All(Vec<Bool>),
    Any(Vec<Bool>),
    Compare(Op, Box<Num>, Box<Num>),
    OneOf(ColumnId, Vec<Arc<str>>),
    If(Box<(Bool, Bool, Bool)>),
    Named(Arc<Named>),
}

/// A whole number or a day since 1970-01-01; or unknown.
#[derive(Clone, Debug)]
pub(crate) enum Num {
    Const(i64),
    Int(ColumnId),
    /// Place in the set's list of parameters.
    Param(usize),
    /// First day of the period that is asked about.
    PeriodStart,
    /// Last day of it.
    PeriodEnd,
    /// Whole years from the first day to the second.
    Years(Box<(Num, Num)>),
    Sum(Sum, Box<(Num, Num)>),
    Max(Vec<Num>),
    Min(Vec<Num>),
    If(Box<(Bool, Num, Num)>),
    Named(Arc<Named>),
}

/// A checked expression.
#[derive(Clone, Debug)]
pub(crate) enum Typed {
    Bool(Bool),
    Int(Num),
    Date(Num),
    /// A column of codes, which can only be compared.
    Code(ColumnId),
    /// A string, which can only be compared.
    Text(Arc<str>),
}

impl Typed {
    fn type_name(&self) -> &'static str {
        match self {
            Self::Bool(_) => "是/否",
            Self::Int(_) => "整数",
            Self::Date(_) => "日期",
            Self::Code(_) | Self::Text(_) => "代码",
        }
    }
}

/// A named set, or that it has a fault, which is told where the set stands.
pub(crate) type SetResult = Result<Arc<Named>, ()>;

/// What names mean where the expression stands.
pub(crate) struct Scope<'a> {
    pub(crate) frame: FrameKind,
    pub(crate) set: &'a dyn Fn(&str) -> Option<SetResult>,
    pub(crate) set_names: &'a [String],
    pub(crate) params: &'a [Arc<str>],
}

#[derive(Debug)]
struct Ast {
    at: usize,
    node: Node,
}

#[derive(Debug)]
enum Node {
    Int(i64),
    Bool(bool),
    Text(String),
    Name(String),
    Param(String),
    Period(String),
    Call(String, Vec<Ast>),
    Not(Box<Ast>),
    Negate(Box<Ast>),
    All(Vec<Ast>),
    Any(Vec<Ast>),
    Compare(Op, Box<(Ast, Ast)>),
    In(Box<Ast>, Vec<Ast>),
    Sum(Sum, Box<(Ast, Ast)>),
    If(Box<(Ast, Ast, Ast)>),
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Int(i64),
    Text(String),
    Name(String),
    Sign(&'static str),
    End,
}

impl Token {
    fn show(&self) -> String {
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

fn tokens(text: &str) -> Result<Vec<(usize, Token)>, ExprFault> {
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

struct Parser {
    tokens: Vec<(usize, Token)>,
    next: usize,
    depth: u32,
}

impl Parser {
    fn peek(&self) -> &Token {
        &self.tokens[self.next].1
    }

    fn at(&self) -> usize {
        self.tokens[self.next].0
    }

    fn take(&mut self, sign: &str) -> bool {
        let is = matches!(self.peek(), Token::Sign(s) if *s == sign);
        if is {
            self.next += 1;
        }
        is
    }

    fn need(&mut self, sign: &str) -> Result<(), ExprFault> {
        if self.take(sign) {
            Ok(())
        } else {
            fault(
                self.at(),
                format!("这里应是“{sign}”，却是“{}”", self.peek().show()),
                "补上或删去",
            )
        }
    }

    fn deeper(&mut self) -> Result<(), ExprFault> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return fault(
                self.at(),
                format!("嵌套超过 {MAX_DEPTH} 层"),
                "把一部分写成 [sets] 里的命名集合",
            );
        }
        Ok(())
    }

    fn condition(&mut self) -> Result<Ast, ExprFault> {
        self.deeper()?;
        let at = self.at();
        let first = self.any()?;
        let out = if self.take("?") {
            let yes = self.condition()?;
            self.need(":")?;
            let no = self.condition()?;
            Ast { at, node: Node::If(Box::new((first, yes, no))) }
        } else {
            first
        };
        self.depth -= 1;
        Ok(out)
    }

    fn any(&mut self) -> Result<Ast, ExprFault> {
        let at = self.at();
        let mut parts = vec![self.all()?];
        while self.take("||") {
            parts.push(self.all()?);
        }
        Ok(if parts.len() == 1 {
            parts.pop().expect("one part")
        } else {
            Ast { at, node: Node::Any(parts) }
        })
    }

    fn all(&mut self) -> Result<Ast, ExprFault> {
        let at = self.at();
        let mut parts = vec![self.comparison()?];
        while self.take("&&") {
            parts.push(self.comparison()?);
        }
        Ok(if parts.len() == 1 {
            parts.pop().expect("one part")
        } else {
            Ast { at, node: Node::All(parts) }
        })
    }

    fn comparison(&mut self) -> Result<Ast, ExprFault> {
        let left = self.sum()?;
        let at = self.at();
        let op = match self.peek() {
            Token::Sign("==") => Op::Eq,
            Token::Sign("!=") => Op::Ne,
            Token::Sign("<") => Op::Lt,
            Token::Sign("<=") => Op::Le,
            Token::Sign(">") => Op::Gt,
            Token::Sign(">=") => Op::Ge,
            Token::Sign("=") => return fault(at, "单个“=”不是比较", "相等写成 =="),
            Token::Name(name) if name == "in" => {
                self.next += 1;
                self.need("[")?;
                let list = self.list("]")?;
                return Ok(Ast { at: left.at, node: Node::In(Box::new(left), list) });
            }
            _ => return Ok(left),
        };
        self.next += 1;
        let right = self.sum()?;
        Ok(Ast { at, node: Node::Compare(op, Box::new((left, right))) })
    }

    fn list(&mut self, close: &str) -> Result<Vec<Ast>, ExprFault> {
        let mut out = Vec::new();
        if self.take(close) {
            return Ok(out);
        }
        loop {
            out.push(self.condition()?);
            if self.take(close) {
                return Ok(out);
            }
            self.need(",")?;
        }
    }

    fn sum(&mut self) -> Result<Ast, ExprFault> {
        self.chain(&[("+", Sum::Add), ("-", Sum::Sub)], Self::product)
    }

    fn product(&mut self) -> Result<Ast, ExprFault> {
        self.chain(&[("*", Sum::Mul), ("/", Sum::Div), ("%", Sum::Rem)], Self::unary)
    }

    fn chain(
        &mut self,
        signs: &[(&'static str, Sum)],
        operand: fn(&mut Self) -> Result<Ast, ExprFault>,
    ) -> Result<Ast, ExprFault> {
        let mut left = operand(self)?;
        for _ in 0..MAX_CHAIN {
            let at = self.at();
            let Some((_, sum)) = signs.iter().find(|(sign, _)| self.take(sign)) else {
                return Ok(left);
            };
            let right = operand(self)?;
            left = Ast { at, node: Node::Sum(*sum, Box::new((left, right))) };
        }
        fault(self.at(), format!("一串运算超过 {MAX_CHAIN} 项"), "把一部分写成 [sets] 里的命名集合")
    }

    fn unary(&mut self) -> Result<Ast, ExprFault> {
        let at = self.at();
        let node = if self.take("!") {
            self.deeper()?;
            Node::Not(Box::new(self.unary()?))
        } else if self.take("-") {
            self.deeper()?;
            Node::Negate(Box::new(self.unary()?))
        } else {
            return self.primary();
        };
        self.depth -= 1;
        Ok(Ast { at, node })
    }

    fn primary(&mut self) -> Result<Ast, ExprFault> {
        let (at, token) = self.tokens[self.next].clone();
        if self.next + 1 < self.tokens.len() {
            self.next += 1;
        }
        let node = match token {
            Token::Int(n) => Node::Int(n),
            Token::Text(t) => Node::Text(t),
            Token::Name(n) if n == "true" => Node::Bool(true),
            Token::Name(n) if n == "false" => Node::Bool(false),
            Token::Name(n) if n == "param" || n == "period" => {
                self.need(".")?;
                match self.peek().clone() {
                    Token::Name(name) => {
                        self.next += 1;
                        if n == "param" { Node::Param(name) } else { Node::Period(name) }
                    }
                    other => {
                        let (what, remedy) = if n == "param" {
                            ("参数名", "写成 param.名字")
                        } else {
                            (" start 或 end", "写成 period.start 或 period.end")
                        };
                        return fault(
                            self.at(),
                            format!("{n}. 后应是{what}，却是“{}”", other.show()),
                            remedy,
                        );
                    }
                }
            }
            Token::Name(n) if self.take("(") => Node::Call(n, self.list(")")?),
            Token::Name(n) => Node::Name(n),
            Token::Sign("(") => {
                let inner = self.condition()?;
                self.need(")")?;
                return Ok(inner);
            }
            other => {
                return fault(
                    at,
                    format!("这里应是列名、数字或括号，却是“{}”", other.show()),
                    "补上缺少的一项，或删去多余的运算符",
                );
            }
        };
        Ok(Ast { at, node })
    }
}

fn parse(text: &str) -> Result<Ast, ExprFault> {
    if text.len() > MAX_TEXT {
        return fault(0, format!("表达式超过 {MAX_TEXT} 字节"), "把一部分写成 [sets] 里的命名集合");
    }
    let mut parser = Parser { tokens: tokens(text)?, next: 0, depth: 0 };
    let ast = parser.condition()?;
    match parser.peek() {
        Token::End => Ok(ast),
        other => {
            fault(parser.at(), format!("多出来的“{}”", other.show()), "用 && 或 || 连接，或删去")
        }
    }
}

struct Checker<'a> {
    scope: &'a Scope<'a>,
    faults: Vec<ExprFault>,
    weight: usize,
}

impl Checker<'_> {
    fn say(&mut self, at: usize, reason: impl Into<String>, remedy: impl Into<String>) {
        self.faults.push(ExprFault { at, reason: reason.into(), remedy: remedy.into() });
    }

    fn node(&mut self, ast: &Ast) -> Option<Typed> {
        self.weight += 1;
        match &ast.node {
            Node::Int(n) => Some(Typed::Int(Num::Const(*n))),
            Node::Bool(b) => Some(Typed::Bool(Bool::Const(*b))),
            Node::Text(t) => Some(Typed::Text(t.as_str().into())),
            Node::Name(name) => self.name(ast.at, name),
            Node::Param(name) => self.param(ast.at, name),
            Node::Period(name) => match name.as_str() {
                "start" => Some(Typed::Date(Num::PeriodStart)),
                "end" => Some(Typed::Date(Num::PeriodEnd)),
                _ => {
                    self.say(
                        ast.at,
                        format!("期间没有 {name}"),
                        "写成 period.start（第一天）或 period.end（最后一天）",
                    );
                    None
                }
            },
            Node::Call(name, arguments) => self.call(ast.at, name, arguments),
            Node::Not(inner) => Some(Typed::Bool(Bool::Not(Box::new(self.truth(inner)?)))),
            Node::Negate(inner) => {
                let n = self.number(inner)?;
                Some(Typed::Int(match n {
                    Num::Const(n) => Num::Const(n.saturating_neg()),
                    n => Num::Sum(Sum::Sub, Box::new((Num::Const(0), n))),
                }))
            }
            Node::All(parts) => Some(Typed::Bool(Bool::All(self.truths(parts)?))),
            Node::Any(parts) => Some(Typed::Bool(Bool::Any(self.truths(parts)?))),
            Node::Compare(op, sides) => self.compare(ast.at, *op, &sides.0, &sides.1),
            Node::In(of, list) => self.one_of(of, list),
            Node::Sum(sum, sides) => self.sum(ast.at, *sum, &sides.0, &sides.1),
            Node::If(parts) => {
                let test = self.truth(&parts.0);
                let (yes, no) = (self.node(&parts.1), self.node(&parts.2));
                let test = test?;
                match (yes?, no?) {
                    (Typed::Bool(a), Typed::Bool(b)) => {
                        Some(Typed::Bool(Bool::If(Box::new((test, a, b)))))
                    }
                    (Typed::Int(a), Typed::Int(b)) => {
                        Some(Typed::Int(Num::If(Box::new((test, a, b)))))
                    }
                    (Typed::Date(a), Typed::Date(b)) => {
                        Some(Typed::Date(Num::If(Box::new((test, a, b)))))
                    }
                    (a, b) => {
                        self.say(
                            ast.at,
                            format!("“? :”的两支一个是{}，一个是{}", a.type_name(), b.type_name()),
                            "两支写成同一类值",
                        );
                        None
                    }
                }
            }
        }
    }

    fn name(&mut self, at: usize, name: &str) -> Option<Typed> {
        if let Some(id) = column_of(self.scope.frame, name) {
            return Some(match column(id).column_type {
                ColumnType::Flag => Typed::Bool(Bool::Flag(id)),
                ColumnType::Int => Typed::Int(Num::Int(id)),
                ColumnType::Date => Typed::Date(Num::Int(id)),
                ColumnType::Code(_) | ColumnType::Text(_) => Typed::Code(id),
            });
        }
        match (self.scope.set)(name) {
            Some(Ok(named)) => {
                self.weight = self.weight.saturating_add(named.weight);
                return Some(match &named.body {
                    Typed::Bool(_) => Typed::Bool(Bool::Named(named)),
                    Typed::Int(_) => Typed::Int(Num::Named(named)),
                    Typed::Date(_) => Typed::Date(Num::Named(named)),
                    Typed::Code(id) => Typed::Code(*id),
                    Typed::Text(text) => Typed::Text(Arc::clone(text)),
                });
            }
            // Its own fault is told where the set stands.
            Some(Err(())) => return None,
            None => {}
        }
        let frame = self.scope.frame;
        let names = COLUMNS
            .iter()
            .filter(|c| c.frames.contains(&frame))
            .map(|c| c.name)
            .chain(self.scope.set_names.iter().map(String::as_str));
        let remedy = nearest(name, names).map_or_else(
            || "列名见 docs/columns.md，集合名见各文件的 [sets]".to_owned(),
            |n| format!("最接近的是 {n}"),
        );
        self.say(at, format!("{}没有叫 {name} 的列或集合", frame.chinese()), remedy);
        None
    }

    fn param(&mut self, at: usize, name: &str) -> Option<Typed> {
        if let Some(place) = self.scope.params.iter().position(|p| &**p == name) {
            return Some(Typed::Int(Num::Param(place)));
        }
        let remedy = nearest(name, self.scope.params.iter().map(|p| &**p)).map_or_else(
            || "在 [[parameter]] 里补上这个参数".to_owned(),
            |n| format!("最接近的是 param.{n}"),
        );
        self.say(at, format!("没有叫 {name} 的参数"), remedy);
        None
    }

    fn call(&mut self, at: usize, name: &str, arguments: &[Ast]) -> Option<Typed> {
        match name {
            "date" => {
                if let [Ast { node: Node::Text(text), .. }] = arguments
                    && let Ok(day) = text.parse::<jiff::civil::Date>()
                {
                    return Some(Typed::Date(Num::Const(day_number(day))));
                }
                self.say(at, "date( ) 里不是一个日期", "写成 date(\"2024-09-01\")");
                None
            }
            "has" => {
                if let [Ast { node: Node::Name(column), at: inner }] = arguments {
                    if let Some(id) = column_of(self.scope.frame, column) {
                        return Some(Typed::Bool(Bool::Known(id)));
                    }
                    self.name(*inner, column);
                    if !self.scope.set_names.contains(column) {
                        return None;
                    }
                }
                self.say(at, "has( ) 里不是一个列名", "写成 has(boards)");
                None
            }
            "years" => {
                let days: Vec<Option<Num>> = arguments.iter().map(|a| self.day(a)).collect();
                let days: Vec<Num> = days.into_iter().collect::<Option<_>>()?;
                if let Ok([from, to]) = <[Num; 2]>::try_from(days) {
                    return Some(Typed::Int(Num::Years(Box::new((from, to)))));
                }
                self.say(at, "years( ) 要两个日期", "写成 years(born, period.start)");
                None
            }
            "max" | "min" => {
                if arguments.is_empty() {
                    self.say(at, format!("{name}( ) 里没有数"), "至少写一个数");
                    return None;
                }
                let parts: Vec<Option<Num>> = arguments.iter().map(|a| self.number(a)).collect();
                let parts: Vec<Num> = parts.into_iter().collect::<Option<_>>()?;
                Some(Typed::Int(if name == "max" { Num::Max(parts) } else { Num::Min(parts) }))
            }
            _ => {
                let remedy = nearest(name, ["date", "has", "max", "min", "years"]).map_or_else(
                    || "可用 date、has、max、min、years".to_owned(),
                    |n| format!("最接近的是 {n}"),
                );
                self.say(at, format!("没有叫 {name} 的函数"), remedy);
                None
            }
        }
    }

    fn truth(&mut self, ast: &Ast) -> Option<Bool> {
        match self.node(ast)? {
            Typed::Bool(b) => Some(b),
            other => {
                self.say(
                    ast.at,
                    format!("这里应是是/否，却是{}", other.type_name()),
                    "加上比较，例如 == 或 >=",
                );
                None
            }
        }
    }

    fn truths(&mut self, parts: &[Ast]) -> Option<Vec<Bool>> {
        // All are checked before the first fault ends it, so that all faults are told.
        let parts: Vec<Option<Bool>> = parts.iter().map(|p| self.truth(p)).collect();
        parts.into_iter().collect()
    }

    fn number(&mut self, ast: &Ast) -> Option<Num> {
        match self.node(ast)? {
            Typed::Int(n) => Some(n),
            other => {
                self.say(
                    ast.at,
                    format!("这里应是整数，却是{}", other.type_name()),
                    "用整数列或数字",
                );
                None
            }
        }
    }

    fn day(&mut self, ast: &Ast) -> Option<Num> {
        match self.node(ast)? {
            Typed::Date(n) => Some(n),
            other => {
                self.say(
                    ast.at,
                    format!("这里应是日期，却是{}", other.type_name()),
                    "用日期列、date(\"2024-09-01\") 或 period.start",
                );
                None
            }
        }
    }

    fn compare(&mut self, at: usize, op: Op, left: &Ast, right: &Ast) -> Option<Typed> {
        let (a, b) = (self.node(left), self.node(right));
        match (a?, b?) {
            (Typed::Int(a), Typed::Int(b)) | (Typed::Date(a), Typed::Date(b)) => {
                let (op, a, b) = match (&a, &b) {
                    (Num::Const(_), Num::Const(_)) => (op, a, b),
                    (Num::Const(_), _) => (op.turned(), b, a),
                    _ => (op, a, b),
                };
                Some(Typed::Bool(Bool::Compare(op, Box::new(a), Box::new(b))))
            }
            (Typed::Code(id), Typed::Text(text)) | (Typed::Text(text), Typed::Code(id)) => {
                let text_at = if matches!(left.node, Node::Text(_)) { left.at } else { right.at };
                self.allowed(text_at, id, &text)?;
                let one = Bool::OneOf(id, vec![text]);
                match op {
                    Op::Eq => Some(Typed::Bool(one)),
                    Op::Ne => Some(Typed::Bool(Bool::Not(Box::new(one)))),
                    _ => {
                        self.say(at, "代码没有大小", "用 == 或 in [...]");
                        None
                    }
                }
            }
            (Typed::Bool(a), Typed::Bool(b)) if matches!(op, Op::Eq | Op::Ne) => {
                let same = Bool::If(Box::new((a, b.clone(), Bool::Not(Box::new(b)))));
                Some(Typed::Bool(if op == Op::Eq { same } else { Bool::Not(Box::new(same)) }))
            }
            (a, b) => {
                self.say(
                    at,
                    format!("{}不能与{}比较", a.type_name(), b.type_name()),
                    "两边写成同一类值",
                );
                None
            }
        }
    }

    fn allowed(&mut self, at: usize, id: ColumnId, text: &str) -> Option<()> {
        let values = column(id).column_type.values();
        if values.iter().any(|(code, _)| *code == text) {
            return Some(());
        }
        let codes: Vec<&str> = values.iter().map(|(code, _)| *code).collect();
        let remedy = values
            .iter()
            .find(|(_, chinese)| *chinese == text)
            .map(|(code, _)| *code)
            .or_else(|| nearest(text, codes.iter().copied()))
            .map_or_else(|| format!("可用 {}", codes.join("、")), |n| format!("最接近的是 '{n}'"));
        self.say(at, format!("{} 没有“{text}”这个值", column(id).name), remedy);
        None
    }

    fn one_of(&mut self, of: &Ast, list: &[Ast]) -> Option<Typed> {
        let subject = self.node(of);
        let items: Vec<(usize, Option<Typed>)> =
            list.iter().map(|a| (a.at, self.node(a))).collect();
        match subject? {
            Typed::Code(id) => {
                let mut texts = Vec::new();
                let mut good = true;
                for (at, item) in items {
                    match item {
                        Some(Typed::Text(text)) => {
                            good &= self.allowed(at, id, &text).is_some();
                            texts.push(text);
                        }
                        Some(other) => {
                            self.say(
                                at,
                                format!("列表里应是文字，却是{}", other.type_name()),
                                "写成 '文字'",
                            );
                            good = false;
                        }
                        None => good = false,
                    }
                }
                good.then_some(Typed::Bool(Bool::OneOf(id, texts)))
            }
            Typed::Int(n) => {
                let mut any = Vec::new();
                let mut good = true;
                for (at, item) in items {
                    match item {
                        Some(Typed::Int(item)) => {
                            any.push(Bool::Compare(Op::Eq, Box::new(n.clone()), Box::new(item)));
                        }
                        Some(other) => {
                            self.say(
                                at,
                                format!("列表里应是整数，却是{}", other.type_name()),
                                "写成整数",
                            );
                            good = false;
                        }
                        None => good = false,
                    }
                }
                // The subject stands in each comparison.
                self.weight = self.weight.saturating_add(weight_num(&n).saturating_mul(any.len()));
                good.then_some(Typed::Bool(Bool::Any(any)))
            }
            other => {
                self.say(
                    of.at,
                    format!("in 的左边应是代码列或整数，却是{}", other.type_name()),
                    "改用比较",
                );
                None
            }
        }
    }

    fn sum(&mut self, at: usize, sum: Sum, left: &Ast, right: &Ast) -> Option<Typed> {
        let (a, b) = (self.node(left), self.node(right));
        match (a?, b?) {
            (Typed::Int(a), Typed::Int(b)) => {
                if matches!(sum, Sum::Div | Sum::Rem) && matches!(b, Num::Const(0)) {
                    self.say(right.at, "除数是 0", "换成不为 0 的数");
                    return None;
                }
                if let (Num::Const(x), Num::Const(y)) = (&a, &b)
                    && let Some(n) = sum.of(*x, *y)
                {
                    return Some(Typed::Int(Num::Const(n)));
                }
                Some(Typed::Int(Num::Sum(sum, Box::new((a, b)))))
            }
            (Typed::Date(a), Typed::Int(b)) if matches!(sum, Sum::Add | Sum::Sub) => {
                Some(Typed::Date(Num::Sum(sum, Box::new((a, b)))))
            }
            (Typed::Date(a), Typed::Date(b)) if sum == Sum::Sub => {
                Some(Typed::Int(Num::Sum(sum, Box::new((a, b)))))
            }
            (a, b) => {
                self.say(
                    at,
                    format!("{}与{}不能这样运算", a.type_name(), b.type_name()),
                    "只有整数能加减乘除；日期可加减天数，两个日期可相减",
                );
                None
            }
        }
    }
}

fn weight_num(n: &Num) -> usize {
    match n {
        Num::Const(_) | Num::Int(_) | Num::Param(_) | Num::PeriodStart | Num::PeriodEnd => 1,
        Num::Sum(_, sides) | Num::Years(sides) => 1 + weight_num(&sides.0) + weight_num(&sides.1),
        Num::Max(parts) | Num::Min(parts) => 1 + parts.iter().map(weight_num).sum::<usize>(),
        // A bound is enough: the parts were counted when they were checked.
        Num::If(parts) => 8 + weight_num(&parts.1) + weight_num(&parts.2),
        Num::Named(named) => named.weight,
    }
}

/// Reads and checks an expression; its weight is how many nodes it has, named sets put in.
///
/// All faults of type are told, or the first fault of writing.
pub(crate) fn compile(text: &str, scope: &Scope<'_>) -> Result<(Typed, usize), Vec<ExprFault>> {
    let ast = parse(text).map_err(|f| vec![f])?;
    let mut checker = Checker { scope, faults: Vec::new(), weight: 0 };
    let typed = checker.node(&ast);
    if checker.weight > MAX_WEIGHT {
        checker.say(ast.at, "展开命名集合后太长", "减少集合之间的引用");
    }
    match typed {
        Some(typed) if checker.faults.is_empty() => Ok((typed, checker.weight)),
        _ => Err(checker.faults),
    }
}

/// Puts the columns of an expression behind those already listed, each once, in order.
pub(crate) fn columns_of_bool(b: &Bool, out: &mut Vec<ColumnId>) {
    match b {
        Bool::Const(_) => {}
        Bool::Flag(id) | Bool::Known(id) | Bool::OneOf(id, _) => note(*id, out),
        Bool::Not(inner) => columns_of_bool(inner, out),
        Bool::All(parts) | Bool::Any(parts) => parts.iter().for_each(|p| columns_of_bool(p, out)),
        Bool::Compare(_, a, b) => {
            columns_of_num(a, out);
            columns_of_num(b, out);
        }
        Bool::If(parts) => {
            columns_of_bool(&parts.0, out);
            columns_of_bool(&parts.1, out);
            columns_of_bool(&parts.2, out);
        }
        Bool::Named(named) => columns_of(&named.body, out),
    }
}

/// As [`columns_of_bool`].
pub(crate) fn columns_of_num(n: &Num, out: &mut Vec<ColumnId>) {
    match n {
        Num::Const(_) | Num::Param(_) | Num::PeriodStart | Num::PeriodEnd => {}
        Num::Int(id) => note(*id, out),
        Num::Sum(_, sides) | Num::Years(sides) => {
            columns_of_num(&sides.0, out);
            columns_of_num(&sides.1, out);
        }
        Num::Max(parts) | Num::Min(parts) => parts.iter().for_each(|p| columns_of_num(p, out)),
        Num::If(parts) => {
            columns_of_bool(&parts.0, out);
            columns_of_num(&parts.1, out);
            columns_of_num(&parts.2, out);
        }
        Num::Named(named) => columns_of(&named.body, out),
    }
}

fn columns_of(typed: &Typed, out: &mut Vec<ColumnId>) {
    match typed {
        Typed::Bool(b) => columns_of_bool(b, out),
        Typed::Int(n) | Typed::Date(n) => columns_of_num(n, out),
        Typed::Code(id) => note(*id, out),
        Typed::Text(_) => {}
    }
}

fn note(id: ColumnId, out: &mut Vec<ColumnId>) {
    if !out.contains(&id) {
        out.push(id);
    }
}
