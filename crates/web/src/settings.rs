use std::future::Future;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::serve::IncomingStream;
use fujiao_office::Office;
use jiff::Timestamp;
use tokio::net::TcpListener;
use tower_http::compression::CompressionLayer;

use crate::app::App;
use crate::gate::gate;
use crate::limit::Limiter;
use crate::shell::Reader;
use crate::tls::{Tls, TlsListener};
use crate::watched::Figures;
use crate::{api, assets, pages, watched};

/// How the pages are served.
#[derive(Clone, Debug)]
pub struct WebSettings {
    /// Host names, besides `localhost` and plain addresses, under which these pages may be asked for.
    ///
    /// A page elsewhere that makes its own name point to this machine is turned away.
    pub hosts: Vec<String>,
    /// Whether browsers come over TLS, so that their cookies may demand it.
    pub secure: bool,
    /// What time it is.
    pub clock: fn() -> Timestamp,
    /// Tries at the door that one address has a minute.
    pub tries_a_minute: u32,
    /// Addresses that may read `/metrics`.
    pub metrics_from: Vec<IpAddr>,
    /// Whether a proxy of this machine passes requests on, and says in `X-Forwarded-For` from where.
    pub behind_proxy: bool,
}

impl WebSettings {
    /// For this machine alone, without TLS.
    pub fn new(clock: fn() -> Timestamp) -> Self {
        Self {
            hosts: Vec::new(),
            secure: false,
            clock,
            tries_a_minute: 30,
            metrics_from: vec![IpAddr::from([127, 0, 0, 1]), Ipv6Addr::LOCALHOST.into()],
            behind_proxy: false,
        }
    }
}

/// The largest form, in bytes. Files have a limit of their own.
const LARGEST_FORM: usize = 256 * 1024;

/// All pages of an office. Each route stands in `access.toml`; one that does not is answered by nobody.
pub fn router(office: Office, settings: WebSettings) -> Router {
    let app = App {
        desk: office.desk(),
        office,
        door: Arc::new(Limiter::new(settings.tries_a_minute, settings.tries_a_minute)),
        settings: Arc::new(settings),
        figures: Arc::new(Figures::new()),
    };
    Router::new()
        .route("/", get(pages::today))
        .route("/area/{area}", get(pages::area))
        .route("/person/{id}", get(pages::person))
        .route("/household/{id}", get(pages::household))
        .route("/school/{id}", get(pages::school))
        .route("/schools", get(pages::schools))
        .route("/source/{id}", get(pages::source))
        .route("/data", get(pages::data))
        .route("/data/{id}", get(pages::file))
        .route("/search", get(pages::search))
        .route("/find", post(pages::find))
        .merge(pages::door::routes())
        .merge(pages::visit::routes())
        .merge(pages::account::routes())
        .merge(pages::tokens::routes())
        .merge(pages::aid::routes())
        .merge(pages::aid::public_routes())
        .merge(pages::corrections::routes())
        .merge(pages::cases::routes())
        .merge(pages::loans::routes())
        .merge(pages::care::routes())
        .merge(pages::messages::routes())
        .merge(pages::pairs::routes())
        .merge(pages::jobs::routes())
        .merge(pages::reports::routes())
        .merge(pages::risks::routes())
        .merge(pages::generations::routes())
        .merge(pages::handbook::routes())
        .merge(pages::two_lines::routes())
        .merge(pages::links::routes())
        .merge(pages::plans::routes())
        .merge(pages::uploads::routes())
        .merge(pages::users::routes())
        .merge(pages::watch::routes())
        .merge(pages::works::routes())
        .merge(pages::labour::routes())
        .merge(api::document_routes())
        .merge(api::routes().layer(middleware::from_fn(api::tagged)))
        .route_layer(middleware::from_fn_with_state(app.clone(), gate))
        .fallback(pages::nowhere)
        .layer(DefaultBodyLimit::max(LARGEST_FORM))
        .layer(middleware::from_fn(private))
        .route("/assets/{name}", get(assets::asset))
        .route("/favicon.ico", get(assets::favicon))
        .route("/sw.js", get(assets::worker))
        .route("/manifest.webmanifest", get(assets::manifest))
        .merge(watched::routes())
        .layer(middleware::from_fn(Reader::attach))
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn_with_state(Arc::clone(&app.settings), guarded))
        .layer(middleware::from_fn_with_state(Arc::clone(&app.settings), known_host))
        .layer(middleware::from_fn_with_state(app.clone(), watched::watched))
        .with_state(app)
}

/// Where a connection comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) SocketAddr);

impl Connected<IncomingStream<'_, TcpListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, TcpListener>) -> Self {
        Self(*stream.remote_addr())
    }
}

impl Connected<IncomingStream<'_, TlsListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, TlsListener>) -> Self {
        Self(*stream.remote_addr())
    }
}

/// Serves the pages, over TLS where there is a certificate, until `shutdown` is ready; requests under way are finished.
///
/// # Errors
/// If the listener fails.
pub async fn serve(
    listener: TcpListener,
    tls: Option<Tls>,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let service = router.into_make_service_with_connect_info::<Peer>();
    match tls {
        None => axum::serve(listener, service).with_graceful_shutdown(shutdown).await,
        Some(tls) => {
            let listener = TlsListener::over(listener, tls)?;
            axum::serve(listener, service).with_graceful_shutdown(shutdown).await
        }
    }
}

/// What stands on a page is of persons: no cache keeps it.
async fn private(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response
        .headers_mut()
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Nothing is loaded, framed, sent or run but what comes from here.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; manifest-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A browser that came over TLS once comes over nothing else for a year.
const TLS_ALONE: &str = "max-age=31536000; includeSubDomains";

async fn guarded(
    State(settings): State<Arc<WebSettings>>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    if settings.secure {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(TLS_ALONE));
    }
    for (name, value) in [
        ("content-security-policy", POLICY),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

async fn known_host(
    State(settings): State<Arc<WebSettings>>,
    mut request: Request,
    next: Next,
) -> Response {
    if settings.behind_proxy {
        told_by_proxy(&mut request);
    }
    let host = request.headers().get(header::HOST).and_then(|h| h.to_str().ok());
    if host.is_none_or(|host| is_ours(host, &settings.hosts)) {
        next.run(request).await
    } else {
        (StatusCode::MISDIRECTED_REQUEST, "这个网址不归本机管。用 http://127.0.0.1 加端口打开。\n")
            .into_response()
    }
}

/// A proxy of this machine says where a request comes from; anybody else who says so is not believed.
fn told_by_proxy(request: &mut Request) {
    let from = request.extensions().get::<ConnectInfo<Peer>>().map(|ConnectInfo(peer)| peer.0);
    let last = request
        .headers()
        .get_all("x-forwarded-for")
        .iter()
        .next_back()
        .and_then(|h| h.to_str().ok())
        .and_then(|h| h.rsplit(',').next())
        .and_then(|h| h.trim().parse::<IpAddr>().ok());
    if let (Some(from), Some(last)) = (from, last)
        && from.ip().to_canonical().is_loopback()
    {
        request.extensions_mut().insert(ConnectInfo(Peer(SocketAddr::new(last, from.port()))));
    }
}

/// Whether a `Host` header names this machine: an address, `localhost`, or a name of the settings.
fn is_ours(host: &str, names: &[String]) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    name.parse::<IpAddr>().is_ok()
        || name.eq_ignore_ascii_case("localhost")
        || names.iter().any(|n| n.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::is_ours;

    #[test]
    fn only_names_of_this_machine_are_answered() {
        let names = ["fujiao.county".to_owned()];
        for host in ["127.0.0.1:8080", "localhost", "LOCALHOST:80", "[::1]:8080", "fujiao.county:1"]
        {
            assert!(is_ours(host, &names), "{host}");
        }
        for host in ["evil.example:8080", "127.0.0.1.evil.example", "", "[evil]:1"] {
            assert!(!is_ours(host, &names), "{host}");
        }
    }
}
