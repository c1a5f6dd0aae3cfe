//! Ten thousand rules as publishers write them, and a person of whom most is known.

use std::collections::HashMap;

use patron_core::offer::rule::{Fact, Facts, LocalTime};
use serde_json::{Map, Value, json};

const SEGMENTS: [&str; 12] = [
    "runners",
    "new",
    "loyal",
    "lapsed",
    "families",
    "students",
    "commuters",
    "cooks",
    "skiers",
    "readers",
    "gardeners",
    "early",
];
const INTERESTS: [&str; 10] =
    ["running", "skiing", "coffee", "books", "garden", "music", "cooking", "cycling", "sauna", "film"];
const TIERS: [&str; 4] = ["basic", "silver", "gold", "platinum"];
const DAYS: [u32; 3] = [7, 30, 90];
const STORES: usize = 40;
const EVENTS: [&str; 3] = ["dev.patron.offer.saved", "dev.patron.offer.redeemed", "dev.patron.purchase"];

/// One rule in three spellings that say the same.
pub struct Spelt {
    /// With the operators for segments, visits and counts.
    pub ours: String,
    /// Over [`Person::document`].
    pub plain: Value,
    /// Over the same.
    pub jexl: String,
}

/// A person as an engine knows one: what is asked by name is looked up.
pub struct Person {
    variables: HashMap<&'static str, Value>,
    segments: HashMap<&'static str, bool>,
    /// By store, a number for each of [`DAYS`].
    visits: Vec<[u32; 3]>,
    counts: HashMap<(&'static str, u32), u32>,
}

impl Person {
    pub fn usual() -> Self {
        let mut rng = fastrand::Rng::with_seed(7);
        let variables = HashMap::from([
            ("age", json!(34)),
            ("tier", json!("gold")),
            ("basket_total", json!(82.5)),
            ("tenure_days", json!(420)),
            ("interests", json!(["running", "coffee", "sauna"])),
        ]);
        let segments = SEGMENTS.into_iter().map(|name| (name, rng.bool())).collect();
        let mut so_far = 0;
        let mut more = |rng: &mut fastrand::Rng, first: bool| {
            so_far = rng.u32(0..4) + if first { 0 } else { so_far };
            so_far
        };
        let visits = (0..STORES).map(|_| [true, false, false].map(|first| more(&mut rng, first))).collect();
        let mut counts = HashMap::new();
        for name in EVENTS {
            let mut so_far = 0;
            for days in DAYS {
                so_far += rng.u32(0..6);
                counts.insert((name, days), so_far);
            }
        }
        Self { variables, segments, visits, counts }
    }

    /// The same facts as one document, for engines that have no others.
    pub fn document(&self) -> Value {
        let mut document: Map<String, Value> =
            self.variables.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        document.insert("segments".into(), json!(self.segments));
        let windows = |key: &str, days: u32| format!("{}_{days}", plain(key));
        let mut visits = Map::new();
        for (store, row) in self.visits.iter().enumerate() {
            for (days, n) in DAYS.into_iter().zip(row) {
                visits.insert(windows(&format!("store-{store}"), days), json!(n));
            }
        }
        let counts: Map<String, Value> =
            self.counts.iter().map(|((event, days), n)| (windows(event, *days), json!(n))).collect();
        document.insert("visits".into(), Value::Object(visits));
        document.insert("counts".into(), Value::Object(counts));
        Value::Object(document)
    }
}

impl Facts for Person {
    fn var(&self, path: &str) -> Fact<'_> {
        self.variables.get(path).map_or(Fact::Unknown, Fact::Json)
    }

    fn segment(&self, id: &str) -> Option<bool> {
        self.segments.get(id).copied()
    }

    fn visits(&self, place: &str, days: u32) -> Option<u32> {
        let store: usize = place.strip_prefix("store-")?.parse().ok()?;
        let at = DAYS.iter().position(|window| *window == days)?;
        self.visits.get(store)?.get(at).copied()
    }

    fn count(&self, event: &str, days: u32) -> Option<u32> {
        let name = EVENTS.iter().find(|name| **name == event)?;
        self.counts.get(&(*name, days)).copied()
    }

    fn local_time(&self) -> Option<LocalTime> {
        Some(LocalTime { minute: 17 * 60 + 30, weekday: 4 })
    }
}

/// A name without what JsonLogic and JEXL take for a path.
fn plain(name: &str) -> String {
    name.replace(['.', '-'], "_")
}

/// One comparison in the three spellings.
fn part(rng: &mut fastrand::Rng) -> (Value, Value, String) {
    match rng.u8(0..7) {
        0 => {
            let (name, most) = *pick(rng, &[("age", 70), ("basket_total", 150), ("tenure_days", 900)]);
            let number = rng.i32(10..most);
            let op = *pick(rng, &[">=", "<", ">"]);
            let rule = json!({op: [{"var": name}, number]});
            (rule.clone(), rule, format!("{name} {op} {number}"))
        }
        1 => {
            let from = rng.usize(0..TIERS.len() - 1);
            let tiers = &TIERS[from..];
            let rule = json!({"in": [{"var": "tier"}, tiers]});
            (rule.clone(), rule, format!("tier in {}", json!(tiers)))
        }
        2 => {
            let interest = pick(rng, &INTERESTS);
            let rule = json!({"in": [interest, {"var": "interests"}]});
            (rule.clone(), rule, format!("'{interest}' in interests"))
        }
        3 | 4 => {
            let segment = pick(rng, &SEGMENTS);
            let path = format!("segments.{segment}");
            (json!({"segment": segment}), json!({"var": path}), path)
        }
        5 => {
            let (store, days, n) = (format!("store-{}", rng.usize(0..STORES)), *pick(rng, &DAYS), rng.u32(1..5));
            let path = format!("visits.{}_{days}", plain(&store));
            let ours = json!({">=": [{"visits": [store, days]}, n]});
            (ours, json!({">=": [{"var": path}, n]}), format!("{path} >= {n}"))
        }
        _ => {
            let (event, days, n) = (*pick(rng, &EVENTS), *pick(rng, &DAYS), rng.u32(1..8));
            let path = format!("counts.{}_{days}", plain(event));
            let ours = json!({">=": [{"count": [event, days]}, n]});
            (ours, json!({">=": [{"var": path}, n]}), format!("{path} >= {n}"))
        }
    }
}

fn pick<'a, T>(rng: &mut fastrand::Rng, of: &'a [T]) -> &'a T {
    &of[rng.usize(..of.len())]
}

/// So many rules, the same ones each time: one to four comparisons, some of them turned around,
/// joined by an `and` or an `or`.
pub fn spelt(rules: usize) -> Vec<Spelt> {
    let mut rng = fastrand::Rng::with_seed(20_261_129);
    (0..rules)
        .map(|_| {
            let parts: Vec<_> = (0..rng.usize(1..5))
                .map(|_| {
                    let (ours, plain, jexl) = part(&mut rng);
                    if rng.u8(0..6) > 0 {
                        return (ours, plain, format!("({jexl})"));
                    }
                    (json!({"!": ours}), json!({"!": plain}), format!("(({jexl}) == false)"))
                })
                .collect();
            let (op, sign) = *pick(&mut rng, &[("and", " && "), ("and", " && "), ("or", " || ")]);
            let ours: Vec<&Value> = parts.iter().map(|(ours, ..)| ours).collect();
            let plain: Vec<&Value> = parts.iter().map(|(_, plain, _)| plain).collect();
            let jexl: Vec<&str> = parts.iter().map(|(.., jexl)| jexl.as_str()).collect();
            Spelt { ours: json!({op: ours}).to_string(), plain: json!({op: plain}), jexl: jexl.join(sign) }
        })
        .collect()
}
