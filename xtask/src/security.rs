//! `docs/security.md` names the test that shows each promise; this keeps the names true and the list whole.

use crate::root;

/// Sections of ASVS 5.0.0 with the number of their requirements of levels 1 and 2, which stand first in each.
const ASVS: &[(&str, u32)] = &[
    ("V1.1", 2),
    ("V1.2", 9),
    ("V1.3", 11),
    ("V1.4", 3),
    ("V1.5", 2),
    ("V2.1", 3),
    ("V2.2", 3),
    ("V2.3", 4),
    ("V2.4", 1),
    ("V3.2", 2),
    ("V3.3", 4),
    ("V3.4", 6),
    ("V3.5", 5),
    ("V3.7", 2),
    ("V4.1", 3),
    ("V4.2", 1),
    ("V4.3", 2),
    ("V4.4", 4),
    ("V5.1", 1),
    ("V5.2", 3),
    ("V5.3", 2),
    ("V5.4", 3),
    ("V6.1", 3),
    ("V6.2", 12),
    ("V6.3", 4),
    ("V6.4", 4),
    ("V6.5", 5),
    ("V6.6", 3),
    ("V6.8", 4),
    ("V7.1", 3),
    ("V7.2", 4),
    ("V7.3", 2),
    ("V7.4", 5),
    ("V7.5", 2),
    ("V7.6", 2),
    ("V8.1", 2),
    ("V8.2", 3),
    ("V8.3", 1),
    ("V8.4", 1),
    ("V9.1", 3),
    ("V9.2", 4),
    ("V10.1", 2),
    ("V10.2", 2),
    ("V10.3", 4),
    ("V10.4", 11),
    ("V10.5", 5),
    ("V10.6", 2),
    ("V10.7", 3),
    ("V11.1", 2),
    ("V11.2", 3),
    ("V11.3", 3),
    ("V11.4", 4),
    ("V11.5", 1),
    ("V11.6", 1),
    ("V12.1", 3),
    ("V12.2", 2),
    ("V12.3", 4),
    ("V13.1", 1),
    ("V13.2", 5),
    ("V13.3", 2),
    ("V13.4", 5),
    ("V14.1", 2),
    ("V14.2", 4),
    ("V14.3", 3),
    ("V15.1", 3),
    ("V15.2", 3),
    ("V15.3", 7),
    ("V16.1", 1),
    ("V16.2", 5),
    ("V16.3", 4),
    ("V16.4", 3),
    ("V16.5", 3),
    ("V17.1", 1),
    ("V17.2", 4),
    ("V17.3", 2),
];

/// Parts of 8.1.4 of GB/T 22239—2019 (安全计算环境), level 3.
const GB: u32 = 11;

fn page() -> String {
    std::fs::read_to_string(root().join("docs/security.md")).unwrap()
}

/// Numbers of an item: `V1.2.10` is 1, 2, 10.
fn numbers(item: &str) -> Vec<u32> {
    item.trim_start_matches('V').split('.').filter_map(|n| n.parse().ok()).collect()
}

/// Whether the first cell of a row speaks of an item: the item itself, its section or chapter, or a range around it.
fn speaks_of(cell: &str, item: &[u32]) -> bool {
    cell.split([',', '、']).map(str::trim).any(|part| match part.split_once('–') {
        None => {
            let part = numbers(part);
            !part.is_empty() && item.starts_with(&part)
        }
        Some((from, to)) => {
            let (from, to) = (numbers(from), numbers(to));
            from.len() == to.len()
                && !from.is_empty()
                && item.len() >= from.len()
                && from[..] <= item[..from.len()]
                && item[..to.len()] <= to[..]
        }
    })
}

#[test]
fn every_item_of_asvs_level_two_is_answered() {
    let page = page();
    let cells: Vec<&str> = page
        .lines()
        .filter_map(|l| l.strip_prefix("| V")?.split_once(" |").map(|(cell, _)| cell))
        .collect();
    let mut missing = Vec::new();
    for (section, most) in ASVS {
        for n in 1..=*most {
            let mut item = numbers(section);
            item.push(n);
            let answers = cells.iter().filter(|cell| speaks_of(cell, &item)).count();
            if answers != 1 {
                missing.push(format!("{section}.{n}: {answers} rows"));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
    for part in 1..=GB {
        assert!(page.contains(&format!("\n| 8.1.4.{part} ")), "8.1.4.{part} is not answered");
    }
}

#[test]
fn every_test_that_the_security_table_names_exists() {
    let code = crate::house::code();
    let page = page();
    let mut missing = Vec::new();
    for (n, line) in (1..).zip(page.lines()) {
        for name in line.split('`').skip(1).step_by(2) {
            let is_test = name.matches('_').count() >= 2
                && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
            if is_test && !code.contains(&format!("fn {name}(")) {
                missing.push(format!("line {n}: {name}"));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn a_range_is_understood() {
    assert!(speaks_of("V1.2.1–V1.2.3", &[1, 2, 2]) && !speaks_of("V1.2.1–V1.2.3", &[1, 2, 10]));
    assert!(speaks_of("V12.1–V12.2", &[12, 2, 2]) && !speaks_of("V12.1–V12.2", &[12, 3, 1]));
    assert!(speaks_of("V9", &[9, 2, 4]) && !speaks_of("V1", &[11, 1, 1]));
}
