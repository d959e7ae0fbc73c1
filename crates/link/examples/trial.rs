//! Links a file of rows whose persons are known, and says how well.
//!
//! `trial ROWS.csv [N]` reads lines without a header and without quotes: key, name, id, id as written, 学籍号, born, sex, town,
//! village, school, school year, grade, class, guardian, phones (by `;`), account, household, relation, roster, list, person.
//! It prints precision and recall of pairs, the rows that went astray, and the first N of them.

use std::collections::BTreeMap;
use std::error::Error;

use fujiao_link::{Linkage, Mention, Mentions, Settings, link};
use fujiao_model::{CitizenId, Grade, Relation, Sex};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("usage: trial ROWS.csv [N]")?;
    let show: usize = arguments.next().map_or(Ok(0), |n| n.parse())?;
    let text = std::fs::read_to_string(path)?;
    let mut mentions = Mentions::new();
    let mut places: BTreeMap<&str, u32> = BTreeMap::new();
    let mut lines: Vec<&str> = Vec::new();
    let mut persons: Vec<&str> = Vec::new();
    for line in text.lines() {
        let cell: Vec<&str> = line.split(',').collect();
        if cell.len() != 21 {
            return Err(format!("21 cells are wanted in {line}").into());
        }
        let some = |at: usize| Some(cell[at]).filter(|c| !c.is_empty());
        let mut number = |at: usize| {
            let next = u32::try_from(places.len()).expect("few places");
            some(at).map(|name| *places.entry(name).or_insert(next))
        };
        let phones: Vec<&str> = cell[14].split(';').filter(|p| !p.is_empty()).collect();
        mentions.push(&Mention {
            key: cell[0].parse()?,
            name: cell[1],
            id: some(2).and_then(|id| CitizenId::parse(id).ok()),
            id_as_written: some(3),
            student_no: some(4),
            born: some(5).and_then(|b| b.parse().ok()),
            born_about: None,
            sex: some(6).and_then(Sex::parse),
            town: number(7),
            village: number(8),
            school: number(9),
            school_year: some(10).and_then(|y| y.parse().ok()),
            grade: some(11).and_then(Grade::parse),
            class: some(12),
            guardian: some(13),
            phones: &phones,
            account: some(15),
            household: some(16),
            relation: some(17).and_then(Relation::parse),
            roster: cell[18].parse()?,
            list: some(19).and_then(|l| l.parse().ok()),
        });
        lines.push(line);
        persons.push(cell[20]);
    }
    let start = std::time::Instant::now();
    let linkage = link(&mentions, &Settings::default(), &[]);
    let seconds = start.elapsed().as_secs_f64();
    // Where the system tells: the most memory used so far.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find(|l| l.starts_with("VmHWM")).unwrap_or_default().to_owned();
    print(&linkage, &mentions, &lines, &persons, show);
    #[expect(clippy::print_stdout, reason = "the example's answer")]
    {
        println!("{seconds:.2} s; with the file in memory {peak}");
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the example's answer")]
fn print(linkage: &Linkage, mentions: &Mentions, lines: &[&str], persons: &[&str], show: usize) {
    let pairs =
        |counts: &BTreeMap<(u32, &str), u64>| counts.values().map(|n| n * (n - 1) / 2).sum::<u64>();
    let count = |key: &dyn Fn(usize) -> (u32, &'static str)| {
        let mut counts: BTreeMap<(u32, &str), u64> = BTreeMap::new();
        for row in 0..lines.len() {
            *counts.entry(key(row)).or_insert(0) += 1;
        }
        pairs(&counts)
    };
    let found = count(&|row| (linkage.cluster[row], ""));
    let mut both: BTreeMap<(u32, &str), u64> = BTreeMap::new();
    let mut truth: BTreeMap<(u32, &str), u64> = BTreeMap::new();
    for (row, person) in persons.iter().enumerate() {
        *both.entry((linkage.cluster[row], person)).or_insert(0) += 1;
        *truth.entry((0, person)).or_insert(0) += 1;
    }
    let right = pairs(&both);
    // A person's cluster is the one with most of the rows; the others are astray.
    let mut home: BTreeMap<&str, (u64, u32)> = BTreeMap::new();
    let mut host: BTreeMap<u32, (u64, &str)> = BTreeMap::new();
    for ((cluster, person), n) in &both {
        let at = home.entry(person).or_insert((0, 0));
        *at = (*at).max((*n, *cluster));
        let at = host.entry(*cluster).or_insert((0, ""));
        *at = (*at).max((*n, person));
    }
    let (mut alone, mut wrong, mut shown) = (0, 0, 0);
    for row in 0..lines.len() {
        let is_wrong = host[&linkage.cluster[row]].1 != persons[row];
        let is_alone = !is_wrong && home[persons[row]].1 != linkage.cluster[row];
        wrong += u32::from(is_wrong);
        alone += u32::from(is_alone);
        if (is_wrong || is_alone) && shown < show {
            shown += 1;
            let home = home[persons[row]].1;
            println!("{} {}", if is_wrong { "WRONG" } else { "ALONE" }, lines[row]);
            println!("   home {}", lines[home as usize]);
            if is_wrong {
                println!("   with {}", lines[linkage.cluster[row] as usize]);
            }
            let group = |c: u32| -> Vec<u32> {
                (0..)
                    .zip(&linkage.cluster)
                    .filter(|(r, o)| **o == c && *r as usize != row)
                    .map(|(r, _)| r)
                    .collect()
            };
            let row = u32::try_from(row).expect("rows fit");
            for other in
                [Some(home), is_wrong.then(|| linkage.cluster[row as usize])].into_iter().flatten()
            {
                let w = linkage.model.waterfall_of(mentions, &[row], &group(other));
                let steps: Vec<String> = w
                    .steps
                    .iter()
                    .filter_map(|s| {
                        s.level.map(|l| {
                            format!("{}{l} {:+.1}", s.comparison.chinese(), s.match_weight)
                        })
                    })
                    .collect();
                println!(
                    "     {:+.1}: {} · {} {:.1} = {:.1}{}",
                    w.prior,
                    steps.join(" · "),
                    w.look_alike.chinese(),
                    w.look_alikes,
                    w.total,
                    if w.excluded { " excluded" } else { "" }
                );
            }
        }
    }
    println!("{:?}", linkage.stats);
    for w in linkage.model.weights() {
        println!(
            "{}\t{}\tm {:.4}\tu {:.6}\t{:+.2}",
            w.comparison.chinese(),
            w.level,
            w.m,
            w.u,
            w.match_weight
        );
    }
    println!(
        "prior {:.2} thresholds {:?} asks {}",
        linkage.model.prior(),
        linkage.model.thresholds(),
        linkage.asks.len()
    );
    #[expect(clippy::cast_precision_loss, reason = "counts of pairs")]
    let (p, r) = (right as f64 / found as f64, right as f64 / pairs(&truth) as f64);
    println!(
        "pairs: precision {p:.6} recall {r:.6} F1 {:.6}; rows alone {alone}, wrong {wrong} of {}",
        2.0 * p * r / (p + r),
        lines.len()
    );
}
