//! How the shopper's own rules stand, for whoever is to see and change them.

use super::*;

#[test]
fn what_was_seen_too_often_can_be_seen_and_taken_back() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), market(&json!([offer("a"), offer("b")])), clock());
    let patron = device(folder.path(), &model, &clock, &[]);
    act(&patron, ShopperAct::Rest { offer: "a".into() });
    act(&patron, ShopperAct::Rest { offer: "b".into() });
    let until = MONDAY_10 + 30 * 86_400_000;
    assert_eq!(patron.shopper_side().unwrap().resting, [("a".to_owned(), until), ("b".to_owned(), until)]);
    act(&patron, ShopperAct::Welcome(Refused::Offer { offer: "a".into() }));
    assert_eq!(patron.shopper_side().unwrap().resting, [("b".to_owned(), until)]);
    assert_eq!(asked(&patron), ["a"]);
    clock.advance(30 * 24 * HOUR);
    assert_eq!(patron.shopper_side().unwrap().resting, []);
}

#[test]
fn whoever_travels_has_quiet_hours_by_the_clock_of_there() {
    let (folder, model, clock) = (tempfile::tempdir().unwrap(), market(&json!([offer("a")])), clock());
    let patron = device(folder.path(), &model, &clock, &[]);
    act(&patron, ShopperAct::Quiet { from: "09:00".into(), to: "11:00".into() });
    assert_eq!(unasked(&patron), [""; 0], "ten in the morning in Helsinki");
    wait(patron.set_time_zone("America/New_York".into())).unwrap();
    assert_eq!(unasked(&patron), ["a"], "three in the night there");
    clock.advance(6 * HOUR);
    assert_eq!(unasked(&patron), [""; 0], "nine in the morning there");
    let refused = wait(patron.set_time_zone("Mars/Olympus".into()));
    assert!(matches!(refused, Err(Error::InvalidInput { ref what, .. }) if what == "time_zone"), "{refused:?}");
    clock.advance(2 * HOUR);
    assert_eq!(unasked(&patron), ["a"], "the zone of before stays");
}
