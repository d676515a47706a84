//! What becomes of an export's file.

use object_store::ObjectStoreExt;
use steward_kernel::{Family, Result, time};

use super::model::{Format, KEPT, NewExport, State};
use super::{collect, repository};
use crate::{tenants, tests};

#[tokio::test]
async fn files_go_when_they_have_ended() -> Result<()> {
    let app = &tests::app().await;
    let tenant = tenants::create(app, Family::Facilities, "Exports").await?.id;
    let new = &NewExport { resource: "tags", format: Format::Csv, filter: String::new() };
    let id = app
        .database
        .transaction(tenant, |tx| async move {
            let id = repository::insert(&tx, tenant, new).await?.id;
            repository::set(&tx, tenant, id, State::Done, 1, 4).await?;
            Ok(id)
        })
        .await?;
    let file = app.files.export_key(tenant, id);
    app.files.store().put(&file, "id\r\n".into()).await.expect("written");

    assert!(!collect::collect(app, tenant, time::now() - KEPT).await?);
    app.files.store().head(&file).await.expect("not yet");
    assert!(!collect::collect(app, tenant, time::now() + KEPT).await?);
    app.files.store().head(&file).await.expect_err("gone");
    let tx = app.database.read(tenant).await?;
    assert_eq!(repository::get(&tx, tenant, id).await?.state, State::Expired);
    Ok(())
}
