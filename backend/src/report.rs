//! Decides whether a report of consent can be taken: that its entries read, and that their signatures hold.
//!
//! Pure, and slow: a signature takes a tenth of a millisecond. Whose entries they are, and whether they go
//! together with those that came before, only the database knows; that is left to [`crate::store`].

use patron_core::clock;
use patron_core::consent::{Entry, Purpose, PurposeKind, Seal, Sha};
use patron_core::sync::wire::{ConsentDecision, ConsentReport};
use std::collections::BTreeMap;
use uuid::Uuid;

use crate::account::{self, Account, Unreadable};
use crate::batch::{MAX_DETAIL, MAX_NAME_BYTES, is_name};

/// An entry of a device is some 700 bytes long; parents are more where several devices disagreed.
const MAX_ENTRY_BYTES: usize = 16 * 1024;

/// Names for partners: more than there are partners in any catalogue that a phone takes.
const MAX_PSEUDONYMS: usize = 1_000;

/// A report that can be taken.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) installation: Uuid,
    /// In the order in which they were sent.
    pub(crate) decisions: Vec<Signed>,
    /// The purposes that signals from outside lower now.
    pub(crate) lowered: Vec<PurposeKind>,
    pub(crate) pseudonyms: BTreeMap<String, Uuid>,
    pub(crate) catalogue_revision: u64,
    /// Fits into 63 bits.
    pub(crate) standing: Option<u64>,
    /// What the device says of all its events, if it does.
    pub(crate) account: Option<Result<Account, Unreadable>>,
}

/// An entry whose signature holds, and that says what a shopper can say.
#[derive(Debug)]
pub(crate) struct Signed {
    /// The epoch that it began on the device that reports it.
    pub(crate) epoch: u64,
    pub(crate) entry: Entry,
    /// Of its text.
    pub(crate) hash: Sha,
    pub(crate) text: String,
    /// In hexadecimal digits.
    pub(crate) signature: String,
}

/// Checks `report`; an error says what is wrong, and where.
pub(crate) fn read(report: ConsentReport) -> Result<Report, String> {
    if report.pseudonyms.len() > MAX_PSEUDONYMS {
        return Err(format!("pseudonyms: are more than {MAX_PSEUDONYMS}"));
    }
    if !report.pseudonyms.keys().all(|partner| is_name(partner, MAX_NAME_BYTES)) {
        return Err(format!("pseudonyms: a partner takes 1 to {MAX_NAME_BYTES} bytes, and no control characters"));
    }
    if i64::try_from(report.catalogue_revision).is_err() {
        return Err("catalogue_revision: is beyond 2^63".to_owned());
    }
    if report.standing.is_some_and(|standing| i64::try_from(standing).is_err()) {
        return Err("standing: is beyond 2^63".to_owned());
    }
    let decisions = report.decisions.into_iter().enumerate();
    let decisions = decisions.map(|(place, sent)| signed(sent).map_err(|why| format!("decisions[{place}].{why}")));
    Ok(Report {
        installation: report.installation,
        decisions: decisions.collect::<Result<_, _>>()?,
        lowered: report.lowered,
        pseudonyms: report.pseudonyms,
        catalogue_revision: report.catalogue_revision,
        standing: report.standing,
        account: report.account.map(account::check),
    })
}

fn signed(sent: ConsentDecision) -> Result<Signed, String> {
    let ConsentDecision { epoch, entry: text, signature } = sent;
    if epoch == 0 || i64::try_from(epoch).is_err() {
        return Err("epoch: is not within 1..=9223372036854775807".to_owned());
    }
    if text.len() > MAX_ENTRY_BYTES {
        return Err(format!("entry: is longer than {MAX_ENTRY_BYTES} bytes"));
    }
    let entry: Entry = serde_json::from_str(&text).map_err(|why| format!("entry: {:.MAX_DETAIL$}", why.to_string()))?;
    check(&entry).map_err(|(field, why)| format!("entry.{field}: {why}"))?;
    let seal = Seal::from_hex(text, &signature).ok_or("signature: is not 128 hexadecimal digits")?;
    seal.open(epoch).map_err(|_| "signature: is not of this entry by its key")?;
    Ok(Signed { epoch, hash: seal.hash(), entry, text: seal.entry, signature })
}

/// What a shopper can have decided.
fn check(entry: &Entry) -> Result<(), (&'static str, &'static str)> {
    let is_time = |time: &String| clock::parse_rfc3339(time).is_some();
    if entry.version != 1 {
        Err(("version", "is not 1"))
    } else if !entry.status.is_decision() {
        Err(("status", "is not granted, denied or withdrawn"))
    } else if Purpose::from_parts(entry.purpose, entry.partner.as_deref()).is_none() {
        Err(("partner", "goes with partner_sharing, always, and with no other purpose"))
    } else if entry.partner.as_ref().is_some_and(|partner| !is_name(partner, MAX_NAME_BYTES)) {
        Err(("partner", "takes 1 to 256 bytes, and no control characters"))
    } else if !is_time(&entry.decided_at) {
        Err(("decided_at", "is not a time of RFC 3339"))
    } else if !entry.expires_at.as_ref().is_none_or(is_time) {
        Err(("expires_at", "is not a time of RFC 3339"))
    } else {
        Ok(())
    }
}
