//! Decides whether a device's word on the shopper's rules reads, and is signed by the key that it names.
//!
//! Pure. Whether the key is the installation's, and whether the shopper said yes, only the database knows; that is
//! left to [`crate::store`].

use patron_core::consent::verify_hex;
use patron_core::offer::{MAX_PREFERENCES_BYTES, Preferences};
use patron_core::sync::wire::{PreferencesStatement, SignedPreferences};
use uuid::Uuid;

use crate::batch::MAX_DETAIL;

/// The document, and what stands around it.
const MAX_STATEMENT_BYTES: usize = MAX_PREFERENCES_BYTES + 1024;

/// What a device says of the shopper's rules.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) installation: Uuid,
    /// The consent epoch under which the device says it.
    pub(crate) epoch: u64,
    /// The report of what stands besides the decisions behind which the device says it, where it says which.
    pub(crate) standing: Option<u64>,
    /// The revision that the device began from; 0 for none.
    pub(crate) base: u64,
    /// JSON, where the device has another one than that.
    pub(crate) document: Option<String>,
    /// In hexadecimal digits.
    pub(crate) key: String,
}

/// Reads it; an error says what is wrong and where.
pub(crate) fn read(sent: &SignedPreferences) -> Result<Told, String> {
    if sent.statement.len() > MAX_STATEMENT_BYTES {
        return Err(format!("statement: is longer than {MAX_STATEMENT_BYTES} bytes"));
    }
    let statement: PreferencesStatement =
        serde_json::from_str(&sent.statement).map_err(|why| format!("statement: {:.MAX_DETAIL$}", why.to_string()))?;
    if !verify_hex(&statement.key, sent.statement.as_bytes(), &sent.signature) {
        return Err("signature: is not of this statement by its key".to_owned());
    }
    if statement.version != 1 {
        return Err("statement.version: is not 1".to_owned());
    }
    if i64::try_from(statement.base).is_err() || i64::try_from(statement.epoch).is_err() {
        return Err("statement: counts further than any device".to_owned());
    }
    let document = match statement.document {
        Some(document) => {
            let text = document.to_string();
            if text.len() > MAX_PREFERENCES_BYTES || serde_json::from_value::<Preferences>(document).is_err() {
                return Err(format!(
                    "statement.document: takes entries by kind and id, {MAX_PREFERENCES_BYTES} bytes at most"
                ));
            }
            Some(text)
        }
        None => None,
    };
    Ok(Told {
        installation: statement.installation,
        epoch: statement.epoch,
        standing: statement.standing,
        base: statement.base,
        document,
        key: statement.key,
    })
}
