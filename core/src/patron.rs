//! The handle: what an app holds, and the only way in.

mod image;
mod offers;
mod place;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::config::{Config, Edges, check_key};
use crate::consent::signal::{ConsentMode, Signals, consent_mode};
use crate::consent::{
    ConsentPrompt, ConsentState, ConsentText, Purpose, Receipt, Verified, WithdrawPolicy, Withdrawal,
};
use crate::diagnostics::{DeadLetter, Diagnostics, Drained, Erased, SignedOut};
use crate::engine::{Answer, Command, Driver, Refusal, Shared};
use crate::error::Error;
use crate::event::{Engagement, Tracked};
use crate::observe::{Listener, Subscription};
use crate::offer::ImpressionRule;
use crate::store::ring::{Pressure, Ring, RingError};
use crate::store::{Durability, Lock, RING_FILE};
use crate::sync::Network;

/// One open store. Cheap to clone; any thread may call any method.
///
/// Reads ([`Patron::offers`], [`Patron::visits`], …) look at the last published snapshot: they
/// neither lock nor touch the disk. [`Patron::track`] hands over and returns. Everything else is
/// async on no runtime in particular: the future may be awaited anywhere, and dropping it loses
/// nothing, since the engine carries out what it was asked. All but sync works offline.
///
/// A handle does not cross a `fork`: in the child every call answers [`Error::Closed`], and the
/// parent goes on unharmed. While such a child lives it shares the parent's lock, and the store cannot
/// be opened anew even when the parent is gone; a child that runs another program (`exec`) lets go of it.
#[derive(Clone)]
pub struct Patron {
    inner: Arc<Inner>,
}

struct Inner {
    driver: Arc<Driver>,
    shared: Arc<Shared>,
    /// What is in view.
    views: Mutex<ImpressionRule>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        if self.shared.is_foreign() {
            // A forked child: channels and threads are the parent's, and so are their locks. Left
            // as they are, they end with the child.
            std::mem::forget((Arc::clone(&self.driver), Arc::clone(&self.shared)));
            return;
        }
        self.driver.stop(&self.shared);
    }
}

impl Patron {
    /// Takes the store's lock, maps the ring and returns; the database opens behind it.
    ///
    /// Events can be tracked at once: the ring carries the consent of the last run. What goes
    /// wrong with the database is told by [`Patron::ready`] and every other async call.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for a bad configuration, [`Error::Unavailable`] when the store is
    /// open elsewhere, [`Error::Storage`] when the folder cannot be written or the disk is full.
    pub fn open(config: Config, edges: Edges) -> Result<Self, Error> {
        config.check()?;
        let lock = Lock::take(&config.folder)?;
        let (ring, recovered) = Ring::open(&config.folder.join(RING_FILE))?;
        let (driver, shared) = Driver::start(config, edges, lock, ring, recovered)?;
        Ok(Self { inner: Arc::new(Inner { driver: Arc::new(driver), shared, views: Mutex::default() }) })
    }

    /// Resolves when the database is open.
    ///
    /// # Errors
    /// [`Error::Storage`] when it cannot be.
    pub async fn ready(&self) -> Result<(), Error> {
        self.ask(Command::Ready).await
    }

    /// Stores what was handed over and stops the threads; returns within milliseconds of the last
    /// write. Over a [`crate::sync::BlockingTransport`] it waits also until that has let go of a request under way, which
    /// it is asked to at once: two seconds at most. Idempotent. Every later call answers [`Error::Closed`].
    pub fn close(&self) {
        self.inner.driver.stop(&self.inner.shared);
    }

    // -- consent --

    /// Records that the shopper said yes. Durable and signed when it resolves, offline too.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for no purpose at all or a partner without an id.
    pub async fn grant(&self, purposes: Vec<Purpose>) -> Result<Receipt, Error> {
        self.decide(purposes, true, None).await
    }

    /// Records that the shopper said no. Saying no to what was granted is a withdrawal.
    ///
    /// # Errors
    /// As [`Patron::grant`].
    pub async fn deny(&self, purposes: Vec<Purpose>) -> Result<Receipt, Error> {
        self.decide(purposes, false, None).await
    }

    /// As [`Patron::grant`] or [`Patron::deny`], with the screen where the shopper was asked:
    /// `onboarding`, `settings`, … It stands in the receipt.
    ///
    /// # Errors
    /// As [`Patron::grant`]; [`Error::InvalidInput`] for a surface of more than 64 bytes.
    pub async fn decide(&self, purposes: Vec<Purpose>, yes: bool, surface: Option<String>) -> Result<Receipt, Error> {
        self.ask(|answer| Command::Decide { purposes, yes, surface, answer }).await
    }

    /// Ends a purpose and removes what was recorded under it. When this resolves, none of it is on
    /// the device and none is being sent; the result names what may have left before, and the
    /// backend is asked to erase it.
    ///
    /// # Errors
    /// As [`Patron::grant`].
    pub async fn withdraw(&self, purpose: Purpose) -> Result<Withdrawal, Error> {
        self.withdraw_with(purpose, WithdrawPolicy::Purge, None).await
    }

    /// As [`Patron::withdraw`]; `policy` says what becomes of what was recorded under the yes, and
    /// `surface` on which screen it was said.
    ///
    /// # Errors
    /// As [`Patron::decide`].
    pub async fn withdraw_with(
        &self,
        purpose: Purpose,
        policy: WithdrawPolicy,
        surface: Option<String>,
    ) -> Result<Withdrawal, Error> {
        self.ask(|answer| Command::Withdraw { purpose, policy, surface, answer }).await
    }

    /// What stands for each purpose, in the order of a consent screen; sharing once for each
    /// partner of the catalogue. `NotAsked` for all until the database is open.
    pub fn consents(&self) -> Vec<ConsentState> {
        let snapshot = self.inner.shared.snapshot.load();
        let terms = &snapshot.terms;
        let now_ms = self.inner.shared.clock.now().wall_ms;
        let purposes = snapshot.purposes();
        purposes.iter().map(|(purpose, _)| terms.state(&snapshot.consents, purpose, now_ms)).collect()
    }

    /// The words for each purpose, in the language of the configuration: for a settings screen,
    /// which shows all of them at any time.
    pub fn consent_texts(&self) -> Vec<ConsentText> {
        let shared = &self.inner.shared;
        let snapshot = shared.snapshot.load();
        let terms = &snapshot.terms;
        let text = |(purpose, name): (Purpose, Option<String>)| {
            let (locale, text) = terms.catalogue.text(&purpose, &shared.config.locale, name.as_deref())?;
            Some(ConsentText { purpose, title: text.title, body: text.body, locale })
        };
        snapshot.purposes().into_iter().filter_map(text).collect()
    }

    /// The questions that may be put to the shopper now: what was never answered, what means more
    /// by now, what has run out. Empty when the shopper was asked often enough of late; tell
    /// [`Patron::prompted`] when they were shown.
    pub fn consent_prompts(&self) -> Vec<ConsentPrompt> {
        let shared = &self.inner.shared;
        let snapshot = shared.snapshot.load();
        let terms = &snapshot.terms;
        let now_ms = shared.clock.now().wall_ms;
        terms.due(&snapshot.purposes(), &snapshot.consents, &shared.config.locale, now_ms)
    }

    /// The shopper was shown these questions, answered or not: it counts against the budget.
    ///
    /// # Errors
    /// [`Error::Storage`], [`Error::Closed`].
    pub async fn prompted(&self, purposes: Vec<Purpose>) -> Result<(), Error> {
        self.ask(|answer| Command::Prompted(purposes, answer)).await
    }

    /// Tells what the world outside Patron allows: permissions of the operating system, the strings
    /// of a consent banner, the age. All of it at once; what is left out was never declared. What is
    /// lowered by more than a permission is removed from the device, as by a withdrawal.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for a string that is too long to be one.
    pub async fn declare_signals(&self, signals: Signals) -> Result<(), Error> {
        self.ask(|answer| Command::Declare(Box::new(signals), answer)).await
    }

    /// The signals as they were declared last.
    pub fn signals(&self) -> Signals {
        let snapshot = self.inner.shared.snapshot.load();
        snapshot.terms.signals.clone()
    }

    /// Google Consent Mode's four flags, for the app to pass on to Google's SDKs; `partner` is the id
    /// under which the shopper is asked for sharing with Google.
    pub fn consent_mode(&self, partner: &str) -> ConsentMode {
        let snapshot = self.inner.shared.snapshot.load();
        let shared = snapshot.terms.sharing.permit(partner).is_some();
        consent_mode(&snapshot.gate_at(self.inner.shared.clock.now().wall_ms), shared)
    }

    /// Walks the ledger of the shopper's decisions: each signature, each link, and the head that the
    /// backend has countersigned.
    ///
    /// # Errors
    /// [`Error::Tampered`] with the first thing that does not hold.
    pub async fn verify_ledger(&self) -> Result<Verified, Error> {
        self.ask(Command::VerifyLedger).await
    }

    /// The ledger as a document that others can read and check: JSON in the shape of ISO/IEC TS
    /// 27560.
    ///
    /// # Errors
    /// [`Error::Storage`]; [`Error::Tampered`] for an entry that does not read.
    pub async fn consent_record(&self) -> Result<String, Error> {
        self.ask(Command::ConsentRecord).await
    }

    // -- events --

    /// Records what the shopper did, under the event's own purpose ([`Engagement::purpose`]).
    /// Returns at once; from then on the event survives the death of the process. A power failure
    /// may take the last moments: see [`Patron::track_durable`].
    ///
    /// # Errors
    /// [`Error::InvalidInput`] naming the field, [`Error::Storage`] when the hand-over itself is
    /// broken, [`Error::Closed`]. A refusal is no error: see [`Tracked`]. The log tells the first of each purpose and
    /// reason, on the thread that called.
    pub fn track(&self, event: &Engagement) -> Result<Tracked, Error> {
        self.open_or_closed()?;
        let shared = &self.inner.shared;
        // The ring's own, which a withdrawal closes before it looks for what is left to purge.
        let gate = shared.ring.gate();
        let now = shared.clock.now();
        let snapshot = shared.snapshot.load();
        let gate = snapshot.still_open(gate, now.wall_ms);
        let Some(record) = event.record(&gate, shared.ids.v7(now), now, snapshot.session)? else {
            shared.tell_refusal(Refusal::NotPermitted, event.purpose());
            return Ok(Tracked::NotPermitted);
        };
        match shared.ring.push(&record.encode()) {
            Ok(pressure) => {
                shared.nudge(pressure == Pressure::High);
                Ok(Tracked::Recorded)
            }
            Err(RingError::Full) => {
                shared.nudge(true);
                shared.tell_refusal(Refusal::Busy, event.purpose());
                Ok(Tracked::Busy)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// As [`Patron::track`], and resolves when the event survives a power failure too. Where that cannot be had it is
    /// recorded all the same, and the answer is [`Tracked::NotYetDurable`]: it is not to be tracked again.
    ///
    /// # Errors
    /// As [`Patron::track`], each before anything was recorded.
    pub async fn track_durable(&self, event: &Engagement) -> Result<Tracked, Error> {
        let tracked = self.track(event)?;
        if tracked != Tracked::Recorded {
            return Ok(tracked);
        }
        let durable = self.ask(|answer| Command::Flush { durability: Durability::Full, answer }).await;
        Ok(durable.map_or(Tracked::NotYetDurable, |()| Tracked::Recorded))
    }

    /// Resolves when everything tracked so far is committed to the database.
    ///
    /// # Errors
    /// [`Error::Storage`] when the disk refuses; the events stay in the ring.
    pub async fn flush(&self) -> Result<(), Error> {
        self.ask(|answer| Command::Flush { durability: Durability::Normal, answer }).await
    }

    /// The events that the backend will never take and that were given up last, newest first, at most `most`: the last
    /// thousand are kept. Each goes when its purpose is withdrawn, and all at sign-out and erasure.
    ///
    /// For an app's developer and QA; docs/queue.md has the reasons. Works offline.
    ///
    /// # Errors
    /// [`Error::Storage`], [`Error::Closed`].
    pub async fn dead_letters(&self, most: u32) -> Result<Vec<DeadLetter>, Error> {
        self.ask(|answer| Command::DeadLetters(most, answer)).await
    }

    // -- the person --

    /// Ties what happens from now on to an account. `token` is the retailer's, opaque here; it
    /// goes to the backend once. Offline too: the link is made when the network is back.
    ///
    /// Again, it renews the token of the same shopper: the one that the token names, where it is a JWT with a subject
    /// (`sub`); else the same token alone is known to be the same shopper's, and [`Patron::identify_as`] says whose a
    /// renewed one is. Before another shopper comes [`Patron::sign_out`].
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for an empty or oversized token; [`Error::AnotherShopper`] while another one is signed in,
    /// or one whom nothing shows to be the same: sign out first.
    pub async fn identify(&self, token: String) -> Result<(), Error> {
        self.ask(|answer| Command::Identify { token, account: None, answer }).await
    }

    /// As [`Patron::identify`], with the retailer's own name for the account, a customer's number for example, by which
    /// the same shopper is known again whatever the token. Named once, it is named each time. It stays on the device,
    /// and there as a salted hash alone.
    ///
    /// # Errors
    /// As [`Patron::identify`], and [`Error::InvalidInput`] for an empty account or one of more than 256 bytes.
    pub async fn identify_as(&self, token: String, account: String) -> Result<(), Error> {
        self.ask(|answer| Command::Identify { token, account: Some(account), answer }).await
    }

    /// Leaves nothing of this shopper to the next: consent, visits, the queue and the
    /// installation's pseudonym. [`Patron::drain`] first to have the queue delivered.
    ///
    /// # Errors
    /// [`Error::Storage`] when the disk refuses; then nothing was changed.
    pub async fn sign_out(&self) -> Result<SignedOut, Error> {
        let signed_out = self.ask(Command::SignOut).await?;
        self.forget_views();
        Ok(signed_out)
    }

    /// Everything that is known of the shopper, as JSON: each item with its origin, its use and the
    /// yes that it rests on. What the backend knows is in it once [`Patron::request_export`] was
    /// answered.
    ///
    /// # Errors
    /// [`Error::Storage`], [`Error::Closed`].
    pub async fn export(&self) -> Result<String, Error> {
        self.ask(Command::Export).await
    }

    /// Asks the backend for what it knows of the shopper. Offline too: it is asked until it answers.
    ///
    /// # Errors
    /// [`Error::Storage`], [`Error::Closed`].
    pub async fn request_export(&self) -> Result<(), Error> {
        self.ask(Command::RequestExport).await
    }

    /// Erases everything that is known of the shopper but the proof that it was erased. Done on the
    /// device when it resolves, offline too; the backend is asked until it has done the same.
    ///
    /// # Errors
    /// [`Error::Storage`] when the disk refuses; then nothing was changed.
    pub async fn erase(&self) -> Result<Erased, Error> {
        let erased = self.ask(Command::Erase).await?;
        self.forget_views();
        Ok(erased)
    }

    /// What the next shopper sees is another's look.
    fn forget_views(&self) {
        *self.inner.views.lock().unwrap_or_else(PoisonError::into_inner) = ImpressionRule::default();
    }

    // -- sync --

    /// Fetches the offer catalogue now.
    ///
    /// # Errors
    /// [`Error::Unavailable`] with what the network or the backend said; what is cached stays.
    pub async fn refresh(&self) -> Result<(), Error> {
        self.ask(Command::Refresh).await
    }

    /// Delivers what is queued, until all is gone, `deadline` has passed or `max_bytes` were sent.
    /// For a background job; sync does the same by itself while the app runs. It ends too when the network that it was
    /// begun on gives way to a metered one. A caller that stops waiting, by dropping the future, takes its bytes along:
    /// what is on its way arrives, and the rest goes as it would without the job.
    ///
    /// # Errors
    /// [`Error::Storage`] when the store cannot be opened, [`Error::Closed`]. No network is not an error, and neither is
    /// a full disk: see [`Drained::done`].
    pub async fn drain(&self, deadline: Duration, max_bytes: Option<u64>) -> Result<Drained, Error> {
        self.ask(|answer| Command::Drain { deadline, max_bytes, answer }).await
    }

    /// The host's word on the network: [`Network::Offline`] stops trying, the others try at once.
    /// Unmetered until told otherwise.
    ///
    /// # Errors
    /// [`Error::Closed`], [`Error::Busy`].
    pub fn set_network(&self, network: Network) -> Result<(), Error> {
        self.inner.driver.send(&self.inner.shared, Command::Network(network))
    }

    /// [`Patron::set_network`] for hosts that know no more than this.
    ///
    /// # Errors
    /// As [`Patron::set_network`].
    pub fn set_online(&self, online: bool) -> Result<(), Error> {
        self.set_network(if online { Network::Unmetered } else { Network::Offline })
    }

    /// The host's word on whether the shopper looks at the app. Leaving it sends what is queued
    /// without waiting for company; coming back after half an hour or more begins a new session.
    ///
    /// # Errors
    /// [`Error::Closed`], [`Error::Busy`].
    pub fn set_foreground(&self, foreground: bool) -> Result<(), Error> {
        self.inner.driver.send(&self.inner.shared, Command::Foreground(foreground))
    }

    /// Another API key, from the next request on: for keys that the host fetches or rotates. Ends
    /// the pause that a refused key began; what was kept meanwhile is sent. The key lives as long
    /// as the handle.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for what cannot be a key; [`Error::Closed`], [`Error::Busy`].
    pub fn renew_key(&self, key: String) -> Result<(), Error> {
        check_key("key", &key)?;
        self.inner.driver.send(&self.inner.shared, Command::RenewKey(key))
    }

    /// The account of every event, and the state of sync and store. On a disk that takes nothing any more it is the
    /// account of what was committed, and [`Diagnostics::last_error`] says so.
    ///
    /// # Errors
    /// [`Error::Storage`] when the store cannot be opened or read, [`Error::Closed`].
    pub async fn diagnostics(&self) -> Result<Diagnostics, Error> {
        self.ask(Command::Diagnostics).await
    }

    // -- changes --

    /// Calls `listener` with every change until the subscription is dropped or the handle closed.
    pub fn subscribe(&self, listener: Arc<dyn Listener>) -> Subscription {
        let subscription = self.inner.shared.listeners.add(listener);
        // What waited for somebody to tell it to is told.
        if !self.inner.shared.is_closed() {
            self.inner.shared.nudge(true);
        }
        subscription
    }

    async fn ask<T>(&self, command: impl FnOnce(Answer<T>) -> Command) -> Result<T, Error> {
        let (answer, answered) = oneshot::channel();
        self.inner.driver.send(&self.inner.shared, command(answer))?;
        answered.await.unwrap_or(Err(Error::Closed))
    }

    /// What readers read from, unless there is nothing to read: the handle is closed, or the store
    /// did not open.
    fn readable(&self) -> Result<&Shared, Error> {
        self.open_or_closed()?;
        match &self.inner.shared.snapshot.load().failure {
            Some(error) => Err(error.clone()),
            None => Ok(&self.inner.shared),
        }
    }

    fn open_or_closed(&self) -> Result<(), Error> {
        if self.inner.shared.is_closed() { Err(Error::Closed) } else { Ok(()) }
    }
}

impl std::fmt::Debug for Patron {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Patron").field("closed", &self.inner.shared.is_closed()).finish_non_exhaustive()
    }
}
