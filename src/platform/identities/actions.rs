//! Finding out who somebody is, and making an account for whoever is new.

use steward_database::Key;
use steward_kernel::{Error, Family, Principal, Result, Role, TenantId, User as Caller};

use super::model::{Followers, Identity, Profile, Subject, TAKEN, onboarding_required};
use super::repository;
use crate::users::{self, NewUser};
use crate::{App, tenants};

/// The scope of whoever another issuer signed in: it decides who they are, and we what they may.
const SCOPE: &str = "api";

/// The caller that a person is. Somebody new gets a tenant of the family `opens`, whose owner they
/// are, and is refused without one. What the issuer says of the person is kept.
///
/// # Errors
/// PERMISSION_DENIED: `ONBOARDING_REQUIRED` for somebody new, `ACCOUNT_INACTIVE` for a user who may
/// not sign in.
pub(crate) async fn caller(
    app: &App,
    subject: Subject<'_>,
    profile: Option<Profile>,
    opens: Option<Family>,
    followers: Followers,
) -> Result<Principal> {
    let (tenant, id) = match (find(app, subject).await?, opens) {
        (Some(found), _) => found,
        (None, None) => return Err(onboarding_required()),
        (None, Some(family)) => {
            let profile = profile.clone().unwrap_or_default();
            match open(app, family, subject, &profile).await {
                Ok(opened) => opened,
                // Another call of the same person was quicker.
                Err(error) if error.reason() == TAKEN => find(app, subject).await?.ok_or(error)?,
                Err(error) => return Err(error),
            }
        }
    };
    let user = users::get(&*app.database.read(tenant).await?, id).await?;
    if !user.is_active {
        return Err(Error::account_inactive());
    }
    if let Some(news) = profile.and_then(|profile| users::news(&user, profile)) {
        let (user, news) = (&user, &news);
        app.database
            .transaction(tenant, |tx| async move {
                users::set_profile(&tx, user, news).await?;
                for (_, follow) in followers.iter().filter(|(family, _)| *family == user.family) {
                    follow(&tx, tenant, user.role, news).await?;
                }
                Ok(())
            })
            .await?;
    }
    Ok(Principal {
        tenant,
        family: user.family,
        client_id: Caller::caller_name(id),
        scopes: vec![SCOPE.to_owned()],
        user: Some(Caller { id, role: user.role, session: None }),
    })
}

async fn find(app: &App, subject: Subject<'_>) -> Result<Option<(TenantId, i64)>> {
    let Subject { issuer, subject: name } = subject;
    let tx = app.database.read_by(Key::Identity { issuer, subject: name }).await?;
    repository::find(&tx, subject).await
}

/// Makes a tenant with the person as its owner, all at once.
async fn open(
    app: &App,
    family: Family,
    subject: Subject<'_>,
    profile: &Profile,
) -> Result<(TenantId, i64)> {
    let new = &NewUser::of_identity(subject.subject, profile, Role::Owner);
    let name = [profile.name.as_deref(), profile.email.as_deref(), Some(subject.subject)];
    let name = name.into_iter().flatten().find(|name| !name.trim().is_empty());
    let name: &str = &name.unwrap_or("New account").chars().take(200).collect::<String>();
    app.database
        .transaction_platform(|tx| async move {
            let tenant = tenants::found(&tx, family, name).await?.id;
            let user = users::insert(&tx, tenant, new).await?;
            let identity = Identity {
                issuer: subject.issuer.to_owned(),
                subject: subject.subject.to_owned(),
                user,
            };
            repository::insert(&tx, tenant, &identity).await?;
            Ok((tenant, user))
        })
        .await
}
