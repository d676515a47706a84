//! How a company works, with what holds for one that never said anything.
//!
//! Stored as one document, in which a setting that is not there has its default.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use steward_kernel::TenantId;
use steward_kernel::time::Timestamp;

/// How a company works.
#[derive(Debug, Clone)]
pub struct TenantSettings {
    /// Id of the company.
    pub id: TenantId,
    /// All settings.
    pub groups: Groups,
    /// When they were made.
    pub created_at: Timestamp,
    /// When they were changed last.
    pub updated_at: Timestamp,
    /// Grows with every change.
    pub version: i32,
}

/// All settings, as they are stored.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Groups {
    /// How visits are planned.
    pub scheduling: Scheduling,
    /// How bookings come about.
    pub booking: Booking,
    /// What happens when a cleaner cannot get in.
    pub exceptions: Exceptions,
    /// What happens when somebody cancels.
    pub cancellation: Cancellation,
    /// How clients are billed.
    pub billing: Billing,
    /// How work is counted.
    pub timesheet: Timesheet,
    /// What cleaners earn beside their hours, in smallest units; 0 is off.
    pub incentives: Incentives,
    /// How the score of a cleaner is made.
    pub cleanscore: Cleanscore,
    /// What is sent, and how.
    pub messages: Messages,
}

/// How visits are planned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Scheduling {
    /// Days ahead for which visits exist.
    pub horizon_days: i32,
    /// Minutes between two times that are offered.
    pub slot_minutes: i32,
    /// Days of work, 0 Sunday to 6 Saturday.
    pub work_days: Vec<i32>,
    /// When a day of work starts.
    pub workday_start: String,
    /// When a day of work ends.
    pub workday_end: String,
    /// Day that a week starts with.
    pub week_starts_on: i32,
    /// Hours between a booking and its first visit, at least.
    pub min_lead_hours: i32,
    /// How cleaners travel.
    pub travel_mode: String,
    /// Minutes added to every way.
    pub travel_buffer_minutes: i32,
    /// Shortest way in minutes.
    pub min_travel_minutes: i32,
    /// Minutes of a way of which nothing is known.
    pub default_travel_minutes: i32,
    /// Whether a cleaner stays reserved during a pause.
    pub pause_keeps_slot: bool,
    /// Longest pause in days.
    pub max_pause_days: i32,
    /// When clients may prefer a visit to start.
    pub time_preferences: Vec<TimePreference>,
}

impl Default for Scheduling {
    fn default() -> Self {
        Self {
            horizon_days: 90,
            slot_minutes: 30,
            work_days: vec![1, 2, 3, 4, 5],
            workday_start: "08:00".to_owned(),
            workday_end: "18:00".to_owned(),
            week_starts_on: 1,
            min_lead_hours: 0,
            travel_mode: "driving".to_owned(),
            travel_buffer_minutes: 0,
            min_travel_minutes: 5,
            default_travel_minutes: 15,
            pause_keeps_slot: false,
            max_pause_days: 90,
            time_preferences: TimePreference::standard(),
        }
    }
}

/// How bookings come about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Booking {
    /// Whether bookings wait for approval.
    pub require_approval: bool,
    /// What a claim does.
    pub claim_mode: String,
    /// Minutes a claim is held for approval.
    pub claim_hold_minutes: i32,
    /// Whether cleaners are told of new jobs.
    pub notify_new_jobs: bool,
}

impl Default for Booking {
    fn default() -> Self {
        Self {
            require_approval: false,
            claim_mode: "firstClaim".to_owned(),
            claim_hold_minutes: 120,
            notify_new_jobs: true,
        }
    }
}

/// What happens when a cleaner cannot get in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Exceptions {
    /// Minutes until access counts as refused.
    pub access_window_minutes: i32,
    /// What the client is charged then.
    pub lockout_charge_percent: i32,
    /// What the cleaner is paid then.
    pub lockout_pay_percent: i32,
}

impl Default for Exceptions {
    fn default() -> Self {
        Self { access_window_minutes: 10, lockout_charge_percent: 100, lockout_pay_percent: 50 }
    }
}

/// What happens when somebody cancels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cancellation {
    /// Hours a client has to choose after a cleaner cancelled.
    pub choice_hours: i32,
    /// What is chosen for a client who does not, as the contract numbers it.
    pub default_choice: i32,
    /// How much of a visit is credited.
    pub cleaner_cancel_credit_percent: i32,
    /// What clients who want to leave are offered.
    pub churn_offer: ChurnOffer,
}

impl Default for Cancellation {
    fn default() -> Self {
        Self {
            choice_hours: 24,
            default_choice: 2,
            cleaner_cancel_credit_percent: 100,
            churn_offer: ChurnOffer::default(),
        }
    }
}

/// How clients are billed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Billing {
    /// Hour of the service day at which visits are billed.
    pub billing_hour: i32,
    /// Tax in percent.
    pub tax_percent: Decimal,
    /// Minutes of extra time that cost nothing.
    pub extra_time_tolerance_minutes: i32,
    /// Which extra time is billed.
    pub bill_extra_time: String,
    /// What new cleaners earn an hour, in smallest units.
    pub default_cleaner_rate: i64,
}

impl Default for Billing {
    fn default() -> Self {
        Self {
            billing_hour: 6,
            tax_percent: Decimal::ZERO,
            extra_time_tolerance_minutes: 0,
            bill_extra_time: "worked".to_owned(),
            default_cleaner_rate: 0,
        }
    }
}

/// How work is counted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Timesheet {
    /// Minutes that times are rounded to.
    pub rounding_minutes: i32,
    /// Minutes after which an open punch is told.
    pub open_punch_alert_minutes: i32,
    /// Hours of a week after which overtime starts; absent: never.
    pub overtime_weekly_hours: Option<i32>,
    /// By how much overtime is paid.
    pub overtime_multiplier: Decimal,
    /// Minutes after which an arrival is late.
    pub on_time_grace_minutes: i32,
}

impl Default for Timesheet {
    fn default() -> Self {
        Self {
            rounding_minutes: 15,
            open_punch_alert_minutes: 120,
            overtime_weekly_hours: Some(40),
            overtime_multiplier: Decimal::new(15, 1),
            on_time_grace_minutes: 0,
        }
    }
}

/// What cleaners earn beside their hours, in smallest units; 0 is off.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Incentives {
    /// For an arrival in time.
    pub on_time_arrival: i64,
    /// For a week without a cancellation.
    pub no_cancellation_week: i64,
    /// For a rating of five stars.
    pub five_star_rating: i64,
    /// On the birthday.
    pub birthday: i64,
}

/// How the score of a cleaner is made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cleanscore {
    /// Days that count.
    pub window_days: i32,
    /// Active bookings that give full marks.
    pub target_active_bookings: i32,
    /// Average tip that gives full marks, in smallest units; absent: ten units.
    pub target_tip: Option<i64>,
    /// What counts how much.
    pub weights: Weights,
}

impl Default for Cleanscore {
    fn default() -> Self {
        Self {
            window_days: 180,
            target_active_bookings: 10,
            target_tip: None,
            weights: Weights::default(),
        }
    }
}

/// What is sent, and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Messages {
    /// Address that mail comes from.
    pub email_from: Option<String>,
    /// Whether text messages are sent.
    pub sms_enabled: bool,
    /// Whether pushes are sent.
    pub push_enabled: bool,
    /// Whether references of applicants are asked by themselves.
    pub auto_reference_check: bool,
    /// Texts in place of those of steward, by their names.
    pub templates: BTreeMap<String, String>,
}

impl Default for Messages {
    fn default() -> Self {
        Self {
            email_from: None,
            sms_enabled: false,
            push_enabled: true,
            auto_reference_check: true,
            templates: BTreeMap::new(),
        }
    }
}

/// Hours in which a client prefers a visit to start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TimePreference {
    /// Number of the preference, from 1.
    pub id: i32,
    /// Earliest start.
    pub start_time: String,
    /// Latest start.
    pub end_time: String,
}

/// Names of the preferences in the order of their numbers.
pub const TIME_PREFERENCES: [&str; 4] = ["Any", "Morning", "Afternoon", "Evening"];

impl TimePreference {
    fn standard() -> Vec<Self> {
        let hours =
            [("08:00", "18:00"), ("08:00", "12:00"), ("12:00", "16:00"), ("16:00", "20:00")];
        (1..)
            .zip(hours)
            .map(|(id, (start, end))| Self {
                id,
                start_time: start.to_owned(),
                end_time: end.to_owned(),
            })
            .collect()
    }
}

/// What a client who wants to leave is offered.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChurnOffer {
    /// Discount in percent; 0 is no offer.
    pub percent: i32,
    /// For how many visits.
    pub visits: i32,
}

/// What counts how much for the score of a cleaner.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Weights {
    /// Ratings.
    pub rating: i32,
    /// Active bookings.
    pub active_bookings: i32,
    /// The average tip.
    pub average_tip: i32,
    /// Cancellations.
    pub cancellations: i32,
    /// Clients who tip.
    pub tipping_clients: i32,
    /// Arrivals in time.
    pub on_time: i32,
    /// Feedback.
    pub feedback: i32,
    /// Tasks done.
    pub tasks: i32,
}

impl Default for Weights {
    fn default() -> Self {
        Self {
            rating: 30,
            active_bookings: 10,
            average_tip: 10,
            cancellations: 15,
            tipping_clients: 10,
            on_time: 15,
            feedback: 5,
            tasks: 5,
        }
    }
}
