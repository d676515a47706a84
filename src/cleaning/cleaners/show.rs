//! Cleaners as they are answered.

use steward_kernel::page::Page;

use super::labels::{self, Label};
use super::model::{Applicant, Cleaner, CleanerInput, WorkExperience};
use super::{contract, status};
use crate::caller::Reach;
use crate::tenant_locations::wire::tenant_location;
use crate::wire::{address_message, array, timestamp};
use crate::{money, pb};

/// Writes a cleaner, with what an hour is paid for those who reach all of the company.
pub fn cleaner(cleaner: Cleaner, reach: Reach) -> pb::Cleaner {
    let Cleaner {
        id,
        user_id,
        status,
        written,
        churn_reason_id,
        hired_at,
        stopped_at,
        labels,
        areas,
        contract: agreed,
        currency,
        created_at,
        updated_at,
        version,
    } = cleaner;
    let CleanerInput {
        first_name,
        last_name,
        email,
        phone,
        address,
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
        applicant: said,
    } = written;
    let rate = hourly_rate.filter(|_| reach == Reach::Own);
    let rate = rate.map(|rate| money::write(rate, &currency));
    pb::Cleaner {
        id,
        user_id,
        status: number(status),
        first_name: Some(first_name),
        last_name: Some(last_name),
        email: Some(email),
        phone,
        address: address.map(address_message),
        birthday: birthday.map(|day| day.to_string()),
        image_url,
        bio,
        languages,
        works_with_pets: Some(works_with_pets),
        t_shirt_size,
        travel_mode,
        send_new_job_noty: Some(send_new_job_noty),
        hourly_rate: rate.clone(),
        lead_source_id,
        churn_reason_id,
        hired_at: hired_at.map(timestamp),
        stopped_at: stopped_at.map(timestamp),
        labels: labels.into_iter().map(label).collect(),
        tenant_locations: areas.into_iter().map(tenant_location).collect(),
        applicant: said.map(applicant),
        contract: agreed.map(|agreed| contract::contract(agreed, rate)),
        currency,
        created_at: Some(timestamp(created_at)),
        updated_at: Some(timestamp(updated_at)),
        version,
    }
}

fn number(status: status::Status) -> i32 {
    status.number().into()
}

fn label(label: Label) -> pb::CleanerLabel {
    let Label { action_id, is_active, set_at, set_by } = label;
    pb::CleanerLabel {
        action_id: action_id.into(),
        name: labels::name(action_id).unwrap_or_default().to_owned(),
        is_active,
        set_at: Some(timestamp(set_at)),
        set_by,
    }
}

fn applicant(applicant: Applicant) -> pb::Applicant {
    let Applicant { legally_eligible, can_drive, available_from, work_experience } = applicant;
    let work_experience = work_experience.into_iter().map(|place| {
        let WorkExperience {
            company,
            position,
            from,
            to,
            boss_name,
            boss_email,
            boss_phone,
            reason_for_leaving,
        } = place;
        pb::WorkExperience {
            company: Some(company),
            position,
            from,
            to,
            boss_name,
            boss_email,
            boss_phone,
            reason_for_leaving,
        }
    });
    let work_experience = work_experience.collect();
    pb::Applicant { legally_eligible, can_drive, available_from, work_experience }
}

/// Writes a cleaner in a few words.
pub fn brief(cleaner: Cleaner) -> pb::CleanerBrief {
    let Cleaner { id, user_id, status, written, .. } = cleaner;
    let CleanerInput { first_name, last_name, image_url, .. } = written;
    let status = number(status);
    pb::CleanerBrief { id, user_id, first_name, last_name, image_url, status }
}

/// Writes what others than admins see of a cleaner.
pub fn profile(cleaner: Cleaner) -> pb::CleanerProfile {
    let Cleaner { id, written, hired_at, created_at, .. } = cleaner;
    let CleanerInput { first_name, last_name, image_url, bio, languages, works_with_pets, .. } =
        written;
    pb::CleanerProfile {
        id,
        first_name,
        last_initial: last_name.chars().take(1).collect(),
        image_url,
        bio,
        languages,
        works_with_pets,
        member_since: Some(timestamp(hired_at.unwrap_or(created_at))),
    }
}

/// Writes cleaners for admins.
pub fn list(page: Page<Cleaner>) -> pb::ListCleanersResponse {
    let (items, total_count, page_number, page_size) = array(page, |one| cleaner(one, Reach::Own));
    pb::ListCleanersResponse { items, total_count, page_number, page_size }
}

/// Writes cleaners in a few words.
pub fn briefs(page: Page<Cleaner>) -> pb::ListCleanerBriefsResponse {
    let (items, total_count, page_number, page_size) = array(page, brief);
    pb::ListCleanerBriefsResponse { items, total_count, page_number, page_size }
}
