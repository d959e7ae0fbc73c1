//! Whole identity numbers stand where they must, and nowhere else.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::Path;

use crate::harness::{books, county, files, folder, ran, run, table};

fn ids_of_the_county() -> BTreeSet<Vec<u8>> {
    let (header, records) = table(&county().join("truth/persons.csv"));
    let at = header.iter().position(|h| h == "citizen_id").expect("truth knows the ids");
    records.iter().filter(|r| !r[at].is_empty()).map(|r| r[at].as_bytes().to_vec()).collect()
}

/// The ids among all runs of 18 characters of these bytes.
fn found(bytes: &[u8], ids: &BTreeSet<Vec<u8>>) -> usize {
    bytes.windows(18).filter(|w| w[0].is_ascii_digit() && ids.contains(*w)).count()
}

/// Bytes of a file; the parts of a zip are unpacked and joined.
fn content(file: &Path) -> Vec<u8> {
    let bytes = fs::read(file).expect("a file that was just listed");
    if !bytes.starts_with(b"PK\x03\x04") {
        return bytes;
    }
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("a zip");
    let mut joined = Vec::new();
    for at in 0..archive.len() {
        archive
            .by_index(at)
            .expect("a part")
            .read_to_end(&mut joined)
            .expect("a part that unpacks");
    }
    joined
}

/// Ids are sealed in the books and masked in what is handed round, unless asked for with `--reveal`. `refused/` is the
/// sender's own workbook, which goes back to the sender.
#[test]
fn no_whole_id_leaves_the_office_unasked() {
    let ids = ids_of_the_county();
    assert!(ids.len() > 1_000, "the county has ids to look for");
    let out = folder("masked");
    ran(&mut run(county(), &out, &[]));
    for file in files(&out).into_iter().filter(|f| !f.starts_with("refused")) {
        assert_eq!(found(&content(&out.join(&file)), &ids), 0, "whole ids in {}", file.display());
    }
}

/// The two lists are what clerks work with; the report, the books and all else stay masked.
#[test]
fn reveal_shows_ids_in_the_lists_alone() {
    let ids = ids_of_the_county();
    for file in files(books()).into_iter().filter(|f| !f.starts_with("refused")) {
        let count = found(&content(&books().join(&file)), &ids);
        let is_list = file.as_os_str() == "gaps.csv" || file.as_os_str() == "gaps.xlsx";
        assert_eq!(count > 0, is_list, "{count} whole ids in {}", file.display());
    }
}
