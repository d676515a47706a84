//! The RPCs of activities.

use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::{actions, wire};
use crate::pb;
use crate::pb::activities_service_server::{ActivitiesService, ActivitiesServiceServer};
use crate::wire::{cut, names, page, whole_page};

pub(crate) fn service(app: &App) -> ActivitiesServiceServer<Service> {
    ActivitiesServiceServer::new(Service { app: app.clone() })
}

pub(crate) struct Service {
    app: App,
}

#[async_trait]
impl ActivitiesService for Service {
    async fn list_activities(
        &self,
        request: Request<pb::ListActivitiesRequest>,
    ) -> Result<Response<pb::ListActivitiesResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let wanted = whole_page(request.page_number, request.page_size)?;
            let kinds = request.kinds;
            let mut found = actions::list(app, &context, request.booking_internal_id).await?;
            found.retain(|one| kinds.is_empty() || kinds.contains(&wire::kind_of(one.kind).into()));
            let (page_info, activities) = page(cut(found, wanted), wire::activity);
            Ok(pb::ListActivitiesResponse { activities, page_info })
        })
        .await
    }

    async fn get_activity(
        &self,
        request: Request<pb::GetActivityRequest>,
    ) -> Result<Response<pb::Activity>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let number = request.booking_internal_id;
            actions::get(app, &context, number, request.id).await.map(wire::activity)
        })
        .await
    }

    async fn create_activity(
        &self,
        request: Request<pb::CreateActivityRequest>,
    ) -> Result<Response<pb::Activity>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let input = wire::input(request.activity, false)?;
            let number = request.booking_internal_id;
            actions::create(app, &context, number, &input).await.map(wire::activity)
        })
        .await
    }

    async fn update_activity(
        &self,
        request: Request<pb::UpdateActivityRequest>,
    ) -> Result<Response<pb::Activity>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let names_file = names(request.update_mask.as_ref(), "attachment_id");
            let input = wire::input(request.activity, names_file)?;
            let (number, id) = (request.booking_internal_id, request.id);
            let changed = actions::update(app, &context, number, id, &input).await?;
            let comment = changed.properties["comment"].as_str().map(str::to_owned);
            Ok(pb::Activity { comment, ..wire::activity(changed) })
        })
        .await
    }

    async fn delete_activity(
        &self,
        request: Request<pb::DeleteActivityRequest>,
    ) -> Result<Response<()>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::delete(app, &context, request.booking_internal_id, request.id).await
        })
        .await
    }
}
