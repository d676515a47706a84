//! What can be done with notes.

use steward_database::{Transaction, page};
use steward_kernel::list::Value;
use steward_kernel::page::{ListQuery, Page};
use steward_kernel::{Context, Result};
use steward_platform::App;

use super::model::{About, NewNote, Note};
use super::repository;
use crate::cleaners::repository as cleaners;
use crate::clients::repository as clients;
use crate::wire::{all, equal};

/// Notes something.
pub async fn add(app: &App, context: &Context, new: &NewNote) -> Result<Note> {
    app.transaction(context, |tx| async move {
        check(&tx, context, new.about).await?;
        record(&tx, context, new).await
    })
    .await
}

/// Notes something of a cleaner who is there, beside another change.
pub async fn add_to_cleaner(
    tx: &Transaction,
    context: &Context,
    id: i64,
    text: &str,
) -> Result<()> {
    let text = text.to_owned();
    let new = NewNote { about: About::Cleaner(id), text, is_pinned: false };
    record(tx, context, &new).await.map(drop)
}

async fn record(tx: &Transaction, context: &Context, new: &NewNote) -> Result<Note> {
    let author = context.user_id();
    repository::insert(tx, context.tenant()?, new, author).await
}

/// Refuses whom there is not.
async fn check(tx: &Transaction, context: &Context, about: About) -> Result<()> {
    let tenant = context.tenant()?;
    match about {
        About::Cleaner(id) => cleaners::check(tx, tenant, id).await.map(drop),
        About::Client(id) => clients::check(tx, tenant, id).await,
    }
}

/// The note with an id.
pub async fn get(app: &App, context: &Context, id: i64) -> Result<Note> {
    app.get(context, id).await
}

/// A page of what was noted of somebody, who is meant by the id of the user with `is_user_id`.
pub async fn list(
    app: &App,
    context: &Context,
    (about, is_user_id): (About, bool),
    query: &ListQuery,
) -> Result<Page<Note>> {
    let tenant = context.tenant()?;
    let tx = app.read(context).await?;
    let about = match about {
        About::Client(user) if is_user_id => {
            About::Client(clients::id_of_user(&tx, tenant, user).await?)
        }
        About::Cleaner(user) if is_user_id => {
            About::Cleaner(cleaners::id_of_user(&tx, tenant, user).await?)
        }
        named @ (About::Client(_) | About::Cleaner(_)) => {
            check(&tx, context, named).await?;
            named
        }
    };
    let scope = match about {
        About::Client(id) => equal(repository::CLIENT_ID, Some(Value::Integer(id))),
        About::Cleaner(id) => equal(repository::CLEANER_ID, Some(Value::Integer(id))),
    };
    page(&tx, tenant, Some(&all([scope])), query).await
}
