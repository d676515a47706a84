//! The RPCs of companies and of what they offer where: one service in the contract. What belongs
//! to another resource is served by the folder of that.

use std::sync::Arc;

use steward_platform::App;
use steward_platform::tokens::Issuer;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::{actions, wire};
use crate::Registration;
use crate::bookings::handed_on as bookings;
use crate::caller::Reach;
use crate::lookups::sources;
use crate::pb;
use crate::pb::tenant_service_server::{TenantService, TenantServiceServer};
use crate::services::service as services;
use crate::tenant_locations::service as areas;
use crate::users::{Registered, register};
use crate::{cleaners, clients, settings};

pub(crate) fn service(
    app: &App,
    issuer: &Arc<Issuer>,
    registration: Registration,
) -> TenantServiceServer<Service> {
    let (app, issuer) = (app.clone(), Arc::clone(issuer));
    TenantServiceServer::new(Service { app, issuer, registration })
}

pub(crate) struct Service {
    app: App,
    issuer: Arc<Issuer>,
    registration: Registration,
}

#[async_trait]
impl TenantService for Service {
    async fn register_tenant(
        &self,
        request: Request<pb::RegisterTenantRequest>,
    ) -> Result<Response<pb::RegisterTenantResponse>, Status> {
        let key = call::idempotency_key(&request)?;
        let registered = call::run(request, |context, request| async move {
            let app = &self.app.of(&context);
            register(app, &self.issuer, self.registration, key.as_deref(), request).await
        })
        .await?;
        let (metadata, Registered { answer, earlier }, extensions) = registered.into_parts();
        let response = Response::from_parts(metadata, answer, extensions);
        Ok(if earlier { call::replayed(response) } else { response })
    }

    async fn get_tenant(
        &self,
        request: Request<pb::GetTenantRequest>,
    ) -> Result<Response<pb::Tenant>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let (tenant, reach) = actions::get(app, &context, request.id).await?;
            Ok(wire::tenant(tenant, reach))
        })
        .await
    }

    async fn get_tenant_with_settings(
        &self,
        request: Request<pb::GetTenantWithSettingsRequest>,
    ) -> Result<Response<pb::Tenant>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let (tenant, found) = actions::get_with_settings(app, &context, request.id).await?;
            let settings = settings::write(found, &tenant.currency);
            Ok(pb::Tenant { settings: Some(settings), ..wire::tenant(tenant, Reach::Own) })
        })
        .await
    }

    async fn get_own_tenant(
        &self,
        request: Request<pb::GetOwnTenantRequest>,
    ) -> Result<Response<pb::Tenant>, Status> {
        let app = &self.app;
        call::run(request, |context, pb::GetOwnTenantRequest {}| async move {
            Ok(wire::tenant(actions::get_own(app, &context).await?, Reach::Own))
        })
        .await
    }

    async fn update_tenant(
        &self,
        request: Request<pb::UpdateTenantRequest>,
    ) -> Result<Response<pb::Tenant>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let input = wire::input(request.tenant)?;
            Ok(wire::tenant(actions::update(app, &context, &input).await?, Reach::Own))
        })
        .await
    }

    async fn get_settings(
        &self,
        request: Request<pb::GetSettingsRequest>,
    ) -> Result<Response<pb::TenantSettings>, Status> {
        settings::get(&self.app, request).await
    }

    async fn update_settings(
        &self,
        request: Request<pb::UpdateSettingsRequest>,
    ) -> Result<Response<pb::TenantSettings>, Status> {
        settings::update(&self.app, request).await
    }

    async fn list_areas(
        &self,
        request: Request<pb::ListAreasRequest>,
    ) -> Result<Response<pb::ListAreasResponse>, Status> {
        areas::list(&self.app, request).await
    }

    async fn get_area(
        &self,
        request: Request<pb::GetAreaRequest>,
    ) -> Result<Response<pb::TenantLocation>, Status> {
        areas::get(&self.app, request).await
    }

    async fn add_area(
        &self,
        request: Request<pb::AddAreaRequest>,
    ) -> Result<Response<pb::TenantLocation>, Status> {
        areas::add(&self.app, request).await
    }

    async fn delete_area(
        &self,
        request: Request<pb::DeleteAreaRequest>,
    ) -> Result<Response<()>, Status> {
        areas::delete(&self.app, request).await
    }

    async fn list_zip_codes(
        &self,
        request: Request<pb::ListZipCodesRequest>,
    ) -> Result<Response<pb::ListZipCodesResponse>, Status> {
        areas::list_zip_codes(&self.app, request).await
    }

    async fn get_zip_code(
        &self,
        request: Request<pb::GetZipCodeRequest>,
    ) -> Result<Response<pb::ZipCode>, Status> {
        areas::get_zip_code(&self.app, request).await
    }

    async fn add_zip_code(
        &self,
        request: Request<pb::AddZipCodeRequest>,
    ) -> Result<Response<pb::ZipCode>, Status> {
        areas::add_zip_code(&self.app, request).await
    }

    async fn find_area_by_zip(
        &self,
        request: Request<pb::FindAreaByZipRequest>,
    ) -> Result<Response<pb::TenantLocation>, Status> {
        areas::find_by_zip(&self.app, request).await
    }

    async fn remove_zip_code(
        &self,
        request: Request<pb::RemoveZipCodeRequest>,
    ) -> Result<Response<()>, Status> {
        areas::remove_zip_code(&self.app, request).await
    }

    async fn list_my_services(
        &self,
        request: Request<pb::ListMyServicesRequest>,
    ) -> Result<Response<pb::ListServicesResponse>, Status> {
        services::list_own(&self.app, request).await
    }

    async fn create_service(
        &self,
        request: Request<pb::CreateServiceRequest>,
    ) -> Result<Response<pb::Service>, Status> {
        services::create(&self.app, request).await
    }

    async fn list_services(
        &self,
        request: Request<pb::ListServicesRequest>,
    ) -> Result<Response<pb::ListServicesResponse>, Status> {
        services::list_public(&self.app, request).await
    }

    async fn get_service(
        &self,
        request: Request<pb::GetServiceRequest>,
    ) -> Result<Response<pb::Service>, Status> {
        services::get(&self.app, request).await
    }

    async fn update_service(
        &self,
        request: Request<pb::UpdateServiceRequest>,
    ) -> Result<Response<pb::Service>, Status> {
        services::update(&self.app, request).await
    }

    async fn list_my_rates(
        &self,
        request: Request<pb::ListMyRatesRequest>,
    ) -> Result<Response<pb::ListRatesResponse>, Status> {
        services::list_own_rates(&self.app, request).await
    }

    async fn create_rate(
        &self,
        request: Request<pb::CreateRateRequest>,
    ) -> Result<Response<pb::Rate>, Status> {
        services::create_rate(&self.app, request).await
    }

    async fn list_rates(
        &self,
        request: Request<pb::ListRatesRequest>,
    ) -> Result<Response<pb::ListRatesResponse>, Status> {
        services::list_public_rates(&self.app, request).await
    }

    async fn get_rate(
        &self,
        request: Request<pb::GetRateRequest>,
    ) -> Result<Response<pb::Rate>, Status> {
        services::get_rate(&self.app, request).await
    }

    async fn update_rate(
        &self,
        request: Request<pb::UpdateRateRequest>,
    ) -> Result<Response<pb::Rate>, Status> {
        services::update_rate(&self.app, request).await
    }

    async fn get_extra_rate(
        &self,
        request: Request<pb::GetExtraRateRequest>,
    ) -> Result<Response<pb::ExtraRate>, Status> {
        services::get_extra_rate(&self.app, request).await
    }

    async fn list_my_client_lead_sources(
        &self,
        request: Request<pb::ListMyClientLeadSourcesRequest>,
    ) -> Result<Response<pb::ListClientLeadSourcesResponse>, Status> {
        sources::list_own(&self.app, request).await
    }

    async fn list_client_lead_sources_by_tenant(
        &self,
        request: Request<pb::ListClientLeadSourcesByTenantRequest>,
    ) -> Result<Response<pb::ListClientLeadSourcesResponse>, Status> {
        sources::list_of(&self.app, request).await
    }

    async fn get_client_lead_source(
        &self,
        request: Request<pb::GetClientLeadSourceRequest>,
    ) -> Result<Response<pb::LeadSource>, Status> {
        sources::get(&self.app, request).await
    }

    async fn add_client_lead_source(
        &self,
        request: Request<pb::AddClientLeadSourceRequest>,
    ) -> Result<Response<pb::LeadSource>, Status> {
        sources::add(&self.app, request).await
    }

    async fn update_client_lead_source(
        &self,
        request: Request<pb::UpdateClientLeadSourceRequest>,
    ) -> Result<Response<pb::LeadSource>, Status> {
        sources::update(&self.app, request).await
    }

    async fn delete_client_lead_source(
        &self,
        request: Request<pb::DeleteClientLeadSourceRequest>,
    ) -> Result<Response<()>, Status> {
        sources::delete(&self.app, request).await
    }

    async fn list_tenant_cleaners(
        &self,
        request: Request<pb::ListTenantCleanersRequest>,
    ) -> Result<Response<pb::ListCleanerBriefsResponse>, Status> {
        cleaners::list_active(&self.app, request).await
    }

    async fn list_cleaners_by_status(
        &self,
        request: Request<pb::ListCleanersByStatusRequest>,
    ) -> Result<Response<pb::ListCleanersResponse>, Status> {
        cleaners::list_by_status(&self.app, request).await
    }

    async fn list_clients_by_status(
        &self,
        request: Request<pb::ListClientsByStatusRequest>,
    ) -> Result<Response<pb::ListClientsByStatusResponse>, Status> {
        clients::list_by_status(&self.app, request).await
    }

    async fn delete_extra_rate(
        &self,
        request: Request<pb::DeleteExtraRateRequest>,
    ) -> Result<Response<()>, Status> {
        services::delete_extra_rate(&self.app, request).await
    }

    async fn list_bookings_by_status(
        &self,
        request: Request<pb::ListBookingsByStatusRequest>,
    ) -> Result<Response<pb::ListBookingsResponse>, Status> {
        bookings::list_bookings_by_status(&self.app, request).await
    }

    async fn count_unassigned_requests(
        &self,
        request: Request<pb::CountUnassignedRequestsRequest>,
    ) -> Result<Response<pb::CountResponse>, Status> {
        bookings::count_unassigned_requests(&self.app, request).await
    }

    async fn remove_request(
        &self,
        request: Request<pb::RemoveRequestRequest>,
    ) -> Result<Response<()>, Status> {
        bookings::remove_request(&self.app, request).await
    }
}
