//! Text as a consent string: TCF and GPP.

use std::time::{Duration, Instant};

use patron_core::consent::PurposeKind;
use patron_core::consent::signal::{Declared, GppString, Overlay, SignalError, Signals, TcString, VendorSet};

use crate::Target;

/// Strings with their origins, for the tests of the core too.
const STRINGS: &str = include_str!("../../../core/tests/data/signals.txt");

/// What these promise in a release is 2 ms. Here all is checked and instrumented, beside other work.
const LONGEST: Duration = Duration::from_millis(500);

pub(crate) const TCF: Target = Target {
    name: "tcf",
    promise: "any text is a TC string or an error, in bounded time; what it names is in order and apart",
    max_len: 4096,
    words: &["COwxsONOwxsONKpAAAENAdCAAMAAAAAAAAAAAAAAAAAA", ".IBAgAAAgAIAwgAgAAAAEAAAACA", ".YAAAAAAAAAA", "=="],
    run: tcf,
    seeds: || seeds(false),
};

pub(crate) const GPP: Target = Target {
    name: "gpp",
    promise: "any text is a GPP string or an error, in bounded time; what it lists it holds",
    max_len: 4096,
    words: &["DBABMA~", "DBACNYA~", "DBABLA~B", "DBABBg~B", "DBABTA~1YNN", "~1YNN", ".YA"],
    run: gpp,
    seeds: || seeds(true),
};

fn tcf(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let start = Instant::now();
    let read = TcString::decode(&text);
    assert!(start.elapsed() < LONGEST, "{:?}", start.elapsed());
    match &read {
        Ok(read) => {
            for set in [Some(&read.vendors), Some(&read.vendors_li), read.disclosed.as_ref()].into_iter().flatten() {
                in_order(set);
            }
            read.restrictions.iter().for_each(|restriction| in_order(&restriction.vendors));
            // A vendor can only take more away.
            for vendor in [1, 700, u16::MAX] {
                assert!(read.lowered(None).without(read.lowered(Some(vendor))).is_empty());
            }
        }
        Err(error) => said(*error),
    }
    let signals = Signals { tcf: Declared::Is(text.into_owned()), ..Signals::default() };
    held(&signals, Overlay::Tcf, read.is_err());
}

fn gpp(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let start = Instant::now();
    let read = GppString::decode(&text);
    assert!(start.elapsed() < LONGEST, "{:?}", start.elapsed());
    match &read {
        Ok(read) => {
            assert_eq!(read.sections.len(), text.matches('~').count());
            assert!(read.sections.is_sorted_by(|a, b| a.id < b.id));
        }
        Err(error) => said(*error),
    }
    let signals = Signals { gpp: Declared::Is(text.into_owned()), ..Signals::default() };
    held(&signals, Overlay::Gpp, read.is_err());
}

fn in_order(set: &VendorSet) {
    assert!(set.intervals().iter().all(|(first, last)| *first > 0 && first <= last), "{set:?}");
    assert!(set.intervals().windows(2).all(|pair| pair[0].1 < pair[1].0), "{set:?}");
    assert!(set.intervals().iter().all(|(first, last)| set.contains(*first) && set.contains(*last)));
}

fn said(error: SignalError) {
    assert!(!error.to_string().is_empty());
}

/// A signal takes from its own purposes only, and all of them when it cannot be read.
fn held(signals: &Signals, overlay: Overlay, unreadable: bool) {
    let lowered = signals.lowered();
    for kind in [PurposeKind::Notifications, PurposeKind::Dialogue] {
        assert!(!lowered.contains(kind));
    }
    if unreadable {
        assert_eq!(lowered.iter().count(), 7);
        assert_eq!(signals.reasons(PurposeKind::Engagement), [overlay]);
    }
}

fn seeds(gpp: bool) -> Vec<Vec<u8>> {
    let strings = STRINGS.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('\t'));
    strings
        .map(|(_, text)| text)
        .filter(|text| text.starts_with('D') == gpp && text.len() < 1_000)
        .map(|text| text.as_bytes().to_vec())
        .collect()
}
