//! The RPCs of imports.

use std::sync::Arc;

use steward_contracts::steward::platform::v1 as pb;
use steward_contracts::steward::platform::v1::import_service_server::{
    ImportService, ImportServiceServer,
};
use steward_database::Listed;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::model::Import;
use super::{Forms, actions, wire};
use crate::App;
use crate::cursor::{self, Asked, CursorQuery};
use crate::wire::cursor_page;

struct Service {
    app: App,
    forms: Arc<Forms>,
}

/// The service, ready to be added to the routes.
pub(crate) fn service(app: &App, forms: &Arc<Forms>) -> ImportServiceServer<impl ImportService> {
    ImportServiceServer::new(Service { app: app.clone(), forms: Arc::clone(forms) })
}

#[async_trait]
impl ImportService for Service {
    async fn create_import(
        &self,
        request: Request<pb::CreateImportRequest>,
    ) -> Result<Response<pb::Import>, Status> {
        let (app, forms) = (&self.app, &self.forms);
        call::run(request, |context, request| async move {
            let new = wire::new_import(forms, context.tenant_family()?, request.import)?;
            actions::create(app, &context, new).await.map(wire::import)
        })
        .await
    }

    async fn create_import_upload(
        &self,
        request: Request<pb::CreateImportUploadRequest>,
    ) -> Result<Response<pb::ImportUpload>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let file = wire::file(request.file);
            actions::announce(app, &context, file).await.map(wire::upload)
        })
        .await
    }

    async fn get_import(
        &self,
        request: Request<pb::GetImportRequest>,
    ) -> Result<Response<pb::Import>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::get(app, &context, request.import_id).await.map(wire::whole)
        })
        .await
    }

    async fn list_imports(
        &self,
        request: Request<pb::ListImportsRequest>,
    ) -> Result<Response<pb::ListImportsResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let pb::ListImportsRequest { cursor, page_number, page_size, filter, order_by, .. } =
                request;
            let asked = Asked { cursor, page_number, page_size, filter, order_by };
            let query = CursorQuery::read(&context, Import::LIST.fields, asked)?;
            cursor::list(app, &context, None, &query).await.map(wire::list)
        })
        .await
    }

    async fn list_import_errors(
        &self,
        request: Request<pb::ListImportErrorsRequest>,
    ) -> Result<Response<pb::ListImportErrorsResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let (cursor, limit) = cursor_page(request.cursor, request.page_size)?;
            let id = request.import_id;
            let faults = actions::faults(app, &context, id, cursor, limit + 1).await?;
            Ok(wire::faults(faults, limit))
        })
        .await
    }
}
