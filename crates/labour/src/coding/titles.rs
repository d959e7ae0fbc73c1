use std::str::FromStr;

use super::{Catalogue, OccupationCode};

/// A title with the code that somebody gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Titled {
    /// As people write it.
    pub title: String,
    /// What it is.
    pub code: OccupationCode,
}

/// A row of a list of titles that cannot be learnt from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TitleFault {
    /// From 1, the header is row 1.
    pub row: usize,
    /// What is wrong, and what to write.
    pub why: String,
}

/// Titles as rosters of mountain counties have them, coded by us: they come with the program.
pub fn builtin_titles() -> Vec<Titled> {
    let (titles, faults) =
        read_titles(include_str!("../../data/titles.csv"), &Catalogue::builtin());
    assert!(faults.is_empty(), "a test reads the file that comes with the program: {faults:?}");
    titles
}

/// Reads a list that a county coded: a CSV with a column for titles (`title`, `job_title`, `岗位`, `工种`, `职业`) and one for
/// codes (`code`, `csco_code`, `编码`, `职业编码`). Codes have to be in the `catalogue`.
pub fn read_titles(text: &str, catalogue: &Catalogue) -> (Vec<Titled>, Vec<TitleFault>) {
    const TITLES: [&str; 5] = ["title", "job_title", "岗位", "工种", "职业"];
    const CODES: [&str; 4] = ["code", "csco_code", "编码", "职业编码"];
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let (mut titles, mut faults) = (Vec::new(), Vec::new());
    let headers = reader.headers().cloned().unwrap_or_default();
    let column = |names: &[&str]| headers.iter().position(|h| names.contains(&h.trim()));
    let (Some(title_at), Some(code_at)) = (column(&TITLES), column(&CODES)) else {
        let why = "要有“岗位”和“职业编码”两列".to_owned();
        return (titles, vec![TitleFault { row: 1, why }]);
    };
    for (row, record) in (2..).zip(reader.records()) {
        let taken = record.map_err(|e| e.to_string()).and_then(|record| {
            let title = record.get(title_at).unwrap_or_default().trim();
            if title.is_empty() {
                return Err("没有岗位名称".to_owned());
            }
            let code = record.get(code_at).unwrap_or_default();
            let code = OccupationCode::from_str(code).map_err(|e| e.to_string())?;
            if catalogue.get(code).is_none() {
                return Err(format!("职业分类里没有 {code}；查对编码"));
            }
            Ok(Titled { title: title.to_owned(), code })
        });
        match taken {
            Ok(one) => titles.push(one),
            Err(why) => faults.push(TitleFault { row, why }),
        }
    }
    (titles, faults)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_that_come_with_the_program_are_in_the_classification() {
        assert!(builtin_titles().len() > 150);
    }

    #[test]
    fn rows_that_cannot_be_learnt_from_are_named_and_the_rest_is_taken() {
        let text = "\u{feff}岗位,职业编码\n电工,6-31-01-03\n,6-31-01-03\n电工,6-31\n瓦工,7-99-99-99\n木工,x\n";
        let (titles, faults) = read_titles(text, &Catalogue::builtin());
        assert_eq!(titles.len(), 2);
        assert_eq!(faults.iter().map(|f| f.row).collect::<Vec<_>>(), [3, 5, 6]);
        assert_eq!(faults[1].why, "职业分类里没有 7-99-99-99；查对编码");
        let (none, faults) = read_titles("a,b\n1,2\n", &Catalogue::builtin());
        assert!(none.is_empty() && faults[0].why == "要有“岗位”和“职业编码”两列");
    }
}
