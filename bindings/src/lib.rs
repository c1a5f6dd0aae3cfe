//! Patron's face to Kotlin and Swift: one object, its records and its errors, over UniFFI.
//!
//! Decides nothing. Types of [`patron_core`] cross as they are (`uniffi::remote`, which fails to
//! compile when a field is missing here), errors are mapped in one place, and whatever panics
//! becomes a typed error. The hand-written layers in `bindings/kotlin` and `bindings/swift` are the
//! only callers; apps see those.

pub mod config;
pub mod consent;
mod contain;
pub mod diagnostics;
pub mod error;
pub mod event;
pub mod handle;
mod image;
pub mod jvm;
pub mod lane;
pub mod listener;
pub mod offer;
pub mod place;
pub mod signal;
pub mod transport;
pub mod vault;

uniffi::setup_scaffolding!();

/// Ids cross as text: both languages have a UUID type that reads it.
mod ids {
    use uuid::Uuid;

    uniffi::custom_type!(Uuid, String, {
        remote,
        try_lift: |text| Ok(Uuid::parse_str(&text)?),
        lower: |id| id.to_string(),
    });
}
