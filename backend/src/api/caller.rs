//! Who calls: the tenant behind the key of a request.

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;

use super::App;
use super::problem::{Kind, Problem};
use crate::tenant::Tenant;

/// A request of a known tenant. Handlers that take one are closed to everyone else.
pub(crate) struct Caller(pub(crate) Tenant);

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get(header::AUTHORIZATION) else {
            return Err(Problem::new(
                Kind::MissingKey,
                "authorization: the header is missing; send Bearer and your key",
            ));
        };
        let key = value.to_str().ok().and_then(|value| value.split_once(' '));
        let Some((_, key)) = key.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")) else {
            return Err(Problem::new(Kind::MissingKey, "authorization: is not of the form: Bearer KEY"));
        };
        let tenant = app.keys.tenant(key.trim());
        tenant.cloned().map(Self).ok_or_else(|| Problem::new(Kind::UnknownKey, "authorization: no tenant has this key"))
    }
}
