//! The RPCs of rooms.

use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::{actions, wire};
use crate::pb;
use crate::pb::room_service_server::{RoomService, RoomServiceServer};
use crate::settings::currency;

pub(crate) fn service(app: &App) -> RoomServiceServer<Service> {
    RoomServiceServer::new(Service { app: app.clone() })
}

pub(crate) struct Service {
    app: App,
}

#[async_trait]
impl RoomService for Service {
    async fn add_room(
        &self,
        request: Request<pb::AddRoomRequest>,
    ) -> Result<Response<pb::Room>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let input = wire::new(request.room, &currency(app, &context).await?)?;
            actions::add(app, &context, &input).await.map(wire::room)
        })
        .await
    }

    async fn update_room(
        &self,
        request: Request<pb::UpdateRoomRequest>,
    ) -> Result<Response<pb::Room>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let (id, input) = wire::input(request.room, &currency(app, &context).await?)?;
            actions::update(app, &context, id, &input).await.map(wire::room)
        })
        .await
    }

    async fn delete_room(
        &self,
        request: Request<pb::DeleteRoomRequest>,
    ) -> Result<Response<()>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::delete(app, &context, request.id).await
        })
        .await
    }

    async fn list_rooms(
        &self,
        request: Request<pb::ListRoomsRequest>,
    ) -> Result<Response<pb::ListRoomsResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let query = wire::query(request.page_number, request.page_size)?;
            actions::list(app, &context, request.is_active, &query).await.map(wire::list)
        })
        .await
    }

    async fn get_room(
        &self,
        request: Request<pb::GetRoomRequest>,
    ) -> Result<Response<pb::Room>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::get(app, &context, request.id).await.map(wire::room)
        })
        .await
    }

    async fn list_rooms_basic(
        &self,
        request: Request<pb::ListRoomsBasicRequest>,
    ) -> Result<Response<pb::ListRoomsBasicResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let query = wire::query(request.page_number, request.page_size)?;
            let page = actions::list_public(app, &context, request.tenant_id, &query).await?;
            Ok(wire::basic(page))
        })
        .await
    }
}
