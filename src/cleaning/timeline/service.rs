//! The RPCs of the timeline.

use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::{actions, wire};
use crate::pb;
use crate::pb::timeline_service_server::{TimelineService, TimelineServiceServer};

pub(crate) fn service(app: &App) -> TimelineServiceServer<Service> {
    TimelineServiceServer::new(Service { app: app.clone() })
}

pub(crate) struct Service {
    app: App,
}

#[async_trait]
impl TimelineService for Service {
    async fn list_timeline(
        &self,
        request: Request<pb::ListTimelineRequest>,
    ) -> Result<Response<pb::ListTimelineResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let (asked, query) = wire::query(request)?;
            actions::list(app, &context, asked, &query).await.map(wire::list)
        })
        .await
    }

    async fn get_timeline_entry(
        &self,
        request: Request<pb::GetTimelineEntryRequest>,
    ) -> Result<Response<pb::TimelineEntry>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::get(app, &context, request.id).await.map(wire::entry)
        })
        .await
    }

    async fn add_timeline_entry(
        &self,
        request: Request<pb::AddTimelineEntryRequest>,
    ) -> Result<Response<pb::TimelineEntry>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let (new, about) = wire::new(request)?;
            actions::add(app, &context, new, about).await.map(wire::entry)
        })
        .await
    }

    async fn delete_timeline_entry(
        &self,
        request: Request<pb::DeleteTimelineEntryRequest>,
    ) -> Result<Response<()>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::delete(app, &context, request.id).await
        })
        .await
    }
}
