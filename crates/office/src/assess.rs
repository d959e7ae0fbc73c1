//! From the live source rows to what is owed, what was done, and what is missing.

mod asks;
mod booked;
mod bulletin;
pub(crate) mod deeds;
pub(crate) mod duties;
mod events;
mod explain;
mod frames;
pub(crate) mod frozen;
mod generations;
mod load;
mod purses;
mod risks;
mod simulate;
mod summary;
mod two_lines;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use fujiao_model::{Deed, Division, Duty, LabourAbility, Residence, RosterKind, Term};
use fujiao_settle::{Settlement, settle};
use fujiao_store::{Event, NewRun, PersonEventKind, Results, Summary};
use jiff::Timestamp;
use jiff::civil::Date;
use rayon::prelude::*;

use crate::cases;
use crate::county::County;
use crate::registers::enrolments::Enrolment;
use crate::registers::people::{Household, Person};
use crate::registers::places::Places;
use crate::registers::schools::Schools;
use crate::registers::standing::Standings;
use crate::registers::{ByKind, Row};
use crate::{Office, OfficeError, Progress, Rulebook};

use asks::Asks;
pub(crate) use booked::BOOKED;
pub use explain::{ExplainedFact, ExplainedRow, Explanation};
pub(crate) use load::FileNames;
pub(crate) use load::school_year;
pub(crate) use purses::PREFIX;
pub use risks::RiskReason;
pub use simulate::{Cost, Movers, Simulation};
pub(crate) use summary::figure_kind;

/// Everything known about the county on a day.
pub(crate) struct Registers {
    pub as_of: Date,
    /// By which they are read and assessed.
    pub rules: Arc<Rulebook>,
    /// The term of that day.
    pub term: Term,
    pub county: Division,
    pub rows: Vec<Row>,
    /// For each row: position in `files`, sheet, row number.
    pub origins: Vec<(u32, u16, u32)>,
    pub files: Vec<FileNames>,
    /// Hash of all live rows.
    pub content_hash: String,
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
    /// By a person's id and the year in which the school year begins: the level of hardship that was recognised.
    pub recognised: BTreeMap<(u64, i16), String>,
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
    /// Its number in the books.
    pub(crate) run: u64,
    pub(crate) registers: Registers,
    pub(crate) settled: Settled,
    pub(crate) seconds: Seconds,
    /// Pairs of rows that people are asked about.
    pub(crate) asks: u64,
}

/// Duties, deeds, and what settling them leaves.
pub(crate) struct Settled {
    pub(crate) duties: Vec<Duty>,
    pub(crate) deeds: Vec<Deed>,
    pub(crate) settlement: Settlement,
    summaries: Vec<Summary>,
    /// Names on payment lists that no policy file knows, with how often.
    pub(crate) unknown_programmes: BTreeMap<String, u64>,
    /// Facts that rules ask for, with how many rows lack them: programme and column.
    pub(crate) asked: BTreeMap<(String, String), u64>,
    /// Duties that are frozen, and what rules and registers make of them today.
    pub(crate) frozen: frozen::Kept,
    /// The last return of a bank that it has seen.
    last_return: u64,
    /// Steps of loans that it has seen.
    loan_steps: u64,
    /// What several purses give university students.
    purses: purses::Laid,
    /// What rows say of training and work.
    pub(crate) labour: crate::labour::Known,
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
        let (registers, asks) = self.who_is_who(county, as_of, progress)?;
        seconds.link = started.elapsed().as_secs_f64();

        // The registers are booked while the rules are asked: nothing here reads them from the books again.
        let started = Instant::now();
        let (booked, settled) = std::thread::scope(|scope| {
            let booking = scope.spawn(|| self.book_registers(county.code, &registers, &asks, at));
            let settled = self.settle_registers(county.code, &registers, &mut seconds, progress);
            (booking.join().expect("booking does not panic"), settled)
        });
        booked?;
        let settled = settled?;
        let run = self.book_run(county.code, &registers, &settled, at)?;
        // Waiting for the books counts as settling, which ends when its result is booked.
        seconds.settle = started.elapsed().as_secs_f64() - seconds.assess;
        progress("结差数", 2, 2);
        Ok(Assessment { run, registers, settled, seconds, asks: asks.asked.len() as u64 })
    }

    /// The registers of all live rows, and the pairs of rows that wait for a person.
    fn who_is_who(
        &self,
        county: &County,
        as_of: Date,
        progress: &Progress<'_>,
    ) -> Result<(Registers, Asks), OfficeError> {
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
        let place_of: Vec<Option<Division>> =
            loaded.rows.par_iter().map(|row| places.of(&row.fields)).collect();
        let schools = by_kind.get(RosterKind::Schools);
        let mut schools = Schools::from_rows(&loaded.rows, schools, &county.name, |f| places.of(f));
        let school_of = load::name_schools(&loaded.rows, &by_kind, &mut schools);
        let (cluster, asks) =
            load::link(&loaded, &by_kind, &place_of, &school_of, self.ask_at_most);
        progress("认人", 2, 3);
        let mut registers = Registers::build(
            Arc::clone(&self.rules),
            loaded,
            by_kind,
            places,
            schools,
            school_of,
            &place_of,
            &cluster,
            division,
            as_of,
        );
        registers.let_doubtful_deeds_count(&asks.all);
        let recognised = self.store.read(|tx| tx.recognised(county.code))?;
        registers.recognise(recognised);
        let turns = self.store.read(|tx| tx.school_turns(county.code))?;
        registers.follow_turns(&turns);
        progress("认人", 3, 3);
        Ok((registers, asks))
    }

    fn book_registers(
        &self,
        county: u32,
        registers: &Registers,
        asks: &Asks,
        at: Timestamp,
    ) -> Result<(), OfficeError> {
        let stored = registers.for_store();
        let mut links = registers.links_for_store();
        let last = registers.rows.last().map_or(0, |row| row.id);
        let events = events::changes(&registers.rows, &registers.person_of, &registers.persons);
        self.store.write(|tx| {
            // What was written by hand while the rows were linked knows its child already.
            links.extend(tx.links_after(county, last)?);
            tx.replace_links(county, &[])?;
            tx.replace_places(county, &stored.places)?;
            tx.replace_schools(county, &stored.schools)?;
            tx.replace_households(county, &stored.households)?;
            tx.replace_grade_counts(county, &stored.grades)?;
            tx.replace_persons(county, &stored.persons)?;
            tx.replace_links(county, &links)?;
            tx.replace_asks(county, &asks.asked)?;
            tx.replace_bands(county, &asks.bands)?;
            tx.add_person_events(county, at, &events)?;
            if tx.any_aid(county)? {
                for event in &events {
                    match (event.kind, event.person, event.other) {
                        (PersonEventKind::Merged, Some(stays), Some(went)) => {
                            tx.move_aid_holder(county, went, stays)?;
                            tx.move_loan_holder(county, went, stays)?;
                        }
                        (PersonEventKind::Split, Some(_), Some(came)) => {
                            tx.return_aid_holder(county, came)?;
                            tx.return_loan_holder(county, came)?;
                        }
                        _ => {}
                    }
                }
            }
            let (persons, households) = (stored.persons.len(), stored.households.len());
            let asked = asks.asked.len();
            let count = |kind| events.iter().filter(|e| e.kind == kind).count();
            let (merged, split) = (count(PersonEventKind::Merged), count(PersonEventKind::Split));
            tx.audit(&Event {
                county,
                at,
                actor: "fujiao",
                action: "link",
                object: "registers",
                detail: &format!(
                    "persons {persons} households {households} asks {asked} merged {merged} split {split}"
                ),
            })?;
            Ok(())
        })
    }

    /// What is owed, what was done, and what settling the one against the other leaves.
    fn settle_registers(
        &self,
        county: u32,
        registers: &Registers,
        seconds: &mut Seconds,
        progress: &Progress<'_>,
    ) -> Result<Settled, OfficeError> {
        let started = Instant::now();
        progress("算应办", 0, 2);
        let mut asked = BTreeMap::new();
        let facts = self
            .store
            .read(|tx| crate::school::Facts::read(tx, county).map_err(OfficeError::from))?;
        let rules = &*registers.rules;
        let posts = crate::school::posts_by_norm(registers, &rules.norms, &facts);
        let mut duties = duties::all(registers, &rules.policies, &posts, &mut asked)?;
        crate::plans::todo::add(registers, &self.accepted_plans(county)?, &mut duties);
        crate::school::add_duties(registers, &rules.norms, &facts, &mut duties, &mut asked);
        let mut besides = Vec::new();
        let labour = crate::labour::Known::of(registers);
        let offers = self.store.read(|tx| tx.offers(county))?;
        labour.owe(registers, &rules.policies, &offers, &mut duties, &mut besides);
        let screened = self
            .store
            .read(|tx| crate::care::duties::screened(tx, county).map_err(OfficeError::from))?;
        crate::care::duties::add(registers, &screened, &mut duties, &mut asked);
        let (frozen, (paid, last_return), lent, bearers) = self.store.read(|tx| {
            let bearers = crate::pairing::duties::bearers(tx, county)?;
            let lent = tx.lent_loans(county)?;
            Ok::<_, OfficeError>((tx.frozen(county)?, tx.aid_paid(county)?, lent, bearers))
        })?;
        crate::loans::owed::add(registers, &lent, &rules.loans, &mut duties, &mut besides);
        let money = (&rules.purses, &rules.loans);
        let purses = purses::lay(registers, &lent, money, &mut duties, &mut besides);
        let frozen = frozen::Kept::keep(frozen, registers, &rules.policies, &mut duties);
        crate::pairing::duties::bear(&mut duties.duties, &bearers);
        progress("算应办", 1, 2);
        let mut unknown_programmes = BTreeMap::new();
        let mut deeds = deeds::all(registers, &rules.policies, &duties, &mut unknown_programmes);
        booked::add(registers, &rules.policies, &duties, &paid, &mut deeds);
        deeds.extend(besides);
        let duties = duties.duties;
        seconds.assess = started.elapsed().as_secs_f64();
        progress("算应办", 2, 2);
        progress("结差数", 0, 2);
        let settlement = settle(&duties, &deeds);
        let summaries = summary::lines(&duties, &deeds, &settlement);
        progress("结差数", 1, 2);
        Ok(Settled {
            duties,
            deeds,
            settlement,
            summaries,
            unknown_programmes,
            asked,
            frozen,
            last_return,
            loan_steps: lent.iter().map(|l| u64::from(l.loan.steps)).sum(),
            purses,
            labour,
        })
    }

    fn book_run(
        &self,
        county: u32,
        registers: &Registers,
        settled: &Settled,
        at: Timestamp,
    ) -> Result<u64, OfficeError> {
        let Settled { duties, deeds, settlement, summaries, frozen, last_return, .. } = settled;
        let sizes = serde_json::json!({
            "rows": registers.rows.len(), "persons": registers.persons.len(),
            "households": registers.households.len(), "schools": registers.schools.all.len(),
            "duties": duties.len(), "deeds": deeds.len(),
        })
        .to_string();
        let registers_hash = frozen.state(&registers.content_hash);
        // What was paid out of the books is a part of what the result follows from.
        let registers_hash = match last_return {
            0 => registers_hash,
            last => format!("{registers_hash}+r{last}"),
        };
        let registers_hash = match settled.loan_steps {
            0 => registers_hash,
            steps => format!("{registers_hash}+l{steps}"),
        };
        let out_of_school = cases::found(registers, settled);
        let contacts = crate::care::contacts::contacts(registers, &registers.rules.policies);
        let ((risks, bulletin), (found, generations)) = rayon::join(
            || {
                rayon::join(
                    || risks::risks(registers, settled),
                    || bulletin::cells(registers, settled),
                )
            },
            || rayon::join(|| two_lines::findings(registers), || generations::stages(registers)),
        );
        let (workers, doubts) = settled.labour.for_store(registers, settled);
        self.store.write(|tx| {
            let run = NewRun {
                as_of: registers.as_of,
                policies_hash: registers.rules.hash(),
                registers_hash: &registers_hash,
                started_at: at,
                ended_at: at,
                sizes: &sizes,
            };
            let results = Results {
                duties,
                gaps: &settlement.gaps,
                deeds,
                excesses: &settlement.excesses,
                summaries,
            };
            let id = tx.save_run(county, &run, &results)?;
            tx.replace_risks((county, id), &risks)?;
            tx.replace_two_lines((county, id), &found)?;
            tx.replace_generations((county, id), &generations)?;
            tx.replace_purses((county, id), &settled.purses.gifts, &settled.purses.needs)?;
            tx.replace_bulletin((county, id), &bulletin)?;
            tx.replace_contacts((county, id), &contacts)?;
            tx.replace_workers((county, id), &workers)?;
            tx.replace_labour_findings((county, id), &doubts)?;
            let paid = frozen.paid_first(duties, &settlement.done);
            let newly = tx.freeze(county, id, &run, paid)?;
            tx.set_aid_seen(county, id, *last_return)?;
            tx.replace_differences(county, id, &frozen.differences)?;
            cases::open_found(tx, county, id, registers.as_of, &out_of_school, at)?;
            let differences = frozen.differences.len();
            let (gaps, excesses) = (settlement.gaps.len(), settlement.excesses.len());
            tx.audit(&Event {
                county,
                at,
                actor: "fujiao",
                action: "assess",
                object: &format!("run {id}"),
                detail: &format!(
                    "as of {} duties {} deeds {} gaps {gaps} excesses {excesses} frozen {newly} differences {differences}",
                    registers.as_of,
                    duties.len(),
                    deeds.len()
                ),
            })?;
            Ok(id)
        })
    }
}
