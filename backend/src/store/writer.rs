//! The one thread that writes.
//!
//! Work queues up in a bounded channel; the thread takes what waits, applies it in one transaction
//! and commits once, so that under load the cost of a disk flush is shared. Answers go out after
//! the commit. Each piece of work has a savepoint: what one of them trips over, the others keep.

use std::thread::JoinHandle;

use patron_core::sync::wire::{
    ConsentAck, IdentityLink, IdentityReply, PreferencesReply, RefusedRight, RightsReply, Verdict,
};
use rusqlite::{Connection, Savepoint, TransactionBehavior};
use tokio::sync::{mpsc, oneshot};

use super::{Change, Failure, Keep, consents, events, identities, preferences, publishing, retention, rights};
use crate::Error;
use crate::batch::Batch;
use crate::preferences::Told;
use crate::report::Report;
use crate::rights::{Asked, What};
use crate::tenant::Tenant;

/// Requests that may wait for the writer, some 1 MiB each: those at work, and as many again whose
/// clients hung up meanwhile.
const QUEUE: usize = 64;

/// Pieces of work that share a commit.
const GROUP: usize = 32;

/// Who waits for an answer.
type Reply<T> = oneshot::Sender<Result<T, Failure>>;

/// What the writer can be asked to do.
pub(crate) enum Work {
    /// Store a batch of events that arrived at `received_ms`.
    Events { tenant: Tenant, batch: Batch, received_ms: i64, reply: Reply<Vec<Verdict>> },
    /// Store decisions of consent.
    Consent { tenant: Tenant, report: Report, reply: Reply<ConsentAck> },
    /// Tie an alias to an account.
    Identity { tenant: Tenant, link: IdentityLink, reply: Reply<IdentityReply> },
    /// Do what shoppers ask for; what cannot be read is refused already.
    Rights { tenant: Tenant, asked: Vec<Result<Asked, RefusedRight>>, reply: Reply<RightsReply> },
    /// Keep the shopper's rules for the shopper's other devices, or tell what is held.
    Preferences { tenant: Tenant, told: Told, reply: Reply<PreferencesReply> },
    /// Publish a catalogue now or later, or not after all; answers since when the live one is live.
    Catalogue { tenant: Tenant, change: Change, reply: Reply<Option<String>> },
    /// Remove what rests on a yes that ran out, and a few of the events that were received before a time in RFC 3339;
    /// answers how many of these.
    Forget { before: Option<String>, reply: Reply<usize> },
    /// Finish what was asked before, and end.
    Stop,
}

impl Work {
    fn erases(&self) -> bool {
        let erases = |asked: &Result<Asked, _>| asked.as_ref().is_ok_and(|asked| !matches!(asked.what, What::Export));
        matches!(self, Self::Rights { asked, .. } if asked.iter().any(erases))
    }
}

/// Hands work to the writer. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Writer(mpsc::Sender<Work>);

impl Writer {
    /// Starts the thread; it ends after [`Writer::stop`].
    ///
    /// Of events that are older than what is kept it takes none that it does not know.
    pub(crate) fn start(connection: Connection, keep: Option<Keep>) -> Result<(Self, JoinHandle<()>), Error> {
        let (sender, inbox) = mpsc::channel(QUEUE);
        let thread = std::thread::Builder::new()
            .name("patron-writer".to_owned())
            .spawn(move || run(connection, keep, inbox))
            .map_err(|why| Error::System { what: "starting the database writer", why })?;
        Ok((Self(sender), thread))
    }

    /// Hands over and waits until it is on disk.
    pub(crate) async fn ask<T>(&self, work: impl FnOnce(Reply<T>) -> Work) -> Result<T, Failure> {
        let (reply, answer) = oneshot::channel();
        self.0.try_send(work(reply)).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Failure::Busy,
            mpsc::error::TrySendError::Closed(_) => Failure::Storage,
        })?;
        answer.await.unwrap_or(Err(Failure::Storage))
    }

    /// Whether the thread still takes work.
    pub(crate) fn is_running(&self) -> bool {
        !self.0.is_closed()
    }

    /// Resolves when the thread has ended.
    pub(crate) async fn ended(&self) {
        self.0.closed().await;
    }

    /// Asks the thread to finish what waits, and end.
    pub(crate) async fn stop(&self) {
        // An error means that it has ended already.
        let _ = self.0.send(Work::Stop).await;
    }
}

fn run(mut connection: Connection, keep: Option<Keep>, mut inbox: mpsc::Receiver<Work>) {
    let mut running = true;
    while running && let Some(first) = inbox.blocking_recv() {
        let mut group = vec![first];
        while group.len() < GROUP
            && let Ok(next) = inbox.try_recv()
        {
            group.push(next);
        }
        running = !group.iter().any(|work| matches!(work, Work::Stop));
        commit(&mut connection, keep, group);
    }
    // A tidy file for whoever copies it next; nothing is lost without it.
    if let Err(error) = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())) {
        tracing::warn!(%error, "the last checkpoint failed; the next start repeats it");
    }
}

/// Tells whoever waits, once it is known whether the commit succeeded.
type Answer = Box<dyn FnOnce(Result<(), Failure>)>;

fn commit(connection: &mut Connection, keep: Option<Keep>, group: Vec<Work>) {
    let mut answers = Vec::with_capacity(group.len());
    let erases = group.iter().any(Work::erases);
    let committed = write(connection, keep, group, &mut answers).map_err(|error| {
        tracing::error!(%error, "nothing was stored");
        Failure::Storage
    });
    if committed.as_ref().is_ok_and(|erased| erases || *erased) {
        scrub(connection);
    }
    for answer in answers {
        answer(committed.clone().map(drop));
    }
}

/// What was erased is overwritten in the file, and gone from the log before anyone is told.
fn scrub(connection: &Connection) {
    let emptied = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0));
    match emptied {
        Ok(false) => {}
        Ok(true) => tracing::warn!("someone reads the database; what was erased leaves the log with the next commits"),
        Err(error) => tracing::warn!(%error, "what was erased leaves the log with the next commits"),
    }
}

/// An error undoes the whole group. Work without an answer by then hears of it as its reply is dropped. Answers whether
/// something was erased that nobody had asked to have erased.
fn write(
    connection: &mut Connection,
    keep: Option<Keep>,
    group: Vec<Work>,
    answers: &mut Vec<Answer>,
) -> rusqlite::Result<bool> {
    let mut erased = false;
    let mut transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for work in group {
        let savepoint = transaction.savepoint()?;
        answers.push(match work {
            Work::Events { tenant, batch, received_ms, reply } => {
                apply(savepoint, reply, |at| events::store(at, &tenant, batch, received_ms, keep))?
            }
            Work::Consent { tenant, report, reply } => {
                apply(savepoint, reply, |at| consents::store(at, &tenant, &report, &mut erased))?
            }
            Work::Identity { tenant, link, reply } => {
                apply(savepoint, reply, |at| identities::store(at, &tenant, &link, &mut erased))?
            }
            Work::Rights { tenant, asked, reply } => apply(savepoint, reply, |at| rights::fulfil(at, &tenant, &asked))?,
            Work::Preferences { tenant, told, reply } => {
                apply(savepoint, reply, |at| preferences::exchange(at, &tenant, &told))?
            }
            Work::Catalogue { tenant, change, reply } => {
                apply(savepoint, reply, |at| Ok(publishing::change(at, &tenant, &change)?))?
            }
            Work::Forget { before, reply } => {
                apply(savepoint, reply, |at| Ok(retention::forget(at, before.as_deref(), &mut erased)?))?
            }
            Work::Stop => continue,
        });
    }
    transaction.commit()?;
    Ok(erased)
}

/// Does one piece of work, or none of it.
fn apply<T: Send + 'static>(
    mut savepoint: Savepoint<'_>,
    reply: Reply<T>,
    store: impl FnOnce(&Connection) -> Result<T, StoreError>,
) -> rusqlite::Result<Answer> {
    let outcome = match store(&savepoint) {
        Ok(done) => {
            savepoint.commit()?;
            Ok(done)
        }
        Err(error) => {
            savepoint.rollback()?;
            savepoint.commit()?;
            Err(error.into())
        }
    };
    Ok(Box::new(move |committed| {
        // Whoever asked may be gone; what is stored stays, and a retry will find it.
        let _ = reply.send(committed.and(outcome));
    }))
}

/// Why one piece of work was undone.
#[derive(Debug)]
pub(crate) enum StoreError {
    Sqlite(rusqlite::Error),
    Conflict(String),
    /// The system gave no random bytes.
    Random(String),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Sqlite(error) => {
                tracing::error!(%error, "the database refused");
                Self::Storage
            }
            StoreError::Conflict(detail) => Self::Conflict(detail),
            StoreError::Random(why) => {
                tracing::error!(why, "no secret could be drawn");
                Self::Storage
            }
        }
    }
}

#[cfg(test)]
#[path = "writer_tests.rs"]
mod tests;
