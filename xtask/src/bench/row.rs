//! One measured number, and the table of all.

use anyhow::{Context, Result};
use serde_json::{Value, json};

/// A row as it stands on a line of JSON.
pub struct Row(Value);

impl Row {
    pub fn new(id: &str, value: f64, unit: &str, target: f64) -> Self {
        Self(json!({ "id": id, "value": value, "unit": unit, "target": target, "peers": {} }))
    }

    /// The same with a figure of someone else, or of another circumstance, beside it.
    #[must_use]
    pub fn beside(mut self, name: &str, value: f64) -> Self {
        self.0["peers"][name] = json!(value);
        self
    }

    pub fn id(&self) -> &str {
        self.0["id"].as_str().unwrap_or_default()
    }

    pub fn read(line: &str) -> Result<Self> {
        let value: Value = serde_json::from_str(line).with_context(|| format!("not a row: {line}"))?;
        Ok(Self(value))
    }

    pub fn text(&self) -> String {
        self.0.to_string()
    }

    /// More is better of what is counted by the second, less of all else.
    fn more_is_better(&self) -> bool {
        self.0["unit"].as_str().is_some_and(|unit| unit.ends_with("/s"))
    }

    fn line(&self) -> String {
        let number = |value: &Value| value.as_f64().map(|n| format!("{n}")).unwrap_or_default();
        let value = self.0["value"].as_f64().unwrap_or_default();
        let (target, met) = match (self.0["target"].as_f64(), self.more_is_better()) {
            (Some(least), true) => (format!("≥ {least}"), if value >= least { "yes" } else { "**no**" }),
            (Some(most), false) => (format!("≤ {most}"), if value <= most { "yes" } else { "**no**" }),
            (None, _) => ("none set".to_owned(), "–"),
        };
        let peers: Vec<String> = self.0["peers"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, value)| format!("{name} {}", number(value)))
            .collect();
        format!(
            "| `{}` | {} | {} | {target} | {met} | {} |",
            self.id(),
            number(&self.0["value"]),
            self.0["unit"].as_str().unwrap_or_default(),
            peers.join(", "),
        )
    }
}

/// The rows as a Markdown table, as they stand in docs/benchmarks.md.
pub fn table(rows: &[Row]) -> String {
    let head = "| id | Patron | unit | target | met | beside it, same run |\n|---|---:|---|---|---|---|".to_owned();
    std::iter::once(head).chain(rows.iter().map(Row::line)).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_must_be_high_and_a_time_low() {
        assert!(Row::new("a", 60_000.0, "events/s", 50_000.0).line().contains("≥ 50000 | yes"));
        assert!(Row::new("b", 60.0, "ms", 30.0).line().contains("≤ 30 | **no**"));
    }

    #[test]
    fn a_number_without_a_target_is_neither_met_nor_missed() {
        let row = Row::read(r#"{"id":"c","value":7,"unit":"events/s","target":null,"peers":{}}"#).unwrap();
        assert!(row.line().contains("| 7 | events/s | none set | – |"));
    }
}
