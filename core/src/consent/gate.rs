//! The gate, and the permits that only it can make.

use std::collections::BTreeSet;
use std::marker::PhantomData;

use super::{PartnerSharing, PurposeKind, PurposeSet, PurposeType};

/// Proof that the shopper's consent to `P` stood at one epoch.
///
/// Made by [`Gate::permit`] alone. It cannot be cloned, stored or sent on: it borrows the gate it
/// came from, and whoever needs consent later asks again later.
///
/// This compiles, and differs from each of the following by one line:
///
/// ```
/// # use patron_core::consent::{Engagement, Gate, Permit, PurposeKind};
/// let gate = Gate::new(1, [PurposeKind::Engagement]);
/// let permit: Option<Permit<'_, Engagement>> = gate.permit();
/// assert_eq!(permit.map(|permit| permit.epoch()), Some(1));
/// ```
///
/// A permit cannot be made by hand,
///
/// ```compile_fail,E0451
/// # use patron_core::consent::{Engagement, Gate, Permit, PurposeKind};
/// let gate = Gate::new(1, [PurposeKind::Engagement]);
/// let permit: Option<Permit<'_, Engagement>> = Some(Permit { epoch: 1, purpose: std::marker::PhantomData });
/// assert_eq!(permit.map(|permit| permit.epoch()), Some(1));
/// ```
///
/// nor copied,
///
/// ```compile_fail,E0599
/// # use patron_core::consent::{Engagement, Gate, Permit, PurposeKind};
/// let gate = Gate::new(1, [PurposeKind::Engagement]);
/// let permit: Option<Permit<'_, Engagement>> = gate.permit().map(|permit: Permit<'_, Engagement>| permit.clone());
/// assert_eq!(permit.map(|permit| permit.epoch()), Some(1));
/// ```
///
/// nor kept beyond its gate,
///
/// ```compile_fail,E0597
/// # use patron_core::consent::{Engagement, Gate, Permit, PurposeKind};
/// let gate = Gate::new(1, [PurposeKind::Engagement]);
/// let permit: Option<Permit<'static, Engagement>> = gate.permit();
/// assert_eq!(permit.map(|permit| permit.epoch()), Some(1));
/// ```
///
/// nor used for another purpose.
///
/// ```compile_fail,E0308
/// # use patron_core::consent::{Engagement, Gate, Permit, PreciseLocation, PurposeKind};
/// let gate = Gate::new(1, [PurposeKind::Engagement]);
/// let permit: Option<Permit<'_, Engagement>> = gate.permit::<PreciseLocation>();
/// assert_eq!(permit.map(|permit| permit.epoch()), Some(1));
/// ```
#[derive(Debug)]
#[must_use]
pub struct Permit<'gate, P: PurposeType> {
    epoch: u64,
    purpose: PhantomData<(&'gate Gate, P)>,
}

impl<P: PurposeType> Permit<'_, P> {
    /// The consent epoch under which it was given; recorded with every event.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The purpose it was given for.
    pub fn kind(&self) -> PurposeKind {
        P::KIND
    }
}

/// What the shopper allows at one consent epoch.
///
/// Eight bytes and a counter, so that the ring's header can mirror it and a `track` in the first
/// millisecond of the process is gated by the same rule as one an hour later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gate {
    epoch: u64,
    granted: PurposeSet,
}

impl Gate {
    /// Nothing is allowed: the state before anything was asked.
    pub const CLOSED: Self = Self { epoch: 0, granted: PurposeSet::EMPTY };

    /// The gate for these effective grants.
    pub fn new(epoch: u64, granted: impl IntoIterator<Item = PurposeKind>) -> Self {
        Self::of(epoch, granted.into_iter().collect())
    }

    /// The gate for this set of effective grants.
    pub fn of(epoch: u64, granted: PurposeSet) -> Self {
        Self { epoch, granted }
    }

    /// The gate that a ring's header mirrored; see [`Gate::to_parts`].
    pub fn from_parts(epoch: u64, granted: u64) -> Self {
        Self { epoch, granted: PurposeSet::from_bits(granted) }
    }

    /// Epoch and grants as two numbers, for the ring's header.
    pub fn to_parts(self) -> (u64, u64) {
        (self.epoch, self.granted.bits())
    }

    /// What it lets through.
    pub fn granted(&self) -> PurposeSet {
        self.granted
    }

    /// A permit for `P`, or `None` when the shopper has not granted it.
    pub fn permit<P: PurposeType>(&self) -> Option<Permit<'_, P>> {
        self.allows(P::KIND).then_some(Permit { epoch: self.epoch, purpose: PhantomData })
    }

    /// Whether `kind` is granted. For showing and explaining; acting takes a [`Permit`].
    pub fn allows(&self, kind: PurposeKind) -> bool {
        self.granted.contains(kind)
    }

    /// Counts every change of consent; an event recorded under an older epoch is checked again.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }
}

/// Proof that the shopper's consent to `P` stood at one epoch for one partner.
///
/// Made by [`SharingGate::permit`] alone, and as little to be kept as a [`Permit`].
#[derive(Debug)]
#[must_use]
pub struct PermitFor<'gate, P: PurposeType> {
    partner: &'gate str,
    permit: Permit<'gate, P>,
}

impl<P: PurposeType> PermitFor<'_, P> {
    /// Who may hear of it.
    pub fn partner(&self) -> &str {
        self.partner
    }

    /// The consent epoch under which it was given.
    pub fn epoch(&self) -> u64 {
        self.permit.epoch()
    }
}

/// The partners that may hear of the shopper at one consent epoch, each under a name of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SharingGate {
    epoch: u64,
    partners: BTreeSet<String>,
}

impl SharingGate {
    /// The gate for these partners.
    pub fn new(epoch: u64, partners: impl IntoIterator<Item = String>) -> Self {
        Self { epoch, partners: partners.into_iter().collect() }
    }

    /// A permit to let `partner` hear of it, or `None` when the shopper has not granted that.
    pub fn permit(&self, partner: &str) -> Option<PermitFor<'_, PartnerSharing>> {
        let partner = self.partners.get(partner)?;
        Some(PermitFor { partner, permit: Permit { epoch: self.epoch, purpose: PhantomData } })
    }

    /// Those that may hear of it.
    pub fn partners(&self) -> impl Iterator<Item = &str> {
        self.partners.iter().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::{Engagement, PreciseLocation};

    #[test]
    fn a_closed_gate_permits_nothing() {
        assert!(PurposeKind::ALL.into_iter().all(|kind| !Gate::CLOSED.allows(kind)));
        assert!(Gate::CLOSED.permit::<Engagement>().is_none());
    }

    #[test]
    fn a_grant_opens_its_own_purpose_only() {
        let gate = Gate::new(3, [PurposeKind::Engagement]);
        assert_eq!(gate.permit::<Engagement>().map(|p| p.epoch()), Some(3));
        assert!(gate.permit::<PreciseLocation>().is_none());
    }

    #[test]
    fn the_mirror_in_the_ring_is_exact() {
        let gate = Gate::new(9, [PurposeKind::Dialogue, PurposeKind::PartnerOffers]);
        let (epoch, granted) = gate.to_parts();
        assert_eq!(Gate::from_parts(epoch, granted), gate);
    }
}
