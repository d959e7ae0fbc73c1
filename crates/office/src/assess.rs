//! From the live source rows to what is owed, what was done, and what is missing.

pub(crate) mod deeds;
pub(crate) mod duties;
mod frames;
mod load;
mod summary;

use std::collections::BTreeMap;
use std::time::Instant;

use fujiao_model::{Deed, Division, Duty, LabourAbility, Residence, RosterKind, Term};
use fujiao_settle::{Settlement, settle};
use fujiao_store::{Event, LinkAsk, NewRun, Results};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::registers::enrolments::Enrolment;
use crate::registers::people::{Household, Person};
use crate::registers::places::Places;
use crate::registers::schools::Schools;
use crate::registers::standing::Standings;
use crate::registers::{ByKind, Row};
use crate::{Office, OfficeError, Progress};

pub(crate) use load::FileNames;
pub(crate) use summary::figure_kind;

/// Everything known about the county on a day.
pub(crate) struct Registers {
    pub as_of: Date,
    /// The term of that day.
    pub term: Term,
    pub county: Division,
    pub rows: Vec<Row>,
    /// For each row: position in `files`, sheet, row number.
    pub origins: Vec<(u32, u16, u32)>,
    pub files: Vec<FileNames>,
    pub registers_hash: String,
    pub by_kind: ByKind,
    pub places: Places,
    pub schools: Schools,
    /// Position of the school that each row names; `u32::MAX`: none.
    pub school_of: Vec<u32>,
    pub persons: Vec<Person>,
    /// Position of each row's person; `u32::MAX` for rows about nobody.
    pub person_of: Vec<u32>,
    /// By person: for whom its deeds count. Somebody else only while a person is asked whether rows of deeds that stand
    /// alone are theirs: a doubtful payment counts as paid until somebody decides.
    acts_for: Vec<u32>,
    pub households: Vec<Household>,
    pub standings: Standings,
    pub enrolments: Vec<Enrolment>,
    /// By person; `None`: not in the household register.
    residence: Vec<Option<Residence>>,
    /// By person.
    labour: Vec<Option<LabourAbility>>,
    /// By person: the row by which 农业农村 lists them.
    pub on_poor_list: Vec<Option<u32>>,
    /// By household: the members whom 农业农村 lists.
    listed: Vec<Vec<u32>>,
    /// By person: rows of exemptions.
    exemptions: BTreeMap<u32, Vec<u32>>,
}

/// Seconds by step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Seconds {
    /// Reading workbooks and booking their rows.
    pub import: f64,
    /// Reading the books and saying who is who.
    pub link: f64,
    /// Asking the rules, and collecting what was done.
    pub assess: f64,
    /// Setting deeds against duties, and booking the result.
    pub settle: f64,
    /// Writing the report and the lists.
    pub report: f64,
}

/// An assessment of the county, booked.
pub struct Assessment {
    pub(crate) registers: Registers,
    pub(crate) duties: Vec<Duty>,
    pub(crate) deeds: Vec<Deed>,
    pub(crate) settlement: Settlement,
    /// Names on payment lists that no policy file knows, with how often.
    pub(crate) unknown_programmes: BTreeMap<String, u64>,
    /// Facts that rules ask for, with how many rows lack them: programme and column.
    pub(crate) asked: BTreeMap<(String, String), u64>,
    pub(crate) seconds: Seconds,
}

impl Office {
    /// Makes the registers of all rows taken in, asks the rules what is owed as of a day, sets what was done against it, and
    /// books the result as the assessment that pages show.
    ///
    /// The same rows, policies and day give the same result.
    ///
    /// # Errors
    /// [`OfficeError::NoRosters`] before the first import; what store or rules say.
    pub fn assess(
        &mut self,
        as_of: Date,
        at: Timestamp,
        progress: &Progress<'_>,
    ) -> Result<Assessment, OfficeError> {
        let county = self.county.as_ref().ok_or(OfficeError::NoRosters)?;
        let mut seconds = Seconds::default();
        let started = Instant::now();
        progress("认人", 0, 3);
        let loaded = self.load(county.code)?;
        progress("认人", 1, 3);
        let by_kind = ByKind::of(&loaded.rows);
        let mut places = county.places();
        let division =
            Division::parse(&format!("{:06}", county.code)).map_err(|_| OfficeError::NoRosters)?;
        for kind in [RosterKind::Residents, RosterKind::PoorHouseholds, RosterKind::Schools] {
            for &row in by_kind.get(kind) {
                places.learn(division, &loaded.rows[row as usize].fields);
            }
        }
        let mut schools =
            Schools::from_rows(&loaded.rows, by_kind.get(RosterKind::Schools), &county.name, |f| {
                places.of(f)
            });
        let school_of = load::name_schools(&loaded.rows, &mut schools);
        let (cluster, linkage, mention_rows) = load::link(&loaded, &by_kind, &places, &school_of);
        progress("认人", 2, 3);
        let asked_rows: Vec<(u32, u32, f64)> = linkage
            .asks
            .iter()
            .map(|ask| {
                (mention_rows[ask.left as usize], mention_rows[ask.right as usize], ask.weight)
            })
            .collect();
        let asks: Vec<LinkAsk> = asked_rows
            .iter()
            .map(|&(a, b, weight)| {
                let (a, b) = (loaded.rows[a as usize].id, loaded.rows[b as usize].id);
                LinkAsk { left: a.min(b), right: a.max(b), weight }
            })
            .collect();
        let mut registers = Registers::build(
            loaded, by_kind, places, schools, school_of, &cluster, division, as_of,
        );
        registers.let_doubtful_deeds_count(&asked_rows);
        let (stored, links) = (registers.for_store(), registers.links_for_store());
        let code = county.code;
        self.store.write(|tx| {
            tx.replace_links(code, &[])?;
            tx.replace_places(code, &stored.places)?;
            tx.replace_schools(code, &stored.schools)?;
            tx.replace_households(code, &stored.households)?;
            tx.replace_persons(code, &stored.persons)?;
            tx.replace_links(code, &links)?;
            tx.replace_asks(code, &asks)?;
            tx.audit(&Event {
                county: code,
                at,
                actor: "fujiao",
                action: "link",
                object: "registers",
                detail: &format!(
                    "persons {} households {} asks {}",
                    stored.persons.len(),
                    stored.households.len(),
                    asks.len()
                ),
            })?;
            Ok::<(), OfficeError>(())
        })?;
        drop((stored, links));
        seconds.link = started.elapsed().as_secs_f64();
        progress("认人", 3, 3);

        let started = Instant::now();
        progress("算应办", 0, 2);
        let mut asked = BTreeMap::new();
        let duties = duties::all(&registers, &self.policies, &mut asked)?;
        progress("算应办", 1, 2);
        let mut unknown_programmes = BTreeMap::new();
        let deeds = deeds::all(&registers, &self.policies, &duties, &mut unknown_programmes);
        let duties = duties.duties;
        seconds.assess = started.elapsed().as_secs_f64();
        progress("算应办", 2, 2);

        let started = Instant::now();
        progress("结差数", 0, 2);
        let settlement = settle(&duties, &deeds);
        let summaries = summary::lines(&duties, &deeds, &settlement);
        progress("结差数", 1, 2);
        self.store.write(|tx| {
            let run = NewRun {
                as_of,
                policies_hash: self.policies.hash(),
                registers_hash: &registers.registers_hash,
                started_at: at,
                ended_at: at,
                sizes: "{}",
            };
            let results = Results {
                duties: &duties,
                gaps: &settlement.gaps,
                deeds: &deeds,
                excesses: &settlement.excesses,
                summaries: &summaries,
            };
            let id = tx.save_run(code, &run, &results)?;
            tx.audit(&Event {
                county: code,
                at,
                actor: "fujiao",
                action: "assess",
                object: &format!("run {id}"),
                detail: &format!(
                    "as of {as_of} duties {} deeds {} gaps {} excesses {}",
                    duties.len(),
                    deeds.len(),
                    settlement.gaps.len(),
                    settlement.excesses.len()
                ),
            })?;
            Ok::<(), OfficeError>(())
        })?;
        seconds.settle = started.elapsed().as_secs_f64();
        progress("结差数", 2, 2);
        Ok(Assessment { registers, duties, deeds, settlement, unknown_programmes, asked, seconds })
    }
}
