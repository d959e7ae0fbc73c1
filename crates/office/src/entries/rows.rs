//! The source rows that entries become, so that a visit is a deed at the next assessment and stands on the child's page now.

use fujiao_model::{
    Field, Fields, Mark, PartialDate, RosterKind, RowVerdict, SourceRow, Subject, Value,
};
use fujiao_store::{Entry, NewFile, NewRow, Person, RowLink, Sheet, StoredRow, Tally, Tx};
use jiff::civil::Date;
use sha2::{Digest, Sha256};

use super::{EntryKey, Visit, What, ground};
use crate::OfficeError;
use crate::access::Actor;
use crate::natural_key::fingerprint;

/// The sheets of the file in which what was written by hand in a month stands.
const SHEETS: [(RosterKind, &str); 2] =
    [(RosterKind::Contacts, "家访和联系"), (RosterKind::Absences, "缺勤")];

/// What takes the place of a row that was taken back.
pub(crate) const TAKEN_BACK: &str = "作废";

/// Fields that are taken over from what is on file about a child, so that linking finds the same person.
const COPIED: [Field; 5] =
    [Field::StudentNo, Field::School, Field::Grade, Field::Class, Field::Town];

/// Brings source rows up to what entries say.
pub(super) struct Rows<'t, 'c, 'a> {
    tx: &'t mut Tx<'c>,
    county: u32,
    actor: &'a Actor,
}

impl<'t, 'c, 'a> Rows<'t, 'c, 'a> {
    pub(super) fn new(tx: &'t mut Tx<'c>, county: u32, actor: &'a Actor) -> Self {
        Self { tx, county, actor }
    }

    /// Brings the rows of an entry up to what stands of it.
    pub(super) fn of_entry(&mut self, number: u64) -> Result<(), OfficeError> {
        let Some(entry) = self.tx.entry(self.county, number)? else { return Ok(()) };
        match What::of(&entry) {
            Some(What::Visit(_)) => self.contact(&entry),
            Some(What::Attendance(attendance)) => {
                for (person, _) in attendance.marks {
                    self.absence(person, entry.on)?;
                }
                Ok(())
            }
            Some(What::Meals(_)) | None => Ok(()),
        }
    }

    /// The row of a visit or contact: of the last of its edits.
    fn contact(&mut self, entry: &Entry) -> Result<(), OfficeError> {
        let Some(last) = self.tx.entry_of_root(self.county, &entry.root)? else { return Ok(()) };
        let Some(What::Visit(visit)) = What::of(&last) else { return Ok(()) };
        let Some(person) = self.person(last.subject.id)? else { return Ok(()) };
        let root = EntryKey(last.root).to_string();
        let key = self.tx.keys().digest("entry_row", ["contact", &root]);
        let mut fields = self.copied(&person)?;
        fields.set(Field::MentorName, text(&last.author));
        fields.set(Field::ContactOn, day(last.on));
        if last.state == "withdrawn" {
            fields.set(Field::ContactKind, text(TAKEN_BACK));
        } else {
            fields.set(Field::ContactKind, text(contact_kind(&visit)));
            let note = note(&visit);
            if !note.is_empty() {
                fields.set(Field::Note, text(&note));
            }
            let facts = self.tx.facts_of(self.county, last.number)?;
            if facts.iter().any(|f| f.field == "guardian_phone" && f.state == "in_force") {
                fields.set(Field::GuardianPhone, text(&visit.phone));
            }
        }
        self.put(RosterKind::Contacts, last.on, key, fields, &person)
    }

    /// The row of a child's absence on a day. A child who was there has one only where an absence is put right.
    fn absence(&mut self, person: u64, on: Date) -> Result<(), OfficeError> {
        let Some(child) = self.person(person)? else { return Ok(()) };
        let parts = ["absence", &format!("{person:016x}"), &on.to_string()];
        let key = self.tx.keys().digest("entry_row", parts);
        let subject = Subject::person(person);
        let standing = self.tx.facts_about(self.county, subject, "", on, "attendance")?;
        let mut mark = None;
        if let Some(fact) = standing.last()
            && let Some(entry) = self.tx.entry(self.county, fact.entry)?
            && let Some(What::Attendance(attendance)) = What::of(&entry)
        {
            mark = attendance.marks.iter().find(|(id, _)| *id == person).map(|(_, m)| *m);
        }
        let absent = mark.filter(|m| *m != Mark::Present);
        let before = self.tx.live_of_key(self.county, RosterKind::Absences, &key)?;
        if absent.is_none() && before.is_none() {
            return Ok(());
        }
        let mut fields = self.copied(&child)?;
        fields.set(Field::AbsentFrom, day(on));
        fields.set(Field::AbsentTo, day(on));
        fields.set(Field::AbsentDays, Value::Integer(i64::from(absent.is_some())));
        let reason = mark.map_or(TAKEN_BACK, Mark::chinese);
        fields.set(Field::Reason, text(reason));
        self.put(RosterKind::Absences, on, key, fields, &child)
    }

    fn person(&mut self, id: u64) -> Result<Option<Person>, OfficeError> {
        let Some(now) = self.tx.current_person(self.county, id)? else { return Ok(None) };
        Ok(self.tx.person(self.county, now)?)
    }

    /// What is on file about a child: from the register, else from the newest row that says it.
    fn copied(&mut self, person: &Person) -> Result<Fields, OfficeError> {
        let mut fields = Fields::new();
        fields.set(Field::Name, text(&person.name));
        if let Some(id) = person.citizen_id {
            fields.set(Field::CitizenId, Value::Id(id));
        }
        if let Some(born) = person.born_on {
            fields.set(Field::BirthDate, Value::Date(born));
        }
        if let Some(sex) = person.sex {
            fields.set(Field::Sex, Value::Code(sex.code()));
        }
        let rows = self.tx.rows_of_person(self.county, person.id)?;
        let said = |field: Field| {
            newest(&rows, |kind| kind == RosterKind::Enrolments, field)
                .or_else(|| newest(&rows, |_| true, field))
        };
        for field in COPIED {
            if let Some(value) = said(field) {
                fields.set(field, value.clone());
            }
        }
        if let Some(village) = newest(&rows, |_| true, Field::Village) {
            fields.set(Field::Village, village.clone());
        }
        if let Some(school) = person.school {
            let name = ground::school_name(self.tx, self.county, school)?;
            fields.set(Field::School, text(&name));
            for (field, value) in [
                (Field::Grade, person.grade.map(|g| Value::Code(g.code()))),
                (Field::Class, person.class.as_deref().map(text)),
            ] {
                if let Some(value) = value {
                    fields.set(field, value);
                }
            }
        }
        Ok(fields)
    }

    /// Books a row, unless the live one of its key says the same.
    fn put(
        &mut self,
        kind: RosterKind,
        on: Date,
        key: [u8; 16],
        fields: Fields,
        person: &Person,
    ) -> Result<(), OfficeError> {
        let print = fingerprint(self.tx.keys(), &fields, &[]);
        let before = self.tx.live_of_key(self.county, kind, &key)?;
        if before.is_some_and(|(_, said)| said == print) {
            return Ok(());
        }
        let file = self.file_of(on)?;
        let sheet = SHEETS.iter().position(|(k, _)| *k == kind).expect("both kinds have a sheet");
        let sheet = u16::try_from(sheet).expect("two sheets");
        let rows: u64 = self
            .tx
            .query_one(
                "select rows_read from sheet where county = $1 and file_id = $2 and sheet_no = $3",
                &[self.county.into(), file.into(), sheet.into()],
                |r| r.get(0),
            )?
            .unwrap_or_default();
        let row = SourceRow {
            kind,
            sheet,
            // Below a header, as in a workbook.
            row: u32::try_from(rows + 2).expect("a month has fewer rows than 32 bits"),
            verdict: RowVerdict::Good,
            fields,
            extra: Vec::new(),
        };
        let new = NewRow {
            row: &row,
            natural_key: key,
            fingerprint: print,
            supersedes: before.map(|(id, _)| id),
        };
        let link =
            RowLink { row_id: 0, person: Some(person.id), household: None, school: person.school };
        self.tx.grow_file(self.county, file, &new, link)?;
        Ok(())
    }

    /// The file of a month, begun with its first row.
    fn file_of(&mut self, on: Date) -> Result<u64, OfficeError> {
        let name = format!("网上登记 {:04}-{:02}", on.year(), on.month());
        hand_file(self.tx, self.county, self.actor, &name, &SHEETS)
    }
}

/// The file of a name in which rows written by hand stand; begun with its first.
pub(crate) fn hand_file(
    tx: &mut Tx,
    county: u32,
    actor: &Actor,
    name: &str,
    sheets: &[(RosterKind, &str)],
) -> Result<u64, OfficeError> {
    let sha256: [u8; 32] = Sha256::digest(format!("{county} {name}")).into();
    if let Some(file) = tx.file_of_bytes(county, &sha256)? {
        return Ok(file.id);
    }
    let kinds: Vec<RosterKind> = sheets.iter().map(|(kind, _)| *kind).collect();
    let new = NewFile {
        sha256,
        name,
        office: None,
        imported_at: actor.at,
        kinds: &kinds,
        tally: Tally::default(),
    };
    let sheets: Vec<Sheet> = (0..)
        .zip(sheets)
        .map(|(number, (kind, name))| Sheet {
            number,
            name: (*name).to_owned(),
            kind: Some(*kind),
            rows_read: 0,
        })
        .collect();
    Ok(tx.add_file(county, &new, &sheets)?)
}

/// The newest value of a field in rows of some kinds.
fn newest(rows: &[StoredRow], of: impl Fn(RosterKind) -> bool, field: Field) -> Option<&Value> {
    rows.iter().rev().filter(|r| of(r.row.kind)).find_map(|r| r.row.fields.get(field))
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

fn day(on: Date) -> Value {
    Value::Date(on.to_string().parse::<PartialDate>().expect("a day is a date"))
}

/// How a contact is called in the books of everybody: of a care record only that there was a talk.
fn contact_kind(visit: &Visit) -> &'static str {
    if visit.is_care() { fujiao_model::ContactHow::School.chinese() } else { visit.how.chinese() }
}

/// What everybody may read who sees the child's page: where the child is and why, never what was said.
fn note(visit: &Visit) -> String {
    if visit.is_care() {
        return String::new();
    }
    let why: Vec<&str> = visit.why.iter().map(|w| w.chinese()).collect();
    let now = visit.now.map_or("", fujiao_model::ChildNow::chinese);
    match (now.is_empty(), why.is_empty()) {
        (_, true) => now.to_owned(),
        (true, false) => why.join("、"),
        (false, false) => format!("{now}：{}", why.join("、")),
    }
}
