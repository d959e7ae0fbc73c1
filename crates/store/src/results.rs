//! Assessments: duties and deeds as settled, and their figures.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use fujiao_model::{
    Area, Because, Deed, Division, Duty, Excess, ExcessKind, Gap, Period, Subject, SubjectKind,
    Unit,
};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::registers::division;
use crate::{Row, StoreError, Tx, V};

/// An assessment to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRun<'a> {
    /// The day for which it was made.
    pub as_of: Date,
    /// Of the policy files.
    pub policies_hash: &'a str,
    /// Of the registers.
    pub registers_hash: &'a str,
    /// When, told by the caller.
    pub started_at: Timestamp,
    /// When, told by the caller.
    pub ended_at: Timestamp,
    /// Seconds by step and sizes, as a JSON object.
    pub sizes: &'a str,
}

/// What an assessment found: the settled slices, in which gaps and excesses give positions, and the figures.
#[derive(Clone, Copy, Debug)]
pub struct Results<'a> {
    /// 应
    pub duties: &'a [Duty],
    /// 差
    pub gaps: &'a [Gap],
    /// 已
    pub deeds: &'a [Deed],
    /// Beyond any duty.
    pub excesses: &'a [Excess],
    /// The figures, for the county and for each town.
    pub summaries: &'a [Summary],
}

/// A kept assessment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// From 1 within the county.
    pub id: u64,
    /// The day for which it was made.
    pub as_of: Date,
    /// Of the policy files.
    pub policies_hash: String,
    /// Of the registers.
    pub registers_hash: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
    /// Seconds by step and sizes, as a JSON object.
    pub sizes: String,
    /// Whether its duties and deeds are still here; its figures always are.
    pub kept: bool,
}

/// One line of figures: due = done + gap.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Summary {
    /// A town; `None` for the whole county.
    pub place: Option<Division>,
    /// The area.
    pub area: Area,
    /// The kind of duty.
    pub kind: Arc<str>,
    /// What the quantities count.
    pub unit: Unit,
    /// 应
    pub due: i64,
    /// 已, against duties.
    pub done: i64,
    /// 差
    pub gap: i64,
    /// Done beyond any duty.
    pub excess: i64,
    /// Subjects to whom anything is owed.
    pub subjects_due: u64,
    /// Subjects with a gap.
    pub subjects_gap: u64,
    /// Subjects of an excess.
    pub subjects_excess: u64,
}

/// A duty with what was done on it: quantity = done + gap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDuty {
    /// Its position in the settled slice.
    pub id: u64,
    /// The duty.
    pub duty: Duty,
    /// Done against it.
    pub done: i64,
    /// Missing.
    pub gap: i64,
}

/// A deed with what counted: quantity = counted + excess.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDeed {
    /// Its position in the settled slice.
    pub id: u64,
    /// The deed.
    pub deed: Deed,
    /// Against duties.
    pub counted: i64,
    /// Beyond any.
    pub excess: i64,
    /// Why beyond; `None` if nothing is.
    pub excess_kind: Option<ExcessKind>,
}

impl Tx<'_> {
    /// Keeps an assessment and makes it the one that pages show; its id. Duties and deeds of earlier ones are dropped,
    /// their lines and figures stay. Nobody sees half of either: the change is there when the transaction is.
    ///
    /// # Errors
    /// What the engine says.
    ///
    /// # Panics
    /// If a gap or an excess does not fit its duty or deed: then the settlement is not the one of these slices.
    pub fn save_run(
        &mut self,
        county: u32,
        run: &NewRun,
        results: &Results,
    ) -> Result<u64, StoreError> {
        let id: u64 = self
            .query_one(
                "select coalesce(max(run_id), 0) + 1 from run where county = $1",
                &[county.into()],
                |r| r.get(0),
            )?
            .unwrap_or(1);
        self.execute("update run set kept = 0 where county = $1", &[county.into()])?;
        self.execute(
            "insert into run (county, run_id, as_of, policies_hash, registers_hash, started_at,
                              ended_at, sizes, kept)
             values ($1, $2, $3, $4, $5, $6, $7, $8, 1)",
            &[
                county.into(),
                id.into(),
                run.as_of.to_string().into(),
                run.policies_hash.into(),
                run.registers_hash.into(),
                run.started_at.to_string().into(),
                run.ended_at.to_string().into(),
                run.sizes.into(),
            ],
        )?;
        self.reindexed("duty", results.duties.len(), |tx| {
            tx.put_duties(county, id, results.duties, results.gaps)
        })?;
        self.reindexed("deed", results.deeds.len(), |tx| {
            tx.put_deeds(county, id, results.deeds, results.excesses)
        })?;
        self.put_summaries(county, id, results.summaries)?;
        let live = "update county set live_run = $2 where county = $1";
        if self.execute(live, &[county.into(), id.into()])? == 0 {
            self.failed = true;
            return Err(StoreError::ForeignKey(format!("库中没有县 {county}")));
        }
        Ok(id)
    }

    /// Replaces the sizes of a run: the last seconds are known only when it is kept.
    ///
    /// # Errors
    /// What the engine says.
    pub fn set_sizes(&mut self, county: u32, run: u64, sizes: &str) -> Result<(), StoreError> {
        self.execute(
            "update run set sizes = $3 where county = $1 and run_id = $2",
            &[county.into(), run.into(), sizes.into()],
        )?;
        Ok(())
    }

    fn put_duties(
        &mut self,
        county: u32,
        run: u64,
        duties: &[Duty],
        gaps: &[Gap],
    ) -> Result<(), StoreError> {
        for table in ["duty", "rule"] {
            self.execute(&format!("delete from {table} where county = $1"), &[county.into()])?;
        }
        let mut missing = vec![0; duties.len()];
        for gap in gaps {
            let due = duties[gap.duty].quantity;
            assert_eq!(due, gap.done + gap.missing, "duty {} is done or missing", gap.duty);
            missing[gap.duty] = gap.missing;
        }
        let mut numbers: BTreeMap<(&str, &str), u64> = BTreeMap::new();
        let mut rules = Vec::new();
        let rule_of: Vec<u64> = duties
            .iter()
            .map(|duty| {
                let rule = (&*duty.because.rule, &*duty.because.basis);
                *numbers.entry(rule).or_insert_with(|| {
                    rules.push(rule);
                    rules.len() as u64
                })
            })
            .collect();
        self.bulk(
            "rule",
            ["county", "run_id", "rule_no", "rule", "basis"],
            (1_u64..).zip(&rules).map(|(number, (rule, basis))| {
                [county.into(), run.into(), number.into(), (*rule).into(), (*basis).into()]
            }),
        )?;
        self.bulk(
            "duty",
            [
                "county",
                "run_id",
                "duty_id",
                "area",
                "kind",
                "subject_kind",
                "subject_id",
                "period",
                "quantity",
                "unit",
                "done",
                "gap",
                "due_on",
                "bearer",
                "place",
                "rule_no",
                "facts",
                "sources",
            ],
            (0_u64..).zip(duties).zip(missing.iter().zip(&rule_of)).map(
                |((at, d), (gap, rule))| {
                    [
                        county.into(),
                        run.into(),
                        at.into(),
                        d.area.code().into(),
                        (&*d.kind).into(),
                        d.subject.kind.code().into(),
                        d.subject.id.into(),
                        d.period.to_string().into(),
                        d.quantity.into(),
                        d.unit.code().into(),
                        (d.quantity - gap).into(),
                        (*gap).into(),
                        d.due_on.to_string().into(),
                        (&*d.bearer).into(),
                        d.place.map(Division::code).into(),
                        (*rule).into(),
                        (&*d.because.facts).into(),
                        joined(&d.because.sources).into(),
                    ]
                },
            ),
        )?;
        Ok(())
    }

    fn put_deeds(
        &mut self,
        county: u32,
        run: u64,
        deeds: &[Deed],
        excesses: &[Excess],
    ) -> Result<(), StoreError> {
        self.execute("delete from deed where county = $1", &[county.into()])?;
        let mut beyond: Vec<(i64, Option<ExcessKind>)> = vec![(0, None); deeds.len()];
        for excess in excesses {
            let (quantity, kind) = &mut beyond[excess.deed];
            *quantity += excess.quantity;
            // A deed may be beyond in two ways; the first is the one that settling found decisive.
            *kind = kind.or(Some(excess.kind));
        }
        self.bulk(
            "deed",
            [
                "county",
                "run_id",
                "deed_id",
                "area",
                "kind",
                "subject_kind",
                "subject_id",
                "period",
                "quantity",
                "unit",
                "done_on",
                "place",
                "evidence",
                "counted",
                "excess",
                "excess_kind",
            ],
            (0_u64..).zip(deeds).zip(&beyond).map(|((at, d), (excess, kind))| {
                [
                    county.into(),
                    run.into(),
                    at.into(),
                    d.area.code().into(),
                    (&*d.kind).into(),
                    d.subject.kind.code().into(),
                    d.subject.id.into(),
                    d.period.to_string().into(),
                    d.quantity.into(),
                    d.unit.code().into(),
                    d.done_on.to_string().into(),
                    d.place.map(Division::code).into(),
                    d.evidence.into(),
                    (d.quantity - excess).into(),
                    (*excess).into(),
                    kind.map(ExcessKind::code).into(),
                ]
            }),
        )?;
        Ok(())
    }

    fn put_summaries(
        &mut self,
        county: u32,
        run: u64,
        summaries: &[Summary],
    ) -> Result<(), StoreError> {
        self.bulk(
            "summary",
            [
                "county",
                "run_id",
                "place",
                "area",
                "kind",
                "unit",
                "due",
                "done",
                "gap",
                "excess",
                "subjects_due",
                "subjects_gap",
                "subjects_excess",
            ],
            summaries.iter().map(|s| {
                [
                    county.into(),
                    run.into(),
                    s.place.map_or(0, Division::code).into(),
                    s.area.code().into(),
                    (&*s.kind).into(),
                    s.unit.code().into(),
                    s.due.into(),
                    s.done.into(),
                    s.gap.into(),
                    s.excess.into(),
                    s.subjects_due.into(),
                    s.subjects_gap.into(),
                    s.subjects_excess.into(),
                ]
            }),
        )?;
        Ok(())
    }

    /// The kept assessments, in order.
    ///
    /// # Errors
    /// What the engine says.
    pub fn runs(&mut self, county: u32) -> Result<Vec<Run>, StoreError> {
        self.query(include_str!("../queries/runs.sql"), &[county.into()], run)
    }

    /// The assessment that pages show; `None` before the first.
    ///
    /// # Errors
    /// What the engine says.
    pub fn live_run(&mut self, county: u32) -> Result<Option<Run>, StoreError> {
        self.query_one(include_str!("../queries/live_run.sql"), &[county.into()], run)
    }

    /// The figures of an assessment for a town, or for the whole county; by area, kind and unit, in the order of the
    /// areas.
    ///
    /// # Errors
    /// What the engine says.
    pub fn summaries(
        &mut self,
        county: u32,
        run: u64,
        place: Option<Division>,
    ) -> Result<Vec<Summary>, StoreError> {
        let args = [county.into(), run.into(), place.map_or(0, Division::code).into()];
        let mut out = self.query(include_str!("../queries/summaries.sql"), &args, |r| {
            Ok(Summary {
                place,
                area: r.parse(0, Area::parse)?.ok_or_else(|| r.bad(0))?,
                kind: r.get::<&str>(1)?.into(),
                unit: r.parse(2, Unit::parse)?.ok_or_else(|| r.bad(2))?,
                due: r.get(3)?,
                done: r.get(4)?,
                gap: r.get(5)?,
                excess: r.get(6)?,
                subjects_due: r.get(7)?,
                subjects_gap: r.get(8)?,
                subjects_excess: r.get(9)?,
            })
        })?;
        out.sort();
        Ok(out)
    }

    /// All duties of an assessment, by id.
    ///
    /// # Errors
    /// What the engine says.
    pub fn duties(&mut self, county: u32, run: u64) -> Result<Vec<StoredDuty>, StoreError> {
        self.read_duties(include_str!("../queries/duties.sql"), &[county.into(), run.into()])
    }

    /// The duties towards one subject, by id.
    ///
    /// # Errors
    /// What the engine says.
    pub fn duties_to(
        &mut self,
        county: u32,
        run: u64,
        subject: Subject,
    ) -> Result<Vec<StoredDuty>, StoreError> {
        let args = [county.into(), run.into(), subject.kind.code().into(), subject.id.into()];
        self.read_duties(include_str!("../queries/duties_to.sql"), &args)
    }

    /// The duties of one area.
    ///
    /// # Errors
    /// What the engine says; what does not read back.
    pub fn duties_of_area(
        &mut self,
        county: u32,
        run: u64,
        area: Area,
    ) -> Result<Vec<StoredDuty>, StoreError> {
        let args = [county.into(), run.into(), area.code().into()];
        self.read_duties(include_str!("../queries/duties_of_area.sql"), &args)
    }

    fn read_duties(&mut self, sql: &str, args: &[V]) -> Result<Vec<StoredDuty>, StoreError> {
        let mut texts = Texts::default();
        self.query(sql, args, |r| {
            Ok(StoredDuty {
                id: r.get(0)?,
                duty: Duty {
                    area: r.parse(1, Area::parse)?.ok_or_else(|| r.bad(1))?,
                    kind: texts.share(r.get(2)?),
                    subject: subject(r, 3)?,
                    period: r.parse(5, Period::parse)?.ok_or_else(|| r.bad(5))?,
                    quantity: r.get(6)?,
                    unit: r.parse(7, Unit::parse)?.ok_or_else(|| r.bad(7))?,
                    due_on: r.parse(10, |t| t.parse().ok())?.ok_or_else(|| r.bad(10))?,
                    bearer: texts.share(r.get(11)?),
                    place: division(r, 12)?,
                    because: Because {
                        rule: texts.share(r.get(13)?),
                        basis: texts.share(r.get(14)?),
                        facts: r.get::<&str>(15)?.into(),
                        sources: r
                            .get::<&str>(16)?
                            .split_whitespace()
                            .map(|id| id.parse().map_err(|_| r.bad(16)))
                            .collect::<Result<_, _>>()?,
                    },
                },
                done: r.get(8)?,
                gap: r.get(9)?,
            })
        })
    }

    /// All deeds of an assessment, by id.
    ///
    /// # Errors
    /// What the engine says.
    pub fn deeds(&mut self, county: u32, run: u64) -> Result<Vec<StoredDeed>, StoreError> {
        self.read_deeds(include_str!("../queries/deeds.sql"), &[county.into(), run.into()])
    }

    /// The deeds for one subject, by id.
    ///
    /// # Errors
    /// What the engine says.
    pub fn deeds_for(
        &mut self,
        county: u32,
        run: u64,
        subject: Subject,
    ) -> Result<Vec<StoredDeed>, StoreError> {
        let args = [county.into(), run.into(), subject.kind.code().into(), subject.id.into()];
        self.read_deeds(include_str!("../queries/deeds_for.sql"), &args)
    }

    fn read_deeds(&mut self, sql: &str, args: &[V]) -> Result<Vec<StoredDeed>, StoreError> {
        let mut texts = Texts::default();
        self.query(sql, args, |r| {
            Ok(StoredDeed {
                id: r.get(0)?,
                deed: Deed {
                    area: r.parse(1, Area::parse)?.ok_or_else(|| r.bad(1))?,
                    kind: texts.share(r.get(2)?),
                    subject: subject(r, 3)?,
                    period: r.parse(5, Period::parse)?.ok_or_else(|| r.bad(5))?,
                    quantity: r.get(6)?,
                    unit: r.parse(7, Unit::parse)?.ok_or_else(|| r.bad(7))?,
                    done_on: r.parse(8, |t| t.parse().ok())?.ok_or_else(|| r.bad(8))?,
                    place: division(r, 9)?,
                    evidence: r.get(10)?,
                },
                counted: r.get(11)?,
                excess: r.get(12)?,
                excess_kind: r.parse(13, ExcessKind::parse)?,
            })
        })
    }
}

/// Texts that many rows share, each held once.
#[derive(Default)]
struct Texts(BTreeSet<Arc<str>>);

impl Texts {
    fn share(&mut self, text: &str) -> Arc<str> {
        if let Some(held) = self.0.get(text) {
            return Arc::clone(held);
        }
        let held: Arc<str> = text.into();
        self.0.insert(Arc::clone(&held));
        held
    }
}

pub(crate) fn subject(r: &Row, column: usize) -> Result<Subject, StoreError> {
    let kind = r.parse(column, SubjectKind::parse)?.ok_or_else(|| r.bad(column))?;
    Ok(Subject { kind, id: r.get(column + 1)? })
}

fn run(r: &Row) -> Result<Run, StoreError> {
    Ok(Run {
        id: r.get(0)?,
        as_of: r.parse(1, |t| t.parse().ok())?.ok_or_else(|| r.bad(1))?,
        policies_hash: r.get(2)?,
        registers_hash: r.get(3)?,
        started_at: r.parse(4, |t| t.parse().ok())?.ok_or_else(|| r.bad(4))?,
        ended_at: r.parse(5, |t| t.parse().ok())?.ok_or_else(|| r.bad(5))?,
        sizes: r.get(6)?,
        kept: r.get(7)?,
    })
}

pub(crate) fn joined(ids: &[u64]) -> String {
    let mut out = String::with_capacity(ids.len() * 7);
    for (at, id) in ids.iter().enumerate() {
        if at > 0 {
            out.push(' ');
        }
        out.push_str(&id.to_string());
    }
    out
}
