//! Our decoders against `iab_gpp`, the only other one in Rust, where that is right: it loses count
//! behind a header's first gap, knows no value 3, and takes a publisher's restrictions for what they
//! are not.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

#[allow(dead_code, reason = "the unit tests write more with it")]
#[path = "../src/consent/signal/encoder.rs"]
mod encoder;

use std::str::FromStr;

use iab_gpp::sections::tcfeuv2::TcfEuV2;
use iab_gpp::sections::usca::UsCa;
use iab_gpp::sections::usnat::{self, UsNat};
use patron_core::consent::signal::{Flags, GppString, SectionKind, TcString, VendorSet};
use proptest::prelude::*;

const STRINGS: &str = include_str!("data/signals.txt");

fn ids(set: &VendorSet) -> Vec<u16> {
    set.ids().collect()
}

fn numbers(flags: Flags) -> Vec<u16> {
    flags.ids().map(u16::from).collect()
}

/// Both read the same from it.
fn agree(text: &str) {
    let (ours, theirs) = (TcString::decode(text).unwrap(), TcfEuV2::from_str(text).unwrap());
    let list = |set: &std::collections::BTreeSet<u16>| set.iter().copied().collect::<Vec<_>>();
    let core = &theirs.core;
    assert_eq!((ours.created_ms / 1_000) as u64, core.created, "{text}");
    assert_eq!((ours.updated_ms / 1_000) as u64, core.last_updated);
    assert_eq!(
        (ours.cmp_id, ours.cmp_version, ours.consent_screen),
        (core.cmp_id, core.cmp_version, core.consent_screen)
    );
    assert_eq!((&ours.language, &ours.country), (&core.consent_language, &core.publisher_country_code));
    assert_eq!((ours.vendor_list_version, ours.policy), (core.vendor_list_version, core.policy_version));
    assert_eq!(ours.service_specific, core.is_service_specific);
    assert_eq!(ours.purpose_one_treatment, core.purpose_one_treatment);
    assert_eq!(numbers(ours.special_features), list(&core.special_feature_optins));
    assert_eq!(numbers(ours.purposes), list(&core.purpose_consents));
    assert_eq!(numbers(ours.purposes_li), list(&core.purpose_legitimate_interests));
    assert_eq!(ids(&ours.vendors), list(&core.vendor_consents));
    assert_eq!(ids(&ours.vendors_li), list(&core.vendor_legitimate_interests));
    let publisher = theirs.publisher_purposes.map(|it| (list(&it.consents), list(&it.legitimate_interests)));
    assert_eq!(ours.publisher.map(|it| (numbers(it.purposes), numbers(it.purposes_li))), publisher);
    assert_eq!(ours.disclosed.as_ref().map(ids), theirs.disclosed_vendors.as_ref().map(list));
}

#[test]
fn both_read_the_same_from_the_strings_of_the_reference_libraries() {
    let strings = STRINGS
        .lines()
        .filter(|line| !line.starts_with(['#', 'h']) && !line.contains("restrictions"))
        .map(|line| line.split_once('\t').unwrap().1);
    let mut compared = 0;
    for text in strings {
        match text.strip_prefix('C') {
            Some(_) => agree(text.trim_end_matches('=')),
            None => {
                let sections = GppString::decode(text).unwrap().sections;
                let texts = text.split('~').skip(1);
                for (_, text) in sections.iter().zip(texts).filter(|(section, _)| section.id == 2) {
                    agree(text);
                }
            }
        }
        compared += 1;
    }
    assert_eq!(compared, 32);
}

fn ours(text: String) -> patron_core::consent::signal::UsSection {
    match GppString::decode(&text).unwrap().sections.remove(0).content {
        SectionKind::Us(section) => section,
        other => panic!("{text}: {other:?}"),
    }
}

/// `MspaCoveredTransaction` is 1 or 2: with anything else the other does not read on.
fn covered(is_it: bool, value: u64) -> u64 {
    if is_it { value.max(1) } else { value }
}

fn ranges() -> impl Strategy<Value = encoder::Ranges> {
    prop::collection::vec((1_u16..2_000, 0_u16..40), 0..12)
        .prop_map(|pairs| pairs.into_iter().map(|(first, more)| (first, first + more)).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_read_the_same_from_any_tc_string(
        created in 0_u64..1 << 36,
        purposes in (0_u64..1 << 24, 0_u64..1 << 24, 0_u64..1 << 12),
        vendors in (ranges(), ranges(), prop::option::of(ranges()), any::<bool>()),
        publisher in prop::option::of((0_u64..1 << 24, 0_u64..1 << 24)),
    ) {
        agree(&encoder::TcParts {
            purposes: purposes.0,
            purposes_li: purposes.1,
            special_features: purposes.2,
            vendors: vendors.0,
            vendors_li: vendors.1,
            disclosed: vendors.2,
            as_ranges: vendors.3,
            publisher,
            ..encoder::TcParts::all(4, created * 100)
        }.text());
    }

    #[test]
    fn both_read_the_same_from_usnat(
        version in 1_u64..3,
        values in prop::collection::vec(0_u64..3, 33),
        gpc in prop::option::of(any::<bool>()),
    ) {
        let text = encoder::us_text(7, version, |field| covered(field == [25, 30][version as usize - 1], values[field]), gpc);
        let read = ours(format!("DBABLA~{text}"));
        let theirs = UsNat::from_str(&text).unwrap();
        prop_assert_eq!(read.gpc, theirs.gpc);
        let one = |name: &str| read.values(name)[0];
        let geolocation = read.values("SensitiveDataProcessing")[7];
        let (notices, choices, theirs_geolocation, consent, mode) = match theirs.core {
            usnat::Core::V1(it) => (
                [it.sharing_notice as u8, it.sale_opt_out_notice as u8, it.targeted_advertising_opt_out_notice as u8],
                [it.sale_opt_out as u8, it.sharing_opt_out as u8, it.targeted_advertising_opt_out as u8],
                it.sensitive_data_processing.precise_geolocation_data as u8,
                it.personal_data_consent as u8,
                it.mspa_service_provider_mode as u8,
            ),
            usnat::Core::V2(it) => (
                [it.sharing_notice as u8, it.sale_opt_out_notice as u8, it.targeted_advertising_opt_out_notice as u8],
                [it.sale_opt_out as u8, it.sharing_opt_out as u8, it.targeted_advertising_opt_out as u8],
                it.sensitive_data_processing.precise_geolocation_data as u8,
                it.personal_data_consent as u8,
                it.mspa_service_provider_mode as u8,
            ),
            other => panic!("{other:?}"),
        };
        prop_assert_eq!([one("SharingNotice"), one("SaleOptOutNotice"), one("TargetedAdvertisingOptOutNotice")], notices);
        prop_assert_eq!([one("SaleOptOut"), one("SharingOptOut"), one("TargetedAdvertisingOptOut")], choices);
        prop_assert_eq!((geolocation, one("PersonalDataConsents")), (theirs_geolocation, consent));
        prop_assert_eq!(one("MspaServiceProviderMode"), mode);
    }

    #[test]
    fn both_read_the_same_from_usca(values in prop::collection::vec(0_u64..3, 33), gpc in prop::option::of(any::<bool>())) {
        let text = encoder::us_text(8, 1, |field| covered(field == 18, values[field]), gpc);
        let read = ours(format!("DBABBg~{text}"));
        let theirs = UsCa::from_str(&text).unwrap();
        prop_assert_eq!(read.gpc, theirs.gpc);
        let one = |name: &str| read.values(name)[0];
        prop_assert_eq!(one("SaleOptOutNotice"), theirs.core.sale_opt_out_notice as u8);
        prop_assert_eq!(one("SharingOptOut"), theirs.core.sharing_opt_out as u8);
        let geolocation = theirs.core.sensitive_data_processing.precise_geolocation as u8;
        prop_assert_eq!(read.values("SensitiveDataProcessing")[2], geolocation);
        prop_assert_eq!(one("PersonalDataConsents"), theirs.core.personal_data_consent as u8);
    }
}
