//! Settings of bookings.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use steward_kernel::time::Timestamp;

use crate::time::{DayTimes, TimeOfDay};

/// How an owner rents. The default is what holds until the owner says otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookingSettings {
    /// When a rental starts on a day that is given without a time.
    pub default_start_time: TimeOfDay,
    /// When a rental ends on a day that is given without a time.
    pub default_end_time: TimeOfDay,
    /// How many days from today a booking starts that is created without dates; none leaves the
    /// dates open.
    pub default_start_offset_days: Option<u16>,
    /// How many days such a booking lasts, 1 to 365.
    pub default_duration_days: u16,
    /// How long before a booking its items are not free, in minutes.
    pub buffer_before_minutes: u32,
    /// How long after a booking its items are not free, in minutes.
    pub buffer_after_minutes: u32,
    /// How long what is overdue is taken for not free; none: until it was returned.
    pub overdue_hold_hours: Option<u32>,
    /// How late something may come back without costing more, in minutes.
    pub leeway_minutes: u32,
    /// Whether a fee for coming back late is added by itself.
    pub late_fee_automatic: bool,
    /// Whether taking more than there is has to be confirmed where it is allowed.
    pub require_shortage_confirmation: bool,
    /// What new items ask as a deposit: 1 nothing, 2 an amount, 3 a percentage of the value.
    pub deposit_kind: i16,
    /// The amount, or the percentage, to two decimals.
    pub deposit_value: Decimal,
    /// How many days a quote is valid, 1 to 365.
    pub quote_valid_days: u16,
    /// How many days a link for a customer is valid; none: it does not end.
    pub link_valid_days: Option<u16>,
    /// What the link for a customer shows.
    pub link_shares: LinkShares,
    /// Which mails are sent.
    pub emails: Emails,
    /// How many hours before the end a customer is reminded; none: not at all.
    pub return_reminder_hours: Option<u16>,
    /// The terms that are printed on contracts.
    pub terms: Texts,
    /// What is printed on all documents.
    pub document_notes: Texts,
    /// Whether signing needs a code that is mailed.
    pub signature_code_required: bool,
    /// Whether a booking is reserved when its quote is signed.
    pub reserve_on_quote_signed: bool,
    /// Whether the owner takes part in the insurance programme.
    pub insurance_enabled: bool,
    /// Whether bookings are then insured without being asked.
    pub insure_automatically: bool,
}

impl BookingSettings {
    /// Nothing is asked as a deposit.
    pub const DEPOSIT_NONE: i16 = 1;
    /// An amount is asked.
    pub const DEPOSIT_FIXED: i16 = 2;
    /// A percentage of the value is asked.
    pub const DEPOSIT_PERCENTAGE: i16 = 3;

    /// What a day without a time means.
    #[must_use]
    pub const fn day_times(&self) -> DayTimes {
        DayTimes { start: self.default_start_time, end: self.default_end_time }
    }
}

impl Default for BookingSettings {
    fn default() -> Self {
        Self {
            default_start_time: TimeOfDay::MIDNIGHT,
            default_end_time: TimeOfDay::DAY_END,
            default_start_offset_days: None,
            default_duration_days: 1,
            buffer_before_minutes: 0,
            buffer_after_minutes: 0,
            overdue_hold_hours: Some(24),
            leeway_minutes: 0,
            late_fee_automatic: false,
            require_shortage_confirmation: false,
            deposit_kind: Self::DEPOSIT_NONE,
            deposit_value: Decimal::ZERO,
            quote_valid_days: 15,
            link_valid_days: None,
            link_shares: LinkShares::default(),
            emails: Emails::default(),
            return_reminder_hours: Some(24),
            terms: Texts::default(),
            document_notes: Texts::default(),
            signature_code_required: false,
            reserve_on_quote_signed: false,
            insurance_enabled: false,
            insure_automatically: true,
        }
    }
}

/// The settings of an owner.
#[derive(Debug, Clone, Default)]
pub struct SettingsAnswer {
    /// The settings.
    pub settings: BookingSettings,
    /// Who joined the insurance programme, while it is joined.
    pub joined: Option<Joined>,
    /// When the owner said something first.
    pub created_at: Option<Timestamp>,
    /// When the settings were changed last.
    pub updated_at: Option<Timestamp>,
}

/// Who joined the insurance programme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    /// Who it was, as callers are named.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// What the link for a customer shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LinkShares {
    /// What is booked.
    pub items: bool,
    /// What it costs.
    pub prices: bool,
    /// Documents.
    pub documents: bool,
    /// Payments.
    pub payments: bool,
    /// How to reach the owner.
    pub contact: bool,
    /// Insurance.
    pub insurance: bool,
    /// What has happened.
    pub activities: bool,
}

impl Default for LinkShares {
    fn default() -> Self {
        Self {
            items: true,
            prices: true,
            documents: true,
            payments: true,
            contact: true,
            insurance: false,
            activities: false,
        }
    }
}

/// Which mails are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Emails {
    /// A quote was made.
    pub quote: bool,
    /// A booking was reserved.
    pub reserved: bool,
    /// Items were picked up.
    pub picked_up: bool,
    /// A booking is over.
    pub completed: bool,
    /// A booking was cancelled.
    pub cancelled: bool,
    /// A document was signed.
    pub signature: bool,
    /// Items are to be returned.
    pub return_reminder: bool,
    /// Somebody inquired.
    pub inquiry: bool,
}

impl Default for Emails {
    fn default() -> Self {
        Self {
            quote: true,
            reserved: true,
            picked_up: true,
            completed: true,
            cancelled: true,
            signature: true,
            return_reminder: true,
            inquiry: true,
        }
    }
}

/// A text by language; languages without one have none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Texts {
    /// In English.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub en: Option<String>,
    /// In Portuguese.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pt: Option<String>,
    /// In Spanish.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub es: Option<String>,
}
