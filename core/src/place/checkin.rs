//! Reads the code that hangs in a store: presence that the shopper chose.
//!
//! A code names a place and is signed with the retailer's key. A rotating one, on a screen, also
//! names the minute it was made in, and is good for that minute and one on either side. A fixed
//! one, on paper, is good for ever: whoever has a photograph of it can check in from home, so it
//! counts once in four hours at a place, and says of itself that it proves little. Pure: time, key
//! and what was scanned before are passed in.
//!
//! The text is `PC1/` minute or `-` `/` 128 hexadecimal digits of an Ed25519 signature `/` the
//! place's id; what is signed is `PC1/` minute or `-` `/` the id. In capitals a QR code packs it
//! tightest; an NFC tag carries it as text.

use super::Transition;
use super::beacon::hex_bytes;
use crate::ids::id_flaw;

/// A rotating code changes this often, milliseconds.
pub const ROTATION_MS: i64 = 60_000;

/// A fixed code counts once in so long at one place, milliseconds.
pub const FIXED_AGAIN_MS: i64 = 4 * 3_600_000;

/// Longer texts come from elsewhere.
const MAX_BYTES: usize = 512;

/// What is on a code, its signature not looked at yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    place: String,
    /// Minutes since the Unix epoch, of a rotating one.
    minute: Option<i64>,
    signature: [u8; 64],
}

/// What a scanned code led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedIn {
    /// The place's id.
    pub place: String,
    /// Its name.
    pub place_name: String,
    /// The code was made within these minutes; see [`CheckIn::fresh`].
    pub fresh: bool,
    /// What happened to visits; empty when the shopper was known to be there.
    pub visits: Vec<Transition>,
}

/// A check-in that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckIn {
    /// The place's id.
    pub place: String,
    /// The code was made within these minutes: someone is there, or is shown what is there. A fixed
    /// code proves no more than that someone once was.
    pub fresh: bool,
}

/// Why a code makes no check-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodeFlaw {
    /// Not such a code at all, or torn.
    #[error("is no check-in code")]
    NoCode,
    /// Signed by someone else, or changed.
    #[error("is not signed by this retailer")]
    Forged,
    /// A rotating code from earlier; scan again.
    #[error("is from {minutes} minutes ago; scan the one that is shown now")]
    Expired {
        /// How long ago.
        minutes: i64,
    },
    /// A rotating code from ahead of this phone's clock.
    #[error("is from {minutes} minutes ahead; this phone's clock is wrong")]
    Ahead {
        /// How far ahead.
        minutes: i64,
    },
    /// A fixed code that counted a moment ago.
    #[error("counts once in four hours")]
    Again,
}

impl Code {
    /// Reads what was scanned.
    ///
    /// # Errors
    /// [`CodeFlaw::NoCode`].
    pub fn read(text: &str) -> Result<Self, CodeFlaw> {
        Self::parse(text).ok_or(CodeFlaw::NoCode)
    }

    fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_BYTES {
            return None;
        }
        let mut parts = text.splitn(4, '/');
        let ("PC1", minute, signature, place) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?) else {
            return None;
        };
        let minute = match minute {
            "-" => None,
            digits if digits.len() <= 12 && digits.bytes().all(|b| b.is_ascii_digit()) => Some(digits.parse().ok()?),
            _ => return None,
        };
        if id_flaw(place).is_some() {
            return None;
        }
        Some(Self { place: place.to_owned(), minute, signature: hex_bytes(signature)? })
    }

    /// What the signature is of.
    pub fn signed(place: &str, minute: Option<i64>) -> String {
        minute.map_or_else(|| format!("PC1/-/{place}"), |minute| format!("PC1/{minute}/{place}"))
    }

    /// The text of a code, for whoever prints or shows it. `sign` gives 128 hexadecimal digits.
    pub fn write(place: &str, minute: Option<i64>, sign: impl FnOnce(&[u8]) -> String) -> String {
        let signature = sign(Self::signed(place, minute).as_bytes()).to_ascii_uppercase();
        let minute = minute.map_or("-".to_owned(), |minute| minute.to_string());
        format!("PC1/{minute}/{signature}/{place}")
    }

    /// Holds the code to the key and the time.
    ///
    /// `verify` says whether the signature is the retailer's of these bytes (Ed25519).
    /// `last_ms` is when a fixed code last counted at this place. Both times are of the wall clock,
    /// milliseconds since the Unix epoch.
    ///
    /// # Errors
    /// [`CodeFlaw`], each a thing to tell the shopper.
    pub fn check(
        self,
        now_ms: i64,
        last_ms: Option<i64>,
        verify: impl FnOnce(&[u8], &[u8; 64]) -> bool,
    ) -> Result<CheckIn, CodeFlaw> {
        if !verify(Self::signed(&self.place, self.minute).as_bytes(), &self.signature) {
            return Err(CodeFlaw::Forged);
        }
        match self.minute.map(|minute| now_ms.div_euclid(ROTATION_MS).saturating_sub(minute)) {
            Some(minutes) if minutes > 1 => return Err(CodeFlaw::Expired { minutes }),
            Some(minutes) if minutes < -1 => return Err(CodeFlaw::Ahead { minutes: minutes.saturating_neg() }),
            // A clock that was set back makes nobody wait for years.
            None if last_ms.is_some_and(|last| (0..FIXED_AGAIN_MS).contains(&now_ms.saturating_sub(last))) => {
                return Err(CodeFlaw::Again);
            }
            _ => {}
        }
        Ok(CheckIn { place: self.place, fresh: self.minute.is_some() })
    }

    /// The place's id, for looking up when it was last scanned.
    pub fn place(&self) -> &str {
        &self.place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 29_833_333 * ROTATION_MS + 5_000;
    const MINUTE: i64 = 29_833_333;

    fn scan(minute: &str, place: &str) -> Result<Code, CodeFlaw> {
        Code::read(&format!("PC1/{minute}/{}/{place}", "AB".repeat(64)))
    }

    /// A signature that is good for one text, without a curve.
    fn key(good: String) -> impl FnOnce(&[u8], &[u8; 64]) -> bool {
        move |bytes, signature| bytes == good.as_bytes() && *signature == [0xAB; 64]
    }

    fn check(minute: Option<i64>, now_ms: i64, last_ms: Option<i64>) -> Result<CheckIn, CodeFlaw> {
        let text = minute.map_or("-".to_owned(), |minute| minute.to_string());
        scan(&text, "lumi/market").unwrap().check(now_ms, last_ms, key(Code::signed("lumi/market", minute)))
    }

    #[test]
    fn a_rotating_code_is_good_for_its_minute_and_one_on_either_side() {
        let stands = |minute| check(Some(minute), NOW, None);
        for minute in MINUTE - 1..=MINUTE + 1 {
            assert_eq!(stands(minute), Ok(CheckIn { place: "lumi/market".into(), fresh: true }));
        }
        assert_eq!(stands(MINUTE - 2), Err(CodeFlaw::Expired { minutes: 2 }));
        assert_eq!(stands(MINUTE + 2), Err(CodeFlaw::Ahead { minutes: 2 }));
    }

    #[test]
    fn a_fixed_code_counts_once_in_four_hours_and_proves_little() {
        assert_eq!(check(None, NOW, None).map(|stands| stands.fresh), Ok(false));
        assert_eq!(check(None, NOW, Some(NOW - FIXED_AGAIN_MS + 1)), Err(CodeFlaw::Again));
        assert!(check(None, NOW, Some(NOW - FIXED_AGAIN_MS)).is_ok());
        assert!(check(None, NOW, Some(NOW + 1)).is_ok(), "the clock was set back");
    }

    #[test]
    fn a_code_of_another_key_or_place_is_forged() {
        let code = scan("-", "market").unwrap();
        assert_eq!(code.check(NOW, None, key(Code::signed("other", None))), Err(CodeFlaw::Forged));
        let moved = scan("7", "market").unwrap();
        assert_eq!(moved.check(NOW, None, key(Code::signed("market", None))), Err(CodeFlaw::Forged), "made fixed");
    }

    #[test]
    fn what_is_no_code_is_called_that() {
        for text in
            ["", "https://example.org", "PC1/-/AB/market", "PC2/-/00/market", &format!("PC1/-/{}/", "AB".repeat(64))]
        {
            assert_eq!(Code::read(text), Err(CodeFlaw::NoCode), "{text}");
        }
        for minute in ["-1", "+1", "9999999999999", "", "1e3"] {
            assert_eq!(scan(minute, "market"), Err(CodeFlaw::NoCode), "{minute}");
        }
        assert_eq!(Code::read(&"x".repeat(100_000)), Err(CodeFlaw::NoCode));
    }
}
