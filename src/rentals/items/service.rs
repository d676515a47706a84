//! The RPCs of items.

use steward_kernel::Result;
use steward_kernel::list::Filter;
use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::insurance;
use super::model::{Item, With};
use super::repository::DELETED;
use super::{actions, free, wire};
use crate::bookings;
use crate::deletion::live;
use crate::item_categories::wire::category;
use crate::owners;
use crate::pb;
use crate::pb::items_service_server::{ItemsService, ItemsServiceServer};
use crate::wire::{deleted, include, list_query, page};

pub(crate) fn service(app: &App) -> ItemsServiceServer<Service> {
    ItemsServiceServer::new(Service { app: app.clone() })
}

pub(crate) struct Service {
    app: App,
}

/// What can be included in the answer.
const INCLUDES: &[&str] = &["category", "photos"];

/// Reads what is to be included.
fn with(asked: Option<&str>) -> Result<With> {
    let asked = include(asked, INCLUDES)?;
    Ok(With { category: asked.contains(&"category"), photos: asked.contains(&"photos") })
}

/// What a list is asked for that shows what is free, out of its request message.
macro_rules! free {
    ($request:expr) => {
        free::Asked {
            from: $request.available_from.take(),
            till: $request.available_till.take(),
            quantity: $request.quantity,
        }
    };
}

#[async_trait]
impl ItemsService for Service {
    async fn create_item(
        &self,
        request: Request<pb::CreateItemRequest>,
    ) -> Result<Response<pb::Item>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let terms = bookings::actions::terms(app, &context).await?;
            let mut message = request.item;
            let mut photo_ids = Vec::new();
            if let Some(item) = &mut message {
                wire::ask_usual_deposit(item, &terms.settings);
                photo_ids.clone_from(&item.photo_ids);
            }
            let input = wire::input(message, &terms.currency)?;
            actions::create(app, &context, &input, &photo_ids).await.map(wire::item)
        })
        .await
    }

    async fn list_items(
        &self,
        request: Request<pb::ListItemsRequest>,
    ) -> Result<Response<pb::ListItemsResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, mut request| async move {
            let query = list_query!(Item, request, None)?;
            let shown = deleted(request.deleted.as_deref(), DELETED)?;
            let free = free!(request);
            let free = free::during(app, &context, &free).await?;
            let scope = Filter::All(shown.into_iter().chain(free).collect());
            let with = with(request.include.as_deref())?;
            let found = actions::list(app, &context, Some(&scope), &query, with).await?;
            let (page_info, items) = page(found, wire::item);
            Ok(pb::ListItemsResponse { items, page_info })
        })
        .await
    }

    async fn list_items_of_category(
        &self,
        request: Request<pb::ListItemsOfCategoryRequest>,
    ) -> Result<Response<pb::ListItemsOfCategoryResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, mut request| async move {
            let query = list_query!(Item, request, None)?;
            let shown = deleted(request.deleted.as_deref(), DELETED)?;
            let with = with(request.include.as_deref())?;
            let (id, recursive) = (request.item_category_id, request.recursive.unwrap_or(true));
            let within = actions::in_category(app, &context, id, recursive).await?;
            let free = free!(request);
            let free = free::during(app, &context, &free).await?;
            let scope = Filter::All(shown.into_iter().chain([within]).chain(free).collect());
            let found = actions::list(app, &context, Some(&scope), &query, with).await?;
            let (page_info, items) = page(found, wire::item);
            Ok(pb::ListItemsOfCategoryResponse { items, page_info })
        })
        .await
    }

    async fn get_item(
        &self,
        request: Request<pb::GetItemRequest>,
    ) -> Result<Response<pb::Item>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let with = with(request.include.as_deref())?;
            let number = request.item_internal_id;
            actions::get(app, &context, number, with).await.map(wire::item)
        })
        .await
    }

    async fn get_item_category_of_item(
        &self,
        request: Request<pb::GetItemCategoryOfItemRequest>,
    ) -> Result<Response<pb::GetItemCategoryOfItemResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let with = With { category: true, ..With::default() };
            let answer = actions::get(app, &context, request.item_internal_id, with).await?;
            let item_category = answer.category.map(category);
            Ok(pb::GetItemCategoryOfItemResponse { item_category })
        })
        .await
    }

    async fn update_item(
        &self,
        request: Request<pb::UpdateItemRequest>,
    ) -> Result<Response<pb::Item>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let currency = owners::currency_of(app, &context).await?;
            let confirmed = request.item.as_ref().and_then(|item| item.confirm_shortage);
            let input = wire::input(request.item, &currency)?;
            let number = request.item_internal_id;
            actions::update(app, &context, number, &input, confirmed).await.map(wire::item)
        })
        .await
    }

    async fn delete_item(
        &self,
        request: Request<pb::DeleteItemRequest>,
    ) -> Result<Response<()>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::delete(app, &context, request.item_internal_id).await
        })
        .await
    }

    async fn restore_item(
        &self,
        request: Request<pb::RestoreItemRequest>,
    ) -> Result<Response<pb::Item>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::restore(app, &context, request.item_internal_id).await.map(wire::item)
        })
        .await
    }

    async fn estimate_item_insurance(
        &self,
        request: Request<pb::EstimateItemInsuranceRequest>,
    ) -> Result<Response<pb::InsuranceEstimate>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let pb::EstimateItemInsuranceRequest {
                item_internal_id,
                start_at,
                end_at,
                days,
                quantity,
                value,
            } = request;
            let asked = insurance::Asked { start_at, end_at, days, quantity, value };
            let item: Item = live(app.get(&context, item_internal_id).await?)?;
            insurance::estimate(app, &context, &item, asked).await
        })
        .await
    }
}
