//! Offers out, as far as they changed: over a real socket, from the real backend to a real device.

use std::path::Path;
use std::sync::{Arc, Mutex};

use patron_core::consent::Purpose;
use patron_core::sync::{MAX_DELTA_BYTES, Pending, Request, Transport, apply_delta};
use patron_core::{Config, Edges, Patron};
use serde_json::{Value, json};

use crate::backend::{Backend, KEY, count};
use crate::client::Response;

/// So many offers, every third of a partner; the one that changed says so.
fn offers(version: &str, count: usize, changed: Option<usize>) -> String {
    let offer = |n: usize| {
        let title = if changed == Some(n) { "Two for one, today" } else { "Ten percent off" };
        let mut offer = json!({ "id": format!("offer-{n}"), "version": 1, "title": title, "priority": n % 9,
            "body": "On everything in store, at the till, while it lasts: one for each customer.",
            "placements": ["home"], "benefit": { "kind": "percent", "percent": 10 } });
        if n.is_multiple_of(3) {
            offer["partner"] = "lumi".into();
        }
        offer
    };
    let all: Vec<Value> = (0..count).map(offer).collect();
    let partners = json!([{ "id": "lumi", "name": "Lumi" }]);
    json!({ "version": version, "ttl_s": 3600, "partners": partners, "places": [], "offers": all }).to_string()
}

/// The backend, started anew with that catalogue.
fn publish(data: &Path, catalogue: &str) -> Backend {
    let file = data.join("offers.json");
    std::fs::write(&file, catalogue).unwrap();
    Backend::start_with(data, &["--key", "pk_demo", "--catalogue", file.to_str().unwrap()])
}

fn since(backend: &Backend, tag: &str) -> Response {
    backend.get("/v1/catalogue", &[KEY, ("if-none-match", tag), ("a-im", "patron-delta")])
}

/// The device's own transport, and what came of each request for a catalogue.
struct Watched {
    carries: Arc<dyn Transport>,
    came: Arc<Mutex<Vec<u16>>>,
}

impl Transport for Watched {
    fn send(&self, request: Request) -> Pending<'_> {
        Box::pin(async move {
            let is_catalogue = request.url.ends_with("/v1/catalogue");
            let answer = self.carries.send(request).await;
            if let (true, Ok(response)) = (is_catalogue, &answer) {
                self.came.lock().unwrap().push(response.status);
            }
            answer
        })
    }
}

struct Device {
    patron: Patron,
    came: Arc<Mutex<Vec<u16>>>,
}

impl Device {
    fn open(folder: &Path, backend: &Backend) -> Self {
        let config = Config::new(folder, format!("http://{}", backend.address), "pk_demo");
        let mut edges = Edges::system(&config).unwrap();
        let came = Arc::default();
        edges.transport = Arc::new(Watched { carries: edges.transport, came: Arc::clone(&came) });
        Self { patron: Patron::open(config, edges).unwrap(), came }
    }

    /// Fetches more than once, and says with which status the first catalogue came since it was opened: for the
    /// others there is nothing new.
    async fn fetch(&self) -> (u16, Option<String>) {
        self.patron.refresh().await.unwrap();
        self.patron.refresh().await.unwrap();
        let came = self.came.lock().unwrap().clone();
        assert!(came.len() > 1 && came[1..].iter().all(|status| *status == 304), "{came:?}");
        (came[0], self.patron.diagnostics().await.unwrap().catalogue_version)
    }

    fn title(&self, offer: &str) -> Option<String> {
        let cards = self.patron.offers("home").unwrap();
        cards.into_iter().find(|card| card.id == offer).map(|card| card.title)
    }

    fn close(self) {
        self.patron.close();
    }
}

fn is(version: &str) -> Option<String> {
    Some(version.to_owned())
}

#[test]
fn a_delta_gives_the_new_bytes_and_says_for_what_it_is() {
    let data = tempfile::tempdir().unwrap();
    let old = publish(data.path(), &offers("one", 60, None)).get("/v1/catalogue", &[KEY]);
    let backend = publish(data.path(), &offers("two", 60, Some(7)));
    let tag = old.header("etag").unwrap();
    let (delta, whole) = (since(&backend, tag), backend.get("/v1/catalogue", &[KEY]));
    assert_eq!((delta.status, whole.status), (226, 200));
    assert_eq!((delta.header("im"), delta.header("delta-base")), (Some("patron-delta"), Some(tag)));
    assert_eq!((delta.header("etag"), delta.header("content-type")), (whole.header("etag"), Some("application/json")));
    assert_eq!(delta.header("cache-control"), Some("private, no-cache"));
    assert!(delta.body.len() * 10 < whole.body.len(), "{} of {}", delta.body.len(), whole.body.len());
    assert_eq!(apply_delta(&old.body, &delta.body).unwrap(), whole.body);
    assert_eq!(since(&backend, tag).body, delta.body, "the second that asks gets the same");
    assert_eq!(since(&backend, whole.header("etag").unwrap()).status, 304);
}

#[test]
fn who_asks_for_no_delta_or_has_another_base_gets_the_whole() {
    let data = tempfile::tempdir().unwrap();
    let one = publish(data.path(), &offers("one", 60, None)).get("/v1/catalogue", &[KEY]);
    let backend = publish(data.path(), &offers("two", 60, Some(7)));
    let tag = one.header("etag").unwrap();
    let whole = backend.get("/v1/catalogue", &[KEY]).body;
    assert_eq!(backend.get("/v1/catalogue", &[KEY, ("if-none-match", tag)]).body, whole);
    assert_eq!(backend.get("/v1/catalogue", &[KEY, ("a-im", "patron-delta")]).body, whole);
    for other in ["\"0123456789abcdef0123456789abcdef\"", "\"\"", "nonsense", &format!("W/{tag}"), &"x".repeat(4_000)] {
        let answer = since(&backend, other);
        assert_eq!((answer.status, &answer.body), (200, &whole), "{other:.40}");
    }
    drop(backend);
    let other = publish(data.path(), &offers("three", 1, Some(0)));
    assert_eq!(since(&other, tag).status, 200, "hardly anything stayed, so the whole is shorter");
}

#[test]
fn a_base_of_eight_catalogues_ago_is_known_and_one_before_it_is_not() {
    let data = tempfile::tempdir().unwrap();
    let tag = |n: usize| {
        let backend = publish(data.path(), &offers(&n.to_string(), 60, Some(n)));
        backend.get("/v1/catalogue", &[KEY]).header("etag").unwrap().to_owned()
    };
    let tags: Vec<String> = (0..10).map(tag).collect();
    assert_eq!(count(data.path(), "SELECT count(*) FROM catalogue_past"), 8);
    let backend = Backend::start_with(data.path(), &[]);
    let status = |at: usize| since(&backend, &tags[at]).status;
    assert_eq!([status(0), status(1), status(8), status(9)], [200, 226, 226, 304]);
}

#[tokio::test]
async fn a_device_takes_what_changed_as_if_the_whole_had_come() {
    let (data, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let backend = publish(data.path(), &offers("one", 60, None));
    let device = Device::open(folder.path(), &backend);
    device.patron.grant(vec![Purpose::PartnerOffers]).await.unwrap();
    assert_eq!(device.fetch().await, (200, is("one")));
    device.close();
    drop(backend);

    let backend = publish(data.path(), &offers("two", 60, Some(6)));
    let device = Device::open(folder.path(), &backend);
    assert_eq!(device.fetch().await, (226, is("two")));
    assert_eq!(device.title("offer-6").as_deref(), Some("Two for one, today"));
    assert_eq!(device.title("offer-7").as_deref(), Some("Ten percent off"));
    device.close();
    drop(backend);

    // What it made is what the next delta is for.
    let backend = publish(data.path(), &offers("three", 60, None));
    let device = Device::open(folder.path(), &backend);
    assert_eq!(device.fetch().await, (226, is("three")));
    assert_eq!(device.title("offer-6").as_deref(), Some("Ten percent off"));
    device.close();
}

#[tokio::test]
async fn a_device_that_lost_its_catalogue_or_the_partners_part_of_it_asks_for_the_whole() {
    let (data, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let backend = publish(data.path(), &offers("one", 60, None));
    let device = Device::open(folder.path(), &backend);
    assert_eq!(device.fetch().await, (200, is("one")));
    device.close();
    drop(backend);

    // Without a yes only the retailer's own offers went to the disk: a delta would not fit them.
    let backend = publish(data.path(), &offers("two", 60, Some(7)));
    let device = Device::open(folder.path(), &backend);
    assert_eq!(device.fetch().await, (200, is("two")));
    device.close();
    drop(backend);

    std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).for_each(|path| {
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("offers")) {
            std::fs::remove_file(path).unwrap();
        }
    });
    let backend = publish(data.path(), &offers("three", 60, Some(8)));
    let device = Device::open(folder.path(), &backend);
    assert_eq!(device.fetch().await, (200, is("three")));
    device.close();
}

/// The numbers in docs/protocol.md: `cargo test -p patron-backend --test it ten_thousand -- --nocapture`.
#[test]
fn one_changed_offer_of_ten_thousand_costs_less_than_a_kilobyte() {
    let data = tempfile::tempdir().unwrap();
    let old = publish(data.path(), &offers("one", 10_000, None)).get("/v1/catalogue", &[KEY]);
    let backend = publish(data.path(), &offers("two", 10_000, Some(5_000)));
    let (delta, whole) = (since(&backend, old.header("etag").unwrap()), backend.get("/v1/catalogue", &[KEY]));
    println!("whole: {} bytes, delta: {} bytes", whole.body.len(), delta.body.len());
    assert!(delta.status == 226 && delta.body.len() < 1_000, "{}", delta.body.len());
    assert!(whole.body.len() > 2_000_000 && whole.body.len() < 2 * MAX_DELTA_BYTES);
    assert_eq!(apply_delta(&old.body, &delta.body).unwrap(), whole.body);
}
