//! The RPCs of service providers.

use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::model::ServiceProvider;
use super::{actions, wire};
use crate::batch;
use crate::pb;
use crate::pb::service_provider_service_server::{
    ServiceProviderService, ServiceProviderServiceServer,
};
use crate::wire::list_query;

pub(crate) fn service(app: &App) -> ServiceProviderServiceServer<Service> {
    ServiceProviderServiceServer::new(Service { app: app.clone() })
}

pub(crate) struct Service {
    app: App,
}

#[async_trait]
impl ServiceProviderService for Service {
    async fn create_service_provider(
        &self,
        request: Request<pb::CreateServiceProviderRequest>,
    ) -> Result<Response<pb::ServiceProvider>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::create(app, &context, &wire::input(request.service_provider)?)
                .await
                .map(wire::service_provider)
        })
        .await
    }

    async fn get_service_provider(
        &self,
        request: Request<pb::GetServiceProviderRequest>,
    ) -> Result<Response<pb::ServiceProvider>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::get(app, &context, request.service_provider_id)
                .await
                .map(wire::service_provider)
        })
        .await
    }

    async fn list_service_providers(
        &self,
        request: Request<pb::ListServiceProvidersRequest>,
    ) -> Result<Response<pb::ListServiceProvidersResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, mut request| async move {
            let query = list_query!(ServiceProvider, request)?;
            actions::list(app, &context, query).await.map(wire::list)
        })
        .await
    }

    async fn update_service_provider(
        &self,
        request: Request<pb::UpdateServiceProviderRequest>,
    ) -> Result<Response<pb::ServiceProvider>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let input = wire::input(request.service_provider)?;
            actions::update(app, &context, request.service_provider_id, &input)
                .await
                .map(wire::service_provider)
        })
        .await
    }

    async fn batch_get_service_providers(
        &self,
        request: Request<pb::BatchGetServiceProvidersRequest>,
    ) -> Result<Response<pb::BatchGetServiceProvidersResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let ids = batch::ids("service_provider_ids", request.service_provider_ids)?;
            let found = actions::batch_get(app, &context, &ids).await?;
            let items = found.into_iter().map(wire::service_provider).collect();
            Ok(pb::BatchGetServiceProvidersResponse { items })
        })
        .await
    }
}
