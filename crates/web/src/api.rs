//! The interface for programs: JSON under `/api/v1`, described by a document that is made from this code.

mod aid;
mod answers;
mod document;
mod labour;
mod loans;
mod meals;
mod pairing;
mod problem;
mod read;
mod works;
mod write;

pub(crate) use document::routes as document_routes;
pub(crate) use problem::Problem;

use std::fmt::Write as _;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use crate::app::App;

/// Routes of what programs read and write.
pub(crate) fn routes() -> Router<App> {
    read::routes()
        .merge(write::routes())
        .merge(aid::routes())
        .merge(loans::routes())
        .merge(labour::routes())
        .merge(meals::routes())
        .merge(works::routes())
}

/// The token of a program, as RFC 6750 has it.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = text.split_once(' ')?;
    let fits = token.len() == 64 && token.bytes().all(|b| b.is_ascii_hexdigit());
    (scheme.eq_ignore_ascii_case("bearer") && fits).then(|| token.to_owned())
}

/// The largest answer that is held to be tagged.
const LARGEST: usize = 16 << 20;

/// Tags what is read by its content, and says so where a program has it already.
pub(crate) async fn tagged(request: Request, next: Next) -> Response {
    let kept = request.headers().get(header::IF_NONE_MATCH).cloned();
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let response = next.run(request).await;
    if !reads || response.status() != StatusCode::OK {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, LARGEST).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut tag = String::from("\"");
    for byte in &Sha256::digest(&bytes)[..16] {
        let _ = write!(tag, "{byte:02x}");
    }
    tag.push('"');
    let same = kept.is_some_and(|kept| {
        kept.to_str().is_ok_and(|k| k.split(',').any(|t| t.trim() == tag || t.trim() == "*"))
    });
    parts.headers.insert(header::ETAG, HeaderValue::from_str(&tag).expect("hexadecimal digits"));
    parts.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    if same {
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(header::CONTENT_TYPE);
        parts.headers.remove(header::CONTENT_LENGTH);
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::from(bytes))
}
