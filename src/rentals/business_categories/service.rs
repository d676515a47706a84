//! The RPC of business categories.

use steward_kernel::text::folded;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::model::BUSINESS_CATEGORIES;
use super::wire;
use crate::pb;
use crate::pb::business_categories_service_server::{
    BusinessCategoriesService, BusinessCategoriesServiceServer,
};
use crate::wire::{cut, page, whole_page};

pub(crate) fn service() -> BusinessCategoriesServiceServer<Service> {
    BusinessCategoriesServiceServer::new(Service)
}

pub(crate) struct Service;

#[async_trait]
impl BusinessCategoriesService for Service {
    async fn list_business_categories(
        &self,
        request: Request<pb::ListBusinessCategoriesRequest>,
    ) -> Result<Response<pb::ListBusinessCategoriesResponse>, Status> {
        call::run(request, |context, request| async move {
            let wanted = whole_page(request.page_number, request.page_size)?;
            let language = wire::language(&context);
            let mut all = BUSINESS_CATEGORIES.to_vec();
            all.sort_by_cached_key(|category| folded(category.names[language]));
            let (page_info, business_categories) =
                page(cut(all, wanted), |category| wire::answer(&context, category));
            Ok(pb::ListBusinessCategoriesResponse { business_categories, page_info })
        })
        .await
    }
}
