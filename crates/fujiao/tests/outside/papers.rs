//! LibreOffice opens every paper that is written, and shows what a reader would look for.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::harness::{artefacts, books, county, files, folder, tool};

fn papers(under: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let ends =
        |file: &Path| file.extension().is_some_and(|e| endings.iter().any(|wanted| e == *wanted));
    files(under).into_iter().filter(|file| ends(file)).map(|file| under.join(file)).collect()
}

/// A CSV with commas, in UTF-8 whatever the tester's locale.
const CSV: &str = "csv:Text - txt - csv (StarCalc):44,34,76";

/// Converts papers of different names in one start of LibreOffice; each must come out. `to` begins with the ending.
fn convert(soffice: &Path, to: &str, papers: &[PathBuf], into: &Path) -> Vec<PathBuf> {
    let ending = to.split(':').next().expect("a text has a first part");
    // A profile of its own: a running LibreOffice would otherwise take the job and answer at once.
    let mut profile = OsString::from("-env:UserInstallation=file://");
    profile.push(folder(&format!("soffice-{}", into.file_name().unwrap().to_string_lossy())));
    let out = Command::new(soffice)
        .arg(profile)
        .args(["--headless", "--norestore", "--convert-to", to, "--outdir"])
        .arg(into)
        .args(papers)
        .output()
        .expect("LibreOffice starts");
    let said =
        format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    assert!(out.status.success(), "{said}");
    assert!(!said.contains("Error:"), "{said}");
    papers
        .iter()
        .map(|paper| {
            let made = into.join(paper.file_stem().unwrap()).with_added_extension(ending);
            assert!(
                fs::metadata(&made).is_ok_and(|m| m.len() > 0),
                "{} did not open:\n{said}",
                paper.display()
            );
            made
        })
        .collect()
}

fn text_of(pdftotext: &Path, pdf: &Path) -> String {
    let out = Command::new(pdftotext).arg(pdf).arg("-").output().expect("pdftotext starts");
    String::from_utf8(out.stdout).expect("a text in UTF-8")
}

#[test]
fn report_and_list_open_and_read_right() {
    let (Some(soffice), Some(pdftotext)) =
        (tool(&["soffice", "libreoffice"]), tool(&["pdftotext"]))
    else {
        return;
    };
    let into = artefacts("papers");
    let pdfs = convert(&soffice, "pdf", &[books().join("report.docx")], &into);
    let report = text_of(&pdftotext, &pdfs[0]);
    for word in ["岚川县", "示例数据", "学生资助", "营养", "控辍保学", "结对"] {
        assert!(report.contains(word), "{word} is not in the report:\n{report}");
    }
    let sheets = convert(&soffice, "pdf", &[books().join("gaps.xlsx")], &into);
    let list = text_of(&pdftotext, &sheets[0]);
    for word in ["应", "已", "差"] {
        assert!(list.contains(word), "{word} is not in the list");
    }
}

/// The senders' own workbooks, with the reason beside the cell.
#[test]
fn refused_copies_open_and_say_why() {
    let Some(soffice) = tool(&["soffice", "libreoffice"]) else { return };
    let refused = books().join("refused");
    let copies = papers(&refused, &["xlsx"]);
    assert!(!copies.is_empty(), "a noisy county has rows that go back");
    // Copies in different folders may share a name, which LibreOffice would write over.
    let mut by_name: Vec<PathBuf> = Vec::new();
    for copy in copies {
        if by_name.iter().all(|other| other.file_stem() != copy.file_stem()) {
            by_name.push(copy);
        }
    }
    let into = folder("refused-as-csv");
    for csv in convert(&soffice, CSV, &by_name, &into) {
        let text = fs::read_to_string(&csv).expect("a CSV in UTF-8");
        assert!(
            text.contains("原因") && text.contains("怎么办"),
            "{} says why and what to do",
            csv.display()
        );
    }
}

/// The made county's own workbooks are written by us too, the old .xls format by hand.
#[test]
fn made_workbooks_open() {
    let Some(soffice) = tool(&["soffice", "libreoffice"]) else { return };
    let mut chosen: Vec<PathBuf> = Vec::new();
    for ending in ["xls", "xlsx"] {
        let all = papers(county(), &[ending]);
        assert!(!all.is_empty(), "offices send .{ending} too");
        // One from each office is enough: an office's workbooks are written by one function.
        let mut offices = std::collections::BTreeSet::new();
        for paper in all {
            let office = paper.parent().expect("a workbook lies in a folder").to_path_buf();
            if offices.insert(office) && chosen.iter().all(|c| c.file_stem() != paper.file_stem()) {
                chosen.push(paper);
            }
        }
    }
    convert(&soffice, CSV, &chosen, &folder("made-as-csv"));
}
