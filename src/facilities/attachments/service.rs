//! The RPCs of attachments.

use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::{actions, wire};
use crate::batch;
use crate::pb;
use crate::pb::attachment_service_server::{AttachmentService, AttachmentServiceServer};

pub(crate) fn service(app: &App) -> AttachmentServiceServer<Service> {
    AttachmentServiceServer::new(Service { app: app.clone() })
}

pub(crate) struct Service {
    app: App,
}

#[async_trait]
impl AttachmentService for Service {
    async fn create_attachment_upload(
        &self,
        request: Request<pb::CreateAttachmentUploadRequest>,
    ) -> Result<Response<pb::AttachmentUpload>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::announce(app, &context, wire::announced(request)).await.map(wire::upload)
        })
        .await
    }

    async fn create_attachment(
        &self,
        request: Request<pb::CreateAttachmentRequest>,
    ) -> Result<Response<pb::AttachmentDetails>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let input = wire::input(request.attachment)?;
            actions::create(app, &context, &input).await.map(wire::attachment)
        })
        .await
    }

    async fn get_attachment(
        &self,
        request: Request<pb::GetAttachmentRequest>,
    ) -> Result<Response<pb::AttachmentDetails>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::get(app, &context, request.attachment_id).await.map(wire::attachment)
        })
        .await
    }

    async fn list_attachments(
        &self,
        request: Request<pb::ListAttachmentsRequest>,
    ) -> Result<Response<pb::ListAttachmentsResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let query = wire::query(request)?;
            actions::list(app, &context, query).await.map(wire::list)
        })
        .await
    }

    async fn delete_attachment(
        &self,
        request: Request<pb::DeleteAttachmentRequest>,
    ) -> Result<Response<()>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::delete(app, &context, request.attachment_id).await
        })
        .await
    }

    async fn batch_get_attachments(
        &self,
        request: Request<pb::BatchGetAttachmentsRequest>,
    ) -> Result<Response<pb::BatchGetAttachmentsResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let ids = batch::ids("attachment_ids", request.attachment_ids)?;
            let found = actions::batch_get(app, &context, &ids).await?;
            let items = found.into_iter().map(wire::attachment).collect();
            Ok(pb::BatchGetAttachmentsResponse { items })
        })
        .await
    }
}
