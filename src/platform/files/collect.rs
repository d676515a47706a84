//! The recurring job that collects what nobody uses.

use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use steward_kernel::time::{self, Timestamp};
use steward_kernel::{Result, TenantId};

use super::repository;
use crate::jobs::{Every, Failure, Handler, Job};
use crate::{App, tenants};

/// Longer than a signed id is good, so that nothing goes that could still be bound.
const UNUSED_FOR: Duration = Duration::from_secs(25 * 3600);

/// Files deleted in one transaction.
const AT_ONCE: i64 = 100;

/// Deletes files that no record uses.
pub struct Collect;

impl Handler for Collect {
    fn kind(&self) -> &'static str {
        "files.collect"
    }

    fn every(&self) -> Option<Every> {
        Some(Every(Duration::from_secs(3600)))
    }

    fn run<'a>(&'a self, app: &'a App, _: &'a Job) -> BoxFuture<'a, Result<(), Failure>> {
        async move {
            let before = time::now() - UNUSED_FOR;
            let collect_all = |tenant| async move {
                while collect(app, tenant, before).await? {}
                Ok(())
            };
            Ok(tenants::for_each(app, None, collect_all).await?)
        }
        .boxed()
    }
}

/// Deletes some files of a tenant. Answers whether there may be more.
pub(crate) async fn collect(app: &App, tenant: TenantId, before: Timestamp) -> Result<bool> {
    app.database
        .transaction(tenant, |tx| async move {
            let ids = repository::unused(&tx, tenant, before, AT_ONCE).await?;
            for id in &ids {
                // Not there when nothing was uploaded, or a run before this one was cut short.
                app.files.delete(&app.files.key(tenant, *id)).await?;
            }
            repository::delete(&tx, tenant, &ids).await?;
            Ok(ids.len() >= usize::try_from(AT_ONCE).unwrap_or(usize::MAX))
        })
        .await
}
