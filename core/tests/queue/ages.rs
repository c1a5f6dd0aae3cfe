//! What is too old to be sent, by clocks that nobody can set.

use super::*;

#[test]
fn after_a_month_on_the_phone_an_event_is_given_up() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = offline(config(folder.path()), &model, &clock);
    track(&patron, (0..3).map(saved));
    clock.advance(31 * DAY);
    track(&patron, (3..5).map(saved));
    patron.set_network(Network::Unmetered).unwrap();
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
    let diagnostics = wait(patron.diagnostics()).unwrap();
    assert_eq!((diagnostics.account.delivered, lost(&diagnostics)), (2, vec![(Fate::Evicted, "age", 3)]));
}

#[test]
fn an_event_whose_answer_was_lost_is_given_up_after_a_month_and_never_sent_again() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = offline(config(folder.path()), &model, &clock);
    track(&patron, (0..3).map(saved));
    wait(patron.flush()).unwrap();
    model.fail("/v1/events", Fault::LostReply);
    patron.set_network(Network::Unmetered).unwrap();
    wait(async {
        while model.stored() < 3 || patron.diagnostics().await.unwrap().last_error.is_none() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    patron.set_network(Network::Offline).unwrap();
    clock.advance(31 * DAY);
    track(&patron, (3..5).map(saved));
    patron.set_network(Network::Unmetered).unwrap();
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
    let diagnostics = wait(patron.diagnostics()).unwrap();
    assert_eq!((diagnostics.account.delivered, lost(&diagnostics)), (2, vec![(Fate::Evicted, "age", 3)]));
    let held = model.0.lock().unwrap();
    assert_eq!((held.events.len(), held.duplicates), (5, 0));
}

#[test]
fn on_a_phone_that_is_never_online_events_go_after_a_month_all_the_same() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = offline(config(folder.path()), &model, &clock);
    track(&patron, (0..3).map(saved));
    wait(patron.flush()).unwrap();
    clock.advance(31 * DAY);
    let diagnostics = wait(patron.diagnostics()).unwrap();
    assert_eq!((diagnostics.account.queued, lost(&diagnostics)), (0, vec![(Fate::Evicted, "age", 3)]));
}

#[test]
fn after_a_restart_one_old_event_at_most_is_sent_before_the_backend_has_told_the_time() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = offline(config(folder.path()), &model, &clock);
    track(&patron, (0..10).map(saved));
    patron.close();
    clock.reboot();
    clock.advance(31 * DAY);
    model.0.lock().unwrap().server_time = Some("2026-12-24T08:00:00Z".to_owned());
    let patron = offline(config(folder.path()), &model, &clock);
    track(&patron, (10..12).map(saved));
    patron.set_network(Network::Unmetered).unwrap();
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
    let diagnostics = wait(patron.diagnostics()).unwrap();
    assert_eq!((diagnostics.account.delivered, lost(&diagnostics)), (3, vec![(Fate::Evicted, "age", 9)]));
}

#[test]
fn a_clock_that_is_set_ahead_by_months_costs_no_event() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = offline(config(folder.path()), &model, &clock);
    track(&patron, (0..3).map(saved));
    clock.set_wall(MONDAY_10 + 300 * 86_400_000);
    track(&patron, (3..5).map(saved));
    patron.close();
    // The same after a restart of the phone: nobody knows how long it was off.
    clock.reboot();
    let patron = offline(config(folder.path()), &model, &clock);
    patron.set_network(Network::Unmetered).unwrap();
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
    assert_eq!(wait(patron.diagnostics()).unwrap().account.delivered, 5);
}

#[test]
fn on_a_phone_that_does_nothing_events_go_after_a_month_all_the_same() {
    let (folder, model) = (tempfile::tempdir().unwrap(), Model::town());
    let clock = Arc::new(Drawer(ManualClock::at(MONDAY_10), AtomicBool::new(false)));
    let (patron, lines) = logged(config(folder.path()), &model, clock.clone());
    patron.set_network(Network::Offline).unwrap();
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    track(&patron, (0..3).map(saved));
    clock.1.store(true, Ordering::SeqCst);
    // The last thing that anyone does.
    track(&patron, [saved(3)]);
    wait(async {
        while lines.of("queue: given up").is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    let given_up = lines.of("queue: given up");
    assert!(given_up[0].1.ends_with("4 for age"), "{given_up:?}");
}
