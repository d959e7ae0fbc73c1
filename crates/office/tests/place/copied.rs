//! Copies of books, wherever they lie.

use std::path::Path;

use super::place;

/// Copies the books of a folder, with their key, into another.
pub(crate) fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        if entry.file_name().to_string_lossy().starts_with("county.") {
            std::fs::copy(entry.path(), to.join(entry.file_name())).expect("a copy");
        }
    }
    // A file was copied with its folder.
    if !to.join("county.db").exists() {
        let key = std::fs::read_to_string(from.join("county.key")).expect("a key");
        let keys = fujiao_store::Keys::parse(&key).expect("a key");
        let (books, copy) = (place::of(from), place::of(to));
        let at = jiff::Timestamp::UNIX_EPOCH;
        fujiao_office::upkeep::move_books(&books, &copy, &keys, at, "test", &|_, _, _| {})
            .expect("books that lie still are moved");
    }
}
