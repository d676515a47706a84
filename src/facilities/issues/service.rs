//! The RPCs of issues.

use std::sync::Arc;

use futures_util::TryStreamExt;
use futures_util::stream::BoxStream;
use steward_platform::App;
use steward_platform::events::Feed;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::{actions, wire};
use crate::batch;
use crate::pb;
use crate::pb::issue_service_server::{IssueService, IssueServiceServer};

pub(crate) fn service(app: &App, feed: &Arc<Feed>) -> IssueServiceServer<Service> {
    IssueServiceServer::new(Service { app: app.clone(), feed: Arc::clone(feed) })
}

pub(crate) struct Service {
    app: App,
    feed: Arc<Feed>,
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

    async fn create_issue(
        &self,
        request: Request<pb::CreateIssueRequest>,
    ) -> Result<Response<pb::Issue>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let input = wire::input(request.issue)?;
            actions::create(app, &context, &input).await.map(wire::issue)
        })
        .await
    }

    async fn get_issue(
        &self,
        request: Request<pb::GetIssueRequest>,
    ) -> Result<Response<pb::Issue>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::get(app, &context, request.issue_id).await.map(wire::issue)
        })
        .await
    }

    async fn update_issue(
        &self,
        request: Request<pb::UpdateIssueRequest>,
    ) -> Result<Response<pb::Issue>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let input = wire::input(request.issue)?;
            actions::update(app, &context, request.issue_id, &input).await.map(wire::issue)
        })
        .await
    }

    async fn add_issue_comment(
        &self,
        request: Request<pb::AddIssueCommentRequest>,
    ) -> Result<Response<pb::IssueComment>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let input = wire::comment_input(request.comment)?;
            actions::comment(app, &context, request.issue_id, &input).await.map(wire::comment)
        })
        .await
    }

    async fn get_issue_comment(
        &self,
        request: Request<pb::GetIssueCommentRequest>,
    ) -> Result<Response<pb::IssueComment>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let pb::GetIssueCommentRequest { issue_id, comment_id } = request;
            actions::get_comment(app, &context, issue_id, comment_id).await.map(wire::comment)
        })
        .await
    }

    async fn list_issue_comments(
        &self,
        request: Request<pb::ListIssueCommentsRequest>,
    ) -> Result<Response<pb::ListIssueCommentsResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let query = wire::comment_query(request)?;
            actions::list_comments(app, &context, query).await.map(wire::comments)
        })
        .await
    }

    async fn batch_get_issues(
        &self,
        request: Request<pb::BatchGetIssuesRequest>,
    ) -> Result<Response<pb::BatchGetIssuesResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let ids = batch::ids("issue_ids", request.issue_ids)?;
            let found = actions::batch_get(app, &context, &ids).await?;
            let items = found.into_iter().map(wire::issue).collect();
            Ok(pb::BatchGetIssuesResponse { items })
        })
        .await
    }

    async fn watch_issues(
        &self,
        request: Request<pb::WatchIssuesRequest>,
    ) -> Result<Response<BoxStream<'static, Result<pb::WatchIssuesResponse, Status>>>, Status> {
        let (app, feed) = (&self.app, &self.feed);
        call::stream(request, |context, request| async move {
            let watched = actions::watch(app, feed, &context, request.cursor).await?;
            Ok(watched.map_ok(wire::watched))
        })
        .await
    }
}
