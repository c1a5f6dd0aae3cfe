//! Finds what changed between two catalogues.
//!
//! Pure. It compares entries by their raw text: each element of a list of the catalogue, and whatever stands
//! between them. So what it makes gives the new body byte for byte, spaces and all, and takes a time that grows
//! with the length of both, not with their product. Devices put it together with [`patron_core::sync::apply_delta`].

use std::collections::{BTreeMap, HashMap};

use axum::body::Bytes;
use patron_core::consent::Sha;
use patron_core::sync::{Delta, Piece};
use serde_json::value::RawValue;

/// `[123456,78]` is as long as a copy of this: shorter text is sent as it is.
const SHORTEST_COPY: usize = 16;

/// What makes `new` out of `old`, as JSON; `None` when it is not at most half as long as `new`.
pub(crate) fn between(old: &str, new: &str) -> Option<Bytes> {
    let delta = Delta { sha256: Sha::of(new.as_bytes()), pieces: pieces(old, new) };
    let body = serde_json::to_vec(&delta).ok()?;
    (body.len() <= new.len() / 2).then(|| body.into())
}

fn pieces(old: &str, new: &str) -> Vec<Piece> {
    let known = segments(old);
    let mut offsets: HashMap<&str, usize> = HashMap::with_capacity(known.len());
    let mut at = 0;
    for segment in known {
        // The first of the same: what stood in a row is found in a row.
        offsets.entry(segment).or_insert(at);
        at += segment.len();
    }
    let mut pieces: Vec<Piece> = Vec::new();
    for segment in segments(new) {
        let goes_on = match pieces.last_mut() {
            Some(Piece::Copy(offset, len)) => {
                let goes_on = old.get(*offset + *len..).is_some_and(|rest| rest.starts_with(segment));
                *len += if goes_on { segment.len() } else { 0 };
                goes_on
            }
            _ => false,
        };
        if goes_on {
            continue;
        }
        match (offsets.get(segment), pieces.last_mut()) {
            (Some(offset), _) if segment.len() >= SHORTEST_COPY => pieces.push(Piece::Copy(*offset, segment.len())),
            (_, Some(Piece::Insert(text))) => text.push_str(segment),
            _ => pieces.push(Piece::Insert(segment.to_owned())),
        }
    }
    pieces
}

/// All of `body`, cut before and behind each element of its lists. What is no object of lists is one segment.
fn segments(body: &str) -> Vec<&str> {
    let mut cuts = vec![0];
    let fields: BTreeMap<String, &RawValue> = serde_json::from_str(body).unwrap_or_default();
    for field in fields.values() {
        let elements: Vec<&RawValue> = serde_json::from_str(field.get()).unwrap_or_default();
        for element in elements.iter().map(|element| element.get()) {
            // Each borrows from `body`: where it lies is where it stands.
            let start = element.as_ptr() as usize - body.as_ptr() as usize;
            cuts.extend([start, start + element.len()]);
        }
    }
    cuts.push(body.len());
    cuts.sort_unstable();
    cuts.windows(2).filter_map(|cut| body.get(cut[0]..cut[1])).filter(|segment| !segment.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use patron_core::sync::apply_delta;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    /// What a device makes of it, whether it would be worth sending or not.
    fn carried(old: &str, new: &str) -> Vec<u8> {
        let delta = Delta { sha256: Sha::of(new.as_bytes()), pieces: pieces(old, new) };
        apply_delta(old.as_bytes(), &serde_json::to_vec(&delta).unwrap()).unwrap()
    }

    fn entry() -> impl Strategy<Value = Value> {
        (0..30_u32, "\\PC{0,12}", prop::option::of(0..3_u8))
            .prop_map(|(id, title, n)| json!({ "id": format!("offer-{id}"), "title": title, "n": n }))
    }

    fn catalogue() -> impl Strategy<Value = String> {
        let lists = [(); 3].map(|()| prop::collection::vec(entry(), 0..12));
        (lists, any::<u8>(), any::<bool>()).prop_map(|([offers, places, partners], version, spaced)| {
            let version = version.to_string();
            let all = json!({ "version": version, "offers": offers, "places": places, "partners": partners });
            if spaced { serde_json::to_string_pretty(&all).unwrap() } else { all.to_string() }
        })
    }

    proptest! {
        #[test]
        fn any_two_catalogues_are_put_together_byte_for_byte(old in catalogue(), new in catalogue()) {
            prop_assert_eq!(carried(&old, &new), new.into_bytes());
        }

        #[test]
        fn so_are_any_two_texts(old in "\\PC*", new in "\\PC*") {
            prop_assert_eq!(carried(&old, &new), new.into_bytes());
        }

        #[test]
        fn and_one_with_entries_moved_changed_and_gone(old in catalogue(), seed in any::<u64>()) {
            let mut random = fastrand::Rng::with_seed(seed);
            let mut new: Value = serde_json::from_str(&old).unwrap();
            for list in ["offers", "places", "partners"] {
                let list = new[list].as_array_mut().unwrap();
                random.shuffle(list);
                list.pop();
                list.iter_mut().take(1).for_each(|entry| entry["title"] = "other".into());
            }
            let new = new.to_string();
            prop_assert_eq!(carried(&old, &new), new.into_bytes());
        }
    }

    /// So many offers of the usual length.
    fn offers(count: u32, changed: Option<u32>) -> String {
        let offer = |n: u32| {
            let title = if changed == Some(n) { "Two for one, today" } else { "Ten percent off" };
            json!({ "id": format!("offer-{n}"), "version": 1, "title": title, "priority": n % 9,
                    "body": "On everything in store, at the till, while it lasts: one for each customer.",
                    "placements": ["home"], "benefit": { "kind": "percent", "percent": 10 } })
        };
        let all: Vec<Value> = (0..count).map(offer).collect();
        json!({ "version": changed.map_or(1, |_| 2).to_string(), "ttl_s": 3600, "partners": [], "places": [],
                "offers": all })
        .to_string()
    }

    #[test]
    fn one_changed_offer_is_all_that_is_sent() {
        let (old, new) = (offers(1_000, None), offers(1_000, Some(500)));
        let delta = between(&old, &new).unwrap();
        assert!(delta.len() < 500, "{}", String::from_utf8_lossy(&delta));
        assert_eq!(apply_delta(old.as_bytes(), &delta).unwrap(), new.into_bytes());
    }

    #[test]
    fn what_is_not_half_as_long_is_not_worth_it() {
        assert_eq!(between(&offers(1, None), &offers(1, Some(0))), None);
        assert_eq!(between("", &offers(100, None)), None);
        assert!(between(&offers(100, None), &offers(100, Some(1))).is_some());
    }

    #[test]
    fn a_list_of_the_same_is_one_copy() {
        let old = r#"{"offers":["the same again","the same again","the same again"]}"#;
        let head = r#"{"offers":["#;
        assert_eq!(pieces(old, old), [Piece::Insert(head.into()), Piece::Copy(head.len(), old.len() - head.len())]);
    }
}
