//! Why nothing, or less than there could be, and what to do about it.

use std::collections::BTreeSet;
use std::time::Duration;

use super::decide::decide_all;
use super::hold::day_start_ms;
use super::rule::Source;
use super::texts::{How, Language, Moment};
use super::view::View;
use super::{Decision, DecisionInput, Freshness, Hold, Offer, Shopper, Trigger, Verdict};
use crate::consent::{Purpose, PurposeKind, PurposeSet};
use crate::place::Witness;

/// Hours of so many offers are read for when to come back: each takes up to 70 µs, where it does not meet its place's.
const MOST_HOURS: usize = 100;

/// A phone that told the app of no position in a day does not wake it.
const UNHEARD: Duration = Duration::from_secs(24 * 3_600);

/// What keeps offers away.
///
/// None says that the shopper is held out of a trial. Nobody can change it, so there is no remedy to name; whoever
/// learns of it may behave otherwise, and then the comparison is of nothing; and that there is a trial is its
/// publisher's to tell. Its offers are [`BlockerKind::ForOthers`], which is true. [`super::why`] says it of an offer that is asked for
/// by its id: that is a question of whoever knows of the offer already.
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
    /// The system does not let the app know where it is, hear beacons, or notify; the purpose says which.
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
    /// The shopper is at no place that has an offer now, as far as those may say so who were let.
    NotThere,
    /// What would show is refused by the shopper, or rests.
    Refused,
    /// What would show was put away by the shopper.
    Dismissed,
    /// What would show was shown as often as it may be.
    ShownEnough,
    /// All that is on is for other shoppers.
    ForOthers,
    /// No offer is within its dates and hours and those of its places, at this placement.
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
    /// The purpose, where it is consent, lowers one, or is the system's permission for one.
    pub purpose: Option<Purpose>,
}

/// What the phone lets the app do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Phone {
    /// The shopper allowed the exact position, and nothing but the system's permission is in the way.
    pub location_refused: bool,
    /// The shopper allowed beacons, and nothing but the system's permission is in the way.
    pub beacons_refused: bool,
    /// The shopper allowed notices, and nothing but the system's permission is in the way.
    pub notices_refused: bool,
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
/// Of the shopper's own rules each is named that would keep everything away by itself, and of what keeps single
/// offers away what has to go until one shows: with one of them turned around, an offer shows or the others are left.
/// The purpose for notices, and the system's permission for them, are named for what comes by itself alone, where
/// an offer could speak up. A place that is known by beacons alone asks for those and not for the position. One that
/// is closed keeps its offers away as hours of their own would.
///
/// It is told of the question that `input` and `shopper` put: for that placement, asked for or not. What keeps
/// an offer away that is for others is not named; [`BlockerKind::ForOthers`] is, where all that is on is. Nor is
/// consent asked for what was refused, put away or is over; and of a catalogue that is switched off nothing is looked at.
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
    let mut how = How::default();
    if let Some(input) = input {
        kinds.extend(of_offers(input, shopper, phone, &mut how));
    }
    let language = Language::of(locale);
    kinds
        .into_iter()
        .map(|(kind, purpose)| {
            let (text, remedy) = language.blocker(kind, purpose.as_ref(), &how);
            Blocker { kind, text, remedy, purpose }
        })
        .collect()
}

fn of_offers<'a>(
    input: &'a DecisionInput<'a>,
    shopper: &'a Shopper<'a>,
    phone: &Phone,
    how: &mut How<'a>,
) -> Vec<(BlockerKind, Option<Purpose>)> {
    if input.catalogue.sdk.off {
        return vec![(BlockerKind::SwitchedOff, None)];
    }
    // Whom an offer is for is looked at of those, too, that do not show for another reason: what keeps an
    // offer away that is for others is nothing to tell this shopper.
    let decision = decide_all(input, shopper, true);
    let offers = &input.catalogue.offers;
    let judged = || offers.iter().zip(&decision.verdicts);
    let nothing = decision.chosen.is_empty();
    let mut kinds = Vec::new();
    // A purpose that was granted and is lowered from outside is not to be asked for once more; what the system alone
    // refuses is to be allowed there.
    let missing = |purpose: Purpose, refused: bool| {
        let lowered = phone.lowered.contains(purpose.kind());
        let kind = match (refused, lowered) {
            (true, _) => BlockerKind::PermissionMissing,
            (false, true) => BlockerKind::Overlay,
            (false, false) => BlockerKind::ConsentMissing,
        };
        (kind, Some(purpose))
    };
    if any(&decision, |verdict| !verdict.partner_allowed) {
        kinds.push(missing(Purpose::PartnerOffers, false));
    }
    // A rule about a distance is unknown, and not a no, while nobody knows where the shopper is.
    let precise = input.gate.allows(PurposeKind::PreciseLocation);
    let knows_where = input.position.is_some() && precise;
    let may_be_for = |offer: &Offer, verdict: &Verdict| {
        let in_audience = verdict.in_audience || (!knows_where && asks_distance(offer));
        Verdict { in_audience, ..*verdict }
    };
    let needs_position = |(offer, verdict): &(&Offer, &Verdict)| {
        !precise && (!verdict.location_allowed || asks_distance(offer)) && worth_asking(&may_be_for(offer, verdict))
    };
    if judged().any(|judged| needs_position(&judged)) {
        kinds.push(missing(Purpose::PreciseLocation, phone.location_refused));
    }
    if judged().any(|(offer, verdict)| !verdict.beacons_allowed && worth_asking(&may_be_for(offer, verdict))) {
        kinds.push(missing(Purpose::Beacons, phone.beacons_refused));
    }
    let view = View::new(input, shopper);
    let asks_where = |offer: &Offer| !offer.places.is_empty() || asks_distance(offer);
    let shows_of_place = decision.chosen.iter().any(|at| offers.get(*at).is_some_and(asks_where));
    let is_away = |(offer, verdict): &(&Offer, &Verdict)| {
        let there = may_be_for(offer, verdict);
        // While nothing shows, what else stands against it has its own name.
        let there = if nothing { Verdict { under_caps: true, ..at_another_moment(&there) } } else { there };
        there.shown_but_for_presence() && !(verdict.present && verdict.in_audience)
    };
    let away: Vec<_> = judged().filter(|judged| is_away(judged) && !needs_position(judged)).collect();
    if !away.is_empty() && !shows_of_place {
        // Of whom a beacon is heard, or who scans a code, a position need not be known.
        let at_place = |(offer, verdict): &(&Offer, &Verdict)| !verdict.present && !offer.places.is_empty();
        let by_position = |offer: &Offer| view.ways(offer).any(|(_, way)| way == Witness::Position);
        let sought = away.iter().any(|judged| !at_place(judged) || by_position(judged.0));
        let unknown = sought && input.position.is_none() && input.visits.is_empty();
        let by_code = |offer: &Offer| view.ways(offer).all(|(_, way)| way == Witness::CheckIn);
        how.by_code = away.iter().all(|judged| at_place(judged) && by_code(judged.0));
        kinds.push((if unknown { BlockerKind::NoPosition } else { BlockerKind::NotThere }, None));
        if sought && phone.unheard.is_some_and(|since| since > UNHEARD) {
            kinds.push((BlockerKind::NoWake, None));
        }
    }
    if any(&decision, |verdict| !verdict.personal_allowed && worth_asking(verdict)) {
        kinds.push(missing(Purpose::Personalisation, false));
    }
    if nothing {
        let on: Vec<_> = judged().filter(|(offer, verdict)| lifted(&may_be_for(offer, verdict)).shown()).collect();
        let unnamed = kinds.is_empty() && on.is_empty() && input.freshness != Freshness::Expired;
        let own = against(input, shopper, &on);
        kinds.extend(OWN.into_iter().filter(|kind| own & bit(*kind) != 0).map(|kind| (kind, None)));
        if unnamed {
            let others = |verdict: &Verdict| Verdict { in_audience: true, in_experiment: true, ..lifted(verdict) };
            let of_others = any(&decision, |verdict| others(verdict).shown());
            kinds.push((if of_others { BlockerKind::ForOthers } else { BlockerKind::NothingScheduled }, None));
            let later = |(offer, verdict): &(&Offer, &Verdict)| {
                Verdict { started: true, open: true, ..lifted(&may_be_for(offer, verdict)) }.shown()
            };
            let later: Vec<_> = judged().filter(later).map(|(offer, _)| offer).collect();
            how.closed = !later.is_empty() && later.iter().all(|offer| is_in_its_hours(offer, input.now_ms));
            how.opens = first_opening(&view, shopper, later);
        }
    }
    let speaks_up = |(offer, verdict): (&Offer, &Verdict)| {
        // A notice stands at no placement.
        let anywhere = Verdict { placed: true, ..may_be_for(offer, verdict) };
        let triggered = offer.triggers.iter().any(|trigger| *trigger != Trigger::Pull);
        verdict.partner_allowed && triggered && worth_asking(&anywhere)
    };
    if !shopper.asked && !input.gate.allows(PurposeKind::Notifications) && judged().any(speaks_up) {
        kinds.push(missing(Purpose::Notifications, phone.notices_refused));
    }
    kinds
}

/// Whether nothing but the hours of its places is against the offer now.
fn is_in_its_hours(offer: &Offer, now_ms: i64) -> bool {
    let hours = offer.schedule.as_deref();
    offer.starts_at_ms.is_none_or(|at| at <= now_ms) && hours.is_none_or(|hours| hours.open_until(now_ms).is_some())
}

/// When the first of `offers` can be had, which are closed now; in whose zone it is meant. Of very many the first
/// [`MOST_HOURS`] are asked: something shows then, whatever else may open before, and the caller does not wait.
fn first_opening<'a>(view: &View<'a>, shopper: &'a Shopper<'a>, offers: Vec<&'a Offer>) -> Option<Moment<'a>> {
    let now_ms = view.input.now_ms;
    let opens = |offer: &'a Offer| {
        let from_ms = offer.starts_at_ms.map_or(now_ms, |starts| starts.max(now_ms));
        Some((view.sites().opens_from(offer, from_ms)?, offer))
    };
    let (at_ms, offer) = offers.into_iter().take(MOST_HOURS).filter_map(opens).min_by_key(|(at_ms, _)| *at_ms)?;
    Some(Moment { at_ms, now_ms, zone: view.zone_of(offer).or(Some(shopper.zone)) })
}

/// The offer as it were with every yes, there, and with nothing of the shopper's own or of limits against it.
fn lifted(verdict: &Verdict) -> Verdict {
    Verdict {
        current: true,
        partner_allowed: true,
        location_allowed: true,
        beacons_allowed: true,
        personal_allowed: true,
        present: true,
        kept: true,
        under_caps: true,
        called: true,
        hold: None,
        ..*verdict
    }
}

/// Whether the offer shows once the shopper says yes and is there, at some time: what is over, put away,
/// refused, elsewhere in the app or for others is no reason to ask the shopper for anything.
fn worth_asking(verdict: &Verdict) -> bool {
    let refused = at_another_moment(verdict).hold;
    Verdict { started: true, open: true, kept: verdict.kept, hold: refused, ..lifted(verdict) }.shown()
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

/// The shopper's own doing, and limits, in the order in which they are told.
const OWN: [BlockerKind; 7] = [
    BlockerKind::Snoozed,
    BlockerKind::QuietHours,
    BlockerKind::OnlyWhenAsked,
    BlockerKind::DailyLimit,
    BlockerKind::Refused,
    BlockerKind::Dismissed,
    BlockerKind::ShownEnough,
];

fn bit(kind: BlockerKind) -> u32 {
    1 << kind as u32
}

/// That this purpose is missing; behind the last of [`BlockerKind`].
fn bit_of(purpose: PurposeKind) -> u32 {
    bit(BlockerKind::NothingScheduled) << purpose as u32
}

/// Which of [`OWN`] stand between the shopper and what is `on`, as bits.
///
/// Each offer has the set of what stands against it. One whose set holds another's whole is farther away than that
/// other, and says nothing; a rule that stands against everything is in every set, and so it is named. Whatever is turned
/// around goes from every set, and none says anything then that did not before.
fn against(input: &DecisionInput<'_>, shopper: &Shopper<'_>, on: &[(&Offer, &Verdict)]) -> u32 {
    let (now, moments, view) = (input.now_ms, shopper.moments, View::new(input, shopper));
    let precise = input.gate.allows(PurposeKind::PreciseLocation);
    let mut always = 0;
    let mut came = None;
    if !shopper.asked {
        always = moments.all_standing(now, shopper.zone).map(|hold| bit(kind_of(hold))).fold(0, |all, bit| all | bit);
        let today = shopper.history.came_since(day_start_ms(now, 0, shopper.zone).unwrap_or(now));
        came = moments.daily().is_some_and(|most| today.len() >= usize::from(most)).then_some(today);
    }
    let mut sets: BTreeSet<u32> = on
        .iter()
        .map(|(offer, verdict)| {
            // Of a partner's offer that may not be looked at, nothing is but that it is one.
            let known = verdict.partner_allowed;
            let there = verdict.present && verdict.in_audience;
            let is_found = verdict.location_allowed && (precise || there || !asks_distance(offer));
            // A yes to one purpose is none to another.
            let asks = [
                (PurposeKind::PreciseLocation, !is_found),
                (PurposeKind::Beacons, !verdict.beacons_allowed),
                (PurposeKind::Personalisation, !verdict.personal_allowed),
                (PurposeKind::PartnerOffers, !known),
            ];
            let asks = asks.into_iter().filter(|(_, asks)| *asks).fold(always, |set, (of, _)| set | bit_of(of));
            let stands = [
                (BlockerKind::NotThere, !there),
                (BlockerKind::OnlyWhenAsked, !verdict.called),
                (BlockerKind::DailyLimit, came.as_ref().is_some_and(|came| !known || !came.contains(&*offer.id))),
                (BlockerKind::Refused, verdict.hold.is_some_and(Hold::is_refusal)),
                (BlockerKind::Dismissed, !verdict.kept),
                (BlockerKind::ShownEnough, known && !view.is_counted(offer) && view.too_often(offer)),
            ];
            stands.into_iter().filter(|(_, stands)| *stands).fold(asks, |set, (kind, _)| set | bit(kind))
        })
        .collect();
    if sets.is_empty() {
        sets.insert(always | came.map_or(0, |_| bit(BlockerKind::DailyLimit)));
    }
    let is_nearest = |set: &&u32| !sets.iter().any(|other| other != *set && other & **set == *other);
    sets.iter().filter(is_nearest).fold(0, |all, set| all | set)
}

/// As what a rule of the shopper's is named.
fn kind_of(hold: Hold) -> BlockerKind {
    match hold {
        Hold::Snoozed => BlockerKind::Snoozed,
        Hold::Quiet => BlockerKind::QuietHours,
        Hold::OnlyWhenAsked => BlockerKind::OnlyWhenAsked,
        Hold::DailyLimit => BlockerKind::DailyLimit,
        Hold::Partner | Hold::Offer | Hold::Topic | Hold::Resting => BlockerKind::Refused,
    }
}

fn any(decision: &Decision, holds: impl Fn(&Verdict) -> bool) -> bool {
    decision.verdicts.iter().any(holds)
}
