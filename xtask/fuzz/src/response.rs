//! Anything at all as an answer of the backend, read by each lane.

use std::time::Duration;

use patron_core::offer::MAX_BYTES;
use patron_core::sync::wire::{BatchReply, Verdict, VerdictKind};
use patron_core::sync::{
    CatalogueOutcome, ConsentOutcome, EventsOutcome, Failure, IdentityOutcome, Lane, MAX_IMAGE_BYTES, MAX_RETRY_AFTER,
    PreferencesOutcome, Response, SyncState, TransportError, apply_delta, interpret_catalogue, interpret_consent,
    interpret_events, interpret_identity, interpret_image, interpret_preferences, jitter,
};
use uuid::Uuid;

use crate::Target;
use crate::input::{Input, Seed};

pub(crate) const TARGET: Target = Target {
    name: "response",
    promise: "any answer settles each event once or none, and no wait is longer than a day",
    max_len: 4096,
    words: &[
        "\"batch\":",
        "\"verdicts\":[",
        "\"id\":",
        "\"verdict\":",
        "\"reason\":",
        "\"server_time\":",
        "\"epoch\":",
        "\"type\":",
        "\"title\":",
        "\"status\":",
        "\"detail\":",
        "\"ok\"",
        "\"duplicate\"",
        "\"retry\"",
        "\"drop\"",
        "\"consent_not_held\"",
        "00000000-0000-0000-0000-00000000000b",
        "00000000-0000-0000-0000-000000000001",
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "-999999",
        "\"sha256\":",
        "\"pieces\":[",
        "\"revision\":",
        "\"stored\":true",
        "\"document\":{",
        "[0,40]",
        "[18446744073709551615,1]",
        "patron-delta",
        "9999-12-31T23:59:59Z",
    ],
    run,
    seeds,
};

const BATCH: Uuid = Uuid::from_u128(0xB);

/// Where a header's value may stand; the others are read by nobody.
const NAMES: [&str; 6] = ["retry-after", "date", "etag", "content-type", "im", "delta-base"];

/// What a delta is for.
const BASE: &[u8] = br#"{"version":"1","offers":[{"id":"cup"}]}"#;

/// A log line with the backend's words in it stays a line.
const MAX_WORDS: usize = 300;

fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let now_ms = input.i64();
    let sent: Vec<Uuid> = (1..=u128::from(input.u8() % 8)).map(Uuid::from_u128).collect();
    let status = input.u16();
    let headers = (0..input.u8() % 5).map(|_| ((*input.one_of(&NAMES)).to_owned(), input.text())).collect();
    let reply = match status {
        0 => Err(TransportError::Network(input.text())),
        1 => Err(TransportError::Timeout),
        2 => Err(TransportError::TooLarge),
        _ => Ok(Response { status, headers, body: input.rest().to_vec() }),
    };
    match interpret_events(&reply, BATCH, &sent, now_ms) {
        EventsOutcome::Settled { verdicts, .. } => {
            let settled: Vec<Uuid> = verdicts.into_iter().map(|(id, _)| id).collect();
            assert_eq!(settled, sent, "not one settlement for each event");
        }
        EventsOutcome::Bisect => assert_ne!(sent.len(), 1, "one event alone cannot be halved"),
        EventsOutcome::Failed(failure) => waits(Lane::Events, &failure, now_ms),
    }
    match interpret_consent(&reply, now_ms) {
        ConsentOutcome::Acknowledged { .. } => assert!((200..300).contains(&status)),
        ConsentOutcome::Forked(why) => assert!(why.chars().count() <= MAX_WORDS, "{why}"),
        ConsentOutcome::Failed(failure) => waits(Lane::Consent, &failure, now_ms),
    }
    match interpret_identity(&reply, now_ms) {
        IdentityOutcome::Linked { .. } => assert!((200..300).contains(&status)),
        IdentityOutcome::Refused(why) | IdentityOutcome::Taken(why) => {
            assert!(why.chars().count() <= MAX_WORDS, "{why}")
        }
        IdentityOutcome::Failed(failure) => waits(Lane::Identity, &failure, now_ms),
    }
    match interpret_preferences(&reply, now_ms) {
        PreferencesOutcome::Answered(_) => assert_eq!(status, 200),
        PreferencesOutcome::Refused(failure) | PreferencesOutcome::Failed(failure) => {
            waits(Lane::Preferences, &failure, now_ms);
        }
    }
    match interpret_catalogue(&reply, now_ms) {
        CatalogueOutcome::New { .. } => assert_eq!(status, 200),
        CatalogueOutcome::NotModified => assert_eq!(status, 304),
        CatalogueOutcome::Delta { body, .. } => {
            assert_eq!(status, 226);
            if let Ok(made) = apply_delta(BASE, &body) {
                assert!(made.len() <= MAX_BYTES, "{} bytes", made.len());
            }
        }
        CatalogueOutcome::Failed(failure) => waits(Lane::Catalogue, &failure, now_ms),
    }
    if let Ok(picture) = interpret_image(reply, None) {
        assert!(status == 200 && (1..=MAX_IMAGE_BYTES).contains(&picture.len()));
    }
}

/// A failure asks for a bounded wait, and sync can bear to be told of it.
fn waits(lane: Lane, failure: &Failure, now_ms: i64) {
    let wait = match failure {
        Failure::Later { after, why } => {
            assert!(why.chars().count() <= MAX_WORDS || why.starts_with("network: "), "{why}");
            after.unwrap_or_default()
        }
        Failure::Refused { why } => {
            assert!(why.chars().count() <= MAX_WORDS, "{why}");
            Duration::ZERO
        }
        Failure::KeyRefused { status } => {
            assert!(matches!(status, 401 | 403));
            Duration::ZERO
        }
        Failure::Gone { pause, .. } => *pause,
    };
    assert!(wait <= MAX_RETRY_AFTER, "{failure:?}");
    let mut rng = SeedOf(now_ms as u64).rng();
    let _ = jitter(1, &mut rng);
    let mut state = SyncState::default();
    state.failed(lane, failure, now_ms, &mut rng);
    state.network_regained();
}

/// Randomness that an input decides.
struct SeedOf(u64);

impl SeedOf {
    fn rng(&self) -> fastrand::Rng {
        fastrand::Rng::with_seed(self.0)
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let head = |events: u8, status: u16, headers: &[(u8, &str)]| {
        let seed = Seed::default().raw(784_111_777_000_i64.to_le_bytes()).raw([events]).raw(status.to_le_bytes());
        headers.iter().fold(seed.raw([headers.len() as u8]), |seed, (name, value)| seed.raw([*name]).run(value))
    };
    let verdict = |id: u128, verdict, reason: Option<&str>| Verdict {
        id: Uuid::from_u128(id),
        verdict,
        reason: reason.map(str::to_owned),
    };
    let verdicts = vec![
        verdict(1, VerdictKind::Ok, None),
        verdict(2, VerdictKind::Duplicate, None),
        verdict(3, VerdictKind::Retry, Some("consent_not_held")),
        verdict(4, VerdictKind::Drop, Some("malformed: data at 7")),
        verdict(4, VerdictKind::Ok, None),
    ];
    let reply = BatchReply { batch: BATCH, verdicts, server_time: "2026-11-23T08:00:00Z".to_owned() };
    let reply = serde_json::to_vec(&reply).expect("a reply is JSON");
    let problem = r#"{"type":"/problems/malformed","title":"no","status":400,"detail":"data at 7"}"#;
    let delta = r#"{"sha256":"1c3dbaa39fddbdce2d86eadf1e144ae528707712ae101818a82b367be2c97a88","pieces":[[0,12],"2",[13,26]]}"#;
    vec![
        head(4, 200, &[]).raw(&reply).done(),
        head(1, 400, &[]).raw(problem).done(),
        head(3, 422, &[]).raw(problem).done(),
        head(3, 413, &[]).done(),
        head(2, 429, &[(0, "120")]).done(),
        head(2, 503, &[(0, "Sun, 06 Nov 1994 08:49:37 GMT"), (1, "Sun, 06 Nov 1994 08:49:07 GMT")]).done(),
        head(0, 200, &[]).raw(r#"{"epoch":7}"#).done(),
        head(0, 200, &[]).raw(r#"{"revision":7,"stored":false,"document":{"rules":{"daily":3}}}"#).done(),
        head(0, 200, &[(2, "\"v1\"")]).raw(patron_core::sandbox::TOWN_JSON.get(..200).unwrap_or_default()).done(),
        head(0, 226, &[(2, "\"v2\""), (4, "patron-delta"), (5, "\"v1\"")]).raw(delta).done(),
        head(0, 226, &[(2, "\"v2\"")]).raw(delta).done(),
        head(0, 200, &[(3, "image/webp")]).raw("a picture").done(),
        head(2, 401, &[]).done(),
        head(2, 410, &[]).done(),
        head(2, 0, &[]).run("reset").done(),
        head(2, 200, &[]).raw("<html>sign in</html>").done(),
    ]
}
