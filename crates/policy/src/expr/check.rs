//! From the tree of an expression to a checked one: what names mean, and which types go together.

use std::sync::Arc;

use super::parse::{Ast, Node, parse};
use super::{Bool, ExprFault, MAX_WEIGHT, Num, Op, Scope, Sum, Typed};
use crate::column::{COLUMNS, ColumnType, column, column_of};
use crate::frame::day_number;
use crate::{ColumnId, nearest};

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
        let a = self.node(left);
        let before = self.weight;
        let b = self.node(right);
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
                // The right side stands twice in what is made; beyond the most that is said in the end, and nothing more is made.
                self.weight = self.weight.saturating_add(self.weight - before);
                if self.weight > MAX_WEIGHT {
                    return None;
                }
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
        checker.say(ast.at, "展开后太长", "减少集合之间的引用，少拿真假互相比较");
    }
    match typed {
        Some(typed) if checker.faults.is_empty() => Ok((typed, checker.weight)),
        _ => Err(checker.faults),
    }
}
