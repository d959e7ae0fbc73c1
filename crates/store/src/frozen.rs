//! Duties on which money was paid: kept as they stood, with what later assessments make of them.

use std::sync::Arc;

use fujiao_model::{Area, Because, Division, Duty, Period, Subject, Unit};
use jiff::civil::Date;

use crate::registers::division;
use crate::results::{joined, subject};
use crate::{NewRun, StoreError, Tx};

/// A duty as it stood when money was first found paid on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrozenDuty {
    /// The duty with its reason.
    pub duty: Duty,
    /// The day of the assessment that froze it.
    pub as_of: Date,
    /// Of the policy files of that assessment.
    pub policies_hash: String,
    /// Of the registers of that assessment.
    pub registers_hash: String,
}

/// Where rules and registers give another answer today than the frozen one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The kind of duty.
    pub kind: Arc<str>,
    /// Whom it is owed to.
    pub subject: Subject,
    /// For which time.
    pub period: Period,
    /// What the quantities count.
    pub unit: Unit,
    /// As frozen; this stands.
    pub frozen: i64,
    /// As today's rules and registers have it; 0: not owed any more.
    pub computed: i64,
    /// The facts as frozen.
    pub facts_frozen: Arc<str>,
    /// The facts of today; empty where nothing is owed.
    pub facts_now: Arc<str>,
    /// The version of the rule as frozen.
    pub rule_frozen: Arc<str>,
    /// The version of the rule of today; empty where nothing is owed.
    pub rule_now: Arc<str>,
    /// The day of the assessment that froze it.
    pub frozen_as_of: Date,
}

impl Tx<'_> {
    /// The frozen duties of a county.
    ///
    /// # Errors
    /// What the engine says; a line that does not read back.
    pub fn frozen(&mut self, county: u32) -> Result<Vec<FrozenDuty>, StoreError> {
        self.query(include_str!("../queries/frozen.sql"), &[county.into()], |r| {
            Ok(FrozenDuty {
                duty: Duty {
                    area: r.parse(0, Area::parse)?.ok_or_else(|| r.bad(0))?,
                    kind: r.get::<&str>(1)?.into(),
                    subject: subject(r, 2)?,
                    period: r.parse(4, Period::parse)?.ok_or_else(|| r.bad(4))?,
                    quantity: r.get(5)?,
                    unit: r.parse(6, Unit::parse)?.ok_or_else(|| r.bad(6))?,
                    due_on: r.parse(7, |t| t.parse().ok())?.ok_or_else(|| r.bad(7))?,
                    bearer: r.get::<&str>(8)?.into(),
                    place: division(r, 9)?,
                    because: Because {
                        rule: r.get::<&str>(10)?.into(),
                        basis: r.get::<&str>(11)?.into(),
                        facts: r.get::<&str>(12)?.into(),
                        sources: r
                            .get::<&str>(13)?
                            .split_whitespace()
                            .map(|id| id.parse().map_err(|_| r.bad(13)))
                            .collect::<Result<_, _>>()?,
                    },
                },
                as_of: r.parse(14, |t| t.parse().ok())?.ok_or_else(|| r.bad(14))?,
                policies_hash: r.get(15)?,
                registers_hash: r.get(16)?,
            })
        })
    }

    /// Freezes duties, none of which may be frozen already, as of the assessment with this id.
    ///
    /// # Errors
    /// What the engine says; [`StoreError`] for a duty that is frozen already.
    pub fn freeze<'d>(
        &mut self,
        county: u32,
        id: u64,
        run: &NewRun,
        duties: impl IntoIterator<Item = &'d Duty>,
    ) -> Result<u64, StoreError> {
        self.bulk(
            "frozen_duty",
            [
                "county",
                "kind",
                "subject_kind",
                "subject_id",
                "period",
                "area",
                "quantity",
                "unit",
                "due_on",
                "bearer",
                "place",
                "rule",
                "basis",
                "facts",
                "sources",
                "run_id",
                "as_of",
                "policies_hash",
                "registers_hash",
            ],
            duties.into_iter().map(|d| {
                [
                    county.into(),
                    (&*d.kind).into(),
                    d.subject.kind.code().into(),
                    d.subject.id.into(),
                    d.period.to_string().into(),
                    d.area.code().into(),
                    d.quantity.into(),
                    d.unit.code().into(),
                    d.due_on.to_string().into(),
                    (&*d.bearer).into(),
                    d.place.map(Division::code).into(),
                    (&*d.because.rule).into(),
                    (&*d.because.basis).into(),
                    (&*d.because.facts).into(),
                    joined(&d.because.sources).into(),
                    id.into(),
                    run.as_of.to_string().into(),
                    run.policies_hash.into(),
                    run.registers_hash.into(),
                ]
            }),
        )
    }

    /// Replaces the differences of a county by those of an assessment.
    ///
    /// # Errors
    /// What the engine says.
    pub fn replace_differences(
        &mut self,
        county: u32,
        run: u64,
        differences: &[Difference],
    ) -> Result<(), StoreError> {
        self.execute("delete from difference where county = $1", &[county.into()])?;
        self.bulk(
            "difference",
            [
                "county",
                "kind",
                "subject_kind",
                "subject_id",
                "period",
                "run_id",
                "unit",
                "frozen",
                "computed",
                "facts_frozen",
                "facts_now",
                "rule_frozen",
                "rule_now",
                "frozen_as_of",
            ],
            differences.iter().map(|d| {
                [
                    county.into(),
                    (&*d.kind).into(),
                    d.subject.kind.code().into(),
                    d.subject.id.into(),
                    d.period.to_string().into(),
                    run.into(),
                    d.unit.code().into(),
                    d.frozen.into(),
                    d.computed.into(),
                    (&*d.facts_frozen).into(),
                    (&*d.facts_now).into(),
                    (&*d.rule_frozen).into(),
                    (&*d.rule_now).into(),
                    d.frozen_as_of.to_string().into(),
                ]
            }),
        )?;
        Ok(())
    }

    /// Where the live assessment of a county differs from what is frozen.
    ///
    /// # Errors
    /// What the engine says; a line that does not read back.
    pub fn differences(&mut self, county: u32) -> Result<Vec<Difference>, StoreError> {
        self.query(include_str!("../queries/differences.sql"), &[county.into()], |r| {
            Ok(Difference {
                kind: r.get::<&str>(0)?.into(),
                subject: subject(r, 1)?,
                period: r.parse(3, Period::parse)?.ok_or_else(|| r.bad(3))?,
                unit: r.parse(4, Unit::parse)?.ok_or_else(|| r.bad(4))?,
                frozen: r.get(5)?,
                computed: r.get(6)?,
                facts_frozen: r.get::<&str>(7)?.into(),
                facts_now: r.get::<&str>(8)?.into(),
                rule_frozen: r.get::<&str>(9)?.into(),
                rule_now: r.get::<&str>(10)?.into(),
                frozen_as_of: r.parse(11, |t| t.parse().ok())?.ok_or_else(|| r.bad(11))?,
            })
        })
    }
}
