//! Choosing a password without the present one: by a mailed code, or by the link beside it.
//!
//! Code and link are good for 15 minutes and one use, and the latest of each user alone counts.
//! Users who were recorded without a password are mailed a link that is good for 7 days.

mod actions;
mod model;
mod page;
mod repository;
#[cfg(test)]
mod tests;

pub use actions::{check, invite, request, reset};
pub use model::{Account, CODE_LIFETIME, CodeCheck, INVITATION_LIFETIME};
pub use page::router;
