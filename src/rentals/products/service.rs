//! The RPCs of products.

use steward_kernel::{Context, Result};
use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::actions;
use super::model::Product;
use crate::bookings::write::warned;
use crate::items;
use crate::items::model::With;
use crate::items::wire::item;
use crate::pb;
use crate::pb::product_status_service_server::{ProductStatusService, ProductStatusServiceServer};
use crate::pb::products_service_server::{ProductsService, ProductsServiceServer};

pub(crate) fn service(app: &App) -> ProductsServiceServer<Service> {
    ProductsServiceServer::new(Service { app: app.clone() })
}

pub(crate) fn status(app: &App) -> ProductStatusServiceServer<Service> {
    ProductStatusServiceServer::new(Service { app: app.clone() })
}

pub(crate) struct Service {
    app: App,
}

/// Writes a product.
async fn product(app: &App, context: &Context, product: Product) -> Result<pb::Product> {
    let tx = app.read(context).await?;
    let product = match product {
        Product::Item(one) => {
            let answer = items::actions::answer(app, &tx, context, one, With::default()).await?;
            pb::product::Product::Item(item(answer))
        }
    };
    Ok(pb::Product { product: Some(product), ..pb::Product::default() })
}

#[async_trait]
impl ProductsService for Service {
    async fn get_product(
        &self,
        request: Request<pb::GetProductRequest>,
    ) -> Result<Response<pb::Product>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let found = actions::get(app, &context, request.product_id).await?;
            product(app, &context, found).await
        })
        .await
    }

    async fn estimate_product_insurance(
        &self,
        request: Request<pb::EstimateProductInsuranceRequest>,
    ) -> Result<Response<pb::InsuranceEstimate>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let pb::EstimateProductInsuranceRequest {
                product_id,
                start_at,
                end_at,
                days,
                quantity,
                value,
            } = request;
            let asked = items::InsuranceAsked { start_at, end_at, days, quantity, value };
            match actions::get(app, &context, product_id).await? {
                Product::Item(item) => items::estimate(app, &context, &item, asked).await,
            }
        })
        .await
    }
}

#[async_trait]
impl ProductStatusService for Service {
    async fn enable_product(
        &self,
        request: Request<pb::EnableProductRequest>,
    ) -> Result<Response<pb::Product>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let found = actions::enable(app, &context, request.product_id).await?;
            product(app, &context, found).await
        })
        .await
    }

    async fn disable_product(
        &self,
        request: Request<pb::DisableProductRequest>,
    ) -> Result<Response<pb::Product>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let (found, reserved) = actions::disable(app, &context, request.product_id).await?;
            let warnings = warned(&reserved)?;
            Ok(pb::Product { warnings, ..product(app, &context, found).await? })
        })
        .await
    }
}
