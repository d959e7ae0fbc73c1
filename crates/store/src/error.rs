use std::fmt;

/// Why the books could not be opened, read or written. Messages hold no personal data and no password.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file or server cannot be reached.
    #[error("打不开数据库 {place}：{why}。请检查路径、权限或地址")]
    Open {
        /// Path, or URL without password.
        place: String,
        /// In the words of the system.
        why: String,
    },
    /// The file is no database, or pages of it are damaged.
    #[error("数据库文件已损坏：{why}。请用最近的备份恢复，再运行 fujiao verify")]
    Corrupt {
        /// What the engine found.
        why: String,
    },
    /// A database of some other program.
    #[error("{place} 不是扶教的数据库，未作改动。请换一个路径")]
    NotOurs {
        /// Path, or URL without password.
        place: String,
    },
    /// There is a county already where books should come in.
    #[error("{place} 里已经有台账，未作改动。请换一个空的数据库")]
    NotEmpty {
        /// Path, or URL without password.
        place: String,
    },
    /// A backup cannot be made, read or trusted.
    #[error("备份 {place}：{why}")]
    Backup {
        /// The file.
        place: String,
        /// Why, with the remedy.
        why: String,
    },
    /// Bringing books up to date would have lost something; they are as they were.
    #[error("从第 {from} 版升级不成，台账没有改动：{why}。先用原来的程序，并把这句话告诉开发者")]
    Upgrade {
        /// Schema version of the books.
        from: i64,
        /// What would have been lost.
        why: String,
    },
    /// A paper form of the key does not read.
    #[error("密钥纸第 {line} 行读不通：{why}")]
    Paper {
        /// From 1.
        line: usize,
        /// What to look at.
        why: &'static str,
    },
    /// Written by a later version.
    #[error("数据库由更新的版本写成（第 {found} 版，本程序认得到第 {known} 版）。请升级本程序")]
    Newer {
        /// Schema version of the database.
        found: i64,
        /// Schema version of this program.
        known: i64,
    },
    /// The key is not the one with which these books were begun.
    #[error(
        "密钥不符：{place} 是用另一把密钥建立的。请放回原来的密钥文件；没有它，身份证号、电话和账号无法读出"
    )]
    WrongKey {
        /// Path, or URL without password.
        place: String,
    },
    /// The text of a key file does not read.
    #[error("密钥文件读不出：应为一行 fujiao-key-1 加 64 位十六进制数")]
    KeyText,
    /// The system has no randomness to give.
    #[error("系统给不出随机数，无法生成密钥：{0}")]
    Randomness(String),
    /// Sealed bytes do not open: changed, moved to another row, or of another key.
    #[error("密文打不开：内容被改动，或被挪到别处（{0}）")]
    Sealed(String),
    /// Somebody else is writing and did not finish in time.
    #[error("数据库正被另一个程序写入，等候超时。请稍后再试")]
    Busy,
    /// A second row with a key that exists once: the engine's words name the table.
    #[error("重复登记：{0}")]
    Unique(String),
    /// A row points at one that is not there.
    #[error("缺少所指的记录：{0}")]
    ForeignKey(String),
    /// A statement failed before in this transaction, which was therefore rolled back.
    #[error("本次写入中已有一步失败，全部退回")]
    Failed,
    /// A column does not hold what it should.
    #[error("数据库里 {table} 的 {column} 读不出（{key}）")]
    Unreadable {
        /// Table or query.
        table: String,
        /// Column.
        column: String,
        /// Which row.
        key: String,
    },
    /// Anything else that the engine says.
    #[error("数据库出错：{0}")]
    Engine(String),
}

impl StoreError {
    /// Whether a unique key was broken; the same question on both engines.
    pub fn is_unique_violation(&self) -> bool {
        matches!(self, Self::Unique(_))
    }

    pub(crate) fn unreadable(table: &str, column: &str, key: impl fmt::Display) -> Self {
        Self::Unreadable { table: table.into(), column: column.into(), key: key.to_string() }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        use rusqlite::ffi;
        let rusqlite::Error::SqliteFailure(code, message) = &error else {
            return Self::Engine(error.to_string());
        };
        let words = message.clone().unwrap_or_else(|| error.to_string());
        match code.extended_code {
            ffi::SQLITE_CONSTRAINT_UNIQUE
            | ffi::SQLITE_CONSTRAINT_PRIMARYKEY
            | ffi::SQLITE_CONSTRAINT_ROWID => return Self::Unique(words),
            ffi::SQLITE_CONSTRAINT_FOREIGNKEY => return Self::ForeignKey(words),
            _ => {}
        }
        match code.code {
            Code::DatabaseBusy | Code::DatabaseLocked => Self::Busy,
            Code::DatabaseCorrupt | Code::NotADatabase => Self::Corrupt { why: words },
            _ => Self::Engine(words),
        }
    }
}

impl From<postgres::Error> for StoreError {
    fn from(error: postgres::Error) -> Self {
        use postgres::error::SqlState;
        let Some(db) = error.as_db_error() else {
            let source = std::error::Error::source(&error).map(ToString::to_string);
            return Self::Engine(match source {
                Some(source) => format!("{error}: {source}"),
                None => error.to_string(),
            });
        };
        // The detail would quote the row, and so personal data.
        let words = match (db.table(), db.constraint()) {
            (Some(table), Some(constraint)) => format!("{table}, {constraint}"),
            _ => db.message().to_owned(),
        };
        match *db.code() {
            SqlState::UNIQUE_VIOLATION => Self::Unique(words),
            SqlState::FOREIGN_KEY_VIOLATION => Self::ForeignKey(words),
            SqlState::LOCK_NOT_AVAILABLE | SqlState::T_R_DEADLOCK_DETECTED => Self::Busy,
            SqlState::DATA_CORRUPTED | SqlState::INDEX_CORRUPTED => Self::Corrupt { why: words },
            _ => Self::Engine(words),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_the_thing_and_the_remedy() {
        let place = || "/data/county.db".to_owned();
        let errors = [
            StoreError::Open { place: place(), why: "unable to open database file".into() },
            StoreError::Corrupt { why: "file is not a database".into() },
            StoreError::NotOurs { place: place() },
            StoreError::Newer { found: 3, known: 1 },
            StoreError::WrongKey { place: place() },
            StoreError::KeyText,
            StoreError::Sealed("source_row 619901 3".into()),
            StoreError::Busy,
            StoreError::Failed,
            StoreError::unreadable("source_row", "fields", 3),
        ];
        let shown: Vec<String> = errors.iter().map(ToString::to_string).collect();
        insta::assert_snapshot!(shown.join("\n"), @r"
        打不开数据库 /data/county.db：unable to open database file。请检查路径、权限或地址
        数据库文件已损坏：file is not a database。请用最近的备份恢复，再运行 fujiao verify
        /data/county.db 不是扶教的数据库，未作改动。请换一个路径
        数据库由更新的版本写成（第 3 版，本程序认得到第 1 版）。请升级本程序
        密钥不符：/data/county.db 是用另一把密钥建立的。请放回原来的密钥文件；没有它，身份证号、电话和账号无法读出
        密钥文件读不出：应为一行 fujiao-key-1 加 64 位十六进制数
        密文打不开：内容被改动，或被挪到别处（source_row 619901 3）
        数据库正被另一个程序写入，等候超时。请稍后再试
        本次写入中已有一步失败，全部退回
        数据库里 source_row 的 fields 读不出（3）
        ");
    }
}
