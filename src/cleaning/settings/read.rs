//! Settings from proto to model. What is absent has its default.

use super::model::{
    Billing, Booking, Cancellation, Cleanscore, Exceptions, Groups, Incentives, Messages,
    Scheduling, Timesheet,
};
use super::rules::Rules;
use crate::pb;
use steward_kernel::Result;

/// Reads all settings; amounts are in `currency`. Of the texts by names those that are not given
/// stay as they are at `present`.
pub fn groups(
    message: Option<pb::TenantSettings>,
    currency: &str,
    present: Groups,
) -> Result<Groups> {
    let mut rules = Rules::new(currency);
    let v = &mut rules;
    let pb::TenantSettings {
        id: _,
        scheduling: plan,
        booking: book,
        exceptions: except,
        cancellation: cancel,
        billing: bill,
        timesheet: time,
        incentives: incite,
        cleanscore: score,
        messages: message,
        created_at: _,
        updated_at: _,
        version: _,
    } = v.0.required_message(message);
    let groups = Groups {
        scheduling: scheduling(v, plan.unwrap_or_default()),
        booking: booking(v, book.unwrap_or_default()),
        exceptions: exceptions(v, except.unwrap_or_default()),
        cancellation: cancellation(v, cancel.unwrap_or_default()),
        billing: billing(v, bill.unwrap_or_default()),
        timesheet: timesheet(v, time),
        incentives: incentives(v, incite.unwrap_or_default()),
        cleanscore: cleanscore(v, score.unwrap_or_default()),
        messages: messages(v, message.unwrap_or_default(), present.messages),
    };
    rules.finish(groups)
}

fn scheduling(v: &mut Rules<'_>, message: pb::SchedulingSettings) -> Scheduling {
    let or = Scheduling::default();
    let pb::SchedulingSettings {
        horizon_days,
        slot_minutes,
        work_days,
        workday_start,
        workday_end,
        week_starts_on,
        min_lead_hours,
        travel_mode,
        travel_buffer_minutes,
        min_travel_minutes,
        default_travel_minutes,
        pause_keeps_slot,
        max_pause_days,
        time_preferences,
    } = message;
    let start = v.clock("scheduling.workday_start", workday_start, or.workday_start);
    let end = v.clock("scheduling.workday_end", workday_end, or.workday_end);
    let (workday_start, workday_end) = v.workday(start, end);
    Scheduling {
        horizon_days: v.range("scheduling.horizon_days", horizon_days, 28..=366, or.horizon_days),
        slot_minutes: v.one_of(
            "scheduling.slot_minutes",
            slot_minutes,
            &[15, 30, 60],
            or.slot_minutes,
        ),
        work_days: v.work_days(work_days, or.work_days),
        workday_start,
        workday_end,
        week_starts_on: v.range(
            "scheduling.week_starts_on",
            week_starts_on,
            0..=6,
            or.week_starts_on,
        ),
        min_lead_hours: v.range(
            "scheduling.min_lead_hours",
            min_lead_hours,
            0..=720,
            or.min_lead_hours,
        ),
        travel_mode: v.word(
            "scheduling.travel_mode",
            travel_mode,
            &["driving", "walking", "bicycling", "transit"],
            or.travel_mode,
        ),
        travel_buffer_minutes: v.range(
            "scheduling.travel_buffer_minutes",
            travel_buffer_minutes,
            0..=240,
            or.travel_buffer_minutes,
        ),
        min_travel_minutes: v.range(
            "scheduling.min_travel_minutes",
            min_travel_minutes,
            0..=240,
            or.min_travel_minutes,
        ),
        default_travel_minutes: v.range(
            "scheduling.default_travel_minutes",
            default_travel_minutes,
            0..=240,
            or.default_travel_minutes,
        ),
        pause_keeps_slot: pause_keeps_slot.unwrap_or(or.pause_keeps_slot),
        max_pause_days: v.range(
            "scheduling.max_pause_days",
            max_pause_days,
            1..=366,
            or.max_pause_days,
        ),
        time_preferences: v.preferences(time_preferences, or.time_preferences),
    }
}

fn booking(v: &mut Rules<'_>, message: pb::BookingSettings) -> Booking {
    let or = Booking::default();
    let pb::BookingSettings { require_approval, claim_mode, claim_hold_minutes, notify_new_jobs } =
        message;
    Booking {
        require_approval: require_approval.unwrap_or(or.require_approval),
        claim_mode: v.word(
            "booking.claim_mode",
            claim_mode,
            &["firstClaim", "approval"],
            or.claim_mode,
        ),
        claim_hold_minutes: v.range(
            "booking.claim_hold_minutes",
            claim_hold_minutes,
            1..=10080,
            or.claim_hold_minutes,
        ),
        notify_new_jobs: notify_new_jobs.unwrap_or(or.notify_new_jobs),
    }
}

fn exceptions(v: &mut Rules<'_>, message: pb::ExceptionSettings) -> Exceptions {
    let or = Exceptions::default();
    let pb::ExceptionSettings {
        access_window_minutes,
        lockout_charge_percent,
        lockout_pay_percent,
    } = message;
    Exceptions {
        access_window_minutes: v.range(
            "exceptions.access_window_minutes",
            access_window_minutes,
            5..=30,
            or.access_window_minutes,
        ),
        lockout_charge_percent: v.range(
            "exceptions.lockout_charge_percent",
            lockout_charge_percent,
            0..=100,
            or.lockout_charge_percent,
        ),
        lockout_pay_percent: v.range(
            "exceptions.lockout_pay_percent",
            lockout_pay_percent,
            0..=100,
            or.lockout_pay_percent,
        ),
    }
}

fn cancellation(v: &mut Rules<'_>, message: pb::CancellationSettings) -> Cancellation {
    let or = Cancellation::default();
    let pb::CancellationSettings {
        choice_hours,
        default_choice,
        cleaner_cancel_credit_percent,
        churn_offer,
    } = message;
    Cancellation {
        choice_hours: v.range("cancellation.choice_hours", choice_hours, 1..=168, or.choice_hours),
        default_choice: v.range(
            "cancellation.default_choice",
            default_choice,
            1..=3,
            or.default_choice,
        ),
        cleaner_cancel_credit_percent: v.range(
            "cancellation.cleaner_cancel_credit_percent",
            cleaner_cancel_credit_percent,
            0..=100,
            or.cleaner_cancel_credit_percent,
        ),
        churn_offer: v.offer(churn_offer),
    }
}

fn billing(v: &mut Rules<'_>, message: pb::BillingSettings) -> Billing {
    let or = Billing::default();
    let pb::BillingSettings {
        billing_hour,
        tax_percent,
        extra_time_tolerance_minutes,
        bill_extra_time,
        default_cleaner_rate,
    } = message;
    Billing {
        billing_hour: v.range("billing.billing_hour", billing_hour, 0..=23, or.billing_hour),
        tax_percent: v.decimal("billing.tax_percent", tax_percent, (0, 100), or.tax_percent),
        extra_time_tolerance_minutes: v.range(
            "billing.extra_time_tolerance_minutes",
            extra_time_tolerance_minutes,
            0..=120,
            or.extra_time_tolerance_minutes,
        ),
        bill_extra_time: v.word(
            "billing.bill_extra_time",
            bill_extra_time,
            &["worked", "granted"],
            or.bill_extra_time,
        ),
        default_cleaner_rate: v
            .money("billing.default_cleaner_rate", default_cleaner_rate)
            .unwrap_or(or.default_cleaner_rate),
    }
}

fn timesheet(v: &mut Rules<'_>, message: Option<pb::TimesheetSettings>) -> Timesheet {
    let or = Timesheet::default();
    // Overtime that never starts is told by absence, once there is anything at all.
    let Some(message) = message else { return or };
    let pb::TimesheetSettings {
        rounding_minutes,
        open_punch_alert_minutes,
        overtime_weekly_hours,
        overtime_multiplier,
        on_time_grace_minutes,
    } = message;
    Timesheet {
        rounding_minutes: v.one_of(
            "timesheet.rounding_minutes",
            rounding_minutes,
            &[0, 1, 5, 6, 15],
            or.rounding_minutes,
        ),
        open_punch_alert_minutes: v.range(
            "timesheet.open_punch_alert_minutes",
            open_punch_alert_minutes,
            1..=1440,
            or.open_punch_alert_minutes,
        ),
        overtime_weekly_hours: overtime_weekly_hours
            .map(|hours| v.range("timesheet.overtime_weekly_hours", Some(hours), 1..=168, hours)),
        overtime_multiplier: v.decimal(
            "timesheet.overtime_multiplier",
            overtime_multiplier,
            (1, 5),
            or.overtime_multiplier,
        ),
        on_time_grace_minutes: v.range(
            "timesheet.on_time_grace_minutes",
            on_time_grace_minutes,
            0..=120,
            or.on_time_grace_minutes,
        ),
    }
}

fn incentives(v: &mut Rules<'_>, message: pb::IncentiveSettings) -> Incentives {
    let or = Incentives::default();
    let pb::IncentiveSettings { on_time_arrival, no_cancellation_week, five_star_rating, birthday } =
        message;
    Incentives {
        on_time_arrival: v
            .money("incentives.on_time_arrival", on_time_arrival)
            .unwrap_or(or.on_time_arrival),
        no_cancellation_week: v
            .money("incentives.no_cancellation_week", no_cancellation_week)
            .unwrap_or(or.no_cancellation_week),
        five_star_rating: v
            .money("incentives.five_star_rating", five_star_rating)
            .unwrap_or(or.five_star_rating),
        birthday: v.money("incentives.birthday", birthday).unwrap_or(or.birthday),
    }
}

fn cleanscore(v: &mut Rules<'_>, message: pb::CleanscoreSettings) -> Cleanscore {
    let or = Cleanscore::default();
    let pb::CleanscoreSettings { window_days, target_active_bookings, target_tip, weights } =
        message;
    Cleanscore {
        window_days: v.range("cleanscore.window_days", window_days, 1..=730, or.window_days),
        target_active_bookings: v.range(
            "cleanscore.target_active_bookings",
            target_active_bookings,
            1..=1000,
            or.target_active_bookings,
        ),
        target_tip: v.positive_money("cleanscore.target_tip", target_tip),
        weights: v.weights(weights),
    }
}

fn messages(v: &mut Rules<'_>, message: pb::MessageSettings, present: Messages) -> Messages {
    let or = Messages::default();
    let pb::MessageSettings {
        email_from,
        sms_enabled,
        push_enabled,
        auto_reference_check,
        templates,
    } = message;
    Messages {
        email_from: v
            .0
            .email("messages.email_from", email_from)
            .filter(|address| !address.is_empty()),
        sms_enabled: sms_enabled.unwrap_or(or.sms_enabled),
        push_enabled: push_enabled.unwrap_or(or.push_enabled),
        auto_reference_check: auto_reference_check.unwrap_or(or.auto_reference_check),
        templates: v.templates(templates, present.templates),
    }
}
