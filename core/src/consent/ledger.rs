//! The ledger: every decision in a chain that nobody can change without being found out.
//!
//! An entry names the one before by hash and is signed with the installation's key, refusals too.
//! It holds no personal data: whose decision it is, only the holder of the key can show. The
//! backend countersigns the head now and then, so a ledger that was cut short is found as well.
//! Pure: where entries are stored is [`crate::store`]'s to say.

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::hash::{hex_bytes, to_hex};
use super::{ConsentStatus, Decision, Purpose, PurposeKind, Sha};
use crate::clock;

/// A decision as it is signed. What is hashed and signed is its very text; see [`Seal`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The form of the entry: 1.
    pub version: u32,
    /// The decision's id.
    pub id: Uuid,
    /// Its place in this installation's ledger: the epoch that it began there.
    pub seq: u64,
    /// The hash of this installation's entry before; [`Sha::NONE`] for the first.
    pub prev: Sha,
    /// The decisions on the same purpose that it knew of, on whatever device they were made.
    pub parents: Vec<Sha>,
    /// What it is about.
    pub purpose: PurposeKind,
    /// With whom, for `partner_sharing`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<String>,
    /// `granted`, `denied` or `withdrawn`.
    pub status: ConsentStatus,
    /// The device's wall clock, RFC 3339.
    pub decided_at: String,
    /// When a yes runs out, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// Under which meaning of the purpose.
    pub meaning: u32,
    /// The hash of the words that the shopper saw.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Sha>,
    /// Their language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// Where the shopper was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub surface: Option<String>,
    /// Made while signed in.
    #[serde(default)]
    pub account: bool,
    /// Taken back, and what was captured until then is kept: [`super::WithdrawPolicy::KeepCaptured`]. Absent is no, as it
    /// was before there was the word: a device that does not know it erases.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub keeps_captured: bool,
    /// The Ed25519 key that signs, in hexadecimal digits.
    pub key: String,
}

/// An entry as it is kept and sent: its text, and the signature over it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    /// The JSON of an [`Entry`], byte for byte as it was signed.
    pub entry: String,
    /// Ed25519.
    pub signature: [u8; 64],
}

/// What is wrong with an entry or a ledger.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// The text of an entry does not read.
    #[error("the entry of epoch {epoch} does not read")]
    Unreadable {
        /// Where it stands.
        epoch: u64,
    },
    /// The signature is not of this text by this key.
    #[error("the signature of epoch {epoch} does not hold")]
    Signature {
        /// Where it stands.
        epoch: u64,
    },
    /// It is signed with a key that is none of this installation's.
    #[error("the entry of epoch {epoch} is signed with a key that is none of this installation's")]
    Key {
        /// Where it stands.
        epoch: u64,
    },
    /// What is stored beside the entry says something else.
    #[error("the decision of epoch {epoch} is not what was signed")]
    Altered {
        /// Where it stands.
        epoch: u64,
    },
    /// The entry before is another one than it names: something was removed, put in or moved.
    #[error("the chain is broken before epoch {epoch}")]
    Chain {
        /// Where it stands.
        epoch: u64,
    },
    /// The backend has countersigned a head that is not there.
    #[error("the ledger was cut short: the head of epoch {epoch}, which the backend has countersigned, is missing")]
    Truncated {
        /// The epoch of that head.
        epoch: u64,
    },
    /// The countersignature is not the backend's.
    #[error("the backend's countersignature does not hold")]
    Anchor,
}

/// A ledger that holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// Entries of this device.
    pub entries: u64,
    /// The hash of the last one.
    pub head: Sha,
    /// The epoch up to which the backend has countersigned.
    pub anchored_epoch: Option<u64>,
}

/// A head that the backend has countersigned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    /// The head.
    pub head: Sha,
    /// Its epoch.
    pub epoch: u64,
    /// The backend's clock, RFC 3339.
    pub at: String,
    /// The backend's key, in hexadecimal digits.
    pub key: String,
    /// Ed25519 over [`Anchor::message`], in hexadecimal digits.
    pub signature: String,
}

impl Anchor {
    /// What a backend signs.
    pub fn message(installation: Uuid, epoch: u64, head: Sha, at: &str) -> String {
        format!("patron ledger head 1\n{installation}\n{epoch}\n{head}\n{at}")
    }

    /// Whether its key has signed it for `installation`.
    pub fn holds(&self, installation: Uuid) -> bool {
        let message = Self::message(installation, self.epoch, self.head, &self.at);
        verify_hex(&self.key, message.as_bytes(), &self.signature)
    }
}

/// Whether `key` has signed `message`; both in hexadecimal digits.
pub fn verify_hex(key: &str, message: &[u8], signature: &str) -> bool {
    hex_bytes(signature).is_some_and(|signature| verify_key(key, message, &signature))
}

/// The same with a signature as it is.
pub(crate) fn verify_key(key: &str, message: &[u8], signature: &[u8; 64]) -> bool {
    hex_bytes(key)
        .and_then(|key| VerifyingKey::from_bytes(&key).ok())
        .is_some_and(|key| key.verify_strict(message, &Signature::from_bytes(signature)).is_ok())
}

/// The key of an installation, or of a backend. Wiped from memory when it is dropped.
pub struct Signer(SigningKey);

/// Without the key.
impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Signer").field(&self.public()).finish()
    }
}

impl Signer {
    /// From 32 secret bytes.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The public half, in hexadecimal digits.
    pub fn public(&self) -> String {
        to_hex(self.0.verifying_key().as_bytes())
    }

    /// Signs any text that says what it is for; in hexadecimal digits.
    pub fn sign(&self, message: &[u8]) -> String {
        to_hex(&self.0.sign(message).to_bytes())
    }

    /// Puts `decision` behind `prev` and signs it. Its hash becomes that of its entry.
    pub fn seal(&self, decision: &mut Decision, prev: Sha) -> Seal {
        let entry = Entry {
            version: 1,
            id: decision.id,
            seq: decision.epoch,
            prev,
            parents: decision.parents.clone(),
            purpose: decision.purpose.kind(),
            partner: decision.purpose.partner().map(str::to_owned),
            status: decision.status,
            decided_at: clock::rfc3339(decision.decided_at_ms),
            expires_at: decision.expires_at_ms.map(clock::rfc3339),
            meaning: decision.meaning,
            text: decision.text,
            locale: decision.locale.clone(),
            surface: decision.surface.clone(),
            account: decision.account,
            keeps_captured: decision.keeps_captured,
            key: self.public(),
        };
        // Writing this type to memory cannot fail; an empty text would be found by `verify`.
        let text = serde_json::to_string(&entry).unwrap_or_default();
        decision.hash = Sha::of(text.as_bytes());
        Seal { signature: self.0.sign(text.as_bytes()).to_bytes(), entry: text }
    }
}

impl Seal {
    /// From what is stored or sent.
    pub fn from_hex(entry: String, signature: &str) -> Option<Self> {
        Some(Self { entry, signature: hex_bytes(signature)? })
    }

    /// The signature in hexadecimal digits.
    pub fn signature_hex(&self) -> String {
        to_hex(&self.signature)
    }

    /// The entry's hash: what parents and the next entry name.
    pub fn hash(&self) -> Sha {
        Sha::of(self.entry.as_bytes())
    }

    /// Reads the entry as it stands, without a look at its signature; `epoch` is for the error alone.
    ///
    /// # Errors
    /// [`LedgerError::Unreadable`].
    pub fn read(&self, epoch: u64) -> Result<Entry, LedgerError> {
        serde_json::from_str(&self.entry).map_err(|_| LedgerError::Unreadable { epoch })
    }

    /// Reads the entry and checks its signature.
    ///
    /// # Errors
    /// [`LedgerError::Unreadable`], [`LedgerError::Signature`].
    pub fn open(&self, epoch: u64) -> Result<Entry, LedgerError> {
        let entry = self.read(epoch)?;
        let holds = verify_key(&entry.key, self.entry.as_bytes(), &self.signature);
        if holds { Ok(entry) } else { Err(LedgerError::Signature { epoch }) }
    }
}

impl Entry {
    /// The decision that it stands for, as of this device's epoch `epoch`.
    ///
    /// # Errors
    /// [`LedgerError::Unreadable`] for what no shopper can decide, and times that are none.
    pub fn decision(self, hash: Sha, epoch: u64, own: bool) -> Result<Decision, LedgerError> {
        let unreadable = || LedgerError::Unreadable { epoch };
        let ms = |time: &str| clock::parse_rfc3339(time).ok_or_else(unreadable);
        if !self.status.is_decision() {
            return Err(unreadable());
        }
        Ok(Decision {
            id: self.id,
            purpose: Purpose::from_parts(self.purpose, self.partner.as_deref()).ok_or_else(unreadable)?,
            status: self.status,
            decided_at_ms: ms(&self.decided_at)?,
            epoch,
            expires_at_ms: self.expires_at.as_deref().map(ms).transpose()?,
            meaning: self.meaning,
            text: self.text,
            locale: self.locale,
            surface: self.surface,
            parents: self.parents,
            hash,
            account: self.account,
            keeps_captured: self.keeps_captured,
            own,
        })
    }
}

/// Walks this device's ledger from its first entry: each as it is stored beside its seal.
///
/// # Errors
/// The first thing that does not hold.
pub fn verify_ledger(
    installation: Uuid,
    ledger: &[(Decision, Seal)],
    anchor: Option<&Anchor>,
) -> Result<Verified, LedgerError> {
    let mut head = Sha::NONE;
    let mut entries = 0;
    let mut anchored = false;
    for (decision, seal) in ledger {
        let epoch = decision.epoch;
        let entry = seal.open(epoch)?;
        let (prev, seq) = (entry.prev, entry.seq);
        if entry.decision(seal.hash(), epoch, decision.own)? != *decision {
            return Err(LedgerError::Altered { epoch });
        }
        if decision.own {
            if prev != head || seq != epoch {
                return Err(LedgerError::Chain { epoch });
            }
            head = seal.hash();
            entries += 1;
            anchored |= anchor.is_some_and(|anchor| anchor.head == head && anchor.epoch == epoch);
        }
    }
    match anchor {
        Some(anchor) if !anchor.holds(installation) => Err(LedgerError::Anchor),
        Some(anchor) if !anchored => Err(LedgerError::Truncated { epoch: anchor.epoch }),
        _ => Ok(Verified { entries, head, anchored_epoch: anchor.map(|anchor| anchor.epoch) }),
    }
}

#[cfg(test)]
#[path = "ledger_tests.rs"]
mod tests;
