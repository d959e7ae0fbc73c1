//! Data files of this room: one way to read them, one way to say what is wrong with one.

use serde::de::DeserializeOwned;

/// Why a data file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}的规则文件不能用：{why}")]
pub struct RulesError {
    /// What the file is about.
    pub file: &'static str,
    /// What is wrong, and what to write.
    pub why: String,
}

/// A data file: what it is about, and where its figures come from.
pub(crate) trait DataFile: DeserializeOwned {
    /// What it is about, as people call it.
    const FILE: &'static str;

    /// Where its figures come from.
    fn basis(&self) -> &str;

    /// What is wrong with this file.
    fn fault<T>(why: impl Into<String>) -> Result<T, RulesError> {
        Err(RulesError { file: Self::FILE, why: why.into() })
    }
}

/// Reads a data file. One that does not say where its figures come from is not read.
pub(crate) fn read<F: DataFile>(text: &str) -> Result<F, RulesError> {
    let file: F = match toml::from_str(text) {
        Ok(file) => file,
        Err(e) => return F::fault(e.to_string()),
    };
    if file.basis().trim().is_empty() {
        return F::fault("没有写明依据 basis");
    }
    Ok(file)
}

/// A data file's shape: its own entries under the head that every file has (engine, scope, title, basis, mark), and no others.
macro_rules! data_file {
    ($(#[$meta:meta])* struct $name:ident, $file:literal { $($(#[$entry:meta])* $field:ident: $type:ty,)* }) => {
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
            const FILE: &'static str = $file;

            fn basis(&self) -> &str {
                &self.basis
            }
        }
    };
}
pub(crate) use data_file;
