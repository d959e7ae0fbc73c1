//! Books on a PostgreSQL server: what their address says, and a connection as it says.
//!
//! `sslmode` and `sslrootcert` mean what they mean to PostgreSQL's own programs, with three simplifications: a root
//! certificate that is given is always checked against, the server's name with it (`verify-full`); there is no `verify-ca`;
//! and without a word about it nothing is encrypted that does not leave the machine. Source: PostgreSQL 17 documentation, 32.19.

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;
use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::crypto::{
    CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature,
};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    ClientConfig, ConfigBuilder, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    WantsVerifier,
};

use crate::StoreError;

/// How long a statement waits for what another program holds.
pub(crate) const LOCK_PATIENCE: &str = "40s";

/// How well what goes between this program and its books is guarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    /// It does not leave the machine.
    Local,
    /// Encrypted, to a server whose certificate is checked.
    Verified,
    /// Encrypted, to whoever answers under that name.
    Unverified,
    /// Encrypted if the server does so, to whoever answers under that name.
    AsTheServerDoes,
    /// Open to whoever can listen.
    Open,
}

/// A server by its address.
#[derive(Clone)]
pub(crate) struct Remote {
    config: postgres::Config,
    tls: ClientConfig,
    wire: Wire,
    shown: String,
}

impl Remote {
    /// Reads an address, and the root certificate that it names.
    ///
    /// # Errors
    /// [`StoreError::Open`] with what is wrong.
    pub(crate) fn parse(url: &str) -> Result<Self, StoreError> {
        let shown = without_password(url);
        let fail = |why: String| StoreError::Open { place: shown.clone(), why };
        let (rest, mode, root) = split(url);
        let mut config: postgres::Config =
            rest.parse().map_err(|e: postgres::Error| fail(StoreError::from(e).to_string()))?;
        let local = is_local(&config);
        let (ssl, guard) = match (mode.as_deref(), &root) {
            (Some("disable" | "prefer") | None, None) if local => (SslMode::Disable, Wire::Local),
            (Some("disable"), None) => (SslMode::Disable, Wire::Open),
            (Some("prefer") | None, None) => (SslMode::Prefer, Wire::AsTheServerDoes),
            (Some("require"), None) => (SslMode::Require, Wire::Unverified),
            (Some("require" | "verify-full") | None, Some(_)) => (SslMode::Require, Wire::Verified),
            (Some("verify-full"), None) => {
                return Err(fail(
                    "sslmode=verify-full 还要写 sslrootcert=根证书文件（PEM）".into(),
                ));
            }
            (Some(mode @ ("disable" | "prefer")), Some(_)) => {
                return Err(fail(format!(
                    "写了 sslrootcert 就会核对证书，与 sslmode={mode} 矛盾，请去掉一个"
                )));
            }
            (Some(mode), _) => {
                return Err(fail(format!(
                    "不认得 sslmode={mode}，可以写 disable、prefer、require、verify-full"
                )));
            }
        };
        let wire = if local && root.is_none() { Wire::Local } else { guard };
        config.ssl_mode(ssl);
        let tls = match root {
            Some(file) => trusting(roots(Path::new(&file)).map_err(fail)?),
            None => trusting_whoever_answers(),
        };
        Ok(Self { config, tls, wire, shown })
    }

    pub(crate) fn shown(&self) -> &str {
        &self.shown
    }

    pub(crate) fn wire(&self) -> Wire {
        self.wire
    }

    /// A connection; gives up after `patience`.
    pub(crate) fn connect(&self, patience: Duration) -> Result<postgres::Client, StoreError> {
        let mut config = self.config.clone();
        config.connect_timeout(patience);
        let connected = config.connect(MakeRustlsConnect::new(self.tls.clone()));
        let mut client =
            connected.map_err(|e| StoreError::Open { place: self.shown.clone(), why: why(e) })?;
        // A program that is cut off holds its locks until the server misses it: half a minute where the line is dead, not two
        // hours. Who waits for them waits longer than that.
        client.batch_execute(&format!(
            "set lock_timeout = '{LOCK_PATIENCE}'; set client_min_messages = warning; set timezone = 'UTC';
             set tcp_keepalives_idle = 15; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3"
        ))?;
        // One that was killed is missed while its statement still runs. Servers before 14 and on Windows cannot; they do after it.
        let _ = client.batch_execute("set client_connection_check_interval = '2s'");
        Ok(client)
    }
}

/// Why there is no connection, in words that say what to do where a certificate is the cause.
fn why(error: postgres::Error) -> String {
    use tokio_rustls::rustls::CertificateError as Wrong;
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        let io = cause.downcast_ref::<std::io::Error>();
        // What an I/O error wraps is not among its sources, but inside it.
        let tls = io.and_then(|e| e.get_ref()).and_then(|e| e.downcast_ref::<Error>());
        if let Some(Error::InvalidCertificate(wrong)) = tls.or_else(|| cause.downcast_ref()) {
            let said = match wrong {
                Wrong::UnknownIssuer | Wrong::BadSignature => {
                    "服务器的证书不是 sslrootcert 那张根证书签的：请核对根证书文件".to_owned()
                }
                Wrong::NotValidForName | Wrong::NotValidForNameContext { .. } => {
                    "服务器的证书不是发给这个主机名的：地址里请写证书上的名字".to_owned()
                }
                Wrong::Expired | Wrong::ExpiredContext { .. } => {
                    "服务器的证书过期了：请换新证书，并核对时钟".to_owned()
                }
                other => format!("服务器的证书不能用：{other}"),
            };
            return said;
        }
        source = cause.source();
    }
    let text = StoreError::from(error).to_string();
    if text.contains("server does not support TLS") {
        return "服务器不加密：请在服务器上打开 ssl；真要不加密，去掉 sslrootcert，写 sslmode=disable".into();
    }
    text
}

/// An address without what we read ourselves; that: `sslmode` and `sslrootcert`.
fn split(url: &str) -> (String, Option<String>, Option<String>) {
    let host = url.rfind('@').unwrap_or(0);
    let Some(question) = url[host..].find('?').map(|at| host + at) else {
        return (url.to_owned(), None, None);
    };
    let (mut mode, mut root, mut kept) = (None, None, Vec::new());
    for pair in url[question + 1..].split('&') {
        match pair.split_once('=') {
            Some(("sslmode", value)) => mode = Some(unescaped(value)),
            Some(("sslrootcert", value)) => root = Some(unescaped(value)),
            _ => kept.push(pair),
        }
    }
    let mark = if kept.is_empty() { "" } else { "?" };
    (format!("{}{mark}{}", &url[..question], kept.join("&")), mode, root)
}

/// `%2F` and the like as what they stand for.
fn unescaped(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn is_local(config: &postgres::Config) -> bool {
    let hosts = config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    });
    hosts && config.get_hostaddrs().iter().all(IpAddr::is_loopback)
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn roots(file: &Path) -> Result<RootCertStore, String> {
    let unread = |why: String| format!("根证书 {} 读不出：{why}", file.display());
    let found = CertificateDer::pem_file_iter(file).map_err(|e| unread(e.to_string()))?;
    let mut roots = RootCertStore::empty();
    for certificate in found {
        let certificate = certificate.map_err(|e| unread(e.to_string()))?;
        roots.add(certificate).map_err(|e| unread(e.to_string()))?;
    }
    if roots.is_empty() { Err(unread("里面没有证书".into())) } else { Ok(roots) }
}

fn client() -> ConfigBuilder<ClientConfig, WantsVerifier> {
    ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("ring has the safe versions")
}

fn trusting(roots: RootCertStore) -> ClientConfig {
    client().with_root_certificates(roots).with_no_client_auth()
}

fn trusting_whoever_answers() -> ClientConfig {
    let verifier = Arc::new(WhoeverAnswers(provider()));
    client().dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth()
}

/// Keeps listeners out, not impostors: what `sslmode=require` asks for without a root certificate.
#[derive(Debug)]
struct WhoeverAnswers(Arc<CryptoProvider>);

impl ServerCertVerifier for WhoeverAnswers {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// Whether a location is the address of a PostgreSQL server, not a path.
pub fn is_a_server(location: &str) -> bool {
    ["postgres://", "postgresql://"].iter().any(|p| location.starts_with(p))
}

/// A URL as it may be shown: the password replaced by a star.
pub fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    // The last `@`: a password may hold one, and a question mark too.
    match rest.rsplit_once('@') {
        Some((user, host)) => {
            let user = user.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}:*@{}", host.split('?').next().unwrap_or_default())
        }
        None => format!("{scheme}://{}", rest.split('?').next().unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::without_password;

    #[test]
    fn no_password_is_shown() {
        for (url, shown) in [
            (
                "postgres://clerk:a@b?c@db.local:5432/county",
                "postgres://clerk:*@db.local:5432/county",
            ),
            ("postgres://db.local/county?password=abc", "postgres://db.local/county"),
            (
                "postgresql://clerk@db.local/county?sslmode=disable",
                "postgresql://clerk:*@db.local/county",
            ),
        ] {
            assert_eq!(without_password(url), shown);
        }
    }
}
