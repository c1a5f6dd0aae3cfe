//! UniFFI's generator, of the very version that the library was built with.
//!
//! `cargo xtask bindings` runs it. It is a program of its own so that nothing of it gets into the SDK.

fn main() {
    uniffi::uniffi_bindgen_main();
}
