//! Patron's reference backend: the other half of the wire protocol, for QA and self-hosting.
//!
//! What is promised on the wire is in docs/protocol.md; the types are the core's own
//! ([`patron_core::sync::wire`]), so that the two halves cannot drift apart. The map:
//!
//! | module | holds |
//! |---|---|
//! | [`Settings`], [`Server`] | what to serve, and a server from its start to its graceful end |
//! | `api` | the routes, their OpenAPI, bodies within bounds, problems (RFC 9457) |
//! | `batch` | what a batch says, event by event; pure |
//! | `occurred` | when an event truly happened, whatever the phone's clock says; pure |
//! | `report` | whether a report of consent reads, and its signatures hold; pure |
//! | `rights` | whether what a shopper asks for is asked by the shopper's device; pure |
//! | `partner` | what a partner hears of an event; pure |
//! | `account` | whether a device's account of its events can be kept; pure |
//! | `limits` | how much one tenant may ask for |
//! | `store` | one SQLite file, one writer thread that commits in groups |
//! | `tenant` | API keys and whose they are |
//! | `catalogue` | what is published at the start, and its ETag |
//! | [`Checked`] | what is wrong with a catalogue, with line and column; pure |
//! | `shelf` | what each tenant serves now, and what waits for its time |
//! | [`dry_run`] | who of a sample would get which offer, and why the others would not; pure |
//! | [`Floor`] | how a count of people may be told; pure |

mod account;
mod api;
mod batch;
mod catalogue;
mod delta;
pub mod dry_run;
mod error;
mod findings;
mod floor;
mod limits;
mod locate;
mod occurred;
mod partner;
mod preferences;
mod report;
mod rights;
mod server;
mod shelf;
mod store;
mod tenant;

pub use catalogue::read_catalogue;
pub use error::Error;
pub use findings::{Checked, Finding};
pub use floor::{Floor, LEAST, Told};
pub use limits::Rates;
pub use server::{Server, Settings};
pub use store::Keep;

/// Older versions of SQLite can lose commits when a checkpoint meets a writer (the WAL-reset bug, fixed in 3.51.3).
pub const OLDEST_SQLITE: i32 = 3_051_003;
