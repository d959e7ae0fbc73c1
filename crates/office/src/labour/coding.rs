//! Trades and skills as people write them → the classification of 2022.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, OnceLock, PoisonError};

use fujiao_labour::coding::{Catalogue, Level, Model, OccupationCode};

/// What was learnt from the classification and the titles that come with the program; learnt once.
pub(crate) fn model() -> &'static Model {
    static MODEL: OnceLock<Model> = OnceLock::new();
    MODEL.get_or_init(Model::builtin)
}

/// The classification.
pub(crate) fn catalogue() -> &'static Catalogue {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    CATALOGUE.get_or_init(Catalogue::builtin)
}

/// What was coded already: the same text has the same code, and a county writes few.
static KNOWN: Mutex<BTreeMap<String, Option<OccupationCode>>> = Mutex::new(BTreeMap::new());
/// So many of them at most.
const KEPT: usize = 50_000;

/// Codes of texts: the 细类 where it is sure, else the 小类 where that is, else none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Codes(BTreeMap<String, OccupationCode>);

impl Codes {
    /// Codes texts, each once.
    pub(crate) fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let texts: BTreeSet<&str> =
            texts.into_iter().map(str::trim).filter(|t| !t.is_empty()).collect();
        let texts: Vec<&str> = texts.into_iter().collect();
        if texts.is_empty() {
            return Self::default();
        }
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() > KEPT {
            known.clear();
        }
        let new: Vec<&str> = texts.iter().copied().filter(|t| !known.contains_key(*t)).collect();
        if !new.is_empty() {
            let units = model().code_all(&new, Level::Unit, 1);
            let minors = model().code_all(&new, Level::Minor, 1);
            for (text, (unit, minor)) in new.iter().zip(units.iter().zip(&minors)) {
                let best = [unit, minor].into_iter().find(|coded| coded.is_sure);
                let code = best.and_then(|coded| Some(coded.guesses.first()?.code));
                known.insert((*text).to_owned(), code);
            }
        }
        let codes = texts.iter().filter_map(|t| Some(((*t).to_owned(), (*known.get(*t)?)?)));
        Self(codes.collect())
    }

    /// The code of a text that was given.
    pub(crate) fn get(&self, text: &str) -> Option<OccupationCode> {
        self.0.get(text.trim()).copied()
    }

    /// As it is stored; empty: none.
    pub(crate) fn of_text(&self, text: &str) -> String {
        self.get(text).map(|code| code.to_string()).unwrap_or_default()
    }
}
