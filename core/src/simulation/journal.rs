//! What a run did, step by step: to be read when it fails, and hashed to prove that a seed replays.

use sha2::{Digest, Sha256};

/// The log of one run.
#[derive(Default)]
pub(super) struct Journal {
    lines: Vec<String>,
    hash: Sha256,
}

impl Journal {
    /// Notes what happened.
    pub(super) fn note(&mut self, line: String) {
        self.hash.update(line.as_bytes());
        self.hash.update(b"\n");
        self.lines.push(line);
    }

    /// Takes bytes into the hash that no one would read.
    pub(super) fn absorb(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
    }

    /// The same for the same run, and for no other.
    pub(super) fn trace(&self) -> String {
        let digest = self.hash.clone().finalize();
        digest[..8].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    pub(super) fn lines(self) -> Vec<String> {
        self.lines
    }
}
