//! The routes, and what all of them share: who calls, bodies within bounds, problems.

mod admin;
mod body;
mod caller;
mod catalogue;
mod consent;
mod delta;
mod document;
mod dry_run;
mod events;
mod health;
mod identity;
mod keys;
mod openapi;
mod partner;
mod preferences;
mod problem;
mod reach;
mod rights;

use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request};
use axum::http::{Method, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, delete, get, post, put};
use patron_core::sync::wire;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::trace::TraceLayer;
use tracing::Span;

use crate::limits::{Limits, Rates};
use crate::shelf::{Shelf, Stand};
use crate::store::{Reader, Writer, now_ms};
use crate::tenant::{Keys, Tenant};
use body::Turns;
use delta::Deltas;
use document::{Desk, MAX_DOCUMENT_BYTES};
use problem::{Kind, Problem};

/// What every handler can reach. Cheap to clone.
#[derive(Clone)]
pub(crate) struct App {
    keys: Arc<Keys>,
    shelf: Shelf,
    /// The public halves of the tenants' keys.
    signing: Arc<HashMap<Tenant, String>>,
    writer: Writer,
    reader: Reader,
    turns: Turns,
    deltas: Deltas,
    /// Where publishers' documents are looked at.
    desk: Desk,
    limits: Arc<Limits>,
}

impl App {
    pub(crate) fn new(
        keys: Keys,
        shelf: Shelf,
        signing: HashMap<Tenant, String>,
        writer: Writer,
        reader: Reader,
        rates: Rates,
    ) -> Self {
        Self {
            keys: Arc::new(keys),
            shelf,
            signing: Arc::new(signing),
            writer,
            reader,
            turns: Turns::new(),
            deltas: Deltas::default(),
            desk: Desk::new(),
            limits: Arc::new(Limits::new(Instant::now(), rates, body::ADMITTED_OF_ONE)),
        }
    }
}

impl App {
    /// What the tenant serves and what waits, now.
    async fn standing(&self, tenant: &Tenant) -> Result<Arc<Stand>, Problem> {
        self.shelf.at(&self.writer, tenant, now_ms()).await.ok_or_else(not_set_up)
    }
}

fn not_set_up() -> Problem {
    Problem::new(Kind::Internal, "the tenant was set up without a catalogue; restart the backend")
}

/// Every route: path, its method for the OpenAPI's test, handler.
fn routes() -> [(&'static str, Method, MethodRouter<App>); 15] {
    let large = || DefaultBodyLimit::max(MAX_DOCUMENT_BYTES);
    [
        (wire::CATALOGUE_PATH, Method::GET, get(catalogue::catalogue)),
        (wire::CONSENT_PATH, Method::POST, post(consent::consent)),
        (wire::IDENTITY_PATH, Method::POST, post(identity::identity)),
        (wire::RIGHTS_PATH, Method::POST, post(rights::rights)),
        (wire::PREFERENCES_PATH, Method::POST, post(preferences::preferences)),
        (wire::EVENTS_PATH, Method::POST, post(events::events)),
        ("/v1/keys", Method::GET, get(keys::keys)),
        ("/v1/partner/events", Method::GET, get(partner::events)),
        ("/v1/admin/catalogue", Method::GET, get(admin::standing)),
        ("/v1/admin/catalogue", Method::PUT, put(admin::publish).layer(large())),
        ("/v1/admin/catalogue/scheduled", Method::DELETE, delete(admin::cancel)),
        ("/v1/admin/dry-run", Method::POST, post(dry_run::dry_run).layer(large())),
        ("/v1/admin/reach", Method::GET, get(reach::reach)),
        ("/health", Method::GET, get(health::health)),
        ("/openapi.json", Method::GET, get(openapi::openapi)),
    ]
}

/// The whole service.
pub(crate) fn router(app: App) -> Router {
    routes()
        .into_iter()
        .fold(Router::new(), |router, (path, _, handler)| router.route(path, handler))
        .fallback(no_such_path)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(DefaultBodyLimit::max(body::MAX_PACKED_BYTES))
        .layer(TraceLayer::new_for_http().make_span_with(span).on_response(answered).on_failure(()))
        .with_state(app)
}

async fn no_such_path(uri: Uri) -> Problem {
    Problem::new(
        Kind::NoSuchPath,
        format!("{:.200} is not a path of this backend; /openapi.json lists them", uri.path()),
    )
}

async fn method_not_allowed(method: Method, uri: Uri) -> Problem {
    Problem::new(Kind::MethodNotAllowed, format!("{} does not take {method:.20}; see the allow header", uri.path()))
}

/// The panic itself was logged by its hook; its text may hold data and goes no further.
fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    Problem::new(Kind::Internal, "the handler stopped; nothing of this request was acknowledged").into_response()
}

/// The route as it was declared, never the path as it was sent: that could hold anything.
fn span(request: &Request) -> Span {
    let route = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str);
    tracing::debug_span!("request", method = %request.method(), route)
}

fn answered(response: &Response, latency: Duration, _: &Span) {
    let (status, latency_us) = (response.status().as_u16(), latency.as_micros() as u64);
    match status {
        503 => tracing::warn!(status, latency_us, "told to come back later"),
        500.. => tracing::error!(status, latency_us, "answered"),
        _ => tracing::debug!(status, latency_us, "answered"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_a_problem_and_says_nothing_of_itself() {
        let response = panicked(Box::new("secret"));
        assert_eq!(response.status().as_u16(), 500);
        let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        let problem: wire::Problem = serde_json::from_slice(&body).unwrap();
        assert_eq!(problem.kind, "/problems/internal");
        assert!(!problem.detail.unwrap().contains("secret"));
    }
}
