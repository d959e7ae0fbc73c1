//! Tables that a county brings for a question (.xlsx, .xls, .csv): known by their headers, read row by row, every fault named
//! with row, column and remedy.

use fujiao_intake::Workbook;

use super::PlanError;

/// A column of a table.
pub(super) struct Column {
    /// Its header, as our own tables have it.
    pub name: &'static str,
    /// Other headers for it.
    pub also: &'static [&'static str],
    /// Whether a table without it is another table.
    pub needed: bool,
}

/// One kind of table.
pub(super) struct Form {
    /// What it is called in messages.
    pub name: &'static str,
    /// Its columns.
    pub columns: &'static [Column],
}

/// A row as it stands in the file.
pub(super) struct Row<'f> {
    form: &'f Form,
    number: u32,
    cells: Vec<String>,
    /// Headers as written, for units.
    headers: std::rc::Rc<Vec<String>>,
}

/// Faults of a table, each with its place.
#[derive(Default)]
pub(super) struct Faults(Vec<String>);

/// Faults that a message lists at most.
const LISTED: usize = 12;

impl Faults {
    pub(super) fn add(&mut self, row: &Row<'_>, column: &str, what: impl std::fmt::Display) {
        self.0.push(format!("{}第 {} 行“{column}”：{what}", row.form.name, row.number));
    }

    pub(super) fn say(&mut self, what: impl Into<String>) {
        self.0.push(what.into());
    }

    /// All of them as one error; nothing where there are none.
    pub(super) fn end(mut self) -> Result<(), PlanError> {
        if self.0.is_empty() {
            return Ok(());
        }
        let more = self.0.len().saturating_sub(LISTED);
        self.0.truncate(LISTED);
        if more > 0 {
            self.0.push(format!("还有 {more} 处"));
        }
        Err(PlanError::Table(self.0))
    }
}

/// The header that rows stand under: its form, for each column of the form where it stands, and the words of the header.
type Under = (usize, Vec<Option<usize>>, std::rc::Rc<Vec<String>>);

/// The tables of these forms in a workbook: for each form its rows. Several may stand in one sheet, one below the other.
pub(super) fn read<'f>(
    name: &str,
    bytes: &[u8],
    forms: &'f [Form],
) -> Result<Vec<Vec<Row<'f>>>, PlanError> {
    let sheets = fujiao_intake::cells(&Workbook { name, bytes })
        .map_err(|e| PlanError::Table(vec![e.to_string()]))?;
    let mut tables: Vec<Vec<Row<'f>>> = forms.iter().map(|_| Vec::new()).collect();
    let mut any = false;
    for rows in sheets {
        let mut under: Option<Under> = None;
        for (number, cells) in rows {
            let cells: Vec<String> = cells.iter().map(|c| clean(c)).collect();
            let header = forms.iter().position(|form| {
                form.columns
                    .iter()
                    .filter(|c| c.needed)
                    .all(|column| cells.iter().any(|cell| is_header(cell, column)))
            });
            if let Some(at) = header {
                any = true;
                let of = |column| cells.iter().position(|cell| is_header(cell, column));
                let columns: Vec<Option<usize>> = forms[at].columns.iter().map(of).collect();
                let written = |at: &Option<usize>| at.map_or(String::new(), |at| cells[at].clone());
                let headers = std::rc::Rc::new(columns.iter().map(written).collect());
                under = Some((at, columns, headers));
                continue;
            }
            let Some((at, columns, headers)) = &under else { continue };
            let of = |column: &Option<usize>| {
                column.and_then(|c| cells.get(c)).cloned().unwrap_or_default()
            };
            let cells: Vec<String> = columns.iter().map(of).collect();
            if cells.iter().all(String::is_empty) || cells[0].starts_with("合计") {
                continue;
            }
            let headers = std::rc::Rc::clone(headers);
            tables[*at].push(Row { form: &forms[*at], number, cells, headers });
        }
    }
    if any {
        return Ok(tables);
    }
    let wanted: Vec<String> = forms
        .iter()
        .map(|form| {
            let needed: Vec<&str> =
                form.columns.iter().filter(|c| c.needed).map(|c| c.name).collect();
            format!("{}要有“{}”", form.name, needed.join("”“"))
        })
        .collect();
    let wanted = wanted.join("，");
    Err(PlanError::Table(vec![format!("“{name}”里没有认得的表头：{wanted}；下载空表照着填")]))
}

/// A header, with or without its unit in brackets.
fn is_header(cell: &str, column: &Column) -> bool {
    let bare = cell.split(['（', '(']).next().unwrap_or(cell).trim();
    bare == column.name || column.also.contains(&bare)
}

/// Without blanks around it, and with digits and marks as a keyboard has them.
fn clean(cell: &str) -> String {
    let cell = cell.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}' || c == '\'');
    cell.chars()
        .map(|c| match c {
            '０'..='９' | '．' | '，' | '－' | '％' => {
                char::from_u32(c as u32 - 0xfee0).unwrap_or(c)
            }
            c => c,
        })
        .collect()
}

impl Row<'_> {
    /// A cell; empty where there is no such column.
    pub(super) fn text(&self, column: &str) -> &str {
        let at = self.form.columns.iter().position(|c| c.name == column);
        at.and_then(|at| self.cells.get(at)).map_or("", String::as_str)
    }

    /// A cell that must not be empty.
    pub(super) fn must(&self, column: &'static str, faults: &mut Faults) -> &str {
        let text = self.text(column);
        if text.is_empty() {
            faults.add(self, column, "空着；补上");
        }
        text
    }

    /// A number, in the unit of the header (万 where the header or the cell says so); `None` where the cell is empty.
    pub(super) fn number_in(&self, column: &'static str, faults: &mut Faults) -> Option<f64> {
        let text = self.text(column);
        if text.is_empty() {
            return None;
        }
        let at = self.form.columns.iter().position(|c| c.name == column);
        let header = at.map_or("", |at| self.headers[at].as_str());
        let mut bare = text.replace([',', ' '], "");
        let mut times = if header.contains('万') { 10_000.0 } else { 1.0 };
        for unit in ["元", "人", "%", "岁", "分钟"] {
            bare = bare.strip_suffix(unit).map_or(bare.clone(), str::to_owned);
        }
        if let Some(rest) = bare.strip_suffix('万') {
            (bare, times) = (rest.to_owned(), 10_000.0);
        }
        match bare.parse::<f64>() {
            Ok(n) if n.is_finite() => Some(n * times),
            _ => {
                faults.add(self, column, format!("“{text}”不是数；只写数字"));
                None
            }
        }
    }

    /// A whole number between two, else a fault; `None` where the cell is empty.
    pub(super) fn whole(
        &self,
        column: &'static str,
        (least, most): (u32, u32),
        faults: &mut Faults,
    ) -> Option<u32> {
        let n = self.number_in(column, faults)?;
        if n < f64::from(least) || n > f64::from(most) || n.fract().abs() > 1e-9 {
            let text = self.text(column);
            faults.add(self, column, format!("“{text}”要是 {least} 到 {most} 的整数"));
            return None;
        }
        Some(super::sites::whole(n))
    }

    /// A calendar year; `None` where the cell is empty or no year, which is a fault.
    pub(super) fn year(&self, column: &'static str, faults: &mut Faults) -> Option<i16> {
        let text = self.text(column);
        if text.is_empty() {
            return None;
        }
        let year = text.trim_end_matches(['年', '秋', '春']).parse::<i16>().ok();
        let year = year.filter(|y| (1990..2100).contains(y));
        if year.is_none() {
            faults.add(self, column, format!("“{text}”不是年份；写成 2027"));
        }
        year
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn column(name: &'static str, needed: bool) -> Column {
        Column { name, also: &[], needed }
    }
    const FORMS: [Form; 2] = [
        Form {
            name: "项目表",
            columns: &[column("项目", true), column("金额", true), column("最早", false)],
        },
        Form {
            name: "资金表",
            columns: &[column("资金", true), column("年份", true), column("金额", false)],
        },
    ];

    #[test]
    fn two_tables_stand_in_one_file_and_faults_name_row_and_column() {
        let text = "示例\n项目,金额（万元）,最早\n宿舍,１２.5,2026\n,,\n食堂,三十万,二〇二七\n资金,年份,金额\n薄改,2026年,\"1,000\"\n合计,,9\n";
        let tables = read("表.csv", text.as_bytes(), &FORMS).unwrap();
        assert_eq!((tables[0].len(), tables[1].len()), (2, 1));
        let mut faults = Faults::default();
        let [dorm, canteen] = &tables[0][..] else { panic!() };
        assert_eq!(dorm.number_in("金额", &mut faults), Some(125_000.0));
        assert_eq!(tables[1][0].number_in("金额", &mut faults), Some(1_000.0));
        assert_eq!(tables[1][0].year("年份", &mut faults), Some(2026));
        assert_eq!(canteen.number_in("金额", &mut faults), None);
        assert_eq!(canteen.year("最早", &mut faults), None);
        assert_eq!(
            faults.end().unwrap_err().to_string(),
            "项目表第 5 行“金额”：“三十万”不是数；只写数字；项目表第 5 行“最早”：“二〇二七”不是年份；写成 2027"
        );
        let other = read("别的.csv", "姓名,身份证号\n甲,1\n".as_bytes(), &FORMS).err().unwrap();
        assert!(other.to_string().contains("项目表要有“项目”“金额”"), "{other}");
    }
}
