//! Speaking up: what happens in a step is gathered, and at its end one decision says what the host is asked to show.
//!
//! An arrival is a visit, an event, a chain that is entered and a beacon that is near, all at once. It is one moment for
//! the shopper, so at most one offer speaks up; the shopper's own reminders come besides, for each was asked for, and
//! take the place of a notice of the same offer. Which offer, and whether at all, is [`crate::offer`]'s to decide.

use super::{Effects, Engine, key};
use crate::clock::Now;
use crate::consent::{Notifications, PurposeKind, PurposeSet};
use crate::event::Kind;
use crate::log::Level;
use crate::observe::Change;
use crate::offer::{BeaconZone, Notice, Occasion, notice_among, reminders, reminders_of_ends};
use crate::store::{Durability, meta};

/// Something that happened in this step: an [`Occasion`] that owns its words.
#[derive(Debug)]
pub(super) enum Happened {
    Event(String),
    At(Turn, Vec<String>),
    Time(i64),
}

/// What happened at places.
#[derive(Debug, Clone, Copy)]
pub(super) enum Turn {
    Entered,
    Dwelt,
    Left,
    CheckedIn,
    Beacon(BeaconZone),
}

/// Which of the shopper's reminders are to be looked through.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reminding {
    #[default]
    Nothing,
    /// Those before an offer ends.
    Ends,
    /// Those where the shopper is, too.
    All,
}

impl Happened {
    /// The same, with the names of its places.
    fn as_occasion<'a>(&'a self, places: &'a [&'a str]) -> Occasion<'a> {
        match self {
            Self::Event(kind) => Occasion::Event { kind },
            Self::Time(since_ms) => Occasion::Time { since_ms: *since_ms },
            Self::At(turn, _) => match *turn {
                Turn::Entered => Occasion::Entered { places },
                Turn::Dwelt => Occasion::Dwelt { places },
                Turn::Left => Occasion::Left { places },
                Turn::CheckedIn => Occasion::CheckedIn { places },
                Turn::Beacon(zone) => Occasion::Beacon { places, zone },
            },
        }
    }

    fn places(&self) -> Vec<&str> {
        match self {
            Self::At(_, places) => places.iter().map(String::as_str).collect(),
            Self::Event(_) | Self::Time(_) => Vec::new(),
        }
    }

    /// Whether it is known no more once these purposes are taken back. Whose word a visit rests on is not kept here.
    fn goes_with(&self, kinds: PurposeSet) -> bool {
        let seen = [PurposeKind::PreciseLocation, PurposeKind::Beacons, PurposeKind::Engagement];
        match self {
            Self::Event(kind) => Kind::named(kind).is_none_or(|kind| kinds.contains(kind.purpose())),
            Self::At(..) => seen.iter().any(|kind| kinds.contains(*kind)),
            Self::Time(_) => false,
        }
    }
}

impl Engine {
    /// Something happened that an offer may wait for.
    pub(super) fn speak(&mut self, what: Happened) {
        if self.waits_for_events() {
            self.happened.push(what);
        }
    }

    /// These events happened.
    pub(super) fn speak_of_events<'a>(&mut self, kinds: impl IntoIterator<Item = &'a str>) {
        for kind in kinds {
            let is_known = self.happened.iter().any(|known| matches!(known, Happened::Event(event) if event == kind));
            if !is_known {
                self.speak(Happened::Event(kind.to_owned()));
            }
        }
    }

    /// The shopper's own reminders may be due.
    pub(super) fn remind(&mut self, which: Reminding) {
        if self.own.saved.iter().next().is_some() && self.waits_for_events() {
            self.reminding = self.reminding.max(which);
        }
    }

    /// Whether somebody shows notices. While nobody does, the shopper's reminders wait: they are told once.
    pub(crate) fn set_heard(&mut self, is_heard: bool) {
        self.is_heard = is_heard;
    }

    /// Whether there is something to say at once.
    pub(super) fn is_to_speak(&self) -> bool {
        !self.happened.is_empty() || self.is_heard && self.reminding != Reminding::Nothing
    }

    /// What this step had to tell of what the shopper took back goes unsaid.
    pub(super) fn unsay(&mut self, kinds: PurposeSet) {
        self.happened.retain(|happened| !happened.goes_with(kinds));
    }

    /// Ends a step: of the offers that wait for what happened in it the one that fits best speaks up, if it may, and the
    /// shopper's reminders that are due come.
    pub(super) fn speak_up(&mut self, now: Now, effects: &mut Effects) {
        if !self.is_to_speak() {
            return;
        }
        let happened = std::mem::take(&mut self.happened);
        if !self.is_heard {
            // What nobody shows is told to nobody, and counts against no limit.
            return;
        }
        let reminding = std::mem::take(&mut self.reminding);
        let gate = self.gate();
        let Some(permit) = gate.permit::<Notifications>() else { return };
        let snapshot = self.snapshot();
        let Some(input) = snapshot.decision(&snapshot.gate, now, None, &self.config.locale) else { return };
        let asked = self.own.side(self.installation, true);
        let mut notices = match reminding {
            Reminding::Nothing => Vec::new(),
            // While it is quiet: they stay due, and are looked through when that ends.
            Reminding::Ends => reminders_of_ends(&permit, &input, &asked, &self.own.saved).unwrap_or_default(),
            Reminding::All => reminders(&permit, &input, &asked, &self.own.saved).unwrap_or_default(),
        };
        let places: Vec<Vec<&str>> = happened.iter().map(Happened::places).collect();
        let occasions: Vec<Occasion<'_>> =
            happened.iter().zip(&places).map(|(happened, places)| happened.as_occasion(places)).collect();
        if !occasions.is_empty()
            && let Ok(spoken) = notice_among(&permit, &input, &self.own.side(self.installation, false), &occasions)
            && notices.iter().all(|reminder| reminder.offer != spoken.offer)
        {
            notices.push(spoken);
        }
        self.hand_out(notices, now, effects);
    }

    /// Notes notices as handed to the host, and hands them over: behind the commit, so that a kill
    /// makes no notice come twice.
    fn hand_out(&mut self, notices: Vec<Notice>, now: Now, effects: &mut Effects) {
        if notices.is_empty() {
            return;
        }
        let mut own = (*self.own).clone();
        for notice in &notices {
            let offer = self.shown.as_ref().and_then(|shown| shown.catalogue.offer(&notice.offer));
            let partner = offer.and_then(|offer| offer.partner.as_deref());
            own.history.noticed(&notice.offer, partner, now.wall_ms, notice.reminder.is_some());
            if let Some((due, offer)) = notice.reminder.zip(offer) {
                own.saved.told(offer, due, now.wall_ms);
            }
        }
        let kept = self.store.transact(Durability::Normal, |tx| {
            meta::set(tx, key::HISTORY, &own.history)?;
            meta::set(tx, key::SAVED, &own.saved)
        });
        if let Err(error) = kept {
            // Better none than one again and again.
            self.log.line(Level::Error, || format!("offers: {error}"));
            return;
        }
        self.own = own.into();
        self.unwritten_looks = 0;
        self.foresee_offers(now);
        self.touch();
        self.keep_behind(false, now);
        effects.changes.extend(notices.into_iter().map(Change::Notice));
    }
}
