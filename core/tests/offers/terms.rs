//! On which terms a saved offer is redeemed.

use super::*;

/// What an export says of the first saved offer.
fn first_saved(patron: &Patron) -> Value {
    let export: Value = serde_json::from_str(&wait(patron.export()).unwrap()).unwrap();
    let items = export["items"].as_array().unwrap();
    items.iter().find(|item| item["kind"] == "saved_offers").unwrap()["content"][0].clone()
}

#[test]
fn a_saved_offers_terms_are_exported_as_long_as_it_is_published() {
    let terms =
        json!({ "description": "With coffee.", "available_at_or_from": ["cafe"], "times": 1, "grant": "e30.e30.c2ln" });
    let (folder, clock) = (tempfile::tempdir().unwrap(), clock());
    let model = market(&json!([with(offer("cup"), "terms", terms), offer("bun")]));
    let patron = device(folder.path(), &model, &clock, &[]);
    act(&patron, ShopperAct::Save { offer: "cup".into(), when_here: true, before_end_h: None });
    let saved = first_saved(&patron);
    assert_eq!((&saved["offer"], &saved["terms"]["grant"]), (&json!("cup"), &json!("e30.e30.c2ln")));
    assert_eq!((&saved["terms"]["available_at_or_from"], &saved["terms"]["times"]), (&json!(["cafe"]), &json!(1)));
    // They are on the device: nothing is asked of the backend for them.
    wait(async { patron.set_online(false) }).unwrap();
    drop(patron);
    let patron = open(folder.path(), &model, &clock);
    wait(patron.ready()).unwrap();
    assert_eq!(first_saved(&patron), saved);
    let shown = patron.offers("home").unwrap();
    assert_eq!(shown.iter().find(|card| card.id == "cup").unwrap().terms.as_ref().unwrap().times, Some(1));
    model.0.lock().unwrap().catalogue = json!({ "version": "market-2", "offers": [offer("bun")] }).to_string().into();
    wait(async { patron.set_online(true) }).unwrap();
    wait(patron.refresh()).unwrap();
    assert_eq!(first_saved(&patron).get("terms"), None);
}
