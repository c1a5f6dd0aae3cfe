//! The finished timeline as a picture, for the README.

use std::fmt::Write;

use super::row::{Span, Tone};

const CELL: f64 = 7.8;
const LINE: f64 = 19.0;
const MARGIN: f64 = 18.0;
const TITLE_BAR: f64 = 40.0;

/// A dark terminal with these rows.
pub(crate) fn render(rows: &[Vec<Span>]) -> String {
    let columns = rows.iter().map(|row| row.iter().map(|s| console::measure_text_width(&s.text)).sum::<usize>()).max();
    let width = columns.unwrap_or(0) as f64 * CELL + 2.0 * MARGIN;
    let height = rows.len() as f64 * LINE + TITLE_BAR + MARGIN;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\" role=\"img\" aria-label=\"The timeline that cargo xtask demo prints\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"10\" fill=\"#0d1117\"/>\n\
         <circle cx=\"22\" cy=\"20\" r=\"6\" fill=\"#ff5f57\"/><circle cx=\"42\" cy=\"20\" r=\"6\" fill=\"#febc2e\"/><circle cx=\"62\" cy=\"20\" r=\"6\" fill=\"#28c840\"/>\n\
         <g font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" font-size=\"13\" xml:space=\"preserve\">\n\
         <text x=\"{:.0}\" y=\"24\" fill=\"#7d8590\" text-anchor=\"middle\">cargo xtask demo</text>\n",
        width / 2.0,
    );
    for (line, row) in rows.iter().enumerate() {
        let y = TITLE_BAR + (line as f64 + 0.75) * LINE;
        let mut column = 0;
        for span in row {
            let cells = console::measure_text_width(&span.text);
            let indent = span.text.len() - span.text.trim_start().len();
            let text = span.text.trim();
            if !text.is_empty() {
                let x = MARGIN + (column + indent) as f64 * CELL;
                // Told its length, so that columns stand in whatever font the reader has.
                let length = console::measure_text_width(text) as f64 * CELL;
                let (fill, weight) = look(span.tone);
                let _ = writeln!(
                    svg,
                    "<text x=\"{x:.1}\" y=\"{y:.1}\" fill=\"{fill}\"{weight} textLength=\"{length:.1}\">{}</text>",
                    escape(text),
                );
            }
            column += cells;
        }
    }
    svg.push_str("</g>\n</svg>\n");
    svg
}

fn look(tone: Tone) -> (&'static str, &'static str) {
    match tone {
        Tone::Plain => ("#e6edf3", ""),
        Tone::Strong => ("#f0f6fc", " font-weight=\"600\""),
        Tone::Dim => ("#8b949e", ""),
        Tone::Good => ("#3fb950", ""),
        Tone::Warn => ("#d29922", ""),
        Tone::Bad => ("#f85149", " font-weight=\"600\""),
        Tone::Offer => ("#58a6ff", ""),
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::row::span;

    #[test]
    fn columns_stand_and_markup_is_text() {
        let svg = render(&[vec![span(Tone::Dim, "  ab "), span(Tone::Good, "<&>")]]);
        assert!(svg.contains(&format!("x=\"{:.1}\"", MARGIN + 5.0 * CELL)) && svg.contains("&lt;&amp;&gt;"), "{svg}");
    }
}
