//! Everything that is known of the shopper, each item with where it came from, what it is used
//! for, and the yes under which it was taken.

use serde_json::{Value, json};

use super::rights::{Exported, Proof};
use super::{Engine, key};
use crate::clock::{self, Now};
use crate::consent::{PreciseLocation, Purpose, PurposeKind, consent_record};
use crate::error::Error;
use crate::offer::{Moments, Person, exported_terms};
use crate::place::Witness;
use crate::store::{Batch, dead_letters};
use crate::sync::wire::RightKind;

/// The form of an export.
const FORMAT: &str = "patron-export-1";

/// The whole queue.
const ALL: Batch = Batch { id: uuid::Uuid::nil(), first: i64::MIN, last: i64::MAX };

impl Engine {
    /// A JSON document. What the backend knows is in it once it was asked for and came.
    pub(super) fn export(&self, now: Now) -> Result<String, Error> {
        let ledger = self.ledger()?;
        let catalogue = &self.terms.catalogue;
        let pseudonyms: serde_json::Map<String, Value> =
            self.pseudonyms().into_iter().map(|(partner, name)| (partner, json!(name))).collect();
        let exported: Option<Exported> = self.store.meta(key::EXPORT)?;
        let proof: Option<Proof> = self.store.meta(key::PROOF)?;
        let asked = self.rights.iter().any(|right| right.kind == RightKind::Export);
        let document = json!({
            "format": FORMAT,
            "made_at": now.rfc3339(),
            "installation": self.installation,
            "account_alias": self.subject(),
            "names_for_partners": pseudonyms,
            "items": self.items(now)?,
            "consent": consent_record(self.installation, &ledger, catalogue, self.anchor.as_ref(), now.wall_ms),
            "signals": self.terms.signals,
            "asked": self.terms.prompts,
            "earlier_erasure": proof,
            "backend": {
                "state": if exported.is_some() { "received" } else if asked { "asked" } else { "not_asked" },
                "received_at": exported.as_ref().map(|exported| &exported.received_at),
                "data": exported.as_ref().map(|exported| &exported.body),
            },
        });
        serde_json::to_string_pretty(&document).map_err(|error| Error::storage(error.to_string()))
    }

    /// The ledger in the shape of ISO/IEC TS 27560; see [`consent_record`].
    pub(super) fn consent_record(&self, now: Now) -> Result<String, Error> {
        let record = consent_record(
            self.installation,
            &self.ledger()?,
            &self.terms.catalogue,
            self.anchor.as_ref(),
            now.wall_ms,
        );
        serde_json::to_string_pretty(&record).map_err(|error| Error::storage(error.to_string()))
    }

    fn items(&self, now: Now) -> Result<Vec<Value>, Error> {
        let mut items = Vec::new();
        for event in self.store.events_of(ALL)? {
            let record = event.record;
            items.push(json!({
                "kind": "event",
                "origin": origin_of_event(record.kind(), record.purpose()),
                "use": record.purpose(),
                "grant": self.grant_of(record.purpose()),
                "at": record.at().rfc3339(),
                "content": {
                    "id": record.id(),
                    "type": record.kind(),
                    "partner": record.partner(),
                    "data": serde_json::from_slice::<Value>(record.data()).ok(),
                },
            }));
        }
        for letter in self.store.dead_letters(dead_letters::MAX_KEPT)? {
            let purpose = letter.purpose.kind();
            items.push(json!({
                "kind": "refused_event",
                "origin": origin_of_event(&letter.kind, purpose),
                "use": purpose,
                "grant": self.grant_of(purpose),
                "at": clock::rfc3339(letter.at_ms),
                "content": {
                    "id": letter.id,
                    "type": letter.kind,
                    "partner": letter.partner,
                    "data": serde_json::from_str::<Value>(&letter.data).ok(),
                    "reason": letter.reason,
                    "refusals": letter.refusals,
                    "given_up_at": letter.given_up_at_ms.map(clock::rfc3339),
                },
            }));
        }
        for visit in self.tracker.visits() {
            items.push(json!({
                "kind": "open_visit",
                "origin": origin_of(visit.by),
                "use": visit.by.purpose(),
                "grant": self.grant_of(visit.by.purpose()),
                "at": clock::rfc3339(visit.entered_at_ms),
                "content": {"id": visit.id, "place": visit.place},
            }));
        }
        for (place, at) in self.codes(now)? {
            items.push(json!({
                "kind": "scanned_code",
                "origin": origin_of(Witness::CheckIn),
                "use": "that it counts once in four hours",
                "grant": Value::Null,
                "at": clock::rfc3339(at.wall_ms()),
                "content": {"place": place},
            }));
        }
        let gate = self.gate();
        let exact = gate.permit::<PreciseLocation>().and_then(|permit| self.tracker.position(&permit));
        let position = exact.map(|(latitude, longitude, _)| (latitude, longitude));
        let position = position.or(self.position.map(|(position, _)| (position.latitude, position.longitude)));
        if let Some((latitude, longitude)) = position {
            let kind = if exact.is_some() { PurposeKind::PreciseLocation } else { PurposeKind::CoarseLocation };
            items.push(json!({
                "kind": "position",
                "origin": "the operating system, handed over by the app",
                "use": kind,
                "grant": self.grant_of(kind),
                "content": {"latitude": latitude, "longitude": longitude},
            }));
        }
        items.extend(self.own_items());
        for record in self.kept()?.records() {
            items.push(json!({
                "kind": "decision", "origin": "this device, when it chose what to show", "use": "saying why, later",
                "grant": Value::Null, "at": clock::rfc3339(record.at_ms), "content": record.to_value(),
            }));
        }
        items.extend(self.dismissed.iter().map(|offer| {
            json!({
                "kind": "dismissed_offer",
                "origin": "you put it away",
                "use": PurposeKind::Engagement,
                "grant": self.grant_of(PurposeKind::Engagement),
                "content": {"offer": offer},
            })
        }));
        Ok(items)
    }

    /// The shopper's own rules, wishes and saved offers, what was shown, and what was learnt.
    fn own_items(&self) -> impl Iterator<Item = Value> {
        let own = &self.own;
        let said = |kind: &str, content: Value| json!({"kind": kind, "origin": "you said so", "use": "your own rules", "grant": Value::Null, "content": content});
        let mut items = Vec::new();
        if own.moments != Moments::NEW {
            items.push(said("rules", own.moments.to_value()));
        }
        if own.wanted.wishes().iter().next().is_some() {
            items.push(said("wishes", own.wanted.wishes().to_value()));
        }
        if own.saved.iter().next().is_some() {
            items.push(said("saved_offers", self.saved_with_terms()));
        }
        if !own.history.is_empty() {
            items.push(json!({
                "kind": "seen_offers", "origin": "what this app showed", "use": "showing less: limits of offers and partners",
                "grant": Value::Null, "content": own.history.to_value(),
            }));
        }
        if let Some(agreed) = self.agreed_preferences() {
            items.push(json!({
                "kind": "rules_on_all_devices", "origin": "what you said on your devices",
                "use": PurposeKind::Personalisation, "grant": self.grant_of(PurposeKind::Personalisation), "content": agreed,
            }));
        }
        let (told, seen) = own.person.parts();
        let mut of_person = |kind: &str, origin: &str, content: Value| {
            items.push(json!({
                "kind": kind, "origin": origin, "use": PurposeKind::Personalisation,
                "grant": self.grant_of(PurposeKind::Personalisation), "content": content,
            }));
        };
        if told != Person::NEW {
            let (segments, affinities) = (&told.segments, &told.affinities);
            let content = json!({"segments": segments, "affinities": affinities, "variables": told.facts});
            of_person("profile", "told by the app", content);
        }
        if seen != Person::NEW {
            of_person("person", "visits and events on this device", seen.to_value());
        }
        items.into_iter()
    }

    /// What the shopper saved, and on which terms each is redeemed that is still published.
    fn saved_with_terms(&self) -> Value {
        let mut rows = self.own.saved.to_value();
        for row in rows.as_array_mut().into_iter().flatten() {
            let offer = row.get("offer").and_then(Value::as_str);
            let shown = offer.zip(self.shown.as_ref()).and_then(|(id, shown)| shown.catalogue.offer(id));
            if let Some(terms) = shown.and_then(exported_terms) {
                row["terms"] = terms;
            }
        }
        rows
    }

    /// The yes that stands for `kind`: its entry in the ledger, and when.
    fn grant_of(&self, kind: PurposeKind) -> Value {
        let Some(purpose) = Purpose::from_parts(kind, None) else { return Value::Null };
        self.consents
            .grant(&purpose)
            .map_or(Value::Null, |(hash, at_ms)| json!({"decision": hash, "decided_at": clock::rfc3339(at_ms)}))
    }
}

/// Where the knowledge of a visit comes from.
fn origin_of(by: Witness) -> &'static str {
    match by {
        Witness::Position => "positions, looked at on this device",
        Witness::Beacon => "beacons, heard by this device",
        Witness::CheckIn => "a code that you scanned",
    }
}

fn origin_of_event(kind: &str, purpose: PurposeKind) -> &'static str {
    if kind == "dev.patron.beacon.zone" {
        return origin_of(Witness::Beacon);
    }
    let by = Witness::ALL.into_iter().find(|by| by.purpose() == purpose);
    by.filter(|_| kind.contains(".visit.")).map_or("the app", origin_of)
}
