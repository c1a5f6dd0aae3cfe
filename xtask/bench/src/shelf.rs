//! A catalogue of ten thousand offers that all show.

use serde_json::json;

/// As a backend serves it, in JSON.
pub fn catalogue() -> Vec<u8> {
    let offers: Vec<_> = (0..10_000)
        .map(|i| {
            json!({
                "id": format!("offer-{i}"), "version": 1, "title": format!("Offer number {i}"),
                "body": "Words enough for a card, as an offer has them.", "priority": i % 100,
                "placements": ["home"], "benefit": { "kind": "percent", "percent": 1 + i % 90 },
                "expires_at": "2099-12-31T23:59:59Z"
            })
        })
        .collect();
    json!({ "version": "10k", "ttl_s": 86_400, "partners": [], "places": [], "offers": offers })
        .to_string()
        .into_bytes()
}
