//! Running other programs: with progress, a log each, and nothing left behind.
//!
//! A [`Step`] is one named piece of work. On a terminal it is a spinner with the last line that the
//! program printed; elsewhere it is a line when it starts and a line when it ends. What a program
//! prints goes to `target/xtask/logs/<step>.log`; its end is shown when it fails.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead, BufReader, IsTerminal, Write};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use console::style;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use rustix::process::{Pid, Signal, kill_process_group};

use crate::paths;

/// How much of a failed program's output is repeated on the screen; the rest is in its log.
const TAIL_LINES: usize = 60;
/// Time a program has to end by itself after Ctrl-C.
const GRACE: Duration = Duration::from_secs(3);

static SCREEN: LazyLock<MultiProgress> = LazyLock::new(MultiProgress::new);
static STARTED: LazyLock<Instant> = LazyLock::new(Instant::now);
static RUNNING: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Says a line to the person at the terminal, on standard error, without tearing a spinner.
pub fn say(line: impl AsRef<str>) {
    if std::io::stderr().is_terminal() {
        SCREEN.suspend(|| eprintln!("{}", line.as_ref()));
    } else {
        eprintln!("{}", line.as_ref());
    }
}

/// Runs `work` on its own thread, for set-up that others need not wait for.
pub fn background<T: Send + Sync + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Later<T> {
    let later = Later::new();
    let mine = later.clone();
    std::thread::spawn(move || {
        // A panic in a set-up must not leave its readers waiting.
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
        mine.set(result.unwrap_or_else(|_| Err(anyhow!("a background task panicked"))));
    });
    later
}

/// A result that others wait for, as many as want it.
pub struct Later<T>(Arc<OnceLock<Result<T, String>>>);

impl<T> Clone for Later<T> {
    fn clone(&self) -> Self {
        Later(Arc::clone(&self.0))
    }
}

impl<T> Later<T> {
    pub fn new() -> Later<T> {
        Later(Arc::new(OnceLock::new()))
    }

    /// Gives the result to those who wait. Only the first counts.
    pub fn set(&self, result: Result<T>) {
        let _ = self.0.set(result.map_err(|error| format!("{error:#}")));
    }

    /// Waits for it.
    pub fn wait(&self) -> Result<&T> {
        self.0.wait().as_ref().map_err(|error| anyhow!("{error}"))
    }
}

/// One named piece of work, from the line that announces it to the line that ends it.
pub struct Step {
    name: String,
    log: PathBuf,
    begun: Instant,
    bar: Option<ProgressBar>,
}

impl Step {
    /// Announces the work. `name` is what people read, and names its log.
    pub fn begin(name: impl Into<String>) -> Result<Step> {
        let name = name.into();
        let file: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        std::fs::create_dir_all(paths::logs())?;
        let log = paths::logs().join(format!("{file}.log"));
        File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = SCREEN.add(ProgressBar::new_spinner());
            let look = ProgressStyle::with_template("{spinner:.cyan} {prefix:.bold} {elapsed:.dim} {wide_msg:.dim}");
            bar.set_style(look.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar.set_prefix(name.clone());
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        if bar.is_none() {
            say(format!("[{:>4.0} s] {name} …", STARTED.elapsed().as_secs_f64()));
        }
        Ok(Step { name, log, begun: Instant::now(), bar })
    }

    /// Time since [`Step::begin`].
    pub fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Runs a program to its end and returns what it printed on both streams.
    ///
    /// An exit code other than 0 is an error that repeats the end of the output.
    pub fn run(&self, command: &mut Command) -> Result<String> {
        let (output, code) = self.run_any(command)?;
        if code == Some(0) {
            return Ok(output);
        }
        let shown = shown_command(command);
        let ended = code.map_or("was killed".to_owned(), |code| format!("failed with exit code {code}"));
        let lines: Vec<&str> = output.lines().collect();
        let tail = lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n");
        bail!("{tail}\n`{shown}` {ended}; all it said is in {}", paths::shown(&self.log))
    }

    /// Runs a program to its end and returns what it printed and its exit code (`None` when a signal ended it).
    pub fn run_any(&self, command: &mut Command) -> Result<(String, Option<i32>)> {
        let program = command.get_program().to_string_lossy().into_owned();
        let (reader, writer) = std::io::pipe()?;
        command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer).process_group(0);

        let mut log = File::options().append(true).open(&self.log)?;
        writeln!(log, "$ {}", shown_command(command))?;
        let mut child = start(command).with_context(|| format!("cannot run {program}"))?;
        // The command keeps its own copies of the pipe's writing end, and reading would never end.
        command.stdout(Stdio::null()).stderr(Stdio::null());

        let mut output = String::new();
        let mut reader = BufReader::new(reader);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line)? > 0 {
            log.write_all(&line)?;
            let text = String::from_utf8_lossy(&line);
            let plain = console::strip_ansi_codes(text.trim_end());
            if let Some(bar) = &self.bar {
                bar.set_message(plain.trim().chars().take(200).collect::<String>());
            }
            output.push_str(&plain);
            output.push('\n');
            line.clear();
        }
        let status = child.wait();
        running().remove(&(child.id() as i32));
        Ok((output, status?.code()))
    }

    /// Ends the step well. `note` is a few words beside its name, or nothing.
    pub fn done(self, note: &str) {
        self.close(&style("ok").green().to_string(), note);
    }

    /// Ends the step badly and says why.
    pub fn failed(self, why: &str) {
        self.close(&style("FAILED").red().to_string(), "");
        say(why);
    }

    /// Runs `work` as a step of this name and ends it accordingly.
    pub fn with<T>(name: impl Into<String>, work: impl FnOnce(&Step) -> Result<T>) -> Result<T> {
        let step = Step::begin(name)?;
        let result = work(&step);
        match &result {
            Ok(_) => step.done(""),
            Err(_) => step.close(&style("FAILED").red().to_string(), ""),
        }
        result
    }

    fn close(self, word: &str, note: &str) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        let note = if note.is_empty() { String::new() } else { format!(": {note}") };
        let at = STARTED.elapsed().as_secs_f64();
        say(format!("[{at:>4.0} s] {} {word}{note} ({:.0} s)", self.name, self.begun.elapsed().as_secs_f64()));
    }
}

/// After this, Ctrl-C and a polite kill end every program that a step started, then this one.
///
/// Programs run in process groups of their own, so that theirs end too and a terminal's Ctrl-C reaches them
/// only through here.
pub fn end_children_on_interrupt() -> Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    LazyLock::force(&STARTED);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    std::thread::spawn(move || {
        runtime.block_on(async {
            let (Ok(mut interrupt), Ok(mut terminate)) =
                (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
            else {
                return;
            };
            tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
            INTERRUPTED.store(true, Ordering::SeqCst);
            signal_all(Signal::TERM);
            let begun = Instant::now();
            while !running().is_empty() && begun.elapsed() < GRACE {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            signal_all(Signal::KILL);
            say("interrupted");
            std::process::exit(130);
        });
    });
    Ok(())
}

fn signal_all(signal: Signal) {
    for pid in running().iter() {
        if let Some(pid) = Pid::from_raw(*pid) {
            // It may have ended in between: nothing to do then.
            let _ = kill_process_group(pid, signal);
        }
    }
}

fn running() -> MutexGuard<'static, BTreeSet<i32>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

fn start(command: &mut Command) -> Result<Child> {
    let mut running = running();
    if INTERRUPTED.load(Ordering::SeqCst) {
        // The thread that ends this process is at work: start nothing more, and leave it the list.
        drop(running);
        loop {
            std::thread::park();
        }
    }
    let child = command.spawn()?;
    running.insert(child.id() as i32);
    Ok(child)
}

fn shown_command(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let shown = words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ");
    match shown.char_indices().nth(300) {
        Some((at, _)) => format!("{}…", &shown[..at]),
        None => shown,
    }
}
