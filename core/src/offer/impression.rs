//! When a card counts as seen: one rule for all platforms.
//!
//! Half of it or more in view for a second on end, as the display industry counts (MRC, *Viewable Ad
//! Impression Measurement Guidelines*), and once in half an hour. The adapters of both platforms feed
//! it what they see and record what it returns; neither has a rule of its own.

use std::collections::HashMap;

use super::history::SESSION_MS;

/// So much of a card must be in view.
pub const VISIBLE_FRACTION: f64 = 0.5;

/// For so long on end.
pub const VISIBLE_MS: u64 = 1_000;

/// Nothing heard for longer than this, and nobody knows whether the card stayed in view: it begins anew.
const GAP_MS: u64 = 5_000;

/// Cards in view, and cards seen lately; a screen has a dozen. The oldest make room.
const MAX_CARDS: usize = 512;

/// What a feed of cards has come to. One for each process; it keeps nothing beyond.
#[derive(Debug, Default)]
pub struct ImpressionRule {
    cards: HashMap<String, Card>,
}

#[derive(Debug, Clone, Copy)]
struct Card {
    /// In view since, without a break.
    since: Option<u64>,
    /// Heard of last.
    heard: u64,
    /// Counted as seen last.
    seen: Option<u64>,
}

impl ImpressionRule {
    /// `visible_fraction` of the card is in view at `mono_ms`, by a clock that never goes back.
    /// `true` when with this the card was seen: record an impression then.
    ///
    /// Feed it whenever what is in view changes (0 when it leaves, and for all cards when the app
    /// does), and at least each second while a card is in view. A fraction that is no number is 0.
    pub fn feed(&mut self, card: &str, visible_fraction: f64, mono_ms: u64) -> bool {
        let known = self.cards.get(card).copied();
        let visible = visible_fraction >= VISIBLE_FRACTION;
        let since = known.and_then(|known| {
            let unbroken = mono_ms.checked_sub(known.heard).is_some_and(|gap| gap <= GAP_MS);
            known.since.filter(|_| unbroken)
        });
        let since = visible.then(|| since.unwrap_or(mono_ms));
        let seen_before = known.and_then(|known| known.seen);
        let rested = seen_before.is_none_or(|seen| mono_ms.saturating_sub(seen) >= SESSION_MS.unsigned_abs());
        let seen = rested && since.is_some_and(|since| mono_ms - since >= VISIBLE_MS);
        let state = Card { since, heard: mono_ms, seen: if seen { Some(mono_ms) } else { seen_before } };
        if state.since.is_none() && state.seen.is_none() {
            self.cards.remove(card);
        } else {
            if known.is_none() && self.cards.len() >= MAX_CARDS {
                self.make_room();
            }
            self.cards.insert(card.to_owned(), state);
        }
        seen
    }

    /// Nothing is known of the card: it begins anew.
    pub fn forget(&mut self, card: &str) {
        self.cards.remove(card);
    }

    fn make_room(&mut self) {
        let oldest = self.cards.iter().min_by_key(|(id, card)| (card.heard, *id)).map(|(id, _)| id.clone());
        if let Some(oldest) = oldest {
            self.cards.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen_at(feeds: &[(f64, u64)]) -> Vec<u64> {
        let mut rule = ImpressionRule::default();
        feeds.iter().filter(|(fraction, at)| rule.feed("card", *fraction, *at)).map(|(_, at)| *at).collect()
    }

    #[test]
    fn half_of_a_card_for_a_second_on_end_is_an_impression() {
        assert_eq!(seen_at(&[(0.5, 0), (0.5, 999)]), [0_u64; 0]);
        assert_eq!(seen_at(&[(0.5, 0), (1.0, 500), (0.5, 1_000)]), [1_000]);
        assert_eq!(seen_at(&[(0.49, 0), (0.49, 5_000)]), [0_u64; 0]);
        assert_eq!(seen_at(&[(0.5, 0), (0.0, 500), (0.5, 600), (0.5, 1_000)]), [0_u64; 0], "it left in between");
        assert_eq!(seen_at(&[(0.5, 0), (0.0, 500), (0.5, 600), (0.5, 1_600)]), [1_600]);
        assert_eq!(seen_at(&[(f64::NAN, 0), (f64::NAN, 2_000)]), [0_u64; 0]);
    }

    #[test]
    fn a_card_that_stays_or_comes_back_counts_again_after_half_an_hour() {
        let half_hour = 30 * 60_000;
        let stays: Vec<(f64, u64)> = (0..4_000).map(|second| (1.0, second * 1_000)).collect();
        assert_eq!(seen_at(&stays), [1_000, 1_000 + half_hour, 1_000 + 2 * half_hour]);
        assert_eq!(seen_at(&[(1.0, 0), (1.0, 1_000), (0.0, 2_000), (1.0, 60_000), (1.0, 61_000)]), [1_000]);
    }

    #[test]
    fn silence_and_a_clock_that_went_back_are_no_view() {
        assert_eq!(seen_at(&[(1.0, 0), (1.0, 5_001)]), [0_u64; 0]);
        assert_eq!(seen_at(&[(1.0, 5_000), (1.0, 4_500), (1.0, 5_400)]), [0_u64; 0]);
    }

    #[test]
    fn a_long_list_is_held_in_little_memory() {
        let mut rule = ImpressionRule::default();
        for n in 0..5_000_u64 {
            rule.feed(&format!("card-{n}"), 1.0, n);
        }
        assert!(rule.cards.len() <= MAX_CARDS);
    }
}
