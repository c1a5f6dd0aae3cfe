//! Texts and numbers as a configuration.

use patron_core::sync::HttpTransport;
use patron_core::{Config, Error, fuzzing};

use crate::Target;
use crate::input::{Input, Seed};

pub(crate) const TARGET: Target = Target {
    name: "config",
    promise: "any configuration is taken, or refused with the name of its field",
    max_len: 1024,
    words: &["https://", "http://", "localhost", "127.0.0.1", "[::1]", "@", "xn--", "%", "en", "fi-FI"],
    run,
    seeds,
};

fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let (max_events, max_bytes) = (input.i64() as u64, input.i64() as u64);
    let mut config = Config::new(input.text(), input.text(), input.text());
    (config.max_events, config.max_bytes, config.locale) = (max_events, max_bytes, input.text());
    told(fuzzing::check_config(&config), &["folder", "key", "max_events", "max_bytes", "locale"]);
    told(HttpTransport::new(&config.endpoint).map(drop), &["endpoint"]);
}

/// Refusals name one of `fields` and say something.
fn told(result: Result<(), Error>, fields: &[&str]) {
    match result {
        Ok(()) => {}
        Err(Error::InvalidInput { what, why }) => {
            let named = fields.iter().any(|field| what == format!("config.{field}"));
            assert!(named && !why.is_empty(), "{what:?}: {why:?}");
        }
        Err(other) => panic!("a configuration was refused with {other:?}"),
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let config = |endpoint: &str, key: &str, locale: &str| {
        let numbers = [50_000_u64.to_le_bytes(), (20_u64 << 20).to_le_bytes()].concat();
        Seed::default().raw(numbers).run("/data/patron").run(endpoint).run(key).run(locale).done()
    };
    vec![
        config("https://shop.example:8443/patron/", "pk_demo", "fi-FI"),
        config("http://127.0.0.1:8080", "pk", "en"),
        config("http://[::1]:80/x", "pk", "pt_BR"),
        config("https://user:secret@shop.example", "with space", "x"),
        config("http://localhost.evil.example", "", ""),
    ]
}
