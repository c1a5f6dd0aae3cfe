//! The codes that hang in stores, printed by whoever holds their key.
//!
//! A command of its own and not an endpoint: a store's screen may sign by itself, offline, and the key need not
//! lie where devices connect to.

use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;
use patron_core::consent::{Sha, Signer};
use patron_core::place::checkin::{Code, ROTATION_MS};

/// What `patron-backend code` takes.
#[derive(Args)]
pub(crate) struct PrintCode {
    /// File of the key; made when it is missing, readable by its owner alone. Whoever has it can check in
    /// anywhere.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Id of the place in the catalogue. Without it only the public key is printed, for `check_in_keys`.
    #[arg(long, value_name = "ID")]
    place: Option<String>,
    /// A code of this minute, for a screen that asks each minute, in place of one for paper or an NFC tag.
    #[arg(long, requires = "place")]
    rotating: bool,
}

/// Prints one line of JSON: the public key, and the code where a place is named.
pub(crate) fn print(arguments: &PrintCode) -> Result<(), String> {
    let signer = Signer::from_seed(&seed(&arguments.key)?);
    let minute = if arguments.rotating { Some(minute()?) } else { None };
    let code = arguments.place.as_ref().map(|place| Code::write(place, minute, |bytes| signer.sign(bytes)));
    if let Some(code) = &code {
        // What no phone would read is not printed.
        Code::read(code).map_err(|_| "--place is not an id that a catalogue may have".to_owned())?;
    }
    let line = serde_json::json!({ "check_in_key": signer.public(), "code": code });
    writeln!(std::io::stdout(), "{line}").map_err(|error| format!("printing: {error}"))
}

fn minute() -> Result<i64, String> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|_| "the clock stands before 1970".to_owned())?;
    i64::try_from(since.as_millis()).map(|ms| ms / ROTATION_MS).map_err(|_| "the clock is beyond any calendar".into())
}

/// The seed in `file`, 64 hexadecimal digits; drawn when there is none.
fn seed(file: &Path) -> Result<[u8; 32], String> {
    let told = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
    match std::fs::read_to_string(file) {
        // A hash and a seed are written alike.
        Ok(text) => Sha::from_hex(text.trim())
            .map(|seed| *seed.as_bytes())
            .ok_or_else(|| told(&"is no key of 64 hexadecimal digits")),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let mut seed = [0; 32];
            getrandom::fill(&mut seed).map_err(|error| told(&error))?;
            let digits = seed.iter().fold(String::new(), |digits, byte| digits + &format!("{byte:02x}"));
            write_private(file, &digits).map_err(|error| told(&error))?;
            Ok(seed)
        }
        Err(error) => Err(told(&error)),
    }
}

fn write_private(file: &Path, digits: &str) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    writeln!(options.open(file)?, "{digits}")
}
