use std::collections::BTreeMap;

use fujiao_ledger::batch::{BatchStep, Hold, advance};
use fujiao_model::{AidForm, Division, Money};
use fujiao_store::{
    AidBatch, AidCycle, AidFile, AidFinding, AidLine, AidReturn, AidTally, FindingList,
    JournalLine, LineFilter, Objection, Publication, Recovery, Signed, Tx,
};

use super::{AidError, Channel, FundLine, SampleResult, batch_of, facts_of, within};
use crate::access::{Actor, Right};
use crate::desk::Title;
use crate::{Office, OfficeError};

/// All cycles with their batches.
#[derive(Clone, Debug)]
pub struct AidHome {
    /// Newest first.
    pub cycles: Vec<(AidCycle, Title, Vec<BatchCard>)>,
    /// Programmes that pay money, with their titles, for whoever may open a batch.
    pub programmes: Vec<(String, Title)>,
    /// The period of the live assessment.
    pub period: String,
}

/// A batch in a list.
#[derive(Clone, Debug)]
pub struct BatchCard {
    /// The batch.
    pub batch: AidBatch,
    /// Where it stands.
    pub step: BatchStep,
    /// Sums over the lines that the reader may see.
    pub tally: AidTally,
}

/// One batch.
#[derive(Clone, Debug)]
pub struct BatchPage {
    /// The batch.
    pub batch: AidBatch,
    /// The programme.
    pub title: Title,
    /// How its money goes out, unless the clerk says otherwise: waivers and what schools get go as sums by school.
    pub channel: Channel,
    /// Where it stands.
    pub step: BatchStep,
    /// The steps that it took, with who did them.
    pub steps: Vec<(BatchStep, Signed)>,
    /// Sums over the lines that the reader may see.
    pub tally: AidTally,
    /// Why it cannot take its next step today.
    pub holds: Vec<Hold>,
    /// Lists with how many findings wait and how many are decided.
    pub lists: Vec<(FindingList, u64, u64)>,
    /// Findings of the list that was asked for.
    pub findings: Vec<AidFinding>,
    /// Signatures.
    pub approvals: Vec<Signed>,
    /// The notice.
    pub publication: Option<Publication>,
    /// Objections to it.
    pub objections: Vec<Objection>,
    /// Files.
    pub files: Vec<AidFile>,
    /// Schools of files of sums that have not confirmed yet: file, school, lines, fen.
    pub schools: Vec<(u64, String, u64, i64)>,
    /// Returns, each with rows that are extra, changed or unclear.
    pub returns: Vec<(AidReturn, Odd)>,
    /// Samples.
    pub samples: Vec<SampleResult>,
    /// Money that no fund can pay; `None` once it is approved.
    pub short: Option<Money>,
    /// The reader stands on the whole county.
    pub whole: bool,
}

/// Lines of a batch that are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    /// Those that were left out.
    pub out: bool,
    /// Of a state of payment.
    pub payment: Option<String>,
    /// With a name that holds this.
    pub name: String,
    /// After this line.
    pub after: u64,
    /// So many at most; 0: all.
    pub limit: u32,
}

/// Funds and journal.
#[derive(Clone, Debug, Default)]
pub struct FundsPage {
    /// Funds.
    pub funds: Vec<FundLine>,
    /// The journal, newest first.
    pub journal: Vec<JournalLine>,
    /// Money to come back.
    pub recoveries: Vec<Recovery>,
    /// What is on the county's account, in fen.
    pub pool: i64,
    /// Programmes by key.
    pub titles: BTreeMap<String, Title>,
    /// Schools of earmarks.
    pub school_names: BTreeMap<u64, String>,
    /// Places of earmarks.
    pub place_names: BTreeMap<Division, String>,
}

impl Office {
    /// All cycles with their batches; sums count what the reader may see.
    ///
    /// # Errors
    /// What the store says.
    pub fn aid_home(&self, actor: &Actor) -> Result<AidHome, OfficeError> {
        actor.must(Right::Aid)?;
        let county = self.county_code()?;
        let (sql, args) = within(actor, Right::Aid, 3);
        self.store.read(|tx| {
            let mut of_cycle: BTreeMap<u64, Vec<BatchCard>> = BTreeMap::new();
            for batch in tx.aid_batches(county)? {
                let tally = tx.aid_tally(county, batch.id, (&sql, &args))?;
                let step = step_of(&batch)?;
                of_cycle.entry(batch.cycle).or_default().push(BatchCard { batch, step, tally });
            }
            let cycles = tx.aid_cycles(county)?.into_iter().map(|cycle| {
                let batches = of_cycle.remove(&cycle.id).unwrap_or_default();
                (cycle.clone(), self.rules.titles.title(&cycle.programme), batches)
            });
            let run = tx.live_run(county)?;
            let programmes = self.aid_programmes().into_iter().map(|(key, _)| {
                let title = self.rules.titles.title(&key);
                (key, title)
            });
            Ok(AidHome {
                cycles: cycles.collect(),
                programmes: programmes.collect(),
                period: run
                    .map(|r| fujiao_model::Term::of(r.as_of).to_string())
                    .unwrap_or_default(),
            })
        })
    }

    /// One batch, with the findings of a list.
    ///
    /// # Errors
    /// [`AidError::NoSuchBatch`].
    pub fn aid_page(
        &self,
        actor: &Actor,
        id: u64,
        list: Option<FindingList>,
    ) -> Result<BatchPage, OfficeError> {
        actor.must(Right::Aid)?;
        let county = self.county_code()?;
        let whole = actor.scope(Right::Aid).is_whole();
        let (sql, args) = within(actor, Right::Aid, 3);
        self.store.read(|tx| {
            let batch = batch_of(tx, county, id)?;
            let step = step_of(&batch)?;
            let facts = facts_of(tx, county, &batch)?;
            let approving = step < BatchStep::Approved && batch.withdrawn.is_none();
            let short = if approving && whole {
                Some(Self::aid_allocation(tx, county, &batch, actor.today())?.1)
            } else {
                None
            };
            let facts = fujiao_ledger::batch::Facts { short: short.unwrap_or_default(), ..facts };
            let steps = tx.aid_steps(county, id)?.into_iter();
            let steps = steps.filter_map(|s| Some((BatchStep::of(s.step)?, s.by)));
            // What is about the whole batch is for those who stand on the whole county.
            let findings = if whole {
                tx.aid_findings(county, id, list, 200, (&sql, &args))?
            } else {
                Vec::new()
            };
            Ok(BatchPage {
                title: self.rules.titles.title(&batch.programme),
                channel: self.aid_channel(&batch.programme),
                steps: steps.collect(),
                tally: tx.aid_tally(county, id, (&sql, &args))?,
                holds: advance(&facts, actor.today()).err().unwrap_or_default(),
                lists: if whole { tx.count_aid_findings(county, id)? } else { Vec::new() },
                findings,
                approvals: tx.aid_approvals(county, id)?,
                publication: tx.aid_publication(county, id)?,
                objections: if whole { tx.aid_objections(county, id)? } else { Vec::new() },
                files: if whole { tx.aid_files(county, id)? } else { Vec::new() },
                schools: if whole { unconfirmed(tx, county, id)? } else { Vec::new() },
                returns: if whole { returns(tx, county, id)? } else { Vec::new() },
                samples: if whole { Self::sample_results(tx, county, id)? } else { Vec::new() },
                step,
                short,
                whole,
                batch,
            })
        })
    }

    fn aid_channel(&self, programme: &str) -> Channel {
        match self.rules.policies.programme(programme).and_then(|p| p.form) {
            Some(AidForm::Waiver | AidForm::Refund | AidForm::InKind) => Channel::School,
            Some(AidForm::Money) | None => Channel::BankText,
        }
    }

    /// Lines of a batch that the reader may see.
    ///
    /// # Errors
    /// [`AidError::NoSuchBatch`].
    pub fn aid_lines_of(
        &self,
        actor: &Actor,
        batch: u64,
        asked: &Lines,
    ) -> Result<Vec<AidLine>, OfficeError> {
        actor.must(Right::Aid)?;
        let county = self.county_code()?;
        let (sql, args) = within(actor, Right::Aid, 3);
        let name = (!asked.name.trim().is_empty()).then(|| crate::desk::pattern(&asked.name));
        self.store.read(|tx| {
            batch_of(tx, county, batch)?;
            let filter = LineFilter {
                out: asked.out,
                payment: asked.payment.as_deref(),
                school: None,
                name: name.as_deref(),
                after: asked.after,
                limit: asked.limit,
            };
            Ok(tx.aid_lines(county, batch, &filter, (&sql, &args))?)
        })
    }
}

fn unconfirmed(
    tx: &mut Tx,
    county: u32,
    batch: u64,
) -> Result<Vec<(u64, String, u64, i64)>, OfficeError> {
    let mut sums: BTreeMap<(u64, String), (u64, i64)> = BTreeMap::new();
    let files = tx.aid_files(county, batch)?.into_iter();
    for file in files.filter(|f| f.closed_at.is_none() && f.channel == Channel::School.code()) {
        for line in tx.aid_file_lines(county, file.id)?.into_iter().filter(|l| l.state == "sent") {
            let of = sums.entry((file.id, line.school)).or_default();
            *of = (of.0 + 1, of.1 + line.amount);
        }
    }
    Ok(sums.into_iter().map(|((file, school), (n, fen))| (file, school, n, fen)).collect())
}

/// Rows of a return to look at: row, whether it is extra, fen, words.
pub type Odd = Vec<(u64, bool, i64, String)>;

fn returns(tx: &mut Tx, county: u32, batch: u64) -> Result<Vec<(AidReturn, Odd)>, OfficeError> {
    let mut out = Vec::new();
    for of in tx.aid_returns(county, batch)? {
        let odd = tx.aid_return_oddities(county, of.id)?;
        out.push((of, odd));
    }
    Ok(out)
}

fn step_of(batch: &AidBatch) -> Result<BatchStep, AidError> {
    BatchStep::of(batch.step).ok_or(AidError::NoSuchBatch)
}
