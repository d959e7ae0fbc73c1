//! 发放文件: what a bank and schools are told to pay, with control totals, the same bytes for the same payments.
//!
//! A [`Batch`] of [`PayLine`]s goes out as [`Batch::text`] (GB18030, one line each), as [`Batch::table`] (rows of a workbook that
//! the caller writes) or as [`Batch::pain_001`] (ISO 20022). What reaches pupils through their schools, waivers and meal cards,
//! goes out as [`school_table`]. A batch that a bank would stumble over is refused before it is written: [`Batch::faults`].

use std::collections::BTreeMap;
use std::fmt::Write as _;

use fujiao_model::Money;
use jiff::civil::{Date, DateTime};

/// Who pays.
#[derive(Clone, PartialEq, Eq)]
pub struct Payer {
    /// 付款户名
    pub name: String,
    /// 付款账号
    pub account: String,
    /// 开户行
    pub bank: String,
    /// 行号 of CNAPS, 12 digits; `None` is left out.
    pub bank_code: Option<String>,
}

/// One payment to one account.
#[derive(Clone, PartialEq, Eq)]
pub struct PayLine {
    /// 业务号: our own key of the line, given back by the bank. At most 35 of A–Z, a–z, 0–9, `-` and `/`.
    pub key: String,
    /// 收款户名
    pub name: String,
    /// 收款账号
    pub account: String,
    /// 开户行; empty if the bank knows it from the account.
    pub bank: String,
    /// 行号 of CNAPS.
    pub bank_code: Option<String>,
    /// How much.
    pub amount: Money,
    /// 摘要, at most 60 characters: shown on the account, so it names no hardship.
    pub note: String,
}

/// A file for a bank.
#[derive(Clone, PartialEq, Eq)]
pub struct Batch {
    /// 文件号, once for every file; at most 35 of A–Z, a–z, 0–9, `-` and `/`.
    pub file: String,
    /// When the file was made: an argument, never the clock.
    pub made_at: DateTime,
    /// The day on which the bank shall pay.
    pub pay_on: Date,
    /// Who pays.
    pub payer: Payer,
    /// Payments in the order of the file.
    pub lines: Vec<PayLine>,
}

/// Control totals: what the bank counts again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Totals {
    /// 笔数
    pub lines: usize,
    /// 总金额
    pub amount: Money,
    /// 账号校验和: the last nine digits of all accounts, added up modulo 10¹².
    pub accounts: u64,
}

/// Why a batch cannot be sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineFault {
    /// Nothing to pay.
    #[error("文件里一笔也没有；先在批次里选入要发的人")]
    Empty,
    /// A key or file number that the bank cannot give back.
    #[error("第 {line} 行业务号不合格：只能用字母、数字、- 和 /，1 至 35 个字符")]
    Key {
        /// Line, from 1; 0 is the number of the file.
        line: usize,
    },
    /// Two lines with the same key: one payment would move twice.
    #[error("第 {line} 行与第 {first} 行业务号相同：同一笔不能发两次，去掉一行")]
    Twice {
        /// Line, from 1.
        line: usize,
        /// The line before it with the same key.
        first: usize,
    },
    /// No amount, or less than nothing.
    #[error("第 {line} 行金额不大于零；零的不发，要收回的走收回")]
    Amount {
        /// Line, from 1.
        line: usize,
    },
    /// No account, or letters in it.
    #[error("第 {line} 行收款账号不合格：应是 8 至 32 位数字；到学校核对存折或社保卡")]
    Account {
        /// Line, from 1; 0 is the payer.
        line: usize,
    },
    /// No holder of the account.
    #[error("第 {line} 行没有收款户名，或过长；户名要与银行登记的一字不差")]
    Name {
        /// Line, from 1; 0 is the payer.
        line: usize,
    },
    /// Characters that would break the file.
    #[error("第 {line} 行有换行或竖线等文件不能带的字符；删去再导出")]
    Characters {
        /// Line, from 1; 0 is the payer.
        line: usize,
    },
    /// No character of the standard.
    #[error("第 {line} 行有 GB18030 写不出的字符；改用 .xlsx 或 XML 文件")]
    Unwritable {
        /// Line, from 1.
        line: usize,
    },
}

impl LineFault {
    /// The word of tables of texts.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Key { .. } => "key",
            Self::Twice { .. } => "twice",
            Self::Amount { .. } => "amount",
            Self::Account { .. } => "account",
            Self::Name { .. } => "name",
            Self::Characters { .. } => "characters",
            Self::Unwritable { .. } => "unwritable",
        }
    }

    /// What it names, in the order of its sentence: the line first.
    pub fn about(&self) -> Vec<String> {
        match self {
            Self::Empty => Vec::new(),
            Self::Twice { line, first } => vec![line.to_string(), first.to_string()],
            Self::Key { line }
            | Self::Amount { line }
            | Self::Account { line }
            | Self::Name { line }
            | Self::Characters { line }
            | Self::Unwritable { line } => vec![line.to_string()],
        }
    }
}

/// A table that the caller writes as a workbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Lines above the table: file number, day, control totals.
    pub head: Vec<String>,
    /// Names of the columns.
    pub columns: Vec<&'static str>,
    /// Rows, each as long as `columns`.
    pub rows: Vec<Vec<Cell>>,
}

/// A cell of a [`Table`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Text; accounts are text, so that no spreadsheet rounds them.
    Text(String),
    /// A count.
    Count(u64),
    /// An amount, shown in yuan with two decimals.
    Money(Money),
}

/// `1234.50`: yuan without groups, as banks take it.
pub fn plain_yuan(amount: Money) -> String {
    let fen = amount.as_fen();
    let sign = if fen < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", fen.unsigned_abs() / 100, fen.unsigned_abs() % 100)
}

fn is_key(text: &str) -> bool {
    (1..=35).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'/')
        && !text.starts_with('/')
        && !text.ends_with('/')
        && !text.contains("//")
}

fn is_account(text: &str) -> bool {
    (8..=32).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

fn breaks(text: &str) -> bool {
    text.chars().any(|c| c == '|' || c.is_control() || c == '\u{feff}' || c == '\u{2028}')
}

impl Batch {
    /// 笔数, 总金额 and 账号校验和.
    pub fn totals(&self) -> Totals {
        let accounts = self.lines.iter().fold(0_u64, |sum, line| {
            let digits = line.account.bytes().filter(u8::is_ascii_digit).rev().take(9);
            let tail: u64 =
                digits.zip(0_u32..).map(|(b, i)| u64::from(b - b'0') * 10_u64.pow(i)).sum();
            (sum + tail) % 1_000_000_000_000
        });
        Totals {
            lines: self.lines.len(),
            amount: self.lines.iter().map(|line| line.amount).sum(),
            accounts,
        }
    }

    /// Everything for which a bank would refuse the file, in the order of its lines. None: it can be written.
    pub fn faults(&self) -> Vec<LineFault> {
        let mut found = Vec::new();
        if self.lines.is_empty() {
            found.push(LineFault::Empty);
        }
        if !is_key(&self.file) {
            found.push(LineFault::Key { line: 0 });
        }
        if !is_account(&self.payer.account) {
            found.push(LineFault::Account { line: 0 });
        }
        if self.payer.name.trim().is_empty() || self.payer.name.chars().count() > 70 {
            found.push(LineFault::Name { line: 0 });
        }
        if breaks(&self.payer.name) || breaks(&self.payer.bank) {
            found.push(LineFault::Characters { line: 0 });
        }
        let mut first: BTreeMap<&str, usize> = BTreeMap::new();
        for (line, at) in (1..).zip(&self.lines) {
            if !is_key(&at.key) {
                found.push(LineFault::Key { line });
            }
            if let Some(first) = first.insert(&at.key, line) {
                found.push(LineFault::Twice { line, first });
            }
            if at.amount <= Money::ZERO {
                found.push(LineFault::Amount { line });
            }
            if !is_account(&at.account) {
                found.push(LineFault::Account { line });
            }
            if at.name.trim().is_empty() || at.name.chars().count() > 70 {
                found.push(LineFault::Name { line });
            }
            if [&at.name, &at.bank, &at.note].into_iter().any(|text| breaks(text))
                || at.note.chars().count() > 60
            {
                found.push(LineFault::Characters { line });
            }
        }
        found
    }

    /// Refuses what [`Batch::faults`] names.
    fn sound(&self) -> Result<(), Vec<LineFault>> {
        let found = self.faults();
        if found.is_empty() { Ok(()) } else { Err(found) }
    }

    /// The file as text: fields parted by `|`, lines by CR LF, GB18030. The first line says what will follow, the last what did.
    ///
    /// ```text
    /// H|FILE|2024-11-20|payer's account|payer|3|1875.00|accounts
    /// D|1|key|account|name|bank|bank code|625.00|note
    /// T|3|1875.00|accounts
    /// ```
    ///
    /// # Errors
    /// All [`LineFault`]s; nothing is written then.
    pub fn text(&self) -> Result<Vec<u8>, Vec<LineFault>> {
        self.sound()?;
        let totals = self.totals();
        let mut text = String::with_capacity(96 * self.lines.len() + 256);
        let Totals { lines, amount, accounts } = totals;
        let amount = plain_yuan(amount);
        let _ = write!(
            text,
            "H|{}|{}|{}|{}|{lines}|{amount}|{accounts:012}\r\n",
            self.file, self.pay_on, self.payer.account, self.payer.name
        );
        for (no, line) in (1..).zip(&self.lines) {
            let _ = write!(
                text,
                "D|{no}|{}|{}|{}|{}|{}|{}|{}\r\n",
                line.key,
                line.account,
                line.name,
                line.bank,
                line.bank_code.as_deref().unwrap_or_default(),
                plain_yuan(line.amount),
                line.note
            );
        }
        let _ = write!(text, "T|{lines}|{amount}|{accounts:012}\r\n");
        // All of Unicode has a place in GB18030; what has none is no character.
        let (bytes, _, replaced) = encoding_rs::GB18030.encode(&text);
        if replaced {
            let faults = (1..)
                .zip(&self.lines)
                .filter(|(_, line)| encoding_rs::GB18030.encode(&line.name).2)
                .map(|(line, _)| LineFault::Unwritable { line })
                .collect();
            return Err(faults);
        }
        Ok(bytes.into_owned())
    }

    /// The file as rows of a workbook, totals above and in the last row.
    ///
    /// # Errors
    /// All [`LineFault`]s.
    pub fn table(&self) -> Result<Table, Vec<LineFault>> {
        self.sound()?;
        let totals = self.totals();
        let mut rows: Vec<Vec<Cell>> = (1..)
            .zip(&self.lines)
            .map(|(no, line)| {
                vec![
                    Cell::Count(no),
                    Cell::Text(line.key.clone()),
                    Cell::Text(line.account.clone()),
                    Cell::Text(line.name.clone()),
                    Cell::Text(line.bank.clone()),
                    Cell::Text(line.bank_code.clone().unwrap_or_default()),
                    Cell::Money(line.amount),
                    Cell::Text(line.note.clone()),
                ]
            })
            .collect();
        let nothing = || Cell::Text(String::new());
        rows.push(vec![
            Cell::Text("合计".to_owned()),
            Cell::Count(totals.lines as u64),
            Cell::Text(format!("{:012}", totals.accounts)),
            nothing(),
            nothing(),
            nothing(),
            Cell::Money(totals.amount),
            nothing(),
        ]);
        Ok(Table {
            head: vec![
                format!("文件号 {}　付款日 {}", self.file, self.pay_on),
                format!("付款户名 {}　付款账号 {}", self.payer.name, self.payer.account),
                format!(
                    "笔数 {}　总金额 {}　账号校验和 {:012}",
                    totals.lines,
                    plain_yuan(totals.amount),
                    totals.accounts
                ),
            ],
            columns: vec![
                "序号",
                "业务号",
                "收款账号",
                "收款户名",
                "开户行",
                "行号",
                "金额（元）",
                "摘要",
            ],
            rows,
        })
    }

    /// The file as a customer credit transfer initiation of ISO 20022, `pain.001.001.09`, UTF-8.
    ///
    /// Source: ISO 20022 message definition `CustomerCreditTransferInitiationV09`; clearing system code `CNAPS` of the external
    /// code set.
    ///
    /// # Errors
    /// All [`LineFault`]s.
    pub fn pain_001(&self) -> Result<String, Vec<LineFault>> {
        self.sound()?;
        let totals = self.totals();
        let (lines, sum) = (totals.lines, plain_yuan(totals.amount));
        let file = &self.file;
        let payer = escape(&self.payer.name);
        let mut xml = String::with_capacity(700 * lines + 1500);
        xml.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        let _ = write!(
            xml,
            "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.09\">\n<CstmrCdtTrfInitn>\n\
             <GrpHdr><MsgId>{file}</MsgId><CreDtTm>{}</CreDtTm><NbOfTxs>{lines}</NbOfTxs><CtrlSum>{sum}</CtrlSum>\
             <InitgPty><Nm>{payer}</Nm></InitgPty></GrpHdr>\n\
             <PmtInf><PmtInfId>{file}</PmtInfId><PmtMtd>TRF</PmtMtd><NbOfTxs>{lines}</NbOfTxs><CtrlSum>{sum}</CtrlSum>\
             <ReqdExctnDt><Dt>{}</Dt></ReqdExctnDt><Dbtr><Nm>{payer}</Nm></Dbtr>\
             <DbtrAcct><Id><Othr><Id>{}</Id></Othr></Id><Ccy>CNY</Ccy></DbtrAcct><DbtrAgt>{}</DbtrAgt>\n",
            self.made_at.strftime("%Y-%m-%dT%H:%M:%S"),
            self.pay_on,
            self.payer.account,
            agent(&self.payer.bank, self.payer.bank_code.as_deref()),
        );
        for line in &self.lines {
            let agent = if line.bank.is_empty() && line.bank_code.is_none() {
                String::new()
            } else {
                format!("<CdtrAgt>{}</CdtrAgt>", agent(&line.bank, line.bank_code.as_deref()))
            };
            let note = if line.note.is_empty() {
                String::new()
            } else {
                format!("<RmtInf><Ustrd>{}</Ustrd></RmtInf>", escape(&line.note))
            };
            let _ = writeln!(
                xml,
                "<CdtTrfTxInf><PmtId><EndToEndId>{}</EndToEndId></PmtId><Amt><InstdAmt Ccy=\"CNY\">{}</InstdAmt></Amt>\
                 {agent}<Cdtr><Nm>{}</Nm></Cdtr><CdtrAcct><Id><Othr><Id>{}</Id></Othr></Id></CdtrAcct>{note}</CdtTrfTxInf>",
                line.key,
                plain_yuan(line.amount),
                escape(&line.name),
                line.account
            );
        }
        xml.push_str("</PmtInf>\n</CstmrCdtTrfInitn>\n</Document>\n");
        Ok(xml)
    }
}

fn agent(bank: &str, code: Option<&str>) -> String {
    let code = code.map_or_else(String::new, |code| {
        format!(
            "<ClrSysMmbId><ClrSysId><Cd>CNAPS</Cd></ClrSysId><MmbId>{}</MmbId></ClrSysMmbId>",
            escape(code)
        )
    });
    let name = if bank.is_empty() { String::new() } else { format!("<Nm>{}</Nm>", escape(bank)) };
    if code.is_empty() && name.is_empty() {
        // The schema wants some identification: that of the standard for none.
        return "<FinInstnId><Othr><Id>NOTPROVIDED</Id></Othr></FinInstnId>".to_owned();
    }
    format!("<FinInstnId>{code}{name}</FinInstnId>")
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

/// What one pupil gets through their school.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchoolLine {
    /// Code of the school.
    pub school: String,
    /// Name of the school.
    pub school_name: String,
    /// Whom it is for: any key that is the same for the same person.
    pub person: u64,
    /// How much.
    pub amount: Money,
}

/// Sums by school, in the order of their codes, for waivers and meal cards: persons and person-times apart, a last row with
/// the whole.
///
/// A person at two schools counts once in the whole.
pub fn school_table(title: &str, lines: &[SchoolLine]) -> Table {
    let mut schools: BTreeMap<(&str, &str), (Vec<u64>, u64, Money)> = BTreeMap::new();
    for line in lines {
        let at = schools.entry((&line.school, &line.school_name)).or_default();
        at.0.push(line.person);
        at.1 += 1;
        at.2 += line.amount;
    }
    let persons = |mut ids: Vec<u64>| {
        ids.sort_unstable();
        ids.dedup();
        ids.len() as u64
    };
    let whole: Money = lines.iter().map(|line| line.amount).sum();
    let everybody = persons(lines.iter().map(|line| line.person).collect());
    let mut rows: Vec<Vec<Cell>> = schools
        .into_iter()
        .map(|((code, name), (ids, times, sum))| {
            vec![
                Cell::Text(code.to_owned()),
                Cell::Text(name.to_owned()),
                Cell::Count(persons(ids)),
                Cell::Count(times),
                Cell::Money(sum),
            ]
        })
        .collect();
    rows.push(vec![
        Cell::Text("合计".to_owned()),
        Cell::Text(String::new()),
        Cell::Count(everybody),
        Cell::Count(lines.len() as u64),
        Cell::Money(whole),
    ]);
    Table {
        head: vec![title.to_owned()],
        columns: vec!["学校标识码", "学校", "人数", "人次", "金额（元）"],
        rows,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn line(key: &str, name: &str, account: &str, fen: i64) -> PayLine {
        PayLine {
            key: key.to_owned(),
            name: name.to_owned(),
            account: account.to_owned(),
            bank: String::new(),
            bank_code: None,
            amount: Money::fen(fen),
            note: "2024秋助学金".to_owned(),
        }
    }

    fn batch(lines: Vec<PayLine>) -> Batch {
        Batch {
            file: "619999-7-1".to_owned(),
            made_at: date(2024, 11, 20).at(9, 30, 0, 0),
            pay_on: date(2024, 11, 21),
            payer: Payer {
                name: "某县学生资助管理中心".to_owned(),
                account: "2700000000000001".to_owned(),
                bank: "某县农村商业银行".to_owned(),
                bank_code: Some("402800000000".to_owned()),
            },
            lines,
        }
    }

    #[test]
    fn the_text_says_twice_what_it_holds() {
        let made = batch(vec![
            line("7-1", "张三", "6230280000000000001", 62_500),
            line("7-2", "欧阳·买买提", "6230280000000000019", 31_250),
        ]);
        let bytes = made.text().unwrap();
        let (text, _, broken) = encoding_rs::GB18030.decode(&bytes);
        assert!(!broken);
        assert_eq!(
            text,
            "H|619999-7-1|2024-11-21|2700000000000001|某县学生资助管理中心|2|937.50|000000000020\r\n\
             D|1|7-1|6230280000000000001|张三|||625.00|2024秋助学金\r\n\
             D|2|7-2|6230280000000000019|欧阳·买买提|||312.50|2024秋助学金\r\n\
             T|2|937.50|000000000020\r\n"
        );
        let table = made.table().unwrap();
        assert_eq!(table.rows.len(), 3);
        assert_eq!(table.rows[2][6], Cell::Money(Money::fen(93_750)));
    }

    #[test]
    fn pain_001_reads_as_the_standard_orders_its_parts() {
        let mut made = batch(vec![line("7-1", "张<三>&子", "6230280000000000001", 62_500)]);
        made.lines[0].bank_code = Some("402800000001".to_owned());
        assert_eq!(
            made.pain_001().unwrap(),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.09\">\n<CstmrCdtTrfInitn>\n\
             <GrpHdr><MsgId>619999-7-1</MsgId><CreDtTm>2024-11-20T09:30:00</CreDtTm><NbOfTxs>1</NbOfTxs><CtrlSum>625.00</CtrlSum>\
             <InitgPty><Nm>某县学生资助管理中心</Nm></InitgPty></GrpHdr>\n\
             <PmtInf><PmtInfId>619999-7-1</PmtInfId><PmtMtd>TRF</PmtMtd><NbOfTxs>1</NbOfTxs><CtrlSum>625.00</CtrlSum>\
             <ReqdExctnDt><Dt>2024-11-21</Dt></ReqdExctnDt><Dbtr><Nm>某县学生资助管理中心</Nm></Dbtr>\
             <DbtrAcct><Id><Othr><Id>2700000000000001</Id></Othr></Id><Ccy>CNY</Ccy></DbtrAcct>\
             <DbtrAgt><FinInstnId><ClrSysMmbId><ClrSysId><Cd>CNAPS</Cd></ClrSysId><MmbId>402800000000</MmbId></ClrSysMmbId>\
             <Nm>某县农村商业银行</Nm></FinInstnId></DbtrAgt>\n\
             <CdtTrfTxInf><PmtId><EndToEndId>7-1</EndToEndId></PmtId><Amt><InstdAmt Ccy=\"CNY\">625.00</InstdAmt></Amt>\
             <CdtrAgt><FinInstnId><ClrSysMmbId><ClrSysId><Cd>CNAPS</Cd></ClrSysId><MmbId>402800000001</MmbId></ClrSysMmbId>\
             </FinInstnId></CdtrAgt><Cdtr><Nm>张&lt;三&gt;&amp;子</Nm></Cdtr>\
             <CdtrAcct><Id><Othr><Id>6230280000000000001</Id></Othr></Id></CdtrAcct>\
             <RmtInf><Ustrd>2024秋助学金</Ustrd></RmtInf></CdtTrfTxInf>\n\
             </PmtInf>\n</CstmrCdtTrfInitn>\n</Document>\n"
        );
    }

    #[test]
    fn what_a_bank_would_stumble_over_is_refused_whole() {
        let made = batch(vec![
            line("7-1", "张三", "6230280000000000001", 62_500),
            line("7-1", "李四", "62302800X0000000019", 0),
            line("", "王|五", "6230280000000000027", 100),
            line("7-4", " ", "6230280000000000027", 100),
        ]);
        let faults: Vec<String> =
            made.text().unwrap_err().iter().map(ToString::to_string).collect();
        assert_eq!(
            faults,
            [
                "第 2 行与第 1 行业务号相同：同一笔不能发两次，去掉一行",
                "第 2 行金额不大于零；零的不发，要收回的走收回",
                "第 2 行收款账号不合格：应是 8 至 32 位数字；到学校核对存折或社保卡",
                "第 3 行业务号不合格：只能用字母、数字、- 和 /，1 至 35 个字符",
                "第 3 行有换行或竖线等文件不能带的字符；删去再导出",
                "第 4 行没有收款户名，或过长；户名要与银行登记的一字不差",
            ]
        );
        assert_eq!(batch(Vec::new()).pain_001().unwrap_err(), [LineFault::Empty]);
    }

    #[test]
    fn persons_and_person_times_are_told_apart_by_school() {
        let at = |school: &str, person, fen| SchoolLine {
            school: school.to_owned(),
            school_name: format!("学校{school}"),
            person,
            amount: Money::fen(fen),
        };
        let table = school_table(
            "免学杂费",
            &[at("2", 1, 500), at("1", 1, 100), at("2", 1, 500), at("2", 3, 7)],
        );
        let shown: Vec<String> = table
            .rows
            .iter()
            .map(|row| {
                let cell = |cell: &Cell| match cell {
                    Cell::Text(text) => text.clone(),
                    Cell::Count(n) => n.to_string(),
                    Cell::Money(m) => plain_yuan(*m),
                };
                row.iter().map(cell).collect::<Vec<_>>().join(" ")
            })
            .collect();
        assert_eq!(shown, ["1 学校1 1 1 1.00", "2 学校2 2 3 10.07", "合计  2 4 11.07"]);
    }

    proptest! {
        #[test]
        fn what_is_written_adds_up_and_has_one_line_for_each(
            fens in proptest::collection::vec(1_i64..10_000_000, 1..40), name in "[\\p{Han}·]{1,12}",
        ) {
            let lines: Vec<PayLine> = (1..).zip(&fens)
                .map(|(n, fen)| line(&format!("7-{n}"), &name, &format!("62302800000000{n:05}"), *fen))
                .collect();
            let made = batch(lines);
            let bytes = made.text().unwrap();
            prop_assert_eq!(&made.text().unwrap(), &bytes);
            let (text, _, _) = encoding_rs::GB18030.decode(&bytes);
            let sum: i64 = text.lines().filter(|l| l.starts_with("D|"))
                .map(|l| l.split('|').nth(7).unwrap().replace('.', "").parse::<i64>().unwrap()).sum();
            prop_assert_eq!(sum, fens.iter().sum::<i64>());
            prop_assert_eq!(text.lines().count(), fens.len() + 2);
            let last = format!("T|{}|{}|{:012}", fens.len(), plain_yuan(Money::fen(sum)), made.totals().accounts);
            prop_assert_eq!(text.lines().last().unwrap(), last);
            prop_assert_eq!(made.pain_001().unwrap().matches("<CdtTrfTxInf>").count(), fens.len());
        }
    }
}
