//! What the books hold while files come in, and the brake for files that say again what they hold.

use std::collections::{BTreeMap, BTreeSet};

use fujiao_store::Tally;

use super::{BRAKE_FROM, name_of};
use crate::natural_key::Hash128;
use crate::{Office, OfficeError};

/// Live rows by natural key: id and fingerprint. Only looked up, never walked, so its order shows nowhere.
#[expect(clippy::disallowed_types, reason = "half a million keys are looked up and never walked")]
type LiveKeys = std::collections::HashMap<Hash128, (u64, Hash128)>;

/// The share of rows, in percent, that says again what the books hold or held, at which a file is looked at closely.
const SHARE_PERCENT: u64 = 50;

/// What the books hold.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Files by the hash of their bytes.
    pub files: BTreeMap<[u8; 32], Tally>,
    pub live: LiveKeys,
    /// Natural key and fingerprint of rows that were corrected.
    corrected: BTreeSet<(Hash128, Hash128)>,
    /// Names of files by the id of their first row.
    names: BTreeMap<u64, String>,
    /// The id that the next row will have.
    pub next_row: u64,
}

impl Office {
    /// What the books hold now.
    pub(super) fn known(&self) -> Result<Known, OfficeError> {
        let Some(county) = self.county.as_ref().map(|c| c.code) else {
            return Ok(Known::default());
        };
        let (files, live, corrected) = self.store.read(|tx| {
            Ok::<_, OfficeError>((tx.files(county)?, tx.live_keys(county)?, tx.superseded(county)?))
        })?;
        Ok(Known {
            names: files.iter().filter_map(|f| Some((f.rows?.0, name_of(f)))).collect(),
            next_row: files
                .iter()
                .filter_map(|f| f.rows)
                .map(|(_, last)| last + 1)
                .max()
                .unwrap_or(1),
            files: files.into_iter().map(|f| (f.sha256, f.tally)).collect(),
            live: live.into_iter().map(|k| (k.natural_key, (k.row_id, k.fingerprint))).collect(),
            corrected: corrected.into_iter().map(|s| (s.natural_key, s.fingerprint)).collect(),
        })
    }
}

impl Known {
    /// Why a file is stopped that says again what the books hold or held; `None` if it is not. `said`: natural key and
    /// fingerprint of each row that could be taken.
    ///
    /// A roster that is sent again with its changes says mostly what it said before, and must come in. Two kinds of files
    /// can be told from it without guessing: one that under another name brings nothing new at all, and one most of whose
    /// changes go back to what was corrected since.
    pub(super) fn says_again(
        &self,
        name: &str,
        said: impl Iterator<Item = (Hash128, Hash128)>,
    ) -> Option<String> {
        let (mut rows, mut unchanged, mut back) = (0_u64, 0_u64, 0_u64);
        let (mut same_as, mut newer): (BTreeMap<&str, u64>, BTreeMap<&str, u64>) =
            Default::default();
        for (key, print) in said {
            rows += 1;
            let Some((row, live)) = self.live.get(&key) else { continue };
            if *live == print {
                unchanged += 1;
                *same_as.entry(self.file_of(*row)).or_default() += 1;
            } else if self.corrected.contains(&(key, print)) {
                back += 1;
                *newer.entry(self.file_of(*row)).or_default() += 1;
            }
        }
        if rows < BRAKE_FROM || (unchanged + back) * 100 < rows * SHARE_PERCENT {
            return None;
        }
        let most = |of: &BTreeMap<&str, u64>| {
            let (file, n) = of.iter().max_by_key(|(file, n)| (**n, std::cmp::Reverse(**file)))?;
            Some((file.to_string(), *n))
        };
        if unchanged == rows && !same_as.contains_key(name) {
            let (file, n) = most(&same_as)?;
            return Some(format!(
                "{rows} 行全部收过，一行新的、改过的也没有，其中 {n} 行和“{file}”一样，多半是同一份名册换了名字再报，或拿成了旧文件，整份未收。检查是不是拿错了文件；确实要收就加 --force"
            ));
        }
        if back > 0 && back * 100 >= (rows - unchanged) * SHARE_PERCENT {
            let (file, n) = most(&newer)?;
            let changes = rows - unchanged;
            return Some(format!(
                "{rows} 行里有 {unchanged} 行收过；其余 {changes} 行里有 {back} 行是已经更正过的旧内容（其中 {n} 行由“{file}”更正），收下会把新的改回旧的，多半是旧文件，整份未收。检查是不是拿错了文件；确实要改回去就加 --force"
            ));
        }
        None
    }

    /// Remembers the rows of a file that went in, from the id of the first.
    pub(super) fn learn(
        &mut self,
        name: &str,
        first: u64,
        rows: impl Iterator<Item = (Hash128, Hash128)>,
    ) {
        self.next_row = first;
        for (key, print) in rows {
            if let Some((_, old)) = self.live.insert(key, (self.next_row, print)) {
                self.corrected.insert((key, old));
            }
            self.next_row += 1;
        }
        if self.next_row > first {
            self.names.insert(first, name.to_owned());
        }
    }

    fn file_of(&self, row: u64) -> &str {
        self.names.range(..=row).next_back().map_or("", |(_, name)| name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of a file: key and content.
    fn rows(of: impl Iterator<Item = (u8, u8)>) -> Vec<(Hash128, Hash128)> {
        of.map(|(key, print)| ([key; 16], [print; 16])).collect()
    }

    #[test]
    fn an_old_file_stops_and_a_roster_sent_again_does_not() {
        let first = rows((0..40).map(|n| (n, 1)));
        // 4 corrected, 6 new.
        let second = rows((0..46).map(|n| (n, if n < 4 { 2 } else { 1 })));
        let mut known = Known::default();
        let again = |known: &Known, name: &str, rows: &[(Hash128, Hash128)]| {
            known.says_again(name, rows.iter().copied())
        };
        assert_eq!(again(&known, "甲/九月.xlsx", &first), None);
        known.learn("甲/九月.xlsx", 1, first.iter().copied());
        assert_eq!(again(&known, "甲/十月.xlsx", &second), None, "sent again with its changes");
        let renamed = again(&known, "乙/别名.xlsx", &first).unwrap();
        assert!(renamed.contains("40 行全部收过") && renamed.contains("甲/九月.xlsx"), "{renamed}");
        assert_eq!(
            again(&known, "甲/九月.xlsx", &first),
            None,
            "saved once more, under its own name"
        );
        assert_eq!(again(&known, "乙/别名.xlsx", &first[..19]), None, "too few to judge");
        known.learn("甲/十月.xlsx", 41, second[..4].iter().chain(&second[40..]).copied());
        let old = again(&known, "甲/九月.xlsx", &first).unwrap();
        assert!(old.contains("4 行是已经更正过的旧内容") && old.contains("甲/十月.xlsx"), "{old}");
        // One row put back among others that change is a correction like any.
        let third = rows((0..46).map(|n| (n, if n == 0 { 1 } else { 3 })));
        assert_eq!(again(&known, "甲/十一月.xlsx", &third), None);
    }
}
