//! The RPCs of the lists.

use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::model::Audience;
use super::{actions, wire};
use crate::pb;
use crate::pb::lookup_service_server::{LookupService, LookupServiceServer};
use crate::wire::array;

pub(crate) fn service(app: &App) -> LookupServiceServer<Service> {
    LookupServiceServer::new(Service { app: app.clone() })
}

pub(crate) struct Service {
    app: App,
}

#[async_trait]
impl LookupService for Service {
    async fn list_cleaner_churn_reasons(
        &self,
        request: Request<pb::ListCleanerChurnReasonsRequest>,
    ) -> Result<Response<pb::ListCleanerChurnReasonsResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let query = wire::query(request.page_number, request.page_size)?;
            let page = actions::list(app, &context, Audience::Cleaner, &query).await?;
            let (items, total_count, page_number, page_size) = array(page, wire::churn_reason);
            Ok(pb::ListCleanerChurnReasonsResponse { items, total_count, page_number, page_size })
        })
        .await
    }

    async fn list_client_churn_reasons(
        &self,
        request: Request<pb::ListClientChurnReasonsRequest>,
    ) -> Result<Response<pb::ListClientChurnReasonsResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let query = wire::query(request.page_number, request.page_size)?;
            let page = actions::list(app, &context, Audience::Client, &query).await?;
            let (items, total_count, page_number, page_size) = array(page, wire::churn_reason);
            Ok(pb::ListClientChurnReasonsResponse { items, total_count, page_number, page_size })
        })
        .await
    }

    async fn list_cleaner_lead_sources(
        &self,
        request: Request<pb::ListCleanerLeadSourcesRequest>,
    ) -> Result<Response<pb::ListCleanerLeadSourcesResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let query = wire::query(request.page_number, request.page_size)?;
            let page =
                actions::list_of(app, &context, request.tenant_id, Audience::Cleaner, &query)
                    .await?;
            let (items, total_count, page_number, page_size) = array(page, wire::lead_source);
            Ok(pb::ListCleanerLeadSourcesResponse { items, total_count, page_number, page_size })
        })
        .await
    }

    async fn list_client_lead_sources(
        &self,
        request: Request<pb::ListClientLeadSourcesRequest>,
    ) -> Result<Response<pb::ListClientLeadSourcesResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let query = wire::query(request.page_number, request.page_size)?;
            let page = actions::list_of(app, &context, request.tenant_id, Audience::Client, &query)
                .await?;
            let (items, total_count, page_number, page_size) = array(page, wire::lead_source);
            Ok(pb::ListClientLeadSourcesResponse { items, total_count, page_number, page_size })
        })
        .await
    }
}
