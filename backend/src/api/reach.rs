//! `GET /v1/admin/reach`: how many shoppers an offer reached.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use patron_core::clock::{parse_rfc3339, rfc3339};
use serde::{Deserialize, Serialize};

use super::App;
use super::caller::PublisherCaller;
use super::problem::Problem;
use crate::floor::{Floor, Told};

const DAY_MS: i64 = 86_400_000;

/// Of which offer, and since when.
#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    offer: String,
    since: String,
}

/// How many installations did what with an offer, each once. A number is a multiple of 20, rounded down; below 20 it
/// is the words `fewer than 20`.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Reach {
    offer: String,
    /// From when on it is counted, RFC 3339: the beginning of the day that was asked for, in UTC.
    since: String,
    /// Saw it.
    #[schema(value_type = Value)]
    impressions: Told,
    /// Opened it.
    #[schema(value_type = Value)]
    clicks: Told,
    /// Kept it.
    #[schema(value_type = Value)]
    saves: Told,
    /// Used it.
    #[schema(value_type = Value)]
    redemptions: Told,
    /// Whether all that came since was looked at; if not, the newest two million events were.
    whole: bool,
}

/// How many shoppers an offer reached, rounded so that nobody shows in it.
#[utoipa::path(
    get,
    path = "/v1/admin/reach",
    params(
        ("offer" = String, Query, description = "Its id; it need not be live any more"),
        ("since" = String, Query, description = "RFC 3339; counted from the beginning of that day, in UTC"),
    ),
    responses(
        (status = 200, description = "So many at least", body = Reach),
        (status = 400, description = "`offer` or `since` is missing or wrong", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 401, description = "No key, or an unknown one", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 403, description = "Not a publisher's key", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 429, description = "The publisher is at its limit; see retry-after", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 503, description = "Later; see retry-after", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
    ),
    security(("key" = []))
)]
pub(crate) async fn reach(
    caller: PublisherCaller,
    State(app): State<App>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Reach>, Problem> {
    let Query(Asked { offer, since }) =
        asked.map_err(|_| Problem::malformed("query: offer and since are needed, each once"))?;
    let since_ms = parse_rfc3339(&since.replace(' ', "+"))
        .ok_or_else(|| Problem::malformed("since: is no time of RFC 3339, such as 2026-12-01T00:00:00Z"))?;
    // By whole days: else whoever moves the beginning by a minute sees when somebody came.
    let since = rfc3339(since_ms - since_ms.rem_euclid(DAY_MS));
    let touched = app.reader.reach(caller.tenant, offer.clone(), since.clone()).await?;
    let [impressions, clicks, saves, redemptions] = touched.counts.map(|count| Floor::Kept.tell_acts(count));
    Ok(Json(Reach { offer, since, impressions, clicks, saves, redemptions, whole: touched.whole }))
}
