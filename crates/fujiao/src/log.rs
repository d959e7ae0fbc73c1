//! What the program writes down of itself, to stderr: for people, or as JSON for programs. Nothing of a person is in it.

use std::io::IsTerminal as _;

use tracing_subscriber::filter::LevelFilter;

use crate::settings::Log;

/// Begins to write. What a panic says may quote data, so only its place is written.
pub(crate) fn begin(log: &Log) {
    let level = match log.level.as_str() {
        "error" => LevelFilter::ERROR,
        "warn" => LevelFilter::WARN,
        "debug" => LevelFilter::DEBUG,
        _ => LevelFilter::INFO,
    };
    let base = tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_max_level(level)
        .with_ansi(std::io::stderr().is_terminal());
    // A second beginning, as in tests, changes nothing.
    let begun = if log.format == "json" {
        base.json().flatten_event(true).try_init()
    } else {
        base.try_init()
    };
    if begun.is_ok() {
        std::panic::set_hook(Box::new(|panic| {
            let place = panic.location().map(ToString::to_string).unwrap_or_default();
            tracing::error!(place, "程序出错，这件事已退回");
        }));
    }
}
