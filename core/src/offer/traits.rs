//! What the app knows of the shopper and tells: segments, affinities, variables of rules.
//!
//! It decides what is taken, and where in [`Person`] it stands. It keeps nothing: the engine does, under
//! [`crate::consent::Personalisation`], and with that purpose it goes.

use std::collections::BTreeMap;

use serde_json::{Map, Number, Value};

use super::{Person, fold};
use crate::consent::{Permit, Personalisation};
use crate::error::Error;
use crate::ids::id_flaw;

/// So many segments, and so many affinities: an app that knows more of a shopper picks what its offers ask for.
const MAX_EACH: usize = 200;

/// So many variables.
const MAX_VARIABLES: usize = 100;

/// As much at once as there can be of everything.
const MAX_AT_ONCE: usize = 2 * MAX_EACH + MAX_VARIABLES;

/// Bytes of a variable's name, dots included.
const MAX_NAME_BYTES: usize = 64;

/// Parts of a variable's name: `basket.total` has two.
const MAX_PARTS: usize = 4;

/// Bytes of a variable that is a text: a tier, a size, a town; what is longer is no fact for a rule.
const MAX_TEXT_BYTES: usize = 256;

/// The moment's, and not the person's: see [`Person::facts`].
const OF_THE_MOMENT: &str = "context";

/// What a variable may be: a JSON scalar.
#[derive(Debug, Clone, PartialEq)]
pub enum Scalar {
    /// A yes or a no.
    Flag(bool),
    /// A number, not infinite.
    Number(f64),
    /// A text of up to 256 bytes.
    Text(String),
}

/// One thing that the app knows of the shopper.
#[derive(Debug, Clone, PartialEq)]
pub enum Trait {
    /// Whether the shopper is in a segment. Up to 200.
    Segment {
        /// As rules call it.
        id: String,
        /// `None`: not known any more.
        member: Option<bool>,
    },
    /// How much the shopper is drawn to a topic of offers. Up to 200.
    Affinity {
        /// As publishers write it; without case.
        topic: String,
        /// 0 to 100; `None`: not known any more.
        percent: Option<i32>,
    },
    /// What rules ask for by `var`. Up to 100.
    Variable {
        /// Its path: `tier`, `basket.total`. Up to four parts and 64 bytes; not below `context`, which is the moment's.
        name: String,
        /// `None`: not known any more.
        value: Option<Scalar>,
    },
    /// Nothing that was told before is known any more; what follows in the same call is.
    Clear,
}

impl Trait {
    /// Whether something is known behind it that was not: taking back needs no consent.
    pub(crate) fn adds(&self) -> bool {
        match self {
            Self::Segment { member, .. } => member.is_some(),
            Self::Affinity { percent, .. } => percent.is_some(),
            Self::Variable { value, .. } => value.is_some(),
            Self::Clear => false,
        }
    }
}

/// Everything that the app has told of the shopper.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Profile {
    /// Whether the shopper is in each segment.
    pub segments: BTreeMap<String, bool>,
    /// Percent by topic, as topics are compared.
    pub affinities: BTreeMap<String, u8>,
    /// By path.
    pub variables: BTreeMap<String, Scalar>,
}

/// Why what the app told was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TraitError {
    /// It makes no sense; correct it.
    #[error("{what}: {why}")]
    Invalid {
        /// Which, for example `traits[2].percent`.
        what: String,
        /// In words.
        why: String,
    },
    /// There are as many as are taken; take one back first.
    #[error("{what}: there are {most} of its kind already, and no more are taken")]
    Full {
        /// Which.
        what: String,
        /// How many are taken.
        most: usize,
    },
}

impl From<TraitError> for Error {
    fn from(error: TraitError) -> Self {
        match error {
            TraitError::Invalid { what, why } => Self::InvalidInput { what, why },
            TraitError::Full { what, most } => {
                Self::InvalidInput { what, why: format!("there are {most} of its kind already, and no more are taken") }
            }
        }
    }
}

/// Something more is known of the person. All of `traits`, or nothing.
///
/// # Errors
/// [`TraitError`] naming the first that is not taken.
pub(crate) fn tell(
    _permit: &Permit<'_, Personalisation>,
    person: &Person,
    traits: &[Trait],
) -> Result<Person, TraitError> {
    take(person, traits)
}

/// Less is known of the person: for `traits` of which none [adds](Trait::adds). Others are left out.
///
/// # Errors
/// As [`tell`].
pub(crate) fn take_back(person: &Person, traits: &[Trait]) -> Result<Person, TraitError> {
    let less: Vec<Trait> = traits.iter().filter(|told| !told.adds()).cloned().collect();
    take(person, &less)
}

fn take(person: &Person, traits: &[Trait]) -> Result<Person, TraitError> {
    if traits.len() > MAX_AT_ONCE {
        return invalid("traits", format!("are {}; at most {MAX_AT_ONCE} are taken at once", traits.len()));
    }
    let mut person = person.clone();
    for (at, told) in traits.iter().enumerate() {
        one(&mut person, told, &format!("traits[{at}]"))?;
    }
    Ok(person)
}

fn one(person: &mut Person, told: &Trait, at: &str) -> Result<(), TraitError> {
    match told {
        Trait::Segment { id, member } => {
            if let Some(why) = id_flaw(id) {
                return invalid(format!("{at}.id"), why);
            }
            put(&mut person.segments, id.clone(), *member, MAX_EACH, at)
        }
        Trait::Affinity { topic, percent } => {
            let folded = fold::topic(topic);
            if let Some(why) = id_flaw(topic).or_else(|| folded.is_empty().then(|| "has no letter or digit".to_owned()))
            {
                return invalid(format!("{at}.topic"), why);
            }
            let percent = match percent {
                Some(percent @ 0..=100) => Some(*percent as u8),
                Some(percent) => return invalid(format!("{at}.percent"), format!("is {percent}; 0 to 100 are taken")),
                None => None,
            };
            put(&mut person.affinities, folded, percent, MAX_EACH, at)
        }
        Trait::Variable { name, value } => variable(person, name, value.as_ref(), at),
        Trait::Clear => {
            person.segments.clear();
            person.affinities.clear();
            person.facts = Value::Null;
            Ok(())
        }
    }
}

fn put<T>(
    known: &mut BTreeMap<String, T>,
    id: String,
    value: Option<T>,
    most: usize,
    at: &str,
) -> Result<(), TraitError> {
    match value {
        Some(_) if known.len() >= most && !known.contains_key(&id) => {
            return Err(TraitError::Full { what: at.to_owned(), most });
        }
        Some(value) => drop(known.insert(id, value)),
        None => drop(known.remove(&id)),
    }
    Ok(())
}

fn variable(person: &mut Person, name: &str, value: Option<&Scalar>, at: &str) -> Result<(), TraitError> {
    let parts: Vec<&str> = name.split('.').collect();
    let what = || format!("{at}.name");
    if let Some(why) = id_flaw(name) {
        return invalid(what(), why);
    }
    if name.len() > MAX_NAME_BYTES || parts.len() > MAX_PARTS || parts.contains(&"") {
        let why = format!("is up to {MAX_PARTS} parts with a dot between them, {MAX_NAME_BYTES} bytes in all");
        return invalid(what(), why);
    }
    if parts.first() == Some(&OF_THE_MOMENT) {
        return invalid(what(), format!("is below `{OF_THE_MOMENT}`, which is the moment's"));
    }
    let Some(value) = value else {
        remove(&mut person.facts, &parts);
        return Ok(());
    };
    let value = json(value, at)?;
    let known = variables(&person.facts);
    if known.len() >= MAX_VARIABLES && !known.contains_key(name) {
        return Err(TraitError::Full { what: at.to_owned(), most: MAX_VARIABLES });
    }
    // `basket` cannot be a number and hold `basket.total` too.
    let (below, above) = (format!("{name}."), |other: &str| name.starts_with(&format!("{other}.")));
    if let Some(other) = known.keys().find(|other| other.starts_with(&below) || above(other)) {
        return invalid(what(), format!("stands in one path with the variable `{other}`; take that back first"));
    }
    insert(&mut person.facts, &parts, value);
    Ok(())
}

fn json(value: &Scalar, at: &str) -> Result<Value, TraitError> {
    let what = || format!("{at}.value");
    match value {
        Scalar::Flag(flag) => Ok(Value::Bool(*flag)),
        Scalar::Number(number) => match number_of(*number) {
            Some(number) => Ok(Value::Number(number)),
            None => invalid(what(), "is no finite number"),
        },
        Scalar::Text(text) if text.len() > MAX_TEXT_BYTES => {
            invalid(what(), format!("is {} bytes long; at most {MAX_TEXT_BYTES} are taken", text.len()))
        }
        Scalar::Text(text) => Ok(Value::String(text.clone())),
    }
}

/// A whole number as one: an export has `3` and not `3.0`.
fn number_of(number: f64) -> Option<Number> {
    const EXACT: f64 = 9_007_199_254_740_992.0; // 2^53: below it each whole number is its own
    let whole = number.fract() == 0.0 && number.abs() < EXACT;
    if whole { Some(Number::from(number as i64)) } else { Number::from_f64(number) }
}

fn insert(facts: &mut Value, parts: &[&str], value: Value) {
    let Some((first, rest)) = parts.split_first() else {
        *facts = value;
        return;
    };
    if !facts.is_object() {
        *facts = Value::Object(Map::new());
    }
    if let Some(map) = facts.as_object_mut() {
        insert(map.entry(*first).or_insert(Value::Null), rest, value);
    }
}

/// With it, what is then empty above it: a `basket` of nothing would be known.
fn remove(facts: &mut Value, parts: &[&str]) {
    let (Some((first, rest)), Some(map)) = (parts.split_first(), facts.as_object_mut()) else { return };
    if let Some(below) = map.get_mut(*first) {
        // An object is no variable of its own: what is below it stays.
        if rest.is_empty() {
            if !below.is_object() {
                map.remove(*first);
            }
        } else {
            remove(below, rest);
            if below.is_null() {
                map.remove(*first);
            }
        }
    }
    if map.is_empty() {
        *facts = Value::Null;
    }
}

/// The scalars of a document, by path.
fn variables(facts: &Value) -> BTreeMap<String, Scalar> {
    let mut found = BTreeMap::new();
    let mut open = vec![(String::new(), facts)];
    while let Some((path, value)) = open.pop() {
        let scalar = match value {
            Value::Object(map) => {
                let dot = if path.is_empty() { "" } else { "." };
                open.extend(map.iter().map(|(part, value)| (format!("{path}{dot}{part}"), value)));
                continue;
            }
            Value::Bool(flag) => Scalar::Flag(*flag),
            Value::Number(number) => Scalar::Number(number.as_f64().unwrap_or_default()),
            Value::String(text) => Scalar::Text(text.clone()),
            // Nobody can have told it.
            Value::Null | Value::Array(_) => continue,
        };
        found.insert(path, scalar);
    }
    found
}

impl Person {
    /// What of it the app told.
    pub fn profile(&self) -> Profile {
        Profile {
            segments: self.segments.clone(),
            affinities: self.affinities.clone(),
            variables: variables(&self.facts),
        }
    }

    /// What the app told of it, and what this device saw by itself: each without the other.
    pub(crate) fn parts(&self) -> (Self, Self) {
        let told = Self {
            segments: self.segments.clone(),
            affinities: self.affinities.clone(),
            facts: self.facts.clone(),
            ..Self::NEW
        };
        let seen =
            Self { visits: self.visits.clone(), events: self.events.clone(), counted: self.counted, ..Self::NEW };
        (told, seen)
    }
}

fn invalid<T>(what: impl Into<String>, why: impl Into<String>) -> Result<T, TraitError> {
    Err(TraitError::Invalid { what: what.into(), why: why.into() })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn segment(id: &str, member: impl Into<Option<bool>>) -> Trait {
        Trait::Segment { id: id.to_owned(), member: member.into() }
    }

    fn affinity(topic: &str, percent: impl Into<Option<i32>>) -> Trait {
        Trait::Affinity { topic: topic.to_owned(), percent: percent.into() }
    }

    fn variable(name: &str, value: impl Into<Option<Scalar>>) -> Trait {
        Trait::Variable { name: name.to_owned(), value: value.into() }
    }

    fn text(text: &str) -> Scalar {
        Scalar::Text(text.to_owned())
    }

    fn refused(person: &Person, told: Trait) -> String {
        take(person, &[told]).unwrap_err().to_string()
    }

    #[test]
    fn what_is_told_stands_where_rules_look() {
        let told = [
            segment("runners", true),
            segment("new", false),
            affinity("Trail Running", 80),
            variable("tier", text("gold")),
            variable("basket.total", Scalar::Number(40.0)),
            variable("basket.gift", Scalar::Flag(true)),
            variable("score", Scalar::Number(0.5)),
        ];
        let person = take(&Person::NEW, &told).unwrap();
        assert_eq!(person.facts, json!({ "tier": "gold", "basket": { "total": 40, "gift": true }, "score": 0.5 }));
        assert_eq!(person.affinity(&["trail-running".to_owned()]), Some(("trail-running", 80)));
        let profile = person.profile();
        assert_eq!(profile.segments, BTreeMap::from([("runners".to_owned(), true), ("new".to_owned(), false)]));
        assert_eq!(profile.variables["basket.total"], Scalar::Number(40.0));
        assert_eq!(Person::from_value(&person.to_value()), person, "as it was kept");
    }

    #[test]
    fn what_is_taken_back_is_unknown_and_not_a_no() {
        let told = [segment("runners", true), affinity("wool", 3), variable("basket.total", Scalar::Number(1.0))];
        let person = take(&Person::NEW, &told).unwrap();
        let back = [segment("runners", None), affinity("Wool", None), variable("basket.total", None)];
        assert_eq!(take_back(&person, &back), Ok(Person::NEW));
        assert_eq!(take_back(&person, &[Trait::Clear]), Ok(Person::NEW));
        let others = [segment("walkers", None), variable("basket", None), variable("basket.total.net", None)];
        assert_eq!(take_back(&person, &others), Ok(person), "what is not there changes nothing");
    }

    #[test]
    fn clearing_leaves_what_the_device_saw_and_what_follows() {
        let mut person = take(&Person::NEW, &[segment("runners", true), variable("tier", text("gold"))]).unwrap();
        person.visited("kelo", 5);
        let seen = person.parts().1;
        let person = take(&person, &[Trait::Clear, segment("walkers", true)]).unwrap();
        assert_eq!(person.parts(), (take(&Person::NEW, &[segment("walkers", true)]).unwrap(), seen));
    }

    #[test]
    fn nonsense_is_refused_in_words_and_by_its_place() {
        let person = take(&Person::NEW, &[variable("basket.total", Scalar::Number(1.0))]).unwrap();
        for (told, words) in [
            (segment("", true), "traits[0].id: is empty"),
            (segment("a\nb", true), "control character"),
            (affinity("…", 5), "traits[0].topic: has no letter or digit"),
            (affinity("wool", 101), "traits[0].percent: is 101"),
            (variable("", text("")), "traits[0].name: is empty"),
            (variable("a..b", text("")), "up to 4 parts"),
            (variable("a.b.c.d.e", text("")), "up to 4 parts"),
            (variable(&"a".repeat(65), text("")), "64 bytes"),
            (variable("context.locale", text("fi")), "the moment's"),
            (variable("basket", text("full")), "`basket.total`"),
            (variable("basket.total.net", text("1")), "`basket.total`"),
            (variable("age", Scalar::Number(f64::NAN)), "traits[0].value: is no finite number"),
            (variable("age", Scalar::Number(f64::INFINITY)), "no finite number"),
            (variable("note", text(&"x".repeat(257))), "257 bytes"),
        ] {
            let said = refused(&person, told.clone());
            assert!(said.contains(words), "{told:?} gives {said}");
        }
        let half = take(&person, &[segment("runners", true), affinity("wool", 101)]).unwrap_err();
        assert!(half.to_string().contains("traits[1].percent"), "{half}");
    }

    #[test]
    fn there_is_only_so_much_to_know_of_a_shopper() {
        let all = |most: usize, one: &dyn Fn(usize) -> Trait| (0..most).map(one).collect::<Vec<_>>();
        let mut many = all(MAX_EACH, &|n| segment(&format!("s{n}"), true));
        many.extend(all(MAX_EACH, &|n| affinity(&format!("t{n}"), 1)));
        many.extend(all(MAX_VARIABLES, &|n| variable(&format!("v{n}"), Scalar::Flag(true))));
        let person = take(&Person::NEW, &many).unwrap();
        for more in [segment("more", true), affinity("more", 1), variable("more", Scalar::Flag(true))] {
            assert!(refused(&person, more).contains("no more are taken"));
        }
        let again = [segment("s0", false), affinity("t0", 2), variable("v0", Scalar::Flag(false))];
        assert!(take(&person, &again).is_ok(), "what is known may change");
        many.push(Trait::Clear);
        assert!(take(&person, &many).unwrap_err().to_string().contains("at once"));
        assert_eq!(Person::from_value(&person.to_value()), person, "all of it is kept");
    }
}
