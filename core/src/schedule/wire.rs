//! Hours as catalogues and GeoJSON write them.

use serde::Deserialize;

use super::{Schedule, ScheduleError, Window};

#[derive(Deserialize)]
struct WireSchedule {
    time_zone: String,
    windows: Vec<WireWindow>,
    only_dates: Option<Vec<String>>,
    #[serde(default)]
    except_dates: Vec<String>,
}

#[derive(Deserialize)]
struct WireWindow {
    days: Vec<String>,
    from: String,
    to: String,
}

impl Schedule {
    /// Reads `{"time_zone": …, "windows": [{"days": ["mo"], "from": "08:00", "to": "21:00"}]}`, perhaps with
    /// `only_dates` and `except_dates`.
    ///
    /// # Errors
    /// [`ScheduleError`] naming the part that is not understood; no part where it is no such object.
    pub fn from_json(json: &str) -> Result<Self, ScheduleError> {
        let wire: WireSchedule = serde_json::from_str(json)
            .map_err(|e| ScheduleError::new("", e.to_string().chars().take(200).collect::<String>()))?;
        let windows = wire.windows.iter().enumerate().map(|(at, window)| {
            Window::new(window.days.iter().map(String::as_str), &window.from, &window.to)
                .map_err(|error| ScheduleError::new(format!("windows[{at}].{}", error.path), error.why))
        });
        let windows = windows.collect::<Result<Vec<Window>, _>>()?;
        let only = wire.only_dates.as_deref();
        if only.is_some_and(<[String]>::is_empty) {
            return Err(ScheduleError::new("only_dates", "is empty; leave it out for every date"));
        }
        Self::new(&wire.time_zone, windows)?.on_dates(only.unwrap_or_default(), &wire.except_dates)
    }
}

impl ScheduleError {
    /// The path of the flaw in what holds the schedule at `field`.
    pub(crate) fn path_in(&self, field: &str) -> String {
        if self.path.is_empty() { field.to_owned() } else { format!("{field}.{}", self.path) }
    }
}
