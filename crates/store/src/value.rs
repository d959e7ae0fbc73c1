use std::borrow::Cow;
use std::error::Error;

use postgres::types::private::BytesMut;
use postgres::types::{IsNull, ToSql, Type};
use rusqlite::types::{ToSqlOutput, ValueRef};

use crate::StoreError;

/// A value on its way into or out of the database.
#[derive(Clone, Debug, PartialEq)]
pub enum V<'a> {
    /// Nothing.
    Null,
    /// A whole number, flag or id.
    I(i64),
    /// A double.
    F(f64),
    /// Text.
    T(Cow<'a, str>),
    /// Bytes.
    B(Cow<'a, [u8]>),
}

macro_rules! into_v {
    ($($type:ty, $value:ident => $out:expr;)*) => {
        $(impl<'a> From<$type> for V<'a> {
            fn from($value: $type) -> Self { $out }
        })*
    };
}

into_v! {
    i64, n => Self::I(n);
    i32, n => Self::I(n.into());
    i16, n => Self::I(n.into());
    u32, n => Self::I(n.into());
    u16, n => Self::I(n.into());
    u8, n => Self::I(n.into());
    // Ids are 64 bits; the database keeps the same bits.
    u64, n => Self::I(n.cast_signed());
    bool, b => Self::I(b.into());
    f64, x => Self::F(x);
    &'a str, s => Self::T(Cow::Borrowed(s));
    &'a String, s => Self::T(Cow::Borrowed(s));
    String, s => Self::T(Cow::Owned(s));
    &'a [u8], b => Self::B(Cow::Borrowed(b));
    Vec<u8>, b => Self::B(Cow::Owned(b));
    [u8; 16], b => Self::B(Cow::Owned(b.to_vec()));
    [u8; 32], b => Self::B(Cow::Owned(b.to_vec()));
    &'a [u8; 16], b => Self::B(Cow::Borrowed(b));
    &'a [u8; 32], b => Self::B(Cow::Borrowed(b));
}

impl<'a, T: Into<V<'a>>> From<Option<T>> for V<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl rusqlite::ToSql for V<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::I(n) => ValueRef::Integer(*n),
            Self::F(x) => ValueRef::Real(*x),
            Self::T(s) => ValueRef::Text(s.as_bytes()),
            Self::B(b) => ValueRef::Blob(b),
        }))
    }
}

impl ToSql for V<'_> {
    /// Encodes by the type that the server inferred for the place.
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        #[expect(
            clippy::cast_precision_loss,
            reason = "a whole number where the query wants a double"
        )]
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::I(n) => match *ty {
                Type::INT4 => i32::try_from(*n)?.to_sql(ty, out),
                Type::INT2 => i16::try_from(*n)?.to_sql(ty, out),
                Type::BOOL => (*n != 0).to_sql(ty, out),
                Type::FLOAT8 => (*n as f64).to_sql(ty, out),
                Type::INT8 => n.to_sql(ty, out),
                _ => Err(format!("a whole number does not go into {ty}").into()),
            },
            Self::F(x) => match *ty {
                Type::FLOAT8 => x.to_sql(ty, out),
                _ => Err(format!("a double does not go into {ty}").into()),
            },
            Self::T(s) if <&str as ToSql>::accepts(ty) => s.as_ref().to_sql(ty, out),
            Self::T(_) => Err(format!("a text does not go into {ty}").into()),
            Self::B(b) if *ty == Type::BYTEA => b.as_ref().to_sql(ty, out),
            Self::B(_) => Err(format!("bytes do not go into {ty}").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    postgres::types::to_sql_checked!();
}

/// One row of an answer, of either engine, alive while the query's closure runs.
pub struct Row<'r>(pub(crate) EngineRow<'r>);

pub(crate) enum EngineRow<'r> {
    Sqlite(&'r rusqlite::Row<'r>),
    Postgres(&'r postgres::Row),
}

impl<'r> Row<'r> {
    /// The value of a column, counted from 0.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] if it is of another type, or null and `T` is no `Option`.
    pub fn get<T: FromColumn<'r>>(&self, column: usize) -> Result<T, StoreError> {
        T::from_v(self.value(column)?).ok_or_else(|| self.bad(column))
    }

    /// A text column read into a type; `None` for null.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] if `read` finds nothing in the text.
    pub fn parse<T>(
        &self,
        column: usize,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, StoreError> {
        match self.get::<Option<&str>>(column)? {
            None => Ok(None),
            Some(text) => read(text).map(Some).ok_or_else(|| self.bad(column)),
        }
    }

    pub(crate) fn value(&self, column: usize) -> Result<V<'r>, StoreError> {
        match self.0 {
            EngineRow::Sqlite(row) => Ok(match row.get_ref(column)? {
                ValueRef::Null => V::Null,
                ValueRef::Integer(n) => V::I(n),
                ValueRef::Real(x) => V::F(x),
                ValueRef::Text(s) => {
                    V::T(Cow::Borrowed(std::str::from_utf8(s).map_err(|_| self.bad(column))?))
                }
                ValueRef::Blob(b) => V::B(Cow::Borrowed(b)),
            }),
            EngineRow::Postgres(row) => {
                let ty = row.columns()[column].type_();
                Ok(match *ty {
                    Type::INT8 => row.try_get::<_, Option<i64>>(column)?.into(),
                    Type::INT4 => row.try_get::<_, Option<i32>>(column)?.into(),
                    Type::INT2 => row.try_get::<_, Option<i16>>(column)?.into(),
                    Type::BOOL => row.try_get::<_, Option<bool>>(column)?.into(),
                    Type::FLOAT8 => row.try_get::<_, Option<f64>>(column)?.into(),
                    Type::BYTEA => row.try_get::<_, Option<&[u8]>>(column)?.into(),
                    Type::TEXT | Type::VARCHAR | Type::NAME | Type::UNKNOWN => {
                        row.try_get::<_, Option<&str>>(column)?.into()
                    }
                    _ => return Err(self.bad(column)),
                })
            }
        }
    }

    /// The error of a column that does not read; the first column stands for the row's key.
    pub fn bad(&self, column: usize) -> StoreError {
        let name = match self.0 {
            EngineRow::Sqlite(row) => row.as_ref().column_name(column).unwrap_or("?").to_owned(),
            EngineRow::Postgres(row) => row.columns()[column].name().to_owned(),
        };
        let key = match self.0 {
            _ if column == 0 => String::new(),
            EngineRow::Sqlite(row) => {
                row.get::<_, i64>(0).map(|n| n.to_string()).unwrap_or_default()
            }
            EngineRow::Postgres(row) => {
                row.try_get::<_, i64>(0).map(|n| n.to_string()).unwrap_or_default()
            }
        };
        StoreError::Unreadable { table: "query".into(), column: name, key }
    }
}

/// What a column can be read as.
pub trait FromColumn<'r>: Sized {
    /// `None` if the value is of another type.
    fn from_v(value: V<'r>) -> Option<Self>;
}

macro_rules! from_column {
    ($($type:ty, $pattern:pat => $out:expr;)*) => {
        $(impl<'r> FromColumn<'r> for $type {
            fn from_v(value: V<'r>) -> Option<Self> {
                match value { $pattern => $out, _ => None }
            }
        })*
    };
}

from_column! {
    i64, V::I(n) => Some(n);
    u64, V::I(n) => Some(n.cast_unsigned());
    i32, V::I(n) => n.try_into().ok();
    i16, V::I(n) => n.try_into().ok();
    u8, V::I(n) => n.try_into().ok();
    u32, V::I(n) => n.try_into().ok();
    u16, V::I(n) => n.try_into().ok();
    usize, V::I(n) => n.try_into().ok();
    bool, V::I(n) => Some(n != 0);
    &'r str, V::T(Cow::Borrowed(s)) => Some(s);
    String, V::T(s) => Some(s.into_owned());
    Box<str>, V::T(s) => Some(s.into());
    &'r [u8], V::B(Cow::Borrowed(b)) => Some(b);
    Vec<u8>, V::B(b) => Some(b.into_owned());
    [u8; 16], V::B(b) => b.as_ref().try_into().ok();
    [u8; 32], V::B(b) => b.as_ref().try_into().ok();
}

impl<'r> FromColumn<'r> for f64 {
    /// A whole number is taken too: the engines differ in when a sum of doubles is one.
    fn from_v(value: V<'r>) -> Option<Self> {
        match value {
            V::F(x) => Some(x),
            #[expect(clippy::cast_precision_loss, reason = "figures far below 2^53")]
            V::I(n) => Some(n as f64),
            _ => None,
        }
    }
}

impl<'r, T: FromColumn<'r>> FromColumn<'r> for Option<T> {
    fn from_v(value: V<'r>) -> Option<Self> {
        match value {
            V::Null => Some(None),
            value => T::from_v(value).map(Some),
        }
    }
}
