//! What goes first when the queue is full.

/// How much an event is worth keeping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Priority {
    Low = 0,
    Normal = 1,
    High = 2,
}

impl Priority {
    /// The first to go first.
    pub(crate) const ALL: [Self; 3] = [Self::Low, Self::Normal, Self::High];

    /// Of an event of that CloudEvents type.
    pub(crate) fn of(kind: &str) -> Self {
        match kind {
            "dev.patron.offer.impression" => Self::Low,
            _ => Self::Normal,
        }
    }
}
