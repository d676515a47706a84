//! The recurring job that deletes the files of exports that have ended.

use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use steward_kernel::time::{self, Timestamp};
use steward_kernel::{Result, TenantId};

use super::model::KEPT;
use super::repository;
use crate::jobs::{Every, Failure, Handler, Job};
use crate::{App, tenants};

/// Files deleted at a time.
const AT_ONCE: i64 = 100;

/// Deletes what nobody can download any more.
pub struct CollectExports;

impl Handler for CollectExports {
    fn kind(&self) -> &'static str {
        "export.collect"
    }

    fn every(&self) -> Option<Every> {
        Some(Every(Duration::from_secs(3600)))
    }

    fn run<'a>(&'a self, app: &'a App, _: &'a Job) -> BoxFuture<'a, Result<(), Failure>> {
        async move {
            let before = time::now() - KEPT;
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
pub(super) async fn collect(app: &App, tenant: TenantId, before: Timestamp) -> Result<bool> {
    let tx = app.database.read(tenant).await?;
    let ids = repository::ended(&tx, tenant, before, AT_ONCE).await?;
    drop(tx);
    for id in &ids {
        app.files.delete(&app.files.export_key(tenant, *id)).await?;
        app.database
            .transaction(tenant, |tx| async move { repository::expire(&tx, tenant, *id).await })
            .await?;
    }
    Ok(ids.len() >= usize::try_from(AT_ONCE).unwrap_or(usize::MAX))
}
