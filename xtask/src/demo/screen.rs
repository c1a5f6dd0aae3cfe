//! Where the timeline goes: a terminal with a bar that moves, plain lines, or JSON with the words
//! on standard error. Every row is also kept, for the picture.

use std::io::Write;
use std::time::{Duration, Instant};

use console::{Style, Term};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use super::protocol::State;
use super::row::{Entry, Link, Span, Tone, span};

/// Long enough to read an entry while it is the newest.
const BEAT: Duration = Duration::from_millis(140);

/// Wide enough for a sentence, narrow enough for a README.
const WIDTH: usize = 100;

pub(crate) struct Screen {
    json: bool,
    /// Whether to wait for a reader at all.
    paced: bool,
    bar: ProgressBar,
    colour: bool,
    width: usize,
    rows: Vec<Vec<Span>>,
    day: Option<jiff::civil::Date>,
    pub(crate) link: Link,
}

impl Screen {
    pub(crate) fn new(json: bool, headless: bool) -> Self {
        // The bar redraws itself, so it is for people only.
        let live = !headless && Term::stderr().is_term();
        let target = if live { ProgressDrawTarget::stderr_with_hz(15) } else { ProgressDrawTarget::hidden() };
        Self {
            json,
            paced: !headless,
            bar: ProgressBar::with_draw_target(None, target),
            colour: if json { console::colors_enabled_stderr() } else { console::colors_enabled() },
            width: Term::stdout().size_checked().map_or(WIDTH, |(_, columns)| usize::from(columns).clamp(60, WIDTH)),
            rows: Vec::new(),
            day: None,
            link: Link::Up,
        }
    }

    /// Says what may take long before the walk begins.
    pub(crate) fn busy(&self, what: &str) {
        if self.bar.is_hidden() {
            eprintln!("  {what} …");
            return;
        }
        self.bar.set_style(
            ProgressStyle::with_template("  {spinner} {msg} {elapsed}")
                .unwrap_or_else(|_| ProgressStyle::default_spinner()),
        );
        self.bar.set_message(format!("{what} …"));
        self.bar.enable_steady_tick(Duration::from_millis(100));
    }

    /// Begins the bar of the walk.
    pub(crate) fn begin(&self, points: usize) {
        self.bar.disable_steady_tick();
        let style = ProgressStyle::with_template("  {bar:36.green/dim}  {msg}");
        self.bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━╸─"));
        self.bar.set_length(points as u64);
    }

    /// Moves the bar.
    pub(crate) fn progress(&self, points: usize, metres: f64, state: &State) {
        if self.bar.is_hidden() {
            return;
        }
        self.bar.set_position(points as u64);
        let link = match self.link {
            Link::Up => "online",
            Link::Down => "no network",
            Link::Dead => "killed",
        };
        self.bar.set_message(format!(
            "km {:.1} · {link} · {} queued · {} delivered",
            metres / 1_000.0,
            state.queued,
            state.delivered
        ));
    }

    pub(crate) fn end(&self) {
        self.bar.finish_and_clear();
    }

    /// Adds an entry to the timeline.
    pub(crate) async fn entry(&mut self, at_ms: i64, entry: Entry) {
        let at = jiff::Timestamp::from_millisecond(at_ms).unwrap_or_default().to_zoned(jiff::tz::TimeZone::UTC);
        if self.day.is_some_and(|day| day != at.date()) {
            self.row(vec![span(Tone::Dim, format!("  {}", at.date()))]);
        }
        self.day = Some(at.date());
        let time = if entry.follows() { String::new() } else { at.time().strftime("%H:%M:%S").to_string() };
        for row in entry.rows(&time, self.link, self.width) {
            self.row(row);
        }
        if self.json {
            self.object(&entry.json(at_ms));
        }
        if self.paced {
            tokio::time::sleep(BEAT).await;
        }
    }

    /// A line of words.
    pub(crate) fn row(&mut self, row: Vec<Span>) {
        let text: String = row.iter().map(|span| self.paint(span)).collect();
        let text = text.trim_end().to_owned();
        // A reader that went away (`demo | head`) is no reason to stop half-way.
        self.bar.suspend(|| match self.json {
            true => _ = writeln!(std::io::stderr(), "{text}"),
            false => _ = writeln!(std::io::stdout(), "{text}"),
        });
        self.rows.push(row);
    }

    /// A line for programs.
    pub(crate) fn object(&self, value: &impl Serialize) {
        if let (true, Ok(line)) = (self.json, serde_json::to_string(value)) {
            let _ = writeln!(std::io::stdout(), "{line}");
        }
    }

    pub(crate) fn rows(&self) -> &[Vec<Span>] {
        &self.rows
    }

    fn paint(&self, span: &Span) -> String {
        let style = match span.tone {
            Tone::Plain => Style::new(),
            Tone::Strong => Style::new().bold(),
            Tone::Dim => Style::new().dim(),
            Tone::Good => Style::new().green(),
            Tone::Warn => Style::new().yellow(),
            Tone::Bad => Style::new().red().bold(),
            Tone::Offer => Style::new().cyan(),
        };
        style.force_styling(self.colour).apply_to(&span.text).to_string()
    }
}

/// Keeps the walk's time in step with the watch of whoever looks on.
pub(crate) struct Pacer {
    /// Real milliseconds for each of the walk's; 0 does not wait at all.
    scale: f64,
    /// A pause of the walk takes no longer than this, unless a speed was asked for.
    longest: Duration,
    due: Instant,
    last_ms: i64,
}

/// A walk of any length takes about this long unless told otherwise; with the beats of the
/// timeline and the drain at its end it stays well within a minute.
const WALK: Duration = Duration::from_secs(24);

impl Pacer {
    /// For a walk of `duration_ms` that begins at `start_ms`.
    pub(crate) fn new(start_ms: i64, duration_ms: i64, speed: Option<f64>, headless: bool) -> Self {
        let default = (duration_ms as f64 / WALK.as_millis() as f64).max(1.0);
        let scale = if headless { 0.0 } else { 1.0 / speed.unwrap_or(default) };
        let longest = if speed.is_some() { Duration::MAX } else { Duration::from_secs(2) };
        Self { scale, longest, due: Instant::now(), last_ms: start_ms }
    }

    /// How many times faster than life, where it waits at all.
    pub(crate) fn speed(&self) -> Option<f64> {
        (self.scale > 0.0).then(|| 1.0 / self.scale)
    }

    /// Waits until the walk has come to `at_ms`.
    pub(crate) async fn until(&mut self, at_ms: i64) {
        let wait = (at_ms - self.last_ms).max(0) as f64 * self.scale / 1_000.0;
        self.last_ms = at_ms;
        if wait > 0.0 {
            let wait = Duration::try_from_secs_f64(wait).unwrap_or(Duration::MAX).min(self.longest);
            // What was late is not waited for: a fix that took long shortens the next wait.
            self.due = self.due.checked_add(wait).unwrap_or(self.due + Duration::from_secs(86_400 * 365));
            tokio::time::sleep_until(self.due.into()).await;
        }
    }
}
