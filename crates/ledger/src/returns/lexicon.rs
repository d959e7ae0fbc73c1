use std::collections::BTreeMap;

use super::Word;

/// What a column of a return holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Column {
    Key,
    Account,
    Name,
    Amount,
    Word,
    Reason,
    Day,
}

impl Column {
    pub(super) const ALL: [Self; 7] =
        [Self::Key, Self::Account, Self::Name, Self::Amount, Self::Word, Self::Reason, Self::Day];

    /// Headers by which banks call it, without blanks and brackets. The first is what we call it ourselves.
    pub(super) fn headers(self) -> impl Iterator<Item = &'static str> {
        let headers = match self {
            Self::Key => {
                "业务号 业务编号 用户业务编号 企业业务编号 客户业务编号 商户流水号 客户流水号 企业流水号 明细号 明细编号 凭证号 \
                 流水号 交易流水号 endtoendid key"
            }
            Self::Account => {
                "收款账号 收款帐号 收款人账号 收款人帐号 收款方账号 账号 帐号 账户 帐户 卡号 银行账号 银行帐号 银行卡号 \
                 社保卡号 一卡通账号 对方账号 account"
            }
            Self::Name => {
                "收款户名 收款人户名 收款人名称 收款人姓名 收款人 户名 账户名称 帐户名称 账户名 姓名 客户名称 对方户名 name"
            }
            Self::Amount => {
                "金额 交易金额 代发金额 发放金额 发生额 实发金额 应发金额 付款金额 转账金额 入账金额 金额元 amount"
            }
            Self::Word => {
                "处理结果 结果 交易结果 处理状态 交易状态 状态 入账状态 代发状态 发放状态 返回码 响应码 成功标志 处理标志 status"
            }
            Self::Reason => {
                "失败原因 退回原因 退票原因 原因 返回信息 错误信息 响应信息 处理信息 结果说明 失败信息 reason"
            }
            Self::Day => "入账日期 交易日期 处理日期 发放日期 记账日期 日期 处理时间 交易时间 date",
        };
        headers.split_whitespace()
    }

    /// What people call it in a message.
    pub(super) fn chinese(self) -> &'static str {
        self.headers().next().expect("each has a name")
    }

    /// The column that a header names.
    pub(super) fn of(header: &str) -> Option<Self> {
        let plain = plain_header(header);
        Self::ALL.into_iter().find(|column| column.headers().any(|name| name == plain))
    }
}

/// A header without blanks, marks, case and what stands in brackets: `金额（元）` is 金额, `* 收款 账号` is 收款账号.
fn plain_header(header: &str) -> String {
    let header: String = header.chars().map(half).collect();
    let before = header.split(['(', '[', '【']).next().unwrap_or_default();
    before.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Full-width letters, digits and marks as half-width ones.
pub(super) fn half(c: char) -> char {
    match c {
        '\u{3000}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => {
            char::from_u32(u32::from(c) - 0xfee0).expect("ASCII has a character for it")
        }
        c => c,
    }
}

/// Words of banks for what became of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    known: BTreeMap<String, Word>,
}

impl Default for Words {
    /// Words in common use. A word that is in no list is unknown, never taken for success.
    fn default() -> Self {
        let mut words = Self { known: BTreeMap::new() };
        for paid in [
            "成功",
            "交易成功",
            "处理成功",
            "代发成功",
            "发放成功",
            "入账成功",
            "转账成功",
            "付款成功",
            "已成功",
            "已入账",
            "已发放",
            "已付款",
            "S",
            "SUCCESS",
            "OK",
            "Y",
            "是",
            "0000",
            "00",
            "000000",
            "ACSC",
            "ACCC",
        ] {
            words.learn(paid, Word::Paid);
        }
        for returned in [
            "失败",
            "交易失败",
            "处理失败",
            "代发失败",
            "发放失败",
            "入账失败",
            "转账失败",
            "付款失败",
            "已失败",
            "退回",
            "已退回",
            "退票",
            "已退票",
            "退汇",
            "拒绝",
            "F",
            "FAIL",
            "FAILED",
            "N",
            "否",
            "RJCT",
        ] {
            words.learn(returned, Word::Returned);
        }
        words
    }
}

impl Words {
    /// Adds a bank's own word.
    pub fn learn(&mut self, said: &str, means: Word) {
        self.known.insert(plain_word(said), means);
    }

    /// What a word means; one that is in no list is [`Word::UnderWay`] or [`Word::Strange`], and pays nobody.
    pub(super) fn meaning(&self, said: &str) -> Word {
        let plain = plain_word(said);
        if let Some(word) = self.known.get(&plain) {
            return *word;
        }
        let under_way =
            ["处理中", "待处理", "未处理", "待查证", "可疑", "未知", "已受理", "已提交", "PDNG"];
        if under_way.iter().any(|w| plain.contains(w)) { Word::UnderWay } else { Word::Strange }
    }
}

fn plain_word(said: &str) -> String {
    said.chars().map(half).filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}
