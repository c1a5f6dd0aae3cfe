//! Keeps what must not be lost: the ring in front, the databases behind it.

pub mod ring;
