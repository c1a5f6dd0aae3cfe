//! What the torture and its device say to each other, a line of JSON each: once what a life is to
//! be, then a fact for whatever returned.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// How many threads of a device call `track`; a kill can catch each of them in one call.
pub(super) const THREADS: u8 = 4;

/// One life of the device. After it, the word [`FINISH`] or [`CLOSE`] on a line of its own.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Life {
    pub(super) number: u32,
    pub(super) folder: PathBuf,
    pub(super) endpoint: String,
    pub(super) key: String,
    /// The device's clocks now; they run [`super::clock::HURRY`] times as fast as ours.
    pub(super) mono_ms: u64,
    /// How far the wall clock is off in this life.
    pub(super) wall_off_ms: i64,
    pub(super) seed: u64,
    /// See [`Fact::Tracked`].
    pub(super) era: u32,
}

/// Stop the load, deliver everything, say how the account stands, and close.
pub(super) const FINISH: &str = "finish";
/// Stop the load and close.
pub(super) const CLOSE: &str = "close";

/// What is known from the moment at which its line is in the pipe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub(super) enum Fact {
    /// The store is open.
    Opened,
    /// The `n`th call to `track` on this thread returned. `era` stood when it began: even while
    /// nothing is being taken back, odd while something is.
    Tracked { thread: u8, n: u32, outcome: Outcome, era: u32 },
    /// A visit's turn was told.
    Turned { visit: Uuid, turn: Turn, era: u32 },
    /// A withdrawal or a sign-out begins: the era becomes odd.
    Leaving,
    /// It returned: the era is even again. So many of what it removed may have arrived.
    Left { in_doubt: u64 },
    /// A drain begins.
    Draining,
    /// It returned.
    Drained { done: bool },
    /// The account.
    Account { accepted: u64, delivered: u64, queued: u64, dead: u64, evicted: u64, purged: u64 },
    /// The handle is closed; nothing follows.
    Closed,
    /// A call returned what no call may return here.
    Wrong { call: String, why: String },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    Recorded,
    NotPermitted,
    Busy,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Turn {
    Entered,
    Dwelt,
    Left,
    Passed,
}

/// An event by what it says, which no one but its caller made: not by an id that the store chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Call { life: u32, thread: u8, n: u32 },
    Turn { visit: Uuid, turn: Turn },
}

/// What the `n`th call of a thread says: the offer that it names.
pub(super) fn token(life: u32, thread: u8, n: u32) -> String {
    format!("call-{life}-{thread}-{n}")
}

/// The call that named this offer.
pub(super) fn call(token: &str) -> Option<Key> {
    let mut parts = token.strip_prefix("call-")?.split('-');
    let mut next = || parts.next()?.parse::<u32>().ok();
    let (life, thread, n) = (next()?, u8::try_from(next()?).ok()?, next()?);
    Some(Key::Call { life, thread, n })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_names_its_call() {
        assert_eq!(call(&token(7, 3, 1_000)), Some(Key::Call { life: 7, thread: 3, n: 1_000 }));
        assert_eq!(call("tote"), None);
    }
}
