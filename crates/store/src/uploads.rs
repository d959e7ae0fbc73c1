//! Workbooks that somebody brought and that are not taken in yet. They hold personal numbers, so their bytes are sealed.

use jiff::Timestamp;

use crate::{Row, StoreError, Tx, V};

/// Workbooks that somebody brought together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// From 1 within the county.
    pub id: u64,
    /// Where it stands.
    pub state: BatchState,
    /// The office that they come from.
    pub unit: String,
    /// Login of the one who brought them.
    pub author: String,
    /// Their name.
    pub author_name: String,
    /// When.
    pub made_at: Timestamp,
    /// The job that says what would become of each row.
    pub check_job: Option<u64>,
    /// The job that takes them in.
    pub import_job: Option<u64>,
}

/// Where a batch stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchState {
    /// 待收.
    Waiting,
    /// 已收.
    Taken,
    /// 作罢.
    Dropped,
}

impl BatchState {
    /// The word in the books.
    pub fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Taken => "taken",
            Self::Dropped => "dropped",
        }
    }

    fn of(code: &str) -> Option<Self> {
        [Self::Waiting, Self::Taken, Self::Dropped].into_iter().find(|s| s.code() == code)
    }
}

/// One workbook of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// From 1 within the batch.
    pub number: u32,
    /// File name without folders.
    pub name: String,
    /// Of its bytes.
    pub sha256: [u8; 32],
    /// Bytes.
    pub size: u64,
    /// Whether its bytes are still here.
    pub here: bool,
    /// Whether there is a copy with reasons and remedies.
    pub has_returned: bool,
}

/// A workbook that comes.
#[derive(Clone, Copy, Debug)]
pub struct NewUpload<'a> {
    /// File name without folders.
    pub name: &'a str,
    /// Of its bytes.
    pub sha256: [u8; 32],
    /// Its bytes.
    pub bytes: &'a [u8],
}

/// Who brings a batch, from where, and when.
#[derive(Clone, Copy, Debug)]
pub struct NewBatch<'a> {
    /// The office that the workbooks come from.
    pub unit: &'a str,
    /// Login of the one who brings them.
    pub author: &'a str,
    /// Their name.
    pub author_name: &'a str,
    /// When.
    pub at: Timestamp,
}

const COLUMNS: &str = "batch_id, state, unit, author, author_name, made_at, check_job, import_job";

impl Tx<'_> {
    /// Keeps workbooks until they are taken or dropped; the batch's id.
    ///
    /// # Errors
    /// What the engine says.
    pub fn add_batch(
        &mut self,
        county: u32,
        new: &NewBatch,
        files: &[NewUpload],
    ) -> Result<u64, StoreError> {
        let id: u64 = self
            .query_one(
                "select coalesce(max(batch_id), 0) + 1 from batch where county = $1",
                &[county.into()],
                |r| r.get(0),
            )?
            .unwrap_or(1);
        self.execute(
            "insert into batch (county, batch_id, state, unit, author, author_name, made_at)
             values ($1, $2, 'waiting', $3, $4, $5, $6)",
            &[
                county.into(),
                id.into(),
                new.unit.into(),
                new.author.into(),
                new.author_name.into(),
                new.at.to_string().into(),
            ],
        )?;
        for (number, file) in (1_u32..).zip(files) {
            let sealed = self.keys().seal(file.bytes, &context(county, id, number, "bytes"));
            self.execute(
                "insert into upload (county, batch_id, file_no, name, sha256, size, sealed)
                 values ($1, $2, $3, $4, $5, $6, $7)",
                &[
                    county.into(),
                    id.into(),
                    number.into(),
                    file.name.into(),
                    file.sha256.into(),
                    (file.bytes.len() as u64).into(),
                    sealed.into(),
                ],
            )?;
        }
        Ok(id)
    }

    /// A batch; `None` if there is none of that id.
    ///
    /// # Errors
    /// What the engine says.
    pub fn batch(&mut self, county: u32, id: u64) -> Result<Option<Batch>, StoreError> {
        let sql = format!("select {COLUMNS} from batch where county = $1 and batch_id = $2");
        self.query_one(&sql, &[county.into(), id.into()], batch)
    }

    /// The last batches, newest first, no more than `limit`; those of one author where one is named.
    ///
    /// # Errors
    /// What the engine says.
    pub fn batches(
        &mut self,
        county: u32,
        author: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Batch>, StoreError> {
        let whose = if author.is_some() { "and author = $3" } else { "" };
        let sql = format!(
            "select {COLUMNS} from batch where county = $1 {whose} order by batch_id desc limit $2"
        );
        let mut args = vec![county.into(), limit.into()];
        args.extend(author.map(Into::into));
        self.query(&sql, &args, batch)
    }

    /// The workbooks of a batch, by number, without their bytes.
    ///
    /// # Errors
    /// What the engine says.
    pub fn uploads(&mut self, county: u32, batch: u64) -> Result<Vec<Upload>, StoreError> {
        let sql = "select file_no, name, sha256, size, case when sealed is null then 0 else 1 end,
                          case when returned is null then 0 else 1 end
                     from upload where county = $1 and batch_id = $2 order by file_no";
        self.query(sql, &[county.into(), batch.into()], |r| {
            Ok(Upload {
                number: r.get(0)?,
                name: r.get(1)?,
                sha256: r.get(2)?,
                size: r.get(3)?,
                here: r.get(4)?,
                has_returned: r.get(5)?,
            })
        })
    }

    /// The bytes of a workbook; `None` once it was taken or dropped.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] if they do not open.
    pub fn upload_bytes(
        &mut self,
        county: u32,
        batch: u64,
        number: u32,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        self.opened(county, batch, number, "sealed", "bytes")
    }

    /// The copy of a workbook with reasons and remedies; `None` where nothing goes back.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] if it does not open.
    pub fn returned_copy(
        &mut self,
        county: u32,
        batch: u64,
        number: u32,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        self.opened(county, batch, number, "returned", "returned")
    }

    /// Keeps the copy of a workbook with reasons and remedies, or says that there is none.
    ///
    /// # Errors
    /// What the engine says.
    pub fn keep_returned(
        &mut self,
        county: u32,
        batch: u64,
        number: u32,
        copy: Option<&[u8]>,
    ) -> Result<(), StoreError> {
        let sealed =
            copy.map(|bytes| self.keys().seal(bytes, &context(county, batch, number, "returned")));
        self.execute(
            "update upload set returned = $4 where county = $1 and batch_id = $2 and file_no = $3",
            &[county.into(), batch.into(), number.into(), sealed.into()],
        )?;
        Ok(())
    }

    /// Names the job that looks at a batch, or that takes it in.
    ///
    /// # Errors
    /// What the engine says.
    pub fn job_of_batch(
        &mut self,
        county: u32,
        batch: u64,
        check: bool,
        job: u64,
    ) -> Result<(), StoreError> {
        let column = if check { "check_job" } else { "import_job" };
        let sql = format!("update batch set {column} = $3 where county = $1 and batch_id = $2");
        self.execute(&sql, &[county.into(), batch.into(), job.into()])?;
        Ok(())
    }

    /// Ends a batch that waits: its workbooks' bytes go. `false` if it did not wait.
    ///
    /// # Errors
    /// What the engine says.
    pub fn end_batch(
        &mut self,
        county: u32,
        batch: u64,
        state: BatchState,
    ) -> Result<bool, StoreError> {
        let args: [V; 2] = [county.into(), batch.into()];
        let ended = self.execute(
            "update batch set state = $3 where county = $1 and batch_id = $2 and state = 'waiting'",
            &[args[0].clone(), args[1].clone(), state.code().into()],
        )?;
        if ended == 1 {
            let sql = "update upload set sealed = null where county = $1 and batch_id = $2";
            self.execute(sql, &args)?;
        }
        Ok(ended == 1)
    }

    fn opened(
        &mut self,
        county: u32,
        batch: u64,
        number: u32,
        column: &str,
        part: &str,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = format!(
            "select {column} from upload where county = $1 and batch_id = $2 and file_no = $3"
        );
        let sealed = self
            .query_one(&sql, &[county.into(), batch.into(), number.into()], |r| {
                r.get::<Option<Vec<u8>>>(0)
            })?
            .flatten();
        let context = context(county, batch, number, part);
        sealed.map(|sealed| self.keys().open(&sealed, &context)).transpose()
    }
}

fn context(county: u32, batch: u64, number: u32, part: &str) -> Vec<u8> {
    format!("upload {county} {batch} {number} {part}").into_bytes()
}

fn batch(r: &Row) -> Result<Batch, StoreError> {
    Ok(Batch {
        id: r.get(0)?,
        state: r.parse(1, BatchState::of)?.ok_or_else(|| r.bad(1))?,
        unit: r.get(2)?,
        author: r.get(3)?,
        author_name: r.get(4)?,
        made_at: r.parse(5, |t| t.parse().ok())?.ok_or_else(|| r.bad(5))?,
        check_job: r.get(6)?,
        import_job: r.get(7)?,
    })
}
