//! What can be done with users, whatever their role.

use steward_kernel::{Context, Result};
use steward_platform::App;

use super::model::Person;

/// The user with `id`.
pub async fn get(app: &App, context: &Context, id: i64) -> Result<Person> {
    app.get(context, id).await
}

/// The users with these ids, in their order.
pub async fn batch_get(app: &App, context: &Context, ids: &[i64]) -> Result<Vec<Person>> {
    app.get_all(context, ids).await
}
