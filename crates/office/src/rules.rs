//! What the program stands on: the rules with their dates, and the books' state.

use std::fs::File;

use fujiao_model::{Area, Unit};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::access::{Actor, Right};
use crate::desk::Title;
use crate::{Office, OfficeError};

/// A programme with its dated amounts.
#[derive(Clone, Debug)]
pub struct RuleLine {
    /// Its key.
    pub key: String,
    /// Its name.
    pub title: Title,
    /// The area.
    pub area: Area,
    /// Who is entitled, as the file writes it.
    pub who: String,
    /// Why it is off; `None`: it makes duties.
    pub off: Option<String>,
    /// The files that made it.
    pub files: String,
    /// Amounts, latest first.
    pub amounts: Vec<AmountLine>,
}

/// One dated amount, and how it differs from the one before.
#[derive(Clone, Debug)]
pub struct AmountLine {
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Option<Date>,
    /// For whom of those entitled; empty for all.
    pub when: String,
    /// The amount as people read it, or the expression.
    pub value: String,
    /// More or less than the row before for the same people, as people read it; empty where there is none.
    pub change: String,
    /// The legal basis.
    pub basis: String,
    /// Whether it holds today.
    pub holds: bool,
}

/// How the books are.
#[derive(Clone, Debug, Default)]
pub struct Health {
    /// Lines by table.
    pub tables: Vec<(String, i64)>,
    /// When the live assessment ended.
    pub assessed_at: Option<Timestamp>,
    /// When somebody last took a copy.
    pub copied_at: Option<Timestamp>,
    /// Hash of the rules.
    pub rules_hash: String,
}

/// Tables whose lines an administrator wants to know.
const TABLES: [&str; 10] = [
    "file",
    "source_row",
    "person",
    "household",
    "school",
    "duty",
    "deed",
    "account",
    "session",
    "audit",
];

impl Office {
    /// The rules with their dates.
    ///
    /// # Errors
    /// [`crate::access::NotAllowed`] without [`Right::System`].
    pub fn rules(&self, actor: &Actor) -> Result<Vec<RuleLine>, OfficeError> {
        actor.must(Right::System)?;
        let today = actor.today();
        let line = |p: &fujiao_policy::Programme| {
            let mut amounts = Vec::new();
            for rows in &p.layers {
                for row in rows {
                    let same = |r: &&fujiao_policy::AmountRow| {
                        r.when_text == row.when_text && r.from < row.from
                    };
                    let before = rows.iter().filter(same).max_by_key(|r| r.from);
                    let change = before
                        .and_then(|b| Some(row.constant()? - b.constant()?))
                        .filter(|n| *n != 0)
                        .map_or_else(String::new, |n| signed(p.unit, n));
                    amounts.push(AmountLine {
                        from: row.from,
                        to: row.to,
                        when: row.when_text.to_string(),
                        value: row
                            .constant()
                            .map_or_else(|| row.value_text.to_string(), |n| p.unit.show(n)),
                        change,
                        basis: row.basis.to_string(),
                        holds: row.holds_on(today),
                    });
                }
            }
            amounts.sort_by(|a, b| b.from.cmp(&a.from).then(a.when.cmp(&b.when)));
            RuleLine {
                key: p.key.to_string(),
                title: Title { zh: p.title.to_string(), en: p.title_en.to_string() },
                area: p.area,
                who: p.who().to_owned(),
                off: p.off.as_ref().map(ToString::to_string),
                files: p.origins.iter().map(|(f, _)| f.to_string()).collect::<Vec<_>>().join("、"),
                amounts,
            }
        };
        Ok(self.rules.policies.programmes().iter().map(line).collect())
    }

    /// How the books are.
    ///
    /// # Errors
    /// [`crate::access::NotAllowed`] without [`Right::System`].
    pub fn health(&self, actor: &Actor) -> Result<Health, OfficeError> {
        actor.must(Right::System)?;
        let county = self.county_code()?;
        self.store.read(|tx| {
            let mut health =
                Health { rules_hash: self.rules.hash().to_owned(), ..Health::default() };
            for table in TABLES {
                let sql = format!("select count(*) from {table} where county = $1");
                let lines = tx.query_one(&sql, &[county.into()], |row| row.get(0))?;
                health.tables.push((table.to_owned(), lines.unwrap_or(0)));
            }
            let mut last = |sql: &str| {
                let found = tx.query_one(sql, &[county.into()], |row| row.get::<Option<String>>(0));
                found.map(|t| t.flatten().and_then(|t| t.parse().ok()))
            };
            health.assessed_at = last("select max(ended_at) from run where county = $1")?;
            health.copied_at =
                last("select max(at) from audit where county = $1 and action = 'copy'")?;
            Ok(health)
        })
    }

    /// A backup of the books as of now, encrypted for the holder of the key, open for reading and gone from the disk when it is
    /// closed.
    ///
    /// # Errors
    /// [`crate::access::NotAllowed`] without [`Right::System`]; what the store says.
    pub fn backup_file(&self, actor: &Actor) -> Result<File, OfficeError> {
        actor.must(Right::System)?;
        let county = self.county_code()?;
        let folder = tempfile::tempdir().map_err(|e| no_room(&e))?;
        let path = folder.path().join("books");
        let order = fujiao_store::BackupOrder {
            taken_at: Some(actor.at),
            also_for: self.upkeep.as_deref().map(|p| p.also_for.clone()).unwrap_or_default(),
            beside: self.upkeep.as_deref().map(|p| p.beside.clone()).unwrap_or_default(),
            scratch: self.upkeep.as_deref().map(|p| p.scratch.clone()),
        };
        self.store.back_up(&path, &order)?;
        let file = File::open(&path).map_err(|e| no_room(&e))?;
        self.store.write(|tx| {
            tx.audit(&fujiao_store::Event {
                county,
                at: actor.at,
                actor: &actor.login,
                action: "copy",
                object: "books",
                detail: "",
            })
            .map_err(OfficeError::from)
        })?;
        Ok(file)
    }
}

fn no_room(e: &std::io::Error) -> OfficeError {
    fujiao_store::StoreError::Open { place: "备份".to_owned(), why: e.to_string() }.into()
}

/// A difference as people read it.
fn signed(unit: Unit, n: i64) -> String {
    let text = unit.show(n.abs());
    format!("{}{text}", if n < 0 { "−" } else { "+" })
}
