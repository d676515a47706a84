//! What can be done with invitations.
//!
//! Every change locks the user first, so that changes of one user's invitations and status
//! follow each other, and each sees what the one before has left.

use serde_json::json;
use steward_database::{Connection, Transaction, find};
use steward_kernel::page::Page;
use steward_kernel::{Context, Error, Result, TenantId, time};
use steward_platform::links::{self, Entrance, Secret, Signer};
use steward_platform::mail::{self, Mail, Template};
use steward_platform::{App, mail_template, tenants};

use super::model::{
    Invitation, InvitationInput, InvitationQuery, Letter, require_contact, require_invitable,
};
use super::repository::{self, NewInvitation};
use crate::pb::invitation_service_server::SERVICE_NAME;
use crate::reason;
use crate::users::model::{Person, Status, user_not_found};
use crate::users::repository as users;

/// The mail with the link. Values: `name`, `business`, `url`.
pub(super) const MAIL: Template = mail_template!("templates/invitation");

/// Invites a user.
pub async fn create(app: &App, context: &Context, input: InvitationInput) -> Result<Invitation> {
    let tenant = context.tenant()?;
    let invited_by = context.principal().map_or("", |principal| &*principal.client_id);
    let InvitationInput { user_id, language } = input;
    let (signer, secret) = (&Signer::open(&app.database).await?, &Secret::random());
    app.transaction(context, |tx| async move {
        let user = locked(&tx, tenant, user_id).await?;
        let is_main_contact = repository::is_main_contact(&tx, tenant, user_id).await?;
        require_invitable(user.role, user.status, is_main_contact)?;
        let new = NewInvitation {
            user_id,
            language,
            email: &user.email,
            secret_hash: secret.hash(),
            invited_by,
            now: time::now(),
        };
        let id = repository::insert(&tx, tenant, new).await?;
        users::set_status(&tx, tenant, user_id, Status::Invited).await?;
        let invitation = find(&tx, tenant, id).await?;
        send(app, &tx, tenant, &invitation, &signer.entrance(SERVICE_NAME, tenant, id, secret))
            .await?;
        Ok(invitation)
    })
    .await
}

/// The invitation with `id`.
pub async fn get(app: &App, context: &Context, id: i64) -> Result<Invitation> {
    app.get(context, id).await
}

/// The invitations with these ids, in their order.
pub async fn batch_get(app: &App, context: &Context, ids: &[i64]) -> Result<Vec<Invitation>> {
    app.get_all(context, ids).await
}

/// A page of invitations.
pub async fn list(
    app: &App,
    context: &Context,
    query: InvitationQuery,
) -> Result<Page<Invitation>> {
    let page = app.page(context, Some(&repository::scope(&query)), &query.list).await?;
    if let Some(user) = query.user_id.filter(|_| page.total == 0) {
        // Told apart from a user there is not.
        let tx = app.read(context).await?;
        if users::role(&tx, context.tenant()?, user).await?.is_none() {
            return Err(user_not_found(user));
        }
    }
    Ok(page)
}

/// Sends the invitation with `id` again, by a link that takes the place of the one before.
pub async fn resend(app: &App, context: &Context, id: i64) -> Result<Invitation> {
    let tenant = context.tenant()?;
    let (signer, secret) = (&Signer::open(&app.database).await?, &Secret::random());
    app.transaction(context, |tx| async move {
        let (invitation, user) = locked_with_user(&tx, tenant, id).await?;
        let now = time::now();
        invitation.require_pending(now)?;
        let is_main_contact = repository::is_main_contact(&tx, tenant, user.id).await?;
        require_contact(user.role, is_main_contact)?;
        repository::resend(&tx, tenant, id, &user.email, secret.hash(), now).await?;
        let invitation = find(&tx, tenant, id).await?;
        send(app, &tx, tenant, &invitation, &signer.entrance(SERVICE_NAME, tenant, id, secret))
            .await?;
        Ok(invitation)
    })
    .await
}

/// Takes the invitation with `id` back.
pub async fn revoke(app: &App, context: &Context, id: i64) -> Result<Invitation> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let (invitation, user) = locked_with_user(&tx, tenant, id).await?;
        let now = time::now();
        invitation.require_pending(now)?;
        repository::revoke(&tx, tenant, id, now).await?;
        users::set_status(&tx, tenant, user.id, Status::Uninvited).await?;
        find(&tx, tenant, id).await
    })
    .await
}

/// Makes the user with `id` inactive, who must be active.
pub async fn deactivate_user(app: &App, context: &Context, id: i64) -> Result<Person> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let user = locked(&tx, tenant, id).await?;
        if user.status != Status::Active {
            return Err(Error::forbidden_action("The user is not active."));
        }
        users::set_status(&tx, tenant, id, Status::Inactive).await?;
        Ok(Person { status: Status::Inactive, ..user })
    })
    .await
}

/// What `link` is about. The context is that of the link.
pub async fn preview(app: &App, context: &Context, link: &str) -> Result<Letter> {
    let tenant = context.tenant()?;
    let entrance = entrance(app, link).await?;
    let tx = app.read(context).await?;
    let invitation = followable(&tx, tenant, entrance).await?;
    letter(&tx, tenant, invitation).await
}

/// Accepts the invitation that `link` is about. The context is that of the link.
pub async fn accept(app: &App, context: &Context, link: &str) -> Result<Letter> {
    let tenant = context.tenant()?;
    let entrance = entrance(app, link).await?;
    app.transaction(context, |tx| async move {
        let user = repository::user_of(&tx, tenant, entrance.id).await?;
        let user = locked(&tx, tenant, user.ok_or_else(links::not_found)?).await?;
        let invitation = followable(&tx, tenant, entrance).await?;
        repository::accept(&tx, tenant, invitation.id, time::now()).await?;
        users::set_status(&tx, tenant, user.id, Status::Active).await?;
        letter(&tx, tenant, invitation).await
    })
    .await
}

async fn entrance(app: &App, link: &str) -> Result<Entrance> {
    let signer = Signer::open(&app.database).await?;
    signer.enter(SERVICE_NAME, link).ok_or_else(links::not_found)
}

/// The invitation that a link leads to, if the link may still be followed.
async fn followable(
    connection: &Connection,
    tenant: TenantId,
    entrance: Entrance,
) -> Result<Invitation> {
    let Entrance { tenant: _, id, secret_hash } = entrance;
    let is_latest = repository::is_latest(connection, tenant, id, secret_hash).await?;
    let invitation: Invitation = find(connection, tenant, id).await?;
    invitation.require_followable(is_latest, time::now())?;
    Ok(invitation)
}

async fn letter(
    connection: &Connection,
    tenant: TenantId,
    invitation: Invitation,
) -> Result<Letter> {
    Ok(Letter {
        user_name: invitation.user_name,
        business_name: tenants::name(connection, tenant).await?,
        language: invitation.language,
        expires_at: invitation.expires_at,
    })
}

/// Has the mail of an invitation sent, with its link.
async fn send(
    app: &App,
    tx: &Transaction,
    tenant: TenantId,
    invitation: &Invitation,
    link: &str,
) -> Result<()> {
    let mail = Mail {
        to: &invitation.email,
        language: invitation.language,
        template: &MAIL,
        values: json!({
            "name": invitation.user_name,
            "business": tenants::name(tx, tenant).await?,
            "url": format!("{}/invitations/{link}", app.files.base_url()),
        }),
        reply_to: None,
    };
    mail::send(tx, tenant, mail).await.map(drop).map_err(reason::mailing)
}

/// The user with `id`; nobody else changes them until the transaction ends.
async fn locked(connection: &Connection, tenant: TenantId, id: i64) -> Result<Person> {
    users::lock(connection, tenant, id).await?.ok_or_else(|| user_not_found(id))
}

/// The invitation with `id` and its user, who is locked before the invitation is read.
async fn locked_with_user(
    connection: &Connection,
    tenant: TenantId,
    id: i64,
) -> Result<(Invitation, Person)> {
    let user = repository::user_of(connection, tenant, id).await?.ok_or_else(|| not_found(id))?;
    let user = locked(connection, tenant, user).await?;
    Ok((find(connection, tenant, id).await?, user))
}

/// The error for an id that is no invitation of the tenant.
pub fn not_found(id: i64) -> Error {
    Error::not_found("Invitation", id)
}
