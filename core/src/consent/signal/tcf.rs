//! TC strings of the IAB Europe Transparency and Consent Framework, versions 2.0 to 2.3.
//!
//! After "Transparency and Consent String with Global Vendor & CMP List Formats", IAB Tech Lab:
//! a core, then in any order segments for disclosed vendors, allowed vendors (of 2.0, read over) and
//! the publisher's own purposes. A segment that is there twice or of a kind that the format does not
//! know makes the string unreadable; bits behind the last field of a segment are not looked at.

use super::bits::Bits;
use super::vendors::{Flags, VendorSet};
use super::{MAX_SIGNAL_BYTES, SignalError, touched};
use crate::consent::{PurposeKind as Kind, PurposeSet};

/// Strings created from here on (1 March 2026, UTC) must say which vendors were disclosed.
const DISCLOSURE_SINCE_MS: i64 = 1_772_323_200_000;

/// Strings created from here on (21 November 2023, UTC) must be of the policy of 2.2. The date was
/// 30 September at first; the specification moved it.
const POLICY_4_SINCE_MS: i64 = 1_700_524_800_000;

/// What each of our purposes needs: TCF's purposes, and whether its special feature 1.
const NEEDS: [(Kind, &[u8], bool); 7] = [
    (Kind::PartnerOffers, &[1, 2], false),
    (Kind::CoarseLocation, &[1, 2], false),
    (Kind::PreciseLocation, &[1, 2], true),
    (Kind::Beacons, &[1, 2], true),
    (Kind::Engagement, &[1, 7, 8], false),
    (Kind::Personalisation, &[1, 3, 4], false),
    (Kind::PartnerSharing, &[1, 3, 7], false),
];

/// A decoded TC string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TcString {
    /// When it was created, milliseconds since 1970, UTC.
    pub created_ms: i64,
    /// When it was last changed, milliseconds since 1970, UTC.
    pub updated_ms: i64,
    /// The consent banner's maker, by its id.
    pub cmp_id: u16,
    /// The version of the banner.
    pub cmp_version: u16,
    /// The screen of the banner on which the shopper decided.
    pub consent_screen: u8,
    /// The banner's language, two capital letters (ISO 639-1).
    pub language: String,
    /// The version of the Global Vendor List.
    pub vendor_list_version: u16,
    /// The version of the policy: 2 for TCF 2.0, 4 for 2.2, 5 for 2.3.
    pub policy: u8,
    /// For this app alone, as it must be; else shared by all, which no longer exists.
    pub service_specific: bool,
    /// The banner used texts of its own.
    pub non_standard_texts: bool,
    /// The special features that the shopper opted in to.
    pub special_features: Flags,
    /// The purposes that the shopper consented to.
    pub purposes: Flags,
    /// The purposes for which a legitimate interest was claimed, and not objected to. Patron takes
    /// none for a consent.
    pub purposes_li: Flags,
    /// Purpose 1 was not asked for, for a law that asks for none. Patron takes that for no consent.
    pub purpose_one_treatment: bool,
    /// The country whose law counts, two capital letters (ISO 3166-1).
    pub country: String,
    /// The vendors that the shopper consented to.
    pub vendors: VendorSet,
    /// The vendors with a legitimate interest that was not objected to.
    pub vendors_li: VendorSet,
    /// What the publisher rules out.
    pub restrictions: Vec<Restriction>,
    /// The vendors that the shopper was told of, where the string says.
    pub disclosed: Option<VendorSet>,
    /// What the shopper allowed the publisher itself, where the string says. Told, and not counted:
    /// banners write it with every bit unset where the publisher asks for nothing of its own.
    pub publisher: Option<PublisherConsents>,
}

/// What a publisher rules out for some vendors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restriction {
    /// The purpose.
    pub purpose: u8,
    /// How it is restricted.
    pub kind: RestrictionType,
    /// For whom.
    pub vendors: VendorSet,
}

/// How a publisher restricts a purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RestrictionType {
    /// Not at all.
    NotAllowed,
    /// Only with consent, which is what Patron asks for anyhow.
    RequireConsent,
    /// Only by legitimate interest: then there is no consent to rely on.
    RequireLegitimateInterest,
    /// A code without a meaning; counts as [`RestrictionType::NotAllowed`].
    Undefined,
}

/// The publisher's own purposes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublisherConsents {
    /// Purposes with consent.
    pub purposes: Flags,
    /// Purposes with a legitimate interest.
    pub purposes_li: Flags,
    /// How many purposes of its own it has.
    pub custom_purposes: u8,
}

/// A rule that a string breaks. It reads, and counts as a no all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// Made for all sites at once, which ended with TCF 2.0's global scope.
    #[error("it is not service-specific, which every string must be")]
    GlobalScope,
    /// Made after 2.2 had replaced the policy that it follows.
    #[error("its policy had been replaced when it was created")]
    OldPolicy,
    /// Made after 2.3 had made that segment mandatory.
    #[error("it does not say which vendors were disclosed, as it must since 1 March 2026")]
    NothingDisclosed,
    /// Changed before it was made.
    #[error("it was changed before it was created")]
    ChangedBeforeCreated,
}

impl TcString {
    /// Decodes `text`. Takes at most 2 ms and 1 MiB.
    ///
    /// # Errors
    /// Any [`SignalError`]; the string then counts as a no to all that TCF speaks of.
    pub fn decode(text: &str) -> Result<Self, SignalError> {
        if text.len() > MAX_SIGNAL_BYTES {
            return Err(SignalError::TooLong { bytes: text.len() });
        }
        let mut segments = text.split('.');
        let mut read = Self::core(segments.next().unwrap_or_default())?;
        let mut seen = [false; 4];
        for segment in segments {
            let mut bits = Bits::decode("segment", segment)?;
            let kind = bits.take(3, "SegmentType");
            match kind {
                1 => read.disclosed = Some(VendorSet::section(&mut bits)),
                2 => {}
                3 => read.publisher = Some(publisher(&mut bits)),
                _ => bits.refuse("SegmentType", kind),
            }
            bits.done()?;
            if std::mem::replace(&mut seen[kind as usize % 4], true) {
                return Err(SignalError::Surplus { part: "a segment" });
            }
        }
        Ok(read)
    }

    fn core(text: &str) -> Result<Self, SignalError> {
        let mut bits = Bits::decode("core", text)?;
        let version = bits.take(6, "Version");
        if version != 2 {
            bits.refuse("Version", version);
        }
        // Tenths of a second, in 36 bits: 2^36 tenths are the year 4147.
        let mut time = |field| bits.take(36, field) as i64 * 100;
        let (created_ms, updated_ms) = (time("Created"), time("LastUpdated"));
        let read = Self {
            created_ms,
            updated_ms,
            cmp_id: bits.take(12, "CmpId") as u16,
            cmp_version: bits.take(12, "CmpVersion") as u16,
            consent_screen: bits.take(6, "ConsentScreen") as u8,
            language: bits.letters("ConsentLanguage"),
            vendor_list_version: bits.take(12, "VendorListVersion") as u16,
            policy: bits.take(6, "TcfPolicyVersion") as u8,
            service_specific: bits.flag("IsServiceSpecific"),
            non_standard_texts: bits.flag("UseNonStandardTexts"),
            special_features: Flags::take(&mut bits, 12, "SpecialFeatureOptIns"),
            purposes: Flags::take(&mut bits, 24, "PurposesConsent"),
            purposes_li: Flags::take(&mut bits, 24, "PurposesLITransparency"),
            purpose_one_treatment: bits.flag("PurposeOneTreatment"),
            country: bits.letters("PublisherCC"),
            vendors: VendorSet::section(&mut bits),
            vendors_li: VendorSet::section(&mut bits),
            restrictions: restrictions(&mut bits),
            disclosed: None,
            publisher: None,
        };
        bits.done().map(|()| read)
    }

    /// The first rule that it breaks; none when it is valid.
    pub fn fault(&self) -> Option<Invalid> {
        if self.updated_ms < self.created_ms {
            return Some(Invalid::ChangedBeforeCreated);
        }
        if !self.service_specific {
            return Some(Invalid::GlobalScope);
        }
        if self.policy < 4 && self.created_ms >= POLICY_4_SINCE_MS {
            return Some(Invalid::OldPolicy);
        }
        (self.disclosed.is_none() && self.created_ms >= DISCLOSURE_SINCE_MS).then_some(Invalid::NothingDisclosed)
    }

    /// Our purposes that are a no by this string.
    ///
    /// `vendor` is the retailer's id in the Global Vendor List: it must then have consent, must have
    /// been disclosed where the string says who was, and its restrictions count.
    pub fn lowered(&self, vendor: Option<u16>) -> PurposeSet {
        let mut consents = self.purposes;
        if let Some(vendor) = vendor {
            let disclosed = self.disclosed.as_ref().is_none_or(|disclosed| disclosed.contains(vendor));
            if !self.vendors.contains(vendor) || !disclosed {
                return touched::TCF;
            }
            for restriction in &self.restrictions {
                if restriction.kind != RestrictionType::RequireConsent && restriction.vendors.contains(vendor) {
                    consents = consents.without(restriction.purpose);
                }
            }
        }
        if self.fault().is_some() {
            return touched::TCF;
        }
        let geolocation = self.special_features.contains(1);
        let stands = |(_, purposes, special): &(Kind, &[u8], bool)| {
            purposes.iter().all(|purpose| consents.contains(*purpose)) && (!special || geolocation)
        };
        NEEDS
            .iter()
            .filter(|needs| !stands(needs))
            .fold(PurposeSet::EMPTY, |lowered, (kind, ..)| lowered.union(PurposeSet::of(&[*kind])))
    }

    /// Whether this string makes `kind` a no.
    pub fn denies(&self, kind: Kind, vendor: Option<u16>) -> bool {
        self.lowered(vendor).contains(kind)
    }
}

fn restrictions(bits: &mut Bits) -> Vec<Restriction> {
    let mut all = Vec::new();
    for _ in 0..bits.take(12, "NumPubRestrictions") {
        let purpose = bits.take(6, "PurposeId") as u8;
        let kind = match bits.take(2, "RestrictionType") {
            0 => RestrictionType::NotAllowed,
            1 => RestrictionType::RequireConsent,
            2 => RestrictionType::RequireLegitimateInterest,
            _ => RestrictionType::Undefined,
        };
        if bits.failed() {
            break;
        }
        all.push(Restriction { purpose, kind, vendors: VendorSet::ranges(bits, u16::MAX) });
    }
    all
}

fn publisher(bits: &mut Bits) -> PublisherConsents {
    let purposes = Flags::take(bits, 24, "PubPurposesConsent");
    let purposes_li = Flags::take(bits, 24, "PubPurposesLITransparency");
    let custom_purposes = bits.take(6, "NumCustomPurposes") as u8;
    for field in ["CustomPurposesConsent", "CustomPurposesLITransparency"] {
        bits.runs(u16::from(custom_purposes), field, |_, _| {});
    }
    PublisherConsents { purposes, purposes_li, custom_purposes }
}
