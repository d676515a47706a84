//! The RPCs of visits.

use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::{actions, changes, wire};
use crate::pb;
use crate::pb::event_service_server::{EventService, EventServiceServer};

pub(crate) fn service(app: &App) -> EventServiceServer<Service> {
    EventServiceServer::new(Service { app: app.clone() })
}

pub(crate) struct Service {
    app: App,
}

#[async_trait]
impl EventService for Service {
    async fn get_event(
        &self,
        request: Request<pb::GetEventRequest>,
    ) -> Result<Response<pb::Event>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::get(app, &context, request.id).await.map(wire::event)
        })
        .await
    }

    async fn list_events(
        &self,
        request: Request<pb::ListEventsRequest>,
    ) -> Result<Response<pb::ListEventsResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let (narrowed, query) = wire::query(request)?;
            actions::list_all(app, &context, narrowed, &query).await.map(wire::list)
        })
        .await
    }

    async fn list_event_statuses(
        &self,
        request: Request<pb::ListEventStatusesRequest>,
    ) -> Result<Response<pb::ListEventStatusesResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, pb::ListEventStatusesRequest {}| async move {
            Ok(wire::statuses(&actions::own_company(app, &context).await?))
        })
        .await
    }

    async fn list_time_preferences(
        &self,
        request: Request<pb::ListTimePreferencesRequest>,
    ) -> Result<Response<pb::ListTimePreferencesResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let company = actions::company_of(app, &context, request.tenant_id).await?;
            Ok(wire::preferences(&company))
        })
        .await
    }

    async fn preview_recurrence(
        &self,
        request: Request<pb::PreviewRecurrenceRequest>,
    ) -> Result<Response<pb::PreviewRecurrenceResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let preview = wire::preview(request)?;
            actions::preview(app, &context, &preview).await.map(wire::previewed)
        })
        .await
    }

    async fn generate_events(
        &self,
        request: Request<pb::GenerateEventsRequest>,
    ) -> Result<Response<pb::GenerateEventsResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let (id, through) = wire::generation(request)?;
            actions::generate(app, &context, id, through).await.map(wire::generated)
        })
        .await
    }

    async fn list_cleaner_events(
        &self,
        request: Request<pb::ListCleanerEventsRequest>,
    ) -> Result<Response<pb::ListEventsResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let (id, narrowed, query) = wire::query_of_cleaner(request)?;
            let page = actions::list_of_cleaner(app, &context, id, narrowed, &query).await?;
            Ok(wire::list(page))
        })
        .await
    }

    async fn list_cleaner_future_events(
        &self,
        request: Request<pb::ListCleanerFutureEventsRequest>,
    ) -> Result<Response<pb::ListEventsResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let (id, query) = wire::query_of_future(request)?;
            actions::list_future_of(app, &context, id, &query).await.map(wire::list)
        })
        .await
    }

    async fn add_event(
        &self,
        request: Request<pb::AddEventRequest>,
    ) -> Result<Response<pb::Event>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            changes::add(app, &context, &wire::added(request)?).await.map(wire::event)
        })
        .await
    }

    async fn update_event(
        &self,
        request: Request<pb::UpdateEventRequest>,
    ) -> Result<Response<pb::UpdateEventResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            changes::update(app, &context, &wire::change(request)?).await.map(wire::changed)
        })
        .await
    }

    async fn delete_event(
        &self,
        request: Request<pb::DeleteEventRequest>,
    ) -> Result<Response<()>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let (id, reach) = wire::deletion(request)?;
            changes::delete(app, &context, id, reach).await
        })
        .await
    }

    async fn update_event_time(
        &self,
        request: Request<pb::UpdateEventTimeRequest>,
    ) -> Result<Response<pb::Event>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let change = wire::hour(&request)?;
            let changed = changes::update(app, &context, &change).await?;
            Ok(wire::event(changed.event))
        })
        .await
    }

    async fn update_future_events_time(
        &self,
        request: Request<pb::UpdateFutureEventsTimeRequest>,
    ) -> Result<Response<pb::UpdateEventResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let change = wire::future_hour(&request)?;
            changes::update(app, &context, &change).await.map(wire::changed)
        })
        .await
    }
}
