//! Maven and the jars that the Kotlin side needs, the large ones early.

use std::process::Command;

use anyhow::Result;

use super::apt;
use crate::paths;
use crate::step::Step;

/// Jars that are fetched ahead because of their size, or because no pom names them as a dependency.
/// Their versions are the ones that `android-sample/pom.xml` uses.
const LARGE: &[&str] = &[
    "org.robolectric:android-all:16-robolectric-13921718-2", // what Kotlin compiles against: API 36
    "org.robolectric:android-all-instrumented:16-robolectric-13921718-i7", // what Robolectric 4.17 runs
    "org.robolectric:android-all:14-robolectric-10818077",   // what aapt2 reads attributes from
];

/// Installs Maven with its Java and the resource compiler.
pub fn ensure() -> Result<()> {
    apt::ensure(&[apt::MAVEN, apt::JAVAC, apt::AAPT, apt::CERTIFICATES])
}

/// Fetches the large jars into Maven's own repository, those that are not there.
pub fn fetch_jars() -> Result<()> {
    ensure()?;
    let repository = paths::home()?.join(".m2/repository");
    for artifact in LARGE {
        let parts: Vec<&str> = artifact.split(':').collect();
        let &[group, name, version] = parts.as_slice() else { continue };
        let jar = format!("{}/{name}/{version}/{name}-{version}.jar", group.replace('.', "/"));
        if repository.join(jar).exists() {
            continue;
        }
        Step::with(format!("set-up: {name} {version} from Maven Central"), |step| {
            step.run(
                mvn()
                    .arg("org.apache.maven.plugins:maven-dependency-plugin:3.8.1:get")
                    .arg("-Dtransitive=false")
                    .arg(format!("-Dartifact={artifact}")),
            )
        })?;
    }
    Ok(())
}

/// Maven as programs call it: no questions, no progress bars, and no compiler daemon that outlives it.
pub fn mvn() -> Command {
    let mut command = Command::new("mvn");
    command.args(["--batch-mode", "--no-transfer-progress", "-Dstyle.color=never", "-Dkotlin.compiler.daemon=false"]);
    command
}
