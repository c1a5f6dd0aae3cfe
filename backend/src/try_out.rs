//! `patron-backend dry-run`: who of a sample would get which offer, and why the others would not.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;
use patron_backend::dry_run::{DryRun, Outcome, SamplePerson, dry_run as run};
use patron_backend::{Checked, Floor, LEAST, read_catalogue};
use patron_core::clock::{Clock as _, SystemClock, parse_rfc3339};

use crate::check::in_words;

/// What `patron-backend dry-run` takes.
#[derive(Args)]
pub(crate) struct Try {
    /// The catalogue.
    #[arg(long, value_name = "FILE.json")]
    catalogue: PathBuf,
    /// Synthetic people, or testers who agreed: one a line, as docs/publishing.md says.
    #[arg(long, value_name = "FILE.jsonl")]
    people: PathBuf,
    /// Tells of this offer alone.
    #[arg(long, value_name = "ID")]
    offer: Option<String>,
    /// At which time, RFC 3339; now without it.
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// States that no real person is among them: counts are told as they are, also those below 20.
    #[arg(long)]
    synthetic: bool,
    /// Print one object of JSON, for other programs.
    #[arg(long)]
    json: bool,
}

/// Prints what would be. Whether the catalogue could be published.
pub(crate) fn dry_run(arguments: &Try) -> Result<bool, String> {
    let now_ms = match &arguments.at {
        None => SystemClock::new().now().wall_ms,
        Some(at) => parse_rfc3339(at).ok_or("--at is no time of RFC 3339, such as 2026-12-01T06:00:00Z")?,
    };
    let bytes = read_catalogue(&arguments.catalogue).map_err(|error| error.to_string())?;
    let checked = Checked::of(&bytes);
    let Some(catalogue) = checked.publishable() else {
        print(&in_words(&checked, &arguments.catalogue.display().to_string()))?;
        return Ok(false);
    };
    if let Some(id) = arguments.offer.as_deref().filter(|id| catalogue.offer(id).is_none()) {
        return Err(format!("--offer: the catalogue has no offer {id}"));
    }
    let (people, lines) = read_people(&arguments.people)?;
    let floor = if arguments.synthetic { Floor::Off } else { Floor::Kept };
    let done = run(catalogue, &people, arguments.offer.as_deref(), now_ms, floor).map_err(|error| {
        let line = lines.get(error.person).copied().unwrap_or_default();
        format!("{}, line {line}: {error}", arguments.people.display())
    })?;
    if arguments.json {
        let json = serde_json::to_string(&done).map_err(|error| format!("printing: {error}"))?;
        print(&json)?;
    } else {
        print(&told(&done, floor))?;
    }
    Ok(true)
}

fn print(text: &str) -> Result<(), String> {
    writeln!(std::io::stdout(), "{text}").map_err(|error| format!("printing: {error}"))
}

/// The people, and the line of each. Empty lines are none.
fn read_people(file: &Path) -> Result<(Vec<SamplePerson>, Vec<usize>), String> {
    let name = file.display();
    let opened = std::fs::File::open(file).map_err(|error| format!("{name}: {error}"))?;
    let (mut people, mut lines) = (Vec::new(), Vec::new());
    for (at, line) in (1..).zip(BufReader::new(opened).lines()) {
        let line = line.map_err(|error| format!("{name}, line {at}: {error}"))?;
        if !line.trim().is_empty() {
            people.push(serde_json::from_str(&line).map_err(|error| {
                let text = error.to_string();
                let words = text.rsplit_once(" at line ").map_or(text.as_str(), |(words, _)| words);
                format!("{name}, line {at}, column {}: {words}", error.column())
            })?);
            lines.push(at);
        }
    }
    if people.is_empty() { Err(format!("{name}: there is nobody in it")) } else { Ok((people, lines)) }
}

fn told(done: &DryRun, floor: Floor) -> String {
    let DryRun { version, at, people, offers } = done;
    let mut text = format!("{version} at {at}, {people} people");
    if floor == Floor::Kept {
        text += &format!(" (counts are rounded down to a multiple of {LEAST}, and small ones withheld)");
    }
    for Outcome { offer, shown, not_shown } in offers {
        text += &format!("\n\n{offer}\n  {shown} would see it");
        for because in not_shown {
            text += &format!("\n  {} {}", because.people, because.words);
        }
    }
    text
}
