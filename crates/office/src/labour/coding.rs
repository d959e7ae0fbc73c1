//! Trades and skills as people write them → the classification of 2022.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

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
        let units = model().code_all(&texts, Level::Unit, 1);
        let minors = model().code_all(&texts, Level::Minor, 1);
        let codes =
            texts.iter().zip(units.iter().zip(&minors)).filter_map(|(text, (unit, minor))| {
                let best = [unit, minor].into_iter().find(|coded| coded.is_sure)?;
                Some(((*text).to_owned(), best.guesses.first()?.code))
            });
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
