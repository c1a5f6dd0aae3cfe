//! Decides what the shopper may be asked now. Being asked again and again is no choice.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::catalogue::DAY_MS;
use super::{ConsentCatalogue, ConsentStatus, Consents, Purpose};

/// Why a question is put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskReason {
    /// It was never answered.
    New,
    /// What is done with the data has changed since the answer.
    MeaningChanged,
    /// The yes has run out.
    RanOut,
}

/// One question, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentPrompt {
    /// What it is about.
    pub purpose: Purpose,
    /// A line: what is asked.
    pub title: String,
    /// What the shopper gets for it, and what happens with the data.
    pub body: String,
    /// The language of the words.
    pub locale: String,
    /// Why it is put.
    pub reason: AskReason,
}

/// When the shopper was asked, and what for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Prompts {
    /// The times of asking, wall clock; those that the budget still looks at.
    asked_at_ms: Vec<i64>,
    /// Under which meaning each was asked last, by the purpose's name.
    meanings: BTreeMap<String, u32>,
}

impl Prompts {
    /// The shopper was shown these questions, whatever the answer.
    pub fn asked(&mut self, purposes: &[Purpose], catalogue: &ConsentCatalogue, now_ms: i64) {
        self.asked_at_ms.retain(|at| is_recent(*at, catalogue, now_ms));
        self.asked_at_ms.push(now_ms);
        for purpose in purposes {
            self.meanings.insert(purpose.to_string(), catalogue.meaning(purpose));
        }
    }

    /// Which of `purposes` to ask now, none when the shopper was asked often enough of late.
    ///
    /// A no is an answer: it is asked again only when the meaning has changed since.
    pub fn due(
        &self,
        purposes: &[Purpose],
        consents: &Consents,
        catalogue: &ConsentCatalogue,
        now_ms: i64,
    ) -> Vec<(Purpose, AskReason)> {
        let spent = self.asked_at_ms.iter().filter(|at| is_recent(**at, catalogue, now_ms)).count();
        if spent >= catalogue.ask.times as usize {
            return Vec::new();
        }
        let due = purposes.iter().filter(|purpose| catalogue.purpose(purpose.kind()).is_some()).filter_map(|purpose| {
            let answered = consents.meaning(purpose);
            let reason = match consents.status(purpose, catalogue, now_ms) {
                ConsentStatus::Granted => return None,
                ConsentStatus::Stale => AskReason::MeaningChanged,
                ConsentStatus::Expired => AskReason::RanOut,
                ConsentStatus::NotAsked => AskReason::New,
                ConsentStatus::Denied | ConsentStatus::Withdrawn => {
                    let since = answered.max(self.meanings.get(&purpose.to_string()).copied());
                    if since.is_some_and(|meaning| meaning >= catalogue.meaning(purpose)) {
                        return None;
                    }
                    AskReason::MeaningChanged
                }
            };
            Some((purpose.clone(), reason))
        });
        due.collect()
    }
}

/// A time of the future is one of a clock that was set back: it counts, or setting the clock would
/// be a way to ask more often.
fn is_recent(at_ms: i64, catalogue: &ConsentCatalogue, now_ms: i64) -> bool {
    at_ms > now_ms.saturating_sub(i64::from(catalogue.ask.days) * DAY_MS)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::consent::Decision;

    const ASKED: [Purpose; 2] = [Purpose::Engagement, Purpose::Beacons];

    fn answered(status: ConsentStatus) -> Consents {
        let mut consents = Consents::default();
        consents.apply(&Decision::new(Uuid::nil(), Purpose::Engagement, status, 0, 1));
        consents
    }

    fn due(prompts: &Prompts, consents: &Consents, catalogue: &ConsentCatalogue, now_ms: i64) -> Vec<AskReason> {
        prompts.due(&ASKED[..1], consents, catalogue, now_ms).into_iter().map(|(_, reason)| reason).collect()
    }

    #[test]
    fn a_no_is_an_answer_until_the_meaning_changes() {
        let mut catalogue = ConsentCatalogue::standard();
        let prompts = Prompts::default();
        assert_eq!(due(&prompts, &Consents::default(), &catalogue, 0), [AskReason::New]);
        for answer in [ConsentStatus::Denied, ConsentStatus::Granted] {
            assert!(due(&prompts, &answered(answer), &catalogue, 0).is_empty());
        }
        catalogue.purposes.iter_mut().for_each(|purpose| purpose.meaning = 2);
        for answer in [ConsentStatus::Denied, ConsentStatus::Granted] {
            assert_eq!(due(&prompts, &answered(answer), &catalogue, 0), [AskReason::MeaningChanged]);
        }
    }

    #[test]
    fn the_shopper_is_not_asked_more_often_than_the_budget_allows_even_when_the_clock_is_set_back() {
        let catalogue = ConsentCatalogue::standard();
        let consents = Consents::default();
        let mut prompts = Prompts::default();
        let start = 100 * DAY_MS;
        for times in 0..i64::from(catalogue.ask.times) {
            assert_eq!(prompts.due(&ASKED, &consents, &catalogue, start + times).len(), 2);
            prompts.asked(&ASKED, &catalogue, start + times);
        }
        for now in [start + 10, start - 50 * DAY_MS, start + 29 * DAY_MS] {
            assert!(prompts.due(&ASKED, &consents, &catalogue, now).is_empty(), "{now}");
        }
        assert_eq!(prompts.due(&ASKED, &consents, &catalogue, start + 31 * DAY_MS).len(), 2);
    }
}
