//! Accounts: who signs in, with what, and what they hold.

mod entry;
mod password;
mod people;
mod second;
mod tokens;

use fujiao_store::{Event, Tx};
use jiff::Timestamp;

use crate::OfficeError;
use crate::access::{Access, Actor};

pub(crate) use entry::grants;
pub use entry::{EnterFault, Entered, Entry, Stage, Visitor};
pub use people::{AccountLine, GrantLine, Grounds, NewAccount, SessionLine};
pub use second::SecondFactor;
pub use tokens::TokenLine;

/// Why something about an account cannot be done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// The login is taken.
    #[error("账号 {0} 已经有了；换一个")]
    Taken(String),
    /// A login of other characters.
    #[error("账号用 2 到 32 个小写字母、数字、点或横线")]
    Login,
    /// No name.
    #[error("姓名不能空着")]
    NoName,
    /// A password against the rules.
    #[error("{0}")]
    Password(String),
    /// The old password is wrong.
    #[error("现在的密码不对")]
    OldPassword,
    /// The code of the second factor is wrong, or was used.
    #[error("验证码不对，或已经用过；等下一个再填")]
    Code,
    /// A token without a name or a right, for rights that its owner does not hold, or for too long.
    #[error("{0}")]
    Token(&'static str),
    /// The two may not be held together.
    #[error("{0}；先收回另一个角色")]
    Apart(String),
    /// The role does not stand on such a ground.
    #[error("{role}不能授在{ground}上；可以授在：{on}")]
    Ground {
        /// The role.
        role: String,
        /// The ground asked for.
        ground: &'static str,
        /// What it can stand on.
        on: String,
    },
    /// The last day is before the first.
    #[error("截止日期早于起始日期")]
    Days,
    /// There is no such account or grant.
    #[error("没有这个账号或授权")]
    NotThere,
    /// The one administrator cannot close themselves out.
    #[error("这是最后一个系统管理员；先授给另一个人")]
    LastAdministrator,
    /// Nobody changes what they hold themselves.
    #[error("自己的角色不能自己改；找另一个管理员")]
    OwnRoles,
}

/// Writes a line about an account into the chain.
fn audit(
    tx: &mut Tx,
    county: u32,
    actor: &Actor,
    action: &str,
    object: &str,
    detail: &str,
) -> Result<(), OfficeError> {
    tx.audit(&Event { county, at: actor.at, actor: &actor.login, action, object, detail })?;
    Ok(())
}

/// So many minutes after a time.
pub(crate) fn minutes_after(at: Timestamp, minutes: i64) -> Timestamp {
    at.saturating_add(jiff::SignedDuration::from_mins(minutes)).unwrap_or(at)
}

/// 32 random bytes in hexadecimal: what a browser or a program keeps.
fn fresh_token() -> Result<String, OfficeError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|e| fujiao_store::StoreError::Randomness(e.to_string()))?;
    Ok(hex(&bytes))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// What the books keep of a token.
fn token_hash(token: &str) -> [u8; 32] {
    use sha2::Digest as _;
    sha2::Sha256::digest(token.as_bytes()).into()
}

fn access() -> &'static Access {
    Access::builtin()
}
