//! The simulated phone: a process of its own, so that it can be killed like one.
//!
//! Holds the real [`Patron`] and obeys orders from standard input, one at a time. Decides nothing
//! of the story; [`super::story`] does. It ends when its orders end, so it never outlives the demo.

use std::io::{BufRead, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use patron_core::clock::Clock;
use patron_core::consent::signal::{Declared, LocationPermission, Signals};
use patron_core::consent::{ConsentState, ConsentStatus, Purpose, PurposeKind, WithdrawPolicy};
use patron_core::event::{Engagement, Proximity, PurchaseLine, Tracked};
use patron_core::offer::{OfferCard, Refused, ShopperAct, Trait};
use patron_core::place::FixInput;
use patron_core::place::beacon::{Received, Scan, Signal};
use patron_core::place::plan::Limits;
use patron_core::sync::HttpTransport;
use patron_core::{Config, Drained, Edges, Error, Money, Network, Patron, Subscription};

use super::clock::{HURRY, WalkClock};
use super::heard::Heard;
use super::pictures::Way;
use super::protocol::{Act, Answer, Card, Order, Outcome, Reply, Rule, Stands, State};

/// Runs until the orders end.
pub(crate) fn run() -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut device = Device { open: None };
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let order: Order = serde_json::from_str(&line?)?;
        let reply = runtime.block_on(device.obey(order));
        serde_json::to_writer(&mut out, &reply)?;
        out.write_all(b"\n")?;
        out.flush()?;
    }
    Ok(ExitCode::SUCCESS)
}

struct Device {
    open: Option<Open>,
}

struct Open {
    patron: Patron,
    clock: Arc<WalkClock>,
    heard: Arc<Heard>,
    _subscription: Subscription,
}

impl Device {
    async fn obey(&mut self, order: Order) -> Reply {
        let answer = match self.carry_out(order).await {
            Ok(answer) => answer,
            Err(error) => Answer::Refused { error: variant(&error).to_owned(), text: error.to_string() },
        };
        // Listeners are told after a call is answered, on the engine's thread; one more turn of
        // that thread and everything up to here was heard.
        let (turns, notices) = match &self.open {
            Some(open) => {
                let _ = open.patron.ready().await;
                open.heard.take()
            }
            None => Default::default(),
        };
        Reply { turns, notices, answer }
    }

    async fn carry_out(&mut self, order: Order) -> Result<Answer, Error> {
        if let Order::Open { folder, endpoint, pictures, key, at_ms, seed } = order {
            let clock = Arc::new(WalkClock::at(at_ms));
            let transport = Arc::new(Way { http: HttpTransport::new(&endpoint)?, pictures });
            // Whoever tells of quiet hours need not know where the demo runs.
            let config = Config { time_zone: Some("UTC".to_owned()), ..Config::new(folder, endpoint, key) };
            let edges =
                Edges { clock: Arc::clone(&clock) as _, transport, seed: Some(seed), ..Edges::system(&config)? };
            let patron = Patron::open(config, edges)?;
            let heard = Arc::new(Heard::default());
            let subscription = patron.subscribe(Arc::clone(&heard) as _);
            patron.ready().await?;
            self.open = Some(Open { patron, clock, heard, _subscription: subscription });
            return Ok(Answer::Done);
        }
        let Some(Open { patron, clock, heard, .. }) = &self.open else { return Err(Error::Closed) };
        Ok(match order {
            Order::Open { .. } => Answer::Done,
            Order::Grant { purposes } => {
                patron.grant(self::purposes(&purposes)?).await?;
                Answer::Done
            }
            Order::Deny { purposes } => {
                patron.deny(self::purposes(&purposes)?).await?;
                Answer::Done
            }
            Order::Withdraw { purpose, keeps_captured } => {
                let policy = if keeps_captured { WithdrawPolicy::KeepCaptured } else { WithdrawPolicy::Purge };
                let gone = patron.withdraw_with(self::purpose(&purpose)?, policy, None).await?;
                Answer::Withdrawn { visits: gone.purged_visits, events: gone.purged_events }
            }
            Order::Gpc { on } => {
                patron.declare_signals(Signals { gpc: on, ..patron.signals() }).await?;
                Answer::Done
            }
            Order::SignIn { token } => {
                patron.identify(token).await?;
                Answer::Done
            }
            Order::Stand => {
                let said = |of: fn(&ConsentState) -> bool| {
                    let consents = patron.consents().into_iter().filter(of);
                    consents.map(|state| state.purpose.kind().as_str().to_owned()).collect()
                };
                Answer::Stands(Stands {
                    granted: said(|state| state.status == ConsentStatus::Granted),
                    lowered: said(|state| state.status == ConsentStatus::Granted && !state.effective),
                    denied: said(|state| matches!(state.status, ConsentStatus::Denied | ConsentStatus::Withdrawn)),
                })
            }
            Order::Rules => {
                let side = patron.shopper_side()?;
                let partner = |refused| if let Refused::Partner { partner } = refused { Some(partner) } else { None };
                Answer::Rules {
                    refused: side.refused.into_iter().filter_map(partner).collect(),
                    saved: side.saved.into_iter().map(|kept| kept.offer).collect(),
                }
            }
            Order::AskBackend => {
                patron.request_export().await?;
                Answer::Done
            }
            Order::Erase => {
                patron.erase().await?;
                Answer::Done
            }
            Order::Refresh => {
                patron.refresh().await?;
                Answer::Done
            }
            Order::Fix { at_ms, latitude, longitude, accuracy_m } => {
                clock.stand_at(at_ms);
                let fix = FixInput { latitude, longitude, accuracy_m, age_ms: 0, mock: false };
                heard.add(patron.update_location(fix).await?);
                Answer::Done
            }
            Order::CheckIn { code } => {
                patron.check_in(code).await?;
                Answer::Done
            }
            Order::Hear { beacon, rssi_dbm } => {
                let mut zones = Vec::new();
                for _ in 0..3 {
                    let signal = Signal::Beacon { beacon: beacon.clone(), power_dbm: None };
                    let scan = Scan { listened_ms: 4_000, received: vec![Received { signal, rssi_dbm }] };
                    let changes = patron.hear(scan).await?.zones;
                    zones.extend(changes.into_iter().map(|change| (zone(change.zone).to_owned(), change.event)));
                }
                Answer::Heard { zones }
            }
            Order::Wait { ms } => {
                let at_ms = clock.now().wall_ms + ms;
                clock.stand_at(at_ms);
                let skew_ms = patron.diagnostics().await?.clock_skew_ms.unwrap_or(0);
                Answer::Waited { at_ms, backend_ms: at_ms - skew_ms }
            }
            Order::Permission { location } => {
                let says = if location { LocationPermission::Precise } else { LocationPermission::None };
                patron.declare_signals(Signals { location: Declared::Is(says), ..patron.signals() }).await?;
                Answer::Done
            }
            Order::Plan => {
                let plan = patron.plan(Limits::ANDROID).await?;
                Answer::Planned {
                    regions: plan.regions.len(),
                    outside: plan.outside,
                    safe_m: plan.safe.radius_m,
                    next_fix_s: plan.next_fix.as_secs(),
                }
            }
            Order::Track { act, offer } => {
                let event = match act {
                    Act::Impression => Engagement::Impression { offer },
                    Act::Clicked => Engagement::Clicked { offer },
                    Act::Saved => Engagement::Saved { offer },
                };
                Answer::Tracked { outcome: outcome(patron.track(&event)?) }
            }
            Order::Share { offer, partner } => {
                let event = Engagement::Shared { offer, channel: Some("link".to_owned()), partner: Some(partner) };
                Answer::Tracked { outcome: outcome(patron.track(&event)?) }
            }
            Order::See { offer } => {
                let seen = patron.saw(offer, false).await?;
                Answer::Tracked { outcome: if seen { Outcome::Recorded } else { Outcome::NotPermitted } }
            }
            Order::Offers { placement } => told(patron.offers(&placement)?),
            Order::Suggest { placement } => told(patron.suggest(&placement)?),
            Order::Wish { words } => {
                patron.act(ShopperAct::Wish { words, topics: Vec::new(), until_ms: None }).await?;
                Answer::Done
            }
            Order::Snooze { until_ms } => {
                let act = until_ms.map_or(ShopperAct::EndSnooze, |until_ms| ShopperAct::Snooze { until_ms });
                patron.act(act).await?;
                Answer::Done
            }
            Order::Say { rule } => {
                patron.act(act(rule)).await?;
                Answer::Done
            }
            Order::Blockers { placement } => {
                let blockers = patron.blockers(Some(&placement), false)?;
                Answer::Blocked { by: blockers.into_iter().map(|b| (format!("{:?}", b.kind), b.remedy)).collect() }
            }
            Order::Refuse { partner } => {
                patron.act(ShopperAct::Refuse(Refused::Partner { partner })).await?;
                Answer::Done
            }
            Order::Save { offer } => {
                patron.act(ShopperAct::Save { offer, when_here: true, before_end_h: None }).await?;
                Answer::Done
            }
            Order::Tell { segment } => {
                patron.tell(vec![Trait::Segment { id: segment, member: Some(true) }]).await?;
                Answer::Done
            }
            Order::Keep { placement } => Answer::Kept { decision: patron.keep_decision(placement, true).await? },
            Order::Why { offer } => {
                let why = patron.why(&offer, None, true)?;
                let remedy = why.reasons.into_iter().filter(|r| !r.holds).find_map(|r| r.remedy);
                Answer::Why { shown: why.shown, summary: why.summary, remedy }
            }
            Order::Picture { offer } => {
                let file = patron.image(offer, 0, false).await?;
                let bytes = std::fs::metadata(&file).map_err(|why| Error::storage(why.to_string()))?.len();
                Answer::Picture { bytes }
            }
            Order::Network { metered } => {
                patron.set_network(if metered { Network::Metered } else { Network::Unmetered })?;
                Answer::Done
            }
            Order::Purchase { order, place, lines } => {
                let line = |(sku, quantity, unit_price_minor)| PurchaseLine { sku, quantity, unit_price_minor };
                let lines: Vec<_> = lines.into_iter().map(line).collect();
                let minor = lines.iter().map(|line| line.quantity * line.unit_price_minor).sum();
                let total = Money { minor, currency: "EUR".to_owned() };
                let event = Engagement::Purchased { order, lines, total, place: Some(place), partner: None };
                Answer::Tracked { outcome: outcome(patron.track(&event)?) }
            }
            Order::Foreground { foreground } => {
                patron.set_foreground(foreground)?;
                Answer::Done
            }
            Order::Drain { limit_s, max_bytes } => {
                clock.run();
                let limit = Duration::from_secs(limit_s);
                let drained = tokio::time::timeout(limit, patron.drain(limit * HURRY, max_bytes)).await;
                clock.stand();
                match drained {
                    Ok(drained) => {
                        let Drained { delivered, left, sent_bytes, done } = drained?;
                        Answer::Drained { done, delivered, left, sent_bytes }
                    }
                    Err(_) => Answer::Drained { done: false, delivered: 0, left: 0, sent_bytes: 0 },
                }
            }
            Order::Look => {
                let ledger = patron.verify_ledger().await?;
                let export: serde_json::Value = serde_json::from_str(&patron.export().await?)
                    .map_err(|error| Error::storage(format!("the export does not read: {error}")))?;
                Answer::Known {
                    decisions: ledger.entries,
                    countersigned: ledger.anchored_epoch,
                    items: export["items"].as_array().map_or(0, Vec::len),
                    at_backend: at_backend(&export["backend"]["data"]),
                }
            }
            Order::Diagnostics => {
                let d = patron.diagnostics().await?;
                Answer::Diagnostics(State {
                    accepted: d.account.accepted,
                    delivered: d.account.delivered,
                    queued: d.account.queued,
                    dead: d.account.dead,
                    evicted: d.account.evicted,
                    purged: d.account.purged,
                    installation: d.installation,
                    last_error: d.last_error,
                    quarantined: d.quarantined,
                })
            }
            Order::Close => {
                patron.close();
                Answer::Done
            }
        })
    }
}

/// The events that the backend showed, with those that an export has no room for.
fn at_backend(data: &serde_json::Value) -> Option<u64> {
    let shown = data["events"].as_array()?.len() as u64;
    Some(shown + data["events_left_out"].as_u64().unwrap_or(0))
}

fn act(rule: Rule) -> ShopperAct {
    match rule {
        Rule::Quiet(Some((from, to))) => ShopperAct::Quiet { from, to },
        Rule::Quiet(None) => ShopperAct::NoQuiet,
        Rule::Daily(most) => ShopperAct::Daily { most },
        Rule::OnlyWhenAsked(only) => ShopperAct::OnlyWhenAsked { only },
        Rule::Unseen => ShopperAct::Unseen,
    }
}

fn told(cards: Vec<OfferCard>) -> Answer {
    let cards = cards.into_iter().map(|card| Card {
        id: card.id,
        title: card.title,
        partner: card.partner_name,
        places: card.places,
        because: card.because,
    });
    Answer::Offers { cards: cards.collect() }
}

fn zone(zone: Proximity) -> &'static str {
    match zone {
        Proximity::Immediate => "within reach",
        Proximity::Near => "near",
        Proximity::Far => "far",
        Proximity::Lost => "lost",
    }
}

fn outcome(tracked: Tracked) -> Outcome {
    match tracked {
        Tracked::Recorded | Tracked::NotYetDurable => Outcome::Recorded,
        Tracked::NotPermitted => Outcome::NotPermitted,
        Tracked::Busy => Outcome::Busy,
    }
}

fn purposes(names: &[String]) -> Result<Vec<Purpose>, Error> {
    names.iter().map(|name| purpose(name)).collect()
}

/// By its name; behind a slash the partner that it is about.
fn purpose(name: &str) -> Result<Purpose, Error> {
    let (kind, partner) = name.split_once('/').map_or((name, None), |(kind, partner)| (kind, Some(partner)));
    let kind = PurposeKind::ALL.into_iter().find(|known| known.as_str() == kind);
    let known = kind.and_then(|kind| Purpose::from_parts(kind, partner));
    known.ok_or_else(|| Error::invalid("purpose", format!("{name:?} is none")))
}

fn variant(error: &Error) -> &'static str {
    match error {
        Error::InvalidInput { .. } => "invalid_input",
        Error::NotPermitted { .. } => "not_permitted",
        Error::Busy => "busy",
        Error::Unavailable { .. } => "unavailable",
        Error::Storage { .. } => "storage",
        Error::Tampered { .. } => "tampered",
        Error::AnotherShopper => "another_shopper",
        Error::Closed => "closed",
    }
}
