//! The wire to a server: encrypted to whom the address says, or no books are opened.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use fujiao_store::Wire;
use rcgen::{CertificateParams, DnType, Issuer, KeyPair, date_time_ymd};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use super::*;

/// With what PostgreSQL's client asks for TLS: a length of 8, and 1234 and 5679.
const ASKS_FOR_TLS: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// Stands before a server and speaks TLS in its place, with a certificate of our choice or none.
struct Front {
    port: u16,
    encrypted: Arc<AtomicUsize>,
    open: Arc<AtomicUsize>,
    runtime: tokio::runtime::Runtime,
}

impl Front {
    fn before(server: SocketAddr, certificate: Option<ServerConfig>) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let listener = runtime.block_on(TcpListener::bind(("127.0.0.1", 0))).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (encrypted, open) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let acceptor = certificate.map(|c| TlsAcceptor::from(Arc::new(c)));
        let counts = (encrypted.clone(), open.clone());
        runtime.spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (acceptor, counts) = (acceptor.clone(), counts.clone());
                tokio::spawn(async move {
                    // A client that breaks off is a case of the test, not a fault of the front.
                    let _ = pass_on(client, server, acceptor, &counts.0, &counts.1).await;
                });
            }
        });
        Self { port, encrypted, open, runtime }
    }

    /// The address of books behind it, under the name `localhost`.
    fn address(&self, books: &Books, and: &str) -> String {
        let begins = books.url.find("://").unwrap() + 3;
        let begins = books.url.rfind('@').map_or(begins, |at| at + 1);
        let ends = begins + books.url[begins..].find('/').unwrap();
        format!("{}localhost:{}{}{and}", &books.url[..begins], self.port, &books.url[ends..])
    }

    fn counts(&self) -> (usize, usize) {
        (self.encrypted.load(Ordering::SeqCst), self.open.load(Ordering::SeqCst))
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        let ended = tokio::runtime::Builder::new_current_thread().build().unwrap();
        std::mem::replace(&mut self.runtime, ended).shutdown_background();
    }
}

async fn pass_on(
    mut client: TcpStream,
    server: SocketAddr,
    acceptor: Option<TlsAcceptor>,
    encrypted: &AtomicUsize,
    open: &AtomicUsize,
) -> std::io::Result<()> {
    let mut first = [0; 8];
    client.read_exact(&mut first).await?;
    let mut server = TcpStream::connect(server).await?;
    if first != ASKS_FOR_TLS {
        open.fetch_add(1, Ordering::SeqCst);
        server.write_all(&first).await?;
        copy_bidirectional(&mut client, &mut server).await?;
        return Ok(());
    }
    let Some(acceptor) = acceptor else { return client.write_all(b"N").await };
    client.write_all(b"S").await?;
    let mut client = acceptor.accept(client).await?;
    encrypted.fetch_add(1, Ordering::SeqCst);
    copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}

/// An authority, and its certificate as a file.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    file: PathBuf,
}

impl Authority {
    fn new(folder: &std::path::Path, name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let file = folder.join(format!("{name} & co.pem"));
        std::fs::write(&file, params.self_signed(&key).unwrap().pem()).unwrap();
        Self { issuer: Issuer::new(params, key), file }
    }

    fn signs(&self, host: &str, until: i32) -> ServerConfig {
        let mut params = CertificateParams::new([host.to_owned()]).unwrap();
        params.not_before = date_time_ymd(2000, 1, 1);
        params.not_after = date_time_ymd(until, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::Pkcs8(key.serialize_der().into()),
            )
            .unwrap()
    }

    /// As an address names it: a path may hold what an address may not.
    fn root(&self) -> String {
        let path = self.file.display().to_string();
        format!("&sslrootcert={}", path.replace(' ', "%20").replace('&', "%26"))
    }
}

#[test]
fn books_on_a_server_are_opened_over_the_wire_that_their_address_asks_for() {
    let Some(books) = Books::server("the_wire") else { return };
    let config: postgres::Config = books.server.as_ref().unwrap().0.parse().unwrap();
    let [postgres::config::Host::Tcp(host), ..] = config.get_hosts() else { return };
    let port = config.get_ports().first().copied().unwrap_or(5432);
    let server = (host.as_str(), port).to_socket_addrs().unwrap().next().unwrap();

    let ours = Authority::new(books.folder.path(), "ours");
    let theirs = Authority::new(books.folder.path(), "theirs");
    let front = Front::before(server, Some(ours.signs("localhost", 2100)));
    let opened = |address: &str| Store::open(address, keys());
    let says = |address: &str| match opened(address) {
        Ok(_) => "opened".to_owned(),
        Err(error) => error.to_string(),
    };

    // To whom we trust: everything goes encrypted, writes and reads.
    for mode in ["", "&sslmode=verify-full", "&sslmode=require"] {
        let store = opened(&front.address(&books, &format!("{}{mode}", ours.root()))).unwrap();
        assert_eq!(store.wire(), Wire::Verified, "{mode}");
        store.write(|tx| tx.put_county(COUNTY, "岚川县", true)).unwrap();
        assert_eq!(counties(&store).len(), 1);
    }
    let (encrypted, open) = front.counts();
    assert!(encrypted >= 3 && open == 0, "{encrypted} {open}");

    // Without a certificate to check: as asked for, and on this machine open unless asked for.
    let store = opened(&front.address(&books, "&sslmode=require")).unwrap();
    assert_eq!((store.wire(), front.counts().1), (Wire::Local, 0));
    assert!(front.counts().0 > encrypted);
    opened(&front.address(&books, "")).unwrap();
    opened(&front.address(&books, "&sslmode=disable")).unwrap();
    assert!(front.counts().1 >= 2);

    // To somebody else: not a byte of ours.
    let (before, open) = front.counts();
    let of_others = says(&front.address(&books, &theirs.root()));
    assert_eq!(front.counts(), (before, open));
    let elsewhere = Front::before(server, Some(ours.signs("db.elsewhere", 2100)));
    let expired = Front::before(server, Some(ours.signs("localhost", 2001)));
    let plain = Front::before(server, None);
    let said = [
        of_others,
        says(&elsewhere.address(&books, &ours.root())),
        says(&expired.address(&books, &ours.root())),
        says(&plain.address(&books, &ours.root())),
        says("postgres://u@db.local/d?sslmode=verify-full"),
        says("postgres://u@db.local/d?sslmode=verify-ca"),
        says(&format!("postgres://u@db.local/d?sslmode=disable{}", ours.root())),
        says("postgres://u:secret@db.local/d?sslrootcert=%2Fnowhere%2Fca.pem"),
    ]
    .join("\n")
    .replace(&format!(":{}", front.port), ":1")
    .replace(&format!(":{}", elsewhere.port), ":2")
    .replace(&format!(":{}", expired.port), ":3")
    .replace(&format!(":{}", plain.port), ":4");
    let said = said.replace(&format!("{}:*@", config.get_user().unwrap_or_default()), "u:*@");
    let said =
        said.replace(&format!("/{}：", config.get_dbname().unwrap_or_default()), "/postgres：");
    insta::assert_snapshot!(said);
}
