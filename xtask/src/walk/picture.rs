//! The walk as a picture.

use std::fmt::Write as _;

use patron_core::place::{Circle, Fence};

use super::replay::{APPROACHING, Replay, Told};
use super::track::Track;

const WIDTH: f64 = 1_200.0;
const HEIGHT: f64 = 900.0;
const MARGIN: f64 = 40.0;
/// More dots than these say nothing more, and make a file that no viewer opens.
const MOST_DOTS: usize = 2_000;

const HEAD: &str = "<style>
text { font: 12px system-ui, sans-serif; fill: #1f2328 }
.fence { fill: #0969da; fill-opacity: 0.13; stroke: #0969da; stroke-width: 1.5 }
.track { fill: none; stroke: #57606a; stroke-width: 1.5; stroke-linejoin: round }
.accuracy { fill: #57606a; fill-opacity: 0.05; stroke: none }
.fix { fill: #57606a }
.watch { fill: none; stroke: #bf8700; stroke-width: 1; stroke-dasharray: 6 4 }
.safe { fill: none; stroke: #1b7c83; stroke-width: 1.5; stroke-dasharray: 2 4 }
.enter { fill: #1a7f37 } .dwell { fill: #0969da } .exit { fill: #cf222e } .pass { fill: #8250df } .approaching { fill: #bf8700 }
</style>
";

/// Metres to pixels, north up, around the middle of the walk.
struct Map {
    latitude: f64,
    longitude: f64,
    east_m: f64,
    middle_m: [f64; 2],
    scale: f64,
}

impl Map {
    /// Holds the track and the fences that it met.
    fn of(track: &Track, met: &[Circle]) -> Self {
        let (latitude, longitude) = track.fixes.first().map_or((0.0, 0.0), |fix| (fix.latitude, fix.longitude));
        let east_m = 111_320.0 * latitude.to_radians().cos().max(0.01);
        let mut map = Self { latitude, longitude, east_m, middle_m: [0.0, 0.0], scale: 1.0 };
        let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
        let points = track.fixes.iter().map(|fix| (fix.latitude, fix.longitude, 30.0));
        for (latitude, longitude, around_m) in points.chain(met.iter().map(|c| (c.latitude, c.longitude, c.radius_m))) {
            for (axis, at_m) in map.metres(latitude, longitude).into_iter().enumerate() {
                low[axis] = low[axis].min(at_m - around_m);
                high[axis] = high[axis].max(at_m + around_m);
            }
        }
        map.middle_m = [(low[0] + high[0]) / 2.0, (low[1] + high[1]) / 2.0];
        let room = [WIDTH - 2.0 * MARGIN, HEIGHT - 2.0 * MARGIN];
        map.scale = (room[0] / (high[0] - low[0])).min(room[1] / (high[1] - low[1]));
        map
    }

    fn metres(&self, latitude: f64, longitude: f64) -> [f64; 2] {
        let east = (longitude - self.longitude + 540.0).rem_euclid(360.0) - 180.0;
        [east * self.east_m, (latitude - self.latitude) * 111_320.0]
    }

    fn xy(&self, latitude: f64, longitude: f64) -> (f64, f64) {
        let [east, north] = self.metres(latitude, longitude);
        (WIDTH / 2.0 + (east - self.middle_m[0]) * self.scale, HEIGHT / 2.0 - (north - self.middle_m[1]) * self.scale)
    }

    /// Not far outside the picture.
    fn shows(&self, circle: &Circle) -> bool {
        let ((x, y), r) = (self.xy(circle.latitude, circle.longitude), circle.radius_m * self.scale);
        x + r >= 0.0 && x - r <= WIDTH && y + r >= 0.0 && y - r <= HEIGHT
    }

    fn circle(&self, class: &str, circle: &Circle, title: &str) -> String {
        let ((x, y), r) = (self.xy(circle.latitude, circle.longitude), circle.radius_m * self.scale);
        format!(
            "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{r:.1}\"><title>{}</title></circle>\n",
            escape(title)
        )
    }
}

/// Draws the track, the fences, the fixes with their accuracy, the transitions, and what a phone would
/// watch at the end: regions, and the safe circle as far as the picture goes.
pub(super) fn draw(track: &Track, replay: &Replay) -> String {
    let met: Vec<Circle> = replay
        .told
        .iter()
        .filter_map(|told| replay.places.get(&told.fence)?.fence.as_ref())
        .map(Fence::around)
        .collect();
    let map = Map::of(track, &met);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{HEIGHT}\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
         aria-label=\"A walk past fences\">\n{HEAD}<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
    );
    for region in replay.plan.iter().flat_map(|plan| &plan.regions).filter(|region| map.shows(&region.circle)) {
        svg += &map.circle("watch", &region.circle, &format!("watched at the end: {}", region.id));
    }
    let safe =
        replay.safe().map(|safe| (safe, format!("safe circle of {:.0} m: outside, the next plan", safe.radius_m)));
    for (circle, title) in safe.iter().filter(|(circle, _)| map.shows(circle)) {
        svg += &map.circle("safe", circle, title);
    }
    for place in replay.places.all() {
        let Some(fence) = place.fence.as_ref().filter(|fence| map.shows(&fence.around())) else { continue };
        svg += &outline(&map, fence, &place.name);
        let around = fence.around();
        let (x, y) = map.xy(around.latitude, around.longitude);
        let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"middle\">{}</text>", escape(&place.name));
    }
    let line: Vec<String> = track
        .fixes
        .iter()
        .map(|fix| map.xy(fix.latitude, fix.longitude))
        .map(|(x, y)| format!("{x:.1},{y:.1}"))
        .collect();
    let _ = writeln!(svg, "<polyline class=\"track\" points=\"{}\"/>", line.join(" "));
    for fix in track.fixes.iter().step_by(track.fixes.len().div_ceil(MOST_DOTS)) {
        let radius_m = fix.accuracy_m.unwrap_or(0.0);
        let circle = Circle { latitude: fix.latitude, longitude: fix.longitude, radius_m };
        svg += &map.circle("accuracy", &circle, &format!("fix {}, ± {radius_m:.0} m", fix.index));
        let (x, y) = map.xy(fix.latitude, fix.longitude);
        let _ = writeln!(svg, "<circle class=\"fix\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"1.2\"/>");
    }
    for told in &replay.told {
        svg += &mark(&map, track, told);
    }
    for (row, (kind, what)) in [
        ("enter", "arrived"),
        ("dwell", "stayed"),
        ("exit", "left"),
        ("pass", "passed through"),
        (APPROACHING, "came near"),
        ("watch", "watched at the end"),
    ]
    .into_iter()
    .chain(safe.iter().map(|(_, title)| ("safe", title.as_str())))
    .enumerate()
    {
        let y = 24.0 + row as f64 * 20.0;
        let _ = writeln!(
            svg,
            "<circle class=\"{kind}\" cx=\"20\" cy=\"{y}\" r=\"6\"/><text x=\"34\" y=\"{}\">{what}</text>",
            y + 4.0
        );
    }
    svg + "</svg>\n"
}

fn outline(map: &Map, fence: &Fence, name: &str) -> String {
    let area = match fence {
        Fence::Circle(circle) => return map.circle("fence", circle, name),
        Fence::Area(area) => area,
    };
    // Edges come ring by ring: a new ring begins where one does not start at the last one's end.
    let (mut path, mut end) = (String::new(), None);
    for [from, to] in area.edges() {
        let ((x, y), (to_x, to_y)) = (map.xy(from.0, from.1), map.xy(to.0, to.1));
        if end != Some(from) {
            let _ = write!(path, "M{x:.1} {y:.1}");
        }
        let _ = write!(path, "L{to_x:.1} {to_y:.1}");
        end = Some(to);
    }
    format!("<path class=\"fence\" fill-rule=\"evenodd\" d=\"{path}\"><title>{}</title></path>\n", escape(name))
}

fn mark(map: &Map, track: &Track, told: &Told) -> String {
    let Some(fix) = track.fixes.iter().find(|fix| fix.index == told.fix) else { return String::new() };
    let (x, y) = map.xy(fix.latitude, fix.longitude);
    let there = if told.initial { ", there already" } else { "" };
    let made_up = if told.mock { ", made up" } else { "" };
    let title = escape(&format!("{} {}{there}{made_up}", told.kind, told.fence));
    format!("<circle class=\"{}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"5\"><title>{title}</title></circle>\n", told.kind)
}

/// A stranger's name, as text.
fn escape(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    text.chars().filter(|c| !c.is_control()).collect()
}
