use fujiao_ledger::sample::{Aim, draw, share, size};
use fujiao_store::{
    Grievance, NewGrievance, Recognition, RecognitionStep, Sample, SampleLine, StoreError, Tx,
};
use jiff::civil::Date;
use sha2::{Digest as _, Sha256};

use super::{AidError, batch_of, must_hold_the_county, note, reason, within};
use crate::access::{Actor, Right};
use crate::corrections::signed;
use crate::{Office, OfficeError};

/// Levels of hardship (教财〔2018〕16号), the heaviest first, and none.
pub const LEVELS: [(&str, &str); 4] =
    [("severe", "特别困难"), ("moderate", "困难"), ("general", "一般困难"), ("none", "不困难")];

/// Categories of complaints, each with a clock in `policies/county/parameters.toml`.
pub const CATEGORIES: [(&str, &str); 5] = [
    ("money", "没收到钱"),
    ("amount", "数额不对"),
    ("recognition", "认定有异议"),
    ("privacy", "泄露隐私"),
    ("conduct", "办事态度、收费"),
];

/// A step of a recognition, as somebody asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecognitionMove<'a> {
    /// 班级评议
    Class(&'a str),
    /// 学校认定
    School(&'a str),
    /// 公示
    Publish,
    /// 申诉
    Appeal(&'a str),
    /// 定级, with a reason
    Decide(&'a str, &'a str),
}

/// A complaint or a question.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewComplaint {
    /// Its category.
    pub category: String,
    /// About whom.
    pub person: Option<u64>,
    /// What was said.
    pub said: String,
    /// Who said it and their phone.
    pub from: String,
}

/// What a sample says of all who were paid.
#[derive(Clone, Debug, PartialEq)]
pub struct SampleResult {
    /// The sample.
    pub sample: Sample,
    /// The share of those asked to whom the money came; `None`: nobody answered.
    pub came: Option<f64>,
    /// The interval, as shares.
    pub interval: (f64, f64),
}

impl Office {
    /// Begins the recognition of a pupil for a school year: by the family's application, or by a department's certificate.
    ///
    /// # Errors
    /// [`AidError::OutOfTurn`] if there is one; [`AidError::NoSuchLine`] for somebody who is not theirs.
    pub fn recognise(
        &self,
        actor: &Actor,
        person: u64,
        school_year: i16,
        certificate: Option<&str>,
    ) -> Result<u64, OfficeError> {
        actor.must(Right::Recognise)?;
        let by = signed(actor);
        let county = self.county_code()?;
        self.store.write(|tx| {
            must_reach(tx, county, actor, Right::Recognise, person)?;
            let year = tx.recognitions(county, school_year, super::ALL)?;
            if year.iter().any(|r| r.person == person) {
                return Err(AidError::OutOfTurn("这个学年已经有一份认定".into()).into());
            }
            let certificate = certificate.map(str::trim).filter(|d| !d.is_empty());
            let id =
                tx.add_recognition(county, (person, school_year), certificate, actor.today(), &by)?;
            note(tx, county, actor, "recognition", &format!("recognition {id}"), "applied")?;
            Ok(id)
        })
    }

    /// Takes a step of a recognition.
    ///
    /// # Errors
    /// [`AidError::OutOfTurn`] where the step does not follow.
    pub fn step_recognition(
        &self,
        actor: &Actor,
        id: u64,
        school_year: i16,
        step: RecognitionMove<'_>,
    ) -> Result<(), OfficeError> {
        actor.must(Right::Recognise)?;
        let county = self.county_code()?;
        let today = actor.today();
        let until = self.aid_calendar().last_of(today, self.notice_days(today));
        self.store.write(|tx| {
            let of = tx
                .recognitions(county, school_year, super::ALL)?
                .into_iter()
                .find(|r| r.id == id)
                .ok_or(AidError::NoSuchLine)?;
            must_reach(tx, county, actor, Right::Recognise, of.person)?;
            let out = |why: &str| OfficeError::from(AidError::OutOfTurn(why.to_owned()));
            let level = |level: &str| {
                let known = LEVELS.iter().any(|(code, _)| *code == level);
                if known {
                    Ok(())
                } else {
                    Err(AidError::Form { field: "level", reason: "选一个等级".into() })
                }
            };
            let told;
            let step = match step {
                RecognitionMove::Class(to) => {
                    level(to)?;
                    RecognitionStep::Class(to)
                }
                RecognitionMove::School(to) => {
                    level(to)?;
                    if of.class.is_none() {
                        return Err(out("先由班级评议"));
                    }
                    RecognitionStep::School(to)
                }
                RecognitionMove::Publish => {
                    if of.school.is_none() {
                        return Err(out("先由学校认定"));
                    }
                    RecognitionStep::Published(until.map_err(AidError::from)?)
                }
                RecognitionMove::Appeal(said) => {
                    if of.published.is_none() {
                        return Err(out("还没有公示"));
                    }
                    told = reason(said)?;
                    RecognitionStep::Appealed(&told)
                }
                RecognitionMove::Decide(to, why) => {
                    level(to)?;
                    match of.published {
                        None => return Err(out("先公示")),
                        Some((_, until)) if today <= until => {
                            return Err(out(&format!("公示到 {until} 止，过了这一天才能定")));
                        }
                        Some(_) => {}
                    }
                    told = reason(why)?;
                    RecognitionStep::Decided(to, &told)
                }
            };
            if !tx.step_recognition(county, id, step, today, &signed(actor)).map_err(own_word)? {
                return Err(out("这一步已经办过，或已经定了级"));
            }
            note(tx, county, actor, "recognition", &format!("recognition {id}"), "step")?;
            Ok(())
        })
    }

    /// Recognitions of a school year that somebody has to do with.
    ///
    /// # Errors
    /// What the store says.
    pub fn recognitions(
        &self,
        actor: &Actor,
        school_year: i16,
    ) -> Result<Vec<Recognition>, OfficeError> {
        actor.must(Right::Recognise)?;
        let county = self.county_code()?;
        let (sql, args) = within(actor, Right::Recognise, 3);
        Ok(self.store.read(|tx| tx.recognitions(county, school_year, (&sql, &args)))?)
    }

    /// Takes down a complaint; its number and the day by which it is to be answered.
    ///
    /// # Errors
    /// [`AidError`].
    pub fn complain(&self, actor: &Actor, new: &NewComplaint) -> Result<(u64, Date), OfficeError> {
        actor.must(Right::Grievances)?;
        let form = |field, reason: &str| AidError::Form { field, reason: reason.to_owned() };
        if !CATEGORIES.iter().any(|(code, _)| *code == new.category) {
            return Err(form("category", "选一类").into());
        }
        let said =
            crate::corrections::written(&new.said).ok_or_else(|| form("said", "写上说了什么"))?;
        let today = actor.today();
        let days = self.rules.policies.number(&format!("grievance_days_{}", new.category), today);
        let days = u32::try_from(days.unwrap_or(10)).unwrap_or(10);
        // The day itself does not count.
        let due_on = self.aid_calendar().last_of(today, days + 1).map_err(AidError::from)?;
        let county = self.county_code()?;
        self.store.write(|tx| {
            match new.person {
                Some(person) => must_reach(tx, county, actor, Right::Grievances, person)?,
                None if actor.scope(Right::Grievances).is_whole() => {}
                None => return Err(form("person", "写明是哪个学生的事").into()),
            }
            let new = NewGrievance {
                category: &new.category,
                person: new.person,
                said: &said,
                from: new.from.trim(),
                received_on: today,
                due_on,
            };
            let id = tx.add_grievance(county, &new, &signed(actor))?;
            note(tx, county, actor, "grievance", &format!("grievance {id}"), new.category)?;
            Ok((id, due_on))
        })
    }

    /// Answers a complaint.
    ///
    /// # Errors
    /// [`AidError::NoSuchLine`] where none of theirs waits.
    pub fn answer_complaint(
        &self,
        actor: &Actor,
        id: u64,
        answer: &str,
    ) -> Result<(), OfficeError> {
        actor.must(Right::Grievances)?;
        let answer = reason(answer)?;
        let county = self.county_code()?;
        let (sql, args) = within(actor, Right::Grievances, 2);
        self.store.write(|tx| {
            let theirs = tx.grievances(county, (&sql, &args))?.into_iter().any(|g| g.id == id);
            if !theirs
                || !tx.answer_grievance(county, id, actor.today(), &answer, &signed(actor))?
            {
                return Err(AidError::NoSuchLine.into());
            }
            note(tx, county, actor, "grievance", &format!("grievance {id}"), "answered")?;
            Ok(())
        })
    }

    /// Complaints that somebody has to do with; those that wait first.
    ///
    /// # Errors
    /// What the store says.
    pub fn complaints(&self, actor: &Actor) -> Result<Vec<Grievance>, OfficeError> {
        actor.must(Right::Grievances)?;
        let county = self.county_code()?;
        let (sql, args) = within(actor, Right::Grievances, 2);
        Ok(self.store.read(|tx| tx.grievances(county, (&sql, &args)))?)
    }

    /// Draws a sample of those whom a batch paid, as large as confidence and margin ask for. The seed follows from the batch, the
    /// day and the number of the sample, so that anybody can draw the same again.
    ///
    /// # Errors
    /// [`AidError::OutOfTurn`] where nobody was paid.
    pub fn draw_sample(&self, actor: &Actor, batch: u64) -> Result<u64, OfficeError> {
        let by = must_hold_the_county(actor, Right::Prepare)?;
        let county = self.county_code()?;
        let percent = |key: &str, or: i64| {
            let n = self.rules.policies.number(key, actor.today()).unwrap_or(or);
            #[expect(clippy::cast_precision_loss, reason = "a percentage")]
            let share = n as f64 / 100.0;
            share
        };
        let aim = Aim {
            confidence: percent("sample_confidence_percent", 95),
            margin: percent("sample_margin_percent", 5),
        };
        self.store.write(|tx| {
            batch_of(tx, county, batch)?;
            let paid = tx.aid_paid_of(county, batch)?;
            if paid.is_empty() {
                return Err(AidError::OutOfTurn("这一批还没有发到手的".into()).into());
            }
            let n = size(paid.len() as u64, aim)
                .map_err(|e| AidError::Form { field: "confidence", reason: e.to_string() })?;
            let number = tx.samples(county, batch)?.len();
            let hash = Sha256::digest(format!("{county} {batch} {number} {}", actor.today()));
            let seed = u64::from_be_bytes(hash[..8].try_into().expect("eight of thirty-two")) >> 1;
            let drawn: Vec<u64> = draw(paid.len(), usize::try_from(n).unwrap_or(usize::MAX), seed)
                .into_iter()
                .map(|at| paid[at])
                .collect();
            let new = Sample {
                id: 0,
                batch,
                seed,
                confidence: aim.confidence,
                margin: aim.margin,
                population: paid.len() as u64,
                size: n,
                made_on: String::new(),
                answers: [0; 4],
            };
            let id = tx.add_sample(county, &new, &drawn, &by)?;
            note(
                tx,
                county,
                actor,
                "sample",
                &format!("sample {id}"),
                &format!("batch {batch} of {}", paid.len()),
            )?;
            Ok(id)
        })
    }

    /// Notes what somebody of a sample said: `came`, `not_came`, `other_amount`, `unreached`.
    ///
    /// # Errors
    /// [`AidError::NoSuchLine`] for somebody who is not in it.
    pub fn answer_sample(
        &self,
        actor: &Actor,
        sample: u64,
        payment: u64,
        answer: &str,
    ) -> Result<(), OfficeError> {
        let by = must_hold_the_county(actor, Right::Prepare)?;
        if !["came", "not_came", "other_amount", "unreached"].contains(&answer) {
            return Err(AidError::Form { field: "answer", reason: "选一个答复".into() }.into());
        }
        let county = self.county_code()?;
        self.store.write(|tx| {
            if !tx.answer_sample(county, (sample, payment), answer, actor.today(), &by)? {
                return Err(AidError::NoSuchLine.into());
            }
            note(tx, county, actor, "sample", &format!("sample {sample}"), answer)?;
            Ok(())
        })
    }

    /// Those whom a sample asks.
    ///
    /// # Errors
    /// What the store says.
    pub fn sample_lines(&self, actor: &Actor, sample: u64) -> Result<Vec<SampleLine>, OfficeError> {
        must_hold_the_county(actor, Right::Prepare)?;
        let county = self.county_code()?;
        Ok(self.store.read(|tx| tx.sample_lines(county, sample))?)
    }

    pub(super) fn sample_results(
        tx: &mut Tx,
        county: u32,
        batch: u64,
    ) -> Result<Vec<SampleResult>, OfficeError> {
        let results = tx.samples(county, batch)?.into_iter().map(|sample| {
            let [came, not, other, _] = sample.answers;
            let of =
                share(came, came + not + other, sample.size, sample.population, sample.confidence);
            let (came, interval) = of.map_or((None, (0.0, 1.0)), |s| (s.share, (s.low, s.high)));
            SampleResult { sample, came, interval }
        });
        Ok(results.collect())
    }

    fn notice_days(&self, day: Date) -> u32 {
        let days = self.rules.policies.number("notice_working_days", day).unwrap_or(5);
        u32::try_from(days).unwrap_or(5)
    }
}

/// The engine's refusal of a school that judges its own class's word, in words.
fn own_word(error: StoreError) -> OfficeError {
    match error {
        StoreError::Engine(_) => {
            AidError::OutOfTurn("评议的人不能自己再作认定，定级要在公示期满以后".into()).into()
        }
        other => other.into(),
    }
}

fn must_reach(
    tx: &mut Tx,
    county: u32,
    actor: &Actor,
    right: Right,
    person: u64,
) -> Result<(), OfficeError> {
    let (sql, args) = within(actor, right, 3);
    if tx.person_within(county, person, (&sql, &args))? {
        Ok(())
    } else {
        Err(AidError::NoSuchLine.into())
    }
}
