//! Endpoints and deliveries in the database.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use steward_database::{Connection, Instant, ResultExt};
use steward_kernel::time::Timestamp;
use steward_kernel::{Error, Result, TenantId};

use super::model::{Attempt, Contact, Delivery, Endpoint, NewEndpoint, State, TEST, Target};
use super::signature::Keys;
use crate::mail::Language;
use crate::schema::{webhook_deliveries as deliveries, webhook_endpoints as endpoints};

#[derive(Queryable, Selectable)]
#[diesel(table_name = endpoints, check_for_backend(diesel::pg::Pg))]
pub(super) struct EndpointRow {
    id: i64,
    url: String,
    types: Vec<String>,
    thin: bool,
    active: bool,
    disabled_reason: Option<String>,
    created_at: Instant,
    contact_email: Option<String>,
    contact_language: String,
    secret_changed_at: Option<Instant>,
}

impl From<EndpointRow> for Endpoint {
    fn from(row: EndpointRow) -> Self {
        let EndpointRow {
            id,
            url,
            types,
            thin,
            active,
            disabled_reason,
            created_at,
            contact_email,
            contact_language,
            secret_changed_at,
        } = row;
        let created_at = created_at.0;
        let language = Language::of_tag(&contact_language);
        let contact = Contact { email: contact_email, language };
        let secret_changed_at = secret_changed_at.map(Timestamp::from);
        Self {
            id,
            url,
            types,
            thin,
            active,
            disabled_reason,
            created_at,
            contact,
            secret_changed_at,
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = endpoints, check_for_backend(diesel::pg::Pg))]
struct KeysRow {
    secret: Vec<u8>,
    signing_key: Vec<u8>,
    previous_secret: Option<Vec<u8>>,
    previous_signing_key: Option<Vec<u8>>,
    previous_until: Option<Instant>,
    failing_since: Option<Instant>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = deliveries, check_for_backend(diesel::pg::Pg))]
pub(super) struct DeliveryRow {
    id: i64,
    endpoint_id: i64,
    sequence: Option<i64>,
    event_type: String,
    state: String,
    attempts: i32,
    status: Option<i32>,
    error: Option<String>,
    created_at: Instant,
    attempted_at: Option<Instant>,
}

impl From<DeliveryRow> for Delivery {
    fn from(row: DeliveryRow) -> Self {
        Self {
            id: row.id,
            endpoint_id: row.endpoint_id,
            sequence: row.sequence,
            event_type: row.event_type,
            state: State::from_stored(&row.state),
            attempts: row.attempts,
            status: row.status,
            error: row.error,
            created_at: row.created_at.0,
            attempted_at: row.attempted_at.map(Timestamp::from),
        }
    }
}

pub(super) async fn count(mut connection: &Connection, tenant: TenantId) -> Result<i64> {
    endpoints::table
        .filter(endpoints::tenant_id.eq(tenant.0))
        .count()
        .get_result(&mut connection)
        .await
        .or_internal()
}

pub(super) async fn insert(
    mut connection: &Connection,
    tenant: TenantId,
    new: &NewEndpoint,
    keys: &Keys,
) -> Result<Endpoint> {
    let NewEndpoint { url, types, patterns, thin, active, contact } = new;
    diesel::insert_into(endpoints::table)
        .values((
            endpoints::tenant_id.eq(tenant.0),
            endpoints::url.eq(url),
            endpoints::types.eq(types),
            endpoints::patterns.eq(patterns.patterns()),
            endpoints::thin.eq(thin),
            endpoints::active.eq(active),
            endpoints::contact_email.eq(&contact.email),
            endpoints::contact_language.eq(contact.language.tag()),
            endpoints::secret.eq(&keys.secret),
            endpoints::signing_key.eq(&keys.signing_key),
        ))
        .returning(EndpointRow::as_returning())
        .get_result(&mut connection)
        .await
        .map(Endpoint::from)
        .or_internal()
}

pub(super) async fn update(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
    new: &NewEndpoint,
) -> Result<Endpoint> {
    let NewEndpoint { url, types, patterns, thin, active, contact } = new;
    diesel::update(endpoints::table.find((tenant.0, id)))
        .set((
            endpoints::url.eq(url),
            endpoints::types.eq(types),
            endpoints::patterns.eq(patterns.patterns()),
            endpoints::thin.eq(thin),
            endpoints::active.eq(active),
            endpoints::contact_email.eq(&contact.email),
            endpoints::contact_language.eq(contact.language.tag()),
            endpoints::disabled_reason.eq(None::<String>),
            endpoints::failing_since.eq(None::<Instant>),
        ))
        .returning(EndpointRow::as_returning())
        .get_result(&mut connection)
        .await
        .optional()
        .or_internal()?
        .map(Endpoint::from)
        .ok_or_else(|| missing(id))
}

pub(super) async fn delete(mut connection: &Connection, tenant: TenantId, id: i64) -> Result<()> {
    let deleted = diesel::delete(endpoints::table.find((tenant.0, id)))
        .execute(&mut connection)
        .await
        .or_internal()?;
    if deleted == 0 { Err(missing(id)) } else { Ok(()) }
}

pub(super) async fn get(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
) -> Result<Endpoint> {
    endpoints::table
        .find((tenant.0, id))
        .select(EndpointRow::as_select())
        .first(&mut connection)
        .await
        .optional()
        .or_internal()?
        .map(Endpoint::from)
        .ok_or_else(|| missing(id))
}

/// An endpoint with its keys; those before the last rotation as long as they sign at `now`.
pub(super) async fn target(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
    now: Timestamp,
) -> Result<Target> {
    let (endpoint, row): (EndpointRow, KeysRow) = endpoints::table
        .find((tenant.0, id))
        .select((EndpointRow::as_select(), KeysRow::as_select()))
        .first(&mut connection)
        .await
        .optional()
        .or_internal()?
        .ok_or_else(|| missing(id))?;
    let still = row.previous_until.is_some_and(|until| now < until.0);
    let previous = row.previous_secret.zip(row.previous_signing_key).filter(|_| still);
    Ok(Target {
        endpoint: endpoint.into(),
        keys: Keys { secret: row.secret, signing_key: row.signing_key },
        previous: previous.map(|(secret, signing_key)| Keys { secret, signing_key }),
        failing_since: row.failing_since.map(Timestamp::from),
    })
}

/// Puts `keys` in the place of the present ones, which sign too `until` then.
pub(super) async fn rotate(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
    keys: &Keys,
    now: Timestamp,
    until: Timestamp,
) -> Result<Endpoint> {
    diesel::update(endpoints::table.find((tenant.0, id)))
        .set((
            endpoints::previous_secret.eq(endpoints::secret.nullable()),
            endpoints::previous_signing_key.eq(endpoints::signing_key.nullable()),
            endpoints::previous_until.eq(Instant(until)),
            endpoints::secret_changed_at.eq(Instant(now)),
            endpoints::secret.eq(&keys.secret),
            endpoints::signing_key.eq(&keys.signing_key),
        ))
        .returning(EndpointRow::as_returning())
        .get_result(&mut connection)
        .await
        .optional()
        .or_internal()?
        .map(Endpoint::from)
        .ok_or_else(|| missing(id))
}

/// Whether an endpoint is as it was when a message was posted to it. If not, somebody has changed
/// it, or another delivery has noted how it fares, and what the post tells is out of date.
fn is_still(posted_to: &Target) -> Still {
    endpoints::failing_since.is_not_distinct_from(posted_to.failing_since.map(Instant))
}

type Still = diesel::dsl::IsNotDistinctFrom<endpoints::failing_since, Option<Instant>>;

/// Notes how an endpoint fares: since when it fails, if it does.
pub(super) async fn note_health(
    mut connection: &Connection,
    tenant: TenantId,
    posted_to: &Target,
    failing_since: Option<Timestamp>,
) -> Result<()> {
    diesel::update(endpoints::table.find((tenant.0, posted_to.endpoint.id)))
        .filter(endpoints::url.eq(&posted_to.endpoint.url))
        .filter(is_still(posted_to))
        .set(endpoints::failing_since.eq(failing_since.map(Instant)))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// Turns an endpoint off. Answers it as it was before and after, unless it is off already.
pub(super) async fn turn_off(
    mut connection: &Connection,
    tenant: TenantId,
    posted_to: &Target,
    reason: &str,
) -> Result<Option<(Endpoint, Endpoint)>> {
    let id = posted_to.endpoint.id;
    let row: Option<EndpointRow> = diesel::update(endpoints::table.find((tenant.0, id)))
        .filter(endpoints::active)
        .filter(endpoints::url.eq(&posted_to.endpoint.url))
        .filter(is_still(posted_to))
        .set((endpoints::active.eq(false), endpoints::disabled_reason.eq(reason)))
        .returning(EndpointRow::as_returning())
        .get_result(&mut connection)
        .await
        .optional()
        .or_internal()?;
    Ok(row.map(Endpoint::from).map(|after| {
        // The update holds the row, and nothing else of it has changed.
        let before = Endpoint { active: true, disabled_reason: None, ..after.clone() };
        (before, after)
    }))
}

pub(super) async fn insert_test(
    mut connection: &Connection,
    tenant: TenantId,
    endpoint: i64,
) -> Result<Delivery> {
    diesel::insert_into(deliveries::table)
        .values((
            deliveries::tenant_id.eq(tenant.0),
            deliveries::endpoint_id.eq(endpoint),
            deliveries::event_type.eq(TEST),
        ))
        .returning(DeliveryRow::as_returning())
        .get_result(&mut connection)
        .await
        .map(Delivery::from)
        .on_constraint("webhook_deliveries_endpoint_fkey", || missing(endpoint))
}

/// A delivery, of `endpoint` where one is named.
pub(super) async fn delivery(
    mut connection: &Connection,
    tenant: TenantId,
    endpoint: Option<i64>,
    id: i64,
) -> Result<Delivery> {
    let found: Option<DeliveryRow> = deliveries::table
        .find((tenant.0, id))
        .select(DeliveryRow::as_select())
        .first(&mut connection)
        .await
        .optional()
        .or_internal()?;
    found
        .map(Delivery::from)
        .filter(|delivery| endpoint.is_none_or(|endpoint| endpoint == delivery.endpoint_id))
        .ok_or_else(|| Error::not_found("Webhook delivery", id))
}

/// Has a delivery wait again.
pub(super) async fn reopen(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
) -> Result<Delivery> {
    diesel::update(deliveries::table.find((tenant.0, id)))
        .set(deliveries::state.eq(State::Pending.stored()))
        .returning(DeliveryRow::as_returning())
        .get_result(&mut connection)
        .await
        .map(Delivery::from)
        .or_internal()
}

/// Notes an attempt, and what the delivery is after it.
pub(super) async fn note_attempt(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
    attempt: &Attempt,
    state: State,
    now: Timestamp,
) -> Result<()> {
    diesel::update(deliveries::table.find((tenant.0, id)))
        .set((
            deliveries::attempts.eq(deliveries::attempts + 1),
            deliveries::status.eq(attempt.status.map(i32::from)),
            deliveries::error.eq(attempt.error.as_deref()),
            deliveries::state.eq(state.stored()),
            deliveries::attempted_at.eq(Instant(now)),
        ))
        .execute(&mut connection)
        .await
        .or_internal()?;
    Ok(())
}

/// Ends a delivery that is pending. Does nothing when its endpoint was deleted.
pub(super) async fn give_up(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
    why: &str,
) -> Result<()> {
    diesel::update(deliveries::table.find((tenant.0, id)))
        .filter(deliveries::state.eq(State::Pending.stored()))
        .set((deliveries::error.eq(why), deliveries::state.eq(State::Failed.stored())))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

fn missing(id: i64) -> Error {
    Error::not_found("Webhook endpoint", id)
}
