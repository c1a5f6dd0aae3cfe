//! What an app tells Patron at the start, and the edges it may replace.

use std::path::PathBuf;
use std::sync::Arc;

use crate::clock::{Clock, SystemClock};
use crate::consent::{ConsentCatalogue, PlainVault, Vault};
use crate::error::Error;
use crate::log::{Level, Log};
use crate::sandbox::SandboxTransport;
use crate::sync::{BlockingTransport, MAX_IMAGE_BYTES, OnThread, Transport, endpoint};
use crate::threads::Threads;

/// The events a device keeps at most. Those of the lowest priority go first, the oldest of them
/// first.
pub const DEFAULT_MAX_EVENTS: u64 = 50_000;

/// The bytes that queued events may take up. Half of what a careful shopper would clear an app's
/// storage for, and a month of a busy one's events.
pub const DEFAULT_MAX_BYTES: u64 = 20 * 1024 * 1024;

/// The bytes that pictures of offers may take up: a few hundred cards.
pub const DEFAULT_MAX_IMAGE_BYTES: u64 = 16 * 1024 * 1024;

/// One picture of the largest size; with less, what was just fetched would be gone.
const MIN_MAX_IMAGE_BYTES: u64 = MAX_IMAGE_BYTES as u64;

/// Pictures can be had again; a shopper's storage is not for them.
const MOST_MAX_IMAGE_BYTES: u64 = 256 * 1024 * 1024;

/// Where `sandbox` pretends the backend to be. Never connected to.
const SANDBOX_ENDPOINT: &str = "https://sandbox.invalid";

/// How to open a store.
#[derive(Clone, PartialEq, Eq)]
pub struct Config {
    /// A folder of Patron's own, private to the app. Made if it is missing.
    pub folder: PathBuf,
    /// The backend, for example `https://patron.example.com`. HTTPS, or HTTP on loopback.
    pub endpoint: String,
    /// The tenant's API key.
    pub key: String,
    /// Language of offers and explanations: a BCP 47 tag, of which the language counts.
    pub locale: String,
    /// Where the shopper's clock stands, an IANA name such as `Europe/Helsinki`: quiet hours, and what is
    /// bound to a time of day. `None` asks the system.
    pub time_zone: Option<String>,
    /// Above this many queued events some are given up, and counted as evicted.
    pub max_events: u64,
    /// Above this many bytes of queued events some are given up, and counted as evicted.
    pub max_bytes: u64,
    /// Above this many bytes of pictures of offers those go that were not used for longest. From 512 KiB, one picture
    /// of the largest size, to 256 MiB.
    pub max_image_bytes: u64,
    /// What the shopper is asked, in the app's own words; a newer one that sync brings stands over it.
    pub consent_catalogue: ConsentCatalogue,
    /// The keys that the backend may have, for the transport that Patron brings along: SHA-256 of a certificate's
    /// SubjectPublicKeyInfo, in base64, with `sha256/` before it or not. None is the rule: the trust
    /// roots decide then. With pins, a server must pass that check and have one of these keys; there
    /// must be two at least, one of them of a key that is kept safe and not in use: an app whose
    /// only pinned key is lost reaches its backend never again.
    pub pins: Vec<String>,
    /// A demo town in the process instead of a backend.
    pub sandbox: bool,
}

impl Config {
    /// A store in `folder` that syncs with `endpoint`.
    pub fn new(folder: impl Into<PathBuf>, endpoint: impl Into<String>, key: impl Into<String>) -> Self {
        Self {
            folder: folder.into(),
            endpoint: endpoint.into(),
            key: key.into(),
            locale: "en".into(),
            time_zone: None,
            max_events: DEFAULT_MAX_EVENTS,
            max_bytes: DEFAULT_MAX_BYTES,
            max_image_bytes: DEFAULT_MAX_IMAGE_BYTES,
            consent_catalogue: ConsentCatalogue::standard(),
            pins: Vec::new(),
            sandbox: false,
        }
    }

    /// A demo town with partners, places and offers, in the process: no backend, no account.
    ///
    /// All but the network is real, so what an app shows here it shows in a store.
    pub fn sandbox(folder: impl Into<PathBuf>) -> Self {
        Self { sandbox: true, ..Self::new(folder, SANDBOX_ENDPOINT, "sandbox") }
    }

    /// The shopper's time zone; UTC where nobody knows it. A name that is not known here is the system's zone, with a
    /// line in the log: a phone may know newer ones.
    pub(crate) fn zone(&self, log: &Log) -> jiff::tz::TimeZone {
        let named = self.time_zone.as_deref().and_then(|name| match jiff::tz::TimeZone::get(name) {
            Ok(zone) => Some(zone),
            Err(why) => {
                log.line(Level::Warn, || format!("config: time_zone: {why}; the system's is taken"));
                None
            }
        });
        named.or_else(|| jiff::tz::TimeZone::try_system().ok()).unwrap_or(jiff::tz::TimeZone::UTC)
    }

    /// # Errors
    /// [`Error::InvalidInput`] naming the field.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.folder.as_os_str().is_empty() {
            return Err(Error::invalid("config.folder", "is empty"));
        }
        check_key("config.key", &self.key)?;
        if self.max_events == 0 {
            return Err(Error::invalid("config.max_events", "is 0: no event could ever be kept"));
        }
        if self.max_bytes < MIN_MAX_BYTES {
            return Err(Error::invalid(
                "config.max_bytes",
                format!("is {}: one event alone may take {MIN_MAX_BYTES}", self.max_bytes),
            ));
        }
        if !(MIN_MAX_IMAGE_BYTES..=MOST_MAX_IMAGE_BYTES).contains(&self.max_image_bytes) {
            return Err(Error::invalid(
                "config.max_image_bytes",
                format!(
                    "is {}: takes {MIN_MAX_IMAGE_BYTES} to {MOST_MAX_IMAGE_BYTES}, one large picture at least",
                    self.max_image_bytes
                ),
            ));
        }
        let language = self.locale.split(['-', '_']).next().unwrap_or_default();
        if !(2..=8).contains(&language.len()) || !language.bytes().all(|b| b.is_ascii_alphabetic()) {
            return Err(Error::invalid(
                "config.locale",
                format!("{:?} is not a language tag such as en or fi-FI", self.locale),
            ));
        }
        Ok(())
    }
}

/// One event of the largest size, and room for its names.
const MIN_MAX_BYTES: u64 = 64 * 1024;

/// # Errors
/// [`Error::InvalidInput`] naming `what`: a key goes into a header.
pub(crate) fn check_key(what: &str, key: &str) -> Result<(), Error> {
    if key.is_empty() || key.len() > 512 || !key.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(Error::invalid(what, "takes 1 to 512 printable ASCII characters without spaces"));
    }
    Ok(())
}

/// Without the key.
impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Config").field("folder", &self.folder).field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

/// Where the core meets the outside: replaced in tests, in simulation and by hosts.
#[derive(Clone)]
pub struct Edges {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// The network.
    pub transport: Arc<dyn Transport>,
    /// Randomness; `None` takes the operating system's.
    pub seed: Option<u64>,
    /// Wraps the installation's secret before it is stored.
    pub vault: Arc<dyn Vault>,
    /// Log lines.
    pub log: Log,
    /// The threads that listeners, the log and answers are called on.
    pub threads: Threads,
}

impl Edges {
    /// The device's own: its clocks, its network (or the sandbox), its randomness, no log.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for an endpoint that is no URL or not HTTPS, and for pins that are none
    /// or too few; and, where the library was built without a transport, always, since the host must then pass its own.
    pub fn system(config: &Config) -> Result<Self, Error> {
        let transport: Arc<dyn Transport> = if config.sandbox {
            Arc::new(SandboxTransport::new(crate::sandbox::town(SystemClock::new().now().wall_ms)))
        } else {
            default_transport(config)?
        };
        Ok(Self::over(transport, Threads::default()))
    }

    /// The device's own, and the host's network.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for an endpoint that is no URL or not HTTPS, and for the sandbox, which has
    /// no network to carry.
    pub fn with_transport(config: &Config, host: Arc<dyn BlockingTransport>, threads: Threads) -> Result<Self, Error> {
        if config.sandbox {
            return Err(Error::invalid("transport", "has nothing to carry: the sandbox is in the process"));
        }
        endpoint::check(&config.endpoint)?;
        Ok(Self::over(Arc::new(OnThread::new(host, threads.clone())), threads))
    }

    fn over(transport: Arc<dyn Transport>, threads: Threads) -> Self {
        let clock = Arc::new(SystemClock::new());
        Self { clock, transport, seed: None, vault: PlainVault::shared(), log: Log::silent(), threads }
    }
}

#[cfg(feature = "http")]
fn default_transport(config: &Config) -> Result<Arc<dyn Transport>, Error> {
    Ok(Arc::new(crate::sync::HttpTransport::pinned(&config.endpoint, &config.pins)?))
}

#[cfg(not(feature = "http"))]
fn default_transport(_: &Config) -> Result<Arc<dyn Transport>, Error> {
    Err(Error::invalid("config.transport", "this build has no transport of its own: pass the host's"))
}
