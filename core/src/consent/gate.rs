//! The gate, and the permits that only it can make.

use std::marker::PhantomData;

use super::{PurposeKind, PurposeType};

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
    granted: u64,
}

impl Gate {
    /// Nothing is allowed: the state before anything was asked.
    pub const CLOSED: Self = Self { epoch: 0, granted: 0 };

    /// The gate for these effective grants.
    pub fn new(epoch: u64, granted: impl IntoIterator<Item = PurposeKind>) -> Self {
        let granted = granted.into_iter().fold(0, |bits, kind| bits | bit(kind));
        Self { epoch, granted }
    }

    /// The gate that a ring's header mirrored; see [`Gate::to_parts`].
    pub fn from_parts(epoch: u64, granted: u64) -> Self {
        Self { epoch, granted }
    }

    /// Epoch and grants as two numbers, for the ring's header.
    pub fn to_parts(self) -> (u64, u64) {
        (self.epoch, self.granted)
    }

    /// A permit for `P`, or `None` when the shopper has not granted it.
    pub fn permit<P: PurposeType>(&self) -> Option<Permit<'_, P>> {
        self.allows(P::KIND).then_some(Permit { epoch: self.epoch, purpose: PhantomData })
    }

    /// Whether `kind` is granted. For showing and explaining; acting takes a [`Permit`].
    pub fn allows(&self, kind: PurposeKind) -> bool {
        self.granted & bit(kind) != 0
    }

    /// Counts every change of consent; an event recorded under an older epoch is checked again.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }
}

fn bit(kind: PurposeKind) -> u64 {
    1 << (kind as u8)
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
