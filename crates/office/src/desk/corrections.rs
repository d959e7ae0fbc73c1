//! Corrections as pages show them: what waits for whom, what is in force, what an office contradicts since.

use std::collections::BTreeMap;

use fujiao_model::{
    AssistanceKind, Boarding, EnrolmentStatus, ExemptionKind, Field, FieldType, Grade,
    HouseholdKind, LabourAbility, Relation, Residence, RosterKind, Sex, Stage, Value,
};
use fujiao_store::{Correction, CorrectionState, Signed, Tx};

use super::lines::origins;
use super::{DeskError, Frame, Origin, Seat};
use crate::access::{About, Access, Actor, Right, Second};
use crate::corrections::{Cell, as_shown, disagrees};

/// Corrections a page.
const PER_PAGE: usize = 50;

/// Which corrections somebody looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CorrectionTab {
    /// 待复核
    #[default]
    Waiting,
    /// 说法不一: in force, and an office says a third thing since.
    Disagree,
    /// 生效
    InForce,
    /// 退回
    Refused,
    /// 撤回或被代替
    Ended,
}

impl CorrectionTab {
    /// Every one, in the order in which pages show them.
    pub const ALL: [Self; 5] =
        [Self::Waiting, Self::Disagree, Self::InForce, Self::Refused, Self::Ended];

    /// The word in addresses.
    pub fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Disagree => "disagree",
            Self::InForce => "in_force",
            Self::Refused => "refused",
            Self::Ended => "ended",
        }
    }

    /// Reads the word.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tab| tab.code() == code)
    }

    fn states(self) -> &'static [CorrectionState] {
        match self {
            Self::Waiting => &[CorrectionState::Waiting],
            Self::Disagree | Self::InForce => &[CorrectionState::InForce],
            Self::Refused => &[CorrectionState::Refused],
            Self::Ended => &[CorrectionState::Withdrawn, CorrectionState::Replaced],
        }
    }
}

/// Some corrections.
#[derive(Clone, Debug)]
pub struct CorrectionsPage {
    /// What stands on every page.
    pub frame: Frame,
    /// Which.
    pub tab: CorrectionTab,
    /// How many there are of each.
    pub counts: Vec<(CorrectionTab, i64)>,
    /// Those of this page, newest first.
    pub lines: Vec<CorrectionLine>,
    /// From 1.
    pub page: i64,
    /// Lines a page.
    pub per_page: i64,
}

/// One correction; personal numbers masked.
#[derive(Clone, Debug)]
pub struct CorrectionLine {
    /// Its id.
    pub id: u64,
    /// The cell.
    pub field: Field,
    /// The row as it stands now.
    pub origin: Origin,
    /// Whom it is about.
    pub person: Option<(u64, String)>,
    /// What the cell said; empty: nothing.
    pub was: String,
    /// What it should say.
    pub now: String,
    /// Why.
    pub reason: String,
    /// What shows it.
    pub evidence: String,
    /// Where it stands.
    pub state: CorrectionState,
    /// Who says so.
    pub author: Signed,
    /// The second person, and what they noted.
    pub second: Option<(Signed, String)>,
    /// Who withdrew or replaced it, and why.
    pub ended: Option<(Signed, String)>,
    /// A third value, which the office sent since.
    pub third: Option<String>,
    /// Whether the reader may confirm or refuse it.
    pub may_confirm: bool,
    /// Whether the reader may take it back.
    pub may_withdraw: bool,
}

/// One cell that somebody wants to put right.
#[derive(Clone, Debug)]
pub struct CellPage {
    /// What stands on every page.
    pub frame: Frame,
    /// The row as it stands now.
    pub origin: Origin,
    /// The cell.
    pub field: Field,
    /// Whom it is about.
    pub person: Option<(u64, String)>,
    /// What the office sent; empty: nothing. Masked.
    pub sent: String,
    /// What the county takes for true. Masked.
    pub stands: String,
    /// Why it asks for a second person.
    pub second: Option<&'static Second>,
    /// All that was said of it, newest first.
    pub history: Vec<CorrectionLine>,
    /// The values that the field can have, where they are a short list.
    pub choices: Vec<String>,
}

impl Seat {
    /// The corrections of a tab that the reader has to do with.
    ///
    /// # Errors
    /// [`DeskError`] if the books cannot be read.
    pub fn corrections(&self, tab: CorrectionTab, page: i64) -> Result<CorrectionsPage, DeskError> {
        let actor = self.actor();
        self.read(|tx| {
            let overview = self.overview(tx, Right::Figures)?;
            let county = overview.head.county;
            let rows = tx.corrected_rows(county)?;
            let mut abouts = About::of_rows(tx, county, rows.values().map(|row| row.row_id))?;
            let mut of_tab: BTreeMap<&str, Vec<Read>> = BTreeMap::new();
            for of in CorrectionTab::ALL {
                let mut found = Vec::new();
                for state in of.states() {
                    for correction in tx.corrections(county, *state)? {
                        let Some(row) = rows.get(&correction.natural_key) else { continue };
                        let about = abouts.entry(row.row_id).or_default();
                        let sent = row.row.fields.get(correction.field);
                        found.extend(Read::of(actor, correction, row.row_id, about, sent));
                    }
                }
                found.retain(|r| of != CorrectionTab::Disagree || r.third.is_some());
                found.sort_by_key(|r| std::cmp::Reverse(r.correction.id));
                of_tab.insert(of.code(), found);
            }
            let count = |of: CorrectionTab| i64::try_from(of_tab[of.code()].len()).unwrap_or(0);
            let all: Vec<_> = CorrectionTab::ALL.into_iter().map(|of| (of, count(of))).collect();
            let (per_page, page) = (i64::try_from(PER_PAGE).unwrap_or(1), page.max(1));
            let skip = usize::try_from((page - 1).saturating_mul(per_page)).unwrap_or(usize::MAX);
            let shown = of_tab.remove(tab.code()).unwrap_or_default().into_iter();
            let shown: Vec<Read> = shown.skip(skip).take(PER_PAGE).collect();
            let lines = lines(tx, county, actor, shown)?;
            Ok(CorrectionsPage { frame: overview.frame(), tab, counts: all, lines, page, per_page })
        })
    }

    /// The cell of a row that somebody wants to put right. `None` if there is none, or it is not theirs.
    ///
    /// # Errors
    /// [`DeskError`] if the books cannot be read.
    pub fn cell(&self, row_id: u64, field: Field) -> Result<Option<CellPage>, DeskError> {
        let actor = self.actor();
        actor.must(Right::Correct)?;
        self.read(|tx| {
            let overview = self.overview(tx, Right::Figures)?;
            let county = overview.head.county;
            let Some(cell) = Cell::find(tx, county, row_id, field)? else { return Ok(None) };
            if !cell.about.is_in(&actor.scope(Right::Correct))
                || !fujiao_intake::fields_of(cell.kind).contains(&field)
            {
                return Ok(None);
            }
            let Some(origin) = origins(tx, county, [cell.row_id])?.remove(&cell.row_id) else {
                return Ok(None);
            };
            let sent = cell.fields.get(field);
            let said = cell.history.iter().rev().cloned();
            let history =
                said.filter_map(|c| Read::of(actor, c, cell.row_id, &cell.about, sent)).collect();
            Ok(Some(CellPage {
                frame: overview.frame(),
                origin,
                field,
                sent: as_shown(field, cell.fields.get(field)),
                stands: as_shown(field, cell.stands()),
                second: Access::builtin().second_of(field),
                history: lines(tx, county, actor, history)?,
                choices: choices(field),
                person: cell.about.person,
            }))
        })
    }

    /// The corrections of a person's rows that wait or are in force, newest first, as far as the reader has to do with them.
    ///
    /// # Errors
    /// [`DeskError`] if the books cannot be read.
    pub fn corrections_of_person(&self, person: u64) -> Result<Vec<CorrectionLine>, DeskError> {
        let actor = self.actor();
        self.read(|tx| {
            let county = self.overview(tx, Right::Figures)?.head.county;
            let said = tx.corrections_about(county, person)?;
            if said.is_empty() {
                return Ok(Vec::new());
            }
            let rows = tx.rows_of_person(county, person)?;
            let mut abouts = About::of_rows(tx, county, said.iter().map(|(row, _)| *row))?;
            let mut found = Vec::new();
            for (row_id, correction) in said {
                let row = rows.iter().find(|row| row.row_id == row_id);
                let sent = row.and_then(|row| row.row.fields.get(correction.field));
                let about = abouts.entry(row_id).or_default();
                found.extend(Read::of(actor, correction, row_id, about, sent));
            }
            found.sort_by_key(|r| std::cmp::Reverse(r.correction.id));
            lines(tx, county, actor, found)
        })
    }
}

/// A correction with what its cell says today.
struct Read {
    correction: Correction,
    about: About,
    row_id: u64,
    third: Option<String>,
}

impl Read {
    /// A correction of a live row, of which the cell was `sent` so; `None` if the reader has nothing to do with the row.
    fn of(
        actor: &Actor,
        correction: Correction,
        row_id: u64,
        about: &About,
        sent: Option<&Value>,
    ) -> Option<Self> {
        let sees = [Right::Correct, Right::Confirm, Right::Names]
            .iter()
            .any(|right| about.is_in(&actor.scope(*right)));
        let contradicted =
            correction.state == CorrectionState::InForce && disagrees(&correction, sent);
        let third = contradicted.then(|| as_shown(correction.field, sent));
        sees.then(|| Self { correction, about: about.clone(), row_id, third })
    }
}

fn lines(
    tx: &mut Tx,
    county: u32,
    actor: &Actor,
    found: Vec<Read>,
) -> Result<Vec<CorrectionLine>, DeskError> {
    let origins = origins(tx, county, found.iter().map(|r| r.row_id))?;
    let (confirms, corrects) = (actor.scope(Right::Confirm), actor.scope(Right::Correct));
    let line = |Read { correction: c, about, row_id, third }| {
        let own = c.author.login == actor.login;
        let open = matches!(c.state, CorrectionState::Waiting | CorrectionState::InForce);
        let confirms = about.is_in(&confirms);
        CorrectionLine {
            id: c.id,
            field: c.field,
            origin: origins.get(&row_id).cloned().unwrap_or_else(|| Origin {
                row_id,
                file: String::new(),
                sheet: String::new(),
                row: 0,
                kind: RosterKind::Residents,
            }),
            was: as_shown(c.field, c.was.as_ref()),
            now: as_shown(c.field, Some(&c.now)),
            third,
            may_confirm: c.state == CorrectionState::Waiting && !own && confirms,
            may_withdraw: open && if own { about.is_in(&corrects) } else { confirms },
            person: about.person,
            reason: c.reason,
            evidence: c.evidence,
            state: c.state,
            author: c.author,
            second: c.second,
            ended: c.ended,
        }
    };
    Ok(found.into_iter().map(line).collect())
}

/// The values that a field can have, in Chinese, where they are a short list.
fn choices(field: Field) -> Vec<String> {
    macro_rules! all {
        ($table:ty) => {
            <$table>::ALL.iter().map(|value| value.chinese().to_owned()).collect()
        };
    }
    match field {
        Field::Sex => all!(Sex),
        Field::Relation => all!(Relation),
        Field::Residence => all!(Residence),
        Field::HouseholdKind => all!(HouseholdKind),
        Field::AssistanceKind => all!(AssistanceKind),
        Field::Stage => all!(Stage),
        Field::Grade => all!(Grade),
        Field::Boarding => all!(Boarding),
        Field::EnrolmentStatus => all!(EnrolmentStatus),
        Field::ExemptionKind => all!(ExemptionKind),
        Field::LabourAbility => all!(LabourAbility),
        field if matches!(field.field_type(), FieldType::Flag) => {
            vec!["是".to_owned(), "否".to_owned()]
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fujiao_model::Fields;

    #[test]
    fn every_choice_reads_as_its_field() {
        for kind in RosterKind::ALL {
            for field in fujiao_intake::fields_of(*kind) {
                for choice in choices(field) {
                    let read = fujiao_intake::read_value(*kind, field, &choice, &Fields::new());
                    let shown = read.as_ref().map(|value| as_shown(field, Some(value)));
                    assert_eq!(shown.ok(), Some(choice), "{}", field.code());
                }
            }
        }
    }
}
