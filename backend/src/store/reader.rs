//! Reads, apart from the writer: in WAL mode neither waits for the other.

use std::sync::{Arc, Mutex};

use rusqlite::Connection;

use super::{Failure, StoreError};

/// A read-only connection. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Reader(Arc<Mutex<Connection>>);

impl Reader {
    pub(crate) fn new(connection: Connection) -> Self {
        Self(Arc::new(Mutex::new(connection)))
    }

    /// Whether the database can be read now.
    pub(crate) async fn check(&self) -> Result<(), Failure> {
        self.read(|connection| Ok(connection.query_row("SELECT count(*) FROM counter", [], |_| Ok(()))?)).await
    }

    /// Runs `query` on a thread that may block.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Failure> {
        let connection = Arc::clone(&self.0);
        let read = tokio::task::spawn_blocking(move || {
            // A reader that panicked has changed nothing.
            let connection = connection.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            query(&connection)
        });
        match read.await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(error.into()),
            Err(_) => Err(Failure::Storage),
        }
    }
}
