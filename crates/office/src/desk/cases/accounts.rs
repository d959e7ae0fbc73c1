//! 问责表, and the chart of a village.

use std::collections::BTreeMap;

use fujiao_model::{Area, Division};
use fujiao_watch::case::accountability;
use jiff::civil::Date;

use super::{AccountLine, AccountsPage, CaseBy, VillagePage};
use crate::access::{Right, Standing};
use crate::cases::{Chief, Known, Officers};
use crate::desk::{DeskError, Seat, office_fault};

impl Seat {
    /// 问责表, of the cases in reach.
    ///
    /// # Errors
    /// [`DeskError`] if the books cannot be read.
    pub fn case_accounts(
        &self,
        by: CaseBy,
        as_of: Option<Date>,
    ) -> Result<AccountsPage, DeskError> {
        self.actor.must(Right::Figures)?;
        self.read(|tx| {
            let overview = self.overview(tx, Right::Figures)?;
            let county = overview.head.county;
            let today = self.case_day(tx, county, as_of)?;
            let rules = &self.rules().cases;
            let scope = self.actor.scope_in(Right::Figures, Area::Schooling);
            let mut all = Known::all(tx, county, rules)?;
            all.retain(|known| known.is_in(&scope));
            let names: BTreeMap<u64, String> = all
                .iter()
                .filter_map(|known| Some((known.stored.now.school?, known.school.clone())))
                .collect();
            let key = |case: &fujiao_watch::case::Case| match by {
                CaseBy::Town => {
                    case.places.last().map_or(0, |code| code / 1_000 * 1_000).cast_unsigned()
                }
                CaseBy::Village => case.places.first().map_or(0, |code| code.cast_unsigned()),
                CaseBy::School => case.school.unwrap_or_default(),
            };
            let cases = || all.iter().map(|known| &known.case);
            let accounts = accountability(cases(), rules, today, |case| vec![key(case)]);
            let whole = accountability(cases(), rules, today, |_| vec![()]);
            let mut lines: Vec<AccountLine> = accounts
                .into_iter()
                .map(|(key, account)| {
                    let place = Division::from_code(key).ok().filter(|_| by != CaseBy::School);
                    let school = (by == CaseBy::School && key != 0).then_some(key);
                    let name = match (place, school) {
                        (Some(place), _) => overview.place_name(Some(place)),
                        (None, Some(id)) => names.get(&id).cloned().unwrap_or_default(),
                        (None, None) => String::new(),
                    };
                    AccountLine { name, place, school, account }
                })
                .collect();
            lines.sort_by(|a, b| {
                let rank = |l: &AccountLine| (l.account.overdue_days, l.account.open);
                rank(b).cmp(&rank(a)).then_with(|| (a.place, a.school).cmp(&(b.place, b.school)))
            });
            let total = whole.get(&()).copied().unwrap_or_default();
            Ok(AccountsPage { frame: overview.frame(), as_of: today, by, lines, total })
        })
    }

    /// 村责任表 of a village or town; `None` if it is out of reach or nowhere.
    ///
    /// # Errors
    /// [`DeskError`] if the books cannot be read.
    pub fn case_village(
        &self,
        place: Division,
        as_of: Option<Date>,
    ) -> Result<Option<VillagePage>, DeskError> {
        self.actor.must(Right::Names)?;
        self.read(|tx| {
            let overview = self.overview(tx, Right::Names)?;
            let county = overview.head.county;
            let scope = self.actor.scope_in(Right::Names, Area::Schooling);
            let here = Standing { places: vec![place], ..Standing::default() };
            if !overview.places.contains_key(&place.code()) || !scope.reaches(&here) {
                return Ok(None);
            }
            let today = self.case_day(tx, county, as_of)?;
            let officers = Officers::read(tx, county, today).map_err(office_fault)?;
            let rules = &self.rules().cases;
            let context = self.context(tx, &overview, rules, &officers, (today, 0))?;
            let of_place = |role: &Chief| {
                let rule = rules.role(&role.key);
                rule.is_some_and(|r| {
                    matches!(
                        r.ground,
                        fujiao_watch::case::Ground::Place | fujiao_watch::case::Ground::County
                    )
                })
            };
            let mut chiefs = officers.chiefs(rules, std::slice::from_ref(&here), "", None);
            chiefs.retain(of_place);
            let mut lines = Vec::new();
            for known in Known::open(tx, county, rules)? {
                let in_place = known.place().is_some_and(|at| place.contains(at));
                if !in_place {
                    continue;
                }
                let duty = known.case.duty(rules, today);
                let guardian = &known.child.guardian;
                let mut own = officers.chiefs(rules, &known.standings(), guardian, duty.as_ref());
                own.retain(|role| !of_place(role));
                lines.push((self.case_line(&context, &known), own));
            }
            lines.sort_by_key(|(line, _)| (line.day(), line.number));
            let name = overview.place_name(Some(place));
            let frame = overview.frame();
            Ok(Some(VillagePage { frame, as_of: today, place, name, chiefs, lines }))
        })
    }
}
