//! Drains for background jobs: what they send, and when they end.

use super::*;

#[test]
fn a_drain_with_a_budget_fetches_no_catalogue() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    model.fail("catalogue", Fault::Unreachable);
    let patron = open(folder.path(), &model, &clock);
    let fetches = || model.0.lock().unwrap().deltas_asked.len();
    wait(async {
        while fetches() == 0 || patron.diagnostics().await.unwrap().last_error.is_none() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    track(&patron, (0..3).map(saved));
    assert!(wait(patron.drain(DAY, Some(200_000))).unwrap().done);
    assert_eq!((fetches(), model.stored()), (1, 3));
    track(&patron, (0..3).map(saved));
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
    assert_eq!((fetches(), model.stored()), (2, 6));
}

#[test]
fn a_drain_with_a_budget_breaks_off_a_catalogue_that_nobody_waits_for() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    model.fail("catalogue", Fault::Hang);
    let patron = open(folder.path(), &model, &clock);
    wait(async {
        while model.0.lock().unwrap().deltas_asked.is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    track(&patron, (0..3).map(saved));
    assert!(wait(patron.drain(DAY, Some(200_000))).unwrap().done);
    assert_eq!(model.stored(), 3);
}

#[test]
fn a_batch_that_was_sent_before_is_held_to_the_budget_of_a_drain_too() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = offline(config(folder.path()), &model, &clock);
    track(&patron, (0..400).map(saved));
    model.fail("/v1/events", Fault::Unreachable);
    patron.set_network(Network::Unmetered).unwrap();
    wait(async {
        while patron.diagnostics().await.unwrap().next_attempt_at_ms.is_none() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    let drained = wait(patron.drain(DAY, Some(4_000))).unwrap();
    assert!(!drained.done && drained.left > 300 && drained.sent_bytes < 8_000, "{drained:?}");
}

#[test]
fn a_drain_stays_within_its_bytes() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = offline(config(folder.path()), &model, &clock);
    let mut rng = fastrand::Rng::with_seed(1);
    let mut noise = |_| Engagement::Custom {
        name: "noise".into(),
        properties: [("text".to_owned(), (0..500).map(|_| rng.alphanumeric()).collect())].into(),
    };
    track(&patron, (0..400).map(&mut noise));
    patron.set_network(Network::Unmetered).unwrap();
    // The decisions go in any case, and first.
    let drained = wait(patron.drain(DAY, Some(40_000))).unwrap();
    assert!(!drained.done && drained.delivered > 0, "{drained:?}");
    assert!(drained.sent_bytes <= 41_000, "{drained:?}");
    // And so does what comes after it, however much waits: the job is over, and the process may live on.
    let stored = model.stored();
    for _ in 0..20 {
        wait(patron.flush()).unwrap();
        clock.advance(Duration::from_secs(30));
    }
    assert_eq!(model.stored(), stored);
    // Whoever brings the app to the front pays for more.
    let all_are_stored = |all| {
        wait(async {
            while model.stored() < all {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        });
    };
    patron.set_foreground(true).unwrap();
    all_are_stored(400);
    // And while it is there, a drain's bytes hold nothing up.
    patron.set_network(Network::Offline).unwrap();
    track(&patron, (0..800).map(&mut noise));
    wait(patron.flush()).unwrap();
    // The first of several batches is on its way when the drain begins.
    model.fail("/v1/events", Fault::Slow);
    patron.set_network(Network::Unmetered).unwrap();
    assert!(!wait(patron.drain(DAY, Some(1))).unwrap().done);
    all_are_stored(1_200);
}

/// Online, all told, and `events` that wait for company.
fn with_company_to_come(folder: &Path, model: &Model, clock: &Arc<ManualClock>, events: usize) -> Patron {
    let patron = open(folder, model, clock);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
    track(&patron, (0..events).map(saved));
    patron
}

async fn until_it_failed(patron: &Patron) {
    while patron.diagnostics().await.unwrap().last_error.is_none() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Gives the engine a while in which it would send.
async fn look_on(patron: &Patron) {
    for _ in 0..20 {
        patron.diagnostics().await.unwrap();
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[test]
fn a_drain_whose_caller_has_gone_sends_nothing_more() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = with_company_to_come(folder.path(), &model, &clock, 15);
    model.fail("/v1/events", Fault::Unreachable);
    wait(async {
        tokio::select! {
            drained = patron.drain(DAY, Some(1 << 20)) => panic!("{drained:?}"),
            () = until_it_failed(&patron) => {}
        }
        clock.advance(Duration::from_secs(20));
        look_on(&patron).await;
        assert_eq!(model.stored(), 0, "the job was cancelled");
        clock.advance(Duration::from_secs(16 * 60));
        while model.stored() < 15 {
            look_on(&patron).await;
        }
    });
}

#[test]
fn a_drain_ends_when_its_network_gives_way_to_a_metered_one() {
    for began_metered in [false, true] {
        let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
        let patron = with_company_to_come(folder.path(), &model, &clock, 15);
        patron.set_network(if began_metered { Network::Metered } else { Network::Unmetered }).unwrap();
        // Whatever that hurried is through.
        assert!(wait(patron.drain(DAY, None)).unwrap().done);
        track(&patron, (0..15).map(saved));
        let before = model.stored();
        model.fail("/v1/events", Fault::Unreachable);
        wait(async {
            let goes_on = async {
                until_it_failed(&patron).await;
                patron.set_network(Network::Metered).unwrap();
                if began_metered {
                    clock.advance(Duration::from_secs(20));
                }
                look_on(&patron).await;
            };
            let (drained, ()) = tokio::join!(patron.drain(DAY, None), goes_on);
            assert_eq!(drained.unwrap().done, began_metered);
            if !began_metered {
                clock.advance(Duration::from_secs(60));
                look_on(&patron).await;
                assert_eq!(model.stored(), before, "on a metered network it waits for company");
                clock.advance(Duration::from_secs(600));
            }
            while model.stored() < before + 15 {
                look_on(&patron).await;
            }
        });
    }
}

#[test]
fn a_drain_that_began_before_the_network_was_told_goes_on_over_a_metered_one() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = with_company_to_come(folder.path(), &model, &clock, 15);
    model.fail("/v1/events", Fault::Unreachable);
    wait(async {
        let goes_on = async {
            until_it_failed(&patron).await;
            patron.set_network(Network::Metered).unwrap();
        };
        let (drained, ()) = tokio::join!(patron.drain(DAY, None), goes_on);
        assert!(drained.unwrap().done);
    });
}
