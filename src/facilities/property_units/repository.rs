//! Property units in the database: changes. The reads are in `rows`.

use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use steward_database::{Connection, Instant, Json, ResultExt};
use steward_facilities_schema::{
    properties, property_unit_owner_changes, property_unit_users, property_units,
};
use steward_kernel::{Error, Result, TenantId};

use super::model::PropertyUnitInput;
use crate::address::PostalAddress;
use crate::owner_companies::actions::not_found as owner_company_not_found;
use crate::properties::actions::not_found as property_not_found;
use crate::property_unit_types::actions::not_found as property_unit_type_not_found;

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = property_units, treat_none_as_default_value = false)]
#[diesel(treat_none_as_null = true)]
struct Values<'a> {
    property_unit_type_id: Option<i64>,
    custom_unit_id: &'a str,
    owner_id: i64,
    owner_company_id: Option<i64>,
    manager_id: Option<i64>,
    floor: Option<i32>,
    contract_start: Option<Instant>,
    contract_end: Option<Instant>,
    additional_note: Option<&'a str>,
    is_common_space: bool,
    address: Option<Json<&'a PostalAddress>>,
}

impl<'a> Values<'a> {
    fn new(input: &'a PropertyUnitInput, custom_unit_id: &'a str, manager: Option<i64>) -> Self {
        let PropertyUnitInput {
            address,
            floor,
            contract_start,
            contract_end,
            additional_note,
            is_common_space,
            custom_unit_id: _,
            manager_id: _,
            owner_id,
            owner_company_id,
            property_user_ids: _,
            contact_id: _,
            property_unit_type_id,
        } = input;
        Self {
            property_unit_type_id: *property_unit_type_id,
            custom_unit_id,
            owner_id: *owner_id,
            owner_company_id: *owner_company_id,
            manager_id: manager,
            floor: *floor,
            contract_start: contract_start.map(Instant),
            contract_end: contract_end.map(Instant),
            additional_note: additional_note.as_deref(),
            is_common_space: *is_common_space,
            address: address.as_ref().map(Json),
        }
    }
}

/// The members of a stored unit that decide about a change.
#[derive(Queryable, Selectable)]
#[diesel(table_name = property_units, check_for_backend(diesel::pg::Pg))]
pub struct Stored {
    /// Id of the unit.
    pub id: i64,
    /// The tenant's own id of the unit.
    pub custom_unit_id: String,
    /// Id of the manager.
    pub manager_id: Option<i64>,
    /// Id of the owner.
    pub owner_id: i64,
}

/// The unit with `id`, held until the end of the transaction.
pub async fn lock(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
) -> Result<Option<Stored>> {
    property_units::table
        .filter(property_units::tenant_id.eq(tenant.0))
        .filter(property_units::id.eq(id))
        .select(Stored::as_select())
        .for_update()
        .first(&mut connection)
        .await
        .optional()
        .or_internal()
}

/// Records a unit and answers its id.
pub async fn insert(
    mut connection: &Connection,
    tenant: TenantId,
    property: i64,
    custom_unit_id: &str,
    input: &PropertyUnitInput,
) -> Result<i64> {
    diesel::insert_into(property_units::table)
        .values((
            property_units::tenant_id.eq(tenant.0),
            property_units::property_id.eq(property),
            Values::new(input, custom_unit_id, input.manager_id),
        ))
        .returning(property_units::id)
        .get_result(&mut connection)
        .await
        .on_constraints(|constraint| match constraint {
            "property_units_property_fkey" => Some(property_not_found(property)),
            other => refused(other, input),
        })
}

/// Replaces the writable members of a unit that is locked.
pub async fn update(
    mut connection: &Connection,
    tenant: TenantId,
    before: &Stored,
    input: &PropertyUnitInput,
) -> Result<()> {
    let custom_unit_id = input.custom_unit_id.as_deref().unwrap_or(&before.custom_unit_id);
    let manager = input.manager_id.or(before.manager_id);
    diesel::update(property_units::table)
        .filter(property_units::tenant_id.eq(tenant.0))
        .filter(property_units::id.eq(before.id))
        .set((
            Values::new(input, custom_unit_id, manager),
            property_units::updated_at.eq(diesel::dsl::now),
        ))
        .execute(&mut connection)
        .await
        .on_constraints(|constraint| refused(constraint, input))?;
    Ok(())
}

/// What it means that a constraint refused a unit.
fn refused(constraint: &str, input: &PropertyUnitInput) -> Option<Error> {
    match constraint {
        "property_units_custom_unit_id_key" => Some(Error::rule(
            "property_unit.custom_unit_id",
            "A property unit with this custom unit id already exists.",
        )),
        "property_units_owner_company_fkey" => {
            Some(owner_company_not_found(input.owner_company_id.unwrap_or_default()))
        }
        "property_units_type_fkey" => {
            Some(property_unit_type_not_found(input.property_unit_type_id.unwrap_or_default()))
        }
        _ => None,
    }
}

/// The property's own id and the number a generated unit id takes.
#[derive(Queryable)]
pub struct Numbering {
    /// The tenant's own id of the property.
    pub custom_property_id: Option<String>,
    /// The number taken.
    pub number: i32,
}

/// Takes the next unit number of a property.
pub async fn take_number(
    mut connection: &Connection,
    tenant: TenantId,
    property: i64,
) -> Result<Option<Numbering>> {
    diesel::update(properties::table)
        .filter(properties::tenant_id.eq(tenant.0))
        .filter(properties::id.eq(property))
        .set(properties::next_unit_number.eq(properties::next_unit_number + 1))
        .returning((properties::custom_property_id, properties::next_unit_number - 1))
        .get_result(&mut connection)
        .await
        .optional()
        .or_internal()
}

/// Whether an id is a unit of the tenant.
pub async fn unit_exists(mut connection: &Connection, tenant: TenantId, id: i64) -> Result<bool> {
    let units = property_units::table
        .filter(property_units::tenant_id.eq(tenant.0))
        .filter(property_units::id.eq(id))
        .select(property_units::id);
    diesel::select(exists(units)).get_result(&mut connection).await.or_internal()
}

/// Whether a unit of the tenant has a custom id.
pub async fn custom_id_exists(
    mut connection: &Connection,
    tenant: TenantId,
    custom_unit_id: &str,
) -> Result<bool> {
    let units = property_units::table
        .filter(property_units::tenant_id.eq(tenant.0))
        .filter(property_units::custom_unit_id.eq(custom_unit_id));
    diesel::select(exists(units)).get_result(&mut connection).await.or_internal()
}

/// Sets the property users of a unit and who of them is the main contact.
pub async fn set_users(
    mut connection: &Connection,
    tenant: TenantId,
    unit: i64,
    input: &PropertyUnitInput,
) -> Result<()> {
    // Two statements: a unique index on the main contact is checked row by row, so the former
    // ones go first.
    diesel::delete(property_unit_users::table)
        .filter(property_unit_users::tenant_id.eq(tenant.0))
        .filter(property_unit_users::property_unit_id.eq(unit))
        .execute(&mut connection)
        .await
        .or_internal()?;
    let rows: Vec<_> = input
        .property_user_ids
        .iter()
        .map(|user| {
            (
                property_unit_users::tenant_id.eq(tenant.0),
                property_unit_users::property_unit_id.eq(unit),
                property_unit_users::user_id.eq(*user),
                property_unit_users::is_main_contact.eq(input.contact_id == Some(*user)),
            )
        })
        .collect();
    diesel::insert_into(property_unit_users::table)
        .values(rows)
        .execute(&mut connection)
        .await
        .or_internal()?;
    Ok(())
}

/// Assigns a property user to a unit that is locked.
pub async fn assign_user(
    mut connection: &Connection,
    tenant: TenantId,
    unit: i64,
    user: i64,
    is_main_contact: bool,
) -> Result<()> {
    if is_main_contact {
        diesel::update(property_unit_users::table)
            .filter(property_unit_users::tenant_id.eq(tenant.0))
            .filter(property_unit_users::property_unit_id.eq(unit))
            .filter(property_unit_users::user_id.ne(user))
            .filter(property_unit_users::is_main_contact)
            .set(property_unit_users::is_main_contact.eq(false))
            .execute(&mut connection)
            .await
            .or_internal()?;
    }
    diesel::insert_into(property_unit_users::table)
        .values((
            property_unit_users::tenant_id.eq(tenant.0),
            property_unit_users::property_unit_id.eq(unit),
            property_unit_users::user_id.eq(user),
            property_unit_users::is_main_contact.eq(is_main_contact),
        ))
        .on_conflict((
            property_unit_users::tenant_id,
            property_unit_users::property_unit_id,
            property_unit_users::user_id,
        ))
        .do_update()
        .set(property_unit_users::is_main_contact.eq(is_main_contact))
        .execute(&mut connection)
        .await
        .or_internal()?;
    Ok(())
}

/// Removes a property user from a unit.
pub async fn remove_user(
    mut connection: &Connection,
    tenant: TenantId,
    unit: i64,
    user: i64,
) -> Result<()> {
    diesel::delete(property_unit_users::table)
        .filter(property_unit_users::tenant_id.eq(tenant.0))
        .filter(property_unit_users::property_unit_id.eq(unit))
        .filter(property_unit_users::user_id.eq(user))
        .execute(&mut connection)
        .await
        .or_internal()?;
    Ok(())
}

/// Gives a unit that is locked another owner. Its company goes: a company has one owner, so
/// it cannot be the new one's.
pub async fn set_owner(
    mut connection: &Connection,
    tenant: TenantId,
    unit: i64,
    owner: i64,
) -> Result<()> {
    diesel::update(property_units::table)
        .filter(property_units::tenant_id.eq(tenant.0))
        .filter(property_units::id.eq(unit))
        .set((
            property_units::owner_id.eq(owner),
            property_units::owner_company_id.eq(None::<i64>),
            property_units::updated_at.eq(diesel::dsl::now),
        ))
        .execute(&mut connection)
        .await
        .or_internal()?;
    Ok(())
}

/// Keeps who owned a unit before whom.
pub async fn insert_owner_change(
    mut connection: &Connection,
    tenant: TenantId,
    before: &Stored,
    new_owner: i64,
    client: &str,
) -> Result<()> {
    diesel::insert_into(property_unit_owner_changes::table)
        .values((
            property_unit_owner_changes::tenant_id.eq(tenant.0),
            property_unit_owner_changes::property_unit_id.eq(before.id),
            property_unit_owner_changes::old_owner_id.eq(before.owner_id),
            property_unit_owner_changes::new_owner_id.eq(new_owner),
            property_unit_owner_changes::changed_by.eq(client),
        ))
        .execute(&mut connection)
        .await
        .or_internal()?;
    Ok(())
}
