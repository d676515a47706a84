//! What can be done with issues.

use steward_kernel::page::Page;
use steward_kernel::{Context, Result};
use steward_platform::App;

use super::model::{IssueQuery, IssueSummary, NewIssue};
use super::repository;

/// A page of the issues created within a period.
pub async fn list(app: &App, context: &Context, query: IssueQuery) -> Result<Page<IssueSummary>> {
    let tenant = context.tenant()?;
    let tx = app.read(context).await?;
    repository::page(&tx, tenant, &query).await
}

/// Records an issue.
pub async fn record(app: &App, context: &Context, new: &NewIssue) -> Result<()> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move { repository::insert(&tx, tenant, new).await }).await
}
