//! Tests from outside: they start the real program and speak to it as its clients do.
//!
//! One binary and one server for all of them; each test makes a tenant of its own, so that they
//! run side by side. See `support` for how.

mod support;

mod cleaning;
mod contract;
mod coverage;
mod facilities;
mod platform;
mod rentals;
