//! A server from its start to its graceful end.

use std::fs::File;
use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::thread::JoinHandle;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::api::{self, App};
use crate::shelf::Shelf;
use crate::store::{self, Change, Keep, Opened, StoreError, Writer};
use crate::tenant::{self, DEMO_KEY, PartnerKey, PublisherKey, Tenant};
use crate::{Error, Rates, catalogue};

/// After the signal. Longer than a batch over a bad network takes to end; a client that hangs must
/// not keep the process.
const GRACE: Duration = Duration::from_secs(10);

/// What to serve.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The folder of the database; made when it is missing.
    pub data: PathBuf,
    /// Where to listen; port 0 picks a free one.
    pub listen: SocketAddr,
    /// API keys that shall be valid from now on, `pk_TENANT` or `pk_TENANT_SECRET`.
    pub keys: Vec<String>,
    /// Adds the key `pk_demo`, and publishes the demo town for it and for `keys`.
    pub seed_demo: bool,
    /// Publishes this file, instead of the demo town, for the tenants of `keys` and of the seed.
    pub catalogue: Option<PathBuf>,
    /// Publishes this consent catalogue for the same tenants: what shoppers are asked, in the retailer's words.
    pub consent_catalogue: Option<PathBuf>,
    /// Partners' keys that shall be valid from now on, `PARTNER=sk_TENANT_SECRET`.
    pub partner_keys: Vec<String>,
    /// Publishers' keys that shall be valid from now on, `ak_TENANT_SECRET`.
    pub publisher_keys: Vec<String>,
    /// What each tenant may send.
    pub rates: Rates,
    /// For how long events are kept; for good when it is `None`.
    pub keep: Option<Keep>,
}

/// A server that accepts connections; they are answered while [`Server::run`] is polled.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    router: Router,
    writer: Writer,
    thread: JoinHandle<()>,
    keep: Option<Keep>,
    /// Held until the writer has ended.
    lock: File,
}

impl Server {
    /// Opens the database, adds the keys, publishes the catalogue and listens.
    ///
    /// # Errors
    /// Whatever keeps the backend from serving, [`Error`] says what to do about it. A catalogue
    /// that is refused leaves the published one as it was.
    pub async fn start(settings: Settings) -> Result<Self, Error> {
        let Opened { connection, reader, file, lock } = store::open(&settings.data)?;
        let failed = |why| Error::Database { file: file.clone(), why };
        set_up(&connection, &settings, &failed)?;
        let keys = store::keys(&connection).map_err(failed)?;
        if keys.is_empty() {
            tracing::warn!("there is no API key yet, so every call will be refused; pass --key or --seed demo");
        }
        let signing = store::public_keys(&connection).map_err(|error| match error {
            StoreError::Sqlite(why) => failed(why),
            StoreError::Random(why) | StoreError::Conflict(why) => Error::Random { why },
        })?;
        let shelf = Shelf::new(store::shelf(&connection).map_err(failed)?);
        let cannot_listen = |why| Error::Listen { address: settings.listen, why };
        let listener = TcpListener::bind(settings.listen).await.map_err(cannot_listen)?;
        let address = listener.local_addr().map_err(cannot_listen)?;
        let (writer, thread) = Writer::start(connection, settings.keep)?;
        let router = api::router(App::new(keys, shelf, signing, writer.clone(), reader, settings.rates));
        tracing::info!(%address, data = %settings.data.display(), sqlite = rusqlite::version(), "listening");
        Ok(Self { listener, address, router, writer, thread, keep: settings.keep, lock })
    }

    /// Where it listens, with the port that was picked.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `shutdown` resolves; then finishes what is in flight, for ten seconds at most, and
    /// closes the database.
    ///
    /// # Errors
    /// [`Error::WriterStopped`] when the database can no longer be written, [`Error::System`] from the socket.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send + 'static) -> Result<(), Error> {
        let forgetting = tokio::spawn(store::forget_the_old(self.writer.clone(), self.keep));
        let (stop, mut stopped) = watch::channel(false);
        let writer = self.writer.clone();
        let signal = async move {
            tokio::select! {
                () = shutdown => tracing::info!("shutting down"),
                () = writer.ended() => tracing::error!("the database writer stopped"),
            }
            // The other end is waited on below, until serving ends.
            let _ = stop.send(true);
        };
        let serving = axum::serve(self.listener, self.router).with_graceful_shutdown(signal);
        let served = tokio::select! {
            served = async { serving.await } => served,
            () = async {
                // An error means that the signal was given and dropped.
                let _ = stopped.wait_for(|stopped| *stopped).await;
                tokio::time::sleep(GRACE).await;
            } => {
                tracing::warn!("some connections did not end in time and were closed");
                Ok(())
            }
        };
        forgetting.abort();
        let crashed = !self.writer.is_running();
        self.writer.stop().await;
        let thread = self.thread;
        let ended = tokio::task::spawn_blocking(move || thread.join()).await;
        drop(self.lock);
        served.map_err(|why| Error::System { what: "serving", why })?;
        match ended {
            Ok(Ok(())) if !crashed => Ok(()),
            _ => Err(Error::WriterStopped),
        }
    }
}

/// All of what the arguments ask for, or none of it.
fn set_up(
    connection: &rusqlite::Connection,
    settings: &Settings,
    failed: &impl Fn(rusqlite::Error) -> Error,
) -> Result<(), Error> {
    let demo = settings.seed_demo.then_some(DEMO_KEY);
    let keys: Vec<&str> = demo.into_iter().chain(settings.keys.iter().map(String::as_str)).collect();
    let tenants = keys.iter().map(|key| Tenant::of_key(key)).collect::<Result<Vec<_>, _>>()?;
    let published = match &settings.catalogue {
        Some(file) => Some(catalogue::from_file(file)?),
        None if settings.seed_demo => Some(catalogue::demo()?),
        None => None,
    };
    let words = match &settings.consent_catalogue {
        Some(file) => Some((file.display().to_string(), catalogue::words_from_file(file)?)),
        None => None,
    };
    let partner_keys = settings.partner_keys.iter().map(|key| PartnerKey::read(key)).collect::<Result<Vec<_>, _>>()?;
    let publisher_keys =
        settings.publisher_keys.iter().map(|key| PublisherKey::read(key)).collect::<Result<Vec<_>, _>>()?;
    let transaction = connection.unchecked_transaction().map_err(failed)?;
    for (key, tenant) in keys.iter().zip(&tenants) {
        store::add_key(&transaction, tenant, &tenant::hash_key(key)).map_err(failed)?;
        if let Some(published) = &published {
            // What came due while nobody served was to be published before this one.
            for change in [Change::Due(store::now_ms()), Change::Publish(published.clone())] {
                store::change(&transaction, tenant, &change).map_err(failed)?;
            }
            tracing::info!(tenant = tenant.as_str(), version = published.version, "catalogue published");
        }
        if let Some((origin, words)) = &words {
            let published = store::publish_words(&transaction, tenant, words).map_err(failed)?;
            published.map_err(|stands| Error::Catalogue {
                origin: origin.clone(),
                why: format!(
                    "revision: {} does not come after {stands}, which the tenant {} has published; devices would \
                     not take it",
                    words.revision,
                    tenant.as_str()
                ),
            })?;
            tracing::info!(tenant = tenant.as_str(), revision = words.revision, "consent catalogue published");
        }
    }
    for key in &partner_keys {
        store::add_partner_key(&transaction, key).map_err(failed)?;
    }
    for key in &publisher_keys {
        store::add_publisher_key(&transaction, key).map_err(failed)?;
    }
    transaction.commit().map_err(failed)
}
