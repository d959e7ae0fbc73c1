//! Backups: a copy of the books at one moment, packed, encrypted for the holder of the key, and read back before it counts.
//!
//! A backup is a tar of `manifest.json`, `county.db` and the county's own settings, compressed by zstd and encrypted by age: whoever
//! has the key and those three programs can open it without ours. Books on PostgreSQL are poured into a SQLite file first.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read};
use std::path::{Component, Path, PathBuf};

use age::x25519::{Identity, Recipient};
use jiff::Timestamp;

use crate::{Inventory, Keys, Store, StoreError};

/// What the name of a backup ends in.
pub const BACKUP_ENDS: &str = ".tar.zst.age";

/// How the temporary folders of a backup begin; one that was cut off leaves its folder behind.
pub const SCRATCH_BEGINS: &str = ".fujiao-scratch-";

/// The books inside of a backup.
const BOOKS: &str = "county.db";
const MANIFEST: &str = "manifest.json";
/// Largest file of settings that is taken out of a backup, in bytes.
const LARGEST_SETTINGS: u64 = 4 << 20;
/// Fast, and as small as a county needs: the slower levels gain a tenth.
const LEVEL: i32 = 3;

/// What a backup should hold, and for whom.
#[derive(Clone, Debug, Default)]
pub struct BackupOrder {
    /// When it is taken, told by the caller.
    pub taken_at: Option<Timestamp>,
    /// Who besides the holder of the key may open it: `age1…`.
    pub also_for: Vec<String>,
    /// Files of settings and folders of them that go along, where they exist.
    pub beside: Vec<PathBuf>,
    /// Where the unencrypted copy lies while the backup is made; the folder of the books, or the system's, if none is named.
    pub scratch: Option<PathBuf>,
}

/// What a backup says of itself.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Manifest {
    /// Format of the backup.
    pub format: u32,
    /// When it was taken (RFC 3339); empty for one that was made before an upgrade.
    pub taken_at: String,
    /// Counties in it: code and name.
    pub counties: Vec<(u32, String)>,
    /// What is in the books.
    pub inventory: Inventory,
}

impl Store {
    /// Backs the books up into a new file while others read and write: there as a whole and proven, or not at all.
    ///
    /// Before the file gets its name it is decrypted, unpacked and opened again; its counts and its audit chain must be those of
    /// the copy that went in.
    ///
    /// # Errors
    /// [`StoreError::Backup`] if the file exists, cannot be written or does not read back; what the engine says.
    pub fn back_up(&self, to: &Path, order: &BackupOrder) -> Result<Manifest, StoreError> {
        let fail = failing(to);
        if to.exists() {
            return Err(fail("已经有这个文件；换一个名字".into()));
        }
        let recipients = recipients(&self.keys, &order.also_for)?;
        let scratch = Scratch::make(order.scratch.as_deref().or(self.folder()))?;
        let copy = scratch.0.join(BOOKS);
        self.copy_to(&copy)?;
        let (inventory, counties) = looked_at(&copy, &self.keys)?;
        let manifest = Manifest {
            format: 1,
            taken_at: order.taken_at.map(|at| at.to_string()).unwrap_or_default(),
            counties,
            inventory,
        };
        // Written under another name first, so that no half of a backup bears the name of a whole one.
        let partial = beside(to, &format!(".{}.part", random()?));
        let written = write(&partial, &manifest, &copy, &order.beside, &recipients)
            .map_err(|e| fail(no_room(&e)))
            .and_then(|()| {
                fs::remove_file(&copy).map_err(|e| fail(e.to_string()))?;
                let read = unpack(&partial, &self.keys, &scratch.0)?;
                if read != manifest {
                    return Err(fail("写下的与读回的不同；看看磁盘，再备份一次".into()));
                }
                read.check(&scratch.0, &self.keys, to)?;
                put(&partial, to).map_err(|e| fail(no_room(&e)))
            });
        if let Err(error) = written {
            // What is left of the attempt says nothing; the error does.
            let _ = fs::remove_file(&partial);
            return Err(error);
        }
        Ok(manifest)
    }
}

impl Manifest {
    /// Checks unpacked books against this manifest: pages, key, counts, audit chain.
    ///
    /// # Errors
    /// [`StoreError::Backup`] with what differs; what the engine says of damaged pages.
    pub fn check(&self, unpacked: &Path, keys: &Keys, of: &Path) -> Result<(), StoreError> {
        let (found, counties) = looked_at(&unpacked.join(BOOKS), keys)?;
        let mut differ = self.inventory.differences(&found);
        if counties != self.counties {
            differ.push("县不同".to_owned());
        }
        if differ.is_empty() {
            return Ok(());
        }
        Err(failing(of)(format!("内容与清单不符（{}）；用另一份备份", differ.join("；"))))
    }
}

/// Unpacks a backup into a folder: `county.db` and the settings that went along. Nothing is trusted before
/// [`Manifest::check`].
///
/// # Errors
/// [`StoreError::Backup`] if it is another key's, cut off, damaged, or no backup.
pub fn unpack(file: &Path, keys: &Keys, into: &Path) -> Result<Manifest, StoreError> {
    let fail = failing(file);
    let source = File::open(file).map_err(|e| fail(e.to_string()))?;
    let bad = |e: &dyn std::fmt::Display| {
        fail(format!("读不出（{e}）：文件不完整或被改动过；用另一份备份"))
    };
    let sealed = age::Decryptor::new_buffered(BufReader::new(source)).map_err(|e| bad(&e))?;
    let identity = keys.backup_identity();
    let plain = sealed.decrypt(std::iter::once(&identity as &dyn age::Identity)).map_err(|e| {
        if matches!(e, age::DecryptError::NoMatchingKeys) {
            fail("不是用这把密钥能打开的；放回做备份时的密钥文件，再来".into())
        } else {
            bad(&e)
        }
    })?;
    let packed = zstd::Decoder::new(plain).map_err(|e| bad(&e))?;
    let mut archive = tar::Archive::new(packed);
    let mut manifest: Option<Manifest> = None;
    for entry in archive.entries().map_err(|e| bad(&e))? {
        let mut entry = entry.map_err(|e| bad(&e))?;
        let path = entry.path().map_err(|e| bad(&e))?.into_owned();
        // Nothing leaves the folder into which it is unpacked.
        if !path.components().all(|part| matches!(part, Component::Normal(_))) {
            return Err(fail("里面有不该有的路径；这不是扶教的备份".into()));
        }
        match path.to_string_lossy().as_ref() {
            MANIFEST => {
                let mut text = String::new();
                entry
                    .by_ref()
                    .take(LARGEST_SETTINGS)
                    .read_to_string(&mut text)
                    .map_err(|e| bad(&e))?;
                manifest = Some(serde_json::from_str(&text).map_err(|e| bad(&e))?);
            }
            BOOKS => copy(&mut entry, &into.join(BOOKS)).map_err(|e| bad(&e))?,
            // Settings of the county; anything else is of a later version and is left in the backup.
            _ if path.extension().is_some_and(|e| e == "toml") => {
                let to = into.join(&path);
                fs::create_dir_all(to.parent().unwrap_or(into)).map_err(|e| bad(&e))?;
                copy(&mut entry.by_ref().take(LARGEST_SETTINGS), &to).map_err(|e| bad(&e))?;
            }
            _ => {}
        }
    }
    // The last chunk of an encrypted stream says that it is the last: what is cut off does not pass for whole.
    let mut rest = archive.into_inner();
    io::copy(&mut rest, &mut io::sink()).map_err(|e| bad(&e))?;
    let manifest = manifest.ok_or_else(|| fail("里面没有清单；这不是扶教的备份".into()))?;
    if !into.join(BOOKS).exists() {
        return Err(fail("里面没有台账；用另一份备份".into()));
    }
    Ok(manifest)
}

/// Reads `age1…` addresses.
///
/// # Errors
/// [`StoreError::Backup`] naming the one that does not read.
fn recipients(keys: &Keys, more: &[String]) -> Result<Vec<Recipient>, StoreError> {
    let mut all = vec![keys.backup_identity().to_public()];
    for text in more {
        all.push(text.parse().map_err(|why| StoreError::Backup {
            place: text.clone(),
            why: format!("不是 age 的公钥（{why}）；应以 age1 开头"),
        })?);
    }
    Ok(all)
}

/// Whether a text is the address of somebody who may open backups.
pub fn is_recipient(text: &str) -> bool {
    text.parse::<Recipient>().is_ok()
}

fn write(
    to: &Path,
    manifest: &Manifest,
    books: &Path,
    more: &[PathBuf],
    recipients: &[Recipient],
) -> io::Result<()> {
    let file = private_file(to)?;
    let who = recipients.iter().map(|r| r as &dyn age::Recipient);
    let sealed = age::Encryptor::with_recipients(who).map_err(io::Error::other)?;
    let sealed = sealed.wrap_output(BufWriter::with_capacity(1 << 20, file))?;
    let packed = zstd::Encoder::new(sealed, LEVEL)?;
    let mut tar = tar::Builder::new(packed);
    let text = serde_json::to_vec_pretty(manifest).map_err(io::Error::other)?;
    let mut header = tar::Header::new_gnu();
    header.set_size(text.len() as u64);
    header.set_mode(0o600);
    header.set_cksum();
    tar.append_data(&mut header, MANIFEST, text.as_slice())?;
    tar.append_path_with_name(books, BOOKS)?;
    for path in more.iter().filter(|path| path.exists()) {
        let name = Path::new(path.file_name().ok_or_else(|| io::Error::other("no file name"))?);
        if path.is_file() {
            tar.append_path_with_name(path, name)?;
            continue;
        }
        for file in settings_under(path)? {
            tar.append_path_with_name(path.join(&file), name.join(&file))?;
        }
    }
    let buffered = tar.into_inner()?.finish()?.finish()?;
    let file = buffered.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync_all()
}

/// The files of settings in a folder and the folders in it, by path from there.
///
/// # Errors
/// A folder that cannot be read.
pub fn settings_under(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let Some(name) = path.file_name().map(PathBuf::from) else { continue };
        if path.is_dir() {
            found.extend(settings_under(&path)?.into_iter().map(|below| name.join(below)));
        } else if path.extension().is_some_and(|e| e == "toml") {
            found.push(name);
        }
    }
    found.sort();
    Ok(found)
}

fn copy(from: &mut impl Read, to: &Path) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 20, private_file(to)?);
    io::copy(from, &mut out)?;
    out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
}

/// A new file that its owner alone can read.
fn private_file(path: &Path) -> io::Result<File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Gives a file its name so that the name outlives loss of power.
pub(crate) fn put(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    #[cfg(unix)]
    if let Some(folder) = to.parent() {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

fn looked_at(books: &Path, keys: &Keys) -> Result<(Inventory, Vec<(u32, String)>), StoreError> {
    let store = Store::open_as_it_stands(&books.display().to_string(), keys.clone())?;
    store.read(|tx| {
        let counties = tx.query("select county, name from county order by county", &[], |r| {
            Ok((r.get(0)?, r.get(1)?))
        })?;
        Ok((crate::inventory::inventory(tx)?, counties))
    })
}

fn failing(place: &Path) -> impl Fn(String) -> StoreError + '_ {
    |why| StoreError::Backup { place: place.display().to_string(), why }
}

fn no_room(e: &io::Error) -> String {
    format!("写不下（{e}）；看看磁盘有没有地方、文件夹能不能写")
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn random() -> Result<String, StoreError> {
    let mut bytes = [0; 6];
    getrandom::fill(&mut bytes).map_err(|e| StoreError::Randomness(e.to_string()))?;
    Ok(crate::keys::hex(&bytes))
}

/// How temporary folders of this program begin.
pub fn scratch_begins() -> String {
    format!("{SCRATCH_BEGINS}{}-", std::process::id())
}

/// Removes the temporary folders of programs that are gone: what was cut off leaves unencrypted copies behind.
pub fn remove_scratch(within: &Path) {
    let Ok(entries) = fs::read_dir(within) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(rest) = name.strip_prefix(SCRATCH_BEGINS) else { continue };
        let process = rest.split('-').next().unwrap_or_default();
        // Where the system does not say who lives, a day is longer than any backup.
        let lives = if Path::new("/proc/self").exists() {
            Path::new("/proc").join(process).exists() && !process.is_empty()
        } else {
            let changed = entry.metadata().and_then(|m| m.modified()).ok();
            let age = changed.and_then(|at| at.elapsed().ok()).unwrap_or_default();
            age < std::time::Duration::from_hours(24)
        };
        if !lives {
            // What cannot be removed now is tried again at the next start.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// A folder for unencrypted copies, readable by its owner alone and gone with this.
pub(crate) struct Scratch(pub(crate) PathBuf);

impl Scratch {
    pub(crate) fn make(within: Option<&Path>) -> Result<Self, StoreError> {
        let within = within.map_or_else(std::env::temp_dir, Path::to_owned);
        let path = within.join(format!("{}{}", scratch_begins(), random()?));
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path).map_err(|e| failing(&path)(no_room(&e)))?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed now is removed when the books are next served.
        let _ = fs::remove_dir_all(&self.0);
    }
}

impl Keys {
    /// The age identity that opens these books' backups. It follows from the master key, so that one key is to be kept, not two.
    pub(crate) fn backup_identity(&self) -> Identity {
        self.backup_identity_text().parse().expect("32 bytes make an identity")
    }

    /// The same as age's own programs read it: `AGE-SECRET-KEY-1…`. Whoever has it opens every backup.
    pub fn backup_identity_text(&self) -> String {
        let prefix = bech32::Hrp::parse_unchecked("AGE-SECRET-KEY-");
        bech32::encode_upper::<bech32::Bech32>(prefix, &self.derived("backup"))
            .expect("32 bytes are short enough")
    }

    /// Who a backup of these books is encrypted for: `age1…`. Can be told to all.
    pub fn backup_recipient(&self) -> String {
        self.backup_identity().to_public().to_string()
    }
}
