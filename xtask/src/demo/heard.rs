//! What the simulated phone hears beside its calls' answers: turns of visits, and notices.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use patron_core::place::{Transition, TransitionKind};
use patron_core::{Change, Listener};
use uuid::Uuid;

use super::protocol::{Told, Turn, TurnKind};

/// Turns of visits that were not reported yet, each once however it became known, and notices.
#[derive(Default)]
pub(crate) struct Heard {
    state: Mutex<Turns>,
}

#[derive(Default)]
struct Turns {
    unreported: Vec<Turn>,
    notices: Vec<Told>,
    /// Visit and kind of all that were ever heard.
    known: HashSet<(Uuid, TurnKind)>,
}

impl Heard {
    pub(crate) fn add(&self, transitions: impl IntoIterator<Item = Transition>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        for t in transitions {
            let kind = match t.kind {
                TransitionKind::Entered => TurnKind::Entered,
                TransitionKind::Dwelt => TurnKind::Dwelt,
                TransitionKind::Left => TurnKind::Left,
                TransitionKind::Passed => TurnKind::Passed,
            };
            if state.known.insert((t.visit, kind)) {
                state.unreported.push(Turn {
                    kind,
                    place: t.place,
                    place_name: t.place_name,
                    visit: t.visit,
                    at_ms: t.at_ms,
                    event: t.event,
                });
            }
        }
    }

    pub(crate) fn take(&self) -> (Vec<Turn>, Vec<Told>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut turns = std::mem::take(&mut state.unreported);
        turns.sort_by_key(|turn| turn.at_ms);
        (turns, std::mem::take(&mut state.notices))
    }
}

impl Listener for Heard {
    fn changed(&self, changes: &[Change]) {
        self.add(changes.iter().filter_map(|change| match change {
            Change::Visit(transition) => Some(transition.clone()),
            _ => None,
        }));
        let notices = changes.iter().filter_map(|change| match change {
            Change::Notice(notice) => Some(Told {
                offer: notice.offer.clone(),
                title: notice.title.clone(),
                body: notice.body.clone(),
                reminder: notice.reminder.is_some(),
            }),
            _ => None,
        });
        self.state.lock().unwrap_or_else(PoisonError::into_inner).notices.extend(notices);
    }
}
