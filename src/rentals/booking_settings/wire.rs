//! Settings of bookings between proto and model.

use rust_decimal::Decimal;
use steward_contracts::google::r#type::Decimal as DecimalMessage;
use steward_kernel::validate::Violations;
use steward_kernel::{Result, TenantId, text};

use super::model::{BookingSettings, Emails, LinkShares, SettingsAnswer, Texts};
use crate::money::{Money, NumberError, Percent};
use crate::pb;
use crate::time::TimeOfDay;
use crate::wire::{decimal, stated, timestamp};

/// Reads settings that are the whole of what is written.
pub fn input(message: Option<pb::BookingSettings>) -> Result<BookingSettings> {
    let mut violations = Violations::below("booking_settings");
    let message = violations.required_message(message);
    let settings = read(&mut violations, message);
    violations.finish(settings)
}

fn read(violations: &mut Violations, message: pb::BookingSettings) -> BookingSettings {
    let pb::BookingSettings {
        id: _,
        default_start_time,
        default_end_time,
        default_start_offset_days,
        default_duration_days,
        buffer_before_minutes,
        buffer_after_minutes,
        overdue_hold_hours,
        leeway_minutes,
        late_fee_mode,
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
        created_at: _,
        updated_at: _,
        etag: _,
    } = message;
    let usual = BookingSettings::default();
    let start = clock(violations, "default_start_time", default_start_time);
    let end = clock(violations, "default_end_time", default_end_time);
    let mut short = |field: &str, value: Option<i32>, least: i32, most: i32| {
        value.map(|value| {
            violations.range(field, value, least..=most);
            u16::try_from(value).unwrap_or_default()
        })
    };
    let offset = short("default_start_offset_days", default_start_offset_days, 0, 365);
    let duration = short("default_duration_days", default_duration_days, 1, 365);
    let quote = short("quote_valid_days", quote_valid_days, 1, 365);
    let link = short("link_valid_days", link_valid_days, 1, 730);
    let reminder = short("return_reminder_hours", return_reminder_hours, 0, 168);
    let mut long = |field: &str, value: Option<i32>, most: i32| {
        value.map(|value| {
            violations.range(field, value, 0..=most);
            u32::try_from(value).unwrap_or_default()
        })
    };
    let before = long("buffer_before_minutes", buffer_before_minutes, 43200);
    let after = long("buffer_after_minutes", buffer_after_minutes, 43200);
    let overdue = long("overdue_hold_hours", overdue_hold_hours, 720);
    let leeway = long("leeway_minutes", leeway_minutes, 720);
    let deposit_kind = stated(deposit_kind).unwrap_or(usual.deposit_kind);
    BookingSettings {
        default_start_time: start.unwrap_or(usual.default_start_time),
        default_end_time: end.unwrap_or(usual.default_end_time),
        default_start_offset_days: offset,
        default_duration_days: duration.unwrap_or(usual.default_duration_days),
        buffer_before_minutes: before.unwrap_or(usual.buffer_before_minutes),
        buffer_after_minutes: after.unwrap_or(usual.buffer_after_minutes),
        overdue_hold_hours: overdue,
        leeway_minutes: leeway.unwrap_or(usual.leeway_minutes),
        late_fee_automatic: late_fee_mode == pb::LateFeeMode::Automatic as i32,
        require_shortage_confirmation: require_shortage_confirmation.unwrap_or_default(),
        deposit_kind,
        deposit_value: deposit(violations, deposit_kind, deposit_value),
        quote_valid_days: quote.unwrap_or(usual.quote_valid_days),
        link_valid_days: link,
        link_shares: shares(link_shares.unwrap_or_default()),
        emails: mails(emails.unwrap_or_default()),
        return_reminder_hours: reminder,
        terms: texts(violations, "terms", terms.unwrap_or_default()),
        document_notes: texts(violations, "document_notes", document_notes.unwrap_or_default()),
        signature_code_required: signature_code_required.unwrap_or_default(),
        reserve_on_quote_signed: reserve_on_quote_signed.unwrap_or_default(),
        insurance_enabled: insurance_enabled.unwrap_or_default(),
        insure_automatically: insure_automatically.unwrap_or(usual.insure_automatically),
    }
}

fn clock(violations: &mut Violations, field: &str, value: Option<String>) -> Option<TimeOfDay> {
    let time = TimeOfDay::parse(value?.trim());
    if time.is_none() {
        let name = text::sentence(field);
        violations.format(field, format!("{name} is not a time such as 09:30."));
    }
    time
}

/// Reads what a deposit of a kind is: an amount, or a percentage.
fn deposit(violations: &mut Violations, kind: i16, value: Option<DecimalMessage>) -> Decimal {
    let field = "deposit_value";
    let Some(value) = value else { return Decimal::ZERO };
    let Ok(value) = Decimal::from_str_exact(&value.value) else {
        violations.format(field, "Deposit value is not a number.");
        return Decimal::ZERO;
    };
    let checked = match kind {
        BookingSettings::DEPOSIT_PERCENTAGE => Percent::try_from(value).map(drop),
        _ if value < Decimal::ZERO => Err(NumberError::OutOfRange),
        _ => Money::try_from(value).map(drop),
    };
    match checked {
        Ok(()) => {}
        Err(NumberError::TooPrecise) => {
            violations.format(field, "Deposit value has more than two decimals.");
        }
        Err(NumberError::OutOfRange) => {
            let message = match kind {
                BookingSettings::DEPOSIT_PERCENTAGE => "Deposit value is not between 0 and 100.",
                _ => "Deposit value is not between 0 and 999999999.99.",
            };
            violations.named(field, "OUT_OF_RANGE", message);
        }
    }
    value
}

fn shares(message: pb::LinkShares) -> LinkShares {
    let pb::LinkShares { items, prices, documents, payments, contact, insurance, activities } =
        message;
    let usual = LinkShares::default();
    LinkShares {
        items: items.unwrap_or(usual.items),
        prices: prices.unwrap_or(usual.prices),
        documents: documents.unwrap_or(usual.documents),
        payments: payments.unwrap_or(usual.payments),
        contact: contact.unwrap_or(usual.contact),
        insurance: insurance.unwrap_or(usual.insurance),
        activities: activities.unwrap_or(usual.activities),
    }
}

fn mails(message: pb::BookingEmails) -> Emails {
    let pb::BookingEmails {
        quote,
        reserved,
        picked_up,
        completed,
        cancelled,
        signature,
        return_reminder,
        inquiry,
    } = message;
    let usual = Emails::default();
    Emails {
        quote: quote.unwrap_or(usual.quote),
        reserved: reserved.unwrap_or(usual.reserved),
        picked_up: picked_up.unwrap_or(usual.picked_up),
        completed: completed.unwrap_or(usual.completed),
        cancelled: cancelled.unwrap_or(usual.cancelled),
        signature: signature.unwrap_or(usual.signature),
        return_reminder: return_reminder.unwrap_or(usual.return_reminder),
        inquiry: inquiry.unwrap_or(usual.inquiry),
    }
}

fn texts(violations: &mut Violations, field: &str, message: pb::LocalizedTexts) -> Texts {
    let pb::LocalizedTexts { en, pt, es } = message;
    let mut text = |language: &str, value: Option<String>| {
        violations.tidy(&format!("{field}.{language}"), value, 20_000)
    };
    Texts { en: text("en", en), pt: text("pt", pt), es: text("es", es) }
}

/// Writes the settings of a tenant.
pub fn settings(tenant: TenantId, answer: SettingsAnswer) -> pb::BookingSettings {
    let SettingsAnswer { settings, joined: _, created_at, updated_at } = answer;
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
    let late_fee_mode =
        if late_fee_automatic { pb::LateFeeMode::Automatic } else { pb::LateFeeMode::Manual };
    pb::BookingSettings {
        id: tenant.0,
        default_start_time: Some(default_start_time.to_string()),
        default_end_time: Some(default_end_time.to_string()),
        default_start_offset_days: default_start_offset_days.map(i32::from),
        default_duration_days: Some(default_duration_days.into()),
        buffer_before_minutes: Some(buffer_before_minutes.cast_signed()),
        buffer_after_minutes: Some(buffer_after_minutes.cast_signed()),
        overdue_hold_hours: overdue_hold_hours.map(u32::cast_signed),
        leeway_minutes: Some(leeway_minutes.cast_signed()),
        late_fee_mode: late_fee_mode.into(),
        require_shortage_confirmation: Some(require_shortage_confirmation),
        deposit_kind: deposit_kind.into(),
        deposit_value: Some(decimal(deposit_value)),
        quote_valid_days: Some(quote_valid_days.into()),
        link_valid_days: link_valid_days.map(i32::from),
        link_shares: Some(written_shares(link_shares)),
        emails: Some(written_mails(emails)),
        return_reminder_hours: return_reminder_hours.map(i32::from),
        terms: Some(written_texts(terms)),
        document_notes: Some(written_texts(document_notes)),
        signature_code_required: Some(signature_code_required),
        reserve_on_quote_signed: Some(reserve_on_quote_signed),
        insurance_enabled: Some(insurance_enabled),
        insure_automatically: Some(insure_automatically),
        created_at: created_at.map(timestamp),
        updated_at: updated_at.map(timestamp),
        etag: String::new(),
    }
}

fn written_shares(shares: LinkShares) -> pb::LinkShares {
    let LinkShares { items, prices, documents, payments, contact, insurance, activities } = shares;
    pb::LinkShares {
        items: Some(items),
        prices: Some(prices),
        documents: Some(documents),
        payments: Some(payments),
        contact: Some(contact),
        insurance: Some(insurance),
        activities: Some(activities),
    }
}

fn written_mails(emails: Emails) -> pb::BookingEmails {
    let Emails {
        quote,
        reserved,
        picked_up,
        completed,
        cancelled,
        signature,
        return_reminder,
        inquiry,
    } = emails;
    pb::BookingEmails {
        quote: Some(quote),
        reserved: Some(reserved),
        picked_up: Some(picked_up),
        completed: Some(completed),
        cancelled: Some(cancelled),
        signature: Some(signature),
        return_reminder: Some(return_reminder),
        inquiry: Some(inquiry),
    }
}

fn written_texts(texts: Texts) -> pb::LocalizedTexts {
    let Texts { en, pt, es } = texts;
    pb::LocalizedTexts { en, pt, es }
}
