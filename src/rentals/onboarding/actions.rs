//! What is done when a business starts.

use serde_json::json;
use steward_database::Transaction;
use steward_kernel::{Context, Error, Kind, Result, TenantId};
use steward_platform::mail::{self, Language, Mail, Template};
use steward_platform::{App, tenants};

use super::model::Onboarding;
use crate::booking_settings::repository as booking_settings;
use crate::owners::actions::answer;
use crate::owners::model::{Include, OwnerAnswer, OwnerInput};
use crate::owners::{repository, slug};
use crate::pb;

/// Welcomes a business. Values: `name`, `business`, `url`.
const WELCOME: Template = steward_platform::mail_template!("templates/welcome");

/// Takes in a business: writes the owner, the settings and the name of the store, and welcomes it
/// by mail where anybody can be reached.
///
/// # Errors
/// FAILED_PRECONDITION as ALREADY_ONBOARDED when that was done, INVALID_ARGUMENT for the name of
/// another store.
pub async fn onboard(app: &App, context: &Context, onboarding: &Onboarding) -> Result<OwnerAnswer> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let present = repository::get(&tx, tenant).await?;
        let owner = started(onboarding, present.written);
        if !repository::onboard(&tx, tenant, &owner).await? {
            return Err(already());
        }
        // Whoever signed up by another issuer has a tenant by the name of the person.
        tenants::rename(&tx, tenant, &onboarding.company_name).await?;
        match &onboarding.store_slug {
            Some(slug) => repository::name_store(&tx, tenant, slug).await?,
            None => {
                let slug = slug::of_name(&onboarding.company_name);
                repository::name_store_like(&tx, &slug).await?;
            }
        }
        let settings = booking_settings::get(&tx, tenant).await?;
        let joined = settings.joined.as_ref();
        booking_settings::put(&tx, tenant, &settings.settings, joined).await?;

        let owner = repository::get(&tx, tenant).await?;
        let include = Include { settings: true, ..Include::default() };
        let answer = answer(app, &tx, context, owner, include).await?;
        welcome(app, &tx, tenant, &answer).await?;
        Ok(answer)
    })
    .await
}

/// The owner after the start; what is not said stays as it is.
fn started(onboarding: &Onboarding, present: OwnerInput) -> OwnerInput {
    let Onboarding {
        name,
        company_name,
        country,
        language,
        time_zone,
        currency,
        business_category_id,
        phone_number,
        store_slug: _,
    } = onboarding.clone();
    OwnerInput {
        name,
        company_name: Some(company_name),
        phone_number: phone_number.or(present.phone_number),
        language: language.unwrap_or(present.language),
        time_zone: time_zone.unwrap_or(present.time_zone),
        country,
        currency: currency.unwrap_or(present.currency),
        business_category_id: Some(business_category_id),
        website: present.website,
        avatar_id: present.avatar_id,
    }
}

fn already() -> Error {
    let message = "The business has been taken in already.";
    Error::new(Kind::FailedPrecondition, "ALREADY_ONBOARDED", message)
}

async fn welcome(
    app: &App,
    tx: &Transaction,
    tenant: TenantId,
    answer: &OwnerAnswer,
) -> Result<()> {
    let Some(to) = answer.email.as_deref() else { return Ok(()) };
    let written = &answer.owner.written;
    let mail = Mail {
        to,
        language: mail_language(written.language),
        template: &WELCOME,
        values: json!({
            "name": written.name,
            "business": written.company_name,
            "url": app.files.base_url(),
        }),
        reply_to: None,
    };
    mail::send(tx, tenant, mail).await.map(drop)
}

/// The language of mail for a reader of another.
pub(crate) fn mail_language(language: i16) -> Language {
    match language {
        language if language == pb::Language::Pt as i16 => Language::Portuguese,
        language if language == pb::Language::Es as i16 => Language::Spanish,
        _ => Language::English,
    }
}
