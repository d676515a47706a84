//! Who is calling, and may they: asked by the stack, answered by the platform.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use steward_kernel::{Principal, Result};

/// Verifies tokens and knows what they permit.
pub trait Authenticator: Send + Sync + 'static {
    /// The caller behind a bearer token.
    ///
    /// # Errors
    /// UNAUTHENTICATED when the token is expired, forged or meant for another audience.
    fn authenticate<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<Arc<Principal>>>;

    /// Whether the caller may use RPCs that declare `permission`.
    fn permits(&self, principal: &Principal, permission: &str) -> bool;
}

/// Tells whether the server can do its work now.
pub trait Readiness: Send + Sync + 'static {
    /// Checks the database and its migrations.
    ///
    /// # Errors
    /// UNAVAILABLE with a sentence that says what is missing.
    fn check(&self) -> BoxFuture<'_, Result<()>>;
}
