use proptest::prelude::*;

use super::*;

const NOW: i64 = 1_795_341_600_000;

fn facts() -> Facts {
    Facts {
        now_ms: NOW,
        network: Network::Unmetered,
        queued: 0,
        oldest_queued_ms: None,
        pending_decisions: false,
        consent_wanted: false,
        standing_untold: false,
        rights_pending: false,
        identity_pending: false,
        preferences_pending: false,
        acked_epoch: 3,
        epoch: 3,
        catalogue_due: false,
        in_flight: false,
        draining: false,
    }
}

fn events(queued: u64, oldest_ms: i64) -> Facts {
    Facts { queued, oldest_queued_ms: Some(oldest_ms), ..facts() }
}

fn later(after: Option<Duration>) -> Failure {
    Failure::Later { after, why: "test".into() }
}

fn rng() -> fastrand::Rng {
    fastrand::Rng::with_seed(5)
}

#[test]
fn consent_goes_first_and_events_wait_for_it_even_while_it_fails() {
    let mut state = SyncState::default();
    let all = Facts {
        pending_decisions: true,
        identity_pending: true,
        preferences_pending: true,
        catalogue_due: true,
        acked_epoch: 2,
        draining: true,
        ..events(500, NOW - 99_000)
    };
    assert_eq!(state.next(&all), Next::Send(Lane::Consent));
    state.failed(Lane::Consent, &later(None), NOW, &mut rng());
    assert_eq!(state.next(&all), Next::Send(Lane::Identity));
    let rest = Facts { identity_pending: false, catalogue_due: false, ..all };
    assert!(matches!(state.next(&rest), Next::WaitUntil(at) if at > NOW), "{:?}", state.next(&rest));
    let acknowledged = Facts { pending_decisions: false, acked_epoch: 3, ..rest };
    assert_eq!(state.next(&acknowledged), Next::Send(Lane::Preferences), "they rest on a yes too");
    let told = Facts { preferences_pending: false, ..acknowledged };
    assert_eq!(state.next(&told), Next::Send(Lane::Events));
}

#[test]
fn nothing_is_sent_offline_or_beside_another_request() {
    let state = SyncState::default();
    let busy = Facts { pending_decisions: true, catalogue_due: true, draining: true, ..events(500, 0) };
    assert_eq!(state.next(&Facts { network: Network::Offline, ..busy }), Next::Idle);
    assert_eq!(state.next(&Facts { in_flight: true, ..busy }), Next::Idle);
}

#[test]
fn events_wait_for_company_but_not_long() {
    let state = SyncState::default();
    assert_eq!(state.next(&events(1, NOW - 1_000)), Next::WaitUntil(NOW + 29_000));
    assert_eq!(state.next(&events(20, NOW)), Next::Send(Lane::Events));
    assert_eq!(state.next(&events(1, NOW - 30_000)), Next::Send(Lane::Events));
    assert_eq!(state.next(&Facts { draining: true, ..events(1, NOW) }), Next::Send(Lane::Events));
    assert_eq!(state.next(&facts()), Next::Idle);
}

#[test]
fn a_clock_that_was_set_back_delays_nothing() {
    let mut state = SyncState::default();
    assert_eq!(state.next(&events(1, NOW + 86_400_000)), Next::Send(Lane::Events));
    state.failed(Lane::Events, &later(Some(Duration::from_secs(600))), NOW, &mut rng());
    let yesterday = Facts { now_ms: NOW - 86_400_000, draining: true, ..events(1, NOW) };
    assert_eq!(state.next(&yesterday), Next::Send(Lane::Events));
}

#[test]
fn a_returning_network_lifts_jitter_but_not_what_the_backend_asked_for() {
    let mut state = SyncState::default();
    let mut rng = rng();
    state.failed(Lane::Events, &later(None), NOW, &mut rng);
    assert!(matches!(state.next(&events(50, NOW)), Next::WaitUntil(_)));
    state.network_regained();
    assert_eq!(state.next(&events(1, NOW)), Next::Send(Lane::Events));
    state.failed(Lane::Events, &later(Some(Duration::from_secs(60))), NOW, &mut rng);
    state.network_regained();
    assert_eq!(state.next(&events(1, NOW)), Next::WaitUntil(NOW + 60_000));
    state.flushed();
    state.succeeded(Lane::Events);
    assert_eq!(state.next(&events(1, NOW)), Next::WaitUntil(NOW + 30_000));
}

#[test]
fn once_the_bytes_are_spent_events_wait_for_whoever_gives_more() {
    let mut state = SyncState::default();
    state.drained_for();
    assert_eq!(state.next(&events(500, NOW)), Next::Send(Lane::Events));
    state.spent(NOW);
    assert_eq!(state.next(&events(500, NOW)), Next::WaitUntil(NOW + 15 * 60_000));
    assert_eq!(state.next(&Facts { pending_decisions: true, ..events(500, NOW) }), Next::Send(Lane::Consent));
    for gives in [SyncState::drained_for, SyncState::network_regained, SyncState::in_front] {
        let mut state = state.clone();
        gives(&mut state);
        assert_eq!(state.next(&events(500, NOW)), Next::Send(Lane::Events));
    }
    // What the backend asked for is neither lifted by it nor prolonged.
    state.failed(Lane::Events, &later(Some(Duration::from_secs(60))), NOW, &mut rng());
    state.spent(NOW);
    state.in_front();
    state.drained_for();
    assert_eq!(state.next(&events(500, NOW)), Next::WaitUntil(NOW + 60_000));
}

#[test]
fn a_refused_key_stops_all_lanes_until_it_is_renewed_or_the_process_ends() {
    let mut state = SyncState::default();
    let wanted = Facts { pending_decisions: true, ..facts() };
    state.failed(Lane::Catalogue, &Failure::KeyRefused { status: 401 }, NOW, &mut rng());
    assert_eq!((state.next(&wanted), state.key_refused()), (Next::Idle, true));
    let kept = serde_json::to_string(&state).unwrap();
    assert_eq!(serde_json::from_str::<SyncState>(&kept).unwrap().next(&wanted), Next::Send(Lane::Consent));
    state.key_renewed();
    assert_eq!(state.next(&wanted), Next::Send(Lane::Consent));
}

#[test]
fn a_missing_address_holds_its_own_lane_for_an_hour() {
    let mut state = SyncState::default();
    let pause = Duration::from_secs(3_600);
    state.failed(Lane::Catalogue, &Failure::Gone { pause, status: 404 }, NOW, &mut rng());
    let wanted = Facts { catalogue_due: true, ..facts() };
    assert_eq!(state.next(&wanted), Next::WaitUntil(NOW + 3_600_000));
    assert_eq!(state.next(&Facts { draining: true, queued: 1, ..wanted }), Next::Send(Lane::Events));
}

#[test]
fn a_refused_batch_is_halved_down_to_one_and_grows_back() {
    let mut state = SyncState::default();
    let sizes: Vec<_> = (0..10)
        .map(|_| {
            state.bisect(state.batch_limit());
            state.batch_limit()
        })
        .collect();
    assert_eq!(sizes, [250, 125, 62, 31, 15, 7, 3, 1, 1, 1]);
    (0..9).for_each(|_| state.succeeded(Lane::Events));
    assert_eq!(state.batch_limit(), MAX_BATCH_EVENTS);
}

#[test]
fn backoff_survives_the_process() {
    let mut state = SyncState::default();
    let mut rng = rng();
    (0..20).for_each(|_| state.failed(Lane::Consent, &later(None), NOW, &mut rng));
    let kept = serde_json::from_str::<SyncState>(&serde_json::to_string(&state).unwrap()).unwrap();
    assert_eq!(kept, state);
    assert!(matches!(kept.next(&Facts { pending_decisions: true, ..facts() }), Next::WaitUntil(_)));
}

#[derive(Debug, Clone)]
enum Happening {
    Sent(bool),
    Asked(u32),
    Regained,
    Passed(u32),
}

proptest! {
    /// Whatever happened before: events never overtake consent, a wait always ends, and ends in
    /// a request within a day.
    #[test]
    fn no_history_lets_events_overtake_or_waits_for_ever(
        history in prop::collection::vec(
            prop_oneof![
                any::<bool>().prop_map(Happening::Sent),
                (0_u32..90_000).prop_map(Happening::Asked),
                Just(Happening::Regained),
                (0_u32..400_000).prop_map(Happening::Passed),
            ],
            0..60,
        ),
        decisions in any::<bool>(),
        queued in 1_u64..40,
    ) {
        let mut state = SyncState::default();
        let mut rng = rng();
        let mut facts = Facts { pending_decisions: decisions, catalogue_due: true, ..events(queued, NOW) };
        for happening in history {
            let next = state.next(&facts);
            prop_assert!(next != Next::Send(Lane::Events) || !facts.pending_decisions);
            match (happening, next) {
                (Happening::Sent(true), Next::Send(lane)) => state.succeeded(lane),
                (Happening::Sent(false), Next::Send(lane)) => state.failed(lane, &later(None), facts.now_ms, &mut rng),
                (Happening::Asked(s), Next::Send(lane)) => {
                    let after = Some(Duration::from_secs(u64::from(s)).min(backoff::MAX_RETRY_AFTER));
                    state.failed(lane, &later(after), facts.now_ms, &mut rng);
                }
                (Happening::Regained, _) => state.network_regained(),
                (Happening::Passed(ms), _) => facts.now_ms += i64::from(ms),
                (_, Next::WaitUntil(_) | Next::Idle) => {}
            }
        }
        match state.next(&facts) {
            Next::Send(_) => {}
            Next::WaitUntil(at) => {
                prop_assert!(at > facts.now_ms && at <= facts.now_ms + 86_400_000);
                facts.now_ms = at;
                prop_assert!(matches!(state.next(&facts), Next::Send(_)));
            }
            Next::Idle => prop_assert!(false, "idle with work to do"),
        }
    }
}

#[test]
fn no_event_leaves_before_the_backend_knows_what_is_lowered() {
    let mut state = SyncState::default();
    let lowered = Facts { standing_untold: true, draining: true, ..events(500, NOW) };
    assert_eq!(state.next(&lowered), Next::Send(Lane::Consent));
    state.failed(
        Lane::Consent,
        &Failure::Later { after: None, why: String::new() },
        NOW,
        &mut fastrand::Rng::with_seed(1),
    );
    assert!(matches!(state.next(&lowered), Next::WaitUntil(at) if at > NOW), "they wait with it");
    assert_eq!(state.next(&Facts { standing_untold: false, ..lowered }), Next::Send(Lane::Events));
}
