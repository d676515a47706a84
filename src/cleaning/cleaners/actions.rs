//! What can be done with cleaners.

use steward_database::{Transaction, find, page};
use steward_kernel::list::{Filter, Value};
use steward_kernel::page::{ListQuery, Page};
use steward_kernel::validate::Violations;
use steward_kernel::{Context, Error, Result, Role};
use steward_platform::{App, sealed, users as platform};

use super::contract::{self, NewContract};
use super::hours::{self, Day};
use super::model::{Cleaner, CleanerInput, NewCleaner};
use super::status::Status;
use super::{areas, labels, repository};
use crate::agreements::model::trigger;
use crate::agreements::sending::send_on;
use crate::assignments::actions as assignments;
use crate::caller::{Caller, at_work};
use crate::lookups::actions::{check_churn_reason, check_lead_source};
use crate::lookups::model::Audience;
use crate::notes;
use crate::reason::event_locked;
use crate::settings;
use crate::tenant_locations::model::TenantLocation;
use crate::tenant_locations::repository::CLEANERS;
use crate::timeline::{self, model::NewEntry};
use crate::users::actions as users;
use crate::wire::{all, equal};

/// What tax numbers are sealed for.
const TAX_ID: &str = "cleaning tax id";

/// The cleaner whose profile a request means by an id, or by none where the caller is one.
///
/// # Errors
/// NOT_FOUND, FORBIDDEN when the caller is another cleaner.
pub async fn reached(tx: &Transaction, context: &Context, id: i64) -> Result<i64> {
    let caller = Caller::or_applicant(tx, context).await?;
    reached_by(caller, tx, context, id).await
}

/// The cleaner whose work a request means, as `reached` finds the one of a profile.
///
/// # Errors
/// Those of `reached`, and FORBIDDEN for applicants.
pub async fn reached_at_work(tx: &Transaction, context: &Context, id: i64) -> Result<i64> {
    reached_by(Caller::of(tx, context).await?, tx, context, id).await
}

async fn reached_by(caller: Caller, tx: &Transaction, context: &Context, id: i64) -> Result<i64> {
    let id = repository::check(tx, context.tenant()?, caller.cleaner(id)).await?;
    caller.reaches_cleaner(id)?;
    Ok(id)
}

/// Adds a cleaner with a user; whoever has no token, an applicant.
pub async fn add(app: &App, context: &Context, new: NewCleaner) -> Result<Cleaner> {
    let tenant = context.tenant()?;
    let NewCleaner { written, password, status, areas: served, unavailable } = new;
    let password = users::hashed(password, &written.email).await?;
    let (written, password, served, unavailable) = (&written, &password, &served, &unavailable);
    app.transaction(context, |tx| async move {
        let settings = settings::find(&tx, tenant).await?.groups;
        check_lead_source(&tx, tenant, Audience::Cleaner, written.lead_source_id).await?;
        let named = (&*written.email, Role::Cleaner);
        let details = &written.details();
        let user = users::admit(app, &tx, tenant, named, details, password.as_ref()).await?;
        let rate = written.hourly_rate.unwrap_or(settings.billing.default_cleaner_rate);
        let id = repository::insert(&tx, tenant, (user, status), written, rate).await?;
        areas::insert(&tx, tenant, id, served).await?;
        let days = unavailable.clone().unwrap_or_else(|| hours::outside(&settings.scheduling));
        hours::put(&tx, tenant, id, &days).await?;
        if status == Status::Active {
            send_on(app, &tx, tenant, (trigger::ON_CLEANER_HIRE, None), &[user]).await?;
        }
        find(&tx, tenant, id).await
    })
    .await
}

/// The cleaner with an id; cleaners see themselves alone, under the id 0 as well.
pub async fn get(app: &App, context: &Context, id: i64) -> Result<Cleaner> {
    let tx = app.read(context).await?;
    let id = reached(&tx, context, id).await?;
    find(&tx, context.tenant()?, id).await
}

/// The cleaner with an id, as colleagues may see them. Applicants are nobody's yet, and see
/// themselves alone.
pub async fn get_colleague(app: &App, context: &Context, id: i64) -> Result<Cleaner> {
    let cleaner: Cleaner = app.get(context, id).await?;
    if context.user().is_none_or(|user| user.id != cleaner.user_id) {
        at_work(app, context).await?;
    }
    Ok(cleaner)
}

/// The id of the cleaner who is a user.
pub async fn id_of_user(app: &App, context: &Context, user_id: i64) -> Result<i64> {
    let tx = app.read(context).await?;
    let id = repository::id_of_user(&tx, context.tenant()?, user_id).await?;
    Caller::or_applicant(&tx, context).await?.reaches_cleaner(id)?;
    Ok(id)
}

/// A page of the cleaners who stand somewhere, or of all.
pub async fn list(
    app: &App,
    context: &Context,
    status: Option<i16>,
    query: &ListQuery,
) -> Result<Page<Cleaner>> {
    let status = status.map(|status| Value::Integer(status.into()));
    app.page(context, Some(&all([equal(repository::STATUS, status)])), query).await
}

/// Replaces what is written of a cleaner. Cleaners may write themselves, and keep their rate and
/// their lead source.
pub async fn update(
    app: &App,
    context: &Context,
    id: i64,
    input: &CleanerInput,
) -> Result<Cleaner> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let caller = Caller::or_applicant(&tx, context).await?;
        let present: Cleaner = find(&tx, tenant, caller.cleaner(id)).await?;
        caller.reaches_cleaner(present.id)?;
        let mut input = input.clone();
        if caller != Caller::Admin {
            input.hourly_rate = present.written.hourly_rate;
            input.lead_source_id = present.written.lead_source_id;
        }
        if input.lead_source_id != present.written.lead_source_id {
            check_lead_source(&tx, tenant, Audience::Cleaner, input.lead_source_id).await?;
        }
        let rate = match input.hourly_rate {
            Some(rate) => rate,
            None => settings::find(&tx, tenant).await?.groups.billing.default_cleaner_rate,
        };
        repository::update(&tx, tenant, present.id, &input, rate).await?;
        let reached = (Some(&*input.email), input.image_url.as_deref());
        users::keep(&tx, tenant, present.user_id, reached, &input.details()).await?;
        find(&tx, tenant, present.id).await
    })
    .await
}

/// Writes what was agreed with a cleaner. Cleaners write their own, save the rate; without a tax
/// number the one before stays.
pub async fn add_contract(
    app: &App,
    context: &Context,
    id: i64,
    new: &NewContract,
) -> Result<Cleaner> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let caller = Caller::or_applicant(&tx, context).await?;
        let present: Cleaner = find(&tx, tenant, caller.cleaner(id)).await?;
        caller.reaches_cleaner(present.id)?;
        let mut violations = Violations::below("");
        match (caller, new.hourly_rate) {
            (Caller::Admin, None) => violations.required("hourly_rate"),
            (Caller::Admin, Some(_)) | (_, None) => {}
            (_, Some(_)) => violations.rule("hourly_rate", "Only admins say the rate."),
        }
        violations.finish(())?;
        if caller != Caller::Admin && contract::is_signed(&tx, tenant, &present).await? {
            return Err(event_locked("The contract is signed; only admins change it."));
        }
        let mut contract = new.contract.clone();
        let sealed = match &new.tax_id {
            Some(tax_id) => {
                let about = format!("{TAX_ID} {tenant}.{}", present.id);
                Some(sealed::seal(&app.database, &about, tax_id).await?)
            }
            None => {
                contract.tax_id_last4 = present.contract.and_then(|known| known.tax_id_last4);
                None
            }
        };
        let beside = (new.hourly_rate, sealed);
        repository::set_contract(&tx, tenant, present.id, &contract, beside).await?;
        find(&tx, tenant, present.id).await
    })
    .await
}

/// Moves a cleaner on; who stands there already stays.
pub async fn change_status(
    app: &App,
    context: &Context,
    (id, status): (i64, Status),
    churn_reason_id: Option<i64>,
    note: Option<&str>,
) -> Result<Cleaner> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let (user, present) = repository::lock(&tx, tenant, id).await?;
        check_churn_reason(&tx, tenant, Audience::Cleaner, churn_reason_id).await?;
        if present != status {
            present.to(status)?;
            if status == Status::Stopped && churn_reason_id.is_none() {
                return Err(Error::required("churn_reason_id"));
            }
            repository::set_status(&tx, tenant, id, status, churn_reason_id).await?;
            let told = NewEntry {
                kind: "status".to_owned(),
                text: format!("From {present:?} to {status:?}."),
                client_id: None,
                cleaner_id: Some(id),
            };
            timeline::record(&tx, context, &told).await?;
            if present == Status::Active {
                assignments::free(&tx, context, id).await?;
            }
            if present.signs_in() != status.signs_in() {
                platform::let_in(&tx, user, status.signs_in()).await?;
            }
            if status == Status::Active {
                send_on(app, &tx, tenant, (trigger::ON_CLEANER_HIRE, None), &[user]).await?;
            }
        }
        if let Some(note) = note {
            notes::add_to_cleaner(&tx, context, id, note).await?;
        }
        find(&tx, tenant, id).await
    })
    .await
}

/// Notes something of a cleaner, or that it holds no more.
pub async fn set_label(
    app: &App,
    context: &Context,
    id: i64,
    label: (i16, bool),
) -> Result<Cleaner> {
    let tenant = context.tenant()?;
    let set_by = context.user_id();
    app.transaction(context, |tx| async move {
        repository::lock(&tx, tenant, id).await?;
        let present: Cleaner = find(&tx, tenant, id).await?;
        let (action_id, is_active) = label;
        let noted = present.labels.iter().find(|noted| noted.action_id == action_id);
        // What is so already keeps when and by whom it was noted.
        if noted.is_some_and(|noted| noted.is_active) == is_active {
            return Ok(present);
        }
        labels::put(&tx, tenant, id, label, set_by).await?;
        find(&tx, tenant, id).await
    })
    .await
}

/// Says whether a cleaner is told of new jobs.
pub async fn set_noty(app: &App, context: &Context, id: i64, is_told: bool) -> Result<Cleaner> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let id = reached(&tx, context, id).await?;
        repository::set_noty(&tx, tenant, id, is_told).await?;
        find(&tx, tenant, id).await
    })
    .await
}

/// Deletes a cleaner, who is stopped first where they work, and whose user signs in no more.
pub async fn delete(app: &App, context: &Context, id: i64) -> Result<()> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let (user, present) = repository::lock(&tx, tenant, id).await?;
        if present == Status::Active {
            repository::set_status(&tx, tenant, id, Status::Stopped, None).await?;
        }
        assignments::free(&tx, context, id).await?;
        repository::delete(&tx, tenant, id).await?;
        platform::close(&tx, user).await
    })
    .await
}

/// The week of a cleaner.
pub async fn unavailable_hours(app: &App, context: &Context, id: i64) -> Result<Vec<Day>> {
    let tx = app.read(context).await?;
    let id = reached(&tx, context, id).await?;
    hours::of_cleaner(&tx, context.tenant()?, id).await
}

/// Replaces the weekdays that are given.
pub async fn set_unavailable_hours(
    app: &App,
    context: &Context,
    id: i64,
    days: &[Day],
) -> Result<Vec<Day>> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let id = reached(&tx, context, id).await?;
        repository::lock(&tx, tenant, id).await?;
        hours::put(&tx, tenant, id, days).await?;
        hours::of_cleaner(&tx, tenant, id).await
    })
    .await
}

/// A page of the areas of a cleaner.
pub async fn list_areas(
    app: &App,
    context: &Context,
    id: i64,
    query: &ListQuery,
) -> Result<Page<TenantLocation>> {
    let tenant = context.tenant()?;
    let tx = app.read(context).await?;
    let id = reached(&tx, context, id).await?;
    let of = Filter::Has(CLEANERS, id.to_string());
    page(&tx, tenant, Some(&of), query).await
}

/// Lets a cleaner work in an area. Answers whether they did not before.
pub async fn add_area(
    app: &App,
    context: &Context,
    id: i64,
    area: i64,
) -> Result<(TenantLocation, bool)> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        repository::lock(&tx, tenant, id).await?;
        let added = areas::insert(&tx, tenant, id, &[area]).await?;
        Ok((find(&tx, tenant, area).await?, added > 0))
    })
    .await
}

/// Lets a cleaner work in an area no more.
pub async fn remove_area(app: &App, context: &Context, id: i64, area: i64) -> Result<()> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        repository::lock(&tx, tenant, id).await?;
        areas::delete(&tx, tenant, id, area).await
    })
    .await
}
