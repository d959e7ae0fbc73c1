//! What is told of the program itself: a line in the log, figures for a monitor, whether it lives and is ready. Nothing of a person:
//! routes stand for addresses, statuses for answers.

use std::net::IpAddr;
use std::sync::Mutex;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::app::App;
use crate::gate::From;

/// A request from this long on is said to be slow.
const SLOW: Duration = Duration::from_secs(2);

/// Why an answer is a failure of ours, for the log and for the administrator's page.
#[derive(Clone)]
pub(crate) struct Failure(pub(crate) String);

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Asked {
    method: String,
    route: String,
    status: u16,
}

type Number = Gauge<f64, AtomicU64>;

/// Figures of this program.
pub(crate) struct Figures {
    registry: Mutex<Registry>,
    requests: Family<Asked, Counter>,
    seconds: Histogram,
    size: Gauge,
    jobs: Family<JobLabel, Gauge>,
    last_backup: Gauge,
    errors: Gauge,
    transactions: Family<Kind, Gauge>,
    transaction_seconds: Family<KindOnly, Number>,
    memory: Gauge,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct JobLabel {
    state: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Kind {
    kind: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct KindOnly {
    kind: &'static str,
}

impl Figures {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("fujiao");
        let figures = Self {
            requests: Family::default(),
            seconds: Histogram::new([0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 20.0]),
            size: Gauge::default(),
            jobs: Family::default(),
            last_backup: Gauge::default(),
            errors: Gauge::default(),
            transactions: Family::default(),
            transaction_seconds: Family::default(),
            memory: Gauge::default(),
            registry: Mutex::new(Registry::default()),
        };
        let r = &mut registry;
        r.register("requests", "Requests answered", figures.requests.clone());
        r.register("request_seconds", "How long answers took", figures.seconds.clone());
        r.register("books_bytes", "Size of the books", figures.size.clone());
        r.register("jobs", "Long jobs; failed ones of seven days", figures.jobs.clone());
        r.register(
            "last_backup_timestamp_seconds",
            "When the last proven backup was taken; 0: never",
            figures.last_backup.clone(),
        );
        r.register("errors_noted", "Errors on the administrator's page", figures.errors.clone());
        r.register("transactions", "Transactions of this program", figures.transactions.clone());
        r.register(
            "transaction_seconds",
            "What transactions took in all",
            figures.transaction_seconds.clone(),
        );
        r.register("memory_bytes", "Resident memory; 0: not known here", figures.memory.clone());
        Self { registry: Mutex::new(registry), ..figures }
    }
}

/// Routes for machines. They ask nobody who they are and tell nothing of a person.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
}

/// Whether the books answer, and soon.
async fn ready(State(app): State<App>) -> Response {
    let office = app.office.clone();
    let asked = tokio::task::spawn_blocking(move || office.ready());
    match tokio::time::timeout(Duration::from_secs(5), asked).await {
        Ok(Ok(Ok(()))) => "ready\n".into_response(),
        _ => (StatusCode::SERVICE_UNAVAILABLE, "the books do not answer\n").into_response(),
    }
}

async fn metrics(State(app): State<App>, From(from): From, headers: HeaderMap) -> Response {
    if !may_read(from, &headers, &app.settings.metrics_from) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let (office, at) = (app.office.clone(), app.now());
    let read = tokio::task::spawn_blocking(move || office.gauges(at)).await;
    let Ok(Ok(g)) = read else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    let f = &app.figures;
    let whole = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    f.size.set(whole(g.size));
    f.errors.set(whole(g.errors));
    f.last_backup.set(g.last_backup.map_or(0, jiff::Timestamp::as_second));
    f.memory.set(whole(resident()));
    for (state, n) in ["queued", "running", "failed"].into_iter().zip(g.jobs) {
        f.jobs.get_or_create(&JobLabel { state }).set(n);
    }
    let t = g.traffic;
    for (kind, outcome, n) in [
        ("read", "done", t.reads),
        ("read", "failed", t.reads_failed),
        ("write", "done", t.writes),
        ("write", "failed", t.writes_failed),
    ] {
        f.transactions.get_or_create(&Kind { kind, outcome }).set(whole(n));
    }
    for (kind, micros) in [("read", t.reads_micros), ("write", t.writes_micros)] {
        let seconds = Duration::from_micros(micros).as_secs_f64();
        f.transaction_seconds.get_or_create(&KindOnly { kind }).set(seconds);
    }
    let mut text = String::new();
    let registry = f.registry.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if encode(&mut text, &registry).is_err() {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}

/// Whether an address may read figures. What a proxy passes on is from elsewhere, whoever the proxy is.
fn may_read(from: IpAddr, headers: &HeaderMap, allowed: &[IpAddr]) -> bool {
    let passed_on = ["x-forwarded-for", "forwarded"].iter().any(|h| headers.contains_key(*h));
    !passed_on && allowed.contains(&from.to_canonical())
}

/// Bytes of memory that this program holds; 0 where the system does not say.
fn resident() -> u64 {
    let Ok(text) = std::fs::read_to_string("/proc/self/status") else { return 0 };
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kb = line.and_then(|l| l.split_whitespace().next()).and_then(|n| n.parse::<u64>().ok());
    kb.unwrap_or(0) * 1024
}

/// Counts and times every request, logs those that are slow or went wrong, and notes our failures for the administrator.
pub(crate) async fn watched(State(app): State<App>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let method = request.method().as_str().to_owned();
    let route = request.extensions().get::<MatchedPath>().map(|p| p.as_str().to_owned());
    // Addresses that are no route of ours stay one line, whatever was asked for.
    let route = route.unwrap_or_else(|| "-".to_owned());
    let response = next.run(request).await;
    let (status, took) = (response.status().as_u16(), begun.elapsed());
    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    app.figures
        .requests
        .get_or_create(&Asked { method: method.clone(), route: route.clone(), status })
        .inc();
    app.figures.seconds.observe(took.as_secs_f64());
    if status >= 500 {
        let what = response.extensions().get::<Failure>().map(|f| f.0.clone());
        let what = what.unwrap_or_else(|| status.to_string());
        tracing::error!(method, route, status, ms, what, "出错");
        if status == 500 {
            let (office, at) = (app.office.clone(), app.now());
            // Where the books themselves fail there is the log alone.
            tokio::task::spawn_blocking(move || {
                let _ = office.note_error(&format!("{method} {route}"), &what, at);
            });
        }
    } else if took >= SLOW && !route.ends_with("/events") {
        tracing::warn!(method, route, status, ms, "慢");
    } else {
        tracing::debug!(method, route, status, ms, "答");
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_for_the_monitor_alone() {
        let allowed = [IpAddr::from([127, 0, 0, 1])];
        let mut passed_on = HeaderMap::new();
        passed_on.insert("x-forwarded-for", "10.0.0.1".parse().unwrap());
        for (from, headers, may) in [
            ("127.0.0.1", HeaderMap::new(), true),
            ("::ffff:127.0.0.1", HeaderMap::new(), true),
            ("10.0.0.1", HeaderMap::new(), false),
            ("127.0.0.1", passed_on, false),
        ] {
            assert_eq!(may_read(from.parse().unwrap(), &headers, &allowed), may, "{from}");
        }
    }
}
