//! See `steward_transport::rest::fuzz::json`.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| steward_transport::rest::fuzz::json(text));
