//! What of a workbook about schools cannot be: refused at the cell, the rest kept.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use fujiao_intake::Intake;
use fujiao_model::{
    Cell, Field, Finding, FindingKind, Grade, PartialDate, RosterKind, RowVerdict, SourceRow,
};
use fujiao_school::canteen::{Movement, stock};
use fujiao_school::conditions::MeasureFault;
use fujiao_school::meals::{DayFault, DayReturn, Enrolled, refuses};
use fujiao_school::{Month, Norms, SchoolDays};
use jiff::civil::Date;

use crate::{Office, OfficeError, Rulebook};

/// What the books know when workbooks about schools come in.
pub(crate) struct Judge {
    rules: Arc<Rulebook>,
    days: SchoolDays,
    locked: BTreeSet<Month>,
    /// How many a class has, by name of school, grade and class; without a register nobody is judged by it.
    classes: BTreeMap<(String, Grade, String), u32>,
    today: Date,
}

impl Office {
    /// What is known on a day.
    pub(crate) fn judge(&self, today: Date) -> Result<Judge, OfficeError> {
        let rules = Arc::clone(&self.rules);
        let Some(county) = self.county.as_ref().map(|c| c.code) else {
            let terms = rules.norms.terms.clone();
            let days = SchoolDays { terms, ..SchoolDays::default() };
            return Ok(Judge {
                rules,
                days,
                locked: BTreeSet::new(),
                classes: BTreeMap::new(),
                today,
            });
        };
        self.store.read(|tx| {
            let days = super::school_days(tx, county, &rules)?;
            let mut locked = BTreeSet::new();
            for lock in tx.meal_locks(county)? {
                let Some(month) = Month::parse(&lock.month) else { continue };
                if lock.is_locked() {
                    locked.insert(month);
                } else {
                    locked.remove(&month);
                }
            }
            let sizes = tx.query(
                "select s.name, p.grade, p.class, count(*) from person p
                   join school s on s.county = p.county and s.school_id = p.school_id
                  where p.county = $1 and p.grade is not null group by s.name, p.grade, p.class",
                &[county.into()],
                |r| {
                    let grade = r.parse(1, Grade::parse)?;
                    let class: Option<String> = r.get(2)?;
                    Ok((r.get::<String>(0)?, grade, class.unwrap_or_default(), r.get::<u32>(3)?))
                },
            )?;
            let classes = sizes
                .into_iter()
                .filter_map(|(school, grade, class, n)| Some(((school, grade?, class), n)))
                .collect();
            Ok(Judge { rules, days, locked, classes, today })
        })
    }
}

impl Judge {
    /// Refuses rows that cannot be, each with its cell and the remedy.
    pub(crate) fn look(&self, intake: &mut Intake) {
        for sheet in &mut intake.sheets {
            let number = sheet.columns.iter().filter_map(|c| Some((c.field?, c.at))).collect();
            let found = match sheet.kind {
                Some(RosterKind::MealReturns) => self.returns(&sheet.rows),
                Some(RosterKind::MealLists) => self.lists(&sheet.rows),
                Some(RosterKind::Measurements) => self.measures(&sheet.rows),
                Some(RosterKind::Purchases) => stocks(&sheet.rows),
                _ => continue,
            };
            refuse(sheet, &number, found);
        }
    }

    fn returns(&self, rows: &[SourceRow]) -> Vec<Refused> {
        let mut out = Vec::new();
        for (at, row) in rows.iter().enumerate().filter(|(_, r)| r.verdict != RowVerdict::Refused) {
            let fields = &row.fields;
            let counts = [Field::PresentCount, Field::ServedCount, Field::ClaimedCount];
            if let Some(field) =
                counts.into_iter().find(|f| fields.number(*f).is_some_and(|n| n < 0))
            {
                out.push((
                    at,
                    field,
                    format!("{}是负数", field.chinese()),
                    "改成实际的数，没有就空着".into(),
                ));
                continue;
            }
            let Some(on) = fields.date(Field::MealOn).filter(|d| d.parts().2.is_some()) else {
                out.push((at, Field::MealOn, "供餐日期不到日".into(), "写到哪一天".into()));
                continue;
            };
            let count = |field| fields.number(field).and_then(|n| u32::try_from(n).ok());
            let said = DayReturn {
                on: on.latest(),
                present: count(Field::PresentCount),
                served: count(Field::ServedCount),
                claimed: count(Field::ClaimedCount),
            };
            let of = Enrolled {
                pupils: self.size_of(row).unwrap_or(u32::MAX),
                open: true,
                locked: self.locked.contains(&Month::of(said.on)),
            };
            for fault in refuses(&said, of, &self.days, self.today) {
                // A weekend claimed is no slip to be sent back: it is taken, and the close names it.
                if fault == DayFault::NoLessons {
                    continue;
                }
                let field = match fault.field() {
                    "present" => Field::PresentCount,
                    "served" => Field::ServedCount,
                    "claimed" => Field::ClaimedCount,
                    _ => Field::MealOn,
                };
                // More claimed than are enrolled is what the close is there to find.
                if fault == DayFault::ClaimedAboveEnrolled {
                    continue;
                }
                let remedy = match fault {
                    DayFault::Locked => "要改，先请县里写明原因解锁这个月".to_owned(),
                    DayFault::PresentAboveEnrolled | DayFault::ServedAboveEnrolled => {
                        format!("这个班在籍 {} 人；核对后改", of.pupils)
                    }
                    _ => "核对日期后改".to_owned(),
                };
                out.push((at, field, fault.chinese().to_owned(), remedy));
                break;
            }
        }
        out
    }

    /// How many are in the class of a row, if its school and class are known by these very names.
    fn size_of(&self, row: &SourceRow) -> Option<u32> {
        let name = row.fields.text(Field::School)?.trim();
        let grade = Grade::parse(row.fields.text(Field::Grade)?)?;
        let class = row.fields.text(Field::Class)?;
        let mut like = self
            .classes
            .iter()
            .filter(|((s, g, c), _)| *g == grade && c == class && (s == name || s.ends_with(name)));
        let first = *like.next()?.1;
        like.next().is_none().then_some(first)
    }

    /// Lists of names of a month that is locked.
    fn lists(&self, rows: &[SourceRow]) -> Vec<Refused> {
        let of = |row: &SourceRow| {
            let (year, month, _) = row.fields.date(Field::Month).map(PartialDate::parts)?;
            Some(Month { year, month: month? })
        };
        let locked = |row: &SourceRow| of(row).is_some_and(|m| self.locked.contains(&m));
        rows.iter()
            .enumerate()
            .filter(|(_, row)| row.verdict != RowVerdict::Refused && locked(row))
            .map(|(at, _)| {
                let remedy = "要改，先请县里写明原因解锁这个月".to_owned();
                (at, Field::Month, DayFault::Locked.chinese().to_owned(), remedy)
            })
            .collect()
    }

    fn measures(&self, rows: &[SourceRow]) -> Vec<Refused> {
        let norms = &self.rules.norms;
        let mut out = Vec::new();
        for (at, row) in rows.iter().enumerate().filter(|(_, r)| r.verdict != RowVerdict::Refused) {
            let text = |field| row.fields.text(field).unwrap_or_default();
            let item = text(Field::Item);
            let wants = norms.unit_of(item);
            // A sheet without a column of units says the values in the units of the standards.
            let unit = match (text(Field::QuantityUnit), wants) {
                ("", Some(unit)) => unit.chinese(),
                (unit, _) => unit,
            };
            let on = row.fields.date(Field::MeasuredOn).map_or(self.today, PartialDate::latest);
            let read = norms.read_measure((item, unit, text(Field::Measured)), on, self.today);
            for fault in read.err().into_iter().flatten().take(1) {
                let field = match fault.field() {
                    "item" => Field::Item,
                    "unit" => Field::QuantityUnit,
                    "on" => Field::MeasuredOn,
                    _ => Field::Measured,
                };
                out.push((at, field, fault.chinese().to_owned(), remedy(norms, fault, item)));
            }
        }
        out
    }
}

/// What to do about a measurement that is refused.
pub(super) fn remedy(norms: &Norms, fault: MeasureFault, item: &str) -> String {
    match fault {
        MeasureFault::NoItem => {
            let items: Vec<&str> =
                norms.standards.iter().map(|s| s.item.as_str()).take(6).collect();
            format!("用标准里的项目名，如{}", items.join("、"))
        }
        MeasureFault::WrongUnit => {
            let unit = norms.unit_of(item).map_or("", fujiao_school::conditions::Measure::chinese);
            format!("“{item}”按{unit}测量；换算后再写")
        }
        MeasureFault::Tomorrow => "写实际测量的那天".to_owned(),
        _ => "写一个数，如 12 或 30.5；是否达标的写“是”或“否”".to_owned(),
    }
}

/// Goods that go out without having come in.
fn stocks(rows: &[SourceRow]) -> Vec<Refused> {
    let mut moves = Vec::new();
    let mut at_row = Vec::new();
    let mut out = Vec::new();
    for (at, row) in rows.iter().enumerate().filter(|(_, r)| r.verdict != RowVerdict::Refused) {
        let quantity = row.fields.number(Field::Quantity).unwrap_or(0);
        if quantity < 0 {
            out.push((
                at,
                Field::Quantity,
                "数量是负数".into(),
                "出库写正数，在“出入库”一栏写“出库”".into(),
            ));
            continue;
        }
        at_row.push(at);
        moves.push(movement(row, at as u64));
    }
    for negative in stock(&moves).1 {
        let m = &moves[negative.at];
        out.push((
            at_row[negative.at],
            Field::Quantity,
            format!("库存只有 {}，出库 {}，会成负数", shown(negative.had), shown(-m.quantity)),
            "核对入库和出库的数；漏记的入库补一行".into(),
        ));
    }
    out
}

pub(super) fn shown(thousandths: i64) -> String {
    let text = format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A row of goods as the engine sees it; `source`: the row.
pub(super) fn movement(row: &SourceRow, source: u64) -> Movement {
    let text = |field| row.fields.text(field).unwrap_or_default();
    let quantity = row.fields.number(Field::Quantity).unwrap_or(0);
    let out = text(Field::Movement).contains('出') || text(Field::Movement).contains("领用");
    Movement {
        // Within one file schools are told apart by name.
        school: text(Field::School)
            .bytes()
            .fold(7_u64, |h, b| h.wrapping_mul(31).wrapping_add(b.into())),
        item: text(Field::Foodstuff).to_owned(),
        unit: text(Field::QuantityUnit).to_owned(),
        on: row.fields.date(Field::MovedOn).map_or(Date::MIN, PartialDate::latest),
        quantity: if out { -quantity } else { quantity },
        fen: row.fields.money(Field::Amount).map_or(0, fujiao_model::Money::as_fen),
        supplier: text(Field::Supplier).to_owned(),
        source,
    }
}

/// Position of the row, the field, why, and what to do.
type Refused = (usize, Field, String, String);

fn refuse(sheet: &mut fujiao_intake::Sheet, columns: &BTreeMap<Field, u16>, found: Vec<Refused>) {
    for (at, field, reason, remedy) in found {
        let row = &mut sheet.rows[at];
        row.verdict = RowVerdict::Refused;
        sheet.findings.push(Finding {
            cell: Cell { sheet: row.sheet, row: row.row, column: columns.get(&field).copied() },
            field: Some(field),
            kind: FindingKind::Contradiction,
            reason,
            remedy,
            verdict: RowVerdict::Refused,
        });
    }
    sheet.findings.sort_by_key(|f| (f.cell.row, f.cell.column));
}
