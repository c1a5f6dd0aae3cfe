//! A signal as one JSON object, its fields in a fixed order.

use patron_core::consent::signal::{Section, SectionKind, SignalError, TcString, UsPrivacy, UsSection};
use patron_core::consent::{PurposeKind, PurposeSet};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::Signal;

/// An object whose fields stay in order.
#[derive(Default)]
struct Object(Vec<(String, Value)>);

impl Object {
    fn with(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.0.push((name.into(), value.into()));
        self
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

#[derive(Serialize)]
struct Tcf {
    kind: &'static str,
    created: String,
    policy: u8,
    country: String,
    language: String,
    service_specific: bool,
    purposes: Vec<u8>,
    purposes_li: Vec<u8>,
    special_features: Vec<u8>,
    vendors: Vec<u16>,
    vendors_li: Vec<u16>,
    disclosed: Vec<u16>,
    valid: bool,
    effects: Object,
}

#[derive(Serialize)]
struct Gpp {
    kind: &'static str,
    sections: Sections,
    effects: Object,
}

/// Sections by name, in the order of the string.
struct Sections(Vec<(String, Fields)>);

impl Serialize for Sections {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, fields)| (name, fields)))
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum Fields {
    Read(Object),
    /// As it stands in the string.
    Unread(String),
}

/// The object of a line.
pub fn line(read: &Result<Signal, SignalError>, vendor: Option<u16>) -> serde_json::Result<String> {
    match read {
        Err(error) => serde_json::to_string(&json!({ "error": error.to_string() })),
        Ok(signal) => {
            let effects = effects(signal.lowered(vendor));
            match signal {
                Signal::Tcf(read) => serde_json::to_string(&tcf(read, effects)),
                Signal::Gpp(read) => {
                    let sections = Sections(read.sections.iter().map(section).collect());
                    serde_json::to_string(&Gpp { kind: "gpp", sections, effects })
                }
            }
        }
    }
}

fn effects(lowered: PurposeSet) -> Object {
    PurposeKind::ALL.into_iter().fold(Object::default(), |all, kind| {
        all.with(kind.as_str(), if lowered.contains(kind) { "no" } else { "unchanged" })
    })
}

/// RFC 3339. 36 bits of tenths of a second end in 4147, which every calendar here knows.
pub fn time(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).map_or_else(|_| ms.to_string(), |at| at.to_string())
}

fn tcf(read: &TcString, effects: Object) -> Tcf {
    Tcf {
        kind: "tcf",
        created: time(read.created_ms),
        policy: read.policy,
        country: read.country.clone(),
        language: read.language.clone(),
        service_specific: read.service_specific,
        purposes: read.purposes.ids().collect(),
        purposes_li: read.purposes_li.ids().collect(),
        special_features: read.special_features.ids().collect(),
        vendors: read.vendors.ids().collect(),
        vendors_li: read.vendors_li.ids().collect(),
        disclosed: read.disclosed.iter().flat_map(|set| set.ids()).collect(),
        valid: read.fault().is_none(),
        effects,
    }
}

fn section(section: &Section) -> (String, Fields) {
    let name = section.name().map_or_else(|| section.id.to_string(), str::to_owned);
    let fields = match &section.content {
        SectionKind::Tcf(read) => Fields::Read(tcfeuv2(read)),
        SectionKind::UsPrivacy(read) => Fields::Read(uspv1(*read)),
        SectionKind::Us(read) => Fields::Read(us(read)),
        SectionKind::Unread(text) => Fields::Unread(text.clone()),
    };
    (name, fields)
}

/// By the names that GPP's API has for them.
fn tcfeuv2(read: &TcString) -> Object {
    let ids = |set: &patron_core::consent::signal::VendorSet| set.ids().collect::<Vec<_>>();
    let flags = |flags: patron_core::consent::signal::Flags| flags.all().collect::<Vec<_>>();
    let restrictions: Vec<Value> = read
        .restrictions
        .iter()
        .map(|it| json!({ "purpose": it.purpose, "type": it.kind as u8, "vendors": ids(&it.vendors) }))
        .collect();
    let mut object = Object::default()
        .with("Version", 2)
        .with("Created", time(read.created_ms))
        .with("LastUpdated", time(read.updated_ms))
        .with("CmpId", read.cmp_id)
        .with("CmpVersion", read.cmp_version)
        .with("ConsentScreen", read.consent_screen)
        .with("ConsentLanguage", read.language.as_str())
        .with("VendorListVersion", read.vendor_list_version)
        .with("PolicyVersion", read.policy)
        .with("IsServiceSpecific", read.service_specific)
        .with("UseNonStandardStacks", read.non_standard_texts)
        .with("SpecialFeatureOptins", flags(read.special_features))
        .with("PurposeConsents", flags(read.purposes))
        .with("PurposeLegitimateInterests", flags(read.purposes_li))
        .with("PurposeOneTreatment", read.purpose_one_treatment)
        .with("PublisherCountryCode", read.country.as_str())
        .with("VendorConsents", ids(&read.vendors))
        .with("VendorLegitimateInterests", ids(&read.vendors_li))
        .with("PublisherRestrictions", restrictions);
    if let Some(disclosed) = &read.disclosed {
        object = object.with("VendorsDisclosed", ids(disclosed));
    }
    match read.publisher {
        Some(publisher) => object
            .with("PublisherConsents", flags(publisher.purposes))
            .with("PublisherLegitimateInterests", flags(publisher.purposes_li)),
        None => object,
    }
}

fn us(read: &UsSection) -> Object {
    let fields =
        read.fields().fold(Object::default().with("Version", read.version), |all, (name, values)| match values {
            [only] => all.with(name, *only),
            several => all.with(name, several),
        });
    match read.gpc {
        Some(gpc) => fields.with("Gpc", gpc),
        None => fields,
    }
}

fn uspv1(read: UsPrivacy) -> Object {
    Object::default()
        .with("Version", read.version)
        .with("Notice", read.notice.to_string())
        .with("OptOutSale", read.opt_out_sale.to_string())
        .with("LspaCovered", read.lspa_covered.to_string())
}
