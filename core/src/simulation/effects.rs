//! What the engine asks for is done, in its order; the books hear what callers do, and what leaves the device is read first.

use super::device::Device;
use super::network::Sending;
use super::{Held, broken, ensure};
use crate::engine::Effects;
use crate::observe::Change;
use crate::sync::Request;
use crate::sync::wire::{EVENTS_PATH, EventBatch};

impl Device {
    /// Notes what the ring has made durable since it was last looked at: as it is now, or as `died`
    /// shows it.
    pub(super) fn look_at_ring(&mut self, died: Option<&[u8]>) -> Held {
        let Some((ring, seen)) = &mut self.ring else { return Ok(()) };
        if std::mem::replace(seen, ring.syncs()) == *seen {
            return Ok(());
        }
        match died {
            Some(image) => self.mapped.synced(image),
            None => self.mapped.synced(&self.mapped.camera()()?),
        }
        Ok(())
    }

    pub(super) fn carry_out(&mut self, effects: Effects) -> Held {
        if !self.disk.is_dead() {
            self.look_at_ring(None)?;
        }
        let visits = (effects.changes.iter())
            .filter_map(|change| match change {
                Change::Visit(told) => told.event.map(|event| (event, told.by.purpose())),
                Change::Zone(told) => told.event.map(|event| (event, crate::consent::PurposeKind::Beacons)),
                _ => None,
            })
            .collect::<Vec<_>>();
        if self.disk.is_dead() {
            // It died before it could tell anyone.
            self.untold += visits.len() as u64 + effects.unsaid;
            return Ok(());
        }
        self.books.unsaid(effects.unsaid);
        if let Some(ticket) = effects.abort {
            self.network.abort(ticket);
        }
        let is_silent = self.publisher_forbids()?;
        let was_silent = std::mem::replace(&mut self.is_silent, is_silent);
        ensure(visits.is_empty() || !(was_silent && is_silent), || {
            "a visit was recorded against the publisher's word".to_owned()
        })?;
        effects.answers.into_iter().for_each(|answer| answer());
        for (visit, purpose) in visits {
            ensure(self.books.may_record(purpose), || format!("a visit was recorded without {purpose:?}"))?;
            self.books.visited(visit, purpose);
        }
        if self.life()?.ring.is_empty() {
            self.books.queued();
        }
        if let Some((ticket, request)) = effects.send {
            self.report.requests += 1;
            self.inspect(&request)?;
            let sending = Sending { request, at: self.moment() };
            ensure(self.network.send(ticket, sending), || "two requests are in flight".to_owned())?;
        }
        Ok(())
    }

    fn inspect(&mut self, request: &Request) -> Held {
        let packed = request.headers.iter().any(|(name, _)| name == "content-encoding");
        let body = if packed { zstd::decode_all(request.body.as_slice())? } else { request.body.clone() };
        self.journal.absorb(&body);
        let path = request.url.find("/v1/").map_or("", |at| &request.url[at..]);
        if path != EVENTS_PATH {
            self.note(format!("sends {path}"));
            return Ok(());
        }
        let batch: EventBatch = match serde_json::from_slice(&body) {
            Ok(batch) => batch,
            Err(error) => return broken(format!("a batch that does not read: {error}")),
        };
        let epoch = batch.events.iter().map(|event| event.consentepoch).max();
        self.note(format!("sends {} events of epoch {epoch:?} as {}", batch.events.len(), batch.installation));
        ensure(!batch.events.is_empty(), || "a batch of nothing".to_owned())?;
        self.books.sends(batch.batch, batch.installation, batch.events.iter().map(|event| event.id).collect())
    }
}
