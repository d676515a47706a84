//! The RPCs of webhooks.

use std::sync::Arc;

use steward_contracts::steward::platform::v1 as pb;
use steward_contracts::steward::platform::v1::webhook_delivery_service_server::{
    WebhookDeliveryService, WebhookDeliveryServiceServer,
};
use steward_contracts::steward::platform::v1::webhook_endpoint_service_server::{
    WebhookEndpointService, WebhookEndpointServiceServer,
};
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::actions;
use super::wire::{self, Terms};
use crate::App;
use crate::cursor;

struct Service {
    app: App,
    terms: Arc<Terms>,
}

/// The service of endpoints, ready to be added to the routes.
pub(crate) fn endpoints(
    app: &App,
    terms: &Arc<Terms>,
) -> WebhookEndpointServiceServer<impl WebhookEndpointService> {
    WebhookEndpointServiceServer::new(Service { app: app.clone(), terms: Arc::clone(terms) })
}

/// The service of deliveries, ready to be added to the routes.
pub(crate) fn deliveries(
    app: &App,
    terms: &Arc<Terms>,
) -> WebhookDeliveryServiceServer<impl WebhookDeliveryService> {
    WebhookDeliveryServiceServer::new(Service { app: app.clone(), terms: Arc::clone(terms) })
}

#[async_trait]
impl WebhookEndpointService for Service {
    async fn create_webhook_endpoint(
        &self,
        request: Request<pb::CreateWebhookEndpointRequest>,
    ) -> Result<Response<pb::WebhookEndpoint>, Status> {
        let (app, terms) = (&self.app, &self.terms);
        call::run(request, |context, request| async move {
            let new = wire::new_endpoint(terms, &context, request.webhook_endpoint)?;
            actions::create(app, &context, new).await.map(wire::endpoint)
        })
        .await
    }

    async fn get_webhook_endpoint(
        &self,
        request: Request<pb::GetWebhookEndpointRequest>,
    ) -> Result<Response<pb::WebhookEndpoint>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::get(app, &context, request.webhook_endpoint_id).await.map(wire::endpoint)
        })
        .await
    }

    async fn list_webhook_endpoints(
        &self,
        request: Request<pb::ListWebhookEndpointsRequest>,
    ) -> Result<Response<pb::ListWebhookEndpointsResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let query = wire::endpoint_query(&context, request)?;
            cursor::list(app, &context, None, &query).await.map(wire::endpoints)
        })
        .await
    }

    async fn update_webhook_endpoint(
        &self,
        request: Request<pb::UpdateWebhookEndpointRequest>,
    ) -> Result<Response<pb::WebhookEndpoint>, Status> {
        let (app, terms) = (&self.app, &self.terms);
        call::run(request, |context, request| async move {
            let new = wire::new_endpoint(terms, &context, request.webhook_endpoint)?;
            let id = request.webhook_endpoint_id;
            actions::update(app, &context, id, new).await.map(wire::endpoint)
        })
        .await
    }

    async fn delete_webhook_endpoint(
        &self,
        request: Request<pb::DeleteWebhookEndpointRequest>,
    ) -> Result<Response<()>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::delete(app, &context, request.webhook_endpoint_id).await
        })
        .await
    }

    async fn get_webhook_endpoint_secret(
        &self,
        request: Request<pb::GetWebhookEndpointSecretRequest>,
    ) -> Result<Response<pb::WebhookEndpointSecret>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let id = request.webhook_endpoint_id;
            let keys = actions::keys(app, &context, id).await?;
            wire::secret(id, &keys)
        })
        .await
    }

    async fn rotate_webhook_endpoint_secret(
        &self,
        request: Request<pb::RotateWebhookEndpointSecretRequest>,
    ) -> Result<Response<pb::WebhookEndpoint>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::rotate(app, &context, request.webhook_endpoint_id).await.map(wire::endpoint)
        })
        .await
    }

    async fn test_webhook_endpoint(
        &self,
        request: Request<pb::TestWebhookEndpointRequest>,
    ) -> Result<Response<pb::WebhookDelivery>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::test(app, &context, request.webhook_endpoint_id).await.map(wire::delivery)
        })
        .await
    }
}

#[async_trait]
impl WebhookDeliveryService for Service {
    async fn list_webhook_deliveries(
        &self,
        request: Request<pb::ListWebhookDeliveriesRequest>,
    ) -> Result<Response<pb::ListWebhookDeliveriesResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let endpoint = wire::endpoint_id(request.webhook_endpoint_id);
            let query = wire::delivery_query(&context, request)?;
            actions::deliveries(app, &context, endpoint, &query).await.map(wire::deliveries)
        })
        .await
    }

    async fn get_webhook_delivery(
        &self,
        request: Request<pb::GetWebhookDeliveryRequest>,
    ) -> Result<Response<pb::WebhookDelivery>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let (endpoint, id) = (request.webhook_endpoint_id, request.webhook_delivery_id);
            actions::delivery(app, &context, endpoint, id).await.map(wire::delivery)
        })
        .await
    }

    async fn redeliver_webhook(
        &self,
        request: Request<pb::RedeliverWebhookRequest>,
    ) -> Result<Response<pb::WebhookDelivery>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let endpoint = wire::endpoint_id(request.webhook_endpoint_id);
            let id = request.webhook_delivery_id;
            actions::redeliver(app, &context, endpoint, id).await.map(wire::delivery)
        })
        .await
    }
}
