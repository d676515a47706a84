//! The RPC by which a business starts.

use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::{actions, wire};
use crate::owners::wire::user;
use crate::pb;
use crate::pb::onboarding_service_server::{OnboardingService, OnboardingServiceServer};

pub(crate) fn service(app: &App) -> OnboardingServiceServer<Service> {
    OnboardingServiceServer::new(Service { app: app.clone() })
}

pub(crate) struct Service {
    app: App,
}

#[async_trait]
impl OnboardingService for Service {
    async fn onboard(
        &self,
        request: Request<pb::OnboardRequest>,
    ) -> Result<Response<pb::User>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let onboarding = wire::onboarding(request.onboarding)?;
            let answer = actions::onboard(app, &context, &onboarding).await?;
            Ok(user(&context, answer))
        })
        .await
    }
}
