//! Where an installation's secret lies, and what is made of it.

use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::ledger::Signer;
use super::{PartnerSharing, PermitFor};

/// Wraps the installation's secret before it is stored.
///
/// Neither the Android Keystore nor the Secure Enclave signs Ed25519 everywhere, so Patron signs
/// itself and lets them wrap the seed. Called on the engine's thread, when the store is opened and
/// when a shopper signs out; may take its time there.
pub trait Vault: Send + Sync {
    /// Wraps `secret`; what comes back is stored in the open.
    ///
    /// # Errors
    /// In words, for the log.
    fn wrap(&self, secret: &[u8]) -> Result<Vec<u8>, String>;

    /// Unwraps what [`Vault::wrap`] answered, in this process or an earlier one.
    ///
    /// # Errors
    /// In words, for the log: the key is gone or refuses. Patron goes on with a new secret.
    fn unwrap(&self, wrapped: &[u8]) -> Result<Vec<u8>, String>;
}

/// Keeps the secret as it is, in the store's files, which are the app's alone (mode 0600).
#[derive(Debug, Clone, Copy, Default)]
pub struct PlainVault;

impl PlainVault {
    /// The default.
    pub fn shared() -> Arc<dyn Vault> {
        Arc::new(Self)
    }
}

impl Vault for PlainVault {
    fn wrap(&self, secret: &[u8]) -> Result<Vec<u8>, String> {
        Ok(secret.to_vec())
    }

    fn unwrap(&self, wrapped: &[u8]) -> Result<Vec<u8>, String> {
        Ok(wrapped.to_vec())
    }
}

/// The length of a secret: a seed to sign with, and a key to make pseudonyms with.
pub const SECRET_BYTES: usize = 64;

/// What only this installation knows. Wiped from memory when it is dropped.
pub struct Secret(Zeroizing<[u8; SECRET_BYTES]>);

/// Without the secret.
impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

impl Secret {
    /// From random bytes, or what a vault unwrapped; `None` for another length.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self(Zeroizing::new(bytes.try_into().ok()?)))
    }

    /// To be wrapped.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    /// Signs decisions.
    pub fn signer(&self) -> Signer {
        let mut seed = Zeroizing::new([0; 32]);
        seed.copy_from_slice(&self.0[..32]);
        Signer::from_seed(&seed)
    }

    /// What pseudonyms are made from while nobody is signed in.
    pub fn pseudonym_key(&self) -> &[u8] {
        &self.0[32..]
    }
}

/// The shopper's name for one partner alone: no two partners can tell that they speak of the same
/// shopper, and nobody without `key` can tell who it is. Needs the shopper's yes to that partner.
///
/// ```
/// # use patron_core::consent::{SharingGate, pseudonym};
/// let gate = SharingGate::new(1, ["kelo".to_owned()]);
/// assert!(gate.permit("kelo").is_some_and(|permit| !pseudonym(&[7; 32], &permit).is_nil()));
/// assert!(gate.permit("lumi").is_none());
/// ```
///
/// A yes to everything else is none to a partner:
///
/// ```compile_fail,E0308
/// # use patron_core::consent::{Gate, PartnerSharing, PurposeKind, pseudonym};
/// let gate = Gate::new(1, [PurposeKind::PartnerSharing]);
/// assert!(gate.permit::<PartnerSharing>().is_some_and(|permit| !pseudonym(&[7; 32], &permit).is_nil()));
/// ```
pub fn pseudonym(key: &[u8], permit: &PermitFor<'_, PartnerSharing>) -> Uuid {
    // A key of any length serves; `new_from_slice` refuses none.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Uuid::nil() };
    mac.update(b"patron pseudonym 1\n");
    mac.update(permit.partner().as_bytes());
    let digest: [u8; 32] = mac.finalize().into_bytes().into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}
