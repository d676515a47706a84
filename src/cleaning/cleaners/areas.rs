//! Where cleaners work: the only file that names its table.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use steward_cleaning_schema::cleaner_areas;
use steward_database::{Connection, Record, ResultExt, find_all};
use steward_kernel::{Result, TenantId};

use crate::tenant_locations::model::TenantLocation;

/// The ids of the areas of some cleaners, with the cleaners' ids.
async fn pairs(
    mut connection: &Connection,
    tenant: TenantId,
    cleaners: &[i64],
) -> Result<Vec<(i64, i64)>> {
    cleaner_areas::table
        .filter(cleaner_areas::tenant_id.eq(tenant.0))
        .filter(cleaner_areas::cleaner_id.eq_any(cleaners))
        .order(cleaner_areas::tenant_location_id)
        .select((cleaner_areas::cleaner_id, cleaner_areas::tenant_location_id))
        .load(&mut connection)
        .await
        .or_internal()
}

/// The areas of some cleaners in the order of their ids, by the cleaners' ids.
pub async fn of_cleaners(
    connection: &Connection,
    tenant: TenantId,
    ids: &[i64],
) -> Result<HashMap<i64, Vec<TenantLocation>>> {
    let pairs = pairs(connection, tenant, ids).await?;
    let mut wanted: Vec<i64> = pairs.iter().map(|(_, area)| *area).collect();
    wanted.sort_unstable();
    wanted.dedup();
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    // An area that was deleted is one of nobody any more.
    let found = TenantLocation::many(connection, tenant, &wanted).await?;
    let found: HashMap<i64, TenantLocation> =
        found.into_iter().map(|area| (area.id, area)).collect();
    let mut areas: HashMap<i64, Vec<TenantLocation>> = HashMap::new();
    for (cleaner, area) in pairs {
        areas.entry(cleaner).or_default().extend(found.get(&area).cloned());
    }
    Ok(areas)
}

/// Lets a cleaner work in areas. Answers in how many they did not before.
///
/// # Errors
/// NOT_FOUND of the first area that there is not.
pub async fn insert(
    mut connection: &Connection,
    tenant: TenantId,
    cleaner_id: i64,
    areas: &[i64],
) -> Result<usize> {
    if areas.is_empty() {
        return Ok(0);
    }
    find_all::<TenantLocation>(connection, tenant, areas).await?;
    let rows: Vec<_> = areas
        .iter()
        .map(|area| {
            (
                cleaner_areas::tenant_id.eq(tenant.0),
                cleaner_areas::cleaner_id.eq(cleaner_id),
                cleaner_areas::tenant_location_id.eq(*area),
            )
        })
        .collect();
    diesel::insert_into(cleaner_areas::table)
        .values(rows)
        .on_conflict_do_nothing()
        .execute(&mut connection)
        .await
        .or_internal()
}

/// Lets a cleaner work in an area no more.
///
/// # Errors
/// NOT_FOUND when the cleaner does not.
pub async fn delete(
    mut connection: &Connection,
    tenant: TenantId,
    cleaner_id: i64,
    area: i64,
) -> Result<()> {
    let deleted = diesel::delete(cleaner_areas::table.find((tenant.0, cleaner_id, area)))
        .execute(&mut connection)
        .await
        .or_internal()?;
    if deleted == 0 { Err(TenantLocation::not_found(area)) } else { Ok(()) }
}
