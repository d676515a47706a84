//! Who is calling, for whom, and under which request id.

use std::any::Any;
use std::fmt;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;

use crate::{Family, Role};

/// A tenant: one business whose data nobody else sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TenantId(pub i64);

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Who is calling, as a verified token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The tenant the token was made for.
    pub tenant: TenantId,
    /// The family whose RPCs the tenant uses.
    pub family: Family,
    /// The caller's name: id of the API client, `user:` and the id of a user, `link:` and the id
    /// of the resource for whoever came by a link, or [`Principal::ANYBODY`].
    pub client_id: String,
    /// Granted scopes.
    pub scopes: Vec<String>,
    /// The person who is calling; absent for API clients and links.
    pub user: Option<User>,
}

impl Principal {
    /// The name of whoever has no token and named the tenant. No API client has it.
    pub const ANYBODY: &'static str = "anybody";
}

/// A person who is calling, as a verified token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct User {
    /// Id of the user, over all tenants.
    pub id: i64,
    /// What the user is to the tenant.
    pub role: Role,
    /// Id of the session the token was made in; absent when another issuer made it.
    pub session: Option<i64>,
}

impl User {
    /// What a user is called where callers are named: `user:12`.
    #[must_use]
    pub fn caller_name(id: i64) -> String {
        format!("user:{id}")
    }

    /// The id in such a name; nothing for other callers.
    #[must_use]
    pub fn id_of_caller(name: &str) -> Option<i64> {
        name.strip_prefix("user:")?.parse().ok()
    }
}

/// The circumstances of one call. Made by the transport from a verified token, handed to
/// every action; cheap to clone.
#[derive(Debug, Clone)]
pub struct Context {
    principal: Option<Arc<Principal>>,
    request_id: Arc<str>,
    family: &'static str,
    address: Option<IpAddr>,
    languages: Option<Arc<str>>,
    user_agent: Option<Arc<str>>,
    is_trial: bool,
    unit: Option<Unit>,
    watch: Option<Watching>,
}

/// Sees what a change does to others than its own resource, so that this is told as well.
///
/// `getter` is `package.Service/Method` of an RPC that reads such a resource by nothing but its id.
pub trait Watch: Send + Sync {
    /// Remembers how a resource looks now, which is about to be changed.
    ///
    /// # Errors
    /// Whatever keeps it from being read.
    fn look<'a>(
        &'a self,
        inside: &'a Context,
        getter: &'static str,
        id: i64,
    ) -> Pin<Box<dyn Future<Output = crate::Result<()>> + Send + 'a>>;

    /// Remembers that a resource was made.
    fn note_made(&self, getter: &'static str, id: i64);
}

#[derive(Clone)]
struct Watching(Arc<dyn Watch>);

impl fmt::Debug for Watching {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watching")
    }
}

/// What the parts of one change can share. A trait, so that no other type can be asked for by
/// mistake: that would find nothing, and the asking part would stay outside of the change.
pub trait UnitOfWork: Any + Send + Sync {}

/// What all parts of one change share: the open transaction, as the platform defines it.
#[derive(Clone)]
struct Unit(Arc<dyn Any + Send + Sync>);

impl fmt::Debug for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unit")
    }
}

impl Context {
    /// The context of a call to a `family`; without a principal only for public RPCs.
    #[must_use]
    pub fn new(
        principal: Option<Arc<Principal>>,
        request_id: Arc<str>,
        family: &'static str,
    ) -> Self {
        Self {
            principal,
            request_id,
            family,
            address: None,
            languages: None,
            user_agent: None,
            is_trial: false,
            unit: None,
            watch: None,
        }
    }

    /// The same context of a call that comes from a network address.
    #[must_use]
    pub fn with_address(self, address: Option<IpAddr>) -> Self {
        Self { address, ..self }
    }

    /// The same context of a caller who reads these languages, as `Accept-Language` has it.
    #[must_use]
    pub fn with_languages(self, languages: &str) -> Self {
        Self { languages: Some(languages.into()), ..self }
    }

    /// The same context of a caller whose program calls itself so, in `User-Agent`.
    #[must_use]
    pub fn with_user_agent(self, user_agent: &str) -> Self {
        Self { user_agent: Some(user_agent.into()), ..self }
    }

    /// The same context of a call that only asks what would come of it, where no change is around
    /// the handler that could be undone.
    #[must_use]
    pub fn on_trial(self) -> Self {
        Self { is_trial: true, ..self }
    }

    /// Whether the handler itself must leave nothing behind. Inside a change the stack sees to
    /// that.
    #[must_use]
    pub fn is_trial(&self) -> bool {
        self.is_trial
    }

    /// What the caller's program calls itself; absent when it does not say.
    #[must_use]
    pub fn user_agent(&self) -> Option<&str> {
        self.user_agent.as_deref()
    }

    /// The one of `known` that the caller reads best; the first when the caller reads none.
    #[must_use]
    pub fn language(&self, known: &[&'static str]) -> &'static str {
        crate::language::preferred(self.languages.as_deref().unwrap_or(""), known)
    }

    /// The same context inside a change: whatever it is handed to takes part in `unit`.
    #[must_use]
    pub fn with_unit(&self, unit: Arc<dyn Any + Send + Sync>) -> Self {
        Self { unit: Some(Unit(unit)), ..self.clone() }
    }

    /// The same context as if the business itself asked: nothing of it is out of its reach.
    #[must_use]
    pub fn as_business(&self) -> Self {
        let principal = self.principal.as_deref().cloned();
        let principal = principal.map(|principal| Arc::new(Principal { user: None, ..principal }));
        Self { principal, ..self.clone() }
    }

    /// The same context inside a change that is watched.
    #[must_use]
    pub fn watched_by(self, watch: Arc<dyn Watch>) -> Self {
        Self { watch: Some(Watching(watch)), ..self }
    }

    /// Says inside a change that it is about to change what `getter` reads by `id` beside its own
    /// resource, so that this is told as well: a customer by a booking.
    ///
    /// # Errors
    /// Whatever keeps the resource from being read.
    pub async fn will_change(&self, getter: &'static str, id: i64) -> crate::Result<()> {
        match &self.watch {
            Some(Watching(watch)) => watch.look(self, getter, id).await,
            None => Ok(()),
        }
    }

    /// The same of what it has made.
    pub fn has_made(&self, getter: &'static str, id: i64) {
        if let Some(Watching(watch)) = &self.watch {
            watch.note_made(getter, id);
        }
    }

    /// The unit of work the call is part of, when there is one.
    #[must_use]
    pub fn unit<T: UnitOfWork>(&self) -> Option<Arc<T>> {
        Arc::clone(&self.unit.as_ref()?.0).downcast().ok()
    }

    /// Whether the call is part of a unit of work, of whatever type.
    #[must_use]
    pub fn has_unit(&self) -> bool {
        self.unit.is_some()
    }

    /// The tenant whose data the call may touch.
    ///
    /// # Errors
    /// UNAUTHENTICATED on a public RPC, which has no tenant.
    pub fn tenant(&self) -> crate::Result<TenantId> {
        self.principal
            .as_ref()
            .map(|principal| principal.tenant)
            .ok_or_else(|| crate::Error::unauthenticated("A token is needed."))
    }

    /// The family whose RPCs the caller's tenant uses. Also RPCs of the platform serve it, which
    /// [`Context::family`] counts to the family their JSON belongs to.
    ///
    /// # Errors
    /// UNAUTHENTICATED on a public RPC, which has no tenant.
    pub fn tenant_family(&self) -> crate::Result<Family> {
        self.principal
            .as_ref()
            .map(|principal| principal.family)
            .ok_or_else(|| crate::Error::unauthenticated("A token is needed."))
    }

    /// Who is calling; absent on public RPCs.
    #[must_use]
    pub fn principal(&self) -> Option<&Principal> {
        self.principal.as_deref()
    }

    /// The person who is calling; absent for API clients, links and public RPCs.
    #[must_use]
    pub fn user(&self) -> Option<&User> {
        self.principal.as_ref()?.user.as_ref()
    }

    /// Id of the person who is calling; absent where [`Context::user`] is.
    #[must_use]
    pub fn user_id(&self) -> Option<i64> {
        self.user().map(|user| user.id)
    }

    /// Whether the call is made in nobody's name: no token says who is calling.
    #[must_use]
    pub fn is_anybody(&self) -> bool {
        self.principal.as_ref().is_none_or(|principal| principal.client_id == Principal::ANYBODY)
    }

    /// Id of the request, as answered in `x-request-id`.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// The network address the call comes from: personal data, for the audit trail alone. Absent
    /// for what the server asks for itself.
    #[must_use]
    pub fn address(&self) -> Option<IpAddr> {
        self.address
    }

    /// Short name of the family the RPC belongs to.
    #[must_use]
    pub fn family(&self) -> &'static str {
        self.family
    }
}
