//! One module a command.

pub(crate) mod aid;
pub(crate) mod backup;
pub(crate) mod carry;
pub(crate) mod cases;
pub(crate) mod config;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod drill;
pub(crate) mod import;
pub(crate) mod init;
pub(crate) mod keys;
pub(crate) mod labour;
pub(crate) mod link;
pub(crate) mod loan;
pub(crate) mod meals;
pub(crate) mod pair;
pub(crate) mod plan;
pub(crate) mod policy;
pub(crate) mod restore;
pub(crate) mod review;
pub(crate) mod run;
pub(crate) mod score;
pub(crate) mod serve;
pub(crate) mod solve;
pub(crate) mod synth;
pub(crate) mod verify;
pub(crate) mod watch;

use std::path::Path;

use fujiao_office::{Office, OfficeError, Rulebook, RulebookError};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::printer::Printer;
use crate::settings::{Settings, machine};

/// How a command ended, if it did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Done.
    Done,
    /// Done as far as the input allowed: something needs a look.
    NeedsALook,
}

/// What was asked for cannot be done as asked.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct InputError(pub String);

/// Whether an error says that the input needs a look, not that we failed.
pub(crate) fn is_about_the_input(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.is::<InputError>()
            || cause.is::<RulebookError>()
            || cause.is::<fujiao_policy::PolicyError>()
            || cause.is::<fujiao_plan::read::ReadError>()
            || cause.is::<fujiao_plan::pmedian::PlanError>()
            || cause.downcast_ref::<OfficeError>().is_some_and(OfficeError::is_about_the_input)
            || cause.is::<fujiao_link::table::LinkError>()
            || cause.is::<fujiao_watch::train::TrainError>()
            || cause.is::<fujiao_synth::SynthError>()
            || cause
                .downcast_ref::<std::io::Error>()
                .is_some_and(|e| e.kind() == std::io::ErrorKind::NotFound)
    })
}

/// Now: the one place where the program reads the clock.
pub(crate) fn now() -> Timestamp {
    #[expect(
        clippy::disallowed_methods,
        reason = "the binary alone knows what time it is, and passes it on"
    )]
    Timestamp::now()
}

/// Today, in China.
pub(crate) fn today() -> Date {
    in_china(now()).date()
}

/// A time as a clock in China shows it, to the minute.
pub(crate) fn local(at: Timestamp) -> String {
    in_china(at).strftime("%F %R").to_string()
}

fn in_china(at: Timestamp) -> jiff::civil::DateTime {
    jiff::tz::TimeZone::fixed(jiff::tz::offset(8)).to_datetime(at)
}

/// Opens the books of a folder as its settings say: `county.db` and, outside of it, `county.key`, made on first use.
pub(crate) fn open_books(folder: &Path, db: Option<&str>) -> anyhow::Result<Office> {
    open_served(folder, db, &Settings::of(folder)?, machine())
}

/// As [`open_books`], for a program that serves them at `place`.
pub(crate) fn open_served(
    folder: &Path,
    db: Option<&str>,
    settings: &Settings,
    place: String,
) -> anyhow::Result<Office> {
    crate::folder::make(folder)?;
    must_be_ours(folder)?;
    // Rules with a fault stop everything, before anything is opened.
    let rules = Rulebook::read(folder)?;
    let mut office = settings.open(folder, db, place)?;
    if let Some(upgrade) = office.upgraded() {
        let kept = upgrade
            .kept
            .as_ref()
            .map_or_else(String::new, |file| format!("；升级前的备份：{}", file.display()));
        let (from, to) = (upgrade.from, upgrade.to);
        Printer::new(false).note(format!("台账已从第 {from} 版升级到第 {to} 版{kept}"));
        office.note_upgrade(now())?;
    }
    office.set_rules(rules);
    Ok(office)
}

/// Refuses books of another user of this machine: what is written beside them could not be read by the one who serves them.
fn must_be_ours(folder: &Path) -> anyhow::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::fs::MetadataExt as _;
        let of = |path: &Path| std::fs::metadata(path).ok().map(|meta| meta.uid());
        let (books, we) = (of(&folder.join("county.key")), of(Path::new("/proc/self")));
        if let (Some(books), Some(we)) = (books, we)
            && books != we
        {
            return Err(anyhow::Error::new(InputError(format!(
                "{} 是另一个用户的台账；用那个用户来运行，如 sudo -u fujiao fujiao …",
                folder.display()
            ))));
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = folder;
    Ok(())
}

/// As [`open_books`], where there must be books already: nothing is made.
pub(crate) fn open_kept(folder: &Path, db: Option<&str>) -> anyhow::Result<Office> {
    must_have_books(folder, db, &Settings::of(folder)?)?;
    open_books(folder, db)
}

/// Refuses a folder without books, and says what to do.
pub(crate) fn must_have_books(
    folder: &Path,
    db: Option<&str>,
    settings: &Settings,
) -> anyhow::Result<()> {
    if settings.has_books(folder, db)? {
        return Ok(());
    }
    Err(anyhow::Error::new(InputError(format!(
        "{} 里没有台账（county.db）；先用 import 或 run 收名册，或用 init 开张，或用 --data 指明文件夹",
        folder.display()
    ))))
}

/// A plain table with a header.
pub(crate) fn table(header: &[&str]) -> comfy_table::Table {
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::UTF8_HORIZONTAL_ONLY);
    table.set_header(header.to_vec());
    table
}
