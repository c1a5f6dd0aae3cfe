//! The program that libFuzzer drives: one for all targets, which the environment chooses from.

#![no_main]
#![allow(clippy::expect_used, reason = "without its target it has nothing to do")]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use patron_fuzz::{Target, find};

static TARGET: OnceLock<&'static Target> = OnceLock::new();

fuzz_target!(|data: &[u8]| {
    let target = TARGET.get_or_init(|| {
        let name = std::env::var("PATRON_FUZZ_TARGET").expect("PATRON_FUZZ_TARGET names the target");
        find(&name).expect("PATRON_FUZZ_TARGET is the name of a target")
    });
    (target.run)(data);
});
