//! The shopper's rules on several devices: they come to the same on all, and no device takes back another's no.

use fastrand::Rng;
use proptest::collection::btree_map;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::quieter::{DAY_MINUTES, quiet, quiet_in_both};
use super::*;

const NOW: i64 = 1_795_420_800_000;

const NOTHING: (&Moments, &Wishes, &Saved) = (&Moments::NEW, &Wishes::NEW, &Saved::NEW);

// -- the rule, entry by entry --

/// An entry of a kind: what devices write, and for some what no version of them does.
fn entry(kind: &'static str, id: &'static str) -> impl Strategy<Value = Value> {
    let values = match (kind, id) {
        ("rules", "quiet") => vec![json!(["21:00", "08:00"]), json!(["09:00", "21:00"]), json!(["00:00", "24:00"])],
        ("rules", "daily") => vec![json!(1), json!(3), json!(9)],
        ("rules", "snoozed_until_ms") | ("resting", _) => vec![json!(NOW + 1), json!(NOW + 5), json!("soon")],
        ("wishes", _) => vec![
            json!({ "topics": [], "until_ms": null }),
            json!({ "topics": ["tea"], "until_ms": NOW + 5 }),
            json!({ "topics": [], "until_ms": NOW + 9 }),
            json!(7),
        ],
        ("saved", _) => vec![
            json!({ "at_ms": 1, "here": true, "before_h": 4 }),
            json!({ "at_ms": 2, "here": false, "before_h": null }),
            json!({ "at_ms": 2, "here": false, "before_h": 24 }),
        ],
        ("moods", _) => vec![json!({ "loud": 1 }), json!([1, 2])],
        _ => vec![json!(true)],
    };
    select(values)
}

const PLACES: [(&str, &str); 10] = [
    ("rules", "quiet"),
    ("rules", "daily"),
    ("rules", "snoozed_until_ms"),
    ("rules", "only_when_asked"),
    ("partners", "kelo"),
    ("topics", "coffee"),
    ("resting", "cup"),
    ("wishes", "trail shoes"),
    ("saved", "cup"),
    ("moods", "of a later version"),
];

fn document() -> impl Strategy<Value = Preferences> {
    let entries =
        select(PLACES.to_vec()).prop_flat_map(|(kind, id)| entry(kind, id).prop_map(move |it| ((kind, id), it)));
    proptest::collection::vec(entries, 0..8).prop_map(|entries| {
        let mut all = serde_json::Map::new();
        for ((kind, id), entry) in entries {
            let of_kind = all.entry(kind).or_insert_with(|| json!({}));
            of_kind[id] = entry;
        }
        serde_json::from_value(Value::Object(all)).unwrap()
    })
}

fn at(document: &Preferences, kind: &str, id: &str) -> Option<Value> {
    serde_json::to_value(document).unwrap().get(kind)?.get(id).cloned()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn the_order_in_which_devices_tell_changes_nothing(
        base in document(), one in document(), two in document(), three in document(),
    ) {
        let merge = |mine: &Preferences, theirs: &Preferences| Preferences::merge(&base, &[], mine, theirs, NOW);
        prop_assert_eq!(merge(&one, &two), merge(&two, &one), "commutative");
        prop_assert_eq!(merge(&merge(&one, &two), &three), merge(&one, &merge(&two, &three)), "associative");
        prop_assert_eq!(merge(&one, &one), one.clone(), "idempotent");
        prop_assert_eq!(merge(&merge(&one, &two), &two), merge(&one, &two), "told again");
        prop_assert_eq!(merge(&one, &base), one.clone(), "who changed nothing has no say");
    }

    #[test]
    fn what_one_device_changed_stands_and_of_two_changes_the_quieter(
        base in document(), one in document(), two in document(),
    ) {
        let merged = Preferences::merge(&base, &[], &one, &two, NOW);
        for (kind, id) in PLACES {
            let [was, mine, theirs, stands] = [&base, &one, &two, &merged].map(|all| at(all, kind, id));
            if mine == was || theirs == was {
                let changed = if mine == was { theirs } else { mine };
                prop_assert_eq!(stands, changed, "{} {}", kind, id);
                continue;
            }
            let taken_back = matches!(kind, "wishes" | "saved") && (mine.is_none() || theirs.is_none());
            prop_assert_eq!(stands.is_none(), taken_back || mine.is_none() && theirs.is_none(), "{} {}", kind, id);
            if let (Some(stands), Some(mine), Some(theirs)) = (&stands, &mine, &theirs) {
                prop_assert!(id == "quiet" || [mine, theirs].contains(&stands));
                if id == "daily" {
                    prop_assert!(stands.as_i64() <= mine.as_i64().min(theirs.as_i64()));
                }
            }
        }
    }

    #[test]
    fn nothing_that_comes_is_too_odd_to_be_read(
        odd in btree_map("[a-z]{0,8}|rules|wishes|saved|resting|partners", btree_map(".{0,9}|quiet|daily", any_json(), 0..4), 0..5),
    ) {
        let document = serde_json::from_value::<Preferences>(json!(odd)).unwrap().at(NOW);
        let (moments, wishes, saved) = document.apply(NOTHING, NOW);
        let told = Preferences::of(&moments, &wishes, &saved, NOW).with_unread_of(&document, NOW);
        prop_assert_eq!(&told, &document, "of what nobody changed nothing is taken back");
        let (again, ..) = told.apply((&moments, &wishes, &saved), NOW);
        let of = |moments: &Moments| Preferences::of(moments, &wishes, &saved, NOW);
        prop_assert_eq!(of(&again), of(&moments));
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![Just(Value::Null), any::<bool>().prop_map(Value::from), any::<i64>().prop_map(Value::from)];
    prop_oneof![
        leaf,
        ".{0,6}".prop_map(Value::from),
        proptest::collection::vec("[0-9:]{0,5}", 0..3).prop_map(|v| json!(v))
    ]
}

#[test]
fn the_quieter_of_two_is_what_a_shopper_would_call_so() {
    let stands = |kind: &str, id: &str, one: Value, two: Value| {
        let document = |value: Value| serde_json::from_value(json!({ kind: { id: value } })).unwrap();
        let merged = Preferences::merge(&Preferences::default(), &[], &document(one), &document(two), 0);
        at(&merged, kind, id).unwrap()
    };
    let (short, long, all_day) = (json!(["23:00", "06:00"]), json!(["21:00", "08:00"]), json!(["00:00", "24:00"]));
    assert_eq!(stands("rules", "quiet", short, long.clone()), long);
    assert_eq!(stands("rules", "quiet", all_day.clone(), long), all_day);
    assert_eq!(stands("rules", "daily", json!(2), json!(10)), json!(2));
    assert_eq!(stands("rules", "snoozed_until_ms", json!(5), json!(9)), json!(9));
    assert_eq!(stands("resting", "cup", json!(5), json!(9)), json!(9));
    let (ends, endless) = (json!({ "topics": [], "until_ms": 5 }), json!({ "topics": [], "until_ms": null }));
    assert_eq!(stands("wishes", "shoes", endless, ends.clone()), ends);
    let quiet = json!({ "at_ms": 2, "here": false, "before_h": null });
    let loud = json!({ "at_ms": 1, "here": true, "before_h": 4 });
    assert_eq!(stands("saved", "cup", loud, quiet.clone()), quiet);
}

proptest! {
    #[test]
    fn quiet_hours_of_two_devices_are_quiet_for_both_and_no_longer_than_that_takes(
        one in quiet_hours(), two in quiet_hours(),
    ) {
        let both = quiet_in_both(&one, &two).unwrap();
        let [from, to] = [0, 1].map(|at| both[at].as_str().unwrap());
        prop_assert!(Quiet::new(from, to).is_ok(), "{}", both);
        let is_quiet = |hours: &Value, minute: i64| {
            let (begin, length) = quiet(hours).unwrap();
            (minute - begin).rem_euclid(DAY_MINUTES) < length
        };
        for minute in 0..DAY_MINUTES {
            let asked = is_quiet(&one, minute) || is_quiet(&two, minute);
            prop_assert!(!asked || is_quiet(&both, minute), "{} and {}: {} at {}", one, two, both, minute);
        }
        prop_assert_eq!(&both, &quiet_in_both(&two, &one).unwrap(), "whoever asks");
        let length = |hours: &Value| quiet(hours).unwrap().1;
        prop_assert!(length(&both) <= DAY_MINUTES.min(length(&one) + length(&two) + DAY_MINUTES / 2));
        prop_assert_eq!(length(&quiet_in_both(&one, &one).unwrap()), length(&one));
        prop_assert_eq!(length(&quiet_in_both(&both, &one).unwrap()), length(&both), "told again");
    }
}

fn quiet_hours() -> impl Strategy<Value = Value> {
    let time = || (0..24u8, 0..60u8).prop_map(|(hour, minute)| format!("{hour:02}:{minute:02}"));
    let apart = (time(), time()).prop_filter("no quiet hours", |(from, to)| from != to);
    apart.prop_map(|(from, to)| json!([from, to]))
}

fn read(json: Value) -> Preferences {
    serde_json::from_value(json).unwrap()
}

#[test]
fn what_a_newer_version_says_of_a_rule_that_is_known_here_stays_until_the_shopper_says_something_else() {
    let agreed = read(json!({
        "rules": { "daily": 150, "snoozed_until_ms": "sundown" },
        "wishes": { "shoes": { "topics": ["trail"], "until_ms": null, "size": 43 } },
        "saved": { "cup": { "at_ms": 1, "here": true, "before_h": 4, "note": "for M." } },
    }));
    let (mut moments, wishes, mut saved) = agreed.apply(NOTHING, NOW);
    assert_eq!((moments.daily(), wishes.iter().count(), saved.iter().count()), (None, 1, 1));
    let told =
        |moments: &Moments, saved: &Saved| Preferences::of(moments, &wishes, saved, NOW).with_unread_of(&agreed, NOW);
    assert_eq!(told(&moments, &saved), agreed);
    moments.set_daily(Some(3)).unwrap();
    saved.save("cup", false, None, NOW).unwrap();
    let now = told(&moments, &saved);
    assert_eq!(at(&now, "rules", "daily"), Some(json!(3)));
    assert_eq!(at(&now, "saved", "cup").unwrap()["here"], json!(false));
    assert_eq!(at(&now, "wishes", "shoes"), at(&agreed, "wishes", "shoes"));
    let odd = read(json!({ "rules": { "daily": "few" } }));
    let merged = Preferences::merge(&Preferences::default(), &[], &odd, &read(json!({ "rules": { "daily": 2 } })), NOW);
    assert_eq!(at(&merged, "rules", "daily"), Some(json!(2)));
}

#[test]
fn a_clock_that_is_years_ahead_elsewhere_silences_nothing_here() {
    const YEARS: i64 = 50 * 365 * 86_400_000;
    let far = read(json!({ "rules": { "snoozed_until_ms": NOW + YEARS }, "resting": { "cup": NOW + YEARS } }));
    let (moments, wishes, saved) = far.apply(NOTHING, NOW);
    assert_eq!((moments.snoozed_until_ms(NOW), moments.resting_until_ms("cup", NOW)), (None, None));
    // Nor does it take the place of what was said here at the same time.
    let near = read(json!({ "rules": { "snoozed_until_ms": NOW + 9 }, "resting": { "cup": NOW + 9 } }));
    for (mine, theirs) in [(&near, &far), (&far, &near)] {
        assert_eq!(Preferences::merge(&Preferences::default(), &[], mine, theirs, NOW), near);
    }
    // The device that said so has the right time some day, and takes it back itself.
    assert_eq!(Preferences::of(&moments, &wishes, &saved, NOW).with_unread_of(&far, NOW), far);
}

#[test]
fn wishes_without_words_are_apart_by_their_topics() {
    let mut wishes = Wishes::NEW;
    for topic in ["running", "tea", "running"] {
        wishes.add("", &[topic], None, NOW).unwrap();
    }
    assert_eq!(wishes.iter().count(), 2);
    let told = Preferences::of(&Moments::NEW, &wishes, &Saved::NEW, NOW);
    let (_, there, _) = told.apply(NOTHING, NOW);
    let topics = |wishes: &Wishes| wishes.iter().map(|wish| wish.topics.concat()).collect::<Vec<_>>();
    assert_eq!(topics(&there), ["running", "tea"]);
    assert!(there.iter().all(|wish| wish.text.is_empty()));
    let (_, again, _) = told.apply((&Moments::NEW, &wishes, &Saved::NEW), NOW);
    assert_eq!(again, wishes, "known here, and the same");
}

#[test]
fn behind_a_lost_answer_the_last_word_stands_and_another_devices_counts_all_the_same() {
    let none = read(json!({}));
    let kelo = read(json!({ "partners": { "kelo": true } }));
    let merge = |base: &Preferences, told: &Preferences, mine: &Preferences, theirs: &Preferences| {
        Preferences::merge(base, std::slice::from_ref(told), mine, theirs, NOW)
    };
    // No, yes and no again; yes, no and yes again: what was told in between is what they have.
    assert_eq!(merge(&kelo, &none, &kelo, &none), kelo);
    assert_eq!(merge(&none, &kelo, &none, &kelo), none);
    // It never came there, and another device said no: of two changes the quieter.
    let lumi = read(json!({ "partners": { "kelo": true, "lumi": true } }));
    assert_eq!(merge(&kelo, &none, &kelo, &lumi), lumi);
    let daily = |most: u16| read(json!({ "rules": { "daily": most } }));
    assert_eq!(merge(&daily(9), &daily(5), &daily(9), &daily(7)), daily(7));
    assert_eq!(merge(&daily(9), &daily(5), &daily(9), &daily(5)), daily(9));
}

// -- devices that tell each other --

/// One device.
#[derive(Clone, Default, PartialEq, Debug)]
struct Side {
    moments: Moments,
    wishes: Wishes,
    saved: Saved,
    base: Preferences,
    revision: u64,
}

/// What a backend holds, and under which number.
type Shelf = (u64, Preferences);

impl Side {
    fn document(&self) -> Preferences {
        Preferences::of(&self.moments, &self.wishes, &self.saved, NOW).with_unread_of(&self.base, NOW)
    }

    /// As the engine does it.
    fn sync(&mut self, backend: &mut Shelf) {
        while self.revision != backend.0 || self.document() != self.base {
            if self.revision == backend.0 {
                *backend = (backend.0 + 1, self.document());
            } else {
                let merged = Preferences::merge(&self.base, &[], &self.document(), &backend.1, NOW);
                (self.moments, self.wishes, self.saved) = merged.apply((&self.moments, &self.wishes, &self.saved), NOW);
            }
            (self.revision, self.base) = backend.clone();
        }
    }

    fn act(&mut self, rng: &mut Rng) {
        let id = ["a", "b", "c"][rng.usize(..3)];
        match rng.u8(..12) {
            0 => self.moments.set_quiet(None),
            1 => self.moments.set_quiet(Some(Quiet::new("22:00", &format!("0{}:00", rng.u8(1..9))).unwrap())),
            2 => self.moments.set_daily([None, Some(rng.u16(1..9))][rng.usize(..2)]).unwrap(),
            3 => self.moments.set_only_when_asked(rng.bool()),
            4 => self.moments.snooze(NOW + rng.i64(1..9), NOW).unwrap(),
            5 => self.moments.wake(),
            6 => self.moments.refuse(Refusal::Partner(id)).unwrap(),
            7 => self.moments.welcome(Refusal::Partner(id)),
            8 => drop(self.wishes.add(id, &[["tea", "ice"][rng.usize(..2)]], None, NOW)),
            9 => {
                let wish = self.wishes.iter().next().map(|wish| wish.id);
                assert!(wish.is_none_or(|id| self.wishes.remove(id)));
            }
            10 => self.saved.save(id, rng.bool(), Some(rng.u16(1..9)), NOW).unwrap(),
            _ => drop(self.saved.remove(id)),
        }
    }
}

proptest! {
    #[test]
    fn devices_that_told_each_other_are_the_same(seed: u64) {
        let rng = &mut Rng::with_seed(seed);
        let mut backend = Shelf::default();
        let mut sides = [Side::default(), Side::default(), Side::default()];
        for _ in 0..rng.usize(1..40) {
            let side = &mut sides[rng.usize(..3)];
            if rng.u8(..3) == 0 { side.sync(&mut backend) } else { side.act(rng) }
        }
        for _ in 0..2 {
            sides.iter_mut().for_each(|side| side.sync(&mut backend));
        }
        for side in &sides {
            prop_assert_eq!(side.document(), backend.1.clone());
            prop_assert_eq!(&side.moments, &sides[0].moments);
        }
    }

    #[test]
    fn who_tells_first_changes_nothing(seed: u64) {
        let rng = &mut Rng::with_seed(seed);
        let (mut first, _, backend) = two(|side| (0..9).for_each(|_| side.act(rng)));
        first.sync(&mut backend.clone());
        let mut sides = [first.clone(), first.clone(), first];
        for side in &mut sides {
            (0..rng.usize(..9)).for_each(|_| side.act(rng));
        }
        let told = |order: [usize; 3]| {
            let (mut sides, mut backend) = (sides.clone(), backend.clone());
            order.into_iter().for_each(|at| sides[at].sync(&mut backend));
            backend.1
        };
        let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]].map(told);
        prop_assert!(orders.iter().all(|stands| *stands == orders[0]), "{orders:?}");
    }
}

fn two(first: impl FnOnce(&mut Side)) -> (Side, Side, Shelf) {
    let mut backend = Shelf::default();
    let (mut one, mut other) = (Side::default(), Side::default());
    first(&mut one);
    one.sync(&mut backend);
    other.sync(&mut backend);
    assert_eq!(one.document(), other.document());
    (one, other, backend)
}

#[test]
fn what_one_device_changed_stands_also_where_it_lets_more_come() {
    let (mut one, mut other, mut backend) = two(|side| {
        side.moments.set_quiet(Some(Quiet::new("21:00", "08:00").unwrap()));
        side.moments.refuse(Refusal::Partner("kelo")).unwrap();
        side.wishes.add("shoes", &[], None, NOW).unwrap();
    });
    one.moments.set_quiet(None);
    one.moments.welcome(Refusal::Partner("kelo"));
    other.wishes.remove(1);
    other.moments.refuse(Refusal::Topic("coffee")).unwrap();
    one.sync(&mut backend);
    other.sync(&mut backend);
    one.sync(&mut backend);
    assert_eq!((one.moments.quiet(), one.moments.refusals().count(), one.wishes.iter().count()), (None, 1, 0));
    assert_eq!(one.document(), other.document());
}

#[test]
fn of_two_that_did_not_know_of_each_other_what_lets_less_come_stands() {
    let (mut one, mut other, mut backend) = two(|side| {
        side.moments.set_daily(Some(9)).unwrap();
        side.moments.set_quiet(Some(Quiet::new("22:00", "06:00").unwrap()));
    });
    one.moments.set_daily(Some(5)).unwrap();
    other.moments.set_daily(Some(2)).unwrap();
    one.moments.set_quiet(None);
    other.moments.set_quiet(Some(Quiet::new("21:00", "08:00").unwrap()));
    one.moments.snooze(NOW + 5, NOW).unwrap();
    other.moments.snooze(NOW + 9, NOW).unwrap();
    other.sync(&mut backend);
    one.sync(&mut backend);
    let rules = &one.moments;
    assert_eq!((rules.daily(), rules.snoozed_until_ms(NOW)), (Some(2), Some(NOW + 9)));
    assert_eq!(rules.quiet().map(Quiet::begins), Some("21:00"));
}

#[test]
fn a_wish_and_a_saved_offer_that_were_taken_back_stay_so_whatever_another_device_made_of_them() {
    for taken_back_first in [true, false] {
        let (mut one, mut other, mut backend) = two(|side| {
            side.wishes.add("shoes", &[], None, NOW).unwrap();
            side.saved.save("cup", true, None, NOW).unwrap();
        });
        one.wishes.remove(1);
        one.saved.remove("cup");
        other.wishes.add("shoes", &["trail"], Some(NOW + 9), NOW).unwrap();
        other.saved.save("cup", false, Some(4), NOW).unwrap();
        let told = if taken_back_first { [&mut one, &mut other] } else { [&mut other, &mut one] };
        for side in told {
            side.sync(&mut backend);
        }
        other.sync(&mut backend);
        one.sync(&mut backend);
        for side in [&one, &other] {
            assert_eq!((side.wishes.iter().count(), side.saved.iter().count()), (0, 0), "{side:?}");
        }
        // Who knows of it may wish for it anew.
        other.wishes.add("shoes", &[], None, NOW).unwrap();
        other.sync(&mut backend);
        one.sync(&mut backend);
        assert_eq!(one.wishes.iter().count(), 1);
    }
}

#[test]
fn what_belongs_to_one_device_stays_there_and_what_a_newer_one_wrote_is_not_lost() {
    let mut here = Side::default();
    here.moments.go_unseen([uuid::Uuid::max()]).unwrap();
    here.saved.save("cup", true, Some(4), NOW).unwrap();
    here.saved.reminded("cup", Due::Expiring, NOW);
    let new = json!({
        "rules": { "volume": 3, "daily": 4 }, "moods": { "x": 1 },
        "saved": { "cup": { "at_ms": 1, "here": false, "before_h": 4 } },
    });
    let mut backend = (7, serde_json::from_value(new).unwrap());
    let before = here.saved.to_value();
    here.sync(&mut backend);
    assert!(here.moments.unseen() && here.moments.daily() == Some(4));
    assert_eq!(here.saved.to_value()[0]["reminded_of_end"], before[0]["reminded_of_end"]);
    let json = serde_json::to_value(&backend.1).unwrap();
    assert_eq!((&json["rules"]["volume"], &json["moods"]["x"]), (&json!(3), &json!(1)));
    assert!(!json.to_string().contains("unseen") && !json.to_string().contains("reminded"));
}

#[test]
fn two_full_lists_come_together_and_none_of_them_is_lost() {
    let mut backend = Shelf::default();
    let full = |of: &str| {
        let mut side = Side::default();
        for n in 0..20 {
            side.wishes.add(&format!("{of} {n}"), &[], None, NOW).unwrap();
        }
        (0..200).for_each(|n| side.saved.save(&format!("{of}-{n}"), false, None, NOW).unwrap());
        side
    };
    let (mut one, mut other) = (full("shoes"), full("boots"));
    one.sync(&mut backend);
    other.sync(&mut backend);
    one.sync(&mut backend);
    for side in [&one, &other] {
        assert_eq!((side.wishes.iter().count(), side.saved.iter().count()), (40, 400));
    }
    assert_eq!(Wishes::from_value(&one.wishes.to_value()), one.wishes, "and after a restart");
    assert!(one.wishes.add("hats", &[], None, NOW).is_err(), "there is no room for another");
}

#[test]
fn what_ended_meanwhile_is_nobodys_change_and_nonsense_is_left_out() {
    let (one, ..) = two(|side| side.moments.snooze(NOW + 5, NOW).unwrap());
    let later = Preferences::of(&one.moments, &one.wishes, &one.saved, NOW + 5);
    assert_eq!(later, one.base.clone().at(NOW + 5));
    let long = "x".repeat(121);
    let odd =
        json!({ "rules": { "daily": 0, "quiet": "never" }, "wishes": { long: {}, "ok": 3 }, "partners": { "": true } });
    let odd: Preferences = serde_json::from_value(odd).unwrap();
    let (moments, wishes, _) = odd.apply(NOTHING, NOW);
    assert_eq!((moments, wishes.iter().count()), (Moments::NEW, 1));
}
