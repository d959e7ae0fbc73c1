//! Plans: a question, what came of it, what was decided, and what it asks of people.

use fujiao_model::{Area, Division, Grade, Stage, Subject, Unit};
use fujiao_store::{GradeCount, NewPlanFile, NewScenario, PlanDuty, ScenarioState, SolvedScenario};
use jiff::civil::date;

use super::*;

fn question(title: &str) -> NewScenario<'_> {
    NewScenario {
        question: "sites",
        title,
        asked: "{}",
        author: "liu",
        author_name: "刘洋",
        at: at(0),
    }
}

#[test]
fn a_plan_is_solved_once_and_decided_once() {
    on_both("a_plan_is_solved_once", |books| {
        let store = books.open();
        store
            .write(|tx| {
                assert_eq!(tx.add_scenario(COUNTY, &question("甲"))?, 1);
                assert_eq!(tx.add_scenario(COUNTY, &question("乙"))?, 2);
                let who = ("zheng", "郑凯");
                let accept = |tx: &mut fujiao_store::Tx| {
                    tx.decide_scenario(COUNTY, 1, ScenarioState::Accepted, who, "局务会", at(9))
                };
                assert!(!accept(tx)?, "what is not solved cannot be accepted");
                let solved = SolvedScenario {
                    run: None,
                    inputs_hash: "ab".into(),
                    result: Some("{}".into()),
                    objective: Some(12.5),
                    bound: Some(12.25),
                    verdict: Some("ok".into()),
                    failure: None,
                };
                assert!(tx.solve_scenario(COUNTY, 1, &solved, at(5))?);
                assert!(!tx.solve_scenario(COUNTY, 1, &solved, at(6))?, "an answer stands");
                let failed =
                    SolvedScenario { failure: Some("没有".into()), ..SolvedScenario::default() };
                assert!(tx.solve_scenario(COUNTY, 2, &failed, at(6))?);
                assert!(accept(tx)?);
                assert!(!accept(tx)?, "it was accepted before");
                let kept = tx.scenario(COUNTY, 1)?.unwrap();
                assert_eq!((kept.objective, kept.bound), (Some(12.5), Some(12.25)));
                assert_eq!(kept.decided, Some(("郑凯".to_owned(), at(9))));
                assert_eq!(kept.note.as_deref(), Some("局务会"));
                let all = tx.scenarios(COUNTY, 10)?;
                let states: Vec<_> = all.iter().map(|s| (s.id, s.state)).collect();
                assert_eq!(states, [(2, ScenarioState::Failed), (1, ScenarioState::Accepted)]);
                assert_eq!(all[1].result, None, "a list carries no results");
                Ok::<_, StoreError>(())
            })
            .unwrap();
    });
}

#[test]
fn what_a_plan_asks_stands_as_long_as_the_plan_does() {
    on_both("what_a_plan_asks", |books| {
        let store = books.open();
        store
            .write(|tx| {
                tx.add_scenario(COUNTY, &question("甲"))?;
                tx.solve_scenario(COUNTY, 1, &SolvedScenario::default(), at(1))?;
                let who = ("zheng", "郑凯");
                tx.decide_scenario(COUNTY, 1, ScenarioState::Accepted, who, "", at(2))?;
                let line = |line, subject| PlanDuty {
                    scenario: 1,
                    line,
                    area: Area::Conditions,
                    kind: "plan.beds".to_owned(),
                    subject,
                    place: Division::from_code(619_901_100_000).ok(),
                    quantity: 40,
                    unit: Unit::Piece,
                    due_on: date(2026, 8, 31),
                    bearer: "县教育局".to_owned(),
                    facts: "40名孩子住校".to_owned(),
                    done: None,
                };
                let town = Division::from_code(619_901_100_000).unwrap();
                let mut lines = [line(1, Subject::school(7)), line(2, Subject::place(town))];
                tx.add_plan_duties(COUNTY, &lines)?;
                assert_eq!(tx.plan_duties(COUNTY, None)?, lines);
                assert!(tx.do_plan_duty(COUNTY, (1, 2), who, date(2026, 3, 1))?);
                assert!(!tx.do_plan_duty(COUNTY, (1, 2), who, date(2026, 3, 2))?);
                assert!(!tx.do_plan_duty(COUNTY, (1, 9), who, date(2026, 3, 2))?);
                lines[1].done = Some((date(2026, 3, 1), "郑凯".to_owned()));
                assert_eq!(tx.plan_duties(COUNTY, Some(1))?, lines);
                tx.decide_scenario(COUNTY, 1, ScenarioState::Dropped, who, "不办了", at(9))?;
                assert_eq!(tx.plan_duties(COUNTY, None)?, []);
                Ok::<_, StoreError>(())
            })
            .unwrap();
    });
}

#[test]
fn counts_of_pupils_are_replaced_as_a_whole() {
    on_both("counts_of_pupils", |books| {
        let store = books.open();
        let count = |grade: Grade, school, pupils| GradeCount {
            school_year: 2025,
            place: None,
            school,
            stage: Stage::Primary,
            grade,
            pupils,
            boarders: 1,
        };
        store
            .write(|tx| {
                tx.replace_grade_counts(COUNTY, &[count(Grade::P1, Some(9), 3)])?;
                let counts = [count(Grade::P1, None, 4), count(Grade::P2, None, 5)];
                tx.replace_grade_counts(COUNTY, &counts)?;
                assert_eq!(tx.grade_counts(COUNTY)?, counts);
                Ok::<_, StoreError>(())
            })
            .unwrap();
    });
}

#[test]
fn a_file_for_plans_is_sealed_and_another_takes_its_place() {
    on_both("a_file_for_plans", |books| {
        let store = books.open();
        let new = |kind: &'static str, bytes: &'static [u8], n| NewPlanFile {
            kind,
            name: "路.geojson",
            sha256: [7; 32],
            bytes,
            holds: "2 段路",
            author: "liu",
            author_name: "刘洋",
            at: at(n),
        };
        store
            .write(|tx| {
                assert_eq!(tx.add_plan_file(COUNTY, &new("roads", b"one", 1), true)?, 1);
                assert_eq!(tx.add_plan_file(COUNTY, &new("heights", b"two", 2), true)?, 2);
                assert_eq!(tx.add_plan_file(COUNTY, &new("roads", b"three", 3), true)?, 3);
                let stand: Vec<u64> = tx.plan_files(COUNTY, None)?.iter().map(|f| f.id).collect();
                assert_eq!(stand, [3, 2]);
                // A scenario that rests on an old file still finds it.
                let (old, bytes) = tx.plan_file(COUNTY, 1)?.unwrap();
                assert_eq!((old.ended_at, bytes.as_slice()), (Some(at(3)), &b"one"[..]));
                assert!(tx.end_plan_files(COUNTY, "roads", at(4))?);
                assert!(!tx.end_plan_files(COUNTY, "roads", at(5))?);
                assert_eq!(tx.plan_file(COUNTY, 9)?, None);
                Ok::<_, StoreError>(())
            })
            .unwrap();
    });
}

#[test]
fn what_a_plan_has_found_is_kept_for_its_inputs() {
    on_both("what_a_plan_has_found", |books| {
        let store = books.open();
        store
            .write(|tx| {
                tx.add_scenario(COUNTY, &question("甲"))?;
                tx.keep_plan_step(COUNTY, 1, ("plan", "ab"), "{1}")?;
                tx.keep_plan_step(COUNTY, 1, ("plan", "ab"), "{2}")?;
                tx.keep_plan_step(COUNTY, 1, ("none", "old"), "{3}")?;
                let found = tx.plan_steps(COUNTY, 1, "ab")?;
                assert_eq!(found, [("plan".to_owned(), "{2}".to_owned())]);
                tx.drop_plan_steps(COUNTY, 1)?;
                assert_eq!(tx.plan_steps(COUNTY, 1, "ab")?, []);
                Ok::<_, StoreError>(())
            })
            .unwrap();
    });
}
