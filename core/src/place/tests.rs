//! What the tracker promises, on walks that the tests make up.

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::clock::Now;
use crate::consent::{Gate, PurposeKind};

const BOOT: Uuid = Uuid::from_u128(7);
pub(super) const T0: i64 = 1_790_000_000_000;

/// Metres of latitude in a degree at 60° north; longitudes are not moved in these tests.
const DEGREE_M: f64 = 111_412.0;

pub(super) fn shop(id: &str, north_m: f64, radius_m: f64) -> Place {
    let circle = Circle { latitude: 60.0 + north_m / DEGREE_M, longitude: 25.0, radius_m };
    Place::new(id, format!("Shop {id}"), circle)
}

/// A tracker with a clock and ids of its own.
pub(super) struct Walk {
    pub(super) tracker: VisitTracker,
    pub(super) now: Now,
    ids: u128,
    mock: bool,
}

impl Walk {
    pub(super) fn among(places: Vec<Place>) -> Self {
        Self {
            tracker: VisitTracker::new(places),
            now: Now { wall_ms: T0, mono_ms: 1_000, boot: BOOT },
            ids: 0,
            mock: false,
        }
    }

    pub(super) fn wait(&mut self, seconds: u64) -> &mut Self {
        self.now.wall_ms += seconds as i64 * 1_000;
        self.now.mono_ms += seconds * 1_000;
        self
    }

    pub(super) fn fix(&mut self, north_m: f64, accuracy_m: f64) -> Vec<(TransitionKind, String)> {
        self.see(north_m, accuracy_m, 0).into_iter().map(|t| (t.kind, t.place)).collect()
    }

    pub(super) fn see(&mut self, north_m: f64, accuracy_m: f64, age_ms: u64) -> Vec<Transition> {
        let input = FixInput {
            latitude: 60.0 + north_m / DEGREE_M,
            longitude: 25.0,
            accuracy_m: Some(accuracy_m),
            age_ms,
            mock: self.mock,
        };
        let gate = Gate::new(1, [PurposeKind::PreciseLocation]);
        let fix = Fix::new(input, self.now).unwrap();
        let ids = &mut self.ids;
        self.tracker.update(&gate.permit().unwrap(), &fix, &mut |_| {
            *ids += 1;
            Uuid::from_u128(*ids)
        })
    }

    /// Walks from one distance to another at `speed`, a fix each `step_s`, and tells what happened.
    pub(super) fn walk(
        &mut self,
        from_m: f64,
        to_m: f64,
        speed: f64,
        step_s: u64,
        accuracy_m: f64,
    ) -> Vec<(TransitionKind, String)> {
        let steps = ((to_m - from_m).abs() / speed / step_s as f64).ceil() as usize;
        let mut told = Vec::new();
        for step in 0..=steps {
            let at = from_m + (to_m - from_m) * step as f64 / steps as f64;
            told.extend(self.wait(step_s).fix(at, accuracy_m));
        }
        told
    }

    pub(super) fn restart(&mut self) {
        let state = serde_json::from_str(&serde_json::to_string(self.tracker.state()).unwrap()).unwrap();
        let (tracker, left) = VisitTracker::restore(self.tracker.places().to_vec(), state, &self.now);
        assert!(left.is_empty(), "a restart leaves no place: {left:?}");
        assert_eq!(tracker.visits(), self.tracker.visits(), "a restart loses nothing");
        self.tracker = tracker;
    }
}

pub(super) fn told(kind: TransitionKind, place: &str) -> (TransitionKind, String) {
    (kind, place.to_owned())
}

use TransitionKind::{Dwelt, Entered, Left, Passed};

#[test]
fn a_shopper_who_comes_stays_and_goes_is_told_once_of_each() {
    let mut walk = Walk::among(vec![shop("a", 0.0, 60.0)]);
    assert_eq!(walk.walk(-300.0, 0.0, 1.4, 5, 12.0), [told(Entered, "a")]);
    assert_eq!(walk.wait(200).fix(3.0, 12.0), [told(Dwelt, "a")]);
    assert_eq!(walk.tracker.visits()[0].phase, VisitPhase::Dwelling);
    assert_eq!(walk.walk(0.0, 300.0, 1.4, 5, 12.0), [told(Left, "a")]);
    assert!(walk.tracker.visits().is_empty());
}

#[test]
fn the_first_fix_in_the_middle_of_a_shop_is_an_arrival() {
    let mut walk = Walk::among(vec![shop("a", 0.0, 60.0)]);
    assert_eq!(walk.fix(5.0, 10.0), [told(Entered, "a")]);
}

#[test]
fn an_unsure_arrival_takes_two_fixes() {
    let mut walk = Walk::among(vec![shop("a", 0.0, 60.0)]);
    assert_eq!(walk.fix(30.0, 30.0), []);
    assert_eq!(walk.wait(10).fix(28.0, 30.0), [told(Entered, "a")]);
}

#[test]
fn a_poor_fix_never_makes_an_exit() {
    let mut walk = Walk::among(vec![shop("a", 0.0, 60.0)]);
    walk.fix(0.0, 8.0);
    for _ in 0..50 {
        assert_eq!(walk.wait(30).fix(900.0, 800.0).iter().filter(|(kind, _)| *kind == Left).count(), 0);
    }
    assert_eq!(walk.tracker.visits().len(), 1);
    assert_eq!(walk.tracker.ignored().poor, 50);
}

#[test]
fn one_wild_fix_is_no_exit() {
    let mut walk = Walk::among(vec![shop("a", 0.0, 60.0)]);
    walk.walk(-100.0, 0.0, 1.4, 5, 8.0);
    assert_eq!(walk.wait(5).fix(400.0, 8.0), []);
    assert_eq!(walk.wait(5).fix(2.0, 8.0), []);
    assert_eq!(walk.tracker.visits()[0].phase, VisitPhase::Inside);
}

#[test]
fn a_fence_between_two_fixes_was_passed() {
    let mut walk = Walk::among(vec![shop("a", 0.0, 40.0), shop("b", 2_000.0, 40.0)]);
    assert_eq!(walk.fix(-400.0, 8.0), []);
    assert_eq!(walk.wait(60).fix(400.0, 8.0), [told(Passed, "a")]);
    assert_eq!(walk.wait(100).fix(4_000.0, 8.0), [told(Passed, "b")]);
}

#[test]
fn a_jump_over_a_fence_is_no_crossing() {
    let mut walk = Walk::among(vec![shop("a", 0.0, 40.0)]);
    walk.fix(-4_000.0, 8.0);
    assert_eq!(walk.wait(10).fix(4_000.0, 8.0), [], "800 m/s");
    assert_eq!(walk.wait(3_600).fix(-4_000.0, 8.0), [], "an hour in which anything may have happened");
}

#[test]
fn a_small_shop_at_walking_speed_is_not_missed() {
    for (radius, accuracy, step) in
        [(15.0, 7.5, 10), (45.0, 22.0, 10), (100.0, 50.0, 10), (25.0, 8.0, 5), (40.0, 20.0, 30)]
    {
        let mut walk = Walk::among(vec![shop("a", 0.0, radius)]);
        let seen = walk.walk(-400.0, 400.0, 1.4, step, accuracy);
        let kinds: Vec<TransitionKind> = seen.iter().map(|(kind, _)| *kind).collect();
        assert!(matches!(kinds[..], [Entered, Left] | [Passed]), "r {radius}, accuracy {accuracy}: {kinds:?}");
    }
}

#[test]
fn a_stay_becomes_a_dwell_without_any_fix() {
    let mut walk = Walk::among(vec![shop("a", 0.0, 60.0)]);
    walk.fix(0.0, 8.0);
    assert_eq!(walk.tracker.deadline(&walk.now), Some(T0 + 180_000));
    walk.wait(179);
    assert_eq!(walk.tracker.expire(walk.now), []);
    walk.wait(11);
    let dwelt = walk.tracker.expire(walk.now);
    assert_eq!(dwelt.iter().map(|t| (t.kind, t.at_ms)).collect::<Vec<_>>(), [(Dwelt, T0 + 180_000)]);
    assert_eq!(walk.tracker.expire(walk.now), [], "once");
}

/// A fence of 60 m, entered at T0 in its middle, and a dwell due at T0 + 180 s. Fixes of 8 m: at
/// 64 m, 0.75 standard deviations outside; at 72 m, 2.3.
#[test]
fn whoever_hovers_at_the_edge_and_has_not_left_has_stayed_by_the_deadline() {
    let hovers: [&[(u64, f64)]; 6] = [
        &[(10, 64.0)],
        &[(170, 69.0)],
        &[(60, 62.0), (10, 66.0), (10, 58.0), (10, 68.0)],
        &[(100, 64.0), (20, 64.0), (20, 64.0), (20, 64.0)],
        &[(150, 72.0), (10, 66.0)],
        &[(10, 64.0), (10, 40.0), (10, 64.0)],
    ];
    for hover in hovers {
        let mut walk = Walk::among(vec![shop("a", 0.0, 60.0)]);
        walk.fix(0.0, 8.0);
        for (wait_s, north_m) in hover {
            assert_eq!(walk.wait(*wait_s).fix(*north_m, 8.0), [], "{hover:?}");
        }
        assert_eq!(walk.tracker.visits().len(), 1, "has not left: {hover:?}");
        assert_eq!(walk.tracker.deadline(&walk.now), Some(T0 + 180_000), "{hover:?}");
        walk.restart();
        walk.wait(200);
        let dwelt = walk.tracker.expire(walk.now);
        assert_eq!(dwelt.iter().map(|t| (t.kind, t.at_ms)).collect::<Vec<_>>(), [(Dwelt, T0 + 180_000)], "{hover:?}");
        assert_eq!(walk.tracker.expire(walk.now), [], "once");
        assert_eq!(walk.tracker.visits()[0].phase, VisitPhase::Dwelling);
    }
}

#[test]
fn after_a_fix_surely_outside_the_next_one_decides_whether_it_was_a_stay() {
    for (then_m, expected) in [(58.0, vec![(Dwelt, T0 + 180_000)]), (80.0, vec![(Left, T0 + 200_000)])] {
        let mut walk = Walk::among(vec![shop("a", 0.0, 60.0)]);
        walk.fix(0.0, 8.0);
        assert_eq!(walk.wait(170).fix(72.0, 8.0), []);
        walk.restart();
        walk.wait(20);
        assert_eq!(walk.tracker.expire(walk.now), [], "nobody knows");
        let mut seen = walk.wait(10).see(then_m, 8.0, 0);
        seen.extend(walk.tracker.expire(walk.now));
        assert_eq!(seen.iter().map(|t| (t.kind, t.at_ms)).collect::<Vec<_>>(), expected);
    }
}

#[test]
fn who_left_before_the_deadline_has_not_dwelt_however_late_that_is_heard() {
    let mut walk = Walk::among(vec![shop("a", 0.0, 60.0)]);
    walk.fix(0.0, 8.0);
    walk.wait(100).fix(90.0, 8.0);
    // Taken at 170 s, and handed over a minute later.
    walk.wait(130);
    let seen: Vec<_> = walk.see(90.0, 8.0, 60_000).iter().map(|t| (t.kind, t.at_ms)).collect();
    assert_eq!(seen, [(Left, T0 + 170_000)]);
    assert_eq!(walk.tracker.deadline(&walk.now), None);
}

#[test]
fn an_exit_that_is_heard_after_its_dwell_was_told_comes_no_earlier_than_that() {
    let mut walk = Walk::among(vec![shop("a", 0.0, 60.0)]);
    walk.fix(0.0, 8.0);
    walk.wait(140).fix(68.0, 8.0);
    walk.wait(90);
    assert_eq!(walk.tracker.expire(walk.now).len(), 1, "a dwell at 180 s");
    walk.restart();
    let seen: Vec<_> = walk.see(95.0, 8.0, 55_000).iter().map(|t| (t.kind, t.at_ms)).collect();
    assert_eq!(seen, [(Left, T0 + 180_000)], "at 175 s");
}

#[test]
fn a_visit_unseen_for_hours_is_over() {
    let mut walk = Walk::among(vec![shop("a", 0.0, 60.0)]);
    walk.fix(0.0, 8.0);
    walk.wait(7 * 3_600);
    let over: Vec<_> = walk.tracker.expire(walk.now).iter().map(|t| (t.kind, t.at_ms)).collect();
    assert_eq!(over, [(Dwelt, T0 + 180_000), (Left, T0 + 180_000)]);
    assert_eq!(walk.tracker.deadline(&walk.now), None);
}

#[test]
fn setting_the_clock_changes_neither_order_nor_dwell() {
    let mut walk = Walk::among(vec![shop("a", 0.0, 60.0)]);
    walk.fix(0.0, 8.0);
    walk.wait(60).now.wall_ms -= 86_400_000;
    assert_eq!(walk.fix(1.0, 8.0), []);
    assert_eq!(walk.tracker.deadline(&walk.now), Some(walk.now.wall_ms + 120_000));
    walk.wait(120);
    assert_eq!(walk.fix(1.0, 8.0), [told(Dwelt, "a")]);
    assert_eq!(walk.tracker.ignored(), Ignored::default());
}

#[test]
fn a_reboot_during_a_visit_goes_on_by_the_wall_clock() {
    let mut walk = Walk::among(vec![shop("a", 0.0, 60.0)]);
    walk.fix(0.0, 8.0);
    walk.restart();
    walk.now = Now { wall_ms: T0 + 200_000, mono_ms: 20, boot: Uuid::from_u128(8) };
    assert_eq!(walk.fix(0.0, 8.0), [told(Dwelt, "a")]);
}

#[test]
fn a_reboot_with_the_clock_set_back_closes_nothing_and_counts_the_stay_anew() {
    let mut walk = Walk::among(vec![shop("a", 0.0, 60.0)]);
    walk.fix(0.0, 8.0);
    walk.now = Now { wall_ms: T0 - 86_400_000, mono_ms: 20, boot: Uuid::from_u128(8) };
    assert_eq!(walk.fix(0.0, 8.0), []);
    walk.wait(180);
    assert_eq!(walk.tracker.expire(walk.now).len(), 1);
}

#[test]
fn what_is_old_or_out_of_order_changes_nothing() {
    let mut walk = Walk::among(vec![shop("a", 0.0, 60.0)]);
    walk.wait(3_600).fix(0.0, 8.0);
    let before = walk.tracker.visits();
    assert!(walk.see(500.0, 8.0, 0).is_empty(), "the same moment");
    assert!(walk.wait(5).see(500.0, 8.0, 10_000).is_empty(), "before the last one");
    assert!(walk.wait(1_200).see(500.0, 8.0, 600_000).is_empty(), "ten minutes old");
    assert_eq!(walk.tracker.ignored(), Ignored { poor: 0, stale: 1, out_of_order: 2 });
    assert_eq!(walk.tracker.visits(), before);
}

#[test]
fn who_is_there_when_first_looked_has_not_arrived() {
    let mut walk = Walk::among(vec![shop("a", 0.0, 60.0)]);
    let found = walk.see(0.0, 8.0, 0);
    assert!(found[0].initial && walk.tracker.visits()[0].initial);
    let left = walk.walk(0.0, 300.0, 1.4, 5, 8.0);
    assert_eq!(left, [told(Left, "a")]);
    walk.walk(300.0, 60.0, 1.4, 5, 8.0);
    let entered = (0..20).flat_map(|_| walk.wait(5).see(20.0, 8.0, 0)).next().unwrap();
    assert!(entered.kind == Entered && !entered.initial);
    // Unsure at first, and there all the same.
    let mut unsure = Walk::among(vec![shop("a", 0.0, 60.0)]);
    unsure.fix(30.0, 40.0);
    assert!(unsure.wait(10).see(10.0, 8.0, 0)[0].initial);
}

#[test]
fn a_position_that_someone_made_up_says_so_to_the_end() {
    let mut walk = Walk::among(vec![shop("a", 0.0, 60.0)]);
    walk.mock = true;
    assert!(walk.see(0.0, 8.0, 0)[0].mock);
    walk.mock = false;
    walk.wait(180);
    assert!(walk.tracker.expire(walk.now)[0].mock, "the visit began with it");
}

#[test]
fn a_place_that_moved_is_judged_by_the_next_fix() {
    let mut walk = Walk::among(vec![shop("a", 0.0, 60.0)]);
    walk.fix(0.0, 8.0);
    assert_eq!(walk.tracker.swap_catalogue(vec![shop("a", 900.0, 60.0)], &walk.now), []);
    let seen: Vec<_> = (0..10).flat_map(|_| walk.wait(10).fix(0.0, 8.0)).collect();
    assert_eq!(seen, [told(Left, "a")]);
}

#[test]
fn state_that_an_earlier_version_stored_is_read() {
    let stored = r#"{"last":{"at":{"wall_ms":1,"mono_ms":1,"boot":"00000000-0000-0000-0000-000000000007"},
        "latitude":60.0,"longitude":25.0,"accuracy_m":8.0},"near":{"a":{"evidence":{"mean":4.0,"inside":1,"outside":0},
        "phase":{"inside":{"id":"00000000-0000-0000-0000-000000000001","place_name":"Shop a","partner":null,
        "entered_at_ms":1,"since":{"wall_ms":1,"mono_ms":1,"boot":"00000000-0000-0000-0000-000000000007"},
        "seen":{"wall_ms":1,"mono_ms":1,"boot":"00000000-0000-0000-0000-000000000007"},"dwelt":false}},
        "approach":null}},"ignored":{"poor":0,"stale":0,"out_of_order":0}}"#;
    let state = serde_json::from_str(stored).unwrap();
    let now = Now { wall_ms: 2, mono_ms: 2, boot: BOOT };
    let (tracker, left) = VisitTracker::restore(vec![shop("a", 0.0, 60.0)], state, &now);
    assert!(left.is_empty() && tracker.visits().len() == 1);
}

#[test]
fn a_place_that_is_no_longer_published_is_left() {
    let mut walk = Walk::among(vec![shop("a", 0.0, 60.0), shop("b", 0.0, 90.0)]);
    walk.fix(0.0, 8.0);
    let left = walk.tracker.swap_catalogue(vec![shop("b", 0.0, 90.0)], &walk.now);
    assert_eq!(
        left.iter().map(|t| (t.kind, t.place.as_str(), t.place_name.as_str())).collect::<Vec<_>>(),
        [(Left, "a", "Shop a")]
    );
    assert_eq!(walk.tracker.visits().len(), 1);
}

#[test]
fn forgetting_leaves_nothing() {
    let mut walk = Walk::among(vec![shop("a", 0.0, 60.0)]);
    walk.fix(0.0, 8.0);
    assert_eq!(walk.tracker.forget(Witness::Position), 1);
    assert_eq!(walk.tracker.state(), &TrackerState::default());
}

#[test]
fn a_replay_tells_of_the_same_events() {
    let run = || {
        let mut walk = Walk::among(vec![shop("a", 0.0, 60.0)]);
        let entered = walk.see(0.0, 8.0, 0);
        walk.wait(200);
        [entered, walk.tracker.expire(walk.now)].concat()
    };
    let (first, second) = (run(), run());
    assert_eq!(first, second);
    assert!(first.iter().all(|t| t.event.is_some_and(|id| id.get_version_num() == 8)));
    assert_ne!(first[0].event, first[1].event);
}

#[test]
fn the_state_holds_only_what_is_near() {
    let mut walk = Walk::among((0..200).map(|i| shop(&format!("{i:03}"), f64::from(i) * 500.0, 60.0)).collect());
    walk.walk(-300.0, 5_000.0, 1.4, 10, 8.0);
    assert!(serde_json::to_string(walk.tracker.state()).unwrap().len() < 1_500);
}

proptest! {
    /// Any fixes at all, good and bad, with restarts: visits stay well formed.
    #[test]
    fn visits_are_entered_once_and_left_at_most_once(
        fixes in prop::collection::vec((-200.0..200.0f64, 1.0..400.0f64, 0u64..400, 0u64..2, prop::bool::weighted(0.05)), 1..200),
    ) {
        let mut walk = Walk::among(vec![shop("a", 0.0, 60.0), shop("b", 90.0, 25.0), shop("c", -60.0, 15.0)]);
        let mut open = std::collections::BTreeMap::new();
        let mut events = std::collections::BTreeSet::new();
        for (north_m, accuracy_m, wait_s, late, restart) in fixes {
            walk.wait(wait_s);
            if restart {
                walk.restart();
            }
            for transition in walk.see(north_m, accuracy_m, late * 4_000) {
                if let Some(event) = transition.event {
                    prop_assert!(events.insert(event), "an event twice");
                }
                match transition.kind {
                    Entered => prop_assert!(open.insert(transition.place, transition.visit).is_none(), "entered while in"),
                    Dwelt => prop_assert_eq!(open.get(&transition.place), Some(&transition.visit), "dwelt while out"),
                    Left => prop_assert_eq!(open.remove(&transition.place), Some(transition.visit), "left while out"),
                    Passed => prop_assert!(!open.contains_key(&transition.place), "passed while in"),
                }
                prop_assert!(transition.kind != Left || accuracy_m <= 200.0, "a poor fix made an exit");
            }
            let visits: Vec<_> = walk.tracker.visits().into_iter().map(|v| (v.place, v.id)).collect();
            prop_assert_eq!(visits, open.clone().into_iter().collect::<Vec<_>>());
        }
    }

    /// However often anyone asks, a visit has the same turns at the same times. A dwell is told of
    /// each that was open at its deadline, but where all fixes from before it to the one that confirmed
    /// the exit were surely outside; and of no other.
    #[test]
    fn a_dwell_is_told_of_every_visit_that_was_open_at_its_deadline_and_of_no_other(
        fixes in prop::collection::vec((0.0..110.0f64, 3.0..60.0f64, 1u64..90), 1..80),
    ) {
        let run = |asking_s: u64| {
            let mut walk = Walk::among(vec![shop("a", 0.0, 60.0)]);
            let (mut told, mut surely_outside) = (Vec::new(), Vec::new());
            for (north_m, accuracy_m, wait_s) in &fixes {
                let mut left_s = *wait_s;
                while asking_s > 0 && left_s > asking_s {
                    walk.wait(asking_s);
                    left_s -= asking_s;
                    told.extend(walk.tracker.expire(walk.now));
                }
                told.extend(walk.wait(left_s).see(*north_m, *accuracy_m, 0));
                surely_outside.push((walk.now.wall_ms, (60.0 - north_m) * 1.51 / accuracy_m <= -1.99));
            }
            walk.wait(7 * 3_600);
            told.extend(walk.tracker.expire(walk.now));
            (told, surely_outside)
        };
        let (told, surely_outside) = run(0);
        prop_assert_eq!(&told, &run(1).0);
        let mut entered = std::collections::BTreeMap::new();
        let mut dwelt = std::collections::BTreeSet::new();
        for turn in &told {
            match turn.kind {
                Entered => drop(entered.insert(turn.visit, turn.at_ms)),
                Dwelt => {
                    prop_assert_eq!(turn.at_ms, entered[&turn.visit] + 180_000);
                    dwelt.insert(turn.visit);
                }
                Left => {
                    let due_ms = entered[&turn.visit] + 180_000;
                    let before_exit = &surely_outside[..surely_outside.partition_point(|fix| fix.0 < turn.at_ms)];
                    let last = before_exit.iter().rposition(|(at_ms, _)| *at_ms <= due_ms).unwrap_or(0);
                    let gone = before_exit[last..].iter().all(|fix| fix.1);
                    let stayed = turn.at_ms >= due_ms;
                    prop_assert!(stayed || !dwelt.contains(&turn.visit), "dwelt and left before");
                    prop_assert!(!stayed || gone || dwelt.contains(&turn.visit), "no dwell");
                }
                Passed => {}
            }
        }
    }
}
