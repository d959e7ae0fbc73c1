//! The first day: the county, its key, its first administrator.

use std::path::Path;

use fujiao_store::{Event, Keys};
use jiff::Timestamp;

use super::UpkeepError;
use crate::county::County;
use crate::{Office, OfficeError};

impl Office {
    /// Says which county these books are of, before the first workbook. Books that have a county keep it.
    ///
    /// # Errors
    /// [`UpkeepError::NotSound`] if the books are another county's; what the store says.
    pub fn begin_county(
        &mut self,
        code: u32,
        name: &str,
        at: Timestamp,
    ) -> Result<(), OfficeError> {
        let known = self.store.read(|tx| tx.counties().map_err(OfficeError::from))?;
        if let Some(other) = known.first() {
            if other.code == code {
                return Ok(());
            }
            let why = format!("这里已经是{}（{}）的台账", other.name, other.code);
            return Err(UpkeepError::File { path: self.store.shown(), why }.into());
        }
        self.store.write(|tx| {
            tx.put_county(code, name, false)?;
            tx.audit(&Event {
                county: code,
                at,
                actor: "fujiao",
                action: "begin",
                object: "books",
                detail: name,
            })?;
            Ok::<_, OfficeError>(())
        })?;
        self.county = Some(County::known(code, name, false));
        Ok(())
    }
}

/// Reads a key file.
///
/// # Errors
/// [`OfficeError::KeyFile`] if it cannot be read; what the store says of its text.
pub fn key_of(file: &Path) -> Result<Keys, OfficeError> {
    let text = std::fs::read_to_string(file).map_err(|e| OfficeError::KeyFile {
        path: file.display().to_string(),
        reason: format!("读不出（{e}）；看看文件在不在、权限对不对"),
    })?;
    Ok(Keys::parse(&text)?)
}

/// Writes a key file that its owner alone can read. One that is there is not overwritten.
///
/// # Errors
/// [`OfficeError::KeyFile`] if there is another key already, or it cannot be written.
pub fn put_key(file: &Path, keys: &Keys) -> Result<(), OfficeError> {
    let trouble =
        |reason: String| OfficeError::KeyFile { path: file.display().to_string(), reason };
    if file.exists() {
        if key_of(file).is_ok_and(|there| there.mark() == keys.mark()) {
            return Ok(());
        }
        return Err(trouble("已经有另一把密钥；先把它移到别处".to_owned()));
    }
    crate::write_secret(file, &keys.to_text())
        .map_err(|e| trouble(format!("写不下（{e}）；看看文件夹能不能写")))
}
