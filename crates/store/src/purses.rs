//! 大学生多部门资助: what several purses give one student, as the live assessment lays them over each other.

use jiff::civil::Date;

use crate::{Row, StoreError, Tx, V};

/// Money of one purse for one student and school year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredGift {
    /// The student.
    pub person: u64,
    /// Their name in the register.
    pub name: String,
    /// Town and village of their register, in words.
    pub place: String,
    /// The year in which the school year begins.
    pub school_year: i16,
    /// From 1, in the order of their days.
    pub gift: u32,
    /// Key of the purse, or the words of a purse that the data file does not know.
    pub purse: String,
    /// The department.
    pub department: String,
    /// Fen.
    pub amount: i64,
    /// Fen: what of it may stand.
    pub stands: i64,
    /// It was paid; otherwise it is planned.
    pub paid: bool,
    /// When.
    pub on: Option<Date>,
    /// `unknown`, `excluded`, `beyond`, `no_need`; `None`: nothing stands against it.
    pub conflict: Option<String>,
    /// Fen that should not be.
    pub over: i64,
    /// The gift that excludes it.
    pub by_gift: Option<u32>,
    /// Source of the rule that stands against it.
    pub basis: String,
    /// The row that says so; `None`: the books of loans.
    pub row: Option<u64>,
}

/// What one purpose of a school year costs a student, and who pays what of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredNeed {
    /// The student.
    pub person: u64,
    /// The year in which the school year begins.
    pub school_year: i16,
    /// What for.
    pub purpose: String,
    /// The university.
    pub university: String,
    /// The cost is the data file's, not the student's.
    pub estimated: bool,
    /// Fen.
    pub cost: i64,
    /// Fen that grants pay.
    pub granted: i64,
    /// Fen that is lent.
    pub lent: i64,
    /// Fen that nobody pays.
    pub unmet: i64,
}

impl Tx<'_> {
    /// Keeps the purses of an assessment in place of those of the one before.
    ///
    /// # Errors
    /// What the engine says.
    pub fn replace_purses(
        &mut self,
        (county, run): (u32, u64),
        gifts: &[StoredGift],
        needs: &[StoredNeed],
    ) -> Result<(), StoreError> {
        self.execute("delete from uni_gift where county = $1", &[county.into()])?;
        self.execute("delete from uni_need where county = $1", &[county.into()])?;
        self.bulk(
            "uni_gift",
            [
                "county",
                "person_id",
                "school_year",
                "gift",
                "run_id",
                "purse",
                "department",
                "amount",
                "stands",
                "paid",
                "on_day",
                "conflict",
                "over",
                "by_gift",
                "basis",
                "row_id",
            ],
            gifts.iter().map(|g| {
                [
                    county.into(),
                    g.person.into(),
                    g.school_year.into(),
                    g.gift.into(),
                    run.into(),
                    g.purse.as_str().into(),
                    g.department.as_str().into(),
                    g.amount.into(),
                    g.stands.into(),
                    g.paid.into(),
                    g.on.map(|d| d.to_string()).into(),
                    g.conflict.as_deref().into(),
                    g.over.into(),
                    g.by_gift.into(),
                    g.basis.as_str().into(),
                    g.row.into(),
                ]
            }),
        )?;
        self.bulk(
            "uni_need",
            [
                "county",
                "person_id",
                "school_year",
                "purpose",
                "run_id",
                "university",
                "estimated",
                "cost",
                "granted",
                "lent",
                "unmet",
            ],
            needs.iter().map(|n| {
                [
                    county.into(),
                    n.person.into(),
                    n.school_year.into(),
                    n.purpose.as_str().into(),
                    run.into(),
                    n.university.as_str().into(),
                    n.estimated.into(),
                    n.cost.into(),
                    n.granted.into(),
                    n.lent.into(),
                    n.unmet.into(),
                ]
            }),
        )?;
        Ok(())
    }

    /// Gifts of a school year, or of all, by student and gift. `within`: a condition on persons with alias `p`, with arguments
    /// from `$3` on.
    ///
    /// # Errors
    /// What the engine says.
    pub fn purse_gifts(
        &mut self,
        county: u32,
        school_year: Option<i16>,
        within: (&str, &[V<'static>]),
    ) -> Result<Vec<StoredGift>, StoreError> {
        let sql = format!(
            "select g.person_id, p.name, coalesce(t.name, ''), coalesce(v.name, ''), g.school_year, g.gift, g.purse,
                    g.department, g.amount, g.stands, g.paid, g.on_day, g.conflict, g.over, g.by_gift, g.basis, g.row_id
               from uni_gift g join person p on p.county = g.county and p.person_id = g.person_id
               left join place t on t.county = p.county and t.code = p.town
               left join place v on v.county = p.county and v.code = p.village
              where g.county = $1 and (cast($2 as bigint) is null or g.school_year = $2) and {}
              order by p.name, g.person_id, g.school_year, g.gift",
            within.0
        );
        let mut args: Vec<V> = vec![county.into(), school_year.into()];
        args.extend_from_slice(within.1);
        self.query(&sql, &args, gift)
    }

    /// Needs, as [`Tx::purse_gifts`].
    ///
    /// # Errors
    /// What the engine says.
    pub fn purse_needs(
        &mut self,
        county: u32,
        school_year: Option<i16>,
        within: (&str, &[V<'static>]),
    ) -> Result<Vec<StoredNeed>, StoreError> {
        let sql = format!(
            "select n.person_id, n.school_year, n.purpose, n.university, n.estimated, n.cost, n.granted, n.lent, n.unmet
               from uni_need n join person p on p.county = n.county and p.person_id = n.person_id
              where n.county = $1 and (cast($2 as bigint) is null or n.school_year = $2) and {}
              order by n.person_id, n.school_year, n.purpose",
            within.0
        );
        let mut args: Vec<V> = vec![county.into(), school_year.into()];
        args.extend_from_slice(within.1);
        self.query(&sql, &args, |r| {
            Ok(StoredNeed {
                person: r.get(0)?,
                school_year: r.get(1)?,
                purpose: r.get(2)?,
                university: r.get(3)?,
                estimated: r.get(4)?,
                cost: r.get(5)?,
                granted: r.get(6)?,
                lent: r.get(7)?,
                unmet: r.get(8)?,
            })
        })
    }
}

fn gift(r: &Row) -> Result<StoredGift, StoreError> {
    let (town, village): (String, String) = (r.get(2)?, r.get(3)?);
    Ok(StoredGift {
        person: r.get(0)?,
        name: r.get(1)?,
        place: format!("{town}{village}"),
        school_year: r.get(4)?,
        gift: r.get(5)?,
        purse: r.get(6)?,
        department: r.get(7)?,
        amount: r.get(8)?,
        stands: r.get(9)?,
        paid: r.get(10)?,
        on: r.parse(11, |text| text.parse::<Date>().ok())?,
        conflict: r.get(12)?,
        over: r.get(13)?,
        by_gift: r.get(14)?,
        basis: r.get(15)?,
        row: r.get(16)?,
    })
}
