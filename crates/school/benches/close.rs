//! A county's month: `cargo bench -p fujiao-school`.

use fujiao_school::meals::{Book, Claimed, Class, ClassDay, NamedClaim, Pupil, School, close};
use fujiao_school::{Days, Month};

fn main() {
    divan::main();
}

/// Schools with classes of 28, every pupil with a mark and a claim of each day: `pupils` × 22 days.
fn book(schools: u32, pupils: u32) -> Book {
    let month = Month { year: 2025, month: 9 };
    let whole = Days::span(1, month.last().day());
    let lessons = Days::parse("1-5,8-12,15-19,22-26,29-30").expect("days");
    let mut book = Book::default();
    for school in 0..schools {
        book.schools.push(School {
            id: school.into(),
            lessons,
            open: whole,
            merged: Days::NONE,
            takes_part: true,
            claims_by_name: false,
        });
    }
    for class in 0..pupils.div_ceil(28) {
        book.classes.push(Class {
            school: class % schools,
            name: "一年级1班".into(),
            enrolled: 28,
        });
        for day in lessons.iter() {
            let claimed =
                28 + u32::from((class + u32::from(day.unsigned_abs())).is_multiple_of(97));
            let (present, served) = (Some(28), Some(28));
            book.days.push(ClassDay {
                class,
                day,
                present,
                served,
                claimed: Some(claimed),
                source: 1,
            });
        }
    }
    for person in 0..pupils {
        let class = person / 28;
        let absent = if person.is_multiple_of(9) { Days::span(8, 9) } else { Days::NONE };
        book.pupils.push(Pupil { person: person.into(), class, enrolled: whole, absent });
        let days = if person.is_multiple_of(50) { lessons } else { lessons.without(absent) };
        let school = class % schools;
        book.claims.push(NamedClaim {
            person: person.into(),
            school,
            days: Claimed::Days(days),
            source: 1,
        });
    }
    book
}

#[divan::bench(args = [(76, 11_000), (760, 110_000)])]
fn a_month(bencher: divan::Bencher<'_, '_>, (schools, pupils): (u32, u32)) {
    let book = book(schools, pupils);
    bencher.bench(|| close(divan::black_box(&book)));
}
