//! The RPCs of events.

use std::sync::Arc;

use futures_util::TryStreamExt;
use futures_util::stream::BoxStream;
use steward_contracts::steward::platform::v1 as pb;
use steward_contracts::steward::platform::v1::event_service_server::{
    EventService, EventServiceServer,
};
use steward_transport::call;
use tonic::{Request, Response, Status};

use super::{Feed, actions, wire};
use crate::App;

struct Service {
    app: App,
    feed: Arc<Feed>,
}

/// The service, ready to be added to the routes.
pub(crate) fn service(app: &App, feed: &Arc<Feed>) -> EventServiceServer<impl EventService> {
    EventServiceServer::new(Service { app: app.clone(), feed: Arc::clone(feed) })
}

#[tonic::async_trait]
impl EventService for Service {
    async fn list_events(
        &self,
        request: Request<pb::ListEventsRequest>,
    ) -> Result<Response<pb::ListEventsResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::list(app, &context, wire::list_query(&context, request)?).await.map(wire::list)
        })
        .await
    }

    async fn watch_events(
        &self,
        request: Request<pb::WatchEventsRequest>,
    ) -> Result<Response<BoxStream<'static, Result<pb::WatchEventsResponse, Status>>>, Status> {
        let (app, feed) = (&self.app, &self.feed);
        call::stream(request, |context, request| async move {
            let query = wire::watch_query(request)?;
            Ok(actions::watch(app, feed, &context, query).await?.map_ok(wire::message))
        })
        .await
    }
}
