//! What becomes of imports and their files.

use std::sync::Arc;

use steward_kernel::{Context, Family, Principal, Result, TenantId, time};

use super::model::{Format, Mode, NewImport, Progress, State};
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
    let new = NewImport {
        resource: "tags",
        file: String::new(),
        dry_run: false,
        mode: Mode::Create,
        all_or_nothing: false,
        format: None,
    };
    let principal = Principal {
        tenant,
        family: Family::Facilities,
        client_id: "c".to_owned(),
        scopes: vec!["api".to_owned()],
        user: None,
    };
    let context = &Context::new(Some(Arc::new(principal)), "test".into(), "facilities");
    let (file, new) = (&file, &new);
    app.database
        .transaction(tenant, |tx| async move {
            let file = files::in_use(&tx, tenant, file).await?;
            let import = repository::insert(&tx, context, new, Format::Csv, file).await?;
            Ok((import.id, file))
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
            let progress = Progress { rows: 1, processed: 1, ..Progress::default() };
            assert!(repository::finish(&tx, tenant, id, progress).await?);
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
            assert!(repository::advance(&tx, tenant, id, 0, none, &[]).await?);
            // Another worker was quicker.
            assert!(!repository::advance(&tx, tenant, id, 7, none, &[]).await?);
            assert!(repository::fail(&tx, tenant, id, &"é".repeat(5000)).await?);
            assert!(!repository::fail(&tx, tenant, id, "again").await?);
            assert!(!repository::advance(&tx, tenant, id, 0, none, &[]).await?);
            assert!(!repository::finish(&tx, tenant, id, none).await?);
            let found = repository::get(&tx, tenant, id).await?;
            assert_eq!((found.state, found.failure.chars().count()), (State::Failed, 500));
            Ok(())
        })
        .await
}
