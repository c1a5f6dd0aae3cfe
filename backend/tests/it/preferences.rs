//! What a shopper's devices have in common: kept under a yes, told to those devices alone, and erased.

use patron_core::consent::ConsentStatus::{Denied, Granted, Withdrawn};
use patron_core::consent::Signer;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::backend::{Backend, count};
use crate::client::Response;
use crate::shopper::{Shopper, ask};

/// Of another tenant.
const OTHER_KEY: &str = "pk_acme_secret";

/// A word that nobody else would write.
const CANARY: &str = "canary-27d5e0b1";

fn document(word: &str) -> Value {
    json!({ "partners": { word: true } })
}

/// As a device says it, signed by `signer`.
fn signed(shopper: &Shopper, signer: &Signer, base: u64, document: Option<&Value>) -> Value {
    let mut statement = json!({ "version": 1, "installation": shopper.installation, "epoch": shopper.epoch,
                                "base": base, "key": signer.public() });
    document.into_iter().for_each(|document| statement["document"] = document.clone());
    let text = statement.to_string();
    json!({ "statement": text, "signature": signer.sign(text.as_bytes()) })
}

/// Says it; what is answered.
fn told(backend: &Backend, shopper: &Shopper, base: u64, document: Option<&Value>) -> Response {
    backend.post("/v1/preferences", &signed(shopper, &shopper.signer, base, document))
}

/// Of the shopper that all of these tests are about, who says yes.
fn device(backend: &Backend) -> Shopper {
    let mut shopper = Shopper::new();
    shopper.links(backend, "me");
    shopper.grants(backend, "personalisation");
    shopper
}

/// The number under which what was said is held now.
#[track_caller]
fn stored(reply: &Response) -> u64 {
    let told = reply.json();
    assert_eq!((&told["stored"], told.get("document")), (&json!(true), None), "{told}");
    told["revision"].as_u64().unwrap()
}

/// What a device hears that began from nothing where nothing is held.
fn nothing() -> Value {
    json!({ "revision": 0, "stored": false })
}

#[test]
fn a_document_is_kept_for_whoever_began_from_the_one_before_and_told_to_the_others() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let (phone, tablet) = (device(&backend), device(&backend));
    assert_eq!(told(&backend, &phone, 0, None).json(), nothing());
    let (kelo, lumi) = (document("kelo"), document("lumi"));
    let first = stored(&told(&backend, &phone, 0, Some(&kelo)));
    let other = json!({ "revision": first, "stored": false, "document": kelo });
    assert_eq!(told(&backend, &tablet, 0, Some(&lumi)).json(), other, "it did not know of the phone's");
    let same = json!({ "revision": first, "stored": false });
    assert_eq!(told(&backend, &tablet, first, None).json(), same, "nothing is new");
    let second = stored(&told(&backend, &tablet, first, Some(&lumi)));
    assert!(second > first);
    let held = json!({ "revision": second, "stored": false, "document": lumi, "follows": true });
    assert_eq!(told(&backend, &phone, first, None).json(), held);
    assert_eq!(told(&backend, &phone, first, Some(&kelo)).json(), held, "a late copy");
    assert_eq!(count(data.path(), "SELECT count(*) FROM preferences"), 1);
}

#[test]
fn nobody_hears_of_it_without_the_key_the_account_and_the_yes() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let phone = device(&backend);
    told(&backend, &phone, 0, Some(&document(CANARY)));
    let mut stranger = Shopper::new();
    stranger.links(&backend, "someone else");
    stranger.grants(&backend, "personalisation");
    assert_eq!(told(&backend, &stranger, 0, None).json(), nothing());

    let mut anonymous = Shopper::new();
    anonymous.grants(&backend, "personalisation");
    let mut unasked = Shopper::new();
    unasked.links(&backend, "me");
    unasked.grants(&backend, "engagement");
    let mut lapsed = Shopper::new();
    lapsed.links(&backend, "me");
    let yes = lapsed.decides_until("personalisation", 1_795_400_000_000);
    lapsed.tells(&backend, &[yes]);
    let forged = backend.post("/v1/preferences", &signed(&phone, &stranger.signer, 0, None));
    let unknown = backend.post("/v1/preferences", &signed(&phone, &Signer::from_seed(&[9; 32]), 0, None));
    let told = |shopper| told(&backend, shopper, 0, None);
    for refused in [told(&anonymous), told(&unasked), told(&lapsed), forged, unknown] {
        refused.problem(409, "conflict");
        assert!(!String::from_utf8_lossy(&refused.body).contains(CANARY));
    }
}

#[test]
fn another_tenant_knows_nothing_of_it() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start_with(data.path(), &["--key", "pk_demo", "--key", OTHER_KEY]);
    let phone = device(&backend);
    told(&backend, &phone, 0, Some(&document(CANARY)));
    let said = signed(&phone, &phone.signer, 0, None);
    backend.post_as(OTHER_KEY, "/v1/preferences", &said).problem(409, "conflict");
    // The same token and the same installation are someone else there.
    let link = json!({ "installation": phone.installation, "alias": Uuid::now_v7(), "token": "me" });
    assert_eq!(backend.post_as(OTHER_KEY, "/v1/identity", &link).status, 200);
    let mut there = Shopper::of(phone.installation);
    there.signed_in = true;
    let yes = there.decides("personalisation", Granted);
    assert_eq!(backend.post_as(OTHER_KEY, "/v1/consent", &there.report(&[yes])).status, 200);
    let none = backend.post_as(OTHER_KEY, "/v1/preferences", &said);
    assert_eq!(none.json(), nothing());
}

#[test]
fn what_does_not_read_is_refused_in_words_and_what_stood_stands() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let phone = device(&backend);
    let first = stored(&told(&backend, &phone, 0, Some(&document("kelo"))));
    let mut torn = signed(&phone, &phone.signer, 0, None);
    torn["signature"] = "00".into();
    let long = document(&"x".repeat(64 * 1024));
    let newer = json!({ "version": 2, "installation": phone.installation, "epoch": 1, "base": 1,
                        "key": phone.signer.public() })
    .to_string();
    for (bad, word) in [
        (torn, "signature"),
        (signed(&phone, &phone.signer, first, Some(&long)), "statement"),
        (signed(&phone, &phone.signer, first, Some(&json!({ "partners": 3 }))), "statement.document"),
        (signed(&phone, &phone.signer, u64::MAX, None), "statement"),
        (json!({ "statement": newer, "signature": phone.signer.sign(newer.as_bytes()) }), "statement.version"),
        (json!({ "statement": "{}", "signature": "" }), "statement"),
    ] {
        let detail = backend.post("/v1/preferences", &bad).problem(400, "malformed");
        assert!(detail.contains(word), "{detail}");
    }
    let huge = signed(&phone, &phone.signer, first, Some(&document(&"x".repeat(300 * 1024))));
    assert_eq!(backend.post("/v1/preferences", &huge).status, 413);
    let same = json!({ "revision": first, "stored": false });
    assert_eq!(told(&backend, &phone, first, None).json(), same, "and it stands");
    let most = document(&"x".repeat(64 * 1024 - 22));
    assert_eq!(most.to_string().len(), 64 * 1024);
    stored(&told(&backend, &phone, first, Some(&most)));
}

#[test]
fn a_no_leaves_no_word_of_it_before_anybody_asks_for_an_erasure() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let (mut phone, mut tablet) = (device(&backend), device(&backend));
    let first = stored(&told(&backend, &phone, 0, Some(&document(CANARY))));
    let no = phone.decides("personalisation", Withdrawn);
    phone.tells(&backend, std::slice::from_ref(&no));
    assert!(!is_on_disk(data.path()), "a word of it is left in a file");
    told(&backend, &phone, 0, None).problem(409, "conflict");
    // The tablet has yet to hear of it, and must not tell it all anew.
    told(&backend, &tablet, first, Some(&document(CANARY))).problem(409, "conflict");
    let heard = tablet.hears(&no);
    tablet.tells(&backend, std::slice::from_ref(&heard));
    told(&backend, &tablet, 0, Some(&document(CANARY))).problem(409, "conflict");
    assert!(!is_on_disk(data.path()));
    // A copy of what was said before the no comes late, when there is a yes again.
    let text = json!({ "version": 1, "installation": phone.installation, "epoch": 1, "base": 0,
                       "document": document(CANARY), "key": phone.signer.public() })
    .to_string();
    let late = json!({ "signature": phone.signer.sign(text.as_bytes()), "statement": text });
    phone.grants(&backend, "personalisation");
    backend.post("/v1/preferences", &late).problem(409, "conflict");
    stored(&told(&backend, &phone, 0, Some(&document("kelo"))));
    // What a device has told before it tells again with each report, and that is no new no.
    tablet.tells(&backend, &[heard]);
    assert_eq!(count(data.path(), "SELECT count(*) FROM preferences"), 1);
}

#[test]
fn a_first_no_on_another_device_ends_it_too() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let (phone, mut tablet) = (device(&backend), Shopper::new());
    told(&backend, &phone, 0, Some(&document(CANARY)));
    tablet.links(&backend, "me");
    let no = tablet.decides("personalisation", Denied);
    tablet.tells(&backend, &[no]);
    assert!(!is_on_disk(data.path()));
    told(&backend, &phone, 0, None).problem(409, "conflict");
}

#[test]
fn an_erasure_leaves_no_word_of_it_an_export_shows_it_and_its_number_is_never_used_again() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let (phone, mut tablet) = (device(&backend), device(&backend));
    let first = stored(&told(&backend, &phone, 0, Some(&document(CANARY))));
    let export = ask(&backend, &[&tablet.asks("export", json!({}))]);
    assert_eq!(export["export"]["preferences"]["content"], document(CANARY));
    ask(&backend, &[&phone.asks("erase_purpose", json!({ "purpose": "personalisation" }))]);
    assert!(!is_on_disk(data.path()), "a word of it is left in a file");
    assert_eq!(told(&backend, &tablet, first, None).json(), nothing(), "it is gone");
    let again = stored(&told(&backend, &tablet, 0, Some(&document(CANARY))));
    assert!(again > first, "under the yes that stands");
    let anew = json!({ "revision": again, "stored": false, "document": document(CANARY) });
    assert_eq!(told(&backend, &tablet, first, None).json(), anew, "it follows from nothing that was before");
    ask(&backend, &[&tablet.asks("erase", json!({}))]);
    assert!(!is_on_disk(data.path()));
    assert_eq!(count(data.path(), "SELECT count(*) FROM preferences"), 0);
    tablet.epoch += 1;
    told(&backend, &tablet, 0, None).problem(409, "conflict");
}

#[test]
fn a_device_that_turns_out_to_be_another_shoppers_leaves_nothing_behind_that_nobody_can_erase() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let mut phone = Shopper::new();
    let (installation, alias) = (phone.installation, Uuid::now_v7());
    let links = |token: &str| {
        let link = json!({ "installation": installation, "alias": alias, "token": token });
        assert_eq!(backend.post("/v1/identity", &link).status, 200);
    };
    Shopper::new().links(&backend, "me");
    links("as a guest");
    phone.signed_in = true;
    phone.grants(&backend, "personalisation");
    let first = stored(&told(&backend, &phone, 0, Some(&document(CANARY))));
    links("renewed");
    assert_eq!(count(data.path(), "SELECT count(*) FROM preferences"), 1, "the same shopper");
    links("me");
    assert!(!is_on_disk(data.path()));
    assert_eq!(told(&backend, &phone, first, None).json(), nothing());
}

#[test]
fn it_goes_with_the_yes_that_runs_out_and_with_a_signal_that_speaks_against_it() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let mut phone = Shopper::new();
    phone.links(&backend, "me");
    let now_ms = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as i64;
    let yes = phone.decides_until("personalisation", now_ms + 2_000);
    phone.tells(&backend, &[yes]);
    stored(&told(&backend, &phone, 0, Some(&document(CANARY))));
    std::thread::sleep(std::time::Duration::from_millis(2_100));
    drop(backend);
    let backend = Backend::start(data.path());
    let held = || count(data.path(), "SELECT count(*) FROM preferences");
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while held() > 0 {
        assert!(std::time::Instant::now() < deadline, "nobody swept");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }

    let tablet = device(&backend);
    stored(&told(&backend, &tablet, 0, Some(&document(CANARY))));
    let mut report = tablet.report(&[]);
    report["lowered"] = json!(["personalisation"]);
    assert_eq!(backend.post("/v1/consent", &report).status, 200);
    assert_eq!(held(), 0);
    assert!(!is_on_disk(data.path()));
    told(&backend, &tablet, 0, Some(&document(CANARY))).problem(409, "conflict");
    // What another device tells is under its own yes, however often this one says the same again.
    let watch = device(&backend);
    stored(&told(&backend, &watch, 0, Some(&document("kelo"))));
    assert_eq!(backend.post("/v1/consent", &report).status, 200);
    assert_eq!(held(), 1);
}

#[test]
fn a_copy_of_before_a_signal_that_ended_it_comes_too_late_behind_the_end_of_the_signal() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let phone = device(&backend);
    let says = |standing: u64| {
        let text = json!({ "version": 1, "installation": phone.installation, "epoch": phone.epoch, "base": 0,
                           "standing": standing, "document": document(CANARY), "key": phone.signer.public() })
        .to_string();
        json!({ "signature": phone.signer.sign(text.as_bytes()), "statement": text })
    };
    let reports = |standing: u64, lowered: Value| {
        let mut report = phone.report(&[]);
        (report["standing"], report["lowered"]) = (standing.into(), lowered);
        assert_eq!(backend.post("/v1/consent", &report).status, 200);
    };
    reports(7, json!([]));
    let early = says(7);
    stored(&backend.post("/v1/preferences", &early));
    reports(8, json!(["personalisation"]));
    reports(9, json!([]));
    backend.post("/v1/preferences", &early).problem(409, "conflict");
    assert!(!is_on_disk(data.path()));
    stored(&backend.post("/v1/preferences", &says(9)));
}

#[test]
fn a_yes_that_is_given_again_in_time_keeps_it() {
    let data = tempfile::tempdir().unwrap();
    let backend = Backend::start(data.path());
    let mut phone = Shopper::new();
    phone.links(&backend, "me");
    let now_ms = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as i64;
    let yes = phone.decides_until("personalisation", now_ms + 5_000);
    phone.tells(&backend, &[yes]);
    let first = stored(&told(&backend, &phone, 0, Some(&document("kelo"))));
    let again = phone.decides_until("personalisation", now_ms + 1_000_000);
    phone.tells(&backend, &[again]);
    told(&backend, &phone, first, None);
    let ends = count(data.path(), "SELECT expires_ms FROM preferences") as i64;
    assert_eq!(ends, now_ms + 1_000_000);
}

/// Whether the word is left in a file.
fn is_on_disk(data: &std::path::Path) -> bool {
    std::fs::read_dir(data).unwrap().any(|file| {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        bytes.windows(CANARY.len()).any(|window| window == CANARY.as_bytes())
    })
}
