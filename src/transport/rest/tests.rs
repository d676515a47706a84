//! The shim against an echo service, against prost-reflect and against serde_json.

mod calls;
mod conversion;
mod documents;
mod paths;
mod tokens;
