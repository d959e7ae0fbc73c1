use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::{StoreError, Tx, schema};

/// Something that somebody did to the books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event<'a> {
    /// Six digits of the county.
    pub county: u32,
    /// When, told by the caller.
    pub at: Timestamp,
    /// Who: a user's name, or `fujiao` for a command.
    pub actor: &'a str,
    /// What: `import`, `run`, `reveal` …
    pub action: &'a str,
    /// On what: `file 3`, `person p00c4…`.
    pub object: &'a str,
    /// Figures and reasons, without personal numbers.
    pub detail: &'a str,
}

/// Hash of the line before the first.
const GENESIS: [u8; 32] = [0; 32];

impl Tx<'_> {
    /// Writes an event into the chain, within this transaction: no deed without its line, no line without its deed.
    ///
    /// # Errors
    /// What the engine says.
    pub fn audit(&mut self, event: &Event) -> Result<(), StoreError> {
        let last =
            self.query_one("select seq, hash from audit order by seq desc limit 1", &[], |row| {
                Ok((row.get::<i64>(0)?, row.get::<[u8; 32]>(1)?))
            })?;
        let (seq, prev) = last.map_or((1, GENESIS), |(seq, hash)| (seq + 1, hash));
        let at = event.at.to_string();
        let county = i64::from(event.county);
        let hash = line_hash(
            &prev,
            seq,
            county,
            [&at, event.actor, event.action, event.object, event.detail],
        );
        self.execute(
            "insert into audit (seq, county, at, actor, action, object, detail, prev, hash)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            &[
                seq.into(),
                county.into(),
                at.into(),
                event.actor.into(),
                event.action.into(),
                event.object.into(),
                event.detail.into(),
                prev.into(),
                hash.into(),
            ],
        )?;
        let head = self.keys().vouch(seq, &hash);
        schema::set_meta(self, "audit_head", &head)
    }
}

/// Walks the chain: the number of lines, and the first thing that is wrong with it.
///
/// A changed, inserted or removed line breaks the chain of hashes; lines cut off at the end, or a whole chain made
/// anew, do not fit the head, which only the holder of the key can make.
pub(crate) fn walk(tx: &mut Tx) -> Result<(i64, Option<String>), StoreError> {
    let (mut lines, mut prev, mut fault) = (0, GENESIS, None);
    tx.each(
        "select seq, county, at, actor, action, object, detail, prev, hash from audit order by seq",
        &[],
        |row| {
            lines += 1;
            if fault.is_some() {
                return Ok(());
            }
            let seq: i64 = row.get(0)?;
            let texts = [row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?];
            let hash: [u8; 32] = row.get(8)?;
            if seq != lines {
                fault = Some(format!("审计记录第 {lines} 条缺失"));
            } else if row.get::<[u8; 32]>(7)? != prev
                || line_hash(&prev, seq, row.get(1)?, texts) != hash
            {
                fault = Some(format!("审计记录第 {seq} 条被改动"));
            }
            prev = hash;
            Ok(())
        },
    )?;
    let head = schema::meta_value(tx, "audit_head")?;
    let right = (lines > 0).then(|| tx.keys().vouch(lines, &prev));
    if fault.is_none() && head != right {
        fault = Some(format!("审计记录在第 {lines} 条之后被截断，或整体被换过"));
    }
    Ok((lines, fault))
}

fn line_hash(prev: &[u8; 32], seq: i64, county: i64, texts: [&str; 5]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(prev);
    hash.update(seq.to_be_bytes());
    hash.update(county.to_be_bytes());
    for text in texts {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    }
    hash.finalize().into()
}
