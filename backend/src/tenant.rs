//! Decides whose a key is: a tenant's app, a partner of the tenant, or its publisher.
//!
//! A key carries its tenant's name (`pk_TENANT` or `pk_TENANT_SECRET`), so that starting a backend takes one
//! argument. A partner's key (`sk_TENANT_SECRET`) opens what shoppers share with that partner and nothing else;
//! it is a secret and has to be a long one. So is a publisher's key (`ak_TENANT_SECRET`), which opens `/v1/admin`
//! and nothing else. The name in the key is read once, when the key is created; a request
//! is matched by the SHA-256 of the whole key alone. Plain SHA-256 is enough for keys that are random; one that
//! a person could guess, such as `pk_demo`, is no secret in the first place.

use std::collections::HashMap;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::Error;
use crate::batch::{MAX_NAME_BYTES, is_name};

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
        let (tenant, _) = Self::read(key, "pk_", "does not begin with pk_").map_err(|why| Error::Key { why })?;
        Ok(tenant)
    }

    /// The tenant's name and the secret, where there is one.
    fn read<'k>(key: &'k str, prefix: &str, other: &'static str) -> Result<(Self, Option<&'k str>), &'static str> {
        let rest = key.strip_prefix(prefix).ok_or(other)?;
        let (name, secret) = rest.split_once('_').map_or((rest, None), |(name, secret)| (name, Some(secret)));
        if name.is_empty() || name.len() > 64 || key.len() > 256 {
            return Err("needs a tenant of 1 to 64 characters, and 256 at most in all");
        }
        if !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
            return Err("its tenant takes a-z, 0-9 and '-' alone");
        }
        if secret.is_some_and(|secret| secret.is_empty() || !secret.bytes().all(|b| b.is_ascii_graphic())) {
            return Err("its secret takes printable ASCII without spaces");
        }
        Ok((Self(name.into()), secret))
    }
}

/// A shorter secret could be guessed over the network.
const LEAST_SECRET: usize = 16;

/// A key that a partner reads with.
#[derive(Debug, Clone)]
pub(crate) struct PartnerKey {
    pub(crate) tenant: Tenant,
    /// Its id in the tenant's catalogue.
    pub(crate) partner: String,
    pub(crate) hash: KeyHash,
}

impl PartnerKey {
    /// Reads `PARTNER=sk_TENANT_SECRET`.
    pub(crate) fn read(argument: &str) -> Result<Self, Error> {
        let refused = |why| Error::PartnerKey { why };
        // A secret may hold a '=', a partner's id may too.
        let at = argument.find("=sk_").ok_or(refused("names no partner, or its key does not begin with sk_"))?;
        let (partner, key) = (&argument[..at], &argument[at + 1..]);
        if !is_name(partner, MAX_NAME_BYTES) {
            return Err(refused("the partner takes 1 to 256 bytes, and no control characters"));
        }
        let (tenant, secret) = Tenant::read(key, "sk_", "does not begin with sk_").map_err(refused)?;
        if secret.is_none_or(|secret| secret.len() < LEAST_SECRET) {
            return Err(refused("its secret needs 16 characters at least"));
        }
        Ok(Self { tenant, partner: partner.to_owned(), hash: hash_key(key) })
    }
}

/// A key that a publisher publishes with.
#[derive(Debug, Clone)]
pub(crate) struct PublisherKey {
    pub(crate) tenant: Tenant,
    pub(crate) hash: KeyHash,
}

impl PublisherKey {
    /// Reads `ak_TENANT_SECRET`.
    pub(crate) fn read(key: &str) -> Result<Self, Error> {
        let refused = |why| Error::PublisherKey { why };
        let (tenant, secret) = Tenant::read(key, "ak_", "does not begin with ak_").map_err(refused)?;
        if secret.is_none_or(|secret| secret.len() < LEAST_SECRET) {
            return Err(refused("its secret needs 16 characters at least"));
        }
        Ok(Self { tenant, hash: hash_key(key) })
    }
}

/// What is kept of `key`.
pub(crate) fn hash_key(key: &str) -> KeyHash {
    Sha256::digest(key.as_bytes()).into()
}

/// Whom a key is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Holder {
    pub(crate) tenant: Tenant,
    pub(crate) opens: Opens,
}

/// What a key opens, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Opens {
    /// What devices speak.
    Wire,
    /// What is shared with the partner of that id.
    Partner(Arc<str>),
    /// `/v1/admin`.
    Admin,
}

/// Every key's hash with its holder. Read at the start; the process that serves is the only one to add keys.
#[derive(Debug)]
pub(crate) struct Keys(HashMap<KeyHash, Holder>);

impl Keys {
    pub(crate) fn new(keys: impl IntoIterator<Item = (KeyHash, Holder)>) -> Self {
        Self(keys.into_iter().collect())
    }

    /// Whose `key` is. Comparing hashes leaks no timing about the key.
    pub(crate) fn holder(&self, key: &str) -> Option<&Holder> {
        self.0.get(&hash_key(key))
    }

    /// Whether no app could speak to this backend.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.values().all(|holder| holder.opens != Opens::Wire)
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
    fn a_partners_key_names_both_and_is_long() {
        let key = PartnerKey::read("lumi=sk_demo_0123456789abcde=").unwrap();
        assert_eq!((key.partner.as_str(), key.tenant.as_str()), ("lumi", "demo"));
        assert_eq!(key.hash, hash_key("sk_demo_0123456789abcde="));
        for bad in [
            "",
            "lumi",
            "lumi=pk_demo_0123456789abcdef",
            "=sk_demo_0123456789abcdef",
            "lumi=sk_demo",
            "lumi=sk_demo_short",
            "lumi=sk_Demo_0123456789abcdef",
            "lumi=sk_demo_0123456789 abcdef",
        ] {
            let error = PartnerKey::read(bad).unwrap_err();
            assert!(error.is_bad_input() && !error.to_string().contains("0123456789"), "{bad}: {error}");
        }
    }

    #[test]
    fn a_publishers_key_is_long_and_not_repeated_when_it_is_refused() {
        let key = PublisherKey::read("ak_demo_0123456789abcdef").unwrap();
        assert_eq!((key.tenant.as_str(), key.hash), ("demo", hash_key("ak_demo_0123456789abcdef")));
        for bad in ["", "ak_demo", "ak_demo_short", "pk_demo_0123456789abcdef", "ak__0123456789abcdef"] {
            let error = PublisherKey::read(bad).unwrap_err();
            assert!(error.is_bad_input() && !error.to_string().contains("0123456789"), "{bad}: {error}");
        }
    }

    #[test]
    fn only_the_whole_key_opens() {
        let holder = Holder { tenant: Tenant::stored("a"), opens: Opens::Wire };
        let keys = Keys::new([(hash_key("pk_a_secret"), holder.clone())]);
        assert_eq!(keys.holder("pk_a_secret"), Some(&holder));
        assert_eq!(keys.holder("pk_a"), None);
        assert_eq!(keys.holder(""), None);
    }
}
