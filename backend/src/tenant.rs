//! Decides whose a key is.
//!
//! A key carries its tenant's name (`pk_TENANT` or `pk_TENANT_SECRET`), so that starting a backend
//! takes one argument. The name in the key is read once, when the key is created; a request is
//! matched by the SHA-256 of the whole key alone. Plain SHA-256 is enough for keys that are random;
//! one that a person could guess, such as `pk_demo`, is no secret in the first place.

use std::collections::HashMap;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::Error;

/// The key and the tenant of `--seed demo`.
pub(crate) const DEMO_KEY: &str = "pk_demo";

/// SHA-256 of a key: all that is kept of it.
pub(crate) type KeyHash = [u8; 32];

/// A tenant's name: one retailer, whose data no other sees.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Tenant(Arc<str>);

impl Tenant {
    /// The name as it stands in the database.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// A name that was validated when it was stored.
    pub(crate) fn stored(name: &str) -> Self {
        Self(name.into())
    }

    /// The tenant that `key` is for.
    pub(crate) fn of_key(key: &str) -> Result<Self, Error> {
        let rest = key.strip_prefix("pk_").ok_or(Error::Key { why: "does not begin with pk_" })?;
        let (name, secret) = rest.split_once('_').unwrap_or((rest, "x"));
        if name.is_empty() || name.len() > 64 || key.len() > 256 {
            return Err(Error::Key { why: "needs a tenant of 1 to 64 characters, and 256 at most in all" });
        }
        if !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
            return Err(Error::Key { why: "its tenant takes a-z, 0-9 and '-' alone" });
        }
        if secret.is_empty() || !secret.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Error::Key { why: "its secret takes printable ASCII without spaces" });
        }
        Ok(Self(name.into()))
    }
}

/// What is kept of `key`.
pub(crate) fn hash_key(key: &str) -> KeyHash {
    Sha256::digest(key.as_bytes()).into()
}

/// Every key's hash with its tenant. Read at the start; the process that serves is the only one to add keys.
#[derive(Debug)]
pub(crate) struct Keys(HashMap<KeyHash, Tenant>);

impl Keys {
    pub(crate) fn new(keys: impl IntoIterator<Item = (KeyHash, Tenant)>) -> Self {
        Self(keys.into_iter().collect())
    }

    /// Whose `key` is. Comparing hashes leaks no timing about the key.
    pub(crate) fn tenant(&self, key: &str) -> Option<&Tenant> {
        self.0.get(&hash_key(key))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_names_its_tenant() {
        assert_eq!(Tenant::of_key("pk_demo").unwrap().as_str(), "demo");
        assert_eq!(Tenant::of_key("pk_acme-fi_5b1f_0c").unwrap().as_str(), "acme-fi");
    }

    #[test]
    fn a_key_that_names_no_tenant_is_refused_and_not_repeated() {
        for key in
            ["", "sk_demo", "pk_", "pk_Demo", "pk__x", "pk_demo_", "pk_demo_a b", &format!("pk_{}", "a".repeat(65))]
        {
            let error = Tenant::of_key(key).unwrap_err();
            assert!(error.is_bad_input());
            assert!(key.len() < 4 || !error.to_string().contains(&format!(" {key} ")), "{error}");
        }
    }

    #[test]
    fn only_the_whole_key_opens() {
        let keys = Keys::new([(hash_key("pk_a_secret"), Tenant::stored("a"))]);
        assert_eq!(keys.tenant("pk_a_secret"), Some(&Tenant::stored("a")));
        assert_eq!(keys.tenant("pk_a"), None);
        assert_eq!(keys.tenant(""), None);
    }
}
