//! The forms of steps: what each asks for, and what was typed into it.

use std::collections::BTreeMap;

use fujiao_model::Division;
use fujiao_office::cases::{Act, CaseError, Closing, NewStep};
use fujiao_office::desk::{CaseHint, CasePage};
use fujiao_office::entries::EntryKey;
use jiff::civil::Date;

use crate::pages::{hex, unhex};
use crate::words::Words;

/// The form of one step.
pub(crate) struct ActForm {
    pub(crate) code: &'static str,
    pub(crate) title: String,
    /// Unfolded: it was sent back, or is what comes next.
    pub(crate) open: bool,
    pub(crate) fields: Vec<FormField>,
    pub(crate) on: String,
    pub(crate) note: String,
    pub(crate) note_label: String,
    pub(crate) note_required: bool,
}

/// One field of it.
pub(crate) struct FormField {
    pub(crate) name: &'static str,
    /// `text`, `date`, `check`, `select`, `hidden`.
    pub(crate) kind: &'static str,
    pub(crate) label: String,
    pub(crate) value: String,
    pub(crate) required: bool,
    pub(crate) options: Vec<(String, String)>,
}

/// The forms of the steps that can be taken now.
pub(crate) fn of(t: &Words, v: &CasePage, was: &BTreeMap<String, String>) -> Vec<ActForm> {
    let sent = was.get("act").map(String::as_str);
    let mut codes: Vec<&'static str> =
        v.acts.iter().filter(|(_, why)| why.is_none()).map(|(code, _)| *code).collect();
    if !v.officers.is_empty() {
        codes.push("assign");
    }
    let next = codes.first().copied();
    codes
        .into_iter()
        .map(|code| {
            let own = sent == Some(code);
            let kept = |name: &str| was.get(name).filter(|_| own).cloned();
            ActForm {
                code,
                title: t.of("case.step", code),
                open: own || (sent.is_none() && next == Some(code)),
                fields: fields(t, v, code, &kept),
                on: kept("on").unwrap_or_else(|| v.as_of.to_string()),
                note: kept("note").unwrap_or_default(),
                note_label: t.of("case.note", note_key(code)),
                note_required: matches!(code, "answer" | "decline" | "reopen"),
            }
        })
        .collect()
}

fn note_key(code: &str) -> &'static str {
    match code {
        "visit" => "visit",
        "refer" | "exempt" => "reason",
        "answer" => "answer",
        "decline" | "reopen" => "why",
        _ => "any",
    }
}

fn fields(
    t: &Words,
    v: &CasePage,
    code: &str,
    kept: &dyn Fn(&str) -> Option<String>,
) -> Vec<FormField> {
    let field = |name: &'static str, kind, value: String, required| FormField {
        label: t.of("case.ask", name),
        name,
        kind,
        value: kept(name).unwrap_or(value),
        required,
        options: Vec::new(),
    };
    let choice = |name: &'static str, options: Vec<(String, String)>, required| FormField {
        options,
        ..field(name, "select", String::new(), required)
    };
    let in_days = |days: i32| v.as_of.saturating_add(jiff::Span::new().days(days)).to_string();
    match code {
        "verify" => {
            let of = |code: &str| (code.to_owned(), t.of("case.real", code));
            vec![choice("real", vec![of("yes"), of("no")], true)]
        }
        "visit" => vec![
            field("met", "text", String::new(), false),
            field("guardian_met", "check", String::new(), false),
            field("promised", "date", String::new(), false),
        ],
        "notice" => vec![
            field("guardian", "text", v.guardian.clone(), true),
            field("return_by", "date", in_days(v.days.0), true),
        ],
        "order" => vec![field("return_by", "date", in_days(v.days.0), true)],
        "return" => {
            let row = match v.line.hint {
                Some(CaseHint::Back(row)) => hex(row),
                _ => String::new(),
            };
            let proof =
                if row.is_empty() { String::new() } else { t.s("case.proof_roster").to_owned() };
            vec![
                field("proof", "text", proof, true),
                field("row", "hidden", row, false),
                field("follow_until", "date", String::new(), false),
            ]
        }
        "exempt" => vec![
            field("document", "text", String::new(), true),
            field("until", "date", String::new(), false),
        ],
        "refer" => vec![field("to", "text", String::new(), true)],
        "transfer" => {
            let places =
                v.places.iter().map(|(code, name)| (code.to_string(), name.clone())).collect();
            let mut schools = vec![(String::new(), t.s("case.no_school").to_owned())];
            schools.extend(v.schools.iter().map(|s| (hex(s.id), s.name.clone())));
            vec![choice("place", places, true), choice("school", schools, false)]
        }
        "close" => {
            let of = |why: &Closing| (why.code().to_owned(), t.of("case.closing", why.code()));
            vec![choice("closing", v.closings.iter().map(of).collect(), true)]
        }
        "assign" => {
            let english = t.tag() == "en";
            let officers = v.officers.iter().map(|o| {
                let role = if english { &o.role.1 } else { &o.role.0 };
                (o.user.to_string(), format!("{} · {role}", o.name))
            });
            vec![choice("user", officers.collect(), true)]
        }
        _ => Vec::new(),
    }
}

/// The step that a form says.
pub(crate) fn read(form: &BTreeMap<String, String>) -> Result<NewStep, CaseError> {
    let text = |name: &str| form.get(name).map(|v| v.trim()).unwrap_or_default();
    let day = |name: &str, what: &'static str| -> Result<Option<Date>, CaseError> {
        match text(name) {
            "" => Ok(None),
            written => written.parse().map(Some).map_err(|_| CaseError::Unread(what)),
        }
    };
    let must = |name: &str, what: &'static str| day(name, what)?.ok_or(CaseError::Unread(what));
    let act = match text("act") {
        "verify" => match text("real") {
            "yes" => Act::Verify { real: true },
            "no" => Act::Verify { real: false },
            _ => return Err(CaseError::Unread("核实的结果")),
        },
        "visit" if !text("entry").is_empty() => {
            let entry = EntryKey::parse(text("entry")).ok_or(CaseError::NoVisit)?;
            Act::VisitWritten { entry }
        }
        "visit" => Act::Visit {
            met: text("met").to_owned(),
            guardian_met: !text("guardian_met").is_empty(),
            promised: day("promised", "约定的日期")?,
        },
        "notice" => Act::Notice {
            guardian: text("guardian").to_owned(),
            return_by: must("return_by", "限期")?,
        },
        "order" => Act::Order { return_by: must("return_by", "限期")? },
        "return" => Act::Return {
            proof: text("proof").to_owned(),
            row: unhex(text("row")),
            follow_until: day("follow_until", "跟踪到期日")?,
        },
        "exempt" => {
            Act::Exempt { document: text("document").to_owned(), until: day("until", "到期日")? }
        }
        "refer" => Act::Refer { to: text("to").to_owned() },
        "answer" => Act::Answer,
        "transfer" => Act::Transfer {
            place: Division::parse(text("place")).map_err(|_| CaseError::NoSuchPlace)?,
            school: unhex(text("school")),
        },
        "accept" => Act::Accept,
        "decline" => Act::Decline,
        "relapse" => Act::Relapse,
        "close" => Act::Close(Closing::of(text("closing")).ok_or(CaseError::Unread("销号的原因"))?),
        "reopen" => Act::Reopen,
        "assign" => {
            Act::Assign { user: text("user").parse().map_err(|_| CaseError::NoSuchOfficer)? }
        }
        _ => return Err(CaseError::Unread("办哪一步")),
    };
    Ok(NewStep {
        on: must("on", "日期").or_else(|e| {
            // A visit that was written down has its own day.
            if matches!(act, Act::VisitWritten { .. }) { Ok(Date::MIN) } else { Err(e) }
        })?,
        act,
        note: text("note").to_owned(),
        after: text("after").parse().map_err(|_| CaseError::Taken)?,
    })
}
