//! What makes a place of the catalogue a good one.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::catalogue::Partner;
use super::entry::{Flaw, Shared, check_id, check_line, check_partner, flaw};
use crate::place::beacon::BeaconIdError;
use crate::place::{Circle, Fence, Place, default_dwell_s, geojson};

/// A stay is counted in seconds to a day.
const DWELL_S: std::ops::RangeInclusive<u32> = 1..=86_400;

/// Further away nobody approaches a shop.
const APPROACH_M: std::ops::RangeInclusive<u32> = 1..=10_000;

/// A hall has fewer.
const MAX_BEACONS: usize = 128;

#[derive(Deserialize)]
pub(super) struct WirePlace<'a> {
    id: String,
    name: String,
    partner: Option<String>,
    parent: Option<String>,
    circle: Option<Circle>,
    #[serde(borrow)]
    area: Option<&'a RawValue>,
    #[serde(default = "default_dwell_s")]
    dwell_s: u32,
    approach_m: Option<u32>,
    #[serde(default)]
    beacons: Vec<String>,
    #[serde(borrow)]
    hours: Option<&'a RawValue>,
    #[serde(borrow)]
    starts_at: Option<&'a str>,
    #[serde(borrow)]
    ends_at: Option<&'a str>,
}

impl<'a> WirePlace<'a> {
    pub(super) fn check(self, partners: &[Partner], shared: &mut Shared<'a>) -> Result<Place, Flaw> {
        check_id("id", &self.id)?;
        check_line("name", &self.name)?;
        check_partner(self.partner.as_deref(), partners)?;
        if !DWELL_S.contains(&self.dwell_s) {
            let why = format!("{} is not within {} to {} seconds", self.dwell_s, DWELL_S.start(), DWELL_S.end());
            return flaw("dwell_s", why);
        }
        if let Some(metres) = self.approach_m.filter(|metres| !APPROACH_M.contains(metres)) {
            let why = format!("{metres} is not within {} to {} metres", APPROACH_M.start(), APPROACH_M.end());
            return flaw("approach_m", why);
        }
        if self.beacons.len() > MAX_BEACONS {
            return flaw("beacons", format!("has {} entries; at most {MAX_BEACONS} are taken", self.beacons.len()));
        }
        let mut beacons = Vec::with_capacity(self.beacons.len());
        for (at, text) in self.beacons.iter().enumerate() {
            match text.parse() {
                Ok(beacon) => beacons.push(beacon),
                Err(BeaconIdError { .. }) => return flaw(format!("beacons[{at}]"), "names no beacon"),
            }
        }
        let (starts_at_ms, ends_at_ms) = shared.span(("starts_at", self.starts_at), ("ends_at", self.ends_at))?;
        Ok(Place {
            fence: fence(self.circle, self.area)?,
            hours: self.hours.map(|raw| shared.schedule("hours", raw)).transpose()?,
            id: self.id,
            name: self.name,
            partner: self.partner,
            parent: self.parent,
            dwell_s: self.dwell_s,
            approach_m: self.approach_m,
            beacons,
            starts_at_ms,
            ends_at_ms,
        })
    }
}

fn fence(circle: Option<Circle>, area: Option<&RawValue>) -> Result<Option<Fence>, Flaw> {
    Ok(match (circle, area) {
        (Some(_), Some(_)) => return flaw("area", "stands beside a circle; a place has one fence"),
        (Some(circle), None) => match circle.flaw() {
            Some((field, why)) => return flaw(format!("circle.{field}"), why),
            None => Some(circle.into()),
        },
        (None, Some(raw)) => match geojson::area(raw.get()) {
            Ok(area) => Some(area.into()),
            Err(why) => return flaw("area", why.to_string()),
        },
        (None, None) => None,
    })
}
