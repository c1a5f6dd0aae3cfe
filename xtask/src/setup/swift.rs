//! Swift on a Linux host: Debian trixie's `swiftlang` in a folder tree of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::apt;
use crate::paths;
use crate::step::Step;

/// A Swift that can be run.
#[derive(Clone)]
pub struct Swift {
    /// `None` where Swift runs on this machine itself.
    tree: Option<PathBuf>,
}

/// The machine's own Swift 6, else Debian's in a tree in the cache (made once: about 3 minutes, 2.6 GB).
pub fn ensure() -> Result<Swift> {
    if native() {
        return Ok(Swift { tree: None });
    }
    let tree = paths::cache()?.join("swift");
    if !tree.join(".ready").exists() {
        apt::ensure(&[apt::DEBOOTSTRAP, apt::CERTIFICATES])?;
        Step::with("set-up: Swift 6 from Debian trixie", |step| {
            step.run(Command::new(script("make-swift.sh")).arg(&tree))
        })?;
    }
    Ok(Swift { tree: Some(tree) })
}

impl Swift {
    /// `program` run in `folder` with these variables set; it sees the checkout and what is built at the
    /// paths they have outside.
    pub fn command(&self, folder: &Path, program: &str, variables: &[(&str, String)]) -> Command {
        let Some(tree) = &self.tree else {
            let mut command = Command::new(program);
            command.current_dir(folder).envs(variables.iter().cloned());
            return command;
        };
        let mut command = Command::new(script("in-swift.sh"));
        command.arg(tree);
        for shown in [paths::root(), paths::target()] {
            command.arg("--bind").arg(shown);
        }
        for (name, value) in variables {
            command.arg("--env").arg(format!("{name}={value}"));
        }
        command.arg("-C").arg(folder).arg(program);
        command
    }
}

/// Whether `swift` on the PATH is of version 6.
fn native() -> bool {
    let Ok(output) = Command::new("swift").arg("--version").output() else { return false };
    String::from_utf8_lossy(&output.stdout).contains("Swift version 6")
}

fn script(name: &str) -> PathBuf {
    paths::root().join("xtask/scripts").join(name)
}
