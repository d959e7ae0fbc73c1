//! Batches of aid in every state, funds, recognitions and complaints, so that the pages of a made county are full.

use std::fmt::Write as _;

use fujiao_office::access::Actor;
use fujiao_office::aid::{Channel, Lines, NewComplaint, NewFund, Payer, RecognitionMove, Step};
use fujiao_office::{Office, OfficeError};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::printer::Printer;

/// Programmes, each with the step to which its batch goes.
const BATCHES: [(&str, Step); 7] = [
    ("comp.living.boarder", Step::Closed),
    ("comp.living.day", Step::Exported),
    ("hs.grant", Step::Reconciled),
    ("voc.grant", Step::Approved),
    ("voc.waive", Step::Published),
    ("hs.waive", Step::Checked),
    ("yulu.voc", Step::Draft),
];

/// Makes them, once: a county that has any is left as it is.
pub(super) fn make(
    office: &Office,
    as_of: Date,
    now: Timestamp,
    printer: &Printer,
) -> anyhow::Result<()> {
    let day = |days: i64| {
        let china = jiff::tz::TimeZone::fixed(jiff::tz::offset(8));
        let morning = china.to_timestamp(as_of.at(9, 0, 0, 0)).unwrap_or(now);
        morning.checked_add(jiff::SignedDuration::from_hours(24 * days)).unwrap_or(now)
    };
    if !office.aid_home(&who("fujiao", "fujiao", now))?.cycles.is_empty() {
        return Ok(());
    }
    printer.progress("发放", 0, BATCHES.len() as u64);
    funds(office, day(-30))?;
    // The lists of the running term are not closed yet: what is missing is of the term before.
    let begun = fujiao_model::Term::of(as_of).start();
    let before = begun.yesterday().unwrap_or(begun);
    let period = fujiao_model::Term::of(before).to_string();
    for (at, (programme, until)) in BATCHES.iter().enumerate() {
        match batch(office, programme, &period, *until, &day, now) {
            // Nobody is owed this in so small a county, or its money is short: that is a state too.
            Ok(()) | Err(OfficeError::Aid(_) | OfficeError::Policy(_)) => {}
            Err(other) => return Err(other.into()),
        }
        printer.progress("发放", at as u64 + 1, BATCHES.len() as u64);
    }
    people(office, as_of, &day)?;
    Ok(())
}

/// Somebody of the made county, with every right.
pub(super) fn who(login: &str, name: &str, at: Timestamp) -> Actor {
    Actor { login: login.into(), name: name.into(), ..Actor::console(at) }
}

fn funds(office: &Office, at: Timestamp) -> Result<(), OfficeError> {
    let cashier = who("demo-finance", "示例财务", at);
    let payer = Payer {
        name: "示例县学生资助管理中心".into(),
        account: "2700000000000001".into(),
        bank: "示例县农村商业银行".into(),
        bank_code: String::new(),
    };
    office.aid_set_payer(&cashier, &payer)?;
    let of = |name: &str, yuan: &str, giver: &str, document: &str| NewFund {
        name: name.into(),
        amount: yuan.into(),
        giver: giver.into(),
        document: document.into(),
        ..NewFund::default()
    };
    office.aid_add_fund(
        &cashier,
        &of("中央学生资助资金", "3000000", "省财政厅", "示例财教〔2025〕1号"),
    )?;
    office.aid_add_fund(
        &cashier,
        &of("县级配套资金", "500000", "县财政局", "示例县财教〔2025〕8号"),
    )?;
    let high = of("高中助学专款", "400000", "县财政局", "示例县财教〔2025〕9号");
    office.aid_add_fund(&cashier, &NewFund { programme: "hs.grant".into(), ..high })?;
    office.demo_links(at)?;
    let console = Actor::console(at);
    let donor =
        office.accounts(&console)?.into_iter().find(|a| a.login == "demo-donor").map(|a| a.user);
    let gift = of("爱心助学款", "50000", "示例助学基金会", "收据 0001");
    office.aid_add_fund(
        &cashier,
        &NewFund { gift: true, donor, programme: "comp.living.boarder".into(), ..gift },
    )?;
    Ok(())
}

fn batch(
    office: &Office,
    programme: &str,
    period: &str,
    until: Step,
    day: &dyn Fn(i64) -> Timestamp,
    now: Timestamp,
) -> Result<(), OfficeError> {
    // A notice that hangs today has to begin today.
    let begin = if until == Step::Published { now } else { day(0) };
    let clerk = who("demo-aid-clerk", "示例经办", begin);
    let id = office.aid_open(&clerk, programme, period)?.batch;
    if until == Step::Draft {
        return Ok(());
    }
    office.aid_check(&clerk, id, &quiet)?;
    if until == Step::Checked {
        return Ok(());
    }
    office.aid_publish(&clerk, id, None, None)?;
    if until == Step::Published {
        return Ok(());
    }
    for (login, name) in
        [("demo-aid-approver", "示例审批"), ("demo-leader", "示例分管"), ("demo-head", "示例主任")]
    {
        let approved = office.aid_approve(&who(login, name, day(9)), id, "同意", &quiet)?;
        if approved.released.is_some() {
            break;
        }
    }
    if until == Step::Approved {
        return Ok(());
    }
    let cashier = |days| who("demo-finance", "示例财务", day(days));
    let mut round = 0;
    loop {
        let made = office.aid_export(&cashier(10 + round), id, Channel::BankText, None, &quiet)?;
        let back = answer(&made.bytes, until == Step::Exported, round > 0);
        let told =
            office.aid_reconcile(&cashier(13 + round), "银行回盘.csv", &back, None, &quiet)?;
        round += 4;
        if until == Step::Exported || told.reconciled || round > 12 {
            break;
        }
        // Who has no account is given up here; in a true county somebody asks for one. What came back is sent again.
        let due = Lines { payment: Some("due".into()), ..Lines::default() };
        for line in office.aid_lines_of(&cashier(round), id, &due)? {
            if line.trouble.is_none() {
                office.aid_stop(&cashier(round), line.id, "没有账号，改由学校发")?;
            }
        }
    }
    if until == Step::Closed {
        office.aid_close(&cashier(30), id)?;
        let sample = office.draw_sample(&clerk, id)?;
        for (at, line) in office.sample_lines(&clerk, sample)?.iter().enumerate().take(24) {
            let said = if at % 12 == 7 { "unreached" } else { "came" };
            office.answer_sample(&clerk, sample, line.payment, said)?;
        }
    }
    Ok(())
}

/// What the made bank says: one line in twenty-five came back; of a file that stays open it says nothing of one in ten.
fn answer(file: &[u8], leaves_open: bool, again: bool) -> Vec<u8> {
    let text = String::from_utf8_lossy(file);
    let mut out = String::new();
    let mut at = 0;
    for line in text.lines() {
        let cells: Vec<&str> = line.split('|').collect();
        match cells[0] {
            "H" => {
                let _ = writeln!(
                    out,
                    "文件号：{}\n业务号,收款账号,金额,处理结果,失败原因,入账日期",
                    cells[1]
                );
            }
            "D" => {
                at += 1;
                if leaves_open && at % 10 == 0 {
                    continue;
                }
                let failed = at % 25 == 3 && !again;
                let (word, why) = if failed { ("失败", "户名不符") } else { ("成功", "") };
                let _ =
                    writeln!(out, "{},{},{},{word},{why},2025-10-28", cells[2], cells[3], cells[7]);
            }
            _ => {}
        }
    }
    out.into_bytes()
}

fn people(office: &Office, as_of: Date, day: &dyn Fn(i64) -> Timestamp) -> Result<(), OfficeError> {
    let year = fujiao_model::Term::of(as_of).school_year();
    let lines = office.aid_line_ids(1)?;
    let teacher = |days| who("demo-class-teacher", "示例班主任", day(days));
    let principal = |days| who("demo-principal", "示例校长", day(days));
    for (at, (_, person, _)) in lines.iter().enumerate().step_by(7).take(6) {
        let step = at / 7;
        let id = office.recognise(&teacher(-20), *person, year, None)?;
        let moves = [
            (teacher(-18), RecognitionMove::Class("moderate")),
            (principal(-16), RecognitionMove::School("moderate")),
            (principal(-15), RecognitionMove::Publish),
            (teacher(-14), RecognitionMove::Appeal("家里还有病人，请再核一次")),
            (principal(2), RecognitionMove::Decide("severe", "核实有重病支出")),
        ];
        for (actor, of) in moves.into_iter().take(step) {
            office.step_recognition(&actor, id, year, of)?;
        }
    }
    let clerk = who("demo-aid-clerk", "示例经办", day(0));
    let said = [
        ("money", "说好十月发的钱还没到"),
        ("amount", "发的数和通知上的不一样"),
        ("conduct", "有人说要交资料费"),
    ];
    for ((_, person, _), (category, said)) in lines.iter().skip(3).zip(said) {
        let new = NewComplaint {
            category: category.into(),
            person: Some(*person),
            said: said.into(),
            from: "家长".into(),
        };
        let (id, _) = office.complain(&clerk, &new)?;
        if category == "amount" {
            office.answer_complaint(&clerk, id, "下半年按新标准，差额下批补")?;
        }
    }
    Ok(())
}

fn quiet(_: &str, _: u64, _: u64) {}
