//! The county's books on disk: what the offices said, what was made of it, and who did what.
//!
//! [`Store`] opens a SQLite file or a PostgreSQL database with the same schema and the same SQL text. A use case is one
//! [`Store::write`]: it is there as a whole, with its line in the audit chain ([`Tx::audit`]), or not at all. Personal
//! numbers are sealed by [`Keys`], whose file lies outside the database.

mod audit;
mod error;
mod keys;
mod pool;
mod schema;
mod store;
mod tx;
mod value;

pub use audit::Event;
pub use error::StoreError;
pub use keys::Keys;
pub use store::Store;
pub use tx::Tx;
pub use value::{FromColumn, Row, V};
