//! Notices: what the host is asked to show outside of the app, as data.
//!
//! Never without the purpose, never while quiet or snoozed, never more than the shopper wants in a
//! day, never when the shopper wants offers only on asking. The shopper's own reminders count as
//! asked for: they wait for quiet hours to end, and no other rule of the shopper's holds them.

use super::decide::Candidate;
use super::hold::day_start_ms;
use super::saved::{Due, Saved};
use super::texts::{Language, Moment, fill};
use super::view::View;
use super::{DecisionInput, Hold, Occasion, Offer, Shopper, Verdict};
use crate::consent::{Notifications, Permit};

/// Something for the host to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// A line.
    pub title: String,
    /// A sentence or two; may be empty.
    pub body: String,
    /// Where a tap leads: `patron://offer/` and the offer's id, percent-encoded.
    pub deep_link: String,
    /// The offer's id.
    pub offer: String,
    /// Wall clock, milliseconds since the Unix epoch: when it was decided, to be shown at once.
    pub at_ms: i64,
    /// The shopper's own reminder; note it with [`Saved::reminded`]. `None` for an offer that speaks up.
    pub reminder: Option<Due>,
}

/// Why there is no notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Silence {
    /// A rule of the shopper's holds them back.
    Held(Hold),
    /// No offer that fits speaks up at this occasion, or it did within the day.
    Nothing,
}

/// The notice of the offer that fits best of those that speak up at `occasion`.
///
/// When the host was asked to show it, note it with [`super::History::noticed`].
///
/// ```
/// # use patron_core::{consent::{Gate, Notifications, PurposeKind}, offer::{DecisionInput, Occasion, Shopper, notice}};
/// # fn speak(input: &DecisionInput<'_>, shopper: &Shopper<'_>, occasion: &Occasion<'_>) {
/// let gate = Gate::new(1, [PurposeKind::Notifications]);
/// let permit = gate.permit::<Notifications>().unwrap();
/// let _ = notice(&permit, input, shopper, occasion);
/// # }
/// ```
///
/// A yes to partners' offers is none to be told of them outside of the app:
///
/// ```compile_fail,E0308
/// # use patron_core::{consent::{Gate, PartnerOffers, PurposeKind}, offer::{DecisionInput, Occasion, Shopper, notice}};
/// # fn speak(input: &DecisionInput<'_>, shopper: &Shopper<'_>, occasion: &Occasion<'_>) {
/// let gate = Gate::new(1, [PurposeKind::PartnerOffers]);
/// let permit = gate.permit::<PartnerOffers>().unwrap();
/// let _ = notice(&permit, input, shopper, occasion);
/// # }
/// ```
///
/// # Errors
/// [`Silence`] when there is none, and why.
pub fn notice(
    permit: &Permit<'_, Notifications>,
    input: &DecisionInput<'_>,
    shopper: &Shopper<'_>,
    occasion: &Occasion<'_>,
) -> Result<Notice, Silence> {
    notice_among(permit, input, shopper, std::slice::from_ref(occasion))
}

/// The same where several things happened at once, which are one moment.
///
/// # Errors
/// As of [`notice`].
pub(crate) fn notice_among(
    _permit: &Permit<'_, Notifications>,
    input: &DecisionInput<'_>,
    shopper: &Shopper<'_>,
    occasions: &[Occasion<'_>],
) -> Result<Notice, Silence> {
    let (now, moments, history) = (input.now_ms, shopper.moments, shopper.history);
    if let Some(hold) = moments.standing(now, shopper.zone) {
        return Err(Silence::Held(hold));
    }
    // A notice stands nowhere in the app, and nobody asked for it.
    let input = DecisionInput { placement: None, ..*input };
    let shopper = Shopper { asked: false, ..*shopper };
    let view = View::new(&input, &shopper);
    let is_called = |offer: &Offer| occasions.iter().any(|occasion| occasion.calls(offer, now));
    let calling = input.catalogue.offers.iter().enumerate().filter(|(_, offer)| is_called(offer));
    let best = calling
        .filter(|(_, offer)| !history.notified_lately(&offer.id, now))
        .filter_map(|placed| Candidate::of(&view, placed))
        .filter(|candidate| !view.too_often(candidate.offer))
        .min_by(|one, other| one.rank.cmp(&other.rank));
    let Some(Candidate { offer, .. }) = best else { return Err(Silence::Nothing) };
    if let Some(most) = moments.daily() {
        let came = history.came_since(day_start_ms(now, 0, shopper.zone).unwrap_or(now));
        if came.len() >= usize::from(most) && !came.contains(offer.id.as_str()) {
            return Err(Silence::Held(Hold::DailyLimit));
        }
    }
    let text = offer.text_for(input.locale);
    Ok(Notice {
        title: text.title.clone(),
        body: text.body.clone(),
        deep_link: deep_link(&offer.id),
        offer: offer.id.clone(),
        at_ms: now,
        reminder: None,
    })
}

/// The shopper's reminders that are due, in the order in which the offers were saved.
///
/// An offer that may not show (consent, hours, refusals) reminds of nothing.
///
/// # Errors
/// [`Silence::Held`] while quiet or snoozed; those that are due then stay due.
pub fn reminders(
    _permit: &Permit<'_, Notifications>,
    input: &DecisionInput<'_>,
    shopper: &Shopper<'_>,
    saved: &Saved,
) -> Result<Vec<Notice>, Silence> {
    due(input, shopper, saved, true)
}

/// Those alone that come before an offer ends.
///
/// # Errors
/// As of [`reminders`].
pub(crate) fn reminders_of_ends(
    _permit: &Permit<'_, Notifications>,
    input: &DecisionInput<'_>,
    shopper: &Shopper<'_>,
    saved: &Saved,
) -> Result<Vec<Notice>, Silence> {
    due(input, shopper, saved, false)
}

fn due(
    input: &DecisionInput<'_>,
    shopper: &Shopper<'_>,
    saved: &Saved,
    of_places: bool,
) -> Result<Vec<Notice>, Silence> {
    if let Some(hold @ (Hold::Quiet | Hold::Snoozed)) = shopper.moments.standing(input.now_ms, shopper.zone) {
        return Err(Silence::Held(hold));
    }
    let input = DecisionInput { placement: None, ..*input };
    let shopper = Shopper { asked: true, ..*shopper };
    let view = View::new(&input, &shopper);
    let due = saved.iter().filter_map(|saved| {
        let offer = input.catalogue.offer(&saved.offer)?;
        let verdict = view.judge(offer, true);
        // Limits are about what comes by itself.
        let shows = Verdict { present: true, under_caps: true, ..verdict }.shown();
        let here = of_places && !offer.places.is_empty() && verdict.present;
        let here_since_ms = here.then(|| view.here_since_ms(offer).unwrap_or(input.now_ms));
        let due = saved.due(offer, here_since_ms, input.now_ms).filter(|_| shows)?;
        Some(reminder(&view, offer, due, saved.is_ending(offer, input.now_ms)))
    });
    Ok(due.collect())
}

fn reminder(view: &View<'_>, offer: &Offer, due: Due, ending: bool) -> Notice {
    let (input, shopper) = (view.input, view.shopper);
    let language = Language::of(input.locale);
    let words = language.words();
    let ends = offer.expires_at_ms.unwrap_or(input.now_ms);
    let when = Moment { at_ms: ends, now_ms: input.now_ms, zone: Some(shopper.zone) }.words(language);
    let values = [("place", view.here(offer).unwrap_or_default()), ("when", &when)];
    let body = match due {
        // Both in one: whoever is there is told once.
        Due::Here if ending => fill(words.reminder_here_ending, &values),
        Due::Here => fill(words.reminder_here, &values),
        Due::Expiring => fill(words.reminder_end, &values),
    };
    Notice {
        title: offer.text_for(input.locale).title.clone(),
        body,
        deep_link: deep_link(&offer.id),
        offer: offer.id.clone(),
        at_ms: input.now_ms,
        reminder: Some(due),
    }
}

fn deep_link(offer: &str) -> String {
    let mut link = String::from("patron://offer/");
    for byte in offer.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            link.push(char::from(byte));
        } else {
            link.push_str(&format!("%{byte:02X}"));
        }
    }
    link
}
