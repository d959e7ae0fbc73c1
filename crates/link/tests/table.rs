//! What the outside sees of linking any table: what nothing may change, what nothing may break, what bad input is told.

#![expect(clippy::unwrap_used, reason = "made data is as it was made")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use fujiao_link::table::{
    Event, Interval, Known, LinkError, Linker, Model, Outcome, Previous, Source, Spec, Table,
    Truth, Verdict, name_persons,
};
use fujiao_model::CitizenId;
use proptest::prelude::*;

const SPEC: &str = include_str!("table/roster.toml");

/// Small numbers from a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % n as u64).unwrap()
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn of(&mut self, text: &str) -> char {
        text.chars().nth(self.below(text.chars().count())).unwrap()
    }
}

/// Rows of families with siblings and twins, as several offices write them.
fn roster(people: usize, seed: u64) -> Vec<String> {
    let mut dice = Dice(seed);
    let mut rows = Vec::new();
    let mut person = 0;
    while person < people {
        let surname = dice.of("王李张刘陈杨黄赵吴周徐孙马朱胡");
        let guardian =
            format!("{surname}{}{}", dice.of("国建志明德永文"), dice.of("军华强平福生林"));
        let phone = format!("1390000{:04}", dice.below(10_000));
        let village = format!("61102610{}2{:02}", 1 + dice.below(4), dice.below(20));
        let (mut year, mut month, mut day) =
            (2008 + dice.below(8), 1 + dice.below(12), 1 + dice.below(28));
        for child in 0..=dice.below(3) {
            // One younger child in five is a twin.
            if child > 0 && !dice.one_in(5) {
                (year, month, day) =
                    (year + 1 + dice.below(2), 1 + dice.below(12), 1 + dice.below(28));
            }
            let given =
                format!("{}{}", dice.of("子梓雨浩思佳欣宇俊晨"), dice.of("涵轩怡然琪博妍瑞泽彤"));
            let born = jiff::civil::date(
                i16::try_from(year).unwrap(),
                i8::try_from(month).unwrap(),
                i8::try_from(day).unwrap(),
            );
            let id =
                CitizenId::compose(990_101, born, u16::try_from(100 + dice.below(800)).unwrap());
            for _ in 0..=dice.below(3) {
                let mut name = format!("{surname}{given}");
                let mut written = id.reveal().to_owned();
                let mut date = format!("{year}{month:02}{day:02}");
                match dice.below(12) {
                    0 => written.clear(),
                    1 => {
                        let at = 6 + dice.below(11);
                        let digit = char::from(b'0' + u8::try_from(dice.below(10)).unwrap());
                        written.replace_range(at..=at, &digit.to_string());
                    }
                    2 => name = format!("{surname}?{}", given.chars().nth(1).unwrap()),
                    3 => date.clear(),
                    4 => name = format!("{surname}　{given}"),
                    _ => {}
                }
                let phone = if dice.one_in(4) { "" } else { &phone };
                rows.push(format!(
                    "r{},{person},{name},{written},{date},{village},{guardian},{phone}",
                    rows.len()
                ));
            }
            person += 1;
        }
    }
    rows
}

const HEADER: &str = "row,person,name,id_no,birth,village,guardian,phone";

fn csv(rows: &[String]) -> String {
    format!("{HEADER}\n{}\n", rows.join("\n"))
}

fn read(spec: &Spec, text: &str) -> Table {
    Table::read(spec, &[Source { name: "roster.csv", bytes: text.as_bytes() }], &["person"])
        .unwrap()
}

fn link(table: &Table, spec: &Spec, known: &Known) -> Outcome {
    Linker::new(table, spec, false).link(known).unwrap()
}

/// Pairs by the names of their rows, and clusters as sets of names.
type Plain = (BTreeSet<(String, String, String, Verdict)>, BTreeSet<BTreeSet<String>>);

fn plain(table: &Table, outcome: &Outcome) -> Plain {
    let pairs = outcome
        .links
        .iter()
        .map(|l| {
            let (a, b) = (table.id(l.left).to_owned(), table.id(l.right).to_owned());
            (a.clone().min(b.clone()), a.max(b), format!("{:.9}", l.weight), l.verdict)
        })
        .collect();
    (pairs, clusters(table, outcome))
}

fn clusters(table: &Table, outcome: &Outcome) -> BTreeSet<BTreeSet<String>> {
    let mut by: BTreeMap<u32, BTreeSet<String>> = BTreeMap::new();
    for (row, root) in (0..).zip(&outcome.cluster) {
        by.entry(*root).or_default().insert(table.id(row).to_owned());
    }
    by.into_values().collect()
}

#[test]
fn a_made_roster_is_linked() {
    let spec = Spec::parse(SPEC).unwrap();
    let table = read(&spec, &csv(&roster(3_000, 1)));
    let outcome = link(&table, &spec, &Known::default());
    let truth = Truth::of(&table, "person", false).unwrap();
    let (links, groups) = (truth.links(&outcome), truth.clusters(&outcome));
    assert!(links.f1() > 0.995, "{links:?}");
    assert_eq!(links, groups);
    let (_, best) = truth.best(&outcome);
    assert!(best.f1() >= links.f1() && links.precision() > 0.998, "{links:?} {best:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(16) })]

    #[test]
    fn order_threads_and_the_files_name_change_nothing(seed in 0..1000_u64, swaps in 0..1000_u64) {
        let spec = Spec::parse(SPEC).unwrap();
        let rows = roster(120, seed);
        let table = read(&spec, &csv(&rows));
        let want = plain(&table, &link(&table, &spec, &Known::default()));

        let mut shuffled = rows.clone();
        let mut dice = Dice(swaps);
        for at in (1..shuffled.len()).rev() {
            shuffled.swap(at, dice.below(at + 1));
        }
        let text = csv(&shuffled);
        let other = Table::read(&spec, &[Source { name: "别的名字.csv", bytes: text.as_bytes() }], &[]).unwrap();
        for threads in [1, 3] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let outcome = pool.install(|| link(&other, &spec, &Known::default()));
            prop_assert_eq!(&plain(&other, &outcome), &want);
        }
    }

    #[test]
    fn two_valid_ids_meet_only_by_a_persons_word(seed in 0..1000_u64) {
        let spec = Spec::parse(SPEC).unwrap();
        let table = read(&spec, &csv(&roster(150, seed)));
        let outcome = link(&table, &spec, &Known::default());
        let id = |row: u32| CitizenId::parse(table.cell(row, "id_no")).ok();
        let mut of: BTreeMap<u32, CitizenId> = BTreeMap::new();
        for (row, root) in (0..).zip(&outcome.cluster) {
            if let Some(id) = id(row) {
                prop_assert_eq!(*of.entry(*root).or_insert(id), id);
            }
        }
        // Two persons with valid ids of their own, said to be one.
        let mut rows = of.keys().copied();
        if let (Some(a), Some(b)) = (rows.next(), rows.next()) {
            let known = Known { same: vec![(a, b)], ..Known::default() };
            let decided = link(&table, &spec, &known);
            prop_assert_eq!(decided.cluster[a as usize], decided.cluster[b as usize]);
            // And taken back.
            let again = link(&table, &spec, &Known::default());
            prop_assert_eq!(again.cluster, outcome.cluster);
        }
    }

    #[test]
    fn different_never_comes_back(seed in 0..1000_u64) {
        let spec = Spec::parse(SPEC).unwrap();
        let table = read(&spec, &csv(&roster(150, seed)));
        let outcome = link(&table, &spec, &Known::default());
        let pairs: Vec<(u32, u32)> = outcome.links.iter().step_by(7).map(|l| (l.left, l.right)).collect();
        let known = Known { different: pairs.clone(), ..Known::default() };
        let decided = link(&table, &spec, &known);
        for (a, b) in pairs {
            prop_assert!(decided.cluster[a as usize] != decided.cluster[b as usize]);
            prop_assert!(!decided.links.iter().any(|l| (l.left, l.right) == (a, b)));
        }
    }

    #[test]
    fn new_rows_join_old_persons_and_leave_them_as_they_were(seed in 0..1000_u64) {
        let spec = Spec::parse(SPEC).unwrap();
        let rows = roster(300, seed);
        let (old, new) = rows.split_at(rows.len() - 20);
        let old_table = read(&spec, &csv(old));
        let first = link(&old_table, &spec, &Known::default());
        let before: Vec<(String, String)> = (0..)
            .zip(&first.cluster)
            .map(|(row, root)| (old_table.id(row).to_owned(), format!("P{}", old_table.id(*root))))
            .collect();
        let earlier = previous(&before);
        let (a, b) = (csv(old), csv(new));
        let table = Table::read(
            &spec,
            &[Source { name: "old", bytes: a.as_bytes() }, Source { name: "new", bytes: b.as_bytes() }],
            &["person"],
        )
        .unwrap();
        let known = Known {
            model: Some(first.model.clone()),
            before: earlier.before(&table).unwrap(),
            ..Known::default()
        };
        let outcome = Linker::new(&table, &spec, true).link(&known).unwrap();
        let count = |o: &Outcome, rows: usize| o.cluster[..rows].iter().collect::<BTreeSet<_>>().len();
        prop_assert!(count(&outcome, old.len()) <= count(&first, old.len()));
        for pair in (0..old.len()).collect::<Vec<_>>().windows(2) {
            if first.cluster[pair[0]] == first.cluster[pair[1]] {
                prop_assert_eq!(outcome.cluster[pair[0]], outcome.cluster[pair[1]]);
            }
        }
        // Every pair that is told has a new row in it.
        prop_assert!(outcome.links.iter().all(|l| l.right as usize >= old.len()));
        // And persons keep their names.
        let history = name_persons(&table, &outcome.cluster, Some(&earlier));
        for (row, (_, person)) in before.iter().enumerate() {
            let gone = history.events.iter().any(|e| matches!(e, Event::Merged { from, .. } if from.contains(person)));
            prop_assert!(gone || history.name(outcome.cluster[row]) == *person);
        }
    }

    #[test]
    fn any_bytes_are_a_spec_or_told_why_not(bytes in proptest::collection::vec(any::<u8>(), 0..400), cut in 0..3000_usize) {
        let _ = Spec::parse(&String::from_utf8_lossy(&bytes));
        let mut text: String = SPEC.chars().take(cut).collect();
        text.push_str(&String::from_utf8_lossy(&bytes));
        if let Err(faults) = Spec::parse(&text) {
            prop_assert!(!faults.is_empty() && faults.iter().all(|f| f.line > 0 && f.column > 0));
        }
    }

    #[test]
    fn any_bytes_are_a_table_or_told_why_not(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let spec = Spec::parse(SPEC).unwrap();
        let mut text = csv(&roster(5, 1)).into_bytes();
        text.extend(bytes);
        if let Ok(table) = Table::read(&spec, &[Source { name: "t", bytes: &text }], &[]) {
            let outcome = link(&table, &spec, &Known::default());
            prop_assert_eq!(outcome.cluster.len(), table.len());
        }
    }
}

/// Rows drawn from known `m` and known shares of values: two rows of each of half the people, one of the others.
#[test]
fn m_and_u_come_back_within_two_percent() {
    // By column: how many values, and how often a second row keeps the first's.
    let columns =
        [("a", 2_000, 0.95), ("b", 300, 0.85), ("c", 40, 0.9), ("d", 5_000, 0.6), ("e", 12, 0.97)];
    let mut dice = Dice(11);
    let mut text = String::from("row,a,b,c,d,e\n");
    let mut row = 0;
    let mut values: Vec<BTreeMap<usize, f64>> = vec![BTreeMap::new(); columns.len()];
    for person in 0..30_000 {
        let mut cells: Vec<usize> = columns.iter().map(|(_, n, _)| dice.below(*n)).collect();
        for copy in 0..=person % 2 {
            write!(text, "{row}").unwrap();
            row += 1;
            for (at, (_, n, kept)) in columns.iter().enumerate() {
                #[expect(clippy::cast_precision_loss, reason = "a share of a million")]
                let changed = copy == 1 && dice.below(1_000_000) as f64 / 1e6 >= *kept;
                if changed {
                    cells[at] = (cells[at] + 1 + dice.below(n - 1)) % n;
                }
                *values[at].entry(cells[at]).or_default() += 1.0;
                write!(text, ",v{}", cells[at]).unwrap();
            }
            text.push('\n');
        }
    }
    let mut spec = String::from("id = \"row\"\n");
    for (name, ..) in columns {
        write!(spec, "[[comparison]]\ncolumn = \"{name}\"\nas = \"exact\"\n").unwrap();
    }
    for on in
        ["\"a\", \"b\"", "\"a\", \"d\"", "\"b\", \"d\"", "\"d\", \"c\"", "\"a\", \"c\", \"e\""]
    {
        write!(spec, "[[block]]\non = [{on}]\n").unwrap();
    }
    let spec = Spec::parse(&spec).unwrap();
    let table =
        Table::read(&spec, &[Source { name: "drawn", bytes: text.as_bytes() }], &[]).unwrap();
    let model = link(&table, &spec, &Known::default()).model;
    let levels = model.levels(&spec);
    for (at, (name, _, kept)) in columns.iter().enumerate() {
        let equal = &levels[2 * at];
        assert!((equal.m / kept - 1.0).abs() < 0.02, "{name}: m {} for {kept}", equal.m);
        let (rows, pairs) =
            values[at].values().fold((0.0, 0.0), |(r, p), n| (r + n, p + n * (n - 1.0)));
        // Among strangers: what all pairs show, less what the 15 000 matches among them add.
        let all = rows * (rows - 1.0) / 2.0;
        let u = (pairs / 2.0 - 15_000.0 * kept) / (all - 15_000.0);
        assert!((equal.u / u - 1.0).abs() < 0.02, "{name}: u {} for {u}", equal.u);
    }
    let matches = model.prior() * 45_000.0 * 44_999.0 / 2.0;
    assert!((matches / 15_000.0 - 1.0).abs() < 0.1, "{matches} matches for 15 000");
}

#[test]
fn a_waterfall_adds_up_to_the_links_weight() {
    let spec = Spec::parse(SPEC).unwrap();
    let table = read(&spec, &csv(&roster(200, 3)));
    let linker = Linker::new(&table, &spec, false);
    let outcome = linker.link(&Known::default()).unwrap();
    let mut alike = 0;
    for pair in &outcome.links {
        let why = linker.waterfall(&table, &outcome.model, pair.left, pair.right);
        let sum = why.prior + why.steps.iter().map(|s| s.weight).sum::<f64>() + why.look_alikes;
        assert!((sum - why.total).abs() < 1e-9 && why.look_alikes <= 0.0);
        assert!(why.steps.iter().all(|s| s.level.is_some() || s.weight == 0.0), "{why:?}");
        // A pair of two rows and no more weighs what its waterfall says.
        alike += usize::from((why.total - pair.weight).abs() < 1e-4);
        let id = table.cell(pair.left, "id_no");
        assert!(id.len() < 18 || !format!("{why:?}").contains(id), "a whole id is shown");
    }
    assert!(alike * 10 > outcome.links.len() * 7, "{alike} of {}", outcome.links.len());
}

#[test]
fn a_model_is_kept_and_used_again() {
    let spec = Spec::parse(SPEC).unwrap();
    let table = read(&spec, &csv(&roster(200, 4)));
    let first = link(&table, &spec, &Known::default());
    let model = Model::from_json(&spec, &first.model.to_json(&spec)).unwrap();
    let again = link(&table, &spec, &Known { model: Some(model), ..Known::default() });
    assert_eq!(plain(&table, &again), plain(&table, &first));
    let other = Spec::parse(
        &SPEC
            .replace("months 12", "")
            .replace("as = \"exact\"\n", "as = \"text\"\nlevels = [\"equal\", \"edit 1\"]\n"),
    )
    .unwrap();
    let error = Model::from_json(&other, &first.model.to_json(&spec)).unwrap_err();
    assert!(matches!(error, LinkError::OtherModel { .. }), "{error}");
    assert!(matches!(Model::from_json(&spec, "{}"), Err(LinkError::OtherModel { .. })));
}

#[test]
fn answers_tell_precision_and_recall() {
    let spec = Spec::parse(SPEC).unwrap();
    let table = read(&spec, &csv(&roster(800, 5)));
    let outcome = link(&table, &spec, &Known::default());
    let truth = Truth::of(&table, "person", false).unwrap();
    let mut known = Known::default();
    for l in outcome.links.iter().step_by(3) {
        let to = if truth.holds(l.left, l.right) { &mut known.same } else { &mut known.different };
        to.push((l.left, l.right));
    }
    let found = link(&table, &spec, &known).from_answers.unwrap();
    let truly = truth.links(&outcome);
    let within = |i: &Interval, x: f64| i.low - 0.01 <= x && x <= i.high + 0.01;
    assert!(within(&found.precision, truly.precision()), "{found:?} {truly:?}");
    assert!(within(&found.recall, truly.recall()), "{found:?} {truly:?}");
    assert_eq!(outcome.from_answers, None);
}

#[test]
fn a_workload_bounds_the_questions() {
    let spec = Spec::parse(SPEC).unwrap();
    let table = read(&spec, &csv(&roster(2_000, 6)));
    let asks = |o: &Outcome| o.links.iter().filter(|l| l.verdict == Verdict::Ask).count();
    let all = link(&table, &spec, &Known::default());
    let foretold = all.bands.iter().find(|b| (b.from - all.ask_from).abs() < 1e-9).unwrap();
    assert_eq!(foretold.asks, asks(&all));
    assert!(all.bands.windows(2).all(|w| w[0].from > w[1].from && w[0].asks <= w[1].asks));
    for workload in [0, 1, 3] {
        let some = link(&table, &spec, &Known { workload: Some(workload), ..Known::default() });
        assert!(asks(&some) <= workload && some.cluster == all.cluster);
    }
}

#[test]
fn merges_and_splits_are_told() {
    let spec = Spec::parse(
        "id = \"row\"\n[[comparison]]\ncolumn = \"x\"\nas = \"exact\"\n[[block]]\non = [\"x\"]",
    )
    .unwrap();
    let table = Table::read(
        &spec,
        &[Source { name: "t", bytes: b"row,x\na,1\nb,2\nc,3\nd,4\ne,5\n" }],
        &[],
    )
    .unwrap();
    let said = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(r, p)| ((*r).to_owned(), (*p).to_owned())).collect()
    };
    let before = said(&[("a", "P1"), ("b", "P1"), ("c", "P2"), ("d", "P3"), ("z", "P9")]);
    let earlier = previous(&before);
    // P1 falls apart; P2 and P3 are one; e is new; z is gone.
    let cluster = [0, 1, 2, 2, 4];
    let history = name_persons(&table, &cluster, Some(&earlier));
    let names: Vec<&str> = cluster.iter().map(|root| history.name(*root)).collect();
    assert_eq!(names, ["P1", "b", "P2", "P2", "e"]);
    insta::assert_snapshot!(history.events.iter().map(|e| format!("{e:?}")).collect::<Vec<_>>().join("\n"), @r#"
    New { person: "e" }
    Merged { into: "P2", from: ["P3"] }
    Split { from: "P1", into: ["b"] }
    Gone { person: "P9" }
    "#);
    // The same again changes nothing.
    let names: Vec<(String, String)> =
        (0..).zip(&names).map(|(r, n)| (table.id(r).to_owned(), (*n).to_owned())).collect();
    let earlier = previous(&names);
    let again = name_persons(&table, &cluster, Some(&earlier));
    assert_eq!(again.events, vec![]);
    assert!(cluster.iter().zip(&names).all(|(root, (_, name))| again.name(*root) == name));
}

/// What an earlier run wrote.
fn previous(persons: &[(String, String)]) -> Previous {
    let spec = Previous::spec();
    let mut text = String::from("id,cluster\n");
    for (row, person) in persons {
        writeln!(text, "{row},{person}").unwrap();
    }
    Previous::of(
        Table::read(&spec, &[Source { name: "clusters.csv", bytes: text.as_bytes() }], &[])
            .unwrap(),
    )
}

#[test]
fn a_spec_is_told_all_its_faults_at_once() {
    let faults = Spec::parse(
        r#"
id = "row"
[[comparison]]
column = "name"
as = "nam"
[[comparison]]
column = "birth"
as = "date"
levels = ["equal", "jaro_winkler 0.9", "days x"]
[[comparison]]
as = "exact"
[[block]]
on = ["sonud(name)", "left(name)"]
[[look_alike]]
title = "孪生"
agree = ["brith"]
[settings]
same_from = 1.5
"#,
    )
    .unwrap_err();
    insta::assert_snapshot!(faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"), @r#"
    5:6：没有 `nam` 这种读法；是不是 `name`？
    9:20：date 没有 `jaro_winkler` 这一级；可以写：equal、day_month、one_digit、lunar、partial、days、years、month_day、edit
    9:40：`days` 后面要写一个不小于 0 的整数，如 `days 0`
    10:1：一项比较要写明列：column = "…"
    13:7：没有 `sonud` 这种取法；是不是 `sound`？
    13:22：`left(name)`：取三个字写作 `left(name, 3)`
    16:10：没有哪项比较用 `brith` 这一列；是不是 `birth`？
    18:13：概率要在 0 与 1 之间，不含两端
    "#);
}

#[test]
fn a_table_is_told_what_is_wrong() {
    let spec = Spec::parse(SPEC).unwrap();
    let told = |bytes: &[u8]| {
        Table::read(&spec, &[Source { name: "名册.csv", bytes }], &[]).unwrap_err().to_string()
    };
    let mut gbk = csv(&roster(3, 1)).into_bytes();
    gbk.extend(b"r9,9,\xcd\xf5,,,,,\n");
    let messages = [
        told(b""),
        told(HEADER.as_bytes()),
        told(b"row,name,birth,village,guardian,phone,idno\n1,2,3,4,5,6,7\n"),
        told(&gbk),
        told(format!("{HEADER}\nr1,1,a,b\n").as_bytes()),
        told(format!("{HEADER}\nr1,1,,,,,,\nr1,1,,,,,,\n").as_bytes()),
    ];
    insta::assert_snapshot!(messages.join("\n"), @r#"
    名册.csv：表头之下没有一行；核对是不是这个文件
    名册.csv：表头之下没有一行；核对是不是这个文件
    名册.csv：没有“id_no”这一列，最接近的是“idno”；现有的列：row、name、birth、village、guardian、phone、idno。改规格文件，或改表头
    名册.csv 第 8 行“name”一列不是 UTF-8 文字；用“CSV UTF-8”格式重新保存
    名册.csv 第 2 行有 4 格，表头有 8 格；格子里有逗号的，要用双引号括起来
    “row”列的 r1 出现两次：名册.csv 第 2 行，名册.csv 第 3 行；每行要有自己的编号，没有编号就从规格文件里去掉 id
    "#);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(24) })]

    /// However the bytes are cut, quoted or not, the table is the same.
    #[test]
    fn a_file_may_come_in_any_pieces(size in 1..400_usize, quoted in any::<bool>()) {
        let spec = Spec::parse(SPEC).unwrap();
        let mut text = csv(&roster(30, 2));
        if quoted {
            text.push_str("q1,q,\"王\n\"\"晨\"\"曦\",,20120304,,\"李,四\",\n");
        }
        let whole = read(&spec, &text);
        let mut reader = fujiao_link::table::TableReader::new(&spec, &["person"]);
        reader.begin("pieces.csv", text.len() as u64);
        for piece in text.as_bytes().chunks(size) {
            reader.feed(piece).unwrap();
        }
        reader.end().unwrap();
        let table = reader.finish().unwrap();
        prop_assert_eq!(table.len(), whole.len());
        for row in 0..u32::try_from(table.len()).unwrap() {
            for column in HEADER.split(',').skip(1) {
                prop_assert_eq!(table.cell(row, column), whole.cell(row, column));
            }
            prop_assert_eq!(table.id(row), whole.id(row));
        }
    }
}

#[test]
fn rows_that_say_nothing_are_nobodys() {
    let spec = Spec::parse(SPEC).unwrap();
    let rows: Vec<String> = (0..2_000).map(|n| format!("r{n},{n},,,,,,")).collect();
    let table = read(&spec, &csv(&rows));
    let outcome = link(&table, &spec, &Known::default());
    assert!(outcome.links.is_empty() && outcome.cluster.iter().zip(0..).all(|(c, r)| *c == r));
}

#[test]
fn a_hundred_thousand_equal_rows_cost_no_more_than_rows() {
    let spec = Spec::parse(SPEC).unwrap();
    let mut rows = roster(2_000, 7);
    let one = rows[0].split_once(',').unwrap().1.to_owned();
    rows.extend((0..100_000).map(|n| format!("x{n},{one}")));
    let table = read(&spec, &csv(&rows));
    let outcome = link(&table, &spec, &Known::default());
    let last = outcome.cluster.len() - 1;
    assert_eq!(outcome.cluster[last], outcome.cluster[0]);
    assert!(outcome.compared < 100_000 && outcome.links.len() < 300_000, "{}", outcome.links.len());
}

#[test]
fn a_phone_that_a_school_shares_is_left_out_and_told() {
    let spec = Spec::parse(&format!("{SPEC}\n[[block]]\non = [\"phone\"]\n")).unwrap();
    let mut rows = roster(1_500, 8);
    for row in &mut rows {
        let cells: Vec<&str> = row.split(',').collect();
        *row = format!("{},13800000000", cells[..7].join(","));
    }
    let table = read(&spec, &csv(&rows));
    let linker = Linker::new(&table, &spec, false);
    let foretold = linker.predict();
    let outcome = linker.link(&Known::default()).unwrap();
    assert_eq!(foretold, outcome.rules);
    let phone = outcome.rules.last().unwrap();
    assert!(phone.left_out > 1_000_000 && phone.blocks_left_out == 1, "{phone:?}");
    let truth = Truth::of(&table, "person", false).unwrap();
    assert!(truth.links(&outcome).f1() > 0.98);

    let few = Spec::parse(&format!("{SPEC}\n[settings]\nmost_pairs = 1000\n")).unwrap();
    let error = Linker::new(&table, &few, false).link(&Known::default()).unwrap_err();
    assert!(error.to_string().contains("most_pairs = 1000"), "{error}");
}

#[test]
fn one_list_names_nobody_twice() {
    let text = "row,person,name,birth,list\n1,a,王晨曦,20120304,甲\n2,a,王晨曦,20120304,乙\n3,b,王晨曦,20120304,乙\n";
    let spec = Spec::parse(
        "id = \"row\"\nlist = \"list\"\n[[comparison]]\ncolumn = \"name\"\nas = \"name\"\n[[comparison]]\ncolumn = \"birth\"\nas = \"date\"\n[[block]]\non = [\"birth\"]\n",
    )
    .unwrap();
    let table = read(&spec, text);
    let outcome = link(&table, &spec, &Known::default());
    assert_ne!(outcome.cluster[1], outcome.cluster[2]);
    let linker = Linker::new(&table, &spec, false);
    assert!(linker.waterfall(&table, &outcome.model, 1, 2).excluded.is_some());
}

#[test]
fn equal_values_reach_the_best_level_whatever_it_asks_for() {
    let text = "row,name,other\n1,anna,\n2,anna,\n3,annna,\n4,zoe,anna\n";
    let spec = Spec::parse(
        "id = \"row\"\n[[comparison]]\ncolumn = \"name\"\nas = \"text\"\nlevels = [\"edit 1\", \"crossed other\"]\n[[block]]\non = [\"name\"]\n",
    )
    .unwrap();
    let table = Table::read(&spec, &[Source { name: "t", bytes: text.as_bytes() }], &[]).unwrap();
    let linker = Linker::new(&table, &spec, false);
    let model = linker.link(&Known::default()).unwrap().model;
    let level = |a, b| linker.waterfall(&table, &model, a, b).steps[0].level.clone().unwrap();
    assert_eq!([level(0, 1), level(0, 2), level(0, 3)], ["edit 1", "edit 1", "crossed other"]);
}

#[test]
fn households_that_meet_raise_a_pair_in_doubt() {
    // Two lists number the households alike. A child whose id is missing has namesakes; what tells is who else is there.
    let mut dice = Dice(9);
    let mut text = String::from("row,person,household,name,birth\n");
    let mut row = 0;
    for family in 0..400 {
        for child in 0..3 {
            let name =
                format!("{}{}{}", dice.of("王李张刘"), dice.of("子梓雨浩"), dice.of("涵轩怡然"));
            let year = 2008 + dice.below(8);
            for list in 0..2 {
                // The third child has only a year in the second list.
                let birth = if child == 2 && list == 1 {
                    format!("{year}")
                } else {
                    format!("{year}{:02}{:02}", 1 + family % 12, 1 + (family * 7 + child) % 28)
                };
                writeln!(text, "{row},{family}-{child},{},{name},{birth}", family * 10 + list)
                    .unwrap();
                row += 1;
            }
        }
    }
    let base = "id = \"row\"\n[[comparison]]\ncolumn = \"name\"\nas = \"name\"\nterm_frequency = true\n[[comparison]]\ncolumn = \"birth\"\nas = \"date\"\nlevels = [\"equal\", \"partial\", \"years 1\"]\n[[block]]\non = [\"name\", \"year(birth)\"]\n[[block]]\non = [\"birth\"]\n";
    let measure = |text_spec: &str| {
        let spec = Spec::parse(text_spec).unwrap();
        let table = read(&spec, &text);
        let outcome = link(&table, &spec, &Known::default());
        Truth::of(&table, "person", false).unwrap().links(&outcome)
    };
    let (without, with) =
        (measure(base), measure(&format!("{base}[household]\nby = [[\"household\"]]\n")));
    assert!(with.f1() >= without.f1(), "{with:?} {without:?}");
}
