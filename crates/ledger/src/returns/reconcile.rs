use fujiao_model::Money;

use super::{BankReturn, Fault, FaultKind, Word};

/// A line as it was sent, and what an earlier return said of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Sent {
    /// Our key.
    pub key: String,
    /// Account.
    pub account: String,
    /// How much.
    pub amount: Money,
    /// What an earlier return said.
    pub told: Option<Told>,
}

/// What a return has settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Told {
    /// Paid.
    Paid,
    /// Came back.
    Returned,
}

/// What is known of a line that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// 已付
    Paid,
    /// 退回
    Returned,
    /// 不明: neither, and why.
    Unknown(Why),
}

/// Why it is not known what became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// No return speaks of it.
    NotTold,
    /// The bank is still at it.
    UnderWay,
    /// The bank's word is in no list.
    Strange,
    /// The bank speaks of another amount.
    Amount(Money),
    /// The bank speaks of another account.
    Account,
    /// Several lines are alike, and the bank, who gives no key, says different things of them.
    Alike,
}

/// Lines and their sum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Side {
    /// 笔数
    pub lines: usize,
    /// 金额
    pub amount: Money,
}

impl Side {
    fn add(&mut self, amount: Money) {
        self.lines += 1;
        self.amount += amount;
    }
}

/// A return set against what was sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Reconciliation {
    /// For each line that was sent, what is known of it now.
    pub verdicts: Vec<Verdict>,
    /// For each line that was sent, its place in the return.
    pub answers: Vec<Option<usize>>,
    /// Places in the return of lines that answer none that was sent.
    pub extra: Vec<usize>,
    /// Lines that an earlier return had told the same of.
    pub again: Vec<usize>,
    /// Lines of which an earlier return had said otherwise. The earlier word stands until a person decides.
    pub changed: Vec<usize>,
    /// What was sent.
    pub sent: Side,
    /// What is paid.
    pub paid: Side,
    /// What came back.
    pub returned: Side,
    /// What is not known.
    pub unknown: Side,
    /// What nobody had sent, by the amounts of the return.
    pub beyond: Side,
}

/// Why a file cannot close.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Open {
    /// Lines of which it is not known what became of them.
    #[error("还有 {0} 笔不知道结果；等银行下一次回盘，或向银行查询")]
    Unknown(usize),
    /// Lines that nobody had sent.
    #[error("回盘里有 {0} 笔不是这个文件发出的；请银行说明")]
    Extra(usize),
    /// Lines of which the bank now says something else.
    #[error("有 {0} 笔与上一次回盘说的不一样；请银行书面确认后再办")]
    Changed(usize),
}

impl Reconciliation {
    /// Whether the file may close: every line paid or returned, the sums of both that of the file, nothing extra.
    ///
    /// # Errors
    /// Everything that holds it open.
    pub fn closes(&self) -> Result<(), Vec<Open>> {
        let mut open = Vec::new();
        if self.unknown.lines > 0 {
            open.push(Open::Unknown(self.unknown.lines));
        }
        if !self.extra.is_empty() {
            open.push(Open::Extra(self.extra.len()));
        }
        if !self.changed.is_empty() {
            open.push(Open::Changed(self.changed.len()));
        }
        if open.is_empty() {
            assert_eq!(
                self.paid.amount + self.returned.amount,
                self.sent.amount,
                "every line is on one side"
            );
            Ok(())
        } else {
            Err(open)
        }
    }
}

/// Sets a return against what was sent under the number `file`. Each line that was sent gets one verdict; each line of the
/// return answers one of them or is extra. The order of the return does not matter.
///
/// With keys, lines are matched by key. Without, by account and amount: where several lines are alike in both and the bank says
/// different things of them, none is settled. With a key, a masked account (`6230****0001`) fits what it leaves open.
///
/// Takes n log n.
///
/// # Errors
/// A [`Fault`] if the return says that it answers another file.
pub fn reconcile(file: &str, sent: &[Sent], back: &BankReturn) -> Result<Reconciliation, Fault> {
    if let Some(said) = back.file.as_deref().filter(|said| *said != file) {
        let kind = FaultKind::OtherFile { said: said.to_owned(), sent: file.to_owned() };
        return Err(Fault { line: None, kind });
    }
    let mut answers: Vec<Option<usize>> = vec![None; sent.len()];
    let mut alike = vec![false; sent.len()];
    let mut extra = Vec::new();
    if back.keyed {
        let mut keys: Vec<(&str, usize)> =
            sent.iter().enumerate().map(|(at, line)| (line.key.as_str(), at)).collect();
        keys.sort_unstable();
        for (place, line) in back.lines.iter().enumerate() {
            match keys.binary_search_by(|(key, _)| (*key).cmp(line.key.as_str())) {
                Ok(at) if answers[keys[at].1].is_none() => answers[keys[at].1] = Some(place),
                _ => extra.push(place),
            }
        }
    } else {
        match_by_account(sent, back, &mut answers, &mut alike, &mut extra);
    }
    let mut result = Reconciliation {
        verdicts: Vec::with_capacity(sent.len()),
        answers,
        extra,
        again: Vec::new(),
        changed: Vec::new(),
        sent: Side::default(),
        paid: Side::default(),
        returned: Side::default(),
        unknown: Side::default(),
        beyond: Side::default(),
    };
    for (at, line) in sent.iter().enumerate() {
        let now = match result.answers[at].map(|place| &back.lines[place]) {
            None => Verdict::Unknown(Why::NotTold),
            Some(_) if alike[at] => Verdict::Unknown(Why::Alike),
            Some(answer) if answer.amount != line.amount => {
                Verdict::Unknown(Why::Amount(answer.amount))
            }
            Some(answer) if !fits(&answer.account, &line.account) => Verdict::Unknown(Why::Account),
            Some(answer) => match answer.word {
                Word::Paid => Verdict::Paid,
                Word::Returned => Verdict::Returned,
                Word::UnderWay => Verdict::Unknown(Why::UnderWay),
                Word::Strange => Verdict::Unknown(Why::Strange),
            },
        };
        let before = line.told.map(|told| match told {
            Told::Paid => Verdict::Paid,
            Told::Returned => Verdict::Returned,
        });
        let verdict = match (before, now) {
            (None, now) => now,
            (Some(before), now) if before == now => {
                result.again.push(at);
                before
            }
            (Some(before), Verdict::Unknown(Why::NotTold)) => before,
            (Some(before), _) => {
                result.changed.push(at);
                before
            }
        };
        result.sent.add(line.amount);
        match verdict {
            Verdict::Paid => result.paid.add(line.amount),
            Verdict::Returned => result.returned.add(line.amount),
            Verdict::Unknown(_) => result.unknown.add(line.amount),
        }
        result.verdicts.push(verdict);
    }
    for place in &result.extra {
        result.beyond.add(back.lines[*place].amount);
    }
    Ok(result)
}

/// Whether an account of a return, perhaps masked or left out, can be the one that was sent.
fn fits(said: &str, sent: &str) -> bool {
    if said.is_empty() || said == sent {
        return true;
    }
    let (Some(from), Some(to)) = (said.find('*'), said.rfind('*')) else { return false };
    let (head, tail) = (&said[..from], &said[to + 1..]);
    sent.len() >= head.len() + tail.len() && sent.starts_with(head) && sent.ends_with(tail)
}

fn match_by_account(
    sent: &[Sent],
    back: &BankReturn,
    answers: &mut [Option<usize>],
    alike: &mut [bool],
    extra: &mut Vec<usize>,
) {
    let mut groups: Vec<(&str, Money, usize)> = sent
        .iter()
        .enumerate()
        .map(|(at, line)| (line.account.as_str(), line.amount, at))
        .collect();
    groups.sort_unstable();
    let mut said: Vec<(&str, Money, usize)> = back
        .lines
        .iter()
        .enumerate()
        .map(|(at, line)| (line.account.as_str(), line.amount, at))
        .collect();
    said.sort_unstable();
    for group in said.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        let (account, amount, _) = group[0];
        let from = groups.partition_point(|(a, m, _)| (*a, *m) < (account, amount));
        let to = groups.partition_point(|(a, m, _)| (*a, *m) <= (account, amount));
        let ours = &groups[from..to];
        let first = back.lines[group[0].2].word;
        let one_word = group.iter().all(|(_, _, at)| back.lines[*at].word == first);
        // Alike and not all told of, or told of differently: nobody can say which is which.
        let doubtful = ours.len() > 1 && (!one_word || group.len() != ours.len());
        for (place, our) in group.iter().zip(ours.iter().map(Some).chain(std::iter::repeat(None))) {
            match our {
                Some((_, _, at)) => {
                    answers[*at] = Some(place.2);
                    alike[*at] = doubtful;
                }
                None => extra.push(place.2),
            }
        }
    }
    extra.sort_unstable();
}
