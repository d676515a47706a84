//! Companies that would like to work with this server, and asked.
//!
//! They are nobody's tenants yet, so they are kept apart from every tenant, for the operator
//! alone: `steward leads list` shows them, and a job mails each to the address that is configured.

mod model;
mod repository;
mod tell;
mod wire;

use steward_kernel::Result;
use steward_platform::App;

pub use model::{NewTenantLead, TenantLead};
pub use tell::TellOperator;
pub(crate) use wire::read;

/// Leads that are read at once.
const AT_ONCE: i64 = 500;

/// Keeps a lead; answers its id. The same words a second time are the same lead.
pub(crate) async fn keep(app: &App, lead: NewTenantLead) -> Result<i64> {
    let lead = &lead;
    app.database.transaction_platform(|tx| async move { repository::insert(&tx, lead).await }).await
}

/// Hands every lead to `each`, the oldest first.
///
/// # Errors
/// UNAVAILABLE when the database cannot be reached, and what `each` fails with.
pub async fn for_each<E: From<steward_kernel::Error>>(
    app: &App,
    each: impl Fn(TenantLead) -> Result<(), E>,
) -> Result<(), E> {
    let mut after = 0;
    loop {
        let page = {
            let tx = app.database.read_platform().await?;
            repository::list(&tx, after, AT_ONCE).await?
        };
        let Some(last) = page.last() else { return Ok(()) };
        after = last.id;
        page.into_iter().try_for_each(&each)?;
    }
}
