//! Who calls: the tenant behind the key of a request, and what it has left.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;

use super::App;
use super::problem::{Kind, Problem};
use crate::limits::Allowance;
use crate::tenant::Tenant;

/// A request of a known tenant, within what it may ask for. Handlers that take one are closed to everyone else.
pub(crate) struct Caller {
    pub(crate) tenant: Tenant,
    pub(crate) allowance: Arc<Allowance>,
}

impl Caller {
    /// Answers before a body is inflated of which no event would be taken.
    pub(crate) fn may_send_events(&self) -> Result<(), Problem> {
        let now = Instant::now();
        self.allowance.any_event(now).map_err(|wait| self.over_the_limit("events", now, wait))
    }

    /// Takes `count` events out of what the tenant has left, or none.
    pub(crate) fn take_events(&self, count: usize) -> Result<(), Problem> {
        let now = Instant::now();
        self.allowance.events(now, count).map_err(|wait| self.over_the_limit("events", now, wait))
    }

    fn over_the_limit(&self, what: &str, now: Instant, wait: Duration) -> Problem {
        if self.allowance.worth_telling(now) {
            tracing::warn!(tenant = self.tenant.as_str(), what, "a tenant is at its limit; told once a minute");
        }
        Problem::later(Kind::TooManyRequests, format!("more {what} than this tenant may send in a second"), wait)
    }
}

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
        let Some(tenant) = app.keys.tenant(key.trim()).cloned() else {
            return Err(Problem::new(Kind::UnknownKey, "authorization: no tenant has this key"));
        };
        let caller = Self { allowance: app.limits.of(&tenant), tenant };
        let now = Instant::now();
        caller.allowance.request(now).map_err(|wait| caller.over_the_limit("requests", now, wait))?;
        Ok(caller)
    }
}
