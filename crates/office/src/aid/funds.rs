use std::collections::BTreeSet;

use fujiao_model::{Field, Money, PartialDate, RosterKind};
use fujiao_store::{
    AidFund, Earmark, FundUse, JournalLine, NewAidFund, NewMovement, Recovery, RecoveryState, Tx,
};
use jiff::civil::Date;

use super::approve::movement;
use super::{AidError, FundsPage, must_hold_the_county, note, place_of, reason};
use crate::access::{Actor, Right};
use crate::corrections::signed;
use crate::desk::Title;
use crate::{Office, OfficeError};

/// Money that came in, as somebody writes it down.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewFund {
    /// What it is called.
    pub name: String,
    /// Whether somebody gave it.
    pub gift: bool,
    /// The treasury, or who gave.
    pub giver: String,
    /// The donor's account.
    pub donor: Option<u64>,
    /// 文号, or the receipt.
    pub document: String,
    /// Key of the programme that it is for; empty: any.
    pub programme: String,
    /// The school's id in hexadecimal; empty: any.
    pub school: String,
    /// Code of the town or village; empty: any.
    pub place: String,
    /// The last day on which it may be spent; empty: any.
    pub until: String,
    /// When it came; empty: today.
    pub arrived_on: String,
    /// Yuan.
    pub amount: String,
    /// Giver and children agreed to know each other.
    pub pairing: bool,
}

/// A fund and what became of it, in fen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FundLine {
    /// The fund.
    pub fund: AidFund,
    /// Allocated, not sent.
    pub owed: i64,
    /// At the bank.
    pub sent: i64,
    /// Paid.
    pub paid: i64,
    /// Days that free money has lain; `None`: nothing lies, or not longer than the county allows.
    pub idle_days: Option<i64>,
    /// Free money whose last day is over.
    pub lapsed: bool,
}

/// What a gift did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gift {
    /// The fund.
    pub line: FundLine,
    /// By programme, period, state and school; persons and payments apart.
    pub uses: Vec<(Title, FundUse)>,
    /// Children whom giver and family agreed to name.
    pub paired: Vec<String>,
}

/// What came of booking the treasury's lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Appropriated {
    /// Sums that were booked.
    pub booked: u64,
    /// What they come to.
    pub amount: Money,
    /// Sums that were booked before.
    pub known: u64,
    /// Rows without number, amount or day: their names.
    pub unclear: Vec<String>,
}

/// Books a fund with its entry and its line in the audit.
fn book_fund(
    tx: &mut Tx,
    county: u32,
    actor: &Actor,
    book: &NewAidFund<'_>,
) -> Result<u64, OfficeError> {
    let by = signed(actor);
    let id = tx.add_aid_fund(county, book, &by)?;
    let moved =
        NewMovement { debit: "pool".into(), credit: format!("fund {id}"), amount: book.amount };
    let about = format!("fund {id}");
    tx.add_aid_entry(county, "arrive", &about, &[moved], &by)?;
    note(tx, county, actor, "aid fund", &about, &format!("{} fen", book.amount))?;
    Ok(id)
}

impl Office {
    /// Books money that came in; the fund's number.
    ///
    /// # Errors
    /// [`AidError::Form`] with the field and what to do.
    pub fn aid_add_fund(&self, actor: &Actor, new: &NewFund) -> Result<u64, OfficeError> {
        must_hold_the_county(actor, Right::Funds)?;
        let form = |field, reason: &str| AidError::Form { field, reason: reason.to_owned() };
        let amount: Money = new
            .amount
            .parse()
            .map_err(|e| AidError::Form { field: "amount", reason: format!("{e}") })?;
        if amount <= Money::ZERO {
            return Err(form("amount", "要大于零").into());
        }
        for (field, text) in
            [("name", &new.name), ("giver", &new.giver), ("document", &new.document)]
        {
            if text.trim().is_empty() {
                return Err(form(field, "不能空着").into());
            }
        }
        let day = |field, text: &str| -> Result<Option<Date>, AidError> {
            let text = text.trim();
            if text.is_empty() {
                return Ok(None);
            }
            text.parse().map(Some).map_err(|_| form(field, "写成 2025-12-31"))
        };
        let programme = match new.programme.trim() {
            "" => None,
            key if self.rules.policies.programme(key).is_some() => Some(key.to_owned()),
            _ => return Err(form("programme", "没有这个项目").into()),
        };
        let school = match new.school.trim() {
            "" => None,
            id => {
                Some(u64::from_str_radix(id, 16).map_err(|_| form("school", "从学校页面抄编号"))?)
            }
        };
        let earmark = Earmark {
            programme,
            school,
            place: place_of(&new.place)?,
            until: day("until", &new.until)?,
        };
        let arrived_on = day("arrived_on", &new.arrived_on)?.unwrap_or_else(|| actor.today());
        let county = self.county_code()?;
        self.store.write(|tx| {
            let book = NewAidFund {
                name: new.name.trim(),
                gift: new.gift,
                giver: new.giver.trim(),
                donor: new.donor,
                document: new.document.trim(),
                earmark: &earmark,
                arrived_on,
                amount: amount.as_fen(),
                pairing: new.gift && new.pairing,
            };
            book_fund(tx, county, actor, &book)
        })
    }

    /// Books appropriations that the treasury's lists hold and the books do not: known by their number, which stands as the
    /// document. The earmark is the programme that the list's words mean; one that no programme is called by stays in the name.
    ///
    /// # Errors
    /// What the store says.
    pub fn aid_book_appropriations(&self, actor: &Actor) -> Result<Appropriated, OfficeError> {
        must_hold_the_county(actor, Right::Funds)?;
        let county = self.county_code()?;
        self.store.write(|tx| {
            let mut known: BTreeSet<String> =
                tx.aid_funds(county)?.into_iter().map(|f| f.document).collect();
            let mut out = Appropriated::default();
            for row in tx.rows_of_kind(county, RosterKind::Appropriations, None)? {
                let fields = &row.row.fields;
                let text = |field| fields.text(field).unwrap_or_default().trim().to_owned();
                let (number, name) = (text(Field::FundNo), text(Field::FundName));
                let arrived_on = fields.date(Field::ArrivedOn).map(PartialDate::latest);
                let amount = fields.money(Field::Amount).unwrap_or(Money::ZERO);
                let (Some(arrived_on), true, true) =
                    (arrived_on, amount > Money::ZERO, !number.is_empty())
                else {
                    out.unclear.push(if name.is_empty() { number } else { name });
                    continue;
                };
                if !known.insert(number.clone()) {
                    out.known += 1;
                    continue;
                }
                let words = text(Field::Earmark);
                let programme = self.aid_named(&words).or_else(|| self.aid_named(&name));
                let name = match (&programme, words.as_str(), name.as_str()) {
                    (Some(_), _, name) if !name.is_empty() => name.to_owned(),
                    (_, "", "") => number.clone(),
                    (_, words, "") => words.to_owned(),
                    (_, "", name) => name.to_owned(),
                    (_, words, name) if name.contains(words) => name.to_owned(),
                    (_, words, name) => format!("{name}（{words}）"),
                };
                let earmark = Earmark {
                    programme,
                    school: None,
                    place: None,
                    until: fields.date(Field::SpendBy).map(PartialDate::latest),
                };
                let book = NewAidFund {
                    name: &name,
                    gift: false,
                    giver: "财政下达",
                    donor: None,
                    document: &number,
                    earmark: &earmark,
                    arrived_on,
                    amount: amount.as_fen(),
                    pairing: false,
                };
                book_fund(tx, county, actor, &book)?;
                out.booked += 1;
                out.amount += amount;
            }
            Ok(out)
        })
    }

    /// The programme of money that words mean.
    fn aid_named(&self, words: &str) -> Option<String> {
        let of = self.rules.policies.programme_named(words)?;
        (of.area == fujiao_model::Area::Aid && of.unit == fujiao_model::Unit::Fen)
            .then(|| of.key.to_string())
    }

    /// The funds and the journal.
    ///
    /// # Errors
    /// What the store says.
    pub fn aid_funds(
        &self,
        actor: &Actor,
        account: Option<&str>,
    ) -> Result<FundsPage, OfficeError> {
        actor.must(Right::Aid)?;
        if !actor.scope(Right::Aid).is_whole() {
            // Funds are the county's: who stands on a part of it has none of them.
            return Ok(FundsPage::default());
        }
        let county = self.county_code()?;
        let today = actor.today();
        self.store.read(|tx| {
            let funds = tx.aid_funds(county)?;
            let balances = tx.aid_balances(county)?;
            let journal: Vec<JournalLine> = tx.aid_journal(county, account, 200)?;
            let recoveries: Vec<Recovery> = tx.aid_recoveries(county)?;
            let titles = funds
                .iter()
                .filter_map(|f| f.earmark.programme.as_ref())
                .map(|key| (key.clone(), self.rules.titles.title(key)))
                .collect();
            let schools = tx.schools(county)?;
            let school_names = funds
                .iter()
                .filter_map(|f| f.earmark.school)
                .filter_map(|id| schools.iter().find(|s| s.id == id).map(|s| (id, s.name.clone())))
                .collect();
            let places = tx.places(county)?;
            let place_names = funds
                .iter()
                .filter_map(|f| f.earmark.place)
                .filter_map(|at| places.iter().find(|p| p.code == at).map(|p| (at, p.name.clone())))
                .collect();
            let funds =
                funds.into_iter().map(|fund| self.fund_line(fund, &balances, today)).collect();
            let pool = balances.iter().find(|(name, _)| name == "pool").map_or(0, |(_, fen)| -fen);
            Ok(FundsPage { funds, journal, recoveries, pool, titles, school_names, place_names })
        })
    }

    /// What the gifts of somebody did. No child is named but those whom giver and family agreed to name.
    ///
    /// # Errors
    /// What the store says.
    pub fn aid_gifts(&self, actor: &Actor) -> Result<Vec<Gift>, OfficeError> {
        actor.must(Right::Gifts)?;
        let county = self.county_code()?;
        self.store.read(|tx| {
            let balances = tx.aid_balances(county)?;
            let uses = tx.aid_fund_uses(county, Some(actor.user))?;
            let paired = tx.aid_paired(county, actor.user)?;
            let funds = tx.aid_funds(county)?.into_iter();
            Ok(funds
                .filter(|f| f.gift && f.donor == Some(actor.user))
                .map(|fund| {
                    let of = |use_: &&FundUse| use_.fund == fund.id;
                    let uses = uses
                        .iter()
                        .filter(of)
                        .map(|u| (self.rules.titles.title(&u.programme), u.clone()))
                        .collect();
                    let paired = paired
                        .iter()
                        .filter(|(id, ..)| *id == fund.id)
                        .map(|(.., name)| name.clone())
                        .collect();
                    Gift { line: self.fund_line(fund, &balances, actor.today()), uses, paired }
                })
                .collect())
        })
    }

    /// Asks for a part of a payment back; the recovery's number.
    ///
    /// # Errors
    /// [`AidError::NoSuchLine`] if so much was not paid, or is asked back already.
    pub fn aid_ask_back(
        &self,
        actor: &Actor,
        payment: u64,
        amount: Money,
        why: &str,
    ) -> Result<u64, OfficeError> {
        let by = must_hold_the_county(actor, Right::Pay)?;
        let why = reason(why)?;
        if amount <= Money::ZERO {
            return Err(AidError::Form { field: "amount", reason: "要大于零".into() }.into());
        }
        let county = self.county_code()?;
        self.store.write(|tx| {
            let id = tx
                .add_aid_recovery(county, payment, amount.as_fen(), &why, &by)?
                .ok_or(AidError::NoSuchLine)?;
            note(
                tx,
                county,
                actor,
                "aid recovery",
                &format!("recovery {id}"),
                &format!("payment {payment}"),
            )?;
            Ok(id)
        })
    }

    /// Notes that money came back, or that somebody else than who asked for it waives it.
    ///
    /// # Errors
    /// [`AidError::OwnWork`], [`AidError::NoSuchLine`].
    pub fn aid_end_recovery(
        &self,
        actor: &Actor,
        id: u64,
        state: RecoveryState,
        why: &str,
    ) -> Result<(), OfficeError> {
        let right = if state == RecoveryState::Waived { Right::Approve } else { Right::Pay };
        must_hold_the_county(actor, right)?;
        let why = reason(why)?;
        let county = self.county_code()?;
        let by = signed(actor);
        self.store.write(|tx| {
            let of = tx
                .aid_recoveries(county)?
                .into_iter()
                .find(|r| r.id == id && r.state == RecoveryState::Asked)
                .ok_or(AidError::NoSuchLine)?;
            if state == RecoveryState::Waived && of.asked.login == actor.login {
                return Err(AidError::OwnWork.into());
            }
            tx.end_aid_recovery(county, id, state, actor.today(), &why, &by)?;
            if state == RecoveryState::Repaid {
                // To the funds that paid it, the first one first.
                let mut left = of.amount;
                let mut moved = Vec::new();
                for (fund, amount) in tx.aid_payment_by_fund(county, of.payment)? {
                    let part = left.min(amount);
                    if part > 0 {
                        let of = movement("pool", "fund", fund, part);
                        moved.push(NewMovement { debit: "pool".into(), ..of });
                        left -= part;
                    }
                }
                tx.add_aid_entry(county, "recover", &format!("recovery {id}"), &moved, &by)?;
            }
            note(tx, county, actor, "aid recovery", &format!("recovery {id}"), state.code())?;
            Ok(())
        })
    }

    fn fund_line(&self, fund: AidFund, balances: &[(String, i64)], today: Date) -> FundLine {
        let of = |name: &str| {
            let name = format!("{name} {}", fund.id);
            balances.iter().find(|(account, _)| *account == name).map_or(0, |(_, fen)| *fen)
        };
        let (owed, sent) = (of("owed"), of("sent"));
        let lain = fund.arrived_on.until(today).map_or(0, |span| i64::from(span.get_days()));
        let allowed = self.rules.policies.number("idle_fund_days", today).unwrap_or(i64::MAX);
        let idle_days = (fund.free > 0 && lain > allowed).then_some(lain);
        let lapsed = fund.free > 0 && fund.earmark.until.is_some_and(|last| last < today);
        let paid = fund.amount - fund.free - owed - sent;
        FundLine { fund, owed, sent, paid, idle_days, lapsed }
    }
}
