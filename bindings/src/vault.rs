//! The host's vault: wraps the installation's secret with a key of the Keystore or the Keychain.

use std::sync::Arc;

use patron_core::consent::{PlainVault, Vault};

use crate::listener::CallbackError;

/// Wraps and unwraps the secret that decisions are signed with. Called on the engine's thread, when
/// the store is opened and when a shopper leaves.
#[uniffi::export(callback_interface)]
pub trait VaultCallback: Send + Sync {
    /// Wraps `secret`; what comes back is stored in the open.
    fn wrap(&self, secret: Vec<u8>) -> Result<Vec<u8>, CallbackError>;

    /// Unwraps what [`VaultCallback::wrap`] answered, in this process or an earlier one.
    fn unwrap(&self, wrapped: Vec<u8>) -> Result<Vec<u8>, CallbackError>;
}

/// The core's vault over the host's; the store's own files without one.
pub(crate) fn vault_of(callback: Option<Box<dyn VaultCallback>>) -> Arc<dyn Vault> {
    callback.map_or_else(PlainVault::shared, |callback| Arc::new(HostVault(callback)))
}

struct HostVault(Box<dyn VaultCallback>);

impl Vault for HostVault {
    fn wrap(&self, secret: &[u8]) -> Result<Vec<u8>, String> {
        self.0.wrap(secret.to_vec()).map_err(|error| error.to_string())
    }

    fn unwrap(&self, wrapped: &[u8]) -> Result<Vec<u8>, String> {
        self.0.unwrap(wrapped.to_vec()).map_err(|error| error.to_string())
    }
}
