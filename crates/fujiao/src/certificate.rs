//! A certificate of one's own, and what a certificate says of itself.

use std::path::Path;

use anyhow::Context;
use jiff::civil::Date;
use sha2::Digest as _;

/// For how long a certificate of ours holds: phones take none that holds longer than 825 days.
const DAYS: i64 = 800;

/// Makes a certificate for these names and addresses in a folder: `cert.pem`, and `key.pem`, which its owner alone can read.
///
/// # Errors
/// A name that is none; a folder that cannot be written.
pub(crate) fn make(folder: &Path, hosts: &[String], today: Date) -> anyhow::Result<()> {
    let mut params =
        rcgen::CertificateParams::new(hosts.to_vec()).context("--host 里有写错的名字")?;
    let day = |date: Date| {
        let small = |n: i8| u8::try_from(n).expect("a month or a day");
        rcgen::date_time_ymd(date.year().into(), small(date.month()), small(date.day()))
    };
    params.not_before = day(today.yesterday().unwrap_or(today));
    let until = today.checked_add(jiff::Span::new().days(DAYS)).context("日期太晚")?;
    params.not_after = day(until);
    let mut name = rcgen::DistinguishedName::new();
    name.push(rcgen::DnType::CommonName, hosts.first().map_or("fujiao", String::as_str));
    name.push(rcgen::DnType::OrganizationName, "Fujiao");
    params.distinguished_name = name;
    params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    let key = rcgen::KeyPair::generate().context("做不出密钥")?;
    let certificate = params.self_signed(&key).context("做不出证书")?;
    crate::folder::write(&folder.join("cert.pem"), certificate.pem().as_bytes())?;
    crate::folder::write_secret(&folder.join("key.pem"), key.serialize_pem().as_bytes())
}

/// SHA-256 of a certificate, as browsers show it.
///
/// # Errors
/// A file that holds no certificate.
pub(crate) fn fingerprint(file: &Path) -> anyhow::Result<String> {
    let der = fujiao_web::Tls::leaf(file).map_err(|why| anyhow::anyhow!("{why}"))?;
    let pairs: Vec<String> =
        sha2::Sha256::digest(&der).iter().map(|byte| format!("{byte:02X}")).collect();
    Ok(pairs.join(":"))
}

/// The last day on which a certificate holds; `None` if it does not say so in a way that is known here.
pub(crate) fn last_day(der: &[u8]) -> Option<Date> {
    // Certificate ::= SEQUENCE { SEQUENCE { [0] version?, serial, algorithm, issuer, validity SEQUENCE { Time, Time } …
    let (_, certificate, _) = element(der)?;
    let (_, mut body, _) = element(certificate)?;
    if body.first() == Some(&0xa0) {
        body = element(body)?.2;
    }
    for _ in 0..3 {
        body = element(body)?.2;
    }
    let (_, validity, _) = element(body)?;
    let (_, _, rest) = element(validity)?;
    let (tag, time, _) = element(rest)?;
    let text = std::str::from_utf8(time).ok()?;
    let two = |at: usize| text.get(at..at + 2)?.parse::<i8>().ok();
    // UTCTime has two digits of the year, and those from 50 on are of the last century.
    let (year, at) = match tag {
        0x17 => {
            let year: i16 = two(0)?.into();
            (if year < 50 { 2000 + year } else { 1900 + year }, 2)
        }
        0x18 => (text.get(..4)?.parse().ok()?, 4),
        _ => return None,
    };
    Date::new(year, two(at)?, two(at + 2)?).ok()
}

/// The first element of DER: its tag, its content, what follows.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
        if bytes.len() > 4 {
            return None;
        }
        (bytes.iter().fold(0, |n, byte| n << 8 | usize::from(*byte)), rest)
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_certificate_of_our_own_holds_for_its_days_and_its_key_is_its_owners() {
        let folder = tempfile::tempdir().unwrap();
        let hosts = ["fujiao.county".to_owned(), "10.0.0.8".to_owned()];
        make(folder.path(), &hosts, date(2025, 10, 15)).unwrap();
        let der = fujiao_web::Tls::leaf(&folder.path().join("cert.pem")).unwrap();
        assert_eq!(last_day(&der), Some(date(2027, 12, 24)));
        assert_eq!(fingerprint(&folder.path().join("cert.pem")).unwrap().len(), 95);
        fujiao_web::Tls::read(&folder.path().join("cert.pem"), &folder.path().join("key.pem"))
            .unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let meta = std::fs::metadata(folder.path().join("key.pem")).unwrap();
            assert_eq!(meta.permissions().mode() & 0o777, 0o600);
        }
        for cut in 0..der.len() {
            let _ = last_day(&der[..cut]);
        }
    }
}
