//! Tags in the database.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use steward_database::{Connection, List, Listed, Record, ResultExt};
use steward_facilities_schema::tags;
use steward_kernel::list::Field;
use steward_kernel::{Error, Result, TenantId};

use super::actions::not_found;
use super::model::Tag;

#[derive(Queryable, Selectable)]
#[diesel(table_name = tags, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: i64,
    name: String,
}

impl From<Row> for Tag {
    fn from(row: Row) -> Self {
        Self { id: row.id, name: row.name }
    }
}

fn name_taken() -> Error {
    Error::rule("tag.name", "A tag with this name already exists.")
}

pub async fn insert(mut connection: &Connection, tenant: TenantId, name: &str) -> Result<i64> {
    diesel::insert_into(tags::table)
        .values((tags::tenant_id.eq(tenant.0), tags::name.eq(name)))
        .returning(tags::id)
        .get_result(&mut connection)
        .await
        .on_constraint("tags_tenant_name_key", name_taken)
}

impl Record for Tag {
    fn id(&self) -> i64 {
        self.id
    }

    fn not_found(id: i64) -> Error {
        not_found(id)
    }

    async fn many(mut connection: &Connection, tenant: TenantId, ids: &[i64]) -> Result<Vec<Tag>> {
        let rows: Vec<Row> = tags::table
            .filter(tags::tenant_id.eq(tenant.0))
            .filter(tags::id.eq_any(ids))
            .select(Row::as_select())
            .load(&mut connection)
            .await
            .or_internal()?;
        Ok(rows.into_iter().map(Tag::from).collect())
    }
}

impl Listed for Tag {
    const LIST: List = List {
        table: "facilities.tags",
        key: "id",
        only: "",
        search: "r.search LIKE ?",
        counted: None,
        fields: &[Field::integer("id", "r.id"), Field::text("name", "r.name")],
    };
}

pub async fn rename(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
    name: &str,
) -> Result<bool> {
    let changed = diesel::update(tags::table)
        .filter(tags::tenant_id.eq(tenant.0))
        .filter(tags::id.eq(id))
        .set(tags::name.eq(name))
        .execute(&mut connection)
        .await
        .on_constraint("tags_tenant_name_key", name_taken)?;
    Ok(changed > 0)
}

pub async fn delete(mut connection: &Connection, tenant: TenantId, id: i64) -> Result<bool> {
    let deleted = diesel::delete(tags::table)
        .filter(tags::tenant_id.eq(tenant.0))
        .filter(tags::id.eq(id))
        .execute(&mut connection)
        .await
        .or_internal()?;
    Ok(deleted > 0)
}
