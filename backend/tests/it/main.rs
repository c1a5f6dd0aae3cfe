//! The real binary, spoken to over a real socket.

// clippy.toml allows these inside #[test] alone; the helpers beside them are tests as well.
#![allow(clippy::unwrap_used, clippy::panic)]

mod account;
mod backend;
mod catalogue;
mod check;
mod client;
mod clock;
mod codes;
mod consent;
mod copies;
mod deltas;
mod device;
mod dry_run;
mod events;
mod hostile;
mod kill;
mod ledger;
mod lifecycle;
mod limits;
mod partner;
mod preferences;
mod publishing;
mod reach;
mod retention;
mod rights;
mod shopper;
mod shoppers;
mod two_devices;
mod upgrade;
mod words;
