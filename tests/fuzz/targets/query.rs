//! See `steward_transport::rest::fuzz::query`.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| steward_transport::rest::fuzz::query(text));
