//! The RPCs of the owner.

use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::{actions, wire};
use crate::pb;
use crate::pb::me_service_server::{MeService, MeServiceServer};

pub(crate) fn service(app: &App) -> MeServiceServer<Service> {
    MeServiceServer::new(Service { app: app.clone() })
}

pub(crate) struct Service {
    app: App,
}

#[async_trait]
impl MeService for Service {
    async fn get_me(
        &self,
        request: Request<pb::GetMeRequest>,
    ) -> Result<Response<pb::User>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let include = wire::include(request.include.as_deref())?;
            let answer = actions::get(app, &context, include).await?;
            Ok(wire::user(&context, answer))
        })
        .await
    }

    async fn update_me(
        &self,
        request: Request<pb::UpdateMeRequest>,
    ) -> Result<Response<pb::User>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let (input, avatar) = wire::input(request.user, request.update_mask.as_ref())?;
            let avatar = avatar.as_ref().map(Option::as_deref);
            let answer = actions::update(app, &context, &input, avatar).await?;
            Ok(wire::user(&context, answer))
        })
        .await
    }
}
