use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};

use super::{AccountError, access};
use crate::OfficeError;

/// A password against the rules of `access.toml`: its first fault, in words.
pub(super) fn check(password: &str, login: &str, earlier: &[String]) -> Result<(), AccountError> {
    let rules = access().password;
    let fault = |text: String| Err(AccountError::Password(text));
    if password.chars().count() < rules.least_length {
        return fault(format!("密码至少 {} 位", rules.least_length));
    }
    if password.len() > 256 {
        return fault("密码太长，256 位以内".to_owned());
    }
    let has = |f: fn(&char) -> bool| usize::from(password.chars().any(|c| f(&c)));
    let kinds = has(char::is_ascii_lowercase)
        + has(char::is_ascii_uppercase)
        + has(char::is_ascii_digit)
        + has(|c| !c.is_ascii_alphanumeric());
    if kinds < rules.kinds {
        return fault(format!("密码要有小写、大写、数字、符号四类中的 {} 类", rules.kinds));
    }
    if login.len() > 2 && password.to_lowercase().contains(login) {
        return fault("密码里不要有账号".to_owned());
    }
    let mut run = (' ', 0);
    for c in password.chars() {
        run = if run.0 == c { (c, run.1 + 1) } else { (c, 1) };
        if run.1 >= 4 {
            return fault("同一个字符不要连用四次".to_owned());
        }
    }
    if earlier.iter().any(|hash| fits(password, hash)) {
        return fault(format!("最近 {} 次用过的密码不能再用", rules.remembered));
    }
    Ok(())
}

/// Argon2id (RFC 9106) with the crate's defaults: 19 MiB, 2 passes.
pub(super) fn hash(password: &str) -> Result<String, OfficeError> {
    let hashed: PasswordHash = Argon2::default()
        .hash_password(password.as_bytes())
        .map_err(|e| fujiao_store::StoreError::Randomness(e.to_string()))?;
    Ok(hashed.to_string())
}

/// Whether a password is that of a hash.
pub(super) fn fits(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash)
        .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// Takes as long as [`fits`], for a login that nobody has.
pub(super) fn waste(password: &str) {
    let mut out = [0; 32];
    let hashed =
        Argon2::default().hash_password_into(password.as_bytes(), b"nobody nobody", &mut out);
    std::hint::black_box((hashed.is_ok(), out));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_refused_with_its_reason() {
        let earlier = [hash("Qingshan-2024").unwrap()];
        let said = |password: &str| match check(password, "zhao", &earlier) {
            Ok(()) => "好".to_owned(),
            Err(e) => e.to_string(),
        };
        for (password, answer) in [
            ("Short1!", "密码至少 10 位"),
            ("alllowercase1", "密码要有小写、大写、数字、符号四类中的 3 类"),
            ("Zhao-is-here-1", "密码里不要有账号"),
            ("Baaaad-2025-x", "同一个字符不要连用四次"),
            ("Qingshan-2024", "最近 5 次用过的密码不能再用"),
            ("Qingshan-2025", "好"),
        ] {
            assert_eq!(said(password), answer);
        }
    }

    #[test]
    fn a_hash_fits_its_password_alone() {
        let kept = hash("Qingshan-2024").unwrap();
        assert!(kept.starts_with("$argon2id$"), "{kept}");
        assert!(fits("Qingshan-2024", &kept) && !fits("qingshan-2024", &kept));
        assert_ne!(kept, hash("Qingshan-2024").unwrap(), "a salt of its own");
    }
}
