//! Owns the store and takes every step: one command, one import, one deadline at a time.
//!
//! [`Engine`] is a step function: what happens depends on its state, the command and the time
//! passed in. It never sleeps, reads no clock and touches no network; what must happen outside
//! comes back as [`Effects`], and [`driver`] carries them out. The simulator drives the same
//! steps. Rules live in the pure folders; here is the order in which their outcomes are written.

mod anew;
mod command;
mod consent;
mod drain;
mod driver;
mod export;
mod former;
mod identity;
mod images;
mod import;
mod kept;
mod key;
mod lanes;
mod opening;
mod place;
mod preferences;
mod presence;
mod purge;
mod replies;
mod rights;
mod secrets;
mod shelf;
mod shopper;
mod snapshot;
mod spoken;
mod sync;
mod terms;
mod unseen;
mod upkeep;
mod watch;

use std::collections::BTreeSet;
use std::sync::Arc;

use uuid::Uuid;
use zeroize::Zeroizing;

pub(crate) use command::{Answer, Command};
pub(crate) use driver::{Driver, Refusal, Shared};
pub(crate) use opening::Opening;
pub(crate) use snapshot::{Shown, Snapshot};
pub(crate) use terms::Terms;

use crate::clock::Now;
use crate::config::Config;
use crate::consent::{Anchor, Consents, Gate, PurposeSet, Secret, Sha, Signer, Vault};
use crate::error::Error;
use crate::ids::Ids;
use crate::log::Log;
use crate::observe::Change;
use crate::offer::Position;
use crate::place::beacon::{Ranging, ZoneChange};
use crate::place::{Pace, Point, Transition, VisitTracker};
use crate::store::ring::Ring;
use crate::store::{Durability, Store};
use crate::sync::wire::SignedRight;
use crate::sync::{Request, Ticket};

/// What the outside must do after a step, in this order.
#[derive(Default)]
pub(crate) struct Effects {
    /// Break off this request; go on when nothing more of it is written.
    pub(crate) abort: Option<Ticket>,
    /// And this one, for a picture.
    pub(crate) abort_fetch: Option<Ticket>,
    /// Answer these callers: what they asked for is done.
    pub(crate) answers: Vec<Box<dyn FnOnce() + Send>>,
    /// Send this.
    pub(crate) send: Option<(Ticket, Request)>,
    /// Not under another consent epoch than this.
    pub(crate) rests_on: Option<u64>,
    /// And this, for a picture; what it rests on with it.
    pub(crate) fetch: Option<(Ticket, Request, Option<u64>)>,
    /// Tell the listeners.
    pub(crate) changes: Vec<Change>,
    /// So many events were recorded by this very step of which nobody is told: it took them back as well, or they are
    /// of a code that was scanned during a visit. For whoever keeps books.
    pub(crate) unsaid: u64,
}

impl Effects {
    fn answer<T: Send + 'static>(&mut self, to: Answer<T>, result: Result<T, Error>) {
        self.answers.push(Box::new(move || drop(to.send(result))));
    }
}

/// The state behind one open handle.
pub(crate) struct Engine {
    config: Config,
    store: Store,
    ring: Arc<Ring>,
    ids: Arc<Ids>,
    log: Log,
    consents: Consents,
    terms: Terms,
    vault: Arc<dyn Vault>,
    secret: Secret,
    signer: Signer,
    /// The account's, while signed in and once the backend has told it.
    account_secret: Option<Zeroizing<Vec<u8>>>,
    /// The last entry of this installation's ledger.
    head: Sha,
    anchor: Option<Anchor>,
    /// The keys that this installation's entries are signed with.
    keys: BTreeSet<String>,
    /// What the shopper asked of the backend and it has not done yet.
    rights: Vec<SignedRight>,
    /// Requests about names that this installation had before, to be asked with the next no; see [`former`].
    former: Vec<SignedRight>,
    /// A purge that is not followed to its end.
    purging: Option<PurposeSet>,
    /// When the platform said last that the shopper left the safe circle: no position of before is one to plan around.
    left_safe: Option<Now>,
    /// This process has gone on as a new installation once; see [`Engine::begin_anew`].
    begun_anew: bool,
    /// What was decided later was decided in this process.
    epoch_at_open: u64,
    tracker: VisitTracker,
    /// What time alone brought to visits; the next fix's answer has it. As many as open visits.
    since_fix: Vec<Transition>,
    /// The last position that says where the shopper is, and when it was taken.
    position: Option<(Position, Now)>,
    /// Where that was when readers of offers were last told of it.
    stood_at: Option<Point>,
    /// How fast that was reached.
    pace: Option<Pace>,
    ranging: Ranging,
    /// The nearest beacon, where it stands, and when it was last received.
    nearest: Option<(ZoneChange, Now)>,
    watched: Option<watch::Watched>,
    shown: Option<Shown>,
    /// When time alone changes what shows, wall clock.
    offers_change_at: Option<i64>,
    dismissed: BTreeSet<String>,
    own: Arc<shopper::Own>,
    /// What of it the backend holds for the shopper's other devices.
    agreed: preferences::Agreed,
    /// It is another than that.
    own_changed: bool,
    /// What happened since an offer could last speak up: one may wait for it.
    happened: Vec<spoken::Happened>,
    /// Which of the shopper's reminders are to be looked through at the end of the step.
    reminding: spoken::Reminding,
    /// Somebody shows notices.
    is_heard: bool,
    /// Impressions that are not written down yet.
    unwritten_looks: u32,
    /// When a decision behind a look was kept last, milliseconds since boot.
    look_kept_mono_ms: Option<u64>,
    /// When what is known of places was last written down, on the monotonic clock.
    sighting_kept_ms: Option<u64>,
    /// Since when time has had nothing to say, wall clock.
    quiet_since_ms: i64,
    installation: Uuid,
    session: Uuid,
    /// Bytes of the ring that were found damaged, as far as the log has them.
    ring_damage: u64,
    /// Why the disk did not take what was handed over last; `None` once it did.
    held_up: Option<String>,
    /// When the queue was last looked through for what is too old.
    expired_at: Option<Now>,
    /// When the event was recorded that waits longest, or one before it that has left.
    oldest: Option<Now>,
    /// Since when the app has been out of sight: since the opening, for a process that the system began.
    away_since: Option<Now>,
    /// The host has said whether it is.
    knows_presence: bool,
    /// The host has said that the app is in sight; a process that the system began for a job has heard nothing.
    is_in_front: bool,
    /// Events left the queue: the files can be made smaller.
    untidy: bool,
    identity: Option<identity::Identity>,
    sync: lanes::Lanes,
    images: images::Images,
    /// Callers that wait for a commit; see [`Engine::commit_for_all`].
    flushes: Vec<(Durability, Answer<()>)>,
    published: Option<Arc<Snapshot>>,
    early: import::Early,
}

impl Engine {
    /// Does what `command` asks. Deadlines that passed before `now` come first.
    pub(crate) fn handle(&mut self, command: Command, now: Now) -> Effects {
        let mut effects = self.pass(now);
        match command {
            Command::Ready(answer) => effects.answer(answer, Ok(())),
            Command::Decide { purposes, yes, surface, answer } => {
                let surface = surface.as_deref();
                let result = if yes {
                    self.grant(&purposes, surface, now, &mut effects)
                } else {
                    self.deny(&purposes, surface, now, &mut effects)
                };
                effects.answer(answer, result);
            }
            Command::Withdraw { purpose, policy, surface, answer } => {
                let result = self.withdraw(&purpose, surface.as_deref(), policy, now, &mut effects);
                effects.answer(answer, result);
            }
            Command::Declare(signals, answer) => {
                let result = self.declare(*signals, now, &mut effects);
                effects.answer(answer, result);
            }
            Command::Prompted(purposes, answer) => {
                let result = self.prompted(&purposes, now);
                effects.answer(answer, result);
            }
            Command::VerifyLedger(answer) => effects.answer(answer, self.verify()),
            Command::ConsentRecord(answer) => effects.answer(answer, self.consent_record(now)),
            Command::Export(answer) => effects.answer(answer, self.export(now)),
            Command::RequestExport(answer) => effects.answer(answer, self.request_export(now)),
            Command::Erase(answer) => {
                let result = self.erase(now, &mut effects);
                effects.answer(answer, result);
            }
            Command::Fix(input, answer) => {
                let result = self.locate(input, now, &mut effects);
                effects.answer(answer, result);
            }
            Command::Scan(scan, answer) => {
                let result = self.listen(&scan, now, &mut effects);
                effects.answer(answer, result);
            }
            Command::CheckIn(code, answer) => {
                let result = self.check_in(&code, now, &mut effects);
                effects.answer(answer, result);
            }
            Command::PlanWatch(limits, answer) => {
                let result = self.plan_watch(limits, now);
                effects.answer(answer, result);
            }
            Command::Woke(region, answer) => {
                let result = self.woke(&region, now);
                effects.answer(answer, result);
            }
            Command::NextFix(answer) => effects.answer(answer, self.next_fix()),
            Command::Act(act, answer) => {
                let result = self.act(&act, now, &mut effects);
                effects.answer(answer, result);
            }
            Command::Tell(traits, answer) => {
                let result = self.tell(&traits, now, &mut effects);
                effects.answer(answer, result);
            }
            Command::TimeZone(name, answer) => {
                let result = self.set_time_zone(&name, now, &mut effects);
                effects.answer(answer, result);
            }
            Command::Saw { offer, asked, answer } => {
                let result = self.saw(&offer, asked, now);
                effects.answer(answer, result);
            }
            Command::KeepDecision { placement, asked, answer } => {
                let result = self.keep_decision(Some(&placement), asked, now);
                effects.answer(answer, result);
            }
            Command::Image { offer, index, even_metered, answer } => {
                self.image(&offer, index, even_metered, answer, now, &mut effects);
            }
            Command::Identify { token, account, answer } => {
                let result = self.identify(token, account.as_deref(), now);
                effects.answer(answer, result);
            }
            Command::SignOut(answer) => {
                let result = self.sign_out(now, &mut effects);
                effects.answer(answer, result);
            }
            Command::Refresh(answer) => self.refresh(answer),
            Command::Drain { deadline, max_bytes, answer } => {
                self.begin_drain(deadline, max_bytes, answer, now, &mut effects);
            }
            Command::Flush { durability, answer } => self.flushes.push((durability, answer)),
            Command::DeadLetters(most, answer) => {
                effects.answer(answer, self.store.dead_letters(most).map_err(Error::from));
            }
            Command::Diagnostics(answer) => {
                // What was tracked a moment ago counts: the account is of now. Where the disk does not take it, whoever
                // asks why nothing happens is to hear just that.
                let _ = self.commit(Durability::Normal, &mut effects);
                effects.answer(answer, self.diagnostics(now));
            }
            Command::Network(network) => self.set_network(network, &mut effects),
            Command::Foreground(foreground) => {
                self.set_foreground(foreground, now);
                if foreground {
                    self.remind(spoken::Reminding::All);
                }
            }
            Command::RenewKey(key) => self.renew_key(key, &mut effects),
            Command::Returned(ticket, result) => self.returned(ticket, result, now, &mut effects),
        }
        self.speak_up(now, &mut effects);
        self.plan(now, &mut effects);
        effects
    }

    /// Does what time alone asks for: dwells that came due, and whatever sync wants to send.
    pub(crate) fn tick(&mut self, now: Now) -> Effects {
        let mut effects = self.pass(now);
        self.speak_up(now, &mut effects);
        effects
    }

    /// The same, and says nothing yet: a command may follow in the same step.
    fn pass(&mut self, now: Now) -> Effects {
        let mut effects = Effects::default();
        self.expire_in_time(now);
        self.let_run_out(now, &mut effects);
        self.dwell(now, &mut effects);
        self.outlive_position(now, &mut effects);
        if self.offers_change_at.is_some_and(|at| at <= now.wall_ms) {
            let since_ms = std::mem::replace(&mut self.quiet_since_ms, now.wall_ms);
            effects.changes.push(Change::Offers);
            self.speak(spoken::Happened::Time(since_ms));
            self.remind(spoken::Reminding::All);
            self.foresee_offers(now);
        }
        self.plan(now, &mut effects);
        effects
    }

    /// When [`Engine::tick`] has something to do by itself, wall clock.
    pub(crate) fn deadline(&self, now: Now) -> Option<i64> {
        if self.is_to_speak() {
            return Some(now.wall_ms);
        }
        let catalogue = self.catalogue_due_at().filter(|due| *due > now.wall_ms && self.sync.online());
        let dues = [
            self.tracker.deadline(&now),
            self.sync.deadline(now),
            self.offers_change_at,
            catalogue,
            self.terms.change_at,
            self.expires_at(now),
            self.position_ends_ms(now).map(|ms| now.wall_ms.saturating_add_unsigned(ms)),
        ];
        dues.into_iter().flatten().min()
    }

    /// The picture for readers; the same one while nothing changed.
    pub(crate) fn snapshot(&mut self) -> Arc<Snapshot> {
        let current = self.published.take().unwrap_or_else(|| {
            Arc::new(Snapshot {
                gate: self.gate(),
                session: self.session,
                consents: Arc::new(self.consents.clone()),
                terms: Arc::new(self.terms.clone()),
                shown: self.shown.clone(),
                visits: Arc::new(self.tracker.visits()),
                approaching: Arc::new(self.tracker.approaching().map(str::to_owned).collect()),
                nearest: self.nearest.clone(),
                position: self.position,
                watched_from: self.watched_from(),
                dismissed: Arc::new(self.dismissed.clone()),
                own: Arc::clone(&self.own),
                installation: self.installation,
                lowered: self.terms.lowered_now(),
                online: self.sync.online(),
                key_refused: self.sync.key_refused(),
                failure: None,
            })
        });
        self.published = Some(Arc::clone(&current));
        current
    }

    /// Something that readers see is about to change.
    fn touch(&mut self) {
        self.published = None;
    }

    /// The ring's header carries the gate, so that the next process gates its first call by it.
    fn mirror_gate(&self) {
        let gate = self.gate();
        self.ring.set_gate(if self.is_sampled_out() { Gate::new(gate.epoch(), []) } else { gate });
    }

    /// Whether the publisher samples and this installation is not in the sample: it shows offers and
    /// knows where it is, and records nothing.
    fn is_sampled_out(&self) -> bool {
        self.shown.as_ref().is_some_and(|shown| !shown.catalogue.sdk.samples(self.installation))
    }

    /// Whether the publisher has switched Patron off.
    fn is_off(&self) -> bool {
        self.shown.as_ref().is_some_and(|shown| shown.catalogue.sdk.off)
    }

    /// What may be recorded now: what the shopper allows, and nothing while the publisher has
    /// switched Patron off.
    fn gate(&self) -> Gate {
        Gate::of(self.consents.epoch(), if self.is_off() { PurposeSet::EMPTY } else { self.terms.allowed })
    }
}
