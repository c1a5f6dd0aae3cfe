//! Sections of the United States: usnat (versions 1 and 2) and usca, with their GPC sub-section.
//!
//! After "MSPA US National Section Technical Specification" and "California Privacy Technical
//! Specification", IAB Tech Lab. All fields behind the version are of two bits: 0 is "not
//! applicable"; 1 is the shopper's no where it is a choice, and a yes where it is a notice; 2 is the
//! opposite; 3 has no meaning, and counts as a no.

use super::bits::Bits;
use super::{SignalError, touched};
use crate::consent::PurposeSet;

/// The fields of a section, in order.
#[derive(Debug, PartialEq, Eq)]
pub struct UsLayout {
    /// The version of the section.
    pub version: u8,
    /// Names as the specification has them, and how many values each has.
    pub fields: &'static [(&'static str, u8)],
    /// Which value of `SensitiveDataProcessing` speaks of precise geolocation, from 0.
    geolocation: usize,
}

/// A decoded section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsSection {
    layout: &'static UsLayout,
    values: Vec<u8>,
    /// The version that the string says it is of; its layout may be of another.
    pub version: u8,
    /// Global Privacy Control as the banner saw it, where the section says.
    pub gpc: Option<bool>,
}

macro_rules! national {
    ($version:literal, $sensitive:literal, $children:literal) => {
        UsLayout {
            version: $version,
            fields: &[
                ("SharingNotice", 1),
                ("SaleOptOutNotice", 1),
                ("SharingOptOutNotice", 1),
                ("TargetedAdvertisingOptOutNotice", 1),
                ("SensitiveDataProcessingOptOutNotice", 1),
                ("SensitiveDataLimitUseNotice", 1),
                ("SaleOptOut", 1),
                ("SharingOptOut", 1),
                ("TargetedAdvertisingOptOut", 1),
                ("SensitiveDataProcessing", $sensitive),
                ("KnownChildSensitiveDataConsents", $children),
                ("PersonalDataConsents", 1),
                ("MspaCoveredTransaction", 1),
                ("MspaOptOutOptionMode", 1),
                ("MspaServiceProviderMode", 1),
            ],
            geolocation: 7,
        }
    };
}

static USNAT_1: UsLayout = national!(1, 12, 2);
static USNAT_2: UsLayout = national!(2, 16, 3);
static USCA_1: UsLayout = UsLayout {
    version: 1,
    fields: &[
        ("SaleOptOutNotice", 1),
        ("SharingOptOutNotice", 1),
        ("SensitiveDataLimitUseNotice", 1),
        ("SaleOptOut", 1),
        ("SharingOptOut", 1),
        ("SensitiveDataProcessing", 9),
        ("KnownChildSensitiveDataConsents", 2),
        ("PersonalDataConsents", 1),
        ("MspaCoveredTransaction", 1),
        ("MspaOptOutOptionMode", 1),
        ("MspaServiceProviderMode", 1),
    ],
    geolocation: 2,
};

/// The choices, the notice that each rests on, and what a no takes away.
const CHOICES: [(&str, &str, PurposeSet); 3] = [
    ("SaleOptOutNotice", "SaleOptOut", touched::SALE),
    ("SharingOptOutNotice", "SharingOptOut", touched::TARGETING),
    ("TargetedAdvertisingOptOutNotice", "TargetedAdvertisingOptOut", touched::TARGETING),
];

impl UsLayout {
    /// How many bits it takes.
    fn bits(&self) -> usize {
        6 + self.fields.iter().map(|(_, count)| usize::from(*count) * 2).sum::<usize>()
    }
}

impl UsSection {
    /// Decodes usnat (`id` 7) or usca (8). `None` where what stands there can be read as more than
    /// one version, or as none that is known.
    pub(super) fn decode(id: u16, text: &str) -> Result<Option<Self>, SignalError> {
        let part = if id == 8 { "usca section" } else { "usnat section" };
        let mut segments = text.split('.');
        let mut bits = Bits::decode(part, segments.next().unwrap_or_default())?;
        let version = bits.take(6, "Version");
        bits.done()?;
        let Some(layout) = layout(id, version, &bits) else { return Ok(None) };
        let mut values = Vec::with_capacity(40);
        for (field, count) in layout.fields {
            for _ in 0..*count {
                values.push(bits.take(2, field) as u8);
            }
        }
        bits.done()?;
        if !bits.only_padding_left() {
            return Ok(None);
        }
        let mut read = Self { layout, values, version: version as u8, gpc: None };
        for segment in segments {
            const PART: &str = "GPC sub-section";
            let mut bits = Bits::decode(PART, segment)?;
            let kind = bits.take(2, "SubsectionType");
            if kind != 1 {
                bits.refuse("SubsectionType", kind);
            }
            let gpc = bits.flag("Gpc");
            bits.done()?;
            if read.gpc.replace(gpc).is_some() {
                return Err(SignalError::Surplus { part: PART });
            }
        }
        Ok(Some(read))
    }

    /// How it is laid out.
    pub fn layout(&self) -> &'static UsLayout {
        self.layout
    }

    /// Each field's name and values, as the specification has them; the version apart.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, &[u8])> {
        let mut rest = self.values.as_slice();
        self.layout.fields.iter().map(move |(name, count)| {
            let (values, behind) = rest.split_at(usize::from(*count).min(rest.len()));
            rest = behind;
            (*name, values)
        })
    }

    /// The values of a field; empty where this section has no such field.
    pub fn values(&self, name: &str) -> &[u8] {
        self.fields().find(|(field, _)| *field == name).map_or(&[], |(_, values)| values)
    }

    fn value(&self, name: &str) -> Option<u8> {
        self.values(name).first().copied()
    }

    /// Our purposes that are a no by this section.
    pub fn lowered(&self) -> PurposeSet {
        let mut lowered = PurposeSet::EMPTY;
        let mut lower = |no: bool, what: PurposeSet| {
            if no {
                lowered = lowered.union(what);
            }
        };
        for (notice, choice, what) in CHOICES {
            // Not applicable, or told and not refused. A choice without a notice, and a notice
            // without a choice, contradict themselves.
            let stands = matches!(
                (self.value(notice), self.value(choice)),
                (None, None) | (Some(0), Some(0)) | (Some(1), Some(2))
            );
            lower(!stands, what);
        }
        lower(self.value("SharingNotice").is_some_and(|notice| notice > 1), touched::SALE);
        let limit = self.value("SensitiveDataLimitUseNotice");
        let geolocation = self.values("SensitiveDataProcessing").get(self.layout.geolocation).copied();
        lower(geolocation.is_some_and(refused), touched::GEOLOCATION);
        // In California it is an opt-out, which rests on the notice to limit use.
        lower(std::ptr::eq(self.layout, &USCA_1) && geolocation == Some(2) && limit != Some(1), touched::GEOLOCATION);
        lower(self.values("KnownChildSensitiveDataConsents").iter().any(|value| refused(*value)), touched::CHILD);
        lower(self.value("PersonalDataConsents").is_some_and(refused), touched::TARGETING);
        lower(self.value("MspaServiceProviderMode").is_some_and(refused), touched::TARGETING);
        lower(self.gpc == Some(true), touched::TARGETING);
        lowered
    }
}

/// 1 is no, 3 has no meaning.
fn refused(value: u8) -> bool {
    value % 2 == 1
}

/// Which layout the bits are in, by version and by length: libraries label version 2 as 1.
///
/// Version 1 of usnat is 60 bits, which is 60 or 66 with the padding of the specification and of
/// the reference libraries; version 2 is 70, 72 with either. 72 bits labelled 1 are version 2
/// where what version 1 would take for padding is not nought, and otherwise could be either.
fn layout(id: u16, version: u64, bits: &Bits) -> Option<&'static UsLayout> {
    let len = bits.len();
    match (id, version) {
        (8, 1) => Some(&USCA_1),
        (7, 1) if len < USNAT_2.bits() => Some(&USNAT_1),
        (7, 1) => (len < USNAT_2.bits() + 6 && bits.any_from(USNAT_1.bits())).then_some(&USNAT_2),
        (7, 2) => (len >= USNAT_2.bits()).then_some(&USNAT_2),
        _ => None,
    }
}
