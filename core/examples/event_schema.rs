//! Writes the JSON Schema of the events into the file that it is given. `cargo xtask schema` runs
//! it, so that the crate which makes schemas is compiled for this alone.

use std::io::{Error, ErrorKind};

fn main() -> Result<(), Error> {
    let file = std::env::args().nth(1).ok_or_else(|| Error::new(ErrorKind::InvalidInput, "name a file to write"))?;
    let schema = serde_json::to_string_pretty(&patron_core::event::schema::events())?;
    std::fs::write(file, schema + "\n")
}
