//! What the library weighs on a phone: full links for Android, stripped.

use anyhow::Result;

use super::row::Row;
use crate::check::size;
use crate::setup::cross;
use crate::step::Step;

pub const IDS: &[&str] = &["lib_kib_arm64", "lib_kib_arm64_host_transport"];

pub fn measure(ids: &[&str]) -> Result<Vec<Row>> {
    let cross = cross::ensure()?;
    let mut rows = Vec::new();
    for (id, features, target) in [(IDS[0], &[][..], 4_096.0), (IDS[1], &["--no-default-features"][..], 2_560.0)] {
        if ids.contains(&id) {
            let kib = Step::with(format!("bench: {id}"), |step| size::android(step, &cross, features))?;
            rows.push(Row::new(id, kib as f64, "KiB", target));
        }
    }
    Ok(rows)
}
