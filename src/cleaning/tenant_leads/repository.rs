//! The only file that names the table of companies that asked.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use steward_cleaning_schema::tenant_leads;
use steward_database::{Connection, Instant, ResultExt};
use steward_kernel::Result;

use super::model::{NewTenantLead, TenantLead};

/// Keeps a lead; answers its id, or that of the one with the same words.
pub(super) async fn insert(mut connection: &Connection, lead: &NewTenantLead) -> Result<i64> {
    let digest = lead.digest();
    let NewTenantLead { name, email, company, phone, message } = lead;
    diesel::insert_into(tenant_leads::table)
        .values((
            tenant_leads::name.eq(name),
            tenant_leads::email.eq(email),
            tenant_leads::company.eq(company),
            tenant_leads::phone.eq(phone),
            tenant_leads::message.eq(message),
            tenant_leads::digest.eq(digest.as_slice()),
        ))
        .on_conflict(tenant_leads::digest)
        // What changes nothing still answers the row that is there.
        .do_update()
        .set(tenant_leads::digest.eq(digest.as_slice()))
        .returning(tenant_leads::id)
        .get_result(&mut connection)
        .await
        .or_internal()
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = tenant_leads, check_for_backend(diesel::pg::Pg))]
struct LeadRow {
    id: i64,
    name: String,
    email: String,
    company: Option<String>,
    phone: Option<String>,
    message: Option<String>,
    created_at: Instant,
    mailed_at: Option<Instant>,
}

impl From<LeadRow> for TenantLead {
    fn from(row: LeadRow) -> Self {
        let LeadRow { id, name, email, company, phone, message, created_at, mailed_at } = row;
        Self {
            id,
            asked: NewTenantLead { name, email, company, phone, message },
            created_at: created_at.0,
            mailed_at: mailed_at.map(|instant| instant.0),
        }
    }
}

/// Leads beyond an id, the oldest first, at most `limit`.
pub(super) async fn list(
    mut connection: &Connection,
    after: i64,
    limit: i64,
) -> Result<Vec<TenantLead>> {
    let rows: Vec<LeadRow> = tenant_leads::table
        .filter(tenant_leads::id.gt(after))
        .order(tenant_leads::id)
        .limit(limit)
        .select(LeadRow::as_select())
        .load(&mut connection)
        .await
        .or_internal()?;
    Ok(rows.into_iter().map(TenantLead::from).collect())
}

/// The oldest lead of which the operator was not mailed.
pub(super) async fn unmailed(mut connection: &Connection) -> Result<Option<TenantLead>> {
    let row: Option<LeadRow> = tenant_leads::table
        .filter(tenant_leads::mailed_at.is_null())
        .order(tenant_leads::id)
        .select(LeadRow::as_select())
        .first(&mut connection)
        .await
        .optional()
        .or_internal()?;
    Ok(row.map(TenantLead::from))
}

/// Notes that the operator was mailed of a lead.
pub(super) async fn mark_mailed(mut connection: &Connection, id: i64) -> Result<()> {
    diesel::update(tenant_leads::table.find(id))
        .set(tenant_leads::mailed_at.eq(diesel::dsl::now))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}
