//! The RPCs of exports.

use std::sync::Arc;

use steward_contracts::steward::platform::v1 as pb;
use steward_contracts::steward::platform::v1::export_service_server::{
    ExportService, ExportServiceServer,
};
use steward_database::Listed;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::model::Export;
use super::resource::Resources;
use super::{actions, wire};
use crate::App;
use crate::cursor::{self, Asked, CursorQuery};

struct Service {
    app: App,
    resources: Arc<Resources>,
}

/// The service, ready to be added to the routes.
pub(crate) fn service(
    app: &App,
    resources: &Arc<Resources>,
) -> ExportServiceServer<impl ExportService> {
    ExportServiceServer::new(Service { app: app.clone(), resources: Arc::clone(resources) })
}

#[async_trait]
impl ExportService for Service {
    async fn create_export(
        &self,
        request: Request<pb::CreateExportRequest>,
    ) -> Result<Response<pb::Export>, Status> {
        let (app, resources) = (&self.app, &self.resources);
        call::run(request, |context, request| async move {
            let family = context.tenant_family()?;
            let named = request.export.as_ref().map_or("", |export| export.resource.trim());
            let exported = match resources.find(family, named) {
                Some(found) => Some((found.resource, actions::clock(app, &context, &found).await?)),
                None => None,
            };
            let new = wire::new_export(exported, request.export)?;
            actions::create(app, &context, new).await.map(wire::export)
        })
        .await
    }

    async fn get_export(
        &self,
        request: Request<pb::GetExportRequest>,
    ) -> Result<Response<pb::Export>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let export = actions::get(app, &context, request.export_id).await?;
            let file_url = actions::file_url(app, &context, &export).await?;
            Ok(pb::Export { file_url, ..wire::export(export) })
        })
        .await
    }

    async fn list_exports(
        &self,
        request: Request<pb::ListExportsRequest>,
    ) -> Result<Response<pb::ListExportsResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let pb::ListExportsRequest { cursor, page_number, page_size, filter, order_by, .. } =
                request;
            let asked = Asked { cursor, page_number, page_size, filter, order_by };
            let query = CursorQuery::read(&context, Export::LIST.fields, asked)?;
            let page = cursor::list(app, &context, None, &query).await?;
            let mut urls = Vec::with_capacity(page.items.len());
            for export in &page.items {
                urls.push(actions::file_url(app, &context, export).await?);
            }
            Ok(wire::list(page, urls))
        })
        .await
    }

    async fn get_export_download(
        &self,
        request: Request<pb::GetExportDownloadRequest>,
    ) -> Result<Response<pb::GetExportDownloadResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let id = request.export_id;
            let found = actions::download(app, &context, id).await?;
            Ok(wire::download(id, found))
        })
        .await
    }
}
