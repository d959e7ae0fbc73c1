use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use fujiao_office::desk::DeskError;
use serde::Serialize;
use utoipa::ToSchema;

/// Why a request was not done (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// The kind of problem.
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    /// In a few words.
    pub(crate) title: &'static str,
    /// The status of the answer.
    #[schema(minimum = 400, maximum = 599)]
    pub(crate) status: u16,
    /// What is wrong, and what to do.
    pub(crate) detail: String,
}

impl Problem {
    fn new(status: StatusCode, title: &'static str, detail: impl Into<String>) -> Self {
        Self { kind: "about:blank", title, status: status.as_u16(), detail: detail.into() }
    }

    /// No token, or one that does not work.
    pub(crate) fn unknown() -> Self {
        let how =
            "Send a token that holds: Authorization: Bearer …. Tokens are made at /account/tokens.";
        Self::new(StatusCode::UNAUTHORIZED, "Unauthorized", how)
    }

    /// The token's owner, or the token, does not do this.
    pub(crate) fn not_theirs(right: &str) -> Self {
        let detail = format!("This token has no right “{right}”.");
        Self::new(StatusCode::FORBIDDEN, "Forbidden", detail)
    }

    /// There is no such thing, or it is not the token's to know.
    pub(crate) fn not_found() -> Self {
        let detail = "There is no such thing within the ground of this token.";
        Self::new(StatusCode::NOT_FOUND, "Not Found", detail)
    }

    /// A parameter or body does not read.
    pub(crate) fn unread(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "Bad Request", detail)
    }

    /// What was sent reads, and cannot be taken.
    pub(crate) fn unprocessable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "Unprocessable Content", detail)
    }

    /// Something stands in the way.
    pub(crate) fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "Conflict", detail)
    }

    /// Too much at once.
    pub(crate) fn too_large() -> Self {
        let detail = "The body is larger than what is taken here.";
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "Content Too Large", detail)
    }

    /// We were wrong.
    pub(crate) fn failed() -> Self {
        let detail =
            "Nothing was changed. Try again; if it comes back, tell the administrator the time.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error", detail)
    }

    /// What the desk says.
    pub(crate) fn desk(error: &DeskError) -> Self {
        match error {
            DeskError::NotAllowed(not) => Self::not_theirs(not.0.code()),
            DeskError::NoCounty => {
                let detail = "There is no county in these books yet.";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable", detail)
            }
            DeskError::Store(_) => Self::failed(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self)).into_response();
        let kind = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        if status == StatusCode::UNAUTHORIZED {
            let how = HeaderValue::from_static("Bearer");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, how);
        }
        response
    }
}
