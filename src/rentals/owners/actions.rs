//! What can be done with owners.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use steward_database::{Connection, Transaction};
use steward_kernel::{Context, Result, Role, TenantId};
use steward_platform::identities::Profile;
use steward_platform::{App, files, users};

use super::model::{Include, Owner, OwnerAnswer, OwnerInput, Terms};
use super::{bookings, repository, slug};
use crate::addresses;
use crate::addresses::model::Of;
use crate::booking_settings::BookingSettings;
use crate::booking_settings::repository as booking_settings;
use crate::pb;

/// The owner on whose behalf the caller acts.
pub async fn get(app: &App, context: &Context, include: Include) -> Result<OwnerAnswer> {
    let tx = app.read(context).await?;
    let owner = repository::get(&tx, context.tenant()?).await?;
    answer(app, &tx, context, owner, include).await
}

/// What the owner says once and everything that is rented follows.
pub async fn terms(app: &App, context: &Context) -> Result<Terms> {
    repository::terms(&*app.read(context).await?, context.tenant()?).await
}

/// The owner with what is answered along with it.
pub(crate) async fn answer(
    app: &App,
    connection: &Connection,
    context: &Context,
    mut owner: Owner,
    include: Include,
) -> Result<OwnerAnswer> {
    let tenant = owner.id;
    files::show(app, tenant, owner.avatar.as_mut().into_iter().collect()).await?;
    let email = users::email(connection, tenant, context.user_id()).await?;
    let settings = match include.settings {
        true => Some(booking_settings::get(connection, tenant).await?),
        false => None,
    };
    let addresses = match include.addresses {
        true => Some(addresses::of(connection, tenant, Of::Owner).await?),
        false => None,
    };
    Ok(OwnerAnswer { owner, email, settings, addresses, with_category: include.category })
}

/// Replaces what is written of the owner; `avatar` is the signed id of another picture, or none,
/// where that is said.
///
/// # Errors
/// FAILED_PRECONDITION where bookings stand against it.
pub async fn update(
    app: &App,
    context: &Context,
    input: &OwnerInput,
    avatar: Option<Option<&str>>,
) -> Result<OwnerAnswer> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let present = repository::get(&tx, tenant).await?;
        bookings::follow(&tx, tenant, &present.written, input).await?;
        let (field, had) = ("user.avatar_id", present.written.avatar_id);
        let avatar_id =
            files::exchange(app, &tx, tenant, (field, avatar, files::IMAGES), had).await?;
        repository::put(&tx, tenant, &OwnerInput { avatar_id, ..input.clone() }).await?;
        let owner = repository::get(&tx, tenant).await?;
        answer(app, &tx, context, owner, Include::default()).await
    })
    .await
}

/// Has an owner follow the name and the language that an issuer newly says of the person. What the
/// owner writes by hand stays until the issuer says something else.
pub fn follow<'a>(
    tx: &'a Transaction,
    tenant: TenantId,
    role: Role,
    news: &'a Profile,
) -> BoxFuture<'a, Result<()>> {
    async move {
        let name = news.name.as_ref().map(|name| name.chars().take(120).collect::<String>());
        let name = name.filter(|name| !name.is_empty());
        let language = news.locale.as_deref().and_then(language_of);
        if role != Role::Owner || (name.is_none() && language.is_none()) {
            return Ok(());
        }
        repository::follow(tx, tenant, name.as_deref(), language).await
    }
    .boxed()
}

/// The language of a locale such as `pt-PT`, if it is one that owners read.
fn language_of(locale: &str) -> Option<i16> {
    let language = match locale.split(['-', '_']).next()?.to_ascii_lowercase().as_str() {
        "en" => pb::Language::En,
        "pt" => pb::Language::Pt,
        "es" => pb::Language::Es,
        _ => return None,
    };
    Some(language as i16)
}

/// Writes what a tenant needs to start that an operator made: an owner of the tenant's name who
/// has been taken in.
///
/// # Errors
/// UNAVAILABLE when the database cannot be reached.
pub async fn begin(tx: &Transaction, tenant: TenantId, name: &str) -> Result<()> {
    let mut written = repository::get(tx, tenant).await?.written;
    written.name = name.chars().take(120).collect();
    written.company_name = Some(name.chars().take(160).collect());
    repository::onboard(tx, tenant, &written).await?;
    repository::name_store_like(tx, &slug::of_name(name)).await?;
    booking_settings::put(tx, tenant, &BookingSettings::default(), None).await.map(drop)
}
