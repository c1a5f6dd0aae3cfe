//! The same events for everyone: varied, as an app's are. Near-identical ones flatter compression.

use std::collections::BTreeMap;

use patron_core::event::Engagement;

const NAMES: [&str; 6] =
    ["product.viewed", "list.opened", "search.ran", "cart.changed", "store.selected", "recipe.read"];
const WORDS: [&str; 8] = ["running", "shoes", "coffee", "winter", "family", "bread", "outdoor", "vegan"];

/// The `i`th event.
pub fn event(i: usize) -> Engagement {
    let mix = i.wrapping_mul(2_654_435_761);
    match i % 4 {
        0 => Engagement::Impression { offer: format!("offer-{}", mix % 900) },
        1 => Engagement::Clicked { offer: format!("offer-{}", mix % 900) },
        2 => Engagement::Saved { offer: format!("offer-{}", mix % 900) },
        _ => Engagement::Custom {
            name: NAMES[mix % NAMES.len()].into(),
            properties: BTreeMap::from([
                ("sku".into(), format!("{:08}", mix % 100_000_000)),
                ("query".into(), format!("{} {}", WORDS[mix % 8], WORDS[(mix >> 3) % 8])),
                ("price".into(), (mix % 20_000).to_string()),
            ]),
        },
    }
}

/// The same for a peer that takes names and properties.
pub fn plain(i: usize) -> std::collections::HashMap<String, String> {
    match event(i) {
        Engagement::Impression { offer }
        | Engagement::Clicked { offer }
        | Engagement::Saved { offer }
        | Engagement::Dismissed { offer } => [("offer".to_owned(), offer)].into(),
        Engagement::Custom { name, properties } => properties.into_iter().chain([("name".to_owned(), name)]).collect(),
        other => [("type".to_owned(), other.type_name().to_owned())].into(),
    }
}
