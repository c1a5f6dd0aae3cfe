//! `POST /v1/events`: a batch in, a verdict for each event out.

use axum::Json;
use axum::extract::State;
use patron_core::sync::wire::BatchReply;

use super::App;
use super::body::Packed;
use super::caller::Caller;
use super::problem::{Kind, Problem};
use crate::batch::{self, BatchError};
use crate::store::{Work, now};

/// Stores a batch of events. Answered only when the commit is on disk.
#[utoipa::path(
    post,
    path = "/v1/events",
    request_body(content = ref("#/components/schemas/EventBatch"), content_type = "application/json"),
    responses(
        (status = 200, description = "A verdict for each event", body = ref("#/components/schemas/BatchReply")),
        (status = 400, description = "Not a batch; nothing was stored", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 401, description = "No key, or an unknown one", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 403, description = "A partner's key", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 408, description = "The body came too slowly", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 413, description = "Too large, packed or inflated, or too many events", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 415, description = "Neither JSON nor packed as zstd or gzip", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 429, description = "Too much at once, or the tenant is at its limit; see retry-after", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 503, description = "Later; see retry-after", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
    ),
    security(("key" = []))
)]
pub(crate) async fn events(caller: Caller, State(app): State<App>, body: Packed) -> Result<Json<BatchReply>, Problem> {
    caller.may_send_events()?;
    let received_ms = body.received_ms;
    let body = body.open(&app).await?;
    let batch = batch::read(&body.bytes).map_err(|error| match error {
        BatchError::Malformed(_) => Problem::malformed(error.to_string()),
        BatchError::TooMany => Problem::new(Kind::TooManyEvents, error.to_string()),
    })?;
    caller.take_events(batch.events.len() + batch.nameless)?;
    let (id, tenant) = (batch.id, caller.tenant);
    if batch.nameless > 0 {
        tracing::warn!(tenant = tenant.as_str(), nameless = batch.nameless, "events without a readable id");
    }
    let verdicts = app.writer.ask(|reply| Work::Events { tenant, batch, received_ms, reply }).await?;
    Ok(Json(BatchReply { batch: id, verdicts, server_time: now() }))
}
