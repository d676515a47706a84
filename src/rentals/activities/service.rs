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
            let found = actions::list(app, &context, request.booking_internal_id).await?;
            let mut found: Vec<_> = found.into_iter().map(wire::activity).collect();
            found.retain(|one| kinds.is_empty() || kinds.contains(&one.kind));
            let (page_info, activities) = page(cut(found, wanted), |one| one);
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
            Ok(wire::activity(actions::get(app, &context, number, request.id).await?))
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
            Ok(wire::activity(actions::create(app, &context, number, &input).await?))
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
