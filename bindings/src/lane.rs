//! The fast lane: `track` from the JVM, by JNI and past JNA.
//!
//! It decides nothing and encodes nothing of its own. The event arrives in a direct buffer as the
//! generated Kotlin writes it, and the answer goes back in the same buffer as the generated Kotlin
//! reads it; between the two stands [`PatronHandle::track`], as for every other caller.
//! `dev.patron.internal.Lane` is the only caller.
//!
//! A lane is a number that is given once in the life of a process, never a pointer: one that is
//! closed, or was never given, is answered [`PatronError::Closed`].

use std::slice;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use arc_swap::ArcSwapOption;
use jni_sys::{JNIEnv, jclass, jint, jlong, jobject};
use patron_core::event::Tracked;
use patron_core::log::Log;
use uniffi::{Lift, Lower};

use crate::UniFfiTag;
use crate::contain::contain;
use crate::error::PatronError;
use crate::event::Engagement;
use crate::handle::PatronHandle;

/// The buffer holds a [`Tracked`].
const TRACKED: jint = 0;

/// The buffer holds a [`PatronError`], and nothing was recorded.
const FAILED: jint = 1;

/// Nothing was recorded, and what there is to say has no room in the buffer: the caller asks again
/// the long way.
const NO_ROOM: jint = 2;

/// Every open lane. An app has one handle or two, so a list is searched faster than a map; a call
/// reads it without a lock, opening and closing replace it whole.
static LANES: ArcSwapOption<Vec<(u64, Weak<PatronHandle>)>> = ArcSwapOption::const_empty();

/// The number that was given last.
static LAST: AtomicU64 = AtomicU64::new(0);

/// One handle's lane, open until this is dropped. Does not keep the handle.
pub(crate) struct Lane(u64);

impl Lane {
    pub(crate) fn open(handle: &Arc<PatronHandle>) -> Self {
        let number = LAST.fetch_add(1, Ordering::Relaxed) + 1;
        LANES.rcu(|lanes| {
            let mut lanes = lanes.as_deref().cloned().unwrap_or_default();
            lanes.push((number, Arc::downgrade(handle)));
            Some(Arc::new(lanes))
        });
        Self(number)
    }

    pub(crate) fn number(&self) -> u64 {
        self.0
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        LANES.rcu(|lanes| {
            let mut lanes = lanes.as_deref().cloned().unwrap_or_default();
            lanes.retain(|(number, _)| *number != self.0);
            Some(Arc::new(lanes))
        });
    }
}

/// The handle behind `lane`. It lives until the caller has done with it, whoever closes meanwhile.
fn handle(lane: u64) -> Result<Arc<PatronHandle>, PatronError> {
    let lanes = LANES.load();
    let mut open = lanes.iter().flat_map(|lanes| lanes.iter());
    open.find(|(number, _)| *number == lane).and_then(|(_, handle)| handle.upgrade()).ok_or(PatronError::Closed)
}

/// Tracks the event that is written in `event`, all of it.
fn track(lane: u64, mut event: &[u8]) -> Result<Tracked, PatronError> {
    let handle = handle(lane)?;
    let unreadable = |why: String| PatronError::InvalidInput { what: "event".to_owned(), why };
    let engagement = <Engagement as Lift<UniFfiTag>>::try_read(&mut event)
        .map_err(|error| unreadable(format!("cannot be read: {error}")))?;
    if event.is_empty() {
        handle.track(engagement)
    } else {
        Err(unreadable(format!("has {} bytes too many", event.len())))
    }
}

/// Tracks the event in the first `length` bytes of `buffer`, and writes the answer over it.
fn call(lane: u64, buffer: &mut [u8], length: usize) -> jint {
    let tracked = contain(&Log::silent(), "track", || track(lane, buffer.get(..length).unwrap_or_default()));
    let mut answer = Vec::with_capacity(64);
    let code = match tracked {
        // Never without room: it takes four bytes, as every event's kind does.
        Ok(tracked) => {
            <Tracked as Lower<UniFfiTag>>::write(tracked, &mut answer);
            TRACKED
        }
        Err(error) => {
            <PatronError as Lower<UniFfiTag>>::write(error, &mut answer);
            FAILED
        }
    };
    match buffer.get_mut(..answer.len()) {
        Some(room) => {
            room.copy_from_slice(&answer);
            code
        }
        None => NO_ROOM,
    }
}

/// `dev.patron.internal.Lane.track`: see `call`.
///
/// # Safety
/// To be called by the JVM alone, with a `buffer` that no other thread touches meanwhile. Anything
/// but a direct buffer is answered `NO_ROOM`. Throws no Java exception, and nothing unwinds out
/// of it: whatever may panic is contained.
#[allow(unsafe_code, reason = "the JVM finds this by its name, and lends memory of its own")]
#[unsafe(no_mangle)]
pub unsafe extern "system" fn Java_dev_patron_internal_Lane_track(
    env: *mut JNIEnv,
    _class: jclass,
    lane: jlong,
    buffer: jobject,
    length: jint,
) -> jint {
    // SAFETY: the JVM passes its own environment and a reference that is live for this call.
    let (start, capacity) = unsafe {
        (((**env).v1_4.GetDirectBufferAddress)(env, buffer), ((**env).v1_4.GetDirectBufferCapacity)(env, buffer))
    };
    let (Ok(capacity), Ok(length)) = (usize::try_from(capacity), usize::try_from(length)) else { return NO_ROOM };
    if start.is_null() {
        return NO_ROOM;
    }
    // SAFETY: a direct buffer is `capacity` bytes from `start`, which stay while it is referred to;
    // the caller's thread is the only one that touches them.
    let buffer = unsafe { slice::from_raw_parts_mut(start.cast::<u8>(), capacity) };
    call(lane.cast_unsigned(), buffer, length)
}

#[cfg(test)]
#[path = "lane_tests.rs"]
mod tests;
