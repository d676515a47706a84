//! Attachments in the database.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use steward_database::{Connection, Instant, List, Listed, Record, ResultExt};
use steward_facilities_schema::{
    attachment_details, attachments, issues, properties, property_units, users,
};
use steward_kernel::list::{Field, Filter, Operator, Value};
use steward_kernel::{Error, Result, TenantId};
use steward_platform::files::{Facts, ShownFile};

use super::actions::not_found;
use super::model::{Attachment, AttachmentInput, Parent};
use crate::users::model::Role;

#[derive(Queryable, Selectable)]
#[diesel(table_name = attachment_details, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: i64,
    property_unit_id: Option<i64>,
    property_id: Option<i64>,
    service_provider_id: Option<i64>,
    issue_id: Option<i64>,
    title: Option<String>,
    description: Option<String>,
    created_at: Instant,
    created_by: String,
    file_id: i64,
    filename: String,
    content_type: String,
    byte_size: i64,
    width: Option<i32>,
    height: Option<i32>,
    pages: Option<i32>,
}

impl TryFrom<Row> for Attachment {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let parent = row
            .property_unit_id
            .map(Parent::PropertyUnit)
            .or_else(|| row.property_id.map(Parent::Property))
            .or_else(|| row.service_provider_id.map(Parent::ServiceProvider))
            .or_else(|| row.issue_id.map(Parent::Issue))
            .ok_or_else(|| Error::internal("an attachment of nothing"))?;
        let Row { file_id, filename, content_type, byte_size, width, height, pages, .. } = row;
        let facts = Facts { width, height, pages };
        let url = String::new();
        Ok(Self {
            id: row.id,
            parent,
            title: row.title,
            description: row.description,
            file: ShownFile { id: file_id, filename, content_type, byte_size, facts, url },
            created_at: row.created_at.0,
            created_by: row.created_by,
        })
    }
}

impl Record for Attachment {
    fn id(&self) -> i64 {
        self.id
    }

    fn not_found(id: i64) -> Error {
        not_found(id)
    }

    async fn many(
        mut connection: &Connection,
        tenant: TenantId,
        ids: &[i64],
    ) -> Result<Vec<Attachment>> {
        let rows: Vec<Row> = attachment_details::table
            .filter(attachment_details::tenant_id.eq(tenant.0))
            .filter(attachment_details::id.eq_any(ids))
            .select(Row::as_select())
            .load(&mut connection)
            .await
            .or_internal()?;
        rows.into_iter().map(Attachment::try_from).collect()
    }
}

impl Listed for Attachment {
    const LIST: List = List {
        table: "facilities.attachment_details",
        key: "id",
        only: "",
        search: "",
        counted: None,
        fields: &FIELDS,
    };
}

static FIELDS: [Field; 15] = [
    Field::integer("id", "r.id"),
    UNIT,
    PROPERTY,
    PROVIDER,
    ISSUE,
    Field::text("title", "r.title"),
    Field::text("description", "r.description"),
    Field::text("filename", "r.filename"),
    Field::text("content_type", "r.content_type"),
    Field::integer("size", "r.byte_size"),
    Field::integer("width", "r.width"),
    Field::integer("height", "r.height"),
    Field::integer("pages", "r.pages"),
    Field::time("created", "r.created_at"),
    Field::text("created_by", "r.created_by"),
];

const UNIT: Field = Field::integer("property_unit_id", "r.property_unit_id");
const PROPERTY: Field = Field::integer("property_id", "r.property_id");
const PROVIDER: Field = Field::integer("service_provider_id", "r.service_provider_id");
const ISSUE: Field = Field::integer("issue_id", "r.issue_id");

/// The attachments of a record.
pub fn scope(parent: Parent) -> Filter {
    let (field, id) = match parent {
        Parent::PropertyUnit(id) => (&UNIT, id),
        Parent::Property(id) => (&PROPERTY, id),
        Parent::ServiceProvider(id) => (&PROVIDER, id),
        Parent::Issue(id) => (&ISSUE, id),
    };
    Filter::Compare(field, Operator::Equal, Value::Integer(id))
}

/// The rows of a tenant with an id, of any table.
macro_rules! rows {
    ($table:ident, $tenant:ident, $id:ident) => {
        $table::table
            .filter($table::tenant_id.eq($tenant.0))
            .filter($table::id.eq($id))
            .select($table::id)
    };
}

/// Whether there is such a record; nobody attaches to it or changes it until the transaction
/// ends.
pub async fn lock(mut connection: &Connection, tenant: TenantId, parent: Parent) -> Result<bool> {
    let found: QueryResult<i64> = match parent {
        Parent::PropertyUnit(id) => {
            let units = rows!(property_units, tenant, id).for_no_key_update();
            units.first(&mut connection).await
        }
        Parent::Property(id) => {
            rows!(properties, tenant, id).for_no_key_update().first(&mut connection).await
        }
        Parent::ServiceProvider(id) => {
            let providers =
                rows!(users, tenant, id).filter(users::role.eq(Role::ServiceProvider as i16));
            providers.for_no_key_update().first(&mut connection).await
        }
        Parent::Issue(id) => {
            rows!(issues, tenant, id).for_no_key_update().first(&mut connection).await
        }
    };
    Ok(found.optional().or_internal()?.is_some())
}

/// Whether there is such a record.
pub async fn exists(mut connection: &Connection, tenant: TenantId, parent: Parent) -> Result<bool> {
    let found: QueryResult<i64> = match parent {
        Parent::PropertyUnit(id) => rows!(property_units, tenant, id).first(&mut connection).await,
        Parent::Property(id) => rows!(properties, tenant, id).first(&mut connection).await,
        Parent::ServiceProvider(id) => {
            let providers =
                rows!(users, tenant, id).filter(users::role.eq(Role::ServiceProvider as i16));
            providers.first(&mut connection).await
        }
        Parent::Issue(id) => rows!(issues, tenant, id).first(&mut connection).await,
    };
    Ok(found.optional().or_internal()?.is_some())
}

type Matching = attachments::BoxedQuery<'static, diesel::pg::Pg>;

/// The attachments of a record.
fn of(tenant: TenantId, parent: Parent) -> Matching {
    let rows = attachments::table.filter(attachments::tenant_id.eq(tenant.0)).into_boxed();
    match parent {
        Parent::PropertyUnit(id) => rows.filter(attachments::property_unit_id.eq(id)),
        Parent::Property(id) => rows.filter(attachments::property_id.eq(id)),
        Parent::ServiceProvider(id) => rows.filter(attachments::service_provider_id.eq(id)),
        Parent::Issue(id) => rows.filter(attachments::issue_id.eq(id)),
    }
}

/// How many attachments a record has.
pub async fn count(mut connection: &Connection, tenant: TenantId, parent: Parent) -> Result<i64> {
    of(tenant, parent).count().get_result(&mut connection).await.or_internal()
}

#[derive(Insertable, Default)]
#[diesel(table_name = attachments)]
struct ParentValues {
    property_unit_id: Option<i64>,
    property_id: Option<i64>,
    service_provider_id: Option<i64>,
    issue_id: Option<i64>,
}

impl From<Parent> for ParentValues {
    fn from(parent: Parent) -> Self {
        let none = Self::default();
        match parent {
            Parent::PropertyUnit(id) => Self { property_unit_id: Some(id), ..none },
            Parent::Property(id) => Self { property_id: Some(id), ..none },
            Parent::ServiceProvider(id) => Self { service_provider_id: Some(id), ..none },
            Parent::Issue(id) => Self { issue_id: Some(id), ..none },
        }
    }
}

/// Attaches a file to a record that is locked.
pub async fn insert(
    mut connection: &Connection,
    tenant: TenantId,
    client: &str,
    input: &AttachmentInput,
    file: i64,
) -> Result<i64> {
    let AttachmentInput { parent, signed_id: _, title, description } = input;
    diesel::insert_into(attachments::table)
        .values((
            attachments::tenant_id.eq(tenant.0),
            ParentValues::from(*parent),
            attachments::file_id.eq(file),
            attachments::title.eq(title),
            attachments::description.eq(description),
            attachments::created_by.eq(client),
        ))
        .returning(attachments::id)
        .get_result(&mut connection)
        .await
        .or_internal()
}

/// Deletes an attachment; a trigger takes back the use of its file.
pub async fn delete(mut connection: &Connection, tenant: TenantId, id: i64) -> Result<bool> {
    let deleted = diesel::delete(attachments::table)
        .filter(attachments::tenant_id.eq(tenant.0))
        .filter(attachments::id.eq(id))
        .execute(&mut connection)
        .await
        .or_internal()?;
    Ok(deleted > 0)
}
