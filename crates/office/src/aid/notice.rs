use fujiao_ledger::batch::{BatchStep, advance};
use fujiao_store::{AidBatch, AidLine, LineFilter, Objection, Publication, Tx};
use jiff::civil::{Date, Weekday};
use sha2::{Digest as _, Sha256};

use super::{ALL, AidError, batch_of, facts_of, must_hold_the_county, note, reason};
use crate::access::{Actor, Right};
use crate::desk::Title;
use crate::{Office, OfficeError};

/// What a notice may show: nothing else is ever read into one (教财厅函〔2017〕28号).
const SHOWS: [&str; 4] = ["school", "grade", "class", "name"];

/// A digit run as long as this says who somebody is: it is never shown.
const LONGEST_NUMBER: usize = 6;

/// What hangs on the wall and stands on the web, from the first to the last day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The county.
    pub county: String,
    /// A made county.
    pub sample: bool,
    /// The programme.
    pub title: Title,
    /// The period.
    pub period: String,
    /// The batch's number in its cycle.
    pub number: u64,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub until: Date,
    /// Working days of these.
    pub working_days: u32,
    /// The last day is over: nothing is shown any more.
    pub over: bool,
    /// By school, grade, class and name.
    pub lines: Vec<NoticeLine>,
}

/// One line of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NoticeLine {
    /// The school.
    pub school: String,
    /// Code of the grade.
    pub grade: String,
    /// The class.
    pub class: String,
    /// The name, masked where the county asks for it.
    pub name: String,
}

impl NoticeLine {
    /// The four columns of a line, and no number that says who somebody is.
    pub(super) fn of(line: &AidLine, masked: bool) -> Self {
        let name = if masked { masked_name(&line.name) } else { line.name.clone() };
        let clean = |text: &str| without_numbers(text);
        Self {
            school: clean(&line.school_name),
            grade: line.grade.clone(),
            class: clean(&line.class),
            name: clean(&name),
        }
    }
}

impl Office {
    /// Hangs a batch out; its publication. Without an end it is as long as it must be.
    ///
    /// # Errors
    /// [`AidError::Holds`] while something found waits; [`AidError::Short`] for too few working days.
    pub fn aid_publish(
        &self,
        actor: &Actor,
        batch: u64,
        from: Option<Date>,
        until: Option<Date>,
    ) -> Result<Publication, OfficeError> {
        let by = must_hold_the_county(actor, Right::Prepare)?;
        let county = self.county_code()?;
        let today = actor.today();
        let from = from.unwrap_or(today);
        if from < today {
            let reason = "不能早于今天".to_owned();
            return Err(AidError::Form { field: "from", reason }.into());
        }
        let least = self.rules.policies.number("notice_working_days", from).unwrap_or(5);
        let least = u32::try_from(least).unwrap_or(5);
        let calendar = self.aid_calendar();
        let (until, has) = match until {
            None => (calendar.last_of(from, least).map_err(AidError::from)?, least),
            // Of a year whose holidays nobody has entered, who gives the end answers for them.
            Some(until) => {
                (until, calendar.between(from, until).unwrap_or_else(|_| weekdays(from, until)))
            }
        };
        if has < least {
            return Err(AidError::Short { from, until, least, has }.into());
        }
        let masked = self.rules.policies.number("notice_masks_names", from) == Some(1);
        let mut token = [0; 16];
        getrandom::fill(&mut token)
            .map_err(|e| fujiao_store::StoreError::Randomness(e.to_string()))?;
        let token = format!("{:024x}", u128::from_be_bytes(token) >> 32);
        self.store.write(|tx| {
            let of = batch_of(tx, county, batch)?;
            let facts = facts_of(tx, county, &of)?;
            if facts.step != BatchStep::Checked {
                return Err(AidError::NotNow { at: facts.step, asked: "公示" }.into());
            }
            advance(&facts, today).map_err(AidError::Holds)?;
            let lines = notice_lines(tx, county, &of, masked)?;
            tx.add_aid_step(county, batch, BatchStep::Published.number(), &by, "")?;
            let mut new = Publication {
                id: 0,
                batch,
                token,
                from,
                until,
                working_days: has,
                shows: SHOWS.map(str::to_owned).to_vec(),
                masked,
                lines: lines.len() as u64,
                sha256: digest(&lines),
            };
            new.id = tx.add_aid_publication(county, &new)?;
            let detail = format!("{from} {until} working days {has} lines {}", new.lines);
            note(tx, county, actor, "aid publish", &format!("batch {batch}"), &detail)?;
            Ok(new)
        })
    }

    /// The notice at an address on a day, for anybody; `None` if there is none, or it does not hang yet. After its last day it
    /// shows no line.
    ///
    /// # Errors
    /// What the store says.
    pub fn aid_notice(&self, token: &str, today: Date) -> Result<Option<Notice>, OfficeError> {
        let county = self.county_code()?;
        self.store.read(|tx| {
            let Some(of) = tx.aid_publication_at(county, token)?.filter(|p| p.from <= today) else {
                return Ok(None);
            };
            let batch = batch_of(tx, county, of.batch)?;
            let over = of.until < today || batch.withdrawn.is_some();
            let lines =
                if over { Vec::new() } else { notice_lines(tx, county, &batch, of.masked)? };
            let of_county = tx.counties()?.into_iter().find(|c| c.code == county);
            Ok(Some(Notice {
                county: of_county.as_ref().map(|c| c.name.clone()).unwrap_or_default(),
                sample: of_county.is_some_and(|c| c.made),
                title: self.rules.titles.title(&batch.programme),
                period: batch.period.clone(),
                number: batch.number,
                from: of.from,
                until: of.until,
                working_days: of.working_days,
                over,
                lines,
            }))
        })
    }

    /// Takes down an objection to a batch that hangs; its number.
    ///
    /// # Errors
    /// [`AidError`].
    pub fn aid_object(
        &self,
        actor: &Actor,
        batch: u64,
        line: Option<u64>,
        channel: &str,
        said: &str,
    ) -> Result<u64, OfficeError> {
        let by = must_hold_the_county(actor, Right::Prepare)?;
        let said = reason(said)?;
        let channel = if CHANNELS.contains(&channel) { channel } else { CHANNELS[0] };
        let county = self.county_code()?;
        self.store.write(|tx| {
            let of = batch_of(tx, county, batch)?;
            if of.step != BatchStep::Published.number() || of.withdrawn.is_some() {
                let at = BatchStep::of(of.step).ok_or(AidError::NoSuchBatch)?;
                return Err(AidError::NotNow { at, asked: "登记异议" }.into());
            }
            if let Some(line) = line {
                let filter =
                    LineFilter { after: line.saturating_sub(1), limit: 1, ..LineFilter::default() };
                let known = tx.aid_lines(county, batch, &filter, ALL)?;
                if known.first().map(|l| l.id) != Some(line) {
                    return Err(AidError::NoSuchLine.into());
                }
            }
            let new = Objection {
                id: 0,
                batch,
                line,
                said_on: actor.today(),
                channel: channel.to_owned(),
                said,
                decided: None,
            };
            let id = tx.add_aid_objection(county, &new, &by)?;
            note(
                tx,
                county,
                actor,
                "aid object",
                &format!("batch {batch}"),
                &format!("objection {id}"),
            )?;
            Ok(id)
        })
    }

    /// Decides about an objection. One that is upheld about a line leaves the line out.
    ///
    /// # Errors
    /// [`AidError::NoSuchLine`] where none waits.
    pub fn aid_answer_objection(
        &self,
        actor: &Actor,
        id: u64,
        upheld: bool,
        why: &str,
    ) -> Result<(), OfficeError> {
        let by = must_hold_the_county(actor, Right::Prepare)?;
        let why = reason(why)?;
        let county = self.county_code()?;
        self.store.write(|tx| {
            let of = tx.aid_objection(county, id)?.ok_or(AidError::NoSuchLine)?;
            if !tx.decide_aid_objection(county, id, upheld, &why, &by)? {
                return Err(AidError::NoSuchLine.into());
            }
            if let (true, Some(line)) = (upheld, of.line) {
                tx.leave_aid_line_out(county, of.batch, line, &by, &why)?;
            }
            let word = if upheld { "upheld" } else { "dismissed" };
            note(tx, county, actor, "aid objection", &format!("objection {id}"), word)?;
            Ok(())
        })
    }
}

/// How an objection can come.
pub(crate) const CHANNELS: [&str; 4] = ["visit", "phone", "letter", "web"];

fn notice_lines(
    tx: &mut Tx,
    county: u32,
    batch: &AidBatch,
    masked: bool,
) -> Result<Vec<NoticeLine>, OfficeError> {
    let lines = tx.aid_lines(county, batch.id, &LineFilter::default(), ALL)?;
    let mut lines: Vec<NoticeLine> = lines.iter().map(|l| NoticeLine::of(l, masked)).collect();
    lines.sort();
    Ok(lines)
}

fn digest(lines: &[NoticeLine]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for line in lines {
        for text in [&line.school, &line.grade, &line.class, &line.name] {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text);
        }
    }
    hash.finalize().into()
}

fn weekdays(from: Date, until: Date) -> u32 {
    let mut days = 0;
    let mut day = from;
    while day <= until {
        days += u32::from(!matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday));
        let Ok(next) = day.tomorrow() else { break };
        day = next;
    }
    days
}

/// 张*禾, 欧*: the first character, a star, and the last of three and more.
fn masked_name(name: &str) -> String {
    let all: Vec<char> = name.chars().collect();
    match all[..] {
        [] => String::new(),
        [one] => one.to_string(),
        [first, _] => format!("{first}*"),
        [first, .., last] => format!("{first}{}{last}", "*".repeat(all.len() - 2)),
    }
}

/// A text without runs of digits that could be an id, a phone, an account or a birth date; full-width digits count.
fn without_numbers(text: &str) -> String {
    let is_digit =
        |c: &char| c.is_ascii_digit() || ('０'..='９').contains(c) || matches!(c, 'x' | 'X');
    // What people put between digits does not end a number.
    let joins = |c: &char| matches!(c, ' ' | '-' | '－' | '.' | '\u{3000}');
    let all: Vec<char> = text.chars().collect();
    let mut out = String::new();
    let mut at = 0;
    while at < all.len() {
        let mut end = at;
        let mut digits = 0;
        while end < all.len() && (is_digit(&all[end]) || (digits > 0 && joins(&all[end]))) {
            digits += usize::from(is_digit(&all[end]));
            end += 1;
        }
        if digits >= LONGEST_NUMBER {
            out.push('…');
            at = end;
        } else {
            let end = end.max(at + 1);
            out.extend(&all[at..end]);
            at = end;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use fujiao_model::CitizenId;
    use proptest::prelude::*;

    use super::*;

    fn line(name: &str, school: &str, class: &str) -> AidLine {
        AidLine {
            id: 1,
            batch: 1,
            person: 7,
            part: 1,
            owed: 62_500,
            amount: 62_500,
            rule: "r".into(),
            basis: "b".into(),
            facts: "孤儿、残疾".into(),
            place: None,
            name: name.into(),
            school: None,
            school_name: school.into(),
            grade: "P3".into(),
            class: class.into(),
            out: None,
            payment: None,
            paid_on: None,
            trouble: None,
        }
    }

    /// Anything that could be an id, a phone, an account or a birth date.
    fn has_a_number(text: &str) -> bool {
        let digits: Vec<bool> = text
            .chars()
            .filter(|c| !matches!(c, ' ' | '-' | '－' | '.' | '\u{3000}'))
            .map(|c| c.is_ascii_digit() || ('０'..='９').contains(&c))
            .collect();
        digits.split(|d| !d).any(|run| run.len() >= LONGEST_NUMBER)
    }

    #[test]
    fn names_are_masked_where_the_county_asks_for_it() {
        for (name, masked) in
            [("", ""), ("张", "张"), ("张禾", "张*"), ("张晓禾", "张*禾"), ("欧阳晓禾", "欧**禾")]
        {
            assert_eq!(masked_name(name), masked);
        }
        assert_eq!(without_numbers("（1）班 2023级"), "（1）班 2023级");
    }

    proptest! {
        /// However ids, phones, accounts and birth dates got into names, schools and classes, none stands on a notice; nor do
        /// the reasons of hardship.
        #[test]
        fn no_number_of_a_person_stands_on_a_notice(
            sequence in 0_u16..1000, phone in "1[3-9][0-9]{9}", account in "[0-9]{8,19}", at in 0_usize..4, masked: bool,
            gap in "[ .-]?", full: bool,
        ) {
            let id = CitizenId::compose(619_901, jiff::civil::date(2012, 9, 1), sequence);
            let mut number = [id.reveal(), &phone, &account, "2012-09-01"][at].to_owned();
            if number.len() > 6 {
                number.insert_str(4, &gap);
            }
            if full {
                number = number.chars().map(|c| match c {
                    '0'..='9' => char::from_u32(c as u32 - '0' as u32 + '０' as u32).unwrap(),
                    c => c,
                }).collect();
            }
            let of = line(&format!("张{number}三"), &format!("青石镇小学{number}"), &format!("{number}班"));
            let shown = NoticeLine::of(&of, masked);
            for text in [&shown.name, &shown.school, &shown.class, &shown.grade] {
                prop_assert!(!has_a_number(text), "{text}");
                prop_assert!(!text.contains("孤儿"));
            }
        }
    }
}
