//! Who serves the books, and what was done to keep them running.

use jiff::Timestamp;

use crate::{Row, StoreError, Tx};

/// What was done for the books, or happened to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpkeepKind {
    /// 备份.
    Backup,
    /// 恢复演练.
    Drill,
    /// 恢复.
    Restore,
    /// 升级.
    Upgrade,
    /// 搬到别的数据库.
    Move,
    /// 上次没有正常停下.
    Cut,
    /// 程序出错.
    Error,
}

impl UpkeepKind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Backup,
        Self::Drill,
        Self::Restore,
        Self::Upgrade,
        Self::Move,
        Self::Cut,
        Self::Error,
    ];

    /// The word in the books.
    pub fn code(self) -> &'static str {
        match self {
            Self::Backup => "backup",
            Self::Drill => "drill",
            Self::Restore => "restore",
            Self::Upgrade => "upgrade",
            Self::Move => "move",
            Self::Cut => "cut",
            Self::Error => "error",
        }
    }

    fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.code() == code)
    }
}

/// Something to note.
#[derive(Clone, Copy, Debug)]
pub struct NewUpkeep<'a> {
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: UpkeepKind,
    /// Whether it went well.
    pub ok: bool,
    /// How long it took.
    pub seconds: f64,
    /// How large it became; 0: of no size.
    pub bytes: u64,
    /// Machine and address.
    pub place: &'a str,
    /// In words without personal data.
    pub detail: &'a str,
}

/// What was noted.
#[derive(Clone, Debug, PartialEq)]
pub struct UpkeepLine {
    /// From 1.
    pub id: u64,
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: UpkeepKind,
    /// Whether it went well.
    pub ok: bool,
    /// How long it took.
    pub seconds: f64,
    /// How large it became.
    pub bytes: u64,
    /// Machine and address.
    pub place: String,
    /// In words.
    pub detail: String,
}

/// A program that serves the books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Machine and address.
    pub place: String,
    /// Of the program.
    pub version: String,
    /// Since when.
    pub begun_at: Timestamp,
    /// The last sign of life.
    pub seen_at: Timestamp,
    /// When it said goodbye.
    pub stopped_at: Option<Timestamp>,
}

/// Lines kept of one kind: the newest.
const KEPT: u64 = 500;

impl Tx<'_> {
    /// Notes something, and forgets what is older than the last five hundred of its kind.
    ///
    /// # Errors
    /// What the engine says.
    pub fn note_upkeep(&mut self, new: &NewUpkeep) -> Result<(), StoreError> {
        let id: u64 = self
            .query_one("select coalesce(max(upkeep_id), 0) + 1 from upkeep", &[], |r| r.get(0))?
            .unwrap_or(1);
        self.execute(
            "insert into upkeep (upkeep_id, at, kind, ok, seconds, bytes, place, detail)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
            &[
                id.into(),
                new.at.to_string().into(),
                new.kind.code().into(),
                new.ok.into(),
                new.seconds.into(),
                new.bytes.into(),
                new.place.into(),
                new.detail.into(),
            ],
        )?;
        self.execute(
            "delete from upkeep where kind = $1 and upkeep_id <=
                (select upkeep_id from upkeep where kind = $1 order by upkeep_id desc limit 1 offset $2)",
            &[new.kind.code().into(), KEPT.into()],
        )?;
        Ok(())
    }

    /// What was noted of some kinds, newest first.
    ///
    /// # Errors
    /// What the engine says.
    pub fn upkeep(
        &mut self,
        kinds: &[UpkeepKind],
        limit: u32,
    ) -> Result<Vec<UpkeepLine>, StoreError> {
        let words: Vec<String> = kinds.iter().map(|k| format!("'{}'", k.code())).collect();
        let sql = format!(
            "select upkeep_id, at, kind, ok, seconds, bytes, place, detail from upkeep
              where kind in ({}) order by upkeep_id desc limit $1",
            words.join(", ")
        );
        self.query(&sql, &[limit.into()], |r| {
            Ok(UpkeepLine {
                id: r.get(0)?,
                at: time(r, 1)?.ok_or_else(|| r.bad(1))?,
                kind: r.parse(2, UpkeepKind::of)?.ok_or_else(|| r.bad(2))?,
                ok: r.get(3)?,
                seconds: r.get(4)?,
                bytes: r.get(5)?,
                place: r.get(6)?,
                detail: r.get(7)?,
            })
        })
    }

    /// A program begins to serve; who served from the same place before, as the books last saw it.
    ///
    /// # Errors
    /// What the engine says.
    pub fn begin_serving(
        &mut self,
        place: &str,
        version: &str,
        at: Timestamp,
    ) -> Result<Option<Server>, StoreError> {
        let before = self.servers()?.into_iter().find(|s| s.place == place);
        self.execute(
            "insert into server (place, version, begun_at, seen_at, stopped_at)
             values ($1, $2, $3, $3, null)
             on conflict (place) do update set version = excluded.version,
                begun_at = excluded.begun_at, seen_at = excluded.seen_at, stopped_at = null",
            &[place.into(), version.into(), at.to_string().into()],
        )?;
        Ok(before)
    }

    /// A program that serves gives a sign of life, or says goodbye.
    ///
    /// # Errors
    /// What the engine says.
    pub fn still_serving(
        &mut self,
        place: &str,
        at: Timestamp,
        goodbye: bool,
    ) -> Result<(), StoreError> {
        let stopped = goodbye.then(|| at.to_string());
        self.execute(
            "update server set seen_at = $2, stopped_at = $3 where place = $1",
            &[place.into(), at.to_string().into(), stopped.into()],
        )?;
        Ok(())
    }

    /// The programs that serve, or did, by place.
    ///
    /// # Errors
    /// What the engine says.
    pub fn servers(&mut self) -> Result<Vec<Server>, StoreError> {
        let sql = "select place, version, begun_at, seen_at, stopped_at from server order by place";
        self.query(sql, &[], |r| {
            Ok(Server {
                place: r.get(0)?,
                version: r.get(1)?,
                begun_at: time(r, 2)?.ok_or_else(|| r.bad(2))?,
                seen_at: time(r, 3)?.ok_or_else(|| r.bad(3))?,
                stopped_at: time(r, 4)?,
            })
        })
    }

    /// When the newest line of the audit was written, by the clock of then.
    ///
    /// # Errors
    /// What the engine says.
    pub fn last_audit(&mut self) -> Result<Option<Timestamp>, StoreError> {
        let sql = "select at from audit order by seq desc limit 1";
        Ok(self.query_one(sql, &[], |r| time(r, 0))?.flatten())
    }
}

fn time(r: &Row, column: usize) -> Result<Option<Timestamp>, StoreError> {
    r.parse(column, |text| text.parse().ok())
}
