//! What a host hands over at the start.

use std::sync::Arc;

use patron_core::consent::ConsentCatalogue;
use patron_core::{Config, Edges};

use crate::error::PatronError;
use crate::jvm;
use crate::listener::{LogCallback, LogLevel, log_to};
use crate::transport::{Carrier, HostTransport};
use crate::vault::{VaultCallback, vault_of};

/// How to open a store.
#[derive(uniffi::Record)]
pub struct HandleConfig {
    /// A folder of Patron's own, private to the app.
    pub folder: String,
    /// Whom to speak to; none is the sandbox, a demo town in the process.
    pub backend: Option<BackendAddress>,
    /// Language of offers and explanations, a BCP 47 tag.
    pub locale: String,
    /// Where the shopper's clock stands, an IANA name; none asks the system.
    pub time_zone: Option<String>,
    /// The events a device keeps at most; none takes the default.
    pub max_events: Option<u64>,
    /// The bytes of queued events a device keeps at most; none takes the default.
    pub max_bytes: Option<u64>,
    /// What the shopper is asked, as JSON (docs/consent.md); none takes the catalogue that ships.
    pub consent_catalogue: Option<String>,
    /// How much goes to the log.
    pub log_level: LogLevel,
}

/// A backend and the key to it.
#[derive(uniffi::Record)]
pub struct BackendAddress {
    /// HTTPS, or HTTP on loopback.
    pub endpoint: String,
    /// The tenant's publishable key.
    pub key: String,
    /// The keys that the backend's certificate may have, or none: see the core's `Config::pins`.
    pub pins: Vec<String>,
}

impl HandleConfig {
    /// The core's configuration, and the device's own edges with the host's log, vault and transport.
    pub(crate) fn into_core(
        self,
        log: Option<Box<dyn LogCallback>>,
        vault: Option<Box<dyn VaultCallback>>,
        transport: Option<Box<dyn HostTransport>>,
    ) -> Result<(Config, Edges), PatronError> {
        let mut config = match self.backend {
            Some(backend) => Config { pins: backend.pins, ..Config::new(self.folder, backend.endpoint, backend.key) },
            None => Config::sandbox(self.folder),
        };
        config.locale = self.locale;
        config.time_zone = self.time_zone;
        if let Some(max_events) = self.max_events {
            config.max_events = max_events;
        }
        if let Some(max_bytes) = self.max_bytes {
            config.max_bytes = max_bytes;
        }
        if let Some(catalogue) = self.consent_catalogue {
            config.consent_catalogue = ConsentCatalogue::parse(catalogue.as_bytes())?;
        }
        let mut edges = match transport {
            Some(host) => Edges::with_transport(&config, Arc::new(Carrier(host)), jvm::threads())?,
            None => Edges { threads: jvm::threads(), ..Edges::system(&config)? },
        };
        edges.vault = vault_of(vault);
        edges.log = log_to(log, self.log_level);
        Ok((config, edges))
    }
}
