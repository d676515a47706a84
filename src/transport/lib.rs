//! The one port: gRPC, grpc-web, the REST shim and the operator surface. Knows no family and
//! no table.

pub mod auth;
pub mod call;
pub mod status;
