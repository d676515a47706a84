//! An agreement as somebody signs it: who they are, and what they read.

use sha2::{Digest, Sha256};
use steward_database::{Connection, find};
use steward_kernel::{Context, Error, Kind, Result, Role, TenantId, error::reason, text, time};
use steward_platform::App;
use steward_platform::links::{PersonalLink, Signer};
use steward_platform::mail::Language;
use steward_platform::users::User;

use super::about::{About, Visits};
use super::fill::{self, Values};
use super::model::{Agreement, trigger};
use crate::bookings::repository as bookings;
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
pub(super) const PURPOSE: &str = "sign agreement";

/// An agreement as it is shown to whoever signs it.
#[derive(Debug)]
pub struct Shown {
    /// The agreement.
    pub agreement: Agreement,
    /// Who signs it.
    pub signer: Person,
    /// Id of the assignment it is about.
    pub assignment: Option<i64>,
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
/// UNAUTHENTICATED without a token and for a link to something else, NOT_FOUND and PERMISSION_DENIED
/// for callers who sign nothing, and those of the link.
pub async fn signer(app: &App, context: &Context, id: i64, key: &str) -> Result<i64> {
    let tenant = context.tenant()?;
    if key.is_empty() {
        return match context.user() {
            Some(user) if !Role::DEFAULT.contains(&user.role) => Ok(user.id),
            _ => {
                // What is another company's is not there for anybody else.
                app.get::<Agreement>(context, id).await?;
                Err(forbidden("Agreements are signed by clients and cleaners."))
            }
        };
    }
    let link = follow(app, key).await?;
    if link.tenant == tenant && link.id == id {
        return Ok(link.user);
    }
    Err(Error::unauthenticated("The link is for another agreement."))
}

/// What a link from a mail leads to.
///
/// # Errors
/// Those of the link.
pub(super) async fn follow(app: &App, key: &str) -> Result<PersonalLink> {
    Signer::open(&app.database).await?.follow(PURPOSE, key)
}

fn forbidden(message: &'static str) -> Error {
    Error::new(Kind::PermissionDenied, reason::FORBIDDEN_ACTION, message)
}

/// The agreement as a user signs it, about an assignment or about none.
///
/// # Errors
/// NOT_FOUND for an agreement or an assignment that is not there, PERMISSION_DENIED for people it
/// is not for or who are no party of the assignment, and for those who may not sign in any more.
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
    let company: Tenant = find(connection, tenant, tenant.0).await?;
    let values = match assignment {
        Some(id) => {
            let about = About::of(connection, tenant, id).await?;
            about.party(user)?;
            values_about(&about, &company)?
        }
        None => values(connection, &agreement, &signer, &company).await?,
    };
    let body = values.fill(&agreement.written.body);
    let sha256 = text::hex(&Sha256::digest(&body));
    let signatures = signed::signatures(connection, tenant, &[id], &[user], assignment).await?;
    let is_signed = signatures.contains(&(id, agreement.revision, user));
    Ok(Shown { agreement, signer, assignment, company, body, sha256, is_signed })
}

/// Whether an agreement is for a user to sign.
pub(super) fn is_for(agreement: &Agreement, signer: &Person) -> bool {
    signer.user.role.name() == agreement.written.audience
}

/// Refuses somebody whom an agreement is not for, or who may not sign in any more.
pub(super) fn require_for(agreement: &Agreement, signer: &Person) -> Result<()> {
    if is_for(agreement, signer) {
        require_active(signer)
    } else {
        Err(forbidden("The agreement is for others to sign."))
    }
}

/// Refuses somebody who may not sign in any more.
pub(super) fn require_active(person: &Person) -> Result<()> {
    if person.user.is_active {
        return Ok(());
    }
    Err(Error::account_inactive())
}

/// What is known wherever an agreement is signed.
fn values_of(company: &Tenant) -> Result<Values> {
    let today = fill::day(time::now(), &company.time_zone, &company.locale)?;
    let tenant_name = Some(company.name.clone());
    Ok(Values { tenant_name, today: Some(today), ..Values::default() })
}

/// What is known of a signer. A client who signs because of a booking signs about the newest one.
async fn values(
    connection: &Connection,
    agreement: &Agreement,
    signer: &Person,
    company: &Tenant,
) -> Result<Values> {
    let mut values = values_of(company)?;
    if signer.user.role == Role::Client {
        values.client_first_name = Some(signer.details.first_name.clone());
    } else {
        values.cleaner_full_name = Some(signer.full_name());
    }
    if agreement.written.trigger == trigger::ON_CLIENT_BOOKING
        && let Some(client) = clients::of_user(connection, company.id, signer.user.id).await?
        && let Some(booking) = bookings::newest_of(connection, company.id, client).await?
    {
        let visits = Visits::of(&booking.agreed, booking.agreed.start_date)?;
        values.tell(&visits, &company.locale);
    }
    Ok(values)
}

/// What is known of an assignment, of whichever party.
fn values_about(about: &About, company: &Tenant) -> Result<Values> {
    let mut values = values_of(company)?;
    let (assignment, visits) = (&about.assignment, about.visits()?);
    let cleaner = &assignment.cleaner;
    values.client_first_name = Some(about.client.written.first_name.clone());
    values.cleaner_full_name = Some(format!("{} {}", cleaner.first_name, cleaner.last_name));
    values.assignment_start_hour = Some(assignment.start_time.to_string());
    values.assignment_first_date = Some(fill::date(visits.first_date, &company.locale));
    values.tell(&visits, &company.locale);
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

/// The language that a user reads, or else their company.
pub fn language(user: &User, company: &Tenant) -> Language {
    Language::of_tag(user.locale.as_deref().unwrap_or(&company.locale))
}
