//! The RPCs of issues.

use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::{actions, wire};
use crate::pb;
use crate::pb::issue_service_server::{IssueService, IssueServiceServer};

pub(crate) fn service(app: &App) -> IssueServiceServer<Service> {
    IssueServiceServer::new(Service { app: app.clone() })
}

pub(crate) struct Service {
    app: App,
}

#[async_trait]
impl IssueService for Service {
    async fn list_issues(
        &self,
        request: Request<pb::ListIssuesRequest>,
    ) -> Result<Response<pb::ListIssuesResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::list(app, &context, wire::query(request)?).await.map(wire::list)
        })
        .await
    }
}
