//! One file of the simulated disk: what is written, what is durable, and what lies between.
//!
//! Decides what is left of a file when the power goes; see [`super::disk`] for whose file it is.

/// What a disk writes whole or not at all.
pub(super) const SECTOR: usize = 512;

/// What is left of writes that were not synced when the power goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// All of them: the disk was faster than the cut.
    Kept,
    /// None.
    Vanished,
    /// The first few of each file.
    Prefix,
    /// Any of them, in any order.
    Reordered,
    /// Any sectors of any of them.
    Torn,
}

impl Outcome {
    /// Every outcome.
    pub(super) const ALL: [Self; 5] = [Self::Kept, Self::Vanished, Self::Prefix, Self::Reordered, Self::Torn];
}

#[derive(Default)]
pub(super) struct Content {
    pub(super) written: Vec<u8>,
    durable: Vec<u8>,
    pending: Vec<Change>,
}

#[derive(Clone)]
pub(super) enum Change {
    Write(usize, Vec<u8>),
    Truncate(usize),
}

impl Content {
    pub(super) fn durable(bytes: &[u8]) -> Self {
        Self { written: bytes.to_vec(), durable: bytes.to_vec(), pending: Vec::new() }
    }

    pub(super) fn apply(&mut self, change: Change) {
        change.clone().to(&mut self.written, 0);
        self.pending.push(change);
    }

    pub(super) fn settle(&mut self) {
        for change in self.pending.drain(..) {
            change.to(&mut self.durable, 0);
        }
    }

    pub(super) fn lose_power(&mut self, outcome: Outcome, rng: &mut fastrand::Rng) {
        // A file that grew before its bytes came shows what lay there before.
        let fill = if rng.bool() { 0 } else { 0x5A };
        let prefix = rng.usize(0..=self.pending.len());
        for (n, change) in std::mem::take(&mut self.pending).into_iter().enumerate() {
            let keeps = match outcome {
                Outcome::Kept => true,
                Outcome::Vanished => false,
                Outcome::Prefix => n < prefix,
                Outcome::Reordered | Outcome::Torn => rng.bool(),
            };
            match change {
                Change::Write(offset, bytes) if outcome == Outcome::Torn => {
                    for (offset, sector) in sectors(offset, &bytes) {
                        if rng.bool() {
                            Change::Write(offset, sector.to_vec()).to(&mut self.durable, fill);
                        }
                    }
                }
                change if keeps => change.to(&mut self.durable, fill),
                _ => {}
            }
        }
        self.written.clone_from(&self.durable);
    }
}

impl Change {
    fn to(self, bytes: &mut Vec<u8>, fill: u8) {
        match self {
            Self::Write(offset, new) => {
                let end = offset + new.len();
                if end > bytes.len() {
                    bytes.resize(end, fill);
                }
                bytes[offset..end].copy_from_slice(&new);
            }
            Self::Truncate(len) => bytes.truncate(len),
        }
    }
}

/// The pieces of a write, cut where the disk's sectors begin.
fn sectors(offset: usize, bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let first = (SECTOR - offset % SECTOR).min(bytes.len());
    let (head, rest) = bytes.split_at(first);
    std::iter::once((offset, head))
        .chain(rest.chunks(SECTOR).enumerate().map(move |(n, piece)| (offset + first + n * SECTOR, piece)))
}
