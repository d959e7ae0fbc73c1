//! Styles, script and seal: in the binary, under addresses that change with their content.

use std::fmt::Write as _;
use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

/// The styles: tokens, then components.
pub(crate) static STYLES: LazyLock<Asset> = LazyLock::new(|| {
    let text =
        [include_str!("../../../assets/tokens.css"), include_str!("../../../assets/app.css")]
            .concat();
    Asset::new("app", "css", "text/css; charset=utf-8", text)
});

/// The script.
pub(crate) static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    let text = [
        include_str!("../../../assets/app.js"),
        include_str!("../../../assets/turn.js"),
        include_str!("../../../assets/shrink.js"),
    ]
    .concat();
    Asset::new("app", "js", "text/javascript; charset=utf-8", text)
});

/// The script of visits: the vault, the outbox, the pages.
pub(crate) static VISIT: LazyLock<Asset> = LazyLock::new(|| {
    let text = [
        include_str!("../../../assets/shrink.js"),
        include_str!("../../../assets/vault.js"),
        include_str!("../../../assets/outbox.js"),
        include_str!("../../../assets/visit.js"),
    ]
    .concat();
    Asset::new("visit", "js", "text/javascript; charset=utf-8", text)
});

/// What works without signal, with the addresses of what it keeps.
static WORKER: LazyLock<String> = LazyLock::new(|| {
    let kept = [STYLES.path.as_str(), &SCRIPT.path, &VISIT.path, "/assets/seal.svg"];
    let files: Vec<String> = kept.iter().map(|path| format!("\"{path}\"")).collect();
    let version: String =
        [&*STYLES, &*SCRIPT, &*VISIT].iter().map(|a| a.tag.trim_matches('"')).collect();
    include_str!("../../../assets/sw.js")
        .replace("/*FILES*/", &files.join(", "))
        .replace("/*VERSION*/", &version)
});

const SEAL: &str = include_str!("../../../assets/seal.svg");

/// A file of the binary.
pub(crate) struct Asset {
    /// Its address, which holds a part of its hash.
    pub(crate) path: String,
    name: String,
    tag: String,
    kind: &'static str,
    text: String,
}

impl Asset {
    fn new(stem: &str, extension: &str, kind: &'static str, text: String) -> Self {
        let mut hash = String::new();
        for byte in &Sha256::digest(text.as_bytes())[..6] {
            let _ = write!(hash, "{byte:02x}");
        }
        let name = format!("{stem}-{hash}.{extension}");
        Self { path: format!("/assets/{name}"), name, tag: format!("\"{hash}\""), kind, text }
    }
}

/// One asset. An address with an old hash is gone: nobody gets styles that do not fit the page.
pub(crate) async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    if name == "seal.svg" {
        return favicon().await;
    }
    let Some(asset) = [&*STYLES, &*SCRIPT, &*VISIT].into_iter().find(|a| a.name == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let fixed = [
        (header::ETAG, asset.tag.as_str()),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    if headers.get(header::IF_NONE_MATCH).is_some_and(|tag| tag.as_bytes() == asset.tag.as_bytes())
    {
        return (StatusCode::NOT_MODIFIED, fixed).into_response();
    }
    (fixed, [(header::CONTENT_TYPE, asset.kind)], asset.text.as_str()).into_response()
}

/// The seal, for the browser's tab.
pub(crate) async fn favicon() -> Response {
    (
        [(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, "public, max-age=86400")],
        SEAL,
    )
        .into_response()
}

/// The service worker: at the root, whose pages it is to keep.
pub(crate) async fn worker() -> Response {
    (
        [
            (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
            (header::CACHE_CONTROL, "no-cache"),
        ],
        WORKER.as_str(),
    )
        .into_response()
}

/// What a phone shows of an installed page.
pub(crate) async fn manifest() -> Response {
    (
        [
            (header::CONTENT_TYPE, "application/manifest+json"),
            (header::CACHE_CONTROL, "public, max-age=86400"),
        ],
        include_str!("../../../assets/manifest.webmanifest"),
    )
        .into_response()
}
