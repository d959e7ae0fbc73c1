mod paper;

use std::fmt;
use std::fmt::Write as _;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::StoreError;

type HmacSha256 = Hmac<Sha256>;

/// First bytes of everything sealed: version of the envelope, then the algorithm.
const VERSION: u8 = 1;
/// AES-256-GCM with a nonce made from key, context and content.
const AES_256_GCM: u8 = 1;
const NONCE: usize = 12;

/// What encrypts personal numbers and lets them be searched for without being read.
///
/// One master key of 256 bits, kept in a file outside the database; from it come a key for encryption, one for
/// nonces, one for searching and one for the audit chain. The nonce is a keyed hash of context and content, so the
/// same registers give the same bytes and no random source can repeat one: who sees the database learns only that two
/// secrets are equal, and that only under the same context, which holds the row's id.
#[derive(Clone)]
pub struct Keys {
    master: [u8; 32],
    cipher: Aes256Gcm,
    nonce: HmacSha256,
    search: HmacSha256,
    chain: HmacSha256,
    check: [u8; 16],
}

impl Keys {
    /// A new key.
    ///
    /// # Errors
    /// [`StoreError::Randomness`] if the system has none to give.
    pub fn generate() -> Result<Self, StoreError> {
        let mut master = [0; 32];
        getrandom::fill(&mut master).map_err(|e| StoreError::Randomness(e.to_string()))?;
        Ok(Self::from_master(master))
    }

    /// The keys that come from a master key. For tests and made counties, whose key may be known to all.
    pub fn from_master(master: [u8; 32]) -> Self {
        let derive = |purpose: &str| derive(&master, purpose);
        let mut check = [0; 16];
        check.copy_from_slice(&derive("check")[..16]);
        Self {
            master,
            cipher: Aes256Gcm::new(&derive("encrypt").into()),
            nonce: mac(&derive("nonce")),
            search: mac(&derive("search")),
            chain: mac(&derive("chain")),
            check,
        }
    }

    /// A key for one purpose.
    pub(crate) fn derived(&self, purpose: &str) -> [u8; 32] {
        derive(&self.master, purpose)
    }

    /// Reads what [`Keys::to_text`] wrote.
    ///
    /// # Errors
    /// [`StoreError::KeyText`] for anything else.
    pub fn parse(text: &str) -> Result<Self, StoreError> {
        let digits = text.trim().strip_prefix("fujiao-key-1 ").ok_or(StoreError::KeyText)?.trim();
        if digits.len() != 64 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(StoreError::KeyText);
        }
        let mut master = [0; 32];
        for (byte, at) in master.iter_mut().zip((0..64).step_by(2)) {
            *byte = u8::from_str_radix(&digits[at..at + 2], 16).map_err(|_| StoreError::KeyText)?;
        }
        Ok(Self::from_master(master))
    }

    /// The master key as its file holds it: one line. Whoever reads it can read every personal number.
    pub fn to_text(&self) -> String {
        format!("fujiao-key-1 {}\n", hex(&self.master))
    }

    /// Encrypts `plaintext` so that it opens only with this key and under the same `context`, which says where the
    /// value stands (table, county, id): sealed bytes that are moved to another row do not open.
    pub fn seal(&self, plaintext: &[u8], context: &[u8]) -> Vec<u8> {
        let mut mac = self.nonce.clone();
        mac.update(&length(context));
        mac.update(context);
        mac.update(plaintext);
        let mut nonce = [0_u8; NONCE];
        nonce.copy_from_slice(&mac.finalize().into_bytes()[..NONCE]);
        let body = self
            .cipher
            .encrypt(&Nonce::from(nonce), Payload { msg: plaintext, aad: context })
            .expect("a field is far below the 64 GiB that AES-GCM takes");
        let mut out = Vec::with_capacity(2 + NONCE + body.len());
        out.extend([VERSION, AES_256_GCM]);
        out.extend(nonce);
        out.extend(body);
        out
    }

    /// What was sealed under `context`.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] if a byte was changed, the context is another, or the algorithm is not known here.
    pub fn open(&self, sealed: &[u8], context: &[u8]) -> Result<Vec<u8>, StoreError> {
        let bad = || StoreError::Sealed(String::from_utf8_lossy(context).into_owned());
        let [VERSION, AES_256_GCM, rest @ ..] = sealed else { return Err(bad()) };
        let (nonce, body) = rest.split_at_checked(NONCE).ok_or_else(bad)?;
        let nonce: [u8; NONCE] = nonce.try_into().expect("split at its length");
        self.cipher
            .decrypt(&Nonce::from(nonce), Payload { msg: body, aad: context })
            .map_err(|_| bad())
    }

    /// A keyed hash of a value for equality search: `kind` keeps an id and a phone with the same digits apart.
    pub fn blind(&self, kind: &str, value: &str) -> [u8; 16] {
        self.digest(kind, [value])
    }

    /// A keyed hash of several parts, each with its length: natural keys and fingerprints, which may hold personal
    /// numbers and so must not be guessable by hashing all ids.
    pub fn digest<'a>(&self, kind: &str, parts: impl IntoIterator<Item = &'a str>) -> [u8; 16] {
        let mut mac = self.search.clone();
        let mut take = |part: &str| {
            mac.update(&length(part.as_bytes()));
            mac.update(part.as_bytes());
        };
        take(kind);
        parts.into_iter().for_each(&mut take);
        let mut out = [0; 16];
        out.copy_from_slice(&mac.finalize().into_bytes()[..16]);
        out
    }

    /// What a database keeps to know its key again. Says nothing about the key.
    pub(crate) fn check_value(&self) -> String {
        hex(&self.check)
    }

    /// Vouches for the head of the audit chain.
    pub(crate) fn vouch(&self, seq: i64, hash: &[u8]) -> String {
        let mut mac = self.chain.clone();
        mac.update(&seq.to_be_bytes());
        mac.update(hash);
        hex(&mac.finalize().into_bytes()[..16])
    }
}

impl fmt::Debug for Keys {
    /// Without the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(…)")
    }
}

fn derive(master: &[u8; 32], purpose: &str) -> [u8; 32] {
    let mut mac = mac(master);
    mac.update(b"fujiao 1 ");
    mac.update(purpose.as_bytes());
    mac.finalize().into_bytes().into()
}

fn mac(key: &[u8; 32]) -> HmacSha256 {
    <HmacSha256 as KeyInit>::new_from_slice(key).expect("HMAC takes a key of any length")
}

fn length(part: &[u8]) -> [u8; 8] {
    (part.len() as u64).to_be_bytes()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        write!(out, "{byte:02x}").expect("a String takes all");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn keys(n: u8) -> Keys {
        Keys::from_master([n; 32])
    }

    #[test]
    fn a_key_file_reads_back() {
        let made = Keys::generate().unwrap();
        let read = Keys::parse(&made.to_text()).unwrap();
        assert_eq!(read.to_text(), made.to_text());
        assert_eq!(read.check_value(), made.check_value());
        for text in ["", "fujiao-key-1", "fujiao-key-1 00", &"0".repeat(64)] {
            assert!(matches!(Keys::parse(text), Err(StoreError::KeyText)), "{text}");
        }
        assert_eq!(format!("{made:?}"), "Keys(…)");
    }

    #[test]
    fn hashes_keep_kinds_and_parts_apart() {
        let k = keys(1);
        assert_ne!(k.blind("id", "1"), k.blind("phone", "1"));
        assert_ne!(k.digest("x", ["ab", "c"]), k.digest("x", ["a", "bc"]));
        assert_ne!(k.blind("id", "1"), keys(2).blind("id", "1"));
        assert_eq!(k.blind("id", "1"), k.blind("id", "1"));
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens_only_where_it_stands(
            text in prop::collection::vec(any::<u8>(), 0..80), context in "[a-z]{0,8}",
            at in any::<prop::sample::Index>(), by in 1..=255_u8,
        ) {
            let k = keys(7);
            let sealed = k.seal(&text, context.as_bytes());
            prop_assert_eq!(&k.open(&sealed, context.as_bytes()).unwrap(), &text);
            prop_assert!(k.open(&sealed, b"elsewhere!").is_err());
            prop_assert!(keys(8).open(&sealed, context.as_bytes()).is_err());
            let mut changed = sealed.clone();
            changed[at.index(sealed.len())] ^= by;
            prop_assert!(k.open(&changed, context.as_bytes()).is_err());
            prop_assert!(k.open(&sealed[..at.index(sealed.len())], context.as_bytes()).is_err());
        }
    }
}
