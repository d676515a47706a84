//! Registering a company: it, its owner and everything both need, or nothing.

use secrecy::SecretString;
use steward_database::find;
use steward_kernel::validate::Violations;
use steward_kernel::{Error, Family, Kind, Result, Role, TenantId};
use steward_platform::changes::Founding;
use steward_platform::exports::encoded;
use steward_platform::sessions::SignIn;
use steward_platform::tokens::Issuer;
use steward_platform::users::{NewUser, checked_password, hash};
use steward_platform::{App, sessions, tenants, users};

use super::model::Details;
use super::sessions::handed;
use super::{repository, wire};
use crate::Registration;
use crate::caller::Reach;
use crate::pb;
use crate::tenants as companies;

/// The RPC, by which its idempotency keys are told from others.
const RPC: &str = "steward.cleaning.v1.TenantService/RegisterTenant";

/// A company that was registered, and whether that was done by an earlier call with the same
/// idempotency key.
pub(crate) struct Registered {
    pub(crate) answer: pb::RegisterTenantResponse,
    pub(crate) earlier: bool,
}

/// Registers a company and signs its owner in. With an idempotency key that was used before for
/// the same, answers the company that is there and signs its owner in once more.
pub(crate) async fn register(
    app: &App,
    issuer: &Issuer,
    registration: Registration,
    key: Option<&str>,
    request: pb::RegisterTenantRequest,
) -> Result<Registered> {
    if registration == Registration::Closed {
        let message = "Companies are registered by the operator alone.";
        return Err(Error::new(Kind::PermissionDenied, "REGISTRATION_CLOSED", message));
    }
    // Signing in finds out whether the password is the same.
    let told = pb::RegisterTenantRequest { password: String::new(), ..request.clone() };
    let founding = key.map(|key| Founding::new(RPC, key, &told.email, &encoded(&told)));
    if let Some(founding) = &founding
        && let Some(tenant) = founding.find(app).await?
    {
        return again(app, issuer, founding, tenant, request).await;
    }
    let same = request.clone();
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
        phone: violations.phone("phone", phone),
    };
    if password.is_empty() {
        violations.required("password");
    }
    let message = pb::Tenant {
        name: Some(name),
        email: Some(email),
        time_zone,
        currency,
        ..pb::Tenant::default()
    };
    // The company begins with the number of its owner, which was checked.
    let phone = details.phone.clone();
    let company =
        companies::model::TenantInput { phone, ..companies::read(&mut violations, message) };
    let email = company.email.as_deref().unwrap_or_default();
    let password = if password.is_empty() {
        SecretString::default()
    } else {
        violations.take(checked_password("password", SecretString::from(password), email))?
    };
    let (details, company) = &violations.finish((details, company))?;
    let email = company.email.as_deref().unwrap_or_default();
    let whole_name = format!("{} {}", details.first_name, details.last_name);
    let owner = &NewUser::new(email, &whole_name, Role::Owner)?
        .with_password(hash(&password).await?)
        .with_locale(Some(company.locale.clone()));
    let is_sandbox = is_sandbox.unwrap_or(false);
    let keyed = founding.as_ref();
    let founded = app
        .database
        .transaction_platform(|tx| async move {
            let tenant = tenants::found(&tx, Family::Cleaning, &company.name).await?.id;
            companies::actions::found(&tx, tenant, &company.name).await?;
            companies::repository::register(&tx, tenant, company, is_sandbox).await?;
            let id = users::insert(&tx, tenant, owner).await?;
            repository::put(&tx, tenant, id, details).await?;
            if let Some(founding) = keyed {
                founding.record(&tx).await?;
            }
            let mut owner = repository::get(&tx, tenant, id).await?;
            let started = sessions::start(&tx, &mut owner.user).await?;
            let tenant = find::<companies::model::Tenant>(&tx, tenant, tenant.0).await?;
            Ok((tenant, owner, started))
        })
        .await;
    let (tenant, owner, started) = match (founded, &founding) {
        (Ok(founded), _) => founded,
        // The same call may have been a moment earlier, and has the name.
        (Err(error), Some(founding)) if error.kind() == Kind::AlreadyExists => {
            let found = founding.find(app).await?;
            return again(app, issuer, founding, found.ok_or(error)?, same).await;
        }
        (Err(error), _) => return Err(error),
    };
    let signed_in = sessions::handed(app, issuer, owner.user.clone(), started).await?;
    Ok(Registered { answer: answer(tenant, wire::session(signed_in, owner)), earlier: false })
}

/// Answers a company that was registered before by the same request.
async fn again(
    app: &App,
    issuer: &Issuer,
    founding: &Founding,
    tenant: TenantId,
    request: pb::RegisterTenantRequest,
) -> Result<Registered> {
    let owner = SignIn {
        username: request.email,
        password: SecretString::from(request.password),
        tenant: Some(tenant),
        family: Some(Family::Cleaning),
    };
    let signed_in = match sessions::sign_in(app, issuer, owner).await {
        // Another password is another request.
        Err(error) if error.kind() == Kind::Unauthenticated => return Err(founding.reused()),
        signed_in => signed_in?,
    };
    let found = {
        let tx = app.database.read(tenant).await?;
        find::<companies::model::Tenant>(&tx, tenant, tenant.0).await?
    };
    let session = handed(app, signed_in).await?;
    Ok(Registered { answer: answer(found, session), earlier: true })
}

fn answer(tenant: companies::model::Tenant, session: pb::Session) -> pb::RegisterTenantResponse {
    let tenant = companies::write(tenant, Reach::Own);
    pb::RegisterTenantResponse { tenant: Some(tenant), session: Some(session) }
}
