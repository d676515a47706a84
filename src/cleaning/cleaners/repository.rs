//! The only file that names the table of cleaners.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use steward_cleaning_schema::{cleaners, paid_cleaners};
use steward_database::{Connection, Day, Instant, Json, List, Listed, Record, ResultExt};
use steward_kernel::list::Field;
use steward_kernel::local::Date;
use steward_kernel::time::Timestamp;
use steward_kernel::{Error, Result, TenantId, time};

use super::model::{Applicant, Cleaner, CleanerInput, Contract};
use super::status::Status;
use super::{areas, labels};
use crate::reason::email_taken;
use crate::tenant_locations::model::TenantLocation;
use crate::wire::Address;

#[derive(Queryable, Selectable)]
#[diesel(table_name = paid_cleaners, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: i64,
    user_id: i64,
    status: i16,
    first_name: String,
    last_name: String,
    email: String,
    phone: Option<String>,
    address: Option<Json<Address>>,
    birthday: Option<Day>,
    image_url: Option<String>,
    bio: Option<String>,
    languages: Vec<String>,
    works_with_pets: bool,
    t_shirt_size: Option<String>,
    travel_mode: Option<String>,
    send_new_job_noty: bool,
    hourly_rate: i64,
    lead_source_id: Option<i64>,
    churn_reason_id: Option<i64>,
    hired_at: Option<Instant>,
    stopped_at: Option<Instant>,
    applicant: Option<Json<Applicant>>,
    contract: Option<Json<Contract>>,
    created_at: Instant,
    updated_at: Instant,
    version: i32,
    currency: String,
}

impl Row {
    fn with(self, labels: Vec<labels::Label>, areas: Vec<TenantLocation>) -> Result<Cleaner> {
        Ok(Cleaner {
            id: self.id,
            user_id: self.user_id,
            status: stored(self.status)?,
            written: CleanerInput {
                first_name: self.first_name,
                last_name: self.last_name,
                email: self.email,
                phone: self.phone,
                address: self.address.map(|Json(address)| address),
                birthday: self.birthday.map(Date::from),
                image_url: self.image_url,
                bio: self.bio,
                languages: self.languages,
                works_with_pets: self.works_with_pets,
                t_shirt_size: self.t_shirt_size,
                travel_mode: self.travel_mode,
                send_new_job_noty: self.send_new_job_noty,
                hourly_rate: Some(self.hourly_rate),
                lead_source_id: self.lead_source_id,
                applicant: self.applicant.map(|Json(applicant)| applicant),
            },
            churn_reason_id: self.churn_reason_id,
            hired_at: self.hired_at.map(Timestamp::from),
            stopped_at: self.stopped_at.map(Timestamp::from),
            labels,
            areas,
            contract: self.contract.map(|Json(contract)| contract),
            currency: self.currency,
            created_at: self.created_at.into(),
            updated_at: self.updated_at.into(),
            version: self.version,
        })
    }
}

fn stored(status: i16) -> Result<Status> {
    Status::of_number(status).ok_or_else(|| Error::internal("a status of a later version"))
}

/// The columns that are written, but for the rate.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = cleaners, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Written<'a> {
    first_name: &'a str,
    last_name: &'a str,
    email: &'a str,
    phone: Option<&'a str>,
    address: Option<Json<Address>>,
    birthday: Option<Day>,
    image_url: Option<&'a str>,
    bio: Option<&'a str>,
    languages: &'a [String],
    works_with_pets: bool,
    t_shirt_size: Option<&'a str>,
    travel_mode: Option<&'a str>,
    send_new_job_noty: bool,
    lead_source_id: Option<i64>,
    applicant: Option<Json<Applicant>>,
}

impl<'a> From<&'a CleanerInput> for Written<'a> {
    fn from(input: &'a CleanerInput) -> Self {
        let CleanerInput {
            first_name,
            last_name,
            email,
            phone,
            address,
            birthday,
            image_url,
            bio,
            languages,
            works_with_pets,
            t_shirt_size,
            travel_mode,
            send_new_job_noty,
            hourly_rate: _,
            lead_source_id,
            applicant,
        } = input;
        Self {
            first_name,
            last_name,
            email,
            phone: phone.as_deref(),
            address: address.clone().map(Json),
            birthday: birthday.map(Day),
            image_url: image_url.as_deref(),
            bio: bio.as_deref(),
            languages,
            works_with_pets: *works_with_pets,
            t_shirt_size: t_shirt_size.as_deref(),
            travel_mode: travel_mode.as_deref(),
            send_new_job_noty: *send_new_job_noty,
            lead_source_id: *lead_source_id,
            applicant: applicant.clone().map(Json),
        }
    }
}

/// Records a cleaner of a user; answers the id.
pub async fn insert(
    mut connection: &Connection,
    tenant: TenantId,
    (user_id, status): (i64, Status),
    input: &CleanerInput,
    hourly_rate: i64,
) -> Result<i64> {
    let hired_at = (status == Status::Active).then(|| Instant(time::now()));
    diesel::insert_into(cleaners::table)
        .values((
            cleaners::tenant_id.eq(tenant.0),
            cleaners::user_id.eq(user_id),
            cleaners::status.eq(status.number()),
            cleaners::hired_at.eq(hired_at),
            cleaners::hourly_rate.eq(hourly_rate),
            Written::from(input),
        ))
        .returning(cleaners::id)
        .get_result(&mut connection)
        .await
        .on_constraint("cleaners_email_key", email_taken)
}

/// Replaces what is written of a cleaner.
pub async fn update(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
    input: &CleanerInput,
    hourly_rate: i64,
) -> Result<()> {
    let updated = diesel::update(cleaners::table.find((tenant.0, id)))
        .filter(cleaners::deleted_at.is_null())
        .set((Written::from(input), cleaners::hourly_rate.eq(hourly_rate)))
        .execute(&mut connection)
        .await
        .on_constraint("cleaners_email_key", email_taken)?;
    if updated == 0 { Err(Cleaner::not_found(id)) } else { Ok(()) }
}

/// Writes what was agreed with a cleaner; what is absent of rate and sealed tax number stays.
pub async fn set_contract(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
    contract: &Contract,
    (hourly_rate, tax_id): (Option<i64>, Option<Vec<u8>>),
) -> Result<()> {
    diesel::update(cleaners::table.find((tenant.0, id)))
        .set((
            cleaners::contract.eq(Json(contract.clone())),
            hourly_rate.map(|rate| cleaners::hourly_rate.eq(rate)),
            tax_id.map(|tax_id| cleaners::tax_id.eq(tax_id)),
        ))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// Says whether a cleaner is told of new jobs.
pub async fn set_noty(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
    is_told: bool,
) -> Result<()> {
    diesel::update(cleaners::table.find((tenant.0, id)))
        .set(cleaners::send_new_job_noty.eq(is_told))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// Moves a cleaner on. Whoever is hired or stopped has the moment and the reason of that.
pub async fn set_status(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
    status: Status,
    churn_reason_id: Option<i64>,
) -> Result<()> {
    let now = Instant(time::now());
    let (is_hired, is_stopped) = (status == Status::Active, status == Status::Stopped);
    diesel::update(cleaners::table.find((tenant.0, id)))
        .set((
            cleaners::status.eq(status.number()),
            is_hired.then(|| cleaners::hired_at.eq(now)),
            is_stopped.then(|| {
                (cleaners::stopped_at.eq(now), cleaners::churn_reason_id.eq(churn_reason_id))
            }),
        ))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// Marks a cleaner as deleted.
pub async fn delete(mut connection: &Connection, tenant: TenantId, id: i64) -> Result<()> {
    diesel::update(cleaners::table.find((tenant.0, id)))
        .set(cleaners::deleted_at.eq(Instant(time::now())))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// Holds a cleaner until the transaction ends; answers the user and where the cleaner stands.
///
/// # Errors
/// NOT_FOUND.
pub async fn lock(mut connection: &Connection, tenant: TenantId, id: i64) -> Result<(i64, Status)> {
    let found: Option<(i64, i16)> = cleaners::table
        .find((tenant.0, id))
        .filter(cleaners::deleted_at.is_null())
        .select((cleaners::user_id, cleaners::status))
        .for_no_key_update()
        .first(&mut connection)
        .await
        .optional()
        .or_internal()?;
    let (user, status) = found.ok_or_else(|| Cleaner::not_found(id))?;
    Ok((user, stored(status)?))
}

/// Whether there is a cleaner.
///
/// # Errors
/// NOT_FOUND.
pub async fn check(mut connection: &Connection, tenant: TenantId, id: i64) -> Result<i64> {
    let found: Option<i64> = cleaners::table
        .find((tenant.0, id))
        .filter(cleaners::deleted_at.is_null())
        .select(cleaners::id)
        .first(&mut connection)
        .await
        .optional()
        .or_internal()?;
    found.ok_or_else(|| Cleaner::not_found(id))
}

/// The id of the cleaner who is a user.
///
/// # Errors
/// NOT_FOUND when the user is none.
pub async fn id_of_user(connection: &Connection, tenant: TenantId, user_id: i64) -> Result<i64> {
    let found = of_user(connection, tenant, user_id).await?;
    found.ok_or_else(|| Error::not_found("Cleaner of user", user_id))
}

/// The id of the cleaner who is a user, and whether they work for the company: applicants do not
/// yet.
///
/// # Errors
/// NOT_FOUND when the user is none.
pub async fn standing_of_user(
    mut connection: &Connection,
    tenant: TenantId,
    user_id: i64,
) -> Result<(i64, bool)> {
    let found: Option<(i64, i16)> = cleaners::table
        .filter(cleaners::tenant_id.eq(tenant.0))
        .filter(cleaners::user_id.eq(user_id))
        .filter(cleaners::deleted_at.is_null())
        .select((cleaners::id, cleaners::status))
        .first(&mut connection)
        .await
        .optional()
        .or_internal()?;
    let (id, status) = found.ok_or_else(|| Error::not_found("Cleaner of user", user_id))?;
    Ok((id, status == Status::Active.number()))
}

/// The id of the cleaner who is a user; nothing when the user is none.
pub async fn of_user(
    mut connection: &Connection,
    tenant: TenantId,
    user_id: i64,
) -> Result<Option<i64>> {
    cleaners::table
        .filter(cleaners::tenant_id.eq(tenant.0))
        .filter(cleaners::user_id.eq(user_id))
        .filter(cleaners::deleted_at.is_null())
        .select(cleaners::id)
        .first(&mut connection)
        .await
        .optional()
        .or_internal()
}

impl Record for Cleaner {
    fn id(&self) -> i64 {
        self.id
    }

    fn not_found(id: i64) -> Error {
        Error::not_found("Cleaner", id)
    }

    async fn many(
        mut connection: &Connection,
        tenant: TenantId,
        ids: &[i64],
    ) -> Result<Vec<Cleaner>> {
        let rows: Vec<Row> = paid_cleaners::table
            .filter(paid_cleaners::tenant_id.eq(tenant.0))
            .filter(paid_cleaners::id.eq_any(ids))
            .filter(paid_cleaners::deleted_at.is_null())
            .select(Row::as_select())
            .load(&mut connection)
            .await
            .or_internal()?;
        let mut labels = labels::of_cleaners(connection, tenant, ids).await?;
        let mut areas = areas::of_cleaners(connection, tenant, ids).await?;
        let with = |row: Row| {
            let id = row.id;
            row.with(labels.remove(&id).unwrap_or_default(), areas.remove(&id).unwrap_or_default())
        };
        rows.into_iter().map(with).collect()
    }
}

impl Listed for Cleaner {
    const LIST: List = List {
        table: "cleaning.cleaners",
        key: "id",
        only: "r.deleted_at IS NULL",
        search: "",
        counted: None,
        fields: &FIELDS,
    };
}

pub static STATUS: &Field = &FIELDS[0];
pub static BY_NAME: &[&Field] = &[&FIELDS[1]];

static FIELDS: [Field; 2] =
    [Field::integer("status", "r.status::bigint"), Field::text("last_name", "r.last_name")];
