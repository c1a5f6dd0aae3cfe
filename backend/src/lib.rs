//! Patron.
