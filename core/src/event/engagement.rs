//! What an app reports of the shopper's doings.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::error::Error;

/// An event's data is refused above this. A phone's queue of 20 MiB holds some 640 of the
/// largest; what is larger is a document and not an event.
pub const MAX_EVENT_BYTES: usize = 32 * 1024;

/// Read back by the engine: what was put away stays away.
pub(super) const DISMISSED: &str = "dev.patron.offer.dismissed";

/// Ids are the retailer's; the bound keeps a mistake out of the queue.
const MAX_ID_BYTES: usize = 256;

/// The shopper did something. Recorded under [`crate::consent::Purpose::Engagement`] alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Engagement {
    /// An offer's card was on screen.
    Impression {
        /// The offer's id.
        offer: String,
    },
    /// The shopper opened an offer.
    Clicked {
        /// The offer's id.
        offer: String,
    },
    /// The shopper kept an offer for later.
    Saved {
        /// The offer's id.
        offer: String,
    },
    /// The shopper put an offer away.
    Dismissed {
        /// The offer's id.
        offer: String,
    },
    /// Something of the app's own.
    Custom {
        /// A name in the app's vocabulary: letters, digits, `_`, `-` and `.`, at most 64 of them.
        name: String,
        /// What the app wants to know of it. No personal data belongs here.
        properties: BTreeMap<String, String>,
    },
}

/// What became of a call to track.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Tracked {
    /// It survives the death of the process from now on.
    Recorded,
    /// The shopper has not granted the purpose, or the publisher has switched Patron off; nothing
    /// was kept.
    NotPermitted,
    /// The hand-over to the engine is full; nothing was kept, and that is counted.
    Busy,
}

#[derive(Serialize)]
struct OfferData<'a> {
    offer: &'a str,
}

#[derive(Serialize)]
struct CustomData<'a> {
    name: &'a str,
    properties: &'a BTreeMap<String, String>,
}

impl Engagement {
    /// The CloudEvents type.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Impression { .. } => "dev.patron.offer.impression",
            Self::Clicked { .. } => "dev.patron.offer.clicked",
            Self::Saved { .. } => "dev.patron.offer.saved",
            Self::Dismissed { .. } => DISMISSED,
            Self::Custom { .. } => "dev.patron.custom",
        }
    }

    /// Checks the event and writes its data as JSON.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for an empty or oversized id or name, or data over
    /// [`MAX_EVENT_BYTES`].
    pub fn to_json(&self) -> Result<Vec<u8>, Error> {
        let mut json = Vec::with_capacity(128);
        let written = match self {
            Self::Impression { offer }
            | Self::Clicked { offer }
            | Self::Saved { offer }
            | Self::Dismissed { offer } => {
                check_id("event.offer", offer)?;
                serde_json::to_writer(&mut json, &OfferData { offer })
            }
            Self::Custom { name, properties } => {
                check_name(name)?;
                serde_json::to_writer(&mut json, &CustomData { name, properties })
            }
        };
        written.map_err(|e| Error::invalid("event", e.to_string()))?;
        if json.len() > MAX_EVENT_BYTES {
            return Err(Error::invalid(
                "event",
                format!("{} bytes of data; at most {MAX_EVENT_BYTES} are taken", json.len()),
            ));
        }
        Ok(json)
    }
}

fn check_id(what: &str, id: &str) -> Result<(), Error> {
    if id.is_empty() {
        return Err(Error::invalid(what, "is empty"));
    }
    if id.len() > MAX_ID_BYTES {
        return Err(Error::invalid(what, format!("is {} bytes long; at most {MAX_ID_BYTES} are taken", id.len())));
    }
    Ok(())
}

fn check_name(name: &str) -> Result<(), Error> {
    check_id("event.name", name)?;
    let fits = name.len() <= 64 && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
    if fits {
        Ok(())
    } else {
        Err(Error::invalid("event.name", "takes letters, digits, '_', '-' and '.', at most 64 of them"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_empty_or_oversized_is_refused_with_its_place() {
        let empty = Engagement::Saved { offer: String::new() }.to_json();
        assert_eq!(empty, Err(Error::invalid("event.offer", "is empty")));
        let properties = BTreeMap::from([("k".to_owned(), "v".repeat(MAX_EVENT_BYTES))]);
        let huge = Engagement::Custom { name: "x".into(), properties }.to_json();
        assert!(matches!(huge, Err(Error::InvalidInput { what, .. }) if what == "event"));
    }

    #[test]
    fn data_is_json_even_around_quotes() {
        let json = Engagement::Clicked { offer: "a\"b".into() }.to_json().unwrap();
        assert_eq!(json, br#"{"offer":"a\"b"}"#);
    }
}
