//! What the outside sees of linking: made people whose rows are known, and the rules that nothing may break.

#![expect(clippy::unwrap_used, reason = "made data is as it was made")]

use std::collections::BTreeSet;

use fujiao_link::{Decision, Linkage, Mention, Mentions, Settings, link};
use fujiao_model::{CitizenId, Grade, PartialDate, Sex};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use proptest::prelude::*;

/// One row and whose it is.
#[derive(Clone, Debug, Default)]
struct Row {
    key: u64,
    person: usize,
    name: String,
    id: Option<CitizenId>,
    id_as_written: Option<String>,
    student_no: Option<String>,
    born: Option<PartialDate>,
    sex: Option<Sex>,
    village: Option<u32>,
    school: Option<u32>,
    school_year: Option<i16>,
    grade: Option<Grade>,
    class: Option<String>,
    guardian: Option<String>,
    phone: Option<String>,
    account: Option<String>,
    household: Option<String>,
    roster: u16,
    list: Option<u32>,
}

fn mentions(rows: &[Row]) -> Mentions {
    let mut mentions = Mentions::new();
    for row in rows {
        let phones: Vec<&str> = row.phone.as_deref().into_iter().collect();
        mentions.push(&Mention {
            key: row.key,
            name: &row.name,
            id: row.id,
            id_as_written: row.id_as_written.as_deref(),
            student_no: row.student_no.as_deref(),
            born: row.born,
            sex: row.sex,
            town: row.village.map(|v| v / 10),
            village: row.village,
            school: row.school,
            school_year: row.school_year,
            grade: row.grade,
            class: row.class.as_deref(),
            guardian: row.guardian.as_deref(),
            phones: &phones,
            account: row.account.as_deref(),
            household: row.household.as_deref(),
            roster: row.roster,
            list: row.list,
            ..Mention::default()
        });
    }
    mentions
}

fn run(rows: &[Row], decisions: &[Decision]) -> Linkage {
    link(&mentions(rows), &Settings::default(), decisions)
}

/// Small numbers from a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % n as u64).unwrap()
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<'a>(&mut self, all: &'a str) -> &'a str {
        let words: Vec<&str> = all.split_whitespace().collect();
        words[self.below(words.len())]
    }
}

const SURNAMES: &str = "张 王 李 陈 刘 杨 黄 周 吴 徐 孙 胡 朱 高 林 何 郭 马 罗 梁 宋 郑 谢 韩 唐 冯 于 董 萧 程 曹 袁 邓 许 傅 沈 曾 彭";
const CHARS: &str = "伟 芳 娜 敏 静 强 磊 军 洋 勇 艳 杰 涛 明 超 霞 平 刚 桂 子 涵 梓 轩 浩 宇 欣 怡 诗 雨 泽 萱 思 嘉 俊 晨 瑞 雪 佳 琪 文 博 然 若 曦 可 馨 一 诺 依 航 凯 鑫 鹏 飞 建 国 志 华 玉 兰 秀 英 春 海 龙 凤 云 山";
/// Pairs that sound alike.
const SOUNDS: [(char, char); 6] =
    [('伟', '玮'), ('静', '敬'), ('杰', '洁'), ('宇', '雨'), ('怡', '依'), ('涛', '韬')];

/// Families with two generations: every person in the household register; every child in a school's list of two years,
/// paid three times, and on a list of meals that knows no ids. Every tenth row is damaged or lacks its id.
fn county(families: usize, seed: u64) -> Vec<Row> {
    let mut dice = Dice(seed);
    let mut rows = Vec::new();
    let mut persons = 0;
    let mut ids: BTreeSet<CitizenId> = BTreeSet::new();
    let given = |dice: &mut Dice| {
        let n = 1 + usize::from(!dice.chance(25));
        (0..n).map(|_| dice.pick(CHARS)).collect::<String>()
    };
    for family in 0..families {
        let surname = dice.pick(SURNAMES);
        let village = u32::try_from(dice.below(families / 40 + 1)).unwrap();
        let phone = format!("1{:010}", 3_000_000_000_u64 + u64::try_from(family).unwrap());
        let account = format!("6299{family:012}");
        let household = format!("H{family}");
        let father = format!("{surname}{}", given(&mut dice));
        let children = 1 + dice.below(3);
        let twins = dice.chance(5);
        let mut born = date(2010, 1, 1) + i64::try_from(dice.below(2_900)).unwrap().days();
        for member in 0..=children {
            let person = persons;
            persons += 1;
            if member > 0 && !(twins && member == 2) {
                born += i64::try_from(400 + dice.below(500)).unwrap().days();
            }
            let born = if member == 0 {
                date(1980, 1, 1) + i64::try_from(dice.below(3_000)).unwrap().days()
            } else {
                born
            };
            let id = (0..999)
                .map(|n| {
                    CitizenId::compose(
                        619_926,
                        born,
                        1 + (u16::try_from(person % 499).unwrap() + n) % 999,
                    )
                })
                .find(|id| !ids.contains(id))
                .unwrap();
            ids.insert(id);
            let name =
                if member == 0 { father.clone() } else { format!("{surname}{}", given(&mut dice)) };
            let base = Row { person, name, roster: 0, sex: Some(id.sex()), ..Row::default() };
            rows.push(Row {
                id: Some(id),
                born: Some(PartialDate::full(born)),
                village: Some(village),
                household: Some(household.clone()),
                guardian: (member > 0).then(|| father.clone()),
                list: Some(0),
                ..base.clone()
            });
            if member == 0 {
                continue;
            }
            at_school(
                &mut dice,
                &mut rows,
                &base,
                (id, born),
                village,
                [&father, &phone, &account],
            );
        }
    }
    for (key, row) in (1..).zip(&mut rows) {
        row.key = key;
    }
    rows
}

/// What two school years leave of a child: a line in the school's list, two payments, a line in the list of meals.
fn at_school(
    dice: &mut Dice,
    rows: &mut Vec<Row>,
    base: &Row,
    (id, born): (CitizenId, Date),
    village: u32,
    [father, phone, account]: [&str; 3],
) {
    let school = village / 3;
    for year in [2024, 2025] {
        let Some(grade) = grade(born, year) else { continue };
        let class = format!("{}班", 1 + base.person % 2);
        let mut enrolled = Row {
            id: Some(id),
            student_no: Some(format!("G{}", id.reveal())),
            born: Some(PartialDate::full(born)),
            village: Some(village),
            school: Some(school),
            school_year: Some(year),
            grade: Some(grade),
            class: Some(class.clone()),
            guardian: Some(father.into()),
            phone: Some(phone.into()),
            roster: 6,
            ..base.clone()
        };
        damage(dice, &mut enrolled);
        rows.push(enrolled);
        for _ in 0..2 {
            let mut payment = Row {
                id: Some(id),
                school: Some(school),
                school_year: Some(year),
                grade: Some(grade),
                class: Some(class.clone()),
                account: Some(account.into()),
                roster: 8,
                sex: None,
                ..base.clone()
            };
            damage(dice, &mut payment);
            rows.push(payment);
        }
        rows.push(Row {
            school: Some(school),
            school_year: Some(year),
            grade: Some(grade),
            class: Some(class),
            roster: 9,
            sex: None,
            ..base.clone()
        });
    }
}

fn grade(born: Date, school_year: i16) -> Option<Grade> {
    let first = born.year() + if born.month() > 8 { 7 } else { 6 };
    let year = school_year - first + 1;
    match year {
        1..=6 => Grade::parse(&format!("P{year}")),
        7..=9 => Grade::parse(&format!("J{}", year - 6)),
        _ => None,
    }
}

fn damage(dice: &mut Dice, row: &mut Row) {
    if dice.chance(10) {
        let id = row.id.take().unwrap();
        if dice.chance(70) {
            let mut digits = id.reveal().as_bytes().to_vec();
            let at = 6 + dice.below(9);
            digits[at] = if digits[at] == b'9' { b'0' } else { digits[at] + 1 };
            row.id_as_written = Some(String::from_utf8(digits).unwrap());
        }
        row.student_no = row.student_no.take().filter(|_| dice.chance(50));
    }
    if dice.chance(5) {
        for (a, b) in SOUNDS {
            row.name = row.name.replace(a, &b.to_string());
        }
    }
    if dice.chance(5) {
        row.born = row
            .born
            .and_then(PartialDate::date)
            .and_then(|d| PartialDate::month(d.year(), d.month()));
    }
    if dice.chance(5) {
        row.phone = Some(format!("19900{:06}", dice.below(1_000_000)));
    }
}

/// Precision and recall of pairs, and how many rows are not with most of their person's rows.
fn score(rows: &[Row], linkage: &Linkage) -> (f64, f64, usize) {
    let count = |keys: &mut Vec<(u32, usize)>| {
        keys.sort_unstable();
        keys.chunk_by(|a, b| a == b).map(|same| same.len() * (same.len() - 1) / 2).sum::<usize>()
    };
    let clusters = || linkage.cluster.iter().copied().zip(rows.iter().map(|r| r.person));
    let both = count(&mut clusters().collect());
    let found = count(&mut clusters().map(|(c, _)| (c, 0)).collect());
    let truth = count(&mut clusters().map(|(_, p)| (0, p)).collect());
    let first = |person: usize| rows.iter().position(|r| r.person == person).unwrap();
    let astray = rows
        .iter()
        .zip(&linkage.cluster)
        .filter(|(r, c)| linkage.cluster[first(r.person)] != **c)
        .count();
    #[expect(clippy::cast_precision_loss, reason = "counts of pairs")]
    (both as f64 / found as f64, both as f64 / truth as f64, astray)
}

#[test]
fn made_people_find_their_rows() {
    let rows = county(1_500, 7);
    let linkage = run(&rows, &[]);
    let (precision, recall, astray) = score(&rows, &linkage);
    println!("{} rows: precision {precision:.5}, recall {recall:.5}, astray {astray}", rows.len());
    assert!(
        precision > 0.9995 && recall > 0.999,
        "{precision} {recall} {astray} {:?}",
        linkage.stats
    );
}

#[test]
fn the_order_of_rows_and_the_number_of_threads_change_nothing() {
    let rows = county(200, 3);
    let by_key = |rows: &[Row], linkage: &Linkage| {
        // Of each row the smallest key of its cluster.
        let smallest = |c: u32| {
            rows.iter().zip(&linkage.cluster).filter(|(_, o)| **o == c).map(|(r, _)| r.key).min()
        };
        let mut all: Vec<_> =
            rows.iter().zip(&linkage.cluster).map(|(r, c)| (r.key, smallest(*c))).collect();
        all.sort_unstable();
        let mut asks: Vec<_> = linkage
            .asks
            .iter()
            .map(|a| (rows[a.left as usize].key, rows[a.right as usize].key, a.weight.to_bits()))
            .collect();
        asks.sort_unstable();
        (all, asks)
    };
    let want = by_key(&rows, &run(&rows, &[]));
    let mut turned = rows.clone();
    turned.reverse();
    turned.rotate_left(rows.len() / 3);
    assert_eq!(by_key(&turned, &run(&turned, &[])), want);
    for threads in [1, 3] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let linkage = pool.install(|| run(&rows, &[]));
        assert_eq!(by_key(&rows, &linkage), want, "{threads} threads");
    }
}

#[test]
fn a_persons_word_holds() {
    let rows = county(200, 5);
    let before = run(&rows, &[]);
    // Two rows of one child are torn apart, though they carry one id; two people with different ids are joined.
    let child: Vec<usize> =
        (0..rows.len()).filter(|r| rows[*r].person == 1 && rows[*r].id.is_some()).collect();
    let (a, b) = (child[0], child[1]);
    let (c, d) = (
        rows.iter().position(|r| r.person == 10).unwrap(),
        rows.iter().position(|r| r.person == 20).unwrap(),
    );
    assert_eq!(before.cluster[a], before.cluster[b]);
    assert_ne!(before.cluster[c], before.cluster[d]);
    let after = run(
        &rows,
        &[
            Decision::Different(rows[a].key, rows[b].key),
            Decision::Same(rows[c].key, rows[d].key),
            Decision::Same(1, u64::MAX),
        ],
    );
    assert_ne!(after.cluster[a], after.cluster[b]);
    assert_eq!(after.cluster[c], after.cluster[d]);
    assert_eq!((after.stats.decisions_held, after.stats.decisions_void), (2, 1));
    let ask = |l: &Linkage| {
        l.asks.iter().any(|x| {
            (l.cluster[x.left as usize], l.cluster[x.right as usize])
                == (l.cluster[a], l.cluster[b])
        })
    };
    assert!(!ask(&after), "what was decided is not asked again");
}

#[test]
fn nothing_and_next_to_nothing() {
    let none = run(&[], &[]);
    assert!(none.cluster.is_empty() && none.asks.is_empty());
    let blank: Vec<Row> = (0..500).map(|key| Row { key, ..Row::default() }).collect();
    let linkage = run(&blank, &[]);
    assert_eq!(linkage.stats.persons, 500, "rows that say nothing are nobody's");
    let one = run(&county(1, 1)[..1], &[]);
    assert_eq!(one.cluster, [0]);
}

#[test]
fn twenty_thousand_equal_rows_stay_bounded() {
    let row = Row {
        name: "张伟".into(),
        village: Some(3),
        school: Some(1),
        guardian: Some("张强".into()),
        phone: Some("13000000000".into()),
        ..Row::default()
    };
    let unlisted: Vec<Row> = (0..20_000).map(|key| Row { key, ..row.clone() }).collect();
    assert_eq!(run(&unlisted, &[]).stats.persons, 1, "they say the same: one person");
    let listed: Vec<Row> = unlisted.into_iter().map(|r| Row { list: Some(1), ..r }).collect();
    let linkage = run(&listed, &[]);
    assert_eq!(linkage.stats.persons, 20_000, "one list names nobody twice");
    assert!(linkage.stats.pairs <= 400_000, "{:?}", linkage.stats);
}

#[test]
fn a_teachers_phone_joins_nobody() {
    let mut rows = county(300, 9);
    let class: Vec<usize> = (0..rows.len()).filter(|r| rows[*r].roster == 6).take(60).collect();
    for r in class {
        rows[r].phone = Some("13911112222".into());
    }
    let (precision, recall, _) = score(&rows, &run(&rows, &[]));
    assert!(precision > 0.9995 && recall > 0.998, "{precision} {recall}");
}

#[test]
fn a_parents_number_beside_a_childs_name() {
    let mut rows = county(300, 11);
    // The father's valid number on a payment to the child.
    let father = rows.iter().find(|r| r.person == 0).unwrap().id;
    let payment = rows.iter().position(|r| r.person == 1 && r.roster == 8).unwrap();
    rows[payment].id = father;
    rows[payment].id_as_written = None;
    let linkage = run(&rows, &[]);
    let home =
        |person: usize| linkage.cluster[rows.iter().position(|r| r.person == person).unwrap()];
    assert_eq!(linkage.cluster[payment], home(1));
    assert_ne!(home(0), home(1));
}

#[test]
fn a_waterfall_says_why() {
    let rows = county(400, 13);
    let mentions = mentions(&rows);
    let linkage = link(&mentions, &Settings::default(), &[]);
    let open = rows.iter().position(|r| r.id_as_written.is_some() && r.roster == 8).unwrap();
    let home = rows.iter().position(|r| r.person == rows[open].person).unwrap();
    let index = |at: usize| u32::try_from(at).unwrap();
    let others: Vec<u32> = (0..rows.len())
        .filter(|r| rows[*r].person == rows[open].person && *r != open)
        .map(index)
        .collect();
    let waterfall = linkage.model.waterfall_of(&mentions, &[index(open)], &others);
    let sum = waterfall.prior
        + waterfall.steps.iter().map(|s| s.match_weight).sum::<f64>()
        + waterfall.look_alikes;
    assert!((sum - waterfall.total).abs() < 1e-9 && waterfall.probability > 0.99, "{waterfall:?}");
    let said: Vec<&str> = waterfall.steps.iter().filter_map(|s| s.level).collect();
    insta::assert_snapshot!(said.join(" · "), @"只差一处 · 相同 · 年级相合 · 同班 · 相同");
    // Two people with their own valid ids are never one, and the waterfall says so.
    let stranger = rows.iter().position(|r| r.person == rows[open].person + 9).unwrap();
    let waterfall = linkage.model.waterfall(&mentions, index(home), index(stranger));
    assert!(waterfall.excluded && waterfall.probability == 0.0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Whatever the rows say: two different valid ids stay two people, and so do two rows of one list, unless a person decides.
    #[test]
    fn two_valid_ids_are_two_people(picks in proptest::collection::vec((0..8_u16, 0..4_usize, 0..3_usize, 0..4_u32, any::<bool>(), any::<bool>()), 0..60)) {
        let rows: Vec<Row> = picks
            .into_iter()
            .enumerate()
            .map(|(key, (id, name, phone, list, with_id, written))| {
                let id = CitizenId::compose(619_926, date(2015, 3, 4), 100 + id);
                Row {
                    key: key as u64,
                    name: ["张伟", "章玮", "张子涵", ""][name].into(),
                    id: with_id.then_some(id),
                    id_as_written: (written && !with_id).then(|| id.reveal()[..17].to_owned()),
                    student_no: written.then(|| format!("G{}", id.reveal())),
                    born: Some(PartialDate::full(id.born_on())),
                    phone: (phone > 0).then(|| format!("1380000000{phone}")),
                    guardian: Some("张强".into()),
                    list: (list > 0).then_some(list),
                    ..Row::default()
                }
            })
            .collect();
        let linkage = run(&rows, &[]);
        for (a, x) in rows.iter().enumerate() {
            for (b, y) in rows.iter().enumerate().take(a) {
                if linkage.cluster[a] == linkage.cluster[b] {
                    prop_assert!(x.id.is_none() || y.id.is_none() || x.id == y.id);
                    prop_assert!(x.list.is_none() || x.list != y.list || (x.id.is_some() && x.id == y.id));
                }
            }
        }
    }
}
