//! One measured number, and how rows are printed.

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
}

pub struct Row {
    pub id: &'static str,
    pub value: f64,
    pub unit: &'static str,
    pub target: Target,
    pub peers: Vec<(String, f64)>,
}

impl Row {
    fn met(&self) -> bool {
        match self.target {
            Target::AtMost(bound) => self.value <= bound,
            Target::AtLeast(bound) => self.value >= bound,
        }
    }

    pub fn json(&self) -> serde_json::Value {
        let target = match self.target {
            Target::AtMost(bound) | Target::AtLeast(bound) => bound,
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

/// The rows as a Markdown table, as they stand in docs/benchmarks.md.
pub fn table(rows: &[Row]) -> String {
    let mut lines = vec!["| id | Patron | unit | target | met | beside it, same run |".to_owned(), "|---|---:|---|---|---|---|".to_owned()];
    lines.extend(rows.iter().map(|row| {
        let target = match row.target {
            Target::AtMost(bound) => format!("≤ {bound}"),
            Target::AtLeast(bound) => format!("≥ {bound}"),
        };
        let peers: Vec<String> = row.peers.iter().map(|(name, value)| format!("{name} {}", round(*value))).collect();
        let met = if row.met() { "yes" } else { "**no**" };
        format!("| `{}` | {} | {} | {target} | {met} | {} |", row.id, round(row.value), row.unit, peers.join(", "))
    }));
    lines.join("\n")
}
