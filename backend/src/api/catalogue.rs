//! `GET /v1/catalogue`: what the tenant has published, what changed since, or 304.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use patron_core::sync::DELTA_IM;

use super::App;
use super::caller::Caller;
use super::delta;
use super::problem::{Kind, Problem};

/// The device keeps it for days, but asks each time; nothing between may keep it, since it is the tenant's.
const CACHE_CONTROL: &str = "private, no-cache";

/// The tenant's catalogue.
#[utoipa::path(
    get,
    path = "/v1/catalogue",
    params(
        ("if-none-match" = Option<String>, Header, description = "The etag of the catalogue that the device holds"),
        ("a-im" = Option<String>, Header, description = "patron-delta: what changed since that one will do (RFC 3229)"),
    ),
    responses(
        (status = 200, description = "The catalogue, with its etag", body = ref("#/components/schemas/Catalogue")),
        (status = 226, description = "What changed since `delta-base`, with the etag of the new one", body = ref("#/components/schemas/Delta")),
        (status = 304, description = "The device holds the latest one"),
        (status = 401, description = "No key, or an unknown one", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 403, description = "A partner's key", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 429, description = "The tenant is at its limit; see retry-after", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
    ),
    security(("key" = []))
)]
pub(crate) async fn catalogue(
    Caller { tenant, .. }: Caller,
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let stand = app.standing(&tenant).await?;
    let published = &stand.live;
    let etag =
        HeaderValue::from_str(&published.etag).map_err(|e| Problem::new(Kind::Internal, format!("etag: {e}")))?;
    let caching = [(header::ETAG, etag), (header::CACHE_CONTROL, HeaderValue::from_static(CACHE_CONTROL))];
    if matches(&headers, &published.etag) {
        return Ok((StatusCode::NOT_MODIFIED, caching).into_response());
    }
    let json = [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    if let Some(base) = delta::asked_for(&headers)
        && let Ok(tag) = HeaderValue::from_str(base)
        && let Some(body) = app.deltas.since(&app.reader, &tenant, base, published).await
    {
        let made = [
            (HeaderName::from_static("im"), HeaderValue::from_static(DELTA_IM)),
            (HeaderName::from_static("delta-base"), tag),
        ];
        return Ok((StatusCode::IM_USED, caching, made, json, body).into_response());
    }
    Ok((caching, json, published.body.clone()).into_response())
}

/// RFC 9110, 13.1.2: a list of tags compared weakly, or `*`.
fn matches(headers: &HeaderMap, etag: &str) -> bool {
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}
