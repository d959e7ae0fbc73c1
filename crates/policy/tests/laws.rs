//! Laws of the rules, whatever the facts: nothing is made or lost, who gives way, what overlays may do, what threads may not.

use fujiao_model::{Period, Term};
use fujiao_policy::{
    COLUMNS, ColumnType, Entitlement, Frame, FrameKind, PolicyFile, PolicySet, Reason, Table,
    assess, assess_all, assess_programme, tally,
};
use jiff::civil::{Date, date};
use proptest::prelude::*;

const AS_OF: Date = date(2025, 10, 15);

fn term(text: &str) -> Period {
    Period::Term(text.parse::<Term>().expect("a term"))
}

/// A pupil frame by bytes: the lowest values of a cell are values, the highest are unknown.
fn frame_of(rows: &[Vec<u8>]) -> Frame {
    let mut frame = Frame::new(FrameKind::Pupil, rows.len());
    for (i, c) in COLUMNS.iter().filter(|c| c.frames.contains(&FrameKind::Pupil)).enumerate() {
        let cell =
            |row: &Vec<u8>| row[i % row.len()].rotate_left(u32::try_from(i % 8).expect("small"));
        let set = match c.column_type {
            ColumnType::Flag => frame
                .set_flags(c.name, rows.iter().map(|r| (cell(r) < 230).then(|| cell(r) % 3 == 0))),
            ColumnType::Int => frame.set_ints(
                c.name,
                rows.iter().map(|r| (cell(r) < 240).then(|| i64::from(cell(r)) * 37 % 101)),
            ),
            ColumnType::Date => Ok(()),
            ColumnType::Code(_) | ColumnType::Text(_) => {
                let codes = c.column_type.values();
                let code = |r: &Vec<u8>| codes[usize::from(cell(r)) % codes.len()].0;
                frame.set_codes(c.name, rows.iter().map(|r| (cell(r) < 245).then(|| code(r))))
            }
        };
        set.expect("a pupil column");
    }
    frame
}

fn rows() -> impl Strategy<Value = Vec<Vec<u8>>> {
    prop::collection::vec(prop::collection::vec(any::<u8>(), 48), 1..300)
}

/// Three programmes for the same purpose: `a` before `b` before `c`.
fn chain(a: &str, b: &str, c: &str) -> PolicySet {
    let one = |key: &str, who: &str, fen: u32, excludes: &str| {
        format!(
            "[[programme]]\nkey = \"{key}\"\ntitle = \"{key}\"\narea = \"aid\"\nframe = \"pupil\"\nwho = \"{who}\"\n\
             rhythm = \"term\"\nunit = \"fen\"\ndue = {{ on = \"12-31\" }}\nbearer = \"县\"\npurpose = \"living\"\n{excludes}\
             [[programme.amount]]\nfrom = \"2015S\"\nvalue = {fen}\nbasis = \"某文件\"\nmark = \"V\"\n"
        )
    };
    let text = format!(
        "scope = \"CN\"\n{}{}{}",
        one("a", a, 10_000, "excludes = [\"b\"]\n"),
        one("b", b, 20_000, "excludes = [\"c\"]\n"),
        one("c", c, 30_000, "")
    );
    PolicySet::load(&[PolicyFile { path: "chain.toml", text: &text }])
        .unwrap_or_else(|f| panic!("{}", f[0]))
}

const CONDITIONS: [&str; 6] = [
    "lifted",
    "disabled || orphan",
    "stage == 'primary' && boards",
    "stage in ['primary', 'junior', 'senior']",
    "grade_year >= 20",
    "has(boards)",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    // What is added up is what is answered: in all, by group, by row.
    #[test]
    fn a_tally_is_the_sum_of_the_answers(cells in rows(), kinds in 1..5_u32) {
        let set = PolicySet::builtin();
        let frame = frame_of(&cells);
        let cases = [(&frame, term("2025S")), (&frame, term("2024A")), (&frame, Period::SchoolYear(2024))];
        let groups: Vec<u32> = (0..).map(|n| n % kinds).take(cells.len()).collect();
        let sums = tally(&set, &cases, AS_OF, Some((&groups, kinds as usize)));
        let answers: Vec<_> = assess_all(&set, &cases, AS_OF).into_iter().flatten().collect();
        prop_assert_eq!(sums.lines.len(), answers.len());
        let mut by_row = vec![0_i64; cells.len()];
        for (line, answer) in sums.lines.iter().zip(&answers) {
            prop_assert_eq!((&line.key, line.period), (&answer.key, answer.period));
            prop_assert_eq!(line.total.rows, answer.due().count() as u64);
            prop_assert_eq!(line.total.quantity, answer.due().map(|(_, n)| n).sum::<i64>());
            prop_assert_eq!(line.total.asked, answer.asked().count() as u64);
            prop_assert_eq!(line.total.fen, line.groups.iter().map(|g| g.fen).sum::<i64>());
            prop_assert_eq!(line.total.rows, line.groups.iter().map(|g| g.rows).sum::<u64>());
            let programme = &set.programmes()[line.programme];
            let price = if programme.unit == fujiao_model::Unit::Fen {
                1
            } else {
                programme.price_on(line.period.days().unwrap().0).unwrap_or(0)
            };
            answer.due().for_each(|(row, n)| by_row[row] += n * price);
        }
        prop_assert_eq!(by_row, sums.row_fen);
    }

    #[test]
    fn one_thread_or_many_give_the_same_answer(cells in rows()) {
        let set = PolicySet::builtin();
        let many: Vec<Vec<u8>> = cells.iter().cycle().take(5_000).cloned().collect();
        let frame = frame_of(&many);
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let sums = tally(&set, &[(&frame, term("2025S"))], AS_OF, None);
                let answers = assess(&set, &frame, term("2025S"), AS_OF).unwrap();
                (sums, format!("{answers:?}"))
            })
        };
        prop_assert_eq!(on(1), on(3));
    }

    // Nobody is owed two that exclude each other; who is owed the first is refused the second for that reason alone; and with
    // fewer facts the answer is the same or a question.
    #[test]
    fn what_gives_way_is_never_owed_beside(
        cells in rows(),
        kept in prop::collection::vec(any::<u8>(), 48),
        conditions in prop::array::uniform3(0..CONDITIONS.len()),
    ) {
        let [a, b, c] = conditions.map(|i| CONDITIONS[i]);
        let set = chain(a, b, c);
        let thin: Vec<Vec<u8>> = cells
            .iter()
            .map(|r| r.iter().zip(&kept).map(|(c, k)| if *k < 200 { *c } else { 255 }).collect())
            .collect();
        let (full, thin) = (frame_of(&cells), frame_of(&thin));
        let all = assess(&set, &full, term("2024A"), AS_OF).unwrap();
        let fewer = assess(&set, &thin, term("2024A"), AS_OF).unwrap();
        for row in 0..cells.len() {
            let [a, b, c] = [0, 1, 2].map(|i| all[i].entitlement(row));
            let due = |e: Entitlement| matches!(e, Entitlement::Due(_));
            prop_assert!(!due(b) || !due(a) && !due(c));
            if b == Entitlement::NotDue(Reason::Excluded(0)) {
                prop_assert!(due(a));
            }
            if let (Entitlement::Ask(_), Entitlement::Due(_)) = (a, b) {
                prop_assert!(false, "b is owed though a may be");
            }
            // A cell of 255 is unknown in some columns and another value in others: only what is unknown may be asked.
            for result in &fewer {
                if let Entitlement::Ask(column) = result.entitlement(row) {
                    prop_assert!(!thin.is_known(column, row));
                }
            }
            // Alone or with the others, the answer is the same.
            for (i, key) in ["a", "b", "c"].iter().enumerate() {
                let one = assess_programme(&set, key, &full, term("2024A"), AS_OF).unwrap();
                if row < 3 {
                    prop_assert_eq!(one.entitlement(row), all[i].entitlement(row));
                }
            }
        }
    }

    // Raising lowers nobody, in whatever order counties raise; replacing twice is replacing once; adding touches no other.
    #[test]
    fn overlays_keep_their_laws(cells in rows(), fen in prop::array::uniform2(1_i64..200_000), from in prop::array::uniform2(2015_i16..2026)) {
        let overlay = |scope: &str, how: &str, fen: i64, from: i16| format!(
            "scope = \"{scope}\"\n[[programme]]\nkey = \"comp.living.boarder\"\noverlay = \"{how}\"\n[[programme.amount]]\n\
             from = \"{from}S\"\nvalue = {fen}\nbasis = \"县文件\"\nmark = \"U\"\n"
        );
        let with = |more: &[(&str, String)]| {
            let mut files = PolicySet::BUILTIN.to_vec();
            files.extend(more.iter().map(|(path, text)| PolicyFile { path, text }));
            PolicySet::load(&files).unwrap_or_else(|f| panic!("{}", f[0]))
        };
        let frame = frame_of(&cells);
        let due = |set: &PolicySet, key: &str| -> Vec<Entitlement> {
            let result = assess_programme(set, key, &frame, term("2024A"), AS_OF).unwrap();
            (0..cells.len()).map(|row| result.entitlement(row)).collect()
        };
        let base = PolicySet::builtin();
        let (one, two) = (overlay("611026", "raise", fen[0], from[0]), overlay("611026", "raise", fen[1], from[1]));
        let raised = with(&[("x/1.toml", one.clone()), ("x/2.toml", two.clone())]);
        let turned = with(&[("x/2.toml", one), ("x/1.toml", two)]);
        prop_assert_eq!(due(&raised, "comp.living.boarder"), due(&turned, "comp.living.boarder"));
        for (before, after) in due(&base, "comp.living.boarder").into_iter().zip(due(&raised, "comp.living.boarder")) {
            match (before, after) {
                (Entitlement::Due(a), Entitlement::Due(b)) => prop_assert!(b >= a),
                (Entitlement::Due(_), _) => prop_assert!(false, "raised and not owed: {after:?}"),
                _ => {}
            }
        }
        let replace = |scope: &str| overlay(scope, "replace", fen[0], from[0]);
        let once = with(&[("x/1.toml", replace("611000"))]);
        let twice = with(&[("x/1.toml", replace("611000")), ("x/2.toml", replace("611026"))]);
        prop_assert_eq!(due(&once, "comp.living.boarder"), due(&twice, "comp.living.boarder"));
        let added = "scope = \"611026\"\n[[programme]]\nkey = \"county.gift\"\ntitle = \"县里的\"\narea = \"aid\"\nframe = \"pupil\"\n\
                     who = \"lifted\"\nrhythm = \"term\"\nunit = \"fen\"\ndue = { on = \"12-31\" }\nbearer = \"县\"\n\
                     [[programme.amount]]\nfrom = \"2015S\"\nvalue = 5\nbasis = \"县文件\"\nmark = \"U\"\n";
        let added = with(&[("x/1.toml", added.to_owned())]);
        for programme in base.programmes().iter().filter(|p| p.frame == FrameKind::Pupil) {
            prop_assert_eq!(due(&base, &programme.key), due(&added, &programme.key));
        }
    }

    #[test]
    fn no_bytes_make_the_readers_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        cells in "(stage|boards|grade_year|born|x)(,(stage|boards|tuition_fee|school_standard)){0,3}\n([a-z0-9?,\"' \n-]{0,60})",
        expression in prop::collection::vec(prop::sample::select(vec![
            "(", ")", "!", "-", "&&", "||", "==", "<", "in", "[", "]", ",", "?", ":", "lifted", "boards", "stage", "'primary'",
            "grade_year", "age", "param", ".", "period", "start", "years", "max", "date", "\"2024-09-01\"", "1", "99999999999999999999", "poor", "has",
        ]), 0..60),
    ) {
        let _ = Table::read(FrameKind::Pupil, &bytes, false);
        let _ = Table::read(FrameKind::Resident, cells.as_bytes(), true);
        let text = String::from_utf8_lossy(&bytes);
        let _ = PolicySet::load(&[PolicyFile { path: "x.toml", text: &text }]);
        let mut files = PolicySet::BUILTIN.to_vec();
        let rule = format!(
            "scope = \"611026\"\n[sets.pupil]\nz = {{ is = '''{}''', zh = \"集\" }}\n",
            expression.join(" ")
        );
        files.push(PolicyFile { path: "x.toml", text: &rule });
        let _ = PolicySet::load(&files);
    }
}

/// A circle of programmes that give way to each other, and one that cannot meet the other, are refused where they stand.
#[test]
fn a_circle_of_giving_way_is_refused() {
    let one = |key: &str, rhythm: &str, excludes: &str| {
        format!(
            "[[programme]]\nkey = \"{key}\"\ntitle = \"{key}\"\narea = \"aid\"\nframe = \"pupil\"\nwho = \"lifted\"\n\
             rhythm = \"{rhythm}\"\nunit = \"fen\"\ndue = {{ on = \"12-31\" }}\nbearer = \"县\"\nexcludes = [\"{excludes}\"]\n\
             [[programme.amount]]\nfrom = \"2015S\"\nvalue = 10_000\nbasis = \"某文件\"\nmark = \"V\"\n"
        )
    };
    let text = format!(
        "scope = \"CN\"\n{}{}{}{}",
        one("a", "term", "b"),
        one("b", "term", "c"),
        one("c", "term", "a"),
        one("d", "month", "a")
    );
    let faults = PolicySet::load(&[PolicyFile { path: "r.toml", text: &text }]).unwrap_err();
    let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    r.toml:44:14：c 排除 a，a 又排除 c；只在应当先发的一方写 excludes
    r.toml:60:14：a 的对象或期间与 d 不同（pupil、term，pupil、month），排除不了；写进两个项目的 who
    ");
}

/// Three thousand programmes with their examples and one misspelt word each: every fault is told, and the end is reached.
#[test]
fn a_long_file_is_read_to_its_end() {
    use std::fmt::Write as _;
    let mut text = String::from("scope = \"CN\"\n");
    for n in 0..3_000 {
        let _ = write!(
            text,
            "[[programme]]\nkey = \"p{n}\"\ntitle = \"项目{n}\"\narea = \"aid\"\nframe = \"pupil\"\nwho = \"liftd\"\n\
             rhythm = \"term\"\nunit = \"fen\"\ndue = {{ on = \"12-31\" }}\nbearer = \"县\"\nexcludes = [\"q{n}\"]\n\
             [[programme.amount]]\nfrom = \"2015S\"\nvalue = 10_000\nbasis = \"某文件\"\nmark = \"V\"\n\
             [[example]]\nprogramme = \"r{n}\"\nperiod = \"2024A\"\nrows = []\n"
        );
    }
    let faults = PolicySet::load(&[PolicyFile { path: "long.toml", text: &text }]).unwrap_err();
    assert_eq!(faults.len(), 9_000, "three a programme");
}
