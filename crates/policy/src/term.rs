//! Every programme of a frame for one term, whatever its rhythm: what `fujiao policy eval` writes.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;

use fujiao_model::{Period, Term};

use crate::ColumnId;
use crate::assess::{Entitlement, ProgrammeResult, Reason, assess_all, assess_programme};
use crate::column::column;
use crate::example::written;
use crate::explain::{Explainer, Language};
use crate::frame::Frame;
use crate::programme::Rhythm;
use crate::set::PolicySet;

/// One programme's answers for a term.
#[derive(Clone, Debug)]
pub struct TermResult {
    /// Its place in [`PolicySet::programmes`].
    pub programme: usize,
    /// One result; of a monthly programme one for each month of the term; none if the programme is off.
    pub parts: Vec<ProgrammeResult>,
}

/// What one programme owes one row for a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TermAnswer {
    /// Owed so many units in the term: of a monthly programme, in its months together.
    Due(i64),
    /// Not owed.
    NotDue(Reason),
    /// A fact is not on file and could change the answer.
    Ask(ColumnId),
    /// The programme is off.
    Off,
}

impl TermResult {
    /// The answer for a row.
    pub fn answer(&self, row: usize) -> TermAnswer {
        let mut due: Option<i64> = None;
        let mut first = None;
        for part in &self.parts {
            match part.entitlement(row) {
                Entitlement::Ask(id) => return TermAnswer::Ask(id),
                Entitlement::Due(n) => due = Some(due.unwrap_or(0).saturating_add(n)),
                Entitlement::NotDue(reason) => first = first.or(Some(reason)),
            }
        }
        match (due, first) {
            (Some(n), _) => TermAnswer::Due(n),
            (None, Some(reason)) => TermAnswer::NotDue(reason),
            (None, None) => TermAnswer::Off,
        }
    }
}

/// The periods in which a programme of a rhythm is asked about for a term.
fn periods(rhythm: Rhythm, term: Term) -> Vec<Period> {
    match rhythm {
        Rhythm::Term | Rhythm::SchoolDay => vec![Period::Term(term)],
        Rhythm::SchoolYear => vec![Period::SchoolYear(term.school_year())],
        Rhythm::Year => vec![Period::Year(term.year())],
        Rhythm::Once => vec![Period::Once],
        Rhythm::Month => {
            let mut months = Vec::new();
            let mut day = term.start();
            while day <= term.end() {
                months.push(Period::Month(day.year(), day.month()));
                day = day.last_of_month().tomorrow().expect("the calendar goes on");
            }
            months
        }
    }
}

/// What every programme of the frame's subject owes each row for a term, by key. Programmes of a term or school day are
/// asked about the term, those of a month about each of its months, those of a year about the school or calendar year that
/// it lies in. What is off is answered only if `with_off`.
pub fn assess_term(set: &PolicySet, frame: &Frame, term: Term, with_off: bool) -> Vec<TermResult> {
    let as_of = term.start();
    let mine = |i: &usize| set.programmes()[*i].frame == frame.kind();
    let mut cases: Vec<Period> = (0..set.programmes().len())
        .filter(mine)
        .flat_map(|i| periods(set.programmes()[i].rhythm, term))
        .collect();
    cases.sort_unstable();
    cases.dedup();
    let questions: Vec<(&Frame, Period)> = cases.iter().map(|p| (frame, *p)).collect();
    let mut parts: BTreeMap<usize, Vec<ProgrammeResult>> = BTreeMap::new();
    for result in assess_all(set, &questions, as_of).into_iter().flatten() {
        // A programme of school days would also answer for single months.
        if periods(set.programmes()[result.programme].rhythm, term).contains(&result.period) {
            parts.entry(result.programme).or_default().push(result);
        }
    }
    (0..set.programmes().len())
        .filter(mine)
        .map(|i| {
            let programme = &set.programmes()[i];
            let parts = match parts.remove(&i) {
                Some(parts) => parts,
                None if with_off => periods(programme.rhythm, term)
                    .into_iter()
                    .filter_map(|p| assess_programme(set, &programme.key, frame, p, as_of).ok())
                    .collect(),
                None => Vec::new(),
            };
            TermResult { programme: i, parts }
        })
        .collect()
}

/// Writes `row,programme,term,quantity,unit,reason`, a line for every row and programme. Rows count from 1. `quantity` is in
/// the programme's unit (money in fen); 0 where nothing is owed, empty where a fact is missing. `reason` is empty where
/// something is due; else as examples write it (`not due: boards`, `ask: lifted`, `off`), or a sentence in a language.
///
/// # Errors
/// What the writer says.
pub fn duties_csv(
    out: &mut impl Write,
    set: &PolicySet,
    frame: &Frame,
    term: Term,
    results: &[TermResult],
    sentences: Option<Language>,
) -> std::io::Result<()> {
    let mut short: Vec<BTreeMap<TermAnswerKey, Arc<str>>> = vec![BTreeMap::new(); results.len()];
    let mut explainers: Vec<Vec<Explainer<'_>>> = results
        .iter()
        .map(|r| {
            let parts = r.parts.iter().filter(|_| sentences.is_some());
            parts.map(|p| Explainer::new(set, frame, p, term.start())).collect()
        })
        .collect();
    let heads: Vec<(String, &str)> = results
        .iter()
        .map(|r| {
            let p = &set.programmes()[r.programme];
            (format!(",{},{term},", p.key), p.unit.code())
        })
        .collect();
    let mut line = String::new();
    for row in 0..frame.rows() {
        let number = (row + 1).to_string();
        for (i, result) in results.iter().enumerate() {
            let answer = result.answer(row);
            line.clear();
            line.push_str(&number);
            line.push_str(&heads[i].0);
            match answer {
                TermAnswer::Due(n) => line.push_str(&n.to_string()),
                TermAnswer::Ask(_) => {}
                TermAnswer::NotDue(_) | TermAnswer::Off => line.push('0'),
            }
            line.push(',');
            line.push_str(heads[i].1);
            line.push(',');
            if !matches!(answer, TermAnswer::Due(_)) {
                let text = match (sentences, answer) {
                    (Some(language), TermAnswer::NotDue(_) | TermAnswer::Ask(_)) => {
                        sentence(result, row, &mut explainers[i], language)
                    }
                    _ => Arc::clone(
                        short[i]
                            .entry(key_of(answer))
                            .or_insert_with(|| reason(set, result, answer, sentences)),
                    ),
                };
                cell(&mut line, &text);
            }
            line.push('\n');
            out.write_all(line.as_bytes())?;
        }
    }
    Ok(())
}

type TermAnswerKey = (u8, usize);

fn key_of(answer: TermAnswer) -> TermAnswerKey {
    match answer {
        TermAnswer::Due(_) => (0, 0),
        TermAnswer::Off => (1, 0),
        TermAnswer::Ask(id) => (2, usize::from(id)),
        TermAnswer::NotDue(Reason::NotInForce) => (3, 0),
        TermAnswer::NotDue(Reason::NoAmount) => (4, 0),
        TermAnswer::NotDue(Reason::Nothing) => (5, 0),
        TermAnswer::NotDue(Reason::Condition(i)) => (6, i),
        TermAnswer::NotDue(Reason::Excluded(i)) => (7, i),
    }
}

fn reason(
    set: &PolicySet,
    result: &TermResult,
    answer: TermAnswer,
    sentences: Option<Language>,
) -> Arc<str> {
    let programme = &set.programmes()[result.programme];
    match answer {
        TermAnswer::NotDue(reason) => written(programme, Entitlement::NotDue(reason)).into(),
        TermAnswer::Ask(id) => format!("ask: {}", column(id).name).into(),
        TermAnswer::Due(_) => "".into(),
        TermAnswer::Off => match sentences {
            Some(Language::Chinese) => {
                format!("关着：{}", programme.off.as_deref().unwrap_or_default()).into()
            }
            _ => "off".into(),
        },
    }
}

fn sentence(
    result: &TermResult,
    row: usize,
    explainers: &mut [Explainer<'_>],
    language: Language,
) -> Arc<str> {
    let wanted = result.answer(row);
    for (part, explainer) in result.parts.iter().zip(explainers) {
        let here = part.entitlement(row);
        let same = match (wanted, here) {
            (TermAnswer::Ask(a), Entitlement::Ask(b)) => a == b,
            (TermAnswer::NotDue(a), Entitlement::NotDue(b)) => a == b,
            _ => false,
        };
        if same {
            return explainer.say(row, here, language);
        }
    }
    "".into()
}

/// Puts a text into a line, quoted where it must be.
fn cell(line: &mut String, text: &str) {
    if text.contains([',', '"', '\n', '\r']) {
        line.push('"');
        line.push_str(&text.replace('"', "\"\""));
        line.push('"');
    } else {
        line.push_str(text);
    }
}
