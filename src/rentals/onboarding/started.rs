//! Which businesses have started, asked with every call.

use std::collections::HashSet;
use std::sync::{PoisonError, RwLock};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use steward_database::Database;
use steward_kernel::{Family, Principal, Result, TenantId};
use steward_platform::App;
use steward_transport::auth::Onboarding;

use crate::owners::repository;

/// Knows the businesses that have started. None ever goes back, so each is looked up until it has,
/// and costs its calls nothing from then on.
pub struct Started {
    database: Database,
    known: RwLock<HashSet<TenantId>>,
}

impl Started {
    /// Nothing known yet.
    #[must_use]
    pub fn new(app: &App) -> Self {
        Self { database: app.database.clone(), known: RwLock::default() }
    }
}

impl Onboarding for Started {
    fn is_done<'a>(&'a self, principal: &'a Principal) -> BoxFuture<'a, Result<bool>> {
        let tenant = principal.tenant;
        let known = || self.known.read().unwrap_or_else(PoisonError::into_inner).contains(&tenant);
        if principal.family != Family::Rentals || known() {
            return std::future::ready(Ok(true)).boxed();
        }
        async move {
            let tx = self.database.read(tenant).await?;
            let done = repository::get(&tx, tenant).await?.onboarded_at.is_some();
            if done {
                self.known.write().unwrap_or_else(PoisonError::into_inner).insert(tenant);
            }
            Ok(done)
        }
        .boxed()
    }
}
