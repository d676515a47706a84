//! What can be done with areas and zip codes.

use steward_database::{find, page};
use steward_kernel::list::Value;
use steward_kernel::page::{ListQuery, Page};
use steward_kernel::{Context, Error, Result, TenantId};
use steward_platform::App;

use super::model::{NewTenantLocation, TenantLocation, ZipCode, no_coverage, zip_taken};
use super::{repository, zip_codes};
use crate::bookings::repository as bookings;
use crate::caller;
use crate::reason::in_use;
use crate::wire::equal;

/// A page of the areas of a company.
pub async fn list(
    app: &App,
    context: &Context,
    tenant_id: i64,
    query: &ListQuery,
) -> Result<Page<TenantLocation>> {
    let (tx, tenant, reach) = caller::reach(app, context, tenant_id).await?;
    page(&tx, tenant, reach.scope(repository::IS_ACTIVE).as_ref(), query).await
}

/// An area of the caller's company.
pub async fn get(app: &App, context: &Context, tenant_id: i64, id: i64) -> Result<TenantLocation> {
    caller::own(context, tenant_id)?;
    app.get(context, id).await
}

/// Adds an area with its zip codes.
pub async fn add(
    app: &App,
    context: &Context,
    tenant_id: i64,
    new: &NewTenantLocation,
) -> Result<TenantLocation> {
    let tenant = caller::own(context, tenant_id)?;
    app.transaction(context, |tx| async move {
        let id = repository::insert(&tx, tenant, new).await?;
        let added = zip_codes::insert(&tx, tenant, id, &new.zip_codes).await?;
        if added < new.zip_codes.len() {
            let known = zip_codes::of_codes(&tx, tenant, &new.zip_codes).await?;
            let other = known.into_iter().find(|known| known.tenant_location_id != id);
            // One that is gone by now got in the way a moment ago.
            return Err(
                other.map_or_else(Error::conflict, |code| zip_taken(code.tenant_location_id))
            );
        }
        find(&tx, tenant, id).await
    })
    .await
}

/// Deletes an area.
pub async fn delete(app: &App, context: &Context, tenant_id: i64, id: i64) -> Result<()> {
    let tenant = caller::own(context, tenant_id)?;
    app.transaction(context, |tx| async move {
        if bookings::is_live(&tx, tenant, bookings::Of::Area(id)).await? {
            return Err(in_use("A live booking is in this area."));
        }
        repository::delete(&tx, tenant, id).await
    })
    .await
}

/// A page of the zip codes of an area.
pub async fn list_zip_codes(
    app: &App,
    context: &Context,
    (tenant_id, location_id): (i64, i64),
    query: &ListQuery,
) -> Result<Page<ZipCode>> {
    let tenant = caller::own(context, tenant_id)?;
    let tx = app.read(context).await?;
    let area: TenantLocation = find(&tx, tenant, location_id).await?;
    let of = equal(zip_codes::TENANT_LOCATION_ID, Some(Value::Integer(area.id)));
    page(&tx, tenant, of.as_ref(), query).await
}

/// A zip code of an area.
pub async fn get_zip_code(
    app: &App,
    context: &Context,
    (tenant_id, location_id): (i64, i64),
    id: i64,
) -> Result<ZipCode> {
    caller::own(context, tenant_id)?;
    let code: ZipCode = app.get(context, id).await?;
    if code.tenant_location_id == location_id {
        Ok(code)
    } else {
        use steward_database::Record;
        Err(ZipCode::not_found(id))
    }
}

/// Adds a zip code to an area, and says whether it was not there before.
pub async fn add_zip_code(
    app: &App,
    context: &Context,
    (tenant_id, location_id): (i64, i64),
    zip: &str,
) -> Result<(ZipCode, bool)> {
    let tenant = caller::own(context, tenant_id)?;
    let codes = &[zip.to_owned()];
    app.transaction(context, |tx| async move {
        let area: TenantLocation = find(&tx, tenant, location_id).await?;
        let added = zip_codes::insert(&tx, tenant, area.id, codes).await?;
        let known = zip_codes::of_codes(&tx, tenant, codes).await?;
        // One that is gone by now got in the way a moment ago.
        let known = known.into_iter().next().ok_or_else(Error::conflict)?;
        if known.tenant_location_id != area.id {
            return Err(zip_taken(known.tenant_location_id));
        }
        Ok((known, added > 0))
    })
    .await
}

/// Removes a zip code from an area.
pub async fn remove_zip_code(
    app: &App,
    context: &Context,
    (tenant_id, location_id): (i64, i64),
    id: i64,
) -> Result<()> {
    let tenant = caller::own(context, tenant_id)?;
    app.transaction(
        context,
        |tx| async move { zip_codes::delete(&tx, tenant, location_id, id).await },
    )
    .await
}

/// The active area that a zip code belongs to.
pub async fn find_by_zip(
    app: &App,
    context: &Context,
    tenant_id: i64,
    zip: &str,
) -> Result<TenantLocation> {
    let (tx, tenant, _) = caller::reach(app, context, tenant_id).await?;
    repository::of_zip(&tx, tenant, zip).await?.ok_or_else(no_coverage)
}

/// The area with an id, when the caller may see it.
pub async fn visible(
    tx: &steward_database::Connection,
    tenant: TenantId,
    reach: caller::Reach,
    id: i64,
) -> Result<TenantLocation> {
    use steward_database::Record;
    let area: TenantLocation = find(tx, tenant, id).await?;
    if reach == caller::Reach::Own || area.is_active {
        Ok(area)
    } else {
        Err(TenantLocation::not_found(id))
    }
}
