//! What the demo's town sells: partners, the stores along the walk, and their offers.

use patron_core::consent::Signer;
use patron_core::offer::{Allotment, Experiment};
use patron_core::place::checkin::Code;
use serde_json::{Value, json};
use uuid::Uuid;

use super::course::Site;
use super::trace::Trace;

/// Where in the app the demo looks for offers.
pub(crate) const PLACEMENT: &str = "home";
/// The retailer's own, good anywhere: what is left when the shopper refuses everything.
pub(crate) const GENERIC: &str = "tote";
/// A partner's, good anywhere: what a yes to partners' offers adds at once.
pub(crate) const LETTER: &str = "lumi-letter";

/// Whose [`LETTER`] is.
pub(crate) const LETTER_FROM: &str = "lumi";
/// A partner that the shopper allows nothing, and an offer of theirs.
pub(crate) const NOT_TOLD: (&str, &str) = ("annas", "annas-here");
/// Two ways to say the same, of which each phone has one, by lot; once in a while is enough.
pub(crate) const VARIANTS: [&str; 2] = ["umbrella-plain", "umbrella-warm"];

/// For members of the club who have been to the walk's first store.
pub(crate) const CLUB_TABLE: &str = "club-table";
/// The segment of those members, of whom the app tells the phone.
pub(crate) const CLUB: &str = "club";
/// The days within which they have been there.
pub(crate) const CLUB_DAYS: u16 = 30;

/// What nobody can publish, and what is wrong with it: the field of the offer.
pub(crate) const MISTYPED: (&str, &str) = ("tea", "benefit.percent");

/// What the held out of a trial never see, so that the others can be compared with them.
pub(crate) const LANTERN: &str = "lantern";
/// Percent of the phones that are held out of it.
const HELD_OUT: u8 = 50;

/// Somewhere without a fence: the shopper is there when the shopper says so.
pub(crate) const KIOSK: &str = "kiosk";
/// What the kiosk has for whoever says so.
pub(crate) const HOT_DRINK: &str = "kiosk-drink";

/// Signs the codes that hang in the town.
pub(super) const TOWN_SEED: [u8; 32] = *b"the town that the demo walks in.";

/// The code on the kiosk's door, as a scanner reads it.
pub(crate) fn kiosk_code() -> String {
    Code::write(KIOSK, None, |bytes| Signer::from_seed(&TOWN_SEED).sign(bytes))
}

/// The beacon at the till of a store.
pub(crate) fn till(store: &str) -> Option<String> {
    let at = KINDS.iter().position(|kind| kind.id == store)?;
    Some(format!("ibeacon:00000000-0000-4000-8000-00000000d3e0/1/{at}"))
}

/// A kind of store. National partners, local ones and the retailer itself, and benefits that are
/// not all money.
struct Kind {
    id: &'static str,
    name: &'static str,
    /// `None` for the retailer's own house.
    partner: Option<&'static str>,
    title: &'static str,
    body: &'static str,
    benefit: fn() -> Value,
}

const KINDS: [Kind; 5] = [
    Kind {
        id: "lumi",
        name: "Lumi Coffee",
        partner: Some("Lumi Coffee"),
        title: "20 % off any cup",
        body: "Until the pot is empty.",
        benefit: || json!({ "kind": "percent", "percent": 20 }),
    },
    Kind {
        id: "annas",
        name: "Anna’s Farm Shop",
        partner: Some("Anna’s Farm Shop"),
        title: "Cheese tasting with Anna",
        body: "Ten minutes at the counter, no purchase.",
        benefit: || json!({ "kind": "experience" }),
    },
    Kind {
        id: "house",
        name: "Marketplace",
        partner: None,
        title: "First hour of the sale",
        body: "An hour before the doors open: show this card at the side door.",
        benefit: || json!({ "kind": "access" }),
    },
    Kind {
        id: "ridge",
        name: "Ridge & River",
        partner: Some("Ridge & River"),
        title: "€ 10 for old boots",
        body: "Bring them: we mend them and pass them on.",
        benefit: || json!({ "kind": "amount", "minor": 1_000, "currency": "EUR" }),
    },
    Kind {
        id: "leaf",
        name: "Page & Leaf",
        partner: Some("Page & Leaf"),
        title: "300 points with any map",
        body: "Counted at the till.",
        benefit: || json!({ "kind": "points", "points": 300 }),
    },
];

/// The last store of the walk, with the offer that shows in it.
pub(crate) fn last_store(catalogue: &Value) -> Option<(String, String)> {
    let here = catalogue["offers"].as_array()?.iter().rfind(|offer| offer["triggers"][0]["on"] == "dwell")?;
    Some((here["places"][0].as_str()?.to_owned(), here["id"].as_str()?.to_owned()))
}

/// A trial that holds out half of all phones, among them `installation`. Which half is by lot, and another lot for each
/// trial: one is drawn that leaves this phone out, so that every walk meets a control group.
fn holding_out(installation: Uuid) -> Option<Value> {
    let pseudonym = installation.to_string();
    let trial = (1..=100)
        .map(|n| Experiment { id: format!("lantern-{n}"), holdout: HELD_OUT, arms: Vec::new(), arm: None })
        .find(|trial| trial.allot(&pseudonym) == Allotment::HeldOut)?;
    Some(json!({ "id": trial.id, "holdout": trial.holdout }))
}

/// The next version: all that there was, an umbrella in two variants, and a lantern that `installation` never sees.
pub(crate) fn renewed(catalogue: &Value, installation: Uuid) -> Value {
    let mut next = catalogue.clone();
    next["version"] = "demo-2".into();
    let arms: Vec<Value> = VARIANTS.iter().map(|id| json!({ "id": id, "weight": 50 })).collect();
    let titles = ["An umbrella, lent for a day", "Stay dry on us"];
    let variants = VARIANTS.iter().zip(titles).map(|(id, title)| {
        json!({
            "id": id, "title": title, "body": "Take one at the door, bring it back tomorrow.",
            "placements": [PLACEMENT], "benefit": { "kind": "service" }, "caps": [{ "times": 1, "hours": 168 }],
            "experiment": { "id": "umbrella", "holdout": 0, "arms": arms, "arm": id },
            "starts_at": catalogue["offers"][0]["starts_at"], "expires_at": catalogue["offers"][0]["expires_at"],
        })
    });
    let mut variants: Vec<Value> = variants.collect();
    variants.push(json!({
        "id": LANTERN, "title": "A lantern for the way home", "body": "Lent at the door from four in the afternoon on.",
        "placements": [PLACEMENT], "benefit": { "kind": "service" }, "experiment": holding_out(installation),
        "starts_at": catalogue["offers"][0]["starts_at"], "expires_at": catalogue["offers"][0]["expires_at"],
    }));
    if let Some(offers) = next["offers"].as_array_mut() {
        offers.extend(variants);
    }
    next
}

/// The same with an offer of which more than all is given away. Answers also where in the document that stands.
pub(crate) fn mistyped(catalogue: &Value) -> (Value, String) {
    let (id, field) = MISTYPED;
    let mut next = catalogue.clone();
    next["version"] = "demo-mistyped".into();
    let mut at = 0;
    if let Some(offers) = next["offers"].as_array_mut() {
        at = offers.len();
        offers.push(json!({
            "id": id, "title": "14 % off any tea", "body": "Loose, by the ounce.", "placements": [PLACEMENT],
            "benefit": { "kind": "percent", "percent": 140 },
            "starts_at": catalogue["offers"][0]["starts_at"], "expires_at": catalogue["offers"][0]["expires_at"],
        }));
    }
    (next, format!("offers[{at}].{field}"))
}

/// The store to which members of the club have been.
pub(crate) fn club_store(catalogue: &Value) -> Option<&str> {
    catalogue["places"][0]["id"].as_str()
}

/// The same with the retailer's remote switch off.
pub(crate) fn switched_off(catalogue: &Value) -> Value {
    let mut off = catalogue.clone();
    off["version"] = "demo-off".into();
    off["sdk"] = json!({ "off": true });
    off
}

/// A hundred made-up people: most said yes to partners' offers, and a few of them have put [`LETTER`] away.
pub(crate) fn people() -> Vec<Value> {
    let says_yes = json!({ "consent": ["partner_offers"] });
    let put_away = json!({ "consent": ["partner_offers"], "dismissed": [LETTER] });
    let several = |person: Value, people| std::iter::repeat_n(person, people);
    several(says_yes, 53).chain(several(json!({}), 40)).chain(several(put_away, FEW)).collect()
}

/// So few of [`people`] that how many they are is told to nobody.
pub(crate) const FEW: usize = 7;

/// What the offer of that id is called.
pub(crate) fn title(catalogue: &Value, offer: &str) -> Option<String> {
    let offers = catalogue["offers"].as_array()?;
    let found = offers.iter().find(|o| o["id"] == offer)?;
    found["title"].as_str().map(str::to_owned)
}

/// The stores' names, in the order of the walk.
pub(crate) fn names(sites: &[Site]) -> Vec<&'static str> {
    KINDS.iter().take(sites.len()).map(|kind| kind.name).collect()
}

fn picture(name: &str, alt: &str) -> Value {
    json!({ "url": format!("{}{name}.webp", super::pictures::AT), "width": 720, "height": 240, "alt": alt })
}

/// The catalogue for these stores, current for as long as the walk lasts.
pub(crate) fn build(trace: &Trace, sites: &[Site]) -> Value {
    let kinds = || KINDS.iter().zip(sites);
    let day = 86_400_000;
    let starts_at = patron_core::clock::rfc3339((trace.points[0].at_ms - day).max(0));
    // Late enough to be current at the end, early enough for any calendar.
    let expires_at = patron_core::clock::rfc3339(trace.points[trace.points.len() - 1].at_ms.saturating_add(30 * day));
    let partners: Vec<Value> =
        kinds().filter_map(|(kind, _)| kind.partner.map(|name| json!({ "id": kind.id, "name": name }))).collect();
    let mut places: Vec<Value> = kinds()
        .map(|(kind, site)| {
            json!({
                "id": kind.id, "name": kind.name, "partner": kind.partner.map(|_| kind.id), "dwell_s": site.dwell_s,
                "beacons": [till(kind.id)],
                "circle": { "latitude": site.latitude, "longitude": site.longitude, "radius_m": site.radius_m },
            })
        })
        .collect();
    // A check-in has no end that anyone sees: whoever scanned is not said to have stayed.
    places.push(json!({ "id": KIOSK, "name": "the kiosk on the square", "dwell_s": 86_400 }));
    let mut offers = vec![
        json!({
            "id": HOT_DRINK, "title": "A hot drink while you wait", "body": "Show this card at the hatch.", "priority": 1,
            "placements": [PLACEMENT], "places": [KIOSK], "benefit": { "kind": "service" },
            "starts_at": starts_at, "expires_at": expires_at,
        }),
        json!({
            "id": GENERIC, "images": [picture("tote", "A tote bag on a hook")], "title": "A tote bag, on us", "body": "With your first basket; for everyone.", "priority": 1,
            "placements": [PLACEMENT], "benefit": { "kind": "service" },
            "starts_at": starts_at, "expires_at": expires_at,
        }),
        json!({
            "id": LETTER, "images": [picture("letter", "A cup beside a letter")], "partner": LETTER_FROM, "title": "The roaster’s letter", "body": "Where this week’s beans grew.",
            "priority": 2, "placements": [PLACEMENT],
            "benefit": { "kind": "content", "url": "https://example.com/letter" },
            "starts_at": starts_at, "expires_at": expires_at,
        }),
    ];
    offers.extend(kinds().take(1).map(|(kind, _)| {
        json!({
            "id": CLUB_TABLE, "title": "The table by the window", "body": "Kept for members who have been here lately.",
            "priority": 1, "placements": [PLACEMENT], "benefit": { "kind": "access" },
            "audience": { "and": [{ "segment": CLUB }, { ">=": [{ "visits": [kind.id, CLUB_DAYS] }, 1] }] },
            "starts_at": starts_at, "expires_at": expires_at,
        })
    }));
    offers.extend(kinds().map(|(kind, _)| {
        json!({
            "id": format!("{}-here", kind.id), "partner": kind.partner.map(|_| kind.id), "title": kind.title, "body": kind.body,
            "priority": 10, "placements": [PLACEMENT], "places": [kind.id], "benefit": (kind.benefit)(),
            "triggers": [{ "on": "dwell" }],
            "starts_at": starts_at, "expires_at": expires_at,
        })
    }));
    // Time zones and switches are the catalogue's own business; a week outlasts most walks.
    json!({
        "version": "demo-1", "ttl_s": 604_800, "check_in_keys": [Signer::from_seed(&TOWN_SEED).public()],
        "partners": partners, "places": places, "offers": offers,
    })
}
