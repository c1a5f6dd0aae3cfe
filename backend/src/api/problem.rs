//! What goes wrong, as the client hears it: RFC 9457, with a stable name for each problem.

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use patron_core::sync::wire;

use crate::findings::{Checked, Finding};
use crate::store::Failure;

/// The writer commits in milliseconds, so a queue that is full now is not full for long.
const OVERLOAD: Duration = Duration::from_secs(1);

/// Findings that one answer lists. Who corrects a thousand asks again anyway.
pub(crate) const LISTED: usize = 1_000;

/// A full disk or a file that someone holds takes a person, or a while.
const STORAGE: Duration = Duration::from_secs(30);

/// Each problem that the backend answers with. docs/protocol.md has them as a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    MissingKey,
    UnknownKey,
    NotForThisKey,
    NoSuchPath,
    MethodNotAllowed,
    Malformed,
    BadCatalogue,
    BodyTimeout,
    Conflict,
    PreconditionFailed,
    TooLarge,
    TooManyEvents,
    UnsupportedEncoding,
    UnsupportedType,
    TooManyRequests,
    Overloaded,
    Storage,
    Internal,
}

impl Kind {
    #[cfg(test)]
    pub(crate) const ALL: [Self; 18] = [
        Self::MissingKey,
        Self::UnknownKey,
        Self::NotForThisKey,
        Self::NoSuchPath,
        Self::MethodNotAllowed,
        Self::Malformed,
        Self::BadCatalogue,
        Self::BodyTimeout,
        Self::Conflict,
        Self::PreconditionFailed,
        Self::TooLarge,
        Self::TooManyEvents,
        Self::UnsupportedEncoding,
        Self::UnsupportedType,
        Self::TooManyRequests,
        Self::Overloaded,
        Self::Storage,
        Self::Internal,
    ];

    /// Status, stable name, title.
    pub(crate) fn facts(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::MissingKey => (StatusCode::UNAUTHORIZED, "/problems/missing-key", "An API key is needed"),
            Self::UnknownKey => (StatusCode::UNAUTHORIZED, "/problems/unknown-key", "The API key is not known"),
            Self::NotForThisKey => {
                (StatusCode::FORBIDDEN, "/problems/not-for-this-key", "This key opens something else")
            }
            Self::NoSuchPath => (StatusCode::NOT_FOUND, "/problems/no-such-path", "There is nothing here"),
            Self::MethodNotAllowed => {
                (StatusCode::METHOD_NOT_ALLOWED, "/problems/method-not-allowed", "This path takes another method")
            }
            Self::Malformed => (StatusCode::BAD_REQUEST, "/problems/malformed", "The body cannot be read"),
            Self::BadCatalogue => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "/problems/bad-catalogue",
                "The catalogue has errors, and nothing was published",
            ),
            Self::PreconditionFailed => {
                (StatusCode::PRECONDITION_FAILED, "/problems/precondition-failed", "Somebody else has published since")
            }
            Self::BodyTimeout => (StatusCode::REQUEST_TIMEOUT, "/problems/body-timeout", "The body came too slowly"),
            Self::Conflict => {
                (StatusCode::CONFLICT, "/problems/conflict", "This id was used before for something else")
            }
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "/problems/too-large", "The body is too large"),
            Self::TooManyEvents => {
                (StatusCode::PAYLOAD_TOO_LARGE, "/problems/too-many-events", "The batch holds too many events")
            }
            Self::UnsupportedEncoding => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "/problems/unsupported-encoding",
                "The content encoding is not supported",
            ),
            Self::UnsupportedType => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "/problems/unsupported-type", "The body is not JSON")
            }
            Self::TooManyRequests => (
                StatusCode::TOO_MANY_REQUESTS,
                "/problems/too-many-requests",
                "The tenant is at its limit; try again later",
            ),
            Self::Overloaded => {
                (StatusCode::TOO_MANY_REQUESTS, "/problems/overloaded", "Too much at once; try again shortly")
            }
            Self::Storage => {
                (StatusCode::SERVICE_UNAVAILABLE, "/problems/storage", "Nothing can be stored now; try again later")
            }
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "/problems/internal", "The backend made a mistake"),
        }
    }

    /// The header that helps the client on.
    fn header(self) -> Option<(HeaderName, &'static str)> {
        match self {
            Self::MissingKey | Self::UnknownKey => Some((header::WWW_AUTHENTICATE, "Bearer")),
            Self::UnsupportedEncoding => Some((header::ACCEPT_ENCODING, "zstd, gzip")),
            _ => None,
        }
    }

    /// When to come back, unless the occurrence knows better.
    fn wait(self) -> Option<Duration> {
        match self {
            Self::TooManyRequests | Self::Overloaded => Some(OVERLOAD),
            Self::Storage => Some(STORAGE),
            _ => None,
        }
    }
}

/// One occurrence of a problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) kind: Kind,
    /// What was wrong with this request, and where.
    pub(crate) detail: String,
    /// When to come back.
    wait: Option<Duration>,
    /// What is wrong with a catalogue, entry by entry; told as they are beside the other fields.
    findings: Vec<Finding>,
}

impl Problem {
    pub(crate) fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), wait: kind.wait(), findings: Vec::new() }
    }

    /// A problem that is over after `wait`.
    pub(crate) fn later(kind: Kind, detail: impl Into<String>, wait: Duration) -> Self {
        Self { wait: Some(wait), ..Self::new(kind, detail) }
    }

    /// A catalogue that may not be published.
    pub(crate) fn bad_catalogue(checked: &Checked) -> Self {
        let errors = checked.errors().count();
        let detail = match errors {
            1 => "1 error is to be corrected".to_owned(),
            2..=LISTED => format!("{errors} errors are to be corrected"),
            _ => format!("{errors} errors are to be corrected; the first {LISTED} are listed"),
        };
        Self {
            findings: checked.findings.iter().take(LISTED).cloned().collect(),
            ..Self::new(Kind::BadCatalogue, detail)
        }
    }

    pub(crate) fn malformed(detail: impl Into<String>) -> Self {
        Self::new(Kind::Malformed, detail)
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        let kind = match failure {
            Failure::Busy => Kind::Overloaded,
            Failure::Storage => Kind::Storage,
            Failure::Conflict(_) => Kind::Conflict,
        };
        Self::new(kind, failure.to_string())
    }
}

/// A problem as it is sent.
#[derive(serde::Serialize)]
struct Body {
    #[serde(flatten)]
    problem: wire::Problem,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<Finding>,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, name, title) = self.kind.facts();
        let problem = wire::Problem {
            kind: name.to_owned(),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: Some(self.detail),
        };
        let body = Body { problem, findings: self.findings };
        // Plain fields cannot fail to serialise; were it so, the status still says the most.
        let body = serde_json::to_vec(&body).unwrap_or_default();
        let mut response = (status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response();
        if let Some((name, value)) = self.kind.header() {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        if let Some(wait) = self.wait {
            // Rounded up: a device that comes a moment early would be told to wait once more.
            let seconds = (wait.as_nanos().div_ceil(1_000_000_000) as u64).max(1);
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_and_every_reason_is_documented() {
        let protocol = include_str!("../../../docs/protocol.md");
        for kind in Kind::ALL {
            let (status, name, _) = kind.facts();
            let row = protocol.lines().find(|line| line.starts_with('|') && line.contains(&format!("`{name}`")));
            assert!(row.is_some_and(|row| row.contains(status.as_str())), "{name} {status} is not in docs/protocol.md");
        }
        for reason in crate::batch::reason::ALL {
            assert!(protocol.contains(&format!("`{reason}`")), "{reason} is not in docs/protocol.md");
        }
    }

    #[test]
    fn a_wait_is_told_in_whole_seconds_and_never_too_short() {
        let told = |wait| {
            let response = Problem::later(Kind::TooManyRequests, "", wait).into_response();
            response.headers()[header::RETRY_AFTER].to_str().unwrap().to_owned()
        };
        assert_eq!([0, 1, 999, 1_000, 1_001].map(|ms| told(Duration::from_millis(ms))), ["1", "1", "1", "1", "2"]);
        let storage = Problem::from(Failure::Storage).into_response();
        assert_eq!(storage.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(storage.headers()[header::RETRY_AFTER], "30");
        assert_eq!(Problem::from(Failure::Busy).into_response().status(), StatusCode::TOO_MANY_REQUESTS);
    }

    #[test]
    fn no_two_problems_share_a_name() {
        let names: std::collections::BTreeSet<_> = Kind::ALL.iter().map(|kind| kind.facts().1).collect();
        assert_eq!(names.len(), Kind::ALL.len());
    }
}
