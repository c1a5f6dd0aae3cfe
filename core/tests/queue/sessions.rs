//! When a session ends and another begins, and whose events share one.

use super::*;

#[test]
fn a_session_outlives_a_glance_elsewhere_and_not_half_an_hour() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = offline(config(folder.path()), &model, &clock);
    let away = |minutes: u64| {
        patron.set_foreground(false).unwrap();
        wait(patron.flush()).unwrap();
        clock.advance(Duration::from_secs(minutes * 60));
        patron.set_foreground(true).unwrap();
        wait(patron.diagnostics()).unwrap().session
    };
    let first = wait(patron.diagnostics()).unwrap().session;
    assert_eq!(away(29), first);
    let second = away(30);
    assert_ne!(second, first);
    track(&patron, [saved(0)]);
    patron.set_network(Network::Unmetered).unwrap();
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
    assert_eq!(model.0.lock().unwrap().batches[0].events[0].sessionid, second);
}

#[test]
fn the_next_shoppers_events_share_no_session_with_the_last_ones() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    for i in 0..2 {
        wait(patron.grant(vec![Purpose::Engagement])).unwrap();
        track(&patron, [saved(i)]);
        assert!(wait(patron.drain(DAY, None)).unwrap().done);
        wait(patron.sign_out()).unwrap();
    }
    let held = model.0.lock().unwrap();
    assert_ne!(held.batches[0].events[0].sessionid, held.batches[1].events[0].sessionid);
    assert_ne!(held.batches[0].installation, held.batches[1].installation);
}

#[test]
fn whoever_opens_the_app_long_after_its_process_began_begins_a_session() {
    for (minutes, is_new) in [(10, false), (31, true)] {
        let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
        let patron = offline(config(folder.path()), &model, &clock);
        let before = wait(patron.diagnostics()).unwrap().session;
        clock.advance(Duration::from_secs(minutes * 60));
        patron.set_foreground(true).unwrap();
        assert_eq!(wait(patron.diagnostics()).unwrap().session != before, is_new, "after {minutes} minutes");
    }
}

#[test]
fn an_app_that_was_in_sight_before_it_told_so_has_been_away_since_it_left() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = offline(config(folder.path()), &model, &clock);
    let before = wait(patron.diagnostics()).unwrap().session;
    clock.advance(Duration::from_secs(40 * 60));
    patron.set_foreground(false).unwrap();
    clock.advance(Duration::from_secs(60));
    patron.set_foreground(true).unwrap();
    assert_eq!(wait(patron.diagnostics()).unwrap().session, before);
}
