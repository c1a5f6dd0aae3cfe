//! Runs the JVM's benchmark program (`xtask/bench-jvm`): each figure in a JVM, a store and a server of its own.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tempfile::TempDir;

use crate::build::{self, cargo};
use crate::setup::{jdk, maven};
use crate::step::Step;
use crate::{bindings, paths, test};

/// Where Maven writes what the program's class path is.
const CLASS_PATH: &str = "xtask/bench-jvm/target/class-path";

/// The built program, and what it runs on.
pub struct Jvm {
    java: PathBuf,
    class_path: String,
}

impl Jvm {
    /// Builds the optimised library, the server, the SDK and the program; fetches the peers.
    pub fn build() -> Result<Self> {
        maven::ensure()?;
        let java = jdk::ensure()?;
        let built = Step::with("bench: build for the JVM", |step| {
            step.run(cargo().args(["build", "--profile", "fast", "--package", "patron", "--package", "patron-bench"]))?;
            build::everything(step, false)
        })?;
        Step::with("bench: bindings", |step| bindings::generate(step, &built))?;
        Step::with("bench: Kotlin and its peers", |step| {
            step.run(
                maven::mvn()
                    .current_dir(paths::root().join("bindings/kotlin"))
                    .args(["-Pbench", "--projects", ".,sdk,../../xtask/bench-jvm", "compile"])
                    .arg("org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath")
                    .arg("-Dmdep.outputFile=target/class-path")
                    .args(test::kotlin::properties(&built, &java)?),
            )
        })?;
        let compiled = paths::root().join("xtask/bench-jvm/target/classes");
        let needed = std::fs::read_to_string(paths::root().join(CLASS_PATH)).context("Maven wrote no class path")?;
        Ok(Self { java, class_path: format!("{}:{}", compiled.display(), needed.trim()) })
    }

    /// The figures of one measure of one SDK.
    pub fn figures(&self, step: &Step, measure: &str, subject: &str) -> Result<Value> {
        let (sink, folder) = (Sink::start()?, tempfile::tempdir()?);
        last_object(&step.run(&mut self.command(measure, subject, &sink, &folder)?)?)
    }

    /// The figures of the process that comes behind a killed one.
    pub fn figures_behind_a_kill(&self, step: &Step, subject: &str) -> Result<Value> {
        let (sink, folder) = (Sink::start()?, tempfile::tempdir()?);
        let (said, code) = step.run_any(&mut self.command("kill", subject, &sink, &folder)?)?;
        if let Some(code) = code {
            bail!("{subject} ended with {code} and not by SIGKILL:\n{said}");
        }
        last_object(&step.run(&mut self.command("resume", subject, &sink, &folder)?)?)
    }

    fn command(&self, measure: &str, subject: &str, sink: &Sink, folder: &TempDir) -> Result<Command> {
        let folder = folder.path();
        let hosts = folder.join("hosts");
        std::fs::write(&hosts, "127.0.0.1 localhost\n").context("cannot write what hosts there are")?;
        let library = paths::target().join("fast/libpatron.so");
        let mut command = Command::new(&self.java);
        command
            .arg("--enable-native-access=ALL-UNNAMED")
            .arg(property("patron.library", &library))
            // Nothing leaves this machine: some ask their makers how they are to behave.
            .arg(property("jdk.net.hosts.file", &hosts))
            // Some keep their files in the system's folder, whatever one asks for.
            .arg(property("java.io.tmpdir", folder))
            .args(["-cp", &self.class_path, "dev.patron.bench.MainKt", measure, subject, &sink.address])
            .arg(folder.join("store"));
        Ok(command)
    }
}

fn property(name: &str, path: &Path) -> String {
    format!("-D{name}={}", path.display())
}

fn last_object(said: &str) -> Result<Value> {
    let line = said.lines().rev().find(|line| line.starts_with('{'));
    serde_json::from_str(line.with_context(|| format!("the JVM measured nothing:\n{said}"))?).context("no figures")
}

/// The counting server; it ends when its standard input does, so with this.
struct Sink {
    child: Child,
    address: String,
}

impl Sink {
    fn start() -> Result<Self> {
        let mut child = Command::new(paths::target().join("fast/patron-bench"))
            .arg("--sink")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot run patron-bench")?;
        let output = child.stdout.take().context("the server has no output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let said: Value = serde_json::from_str(&line).with_context(|| format!("the server said {line:?}"))?;
        let endpoint = said["listening"].as_str().unwrap_or_default();
        Ok(Self { child, address: endpoint.trim_start_matches("http://").to_owned() })
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
