//! `/v1/admin/catalogue`: what is live and what waits, publishing, and what is not to be published after all.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use patron_core::clock::{parse_rfc3339, rfc3339};
use patron_core::offer::MAX_BYTES;
use serde::{Deserialize, Serialize};

use super::caller::PublisherCaller;
use super::document::Document;
use super::problem::{Kind, LISTED, Problem};
use super::{App, not_set_up};
use crate::catalogue::Published;
use crate::findings::{Checked, Finding};
use crate::shelf::{NotChanged, Stand, Waiting};
use crate::store::{Change, now_ms};
use crate::tenant::Tenant;

/// Nobody plans a season further ahead; a year that was mistyped is found out.
const MAX_AHEAD_MS: i64 = 366 * 86_400_000;

/// When to publish.
#[derive(Debug, Deserialize)]
pub(crate) struct When {
    at: Option<String>,
}

/// What a tenant has published.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Standing {
    live: Live,
    /// What is published next, `null` when nothing waits.
    waiting: Option<Later>,
}

/// What devices get.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Live {
    etag: String,
    version: String,
    /// RFC 3339; `null` while nothing was published and devices get an empty catalogue.
    published_at: Option<String>,
}

/// What devices get later.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Later {
    etag: String,
    version: String,
    /// From when on, RFC 3339.
    at: String,
}

/// What was taken.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Taken {
    /// The catalogue's tag, for `if-match`.
    etag: String,
    version: String,
    offers: usize,
    partners: usize,
    places: usize,
    /// What is hardly meant like that; the first thousand.
    warnings: Vec<Finding>,
    #[serde(flatten)]
    standing: Standing,
}

impl Standing {
    fn of(stand: &Stand) -> Self {
        let Published { version, etag, .. } = stand.live.clone();
        let waiting = stand.waiting.as_ref().map(|Waiting { catalogue, at_ms }| Later {
            etag: catalogue.etag.clone(),
            version: catalogue.version.clone(),
            at: rfc3339(*at_ms),
        });
        Self { live: Live { etag, version, published_at: stand.published_at.clone() }, waiting }
    }
}

/// What is live, and what waits for its time.
#[utoipa::path(
    get,
    path = "/v1/admin/catalogue",
    responses(
        (status = 200, description = "What devices get now and next", body = Standing),
        (status = 401, description = "No key, or an unknown one", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 403, description = "Not a publisher's key", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 429, description = "The publisher is at its limit; see retry-after", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
    ),
    security(("key" = []))
)]
pub(crate) async fn standing(caller: PublisherCaller, State(app): State<App>) -> Result<Json<Standing>, Problem> {
    let stand = app.standing(&caller.tenant).await?;
    Ok(Json(Standing::of(&stand)))
}

/// Publishes a catalogue, now or later: whole, or not at all.
#[utoipa::path(
    put,
    path = "/v1/admin/catalogue",
    params(
        ("at" = Option<String>, Query, description = "From when on, RFC 3339, up to 366 days ahead; at once without it. Replaces a catalogue that waits"),
        ("if-match" = Option<String>, Header, description = "The etag of the catalogue that this one is to replace: with `at` the one that waits, where one does, else the live one"),
    ),
    request_body(content = ref("#/components/schemas/Catalogue"), description = "At most 5 MiB"),
    responses(
        (status = 200, description = "It is live", body = Taken),
        (status = 202, description = "It waits", body = Taken),
        (status = 400, description = "`at` is no time ahead", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 401, description = "No key, or an unknown one", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 403, description = "Not a publisher's key", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 412, description = "Somebody else has published since", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 413, description = "Too large", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 422, description = "It has errors, each of which is among the `findings`", body = ref("#/components/schemas/CatalogueProblem"), content_type = "application/problem+json"),
        (status = 429, description = "The publisher is at its limit, or others publish; see retry-after", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 503, description = "Later; see retry-after", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
    ),
    security(("key" = []))
)]
pub(crate) async fn publish(
    caller: PublisherCaller,
    State(app): State<App>,
    when: Result<Query<When>, QueryRejection>,
    headers: HeaderMap,
    document: Document,
) -> Result<Response, Problem> {
    let at_ms = when_ms(when)?;
    let (checked, body) = app
        .desk
        .work(move || {
            let body = document.open()?;
            if body.len() > MAX_BYTES {
                let why = format!("a catalogue has {MAX_BYTES} bytes at most, and this one has {}", body.len());
                return Err(Problem::new(Kind::TooLarge, why));
            }
            Ok((Checked::of(&body), body))
        })
        .await??;
    let Some(catalogue) = checked.publishable() else { return Err(Problem::bad_catalogue(&checked)) };
    let published = Published::new(catalogue.version.clone(), body);
    let (etag, version) = (published.etag.clone(), published.version.clone());
    let (status, change) = match at_ms {
        None => (StatusCode::OK, Change::Publish(published)),
        Some(at_ms) => (StatusCode::ACCEPTED, Change::Schedule(Waiting { catalogue: published, at_ms })),
    };
    let stand = make(&app, &caller.tenant, change, &headers).await?;
    let tag = HeaderValue::from_str(&etag).map_err(|e| Problem::new(Kind::Internal, format!("etag: {e}")))?;
    let taken = Taken {
        etag,
        version,
        offers: catalogue.offers.len(),
        partners: catalogue.partners.len(),
        places: catalogue.places.len(),
        warnings: checked.warnings().take(LISTED).cloned().collect(),
        standing: Standing::of(&stand),
    };
    Ok((status, [(header::ETAG, tag)], Json(taken)).into_response())
}

/// Drops the catalogue that waits. Once none does, it changes nothing.
#[utoipa::path(
    delete,
    path = "/v1/admin/catalogue/scheduled",
    params(("if-match" = Option<String>, Header, description = "The etag of the catalogue that waits")),
    responses(
        (status = 200, description = "Nothing waits; what is live tells whether it was published before", body = Standing),
        (status = 401, description = "No key, or an unknown one", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 403, description = "Not a publisher's key", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 412, description = "Another one waits", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 429, description = "The publisher is at its limit; see retry-after", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 503, description = "Later; see retry-after", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
    ),
    security(("key" = []))
)]
pub(crate) async fn cancel(
    caller: PublisherCaller,
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<Json<Standing>, Problem> {
    let stand = make(&app, &caller.tenant, Change::Cancel, &headers).await?;
    Ok(Json(Standing::of(&stand)))
}

async fn make(app: &App, tenant: &Tenant, change: Change, headers: &HeaderMap) -> Result<Arc<Stand>, Problem> {
    // What is due by now goes first: it is what this change replaces.
    app.standing(tenant).await?;
    let changed = app.shelf.change(&app.writer, tenant, change, expected(headers)).await;
    changed.ok_or_else(not_set_up)?.map_err(|why| match why {
        NotChanged::Replaced { etag } => Problem::new(
            Kind::PreconditionFailed,
            format!("if-match: what would be replaced is {etag}; look at it, and send that tag"),
        ),
        NotChanged::Failed(failure) => failure.into(),
    })
}

/// When to publish, milliseconds since the Unix epoch; `None` for at once.
fn when_ms(when: Result<Query<When>, QueryRejection>) -> Result<Option<i64>, Problem> {
    let no_time = || Problem::malformed("at: is no time of RFC 3339, such as 2026-12-01T06:00:00Z");
    let Query(When { at }) = when.map_err(|_| no_time())?;
    let Some(at) = at else { return Ok(None) };
    // A plus in a query is a space, and in a time it is written that way all the same.
    let at_ms = parse_rfc3339(&at.replace(' ', "+")).ok_or_else(no_time)?;
    let now = now_ms();
    if at_ms <= now || at_ms > now + MAX_AHEAD_MS {
        return Err(Problem::malformed("at: is not within the 366 days from now; leave it out to publish at once"));
    }
    Ok(Some(at_ms))
}

/// RFC 9110, 13.1.1: a list of tags, compared strongly, or `*`; `None` without the header.
fn expected(headers: &HeaderMap) -> Option<Vec<String>> {
    let mut values = headers.get_all(header::IF_MATCH).iter().peekable();
    values.peek()?;
    let tags = values.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    Some(tags.map(|tag| tag.trim().to_owned()).collect())
}
