//! An agreement as somebody signs it: who they are, and what they read.

use serde_json::json;
use sha2::{Digest, Sha256};
use steward_database::{Connection, Transaction, find};
use steward_kernel::{Context, Error, Kind, Result, Role, TenantId, error::reason, text, time};
use steward_platform::links::{PERSONAL_FOR, PersonalLink, Signer};
use steward_platform::mail::{self, Language, Mail, Template};
use steward_platform::users::User;
use steward_platform::{App, mail_template};

use super::fill::{Values, day};
use super::model::Agreement;
use crate::cleaners::model::Cleaner;
use crate::cleaners::repository as cleaners;
use crate::clients::model::Client;
use crate::clients::repository as clients;
use crate::locations::model::Location;
use crate::signed_agreements::repository as signed;
use crate::tenants::model::Tenant;
use crate::users::model::Person;
use crate::users::repository as users;
use crate::wire::Address;

/// What the link in the mail is for, as the contract says it of its RPCs.
const PURPOSE: &str = "sign agreement";

/// The mail with the link. Values: `name`, `business`, `agreement`, `url`.
const MAIL: Template = mail_template!("templates/agreement");

/// An agreement as it is shown to whoever signs it.
#[derive(Debug)]
pub struct Shown {
    /// The agreement.
    pub agreement: Agreement,
    /// Who signs it.
    pub signer: Person,
    /// Whose agreement it is.
    pub company: Tenant,
    /// The text, filled in.
    pub body: String,
    /// SHA-256 of the text, in hexadecimal digits.
    pub sha256: String,
    /// Whether they have signed this revision.
    pub is_signed: bool,
}

/// Whoever a call to sign is made by: whose link it comes with, else whose token.
///
/// # Errors
/// UNAUTHENTICATED without a token and for a link to something else, PERMISSION_DENIED for callers
/// who sign nothing, and those of the link.
pub async fn signer(app: &App, context: &Context, id: i64, key: &str) -> Result<i64> {
    let tenant = context.tenant()?;
    if key.is_empty() {
        return match context.user() {
            Some(user) if !Role::DEFAULT.contains(&user.role) => Ok(user.id),
            _ => Err(forbidden("Agreements are signed by clients and cleaners.")),
        };
    }
    let link = follow(app, key).await?;
    if link.tenant == tenant && link.id == id {
        return Ok(link.user);
    }
    Err(Error::unauthenticated("The link is for another agreement."))
}

async fn follow(app: &App, key: &str) -> Result<PersonalLink> {
    Signer::open(&app.database).await?.follow(PURPOSE, key)
}

fn forbidden(message: &'static str) -> Error {
    Error::new(Kind::PermissionDenied, reason::FORBIDDEN_ACTION, message)
}

/// The agreement as a user signs it, about an assignment or about none.
///
/// # Errors
/// NOT_FOUND for an agreement or an assignment that is not there, PERMISSION_DENIED for people it
/// is not for, and for those who may not sign in any more.
pub async fn shown(
    connection: &Connection,
    tenant: TenantId,
    id: i64,
    user: i64,
    assignment: Option<i64>,
) -> Result<Shown> {
    let agreement: Agreement = find(connection, tenant, id).await?;
    let signer = users::get(connection, tenant, user).await?;
    require_for(&agreement, &signer)?;
    // None of an assignment's parties can be told before assignments are kept.
    if let Some(assignment) = assignment {
        return Err(Error::not_found("ClientCleanerRequest", assignment));
    }
    let company: Tenant = find(connection, tenant, tenant.0).await?;
    let values = values(&signer, &company)?;
    let body = values.fill(&agreement.written.body);
    let sha256 = text::hex(&Sha256::digest(&body));
    let is_signed =
        !signed::signers(connection, tenant, id, agreement.revision, &[user]).await?.is_empty();
    Ok(Shown { agreement, signer, company, body, sha256, is_signed })
}

fn require_for(agreement: &Agreement, signer: &Person) -> Result<()> {
    if signer.user.role.name() != agreement.written.audience {
        return Err(forbidden("The agreement is for others to sign."));
    }
    if !signer.user.is_active {
        let message = "The account is not active.";
        return Err(Error::new(Kind::PermissionDenied, "ACCOUNT_INACTIVE", message));
    }
    Ok(())
}

fn values(signer: &Person, company: &Tenant) -> Result<Values> {
    let today = day(time::now(), &company.time_zone, &company.locale)?;
    let mut values =
        Values { tenant_name: Some(company.name.clone()), today: Some(today), ..Values::default() };
    if signer.user.role == Role::Client {
        values.client_first_name = Some(signer.details.first_name.clone());
    } else {
        values.cleaner_full_name = Some(signer.full_name());
    }
    Ok(values)
}

/// The agreement with `id` as the caller signs it.
pub async fn to_sign(
    app: &App,
    context: &Context,
    (id, key): (i64, &str),
    assignment: Option<i64>,
) -> Result<Shown> {
    let user = signer(app, context, id, key).await?;
    let tx = app.read(context).await?;
    shown(&tx, context.tenant()?, id, user, assignment).await
}

/// A user, and what the company knows of them besides.
#[derive(Debug)]
pub struct Entity {
    /// Who it is.
    pub person: Person,
    /// Their company.
    pub company: Tenant,
    /// Id of the client, for clients.
    pub client_id: Option<i64>,
    /// Id of the cleaner, for cleaners.
    pub cleaner_id: Option<i64>,
    /// Where they live; of clients the home that is meant when none is named.
    pub address: Option<Address>,
}

/// The user with an id, and their company: of admins anybody's, of others their own.
pub async fn entity(app: &App, context: &Context, id: i64, key: &str) -> Result<Entity> {
    let tenant = context.tenant()?;
    if !key.is_empty() {
        if follow(app, key).await?.user != id {
            return Err(Error::unauthenticated("The link is of another user."));
        }
    } else if context
        .user()
        .is_some_and(|user| !Role::DEFAULT.contains(&user.role) && user.id != id)
    {
        return Err(forbidden("This user may only be seen by admins."));
    }
    let tx = app.read(context).await?;
    let person = users::get(&tx, tenant, id).await?;
    let company = find(&tx, tenant, tenant.0).await?;
    let (mut client_id, mut cleaner_id, mut address) = (None, None, None);
    match person.user.role {
        Role::Client => client_id = clients::of_user(&tx, tenant, id).await?,
        Role::Cleaner => cleaner_id = cleaners::of_user(&tx, tenant, id).await?,
        Role::Owner | Role::TenantAdmin => {}
    }
    if let Some(id) = client_id {
        let client: Client = find(&tx, tenant, id).await?;
        let home = client.locations.into_iter().find(Location::is_default);
        address = home.map(|home| home.written.address);
    }
    if let Some(id) = cleaner_id {
        let cleaner: Cleaner = find(&tx, tenant, id).await?;
        address = cleaner.written.address;
    }
    Ok(Entity { person, company, client_id, cleaner_id, address })
}

/// Users whom an agreement was sent to, and those who have signed it.
#[derive(Debug, Default)]
pub struct Sent {
    /// Those who were mailed a link.
    pub mailed: Vec<i64>,
    /// Those who have signed this revision.
    pub signed: Vec<i64>,
}

/// Mails users a link to sign an agreement.
pub async fn send(app: &App, context: &Context, id: i64, ids: &[i64]) -> Result<Sent> {
    let tenant = context.tenant()?;
    let opened = &Signer::open(&app.database).await?;
    app.transaction(context, |tx| async move {
        let agreement: Agreement = find(&tx, tenant, id).await?;
        if !agreement.written.is_active {
            let message = "The agreement is not sent.";
            return Err(Error::new(Kind::FailedPrecondition, "ILLEGAL_TRANSITION", message));
        }
        let company: Tenant = find(&tx, tenant, tenant.0).await?;
        let people = users::many(&tx, tenant, ids).await?;
        let done = signed::signers(&tx, tenant, id, agreement.revision, ids).await?;
        let mut sent = Sent::default();
        for user in ids {
            let person = people.iter().find(|person| person.user.id == *user);
            let person = person.ok_or_else(|| Error::not_found("User", user))?;
            require_for(&agreement, person)?;
            if done.contains(user) {
                sent.signed.push(*user);
                continue;
            }
            let ends = time::now() + PERSONAL_FOR;
            let link = PersonalLink { tenant, id, user: *user, ends };
            let key = opened.personal(PURPOSE, link);
            mail(app, &tx, &company, &agreement, person, &key).await?;
            sent.mailed.push(*user);
        }
        Ok(sent)
    })
    .await
}

async fn mail(
    app: &App,
    tx: &Transaction,
    company: &Tenant,
    agreement: &Agreement,
    person: &Person,
    key: &str,
) -> Result<()> {
    let Some(to) = &person.user.email else {
        return Err(Error::new(
            Kind::FailedPrecondition,
            "ILLEGAL_TRANSITION",
            "No mail reaches the user.",
        ));
    };
    let base = app.files.base_url();
    let mail = Mail {
        to,
        language: language(&person.user, company),
        template: &MAIL,
        values: json!({
            "name": person.full_name(),
            "business": company.name,
            "agreement": agreement.written.name,
            "url": format!("{base}/agreements/{}/sign?key={key}", agreement.id),
        }),
        reply_to: company.email.as_deref(),
    };
    mail::send(tx, company.id, mail).await.map(drop)
}

/// The language that a user reads, or else their company.
pub fn language(user: &User, company: &Tenant) -> Language {
    Language::of_tag(user.locale.as_deref().unwrap_or(&company.locale))
}
