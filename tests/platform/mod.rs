//! What every family stands on: tokens, protocols, the schema, commands, and trouble.

mod forgery;
mod protocols;
mod schema;
mod tokens;
