//! What can be done with users.

use steward_kernel::{Context, Error, Kind, Result, error::reason};
use steward_platform::App;
use steward_platform::users::User;

use super::model::Person;
use super::repository;
use crate::caller::{Reach, reach_of};

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
