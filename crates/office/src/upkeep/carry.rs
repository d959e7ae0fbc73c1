//! Books that go somewhere: back from a backup, through a drill, into another database.

use std::path::{Path, PathBuf};
use std::time::Instant;

use fujiao_store::{
    BackupOrder, Event, Inventory, Keys, Manifest, NewUpkeep, Store, UpkeepKind, is_a_server,
    settings_under, unpack,
};
use jiff::Timestamp;

use super::UpkeepError;
use crate::{Office, OfficeError};

/// Books that came back from a backup.
#[derive(Clone, Debug)]
pub struct Restored {
    /// What the backup says of itself.
    pub manifest: Manifest,
    /// Where the books that stood there before lie now.
    pub aside: Option<PathBuf>,
    /// Settings that were put back, by name.
    pub settings: Vec<String>,
    /// How long it took.
    pub seconds: f64,
}

/// What a drill showed.
#[derive(Clone, Debug)]
pub struct Drilled {
    /// Seconds of the copy and its fingerprints, of the backup with its proof, of the way back, of the comparison.
    pub steps: [(&'static str, f64); 4],
    /// Size of the backup.
    pub bytes: u64,
    /// What came back.
    pub inventory: Inventory,
    /// Tables of which a line came back otherwise; empty if every line is the same.
    pub differ: Vec<String>,
}

impl Drilled {
    /// Seconds in all.
    pub fn seconds(&self) -> f64 {
        self.steps.iter().map(|(_, seconds)| seconds).sum()
    }
}

/// Books that went into another database.
#[derive(Clone, Debug)]
pub struct Moved {
    /// What went.
    pub inventory: Inventory,
    /// How long it took, its proof included.
    pub seconds: f64,
}

/// Brings books back from a backup. Everything is unpacked and checked beside the books first: counts, audit chain, every sealed
/// number, every figure. Only then what stands there is moved aside, and the books take its place.
///
/// # Errors
/// [`UpkeepError::InUse`], [`UpkeepError::NotSound`], [`UpkeepError::File`]; [`fujiao_store::StoreError::Backup`] for a backup that does not
/// read, [`fujiao_store::StoreError::NotEmpty`] for a server's database that is not empty. Then nothing was changed.
pub fn restore(
    file: &Path,
    folder: &Path,
    location: &str,
    keys: &Keys,
    at: Timestamp,
    place: &str,
) -> Result<Restored, OfficeError> {
    let begun = Instant::now();
    let stamp = jiff::tz::TimeZone::UTC.to_datetime(at).strftime("%Y%m%dT%H%M%SZ").to_string();
    let to_server = is_a_server(location);
    if !to_server && fujiao_store::is_in_use(Path::new(location)) {
        return Err(UpkeepError::InUse(location.to_owned()).into());
    }
    // Beside the books, so that what is proven there takes their place in one step.
    let home = Path::new(location).parent().filter(|_| !to_server).unwrap_or(folder);
    let home = if home.as_os_str().is_empty() { Path::new(".") } else { home };
    let scratch = tempfile::Builder::new()
        .prefix(&fujiao_store::scratch_begins())
        .tempdir_in(home)
        .map_err(|e| trouble(home, &format!("建不了临时文件夹（{e}）；看看磁盘和权限")))?;
    let manifest = unpack(file, keys, scratch.path())?;
    manifest.check(scratch.path(), keys, file)?;
    let books = scratch.path().join("county.db");
    let shown = books.display().to_string();
    {
        let store = Store::open(&shown, keys.clone())?;
        let problems = store.verify()?.problems;
        if !problems.is_empty() {
            return Err(UpkeepError::NotSound(problems.join("；")).into());
        }
        if to_server {
            let target = Store::open(location, keys.clone())?;
            store.pour_into(&target, &|_, _, _| {})?;
        }
    }
    let aside = if to_server {
        None
    } else {
        take_place(&books, Path::new(location), &home.join(format!("replaced-{stamp}")))?
    };
    let mut settings = Vec::new();
    for name in settings_under(scratch.path()).unwrap_or_default() {
        let (from, to) = (scratch.path().join(&name), folder.join(&name));
        let made = to.parent().is_some_and(|home| std::fs::create_dir_all(home).is_ok());
        if made && !to.exists() && std::fs::copy(&from, &to).is_ok() {
            settings.push(name.display().to_string());
        }
    }
    let store = Store::open(location, keys.clone())?;
    let seconds = begun.elapsed().as_secs_f64();
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    note(&store, UpkeepKind::Restore, (at, place), seconds, &name, &manifest.taken_at)?;
    Ok(Restored { manifest, aside, settings, seconds })
}

/// Puts proven books where others stand, which stay in `old`; where they are, if there were any.
fn take_place(books: &Path, at: &Path, old: &Path) -> Result<Option<PathBuf>, UpkeepError> {
    let stands = ["-wal", "-shm", ""].map(|ending| with_ending(at, ending));
    if stands.iter().all(|file| !file.exists()) {
        std::fs::rename(books, at).map_err(|e| trouble(at, &format!("放不回（{e}）")))?;
        return Ok(None);
    }
    std::fs::create_dir_all(old).map_err(|e| trouble(old, &format!("建不了（{e}）")))?;
    // The log of the old books first: it must never lie beside the new ones.
    for from in stands.iter().filter(|file| file.exists()) {
        let to = old.join(from.file_name().unwrap_or_default());
        let moved = if from == at {
            // Two names for a moment, so that at no moment there are no books.
            std::fs::hard_link(from, &to).or_else(|_| std::fs::copy(from, &to).map(drop))
        } else {
            std::fs::rename(from, &to)
        };
        moved.map_err(|e| trouble(from, &format!("移不开（{e}）；看看有没有程序正打开它")))?;
    }
    std::fs::rename(books, at)
        .map_err(|e| trouble(at, &format!("放不回（{e}）；旧的在 {}", old.display())))?;
    Ok(Some(old.to_owned()))
}

/// Pours the books of one database into another, and proves that every line arrived.
///
/// # Errors
/// [`UpkeepError::Differs`]; [`fujiao_store::StoreError::NotEmpty`] if the other is not empty; what the engines say. The books stay where they
/// were in any case.
pub fn move_books(
    from: &str,
    to: &str,
    keys: &Keys,
    at: Timestamp,
    place: &str,
    progress: &crate::Progress<'_>,
) -> Result<Moved, OfficeError> {
    let begun = Instant::now();
    let source = Store::open_as_it_stands(from, keys.clone())?;
    if source.inventory()?.schema != fujiao_store::SCHEMA {
        return Err(UpkeepError::NotSound("台账还没有升级".into()).into());
    }
    let target = Store::open(to, keys.clone())?;
    let inventory = source.pour_into(&target, progress)?;
    progress("核对", 0, 1);
    let differ = differ(&source.fingerprints()?, &target.fingerprints()?);
    if !differ.is_empty() {
        return Err(UpkeepError::Differs(differ.join("、")).into());
    }
    let problems = target.verify()?.problems;
    if !problems.is_empty() {
        return Err(UpkeepError::Differs(problems.join("；")).into());
    }
    let seconds = begun.elapsed().as_secs_f64();
    note(&target, UpkeepKind::Move, (at, place), seconds, &source.shown(), &target.shown())?;
    Ok(Moved { inventory, seconds })
}

impl Office {
    /// Goes through the way back without taking it: copies the books, backs the copy up, brings the backup back beside them, and
    /// compares every line of every table.
    ///
    /// # Errors
    /// [`UpkeepError::NoPlan`]; what the store says.
    pub fn drill(&self, at: Timestamp) -> Result<Drilled, OfficeError> {
        let plan = self.upkeep_plan()?;
        let scratch = tempfile::Builder::new()
            .prefix(&fujiao_store::scratch_begins())
            .tempdir_in(&plan.scratch)
            .map_err(|e| trouble(&plan.scratch, &format!("建不了临时文件夹（{e}）；看看磁盘")))?;
        let mut clock = Instant::now();
        let mut lap = || std::mem::replace(&mut clock, Instant::now()).elapsed().as_secs_f64();
        // Of a copy, so that whoever works meanwhile does not disturb the comparison.
        let copy = scratch.path().join("before.db");
        self.store.copy_to(&copy)?;
        let before = Store::open_as_it_stands(&copy.display().to_string(), self.keys())?;
        let prints = before.fingerprints()?;
        let copied = lap();
        let file = scratch.path().join("drill.tar.zst.age");
        let order = BackupOrder {
            taken_at: Some(at),
            also_for: plan.also_for.clone(),
            beside: plan.beside.clone(),
            scratch: Some(scratch.path().to_owned()),
        };
        before.back_up(&file, &order)?;
        let bytes = std::fs::metadata(&file).map_or(0, |m| m.len());
        let backed_up = lap();
        let back = scratch.path().join("back");
        std::fs::create_dir_all(&back).map_err(|e| trouble(&back, &format!("建不了（{e}）")))?;
        let keys = self.keys();
        let manifest = unpack(&file, &keys, &back)?;
        manifest.check(&back, &keys, &file)?;
        let restored =
            Store::open_as_it_stands(&back.join("county.db").display().to_string(), keys)?;
        let problems = restored.verify()?.problems;
        let brought_back = lap();
        let mut differ = differ(&prints, &restored.fingerprints()?);
        differ.extend(problems);
        let compared = lap();
        let drilled = Drilled {
            steps: [
                ("复制", copied),
                ("备份并读回", backed_up),
                ("恢复并核对", brought_back),
                ("逐行比较", compared),
            ],
            bytes,
            inventory: manifest.inventory,
            differ,
        };
        let detail = if drilled.differ.is_empty() {
            format!("{} 行逐行相同", drilled.inventory.lines())
        } else {
            drilled.differ.join("；")
        };
        self.store.write(|tx| {
            tx.note_upkeep(&NewUpkeep {
                at,
                kind: UpkeepKind::Drill,
                ok: drilled.differ.is_empty(),
                seconds: drilled.seconds(),
                bytes,
                place: &plan.place,
                detail: &detail,
            })
            .map_err(OfficeError::from)
        })?;
        Ok(drilled)
    }

    fn keys(&self) -> Keys {
        (*self.keys).clone()
    }
}

/// Tables whose fingerprints are not the same.
fn differ(before: &[(String, String)], after: &[(String, String)]) -> Vec<String> {
    let other = |table: &str| after.iter().find(|(name, _)| name == table).map(|(_, p)| p);
    before
        .iter()
        .filter(|(table, print)| other(table) != Some(print))
        .map(|(table, _)| table.clone())
        .collect()
}

fn note(
    store: &Store,
    kind: UpkeepKind,
    (at, place): (Timestamp, &str),
    seconds: f64,
    what: &str,
    detail: &str,
) -> Result<(), OfficeError> {
    store.write(|tx| {
        let said = format!("{what} {detail}");
        tx.note_upkeep(&NewUpkeep { at, kind, ok: true, seconds, bytes: 0, place, detail: &said })?;
        let county = tx.counties()?.first().map_or(0, |c| c.code);
        let (actor, action) = ("fujiao", kind.code());
        Ok(tx.audit(&Event { county, at, actor, action, object: what, detail })?)
    })
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn trouble(path: &Path, why: &str) -> UpkeepError {
    UpkeepError::File { path: path.display().to_string(), why: why.to_owned() }
}
