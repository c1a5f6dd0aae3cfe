//! How an engine begins: on what the store holds, and on what a killed process left behind.

use std::collections::BTreeSet;
use std::sync::Arc;

use uuid::Uuid;

use super::{Effects, Engine, Terms, consent, identity, images, import, key, lanes, secrets, shelf, shopper, spoken};
use crate::clock::Now;
use crate::config::Config;
use crate::consent::{Consents, PurposeSet, Vault};
use crate::ids::Ids;
use crate::log::{Level, Log};
use crate::place::VisitTracker;
use crate::place::beacon::Ranging;
use crate::store::ring::{Recovered, Ring};
use crate::store::{Durability, ImageFiles, Store, StoreError, account, meta};

/// What an engine is opened with.
pub(crate) struct Opening<'a> {
    pub(crate) config: Config,
    pub(crate) ring: Arc<Ring>,
    /// What a killed process left in it.
    pub(crate) recovered: Recovered,
    pub(crate) ids: Arc<Ids>,
    pub(crate) session: Uuid,
    pub(crate) log: Log,
    /// Wraps the installation's secret.
    pub(crate) vault: Arc<dyn Vault>,
    /// See [`Store::open`].
    pub(crate) vfs: Option<&'a str>,
}

impl Engine {
    /// Opens the store and takes in what a killed process left in the ring.
    pub(crate) fn open(opening: Opening<'_>, now: Now) -> Result<Self, StoreError> {
        let Opening { config, ring, recovered, ids, session, log, vault, vfs } = opening;
        let mut store = Store::open(&config.folder, vfs, now.wall_ms)?;
        for file in &store.found_unusable {
            log.line(Level::Error, || format!("store: a file that cannot be used was set aside as {file}"));
        }
        let installation = match store.meta(key::INSTALLATION)? {
            Some(known) => known,
            None => {
                let new = ids.v4();
                store.transact(Durability::Normal, |tx| {
                    // A damaged file may have had counters and no decision, and so no name.
                    account::begin_anew(tx)?;
                    meta::set(tx, key::INSTALLATION, &new)
                })?;
                new
            }
        };
        let shown = shelf::open(&store, &log)?;
        let own = shopper::Own::open(&store, shown.as_ref().map(|shown| &*shown.catalogue), config.zone(&log))?;
        // Before the first catalogue there are no places, and no visits to lose.
        let places = shown.as_ref().map(|shown| shown.catalogue.places.clone()).unwrap_or_default();
        let (tracker, left) = VisitTracker::restore(places, store.meta(key::VISITS)?.unwrap_or_default(), &now);
        let secret = secrets::open(&mut store, vault.as_ref(), &ids, &log)?;
        let decisions = store.decisions_after(0)?;
        let epoch = decisions.last().map_or(0, |(decision, _)| decision.epoch);
        let identity: Option<identity::Identity> = store.meta(key::IDENTITY)?;
        let account_secret = identity.as_ref().and_then(|identity| identity.secret.as_deref());
        let remembered: lanes::Remembered = store.meta(key::SYNC)?.unwrap_or_default();
        let images = ImageFiles::open(&config.folder, config.max_image_bytes);
        let mut engine = Self {
            images: images::Images::new(images),
            sync: lanes::Lanes::new(remembered, epoch),
            consents: Consents::default(),
            terms: Terms::open(&store, &config.consent_catalogue)?,
            account_secret: account_secret.and_then(|digits| secrets::unwrap(digits, vault.as_ref(), &log)),
            signer: secret.signer(),
            secret,
            vault,
            head: consent::NO_HEAD,
            anchor: store.meta(key::ANCHOR)?,
            keys: BTreeSet::new(),
            rights: store.meta(key::RIGHTS)?.unwrap_or_default(),
            former: store.meta(key::FORMER)?.unwrap_or_default(),
            purging: store.meta(key::PURGE)?.map(PurposeSet::from_bits),
            left_safe: None,
            begun_anew: false,
            epoch_at_open: epoch,
            tracker,
            since_fix: Vec::new(),
            position: None,
            stood_at: None,
            pace: None,
            ranging: Ranging::default(),
            nearest: None,
            watched: None,
            shown,
            offers_change_at: None,
            dismissed: store.dismissed()?,
            own: Arc::new(own),
            agreed: store.meta(key::PREFERENCES)?.unwrap_or_default(),
            own_changed: false,
            happened: Vec::new(),
            reminding: spoken::Reminding::Nothing,
            is_heard: true,
            unwritten_looks: 0,
            look_kept_mono_ms: None,
            sighting_kept_ms: None,
            quiet_since_ms: now.wall_ms,
            installation,
            session,
            ring_damage: 0,
            held_up: None,
            expired_at: None,
            oldest: None,
            away_since: Some(now),
            knows_presence: false,
            is_in_front: false,
            untidy: false,
            identity,
            flushes: Vec::new(),
            published: None,
            early: import::Early { session, epoch: 0, kinds: PurposeSet::EMPTY },
            config,
            store,
            ring,
            ids,
            log,
        };
        engine.adopt(decisions)?;
        engine.know_keys()?;
        let mirrored = engine.ring.gate().granted();
        engine.restand(now);
        engine.shed_decisions();
        engine.early.kinds = mirrored.without(engine.terms.allowed);
        engine.early.epoch = engine.consents.epoch();
        engine.shed_partner_offers(&mut Effects::default());
        // A process that died between a withdrawal and the removal of its pictures left them.
        engine.agree_images(&mut Effects::default());
        engine.foresee_offers(now);
        engine.compare_preferences(now);
        engine.import_recovered(&recovered)?;
        engine.follow_purge(&mut Effects::default());
        // Behind the import, which knows by what is queued what it had imported before the kill.
        engine.expire(now)?;
        engine.record_left(left, now)?;
        engine.end_unseen()?;
        // What came due while no process ran.
        engine.remind(spoken::Reminding::All);
        engine.forget_codes(now)?;
        Ok(engine)
    }
}
