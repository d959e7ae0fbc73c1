//! 各学段学生资助情况统计表, as the live assessment counts it.

use crate::{StoreError, Tx};

/// One cell of the yearly table of aid.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BulletinCell {
    /// The calendar year.
    pub year: i16,
    /// Code of the stage.
    pub stage: String,
    /// Kind of the deeds.
    pub kind: String,
    /// `S` spring, `A` autumn, `Y` the whole year.
    pub half: String,
    /// 0: all; 1 类, 2 类.
    pub class: u8,
    /// Persons, each once.
    pub persons: u64,
    /// 人次
    pub times: u64,
    /// Fen.
    pub amount: i64,
}

impl Tx<'_> {
    /// Keeps the tables of an assessment in place of those of the one before.
    ///
    /// # Errors
    /// What the engine says.
    pub fn replace_bulletin(
        &mut self,
        (county, run): (u32, u64),
        cells: &[BulletinCell],
    ) -> Result<(), StoreError> {
        self.execute("delete from bulletin where county = $1", &[county.into()])?;
        self.bulk(
            "bulletin",
            [
                "county", "year", "stage", "kind", "half", "class", "run_id", "persons", "times",
                "amount",
            ],
            cells.iter().map(|c| {
                [
                    county.into(),
                    c.year.into(),
                    c.stage.as_str().into(),
                    c.kind.as_str().into(),
                    c.half.as_str().into(),
                    c.class.into(),
                    run.into(),
                    c.persons.into(),
                    c.times.into(),
                    c.amount.into(),
                ]
            }),
        )?;
        Ok(())
    }

    /// The cells of all years, by year, stage, kind, half and class.
    ///
    /// # Errors
    /// What the engine says.
    pub fn bulletin(&mut self, county: u32) -> Result<Vec<BulletinCell>, StoreError> {
        self.query(
            "select year, stage, kind, half, class, persons, times, amount from bulletin where county = $1
              order by year, stage, kind, half, class",
            &[county.into()],
            |r| {
                Ok(BulletinCell {
                    year: r.get(0)?,
                    stage: r.get(1)?,
                    kind: r.get(2)?,
                    half: r.get(3)?,
                    class: r.get(4)?,
                    persons: r.get(5)?,
                    times: r.get(6)?,
                    amount: r.get(7)?,
                })
            },
        )
    }
}
