use std::collections::{BTreeMap, BTreeSet};

use super::families::{TWINS, village_code};
use super::*;
use fujiao_model::CitizenId;

const ROWS: u64 = 60_000;

fn order() -> RosterOrder {
    RosterOrder { rows: ROWS, seed: 5, noise: 1.0, doubles: 0.0 }
}

fn made(order: &RosterOrder) -> (String, RosterSummary) {
    let mut bytes = Vec::new();
    let summary = make_roster(order, &mut bytes, &mut |_, _| ()).unwrap();
    (String::from_utf8(bytes).unwrap(), summary)
}

/// Rows as cells, without the heading.
fn cells(text: &str) -> Vec<Vec<&str>> {
    let mut lines = text.lines();
    assert_eq!(lines.next().unwrap(), ROSTER_COLUMNS.join(","));
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    assert!(rows.iter().all(|row| row.len() == ROSTER_COLUMNS.len()));
    rows
}

#[test]
fn the_same_order_gives_the_same_bytes_on_any_number_of_threads() {
    let order = RosterOrder { rows: 9_000, ..order() };
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let many = rayon::ThreadPoolBuilder::new().num_threads(5).build().unwrap();
    assert_eq!(alone.install(|| made(&order)), many.install(|| made(&order)));
    assert_ne!(made(&order).0, made(&RosterOrder { seed: 6, ..order }).0);
}

#[test]
fn the_summary_counts_what_is_written() {
    for doubles in [0.0, 0.02] {
        let (text, summary) = made(&RosterOrder { doubles, ..order() });
        let rows = cells(&text);
        let mut persons: BTreeMap<&str, u64> = BTreeMap::new();
        let mut entries: BTreeMap<(&str, &str), u64> = BTreeMap::new();
        for row in &rows {
            *persons.entry(row[1]).or_default() += 1;
            *entries.entry((row[1], row[2])).or_default() += 1;
        }
        assert_eq!(rows.len() as u64, ROWS);
        assert_eq!(rows.iter().map(|row| row[0]).collect::<BTreeSet<_>>().len(), rows.len());
        assert_eq!(summary.rows, ROWS);
        assert_eq!(summary.persons, persons.len() as u64);
        assert_eq!(summary.true_pairs, persons.values().map(|n| n * (n - 1) / 2).sum::<u64>());
        let twice = entries.values().filter(|n| **n == 2).count();
        assert!(entries.values().all(|n| *n <= 2));
        if doubles == 0.0 {
            assert_eq!(twice, 0);
        } else {
            assert!((1_000..1_400).contains(&twice), "2 % of 58 800 entries: {twice}");
        }
    }
}

#[test]
fn rosters_have_the_shape_that_is_promised() {
    let (text, summary) = made(&order());
    #[expect(clippy::cast_precision_loss, reason = "counts of a test")]
    let per_row = |n: u64| n as f64 / ROWS as f64;
    assert!((0.53..0.58).contains(&per_row(summary.persons)), "{summary:?}");
    assert!((0.70..0.77).contains(&per_row(summary.true_pairs)), "{summary:?}");
    // 0.4 births a row, 1.5 % of them twins, some three pairs of rows between two twins.
    let twins = per_row(summary.twin_pairs) / TWINS;
    assert!((1.2..2.8).contains(&twins), "{twins}");
    let rows = cells(&text);
    let departments: BTreeSet<&str> = rows.iter().map(|row| row[2]).collect();
    assert_eq!(departments.len(), DEPARTMENTS.len());
    // A form without a column has nothing in it.
    assert!(rows.iter().all(|row| row[2] != "公安局" || row[9].is_empty()));
    assert!(rows.iter().all(|row| row[2] != "医保局" || row[5].is_empty()));
    let villages: BTreeSet<&str> =
        rows.iter().map(|row| row[7]).filter(|village| !village.is_empty()).collect();
    assert!(villages.iter().all(|v| v.len() == 12 && v.starts_with("6199")), "{villages:?}");
}

#[test]
fn each_slip_happens_at_its_rate() {
    let (_, summary) = made(&RosterOrder { rows: 400_000, ..order() });
    for SlipCount { slip, cells, slipped, expected_millionths } in summary.slips {
        #[expect(clippy::cast_precision_loss, reason = "counts of a test")]
        let (cells, slipped, expected) =
            (cells as f64, slipped as f64, expected_millionths as f64 / 1e6);
        assert!(expected >= 40.0, "{slip:?} can happen {cells} times: too few to see its rate");
        // Five standard deviations of a sum of yes and no.
        let off = (slipped - expected).abs() / expected.sqrt();
        assert!(off < 5.0, "{slip:?}: {slipped} of {cells}, {expected} expected");
        // 公安 is at a fifth, 妇联 at one and a half; the mean lies between.
        let mean = expected / cells / slip.rate();
        assert!((0.2..1.5).contains(&mean), "{slip:?}: {mean}");
    }
}

#[test]
fn without_noise_rows_of_one_person_agree_and_ids_check() {
    let (text, summary) = made(&RosterOrder { noise: 0.0, ..order() });
    assert!(summary.slips.iter().all(|s| s.slipped == 0 && s.expected_millionths == 0));
    let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
    let mut truth: BTreeMap<&str, (&str, Option<CitizenId>)> = BTreeMap::new();
    for row in cells(&text) {
        let (name, born, male) = (row[3], row[5], row[6]);
        let id = (!row[4].is_empty()).then(|| CitizenId::parse(row[4]).expect("an id that checks"));
        if let Some(id) = id {
            assert!((611_100..=619_999).contains(&row[4][..6].parse::<u32>().unwrap()), "{row:?}");
            assert_eq!(*owners.entry(row[4]).or_insert(row[1]), row[1], "an id of two persons");
            let day = id.born_on().strftime("%Y%m%d").to_string();
            assert!(born.is_empty() || born == day, "{row:?}");
            let sex = if id.sex() == fujiao_model::Sex::Male { "男" } else { "女" };
            assert!(male.is_empty() || male == sex, "{row:?}");
        }
        let known = truth.entry(row[1]).or_insert((name, id));
        assert_eq!(known.0, name);
        assert!(known.1.is_none() || id.is_none() || known.1 == id, "{row:?}");
        known.1 = known.1.or(id);
    }
}

#[test]
fn slips_leave_what_they_are_said_to_leave() {
    let (clean, _) = made(&RosterOrder { noise: 0.0, ..order() });
    let (text, _) = made(&RosterOrder { noise: 3.0, ..order() });
    let (mut sheet, mut exponent, mut old, mut cut) = (0, 0, 0, 0);
    let truth: BTreeMap<&str, &str> = cells(&clean)
        .into_iter()
        .filter(|row| !row[4].is_empty())
        .map(|row| (row[1], row[4]))
        .collect();
    for row in cells(&text) {
        let id = row[4];
        if let Some(right) = truth.get(row[1]).filter(|_| !id.is_empty()) {
            let digits = right.as_bytes();
            let differ = id.bytes().zip(digits.iter().copied()).filter(|(a, b)| a != b).count();
            if id.contains('E') {
                exponent += 1;
                let about: f64 = id.parse().unwrap();
                let exact: f64 = format!("{}0", &right[..17]).parse().unwrap();
                assert!((about / exact - 1.0).abs() < 1e-5, "{id} {right}");
            } else if id.len() == 15 {
                old += 1;
                assert_eq!(id, format!("{}{}", &right[..6], &right[8..17]));
            } else if id.ends_with("000") && differ > 0 && id[..15] == right[..15] {
                sheet += 1;
            } else {
                assert!(id.len() == 18 && differ <= 2, "{id} {right}");
                // One digit, or two that changed places: the check digit shows both.
                assert_eq!(CitizenId::parse(id).is_ok(), differ == 0, "{id} {right}");
            }
        }
        cut += usize::from(row[3].chars().count() == 12);
        assert!(row[3].chars().filter(|c| !c.is_ascii()).count() <= 16, "{row:?}");
        assert!(
            row[5].is_empty() || row[5].len() == 8 && row[5].bytes().all(|b| b.is_ascii_digit())
        );
    }
    assert!(
        sheet > 100 && exponent > 100 && old > 100 && cut > 20,
        "{sheet} {exponent} {old} {cut}"
    );
}

#[test]
fn an_order_out_of_range_says_so() {
    let said = |order: RosterOrder| {
        make_roster(&order, &mut Vec::new(), &mut |_, _| ()).unwrap_err().to_string()
    };
    insta::assert_snapshot!(
        [
            said(RosterOrder { rows: 0, ..order() }),
            said(RosterOrder { rows: RosterOrder::MOST + 1, ..order() }),
            said(RosterOrder { noise: f64::NAN, ..order() }),
            said(RosterOrder { doubles: 0.6, ..order() }),
        ]
        .join("\n"),
        @"
    行数 0 不在 1 到 12000000 之间；改 --roster
    行数 12000001 不在 1 到 12000000 之间；改 --roster
    笔误倍数 NaN 不在 0 到 10 之间；改 --slips
    重登比例 0.6 不在 0 到 0.5 之间；改 --doubles
    "
    );
}

#[test]
fn a_file_that_takes_nothing_ends_the_making() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::Error::new(io::ErrorKind::StorageFull, "disk full"))
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let error = make_roster(&order(), &mut Full, &mut |_, _| ()).unwrap_err();
    assert_eq!(error.to_string(), "写不下名册：disk full");
}

#[test]
fn the_largest_order_stays_within_made_codes() {
    // 0.55 persons a row, 1.6 a family: the last village of the longest list.
    let families = RosterOrder::MOST * 55 / 100 * 10 / 16;
    let last = village_code(families / 75);
    assert!((619_300_000_000..619_999_999_999).contains(&last), "{last}");
    assert_eq!(village_code(0), 619_901_100_200);
}
