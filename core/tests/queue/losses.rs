//! What the queue gives up, and whom it tells of it.

use super::*;

#[test]
fn above_the_count_the_least_important_go_first_and_of_those_the_oldest() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = offline(Config { max_events: 20, ..config(folder.path()) }, &model, &clock);
    track(&patron, (0..10).map(seen).chain((0..10).map(saved)));
    track(&patron, (10..16).map(saved));
    let diagnostics = wait(patron.diagnostics()).unwrap();
    assert_eq!(lost(&diagnostics), [(Fate::Evicted, "count", 6)]);
    assert!(diagnostics.account.balances());
    patron.set_network(Network::Unmetered).unwrap();
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
    let held = model.0.lock().unwrap();
    let data: Vec<&str> = held.batches.iter().flat_map(|b| &b.events).map(|e| e.data.get()).collect();
    let kept_impressions: Vec<_> = held.batches[0].events.iter().filter(|e| e.kind.ends_with("impression")).collect();
    assert_eq!((data.len(), kept_impressions.len()), (20, 4));
    assert_eq!(kept_impressions[0].data.get(), r#"{"offer":"offer-6"}"#, "the oldest did not go first");
}

#[test]
fn above_the_bytes_events_are_given_up_too() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = offline(Config { max_bytes: 64 * 1024, ..config(folder.path()) }, &model, &clock);
    let large = |i: usize| Engagement::Custom {
        name: "large".into(),
        properties: [("text".to_owned(), format!("{i:0>8000}"))].into(),
    };
    track(&patron, (0..10).map(large));
    let diagnostics = wait(patron.diagnostics()).unwrap();
    assert!(diagnostics.queued_bytes <= 64 * 1024, "{diagnostics:?}");
    assert_eq!(lost(&diagnostics), [(Fate::Evicted, "bytes", 10 - diagnostics.account.queued)]);
    assert!(diagnostics.account.queued >= 7 && diagnostics.account.balances());
}

#[test]
fn the_backend_hears_of_every_loss_with_the_next_batch() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = offline(Config { max_events: 5, ..config(folder.path()) }, &model, &clock);
    track(&patron, (0..8).map(saved));
    patron.set_network(Network::Unmetered).unwrap();
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
    let held = model.0.lock().unwrap();
    let told = held.batches[0].account.as_ref().unwrap();
    assert_eq!((told.accepted, told.delivered, told.queued), (8, 0, 5));
    assert_eq!(told.evicted.iter().collect::<Vec<_>>(), [(&"count".to_owned(), &3)]);
    let sent = held.batches[0].sent_clock.unwrap();
    assert_eq!(sent.bootid, held.batches[0].events[0].bootid);
}

#[test]
fn every_loss_has_its_reason() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = offline(config(folder.path()), &model, &clock);
    track(&patron, (0..4).map(saved));
    wait(patron.withdraw(Purpose::Engagement)).unwrap();
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    track(&patron, (4..6).map(saved));
    wait(patron.sign_out()).unwrap();
    let diagnostics = wait(patron.diagnostics()).unwrap();
    assert_eq!(lost(&diagnostics), [(Fate::Purged, "signed_out", 2), (Fate::Purged, "withdrawn", 4)]);
    assert!(diagnostics.account.balances());
}

#[test]
fn a_dead_letter_that_is_withdrawn_is_purged_and_dead_no_more() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = open(folder.path(), &model, &clock);
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
    let refusal = r#"{"type":"/problems/malformed","title":"no","status":400}"#;
    (0..60).for_each(|_| model.fail("/v1/events", Fault::Answer(400, vec![], refusal)));
    track(&patron, [saved(0)]);
    patron.set_online(true).unwrap();
    wait(async {
        while patron.diagnostics().await.unwrap().account.queued > 0 {
            clock.advance(Duration::from_secs(300));
        }
    });
    assert_eq!(lost(&wait(patron.diagnostics()).unwrap()), [(Fate::Dead, "refused", 1)]);
    assert_eq!(wait(patron.withdraw(Purpose::Engagement)).unwrap().purged_events, 1);
    let diagnostics = wait(patron.diagnostics()).unwrap();
    assert_eq!(lost(&diagnostics), [(Fate::Purged, "withdrawn", 1)]);
    assert!(diagnostics.account.balances());
}
