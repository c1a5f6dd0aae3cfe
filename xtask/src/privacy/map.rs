//! `docs/privacy/data-map.md`: each kind of data, from where, what for, where it lies, how long, who hears.

use std::collections::BTreeSet;

use super::Event;
use super::kinds::{ENVELOPE, Kind};

/// What is not an event: data, origin, what for, where, how long, who hears of it.
const BESIDE_EVENTS: [[&str; 6]; 21] = [
    [
        "Decisions of consent, refusals too",
        "the shopper",
        "needs no grant: it is the shopper's own act",
        "main database",
        "until signing out",
        "the retailer's backend, first of all",
    ],
    [
        "Events that the backend refused",
        "as above",
        "so that QA can see why",
        "main database",
        "the last 1,000; gone at once when withdrawn",
        "nobody",
    ],
    [
        "Signals: permissions, ATT, GPC, age, region, the banner's strings",
        "the host app",
        "takes away from what is granted",
        "main database",
        "until declared again",
        "nobody; the retailer's backend hears which purposes they lower",
    ],
    [
        "Which questions of consent were shown, and when",
        "the host app",
        "needs no grant: nobody is asked too often",
        "main database",
        "until signing out",
        "nobody",
    ],
    [
        "Names for partners",
        "Patron, from a secret of the account or the device",
        "`PartnerSharing`: one for each partner",
        "nowhere: they are reckoned when they are told",
        "–",
        "the retailer's backend; each partner its own",
    ],
    [
        "Requests to the backend to erase, and to show",
        "the shopper",
        "needs no grant: it is the shopper's own act",
        "main database",
        "until the backend has done it, also behind signing out; to show, until signing out",
        "the retailer's backend",
    ],
    [
        "What the backend gave to see",
        "the retailer's backend, because the shopper asked",
        "to be in the next export",
        "main database",
        "until anything is withdrawn, or signing out",
        "nobody",
    ],
    [
        "That everything was erased: when, and the head of the ledger that went",
        "Patron",
        "the proof of it",
        "main database",
        "until everything is erased again",
        "nobody",
    ],
    [
        "The installation's random id",
        "Patron",
        "`source` of every event",
        "main database",
        "until signing out",
        "the retailer's backend",
    ],
    [
        "The account's alias",
        "the retailer's backend",
        "`subject` of every event",
        "main database",
        "until signing out",
        "the retailer's backend",
    ],
    [
        "Positions",
        "the platform, by the app",
        "`CoarseLocation`, `PreciseLocation`: visits and offers of a place",
        "memory; the last exact one in the main database",
        "until the next one, or withdrawn",
        "nobody",
    ],
    [
        "Which places the shopper is in",
        "Patron, from positions, beacons and scanned codes",
        "`PreciseLocation`, `Beacons`; a scanned code needs no grant",
        "main database",
        "until left, or withdrawn",
        "nobody but by the visit's events",
    ],
    [
        "Which printed codes the shopper scanned",
        "the shopper",
        "needs no grant: that one counts once in four hours",
        "main database",
        "four hours, and until the app is opened next",
        "nobody",
    ],
    [
        "Offers that were put away",
        "the shopper",
        "`Engagement`",
        "main database",
        "until withdrawn, or signing out",
        "nobody but by the event",
    ],
    [
        "The shopper's rules, wishes and saved offers",
        "the shopper",
        "needs no grant: less comes, and what fits better; `Personalisation`: on the account's other devices too",
        "main database",
        "until taken back, or signing out",
        "nobody; while signed in, and under `Personalisation`, the retailer's backend until withdrawn, but for unseen visits",
    ],
    [
        "Which offers were seen, and which spoke up",
        "Patron, from what the app showed",
        "needs no grant: limits of how often; a partner's go with `PartnerOffers`",
        "main database",
        "30 days, 2,000 at most, or signing out",
        "nobody but by the event",
    ],
    [
        "When the shopper came where, and did what",
        "Patron, from visits and events",
        "`Personalisation`: whom an offer is for, and what fits",
        "main database",
        "the last 200 of each; gone at once when withdrawn, or signing out",
        "nobody",
    ],
    [
        "What the app knows of the shopper: segments, affinities, variables of rules",
        "the host app",
        "`Personalisation`: whom an offer is for, and what fits",
        "main database",
        "until the app takes it back; gone at once when withdrawn, or signing out",
        "nobody",
    ],
    [
        "Decisions: what was looked at, and what was chosen",
        "Patron",
        "saying why, later; nothing that was not granted is in one",
        "main database",
        "the last 20; gone when what a purpose captured is taken back, or signing out",
        "nobody",
    ],
    [
        "The catalogue of offers and places",
        "the retailer's backend",
        "the same for everyone",
        "offers database",
        "7 days at most",
        "nobody",
    ],
    [
        "Pictures of offers",
        "the publishers' servers, when the app asks",
        "a partner's under `PartnerOffers`; they hear an address on the network and no name",
        "the folder `images`",
        "until the offer leaves, 16 MiB at most, or withdrawn, or signing out",
        "nobody",
    ],
];

/// The text.
pub fn text(events: &[Event]) -> String {
    let mut text = String::from(HEAD);
    for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::Identity) {
        let facts = kind.facts();
        let (fields, grants) = (fields(events, kind), grants(events, kind));
        text += &format!("| {}: {fields} | {} | {grants} | {KEPT} | {} |\n", facts.title, facts.origin, heard(kind));
    }
    text += ENVELOPE_HEAD;
    for (field, meaning) in ENVELOPE {
        text += &format!("| `{field}` | {meaning} |\n");
    }
    text += BESIDE_HEAD;
    for row in BESIDE_EVENTS {
        text += &format!("| {} |\n", row.join(" | "));
    }
    text += TYPES_HEAD;
    for event in events {
        let fields: Vec<String> = event.fields.iter().map(|field| format!("`{field}`")).collect();
        let purposes: Vec<String> = event.purposes.iter().map(|purpose| format!("`{purpose}`")).collect();
        text += &format!("| `{}` | {} | {} |\n", event.name, purposes.join(", "), fields.join(", "));
    }
    text
}

/// The fields of all events of a kind, each once.
pub fn fields(events: &[Event], kind: Kind) -> String {
    let mut seen = BTreeSet::new();
    let fields = events.iter().filter(|event| event.kind == kind).flat_map(|event| &event.fields);
    fields.filter(|field| seen.insert(*field)).map(|field| format!("`{field}`")).collect::<Vec<_>>().join(", ")
}

/// The purposes that events of a kind are recorded under.
pub fn grants(events: &[Event], kind: Kind) -> String {
    let of = events.iter().filter(|event| event.kind == kind || kind == Kind::Identity);
    let grants: BTreeSet<String> = of.flat_map(|event| &event.purposes).map(|purpose| format!("`{purpose}`")).collect();
    grants.into_iter().collect::<Vec<_>>().join(", ")
}

/// Where events lie, and how long.
const KEPT: &str = "hand-over ring, then main database | until delivered, 30 days at most; gone at once when withdrawn";

/// Who hears of a kind; partners of a few fields, and of most kinds not at all.
fn heard(kind: Kind) -> &'static str {
    match kind {
        Kind::Interactions => "the retailer's backend; a partner brand only with `PartnerSharing` for it",
        Kind::Purchases => {
            "the retailer's backend; a partner brand only with `PartnerSharing` for it: that there was one, of what was \
             redeemed `offer` and `value`"
        }
        Kind::Words => "the retailer's backend; a partner brand only with `PartnerSharing` for it: a review's `rating`",
        Kind::Searches | Kind::Places | Kind::Other | Kind::Identity => "the retailer's backend",
    }
}

const HEAD: &str = "\
# The data map

Written by `cargo xtask schema` from the schema of the events; do not edit it by hand. Everything is off until the
shopper grants it, and lies in the app's own folder, readable by the app alone. At the backend events are kept for as
long as the retailer sets (`--keep-days`).

## What events say

| data | origin | under the grant | where | how long on the device | who hears of it |
|---|---|---|---|---|---|
";

const ENVELOPE_HEAD: &str = "
## What every event carries

| field | is |
|---|---|
";

const BESIDE_HEAD: &str = "
## What is no event

| data | origin | what for | where | how long | who hears of it |
|---|---|---|---|---|---|
";

const TYPES_HEAD: &str = "
## Field by field

| event | purpose | fields |
|---|---|---|
";
