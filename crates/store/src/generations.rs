//! What became of those who were aided: counts by the school year of the first aid, town and stage.

use crate::{StoreError, Tx};

/// How many of a cohort of a town came to a stage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoredStage {
    /// Calendar year in which the school year of the first aid begins.
    pub cohort: i16,
    /// Code of the town; 0: nowhere in the county.
    pub town: i64,
    /// The stage, from 0.
    pub stage: u8,
    /// Who reached it.
    pub reached: u64,
    /// Who is known not to have.
    pub missed: u64,
    /// Of whom it is not known, or not yet due.
    pub unknown: u64,
}

impl Tx<'_> {
    /// Keeps the counts of an assessment in place of those of the one before.
    ///
    /// # Errors
    /// What the engine says.
    pub fn replace_generations(
        &mut self,
        (county, run): (u32, u64),
        stages: &[StoredStage],
    ) -> Result<(), StoreError> {
        self.execute("delete from generation where county = $1", &[county.into()])?;
        let columns =
            ["county", "run_id", "cohort", "town", "stage", "reached", "missed", "unknown"];
        self.bulk(
            "generation",
            columns,
            stages.iter().map(|s| {
                [
                    county.into(),
                    run.into(),
                    i64::from(s.cohort).into(),
                    s.town.into(),
                    i64::from(s.stage).into(),
                    s.reached.into(),
                    s.missed.into(),
                    s.unknown.into(),
                ]
            }),
        )?;
        Ok(())
    }

    /// The counts of the live assessment, by cohort, town and stage.
    ///
    /// # Errors
    /// What the engine says.
    pub fn generations(&mut self, county: u32) -> Result<Vec<StoredStage>, StoreError> {
        self.query(
            "select cohort, town, stage, reached, missed, unknown from generation
              where county = $1 order by cohort, town, stage",
            &[county.into()],
            |row| {
                Ok(StoredStage {
                    cohort: i16::try_from(row.get::<i64>(0)?).map_err(|_| row.bad(0))?,
                    town: row.get(1)?,
                    stage: u8::try_from(row.get::<i64>(2)?).map_err(|_| row.bad(2))?,
                    reached: row.get(3)?,
                    missed: row.get(4)?,
                    unknown: row.get(5)?,
                })
            },
        )
    }
}
