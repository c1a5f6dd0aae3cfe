use proptest::prelude::*;

use super::*;

const BATCH: Uuid = Uuid::from_u128(0xBA7C4);

fn ids(n: u128) -> Vec<Uuid> {
    (1..=n).map(Uuid::from_u128).collect()
}

fn reply(status: u16, headers: &[(&str, &str)], body: &str) -> Reply {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Ok(Response { status, headers, body: body.as_bytes().to_vec() })
}

fn verdicts(said: &[(u128, &str)]) -> String {
    let list: Vec<_> = said
        .iter()
        .map(|(id, verdict)| format!(r#"{{"id":"{}","verdict":"{verdict}","reason":"because"}}"#, Uuid::from_u128(*id)))
        .collect();
    format!(r#"{{"batch":"{BATCH}","verdicts":[{}],"server_time":"2026-11-22T10:00:00.000Z"}}"#, list.join(","))
}

fn settled(outcome: EventsOutcome) -> Vec<Settlement> {
    match outcome {
        EventsOutcome::Settled { verdicts, .. } => verdicts.into_iter().map(|(_, settlement)| settlement).collect(),
        other => panic!("not settled: {other:?}"),
    }
}

#[test]
fn each_event_gets_its_own_verdict_and_a_missing_or_unknown_one_is_a_retry() {
    let body = verdicts(&[(3, "drop"), (1, "ok"), (2, "duplicate"), (4, "retry"), (5, "frobnicate"), (99, "drop")]);
    let outcome = interpret_events(&reply(200, &[], &body), BATCH, &ids(6), 0);
    assert!(matches!(outcome, EventsOutcome::Settled { server_time_ms: Some(1_795_341_600_000), .. }), "{outcome:?}");
    use Settlement::{Dead, Delivered, Retry};
    assert_eq!(settled(outcome), [Delivered, Delivered, Dead("because".into()), Retry, Retry, Retry]);
}

#[test]
fn verdicts_that_contradict_each_other_settle_nothing() {
    let body = verdicts(&[(1, "ok"), (1, "drop"), (2, "ok"), (2, "duplicate")]);
    let outcome = interpret_events(&reply(200, &[], &body), BATCH, &ids(2), 0);
    assert_eq!(settled(outcome), [Settlement::Retry, Settlement::Delivered]);
}

#[test]
fn garbage_or_an_answer_to_another_batch_is_tried_again() {
    for body in ["", "<html>welcome to the café's network</html>", "{}", "[1", &verdicts(&[(1, "ok")])] {
        let outcome = interpret_events(&reply(200, &[], body), Uuid::nil(), &ids(1), 0);
        assert!(matches!(outcome, EventsOutcome::Failed(Failure::Later { after: None, .. })), "{body}: {outcome:?}");
    }
}

#[test]
fn whatever_may_pass_is_tried_again_and_the_backends_wish_is_kept() {
    for status in [408, 425, 429, 500, 502, 503, 504, 599] {
        let outcome = interpret_events(&reply(status, &[("retry-after", "7")], "busy"), BATCH, &ids(2), 0);
        let after = Some(Duration::from_secs(7));
        assert_eq!(outcome, EventsOutcome::Failed(Failure::Later { after, why: format!("status {status}") }),);
    }
    for e in [TransportError::Timeout, TransportError::TooLarge, TransportError::Network("reset".into())] {
        let why = e.to_string();
        let outcome = interpret_events(&Err(e), BATCH, &ids(2), 0);
        assert_eq!(outcome, EventsOutcome::Failed(Failure::Later { after: None, why }));
    }
}

#[test]
fn a_refused_key_stops_and_a_missing_address_pauses_every_lane() {
    for status in [401, 403] {
        let answer = reply(status, &[], PROBLEM);
        let refused = Failure::KeyRefused { status };
        assert_eq!(interpret_events(&answer, BATCH, &ids(1), 0), EventsOutcome::Failed(refused.clone()));
        let consent = interpret_consent(&answer, 0);
        assert!(matches!(&consent, ConsentOutcome::Failed(failure) if *failure == refused), "{consent:?}");
        assert_eq!(interpret_identity(&answer, 0), IdentityOutcome::Failed(refused.clone()));
        assert_eq!(interpret_catalogue(&answer, 0), CatalogueOutcome::Failed(refused));
    }
    for status in [404, 410] {
        let gone = Failure::Gone { pause: Duration::from_secs(3_600), status };
        assert_eq!(interpret_events(&reply(status, &[], ""), BATCH, &ids(1), 0), EventsOutcome::Failed(gone));
    }
}

#[test]
fn a_page_to_sign_in_at_refuses_no_key() {
    for status in [401, 403] {
        let answer = reply(status, &[], "<html>guest network</html>");
        let outcome = interpret_events(&answer, BATCH, &ids(1), 0);
        assert!(matches!(outcome, EventsOutcome::Failed(Failure::Later { .. })), "{status}: {outcome:?}");
        let consent = interpret_consent(&answer, 0);
        assert!(matches!(consent, ConsentOutcome::Failed(Failure::Later { .. })), "{status}: {consent:?}");
    }
}

#[test]
fn a_refused_batch_is_halved_until_the_one_event_is_found() {
    let problem = r#"{"type":"t","title":"Bad","status":400,"detail":"events[0].data"}"#;
    for status in [400, 413, 422] {
        assert_eq!(interpret_events(&reply(status, &[], problem), BATCH, &ids(2), 0), EventsOutcome::Bisect);
        let alone = interpret_events(&reply(status, &[], problem), BATCH, &ids(1), 0);
        assert_eq!(settled(alone), [Settlement::Refused(format!("status {status}: events[0].data"))]);
    }
}

#[test]
fn a_gateway_that_takes_no_body_of_this_size_costs_no_event() {
    let gateway = reply(413, &[], "<html>too large</html>");
    assert_eq!(interpret_events(&gateway, BATCH, &ids(2), 0), EventsOutcome::Bisect);
    assert_eq!(settled(interpret_events(&gateway, BATCH, &ids(1), 0)), [Settlement::Retry]);
}

#[test]
fn a_refusal_that_is_not_the_backends_own_settles_nothing() {
    for (status, body) in [(400, "<html>"), (402, ""), (407, "{}"), (421, ""), (431, ""), (451, "")] {
        let outcome = interpret_events(&reply(status, &[], body), BATCH, &ids(1), 0);
        assert!(matches!(outcome, EventsOutcome::Failed(Failure::Later { .. })), "{status}: {outcome:?}");
    }
}

#[test]
fn a_refusal_with_verdicts_is_read_by_its_verdicts() {
    let outcome = interpret_events(&reply(400, &[], &verdicts(&[(1, "ok"), (2, "drop")])), BATCH, &ids(2), 0);
    assert_eq!(settled(outcome), [Settlement::Delivered, Settlement::Dead("because".into())]);
}

#[test]
fn consent_is_acknowledged_by_an_epoch_alone() {
    let outcome = interpret_consent(&reply(200, &[], r#"{"epoch":4}"#), 0);
    assert!(matches!(outcome, ConsentOutcome::Acknowledged(ConsentAck { epoch: 4, anchor: None, .. })), "{outcome:?}");
    for (status, body) in [(200, "{}"), (200, ""), (400, "no"), (302, "")] {
        let outcome = interpret_consent(&reply(status, &[], body), 0);
        assert!(matches!(outcome, ConsentOutcome::Failed(Failure::Later { .. })), "{status}: {outcome:?}");
    }
}

#[test]
fn a_ledger_that_forks_is_told_from_a_proxy_that_is_in_the_way() {
    let own = interpret_consent(&reply(409, &[], PROBLEM), 0);
    assert!(matches!(own, ConsentOutcome::Forked(_)), "{own:?}");
    let proxy = interpret_consent(&reply(409, &[], "<html>"), 0);
    assert!(matches!(proxy, ConsentOutcome::Failed(Failure::Later { .. })), "{proxy:?}");
}

const PROBLEM: &str = r#"{"type":"t","title":"Bad","status":422}"#;

#[test]
fn a_bad_token_is_refused_and_not_sent_for_ever() {
    assert_eq!(interpret_identity(&reply(204, &[], ""), 0), IdentityOutcome::Linked { secret: None });
    let told = interpret_identity(&reply(200, &[], r#"{"secret":"ab"}"#), 0);
    assert_eq!(told, IdentityOutcome::Linked { secret: Some("ab".into()) });
    assert_eq!(interpret_identity(&reply(422, &[], PROBLEM), 0), IdentityOutcome::Refused("status 422: Bad".into()));
    assert!(matches!(interpret_identity(&reply(302, &[], ""), 0), IdentityOutcome::Failed(Failure::Later { .. })));
}

#[test]
fn a_catalogue_comes_with_its_tag_or_stays() {
    let outcome = interpret_catalogue(&reply(200, &[("etag", "\"v1\"")], "{}"), 0);
    assert_eq!(outcome, CatalogueOutcome::New { body: b"{}".to_vec(), etag: Some("\"v1\"".into()) });
    assert_eq!(interpret_catalogue(&reply(304, &[], ""), 0), CatalogueOutcome::NotModified);
    assert!(matches!(interpret_catalogue(&reply(204, &[], ""), 0), CatalogueOutcome::Failed(_)));
    let headers = [("etag", "\"v2\""), ("im", "patron-delta"), ("delta-base", "\"v1\"")];
    let (body, etag, base) = (b"{}".to_vec(), Some("\"v2\"".to_owned()), "\"v1\"".to_owned());
    assert_eq!(interpret_catalogue(&reply(226, &headers, "{}"), 0), CatalogueOutcome::Delta { body, etag, base });
    for few in [&headers[..1], &headers[..2], &[headers[2]], &[("im", "vcdiff"), headers[2]]] {
        assert!(matches!(interpret_catalogue(&reply(226, few, "{}"), 0), CatalogueOutcome::Failed(_)), "{few:?}");
    }
}

proptest! {
    /// Whatever a broken or hostile backend says, only its own word `ok`, `duplicate` or `drop`
    /// for that very event takes an event out of the queue.
    #[test]
    fn no_answer_settles_what_it_did_not_name(status in 100_u16..700, body in ".{0,200}", n in 1_u128..5) {
        let outcome = interpret_events(&reply(status, &[], &body), BATCH, &ids(n), 0);
        if let EventsOutcome::Settled { verdicts, .. } = outcome {
            prop_assert!(verdicts.iter().all(|(_, s)| matches!(s, Settlement::Retry | Settlement::Refused(_))));
        }
    }
}
