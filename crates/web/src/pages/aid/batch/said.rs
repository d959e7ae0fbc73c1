//! A batch in words.

use std::fmt::Write as _;

use fujiao_model::{Grade, Unit};
use fujiao_office::aid::{
    AidFile, AidFinding, AidLine, AidReturn, BatchPage, Channel, FindingList, PaymentState,
    SampleResult, Step,
};

use super::{Asked, Back, Found, Row, Sheet, Stage, Tab};
use crate::pages::hex;
use crate::words::Words;

pub(super) fn heading(t: &Words, v: &BatchPage) -> String {
    if v.batch.withdrawn.is_some() {
        return t.text("aid.head_withdrawn");
    }
    let waits: u64 = v.lists.iter().filter(|(l, ..)| l.holds()).map(|(_, n, _)| n).sum();
    match v.step {
        Step::Draft => t.f1("aid.head_draft", v.tally.lines),
        Step::Checked if waits > 0 => t.f1("aid.head_waits", waits),
        Step::Checked => t.text("aid.head_checked"),
        Step::Published => match &v.publication {
            Some(p) => t.f1("aid.head_published", p.until),
            None => t.text("aid.head_checked"),
        },
        Step::Approved => t.f1("aid.head_approved", v.tally.due.0),
        Step::Exported if v.tally.sent.0 > 0 => t.f1("aid.head_sent", v.tally.sent.0),
        Step::Exported => t.f1("aid.head_due", v.tally.due.0),
        Step::Reconciled => t.text("aid.head_reconciled"),
        Step::Closed => t.f1("aid.head_closed", v.tally.paid.0),
    }
}

pub(super) fn stages(t: &Words, v: &BatchPage) -> Vec<Stage> {
    let done = |step| v.steps.iter().find(|(of, _)| *of == step);
    let next = v.step.next();
    Step::ALL
        .into_iter()
        .map(|step| {
            let by = done(step);
            let mut about =
                by.map_or_else(String::new, |(_, by)| format!("{} {}", t.clock(by.at), by.name));
            if step == Step::Approved && by.is_none() && !v.approvals.is_empty() {
                let needed = v.batch.signatures.unwrap_or(1);
                about = t.f2("aid.signed", v.approvals.len(), needed);
            }
            Stage {
                number: step.number(),
                name: t.of("aid.step", step.code()),
                about,
                class: if by.is_some() { "d" } else { "" },
                now: next == Some(step),
            }
        })
        .collect()
}

pub(super) fn tabs(t: &Words, v: &BatchPage, asked: &Asked) -> Vec<Tab> {
    let mut tabs: Vec<Tab> = v
        .lists
        .iter()
        .map(|(list, waits, decided)| Tab {
            label: format!("{} {}", t.of("aid.list", list.code()), waits + decided),
            href: format!("/aid/batch/{}?list={}#found", v.batch.id, list.code()),
            current: asked.list == list.code(),
        })
        .collect();
    if !tabs.is_empty() {
        let all = Tab {
            label: t.text("list.all"),
            href: format!("/aid/batch/{}#found", v.batch.id),
            current: asked.list.is_empty(),
        };
        tabs.insert(0, all);
    }
    tabs
}

pub(super) fn finding(t: &Words, f: &AidFinding) -> Found {
    let fen = |n| t.q(Unit::Fen, n);
    let what = match f.list {
        FindingList::Missed => t.f1("aid.found_missed", fen(f.owed)),
        FindingList::Wrong if f.owed == 0 => t.f1("aid.found_none", fen(f.amount)),
        FindingList::Wrong => t.f2("aid.found_wrong", fen(f.amount), fen(f.owed)),
        FindingList::Double => t.text("aid.found_double"),
        FindingList::Stacked => t.f1("aid.found_stacked", &f.other),
        FindingList::Account => t.text("aid.found_account"),
    };
    let decided = f
        .decided
        .as_ref()
        .map(|(what, why, ..)| format!("{}{}{why}", t.of("aid.decided", what), t.s("word.colon")));
    let other = match f.list {
        FindingList::Double => {
            f.other.parse::<i64>().map(|id| hex(id.cast_unsigned())).unwrap_or_default()
        }
        _ => String::new(),
    };
    let why = match f.why.as_str() {
        "same_name_and_birth" => t.text("aid.why_same"),
        "asked_pair" => t.text("aid.why_pair"),
        other => other.to_owned(),
    };
    Found {
        key: format!("{} {}", f.list.code(), hex(f.person)),
        list: f.list.code(),
        mark: t.of("aid.list", f.list.code()),
        person: hex(f.person),
        name: f.name.clone(),
        other,
        what,
        why,
        owed: fen(f.owed),
        amount: fen(f.amount),
        waits: f.decided.is_none(),
        line: f.line.is_some(),
        decided: decided.unwrap_or_default(),
    }
}

pub(super) fn row(t: &Words, l: AidLine, pays: bool) -> Row {
    let (state, chip) = match (l.out.as_deref(), l.payment.as_deref()) {
        (Some(_), _) => (t.text("aid.state.out"), "na"),
        (None, None) => (t.text("aid.state.in"), "soon"),
        (None, Some(state)) => {
            let chip = match state {
                "paid" => "ok",
                "stopped" => "na",
                "due" => "gap",
                _ => "soon",
            };
            (t.of("aid.state", state), chip)
        }
    };
    // What went wrong before is told until the money came.
    let trouble = l.trouble.filter(|_| l.payment.as_deref() != Some(PaymentState::Paid.code()));
    Row {
        id: l.id,
        person: hex(l.person),
        class: t.class(Grade::parse(&l.grade), &l.class),
        school: l.school_name,
        part: if l.part > 1 { t.f1("aid.part", l.part) } else { String::new() },
        amount: t.q(Unit::Fen, l.amount),
        facts: l.facts,
        name: l.name,
        state,
        chip,
        trouble: l.out.or(trouble).unwrap_or_default(),
        stoppable: pays && l.payment.as_deref() == Some(PaymentState::Due.code()),
    }
}

pub(super) fn states(t: &Words, v: &BatchPage, now: &str) -> Vec<(&'static str, String, bool)> {
    let tally = &v.tally;
    let mut all = vec![("", t.f1("aid.all_lines", t.n(signed(tally.lines))))];
    for (code, n) in [
        ("due", tally.due.0),
        ("sent", tally.sent.0),
        ("paid", tally.paid.0),
        ("stopped", tally.stopped.0),
        ("out", tally.out),
    ] {
        if n > 0 {
            all.push((code, format!("{} {}", t.of("aid.state", code), t.n(signed(n)))));
        }
    }
    all.into_iter().map(|(code, label)| (code, label, code == now)).collect()
}

pub(super) fn sums(t: &Words, v: &BatchPage) -> Vec<(String, String, String)> {
    let tally = &v.tally;
    [("paid", tally.paid), ("sent", tally.sent), ("due", tally.due), ("stopped", tally.stopped)]
        .into_iter()
        .filter(|(_, (n, _))| *n > 0)
        .map(|(code, (n, fen))| (t.of("aid.state", code), t.n(signed(n)), t.q(Unit::Fen, fen)))
        .collect()
}

fn signed(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

pub(super) fn sheet(t: &Words, f: &AidFile) -> Sheet {
    let of = |(n, fen): (u64, i64)| format!("{} / {}", t.n(signed(n)), t.q(Unit::Fen, fen));
    let channel = match Channel::parse(&f.channel) {
        Some(channel) => t.of("aid.channels", channel.code()),
        None => f.channel.clone(),
    };
    Sheet {
        id: f.id,
        name: t.f3("aid.file", f.id, channel, f.round),
        lines: f.lines,
        total: t.q(Unit::Fen, f.total),
        paid: of(f.paid),
        returned: of(f.returned),
        closed: f.closed_at.is_some(),
    }
}

pub(super) fn back(t: &Words, r: &AidReturn, odd: &[(u64, bool, i64, String)]) -> Back {
    let mut said = t.f2("aid.told", r.paid.0, r.returned.0);
    let _ = write!(said, "{}{}", t.s("word.comma"), t.f2("aid.told_rest", r.unknown, r.extra));
    Back {
        id: r.id,
        file: r.file,
        name: r.name.clone(),
        said,
        odd: odd
            .iter()
            .map(|(row, extra, fen, words)| {
                let key = if *extra { "aid.odd_extra" } else { "aid.odd_unclear" };
                format!("{} {words}", t.f2(key, row, t.q(Unit::Fen, *fen)))
            })
            .collect(),
    }
}

pub(super) fn sampled(t: &Words, r: &SampleResult) -> String {
    let percent = |share: f64| format!("{:.1}%", share * 100.0);
    let head = t.f2("aid.sample_size", r.sample.size, r.sample.population);
    match r.came {
        None => head,
        Some(came) => format!(
            "{head}{}{}",
            t.s("word.comma"),
            t.f3("aid.sample_came", percent(came), percent(r.interval.0), percent(r.interval.1))
        ),
    }
}
