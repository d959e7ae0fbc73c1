//! 各学段学生资助情况统计表 of a calendar year: persons and person-times apart, money to the fen.

use std::collections::{BTreeMap, BTreeSet};

use fujiao_model::{Season, Stage, Term};
use fujiao_report::{List, ListCell};
use jiff::civil::Date;

use crate::access::{Actor, Right};
use crate::desk::Title;
use crate::{Office, OfficeError};

/// Persons, person-times and fen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Persons, each once.
    pub persons: u64,
    /// 人次
    pub times: u64,
    /// Fen.
    pub amount: i64,
}

/// A half, or the whole year: all, 1 类, 2 类.
pub type Classes = [Counted; 3];

/// A line of the table.
#[derive(Clone, Debug)]
pub struct BulletinRow {
    /// The stage; `None`: all stages.
    pub stage: Option<Stage>,
    /// The programme; `None`: all of the stage.
    pub title: Option<Title>,
    /// What was appropriated for it, fen: in spring and in autumn. `None`: nothing was, for it alone.
    pub received: [Option<i64>; 2],
    /// Spring.
    pub spring: Classes,
    /// Autumn.
    pub autumn: Classes,
    /// The whole year: persons of both halves are counted once, person-times twice.
    pub year: Classes,
}

/// The table of a year.
#[derive(Clone, Debug, Default)]
pub struct Bulletin {
    /// The calendar year.
    pub year: i16,
    /// Years that have any, newest first.
    pub years: Vec<i16>,
    /// By stage and programme, sums of each stage before its programmes, the sum of all at the end.
    pub rows: Vec<BulletinRow>,
    /// What was appropriated without a programme, fen: spring and autumn.
    pub general: [i64; 2],
}

impl Office {
    /// The yearly table of aid as the live assessment counts it; of the newest year if none is given. Who stands on a part of
    /// the county has none: it counts the whole.
    ///
    /// # Errors
    /// What the store says.
    pub fn bulletin(&self, actor: &Actor, year: Option<i16>) -> Result<Bulletin, OfficeError> {
        actor.must(Right::Aid)?;
        if !actor.scope(Right::Aid).is_whole() {
            return Ok(Bulletin::default());
        }
        let county = self.county_code()?;
        let (cells, funds) = self
            .store
            .read(|tx| Ok::<_, OfficeError>((tx.bulletin(county)?, tx.aid_funds(county)?)))?;
        let years: BTreeSet<i16> = cells.iter().map(|c| c.year).collect();
        let year = year.or_else(|| years.last().copied()).unwrap_or_else(|| actor.today().year());
        // No stage sorts last, no programme before the programmes.
        let mut rows: BTreeMap<(u8, String), [Classes; 3]> = BTreeMap::new();
        let place = |stage: &str| {
            let at = Stage::ALL.iter().position(|s| s.code() == stage);
            u8::try_from(at.unwrap_or(Stage::ALL.len())).unwrap_or(u8::MAX)
        };
        for cell in cells.into_iter().filter(|c| c.year == year) {
            let row = rows.entry((place(&cell.stage), cell.kind)).or_default();
            let half = match cell.half.as_str() {
                "S" => 0,
                "A" => 1,
                _ => 2,
            };
            let counted = Counted { persons: cell.persons, times: cell.times, amount: cell.amount };
            if let Some(at) = row[half].get_mut(usize::from(cell.class)) {
                *at = counted;
            }
        }
        let mut received: BTreeMap<&str, [i64; 2]> = BTreeMap::new();
        for fund in funds.iter().filter(|f| !f.gift) {
            let term = Term::of(fund.arrived_on);
            if fund.arrived_on.year() == year {
                let half = usize::from(term.season() == Season::Autumn);
                let key = fund.earmark.programme.as_deref().unwrap_or("");
                received.entry(key).or_default()[half] += fund.amount;
            }
        }
        let some = |fen: i64| Some(fen).filter(|fen| *fen > 0);
        let rows = rows.into_iter().map(|((at, kind), [spring, autumn, whole])| {
            let money = received.get(kind.as_str()).copied().unwrap_or_default();
            BulletinRow {
                stage: Stage::ALL.get(usize::from(at)).copied(),
                received: if kind.is_empty() { [None; 2] } else { money.map(some) },
                title: (!kind.is_empty()).then(|| self.rules.titles.title(&kind)),
                spring,
                autumn,
                year: whole,
            }
        });
        Ok(Bulletin {
            year,
            years: years.iter().rev().copied().collect(),
            rows: rows.collect(),
            general: received.get("").copied().unwrap_or_default(),
        })
    }
}

impl Bulletin {
    /// The table as counties hand it in.
    pub fn sheet(&self, county: &str, today: Date) -> List {
        #[expect(clippy::cast_precision_loss, reason = "counts and yuan far below 2^53")]
        let number = |n: i64, scale: f64| ListCell::Number(n as f64 / scale);
        let yuan = |fen: i64| number(fen, 100.0);
        let count = |n: u64| number(i64::try_from(n).unwrap_or(i64::MAX), 1.0);
        let mut rows = Vec::new();
        for row in &self.rows {
            let stage = row.stage.map_or("全县合计", Stage::chinese);
            let title = row.title.as_ref().map_or("小计", |t| t.zh.as_str());
            let mut cells = vec![
                ListCell::Text(stage.to_owned()),
                if row.stage.is_none() {
                    ListCell::Empty
                } else {
                    ListCell::Text(title.to_owned())
                },
            ];
            for (received, half) in row.received.iter().zip([&row.spring, &row.autumn]) {
                cells.push(received.map_or(ListCell::Empty, yuan));
                for class in half {
                    cells.push(yuan(class.amount));
                    cells.push(count(class.persons));
                }
            }
            let year = row.year[0];
            cells.extend([count(year.persons), count(year.times), yuan(year.amount)]);
            rows.push(cells);
        }
        let mut columns = vec!["学段".to_owned(), "项目".to_owned()];
        for half in ["春季", "秋季"] {
            for column in [
                "下达资金（元）",
                "资助金额（元）",
                "资助人数",
                "其中1类金额",
                "1类人数",
                "其中2类金额",
                "2类人数",
            ] {
                columns.push(format!("{half}{column}"));
            }
        }
        columns.extend(["全年人数（不重复）", "全年人次", "全年资助金额（元）"].map(str::to_owned));
        List {
            sheet: "资助统计表".to_owned(),
            head: vec![
                format!("{county}{} 年各学段学生资助情况统计表", self.year),
                "年度按春季加秋季；人数一人只算一次，人次是春秋两季各项目之和；1类：脱贫、监测、低保、特困、孤儿、事实无人抚养、残疾；2类：其他".to_owned(),
                format!("截至 {today}"),
            ],
            columns,
            rows,
            as_of: today,
        }
    }
}
