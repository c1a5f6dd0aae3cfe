//! `GET /v1/keys`: what the backend countersigns ledgers with.

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use super::App;
use super::caller::Caller;
use super::problem::{Kind, Problem};

/// The keys that the tenant's backend signs with.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct PublicKeys {
    /// One today; more while one replaces another.
    keys: [PublicKey; 1],
}

/// The public half of a key.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct PublicKey {
    /// `Ed25519`.
    algorithm: &'static str,
    /// `ledger_head`: the anchors of consent.
    signs: &'static str,
    /// In hexadecimal digits.
    key: String,
}

/// What the heads of ledgers are countersigned with: for whoever checks one later.
#[utoipa::path(
    get,
    path = "/v1/keys",
    responses(
        (status = 200, description = "The public keys", body = PublicKeys),
        (status = 401, description = "No key, or an unknown one", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 403, description = "A partner's key", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        (status = 429, description = "The tenant is at its limit; see retry-after", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
    ),
    security(("key" = []))
)]
pub(crate) async fn keys(Caller { tenant, .. }: Caller, State(app): State<App>) -> Result<Json<PublicKeys>, Problem> {
    let key = app.signing.get(&tenant).cloned();
    let key =
        key.ok_or_else(|| Problem::new(Kind::Internal, "the tenant was set up without a key; restart the backend"))?;
    Ok(Json(PublicKeys { keys: [PublicKey { algorithm: "Ed25519", signs: "ledger_head", key }] }))
}
