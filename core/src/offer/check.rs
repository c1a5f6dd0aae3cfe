//! Reads a catalogue, entry by entry.
//!
//! Entries stay slices of the text until they are read one by one, so that a bad one costs itself
//! alone and its neighbours stand. What makes an entry good is said in [`super::entry`].

use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::catalogue::{CatalogueError, MAX_BYTES, MAX_ITEMS, Offer, OfferCatalogue, Partner, Quarantined, SdkSwitch};
use super::details;
use super::entry::{Flaw, Shared, WireOffer, WirePartner};
use super::place_entry::WirePlace;
use crate::place::{Place, parent_flaws};

/// Publishers who say nothing mean a day.
const DEFAULT_TTL_S: u32 = 86_400;

/// Shorter asks every phone to ask all the time; longer than a week nothing is shown anyway.
const TTL_S: std::ops::RangeInclusive<u32> = 60..=604_800;

/// The key of today's codes, the one that follows, and some for brands with codes of their own.
const MAX_KEYS: usize = 8;

/// The top of the document, its entries unread.
#[derive(serde::Deserialize)]
struct Document<'a> {
    version: String,
    ttl_s: Option<u32>,
    #[serde(default)]
    sdk: WireSwitch,
    #[serde(default)]
    check_in_keys: Vec<String>,
    #[serde(default, borrow)]
    partners: Entries<'a>,
    #[serde(default, borrow)]
    places: Entries<'a>,
    #[serde(default, borrow)]
    offers: Entries<'a>,
    #[serde(borrow)]
    caps: Option<&'a RawValue>,
}

#[derive(serde::Deserialize, Default)]
struct WireSwitch {
    #[serde(default)]
    off: bool,
    sampling: Option<f64>,
}

/// A list of at most [`MAX_ITEMS`] unread entries.
#[derive(Default)]
struct Entries<'a>(Vec<&'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Entries<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List<'a>(PhantomData<&'a ()>);
        impl<'de: 'a, 'a> Visitor<'de> for List<'a> {
            type Value = Entries<'a>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = list.next_element::<&'a RawValue>()? {
                    if entries.len() == MAX_ITEMS {
                        return Err(de::Error::custom(format_args!("more than {MAX_ITEMS} entries in one list")));
                    }
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_seq(List(PhantomData))
    }
}

pub(super) fn parse(bytes: &[u8]) -> Result<(OfferCatalogue, Vec<Quarantined>), CatalogueError> {
    if bytes.len() > MAX_BYTES {
        return Err(CatalogueError::TooLarge { bytes: bytes.len() });
    }
    let text = std::str::from_utf8(bytes).map_err(|e| {
        let (line, column) = Lines::of(bytes).position(e.valid_up_to());
        CatalogueError::Malformed { line, column, why: "the text is not UTF-8".to_owned() }
    })?;
    let document: Document<'_> = serde_json::from_str(text).map_err(|e| CatalogueError::Malformed {
        line: e.line(),
        column: e.column(),
        why: without_position(&e),
    })?;
    let (ttl_s, sdk) = check_top(&document)?;
    // Limits keep shoppers from too much: a catalogue whose limits do not read is none.
    let caps = details::caps("caps", document.caps)
        .map_err(|flaw| CatalogueError::Value { path: "caps", why: format!("{}: {}", flaw.path, flaw.why) })?;
    let mut reader = Reader { text, lines: Lines::of(bytes), quarantined: Vec::new() };
    let mut shared = Shared::default();
    let partners =
        reader.read("partners", &document.partners, |p: &Partner| &p.id, |wire: WirePartner<'_>| wire.check());
    let partners = alone(partners);
    let places = reader.read(
        "places",
        &document.places,
        |p: &Place| &p.id,
        |wire: WirePlace<'_>| wire.check(&partners, &mut shared),
    );
    let places = reader.rooted(places);
    let offers = reader.read(
        "offers",
        &document.offers,
        |o: &Offer| &o.id,
        |wire: WireOffer<'_>| wire.check(&partners, &places, &mut shared),
    );
    let offers = alone(offers);
    let check_in_keys = document.check_in_keys;
    let catalogue = OfferCatalogue {
        version: document.version,
        ttl_s,
        sdk,
        check_in_keys,
        partners,
        places,
        offers,
        caps,
        questions: shared.questions.len(),
    };
    Ok((catalogue, reader.quarantined))
}

fn check_top(document: &Document<'_>) -> Result<(u32, SdkSwitch), CatalogueError> {
    let ttl_s = document.ttl_s.unwrap_or(DEFAULT_TTL_S);
    if !TTL_S.contains(&ttl_s) {
        let why = format!("is {ttl_s}; {} to {} seconds are taken", TTL_S.start(), TTL_S.end());
        return Err(CatalogueError::Value { path: "ttl_s", why });
    }
    let sampling = document.sdk.sampling.unwrap_or(1.0);
    if !(0.0..=1.0).contains(&sampling) {
        return Err(CatalogueError::Value { path: "sdk.sampling", why: format!("is {sampling}; 0 to 1 are taken") });
    }
    let is_key = |key: &String| key.len() == 64 && key.bytes().all(|digit| digit.is_ascii_hexdigit());
    if document.check_in_keys.len() > MAX_KEYS || !document.check_in_keys.iter().all(is_key) {
        let why = format!("are not up to {MAX_KEYS} Ed25519 keys of 64 hexadecimal digits");
        return Err(CatalogueError::Value { path: "check_in_keys", why });
    }
    if document.version.is_empty() {
        return Err(CatalogueError::Value { path: "version", why: "is empty".to_owned() });
    }
    Ok((ttl_s, SdkSwitch { off: document.sdk.off, sampling }))
}

/// Entries without where they stood.
fn alone<T>(entries: Vec<(usize, T)>) -> Vec<T> {
    entries.into_iter().map(|(_, entry)| entry).collect()
}

struct Reader<'a> {
    text: &'a str,
    lines: Lines<'a>,
    quarantined: Vec<Quarantined>,
}

impl<'a> Reader<'a> {
    /// The good entries of a list and where in it they stood, sorted by id; of two with one id, the
    /// first stands.
    fn read<W: Deserialize<'a>, T>(
        &mut self,
        list: &str,
        entries: &Entries<'a>,
        id: fn(&T) -> &str,
        mut check: impl FnMut(W) -> Result<T, Flaw>,
    ) -> Vec<(usize, T)> {
        let mut good = Vec::with_capacity(entries.0.len());
        for (at, raw) in entries.0.iter().enumerate() {
            match serde_json::from_str::<W>(raw.get()) {
                Ok(wire) => match check(wire) {
                    Ok(entry) => good.push((at, entry)),
                    Err(flaw) => self.set_aside(format!("{list}[{at}].{}", flaw.path), id_of(raw), flaw.why),
                },
                Err(e) => {
                    let (line, column) = self.lines.position(offset_in(self.text, raw, &e));
                    let why = format!("{} (line {line}, column {column})", without_position(&e));
                    self.set_aside(format!("{list}[{at}]"), id_of(raw), why);
                }
            }
        }
        if !good.is_sorted_by(|(_, a), (_, b)| id(a) <= id(b)) {
            // By copies of the ids: entries are large, and this moves each of them once.
            good.sort_by_cached_key(|(_, entry)| id(entry).to_owned());
        }
        good.dedup_by(|(at, entry), (_, first)| {
            let again = id(entry) == id(first);
            if again {
                let why = "an entry before it has the same id".to_owned();
                self.set_aside(format!("{list}[{at}].id"), Some(id(entry).to_owned()), why);
            }
            again
        });
        good
    }

    /// Sets aside the places that are parts of nothing good.
    fn rooted(&mut self, places: Vec<(usize, Place)>) -> Vec<Place> {
        let (stood, mut places): (Vec<usize>, Vec<Place>) = places.into_iter().unzip();
        let flaws = parent_flaws(&places);
        for (at, place) in stood.iter().zip(&places) {
            if let Some(why) = flaws.get(&place.id) {
                self.set_aside(format!("places[{at}].parent"), Some(place.id.clone()), why.clone());
            }
        }
        places.retain(|place| !flaws.contains_key(&place.id));
        places
    }

    fn set_aside(&mut self, path: String, id: Option<String>, why: String) {
        self.quarantined.push(Quarantined { path, id, why });
    }
}

/// Where in the whole text an error of one entry is.
fn offset_in(text: &str, raw: &RawValue, error: &serde_json::Error) -> usize {
    // The entry is a slice of the text, so their addresses tell where it begins.
    let begin = raw.get().as_ptr() as usize - text.as_ptr() as usize;
    let lines_before: usize = raw.get().split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    begin + lines_before + error.column().saturating_sub(1)
}

/// The entry's own id, where that much of it can be read.
fn id_of(raw: &RawValue) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Id {
        id: String,
    }
    serde_json::from_str::<Id>(raw.get()).ok().map(|entry| entry.id.chars().take(64).collect())
}

/// Turns offsets into lines and columns, both from 1.
///
/// It remembers where it was: a catalogue of ten thousand bad entries is walked once, and not once
/// for each.
struct Lines<'a> {
    bytes: &'a [u8],
    offset: usize,
    line: usize,
    line_start: usize,
}

impl<'a> Lines<'a> {
    fn of(bytes: &'a [u8]) -> Self {
        Self { bytes, offset: 0, line: 1, line_start: 0 }
    }

    fn position(&mut self, offset: usize) -> (usize, usize) {
        if offset < self.offset {
            *self = Self::of(self.bytes);
        }
        let passed = self.bytes.get(self.offset..offset).unwrap_or_default();
        for (at, _) in (self.offset..).zip(passed).filter(|(_, byte)| **byte == b'\n') {
            self.line += 1;
            self.line_start = at + 1;
        }
        self.offset += passed.len();
        (self.line, self.offset - self.line_start + 1)
    }
}

/// The words of an error, bounded: they may quote what a hostile catalogue says.
fn without_position(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let words = text.rsplit_once(" at line ").map_or(text.as_str(), |(words, _)| words);
    words.chars().take(200).collect()
}
