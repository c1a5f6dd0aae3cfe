//! What the log tells of refusals and of what a withdrawal purged.

use super::*;

#[test]
fn the_log_tells_the_first_refusal_of_each_purpose_and_reason() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let (patron, lines) = logged(config(folder.path()), &model, clock);
    let words = Engagement::Feedback { about: None, text: "a word".into() };
    for i in 0..100 {
        assert_eq!(patron.track(&saved(i)), Ok(Tracked::NotPermitted));
        assert_eq!(patron.track(&words), Ok(Tracked::NotPermitted));
    }
    let told = lines.of("track:");
    assert!(told.iter().all(|(level, line)| *level == Level::Warn && line.contains("no consent")), "{told:?}");
    assert_eq!(told.iter().map(|(_, line)| line.contains("engagement")).collect::<Vec<_>>(), [true, false]);
    assert!(told[1].1.contains("dialogue"));
    wait(patron.grant(vec![Purpose::Engagement])).unwrap();
    let holding =
        Arc::new(Holding { holds: Barrier::new(2), goes_on: Barrier::new(2), has_held: AtomicBool::new(false) });
    let _subscription = patron.subscribe(holding.clone());
    patron.set_network(Network::Offline).unwrap();
    holding.holds.wait();
    for _ in 0..2 {
        while patron.track(&saved(0)) != Ok(Tracked::Busy) {}
    }
    holding.goes_on.wait();
    let told = lines.of("track:");
    assert_eq!((told.len(), told[2].1.contains("engagement"), told[2].1.contains("diagnostics")), (3, true, true));
}

#[test]
fn what_a_withdrawal_purged_is_told_with_it() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = offline(config(folder.path()), &model, &clock);
    let installation = wait(patron.diagnostics()).unwrap().installation;
    track(&patron, (0..3).map(saved));
    wait(patron.withdraw(Purpose::Engagement)).unwrap();
    patron.set_network(Network::Unmetered).unwrap();
    assert!(wait(patron.drain(DAY, None)).unwrap().done);
    let held = model.0.lock().unwrap();
    let told = held.reports[&installation].account.clone().unwrap();
    assert_eq!((told.accepted, told.queued, told.purged["withdrawn"]), (3, 0, 3));
    assert!(held.batches.is_empty(), "no batch has said so");
}
