//! Whose rows a call reads, where a path names the company.

use std::sync::Arc;

use steward_database::Transaction;
use steward_kernel::list::{Field, Filter, Operator, Value};
use steward_kernel::validate::Violations;
use steward_kernel::{Context, Result, Role, TenantId};
use steward_platform::App;

use crate::cleaners::repository as cleaners;
use crate::clients::repository as clients;
use crate::reason::{not_hired, out_of_reach};
use crate::tenants::{not_found, repository as tenants};

/// What a caller may see of a company.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// All of it.
    Own,
    /// What is public.
    Public,
}

impl Reach {
    /// The condition for rows that the caller may see; `is_active` says of a row whether it is
    /// in use.
    pub fn scope(self, is_active: &'static Field) -> Option<Filter> {
        let active = Filter::Compare(is_active, Operator::Equal, Value::Boolean(true));
        (self == Self::Public).then_some(active)
    }
}

/// Who calls, as far as it decides whose records they may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    /// An admin or an API client: everything of the company.
    Admin,
    /// The client with this id.
    Client(i64),
    /// The cleaner with this id.
    Cleaner(i64),
}

impl Caller {
    /// The caller of a company's own RPC. Applicants have no part in its work yet.
    ///
    /// # Errors
    /// NOT_FOUND when a user of that role is no client or no cleaner, FORBIDDEN for applicants.
    pub async fn of(tx: &Transaction, context: &Context) -> Result<Self> {
        let (caller, works) = Self::found(tx, context).await?;
        if works { Ok(caller) } else { Err(not_hired()) }
    }

    /// The caller of an RPC that is open to applicants too: their own profile, and agreements.
    ///
    /// # Errors
    /// NOT_FOUND when a user of that role is no client or no cleaner.
    pub async fn or_applicant(tx: &Transaction, context: &Context) -> Result<Self> {
        Ok(Self::found(tx, context).await?.0)
    }

    /// The caller, and whether they have a part in the company's work.
    async fn found(tx: &Transaction, context: &Context) -> Result<(Self, bool)> {
        let Some(user) = context.user() else { return Ok((Self::Admin, true)) };
        let tenant = context.tenant()?;
        Ok(match user.role {
            Role::Owner | Role::TenantAdmin => (Self::Admin, true),
            Role::Client => (Self::Client(clients::id_of_user(tx, tenant, user.id).await?), true),
            Role::Cleaner => {
                let (id, works) = cleaners::standing_of_user(tx, tenant, user.id).await?;
                (Self::Cleaner(id), works)
            }
        })
    }

    /// The client that a request means by an id, or by none where the caller is a client.
    pub fn client(self, id: i64) -> i64 {
        match self {
            Self::Client(own) if id == 0 => own,
            Self::Admin | Self::Client(_) | Self::Cleaner(_) => id,
        }
    }

    /// The cleaner that a request means by an id, or by none where the caller is a cleaner.
    pub fn cleaner(self, id: i64) -> i64 {
        match self {
            Self::Cleaner(own) if id == 0 => own,
            Self::Admin | Self::Client(_) | Self::Cleaner(_) => id,
        }
    }

    /// Refuses what belongs to another client than the caller.
    ///
    /// # Errors
    /// FORBIDDEN.
    pub fn reaches_client(self, id: i64) -> Result<()> {
        match self {
            Self::Admin => Ok(()),
            Self::Client(own) if own == id => Ok(()),
            Self::Client(_) | Self::Cleaner(_) => Err(out_of_reach()),
        }
    }

    /// Refuses what belongs to another cleaner than the caller.
    ///
    /// # Errors
    /// FORBIDDEN.
    pub fn reaches_cleaner(self, id: i64) -> Result<()> {
        match self {
            Self::Admin => Ok(()),
            Self::Cleaner(own) if own == id => Ok(()),
            Self::Client(_) | Self::Cleaner(_) => Err(out_of_reach()),
        }
    }
}

/// Refuses applicants where nothing else of the caller has to be looked up.
///
/// # Errors
/// FORBIDDEN for applicants.
pub async fn at_work(app: &App, context: &Context) -> Result<()> {
    if context.user().is_some_and(|user| user.role == Role::Cleaner) {
        Caller::of(&*app.read(context).await?, context).await?;
    }
    Ok(())
}

/// How much callers see of their own company: its admins and API clients all of it.
pub fn reach_of(context: &Context) -> Reach {
    let is_admin = context.user().is_none_or(|user| Role::DEFAULT.contains(&user.role));
    if is_admin { Reach::Own } else { Reach::Public }
}

/// Misses the id of whom a request is about, where that cannot be the caller: admins are neither
/// clients nor cleaners.
pub fn required_of_admins(violations: &mut Violations, context: &Context, field: &str, id: i64) {
    if reach_of(context) == Reach::Own {
        violations.required_id(field, id);
    }
}

/// Refuses callers of what clients and cleaners have for themselves who are neither, and say not
/// whose is meant.
///
/// # Errors
/// FORBIDDEN.
pub fn own_only(context: &Context, id: i64) -> Result<()> {
    if id == 0 && reach_of(context) == Reach::Own { Err(out_of_reach()) } else { Ok(()) }
}

/// The caller's tenant, which must be the one that the path names.
///
/// # Errors
/// INVALID_ARGUMENT when none is named, NOT_FOUND for another one.
pub fn own(context: &Context, tenant_id: i64) -> Result<TenantId> {
    named("tenant_id", tenant_id)?;
    let tenant = context.tenant()?;
    if tenant.0 == tenant_id { Ok(tenant) } else { Err(not_found(tenant_id)) }
}

/// Refuses a request whose `field` names nothing.
pub fn named(field: &str, id: i64) -> Result<()> {
    let mut violations = Violations::default();
    violations.required_id(field, id);
    violations.finish(())
}

/// Begins a read of the company that the path names, whoever calls.
///
/// # Errors
/// INVALID_ARGUMENT when none is named, NOT_FOUND when there is no such company.
pub async fn reach(
    app: &App,
    context: &Context,
    tenant_id: i64,
) -> Result<(Arc<Transaction>, TenantId, Reach)> {
    named("tenant_id", tenant_id)?;
    if context.principal().is_some_and(|principal| principal.tenant.0 == tenant_id) {
        return Ok((app.read(context).await?, TenantId(tenant_id), Reach::Own));
    }
    let tenant = TenantId(tenant_id);
    let tx = app.database.read(tenant).await?;
    if !tenants::exists(&tx, tenant).await? {
        return Err(not_found(tenant_id));
    }
    Ok((Arc::new(tx), tenant, Reach::Public))
}
