//! See `steward_transport::rest::fuzz::instant`.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| steward_transport::rest::fuzz::instant(text));
