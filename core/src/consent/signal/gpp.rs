//! GPP strings: a header that lists sections, and the sections.
//!
//! After "Global Privacy Platform String", IAB Tech Lab: header type 3, version 1, section ids as a
//! range in Fibonacci code, which by its form is in order and names none twice.

use super::bits::Bits;
use super::section::Section;
use super::{MAX_SIGNAL_BYTES, SignalError};
use crate::consent::{PurposeKind, PurposeSet};

/// More sections than there are laws for. Bounds what a header of a few bytes can ask for.
const MAX_SECTIONS: usize = 64;

/// A decoded GPP string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GppString {
    /// The sections, by rising id.
    pub sections: Vec<Section>,
}

impl GppString {
    /// Decodes `text`. Takes at most 2 ms and 1 MiB.
    ///
    /// # Errors
    /// Any [`SignalError`], of any section too; the string then counts as a no to all that a
    /// section could speak of.
    pub fn decode(text: &str) -> Result<Self, SignalError> {
        if text.len() > MAX_SIGNAL_BYTES {
            return Err(SignalError::TooLong { bytes: text.len() });
        }
        let mut parts = text.split('~');
        let ids = header(parts.next().unwrap_or_default())?;
        let found = parts.clone().count();
        if ids.len() != found {
            return Err(SignalError::Count { listed: ids.len(), found });
        }
        let sections = ids.into_iter().zip(parts).map(|(id, part)| Section::decode(id, part));
        Ok(Self { sections: sections.collect::<Result<_, _>>()? })
    }

    /// Whether a section speaks for the European Economic Area.
    pub fn speaks_for_the_eea(&self) -> bool {
        self.sections.iter().any(Section::of_the_eea)
    }

    /// Whether a section speaks for the US or a state of it.
    pub fn speaks_for_the_us(&self) -> bool {
        self.sections.iter().any(Section::of_the_us)
    }

    /// Our purposes that are a no by this string: by any section of it. `vendor` is for tcfeuv2.
    pub fn lowered(&self, vendor: Option<u16>) -> PurposeSet {
        self.sections.iter().fold(PurposeSet::EMPTY, |lowered, section| lowered.union(section.lowered(vendor)))
    }

    /// Whether this string makes `kind` a no.
    pub fn denies(&self, kind: PurposeKind, vendor: Option<u16>) -> bool {
        self.lowered(vendor).contains(kind)
    }
}

/// The ids that the header lists.
fn header(text: &str) -> Result<Vec<u16>, SignalError> {
    let mut bits = Bits::decode("header", text)?;
    for (field, only) in [("Type", 3), ("Version", 1)] {
        let value = bits.take(6, field);
        if value != only {
            bits.refuse(field, value);
        }
    }
    let (mut ids, mut last) = (Vec::new(), 0);
    for _ in 0..bits.take(12, "Amount") {
        let group = bits.flag("Single");
        let first = last + bits.fibonacci("offset");
        last = if group { first + bits.fibonacci("length") } else { first };
        if last > u64::from(u16::MAX) || ids.len() as u64 + (last - first) >= MAX_SECTIONS as u64 {
            bits.refuse("Sections", last);
        }
        if bits.failed() {
            break;
        }
        ids.extend(first as u16..=last as u16);
    }
    bits.done()?;
    if !bits.only_padding_left() {
        return Err(SignalError::Surplus { part: "something behind its header" });
    }
    Ok(ids)
}
