//! One measured number, as it is printed.

use serde_json::json;

/// A group of rows that are measured together.
pub struct Bench {
    pub title: &'static str,
    pub ids: &'static [&'static str],
    pub run: fn() -> anyhow::Result<Vec<Row>>,
}

/// Which way is better.
#[derive(Clone, Copy, PartialEq)]
pub enum Target {
    AtMost(f64),
    AtLeast(f64),
    /// None was set: the number is told, and judged by who reads it.
    Told,
}

pub struct Row {
    pub id: &'static str,
    pub value: f64,
    pub unit: &'static str,
    pub target: Target,
    pub peers: Vec<(String, f64)>,
}

impl Row {
    pub fn json(&self) -> serde_json::Value {
        let target = match self.target {
            Target::AtMost(bound) | Target::AtLeast(bound) => Some(bound),
            Target::Told => None,
        };
        let peers: serde_json::Map<_, _> =
            self.peers.iter().map(|(name, value)| (name.clone(), json!(round(*value)))).collect();
        json!({ "id": self.id, "value": round(self.value), "unit": self.unit, "target": target, "peers": peers })
    }
}

/// Three significant digits: more would be noise.
fn round(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let scale = 10f64.powf(2.0 - value.abs().log10().floor());
    (value * scale).round() / scale
}
