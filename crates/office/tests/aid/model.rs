//! Clerks, approvers, a cashier and a bank act at random, processes die in the middle of what they do, people try again; a simple
//! oracle keeps count. Whatever happens: the journal balances, nobody is paid twice, no step is skipped, nothing is lost.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use fujiao_office::OfficeError;
use fujiao_office::aid::{Decision, FindingList, Step};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::*;

const PEOPLE: u64 = 6;

/// What somebody does next.
#[derive(Clone, Debug)]
enum Act {
    /// Whoever's turn it is does what comes next.
    Next,
    /// A clerk opens a batch.
    Open(u8),
    /// A clerk checks the newest batch.
    Check(u8),
    /// A clerk brings it in line with the assessment.
    Mend,
    /// A clerk settles all that was found.
    Settle,
    /// A clerk leaves a line out.
    LeaveOut(u8),
    /// A clerk hangs it out.
    Publish(u8),
    /// Somebody signs.
    Approve(u8),
    /// A clerk takes it back.
    Withdraw,
    /// The cashier makes a file.
    Export(u8),
    /// The bank answers some lines of a file: which file, what it says of each line.
    Answer(u8, Vec<u8>),
    /// The bank sends its last answer again.
    AnswerAgain,
    /// The cashier gives up what is due.
    Stop(u8),
    /// The cashier closes it.
    Close,
    /// Days pass.
    Wait(u8),
    /// An assessment that owes somebody more.
    Rise(u8),
    /// An assessment that has seen all that was paid.
    Assess,
    /// The program is started again.
    Restart,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        30 => Just(Act::Next),
        4 => (0_u8..3).prop_map(Act::Open),
        5 => (0_u8..3).prop_map(Act::Check),
        1 => Just(Act::Mend),
        3 => Just(Act::Settle),
        1 => any::<u8>().prop_map(Act::LeaveOut),
        5 => (0_u8..3).prop_map(Act::Publish),
        8 => (0_u8..5).prop_map(Act::Approve),
        1 => Just(Act::Withdraw),
        8 => (0_u8..2).prop_map(Act::Export),
        8 => (any::<u8>(), prop::collection::vec(0_u8..5, 6)).prop_map(|(f, w)| Act::Answer(f, w)),
        2 => Just(Act::AnswerAgain),
        1 => any::<u8>().prop_map(Act::Stop),
        2 => Just(Act::Close),
        6 => (1_u8..9).prop_map(Act::Wait),
        1 => any::<u8>().prop_map(Act::Rise),
        1 => Just(Act::Assess),
        1 => Just(Act::Restart),
    ]
}

/// A file as the bank has it: its number, its lines, and what the bank did with each.
struct AtBank {
    number: String,
    lines: Vec<(String, String, i64)>,
    told: BTreeMap<String, bool>,
}

/// The world outside of the books.
#[derive(Default)]
struct Oracle {
    /// Files by number: a bank takes a number once.
    files: Vec<AtBank>,
    seen: BTreeSet<String>,
    /// Fen that the bank moved, by account.
    moved: BTreeMap<String, i64>,
    /// Fen that the county owes, by person.
    owed: BTreeMap<u64, i64>,
    last_answer: Option<Vec<u8>>,
    day: i64,
}

/// What a process says when it is killed.
struct Death;

struct World {
    books: Books,
    oracle: Oracle,
    /// After how many signs of progress the process dies; `None`: it lives.
    dies: Option<u32>,
    /// How often it did.
    deaths: Cell<u32>,
}

fn account(person: u64) -> String {
    format!("62302800{person:08}")
}

impl World {
    fn new() -> Self {
        let books = Books::new(PEOPLE);
        books.fund("3000");
        books.fund("3000");
        books.payer();
        let owed = (1..=PEOPLE).map(|p| (p, OWED)).collect();
        Self {
            books,
            oracle: Oracle { owed, ..Oracle::default() },
            dies: None,
            deaths: Cell::new(0),
        }
    }

    fn who(&self, login: &str) -> Actor {
        actor(login, on(self.oracle.day))
    }

    fn newest(&self) -> Option<u64> {
        let home = self.books.office.aid_home(&self.who("li")).unwrap();
        home.cycles.iter().flat_map(|(.., batches)| batches).map(|b| b.batch.id).max()
    }

    /// Does something that may die in the middle: whatever had begun is rolled back, or was done as a whole.
    fn dying<T>(
        &self,
        f: impl FnOnce(&dyn Fn(&str, u64, u64)) -> Result<T, OfficeError>,
    ) -> Option<T> {
        let left = Cell::new(self.dies);
        let progress = |_: &str, _: u64, _: u64| {
            if let Some(n) = left.get() {
                if n == 0 {
                    // Without a word: the process is gone.
                    std::panic::resume_unwind(Box::new(Death));
                }
                left.set(Some(n - 1));
            }
        };
        match catch_unwind(AssertUnwindSafe(|| f(&progress))) {
            Ok(Ok(done)) => Some(done),
            // Refused: the office says why. What is not a refusal is a fault.
            Ok(Err(OfficeError::Aid(_) | OfficeError::NotAllowed(_))) => None,
            Err(death) if death.is::<Death>() => {
                self.deaths.set(self.deaths.get() + 1);
                None
            }
            Err(fault) => std::panic::resume_unwind(fault),
            Ok(Err(other)) => panic!("{other}"),
        }
    }

    fn step(&mut self, act: &Act) {
        let office = self.books.office.clone();
        let clerk = |n: u8| ["li", "liu", "wang"][usize::from(n % 3)];
        let newest = self.newest();
        match (act, newest) {
            (Act::Next, _) => self.next(newest),
            (Act::Open(n), _) => {
                self.dying(|_| office.aid_open(&self.who(clerk(*n)), KIND, TERM));
            }
            (Act::Check(n), Some(batch)) => {
                self.dying(|p| office.aid_check(&self.who(clerk(*n)), batch, p));
            }
            (Act::Mend, Some(batch)) => {
                self.dying(|_| office.aid_mend(&self.who("li"), batch));
            }
            (Act::Settle, Some(batch)) => {
                let page = office.aid_page(&self.who("li"), batch, None).unwrap();
                for f in page.findings.iter().filter(|f| f.decided.is_none()) {
                    let about = (f.list, f.person, f.other.as_str());
                    let keep = f.list == FindingList::Missed;
                    let decision = if keep { Decision::Keep } else { Decision::LeaveOut };
                    self.dying(|_| {
                        office.aid_decide(&self.who("li"), batch, about, decision, "核实")
                    });
                }
            }
            (Act::LeaveOut(n), Some(batch)) => {
                let lines = office.aid_line_ids(batch).unwrap();
                if let Some((line, ..)) = lines.get(usize::from(*n) % lines.len().max(1)) {
                    self.dying(|_| office.aid_leave_out(&self.who("li"), batch, *line, "自愿放弃"));
                }
            }
            (Act::Publish(n), Some(batch)) => {
                self.dying(|_| office.aid_publish(&self.who(clerk(*n)), batch, None, None));
            }
            (Act::Approve(n), Some(batch)) => {
                let who = ["li", "liu", "wang", "chen", "zhou"][usize::from(*n % 5)];
                self.dying(|p| office.aid_approve(&self.who(who), batch, "", p));
            }
            (Act::Withdraw, Some(batch)) => {
                self.dying(|_| office.aid_withdraw(&self.who("li"), batch, "重来"));
            }
            (Act::Export(n), Some(_)) => {
                // Any batch: late files of an early batch too.
                let batch = newest.unwrap().saturating_sub(u64::from(*n)).max(1);
                let who = ["zhao", "qian"][usize::from(*n % 2)];
                let made = self.dying(|p| {
                    office.aid_export(&self.who(who), batch, Channel::BankText, None, p)
                });
                if let Some(made) = made {
                    self.carry_to_the_bank(&made.bytes);
                }
            }
            (Act::Answer(file, words), _) => self.bank_answers(*file, words),
            (Act::AnswerAgain, _) => {
                if let Some(bytes) = self.oracle.last_answer.clone() {
                    self.take(&bytes);
                }
            }
            (Act::Stop(n), Some(batch)) => {
                let lines = office.aid_line_ids(batch).unwrap();
                if let Some((line, ..)) = lines.get(usize::from(*n) % lines.len().max(1)) {
                    self.dying(|_| office.aid_stop(&self.who("zhao"), *line, "已去世"));
                }
            }
            (Act::Close, Some(batch)) => {
                self.dying(|_| office.aid_close(&self.who("zhao"), batch));
            }
            (Act::Wait(days), _) => self.oracle.day += i64::from(*days),
            (Act::Rise(n), _) => {
                let person = 1 + u64::from(*n) % PEOPLE;
                *self.oracle.owed.get_mut(&person).unwrap() += 12_500;
                self.assess();
            }
            (Act::Assess, _) => self.assess(),
            (Act::Restart, _) => {
                self.books.store = store(self.books.folder.path());
                self.books.office = Office::over(Arc::clone(&self.books.store), keys()).unwrap();
            }
            (_, None) => {}
        }
    }

    /// What comes next for the newest batch.
    fn next(&mut self, newest: Option<u64>) {
        let page = newest.map(|b| self.books.office.aid_page(&self.who("li"), b, None).unwrap());
        let acts: &[Act] = match page {
            None => &[Act::Open(0)],
            Some(page) if page.batch.withdrawn.is_some() => &[Act::Open(1)],
            Some(page) => match page.step {
                Step::Draft => &[Act::Check(0)],
                Step::Checked => &[Act::Check(1), Act::Settle, Act::Publish(1)],
                Step::Published => &[Act::Wait(8), Act::Check(0), Act::Settle, Act::Approve(3)],
                Step::Approved | Step::Exported => &[Act::Export(0)],
                Step::Reconciled => &[Act::Close],
                Step::Closed => &[Act::Assess, Act::Open(0)],
            },
        };
        for act in acts {
            self.step(act);
        }
    }

    /// What the rules would find: what is owed, less what the books say was paid.
    fn assess(&self) {
        let (paid, _) = self.books.store.read(|tx| tx.aid_paid(COUNTY)).unwrap();
        let mut of: BTreeMap<u64, i64> = BTreeMap::new();
        for p in paid {
            *of.entry(p.person).or_default() += p.amount;
        }
        let lines: Vec<_> = self
            .oracle
            .owed
            .iter()
            .map(|(p, fen)| (*p, *fen, fen - of.get(p).copied().unwrap_or(0)))
            .collect();
        self.books.assess(&lines);
    }

    /// A bank takes a number once; bytes that are handed in again move nothing.
    fn carry_to_the_bank(&mut self, bytes: &[u8]) {
        let (number, lines) = read_file(bytes);
        if self.oracle.seen.insert(number.clone()) {
            self.oracle.files.push(AtBank { number, lines, told: BTreeMap::new() });
        }
    }

    /// The bank tells of some lines: 0 paid, 1 came back, 2 nothing, 3 paid and told in a strange order, 4 a stranger's line.
    fn bank_answers(&mut self, file: u8, words: &[u8]) {
        if self.oracle.files.is_empty() {
            return;
        }
        let at = usize::from(file) % self.oracle.files.len();
        let of = &mut self.oracle.files[at];
        let mut said = Vec::new();
        for ((key, account, fen), word) in of.lines.iter().zip(words.iter().cycle()) {
            let before = of.told.get(key).copied();
            let paid = match (before, word) {
                (Some(paid), _) => paid,
                (None, 2) => continue,
                (None, 1) => false,
                (None, _) => true,
            };
            if before.is_none() {
                of.told.insert(key.clone(), paid);
                if paid {
                    *self.oracle.moved.entry(account.clone()).or_default() += fen;
                }
            }
            let word = if paid { "成功" } else { "失败" };
            said.push((key.clone(), account.clone(), *fen, word));
        }
        if words.contains(&3) {
            said.reverse();
        }
        if words.contains(&4) {
            said.push(("88-8".to_owned(), "6230280000008888".to_owned(), 1, "成功"));
        }
        if said.is_empty() {
            return;
        }
        let bytes = answer(&of.number, &said);
        self.oracle.last_answer = Some(bytes.clone());
        self.take(&bytes);
    }

    fn take(&self, bytes: &[u8]) {
        self.dying(|p| {
            self.books.office.aid_reconcile(&self.who("zhao"), "回盘.csv", bytes, None, p)
        });
    }

    /// What holds whatever happened.
    fn check(&self) {
        let Self { books, oracle, .. } = self;
        // The bank never moved more to anybody than they are owed.
        for (person, owed) in &oracle.owed {
            let moved = oracle.moved.get(&account(*person)).copied().unwrap_or(0);
            assert!(moved <= *owed, "person {person}: {moved} of {owed}");
        }
        // The books say "paid" only of what the bank moved.
        let (paid, _) = books.store.read(|tx| tx.aid_paid(COUNTY)).unwrap();
        let mut by_person: BTreeMap<u64, i64> = BTreeMap::new();
        for p in &paid {
            *by_person.entry(p.person).or_default() += p.amount;
        }
        for (person, fen) in &by_person {
            assert!(*fen <= oracle.moved.get(&account(*person)).copied().unwrap_or(0), "{person}");
        }
        // Double entry: all accounts sum to nothing, nothing is below nothing, the pool is what came less what went.
        let balances = books.balances();
        assert_eq!(balances.values().sum::<i64>(), 0);
        for (name, fen) in balances.iter().filter(|(name, _)| *name != "pool") {
            assert!(*fen >= 0, "{name} {fen}");
        }
        let went: i64 = by_person.values().sum();
        assert_eq!(-balances["pool"], 600_000 - went);
        // Every step of every batch is there, from the first on.
        books
            .store
            .read(|tx| {
                for batch in tx.aid_batches(COUNTY)? {
                    let steps: Vec<u8> =
                        tx.aid_steps(COUNTY, batch.id)?.iter().map(|s| s.step).collect();
                    assert_eq!(steps, (1..=batch.step).collect::<Vec<_>>());
                    let of = tx.aid_tally(COUNTY, batch.id, ("1 = 1", &[]))?;
                    if batch.step >= Step::Approved.number() {
                        let states = [of.due, of.sent, of.paid, of.stopped];
                        assert_eq!(of.lines, states.iter().map(|(n, _)| n).sum::<u64>());
                        assert_eq!(of.total, states.iter().map(|(_, fen)| fen).sum::<i64>());
                    }
                }
                Ok::<_, StoreError>(())
            })
            .unwrap();
    }

    /// Everybody does what is left to do: then everybody whom nobody gave up or left out has what they are owed.
    fn finish(&mut self) {
        self.dies = None;
        for _ in 0..4 {
            self.assess();
            // All that is under way comes to its end first.
            for round in 0..3 {
                let batches = self.newest().unwrap_or(0);
                for batch in 1..=batches {
                    let office = self.books.office.clone();
                    if let Some(made) = self.dying(|p| {
                        office.aid_export(&self.who("zhao"), batch, Channel::BankText, None, p)
                    }) {
                        self.carry_to_the_bank(&made.bytes);
                    }
                }
                for file in 0..self.oracle.files.len() {
                    self.bank_answers(u8::try_from(file).unwrap(), &[0]);
                }
                let _ = round;
            }
            self.assess();
            for act in [
                Act::Open(0),
                Act::Check(0),
                Act::Mend,
                Act::Check(0),
                Act::Settle,
                Act::Publish(0),
                Act::Wait(20),
                Act::Check(0),
                Act::Approve(3),
                Act::Approve(4),
            ] {
                self.step(&act);
            }
        }
        self.check();
        let home = self.books.office.aid_home(&self.who("li")).unwrap();
        let mut given_up: BTreeSet<u64> = BTreeSet::new();
        let mut open = 0;
        for card in home.cycles.iter().flat_map(|(.., batches)| batches) {
            open += card.tally.sent.0;
            let out = self.books.store.read(|tx| {
                let out = fujiao_store::LineFilter { out: true, ..Default::default() };
                let stopped =
                    fujiao_store::LineFilter { payment: Some("stopped"), ..Default::default() };
                let all = ("1 = 1", &[][..]);
                let mut lines = tx.aid_lines(COUNTY, card.batch.id, &out, all)?;
                lines.extend(tx.aid_lines(COUNTY, card.batch.id, &stopped, all)?);
                Ok::<_, StoreError>(lines)
            });
            given_up.extend(out.unwrap().iter().map(|l| l.person));
        }
        assert_eq!(open, 0, "the bank has answered everything");
        for (person, owed) in self.oracle.owed.iter().filter(|(p, _)| !given_up.contains(p)) {
            let moved = self.oracle.moved.get(&account(*person)).copied().unwrap_or(0);
            assert_eq!(moved, *owed, "person {person} is paid");
        }
        assert_eq!(self.books.problems(), Vec::<String>::new());
    }
}

/// How many sequences are tried: `FUJIAO_AID_CASES`, or a few.
fn cases() -> u32 {
    std::env::var_os("FUJIAO_AID_CASES").and_then(|n| n.to_str()?.parse().ok()).unwrap_or(24)
}

/// How far the sequences came: a test that never pays anybody proves nothing.
#[derive(Default, Debug)]
struct Reached {
    files: usize,
    answers: usize,
    returned: usize,
    deaths: u32,
    supplements: usize,
    closed: usize,
}

#[test]
fn whatever_people_do_nobody_is_paid_twice_and_nothing_is_lost() {
    let config = ProptestConfig {
        max_shrink_iters: 200,
        failure_persistence: None,
        ..ProptestConfig::with_cases(cases())
    };
    let mut runner = TestRunner::new(config);
    let reached = std::cell::RefCell::new(Reached::default());
    let acts = prop::collection::vec((act(), prop::option::weighted(0.25, 0_u32..4)), 10..70);
    let outcome = runner.run(&acts, |acts| {
        let mut world = World::new();
        for (act, dies) in &acts {
            world.dies = *dies;
            world.step(act);
            world.check();
            // Who was cut off tries again.
            if dies.is_some() {
                world.dies = None;
                world.step(act);
                world.check();
            }
        }
        let mut so_far = reached.borrow_mut();
        so_far.files += world.oracle.files.len();
        so_far.answers += world.oracle.files.iter().map(|f| f.told.len()).sum::<usize>();
        so_far.returned +=
            world.oracle.files.iter().flat_map(|f| f.told.values()).filter(|paid| !**paid).count();
        so_far.deaths += world.deaths.get();
        let batches = world.books.store.read(|tx| tx.aid_batches(COUNTY)).unwrap();
        so_far.supplements += batches.iter().filter(|b| b.number > 1).count();
        so_far.closed += batches.iter().filter(|b| b.step == Step::Closed.number()).count();
        drop(so_far);
        world.finish();
        Ok(())
    });
    let reached = reached.into_inner();
    assert!(outcome.is_ok(), "{outcome:?} {reached:?}");
    let cases = cases() as usize;
    assert!(
        reached.files * 2 > cases && reached.answers > cases && reached.returned > 0,
        "{reached:?}"
    );
    eprintln!("{reached:?}");
    assert!(reached.deaths as usize > cases && reached.supplements > 0, "{reached:?}");
}
