//! `cargo xtask demo`.
mod gpx;
mod trace;
#[derive(clap::Args)]
pub struct DemoArgs {}
#[derive(clap::Args)]
pub struct DeviceArgs {}
pub fn run(_: DemoArgs) -> anyhow::Result<std::process::ExitCode> { todo!() }
pub fn run_device(_: DeviceArgs) -> anyhow::Result<std::process::ExitCode> { todo!() }
