//! The command line of patron-backend.

mod check;
mod code;
mod try_out;

use std::io::{IsTerminal, Write};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use patron_backend::{Error, Keep, Rates, Server, Settings};
use tracing_subscriber::EnvFilter;

const EXAMPLES: &str = "\
Examples:
  patron-backend serve --data ./data --port 8080 --seed demo
      a demo town; the key is pk_demo
  patron-backend serve --data ./data --port 8080 --key pk_acme_5b1f0c --catalogue offers.json
      the catalogue of the tenant acme; refused with a reason for each entry that is wrong
  patron-backend serve --data ./data --port 8080 --events-per-second 2000 --keep-days 90
      each tenant held to 2,000 events a second; what is older than 90 days is removed
  patron-backend serve --data ./data --port 8080 --partner-key lumi=sk_demo_9f86d081884c7d65
      the partner lumi of the tenant demo reads GET /v1/partner/events with that key
  patron-backend serve --data ./data --port 8080 --publisher-key ak_acme_3f1c9a5b77d20e64
      the publisher of the tenant acme publishes with PUT /v1/admin/catalogue while it serves
  patron-backend check offers.json
      what publishing would say of it, with line and column
  patron-backend dry-run --catalogue offers.json --people people.jsonl --offer lumi-cup
      how many of these people would see the offer, and why the others would not
  patron-backend code --key check-in.key --place lumi-market
      the code for the café's door, and the key for the catalogue's check_in_keys

Standard output carries one line, as soon as connections are accepted:
  {\"listening\":\"http://127.0.0.1:8080\"}
The log goes to standard error; RUST_LOG=debug says more. SIGTERM and Ctrl-C end it gracefully.
Exit codes of serve: 0 ended by a signal, 1 could not serve, 2 bad arguments, key or catalogue.
Exit codes of check and dry-run: 0 done, 1 the catalogue has errors, 2 something cannot be read.";

/// Patron's reference backend: offers out, events in, in one SQLite file.
#[derive(Parser)]
#[command(version, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the wire protocol.
    #[command(after_help = EXAMPLES)]
    Serve(Serve),
    /// Say what is wrong with a catalogue, and where; publishes nothing.
    Check(check::CheckFile),
    /// Say who of a sample would get which offer, and why the others would not.
    DryRun(try_out::Try),
    /// Print the code that shoppers scan in a store.
    Code(code::PrintCode),
}

#[derive(Args)]
struct Serve {
    /// Folder of the database (backend.db); made when it is missing.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Port to listen on; 0 picks a free one.
    #[arg(long, value_name = "N")]
    port: u16,
    /// Address to listen on. There is no TLS: put a proxy before anything but loopback.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    host: IpAddr,
    /// Adds the key pk_demo and publishes a town of stores, partners and offers.
    #[arg(long, value_name = "WHAT")]
    seed: Option<Seed>,
    /// Publishes this catalogue for the tenants of --key and --seed.
    #[arg(long, value_name = "FILE.json")]
    catalogue: Option<PathBuf>,
    /// Publishes this consent catalogue for the same tenants: what shoppers are asked, in words of your own.
    #[arg(long, value_name = "FILE.json")]
    consent_catalogue: Option<PathBuf>,
    /// Lets a partner read what shoppers share with it: PARTNER=sk_TENANT_SECRET, the secret of 16
    /// characters at least. May be given more than once; stays valid.
    #[arg(long, value_name = "PARTNER=KEY")]
    partner_key: Vec<String>,
    /// Lets a publisher publish while it serves: ak_TENANT_SECRET, the secret of 16 characters at least. It is a
    /// secret, and opens /v1/admin alone. May be given more than once; stays valid.
    #[arg(long, value_name = "KEY")]
    publisher_key: Vec<String>,
    /// Makes this API key valid: pk_TENANT or pk_TENANT_SECRET. May be given more than once; keys
    /// of earlier starts stay valid.
    #[arg(long, value_name = "KEY")]
    key: Vec<String>,
    /// Requests of one tenant each second, on average; ten seconds' worth may come at once. Beyond it the
    /// answer is 429.
    #[arg(long, value_name = "N", default_value_t = Rates::default().requests, value_parser = rate())]
    requests_per_second: u32,
    /// Events of one tenant each second, in the same way.
    #[arg(long, value_name = "N", default_value_t = Rates::default().events, value_parser = rate())]
    events_per_second: u32,
    /// Removes events that many days after they were received; 45 at least. Without it they are kept for good.
    #[arg(long, value_name = "N", value_parser = keep)]
    keep_days: Option<Keep>,
}

/// Above a million a second the limit no longer is one.
fn rate() -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(1..=1_000_000)
}

fn keep(days: &str) -> Result<Keep, String> {
    let days = days.parse().map_err(|_| "takes a whole number of days")?;
    Keep::days(days).ok_or_else(|| {
        format!(
            "events are kept for {} days at least: devices send what is up to 30 days old, and an event that \
             was forgotten would be stored a second time",
            Keep::LEAST_DAYS
        )
    })
}

#[derive(Clone, Copy, ValueEnum)]
enum Seed {
    /// The demo town.
    Demo,
}

fn main() -> ExitCode {
    let arguments = match Cli::parse().command {
        Command::Serve(arguments) => arguments,
        Command::Check(arguments) => return ended(check::check(&arguments)),
        Command::DryRun(arguments) => return ended(try_out::dry_run(&arguments)),
        Command::Code(arguments) => {
            return code::print(&arguments).map_or_else(|why| fail(&why, 2), |()| ExitCode::SUCCESS);
        }
    };
    let publishes = [("--catalogue", &arguments.catalogue), ("--consent-catalogue", &arguments.consent_catalogue)];
    if let Some((name, _)) = publishes.iter().find(|(_, file)| file.is_some())
        && arguments.key.is_empty()
        && arguments.seed.is_none()
    {
        return fail(&format!("{name} needs --key or --seed, to know whose catalogue it is"), 2);
    }
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    match serve(arguments.into()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error.to_string(), if error.is_bad_input() { 2 } else { 1 }),
    }
}

/// Of a command that looks at a catalogue: whether that is good, or why it could not be looked at.
fn ended(outcome: Result<bool, String>) -> ExitCode {
    match outcome {
        Ok(good) => ExitCode::from(u8::from(!good)),
        Err(why) => fail(&why, 2),
    }
}

fn fail(why: &str, code: u8) -> ExitCode {
    eprintln!("patron-backend: {why}");
    ExitCode::from(code)
}

fn serve(settings: Settings) -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|why| Error::System { what: "starting the runtime", why })?;
    runtime.block_on(async {
        // Before the server is announced: whoever reads the announcement may send the signal at once.
        let shutdown = shutdown_signal()?;
        let server = Server::start(settings).await?;
        announce(server.address())?;
        server.run(shutdown).await
    })
}

/// The one line on standard output.
fn announce(address: SocketAddr) -> Result<(), Error> {
    let line = serde_json::json!({ "listening": format!("http://{address}") });
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")
        .and_then(|()| out.flush())
        .map_err(|why| Error::System { what: "announcing the address", why })
}

/// Resolves at SIGTERM or Ctrl-C; the handlers are in place when this returns.
#[cfg(unix)]
fn shutdown_signal() -> Result<impl Future<Output = ()> + Send + 'static, Error> {
    use tokio::signal::unix::{SignalKind, signal};
    let failed = |why| Error::System { what: "listening for signals", why };
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Resolves at Ctrl-C.
#[cfg(not(unix))]
fn shutdown_signal() -> Result<impl Future<Output = ()> + Send + 'static, Error> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}

impl From<Serve> for Settings {
    fn from(arguments: Serve) -> Self {
        Self {
            data: arguments.data,
            listen: SocketAddr::new(arguments.host, arguments.port),
            keys: arguments.key,
            seed_demo: matches!(arguments.seed, Some(Seed::Demo)),
            catalogue: arguments.catalogue,
            consent_catalogue: arguments.consent_catalogue,
            partner_keys: arguments.partner_key,
            publisher_keys: arguments.publisher_key,
            rates: Rates { requests: arguments.requests_per_second, events: arguments.events_per_second },
            keep: arguments.keep_days,
        }
    }
}
