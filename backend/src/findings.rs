//! Decides what is wrong with a catalogue, and where: what a device would set aside, what no rule may ask, and what
//! is hardly meant. Pure; who publishes is [`crate::shelf`]'s and the API's to say.

use patron_core::offer::rule::lint::{Known, Severity, lint_catalogue};
use patron_core::offer::{CatalogueError, OfferCatalogue, Quarantined};
use patron_core::place::{SharedBeacon, shared_beacons};
use serde::Serialize;
use serde_json::Value;

use crate::locate::Places;

/// What was found about a catalogue: the place, and in words what is wrong there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Finding {
    /// Where in the document, for example `offers[17].benefit.percent`; `catalogue` for the whole.
    pub path: String,
    /// The entry's own id, where it has a readable one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Counted from 1.
    pub line: usize,
    /// Counted from 1, in bytes.
    pub column: usize,
    /// `error` keeps it from being published; a `warning` does not.
    #[serde(serialize_with = "severity")]
    #[schema(value_type = String)]
    pub severity: Severity,
    /// In words.
    pub why: String,
}

fn severity<S: serde::Serializer>(severity: &Severity, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    })
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.path)?;
        if let Some(id) = &self.id {
            write!(f, " ({id})")?;
        }
        let severity = if self.severity == Severity::Error { "" } else { "warning: " };
        write!(f, ", line {}, column {}: {severity}{}", self.line, self.column, self.why)
    }
}

/// A catalogue as a device reads it, and everything that is to be said about it.
#[derive(Debug)]
pub struct Checked {
    /// Without the entries that a device would set aside; `None` where the document as a whole cannot be used.
    pub catalogue: Option<OfferCatalogue>,
    /// Errors first, each kind in the order of the document.
    pub findings: Vec<Finding>,
}

impl Checked {
    /// Reads `bytes` as every device will, and its rules as a colleague of the publisher's would.
    ///
    /// Takes some 50 ms for 10,000 offers.
    pub fn of(bytes: &[u8]) -> Self {
        let text = std::str::from_utf8(bytes).unwrap_or_default();
        let mut places = Places::of(text);
        let (catalogue, set_aside) = match OfferCatalogue::parse(bytes) {
            Ok((catalogue, set_aside)) => (Some(catalogue), set_aside),
            Err(error) => return Self { catalogue: None, findings: vec![broken(&error, &mut places)] },
        };
        let rules: Vec<Finding> = lint_catalogue(text, &Known::default())
            .into_iter()
            .map(|found| Finding {
                path: format!("offers[{}].audience", found.index),
                id: found.offer,
                line: found.finding.line,
                column: found.finding.column,
                severity: found.finding.severity,
                why: format!("{}: {}", found.finding.path, found.finding.why),
            })
            .collect();
        // The linter has the line of a bad rule, and what was meant; the device has its path alone.
        let mut told: Vec<&str> =
            rules.iter().filter(|rule| rule.severity == Severity::Error).map(|rule| rule.path.as_str()).collect();
        told.sort_unstable();
        let is_told = |path: &str| {
            let rule = path.find(".audience").and_then(|at| path.get(..at + ".audience".len()));
            rule.is_some_and(|rule| told.binary_search(&rule).is_ok())
        };
        let mut findings: Vec<Finding> =
            set_aside.into_iter().filter(|flaw| !is_told(&flaw.path)).map(|flaw| of_entry(flaw, &mut places)).collect();
        findings.extend(rules);
        findings.extend(catalogue.iter().flat_map(|catalogue| shared(catalogue, text, &mut places)));
        findings.sort_by_key(|found| (found.severity == Severity::Warning, found.line, found.column));
        Self { catalogue, findings }
    }

    /// What keeps it from being published.
    pub fn errors(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|found| found.severity == Severity::Error)
    }

    /// What does not.
    pub fn warnings(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|found| found.severity == Severity::Warning)
    }

    /// The catalogue, where it may be published.
    pub fn publishable(&self) -> Option<&OfferCatalogue> {
        self.catalogue.as_ref().filter(|_| self.errors().next().is_none())
    }
}

/// Beacons that several places name: a device hears them where it cannot be wrong, or nowhere.
fn shared(catalogue: &OfferCatalogue, text: &str, places: &mut Places<'_>) -> Vec<Finding> {
    #[derive(serde::Deserialize)]
    struct Document {
        places: Vec<Value>,
    }
    let shared = shared_beacons(&catalogue.places);
    // A second reading, for the few catalogues that need it.
    let document = (!shared.is_empty()).then(|| serde_json::from_str(text).ok()).flatten();
    let Some(Document { places: entries }) = document else { return Vec::new() };
    let mut findings = Vec::new();
    for SharedBeacon { beacon, places: named, heard_at } in shared {
        for (at, entry) in entries.iter().enumerate() {
            let id = entry["id"].as_str().filter(|id| named.iter().any(|name| name == id));
            let named_here = entry["beacons"]
                .as_array()
                .into_iter()
                .flatten()
                .position(|text| text.as_str().and_then(|text| text.parse().ok()) == Some(beacon));
            let Some((id, number)) = id.zip(named_here) else { continue };
            let path = format!("places[{at}].beacons[{number}]");
            let (line, column) = places.find(&path);
            let others: Vec<_> = named.iter().filter(|name| *name != id).map(|name| format!("{name:?}")).collect();
            let heard = match &heard_at {
                Some(place) => format!("it is heard in {place:?}, which they are parts of"),
                None => "nobody knows where it is heard, so it is passed over".to_owned(),
            };
            let why = format!("is a beacon of {} too: {heard}", others.join(", "));
            findings.push(Finding { path, id: Some(id.to_owned()), line, column, severity: Severity::Warning, why });
        }
    }
    findings
}

fn of_entry(flaw: Quarantined, places: &mut Places<'_>) -> Finding {
    let Quarantined { path, id, why } = flaw;
    // Of an entry that does not even read, the words end with the line and the column in it.
    let (why, (line, column)) = match stated(&why) {
        Some((words, at)) => (words.to_owned(), at),
        None => (why, places.find(&path)),
    };
    Finding { path, id, line, column, severity: Severity::Error, why }
}

/// `why` of `why (line 3, column 14)`, and the two numbers.
fn stated(why: &str) -> Option<(&str, (usize, usize))> {
    let (words, at) = why.strip_suffix(')')?.rsplit_once(" (line ")?;
    let (line, column) = at.split_once(", column ")?;
    Some((words, (line.parse().ok()?, column.parse().ok()?)))
}

/// Why the document as a whole is none.
fn broken(error: &CatalogueError, places: &mut Places<'_>) -> Finding {
    let (path, (line, column), why) = match error {
        CatalogueError::TooLarge { .. } => ("catalogue", (1, 1), error.to_string()),
        CatalogueError::Malformed { line, column, why } => ("catalogue", (*line, (*column).max(1)), why.clone()),
        CatalogueError::Value { path, why } => (*path, places.find(path), why.clone()),
    };
    Finding { path: path.to_owned(), id: None, line: line.max(1), column, severity: Severity::Error, why }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        Checked::of(text.as_bytes()).findings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_kind_of_flaw_has_its_line_and_column() {
        let text = r#"{"version": "1", "offers": [
 {"id": "a", "title": "A", "benefit": {"kind": "percent",
   "percent": 140}},
 {"id": "b", "title": "B"},
 {"id": "c", "title": "C", "benefit": {"kind": "access"}, "audience": {"and": [{"segmnet": "new"}]}},
 {"id": "d", "title": "D", "benefit": {"kind": "access"}, "audience": true},
 {"id": "e", "title": "E", "benefit": {"kind": "access"}, "partner": "nobody"}]}"#;
        let found = found(text);
        assert_eq!(found.len(), 5, "{found:#?}");
        assert!(found[0].starts_with("offers[0].benefit.percent (a), line 3, column 15: "), "{found:#?}");
        assert!(found[1].starts_with("offers[1] (b), line 4, column "), "{found:#?}");
        assert!(!found[1].contains("(line"), "the place is told once: {found:#?}");
        assert!(found[2].starts_with("offers[2].audience (c), line 5, column "), "{found:#?}");
        assert!(found[2].contains("did you mean \"segment\"?"), "{found:#?}");
        assert!(found[3].starts_with("offers[4].partner (e), line 7, column "), "{found:#?}");
        assert!(found[4].contains("warning: "), "warnings come last: {found:#?}");
    }

    #[test]
    fn a_document_that_is_no_catalogue_has_one_finding() {
        assert!(found("{\"version\": \"1\",\n \"offers\": [}")[0].starts_with("catalogue, line 2, column 13: "));
        assert!(found("{\"version\": \"1\",\n \"ttl_s\": 1}")[0].starts_with("ttl_s, line 2, column 11: is 1;"));
        assert!(found("")[0].starts_with("catalogue, line 1, column 1: EOF"));
        let mut bytes = b"{\"version\": \"1\",\n\"x".to_vec();
        bytes.push(0xff);
        let finding = &Checked::of(&bytes).findings[0];
        assert_eq!((finding.line, finding.column, finding.why.as_str()), (2, 3, "the text is not UTF-8"));
    }

    #[test]
    fn warnings_alone_do_not_keep_it_from_being_published() {
        let text = r#"{"version": "1", "offers": [{"id": "d", "title": "D", "benefit": {"kind": "access"}, "audience": true}]}"#;
        let checked = Checked::of(text.as_bytes());
        assert_eq!((checked.errors().count(), checked.warnings().count()), (0, 1));
        assert!(checked.publishable().is_some());
        let checked = Checked::of(text.replace("true", "{\"nope\": 1}").as_bytes());
        assert!(checked.publishable().is_none() && checked.catalogue.is_some());
    }

    #[test]
    fn a_beacon_that_two_places_name_is_a_warning_at_each_of_them() {
        let circle = r#""circle": {"latitude": 60.0, "longitude": 25.0, "radius_m": 50}"#;
        let beacon = "ibeacon:6f1c3a52-2a6e-4d0b-9a43-5b1f0a3c7d10/1/7";
        let text = format!(
            r#"{{"version": "1", "offers": [], "places": [
 {{"id": "b", "name": "B", {circle}, "beacons": ["{beacon}"]}},
 {{"id": "a", "name": "A", {circle},
   "beacons": ["eddystone:00112233445566778899/001122334455", "{upper}"]}},
 {{"id": "shelf", "name": "Shelf", "parent": "c", "beacons": ["ibeacon:6f1c3a52-2a6e-4d0b-9a43-5b1f0a3c7d10/1/8"]}},
 {{"id": "c", "name": "C", {circle}, "beacons": ["ibeacon:6f1c3a52-2a6e-4d0b-9a43-5b1f0a3c7d10/1/8"]}}]}}"#,
            upper = beacon.replace("6f1c", "6F1C"),
        );
        let found = found(&text);
        assert_eq!(found.len(), 2, "{found:#?}");
        assert!(found[0].starts_with("places[0].beacons[0] (b), line 2, column "), "{found:#?}");
        assert!(
            found[0]
                .ends_with("warning: is a beacon of \"a\" too: nobody knows where it is heard, so it is passed over")
        );
        assert!(found[1].starts_with("places[1].beacons[1] (a), line 4, column "), "{found:#?}");
        assert!(Checked::of(text.as_bytes()).publishable().is_some());
    }

    #[test]
    fn ten_thousand_flaws_are_found_in_one_reading() {
        let offers: Vec<_> = (0..10_000)
            .map(|n| serde_json::json!({ "id": format!("o{n}"), "title": "", "benefit": { "kind": "access" } }))
            .collect();
        let text = serde_json::json!({ "version": "1", "offers": offers }).to_string();
        let checked = Checked::of(text.as_bytes());
        assert_eq!(checked.findings.len(), 10_000);
        let last = &checked.findings[9_999];
        let at = text.rfind("\"\"").unwrap();
        assert_eq!((last.line, last.column), (1, at + 1), "{last}");
    }
}
