//! TC strings: those of the specification's reference libraries, every string that our encoder can
//! write, and what no encoder should.

use std::time::Instant;

use proptest::prelude::*;

use super::encoder::{TcParts, Writer};
use super::tcf::{Invalid, RestrictionType};
use super::{SignalError, TcString, touched};
use crate::consent::{PurposeKind, PurposeSet};

const MARCH_2026_MS: u64 = 1_772_323_200_000;
const NOVEMBER_21_2023_MS: u64 = 1_700_524_800_000;

/// The core of several strings of iabtcf-java, `TCStringV2Test`.
const JAVA_CORE: &str = "COrEAV4OrXx94ACABBENAHCIAD-AAAAAAACAAxAAAAgAIAwgAgAAAAEAgQAAAAAEAYQAQAAAACAAAABAAA";

fn ids(set: &super::VendorSet) -> Vec<u16> {
    set.ids().collect()
}

#[test]
fn the_first_string_of_iabtcf_java_reads_as_its_test_says() {
    let read = TcString::decode("COtybn4PA_zT4KjACBENAPCIAEBAAECAAIAAAAAAAAAA").unwrap();
    let at = |ms: i64| jiff::Timestamp::from_millisecond(ms).unwrap().to_string();
    assert_eq!(
        (at(read.created_ms), at(read.updated_ms)),
        ("2020-01-26T17:01:00Z".into(), "2021-02-02T17:01:00Z".into())
    );
    assert_eq!((read.cmp_id, read.cmp_version, read.consent_screen, read.vendor_list_version), (675, 2, 1, 15));
    assert_eq!((read.policy, read.language.as_str(), read.country.as_str()), (2, "EN", "AA"));
    assert_eq!((read.service_specific, read.purpose_one_treatment, read.non_standard_texts), (false, true, false));
    assert_eq!(read.special_features.ids().collect::<Vec<_>>(), [1]);
    assert_eq!(read.purposes.ids().collect::<Vec<_>>(), [2, 10]);
    assert_eq!(read.purposes_li.ids().collect::<Vec<_>>(), [2, 9]);
    assert_eq!((&read.disclosed, read.publisher, read.fault()), (&None, None, Some(Invalid::GlobalScope)));
}

#[test]
fn vendors_read_from_bit_fields_and_from_ranges() {
    let read = TcString::decode(JAVA_CORE).unwrap();
    assert_eq!(read.purposes.ids().collect::<Vec<_>>(), [3, 4, 5, 6, 7, 8, 9]);
    assert_eq!(ids(&read.vendors), [23, 37, 47, 48, 53, 65, 98]);
    assert_eq!(ids(&read.vendors_li), [37, 47, 48, 53, 65, 98, 129]);
    assert_eq!(read.vendors.intervals()[2], (47, 48));

    let li = TcString::decode("COv__-wOv__-wC2AAAENAPCgAAAAAAAAAAAAA_wAQA_gEBABAEAAAA").unwrap();
    assert_eq!(ids(&li.vendors_li), [128]);
    let ranges = TcString::decode("COwBOpCOwBOpCLqAAAENAPCAAAAAAAAAAAAAFfwAYFfAV-BVkAGBVYFWAAA").unwrap();
    assert_eq!(ids(&ranges.vendors), [702, 703]);
    let one = TcString::decode("COwBOpCOwBOpCLqAAAENAPCAAAAAAAAAAAAAFfwAQFfgUbABAUaAAA").unwrap();
    assert_eq!(ids(&one.vendors), [703]);
}

#[test]
fn segments_stand_in_any_order_with_padding_or_without() {
    let [disclosed, allowed, publisher] = ["IBAgAAAgAIAwgAgAAAAEAAAACA", "QAagAQAgAIAwgA", "cAAAAAAAITg="];
    for segments in [[disclosed, allowed, publisher], [publisher, disclosed, allowed], [allowed, publisher, disclosed]]
    {
        let read = TcString::decode(&format!("{JAVA_CORE}.{}", segments.join("."))).unwrap();
        assert_eq!(read.disclosed.as_ref().map(ids), Some(vec![23, 37, 47, 48, 53, 65, 98, 129]));
        let publisher = read.publisher.unwrap();
        assert_eq!(publisher.purposes.ids().collect::<Vec<_>>(), [1]);
        assert_eq!(publisher.custom_purposes, 2);
    }
}

#[test]
fn the_publisher_restrictions_of_iabtcf_java_read_as_its_test_says() {
    let read = TcString::decode("COuQACgOuQACgM-AAAENAPCAAAAAAAAAAAAAAAAAAABgoAAQAAHAAA==").unwrap();
    let restrictions: Vec<_> = read.restrictions.iter().map(|it| (it.purpose, it.kind, ids(&it.vendors))).collect();
    let expected = [
        (1, RestrictionType::RequireConsent, vec![]),
        (2, RestrictionType::NotAllowed, vec![]),
        (3, RestrictionType::RequireLegitimateInterest, vec![]),
    ];
    assert_eq!(restrictions, expected);
}

#[test]
fn what_cannot_be_is_an_error_that_says_where() {
    let error = |text: &str| TcString::decode(text).unwrap_err();
    assert_eq!(error(""), SignalError::Empty { part: "core" });
    assert_eq!(error("===="), SignalError::Character { part: "core", at: 0 }, "more padding than there is");
    assert_eq!(error("COtyb!4"), SignalError::Character { part: "core", at: 5 });
    assert_eq!(error("COty=bn4"), SignalError::Character { part: "core", at: 4 });
    assert_eq!(error("BOEFEAyOEFEAyAHABDENAI4AAAB9vABAASA"), value("core", "Version", 1));
    assert_eq!(error("COtybn4PA"), SignalError::EndsEarly { part: "core", field: "LastUpdated", at: 42 });
    assert_eq!(error(&format!("{JAVA_CORE}.")), SignalError::Empty { part: "segment" });
    assert_eq!(error(&format!("{JAVA_CORE}.AA")), value("segment", "SegmentType", 0));
    assert_eq!(error(&format!("{JAVA_CORE}.gA")), value("segment", "SegmentType", 4));
    let twice = "IBAgAAAgAIAwgAgAAAAEAAAACA.IBAgAAAgAIAwgAgAAAAEAAAACA";
    assert_eq!(error(&format!("{JAVA_CORE}.{twice}")), SignalError::Surplus { part: "a segment" });
    assert_eq!(error(&"C".repeat(70_000)), SignalError::TooLong { bytes: 70_000 });
    // A language of 63s.
    let mut letters = Writer::default();
    letters.put(6, 2).put(36, 0).put(36, 0).put(12, 0).put(12, 0).put(6, 0).put(12, 0xfff);
    assert_eq!(error(&letters.text(6)), value("core", "ConsentLanguage", 63));
}

fn value(part: &'static str, field: &'static str, value: u64) -> SignalError {
    SignalError::Value { part, field, value }
}

#[test]
fn ranges_are_a_union_and_one_that_goes_backwards_is_an_error() {
    let with = |vendors: &[(u16, u16)]| {
        TcString::decode(&TcParts { vendors: vendors.to_vec(), ..TcParts::all(4, NOVEMBER_21_2023_MS) }.text())
    };
    let read = with(&[(9, 20), (3, 3), (1, 2), (15, 30), (3, 3)]).unwrap();
    assert_eq!(read.vendors.intervals(), [(1, 3), (9, 30)]);
    assert!(read.vendors.contains(30) && !read.vendors.contains(4) && !read.vendors.contains(31));
    assert_eq!(with(&[(20, 9)]), Err(value("core", "EndVendorId", 9)));
    assert_eq!(with(&[(0, 7)]), Err(value("core", "EndVendorId", 0)));
    assert_eq!(ids(&with(&[(1, u16::MAX)]).unwrap().vendors).len(), 65_535, "kept as one interval");
    // An id above the largest that the section says it has.
    let mut segment = Writer::default();
    segment.put(3, 1).put(16, 10).put(1, 1).ranges(&[(5, 11)]);
    let error = TcString::decode(&format!("{JAVA_CORE}.{}", segment.text(8))).unwrap_err();
    assert_eq!(error, value("segment", "EndVendorId", 11));
}

#[test]
fn a_string_is_valid_by_the_rules_of_the_day_it_was_created() {
    let fault = |parts: TcParts| TcString::decode(&parts.text()).unwrap().fault();
    let disclosed = |parts: TcParts| TcParts { disclosed: Some(vec![(1, 9)]), ..parts };
    assert_eq!(fault(TcParts::all(2, NOVEMBER_21_2023_MS - 100)), None);
    assert_eq!(fault(TcParts::all(3, NOVEMBER_21_2023_MS)), Some(Invalid::OldPolicy));
    assert_eq!(fault(TcParts::all(4, NOVEMBER_21_2023_MS)), None);
    assert_eq!(fault(TcParts::all(4, MARCH_2026_MS - 100)), None, "on 28 February");
    assert_eq!(fault(TcParts::all(5, MARCH_2026_MS)), Some(Invalid::NothingDisclosed));
    assert_eq!(fault(disclosed(TcParts::all(5, MARCH_2026_MS))), None);
    assert_eq!(fault(disclosed(TcParts::all(3, MARCH_2026_MS))), Some(Invalid::OldPolicy));
    let shared = TcParts { service_specific: false, ..TcParts::all(4, NOVEMBER_21_2023_MS) };
    assert_eq!(fault(shared), Some(Invalid::GlobalScope));
    let before = TcParts { updated_ds: 0, ..TcParts::all(4, NOVEMBER_21_2023_MS) };
    assert_eq!(fault(before), Some(Invalid::ChangedBeforeCreated));
}

#[test]
fn an_invalid_string_is_a_no_to_all_that_it_speaks_of() {
    let read = TcString::decode(&TcParts::all(5, MARCH_2026_MS).text()).unwrap();
    assert_eq!(read.lowered(None), touched::TCF);
    assert_eq!(read.lowered(Some(7)), touched::TCF);
}

fn granted(parts: TcParts, vendor: Option<u16>) -> PurposeSet {
    touched::TCF.without(TcString::decode(&parts.text()).unwrap().lowered(vendor))
}

#[test]
fn each_of_our_purposes_needs_its_own_of_tcf() {
    let with = |purposes: &[u32], special: bool| {
        let special_features = if special { 1 << 11 } else { 0 };
        let purposes = TcParts::mask(purposes.iter().copied());
        granted(TcParts { purposes, special_features, ..TcParts::all(4, NOVEMBER_21_2023_MS) }, None)
    };
    use PurposeKind as Kind;
    assert_eq!(with(&[1, 2], false), PurposeSet::of(&[Kind::PartnerOffers, Kind::CoarseLocation]));
    let there = PurposeSet::of(&[Kind::PartnerOffers, Kind::CoarseLocation, Kind::PreciseLocation, Kind::Beacons]);
    assert_eq!(with(&[1, 2], true), there);
    assert_eq!(with(&[1, 7, 8], false), PurposeSet::of(&[Kind::Engagement]));
    assert_eq!(with(&[1, 3, 4], false), PurposeSet::of(&[Kind::Personalisation]));
    assert_eq!(with(&[1, 3, 7], false), PurposeSet::of(&[Kind::PartnerSharing]));
    assert_eq!(with(&[2, 3, 4, 7, 8], true), PurposeSet::EMPTY, "nothing is stored without purpose 1");
}

#[test]
fn a_legitimate_interest_is_no_consent() {
    let li = TcParts { purposes: 0, purposes_li: 0xff_ffff, ..TcParts::all(4, NOVEMBER_21_2023_MS) };
    assert_eq!(granted(li, None), PurposeSet::EMPTY);
}

#[test]
fn a_vendor_must_be_consented_to_and_disclosed_and_is_restricted_by_the_publisher() {
    let all = TcParts::all(4, NOVEMBER_21_2023_MS);
    assert_eq!(granted(all.clone(), Some(100)), touched::TCF);
    assert_eq!(granted(all.clone(), Some(101)), PurposeSet::EMPTY);
    let disclosed = TcParts { disclosed: Some(vec![(1, 50)]), ..all.clone() };
    assert_eq!(granted(disclosed.clone(), Some(50)), touched::TCF);
    assert_eq!(granted(disclosed, Some(51)), PurposeSet::EMPTY);
    let engagement = PurposeSet::of(&[PurposeKind::Engagement]);
    for (kind, denied) in [(0, true), (1, false), (2, true), (3, true)] {
        let restricted = TcParts { restrictions: vec![(8, kind, vec![(7, 9)])], ..all.clone() };
        let expected = if denied { touched::TCF.without(engagement) } else { touched::TCF };
        assert_eq!(granted(restricted.clone(), Some(8)), expected, "restriction type {kind}");
        assert_eq!(granted(restricted, Some(10)), touched::TCF, "another vendor's");
    }
}

#[test]
fn the_worst_of_64_kib_is_read_in_bounded_time() {
    // Ranges in the worst order there is, as many as a section can count.
    let backwards: Vec<(u16, u16)> = (1..=4095).rev().map(|id| (id * 16, id * 16)).collect();
    let ranges = TcParts { vendors: backwards.clone(), restrictions: vec![(1, 0, backwards); 3], ..TcParts::all(4, 0) };
    let every_other = TcParts {
        vendors: (1..=65_535).step_by(2).map(|id| (id, id)).collect(),
        as_ranges: false,
        ..TcParts::all(4, NOVEMBER_21_2023_MS)
    };
    let noise: String = (0..65_536).map(|n| char::from(b"COty_-9A"[n % 8])).collect();
    for text in
        [ranges.text(), every_other.text(), noise, "C".repeat(65_536), format!("{JAVA_CORE}{}", ".IA".repeat(20_000))]
    {
        let start = Instant::now();
        let _ = TcString::decode(&text);
        assert!(start.elapsed().as_millis() < 500, "a debug build, on a busy machine");
    }
}

fn intervals() -> impl Strategy<Value = Vec<(u16, u16)>> {
    // Apart from each other and in order: what a decoder gives back.
    prop::collection::btree_set(1_u16..3_000, 0..24).prop_map(|ids| {
        let mut ends: Vec<u16> = ids.into_iter().map(|id| id * 3).collect();
        ends.truncate(ends.len() / 2 * 2);
        ends.chunks_exact(2).map(|pair| (pair[0], pair[1] - 2)).map(|(a, b)| (a, b.max(a))).collect()
    })
}

fn parts() -> impl Strategy<Value = TcParts> {
    let times = (0_u64..1 << 36, 0_u64..1 << 36);
    let flags = (0_u64..64, any::<bool>(), 0_u64..1 << 12, 0_u64..1 << 24, 0_u64..1 << 24);
    let vendors = (intervals(), intervals(), any::<bool>(), prop::option::of(intervals()));
    let restrictions = prop::collection::vec((1_u64..25, 0_u64..4, intervals()), 0..4);
    let publisher = prop::option::of((0_u64..1 << 24, 0_u64..1 << 24));
    let multiple = prop_oneof![Just(6_usize), Just(8), Just(24)];
    (times, flags, vendors, restrictions, publisher, multiple).prop_map(
        |(times, flags, vendors, restrictions, publisher, multiple)| TcParts {
            created_ds: times.0,
            updated_ds: times.1,
            policy: flags.0,
            service_specific: flags.1,
            special_features: flags.2,
            purposes: flags.3,
            purposes_li: flags.4,
            vendors: vendors.0,
            vendors_li: vendors.1,
            as_ranges: vendors.2,
            restrictions,
            disclosed: vendors.3,
            publisher,
            multiple,
        },
    )
}

fn mask(flags: super::Flags, count: u32) -> u64 {
    flags.ids().fold(0, |mask, id| mask | 1 << (count - u32::from(id)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read(parts in parts()) {
        let read = TcString::decode(&parts.text()).unwrap();
        prop_assert_eq!(read.created_ms as u64, parts.created_ds * 100);
        prop_assert_eq!(read.updated_ms as u64, parts.updated_ds * 100);
        prop_assert_eq!((u64::from(read.policy), read.service_specific), (parts.policy, parts.service_specific));
        prop_assert_eq!(mask(read.special_features, 12), parts.special_features);
        prop_assert_eq!(mask(read.purposes, 24), parts.purposes);
        prop_assert_eq!(mask(read.purposes_li, 24), parts.purposes_li);
        prop_assert_eq!(read.vendors.intervals(), &parts.vendors);
        prop_assert_eq!(read.vendors_li.intervals(), &parts.vendors_li);
        prop_assert_eq!(read.disclosed.as_ref().map(|set| set.intervals().to_vec()), parts.disclosed);
        let publisher = read.publisher.map(|it| (mask(it.purposes, 24), mask(it.purposes_li, 24)));
        prop_assert_eq!(publisher, parts.publisher);
        prop_assert_eq!(read.restrictions.len(), parts.restrictions.len());
        for (read, (purpose, kind, vendors)) in read.restrictions.iter().zip(&parts.restrictions) {
            prop_assert_eq!(u64::from(read.purpose), *purpose);
            let kinds = [RestrictionType::NotAllowed, RestrictionType::RequireConsent,
                RestrictionType::RequireLegitimateInterest, RestrictionType::Undefined];
            prop_assert_eq!(read.kind, kinds[*kind as usize]);
            prop_assert_eq!(read.vendors.intervals(), vendors);
        }
    }

    #[test]
    fn more_consent_never_takes_more_away(parts in parts(), purpose in 1_u32..25, vendor in 1_u16..9_000) {
        let more = TcParts { purposes: parts.purposes | TcParts::mask([purpose]), ..parts.clone() };
        let lowered = |parts: &TcParts| TcString::decode(&parts.text()).unwrap().lowered(Some(vendor));
        prop_assert!(lowered(&more).without(lowered(&parts)).is_empty());
    }

    #[test]
    fn any_text_is_a_string_or_an_error(text in "[A-Za-z0-9_.=~-]{0,200}") {
        let _ = TcString::decode(&text);
        let _ = TcString::decode(&format!("C{text}"));
    }
}
