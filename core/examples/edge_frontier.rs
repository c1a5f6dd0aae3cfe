//! Draws docs/images/edge-frontier.svg: false transitions of phones parked at an edge, against how late
//! an arrival is told, for rules and bounds. The phones are those of the `edge_*` benchmarks; a minute.
//!
//! ```sh
//! cargo run --package patron-core --features simulation --example edge_frontier -- docs/images/edge-frontier.svg
//! ```

#![allow(clippy::print_stdout, reason = "a program that reports")]

use std::fmt::Write as _;
use std::io::{Error, ErrorKind};

use patron_core::place::edge::{Rule, arrival_delay_s, parked_per_hour};

const SIGMA_M: f64 = 15.0;
/// As the benchmarks have them.
const PHONES: u64 = 1_000;
const HOURS: usize = 4;
const WALKS: u64 = 3_000;

/// The picture's frame, in pixels.
const LEFT: f64 = 70.0;
const RIGHT: f64 = 730.0;
const TOP: f64 = 30.0;
const BOTTOM: f64 = 370.0;
/// Seconds at its right, and transitions an hour at its bottom and its top.
const LATEST_S: f64 = 45.0;
const LEAST: f64 = 0.1;
const MOST: f64 = 40.0;
/// The targets of docs/benchmarks.md.
const TARGET: (f64, f64) = (30.0, 0.8);

fn main() -> Result<(), Error> {
    let file = std::env::args().nth(1).ok_or_else(|| Error::new(ErrorKind::InvalidInput, "name a file to write"))?;
    std::fs::write(file, draw())
}

fn x(delay_s: f64) -> f64 {
    LEFT + (RIGHT - LEFT) * delay_s.min(LATEST_S) / LATEST_S
}

fn y(per_hour: f64) -> f64 {
    TOP + (BOTTOM - TOP) * (MOST / per_hour.clamp(LEAST, MOST)).ln() / (MOST / LEAST).ln()
}

fn draw() -> String {
    let mut svg = String::from(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"760\" height=\"420\" viewBox=\"0 0 760 420\" role=\"img\" \
         aria-label=\"False transitions an hour against the delay of an arrival, at sigma 15 m\">\n\
         <style>text{font:12px system-ui,sans-serif;fill:#1f2328}.t{fill:#57606a}</style>\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n",
    );
    for per_hour in [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 40.0] {
        let y = y(per_hour);
        let _ = writeln!(
            svg,
            "<line x1=\"{LEFT}\" x2=\"{RIGHT}\" y1=\"{y:.1}\" y2=\"{y:.1}\" stroke=\"#d0d7de\"/>\
             <text class=\"t\" x=\"62\" y=\"{:.1}\" text-anchor=\"end\">{per_hour}</text>",
            y + 4.0
        );
    }
    for delay_s in (0..=45).step_by(5) {
        let x = x(f64::from(delay_s));
        let _ = writeln!(svg, "<text class=\"t\" x=\"{x:.1}\" y=\"388\" text-anchor=\"middle\">{delay_s}</text>");
    }
    let (target_x, target_y) = (x(TARGET.0), y(TARGET.1));
    let _ = writeln!(
        svg,
        "<text x=\"400\" y=\"410\" text-anchor=\"middle\">median seconds from crossing the edge to being told, σ 15 m</text>\n\
         <text x=\"{LEFT}\" y=\"18\">false transitions an hour, parked within 50 m of the edge, σ 15 m (log)</text>\n\
         <rect x=\"{LEFT}\" y=\"{target_y:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"#1a7f37\" fill-opacity=\"0.13\"/>\
         <text class=\"t\" x=\"78\" y=\"360\">the targets: ≤ 0.8 and ≤ 30 s</text>",
        target_x - LEFT,
        BOTTOM - target_y
    );
    for rule in Rule::TRIED {
        let (x, y) = point(rule);
        let name = rule.name();
        let _ = writeln!(
            svg,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" fill=\"#0969da\" fill-opacity=\"0.5\"><title>{name}</title></circle>"
        );
    }
    // Radar's is what the fix says, at this accuracy.
    for (rule, radius, colour, name) in [
        (Rule::Naive, 6, "#cf222e", "as the fix says, Radar's"),
        (Rule::Tracelet, 6, "#bf8700", "Tracelet's"),
        (Rule::Patron, 7, "#0969da", "Patron"),
    ] {
        let (x, y) = point(rule);
        let _ = writeln!(
            svg,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius}\" fill=\"{colour}\"/><text x=\"{:.1}\" y=\"{:.1}\">{name}</text>",
            x + 12.0,
            y + 4.0
        );
    }
    svg + "</svg>\n"
}

fn point(rule: Rule) -> (f64, f64) {
    let delay_s = arrival_delay_s(rule, SIGMA_M, WALKS).unwrap_or(LATEST_S);
    let per_hour = parked_per_hour(rule, SIGMA_M, PHONES, HOURS);
    println!("{:36} {per_hour:.3} an hour, {delay_s:.1} s", rule.name());
    (x(delay_s), y(per_hour))
}
