//! The RPCs of the photos of items.

use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::{actions, wire};
use crate::pb;
use crate::pb::item_photos_service_server::{ItemPhotosService, ItemPhotosServiceServer};
use crate::wire::{cut, page, whole_page};

pub(crate) fn service(app: &App) -> ItemPhotosServiceServer<Service> {
    ItemPhotosServiceServer::new(Service { app: app.clone() })
}

pub(crate) struct Service {
    app: App,
}

#[async_trait]
impl ItemPhotosService for Service {
    async fn list_item_photos(
        &self,
        request: Request<pb::ListItemPhotosRequest>,
    ) -> Result<Response<pb::ListItemPhotosResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let wanted = whole_page(request.page_number, request.page_size)?;
            let found = actions::list(app, &context, request.item_internal_id).await?;
            let (page_info, item_photos) = page(cut(found, wanted), wire::photo);
            Ok(pb::ListItemPhotosResponse { item_photos, page_info })
        })
        .await
    }

    async fn get_item_photo(
        &self,
        request: Request<pb::GetItemPhotoRequest>,
    ) -> Result<Response<pb::ItemPhoto>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let number = request.item_internal_id;
            actions::get(app, &context, number, request.id).await.map(wire::photo)
        })
        .await
    }

    async fn create_item_photo(
        &self,
        request: Request<pb::CreateItemPhotoRequest>,
    ) -> Result<Response<pb::ItemPhoto>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let input = wire::input(request.item_photo)?;
            let number = request.item_internal_id;
            actions::create(app, &context, number, &input).await.map(wire::photo)
        })
        .await
    }

    async fn delete_item_photo(
        &self,
        request: Request<pb::DeleteItemPhotoRequest>,
    ) -> Result<Response<()>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::delete(app, &context, request.item_internal_id, request.id).await
        })
        .await
    }
}
