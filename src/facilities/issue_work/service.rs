//! The RPCs of the work on issues.

use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::model::Step;
use super::{actions, wire};
use crate::issues::model::Verb;
use crate::issues::wire::issue;
use crate::pb;
use crate::pb::issue_work_service_server::{IssueWorkService, IssueWorkServiceServer};

pub(crate) fn service(app: &App) -> IssueWorkServiceServer<Service> {
    IssueWorkServiceServer::new(Service { app: app.clone() })
}

pub(crate) struct Service {
    app: App,
}

#[async_trait]
impl IssueWorkService for Service {
    async fn assign_issue(
        &self,
        request: Request<pb::AssignIssueRequest>,
    ) -> Result<Response<pb::Issue>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let (id, step) = wire::assign(request)?;
            actions::advance(app, &context, id, &step).await.map(issue)
        })
        .await
    }

    async fn start_issue(
        &self,
        request: Request<pb::StartIssueRequest>,
    ) -> Result<Response<pb::Issue>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let step = Step::Plain(Verb::Start);
            actions::advance(app, &context, request.issue_id, &step).await.map(issue)
        })
        .await
    }

    async fn hold_issue(
        &self,
        request: Request<pb::HoldIssueRequest>,
    ) -> Result<Response<pb::Issue>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let step = Step::Plain(Verb::Hold);
            actions::advance(app, &context, request.issue_id, &step).await.map(issue)
        })
        .await
    }

    async fn resume_issue(
        &self,
        request: Request<pb::ResumeIssueRequest>,
    ) -> Result<Response<pb::Issue>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let step = Step::Plain(Verb::Resume);
            actions::advance(app, &context, request.issue_id, &step).await.map(issue)
        })
        .await
    }

    async fn resolve_issue(
        &self,
        request: Request<pb::ResolveIssueRequest>,
    ) -> Result<Response<pb::Issue>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let step = Step::Plain(Verb::Resolve);
            actions::advance(app, &context, request.issue_id, &step).await.map(issue)
        })
        .await
    }

    async fn close_issue(
        &self,
        request: Request<pb::CloseIssueRequest>,
    ) -> Result<Response<pb::Issue>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let step = Step::Plain(Verb::Close);
            actions::advance(app, &context, request.issue_id, &step).await.map(issue)
        })
        .await
    }

    async fn reject_issue(
        &self,
        request: Request<pb::RejectIssueRequest>,
    ) -> Result<Response<pb::Issue>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let (id, step) = wire::reject(request)?;
            actions::advance(app, &context, id, &step).await.map(issue)
        })
        .await
    }

    async fn reopen_issue(
        &self,
        request: Request<pb::ReopenIssueRequest>,
    ) -> Result<Response<pb::Issue>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let step = Step::Plain(Verb::Reopen);
            actions::advance(app, &context, request.issue_id, &step).await.map(issue)
        })
        .await
    }

    async fn rate_issue(
        &self,
        request: Request<pb::RateIssueRequest>,
    ) -> Result<Response<pb::Issue>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let (id, input) = wire::rating(request)?;
            actions::rate(app, &context, id, &input).await.map(issue)
        })
        .await
    }
}
