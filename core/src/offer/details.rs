//! The fields of an offer that only some have, read with as much suspicion.

use std::collections::BTreeMap;
use std::fmt::Display;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::catalogue::Image;
use super::entry::{Flaw, Shared, check_id, check_line, check_url, flaw, required};
use super::fold::topic;
use super::rule::Rule;
use super::{Arm, BeaconZone, Cap, Experiment, Trigger};
use crate::consent::Sha;
use crate::place::Place;

/// A day's, a week's and a month's limit, and one to spare.
const MAX_CAPS: usize = 4;

/// One for each kind.
const MAX_TRIGGERS: usize = 8;

/// A card shows one.
const MAX_IMAGES: usize = 4;

/// Pixels; no phone shows more.
const PIXELS: std::ops::RangeInclusive<i64> = 1..=8_192;

/// An offer is about few things, or about nothing.
const MAX_TOPICS: usize = 5;
const MAX_KEYWORDS: usize = 16;

/// A test of more arms tells nothing.
const MAX_ARMS: usize = 16;

/// Who holds out more has no campaign.
const MAX_HOLDOUT: i64 = 90;

/// What history keeps: 30 days.
const CAP_HOURS: std::ops::RangeInclusive<i64> = 1..=720;
const CAP_TIMES: std::ops::RangeInclusive<i64> = 1..=1_000;

/// The list at `path`, of at most `most`; empty where there is none.
pub(super) fn items<'a>(path: &str, raw: Option<&'a RawValue>, most: usize) -> Result<Vec<&'a RawValue>, Flaw> {
    let Some(raw) = raw else { return Ok(Vec::new()) };
    let items: Vec<&RawValue> = read(path, raw)?;
    if items.len() > most {
        return flaw(path, format!("has {} entries; at most {most} are taken", items.len()));
    }
    Ok(items)
}

pub(super) fn read<'a, T: Deserialize<'a>>(path: impl Display, raw: &'a RawValue) -> Result<T, Flaw> {
    serde_json::from_str(raw.get()).or_else(|e| flaw(path, e.to_string().chars().take(200).collect::<String>()))
}

pub(super) fn within(path: impl Display, value: i64, range: &std::ops::RangeInclusive<i64>) -> Result<u16, Flaw> {
    match u16::try_from(value) {
        Ok(small) if range.contains(&value) => Ok(small),
        _ => flaw(path, format!("{value} is not within {} to {}", range.start(), range.end())),
    }
}

pub(super) fn audience(raw: &RawValue) -> Result<Rule, Flaw> {
    Rule::parse(raw.get()).or_else(|e| {
        let path =
            if matches!(e.path(), "" | "rule") { "audience".to_owned() } else { format!("audience.{}", e.path()) };
        flaw(path, e.to_string().chars().take(200).collect::<String>())
    })
}

#[derive(Deserialize)]
struct WireCap {
    times: i64,
    hours: i64,
}

pub(super) fn caps(path: &str, raw: Option<&RawValue>) -> Result<Vec<Cap>, Flaw> {
    let caps = items(path, raw, MAX_CAPS)?.into_iter().enumerate().map(|(at, raw)| {
        let wire: WireCap = read(format_args!("{path}[{at}]"), raw)?;
        Ok(Cap {
            times: within(format_args!("{path}[{at}].times"), wire.times, &CAP_TIMES)?,
            hours: within(format_args!("{path}[{at}].hours"), wire.hours, &CAP_HOURS)?,
        })
    });
    caps.collect()
}

#[derive(Deserialize)]
struct WireTrigger<'a> {
    on: String,
    #[serde(rename = "type")]
    kind: Option<String>,
    place: Option<String>,
    zone: Option<String>,
    #[serde(borrow)]
    hours: Option<&'a RawValue>,
}

pub(super) fn triggers<'a>(
    raw: Option<&'a RawValue>,
    places: &[Place],
    shared: &mut Shared<'a>,
) -> Result<Vec<Trigger>, Flaw> {
    let mut triggers = Vec::new();
    for (at, raw) in items("triggers", raw, MAX_TRIGGERS)?.into_iter().enumerate() {
        let path = format!("triggers[{at}]");
        let WireTrigger { on, kind, place, zone, hours } = read(&path, raw)?;
        if let Some(id) = &place
            && places.binary_search_by(|known| known.id.as_str().cmp(id)).is_err()
        {
            return flaw(format!("{path}.place"), format!("there is no good place {id:?} in the catalogue"));
        }
        triggers.push(match on.as_str() {
            "event" => {
                let kind = required(&format!("{path}.type"), kind)?;
                check_id(format_args!("{path}.type"), &kind)?;
                Trigger::Event { kind }
            }
            "enter" => Trigger::Enter { place },
            "dwell" => Trigger::Dwell { place },
            // Whoever has left is not there: the offer's own places say nothing.
            "exit" => Trigger::Exit { place: Some(required(&format!("{path}.place"), place)?) },
            "beacon" => Trigger::Beacon { place, zone: beacon_zone(&path, zone.as_deref())? },
            "check_in" => Trigger::CheckIn { place },
            "time" => {
                let hours = required(&format!("{path}.hours"), hours)?;
                Trigger::Time { at: shared.schedule(&format!("{path}.hours"), hours)? }
            }
            "pull" => Trigger::Pull,
            other => {
                let other: String = other.chars().take(64).collect();
                return flaw(format!("{path}.on"), format!("{other:?} is not an occasion"));
            }
        });
    }
    Ok(triggers)
}

fn beacon_zone(path: &str, zone: Option<&str>) -> Result<BeaconZone, Flaw> {
    Ok(match zone {
        Some("immediate") => BeaconZone::Immediate,
        None | Some("near") => BeaconZone::Near,
        Some("far") => BeaconZone::Far,
        Some(_) => return flaw(format!("{path}.zone"), "is neither immediate, near nor far"),
    })
}

#[derive(Deserialize)]
struct WireExperiment {
    id: String,
    #[serde(default)]
    holdout: i64,
    #[serde(default)]
    arms: Vec<WireArm>,
    arm: Option<String>,
}

#[derive(Deserialize)]
struct WireArm {
    id: String,
    weight: i64,
}

pub(super) fn experiment(raw: &RawValue) -> Result<Experiment, Flaw> {
    let wire: WireExperiment = read("experiment", raw)?;
    check_id("experiment.id", &wire.id)?;
    if !(0..=MAX_HOLDOUT).contains(&wire.holdout) {
        return flaw("experiment.holdout", format!("{} is not within 0 to {MAX_HOLDOUT} percent", wire.holdout));
    }
    if wire.arms.len() > MAX_ARMS {
        return flaw("experiment.arms", format!("has {} entries; at most {MAX_ARMS} are taken", wire.arms.len()));
    }
    let mut arms: Vec<Arm> = Vec::with_capacity(wire.arms.len());
    let mut sum = wire.holdout;
    for (at, arm) in wire.arms.into_iter().enumerate() {
        let path = format!("experiment.arms[{at}]");
        check_id(format_args!("{path}.id"), &arm.id)?;
        if arms.iter().any(|known| known.id == arm.id) {
            return flaw(format!("{path}.id"), "an arm before it has the same id");
        }
        let weight = match u8::try_from(arm.weight) {
            Ok(weight @ 1..=100) => weight,
            _ => return flaw(format!("{path}.weight"), format!("{} is not within 1 to 100 percent", arm.weight)),
        };
        sum += i64::from(weight);
        if sum > 100 {
            return flaw(format!("{path}.weight"), "makes more than 100 percent with the holdout and the arms before");
        }
        arms.push(Arm { id: arm.id, weight });
    }
    let arm = match &wire.arm {
        None => None,
        Some(id) => match arms.iter().position(|arm| arm.id == *id) {
            Some(at) => Some(at),
            None => return flaw("experiment.arm", format!("there is no arm {id:?}")),
        },
    };
    // Within bounds that were checked.
    Ok(Experiment { id: wire.id, holdout: wire.holdout.unsigned_abs() as u8, arms, arm })
}

#[derive(Deserialize)]
struct WireImage {
    url: String,
    width: i64,
    height: i64,
    #[serde(default)]
    alt: String,
    #[serde(default)]
    alts: BTreeMap<String, String>,
    sha256: Option<String>,
}

pub(super) fn images(raw: Option<&RawValue>) -> Result<Vec<Image>, Flaw> {
    let images = items("images", raw, MAX_IMAGES)?.into_iter().enumerate().map(|(at, raw)| {
        let path = format!("images[{at}]");
        let wire: WireImage = read(&path, raw)?;
        check_url(format_args!("{path}.url"), &wire.url)?;
        let sha256 = match &wire.sha256 {
            None => None,
            Some(digits) => match Sha::from_hex(digits) {
                Some(sha) => Some(sha),
                None => return flaw(format!("{path}.sha256"), "is not 64 hexadecimal digits"),
            },
        };
        if !wire.alt.is_empty() {
            check_line(format_args!("{path}.alt"), &wire.alt)?;
        }
        let mut alts = BTreeMap::new();
        for (tag, alt) in wire.alts {
            check_line(format_args!("{path}.alts.{tag}"), &alt)?;
            alts.insert(tag.replace('_', "-").to_ascii_lowercase(), alt);
        }
        Ok(Image {
            width: within(format_args!("{path}.width"), wire.width, &PIXELS)?,
            height: within(format_args!("{path}.height"), wire.height, &PIXELS)?,
            url: wire.url,
            alt: wire.alt,
            alts,
            sha256,
        })
    });
    images.collect()
}

pub(super) fn value(value: i64) -> Result<u8, Flaw> {
    match u8::try_from(value) {
        Ok(value @ 0..=100) => Ok(value),
        _ => flaw("value", format!("{value} is not within 0 to 100")),
    }
}

pub(super) fn topics(names: &[String]) -> Result<Vec<String>, Flaw> {
    at_most("topics", names, MAX_TOPICS)?;
    let mut topics: Vec<String> = Vec::with_capacity(names.len());
    for (at, name) in names.iter().enumerate() {
        check_id(format_args!("topics[{at}]"), name)?;
        let folded = topic(name);
        if folded.is_empty() {
            return flaw(format!("topics[{at}]"), "has neither letters nor digits");
        }
        if !topics.contains(&folded) {
            topics.push(folded);
        }
    }
    Ok(topics)
}

pub(super) fn keywords(words: Vec<String>) -> Result<Vec<String>, Flaw> {
    at_most("keywords", &words, MAX_KEYWORDS)?;
    for (at, word) in words.iter().enumerate() {
        check_id(format_args!("keywords[{at}]"), word)?;
    }
    Ok(words)
}

fn at_most(path: &str, list: &[String], most: usize) -> Result<(), Flaw> {
    if list.len() > most {
        return flaw(path, format!("has {} entries; at most {most} are taken", list.len()));
    }
    Ok(())
}
