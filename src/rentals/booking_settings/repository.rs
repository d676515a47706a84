//! Settings of bookings in the database.

use diesel::prelude::*;
use rust_decimal::Decimal;
use steward_database::{Instant, Json};
use steward_rentals_schema::booking_settings;

use super::model::{BookingSettings, Emails, LinkShares, Texts};
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
