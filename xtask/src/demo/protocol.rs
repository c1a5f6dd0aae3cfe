//! What the demo and its simulated device say to each other: a line of JSON each way.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What the device is told to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub(crate) enum Order {
    /// Opens the store; the device's clocks start at `at_ms`.
    Open {
        folder: PathBuf,
        endpoint: String,
        /// Where pictures are looked for.
        pictures: SocketAddr,
        key: String,
        at_ms: i64,
        seed: u64,
    },
    Grant {
        purposes: Vec<String>,
    },
    Deny {
        purposes: Vec<String>,
    },
    /// Takes one yes back; what was captured under it is erased, or kept.
    Withdraw {
        purpose: String,
        keeps_captured: bool,
    },
    /// Global Privacy Control, as the browser of the app says it.
    Gpc {
        on: bool,
    },
    /// The shopper signs in; what the retailer knows them by.
    SignIn {
        token: String,
    },
    /// What the shopper has said, purpose by purpose.
    Stand,
    /// Of which partners the shopper wants no more, and what is kept for later.
    Rules,
    /// Asks the backend for what it knows; the next look shows it.
    AskBackend,
    /// Erases everything, here and at the backend.
    Erase,
    Refresh,
    /// Moves the clocks to the fix, then hands it over.
    Fix {
        at_ms: i64,
        latitude: f64,
        longitude: f64,
        accuracy_m: Option<f64>,
    },
    /// The shopper scans a code.
    CheckIn {
        code: String,
    },
    /// The phone listens three times and receives that beacon.
    Hear {
        beacon: String,
        rssi_dbm: i16,
    },
    /// So much time passes for the phone; nothing else happens meanwhile.
    Wait {
        ms: i64,
    },
    /// The phone's own permission to look at positions.
    Permission {
        location: bool,
    },
    /// What the phone would watch while the app sleeps.
    Plan,
    Track {
        act: Act,
        offer: String,
    },
    /// The shopper passes a partner's offer on.
    Share {
        offer: String,
        partner: String,
    },
    /// The shopper sees a card that came by itself: it counts for the limits of the offer.
    See {
        offer: String,
    },
    Offers {
        placement: String,
    },
    /// The offers that come by themselves.
    Suggest {
        placement: String,
    },
    Wish {
        words: String,
    },
    /// Nothing comes by itself until then; `None` ends it.
    Snooze {
        until_ms: Option<i64>,
    },
    /// What the shopper says of when offers may come, and of this visit.
    Say {
        rule: Rule,
    },
    /// What keeps offers from coming by themselves, and what to do about it.
    Blockers {
        placement: String,
    },
    /// No more of this partner.
    Refuse {
        partner: String,
    },
    /// Keeps an offer, to be reminded of it at its place.
    Save {
        offer: String,
    },
    /// The app tells that the shopper is in a segment.
    Tell {
        segment: String,
    },
    /// Keeps the decision as it stands.
    Keep {
        placement: String,
    },
    Why {
        offer: String,
    },
    /// The picture of an offer, from the phone or from its server.
    Picture {
        offer: String,
    },
    /// What the platform says of the network.
    Network {
        metered: bool,
    },
    /// Pays at the till of a store: the lines' products, their pieces and their prices in cents.
    Purchase {
        order: String,
        place: String,
        lines: Vec<(String, i64, i64)>,
    },
    /// The shopper looks at the app, or puts the phone away.
    Foreground {
        foreground: bool,
    },
    /// Lets the clocks run, quickly, until all is delivered, `limit_s` real seconds have passed, or so many
    /// bytes were sent.
    Drain {
        limit_s: u64,
        max_bytes: Option<u64>,
    },
    /// The shopper looks at what is known of them, and at the proof of what they said.
    Look,
    Diagnostics,
    Close,
}

/// A rule of the shopper's.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Rule {
    /// Quiet hours from one time of day to another, by UTC; `None` ends them.
    Quiet(Option<(String, String)>),
    /// So many offers a day; `None` for as many as fit.
    Daily(Option<u16>),
    OnlyWhenAsked(bool),
    /// The visits under way are not recorded.
    Unseen,
}

/// What the shopper does with an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Act {
    Impression,
    Clicked,
    Saved,
}

/// The device's answer to one order.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Reply {
    /// Visits that turned since the last reply: what the call returned, and what a listener heard.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) turns: Vec<Turn>,
    /// Notices since the last reply: what a phone shows outside of the app.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) notices: Vec<Told>,
    #[serde(flatten)]
    pub(crate) answer: Answer,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub(crate) enum Answer {
    Done,
    Tracked {
        outcome: Outcome,
    },
    Offers {
        cards: Vec<Card>,
    },
    /// The picture's file is there, and has so many bytes.
    Picture {
        bytes: u64,
    },
    /// The decision was kept under this id.
    Kept {
        decision: Uuid,
    },
    Why {
        shown: bool,
        summary: String,
        remedy: Option<String>,
    },
    /// Whether all went, and else how much did: events, and bytes of requests' bodies.
    Drained {
        done: bool,
        delivered: u64,
        left: u64,
        sent_bytes: u64,
    },
    /// What keeps offers away: its name, and what to do about it.
    Blocked {
        by: Vec<(String, String)>,
    },
    /// What went from the device with the yes.
    Withdrawn {
        visits: u64,
        events: u64,
    },
    /// Beacons came into these zones; each with the event it was recorded as.
    Heard {
        zones: Vec<(String, Option<Uuid>)>,
    },
    /// How late it is by the phone's clock, and how late the phone takes it to be at the backend.
    Waited {
        at_ms: i64,
        backend_ms: i64,
    },
    Planned {
        regions: usize,
        outside: u32,
        safe_m: f64,
        next_fix_s: u64,
    },
    Stands(Stands),
    /// Partners and offers.
    Rules {
        refused: Vec<String>,
        saved: Vec<String>,
    },
    /// The ledger holds: so many decisions, countersigned up to that one; so many things are known; and so many
    /// events the backend showed, once it was asked.
    Known {
        decisions: u64,
        countersigned: Option<u64>,
        items: usize,
        at_backend: Option<u64>,
    },
    Diagnostics(State),
    /// The call returned an error; `error` is its variant.
    Refused {
        error: String,
        text: String,
    },
}

/// Purposes with a yes, those of them that signals from outside lower, and those with a no.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Stands {
    pub(crate) granted: Vec<String>,
    pub(crate) lowered: Vec<String>,
    pub(crate) denied: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    Recorded,
    NotPermitted,
    Busy,
}

/// A turning point of a visit.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Turn {
    pub(crate) kind: TurnKind,
    pub(crate) place: String,
    pub(crate) place_name: String,
    pub(crate) visit: Uuid,
    pub(crate) at_ms: i64,
    pub(crate) event: Option<Uuid>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TurnKind {
    Entered,
    Dwelt,
    Left,
    Passed,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Card {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) partner: Option<String>,
    pub(crate) places: Vec<String>,
    pub(crate) because: String,
}

/// A notice.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Told {
    pub(crate) offer: String,
    pub(crate) title: String,
    pub(crate) body: String,
    /// The shopper asked for it.
    pub(crate) reminder: bool,
}

/// The device's own account, and what the timeline shows beside it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) accepted: u64,
    pub(crate) delivered: u64,
    pub(crate) queued: u64,
    pub(crate) dead: u64,
    pub(crate) evicted: u64,
    pub(crate) purged: u64,
    /// The pseudonym, by which the lots of experiments fall.
    pub(crate) installation: Uuid,
    pub(crate) last_error: Option<String>,
    pub(crate) quarantined: Vec<String>,
}
