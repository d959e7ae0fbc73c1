//! 一人多钱包: what departments give one university student, laid over each other; what may stand is a duty of its department,
//! what was paid a deed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use fujiao_ledger::loan::{Facts, LoanState, check};
use fujiao_ledger::stack::{Conflict, Gift, Rules, Stacked, stack};
use fujiao_model::{
    Area, Because, Deed, Duty, Field, Fields, Money, PartialDate, Period, RosterKind, Subject, Unit,
};
use fujiao_store::{LentLoan, StoredGift, StoredNeed};
use jiff::civil::{Date, date};

use super::Registers;
use super::duties::Owed;
use crate::loans::{application, owed::on_lists};

/// What comes before the key of a purse in the kinds of its duties and deeds.
pub(crate) const PREFIX: &str = "uni.";

/// Money that a list or the books of loans speak of.
struct Said {
    purse: String,
    department: String,
    amount: i64,
    paid: bool,
    on: Option<Date>,
    row: Option<u64>,
    /// A department's own list: its duty and its deed are made here. Others have theirs elsewhere.
    own: bool,
}

/// A student's school year.
#[derive(Default)]
struct Year {
    said: Vec<Said>,
    university: String,
    costs: BTreeMap<&'static str, i64>,
}

/// What is kept for pages.
#[derive(Debug, Default)]
pub(crate) struct Laid {
    pub gifts: Vec<StoredGift>,
    pub needs: Vec<StoredNeed>,
}

type Years = BTreeMap<(u64, i16), Year>;

/// Lays all purses over each other; adds what departments owe, and what they did.
pub(super) fn lay(
    registers: &Registers,
    lent: &[LentLoan],
    (rules, facts): (&Rules, &Facts),
    owed: &mut Owed,
    deeds: &mut Vec<Deed>,
) -> Laid {
    let mut years = Years::new();
    let persons: BTreeMap<u64, u32> =
        registers.persons.iter().zip(0..).map(|(p, at)| (p.id, at)).collect();
    departments(registers, rules, &mut years);
    loans(registers, lent, rules, facts, &persons, &mut years);
    others(registers, rules, &mut years);
    let mut out = Laid::default();
    for ((person, school_year), mut year) in years {
        let Some(&at) = persons.get(&person) else { continue };
        // What was paid earlier was there first; plans follow in the order of their rows.
        year.said.sort_by_key(|s| (!s.paid, s.on.is_none(), s.on, s.row));
        let (costs, estimated) = costs(&year, rules);
        let gifts: Vec<Gift> = year
            .said
            .iter()
            .map(|s| Gift { purse: s.purse.clone(), amount: Money::fen(s.amount), paid: s.paid })
            .collect();
        let laid = stack(rules, &costs, &gifts);
        let place = registers.persons[at as usize].place;
        for (gift, said) in year.said.iter().enumerate() {
            out.gifts.push(kept(person, school_year, gift, said, &laid));
            if said.own && rules.purse(&said.purse).is_some() {
                settle(said, gift, &laid, (person, school_year, place), owed, deeds);
            }
        }
        out.needs.extend(laid.met.iter().map(|(purpose, met)| StoredNeed {
            person,
            school_year,
            purpose: purpose.clone(),
            university: year.university.clone(),
            estimated: estimated.contains(purpose.as_str()),
            cost: met.cost.as_fen(),
            granted: met.granted.as_fen(),
            lent: met.lent.as_fen(),
            unmet: met.unmet.as_fen(),
        }));
    }
    out
}

/// What a year costs by purpose, and which of it nobody wrote down.
fn costs<'r>(year: &Year, rules: &'r Rules) -> (BTreeMap<String, Money>, BTreeSet<&'r str>) {
    let mut costs: BTreeMap<String, Money> =
        year.costs.iter().map(|(p, fen)| ((*p).to_owned(), Money::fen(*fen))).collect();
    let mut estimated = BTreeSet::new();
    for of in &rules.costs {
        if !costs.contains_key(&of.purpose) {
            costs.insert(of.purpose.clone(), Money::fen(of.fen));
            estimated.insert(of.purpose.as_str());
        }
    }
    // The way there costs what is given for it: nobody asks for tickets.
    let travel: i64 = year
        .said
        .iter()
        .filter(|s| rules.purse(&s.purse).is_some_and(|p| p.purposes == ["travel"]))
        .map(|s| s.amount)
        .max()
        .unwrap_or(0);
    if travel > 0 {
        costs.entry("travel".to_owned()).or_insert(Money::fen(travel));
    }
    (costs, estimated)
}

fn text(fields: &Fields, field: Field) -> String {
    fields.text(field).unwrap_or_default().to_owned()
}

/// Whether a list says that money was paid; what came back or is planned is a plan.
fn was_paid(fields: &Fields) -> bool {
    let plan = ["退", "失败", "未", "拟", "待", "计划", "作废"];
    match fields.text(Field::PaymentStatus) {
        Some(status) => !plan.iter().any(|word| status.contains(word)),
        None => fields.date(Field::PaidOn).is_some(),
    }
}

fn departments(registers: &Registers, rules: &Rules, years: &mut Years) {
    for &at in registers.by_kind.get(RosterKind::UniversityAid) {
        let row = &registers.rows[at as usize];
        let fields = &row.fields;
        let person = registers.persons[registers.actor_of(at) as usize].id;
        let school_year =
            super::school_year(fields).unwrap_or_else(|| registers.term.school_year());
        let year = years.entry((person, school_year)).or_default();
        if let Some(school) = fields.text(Field::School) {
            school.clone_into(&mut year.university);
        }
        for (purpose, field) in [
            ("tuition", Field::Tuition),
            ("lodging", Field::Lodging),
            ("living", Field::LivingCost),
        ] {
            if let Some(cost) = fields.money(field).filter(|m| *m >= Money::ZERO) {
                year.costs.insert(purpose, cost.as_fen());
            }
        }
        let amount = fields.money(Field::Amount).map_or(0, Money::as_fen);
        if amount <= 0 {
            continue;
        }
        let (programme, unit) = (text(fields, Field::Programme), text(fields, Field::FundingUnit));
        let purse = rules.named(&programme, &unit);
        let called = if programme.is_empty() { &unit } else { &programme };
        year.said.push(Said {
            purse: purse.map_or_else(|| called.clone(), |p| p.key.clone()),
            department: match purse {
                Some(p) if unit.is_empty() => p.department.clone(),
                _ => unit,
            },
            amount,
            paid: was_paid(fields),
            on: fields.date(Field::PaidOn).map(PartialDate::latest),
            row: Some(row.id),
            own: true,
        });
    }
}

fn loans(
    registers: &Registers,
    lent: &[LentLoan],
    rules: &Rules,
    facts: &Facts,
    persons: &BTreeMap<u64, u32>,
    years: &mut Years,
) {
    let Some(purse) = rules.purses.iter().find(|p| p.kind == "loan") else { return };
    let of = |amount, paid, on, row| Said {
        purse: purse.key.clone(),
        department: purse.department.clone(),
        amount,
        paid,
        on,
        row,
        own: false,
    };
    let mut listed = on_lists(registers);
    for LentLoan { loan, disbursed_on } in lent {
        let state = crate::loans::state_of(loan);
        let stands = match state {
            LoanState::Refused | LoanState::Lapsed => false,
            LoanState::Applied => {
                check(&application(loan), facts).is_ok_and(|against| against.is_empty())
            }
            _ => true,
        };
        if !stands || !persons.contains_key(&loan.person) {
            continue;
        }
        let year = years.entry((loan.person, loan.school_year)).or_default();
        year.university.clone_from(&loan.university);
        for (purpose, cost) in [("tuition", loan.tuition), ("lodging", loan.lodging)] {
            if let Some(fen) = cost {
                year.costs.insert(purpose, fen);
            }
        }
        let list = listed.remove(&(loan.person, loan.school_year));
        year.said.push(match (disbursed_on, list) {
            (Some(on), _) => of(loan.amount, true, Some(*on), None),
            (None, Some((fen, on, row))) => of(fen, true, Some(on), Some(row)),
            (None, None) => of(loan.amount, false, None, None),
        });
    }
    for ((person, school_year), (fen, on, row)) in listed {
        let year = years.entry((person, school_year)).or_default();
        if year.university.is_empty()
            && let Ok(at) = registers.rows.binary_search_by_key(&row, |r| r.id)
        {
            year.university = text(&registers.rows[at].fields, Field::School);
        }
        year.said.push(of(fen, true, Some(on), Some(row)));
    }
}

/// What the aid centre's own lists gave those students: 新生路费, 雨露计划.
fn others(registers: &Registers, rules: &Rules, years: &mut Years) {
    if years.is_empty() {
        return;
    }
    for &at in registers.by_kind.get(RosterKind::AidPayments) {
        let row = &registers.rows[at as usize];
        let Some(programme) = row.fields.text(Field::Programme) else { continue };
        let Some(purse) = rules.named(programme, "") else { continue };
        let person = registers.persons[registers.actor_of(at) as usize].id;
        let Some(school_year) = super::school_year(&row.fields) else { continue };
        let Some(year) = years.get_mut(&(person, school_year)) else { continue };
        let amount = row.fields.money(Field::Amount).map_or(0, Money::as_fen);
        if amount > 0 && was_paid(&row.fields) {
            year.said.push(Said {
                purse: purse.key.clone(),
                department: purse.department.clone(),
                amount,
                paid: true,
                on: row.fields.date(Field::PaidOn).map(PartialDate::latest),
                row: Some(row.id),
                own: false,
            });
        }
    }
}

/// What stands against a gift: the word, fen that should not be, the gift that excludes it, and the source.
fn against(
    gift: usize,
    said: &Said,
    laid: &Stacked,
) -> (Option<&'static str>, i64, Option<u32>, String) {
    let mut out = (None, 0, None, String::new());
    for (_, conflict) in laid.conflicts.iter().filter(|(at, _)| *at == gift) {
        match conflict {
            Conflict::UnknownPurse => out = (Some("unknown"), 0, None, String::new()),
            Conflict::Excluded { by, basis } => {
                let by = u32::try_from(by + 1).ok();
                out = (Some("excluded"), said.amount, by, basis.clone());
                break;
            }
            Conflict::Beyond { over, basis, .. } => {
                out = (Some("beyond"), over.as_fen(), None, basis.clone());
            }
            Conflict::NoNeed { over } => {
                out = (Some("no_need"), over.as_fen(), None, String::new());
            }
        }
    }
    out
}

fn kept(person: u64, school_year: i16, gift: usize, said: &Said, laid: &Stacked) -> StoredGift {
    let (conflict, over, by_gift, basis) = against(gift, said, laid);
    StoredGift {
        person,
        name: String::new(),
        place: String::new(),
        school_year,
        gift: u32::try_from(gift + 1).unwrap_or(u32::MAX),
        purse: said.purse.clone(),
        department: said.department.clone(),
        amount: said.amount,
        stands: laid.stands[gift].as_fen(),
        paid: said.paid,
        on: said.on,
        conflict: conflict.map(str::to_owned),
        over,
        by_gift,
        basis,
        row: said.row,
    }
}

/// What may stand of a department's gift is owed; what was paid is done. So money that another purse excludes is an excess.
fn settle(
    said: &Said,
    gift: usize,
    laid: &Stacked,
    (person, school_year, place): (u64, i16, Option<fujiao_model::Division>),
    owed: &mut Owed,
    deeds: &mut Vec<Deed>,
) {
    let Some(row) = said.row else { return };
    let (_, over, _, basis) = against(gift, said, laid);
    let may = if said.paid { said.amount - over } else { laid.stands[gift].as_fen() };
    let kind: Arc<str> = format!("{PREFIX}{}", said.purse).into();
    let (subject, period) = (Subject::person(person), Period::SchoolYear(school_year));
    if may > 0 {
        let facts = format!("{}名册列 {} 元", said.department, Money::fen(said.amount));
        let because = Because {
            rule: format!("{kind}@{school_year}").into(),
            basis: if basis.is_empty() { "部门资助名册".into() } else { basis.into() },
            facts: facts.into(),
            sources: vec![row],
        };
        // Two lines of one purse for one student and year are one duty of both.
        let same = owed
            .duties
            .iter_mut()
            .rev()
            .take(16)
            .find(|d| d.kind == kind && d.subject == subject && d.period == period);
        if let Some(duty) = same {
            duty.quantity += may;
            duty.because.sources.push(row);
            duty.because.sources.sort_unstable();
        } else {
            owed.duties.push(Duty {
                area: Area::Aid,
                kind: Arc::clone(&kind),
                subject,
                period,
                quantity: may,
                unit: Unit::Fen,
                due_on: date(school_year, 12, 31),
                bearer: said.department.as_str().into(),
                place,
                because,
            });
        }
    }
    if said.paid {
        deeds.push(Deed {
            area: Area::Aid,
            kind,
            subject,
            period,
            quantity: said.amount,
            unit: Unit::Fen,
            done_on: said.on.unwrap_or_else(|| date(school_year, 12, 31)),
            place,
            evidence: row,
        });
    }
}
