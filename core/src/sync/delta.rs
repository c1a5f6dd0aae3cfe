//! Makes the new catalogue out of the one on the device and of what changed.
//!
//! Pure: bytes in, bytes out. A delta names runs of the old body and holds the text between them; the hash of the
//! whole proves that both sides meant the same. Finding what changed is the backend's; what becomes of a delta
//! that does not fit is [`crate::engine`]'s.

use serde::{Deserialize, Serialize};

use crate::consent::Sha;
use crate::offer::MAX_BYTES;

/// What the device says in `a-im`, and the backend in `im`: RFC 3229's name for one way to make deltas.
pub const DELTA_IM: &str = "patron-delta";

/// A longer one would not be worth it: a backend answers with the whole unless the delta is half of it or less.
pub const MAX_DELTA_BYTES: usize = MAX_BYTES / 2;

/// Body of `226 IM Used` to `GET /v1/catalogue`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delta {
    /// Of the new body, all of it.
    pub sha256: Sha,
    /// The new body, from its beginning to its end.
    pub pieces: Vec<Piece>,
}

/// A part of the new body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Piece {
    /// `[offset, length]`: so many bytes of the old body, from there on.
    Copy(usize, usize),
    /// This text.
    Insert(String),
}

/// Why a delta came to nothing. The whole catalogue is to be asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeltaError {
    /// Too long, or not such JSON.
    #[error("the delta does not read: {0}")]
    Unreadable(String),
    /// It names what the old body does not have.
    #[error("piece {0} of the delta reaches beyond the old body")]
    OutOfBounds(usize),
    /// No catalogue is so long.
    #[error("the delta makes more than {MAX_BYTES} bytes")]
    TooLarge,
    /// It was made for another body, or was changed on its way.
    #[error("what the delta makes has another hash than it says")]
    OtherHash,
}

/// The new body, byte for byte as the backend published it.
///
/// # Errors
/// [`DeltaError`]; nothing is changed then. Whatever `delta` holds, at most [`MAX_BYTES`] are made of it.
pub fn apply(old: &[u8], delta: &[u8]) -> Result<Vec<u8>, DeltaError> {
    if delta.len() > MAX_DELTA_BYTES {
        return Err(DeltaError::Unreadable(format!("it has {} bytes", delta.len())));
    }
    let delta: Delta = serde_json::from_slice(delta).map_err(|error| DeltaError::Unreadable(error.to_string()))?;
    let mut new = Vec::with_capacity(old.len().min(MAX_BYTES));
    for (at, piece) in delta.pieces.iter().enumerate() {
        let bytes = match piece {
            Piece::Insert(text) => text.as_bytes(),
            Piece::Copy(offset, len) => {
                let run = offset.checked_add(*len).and_then(|end| old.get(*offset..end));
                run.ok_or(DeltaError::OutOfBounds(at))?
            }
        };
        if new.len() + bytes.len() > MAX_BYTES {
            return Err(DeltaError::TooLarge);
        }
        new.extend_from_slice(bytes);
    }
    if Sha::of(&new) == delta.sha256 { Ok(new) } else { Err(DeltaError::OtherHash) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const OLD: &[u8] = br#"{"version":"1","offers":[{"id":"cup"}]}"#;

    fn delta(new: &[u8], pieces: &str) -> Vec<u8> {
        format!(r#"{{"sha256":"{}","pieces":{pieces}}}"#, Sha::of(new)).into_bytes()
    }

    #[test]
    fn runs_of_the_old_and_new_text_make_the_new_body() {
        let new = br#"{"version":"2","offers":[{"id":"cup"}]}"#;
        assert_eq!(apply(OLD, &delta(new, r#"[[0,12],"2",[13,26]]"#)).unwrap(), new);
        assert_eq!(apply(OLD, &delta(b"", "[]")).unwrap(), b"");
    }

    #[test]
    fn what_a_later_backend_adds_is_ignored() {
        let later = format!(r#"{{"made_by":[1],"sha256":"{}","pieces":[[0,{}]]}}"#, Sha::of(OLD), OLD.len());
        assert_eq!(apply(OLD, later.as_bytes()).unwrap(), OLD);
    }

    #[test]
    fn a_hostile_delta_is_refused_and_makes_nothing() {
        let most = usize::MAX;
        for pieces in [format!("[[0,{}]]", OLD.len() + 1), format!("[[{most},{most}]]"), format!("[[{most},1]]")] {
            assert_eq!(apply(OLD, &delta(OLD, &pieces)), Err(DeltaError::OutOfBounds(0)), "{pieces}");
        }
        assert_eq!(apply(OLD, &delta(OLD, r#"["x"]"#)), Err(DeltaError::OtherHash));
        let unreadable = ["[[-1,2]]", "[[0.5,2]]", "[[1]]", "[[1,2,3]]", "[null]", "[{}]", "7", "[[0,1]"];
        for pieces in unreadable {
            let refused = apply(OLD, &delta(OLD, pieces));
            assert!(matches!(refused, Err(DeltaError::Unreadable(_))), "{pieces}: {refused:?}");
        }
        for not_one in [&b""[..], b"<html>sign in</html>", b"{}", br#"{"sha256":"00","pieces":[]}"#] {
            assert!(matches!(apply(OLD, not_one), Err(DeltaError::Unreadable(_))));
        }
    }

    #[test]
    fn a_small_delta_that_makes_gigabytes_is_cut_off_at_a_catalogues_length() {
        let old = vec![b' '; MAX_BYTES];
        let bomb = delta(&old, &format!("[[0,{MAX_BYTES}]{}]", ",[0,1]".repeat(1_000)));
        assert_eq!(apply(&old, &bomb), Err(DeltaError::TooLarge));
        let long = delta(&old, &format!("[{:?}]", "x".repeat(MAX_DELTA_BYTES)));
        assert!(matches!(apply(&old, &long), Err(DeltaError::Unreadable(_))));
    }

    proptest! {
        #[test]
        fn no_bytes_at_all_make_it_panic_or_believe(
            old in proptest::collection::vec(any::<u8>(), 0..64),
            pieces in proptest::collection::vec(prop_oneof![
                (any::<usize>(), any::<usize>()).prop_map(|(at, len)| Piece::Copy(at, len)),
                (0..80_usize, 0..80_usize).prop_map(|(at, len)| Piece::Copy(at, len)),
                ".*".prop_map(Piece::Insert),
            ], 0..8),
            claimed in any::<[u8; 32]>(),
        ) {
            let sha256 = Sha::from_bytes(&claimed).unwrap();
            let body = serde_json::to_vec(&Delta { sha256, pieces }).unwrap();
            prop_assert!(apply(&old, &body).is_err(), "a hash that was drawn at random was believed");
        }
    }
}
