//! What aid was paid: the lists of 学生资助中心, one a programme and term.

use fujiao_model::{Field, RosterKind, Season, Term};

use super::headers::{
    ACCOUNT, AMOUNT, CLASS, GRADE, GUARDIAN, ID, PAID_ON, PUPIL, SCHOOL, STUDENT_NO, TERM,
};
use super::{Job, job, numbered, plain, stretches};
use crate::aid::{Books, Outcome, PROGRAMMES, Payment};
use crate::layout::{Col, Row, Val, col};
use crate::world::World;

const PAYMENTS: &[Col] = &[
    col(Field::School, SCHOOL),
    col(Field::Grade, GRADE),
    col(Field::Class, CLASS),
    col(Field::Name, PUPIL),
    col(Field::CitizenId, ID),
    col(Field::StudentNo, STUDENT_NO).often(0.35),
    col(Field::GuardianName, GUARDIAN).often(0.3),
    col(Field::Programme, &["资助项目", "资助类型", "项目名称", "项目"]),
    col(Field::Term, TERM),
    col(Field::Amount, AMOUNT),
    col(Field::BankAccount, ACCOUNT),
    col(Field::PaidOn, PAID_ON),
    col(Field::PaymentStatus, &["发放状态", "发放结果", "状态"]),
    col(Field::BatchNo, &["批次号", "批次", "发放批次"]),
];

/// The lines of one programme and term, the later batch on a sheet of its own.
fn payment_list(path: String, term: Term, names: &'static [&'static str], lines: Vec<u32>) -> Job {
    let list =
        job(path, RosterKind::AidPayments, PAYMENTS, lines.len(), move |world, books, rng| {
            let full = rng.chance(0.5);
            let name = *rng.pick(names);
            let written = match rng.below(3) {
                0 => term.chinese(),
                1 => term.to_string(),
                _ if term.season() == Season::Autumn => format!("{}年秋季", term.year()),
                _ => format!("{}年春季", term.year()),
            };
            let quiet = rng.chance(0.5);
            let list = |batch: u8| {
                let mut lines: Vec<&Payment> = lines
                    .iter()
                    .map(|i| &books.payments[*i as usize])
                    .filter(|p| p.batch == batch)
                    .collect();
                lines.sort_by_key(|p| (p.school, p.grade, p.class));
                let row = |p: &&Payment| Row {
                    mistyped: p.mistyped,
                    ..payment(world, p, name, &written, quiet, full)
                };
                lines.iter().map(row).collect::<Vec<_>>()
            };
            let title = format!("{}{name}发放名册", term.chinese());
            let part = |sheet, rows| world.part(sheet, &title, "学生资助管理中心", rows);
            let later = list(1);
            let mut parts = vec![part("发放名册", list(0))];
            if !later.is_empty() {
                parts.push(part("补发和退回", later));
            }
            parts
        });
    list.of_sheets().titled(&[Field::Term])
}

fn payment(
    world: &World,
    p: &Payment,
    name: &'static str,
    term: &str,
    quiet: bool,
    full: bool,
) -> Row {
    let person = &world.persons[p.person as usize];
    let status = match p.outcome {
        Outcome::Paid if quiet => Val::None,
        Outcome::Paid => Val::Word("已发放"),
        Outcome::Returned => Val::Word("退回"),
        Outcome::Failed => Val::Word("失败"),
    };
    plain(
        p.person,
        vec![
            Val::Text(world.school_name(p.school, full)),
            Val::Grade(p.grade),
            Val::Class(p.class),
            world.name(p.person),
            Val::Id(world.id(p.person)),
            world.pupil_no(p.person, p.grade),
            world.name(person.guardian),
            Val::Word(name),
            Val::Text(term.to_owned()),
            Val::Money(p.amount),
            Val::Text(world.account(person.household)),
            Val::Date(p.paid_on),
            status,
            Val::Text(format!("{}{:02}", p.paid_on.strftime("%Y%m"), p.batch + 1)),
        ],
    )
}

pub(super) fn jobs(world: &World, books: &Books, jobs: &mut Vec<Job>) {
    let mut lists = vec![Vec::new(); world.calendar.terms.len() * PROGRAMMES.len()];
    for (i, p) in (0_u32..).zip(&books.payments) {
        lists[usize::from(p.term) * PROGRAMMES.len() + usize::from(p.programme)].push(i);
    }
    for (at, lines) in lists.into_iter().enumerate().filter(|(_, lines)| !lines.is_empty()) {
        let term = world.calendar.terms[at / PROGRAMMES.len()];
        let names = PROGRAMMES[at % PROGRAMMES.len()].1;
        let parts = stretches(lines.len());
        let n = parts.len();
        for (i, part) in parts.into_iter().enumerate() {
            let path = numbered(format!("学生资助中心/{term}_{}", names[1]), i, n);
            jobs.push(payment_list(path, term, names, lines[part].to_vec()));
        }
    }
}
