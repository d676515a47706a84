//! What every family stands on: tokens, protocols, the schema, commands, and trouble.

mod audit;
mod changes;
mod commands;
mod cursors;
mod events;
mod exports;
mod families;
mod files;
pub mod forgery;
mod import_modes;
mod imports;
mod jobs;
mod limits;
mod mail;
mod migrations;
mod oidc;
mod operators;
mod protocols;
mod round_trips;
mod schema;
mod statements;
mod tokens;
mod trouble;
mod users;
mod webhooks;
