//! The RPCs of users.

use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::{actions, wire};
use crate::clients::leads;
use crate::pb;
use crate::pb::user_service_server::{UserService, UserServiceServer};
use crate::tenant_leads;

pub(crate) fn service(app: &App) -> UserServiceServer<Service> {
    UserServiceServer::new(Service { app: app.clone() })
}

pub(crate) struct Service {
    app: App,
}

#[async_trait]
impl UserService for Service {
    async fn get_user(
        &self,
        request: Request<pb::GetUserRequest>,
    ) -> Result<Response<pb::User>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::get(app, &context, request.id).await.map(wire::user)
        })
        .await
    }

    async fn create_client_lead(
        &self,
        request: Request<pb::CreateClientLeadRequest>,
    ) -> Result<Response<pb::ClientLead>, Status> {
        leads::create(&self.app, request).await
    }

    async fn create_tenant_lead(
        &self,
        request: Request<pb::CreateTenantLeadRequest>,
    ) -> Result<Response<pb::CreateTenantLeadResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let id = tenant_leads::keep(&app.of(&context), tenant_leads::read(request)?).await?;
            Ok(pb::CreateTenantLeadResponse { id })
        })
        .await
    }
}
