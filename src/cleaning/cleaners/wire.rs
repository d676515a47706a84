//! What is asked of cleaners, between proto and model.

use steward_kernel::local::Date;
use steward_kernel::validate::Violations;
use steward_kernel::{Context, Result};

use super::hours::{self, Day};
use super::model::{
    Applicant, CleanerInput, NewCleaner, T_SHIRT_SIZES, TRAVEL_MODES, WorkExperience,
};
use super::status::Status;
use crate::caller::required_of_admins;
use crate::wire::{address, day, email, link, stated};
use crate::{money, pb};

/// Most areas that a cleaner comes with.
const MOST_AREAS: usize = 100;
/// Most languages of a cleaner.
const MOST_LANGUAGES: usize = 20;
/// Most places of work that an applicant names.
const MOST_PLACES: usize = 3;

/// A request to add a cleaner with all that may be said.
pub fn detailed(request: pb::AddCleanerRequest) -> pb::AddCleanerDetailedRequest {
    let pb::AddCleanerRequest {
        tenant_id,
        first_name,
        last_name,
        email,
        phone,
        password,
        address,
        lead_source_id,
        status,
        hourly_rate,
        tenant_location_ids,
    } = request;
    pb::AddCleanerDetailedRequest {
        tenant_id,
        first_name,
        last_name,
        email,
        phone,
        password,
        address,
        lead_source_id,
        status,
        hourly_rate,
        tenant_location_ids,
        ..pb::AddCleanerDetailedRequest::default()
    }
}

/// Reads a cleaner to add; amounts are in `currency`. Without a token only an applicant can be
/// added, who must be allowed to work where that is said.
pub fn new(
    request: pb::AddCleanerDetailedRequest,
    context: &Context,
    currency: &str,
) -> Result<NewCleaner> {
    let pb::AddCleanerDetailedRequest {
        tenant_id: _,
        first_name,
        last_name,
        email,
        phone,
        password,
        address,
        lead_source_id,
        status,
        hourly_rate,
        tenant_location_ids: mut areas,
        birthday,
        languages,
        works_with_pets,
        t_shirt_size,
        bio,
        applicant,
        unavailable_hours,
    } = request;
    let mut violations = Violations::below("");
    if context.is_anybody() {
        let reserved = [
            ("status", status != 0),
            ("hourly_rate", hourly_rate.is_some()),
            ("tenant_location_ids", !areas.is_empty()),
        ];
        for (field, _) in reserved.into_iter().filter(|(_, is_said)| *is_said) {
            violations.rule(field, "Only admins say this.");
        }
        if applicant.as_ref().is_some_and(|said| said.legally_eligible == Some(false)) {
            let message = "Only who is allowed to work can apply.";
            violations.rule("applicant.legally_eligible", message);
        }
    }
    let status = match status {
        0 if context.is_anybody() => Status::Applied,
        0 => Status::Active,
        number => {
            let known = stated(Some(number)).and_then(Status::of_number);
            known.filter(|status| *status <= Status::Active).unwrap_or_else(|| {
                violations
                    .rule("status", "A new cleaner is applied, checked, interviewed or active.");
                Status::Applied
            })
        }
    };
    areas.sort_unstable();
    areas.dedup();
    if areas.len() > MOST_AREAS {
        violations.rule("tenant_location_ids", format!("There are more than {MOST_AREAS} areas."));
    }
    let unavailable = (!unavailable_hours.is_empty())
        .then(|| hours::read(&mut violations, "unavailable_hours", unavailable_hours));
    let cleaner = pb::Cleaner {
        first_name: Some(first_name),
        last_name: Some(last_name),
        email: Some(email),
        phone,
        address,
        lead_source_id,
        hourly_rate,
        birthday,
        languages,
        works_with_pets,
        t_shirt_size,
        bio,
        applicant,
        ..pb::Cleaner::default()
    };
    let (_, written) = read(&mut violations, cleaner, currency);
    let password = violations.text("password", password, 128);
    let password = password.filter(|password| !password.is_empty()).map(Into::into);
    let unavailable = unavailable.map(whole_week);
    violations.finish(NewCleaner { written, password, status, areas, unavailable })
}

/// A week of which the days that are not said have no hours.
fn whole_week(days: Vec<Day>) -> Vec<Day> {
    let said = |week_day| days.iter().find(|day| day.week_day == week_day).cloned();
    (0..7).map(|week_day| said(week_day).unwrap_or(Day { week_day, ranges: Vec::new() })).collect()
}

/// Reads what is to be written of a cleaner; amounts are in `currency`. The id is 0 where cleaners
/// write themselves and do not say it.
pub fn input(
    message: Option<pb::Cleaner>,
    context: &Context,
    currency: &str,
) -> Result<(i64, CleanerInput)> {
    let mut violations = Violations::below("cleaner");
    let message = violations.required_message(message);
    required_of_admins(&mut violations, context, "id", message.id);
    let read = read(&mut violations, message, currency);
    violations.finish(read)
}

fn read(violations: &mut Violations, message: pb::Cleaner, currency: &str) -> (i64, CleanerInput) {
    let pb::Cleaner {
        id,
        user_id: _,
        status: _,
        first_name,
        last_name,
        email: mail,
        phone,
        address: home,
        birthday,
        image_url,
        bio,
        languages,
        works_with_pets,
        t_shirt_size,
        travel_mode,
        send_new_job_noty,
        hourly_rate,
        lead_source_id,
        churn_reason_id: _,
        hired_at: _,
        stopped_at: _,
        labels: _,
        tenant_locations: _,
        applicant: said,
        contract: _,
        currency: _,
        created_at: _,
        updated_at: _,
        version: _,
    } = message;
    let size = violations.tidy("t_shirt_size", t_shirt_size, 4);
    let size = size.map(|size| size.to_ascii_uppercase());
    if size.as_ref().is_some_and(|size| !T_SHIRT_SIZES.contains(&&**size)) {
        violations.rule("t_shirt_size", "T shirt size is XS, S, M, L, XL, XXL or XXXL.");
    }
    let mode = violations.tidy("travel_mode", travel_mode, 10);
    let mode = mode.map(|mode| mode.to_ascii_lowercase());
    if mode.as_ref().is_some_and(|mode| !TRAVEL_MODES.contains(&&**mode)) {
        violations.rule("travel_mode", "Travel mode is driving, walking, bicycling or transit.");
    }
    if languages.len() > MOST_LANGUAGES {
        violations.rule("languages", format!("There are more than {MOST_LANGUAGES} languages."));
    }
    let mut spoken = Vec::with_capacity(languages.len().min(MOST_LANGUAGES));
    for (index, language) in languages.into_iter().enumerate() {
        let at = format!("languages[{index}]");
        spoken.push(violations.required_tidy(&at, Some(language), 40));
    }
    let rate = hourly_rate.map(|rate| money::read(violations, "hourly_rate", &rate, currency));
    let input = CleanerInput {
        first_name: violations.required_tidy("first_name", first_name, 80),
        last_name: violations.required_tidy("last_name", last_name, 80),
        email: email(violations, "email", mail),
        phone: violations.phone("phone", phone),
        address: home.map(|home| address(violations, "address", home)),
        birthday: day(violations, "birthday", birthday),
        image_url: link(violations, "image_url", image_url),
        bio: violations.tidy("bio", bio, 2000),
        languages: spoken,
        works_with_pets: works_with_pets.unwrap_or(true),
        t_shirt_size: size,
        travel_mode: mode,
        send_new_job_noty: send_new_job_noty.unwrap_or(true),
        hourly_rate: rate,
        lead_source_id,
        applicant: said.map(|said| applicant(violations, said)),
    };
    (id, input)
}

fn applicant(violations: &mut Violations, message: pb::Applicant) -> Applicant {
    let pb::Applicant { legally_eligible, can_drive, available_from, work_experience } = message;
    if work_experience.len() > MOST_PLACES {
        let message = format!("There are more than {MOST_PLACES} places of work.");
        violations.rule("applicant.work_experience", message);
    }
    let from = day(violations, "applicant.available_from", available_from);
    let places = work_experience.into_iter().enumerate().map(|(index, place)| {
        experience(violations, &format!("applicant.work_experience[{index}]"), place)
    });
    let work_experience = places.collect();
    let available_from = from.as_ref().map(Date::to_string);
    Applicant { legally_eligible, can_drive, available_from, work_experience }
}

fn experience(
    violations: &mut Violations,
    at: &str,
    message: pb::WorkExperience,
) -> WorkExperience {
    let pb::WorkExperience {
        company,
        position,
        from,
        to,
        boss_name,
        boss_email,
        boss_phone,
        reason_for_leaving,
    } = message;
    let named = |name: &str| format!("{at}.{name}");
    let (first, last) = (day(violations, &named("from"), from), day(violations, &named("to"), to));
    if first.zip(last).is_some_and(|(first, last)| last < first) {
        violations.rule(&named("to"), "The last day is before the first.");
    }
    let mail = violations.tidy(&named("boss_email"), boss_email, 254);
    WorkExperience {
        company: violations.required_tidy(&named("company"), company, 120),
        position: violations.tidy(&named("position"), position, 120),
        from: first.as_ref().map(Date::to_string),
        to: last.as_ref().map(Date::to_string),
        boss_name: violations.tidy(&named("boss_name"), boss_name, 120),
        boss_email: mail.map(|mail| email(violations, &named("boss_email"), Some(mail))),
        boss_phone: violations.phone(&named("boss_phone"), boss_phone),
        reason_for_leaving: violations.tidy(&named("reason_for_leaving"), reason_for_leaving, 500),
    }
}

/// Reads where a cleaner is to stand, and what admins should know of it.
pub fn status(number: i32, note: Option<String>) -> Result<(Status, Option<String>)> {
    let mut violations = Violations::below("");
    let note = violations.tidy("note", note, 4000);
    let status = stated(Some(number)).and_then(Status::of_number);
    if number == 0 {
        violations.required("status");
    } else if status.is_none() {
        violations.rule("status", "Status has no such value.");
    }
    violations.finish((status.unwrap_or(Status::Applied), note))
}
