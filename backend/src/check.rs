//! `patron-backend check`: what publishing would say of a catalogue.

use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;
use patron_backend::{Checked, read_catalogue};
use serde_json::json;

/// What `patron-backend check` takes.
#[derive(Args)]
pub(crate) struct CheckFile {
    /// The catalogue.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Print one object of JSON, for other programs.
    #[arg(long)]
    json: bool,
}

/// Prints every finding and a line that sums up. Whether it could be published.
pub(crate) fn check(arguments: &CheckFile) -> Result<bool, String> {
    let bytes = read_catalogue(&arguments.file).map_err(|error| error.to_string())?;
    let checked = Checked::of(&bytes);
    let good = checked.publishable().is_some();
    let text =
        if arguments.json { as_json(&checked) } else { in_words(&checked, &arguments.file.display().to_string()) };
    writeln!(std::io::stdout(), "{text}").map_err(|error| format!("printing: {error}"))?;
    Ok(good)
}

/// The findings one a line, for the eye and for editors that jump to them.
pub(crate) fn in_words(checked: &Checked, file: &str) -> String {
    let mut lines: Vec<String> = checked.findings.iter().map(ToString::to_string).collect();
    let (errors, warnings) = (checked.errors().count(), checked.warnings().count());
    lines.push(match (checked.publishable(), &checked.catalogue) {
        (Some(good), _) => format!(
            "{file}: good: version {}, {}, {}, {}; {}",
            good.version,
            count(good.offers.len(), "offer"),
            count(good.partners.len(), "partner"),
            count(good.places.len(), "place"),
            count(warnings, "warning")
        ),
        (None, Some(bad)) => format!(
            "{file}: not to be published: version {}, {}, {}",
            bad.version,
            count(errors, "error"),
            count(warnings, "warning")
        ),
        (None, None) => format!("{file}: not a catalogue"),
    });
    lines.join("\n")
}

fn as_json(checked: &Checked) -> String {
    let summary = checked.publishable().map(|good| {
        json!({ "version": good.version, "offers": good.offers.len(), "partners": good.partners.len(),
                "places": good.places.len() })
    });
    json!({ "good": summary.is_some(), "summary": summary, "findings": checked.findings }).to_string()
}

fn count(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
