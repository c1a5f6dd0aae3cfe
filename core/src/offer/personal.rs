//! Who the shopper is, as rules ask for it: not to be had without a permit.

use std::cell::{Cell, OnceCell};

use super::decide::Presence;
use super::rule::{Answers, Fact, Facts, LocalTime, Question};
use super::{DecisionInput, Person, Position, Shopper};
use crate::consent::{Permit, Personalisation};

/// What a rule may ask: the person, the moment, and where the shopper is as far as that is granted.
pub(super) struct Personal<'a> {
    pub(super) person: &'a Person,
    input: &'a DecisionInput<'a>,
    asked: bool,
    local: Option<LocalTime>,
    position: Option<Position>,
    /// By the number of the question: what was answered already. It holds, for all of the above stays as it is.
    answers: OnceCell<Box<[Cell<Option<Fact<'a>>>]>>,
}

impl<'a> Personal<'a> {
    pub(super) fn new(
        _permit: &Permit<'_, Personalisation>,
        input: &'a DecisionInput<'a>,
        shopper: &Shopper<'a>,
        presence: &Presence<'_>,
    ) -> Self {
        let now = jiff::Timestamp::from_millisecond(input.now_ms).ok().map(|now| shopper.zone.to_datetime(now));
        let local = now.map(|now| LocalTime {
            minute: u16::from(now.hour().unsigned_abs()) * 60 + u16::from(now.minute().unsigned_abs()),
            weekday: now.weekday().to_monday_zero_offset().unsigned_abs(),
        });
        let (person, asked, position) = (shopper.person, shopper.asked, presence.position);
        Self { person, input, asked, local, position, answers: OnceCell::new() }
    }

    /// What stands at the path, for as long as the decision is taken.
    fn variable(&self, path: &str) -> Fact<'a> {
        match path.split_once('.') {
            Some(("context", "placement")) => self.input.placement.map_or(Fact::Unknown, Fact::Text),
            Some(("context", "locale")) => Fact::Text(self.input.locale),
            Some(("context", "asked")) => Fact::Bool(self.asked),
            Some(("context", _)) => Fact::Unknown,
            _ if self.person.facts.is_null() => Fact::Unknown,
            _ => Fact::at(&self.person.facts, path),
        }
    }
}

impl Facts for Personal<'_> {
    fn var(&self, path: &str) -> Fact<'_> {
        self.variable(path)
    }

    fn segment(&self, id: &str) -> Option<bool> {
        self.person.segments.get(id).copied()
    }

    fn visits(&self, place: &str, days: u32) -> Option<u32> {
        self.person.visits(place, days, self.input.now_ms)
    }

    fn count(&self, event: &str, days: u32) -> Option<u32> {
        self.person.events(event, days, self.input.now_ms)
    }

    fn local_time(&self) -> Option<LocalTime> {
        self.local
    }

    fn distance_m(&self, place: &str) -> Option<f64> {
        distance_m(self.input, self.position?, place)
    }
}

impl Answers for Personal<'_> {
    fn facts(&self) -> &dyn Facts {
        self
    }

    fn answer(&self, question: Question<'_>) -> Fact<'_> {
        let ask = || match question.path() {
            Some(path) => self.variable(path),
            None => question.count(self),
        };
        let answers =
            self.answers.get_or_init(|| vec![Cell::new(None); usize::from(self.input.catalogue.questions)].into());
        let Some(known) = answers.get(question.number()) else { return ask() };
        if let Some(answer) = known.get() {
            debug_assert_eq!(answer, ask(), "a rule of another catalogue");
            return answer;
        }
        let answer = ask();
        known.set(Some(answer));
        answer
    }
}

/// Metres from `here` to the centre of a place of the catalogue.
pub(super) fn distance_m(input: &DecisionInput<'_>, here: Position, place: &str) -> Option<f64> {
    let fence = input.catalogue.place(place)?.fence.as_ref()?;
    Some(fence.around().distance_m(here.latitude, here.longitude))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::scene::{PERSONAL, Scene};
    use super::*;

    #[test]
    fn an_answer_that_is_kept_is_the_one_that_would_be_given_again() {
        let parts = json!([
            { "segment": "a" }, { "segment": "b" }, { "segment": "here" }, { "visits": ["here", 7] }, { "visits": ["here", 30] },
            { "visits": ["there", 30] }, { "count": ["here", 7] }, { "count": ["here", 30] }, { "distance_m": "here" },
            { "within_m": ["here", 100] }, { "within_m": ["here", 100_000] }, { "within_m": ["there", 100] }, { "var": "a" },
            { "var": "here" }, { "var": "list.1" }, { "var": ["nowhere", 1] }, { "var": "context.placement" },
            { "var": "context.locale" }, { "var": "context.asked" }, { "var": "" }, { "in": ["b", { "var": "list" }] },
            { "some": [{ "var": "list" }, { "==": [{ "var": "" }, "a"] }] }, { "weekday": "su" },
        ]);
        let parts = parts.as_array().unwrap();
        let offer = |n: usize, rule: &serde_json::Value| json!({ "id": format!("o{n:03}"), "title": "o", "benefit": { "kind": "access" }, "audience": rule });
        // Each by itself, and each beside another.
        let pairs = parts.iter().zip(parts.iter().rev()).map(|(one, other)| json!({ "==": [one, other] }));
        let rules: Vec<_> = parts.iter().cloned().chain(pairs).collect();
        let offers: Vec<_> = rules.iter().enumerate().map(|(n, rule)| offer(n, rule)).collect();
        let mut scene = Scene::offers(&json!(offers)).granted(PERSONAL);
        scene.person.segments = [("a".to_owned(), true), ("here".to_owned(), false)].into();
        scene.person.facts = json!({ "a": 3, "here": "gold", "list": ["a", "b"] });
        scene.person.counted = true;
        for days in [1, 10, 20] {
            scene.person.visited("here", scene.now_ms - days * 86_400_000);
            scene.person.did("here", scene.now_ms - 2 * days * 86_400_000);
        }
        scene.position = Some(Position { latitude: 60.0, longitude: 25.0, accuracy_m: 9.0 });
        let (input, shopper) = (scene.input(), scene.shopper());
        let permit = input.gate.permit().unwrap();
        let personal = Personal::new(&permit, &input, &shopper, &Presence::new(&input));
        assert!(scene.catalogue.questions > 15, "{}", scene.catalogue.questions);
        for _ in 0..2 {
            for offer in &scene.catalogue.offers {
                let rule = offer.audience.as_ref().unwrap();
                let anew = rule.judge(&personal);
                assert_eq!(rule.judge_by(&personal), anew, "{rule:?}");
                assert_eq!(rule.explain_by(&personal), rule.explain(&personal), "{rule:?}");
            }
        }
    }
}
