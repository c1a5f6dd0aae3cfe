//! Decides what may be published. A device sets a broken offer aside; a publisher is told of it instead.

use std::io::Read;
use std::path::Path;

use axum::body::Bytes;
use sha2::{Digest, Sha256};

use crate::Error;

/// A device takes no more than this.
const MAX_BYTES: u64 = 5 * 1024 * 1024;

/// What a tenant serves until it publishes something: a device that asks gets an answer and no offers.
const EMPTY: &[u8] = br#"{"version":"empty","ttl_s":86400,"partners":[],"places":[],"offers":[]}"#;

/// A catalogue that was checked, with its tag.
#[derive(Debug, Clone)]
pub(crate) struct Published {
    pub(crate) version: String,
    /// A strong one: the same tag means the same bytes.
    pub(crate) etag: String,
    pub(crate) body: Bytes,
}

impl Published {
    /// For what was checked when it was published.
    pub(crate) fn new(version: String, body: Bytes) -> Self {
        let hash = Sha256::digest(&body);
        let etag = hash[..16].iter().fold(String::from("\""), |tag, byte| format!("{tag}{byte:02x}")) + "\"";
        Self { version, etag, body }
    }

    pub(crate) fn empty() -> Self {
        Self::new("empty".to_owned(), Bytes::from_static(EMPTY))
    }
}

/// Reads and checks the catalogue in `file`.
pub(crate) fn from_file(file: &Path) -> Result<Published, Error> {
    let origin = file.display().to_string();
    let unreadable = |why: std::io::Error| Error::Catalogue { origin: origin.clone(), why: why.to_string() };
    let mut bytes = Vec::new();
    let opened = std::fs::File::open(file).map_err(unreadable)?;
    opened.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    check(&origin, bytes)
}

/// The demo town.
pub(crate) fn demo() -> Result<Published, Error> {
    check("--seed demo", include_bytes!("town.json").to_vec())
}

fn check(origin: &str, bytes: Vec<u8>) -> Result<Published, Error> {
    let refused = |why: String| Error::Catalogue { origin: origin.to_owned(), why };
    if bytes.len() as u64 > MAX_BYTES {
        return Err(refused(format!("is longer than {MAX_BYTES} bytes")));
    }
    #[derive(serde::Deserialize)]
    struct Version {
        version: String,
    }
    let version: Version = serde_json::from_slice(&bytes).map_err(|e| refused(e.to_string()))?;
    Ok(Published::new(version.version, Bytes::from(bytes)))
}
