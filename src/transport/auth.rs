//! Who is calling, and may they: asked by the stack, answered by the platform.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use steward_kernel::{Family, Principal, Result, Role};

/// What a link leads to.
#[derive(Debug, Clone)]
pub struct Linked {
    /// Whoever has the link, in the name of its tenant. No API client, and without scopes.
    pub principal: Arc<Principal>,
    /// Id of the resource.
    pub id: i64,
}

/// Verifies tokens and links, and knows what tokens permit.
pub trait Authenticator: Send + Sync + 'static {
    /// The caller behind a bearer token.
    ///
    /// # Errors
    /// UNAUTHENTICATED when the token is expired, forged or meant for another audience.
    fn authenticate<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<Arc<Principal>>>;

    /// What a link for the RPCs of `service` (`package.Service`), one of `family`, leads to. Says
    /// nothing of whether it may still be used, which is for the service to find out.
    ///
    /// # Errors
    /// NOT_FOUND when this server made no such link, UNAVAILABLE when that cannot be told now.
    fn follow<'a>(
        &'a self,
        family: Family,
        service: &'static str,
        link: &'a str,
    ) -> BoxFuture<'a, Result<Linked>>;

    /// Whether the caller may use RPCs that declare `permission`. Of users, those with one of
    /// `roles` may.
    fn permits(&self, principal: &Principal, permission: &str, roles: &[Role]) -> bool;
}

/// Tells whether the server can do its work now.
pub trait Readiness: Send + Sync + 'static {
    /// Checks the database and its migrations.
    ///
    /// # Errors
    /// UNAVAILABLE with a sentence that says what is missing.
    fn check(&self) -> BoxFuture<'_, Result<()>>;
}
