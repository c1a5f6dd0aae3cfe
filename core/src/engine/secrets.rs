//! The installation's secret: drawn once, wrapped by the host's vault, kept in the main file.

use zeroize::Zeroizing;

use super::key;
use crate::consent::{SECRET_BYTES, Secret, Vault, to_hex};
use crate::ids::Ids;
use crate::log::{Level, Log};
use crate::store::{Durability, Store, StoreError, meta};

/// A vault that refuses so many times in a row, from one opening of the store to the next, has lost
/// its key. Before that it may be closed for a while: a phone that was not unlocked since it started.
const MAX_REFUSALS: u32 = 3;

/// The secret of this installation. While the vault refuses it, one that lives as long as the process
/// signs in its place, and the ledger goes on under that key; in the end it is replaced.
pub(super) fn open(store: &mut Store, vault: &dyn Vault, ids: &Ids, log: &Log) -> Result<Secret, StoreError> {
    let wrapped = store.meta::<String>(key::SECRET)?.map(Zeroizing::new);
    let known = wrapped.as_ref().and_then(|digits| unwrap(digits, vault, log));
    let refusals: u32 = store.meta(key::VAULT_REFUSALS)?.unwrap_or(0);
    if let Some(secret) = known.as_deref().and_then(|secret| Secret::from_bytes(secret)) {
        if refusals > 0 {
            store.transact(Durability::Normal, |tx| meta::remove(tx, key::VAULT_REFUSALS))?;
        }
        return Ok(secret);
    }
    let (secret, fresh) = draw(ids, vault, log)?;
    let refused = wrapped.is_some() && known.is_none() && refusals + 1 < MAX_REFUSALS;
    store.transact(Durability::Full, |tx| {
        if refused {
            return meta::set(tx, key::VAULT_REFUSALS, &(refusals + 1));
        }
        meta::remove(tx, key::VAULT_REFUSALS)?;
        meta::set(tx, key::SECRET, &fresh.as_deref())
    })?;
    Ok(secret)
}

/// A wrapped secret as it is kept, in hexadecimal digits: a vault may leave it as it is.
pub(super) type Digits = Zeroizing<String>;

/// A new secret, and what is to be kept of it: nothing when the vault refuses, and then it lives as
/// long as the process.
pub(super) fn draw(ids: &Ids, vault: &dyn Vault, log: &Log) -> Result<(Secret, Option<Digits>), StoreError> {
    let failed = |why: String| StoreError::Content { what: "secret", why };
    let mut bytes = Zeroizing::new([0; SECRET_BYTES]);
    ids.fill_secret(bytes.as_mut_slice()).map_err(|error| failed(error.to_string()))?;
    let secret = Secret::from_bytes(bytes.as_slice()).ok_or_else(|| failed("of another length".to_owned()))?;
    let wrapped = match vault.wrap(secret.as_bytes()) {
        Ok(wrapped) => Some(Zeroizing::new(to_hex(&Zeroizing::new(wrapped)))),
        Err(why) => {
            log.line(Level::Error, || format!("vault: {why}"));
            None
        }
    };
    Ok((secret, wrapped))
}

/// What `digits` hold, unwrapped.
pub(super) fn unwrap(digits: &str, vault: &dyn Vault, log: &Log) -> Option<Zeroizing<Vec<u8>>> {
    let byte = |pair: &[u8]| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok());
    // Room for all of it at once: a buffer that grew would leave copies.
    let mut wrapped = Zeroizing::new(Vec::with_capacity(digits.len().div_ceil(2)));
    for pair in digits.as_bytes().chunks(2) {
        wrapped.push(byte(pair)?);
    }
    match vault.unwrap(&wrapped) {
        Ok(secret) => Some(Zeroizing::new(secret)),
        Err(why) => {
            log.line(Level::Error, || format!("vault: {why}"));
            None
        }
    }
}
