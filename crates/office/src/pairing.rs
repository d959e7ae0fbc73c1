//! 一对一结对 through the books: mentors, runs of pairing with their reasons, and the pairs that stand.
//!
//! [`best_pairs`] joins the model of `watch` with the kernel of `plan`, and a proof stands between them (ADR 0042). A run
//! ([`crate::Office::pair_run`]) is kept with what it says of each pupil; accepted ([`crate::Office::pair_accept`]) its pairs become source rows, so
//! that they are deeds at the next assessment like those of any roster, and what is owed each month is the mentor's to do
//! (ADR 0050).

pub(crate) mod duties;
mod inputs;
mod measure;
mod mentors;
mod papers;
pub(crate) mod plan;
mod roster;
mod rows;
mod runs;
mod solve;

use std::collections::BTreeMap;

use fujiao_store::{StoreError, Tx};

use crate::OfficeError;
use crate::access::{Actor, Right};

pub use fujiao_watch::pair::{Keeping, Measured, Rules as PairRules};
pub(crate) use inputs::{capacity, live_pairs, school_names};
pub use measure::{MeasuredLine, WhatMeasured};
pub use mentors::{MentorChange, NewMentor};
pub(crate) use mentors::{show_as, standing};
pub use roster::Refreshed;
pub use runs::Accepted;
pub use solve::best_pairs;

/// Why pairs cannot be made or changed so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PairError {
    /// Only who stands on the whole county pairs the county.
    #[error("结对方案由管全县的人做；请县教育局来做")]
    WholeCounty,
    /// No mentor, or not theirs.
    #[error("没有这位帮扶人，或不归你管；回“帮扶人”看")]
    NoMentor,
    /// No run.
    #[error("没有这次结对；看结对记录")]
    NoRun,
    /// It was decided before.
    #[error("这次结对已经定过；看结对记录")]
    Decided,
    /// Pairs changed since it was reckoned.
    #[error("算过之后结对有了变化；重新算一次再定")]
    Outdated,
    /// Nobody needs a mentor.
    #[error("没有应结对的孩子；先收名册，再核算")]
    NoPupils,
    /// Nobody may be paired.
    #[error("没有一位帮扶人签过行为守则，不能结对；先登记签字")]
    NobodySigned,
    /// Something of the form is missing or does not read.
    #[error("没有写{0}，或写得不对；补上再存")]
    Unread(&'static str),
    /// A kind that the rules do not know.
    #[error("没有“{0}”这类帮扶人；从列表里选")]
    NoKind(String),
    /// More than the rules allow.
    #[error("{title}一人最多带 {most} 个；填 0 到 {most}")]
    Cap {
        /// The kind.
        title: String,
        /// Its cap.
        most: u32,
    },
    /// A day that has not come.
    #[error("{0} 还没到；写已经发生的日子")]
    Tomorrow(jiff::civil::Date),
    /// They left before.
    #[error("{0} 已经不再帮扶")]
    Left(String),
    /// They look after pupils.
    #[error("没有这个账号，或已经是另一位帮扶人的；核对登录名")]
    NoAccount,
    /// The plan is not what it says: a mistake of ours.
    #[error("这次结对没有通过检验，不采用：{0}")]
    Unproven(String),
}

/// Whoever pairs the county.
fn whole(actor: &Actor) -> Result<(), OfficeError> {
    actor.must(Right::Pair)?;
    if actor.scope(Right::Pair).is_whole() { Ok(()) } else { Err(PairError::WholeCounty.into()) }
}

/// The names of the pupils of each mentor.
fn live_names(tx: &mut Tx, county: u32) -> Result<BTreeMap<u64, Vec<String>>, StoreError> {
    let mut names: BTreeMap<u64, Vec<String>> = BTreeMap::new();
    tx.each(
        "select q.mentor_no, p.name from pair q
           join person p on p.county = q.county and p.person_id = q.person_id
          where q.county = $1 and q.to_day is null
          order by q.mentor_no, p.name, p.person_id",
        &[county.into()],
        |r| {
            names.entry(r.get(0)?).or_default().push(r.get(1)?);
            Ok(())
        },
    )?;
    Ok(names)
}
