//! Why the backend does not start, or stopped.

use std::net::SocketAddr;
use std::path::PathBuf;

/// Why the backend does not start, or stopped. Each says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another process serves the same folder.
    #[error("{} is in use by another patron-backend: stop that one, or pass another --data", data.display())]
    InUse {
        /// The folder.
        data: PathBuf,
    },
    /// The data folder cannot be used.
    #[error("--data {}: {why}", data.display())]
    Data {
        /// The folder.
        data: PathBuf,
        /// What the system said.
        why: std::io::Error,
    },
    /// The database cannot be used; it was left as it is.
    #[error("{}: {why}", file.display())]
    Database {
        /// The database file.
        file: PathBuf,
        /// What SQLite said.
        why: rusqlite::Error,
    },
    /// The database was written by a newer patron-backend; it was left as it is.
    #[error("{} has schema {found}, and this patron-backend knows up to {known}: run a newer one", file.display())]
    NewerSchema {
        /// The database file.
        file: PathBuf,
        /// Its schema.
        found: i64,
        /// The newest schema that this build knows.
        known: i64,
    },
    /// Built against a SQLite with a known data loss.
    #[error("SQLite {found} can lose committed data in WAL mode; build with 3.51.3 or newer")]
    OldSqlite {
        /// The version linked in.
        found: &'static str,
    },
    /// A key that names no tenant.
    #[error("--key: {why}; a key is pk_TENANT or pk_TENANT_SECRET, for example pk_acme_5b1f0c")]
    Key {
        /// What is wrong with it. The key itself is a secret and not repeated.
        why: &'static str,
    },
    /// A partner's key that names no partner or tenant, or could be guessed.
    #[error("--partner-key: {why}; it is PARTNER=sk_TENANT_SECRET, for example lumi=sk_acme_9f86d081884c7d65")]
    PartnerKey {
        /// What is wrong with it. The key itself is a secret and not repeated.
        why: &'static str,
    },
    /// A publisher's key that names no tenant, or could be guessed.
    #[error("--publisher-key: {why}; it is ak_TENANT_SECRET, for example ak_acme_3f1c9a5b77d20e64")]
    PublisherKey {
        /// What is wrong with it. The key itself is a secret and not repeated.
        why: &'static str,
    },
    /// A catalogue that may not be published; what was published before stays.
    #[error("{origin}: {why}")]
    Catalogue {
        /// The file, or `--seed demo`.
        origin: String,
        /// What is wrong and where, one entry a line.
        why: String,
    },
    /// The port cannot be listened on.
    #[error("cannot listen on {address}: {why}")]
    Listen {
        /// What was asked for.
        address: SocketAddr,
        /// What the system said.
        why: std::io::Error,
    },
    /// The system gave no random bytes for a key.
    #[error("making a key: {why}")]
    Random {
        /// What the system said.
        why: String,
    },
    /// The thread that writes has ended; what was acknowledged is stored.
    #[error("the database writer stopped; restart the backend, and see its log")]
    WriterStopped,
    /// The system refused a thread, a signal handler or the socket.
    #[error("{what}: {why}")]
    System {
        /// What was attempted.
        what: &'static str,
        /// What the system said.
        why: std::io::Error,
    },
}

impl Error {
    /// Whether the caller's arguments are at fault, and not the machine.
    pub fn is_bad_input(&self) -> bool {
        matches!(self, Self::Key { .. } | Self::PartnerKey { .. } | Self::PublisherKey { .. } | Self::Catalogue { .. })
    }
}
