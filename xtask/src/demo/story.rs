//! The demo's story, on the walk's own timeline: refuse, consent, walk, lose the network, be
//! killed, come back, deliver. It gives the orders and tells what came of them.

mod audience;
mod consent;
mod delivery;
mod faults;
mod hall;
mod leaving;
mod mistyped;
mod moments;
mod picture;
mod place;
mod publishing;
mod saved;
mod shopper;
mod switch;
mod unseen;
mod walk;

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use anyhow::bail;
use serde_json::Value;
use uuid::Uuid;

use crate::lab::{Dice, Held};

use super::course::Course;
use super::network::Network;
use super::phone::Phone;
use super::pictures::Pictures;
use super::protocol::{Answer, Card, Order, State};
use super::retailer::Retailer;
use super::row::{Entry, Tone};
use super::screen::{Pacer, Screen};
use super::summary::replies;
use super::trace::Trace;

/// What the shopper is asked for.
const PURPOSES: [&str; 6] =
    ["partner_offers", "precise_location", "beacons", "engagement", "notifications", "personalisation"];
/// The same in words.
const IN_WORDS: &str = "partner offers, location, beacons, engagement, notices, personalisation";
/// A drain ends long before; if it does not, the account says what is left.
const DRAIN_LIMIT_S: u64 = 20;

/// What the story is played on.
pub(crate) struct Stage<'a> {
    pub(crate) trace: &'a Trace,
    pub(crate) course: &'a Course,
    pub(crate) catalogue: &'a Value,
    pub(crate) network: &'a Network,
    pub(crate) pictures: &'a Pictures,
    pub(crate) retailer: Retailer,
    pub(crate) dice: Dice,
    /// Where the phone keeps its store.
    pub(crate) folder: PathBuf,
    /// Where the backend keeps its own.
    pub(crate) database: PathBuf,
    pub(crate) key: String,
}

pub(crate) struct Story<'a> {
    stage: Stage<'a>,
    screen: &'a mut Screen,
    pacer: Pacer,
    phone: Phone,
    /// How often the phone was started.
    lives: u64,
    /// The walk's time now.
    at_ms: i64,
    /// How far it has come.
    metres: f64,
    /// When each visit began.
    entered: HashMap<Uuid, i64>,
    /// Offers of no place that were told of.
    told: HashSet<String>,
    /// Whether it was said once why an offer does not show.
    explained: bool,
    refused_fixes: u64,
    /// Whether something was bought.
    bought: bool,
    /// Whether the shopper came to be among those whom an offer is for.
    belongs: bool,
    /// What was shown after the yes, kept to be taken again.
    decision: Option<Uuid>,
    /// What was kept for later, until the shopper was reminded.
    kept: Option<saved::Kept>,
    /// The variant that was looked at, and when, until it is shown that this was enough.
    seen: Option<(String, i64)>,
}

/// What the story leaves to the account.
pub(crate) struct Told {
    pub(crate) accepted: u64,
    pub(crate) device: State,
    /// What the backend's database held then.
    pub(crate) held: Held,
    pub(crate) lost_replies: u64,
    pub(crate) refused_fixes: u64,
}

/// The points at which the retailer publishes and switches all off, the network goes, the process dies, and the
/// network comes back.
struct Turning {
    publish: usize,
    switch: usize,
    cut: usize,
    kill: usize,
    mend: usize,
    shut: usize,
}

impl<'a> Story<'a> {
    pub(crate) fn new(stage: Stage<'a>, screen: &'a mut Screen, pacer: Pacer) -> anyhow::Result<Self> {
        Ok(Self {
            at_ms: stage.trace.points[0].at_ms,
            stage,
            screen,
            pacer,
            phone: Phone::start()?,
            lives: 0,
            metres: 0.0,
            entered: HashMap::new(),
            told: HashSet::new(),
            explained: false,
            refused_fixes: 0,
            bought: false,
            belongs: false,
            decision: None,
            kept: None,
            seen: None,
        })
    }

    /// Tells it from the first point to the last.
    pub(crate) async fn tell(mut self) -> anyhow::Result<Told> {
        self.open().await?;
        self.refuse().await?;
        self.sign_in().await?;
        self.consent().await?;
        let turning = Turning {
            publish: self.stage.course.index_at(0.15),
            switch: self.stage.course.index_at(0.34),
            cut: self.stage.course.index_at(0.40),
            kill: self.stage.course.index_at(self.stage.dice.between("kill", 0.52, 0.68)),
            mend: self.stage.course.index_at(0.80),
            shut: self.stage.course.index_at(0.88),
        };
        for at in 0..self.stage.trace.points.len() {
            self.step(at).await?;
            if at == turning.publish {
                self.publish().await?;
            }
            self.shown_enough().await?;
            if at == turning.switch {
                self.switch_off_and_on().await?;
            }
            if at == turning.cut {
                self.look_at_picture().await?;
                self.cut().await?;
                self.look_again_offline().await?;
            }
            if at == turning.kill {
                self.kill().await?;
            }
            if at == turning.mend {
                self.mend().await?;
            }
            if at == turning.shut {
                self.shut(at).await?;
            }
        }
        self.deliver().await
    }

    async fn open(&mut self) -> anyhow::Result<()> {
        self.lives += 1;
        // Another life, other ids: those of the first must not be drawn again.
        let seed = self.stage.dice.roll("device", self.lives);
        self.phone.must(&self.opening(self.stage.folder.clone(), seed)).await
    }

    /// The order that opens a store in `folder`.
    fn opening(&self, folder: PathBuf, seed: u64) -> Order {
        Order::Open {
            folder,
            endpoint: format!("http://{}", self.stage.network.address()),
            pictures: self.stage.network.pictures(),
            key: self.stage.key.clone(),
            at_ms: self.at_ms,
            seed,
        }
    }

    /// The offers that need no place, as far as they were not told of yet.
    async fn cards_everywhere(&mut self) -> anyhow::Result<()> {
        for card in self.phone.cards().await?.into_iter().filter(|card| card.places.is_empty()) {
            if self.told.insert(card.id.clone()) {
                self.say(offer_entry(&card)).await;
            }
        }
        Ok(())
    }

    // -- the end --

    async fn deliver(mut self) -> anyhow::Result<Told> {
        self.keep_captured().await?;
        self.share_with_one().await?;
        self.look().await?;
        self.drain_a_little().await?;
        let waiting = self.deliver_to_a_busy_backend().await?;
        let lost = self.stage.network.lost();
        self.say(
            Entry::then("drained", Tone::Good, "delivers what is left")
                .note(format!(
                    "{waiting} waited, {} delivered in all; {} lost",
                    self.phone.state.delivered,
                    replies(lost)
                ))
                .fact("delivered", self.phone.state.delivered)
                .fact("queued", self.phone.state.queued)
                .fact("lost_replies", lost),
        )
        .await;
        // Both sides are read before what follows makes them forget.
        let held = Held::read(&self.stage.database)?;
        let (accepted, device) = (self.phone.accepted(), self.phone.state.clone());
        self.partners_hear().await?;
        self.signal().await?;
        self.look_at_backend().await?;
        self.refuse_partner().await?;
        self.take_back().await?;
        self.visit_hall().await?;
        self.second_phone().await?;
        self.leave().await?;
        self.phone.end().await?;
        Ok(Told { accepted, device, held, lost_replies: lost, refused_fixes: self.refused_fixes })
    }

    /// Until nothing waits, or three times as long as a drain may take.
    async fn drain(&mut self) -> anyhow::Result<()> {
        for _ in 0..3 {
            let order = Order::Drain { limit_s: DRAIN_LIMIT_S, max_bytes: None };
            let Answer::Drained { done, .. } = self.phone.ask(&order).await?.answer else {
                bail!("the device does not drain");
            };
            self.phone.diagnose().await?;
            if self.phone.state.queued == 0 && done {
                break;
            }
        }
        Ok(())
    }

    async fn say(&mut self, entry: Entry) {
        self.screen.entry(self.at_ms, entry).await;
    }
}

fn offer_entry(card: &Card) -> Entry {
    Entry::then("offer", Tone::Offer, card.title.clone())
        .note(card.because.clone())
        .fact("offer", card.id.clone())
        .fact("title", card.title.clone())
        .fact("partner", card.partner.clone())
        .fact("because", card.because.clone())
}
