//! From one cell to its field, or to what is wrong with it.

use std::borrow::Cow;

use fujiao_model::{
    Cell, CitizenId, CitizenIdFault, Field, FieldType, Finding, FindingKind, HouseholdKind,
    PartialDate, RowVerdict, StudentNo, Value,
};

use super::{Draft, Plan, Reader};
use crate::book::Raw;
use crate::kinds::partner;
use crate::text::{self, squeeze};
use crate::value::{self, EXACT_LIMIT, Place, TermSaid, Trouble};

impl<'a> Reader<'a> {
    /// Reads one cell into the draft.
    pub(super) fn cell(&self, number: u32, plan: &Plan<'a>, raw: Raw, draft: &mut Draft) {
        let text = match raw {
            Raw::Text(span) => {
                let text = text::fold(self.book.text(span));
                if text.is_empty() {
                    return;
                }
                text
            }
            Raw::Fault => {
                if let Some(field) = plan.slot.field {
                    self.trouble(
                        number,
                        plan,
                        field,
                        "#N/A",
                        &Trouble::Unreadable("这一格的公式出错，填上数值"),
                        draft,
                    );
                }
                return;
            }
            _ => Cow::Owned(self.book.shown(raw)),
        };
        draft.hash.add(&plan.slot.at.to_le_bytes());
        match raw {
            Raw::Text(_) => draft.hash.add(text.as_bytes()),
            Raw::Number(n) | Raw::Date(n) => draft.hash.add(&n.to_bits().to_le_bytes()),
            Raw::Bool(b) => draft.hash.add(&[u8::from(b)]),
            Raw::Fault => {}
        }
        let Some(field) = plan.slot.field else {
            draft.extra.push((plan.slot.at, text.into()));
            return;
        };
        if let Err(trouble) = self.value(plan, field, raw, &text, draft) {
            self.trouble(number, plan, field, &text, &trouble, draft);
        }
    }

    /// Reads a cell as its field.
    pub(super) fn value(
        &self,
        plan: &Plan<'a>,
        field: Field,
        raw: Raw,
        text: &str,
        draft: &mut Draft,
    ) -> Result<(), Trouble> {
        match field.field_type() {
            FieldType::Id => return id(field, raw, text, draft),
            FieldType::Date => {
                let date = match raw {
                    Raw::Date(serial) => Some(
                        value::serial_date(serial).ok_or(Trouble::Unreadable("写成 2012-09-01"))?,
                    ),
                    Raw::Number(n) if field == Field::Month => {
                        Some(value::month(&value::number_text(n), Some(self.context.term))?)
                    }
                    Raw::Number(n) => Some(value::date_of_number(n, true)?),
                    Raw::Text(_) if field == Field::Month => {
                        Some(value::month(text, Some(self.context.term))?)
                    }
                    Raw::Text(_) => {
                        if let Some((from, to)) =
                            partner(field).and_then(|to| Some((value::period(text)?, to)))
                        {
                            draft.set(field, Value::Date(from.0));
                            draft.set(to, Value::Date(from.1));
                            return Ok(());
                        }
                        value::date_of_text(text)?
                    }
                    Raw::Bool(_) | Raw::Fault => {
                        return Err(Trouble::Unreadable("写成 2012-09-01"));
                    }
                };
                if let Some(date) = date {
                    let date = if field == Field::Month {
                        let (year, month, _) = date.parts();
                        month.and_then(|month| PartialDate::month(year, month)).unwrap_or(date)
                    } else {
                        date
                    };
                    draft.set(field, Value::Date(date));
                }
            }
            FieldType::Integer => {
                let n = match raw {
                    // A year in a cell that is formatted as a date.
                    Raw::Date(n) if field == Field::LiftedYear => {
                        let day = value::serial_date(n).ok_or(Trouble::Unreadable(YEAR_HINT))?;
                        i64::from(day.parts().0)
                    }
                    Raw::Number(n) | Raw::Date(n) => {
                        value::whole(n).ok_or(Trouble::Unreadable("写成整数，例如 21"))?
                    }
                    _ if field == Field::LiftedYear => year(text)?,
                    _ => value::integer(text)?,
                };
                // 20180101 in a column of years
                let n = if field == Field::LiftedYear && n > 9999 {
                    n / if n > 999_999 { 10_000 } else { 100 }
                } else {
                    n
                };
                draft.set(field, Value::Integer(n));
            }
            FieldType::Decimal => {
                let n = match raw {
                    Raw::Number(n) => value::thousandths(n)?,
                    _ => value::decimal(text)?,
                };
                draft.set(field, Value::Decimal(n));
            }
            FieldType::Money => {
                let money = match raw {
                    Raw::Number(n) => value::money_of_number(n, plan.unit)?,
                    _ => value::money(text, plan.unit)?,
                };
                draft.set(field, Value::Money(money));
            }
            FieldType::Flag => {
                let flag = match raw {
                    Raw::Bool(b) => b,
                    _ => value::flag(text).ok_or(Trouble::Unreadable("写“是”或“否”"))?,
                };
                draft.set(field, Value::Flag(flag));
            }
            FieldType::Term => {
                let said = TermSaid::read(text)
                    .ok_or(Trouble::Unreadable("写成 2024秋、2025春 或 2024-2025学年第一学期"))?;
                draft.term = draft.term.or(said);
            }
            FieldType::Code(_) => return code(plan, field, raw, text, draft),
            FieldType::Text => return self.text(field, raw, text, draft),
        }
        Ok(())
    }

    fn text(&self, field: Field, raw: Raw, shown: &str, draft: &mut Draft) -> Result<(), Trouble> {
        if matches!(raw, Raw::Number(n) if n.abs() >= EXACT_LIMIT) {
            return Err(Trouble::Destroyed);
        }
        match field {
            Field::Name | Field::GuardianName | Field::HeadName | Field::MentorName => {
                let name = text::name(shown);
                if !name.is_empty() && name != "无" {
                    draft.set(field, Value::Text(name.into()));
                }
            }
            Field::StudentNo => {
                let digits = value::digits(shown);
                if value::is_scientific(&digits) {
                    return Err(Trouble::Destroyed);
                }
                if let Some(no) = StudentNo::parse(&digits) {
                    draft.set(field, Value::Text(no.reveal().into()));
                } else if let Ok(id) = CitizenId::parse(&digits) {
                    // An id in the column of student numbers.
                    draft.set(Field::CitizenId, Value::Id(id));
                } else {
                    return Err(Trouble::Unreadable("学籍号为 G、L 或 J 加 18 位，照学籍系统重填"));
                }
            }
            Field::DisabilityNo => {
                let digits = value::digits(shown);
                if value::is_scientific(&digits) {
                    return Err(Trouble::Destroyed);
                }
                disability(&digits, draft);
                draft.set(field, Value::Text(digits.to_uppercase().into()));
            }
            Field::Phone | Field::GuardianPhone | Field::MentorPhone => {
                if value::is_scientific(shown) {
                    return Err(Trouble::Destroyed);
                }
                if matches!(raw, Raw::Date(_)) {
                    return Err(Trouble::Unreadable("被表格改成了日期；把该列设为文本后重填"));
                }
                if shown != "无" {
                    draft.set(field, Value::Text(value::phone(shown).into()));
                }
            }
            Field::BankAccount
            | Field::SchoolCode
            | Field::DivisionCode
            | Field::HouseholdNo
            | Field::PersonNo
            | Field::CertificateNo => {
                let digits = value::digits(shown);
                if value::is_scientific(&digits) {
                    return Err(Trouble::Destroyed);
                }
                if digits != "无" {
                    draft.set(field, Value::Text(digits.into()));
                }
            }
            Field::Class => {
                if matches!(raw, Raw::Date(_)) {
                    return Err(Trouble::Unreadable("被表格改成了日期；把该列设为文本，写成“2班”"));
                }
                draft.class.get_or_insert_with(|| shown.into());
            }
            Field::School => {
                let squeezed = squeeze(shown);
                if self.profile.holds(Field::Grade)
                    && let Some((school, grade, class)) = value::school_and_grade(&squeezed)
                {
                    draft.set(Field::School, Value::Text(school.into()));
                    draft.set(Field::Grade, Value::Code(grade.code()));
                    if let Some(class) = class {
                        draft.set(Field::Class, Value::Text(class.into()));
                    }
                } else {
                    draft.set(Field::School, Value::Text(squeezed.into()));
                }
            }
            Field::Town | Field::Village | Field::VillageGroup => {
                let squeezed = squeeze(shown);
                let place = Place::of(&squeezed);
                let joined = match field {
                    Field::Town => place.town.is_some() && place.village.is_some(),
                    Field::Village => {
                        place.village.is_some() && (place.town.is_some() || place.group.is_some())
                    }
                    _ => place.village.is_some() && place.group.is_some(),
                };
                if joined {
                    draft.place(&place);
                } else {
                    draft.set(field, Value::Text(squeezed.into()));
                }
            }
            _ => draft.set(field, Value::Text(shown.into())),
        }
        Ok(())
    }

    /// Says what is wrong with a cell.
    pub(super) fn trouble(
        &self,
        number: u32,
        plan: &Plan<'a>,
        field: Field,
        shown: &str,
        trouble: &Trouble,
        draft: &mut Draft,
    ) {
        let name = field.chinese();
        let secret = field.is_secret();
        // What is left of a destroyed number gives nobody away.
        let part = value::is_scientific(shown);
        let shown = if secret && !part { value::masked(shown) } else { shorten(shown) };
        let (kind, reason, remedy) = match trouble {
            Trouble::Destroyed => (
                FindingKind::Destroyed,
                format!("{name}被电子表格改成了数字“{shown}”，后几位已丢失，无法还原"),
                "把该列设为文本格式，照证件或原始材料重填这一格".to_owned(),
            ),
            Trouble::BadId(CitizenIdFault::Destroyed) => (
                FindingKind::Destroyed,
                format!("{name}“{shown}”末几位被电子表格改成了零，无法还原"),
                "把该列设为文本格式，照身份证或户口簿重填这一格".to_owned(),
            ),
            Trouble::BadId(fault) => (
                FindingKind::BadId,
                format!("{name}“{shown}”不对：{fault}"),
                "照身份证或户口簿改正这一格".to_owned(),
            ),
            Trouble::Unreadable(hint) => {
                (FindingKind::Unreadable, format!("“{shown}”读不成{name}"), (*hint).to_owned())
            }
        };
        draft.findings.push(Finding {
            cell: Cell { sheet: self.sheet, row: number, column: Some(plan.slot.at) },
            field: Some(field),
            kind,
            reason,
            remedy,
            verdict: RowVerdict::Parked,
        });
    }
}

/// Reads a cell of a code table.
pub(super) fn code(
    plan: &Plan<'_>,
    field: Field,
    raw: Raw,
    shown: &str,
    draft: &mut Draft,
) -> Result<(), Trouble> {
    if field == Field::Grade {
        if matches!(raw, Raw::Date(_)) {
            return Err(Trouble::Unreadable("被表格改成了日期；把该列设为文本，写成“七年级”"));
        }
        draft.grade.get_or_insert_with(|| shown.into());
        return Ok(());
    }
    let yes_or_no = || value::flag(shown);
    let boards = |yes: bool| if yes == plan.inverse { "day" } else { "boards" };
    let code = match field {
        // Under 是否寄宿 a 1 says yes; under 就读方式 it is the code of 走读.
        Field::Boarding if plan.asks => {
            yes_or_no().map(boards).or_else(|| value::code(field, shown))
        }
        Field::Boarding => value::code(field, shown).or_else(|| yes_or_no().map(boards)),
        Field::LabourAbility => value::code(field, shown)
            .or_else(|| yes_or_no().map(|yes| if yes { "normal" } else { "none" })),
        _ => value::code(field, shown),
    };
    let code = code.ok_or(Trouble::Unreadable(expected(field)))?;
    if field == Field::HouseholdKind {
        // Of 户类型 and 监测对象类别 the one that says more holds.
        let weight = |code: &str| match HouseholdKind::parse(code) {
            Some(kind) if kind.is_monitored() => 2,
            Some(HouseholdKind::Lifted) => 1,
            _ => 0,
        };
        if let Some((_, Value::Code(so_far))) = draft.values.iter_mut().find(|(f, _)| *f == field) {
            if weight(code) > weight(so_far) {
                *so_far = code;
            }
            return Ok(());
        }
    }
    draft.set(field, Value::Code(code));
    Ok(())
}

/// Reads a cell of ids.
pub(super) fn id(field: Field, raw: Raw, text: &str, draft: &mut Draft) -> Result<(), Trouble> {
    let written: Cow<'_, str> = match raw {
        Raw::Number(n) if value::whole(n).is_none() => return Err(Trouble::Destroyed),
        Raw::Number(n) => Cow::Owned(value::number_text(n)),
        Raw::Text(_) => value::digits(text),
        Raw::Date(_) | Raw::Bool(_) | Raw::Fault => {
            return Err(Trouble::Unreadable("把该列设为文本格式，照身份证重填这一格"));
        }
    };
    if matches!(written.as_ref(), "无" | "不详" | "暂无" | "无身份证" | "未办理" | "没有")
    {
        return Ok(());
    }
    if value::is_scientific(&written) {
        return Err(Trouble::Destroyed);
    }
    let fault = match CitizenId::parse(&written) {
        Ok(id) => {
            draft.set(field, Value::Id(id));
            return Ok(());
        }
        Err(fault) => fault,
    };
    if field == Field::CitizenId {
        if let Some(no) = StudentNo::parse(&written) {
            // A student number in the column of ids.
            draft.set(Field::StudentNo, Value::Text(no.reveal().into()));
            return Ok(());
        }
        if written.len() == 20
            && written.is_char_boundary(18)
            && CitizenId::parse(&written[..18]).is_ok()
        {
            disability(&written, draft);
            draft.set(Field::DisabilityNo, Value::Text(written.to_uppercase().into()));
            return Ok(());
        }
        if fault != CitizenIdFault::Destroyed {
            draft.set(Field::IdAsWritten, Value::Text(written.into()));
        }
    }
    Err(Trouble::BadId(fault))
}

/// What a card number of twenty characters says: the id, then type and grade.
fn disability(number: &str, draft: &mut Draft) {
    let Some((id, rest)) = number.split_at_checked(18) else { return };
    let Ok(id) = CitizenId::parse(id) else { return };
    let &[kind, grade] = rest.as_bytes() else { return };
    draft.set(Field::CitizenId, Value::Id(id));
    let kinds = ["视力", "听力", "言语", "肢体", "智力", "精神", "多重"];
    if let Some(kind) = usize::from(kind).checked_sub(usize::from(b'1')).and_then(|i| kinds.get(i))
    {
        draft.set(Field::DisabilityType, Value::Text((*kind).into()));
    }
    if (b'1'..=b'4').contains(&grade) {
        draft.set(Field::DisabilityGrade, Value::Integer(i64::from(grade - b'0')));
    }
}

/// The year of `2018年`, `2018年12月`.
const YEAR_HINT: &str = "写成年份，例如 2018";

fn year(text: &str) -> Result<i64, Trouble> {
    match value::date_of_text(text) {
        Ok(Some(date)) => Ok(i64::from(date.parts().0)),
        _ => Err(Trouble::Unreadable(YEAR_HINT)),
    }
}

/// What a code field should look like.
pub(super) fn expected(field: Field) -> &'static str {
    match field {
        Field::Sex => "写“男”或“女”",
        Field::Relation => "写与户主关系，例如“户主”“配偶”“子”“女”“孙子女”",
        Field::Residence => "写“在册”“迁出”或“死亡”",
        Field::HouseholdKind => {
            "写“脱贫户”“脱贫不稳定户”“边缘易致贫户”“突发严重困难户”或“一般农户”"
        }
        Field::AssistanceKind => "写明城乡和类别，例如“农村低保”“城市特困”“低保边缘”“孤儿”",
        Field::Stage => "写“学前”“小学”“初中”“普高”“中职”或“高校”",
        Field::Grade => "写成“三年级”“七年级”“高一”，职中写“中职一年级”",
        Field::Boarding => "写“住校”或“走读”",
        Field::EnrolmentStatus => "写“在读”“休学”“转出”“毕业”或“辍学”",
        Field::ExemptionKind => "写“缓学”“休学”“送教上门”“县外就读”等",
        Field::LabourAbility => "写“普通劳动力”“技能劳动力”“弱劳动力”“丧失劳动力”或“无劳动力”",
        _ => "照填表说明改正这一格",
    }
}

/// A text of at most 24 characters, for messages.
fn shorten(text: &str) -> String {
    if text.chars().count() <= 24 {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(23).collect();
    short.push('…');
    short
}
