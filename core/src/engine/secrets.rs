//! The installation's secret: drawn once, wrapped by the host's vault, kept in the main file.

use zeroize::Zeroizing;

use super::key;
use crate::consent::{SECRET_BYTES, Secret, Vault, to_hex};
use crate::ids::Ids;
use crate::log::{Level, Log};
use crate::store::{Durability, Store, StoreError, meta};

/// The secret of this installation. One that the vault does not give back any more is replaced:
/// the ledger goes on under a new key.
pub(super) fn open(store: &mut Store, vault: &dyn Vault, ids: &Ids, log: &Log) -> Result<Secret, StoreError> {
    let wrapped: Option<String> = store.meta(key::SECRET)?;
    if let Some(secret) = wrapped.and_then(|digits| unwrap(&digits, vault, log)).as_deref() {
        if let Some(secret) = Secret::from_bytes(secret) {
            return Ok(secret);
        }
    }
    let (secret, wrapped) = draw(ids, vault, log)?;
    store.transact(Durability::Full, |tx| meta::set(tx, key::SECRET, &wrapped))?;
    Ok(secret)
}

/// A new secret, and what is to be kept of it: nothing when the vault refuses, and then it lives as
/// long as the process.
pub(super) fn draw(ids: &Ids, vault: &dyn Vault, log: &Log) -> Result<(Secret, Option<String>), StoreError> {
    let failed = |why: String| StoreError::Content { what: "secret", why };
    let mut bytes = Zeroizing::new([0; SECRET_BYTES]);
    ids.fill_secret(bytes.as_mut_slice()).map_err(|error| failed(error.to_string()))?;
    let secret = Secret::from_bytes(bytes.as_slice()).ok_or_else(|| failed("of another length".to_owned()))?;
    let wrapped = match vault.wrap(secret.as_bytes()) {
        Ok(wrapped) => Some(to_hex(&wrapped)),
        Err(why) => {
            log.line(Level::Error, || format!("vault: {why}"));
            None
        }
    };
    Ok((secret, wrapped))
}

/// What `digits` hold, unwrapped.
pub(super) fn unwrap(digits: &str, vault: &dyn Vault, log: &Log) -> Option<Zeroizing<Vec<u8>>> {
    let wrapped: Option<Vec<u8>> = digits
        .as_bytes()
        .chunks(2)
        .map(|pair| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok()))
        .collect();
    match vault.unwrap(&wrapped?) {
        Ok(secret) => Some(Zeroizing::new(secret)),
        Err(why) => {
            log.line(Level::Error, || format!("vault: {why}"));
            None
        }
    }
}
