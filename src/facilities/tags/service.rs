//! The RPCs of tags.

use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::model::Tag;
use super::{actions, wire};
use crate::batch;
use crate::pb;
use crate::pb::tag_service_server::{TagService, TagServiceServer};
use crate::wire::list_query;

pub(crate) fn service(app: &App) -> TagServiceServer<Service> {
    TagServiceServer::new(Service { app: app.clone() })
}

pub(crate) struct Service {
    app: App,
}

#[async_trait]
impl TagService for Service {
    async fn create_tag(
        &self,
        request: Request<pb::CreateTagRequest>,
    ) -> Result<Response<pb::Tag>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let name = wire::input(request.tag)?;
            actions::create(app, &context, &name).await.map(wire::tag)
        })
        .await
    }

    async fn get_tag(
        &self,
        request: Request<pb::GetTagRequest>,
    ) -> Result<Response<pb::Tag>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::get(app, &context, request.tag_id).await.map(wire::tag)
        })
        .await
    }

    async fn list_tags(
        &self,
        request: Request<pb::ListTagsRequest>,
    ) -> Result<Response<pb::ListTagsResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, mut request| async move {
            let query = list_query!(Tag, request)?;
            actions::list(app, &context, query).await.map(wire::list)
        })
        .await
    }

    async fn update_tag(
        &self,
        request: Request<pb::UpdateTagRequest>,
    ) -> Result<Response<pb::Tag>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let name = wire::input(request.tag)?;
            actions::rename(app, &context, request.tag_id, &name).await.map(wire::tag)
        })
        .await
    }

    async fn delete_tag(
        &self,
        request: Request<pb::DeleteTagRequest>,
    ) -> Result<Response<()>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::delete(app, &context, request.tag_id).await
        })
        .await
    }

    async fn batch_get_tags(
        &self,
        request: Request<pb::BatchGetTagsRequest>,
    ) -> Result<Response<pb::BatchGetTagsResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let ids = batch::ids("tag_ids", request.tag_ids)?;
            let found = actions::batch_get(app, &context, &ids).await?;
            let items = found.into_iter().map(wire::tag).collect();
            Ok(pb::BatchGetTagsResponse { items })
        })
        .await
    }
}
