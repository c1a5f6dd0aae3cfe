//! `GET /v1/partner/events`: what shoppers share with the partner whose key asks.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderName, HeaderValue, header};
use serde::{Deserialize, Serialize};

use super::App;
use super::caller::PartnerCaller;
use super::problem::{Kind, Problem};
use crate::partner::Told;

/// It tells of people: nothing between may keep it.
const NO_STORE: [(HeaderName, HeaderValue); 1] = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];

/// Where to go on.
#[derive(Debug, Deserialize)]
pub(crate) struct After {
    after: Option<String>,
}

/// Events that shoppers share with the partner, in the order in which they came.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct PartnerEvents {
    /// Possibly none, although there is more.
    events: Vec<Told>,
    /// What to send as `after` next time. Says nothing, and is another one each time.
    next: String,
    /// Whether to ask again at once.
    more: bool,
}

/// What shoppers share with the partner: as long as they do, and nothing that says who they are.
#[utoipa::path(
    get,
    path = "/v1/partner/events",
    params(("after" = Option<String>, Query, description = "The `next` of an earlier answer; from the beginning without it")),
    responses(
        (status = 200, description = "The next events", body = PartnerEvents),
        (status = 400, description = "`after` is not of an answer to this partner", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 401, description = "No key, or an unknown one", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 403, description = "Not a partner's key", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 429, description = "The partner is at its limit; see retry-after", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 503, description = "Later; see retry-after", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
    ),
    security(("key" = []))
)]
pub(crate) async fn events(
    caller: PartnerCaller,
    State(app): State<App>,
    asked: Result<Query<After>, QueryRejection>,
) -> Result<([(HeaderName, HeaderValue); 1], Json<PartnerEvents>), Problem> {
    let not_a_cursor = || Problem::new(Kind::Malformed, "after: is not the `next` of an answer to this partner");
    let Query(After { after }) = asked.map_err(|_| not_a_cursor())?;
    let page = app.reader.shared_with(caller.tenant, caller.partner, after).await?.ok_or_else(not_a_cursor)?;
    Ok((NO_STORE, Json(PartnerEvents { events: page.events, next: page.next, more: page.more })))
}
