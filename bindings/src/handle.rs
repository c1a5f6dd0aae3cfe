//! The one object.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use patron_core::consent::signal::ConsentMode;
use patron_core::consent::{
    ConsentPrompt, ConsentState, ConsentText, Purpose, Receipt, Verified, WithdrawPolicy, Withdrawal,
};
use patron_core::event::Tracked;
use patron_core::log::Log;
use patron_core::offer::{Blocker, OfferCard, ShopperAct, Trait, Why};
use patron_core::place::beacon::{Heard, Scan, ZoneChange};
use patron_core::place::checkin::CheckedIn;
use patron_core::place::plan::{Limits, Wake};
use patron_core::place::{FixInput, Plan, Transition, Visit};
use patron_core::{DeadLetter, Diagnostics, Drained, Erased, Network, Patron, SignedOut};

use crate::config::HandleConfig;
use crate::contain::{contain, contain_async};
use crate::error::PatronError;
use crate::event::Engagement;
use crate::jvm;
use crate::lane::Lane;
use crate::listener::{Bridge, ChangeListener, LogCallback, SubscriptionHandle};
use crate::offer::{Profile, ShopperSide};
use crate::signal::Signals;
use crate::transport::HostTransport;
use crate::vault::VaultCallback;

type Result<T> = std::result::Result<T, PatronError>;

/// An open store. What each call does, needs and fails with stands at `patron_core::Patron`.
///
/// The async calls need no runtime: the engine answers over a channel that any executor can wait
/// on, and a future that the host drops takes nothing with it.
#[derive(uniffi::Object)]
pub struct PatronHandle {
    patron: Patron,
    pub(crate) log: Log,
    closed: AtomicBool,
    lane: OnceLock<Lane>,
}

#[uniffi::export]
impl PatronHandle {
    /// Takes the folder's lock and starts the engine. Requests go through `transport`, where one is given.
    #[uniffi::constructor]
    pub fn open(
        config: HandleConfig,
        log: Option<Box<dyn LogCallback>>,
        vault: Option<Box<dyn VaultCallback>>,
        transport: Option<Box<dyn HostTransport>>,
    ) -> Result<Arc<Self>> {
        contain(&Log::silent(), "open", || {
            let (config, edges) = config.into_core(log, vault, transport)?;
            let log = edges.log.clone();
            let patron = Patron::open(config, edges)?;
            Ok(Arc::new(Self { patron, log, closed: AtomicBool::new(false), lane: OnceLock::new() }))
        })
    }

    /// Waits for the database.
    pub async fn ready(&self) -> Result<()> {
        contain_async(&self.log, "ready", async { Ok(self.open_or_closed()?.ready().await?) }).await
    }

    /// Stores what was handed over and stops the threads. Idempotent. Not named `close`: that is
    /// what the generated Kotlin calls freeing an object.
    pub fn shut_down(&self) -> Result<()> {
        self.closed.store(true, Ordering::Release);
        contain(&self.log, "shut_down", || {
            self.patron.close();
            Ok(())
        })
    }

    /// The shopper says yes or no, on that screen.
    pub async fn decide(&self, purposes: Vec<Purpose>, yes: bool, surface: Option<String>) -> Result<Receipt> {
        contain_async(&self.log, "decide", async { Ok(self.open_or_closed()?.decide(purposes, yes, surface).await?) })
            .await
    }

    /// The shopper takes a yes back.
    pub async fn withdraw(
        &self,
        purpose: Purpose,
        policy: WithdrawPolicy,
        surface: Option<String>,
    ) -> Result<Withdrawal> {
        contain_async(&self.log, "withdraw", async {
            Ok(self.open_or_closed()?.withdraw_with(purpose, policy, surface).await?)
        })
        .await
    }

    /// What stands for each purpose.
    pub fn consents(&self) -> Result<Vec<ConsentState>> {
        contain(&self.log, "consents", || Ok(self.open_or_closed()?.consents()))
    }

    /// The words for each purpose.
    pub fn consent_texts(&self) -> Result<Vec<ConsentText>> {
        contain(&self.log, "consent_texts", || Ok(self.open_or_closed()?.consent_texts()))
    }

    /// The questions that may be put now.
    pub fn consent_prompts(&self) -> Result<Vec<ConsentPrompt>> {
        contain(&self.log, "consent_prompts", || Ok(self.open_or_closed()?.consent_prompts()))
    }

    /// They were put.
    pub async fn prompted(&self, purposes: Vec<Purpose>) -> Result<()> {
        contain_async(&self.log, "prompted", async { Ok(self.open_or_closed()?.prompted(purposes).await?) }).await
    }

    /// What the world outside allows.
    pub async fn declare_signals(&self, signals: Signals) -> Result<()> {
        contain_async(&self.log, "declare_signals", async {
            Ok(self.open_or_closed()?.declare_signals(signals.into()).await?)
        })
        .await
    }

    /// The signals as they were declared last.
    pub fn signals(&self) -> Result<Signals> {
        contain(&self.log, "signals", || Ok(self.open_or_closed()?.signals().into()))
    }

    /// What Google's SDKs are to be told; `partner` is the one that stands for Google.
    pub fn consent_mode(&self, partner: String) -> Result<ConsentMode> {
        contain(&self.log, "consent_mode", || Ok(self.open_or_closed()?.consent_mode(&partner)))
    }

    /// Walks the ledger.
    pub async fn verify_ledger(&self) -> Result<Verified> {
        contain_async(&self.log, "verify_ledger", async { Ok(self.open_or_closed()?.verify_ledger().await?) }).await
    }

    /// The ledger as a document.
    pub async fn consent_record(&self) -> Result<String> {
        contain_async(&self.log, "consent_record", async { Ok(self.open_or_closed()?.consent_record().await?) }).await
    }

    /// Everything that is known of the shopper.
    pub async fn export(&self) -> Result<String> {
        contain_async(&self.log, "export", async { Ok(self.open_or_closed()?.export().await?) }).await
    }

    /// Asks the backend for its part.
    pub async fn request_export(&self) -> Result<()> {
        contain_async(&self.log, "request_export", async { Ok(self.open_or_closed()?.request_export().await?) }).await
    }

    /// Erases everything that is known of the shopper.
    pub async fn erase(&self) -> Result<Erased> {
        contain_async(&self.log, "erase", async { Ok(self.open_or_closed()?.erase().await?) }).await
    }

    /// Takes in a position.
    pub async fn update_location(&self, fix: FixInput) -> Result<Vec<Transition>> {
        contain_async(&self.log, "update_location", async { Ok(self.open_or_closed()?.update_location(fix).await?) })
            .await
    }

    /// Takes in what the phone heard of beacons.
    pub async fn hear(&self, scan: Scan) -> Result<Heard> {
        contain_async(&self.log, "hear", async { Ok(self.open_or_closed()?.hear(scan).await?) }).await
    }

    /// The beacon that is nearest.
    pub fn nearest_beacon(&self) -> Result<Option<ZoneChange>> {
        contain(&self.log, "nearest_beacon", || Ok(self.open_or_closed()?.nearest_beacon()))
    }

    /// The shopper scanned a code in a store.
    pub async fn check_in(&self, code: String) -> Result<CheckedIn> {
        contain_async(&self.log, "check_in", async { Ok(self.open_or_closed()?.check_in(code).await?) }).await
    }

    /// What the platform is to watch.
    pub async fn plan(&self, limits: Limits) -> Result<Plan> {
        contain_async(&self.log, "plan", async { Ok(self.open_or_closed()?.plan(limits).await?) }).await
    }

    /// The platform woke the app for a region.
    pub async fn woke(&self, region: String) -> Result<Wake> {
        contain_async(&self.log, "woke", async { Ok(self.open_or_closed()?.woke(region).await?) }).await
    }

    /// In how long the next position is due.
    pub async fn next_fix(&self) -> Result<Duration> {
        contain_async(&self.log, "next_fix", async { Ok(self.open_or_closed()?.next_fix().await?) }).await
    }

    /// The places that the shopper is near and not at.
    pub fn approaching(&self) -> Result<Vec<String>> {
        contain(&self.log, "approaching", || Ok(self.open_or_closed()?.approaching()))
    }

    /// The visits that are open.
    pub fn visits(&self) -> Result<Vec<Visit>> {
        contain(&self.log, "visits", || Ok(self.open_or_closed()?.visits()))
    }

    /// The offers for a placement, best first.
    pub fn offers(&self, placement: String) -> Result<Vec<OfferCard>> {
        contain(&self.log, "offers", || Ok(self.open_or_closed()?.offers(&placement)?))
    }

    /// The cards that may come by themselves.
    pub fn suggest(&self, placement: String) -> Result<Vec<OfferCard>> {
        contain(&self.log, "suggest", || Ok(self.open_or_closed()?.suggest(&placement)?))
    }

    /// So much of a card is in view.
    pub fn viewing(&self, offer: String, visible_fraction: f64, asked: bool) -> Result<bool> {
        contain(&self.log, "viewing", || Ok(self.open_or_closed()?.viewing(&offer, visible_fraction, asked)?))
    }

    /// The shopper's word on rules, wishes and saved offers.
    pub async fn act(&self, act: ShopperAct) -> Result<()> {
        contain_async(&self.log, "act", async { Ok(self.open_or_closed()?.act(act).await?) }).await
    }

    /// Where the shopper's clock stands now, by its IANA name: the system says that the zone changed.
    pub async fn set_time_zone(&self, name: String) -> Result<()> {
        contain_async(&self.log, "set_time_zone", async { Ok(self.open_or_closed()?.set_time_zone(name).await?) }).await
    }

    /// How the shopper's own side stands.
    pub fn shopper_side(&self) -> Result<ShopperSide> {
        contain(&self.log, "shopper_side", || Ok(self.open_or_closed()?.shopper_side()?.into()))
    }

    /// What the app knows of the shopper.
    pub async fn tell(&self, traits: Vec<Trait>) -> Result<()> {
        contain_async(&self.log, "tell", async { Ok(self.open_or_closed()?.tell(traits).await?) }).await
    }

    /// What the app has told of the shopper.
    pub fn profile(&self) -> Result<Profile> {
        contain(&self.log, "profile", || Ok(self.open_or_closed()?.profile()?.into()))
    }

    /// Keeps the decision as it stands; its id.
    pub async fn keep_decision(&self, placement: String, asked: bool) -> Result<String> {
        contain_async(&self.log, "keep_decision", async {
            Ok(self.open_or_closed()?.keep_decision(placement, asked).await?.to_string())
        })
        .await
    }

    /// Why an offer shows, or does not.
    pub fn why(&self, offer: String, placement: Option<String>, asked: bool) -> Result<Why> {
        contain(&self.log, "why", || Ok(self.open_or_closed()?.why(&offer, placement.as_deref(), asked)?))
    }

    /// What stands between the shopper and offers.
    pub fn blockers(&self, placement: Option<String>, asked: bool) -> Result<Vec<Blocker>> {
        contain(&self.log, "blockers", || Ok(self.open_or_closed()?.blockers(placement.as_deref(), asked)?))
    }

    /// Records what the shopper did, at once.
    pub fn track(&self, event: Engagement) -> Result<Tracked> {
        contain(&self.log, "track", || Ok(self.open_or_closed()?.track(&event.into())?))
    }

    /// The number by which `dev.patron.internal.Lane` reaches [`Self::track`] past JNA. Good until the
    /// handle is freed; of no use where no JVM loaded the library.
    pub fn lane(self: Arc<Self>) -> Result<u64> {
        contain(&self.log, "lane", || {
            self.open_or_closed()?;
            if jvm::is_known() {
                Ok(self.lane.get_or_init(|| Lane::open(&self)).number())
            } else {
                let why = "the JVM has not loaded this copy of the library: it is to be loaded once".to_owned();
                Err(PatronError::Unavailable { why, retry_after: None })
            }
        })
    }

    /// Records what the shopper did; resolves when a loss of power cannot take it, or nobody can tell.
    pub async fn track_durable(&self, event: Engagement) -> Result<Tracked> {
        contain_async(&self.log, "track_durable", async {
            Ok(self.open_or_closed()?.track_durable(&event.into()).await?)
        })
        .await
    }

    /// What the backend will never take, newest first.
    pub async fn dead_letters(&self, most: u32) -> Result<Vec<DeadLetter>> {
        contain_async(&self.log, "dead_letters", async { Ok(self.open_or_closed()?.dead_letters(most).await?) }).await
    }

    /// Ties what follows to an account, which the app may name.
    pub async fn identify(&self, token: String, account: Option<String>) -> Result<()> {
        contain_async(&self.log, "identify", async {
            let patron = self.open_or_closed()?;
            match account {
                Some(account) => patron.identify_as(token, account).await?,
                None => patron.identify(token).await?,
            }
            Ok(())
        })
        .await
    }

    /// Leaves nothing of this shopper to the next.
    pub async fn sign_out(&self) -> Result<SignedOut> {
        contain_async(&self.log, "sign_out", async { Ok(self.open_or_closed()?.sign_out().await?) }).await
    }

    /// Fetches the catalogue.
    pub async fn refresh(&self) -> Result<()> {
        contain_async(&self.log, "refresh", async { Ok(self.open_or_closed()?.refresh().await?) }).await
    }

    /// Delivers what is queued, within `deadline_ms` and `max_bytes`.
    pub async fn drain(&self, deadline_ms: u64, max_bytes: Option<u64>) -> Result<Drained> {
        let deadline = Duration::from_millis(deadline_ms);
        contain_async(&self.log, "drain", async { Ok(self.open_or_closed()?.drain(deadline, max_bytes).await?) }).await
    }

    /// The host's word on the network.
    pub fn set_network(&self, network: Network) -> Result<()> {
        contain(&self.log, "set_network", || Ok(self.open_or_closed()?.set_network(network)?))
    }

    /// The host's word on whether the shopper looks at the app.
    pub fn set_foreground(&self, foreground: bool) -> Result<()> {
        contain(&self.log, "set_foreground", || Ok(self.open_or_closed()?.set_foreground(foreground)?))
    }

    /// Another API key, from the next request on.
    pub fn renew_key(&self, key: String) -> Result<()> {
        contain(&self.log, "renew_key", || Ok(self.open_or_closed()?.renew_key(key)?))
    }

    /// The account, and the state of sync and store.
    pub async fn diagnostics(&self) -> Result<Diagnostics> {
        contain_async(&self.log, "diagnostics", async { Ok(self.open_or_closed()?.diagnostics().await?) }).await
    }

    /// Calls `listener` with every change until the subscription is cancelled or the handle closed. `takes_notices`: it
    /// shows the notices among them; the shopper's reminders wait until there is one that does.
    pub fn subscribe(&self, listener: Box<dyn ChangeListener>, takes_notices: bool) -> Result<Arc<SubscriptionHandle>> {
        contain(&self.log, "subscribe", || {
            let bridge = Bridge { host: listener, takes_notices, log: self.log.clone() };
            Ok(SubscriptionHandle::new(self.open_or_closed()?.subscribe(Arc::new(bridge))))
        })
    }
}

impl PatronHandle {
    /// The core, unless the host closed it: also for reads, which the core could still answer.
    pub(crate) fn open_or_closed(&self) -> Result<&Patron> {
        if self.closed.load(Ordering::Acquire) { Err(PatronError::Closed) } else { Ok(&self.patron) }
    }
}
