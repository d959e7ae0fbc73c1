//! 短信和信: texts for families and mentors as files for the county's own sender. Nothing is sent from here.
//!
//! A file of short messages holds whole phone numbers: it asks for the right to see them, and for a reason, which the audit keeps with
//! how many there were. Letters hold none.

use std::collections::{BTreeMap, BTreeSet};

use fujiao_model::{Area, Field, RosterKind};
use fujiao_report::{Block, Document, List, ListCell};
use fujiao_store::{Event, Tx, V};
use fujiao_watch::message::{Message, Of, To, fill, pupil};
use jiff::civil::Date;

pub use fujiao_watch::message::{Message as MessageTemplate, Messages, To as MessageTo};

use crate::access::{Actor, NotAllowed, Right};
use crate::cases::Known;
use crate::corrections::written;
use crate::pairing::{live_pairs, school_names};
use crate::{Office, OfficeError};

/// Why texts cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// No such text.
    #[error("没有这种短信或信；从列表里选")]
    NoMessage,
    /// No reason.
    #[error("写明为什么要导出号码，至少 4 个字")]
    Reason,
    /// Nobody to write to.
    #[error("现在没有要发的人")]
    Nobody,
}

/// As what texts go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageForm {
    /// A workbook of phone numbers and short messages.
    Sms,
    /// Letters to print, one a page.
    Letters,
}

/// A text for one receiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Who gets it.
    pub name: String,
    /// Their phone; empty: not on file.
    phone: String,
    /// Where, for whoever hands out letters: school or village.
    pub place: String,
    /// The fields.
    fields: BTreeMap<&'static str, String>,
}

/// Up to so many receivers it is counted beforehand who has a phone on file: the numbers lie sealed in the rosters.
const COUNTED: usize = 500;

/// How many each text would go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageOffer {
    /// The text.
    pub message: Message,
    /// Receivers on the actor's ground.
    pub receivers: usize,
    /// Of them with a phone on file; `None`: many, counted when the file is written.
    pub phones: Option<usize>,
    /// The first of them as it would read, nobody's number in it.
    pub sample: String,
}

/// Texts as a file.
#[derive(Clone, Debug)]
pub struct MessageFile {
    /// Its title.
    pub title: String,
    /// `xlsx` or `docx`.
    pub ending: &'static str,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// How many texts are in it.
    pub texts: usize,
    /// How many receivers have no phone on file.
    pub without_phone: usize,
}

impl Office {
    /// The texts that can be written now, with how many each would go to.
    ///
    /// # Errors
    /// Not theirs to do; what the store says.
    pub fn messages(&self, actor: &Actor) -> Result<Vec<MessageOffer>, OfficeError> {
        actor.must(Right::Export)?;
        actor.must(Right::Names)?;
        let county = self.county_code()?;
        let messages = &self.rules.messages;
        self.store.read(|tx| {
            let mut offers = Vec::new();
            // Several texts go to the same receivers: they are looked up once.
            let mut known: Vec<(Of, Vec<Written>)> = Vec::new();
            for message in &messages.all {
                let at = known.iter().position(|(of, _)| *of == message.of);
                if at.is_none() {
                    let texts = self.texts(tx, county, actor, message, COUNTED)?;
                    known.push((message.of, texts));
                }
                let texts = &known[at.unwrap_or(known.len() - 1)].1;
                let counted = message.of == Of::Pupils || texts.len() <= COUNTED;
                offers.push(MessageOffer {
                    receivers: texts.len(),
                    phones: counted.then(|| texts.iter().filter(|t| !t.phone.is_empty()).count()),
                    sample: texts
                        .first()
                        .map_or_else(String::new, |t| fill(&message.sms, &t.fields)),
                    message: message.clone(),
                });
            }
            Ok(offers)
        })
    }

    /// Texts as a file. Short messages hold whole phone numbers: `reason` says why.
    ///
    /// # Errors
    /// [`MessageError`]; not theirs to do.
    pub fn message_file(
        &self,
        actor: &Actor,
        key: &str,
        form: MessageForm,
        reason: &str,
    ) -> Result<MessageFile, OfficeError> {
        actor.must(Right::Export)?;
        actor.must(Right::Names)?;
        let messages = &self.rules.messages;
        let message = messages.get(key).ok_or(MessageError::NoMessage)?;
        let reason = written(reason).unwrap_or_default();
        if form == MessageForm::Sms {
            let field = match message.to {
                To::Guardian => Field::GuardianPhone,
                To::Mentor => Field::MentorPhone,
            };
            if !actor.may_reveal(field) {
                return Err(NotAllowed(Right::Reveal).into());
            }
            if reason.chars().filter(|c| c.is_alphanumeric()).count() < 4 {
                return Err(MessageError::Reason.into());
            }
        }
        let county = self.county_code()?;
        self.store.write(|tx| {
            let day = crate::entries::today(tx, county, actor)?;
            let texts = self.texts(tx, county, actor, message, usize::MAX)?;
            if texts.is_empty() {
                return Err(MessageError::Nobody.into());
            }
            let head = tx.counties()?.into_iter().find(|c| c.code == county);
            let (name, made) = head.map_or_else(Default::default, |c| (c.name, c.made));
            let file = match form {
                MessageForm::Sms => sms(messages, message, &texts, (&name, made, day))?,
                MessageForm::Letters => letters(message, &texts, (&name, made, day))?,
            };
            let what = if form == MessageForm::Sms { "sms" } else { "letters" };
            tx.audit(&Event {
                county,
                at: actor.at,
                actor: &actor.login,
                action: "write messages",
                object: &format!("{what} {key}"),
                detail: &format!("texts {} {reason}", file.texts),
            })?;
            Ok(file)
        })
    }

    fn texts(
        &self,
        tx: &mut Tx,
        county: u32,
        actor: &Actor,
        message: &Message,
        with_phones: usize,
    ) -> Result<Vec<Written>, OfficeError> {
        let day = crate::entries::today(tx, county, actor)?;
        let head = tx.counties()?.into_iter().find(|c| c.code == county);
        let county_name = head.map(|c| c.name).unwrap_or_default();
        let mut texts = match message.of {
            Of::Cases => self.of_cases(tx, county, actor, (day, with_phones))?,
            Of::Contacts => of_contacts(tx, county, actor, (day, with_phones))?,
            Of::Pupils => of_pupils(tx, county, actor, day)?,
        };
        for text in &mut texts {
            text.fields.insert("county", county_name.clone());
            text.fields.insert("office", actor.name.clone());
        }
        Ok(texts)
    }

    /// Guardians of children who are away: cases that are neither followed nor excused.
    fn of_cases(
        &self,
        tx: &mut Tx,
        county: u32,
        actor: &Actor,
        (day, with_phones): (Date, usize),
    ) -> Result<Vec<Written>, OfficeError> {
        use fujiao_watch::case::State;
        let scope = actor.scope_in(Right::Names, Area::Schooling);
        let rules = &self.rules.cases;
        let mut known = Known::open(tx, county, rules)?;
        known.retain(|k| {
            k.is_in(&scope)
                && k.child.id.is_some()
                && !matches!(k.case.state(), State::FollowUp | State::Exempt)
        });
        let ids: Vec<u64> = known.iter().filter_map(|k| k.child.id).collect();
        let phones = guardian_phones(tx, county, &ids, with_phones)?;
        Ok(known
            .into_iter()
            .map(|k| {
                let by = k.case.duty(rules, day).map(|d| d.next_on.max(day));
                let fields = BTreeMap::from([
                    ("child", pupil(&k.child.name)),
                    ("name", k.child.guardian.clone()),
                    ("school", school_or(&k.school)),
                    ("by", by.map_or_else(String::new, month_day)),
                ]);
                Written {
                    name: k.child.guardian,
                    phone: k.child.id.and_then(|id| phones.get(&id)).cloned().unwrap_or_default(),
                    place: k.school,
                    fields,
                }
            })
            .collect())
    }
}

/// A person to whom contacts are owed and who had none this month: id, name, guardian, school.
type Silent = (u64, String, String, Option<u64>);

fn silent(tx: &mut Tx, county: u32, actor: &Actor, day: Date) -> Result<Vec<Silent>, OfficeError> {
    let scope = actor.scope_in(Right::Names, Area::Pairing);
    let mut args: Vec<V> = vec![county.into(), day.first_of_month().to_string().into()];
    let within = scope.persons_sql("p", &mut args);
    let sql = format!(
        "select p.person_id, p.name, coalesce(p.guardian_name, ''), p.school_id from person p
           left join contact_sum x on x.county = p.county and x.person_id = p.person_id
          where p.county = $1 and coalesce(x.month_met, 0) = 0
            and p.person_id in (select d.subject_id from duty d
                 join county c on c.county = d.county and c.live_run = d.run_id
                 where d.county = $1 and d.area = 'pairing' and d.subject_kind = 'person')
            and not exists (select 1 from entry e
                 where e.county = $1 and e.subject_kind = 'person' and e.subject_id = p.person_id and e.on_day >= $2
                   and e.kind in ('visit', 'contact') and e.state in ('in_force', 'conflict'))
            and {within}
          order by p.school_id, p.person_id"
    );
    Ok(tx.query(&sql, &args, |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?)))?)
}

fn of_contacts(
    tx: &mut Tx,
    county: u32,
    actor: &Actor,
    (day, with_phones): (Date, usize),
) -> Result<Vec<Written>, OfficeError> {
    let silent = silent(tx, county, actor, day)?;
    let ids: Vec<u64> = silent.iter().map(|(id, ..)| *id).collect();
    let phones = guardian_phones(tx, county, &ids, with_phones)?;
    let schools = school_names(tx, county)?;
    Ok(silent
        .into_iter()
        .map(|(id, name, guardian, school)| {
            let school = school.and_then(|id| schools.get(&id)).cloned().unwrap_or_default();
            let fields = BTreeMap::from([
                ("child", pupil(&name)),
                ("name", guardian.clone()),
                ("school", school_or(&school)),
            ]);
            Written {
                name: guardian,
                phone: phones.get(&id).cloned().unwrap_or_default(),
                place: school,
                fields,
            }
        })
        .collect())
}

fn school_or(name: &str) -> String {
    if name.is_empty() { "学校".to_owned() } else { name.to_owned() }
}

fn month_day(day: Date) -> String {
    format!("{}月{}日", day.month(), day.day())
}

/// The newest phone of each child's guardian; none at all where there are more than `at_most` children.
fn guardian_phones(
    tx: &mut Tx,
    county: u32,
    ids: &[u64],
    at_most: usize,
) -> Result<BTreeMap<u64, String>, OfficeError> {
    let mut phones = BTreeMap::new();
    if ids.len() > at_most {
        return Ok(phones);
    }
    for kind in [RosterKind::Enrolments, RosterKind::Contacts] {
        for (person, row) in tx.rows_of_persons(county, kind, ids)? {
            if let Some(phone) = row.row.fields.text(Field::GuardianPhone) {
                phones.insert(person, phone.to_owned());
            }
        }
    }
    Ok(phones)
}

fn sms(
    messages: &Messages,
    message: &Message,
    texts: &[Written],
    (county, made, day): (&str, bool, Date),
) -> Result<MessageFile, OfficeError> {
    let mut first = format!("{county} 短信：{}", message.title);
    if made {
        first = format!("示例数据 {first}");
    }
    let mut rows = Vec::new();
    for text in texts.iter().filter(|text| !text.phone.is_empty()) {
        let content = fill(&message.sms, &text.fields);
        #[expect(clippy::cast_precision_loss, reason = "a text has few characters")]
        let number = |n: usize| ListCell::Number(n as f64);
        let (length, parts) = (content.chars().count(), messages.parts(&content));
        rows.push(vec![
            ListCell::Text(text.phone.clone()),
            ListCell::Text(content),
            number(length),
            number(parts),
            ListCell::Text(text.name.clone()),
        ]);
    }
    let (sent, without_phone) = (rows.len(), texts.len() - rows.len());
    let list = List {
        sheet: "短信".to_owned(),
        head: vec![
            first,
            format!("{day} 排好，由本县短信平台发送；{without_phone} 人没有电话，另发信"),
        ],
        columns: ["手机号", "短信内容", "字数", "条数", "收件人"].map(str::to_owned).to_vec(),
        rows,
        as_of: day,
    };
    let bytes = fujiao_report::list_workbook(&list)?;
    Ok(MessageFile {
        title: format!("短信-{}-{day}", message.title),
        ending: "xlsx",
        bytes,
        texts: sent,
        without_phone,
    })
}

fn letters(
    message: &Message,
    texts: &[Written],
    (county, made, day): (&str, bool, Date),
) -> Result<MessageFile, OfficeError> {
    let mut body = Vec::new();
    for text in texts {
        if !body.is_empty() {
            body.push(Block::Break);
        }
        body.extend(made.then(|| Block::Mark("示例数据".to_owned())));
        body.push(Block::Title(message.title.clone()));
        for line in &message.letter {
            body.push(Block::Paragraph { lead: String::new(), text: fill(line, &text.fields) });
        }
        let place = if text.place.is_empty() { county } else { &text.place };
        body.push(Block::Signature(vec![
            place.to_owned(),
            format!("{}年{}月{}日", day.year(), day.month(), day.day()),
        ]));
    }
    let document = Document {
        title: message.title.clone(),
        author: county.to_owned(),
        sample: made,
        header: county.to_owned(),
        body,
        annex: Vec::new(),
    };
    Ok(MessageFile {
        title: format!("信-{}-{day}", message.title),
        ending: "docx",
        bytes: fujiao_report::document_docx(&document, day)?,
        texts: texts.len(),
        without_phone: texts.iter().filter(|t| t.phone.is_empty()).count(),
    })
}

/// Mentors with pupils who had no contact this month, by the assessment and by what was written since.
fn of_pupils(
    tx: &mut Tx,
    county: u32,
    actor: &Actor,
    day: Date,
) -> Result<Vec<Written>, OfficeError> {
    let silent: BTreeSet<u64> =
        silent(tx, county, actor, day)?.into_iter().map(|(id, ..)| id).collect();
    let mut of: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    for (person, pair) in live_pairs(tx, county)? {
        if silent.contains(&person) {
            of.entry(pair.mentor).or_default().push(person);
        }
    }
    let ids: Vec<u64> = of.values().flatten().copied().collect();
    let names: BTreeMap<u64, String> =
        tx.persons_of(county, &ids)?.into_iter().map(|p| (p.id, p.name)).collect();
    let mut texts = Vec::new();
    for mentor in tx.mentors(county)?.into_iter().filter(|m| m.left.is_none()) {
        let Some(pupils) = of.get(&mentor.number) else { continue };
        let called: Vec<String> =
            pupils.iter().filter_map(|id| names.get(id)).map(|name| pupil(name)).collect();
        let fields = BTreeMap::from([
            ("name", mentor.name.clone()),
            ("n", pupils.len().to_string()),
            ("names", called.iter().take(3).cloned().collect::<Vec<_>>().join("、")),
            ("by", month_day(day.last_of_month())),
        ]);
        texts.push(Written { name: mentor.name, phone: mentor.phone, place: mentor.unit, fields });
    }
    Ok(texts)
}
