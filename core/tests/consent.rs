//! Consent against the whole core: what stands, what outside signals take away, what a withdrawal
//! removes, what the ledger proves, and what several devices and the backend make of it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests, and what they share")]

mod support;

#[path = "consent/accounts.rs"]
mod accounts;
#[path = "consent/devices.rs"]
mod devices;
#[path = "consent/hand.rs"]
mod hand;
#[path = "consent/ledger.rs"]
mod ledger;
#[path = "consent/rights.rs"]
mod rights;
#[path = "consent/secrets.rs"]
mod secrets;
#[path = "consent/signals.rs"]
mod signals;
#[path = "consent/standing.rs"]
mod standing;
#[path = "consent/withdrawal.rs"]
mod withdrawal;
