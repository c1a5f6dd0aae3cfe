//! Carries the schedule out on real processes: starts, kills and starts again.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::Context;

use super::clock::HurriedClock;
use super::ledger::Ledger;
use super::protocol::{CLOSE, FINISH, Life};
use super::remote::Remote;
use super::schedule::{PATIENCE, Sight, Step, Victim};
use super::weather::Sky;
use crate::lab::{Backend, Dice, Proxy, Site};

/// Everything that is alive, and what has been heard of it.
pub(super) struct Stage {
    host: Host,
    sky: Sky,
    device: Option<Remote>,
    pub(super) ledger: Ledger,
    dice: Dice,
    begun: Instant,
}

/// The backend, and the network before it.
struct Host {
    site: Site,
    proxy: Proxy,
    /// Always there between two steps.
    backend: Option<Backend>,
}

impl Stage {
    pub(super) async fn set(site: Site, dice: Dice) -> anyhow::Result<Self> {
        let backend = site.start()?.serving().await?;
        let sky = Sky::new(dice);
        let proxy = Proxy::start(Some(backend.address), sky.weather()).await.context("starting the network")?;
        let host = Host { site, proxy, backend: Some(backend) };
        Ok(Self { host, sky, device: None, ledger: Ledger::default(), dice, begun: Instant::now() })
    }

    /// Carries out one step.
    pub(super) async fn play(&mut self, step: &Step) -> anyhow::Result<()> {
        if step.close_first
            && let Some(device) = self.device.take()
        {
            device.end(CLOSE, &mut self.ledger).await?;
        }
        let mut device = match self.device.take() {
            Some(device) => device,
            None => self.born(step.wall_off_ms).await?,
        };
        self.watch(&mut device, step).await?;
        match step.victim {
            Victim::Device => device.kill(&mut self.ledger).await,
            Victim::Both => {
                let (one, other) = tokio::join!(device.kill(&mut self.ledger), self.host.strike(step));
                one.and(other)
            }
            Victim::Backend | Victim::BackendTwice => {
                self.device = Some(device);
                self.host.strike(step).await
            }
        }
    }

    /// Heals everything, lets the device deliver and ends both; answers what was heard, and where
    /// the backend's database is.
    pub(super) async fn finish(mut self) -> anyhow::Result<(Ledger, PathBuf)> {
        self.sky.clear();
        let device = match self.device.take() {
            Some(device) => device,
            None => self.born(0).await?,
        };
        device.end(FINISH, &mut self.ledger).await?;
        Ok((self.ledger, self.host.end().await?))
    }

    async fn born(&mut self, wall_off_ms: i64) -> anyhow::Result<Remote> {
        let (number, era) = self.ledger.begin();
        Remote::start(&Life {
            number,
            folder: self.host.site.home.join("device"),
            endpoint: format!("http://{}", self.host.proxy.address),
            key: self.host.site.key.clone(),
            mono_ms: HurriedClock::mono_ms(self.begun.elapsed()),
            wall_off_ms,
            // Another life, other ids: those of the first must not be drawn again.
            seed: self.dice.roll("life", u64::from(number)),
            era,
        })
        .await
    }

    /// Listens until the moment of the step has come.
    async fn watch(&mut self, device: &mut Remote, step: &Step) -> anyhow::Result<()> {
        let until = if step.sight == Sight::Time { step.after } else { PATIENCE };
        let over = tokio::time::sleep(until);
        tokio::pin!(over);
        let mut facts = 0;
        loop {
            tokio::select! {
                biased;
                () = &mut over => break,
                fact = device.next() => {
                    let fact = fact?;
                    facts += 1;
                    let seen = step.sight.is(&fact, facts);
                    self.ledger.hear(fact);
                    if seen { break }
                }
            }
        }
        // Finer than the runtime's timer.
        std::thread::sleep(step.then);
        Ok(())
    }
}

impl Host {
    /// Kills the backend, and starts another on what is left of it.
    async fn strike(&mut self, step: &Step) -> anyhow::Result<()> {
        if let Some(backend) = self.backend.take() {
            backend.kill().await?;
        }
        self.proxy.lead(None);
        tokio::time::sleep(step.rest).await;
        if step.victim == Victim::BackendTwice {
            let starting = self.site.start()?;
            tokio::time::sleep(step.after / 10).await;
            starting.kill().await?;
        }
        let backend = self.site.start()?.serving().await?;
        self.proxy.lead(Some(backend.address));
        self.backend = Some(backend);
        Ok(())
    }

    async fn end(self) -> anyhow::Result<PathBuf> {
        drop(self.proxy);
        self.backend.context("there is no backend")?.stop().await
    }
}
