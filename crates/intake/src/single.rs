use fujiao_model::{Field, Fields, Finding, RosterKind, Value};

use crate::book::{Book, Grid};
use crate::context::Context;
use crate::kinds::Profile;
use crate::layout::{Layout, Slot};
use crate::rows::Reader;
use crate::{Sureness, text};

/// Reads what somebody typed for one field of a row, as a cell of a roster of that kind is read. `row`: what else the row
/// says, which a grade, a class or a term may need.
///
/// # Errors
/// The [`Finding`] that a roster's cell would get, with reason and remedy.
pub fn read_value(
    kind: RosterKind,
    field: Field,
    typed: &str,
    row: &Fields,
) -> Result<Value, Box<Finding>> {
    let slot = Slot {
        at: 0,
        title: field.chinese().to_owned(),
        header: text::header(field.chinese()),
        field: Some(field),
        sure: Sureness::Known,
        serial: false,
    };
    let layout = Layout { kind: Some(kind), score: 100, rows: 1..2, slots: vec![slot] };
    let mut rest = row.clone();
    rest.remove(field);
    if let Field::Grade | Field::Class = field {
        rest.remove(Field::Grade);
        rest.remove(Field::Class);
    }
    let (book, grid) = (Book::default(), Grid::default());
    let context = Context { fields: rest, ..Context::default() };
    Reader::new(&book, &grid, 0, kind, &layout, &context).single(field, typed)
}

/// The fields that rosters of a kind hold, in the order of [`Field::ALL`].
pub fn fields_of(kind: RosterKind) -> Vec<Field> {
    let profile = Profile::of(kind);
    Field::ALL.iter().copied().filter(|field| profile.holds(*field)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read, or the remedy.
    fn read(field: Field, typed: &str) -> String {
        let row = [(Field::Stage, Value::Code("primary"))].into_iter().collect();
        match read_value(RosterKind::Enrolments, field, typed, &row) {
            Ok(value) => value.stored(),
            Err(finding) => finding.remedy,
        }
    }

    #[test]
    fn what_is_typed_reads_as_a_cell_does() {
        for (field, typed, is) in [
            (Field::Name, " 张 三 ", "张三"),
            (Field::CitizenId, "１１０１０５１９４９１２３１００２Ｘ", "11010519491231002X"),
            (Field::CitizenId, "110105194912310021", "照身份证或户口簿改正这一格"),
            (Field::BirthDate, "2012年9月1日", "2012-09-01"),
            (Field::BirthDate, "去年", "写成 2012-09-01、2012.9 或 2012年9月"),
            (Field::Grade, "四", "P4"),
            (Field::Class, "2", "2班"),
            (Field::Boarding, "住校", "boards"),
            (Field::Boarding, "也许", "写“住校”或“走读”"),
            (Field::Sex, "女", "f"),
            (Field::Term, "2024秋", "2024A"),
            (Field::Name, "  ", "补上姓名或身份证号；不是名单的行可以删去"),
            (Field::GuardianName, "无", "写上对的值"),
        ] {
            assert_eq!(read(field, typed), is, "{} {typed}", field.code());
        }
    }
}
