//! Why nothing, or less than there could be, and what to do about it.

use std::time::Duration;

use super::decide::decide_all;
use super::rule::Source;
use super::texts::Language;
use super::{Decision, DecisionInput, Freshness, Hold, Offer, Shopper, Verdict};
use crate::consent::{Purpose, PurposeKind, PurposeSet};

/// A phone that told the app of no position in a day does not wake it.
const UNHEARD: Duration = Duration::from_secs(24 * 3_600);

/// What keeps offers away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BlockerKind {
    /// The backend does not know the app's key.
    KeyRefused,
    /// No catalogue was ever received.
    NoCatalogue,
    /// There is no network, and what is cached is missing or old.
    Offline,
    /// What is cached is older than its publisher wishes; it shows, and is marked.
    StaleCatalogue,
    /// What is cached is more than seven days old, and does not show.
    ExpiredCatalogue,
    /// The retailer has switched the SDK off.
    SwitchedOff,
    /// The shopper has not granted a purpose that offers need.
    ConsentMissing,
    /// The shopper granted it, and something from outside lowers it.
    Overlay,
    /// The system does not let the app know where it is.
    PermissionMissing,
    /// The shopper snoozed.
    Snoozed,
    /// The shopper's quiet hours.
    QuietHours,
    /// The shopper wants offers only when asked for.
    OnlyWhenAsked,
    /// As many as the shopper wants in a day have come.
    DailyLimit,
    /// The system has not woken the app for a day.
    NoWake,
    /// Nothing is known of where the shopper is.
    NoPosition,
    /// The shopper is at no place that has an offer now.
    NotThere,
    /// All that is on is refused by the shopper, or rests.
    Refused,
    /// All that is on was shown as often as it may be.
    ShownEnough,
    /// All that is on is for other shoppers.
    ForOthers,
    /// No offer is within its dates and hours, at this placement, and not put away.
    NothingScheduled,
}

/// One thing that keeps offers away, and what would change it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocker {
    /// Which.
    pub kind: BlockerKind,
    /// In the shopper's language.
    pub text: String,
    /// What to do about it, in the shopper's language.
    pub remedy: String,
    /// The purpose, where it is consent or lowers one.
    pub purpose: Option<Purpose>,
}

/// What the phone lets the app do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Phone {
    /// The shopper allowed the exact position, and nothing but the system's permission is in the way.
    pub location_refused: bool,
    /// What the shopper granted and an overlay lowers: asking again does not help.
    pub lowered: PurposeSet,
    /// How long ago the last position came, where the system watches places for the app; `None` where it does not.
    pub unheard: Option<Duration>,
}

/// What is known of the connection to the backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outlook {
    /// The host has not said that there is no network.
    pub online: bool,
    /// The backend refused the key.
    pub key_refused: bool,
}

/// What keeps offers away now, the most fundamental first.
///
/// `input` is `None` while there is no catalogue. What the shopper or the app can change is named
/// even while some offers show. Being elsewhere ([`BlockerKind::NotThere`],
/// [`BlockerKind::NoPosition`], [`BlockerKind::NoWake`]) counts only while no offer of a place shows;
/// the shopper's own rules, and hours, only while nothing at all does; so the list is empty when there
/// is nothing to do.
///
/// It is told of the question that `input` and `shopper` put: for that placement, asked for or not. What keeps
/// an offer away that is for others is not named; [`BlockerKind::ForOthers`] is, where all that is on is.
pub fn blockers(
    input: Option<&DecisionInput<'_>>,
    shopper: &Shopper<'_>,
    locale: &str,
    outlook: Outlook,
    phone: &Phone,
) -> Vec<Blocker> {
    let mut kinds = Vec::new();
    let freshness = input.map(|input| input.freshness);
    if outlook.key_refused {
        kinds.push((BlockerKind::KeyRefused, None));
    }
    if freshness.is_none() {
        kinds.push((BlockerKind::NoCatalogue, None));
    }
    if !outlook.online && freshness != Some(Freshness::Fresh) {
        kinds.push((BlockerKind::Offline, None));
    }
    match freshness {
        Some(Freshness::Stale) => kinds.push((BlockerKind::StaleCatalogue, None)),
        Some(Freshness::Expired) => kinds.push((BlockerKind::ExpiredCatalogue, None)),
        Some(Freshness::Fresh) | None => {}
    }
    if let Some(input) = input {
        kinds.extend(of_offers(input, shopper, phone));
    }
    let words = Language::of(locale).words();
    kinds
        .into_iter()
        .map(|(kind, purpose)| {
            let (text, remedy) = words.blocker(kind, purpose.as_ref());
            Blocker { kind, text: text.to_owned(), remedy: remedy.to_owned(), purpose }
        })
        .collect()
}

fn of_offers(input: &DecisionInput<'_>, shopper: &Shopper<'_>, phone: &Phone) -> Vec<(BlockerKind, Option<Purpose>)> {
    if input.catalogue.sdk.off {
        return vec![(BlockerKind::SwitchedOff, None)];
    }
    // Whom an offer is for is looked at of those, too, that do not show for another reason: what keeps an
    // offer away that is for others is nothing to tell this shopper.
    let decision = decide_all(input, shopper, true);
    let offers = &input.catalogue.offers;
    let judged = || offers.iter().zip(&decision.verdicts);
    let mut kinds = Vec::new();
    // A purpose that was granted and is lowered from outside is not to be asked for once more.
    let missing = |purpose: Purpose| {
        let lowered = phone.lowered.contains(purpose.kind());
        (if lowered { BlockerKind::Overlay } else { BlockerKind::ConsentMissing }, Some(purpose))
    };
    if any(&decision, |verdict| !verdict.partner_allowed) {
        kinds.push(missing(Purpose::PartnerOffers));
    }
    // A rule about a distance is unknown, and not a no, while nobody knows where the shopper is.
    let knows_where = input.position.is_some() && input.gate.allows(PurposeKind::PreciseLocation);
    let asks_where = |offer: &Offer| !offer.places.is_empty() || asks_distance(offer);
    let may_be_for = |offer: &Offer, verdict: &Verdict| {
        let in_audience = verdict.in_audience || (!knows_where && asks_distance(offer));
        Verdict { in_audience, ..*verdict }
    };
    let of_places = judged().any(|(offer, verdict)| asks_where(offer) && worth_asking(&may_be_for(offer, verdict)));
    let shows_of_place = decision.chosen.iter().any(|at| offers.get(*at).is_some_and(asks_where));
    let away = |(offer, verdict): (&Offer, &Verdict)| {
        may_be_for(offer, verdict).shown_but_for_presence() && !(verdict.present && verdict.in_audience)
    };
    if of_places && !input.gate.allows(PurposeKind::PreciseLocation) {
        kinds.push(if phone.location_refused {
            (BlockerKind::PermissionMissing, None)
        } else {
            missing(Purpose::PreciseLocation)
        });
    } else if judged().any(away) && !shows_of_place {
        let unknown = input.position.is_none() && input.visits.is_empty();
        kinds.push((if unknown { BlockerKind::NoPosition } else { BlockerKind::NotThere }, None));
        if phone.unheard.is_some_and(|since| since > UNHEARD) {
            kinds.push((BlockerKind::NoWake, None));
        }
    }
    if any(&decision, |verdict| !verdict.personal_allowed && worth_asking(verdict)) {
        kinds.push(missing(Purpose::Personalisation));
    }
    if decision.chosen.is_empty() {
        kinds.extend(of_moments(&decision).map(|kind| (kind, None)));
        if kinds.is_empty() && input.freshness != Freshness::Expired {
            kinds.push((of_nothing(&decision), None));
        }
    }
    kinds
}

/// Whether the offer shows once the shopper says yes and is there, at some time: what is over, put away,
/// refused, elsewhere in the app or for others is no reason to ask the shopper for anything.
fn worth_asking(verdict: &Verdict) -> bool {
    let asked = Verdict {
        current: true,
        partner_allowed: true,
        location_allowed: true,
        personal_allowed: true,
        started: true,
        open: true,
        present: true,
        under_caps: true,
        ..at_another_moment(verdict)
    };
    asked.shown()
}

/// The same without the rules of when and how many.
fn at_another_moment(verdict: &Verdict) -> Verdict {
    let refused = verdict.hold.filter(|hold| hold.is_refusal());
    Verdict { hold: refused, called: true, ..*verdict }
}

fn asks_distance(offer: &Offer) -> bool {
    let sources = offer.audience.as_ref().map(|rule| rule.sources());
    sources.into_iter().flatten().any(|source| matches!(source, Source::Distance { .. }))
}

/// Which of the shopper's rules is all that keeps an offer away.
fn of_moments(decision: &Decision) -> Option<BlockerKind> {
    let mut held = decision.verdicts.iter().filter(|verdict| verdict.shown_but_for_moment() && verdict.present);
    held.find_map(|verdict| match verdict.hold {
        Some(Hold::Snoozed) => Some(BlockerKind::Snoozed),
        Some(Hold::Quiet) => Some(BlockerKind::QuietHours),
        Some(Hold::OnlyWhenAsked) => Some(BlockerKind::OnlyWhenAsked),
        Some(Hold::DailyLimit) => Some(BlockerKind::DailyLimit),
        Some(Hold::Partner | Hold::Offer | Hold::Topic | Hold::Resting) => None,
        None => (!verdict.called).then_some(BlockerKind::OnlyWhenAsked),
    })
}

/// What comes nearest to letting an offer show, when nothing else is named.
fn of_nothing(decision: &Decision) -> BlockerKind {
    let but_for = |turned: fn(&Verdict) -> Verdict| any(decision, |verdict| turned(verdict).shown());
    if but_for(|verdict| Verdict { hold: None, ..*verdict }) {
        BlockerKind::Refused
    } else if but_for(|verdict| Verdict { under_caps: true, ..*verdict }) {
        BlockerKind::ShownEnough
    } else if but_for(|verdict| Verdict { in_audience: true, in_experiment: true, ..at_another_moment(verdict) }) {
        BlockerKind::ForOthers
    } else {
        BlockerKind::NothingScheduled
    }
}

fn any(decision: &Decision, holds: impl Fn(&Verdict) -> bool) -> bool {
    decision.verdicts.iter().any(holds)
}
