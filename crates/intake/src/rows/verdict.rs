//! What the cells of a row say together, and what becomes of the row.

use fujiao_model::{
    Cell, Field, Fields, Finding, FindingKind, PartialDate, RosterKind, RowVerdict, SourceRow,
    Stage, Value,
};

use super::cell::expected;
use super::{Draft, ReadRow, Reader};
use crate::context;
use crate::text::squeeze;
use crate::value::{self, Place, TermSaid, Trouble};

impl Reader<'_> {
    /// Makes the row: what titles say fills in, what contradicts is said, and the verdict falls.
    pub(super) fn finish(&self, number: u32, mut draft: Draft) -> (ReadRow, Vec<Finding>) {
        self.schooling(number, &mut draft);
        let by_year = matches!(
            self.kind,
            RosterKind::Enrolments | RosterKind::Loans | RosterKind::UniversityAid
        );
        if let Some(term) = draft
            .term
            .or(self.context.term)
            .term(by_year)
            .filter(|_| draft.term != TermSaid::default())
        {
            draft.set(Field::Term, Value::Term(context::of_kind(self.kind, term)));
        }
        for (field, value) in self.context.fields.iter() {
            if self.profile.holds(field) {
                draft.set(field, value.clone());
            }
        }
        self.address(&mut draft);
        draft.values.sort_unstable_by_key(|(field, _)| *field);
        let hash = draft.hash.0;
        let (extra, mut findings) = (draft.extra, draft.findings);
        let fields: Fields = draft.values.into_iter().collect();
        self.contradictions(number, &fields, &mut findings);
        let verdict = self.verdict(number, &fields, &mut findings);
        let row =
            SourceRow { kind: self.kind, sheet: self.sheet, row: number, verdict, fields, extra };
        (ReadRow { row, hash }, findings)
    }

    /// Grade and class, together, with the stage that the row or its school tells.
    fn schooling(&self, number: u32, draft: &mut Draft) {
        if draft.grade.is_none() && draft.class.is_none() {
            return;
        }
        let own = draft.values.iter().find_map(|(field, value)| match (field, value) {
            (Field::Stage, Value::Code(code)) => Stage::parse(code),
            _ => None,
        });
        let school = draft.values.iter().find_map(|(field, value)| match (field, value) {
            (Field::School, Value::Text(name)) => value::stage_of_school(name),
            _ => None,
        });
        let stage = own.or(school).or(self.stage);
        if let Some(text) = draft.grade.take() {
            let (grade, class) = value::grade_and_class(&text, stage);
            if let Some(grade) = grade {
                draft.set(Field::Grade, Value::Code(grade.code()));
                if let Some(class) = class
                    && draft.class.is_none()
                {
                    draft.set(Field::Class, Value::Text(class.into()));
                }
            } else if let Some(plan) =
                self.plans.iter().find(|p| p.slot.field == Some(Field::Grade))
            {
                let trouble = Trouble::Unreadable(expected(Field::Grade));
                self.trouble(number, plan, Field::Grade, &text, &trouble, draft);
            }
        }
        if let Some(text) = draft.class.take() {
            let (grade, class) = value::grade_and_class(&text, stage);
            if let Some(grade) = grade {
                draft.set(Field::Grade, Value::Code(grade.code()));
            }
            // 702 beside a grade is still class 2; 一班 alone is a class.
            if let Some(class) = class.or_else(|| value::class(&text)) {
                draft.set(Field::Class, Value::Text(class.into()));
            }
        }
    }

    /// Town and village out of an address, where no column gives them.
    fn address(&self, draft: &mut Draft) {
        if !self.profile.holds(Field::Village) || draft.has(Field::Village) {
            return;
        }
        let Some(address) = draft.values.iter().find_map(|(field, value)| match (field, value) {
            (Field::Address, Value::Text(text)) => Some(text.clone()),
            _ => None,
        }) else {
            return;
        };
        let address = squeeze(&address);
        let place = Place::of(&address);
        if place.village.is_some() {
            draft.place(&place);
        }
    }

    fn contradictions(&self, number: u32, fields: &Fields, findings: &mut Vec<Finding>) {
        let Some(id) = fields.id(Field::CitizenId) else { return };
        let mut say = |field: Field, reason: String| {
            let column = self.plans.iter().find(|p| p.slot.field == Some(field)).map(|p| p.slot.at);
            findings.push(Finding {
                cell: Cell { sheet: self.sheet, row: number, column },
                field: Some(field),
                kind: FindingKind::Contradiction,
                reason,
                remedy: "核对身份证号与这一格，改正写错的一个；在改正之前以身份证号为准".to_owned(),
                verdict: RowVerdict::Good,
            });
        };
        if let Some(birth) = fields.date(Field::BirthDate)
            && !PartialDate::full(id.born_on()).agrees(birth)
        {
            say(
                Field::BirthDate,
                format!("出生日期 {birth} 与身份证号里的 {} 不一致", id.born_on()),
            );
        }
        if let Some(Value::Code(sex)) = fields.get(Field::Sex)
            && *sex != id.sex().code()
        {
            say(
                Field::Sex,
                format!("性别与身份证号第 17 位不一致：身份证号为{}", id.sex().chinese()),
            );
        }
    }

    /// What becomes of the row: refused if what it is about is not known, parked if a cell is in doubt.
    fn verdict(&self, number: u32, fields: &Fields, findings: &mut Vec<Finding>) -> RowVerdict {
        let has = |field: &Field| fields.get(*field).is_some();
        let mut verdict = findings.iter().map(|f| f.verdict).max().unwrap_or(RowVerdict::Good);
        for group in self.profile.needs {
            if group.iter().any(has) {
                continue;
            }
            verdict = RowVerdict::Refused;
            // Where a cell is there but does not read, its own finding tells the reason.
            let told =
                findings.iter_mut().find(|f| f.field.is_some_and(|field| group.contains(&field)));
            if let Some(finding) = told {
                finding.verdict = RowVerdict::Refused;
                continue;
            }
            findings.push(self.missing(number, group, RowVerdict::Refused));
        }
        for field in self.profile.wants {
            if !has(field) && !findings.iter().any(|f| f.field == Some(*field)) {
                verdict = verdict.max(RowVerdict::Parked);
                findings.push(self.missing(number, &[*field], RowVerdict::Parked));
            }
        }
        verdict
    }

    fn missing(&self, number: u32, group: &[Field], verdict: RowVerdict) -> Finding {
        let plan = self.plans.iter().find(|p| p.slot.field.is_some_and(|f| group.contains(&f)));
        let (reason, remedy) = if group.contains(&Field::Name) {
            (
                "没有姓名，也没有身份证号，不知道说的是谁".to_owned(),
                "补上姓名或身份证号；不是名单的行可以删去".to_owned(),
            )
        } else {
            let name = group[0].chinese();
            let remedy = match (plan, group[0]) {
                (Some(_), _) => format!("在这一格补上{name}"),
                (None, Field::Term) => {
                    "在表头上方写明学年学期，例如“2024—2025学年第一学期”，或加一列“学期”".to_owned()
                }
                (None, Field::Month) => {
                    "在表头上方写明月份，例如“2025年3月”，或加一列“月份”".to_owned()
                }
                (None, Field::School) => {
                    "在表头上方写明“学校：某某小学”，或加一列“学校”".to_owned()
                }
                (None, _) => format!("加一列“{name}”并填上"),
            };
            (format!("缺{name}"), remedy)
        };
        Finding {
            cell: Cell { sheet: self.sheet, row: number, column: plan.map(|p| p.slot.at) },
            field: Some(group[0]),
            kind: FindingKind::Missing,
            reason,
            remedy,
            verdict,
        }
    }
}
