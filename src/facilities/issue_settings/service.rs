//! The RPCs of the settings for issues.

use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::{actions, wire};
use crate::pb;
use crate::pb::issue_settings_service_server::{IssueSettingsService, IssueSettingsServiceServer};

pub(crate) fn service(app: &App) -> IssueSettingsServiceServer<Service> {
    IssueSettingsServiceServer::new(Service { app: app.clone() })
}

pub(crate) struct Service {
    app: App,
}

#[async_trait]
impl IssueSettingsService for Service {
    async fn get_issue_settings(
        &self,
        request: Request<pb::GetIssueSettingsRequest>,
    ) -> Result<Response<pb::IssueSettings>, Status> {
        let app = &self.app;
        call::run(request, |context, _| async move {
            actions::get(app, &context).await.map(wire::settings)
        })
        .await
    }

    async fn update_issue_settings(
        &self,
        request: Request<pb::UpdateIssueSettingsRequest>,
    ) -> Result<Response<pb::IssueSettings>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let targets = wire::input(request.settings)?;
            actions::update(app, &context, targets).await.map(wire::settings)
        })
        .await
    }
}
