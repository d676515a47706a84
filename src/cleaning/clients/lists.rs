//! The list of clients that the service of companies hands on.

use steward_kernel::validate::Violations;
use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status};

use super::repository::BY_NAME;
use super::{actions, wire};
use crate::pb;
use crate::wire::{status_of_path, whole};

/// What a client's status is called.
const STATUSES: [&str; 4] = ["Lead", "Active", "Paused", "Cancelled"];

pub(crate) async fn list_by_status(
    app: &App,
    request: Request<pb::ListClientsByStatusRequest>,
) -> Result<Response<pb::ListClientsByStatusResponse>, Status> {
    call::run(request, |context, request| async move {
        let pb::ListClientsByStatusRequest { status, page_number, page_size } = request;
        let mut violations = Violations::below("");
        let status = status_of_path(&mut violations, status, &STATUSES);
        let query = whole(&mut violations, page_number, page_size, BY_NAME);
        let query = violations.finish(query)?;
        actions::list_by_status(app, &context, status, &query).await.map(wire::whole_list)
    })
    .await
}
