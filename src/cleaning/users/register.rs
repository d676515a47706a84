//! Registering a company: it, its owner and everything both need, or nothing.

use secrecy::SecretString;
use steward_database::find;
use steward_kernel::validate::Violations;
use steward_kernel::{Error, Family, Kind, Result, Role};
use steward_platform::tokens::Issuer;
use steward_platform::users::{NewUser, checked_password, hash};
use steward_platform::{App, sessions, tenants, users};

use super::model::Details;
use super::{repository, sessions as wire};
use crate::Registration;
use crate::caller::Reach;
use crate::pb;
use crate::tenants as companies;

/// Registers a company and signs its owner in.
pub(crate) async fn register(
    app: &App,
    issuer: &Issuer,
    registration: Registration,
    request: pb::RegisterTenantRequest,
) -> Result<pb::RegisterTenantResponse> {
    if registration == Registration::Closed {
        let message = "Companies are registered by the operator alone.";
        return Err(Error::new(Kind::PermissionDenied, "REGISTRATION_CLOSED", message));
    }
    let pb::RegisterTenantRequest {
        name,
        email,
        password,
        first_name,
        last_name,
        phone,
        time_zone,
        currency,
        is_sandbox,
    } = request;
    let mut violations = Violations::below("");
    let details = Details {
        first_name: violations.required_tidy("first_name", Some(first_name), 80),
        last_name: violations.required_tidy("last_name", Some(last_name), 80),
        phone: violations.phone("phone", phone.clone()),
    };
    if password.is_empty() {
        violations.required("password");
    }
    let message = pb::Tenant {
        name: Some(name),
        email: Some(email),
        phone,
        time_zone,
        currency,
        ..pb::Tenant::default()
    };
    let company = companies::read(&mut violations, message);
    let (details, company) = &violations.finish((details, company))?;
    let email = company.email.as_deref().unwrap_or_default();
    let password = checked_password("password", SecretString::from(password), email)?;
    let whole_name = format!("{} {}", details.first_name, details.last_name);
    let owner = &NewUser::new(email, &whole_name, Role::Owner)?
        .with_password(hash(&password).await?)
        .with_locale(Some(company.locale.clone()));
    let is_sandbox = is_sandbox.unwrap_or(false);
    let (tenant, owner) = app
        .database
        .transaction_platform(|tx| async move {
            let tenant = tenants::found(&tx, Family::Cleaning, &company.name).await?.id;
            companies::actions::found(&tx, tenant, &company.name).await?;
            companies::repository::register(&tx, tenant, company, is_sandbox).await?;
            let id = users::insert(&tx, tenant, owner).await?;
            repository::put(&tx, tenant, id, details).await?;
            let owner = users::get(&tx, id).await?;
            Ok((find::<companies::model::Tenant>(&tx, tenant, tenant.0).await?, owner))
        })
        .await?;
    let session = wire::handed(app, sessions::start(app, issuer, owner).await?).await?;
    let tenant = companies::write(tenant, Reach::Own);
    Ok(pb::RegisterTenantResponse { tenant: Some(tenant), session: Some(session) })
}
