//! Glean, Mozilla's telemetry SDK: the peer in Rust.

use std::path::Path;

use glean::net::{CapablePingUploadRequest, PingUploader, UploadResult};
use glean::private::EventMetric;
use glean::{ClientInfoMetrics, CommonMetricData, ConfigurationBuilder};

/// Takes every ping and says it arrived: the network is not what is compared.
#[derive(Debug)]
struct Sink;

impl PingUploader for Sink {
    fn upload(&self, _: CapablePingUploadRequest) -> UploadResult {
        UploadResult::http_status(200)
    }
}

/// Starts Glean with its data in `folder`; once per process.
pub fn start(folder: &Path) -> EventMetric<glean::traits::NoExtraKeys> {
    // Its own limit would send what the kill is to find.
    let configuration =
        ConfigurationBuilder::new(true, folder, "patron-bench").with_uploader(Sink).with_max_events(1_000_000).build();
    glean::initialize(configuration, ClientInfoMetrics::unknown());
    let keys = ["offer", "name", "sku", "query", "price"].map(String::from).to_vec();
    let meta = CommonMetricData {
        category: "bench".into(),
        name: "event".into(),
        send_in_pings: vec!["events".into()],
        ..CommonMetricData::default()
    };
    EventMetric::with_runtime_extra_keys(meta, keys)
}
