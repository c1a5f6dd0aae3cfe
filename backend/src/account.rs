//! Decides whether what a device says of its account can be kept.
//!
//! The account tells an operator what a device lost and why. It is a courtesy: a report that cannot be
//! read costs itself alone, never the events beside it. Whether the sums balance is not judged here; one
//! that does not balance is just what an operator wants to see. Pure; [`crate::batch`] reads,
//! [`crate::store`] keeps the latest of each installation.

use patron_core::sync::wire::AccountReport;
use serde_json::value::RawValue;

/// Reasons of one outcome. The core knows some ten in all; a backend's words for `drop` come on top.
const MAX_REASONS: usize = 32;

/// Bytes of a reason's name.
const MAX_NAME_BYTES: usize = 64;

/// A report that cannot be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unreadable;

/// A report within bounds, and the sums that it implies. Each number fits an SQLite integer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) report: AccountReport,
    pub(crate) dead: u64,
    pub(crate) evicted: u64,
    pub(crate) purged: u64,
}

/// Reads the `account` of a batch.
pub(crate) fn read(raw: &RawValue) -> Result<Account, Unreadable> {
    check(serde_json::from_str(raw.get()).map_err(|_| Unreadable)?)
}

/// Whether a report is within bounds.
pub(crate) fn check(report: AccountReport) -> Result<Account, Unreadable> {
    let mut sums = [0; 3];
    for (sum, reasons) in sums.iter_mut().zip([&report.dead, &report.evicted, &report.purged]) {
        if reasons.len() > MAX_REASONS || !reasons.keys().all(|name| is_reason(name)) {
            return Err(Unreadable);
        }
        *sum = reasons.values().try_fold(0u64, |sum, count| sum.checked_add(*count)).ok_or(Unreadable)?;
    }
    let [dead, evicted, purged] = sums;
    // What the store compares: all that has left the device's queue.
    let left = [report.delivered, dead, evicted, purged].into_iter().try_fold(0u64, u64::checked_add);
    let fits = |number: u64| i64::try_from(number).is_ok();
    if left.is_some_and(fits) && fits(report.accepted) && fits(report.queued) {
        Ok(Account { report, dead, evicted, purged })
    } else {
        Err(Unreadable)
    }
}

fn is_reason(name: &str) -> bool {
    !name.is_empty() && name.len() <= MAX_NAME_BYTES && !name.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read_json(account: &Value) -> Result<Account, Unreadable> {
        read(&RawValue::from_string(account.to_string()).unwrap())
    }

    #[test]
    fn a_report_is_read_with_its_sums_and_whatever_is_new_in_it() {
        let account = read_json(&json!({
            "accepted": 20, "delivered": 9, "queued": 4, "dead": {"oversize": 1, "conflict": 2},
            "evicted": {"age": 3}, "purged": {"withdrawn": 1}, "lent": 7
        }));
        let account = account.unwrap();
        assert_eq!((account.dead, account.evicted, account.purged), (3, 3, 1));
        assert_eq!(account.report.dead["conflict"], 2);
    }

    #[test]
    fn what_is_out_of_bounds_is_not_kept() {
        let most = i64::MAX as u64;
        let many: serde_json::Map<_, _> = (0..=MAX_REASONS).map(|n| (format!("reason-{n}"), json!(1))).collect();
        assert!(read_json(&json!({"accepted": most, "delivered": most, "queued": most})).is_ok());
        for bad in [
            json!(7),
            json!([]),
            json!({}),
            json!({"accepted": -1, "delivered": 0, "queued": 0}),
            json!({"accepted": most + 1, "delivered": 0, "queued": 0}),
            json!({"accepted": 0, "delivered": 0, "queued": most + 1}),
            json!({"accepted": 0, "delivered": most, "queued": 0, "dead": {"age": 1}}),
            json!({"accepted": 0, "delivered": 0, "queued": 0, "dead": {"a": u64::MAX, "b": 1}}),
            json!({"accepted": 0, "delivered": 0, "queued": 0, "purged": many}),
            json!({"accepted": 0, "delivered": 0, "queued": 0, "evicted": {"x".repeat(65): 1}}),
            json!({"accepted": 0, "delivered": 0, "queued": 0, "evicted": {"": 1}}),
            json!({"accepted": 0, "delivered": 0, "queued": 0, "evicted": {"a\nb": 1}}),
        ] {
            assert_eq!(read_json(&bad), Err(Unreadable), "{bad}");
        }
    }
}
