//! Who sees what and may do what: role × ground × field, from `access.toml`.

mod about;
mod actor;
mod scope;
mod spec;
mod table;

pub(crate) use about::About;
pub(crate) use actor::china_day;
pub use actor::{Actor, Grant, Ground, NotAllowed, Right, Role};
pub use scope::{Scope, Standing};
pub use spec::{
    Access, Apart, Lock, Method, Password, RoleSpec, Route, Second, Secret, Session, Shown,
};
