//! Forms of a loan's steps.

use fujiao_office::access::Right;
use fujiao_office::loans::LoanPage;
use serde::Deserialize;

use crate::shell::Shell;
use crate::words::Words;

/// What somebody wrote into the form of a step.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Written {
    /// The step.
    #[serde(rename = "do")]
    pub(super) what: String,
    /// The number of steps that they have seen.
    pub(super) after: u32,
    pub(super) on: String,
    pub(super) amount: String,
    pub(super) n: String,
    pub(super) word: String,
    pub(super) note: String,
}

/// The form of a step. What has no name is not asked for.
pub(super) struct StepForm {
    pub(super) code: &'static str,
    pub(super) title: String,
    pub(super) hint: String,
    /// Name and value.
    pub(super) on: Option<(String, String)>,
    pub(super) amount: Option<(String, String)>,
    pub(super) n: Option<(String, String)>,
    /// Value, name, whether it is chosen.
    pub(super) words: Vec<(&'static str, String, bool)>,
    pub(super) note: String,
    pub(super) note_required: bool,
    pub(super) open: bool,
    pub(super) main: bool,
}

/// Who takes a step.
fn right(code: &str) -> Right {
    match code {
        "qualify" | "refuse" => Right::Approve,
        "disburse" | "paid" | "early" | "repay" => Right::Pay,
        _ => Right::Prepare,
    }
}

/// The forms that the reader may fill in now, the likeliest first; one that was sent back is open, with what was written.
pub(super) fn of(s: &Shell, t: &Words, v: &LoanPage, written: Option<&Written>) -> Vec<StepForm> {
    let mut main = true;
    let steps = v.next().into_iter().filter(|code| s.may(right(code).code()));
    steps
        .map(|code| {
            let back = written.filter(|w| w.what == code);
            let value = |of: fn(&Written) -> &String, default: String| {
                back.map_or(default, |w| of(w).clone())
            };
            let on = |key: &str, default: String| Some((t.text(key), value(|w| &w.on, default)));
            let n = |key: &str, default: String| Some((t.text(key), value(|w| &w.n, default)));
            let amount = |key: &str| Some((t.text(key), value(|w| &w.amount, String::new())));
            let chosen = back.map_or("", |w| w.word.as_str());
            let words = |table: &str, codes: &[&'static str]| {
                codes.iter().map(|c| (*c, t.of(table, c), *c == chosen)).collect::<Vec<_>>()
            };
            let today = v.today.to_string();
            let mut form = StepForm {
                code,
                title: t.of("loan.do", code),
                hint: t.of("loan.do_hint", code),
                on: None,
                amount: None,
                n: None,
                words: Vec::new(),
                note: value(|w| &w.note, String::new()),
                note_required: matches!(code, "refuse" | "lapse"),
                open: back.is_some(),
                // The next step of the loan's life lies open; what may happen between is looked for.
                main: std::mem::take(&mut main)
                    && matches!(
                        code,
                        "qualify" | "sign" | "confirm" | "disburse" | "paid" | "repay"
                    ),
            };
            match code {
                "sign" | "confirm" | "disburse" | "leave" => form.on = on("loan.on", today),
                "graduate" => {
                    let year = v.line.loan.school_year + i16::from(v.line.loan.remaining);
                    form.n = n("loan.graduates", year.to_string());
                }
                "defer" => form.n = n("loan.defer_year", v.today.year().to_string()),
                "study" => {
                    form.on = on("loan.from", today);
                    form.n = n("loan.graduates", String::new());
                }
                "rate" => {
                    form.on = on("loan.from", today);
                    form.words = words("loan.base", &["lpr5y", "pboc5y"]);
                    form.n = n("loan.spread", String::new());
                }
                "early" => {
                    form.on = on("loan.early_on", v.early_day.to_string());
                    form.amount = amount("loan.early_amount");
                }
                "paid" => {
                    form.on = on("loan.on", today);
                    form.amount = amount("loan.paid_amount");
                    form.words = words("loan.payer", &["borrower", "state"]);
                }
                "serve" => {
                    form.on = on("loan.on", today);
                    form.words = words("loan.service", &["grassroots", "military"]);
                    form.n = n("loan.service_years", String::new());
                }
                _ => {}
            }
            form
        })
        .collect()
}

/// A base rate and basis points added: `LPR5Y −70`.
pub(super) fn spread(t: &Words, base: &str, bp: i32) -> String {
    let sign = if bp < 0 { "−" } else { "+" };
    t.f2("loan.spread_of", t.of("loan.base", base), format!("{sign}{}", bp.abs()))
}
