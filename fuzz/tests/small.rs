//! A few hundred cases of each kind at every test run; longer runs by `cargo xtask fuzz`.

use fujiao_fuzz::{Answer, Mill, Target};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

/// Tries cases of chance; what failed is told by its number, which makes it again.
fn tried(target: Target, cases: u32) {
    let mill = Mill::new(target, 1);
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = TestRunner::new(config);
    let counted = std::cell::Cell::new((0_u32, 0_u32));
    let outcome = runner.run(&any::<u64>(), |number| {
        let (read, refused) = counted.get();
        counted.set(match mill.try_case(number) {
            Answer::Read => (read + 1, refused),
            Answer::Refused => (read, refused + 1),
        });
        Ok(())
    });
    let (read, refused) = counted.get();
    outcome.unwrap_or_else(|e| panic!("{e}"));
    // Damage that every lock keeps out, or that nobody notices, tries nothing.
    assert!(read > 0 && refused > 0, "{target:?}: {read} read, {refused} refused");
}

#[test]
fn no_damaged_workbook_makes_intake_panic() {
    tried(Target::Intake, 300);
}

#[test]
fn no_damaged_rule_makes_policy_panic() {
    tried(Target::Policy, 600);
}

#[test]
fn no_damaged_spec_or_table_makes_link_panic() {
    tried(Target::Link, 300);
}

#[test]
fn no_damaged_return_makes_the_ledger_panic() {
    tried(Target::Returns, 1000);
}

#[test]
fn no_damaged_problem_makes_the_solvers_readers_panic() {
    tried(Target::Solver, 1000);
}

#[test]
fn a_case_follows_from_its_number() {
    for target in Target::ALL {
        let (mill, again) = (Mill::new(*target, 1), Mill::new(*target, 1));
        assert_eq!(mill.case(12), again.case(12), "{target:?}");
        assert_ne!(mill.case(12).1, mill.case(13).1, "{target:?}");
    }
}
