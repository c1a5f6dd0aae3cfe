//! Wishes are met by what they mean, and saved offers remind when the shopper asked for it.

use serde_json::json;

use super::scene::Scene;
use super::*;

fn matched(words: &str, topics: &[&str]) -> Vec<(String, Match)> {
    let scene = Scene::offers(&json!([
        { "id": "shoes", "title": "Winter running shoes", "benefit": { "kind": "access" },
          "texts": { "fi": { "title": "Talvijuoksukengät" } }, "keywords": ["cold weather", "ice"] },
        { "id": "cake", "title": "A slice of cake", "body": "After your winter run.", "topics": ["Café"],
          "benefit": { "kind": "access" } },
    ]));
    let mut wishes = Wishes::NEW;
    wishes.add(words, topics, None, 0).unwrap();
    let wanted = Wanted::new(&wishes, &scene.catalogue);
    let met = |id: &str| wanted.by(scene.catalogue.placed(id).unwrap().0, 0).map(|(_, how)| (id.to_owned(), how));
    ["cake", "shoes"].into_iter().filter_map(met).collect()
}

#[test]
fn wishes_find_titles_topics_and_keywords_in_any_form_and_language() {
    let shoes = |how| vec![("shoes".to_owned(), how)];
    assert_eq!(matched("cold-weather running", &[]), shoes(Match::Whole));
    assert_eq!(matched("Runner's shoe", &[]), shoes(Match::Whole));
    assert_eq!(matched("juoksukengät", &[]), shoes(Match::Whole));
    assert_eq!(matched("red shoes", &[]), shoes(Match::Part));
    assert_eq!(matched("a red silk scarf and shoes", &[]), []);
    assert_eq!(matched("cake", &[]), [("cake".to_owned(), Match::Whole)]);
    assert_eq!(matched("somewhere to sit", &["cafe"]), [("cake".to_owned(), Match::Whole)]);
    assert_eq!(matched("winter run", &[]), shoes(Match::Whole), "a body speaks of everything, and is not looked at");
}

#[test]
fn a_wish_ends_when_the_shopper_said() {
    let mut scene = Scene::offers(&json!([
        { "id": "a", "title": "a", "priority": 9, "benefit": { "kind": "access" } },
        { "id": "b", "title": "Skates", "benefit": { "kind": "access" } },
    ]));
    let until = scene.now_ms + 1_000;
    scene.wishes.add("skates", &[], Some(until), scene.now_ms).unwrap();
    scene.wanted = Wanted::new(&scene.wishes, &scene.catalogue);
    assert_eq!(scene.cards(), ["b", "a"]);
    assert_eq!(scene.shopper().next_change_ms(&scene.catalogue, scene.now_ms), Some(until));
    scene.now_ms = until;
    assert_eq!(scene.cards(), ["a", "b"]);
}

#[test]
fn wishes_are_bounded_and_say_what_does_not_fit() {
    let mut wishes = Wishes::NEW;
    for (words, topics, until) in [
        ("", &[][..], None),
        ("the and", &[], None),
        (&*"x".repeat(121), &[], None),
        ("a\nb", &[], None),
        ("tea", &[], Some(5)),
    ] {
        assert!(matches!(wishes.add(words, topics, until, 5), Err(MomentError::Invalid { .. })), "{words:?}");
    }
    assert!(wishes.add("tea", &["a", "b", "c", "d", "e", "f"], None, 0).is_err());
    for n in 0..20 {
        assert_eq!(wishes.add(&format!("wish {n}"), &[], Some(100), 0), Ok(n + 1));
    }
    assert_eq!(wishes.add("one more", &[], None, 0), Err(MomentError::Full { what: "wishes", most: 20 }));
    assert_eq!(wishes.add("wish 3", &["tea"], None, 0), Ok(4), "the same again changes it");
    assert_eq!(wishes.add("one more", &[], None, 100), Ok(21), "those that ended make room");
    let again: Wishes = serde_json::from_str(&serde_json::to_string(&wishes).unwrap()).unwrap();
    assert_eq!(again, wishes);
    assert!(wishes.remove(21) && !wishes.remove(21));
    assert_eq!(wishes.add("after that", &[], None, 100), Ok(22), "an id is never used twice");
}

#[test]
fn saved_offers_are_bounded_and_come_back_as_they_were() {
    let mut saved = Saved::NEW;
    saved.save("a", true, Some(24), 7).unwrap();
    saved.save("b", false, None, 8).unwrap();
    saved.reminded("a", Due::Here, 9);
    for hours in [0, 337] {
        assert!(saved.save("c", false, Some(hours), 0).is_err());
    }
    let again: Saved = serde_json::from_str(&serde_json::to_string(&saved).unwrap()).unwrap();
    assert_eq!(again, saved);
    for n in 0..198 {
        saved.save(&format!("n{n}"), false, None, 0).unwrap();
    }
    assert_eq!(saved.save("more", false, None, 0), Err(MomentError::Full { what: "saved offers", most: 200 }));
    assert!(saved.save("a", false, None, 0).is_ok() && saved.remove("a") && !saved.remove("a"));
}
