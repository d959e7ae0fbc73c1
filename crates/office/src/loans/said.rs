//! What stands against a loan, in Chinese sentences; pages have their own in both languages.

use fujiao_ledger::loan::{LoanError, Objection};

/// An objection with its remedy.
pub fn objection(of: Objection) -> String {
    match of {
        Objection::NotFullTime => "不是全日制，不能申请".to_owned(),
        Objection::HukouElsewhere => "学生入学前户籍不在本县，到户籍所在县申请".to_owned(),
        Objection::OtherLoan => "同一学年另有国家助学贷款，只能办一笔".to_owned(),
        Objection::BelowLeast(least) => format!("低于最低额 {least} 元"),
        Objection::AboveLimit(limit) => format!("超过本学年限额 {limit} 元，改低再报"),
        Objection::AboveCosts(costs) => {
            format!("超过学费加住宿费 {costs} 元，这一学年不能用于生活费")
        }
        Objection::CoBorrowerElsewhere => "共同借款人户籍不在本县，换一位".to_owned(),
        Objection::CoBorrowerTooYoung(age) => format!("共同借款人不是监护人，须满 {age} 周岁"),
        Objection::CoBorrowerNotCapable => "共同借款人不是监护人，须有完全民事行为能力".to_owned(),
        Objection::CoBorrowerHasLoan => {
            "共同借款人有未结清的国家助学贷款，换一位或先结清".to_owned()
        }
        Objection::Ask(field) => format!("还不知道：{}；问清再审核", asked(field)),
    }
}

fn asked(field: &str) -> &str {
    match field {
        "full_time" => "是不是全日制",
        "hukou_here" => "学生入学前户籍是否在本县",
        "other_loan" => "同一学年有没有别的国家助学贷款",
        "costs" => "学费和住宿费",
        "co_borrower.guardian" => "共同借款人是不是父母或监护人",
        "co_borrower.age" => "共同借款人的年龄",
        "co_borrower.capable" => "共同借款人有没有完全民事行为能力",
        "co_borrower.hukou_here" => "共同借款人户籍是否在本县",
        "co_borrower.open_loan" => "共同借款人有没有未结清的国家助学贷款",
        other => other,
    }
}

/// Why there is no answer about a loan.
pub fn loan_fault(of: &LoanError) -> String {
    match of {
        LoanError::NoRow { what, on } => {
            format!("规则里没有 {on} 的“{what}”；在贷款的规则文件 loans.toml 补一行")
        }
        LoanError::NoLimit { term } => {
            format!("规则里没有 {term} 的额度；在贷款的规则文件 loans.toml 补一行")
        }
        LoanError::Contract(_) => "合同前后矛盾：看看日期的先后、剩余学制和金额是否写对".to_owned(),
        LoanError::NotADayForIt { on, next } => {
            format!("{on} 不能提前还款；下一个还款日是 {next}")
        }
        LoanError::TooMuch { on, amount, owed } => {
            format!("{on} 只欠本金 {owed} 元，不能还 {amount} 元")
        }
        LoanError::CannotDefer { year, .. } => {
            format!("{year} 年的本金不能延期：那一年没有延期的文件，或已到最长年限")
        }
        LoanError::Step { from, .. } => format!("这笔贷款现在是“{}”，不能办这一步", from.chinese()),
    }
}
