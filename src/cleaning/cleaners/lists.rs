//! The lists of cleaners that the service of companies hands on.

use steward_kernel::validate::Violations;
use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status as Refusal};

use super::repository::BY_NAME;
use super::status::Status;
use super::{actions, show};
use crate::pb;
use crate::wire::{status_of_path, whole};

/// What a cleaner's status is called.
const STATUSES: [&str; 6] = ["Applied", "Checked", "Interviewed", "Active", "Stopped", "Rejected"];

pub(crate) async fn list_active(
    app: &App,
    request: Request<pb::ListTenantCleanersRequest>,
) -> Result<Response<pb::ListCleanerBriefsResponse>, Refusal> {
    call::run(request, |context, request| async move {
        let pb::ListTenantCleanersRequest { page_number, page_size } = request;
        let mut violations = Violations::below("");
        let query = whole(&mut violations, page_number, page_size, BY_NAME);
        let query = violations.finish(query)?;
        let active = Some(Status::Active.number());
        actions::list(app, &context, active, &query).await.map(show::briefs)
    })
    .await
}

pub(crate) async fn list_by_status(
    app: &App,
    request: Request<pb::ListCleanersByStatusRequest>,
) -> Result<Response<pb::ListCleanersResponse>, Refusal> {
    call::run(request, |context, request| async move {
        let pb::ListCleanersByStatusRequest { status, page_number, page_size } = request;
        let mut violations = Violations::below("");
        let status = status_of_path(&mut violations, status, &STATUSES);
        let query = whole(&mut violations, page_number, page_size, BY_NAME);
        let query = violations.finish(query)?;
        actions::list(app, &context, status, &query).await.map(show::list)
    })
    .await
}
