//! The one port: gRPC, grpc-web, the REST shim and the operator surface.
//!
//! Knows no family and no table: who is calling and whether the server is ready come in
//! through the traits of [`auth`]. No call reaches a service but through [`rpc`], whatever its
//! protocol, and no failure becomes a status but through [`status`].

pub mod auth;
pub mod call;
pub mod caller;
pub mod catalog;
pub mod changes;
pub mod config;
pub mod docs;
pub mod health;
pub mod insider;
pub mod limits;
pub mod metrics;
pub mod openapi;
pub mod part;
pub mod request_id;
pub mod rest;
pub mod rpc;
pub mod server;
pub mod services;
pub mod stack;
pub mod status;

mod body;
mod stall;
mod tls;
mod web;

pub use web::OnScrape;

#[cfg(test)]
mod tests;
