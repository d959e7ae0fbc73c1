//! 多个龙头注水、一个池子蓄水、一个口子放水: double entry for funds.
//!
//! An [`Entry`] moves money between the [`Account`]s of a fund; what it takes from one it gives to another, so every entry
//! balances by how it is made. A [`Journal`] only grows: an entry is never edited, a mistake is put right by its
//! [`Entry::reversal`]. From the entries follow balances, [`idle`] money and money [`off_earmark`].

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use fujiao_model::Money;
use jiff::civil::Date;

/// Where the money of a fund is. The number is the fund's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// 来源: what givers gave, below zero by as much as has come.
    Given(u32),
    /// 池: in the pool, promised to nobody.
    Free(u32),
    /// 已安排: promised to payments that are approved.
    Held(u32),
    /// 在途: with the bank.
    Sent(u32),
    /// 已支出: on accounts of pupils and schools.
    Spent(u32),
}

impl Account {
    /// The fund.
    pub const fn fund(self) -> u32 {
        match self {
            Self::Given(f) | Self::Free(f) | Self::Held(f) | Self::Sent(f) | Self::Spent(f) => f,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Given(_) => "given",
            Self::Free(_) => "free",
            Self::Held(_) => "held",
            Self::Sent(_) => "sent",
            Self::Spent(_) => "spent",
        }
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.word(), self.fund())
    }
}

/// A text that names no account.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no account like free:3")]
pub struct ParseAccountError(pub String);

impl FromStr for Account {
    type Err = ParseAccountError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let no = || ParseAccountError(text.to_owned());
        let (word, fund) = text.split_once(':').ok_or_else(no)?;
        let fund = fund.parse().map_err(|_| no())?;
        match word {
            "given" => Ok(Self::Given(fund)),
            "free" => Ok(Self::Free(fund)),
            "held" => Ok(Self::Held(fund)),
            "sent" => Ok(Self::Sent(fund)),
            "spent" => Ok(Self::Spent(fund)),
            _ => Err(no()),
        }
    }
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Event {
    /// 到账: an appropriation or a gift comes in.
    Arrive,
    /// 安排: promised to payments.
    Allocate,
    /// 解除: a payment is given up before it went out.
    Stop,
    /// 送银行
    Send,
    /// 支付成功
    Pay,
    /// 退回
    Return,
    /// 追回: what was paid came back from who got it.
    Recover,
}

impl Event {
    /// All, in the order of their life.
    pub const ALL: [Self; 7] = [
        Self::Arrive,
        Self::Allocate,
        Self::Stop,
        Self::Send,
        Self::Pay,
        Self::Return,
        Self::Recover,
    ];

    /// The word in the books.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Arrive => "arrive",
            Self::Allocate => "allocate",
            Self::Stop => "stop",
            Self::Send => "send",
            Self::Pay => "pay",
            Self::Return => "return",
            Self::Recover => "recover",
        }
    }

    /// From which account of a fund to which it moves money.
    pub const fn way(self, fund: u32) -> (Account, Account) {
        match self {
            Self::Arrive => (Account::Given(fund), Account::Free(fund)),
            Self::Allocate => (Account::Free(fund), Account::Held(fund)),
            Self::Stop => (Account::Held(fund), Account::Free(fund)),
            Self::Send => (Account::Held(fund), Account::Sent(fund)),
            Self::Pay => (Account::Sent(fund), Account::Spent(fund)),
            Self::Return => (Account::Sent(fund), Account::Held(fund)),
            Self::Recover => (Account::Spent(fund), Account::Free(fund)),
        }
    }
}

/// One amount from one account to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    /// 贷: the account that gives.
    pub from: Account,
    /// 借: the account that takes.
    pub to: Account,
    /// How much; above zero.
    pub amount: Money,
}

/// An entry: moves that belong together, on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The day.
    pub on: Date,
    /// What happened; `None` for a reversal.
    pub event: Option<Event>,
    /// What it is about: `batch 7`, `file 2`.
    pub about: String,
    /// The moves.
    pub moves: Vec<Move>,
}

impl Entry {
    /// An entry of one event for several funds.
    pub fn new(on: Date, event: Event, about: &str, amounts: &[(u32, Money)]) -> Self {
        let moves = amounts
            .iter()
            .map(|(fund, amount)| {
                let (from, to) = event.way(*fund);
                Move { from, to, amount: *amount }
            })
            .collect();
        Self { on, event: Some(event), about: about.to_owned(), moves }
    }

    /// The entry that takes this one back, on a later day.
    #[must_use]
    pub fn reversal(&self, on: Date) -> Self {
        let moves = self.moves.iter();
        let moves = moves.map(|m| Move { from: m.to, to: m.from, amount: m.amount }).collect();
        Self { on, event: None, about: format!("reversal of {}", self.about), moves }
    }
}

/// Why an entry is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It moves nothing.
    #[error("这一笔没有金额，或小于零")]
    Nothing,
    /// An account would be overdrawn.
    #[error("账户 {account} 只有 {has}，不够 {wanted}；先到账或少安排")]
    Overdrawn {
        /// The account.
        account: Account,
        /// What is on it.
        has: Money,
        /// What was to be taken.
        wanted: Money,
    },
    /// An earlier day than that of the last entry.
    #[error("这一笔的日期 {on} 早于账上最后一笔 {last}；以今天记，不往前插")]
    Backdated {
        /// Its day.
        on: Date,
        /// The day of the last entry.
        last: Date,
    },
}

/// What is in the accounts of a fund.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FundBalance {
    /// What came in: always the sum of the others.
    pub given: Money,
    /// In the pool.
    pub free: Money,
    /// Promised.
    pub held: Money,
    /// With the bank.
    pub sent: Money,
    /// Spent.
    pub spent: Money,
}

/// Entries in order, and what follows from them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Journal {
    entries: Vec<Entry>,
    balances: BTreeMap<Account, Money>,
}

impl Journal {
    /// The entries, oldest first.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// What is on an account: below zero for [`Account::Given`] alone.
    pub fn balance(&self, account: Account) -> Money {
        self.balances.get(&account).copied().unwrap_or(Money::ZERO)
    }

    /// What is in the accounts of a fund.
    pub fn fund(&self, fund: u32) -> FundBalance {
        FundBalance {
            given: -self.balance(Account::Given(fund)),
            free: self.balance(Account::Free(fund)),
            held: self.balance(Account::Held(fund)),
            sent: self.balance(Account::Sent(fund)),
            spent: self.balance(Account::Spent(fund)),
        }
    }

    /// The sum over all accounts: nothing, always.
    pub fn trial_balance(&self) -> Money {
        self.balances.values().copied().sum()
    }

    /// Takes an entry, as a whole or not at all.
    ///
    /// # Errors
    /// [`Refused`]; the journal is as it was.
    pub fn append(&mut self, entry: Entry) -> Result<(), Refused> {
        if entry.moves.is_empty() || entry.moves.iter().any(|m| m.amount <= Money::ZERO) {
            return Err(Refused::Nothing);
        }
        if let Some(last) = self.entries.last().filter(|last| last.on > entry.on) {
            return Err(Refused::Backdated { on: entry.on, last: last.on });
        }
        let mut taken: BTreeMap<Account, (Money, Money)> = BTreeMap::new();
        for m in &entry.moves {
            taken.entry(m.from).or_default().0 += m.amount;
            taken.entry(m.to).or_default().1 += m.amount;
        }
        for (account, (out, into)) in &taken {
            let has = self.balance(*account);
            let overdraws = has + *into - *out < Money::ZERO;
            if overdraws && !matches!(account, Account::Given(_)) {
                return Err(Refused::Overdrawn { account: *account, has, wanted: *out });
            }
        }
        for (account, (out, into)) in taken {
            *self.balances.entry(account).or_default() += into - out;
        }
        self.entries.push(entry);
        Ok(())
    }
}

/// 闲置: money that has been in the pool, promised to nobody, for longer than `days` days.
///
/// What goes out is taken from what came first; what comes back is free from the day on which it came back. For each fund with
/// idle money: how much, and since when the oldest of it.
pub fn idle(journal: &Journal, as_of: Date, days: i32) -> BTreeMap<u32, (Money, Date)> {
    let mut lots: BTreeMap<u32, Vec<(Date, Money)>> = BTreeMap::new();
    for entry in journal.entries().iter().filter(|entry| entry.on <= as_of) {
        for m in &entry.moves {
            if let Account::Free(fund) = m.to {
                lots.entry(fund).or_default().push((entry.on, m.amount));
            }
            if let Account::Free(fund) = m.from {
                let mut wanted = m.amount;
                for (_, lot) in lots.entry(fund).or_default() {
                    let take = wanted.min(*lot);
                    *lot -= take;
                    wanted -= take;
                }
            }
        }
    }
    let mut found = BTreeMap::new();
    for (fund, lots) in lots {
        let old =
            lots.into_iter().filter(|(on, lot)| !lot.is_zero() && (as_of - *on).get_days() > days);
        if let Some(idle) =
            old.reduce(|sum, (_, lot)| (sum.0, sum.1 + lot)).map(|(on, sum)| (sum, on))
        {
            found.insert(fund, idle);
        }
    }
    found
}

/// What a fund may be spent on. An empty set is anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Earmark {
    /// Programmes.
    pub programmes: BTreeSet<String>,
    /// Schools.
    pub schools: BTreeSet<i64>,
    /// Places; what lies in one of them is meant too.
    pub places: BTreeSet<i64>,
    /// The last day.
    pub until: Option<Date>,
}

/// What money was spent on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spending {
    /// The fund.
    pub fund: u32,
    /// The programme.
    pub programme: String,
    /// The school, if it is known.
    pub school: Option<i64>,
    /// Every place that it lies in, from the village up.
    pub places: Vec<i64>,
    /// The day.
    pub on: Date,
    /// How much.
    pub amount: Money,
}

/// Why spending is not what the fund was given for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OffEarmark {
    /// Another programme.
    Programme,
    /// Another school, or none known.
    School,
    /// Another place, or none known.
    Place,
    /// After its end.
    Late,
}

impl Earmark {
    /// What stands against spending it so; nothing if it may be.
    pub fn against(&self, spending: &Spending) -> Vec<OffEarmark> {
        let mut found = Vec::new();
        if !self.programmes.is_empty() && !self.programmes.contains(&spending.programme) {
            found.push(OffEarmark::Programme);
        }
        if !self.schools.is_empty() && !spending.school.is_some_and(|s| self.schools.contains(&s)) {
            found.push(OffEarmark::School);
        }
        if !self.places.is_empty() && !spending.places.iter().any(|p| self.places.contains(p)) {
            found.push(OffEarmark::Place);
        }
        if self.until.is_some_and(|until| spending.on > until) {
            found.push(OffEarmark::Late);
        }
        found
    }
}

/// 挪用: positions of spending that is off the earmark of its fund, each with all reasons. A fund without an entry in `earmarks`
/// may be spent on anything.
pub fn off_earmark(
    earmarks: &BTreeMap<u32, Earmark>,
    spending: &[Spending],
) -> Vec<(usize, Vec<OffEarmark>)> {
    let against = |s: &Spending| earmarks.get(&s.fund).map(|e| e.against(s)).unwrap_or_default();
    spending
        .iter()
        .enumerate()
        .map(|(at, s)| (at, against(s)))
        .filter(|(_, why)| !why.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_fund_from_the_giver_to_the_pupil() {
        let mut book = Journal::default();
        let yuan = Money::yuan;
        let mut say = |day, event, amount| {
            book.append(Entry::new(date(2024, 3, day), event, "test", &[(1, yuan(amount))]))
        };
        say(1, Event::Arrive, 1000).unwrap();
        say(2, Event::Allocate, 600).unwrap();
        say(3, Event::Send, 600).unwrap();
        say(4, Event::Pay, 500).unwrap();
        say(4, Event::Return, 100).unwrap();
        assert_eq!(
            say(5, Event::Allocate, 401).unwrap_err().to_string(),
            "账户 free:1 只有 400.00，不够 401.00；先到账或少安排"
        );
        say(6, Event::Stop, 100).unwrap();
        say(7, Event::Recover, 50).unwrap();
        assert!(matches!(say(6, Event::Arrive, 1), Err(Refused::Backdated { .. })));
        assert_eq!(
            book.fund(1),
            FundBalance {
                given: yuan(1000),
                free: yuan(550),
                held: yuan(0),
                sent: yuan(0),
                spent: yuan(450)
            }
        );
        assert_eq!(book.trial_balance(), Money::ZERO);
    }

    #[test]
    fn money_is_idle_from_the_day_on_which_it_was_free() {
        let mut book = Journal::default();
        for (month, event, amount) in [
            (1, Event::Arrive, 300),
            (3, Event::Arrive, 200),
            (3, Event::Allocate, 350),
            (5, Event::Stop, 70),
        ] {
            let entry =
                Entry::new(date(2024, month, 1), event, "test", &[(7, Money::yuan(amount))]);
            book.append(entry).unwrap();
        }
        // 300 of January and 50 of March went out; 150 of March are left, and 70 are free again since May.
        let at = |month, day, days| idle(&book, date(2024, month, day), days).get(&7).copied();
        assert_eq!(at(5, 30, 90), None);
        assert_eq!(at(5, 31, 90), Some((Money::yuan(150), date(2024, 3, 1))));
        assert_eq!(at(8, 1, 90), Some((Money::yuan(220), date(2024, 3, 1))));
    }

    #[test]
    fn spending_off_its_earmark_is_named_with_all_reasons() {
        use OffEarmark as O;
        let mark = Earmark {
            programmes: ["hs.grant".to_owned()].into(),
            places: [61_999_901].into(),
            until: Some(date(2024, 12, 31)),
            ..Earmark::default()
        };
        let good = Spending {
            fund: 1,
            programme: "hs.grant".to_owned(),
            school: None,
            places: vec![6_199_990_101, 61_999_901],
            on: date(2024, 12, 31),
            amount: Money::yuan(1),
        };
        let bad = Spending {
            programme: "meals".to_owned(),
            places: vec![61_999_902],
            on: date(2025, 1, 1),
            ..good.clone()
        };
        let other = Spending { fund: 2, ..bad.clone() };
        assert_eq!(
            off_earmark(&BTreeMap::from([(1, mark)]), &[good, bad, other]),
            [(1, vec![O::Programme, O::Place, O::Late])]
        );
    }

    #[test]
    fn accounts_read_back() {
        for account in [
            Account::Given(0),
            Account::Free(3),
            Account::Held(3),
            Account::Sent(9),
            Account::Spent(u32::MAX),
        ] {
            assert_eq!(account.to_string().parse(), Ok(account));
        }
        assert!("free".parse::<Account>().is_err());
        assert!("lost:3".parse::<Account>().is_err());
    }

    proptest! {
        /// Whatever is tried, in whatever order: all accounts sum to nothing, none but the givers' is below zero, what came in is
        /// what is there, and what is refused changes nothing.
        #[test]
        fn the_journal_balances_whatever_is_tried(
            tries in proptest::collection::vec((0_usize..7, 0_u32..3, -5_i64..200, any::<bool>(), any::<prop::sample::Index>()), 0..80),
        ) {
            let mut book = Journal::default();
            let mut came = [0_i64; 3];
            for (day, (event, fund, fen, reverse, which)) in tries.into_iter().enumerate() {
                let on = date(2024, 1, 1).saturating_add(jiff::Span::new().days(i64::try_from(day).unwrap()));
                let entry = if reverse && !book.entries().is_empty() {
                    book.entries()[which.index(book.entries().len())].reversal(on)
                } else {
                    Entry::new(on, Event::ALL[event], "test", &[(fund, Money::fen(fen))])
                };
                let before = book.clone();
                let arrived: Vec<(u32, i64)> = entry.moves.iter().map(|m| (m.from.fund(), match (m.from, m.to) {
                    (Account::Given(_), _) => m.amount.as_fen(),
                    (_, Account::Given(_)) => -m.amount.as_fen(),
                    _ => 0,
                })).collect();
                if book.append(entry).is_ok() {
                    for (fund, fen) in arrived { came[fund as usize] += fen; }
                    prop_assert_eq!(&book.entries()[..before.entries().len()], before.entries());
                } else {
                    prop_assert_eq!(&book, &before);
                }
                prop_assert_eq!(book.trial_balance(), Money::ZERO);
                for (fund, came) in (0..).zip(came) {
                    let b = book.fund(fund);
                    prop_assert_eq!(b.given, Money::fen(came));
                    prop_assert_eq!(b.free + b.held + b.sent + b.spent, b.given);
                    prop_assert!([b.free, b.held, b.sent, b.spent].iter().all(|m| *m >= Money::ZERO));
                    let idle = idle(&book, on, 0).get(&fund).map_or(Money::ZERO, |i| i.0);
                    prop_assert!(idle <= b.free);
                    prop_assert_eq!(super::idle(&book, on, -1).get(&fund).map_or(Money::ZERO, |i| i.0), b.free);
                }
            }
        }
    }
}
