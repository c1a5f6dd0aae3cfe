//! What makes a partner or an offer of the catalogue a good one; [`super::place_entry`] has places.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Display;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::catalogue::{LocalText, Offer, Partner, PartnerKind};
use super::rule::{Numbering, Rule};
use super::{Benefit, Experiment, details, terms};
use crate::ids::id_flaw;
use crate::money::currency_flaw;
use crate::place::Place;
use crate::schedule::Schedule;

/// A title is a line and a body a paragraph; what is longer is a mistake, or an attack on a layout.
const MAX_TITLE_CHARS: usize = 200;
const MAX_BODY_CHARS: usize = 4_000;

/// An address that no browser's bar would take is not one.
const MAX_URL_BYTES: usize = 2_048;

/// What is wrong with an entry.
pub(super) struct Flaw {
    /// Where in it, for example `benefit.percent`.
    pub(super) path: String,
    /// In words.
    pub(super) why: String,
}

/// `path` is written out here and no sooner: nearly all entries are good.
pub(super) fn flaw<T>(path: impl Display, why: impl Into<String>) -> Result<T, Flaw> {
    Err(Flaw { path: path.to_string(), why: why.into() })
}

#[derive(Deserialize)]
pub(super) struct WirePartner<'a> {
    id: String,
    name: String,
    #[serde(borrow)]
    kind: Option<Text<'a>>,
    #[serde(borrow)]
    caps: Option<&'a RawValue>,
}

impl WirePartner<'_> {
    pub(super) fn check(self) -> Result<Partner, Flaw> {
        check_id("id", &self.id)?;
        check_line("name", &self.name)?;
        let kind = match self.kind.as_deref() {
            None | Some("national") => PartnerKind::National,
            Some("local") => PartnerKind::Local,
            Some(other) => return flaw("kind", format!("{other:?} is neither national nor local")),
        };
        Ok(Partner { id: self.id, name: self.name, kind, caps: details::caps("caps", self.caps)? })
    }
}

/// A string that is copied only when it holds an escape.
type Text<'a> = Cow<'a, str>;

#[derive(Deserialize)]
pub(super) struct WireOffer<'a> {
    id: String,
    #[serde(default = "first")]
    version: u32,
    partner: Option<String>,
    title: String,
    #[serde(default)]
    body: String,
    #[serde(default)]
    priority: i32,
    #[serde(default)]
    placements: Vec<String>,
    #[serde(default)]
    places: Vec<String>,
    #[serde(borrow)]
    benefit: WireBenefit<'a>,
    #[serde(borrow)]
    schedule: Option<&'a RawValue>,
    #[serde(borrow)]
    starts_at: Option<&'a str>,
    #[serde(borrow)]
    expires_at: Option<&'a str>,
    #[serde(default)]
    texts: BTreeMap<String, WireText>,
    campaign: Option<String>,
    #[serde(default)]
    value: i64,
    #[serde(default)]
    topics: Vec<String>,
    #[serde(default)]
    keywords: Vec<String>,
    #[serde(borrow)]
    audience: Option<&'a RawValue>,
    #[serde(borrow)]
    triggers: Option<&'a RawValue>,
    #[serde(borrow)]
    caps: Option<&'a RawValue>,
    #[serde(borrow)]
    experiment: Option<&'a RawValue>,
    #[serde(borrow)]
    images: Option<&'a RawValue>,
    #[serde(borrow)]
    terms: Option<&'a RawValue>,
}

fn first() -> u32 {
    1
}

#[derive(Deserialize)]
struct WireText {
    title: String,
    #[serde(default)]
    body: String,
}

impl<'a> WireOffer<'a> {
    pub(super) fn check(self, partners: &[Partner], places: &[Place], shared: &mut Shared<'a>) -> Result<Offer, Flaw> {
        check_id("id", &self.id)?;
        let partner = check_partner(self.partner.as_deref(), partners)?;
        for (at, id) in self.placements.iter().enumerate() {
            check_id(format_args!("placements[{at}]"), id)?;
        }
        for (at, id) in self.places.iter().enumerate() {
            if places.binary_search_by(|place| place.id.as_str().cmp(id)).is_err() {
                return flaw(format!("places[{at}]"), format!("there is no good place {id:?} in the catalogue"));
            }
        }
        let text = WireText { title: self.title, body: self.body }.check("")?;
        let mut texts = BTreeMap::new();
        for (tag, text) in self.texts {
            let path = format!("texts.{tag}.");
            texts.insert(tag.replace('_', "-").to_ascii_lowercase(), text.check(&path)?);
        }
        let (starts_at_ms, expires_at_ms) =
            shared.span(("starts_at", self.starts_at), ("expires_at", self.expires_at))?;
        if let Some(campaign) = &self.campaign {
            check_id("campaign", campaign)?;
        }
        let audience = self.audience.map(|raw| shared.audience(raw)).transpose()?;
        Ok(Offer {
            triggers: details::triggers(self.triggers, places, shared)?,
            caps: details::caps("caps", self.caps)?,
            experiment: self.experiment.map(|raw| shared.experiment(raw)).transpose()?,
            images: details::images(self.images)?,
            terms: self.terms.map(|raw| terms::terms(raw, expires_at_ms, places, shared)).transpose()?,
            value: details::value(self.value)?,
            topics: details::topics(&self.topics)?,
            keywords: details::keywords(self.keywords)?,
            campaign: self.campaign,
            clocked: audience.as_ref().is_some_and(|(_, clocked)| *clocked),
            audience: audience.map(|(rule, _)| rule),
            benefit: self.benefit.check()?,
            schedule: self.schedule.map(|raw| shared.schedule("schedule", raw)).transpose()?,
            id: self.id,
            version: self.version,
            partner_kind: partner.map(|partner| partner.kind),
            partner: self.partner,
            text,
            texts,
            priority: self.priority,
            placements: self.placements,
            places: self.places,
            starts_at_ms,
            expires_at_ms,
        })
    }
}

impl WireText {
    fn check(self, path: &str) -> Result<LocalText, Flaw> {
        check_line(format_args!("{path}title"), &self.title)?;
        check_text(format_args!("{path}body"), &self.body)?;
        Ok(LocalText { title: self.title, body: self.body })
    }
}

/// All kinds of benefit in one: an internally tagged enum would be read twice.
#[derive(Deserialize)]
struct WireBenefit<'a> {
    #[serde(borrow)]
    kind: Text<'a>,
    percent: Option<i64>,
    minor: Option<i64>,
    currency: Option<String>,
    points: Option<i64>,
    url: Option<String>,
}

impl WireBenefit<'_> {
    fn check(self) -> Result<Benefit, Flaw> {
        Ok(match &*self.kind {
            "percent" => {
                let percent = required("benefit.percent", self.percent)?;
                match u8::try_from(percent) {
                    Ok(percent @ 1..=100) => Benefit::Percent { percent },
                    _ => return flaw("benefit.percent", format!("{percent} is not within 1 to 100")),
                }
            }
            "amount" => {
                let minor = required("benefit.minor", self.minor)?;
                let currency = required("benefit.currency", self.currency)?;
                if minor < 1 {
                    return flaw("benefit.minor", format!("{minor} is not above 0"));
                }
                if let Some(why) = currency_flaw(&currency) {
                    return flaw("benefit.currency", why);
                }
                Benefit::Amount { minor, currency }
            }
            "points" => {
                let points = required("benefit.points", self.points)?;
                match u32::try_from(points) {
                    Ok(points @ 1..) => Benefit::Points { points },
                    _ => return flaw("benefit.points", format!("{points} is not within 1 to {}", u32::MAX)),
                }
            }
            "content" => {
                let url = required("benefit.url", self.url)?;
                check_url("benefit.url", &url)?;
                Benefit::Content { url }
            }
            "access" => Benefit::Access,
            "service" => Benefit::Service,
            "experience" => Benefit::Experience,
            other => return flaw("benefit.kind", format!("{other:?} is not a kind of benefit")),
        })
    }
}

/// Apps hand it to a browser or load it: no javascript:, no file:, nothing in the clear.
pub(super) fn check_url(path: impl Display, url: &str) -> Result<(), Flaw> {
    let host = url.strip_prefix("https://").unwrap_or_default();
    let clean = !url.chars().any(|c| c.is_whitespace() || c.is_control());
    if host.is_empty() || host.starts_with('/') || !clean || url.len() > MAX_URL_BYTES {
        return flaw(path, "is not an https address");
    }
    Ok(())
}

pub(super) fn required<T>(path: &str, value: Option<T>) -> Result<T, Flaw> {
    value.map_or_else(|| flaw(path, "is missing"), Ok)
}

/// What many offers have in common, by the text it was read from: a chain's thousand offers share
/// a few hours and dates, and each is then read once.
#[derive(Default)]
pub(super) struct Shared<'a> {
    schedules: HashMap<&'a str, Arc<Schedule>>,
    instants: HashMap<&'a str, i64>,
    /// And whether the rule looks at the clock.
    audiences: HashMap<&'a str, (Arc<Rule>, bool)>,
    experiments: HashMap<&'a str, Arc<Experiment>>,
    /// What audiences' rules ask.
    pub(super) questions: Numbering,
}

impl<'a> Shared<'a> {
    /// When something begins and when it ends, which is later; by the names of the fields.
    pub(super) fn span(
        &mut self,
        (starts, start): (&str, Option<&'a str>),
        (ends, end): (&str, Option<&'a str>),
    ) -> Result<(Option<i64>, Option<i64>), Flaw> {
        let start_ms = start.map(|text| self.instant(starts, text)).transpose()?;
        let end_ms = end.map(|text| self.instant(ends, text)).transpose()?;
        match (start_ms, end_ms) {
            (Some(start), Some(end)) if end <= start => flaw(ends, format!("is not after {starts}")),
            span => Ok(span),
        }
    }

    fn audience(&mut self, raw: &'a RawValue) -> Result<(Arc<Rule>, bool), Flaw> {
        if let Some(known) = self.audiences.get(raw.get()) {
            return Ok(known.clone());
        }
        let mut rule = details::audience(raw)?;
        rule.number(&mut self.questions);
        let clocked = rule.is_clocked();
        Ok(self.audiences.entry(raw.get()).or_insert((Arc::new(rule), clocked)).clone())
    }

    fn experiment(&mut self, raw: &'a RawValue) -> Result<Arc<Experiment>, Flaw> {
        if let Some(known) = self.experiments.get(raw.get()) {
            return Ok(Arc::clone(known));
        }
        let read = Arc::new(details::experiment(raw)?);
        Ok(Arc::clone(self.experiments.entry(raw.get()).or_insert(read)))
    }

    pub(super) fn schedule(&mut self, path: &str, raw: &'a RawValue) -> Result<Arc<Schedule>, Flaw> {
        if let Some(known) = self.schedules.get(raw.get()) {
            return Ok(Arc::clone(known));
        }
        let schedule = Schedule::from_json(raw.get()).or_else(|error| flaw(error.path_in(path), error.why.clone()))?;
        Ok(Arc::clone(self.schedules.entry(raw.get()).or_insert(Arc::new(schedule))))
    }

    fn instant(&mut self, path: &str, text: &'a str) -> Result<i64, Flaw> {
        if let Some(known) = self.instants.get(text) {
            return Ok(*known);
        }
        match text.parse::<jiff::Timestamp>() {
            Ok(at) => Ok(*self.instants.entry(text).or_insert(at.as_millisecond())),
            Err(_) => flaw(path, format!("{:?} is not a time as RFC 3339", text.chars().take(64).collect::<String>())),
        }
    }
}

pub(super) fn check_id(path: impl Display, id: &str) -> Result<(), Flaw> {
    id_flaw(id).map_or(Ok(()), |why| flaw(path, why))
}

pub(super) fn check_line(path: impl Display, text: &str) -> Result<(), Flaw> {
    if text.trim().is_empty() {
        return flaw(path, "is empty");
    }
    if text.len() > MAX_TITLE_CHARS && text.chars().count() > MAX_TITLE_CHARS {
        return flaw(path, format!("is longer than {MAX_TITLE_CHARS} characters"));
    }
    Ok(())
}

pub(super) fn check_text(path: impl Display, text: &str) -> Result<(), Flaw> {
    if text.len() > MAX_BODY_CHARS && text.chars().count() > MAX_BODY_CHARS {
        return flaw(path, format!("is longer than {MAX_BODY_CHARS} characters"));
    }
    Ok(())
}

/// The partner of that id, where one is named.
pub(super) fn check_partner<'a>(id: Option<&str>, partners: &'a [Partner]) -> Result<Option<&'a Partner>, Flaw> {
    let Some(id) = id else { return Ok(None) };
    match partners.binary_search_by(|partner| partner.id.as_str().cmp(id)).ok().and_then(|at| partners.get(at)) {
        None => flaw("partner", format!("there is no good partner {id:?} in the catalogue")),
        partner => Ok(partner),
    }
}
