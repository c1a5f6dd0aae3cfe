//! What a phone would watch, when that is out of date, and who is looked for.

use super::*;

/// Keeps what was told.
#[derive(Default)]
struct Notes(std::sync::Mutex<Vec<Change>>);

impl Listener for Notes {
    fn changed(&self, changes: &[Change]) {
        self.0.lock().unwrap().extend_from_slice(changes);
    }
}

impl Notes {
    fn take(&self, which: impl Fn(&Change) -> bool) -> usize {
        std::mem::take(&mut *self.0.lock().unwrap()).iter().filter(|change| which(change)).count()
    }
}

#[test]
fn the_plan_is_made_around_the_last_position_and_is_out_of_date_beyond_its_circle() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = device(folder.path(), &model, &clock, &[]);
    let refused = wait(patron.plan(Limits::IOS)).unwrap_err();
    assert!(matches!(refused, Error::NotPermitted { purpose: Purpose::PreciseLocation }));
    wait(patron.grant(vec![Purpose::PreciseLocation])).unwrap();
    assert!(matches!(wait(patron.plan(Limits::IOS)), Err(Error::Unavailable { .. })), "before any position");
    stand(&patron, &clock, (60.0, 24.9), 10.0);
    let plan = wait(patron.plan(Limits { regions: 2, ..Limits::IOS })).unwrap();
    assert_eq!((plan.regions.len(), plan.looking), (2, None));
    assert_eq!(plan.regions.iter().map(|region| region.places.len()).sum::<usize>() + plan.outside as usize, 10);
    assert!(plan.next_fix >= Duration::from_secs(60));
    let wake = wait(patron.woke(plan.regions[0].id.clone())).unwrap();
    assert!(wake.look);
    assert!(patron.visits().is_empty(), "a wake makes no visit");

    let notes = Arc::new(Notes::default());
    let _listening = patron.subscribe(notes.clone());
    let out = |change: &Change| matches!(change, Change::Plan);
    stand(&patron, &clock, (60.0, 24.9), 10.0);
    wait(patron.ready()).unwrap();
    assert_eq!(notes.take(out), 0, "still within");
    let beyond = plan.safe.latitude - (plan.safe.radius_m + 500.0) / 111_000.0;
    for _ in 0..3 {
        stand(&patron, &clock, (beyond, 24.9), 10.0);
    }
    wait(patron.ready()).unwrap();
    assert_eq!(notes.take(out), 1, "told once");
    let next = wait(patron.plan(Limits::IOS)).unwrap();
    assert!((next.safe.latitude - beyond).abs() < 1e-9);
}

#[test]
fn a_plan_around_a_position_of_long_ago_says_that_positions_are_needed() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = device(folder.path(), &model, &clock, &[Purpose::PreciseLocation]);
    stand(&patron, &clock, (60.0, 24.9), 10.0);
    assert_eq!(wait(patron.plan(Limits::IOS)).unwrap().looking, None);
    // Two hours at a run are further than the stores of the town are away.
    clock.advance(Duration::from_secs(2 * 3_600));
    let plan = wait(patron.plan(Limits::IOS)).unwrap();
    assert!(plan.looking.is_some() && !plan.regions.is_empty(), "{plan:?}");
    stand(&patron, &clock, (60.0, 24.9), 10.0);
    assert_eq!(wait(patron.plan(Limits::IOS)).unwrap().looking, None);
    // An arrival is kept with the position that it follows from; then the phone was off: for how long, nobody knows.
    for _ in 0..4 {
        stand(&patron, &clock, MARKET_AT, 5.0);
    }
    assert_eq!(patron.visits().len(), 1);
    drop(patron);
    clock.reboot();
    let patron = open(folder.path(), &model, &clock);
    wait(patron.ready()).unwrap();
    assert_eq!(wait(patron.plan(Limits::IOS)).unwrap().looking, Some(Looking::Unsure));
}

#[test]
fn whoever_left_the_safe_circle_and_was_not_found_is_planned_around_nowhere() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = device(folder.path(), &model, &clock, &[Purpose::PreciseLocation]);
    stand(&patron, &clock, (60.0, 24.9), 10.0);
    assert_eq!(wait(patron.plan(Limits::IOS)).unwrap().looking, None);
    // By train: some minutes at a run would not be far enough to doubt the plan.
    clock.advance(Duration::from_secs(300));
    assert!(wait(patron.woke("safe".to_owned())).unwrap().replan);
    assert_eq!(wait(patron.plan(Limits::IOS)).unwrap().looking, Some(Looking::Unsure), "the look found nobody");
    // Of a kilometre, in a tunnel: no position to go by.
    stand(&patron, &clock, (60.1, 24.9), 1_000.0);
    assert_eq!(wait(patron.plan(Limits::IOS)).unwrap().looking, Some(Looking::Unsure));
    stand(&patron, &clock, (60.0, 24.8), 10.0);
    assert_eq!(wait(patron.plan(Limits::IOS)).unwrap().looking, None);
}

#[test]
fn whoever_comes_into_a_region_and_not_yet_to_its_place_is_looked_for() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = device(folder.path(), &model, &clock, &[Purpose::PreciseLocation]);
    stand(&patron, &clock, (60.0, 24.9), 10.0);
    let limits = Limits { least_radius_m: 150.0, ..Limits::IOS };
    let plan = wait(patron.plan(limits)).unwrap();
    assert_eq!(plan.looking, None);
    let notes = Arc::new(Notes::default());
    let _listening = patron.subscribe(notes.clone());
    // The platform watches a larger circle than the market: its one wake finds nobody there.
    let wake = wait(patron.woke(format!("fence:{MARKET}"))).unwrap();
    assert!(wake.look && !wake.replan);
    let before_the_door = (MARKET_AT.0 - 120.0 / 111_000.0, MARKET_AT.1);
    assert!(stand(&patron, &clock, before_the_door, 5.0).is_empty());
    wait(patron.ready()).unwrap();
    assert_eq!(notes.take(|change| matches!(change, Change::Plan)), 1, "nothing else would wake anyone");
    assert_eq!(wait(patron.plan(limits)).unwrap().looking, Some(Looking::InRegion));
    assert!(wait(patron.next_fix()).unwrap() <= Duration::from_secs(60));
}

#[test]
fn looking_ends_with_the_first_plan_that_does_without() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = device(folder.path(), &model, &clock, &[Purpose::PreciseLocation]);
    stand(&patron, &clock, MARKET_AT, 30.0);
    let plan = wait(patron.plan(Limits::IOS)).unwrap();
    assert_eq!(plan.looking, Some(Looking::InRegion), "at the edge of what may be a region already");
    assert!(wait(patron.next_fix()).unwrap() <= Duration::from_secs(10));
    let notes = Arc::new(Notes::default());
    let _listening = patron.subscribe(notes.clone());
    stand(&patron, &clock, (60.10, 24.9525), 10.0);
    wait(patron.ready()).unwrap();
    assert_eq!(notes.take(|change| matches!(change, Change::Plan)), 1);
    assert_eq!(wait(patron.plan(Limits::IOS)).unwrap().looking, None);
    drop(patron);
    let patron = open(folder.path(), &model, &clock);
    let wake = wait(patron.woke("fence:lumi-market".into())).unwrap();
    assert!(wake.look && wake.replan, "after a restart nothing is known of regions");
}

#[test]
fn whoever_comes_near_is_told_of_once() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), Model::town(), clock());
    let patron = device(folder.path(), &model, &clock, &[Purpose::PreciseLocation]);
    let notes = Arc::new(Notes::default());
    let _listening = patron.subscribe(notes.clone());
    stand(&patron, &clock, (60.1625, 24.9525), 5.0);
    assert!(patron.approaching().is_empty());
    for _ in 0..3 {
        stand(&patron, &clock, (60.1665, 24.9525), 5.0);
    }
    wait(patron.ready()).unwrap();
    assert_eq!(patron.approaching(), [MARKET]);
    assert_eq!(notes.take(|change| *change == Change::Approaching(MARKET.to_owned())), 1);
}
