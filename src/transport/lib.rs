//! The one port: gRPC, grpc-web, the REST shim and the operator surface. Knows no family and
//! no table.

pub mod auth;
pub mod call;
pub mod catalog;
pub mod config;
pub mod health;
pub mod metrics;
pub mod request_id;
pub mod rest;
pub mod rpc;
pub mod server;
pub mod stack;
pub mod status;

mod body;
mod stall;
mod tls;
mod web;

pub use web::OnScrape;

#[cfg(test)]
mod tests;
