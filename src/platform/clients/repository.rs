//! The only file that names the table of clients.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use steward_database::{Connection, Instant, ResultExt};
use steward_kernel::time::Timestamp;
use steward_kernel::{Error, Result, TenantId};

use super::model::{Client, SecretHash, Secrets};
use crate::schema::{clients, tenants};
use crate::tenants::family;

#[derive(Queryable, Selectable)]
#[diesel(table_name = clients, check_for_backend(diesel::pg::Pg))]
struct ClientRow {
    client_id: String,
    tenant_id: i64,
    name: String,
    secret_hash: Vec<u8>,
    previous_secret_hash: Option<Vec<u8>>,
    disabled_at: Option<Instant>,
}

/// A client with the family of its tenant.
type Row = (ClientRow, String);

impl TryFrom<Row> for Client {
    type Error = Error;

    fn try_from((row, stored): Row) -> Result<Self> {
        let ClientRow {
            client_id,
            tenant_id,
            name,
            secret_hash,
            previous_secret_hash,
            disabled_at,
        } = row;
        Ok(Self {
            client_id,
            tenant: TenantId(tenant_id),
            family: family(&stored)?,
            name,
            disabled: disabled_at.is_some(),
            secrets: Secrets {
                current: hash(&secret_hash)?,
                previous: previous_secret_hash.as_deref().map(hash).transpose()?,
            },
        })
    }
}

fn hash(bytes: &[u8]) -> Result<SecretHash> {
    bytes.try_into().map(SecretHash).map_err(Error::internal)
}

/// The client with an id, disabled or not.
pub(crate) async fn find(mut connection: &Connection, client_id: &str) -> Result<Option<Client>> {
    clients::table
        .inner_join(tenants::table)
        .filter(clients::client_id.eq(client_id))
        .select((ClientRow::as_select(), tenants::family))
        .first::<Row>(&mut connection)
        .await
        .optional()
        .or_internal()?
        .map(Client::try_from)
        .transpose()
}

/// The clients of the transaction's tenant, ordered by age.
pub(super) async fn list(mut connection: &Connection, tenant: TenantId) -> Result<Vec<Client>> {
    let rows: Vec<Row> = clients::table
        .inner_join(tenants::table)
        .filter(clients::tenant_id.eq(tenant.0))
        .order((clients::created_at, clients::client_id))
        .select((ClientRow::as_select(), tenants::family))
        .load(&mut connection)
        .await
        .or_internal()?;
    rows.into_iter().map(Client::try_from).collect()
}

pub(super) async fn insert(
    mut connection: &Connection,
    tenant: TenantId,
    client_id: &str,
    name: &str,
    hash: SecretHash,
) -> Result<()> {
    diesel::insert_into(clients::table)
        .values((
            clients::client_id.eq(client_id),
            clients::tenant_id.eq(tenant.0),
            clients::name.eq(name),
            clients::secret_hash.eq(hash.0.as_slice()),
        ))
        .execute(&mut connection)
        .await
        .on_constraint("clients_tenant_fkey", || Error::not_found("Tenant", tenant))
        .map(drop)
}

/// Makes the present secret the previous one.
pub(super) async fn rotate_secret(
    mut connection: &Connection,
    client: &Client,
    hash: SecretHash,
) -> Result<()> {
    diesel::update(clients::table.find((client.tenant.0, &client.client_id)))
        .set((
            clients::previous_secret_hash.eq(clients::secret_hash.nullable()),
            clients::secret_hash.eq(hash.0.as_slice()),
        ))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

pub(super) async fn disable(
    mut connection: &Connection,
    client: &Client,
    now: Timestamp,
) -> Result<()> {
    diesel::update(clients::table.find((client.tenant.0, &client.client_id)))
        .set(clients::disabled_at.eq(Instant(now)))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}
