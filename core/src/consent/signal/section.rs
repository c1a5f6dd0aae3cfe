//! What a section of a GPP string can be, and what each takes away.

use super::{SignalError, TcString, UsSection, touched};
use crate::consent::PurposeSet;

/// A section of a GPP string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Its id.
    pub id: u16,
    /// What it says.
    pub content: SectionKind,
}

/// What a section says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SectionKind {
    /// tcfeuv2: a TC string.
    Tcf(Box<TcString>),
    /// uspv1: the older US Privacy string.
    UsPrivacy(UsPrivacy),
    /// usnat or usca.
    Us(UsSection),
    /// A section that Patron knows by name at most, or whose version cannot be told for sure: as it
    /// stands in the string.
    Unread(String),
}

/// A US Privacy string: four characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsPrivacy {
    /// 1.
    pub version: u8,
    /// Whether the shopper was told: `Y`, `N`, or `-` where it does not apply.
    pub notice: char,
    /// Whether the shopper opted out of the sale: `Y`, `N` or `-`.
    pub opt_out_sale: char,
    /// Whether it is a transaction under the Limited Service Provider Agreement: `Y`, `N` or `-`.
    pub lspa_covered: char,
}

/// The names of sections, by id from 1; empty where there is none.
const NAMES: [&str; 27] = [
    "tcfeuv1", "tcfeuv2", "", "", "tcfcav1", "uspv1", "usnat", "usca", "usva", "usco", "usut", "usct", "usfl", "usmt",
    "usor", "ustx", "usde", "usia", "usne", "usnh", "usnj", "ustn", "usmn", "usmd", "usin", "usky", "usri",
];

/// The sections that speak for the US or a state of it.
const US: std::ops::RangeInclusive<u16> = 6..=27;

impl Section {
    pub(super) fn decode(id: u16, text: &str) -> Result<Self, SignalError> {
        let content = match id {
            2 => SectionKind::Tcf(Box::new(TcString::decode(text)?)),
            6 => SectionKind::UsPrivacy(UsPrivacy::decode(text)?),
            7 | 8 => match UsSection::decode(id, text)? {
                Some(read) => SectionKind::Us(read),
                None => SectionKind::Unread(text.to_owned()),
            },
            _ => SectionKind::Unread(text.to_owned()),
        };
        Ok(Self { id, content })
    }

    /// The name that its specification gives it; `None` for one that came later.
    pub fn name(&self) -> Option<&'static str> {
        NAMES.get(usize::from(self.id).checked_sub(1)?).copied().filter(|name| !name.is_empty())
    }

    /// Whether it speaks for the European Economic Area.
    pub(super) fn of_the_eea(&self) -> bool {
        matches!(self.content, SectionKind::Tcf(_))
    }

    /// Whether it speaks for the US.
    pub(super) fn of_the_us(&self) -> bool {
        US.contains(&self.id)
    }

    /// Our purposes that are a no by this section. What is unread is a no to all that it may speak of.
    pub fn lowered(&self, vendor: Option<u16>) -> PurposeSet {
        match &self.content {
            SectionKind::Tcf(read) => read.lowered(vendor),
            SectionKind::UsPrivacy(read) => read.lowered(),
            SectionKind::Us(read) => read.lowered(),
            SectionKind::Unread(_) if self.of_the_us() => touched::US,
            SectionKind::Unread(_) => touched::TCF,
        }
    }
}

impl UsPrivacy {
    fn decode(text: &str) -> Result<Self, SignalError> {
        const PART: &str = "uspv1 section";
        let [b'1', rest @ ..] = text.as_bytes() else {
            let value = text.bytes().next().unwrap_or_default().into();
            return Err(SignalError::Value { part: PART, field: "Version", value });
        };
        let &[notice, opt_out_sale, lspa_covered] = rest else {
            return Err(SignalError::EndsEarly { part: PART, field: "LspaCovered", at: text.len() * 8 });
        };
        if let Some(at) = rest.iter().position(|byte| !b"YN-".contains(byte)) {
            return Err(SignalError::Character { part: PART, at: at + 1 });
        }
        let [notice, opt_out_sale, lspa_covered] = [notice, opt_out_sale, lspa_covered].map(char::from);
        Ok(Self { version: 1, notice, opt_out_sale, lspa_covered })
    }

    /// Our purposes that are a no by it.
    pub fn lowered(self) -> PurposeSet {
        // Not applicable, or told and not refused; all else is a no or contradicts itself.
        match (self.notice, self.opt_out_sale) {
            ('-', '-') | ('Y', 'N') => PurposeSet::EMPTY,
            _ => touched::SALE,
        }
    }
}
