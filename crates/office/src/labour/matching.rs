//! Runs that match people to vacancies: reckoned, checked, kept with why for each person, accepted as offers or dropped.

use std::collections::{BTreeMap, BTreeSet};

use fujiao_labour::Rules;
use fujiao_labour::ability::Ability;
use fujiao_labour::coding::OccupationCode;
use fujiao_labour::fit::{self, Seeker, fit};
use fujiao_model::{Area, Division};
use fujiao_plan::check::{self, Said};
use fujiao_plan::jobs::{self, Aim, Matched, Reason};
use fujiao_store::{MatchLine, MatchRun, Person, Tx, Worker};
use jiff::civil::Date;
use sha2::{Digest, Sha256};

use super::coding::Codes;
use super::rows::{place_names, write};
use super::sessions::{persons, reaches};
use super::work::{NewJob, Vacancy, began, vacancies};
use super::{LabourError, author, led, note, seen, text};
use crate::access::{Actor, Right};
use crate::plans::ways::Ways;
use crate::{Office, OfficeError};

/// What a matching is to be best at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// Points of both sides together.
    Weight,
    /// That no person and vacancy would both rather have each other.
    Stable,
}

impl How {
    /// The word in forms and in the books.
    pub fn code(self) -> &'static str {
        match self {
            Self::Weight => "weight",
            Self::Stable => "stable",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Weight, Self::Stable].into_iter().find(|h| h.code() == text)
    }
}

/// What a run says of somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatchView {
    /// Who.
    pub person: u64,
    /// Their name.
    pub name: String,
    /// Village or town.
    pub place: String,
    /// The line; its vacancy is empty for who is left.
    pub line: MatchLine,
    /// Word and number: of a match with points; of who is left with vacancies.
    pub reasons: Vec<(String, i64)>,
}

/// One run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatchPage {
    /// The run.
    pub run: MatchRun,
    /// Lines on the reader's ground, as asked for.
    pub lines: Vec<MatchView>,
    /// How many of that filter.
    pub total: usize,
    /// On the reader's ground: matched, left, placed, declined.
    pub counts: [usize; 4],
    /// Of those left: words with how many people it is the commonest bar of.
    pub bars: Vec<(String, usize)>,
    /// Whether the reader leads the whole county.
    pub may_decide: bool,
    /// Whether the reader leads.
    pub may_lead: bool,
    /// The day in the books.
    pub today: Date,
}

/// Runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MatchesPage {
    /// The latest first.
    pub runs: Vec<MatchRun>,
    /// People who look for work, and openings, as the live assessment and the rows have them.
    pub counts: (usize, i64),
    /// Whether the reader may reckon one.
    pub may_decide: bool,
}

/// Lines a page.
pub const LINES: usize = 50;
/// How many vacancies each person is offered to the solver at most.
const CANDIDATES: usize = 30;
/// 不便分类的其他从业人员: where nobody is sure what a trade is.
const NO_TRADE: u32 = 8_000_000;

/// Refuses who does not lead jobs in the whole county.
fn whole_county(actor: &Actor) -> Result<(), OfficeError> {
    if led(actor, Area::Jobs)?.is_whole() {
        Ok(())
    } else {
        Err(LabourError::NotNow("人岗匹配由管全县就业的人做；请县人社局来做".into()).into())
    }
}

/// Whether somebody looks for work.
pub(crate) fn looks(w: &Worker) -> bool {
    let wish = w.wish.trim();
    w.able && w.working != Some(true) && !["不", "无", "否"].iter().any(|no| wish.starts_with(no))
}

/// Whether somebody wishes to stay near home.
fn stays(w: &Worker) -> bool {
    ["就近", "就地", "家门口", "本地", "县内"].iter().any(|word| w.wish.contains(word))
}

fn no_trade() -> OccupationCode {
    OccupationCode::of_number(NO_TRADE).expect("大类 8 is a code")
}

fn seeker(w: &Worker, codes: &Codes) -> Seeker {
    let code = |text: &str| text.parse::<OccupationCode>().ok();
    let learnt = if w.completed > 0 { codes.get(&w.course) } else { None };
    Seeker {
        skills: [code(&w.skill_code), code(&w.trade_code), learnt].into_iter().flatten().collect(),
        certified: learnt.into_iter().collect(),
        wishes: [code(&w.wished_code), codes.get(&w.to_learn)]
            .into_iter()
            .flatten()
            .take(1)
            .collect(),
        wage: w.wished_wage.and_then(|fen| u32::try_from(fen / 100).ok()),
        ability: Ability::parse(&w.ability).unwrap_or(Ability::Normal),
        years: Some(w.age),
        is_tied: !w.care.is_empty(),
        has_priority: true,
        most_minutes: None,
    }
}

fn offered(v: &Vacancy, codes: &Codes, seats: i64, away: bool) -> fit::Vacancy {
    let least_ability = if v.kind.contains("公益") {
        Ability::Half
    } else if v.kind.contains("车间") {
        Ability::Weak
    } else {
        Ability::Normal
    };
    fit::Vacancy {
        occupation: codes.get(&v.occupation).unwrap_or_else(no_trade),
        seats: u32::try_from(seats.max(0)).unwrap_or(0),
        wage: v.wage.and_then(|fen| u32::try_from(fen / 100).ok()),
        needs_certificate: !v.level.is_empty(),
        least_ability,
        years: None,
        is_flexible: v.flexible,
        is_reserved: v.is_reserved(),
        has_lodging: away,
    }
}

/// What a run starts from.
struct Inputs {
    people: Vec<Worker>,
    seekers: Vec<Seeker>,
    vacancies: Vec<Vacancy>,
    offers: Vec<fit::Vacancy>,
    minutes: Vec<Vec<Option<u32>>>,
    /// Which row of minutes is a person's.
    from: Vec<usize>,
    as_of: Date,
    digest: String,
}

/// Why a match is one or is none: word and points.
type Reasons = Vec<(String, i64)>;

impl Office {
    /// Reckons who of those who look for work suits which vacancy, has it counted again by the checker, and keeps it with why for each
    /// person; the run's number. Nothing changes until it is accepted.
    ///
    /// # Errors
    /// [`LabourError`]; what the store says.
    pub fn match_people(&self, actor: &Actor, how: How, why: &str) -> Result<u64, OfficeError> {
        whole_county(actor)?;
        let why = text("why", why, 100, Some("为什么匹配"))?;
        let county = self.county_code()?;
        let inputs = self.store.read(|tx| self.match_inputs(tx, county, actor))?;
        if inputs.people.is_empty() {
            let why = "没有要找工作的劳动力；先收劳动力名册，再核算".to_owned();
            return Err(LabourError::NotNow(why).into());
        }
        if inputs.offers.iter().all(|o| o.seats == 0) {
            return Err(LabourError::NotNow("没有空着的岗位；先登记或收岗位".into()).into());
        }
        let way = |person: usize, vacancy: usize| -> Option<u32> {
            // Whoever wishes to stay near is not sent where one has to lodge.
            if inputs.offers[vacancy].has_lodging && stays(&inputs.people[person]) {
                return None;
            }
            inputs.minutes[inputs.from[person]][vacancy]
        };
        let rules = &self.rules.labour;
        let choices = fit::choices(rules, &inputs.seekers, &inputs.offers, way, CANDIDATES);
        let wanted: Vec<Vec<jobs::Candidate>> = choices
            .iter()
            .map(|c| {
                let of = |c: &fit::Candidate| jobs::Candidate {
                    vacancy: c.vacancy,
                    person: c.person,
                    employer: c.employer,
                };
                c.candidates.iter().map(of).collect()
            })
            .collect();
        let seats: Vec<u32> = inputs.offers.iter().map(|o| o.seats).collect();
        let (matched, verdict) = solved(how, &wanted, &seats);
        let lines: Vec<MatchLine> = (0..inputs.people.len())
            .map(|at| line(rules, &inputs, at, &choices[at], &matched, way))
            .collect();
        let of = |n: usize| n as u64;
        let run = MatchRun {
            number: 0,
            as_of: inputs.as_of,
            how: how.code().to_owned(),
            why,
            people: of(inputs.people.len()),
            posts: seats.iter().map(|s| u64::from(*s)).sum(),
            matched: of(matched.matched()),
            points: lines.iter().map(|l| l.points).sum(),
            verdict,
            inputs: inputs.digest.clone(),
            state: "proposed".to_owned(),
            login: actor.login.clone(),
            name: actor.name.clone(),
            at: actor.at,
            decided: None,
        };
        self.store.write(|tx| {
            let number = tx.add_match_run(county, &run, &lines)?;
            let detail = format!("people {} matched {} {}", run.people, run.matched, run.verdict);
            note(tx, county, actor, "match run", &format!("run {number}"), &detail)?;
            Ok(number)
        })
    }

    fn match_inputs(&self, tx: &mut Tx, county: u32, actor: &Actor) -> Result<Inputs, OfficeError> {
        let today = crate::entries::today(tx, county, actor)?;
        let offers = tx.offers(county)?;
        let open: BTreeSet<u64> =
            offers.iter().filter(|(.., l)| l.outcome == "open").map(|(.., l)| l.person).collect();
        let mut held: BTreeMap<&str, i64> = BTreeMap::new();
        for (.., l) in offers.iter().filter(|(.., l)| l.outcome == "open") {
            *held.entry(l.vacancy.as_str()).or_default() += 1;
        }
        let mut people = tx.workers("1 = 1", &[county.into()])?;
        people.retain(|w| looks(w) && !open.contains(&w.person));
        let vacancies: Vec<Vacancy> =
            vacancies(tx, county)?.into_iter().filter(|v| v.is_open(today)).collect();
        let texts = people
            .iter()
            .flat_map(|w| [w.course.as_str(), w.to_learn.as_str()])
            .chain(vacancies.iter().map(|v| v.occupation.as_str()));
        let codes = Codes::of(texts);
        let ways = Ways::read(tx, county)?;
        let mut homes: BTreeMap<Option<Division>, usize> = BTreeMap::new();
        let from: Vec<usize> = people
            .iter()
            .map(|w| {
                let next = homes.len();
                *homes.entry(w.village.or(w.town)).or_insert(next)
            })
            .collect();
        let mut order: Vec<Option<Division>> = vec![None; homes.len()];
        for (home, at) in &homes {
            order[*at] = *home;
        }
        let seat = ways.seat();
        let at = |v: &Vacancy| {
            ways.place_named(&v.town).or_else(|| ways.place_named(&v.work_place)).or_else(|| {
                // Somewhere in the county, or nobody knows: where its offices sit.
                if is_away(v) { None } else { seat }
            })
        };
        let to: Vec<Option<Division>> = vacancies.iter().map(at).collect();
        let mut minutes = ways.minutes(&self.rules.policies, &order, &to)?;
        for row in &mut minutes {
            for (v, cell) in vacancies.iter().zip(row.iter_mut()) {
                if is_away(v) {
                    // The way is gone once a season; board and lodging are there.
                    *cell = Some(AWAY);
                }
            }
        }
        let seekers = people.iter().map(|w| seeker(w, &codes)).collect();
        let offers = vacancies
            .iter()
            .map(|v| {
                let taken = held.get(format!("{:016x}", v.key).as_str()).copied().unwrap_or(0);
                offered(v, &codes, v.openings - v.filled - taken, is_away(v))
            })
            .collect();
        let mut sha = Sha256::new();
        sha.update(format!("{today} {:?}", self.rules.hash()));
        sha.update(format!("{people:?}"));
        sha.update(format!("{offers:?} {}", ways.digest()));
        let digest = sha.finalize().iter().fold(String::new(), |mut text, byte| {
            use std::fmt::Write as _;
            let _ = write!(text, "{byte:02x}");
            text
        });
        Ok(Inputs { people, seekers, vacancies, offers, minutes, from, as_of: today, digest })
    }

    /// Accepts a run that is proposed: its matches become offers, each with a clock. How many.
    ///
    /// # Errors
    /// [`LabourError::NoRun`], [`LabourError::NotNow`].
    pub fn accept_matches(&self, actor: &Actor, number: u64) -> Result<u64, OfficeError> {
        self.decide_matches(actor, number, "accepted")
    }

    /// Drops a run that is proposed.
    ///
    /// # Errors
    /// As [`Office::accept_matches`].
    pub fn drop_matches(&self, actor: &Actor, number: u64) -> Result<u64, OfficeError> {
        self.decide_matches(actor, number, "dropped")
    }

    fn decide_matches(&self, actor: &Actor, number: u64, state: &str) -> Result<u64, OfficeError> {
        whole_county(actor)?;
        let county = self.county_code()?;
        self.store.write(|tx| {
            let run = tx.match_run(county, number)?.ok_or(LabourError::NoRun)?;
            if run.state != "proposed" {
                return Err(LabourError::NotNow("这次匹配已经定过；看匹配记录".into()).into());
            }
            if state == "accepted" && run.verdict != "ok" {
                return Err(LabourError::NotNow("核对没有通过，不能采用；重新算一次".into()).into());
            }
            tx.decide_match_run(county, number, state, (&actor.login, actor.at))?;
            let detail = format!("{state} matched {}", run.matched);
            note(tx, county, actor, "decide matches", &format!("run {number}"), &detail)?;
            Ok(run.matched)
        })
    }

    /// Says what became of an offer: somebody took it, and works since a day; or did not, for a reason.
    ///
    /// # Errors
    /// [`LabourError::NoPerson`]; [`LabourError::NotNow`] if it was answered; [`LabourError::Form`].
    pub fn answer_offer(
        &self,
        actor: &Actor,
        (number, person): (u64, u64),
        took: bool,
        on: Option<Date>,
        why: &str,
    ) -> Result<(), OfficeError> {
        let scope = led(actor, Area::Jobs)?;
        let county = self.county_code()?;
        self.store.write(|tx| {
            let today = crate::entries::today(tx, county, actor)?;
            let run = tx.match_run(county, number)?.filter(|r| r.state == "accepted");
            run.ok_or(LabourError::NoRun)?;
            let lines = tx.match_lines(county, number)?;
            let line = lines.into_iter().find(|l| l.person == person && !l.vacancy.is_empty());
            let line = line.ok_or(LabourError::NoPerson)?;
            let now = tx.current_person(county, person)?.unwrap_or(person);
            let known = persons(tx, county, std::iter::once(now))?;
            let of = known.get(&now).filter(|p| reaches(&scope, p)).ok_or(LabourError::NoPerson)?;
            let (outcome, why) = if took {
                let new = NewJob {
                    employer: line.employer.clone(),
                    occupation: line.occupation.clone(),
                    work_place: line.work_place.clone(),
                    wage: line.wage.map(|fen| (fen / 100).to_string()).unwrap_or_default(),
                    on,
                };
                let row = began(tx, county, of, &new, today)?;
                write(tx, county, actor, today, vec![row])?;
                ("placed", String::new())
            } else {
                ("declined", text("why", why, 100, Some("为什么不去"))?)
            };
            if !tx.end_offer((county, number, person), outcome, &why, &author(actor))? {
                return Err(LabourError::NotNow("这个推荐已经有回音".into()).into());
            }
            note(tx, county, actor, "answer offer", &format!("run {number}"), outcome)
        })
    }

    /// Runs, the latest first.
    ///
    /// # Errors
    /// Without [`Right::Figures`]; what the store says.
    pub fn match_runs(&self, actor: &Actor) -> Result<MatchesPage, OfficeError> {
        actor.must(Right::Figures)?;
        let county = self.county_code()?;
        self.store.read(|tx| {
            let today = crate::entries::today(tx, county, actor)?;
            let looking =
                tx.workers("w.able = 1", &[county.into()])?.iter().filter(|w| looks(w)).count();
            let open: i64 = vacancies(tx, county)?
                .iter()
                .filter(|v| v.is_open(today))
                .map(|v| v.openings - v.filled)
                .sum();
            Ok(MatchesPage {
                runs: tx.match_runs(county, 100)?,
                counts: (looking, open),
                may_decide: actor.may(Right::Labour)
                    && actor.scope_in(Right::Labour, Area::Jobs).is_whole(),
            })
        })
    }

    /// One run; `show`: `matched`, `left`, `open` (accepted and not answered), else all.
    ///
    /// # Errors
    /// Without [`Right::Names`]; [`LabourError::NoRun`].
    pub fn match_page(
        &self,
        actor: &Actor,
        number: u64,
        show: &str,
        page: usize,
        whole_list: bool,
    ) -> Result<MatchPage, OfficeError> {
        let scope = seen(actor, Area::Jobs)?;
        let county = self.county_code()?;
        self.store.read(|tx| {
            let run = tx.match_run(county, number)?.ok_or(LabourError::NoRun)?;
            let lines = tx.match_lines(county, number)?;
            let known = persons(tx, county, lines.iter().map(|l| l.person))?;
            let mut sum = [0; 4];
            let mut bars: BTreeMap<String, usize> = BTreeMap::new();
            let mut chosen: Vec<(&Person, MatchLine, Reasons)> = Vec::new();
            for line in lines {
                let Some(person) = known.get(&line.person).filter(|p| reaches(&scope, p)) else {
                    continue;
                };
                let reasons: Reasons = serde_json::from_str(&line.reasons).unwrap_or_default();
                let left = line.vacancy.is_empty();
                sum[usize::from(left)] += 1;
                sum[2] += usize::from(line.outcome == "placed");
                sum[3] += usize::from(line.outcome == "declined");
                if left && let Some((word, _)) = reasons.first() {
                    *bars.entry(word.clone()).or_default() += 1;
                }
                let wanted = match show {
                    "matched" => !left,
                    "left" => left,
                    "open" => !left && line.outcome == "open",
                    _ => true,
                };
                if wanted {
                    chosen.push((person, line, reasons));
                }
            }
            chosen
                .sort_by_key(|(p, l, _)| (l.vacancy.is_empty(), std::cmp::Reverse(l.points), p.id));
            let total = chosen.len();
            let places = place_names(tx, county)?;
            let (skip, take) =
                if whole_list { (0, usize::MAX) } else { (page.saturating_sub(1) * LINES, LINES) };
            let mut bars: Vec<(String, usize)> = bars.into_iter().collect();
            bars.sort_by_key(|(word, n)| (std::cmp::Reverse(*n), word.clone()));
            Ok(MatchPage {
                lines: chosen
                    .into_iter()
                    .skip(skip)
                    .take(take)
                    .map(|(person, line, reasons)| MatchView {
                        person: person.id,
                        name: person.name.clone(),
                        place: person
                            .village
                            .or(person.town)
                            .and_then(|d| places.get(&d))
                            .cloned()
                            .unwrap_or_default(),
                        line,
                        reasons,
                    })
                    .collect(),
                total,
                counts: sum,
                bars,
                may_decide: whole_county(actor).is_ok(),
                may_lead: actor.may(Right::Labour),
                today: crate::entries::today(tx, county, actor)?,
                run,
            })
        })
    }
}

/// Minutes that work far away counts for: board and lodging are there, and the way is gone once a season.
const AWAY: u32 = 300;

/// Whether a vacancy is outside the county.
fn is_away(v: &Vacancy) -> bool {
    ["县外", "市外", "省外", "外省", "省内", "市内"].iter().any(|word| v.work_place.contains(word))
}

/// The matching, and what the checker says of it.
fn solved(how: How, wanted: &[Vec<jobs::Candidate>], seats: &[u32]) -> (Matched, String) {
    let as_checked: Vec<Vec<check::Wanted>> = wanted
        .iter()
        .map(|row| {
            let of = |c: &jobs::Candidate| check::Wanted {
                vacancy: c.vacancy,
                person: c.person,
                employer: c.employer,
            };
            row.iter().map(of).collect()
        })
        .collect();
    let said =
        |fault: Result<(), check::Fault>| fault.map_or_else(|f| f.to_string(), |()| "ok".into());
    match how {
        How::Weight => {
            let found = jobs::best(wanted, seats, Aim::Points);
            let told = Said { objective: found.objective, bound: found.bound };
            let verdict = said(check::matching(
                &as_checked,
                seats,
                &found.plan.vacancy_of,
                (&found.plan.seat_is_worth, 0),
                told,
            ));
            (found.plan, verdict)
        }
        How::Stable => {
            let found = jobs::stable(wanted, seats);
            let verdict = said(check::stable(&as_checked, seats, &found.vacancy_of));
            (found, verdict)
        }
    }
}

fn line(
    rules: &Rules,
    inputs: &Inputs,
    at: usize,
    choices: &fit::Choices,
    matched: &Matched,
    way: impl Fn(usize, usize) -> Option<u32>,
) -> MatchLine {
    let person = inputs.people[at].person;
    let mut reasons: Vec<(String, i64)> = Vec::new();
    let beside = match matched.reasons[at] {
        Reason::First => ("first", 0),
        Reason::BetterFull { better } => ("better_full", i64::from(better)),
        Reason::Together { better } => ("together", i64::from(better)),
        Reason::NoCandidate => ("no_candidate", 0),
        Reason::AllFull { best } => ("all_full", i64::from(best)),
        Reason::NotWorth => ("not_worth", 0),
    };
    let Some(vacancy) = matched.vacancy_of[at] else {
        // What bars most, then how many vacancies each bars from.
        if !matches!(matched.reasons[at], Reason::NoCandidate) {
            reasons.push((beside.0.to_owned(), 0));
        }
        let mut bars: Vec<_> =
            choices.bars.iter().map(|(b, n)| (b.code(), i64::from(*n))).collect();
        bars.sort_by_key(|(code, n)| (std::cmp::Reverse(*n), *code));
        reasons.extend(bars.into_iter().map(|(code, n)| (code.to_owned(), n)));
        return MatchLine {
            person,
            vacancy: String::new(),
            employer: String::new(),
            occupation: String::new(),
            work_place: String::new(),
            wage: None,
            points: 0,
            reasons: serde_json::to_string(&reasons).expect("words and numbers always write"),
            outcome: "open".to_owned(),
            why: String::new(),
            done: None,
        };
    };
    let to = vacancy as usize;
    let found = fit(rules, &inputs.seekers[at], &inputs.offers[to], way(at, to))
        .expect("a vacancy of the matching is a candidate");
    for (why, points) in &found.why {
        reasons.push((why.code().to_owned(), *points));
    }
    reasons.push((beside.0.to_owned(), 0));
    let of = &inputs.vacancies[to];
    MatchLine {
        person,
        vacancy: format!("{:016x}", of.key),
        employer: of.employer.clone(),
        occupation: of.occupation.clone(),
        work_place: if of.work_place.is_empty() { of.town.clone() } else { of.work_place.clone() },
        wage: of.wage,
        points: found.person + found.employer,
        reasons: serde_json::to_string(&reasons).expect("words and numbers always write"),
        outcome: "open".to_owned(),
        why: String::new(),
        done: None,
    }
}
