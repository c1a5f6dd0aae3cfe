//! What Google Consent Mode is told, from what the shopper allows.

use crate::consent::{Gate, PurposeKind};

/// The four flags of Google Consent Mode, version 2: `true` is `granted`, `false` is `denied`.
///
/// For a host that uses Google's SDKs beside Patron, so that the shopper is asked once. Patron
/// itself never calls Google.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConsentMode {
    /// Storing for advertising.
    pub ad_storage: bool,
    /// Sending the shopper's data to Google for advertising.
    pub ad_user_data: bool,
    /// Advertising aimed at the shopper.
    pub ad_personalization: bool,
    /// Storing for measurement.
    pub analytics_storage: bool,
}

/// The flags that this gate allows. Google is another company: whatever is for advertising needs
/// the shopper's yes to sharing with the partner that stands for Google.
pub fn consent_mode(gate: &Gate, shared: bool) -> ConsentMode {
    let ads = shared && gate.allows(PurposeKind::PartnerOffers);
    ConsentMode {
        ad_storage: ads,
        ad_user_data: shared,
        ad_personalization: ads && gate.allows(PurposeKind::Personalisation),
        analytics_storage: gate.allows(PurposeKind::Engagement),
    }
}
