use totp_rs::{Algorithm, Builder, Secret, Totp};

use super::{AccountError, audit};
use crate::access::Actor;
use crate::{Office, OfficeError};

/// A secret that waits for its first code.
#[derive(Clone, PartialEq, Eq)]
pub struct SecondFactor {
    /// The secret in base 32, for typing in.
    pub secret: String,
    /// `otpauth://` address, for a picture that a phone reads.
    pub address: String,
}

/// RFC 6238 with SHA-1, six digits, half a minute, one step to either side: what every app on a phone can do.
fn totp(secret: &[u8]) -> Totp {
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_skew(1)
        .with_step_duration(30)
        .with_secret(Secret::from(secret.to_vec()))
        .build_noncompliant()
}

/// The time step of a code that fits now; `None` if it does not.
pub(super) fn step(secret: &[u8], code: &str, at: jiff::Timestamp) -> Option<i64> {
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let step = totp(secret).check(&digits, u64::try_from(at.as_second()).ok()?)?;
    i64::try_from(step).ok()
}

impl Office {
    /// A fresh secret for a second factor, which holds once [`Office::confirm_second_factor`] has its first code.
    ///
    /// # Errors
    /// If the system has no randomness to give.
    pub fn offer_second_factor(&self, actor: &Actor) -> Result<SecondFactor, OfficeError> {
        let mut bytes = [0; 20];
        getrandom::fill(&mut bytes)
            .map_err(|e| fujiao_store::StoreError::Randomness(e.to_string()))?;
        Ok(Self::offered_second_factor(actor, &Secret::from(bytes.to_vec()).to_base32()))
    }

    /// The same secret again, where its first code was wrong.
    pub fn offered_second_factor(actor: &Actor, secret: &str) -> SecondFactor {
        let address = format!(
            "otpauth://totp/Fujiao:{}?secret={secret}&issuer=Fujiao&algorithm=SHA1&digits=6&period=30",
            actor.login
        );
        SecondFactor { secret: secret.to_owned(), address }
    }

    /// Keeps the secret, if the code fits it, and counts the session as one with a second factor.
    ///
    /// # Errors
    /// [`AccountError::Code`].
    pub fn confirm_second_factor(
        &self,
        actor: &Actor,
        session: &str,
        secret: &str,
        code: &str,
    ) -> Result<(), OfficeError> {
        let secret = Secret::try_from_base32(secret).map_err(|_| AccountError::Code)?;
        let secret: &[u8] = secret.as_ref();
        let step = step(secret, code, actor.at).filter(|_| secret.len() >= 16);
        let step = step.ok_or(AccountError::Code)?;
        let county = self.county_code()?;
        let session = super::token_hash(session);
        self.store.write(|tx| {
            tx.set_totp(county, actor.user, Some(secret))?;
            tx.use_totp_step(county, actor.user, step)?;
            tx.touch_session(county, &session, actor.at, true)?;
            audit(tx, county, actor, "second factor", &format!("account {}", actor.user), "set")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, SHA-1: the last six of the eight digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = b"12345678901234567890";
        for (time, code) in [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924")] {
            let at = jiff::Timestamp::from_second(time).unwrap();
            assert_eq!(step(secret, code, at), Some(time / 30), "{time}");
            assert_eq!(step(secret, "000000", at), None);
        }
    }
}
