//! `POST /v1/preferences`: the shopper's rules, wishes and saved offers, the same on all of the shopper's devices.

use axum::Json;
use axum::extract::State;
use patron_core::sync::wire::{PreferencesReply, SignedPreferences};

use super::App;
use super::body::Packed;
use super::caller::Caller;
use super::problem::{Kind, Problem};
use crate::preferences;
use crate::store::Work;

/// Keeps what a device sends, where it began from what is held; answers with what is held where it did not.
#[utoipa::path(
    post,
    path = "/v1/preferences",
    request_body(content = ref("#/components/schemas/SignedPreferences"), content_type = "application/json"),
    responses(
        (status = 200, description = "Stored, or what is held instead", body = ref("#/components/schemas/PreferencesReply")),
        (status = 400, description = "Nothing was stored", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 401, description = "No key, or an unknown one", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 403, description = "A partner's key", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 409, description = "Not the installation's key, no account, no yes, or erased", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 413, description = "Too large", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 415, description = "Neither JSON nor packed as zstd or gzip", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 429, description = "Too much at once, or the tenant is at its limit; see retry-after", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 503, description = "Later; see retry-after", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
    ),
    security(("key" = []))
)]
pub(crate) async fn preferences(
    caller: Caller,
    State(app): State<App>,
    body: Packed,
) -> Result<Json<PreferencesReply>, Problem> {
    let body = body.open(&app).await?;
    let sent: SignedPreferences = body.json()?;
    let told = tokio::task::spawn_blocking(move || preferences::read(&sent))
        .await
        .map_err(|_| Problem::new(Kind::Internal, "checking the signature failed"))?
        .map_err(Problem::malformed)?;
    let reply = app.writer.ask(|reply| Work::Preferences { tenant: caller.tenant, told, reply }).await?;
    Ok(Json(reply))
}
