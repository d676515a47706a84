//! Which tenants the operator has suspended.
//!
//! Each server asks the database twice a second, as for sessions that ended, so a call costs no
//! look-up. While the database cannot be asked, what was known last counts; nothing can be changed
//! then anyway.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use steward_database::Database;
use steward_kernel::{Result, TenantId};

use super::repository;

/// Time between two looks.
const POLL: Duration = Duration::from_millis(500);

/// The tenants that are suspended.
pub struct Suspended {
    database: Database,
    tenants: ArcSwap<HashSet<i64>>,
}

impl Suspended {
    /// Asks the database for the first time.
    ///
    /// # Errors
    /// UNAVAILABLE when the database cannot be reached.
    pub async fn open(database: Database) -> Result<Arc<Self>> {
        let tenants = ArcSwap::from_pointee(ask(&database).await?);
        Ok(Arc::new(Self { database, tenants }))
    }

    /// Whether a tenant is suspended.
    pub(crate) fn includes(&self, tenant: TenantId) -> bool {
        self.tenants.load().contains(&tenant.0)
    }

    /// Follows what the operator does until the process ends.
    pub async fn follow(self: Arc<Self>) {
        let mut ticks = tokio::time::interval(POLL);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            match ask(&self.database).await {
                Ok(found) if found == **self.tenants.load() => {}
                Ok(found) => self.tenants.store(Arc::new(found)),
                Err(error) => {
                    tracing::debug!(reason = error.reason(), "suspended tenants not looked for");
                }
            }
        }
    }
}

async fn ask(database: &Database) -> Result<HashSet<i64>> {
    let tx = database.read_platform().await?;
    Ok(repository::suspended(&tx).await?.into_iter().collect())
}
