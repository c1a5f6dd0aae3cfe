//! What changed since a catalogue that a device has, worked out once for all devices that have it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use axum::http::HeaderMap;
use patron_core::sync::DELTA_IM;
use tokio::sync::OnceCell;

use crate::catalogue::Published;
use crate::delta;
use crate::store::Reader;
use crate::tenant::Tenant;

/// `None` inside where the delta would be too long.
type Made = Arc<OnceCell<Option<Bytes>>>;

/// Bases of one tenant that are worked on or remembered at once. It keeps eight; the others are being looked for.
const REMEMBERED: usize = 32;

/// The deltas to what each tenant serves now. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Deltas(Arc<Mutex<HashMap<Tenant, ToOne>>>);

/// The deltas to one catalogue, by the tags of their bases.
#[derive(Default)]
struct ToOne {
    etag: String,
    by_base: HashMap<String, Made>,
}

impl Deltas {
    /// What makes `published` out of what was served under `base`. After a publication all devices ask at
    /// once: one of them has it worked out, the others wait for that. `None` where the whole is to be sent.
    pub(super) async fn since(
        &self,
        reader: &Reader,
        tenant: &Tenant,
        base: &str,
        published: &Published,
    ) -> Option<Bytes> {
        let made = self.place(tenant, base, &published.etag)?;
        let make = || async {
            // Neither a base that is not kept nor a database that does not read is remembered.
            let old = reader.past_catalogue(tenant.clone(), base.to_owned()).await.ok().flatten().ok_or(())?;
            let new = published.body.clone();
            let work = move || delta::between(std::str::from_utf8(&old).ok()?, std::str::from_utf8(&new).ok()?);
            tokio::task::spawn_blocking(work).await.map_err(|_| ())
        };
        made.get_or_try_init(make).await.ok().cloned().flatten()
    }

    fn place(&self, tenant: &Tenant, base: &str, etag: &str) -> Option<Made> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = all.entry(tenant.clone()).or_default();
        if known.etag != etag {
            *known = ToOne { etag: etag.to_owned(), by_base: HashMap::new() };
        }
        if known.by_base.len() >= REMEMBERED && !known.by_base.contains_key(base) {
            // Those of which nothing was found, and at which nobody is any more.
            known.by_base.retain(|_, made| made.initialized() || Arc::strong_count(made) > 1);
        }
        if known.by_base.len() >= REMEMBERED {
            return known.by_base.get(base).map(Arc::clone);
        }
        Some(Arc::clone(known.by_base.entry(base.to_owned()).or_default()))
    }
}

/// The tag of the catalogue that the device can apply a delta to, where it asks for one.
pub(super) fn asked_for(headers: &HeaderMap) -> Option<&str> {
    let ways = headers.get_all("a-im").iter().filter_map(|value| value.to_str().ok()).flat_map(|list| list.split(','));
    let ours = ways.map(|way| way.split(';').next().unwrap_or_default().trim());
    ours.into_iter().find(|way| way.eq_ignore_ascii_case(DELTA_IM))?;
    // One tag and a strong one: what the device has, byte for byte.
    let tag = headers.get(axum::http::header::IF_NONE_MATCH)?.to_str().ok()?.trim();
    (tag.len() <= 64 && tag.starts_with('"') && tag.ends_with('"') && !tag.contains(',')).then_some(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(headers: &[(&'static str, &str)]) -> Option<String> {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (axum::http::HeaderName::from_static(name), value.parse().unwrap()))
            .collect();
        asked_for(&headers).map(str::to_owned)
    }

    #[test]
    fn a_delta_is_for_one_strong_tag_and_for_who_asks() {
        let tag = ("if-none-match", "\"v1\"");
        assert_eq!(asked(&[("a-im", "patron-delta"), tag]).as_deref(), Some("\"v1\""));
        assert_eq!(asked(&[("a-im", "gzip, Patron-Delta;q=1"), tag]).as_deref(), Some("\"v1\""));
        assert_eq!(asked(&[tag]), None);
        assert_eq!(asked(&[("a-im", "vcdiff"), tag]), None);
        for tags in ["W/\"v1\"", "\"v1\", \"v2\"", "*", "", "\"v1"] {
            assert_eq!(asked(&[("a-im", "patron-delta"), ("if-none-match", tags)]), None, "{tags}");
        }
    }

    #[test]
    fn tags_of_which_nothing_is_known_take_no_place_of_one_that_is() {
        let deltas = Deltas::default();
        let tenant = Tenant::stored("shop");
        let place = |base: usize, etag: &str| deltas.place(&tenant, &base.to_string(), etag);
        place(0, "now").unwrap().set(Some(Bytes::from_static(b"{}"))).unwrap();
        assert!((1..1_000).all(|base| place(base, "now").is_some()));
        assert!(place(0, "now").unwrap().initialized());
        let at_work: Vec<Made> = (1..1_000).filter_map(|base| place(base, "now")).collect();
        assert!(at_work.len() < REMEMBERED && place(1_000, "now").is_none(), "no more at once");
        assert!(!place(0, "later").unwrap().initialized(), "what is published next begins anew");
    }
}
