//! A device, its backend and the server of its pictures.

use std::path::PathBuf;
use std::sync::Arc;

use patron_core::clock::ManualClock;
use patron_core::consent::{PlainVault, Sha};
use patron_core::log::Log;
use patron_core::store::IMAGES_FOLDER;
use patron_core::{Config, Edges, Patron, Threads};
use serde_json::{Value, json};

use crate::cdn::{CDN, Cdn, Serve};
use crate::support::{MONDAY_10, Model, config, wait};

/// An offer whose picture is `/{id}.webp`.
pub fn offer(id: &str, partner: Option<&str>, sha256: Option<&[u8]>) -> Value {
    let mut image = json!({ "url": format!("{CDN}/{id}.webp"), "width": 8, "height": 8 });
    if let Some(bytes) = sha256 {
        image["sha256"] = Sha::of(bytes).to_string().into();
    }
    json!({ "id": id, "version": 1, "title": id, "priority": 1, "placements": ["home"], "partner": partner,
            "benefit": { "kind": "percent", "percent": 10 }, "images": [image] })
}

/// A device, its backend and the server of its pictures.
pub struct Town {
    pub folder: tempfile::TempDir,
    pub clock: Arc<ManualClock>,
    pub model: Model,
    pub cdn: Cdn,
}

impl Town {
    pub fn of(offers: &[Value]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let town =
            Self { folder, clock: Arc::new(ManualClock::at(MONDAY_10)), model: Model::default(), cdn: Cdn::start() };
        town.publishes(offers);
        town
    }

    /// The retailer's own, a partner's, and one of which the bytes are known.
    pub fn usual() -> Self {
        let town = Self::of(&[offer("own", None, None), offer("lumi", Some("lumi"), None)]);
        town.cdn.serve("/own.webp", Serve::Picture(b"own picture".to_vec()));
        town.cdn.serve("/lumi.webp", Serve::Picture(b"lumi picture".to_vec()));
        town
    }

    pub fn publishes(&self, offers: &[Value]) {
        let partners = json!([{ "id": "lumi", "name": "Lumi" }]);
        let all = json!({ "version": "1", "ttl_s": 3600, "partners": partners, "places": [], "offers": offers });
        self.model.0.lock().unwrap().catalogue = all.to_string().into_bytes();
    }

    pub fn open(&self) -> Patron {
        self.open_with(config(self.folder.path()))
    }

    pub fn open_with(&self, config: Config) -> Patron {
        let edges = Edges {
            clock: self.clock.clone(),
            transport: self.cdn.transport(&self.model),
            seed: Some(7),
            vault: PlainVault::shared(),
            log: Log::silent(),
            threads: Threads::default(),
        };
        let patron = Patron::open(config, edges).unwrap();
        wait(patron.refresh()).unwrap();
        patron
    }

    pub fn files(&self) -> Vec<PathBuf> {
        let found = std::fs::read_dir(self.folder.path().join(IMAGES_FOLDER)).into_iter().flatten();
        found.map(|entry| entry.unwrap().path()).collect()
    }

    pub fn asked(&self) -> usize {
        self.cdn.heads().len()
    }
}
