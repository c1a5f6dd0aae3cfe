//! Why a string cannot be read, and where.

/// What is wrong with a string. It is then as good as unset: a no to all that it could speak of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignalError {
    /// There is nothing there.
    #[error("the {part} is empty")]
    Empty {
        /// Which part of the string.
        part: &'static str,
    },
    /// Longer than [`super::MAX_SIGNAL_BYTES`].
    #[error("{bytes} bytes are more than any banner writes")]
    TooLong {
        /// How long it is.
        bytes: usize,
    },
    /// A character that base64url does not have.
    #[error("the {part} has a character at {at} that is not of base64url")]
    Character {
        /// Which part of the string.
        part: &'static str,
        /// How many characters of that part stand before it.
        at: usize,
    },
    /// The bits end inside a field.
    #[error("the {part} ends within {field}, at bit {at}")]
    EndsEarly {
        /// Which part of the string.
        part: &'static str,
        /// The field, as the specification calls it.
        field: &'static str,
        /// The bit at which the field begins.
        at: usize,
    },
    /// A value that the specification rules out.
    #[error("the {part} has {value} as {field}, which cannot be")]
    Value {
        /// Which part of the string.
        part: &'static str,
        /// The field, as the specification calls it.
        field: &'static str,
        /// What stands there.
        value: u64,
    },
    /// A part that is there twice, or one too many.
    #[error("the string has {part} once too often")]
    Surplus {
        /// Which part of the string.
        part: &'static str,
    },
    /// The header lists as many sections as there are not.
    #[error("the header lists {listed} sections, and {found} follow")]
    Count {
        /// How many the header lists.
        listed: usize,
        /// How many follow it.
        found: usize,
    },
}
