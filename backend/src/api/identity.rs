//! `POST /v1/identity`: an installation is tied to an account.

use axum::Json;
use axum::extract::State;
use patron_core::sync::wire::{IdentityLink, IdentityReply};

use super::App;
use super::body::Packed;
use super::caller::Caller;
use super::problem::Problem;
use crate::store::Work;

/// Tokens are a JWT or shorter.
const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// Ties an alias on an installation to the retailer's account. Sent again, it changes nothing.
#[utoipa::path(
    post,
    path = "/v1/identity",
    request_body(content = ref("#/components/schemas/IdentityLink"), content_type = "application/json"),
    responses(
        (status = 200, description = "Stored; what the account's names for partners are made from", body = ref("#/components/schemas/IdentityReply")),
        (status = 400, description = "Nothing was stored", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 401, description = "No key, or an unknown one", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 403, description = "A partner's key", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 409, description = "The installation was erased, or is another shopper's", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 413, description = "Too large", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 415, description = "Neither JSON nor packed as zstd or gzip", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 429, description = "Too much at once, or the tenant is at its limit; see retry-after", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 503, description = "Later; see retry-after", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
    ),
    security(("key" = []))
)]
pub(crate) async fn identity(
    caller: Caller,
    State(app): State<App>,
    body: Packed,
) -> Result<Json<IdentityReply>, Problem> {
    let body = body.open(&app).await?;
    let link: IdentityLink = body.json()?;
    if link.token.is_empty() || link.token.len() > MAX_TOKEN_BYTES {
        return Err(Problem::malformed(format!("token: takes 1 to {MAX_TOKEN_BYTES} bytes")));
    }
    let reply = app.writer.ask(|reply| Work::Identity { tenant: caller.tenant, link, reply }).await?;
    Ok(Json(reply))
}
