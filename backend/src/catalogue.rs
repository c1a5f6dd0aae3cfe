//! Reads what is published at the start, from files. A device sets a broken offer aside; a publisher is told of it
//! instead, by [`crate::findings`].

use std::fmt::Write as _;
use std::io::Read;
use std::path::Path;

use axum::body::Bytes;
use patron_core::consent::{ConsentCatalogue, MAX_CATALOGUE_BYTES};
use patron_core::offer::MAX_BYTES;
use patron_core::sandbox::town;
use sha2::{Digest, Sha256};

use crate::Error;
use crate::findings::Checked;

/// Flaws that are told at once: a screenful. A publisher who corrects them runs it again.
const LISTED: usize = 20;

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

    /// What a tenant serves that has published nothing.
    pub(crate) fn empty() -> Self {
        Self::new("empty".to_owned(), Bytes::from_static(EMPTY))
    }
}

/// Reads and checks the catalogue in `file`.
pub(crate) fn from_file(file: &Path) -> Result<Published, Error> {
    let (origin, bytes) = read(file, MAX_BYTES)?;
    check(&origin, bytes)
}

/// What shoppers are asked: purposes and their words, as they were published.
#[derive(Debug, Clone)]
pub(crate) struct Words {
    pub(crate) revision: i64,
    pub(crate) body: String,
}

/// Reads and checks the consent catalogue in `file`, as every device will.
pub(crate) fn words_from_file(file: &Path) -> Result<Words, Error> {
    let (origin, bytes) = read(file, MAX_CATALOGUE_BYTES)?;
    let refused = |why: String| Error::Catalogue { origin: origin.clone(), why };
    let catalogue = ConsentCatalogue::parse(&bytes).map_err(|why| refused(why.to_string()))?;
    let revision = i64::try_from(catalogue.revision).map_err(|_| refused("revision: is beyond 2^63".to_owned()))?;
    let body = String::from_utf8(bytes).map_err(|why| refused(why.to_string()))?;
    Ok(Words { revision, body })
}

/// The content of the catalogue in `file`, for a look at it without publishing it.
///
/// # Errors
/// [`Error::Catalogue`] for a file that cannot be read. One that is too large comes back cut, one byte beyond the
/// limit, and [`crate::Checked`] says so.
pub fn read_catalogue(file: &Path) -> Result<Vec<u8>, Error> {
    read(file, MAX_BYTES).map(|(_, bytes)| bytes)
}

/// The name of a file and its content, one byte beyond `most` at most.
fn read(file: &Path, most: usize) -> Result<(String, Vec<u8>), Error> {
    let origin = file.display().to_string();
    let unreadable = |why: std::io::Error| Error::Catalogue { origin: origin.clone(), why: why.to_string() };
    let mut bytes = Vec::new();
    let opened = std::fs::File::open(file).map_err(unreadable)?;
    opened.take(most as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    Ok((origin, bytes))
}

/// The demo town, as it is today.
pub(crate) fn demo() -> Result<Published, Error> {
    check("--seed demo", town(jiff::Timestamp::now().as_millisecond()).into_bytes())
}

/// What a device would set aside is not published. Nor is an audience rule that asks for what does not exist; one
/// that can hardly be meant is logged.
fn check(origin: &str, bytes: Vec<u8>) -> Result<Published, Error> {
    let checked = Checked::of(&bytes);
    for warning in checked.warnings().take(LISTED) {
        tracing::warn!(%warning, "something in {origin} is hardly meant like that");
    }
    if let Some(catalogue) = checked.publishable() {
        return Ok(Published::new(catalogue.version.clone(), Bytes::from(bytes)));
    }
    let flaws = checked.errors().count();
    let mut why = format!("nothing was published; {} to correct:", entries(flaws));
    for flaw in checked.errors().take(LISTED) {
        // Writing to a string cannot fail.
        let _ = write!(why, "\n  {flaw}");
    }
    if flaws > LISTED {
        let _ = write!(why, "\n  and {} more", flaws - LISTED);
    }
    Err(Error::Catalogue { origin: origin.to_owned(), why })
}

fn entries(count: usize) -> String {
    if count == 1 { "1 entry".to_owned() } else { format!("{count} entries") }
}

#[cfg(test)]
mod tests {
    use patron_core::offer::OfferCatalogue;

    use super::*;

    #[test]
    fn the_demo_town_and_the_empty_catalogue_are_what_a_device_takes_whole() {
        assert!(demo().unwrap().body.len() > 1_000);
        let empty = Published::empty();
        let (catalogue, flaws) = OfferCatalogue::parse(&empty.body).unwrap();
        assert_eq!((catalogue.version, catalogue.offers.len(), flaws.len()), (empty.version, 0, 0));
    }

    #[test]
    fn a_bad_rule_is_refused_with_its_offer_line_and_column() {
        let body = "{\"version\": \"1\", \"offers\": [\n  {\"id\": \"wool\", \"title\": \"Wool\", \"benefit\": {\"kind\": \"access\"},\n   \"audience\": {\"and\": [{\"segmnet\": \"new\"}]}}\n]}";
        let error = check("offers.json", body.as_bytes().to_vec()).unwrap_err().to_string();
        assert_eq!(
            error,
            "offers.json: nothing was published; 1 entry to correct:\n  offers[0].audience (wool), line 3, column 26: \
             and[0]: there is no operator \"segmnet\"; did you mean \"segment\"?"
        );
        let doubtful = body.replace("{\"segmnet\": \"new\"}", "true");
        assert!(check("offers.json", doubtful.into_bytes()).is_ok());
    }

    #[test]
    fn dates_are_taken_and_a_bad_one_is_refused_with_its_line_and_column() {
        let body = "{\"version\": \"1\", \"offers\": [\n  {\"id\": \"wool\", \"title\": \"Wool\", \"benefit\": {\"kind\": \"access\"}, \"schedule\":\n   {\"time_zone\": \"UTC\", \"windows\": [{\"days\": [\"th\"], \"from\": \"08:00\", \"to\": \"11:00\"}],\n    \"only_dates\": [\"2026-12-24\"], \"except_dates\": [\"2026-12-25\", \"2026-12-26\"]}}\n]}";
        assert!(check("offers.json", body.as_bytes().to_vec()).is_ok());
        for (spoiled, told) in [
            (
                body.replace("12-26", "13-26"),
                "except_dates[1] (wool), line 4, column 66: \"2026-13-26\" is not a date as YYYY-MM-DD",
            ),
            (
                body.replace("12-24", "12-23"),
                "only_dates[0] (wool), line 4, column 20: \"2026-12-23\" is on a day of the week on which no window opens",
            ),
        ] {
            let error = check("offers.json", spoiled.into_bytes()).unwrap_err().to_string();
            let line = error.lines().nth(1).unwrap_or_default();
            assert_eq!(line, format!("  offers[0].schedule.{told}"));
        }
    }

    #[test]
    fn every_flaw_is_told_with_its_place_up_to_a_screenful() {
        let offers: Vec<_> = (0..30).map(|n| serde_json::json!({ "id": format!("o{n}"), "version": 1 })).collect();
        let body = serde_json::json!({ "version": "1", "ttl_s": 3600, "partners": [], "places": [], "offers": offers });
        let error = check("offers.json", body.to_string().into_bytes()).unwrap_err().to_string();
        assert!(
            error.starts_with("offers.json: nothing was published; 30 entries to correct:\n  offers[0]"),
            "{error}"
        );
        assert!(error.ends_with("and 10 more"), "{error}");
    }
}
