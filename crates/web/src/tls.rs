//! TLS: the certificate, and a listener whose handshakes go on beside each other.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::Listener;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::server::TlsStream;

/// How long a browser may take to agree on a key.
const PATIENCE: Duration = Duration::from_secs(10);
/// Handshakes at the same time.
const AT_ONCE: usize = 128;

/// A certificate with its private key.
#[derive(Clone)]
pub struct Tls(TlsAcceptor);

impl Tls {
    /// Reads both from PEM files.
    ///
    /// # Errors
    /// In a sentence: which file does not read, or that they do not belong together.
    pub fn read(certificate: &Path, key: &Path) -> Result<Self, String> {
        let chain = chain(certificate)?;
        let secret = PrivateKeyDer::from_pem_file(key)
            .map_err(|e| format!("{} 里没有私钥（{e}）", key.display()))?;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|e| format!("用不了 TLS：{e}"))?
            .with_no_client_auth()
            .with_single_cert(chain, secret)
            .map_err(|e| format!("证书 {} 与私钥不配：{e}", certificate.display()))?;
        Ok(Self(TlsAcceptor::from(Arc::new(config))))
    }

    /// The first certificate of a file, in DER.
    ///
    /// # Errors
    /// In a sentence, for a file without one.
    pub fn leaf(certificate: &Path) -> Result<Vec<u8>, String> {
        Ok(chain(certificate)?.swap_remove(0).to_vec())
    }
}

fn chain(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let none = |why: String| format!("{} 里没有证书（{why}）", file.display());
    let chain: Vec<_> = CertificateDer::pem_file_iter(file)
        .and_then(Iterator::collect)
        .map_err(|e| none(e.to_string()))?;
    if chain.is_empty() { Err(none("空的".into())) } else { Ok(chain) }
}

/// Connections whose handshake is done.
pub(crate) struct TlsListener {
    ready: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
    at: SocketAddr,
}

impl TlsListener {
    /// Takes connections from a listener; one that is slow to shake hands holds up nobody else.
    pub(crate) fn over(mut listener: TcpListener, tls: Tls) -> io::Result<Self> {
        let at = listener.local_addr()?;
        let (hand_over, ready) = mpsc::channel(AT_ONCE);
        tokio::spawn(async move {
            let places = Arc::new(Semaphore::new(AT_ONCE));
            loop {
                let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
                // Waits out what passes, such as too many open files.
                let (stream, from) = Listener::accept(&mut listener).await;
                if hand_over.is_closed() {
                    return;
                }
                let (tls, hand_over) = (tls.clone(), hand_over.clone());
                tokio::spawn(async move {
                    let shaken = tokio::time::timeout(PATIENCE, tls.0.accept(stream)).await;
                    if let Ok(Ok(stream)) = shaken {
                        let _ = hand_over.send((stream, from)).await;
                    }
                    drop(place);
                });
            }
        });
        Ok(Self { ready, at })
    }
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(connection) => connection,
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        Ok(self.at)
    }
}
