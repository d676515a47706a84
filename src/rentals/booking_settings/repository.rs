//! Settings of bookings in the database.

use diesel::dsl::now;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use rust_decimal::Decimal;
use steward_database::{Connection, Instant, Json, ResultExt};
use steward_kernel::{Result, TenantId};
use steward_rentals_schema::booking_settings;

use super::model::{BookingSettings, Emails, Joined, LinkShares, SettingsAnswer, Texts};
use crate::time::TimeOfDay;

/// A manual fee for coming back late.
const LATE_FEE_MANUAL: i16 = 1;
/// A fee that is added by itself.
const LATE_FEE_AUTOMATIC: i16 = 2;

/// The row of a tenant.
#[derive(Queryable, Selectable)]
#[diesel(table_name = booking_settings, check_for_backend(diesel::pg::Pg))]
pub(crate) struct Row {
    default_start_time: i16,
    default_end_time: i16,
    default_start_offset_days: Option<i16>,
    default_duration_days: i16,
    buffer_before_minutes: i32,
    buffer_after_minutes: i32,
    overdue_hold_hours: Option<i32>,
    leeway_minutes: i32,
    late_fee_mode: i16,
    require_shortage_confirmation: bool,
    deposit_kind: i16,
    deposit_value: Decimal,
    quote_valid_days: i16,
    link_valid_days: Option<i16>,
    link_shares: Json<LinkShares>,
    emails: Json<Emails>,
    return_reminder_hours: Option<i16>,
    terms: Json<Texts>,
    document_notes: Json<Texts>,
    signature_code_required: bool,
    reserve_on_quote_signed: bool,
    insurance_enabled: bool,
    insure_automatically: bool,
}

/// What is stored as days or hours; the columns are checked not to be negative.
fn short(stored: i16) -> u16 {
    stored.unsigned_abs()
}

/// A stored time of the day; the column is checked not to be past its end.
fn time_of_day(minutes: i16) -> TimeOfDay {
    TimeOfDay::from_minutes(short(minutes)).unwrap_or(TimeOfDay::DAY_END)
}

impl From<Row> for BookingSettings {
    fn from(row: Row) -> Self {
        Self {
            default_start_time: time_of_day(row.default_start_time),
            default_end_time: time_of_day(row.default_end_time),
            default_start_offset_days: row.default_start_offset_days.map(short),
            default_duration_days: short(row.default_duration_days),
            buffer_before_minutes: row.buffer_before_minutes.unsigned_abs(),
            buffer_after_minutes: row.buffer_after_minutes.unsigned_abs(),
            overdue_hold_hours: row.overdue_hold_hours.map(i32::unsigned_abs),
            leeway_minutes: row.leeway_minutes.unsigned_abs(),
            late_fee_automatic: row.late_fee_mode == LATE_FEE_AUTOMATIC,
            require_shortage_confirmation: row.require_shortage_confirmation,
            deposit_kind: row.deposit_kind,
            deposit_value: row.deposit_value,
            quote_valid_days: short(row.quote_valid_days),
            link_valid_days: row.link_valid_days.map(short),
            link_shares: row.link_shares.0,
            emails: row.emails.0,
            return_reminder_hours: row.return_reminder_hours.map(short),
            terms: row.terms.0,
            document_notes: row.document_notes.0,
            signature_code_required: row.signature_code_required,
            reserve_on_quote_signed: row.reserve_on_quote_signed,
            insurance_enabled: row.insurance_enabled,
            insure_automatically: row.insure_automatically,
        }
    }
}

/// A row with who joined the insurance programme, and when all that was written.
#[derive(Queryable, Selectable)]
#[diesel(table_name = booking_settings, check_for_backend(diesel::pg::Pg))]
struct WholeRow {
    #[diesel(embed)]
    settings: Row,
    insurance_joined_by: Option<String>,
    insurance_joined_at: Option<Instant>,
    created_at: Instant,
    updated_at: Instant,
}

impl From<WholeRow> for SettingsAnswer {
    fn from(row: WholeRow) -> Self {
        let joined = row.insurance_joined_by.zip(row.insurance_joined_at);
        Self {
            settings: row.settings.into(),
            joined: joined.map(|(by, at)| Joined { by, at: at.into() }),
            created_at: Some(row.created_at.into()),
            updated_at: Some(row.updated_at.into()),
        }
    }
}

/// The columns that an owner writes.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = booking_settings, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Written<'a> {
    default_start_time: i16,
    default_end_time: i16,
    default_start_offset_days: Option<i16>,
    default_duration_days: i16,
    buffer_before_minutes: i32,
    buffer_after_minutes: i32,
    overdue_hold_hours: Option<i32>,
    leeway_minutes: i32,
    late_fee_mode: i16,
    require_shortage_confirmation: bool,
    deposit_kind: i16,
    deposit_value: Decimal,
    quote_valid_days: i16,
    link_valid_days: Option<i16>,
    link_shares: Json<&'a LinkShares>,
    emails: Json<&'a Emails>,
    return_reminder_hours: Option<i16>,
    terms: Json<&'a Texts>,
    document_notes: Json<&'a Texts>,
    signature_code_required: bool,
    reserve_on_quote_signed: bool,
    insurance_enabled: bool,
    insure_automatically: bool,
    insurance_joined_by: Option<&'a str>,
    insurance_joined_at: Option<Instant>,
}

impl<'a> Written<'a> {
    fn new(settings: &'a BookingSettings, joined: Option<&'a Joined>) -> Self {
        let BookingSettings {
            default_start_time,
            default_end_time,
            default_start_offset_days,
            default_duration_days,
            buffer_before_minutes,
            buffer_after_minutes,
            overdue_hold_hours,
            leeway_minutes,
            late_fee_automatic,
            require_shortage_confirmation,
            deposit_kind,
            deposit_value,
            quote_valid_days,
            link_valid_days,
            link_shares,
            emails,
            return_reminder_hours,
            terms,
            document_notes,
            signature_code_required,
            reserve_on_quote_signed,
            insurance_enabled,
            insure_automatically,
        } = settings;
        let late_fee_mode = if *late_fee_automatic { LATE_FEE_AUTOMATIC } else { LATE_FEE_MANUAL };
        Self {
            default_start_time: default_start_time.minutes().cast_signed(),
            default_end_time: default_end_time.minutes().cast_signed(),
            default_start_offset_days: default_start_offset_days.map(u16::cast_signed),
            default_duration_days: default_duration_days.cast_signed(),
            buffer_before_minutes: buffer_before_minutes.cast_signed(),
            buffer_after_minutes: buffer_after_minutes.cast_signed(),
            overdue_hold_hours: overdue_hold_hours.map(u32::cast_signed),
            leeway_minutes: leeway_minutes.cast_signed(),
            late_fee_mode,
            require_shortage_confirmation: *require_shortage_confirmation,
            deposit_kind: *deposit_kind,
            deposit_value: *deposit_value,
            quote_valid_days: quote_valid_days.cast_signed(),
            link_valid_days: link_valid_days.map(u16::cast_signed),
            link_shares: Json(link_shares),
            emails: Json(emails),
            return_reminder_hours: return_reminder_hours.map(u16::cast_signed),
            terms: Json(terms),
            document_notes: Json(document_notes),
            signature_code_required: *signature_code_required,
            reserve_on_quote_signed: *reserve_on_quote_signed,
            insurance_enabled: *insurance_enabled,
            insure_automatically: *insure_automatically,
            insurance_joined_by: joined.map(|joined| &*joined.by),
            insurance_joined_at: joined.map(|joined| joined.at.into()),
        }
    }
}

/// The settings of a tenant; the defaults while it has said nothing.
pub(crate) async fn get(mut connection: &Connection, tenant: TenantId) -> Result<SettingsAnswer> {
    let row: Option<WholeRow> = booking_settings::table
        .find(tenant.0)
        .select(WholeRow::as_select())
        .first(&mut connection)
        .await
        .optional()
        .or_internal()?;
    Ok(row.map(Into::into).unwrap_or_default())
}

/// Writes the settings of a tenant.
pub(crate) async fn put(
    mut connection: &Connection,
    tenant: TenantId,
    settings: &BookingSettings,
    joined: Option<&Joined>,
) -> Result<SettingsAnswer> {
    let row: WholeRow = diesel::insert_into(booking_settings::table)
        .values((booking_settings::tenant_id.eq(tenant.0), Written::new(settings, joined)))
        .on_conflict(booking_settings::tenant_id)
        .do_update()
        .set((Written::new(settings, joined), booking_settings::updated_at.eq(now)))
        .returning(WholeRow::as_returning())
        .get_result(&mut connection)
        .await
        .or_internal()?;
    Ok(row.into())
}
