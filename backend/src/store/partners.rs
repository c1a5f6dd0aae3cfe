//! What shoppers share with one partner, page by page.

use std::collections::HashMap;
use std::sync::Arc;

use patron_core::clock;
use patron_core::consent::Purpose;
use rusqlite::{Connection, OptionalExtension, params};

use super::consents::epoch;
use super::standing::Timeline;
use super::{Failure, Reader, StoreError, now, preferences, signing};
use crate::partner::{self, Cursors, Told};
use crate::tenant::Tenant;

/// Events of the partner that are looked at for one page: some milliseconds. Most may be of shoppers who do
/// not share.
const LOOKED_AT: usize = 2_000;

/// Events in one page.
const PAGE: usize = 500;

/// Some of what is shared.
pub(crate) struct Page {
    pub(crate) events: Vec<Told>,
    /// Where the next one begins.
    pub(crate) next: String,
    /// Whether there may be more now.
    pub(crate) more: bool,
}

impl Reader {
    /// What is shared with `partner` behind `after`; `None` when that is no cursor of this partner's.
    pub(crate) async fn shared_with(
        &self,
        tenant: Tenant,
        partner: Arc<str>,
        after: Option<String>,
    ) -> Result<Option<Page>, Failure> {
        self.read(move |connection| {
            // One state of the database: no withdrawal falls between a look at it and a look at the events.
            let state = connection.unchecked_transaction()?;
            page(&state, &tenant, &partner, after.as_deref())
        })
        .await
    }
}

fn page(
    connection: &Connection,
    tenant: &Tenant,
    partner: &str,
    after: Option<&str>,
) -> Result<Option<Page>, StoreError> {
    let now_ms = clock::parse_rfc3339(&now()).unwrap_or(i64::MAX);
    let secret = signing::seed(connection, tenant)?;
    let cursors = Cursors::new(&secret, partner).ok_or(rusqlite::Error::InvalidQuery)?;
    let after = match after.map(|cursor| cursors.read(cursor)) {
        None => 0,
        Some(Some(seq)) => seq,
        Some(None) => return Ok(None),
    };
    let mut query = connection.prepare_cached(
        "SELECT seq, installation, consent_epoch, type, coalesce(occurred_at, received_at), body FROM event
         WHERE tenant = ?1 AND partner = ?2 AND seq > ?3 ORDER BY seq LIMIT ?4",
    )?;
    let mut rows = query.query(params![tenant.as_str(), partner, after as i64, LOOKED_AT as i64])?;
    let mut known: HashMap<String, Option<Sharing>> = HashMap::new();
    let (mut events, mut last, mut looked_at) = (Vec::new(), after, 0);
    while events.len() < PAGE
        && let Some(row) = rows.next()?
    {
        looked_at += 1;
        last = epoch(row, 0)?;
        let installation: String = row.get(1)?;
        if !known.contains_key(&installation) {
            let sharing = Sharing::read(connection, tenant.as_str(), &installation, partner)?;
            known.insert(installation.clone(), sharing);
        }
        let Some(Some(sharing)) = known.get(&installation) else { continue };
        let (kind, at, body): (String, String, String) = (row.get(3)?, row.get(4)?, row.get(5)?);
        let at_ms = clock::parse_rfc3339(&at).unwrap_or(i64::MAX);
        if last > sharing.since && sharing.timeline.covers(epoch(row, 2)?, at_ms, now_ms) {
            events.extend(partner::told(&sharing.name, &kind, &at, &body));
        }
    }
    let more = looked_at == LOOKED_AT || events.len() == PAGE;
    let mut nonce = [0; 16];
    nonce.copy_from_slice(&signing::secret()?[..16]);
    Ok(Some(Page { events, next: cursors.write(last, nonce), more }))
}

/// That a shopper shares with the partner now.
struct Sharing {
    /// The shopper's name for this partner.
    name: String,
    /// What came up to here was told under another one, or is told to nobody: a partner that heard one event
    /// under two names would know whose both are.
    since: u64,
    timeline: Timeline,
}

impl Sharing {
    /// `None` where the installation has no name for the partner now, a signal from outside lowers sharing, or the
    /// shopper said no on another device: this one may lie in a drawer, and not hear of it for long.
    fn read(
        connection: &Connection,
        tenant: &str,
        installation: &str,
        partner: &str,
    ) -> rusqlite::Result<Option<Self>> {
        let name: Option<(String, u64)> = connection
            .prepare_cached(
                "SELECT name, since FROM pseudonym JOIN standing USING (tenant, installation)
                 WHERE tenant = ?1 AND installation = ?2 AND partner = ?3 AND told
                   AND instr(lowered, '\"partner_sharing\"') = 0",
            )?
            .query_row(params![tenant, installation, partner], |row| Ok((row.get(0)?, epoch(row, 1)?)))
            .optional()?;
        let Some((name, since)) = name else { return Ok(None) };
        let purpose = Purpose::PartnerSharing { partner: partner.to_owned() };
        if let Some(shopper) = preferences::shopper(connection, tenant, installation)?
            && preferences::unheard_no(connection, tenant, installation, shopper, &purpose)?
        {
            return Ok(None);
        }
        let timeline = Timeline::read(connection, tenant, installation, &purpose)?;
        Ok(Some(Self { name, since, timeline }))
    }
}
