//! Panics end here: across the FFI they would be an untyped error in Kotlin and fatal in Swift.

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use patron_core::log::{Level, Log};

use crate::error::PatronError;

/// Calls `call`, and turns a panic in it into a typed error and a line in the log.
///
/// Unwind safe because nothing of the call is looked at afterwards, and the core's own state is
/// behind its threads or replaced whole.
pub(crate) fn contain<T>(
    log: &Log,
    name: &'static str,
    call: impl FnOnce() -> Result<T, PatronError>,
) -> Result<T, PatronError> {
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|panic| Err(told(log, name, &*panic)))
}

/// As [`contain`], for every poll of `future`.
pub(crate) async fn contain_async<T>(
    log: &Log,
    name: &'static str,
    future: impl Future<Output = Result<T, PatronError>>,
) -> Result<T, PatronError> {
    let mut future = pin!(future);
    std::future::poll_fn(move |context| {
        catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context)))
            .unwrap_or_else(|panic| Poll::Ready(Err(told(log, name, &*panic))))
    })
    .await
}

/// The panic's own words stay out of the error, which an app may upload: they could quote data.
fn told(log: &Log, name: &'static str, panic: &(dyn Any + Send)) -> PatronError {
    let words = panic.downcast_ref::<&str>().copied().unwrap_or("no fixed text");
    log.line(Level::Error, || format!("{name} failed inside Patron: {words}"));
    PatronError::Unavailable {
        why: format!("{name} failed inside Patron, which is a mistake of Patron's"),
        retry_after: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;
    use std::task::{Context, Waker};

    #[test]
    fn a_panic_becomes_a_typed_error_without_its_words() {
        let result: Result<(), _> = contain(&Log::silent(), "why", || panic!("the shopper's secret"));
        assert!(matches!(&result, Err(PatronError::Unavailable { why, .. }) if !why.contains("secret")), "{result:?}");
    }

    #[test]
    fn a_panic_while_waiting_becomes_one_too() {
        let log = Log::silent();
        let future =
            contain_async(&log, "drain", poll_fn(|_| -> Poll<Result<(), PatronError>> { panic!("in a poll") }));
        let mut future = pin!(future);
        let polled = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(polled, Poll::Ready(Err(PatronError::Unavailable { .. }))), "{polled:?}");
    }
}
