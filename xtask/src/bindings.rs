//! `cargo xtask bindings`: the Kotlin and the Swift that speak to the library.
//!
//! Nothing generated is committed. Kotlin lands in `target/bindings/kotlin`; Swift lands in
//! `target/bindings/PatronFFI`, a Swift package, so that the SDK's package can depend on it by its path.

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::build::{self, Built};
use crate::paths;
use crate::step::{self, Step};

/// The Swift module that is generated, and the C module below it, as `uniffi.toml` names them.
const SWIFT: &str = "PatronFFI";
const C: &str = "CPatron";

#[derive(clap::Args)]
pub struct Args {
    /// Build the library with optimisation first (the `fast` profile); generated code is the same
    #[arg(long)]
    release: bool,
}

pub fn run(args: Args) -> Result<ExitCode> {
    step::end_children_on_interrupt()?;
    crate::setup::apt::ensure(&[crate::setup::apt::CC])?;
    let built = Step::with("build", |step| build::everything(step, args.release))?;
    Step::with("bindings", |step| generate(step, &built))?;
    println!("{}", paths::shown(&paths::generated_kotlin()));
    println!("{}", paths::shown(&paths::generated_swift()));
    Ok(ExitCode::SUCCESS)
}

/// Generates both languages from what was built.
///
/// From the unstripped library: its metadata is what the generator reads.
pub fn generate(step: &Step, built: &Built) -> Result<()> {
    let (bindgen, library) = (built.bindgen()?, built.shared_library()?);
    let generate = |language: &str, folder: &Path| -> Result<()> {
        let config = paths::root().join("uniffi.toml");
        let mut command = Command::new(&bindgen);
        command.current_dir(paths::root()).args(["generate", "--no-format", "--language", language, "--config"]);
        step.run(command.arg(config).arg("--out-dir").arg(folder).arg(&library))?;
        Ok(())
    };

    let scratch = paths::target().join("bindings/new");
    let _ = std::fs::remove_dir_all(&scratch);
    let (kotlin, swift) = (scratch.join("kotlin"), scratch.join("swift"));
    generate("kotlin", &kotlin)?;
    generate("swift", &swift)?;
    if !kotlin.exists() || !swift.exists() {
        bail!("the library exports nothing: is `uniffi::setup_scaffolding!()` in bindings/src/lib.rs?");
    }

    let package = scratch.join(SWIFT);
    let (sources, header) = (package.join("Sources").join(SWIFT), package.join("Sources").join(C));
    std::fs::create_dir_all(&sources)?;
    std::fs::create_dir_all(&header)?;
    put(&swift.join(format!("{SWIFT}.swift")), &sources.join(format!("{SWIFT}.swift")))?;
    put(&swift.join(format!("{C}.h")), &header.join(format!("{C}.h")))?;
    put(&swift.join(format!("{C}.modulemap")), &header.join("module.modulemap"))?;
    std::fs::write(package.join("Package.swift"), include_str!("../tools/PatronFFI.Package.swift"))?;

    replace_changed(&kotlin, &paths::generated_kotlin())?;
    replace_changed(&package, &paths::generated_swift())?;
    std::fs::remove_dir_all(&scratch)?;

    let link = paths::static_library().join("libpatron.a");
    std::fs::create_dir_all(paths::static_library())?;
    let _ = std::fs::remove_file(&link);
    std::fs::hard_link(built.static_library()?, &link).with_context(|| format!("cannot link {}", paths::shown(&link)))
}

fn put(from: &Path, to: &Path) -> Result<()> {
    std::fs::rename(from, to).with_context(|| format!("the generator did not write {}", paths::shown(from)))
}

/// Makes `to` equal to `from`, touching only files that differ: compilers go by the time of a file.
fn replace_changed(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(to)? {
        let entry = entry?;
        let hidden = entry.file_name().to_string_lossy().starts_with('.'); // a compiler's own folder
        if !hidden && !from.join(entry.file_name()).exists() {
            let stale = entry.path();
            if stale.is_dir() { std::fs::remove_dir_all(stale)? } else { std::fs::remove_file(stale)? }
        }
    }
    for entry in std::fs::read_dir(from)? {
        let (new, old) = {
            let entry = entry?;
            (entry.path(), to.join(entry.file_name()))
        };
        if new.is_dir() {
            replace_changed(&new, &old)?;
        } else if std::fs::read(&old).ok() != Some(std::fs::read(&new)?) {
            std::fs::rename(&new, &old)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::replace_changed;

    #[test]
    fn what_did_not_change_keeps_its_time_and_what_is_gone_goes() {
        let folder = tempfile::tempdir().unwrap();
        let (new, old) = (folder.path().join("new"), folder.path().join("old"));
        std::fs::create_dir_all(new.join("same")).unwrap();
        std::fs::create_dir_all(old.join("same")).unwrap();
        for (file, text) in [("new/same/a", "1"), ("old/same/a", "1"), ("new/b", "2"), ("old/b", "old"), ("old/c", "3")]
        {
            std::fs::write(folder.path().join(file), text).unwrap();
        }
        let before = std::fs::metadata(old.join("same/a")).unwrap().modified().unwrap();

        replace_changed(&new, &old).unwrap();

        assert_eq!(std::fs::metadata(old.join("same/a")).unwrap().modified().unwrap(), before);
        assert_eq!(std::fs::read_to_string(old.join("b")).unwrap(), "2");
        assert!(!old.join("c").exists());
    }
}
