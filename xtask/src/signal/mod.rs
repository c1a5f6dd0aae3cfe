//! `cargo xtask signal`: what TCF and GPP strings say, and what they take away.
//!
//! Reads and prints; the core decodes and decides (`patron_core::consent::signal`).

mod json;
mod words;

use std::io::{BufRead as _, Write as _};
use std::process::ExitCode;

use anyhow::Result;
use patron_core::consent::PurposeSet;
use patron_core::consent::signal::{GppString, SignalError, TcString};

/// Read TCF and GPP strings from standard input, one a line: what each says, and what it takes away
///
/// A string that begins with D is taken for GPP, any other for TCF. Exit code 0, also when there
/// are strings that cannot be read: each line has its answer.
#[derive(clap::Args)]
pub struct Args {
    /// One JSON object a line on standard output, in order
    #[arg(long)]
    json: bool,
    /// The retailer's id in the Global Vendor List; without one the consents for purposes count alone
    #[arg(long, value_name = "ID", value_parser = clap::value_parser!(u16).range(1..))]
    vendor: Option<u16>,
}

/// A line that was read.
enum Signal {
    Tcf(Box<TcString>),
    Gpp(GppString),
}

impl Signal {
    fn decode(text: &str) -> Result<Self, SignalError> {
        // The first six bits: 3 is a GPP header, and 2 the version of a TC string.
        if text.starts_with('D') {
            GppString::decode(text).map(Self::Gpp)
        } else {
            TcString::decode(text).map(|it| Self::Tcf(Box::new(it)))
        }
    }

    fn lowered(&self, vendor: Option<u16>) -> PurposeSet {
        match self {
            Self::Tcf(read) => read.lowered(vendor),
            Self::Gpp(read) => read.lowered(vendor),
        }
    }
}

pub fn run(args: Args) -> Result<ExitCode> {
    let (input, mut output) = (std::io::stdin().lock(), std::io::stdout().lock());
    for line in input.split(b'\n') {
        let line = line?;
        // What is not text cannot be read either, and its error says where.
        let text = String::from_utf8_lossy(&line);
        let read = Signal::decode(text.trim());
        if args.json {
            writeln!(output, "{}", json::line(&read, args.vendor)?)?;
        } else {
            writeln!(output, "{}", words::paragraph(&read, args.vendor))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
