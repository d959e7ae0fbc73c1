//! Data files of this room: the head that each has.

use fujiao_model::{Faults, RulesError, read_rules};
use serde::de::DeserializeOwned;

/// A data file, which says where its figures come from.
pub(crate) trait DataFile: DeserializeOwned {
    /// Where its figures come from.
    fn basis(&self) -> &str;
}

/// Reads a data file, with what is wrong with its head: one that does not say where its figures come from cannot be used.
pub(crate) fn read<F: DataFile>(text: &str) -> Result<(F, Faults<'_>), RulesError> {
    let file: F = read_rules(text)?;
    let mut faults = Faults::of(text);
    if file.basis().trim().is_empty() {
        faults.say("没有写明依据 basis；补上出处");
    }
    Ok((file, faults))
}

/// A data file's shape: its own entries under the head that every file has (engine, scope, title, basis, mark), and no others.
macro_rules! data_file {
    ($(#[$meta:meta])* struct $name:ident { $($(#[$entry:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$meta])*
        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct $name {
            #[serde(rename = "engine")]
            _engine: String,
            #[serde(rename = "scope")]
            _scope: String,
            #[serde(rename = "title")]
            _title: String,
            basis: String,
            #[serde(rename = "mark")]
            _mark: String,
            $($(#[$entry])* $field: $type,)*
        }

        impl $crate::rules::DataFile for $name {
            fn basis(&self) -> &str {
                &self.basis
            }
        }
    };
}
pub(crate) use data_file;
