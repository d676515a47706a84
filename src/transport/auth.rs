//! Who is calling, and may they: asked by the stack, answered by the platform.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use steward_kernel::{Family, Principal, Result, Role, TenantId};

/// What a link leads to.
#[derive(Debug, Clone)]
pub struct Linked {
    /// Whoever has the link, in the name of its tenant. No API client, and without scopes.
    pub principal: Arc<Principal>,
    /// Id of the resource.
    pub id: i64,
}

/// What a link is for. One for something else is none for this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The RPCs of a service (`package.Service`), as long as the resource keeps its secret.
    Service(&'static str),
    /// What a person does, until a day that the link holds.
    Personal(&'static str),
}

/// What somebody shows to be let in.
#[derive(Clone, Copy)]
pub struct Credentials<'a> {
    /// The bearer token.
    pub token: &'a str,
    /// The ID token beside it, which says more about the person.
    pub id_token: Option<&'a str>,
    /// The family in which the RPC makes an account for somebody who has none.
    pub opens_account: Option<Family>,
}

/// Verifies tokens and links, and knows what tokens permit.
pub trait Authenticator: Send + Sync + 'static {
    /// The caller behind a bearer token.
    ///
    /// # Errors
    /// UNAUTHENTICATED when the token is expired, forged or meant for another audience;
    /// PERMISSION_DENIED when whoever it speaks for has no account.
    fn authenticate<'a>(
        &'a self,
        credentials: Credentials<'a>,
    ) -> BoxFuture<'a, Result<Arc<Principal>>>;

    /// What a link for RPCs of `family` leads to. Of one that its service keeps a secret of, this
    /// says nothing of whether it may still be used, which is for the service to find out.
    ///
    /// # Errors
    /// When this server made no such link, NOT_FOUND, and UNAUTHENTICATED for a personal one;
    /// FAILED_PRECONDITION (`LINK_EXPIRED`) for a personal one whose time is over; UNAVAILABLE when
    /// that cannot be told now.
    fn follow<'a>(
        &'a self,
        family: Family,
        purpose: Purpose,
        link: &'a str,
    ) -> BoxFuture<'a, Result<Linked>>;

    /// Whoever calls without a token, in the name of a tenant of `family` that they name.
    ///
    /// # Errors
    /// NOT_FOUND when the family has no such tenant.
    fn anybody(&self, family: Family, tenant: TenantId) -> BoxFuture<'_, Result<Arc<Principal>>>;

    /// Whether the operator has suspended a tenant, which may read and change nothing then.
    fn is_suspended(&self, tenant: TenantId) -> bool;

    /// Whether the caller may use RPCs that declare `permission`. Of users, those with one of
    /// `roles` may.
    fn permits(&self, principal: &Principal, permission: &str, roles: &[Role]) -> bool;
}

/// Knows which businesses have said what it takes to start.
pub trait Onboarding: Send + Sync + 'static {
    /// Whether the caller's business has; those of families that ask for nothing always have.
    ///
    /// # Errors
    /// UNAVAILABLE when that cannot be told now.
    fn is_done<'a>(&'a self, principal: &'a Principal) -> BoxFuture<'a, Result<bool>>;
}

/// Tells whether the server can do its work now.
pub trait Readiness: Send + Sync + 'static {
    /// Checks the database and its migrations.
    ///
    /// # Errors
    /// UNAVAILABLE with a sentence that says what is missing.
    fn check(&self) -> BoxFuture<'_, Result<()>>;
}
