//! From the text of an expression to its tree.

use super::token::{Token, tokens};
use super::{ExprFault, Op, Sum, fault};

/// The longest expression read, in bytes.
const MAX_TEXT: usize = 4_096;
/// How deep parentheses, negations and conditions may stand in one another.
const MAX_DEPTH: u32 = 48;
/// How many operands one chain of `+` or `*` may have.
const MAX_CHAIN: usize = 256;

#[derive(Debug)]
pub(super) struct Ast {
    pub(super) at: usize,
    pub(super) node: Node,
}

#[derive(Debug)]
pub(super) enum Node {
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

pub(super) fn parse(text: &str) -> Result<Ast, ExprFault> {
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
