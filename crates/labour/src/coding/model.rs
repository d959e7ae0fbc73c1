use super::{Catalogue, Level, OccupationCode, Titled};

/// What a title may be.
#[derive(Clone, Debug, PartialEq)]
pub struct Coded {
    /// Groups of the level that was asked for, the likeliest first; empty where the title says nothing.
    pub guesses: Vec<Guess>,
    /// Whether the first may stand; else 拿不准: a person chooses.
    pub is_sure: bool,
}

/// One group that a title may belong to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Guess {
    /// The group.
    pub code: OccupationCode,
    /// How likely, in 0..=1; those of all groups sum to 1.
    pub score: f64,
}

/// What was learnt from titles and from the classification. The same lists give the same model.
#[derive(Clone, Debug)]
pub struct Model {}

impl Model {
    /// Learns from the classification that comes with the program and the titles that come with it. Takes tens of
    /// milliseconds: keep it.
    pub fn builtin() -> Self {
        Self::train(&Catalogue::builtin(), &super::builtin_titles())
    }

    /// Learns from the names, definitions and tasks of the classification and from titles with codes; what a county coded
    /// counts more than what comes with the program if it is given last.
    pub fn train(_catalogue: &Catalogue, _known: &[Titled]) -> Self {
        todo!()
    }

    /// The `most` likeliest groups of a `level` for a title.
    pub fn code(&self, _title: &str, _level: Level, _most: usize) -> Coded {
        todo!()
    }

    /// As [`Self::code`] for many titles, on all cores.
    pub fn code_all(&self, _titles: &[&str], _level: Level, _most: usize) -> Vec<Coded> {
        todo!()
    }
}
