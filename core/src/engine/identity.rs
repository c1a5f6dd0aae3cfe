//! Who the shopper is, and what leaves with them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use uuid::Uuid;
use zeroize::{Zeroize as _, Zeroizing};

use super::consent::NO_HEAD;
use super::lanes::Remembered;
use super::rights::{self, Proof};
use super::{Effects, Engine, key};
use crate::account::reason;
use crate::clock::Now;
use crate::consent::{
    ConsentStatus, Consents, Decision, Prompts, Purpose, PurposeKind, Sha, fingerprint, hex_bytes, to_hex,
};
use crate::diagnostics::SignedOut;
use crate::error::Error;
use crate::log::Level;
use crate::store::{Durability, StoreError, consents, events, meta, offers};
use crate::sync::wire::{RightKind, SignedRight};

/// A token longer than this is no token.
const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// What a retailer calls an account is a number, an address or a UUID.
const MAX_ACCOUNT_BYTES: usize = 256;

/// How far at most the epoch goes on when a shopper leaves: far more decisions than a shopper makes, and of the 2⁶³
/// that there are next to none.
const EPOCH_GAP: u64 = 1 << 16;

/// The signed-in account. The token goes to the backend once; events carry the alias alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Identity {
    pub(super) alias: Uuid,
    /// Which account it is, to tell it from another; see [`fingerprint`]. `None` where it was signed in before this was
    /// remembered: the next token is taken for its own, as it was then.
    #[serde(default)]
    pub(super) account: Option<Sha>,
    /// Until the backend has linked it.
    pub(super) token: Option<String>,
    /// What the account's pseudonyms are made from, wrapped by the vault, in hexadecimal digits;
    /// `None` until the backend has told it.
    #[serde(default)]
    pub(super) secret: Option<String>,
}

/// A vault may leave the secret as it is.
impl Drop for Identity {
    fn drop(&mut self) {
        self.secret.zeroize();
    }
}

impl Engine {
    pub(super) fn identify(&mut self, token: String, account: Option<&str>, now: Now) -> Result<(), Error> {
        if token.is_empty() || token.len() > MAX_TOKEN_BYTES {
            return Err(Error::invalid("token", format!("takes 1 to {MAX_TOKEN_BYTES} bytes, not {}", token.len())));
        }
        if let Some(account) = account.filter(|account| account.is_empty() || account.len() > MAX_ACCOUNT_BYTES) {
            let why = format!("takes 1 to {MAX_ACCOUNT_BYTES} bytes, not {}", account.len());
            return Err(Error::invalid("account", why));
        }
        let known = self.identity.as_ref();
        let alias = known.map_or_else(|| self.ids.v7(now), |known| known.alias);
        // An app that begins to name accounts is believed where the token says that it is the same.
        let by_token = account.map(|_| fingerprint(alias, None, &token));
        let account = fingerprint(alias, account, &token);
        // Whose decisions, queue and rules would these be? Nobody may guess.
        if known.and_then(|known| known.account).is_some_and(|known| known != account && Some(known) != by_token) {
            return Err(Error::AnotherShopper);
        }
        // What was handed over before belongs to the shopper as known before.
        self.import_all(&mut Effects::default())?;
        // It is the same shopper, whose token was renewed.
        let known = self.identity.as_ref();
        let identity = Identity {
            alias,
            account: Some(account),
            secret: known.and_then(|known| known.secret.clone()),
            token: Some(token),
        };
        // The same token again changes no page, and a commit that changes none proves nothing.
        let mark = self.ids.draw(|rng| rng.u64(..));
        self.store.transact(Durability::Full, |tx| {
            meta::set(tx, key::FLUSHED, &mark)?;
            meta::set(tx, key::IDENTITY, &identity)
        })?;
        self.identity = Some(identity);
        Ok(())
    }

    /// The backend has tied this installation to the account, and told its secret.
    pub(super) fn linked(&mut self, sent: Option<&String>, secret: Option<&str>, now: Now) -> Result<(), StoreError> {
        let Some(mut identity) = self.identity.clone() else { return Ok(()) };
        // A token that was renewed meanwhile has yet to be told. One that has served: a secret that
        // is not there cannot leak.
        let served = identity.token.as_ref() == sent;
        if served {
            identity.token = None;
        }
        let mut is_another = false;
        if let Some(secret) = secret.and_then(hex_bytes::<32>).map(Zeroizing::new) {
            // The backend found that the shopper has another account than it knew so far: nothing was agreed on in
            // that one, and what it lacks was not taken back there.
            is_another = self.account_secret.as_ref().is_some_and(|known| known.as_slice() != secret.as_slice());
            match self.vault.wrap(secret.as_slice()) {
                Ok(wrapped) => identity.secret = Some(to_hex(&Zeroizing::new(wrapped))),
                // The last account's would make two accounts one at the next start.
                Err(why) => {
                    identity.secret = None;
                    self.log.line(Level::Error, || format!("vault: {why}"));
                }
            }
            self.account_secret = Some(Zeroizing::new(secret.to_vec()));
        }
        // What other devices decided, and this one's names for partners, are the account's now.
        self.sync.kept.consent_wanted = true;
        self.sync.kept.stand_anew(now);
        if is_another {
            self.agreed = super::preferences::Agreed::default();
        }
        self.ask_for_preferences(now);
        let kept = &self.sync.kept;
        self.store.transact(Durability::Full, |tx| {
            if is_another {
                meta::remove(tx, key::PREFERENCES)?;
            }
            meta::set(tx, key::SYNC, kept)?;
            meta::set(tx, key::IDENTITY, &identity)
        })?;
        self.identity = Some(identity);
        if served { self.store.scrub() } else { Ok(()) }
    }

    /// Leaves nothing of this shopper to the next: queue, visits, decisions, the installation's own
    /// pseudonym and its secret go in one transaction.
    pub(super) fn sign_out(&mut self, now: Now, effects: &mut Effects) -> Result<SignedOut, Error> {
        self.leave(reason::SIGNED_OUT, None, now, effects)
    }

    /// As [`Engine::sign_out`]; where the shopper asked for `erasure`, the proof of it stays, and
    /// the request to the backend.
    pub(super) fn leave(
        &mut self,
        why: &str,
        erasure: Option<(SignedRight, Proof)>,
        now: Now,
        effects: &mut Effects,
    ) -> Result<SignedOut, Error> {
        let sent = self.sync.sent();
        self.import_all(effects)?;
        // First: a process that dies behind the commit would leave them to the next shopper.
        self.forget_images(effects)?;
        let installation = self.ids.v4();
        let (secret, wrapped) = super::secrets::draw(&self.ids, self.vault.as_ref(), &self.log)?;
        let signer = secret.signer();
        let keys = BTreeSet::from([signer.public()]);
        let mut tracker = self.tracker.clone();
        let purged_visits = tracker.forget_all() as u64;
        // The epoch goes on: a record of the last shopper that is still on its way is older.
        // One row says so, and not of which brands there had been decisions.
        // How far, nobody can tell: the next number would say whom the next shopper's installation was before.
        let epoch = self.consents.epoch() + self.ids.draw(|rng| rng.u64(1..=EPOCH_GAP));
        let id = self.ids.v7(now);
        let closing = Decision::new(id, Purpose::Engagement, ConsentStatus::NotAsked, now.wall_ms, epoch);
        let mut closed = Consents::default();
        closed.apply(&closing);
        let fresh = Remembered::from_epoch(epoch, self.sync.kept.true_time);
        let everything = PurposeKind::ALL.into_iter().collect();
        // What the backend would give to see is this shopper's, and nobody is left to look at it.
        let mut rights: Vec<SignedRight> =
            self.rights.iter().filter(|right| right.kind != RightKind::Export).cloned().collect();
        let proof = erasure.map(|(request, proof)| {
            let former = self.former.iter().cloned();
            former.chain([request]).for_each(|right| rights::add(&mut rights, right));
            proof
        });
        let purge = self.store.transact(Durability::Full, |tx| {
            consents::forget(tx)?;
            consents::append(tx, &closing, None)?;
            offers::forget_dismissed(tx)?;
            for gone in
                [key::IDENTITY, key::PROMPTS, key::ANCHOR, key::EXPORT, key::CODES, key::FORMER].into_iter().chain([
                    key::MOMENTS,
                    key::WISHES,
                    key::SAVED,
                    key::HISTORY,
                    key::PERSON,
                    key::PREFERENCES,
                    key::DECISIONS,
                ])
            {
                meta::remove(tx, gone)?;
            }
            // The new installation has told the backend nothing, and has nothing to tell.
            meta::set(tx, key::SYNC, &fresh)?;
            meta::set(tx, key::VISITS, tracker.state())?;
            meta::set(tx, key::INSTALLATION, &installation)?;
            meta::set(tx, key::SECRET, &wrapped.as_deref())?;
            meta::set(tx, key::KEYS, &keys)?;
            meta::set(tx, key::PURGE, &crate::consent::PurposeSet::bits(everything))?;
            meta::remove(tx, key::PURGE_UNSURE)?;
            meta::set(tx, key::RIGHTS, &rights)?;
            if let Some(proof) = &proof {
                meta::set(tx, key::PROOF, proof)?;
            }
            events::purge_all(tx, sent, why)
        })?;
        self.break_off(effects);
        self.tracker = tracker;
        self.own = super::shopper::Own { zone: self.own.zone.clone(), ..Default::default() }.into();
        self.unwritten_looks = 0;
        self.forget_preferences();
        self.purging = Some(everything);
        self.forget_derived(everything, effects);
        self.rights = rights;
        self.former.clear();
        self.installation = installation;
        self.signer = signer;
        self.keys = keys;
        self.secret = secret;
        self.account_secret = None;
        self.identity = None;
        self.head = NO_HEAD;
        self.anchor = None;
        self.terms.prompts = Prompts::default();
        self.visit_anew(now);
        self.decided(vec![closing], closed, now, effects);
        self.sync.start_over(fresh);
        let followed = self.follow_purge(effects);
        Ok(SignedOut { purged_events: purge.events + followed.events, in_doubt: purge.in_doubt, purged_visits })
    }

    /// The `subject` of events recorded now.
    pub(super) fn subject(&self) -> Option<Uuid> {
        self.identity.as_ref().map(|identity| identity.alias)
    }

    /// What pseudonyms are made from: the account's secret, so that all of its devices have the
    /// same, or the device's own before there is one, and for what is not `the_accounts`.
    pub(super) fn pseudonym_key(&self, the_accounts: bool) -> &[u8] {
        let secret = self.account_secret.as_ref().filter(|_| the_accounts);
        secret.map_or(self.secret.pseudonym_key(), |secret| secret.as_slice())
    }

    /// The last entry of this installation's ledger.
    pub(super) fn head(&self) -> Sha {
        self.head
    }
}
