//! Asking for a code, and choosing a password by it.

use secrecy::SecretString;
use serde_json::json;
use steward_database::{Key, Transaction};
use steward_kernel::{Error, Kind, Result, TenantId, error::reason, time};

use super::model::{
    Account, CODE_LIFETIME, CodeCheck, INVITATION_LIFETIME, PAUSE, Reset, SecretHashBytes,
    new_code, wrong_code,
};
use super::repository;
use crate::links::{Secret, Signer};
use crate::mail::{self, Language, Mail, Template};
use crate::users::{self, Hashed, Named, User, checked_password, folded_username};
use crate::{App, sessions, tenants};

/// What links are for; a link for something else is none for this.
pub(super) const PURPOSE: &str = "password";

/// What codes are signed for.
const CODE: &str = "password code";

const RESET: Template = crate::mail_template!("templates/reset-code");
const INVITATION: Template = crate::mail_template!("templates/invitation");

/// Mails a code and a link to the active users of an account. Says nothing of whether there are
/// any, and mails nobody more than once a minute.
///
/// # Errors
/// UNAVAILABLE when the database cannot be reached.
pub async fn request(app: &App, account: &Account) -> Result<()> {
    for user in &users_of(app, account).await? {
        app.database
            .transaction(user.tenant, |tx| async move { request_of(app, &tx, user).await })
            .await?;
    }
    Ok(())
}

async fn request_of(app: &App, tx: &Transaction, user: &User) -> Result<()> {
    let now = time::now();
    let present = repository::lock(tx, user.tenant, user.id).await?;
    if present.is_some_and(|reset| reset.code_mac.is_some() && reset.created_at + PAUSE > now) {
        return Ok(());
    }
    let signer = Signer::open(&app.database).await?;
    let (code, secret) = (new_code(), Secret::random());
    let reset = Reset {
        code_mac: Some(signer.sign(CODE, &signed(user, &code))),
        secret_hash: SecretHashBytes(secret.hash().0),
        tries: 0,
        created_at: now,
        expires_at: now + CODE_LIFETIME,
    };
    repository::put(tx, user, &reset).await?;
    let link = signer.entrance(PURPOSE, user.tenant, user.id, &secret);
    send(app, tx, user, &RESET, &link, &code).await
}

/// Mails a user who has no password a link to choose one, within the transaction that records the
/// user. The transaction must be one of the user's tenant.
///
/// # Errors
/// UNAVAILABLE when the database cannot be reached.
pub async fn invite(app: &App, tx: &Transaction, user: &User) -> Result<()> {
    let signer = Signer::open(&app.database).await?;
    let (now, secret) = (time::now(), Secret::random());
    let reset = Reset {
        code_mac: None,
        secret_hash: SecretHashBytes(secret.hash().0),
        tries: 0,
        created_at: now,
        expires_at: now + INVITATION_LIFETIME,
    };
    repository::put(tx, user, &reset).await?;
    let link = signer.entrance(PURPOSE, user.tenant, user.id, &secret);
    send(app, tx, user, &INVITATION, &link, "").await
}

async fn send(
    app: &App,
    tx: &Transaction,
    user: &User,
    template: &Template,
    link: &str,
    code: &str,
) -> Result<()> {
    let Some(email) = &user.email else { return Ok(()) };
    let mail = Mail {
        to: email,
        language: language(user),
        template,
        values: json!({
            "name": if user.name.is_empty() { &user.username } else { &user.name },
            "username": user.username,
            "business": tenants::name(tx, user.tenant).await?,
            "code": code,
            "url": format!("{}/passwords/{link}", app.files.base_url()),
        }),
        reply_to: None,
    };
    mail::send(tx, user.tenant, mail).await.map(drop)
}

/// The language a user reads.
pub(super) fn language(user: &User) -> Language {
    Language::of_tag(user.locale.as_deref().unwrap_or_default())
}

/// Whether a password can be chosen with a code. A wrong one counts as one of five tries.
///
/// # Errors
/// UNAVAILABLE when the database cannot be reached.
pub async fn check(app: &App, account: &Account, code: &str) -> Result<CodeCheck> {
    let found = find(app, account, code).await?;
    let expires_at = found.map(|(_, reset)| reset.expires_at);
    Ok(CodeCheck { is_valid: expires_at.is_some(), expires_at })
}

/// Gives the user a new password by a code, which is used up, and ends all sessions of theirs.
/// Refusals of the password name the field `new_password`. Answers the user.
///
/// # Errors
/// INVALID_ARGUMENT for a password that breaks the rule, and for a code that is wrong, used,
/// replaced or expired, or was tried five times.
pub async fn reset(
    app: &App,
    account: &Account,
    code: &str,
    new_password: SecretString,
) -> Result<User> {
    let new_password = checked_password("new_password", new_password, &account.name)?;
    let Some((user, reset)) = find(app, account, code).await? else { return Err(wrong_code()) };
    let new_password = checked_password("new_password", new_password, &user.username)?;
    let hashed = users::hash(&new_password).await?;
    if !store(app, &user, &hashed, |now| now.code_mac == reset.code_mac).await? {
        return Err(wrong_code());
    }
    Ok(user)
}

/// The user that a link lets choose a password.
///
/// # Errors
/// NOT_FOUND for a link this server did not make, FAILED_PRECONDITION (`LINK_EXPIRED`) for one
/// that was used or replaced, or whose time is over.
pub(super) async fn linked(app: &App, link: &str) -> Result<User> {
    let entrance = Signer::open(&app.database)
        .await?
        .enter(PURPOSE, link)
        .ok_or_else(crate::links::not_found)?;
    let tenant: TenantId = entrance.tenant;
    app.database
        .transaction(tenant, |tx| async move {
            let reset = repository::lock(&tx, tenant, entrance.id).await?;
            let is_open = reset.is_some_and(|reset| {
                reset.has_link(entrance.secret_hash) && reset.is_open(time::now())
            });
            let user = users::get(&tx, entrance.id).await?;
            if is_open && user.is_active { Ok(user) } else { Err(expired()) }
        })
        .await
}

/// Gives the user of a link a new password, and ends all sessions of theirs.
///
/// # Errors
/// As [`linked`], and INVALID_ARGUMENT for a password that breaks the rule.
pub(super) async fn reset_linked(
    app: &App,
    link: &str,
    new_password: SecretString,
) -> Result<User> {
    let user = linked(app, link).await?;
    let new_password = checked_password("new_password", new_password, &user.username)?;
    let hashed = users::hash(&new_password).await?;
    let entrance = Signer::open(&app.database).await?.enter(PURPOSE, link);
    let entrance = entrance.ok_or_else(crate::links::not_found)?;
    if !store(app, &user, &hashed, |now| now.has_link(entrance.secret_hash)).await? {
        return Err(expired());
    }
    Ok(user)
}

/// Stores a password if the reset is still open and the one that was meant; then it is used up.
async fn store(
    app: &App,
    user: &User,
    hashed: &Hashed,
    is_meant: impl Fn(&Reset) -> bool,
) -> Result<bool> {
    let is_meant = &is_meant;
    app.database
        .transaction(user.tenant, |tx| async move {
            let reset = repository::lock(&tx, user.tenant, user.id).await?;
            if !reset.is_some_and(|reset| reset.is_open(time::now()) && is_meant(&reset)) {
                return Ok(false);
            }
            repository::delete(&tx, user).await?;
            users::store_password(&tx, user, hashed).await?;
            sessions::end_all(&tx, user.tenant, user.id).await?;
            Ok(true)
        })
        .await
}

/// The user of an account whose code this is. It counts as a try for the others of that name.
async fn find(app: &App, account: &Account, code: &str) -> Result<Option<(User, Reset)>> {
    let signer = &Signer::open(&app.database).await?;
    let (code, mut fitting) = (code.trim(), None);
    let users = users_of(app, account).await?;
    for user in &users {
        // Looked at and counted in one transaction, so that many guesses at once are no more than
        // five either.
        let found = app
            .database
            .in_earnest()
            .transaction(user.tenant, |tx| async move {
                let reset = repository::lock(&tx, user.tenant, user.id).await?;
                let Some(reset) = reset.filter(|reset| reset.is_open(time::now())) else {
                    return Ok(None);
                };
                let Some(mac) = &reset.code_mac else { return Ok(None) };
                if signer.verify(CODE, &signed(user, code), mac) {
                    return Ok(Some(reset));
                }
                repository::count_try(&tx, user).await?;
                Ok(None)
            })
            .await?;
        fitting = fitting.or(found.map(|reset| (user.clone(), reset)));
    }
    Ok(fitting)
}

/// What is signed of a code: that of one user is none of another.
fn signed(user: &User, code: &str) -> String {
    format!("{}.{}.{code}", user.tenant, user.id)
}

/// The active users of an account.
async fn users_of(app: &App, account: &Account) -> Result<Vec<User>> {
    let folded = folded_username(&account.name);
    let tx = app.database.read_by(Key::Username(&folded)).await?;
    let found = users::named(&tx, &folded, Named::UsernameOrEmail).await?;
    let mut users: Vec<_> = found.into_iter().map(|(user, _)| user).collect();
    users.retain(|user| {
        user.is_active
            && account.tenant.is_none_or(|tenant| user.tenant == tenant)
            && account.family.is_none_or(|family| user.family == family)
    });
    Ok(users)
}

fn expired() -> Error {
    let message = "The link was used or replaced, or has expired.";
    Error::new(Kind::FailedPrecondition, reason::LINK_EXPIRED, message)
}
