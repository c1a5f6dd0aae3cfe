//! Carries requests, one at a time, on a thread and a runtime of its own.
//!
//! It decides nothing: the engine says what to send, and hears of each answer. It is also the
//! fence around host transports: one that panics, hangs or answers too much is an error like any
//! other.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::mpsc as blocking;
use std::task::Poll;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::sync::mpsc;

use super::{MAX_RESPONSE_BYTES, Request, Response, Transport, TransportError};
use crate::error::Error;
use crate::log::{Level, Log};
use crate::threads::Threads;

/// A transport is to keep the request's own timeout; behind this, it is taken to hang.
const GRACE: Duration = Duration::from_secs(2);

/// An abort is a matter of microseconds. Only a transport that blocks the thread it was called
/// on takes longer, and that must not hold a shopper's withdrawal for ever.
const ABORT_PATIENCE: Duration = Duration::from_secs(2);

/// Names one request, in the engine's own counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ticket(pub u64);

/// Hears of every request that ended by itself, in the courier's thread. Must be quick and must
/// not block: [`Aborting::wait`] may be waiting for that thread.
pub type Done = Box<dyn Fn(Ticket, Result<Response, TransportError>) + Send>;

/// Reads the consent epoch that stands at this moment, from whatever thread; see [`Courier::send`].
pub type Epoch = Box<dyn Fn() -> u64 + Send>;

/// A request that waits, and the consent epoch that it rests on.
type Waiting = (Ticket, Request, Option<u64>);

enum Command {
    Send(Waiting),
    Abort(Ticket, blocking::SyncSender<bool>),
    Stop,
}

/// The sync thread. Dropping it aborts what is under way and joins the thread.
pub struct Courier {
    commands: mpsc::UnboundedSender<Command>,
    thread: Option<JoinHandle<()>>,
}

impl Courier {
    /// Starts the thread `patron-sync`.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the system gives no thread.
    pub fn start(
        threads: &Threads,
        transport: Arc<dyn Transport>,
        log: Log,
        epoch: Epoch,
        done: Done,
    ) -> Result<Self, Error> {
        let (commands, inbox) = mpsc::unbounded_channel();
        let worker = Worker { transport, log, epoch, done, inbox, waiting: VecDeque::new(), runtime: None };
        let thread = threads.spawn("patron-sync", move || worker.run())?;
        Ok(Self { commands, thread: Some(thread) })
    }

    /// Hands a request over and returns. While another is under way it waits its turn.
    ///
    /// One that `rests_on` a consent epoch is not begun under another: that is asked again just
    /// before the first byte, behind all that the gate and the store had to say.
    pub fn send(&self, ticket: Ticket, request: Request, rests_on: Option<u64>) {
        // Fails only when the thread is gone, and it goes only with `self`.
        let _ = self.commands.send(Command::Send((ticket, request, rests_on)));
    }

    /// Takes a request back. [`Done`] does not hear of it any more, unless it did already.
    pub fn abort(&self, ticket: Ticket) -> Aborting {
        // Room for the one answer: the courier never waits for whoever asked.
        let (reply, ended) = blocking::sync_channel(1);
        let _ = self.commands.send(Command::Abort(ticket, reply));
        Aborting { ended }
    }
}

impl Drop for Courier {
    fn drop(&mut self) {
        let _ = self.commands.send(Command::Stop);
        if let Some(thread) = self.thread.take()
            // The last handle may be dropped by a callback on this very thread.
            && thread.thread().id() != std::thread::current().id()
        {
            let _ = thread.join();
        }
    }
}

impl std::fmt::Debug for Courier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Courier").finish_non_exhaustive()
    }
}

/// An abort under way.
#[derive(Debug)]
#[must_use = "what is not waited for may still be writing"]
pub struct Aborting {
    ended: blocking::Receiver<bool>,
}

impl Aborting {
    /// Blocks until nothing of the request is written to any socket any more: microseconds, and
    /// at most two seconds under a transport that blocks where it should wait. Answers whether
    /// some of the request may have arrived.
    pub fn wait(self) -> bool {
        // No answer: the thread hangs, or ended in mid-request. Either way it is in doubt.
        self.ended.recv_timeout(ABORT_PATIENCE).unwrap_or(true)
    }
}

/// How carrying one request ended.
enum End {
    Answered(Result<Response, TransportError>),
    Aborted(blocking::SyncSender<bool>),
    Stopped,
}

struct Worker {
    transport: Arc<dyn Transport>,
    log: Log,
    epoch: Epoch,
    done: Done,
    inbox: mpsc::UnboundedReceiver<Command>,
    waiting: VecDeque<Waiting>,
    runtime: Option<Runtime>,
}

impl Worker {
    fn run(mut self) {
        loop {
            let Some((ticket, request, rests_on)) = self.waiting.pop_front() else {
                match self.inbox.blocking_recv() {
                    Some(Command::Send(waiting)) => self.waiting.push_back(waiting),
                    Some(Command::Abort(_, reply)) => drop(reply.send(false)),
                    Some(Command::Stop) | None => break,
                }
                continue;
            };
            if rests_on.is_some_and(|epoch| epoch != (self.epoch)()) {
                self.report(ticket, Err(TransportError::Overtaken));
                continue;
            }
            self.log.line(Level::Debug, || format!("sync: sending {request:?}"));
            // A host's future may panic even while it is dropped.
            let end = catch_unwind(AssertUnwindSafe(|| self.carry(ticket, request)));
            match end.unwrap_or_else(|_| End::Answered(Err(panicked()))) {
                End::Answered(answer) => self.report(ticket, answer),
                End::Aborted(reply) => {
                    // A connection is a task of its own, and would go on flushing what was
                    // buffered. Without its runtime it is gone, and its socket closed.
                    self.end_runtime();
                    let _ = reply.send(true);
                }
                End::Stopped => break,
            }
        }
        self.end_runtime();
    }

    fn carry(&mut self, ticket: Ticket, request: Request) -> End {
        let runtime = match self.runtime.take().map_or_else(new_runtime, Ok) {
            Ok(runtime) => runtime,
            Err(e) => return End::Answered(Err(TransportError::Network(format!("no runtime: {e}")))),
        };
        let transport = Arc::clone(&self.transport);
        let end = runtime.block_on(async {
            let mut answer = pin!(contained(transport.as_ref(), request, GRACE));
            loop {
                tokio::select! {
                    biased;
                    command = self.inbox.recv() => match command {
                        Some(Command::Send(waiting)) => self.waiting.push_back(waiting),
                        Some(Command::Abort(other, reply)) if other == ticket => return End::Aborted(reply),
                        Some(Command::Abort(other, reply)) => {
                            self.waiting.retain(|(waiting, ..)| *waiting != other);
                            let _ = reply.send(false);
                        }
                        Some(Command::Stop) | None => return End::Stopped,
                    },
                    answer = &mut answer => return End::Answered(answer),
                }
            }
        });
        self.runtime = Some(runtime);
        end
    }

    fn report(&self, ticket: Ticket, answer: Result<Response, TransportError>) {
        self.log.line(Level::Debug, || match &answer {
            Ok(response) => format!("sync: status {}, {} bytes", response.status, response.body.len()),
            Err(e) => format!("sync: {e}"),
        });
        if catch_unwind(AssertUnwindSafe(|| (self.done)(ticket, answer))).is_err() {
            self.log.line(Level::Error, || "sync: the receiver of an answer panicked".to_owned());
        }
    }

    /// Drops the runtime's tasks, and with them every socket, without waiting for a name lookup
    /// that hangs in the system.
    fn end_runtime(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            let _ = catch_unwind(AssertUnwindSafe(|| runtime.shutdown_background()));
        }
    }
}

fn new_runtime() -> std::io::Result<Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

fn panicked() -> TransportError {
    TransportError::Network("the transport panicked".to_owned())
}

/// The transport's answer, whatever the transport does; `grace` behind its time, a timeout.
async fn contained(transport: &dyn Transport, request: Request, grace: Duration) -> Result<Response, TransportError> {
    let patience = request.timeout.saturating_add(grace);
    let most = request.max_bytes.min(MAX_RESPONSE_BYTES);
    let Ok(mut pending) = catch_unwind(AssertUnwindSafe(|| transport.send(request))) else {
        return Err(panicked());
    };
    let polled = poll_fn(|cx| {
        catch_unwind(AssertUnwindSafe(|| pending.as_mut().poll(cx))).unwrap_or_else(|_| Poll::Ready(Err(panicked())))
    });
    let answer = tokio::time::timeout(patience, polled).await;
    let mut response = answer.unwrap_or(Err(TransportError::Timeout))?;
    if response.body.len() > most {
        return Err(TransportError::TooLarge);
    }
    response.headers.iter_mut().for_each(|(name, _)| name.make_ascii_lowercase());
    Ok(response)
}

#[cfg(test)]
#[path = "courier_tests.rs"]
mod tests;
