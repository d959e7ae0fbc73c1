//! What makes two rows two statements of the same thing, so that a later one corrects the earlier.

use std::fmt::Write as _;

use fujiao_model::{Field, Fields, RosterKind, Value};
use fujiao_store::Keys;

/// A 128-bit hash, as the store keeps natural keys and fingerprints.
pub(crate) type Hash128 = [u8; 16];

/// The fields that name what a row speaks of.
///
/// Lines of money and of meals leave the citizen id out: a line whose id is put right later is the same line, and must
/// not count twice. All else is named with the id, because two persons of one name are two persons.
#[expect(clippy::too_many_lines, reason = "a table: one line for each kind of roster")]
fn naming_fields(kind: RosterKind) -> &'static [Field] {
    use Field as F;
    match kind {
        RosterKind::Residents | RosterKind::PoorHouseholds => {
            &[F::HouseholdNo, F::Name, F::CitizenId, F::IdAsWritten]
        }
        RosterKind::Assistance | RosterKind::ChildWelfare => &[
            F::Name,
            F::CitizenId,
            F::IdAsWritten,
            F::Town,
            F::Village,
            F::AssistanceKind,
            F::AssistanceFrom,
        ],
        RosterKind::LeftBehind => {
            &[F::Name, F::CitizenId, F::IdAsWritten, F::BirthDate, F::Village]
        }
        RosterKind::Disability => &[F::Name, F::DisabilityNo, F::CitizenId],
        RosterKind::Enrolments => &[
            F::Name,
            F::CitizenId,
            F::IdAsWritten,
            F::StudentNo,
            F::School,
            F::Term,
            F::Grade,
            F::Class,
        ],
        RosterKind::Exemptions => {
            &[F::Name, F::CitizenId, F::IdAsWritten, F::ExemptionKind, F::ValidFrom, F::DocumentNo]
        }
        RosterKind::AidPayments => &[
            F::Name,
            F::School,
            F::Grade,
            F::Class,
            F::BankAccount,
            F::Programme,
            F::Term,
            F::BatchNo,
            F::PaidOn,
            F::Amount,
            F::PaymentStatus,
        ],
        RosterKind::MealLists => &[F::Name, F::School, F::Grade, F::Class, F::Month],
        RosterKind::Absences => &[F::Name, F::School, F::Grade, F::Class, F::AbsentFrom],
        RosterKind::Teachers => &[F::Name, F::CitizenId, F::IdAsWritten, F::School],
        RosterKind::Schools => &[F::School, F::SchoolCode],
        RosterKind::Labour => &[F::Name, F::CitizenId, F::IdAsWritten, F::Village],
        RosterKind::Training => &[
            F::Name,
            F::CitizenId,
            F::IdAsWritten,
            F::Course,
            F::Session,
            F::TrainedFrom,
            F::Provider,
        ],
        RosterKind::Placements => {
            &[F::Name, F::CitizenId, F::IdAsWritten, F::Employer, F::StartedOn]
        }
        RosterKind::Pairings => {
            &[F::Name, F::CitizenId, F::IdAsWritten, F::MentorName, F::PairedFrom]
        }
        RosterKind::Contacts => {
            &[F::Name, F::School, F::Class, F::MentorName, F::ContactOn, F::ContactKind]
        }
        RosterKind::LeftBehindPupils => {
            &[F::Name, F::CitizenId, F::IdAsWritten, F::School, F::Grade, F::Class, F::Term]
        }
        RosterKind::Marks => &[
            F::Name,
            F::CitizenId,
            F::IdAsWritten,
            F::StudentNo,
            F::School,
            F::Grade,
            F::Class,
            F::Term,
        ],
        RosterKind::Loans => {
            &[F::Name, F::CitizenId, F::IdAsWritten, F::Term, F::Amount, F::PaidOn]
        }
        RosterKind::UniversityAid => &[
            F::Name,
            F::CitizenId,
            F::IdAsWritten,
            F::Term,
            F::FundingUnit,
            F::Programme,
            F::PaidOn,
            F::Amount,
        ],
        RosterKind::Appropriations => &[F::FundNo, F::FundName, F::ArrivedOn],
        RosterKind::Spending => &[F::FundNo, F::Earmark, F::SpentOn, F::Amount, F::Note],
        RosterKind::Calendar => &[F::Month],
        RosterKind::MealReturns => &[F::School, F::Grade, F::Class, F::MealOn],
        RosterKind::Measurements => &[F::School, F::Item, F::MeasuredOn],
        RosterKind::Purchases => {
            &[F::School, F::Foodstuff, F::Movement, F::MovedOn, F::Quantity, F::Supplier, F::Amount]
        }
        RosterKind::Sessions => &[F::Course, F::Session, F::Provider, F::TrainedFrom],
        RosterKind::CourseAttendance => &[
            F::Name,
            F::CitizenId,
            F::IdAsWritten,
            F::Course,
            F::Session,
            F::Provider,
            F::TrainedOn,
        ],
        RosterKind::Trainers => &[F::Trainer, F::Provider],
        RosterKind::Rooms => &[F::Room, F::Provider],
        RosterKind::Vacancies => &[F::Employer, F::Occupation, F::WorkPlace, F::ValidFrom],
        RosterKind::JobProofs => {
            &[F::Name, F::CitizenId, F::IdAsWritten, F::Employer, F::CheckedOn]
        }
        RosterKind::Menus => &[F::School, F::MealOn, F::Dish, F::Foodstuff],
        RosterKind::TeacherReviews => {
            &[F::Name, F::CitizenId, F::School, F::ReviewKind, F::ReviewedOn, F::Subject]
        }
    }
}

/// The natural key of a row. `repeat` tells rows of one file apart that are named alike: 0 for the first, 1 for the next.
pub(crate) fn natural_key(keys: &Keys, kind: RosterKind, fields: &Fields, repeat: u32) -> Hash128 {
    let mut text = String::with_capacity(160);
    for field in naming_fields(kind) {
        feed(&mut text, *field, fields);
    }
    keys.digest("natural_key", [kind.code(), &text, &repeat.to_string()])
}

/// The hash of all that a row says: equal fingerprints, nothing new.
pub(crate) fn fingerprint(keys: &Keys, fields: &Fields, extra: &[(u16, Box<str>)]) -> Hash128 {
    let mut text = String::with_capacity(320);
    for (field, _) in fields.iter() {
        feed(&mut text, field, fields);
    }
    for (column, value) in extra {
        write!(text, "\u{1e}{column}\u{1f}{value}").expect("a String takes any text");
    }
    keys.digest("fingerprint", [text.as_str()])
}

fn feed(text: &mut String, field: Field, fields: &Fields) {
    text.push('\u{1f}');
    match fields.get(field) {
        None => {}
        Some(Value::Text(value)) => {
            write!(text, "{}={value}", field.code()).expect("a String takes any text");
        }
        Some(value) => {
            write!(text, "{}={}", field.code(), value.stored()).expect("a String takes any text");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fujiao_model::CitizenId;

    fn payment(id: Option<&str>) -> Fields {
        let mut fields: Fields = [
            (Field::Name, Value::Text("周启航".into())),
            (Field::Programme, Value::Text("寄宿生生活补助".into())),
            (Field::Term, Value::Term("2024A".parse().unwrap())),
        ]
        .into_iter()
        .collect();
        if let Some(id) = id {
            fields.set(Field::CitizenId, Value::Id(CitizenId::parse(id).unwrap()));
        }
        fields
    }

    #[test]
    fn a_payment_whose_id_is_put_right_is_the_same_payment() {
        let keys = Keys::from_master([7; 32]);
        let key = |f: &Fields| natural_key(&keys, RosterKind::AidPayments, f, 0);
        let (before, after) = (payment(None), payment(Some("11010519491231002X")));
        assert_eq!(key(&before), key(&after));
        assert_ne!(fingerprint(&keys, &before, &[]), fingerprint(&keys, &after, &[]));
        assert_ne!(key(&before), natural_key(&keys, RosterKind::AidPayments, &before, 1));
        assert_ne!(key(&before), natural_key(&keys, RosterKind::MealLists, &before, 0));
    }
}
