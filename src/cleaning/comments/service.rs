//! The RPCs of comments.

use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::{actions, wire};
use crate::pb;
use crate::pb::comment_service_server::{CommentService, CommentServiceServer};

pub(crate) fn service(app: &App) -> CommentServiceServer<Service> {
    CommentServiceServer::new(Service { app: app.clone() })
}

pub(crate) struct Service {
    app: App,
}

#[async_trait]
impl CommentService for Service {
    async fn add_comment(
        &self,
        request: Request<pb::AddCommentRequest>,
    ) -> Result<Response<pb::Comment>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let (user_id, text) = wire::new(request)?;
            actions::add(app, &context, user_id, &text).await.map(wire::comment)
        })
        .await
    }

    async fn get_comment(
        &self,
        request: Request<pb::GetCommentRequest>,
    ) -> Result<Response<pb::Comment>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::get(app, &context, request.id).await.map(wire::comment)
        })
        .await
    }

    async fn list_comments(
        &self,
        request: Request<pb::ListCommentsRequest>,
    ) -> Result<Response<pb::ListCommentsResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let query = wire::query(request.page_number, request.page_size)?;
            actions::list(app, &context, request.user_id, &query).await.map(wire::list)
        })
        .await
    }
}
