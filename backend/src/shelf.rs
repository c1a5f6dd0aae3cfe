//! What each tenant serves now, and what waits for its time: swapped in one step, so that a device gets the old
//! catalogue or the new one and never a mixture.
//!
//! Readers take no lock. Changes of one tenant come one after the other, are on disk before anyone sees them, and go
//! on when whoever asked for them hangs up. There is no timer: what waits is published by the first request behind
//! its time, whatever that asks for.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use patron_core::clock::rfc3339;
use tokio::sync::Mutex;

use crate::catalogue::Published;
use crate::store::{Change, Failure, Work, Writer};
use crate::tenant::Tenant;

/// A catalogue that waits.
#[derive(Debug, Clone)]
pub(crate) struct Waiting {
    pub(crate) catalogue: Published,
    /// When it is published, milliseconds since the Unix epoch.
    pub(crate) at_ms: i64,
}

/// What one tenant has.
#[derive(Debug, Clone)]
pub(crate) struct Stand {
    pub(crate) live: Published,
    /// RFC 3339; `None` while nothing was published.
    pub(crate) published_at: Option<String>,
    pub(crate) waiting: Option<Waiting>,
}

impl Stand {
    fn is_due(&self, now_ms: i64) -> bool {
        self.waiting.as_ref().is_some_and(|waiting| waiting.at_ms <= now_ms)
    }

    /// What a change would replace: for one that waits, what waits already.
    fn replaced(&self, change: &Change) -> &Published {
        match (change, &self.waiting) {
            (Change::Schedule(_) | Change::Cancel, Some(waiting)) => &waiting.catalogue,
            _ => &self.live,
        }
    }

    fn after(&self, change: Change, published_at: Option<String>) -> Self {
        let Self { live, waiting, .. } = self.clone();
        match change {
            Change::Publish(live) => Self { live, published_at, waiting },
            Change::Schedule(waiting) => Self { live, published_at, waiting: Some(waiting) },
            Change::Cancel => Self { live, published_at, waiting: None },
            Change::Due(now_ms) => match waiting {
                Some(waiting) if waiting.at_ms <= now_ms => {
                    Self { live: waiting.catalogue, published_at, waiting: None }
                }
                waiting => Self { live, published_at, waiting },
            },
        }
    }
}

/// Why a change was not made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NotChanged {
    /// What it would replace is not what its author knew; this is its tag.
    Replaced { etag: String },
    /// The store could not.
    Failed(Failure),
}

/// What all tenants have. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Shelf(Arc<HashMap<Tenant, Slot>>);

struct Slot {
    stand: ArcSwap<Stand>,
    /// Held by whoever changes it.
    changing: Mutex<()>,
}

impl Shelf {
    pub(crate) fn new(stands: HashMap<Tenant, Stand>) -> Self {
        let slot = |stand| Slot { stand: ArcSwap::from_pointee(stand), changing: Mutex::new(()) };
        Self(Arc::new(stands.into_iter().map(|(tenant, stand)| (tenant, slot(stand))).collect()))
    }

    /// What `tenant` has at `now_ms`; `None` for a tenant that was not there at the start.
    ///
    /// While the store refuses, what was live is live, and the next request tries again.
    pub(crate) async fn at(&self, writer: &Writer, tenant: &Tenant, now_ms: i64) -> Option<Arc<Stand>> {
        let stand = self.0.get(tenant)?.stand.load_full();
        if !stand.is_due(now_ms) {
            return Some(stand);
        }
        match self.change(writer, tenant, Change::Due(now_ms), None).await? {
            Ok(stand) => Some(stand),
            Err(why) => {
                tracing::warn!(tenant = tenant.as_str(), ?why, "a catalogue is due and could not be published yet");
                Some(stand)
            }
        }
    }

    /// Makes a change. `expected` are the tags that its author takes for the one that it replaces; `None` for any.
    pub(crate) async fn change(
        &self,
        writer: &Writer,
        tenant: &Tenant,
        change: Change,
        expected: Option<Vec<String>>,
    ) -> Option<Result<Arc<Stand>, NotChanged>> {
        self.0.get(tenant)?;
        let (shelf, writer, tenant) = (self.clone(), writer.clone(), tenant.clone());
        // A client that hangs up drops its handler: between the commit and the swap, that would leave another
        // catalogue in memory than on disk.
        let changed = tokio::spawn(async move {
            let slot = shelf.0.get(&tenant)?;
            let _changing = slot.changing.lock().await;
            let before = slot.stand.load_full();
            if matches!(&change, Change::Due(now_ms) if !before.is_due(*now_ms)) {
                return Some(Ok(before));
            }
            let replaced = &before.replaced(&change).etag;
            if expected.is_some_and(|tags| !tags.iter().any(|tag| tag == "*" || tag == replaced)) {
                return Some(Err(NotChanged::Replaced { etag: replaced.clone() }));
            }
            let asked = change.clone();
            let on_disk = writer.ask(|reply| Work::Catalogue { tenant: tenant.clone(), change: asked, reply }).await;
            let published_at = match on_disk {
                Ok(published_at) => published_at,
                Err(failure) => return Some(Err(NotChanged::Failed(failure))),
            };
            let after = Arc::new(before.after(change, published_at));
            slot.stand.store(Arc::clone(&after));
            log(&tenant, &before, &after);
            Some(Ok(after))
        });
        changed.await.unwrap_or(Some(Err(NotChanged::Failed(Failure::Storage))))
    }
}

fn log(tenant: &Tenant, before: &Stand, after: &Stand) {
    let tenant = tenant.as_str();
    if before.live.etag != after.live.etag {
        tracing::info!(tenant, version = after.live.version, "catalogue published");
    }
    let told = |stand: &Stand| stand.waiting.as_ref().map(|waiting| (waiting.catalogue.etag.clone(), waiting.at_ms));
    if told(before) != told(after) {
        match &after.waiting {
            Some(Waiting { catalogue, at_ms }) => {
                tracing::info!(tenant, version = catalogue.version, at = rfc3339(*at_ms), "a catalogue waits");
            }
            None => tracing::info!(tenant, "no catalogue waits any more"),
        }
    }
}

#[cfg(test)]
#[path = "shelf_tests.rs"]
mod tests;
