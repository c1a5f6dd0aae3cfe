//! What the shopper is asked: the purposes, in words, by version.
//!
//! A catalogue ships in the app, so that consent works offline on first run; sync brings newer
//! ones. A purpose has two versions. Its `meaning` grows when what is done with the data changes:
//! a yes to less than that is stale, and the shopper is asked again. Its wording may change at any
//! time and asks nobody anything; a decision keeps the hash of the words that were on the screen.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Purpose, PurposeKind, Sha};
use crate::error::Error;

/// A larger one is refused: it is read on the way to the first screen.
pub const MAX_CATALOGUE_BYTES: usize = 256 * 1024;

/// What ships with Patron, in English and German.
const STANDARD: &str = include_str!("catalogue.json");

/// The words of one purpose in one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurposeText {
    /// A line: what is asked.
    pub title: String,
    /// What the shopper gets for it, and what happens with the data.
    pub body: String,
}

impl PurposeText {
    /// Names these very words in a decision.
    pub fn hash(&self) -> Sha {
        Sha::of(format!("{}\n{}", self.title, self.body).as_bytes())
    }
}

/// One purpose of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CataloguePurpose {
    /// Which one.
    pub purpose: PurposeKind,
    /// Counts the changes of what is done with the data. From 1.
    pub meaning: u32,
    /// A yes runs out after so many days; `None` for never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_days: Option<u32>,
    /// By language tag in lower case. `{partner}` stands for a partner's name.
    pub texts: BTreeMap<String, PurposeText>,
}

/// A partner for whom the meaning of sharing differs from that of the purpose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CataloguePartner {
    /// Its id in the offer catalogue.
    pub id: String,
    /// Shown to the shopper.
    pub name: String,
    /// Counts the changes of what this partner does with the data. From 1.
    #[serde(default = "one")]
    pub meaning: u32,
}

fn one() -> u32 {
    1
}

/// How often the shopper may be asked at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskBudget {
    /// So many times ...
    pub times: u32,
    /// ... within so many days.
    pub days: u32,
}

impl Default for AskBudget {
    fn default() -> Self {
        Self { times: 3, days: 30 }
    }
}

/// The purposes and partners that the shopper decides on, with their words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentCatalogue {
    /// The publisher's name for this state of it.
    pub version: String,
    /// Counts up with each release; an older one never replaces a newer one.
    pub revision: u64,
    /// Those that are asked for, in the order of the screen.
    pub purposes: Vec<CataloguePurpose>,
    /// Those that differ from the rule for all partners.
    #[serde(default)]
    pub partners: Vec<CataloguePartner>,
    /// How often the shopper may be asked.
    #[serde(default)]
    pub ask: AskBudget,
}

impl ConsentCatalogue {
    /// Patron's own: every purpose, in English and German, a yes for 13 months.
    pub fn standard() -> Self {
        // A test reads it; a broken file would mean that nothing is ever asked.
        Self::parse(STANDARD.as_bytes()).unwrap_or_else(|_| Self {
            version: "none".to_owned(),
            revision: 0,
            purposes: Vec::new(),
            partners: Vec::new(),
            ask: AskBudget::default(),
        })
    }

    /// Reads a catalogue and checks it.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] naming the field.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let bad = |at: &str, why: &str| Error::invalid(format!("consent_catalogue.{at}"), why);
        if bytes.len() > MAX_CATALOGUE_BYTES {
            return Err(bad("", "is larger than 256 KiB"));
        }
        let read: Self = serde_json::from_slice(bytes).map_err(|error| bad("", &error.to_string()))?;
        if read.version.is_empty() || read.version.len() > 64 {
            return Err(bad("version", "takes 1 to 64 bytes"));
        }
        for (place, entry) in read.purposes.iter().enumerate() {
            let at = |field: &str| format!("purposes[{place}].{field}");
            if read.purposes.iter().take(place).any(|earlier| earlier.purpose == entry.purpose) {
                return Err(bad(&at("purpose"), "is there twice"));
            }
            if entry.meaning == 0 {
                return Err(bad(&at("meaning"), "counts from 1"));
            }
            if entry.expires_days == Some(0) {
                return Err(bad(&at("expires_days"), "is 0: nothing could ever be granted"));
            }
            if entry.texts.is_empty() || entry.texts.values().any(|text| text.title.is_empty()) {
                return Err(bad(&at("texts"), "takes a title in at least one language"));
            }
        }
        if read.partners.iter().any(|partner| partner.id.is_empty() || partner.meaning == 0) {
            return Err(bad("partners", "takes an id, and a meaning from 1"));
        }
        Ok(read)
    }

    /// Names this very catalogue.
    pub fn hash(&self) -> Sha {
        Sha::of(&serde_json::to_vec(self).unwrap_or_default())
    }

    /// The entry of a purpose; `None` for one that this app does not ask for.
    pub fn purpose(&self, kind: PurposeKind) -> Option<&CataloguePurpose> {
        self.purposes.iter().find(|entry| entry.purpose == kind)
    }

    /// What a yes to `purpose` must mean at least: that of the purpose, or the partner's own where
    /// it is the higher one.
    pub fn meaning(&self, purpose: &Purpose) -> u32 {
        let of_all = self.purpose(purpose.kind()).map_or(1, |entry| entry.meaning);
        let of_partner = purpose.partner().and_then(|id| self.partners.iter().find(|partner| partner.id == id));
        of_partner.map_or(of_all, |partner| partner.meaning.max(of_all))
    }

    /// When a yes to `purpose` that is given at `now_ms` runs out.
    pub fn expiry(&self, purpose: &Purpose, now_ms: i64) -> Option<i64> {
        let days = self.purpose(purpose.kind())?.expires_days?;
        Some(now_ms.saturating_add(i64::from(days) * DAY_MS))
    }

    /// The words for `purpose` in `locale`, or its language, or English, or what there is; with the
    /// language they are in. `{partner}` is filled in with `partner_name`.
    pub fn text(&self, purpose: &Purpose, locale: &str, partner_name: Option<&str>) -> Option<(String, PurposeText)> {
        let texts = &self.purpose(purpose.kind())?.texts;
        let tag = locale.to_ascii_lowercase().replace('_', "-");
        let language = tag.split('-').next().unwrap_or_default();
        let (found, text) = [tag.as_str(), language, "en"]
            .into_iter()
            .find_map(|tag| texts.get_key_value(tag))
            .or_else(|| texts.first_key_value())?;
        let known = purpose.partner().map(|id| {
            let listed = self.partners.iter().find(|partner| partner.id == id).map(|partner| partner.name.as_str());
            partner_name.or(listed).unwrap_or(id)
        });
        let fill = |words: &str| known.map_or_else(|| words.to_owned(), |name| words.replace("{partner}", name));
        Some((found.clone(), PurposeText { title: fill(&text.title), body: fill(&text.body) }))
    }
}

/// A day, in milliseconds.
pub(super) const DAY_MS: i64 = 86_400_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_that_ships_asks_for_every_purpose_in_two_languages() {
        let standard = ConsentCatalogue::standard();
        for kind in PurposeKind::ALL {
            let entry = standard.purpose(kind).unwrap();
            assert!(["en", "de"].iter().all(|language| entry.texts.contains_key(*language)), "{kind:?}");
        }
    }

    #[test]
    fn words_come_in_the_nearest_language_and_name_the_partner() {
        let standard = ConsentCatalogue::standard();
        let acme = Purpose::PartnerSharing { partner: "acme".into() };
        let (language, text) = standard.text(&acme, "de_AT", Some("Acme Sport")).unwrap();
        assert_eq!(language, "de");
        assert!(text.title.contains("Acme Sport"), "{}", text.title);
        assert_eq!(standard.text(&Purpose::Beacons, "fi", None).unwrap().0, "en");
        assert_ne!(text.hash(), standard.text(&acme, "en", Some("Acme Sport")).unwrap().1.hash());
    }

    #[test]
    fn a_partner_can_mean_more_than_the_purpose_and_never_less() {
        let mut catalogue = ConsentCatalogue::standard();
        let acme = Purpose::PartnerSharing { partner: "acme".into() };
        catalogue.partners.push(CataloguePartner { id: "acme".into(), name: "Acme".into(), meaning: 3 });
        assert_eq!(catalogue.meaning(&acme), 3);
        assert_eq!(catalogue.meaning(&Purpose::PartnerSharing { partner: "other".into() }), 1);
    }

    #[test]
    fn a_broken_catalogue_is_refused_by_field() {
        let mut catalogue = serde_json::to_value(ConsentCatalogue::standard()).unwrap();
        catalogue["purposes"][0]["meaning"] = 0.into();
        let error = ConsentCatalogue::parse(catalogue.to_string().as_bytes()).unwrap_err();
        assert!(error.to_string().contains("purposes[0].meaning"), "{error}");
        assert!(ConsentCatalogue::parse(b"[]").is_err());
        assert!(ConsentCatalogue::parse(&vec![b' '; MAX_CATALOGUE_BYTES + 1]).is_err());
    }
}
