//! The only file that names the table of signed agreements.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use steward_cleaning_schema::signed_agreements;
use steward_database::{Connection, Instant, List, Listed, Record, ResultExt};
use steward_kernel::list::Field;

use steward_kernel::{Error, Result, TenantId, time};

use super::model::{SignedAgreement, already_signed};

#[derive(Queryable, Selectable)]
#[diesel(table_name = signed_agreements, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: i64,
    agreement_id: i64,
    agreement_name: String,
    revision: i32,
    user_id: i64,
    client_cleaner_request_id: Option<i64>,
    signer_name: String,
    signer_email: Option<String>,
    #[diesel(select_expression = signed_agreements::signature_image.is_not_null())]
    is_drawn: bool,
    signed_at: Instant,
    ip_address: Option<String>,
    user_agent: Option<String>,
    body: String,
    sha256: String,
    file_id: Option<i64>,
    created_at: Instant,
    updated_at: Instant,
    version: i32,
}

impl From<Row> for SignedAgreement {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            agreement_id: row.agreement_id,
            agreement_name: row.agreement_name,
            revision: row.revision,
            user_id: row.user_id,
            assignment: row.client_cleaner_request_id,
            signer_name: row.signer_name,
            signer_email: row.signer_email,
            is_drawn: row.is_drawn,
            signed_at: row.signed_at.into(),
            ip_address: row.ip_address,
            user_agent: row.user_agent,
            body: row.body,
            sha256: row.sha256,
            file_id: row.file_id,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            version: row.version,
        }
    }
}

/// What is recorded when somebody signs.
#[derive(Insertable)]
#[diesel(table_name = signed_agreements)]
pub struct NewSignature<'a> {
    pub agreement_id: i64,
    pub agreement_name: &'a str,
    pub revision: i32,
    pub user_id: i64,
    pub client_cleaner_request_id: Option<i64>,
    pub signer_name: &'a str,
    pub signer_email: Option<&'a str>,
    pub signature_image: Option<&'a [u8]>,
    pub signed_at: Instant,
    pub ip_address: Option<String>,
    pub user_agent: Option<String>,
    pub body: &'a str,
    pub sha256: &'a str,
}

/// Records a signature.
///
/// # Errors
/// ALREADY_EXISTS when the revision is signed.
pub async fn insert(
    mut connection: &Connection,
    tenant: TenantId,
    new: NewSignature<'_>,
) -> Result<SignedAgreement> {
    diesel::insert_into(signed_agreements::table)
        .values((signed_agreements::tenant_id.eq(tenant.0), new))
        .returning(Row::as_returning())
        .get_result(&mut connection)
        .await
        .on_constraint("signed_agreements_once_key", already_signed)
        .map(SignedAgreement::from)
}

/// Which revisions of some agreements users have signed, about an assignment or about none: ids of
/// agreements, revisions, and ids of users.
pub async fn signatures(
    mut connection: &Connection,
    tenant: TenantId,
    agreements: &[i64],
    users: &[i64],
    assignment: Option<i64>,
) -> Result<Vec<(i64, i32, i64)>> {
    signed_agreements::table
        .filter(signed_agreements::tenant_id.eq(tenant.0))
        .filter(signed_agreements::agreement_id.eq_any(agreements))
        .filter(signed_agreements::user_id.eq_any(users))
        .filter(signed_agreements::client_cleaner_request_id.is_not_distinct_from(assignment))
        .filter(signed_agreements::deleted_at.is_null())
        .select((
            signed_agreements::agreement_id,
            signed_agreements::revision,
            signed_agreements::user_id,
        ))
        .load(&mut connection)
        .await
        .or_internal()
}

/// Whether a user has signed any revision of any of some agreements.
pub async fn has_signed(
    mut connection: &Connection,
    tenant: TenantId,
    user: i64,
    agreements: &[i64],
) -> Result<bool> {
    let found = signed_agreements::table
        .filter(signed_agreements::tenant_id.eq(tenant.0))
        .filter(signed_agreements::user_id.eq(user))
        .filter(signed_agreements::agreement_id.eq_any(agreements))
        .filter(signed_agreements::deleted_at.is_null());
    diesel::select(diesel::dsl::exists(found)).get_result(&mut connection).await.or_internal()
}

/// The drawn signature.
pub async fn image(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
) -> Result<Option<Vec<u8>>> {
    let found: Option<Option<Vec<u8>>> = signed_agreements::table
        .find((tenant.0, id))
        .select(signed_agreements::signature_image)
        .first(&mut connection)
        .await
        .optional()
        .or_internal()?;
    Ok(found.flatten())
}

/// Notes the file of the PDF. Answers whether there was none.
pub async fn set_file(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
    file: i64,
) -> Result<bool> {
    let updated = diesel::update(signed_agreements::table.find((tenant.0, id)))
        .filter(signed_agreements::file_id.is_null())
        .set(signed_agreements::file_id.eq(file))
        .execute(&mut connection)
        .await
        .or_internal()?;
    Ok(updated == 1)
}

/// Hides a signed agreement.
pub async fn delete(mut connection: &Connection, tenant: TenantId, id: i64) -> Result<()> {
    let deleted = diesel::update(signed_agreements::table.find((tenant.0, id)))
        .filter(signed_agreements::deleted_at.is_null())
        .set(signed_agreements::deleted_at.eq(Instant(time::now())))
        .execute(&mut connection)
        .await
        .or_internal()?;
    if deleted == 0 { Err(SignedAgreement::not_found(id)) } else { Ok(()) }
}

impl Record for SignedAgreement {
    fn id(&self) -> i64 {
        self.id
    }

    fn not_found(id: i64) -> Error {
        Error::not_found("SignedAgreement", id)
    }

    async fn many(
        mut connection: &Connection,
        tenant: TenantId,
        ids: &[i64],
    ) -> Result<Vec<SignedAgreement>> {
        let rows: Vec<Row> = signed_agreements::table
            .filter(signed_agreements::tenant_id.eq(tenant.0))
            .filter(signed_agreements::id.eq_any(ids))
            .filter(signed_agreements::deleted_at.is_null())
            .select(Row::as_select())
            .load(&mut connection)
            .await
            .or_internal()?;
        Ok(rows.into_iter().map(SignedAgreement::from).collect())
    }
}

impl Listed for SignedAgreement {
    const LIST: List = List {
        table: "cleaning.signed_agreements",
        key: "id",
        only: "r.deleted_at IS NULL",
        search: "",
        counted: None,
        fields: &FIELDS,
    };
}

pub static AGREEMENT: &Field = &FIELDS[0];
pub static USER: &Field = &FIELDS[1];
pub static ID: &Field = &FIELDS[2];

static FIELDS: [Field; 3] = [
    Field::integer("agreement_id", "r.agreement_id"),
    Field::integer("user_id", "r.user_id"),
    Field::integer("id", "r.id"),
];
