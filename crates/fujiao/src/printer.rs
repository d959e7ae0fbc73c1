//! Where words go: results to stdout, progress and trouble to stderr. Clear without colour.
#![expect(clippy::print_stderr, reason = "this is the one place that prints")]

use std::io::{IsTerminal, Write as _};
use std::sync::Mutex;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Prints results and progress in one way for all commands.
#[derive(Debug)]
pub(crate) struct Printer {
    json: bool,
    bar: Mutex<Option<(String, ProgressBar)>>,
}

impl Printer {
    pub(crate) fn new(json: bool) -> Self {
        Self { json, bar: Mutex::new(None) }
    }

    /// Whether the results are for a program.
    pub(crate) fn json(&self) -> bool {
        self.json
    }

    /// A line of the result.
    pub(crate) fn line(&self, text: impl std::fmt::Display) {
        self.finish();
        // Who reads only the first lines closes the pipe: that is no mishap.
        match writeln!(std::io::stdout(), "{text}") {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                panic!("the output can be written: {error}")
            }
            _ => {}
        }
    }

    /// A result in one sentence, or as JSON for a program.
    pub(crate) fn say(&self, json: &serde_json::Value, sentence: &str) {
        if self.json() { self.line(json) } else { self.line(sentence) }
    }

    /// Something to know that is no result.
    pub(crate) fn note(&self, text: impl std::fmt::Display) {
        self.finish();
        eprintln!("{text}");
    }

    /// What went wrong, cause by cause.
    pub(crate) fn error(&self, error: &anyhow::Error) {
        self.finish();
        let mut said = Vec::new();
        for cause in error.chain().map(ToString::to_string) {
            if !said.iter().any(|s: &String| s.contains(&cause)) {
                said.push(cause);
            }
        }
        eprintln!("{}", said.join("："));
    }

    /// How far a step is. On a terminal a bar; in a log one line a step.
    pub(crate) fn progress(&self, step: &str, done: u64, of: u64) {
        let mut slot = self.bar.lock().expect("no printing panics");
        let same = slot.as_ref().is_some_and(|(name, _)| name == step);
        if !same {
            if let Some((_, bar)) = slot.take() {
                bar.finish();
            }
            if std::io::stderr().is_terminal() {
                let bar = ProgressBar::with_draw_target(Some(of), ProgressDrawTarget::stderr());
                let style = ProgressStyle::with_template("{msg:<12} {bar:32} {pos}/{len}")
                    .expect("a valid template");
                bar.set_style(style);
                bar.set_message(step.to_owned());
                *slot = Some((step.to_owned(), bar));
            } else {
                eprintln!("{step} …");
                *slot = Some((step.to_owned(), ProgressBar::hidden()));
            }
        }
        if let Some((_, bar)) = slot.as_ref() {
            bar.set_length(of);
            bar.set_position(done);
        }
    }

    fn finish(&self) {
        if let Some((_, bar)) = self.bar.lock().expect("no printing panics").take() {
            bar.finish_and_clear();
        }
    }
}
