//! A table of results for the end of a command.

use std::time::Duration;

use console::{measure_text_width, style};

/// A row: what ran, how it ended, how long it took.
pub struct Row {
    pub name: String,
    pub good: bool,
    pub words: String,
    pub took: Duration,
}

/// Prints `rows` on standard output, names to the left, times to the right.
pub fn print(rows: &[Row]) {
    let width = |text: fn(&Row) -> &str| rows.iter().map(|row| measure_text_width(text(row))).max().unwrap_or(0);
    let (names, words) = (width(|row| &row.name), width(|row| &row.words).min(80));
    println!();
    for row in rows {
        let mark = if row.good { style("ok    ").green() } else { style("FAILED").red().bold() };
        println!("  {mark}  {:names$}  {:words$}  {:>6.1} s", row.name, row.words, row.took.as_secs_f64());
    }
    println!();
}
