//! How records lie in the ring, and how they prove themselves.
//!
//! Pure: bytes in, records out. A record is `tag u32 | crc u32 | position u64 | payload`, rounded
//! up to eight bytes. The position counts every byte that the ring ever held and is part of what
//! the checksum covers, so a record left over from an earlier lap, or moved, is not one.

/// Room for records. At 300 bytes an event this is some 13,000 of them: seconds of an app that
/// does nothing but track, while the engine commits a group every few milliseconds.
pub(super) const BODY: usize = 4 << 20;

/// The longest payload. An event's data ends at 32 KiB; the envelope around it is short.
pub const MAX_PAYLOAD: usize = 64 << 10;

/// In front of every payload.
pub(super) const RECORD_HEAD: usize = 16;

/// Set in the tag of every record, so that a record of no bytes is not an empty place.
const RECORD: u32 = 1 << 31;

/// The tag of what fills the end of a lap when a record does not fit there.
const PAD: u32 = u32::MAX;

/// What stands at a position.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Entry<'a> {
    Record(&'a [u8]),
    /// Nothing up to the end of this lap.
    Pad,
}

impl Entry<'_> {
    /// Where the next entry begins, for one at `position`.
    pub(super) fn end(&self, position: u64) -> u64 {
        match self {
            Self::Record(payload) => position + span(payload.len()) as u64,
            Self::Pad => position + (BODY - offset(position)) as u64,
        }
    }
}

/// Where `position` lies in the body.
pub(super) fn offset(position: u64) -> usize {
    (position % BODY as u64) as usize
}

/// Bytes that a payload of `len` takes up.
pub(super) fn span(len: usize) -> usize {
    (RECORD_HEAD + len).next_multiple_of(8)
}

/// A record's tag and checksum. `payload` has been fed its bytes, which is the long part and
/// needs no lock; the position is known only under it.
pub(super) fn seal_record(mut payload: crc32fast::Hasher, position: u64, len: usize) -> (u32, u32) {
    let tag = RECORD | len as u32;
    payload.update(&position.to_le_bytes());
    payload.update(&tag.to_le_bytes());
    (tag, payload.finalize())
}

/// The tag and checksum of a pad.
pub(super) fn seal_pad(position: u64) -> (u32, u32) {
    let mut crc = crc32fast::Hasher::new();
    crc.update(&position.to_le_bytes());
    crc.update(&PAD.to_le_bytes());
    (PAD, crc.finalize())
}

/// The entry at `position`, whose bytes begin `run`; `None` for anything that does not prove
/// itself, an empty place included.
pub(super) fn parse(run: &[u8], position: u64) -> Option<Entry<'_>> {
    let tag = u32_at(run, 0)?;
    let crc = u32_at(run, 4)?;
    if tag == PAD {
        return (seal_pad(position).1 == crc).then_some(Entry::Pad);
    }
    let len = (tag & !RECORD) as usize;
    if tag & RECORD == 0 || len > MAX_PAYLOAD || u64_at(run, 8)? != position {
        return None;
    }
    if offset(position) + span(len) > BODY {
        return None;
    }
    let payload = run.get(RECORD_HEAD..RECORD_HEAD + len)?;
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(payload);
    (seal_record(hasher, position, len).1 == crc).then_some(Entry::Record(payload))
}

/// The records of an intact ring from `position` on, and where they end.
pub(super) fn walk(body: &[u8], from: u64) -> (Vec<Vec<u8>>, u64) {
    let mut records = Vec::new();
    let mut position = from;
    while position - from < BODY as u64 {
        let Some(entry) = body.get(offset(position)..).and_then(|run| parse(run, position)) else { break };
        if let Entry::Record(payload) = entry {
            records.push(payload.to_vec());
        }
        position = entry.end(position);
    }
    (records, position)
}

/// Every record that still proves itself in a damaged ring, oldest first with its position.
///
/// `body` may be cut short. `floor` leaves out what was committed, where that is known.
pub(super) fn salvage(body: &[u8], floor: u64) -> Vec<(u64, Vec<u8>)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at + RECORD_HEAD <= body.len() {
        let position = u64_at(body, at + 8).unwrap_or(0);
        if position >= floor
            && offset(position) == at
            && position < MAX_POSITION
            && let Some(Entry::Record(payload)) = parse(&body[at..], position)
        {
            found.push((position, payload.to_vec()));
            at += span(payload.len());
        } else {
            at += 8;
        }
    }
    found.sort_unstable_by_key(|(position, _)| *position);
    found
}

/// Positions are kept in 40 bits of eight-byte units: 8 TiB of events in one file's life.
pub(super) const MAX_POSITION: u64 = 1 << 43;

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes)
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..at + 8)?.try_into().ok().map(u64::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(body: &mut [u8], position: u64, payload: &[u8]) -> u64 {
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(payload);
        let (tag, crc) = seal_record(hasher, position, payload.len());
        let at = offset(position);
        body[at..at + 4].copy_from_slice(&tag.to_le_bytes());
        body[at + 4..at + 8].copy_from_slice(&crc.to_le_bytes());
        body[at + 8..at + 16].copy_from_slice(&position.to_le_bytes());
        body[at + 16..at + 16 + payload.len()].copy_from_slice(payload);
        position + span(payload.len()) as u64
    }

    #[test]
    fn a_record_of_an_earlier_lap_is_not_a_record() {
        let mut body = vec![0; BODY];
        write(&mut body, 0, b"old");
        assert_eq!(parse(&body, 0), Some(Entry::Record(b"old")));
        assert_eq!(parse(&body, BODY as u64), None);
        assert_eq!(walk(&body, BODY as u64), (vec![], BODY as u64));
    }

    #[test]
    fn nothing_at_all_is_still_a_record() {
        let mut body = vec![0; BODY];
        let end = write(&mut body, 0, b"");
        assert_eq!(parse(&body, 0), Some(Entry::Record(b"")));
        assert_eq!(walk(&body, 0), (vec![vec![]], end));
    }

    #[test]
    fn salvage_reaches_past_a_damaged_record_and_a_cut_end() {
        let mut body = vec![0; BODY];
        let second = write(&mut body, 0, b"first");
        let third = write(&mut body, second, b"second");
        let end = write(&mut body, third, b"third");
        body[offset(second) + RECORD_HEAD] ^= 1;
        assert_eq!(walk(&body, 0).0, vec![b"first".to_vec()]);
        let kept = vec![(0, b"first".to_vec()), (third, b"third".to_vec())];
        assert_eq!(salvage(&body, 0), kept);
        assert_eq!(salvage(&body[..offset(end)], 0), kept);
        assert_eq!(salvage(&body[..offset(end) - 8], 0), kept[..1]);
    }

    #[test]
    fn a_records_payload_that_looks_like_a_record_is_payload() {
        let mut inner = vec![0; BODY];
        write(&mut inner, RECORD_HEAD as u64, b"forged");
        let mut body = vec![0; BODY];
        write(&mut body, 0, &inner[RECORD_HEAD..RECORD_HEAD + 24]);
        assert_eq!(salvage(&body, 0).len(), 1);
    }
}
