//! Documents of a case, filled in and ready to print.

use std::collections::BTreeMap;

use fujiao_model::Division;
use fujiao_report::{Block, Document};
use fujiao_store::Event;
use fujiao_watch::case::{Rules, State, Template, fill};
use jiff::civil::Date;

use super::CaseError;
use super::book::Known;
use crate::access::{Actor, Right};
use crate::corrections::written;
use crate::entries::today;
use crate::{Office, OfficeError};

/// A document that a case can give now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaperOffer {
    /// Its key in the rule file.
    pub key: String,
    /// Its title.
    pub title: String,
    /// What it still lacks: codes of fields.
    pub absent: Vec<String>,
}

/// A document filled in.
struct Paper {
    title: String,
    paragraphs: Vec<String>,
}

impl Paper {
    /// Its blocks.
    fn blocks(self) -> Vec<Block> {
        let text = |text| Block::Paragraph { lead: String::new(), text };
        let mut blocks = vec![Block::Title(self.title)];
        blocks.extend(self.paragraphs.into_iter().map(text));
        blocks
    }
}

/// The step that a document records. A county's own documents have none.
fn step_of_paper(key: &str) -> Option<&'static str> {
    Some(match key {
        "visit_record" => "visit",
        "return_notice" => "notice",
        "order" => "order",
        "referral" => "refer",
        "transfer" => "transfer",
        "exemption" => "exempt",
        "return_record" => "return",
        _ => return None,
    })
}

/// What a field of a document is called.
pub fn field_name(code: &str) -> &str {
    match code {
        "child" => "学生姓名",
        "school" => "学校",
        "place" => "住址",
        "on" => "日期",
        "by" => "经办人",
        "guardian" => "监护人",
        "said" => "情况或事由",
        "promise" => "约定",
        "return_by" => "限期",
        "noticed_on" => "通知书送达日期",
        "to" => "去向",
        "document" => "批准文件",
        "until" => "到期日",
        "town" => "乡镇",
        other => other,
    }
}

/// 2025年9月15日
fn chinese(day: Date) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}

/// What a document says of a case. `extra` is what somebody fills in by hand; names of places come with the case.
fn fields_of(
    known: &Known,
    rules: &Rules,
    today: Date,
    key: &str,
    (place, town, by): (&str, &str, &str),
    extra: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let mut fields: BTreeMap<String, String> = BTreeMap::new();
    let mut put = |name: &str, text: String| {
        if !text.trim().is_empty() {
            fields.insert(name.to_owned(), text);
        }
    };
    put("child", known.child.name.clone());
    put("school", known.school.clone());
    put("place", place.to_owned());
    put("town", if town.is_empty() { String::new() } else { format!("{town}人民政府") });
    put("guardian", known.child.guardian.clone());
    put("by", by.to_owned());
    put("on", chinese(today));
    let after = |days: i32| chinese(today.saturating_add(jiff::Span::new().days(days)));
    match key {
        "return_notice" => put("return_by", after(rules.state(State::Noticed).days)),
        "order" => put("return_by", after(rules.state(State::Ordered).days)),
        _ => {
            if let Some(duty) = known.case.duty(rules, today) {
                put("return_by", chinese(duty.due_on));
                put("until", chinese(duty.due_on));
            }
        }
    }
    if let Some((step, _)) = known.last("notice") {
        put("noticed_on", chinese(step.on));
    }
    if let Some((step, said)) = step_of_paper(key).and_then(|code| known.last(code)) {
        put("on", chinese(step.on));
        put("by", step.author.name.clone());
        put("said", step.note.clone());
        put("guardian", said.met.or(said.guardian).unwrap_or_default());
        put("to", said.to.or_else(|| said.name.filter(|_| key == "transfer")).unwrap_or_default());
        put("document", said.document.unwrap_or_default());
        match key {
            "visit_record" => {
                let promise = said.promised.map(|day| format!("{}前返校", chinese(day)));
                put("promise", promise.unwrap_or_else(|| "未作约定".to_owned()));
            }
            "return_record" if step.note.is_empty() => put("said", said.proof.unwrap_or_default()),
            _ => {}
        }
        if let Some(day) = said.return_by {
            put("return_by", chinese(day));
        }
        if let Some(day) = said.until {
            put("until", chinese(day));
        }
    }
    for (name, text) in extra {
        if let Some(text) = written(text) {
            // A day of a form reads as people write it.
            let text = text.parse().map_or(text, chinese);
            put(name, text);
        }
    }
    fields
}

/// A document of a case, whole or not at all.
fn paper(template: &Template, fields: &BTreeMap<String, String>) -> Result<Paper, CaseError> {
    let by_name = fields.iter().map(|(k, v)| (k.as_str(), v.clone())).collect();
    match fill(template, &by_name) {
        Ok((title, paragraphs)) => Ok(Paper { title, paragraphs }),
        Err(absent) => Err(CaseError::Absent {
            title: template.title.clone(),
            absent: absent.iter().map(|code| field_name(code).to_owned()).collect(),
        }),
    }
}

/// The documents that a case gives now: of the state that it is in, and of steps that were taken.
pub(crate) fn papers_of(
    known: &Known,
    rules: &Rules,
    today: Date,
    names: (&str, &str, &str),
) -> Vec<PaperOffer> {
    let state = known.case.state();
    let own = (state != State::Closed).then(|| rules.state(state).document.as_deref()).flatten();
    let now = |key: &str| {
        own == Some(key)
            || (state == State::Noticed && key == "order")
            || step_of_paper(key).is_some_and(|code| known.last(code).is_some())
    };
    rules
        .templates()
        .iter()
        .filter(|template| now(&template.key))
        .map(|template| {
            let fields = fields_of(known, rules, today, &template.key, names, &BTreeMap::new());
            let by_name = fields.iter().map(|(k, v)| (k.as_str(), v.clone())).collect();
            PaperOffer {
                key: template.key.clone(),
                title: template.title.clone(),
                absent: fill(template, &by_name).err().unwrap_or_default(),
            }
        })
        .collect()
}

/// Papers as one document, each on a page of its own.
fn together(papers: Vec<Paper>, (county, sample): (&str, bool), left: Vec<String>) -> Document {
    let title = papers.first().map_or_else(String::new, |paper| paper.title.clone());
    let mut body = Vec::new();
    for paper in papers {
        if !body.is_empty() {
            body.push(Block::Break);
        }
        body.extend(sample.then(|| Block::Mark("示例数据".to_owned())));
        body.extend(paper.blocks());
    }
    if !left.is_empty() {
        if !body.is_empty() {
            body.push(Block::Break);
        }
        body.push(Block::Heading("没有出的".to_owned()));
        let line = |text| Block::Paragraph { lead: String::new(), text };
        body.extend(left.into_iter().map(line));
    }
    Document {
        title: if title.is_empty() { "控辍保学文书".to_owned() } else { title },
        author: county.to_owned(),
        sample,
        header: county.to_owned(),
        body,
        annex: Vec::new(),
    }
}

/// A document as a file.
#[derive(Clone, Debug)]
pub struct PaperFile {
    /// Its title.
    pub title: String,
    /// .docx
    pub bytes: Vec<u8>,
    /// Cases that gave none, and why.
    pub left: Vec<(u64, CaseError)>,
}

impl Office {
    /// A document of a case, filled in, as .docx. `extra` fills fields that the books do not know, by their codes. Who printed what is
    /// in the audit.
    ///
    /// # Errors
    /// [`CaseError::Absent`] names what is missing; [`CaseError::NoSuchCase`] out of reach.
    pub fn case_paper(
        &self,
        actor: &Actor,
        number: u64,
        key: &str,
        extra: &BTreeMap<String, String>,
    ) -> Result<PaperFile, OfficeError> {
        self.print(actor, &[number], key, extra, false)
    }

    /// One document of several cases, each on a page of its own; who lacks something is named on the last.
    ///
    /// # Errors
    /// [`CaseError::NoSuchPaper`]; not theirs to do; what the store says.
    pub fn case_papers(
        &self,
        actor: &Actor,
        numbers: &[u64],
        key: &str,
    ) -> Result<PaperFile, OfficeError> {
        self.print(actor, numbers, key, &BTreeMap::new(), true)
    }

    fn print(
        &self,
        actor: &Actor,
        numbers: &[u64],
        key: &str,
        extra: &BTreeMap<String, String>,
        several: bool,
    ) -> Result<PaperFile, OfficeError> {
        actor.must(Right::Case)?;
        let county = self.county_code()?;
        let rules = &self.rules.cases;
        let template = rules.template(key).ok_or(CaseError::NoSuchPaper)?;
        let scope = actor.scope(Right::Case);
        self.store.write(|tx| {
            let day = today(tx, county, actor)?;
            let names: BTreeMap<Division, String> =
                tx.places(county)?.into_iter().map(|p| (p.code, p.name)).collect();
            let head = tx.counties()?.into_iter().find(|c| c.code == county);
            let (county_name, made) = head.map_or_else(Default::default, |c| (c.name, c.made));
            let (mut papers, mut left, mut lines) = (Vec::new(), Vec::new(), Vec::new());
            for &number in numbers {
                let known = Known::one(tx, county, rules, number)?;
                let Some(known) = known.filter(|known| known.is_in(&scope)) else {
                    if several {
                        left.push((number, CaseError::NoSuchCase));
                        continue;
                    }
                    return Err(CaseError::NoSuchCase.into());
                };
                let name = |place: Option<Division>| {
                    place.and_then(|p| names.get(&p)).map_or("", String::as_str)
                };
                let (town, village) = (name(known.stored.now.town), name(known.stored.now.village));
                let place = format!("{town}{village}");
                let about = (place.as_str(), town, actor.name.as_str());
                let fields = fields_of(&known, rules, day, key, about, extra);
                match paper(template, &fields) {
                    Ok(paper) => papers.push(paper),
                    Err(error) if several => {
                        lines.push(format!("{}：{error}", known.child.name));
                        left.push((number, error));
                    }
                    Err(error) => return Err(error.into()),
                }
            }
            tx.audit(&Event {
                county,
                at: actor.at,
                actor: &actor.login,
                action: "print case papers",
                object: key,
                detail: &format!("{} printed, {} lacking", papers.len(), left.len()),
            })?;
            let document = together(papers, (&county_name, made), lines);
            let bytes = fujiao_report::document_docx(&document, day)?;
            Ok(PaperFile { title: template.title.clone(), bytes, left })
        })
    }
}
