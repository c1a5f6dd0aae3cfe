//! GPP strings: the specification's examples, those of the reference libraries, every section that
//! our encoder can write, and what no encoder should.

use proptest::prelude::*;

use super::encoder::{Writer, gpp_text, us_fields, us_text};
use super::{ConsentMode, GppString, SectionKind, SignalError, UsSection, consent_mode, touched};
use crate::consent::{Gate, PurposeKind, PurposeSet};

fn ids(text: &str) -> Vec<u16> {
    GppString::decode(text).unwrap().sections.iter().map(|section| section.id).collect()
}

fn us(text: &str) -> UsSection {
    match &GppString::decode(text).unwrap().sections[0].content {
        SectionKind::Us(section) => section.clone(),
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn the_headers_of_the_specification_read_padded_to_six_bits_and_to_bytes() {
    const TC: &str = "CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA";
    for header in ["DBABM", "DBABMA", "DBABMAAA"] {
        assert_eq!(ids(&format!("{header}~{TC}")), [2], "{header}");
    }
    for header in ["DBACNY", "DBACNYA"] {
        assert_eq!(ids(&format!("{header}~{TC}~1YNN")), [2, 6], "{header}");
    }
    assert_eq!(ids(&format!("DBABjw~{TC}~1YNN")), [5, 6], "a group");
    assert_eq!(ids("DBAA"), [] as [u16; 0], "no section at all");
}

#[test]
fn a_gap_behind_a_gap_is_counted_from_the_last_id() {
    // A header of [2, 6, 8], which iab_gpp 0.1.2 reads as [2, 6, 6].
    let usca = us_text(8, 1, |_| 0, None);
    let tc = "CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA".to_owned();
    for multiple in [6, 8] {
        let text = gpp_text(&[(2, tc.clone()), (6, "1YNN".into()), (8, usca.clone())], multiple);
        assert_eq!(ids(&text), [2, 6, 8]);
    }
}

#[test]
fn what_cannot_be_is_an_error_that_says_where() {
    let error = |text: &str| GppString::decode(text).unwrap_err();
    assert_eq!(error(""), SignalError::Empty { part: "header" });
    assert_eq!(error("CBABM~"), value("header", "Type", 2));
    assert_eq!(error("DCABM~"), value("header", "Version", 2));
    assert_eq!(error("DBABM"), SignalError::Count { listed: 1, found: 0 });
    assert_eq!(error("DBABM~a~b"), SignalError::Count { listed: 1, found: 2 });
    assert_eq!(error("DBABM~"), SignalError::Empty { part: "core" });
    assert_eq!(error("DBABMf~1YNN"), SignalError::Surplus { part: "something behind its header" });
    assert_eq!(error("DBABLA~BVV"), SignalError::EndsEarly { part: "usnat section", field: "SaleOptOut", at: 18 });
    assert_eq!(error("DBABLA~BVVVVVVVVWA.gA"), value("GPC sub-section", "SubsectionType", 2));
    assert_eq!(error("DBABLA~BVVVVVVVVWA.YA.YA"), SignalError::Surplus { part: "GPC sub-section" });
    assert_eq!(error("DBABTA~2YNN"), value("uspv1 section", "Version", u64::from(b'2')));
    assert_eq!(error("DBABTA~1YXN"), SignalError::Character { part: "uspv1 section", at: 2 });
    assert_eq!(error("DBABTA~1YN"), SignalError::EndsEarly { part: "uspv1 section", field: "LspaCovered", at: 24 });
    assert_eq!(error(&"D".repeat(70_000)), SignalError::TooLong { bytes: 70_000 });
    // One group of 60,000 sections, in a header of eight characters.
    let mut header = Writer::default();
    header.put(6, 3).put(6, 1).put(12, 1).put(1, 1).fibonacci(1).fibonacci(60_000);
    assert_eq!(error(&header.text(6)), value("header", "Sections", 60_001));
    // A number without end.
    let mut header = Writer::default();
    header.put(6, 3).put(6, 1).put(12, 1).put(1, 0).put(50, 0).put(50, 0);
    assert!(matches!(error(&header.text(6)), SignalError::Value { field: "offset", .. }));
}

fn value(part: &'static str, field: &'static str, value: u64) -> SignalError {
    SignalError::Value { part, field, value }
}

#[test]
fn the_strings_of_iabgpp_es_read_as_its_tests_say() {
    let usnat = us("DBABLA~BVVVkkkklWA.YA");
    assert_eq!((usnat.layout().version, usnat.gpc), (1, Some(true)));
    assert_eq!(usnat.values("SensitiveDataProcessing"), [2, 1, 0, 2, 1, 0, 2, 1, 0, 2, 1, 0]);
    assert_eq!(usnat.values("KnownChildSensitiveDataConsents"), [2, 1]);
    assert_eq!(usnat.values("MspaServiceProviderMode"), [2]);
    let odd = us("DBABLA~BbbbGxsbFbA");
    assert_eq!((odd.values("SharingNotice"), odd.values("SaleOptOutNotice")), (&[1][..], &[2][..]));
    let usca = us("DBABBg~BVWSSSVY.YA");
    assert_eq!(usca.values("SensitiveDataProcessing"), [2, 1, 0, 2, 1, 0, 2, 1, 0]);
    assert_eq!((usca.values("KnownChildSensitiveDataConsents"), usca.gpc), (&[2, 1][..], Some(true)));
    assert!(usca.values("NoSuchField").is_empty());
    let not_applicable = us("DBABBg~BAAAAABA");
    assert_eq!((not_applicable.gpc, not_applicable.lowered()), (None, PurposeSet::EMPTY));
}

#[test]
fn usnat_is_dispatched_on_its_version_and_its_length() {
    let content = |section: &str| GppString::decode(&format!("DBABLA~{section}")).unwrap().sections[0].content.clone();
    let version = |section: &str| match content(section) {
        SectionKind::Us(read) => Some(read.layout().version),
        _ => None,
    };
    assert_eq!(version("BAAAAAAAAQA"), Some(1), "66 bits");
    assert_eq!(version("BAAAAAAAAQ"), Some(1), "60 bits");
    assert_eq!(version("CAAAAAAAAAWA.Q"), Some(2));
    assert_eq!(version("BAAAAAAAAABA.Q"), Some(2), "iabgpp-es labels version 2 as 1");
    for unclear in
        ["BAAAAAAAAAAA", "BAAAAAAAAQAA", "CAAAAAAAAAA", "DAAAAAAAAAWA", "BAAAAAAAAABAAAAA", "CAAAAAAAAAWAAAAB"]
    {
        assert_eq!(content(unclear), SectionKind::Unread(unclear.into()));
        let text = format!("DBABLA~{unclear}");
        assert_eq!(GppString::decode(&text).unwrap().lowered(None), touched::US, "{unclear}: unclear is no");
    }
}

/// What usnat (version 1) takes away, with these fields by number and all others not applicable.
fn usnat(values: &[(usize, u64)]) -> PurposeSet {
    let value = |field| values.iter().find(|(at, _)| *at == field).map_or(0, |(_, value)| *value);
    us(&gpp_text(&[(7, us_text(7, 1, value, None))], 6)).lowered()
}

#[test]
fn an_opt_out_takes_away_what_it_is_of() {
    assert_eq!(usnat(&[]), PurposeSet::EMPTY);
    let told_and_not_refused = [(2, 1), (3, 1), (4, 1), (7, 2), (8, 2), (9, 2)];
    assert_eq!(usnat(&told_and_not_refused), PurposeSet::EMPTY);
    assert_eq!(usnat(&[(2, 1), (7, 1)]), touched::SALE);
    assert_eq!(usnat(&[(3, 1), (8, 1)]), touched::TARGETING);
    assert_eq!(usnat(&[(4, 1), (9, 1)]), touched::TARGETING);
    assert_eq!(usnat(&[(1, 2)]), touched::SALE, "nobody told the shopper of the sharing");
    assert_eq!(usnat(&[(17, 1)]), touched::GEOLOCATION);
    assert_eq!(usnat(&[(17, 2)]), PurposeSet::EMPTY);
    assert_eq!(usnat(&[(16, 1), (18, 1)]), PurposeSet::EMPTY, "biometrics and passports, of which Patron has none");
    for (child, value, expected) in [(22, 1, touched::CHILD), (23, 1, touched::CHILD), (22, 2, PurposeSet::EMPTY)] {
        assert_eq!(usnat(&[(child, value)]), expected);
    }
    assert_eq!(usnat(&[(24, 1)]), touched::TARGETING, "use beyond what it was collected for");
    assert_eq!(usnat(&[(27, 1)]), touched::TARGETING, "the publisher is a service provider only");
    assert_eq!(us("DBABLA~BAAAAAAAAQA.YA").lowered(), touched::TARGETING, "GPC");
    assert_eq!(us("DBABLA~BAAAAAAAAQA.QA").lowered(), PurposeSet::EMPTY);
}

#[test]
fn what_contradicts_itself_is_a_no() {
    // Notice and choice of the sale, each pair that the specification does not allow.
    for (notice, choice) in [(0, 1), (0, 2), (1, 0), (2, 0), (2, 1), (2, 2), (3, 0), (0, 3), (1, 3)] {
        assert_eq!(usnat(&[(2, notice), (7, choice)]), touched::SALE, "{notice}, {choice}");
    }
    for field in [17, 22, 24, 27] {
        assert!(!usnat(&[(field, 3)]).is_empty(), "a value without a meaning in field {field}");
    }
}

#[test]
fn in_california_limiting_the_use_of_ones_position_is_an_opt_out() {
    let usca = |values: [(usize, u64); 2]| {
        let value = |field| values.iter().find(|(at, _)| *at == field).map_or(0, |(_, value)| *value);
        us(&gpp_text(&[(8, us_text(8, 1, value, None))], 8)).lowered()
    };
    // Field 3 is the notice, field 8 the choice for the position.
    assert_eq!(usca([(3, 1), (8, 2)]), PurposeSet::EMPTY);
    assert_eq!(usca([(3, 1), (8, 1)]), touched::GEOLOCATION);
    assert_eq!(usca([(3, 0), (8, 2)]), touched::GEOLOCATION, "not refused, and never asked");
}

#[test]
fn the_older_us_privacy_string_speaks_of_the_sale() {
    let lowered = |text: &str| GppString::decode(&format!("DBABTA~{text}")).unwrap().lowered(None);
    for fine in ["1YNN", "1YNY", "1---"] {
        assert_eq!(lowered(fine), PurposeSet::EMPTY, "{fine}");
    }
    for no in ["1YYN", "1NNN", "1NYN", "1-NN", "1Y-N"] {
        assert_eq!(lowered(no), touched::SALE, "{no}");
    }
}

#[test]
fn a_section_that_is_not_read_is_named_and_is_a_no() {
    let virginia = GppString::decode("DBABRg~BVVVVWY").unwrap();
    assert_eq!(virginia.sections[0].name(), Some("usva"));
    assert_eq!(virginia.sections[0].content, SectionKind::Unread("BVVVVWY".into()));
    assert_eq!(virginia.lowered(None), touched::US);
    let canada = GppString::decode("DBABDA~BPXuQIAPXuQIAAfKABENB-CgAAAAAAAAAAAAAAAA").unwrap();
    assert_eq!((canada.sections[0].name(), canada.lowered(None)), (Some("tcfcav1"), touched::TCF));
    let later = GppString::decode(&gpp_text(&[(40, "AAAA".into())], 6)).unwrap();
    assert_eq!((later.sections[0].name(), later.lowered(None)), (None, touched::TCF));
}

#[test]
fn consent_mode_says_no_more_than_the_shopper_did() {
    let none =
        ConsentMode { ad_storage: false, ad_user_data: false, ad_personalization: false, analytics_storage: false };
    assert_eq!(consent_mode(&Gate::CLOSED, false), none);
    let with = |kinds: &[PurposeKind], shared| consent_mode(&Gate::new(1, kinds.iter().copied()), shared);
    assert_eq!(with(&[PurposeKind::Engagement], false), ConsentMode { analytics_storage: true, ..none });
    assert_eq!(
        with(&[PurposeKind::PartnerOffers, PurposeKind::Personalisation], false),
        none,
        "Google is another company"
    );
    assert_eq!(with(&[], true), ConsentMode { ad_user_data: true, ..none });
    let all = ConsentMode { ad_storage: true, ad_user_data: true, ad_personalization: true, analytics_storage: true };
    assert_eq!(with(&PurposeKind::ALL, true), all);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_header_reads_as_it_was_written(
        wanted in prop::collection::btree_set(9_u64..400, 0..20),
        multiple in prop_oneof![Just(6_usize), Just(8), Just(24)],
    ) {
        let sections: Vec<_> = wanted.iter().map(|id| (*id, format!("x{id}"))).collect();
        let read = GppString::decode(&gpp_text(&sections, multiple)).unwrap();
        prop_assert_eq!(read.sections.len(), sections.len());
        for (read, (id, text)) in read.sections.iter().zip(&sections) {
            prop_assert_eq!(u64::from(read.id), *id);
            prop_assert_eq!(&read.content, &SectionKind::Unread(text.clone()));
        }
    }

    #[test]
    fn a_section_of_the_us_reads_as_it_was_written(
        (id, version) in prop_oneof![Just((7_u64, 1_u64)), Just((7, 2)), Just((8, 1))],
        values in prop::collection::vec(0_u64..4, 33),
        gpc in prop::option::of(any::<bool>()),
    ) {
        let text = gpp_text(&[(id, us_text(id, version, |field| values[field], gpc))], 6);
        let read = us(&text);
        prop_assert_eq!((u64::from(read.layout().version), read.gpc), (version, gpc));
        let flat: Vec<u64> = read.fields().flat_map(|(_, values)| values).map(|value| u64::from(*value)).collect();
        let expected: Vec<u64> = us_fields(id, version).map(|field| values[field]).collect();
        prop_assert_eq!(flat, expected);
    }

    #[test]
    fn any_text_is_a_string_or_an_error(text in "[A-Za-z0-9_.=~-]{0,200}") {
        let _ = GppString::decode(&text);
        let _ = GppString::decode(&format!("DBACNY~{text}~1YNN"));
        let _ = GppString::decode(&format!("DBABLA~B{text}"));
        let _ = GppString::decode(&format!("DBABBg~B{text}"));
    }
}
