//! What the shopper gets.

/// What an offer gives: money off, or what does not cheapen a brand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Benefit {
    /// A part of the price.
    Percent {
        /// 1 to 100.
        percent: u8,
    },
    /// A sum off the price.
    Amount {
        /// Minor units of the currency (cents), above 0.
        minor: i64,
        /// ISO 4217, three capital letters.
        currency: String,
    },
    /// Points of the retailer's programme.
    Points {
        /// Above 0.
        points: u32,
    },
    /// Something to read, watch or hear.
    Content {
        /// An `https` address.
        url: String,
    },
    /// Getting in: a sale before it opens, a room, a queue.
    Access,
    /// Something done for the shopper.
    Service,
    /// Something to take part in.
    Experience,
}
