//! The account of every event that was ever accepted.

use serde::Serialize;

/// `accepted = delivered + queued + dead + evicted + purged`, always.
///
/// `accepted` is the number given to the event that came last, `queued` is counted from the rows
/// and the rest are counters: the two sides come from different places, and a lost row shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Account {
    /// Taken from callers, and visits that were recorded.
    pub accepted: u64,
    /// Acknowledged by the backend.
    pub delivered: u64,
    /// On the device, to be sent.
    pub queued: u64,
    /// Refused by the backend for good; kept as dead letters.
    pub dead: u64,
    /// Given up for the quota, for age or for damage.
    pub evicted: u64,
    /// Removed because the shopper said so.
    pub purged: u64,
}

impl Account {
    /// Whether the equation holds.
    pub fn balances(&self) -> bool {
        let settled = [self.delivered, self.queued, self.dead, self.evicted, self.purged];
        u128::from(self.accepted) == settled.into_iter().map(u128::from).sum()
    }
}

/// How events ended that were accepted and never delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Fate {
    /// The backend refused them for good.
    Dead,
    /// The device gave them up.
    Evicted,
    /// The shopper's word removed them.
    Purged,
}

impl Fate {
    /// Every fate.
    pub const ALL: [Self; 3] = [Self::Dead, Self::Evicted, Self::Purged];

    /// The name in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dead => "dead",
            Self::Evicted => "evicted",
            Self::Purged => "purged",
        }
    }
}

/// Events that were not delivered, and why. The losses of one fate sum up to that line of the
/// [`Account`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Loss {
    /// How they ended.
    pub fate: Fate,
    /// Why, in one word: `conflict`, `age`, `withdrawn`, … docs/queue.md lists them.
    pub reason: String,
    /// How many.
    pub events: u64,
}

/// The words for [`Loss::reason`] that the device gives; the others are the backend's.
pub mod reason {
    /// Evicted: more events than the quota allows.
    pub const COUNT: &str = "count";
    /// Evicted: more bytes than the quota allows.
    pub const BYTES: &str = "bytes";
    /// Evicted: older than any backend would want.
    pub const AGE: &str = "age";
    /// Evicted: on a page of the database that could not be read any more.
    pub const DAMAGE: &str = "damage";
    /// Purged: queued when the shopper withdrew the purpose.
    pub const WITHDRAWN: &str = "withdrawn";
    /// Purged: on its way into the queue when the shopper withdrew the purpose.
    pub const OVERTAKEN: &str = "overtaken";
    /// Purged: queued when the shopper signed out.
    pub const SIGNED_OUT: &str = "signed_out";
    /// Purged: queued when the shopper had everything erased.
    pub const ERASED: &str = "erased";
    /// Dead: data that is not JSON cannot be sent.
    pub const NOT_JSON: &str = "not_json";
    /// Dead: written by a version that knew more than this one.
    pub const UNREADABLE: &str = "unreadable";
    /// Dead: refused alone, again and again, without a reason that has a name.
    pub const REFUSED: &str = "refused";
    /// Dead: put off a hundred times while other events were taken.
    pub const PUT_OFF: &str = "put_off";
    /// Counted by a version that kept no reasons.
    pub const EARLIER: &str = "earlier";

    /// The stable word of a backend's reason, the part before its colon; `refused` for what is
    /// no such word. Bounded: it becomes a counter's name.
    pub fn word(reason: &str) -> &str {
        let word = reason.split(':').next().unwrap_or_default();
        let fits = (1..=40).contains(&word.len())
            && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if fits { word } else { REFUSED }
    }
}

#[cfg(test)]
mod tests {
    use super::reason::word;

    #[test]
    fn a_reason_becomes_a_word_whatever_the_backend_says() {
        assert_eq!(word("conflict"), "conflict");
        assert_eq!(word("malformed: data at 7"), "malformed");
        for odd in ["", "Not a word", ":", "ä", &"x".repeat(41)] {
            assert_eq!(word(odd), "refused", "{odd}");
        }
    }
}
