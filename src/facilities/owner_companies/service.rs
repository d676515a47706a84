//! The RPCs of owner companies.

use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::model::OwnerCompany;
use super::{actions, wire};
use crate::batch;
use crate::pb;
use crate::pb::owner_company_service_server::{OwnerCompanyService, OwnerCompanyServiceServer};
use crate::wire::list_query;

pub(crate) fn service(app: &App) -> OwnerCompanyServiceServer<Service> {
    OwnerCompanyServiceServer::new(Service { app: app.clone() })
}

pub(crate) struct Service {
    app: App,
}

#[async_trait]
impl OwnerCompanyService for Service {
    async fn create_owner_company(
        &self,
        request: Request<pb::CreateOwnerCompanyRequest>,
    ) -> Result<Response<pb::OwnerCompany>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let input = wire::input(request.company)?;
            actions::create(app, &context, request.owner_id, &input).await.map(wire::company)
        })
        .await
    }

    async fn get_owner_company(
        &self,
        request: Request<pb::GetOwnerCompanyRequest>,
    ) -> Result<Response<pb::OwnerCompany>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let pb::GetOwnerCompanyRequest { owner_id, company_id } = request;
            actions::get(app, &context, owner_id, company_id).await.map(wire::company)
        })
        .await
    }

    async fn list_owner_companies(
        &self,
        request: Request<pb::ListOwnerCompaniesRequest>,
    ) -> Result<Response<pb::ListOwnerCompaniesResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, mut request| async move {
            let query = list_query!(OwnerCompany, request)?;
            actions::list(app, &context, request.owner_id, query).await.map(wire::list)
        })
        .await
    }

    async fn update_owner_company(
        &self,
        request: Request<pb::UpdateOwnerCompanyRequest>,
    ) -> Result<Response<pb::OwnerCompany>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let pb::UpdateOwnerCompanyRequest { owner_id, company_id, company, etag: _ } = request;
            let input = wire::input(company)?;
            actions::update(app, &context, owner_id, company_id, &input).await.map(wire::company)
        })
        .await
    }

    async fn delete_owner_company(
        &self,
        request: Request<pb::DeleteOwnerCompanyRequest>,
    ) -> Result<Response<pb::DeleteOwnerCompanyResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let pb::DeleteOwnerCompanyRequest { owner_id, company_id, etag: _ } = request;
            actions::delete(app, &context, owner_id, company_id).await?;
            Ok(pb::DeleteOwnerCompanyResponse { id: company_id })
        })
        .await
    }

    async fn batch_get_owner_companies(
        &self,
        request: Request<pb::BatchGetOwnerCompaniesRequest>,
    ) -> Result<Response<pb::BatchGetOwnerCompaniesResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let ids = batch::ids("owner_company_ids", request.owner_company_ids)?;
            let found = actions::batch_get(app, &context, &ids).await?;
            let items = found.into_iter().map(wire::company).collect();
            Ok(pb::BatchGetOwnerCompaniesResponse { items })
        })
        .await
    }
}
