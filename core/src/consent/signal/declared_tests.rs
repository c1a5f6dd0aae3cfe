//! What hosts declare, and what that takes away.

use super::{Age, AttStatus, Declared, LocationPermission, Overlay, Permission, Region, Signals, touched};
use crate::consent::{PurposeKind, PurposeSet};

/// Consent to everything, for everyone, of 2023: service-specific, policy 2, vendors 1 to 100.
fn all_granted() -> String {
    super::encoder::TcParts::all(2, 1_600_000_000_000).text()
}

#[test]
fn what_was_never_declared_plays_no_part() {
    assert_eq!(Signals::default().lowered(), PurposeSet::EMPTY);
    for kind in PurposeKind::ALL {
        assert_eq!(Signals::default().reasons(kind), []);
    }
}

#[test]
fn what_was_declared_and_is_unset_is_a_no_to_all_that_it_speaks_of() {
    let unset = Signals {
        location: Declared::Unset,
        bluetooth: Declared::Unset,
        notifications: Declared::Unset,
        att: Declared::Unset,
        tcf: Declared::Unset,
        gpp: Declared::Unset,
        age: Declared::Unset,
        region: Declared::Unset,
        ..Signals::default()
    };
    let of = |overlay| unset.each().into_iter().find(|(which, _)| *which == overlay).map(|(_, lowered)| lowered);
    assert_eq!(of(Overlay::Location), Some(LocationPermission::None.lowered()));
    assert_eq!(of(Overlay::Bluetooth), Some(PurposeSet::of(&[PurposeKind::Beacons])));
    assert_eq!(of(Overlay::Notifications), Some(PurposeSet::of(&[PurposeKind::Notifications])));
    assert_eq!(of(Overlay::Att), Some(touched::SALE));
    assert_eq!(of(Overlay::Age), Some(touched::CHILD));
    for overlay in [Overlay::Tcf, Overlay::Gpp, Overlay::Region] {
        assert_eq!(of(overlay), Some(touched::TCF), "{overlay:?}");
    }
    assert_eq!(of(Overlay::Gpc), Some(PurposeSet::EMPTY), "an absent GPC is no signal");
    assert!(!unset.lowered().contains(PurposeKind::Dialogue), "nobody but the shopper speaks for dialogue");
}

#[test]
fn a_signal_that_says_yes_takes_nothing_away() {
    let yes = Signals {
        location: Declared::Is(LocationPermission::Precise),
        bluetooth: Declared::Is(Permission::Granted),
        notifications: Declared::Is(Permission::Granted),
        att: Declared::Is(AttStatus::Authorized),
        gpc: false,
        tcf: Declared::Is(all_granted()),
        tcf_vendor: Some(7),
        gpp: Declared::Is(format!("DBABMA~{}", all_granted())),
        age: Declared::Is(Age::Adult),
        region: Declared::Is(Region::Eea),
    };
    assert_eq!(yes.lowered(), PurposeSet::EMPTY);
    assert_eq!(Signals { tcf_vendor: Some(101), ..yes }.lowered(), touched::TCF, "a vendor without consent");
}

#[test]
fn a_child_or_someone_who_may_be_one_is_protected() {
    for age in [Age::Child, Age::Unknown] {
        let signals = Signals { age: Declared::Is(age), ..Signals::default() };
        let kinds: Vec<_> = signals.lowered().iter().collect();
        let locked = [PurposeKind::PreciseLocation, PurposeKind::Personalisation, PurposeKind::PartnerSharing];
        assert_eq!(kinds, locked, "{age:?}");
        assert_eq!(signals.reasons(PurposeKind::Personalisation), [Overlay::Age]);
    }
}

#[test]
fn only_an_authorised_att_allows_sharing() {
    for att in [AttStatus::NotDetermined, AttStatus::Restricted, AttStatus::Denied] {
        let signals = Signals { att: Declared::Is(att), ..Signals::default() };
        assert_eq!(signals.reasons(PurposeKind::PartnerSharing), [Overlay::Att], "{att:?}");
        assert_eq!(signals.lowered(), touched::SALE);
    }
}

#[test]
fn the_platforms_permission_decides_how_exact_a_position_may_be() {
    let with = |permission| Signals { location: Declared::Is(permission), ..Signals::default() }.lowered();
    assert_eq!(with(LocationPermission::Coarse), PurposeSet::of(&[PurposeKind::PreciseLocation]));
    assert!(with(LocationPermission::None).contains(PurposeKind::CoarseLocation));
    assert!(!with(LocationPermission::None).contains(PurposeKind::Beacons), "that is bluetooth's to say");
}

#[test]
fn global_privacy_control_stops_sharing_and_personalisation() {
    let signals = Signals { gpc: true, ..Signals::default() };
    assert_eq!(signals.lowered(), touched::TARGETING);
}

#[test]
fn every_signal_that_takes_a_purpose_away_is_named() {
    let signals = Signals {
        gpc: true,
        age: Declared::Is(Age::Child),
        att: Declared::Is(AttStatus::Denied),
        tcf: Declared::Is("not a string".into()),
        ..Signals::default()
    };
    let reasons = [Overlay::Att, Overlay::Gpc, Overlay::Tcf, Overlay::Age];
    assert_eq!(signals.reasons(PurposeKind::PartnerSharing), reasons);
    assert_eq!(signals.reasons(PurposeKind::Engagement), [Overlay::Tcf]);
    assert_eq!(signals.reasons(PurposeKind::Dialogue), []);
}

#[test]
fn the_region_decides_which_strings_are_expected() {
    let lowered = |region, tcf, gpp: Declared<&str>| {
        let gpp = match gpp {
            Declared::Is(text) => Declared::Is(text.to_owned()),
            Declared::Unset => Declared::Unset,
            Declared::Never => Declared::Never,
        };
        Signals { region: Declared::Is(region), tcf, gpp, ..Signals::default() }.lowered()
    };
    let nothing = PurposeSet::EMPTY;
    let granted = Declared::Is(all_granted());
    let usnat = super::encoder::us_text(7, 1, |_| 0, None);
    let usnat = format!("DBABLA~{usnat}");
    assert_eq!(lowered(Region::Eea, Declared::Unset, Declared::Never), touched::TCF);
    assert_eq!(lowered(Region::Eea, granted, Declared::Unset), nothing, "TCF is enough there");
    assert_eq!(lowered(Region::Eea, Declared::Never, Declared::Is(&usnat)), touched::TCF, "a section of the US only");
    assert_eq!(lowered(Region::Us, Declared::Unset, Declared::Is(&usnat)), nothing, "TCF is not expected there");
    assert_eq!(lowered(Region::Us, Declared::Never, Declared::Is("DBAA")), touched::US, "no section of the US");
    assert_eq!(lowered(Region::Us, Declared::Never, Declared::Unset), touched::TCF);
    assert_eq!(lowered(Region::Other, Declared::Unset, Declared::Unset), nothing);
    let refused = Declared::Is(super::encoder::TcParts::none(2, 1_600_000_000_000).text());
    assert_eq!(lowered(Region::Other, refused, Declared::Never), touched::TCF, "one that is there counts");
}

#[test]
fn signals_are_stored_and_read_back_and_what_does_not_read_is_a_no() {
    let signals = Signals {
        location: Declared::Is(LocationPermission::Coarse),
        tcf: Declared::Unset,
        tcf_vendor: Some(7),
        gpc: true,
        ..Signals::default()
    };
    let stored = serde_json::to_string(&signals).unwrap();
    assert_eq!(stored, r#"{"location":"coarse","gpc":true,"tcf":null,"tcf_vendor":7}"#);
    assert_eq!(serde_json::from_str::<Signals>(&stored).unwrap(), signals);
    assert_eq!(serde_json::to_string(&Signals::default()).unwrap(), "{}");
    let newer: Signals = serde_json::from_str(r#"{"age":"toddler","region":7}"#).unwrap();
    assert_eq!((newer.age, newer.region), (Declared::Unset, Declared::Unset));
}
