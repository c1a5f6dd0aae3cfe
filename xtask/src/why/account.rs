//! What is told of one decision.

use anyhow::{Result, ensure};
use patron_core::clock::rfc3339;
use patron_core::consent::Sha;
use patron_core::offer::rule::Trace;
use patron_core::offer::{DecisionInput, DecisionRecord, OfferCatalogue, Shopper, Why, audience_trace, why};
use serde_json::{Value, json};

use super::tree::Node;

/// A decision, taken again and explained.
pub struct Account {
    id: String,
    at: String,
    placement: Option<String>,
    locale: String,
    asked: bool,
    catalogue: String,
    /// It came out as it did then.
    pub same: bool,
    shown: Vec<Told>,
    others: Vec<Told>,
    /// So many more did not show.
    more: usize,
}

/// What is told of one offer.
struct Told {
    title: String,
    version: u32,
    why: Why,
    trace: Option<Trace>,
}

impl Account {
    /// Takes `record` again on `catalogue`, whose bytes have the hash `of`, and explains every offer that
    /// shows and at most `most` of the others; or `offer` alone.
    pub fn of(
        record: &DecisionRecord,
        catalogue: &OfferCatalogue,
        of: Sha,
        offer: Option<&str>,
        most: usize,
    ) -> Result<Self> {
        let replayed = record.replay(catalogue, of)?;
        let mut account = Self {
            id: record.id.to_string(),
            at: rfc3339(record.at_ms),
            placement: None,
            locale: String::new(),
            asked: false,
            catalogue: record.catalogue.to_string(),
            same: replayed.same,
            shown: Vec::new(),
            others: Vec::new(),
            more: 0,
        };
        if let Some(id) = offer {
            ensure!(catalogue.offer(id).is_some(), "the catalogue has no offer {id:?}");
        }
        let wanted = |id: &str| offer.is_none_or(|offer| offer == id);
        let chosen = &replayed.decision.chosen;
        let best = chosen.iter().filter_map(|at| catalogue.offers.get(*at)).map(|offer| offer.id.as_str());
        let best: Vec<&str> = best.filter(|id| wanted(id)).collect();
        let rest = catalogue.offers.iter().enumerate().filter(|(at, _)| !chosen.contains(at));
        let rest: Vec<&str> = rest.map(|(_, offer)| offer.id.as_str()).filter(|id| wanted(id)).collect();
        record.restore(catalogue, of, &mut |input, shopper| {
            account.placement = input.placement.map(str::to_owned);
            input.locale.clone_into(&mut account.locale);
            account.asked = shopper.asked;
            account.shown = best.iter().filter_map(|id| Told::of(input, shopper, id)).collect();
            account.others = rest.iter().take(most).filter_map(|id| Told::of(input, shopper, id)).collect();
        })?;
        account.more = rest.len() - account.others.len();
        Ok(account)
    }

    pub fn tree(&self) -> String {
        let came = if self.asked { "asked for" } else { "came by itself" };
        let place = self.placement.as_deref().unwrap_or("anywhere");
        let again = if self.same { "the same" } else { "OTHERWISE" };
        let ranked = self.shown.iter().enumerate().map(|(at, told)| told.shown(at + 1));
        let mut branches = vec![Node::with(format!("shown: {}", self.shown.len()), ranked)];
        let mut others: Vec<Node> = self.others.iter().map(Told::left_out).collect();
        if self.more > 0 {
            others.push(Node::leaf(format!("and {} more; --all tells of each", self.more)));
        }
        branches.push(Node::with(format!("not shown: {}", self.others.len() + self.more), others));
        let head = Node::with(
            format!("decision {}  {}  {came}, {place}, {}", self.id, self.at, self.locale),
            std::iter::once(Node::leaf(format!("taken again: {again}; catalogue {}", self.catalogue))).chain(branches),
        );
        head.draw()
    }

    pub fn json(&self) -> Value {
        json!({
            "id": self.id, "at": self.at, "placement": self.placement, "locale": self.locale, "asked": self.asked,
            "catalogue": self.catalogue, "same": self.same,
            "shown": self.shown.iter().map(Told::json).collect::<Vec<_>>(),
            "not_shown": self.others.iter().map(Told::json).collect::<Vec<_>>(),
            "more": self.more,
        })
    }
}

impl Told {
    fn of(input: &DecisionInput<'_>, shopper: &Shopper<'_>, id: &str) -> Option<Self> {
        let offer = input.catalogue.offer(id)?;
        Some(Self {
            title: offer.text.title.clone(),
            version: offer.version,
            why: why(input, shopper, id)?,
            trace: audience_trace(input, shopper, id),
        })
    }

    fn shown(&self, rank: usize) -> Node {
        let points: u32 = self.why.parts.iter().map(|part| u32::from(part.points)).sum();
        let parts = self.why.parts.iter().map(|part| Node::leaf(format!("+{:<4}{}", part.points, part.text)));
        let head = format!("{rank}. {} “{}”, {points} points: {}", self.why.offer, self.title, self.why.summary);
        Node::with(head, parts.chain(self.rule()))
    }

    fn left_out(&self) -> Node {
        let against = self.why.reasons.iter().filter(|reason| !reason.holds);
        let reasons = against.map(|reason| {
            let remedy = reason.remedy.as_ref().map(|remedy| Node::leaf(format!("to change it: {remedy}")));
            Node::with(format!("✗ {}", reason.text), remedy)
        });
        Node::with(format!("{} “{}”", self.why.offer, self.title), reasons.chain(self.rule()))
    }

    /// How its audience's rule came to its outcome.
    fn rule(&self) -> Option<Node> {
        let trace = self.trace.as_ref()?.to_string();
        Some(Node::with("its audience", trace.lines().map(Node::leaf)))
    }

    fn json(&self) -> Value {
        let reasons = self.why.reasons.iter().map(|reason| {
            json!({ "fact": format!("{:?}", reason.fact), "holds": reason.holds, "text": reason.text, "remedy": reason.remedy })
        });
        let parts = self.why.parts.iter().map(|part| json!({ "points": part.points, "text": part.text }));
        json!({
            "offer": self.why.offer, "version": self.version, "title": self.title, "summary": self.why.summary,
            "reasons": reasons.collect::<Vec<_>>(), "parts": parts.collect::<Vec<_>>(),
            "audience": self.trace.as_ref().map(ToString::to_string),
        })
    }
}
