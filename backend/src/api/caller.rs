//! Who calls: the tenant behind the key of a request and what it has left, a partner of it, or its publisher.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;

use super::App;
use super::problem::{Kind, Problem};
use crate::limits::Allowance;
use crate::tenant::{Holder, Opens, Tenant};

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
        let holder = holder(parts, app)?;
        let other = match holder.opens {
            Opens::Wire => None,
            Opens::Partner(_) => Some("authorization: a partner's key opens /v1/partner/events alone"),
            Opens::Admin => Some("authorization: a publisher's key opens /v1/admin alone"),
        };
        if let Some(why) = other {
            return Err(Problem::new(Kind::NotForThisKey, why));
        }
        let caller = Self { allowance: app.limits.of(&holder.tenant), tenant: holder.tenant };
        let now = Instant::now();
        caller.allowance.request(now).map_err(|wait| caller.over_the_limit("requests", now, wait))?;
        // For the body, which takes one of the tenant's places before it is read.
        parts.extensions.insert(Arc::clone(&caller.allowance));
        Ok(caller)
    }
}

/// A request of a partner, who sees what shoppers share with it and nothing else.
pub(crate) struct PartnerCaller {
    pub(crate) tenant: Tenant,
    pub(crate) partner: Arc<str>,
}

impl FromRequestParts<App> for PartnerCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let holder = holder(parts, app)?;
        let Opens::Partner(partner) = holder.opens else {
            return Err(Problem::new(Kind::NotForThisKey, "authorization: only a partner's key opens this"));
        };
        // What it asks for is not taken from what the tenant's apps may ask. No tenant has such a name.
        let allowance = app.limits.of(&Tenant::stored(&format!("{}/{partner}", holder.tenant.as_str())));
        allowance.request(Instant::now()).map_err(|wait| {
            Problem::later(Kind::TooManyRequests, "more requests than one may send in a second", wait)
        })?;
        Ok(Self { tenant: holder.tenant, partner })
    }
}

/// A request of a tenant's publisher, who publishes and asks how that goes.
pub(crate) struct PublisherCaller {
    pub(crate) tenant: Tenant,
}

impl FromRequestParts<App> for PublisherCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let holder = holder(parts, app)?;
        if holder.opens != Opens::Admin {
            return Err(Problem::new(Kind::NotForThisKey, "authorization: only a publisher's key opens this"));
        }
        // As a partner's, and apart from any partner's: no tenant's name is empty.
        let allowance = app.limits.of(&Tenant::stored(&format!("/{}", holder.tenant.as_str())));
        allowance.request(Instant::now()).map_err(|wait| {
            Problem::later(Kind::TooManyRequests, "more requests than one may send in a second", wait)
        })?;
        Ok(Self { tenant: holder.tenant })
    }
}

/// Whose key the request carries.
fn holder(parts: &Parts, app: &App) -> Result<Holder, Problem> {
    let Some(value) = parts.headers.get(header::AUTHORIZATION) else {
        return Err(Problem::new(Kind::MissingKey, "authorization: the header is missing; send Bearer and your key"));
    };
    let key = value.to_str().ok().and_then(|value| value.split_once(' '));
    let Some((_, key)) = key.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")) else {
        return Err(Problem::new(Kind::MissingKey, "authorization: is not of the form: Bearer KEY"));
    };
    let holder = app.keys.holder(key.trim()).cloned();
    holder.ok_or_else(|| Problem::new(Kind::UnknownKey, "authorization: no tenant has this key"))
}
