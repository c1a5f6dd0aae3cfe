//! A demo town with its backend in process, for the first minute of a newcomer.

mod transport;

pub use transport::SandboxTransport;
