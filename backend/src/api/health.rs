//! `GET /health`: whether this backend can store and read now.

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use super::App;
use super::problem::{Kind, Problem};

/// What a load balancer asks for.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Health {
    /// `ok`; anything else is a problem with another status.
    status: &'static str,
    /// The version of patron-backend.
    version: &'static str,
    /// The version of SQLite.
    sqlite: &'static str,
}

/// Whether the backend can store and read now. Needs no key.
#[utoipa::path(
    get,
    path = "/health",
    responses(
        (status = 200, description = "It can", body = Health),
        (status = 503, description = "It cannot", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
    )
)]
pub(crate) async fn health(State(app): State<App>) -> Result<Json<Health>, Problem> {
    if !app.writer.is_running() {
        return Err(Problem::new(Kind::Storage, "the database writer has stopped; restart the backend"));
    }
    app.reader.check().await?;
    Ok(Json(Health { status: "ok", version: env!("CARGO_PKG_VERSION"), sqlite: rusqlite::version() }))
}
