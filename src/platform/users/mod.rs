//! The people of a tenant: who may sign in, and what they are to the tenant.
//!
//! Families keep what else they know of a person under the user's id.

mod actions;
mod model;
mod password;
mod repository;

pub use actions::{close, create, disable, find, let_in, list, set_password};
pub(crate) use model::news;
pub use model::{NewUser, User, folded_username};
pub use password::{
    Hashed, checked as checked_password, hash, random as random_password, verify as verify_password,
};
pub use repository::{Contact, email, get, insert, many, set_contact};
pub(crate) use repository::{Named, named, set_password as store_password, set_profile, signed_in};
