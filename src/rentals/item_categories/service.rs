//! The RPCs of categories of items.

use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::{actions, wire};
use crate::pb;
use crate::pb::item_categories_service_server::{
    ItemCategoriesService, ItemCategoriesServiceServer,
};
use crate::wire::page;

pub(crate) fn service(app: &App) -> ItemCategoriesServiceServer<Service> {
    ItemCategoriesServiceServer::new(Service { app: app.clone() })
}

pub(crate) struct Service {
    app: App,
}

#[async_trait]
impl ItemCategoriesService for Service {
    async fn list_item_categories(
        &self,
        request: Request<pb::ListItemCategoriesRequest>,
    ) -> Result<Response<pb::ListItemCategoriesResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let query = wire::query(request)?;
            let found = actions::list(app, &context, &query).await?;
            let (page_info, item_categories) = page(found, wire::category);
            Ok(pb::ListItemCategoriesResponse { item_categories, page_info })
        })
        .await
    }

    async fn get_item_category(
        &self,
        request: Request<pb::GetItemCategoryRequest>,
    ) -> Result<Response<pb::ItemCategory>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let include = wire::included(request.include.as_deref())?;
            actions::get(app, &context, request.id, include).await.map(wire::category)
        })
        .await
    }

    async fn create_item_category(
        &self,
        request: Request<pb::CreateItemCategoryRequest>,
    ) -> Result<Response<pb::ItemCategory>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let input = wire::input(request.item_category, None);
            actions::create(app, &context, &input).await.map(wire::category)
        })
        .await
    }

    async fn update_item_category(
        &self,
        request: Request<pb::UpdateItemCategoryRequest>,
    ) -> Result<Response<pb::ItemCategory>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let input = wire::input(request.item_category, request.update_mask.as_ref());
            actions::update(app, &context, request.id, &input).await.map(wire::category)
        })
        .await
    }

    async fn move_item_category(
        &self,
        request: Request<pb::MoveItemCategoryRequest>,
    ) -> Result<Response<pb::ItemCategory>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let (place, field) = wire::place(request.place, request.update_mask)?;
            actions::relocate(app, &context, request.id, place, field).await.map(wire::category)
        })
        .await
    }

    async fn delete_item_category(
        &self,
        request: Request<pb::DeleteItemCategoryRequest>,
    ) -> Result<Response<()>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let reassign = wire::reassign(request.reassign_to.as_deref())?;
            actions::delete(app, &context, request.id, reassign).await
        })
        .await
    }
}
