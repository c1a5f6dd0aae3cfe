use std::thread;

use patron_core::consent::Purpose;
use tempfile::TempDir;

use super::*;
use crate::config::HandleConfig;
use crate::listener::LogLevel;

const ROOM: usize = 1024;

fn open(folder: &TempDir) -> Arc<PatronHandle> {
    let folder = folder.path().display().to_string();
    let config = HandleConfig {
        folder,
        backend: None,
        locale: "en".into(),
        time_zone: None,
        max_events: None,
        max_bytes: None,
        consent_catalogue: None,
        log_level: LogLevel::Error,
    };
    PatronHandle::open(config, None, None, None).unwrap()
}

fn open_and_granted(folder: &TempDir) -> (Arc<PatronHandle>, Lane) {
    let handle = open(folder);
    wait(handle.decide(vec![Purpose::Engagement], true, None)).unwrap();
    let lane = Lane::open(&handle);
    (handle, lane)
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn saved(offer: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    <Engagement as Lower<UniFfiTag>>::write(Engagement::Saved { offer: offer.to_owned() }, &mut bytes);
    bytes
}

/// A call as the JVM makes it: `event` at the start of a buffer of `room` bytes, the answer in its place.
fn call_with(lane: u64, event: &[u8], room: usize) -> Result<Tracked, PatronError> {
    let mut buffer = event.to_vec();
    buffer.resize(room.max(event.len()), 0);
    match call(lane, &mut buffer, event.len()) {
        TRACKED => Ok(<Tracked as Lift<UniFfiTag>>::try_read(&mut &buffer[..]).unwrap()),
        FAILED => Err(<PatronError as Lift<UniFfiTag>>::try_read(&mut &buffer[..]).unwrap()),
        other => panic!("answered {other}"),
    }
}

#[test]
fn what_comes_by_the_lane_is_recorded_or_refused_as_by_the_long_way() {
    let folder = TempDir::new().unwrap();
    let handle = open(&folder);
    let lane = Lane::open(&handle);
    assert_eq!(call_with(lane.number(), &saved("cup"), ROOM).unwrap(), Tracked::NotPermitted);
    wait(handle.decide(vec![Purpose::Engagement], true, None)).unwrap();
    assert_eq!(call_with(lane.number(), &saved("cup"), ROOM).unwrap(), Tracked::Recorded);
    let refused = call_with(lane.number(), &saved(""), ROOM);
    assert!(matches!(&refused, Err(PatronError::InvalidInput { what, .. }) if what == "event.offer"), "{refused:?}");
    assert_eq!(wait(handle.diagnostics()).unwrap().account.accepted, 1);
}

#[test]
fn a_lane_that_is_closed_or_was_never_given_is_answered_closed_and_its_number_is_not_given_again() {
    let folder = TempDir::new().unwrap();
    let (handle, lane) = open_and_granted(&folder);
    let closed = |number| matches!(call_with(number, &saved("cup"), ROOM), Err(PatronError::Closed));
    let number = lane.number();
    handle.shut_down().unwrap();
    assert!(closed(number), "the handle is closed and not yet freed");
    drop(handle);
    assert!(closed(number), "the handle is freed");
    drop(lane);
    let (_next, lane) = open_and_granted(&folder);
    assert!(lane.number() != number);
    assert!(closed(number) && closed(0) && closed(u64::MAX));
    assert_eq!(call_with(lane.number(), &saved("cup"), ROOM).unwrap(), Tracked::Recorded);
}

#[test]
fn bytes_that_are_no_event_are_an_error_and_record_nothing() {
    let folder = TempDir::new().unwrap();
    let (handle, lane) = open_and_granted(&folder);
    let event = saved("lumi-cup");
    let mut wrong: Vec<Vec<u8>> = (0..event.len()).map(|end| event[..end].to_vec()).collect();
    wrong.push([&event[..], b"x"].concat());
    wrong.push([&[0xff; 4], &event[4..]].concat()); // a kind that there is not
    wrong.push([&event[..8], &[0xff; 8]].concat()); // no UTF-8
    for bytes in wrong {
        let answer = call_with(lane.number(), &bytes, ROOM);
        assert!(matches!(answer, Err(PatronError::InvalidInput { .. })), "{bytes:?} was answered {answer:?}");
    }
    assert_eq!(wait(handle.diagnostics()).unwrap().account.accepted, 0);
}

#[test]
fn an_answer_without_room_and_a_length_beyond_the_buffer_record_nothing() {
    let folder = TempDir::new().unwrap();
    let (handle, lane) = open_and_granted(&folder);
    let event = saved("");
    assert_eq!(call(lane.number(), &mut event.clone(), event.len()), NO_ROOM);
    assert_eq!(call(lane.number(), &mut saved("cup"), usize::MAX), NO_ROOM);
    assert_eq!(wait(handle.diagnostics()).unwrap().account.accepted, 0);
}

#[test]
fn closing_while_eight_threads_track_loses_nothing_that_was_recorded() {
    const THREADS: usize = 8;
    let folder = TempDir::new().unwrap();
    let (handle, lane) = open_and_granted(&folder);
    let number = lane.number();
    let told = AtomicU64::new(0);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let event = saved("lumi-cup");
                loop {
                    match call_with(number, &event, ROOM) {
                        Ok(Tracked::Recorded) => drop(told.fetch_add(1, Ordering::Relaxed)),
                        Ok(Tracked::Busy) => thread::yield_now(),
                        Err(PatronError::Closed) => break,
                        other => panic!("{other:?}"),
                    }
                }
            });
        }
        while told.load(Ordering::Relaxed) < 1_000 {
            thread::yield_now();
        }
        handle.shut_down().unwrap();
        drop((handle, lane));
    });
    let handle = open(&folder);
    assert_eq!(wait(handle.diagnostics()).unwrap().account.accepted, told.into_inner());
}
