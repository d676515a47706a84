//! The RPCs of settings, as the service of companies hands them on.

use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status};

use super::{actions, read, write};
use crate::pb;

/// Answers how the caller's company works.
pub(crate) async fn get(
    app: &App,
    request: Request<pb::GetSettingsRequest>,
) -> Result<Response<pb::TenantSettings>, Status> {
    call::run(request, |context, pb::GetSettingsRequest {}| async move {
        let (settings, currency) = actions::get(app, &context).await?;
        Ok(write::settings(settings, &currency))
    })
    .await
}

/// Changes how the caller's company works.
pub(crate) async fn update(
    app: &App,
    request: Request<pb::UpdateSettingsRequest>,
) -> Result<Response<pb::TenantSettings>, Status> {
    call::run(request, |context, request| async move {
        let (present, currency) = actions::get(app, &context).await?;
        let groups = read::groups(request.settings, &currency, present.groups)?;
        let settings = actions::update(app, &context, &groups).await?;
        Ok(write::settings(settings, &currency))
    })
    .await
}
