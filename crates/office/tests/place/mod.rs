//! Where the books of a test lie: in a file of its folder, or with `FUJIAO_TEST_BOOKS=postgresql` in a schema of the server that
//! `FUJIAO_TEST_PG` names. `cargo xtask test` runs these tests on both.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

/// The server that books are on; `None`: they are files.
fn server() -> Option<String> {
    let on_server = std::env::var_os("FUJIAO_TEST_BOOKS").is_some_and(|kind| kind == "postgresql");
    let server = std::env::var_os("FUJIAO_TEST_PG").filter(|_| on_server)?;
    Some(server.into_string().expect("a URL is text"))
}

/// The books of a folder, as the program takes them: they are begun where there are none.
pub(crate) fn of(folder: &Path) -> String {
    let Some(server) = server() else { return folder.join("county.db").display().to_string() };
    let mut hash = DefaultHasher::new();
    folder.hash(&mut hash);
    let schema = format!("fujiao_test_{}_{:016x}", std::process::id(), hash.finish());
    let mut client =
        postgres::Client::connect(&server, postgres::NoTls).expect("the server answers");
    let made = format!("set client_min_messages = warning; create schema if not exists {schema}");
    client.batch_execute(&made).expect("a schema of our own");
    let mark = if server.contains('?') { '&' } else { '?' };
    format!("{server}{mark}options=-csearch_path%3D{schema}")
}
