//! Who is in hardship, who complains, and who is asked whether the money came.

use jiff::civil::Date;

use super::day;
use crate::{Row, Signed, StoreError, Tx, V};

/// 认定: a pupil's hardship for a school year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recognition {
    /// From 1 within the county.
    pub id: u64,
    /// The pupil.
    pub person: u64,
    /// Their name in the register.
    pub name: String,
    /// The year in which the school year begins.
    pub school_year: i16,
    /// A department certified it; otherwise the family applied.
    pub certificate: bool,
    /// The department's document.
    pub document: String,
    /// When the family applied.
    pub applied_on: Date,
    /// Day and level of the class's review.
    pub class: Option<(Date, String)>,
    /// Day and level of the school's.
    pub school: Option<(Date, String)>,
    /// First and last day of its notice.
    pub published: Option<(Date, Date)>,
    /// Day and words of an appeal.
    pub appeal: Option<(Date, String)>,
    /// Day, level and reason of the decision.
    pub decided: Option<(Date, String, String)>,
}

/// A step of a recognition.
#[derive(Clone, Copy, Debug)]
pub enum RecognitionStep<'a> {
    /// The class proposes a level.
    Class(&'a str),
    /// The school does.
    School(&'a str),
    /// It hangs out until a day.
    Published(Date),
    /// The family appeals.
    Appealed(&'a str),
    /// The level for the school year, and why.
    Decided(&'a str, &'a str),
}

/// A complaint or a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grievance {
    /// From 1 within the county.
    pub id: u64,
    /// Its category, which sets its clock.
    pub category: String,
    /// About whom.
    pub person: Option<u64>,
    /// Their name in the register.
    pub name: String,
    /// What was said.
    pub said: String,
    /// When.
    pub received_on: Date,
    /// By when it is to be answered.
    pub due_on: Date,
    /// Day and words of the answer.
    pub answered: Option<(Date, String)>,
}

/// A complaint to be kept.
#[derive(Clone, Copy, Debug)]
pub struct NewGrievance<'a> {
    /// Its category.
    pub category: &'a str,
    /// About whom.
    pub person: Option<u64>,
    /// What was said, without whole numbers.
    pub said: &'a str,
    /// Who said it, and their phone: sealed at rest.
    pub from: &'a str,
    /// When.
    pub received_on: Date,
    /// By when it is to be answered.
    pub due_on: Date,
}

/// A random sample of those who were paid.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// From 1 within the county.
    pub id: u64,
    /// The batch.
    pub batch: u64,
    /// The seed by which it was drawn.
    pub seed: u64,
    /// Confidence: 0.95.
    pub confidence: f64,
    /// Margin: 0.05.
    pub margin: f64,
    /// How many were paid.
    pub population: u64,
    /// How many are asked.
    pub size: u64,
    /// Day of the drawing.
    pub made_on: String,
    /// Answers so far: came, not come, another amount, not reached.
    pub answers: [u64; 4],
}

/// Somebody who is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleLine {
    /// The payment.
    pub payment: u64,
    /// To whom.
    pub person: u64,
    /// Their name.
    pub name: String,
    /// Their school.
    pub school: String,
    /// Fen.
    pub amount: i64,
    /// What they said: `came`, `not_came`, `other_amount`, `unreached`.
    pub answer: Option<String>,
}

const RECOGNITION: &str = "r.recognition_id, r.person_id, coalesce(p.name, ''), r.school_year, r.route, r.document, \
     r.applied_on, r.class_on, r.class_level, r.school_on, r.school_level, r.published_on, r.published_until, \
     r.appealed_on, r.appeal, r.decided_on, r.level, r.decided_why";

impl Tx<'_> {
    /// Whether somebody is in the register and fits a condition on persons with alias `p`, with arguments from `$3` on.
    ///
    /// # Errors
    /// What the engine says.
    pub fn person_within(
        &mut self,
        county: u32,
        person: u64,
        within: (&str, &[V<'static>]),
    ) -> Result<bool, StoreError> {
        let mut args: Vec<V> = vec![county.into(), person.into()];
        args.extend_from_slice(within.1);
        let sql = format!(
            "select 1 from person p where p.county = $1 and p.person_id = $2 and {}",
            within.0
        );
        Ok(self.query_one(&sql, &args, |_| Ok(()))?.is_some())
    }

    /// Begins a recognition; its id.
    ///
    /// # Errors
    /// [`StoreError::Unique`] if there is one for the school year.
    pub fn add_recognition(
        &mut self,
        county: u32,
        (person, school_year): (u64, i16),
        certificate: Option<&str>,
        on: Date,
        by: &Signed,
    ) -> Result<u64, StoreError> {
        let id = self.next(county, "aid_recognition", "recognition_id")?;
        self.execute(
            "insert into aid_recognition (county, recognition_id, person_id, school_year, route, document, applied_on,
                                          applied_by)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
            &[
                county.into(),
                id.into(),
                person.into(),
                school_year.into(),
                (if certificate.is_some() { "certificate" } else { "application" }).into(),
                certificate.unwrap_or_default().into(),
                on.to_string().into(),
                (&by.login).into(),
            ],
        )?;
        Ok(id)
    }

    /// Takes a step of a recognition that it has not taken; `false` if it has.
    ///
    /// # Errors
    /// The engine refuses a step whose ground is missing, a decision during the notice, and a class that judges for its
    /// school.
    pub fn step_recognition(
        &mut self,
        county: u32,
        id: u64,
        step: RecognitionStep,
        on: Date,
        by: &Signed,
    ) -> Result<bool, StoreError> {
        let on = on.to_string();
        let (set, empty, values): (&str, &str, Vec<V>) = match step {
            RecognitionStep::Class(level) => {
                ("class_on = $3, class_by = $4, class_level = $5", "class_on", vec![level.into()])
            }
            RecognitionStep::School(level) => (
                "school_on = $3, school_by = $4, school_level = $5",
                "school_on",
                vec![level.into()],
            ),
            RecognitionStep::Published(until) => (
                "published_on = $3, published_by = $4, published_until = $5",
                "published_on",
                vec![until.to_string().into()],
            ),
            RecognitionStep::Appealed(said) => (
                "appealed_on = $3, appealed_by = $4, appeal = $5",
                "appealed_on",
                vec![said.into()],
            ),
            RecognitionStep::Decided(level, why) => (
                "decided_on = $3, decided_by = $4, level = $5, decided_why = $6",
                "decided_on",
                vec![level.into(), why.into()],
            ),
        };
        let mut args: Vec<V> = vec![county.into(), id.into(), on.into(), (&by.login).into()];
        args.extend(values);
        let sql = format!(
            "update aid_recognition set {set} where county = $1 and recognition_id = $2 and {empty} is null
                and decided_on is null"
        );
        Ok(self.execute(&sql, &args)? == 1)
    }

    /// Recognitions of a school year, newest first. `within`: a condition on persons with alias `p`, with arguments from
    /// `$3` on.
    ///
    /// # Errors
    /// What the engine says.
    pub fn recognitions(
        &mut self,
        county: u32,
        school_year: i16,
        within: (&str, &[V<'static>]),
    ) -> Result<Vec<Recognition>, StoreError> {
        let sql = format!(
            "select {RECOGNITION} from aid_recognition r
               left join person p on p.county = r.county and p.person_id = r.person_id
              where r.county = $1 and r.school_year = $2 and {} order by r.recognition_id desc",
            within.0
        );
        let mut args: Vec<V> = vec![county.into(), school_year.into()];
        args.extend_from_slice(within.1);
        self.query(&sql, &args, recognition)
    }

    /// What was decided: person, school year, level.
    ///
    /// # Errors
    /// What the engine says.
    pub fn recognised(&mut self, county: u32) -> Result<Vec<(u64, i16, String)>, StoreError> {
        self.query(
            "select person_id, school_year, level from aid_recognition
              where county = $1 and decided_on is not null order by person_id, school_year",
            &[county.into()],
            |r| {
                let year = i16::try_from(r.get::<i32>(1)?).map_err(|_| r.bad(1))?;
                Ok((r.get(0)?, year, r.get(2)?))
            },
        )
    }

    /// Takes down a complaint; its id.
    ///
    /// # Errors
    /// What the engine says.
    pub fn add_grievance(
        &mut self,
        county: u32,
        new: &NewGrievance,
        by: &Signed,
    ) -> Result<u64, StoreError> {
        let id = self.next(county, "aid_grievance", "grievance_id")?;
        let context = format!("aid_grievance {county} {id}");
        let sealed = (!new.from.is_empty())
            .then(|| self.keys().seal(new.from.as_bytes(), context.as_bytes()));
        self.execute(
            "insert into aid_grievance (county, grievance_id, category, person_id, said, sealed, received_on, due_on, taken_by)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            &[
                county.into(),
                id.into(),
                new.category.into(),
                new.person.into(),
                new.said.into(),
                sealed.into(),
                new.received_on.to_string().into(),
                new.due_on.to_string().into(),
                (&by.login).into(),
            ],
        )?;
        Ok(id)
    }

    /// Answers a complaint; `false` if there is none that waits.
    ///
    /// # Errors
    /// What the engine says.
    pub fn answer_grievance(
        &mut self,
        county: u32,
        id: u64,
        on: Date,
        answer: &str,
        by: &Signed,
    ) -> Result<bool, StoreError> {
        let changed = self.execute(
            "update aid_grievance set answered_on = $3, answer = $4, answered_by = $5
              where county = $1 and grievance_id = $2 and answered_on is null",
            &[county.into(), id.into(), on.to_string().into(), answer.into(), (&by.login).into()],
        )?;
        Ok(changed == 1)
    }

    /// Complaints: those that wait first, by the day on which they are due. `within`: as for [`Tx::recognitions`], from `$2`
    /// on.
    ///
    /// # Errors
    /// What the engine says.
    pub fn grievances(
        &mut self,
        county: u32,
        within: (&str, &[V<'static>]),
    ) -> Result<Vec<Grievance>, StoreError> {
        let mut args: Vec<V> = vec![county.into()];
        args.extend_from_slice(within.1);
        let sql = format!(
            "select g.grievance_id, g.category, g.person_id, coalesce(p.name, ''), g.said, g.received_on, g.due_on,
                    g.answered_on, g.answer
               from aid_grievance g
               left join person p on p.county = g.county and p.person_id = g.person_id
              where g.county = $1 and {}
              order by case when g.answered_on is null then 0 else 1 end, g.due_on, g.grievance_id",
            within.0
        );
        self.query(&sql, &args, |r| {
            let answered = match day(r, 7)? {
                None => None,
                Some(on) => Some((on, r.get(8)?)),
            };
            Ok(Grievance {
                id: r.get(0)?,
                category: r.get(1)?,
                person: r.get(2)?,
                name: r.get(3)?,
                said: r.get(4)?,
                received_on: day(r, 5)?.ok_or_else(|| r.bad(5))?,
                due_on: day(r, 6)?.ok_or_else(|| r.bad(6))?,
                answered,
            })
        })
    }

    /// Payments of a batch that were made, by number: the population of a sample.
    ///
    /// # Errors
    /// What the engine says.
    pub fn aid_paid_of(&mut self, county: u32, batch: u64) -> Result<Vec<u64>, StoreError> {
        self.query(
            "select payment_id from aid_payment where county = $1 and batch_id = $2 and state = 'paid' order by payment_id",
            &[county.into(), batch.into()],
            |r| r.get(0),
        )
    }

    /// Keeps a sample; its id.
    ///
    /// # Errors
    /// What the engine says.
    pub fn add_sample(
        &mut self,
        county: u32,
        new: &Sample,
        drawn: &[u64],
        by: &Signed,
    ) -> Result<u64, StoreError> {
        let id = self.next(county, "aid_sample", "sample_id")?;
        self.execute(
            "insert into aid_sample (county, sample_id, batch_id, seed, confidence, margin, population, size, made_at, made_by)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            &[
                county.into(),
                id.into(),
                new.batch.into(),
                new.seed.into(),
                new.confidence.into(),
                new.margin.into(),
                new.population.into(),
                (drawn.len() as u64).into(),
                by.at.to_string().into(),
                (&by.login).into(),
            ],
        )?;
        self.bulk(
            "aid_sample_line",
            ["county", "sample_id", "payment_id"],
            drawn.iter().map(|payment| [county.into(), id.into(), (*payment).into()]),
        )?;
        Ok(id)
    }

    /// Samples of a batch, newest first.
    ///
    /// # Errors
    /// What the engine says.
    pub fn samples(&mut self, county: u32, batch: u64) -> Result<Vec<Sample>, StoreError> {
        let count = |answer: &str| {
            format!(
                "(select count(*) from aid_sample_line l where l.county = s.county and l.sample_id = s.sample_id
                     and l.answer = '{answer}')"
            )
        };
        let sql = format!(
            "select s.sample_id, s.batch_id, s.seed, s.confidence, s.margin, s.population, s.size, s.made_at, {}, {}, {}, {}
               from aid_sample s where s.county = $1 and s.batch_id = $2 order by s.sample_id desc",
            count("came"),
            count("not_came"),
            count("other_amount"),
            count("unreached")
        );
        self.query(&sql, &[county.into(), batch.into()], |r| {
            Ok(Sample {
                id: r.get(0)?,
                batch: r.get(1)?,
                seed: r.get(2)?,
                confidence: r.get(3)?,
                margin: r.get(4)?,
                population: r.get(5)?,
                size: r.get(6)?,
                made_on: r.get::<String>(7)?.chars().take(10).collect(),
                answers: [r.get(8)?, r.get(9)?, r.get(10)?, r.get(11)?],
            })
        })
    }

    /// Those whom a sample asks.
    ///
    /// # Errors
    /// What the engine says.
    pub fn sample_lines(
        &mut self,
        county: u32,
        sample: u64,
    ) -> Result<Vec<SampleLine>, StoreError> {
        self.query(
            "select l.payment_id, y.holder, e.name, e.school, y.amount, l.answer
               from aid_sample_line l
               join aid_payment y on y.county = l.county and y.payment_id = l.payment_id
               join aid_entitlement e on e.county = l.county and e.entitlement_id = l.payment_id
              where l.county = $1 and l.sample_id = $2 order by l.payment_id",
            &[county.into(), sample.into()],
            |r| {
                Ok(SampleLine {
                    payment: r.get(0)?,
                    person: r.get(1)?,
                    name: r.get(2)?,
                    school: r.get(3)?,
                    amount: r.get(4)?,
                    answer: r.get(5)?,
                })
            },
        )
    }

    /// Notes what somebody said; `false` if they are not in the sample.
    ///
    /// # Errors
    /// What the engine says.
    pub fn answer_sample(
        &mut self,
        county: u32,
        (sample, payment): (u64, u64),
        answer: &str,
        on: Date,
        by: &Signed,
    ) -> Result<bool, StoreError> {
        let changed = self.execute(
            "update aid_sample_line set answer = $4, asked_on = $5, asked_by = $6
              where county = $1 and sample_id = $2 and payment_id = $3",
            &[
                county.into(),
                sample.into(),
                payment.into(),
                answer.into(),
                on.to_string().into(),
                (&by.login).into(),
            ],
        )?;
        Ok(changed == 1)
    }
}

fn recognition(r: &Row) -> Result<Recognition, StoreError> {
    let pair = |at: usize| -> Result<Option<(Date, String)>, StoreError> {
        match day(r, at)? {
            None => Ok(None),
            Some(on) => Ok(Some((on, r.get(at + 1)?))),
        }
    };
    let published = match (day(r, 11)?, day(r, 12)?) {
        (Some(from), Some(until)) => Some((from, until)),
        _ => None,
    };
    let decided = match day(r, 15)? {
        None => None,
        Some(on) => Some((on, r.get(16)?, r.get::<Option<String>>(17)?.unwrap_or_default())),
    };
    Ok(Recognition {
        id: r.get(0)?,
        person: r.get(1)?,
        name: r.get(2)?,
        school_year: i16::try_from(r.get::<i32>(3)?).map_err(|_| r.bad(3))?,
        certificate: r.get::<&str>(4)? == "certificate",
        document: r.get(5)?,
        applied_on: day(r, 6)?.ok_or_else(|| r.bad(6))?,
        class: pair(7)?,
        school: pair(9)?,
        published,
        appeal: pair(13)?,
        decided,
    })
}
