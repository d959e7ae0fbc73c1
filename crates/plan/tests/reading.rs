//! Files of problems: what reads, and what is said of what does not.

#![expect(clippy::print_stdout, reason = "a test that is skipped says so")]

use std::path::PathBuf;

use fujiao_plan::read::{self, Rounding};
use fujiao_plan::{Budget, cfl, cpmp, pmedian};
use proptest::prelude::*;

proptest! {
    #[test]
    fn no_text_makes_the_readers_panic(text in "[-0-9a-z. \n]{0,200}|\\PC{0,80}") {
        let _ = read::pmed("f", &text);
        let _ = read::tsplib("f", &text, Rounding::Floor);
        let _ = read::cpmp("f", &text, Rounding::Exact);
        let _ = read::cap("f", &text, None);
        let _ = read::dimacs("f", &text);
    }

    #[test]
    fn no_damaged_problem_makes_the_readers_panic(at in 0..60_usize, with in "[-0-9a-z. \n]{0,6}") {
        for whole in [
            "3 2 1\n1 2 4\n2 3 5\n",
            "p min 3 2\nn 1 4\nn 3 -4\na 1 2 0 9 1\na 2 3 1 9 2\n",
            "2 2\n10 5.\n10 7.\n3\n1 2\n4\n5 6\n",
            "2 1\n0 0 9 3\n3 4 9 2\n",
        ] {
            let mut text = whole.to_owned();
            let at = at.min(text.len());
            text.replace_range(at..(at + 2).min(whole.len()), &with);
            let _ = read::pmed("f", &text);
            let _ = read::cpmp("f", &text, Rounding::Exact);
            let _ = read::cap("f", &text, Some(5));
            let _ = read::dimacs("f", &text);
        }
    }
}

#[test]
fn what_is_wrong_is_named_with_its_line_and_remedy() {
    let said = [
        read::pmed("a.txt", "3 2 1\n1 2 4\n2 3\n").unwrap_err(),
        read::pmed("a.txt", "3 1 1\n1 2 4\n").unwrap_err(),
        read::pmed("a.txt", "3 2 1\n1 7 4\n").unwrap_err(),
        read::cap("b.txt", "1 1\ncapacity 5.\n3\n4\n", None).unwrap_err(),
        read::cap("b.txt", "1 1\n10 5.\n0\n4\n", None).unwrap_err(),
        read::cpmp("c.txt", "2 9\n", Rounding::Exact).unwrap_err(),
        read::dimacs("d.min", "a 1 2 0 1 1\n").unwrap_err(),
        read::dimacs("d.min", "p min 2 1\na 1 2 3 1 1\n").unwrap_err(),
        read::dimacs("d.min", "p min 2 2\na 1 2 0 1 1\n").unwrap_err(),
        read::tsplib("e.tsp", "NODE_COORD_SECTION\nEOF\n", Rounding::Exact).unwrap_err(),
        read::tsplib("e.tsp", "NODE_COORD_SECTION\n1 0 1e300\nEOF\n", Rounding::Exact).unwrap_err(),
    ];
    let said: Vec<String> = said.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(said.join("\n"), @r"
    a.txt 第 4 行：文件在这里断了，还缺边长（整数）；核对文件是否完整
    a.txt 第 2 行：从点 1 走不到点 3；补上缺的边
    a.txt 第 2 行：“7”不是点号；改正这一处
    b.txt 第 2 行：文件没有给出容量（capacity）；用 --capacity 给
    b.txt 第 3 行：需求量 0 不是正整数；改正，没有需求的行删去
    c.txt 第 1 行：点数 2 或 p = 9 不合理；核对首行
    d.min 第 1 行：p 行应在所有 n、a 行之前；把它移到前面
    d.min 第 2 行：弧的下界 3、上界 1 或费用 1 不合理；下界不小于 0，上界不小于下界
    d.min 第 2 行：p 行说有 2 条弧，文件里有 1 条；核对文件是否完整
    e.tsp 第 1 行：NODE_COORD_SECTION 之下没有点；核对文件是否完整
    e.tsp 第 2 行：纵坐标 1e300 太大；换大一些的单位
    ");
}

/// Text of a file of known problems, or `None` where they are not.
fn known(path: &str) -> Option<String> {
    let shared = option_env!("FUJIAO_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let file = shared.join("data/solver").join(path);
    let text = std::fs::read_to_string(&file).ok();
    if text.is_none() {
        println!("skipped: no {path}; set FUJIAO_SHARED to the folder that holds data/solver");
    }
    text
}

#[test]
fn known_optima_are_found_and_proven() {
    for (number, optimum) in [(1, 5819.0), (3, 4250.0), (5, 1355.0), (6, 7824.0), (15, 1729.0)] {
        let Some(text) = known(&format!("pmed/orlib/pmed{number}.txt")) else { return };
        let problem = read::pmed("pmed", &text).unwrap();
        let solved =
            pmedian::solve(&problem.costs, problem.p.unwrap(), Budget::unlimited()).unwrap();
        assert_eq!((solved.objective, solved.bound), (optimum, optimum), "pmed{number}");
    }
    for (number, optimum) in [("01", 713.0), ("06", 778.0), ("09", 715.0)] {
        let Some(text) = known(&format!("cpmp/orlib_pmedcap/cpmp{number}.txt")) else { return };
        let problem = read::cpmp("cpmp", &text, Rounding::Floor).unwrap();
        let solved = cpmp::solve(&problem, Budget::unlimited()).unwrap();
        assert_eq!((solved.objective, solved.bound), (optimum, optimum), "cpmp{number}");
    }
    for (name, optimum) in [("cap41", 1_040_444.375), ("cap73", 1_010_641.45), ("cap92", 855_733.5)]
    {
        let Some(text) = known(&format!("cfl/{name}.txt")) else { return };
        let problem = read::cap(name, &text, None).unwrap();
        let solved = cfl::solve(&problem, Budget::unlimited()).unwrap();
        assert!(solved.is_proven() && (solved.objective - optimum).abs() < 1e-3, "{name}");
    }
    let Some(text) = known("netgen-2.min") else { return };
    let problem = read::dimacs("netgen-2", &text).unwrap();
    let flow = problem.network.solve().unwrap();
    assert_eq!(flow.cost + problem.fixed_cost, 6_749_969_302);
}
