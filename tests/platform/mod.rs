//! What every family stands on: tokens, protocols, the schema, commands, and trouble.

mod events;
mod forgery;
mod jobs;
mod mail;
mod tokens;
mod webhooks;
