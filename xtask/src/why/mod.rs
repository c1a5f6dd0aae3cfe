//! `cargo xtask why`: a decision that a device kept, as a tree, and taken again.
//!
//! Reads and prints; the core kept it, takes it again and explains it (`patron_core::offer`).

mod account;
#[cfg(test)]
mod tests;
mod tree;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use patron_core::clock::rfc3339;
use patron_core::consent::Sha;
use patron_core::offer::{DecisionRecord, OfferCatalogue};
use patron_core::store::inspect::kept_decisions;
use uuid::Uuid;

use account::Account;

/// Show a decision that a device kept: what was chosen, why, what was not, and whether it comes out the same again
///
/// The store is read and not changed; pull it from a phone, or close the app that has it. Without
/// --decision the decisions that are kept are listed. Exit code 0; 1 when the decision comes out otherwise
/// or cannot be taken again.
#[derive(clap::Args)]
pub struct Args {
    /// The store's folder: the one with patron.db
    #[arg(long, value_name = "DIR")]
    store: PathBuf,
    /// Its id, or the beginning of it
    #[arg(long, value_name = "ID")]
    decision: Option<String>,
    /// The catalogue of that time, where the device has another one by now
    #[arg(long, value_name = "FILE")]
    catalogue: Option<PathBuf>,
    /// This offer alone
    #[arg(long, value_name = "ID")]
    offer: Option<String>,
    /// All that did not show; without it the first twenty
    #[arg(long)]
    all: bool,
    /// One JSON object on standard output
    #[arg(long)]
    json: bool,
}

pub fn run(args: Args) -> Result<ExitCode> {
    let kept = kept_decisions(&args.store)?;
    let Some(id) = &args.decision else {
        kept.records.iter().for_each(|record| println!("{}", row(record, args.json)));
        if kept.records.is_empty() {
            eprintln!("no decision is kept in {}", args.store.display());
        }
        return Ok(ExitCode::SUCCESS);
    };
    let record = find(&kept.records, id)?;
    let body = match &args.catalogue {
        Some(file) => std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?,
        None => kept.catalogue.context("there is no catalogue in the store; --catalogue names one")?,
    };
    let (catalogue, _) = OfferCatalogue::parse(&body)?;
    let most = if args.all { usize::MAX } else { 20 };
    let account = Account::of(record, &catalogue, Sha::of(&body), args.offer.as_deref(), most)
        .with_context(|| "--catalogue FILE names the catalogue of that time".to_owned())?;
    if args.json {
        println!("{}", account.json());
    } else {
        print!("{}", account.tree());
    }
    Ok(if account.same { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// One line of the list.
fn row(record: &DecisionRecord, json: bool) -> String {
    let best = record.chosen.first().map(|chosen| chosen.offer.as_str());
    let at = rfc3339(record.at_ms);
    if json {
        return serde_json::json!({ "id": record.id, "at": at, "chosen": record.count, "best": best }).to_string();
    }
    format!(
        "{}  {at}  {} shown{}",
        record.id,
        record.count,
        best.map(|best| format!(", {best} first")).unwrap_or_default()
    )
}

fn find<'a>(records: &'a [DecisionRecord], id: &str) -> Result<&'a DecisionRecord> {
    let named = |known: Uuid| known.to_string().starts_with(&id.to_lowercase());
    let mut found = records.iter().filter(|record| named(record.id));
    match (found.next(), found.next()) {
        (Some(record), None) => Ok(record),
        (Some(_), Some(_)) => bail!("{id} is the beginning of several ids; say more of it"),
        (None, _) => bail!("no decision {id} is kept; without --decision they are listed"),
    }
}
