//! What plans are reckoned from beside the registers, and what long ones have found so far.

use fujiao_model::{Division, Grade, PartialDate, RosterKind, Sex, Stage};
use jiff::Timestamp;

use crate::{Row, StoreError, Tx};

/// A file that somebody brought for plans: roads, heights, or a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanFile {
    /// From 1 within the county.
    pub id: u64,
    /// A word of the caller.
    pub kind: String,
    /// File name without folders.
    pub name: String,
    /// Of its bytes.
    pub sha256: [u8; 32],
    /// Bytes.
    pub size: u64,
    /// What it holds, in one line.
    pub holds: String,
    /// Name of who brought it.
    pub author_name: String,
    /// When.
    pub made_at: Timestamp,
    /// When another took its place, or somebody took it away.
    pub ended_at: Option<Timestamp>,
}

/// A file to be kept.
#[derive(Clone, Copy, Debug)]
pub struct NewPlanFile<'a> {
    /// A word of the caller.
    pub kind: &'a str,
    /// File name without folders.
    pub name: &'a str,
    /// Of its bytes.
    pub sha256: [u8; 32],
    /// Its bytes.
    pub bytes: &'a [u8],
    /// What it holds, in one line.
    pub holds: &'a str,
    /// Login of who brings it.
    pub author: &'a str,
    /// Their name.
    pub author_name: &'a str,
    /// When.
    pub at: Timestamp,
}

/// Whom a live row is about, with what the register of persons has of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KindLink {
    /// The row.
    pub row_id: u64,
    /// The person.
    pub person: Option<u64>,
    /// The household.
    pub household: Option<u64>,
    /// The school that the row names.
    pub school: Option<u64>,
    /// Sex.
    pub sex: Option<Sex>,
    /// Date of birth.
    pub born_on: Option<PartialDate>,
    /// Home: the village, else the town.
    pub home: Option<Division>,
    /// Where the person is enrolled now.
    pub enrolled: Option<u64>,
    /// Of that enrolment.
    pub stage: Option<Stage>,
    /// Of that enrolment.
    pub grade: Option<Grade>,
}

const COLUMNS: &str = "file_id, kind, name, sha256, size, holds, author_name, made_at, ended_at";

impl Tx<'_> {
    /// Keeps a file for plans; its id. With `instead`, files of its kind that stand end.
    ///
    /// # Errors
    /// What the engine says.
    pub fn add_plan_file(
        &mut self,
        county: u32,
        new: &NewPlanFile,
        instead: bool,
    ) -> Result<u64, StoreError> {
        if instead {
            self.end_plan_files(county, new.kind, new.at)?;
        }
        let sql = "select coalesce(max(file_id), 0) + 1 from plan_file where county = $1";
        let id: u64 = self.query_one(sql, &[county.into()], |r| r.get(0))?.unwrap_or(1);
        let sealed = self.keys().seal(new.bytes, &context(county, id));
        self.execute(
            "insert into plan_file (county, file_id, kind, name, sha256, size, sealed, holds, author, author_name, made_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            &[
                county.into(),
                id.into(),
                new.kind.into(),
                new.name.into(),
                new.sha256.into(),
                (new.bytes.len() as u64).into(),
                sealed.into(),
                new.holds.into(),
                new.author.into(),
                new.author_name.into(),
                new.at.to_string().into(),
            ],
        )?;
        Ok(id)
    }

    /// Ends the files of a kind that stand; `false` if there was none.
    ///
    /// # Errors
    /// What the engine says.
    pub fn end_plan_files(
        &mut self,
        county: u32,
        kind: &str,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "update plan_file set ended_at = $3 where county = $1 and kind = $2 and ended_at is null";
        Ok(self.execute(sql, &[county.into(), kind.into(), at.to_string().into()])? > 0)
    }

    /// Files for plans that stand, newest first; those of one kind where one is named.
    ///
    /// # Errors
    /// What the engine says.
    pub fn plan_files(
        &mut self,
        county: u32,
        kind: Option<&str>,
    ) -> Result<Vec<PlanFile>, StoreError> {
        let of_kind = if kind.is_some() { "and kind = $2" } else { "" };
        let sql = format!(
            "select {COLUMNS} from plan_file where county = $1 {of_kind} and ended_at is null order by file_id desc"
        );
        let mut args = vec![county.into()];
        args.extend(kind.map(Into::into));
        self.query(&sql, &args, file)
    }

    /// A file for plans, ended or not, with its bytes; `None` if there is none of that id.
    ///
    /// # Errors
    /// What the engine says; bytes that are not what was sealed.
    pub fn plan_file(
        &mut self,
        county: u32,
        id: u64,
    ) -> Result<Option<(PlanFile, Vec<u8>)>, StoreError> {
        let sql =
            format!("select {COLUMNS}, sealed from plan_file where county = $1 and file_id = $2");
        let found = self.query_one(&sql, &[county.into(), id.into()], |r| {
            Ok((file(r)?, r.get::<Vec<u8>>(9)?))
        })?;
        let Some((file, sealed)) = found else { return Ok(None) };
        let bytes = self.keys().open(&sealed, &context(county, id))?;
        Ok(Some((file, bytes)))
    }

    /// Keeps what a long plan has found, in place of what was found before under the same name.
    ///
    /// # Errors
    /// What the engine says.
    pub fn keep_plan_step(
        &mut self,
        county: u32,
        scenario: u64,
        (step, inputs_hash): (&str, &str),
        found: &str,
    ) -> Result<(), StoreError> {
        self.execute(
            "insert into plan_step (county, scenario_id, step, inputs_hash, found) values ($1, $2, $3, $4, $5)
             on conflict (county, scenario_id, step) do update set inputs_hash = excluded.inputs_hash, found = excluded.found",
            &[county.into(), scenario.into(), step.into(), inputs_hash.into(), found.into()],
        )?;
        Ok(())
    }

    /// What a plan has found so far for these inputs: names and JSON.
    ///
    /// # Errors
    /// What the engine says.
    pub fn plan_steps(
        &mut self,
        county: u32,
        scenario: u64,
        inputs_hash: &str,
    ) -> Result<Vec<(String, String)>, StoreError> {
        let sql = "select step, found from plan_step
                    where county = $1 and scenario_id = $2 and inputs_hash = $3 order by step";
        let args = [county.into(), scenario.into(), inputs_hash.into()];
        self.query(sql, &args, |r| Ok((r.get(0)?, r.get(1)?)))
    }

    /// Forgets what a plan found on its way, once it is solved.
    ///
    /// # Errors
    /// What the engine says.
    pub fn drop_plan_steps(&mut self, county: u32, scenario: u64) -> Result<(), StoreError> {
        let sql = "delete from plan_step where county = $1 and scenario_id = $2";
        self.execute(sql, &[county.into(), scenario.into()])?;
        Ok(())
    }

    /// Whom the live rows of a kind are about, by row.
    ///
    /// # Errors
    /// What the engine says.
    pub fn links_of_kind(
        &mut self,
        county: u32,
        kind: RosterKind,
    ) -> Result<Vec<KindLink>, StoreError> {
        let sql = include_str!("../queries/links_of_kind.sql");
        self.query(sql, &[county.into(), kind.code().into()], |r| {
            let place = |column| -> Result<Option<Division>, StoreError> {
                match r.get::<Option<u64>>(column)? {
                    None | Some(0) => Ok(None),
                    Some(code) => Division::from_code(code).map(Some).map_err(|_| r.bad(column)),
                }
            };
            Ok(KindLink {
                row_id: r.get(0)?,
                person: r.get(1)?,
                household: r.get(2)?,
                school: r.get(3)?,
                sex: r.parse(4, Sex::parse)?,
                born_on: r.parse(5, |t| t.parse().ok())?,
                home: place(7)?.or(place(6)?),
                enrolled: r.get(8)?,
                stage: r.parse(9, Stage::parse)?,
                grade: r.parse(10, Grade::parse)?,
            })
        })
    }
}

fn context(county: u32, file: u64) -> Vec<u8> {
    format!("plan file {county} {file}").into_bytes()
}

fn file(r: &Row) -> Result<PlanFile, StoreError> {
    let time = |column| r.parse(column, |text| text.parse::<Timestamp>().ok());
    let sha256: Vec<u8> = r.get(3)?;
    Ok(PlanFile {
        id: r.get(0)?,
        kind: r.get(1)?,
        name: r.get(2)?,
        sha256: sha256.try_into().map_err(|_| r.bad(3))?,
        size: r.get(4)?,
        holds: r.get(5)?,
        author_name: r.get(6)?,
        made_at: time(7)?.ok_or_else(|| r.bad(7))?,
        ended_at: time(8)?,
    })
}
