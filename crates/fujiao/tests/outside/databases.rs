//! The same workbooks into SQLite and into PostgreSQL.

use std::fs;

use postgres::{Client, NoTls};

use crate::harness::{books, county, folder, fujiao, ran, run, succeed, summary};

/// A schema of our own on the tests' server; gone when dropped.
pub(crate) struct Schema {
    server: String,
    name: String,
}

impl Schema {
    /// `None` where `FUJIAO_TEST_PG` names no server.
    pub(crate) fn make(test: &str) -> Option<Self> {
        let Some(server) = std::env::var_os("FUJIAO_TEST_PG") else {
            assert!(std::env::var_os("FUJIAO_REQUIRE_ALL").is_none(), "FUJIAO_TEST_PG is required");
            eprintln!("skipped: FUJIAO_TEST_PG names no PostgreSQL server");
            return None;
        };
        let server = server.into_string().expect("a URL is text");
        let schema = Self { server, name: format!("outside{}{test}", std::process::id()) };
        schema.execute(&format!("create schema {}", schema.name));
        Some(schema)
    }

    pub(crate) fn url(&self) -> String {
        let mark = if self.server.contains('?') { '&' } else { '?' };
        format!("{}{mark}options=-csearch_path%3D{}", self.server, self.name)
    }

    fn execute(&self, statement: &str) {
        let mut client = Client::connect(&self.server, NoTls).expect("the server answers");
        client.batch_execute(statement).expect("a statement of ours");
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        self.execute(&format!("drop schema {} cascade", self.name));
    }
}

#[test]
fn both_databases_give_the_same_answer() {
    let Some(schema) = Schema::make("") else { return };
    let out = folder("postgres");
    ran(&mut run(county(), &out, &["--reveal", "--db", &schema.url()]));
    for file in ["persons.csv", "gaps.csv", "gaps.xlsx", "report.docx"] {
        let (sqlite, postgres) =
            (fs::read(books().join(file)).unwrap(), fs::read(out.join(file)).unwrap());
        assert!(sqlite == postgres, "{file} differs between the databases");
    }
    let (sqlite, postgres) = (summary(books()), summary(&out));
    for part in ["areas", "rows", "persons", "households"] {
        assert_eq!(sqlite[part], postgres[part], "{part}");
    }
    succeed(fujiao(["verify"]).arg(&out).args(["--db", &schema.url()]));
}
