//! Reads base64url as bits, big-endian, one field after the other.
//!
//! A character is six bits, so that strings padded to six bits and those padded to bytes read the
//! same. `=` may stand at the end, three times at most, and means nothing.
//!
//! The first error stays: what is read behind it is nought, and [`Bits::done`] tells of it. A reader of
//! thirty fields that asks once is a third of the code of one that asks thirty times.

use super::SignalError;

/// Behind the last byte, so that eight can be read from any.
const MARGIN: usize = 8;

/// The largest number that is read at once: what is left of eight bytes when a field begins within one.
const MOST_BITS: u32 = 56;

/// The bytes that `text` stands for; `None` for nothing, and for what is not base64url.
pub(crate) fn base64url(text: &str) -> Option<Vec<u8>> {
    let mut bits = Bits::decode("text", text).ok()?;
    bits.bytes.truncate(bits.len / 8);
    Some(bits.bytes)
}

/// The bits of one part of a string, and how far they have been read.
pub(super) struct Bits {
    bytes: Vec<u8>,
    len: usize,
    at: usize,
    part: &'static str,
    error: Option<SignalError>,
}

impl Bits {
    /// # Errors
    /// [`SignalError::Empty`] and [`SignalError::Character`].
    pub(super) fn decode(part: &'static str, text: &str) -> Result<Self, SignalError> {
        let padding = text.bytes().rev().take(3).take_while(|byte| *byte == b'=').count();
        let text = &text.as_bytes()[..text.len() - padding];
        if text.is_empty() {
            return Err(SignalError::Empty { part });
        }
        let mut bytes = Vec::with_capacity(text.len() * 3 / 4 + 1 + MARGIN);
        let (mut held, mut pending) = (0_u32, 0);
        for (at, byte) in text.iter().enumerate() {
            held = held << 6 | sextet(*byte).ok_or(SignalError::Character { part, at })?;
            pending += 6;
            if pending >= 8 {
                pending -= 8;
                bytes.push((held >> pending) as u8);
            }
        }
        bytes.push((held << (8 - pending)) as u8);
        bytes.resize(bytes.len() + MARGIN, 0);
        Ok(Self { bytes, len: text.len() * 6, at: 0, part, error: None })
    }

    /// # Errors
    /// The first that came up: [`SignalError::EndsEarly`] or [`SignalError::Value`].
    pub(super) fn done(&self) -> Result<(), SignalError> {
        self.error.map_or(Ok(()), Err)
    }

    /// Whether an error came up: for loops that would go on reading noughts.
    pub(super) fn failed(&self) -> bool {
        self.error.is_some()
    }

    /// Says that `field` cannot have this value.
    pub(super) fn refuse(&mut self, field: &'static str, value: u64) {
        self.fail(SignalError::Value { part: self.part, field, value });
    }

    fn fail(&mut self, error: SignalError) {
        self.error.get_or_insert(error);
        self.at = self.len;
    }

    /// How many bits there are in all.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The `count` bits (1 to 56) from `at` on; nought behind the end.
    fn peek(&self, at: usize, count: u32) -> u64 {
        let from = at / 8;
        let window =
            self.bytes.get(from..from + 8).and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_be_bytes);
        window << (at % 8) >> (64 - count)
    }

    /// The next `count` bits (1 to 56) as a number.
    pub(super) fn take(&mut self, count: u32, field: &'static str) -> u64 {
        if !self.holds(count as usize, field) {
            return 0;
        }
        let value = self.peek(self.at, count);
        self.at += count as usize;
        value
    }

    fn holds(&mut self, count: usize, field: &'static str) -> bool {
        let holds = self.at + count <= self.len;
        if !holds {
            self.fail(SignalError::EndsEarly { part: self.part, field, at: self.at });
        }
        holds
    }

    /// The next bit.
    pub(super) fn flag(&mut self, field: &'static str) -> bool {
        self.take(1, field) == 1
    }

    /// Two letters of six bits each, A = 0.
    pub(super) fn letters(&mut self, field: &'static str) -> String {
        let mut letter = || {
            let value = self.take(6, field);
            if value > 25 {
                self.refuse(field, value);
            }
            char::from(b'A' + value as u8 % 26)
        };
        String::from_iter([letter(), letter()])
    }

    /// A number in Fibonacci code, which is never nought; 65,535 at most.
    pub(super) fn fibonacci(&mut self, field: &'static str) -> u64 {
        let (mut value, mut fib, mut next, mut last) = (0, 1, 2, false);
        loop {
            let bit = self.flag(field);
            if bit && last {
                return value;
            }
            if bit {
                value += fib;
            }
            if value.max(fib) > u64::from(u16::MAX) {
                self.refuse(field, value.max(fib));
                return 0;
            }
            (fib, next, last) = (next, fib + next, bit);
        }
    }

    /// Hands over each run of ones among the next `count` bits, as first and last index from 1.
    pub(super) fn runs(&mut self, count: u16, field: &'static str, mut each: impl FnMut(u16, u16)) {
        if !self.holds(usize::from(count), field) {
            return;
        }
        let (mut index, mut start) = (1_u32, None);
        let mut left = u32::from(count);
        while left > 0 {
            let step = left.min(MOST_BITS);
            let mut window = self.peek(self.at, step) << (64 - step);
            let mut rest = step;
            while rest > 0 {
                // What the window looks for next: the end of a run, or the beginning of one.
                let same = if start.is_some() { window.leading_ones() } else { window.leading_zeros() }.min(rest);
                index += same;
                rest -= same;
                if rest > 0 {
                    match start.take() {
                        Some(first) => each(first, (index - 1) as u16),
                        None => start = Some(index as u16),
                    }
                    window <<= same;
                }
            }
            self.at += step as usize;
            left -= step;
        }
        if let Some(first) = start {
            each(first, count);
        }
    }

    /// Whether a bit from `from` on is set; of the first 56 there.
    pub(super) fn any_from(&self, from: usize) -> bool {
        let left = self.len.saturating_sub(from).min(MOST_BITS as usize) as u32;
        left > 0 && self.peek(from, left) != 0
    }

    /// Whether nothing but nought is left, and no more of it than the encoders pad with: up to the
    /// next 24 bits, which are whole bytes and whole characters.
    pub(super) fn only_padding_left(&self) -> bool {
        self.len - self.at < 24 && !self.any_from(self.at)
    }
}

fn sextet(byte: u8) -> Option<u32> {
    let value = match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'-' => 62,
        b'_' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}
