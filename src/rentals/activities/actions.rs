//! What can be done with activities: they are looked at, and comments are written.

use steward_kernel::validate::Violations;
use steward_kernel::{Context, Error, Kind, Result};
use steward_platform::App;
use steward_platform::files;
use steward_platform::users;

use super::model::{ALLOWED, Activity, CommentInput};
use super::repository;
use crate::bookings;
use crate::bookings::history::kind;

/// What names the file of a comment.
const FIELD: &str = "activity.attachment_id";

/// The id of the booking with a number.
async fn booking(app: &App, context: &Context, number: i64) -> Result<i64> {
    Ok(bookings::actions::get(app, context, number).await?.booking.id)
}

/// What was done with a booking, the latest first.
pub async fn list(app: &App, context: &Context, number: i64) -> Result<Vec<Activity>> {
    let booking = booking(app, context, number).await?;
    let tx = app.read(context).await?;
    let mut found = repository::of(&tx, context.tenant()?, booking).await?;
    let shown = found.iter_mut().filter_map(|one| one.file.as_mut()).collect();
    files::show(app, context.tenant()?, shown).await?;
    Ok(found)
}

/// The activity with an id.
pub async fn get(app: &App, context: &Context, number: i64, id: i64) -> Result<Activity> {
    let booking = booking(app, context, number).await?;
    let tx = app.read(context).await?;
    let mut found = repository::get(&tx, context.tenant()?, booking, id).await?;
    files::show(app, context.tenant()?, found.file.as_mut().into_iter().collect()).await?;
    Ok(found)
}

/// Writes a comment.
pub async fn create(
    app: &App,
    context: &Context,
    number: i64,
    input: &CommentInput,
) -> Result<Activity> {
    let tenant = context.tenant()?;
    let id = app
        .transaction(context, |tx| async move {
            let booking = booking(app, context, number).await?;
            let named = input.attachment_id.as_ref().map(Option::as_deref);
            let file = files::exchange(app, &tx, tenant, (FIELD, named, &ALLOWED), None).await?;
            let comment = input.comment.as_deref().unwrap_or_default();
            needs_words(comment, file)?;
            let user = context.principal().and_then(|principal| principal.user.as_ref());
            let author = match user {
                Some(user) => Some(users::get(&tx, user.id).await?.name),
                None => None,
            };
            let author = author.filter(|name| !name.is_empty());
            repository::insert_comment(&tx, tenant, booking, comment, file, author.as_deref()).await
        })
        .await?;
    get(app, context, number, id).await
}

/// Writes a comment anew.
pub async fn update(
    app: &App,
    context: &Context,
    number: i64,
    id: i64,
    input: &CommentInput,
) -> Result<Activity> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let booking = booking(app, context, number).await?;
        let present = comment(repository::get(&tx, tenant, booking, id).await?)?;
        let had = present.file.as_ref().map(|file| file.id);
        let named = input.attachment_id.as_ref().map(Option::as_deref);
        let file = files::exchange(app, &tx, tenant, (FIELD, named, &ALLOWED), had).await?;
        let words = match &input.comment {
            Some(words) => words.as_str(),
            None => present.properties["comment"].as_str().unwrap_or_default(),
        };
        needs_words(words, file)?;
        repository::update_comment(&tx, tenant, id, words, file).await
    })
    .await?;
    get(app, context, number, id).await
}

/// Deletes a comment.
pub async fn delete(app: &App, context: &Context, number: i64, id: i64) -> Result<()> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let booking = booking(app, context, number).await?;
        comment(repository::get(&tx, tenant, booking, id).await?)?;
        repository::delete(&tx, tenant, id).await
    })
    .await
}

/// Only comments are changed: what was done stays done.
fn comment(activity: Activity) -> Result<Activity> {
    if activity.kind == kind::COMMENT {
        return Ok(activity);
    }
    let message = "Only comments can be changed and deleted.";
    Err(Error::new(Kind::FailedPrecondition, "INVALID_TRANSITION", message))
}

/// A comment has a text unless it brings a file.
fn needs_words(comment: &str, file: Option<i64>) -> Result<()> {
    let mut violations = Violations::below("activity");
    if comment.is_empty() && file.is_none() {
        violations.required("properties.comment");
    }
    violations.finish(())
}
