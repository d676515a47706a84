//! Owners in the database.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use rust_decimal::Decimal;
use steward_database::{Connection, ResultExt};
use steward_kernel::{Error, Result, TenantId};
use steward_rentals_schema::{booking_settings, businesses};

use super::model::Terms;
use crate::booking_settings::repository::Row as SettingsRow;
use crate::money::Percent;
use crate::time::Zone;

/// What everything that is rented follows.
#[derive(Queryable, Selectable)]
#[diesel(table_name = businesses, check_for_backend(diesel::pg::Pg))]
struct TermsRow {
    language: i16,
    time_zone: String,
    country: String,
    currency: String,
    default_tax_rate: Decimal,
}

/// The terms of an owner, in one statement; the defaults where the owner has said nothing.
///
/// # Errors
/// INTERNAL for a zone that a later version knows.
pub(crate) async fn terms(mut connection: &Connection, tenant: TenantId) -> Result<Terms> {
    let (row, settings): (TermsRow, Option<SettingsRow>) = businesses::table
        .left_join(booking_settings::table)
        .filter(businesses::tenant_id.eq(tenant.0))
        .select((TermsRow::as_select(), Option::<SettingsRow>::as_select()))
        .first(&mut connection)
        .await
        .or_internal()?;
    let TermsRow { language, time_zone, country, currency, default_tax_rate } = row;
    Ok(Terms {
        zone: zone(&time_zone)?,
        currency,
        country,
        language,
        default_tax_rate: Percent::try_from(default_tax_rate).map_err(Error::internal)?,
        settings: settings.map(Into::into).unwrap_or_default(),
    })
}

/// The zone that is stored by its name.
fn zone(stored: &str) -> Result<Zone> {
    Zone::named(stored).ok_or_else(|| Error::internal("a zone of a later version"))
}
