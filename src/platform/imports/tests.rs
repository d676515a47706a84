//! What becomes of imports and their files.

use steward_kernel::{Family, Principal, Result, TenantId, time};

use super::model::{NewImport, Progress, State};
use super::repository;
use crate::files::{self, Announced};
use crate::{App, tenants, tests};

/// An import of a file that was never uploaded, which does not matter here.
async fn import(app: &App, tenant: TenantId) -> Result<(i64, i64)> {
    let file = Announced {
        filename: "rows.csv".to_owned(),
        content_type: "text/csv".to_owned(),
        byte_size: 5,
    };
    let new = NewImport { resource: "tags", file: String::new(), dry_run: false };
    let principal = Principal {
        tenant,
        family: Family::Facilities,
        client_id: "c".to_owned(),
        scopes: vec!["api".to_owned()],
        user: None,
    };
    let (file, new, principal) = (&file, &new, &principal);
    app.database
        .transaction(tenant, |tx| async move {
            let file = files::in_use(&tx, tenant, file).await?;
            Ok((repository::insert(&tx, principal, new, file).await?.id, file))
        })
        .await
}

#[tokio::test]
async fn an_import_outlives_its_file() -> Result<()> {
    let app = &tests::app().await;
    let tenant = tenants::create(app, Family::Facilities, "Imports").await?.id;
    let (id, file) = import(app, tenant).await?;
    app.database
        .transaction(tenant, |tx| async move {
            let progress = Progress { rows: 1, processed: 1, failed: 0 };
            assert!(repository::set(&tx, tenant, id, State::Done, progress, &[]).await?);
            files::release(&tx, tenant, file).await
        })
        .await?;
    files::collect_unused(app, tenant, time::now() + std::time::Duration::from_secs(60)).await?;
    let tx = app.database.read(tenant).await?;
    let found = repository::get(&tx, tenant, id).await?;
    assert_eq!((found.state, found.file_id), (State::Done, None));
    Ok(())
}

#[tokio::test]
async fn what_has_ended_stays_as_it_is() -> Result<()> {
    let app = &tests::app().await;
    let tenant = tenants::create(app, Family::Facilities, "Ended imports").await?.id;
    let (id, _) = import(app, tenant).await?;
    app.database
        .transaction(tenant, |tx| async move {
            let none = Progress::default();
            assert!(repository::set(&tx, tenant, id, State::Running, none, &[]).await?);
            assert!(repository::fail(&tx, tenant, id, &"é".repeat(5000)).await?);
            assert!(!repository::fail(&tx, tenant, id, "again").await?);
            assert!(!repository::set(&tx, tenant, id, State::Done, none, &[]).await?);
            let found = repository::get(&tx, tenant, id).await?;
            assert_eq!((found.state, found.failure.chars().count()), (State::Failed, 500));
            Ok(())
        })
        .await
}
