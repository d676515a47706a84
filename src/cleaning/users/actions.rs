//! What can be done with users.

use secrecy::SecretString;
use steward_database::Transaction;
use steward_kernel::{Context, Error, Kind, Result, Role, TenantId, error::reason, time};
use steward_platform::users::{
    self as platform, Contact, Hashed, NewUser, User, checked_password, hash,
};
use steward_platform::{App, passwords};

use super::model::{Details, Person};
use super::repository;
use crate::caller::{Reach, reach_of};
use crate::reason::email_taken;

/// The user with an id. Whoever is no admin sees nobody but themselves.
pub async fn get(app: &App, context: &Context, id: i64) -> Result<Person> {
    let tenant = context.tenant()?;
    let is_own = context.user().is_some_and(|user| user.id == id);
    let tx = app.read(context).await?;
    let person = repository::get(&tx, tenant, id).await?;
    if is_own || reach_of(context) == Reach::Own {
        Ok(person)
    } else {
        let message = "This user may only be seen by admins.";
        Err(Error::new(Kind::PermissionDenied, reason::FORBIDDEN_ACTION, message))
    }
}

/// The person behind a user who signed in.
pub async fn person(app: &App, user: &User) -> Result<Person> {
    let tx = app.database.read(user.tenant).await?;
    repository::get(&tx, user.tenant, user.id).await
}

/// Hashes a password that was chosen for somebody new; refusals name the field `password`.
pub(crate) async fn hashed(password: Option<SecretString>, email: &str) -> Result<Option<Hashed>> {
    let Some(password) = password else { return Ok(None) };
    hash(&checked_password("password", password, email)?).await.map(Some)
}

/// Records a user for somebody new, whose user name is the e-mail address. Without a password they
/// are mailed a link to choose one. Answers the user's id.
///
/// # Errors
/// EMAIL_TAKEN when another user has the name.
pub(crate) async fn admit(
    app: &App,
    tx: &Transaction,
    tenant: TenantId,
    (email, role): (&str, Role),
    details: &Details,
    password: Option<&Hashed>,
) -> Result<i64> {
    let user = NewUser::new(email, &details.whole_name(), role)?;
    let user = match password {
        Some(password) => user.with_password(password.clone()),
        None => user,
    };
    let id = platform::insert(tx, tenant, &user).await.map_err(taken)?;
    repository::put(tx, tenant, id, details).await?;
    if password.is_none() {
        passwords::invite(app, tx, &platform::get(tx, id).await?).await?;
    }
    Ok(id)
}

/// Records a user for somebody who left an e-mail address or a telephone number and did not ask to
/// sign in, so nothing is mailed. The user name is what they left, unless somebody has it. Answers
/// the user's id. The transaction's mark is then before the user.
pub(crate) async fn admit_lead(
    tx: &Transaction,
    tenant: TenantId,
    email: Option<&str>,
    details: &Details,
) -> Result<i64> {
    let name = details.whole_name();
    let left = email.or(details.phone.as_deref()).unwrap_or_default();
    let user = |username: &str| match email {
        Some(email) => NewUser::new(email, &name, Role::Client)?.with_username(username),
        None => NewUser::without_email(username, &name, Role::Client),
    };
    tx.mark();
    let id = match platform::insert(tx, tenant, &user(left)?).await {
        Err(error) if error.kind() == Kind::AlreadyExists => {
            tx.back_to_mark();
            let other = format!("{left} ({})", time::now().as_microsecond());
            platform::insert(tx, tenant, &user(&other)?).await?
        }
        inserted => inserted?,
    };
    repository::put(tx, tenant, id, details).await?;
    Ok(id)
}

/// Keeps the user of a client or cleaner as these are.
///
/// # Errors
/// EMAIL_TAKEN when another user has the e-mail address as the name.
pub(crate) async fn keep(
    tx: &Transaction,
    tenant: TenantId,
    id: i64,
    (email, image_url): (Option<&str>, Option<&str>),
    details: &Details,
) -> Result<()> {
    let contact = Contact { email, name: &details.whole_name(), picture_url: image_url };
    platform::set_contact(tx, tenant, id, contact).await.map_err(taken)?;
    repository::put(tx, tenant, id, details).await
}

/// What it means that there is a user of that name.
fn taken(error: Error) -> Error {
    if error.kind() == Kind::AlreadyExists { email_taken().with_source(error) } else { error }
}
