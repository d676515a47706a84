//! Agreements between proto and model.

use steward_kernel::Result;
use steward_kernel::page::{ListQuery, Page};
use steward_kernel::validate::Violations;

use super::about::{About, Told, Visits};
use super::model::{AUDIENCES, Agreement, AgreementInput, trigger, unknown_fields};
use super::repository::BY_NAME;
use super::sending::Sent;
use super::signing::{Entity, Shown, language};
use crate::assignments::wire as assignments;
use crate::caller::Caller;
use crate::clients::wire as clients;
use crate::locations::wire as locations;
use crate::users::model::Person;
use crate::wire::{address_message, array, decimal, stated, timestamp, whole};
use crate::{money, pb};

/// Largest text, in bytes.
const LARGEST_BODY: usize = 100_000;

/// Reads what is to be written of an agreement.
pub fn input(message: Option<pb::Agreement>) -> Result<AgreementInput> {
    let mut violations = Violations::below("agreement");
    let pb::Agreement {
        id: _,
        name,
        trigger: sent_on,
        audience,
        body,
        is_active,
        revision: _,
        created_at: _,
        updated_at: _,
        version: _,
    } = violations.required_message(message);
    if sent_on == 0 {
        violations.required("trigger");
    } else if !(1..=4).contains(&sent_on) {
        violations.rule("trigger", "Trigger has no such value.");
    }
    let sent_on = stated(Some(sent_on)).unwrap_or_default();
    let audience = violations.required_tidy("audience", audience, 16).to_ascii_lowercase();
    if !audience.is_empty() && !AUDIENCES.contains(&&*audience) {
        violations.rule("audience", "Audience is client or cleaner.");
    }
    match (sent_on, &*audience) {
        (trigger::ON_CLIENT_BOOKING, "cleaner") => {
            violations.rule("audience", "No cleaner is known when a client books.");
        }
        (trigger::ON_CLEANER_HIRE, "client") => {
            violations.rule("audience", "No client is known when a cleaner is hired.");
        }
        _ => {}
    }
    let body = body.unwrap_or_default();
    if body.trim().is_empty() {
        violations.required("body");
    } else if body.len() > LARGEST_BODY {
        violations.named("body", "TOO_LONG", "Body is larger than 100 kB.");
    } else if body.contains('\0') {
        violations.format("body", "Body holds a NUL character.");
    } else {
        for field in unknown_fields(&body) {
            violations.rule("body", format!("Nothing fills in the field {field}."));
        }
    }
    let input = AgreementInput {
        name: violations.required_tidy("name", name, 120),
        trigger: sent_on,
        audience,
        body,
        is_active: is_active.unwrap_or(true),
    };
    violations.finish(input)
}

/// Reads what a list is asked for.
pub fn query(number: Option<i32>, size: Option<i32>) -> Result<ListQuery> {
    let mut violations = Violations::below("");
    let query = whole(&mut violations, number, size, BY_NAME);
    violations.finish(query)
}

/// Writes an agreement.
pub fn agreement(agreement: Agreement) -> pb::Agreement {
    let Agreement { id, written, revision, created_at, updated_at, version } = agreement;
    let AgreementInput { name, trigger, audience, body, is_active } = written;
    pb::Agreement {
        id,
        name: Some(name),
        trigger: trigger.into(),
        audience: Some(audience),
        body: Some(body),
        is_active: Some(is_active),
        revision,
        created_at: Some(timestamp(created_at)),
        updated_at: Some(timestamp(updated_at)),
        version,
    }
}

/// Writes agreements.
pub fn list(page: Page<Agreement>) -> pb::ListAgreementsResponse {
    let (items, total_count, page_number, page_size) = array(page, agreement);
    pb::ListAgreementsResponse { items, total_count, page_number, page_size }
}

/// Most users that one call mails.
const MOST_USERS: usize = 100;

/// Reads whom an agreement is sent to: each once.
pub fn recipients(ids: Vec<i64>) -> Result<Vec<i64>> {
    let mut violations = Violations::below("");
    if ids.is_empty() {
        violations.required("user_ids");
    } else if ids.len() > MOST_USERS {
        violations.rule("user_ids", "An agreement is sent to at most 100 users at once.");
    }
    let mut once = Vec::with_capacity(ids.len());
    for id in ids {
        if !once.contains(&id) {
            once.push(id);
        }
    }
    violations.finish(once)
}

/// Writes whom an agreement was sent to.
pub fn sent(sent: Sent) -> pb::SendAgreementResponse {
    let Sent { mailed, signed } = sent;
    pb::SendAgreementResponse { sent_to: mailed, already_signed: signed }
}

/// Writes an agreement as it is signed.
pub fn shown(shown: Shown) -> pb::AgreementToSign {
    let language = language(&shown.signer.user, &shown.company).tag().to_owned();
    let Shown { agreement, signer, assignment, company, body, sha256, is_signed } = shown;
    pb::AgreementToSign {
        agreement_id: agreement.id,
        revision: agreement.revision,
        name: agreement.written.name,
        body,
        signer: Some(pb::AgreementSigner {
            user_id: signer.user.id,
            name: signer.full_name(),
            email: signer.user.email,
        }),
        already_signed: is_signed,
        sha256,
        tenant_name: company.name,
        language,
        client_cleaner_request_id: assignment,
    }
}

/// Writes what an agreement about an assignment says of it. What an hour is paid is for admins and
/// the cleaner, and how to get in for admins and the client.
pub fn told(told: Told) -> pb::CleanerAssignAgreementData {
    let Told { about, visits, cleaner, location, reader } = told;
    let About { assignment, booking: _, client } = about;
    let Visits { first_date, recurrence, hours } = visits;
    let rate = cleaner.written.hourly_rate.filter(|_| !matches!(reader, Caller::Client(_)));
    let mut home = locations::location(location);
    if matches!(reader, Caller::Cleaner(_)) {
        home.access_notes = None;
    }
    pb::CleanerAssignAgreementData {
        start_hour: assignment.start_time.to_string(),
        first_date: first_date.to_string(),
        frequency: recurrence.frequency().into(),
        hours: Some(decimal(hours.decimal())),
        cleaner_rate: rate.map(|rate| money::write(rate, &cleaner.currency)),
        client: Some(clients::brief(&client)),
        cleaner: Some(assignments::brief(&assignment)),
        location: Some(home),
        assignment: Some(assignments::assignment(assignment)),
    }
}

/// Writes somebody whom an agreement is about.
pub fn entity(entity: Entity) -> pb::AgreementEntity {
    let Entity { person, company, client_id, cleaner_id, address } = entity;
    let full_name = person.full_name();
    let Person { user, details } = person;
    pb::AgreementEntity {
        user_id: user.id,
        role: user.role.name().to_owned(),
        client_id,
        cleaner_id,
        full_name,
        email: user.email,
        phone: details.phone,
        address: address.map(address_message),
        tenant_name: company.name,
    }
}
