//! Settings from model to proto.

use super::model::{
    Billing, Booking, Cancellation, Cleanscore, Exceptions, Groups, Incentives, Messages,
    Scheduling, TIME_PREFERENCES, TenantSettings, TimePreference, Timesheet, Weights,
};
use crate::wire::{decimal, timestamp};
use crate::{money, pb};

/// Writes settings; amounts are in `currency`.
pub fn settings(settings: TenantSettings, currency: &str) -> pb::TenantSettings {
    let TenantSettings { id, groups, created_at, updated_at, version } = settings;
    let Groups {
        scheduling: plan,
        booking: book,
        exceptions: except,
        cancellation: cancel,
        billing: bill,
        timesheet: time,
        incentives: incite,
        cleanscore: score,
        messages: message,
    } = groups;
    pb::TenantSettings {
        id: id.0,
        scheduling: Some(scheduling(plan)),
        booking: Some(booking(book)),
        exceptions: Some(exceptions(except)),
        cancellation: Some(cancellation(cancel)),
        billing: Some(billing(bill, currency)),
        timesheet: Some(timesheet(time)),
        incentives: Some(incentives(incite, currency)),
        cleanscore: Some(cleanscore(score, currency)),
        messages: Some(messages(message)),
        created_at: Some(timestamp(created_at)),
        updated_at: Some(timestamp(updated_at)),
        version,
    }
}

fn scheduling(group: Scheduling) -> pb::SchedulingSettings {
    let Scheduling {
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
    } = group;
    pb::SchedulingSettings {
        horizon_days: Some(horizon_days),
        slot_minutes: Some(slot_minutes),
        work_days,
        workday_start: Some(workday_start),
        workday_end: Some(workday_end),
        week_starts_on: Some(week_starts_on),
        min_lead_hours: Some(min_lead_hours),
        travel_mode: Some(travel_mode),
        travel_buffer_minutes: Some(travel_buffer_minutes),
        min_travel_minutes: Some(min_travel_minutes),
        default_travel_minutes: Some(default_travel_minutes),
        pause_keeps_slot: Some(pause_keeps_slot),
        max_pause_days: Some(max_pause_days),
        time_preferences: time_preferences.into_iter().map(preference).collect(),
    }
}

fn booking(group: Booking) -> pb::BookingSettings {
    let Booking { require_approval, claim_mode, claim_hold_minutes, notify_new_jobs } = group;
    pb::BookingSettings {
        require_approval: Some(require_approval),
        claim_mode: Some(claim_mode),
        claim_hold_minutes: Some(claim_hold_minutes),
        notify_new_jobs: Some(notify_new_jobs),
    }
}

fn exceptions(group: Exceptions) -> pb::ExceptionSettings {
    let Exceptions { access_window_minutes, lockout_charge_percent, lockout_pay_percent } = group;
    pb::ExceptionSettings {
        access_window_minutes: Some(access_window_minutes),
        lockout_charge_percent: Some(lockout_charge_percent),
        lockout_pay_percent: Some(lockout_pay_percent),
    }
}

fn cancellation(group: Cancellation) -> pb::CancellationSettings {
    let Cancellation { choice_hours, default_choice, cleaner_cancel_credit_percent, churn_offer } =
        group;
    pb::CancellationSettings {
        choice_hours: Some(choice_hours),
        default_choice: Some(default_choice),
        cleaner_cancel_credit_percent: Some(cleaner_cancel_credit_percent),
        churn_offer: Some(pb::ChurnOffer {
            percent: Some(churn_offer.percent),
            visits: Some(churn_offer.visits),
        }),
    }
}

fn billing(group: Billing, currency: &str) -> pb::BillingSettings {
    let Billing {
        billing_hour,
        tax_percent,
        extra_time_tolerance_minutes,
        bill_extra_time,
        default_cleaner_rate,
    } = group;
    pb::BillingSettings {
        billing_hour: Some(billing_hour),
        tax_percent: Some(decimal(tax_percent)),
        extra_time_tolerance_minutes: Some(extra_time_tolerance_minutes),
        bill_extra_time: Some(bill_extra_time),
        default_cleaner_rate: Some(money::write(default_cleaner_rate, currency)),
    }
}

fn timesheet(group: Timesheet) -> pb::TimesheetSettings {
    let Timesheet {
        rounding_minutes,
        open_punch_alert_minutes,
        overtime_weekly_hours,
        overtime_multiplier,
        on_time_grace_minutes,
    } = group;
    pb::TimesheetSettings {
        rounding_minutes: Some(rounding_minutes),
        open_punch_alert_minutes: Some(open_punch_alert_minutes),
        overtime_weekly_hours,
        overtime_multiplier: Some(decimal(overtime_multiplier)),
        on_time_grace_minutes: Some(on_time_grace_minutes),
    }
}

fn incentives(group: Incentives, currency: &str) -> pb::IncentiveSettings {
    let Incentives { on_time_arrival, no_cancellation_week, five_star_rating, birthday } = group;
    pb::IncentiveSettings {
        on_time_arrival: Some(money::write(on_time_arrival, currency)),
        no_cancellation_week: Some(money::write(no_cancellation_week, currency)),
        five_star_rating: Some(money::write(five_star_rating, currency)),
        birthday: Some(money::write(birthday, currency)),
    }
}

fn cleanscore(group: Cleanscore, currency: &str) -> pb::CleanscoreSettings {
    let Cleanscore { window_days, target_active_bookings, target_tip, weights } = group;
    pb::CleanscoreSettings {
        window_days: Some(window_days),
        target_active_bookings: Some(target_active_bookings),
        target_tip: Some(
            target_tip.map_or_else(|| money::ten(currency), |tip| money::write(tip, currency)),
        ),
        weights: Some(weights_message(weights)),
    }
}

fn messages(group: Messages) -> pb::MessageSettings {
    let Messages { email_from, sms_enabled, push_enabled, auto_reference_check, templates } = group;
    pb::MessageSettings {
        email_from,
        sms_enabled: Some(sms_enabled),
        push_enabled: Some(push_enabled),
        auto_reference_check: Some(auto_reference_check),
        templates: Some(serde_json::json!(templates).to_string()),
    }
}

fn preference(preference: TimePreference) -> pb::TimePreference {
    let TimePreference { id, start_time, end_time } = preference;
    let at = usize::try_from(id - 1).unwrap_or_default();
    let name = TIME_PREFERENCES.get(at).copied().unwrap_or_default().to_owned();
    pb::TimePreference { id, name, start_time, end_time }
}

fn weights_message(weights: Weights) -> pb::CleanscoreWeights {
    let Weights {
        rating,
        active_bookings,
        average_tip,
        cancellations,
        tipping_clients,
        on_time,
        feedback,
        tasks,
    } = weights;
    pb::CleanscoreWeights {
        rating: Some(rating),
        active_bookings: Some(active_bookings),
        average_tip: Some(average_tip),
        cancellations: Some(cancellations),
        tipping_clients: Some(tipping_clients),
        on_time: Some(on_time),
        feedback: Some(feedback),
        tasks: Some(tasks),
    }
}
