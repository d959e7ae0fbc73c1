//! Requests of programs that may come twice: under a key of the program's own, asking again changes nothing.

use fujiao_store::Tx;
use jiff::SignedDuration;

use crate::OfficeError;
use crate::access::Actor;

/// A request, by the key that its program gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Once {
    key: String,
    asked: [u8; 32],
}

/// Why a request with a key cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OnceError {
    /// The key came before with another request.
    #[error("这个键用过，内容不一样；新的请求换一个新键")]
    Other,
}

/// Longest key, in bytes.
const LONGEST: usize = 64;
/// How long an answer is remembered.
const DAYS: i64 = 30;

impl Once {
    /// A request with its key and the hash of its content; `None` if the key is empty, too long or not of visible ASCII
    /// characters.
    pub fn new(key: &str, asked: [u8; 32]) -> Option<Self> {
        let reads = (1..=LONGEST).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
        reads.then(|| Self { key: key.to_owned(), asked })
    }

    /// The key.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Does `act` if this was not asked before, and notes its answer in the same transaction; else gives the answer of then.
    pub(crate) fn answer(
        &self,
        tx: &mut Tx,
        county: u32,
        actor: &Actor,
        act: impl FnOnce(&mut Tx) -> Result<String, OfficeError>,
    ) -> Result<String, OfficeError> {
        if let Some((asked, answer)) = tx.api_answer(county, &actor.login, &self.key)? {
            return if asked == self.asked { Ok(answer) } else { Err(OnceError::Other.into()) };
        }
        let answer = act(tx)?;
        let since = actor.at - SignedDuration::from_hours(24 * DAYS);
        let of = (actor.login.as_str(), self.key.as_str());
        tx.add_api_answer(county, of, &self.asked, &answer, (actor.at, since))?;
        Ok(answer)
    }
}
