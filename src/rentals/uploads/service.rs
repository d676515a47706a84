//! The RPCs of uploads.

use steward_kernel::{Context, Result};
use steward_platform::{App, files};
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::wire;
use crate::pb;
use crate::pb::uploads_service_server::{UploadsService, UploadsServiceServer};

pub(crate) fn service(app: &App) -> UploadsServiceServer<Service> {
    UploadsServiceServer::new(Service { app: app.clone() })
}

pub(crate) struct Service {
    app: App,
}

/// What a document may be: what documents of a booking are.
const DOCUMENTS: &[&str] = &[
    "application/pdf",
    "image/png",
    "image/jpeg",
    "image/webp",
    "application/msword",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.ms-excel",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.oasis.opendocument.spreadsheet",
    "text/plain",
    "text/csv",
];

async fn announce(
    app: &App,
    context: &Context,
    message: Option<pb::UploadUrl>,
    allowed: &[&str],
) -> Result<pb::UploadUrl> {
    let (file, checksum) = wire::announced(message)?;
    let upload = files::ask(app, context, file.clone(), allowed).await;
    let upload = upload.map_err(|error| error.below("upload_url"))?;
    Ok(wire::upload(file, checksum, upload))
}

#[async_trait]
impl UploadsService for Service {
    async fn create_image_upload_url(
        &self,
        request: Request<pb::CreateImageUploadUrlRequest>,
    ) -> Result<Response<pb::UploadUrl>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            announce(app, &context, request.upload_url, files::IMAGES).await
        })
        .await
    }

    async fn create_document_upload_url(
        &self,
        request: Request<pb::CreateDocumentUploadUrlRequest>,
    ) -> Result<Response<pb::UploadUrl>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            announce(app, &context, request.upload_url, DOCUMENTS).await
        })
        .await
    }
}
